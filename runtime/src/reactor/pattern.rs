//! Names of events and patterns over them: segments joined by dots, `*` for anything inside a segment, `**` for any
//! number of segments.
//!
//! Unaware of: who asks. Matching takes time in proportion to name times pattern, never more.

use std::sync::Arc;

/// The most bytes a name or pattern has.
pub const LONGEST: usize = 256;

/// A pattern over names of events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    text: Arc<str>,
}

/// What is wrong with the name of an event, if anything.
pub fn flaw_of_name(text: &str) -> Option<&'static str> {
    if text.contains('*') { Some("a name holds no `*`") } else { flaw(text) }
}

fn flaw(text: &str) -> Option<&'static str> {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '*' | '/' | ':' | ' ');
    if text.is_empty() {
        Some("it is empty")
    } else if text.len() > LONGEST {
        Some("it is longer than 256 bytes")
    } else if text.split('.').any(str::is_empty) {
        Some("a segment between two dots is empty")
    } else if text.split('.').any(|segment| segment.contains("**") && segment != "**") {
        Some("`**` stands for whole segments: write `a.**`, not `a**`")
    } else if !text.chars().all(|c| c == '.' || plain(c)) {
        Some("segments are letters, digits, `_`, `-`, `/`, `:` and blanks")
    } else {
        None
    }
}

impl Pattern {
    /// A pattern.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn new(text: &str) -> Result<Pattern, &'static str> {
        match flaw(text) {
            Some(flaw) => Err(flaw),
            None => Ok(Pattern { text: text.into() }),
        }
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it means this name.
    pub fn matches(&self, name: &str) -> bool {
        let pattern: Vec<&str> = self.text.split('.').collect();
        let name: Vec<&str> = name.split('.').collect();
        stars(&pattern, &name, |p| *p == "**", |p, n| segment(p, n))
    }
}

fn segment(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    stars(&pattern, &text, |p| *p == '*', |p, t| p == t)
}

/// Matches with stars that stand for any run: only the last star ever needs to be tried again.
fn stars<P, T>(pattern: &[P], text: &[T], star: impl Fn(&P) -> bool, same: impl Fn(&P, &T) -> bool) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut again: Option<(usize, usize)> = None;
    while t < text.len() {
        if p < pattern.len() && star(&pattern[p]) {
            again = Some((p, t));
            p += 1;
        } else if p < pattern.len() && same(&pattern[p], &text[t]) {
            (p, t) = (p + 1, t + 1);
        } else if let Some((at, from)) = again {
            again = Some((at, from + 1));
            (p, t) = (at + 1, from + 1);
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(star)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stay_inside_a_segment_and_two_of_them_cross_it() {
        let matches = |pattern: &str, name: &str| Pattern::new(pattern).is_ok_and(|p| p.matches(name));
        assert!(matches("file.changed", "file.changed"));
        assert!(!matches("file.changed", "file.changed.twice"));
        assert!(matches("file.*", "file.changed"));
        assert!(!matches("file.*", "file.changed.twice"));
        assert!(matches("file.**", "file.changed.twice"));
        assert!(matches("file.**", "file"));
        assert!(matches("**.twice", "file.changed.twice"));
        assert!(matches("**", "a.b.c"));
        assert!(matches("a.**.z", "a.z") && matches("a.**.z", "a.b.c.z") && !matches("a.**.z", "a.b.c"));
        assert!(matches("web-*.up", "web-12.up") && !matches("web-*.up", "db-12.up"));
        assert!(matches("*a*b*", "xxaxxbxx") && !matches("*a*b*", "xxbxxaxx"));
    }

    #[test]
    fn what_is_no_pattern_says_why() {
        assert_eq!(Pattern::new(""), Err("it is empty"));
        assert_eq!(Pattern::new("a..b"), Err("a segment between two dots is empty"));
        assert_eq!(Pattern::new("a**"), Err("`**` stands for whole segments: write `a.**`, not `a**`"));
        assert!(Pattern::new("a\nb").is_err() && Pattern::new(&"a".repeat(257)).is_err());
        assert_eq!(flaw_of_name("a.*"), Some("a name holds no `*`"));
    }

    #[test]
    fn many_stars_take_no_more_than_name_times_pattern() {
        let pattern = Pattern::new(&"*a".repeat(127)).expect("it is a pattern");
        assert!(!pattern.matches(&"a".repeat(120)));
    }
}
