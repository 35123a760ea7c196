//! JSON as YAML 1.2 in block style, which any reader of YAML takes for the same tree.
//!
//! A text is written plain only where no version of YAML could take it for something else.

use serde_json::Value as Json;
use std::fmt::Write;

/// Words some version of YAML takes for something else than text.
const WORDS: [&str; 9] = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"];

/// An implicit key may have 1024 characters.
const LONGEST_KEY: usize = 1000;

/// The YAML text of a value, with a line end behind it.
pub fn yaml(value: &Json) -> String {
    let mut out = String::new();
    node(value, 0, &mut out);
    out
}

/// Writes a value behind what is already in its line; nested lines are indented by `indent`.
fn node(value: &Json, indent: usize, out: &mut String) {
    match value {
        Json::Null => out.push_str("null\n"),
        Json::Bool(b) => drop(writeln!(out, "{b}")),
        Json::Number(n) => drop(writeln!(out, "{n}")),
        Json::String(text) => string(text, indent, out),
        Json::Array(items) if items.is_empty() => out.push_str("[]\n"),
        Json::Object(entries) if entries.is_empty() => out.push_str("{}\n"),
        Json::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                begin(at, indent, out);
                out.push_str("- ");
                node(item, indent + 2, out);
            }
        }
        Json::Object(entries) => {
            for (at, (key, value)) in entries.iter().enumerate() {
                begin(at, indent, out);
                let key = scalar(key);
                if key.chars().count() > LONGEST_KEY {
                    let _ = write!(out, "? {key}\n{:indent$}: ", "");
                    node(value, indent + 2, out);
                    continue;
                }
                out.push_str(&key);
                out.push(':');
                match value {
                    Json::Array(items) if !items.is_empty() => {
                        let _ = write!(out, "\n{:1$}", "", indent + 2);
                    }
                    Json::Object(entries) if !entries.is_empty() => {
                        let _ = write!(out, "\n{:1$}", "", indent + 2);
                    }
                    _ => out.push(' '),
                }
                node(value, indent + 2, out);
            }
        }
    }
}

/// The first entry of a list or map stands in the line that is begun already.
fn begin(at: usize, indent: usize, out: &mut String) {
    if at > 0 {
        let _ = write!(out, "{:indent$}", "");
    }
}

/// A text as value: several lines as a block, anything else as one scalar.
fn string(text: &str, indent: usize, out: &mut String) {
    if !is_block(text) {
        let _ = writeln!(out, "{}", scalar(text));
        return;
    }
    // A block of the outermost level is indented too.
    let indent = indent.max(2);
    out.push_str(if text.ends_with('\n') { "|\n" } else { "|-\n" });
    for line in text.split_terminator('\n') {
        match line {
            "" => out.push('\n'),
            line => drop(writeln!(out, "{:indent$}{line}", "")),
        }
    }
}

/// Whether a text can stand as a block without an indicator: its indentation and its end are plain to see.
fn is_block(text: &str) -> bool {
    let lines = text.contains('\n');
    lines
        && !text.starts_with([' ', '\n'])
        && !text.ends_with("\n\n")
        && text.chars().all(|c| c == '\n' || is_printable(c))
}

/// Characters that stand for themselves inside quotes and blocks.
fn is_printable(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// A text in one line.
fn scalar(text: &str) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    if text.chars().all(is_printable) {
        return format!("'{}'", text.replace('\'', "''"));
    }
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if is_printable(c) => out.push(c),
            c => drop(write!(out, "\\U{:08X}", u32::from(c))),
        }
    }
    out.push('"');
    out
}

/// Whether a text may stand without quotes: it begins with a letter, `/` or `_`, and holds nothing that means
/// anything anywhere.
fn is_plain(text: &str) -> bool {
    let mut chars = text.chars();
    let first = chars.next().is_some_and(|c| c.is_alphabetic() || matches!(c, '/' | '_'));
    let word = WORDS.iter().any(|word| text.eq_ignore_ascii_case(word));
    let harmless = |c: char| {
        c.is_alphanumeric()
            || matches!(c, '_' | '-' | '.' | '/' | '@' | '+' | '=' | '<' | '>' | '(' | ')' | '|' | '?' | ' ')
    };
    first && !word && !text.ends_with(' ') && chars.all(harmless)
}
