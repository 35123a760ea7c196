//! Keys of a map: text, and each only once.
//!
//! Unaware of: what the keys mean.

use super::{Builder, Code, Diagnostic, Doc, NodeId, NodeKind, Pending, Shape, Style, quoted};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasher, RandomState};

/// Maps up to this size are searched one by one: cheaper than hashing, and most maps are small.
const SMALL: usize = 8;

/// The keys of a map so far.
#[derive(Default)]
pub(super) struct Keys {
    list: Vec<NodeId>,
    /// Hash of a key's text to the key; made when the map outgrows [`SMALL`]. The hasher has a random seed, so that
    /// nobody can write keys that collide; nothing depends on its order.
    index: Option<(RandomState, HashMap<u64, NodeId>)>,
}

impl Keys {
    /// The earlier key with the same text, or `None` after taking the key in.
    pub(super) fn insert(&mut self, doc: &Doc, key: NodeId, text: &str) -> Option<NodeId> {
        let same = |other: &NodeId| doc.text(*other) == Some(text);
        if let Some((state, index)) = &mut self.index {
            match index.entry(state.hash_one(text)) {
                Entry::Vacant(place) => {
                    place.insert(key);
                }
                Entry::Occupied(place) => {
                    // Two texts of one hash: never seen, and then the list decides.
                    let earlier = Some(*place.get()).filter(same).or_else(|| self.list.iter().copied().find(same));
                    if earlier.is_some() {
                        return earlier;
                    }
                }
            }
        } else if let Some(earlier) = self.list.iter().copied().find(same) {
            return Some(earlier);
        }
        self.list.push(key);
        if self.index.is_none() && self.list.len() > SMALL {
            let state = RandomState::new();
            let pairs = self.list.iter().filter_map(|k| Some((state.hash_one(doc.text(*k)?), *k)));
            let index = pairs.collect();
            self.index = Some((state, index));
        }
        None
    }
}

impl Builder<'_> {
    /// Takes a node as the next key of the open map, or refuses it with its value.
    pub(super) fn key(&mut self, id: NodeId) {
        let Some(frame) = self.frames.last_mut() else { return };
        let Shape::Map { keys, pending, .. } = &mut frame.shape else { return };
        let node = self.doc.node(id);
        let refuse = |code, message: &str, help: &str| {
            Diagnostic::new(code, self.doc.file, node.span, message).help(help.to_owned())
        };
        *pending = Pending::Dropped;
        let problem = match &node.kind {
            // It was reported when it was read.
            NodeKind::Error => return,
            NodeKind::Null => refuse(
                Code::KeyNotText,
                "a value stands here without a key",
                "write a key before the `:`, or quote the text if the `:` is part of it",
            ),
            NodeKind::List(_) => refuse(
                Code::KeyNotText,
                "a list cannot be a key",
                "a key is a text; write it in quotes if the brackets belong to it",
            ),
            NodeKind::Map(_) => refuse(
                Code::KeyNotText,
                "a map cannot be a key",
                "a key is a text; write it in quotes if the braces belong to it, and `${…}` for a value",
            ),
            NodeKind::Scalar { text, style } => match keys.insert(&self.doc, id, text) {
                None if text == "<<" && *style == Style::Bare => {
                    *pending = Pending::Merge(id);
                    return;
                }
                None => {
                    *pending = Pending::Value(id);
                    return;
                }
                Some(first) => refuse(
                    Code::DuplicateKey,
                    &format!("the key {} is written twice in one map", quoted(text)),
                    "rename one of them, or join their values",
                )
                .label(self.doc.file, self.doc.node(first).span, "first written here"),
            },
        };
        self.report(problem);
    }
}
