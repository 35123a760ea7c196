//! Fixes in properties files. The stages behind the reader know no formats: what they offer in place of a text is
//! escaped here, by whether it stands in a key or in a value.
//!
//! Unaware of: what the fix is about.

use super::lines::Lines;
use crate::diag::Fix;
use crate::doc::Span;
use std::borrow::Cow;

/// Where the values of a file are.
pub struct Spelling<'t> {
    text: &'t str,
    known: &'t [&'t str],
    /// In the order of the file.
    values: Vec<Span>,
}

impl<'t> Spelling<'t> {
    /// The spelling of a file. `known`: names with dots that are one segment of a key.
    pub fn new(text: &'t str, known: &'t [&'t str]) -> Spelling<'t> {
        let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let values = Lines::new(text, start).map(|line| line.place(line.value.clone())).collect();
        Spelling { text, known, values }
    }

    /// Spells a fix as a part of a properties file. `None` if nothing is left of it.
    pub fn respell(&self, mut fix: Fix) -> Option<Fix> {
        let old = self.text.get(fix.span.start as usize..fix.span.end as usize).unwrap_or("");
        let value = self.values.partition_point(|value| value.start <= fix.span.start).checked_sub(1);
        let value = value.and_then(|i| self.values.get(i)).filter(|value| fix.span.start <= value.end);
        let replacement = match value {
            Some(value) => escape(&fix.replacement, |c| c == '\\', fix.span.start == value.start),
            None if self.known.contains(&fix.replacement.as_str()) => Cow::Borrowed(fix.replacement.as_str()),
            None => escape(&fix.replacement, |c| " \\.[]=:\"#!".contains(c), true),
        };
        fix.replacement = replacement.into_owned();
        (fix.replacement != old).then_some(fix)
    }
}

/// A text with escapes for the ends of lines, for what `must` have one, and for white space at its start.
fn escape(text: &str, must: impl Fn(char) -> bool, start: bool) -> Cow<'_, str> {
    let blank = |c: char| matches!(c, ' ' | '\u{c}');
    let special = text.contains(|c| must(c) || matches!(c, '\n' | '\r' | '\t'));
    let plain = !special && (!start || !text.starts_with(blank));
    if plain {
        return Cow::Borrowed(text);
    }
    let mut written = String::with_capacity(text.len() + 8);
    for (at, c) in text.char_indices() {
        match c {
            '\n' => written.push_str("\\n"),
            '\r' => written.push_str("\\r"),
            '\t' => written.push_str("\\t"),
            c => {
                if must(c) || start && at == 0 && blank(c) {
                    written.push('\\');
                }
                written.push(c);
            }
        }
    }
    Cow::Owned(written)
}
