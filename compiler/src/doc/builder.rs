//! What every format reader speaks to: calls in source order become the arena of a [`Doc`].
//!
//! The checks that hold for every format live here: unique keys, keys that are text, depth, the budget of aliases,
//! the number of nodes. Nothing recurses over the input, and memory is bounded by the source and the limits below.
//!
//! Unaware of: which format it is and what a file looks like. Readers hand in places as spans of the whole file.
//! Start reading at [`Builder::scalar`] and [`Builder::begin_map`].

mod alias;
mod keys;
mod merge;

use super::{Doc, Entry, Node, NodeId, NodeKind, Piece, Span, Style};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::source::FileId;
use alias::Anchors;
pub use alias::{BYTES_EACH, FREE_BYTES, FREE_NODES, NODES_EACH};
use keys::Keys;
use merge::{Merge, Site};
use rustc_hash::FxHashMap;
use std::borrow::Cow;

/// Deepest nesting of lists and maps. Later stages may walk a document by recursion because of it.
pub const MAX_DEPTH: usize = 200;
/// Most nodes of one document, copies of aliases included: about half a gigabyte of arena.
pub const MAX_NODES: usize = 10_000_000;
/// Most problems of one code that are reported for one file.
pub const MAX_REPORTS: usize = 100;

/// Builds a [`Doc`] from calls in source order.
///
/// Each node is one call (`scalar`, `null`, `alias`, `poison`) or a pair (`begin_list` or `begin_map`, and `end`);
/// in a map, keys and values take turns. [`Builder::anchor`] names the node whose call came last.
pub struct Builder<'d> {
    diagnostics: &'d mut Diagnostics,
    doc: Doc,
    frames: Vec<Frame>,
    /// Open lists and maps below the depth limit: counted, not kept.
    skipped: usize,
    halted: bool,
    last: Last,
    anchors: Anchors,
    /// Merge keys so far.
    merges: Vec<Site>,
    reports: FxHashMap<Code, usize>,
}

/// What the last call made, for [`Builder::anchor`].
#[derive(Clone, Copy)]
enum Last {
    Nothing,
    Leaf(NodeId),
    Open,
}

/// A list or map that is not closed yet.
struct Frame {
    shape: Shape,
    /// First byte.
    start: u32,
    /// Byte behind the last child.
    end: u32,
    /// Length of the arena when it was opened: its nodes are all behind this.
    first: usize,
    /// Height of the highest child.
    height: usize,
    /// Serial number of its anchor.
    anchor: Option<(String, u32)>,
}

enum Shape {
    List(Vec<NodeId>),
    Map { entries: Vec<Entry>, keys: Keys, pending: Pending, merge: Option<Merge> },
}

/// What a map waits for.
enum Pending {
    Key,
    Value(NodeId),
    /// The key was refused: its value is read and dropped.
    Dropped,
    /// The value of a merge key.
    Merge(NodeId),
}

impl<'d> Builder<'d> {
    /// An empty document of a file. Problems go to `diagnostics`.
    pub fn new(file: FileId, diagnostics: &'d mut Diagnostics) -> Builder<'d> {
        Builder {
            diagnostics,
            doc: Doc { file, nodes: Vec::new(), roots: Vec::new(), pieces: FxHashMap::default() },
            frames: Vec::new(),
            skipped: 0,
            halted: false,
            last: Last::Nothing,
            anchors: Anchors::default(),
            merges: Vec::new(),
            reports: FxHashMap::default(),
        }
    }

    /// The file that is read.
    pub fn file(&self) -> FileId {
        self.doc.file
    }

    /// Whether a limit stopped the building; a reader may stop as well.
    pub fn halted(&self) -> bool {
        self.halted
    }

    /// A scalar. `verbatim`: the bytes of `span` without quotes are `text`.
    pub fn scalar(&mut self, text: Cow<'_, str>, style: Style, span: Span, verbatim: bool) {
        self.leaf(Node { kind: NodeKind::Scalar { text: text.into_owned(), style }, span, verbatim });
    }

    /// A scalar whose text is found in the file piece by piece.
    pub fn scalar_in_pieces(&mut self, text: Cow<'_, str>, style: Style, span: Span, pieces: Vec<Piece>) {
        self.scalar(text, style, span, false);
        if let Last::Leaf(id) = self.last
            && !pieces.is_empty()
        {
            self.doc.pieces.insert(id, pieces.into_boxed_slice());
        }
    }

    /// Nothing was written, or the format's null.
    pub fn null(&mut self, span: Span) {
        self.leaf(Node { kind: NodeKind::Null, span, verbatim: false });
    }

    /// A part that could not be read and was reported by the reader.
    pub fn poison(&mut self, span: Span) {
        self.leaf(Node { kind: NodeKind::Error, span, verbatim: false });
    }

    /// Opens a list.
    pub fn begin_list(&mut self, span: Span) {
        self.begin(Shape::List(Vec::new()), span);
    }

    /// Opens a map.
    pub fn begin_map(&mut self, span: Span) {
        self.begin(Shape::Map { entries: Vec::new(), keys: Keys::default(), pending: Pending::Key, merge: None }, span);
    }

    /// Closes the list or map opened last. `end` is the byte behind its closing mark; without one, the collection
    /// ends with its last child.
    pub fn end(&mut self, end: Option<u32>) {
        if self.halted {
            return;
        }
        if self.skipped > 0 {
            self.skipped -= 1;
            return;
        }
        self.close(end);
    }

    /// Names the node of the last call, so that aliases can stand for it.
    pub fn anchor(&mut self, name: &str) {
        if self.halted {
            return;
        }
        if self.skipped > 0 {
            self.anchors.lose(name);
            return;
        }
        match self.last {
            Last::Nothing => {}
            Last::Leaf(id) => self.anchors.define(name, id),
            Last::Open => {
                let serial = self.anchors.open(name);
                if let Some(frame) = self.frames.last_mut() {
                    frame.anchor = Some((name.to_owned(), serial));
                }
            }
        }
    }

    /// Says that anchors written in `text` exist although their nodes could not be read: aliases to them are then not
    /// reported.
    pub fn lose_anchors_of(&mut self, text: &str) {
        self.anchors.lose_all(text);
    }

    /// Ends a document of the stream: its anchors are gone.
    pub fn document_end(&mut self) {
        self.anchors.forget();
        self.last = Last::Nothing;
    }

    /// Reports a problem, unless there were already [`MAX_REPORTS`] of its code.
    pub fn report(&mut self, mut diagnostic: Diagnostic) {
        let count = self.reports.entry(diagnostic.code).or_default();
        *count += 1;
        if *count > MAX_REPORTS {
            return;
        }
        if *count == MAX_REPORTS {
            diagnostic.message.push_str(" (further problems of this kind are not shown)");
        }
        self.diagnostics.push(diagnostic);
    }

    /// Whether no more problems of a code will be shown.
    pub fn is_full(&self, code: Code) -> bool {
        self.reports.get(&code).is_some_and(|n| *n >= MAX_REPORTS)
    }

    /// The finished document. Whatever is still open is closed where it stands.
    pub fn finish(mut self) -> Doc {
        while !self.frames.is_empty() {
            self.close(None);
        }
        self.judge_merges();
        self.doc
    }

    fn begin(&mut self, shape: Shape, span: Span) {
        if self.halted {
            return;
        }
        if self.skipped > 0 {
            self.skipped += 1;
            return;
        }
        if self.frames.len() >= MAX_DEPTH {
            // The subtree is one unreadable leaf; its events are counted only.
            self.too_deep(span);
            self.leaf(Node { kind: NodeKind::Error, span, verbatim: false });
            self.skipped = 1;
            return;
        }
        let first = self.doc.nodes.len();
        self.frames.push(Frame { shape, start: span.start, end: span.end, first, height: 0, anchor: None });
        self.last = Last::Open;
    }

    fn close(&mut self, end: Option<u32>) {
        let Some(frame) = self.frames.pop() else { return };
        let kind = match frame.shape {
            Shape::List(items) => NodeKind::List(items),
            Shape::Map { mut entries, pending, keys, merge } => {
                if let Pending::Value(key) = pending {
                    // Only when the reader stopped in the middle.
                    let span = self.doc.node(key).span;
                    let value = self.push(Node { kind: NodeKind::Error, span, verbatim: false });
                    entries.push(Entry { key, value });
                }
                NodeKind::Map(match merge {
                    Some(merge) => self.merged(entries, merge, keys),
                    None => entries,
                })
            }
        };
        let span = Span::new(frame.start, end.unwrap_or(frame.end).max(frame.start));
        let id = self.push(Node { kind, span, verbatim: false });
        if let Some((name, serial)) = frame.anchor {
            self.anchors.close(&name, serial, frame.first, id, frame.height + 1);
        }
        self.last = Last::Nothing;
        self.attach(id, frame.height + 1);
    }

    fn leaf(&mut self, node: Node) {
        if self.halted || self.skipped > 0 {
            return;
        }
        if self.doc.nodes.len() >= MAX_NODES {
            self.halted = true;
            let message = format!("the document has more than {MAX_NODES} values");
            self.report(Diagnostic::new(Code::TooLarge, self.doc.file, node.span, message).help("split the file"));
            return;
        }
        let id = self.push(node);
        self.attach(id, 0);
        self.last = Last::Leaf(id);
    }

    fn push(&mut self, node: Node) -> NodeId {
        let id = NodeId(self.doc.nodes.len() as u32);
        self.doc.nodes.push(node);
        id
    }

    /// Gives a finished node to the collection that is open, or makes it a root.
    fn attach(&mut self, id: NodeId, height: usize) {
        let span = self.doc.node(id).span;
        let Some(frame) = self.frames.last_mut() else {
            self.doc.roots.push(id);
            return;
        };
        frame.height = frame.height.max(height);
        frame.end = frame.end.max(span.end);
        match &mut frame.shape {
            Shape::List(items) => items.push(id),
            Shape::Map { entries, pending, merge, .. } => match std::mem::replace(pending, Pending::Key) {
                Pending::Value(key) => entries.push(Entry { key, value: id }),
                Pending::Merge(key) => *merge = Some(Merge { at: entries.len(), key, value: id }),
                Pending::Dropped => {}
                Pending::Key => self.key(id),
            },
        }
    }

    fn too_deep(&mut self, span: Span) {
        if self.reports.contains_key(&Code::TooDeep) {
            return;
        }
        let message = format!("lists and maps are nested more than {MAX_DEPTH} deep");
        self.report(Diagnostic::new(Code::TooDeep, self.doc.file, span, message));
    }
}

/// A text from the input for use in a message: in backticks, at most 60 characters, on one line.
pub fn quoted(text: &str) -> String {
    let mut shown: String = text.chars().take(60).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(60).is_some() {
        shown.push('…');
    }
    format!("`{shown}`")
}

#[cfg(test)]
mod tests;
