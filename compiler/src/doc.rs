//! `parse`: bytes in one of the source formats become a [`Doc`], a spanned tree of maps, lists and scalars.
//!
//! Unaware of: the meaning of any key. A `Doc` keeps no trace of its format except its spans: every
//! reader speaks to the same [`builder::Builder`], which knows about duplicate keys, depth and alias budget.

pub mod builder;
pub mod yaml;

use crate::source::FileId;
pub use ipcmm_grammar::ast::Span;

/// A node of a [`Doc`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NodeId(pub u32);

/// How a scalar was written, as far as it matters for its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Bare: read with the type its place expects (a plain YAML scalar, a JSON number or literal).
    Bare,
    /// Quoted, or a block of text: it is text and nothing else.
    Quoted,
    /// From a format that has only text: it may be read as any type.
    Text,
}

/// One entry of a map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The key, always a scalar.
    pub key: NodeId,
    /// The value.
    pub value: NodeId,
}

/// What a node is.
#[derive(Clone, Debug, PartialEq)]
pub enum NodeKind {
    /// Nothing was written, or the format's null.
    Null,
    /// A scalar with its decoded text.
    Scalar {
        /// Escapes decoded, lines folded.
        text: String,
        /// How it was written.
        style: Style,
    },
    /// A list.
    List(Vec<NodeId>),
    /// A map with entries in source order. Keys are unique: a repeated key was reported and dropped.
    Map(Vec<Entry>),
    /// A part that could not be read; a problem was reported for it. Later stages stay silent about it.
    Error,
}

/// A node with its place. An alias is the node it stands for, copied, with the place of the alias.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// What it is.
    pub kind: NodeKind,
    /// Its bytes in the file. Of a quoted scalar with the quotes, of a block scalar the body.
    pub span: Span,
    /// Whether the decoded text is, byte for byte, the text of the span without its quotes, so that places inside it
    /// can be told exactly.
    pub verbatim: bool,
}

/// A parsed document.
#[derive(Clone, Debug)]
pub struct Doc {
    /// The file it was read from.
    pub file: FileId,
    /// All nodes; children come before their parents.
    pub nodes: Vec<Node>,
    /// Roots: one for each document of the stream.
    pub roots: Vec<NodeId>,
}

impl Doc {
    /// The node of an id.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    /// The text, if the node is a scalar.
    pub fn text(&self, id: NodeId) -> Option<&str> {
        match &self.node(id).kind {
            NodeKind::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The place of byte range `inner` of a scalar's decoded text, as exactly as the spelling allows.
    pub fn place_in(&self, id: NodeId, inner: Span) -> Span {
        let node = self.node(id);
        if !node.verbatim {
            return node.span;
        }
        let quote = match &node.kind {
            NodeKind::Scalar { text, style: Style::Quoted } => {
                (node.span.end - node.span.start).saturating_sub(text.len() as u32) / 2
            }
            _ => 0,
        };
        Span::new(node.span.start + quote + inner.start, node.span.start + quote + inner.end)
    }
}
