//! One line of a listing: words, texts, numbers and references, from left to right.

use super::{AsmError, values};
use crate::Value;

/// What is left of a line. Blanks between words mean nothing; `;` ends it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'t> {
    /// The line's number, from 1.
    pub(super) number: u32,
    rest: &'t str,
}

impl<'t> Line<'t> {
    pub(super) fn new(number: u32, text: &'t str) -> Line<'t> {
        Line { number, rest: text }
    }

    /// The error of this line.
    pub(super) fn error(&self, message: impl Into<String>) -> AsmError {
        AsmError { line: self.number, message: message.into() }
    }

    /// The error that says what should stand here.
    pub(super) fn expected(&self, what: &str) -> AsmError {
        let mut ahead = *self;
        match ahead.word() {
            Some(found) => self.error(format!("expected {what}, found `{}`", found.escape_debug())),
            None if self.rest.trim_start().starts_with('\'') => self.error(format!("expected {what}, found a text")),
            None => self.error(format!("expected {what}")),
        }
    }

    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start();
    }

    /// Whether nothing but a comment is left.
    pub(super) fn is_over(&self) -> bool {
        let rest = self.rest.trim_start();
        rest.is_empty() || rest.starts_with(';')
    }

    /// Nothing may follow.
    pub(super) fn end(&self) -> Result<(), AsmError> {
        if self.is_over() { Ok(()) } else { Err(self.expected("the end of the line")) }
    }

    /// The next word: up to a blank, a quote or a comment.
    pub(super) fn word(&mut self) -> Option<&'t str> {
        self.skip_blanks();
        let end = self.rest.find(|c: char| c.is_whitespace() || matches!(c, ';' | '\'')).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        if word.is_empty() {
            return None;
        }
        self.rest = rest;
        Some(word)
    }

    /// The next word without taking it.
    pub(super) fn peek(&self) -> Option<&'t str> {
        let mut ahead = *self;
        ahead.word()
    }

    /// Takes the next word if it is this one.
    pub(super) fn takes(&mut self, word: &str) -> bool {
        let found = self.peek() == Some(word);
        if found {
            self.word();
        }
        found
    }

    /// A word that `read` understands.
    pub(super) fn read_as<T>(&mut self, what: &str, read: impl FnOnce(&'t str) -> Option<T>) -> Result<T, AsmError> {
        let before = *self;
        self.word().and_then(read).ok_or_else(|| before.expected(what))
    }

    /// A number that fits.
    pub(super) fn number<T: TryFrom<u64>>(&mut self) -> Result<T, AsmError> {
        self.read_as("a number", number)
    }

    /// A row by its number, such as `K12`.
    pub(super) fn reference(&mut self, prefix: char) -> Result<u32, AsmError> {
        self.read_as(&format!("a number with `{prefix}` before it"), |word| reference(word, prefix))
    }

    /// The name of a row, which must be the next of its table.
    pub(super) fn own_number(&mut self, prefix: char, next: usize) -> Result<(), AsmError> {
        let before = *self;
        match self.word().and_then(|word| reference(word, prefix)) {
            Some(number) if number as usize == next => Ok(()),
            _ => Err(before.expected(&format!("`{prefix}{next}`"))),
        }
    }

    /// First row and count: `3+2`, with a prefix `B3+2`.
    pub(super) fn span<T: TryFrom<u64>>(&mut self, prefix: &str) -> Result<(u32, T), AsmError> {
        self.read_as(&format!("first and count, such as `{prefix}3+2`"), |word| {
            let (first, count) = word.strip_prefix(prefix)?.split_once('+')?;
            Some((number(first)?, number(count)?))
        })
    }

    /// A text in quotes, if one is next.
    pub(super) fn text(&mut self) -> Result<Option<String>, AsmError> {
        self.skip_blanks();
        if !self.rest.starts_with('\'') {
            return Ok(None);
        }
        let (text, length) = values::text(self.rest).map_err(|message| self.error(message))?;
        self.rest = self.rest.get(length..).unwrap_or("");
        Ok(Some(text))
    }

    /// A value, as constants are written.
    pub(super) fn value(&mut self) -> Result<Value, AsmError> {
        self.skip_blanks();
        let (value, length) = values::value(self.rest).map_err(|message| self.error(message))?;
        self.rest = self.rest.get(length..).unwrap_or("");
        Ok(value)
    }

    /// All that is left, without its comment.
    pub(super) fn remainder(&mut self) -> &'t str {
        let rest = self.rest.split(';').next().unwrap_or("").trim();
        self.rest = "";
        rest
    }

    /// Bytes in hexadecimal digits, blanks between them or not, up to the end.
    pub(super) fn bytes(&mut self) -> Result<Vec<u8>, AsmError> {
        let before = *self;
        let digits: Option<Vec<u8>> =
            self.remainder().chars().filter(|c| !c.is_whitespace()).map(|c| Some(c.to_digit(16)? as u8)).collect();
        match digits {
            Some(digits) if digits.len() % 2 == 0 => Ok(digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()),
            _ => Err(before.expected("pairs of hexadecimal digits")),
        }
    }
}

/// A decimal number without sign.
pub(super) fn number<T: TryFrom<u64>>(text: &str) -> Option<T> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if digits { T::try_from(text.parse::<u64>().ok()?).ok() } else { None }
}

/// The number behind a prefix.
pub(super) fn reference(word: &str, prefix: char) -> Option<u32> {
    number(word.strip_prefix(prefix)?)
}

/// Bytes as hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().flat_map(|b| [b >> 4, b & 15]).filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}
