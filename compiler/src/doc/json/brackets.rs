//! Where lists and maps begin and end, and what is passed over between a problem and the place where reading goes on.
//!
//! Unaware of: keys and values.

use super::token::{Opened, Token};
use super::{Found, Open, Reader, Want, explain};
use crate::doc::Span;
use crate::doc::builder::{MAX_DEPTH, quoted};

impl Reader<'_, '_> {
    pub(super) fn begin(&mut self, map: bool, span: Span) {
        if map {
            self.builder.begin_map(span);
        } else {
            self.builder.begin_list(span);
        }
        if self.open.len() >= MAX_DEPTH {
            // The builder has reported it and made it one leaf.
            self.builder.end(None);
            self.skipped = 1;
            self.settle();
            return;
        }
        self.open.push(Open { start: span.start, map });
        self.want = if map { Want::FirstKey } else { Want::First };
    }

    /// Closes the innermost list or map, with the wrong bracket as well.
    pub(super) fn close(&mut self, token: Option<Token>, span: Span, next: Option<Token>) {
        let Some(open) = self.open.pop() else { return };
        let map = token == Some(Token::CloseMap);
        let (sign, close) = open.signs();
        if open.map == map {
            self.builder.end(Some(span.end));
            self.settle();
            return;
        }
        // `[1}` before another `}` is a slip; otherwise the bracket closes what is around, and this one is missing.
        let around = self.open.last().is_some_and(|around| around.map == map);
        let slip = matches!((next, map), (Some(Token::CloseMap), true) | (Some(Token::CloseList), false));
        if around && !slip {
            let problem = explain::say(self.file, open.mark(), format!("`{sign}` is not closed"));
            let problem = problem.label(self.file, span, "this closes what is around it");
            self.builder.report(problem.help(format!("write `{close}` where it ends")));
            self.builder.end(Some(self.end));
            self.open.pop();
        } else {
            let message = format!("`{sign}` is closed by {}", quoted(self.slice(span)));
            let problem = explain::say(self.file, span, message).label(self.file, open.mark(), "opened here");
            let problem = problem.help(format!("write `{close}` in its place"));
            self.builder.report(problem.fix(format!("write `{close}`"), close));
        }
        self.builder.end(Some(span.end));
        self.settle();
    }

    /// Passes over a token while the end of a problem is looked for.
    pub(super) fn pass(&mut self, token: Option<Token>) {
        self.skipped = u32::from(matches!(token, Some(Token::OpenMap | Token::OpenList)));
    }

    pub(super) fn skip(&mut self, token: Option<Token>, span: Span) {
        match token {
            Some(Token::OpenMap | Token::OpenList) => self.skipped += 1,
            Some(Token::CloseMap | Token::CloseList) => self.skipped -= 1,
            // A quote that is not closed makes everything behind it doubtful; it is worth a word wherever it is.
            Some(Token::Open(Opened::Never)) => {
                self.builder.report(explain::no_value(self.file, token, self.slice(span), span));
            }
            _ => {}
        }
    }

    /// Reports something that is neither a comma nor a closing bracket, and passes over it.
    pub(super) fn unexpected(&mut self, token: Option<Token>, span: Span, map: bool) {
        let message = format!("{} is not expected behind a value", quoted(self.slice(span)));
        let close = if map { '}' } else { ']' };
        let problem = explain::say(self.file, span, message);
        self.builder.report(problem.help(format!("`,` or `{close}` follows a value")));
        self.lost = true;
        self.pass(token);
    }

    /// Says what is wrong with something behind the value of the file.
    pub(super) fn after_the_end(&mut self, (token, span): Found) {
        let written = quoted(self.slice(span));
        let problem = match token {
            Some(Token::CloseMap | Token::CloseList) => {
                explain::say(self.file, span, format!("{written} closes nothing"))
                    .help("remove it, or look for a bracket that was closed too early")
            }
            Some(Token::Colon) => {
                explain::say(self.file, span, "`:` is not expected outside of a map").help("a map is written in braces")
            }
            Some(Token::Comma) => explain::say(self.file, span, "`,` is not expected outside of a list or map")
                .help("a file holds one value; a list is written in brackets"),
            _ => explain::say(self.file, span, format!("{written} stands behind the end of the document"))
                .help("a file holds one value; further modules are files of their own"),
        };
        self.builder.report(problem);
    }
}
