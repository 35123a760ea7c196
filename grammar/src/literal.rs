//! Numbers and strings as they stand in an expression.
//!
//! Decodes one literal that the lexer has found; unaware of its place in the text.

use crate::lexer::Token;
use crate::problem::ProblemKind;
use crate::units::{self, Flaw};

/// Why a number could not be read.
pub struct BadNumber {
    /// The kind of problem.
    pub kind: ProblemKind,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub help: Option<&'static str>,
}

impl BadNumber {
    fn new(kind: ProblemKind, message: String, help: Option<&'static str>) -> BadNumber {
        BadNumber { kind, message, help }
    }
}

/// The token of a text that begins with a digit and goes on with digits, letters, `_` and `.`.
pub fn number(text: &str) -> Result<Token, BadNumber> {
    let shown = shortened(text);
    let malformed = |help| BadNumber::new(ProblemKind::BadNumber, format!("`{shown}` is no number"), help);
    let too_great = || BadNumber::new(ProblemKind::BadNumber, format!("`{shown}` is too great"), None);
    if !underscores_between_digits(text) {
        return Err(malformed(Some("`_` may stand between two digits only")));
    }
    let plain = text.replace('_', "");
    if plain.bytes().all(|b| b.is_ascii_digit()) {
        if plain.len() > 1 && plain.starts_with('0') {
            return Err(malformed(Some("a number does not begin with 0; write a mode as text: '0644'")));
        }
        return match plain.parse::<u64>() {
            Ok(magnitude) => signed(magnitude, Token::Int, Token::MinInt).ok_or_else(too_great),
            Err(_) => Err(too_great()),
        };
    }
    if let Some(float) = float(&plain) {
        return if float.is_finite() { Ok(Token::Float(float)) } else { Err(too_great()) };
    }
    if ["0x", "0X", "0o", "0O", "0b", "0B"].iter().any(|prefix| plain.starts_with(prefix)) && plain != "0B" {
        return Err(malformed(Some("numbers are written in decimal")));
    }
    let (duration, size) = (units::duration_with_units(&plain), units::size_with_unit(&plain));
    match (duration, size) {
        (Ok(magnitude), _) => signed(magnitude, Token::Duration, Token::MinDuration).ok_or_else(too_great),
        (_, Ok(size)) => Ok(Token::Size(size)),
        (Err(Flaw::Overflow), _) | (_, Err(Flaw::Overflow)) => Err(too_great()),
        (Err(Flaw::Unit), Err(Flaw::Unit)) => Err(BadNumber::new(
            ProblemKind::BadUnit,
            format!("`{shown}` has no known unit"),
            Some("units are d h m s ms us ns for durations and B kB MB GB TB KiB MiB GiB TiB for sizes"),
        )),
        _ => Err(malformed(Some("a duration names each unit once, the larger first: 1h30m; a size has one unit"))),
    }
}

/// At most a line of `text`.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn underscores_between_digits(text: &str) -> bool {
    let digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
    let bytes = text.as_bytes();
    bytes.iter().enumerate().all(|(i, b)| *b != b'_' || (i > 0 && digit(bytes.get(i - 1)) && digit(bytes.get(i + 1))))
}

/// `magnitude` as a signed number; 2⁶³ has a token of its own.
fn signed(magnitude: u64, token: fn(i64) -> Token, least: Token) -> Option<Token> {
    match i64::try_from(magnitude) {
        Ok(value) => Some(token(value)),
        Err(_) if magnitude == i64::MIN.unsigned_abs() => Some(least),
        Err(_) => None,
    }
}

/// `1.5`, `1e9`, `1.5e-3`
fn float(text: &str) -> Option<f64> {
    let allowed = |b: u8| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'+' | b'-');
    if text.bytes().all(allowed) { text.parse().ok() } else { None }
}

/// A string that was read.
pub struct QuotedString {
    /// The text with its escapes decoded.
    pub text: String,
    /// Bytes behind the opening quote that belong to it, the closing quote included.
    pub length: usize,
    /// Whether the closing quote is there.
    pub closed: bool,
    /// First byte and byte behind the last of every escape that means nothing.
    pub bad_escapes: Vec<(usize, usize)>,
}

/// Reads the string that `rest` begins with, behind its opening quote.
pub fn string(rest: &str, quote: char) -> QuotedString {
    let mut read = QuotedString { text: String::new(), length: rest.len(), closed: false, bad_escapes: Vec::new() };
    let mut at = 0;
    while let Some(c) = rest[at..].chars().next() {
        if c == quote {
            read.closed = true;
            read.length = at + 1;
            break;
        }
        if c != '\\' {
            read.text.push(c);
            at += c.len_utf8();
            continue;
        }
        let (decoded, length) = escape(&rest[at + 1..]);
        match decoded {
            Some(c) => read.text.push(c),
            None => read.bad_escapes.push((at, at + 1 + length)),
        }
        at += 1 + length;
    }
    read
}

/// What the characters behind a `\` stand for, and how many bytes they are.
fn escape(after: &str) -> (Option<char>, usize) {
    let Some(c) = after.chars().next() else { return (None, 0) };
    let decoded = match c {
        '\'' | '"' | '\\' => Some(c),
        'n' => Some('\n'),
        't' => Some('\t'),
        'r' => Some('\r'),
        'u' => return code_point(after),
        _ => None,
    };
    (decoded, c.len_utf8())
}

/// `u{1f600}`
fn code_point(after: &str) -> (Option<char>, usize) {
    let Some(body) = after.strip_prefix("u{") else { return (None, 1) };
    let digits = body.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(body.len());
    if !body[digits..].starts_with('}') {
        return (None, 2 + digits);
    }
    let decoded = match digits {
        1..=6 => u32::from_str_radix(&body[..digits], 16).ok().and_then(char::from_u32),
        _ => None,
    };
    (decoded, 3 + digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        let table: &[(&str, Result<Token, ProblemKind>)] = &[
            ("0", Ok(Token::Int(0))),
            ("1_000_000", Ok(Token::Int(1_000_000))),
            ("9223372036854775807", Ok(Token::Int(i64::MAX))),
            ("9223372036854775808", Ok(Token::MinInt)),
            ("9223372036854775809", Err(ProblemKind::BadNumber)),
            ("99999999999999999999", Err(ProblemKind::BadNumber)),
            ("1_", Err(ProblemKind::BadNumber)),
            ("1__0", Err(ProblemKind::BadNumber)),
            ("0644", Err(ProblemKind::BadNumber)),
            ("0x1F", Err(ProblemKind::BadNumber)),
            ("1.5", Ok(Token::Float(1.5))),
            ("1e9", Ok(Token::Float(1e9))),
            ("1.5e-3", Ok(Token::Float(0.0015))),
            ("1e999", Err(ProblemKind::BadNumber)),
            ("1.5.2", Err(ProblemKind::BadNumber)),
            ("1h2m3s4ms", Ok(Token::Duration(3_723_004_000_000))),
            ("1.5h", Ok(Token::Duration(5_400_000_000_000))),
            ("1_000ms", Ok(Token::Duration(1_000_000_000))),
            ("106751d23h47m16s854ms775us808ns", Ok(Token::MinDuration)),
            ("106751d23h47m16s854ms775us809ns", Err(ProblemKind::BadNumber)),
            ("1m30", Err(ProblemKind::BadNumber)),
            ("30s1m", Err(ProblemKind::BadNumber)),
            ("64KiB", Ok(Token::Size(65_536))),
            ("0B", Ok(Token::Size(0))),
            ("9999999999GiB", Err(ProblemKind::BadNumber)),
            ("10x", Err(ProblemKind::BadUnit)),
            ("10µs", Err(ProblemKind::BadUnit)),
        ];
        for (text, expected) in table {
            assert_eq!(number(text).map_err(|flaw| flaw.kind), *expected, "{text}");
        }
    }

    #[test]
    fn strings() {
        type Row = (&'static str, &'static str, usize, bool, &'static [(usize, usize)]);
        let table: &[Row] = &[
            ("abc' rest", "abc", 4, true, &[]),
            ("", "", 0, false, &[]),
            ("it\\'s'", "it's", 6, true, &[]),
            (r#"\"\\\n\t\r'"#, "\"\\\n\t\r", 11, true, &[]),
            (r"\u{1f600}\u{0}'", "😀\0", 15, true, &[]),
            (r"\x'", "", 3, true, &[(0, 2)]),
            (r"a\u{d800}b'", "ab", 11, true, &[(1, 9)]),
            (r"\u{12'", "", 6, true, &[(0, 5)]),
            (r"\u1234'", "1234", 7, true, &[(0, 2)]),
            (r"\é'", "", 4, true, &[(0, 3)]),
            ("a\\", "a", 2, false, &[(1, 2)]),
        ];
        for (rest, text, length, closed, bad) in table {
            let read = string(rest, '\'');
            assert_eq!(
                (read.text.as_str(), read.length, read.closed, read.bad_escapes.as_slice()),
                (*text, *length, *closed, *bad),
                "{rest}"
            );
        }
    }
}
