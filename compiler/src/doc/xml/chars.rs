//! Which characters XML has, and which of them make names: productions 2, 4 and 4a of XML 1.0, fifth edition.
//!
//! Unaware of: where a character stands.

/// Whether a character may stand in a document.
pub(super) fn is_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

/// White space between parts of markup.
pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// Whether a text is nothing but white space.
pub(super) fn is_blank(text: &str) -> bool {
    text.bytes().all(is_space)
}

fn starts_name(c: char) -> bool {
    matches!(
        c,
        ':' | '_'
            | 'A'..='Z'
            | 'a'..='z'
            | '\u{C0}'..='\u{D6}'
            | '\u{D8}'..='\u{F6}'
            | '\u{F8}'..='\u{2FF}'
            | '\u{370}'..='\u{37D}'
            | '\u{37F}'..='\u{1FFF}'
            | '\u{200C}'..='\u{200D}'
            | '\u{2070}'..='\u{218F}'
            | '\u{2C00}'..='\u{2FEF}'
            | '\u{3001}'..='\u{D7FF}'
            | '\u{F900}'..='\u{FDCF}'
            | '\u{FDF0}'..='\u{FFFD}'
            | '\u{10000}'..='\u{EFFFF}'
    )
}

fn is_in_name(c: char) -> bool {
    starts_name(c) || matches!(c, '-' | '.' | '0'..='9' | '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}')
}

/// The length in bytes of the name that a text begins with; 0 if it begins with none.
pub(super) fn name(text: &str) -> usize {
    if !text.starts_with(starts_name) {
        return 0;
    }
    text.find(|c| !is_in_name(c)).unwrap_or(text.len())
}

/// Whether all of a text is one name.
pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty() && name(text) == text.len()
}

/// The characters of a text that no document may have, with their offsets.
pub(super) fn illegal(text: &str) -> impl Iterator<Item = (usize, char)> {
    // Control characters, and U+FFFE and U+FFFF, whose first byte is 0xEF.
    let suspect = |(at, byte): (usize, u8)| match byte {
        0..0x20 if !is_space(byte) => text.get(at..),
        0xEF if matches!(text.as_bytes().get(at + 1..at + 3), Some([0xBF, 0xBE | 0xBF])) => text.get(at..),
        _ => None,
    };
    text.bytes().enumerate().filter_map(move |(at, byte)| Some((at, suspect((at, byte))?.chars().next()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (text, length) in
            [("", 0), ("a", 1), ("ipcmm.run.cmd=", 13), ("-a", 0), (".a", 0), ("1", 0), ("a:b c", 3), ("é·1/", 5)]
        {
            assert_eq!(name(text), length, "{text}");
        }
        assert!(is_name("_x-1") && !is_name("a b") && !is_name(""));
    }

    #[test]
    fn characters_that_no_document_has() {
        let found: Vec<_> = illegal("a\tb\u{1}\r\n\u{fffd}\u{fffe}\u{0}\u{7f}\u{ffff}é").collect();
        assert_eq!(found, [(3, '\u{1}'), (9, '\u{fffe}'), (12, '\0'), (14, '\u{ffff}')]);
        for c in (0..=0x10FFFF).filter_map(char::from_u32) {
            assert_eq!(is_char(c), illegal(c.encode_utf8(&mut [0; 4])).next().is_none(), "{c:?}");
        }
    }
}
