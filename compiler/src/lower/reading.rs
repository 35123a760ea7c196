//! How the scalars of a document are read: with it, another spelling of a scalar can be told to mean the same or not.
//!
//! Only scalars are kept whose meaning hangs on their spelling: `true`, `0x1F`, `~`, the empty text. All others are text
//! however they are written.
//!
//! Unaware of: formats, and which spellings they have.

use super::scalar::{accepts, read_as};
use super::{Lowering, lower_noting};
use crate::diag::Diagnostics;
use crate::doc::{Doc, NodeId, NodeKind, Style};
use ipcmm_bytecode::Value;
use ipcmm_grammar::types::Type;
use rustc_hash::FxHashMap;

/// The types that scalars of a document are read with, as far as they are known.
#[derive(Debug, Default)]
pub struct Readings {
    wanted: FxHashMap<NodeId, Type>,
}

/// A value as a format could write it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Spelling<'a> {
    /// Nothing, or the format's null.
    Null,
    /// A scalar.
    Scalar(&'a str, Style),
}

/// Lowers a document as a module, only to see how its scalars are read.
pub fn readings(doc: &Doc) -> Readings {
    let mut readings = Readings::default();
    lower_noting(doc, "module", &mut Diagnostics::default(), Some(&mut readings));
    readings
}

/// Whether a text may be anything but text in a format that has no quotes; then it may be where there are none, too.
pub fn is_special(text: &str) -> bool {
    !matches!(read_as(text, Style::Text, &Type::Any), Some(Value::Str(_)))
}

/// What a scalar is where nothing says what is wanted.
pub fn untyped(text: &str, style: Style) -> Value {
    read_as(text, style, &Type::Any).unwrap_or(Value::Null)
}

impl Readings {
    /// Whether it is known how a scalar is read, and its place takes it.
    pub fn knows(&self, doc: &Doc, id: NodeId) -> bool {
        let NodeKind::Scalar { text, style } = &doc.node(id).kind else { return self.wanted.contains_key(&id) };
        self.wanted.get(&id).is_some_and(|wanted| read_as(text, *style, wanted).is_some())
    }

    /// Whether a node could also be written as `other`. Where nothing is known, only what is the same for every type
    /// is the same.
    pub fn same(&self, doc: &Doc, id: NodeId, other: Spelling<'_>) -> bool {
        let written = match &doc.node(id).kind {
            NodeKind::Null => Spelling::Null,
            NodeKind::Scalar { text, style } => Spelling::Scalar(text, *style),
            _ => return false,
        };
        if written == other {
            return true;
        }
        let text = |spelling| match spelling {
            Spelling::Null => "",
            Spelling::Scalar(text, _) => text,
        };
        // Any value, and any word: a place that reads neither reads the text as it is.
        let alike = |wanted: &Type| value(written, wanted) == value(other, wanted);
        let everywhere = || text(written) == text(other) && alike(&Type::Any) && alike(&Type::Path);
        match self.wanted.get(&id) {
            None => everywhere(),
            Some(wanted) => match (value(written, wanted), value(other, wanted)) {
                (Some(one), Some(two)) => one == two,
                // The problem that there is shall not become another, and not vanish.
                (None, None) => everywhere(),
                _ => false,
            },
        }
    }
}

/// What a spelling is read as; `None` if it is refused.
fn value(spelling: Spelling<'_>, wanted: &Type) -> Option<Value> {
    match spelling {
        Spelling::Null => wanted.admits_null().then_some(Value::Null),
        Spelling::Scalar(text, style) => read_as(text, style, wanted),
    }
}

impl Lowering<'_> {
    /// Notes with which type a node is read, if its spelling matters.
    pub(super) fn note(&mut self, id: NodeId, wanted: &Type) {
        let Some(readings) = &mut self.readings else { return };
        let matters = match &self.doc.node(id).kind {
            NodeKind::Null => true,
            // White space around a word is layout where no text is read.
            NodeKind::Scalar { text, .. } => is_special(text) || Style::Text.word(text) != text,
            NodeKind::List(_) | NodeKind::Map(_) | NodeKind::Error => false,
        };
        if matters {
            readings.wanted.insert(id, wanted.clone());
        }
    }

    /// Notes that a node is read as a name or another word, whatever it looks like.
    pub(super) fn note_word(&mut self, id: NodeId) {
        // A path is a word that may look like anything; whether it is absolute is asked later.
        self.note(id, &Type::Path);
    }

    /// Notes that a node is read as the text it is.
    pub(super) fn note_text(&mut self, id: NodeId) {
        self.note(id, &Type::Script);
    }
}

/// Whether a type takes a text as an expression or as source, whatever it looks like.
pub(super) fn is_source(wanted: &Type) -> bool {
    let expression = |t: &Type| matches!(t, Type::Expr(_));
    accepts(wanted, &Type::Script)
        || expression(wanted)
        || matches!(wanted, Type::Union(members) if members.iter().any(expression))
}
