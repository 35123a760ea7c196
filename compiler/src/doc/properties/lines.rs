//! Physical lines become logical ones, cut into key and value: the rules of `java.util.Properties.load`.
//!
//! A logical line that stands on one physical line is borrowed. One with continuations is joined, and remembers where
//! in the file its bytes are.
//!
//! Unaware of: escapes (they are skipped, not decoded) and of what is inside a key.

use crate::doc::{Piece, Span};
use smallvec::{SmallVec, smallvec};
use std::borrow::Cow;
use std::ops::Range;

/// One line with a key and a value, neither of them decoded.
#[derive(Debug)]
pub(super) struct Line<'t> {
    text: Cow<'t, str>,
    /// Where the bytes of `text` are in the file.
    pieces: SmallVec<[Piece; 1]>,
    /// The key, in `text`.
    pub key: Range<usize>,
    /// The value, in `text`.
    pub value: Range<usize>,
}

impl<'t> Line<'t> {
    /// A part of the line.
    pub fn get(&self, range: Range<usize>) -> &str {
        self.text.get(range).unwrap_or("")
    }

    /// A part of the line, borrowed from the file where it can be.
    pub fn share(&self, range: Range<usize>) -> Cow<'t, str> {
        match &self.text {
            Cow::Borrowed(text) => Cow::Borrowed(text.get(range).unwrap_or("")),
            Cow::Owned(text) => Cow::Owned(text.get(range).unwrap_or("").to_owned()),
        }
    }

    /// The place of a part in the file, from its first to its last byte.
    pub fn place(&self, range: Range<usize>) -> Span {
        let inner = Span::new(range.start as u32, range.end as u32);
        Piece::place(&self.pieces, inner).unwrap_or(Span::new(0, 0))
    }

    /// Where the bytes of a part are, piece by piece, as bytes of a text that has the part at offset `at`.
    pub fn pieces(&self, range: Range<usize>, at: usize, into: &mut Vec<Piece>) {
        let first = self.pieces.partition_point(|p| p.text as usize <= range.start).saturating_sub(1);
        for piece in self.pieces.get(first..).unwrap_or(&[]) {
            if piece.text as usize >= range.end {
                break;
            }
            let skipped = range.start.saturating_sub(piece.text as usize);
            let text = at + (piece.text as usize + skipped - range.start);
            into.push(Piece { text: text as u32, file: piece.file + skipped as u32 });
        }
    }
}

/// The lines of a file that are neither empty nor comments.
pub(super) struct Lines<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Lines<'t> {
    /// The lines from byte `at` on.
    pub fn new(text: &'t str, at: usize) -> Lines<'t> {
        Lines { text, at }
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    fn skip(&mut self, wanted: impl Fn(u8) -> bool) {
        while self.byte(self.at).is_some_and(&wanted) {
            self.at += 1;
        }
    }

    /// The rest of a physical line, and whether it goes on in the next; the reader then stands behind its end.
    fn fragment(&mut self) -> (Range<usize>, bool) {
        let start = self.at;
        let mut escaped = false;
        while let Some(byte) = self.byte(self.at).filter(|b| !is_end(*b)) {
            escaped = byte == b'\\' && !escaped;
            self.at += 1;
        }
        // A backslash before the end is no part of the line, even when nothing follows.
        let end = if escaped { self.at - 1 } else { self.at };
        let last = self.byte(self.at);
        if last.is_some() {
            self.at += 1;
        }
        if last == Some(b'\r') && self.byte(self.at) == Some(b'\n') {
            self.at += 1;
        }
        (start..end, escaped && last.is_some())
    }
}

impl<'t> Iterator for Lines<'t> {
    type Item = Line<'t>;

    fn next(&mut self) -> Option<Line<'t>> {
        let mut parts: SmallVec<[Range<usize>; 1]> = SmallVec::new();
        loop {
            if parts.is_empty() {
                self.skip(|b| is_space(b) || is_end(b));
                // Also behind a line that is a backslash and nothing more: nothing of the line is there yet.
                if matches!(self.byte(self.at), Some(b'#' | b'!')) {
                    self.skip(|b| !is_end(b));
                    continue;
                }
                self.byte(self.at)?;
            } else {
                self.skip(is_space);
            }
            let (part, goes_on) = self.fragment();
            if !part.is_empty() {
                parts.push(part);
            }
            if !goes_on && !parts.is_empty() {
                return Some(line(self.text, &parts));
            }
        }
    }
}

fn line<'t>(file: &'t str, parts: &[Range<usize>]) -> Line<'t> {
    let part = |range: &Range<usize>| file.get(range.clone()).unwrap_or("");
    let (text, pieces) = match parts {
        [one] => (Cow::Borrowed(part(one)), smallvec![Piece { text: 0, file: one.start as u32 }]),
        _ => {
            let mut text = String::new();
            let mut pieces = SmallVec::new();
            for range in parts {
                pieces.push(Piece { text: text.len() as u32, file: range.start as u32 });
                text.push_str(part(range));
            }
            (Cow::Owned(text), pieces)
        }
    };
    let (key, value) = cut(text.as_bytes());
    Line { text, pieces, key, value }
}

/// Where key and value of a logical line are.
pub(crate) fn cut(bytes: &[u8]) -> (Range<usize>, Range<usize>) {
    let mut escaped = false;
    let ends = |byte: &u8| {
        let ends = !escaped && (matches!(byte, b'=' | b':') || is_space(*byte));
        escaped = *byte == b'\\' && !escaped;
        ends
    };
    let key = bytes.iter().position(ends).unwrap_or(bytes.len());
    // White space, and in it at most one sign.
    let mut value = key;
    let mut signed = false;
    while let Some(&byte) = bytes.get(value) {
        let sign = matches!(byte, b'=' | b':');
        if !is_space(byte) && (!sign || signed) {
            break;
        }
        signed |= sign;
        value += 1;
    }
    (0..key, value..bytes.len())
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | 0x0C)
}

fn is_end(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}
