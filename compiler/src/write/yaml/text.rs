//! Texts of YAML: which need quotes, and how they look in them or as a block.
//!
//! Unaware of: where they stand, except whether that is between brackets.

use crate::lower::is_special;
use std::fmt::Write;

/// Whether a text can stand without quotes. `flow`: between brackets.
pub fn is_plain(text: &str, flow: bool) -> bool {
    let Some(first) = text.chars().next() else { return false };
    let second = text.chars().nth(1);
    let indicator = match first {
        '-' | '?' | ':' => second.is_none_or(|c| c == ' ' || (flow && ",[]{}".contains(c))),
        c => ",[]{}#&*!|>'\"%@`".contains(c),
    };
    !indicator
        && !text.starts_with(' ')
        && !text.ends_with([' ', ':'])
        && !text.starts_with("---")
        && !text.starts_with("...")
        && !text.contains(": ")
        && !text.contains(" #")
        && !(flow && text.contains([',', '[', ']', '{', '}']))
        && !(flow && text.contains([':', '?']) && !text.contains("://"))
        && text.chars().all(|c| is_printable(c) && c != '\t' && c != '\n')
}

/// Whether some version of YAML takes a text without quotes for something else.
pub(super) fn is_doubtful(text: &str) -> bool {
    const WORDS: [&str; 8] = ["yes", "no", "on", "off", "y", "n", ".inf", ".nan"];
    let number = text.trim_start_matches(['-', '+']);
    let sexagesimal = || {
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        // 12:30:45 is a number of YAML 1.1, 2001-12-14 a date.
        number.split(':').all(digits) || (number.len() >= 8 && number.split('-').all(digits))
    };
    is_special(text)
        || text == "="
        || WORDS.iter().any(|word| number.eq_ignore_ascii_case(word))
        || (number.starts_with(|c: char| c.is_ascii_digit())
            && (sexagesimal() || is_special(&number.replace('_', "")) || number.starts_with("0b")))
}

pub(super) fn is_printable(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// A text in quotes: double ones, unless that would need escapes that single ones do without.
pub(super) fn quoted(text: &str, out: &mut String) {
    if text.contains(['"', '\\']) && !text.contains('\'') && text.chars().all(is_printable) {
        out.push('\'');
        out.push_str(text);
        out.push('\'');
        return;
    }
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0' => out.push_str("\\0"),
            c if is_printable(c) => out.push(c),
            c if (c as u32) < 0x100 => drop(write!(out, "\\x{:02x}", c as u32)),
            c => drop(write!(out, "\\u{:04x}", c as u32)),
        }
    }
    out.push('"');
}

/// The header of a text as a block, and whether it keeps blank lines behind it; `None` if it cannot be one.
pub(super) fn block(text: &str) -> Option<(&'static str, bool)> {
    let readable = text.chars().all(|c| is_printable(c) || matches!(c, '\n' | '\t'));
    let lines = text.split('\n');
    // White space at the end of lines would not be seen.
    let visible = lines.clone().all(|line| !line.ends_with([' ', '\t']));
    let first = text.trim_start_matches('\n');
    if !readable || !visible || first.is_empty() {
        return None;
    }
    let indented = first.starts_with(' ');
    Some(match (text.ends_with("\n\n"), text.ends_with('\n'), indented) {
        (true, _, false) => ("|+", true),
        (true, _, true) => ("|2+", true),
        (false, true, false) => ("|", false),
        (false, true, true) => ("|2", false),
        (false, false, false) => ("|-", false),
        (false, false, true) => ("|2-", false),
    })
}
