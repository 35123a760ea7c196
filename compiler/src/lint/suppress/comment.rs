//! Suppressions in comments. Readers of formats drop comments, so these are found in the text of the file.
//!
//! Unaware of: what is suppressed.

use super::{Suppression, allowed};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::doc::{Doc, Format, NodeKind};
use crate::source::SourceFile;
use ipcmm_grammar::ast::Span;

/// What a comment for the compiler begins with.
const SIGN: &str = "ipcmm:";

/// All suppressions in comments of a file.
pub(super) fn read(doc: &Doc, source: &SourceFile, diagnostics: &mut Diagnostics) -> Vec<Suppression> {
    let mut found = Vec::new();
    let Some(format) = Format::of_name(&source.name).filter(|format| *format != Format::Json) else { return found };
    if !source.text.contains(SIGN) {
        return found;
    }
    let texts = texts(doc);
    for (at, _) in source.text.match_indices(SIGN) {
        let inside = texts.partition_point(|span| span.start as usize <= at);
        if inside.checked_sub(1).and_then(|i| texts.get(i)).is_some_and(|span| at < span.end as usize) {
            continue;
        }
        if let Some(comment) = Comment::at(&source.text, at, format) {
            comment.judge(doc, &source.text, format, &mut found, diagnostics);
        }
    }
    found
}

/// Where scalars are, in order: a sign in one of them is part of a text.
fn texts(doc: &Doc) -> Vec<Span> {
    let scalar = |kind: &NodeKind| matches!(kind, NodeKind::Scalar { .. });
    let mut spans: Vec<Span> = doc.nodes.iter().filter(|node| scalar(&node.kind)).map(|node| node.span).collect();
    spans.sort_by_key(|span| (span.start, span.end));
    spans
}

/// A comment that speaks to the compiler.
struct Comment<'t> {
    /// Where its line begins.
    line: usize,
    /// Nothing else stands on its line.
    alone: bool,
    /// What follows the sign, and where.
    body: &'t str,
    at: usize,
}

impl<'t> Comment<'t> {
    fn at(text: &'t str, at: usize, format: Format) -> Option<Comment<'t>> {
        let line = text.get(..at)?.rfind('\n').map_or(0, |end| end + 1);
        let before = text.get(line..at)?.trim_end();
        let opening: &[&str] = match format {
            Format::Yaml => &["#"],
            Format::Properties => &["#", "!"],
            Format::Xml => &["<!--"],
            Format::Json => return None,
        };
        let code = opening.iter().find_map(|sign| before.strip_suffix(sign))?;
        let alone = code.trim().is_empty();
        // In YAML a comment is set off by a blank; in properties it has a line of its own.
        let apart = alone || format == Format::Xml || (format == Format::Yaml && code.ends_with([' ', '\t']));
        let rest = text.get(at + SIGN.len()..)?.lines().next().unwrap_or("");
        let rest = if format == Format::Xml { rest.split("-->").next().unwrap_or("") } else { rest };
        let body = rest.trim();
        let at = at + SIGN.len() + (rest.len() - rest.trim_start().len());
        // Another word before a bracket is a slip; other words are none of ours.
        let word = body.split('(').next().filter(|word| word.len() < body.len()).unwrap_or("");
        let speaks = body.starts_with("allow") || crate::diag::suggest::nearest(word, ["allow"].into_iter()).is_some();
        (apart && speaks).then_some(Comment { line, alone, body, at })
    }

    fn judge(
        &self,
        doc: &Doc,
        text: &str,
        format: Format,
        found: &mut Vec<Suppression>,
        diagnostics: &mut Diagnostics,
    ) {
        let parts = self
            .body
            .strip_prefix("allow")
            .and_then(|rest| rest.strip_prefix('('))
            .and_then(|rest| rest.split_once(')'));
        let Some((names, reason)) = parts else {
            let place = Span::new(self.at as u32, (self.at + self.body.len()) as u32);
            let problem = Diagnostic::new(Code::BadSuppression, doc.file, place, "this comment allows nothing");
            diagnostics.push(problem.help("write `ipcmm: allow(no-reaction) why it is right here`"));
            return;
        };
        let scope = self.scope(text, format);
        let mut at = self.at + "allow(".len();
        for name in names.split(',') {
            let start = at + (name.len() - name.trim_start().len());
            let place = Span::new(start as u32, (start + name.trim().len()) as u32);
            let code = allowed(doc.file, name.trim(), place, reason, diagnostics);
            found.extend(code.map(|code| Suppression { code, place, scope, used: false }));
            at += name.len() + 1;
        }
    }

    /// From the comment to the end of the line it is about.
    fn scope(&self, text: &str, format: Format) -> Span {
        let mut end = self.line;
        for line in text.get(self.line..).unwrap_or("").split_inclusive('\n') {
            end += line.len();
            let written = line.trim();
            let comment = match format {
                Format::Properties => written.starts_with(['#', '!']),
                Format::Xml => written.starts_with("<!--") && written.ends_with("-->"),
                Format::Yaml | Format::Json => written.starts_with('#'),
            };
            if !self.alone || !(written.is_empty() || comment) {
                break;
            }
        }
        let last = text.get(..end).unwrap_or("").trim_end_matches(['\n', '\r']).len();
        Span::new(self.line as u32, last.max(self.line) as u32)
    }
}
