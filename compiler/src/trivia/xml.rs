//! Comments of XML. The text is well-formed: what is not was reported by the reader.

use super::Comment;

pub(super) fn comments(text: &str) -> Vec<Comment> {
    let mut comments = Vec::new();
    let mut at = 0;
    while let Some(open) = text.get(at..).and_then(|rest| rest.find('<')).map(|i| at + i) {
        let rest = text.get(open..).unwrap_or("");
        let past = |sign: &str, from: usize| {
            rest.get(from..).and_then(|inner| inner.find(sign)).map_or(rest.len(), |i| from + i + sign.len())
        };
        let length = if rest.starts_with("<!--") {
            let length = past("-->", 4);
            let content = rest.get(4..length.saturating_sub(3)).unwrap_or("");
            let line = text.get(..open).unwrap_or("").rsplit(['\n', '\r']).next().unwrap_or("");
            let own_line = line.trim_start_matches('\u{feff}').trim().is_empty();
            comments.push(Comment { at: open, lines: lines(content), own_line });
            length
        } else if rest.starts_with("<![CDATA[") {
            past("]]>", 9)
        } else if rest.starts_with("<?") {
            past("?>", 2)
        } else {
            tag(rest)
        };
        at = open + length;
    }
    comments
}

/// The length of a tag: a `>` in quotes does not end it.
pub(crate) fn tag(rest: &str) -> usize {
    let mut quote = None;
    for (at, byte) in rest.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return at + 1,
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
    }
    rest.len()
}

/// The lines of a comment, without the indentation they share, and with a space before what they say.
fn lines(content: &str) -> Vec<String> {
    if !content.contains('\n') {
        return vec![content.trim_end().to_owned()];
    }
    let lines: Vec<&str> = content.lines().map(str::trim_end).collect();
    let lines = lines.as_slice();
    let lines = lines.strip_prefix(&[""]).unwrap_or(lines);
    let lines = lines.strip_suffix(&[""]).unwrap_or(lines);
    let spaces = |line: &&str| line.len() - line.trim_start().len();
    let (first, rest) = lines.split_first().unwrap_or((&"", &[]));
    // The first line may begin right behind the sign.
    let indented = content.starts_with(['\n', '\r']);
    let rest_indent = rest.iter().filter(|line| !line.is_empty()).map(spaces).min().unwrap_or(0);
    let first_indent = if indented { rest_indent.min(spaces(first)) } else { spaces(first) };
    let rest_indent = if indented { first_indent } else { rest_indent };
    let cut = |line: &str, indent: usize| match line.get(indent..).unwrap_or("") {
        "" => String::new(),
        text => format!(" {text}"),
    };
    std::iter::once(cut(first, first_indent)).chain(rest.iter().map(|line| cut(line, rest_indent))).collect()
}
