//! Scalars in which `${…}` stands for a value.
//!
//! `$${` is the text `${`; a `$` anywhere else is itself. The closing brace is found by the lexer of expressions, so
//! that strings and braces inside the expression do not end it. Unaware of whether a place interpolates at all, and
//! of how a value becomes text.

use crate::ast::{Expr, ExprKind, Span};
use crate::lexer::{Lexer, Token};
use crate::parse::parse_at;
use crate::problem::{MAX_PROBLEMS, Problem, ProblemKind};

/// A scalar in parts.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    /// Texts and expressions in order; no two texts follow one another, and none is empty.
    pub parts: Vec<Part>,
    /// What was wrong.
    pub problems: Vec<Problem>,
}

/// A part of a scalar.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// Text as it is, escapes decoded.
    Text(String),
    /// The expression of a `${…}`; its spans count from the start of the scalar.
    Expr(Expr),
}

impl Template {
    /// The expression of a scalar that is exactly one `${…}`, whose type is kept.
    pub fn single(&self) -> Option<&Expr> {
        match self.parts.as_slice() {
            [Part::Expr(expr)] => Some(expr),
            _ => None,
        }
    }
}

/// Whether a scalar is text and nothing but text, so that [`parse_template`] would change nothing.
pub fn is_plain(text: &str) -> bool {
    !text.contains("${")
}

/// Divides a scalar into texts and expressions.
pub fn parse_template(text: &str) -> Template {
    let mut template = Template { parts: Vec::new(), problems: Vec::new() };
    if u32::try_from(text.len()).is_err() {
        let message = "this text is too long to hold expressions";
        template.problems.push(Problem::new(ProblemKind::TooLarge, Span::default(), message));
        return template;
    }
    let mut literal = String::new();
    let mut at = 0;
    while let Some(found) = text[at..].find("${") {
        let opening = at + found;
        if opening > at && text.as_bytes()[opening - 1] == b'$' {
            literal.push_str(&text[at..opening - 1]);
            literal.push_str("${");
            at = opening + 2;
            continue;
        }
        literal.push_str(&text[at..opening]);
        if !literal.is_empty() {
            template.parts.push(Part::Text(std::mem::take(&mut literal)));
        }
        at = template.interpolation(text, opening);
    }
    literal.push_str(&text[at..]);
    if !literal.is_empty() {
        template.parts.push(Part::Text(literal));
    }
    template.problems.truncate(MAX_PROBLEMS);
    template
}

impl Template {
    /// Reads the `${…}` that begins at byte `opening`, and answers where the text goes on.
    fn interpolation(&mut self, text: &str, opening: usize) -> usize {
        let start = opening + 2;
        let base = start as u32;
        match closing_brace(&text[start..], base) {
            Ok(length) => {
                let mut parsed = parse_at(&text[start..start + length], base);
                // `${{ x }}` is how other tools write it; there a `{` opens a map, so the problems would puzzle.
                if text[start..].starts_with('{')
                    && let Some(first) = parsed.problems.first_mut()
                {
                    first.help = Some("write `${x}`, with one pair of braces".to_owned());
                }
                self.problems.append(&mut parsed.problems);
                self.parts.push(Part::Expr(parsed.expr));
                start + length + 1
            }
            Err(string) => {
                let span = Span::new(opening as u32, base);
                self.problems.push(string.unwrap_or_else(|| {
                    let message = "this `${` is never closed: its `}` is missing";
                    Problem::new(ProblemKind::UnclosedInterpolation, span, message)
                        .with_help("write `$${` for the text `${`")
                }));
                let rest = Span::new(opening as u32, text.len() as u32);
                self.parts.push(Part::Expr(Expr::new(ExprKind::Error, rest)));
                text.len()
            }
        }
    }
}

/// How many bytes of `rest` stand before the brace that closes the interpolation; if there is none, the problem of a
/// string that may have swallowed it.
fn closing_brace(rest: &str, base: u32) -> Result<usize, Option<Problem>> {
    let mut lexer = Lexer::new(rest, base);
    let mut depth = 0_usize;
    for lexeme in lexer.by_ref() {
        match lexeme.token {
            Token::LBrace | Token::DollarBrace => depth += 1,
            Token::DoubleBrace => depth += 2,
            Token::RBrace if depth == 0 => return Ok((lexeme.span.start - base) as usize),
            Token::RBrace => depth -= 1,
            _ => {}
        }
    }
    Err(lexer.problems.into_iter().find(|p| p.kind == ProblemKind::UnclosedString))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The parts of a template: texts in quotes, expressions by the bytes of their span.
    fn shown(text: &str) -> String {
        let template = parse_template(text);
        let parts: Vec<String> = template
            .parts
            .iter()
            .map(|part| match part {
                Part::Text(text) => format!("{text:?}"),
                Part::Expr(expr) if expr.kind == ExprKind::Error => "error".to_owned(),
                Part::Expr(expr) => text[expr.span.start as usize..expr.span.end as usize].to_owned(),
            })
            .collect();
        let problems: Vec<String> =
            template.problems.iter().map(|p| format!("{:?} {}..{}", p.kind, p.span.start, p.span.end)).collect();
        [parts.join(" + "), problems.join(", ")].join(" ! ").trim_end_matches(" ! ").to_owned()
    }

    #[test]
    fn parts() {
        let table: &[(&str, &str)] = &[
            ("", ""),
            ("plain", r#""plain""#),
            ("${a}", "a"),
            ("${ a }", "a"),
            ("a ${b} c", r#""a " + b + " c""#),
            ("${a}${b}", "a + b"),
            ("é${b}’s", r#""é" + b + "’s""#),
            ("$", r#""$""#),
            ("$$", r#""$$""#),
            ("$a $$b $ {", r#""$a $$b $ {""#),
            ("$${a}", r#""${a}""#),
            ("$$${a}", r#""$${a}""#),
            ("${a}$${b}", r#"a + "${b}""#),
            ("x$${${a}}", r#""x${" + a + "}""#),
            ("${ '}' }", "'}'"),
            ("${ \"{\" }", "\"{\""),
            ("${ '\\'}' + a }!", r#"'\'}' + a + "!""#),
            ("${ {a: {b: 1}}.a }", "{a: {b: 1}}.a"),
            ("${ match v { 1 => {}, _ => {} } }}", r#"match v { 1 => {}, _ => {} } + "}""#),
            ("a }${b}{", r#""a }" + b + "{""#),
            ("${}", "error ! Syntax 2..2"),
            ("a${ }b", "\"a\" + error + \"b\" ! Syntax 3..4"),
            ("a ${b", "\"a \" + error ! UnclosedInterpolation 2..4"),
            ("${a ${b}", "error ! UnclosedInterpolation 0..2"),
            ("${'a}", "error ! UnclosedString 2..5"),
            ("${f(1}", "f(1 ! Syntax 3..4"),
            ("${a +} and ${* b}", "error + \" and \" + error ! Syntax 5..5, Syntax 13..14"),
            ("${{ x }}", "{ x } ! Syntax 6..7"),
        ];
        for (text, expected) in table {
            assert_eq!(shown(text), *expected, "{text}");
            let unchanged = parse_template(text).parts == [Part::Text((*text).to_owned())];
            assert_eq!(is_plain(text), unchanged || text.is_empty(), "{text}");
        }
    }

    #[test]
    fn single() {
        for (text, single) in [("${a}", true), (" ${a}", false), ("${a}${b}", false), ("a", false), ("", false)] {
            assert_eq!(parse_template(text).single().is_some(), single, "{text}");
        }
    }

    #[test]
    fn braces_of_other_tools() {
        let template = parse_template("${{ x }}");
        assert_eq!(template.problems[0].help.as_deref(), Some("write `${x}`, with one pair of braces"));
    }
}
