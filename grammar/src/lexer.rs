//! Tokens of expressions.
//!
//! The table of [`Token`] is compiled by logos; strings and numbers are handed to `literal.rs`. Nothing stops
//! the lexer: what cannot be read is reported, and becomes [`Token::Invalid`] where a value was meant, the operator
//! that was meant where another language spells it differently (`&&`), or nothing. Unaware of the grammar: which
//! token may follow which, and that brackets come in pairs, is decided in `brackets.rs` and `expr.lalrpop`.

use crate::ast::Span;
use crate::literal;
use crate::problem::{Problem, ProblemKind};
use logos::Logos;

/// A token. The last group never leaves the lexer or the bracket pass.
#[derive(Logos, Clone, Debug, PartialEq)]
#[logos(skip r"[ \t\r\n\f]+")]
#[allow(missing_docs, reason = "the spelling beside each variant is its documentation")]
pub enum Token {
    #[token("not")]
    Not,
    #[token("and")]
    And,
    #[token("or")]
    Or,
    #[token("in")]
    In,
    #[token("matches")]
    Matches,
    #[token("match")]
    Match,
    #[token("if")]
    If,
    #[token("for")]
    For,
    #[token("true")]
    True,
    #[token("false")]
    False,
    #[token("null")]
    Null,

    #[token("==")]
    Eq,
    #[token("!=")]
    Ne,
    #[token("<")]
    Lt,
    #[token("<=")]
    Le,
    #[token(">")]
    Gt,
    #[token(">=")]
    Ge,
    #[token("+")]
    Plus,
    #[token("-")]
    Minus,
    #[token("*")]
    Star,
    #[token("/")]
    Slash,
    #[token("//")]
    SlashSlash,
    #[token("%")]
    Percent,
    #[token("??")]
    Coalesce,
    #[token("?.")]
    QuestionDot,
    #[token("?")]
    Question,
    #[token(":")]
    Colon,
    #[token("=>")]
    Arrow,
    #[token("|")]
    Bar,
    #[token("..")]
    DotDot,
    #[token(".")]
    Dot,
    #[token(",")]
    Comma,
    #[token("(")]
    LParen,
    #[token(")")]
    RParen,
    #[token("[")]
    LBracket,
    #[token("]")]
    RBracket,
    #[token("{")]
    LBrace,
    #[token("}")]
    RBrace,
    #[token("_", priority = 10)]
    Underscore,

    #[regex(r"[\p{XID_Start}_]\p{XID_Continue}*", |lex| lex.slice().to_owned(), priority = 1)]
    Name(String),
    Int(i64),
    Float(f64),
    Duration(i64),
    Size(i64),
    Str(String),
    /// A value that could not be read; its problem is reported.
    Invalid,
    /// The `(` before the parameters of a lambda.
    ParamsOpen,

    /// 2⁶³ without a unit: an integer only with a `-` before it.
    MinInt,
    /// 2⁶³ nanoseconds: a duration only with a `-` before it.
    MinDuration,
    #[regex(r"[0-9][\p{XID_Continue}]*(\.[0-9][\p{XID_Continue}]*)*")]
    #[regex(r"[0-9][0-9_]*(\.[0-9][0-9_]*)?[eE][+-][0-9]+")]
    Number,
    #[token("'")]
    #[token("\"")]
    Quote,
    /// `=`: reported by the bracket pass, which knows whether `==` or `:` was meant.
    #[token("=")]
    Assign,
    #[token("&&")]
    #[token("&")]
    Ampersands,
    #[token("||")]
    Bars,
    #[token("!")]
    Bang,
    #[token("===")]
    EqEqEq,
    #[token("!==")]
    NeEq,
    #[token("{{")]
    DoubleBrace,
    #[token("${")]
    DollarBrace,
}

/// A token with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Lexeme {
    /// The token.
    pub token: Token,
    /// Where it stands.
    pub span: Span,
}

/// Reads tokens one after the other and collects problems on the way.
pub struct Lexer<'t> {
    inner: logos::Lexer<'t, Token>,
    base: u32,
    /// Problems found so far.
    pub problems: Vec<Problem>,
    /// Bytes behind characters that meant nothing, which were reported and left out.
    pub strays: Vec<u32>,
}

impl<'t> Lexer<'t> {
    /// A lexer of `text`, whose first byte counts as byte `base`.
    pub fn new(text: &'t str, base: u32) -> Lexer<'t> {
        Lexer { inner: Token::lexer(text), base, problems: Vec::new(), strays: Vec::new() }
    }

    /// The part of the text the current token is made of.
    fn span(&self) -> Span {
        let range = self.inner.span();
        Span::new(self.base + range.start as u32, self.base + range.end as u32)
    }

    fn problem(&mut self, kind: ProblemKind, message: impl Into<String>, help: Option<&str>) {
        let span = self.span();
        self.problems.push(Problem { kind, span, message: message.into(), help: help.map(str::to_owned) });
    }

    /// Reports a spelling of another language and returns the token that was meant.
    fn foreign(&mut self, meant: Token, write: &str) -> Token {
        let message = format!("`{}` is no operator", self.inner.slice());
        self.problem(ProblemKind::Syntax, message, Some(&format!("write {write}")));
        meant
    }

    fn number(&mut self) -> Token {
        match literal::number(self.inner.slice()) {
            Ok(token) => token,
            Err(flaw) => {
                self.problem(flaw.kind, flaw.message, flaw.help);
                Token::Invalid
            }
        }
    }

    fn quoted(&mut self) -> Token {
        let quote = if self.inner.slice() == "'" { '\'' } else { '"' };
        let first = self.span().end;
        let string = literal::string(self.inner.remainder(), quote);
        self.inner.bump(string.length);
        for (start, end) in &string.bad_escapes {
            let span = Span::new(first + *start as u32, first + *end as u32);
            let written = &self.inner.slice()[1 + start..1 + end];
            self.problems.push(
                Problem::new(ProblemKind::BadEscape, span, format!("`{written}` is no escape"))
                    .with_help(r"write `\\` for a backslash; the others are \' \n \t \r and \u{…}"),
            );
        }
        if !string.closed {
            let message = format!("this string is never closed: its {quote} is missing");
            self.problem(ProblemKind::UnclosedString, message, None);
            return Token::Invalid;
        }
        if string.bad_escapes.is_empty() { Token::Str(string.text) } else { Token::Invalid }
    }

    /// Reports a character that means nothing.
    fn stray(&mut self) {
        let help = match self.inner.slice().chars().next() {
            Some('$') => Some("inside an expression write the name alone"),
            Some('`' | '‘' | '’' | '“' | '”' | '„') => Some("write strings as '…' or \"…\""),
            Some('\u{a0}') => Some("this is a no-break space: write a plain one"),
            Some('#') => Some("an expression holds no comments"),
            Some(';') => Some("an expression holds no statements"),
            Some('^') => Some("write `!=` for “either, not both”"),
            _ => None,
        };
        let message = format!("`{}` means nothing here", self.inner.slice().escape_debug());
        self.problem(ProblemKind::Syntax, message, help);
        self.strays.push(self.span().end);
    }
}

impl Iterator for Lexer<'_> {
    type Item = Lexeme;

    fn next(&mut self) -> Option<Lexeme> {
        loop {
            let token = match self.inner.next()? {
                Ok(Token::Number) => self.number(),
                Ok(Token::Quote) => self.quoted(),
                Ok(Token::Ampersands) => self.foreign(Token::And, "`and`"),
                Ok(Token::Bars) => self.foreign(Token::Or, "`or`"),
                Ok(Token::Bang) => self.foreign(Token::Not, "`not`"),
                Ok(Token::EqEqEq) => self.foreign(Token::Eq, "`==`"),
                Ok(Token::NeEq) => self.foreign(Token::Ne, "`!=`"),
                Ok(token) => token,
                Err(()) => {
                    self.stray();
                    continue;
                }
            };
            return Some(Lexeme { token, span: self.span() });
        }
    }
}
