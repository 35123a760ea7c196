//! What surrounds a complaint of the parser: open quotes and brackets, the line, the value.
//!
//! The parser reads tokens ahead of what it has told, so a short look over the bytes in between is needed.
//!
//! Unaware of: YAML beyond quotes, brackets and comments. It only has to be right about text that is wrong.

use super::{Failure, Span, place, span_range};

/// The surroundings of a failure.
pub(super) struct Context<'t> {
    pub(super) text: &'t str,
    /// End of the part that was read.
    pub(super) end: usize,
    /// The character complained about.
    pub(super) here: Span,
    /// The innermost bracket or brace that is open.
    pub(super) open: Option<u32>,
    /// The quote that is open.
    pub(super) quote: Option<u32>,
    in_brackets: bool,
}

impl<'t> Context<'t> {
    pub(super) fn new(text: &'t str, end: usize, failure: &Failure) -> Context<'t> {
        let here = place(text, end, failure.at);
        let mut open = failure.open.clone();
        let from = failure.read_to.min(failure.at);
        let quote = scan(text, from, failure.at, &mut open)
            // At some failures the parser points at the quote itself.
            .or_else(|| matches!(text.as_bytes().get(failure.at), Some(b'"' | b'\'')).then_some(failure.at));
        if let granit_parser::ErrorKind::UnclosedFlowCollection { .. }
        | granit_parser::ErrorKind::MismatchedFlowCollectionEnd { .. } = &failure.kind
        {
            // Here the parser points at the opening bracket itself.
            open.push(failure.at);
        }
        let open = open.last().map(|at| *at as u32);
        Context { text, end, here, open, quote: quote.map(|at| at as u32), in_brackets: open.is_some() }
    }

    pub(super) fn slice(&self, span: Span) -> &'t str {
        self.text.get(span_range(span)).unwrap_or("")
    }

    /// Start of the line of an offset.
    pub(super) fn line_start(&self, at: u32) -> u32 {
        self.text.get(..at as usize).and_then(|before| before.rfind('\n')).map_or(0, |i| i as u32 + 1)
    }

    /// End of the line of an offset, without white space and line break.
    pub(super) fn line_end(&self, at: u32) -> u32 {
        let rest = self.text.get(at as usize..self.end).unwrap_or("");
        at + rest.split('\n').next().unwrap_or("").trim_end().len() as u32
    }

    /// The value that begins at an offset: to the end of the line, or of the part between brackets.
    pub(super) fn value(&self, at: u32) -> Span {
        let line = self.slice(Span::new(at, self.line_end(at)));
        let line = line.find(" #").and_then(|comment| line.get(..comment)).unwrap_or(line);
        let line = match line.find([',', ']', '}']) {
            Some(close) if self.in_brackets => line.get(..close).unwrap_or(line),
            _ => line,
        };
        Span::new(at, at + line.trim_end().len() as u32)
    }

    /// The tabs in the indentation at the failure: of its line, or of the next one.
    pub(super) fn tabs(&self) -> Span {
        let start = self.line_start(self.here.start);
        let next =
            self.text.get(start as usize..self.end).and_then(|rest| rest.find('\n')).map(|i| start + i as u32 + 1);
        for line in [Some(start), next].into_iter().flatten() {
            let rest = self.text.get(line as usize..self.end).unwrap_or("");
            let indent = rest.get(..rest.len() - rest.trim_start_matches([' ', '\t']).len()).unwrap_or("");
            if let Some(tab) = indent.find('\t') {
                let count = indent.get(tab..).unwrap_or("").bytes().take_while(|b| *b == b'\t').count();
                return Span::new(line + tab as u32, line + (tab + count) as u32);
            }
        }
        self.here
    }

    /// The first escape of the double-quoted text at the failure that is malformed.
    pub(super) fn bad_escape(&self) -> Option<Span> {
        let start = self.here.start as usize;
        let rest = self.text.get(start..self.end)?.strip_prefix('"')?;
        let mut chars = rest.char_indices();
        while let Some((at, c)) = chars.next() {
            if c != '\\' {
                if c == '"' {
                    break;
                }
                continue;
            }
            let (_, kind) = chars.next()?;
            let digits = match kind {
                'x' => 2,
                'u' => 4,
                'U' => 8,
                '0' | 'a' | 'b' | 't' | '\t' | 'n' | 'v' | 'f' | 'r' | 'e' | ' ' | '"' | '/' | '\\' | 'N' | '_'
                | 'L' | 'P' | '\n' | '\r' => continue,
                _ => 0,
            };
            let written: String =
                rest.get(at + 2..)?.chars().take(digits).take_while(char::is_ascii_hexdigit).collect();
            let value = u32::from_str_radix(&written, 16).ok();
            if digits == 0 || written.len() < digits || value.is_none_or(|v| char::from_u32(v).is_none()) {
                let begin = start + 1 + at;
                let length = 1 + kind.len_utf8() + written.len();
                return Some(Span::new(begin as u32, (begin + length) as u32));
            }
        }
        None
    }
}

/// Looks over the bytes from `from` to `to`: tracks brackets in `open`; gives the quote that is still open.
fn scan(text: &str, from: usize, to: usize, open: &mut Vec<usize>) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = from;
    // A quote or bracket begins a token only at the start of a word.
    let mut fresh = true;
    while at < to {
        let Some(byte) = bytes.get(at) else { break };
        match byte {
            b'#' if fresh => {
                while bytes.get(at).is_some_and(|b| *b != b'\n') {
                    at += 1;
                }
                continue;
            }
            b'"' | b'\'' if fresh => {
                let opening = at;
                at += 1;
                loop {
                    match bytes.get(at) {
                        _ if at >= to => return Some(opening),
                        None => return Some(opening),
                        Some(b'\\') if *byte == b'"' => at += 2,
                        Some(b'\'') if *byte == b'\'' && bytes.get(at + 1) == Some(&b'\'') => at += 2,
                        Some(b) if b == byte => break,
                        Some(_) => at += 1,
                    }
                }
            }
            b'[' | b'{' if fresh => open.push(at),
            b']' | b'}' => {
                open.pop();
            }
            _ => {}
        }
        fresh = matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'[' | b'{' | b']' | b'}' | b',' | b':');
        at += 1;
    }
    None
}
