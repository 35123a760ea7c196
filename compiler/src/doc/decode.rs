//! Bytes of a file become text: UTF-8, or a problem that says what they look like instead.
//!
//! Unaware of: formats.

use super::MAX_SOURCE_BYTES;
use crate::diag::{Code, Diagnostic};

/// Takes the bytes of a file as text. A byte-order mark stays, so that offsets are those of the file.
pub fn decode(name: &str, bytes: Vec<u8>) -> Result<String, Box<Diagnostic>> {
    if bytes.len() > MAX_SOURCE_BYTES {
        let message = format!("{name} has {} bytes; at most {MAX_SOURCE_BYTES} are read", bytes.len());
        return Err(Box::new(Diagnostic::unplaced(Code::TooLarge, message).help("split the file")));
    }
    let failure = match String::from_utf8(bytes) {
        Ok(text) => return Ok(text),
        Err(failure) => failure,
    };
    let bytes = failure.as_bytes();
    let at = failure.utf8_error().valid_up_to();
    let before = bytes.get(..at).unwrap_or(bytes);
    let line = before.iter().filter(|b| **b == b'\n').count() + 1;
    let byte = bytes.get(at).copied().unwrap_or(0);
    let message =
        format!("{name} is not UTF-8 text: byte 0x{byte:02X} at offset {at} (line {line}) starts no character");
    Err(Box::new(Diagnostic::unplaced(Code::NotUtf8, message).help(look(bytes))))
}

/// What bytes that are no UTF-8 look like, and what to do about it.
fn look(bytes: &[u8]) -> &'static str {
    // The beginning tells; a large file is not searched for more.
    let start = bytes.get(..4096).unwrap_or(bytes);
    let zeros = |odd: usize| start.iter().skip(odd).step_by(2).filter(|b| **b == 0).count();
    let half = start.len() / 2;
    if start.starts_with(&[0xFF, 0xFE]) || (zeros(1) > half / 2 && zeros(0) == 0) {
        "it looks like UTF-16, little endian; save it as UTF-8 (`iconv -f UTF-16LE -t UTF-8`)"
    } else if start.starts_with(&[0xFE, 0xFF]) || (zeros(0) > half / 2 && zeros(1) == 0) {
        "it looks like UTF-16, big endian; save it as UTF-8 (`iconv -f UTF-16BE -t UTF-8`)"
    } else if start.contains(&0) {
        "it looks like a binary file: it contains zero bytes"
    } else if start.iter().all(|b| matches!(b, b'\t' | b'\n' | b'\r' | 0x20..=0x7E | 0xA0..)) {
        "it looks like Latin-1 (ISO 8859-1); save it as UTF-8 (`iconv -f ISO-8859-1 -t UTF-8`)"
    } else {
        "save it as UTF-8"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_the_bytes_look_like() {
        let utf16 = |big: bool| -> Vec<u8> {
            let two = |u: u16| if big { u.to_be_bytes() } else { u.to_le_bytes() };
            "\u{feff}a: é\n".encode_utf16().flat_map(two).collect()
        };
        for (bytes, message, help) in [
            (b"a: 1\nb: caf\xe9\n".to_vec(), "byte 0xE9 at offset 11 (line 2)", "Latin-1"),
            (utf16(false), "byte 0xFF at offset 0 (line 1)", "UTF-16, little endian"),
            (utf16(true), "byte 0xFE at offset 0 (line 1)", "UTF-16, big endian"),
            (b"\x7fELF\0\0\x01\xff\x80".to_vec(), "byte 0xFF", "binary"),
            (b"a: \x80\x81".to_vec(), "byte 0x80 at offset 3", "save it as UTF-8"),
            (b"a: \xe2\x82".to_vec(), "byte 0xE2 at offset 3", ""),
        ] {
            let problem = decode("f.yaml", bytes).expect_err("not UTF-8");
            assert_eq!(problem.code, Code::NotUtf8);
            assert!(
                problem.message.starts_with("f.yaml is not UTF-8") && problem.message.contains(message),
                "{problem:?}"
            );
            assert!(problem.help.as_deref().is_some_and(|h| h.contains(help)), "{problem:?}");
        }
        assert_eq!(decode("f", "\u{feff}a: ü".into()).as_deref(), Ok("\u{feff}a: ü"));
    }
}
