//! YAML in block style, two spaces: quotes only where they are needed, text of several lines as a block, short lists of
//! scalars in one line.
//!
//! A text is written plain only where no version of YAML takes it for something else. Unaware of: types.

mod text;

use super::{Say, WIDTH, Writer};
use crate::doc::{NodeId, NodeKind};
use std::fmt::Write;
pub use text::is_plain;
use text::{block, quoted};

/// Longest key without a question mark before it; YAML allows 1024 characters.
const LONGEST_KEY: usize = 1000;

/// The text of a file with all its documents.
pub fn write(writer: &Writer<'_>) -> String {
    let mut print = Print { writer, out: String::new(), kept: false };
    for (number, root) in writer.doc.roots.iter().enumerate() {
        let several = number > 0;
        let inline = !matches!(&writer.doc.node(*root).kind, NodeKind::List(items) if !items.is_empty())
            && !matches!(&writer.doc.node(*root).kind, NodeKind::Map(entries) if !entries.is_empty());
        if several && !inline {
            print.out.push_str("---\n");
        }
        print.lines(writer.trivia.before(*root), 0);
        match &writer.doc.node(*root).kind {
            NodeKind::List(items) if !items.is_empty() => print.list(items, 0, false),
            NodeKind::Map(entries) if !entries.is_empty() => print.map(entries, 0, false),
            _ => {
                print.out.push_str("---");
                print.value(*root, 0, *root);
            }
        }
        print.lines(writer.trivia.end(*root), 0);
    }
    print.lines(&writer.trivia.alone, 0);
    print.out
}

struct Print<'w, 'a> {
    writer: &'w Writer<'a>,
    out: String,
    /// Whether a block stands last that keeps blank lines behind it.
    kept: bool,
}

/// A comment without the characters that no YAML may hold.
fn commented(text: &str) -> String {
    text.chars().filter(|c| text::is_printable(*c) || *c == '\t').collect()
}

impl Print<'_, '_> {
    /// Comments and blank lines on lines of their own.
    fn lines(&mut self, lines: &[Option<String>], indent: usize) {
        for line in lines {
            match line {
                Some(comment) => {
                    let _ = writeln!(self.out, "{:indent$}#{}", "", commented(comment));
                    self.kept = false;
                }
                None if self.kept || self.out.is_empty() || self.out.ends_with("\n\n") => {}
                None => self.out.push('\n'),
            }
        }
    }

    /// Ends a line that names `id`.
    fn end_line(&mut self, id: NodeId) {
        if let Some(comment) = self.writer.trivia.trailing(id) {
            let _ = write!(self.out, "  #{}", commented(comment));
        }
        self.out.push('\n');
        self.kept = false;
    }

    /// Writes the elements of a list. `inline`: the first stands behind the mark of another list.
    fn list(&mut self, items: &[NodeId], indent: usize, inline: bool) {
        for (at, item) in items.iter().enumerate() {
            if at > 0 || !inline {
                self.lines(self.writer.trivia.before(*item), indent);
                let _ = write!(self.out, "{:indent$}", "");
            }
            self.out.push('-');
            self.element(*item, indent + 2);
            self.lines(self.writer.trivia.end(*item), indent + 2);
        }
    }

    /// Writes an element behind its mark.
    fn element(&mut self, item: NodeId, indent: usize) {
        let trivia = self.writer.trivia;
        match &self.writer.doc.node(item).kind {
            NodeKind::Map(entries) if !entries.is_empty() => {
                let inline = trivia.trailing(item).is_none()
                    && entries.first().is_some_and(|entry| trivia.before(entry.key).is_empty());
                if inline {
                    self.out.push(' ')
                } else {
                    self.end_line(item)
                }
                self.map(entries, indent, inline);
            }
            NodeKind::List(items) if !items.is_empty() => {
                if self.flow(item, item, indent) {
                    return;
                }
                let inline = trivia.trailing(item).is_none()
                    && items.first().is_some_and(|item| trivia.before(*item).is_empty());
                if inline {
                    self.out.push(' ')
                } else {
                    self.end_line(item)
                }
                self.list(items, indent, inline);
            }
            _ => self.value(item, indent, item),
        }
    }

    /// Writes the entries of a map.
    fn map(&mut self, entries: &[crate::doc::Entry], indent: usize, inline: bool) {
        for (at, entry) in entries.iter().enumerate() {
            if at > 0 || !inline {
                self.lines(self.writer.trivia.before(entry.key), indent);
                let _ = write!(self.out, "{:indent$}", "");
            }
            let key = self.writer.key(entry.key);
            let long = key.chars().nth(LONGEST_KEY).is_some();
            if long {
                self.out.push_str("? ");
            }
            let special = crate::lower::is_special(key) && self.writer.doc.node(entry.key).kind != bare(key);
            if is_plain(key, false) && key != "<<" && !special {
                self.out.push_str(key);
            } else {
                quoted(key, &mut self.out);
            }
            if long {
                let _ = write!(self.out, "\n{:indent$}", "");
            }
            self.out.push(':');
            match &self.writer.doc.node(entry.value).kind {
                NodeKind::Map(inner) if !inner.is_empty() => {
                    self.end_line(entry.key);
                    self.map(inner, indent + 2, false);
                }
                NodeKind::List(inner) if !inner.is_empty() => {
                    if !self.flow(entry.value, entry.key, indent) {
                        self.end_line(entry.key);
                        self.list(inner, indent + 2, false);
                    }
                }
                _ => self.value(entry.value, indent + 2, entry.key),
            }
            self.lines(self.writer.trivia.end(entry.value), indent + 2);
        }
    }

    /// Writes a scalar, or an empty list or map, and ends the line; lines of a block are indented by `indent`.
    fn value(&mut self, id: NodeId, indent: usize, place: NodeId) {
        match &self.writer.doc.node(id).kind {
            NodeKind::List(_) => self.out.push_str(" []"),
            NodeKind::Map(_) => self.out.push_str(" {}"),
            _ => match self.writer.say(id) {
                Some(Say::Plain(text)) => {
                    self.out.push(' ');
                    self.out.push_str(&text);
                }
                Some(Say::Text(text)) if text.contains('\n') => {
                    self.out.push(' ');
                    let indent = indent.max(2);
                    if let Some((header, keeps)) = block(text) {
                        self.out.push_str(header);
                        self.end_line(place);
                        for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
                            let _ = match line {
                                "" => writeln!(self.out),
                                line => writeln!(self.out, "{:indent$}{line}", ""),
                            };
                        }
                        self.kept = keeps;
                        return;
                    }
                    quoted(text, &mut self.out);
                }
                Some(Say::Text(text)) => {
                    self.out.push(' ');
                    if is_text(text, false) { self.out.push_str(text) } else { quoted(text, &mut self.out) }
                }
                Some(Say::Null) | None => {}
            },
        }
        self.end_line(place);
    }

    /// Writes a list of short scalars in one line, or nothing.
    fn flow(&mut self, list: NodeId, place: NodeId, _indent: usize) -> bool {
        let start = self.out.len();
        let line = self.out.rfind('\n').map_or(0, |at| at + 1);
        let NodeKind::List(items) = &self.writer.doc.node(list).kind else { return false };
        if !self.writer.trivia.end(list).is_empty() {
            return false;
        }
        self.out.push_str(" [");
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                self.out.push_str(", ");
            }
            let said = self.writer.say(*item).filter(|_| !self.writer.trivia.at(*item));
            match said {
                Some(Say::Plain(text)) if is_plain(&text, true) => self.out.push_str(&text),
                Some(Say::Text(text)) if is_text(text, true) => self.out.push_str(text),
                Some(Say::Text(text)) if !text.contains('\n') => quoted(text, &mut self.out),
                _ => {
                    self.out.truncate(start);
                    return false;
                }
            }
            if self.out.len() - line > WIDTH {
                self.out.truncate(start);
                return false;
            }
        }
        self.out.push(']');
        self.end_line(place);
        true
    }
}

/// Whether a text is read back as text without quotes, by any version of YAML.
fn is_text(text: &str, flow: bool) -> bool {
    is_plain(text, flow) && !text::is_doubtful(text)
}

fn bare(text: &str) -> NodeKind {
    NodeKind::Scalar { text: text.to_owned(), style: crate::doc::Style::Bare }
}
