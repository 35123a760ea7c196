//! Finds secrets in texts, in every usual spelling, and puts a word in their place. One pass over a text, however many
//! secrets there are.
//!
//! Unaware of: whose texts they are. The rules for what is found are in `spec/secrets.md`.

use super::spellings;
use aho_corasick::{AhoCorasick, MatchKind};
use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use zeroize::Zeroizing;

/// What stands in the place of a secret.
pub const HIDDEN: &str = "[secret]";
/// A shorter secret would be found in every other word, so it is only found as a word of its own.
pub const SHORTEST: usize = 4;

/// Finds a set of secrets.
pub struct Matcher {
    automaton: Option<AhoCorasick>,
    patterns: Vec<Pattern>,
}

/// A spelling of a secret or of a line of one.
struct Pattern {
    text: Zeroizing<String>,
    /// It counts only where no letter, digit or `_` stands beside it.
    alone: bool,
}

impl Matcher {
    /// What finds these secrets, and the lines of those that have several.
    pub fn new<'s>(secrets: impl Iterator<Item = &'s str>) -> Matcher {
        let mut patterns: Vec<Pattern> = Vec::new();
        for secret in secrets {
            // Output is often shown line by line and indented anew.
            let trimmed = secret.trim();
            let lines = secret.lines().map(str::trim).filter(|line| *line != secret && line.len() >= SHORTEST);
            for text in std::iter::once(secret).chain((trimmed != secret).then_some(trimmed)).chain(lines) {
                match text.len() {
                    0 => {}
                    n if n < SHORTEST => patterns.push(Pattern { text: Zeroizing::new(text.to_owned()), alone: true }),
                    _ => {
                        let spelled = spellings::of(text).into_iter().filter(|s| s.len() >= SHORTEST);
                        patterns.extend(spelled.map(|text| Pattern { text, alone: false }));
                    }
                }
            }
        }
        patterns.sort_by(|a, b| (a.text.as_str(), a.alone).cmp(&(b.text.as_str(), b.alone)));
        patterns.dedup_by(|a, b| a.text == b.text);
        let texts = patterns.iter().map(|p| p.text.as_bytes());
        // It fails where there are more spellings than it can number; then nothing could be shown at all, see `hide`.
        let automaton = AhoCorasick::builder().match_kind(MatchKind::Standard).build(texts).ok();
        Matcher { automaton, patterns }
    }

    /// Whether a text holds a secret.
    pub fn finds(&self, bytes: &[u8]) -> bool {
        !self.spans(bytes).is_empty()
    }

    /// A text without the secrets. Also the beginning of one is hidden in front of an ellipsis, where a text was cut.
    pub fn hide<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let cuts = text.match_indices('…').map(|(at, _)| at);
        self.without(text, cuts)
    }

    /// As [`Matcher::hide`], of a text that may have been cut at its end.
    pub fn hide_cut<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let cuts = text.match_indices('…').map(|(at, _)| at).chain([text.len()]);
        self.without(text, cuts)
    }

    /// Bytes without the secrets; `None` if there are none in them.
    pub fn hide_bytes(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let spans = self.spans(bytes);
        if spans.is_empty() {
            return None;
        }
        let mut out = Vec::with_capacity(bytes.len());
        let mut done = 0;
        for span in spans {
            out.extend_from_slice(&bytes[done..span.start]);
            out.extend_from_slice(HIDDEN.as_bytes());
            done = span.end;
        }
        out.extend_from_slice(&bytes[done..]);
        Some(out)
    }

    fn without<'t>(&self, text: &'t str, cuts: impl Iterator<Item = usize>) -> Cow<'t, str> {
        if self.automaton.is_none() {
            return Cow::Borrowed(HIDDEN);
        }
        let mut spans = self.spans(text.as_bytes());
        spans.extend(cuts.filter_map(|cut| self.begun(text, cut)));
        if spans.is_empty() {
            return Cow::Borrowed(text);
        }
        spans.sort_by_key(|span| span.start);
        let mut out = String::with_capacity(text.len());
        let mut done = 0;
        let mut at = 0;
        while let Some(mut span) = spans.get(at).cloned() {
            at += 1;
            while let Some(next) = spans.get(at).filter(|next| next.start < span.end) {
                span.end = span.end.max(next.end);
                at += 1;
            }
            // Spellings are texts, so they begin and end where characters do; a doubt hides more, never less.
            while !text.is_char_boundary(span.start) {
                span.start -= 1;
            }
            while !text.is_char_boundary(span.end) {
                span.end += 1;
            }
            out.push_str(text.get(done..span.start).unwrap_or(""));
            out.push_str(HIDDEN);
            done = span.end.max(done);
        }
        out.push_str(&text[done..]);
        Cow::Owned(out)
    }

    /// Where secrets stand, in order; those that overlap are one.
    fn spans(&self, bytes: &[u8]) -> Vec<Range<usize>> {
        let Some(automaton) = &self.automaton else { return std::iter::once(0..bytes.len()).collect() };
        let mut found: Vec<Range<usize>> = Vec::new();
        for hit in automaton.find_overlapping_iter(bytes) {
            if self.patterns[hit.pattern().as_usize()].alone && !stands_alone(bytes, &hit.range()) {
                continue;
            }
            // Hits come in the order of their ends, so a longer one may swallow several that were found before.
            let mut span = hit.range();
            while let Some(last) = found.pop() {
                if last.end <= span.start {
                    found.push(last);
                    break;
                }
                span = span.start.min(last.start)..span.end.max(last.end);
            }
            found.push(span);
        }
        found
    }

    /// The longest beginning of a spelling that ends at `cut`.
    fn begun(&self, text: &str, cut: usize) -> Option<Range<usize>> {
        let bytes = &text.as_bytes()[..cut];
        let most = self.patterns.iter().filter(|p| !p.alone).map(|p| overlap(p.text.as_bytes(), bytes)).max();
        most.filter(|length| *length >= SHORTEST).map(|length| cut - length..cut)
    }
}

/// How many bytes at the end of `text` are a beginning of `pattern`: the failure function of Knuth, Morris and Pratt over
/// the pattern, then over as much of the text as can matter.
fn overlap(pattern: &[u8], text: &[u8]) -> usize {
    let tail = &text[text.len().saturating_sub(pattern.len())..];
    let mut border = vec![0usize; pattern.len()];
    for at in 1..pattern.len() {
        let mut length = border[at - 1];
        while length > 0 && pattern[length] != pattern[at] {
            length = border[length - 1];
        }
        border[at] = length + usize::from(pattern[length] == pattern[at]);
    }
    let mut length = 0;
    for &byte in tail {
        if length == pattern.len() {
            length = border[length - 1];
        }
        while length > 0 && pattern[length] != byte {
            length = border[length - 1];
        }
        length += usize::from(pattern[length] == byte);
    }
    length
}

fn stands_alone(bytes: &[u8], span: &Range<usize>) -> bool {
    let in_word = |byte: Option<&u8>| byte.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_' || !b.is_ascii());
    let before = span.start.checked_sub(1).and_then(|at| bytes.get(at));
    !in_word(before) && !in_word(bytes.get(span.end))
}

impl fmt::Debug for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Matcher").field("patterns", &self.patterns.len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hidden(secrets: &[&str], text: &str) -> String {
        Matcher::new(secrets.iter().copied()).hide(text).into_owned()
    }

    #[test]
    fn every_spelling_is_hidden_and_nothing_else() {
        let secret = &["pa ss/w\"rd"];
        for (text, shown) in [
            ("a pa ss/w\"rd b pa ss/w\"rd", "a [secret] b [secret]"),
            ("url pa%20ss%2Fw%22rd pa+ss%2fw%22rd", "url [secret] [secret]"),
            ("json {\"p\":\"pa ss\\/w\\\"rd\"}", "json {\"p\":\"[secret]\"}"),
            ("basic cGEgc3Mvdy", "basic [secret]"),
            ("pa ss", "pa ss"),
            ("", ""),
        ] {
            let shown = if text.starts_with("basic") {
                // A part of the Base64 text only: nothing is found in it unless it is cut there.
                assert_eq!(Matcher::new(secret.iter().copied()).hide_cut(text), shown);
                text
            } else {
                shown
            };
            assert_eq!(hidden(secret, text), shown);
        }
    }

    #[test]
    fn secrets_that_overlap_are_hidden_as_one() {
        assert_eq!(hidden(&["abcdef", "defghi"], "xabcdefghiy"), "x[secret]y");
        assert_eq!(hidden(&["abcd", "xabcdefg"], "xabcdefg abcd abcdefg"), "[secret] [secret] [secret]efg");
        assert_eq!(hidden(&["abcd"], "abcdabcd"), "[secret][secret]");
    }

    #[test]
    fn lines_of_a_long_secret_are_secrets() {
        let key = "-----BEGIN KEY-----\n  AAAABBBB\nab\n-----END KEY-----";
        assert_eq!(hidden(&[key], "+AAAABBBB\n+ab\n-----END KEY-----"), "+[secret]\n+ab\n[secret]");
        assert_eq!(hidden(&[key], key), "[secret]");
    }

    #[test]
    fn short_secrets_are_hidden_as_words() {
        assert_eq!(hidden(&["7"], "pin 7, 17 of 70 (7) a7 7"), "pin [secret], 17 of 70 ([secret]) a7 [secret]");
        assert_eq!(hidden(&["x"], "exit x=x ux\u{fc}x"), "exit [secret]=[secret] ux\u{fc}x");
    }

    #[test]
    fn the_beginning_of_a_secret_is_hidden_where_a_text_was_cut() {
        let matcher = Matcher::new(["correct horse battery"].into_iter());
        assert_eq!(matcher.hide("is correct hor… so"), "is [secret]… so");
        assert_eq!(matcher.hide("is correct hor"), "is correct hor");
        assert_eq!(matcher.hide_cut("is correct hor"), "is [secret]");
        assert_eq!(matcher.hide_cut("is cor"), "is cor");
        assert_eq!(overlap(b"aaab", b"xaaaa"), 3);
        assert_eq!(overlap(b"abab", b"abab"), 4);
        assert_eq!(overlap(b"abcd", b"ab"), 2);
    }

    #[test]
    fn bytes_that_are_no_text_are_looked_through() {
        let matcher = Matcher::new(["hunter2"].into_iter());
        assert_eq!(matcher.hide_bytes(b"\xffhunter2\xfe").unwrap(), b"\xff[secret]\xfe");
        assert_eq!(matcher.hide_bytes(b"\xffhunter"), None);
        assert!(format!("{matcher:?}").starts_with("Matcher { patterns: "));
    }
}
