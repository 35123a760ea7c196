//! Diagnostics for people: headline, excerpt, remarks, help.
//!
//! miette draws the excerpts; headline, wrapping and help are ours, so that a report stays compact. What comes from
//! files is shown without control characters, so that no file can drive the terminal.
//!
//! Unaware of: where the output goes and whether it is a terminal.

mod excerpt;

use super::{Applicability, Diagnostic, Diagnostics, Fix, Label, Severity};
use crate::source::{FileId, Sources};
use excerpt::Excerpt;
use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode, ThemeCharacters, ThemeStyles};
use std::collections::BTreeSet;
use std::fmt;

/// Characters of a replacement that are shown; the machine formats have all of it.
const MAX_REPLACEMENT: usize = 400;

/// How to show diagnostics.
#[derive(Clone, Copy, Debug)]
pub struct HumanOptions {
    /// With ANSI colours.
    pub color: bool,
    /// Columns of the terminal.
    pub width: usize,
    /// Draw with line characters instead of ASCII.
    pub unicode: bool,
    /// Errors only, without the closing line.
    pub quiet: bool,
    /// Problems that are shown; the others are counted only.
    pub most: usize,
}

impl Default for HumanOptions {
    fn default() -> Self {
        HumanOptions { color: false, width: 100, unicode: true, quiet: false, most: usize::MAX }
    }
}

/// All diagnostics in their order, and a line that counts them.
pub fn render(diagnostics: &Diagnostics, sources: &Sources, options: HumanOptions) -> String {
    let characters = if options.unicode { ThemeCharacters::unicode() } else { ThemeCharacters::ascii() };
    let styles = if options.color { ThemeStyles::ansi() } else { ThemeStyles::none() };
    let width = options.width.clamp(40, 400);
    let handler = GraphicalReportHandler::new_themed(GraphicalTheme { characters, styles })
        .with_width(width)
        .without_syntax_highlighting();
    let page = Page { options: HumanOptions { width, ..options }, sources, handler };
    let mut out = String::new();
    let wanted = |d: &&Diagnostic| !(options.quiet && d.severity() == Severity::Warning);
    diagnostics.iter().filter(wanted).take(options.most).for_each(|diagnostic| page.diagnostic(&mut out, diagnostic));
    let more = diagnostics.iter().filter(wanted).count().saturating_sub(options.most);
    if more > 0 {
        out.push_str(&format!("and {more} more; `--all` shows them\n"));
    }
    if !options.quiet {
        out.push_str(&summary(diagnostics));
    }
    out
}

/// `3 errors, 1 warning in 2 files`; empty if there is nothing to count.
pub fn summary(diagnostics: &Diagnostics) -> String {
    let errors = diagnostics.errors();
    let warnings = diagnostics.len() - errors;
    let files: BTreeSet<FileId> = diagnostics.iter().filter_map(|d| Some(d.place?.0)).collect();
    let count = |n: usize, noun: &str| format!("{n} {noun}{}", if n == 1 { "" } else { "s" });
    let counts: Vec<String> = [(errors, "error"), (warnings, "warning")]
        .iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, noun)| count(*n, noun))
        .collect();
    match (counts.is_empty(), files.len()) {
        (true, _) => String::new(),
        (false, 0) => format!("{}\n", counts.join(", ")),
        (false, n) => format!("{} in {}\n", counts.join(", "), count(n, "file")),
    }
}

/// The character to show for one from a file or message: control characters and those that reorder text are made
/// visible. One character for one, so that columns stay.
pub(super) fn visible(c: char, unicode: bool) -> char {
    match c {
        '\t' => '\t',
        '\0'..='\u{1f}' | '\u{7f}' if unicode => match c {
            '\u{7f}' => '␡',
            _ => char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}'),
        },
        '\0'..='\u{1f}' | '\u{7f}' => '?',
        '\u{80}'..='\u{9f}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            if unicode { '\u{fffd}' } else { '?' }
        }
        c => c,
    }
}

/// What is the same for all diagnostics of a rendering.
struct Page<'a> {
    options: HumanOptions,
    sources: &'a Sources,
    handler: GraphicalReportHandler,
}

impl Page<'_> {
    fn diagnostic(&self, out: &mut String, diagnostic: &Diagnostic) {
        let severity = diagnostic.severity();
        let title = format!("{}[{}]", severity.name(), diagnostic.code);
        let color = if severity == Severity::Error { "1;31" } else { "1;33" };
        self.paragraph(out, "", &title, color, &diagnostic.message);
        let home = diagnostic.place.map(|(file, _)| file);
        if let Some((file, span)) = diagnostic.place {
            let primary = Label { file, span, text: String::new() };
            let own = diagnostic.labels.iter().filter(|l| l.file == file);
            self.excerpt(out, file, std::iter::once(&primary).chain(own));
        }
        // Places in other files, each file once, in the order of their first label.
        let mut shown: Vec<FileId> = home.into_iter().collect();
        for label in &diagnostic.labels {
            if !shown.contains(&label.file) {
                shown.push(label.file);
                self.excerpt(out, label.file, diagnostic.labels.iter().filter(|l| l.file == label.file));
            }
        }
        if let Some(help) = &diagnostic.help {
            self.paragraph(out, "  ", "help:", "36", help);
        }
        // A suggestion that is a fix as well is told once.
        let asks = diagnostic.help.as_ref().is_some_and(|help| help.starts_with("did you mean"));
        if let Some(fix) = diagnostic.fix.as_ref().filter(|fix| !(asks && fix.title.starts_with("write"))) {
            self.paragraph(out, "  ", "fix:", "36", &offer(fix));
        }
        out.push('\n');
    }

    fn excerpt<'l>(&self, out: &mut String, file: FileId, labels: impl Iterator<Item = &'l Label>) {
        let labels: Vec<&Label> = labels.collect();
        let unicode = self.options.unicode;
        let excerpt = Excerpt::new(self.sources.file(file), &labels, self.options.width, unicode);
        let spans = labels.iter().zip(excerpt.spans()).enumerate().map(|(i, (label, (offset, length)))| {
            let text = (!label.text.is_empty()).then(|| label.text.chars().map(|c| visible(c, unicode)).collect());
            // The first is the one the headline speaks of; its position stands above the excerpt.
            if i == 0 {
                LabeledSpan::new_primary_with_span(text, (*offset, *length))
            } else {
                LabeledSpan::new(text, *offset, *length)
            }
        });
        let picture = Picture { labels: spans.collect(), excerpt };
        let mut drawn = String::new();
        if self.handler.render_report(&mut drawn, &picture).is_ok() {
            // The first line is the (empty) message.
            out.push_str(drawn.split_once('\n').map_or("", |(_, rest)| rest));
        }
    }

    /// Writes a coloured word and a text behind it, wrapped to the width.
    fn paragraph(&self, out: &mut String, indent: &str, word: &str, color: &str, text: &str) {
        let bold = if indent.is_empty() { "\x1b[1m" } else { "" };
        let (on, off) = if self.options.color { (format!("\x1b[{color}m"), "\x1b[0m") } else { (String::new(), "") };
        out.push_str(&format!("{indent}{on}{word}{off}"));
        let hang = indent.len() + if indent.is_empty() { 4 } else { word.len() + 1 };
        let mut column = indent.len() + word.len();
        if self.options.color {
            out.push_str(bold);
        }
        for (i, line) in text.split('\n').enumerate() {
            if i > 0 {
                out.push('\n');
                out.push_str(&" ".repeat(hang));
                column = hang;
            }
            for (j, part) in line.split(' ').enumerate() {
                let length = part.chars().count();
                let first = i > 0 && j == 0;
                if !first && column + 1 + length > self.options.width && column > hang {
                    out.push('\n');
                    out.push_str(&" ".repeat(hang));
                    column = hang;
                } else if !first {
                    out.push(' ');
                    column += 1;
                }
                out.extend(part.chars().map(|c| visible(c, self.options.unicode)));
                column += length;
            }
        }
        if self.options.color && !bold.is_empty() {
            out.push_str(off);
        }
        out.push('\n');
    }
}

/// What a fix does, in words.
fn offer(fix: &Fix) -> String {
    let new = fix.replacement.trim_matches(['\n', ',', ' ']);
    if new.trim().is_empty() || fix.title.contains(new) {
        return fix.title.clone();
    }
    let mut shown: String = new.chars().take(MAX_REPLACEMENT).collect();
    if shown.len() < new.len() {
        shown.push_str("...");
    }
    let verb = if fix.span.start == fix.span.end { "insert" } else { "replace with" };
    match fix.applicability {
        // What is inserted is a detail of the format as long as it is not complete.
        Applicability::Unfinished => fix.title.clone(),
        Applicability::Certain | Applicability::Maybe => {
            format!("{}: {verb} `{}`", fix.title, shown.replace('\n', "\n    "))
        }
    }
}

/// One excerpt as miette wants it.
struct Picture {
    excerpt: Excerpt,
    labels: Vec<LabeledSpan>,
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Picture")
    }
}

impl fmt::Display for Picture {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl std::error::Error for Picture {}

impl miette::Diagnostic for Picture {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.excerpt)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }
}

#[cfg(test)]
mod tests;
