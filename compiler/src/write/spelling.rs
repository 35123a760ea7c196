//! Which spelling of a scalar a format takes, so that it reads back as the same.
//!
//! A format may lack the spelling that a source has: JSON has no bare `0x1F`, properties have no quotes. Then another
//! one is taken that the place of the scalar reads as the same value. Where nothing is known about the place, text and
//! untyped value both stay, or it is noted that they could not.
//!
//! Unaware of: how documents are laid out.

use super::Say;
use crate::doc::{Doc, Format, NodeId, Style};
use crate::lower::{Readings, Spelling, is_special, untyped};
use ipcmm_bytecode::Value;
use ipcmm_grammar::units::is_null;
use std::borrow::Cow;
use std::cell::RefCell;

/// Decides how scalars are spelt in a format.
pub struct Speller<'a> {
    doc: &'a Doc,
    readings: &'a Readings,
    to: Format,
    /// Scalars that got another text, with no place that says this is the same.
    changed: RefCell<Vec<(NodeId, String)>>,
}

impl<'a> Speller<'a> {
    /// For a document and a format.
    pub fn new(doc: &'a Doc, readings: &'a Readings, to: Format) -> Speller<'a> {
        Speller { doc, readings, to, changed: RefCell::default() }
    }

    /// Scalars whose text the format could not carry, with what was written instead.
    pub fn into_changed(self) -> Vec<(NodeId, String)> {
        self.changed.into_inner()
    }

    fn same(&self, id: NodeId, other: Spelling<'_>) -> bool {
        self.readings.same(self.doc, id, other)
    }

    /// Null where a value stands.
    pub(super) fn null(&self, id: NodeId) -> Say<'a> {
        match self.to {
            Format::Properties if self.same(id, Spelling::Scalar("", Style::Text)) => Say::Plain(Cow::Borrowed("")),
            Format::Properties | Format::Yaml | Format::Json | Format::Xml => Say::Null,
        }
    }

    /// A scalar where a value stands.
    pub(super) fn scalar(&self, id: NodeId, text: &'a str, style: Style) -> Say<'a> {
        let quoted = style == Style::Quoted;
        let word = style.word(text);
        if word != text && matches!(self.to, Format::Yaml | Format::Json) {
            // Only a format without quotes takes white space for layout.
            let is_text = self.same(id, Spelling::Scalar(text, Style::Quoted));
            let is_word = is_special(text) || self.same(id, Spelling::Scalar(word, Style::Text));
            return if !is_text && is_word { self.scalar(id, word, style) } else { Say::Text(text) };
        }
        match self.to {
            Format::Yaml if text.is_empty() || quoted => self.empty_or_text(id, text),
            Format::Yaml if is_special(text) || (style == Style::Bare && super::yaml::is_plain(text, false)) => {
                Say::Plain(Cow::Borrowed(text))
            }
            Format::Yaml => Say::Text(text),
            Format::Json if quoted || !is_special(text) => Say::Text(text),
            Format::Json if text.is_empty() => self.empty_or_text(id, text),
            Format::Json if is_json_word(text) => Say::Plain(Cow::Borrowed(text)),
            Format::Json => self.json(id, text),
            Format::Xml if text.is_empty() => self.empty_or_text(id, text),
            Format::Properties | Format::Xml if !quoted && is_null(text) && self.same(id, Spelling::Null) => {
                match self.null(id) {
                    Say::Null if self.to == Format::Properties => Say::Plain(Cow::Borrowed(text)),
                    null => null,
                }
            }
            Format::Properties | Format::Xml => {
                // White space around a text is no part of a word.
                let clear = !is_special(text) && Style::Text.word(text) == text;
                let plain = !quoted || clear || self.same(id, Spelling::Scalar(text, Style::Text));
                if plain { Say::Plain(Cow::Borrowed(text)) } else { Say::Text(text) }
            }
        }
    }

    /// The empty text of a format that has only text is read as null where no text can stand.
    fn empty_or_text(&self, id: NodeId, text: &'a str) -> Say<'a> {
        let null = text.is_empty()
            && !self.same(id, Spelling::Scalar(text, Style::Quoted))
            && (self.same(id, Spelling::Null) || !self.readings.knows(self.doc, id));
        if null { Say::Null } else { Say::Text(text) }
    }

    /// A scalar without quotes that JSON has no such spelling for.
    fn json(&self, id: NodeId, text: &'a str) -> Say<'a> {
        if self.same(id, Spelling::Scalar(text, Style::Quoted)) {
            return Say::Text(text);
        }
        let word = match untyped(text, Style::Bare) {
            Value::Int(value) => value.to_string(),
            Value::Float(value) => format!("{value:?}"),
            Value::Bool(value) => value.to_string(),
            Value::Null => "null".to_owned(),
            _ => return Say::Text(text),
        };
        if self.same(id, Spelling::Scalar(&word, Style::Bare)) {
            return Say::Plain(Cow::Owned(word));
        }
        if self.readings.knows(self.doc, id) {
            return Say::Text(text);
        }
        if word != "null" {
            self.changed.borrow_mut().push((id, word.clone()));
        }
        Say::Plain(Cow::Owned(word))
    }
}

/// Whether a text is a number or literal of JSON as it stands.
pub fn is_json_word(text: &str) -> bool {
    if matches!(text, "true" | "false" | "null") {
        return true;
    }
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let mut rest = text.strip_prefix('-').unwrap_or(text);
    let whole = digits(rest);
    if whole == 0 || (whole > 1 && rest.starts_with('0')) {
        return false;
    }
    rest = rest.get(whole..).unwrap_or("");
    if let Some(fraction) = rest.strip_prefix('.') {
        let length = digits(fraction);
        if length == 0 {
            return false;
        }
        rest = fraction.get(length..).unwrap_or("");
    }
    if let Some(exponent) = rest.strip_prefix(['e', 'E']) {
        let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        let length = digits(exponent);
        if length == 0 {
            return false;
        }
        rest = exponent.get(length..).unwrap_or("");
    }
    rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::is_json_word;

    #[test]
    fn words_of_json_are_told() {
        for word in ["0", "-0", "10", "1.5", "-1e5", "1E+10", "0.10", "true", "false", "null", "1.5e-3"] {
            assert!(is_json_word(word), "{word}");
        }
        for word in ["", "-", "01", "+1", ".5", "1.", "1e", "1e+", "0x1F", "True", "~", "1 ", "1.5.2", "nul"] {
            assert!(!is_json_word(word), "{word}");
        }
    }
}
