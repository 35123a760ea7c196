//! JSON (RFC 8259, and nothing beyond it) by a table of tokens and a machine with a stack of its own, spoken to the
//! [`Builder`].
//!
//! Nothing recurses, and what is kept while reading is bounded by the limit of depth. A problem does not end the
//! reading: it goes on at the next `,`, `}` or `]`, so that all problems of a file are told at once ([`explain`]).
//!
//! Unaware of: the meaning of keys, and of the type a number will be read with. Start reading at [`Reader::step`].

mod brackets;
mod explain;
mod fix;
mod text;
mod token;

use super::builder::{Builder, quoted};
use super::{Doc, MAX_SOURCE_BYTES, Span, Style};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::source::FileId;
pub use fix::respell;
use logos::Logos;
use std::borrow::Cow;
use token::Token;

/// Parses a JSON file. The document has no roots if nothing is written, otherwise one.
pub fn parse(file: FileId, text: &str, diagnostics: &mut Diagnostics) -> Doc {
    if text.len() > MAX_SOURCE_BYTES {
        let message = format!("the file has {} bytes; at most {MAX_SOURCE_BYTES} are read", text.len());
        diagnostics.push(Diagnostic::new(Code::TooLarge, file, Span::new(0, 0), message).help("split the file"));
        return Doc::empty(file);
    }
    let mut reader = Reader {
        text,
        file,
        builder: Builder::new(file, diagnostics),
        open: Vec::new(),
        want: Want::Root,
        lost: false,
        skipped: 0,
        end: 0,
        mark: Span::new(0, 0),
    };
    reader.read();
    reader.builder.finish()
}

/// What is expected next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Want {
    /// The value of the file.
    Root,
    /// A value, or the end of a list.
    First,
    /// A value of a list, behind a comma.
    Item,
    /// A key, or the end of a map.
    FirstKey,
    /// A key, behind a comma.
    Key,
    /// What is between key and value.
    Colon,
    /// The value of a key.
    Value,
    /// A comma, or the end of the list or map.
    After,
    /// Nothing more.
    End,
}

/// A list or map that is not closed yet.
#[derive(Clone, Copy)]
struct Open {
    start: u32,
    map: bool,
}

impl Open {
    fn signs(self) -> (char, char) {
        if self.map { ('{', '}') } else { ('[', ']') }
    }

    fn mark(self) -> Span {
        Span::new(self.start, self.start + 1)
    }
}

/// A token that may be none, and its place.
type Found = (Option<Token>, Span);

struct Reader<'t, 'd> {
    text: &'t str,
    file: FileId,
    builder: Builder<'d>,
    open: Vec<Open>,
    want: Want,
    /// Whether a problem was reported and its end is still looked for.
    lost: bool,
    /// Open brackets of a part that is not looked at: too deep, or in a wrong place.
    skipped: u32,
    /// Byte behind the token before.
    end: u32,
    /// The comma or colon read last.
    mark: Span,
}

impl<'t> Reader<'t, '_> {
    fn read(&mut self) {
        // A byte-order mark is tolerated; places are those of the file.
        let base = if self.text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let text = self.text;
        let mut lexer = Token::lexer(text.get(base..).unwrap_or("")).spanned().peekable();
        let place = |range: std::ops::Range<usize>| Span::new((base + range.start) as u32, (base + range.end) as u32);
        let mut last = None;
        while let Some((token, range)) = lexer.next() {
            let (token, span) = (token.ok(), place(range));
            if self.builder.halted() || self.builder.is_full(Code::Syntax) {
                return;
            }
            last = token;
            if token == Some(Token::Comment) {
                self.builder.report(explain::comment(self.file, self.slice(span), span));
            } else if self.skipped > 0 {
                self.skip(token, span);
            } else {
                let next = match token {
                    Some(Token::CloseList | Token::CloseMap) => lexer.peek().and_then(|(token, _)| token.ok()),
                    _ => None,
                };
                if !self.step((token, span), next) {
                    return;
                }
            }
            self.end = span.end;
        }
        // A quote that is not closed takes the closing brackets of its line with it.
        if let (Some(open), false) = (self.open.last(), matches!(last, Some(Token::Open(_)))) {
            let (sign, close) = open.signs();
            let problem = explain::say(self.file, open.mark(), format!("`{sign}` is not closed"));
            self.builder.report(problem.help(format!("write `{close}` where it ends")));
        }
    }

    /// Takes a token; `next` is the one behind a closing bracket. False: the rest of the file is not looked at.
    fn step(&mut self, found: Found, next: Option<Token>) -> bool {
        match self.want {
            Want::Root | Want::First | Want::Item | Want::Value => self.value(found, next),
            Want::FirstKey | Want::Key => self.key(found, next),
            Want::Colon => self.colon(found, next),
            Want::After => self.after(found, next),
            Want::End => {
                if !self.lost {
                    self.after_the_end(found);
                }
                return false;
            }
        }
        true
    }

    fn value(&mut self, (token, span): Found, next: Option<Token>) {
        match token {
            Some(Token::Bare) => {
                self.builder.scalar(Cow::Borrowed(self.slice(span)), Style::Bare, span, true);
                self.settle();
            }
            Some(Token::Plain | Token::Escaped) => {
                self.text(token, span);
                self.settle();
            }
            Some(Token::OpenMap) => self.begin(true, span),
            Some(Token::OpenList) => self.begin(false, span),
            Some(Token::CloseList | Token::CloseMap) if self.want == Want::First => self.close(token, span, next),
            Some(Token::CloseList | Token::CloseMap) if self.want == Want::Item => {
                let sign = if token == Some(Token::CloseMap) { '}' } else { ']' };
                self.builder.report(explain::trailing(self.file, self.mark, sign));
                self.close(token, span, next);
            }
            Some(Token::Comma | Token::Colon | Token::CloseList | Token::CloseMap) => {
                let sign = quoted(self.slice(span));
                match self.want {
                    Want::Root => {
                        let problem = explain::say(self.file, span, format!("{sign} stands before any value"));
                        self.builder.report(problem.help("a file holds one value, as a rule a map in braces"));
                        self.lost = true;
                    }
                    Want::Value if token == Some(Token::Colon) => {
                        let problem = explain::say(self.file, span, "`:` stands twice between key and value");
                        self.builder.report(problem.fix("remove one", "").certain());
                        return;
                    }
                    Want::Value => {
                        let message = format!("a value is missing before {sign}");
                        let help = "write `null` if there is nothing to say";
                        self.builder.report(explain::say(self.file, span, message).help(help));
                    }
                    _ => {
                        let message = format!("a value is missing before {sign}");
                        let help = "a list holds values with one comma between two of them";
                        self.builder.report(explain::say(self.file, span, message).help(help));
                    }
                }
                self.poison(span);
                if self.want == Want::After {
                    self.lost = token == Some(Token::Colon);
                    self.after((token, span), next);
                }
            }
            token => {
                let mut problem = explain::no_value(self.file, token, self.slice(span), span);
                if self.want == Want::Root && token == Some(Token::Word) {
                    let looks = if self.slice(span).starts_with('<') { "XML" } else { "YAML" };
                    problem.help = Some(format!("if the file is {looks}, its name should say so"));
                    problem.fix = None;
                }
                self.builder.report(problem);
                self.poison(span);
                self.lost = true;
            }
        }
    }

    fn key(&mut self, (token, span): Found, next: Option<Token>) {
        match token {
            Some(Token::Plain | Token::Escaped) => {
                self.text(token, span);
                self.want = Want::Colon;
            }
            Some(Token::CloseMap | Token::CloseList) => {
                if self.want == Want::Key {
                    let sign = if token == Some(Token::CloseMap) { '}' } else { ']' };
                    self.builder.report(explain::trailing(self.file, self.mark, sign));
                }
                self.close(token, span, next);
            }
            Some(Token::Comma) => {
                let problem = explain::say(self.file, span, "an entry is missing before `,`");
                self.builder.report(problem.help("remove the comma").fix("remove the comma", "").certain());
                self.mark = span;
                self.want = Want::Key;
            }
            Some(Token::Colon) => {
                let problem = explain::say(self.file, span, "a key is missing before `:`");
                self.builder.report(problem.help("write a text in double quotes before it"));
                self.poison(span);
                self.mark = span;
                self.want = Want::Value;
            }
            token => {
                self.builder.report(explain::no_key(self.file, token, self.slice(span), span));
                self.poison(span);
                self.want = Want::Colon;
                self.lost = true;
                self.skipped = u32::from(matches!(token, Some(Token::OpenMap | Token::OpenList)));
            }
        }
    }

    fn colon(&mut self, (token, span): Found, next: Option<Token>) {
        match token {
            Some(Token::Colon) => {
                self.lost = false;
                self.mark = span;
                self.want = Want::Value;
            }
            Some(Token::Comma | Token::CloseMap | Token::CloseList) => {
                if !self.lost {
                    let place = Span::new(self.end, self.end);
                    let problem = explain::say(self.file, place, "a key without a value");
                    self.builder.report(problem.help("an entry of a map is `\"key\": value`"));
                }
                self.poison(span);
                self.lost = false;
                self.after((token, span), next);
            }
            // What cannot be read was reported, and so were the words behind it.
            _ if self.lost => self.pass(token),
            Some(Token::Word) if matches!(self.slice(span), "=" | "=>") => {
                let problem =
                    explain::say(self.file, span, format!("{} stands in place of `:`", quoted(self.slice(span))));
                self.builder.report(problem.fix("write `:`", ":"));
                self.mark = span;
                self.want = Want::Value;
            }
            Some(Token::Word) | None => {
                let message = format!("{} stands in place of `:`", quoted(self.slice(span)));
                let help = "an entry of a map is `\"key\": value`";
                self.builder.report(explain::say(self.file, span, message).help(help));
                self.lost = true;
            }
            _ => {
                let help = "an entry of a map is `\"key\": value`";
                self.builder.report(explain::missing(self.file, self.end, ':', help));
                self.want = Want::Value;
                self.value((token, span), next);
            }
        }
    }

    fn after(&mut self, (token, span): Found, next: Option<Token>) {
        let map = self.open.last().is_some_and(|open| open.map);
        match token {
            Some(Token::Comma) => {
                self.lost = false;
                self.mark = span;
                self.want = if map { Want::Key } else { Want::Item };
            }
            Some(Token::CloseMap | Token::CloseList) => {
                self.lost = false;
                self.close(token, span, next);
            }
            Some(Token::Plain | Token::Escaped) if self.lost && map && self.line_ends_before(span) => {
                // The next entry, most likely; that a comma may be missing too will be seen when the rest is mended.
                self.lost = false;
                self.want = Want::Key;
                self.key((token, span), next);
            }
            _ if self.lost => self.pass(token),
            Some(Token::Colon) if map => {
                let problem = explain::say(self.file, span, "`:` is not expected behind a value");
                self.builder.report(problem.help("look for a missing `,` or brace before it"));
                self.lost = true;
            }
            Some(Token::Colon) => {
                let problem = explain::say(self.file, span, "`:` is not expected in a list");
                self.builder.report(problem.help("a map is written in braces"));
                self.lost = true;
            }
            Some(Token::Plain | Token::Escaped) if map => {
                self.builder.report(explain::missing(self.file, self.end, ',', "entries are separated by commas"));
                self.want = Want::Key;
                self.key((token, span), next);
            }
            Some(Token::Word) | None => self.unexpected(token, span, map),
            _ if map => self.unexpected(token, span, map),
            _ => {
                self.builder.report(explain::missing(self.file, self.end, ',', "values are separated by commas"));
                self.want = Want::Item;
                self.value((token, span), next);
            }
        }
    }

    /// Gives a text to the builder, or what is wrong with it.
    fn text(&mut self, token: Option<Token>, span: Span) {
        let raw = self.slice(Span::new(span.start + 1, span.end - 1));
        if token == Some(Token::Plain) {
            self.builder.scalar(Cow::Borrowed(raw), Style::Quoted, span, true);
            return;
        }
        match text::decode(raw, span.start + 1) {
            Ok((text, pieces)) => self.builder.scalar_in_pieces(Cow::Owned(text), Style::Quoted, span, pieces),
            Err(flaw) => {
                self.builder.report(explain::flaw(self.file, flaw, raw, span.start + 1));
                self.builder.poison(span);
            }
        }
    }

    /// A value has ended.
    fn settle(&mut self) {
        self.want = if self.open.is_empty() { Want::End } else { Want::After };
    }

    /// A value, or a key, that could not be read.
    fn poison(&mut self, span: Span) {
        self.builder.poison(span);
        self.settle();
    }

    fn line_ends_before(&self, span: Span) -> bool {
        self.slice(Span::new(self.end, span.start)).contains('\n')
    }

    fn slice(&self, span: Span) -> &'t str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or("")
    }
}

#[cfg(test)]
mod tests;
