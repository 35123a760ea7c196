//! Java properties: `key=value`, comments at the margin, the rest of a long line indented by four.
//!
//! Keys and values are carried over as they are spelt. Unaware of: what keys mean.

use crate::doc::properties::cut;

const SPACE: [char; 3] = [' ', '\t', '\u{c}'];

/// Lays out a text.
pub(super) fn format(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut blank = false;
    let mut parts: Vec<&str> = Vec::new();
    let mut lines = physical(text);
    while let Some(line) = lines.next() {
        let start = line.trim_start_matches(SPACE);
        if start.is_empty() {
            blank = true;
            continue;
        }
        if std::mem::take(&mut blank) && !out.is_empty() {
            out.push('\n');
        }
        if start.starts_with(['#', '!']) {
            out.push_str(start.trim_end_matches(SPACE));
            out.push('\n');
            continue;
        }
        parts.clear();
        let (mut part, mut goes_on) = fragment(start);
        loop {
            if !part.is_empty() {
                parts.push(part);
            }
            // A backslash that nothing stands before does not begin a line.
            let Some(next) = Some(()).filter(|()| goes_on && !parts.is_empty()).and_then(|()| lines.next()) else {
                break;
            };
            (part, goes_on) = fragment(next.trim_start_matches(SPACE));
        }
        if !parts.is_empty() {
            entry(&parts, &mut out);
        }
    }
    out
}

/// Lines as they stand in the file: ended by a line feed, a carriage return, or both.
fn physical(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = rest.find(['\n', '\r']).unwrap_or(rest.len());
        let (line, tail) = rest.split_at(end);
        rest = tail.strip_prefix("\r\n").or(tail.strip_prefix(['\n', '\r'])).unwrap_or("");
        Some(line)
    })
}

/// A line without the backslash that joins it with the next, and whether there is one.
fn fragment(line: &str) -> (&str, bool) {
    let backslashes = line.len() - line.trim_end_matches('\\').len();
    match backslashes % 2 {
        1 => (line.get(..line.len() - 1).unwrap_or(""), true),
        _ => (line, false),
    }
}

/// Writes a key and its value, which may go over several lines.
fn entry(parts: &[&str], out: &mut String) {
    let joined = parts.concat();
    let (key, value) = cut(joined.as_bytes());
    out.push_str(joined.get(key).unwrap_or(""));
    out.push('=');
    let mut start = 0;
    for (number, part) in parts.iter().enumerate() {
        let end = start + part.len();
        // A part that is only key and white space still ends its line, so that the value begins where it did.
        if number > 0 && start >= value.start {
            out.push_str("\\\n    ");
        }
        out.push_str(joined.get(value.start.max(start)..end).unwrap_or(""));
        start = end;
    }
    out.push('\n');
}
