//! The graph: tasks in run order with typed bodies, as `check` makes them. Everything is resolved: names are numbers,
//! types are known, and there is no cycle.
//!
//! Unaware of: how it will run, and of bytecode.

use crate::source::FileId;
use ipcmm_bytecode::bundle::writer::Part;
use ipcmm_bytecode::bundle::{EdgeKind, ExecMode};
use ipcmm_bytecode::{Function as LibraryFunction, Slot, Value};
use ipcmm_grammar::ast::{BinaryOp, Span, UnaryOp};
use ipcmm_grammar::keywords::Keyword;
use ipcmm_grammar::types::Type;
use ipcmm_stdlib::Builtin;

/// All tasks of a build in run order.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    /// Names of modules.
    pub modules: Vec<String>,
    /// Tasks and parts of tasks; what a task waits for stands before it.
    pub tasks: Vec<Task>,
    /// Listeners: who is listened to, and who reacts, by their places in the run order.
    pub listens: Vec<(u32, u32)>,
    /// Functions of sources, by their numbers.
    pub functions: Vec<Function>,
    /// Inputs that modules and calls of procedures have.
    pub inputs: Vec<InputUse>,
}

/// An input, and whether anything reads it.
#[derive(Clone, Debug)]
pub struct InputUse {
    /// Its name.
    pub name: String,
    /// The file it is declared in.
    pub file: FileId,
    /// Where its name stands.
    pub span: Span,
    /// Whether an expression reads it. Of a procedure, the calls are judged one by one.
    pub used: bool,
}

/// A function of a source. It reads its parameters and nothing else.
#[derive(Clone, Debug)]
pub struct Function {
    /// Its module.
    pub module: u32,
    /// Its name.
    pub name: String,
    /// The file it stands in.
    pub file: FileId,
    /// Where its name stands.
    pub span: Span,
    /// How many parameters it has: locals from 0 on.
    pub params: u32,
    /// What it computes.
    pub body: Expr,
}

/// A task.
#[derive(Clone, Debug)]
pub struct Task {
    /// Its module.
    pub module: u32,
    /// Its label.
    pub label: String,
    /// The file it stands in.
    pub file: FileId,
    /// Where its label stands.
    pub span: Span,
    /// Earlier tasks it waits for, and where they are named.
    pub edges: Vec<Edge>,
    /// How it runs beside others.
    pub mode: ExecMode,
    /// Whether its failure stops the run.
    pub stops: bool,
    /// Its queue, if it has a name.
    pub lane: Option<String>,
    /// How many tasks of its queue run at once.
    pub lane_max: u32,
    /// Whether it is a dry run, whatever the run is.
    pub test: bool,
    /// The label it had before.
    pub moved_from: Option<String>,
    /// Whether a later task reads its result.
    pub keeps_result: bool,
    /// The name its result is bound to.
    pub result: Option<String>,
    /// What it does. Of a part this is empty: the body is that of the task it belongs to.
    pub body: Body,
    /// Whether it runs only when another task runs it by name.
    pub demand: bool,
    /// Which part it is, and of which later task.
    pub part: Option<(Part, u32)>,
}

/// An edge to an earlier task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// The keyword.
    pub kind: EdgeKind,
    /// The target, by its place in the run order.
    pub target: u32,
    /// Where it is named: in the file of the task, or of the target if the keyword is written there.
    pub file: FileId,
    /// The bytes.
    pub span: Span,
    /// The keyword as it is written.
    pub written: Keyword,
    /// It is written at the target, or at a task this one belongs to.
    pub pushed: bool,
    /// How it came to be.
    pub way: Way,
}

/// How an edge came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// By a keyword. Only such edges are part of a bundle.
    Written,
    /// The task runs the target on demand.
    Runs,
    /// The task that runs this one on demand has the edge, or this one comes after the target in a body.
    Inherited,
}

/// A call of a built-in, or a sequence of them.
#[derive(Clone, Debug, Default)]
pub struct Body {
    /// The built-in; `None` for a sequence.
    pub builtin: Option<&'static Builtin>,
    /// Arguments in order of parameter number.
    pub args: Vec<(u16, Argument)>,
    /// Its control keywords.
    pub control: Control,
    /// Steps of a sequence.
    pub children: Vec<Body>,
}

/// An argument.
#[derive(Clone, Debug)]
pub enum Argument {
    /// A value, computed once before the call.
    Value(Expr),
    /// An expression the built-in evaluates when it wants.
    Thunk(Expr),
    /// A file of the project: its path as written, and where.
    Asset(String, Span),
    /// Tasks on demand that it runs, by their places in the run order, and where they are named.
    Tasks(Vec<u32>, Span),
}

/// A condition that may ask the host.
#[derive(Clone, Debug)]
pub enum Guard {
    /// An expression.
    Expr(Expr),
    /// A command.
    Command(Box<Body>),
}

/// Control keywords of a body.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs, reason = "fields are named after their keywords")]
pub struct Control {
    pub target: Option<Expr>,
    pub when: Option<Expr>,
    pub onlyif: Vec<Guard>,
    pub unless: Vec<Guard>,
    pub loop_in: Option<Expr>,
    pub loop_if: Option<Expr>,
    pub loop_until: Option<Expr>,
    pub expect: Vec<Expr>,
    pub retry: Option<Retry>,
    /// Milliseconds.
    pub timeout: Option<u32>,
    pub runas: Option<Expr>,
    pub env: Vec<(String, Expr)>,
    pub failed_if: Option<Expr>,
    pub changed_if: Option<Expr>,
}

/// The `retry` keyword.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "fields are named after their keywords")]
pub struct Retry {
    pub attempts: u32,
    /// Milliseconds.
    pub interval: u32,
    /// Seconds.
    pub splay: u32,
    pub until: Option<Expr>,
}

/// A typed expression.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Its type.
    pub ty: Type,
    /// Where it stands in the file.
    pub span: Span,
}

/// The kinds of typed expressions.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// A value.
    Constant(Value),
    /// A fact by its path.
    Fact(&'static str),
    /// The result record of a task.
    Result(u32),
    /// A context slot.
    Slot(Slot),
    /// A name bound by a comprehension, counted from the outermost.
    Local(u32),
    /// A field; null where the object is null or has none, if the flag is set.
    Field(Box<Expr>, String, bool),
    /// An element; null likewise.
    Index(Box<Expr>, Box<Expr>, bool),
    /// A list.
    List(Vec<Expr>),
    /// A map.
    Map(Vec<(String, Expr)>),
    /// A range.
    Range(Box<Expr>, Box<Expr>),
    /// Texts joined.
    Concat(Vec<Expr>),
    /// One operand.
    Unary(UnaryOp, Box<Expr>),
    /// Two operands.
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    /// `c ? a : b`
    Conditional(Box<Expr>, Box<Expr>, Box<Expr>),
    /// Subject, and arms of patterns (none: all else) and value.
    Match(Box<Expr>, Vec<(Vec<Value>, Expr)>),
    /// `[body for local in list if condition]`; with `pair`, the element is bound as key and value.
    Comprehension {
        /// An element of the new list.
        body: Box<Expr>,
        /// The number of the (first) name.
        local: u32,
        /// Two names are bound.
        pair: bool,
        /// What is walked.
        list: Box<Expr>,
        /// Which elements count.
        condition: Option<Box<Expr>>,
    },
    /// A function of the library.
    Call(LibraryFunction, Vec<Expr>),
    /// A function of the library that takes lambdas. An argument in the place of a lambda is its body; its parameters
    /// are the locals from `local` on.
    Walk {
        /// Which.
        function: LibraryFunction,
        /// The number of the first parameter of each lambda.
        local: u32,
        /// Values, and bodies of lambdas.
        args: Vec<Expr>,
    },
    /// A function of a source, by its number.
    Invoke(u32, Vec<Expr>),
    /// `body` where a local is bound to a value.
    Let {
        /// The number of the local.
        local: u32,
        /// Its value.
        value: Box<Expr>,
        /// What is computed with it.
        body: Box<Expr>,
    },
    /// A secret that the agent fetches, by its address.
    Secret(String),
    /// A value that must be of a shape.
    Want(Box<Expr>, Value),
    /// A value of which the type is known and nothing else: an input of a procedure that nothing calls. Never in a build.
    Unknown,
    /// Something with a problem that was reported.
    Error,
}

impl Expr {
    /// A value.
    pub fn constant(value: Value, ty: Type, span: Span) -> Expr {
        Expr { kind: ExprKind::Constant(value), ty, span }
    }

    /// An expression with a problem that was reported.
    pub fn error(span: Span) -> Expr {
        Expr { kind: ExprKind::Error, ty: Type::Error, span }
    }

    /// Calls `visit` with every direct part.
    pub fn parts<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        match &self.kind {
            ExprKind::Constant(_)
            | ExprKind::Fact(_)
            | ExprKind::Result(_)
            | ExprKind::Slot(_)
            | ExprKind::Local(_)
            | ExprKind::Secret(_)
            | ExprKind::Unknown
            | ExprKind::Error => {}
            ExprKind::Field(a, ..) | ExprKind::Unary(_, a) | ExprKind::Want(a, _) => visit(a),
            ExprKind::Index(a, b, _)
            | ExprKind::Range(a, b)
            | ExprKind::Binary(_, a, b)
            | ExprKind::Let { value: a, body: b, .. } => {
                visit(a);
                visit(b);
            }
            ExprKind::List(items)
            | ExprKind::Concat(items)
            | ExprKind::Call(_, items)
            | ExprKind::Invoke(_, items)
            | ExprKind::Walk { args: items, .. } => items.iter().for_each(visit),
            ExprKind::Map(entries) => entries.iter().for_each(|(_, v)| visit(v)),
            ExprKind::Conditional(a, b, c) => {
                visit(a);
                visit(b);
                visit(c);
            }
            ExprKind::Match(subject, arms) => {
                visit(subject);
                arms.iter().for_each(|(_, value)| visit(value));
            }
            ExprKind::Comprehension { body, list, condition, .. } => {
                visit(list);
                if let Some(condition) = condition {
                    visit(condition);
                }
                visit(body);
            }
        }
    }

    /// Calls `visit` with every direct part, to be changed.
    pub fn parts_mut(&mut self, visit: &mut dyn FnMut(&mut Expr)) {
        match &mut self.kind {
            ExprKind::Constant(_)
            | ExprKind::Fact(_)
            | ExprKind::Result(_)
            | ExprKind::Slot(_)
            | ExprKind::Local(_)
            | ExprKind::Secret(_)
            | ExprKind::Unknown
            | ExprKind::Error => {}
            ExprKind::Field(a, ..) | ExprKind::Unary(_, a) | ExprKind::Want(a, _) => visit(a),
            ExprKind::Index(a, b, _)
            | ExprKind::Range(a, b)
            | ExprKind::Binary(_, a, b)
            | ExprKind::Let { value: a, body: b, .. } => {
                visit(a);
                visit(b);
            }
            ExprKind::List(items)
            | ExprKind::Concat(items)
            | ExprKind::Call(_, items)
            | ExprKind::Invoke(_, items)
            | ExprKind::Walk { args: items, .. } => items.iter_mut().for_each(visit),
            ExprKind::Map(entries) => entries.iter_mut().for_each(|(_, v)| visit(v)),
            ExprKind::Conditional(a, b, c) => {
                visit(a);
                visit(b);
                visit(c);
            }
            ExprKind::Match(subject, arms) => {
                visit(subject);
                arms.iter_mut().for_each(|(_, value)| visit(value));
            }
            ExprKind::Comprehension { body, list, condition, .. } => {
                visit(list);
                if let Some(condition) = condition {
                    visit(condition);
                }
                visit(body);
            }
        }
    }

    /// Says of the expression and everything in it that it stands at `span`.
    pub fn move_to(&mut self, span: Span) {
        self.span = span;
        self.parts_mut(&mut |part| part.move_to(span));
    }

    /// Whether `test` holds for this expression or anything in it.
    pub fn any(&self, test: &dyn Fn(&Expr) -> bool) -> bool {
        let mut found = test(self);
        self.parts(&mut |part| found = found || part.any(test));
        found
    }

    /// Whether its value is the same wherever and whenever it is computed.
    pub fn is_closed(&self) -> bool {
        !self.any(&|e| match &e.kind {
            ExprKind::Fact(_) | ExprKind::Result(_) | ExprKind::Slot(_) | ExprKind::Secret(_) => true,
            ExprKind::Unknown | ExprKind::Error => true,
            ExprKind::Call(function, _) => function.effect() != ipcmm_bytecode::Effect::None,
            _ => false,
        })
    }
}
