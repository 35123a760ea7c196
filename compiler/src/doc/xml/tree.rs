//! Elements, their attributes and where their text is, in one arena: what [`read`](super::read) makes and
//! [`mapping`](super::mapping) walks.
//!
//! Unaware of: what an element means.

use crate::doc::Span;

/// No element.
pub(super) const NONE: u32 = u32::MAX;

/// An element. Children are a chain by `first` and `next`.
#[derive(Clone, Debug)]
pub(super) struct Element {
    /// Its name in the start tag.
    pub name: Span,
    /// From `<` of its start tag to behind its end.
    pub span: Span,
    /// Between its tags; empty for one without an end tag.
    pub content: Span,
    /// Its attributes in [`Tree::attributes`].
    pub attributes: (u32, u32),
    pub first: u32,
    pub last: u32,
    pub next: u32,
    /// The first text that is more than white space, or a CDATA section.
    pub solid: Option<Span>,
    /// Something in its tags was reported: what it says is not known.
    pub poisoned: bool,
    /// Something in its own text was reported. Its children are what they are.
    pub spoilt: bool,
}

/// An attribute.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attribute {
    pub name: Span,
    /// Without the quotes.
    pub value: Span,
    /// The value was reported.
    pub poisoned: bool,
}

/// A document.
#[derive(Debug, Default)]
pub(super) struct Tree {
    /// In the order of their start tags; the first is the root.
    pub elements: Vec<Element>,
    /// In the order of the file.
    pub attributes: Vec<Attribute>,
    /// What is inside of CDATA sections, in the order of the file.
    pub data: Vec<Span>,
}

impl Tree {
    pub fn element(&self, at: u32) -> Option<&Element> {
        self.elements.get(at as usize)
    }

    pub fn attributes(&self, element: &Element) -> &[Attribute] {
        let (start, end) = element.attributes;
        self.attributes.get(start as usize..end as usize).unwrap_or(&[])
    }

    /// The children of an element, in order.
    pub fn children(&self, element: &Element) -> impl Iterator<Item = (u32, &Element)> {
        let mut at = element.first;
        std::iter::from_fn(move || {
            let child = self.element(at)?;
            Some((std::mem::replace(&mut at, child.next), child))
        })
    }

    /// Adds an element behind the other children of its parent.
    pub fn push(&mut self, parent: u32, element: Element) -> u32 {
        let new = self.elements.len() as u32;
        self.elements.push(element);
        let Some(parent) = self.elements.get_mut(parent as usize) else { return new };
        let before = std::mem::replace(&mut parent.last, new);
        if before == NONE {
            parent.first = new;
        } else if let Some(before) = self.elements.get_mut(before as usize) {
            before.next = new;
        }
        new
    }
}
