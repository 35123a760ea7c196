//! Comments of YAML: what stands between the events of the parser.

use super::Comment;
use crate::doc::yaml::marks::{MarkKind, scan};

pub(super) fn comments(text: &str) -> Vec<Comment> {
    let Some(stream) = scan(text) else { return Vec::new() };
    let comments = stream.marks.iter().filter(|mark| mark.kind == MarkKind::Comment);
    comments
        .map(|mark| {
            let line = text.get(..mark.span.start).unwrap_or("").rsplit(['\n', '\r']).next().unwrap_or("");
            let content = text.get(mark.span.start + 1..mark.span.end).unwrap_or("").trim_end();
            Comment {
                at: mark.span.start,
                lines: vec![content.to_owned()],
                own_line: line.trim_start_matches('\u{feff}').trim().is_empty(),
            }
        })
        .collect()
}
