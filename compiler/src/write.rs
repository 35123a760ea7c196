//! Writes a [`Doc`] in a format, with comments where the format has them, as a person would write it.
//!
//! What reads back is the same tree. How each scalar is spelt is decided before ([`Say`]), because it hangs on the
//! types of places; here it is only put down. Unaware of: keys and types. Start reading at [`Writer`].

pub mod json;
pub mod properties;
mod spelling;
pub mod xml;
pub mod yaml;

use crate::doc::{Doc, NodeId, NodeKind};
use crate::trivia::Trivia;
use std::borrow::Cow;

pub use spelling::{Speller, is_json_word};

/// Widest line that is made of several values.
pub const WIDTH: usize = 80;

/// A scalar as it is to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Say<'a> {
    /// Null.
    Null,
    /// As it is, without quotes and without saying what it is.
    Plain(Cow<'a, str>),
    /// Text that shall not be taken for anything else.
    Text(&'a str),
}

/// What all formats need to write a document.
pub struct Writer<'a> {
    /// The document.
    pub doc: &'a Doc,
    /// Its comments and blank lines.
    pub trivia: &'a Trivia,
    /// How its scalars are spelt.
    pub speller: &'a Speller<'a>,
}

impl<'a> Writer<'a> {
    /// How a node is written if it is a scalar. What could not be read is nothing.
    fn say(&self, id: NodeId) -> Option<Say<'a>> {
        match &self.doc.node(id).kind {
            NodeKind::List(_) | NodeKind::Map(_) => None,
            NodeKind::Null | NodeKind::Error => Some(self.speller.null(id)),
            NodeKind::Scalar { text, style } => Some(self.speller.scalar(id, text, *style)),
        }
    }

    /// The text of a key.
    fn key(&self, id: NodeId) -> &'a str {
        self.doc.text(id).unwrap_or("")
    }
}
