//! The intermediate representation: typed tasks and expressions, as `lower` makes them of a [`Doc`](crate::doc::Doc).
//!
//! Unaware of: the format it came from, and of other modules. Names are still names; `check` resolves them.

pub mod keep;
pub mod surface;

use crate::doc::Piece;
use crate::source::FileId;
use ipcmm_bytecode::Value;
use ipcmm_bytecode::bundle::ExecMode;
use ipcmm_grammar::ast::{Expr, Span};
use ipcmm_grammar::keywords::Keyword;
use ipcmm_grammar::types::Type;
use ipcmm_stdlib::Builtin;
use std::sync::Arc;

/// A module, or the part of one that stands in a document.
#[derive(Clone, Debug)]
pub struct Module {
    /// Its name: given by `module`, or the stem of the file.
    pub name: String,
    /// The file it stands in.
    pub file: FileId,
    /// Whether the name is written in it.
    pub named: bool,
    /// Where its names are looked up; `expand` sets it.
    pub scope: u32,
    /// Its tasks in source order.
    pub tasks: Vec<Task>,
    /// What it declares.
    pub surface: surface::Surface,
    /// Its procedures.
    pub procedures: Vec<Arc<surface::Procedure>>,
    /// Functions of `define`.
    pub functions: Vec<Function>,
    /// Lambdas of `define`.
    pub lambdas: Vec<Lambda>,
    /// Where its `defaults` stand, if it has any.
    pub defaults: Option<Span>,
}

impl Module {
    /// A module in which nothing stands.
    pub fn new(name: &str, file: FileId) -> Module {
        Module {
            name: name.to_owned(),
            file,
            named: false,
            scope: 0,
            tasks: Vec::new(),
            surface: surface::Surface::default(),
            procedures: Vec::new(),
            functions: Vec::new(),
            lambdas: Vec::new(),
            defaults: None,
        }
    }
}

/// A function of `define: func:`.
#[derive(Clone, Debug)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// Where the name stands.
    pub span: Span,
    /// Its parameters.
    pub params: Vec<Param>,
    /// The type of what it gives.
    pub returns: Type,
    /// What it computes; `None` if that could not be read, which was reported.
    pub body: Option<Located>,
}

/// A parameter of a function.
#[derive(Clone, Debug)]
pub struct Param {
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub span: Span,
    /// Its type.
    pub ty: Type,
    /// What it is if it is not given.
    pub default: Option<Located>,
}

/// A lambda of `define: lambda:`, typed at each use.
#[derive(Clone, Debug)]
pub struct Lambda {
    /// Its name.
    pub name: String,
    /// Where the name stands.
    pub span: Span,
    /// The lambda.
    pub located: Located,
}

/// A label with what stands under it.
#[derive(Clone, Debug)]
pub struct Task {
    /// The label.
    pub label: String,
    /// Where the label stands.
    pub span: Span,
    /// What is done: one step, or several in sequence.
    pub steps: Vec<Step>,
    /// Control keywords that hold for the whole label. With one step they are merged into its own.
    pub control: Control,
    /// Targets named by ordering keywords.
    pub targets: Vec<Target>,
    /// Its rank among tasks that could start, and where that is written.
    pub order: Option<(Order, Span)>,
    /// How it runs beside others, if it says so.
    pub mode: Option<ExecMode>,
    /// Whether its failure stops the run, if it says so.
    pub stops: Option<bool>,
    /// Its queue, whether it is a dry run, and its label before.
    pub keep: keep::Keep,
    /// The name its result is bound to.
    pub result: Option<(String, Span)>,
    /// It stands for the tasks of a call, a file or a module: then there are no steps, and `expand` replaces it.
    pub compose: Option<Box<surface::Compose>>,
    /// The nodes it is for.
    pub binding: Option<Binding>,
    /// Steps that stand in its arguments, each a task of its own; taken out at the end of `lower`.
    pub inline: Vec<Task>,
    /// It stands in an argument of another task, and sees what that one sees.
    pub is_inline: bool,
    /// Further bindings of the label, with overrides of their own; taken out at the end of `lower`.
    pub others: Vec<Task>,
    /// A part could not be read; problems were reported. Later stages stay silent about it.
    pub poisoned: bool,
}

/// Which binding of its label a task is: the nodes of the first selection that fits are those of the first, and so on.
#[derive(Clone, Debug)]
pub struct Binding {
    /// The selections of all bindings of the label.
    pub all: Arc<[Selection]>,
    /// Which of them is this one's.
    pub number: usize,
    /// The file and the scope they are written in, if a call hands them on.
    pub from: Option<(FileId, u32)>,
}

/// Which nodes are meant.
#[derive(Clone, Debug)]
pub struct Selection {
    /// How they are chosen.
    pub kind: SelectionKind,
    /// Where that is written.
    pub span: Span,
}

/// How nodes are chosen.
#[derive(Clone, Debug)]
pub enum SelectionKind {
    /// Those for which an expression holds.
    Expr(Located),
    /// Those of these names and globs, with their places.
    Names(Vec<(String, Span)>),
}

/// A target named by a keyword.
#[derive(Clone, Debug)]
pub struct Target {
    /// The keyword, as written.
    pub keyword: Keyword,
    /// The name as written.
    pub name: String,
    /// Where it stands.
    pub span: Span,
    /// The file and the scope it is written in, if they are not those of the task: `expand` hands targets of a call on
    /// to its tasks.
    pub from: Option<(FileId, u32)>,
}

/// The `order` keyword.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// `first`
    First,
    /// `last`
    Last,
    /// A number; negative ones count from the end.
    At(i64),
}

/// A call of a built-in with its own control keywords.
#[derive(Clone, Debug)]
pub struct Step {
    /// The built-in.
    pub builtin: &'static Builtin,
    /// Where its name stands.
    pub span: Span,
    /// Arguments in order of parameter number.
    pub args: Vec<Arg>,
    /// Control keywords of the step.
    pub control: Control,
    /// When its value must be known.
    pub stage: Option<surface::Stage>,
}

/// An argument.
#[derive(Clone, Debug)]
pub struct Arg {
    /// Parameter number.
    pub param: u16,
    /// Where its name stands.
    pub key: Span,
    /// Its value.
    pub value: Typed,
}

/// A value with its place and the type the place wants.
#[derive(Clone, Debug)]
pub struct Typed {
    /// The value.
    pub kind: ValueKind,
    /// Where it stands.
    pub span: Span,
    /// The type that is wanted.
    pub wanted: &'static Type,
}

/// What a value is made of.
#[derive(Clone, Debug)]
pub enum ValueKind {
    /// Known already.
    Constant(Value),
    /// An expression.
    Expr(Located),
    /// Text with expressions in it; with `quoted`, each of them is quoted as one word for a shell.
    Template(Vec<Part>, Quoting),
    /// A list that holds expressions.
    List(Vec<Typed>),
    /// A map that holds expressions.
    Map(Vec<(String, Typed)>),
    /// A file of the project: the path as written.
    Asset(String),
    /// Tasks that run on demand.
    Tasks(Vec<OnDemand>),
    /// It could not be read; a problem was reported.
    Error,
}

/// A task that an argument names, or that stands in it as a step.
#[derive(Clone, Debug)]
pub struct OnDemand {
    /// Its label; of a step, the one that was made for it.
    pub name: String,
    /// Where it stands.
    pub span: Span,
    /// It is a step.
    pub is_inline: bool,
}

/// How expressions become part of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quoting {
    /// As they are.
    Plain,
    /// As one word for a shell.
    Shell,
}

/// A part of a text.
#[derive(Clone, Debug)]
pub enum Part {
    /// Text as it is.
    Text(String),
    /// The value of an expression.
    Expr(Located),
}

/// An expression and where its text stands in the file.
#[derive(Clone, Debug)]
pub struct Located {
    /// The expression; its spans count from the start of its text.
    pub expr: Expr,
    /// Where the scalar stands that holds it.
    pub scalar: Span,
    /// Where the bytes of the text stand in the file, in ascending order; empty if that cannot be told.
    pub pieces: Arc<[Piece]>,
}

impl Located {
    /// The place in the file of a span of the expression's text.
    pub fn place(&self, span: Span) -> Span {
        Piece::place(&self.pieces, span).unwrap_or(self.scalar)
    }
}

/// A condition that may ask the host.
#[derive(Clone, Debug)]
pub enum Guard {
    /// An expression.
    Expr(Located),
    /// A command: the built-in that runs it and its arguments.
    Command(&'static Builtin, Vec<Arg>),
}

/// The `retry` keyword.
#[derive(Clone, Debug)]
pub struct Retry {
    /// Executions in total.
    pub attempts: u32,
    /// Milliseconds between two.
    pub interval: u32,
    /// Greatest number of seconds added by chance.
    pub splay: u32,
    /// When no further one is needed.
    pub until: Option<Located>,
}

/// Control keywords of a block.
#[derive(Clone, Debug, Default)]
pub struct Control {
    /// `when`
    pub when: Option<Located>,
    /// `onlyif`
    pub onlyif: Vec<Guard>,
    /// `unless`
    pub unless: Vec<Guard>,
    /// `loop_in`
    pub loop_in: Option<Typed>,
    /// `retry`
    pub retry: Option<Retry>,
    /// `timeout`, in milliseconds.
    pub timeout: Option<u32>,
    /// `runas`
    pub runas: Option<Typed>,
    /// `env`
    pub env: Vec<(String, Typed)>,
    /// `failed_if` under `result`
    pub failed_if: Option<Located>,
    /// `changed_if` under `result`
    pub changed_if: Option<Located>,
    /// `loop_if`
    pub loop_if: Option<Located>,
    /// `loop_until`
    pub loop_until: Option<Located>,
    /// `expect`
    pub expect: Vec<Located>,
    /// `context`
    pub context: Vec<keep::ContextName>,
}
