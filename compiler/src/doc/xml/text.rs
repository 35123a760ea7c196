//! Characters between tags and in values: references, ends of lines, and what is wrong with them.
//!
//! Unaware of: whose text it is, and of the words of a message.

use super::chars::{is_char, is_space, name};
use crate::doc::Piece;
use std::borrow::Cow;

/// The entities there are.
pub(super) const ENTITIES: &[(&str, char)] = &[("lt", '<'), ("gt", '>'), ("amp", '&'), ("quot", '"'), ("apos", '\'')];

/// What is wrong with a reference. Offsets are those of the raw text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Flaw {
    pub kind: FlawKind,
    pub start: usize,
    pub end: usize,
}

/// The kinds of flaws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FlawKind {
    /// `&` and nothing that makes a reference.
    Ampersand,
    /// A reference without its `;`.
    Semicolon,
    /// An entity that is none of the five.
    Entity,
    /// A number that is no character.
    Number,
    /// `]]>`
    Brackets,
}

/// What a reference stands for, or what is wrong with it, and its length.
fn reference(raw: &str) -> (usize, Result<char, FlawKind>) {
    let rest = raw.get(1..).unwrap_or("");
    if let Some(digits) = rest.strip_prefix('#') {
        let (digits, radix) = digits.strip_prefix('x').map_or((digits, 10), |hex| (hex, 16));
        let length = digits.find(|c: char| !c.is_digit(radix)).unwrap_or(digits.len());
        let end = raw.len() - digits.len() + length;
        if !raw.get(end..).is_some_and(|rest| rest.starts_with(';')) {
            let kind = if length == 0 { FlawKind::Ampersand } else { FlawKind::Semicolon };
            return (end.max(1), Err(kind));
        }
        let value = digits.get(..length).unwrap_or("").trim_start_matches('0');
        // Longer ones would not fit, and cannot be a character.
        let value = if value.len() > 8 { None } else { u32::from_str_radix(value, radix).ok() };
        let found = value.and_then(char::from_u32).filter(|c| is_char(*c)).ok_or(FlawKind::Number);
        return (end + 1, found);
    }
    let length = name(rest);
    if length == 0 {
        return (1, Err(FlawKind::Ampersand));
    }
    if !rest.get(length..).is_some_and(|rest| rest.starts_with(';')) {
        return (1 + length, Err(FlawKind::Semicolon));
    }
    let entity = rest.get(..length).unwrap_or("");
    let known = ENTITIES.iter().find(|(name, _)| *name == entity);
    (2 + length, known.map(|(_, c)| *c).ok_or(FlawKind::Entity))
}

/// What is wrong with raw characters, in order. `]]>` may stand in values only.
pub(super) fn flaws(raw: &str, value: bool) -> impl Iterator<Item = Flaw> {
    let mut at = 0;
    std::iter::from_fn(move || {
        while let Some(rest) = raw.get(at..) {
            let found = at + rest.find(['&', ']'])?;
            let rest = raw.get(found..)?;
            if rest.starts_with(']') {
                at = found + 1;
                if !value && rest.starts_with("]]>") {
                    return Some(Flaw { kind: FlawKind::Brackets, start: found, end: found + 3 });
                }
                continue;
            }
            let (length, result) = reference(rest);
            at = found + length;
            if let Err(kind) = result {
                return Some(Flaw { kind, start: found, end: at });
            }
        }
        None
    })
}

/// The characters a raw text stands for, and where they are in the file.
#[derive(Debug, Default)]
pub(super) struct Decoded<'t> {
    pub text: Cow<'t, str>,
    /// Empty if the text is the raw text, byte for byte.
    pub pieces: Vec<Piece>,
}

struct Decoder {
    text: String,
    pieces: Vec<Piece>,
    /// Byte of the file at which the raw text begins.
    file: usize,
}

impl Decoder {
    fn push(&mut self, part: &str, at: usize) {
        if !part.is_empty() {
            self.pieces.push(Piece { text: self.text.len() as u32, file: (self.file + at) as u32 });
            self.text.push_str(part);
        }
    }

    /// Characters and references. The end of a line is one line feed, or in a value a space, however it is written.
    fn characters(&mut self, raw: &str, base: usize, value: bool) {
        let special = |c: char| matches!(c, '&' | '\r') || value && matches!(c, '\n' | '\t');
        let mut at = 0;
        while let Some(rest) = raw.get(at..).filter(|rest| !rest.is_empty()) {
            let plain = rest.find(special).unwrap_or(rest.len());
            self.push(rest.get(..plain).unwrap_or(""), base + at);
            at += plain;
            let Some(sign) = rest.as_bytes().get(plain) else { break };
            let rest = rest.get(plain..).unwrap_or("");
            let (length, decoded) = match sign {
                b'&' => match reference(rest) {
                    (length, Ok(c)) => (length, c),
                    // It was reported, and the value is not used.
                    (_, Err(_)) => (1, '&'),
                },
                b'\r' => (1 + usize::from(rest.starts_with("\r\n")), if value { ' ' } else { '\n' }),
                _ => (1, ' '),
            };
            self.push(decoded.encode_utf8(&mut [0; 4]), base + at);
            at += length;
        }
    }
}

/// Decodes the value of an attribute whose raw text begins at byte `file`.
pub(super) fn value(raw: &str, file: u32) -> Decoded<'_> {
    if !raw.contains(['&', '\t', '\n', '\r']) {
        return Decoded { text: Cow::Borrowed(raw), pieces: Vec::new() };
    }
    let mut decoder = Decoder { text: String::with_capacity(raw.len()), pieces: Vec::new(), file: file as usize };
    decoder.characters(raw, 0, true);
    Decoded { text: Cow::Owned(decoder.text), pieces: decoder.pieces }
}

/// Decodes what is between the tags of an element without children; it is well-formed, or its value is not used.
pub(super) fn content(raw: &str, file: u32) -> Decoded<'_> {
    if !raw.contains(['&', '<', '\r']) {
        return Decoded { text: Cow::Borrowed(raw), pieces: Vec::new() };
    }
    let mut decoder = Decoder { text: String::with_capacity(raw.len()), pieces: Vec::new(), file: file as usize };
    let mut at = 0;
    while let Some(rest) = raw.get(at..).filter(|rest| !rest.is_empty()) {
        let plain = rest.find('<').unwrap_or(rest.len());
        decoder.characters(rest.get(..plain).unwrap_or(""), at, false);
        at += plain;
        let markup = rest.get(plain..).unwrap_or("");
        let (open, close) = match markup {
            _ if markup.starts_with("<![CDATA[") => ("<![CDATA[", "]]>"),
            _ if markup.starts_with("<!--") => ("<!--", "-->"),
            _ if markup.starts_with("<?") => ("<?", "?>"),
            _ => break,
        };
        let inner = markup.get(open.len()..).unwrap_or("");
        let length = inner.find(close).unwrap_or(inner.len());
        if open == "<![CDATA[" {
            decoder.data(inner.get(..length).unwrap_or(""), at + open.len());
        }
        at = (at + open.len() + length + close.len()).min(raw.len());
    }
    Decoded { text: Cow::Owned(decoder.text), pieces: decoder.pieces }
}

impl Decoder {
    /// Characters in which `&` is none but itself.
    fn data(&mut self, raw: &str, base: usize) {
        let mut at = 0;
        while let Some(rest) = raw.get(at..).filter(|rest| !rest.is_empty()) {
            let plain = rest.find('\r').unwrap_or(rest.len());
            self.push(rest.get(..plain).unwrap_or(""), base + at);
            at += plain;
            if plain < rest.len() {
                self.push("\n", base + at);
                at += 1 + usize::from(rest.get(plain..).is_some_and(|r| r.starts_with("\r\n")));
            }
        }
    }
}

/// Without the white space around it.
pub(super) fn trim(raw: &str) -> &str {
    raw.trim_matches(|c: char| u8::try_from(c).is_ok_and(is_space))
}
