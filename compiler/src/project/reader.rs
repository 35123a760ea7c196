//! Reads the shapes that manifests, inventories and lock files are made of: maps with known keys, texts, lists of texts.
//!
//! Every mistake is reported where it stands, and reading goes on. Unaware of: what the keys mean.

use crate::diag::{Code, Diagnostic, Diagnostics, suggest};
use crate::doc::{Doc, NodeId, NodeKind, Span, Style};
use ipcmm_grammar::units;

/// A document being read.
pub(super) struct Reader<'a> {
    pub doc: &'a Doc,
    pub diagnostics: &'a mut Diagnostics,
}

/// An entry of a map.
#[derive(Clone, Copy)]
pub(super) struct Field<'a> {
    pub name: &'a str,
    pub key: NodeId,
    pub span: Span,
    pub value: NodeId,
}

impl<'a> Reader<'a> {
    pub fn span(&self, id: NodeId) -> Span {
        self.doc.node(id).span
    }

    pub fn problem(&self, code: Code, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(code, self.doc.file, span, message)
    }

    pub fn report(&mut self, problem: Diagnostic) {
        self.diagnostics.push(problem);
    }

    /// Whether nothing is written, or null.
    pub fn is_null(&self, id: NodeId) -> bool {
        match &self.doc.node(id).kind {
            NodeKind::Null => true,
            NodeKind::Scalar { text, style: Style::Bare | Style::Text } => units::is_null(text),
            _ => false,
        }
    }

    /// Reports a value that has not the shape of its place, unless it could not be read at all.
    pub fn wrong(&mut self, id: NodeId, message: impl Into<String>) {
        if !matches!(self.doc.node(id).kind, NodeKind::Error) {
            let problem = self.problem(Code::WrongShape, self.span(id), message);
            self.report(problem);
        }
    }

    /// The entries of a map; of nothing none. `wanted` says what stands here, as in "`inputs` takes a map of …".
    pub fn entries(&mut self, id: NodeId, wanted: &str) -> Vec<Field<'a>> {
        if self.is_null(id) {
            return Vec::new();
        }
        let NodeKind::Map(entries) = &self.doc.node(id).kind else {
            self.wrong(id, wanted);
            return Vec::new();
        };
        let field = |entry: &crate::doc::Entry| Field {
            name: self.doc.text(entry.key).unwrap_or(""),
            key: entry.key,
            span: self.doc.node(entry.key).span,
            value: entry.value,
        };
        entries.iter().map(field).collect()
    }

    /// A text that is not empty.
    pub fn text(&mut self, id: NodeId, place: &str) -> Option<&'a str> {
        match &self.doc.node(id).kind {
            NodeKind::Scalar { text, .. } if !text.is_empty() && !self.is_null(id) => Some(text),
            _ => {
                self.wrong(id, format!("{place} takes a text"));
                None
            }
        }
    }

    /// One text or a list of them, with their nodes.
    pub fn texts(&mut self, id: NodeId, place: &str) -> Vec<(&'a str, NodeId)> {
        let doc = self.doc;
        let items = match &doc.node(id).kind {
            NodeKind::List(items) => items.as_slice(),
            _ if self.is_null(id) => return Vec::new(),
            _ => std::slice::from_ref(&id),
        };
        let mut texts = Vec::with_capacity(items.len());
        for item in items {
            match &doc.node(*item).kind {
                NodeKind::Scalar { text, .. } if !text.is_empty() => texts.push((text.as_str(), *item)),
                _ => self.wrong(*item, format!("{place} takes a text, or a list of texts")),
            }
        }
        texts
    }

    /// Reports a key that is none of those known.
    pub fn unknown<'n>(
        &mut self,
        field: &Field<'_>,
        place: &str,
        known: impl Iterator<Item = &'n str> + Clone,
        help: Option<&str>,
    ) {
        let message = format!("`{}` is no key of {place}", field.name.escape_debug());
        let problem = self.problem(Code::UnknownKeyword, field.span, message);
        let problem = match (suggest::nearest(field.name, known.clone()), help) {
            (Some(near), _) => problem.help(format!("did you mean `{near}`?")).fix("correct the key", near),
            (None, Some(help)) => problem.help(help),
            (None, None) => problem.help(format!("there are {}", listed(known))),
        };
        self.report(problem);
    }
}

/// `a`, `b`, `c`; of many the first twenty.
pub(super) fn listed<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let mut all: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    let more = all.len().saturating_sub(20);
    all.truncate(20);
    let end = if more > 0 { format!(" and {more} more") } else { String::new() };
    all.join(", ") + &end
}
