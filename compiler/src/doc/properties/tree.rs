//! Flat lines become a tree, and the tree is spoken to the [`Builder`]: its events come in the order of the tree, and
//! lines come in any order.
//!
//! Nothing recurses; a line costs as many look-ups as its key has segments.
//!
//! Unaware of: how lines and keys are written.

use super::Fault;
use super::escape::Decoded;
use super::force::{Force, Word};
use super::path::{Segment, Step};
use crate::diag::{Code, Diagnostic};
use crate::doc::builder::{Builder, MAX_NODES};
use crate::doc::{Span, Style};
use std::borrow::Cow;
use std::collections::HashMap;

const NONE: u32 = u32::MAX;

/// A place of the tree.
struct Node<'t> {
    step: Step<'t>,
    /// Its segment in the first line that names it.
    span: Span,
    kind: Kind,
    /// The next child of the same parent, in order of appearance.
    next: u32,
}

#[derive(Clone, Copy)]
enum Kind {
    /// Just made.
    Fresh,
    /// The number of its value.
    Text(u32),
    /// The number of its value, and what it is said to be.
    Said(Word, u32),
    /// The value could not be read and was reported.
    Poison,
    Map(Children),
    List(Children),
}

/// First and last child.
#[derive(Clone, Copy)]
struct Children(u32, u32);

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Kind::Said(Word::List, _) => "an empty list",
            Kind::Said(Word::Map, _) => "an empty map",
            Kind::Fresh | Kind::Text(_) | Kind::Said(..) | Kind::Poison => "a value",
            Kind::Map(_) => "a map",
            Kind::List(_) => "a list",
        }
    }
}

/// The tree that lines make up.
pub(super) struct Tree<'t> {
    nodes: Vec<Node<'t>>,
    values: Vec<Decoded<'t>>,
    /// Children by parent and step. The hasher has a random seed, so that nobody can write keys that collide; nothing
    /// depends on its order.
    index: HashMap<(u32, Step<'t>), u32>,
}

impl<'t> Tree<'t> {
    pub fn new() -> Tree<'t> {
        let step = Step::Name(Cow::Borrowed(""));
        let root = Node { step, span: Span::new(0, 0), kind: Kind::Fresh, next: NONE };
        Tree { nodes: vec![root], values: Vec::new(), index: HashMap::new() }
    }

    /// Whether it has more places than a document has room for: each is a key and a value there.
    pub fn is_full(&self) -> bool {
        self.nodes.len() > MAX_NODES / 2
    }

    /// Puts a value at the end of a path; `None` stands for one that could not be read.
    pub fn insert(
        &mut self,
        path: &[Segment<'t>],
        force: Option<Force>,
        value: Option<Decoded<'t>>,
        builder: &mut Builder<'_>,
    ) {
        let mut at = 0;
        for segment in path {
            match self.child(at, segment, builder) {
                Some(child) => at = child,
                None => return,
            }
        }
        let Some(node) = self.nodes.get_mut(at as usize) else { return };
        // Of a document that is one value, only what it is said to be is written.
        let place = path.last().map(|last| last.span).or(force.map(|f| f.span)).unwrap_or(Span::new(0, 0));
        match (node.kind, value) {
            (Kind::Fresh, Some(value)) => {
                let number = self.values.len() as u32;
                node.kind = force.map_or(Kind::Text(number), |force| Kind::Said(force.word, number));
                if path.is_empty() {
                    node.span = place;
                }
                self.values.push(value);
            }
            (Kind::Fresh, None) => node.kind = Kind::Poison,
            (Kind::Text(_) | Kind::Said(..) | Kind::Poison, _) => {
                let message = match path.last().map(|last| &last.step) {
                    Some(step @ Step::Name(_)) => format!("the key {step} is written twice in one map"),
                    Some(step @ Step::At(_)) => format!("the position {step} is written twice in one list"),
                    None => "the value of the document is written twice".to_owned(),
                };
                let problem = Diagnostic::new(Code::DuplicateKey, builder.file(), place, message)
                    .help("rename one of them, or join their values")
                    .label(builder.file(), node.span, "first written here");
                builder.report(problem);
            }
            (Kind::Map(_) | Kind::List(_), _) => {
                let other = force.map_or("a value", |force| Kind::Said(force.word, 0).name());
                self.conflict(at, other, place, builder);
            }
        }
    }

    /// The child that a segment names, made if it is not there.
    fn child(&mut self, at: u32, segment: &Segment<'t>, builder: &mut Builder<'_>) -> Option<u32> {
        let new = self.nodes.len() as u32;
        let parent = self.nodes.get_mut(at as usize)?;
        match (parent.kind, &segment.step) {
            (Kind::Poison, _) => return None,
            (Kind::Fresh, step) => {
                let children = Children(new, new);
                parent.kind = if matches!(step, Step::Name(_)) { Kind::Map(children) } else { Kind::List(children) };
                if at == 0 {
                    parent.span = segment.span;
                }
            }
            (Kind::Map(_), Step::Name(_)) | (Kind::List(_), Step::At(_)) => {
                if let Some(child) = self.index.get(&(at, segment.step.clone())) {
                    return Some(*child);
                }
                let (Kind::Map(children) | Kind::List(children)) = &mut parent.kind else { return None };
                let last = std::mem::replace(&mut children.1, new);
                self.nodes.get_mut(last as usize)?.next = new;
            }
            (_, step) => {
                let other = if matches!(step, Step::Name(_)) { "a map" } else { "a list" };
                self.conflict(at, other, segment.span, builder);
                // Which of the two was meant is open: later stages shall not judge the value.
                if let Some(Node { kind: kind @ (Kind::Text(_) | Kind::Said(..)), .. }) =
                    self.nodes.get_mut(at as usize)
                {
                    *kind = Kind::Poison;
                }
                return None;
            }
        }
        self.index.insert((at, segment.step.clone()), new);
        self.nodes.push(Node { step: segment.step.clone(), span: segment.span, kind: Kind::Fresh, next: NONE });
        Some(new)
    }

    fn conflict(&self, at: u32, other: &str, span: Span, builder: &mut Builder<'_>) {
        let Some(node) = self.nodes.get(at as usize) else { return };
        let name = if at == 0 { "the document".to_owned() } else { node.step.to_string() };
        let first = node.kind.name();
        let message = format!("{name} is {other} here, and {first} elsewhere");
        let problem = Diagnostic::new(Code::Syntax, builder.file(), span, message)
            .help("a place is a value (`a=`), a map (`a.b=`) or a list (`a[0]=`): write it in one of these ways")
            .label(builder.file(), node.span, format!("here it is {first}"));
        builder.report(problem);
    }

    /// Speaks the tree to the builder.
    pub fn speak(mut self, builder: &mut Builder<'_>) {
        let mut open: Vec<Open> = Vec::new();
        if self.nodes.len() > 1 || matches!(self.nodes.first().map(|root| root.kind), Some(Kind::Said(..))) {
            self.say(0, &mut open, builder);
        }
        while let Some(frame) = open.last_mut() {
            let Some(child) = frame.children.next() else {
                // A map or list of the file's beginning spans its lines; one inside has only its segment.
                let end = frame.span.end;
                open.pop();
                builder.end((!open.is_empty()).then_some(end));
                continue;
            };
            let in_map = frame.in_map;
            let Some(node) = self.nodes.get_mut(child as usize) else { continue };
            if in_map && let Step::Name(name) = &mut node.step {
                let length = (node.span.end - node.span.start) as usize;
                let verbatim = length == name.len();
                builder.scalar(std::mem::take(name), Style::Text, node.span, verbatim);
            }
            self.say(child, &mut open, builder);
        }
    }

    /// Speaks a place, or opens it.
    fn say(&mut self, at: u32, open: &mut Vec<Open>, builder: &mut Builder<'_>) {
        let Some(Node { kind, span, .. }) = self.nodes.get(at as usize) else { return };
        let (kind, span) = (*kind, *span);
        let (Kind::Text(value) | Kind::Said(_, value)) = kind else {
            match kind {
                Kind::Map(_) | Kind::List(_) => self.open(at, open, builder),
                _ => builder.poison(span),
            }
            return;
        };
        let Some(value) = self.values.get_mut(value as usize) else { return };
        let style = match kind {
            Kind::Said(Word::Null, _) => return builder.null(span),
            Kind::Said(Word::List, _) => {
                builder.begin_list(span);
                return builder.end(None);
            }
            Kind::Said(Word::Map, _) => {
                builder.begin_map(span);
                return builder.end(None);
            }
            Kind::Said(Word::Str, _) => Style::Quoted,
            Kind::Said(Word::Int | Word::Float | Word::Bool, _) => Style::Bare,
            _ => Style::Text,
        };
        let (text, pieces) = (std::mem::take(&mut value.text), std::mem::take(&mut value.pieces));
        match pieces.is_empty() {
            true => builder.scalar(text, style, value.span, true),
            false => builder.scalar_in_pieces(text, style, value.span, pieces),
        }
    }

    fn open(&self, at: u32, open: &mut Vec<Open>, builder: &mut Builder<'_>) {
        let Some(node) = self.nodes.get(at as usize) else { return };
        let (Kind::Map(Children(first, _)) | Kind::List(Children(first, _))) = node.kind else { return };
        let following = |child: &u32| self.nodes.get(*child as usize).map(|n| n.next).filter(|next| *next != NONE);
        let mut children: Vec<u32> = std::iter::successors(Some(first), following).collect();
        let in_map = matches!(node.kind, Kind::Map(_));
        match in_map {
            true => builder.begin_map(node.span),
            false => {
                self.order(&mut children, builder);
                builder.begin_list(node.span);
            }
        }
        open.push(Open { in_map, span: node.span, children: children.into_iter() });
    }

    /// Sorts the elements of a list and reports the first position that is missing.
    fn order(&self, children: &mut [u32], builder: &mut Builder<'_>) {
        let position = |child: &u32| match self.nodes.get(*child as usize).map(|n| &n.step) {
            Some(Step::At(position)) => *position,
            _ => NONE,
        };
        children.sort_by_key(position);
        let gap = children.iter().enumerate().find(|(i, child)| position(child) as usize != *i);
        let Some((missing, node)) = gap.and_then(|(i, child)| Some((i, self.nodes.get(*child as usize)?))) else {
            return;
        };
        let fault = Fault {
            span: node.span,
            message: format!("the list has a position {}, and no `[{missing}]`", node.step),
            help: "positions go from `[0]` on without gaps; their order in the file is free".to_owned(),
            ..Fault::default()
        };
        fault.report(builder);
    }
}

/// A list or map that is being spoken.
struct Open {
    in_map: bool,
    span: Span,
    children: std::vec::IntoIter<u32>,
}
