//! Makes brackets come in pairs, before the grammar sees them.
//!
//! A closing bracket that closes nothing is reported and dropped; a bracket that is never closed is reported and
//! closed at the end. So the parser's recovery never leaves the innermost bracket, and two mistakes in two brackets
//! are two problems. Knowing the pairs, this pass also settles what one token of lookahead cannot: whether a `(`
//! opens the parameters of a lambda, and whether a `=` was meant as `==` or as `:`. It refuses texts that would
//! need an unbounded parser stack. Unaware of everything else about the grammar.

use crate::ast::{MAX_DEPTH, Span};
use crate::lexer::{Lexeme, Token};
use crate::problem::{Problem, ProblemKind};

/// Operators of the prefix or right-associative kind that may wait for their operand at one place.
const MAX_WAITING: usize = 2 * MAX_DEPTH as usize;

/// Tokens whose brackets come in pairs.
pub struct Balanced {
    /// The tokens.
    pub lexemes: Vec<Lexeme>,
    /// First byte of every opening bracket and of its closing one, in the order of the text.
    pub pairs: Vec<(u32, u32)>,
    /// What was wrong.
    pub problems: Vec<Problem>,
    /// Whether the text is nested too deeply to be parsed at all.
    pub too_deep: bool,
}

/// A bracket that waits for its closing one.
struct Open {
    span: Span,
    /// What it is written as.
    bracket: Bracket,
    /// Its place in [`Balanced::lexemes`].
    lexeme: usize,
    /// Its place in [`Balanced::pairs`].
    pair: usize,
    /// Whether a name or a closing bracket stands before it, as in a call.
    behind_value: bool,
    /// Operators that wait for their operand since the last comma.
    waiting: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Bracket {
    Paren,
    Square,
    Brace,
    /// `{{ … }}`, read as parentheses.
    DoubleBrace,
    /// `${ … }`, read as parentheses.
    DollarBrace,
}

impl Bracket {
    fn opened_by(token: &Token) -> Option<Bracket> {
        Some(match token {
            Token::LParen => Bracket::Paren,
            Token::LBracket => Bracket::Square,
            Token::LBrace => Bracket::Brace,
            Token::DoubleBrace => Bracket::DoubleBrace,
            Token::DollarBrace => Bracket::DollarBrace,
            _ => return None,
        })
    }

    /// The token the grammar sees in place of the opening bracket.
    fn opening(self) -> Token {
        match self {
            Bracket::Square => Token::LBracket,
            Bracket::Brace => Token::LBrace,
            Bracket::Paren | Bracket::DoubleBrace | Bracket::DollarBrace => Token::LParen,
        }
    }

    /// The token the grammar sees in place of the closing bracket.
    fn closing(self) -> Token {
        match self {
            Bracket::Square => Token::RBracket,
            Bracket::Brace => Token::RBrace,
            Bracket::Paren | Bracket::DoubleBrace | Bracket::DollarBrace => Token::RParen,
        }
    }

    fn closed_by(self, token: &Token) -> bool {
        match self {
            Bracket::Paren => *token == Token::RParen,
            Bracket::Square => *token == Token::RBracket,
            Bracket::Brace | Bracket::DoubleBrace | Bracket::DollarBrace => *token == Token::RBrace,
        }
    }

    fn written(self) -> (&'static str, &'static str) {
        match self {
            Bracket::Paren => ("(", ")"),
            Bracket::Square => ("[", "]"),
            Bracket::Brace => ("{", "}"),
            Bracket::DoubleBrace => ("{{", "}}"),
            Bracket::DollarBrace => ("${", "}"),
        }
    }
}

/// Pairs the brackets of `lexemes`, which end at byte `end`.
pub fn balance(lexemes: Vec<Lexeme>, end: u32) -> Balanced {
    let mut pass = Pass {
        out: Balanced {
            lexemes: Vec::with_capacity(lexemes.len()),
            pairs: Vec::new(),
            problems: Vec::new(),
            too_deep: false,
        },
        open: Vec::new(),
        unclosed: [0; 3],
        waiting: 0,
        waiting_outside: 0,
        ends_value: false,
        after_dot: false,
        minus_is_sign: false,
    };
    let mut rest = lexemes.into_iter().peekable();
    while let Some(lexeme) = rest.next() {
        let next = rest.peek();
        let swallow = pass.take(lexeme, next);
        if swallow {
            rest.next();
        }
        if pass.out.too_deep {
            return pass.out;
        }
    }
    while let Some(open) = pass.open.pop() {
        pass.never_closed(&open);
        pass.close(open, Span::new(end, end));
    }
    pass.out
}

struct Pass {
    out: Balanced,
    open: Vec<Open>,
    /// How many of `open` a `)`, `]` and `}` would close.
    unclosed: [usize; 3],
    /// All waiting operators, and those outside of every bracket.
    waiting: usize,
    waiting_outside: usize,
    /// Whether the token before this one ends a value, so that a `-` behind it takes two operands.
    ends_value: bool,
    /// Whether the token before this one is `.` or `?.`, so that a word behind it is a field.
    after_dot: bool,
    /// Whether the token before this one is a `-` that takes one operand.
    minus_is_sign: bool,
}

impl Pass {
    /// Handles one token; answers whether the next one belongs to it and is done with.
    fn take(&mut self, lexeme: Lexeme, next: Option<&Lexeme>) -> bool {
        let Lexeme { token, mut span } = lexeme;
        if let Some(bracket) = Bracket::opened_by(&token) {
            self.opened(bracket, span);
            return false;
        }
        if matches!(token, Token::RParen | Token::RBracket | Token::RBrace) {
            return self.closed(&token, span, next);
        }
        let prefix_position = !self.ends_value;
        let waits = match token {
            _ if self.after_dot => false,
            Token::Minus => prefix_position,
            Token::Not | Token::Match | Token::Question | Token::Coalesce | Token::Arrow => true,
            _ => false,
        };
        if waits {
            self.wait(span);
        }
        let token = match token {
            Token::Assign => self.assign(span),
            Token::MinInt => self.least(Token::Int(i64::MIN), &mut span),
            Token::MinDuration => self.least(Token::Duration(i64::MIN), &mut span),
            Token::Comma => {
                self.stop_waiting();
                token
            }
            other => other,
        };
        let word = self.after_dot && !matches!(token, Token::Dot | Token::QuestionDot);
        self.minus_is_sign = token == Token::Minus && prefix_position;
        self.ends_value = word || ends_value(&token);
        self.after_dot = matches!(token, Token::Dot | Token::QuestionDot);
        self.out.lexemes.push(Lexeme { token, span });
        false
    }

    fn opened(&mut self, bracket: Bracket, span: Span) {
        let written = bracket.written().0;
        if matches!(bracket, Bracket::DoubleBrace | Bracket::DollarBrace) {
            self.out.problems.push(
                Problem::new(ProblemKind::Syntax, span, format!("`{written}` does not stand inside an expression"))
                    .with_help("write ${x} in a text, and the name alone inside an expression"),
            );
        }
        if self.open.len() >= usize::from(MAX_DEPTH) {
            self.too_deep(span);
        }
        self.unclosed[slot(bracket)] += 1;
        self.open.push(Open {
            span,
            bracket,
            lexeme: self.out.lexemes.len(),
            pair: self.out.pairs.len(),
            behind_value: self.ends_value,
            waiting: 0,
        });
        self.out.pairs.push((span.start, span.end));
        self.out.lexemes.push(Lexeme { token: bracket.opening(), span });
        self.follows(false);
    }

    fn closed(&mut self, token: &Token, span: Span, next: Option<&Lexeme>) -> bool {
        let count = match token {
            Token::RParen => self.unclosed[0],
            Token::RBracket => self.unclosed[1],
            _ => self.unclosed[2],
        };
        if count == 0 {
            let written = match token {
                Token::RParen => ")",
                Token::RBracket => "]",
                _ => "}",
            };
            self.out.problems.push(Problem::new(ProblemKind::Syntax, span, format!("`{written}` closes nothing")));
            return false;
        }
        while let Some(open) = self.open.pop() {
            if !open.bracket.closed_by(token) {
                self.never_closed(&open);
                self.close(open, Span::new(span.start, span.start));
                continue;
            }
            let double = open.bracket == Bracket::DoubleBrace
                && next.is_some_and(|n| n.token == Token::RBrace && n.span.start == span.end);
            let params =
                open.bracket == Bracket::Paren && !open.behind_value && next.is_some_and(|n| n.token == Token::Arrow);
            if let (true, Some(lexeme)) = (params, self.out.lexemes.get_mut(open.lexeme)) {
                lexeme.token = Token::ParamsOpen;
            }
            self.close(open, span);
            return double;
        }
        false
    }

    /// Emits the closing bracket of `open`.
    fn close(&mut self, open: Open, span: Span) {
        self.unclosed[slot(open.bracket)] -= 1;
        self.waiting -= open.waiting;
        if let Some(pair) = self.out.pairs.get_mut(open.pair) {
            pair.1 = span.start;
        }
        self.out.lexemes.push(Lexeme { token: open.bracket.closing(), span });
        self.follows(true);
    }

    /// Notes that the token before the next one is a bracket.
    fn follows(&mut self, ends_value: bool) {
        self.ends_value = ends_value;
        self.after_dot = false;
        self.minus_is_sign = false;
    }

    fn never_closed(&mut self, open: &Open) {
        let (opening, closing) = open.bracket.written();
        let message = format!("this `{opening}` is never closed: its `{closing}` is missing");
        self.out.problems.push(Problem::new(ProblemKind::Syntax, open.span, message));
    }

    /// `=` in place of a `:` in a map or an argument, else in place of `==`.
    fn assign(&mut self, span: Span) -> Token {
        let named = match (self.open.last(), self.out.lexemes.as_slice()) {
            (Some(open), [.., before, last]) => {
                let first = matches!(before.token, Token::Comma | Token::LBrace | Token::LParen);
                let of_entry = matches!(last.token, Token::Name(_) | Token::Str(_));
                let holds_names = match open.bracket {
                    Bracket::Brace => true,
                    Bracket::Paren => open.behind_value,
                    _ => false,
                };
                first && of_entry && holds_names
            }
            _ => false,
        };
        let (token, help) = if named {
            (Token::Colon, "write `:` between a name and its value")
        } else {
            (Token::Eq, "write `==` to compare; nothing is ever assigned")
        };
        self.out.problems.push(Problem::new(ProblemKind::Syntax, span, "`=` is no operator").with_help(help));
        token
    }

    /// The least number there is, whose magnitude alone is no number.
    fn least(&mut self, value: Token, span: &mut Span) -> Token {
        if self.minus_is_sign {
            // The number takes the place of its sign.
            if let Some(sign) = self.out.lexemes.pop() {
                *span = sign.span.to(*span);
            }
            return value;
        }
        self.out.problems.push(Problem::new(ProblemKind::BadNumber, *span, "this number is too great"));
        Token::Invalid
    }

    fn wait(&mut self, span: Span) {
        self.waiting += 1;
        match self.open.last_mut() {
            Some(open) => open.waiting += 1,
            None => self.waiting_outside += 1,
        }
        if self.waiting > MAX_WAITING {
            self.too_deep(span);
        }
    }

    fn stop_waiting(&mut self) {
        let counter = match self.open.last_mut() {
            Some(open) => &mut open.waiting,
            None => &mut self.waiting_outside,
        };
        self.waiting -= std::mem::take(counter);
    }

    fn too_deep(&mut self, span: Span) {
        self.out.too_deep = true;
        self.out.problems.push(Problem::new(
            ProblemKind::TooDeep,
            span,
            format!("this is nested deeper than {MAX_DEPTH} levels"),
        ));
    }
}

fn slot(bracket: Bracket) -> usize {
    match bracket {
        Bracket::Paren => 0,
        Bracket::Square => 1,
        Bracket::Brace | Bracket::DoubleBrace | Bracket::DollarBrace => 2,
    }
}

/// Whether a value may end with `token`.
fn ends_value(token: &Token) -> bool {
    matches!(
        token,
        Token::Name(_)
            | Token::Int(_)
            | Token::Float(_)
            | Token::Duration(_)
            | Token::Size(_)
            | Token::Str(_)
            | Token::Invalid
            | Token::True
            | Token::False
            | Token::Null
            | Token::RParen
            | Token::RBracket
            | Token::RBrace
    )
}
