//! XML: an element for each entry, two spaces; a map of short scalars is written as attributes.
//!
//! ```text
//!   <task key="write it">       a key that is no name
//!     <argv><item>ls</item></argv>
//!     <none t="list"/>          what an element without content is not by itself
//! ```
//! Unaware of: types, and whether the characters can stand in XML at all; the caller looks before.

use super::{Say, WIDTH, Writer};
use crate::doc::{Entry, NodeId, NodeKind};
use std::fmt::Write;

/// The text of a document.
pub fn write(writer: &Writer<'_>) -> String {
    let mut print = Print { writer, out: String::new() };
    match writer.doc.roots.first() {
        Some(root) => {
            print.lines(writer.trivia.before(*root), 0);
            print.element(*root, *root, Tag { name: "ipcmm", key: None, root: true }, 0);
        }
        None => {
            print.lines(&writer.trivia.alone, 0);
            print.out.push_str("<ipcmm/>\n");
        }
    }
    print.out
}

/// Whether a text can be the name of an element or attribute that says nothing else.
pub fn is_name(text: &str) -> bool {
    let starts = |c: char| c == '_' || c.is_ascii_alphabetic() || (!c.is_ascii() && c.is_alphabetic() && in_name(c));
    let goes_on = |c: char| starts(c) || c.is_ascii_digit() || matches!(c, '-' | '.');
    text.starts_with(starts)
        && text.chars().all(goes_on)
        && !text.get(..3).is_some_and(|p| p.eq_ignore_ascii_case("xml"))
}

/// Letters that production 4 of XML 1.0 has for certain.
fn in_name(c: char) -> bool {
    matches!(c, '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}' | '\u{F8}'..='\u{2FF}' | '\u{370}'..='\u{37D}' | '\u{37F}'..='\u{1FFF}'
        | '\u{3001}'..='\u{D7FF}')
}

/// The first character that no XML document can have.
pub fn illegal(text: &str) -> Option<char> {
    text.chars().find(|c| {
        (c.is_control() && (*c as u32) < 0x20 && !matches!(c, '\t' | '\n' | '\r'))
            || matches!(c, '\u{fffe}' | '\u{ffff}')
    })
}

/// The start of an element.
#[derive(Clone, Copy)]
struct Tag<'k> {
    name: &'static str,
    /// The key it stands for: its name, or an attribute.
    key: Option<&'k str>,
    root: bool,
}

struct Print<'w, 'a> {
    writer: &'w Writer<'a>,
    out: String,
}

impl Print<'_, '_> {
    fn lines(&mut self, lines: &[Option<String>], indent: usize) {
        for line in lines {
            match line {
                Some(comment) => {
                    let _ = writeln!(self.out, "{:indent$}{}", "", commented(comment));
                }
                None if self.out.is_empty() || self.out.ends_with("\n\n") => {}
                None => self.out.push('\n'),
            }
        }
    }

    fn end_line(&mut self, place: NodeId) {
        if let Some(comment) = self.writer.trivia.trailing(place) {
            self.out.push(' ');
            self.out.push_str(&commented(comment));
        }
        self.out.push('\n');
    }

    /// Writes a value as an element. `place`: where its comments are.
    fn element(&mut self, id: NodeId, place: NodeId, tag: Tag<'_>, indent: usize) {
        let _ = write!(self.out, "{:indent$}", "");
        let start = self.out.len();
        self.out.push('<');
        let named = tag.key.filter(|key| is_name(key) && *key != "item");
        let name = named.unwrap_or(tag.name);
        self.out.push_str(name);
        if let (Some(key), None) = (tag.key, named) {
            self.out.push_str(" key=\"");
            escape(key, true, &mut self.out);
            self.out.push('"');
        }
        match &self.writer.doc.node(id).kind {
            NodeKind::List(items) if items.is_empty() => self.out.push_str(" t=\"list\"/>"),
            NodeKind::Map(entries) if entries.is_empty() => {
                self.out.push_str(if tag.root { "/>" } else { " t=\"map\"/>" });
            }
            NodeKind::List(items) => {
                // One item a line, as `fmt` would lay it out.
                self.out.push('>');
                self.end_line(place);
                for item in items {
                    self.lines(self.writer.trivia.before(*item), indent + 2);
                    self.element(*item, *item, Tag { name: "item", key: None, root: false }, indent + 2);
                }
                self.close(id, name, indent);
                return;
            }
            NodeKind::Map(entries) => {
                let open = self.out.len();
                if !tag.root && self.attributes(entries, id, start) {
                    return self.end_line(place);
                }
                self.out.truncate(open);
                self.out.push('>');
                self.end_line(place);
                let unnamed = if tag.root { "task" } else { "entry" };
                for entry in entries {
                    self.lines(self.writer.trivia.before(entry.key), indent + 2);
                    let key = Some(self.writer.key(entry.key));
                    self.element(entry.value, entry.key, Tag { name: unnamed, key, root: false }, indent + 2);
                }
                self.close(id, name, indent);
                return;
            }
            // Without anything said, an empty document is an empty map.
            NodeKind::Null if tag.root => self.out.push_str(" t=\"null\"/>"),
            _ => self.scalar(id, name),
        }
        self.end_line(place);
    }

    fn close(&mut self, id: NodeId, name: &str, indent: usize) {
        self.lines(self.writer.trivia.end(id), indent + 2);
        let _ = writeln!(self.out, "{:indent$}</{name}>", "");
    }

    /// Ends a start tag, and writes a scalar and the end tag.
    fn scalar(&mut self, id: NodeId, name: &str) {
        let (text, forced) = match self.writer.say(id) {
            Some(Say::Plain(text)) => (text, false),
            Some(Say::Text(text)) => (text.into(), true),
            Some(Say::Null) | None => return self.out.push_str("/>"),
        };
        // White space alone would be none.
        let blank = text.bytes().all(|b| matches!(b, b' ' | b'\t' | b'\n' | b'\r'));
        if forced || blank {
            self.out.push_str(" t=\"str\"");
        }
        if text.is_empty() {
            return self.out.push_str("/>");
        }
        self.out.push('>');
        if text.contains('\n') && text.contains(['<', '&']) && !text.contains("]]>") && !text.contains('\r') {
            let _ = write!(self.out, "<![CDATA[{text}]]>");
        } else {
            escape(&text, false, &mut self.out);
        }
        let _ = write!(self.out, "</{name}>");
    }

    /// Writes a map of short scalars as attributes and ends the tag, or writes a part of it and gives `false`.
    fn attributes(&mut self, entries: &[Entry], id: NodeId, start: usize) -> bool {
        if !self.writer.trivia.end(id).is_empty() {
            return false;
        }
        for entry in entries {
            let key = self.writer.key(entry.key);
            let said = self.writer.say(entry.value).filter(|_| !self.writer.trivia.at(entry.key));
            let Some(Say::Plain(text)) = said else { return false };
            if !is_name(key) || matches!(key, "key" | "t") || text.contains(['\n', '\r', '\t']) || text.is_empty() {
                return false;
            }
            let _ = write!(self.out, " {key}=\"");
            escape(&text, true, &mut self.out);
            self.out.push('"');
            if self.out.len() - start > WIDTH {
                return false;
            }
        }
        self.out.push_str("/>");
        true
    }
}

/// A comment between its signs, in which two dashes cannot follow each other.
fn commented(text: &str) -> String {
    let mut text = text.replace("--", "- -").replace("--", "- -");
    if !text.starts_with(' ') {
        text.insert(0, ' ');
    }
    if !text.ends_with(' ') {
        text.push(' ');
    }
    text.retain(|c| illegal(c.encode_utf8(&mut [0; 4])).is_none());
    format!("<!--{text}-->")
}

fn escape(text: &str, value: bool, out: &mut String) {
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '&' => out.push_str("&amp;"),
            '>' if !value => out.push_str("&gt;"),
            '"' if value => out.push_str("&quot;"),
            '\r' => out.push_str("&#13;"),
            '\n' if value => out.push_str("&#10;"),
            '\t' if value => out.push_str("&#9;"),
            '\u{feff}' | '\u{85}' | '\u{2028}' => drop(write!(out, "&#x{:X};", c as u32)),
            c => out.push(c),
        }
    }
}
