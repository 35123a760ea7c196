//! Fixes become bytes: what a stage wants to be written is spelled as the format of the file spells it.
//!
//! A fix that cannot be spelled safely is dropped; the problem is still reported. Unaware of: what a fix is about.
//! Start reading at [`Speller::spell`].

mod entry;
mod remove;

use super::{Doc, Entry, Format, NodeId, NodeKind, Style, properties, xml};
use crate::diag::{Code, Fix, Manner};
use ipcmm_grammar::ast::Span;
use ipcmm_grammar::units;
use rustc_hash::FxHashMap;
use serde_json::Value;

/// Spells the fixes of one file.
pub struct Speller<'a> {
    text: &'a str,
    format: Format,
    doc: Option<&'a Doc>,
    places: FxHashMap<(u32, u32), Role>,
    escapes: Escapes<'a>,
}

/// Where a text stands decides how it is escaped, in formats that have only text.
enum Escapes<'a> {
    None,
    Properties(properties::Spelling<'a>),
    Xml(xml::Spelling<'a>),
}

/// What stands at a place.
#[derive(Clone, Copy)]
enum Role {
    /// A key: its entry, and the map that holds it.
    Key(Entry, NodeId),
    /// An element of a list: the list and the position in it.
    Item(NodeId, usize),
    /// Another scalar.
    Scalar(NodeId),
    /// Several nodes: one that an alias stands for.
    Several,
}

impl<'a> Speller<'a> {
    /// A speller for a file; without the document, only fixes that are bytes already come through.
    pub fn new(text: &'a str, format: Format, doc: Option<&'a Doc>) -> Speller<'a> {
        let escapes = match format {
            Format::Yaml | Format::Json => Escapes::None,
            Format::Properties => Escapes::Properties(properties::Spelling::new(text, ipcmm_stdlib::dotted_names())),
            Format::Xml => Escapes::Xml(xml::Spelling::new(text)),
        };
        let mut speller = Speller { text, format, doc, places: FxHashMap::default(), escapes };
        let Some(doc) = doc else { return speller };
        let mut roles = FxHashMap::default();
        for (number, node) in doc.nodes.iter().enumerate() {
            let id = NodeId(number as u32);
            match &node.kind {
                NodeKind::Map(entries) => {
                    roles.extend(entries.iter().map(|entry| (entry.key, Role::Key(*entry, id))));
                }
                NodeKind::List(items) => {
                    roles.extend(items.iter().enumerate().map(|(at, item)| (*item, Role::Item(id, at))));
                }
                NodeKind::Scalar { .. } => {
                    roles.entry(id).or_insert(Role::Scalar(id));
                }
                NodeKind::Null | NodeKind::Error => {}
            }
        }
        for (id, role) in roles {
            let span = doc.node(id).span;
            let place = speller.places.entry((span.start, span.end));
            place.and_modify(|there| *there = Role::Several).or_insert(role);
        }
        speller
    }

    /// The fix of a problem in bytes of the file.
    pub fn spell(&self, code: Code, fix: Fix) -> Option<Fix> {
        let mut fix = match &fix.manner {
            Manner::Source if self.format == Format::Json && !fix.replacement.starts_with(['{', '[']) => {
                super::json::respell(fix, self.text)?
            }
            // What YAML writes in braces is only a text elsewhere.
            Manner::Source if self.format != Format::Yaml && fix.replacement.starts_with(['{', '[']) => return None,
            // What a reader offers is spelled right.
            Manner::Source if code.is_of_input() => fix,
            Manner::Source => self.escaped(fix)?,
            Manner::Text if matches!(self.format, Format::Properties | Format::Xml) => {
                (!self.is_taken(fix.span, &fix.replacement)).then_some(())?;
                self.escaped(fix)?
            }
            Manner::Text => Fix { replacement: self.scalar(fix.span, &fix.replacement)?, ..fix },
            Manner::Entry(key) => {
                let (span, replacement) = self.entry(fix.span, key, &fix.replacement)?;
                Fix { span, replacement, ..fix }
            }
            Manner::Argument(name) => {
                let (span, replacement) = self.argument(fix.span, name)?;
                Fix { span, replacement, ..fix }
            }
            Manner::Escape => {
                let before = Span::new(fix.span.start.checked_sub(2)?, fix.span.start);
                let behind = Span::new(fix.span.end, fix.span.end + 1);
                (self.slice(before)? == "${" && self.slice(behind)? == "}").then_some(())?;
                Fix { span: Span::new(before.start, before.start), ..fix }
            }
            Manner::Without => Fix { span: self.element(fix.span)?, replacement: String::new(), ..fix },
        };
        fix.manner = Manner::Source;
        (self.slice(fix.span)? != fix.replacement).then_some(fix)
    }

    fn slice(&self, span: Span) -> Option<&'a str> {
        self.text.get(span.start as usize..span.end as usize)
    }

    fn role(&self, span: Span) -> Option<Role> {
        self.places.get(&(span.start, span.end)).copied()
    }

    /// Whether a text in place of a key would be a second key of its name: a mistake of its own.
    fn is_taken(&self, span: Span, text: &str) -> bool {
        let (Some(Role::Key(_, map)), Some(doc)) = (self.role(span), self.doc) else { return false };
        entry::own(doc, map).iter().any(|e| doc.text(e.key) == Some(text))
    }

    /// A text in a format that has only text.
    fn escaped(&self, fix: Fix) -> Option<Fix> {
        match &self.escapes {
            Escapes::None => Some(fix),
            Escapes::Properties(spelling) => spelling.respell(fix),
            Escapes::Xml(spelling) => spelling.respell(fix),
        }
    }

    /// A text in place of a scalar, with the quotes that stand there already.
    fn scalar(&self, span: Span, text: &str) -> Option<String> {
        let old = self.slice(span)?;
        let doc = self.doc?;
        let id = match self.role(span)? {
            Role::Key(..) if self.is_taken(span, text) => return None,
            Role::Key(entry, _) => entry.key,
            Role::Scalar(id) => id,
            Role::Item(list, at) => match &doc.node(list).kind {
                NodeKind::List(items) => *items.get(at)?,
                _ => return None,
            },
            Role::Several => return None,
        };
        let style = match &doc.node(id).kind {
            NodeKind::Scalar { style, .. } => style,
            // A text in place of a map, where no text has a style yet.
            NodeKind::Map(_) if !old.contains('\n') && !old.starts_with('*') => &Style::Bare,
            _ => return None,
        };
        match self.format {
            Format::Json => Some(json(text)),
            Format::Yaml => yaml(old, *style, text),
            // These are escaped by what is around them.
            Format::Properties | Format::Xml => None,
        }
    }

    /// The bytes to remove so that an element of a list is gone.
    fn element(&self, span: Span) -> Option<Span> {
        let (list, at) = match self.role(span)? {
            Role::Item(list, at) => (list, at),
            Role::Key(entry, map) => return self.whole_entry(entry, map),
            Role::Scalar(_) | Role::Several => return None,
        };
        let doc = self.doc?;
        let NodeKind::List(items) = &doc.node(list).kind else { return None };
        if !matches!(self.format, Format::Json | Format::Yaml) {
            return None;
        }
        let before = items.get(at.checked_sub(1)?).map(|id| doc.node(*id).span)?;
        let between = self.slice(Span::new(before.end, span.start))?;
        if between.trim() == "," {
            return Some(Span::new(before.end, span.end));
        }
        let line = self.text.get(..span.start as usize)?.rfind('\n')? + 1;
        let rest = self.text.get(span.end as usize..)?;
        let end = rest.find('\n').map_or(rest.len(), |at| at + 1);
        let alone = self.text.get(line..span.start as usize)?.trim() == "-" && rest.get(..end)?.trim().is_empty();
        alone.then(|| Span::new(line as u32, span.end + end as u32))
    }
}

/// A text in place of another, as YAML writes it with the quotes that stand there.
fn yaml(old: &str, style: Style, text: &str) -> Option<String> {
    match (old.as_bytes().first(), style) {
        // Another place shares what an alias stands for.
        (Some(b'*'), _) => None,
        (Some(b'"'), Style::Quoted) => Some(json(text)),
        (Some(b'\''), Style::Quoted) if !text.chars().any(char::is_control) => {
            Some(format!("'{}'", text.replace('\'', "''")))
        }
        // The place of a text in a block is its body: what is written there would still be text of a block.
        (_, Style::Quoted) => None,
        (_, Style::Bare | Style::Text) => Some(yaml_text(text)),
    }
}

/// A text as JSON writes it.
fn json(text: &str) -> String {
    Value::from(text).to_string()
}

/// A text as YAML writes it: bare where it can only be read as this text.
fn yaml_text(text: &str) -> String {
    let first = text.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '_'));
    let rest = text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | ' '));
    let typed = units::is_null(text) || units::parse_bool(text).is_some() || units::parse_float(text).is_some();
    if first && rest && !text.ends_with(' ') && !typed { text.to_owned() } else { json(text) }
}
