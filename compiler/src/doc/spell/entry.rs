//! Adding an entry to a map that is written already, in the style it is written in.
//!
//! Unaware of: which entry, and why.

use super::{Role, Speller, json, yaml_text};
use crate::doc::{Doc, Entry, Format, NodeId, NodeKind};
use ipcmm_grammar::ast::Span;

/// Where to write something, and what.
type Change = (Span, String);

impl<'a> Speller<'a> {
    /// Adds `key: value` below the key at `span`, or the value to those the key has already. Without a value: null.
    pub(super) fn entry(&self, span: Span, key: &str, value: &str) -> Option<Change> {
        let doc = self.doc?;
        let Some(Role::Key(home, _)) = self.role(span) else { return None };
        if let Some(there) = existing(doc, home.value, key) {
            return match value {
                "" => None,
                value => self.also(doc, there.value, value),
            };
        }
        match self.format {
            Format::Properties => self.line(span, key, value),
            Format::Xml => None,
            Format::Json | Format::Yaml => self.below(doc, home, self.pair(key, value)),
        }
    }

    /// Adds an argument to the built-in whose key is at `span`.
    pub(super) fn argument(&self, span: Span, name: &str) -> Option<Change> {
        let doc = self.doc?;
        let Some(Role::Key(home, map)) = self.role(span) else { return None };
        let args = |map| own(doc, map).iter().find(|e| doc.text(e.key) == Some("args")).copied();
        match (self.format, args(home.value).or_else(|| args(map))) {
            (Format::Xml, _) => None,
            (Format::Properties, _) => self.line(span, &format!("args.{name}"), ""),
            (Format::Json | Format::Yaml, Some(args)) => self.below(doc, args, self.pair(name, "")),
            (Format::Json, None) => self.below(doc, home, format!("\"args\": {{{}}}", self.pair(name, ""))),
            (Format::Yaml, None) => self.below(doc, home, format!("args: {{{}}}", self.pair(name, ""))),
        }
    }

    /// A pair more in the map below a key.
    fn below(&self, doc: &Doc, home: Entry, pair: String) -> Option<Change> {
        match &doc.node(home.value).kind {
            NodeKind::Map(entries) => self.add_to_map(doc, home.value, entries, pair),
            NodeKind::Null if self.format == Format::Yaml => self.first(doc.node(home.key).span, pair),
            _ => None,
        }
    }

    /// `key: value` as the format writes it on one line.
    fn pair(&self, key: &str, value: &str) -> String {
        match (self.format, value) {
            (Format::Json, "") => format!("{}: null", json(key)),
            (Format::Json, _) => format!("{}: {}", json(key), json(value)),
            (_, "") => format!("{key}: "),
            (_, _) => format!("{key}: {}", self.text_of(value)),
        }
    }

    fn text_of(&self, value: &str) -> String {
        if self.format == Format::Json { json(value) } else { yaml_text(value) }
    }

    fn add_to_map(&self, doc: &Doc, map: NodeId, entries: &[Entry], pair: String) -> Option<Change> {
        let span = doc.node(map).span;
        if !self.slice(span)?.starts_with('{') {
            // In a block: a line above the first key, which stands in the right column by itself.
            let first = doc.node(entries.first()?.key).span.start;
            let (indent, end) = self.margin(first)?;
            return Some((Span::new(first, first), format!("{}{end}{indent}", pair.trim_end())));
        }
        let inside = Span::new(span.start + 1, span.start + 1);
        let Some(last) = entries.last() else {
            return self.slice(span)?.get(1..)?.trim_end_matches('}').trim().is_empty().then_some((inside, pair));
        };
        // Behind the last entry if nothing but the closing sign follows; else in front of the first.
        let (last_key, last_value) = (doc.node(last.key), doc.node(last.value));
        let end = if matches!(last_value.kind, NodeKind::Null) && self.format == Format::Yaml {
            let rest = self.slice(Span::new(last_key.span.end, span.end))?;
            let gap = rest.len() - rest.trim_start_matches([' ', ':']).len();
            last_key.span.end + gap as u32
        } else {
            last_value.span.end
        };
        if self.slice(Span::new(end, span.end))?.trim() != "}" {
            let first = doc.node(entries.first()?.key).span.start;
            return Some((Span::new(first, first), format!("{pair}, ")));
        }
        let start = last_key.span.start;
        let behind = Span::new(end, end);
        match self.margin(start) {
            Some((indent, newline)) => Some((behind, format!(",{newline}{indent}{pair}"))),
            None => Some((behind, format!(", {pair}"))),
        }
    }

    /// The first entry below a key that has no value yet.
    fn first(&self, key_span: Span, pair: String) -> Option<Change> {
        let rest = self.text.get(key_span.end as usize..)?;
        let colon = rest.find(':')?;
        rest.get(..colon)?.trim().is_empty().then_some(())?;
        let at = key_span.end + colon as u32 + 1;
        let gap = if rest.get(colon + 1..)?.starts_with(' ') { "" } else { " " };
        let at = if gap.is_empty() { at + 1 } else { at };
        Some((Span::new(at, at), format!("{gap}{{{pair}}}")))
    }

    /// The value beside those that stand under a key.
    fn also(&self, doc: &Doc, there: NodeId, value: &str) -> Option<Change> {
        let node = doc.node(there);
        let text = self.text_of(value);
        match &node.kind {
            _ if !matches!(self.format, Format::Json | Format::Yaml) => None,
            NodeKind::Scalar { .. } => {
                let old = self.slice(node.span)?;
                (!old.contains('\n')).then(|| (node.span, format!("[{old}, {text}]")))
            }
            NodeKind::List(items) => {
                let first = doc.node(*items.first()?).span.start;
                let at = Span::new(first, first);
                if self.slice(node.span)?.starts_with('[') {
                    return Some((at, format!("{text}, ")));
                }
                let line = self.line_start(first);
                let before = self.text.get(line..first as usize)?;
                let lone = before.trim() == "-";
                lone.then(|| (at, format!("{text}{}{before}", self.newline(first))))
            }
            NodeKind::Null | NodeKind::Map(_) | NodeKind::Error => None,
        }
    }

    /// A line of properties above the one in which the path to the map is written.
    fn line(&self, span: Span, key: &str, value: &str) -> Option<Change> {
        let start = self.line_start(span.start);
        let path = self.text.get(start..span.end as usize)?;
        let simple = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '/' | '.' | ' ');
        let continued = self.text.get(..start)?.trim_end_matches(['\n', '\r']).ends_with('\\');
        let plain =
            value.chars().all(simple) && !value.starts_with(' ') && !continued && !path.contains(['=', '#', '!']);
        let at = Span::new(start as u32, start as u32);
        plain.then(|| (at, format!("{path}.{key}={value}{}", self.newline(span.start))))
    }

    fn line_start(&self, at: u32) -> usize {
        self.text.get(..at as usize).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1)
    }

    /// What stands before a key that begins its line, as blanks, and how lines end here.
    fn margin(&self, key: u32) -> Option<(String, &'static str)> {
        let before = self.text.get(self.line_start(key)..key as usize)?;
        let blank =
            before.chars().all(|c| matches!(c, ' ' | '-')) || (self.format == Format::Json && before.trim().is_empty());
        blank.then(|| (before.replace('-', " "), self.newline(key)))
    }

    fn newline(&self, at: u32) -> &'static str {
        let rest = self.text.get(at as usize..).unwrap_or("");
        let line = rest.split_inclusive('\n').next().unwrap_or("");
        if line.ends_with("\r\n") { "\r\n" } else { "\n" }
    }
}

/// The entry of a key in a map, or in one of the maps directly below it: beside a built-in, or under it.
fn existing(doc: &Doc, map: NodeId, key: &str) -> Option<Entry> {
    let below = own(doc, map).iter().filter(|e| doc.text(e.key).is_some_and(|k| k.starts_with("ipcmm.")));
    let all = own(doc, map).iter().chain(below.flat_map(|e| own(doc, e.value)));
    all.into_iter().find(|e| doc.text(e.key) == Some(key)).copied()
}

/// The entries of a map.
pub(super) fn own(doc: &Doc, map: NodeId) -> &[Entry] {
    match &doc.node(map).kind {
        NodeKind::Map(entries) => entries,
        NodeKind::Scalar { .. } | NodeKind::List(_) | NodeKind::Null | NodeKind::Error => &[],
    }
}
