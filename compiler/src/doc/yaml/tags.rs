//! Tags: the seven of YAML's core schema, where they agree with what they stand before.
//!
//! Unaware of: the types of the language; a core tag only confirms what a scalar looks like, or makes it text.

use crate::diag::{Code, Diagnostic};
use crate::doc::builder::{Builder, quoted};
use crate::doc::{Span, Style};
use granit_parser::Tag;

/// The style of a tagged scalar; `None` for null. A tag that does not fit is reported and has no effect.
pub(super) fn scalar(tag: &Tag, text: &str, written: Style, place: Span, builder: &mut Builder<'_>) -> Option<Style> {
    if is_plain_bang(tag) {
        return Some(Style::Quoted);
    }
    let fits = match tag.core_suffix() {
        Some("str") => return Some(Style::Quoted),
        Some("null") if matches!(text, "" | "~" | "null" | "Null" | "NULL") => return None,
        Some("int") => is_int(text),
        Some("float") => is_int(text) || is_float(text),
        Some("bool") => matches!(text, "true" | "True" | "TRUE" | "false" | "False" | "FALSE"),
        Some(_) => false,
        None => {
            unknown(tag, place, builder);
            return Some(written);
        }
    };
    if fits {
        return Some(Style::Bare);
    }
    let message = format!("the tag {} does not fit {}", quoted(&tag.original()), quoted(text));
    let help = "remove the tag: a value is read with the type its place expects";
    builder.report(Diagnostic::new(Code::UnsupportedTag, builder.file(), place, message).help(help));
    Some(written)
}

/// Checks the tag of a list (`seq`) or map (`map`).
pub(super) fn collection(tag: &Tag, expected: &str, place: Span, builder: &mut Builder<'_>) {
    match tag.core_suffix() {
        Some(suffix) if suffix == expected => {}
        None if is_plain_bang(tag) => {}
        None => unknown(tag, place, builder),
        Some(_) => {
            let noun = if expected == "seq" { "list" } else { "map" };
            let message = format!("the tag {} stands before a {noun}", quoted(&tag.original()));
            let problem = Diagnostic::new(Code::UnsupportedTag, builder.file(), place, message);
            builder.report(problem.help("remove the tag"));
        }
    }
}

/// `!` alone: the node is what it is spelt as, and a scalar is text.
fn is_plain_bang(tag: &Tag) -> bool {
    matches!(tag.parts(), ("", "!") | ("!", ""))
}

fn unknown(tag: &Tag, place: Span, builder: &mut Builder<'_>) {
    let message = format!("the tag {} has no meaning here", quoted(&tag.original()));
    let help = "remove the tag; functions are called in `${…}`, and secrets are named by `secret('…')`";
    builder.report(Diagnostic::new(Code::UnsupportedTag, builder.file(), place, message).help(help));
}

fn is_int(text: &str) -> bool {
    let digits = |s: &str, radix: u32| !s.is_empty() && s.chars().all(|c| c.is_digit(radix));
    match text.get(..2) {
        Some("0x") => digits(text.get(2..).unwrap_or(""), 16),
        Some("0o") => digits(text.get(2..).unwrap_or(""), 8),
        _ => digits(text.strip_prefix(['-', '+']).unwrap_or(text), 10),
    }
}

fn is_float(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    unsigned.starts_with(|c: char| c == '.' || c.is_ascii_digit()) && unsigned.parse::<f64>().is_ok()
}
