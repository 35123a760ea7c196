//! JSON: an entry a line; a list or map that stood in one line stays in one while it fits.
//!
//! Unaware of: what texts say; they are carried over as they are spelt.

use crate::write::WIDTH;
use std::fmt::Write;

/// Lays out a text that is valid JSON.
pub(super) fn format(text: &str) -> String {
    let tokens = tokens(text);
    let closes = closes(&tokens);
    let mut out = String::with_capacity(text.len() + text.len() / 4);
    // For each open list or map, whether it stays in one line.
    let mut open: Vec<bool> = Vec::new();
    let mut flat = false;
    let mut fresh = false;
    for (number, token) in tokens.iter().enumerate() {
        let word = token.text;
        let next = tokens.get(number + 1);
        let line = |out: &mut String, depth: usize, blank: bool| {
            out.push_str(if blank { "\n\n" } else { "\n" });
            let _ = write!(out, "{:1$}", "", depth * 2);
        };
        match word {
            "{" | "[" => {
                if std::mem::take(&mut fresh) && !flat {
                    line(&mut out, open.len(), token.blank);
                }
                let close = closes.get(number).copied().flatten();
                let short = || close.is_some_and(|close| fits(&tokens, number, close, column(&out)));
                let stays = flat || short();
                out.push_str(word);
                open.push(flat);
                flat = stays;
                fresh = next.is_some_and(|next| !matches!(next.text, "}" | "]"));
            }
            "}" | "]" => {
                let empty =
                    number.checked_sub(1).and_then(|n| tokens.get(n)).is_some_and(|t| matches!(t.text, "{" | "["));
                let was_flat = flat;
                flat = open.pop().unwrap_or(false);
                if !was_flat && !empty {
                    line(&mut out, open.len(), false);
                }
                out.push_str(word);
                fresh = false;
            }
            "," => {
                out.push(',');
                if flat {
                    out.push(' ');
                }
                fresh = true;
            }
            ":" => out.push_str(": "),
            word => {
                if std::mem::take(&mut fresh) && !flat {
                    line(&mut out, open.len(), token.blank);
                }
                out.push_str(word);
            }
        }
    }
    out.push('\n');
    out
}

/// How much is in the last line.
fn column(out: &str) -> usize {
    out.len() - out.rfind('\n').map_or(0, |at| at + 1)
}

/// A word or sign.
struct Token<'t> {
    text: &'t str,
    /// A line end stands before it.
    line: bool,
    /// A blank line stands before it.
    blank: bool,
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    let bytes = text.as_bytes();
    let mut tokens = Vec::new();
    let (mut at, mut lines) = (0, 0);
    while let Some(byte) = bytes.get(at) {
        let end = match byte {
            b' ' | b'\t' | b'\r' | b'\n' => {
                lines += usize::from(*byte == b'\n');
                at += 1;
                continue;
            }
            b'{' | b'}' | b'[' | b']' | b',' | b':' => at + 1,
            b'"' => {
                let mut end = at + 1;
                while let Some(byte) = bytes.get(end).filter(|byte| **byte != b'"') {
                    end += if *byte == b'\\' { 2 } else { 1 };
                }
                (end + 1).min(text.len())
            }
            _ => {
                let word =
                    |b: &u8| !matches!(b, b' ' | b'\t' | b'\r' | b'\n' | b',' | b':' | b'{' | b'}' | b'[' | b']');
                at + bytes.get(at..).unwrap_or(&[]).iter().take_while(|b| word(b)).count().max(1)
            }
        };
        let token = text.get(at..end).unwrap_or("");
        tokens.push(Token { text: token, line: lines > 0, blank: lines > 1 });
        (at, lines) = (end, 0);
    }
    tokens
}

/// For each opening bracket, the number of the token that closes it.
fn closes(tokens: &[Token<'_>]) -> Vec<Option<usize>> {
    let mut closes = vec![None; tokens.len()];
    let mut open = Vec::new();
    for (number, token) in tokens.iter().enumerate() {
        match token.text {
            "{" | "[" => open.push(number),
            "}" | "]" => {
                if let Some(place) = open.pop().and_then(|start| closes.get_mut(start)) {
                    *place = Some(number);
                }
            }
            _ => {}
        }
    }
    closes
}

/// Whether the tokens from one bracket to the other stood in one line, and have room in the line at hand. Looks at no
/// more tokens than a line has room for.
fn fits(tokens: &[Token<'_>], start: usize, end: usize, before: usize) -> bool {
    let mut width = before;
    for (number, token) in tokens.get(start..=end).unwrap_or(&[]).iter().enumerate() {
        width += token.text.len() + usize::from(matches!(token.text, "," | ":"));
        if (number > 0 && token.line) || width > WIDTH {
            return false;
        }
    }
    true
}
