//! Fixes in JSON files. The stages behind the reader know no formats: what they offer in place of a text is written
//! without quotes, as YAML may have it.
//!
//! Unaware of: what the fix is about.

use crate::diag::Fix;

/// Spells a fix as JSON where it replaces a text with its quotes. `None` if nothing is left of it then.
pub fn respell(mut fix: Fix, text: &str) -> Option<Fix> {
    let old = text.get(fix.span.start as usize..fix.span.end as usize).unwrap_or("");
    let is_text = old.len() >= 2 && old.starts_with('"') && old.ends_with('"');
    if is_text && serde_json::from_str::<serde::de::IgnoredAny>(&fix.replacement).is_err() {
        fix.replacement = serde_json::Value::from(fix.replacement).to_string();
    }
    (fix.replacement != old).then_some(fix)
}
