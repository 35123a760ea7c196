//! Syntax errors in words.
//!
//! The parser names every token it could go on with, often forty; a reader wants the two or three that matter.
//! Unaware of trees and of recovery.

use crate::ast::Span;
use crate::problem::{Problem, ProblemKind};

/// Words of other languages, and what to write here.
const FOREIGN: &[(&str, &str)] = &[
    ("if", "write `condition ? a : b`"),
    ("then", "write `condition ? a : b`"),
    ("else", "write `condition ? a : b`"),
    ("elif", "write `condition ? a : b`"),
    ("is", "write `==`; `x is defined` is `x != null` here, and `x is changed` is `x.changed`"),
    ("eq", "write `==`"),
    ("ne", "write `!=`"),
    ("AND", "write `and`"),
    ("OR", "write `or`"),
    ("NOT", "write `not`"),
    ("IN", "write `in`"),
    ("mod", "write `%`"),
    ("div", "write `//`"),
    ("contains", "write `item in list`"),
    ("lambda", "write `x => …`"),
    ("function", "write `x => …`"),
    ("case", "write `match v { 'a' => 1, _ => 0 }`"),
    ("switch", "write `match v { 'a' => 1, _ => 0 }`"),
];

/// Tokens that are named where they are possible, as the parser writes them and as a reader does.
const NAMED: &[(&str, &str)] = &[
    ("\")\"", "`)`"),
    ("\"]\"", "`]`"),
    ("\"}\"", "`}`"),
    ("\",\"", "`,`"),
    ("\":\"", "`:`"),
    ("\"{\"", "`{`"),
    ("\"=>\"", "`=>`"),
];

/// The problem of a token that stands where only `expected` can: `span` of a text that is divided there into what
/// stands before it, the token itself (empty for a bracket that is missing, and at the end) and what follows.
pub fn unexpected(before: &str, found: &str, behind: &str, span: Span, expected: &[String]) -> Problem {
    let wanted = expectation(expected);
    let wanted = if wanted.is_empty() { "something else" } else { &wanted };
    let message = match found.char_indices().nth(30) {
        _ if found.is_empty() && behind.trim_start().is_empty() => format!("expected {wanted}, found the end"),
        _ if found.is_empty() => format!("expected {wanted} here"),
        Some((end, _)) => format!("expected {wanted}, found `{}…`", &found[..end]),
        None => format!("expected {wanted}, found `{found}`"),
    };
    let problem = Problem::new(ProblemKind::Syntax, span, message);
    match help(before, found, expected) {
        Some(help) => problem.with_help(help),
        None => problem,
    }
}

fn has(expected: &[String], token: &str) -> bool {
    expected.iter().any(|e| e == token)
}

/// Whether a complete operand stands before. What the parser has put together by then rules out some operators, or
/// all of them where only `for` is left, so one is not enough to ask for.
fn operator_fits(expected: &[String]) -> bool {
    let bare = has(expected, "\"for\"") && !has(expected, "name");
    bare || ["\"*\"", "\"==\"", "\"?\""].iter().any(|token| has(expected, token))
}

/// The few things that matter of those that are possible.
fn expectation(expected: &[String]) -> String {
    let value = has(expected, "\"[\"") && has(expected, "int");
    let operator = operator_fits(expected);
    let literal = !value && has(expected, "int");
    let nested = ["\")\"", "\"]\"", "\"}\""].iter().any(|token| has(expected, token));
    let mut words: Vec<&str> = Vec::new();
    if value {
        words.push("a value");
    }
    if literal {
        words.push("a literal");
    }
    if !value && !operator && has(expected, "name") {
        words.push(if has(expected, "str") { "a key" } else { "a name" });
    }
    if operator {
        words.push("an operator");
    }
    if !value && !operator && has(expected, "\"in\"") && !has(expected, "name") {
        words.push("`in`");
    }
    for (token, word) in NAMED {
        let possible = has(expected, token);
        let telling = match *token {
            // Outside of brackets a comma is accepted only to be reported.
            "\",\"" => nested,
            // Before a value a `{` begins a map, and behind a name every `=>` would do.
            "\"{\"" => !value,
            "\"=>\"" => !operator,
            _ => true,
        };
        if possible && telling {
            words.push(word);
        }
    }
    match words.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

fn help(before: &str, found: &str, expected: &[String]) -> Option<&'static str> {
    let last = before.trim_end().rsplit(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or_default();
    let foreign = |text: &str| FOREIGN.iter().find(|(word, _)| *word == text).map(|(_, help)| *help);
    if let Some(help) = foreign(found).or_else(|| foreign(last)) {
        return Some(help);
    }
    let behind_value = operator_fits(expected);
    match found {
        ":" if behind_value => Some("`:` stands in a map `{a: 1}`, a named argument `f(a: 1)`, or `condition ? a : b`"),
        "*" if has(expected, "int") => Some("there is no power operator and no unpacking"),
        ".." if behind_value => Some("ranges do not chain"),
        _ => None,
    }
}
