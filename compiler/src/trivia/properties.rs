//! Comments of properties: lines that begin with `#` or `!`, unless the line before goes on in them.

use super::Comment;

pub(super) fn comments(text: &str) -> Vec<Comment> {
    let mut comments = Vec::new();
    let mut goes_on = false;
    let mut at = 0;
    for line in text.split_inclusive(['\n', '\r']) {
        let content = line.trim_end_matches(['\n', '\r']);
        let start = content.trim_start_matches('\u{feff}').trim_start_matches([' ', '\t', '\u{c}']);
        if !goes_on && start.starts_with(['#', '!']) {
            let lines = vec![start.get(1..).unwrap_or("").trim_end().to_owned()];
            comments.push(Comment { at: at + content.len() - start.len(), lines, own_line: true });
        } else if !line.is_empty() && !(content.is_empty() && line == "\n") {
            let slashes = content.len() - content.trim_end_matches('\\').len();
            goes_on = slashes % 2 == 1;
        } else {
            goes_on = false;
        }
        at += line.len();
    }
    comments
}
