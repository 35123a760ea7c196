//! Tokens become a [`Tree`]: the rules of well-formedness, and how the reading goes on behind what breaks them.
//!
//! Nothing recurses. A token that ends elsewhere than the tokeniser thought is read again from there; how often that may
//! happen has a limit.
//!
//! Unaware of: what the elements mean. Start reading at [`Reader::token`].

use super::chars::{illegal, is_blank};
use super::explain;
use super::scan::{Kind, Scanner, Token, Unclosed};
use super::text::{self, FlawKind};
use super::tree::{Element, NONE, Tree};
use crate::diag::{Code, Diagnostic};
use crate::doc::Span;
use crate::doc::builder::{Builder, MAX_DEPTH, MAX_NODES, quoted};
use crate::source::FileId;

/// A token of this many bytes that is read again in parts counts as one of [`MAX_FAR`]: each costs a pass over it.
const FAR: u32 = 1 << 16;
/// How many of them there may be; with more, the file is no XML.
const MAX_FAR: u32 = 8;

/// A start tag without its end tag.
struct Open {
    name: Span,
    /// [`NONE`]: too deep, or behind the root.
    element: u32,
}

pub(super) struct Reader<'t, 'b, 'd> {
    pub text: &'t str,
    pub file: FileId,
    pub builder: &'b mut Builder<'d>,
    pub tree: Tree,
    scanner: Scanner<'t>,
    open: Vec<Open>,
    /// Whether an element was begun.
    started: bool,
    deep: bool,
    /// Tokens that were read again in parts, and how many of them were long.
    restarts: u32,
    far: u32,
    /// Whether a document type was refused: entities may be known to it.
    pub typed: bool,
    /// End of the text outside of the root that was reported last: what follows without a gap belongs to it.
    outside: u32,
    /// Places of characters that no document may have.
    illegal: Vec<u32>,
}

/// Reads a document, as far as it can be read.
pub(super) fn read(text: &str, builder: &mut Builder<'_>) -> Tree {
    let file = builder.file();
    // A byte-order mark is tolerated; places are those of the file.
    let base = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let scanner = Scanner::new(text, base);
    let mut reader = Reader {
        text,
        file,
        builder,
        tree: Tree::default(),
        scanner,
        open: Vec::new(),
        started: false,
        deep: false,
        restarts: 0,
        far: 0,
        typed: false,
        outside: 0,
        illegal: Vec::new(),
    };
    reader.characters();
    let mut whole = true;
    while let Some(token) = reader.scanner.next() {
        if reader.builder.is_full(Code::Syntax) || reader.far > MAX_FAR || !reader.token(token) {
            whole = false;
            break;
        }
    }
    reader.finish(whole);
    reader.tree
}

impl<'t> Reader<'t, '_, '_> {
    /// Reports characters that stand nowhere.
    fn characters(&mut self) {
        for (at, c) in illegal(self.text) {
            if self.builder.is_full(Code::Syntax) {
                break;
            }
            let span = Span::new(at as u32, (at + c.len_utf8()) as u32);
            self.illegal.push(span.start);
            self.say(explain::character(self.file, c, span));
        }
    }

    /// Takes a token. False: the rest of the file is not looked at.
    fn token(&mut self, Token { kind, span }: Token) -> bool {
        match kind {
            Kind::Text => self.characters_between_tags(span),
            Kind::Start => self.start(span),
            Kind::End => self.end(span),
            Kind::Data => self.data(span),
            Kind::Comment => self.comment(span),
            Kind::Instruction => self.instruction(span),
            Kind::Doctype => self.doctype(span),
            Kind::Open(Unclosed::Tag) => {
                let restarts = self.restarts;
                if self.slice(span).starts_with("</") {
                    self.end(span)
                } else {
                    self.start(span)
                }
                // Its end is the end of the file, and what it may have swallowed is not told apart.
                return restarts != self.restarts;
            }
            Kind::Open(Unclosed::Bang) => {
                self.say(explain::bang(self.file, self.head(span, 2)));
                self.spoil();
                self.restart(span.start + 1, span);
            }
            Kind::Open(unclosed) => {
                if unclosed == Unclosed::Doctype {
                    self.doctype(span);
                } else {
                    self.say(explain::unclosed(self.file, unclosed, self.head(span, explain::opening(unclosed))));
                }
                // What is behind it may be a part of it.
                return false;
            }
        }
        self.tree.elements.len() + self.tree.attributes.len() <= MAX_NODES || self.too_large(span)
    }

    fn too_large(&mut self, span: Span) -> bool {
        let message = format!("the document has more than {MAX_NODES} values");
        self.say(Diagnostic::new(Code::TooLarge, self.file, span, message).help("split the file"));
        false
    }

    fn characters_between_tags(&mut self, span: Span) {
        let raw = self.slice(span);
        let Some(open) = self.open.last() else {
            let goes_on = self.outside == span.start && span.start > 0;
            if !is_blank(raw) {
                self.outside = span.end;
            }
            if !is_blank(raw) && !goes_on {
                let start = span.start + (raw.len() - raw.trim_start().len()) as u32;
                let end = span.start + raw.trim_end().len() as u32;
                self.say(explain::outside(self.file, Span::new(start.min(end), end), self.started));
            }
            return;
        };
        let element = open.element;
        let mut spoilt = self.has_illegal(span);
        for flaw in text::flaws(raw, false) {
            spoilt = true;
            if self.builder.is_full(Code::Syntax) {
                break;
            }
            self.flaw(flaw, raw, span.start);
        }
        let solid = !is_blank(raw);
        if let Some(element) = self.tree.elements.get_mut(element as usize) {
            element.spoilt |= spoilt;
            if solid && element.solid.is_none() {
                element.solid = Some(span);
            }
        }
    }

    /// Reports a flaw of raw text that begins at `start`.
    pub fn flaw(&mut self, flaw: text::Flaw, raw: &str, start: u32) {
        // A document type may define entities; that it is refused was said.
        if !(self.typed && flaw.kind == FlawKind::Entity) {
            self.say(explain::flaw(self.file, flaw, raw, start));
        }
    }

    fn data(&mut self, span: Span) {
        let Some(open) = self.open.last() else {
            let problem = explain::say(self.file, span, "a CDATA section stands outside of the root element");
            self.say(problem.help("text stands inside of elements"));
            return;
        };
        let element = open.element;
        let spoilt = self.has_illegal(span);
        self.tree.data.push(Span::new(span.start + 9, span.end - 3));
        if let Some(element) = self.tree.elements.get_mut(element as usize) {
            element.spoilt |= spoilt;
            element.solid.get_or_insert(span);
        }
    }

    fn doctype(&mut self, span: Span) {
        if !std::mem::replace(&mut self.typed, true) {
            self.say(explain::doctype(self.file, self.head(span, "<!DOCTYPE".len())));
        }
    }

    /// Opens an element, or notes that it is not kept.
    pub fn begin(&mut self, name: Span, start: u32, end: u32, attributes: u32, poisoned: bool, empty: bool) {
        let outside = self.open.is_empty();
        let mut element = NONE;
        if outside && self.started {
            let problem =
                explain::say(self.file, name, format!("{} stands behind the end of the document", self.tag(name)));
            self.say(problem.help("a document has one root element; further modules are files of their own"));
        } else if self.open.len() > MAX_DEPTH {
            if !std::mem::replace(&mut self.deep, true) {
                let message = format!("elements are nested more than {MAX_DEPTH} deep");
                self.say(Diagnostic::new(Code::TooDeep, self.file, name, message));
            }
            if let Some(parent) = self.open.last().and_then(|open| self.tree.elements.get_mut(open.element as usize)) {
                parent.poisoned = true;
            }
        } else {
            let parent = self.open.last().map_or(NONE, |open| open.element);
            if outside || parent != NONE {
                let new = Element {
                    name,
                    span: Span::new(start, end),
                    content: Span::new(end, end),
                    attributes: (attributes, self.tree.attributes.len() as u32),
                    first: NONE,
                    last: NONE,
                    next: NONE,
                    solid: None,
                    poisoned,
                    spoilt: false,
                };
                element = self.tree.push(parent, new);
            }
        }
        if element == NONE {
            self.tree.attributes.truncate(attributes as usize);
        }
        self.started = true;
        if !empty {
            self.open.push(Open { name, element });
        }
    }

    /// Closes the innermost element. `end`: the place of its end tag.
    fn close(&mut self, end: Span, poisoned: bool) {
        let Some(open) = self.open.pop() else { return };
        if let Some(element) = self.tree.elements.get_mut(open.element as usize) {
            element.span.end = end.end;
            element.content.end = end.start;
            element.poisoned |= poisoned;
        }
    }

    fn end(&mut self, span: Span) {
        let Some(tag) = self.end_tag(span) else { return };
        let (name, end) = tag;
        let written = self.slice(name);
        let Some(open) = self.open.last() else {
            let problem = explain::say(self.file, end, format!("`</{written}>` closes nothing"));
            self.say(problem.help("remove it, or look for an element that was closed too early"));
            return;
        };
        let (opened, expected) = (open.name, self.slice(open.name));
        if written == expected || written.is_empty() {
            self.close(end, false);
            return;
        }
        // Some of these are searched in vain, but never more than are reported.
        let around = self.open.iter().rposition(|open| self.slice(open.name) == written);
        if let Some(around) = around {
            // Everything above it lacks its end tag.
            while self.open.len() > around + 1 && !self.builder.is_full(Code::Syntax) {
                let Some(open) = self.open.last() else { break };
                let problem = explain::not_closed(self.file, open.name, self.slice(open.name));
                self.say(problem.label(self.file, end, "this closes what is around it"));
                self.close(Span::new(end.start, end.start), true);
            }
            self.close(end, false);
            return;
        }
        // A slip in the name, or an end tag too many: what follows tells, and how near the names are.
        let parent = self.open.len().checked_sub(2).and_then(|at| self.open.get(at)).map(|open| self.slice(open.name));
        let rest = self.text.get(end.end as usize..).unwrap_or("");
        let (own, around) = (find_end(rest, expected), parent.and_then(|parent| find_end(rest, parent)));
        let near = crate::diag::suggest::nearest(written, std::iter::once(expected)).is_some();
        let directly = own.is_some_and(|own| is_blank(rest.get(..own).unwrap_or("")));
        if near && !directly || own.is_none_or(|own| around.is_some_and(|around| around < own)) {
            self.say(explain::wrong_end(self.file, name, written, opened, expected));
            self.close(end, false);
        } else {
            let problem = explain::say(self.file, end, format!("`</{written}>` closes nothing"));
            let problem = problem.label(self.file, opened, "this is the element that is open");
            self.say(problem.help("remove it, or write its start tag"));
        }
    }

    fn finish(&mut self, whole: bool) {
        if let (Some(open), true) = (self.open.last(), whole) {
            let problem = explain::not_closed(self.file, open.name, self.slice(open.name));
            self.say(problem);
        }
        let end = self.text.len() as u32;
        while !self.open.is_empty() {
            self.close(Span::new(end, end), true);
        }
        if !self.started && whole {
            let problem = explain::say(self.file, Span::new(end, end), "the document has no root element");
            self.say(
                problem.help("a module is an element `<ipcmm>` with its labels inside; an empty one is `<ipcmm/>`"),
            );
        }
    }

    pub fn say(&mut self, problem: Diagnostic) {
        self.builder.report(problem);
    }

    /// Says that the text of the open element is not known.
    pub fn spoil(&mut self) {
        let at = self.open.last().map_or(NONE, |open| open.element);
        if let Some(element) = self.tree.elements.get_mut(at as usize) {
            element.spoilt = true;
        }
    }

    /// Goes on at byte `at`, which is inside of a token.
    pub fn restart(&mut self, at: u32, token: Span) {
        self.scanner.restart(at as usize);
        self.restarts += 1;
        self.far += u32::from(token.end - at > FAR);
    }

    pub fn has_illegal(&self, span: Span) -> bool {
        let at = self.illegal.partition_point(|place| *place < span.start);
        self.illegal.get(at).is_some_and(|place| *place < span.end)
    }

    /// The first bytes of a token, as far as there are that many.
    fn head(&self, span: Span, length: usize) -> Span {
        let length = self.slice(span).floor_char_boundary(length);
        Span::new(span.start, span.start + length as u32)
    }

    pub fn tag(&self, name: Span) -> String {
        quoted(&format!("<{}>", self.slice(name)))
    }

    pub fn slice(&self, span: Span) -> &'t str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or("")
    }
}

/// Where the next end tag of a name stands in a text, as far as that can be told without reading it.
fn find_end(text: &str, name: &str) -> Option<usize> {
    let tag = format!("</{name}");
    let is_whole = |at: &usize| {
        let behind = text.as_bytes().get(at + tag.len());
        behind.is_none_or(|byte| matches!(byte, b'>' | b' ' | b'\t' | b'\r' | b'\n'))
    };
    text.match_indices(&tag).map(|(at, _)| at).find(is_whole)
}
