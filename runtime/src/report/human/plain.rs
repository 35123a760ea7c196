//! Text from outside made fit for a terminal: without what could drive it, and not wider than the line.
//!
//! Unaware of: what the text says.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Makes control characters and those that reorder text visible. Line breaks and tabs count among them.
pub fn plain(text: &str, unicode: bool) -> String {
    text.chars().map(|c| visible(c, unicode)).collect()
}

/// The same for a line of text whose tabs mean something.
pub(super) fn with_tabs(text: &str, unicode: bool) -> String {
    text.chars().map(|c| if c == '\t' { c } else { visible(c, unicode) }).collect()
}

fn visible(c: char, unicode: bool) -> char {
    match c {
        '\0'..='\u{1f}' if unicode => char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}'),
        '\u{7f}' if unicode => '\u{2421}',
        '\0'..='\u{1f}' | '\u{7f}' => '?',
        '\u{80}'..='\u{9f}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            if unicode { '\u{fffd}' } else { '?' }
        }
        c => c,
    }
}

/// Columns of a text.
pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// Cuts a text to so many columns, and says so.
pub(super) fn cut(text: &str, room: Option<usize>, unicode: bool) -> String {
    let Some(room) = room.filter(|room| width(text) > *room) else { return text.to_owned() };
    let mark = if unicode { "…" } else { "..." };
    let mut left = room.saturating_sub(width(mark));
    let mut short = String::new();
    for c in text.chars() {
        let Some(rest) = left.checked_sub(c.width().unwrap_or(0)) else { break };
        left = rest;
        short.push(c);
    }
    short + mark
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_drives_the_terminal() {
        assert_eq!(plain("a\x1b[2Jb\r\n\t\u{202e}c", true), "a␛[2Jb␍␊␉\u{fffd}c");
        assert_eq!(plain("\x1b\u{9b}\x7f", false), "???");
        assert_eq!(with_tabs("+\ta\x07", true), "+\ta␇");
    }

    #[test]
    fn cuts_by_columns() {
        assert_eq!(cut("abcdef", Some(6), true), "abcdef");
        assert_eq!(cut("abcdefg", Some(6), true), "abcde…");
        assert_eq!(cut("abcdefg", Some(6), false), "abc...");
        assert_eq!(cut("日本語日本語", Some(6), true), "日本…");
        assert_eq!(cut("abc", None, true), "abc");
    }
}
