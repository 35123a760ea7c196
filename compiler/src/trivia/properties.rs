//! Comments of properties: lines that begin with `#` or `!`, unless the line before goes on in them.

use super::Comment;

pub(super) fn comments(text: &str) -> Vec<Comment> {
    let mut comments = Vec::new();
    // Whether an entry goes on in the next line.
    let mut goes_on = false;
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let content = rest.get(..rest.find(['\n', '\r']).unwrap_or(rest.len())).unwrap_or("");
        let end = rest.get(content.len()..).map_or(0, |end| if end.starts_with("\r\n") { 2 } else { 1 });
        let start = content.trim_start_matches('\u{feff}').trim_start_matches([' ', '\t', '\u{c}']);
        if !goes_on && start.starts_with(['#', '!']) {
            let lines = vec![start.get(1..).unwrap_or("").trim_end().to_owned()];
            comments.push(Comment { at: at + content.len() - start.len(), lines, own_line: true });
        } else {
            let backslashes = start.len() - start.trim_end_matches('\\').len();
            // A backslash that nothing stands before does not begin an entry.
            goes_on = backslashes % 2 == 1 && (goes_on || start.len() > 1);
        }
        at += content.len() + end;
    }
    comments
}
