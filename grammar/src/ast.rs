//! The tree of an expression.
//!
//! Every node knows its bytes in the text it was parsed from and how deep it is, so that no tree is
//! ever deeper than [`MAX_DEPTH`] and walking one by recursion is safe.

/// Deepest tree the parser builds.
pub const MAX_DEPTH: u16 = 200;

/// Bytes of a text, from `start` up to `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// Byte behind the last.
    pub end: u32,
}

impl Span {
    /// The bytes `start..end`.
    pub const fn new(start: u32, end: u32) -> Span {
        Span { start, end }
    }

    /// The smallest span that holds both.
    pub fn to(self, other: Span) -> Span {
        Span { start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// A name with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Ident {
    /// The name.
    pub name: String,
    /// Where it stands.
    pub span: Span,
}

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it stands.
    pub span: Span,
    /// Height of the tree below and including this node.
    pub depth: u16,
}

/// The kinds of expressions.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// `42`
    Int(i64),
    /// `1.5`
    Float(f64),
    /// `'text'`, `"text"`: escapes decoded, nothing interpolated.
    Str(String),
    /// `1m30s`, in nanoseconds.
    Duration(i64),
    /// `64KiB`, in bytes.
    Size(i64),
    /// `[a, b]`
    List(Vec<Expr>),
    /// `{a: 1, 'b c': 2}`
    Map(Vec<(Ident, Expr)>),
    /// `a..b`, both ends included
    Range(Box<Expr>, Box<Expr>),
    /// `port`
    Name(String),
    /// `a.b`, `a?.b`
    Field {
        /// What has the field.
        object: Box<Expr>,
        /// The field.
        field: Ident,
        /// Written with `?.`.
        optional: bool,
    },
    /// `a[b]`, `a?.[b]`
    Index {
        /// What is indexed.
        object: Box<Expr>,
        /// The position or key.
        key: Box<Expr>,
        /// Written with `?.`.
        optional: bool,
    },
    /// `f(a, b: c)` and `a | f(b)`, which is `f(a, b)`
    Call {
        /// A name, or names joined by dots.
        function: Ident,
        /// Arguments in the order written.
        args: Vec<Arg>,
    },
    /// `x => …`, `(a, b) => …`
    Lambda {
        /// Parameters.
        params: Vec<Ident>,
        /// Body.
        body: Box<Expr>,
    },
    /// `not a`, `-a`
    Unary(UnaryOp, Box<Expr>),
    /// `a + b` and so on
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    /// `c ? a : b`
    Conditional {
        /// Decides.
        condition: Box<Expr>,
        /// If it holds.
        then: Box<Expr>,
        /// If not.
        otherwise: Box<Expr>,
    },
    /// `match v { 'a' => 1, 2 | 3 => 4, _ => 0 }`
    Match {
        /// What is compared.
        subject: Box<Expr>,
        /// Arms in order; the first that fits wins.
        arms: Vec<Arm>,
    },
    /// `[body for item in list if condition]`, `[body for key, item in map]`
    Comprehension {
        /// An element of the new list.
        body: Box<Expr>,
        /// One name, or key and value.
        names: Vec<Ident>,
        /// What is walked.
        list: Box<Expr>,
        /// Which elements count.
        condition: Option<Box<Expr>>,
    },
    /// Something that could not be read; a problem was reported for it.
    Error,
}

/// An argument of a call.
#[derive(Clone, Debug, PartialEq)]
pub struct Arg {
    /// `name:` before it, if there is one.
    pub name: Option<Ident>,
    /// The value.
    pub value: Expr,
}

/// An arm of a match.
#[derive(Clone, Debug, PartialEq)]
pub struct Arm {
    /// Literals any of which fits; empty for `_`.
    pub patterns: Vec<Expr>,
    /// The value.
    pub value: Expr,
}

/// Operators with one operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOp {
    /// `not`
    Not,
    /// `-`
    Neg,
}

/// Operators with two operands, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryOp {
    /// `or`
    Or,
    /// `and`
    And,
    /// `??`
    Coalesce,
    /// `==`
    Eq,
    /// `!=`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
    /// `in`
    In,
    /// `not in`
    NotIn,
    /// `matches`
    Matches,
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
    /// `//`
    FloorDiv,
    /// `%`
    Rem,
}

impl BinaryOp {
    /// As written.
    pub const fn symbol(self) -> &'static str {
        match self {
            BinaryOp::Or => "or",
            BinaryOp::And => "and",
            BinaryOp::Coalesce => "??",
            BinaryOp::Eq => "==",
            BinaryOp::Ne => "!=",
            BinaryOp::Lt => "<",
            BinaryOp::Le => "<=",
            BinaryOp::Gt => ">",
            BinaryOp::Ge => ">=",
            BinaryOp::In => "in",
            BinaryOp::NotIn => "not in",
            BinaryOp::Matches => "matches",
            BinaryOp::Add => "+",
            BinaryOp::Sub => "-",
            BinaryOp::Mul => "*",
            BinaryOp::Div => "/",
            BinaryOp::FloorDiv => "//",
            BinaryOp::Rem => "%",
        }
    }
}

impl Expr {
    /// A node over its children, one deeper than the deepest of them.
    pub fn new(kind: ExprKind, span: Span) -> Expr {
        let mut deepest = 0;
        kind.children(&mut |child| deepest = deepest.max(child.depth));
        Expr { kind, span, depth: deepest.saturating_add(1) }
    }
}

impl ExprKind {
    /// Calls `visit` with every direct child.
    pub fn children<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        match self {
            ExprKind::Null
            | ExprKind::Bool(_)
            | ExprKind::Int(_)
            | ExprKind::Float(_)
            | ExprKind::Str(_)
            | ExprKind::Duration(_)
            | ExprKind::Size(_)
            | ExprKind::Name(_)
            | ExprKind::Error => {}
            ExprKind::List(items) => items.iter().for_each(visit),
            ExprKind::Map(entries) => entries.iter().for_each(|(_, v)| visit(v)),
            ExprKind::Range(a, b) | ExprKind::Binary(_, a, b) => {
                visit(a);
                visit(b);
            }
            ExprKind::Field { object, .. } => visit(object),
            ExprKind::Index { object, key, .. } => {
                visit(object);
                visit(key);
            }
            ExprKind::Call { args, .. } => args.iter().for_each(|a| visit(&a.value)),
            ExprKind::Lambda { body, .. } | ExprKind::Unary(_, body) => visit(body),
            ExprKind::Conditional { condition, then, otherwise } => {
                visit(condition);
                visit(then);
                visit(otherwise);
            }
            ExprKind::Match { subject, arms } => {
                visit(subject);
                for arm in arms {
                    arm.patterns.iter().for_each(&mut *visit);
                    visit(&arm.value);
                }
            }
            ExprKind::Comprehension { body, list, condition, .. } => {
                visit(body);
                visit(list);
                if let Some(condition) = condition {
                    visit(condition);
                }
            }
        }
    }
}
