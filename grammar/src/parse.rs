//! From the text of an expression to its tree.
//!
//! Always yields a tree and never stops at the first problem; what could not be read is [`ExprKind::Error`]. Start
//! reading at [`parse`]. Unaware of the document the text stands in, and of what names and functions mean.
//!
//! Restrictions of the grammar: comparisons and ranges do not chain; behind `|` stands a name or a call, not in
//! parentheses; only names and dotted names are called; a lambda is the weakest operator, so it needs parentheses
//! everywhere but in brackets and behind `=>`, `?` and `:`; `_` is a pattern and no name; patterns are literals.

use crate::ast::{Expr, ExprKind, Span};
use crate::brackets;
use crate::builder::{Builder, Stop};
use crate::lexer::{Lexeme, Lexer, Token};
use crate::problem::{MAX_PROBLEMS, Problem, ProblemKind};
use lalrpop_util::lalrpop_mod;

lalrpop_mod!(
    #[allow(clippy::all, clippy::disallowed_methods, missing_docs, unused, reason = "generated")]
    expr
);

/// Longest text of an expression, in bytes.
pub const MAX_LENGTH: usize = 64 * 1024;

/// Tokens without an effect after which the parser is known to be dropping them. Far more than any construct needs:
/// behind every value, and every name, something is built.
const MAX_IDLE: u32 = 16;

/// An expression that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Parsed {
    /// The tree.
    pub expr: Expr,
    /// What was wrong, in the order of the text. Where the tree holds an [`ExprKind::Error`] there is a problem; some
    /// problems leave no trace in the tree, because it is plain what was meant.
    pub problems: Vec<Problem>,
}

/// Reads one expression.
pub fn parse(text: &str) -> Parsed {
    parse_at(text, 0)
}

/// Reads one expression whose first byte counts as byte `base` in all spans.
pub fn parse_at(text: &str, base: u32) -> Parsed {
    let whole = Span::new(base, base.saturating_add(u32::try_from(text.len()).unwrap_or(u32::MAX)));
    let nothing = |problems| Parsed { expr: Expr::new(ExprKind::Error, whole), problems };
    if text.len() > MAX_LENGTH || whole.end == u32::MAX {
        let message = format!("this expression is longer than {} KiB", MAX_LENGTH / 1024);
        return nothing(vec![Problem::new(ProblemKind::TooLarge, whole, message)]);
    }
    let mut lexer = Lexer::new(text, base);
    let lexemes: Vec<Lexeme> = lexer.by_ref().collect();
    let (strays, mut problems) = (lexer.strays, lexer.problems);
    let unclosed_string = problems.iter().any(|p| p.kind == ProblemKind::UnclosedString);
    let balanced = brackets::balance(lexemes, whole.end);
    // The brackets that a string without an end has swallowed are not missing.
    problems.extend(balanced.problems.into_iter().filter(|p| !unclosed_string || p.kind == ProblemKind::TooDeep));
    problems.sort_by_key(|p| p.span.start);
    problems.truncate(MAX_PROBLEMS);
    if balanced.too_deep {
        return nothing(problems);
    }
    let builder = Builder::new(text, base, balanced.pairs, strays, problems);
    let feed = Feed { rest: balanced.lexemes.into_iter().peekable(), builder: &builder };
    let expr = match expr::WholeParser::new().parse(&builder, feed) {
        Ok(expr) => expr,
        Err(error) => {
            builder.failed(error);
            builder.error(whole.start, whole.end)
        }
    };
    Parsed { expr, problems: builder.into_problems() }
}

/// Hands tokens to the parser.
///
/// Every token that the parser drops costs a walk over its stack. So when it drops many in a row the feed goes to the
/// next place where recovery can succeed, a comma or a closing bracket, and when problems abound it ends the parse.
struct Feed<'b, 't> {
    rest: std::iter::Peekable<std::vec::IntoIter<Lexeme>>,
    builder: &'b Builder<'t>,
}

impl Feed<'_, '_> {
    fn skip_to_comma_or_closing(&mut self) {
        let mut depth = 0_usize;
        while let Some(next) = self.rest.peek() {
            match next.token {
                Token::Comma if depth == 0 => return,
                Token::RParen | Token::RBracket | Token::RBrace if depth == 0 => return,
                Token::RParen | Token::RBracket | Token::RBrace => depth -= 1,
                Token::LParen | Token::ParamsOpen | Token::LBracket | Token::LBrace => depth += 1,
                _ => {}
            }
            self.rest.next();
        }
    }
}

impl Iterator for Feed<'_, '_> {
    type Item = Result<(u32, Token, u32), Stop>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.builder.is_full() {
            return Some(Err(Stop));
        }
        // Brackets and prefixes may rightly follow one another for long.
        let opens = matches!(
            self.rest.peek()?.token,
            Token::LParen
                | Token::ParamsOpen
                | Token::LBracket
                | Token::LBrace
                | Token::Minus
                | Token::Not
                | Token::Match
        );
        if !opens && self.builder.count_idle() > MAX_IDLE {
            self.skip_to_comma_or_closing();
        }
        let Lexeme { token, span } = self.rest.next()?;
        Some(Ok((span.start, token, span.end)))
    }
}

#[cfg(test)]
mod limits;
#[cfg(test)]
mod tests;
