//! Diagnostics as workflow commands of GitHub: one line each, which becomes a remark beside the changed lines.
//!
//! Unaware of: where the output goes; GitHub reads the standard output of a step.

use super::human::visible;
use super::{Diagnostic, Diagnostics};
use crate::source::Sources;
use std::fmt::Write;

/// All diagnostics in their order.
pub fn render(diagnostics: &Diagnostics, sources: &Sources) -> String {
    let mut out = String::new();
    diagnostics.iter().for_each(|d| line(d, sources, &mut out));
    out
}

fn line(d: &Diagnostic, sources: &Sources, out: &mut String) {
    // Writing to a String cannot fail; so too below.
    let _ = write!(out, "::{} ", d.severity().name());
    if let Some((file, span)) = d.place {
        let file = sources.file(file);
        let (start, end) = (file.position(span.start), file.position(span.end));
        let _ = write!(out, "file={},line={},endLine={},", property(&file.name), start.line, end.line);
        // Columns are understood on one line only.
        if start.line == end.line {
            let _ = write!(out, "col={},endColumn={},", start.column, end.column);
        }
    }
    let mut message = d.message.clone();
    for label in &d.labels {
        let file = sources.file(label.file);
        let at = file.position(label.span.start);
        let _ = write!(message, "\n{}:{}:{}: {}", file.name, at.line, at.column, label.text);
    }
    if let Some(help) = &d.help {
        let _ = write!(message, "\nhelp: {help}");
    }
    let title = format!("{} {}", d.code, d.code.name());
    let _ = writeln!(out, "title={}::{}", property(&title), data(&message));
}

/// Text behind the second `::`.
fn data(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '%' => out.push_str("%25"),
            '\r' => out.push_str("%0D"),
            '\n' => out.push_str("%0A"),
            c => out.push(visible(c, true)),
        }
    }
    out
}

/// The value of a property, which ends at a comma or colon.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Code;
    use ipcmm_grammar::ast::Span;

    #[test]
    fn a_problem_is_one_line_whatever_it_says() {
        let mut sources = Sources::default();
        let file = sources.add("a,b:c%.yaml", "ä: x\nb: y\n");
        let mut diagnostics = Diagnostics::default();
        let odd = "100 % `a\r\nb`, a: ::error::b\u{1b}";
        diagnostics.push(Diagnostic::new(Code::UnknownTarget, file, Span::new(4, 5), odd).help("do"));
        diagnostics.push(Diagnostic::new(Code::NoReaction, file, Span::new(4, 8), "m").label(
            file,
            Span::new(0, 2),
            "l",
        ));
        diagnostics.push(Diagnostic::unplaced(Code::NoSources, "none"));
        let expected = "::error file=a%2Cb%3Ac%25.yaml,line=1,endLine=1,col=4,endColumn=5,title=C2007 unknown-target\
                        ::100 %25 `a%0D%0Ab`, a: ::error::b␛%0Ahelp: do\n\
                        ::warning file=a%2Cb%3Ac%25.yaml,line=1,endLine=2,title=C2018 no-reaction::m%0Aa,b:c%25.yaml:1:1: l\n\
                        ::error title=C0002 no-sources::none\n";
        assert_eq!(render(&diagnostics, &sources), expected);
    }
}
