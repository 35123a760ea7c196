//! What the grammar's rules call to build the tree.
//!
//! The builder keeps every tree within [`MAX_DEPTH`], checks what the grammar leaves open (what may be called, what
//! may stand in which bracket) and collects the problems. Unaware of how tokens are found; the words of syntax
//! errors come from [`crate::wording`].

use crate::ast::{Arg, Arm, BinaryOp, Expr, ExprKind, Ident, MAX_DEPTH, Span};
use crate::lexer::Token;
use crate::problem::{MAX_PROBLEMS, Problem, ProblemKind};
use crate::wording;
use lalrpop_util::{ErrorRecovery, ParseError};
use std::cell::{Cell, RefCell};

/// Ends a parse that has seen too many problems to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stop;

/// What stands between two commas.
pub enum Slot {
    /// An expression.
    Value(Expr),
    /// `body for names in list if condition`
    Comprehension(ExprKind, Span),
}

impl Slot {
    /// The slot of a comprehension.
    pub fn comprehension(
        body: Expr,
        names: Vec<Ident>,
        list: Expr,
        condition: Option<Expr>,
        start: u32,
        end: u32,
    ) -> Slot {
        let (body, list, condition) = (Box::new(body), Box::new(list), condition.map(Box::new));
        Slot::Comprehension(ExprKind::Comprehension { body, names, list, condition }, Span::new(start, end))
    }
}

/// An argument as written.
pub struct Argument {
    /// The name before its `:`.
    pub name: Option<Ident>,
    /// What stands there.
    pub slot: Slot,
}

/// Builds one tree.
pub struct Builder<'t> {
    text: &'t str,
    base: u32,
    /// First byte of every opening bracket and of its closing one.
    pairs: Vec<(u32, u32)>,
    /// Bytes behind characters that mean nothing, in the order of the text.
    strays: Vec<u32>,
    problems: RefCell<Vec<Problem>>,
    /// Problems before this byte follow from one that is reported: their bracket's opening was dropped.
    quiet: Cell<u32>,
    /// Tokens handed to the parser since it last built something.
    idle: Cell<u32>,
    /// A tree was cut already.
    cut: Cell<bool>,
}

impl<'t> Builder<'t> {
    /// A builder for `text`, whose first byte is byte `base`, with what is known of it before it is parsed.
    pub fn new(
        text: &'t str,
        base: u32,
        pairs: Vec<(u32, u32)>,
        strays: Vec<u32>,
        problems: Vec<Problem>,
    ) -> Builder<'t> {
        Builder {
            text,
            base,
            pairs,
            strays,
            problems: RefCell::new(problems),
            quiet: Cell::new(0),
            idle: Cell::new(0),
            cut: Cell::new(false),
        }
    }

    /// The problems, in the order of the text.
    pub fn into_problems(self) -> Vec<Problem> {
        let mut problems = self.problems.into_inner();
        problems.sort_by_key(|p| p.span.start);
        problems.truncate(MAX_PROBLEMS);
        problems
    }

    /// Whether there are so many problems that more would not help.
    pub fn is_full(&self) -> bool {
        self.problems.borrow().len() >= MAX_PROBLEMS
    }

    /// Notes that the parser was handed a token, and answers how many since it last built something.
    pub fn count_idle(&self) -> u32 {
        self.idle.set(self.idle.get() + 1);
        self.idle.get()
    }

    /// The bytes of a span.
    fn written(&self, start: u32, end: u32) -> &'t str {
        let range = start.saturating_sub(self.base) as usize..end.saturating_sub(self.base) as usize;
        self.text.get(range).unwrap_or_default()
    }

    /// Behind the last byte of the text.
    fn end(&self) -> u32 {
        self.base + self.text.len() as u32
    }

    /// Whether a character that means nothing stands just before byte `start`.
    fn behind_stray(&self, start: u32) -> bool {
        let last = self.strays.partition_point(|end| *end <= start).checked_sub(1).and_then(|i| self.strays.get(i));
        last.is_some_and(|end| self.written(*end, start).trim_start().is_empty())
    }

    /// The parser calls the start of every text byte 0.
    fn span(&self, start: u32, end: u32) -> Span {
        let start = start.max(self.base);
        Span::new(start, end.max(start))
    }

    fn report(&self, problem: Problem) {
        if !self.is_full() {
            self.problems.borrow_mut().push(problem);
        }
    }

    fn wrong(&self, span: Span, message: &str, help: &str) {
        self.report(Problem::new(ProblemKind::Syntax, span, message).with_help(help));
    }

    /// A node, or an error where the tree would become too deep.
    pub fn node(&self, kind: ExprKind, start: u32, end: u32) -> Expr {
        self.idle.set(0);
        let expr = Expr::new(kind, self.span(start, end));
        if expr.depth <= MAX_DEPTH {
            return expr;
        }
        if !self.cut.replace(true) {
            let message = format!("this is nested deeper than {MAX_DEPTH} levels");
            let help = "give a part of it a name, or put many values into a list";
            self.report(Problem::new(ProblemKind::TooDeep, expr.span, message).with_help(help));
        }
        self.error(start, end)
    }

    /// A node for something that was reported.
    pub fn error(&self, start: u32, end: u32) -> Expr {
        self.idle.set(0);
        Expr::new(ExprKind::Error, self.span(start, end))
    }

    /// A name with its place.
    pub fn ident(&self, name: String, start: u32, end: u32) -> Ident {
        self.idle.set(0);
        Ident { name, span: self.span(start, end) }
    }

    /// Reports a syntax error and stands in for what was dropped because of it.
    pub fn recovered(&self, recovery: ErrorRecovery<u32, Token, Stop>, start: u32, end: u32) -> Expr {
        self.failed(recovery.error);
        for (at, _, _) in &recovery.dropped_tokens {
            if let Ok(found) = self.pairs.binary_search_by_key(at, |(open, _)| *open) {
                self.quiet.set(self.quiet.get().max(self.pairs[found].1 + 1));
            }
        }
        self.error(start, end)
    }

    /// Reports what the parser could not go on with.
    pub fn failed(&self, error: ParseError<u32, Token, Stop>) {
        let (start, end, expected) = match error {
            ParseError::UnrecognizedToken { token: (start, _, end), expected } => (start, end, expected),
            ParseError::UnrecognizedEof { location, expected } => (location, location, expected),
            ParseError::InvalidToken { location } => (location, location, Vec::new()),
            ParseError::ExtraToken { token: (start, _, end) } => (start, end, Vec::new()),
            ParseError::User { error: Stop } => return,
        };
        if start < self.quiet.get() || self.behind_stray(start) {
            return;
        }
        let (before, found, behind) =
            (self.written(self.base, start), self.written(start, end), self.written(end, self.end()));
        self.report(wording::unexpected(before, found, behind, self.span(start, end), &expected));
    }

    /// The expression a whole text is.
    pub fn whole(&self, slots: Vec<Slot>, start: u32, end: u32) -> Expr {
        self.only(slots, start, end.max(self.end()))
    }

    /// The expression of a place that holds exactly one.
    pub fn only(&self, slots: Vec<Slot>, start: u32, end: u32) -> Expr {
        let span = self.span(start, end);
        let mut slots = slots.into_iter();
        match (slots.next(), slots.next()) {
            (Some(slot), None) => self.value(slot),
            (None, _) => {
                let touches = |p: &Problem| p.span.start <= span.end && span.start <= p.span.end;
                if !self.problems.borrow().iter().any(touches) {
                    self.report(Problem::new(ProblemKind::Syntax, span, "there is no value here"));
                }
                self.error(span.start, span.end)
            }
            (Some(a), Some(b)) => {
                let failed = |slot: &Slot| matches!(slot, Slot::Value(Expr { kind: ExprKind::Error, .. }));
                if !failed(&a) && !failed(&b) && !slots.any(|slot| failed(&slot)) {
                    self.wrong(span, "several values stand where one is meant", "write a list as `[a, b]`");
                }
                self.error(span.start, span.end)
            }
        }
    }

    /// The expression of a slot that cannot hold a comprehension.
    fn value(&self, slot: Slot) -> Expr {
        match slot {
            Slot::Value(expr) => expr,
            Slot::Comprehension(_, span) => {
                self.wrong(span, "`for` stands outside of a list", "write `[… for x in xs]`, with nothing else in it");
                self.error(span.start, span.end)
            }
        }
    }

    /// `[a, b]`, `[body for x in xs]`
    pub fn list(&self, mut slots: Vec<Slot>, start: u32, end: u32) -> Expr {
        if matches!(slots.as_slice(), [Slot::Comprehension(..)])
            && let Some(Slot::Comprehension(kind, _)) = slots.pop()
        {
            return self.node(kind, start, end);
        }
        let items = slots.into_iter().map(|slot| self.value(slot)).collect();
        self.node(ExprKind::List(items), start, end)
    }

    /// `object[key]`
    pub fn index(&self, object: Expr, optional: bool, key: Expr, start: u32, end: u32) -> Expr {
        self.node(ExprKind::Index { object: Box::new(object), key: Box::new(key), optional }, start, end)
    }

    /// `x => body`
    pub fn lambda(&self, params: Vec<Option<Ident>>, body: Expr, start: u32, end: u32) -> Expr {
        self.node(ExprKind::Lambda { params: params.into_iter().flatten().collect(), body: Box::new(body) }, start, end)
    }

    /// `x op y`
    pub fn binary(&self, op: BinaryOp, x: Expr, y: Expr, start: u32, end: u32) -> Expr {
        self.node(ExprKind::Binary(op, Box::new(x), Box::new(y)), start, end)
    }

    /// `a < b < c`
    pub fn chained(&self, start: u32, end: u32) -> Expr {
        self.wrong(Span::new(start, end), "comparisons do not chain", "write `a < b and b < c`, or `b in a..c`");
        self.error(start, end)
    }

    /// `match subject { … }`
    pub fn match_(&self, subject: Expr, arms: Vec<Arm>, start: u32, end: u32) -> Expr {
        if arms.is_empty() {
            self.wrong(Span::new(start, end), "this `match` has no arms", "write `match v { 'a' => 1, _ => 0 }`");
        }
        self.node(ExprKind::Match { subject: Box::new(subject), arms }, start, end)
    }

    /// `function(arguments)`
    pub fn call(&self, function: Expr, arguments: Vec<Argument>, start: u32, end: u32) -> Expr {
        let args: Vec<Arg> = arguments.into_iter().map(|a| Arg { name: a.name, value: self.value(a.slot) }).collect();
        match dotted(&function) {
            Some(name) => {
                let function = Ident { name, span: function.span };
                self.node(ExprKind::Call { function, args }, start, end)
            }
            None => {
                if function.kind != ExprKind::Error {
                    self.wrong(
                        function.span,
                        "only a function can be called, by its name",
                        "write `f(x) | g(y)` to hand the result of one function to another",
                    );
                }
                self.error(start, end)
            }
        }
    }

    /// `value | function(arguments)`. The right side begins at `right`, which is before its tree does where it is
    /// written in parentheses.
    pub fn pipe(&self, value: Expr, into: Expr, right: u32, start: u32, end: u32) -> Expr {
        let span = into.span;
        let parenthesised = right != span.start;
        match into.kind {
            ExprKind::Call { function, mut args } if !parenthesised => {
                args.insert(0, Arg { name: None, value });
                self.node(ExprKind::Call { function, args }, start, end)
            }
            ExprKind::Error => self.error(start, end),
            _ => match dotted(&into) {
                Some(name) => {
                    let args = vec![Arg { name: None, value }];
                    self.node(ExprKind::Call { function: Ident { name, span }, args }, start, end)
                }
                None => {
                    let help = "write `x | f` or `x | f(y)`, and parentheses around the whole to go on with it";
                    self.wrong(span, "what stands behind `|` is no function", help);
                    self.error(start, end)
                }
            },
        }
    }
}

/// The name that a chain of fields spells, such as `fs.exists`.
fn dotted(expr: &Expr) -> Option<String> {
    match &expr.kind {
        ExprKind::Name(name) => Some(name.clone()),
        ExprKind::Field { object, field, optional: false } => {
            let mut name = dotted(object)?;
            name.push('.');
            name.push_str(&field.name);
            Some(name)
        }
        _ => None,
    }
}
