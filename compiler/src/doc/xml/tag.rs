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

/// What became of the attributes of a tag.
struct Attributes {
    /// Where to go on, if the tag ends elsewhere than the tokeniser thought, and whether the tag closes itself there.
    resume: Option<(usize, bool)>,
    poisoned: bool,
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
            self.restart(span.start + 1);
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
        let found = self.attributes(raw.get(..inner).unwrap_or(raw), name, span.start, closed);
        let (end, empty) = match found.resume {
            Some((at, empty)) => (at, empty),
            None => (raw.len(), itself),
        };
        let end = span.start + end as u32;
        if found.resume.is_some() {
            self.restart(end);
        }
        self.begin(place, span.start, end, first as u32, bad || found.poisoned, empty);
    }

    /// Reads the attributes of a tag from byte `at` of it on.
    fn attributes(&mut self, raw: &str, mut at: usize, base: u32, closed: bool) -> Attributes {
        let first = self.tree.attributes.len();
        let mut index: Option<HashMap<&'t str, Span>> = None;
        let mut poisoned = false;
        let place = |start: usize, end: usize| Span::new(base + start as u32, base + end as u32);
        loop {
            let rest = raw.get(at..).unwrap_or("");
            let blank = rest.bytes().take_while(|b| is_space(*b)).count();
            at += blank;
            let rest = raw.get(at..).unwrap_or("");
            if rest.is_empty() {
                if !closed {
                    self.say(explain::no_close(self.file, base));
                    poisoned = true;
                }
                return Attributes { resume: None, poisoned };
            }
            if self.builder.is_full(Code::Syntax) {
                return Attributes { resume: None, poisoned: true };
            }
            // The next tag begins before this one ended.
            if rest.starts_with('<') {
                let end = raw.get(..at).unwrap_or("").trim_end().len();
                self.say(explain::no_end(self.file, place(end, end)));
                let itself = raw.get(..end).is_some_and(|raw| raw.ends_with('/'));
                return Attributes { resume: Some((at, itself)), poisoned: true };
            }
            let length = rest.find(ends_name).unwrap_or(rest.len());
            let name = rest.get(..length).unwrap_or("");
            if length == 0 {
                let sign = rest.chars().next().unwrap_or(' ');
                // A slash before `<` is told as what it is, a tag without its end.
                let next = rest.trim_start_matches('/').trim_start();
                if !(sign == '/' && next.starts_with('<')) {
                    self.say(explain::stray(self.file, place(at, at + sign.len_utf8()), sign));
                }
                poisoned = true;
                at += sign.len_utf8();
                if matches!(sign, '"' | '\'') {
                    // The rest of a value: passed over with its quote.
                    let rest = raw.get(at..).unwrap_or("");
                    at += match rest.find(['<', sign]) {
                        Some(end) if rest.as_bytes().get(end) == Some(&b'<') => end,
                        Some(end) => end + 1,
                        None => rest.len(),
                    };
                }
                continue;
            }
            let key = place(at, at + length);
            if blank == 0 {
                let end = place(at, at);
                self.say(explain::no_space(self.file, end));
                poisoned = true;
            }
            if !is_name(name) {
                if !self.has_illegal(key) {
                    self.say(explain::no_name(self.file, key, name, "an attribute"));
                }
                poisoned = true;
            }
            at += length;
            let after = raw.get(at..).unwrap_or("");
            let equals = after.trim_start_matches([' ', '\t', '\n', '\r']);
            let Some(behind) = equals.strip_prefix('=') else {
                if is_name(name) {
                    self.say(explain::no_value(self.file, key, name));
                }
                poisoned = true;
                continue;
            };
            let behind = behind.trim_start_matches([' ', '\t', '\n', '\r']);
            at = raw.len() - behind.len();
            let Some(quote) = behind.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
                let length = behind.find(|c: char| c.is_ascii_whitespace() || c == '<').unwrap_or(behind.len());
                let value = behind.get(..length).unwrap_or("");
                self.say(explain::unquoted(self.file, place(at, at + length), name, value));
                poisoned = true;
                at += length;
                continue;
            };
            let inside = behind.get(1..).unwrap_or("");
            let length = inside.find(quote);
            let value = inside.get(..length.unwrap_or(inside.len())).unwrap_or("");
            let begin = at + 1;
            let mut spoilt = false;
            if let Some(angle) = value.find('<') {
                let before = value.get(..angle).unwrap_or("");
                let end = before.find('>');
                if end.is_some() || length.is_none() || before.contains('\n') {
                    // The tag was meant to end before; its quote is what is missing.
                    self.say(explain::no_quote(self.file, place(at, at + 1), quote));
                    let itself = end.is_some_and(|end| before.get(..end).is_some_and(|b| b.ends_with('/')));
                    let resume = begin + end.map_or(angle, |end| end + 1);
                    return Attributes { resume: Some((resume, itself)), poisoned: true };
                }
                let angle = begin + angle;
                self.say(explain::angle(self.file, place(angle, angle + 1)));
                spoilt = true;
            }
            let Some(length) = length else {
                self.say(explain::no_quote(self.file, place(at, at + 1), quote));
                let end =
                    value.find('>').map(|end| (begin + end + 1, value.get(..end).is_some_and(|v| v.ends_with('/'))));
                return Attributes { resume: end, poisoned: true };
            };
            let value_place = place(begin, begin + length);
            spoilt |= self.has_illegal(value_place);
            for flaw in text::flaws(value, true) {
                spoilt = true;
                self.flaw(flaw, value, base + begin as u32);
            }
            at = begin + length + 1;
            let earlier = self.twin(first, &mut index, key);
            match earlier {
                Some(earlier) => self.duplicate(key, earlier),
                None => {
                    self.tree.attributes.push(Attribute { name: key, value: value_place, poisoned: spoilt });
                    if let Some(index) = &mut index {
                        index.insert(self.slice(key), key);
                    }
                }
            }
        }
    }

    /// The attribute of the same name in the tag whose attributes begin at `first`.
    fn twin(&self, first: usize, index: &mut Option<HashMap<&'t str, Span>>, key: Span) -> Option<Span> {
        let known = self.tree.attributes.get(first..).unwrap_or(&[]);
        let name = self.slice(key);
        if index.is_none() && known.len() > SMALL {
            *index = Some(known.iter().map(|a| (self.slice(a.name), a.name)).collect());
        }
        match index {
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
        let rest = inner.get(length..).unwrap_or("").trim_start_matches([' ', '\t', '\n', '\r']);
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
                self.restart(end);
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
