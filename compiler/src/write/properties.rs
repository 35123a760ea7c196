//! Java properties: a line for each scalar, keyed by its path, in the order of the document.
//!
//! A text of several lines goes over several lines of the file. What a line cannot say by its value is said at the end
//! of its key: `a[str]=true`, `a[null]=`, `a[list]=`, `a[map]=`.
//!
//! Unaware of: which names have dots and are one segment; they are handed in.

use super::{Say, Writer};
use crate::doc::{NodeId, NodeKind, Style};
use crate::lower::untyped;
use crate::trivia::Trivia;
use ipcmm_bytecode::Value;
use std::fmt::Write;

/// The text of a document. `known`: names with dots that are one segment without quotes.
pub fn write(writer: &Writer<'_>, known: &[&str]) -> String {
    let mut print = Print { writer, known, key: String::new(), out: String::new() };
    if let Some(root) = writer.doc.roots.first() {
        print.comments(*root);
        print.node(*root);
        print.end(*root);
    }
    for line in &writer.trivia.alone {
        print.line(line.as_deref());
    }
    print.out
}

struct Print<'w, 'a> {
    writer: &'w Writer<'a>,
    known: &'w [&'w str],
    /// The path to the node at hand.
    key: String,
    out: String,
}

impl Print<'_, '_> {
    /// Writes a node.
    fn node(&mut self, id: NodeId) {
        let length = self.key.len();
        match &self.writer.doc.node(id).kind {
            NodeKind::List(items) if items.is_empty() => self.leaf("[list]", ""),
            NodeKind::Map(entries) if entries.is_empty() => self.leaf("[map]", ""),
            NodeKind::List(items) => {
                for (at, item) in items.iter().enumerate() {
                    self.comments(*item);
                    let _ = write!(self.key, "[{at}]");
                    self.node(*item);
                    self.key.truncate(length);
                    self.end(*item);
                }
            }
            NodeKind::Map(entries) => {
                for entry in entries {
                    let segment = self.writer.key(entry.key);
                    self.comments(entry.key);
                    if length > 0 {
                        self.key.push('.');
                    }
                    match self.is_head(segment, entry.value) {
                        true => push_quoted(segment, &mut self.key),
                        false => push_segment(segment, self.known.contains(&segment), &mut self.key),
                    }
                    self.node(entry.value);
                    self.key.truncate(length);
                    self.end(entry.value);
                }
            }
            _ => match self.writer.say(id) {
                // A document that is one value has no key to stand behind.
                Some(Say::Plain(text)) if length == 0 => match untyped(&text, Style::Bare) {
                    Value::Null => self.leaf("[null]", ""),
                    Value::Bool(_) => self.leaf("[bool]", &text),
                    Value::Int(_) => self.leaf("[int]", &text),
                    Value::Float(_) => self.leaf("[float]", &text),
                    _ => self.leaf("[str]", &text),
                },
                Some(Say::Plain(text)) => self.leaf("", &text),
                Some(Say::Text(text)) => self.leaf("[str]", text),
                Some(Say::Null) | None => self.leaf("[null]", ""),
            },
        }
    }

    /// Whether a segment without quotes could be taken, with what is below it, for a name with dots: `ipcmm` with `run`
    /// below it, or `ipcmm.run` with `cmd`.
    fn is_head(&self, segment: &str, value: NodeId) -> bool {
        let heads = |start: &str| {
            let whole = |rest: &str| rest.is_empty() || rest.starts_with('.');
            self.known.iter().any(|name| name.len() > segment.len() && name.strip_prefix(start).is_some_and(whole))
        };
        let NodeKind::Map(entries) = &self.writer.doc.node(value).kind else { return false };
        heads(segment) && entries.iter().any(|entry| heads(&format!("{segment}.{}", self.writer.key(entry.key))))
    }

    fn leaf(&mut self, force: &str, text: &str) {
        self.out.push_str(&self.key);
        self.out.push_str(force);
        self.out.push('=');
        value(text, &mut self.out);
        self.out.push('\n');
    }

    /// What stands before a node, and on its line: there are no comments behind values.
    fn comments(&mut self, id: NodeId) {
        let trivia: &Trivia = self.writer.trivia;
        for line in trivia.before(id) {
            self.line(line.as_deref());
        }
        if let Some(comment) = trivia.trailing(id) {
            self.line(Some(comment));
        }
    }

    fn end(&mut self, id: NodeId) {
        for line in self.writer.trivia.end(id) {
            self.line(line.as_deref());
        }
    }

    fn line(&mut self, comment: Option<&str>) {
        match comment {
            Some(comment) => {
                self.out.push('#');
                self.out.push_str(comment);
                self.out.push('\n');
            }
            None if self.out.is_empty() => {}
            None => self.out.push('\n'),
        }
    }
}

/// A segment as it is best written.
fn push_segment(segment: &str, known: bool, key: &mut String) {
    if known {
        key.push_str(segment);
    } else if segment.is_empty() || segment.contains(['.', '[', '"', ' ']) {
        push_quoted(segment, key);
    } else {
        for (at, c) in segment.chars().enumerate() {
            let comment = at == 0 && key.is_empty() && matches!(c, '#' | '!');
            if comment || matches!(c, '=' | ':' | '\\') {
                key.push('\\');
                key.push(c);
            } else {
                push_char(c, key);
            }
        }
    }
}

fn push_quoted(segment: &str, key: &mut String) {
    key.push('"');
    for c in segment.chars() {
        if matches!(c, '"' | '\\' | ' ' | '=' | ':') {
            key.push('\\');
            key.push(c);
        } else {
            push_char(c, key);
        }
    }
    key.push('"');
}

/// A value. A line end in it is written as `\n`, and the rest on a line of its own.
fn value(text: &str, out: &mut String) {
    let several = text.trim_end_matches('\n').contains('\n');
    if several {
        out.push_str("\\\n    ");
    }
    let mut first = true;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            ' ' if first => out.push_str("\\ "),
            '\n' if several && chars.peek().is_some() => {
                out.push_str("\\n\\\n    ");
                first = true;
                continue;
            }
            c => push_char(c, out),
        }
        first = false;
    }
}

fn push_char(c: char, out: &mut String) {
    match c {
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\u{c}' => out.push_str("\\f"),
        c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
            let _ = write!(out, "\\u{:04x}", c as u32);
        }
        c => out.push(c),
    }
}
