//! Start and end tags: names, attributes, and where a tag ends whose quote or `>` is missing.
//!
//! Unaware of: the elements around.

use super::chars::{is_name, is_space};
use super::explain;
use super::read::Reader;
use super::text;
use super::tree::Attribute;
use crate::diag::{Code, Diagnostic};
use crate::doc::Span;
use crate::doc::builder::quoted;
use std::collections::HashMap;

/// Tags with up to this many attributes are searched one by one: cheaper than hashing.
const SMALL: usize = 8;
/// White space, as [`is_space`] has it.
const SPACE: [char; 4] = [' ', '\t', '\n', '\r'];

/// A start tag that is being read.
struct Tag<'t> {
    /// Its bytes without `>` or `/>`.
    raw: &'t str,
    /// Where the next attribute is looked for.
    at: usize,
    /// Byte of the file at which it begins.
    base: u32,
    /// Its first attribute in the tree.
    first: usize,
    /// Its attributes by name, once they are many. The hasher has a random seed, so that nobody can write names that
    /// collide; nothing depends on its order.
    index: Option<HashMap<&'t str, Span>>,
    poisoned: bool,
}

/// Where a tag ends, if not where the tokeniser thought, and whether it closes itself there.
type Resume = Option<(usize, bool)>;

impl<'t> Tag<'t> {
    fn rest(&self) -> &'t str {
        self.raw.get(self.at..).unwrap_or("")
    }

    fn place(&self, start: usize, end: usize) -> Span {
        Span::new(self.base + start as u32, self.base + end as u32)
    }
}

impl<'t> Reader<'t, '_, '_> {
    pub(super) fn start(&mut self, span: Span) {
        let raw = self.slice(span);
        let name = raw.get(1..).and_then(|rest| rest.find(ends_name)).map_or(raw.len(), |at| at + 1);
        let written = raw.get(1..name).unwrap_or("");
        if written.is_empty()
            || !written.starts_with(|c: char| c.is_alphabetic() || "_:".contains(c)) && !is_name(written)
        {
            self.say(explain::no_tag(self.file, raw, span.start));
            self.spoil();
            self.restart(span.start + 1, span);
            return;
        }
        let place = Span::new(span.start + 1, span.start + name as u32);
        let bad = !is_name(written);
        if bad && !self.has_illegal(place) {
            self.say(explain::no_name(self.file, place, written, "an element"));
        }
        let closed = raw.ends_with('>');
        let itself = raw.ends_with("/>");
        let inner = raw.len() - usize::from(closed) - usize::from(itself);
        let first = self.tree.attributes.len();
        let raw = raw.get(..inner).unwrap_or(raw);
        let mut tag = Tag { raw, at: name, base: span.start, first, index: None, poisoned: bad };
        let resume = self.attributes(&mut tag, closed);
        let (end, empty) = match resume {
            Some((at, empty)) => ((span.start as usize).saturating_add(at).min(span.end as usize) as u32, empty),
            None => (span.end, itself),
        };
        if end < span.end {
            self.restart(end, span);
        }
        let poisoned = tag.poisoned || resume.is_some();
        self.begin(place, span.start, end, first as u32, poisoned, empty);
    }

    /// Reads the attributes of a tag.
    fn attributes(&mut self, tag: &mut Tag<'t>, closed: bool) -> Resume {
        loop {
            let blank = tag.rest().bytes().take_while(|b| is_space(*b)).count();
            tag.at += blank;
            let rest = tag.rest();
            if rest.is_empty() {
                if !closed {
                    self.say(explain::no_close(self.file, tag.base));
                    tag.poisoned = true;
                }
                return None;
            }
            if self.builder.is_full(Code::Syntax) {
                tag.poisoned = true;
                return None;
            }
            // The next tag begins before this one ended.
            if rest.starts_with('<') {
                let before = tag.raw.get(..tag.at).unwrap_or("").trim_end();
                self.say(explain::no_end(self.file, tag.place(before.len(), before.len())));
                return Some((tag.at, before.ends_with('/')));
            }
            let length = rest.find(ends_name).unwrap_or(rest.len());
            if length == 0 {
                self.stray(tag);
                continue;
            }
            let resume = self.attribute(tag, length, blank > 0);
            if resume.is_some() {
                return resume;
            }
        }
    }

    /// Passes over a sign that begins no attribute.
    fn stray(&mut self, tag: &mut Tag<'t>) {
        let rest = tag.rest();
        let sign = rest.chars().next().unwrap_or(' ');
        // A slash before `<` is told as what it is, a tag without its end.
        let next = rest.trim_start_matches('/').trim_start();
        if !(sign == '/' && next.starts_with('<')) {
            self.say(explain::stray(self.file, tag.place(tag.at, tag.at + sign.len_utf8()), sign));
        }
        tag.poisoned = true;
        tag.at += sign.len_utf8();
        if matches!(sign, '"' | '\'') {
            // The rest of a value: passed over with its quote.
            let rest = tag.rest();
            tag.at += match rest.find(['<', sign]) {
                Some(end) if rest.as_bytes().get(end) == Some(&b'<') => end,
                Some(end) => end + 1,
                None => rest.len(),
            };
        }
    }

    /// Reads an attribute whose name has a length.
    fn attribute(&mut self, tag: &mut Tag<'t>, length: usize, spaced: bool) -> Resume {
        let key = tag.place(tag.at, tag.at + length);
        let name = self.slice(key);
        if !spaced {
            self.say(explain::no_space(self.file, tag.place(tag.at, tag.at)));
            tag.poisoned = true;
        }
        if !is_name(name) {
            if !self.has_illegal(key) {
                self.say(explain::no_name(self.file, key, name, "an attribute"));
            }
            tag.poisoned = true;
        }
        tag.at += length;
        let Some(behind) = tag.rest().trim_start_matches(SPACE).strip_prefix('=') else {
            if is_name(name) {
                self.say(explain::no_value(self.file, key, name));
            }
            tag.poisoned = true;
            return None;
        };
        let behind = behind.trim_start_matches(SPACE);
        tag.at = tag.raw.len() - behind.len();
        let Some(quote) = behind.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
            let length = behind.find(|c: char| c.is_ascii_whitespace() || c == '<').unwrap_or(behind.len());
            let value = behind.get(..length).unwrap_or("");
            self.say(explain::unquoted(self.file, tag.place(tag.at, tag.at + length), name, value));
            tag.poisoned = true;
            tag.at += length;
            return None;
        };
        self.value(tag, key, quote)
    }

    /// Reads the value of an attribute from its quote on.
    fn value(&mut self, tag: &mut Tag<'t>, key: Span, quote: char) -> Resume {
        let begin = tag.at + 1;
        let open = tag.place(tag.at, begin);
        let inside = tag.raw.get(begin..).unwrap_or("");
        let length = inside.find(quote);
        let value = inside.get(..length.unwrap_or(inside.len())).unwrap_or("");
        // A tag that was meant to end inside of what seems to be the value: its quote is what is missing.
        let itself = |end: usize| value.get(..end).is_some_and(|value| value.ends_with('/'));
        let mut spoilt = false;
        if let Some(angle) = value.find('<') {
            let before = value.get(..angle).unwrap_or("");
            let end = before.find('>');
            if end.is_some() || length.is_none() || before.contains('\n') {
                self.say(explain::no_quote(self.file, open, quote));
                return Some((begin + end.map_or(angle, |end| end + 1), end.is_some_and(itself)));
            }
            self.say(explain::angle(self.file, tag.place(begin + angle, begin + angle + 1)));
            spoilt = true;
        }
        let Some(length) = length else {
            self.say(explain::no_quote(self.file, open, quote));
            let end = value.find('>').map(|end| (begin + end + 1, itself(end)));
            // Otherwise with its token.
            return Some(end.unwrap_or((usize::MAX, false)));
        };
        let place = tag.place(begin, begin + length);
        spoilt |= self.has_illegal(place);
        for flaw in text::flaws(value, true) {
            spoilt = true;
            self.flaw(flaw, value, place.start);
        }
        tag.at = begin + length + 1;
        match self.twin(tag, key) {
            Some(earlier) => self.duplicate(key, earlier),
            None => {
                self.tree.attributes.push(Attribute { name: key, value: place, poisoned: spoilt });
                if let Some(index) = &mut tag.index {
                    index.insert(self.slice(key), key);
                }
            }
        }
        None
    }

    /// An earlier attribute of the same name in a tag.
    fn twin(&self, tag: &mut Tag<'t>, key: Span) -> Option<Span> {
        let known = self.tree.attributes.get(tag.first..).unwrap_or(&[]);
        let name = self.slice(key);
        if tag.index.is_none() && known.len() > SMALL {
            tag.index = Some(known.iter().map(|a| (self.slice(a.name), a.name)).collect());
        }
        match &tag.index {
            Some(index) => index.get(name).copied(),
            None => known.iter().map(|a| a.name).find(|other| self.slice(*other) == name),
        }
    }

    fn duplicate(&mut self, key: Span, earlier: Span) {
        let message = format!("the attribute {} is written twice in one tag", quoted(self.slice(key)));
        let problem = Diagnostic::new(Code::DuplicateKey, self.file, key, message)
            .label(self.file, earlier, "first written here")
            .help("rename one of them, or join their values");
        self.say(problem);
    }

    /// The name of an end tag and the place of the tag. `None` if it is none, which was reported.
    pub(super) fn end_tag(&mut self, span: Span) -> Option<(Span, Span)> {
        let raw = self.slice(span);
        let inner = raw.get(2..).unwrap_or("");
        let length = inner.find(ends_name).unwrap_or(inner.len());
        let name = Span::new(span.start + 2, span.start + 2 + length as u32);
        let rest = inner.get(length..).unwrap_or("").trim_start_matches(SPACE);
        if rest == ">" {
            if length == 0 {
                self.say(
                    explain::say(self.file, span, "an end tag without a name").help("write the name of its start tag"),
                );
            }
            return Some((name, span));
        }
        let at = raw.len() - rest.len();
        let place = Span::new(span.start + at as u32, span.start + at as u32);
        match rest.find('<') {
            // The next tag begins before this one ended, or the file ends.
            Some(next) => {
                self.say(explain::no_end(self.file, Span::new(name.end, name.end)));
                let end = span.start + (at + next) as u32;
                self.restart(end, span);
                Some((name, Span::new(span.start, end)))
            }
            None if rest.is_empty() => {
                self.say(explain::no_close(self.file, span.start));
                Some((name, span))
            }
            None => {
                let end = (span.end - u32::from(rest.ends_with('>'))).max(place.start);
                let problem = explain::say(self.file, Span::new(place.start, end), "an end tag has nothing but a name");
                self.say(problem.help("attributes stand in the start tag"));
                if length == 0 { None } else { Some((name, span)) }
            }
        }
    }
}

/// Whether a name as it is written ends before a character, be the name right or not.
fn ends_name(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '/' | '>' | '=' | '"' | '\'' | '<')
}
