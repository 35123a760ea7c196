//! Fixes in XML files. The stages behind the reader know no formats: what they offer in place of a text is written as
//! XML here, by the place where the text stands.
//!
//! Unaware of: what the fix is about.

use super::chars::is_name;
use super::read;
use super::tree::Tree;
use crate::diag::{Diagnostics, Fix};
use crate::doc::Span;
use crate::doc::builder::Builder;
use crate::source::FileId;
use std::borrow::Cow;

/// Largest element that is written anew because its name changes.
const MAX_RENAMED: usize = 4096;

/// Where the parts of a file are that are spelled differently.
pub struct Spelling<'t> {
    text: &'t str,
    tree: Tree,
}

impl<'t> Spelling<'t> {
    /// The spelling of a file.
    pub fn new(text: &'t str) -> Spelling<'t> {
        // What is wrong with it was reported when it was parsed.
        let mut problems = Diagnostics::default();
        let tree = read::read(text, &mut Builder::new(FileId(0), &mut problems));
        Spelling { text, tree }
    }

    /// Spells a fix as XML. `None` if nothing is left of it, or if it cannot be written.
    pub fn respell(&self, mut fix: Fix) -> Option<Fix> {
        let old = self.slice(fix.span);
        if fix.replacement == old {
            return None;
        }
        let at = fix.span.start;
        let attribute = self.tree.attributes.partition_point(|a| a.name.start <= at).checked_sub(1);
        let attribute = attribute.and_then(|i| self.tree.attributes.get(i)).filter(|a| at <= a.value.end);
        if let Some(attribute) = attribute {
            if at >= attribute.value.start {
                let quote = self.text.as_bytes().get(attribute.value.start as usize - 1).copied();
                fix.replacement = escape(&fix.replacement, quote).into_owned();
                return (fix.replacement != old).then_some(fix);
            }
            return is_name(&fix.replacement).then_some(fix);
        }
        let element = self.tree.elements.partition_point(|e| e.name.start <= at).checked_sub(1);
        let element = element.and_then(|i| self.tree.elements.get(i)).filter(|e| e.name == fix.span);
        if let Some(element) = element {
            if !is_name(&fix.replacement) {
                return None;
            }
            // The end tag has the name, too: all between is written anew.
            let end = Span::new(element.content.end + 2, element.content.end + 2 + (old.len() as u32));
            if element.content.end < element.span.end {
                let between = self.slice(Span::new(element.name.end, end.start));
                if between.len() > MAX_RENAMED || self.slice(end) != old {
                    return None;
                }
                fix.replacement = format!("{0}{between}{0}", fix.replacement);
                fix.span.end = end.end;
            }
            return Some(fix);
        }
        let section = self.tree.data.partition_point(|d| d.start <= at).checked_sub(1);
        if section.and_then(|i| self.tree.data.get(i)).is_some_and(|d| at <= d.end) {
            return (!fix.replacement.contains("]]>")).then_some(fix);
        }
        fix.replacement = escape(&fix.replacement, None).into_owned();
        (fix.replacement != old).then_some(fix)
    }

    fn slice(&self, span: Span) -> &'t str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or("")
    }
}

/// A text as it is written between tags, or between quotes.
fn escape(text: &str, quote: Option<u8>) -> Cow<'_, str> {
    let must = |c: char| match c {
        '&' | '<' | '\r' => true,
        '\n' | '\t' => quote.is_some(),
        // It might end a section.
        '>' => quote.is_none(),
        c => quote.is_some_and(|quote| c == char::from(quote)),
    };
    if !text.contains(must) {
        return Cow::Borrowed(text);
    }
    let mut written = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => written.push_str("&amp;"),
            '<' => written.push_str("&lt;"),
            '>' if must('>') => written.push_str("&gt;"),
            '"' if must('"') => written.push_str("&quot;"),
            '\'' if must('\'') => written.push_str("&apos;"),
            c if must(c) => written.push_str(&format!("&#{};", u32::from(c))),
            c => written.push(c),
        }
    }
    Cow::Owned(written)
}
