//! The ways in which programs write a text down: as it is, and as the usual encodings make of it.
//!
//! Unaware of: that it is a secret that is spelled, and how spellings are found.

use crate::builtins::run::words;
use ipcmm_bytecode::Value;
use std::fmt::Write;
use zeroize::Zeroizing;

const PLAIN: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const FOR_URLS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// All spellings of a text, itself first. A short one may be among them more than once.
pub(super) fn of(text: &str) -> Vec<Zeroizing<String>> {
    let mut all = vec![text.to_owned(), hex(text, false), hex(text, true)];
    for alphabet in [PLAIN, FOR_URLS] {
        for before in 0..3 {
            let inner = base64(text.as_bytes(), before, alphabet);
            // Where it stands at the end of what was encoded, the last character is known as well.
            let rest = (before + text.len()) * 8 % 6;
            if rest > 0 {
                let low = usize::from(text.as_bytes()[text.len() - 1]) & ((1 << rest) - 1);
                let closed = format!("{inner}{}", char::from(alphabet[low << (6 - rest)]));
                all.extend([format!("{closed}{}", "=".repeat(3 - rest / 2)), closed]);
            }
            all.push(inner);
        }
    }
    // Base64 is often broken into lines, of 76 characters or of 64.
    let whole = base64(text.as_bytes(), 0, PLAIN);
    for width in [76, 64] {
        if whole.len() > width {
            let lines = whole.as_bytes().chunks(width);
            all.extend(lines.map(|line| line.iter().copied().map(char::from).collect::<String>()));
        }
    }
    for upper in [true, false] {
        all.extend([percent(text, upper, "%20"), percent(text, upper, "+")]);
    }
    all.extend([json(text, false, false), json(text, true, false), json(text, false, true), json(text, true, true)]);
    // As Rust and the language itself quote, without the quotes; as a shell needs it; as markup needs it.
    let debug = format!("{text:?}");
    all.push(debug[1..debug.len() - 1].to_owned());
    let quoted = Value::str(text).to_string();
    all.push(quoted[1..quoted.len() - 1].to_owned());
    all.push(words::quote(text));
    all.push(text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"));
    all.push(text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;"));
    all.into_iter().map(Zeroizing::new).collect()
}

fn hex(text: &str, upper: bool) -> String {
    text.bytes().fold(String::with_capacity(text.len() * 2), |mut out, byte| {
        // Writing to a String cannot fail; so too below.
        let _ = if upper { write!(out, "{byte:02X}") } else { write!(out, "{byte:02x}") };
        out
    })
}

/// The characters of a Base64 text that tell nothing but these bytes, where `before` more bytes precede them in a group
/// of three. The characters at both ends depend on what stands beside the text.
fn base64(bytes: &[u8], before: usize, alphabet: &[u8; 64]) -> String {
    let (start, end) = (before * 8, (before + bytes.len()) * 8);
    let bit = |at: usize| usize::from(bytes[at / 8 - before] >> (7 - at % 8) & 1);
    let (first, last) = (start.div_ceil(6), end / 6);
    (first..last)
        .map(|at| (at * 6..at * 6 + 6).fold(0, |six, at| six << 1 | bit(at)))
        .map(|six| char::from(alphabet[six]))
        .collect()
}

fn percent(text: &str, upper: bool, blank: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        match byte {
            b' ' => out.push_str(blank),
            b if b.is_ascii_alphanumeric() || b"-._~".contains(&b) => out.push(char::from(b)),
            b if upper => drop(write!(out, "%{b:02X}")),
            b => drop(write!(out, "%{b:02x}")),
        }
        out
    })
}

/// As in a text of JSON, which may write `/` and what is beyond ASCII in two ways.
fn json(text: &str, ascii: bool, slash: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '/' if slash => out.push_str("\\/"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            c if (c as u32) < 0x20 || ascii && !c.is_ascii() => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has(text: &str, spelling: &str) -> bool {
        of(text).iter().any(|s| s.as_str() == spelling)
    }

    #[test]
    fn the_usual_encodings_are_known() {
        for spelling in ["hunter2!", "68756e7465723221", "68756E7465723221", "hunter2%21", "'hunter2!'"] {
            assert!(has("hunter2!", spelling), "{spelling}");
        }
        assert!(has("a b/ü\"", "a b/ü\\\"") && has("a b/ü\"", "a b/\\u00fc\\\"") && has("a b/ü\"", "a b\\/ü\\\""));
        assert!(has("a b&c", "a+b%26c") && has("a b&c", "a%20b%26c") && has("a b&c", "a b&amp;c"));
    }

    #[test]
    fn base64_is_known_behind_any_number_of_bytes() {
        // What `printf 'user:hunter2!x' | base64` and its neighbours print.
        for (encoded, before) in [("aHVudGVyMiE=", 0), ("eGh1bnRlcjIh", 1), ("eHhodW50ZXIyIQ==", 2)] {
            let spelled = base64(b"hunter2!", before, PLAIN);
            assert!(encoded.contains(&spelled) && spelled.len() >= 9, "{encoded} {spelled}");
        }
        assert!("dXNlcjpodW50ZXIyIXg=".contains(&base64(b"hunter2!", 2, PLAIN)));
        assert!(has("hunter2!", "aHVudGVyMiE=") && has("hunter2", "aHVudGVyMg==") && has("hunter2", "aHVudGVyMg"));
    }
}
