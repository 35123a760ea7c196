//! Diagnostics as a JUnit report: a suite for each file, a failed case for each problem, a passed case for a file
//! without any.
//!
//! JUnit has no schema that all readers share; written are the elements and attributes that the readers of CI servers
//! have in common. Unaware of: where the output goes.

use super::{Diagnostic, Diagnostics};
use crate::source::{FileId, Sources};
use std::fmt::Write;

/// The suite of problems that are in no file.
const NOWHERE: &str = "ipcmmc";

/// All diagnostics, by file in the order in which files were read.
pub fn render(diagnostics: &Diagnostics, sources: &Sources) -> String {
    let mut suites: Vec<(&str, Vec<&Diagnostic>)> =
        sources.iter().map(|(_, f)| (f.name.as_str(), Vec::new())).collect();
    let mut nowhere = Vec::new();
    for d in diagnostics.iter() {
        match d.place {
            Some((FileId(number), _)) => suites[number as usize].1.push(d),
            None => nowhere.push(d),
        }
    }
    if !nowhere.is_empty() {
        suites.push((NOWHERE, nowhere));
    }
    let tests: usize = suites.iter().map(|(_, problems)| problems.len().max(1)).sum();
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    // Writing to a String cannot fail; so too below.
    let failures = diagnostics.len();
    let _ = writeln!(out, "<testsuites name=\"ipcmmc\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\">");
    for (name, problems) in suites {
        let (name, tests, failures) = (escaped(name), problems.len().max(1), problems.len());
        let counts = format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"0\"");
        let _ = writeln!(out, "  <testsuite name=\"{name}\" {counts}>");
        if problems.is_empty() {
            let _ = writeln!(out, "    <testcase name=\"no problem\" classname=\"{name}\"/>");
        }
        problems.iter().for_each(|d| case(d, &name, sources, &mut out));
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}

fn case(d: &Diagnostic, suite: &str, sources: &Sources, out: &mut String) {
    let title = format!("{} {}", d.code, d.code.name());
    let mut text = String::new();
    let mut place = String::new();
    let mut attributes = String::new();
    if let Some((file, span)) = d.place {
        let file = sources.file(file);
        let at = file.position(span.start);
        place = format!(" {}:{}", at.line, at.column);
        attributes = format!(" file=\"{suite}\" line=\"{}\"", at.line);
        let _ = write!(text, "{}:{}:{}: ", file.name, at.line, at.column);
    }
    let _ = write!(text, "{}[{}] {}", d.severity().name(), d.code, d.message);
    for label in &d.labels {
        let file = sources.file(label.file);
        let at = file.position(label.span.start);
        let _ = write!(text, "\n{}:{}:{}: {}", file.name, at.line, at.column, label.text);
    }
    if let Some(help) = &d.help {
        let _ = write!(text, "\nhelp: {help}");
    }
    let _ = writeln!(
        out,
        "    <testcase name=\"{title}{place}\" classname=\"{suite}\"{attributes}>\n      \
         <failure type=\"{}\" message=\"{}\">{}</failure>\n    </testcase>",
        d.severity().name(),
        escaped(&d.message),
        escaped(&text).replace("&#10;", "\n"),
    );
}

/// Text for attributes and elements of XML 1.0; characters it cannot hold are replaced.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\r' => out.push_str("&#13;"),
            '\t' => out.push_str("&#9;"),
            '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Code;
    use ipcmm_grammar::ast::Span;

    #[test]
    fn files_are_suites_and_problems_are_failures() {
        let mut sources = Sources::default();
        let bad = sources.add("a<b>.yaml", "x: y\n");
        sources.add("good.yaml", "");
        let mut diagnostics = Diagnostics::default();
        let problem = Diagnostic::new(Code::UnknownTarget, bad, Span::new(3, 4), "\"a\" & <b>\u{1b}\nc");
        diagnostics.push(problem.label(bad, Span::new(0, 1), "l").help("]]>"));
        diagnostics.push(Diagnostic::unplaced(Code::NoSources, "none"));
        let expected = r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="ipcmmc" tests="3" failures="2" errors="0">
  <testsuite name="a&lt;b&gt;.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase name="C2007 unknown-target 1:4" classname="a&lt;b&gt;.yaml" file="a&lt;b&gt;.yaml" line="1">
      <failure type="error" message="&quot;a&quot; &amp; &lt;b&gt;�&#10;c">a&lt;b&gt;.yaml:1:4: error[C2007] &quot;a&quot; &amp; &lt;b&gt;�
c
a&lt;b&gt;.yaml:1:1: l
help: ]]&gt;</failure>
    </testcase>
  </testsuite>
  <testsuite name="good.yaml" tests="1" failures="0" errors="0" skipped="0">
    <testcase name="no problem" classname="good.yaml"/>
  </testsuite>
  <testsuite name="ipcmmc" tests="1" failures="1" errors="0" skipped="0">
    <testcase name="C0002 no-sources" classname="ipcmmc">
      <failure type="error" message="none">error[C0002] none</failure>
    </testcase>
  </testsuite>
</testsuites>
"#;
        assert_eq!(render(&diagnostics, &sources), expected);
    }
}
