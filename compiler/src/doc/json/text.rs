//! Texts with escapes: from their spelling to what they say, or to what is wrong with them.
//!
//! Unaware of: where the text stands in the document.

use crate::doc::Piece;

/// What is wrong with a text. Offsets are those of its spelling without quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Flaw {
    pub kind: FlawKind,
    pub start: usize,
    pub end: usize,
}

/// The kinds of flaws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FlawKind {
    /// A control character, written as itself.
    Control(char),
    /// A backslash and something that makes no escape.
    Escape,
    /// `\u` without four hexadecimal digits.
    Hex,
    /// Half of a surrogate pair.
    Lone,
}

/// Decodes a spelling without its quotes, which begins at byte `file` of the file. The pieces say where the parts of
/// the text are found; an escape is found at its backslash.
pub(super) fn decode(raw: &str, file: u32) -> Result<(String, Vec<Piece>), Flaw> {
    let mut text = String::with_capacity(raw.len());
    let mut pieces = Vec::new();
    let mut at = 0;
    while let Some(rest) = raw.get(at..).filter(|rest| !rest.is_empty()) {
        pieces.push(Piece { text: text.len() as u32, file: file + at as u32 });
        let plain = rest.bytes().position(|b| b == b'\\' || b < 0x20).unwrap_or(rest.len());
        if plain > 0 {
            text.push_str(rest.get(..plain).unwrap_or(""));
            at += plain;
            continue;
        }
        let (length, value) = escape(rest);
        match value {
            Ok(c) => text.push(c),
            Err(kind) => return Err(Flaw { kind, start: at, end: at + length }),
        }
        at += length;
    }
    Ok((text, pieces))
}

/// The escape or control character at the start of a text: its length, and what it stands for.
fn escape(rest: &str) -> (usize, Result<char, FlawKind>) {
    let mut chars = rest.chars();
    let first = chars.next().unwrap_or('\\');
    if first != '\\' {
        return (first.len_utf8(), Err(FlawKind::Control(first)));
    }
    let Some(letter) = chars.next() else { return (1, Err(FlawKind::Escape)) };
    let c = match letter {
        '"' | '\\' | '/' => letter,
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'u' => return unicode(rest),
        other => return (1 + other.len_utf8(), Err(FlawKind::Escape)),
    };
    (2, Ok(c))
}

/// `\u` and what follows, if it is the first half of a pair, with the second.
fn unicode(rest: &str) -> (usize, Result<char, FlawKind>) {
    let Some(first) = unit(rest) else {
        let digits = rest.bytes().skip(2).take(4).take_while(u8::is_ascii_hexdigit).count();
        return (2 + digits, Err(FlawKind::Hex));
    };
    if let Some(c) = char::from_u32(first) {
        return (6, Ok(c));
    }
    match rest.get(6..).and_then(unit) {
        Some(second @ 0xDC00..=0xDFFF) if first < 0xDC00 => {
            let pair = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
            (12, char::from_u32(pair).ok_or(FlawKind::Lone))
        }
        _ => (6, Err(FlawKind::Lone)),
    }
}

/// The number of a `\uXXXX` at the start of a text.
fn unit(rest: &str) -> Option<u32> {
    let digits = rest.strip_prefix("\\u")?.get(..4)?;
    // `from_str_radix` would take a sign.
    digits.bytes().all(|b| b.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, 16).ok()).flatten()
}
