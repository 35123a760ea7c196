//! Comments and blank lines of a source, given to the nodes of its [`Doc`] that they stand at.
//!
//! A comment on a line of its own belongs to what follows it, unless it is the last thing in a list or map; one behind
//! a value belongs to that line. Unaware of: how comments are written in another format.

mod attach;
mod properties;
pub(crate) mod xml;
mod yaml;

use crate::doc::{Doc, Format, NodeId};
use rustc_hash::FxHashMap;

/// Comments and blank lines by node: an entry of a map goes by its key, an element by itself.
#[derive(Clone, Debug, Default)]
pub struct Trivia {
    before: FxHashMap<NodeId, Vec<Option<String>>>,
    trailing: FxHashMap<NodeId, String>,
    end: FxHashMap<NodeId, Vec<Option<String>>>,
    /// Comments of a file that has nothing else.
    pub alone: Vec<Option<String>>,
    /// How many comments there are.
    pub count: usize,
}

/// A comment as it was found.
#[derive(Clone, Debug)]
struct Comment {
    /// Its first byte in the file.
    at: usize,
    /// What follows the sign, line by line, with the space behind the sign.
    lines: Vec<String>,
    /// Whether nothing stands before it in its line.
    own_line: bool,
}

impl Trivia {
    /// The comments of a text that was read as `doc`.
    pub fn of(doc: &Doc, text: &str, format: Format) -> Trivia {
        let comments = match format {
            Format::Yaml => yaml::comments(text),
            Format::Properties => properties::comments(text),
            Format::Xml => xml::comments(text),
            Format::Json => Vec::new(),
        };
        attach::attach(doc, text, format, comments)
    }

    /// Lines before a node: comments without their sign, or `None` for a blank line.
    pub fn before(&self, id: NodeId) -> &[Option<String>] {
        self.before.get(&id).map_or(&[], Vec::as_slice)
    }

    /// The comment behind the first line of a node.
    pub fn trailing(&self, id: NodeId) -> Option<&str> {
        self.trailing.get(&id).map(String::as_str)
    }

    /// Lines at the end of a list or map.
    pub fn end(&self, id: NodeId) -> &[Option<String>] {
        self.end.get(&id).map_or(&[], Vec::as_slice)
    }

    /// Whether something stands at a node.
    pub fn at(&self, id: NodeId) -> bool {
        self.before.contains_key(&id) || self.trailing.contains_key(&id) || self.end.contains_key(&id)
    }
}
