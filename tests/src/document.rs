//! Markdown as test documents: a heading begins a case, fences are its files and what is expected of them.
//!
//! Unaware of: what any fence means. The text between fences is specification and is left alone.

use std::ops::Range;
use std::path::{Path, PathBuf};

/// A document with its cases.
#[derive(Clone, Debug)]
pub struct Document {
    /// Where it was read from.
    pub path: PathBuf,
    /// Its text as it was read.
    pub text: String,
    /// Sections that hold at least one fence, in order.
    pub cases: Vec<Case>,
}

/// A section of a document.
#[derive(Clone, Debug)]
pub struct Case {
    /// The heading.
    pub title: String,
    /// The line of the heading, from 1.
    pub line: usize,
    /// The fences below it.
    pub fences: Vec<Fence>,
}

/// A fenced block.
#[derive(Clone, Debug)]
pub struct Fence {
    /// The first word behind the backticks.
    pub kind: String,
    /// The words behind it.
    pub words: Vec<String>,
    /// The line of the opening backticks, from 1.
    pub line: usize,
    /// The bytes of the body in the document, the last line end included.
    pub body: Range<usize>,
    /// The body.
    pub text: String,
}

impl Fence {
    /// Whether a word stands behind the kind.
    pub fn has(&self, word: &str) -> bool {
        self.words.iter().any(|w| w == word)
    }

    /// The number of `name=N`.
    pub fn number(&self, name: &str) -> Option<u64> {
        self.words.iter().find_map(|w| w.strip_prefix(name)?.strip_prefix('=')?.parse().ok())
    }
}

impl Document {
    /// Reads a document from the disk.
    pub fn read(path: &Path) -> Document {
        let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        Document { path: path.to_owned(), cases: cases(&text), text }
    }

    /// The document with some bodies replaced.
    pub fn with_bodies(&self, bodies: &[(Range<usize>, String)]) -> String {
        let mut text = self.text.clone();
        let mut bodies: Vec<_> = bodies.iter().collect();
        bodies.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
        for (range, body) in bodies {
            text.replace_range(range.clone(), body);
        }
        text
    }
}

/// The sections of a text that hold fences.
fn cases(text: &str) -> Vec<Case> {
    let mut cases = vec![Case { title: String::new(), line: 1, fences: Vec::new() }];
    let mut open: Option<(usize, Fence)> = None;
    let mut at = 0;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let (start, number) = (at, number + 1);
        at += line.len();
        let bare = line.trim_end();
        let ticks = bare.bytes().take_while(|b| *b == b'`').count();
        if let Some((width, mut fence)) = open.take() {
            if ticks >= width && bare.len() == ticks {
                fence.body.end = start;
                fence.text = text[fence.body.clone()].to_owned();
                cases.last_mut().expect("never empty").fences.push(fence);
            } else {
                open = Some((width, fence));
            }
            continue;
        }
        if ticks >= 3 {
            let mut words = bare[ticks..].split_whitespace().map(str::to_owned);
            let kind = words.next().unwrap_or_default();
            let words = words.collect();
            open = Some((ticks, Fence { kind, words, line: number, body: at..at, text: String::new() }));
        } else if bare.starts_with('#') {
            let title = bare.trim_start_matches('#').trim().to_owned();
            cases.push(Case { title, line: number, fences: Vec::new() });
        }
    }
    assert!(open.is_none(), "a fence is not closed");
    cases.retain(|case| !case.fences.is_empty());
    cases
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_begin_cases_and_fences_keep_their_place() {
        let text = "# A\nwords\n```yaml a.ipcmm.yaml\nx: 1\n```\n## B\n````text\n```\n````\n# C\n";
        let cases = cases(text);
        assert_eq!(cases.len(), 2);
        assert_eq!((cases[0].title.as_str(), cases[0].line), ("A", 1));
        let fence = &cases[0].fences[0];
        assert_eq!((fence.kind.as_str(), fence.words.as_slice()), ("yaml", ["a.ipcmm.yaml".to_owned()].as_slice()));
        assert_eq!((fence.text.as_str(), fence.line, &text[fence.body.clone()]), ("x: 1\n", 3, "x: 1\n"));
        assert_eq!(cases[1].fences[0].text, "```\n");
    }
}
