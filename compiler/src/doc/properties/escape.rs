//! Escapes of keys and values: `\t \n \r \f \\`, `\uXXXX` with pairs of surrogates, and `\x` for `x` itself.
//!
//! Unaware of: what the text is for.

use super::Fault;
use super::lines::Line;
use crate::doc::{Piece, Span};
use std::borrow::Cow;
use std::ops::Range;

/// The decoded text of a part of a line.
#[derive(Debug)]
pub(super) struct Decoded<'t> {
    pub text: Cow<'t, str>,
    pub span: Span,
    /// Where the text is found in the file; empty if it is the text of the span, byte for byte.
    pub pieces: Vec<Piece>,
}

/// Decodes a part of a line.
pub(super) fn decode<'t>(line: &Line<'t>, range: Range<usize>) -> Result<Decoded<'t>, Fault> {
    let span = line.place(range.clone());
    let raw = line.get(range.clone());
    if !raw.contains('\\') {
        let text = line.share(range.clone());
        let mut pieces = Vec::new();
        if (span.end - span.start) as usize != text.len() {
            line.pieces(range, 0, &mut pieces);
        }
        return Ok(Decoded { text, span, pieces });
    }
    let mut text = String::with_capacity(raw.len());
    let mut pieces = Vec::new();
    let mut at = 0;
    while let Some(rest) = raw.get(at..).filter(|rest| !rest.is_empty()) {
        let plain = rest.find('\\').unwrap_or(rest.len());
        line.pieces(range.start + at..range.start + at + plain, text.len(), &mut pieces);
        text.push_str(rest.get(..plain).unwrap_or(""));
        at += plain;
        let Some(escape) = rest.get(plain..).filter(|escape| !escape.is_empty()) else { break };
        let (decoded, length) = one(escape).map_err(|(length, message, help)| Fault {
            span: line.place(range.start + at..range.start + at + length),
            message: message.to_owned(),
            help: help.to_owned(),
            ..Fault::default()
        })?;
        if let Some(decoded) = decoded {
            let file = line.place(range.start + at..range.start + at + length).start;
            pieces.push(Piece { text: text.len() as u32, file });
            text.push(decoded);
        }
        at += length;
    }
    Ok(Decoded { text: Cow::Owned(text), span, pieces })
}

type Bad = (usize, &'static str, &'static str);

/// The escape at the start of `text`: what it stands for and its length.
fn one(text: &str) -> Result<(Option<char>, usize), Bad> {
    // A backslash at the very end stands for nothing.
    let Some(letter) = text.chars().nth(1) else { return Ok((None, text.len())) };
    let decoded = match letter {
        't' => '\t',
        'n' => '\n',
        'r' => '\r',
        'f' => '\u{C}',
        'u' => return unicode(text),
        other => other,
    };
    Ok((Some(decoded), 1 + letter.len_utf8()))
}

fn unicode(text: &str) -> Result<(Option<char>, usize), Bad> {
    const LENGTH: usize = 6;
    let Some(first) = unit(text) else {
        let digits = text.bytes().skip(2).take(4).take_while(u8::is_ascii_hexdigit).count();
        return Err((
            2 + digits,
            "`\\u` needs four hexadecimal digits",
            "write a character as `\\u00e9`, or a backslash as `\\\\`",
        ));
    };
    if let Some(decoded) = char::from_u32(first) {
        return Ok((Some(decoded), LENGTH));
    }
    // Half of a pair: a character beyond 16 bits is written as two.
    let second = text.get(LENGTH..).filter(|rest| rest.starts_with("\\u")).and_then(unit);
    match (first, second) {
        (0xD800..0xDC00, Some(low @ 0xDC00..0xE000)) => {
            let decoded = 0x10000 + ((first - 0xD800) << 10) + (low - 0xDC00);
            Ok((char::from_u32(decoded), 2 * LENGTH))
        }
        _ => Err((
            LENGTH,
            "this escape is half of a character",
            "a character beyond `\\uffff` is a pair such as `\\ud83d\\ude00`; it can also be written as it is, in UTF-8",
        )),
    }
}

/// The number in `\uXXXX`.
fn unit(text: &str) -> Option<u32> {
    let digits = text.get(2..6)?;
    digits.bytes().all(|b| b.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, 16).ok())?
}
