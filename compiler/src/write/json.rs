//! JSON: two spaces, one entry a line; a list of scalars stays in one line while it fits.
//!
//! Unaware of: comments, which JSON has not.

use super::{Say, WIDTH, Writer};
use crate::doc::{NodeId, NodeKind};
use std::fmt::Write;

/// The text of a document; a document of nothing is `{}`, a module without labels.
pub fn write(writer: &Writer<'_>) -> String {
    let mut out = String::new();
    match writer.doc.roots.first() {
        Some(root) => node(writer, *root, 0, 0, &mut out),
        None => out.push_str("{}"),
    }
    out.push('\n');
    out
}

/// Writes a value; `before` is how much is in its line already.
fn node(writer: &Writer<'_>, id: NodeId, indent: usize, before: usize, out: &mut String) {
    match &writer.doc.node(id).kind {
        NodeKind::List(items) => {
            let length = out.len();
            if short_list(writer, items, before, out) {
                return;
            }
            out.truncate(length);
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                line(at, indent + 2, out);
                node(writer, *item, indent + 2, indent + 2, out);
            }
            let _ = write!(out, "\n{:indent$}]", "");
        }
        NodeKind::Map(entries) if entries.is_empty() => out.push_str("{}"),
        NodeKind::Map(entries) => {
            out.push('{');
            for (at, entry) in entries.iter().enumerate() {
                line(at, indent + 2, out);
                let start = out.len();
                string(writer.key(entry.key), out);
                out.push_str(": ");
                node(writer, entry.value, indent + 2, indent + 2 + (out.len() - start), out);
            }
            let _ = write!(out, "\n{:indent$}}}", "");
        }
        _ => scalar(writer, id, out),
    }
}

fn line(at: usize, indent: usize, out: &mut String) {
    let comma = if at > 0 { "," } else { "" };
    let _ = write!(out, "{comma}\n{:indent$}", "");
}

/// Writes a list of scalars in one line, or part of it and gives `false`.
fn short_list(writer: &Writer<'_>, items: &[NodeId], before: usize, out: &mut String) -> bool {
    let start = out.len();
    out.push('[');
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.push_str(", ");
        }
        if matches!(writer.doc.node(*item).kind, NodeKind::List(_) | NodeKind::Map(_)) {
            return false;
        }
        scalar(writer, *item, out);
        if before + (out.len() - start) > WIDTH {
            return false;
        }
    }
    out.push(']');
    true
}

fn scalar(writer: &Writer<'_>, id: NodeId, out: &mut String) {
    match writer.say(id) {
        Some(Say::Plain(word)) => out.push_str(&word),
        Some(Say::Text(text)) => string(text, out),
        Some(Say::Null) | None => out.push_str("null"),
    }
}

/// A text in quotes. Beyond ASCII everything stays as it is.
pub(super) fn string(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
}
