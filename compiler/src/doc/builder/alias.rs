//! Anchors and aliases: an alias is a copy of the node it stands for, within a budget.
//!
//! The arena is in post-order, so a subtree is one run of nodes and copying it is one loop, whatever its shape.
//!
//! Unaware of: how anchors are spelt, except for finding their names in text that could not be read.

use super::{Builder, Code, Diagnostic, Last, MAX_DEPTH, MAX_NODES, Node, NodeId, NodeKind, Span, quoted};
use crate::diag::suggest;
use rustc_hash::FxHashSet;
use std::collections::BTreeMap;

/// Anchors that are looked at for a suggestion.
const MAX_CANDIDATES: usize = 10_000;
/// Nodes that aliases may add to any document.
pub const FREE_NODES: usize = 100_000;
/// Nodes that aliases may add for each node of the source.
pub const NODES_EACH: usize = 10;
/// Bytes of text that aliases may add to any document.
pub const FREE_BYTES: usize = 16 << 20;
/// Bytes of text that aliases may add for each byte of text in the source.
pub const BYTES_EACH: usize = 10;

/// The anchors of a document, and what its aliases have cost so far.
#[derive(Default)]
pub(super) struct Anchors {
    // Ordered: suggestions must not depend on a hasher, and no spelling may make the lookup slow.
    known: BTreeMap<String, Anchor>,
    /// Names whose nodes could not be read.
    lost: FxHashSet<String>,
    serial: u32,
    copied_nodes: usize,
    copied_bytes: usize,
    /// Bytes of text in the source nodes before `counted`.
    source_bytes: usize,
    counted: usize,
    exhausted: bool,
}

#[derive(Clone, Copy)]
enum Anchor {
    /// Still open: an alias to it would contain itself. The number tells anchors of one name apart.
    Open(u32),
    /// The nodes `first..=root`, with the height of the root.
    Done { first: usize, root: NodeId, height: usize },
}

impl Anchors {
    pub(super) fn define(&mut self, name: &str, id: NodeId) {
        self.known.insert(name.to_owned(), Anchor::Done { first: id.0 as usize, root: id, height: 0 });
    }

    pub(super) fn open(&mut self, name: &str) -> u32 {
        self.serial += 1;
        self.known.insert(name.to_owned(), Anchor::Open(self.serial));
        self.serial
    }

    pub(super) fn close(&mut self, name: &str, serial: u32, first: usize, root: NodeId, height: usize) {
        // The name may have been given again inside; the later one counts.
        if let Some(anchor) = self.known.get_mut(name)
            && matches!(anchor, Anchor::Open(s) if *s == serial)
        {
            *anchor = Anchor::Done { first, root, height };
        }
    }

    pub(super) fn lose(&mut self, name: &str) {
        self.known.remove(name);
        self.lost.insert(name.to_owned());
    }

    pub(super) fn lose_all(&mut self, text: &str) {
        for part in text.split('&').skip(1) {
            let name = part.split(|c: char| c.is_whitespace() || "[]{},".contains(c)).next().unwrap_or("");
            if !name.is_empty() {
                self.lost.insert(name.to_owned());
            }
        }
    }

    pub(super) fn forget(&mut self) {
        self.known.clear();
        self.lost.clear();
    }
}

impl Builder<'_> {
    /// An alias: the node its anchor names, copied, with the place of the alias.
    pub fn alias(&mut self, name: &str, span: Span) {
        if self.halted || self.skipped > 0 {
            return;
        }
        let Some((first, root, height)) = self.resolve(name, span) else {
            self.poison(span);
            return;
        };
        if self.frames.len() + height > MAX_DEPTH {
            self.too_deep(span);
            self.poison(span);
            return;
        }
        if !self.afford(first, root, name, span) {
            self.poison(span);
            return;
        }
        let shift = self.doc.nodes.len() - first;
        let moved = |id: NodeId| NodeId((id.0 as usize + shift) as u32);
        for at in first..=root.0 as usize {
            let Some(node) = self.doc.nodes.get(at) else { break };
            let mut copy = node.clone();
            match &mut copy.kind {
                NodeKind::List(items) => items.iter_mut().for_each(|id| *id = moved(*id)),
                NodeKind::Map(entries) => {
                    for entry in entries {
                        entry.key = moved(entry.key);
                        entry.value = moved(entry.value);
                    }
                }
                NodeKind::Null | NodeKind::Scalar { .. } | NodeKind::Error => {}
            }
            self.push(copy);
        }
        let id = moved(root);
        if let Some(node) = self.doc.nodes.get_mut(id.0 as usize) {
            node.span = span;
            node.verbatim = false;
        }
        self.last = Last::Nothing;
        self.attach(id, height);
    }

    fn resolve(&mut self, name: &str, span: Span) -> Option<(usize, NodeId, usize)> {
        match self.anchors.known.get(name) {
            Some(Anchor::Done { first, root, height }) => Some((*first, *root, *height)),
            Some(Anchor::Open(_)) => {
                let message = format!("the alias {} stands inside its own anchor", quoted(&format!("*{name}")));
                let help = "a value cannot contain itself: name another anchor, or write the value out";
                self.report(Diagnostic::new(Code::RecursiveAlias, self.doc.file, span, message).help(help));
                None
            }
            None if self.anchors.lost.contains(name) || self.is_full(Code::UnknownAlias) => None,
            None => {
                let message = format!("no anchor {} stands before this alias", quoted(&format!("&{name}")));
                let problem = Diagnostic::new(Code::UnknownAlias, self.doc.file, span, message);
                let candidates = self.anchors.known.keys().take(MAX_CANDIDATES).map(String::as_str);
                let problem = match suggest::nearest(name, candidates) {
                    Some(near) => problem
                        .help(format!("did you mean {}?", quoted(&format!("*{near}"))))
                        .fix("name the anchor there is", format!("*{near}")),
                    None => problem.help("a text that starts with `*` is written in quotes"),
                };
                self.report(problem);
                None
            }
        }
    }

    /// Whether the copy of `first..=root` is within the budget; takes it from the budget.
    fn afford(&mut self, first: usize, root: NodeId, name: &str, span: Span) -> bool {
        let anchors = &mut self.anchors;
        if anchors.exhausted {
            // Without looking at the subtree: a million aliases to a million nodes must not cost their product.
            return false;
        }
        let subtree = self.doc.nodes.get(first..=root.0 as usize).unwrap_or(&[]);
        let nodes = subtree.len();
        let bytes: usize = subtree.iter().map(text_bytes).sum();
        let fresh = self.doc.nodes.get(anchors.counted..).unwrap_or(&[]);
        anchors.source_bytes += fresh.iter().map(text_bytes).sum::<usize>();
        let source_nodes = self.doc.nodes.len() - anchors.copied_nodes;
        if anchors.copied_nodes + nodes <= FREE_NODES + NODES_EACH * source_nodes
            && anchors.copied_bytes + bytes <= FREE_BYTES + BYTES_EACH * anchors.source_bytes
            && self.doc.nodes.len() + nodes <= MAX_NODES
        {
            anchors.copied_nodes += nodes;
            anchors.copied_bytes += bytes;
            // The copies are no part of the source.
            anchors.counted = self.doc.nodes.len() + nodes;
            return true;
        }
        anchors.exhausted = true;
        let message = format!("aliases expand to too much: {} would add {nodes} values", quoted(&format!("*{name}")));
        let help = "aliases may make a document about ten times as large; nest them less deeply";
        self.report(Diagnostic::new(Code::AliasBudget, self.doc.file, span, message).help(help));
        false
    }
}

fn text_bytes(node: &Node) -> usize {
    match &node.kind {
        NodeKind::Scalar { text, .. } => text.len(),
        _ => 0,
    }
}
