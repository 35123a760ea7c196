//! Elements become maps, lists and scalars, spoken to the [`Builder`].
//!
//! ```text
//!   <a b="1"><c>x</c></a>              a: {b: 1, c: x}       attributes and children are entries
//!   <task key="write it"/>             write it: null        `key` names what a tag cannot
//!   <a><b>1</b><b>2</b></a>            a: {b: [1, 2]}        a tag that is repeated is a list
//!   <a><item>1</item></a>              a: [1]                and so are children that are all `<item>`
//!   <a t="list"/>  <a t="str"/>        []  ""                `t` says what an element is
//! ```
//! Nothing recurses; each element costs the number of its attributes and children.
//!
//! Unaware of: how a document is written, and of the meaning of keys.

use super::chars::is_blank;
use super::forced::{Forced, scalar_fits};
use super::text::{self, Decoded, trim};
use super::tree::{Attribute, Element, NONE, Tree};
use crate::diag::{Code, Diagnostic};
use crate::doc::builder::{Builder, quoted};
use crate::doc::{Span, Style};
use std::borrow::Cow;
use std::collections::HashMap;

/// The tag of a list's elements.
const ITEM: &str = "item";

pub(super) struct Mapping<'t, 'b, 'd> {
    pub text: &'t str,
    pub tree: &'t Tree,
    pub builder: &'b mut Builder<'d>,
}

/// An entry of a map: an element, and others of the same tag.
struct Entry<'t> {
    element: u32,
    more: Vec<u32>,
    /// The value of its `key`.
    key: Option<&'t Attribute>,
}

/// A list or map that is being spoken.
enum Frame<'t> {
    Map(std::vec::IntoIter<Entry<'t>>, u32),
    List(std::vec::IntoIter<u32>, u32),
}

/// What an element says beside its children.
#[derive(Default)]
struct Says<'t> {
    key: Option<&'t Attribute>,
    forced: Option<Forced>,
    /// Attributes that are entries.
    entries: Vec<&'t Attribute>,
    preserve: bool,
    /// A problem was reported that leaves the value unknown.
    failed: bool,
}

impl<'t> Mapping<'t, '_, '_> {
    /// Speaks the root element.
    pub fn speak(&mut self) {
        let Some(root) = self.tree.element(0) else { return };
        let name = self.slice(root.name);
        if name != "ipcmm" {
            let near = crate::diag::suggest::nearest(name, std::iter::once("ipcmm"));
            if !root.poisoned {
                let message = format!("the root element is {}, not `<ipcmm>`", quoted(&format!("<{name}>")));
                let problem = Diagnostic::new(Code::RootName, self.builder.file(), root.name, message);
                let help = match near {
                    Some(_) => "write `<ipcmm>`, and `</ipcmm>` where it ends",
                    None => "a module is an element `<ipcmm>` with its labels inside; is this file a source?",
                };
                self.builder.report(problem.help(help));
            }
            if near.is_none() {
                self.builder.poison(root.span);
                return;
            }
        }
        let mut frames: Vec<Frame<'t>> = Vec::new();
        self.value(0, root, false, &mut frames);
        while let Some(frame) = frames.last_mut() {
            match frame {
                Frame::Map(entries, end) => {
                    let end = *end;
                    match entries.next() {
                        Some(entry) => self.entry(entry, &mut frames),
                        None => {
                            frames.pop();
                            self.builder.end(Some(end));
                        }
                    }
                }
                Frame::List(items, end) => {
                    let end = *end;
                    match items.next().and_then(|item| Some((item, self.tree.element(item)?))) {
                        Some((item, element)) => self.value(item, element, false, &mut frames),
                        None => {
                            frames.pop();
                            self.builder.end(Some(end));
                        }
                    }
                }
            }
        }
    }

    fn entry(&mut self, entry: Entry<'t>, frames: &mut Vec<Frame<'t>>) {
        let Some(element) = self.tree.element(entry.element) else { return };
        match entry.key {
            Some(key) => self.attribute(key),
            None => self.tag_key(element.name),
        }
        let Some(last) = entry.more.last().and_then(|last| self.tree.element(*last)) else {
            self.value(entry.element, element, entry.key.is_some(), frames);
            return;
        };
        self.builder.begin_list(element.span);
        let mut items = Vec::with_capacity(1 + entry.more.len());
        items.push(entry.element);
        items.extend(entry.more);
        frames.push(Frame::List(items.into_iter(), last.span.end));
    }

    /// A key that is the name of an element or attribute.
    fn tag_key(&mut self, name: Span) {
        let written = self.slice(name);
        if written.contains(':') {
            let message = format!("the name {} has a prefix", quoted(written));
            let problem = Diagnostic::new(Code::NamePrefix, self.builder.file(), name, message);
            let help =
                format!("namespaces mean nothing here; a key with a colon is written `<entry key=\"{written}\">`");
            self.builder.report(problem.help(help));
            self.builder.poison(name);
            return;
        }
        self.builder.scalar(Cow::Borrowed(written), Style::Text, name, true);
    }

    /// The value of an element. `keyed`: it stands in a map by its `key`.
    fn value(&mut self, at: u32, element: &'t Element, keyed: bool, frames: &mut Vec<Frame<'t>>) {
        if element.poisoned {
            self.builder.poison(element.span);
            return;
        }
        let mut says = self.says(element, at == 0);
        if let (Some(key), false) = (says.key, keyed || says.failed) {
            self.misplaced_key(key, at == 0);
            says.failed = true;
        }
        let has_entries = element.first != NONE || !says.entries.is_empty();
        let collection =
            matches!(says.forced, Some(Forced::List | Forced::Map)) || has_entries && says.forced.is_none();
        if says.failed || element.spoilt && !collection {
            self.builder.poison(element.span);
            return;
        }
        match says.forced {
            None if !has_entries => self.leaf(at, element, says.preserve),
            Some(Forced::List | Forced::Map) | None => {
                if let (Some(solid), false) = (element.solid, element.spoilt) {
                    self.mixed(element, solid, says.entries.first().copied());
                    return;
                }
                self.collection(element, &says, frames);
            }
            Some(forced) => {
                if has_entries {
                    let place = self.tree.element(element.first).map(|child| child.name);
                    let place = place.or(says.entries.first().map(|a| a.name)).unwrap_or(element.name);
                    self.unfit(element, forced, place, "it has entries");
                    return;
                }
                self.forced_leaf(element, forced);
            }
        }
    }

    /// A list or a map.
    fn collection(&mut self, element: &'t Element, says: &Says<'t>, frames: &mut Vec<Frame<'t>>) {
        let children = self.tree.children(element);
        let plain_items = || {
            let mut children = self.tree.children(element);
            children.all(|(_, child)| self.slice(child.name) == ITEM && self.key_of(child).is_none())
        };
        let list = match says.forced {
            Some(forced) => forced == Forced::List,
            None => says.entries.is_empty() && plain_items(),
        };
        if list {
            let items: Vec<u32> = children.map(|(at, _)| at).collect();
            if let Some(place) = self.no_list(element, says) {
                self.unfit(
                    element,
                    Forced::List,
                    place,
                    "its children are not elements of one name, or it has attributes",
                );
                return;
            }
            self.builder.begin_list(element.span);
            frames.push(Frame::List(items.into_iter(), element.span.end));
            return;
        }
        let entries = self.entries(element);
        self.builder.begin_map(element.span);
        for attribute in &says.entries {
            self.tag_key(attribute.name);
            self.attribute(attribute);
        }
        frames.push(Frame::Map(entries.into_iter(), element.span.end));
    }

    /// What keeps an element from being a list.
    fn no_list(&self, element: &'t Element, says: &Says<'t>) -> Option<Span> {
        let first = self.tree.element(element.first).map_or("", |child| self.slice(child.name));
        let other = self.tree.children(element).find(|(_, child)| self.slice(child.name) != first);
        says.entries.first().map(|a| a.name).or(other.map(|(_, child)| child.name))
    }

    /// The children of an element by their keys, in the order of their first.
    fn entries(&self, element: &'t Element) -> Vec<Entry<'t>> {
        let mut entries: Vec<Entry<'t>> = Vec::new();
        // The hasher has a random seed, so that nobody can write keys that collide; nothing depends on its order.
        let mut index: HashMap<&str, usize> = HashMap::new();
        for (at, child) in self.tree.children(element) {
            let key = self.key_of(child);
            if key.is_none() {
                // The number of a new entry is that of none yet.
                let first = *index.entry(self.slice(child.name)).or_insert(entries.len());
                if let Some(entry) = entries.get_mut(first) {
                    entry.more.push(at);
                    continue;
                }
            }
            entries.push(Entry { element: at, more: Vec::new(), key });
        }
        entries
    }

    fn key_of(&self, element: &'t Element) -> Option<&'t Attribute> {
        self.tree.attributes(element).iter().find(|attribute| self.slice(attribute.name) == "key")
    }

    /// Sorts the attributes of an element into those that say something about it and those that are entries.
    fn says(&mut self, element: &'t Element, root: bool) -> Says<'t> {
        let mut says = Says::default();
        for attribute in self.tree.attributes(element) {
            let name = self.slice(attribute.name);
            match name {
                "key" => says.key = Some(attribute),
                "t" => {
                    let written = self.decode(attribute);
                    says.forced = Forced::of_name(&written.text);
                    if says.forced.is_none() && !attribute.poisoned {
                        self.unknown_type(attribute, &written.text);
                    }
                    says.failed |= says.forced.is_none();
                }
                "xml:space" => says.preserve = self.slice(attribute.value) == "preserve",
                // What editors and validators want to know; it says nothing about the data.
                _ if root && (name == "xmlns" || name.starts_with("xmlns:") || name.starts_with("xsi:")) => {}
                _ if name == "xmlns" || name.contains(':') => self.prefixed(attribute, name),
                _ => says.entries.push(attribute),
            }
        }
        says
    }

    /// A scalar, or null if nothing is written.
    fn leaf(&mut self, at: u32, element: &'t Element, preserve: bool) {
        let raw = self.slice(element.content);
        if element.solid.is_some() || preserve && !raw.is_empty() {
            self.text(element.content, Style::Text);
        } else if at == 0 {
            // A module without labels.
            self.builder.begin_map(element.span);
            self.builder.end(Some(element.span.end));
        } else {
            self.builder.null(element.span);
        }
    }

    fn forced_leaf(&mut self, element: &'t Element, forced: Forced) {
        if forced == Forced::Str {
            self.text(element.content, Style::Quoted);
            return;
        }
        let decoded = text::content(self.slice(element.content), element.content.start);
        let written = trim(&decoded.text);
        if !scalar_fits(forced, written) {
            let place = if is_blank(self.slice(element.content)) { element.name } else { element.content };
            self.unfit(element, forced, place, &format!("{} is none", quoted(written)));
            return;
        }
        if forced == Forced::Null {
            self.builder.null(element.span);
            return;
        }
        let raw = self.slice(element.content);
        let start = element.content.start + (raw.len() - raw.trim_start().len()) as u32;
        let plain = Span::new(start, start + trim(raw).len() as u32);
        match decoded.pieces.is_empty() {
            true => self.builder.scalar(Cow::Borrowed(trim(raw)), Style::Text, plain, true),
            false => self.builder.scalar(Cow::Owned(written.to_owned()), Style::Text, element.content, false),
        }
    }

    /// The text between tags.
    fn text(&mut self, span: Span, style: Style) {
        let decoded = text::content(self.slice(span), span.start);
        self.decoded(decoded, style, span);
    }

    fn attribute(&mut self, attribute: &'t Attribute) {
        if attribute.poisoned {
            self.builder.poison(attribute.value);
            return;
        }
        let decoded = self.decode(attribute);
        self.decoded(decoded, Style::Text, attribute.value);
    }

    fn decoded(&mut self, decoded: Decoded<'t>, style: Style, span: Span) {
        match decoded.text {
            // Markup that says nothing, as an empty section.
            Cow::Owned(text) if decoded.pieces.is_empty() => self.builder.scalar(Cow::Owned(text), style, span, false),
            text if decoded.pieces.is_empty() => self.builder.scalar(text, style, span, true),
            text => self.builder.scalar_in_pieces(text, style, span, decoded.pieces),
        }
    }

    fn decode(&self, attribute: &Attribute) -> Decoded<'t> {
        text::value(self.slice(attribute.value), attribute.value.start)
    }

    fn slice(&self, span: Span) -> &'t str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or("")
    }
}
