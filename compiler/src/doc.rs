//! `parse`: bytes in one of the source formats become a [`Doc`], a spanned tree of maps, lists and scalars.
//!
//! Unaware of: the meaning of any key. A `Doc` keeps no trace of its format except its spans: every
//! reader speaks to the same [`builder::Builder`], which knows about duplicate keys, depth and alias budget.

pub mod builder;
pub mod decode;
pub mod json;
pub mod properties;
pub mod spell;
pub mod xml;
pub mod yaml;

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::source::FileId;
pub use decode::decode;
pub use ipcmm_grammar::ast::Span;
use rustc_hash::FxHashMap;

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

impl Style {
    /// A text as it is read where no text is wanted but a number, a name or another word. In a format that has only
    /// text, white space around such a word is layout, as XML Schema has it: texts keep theirs, other types do not.
    pub fn word(self, text: &str) -> &str {
        match self {
            Style::Text => text.trim_matches([' ', '\t', '\r', '\n']),
            Style::Bare | Style::Quoted => text,
        }
    }
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
    /// Where the text of scalars that are not verbatim is found piece by piece: texts of several lines, whose
    /// indentation is no part of them.
    pub pieces: FxHashMap<NodeId, Box<[Piece]>>,
}

/// From byte `text` of a decoded scalar on, up to the next piece, the bytes are those of the file from byte `file` on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Offset in the decoded text.
    pub text: u32,
    /// Offset in the file.
    pub file: u32,
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
            return self.place_in_pieces(id, inner).unwrap_or(node.span);
        }
        let quote = match &node.kind {
            NodeKind::Scalar { text, style: Style::Quoted } => {
                (node.span.end - node.span.start).saturating_sub(text.len() as u32) / 2
            }
            _ => 0,
        };
        Span::new(node.span.start + quote + inner.start, node.span.start + quote + inner.end)
    }

    fn place_in_pieces(&self, id: NodeId, inner: Span) -> Option<Span> {
        Piece::place(self.pieces.get(&id)?, inner)
    }
}

impl Piece {
    /// The place in the file of a span of the text that pieces make up.
    pub fn place(pieces: &[Piece], inner: Span) -> Option<Span> {
        let file = |offset: u32| {
            let piece = pieces.partition_point(|p| p.text <= offset).checked_sub(1).and_then(|i| pieces.get(i))?;
            Some(piece.file + (offset - piece.text))
        };
        let start = file(inner.start)?;
        // The end is behind the last byte, which may be in a later piece than the first.
        let end = if inner.end > inner.start { file(inner.end - 1)? + 1 } else { start };
        Some(Span::new(start, end))
    }
}

/// Largest source file.
pub const MAX_SOURCE_BYTES: usize = 64 << 20;

/// A source format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// YAML 1.2.
    Yaml,
    /// RFC 8259.
    Json,
    /// XML 1.0.
    Xml,
    /// Java properties.
    Properties,
}

impl Format {
    /// The format of a file by the end of its name. Standard input (`-` or `<stdin>`) is YAML.
    pub fn of_name(name: &str) -> Option<Format> {
        if name == "-" || name == "<stdin>" {
            return Some(Format::Yaml);
        }
        let (stem, extension) = name.rsplit_once('.')?;
        if stem.is_empty() || extension.contains(['/', '\\']) {
            return None;
        }
        match extension.to_ascii_lowercase().as_str() {
            "yaml" | "yml" => Some(Format::Yaml),
            "json" => Some(Format::Json),
            "xml" => Some(Format::Xml),
            "properties" => Some(Format::Properties),
            _ => None,
        }
    }

    /// As people write it.
    pub const fn name(self) -> &'static str {
        match self {
            Format::Yaml => "YAML",
            Format::Json => "JSON",
            Format::Xml => "XML",
            Format::Properties => "properties",
        }
    }
}

/// Parses the text of a file.
pub fn parse(file: FileId, text: &str, format: Format, diagnostics: &mut Diagnostics) -> Doc {
    if text.len() > MAX_SOURCE_BYTES {
        let message = format!("the file has {} bytes; at most {MAX_SOURCE_BYTES} are read", text.len());
        diagnostics.push(Diagnostic::new(Code::TooLarge, file, Span::new(0, 0), message).help("split the file"));
        return Doc::empty(file);
    }
    match format {
        Format::Yaml => yaml::parse(file, text, diagnostics),
        Format::Json => json::parse(file, text, diagnostics),
        Format::Properties => properties::parse(file, text, ipcmm_stdlib::dotted_names(), diagnostics),
        Format::Xml => xml::parse(file, text, diagnostics),
    }
}

impl Doc {
    /// A document without roots.
    pub fn empty(file: FileId) -> Doc {
        Doc { file, nodes: Vec::new(), roots: Vec::new(), pieces: FxHashMap::default() }
    }
}

#[cfg(test)]
mod tests;
