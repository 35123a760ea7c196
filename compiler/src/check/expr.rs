//! Expressions get their types: names become facts, results, slots or locals; operators and calls are judged.
//!
//! One problem per cause: a part with a problem has the type `Error`, which fits everywhere and is silent. Families of
//! expressions have files of their own: names and fields in `access`, operators in `operate`, choices and walks in
//! `choice`, calls in `call`, lambdas in `lambda`. What does not fit is told in `mismatch`.

mod access;
mod asked;
mod call;
mod choice;
mod context;
mod lambda;
mod mismatch;
mod operate;

use super::functions::Functions;
use super::inline::Inlining;
use super::names::Index;
use super::narrow::{self, Known};
use super::operators::widened;
use super::scope::Scope;
use super::types::{common, is_open};
use crate::diag::foreign::Foreign;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::graph::{Expr, ExprKind};
use crate::ir::Located;
use crate::source::FileId;
use ipcmm_bytecode::Value;
use ipcmm_grammar::ast::{self, Span};
use ipcmm_grammar::types::Type;

/// Gives number and type of a task's result to who reads it at a place; reports a read that is out of order.
pub(super) type ReadResult<'d> = dyn FnMut(u32, FileId, Span, &mut Diagnostics) -> Option<(u32, Type)> + 'd;

/// Types the expressions of one task.
pub(super) struct Typing<'a, 'd> {
    pub index: &'a Index<'a>,
    /// The scope in which names are looked up: that of a module, or of a call.
    pub module: u32,
    pub file: FileId,
    pub diagnostics: &'d mut Diagnostics,
    /// What is known of declared names on the way.
    pub inlining: Inlining<'a>,
    /// Names of `context`: of the task, and of the step at hand.
    pub context: Vec<&'a [crate::ir::keep::ContextName]>,
    /// The name the task binds its own result to; where a body has just returned it means that attempt.
    pub own_result: Option<&'a str>,
    /// Whether the task runs twice, so that `phase` is known.
    pub phases: bool,
    /// The type of a task's result as this task may see it, and its number in run order; `None` if it must not be read
    /// (that was reported).
    pub read_result: &'d mut ReadResult<'d>,
    /// Functions and lambdas of the build.
    pub functions: &'a Functions<'a>,
    /// Lambdas with a name whose bodies are being typed, outermost first.
    pub inlined: Vec<Inlined>,
}

/// A lambda with a name that is typed where it is used.
#[derive(Clone, Debug)]
pub(super) struct Inlined {
    /// Which.
    pub lambda: u32,
    /// Where it is used.
    pub file: FileId,
    /// The place there.
    pub span: Span,
}

impl Typing<'_, '_> {
    /// Types an expression.
    pub fn located(&mut self, located: &Located, scope: &mut Scope) -> Expr {
        Walk { typing: self, located, scope, depth: 0 }.expr(&located.expr)
    }

    /// Types a condition: it must be true or false, and anybody may know which.
    pub fn condition(&mut self, located: &Located, scope: &mut Scope) -> Expr {
        let expr = self.located(located, scope);
        let place = scope.place.clone();
        if self.want_bool(&expr, &place) && self.want_open(&expr, &place) { expr } else { Expr::error(expr.span) }
    }

    /// Reports a problem. One in the body of a lambda names its use, and is reported for the first use only.
    pub fn report(&mut self, mut diagnostic: Diagnostic) {
        if let Some(used) = self.inlined.first() {
            let known = |d: &Diagnostic| d.code == diagnostic.code && d.place == diagnostic.place;
            if self.diagnostics.iter().any(known) {
                return;
            }
            diagnostic = diagnostic.label(used.file, used.span, "used here");
        }
        self.diagnostics.push(diagnostic);
    }
}

/// One expression being walked.
pub(super) struct Walk<'w, 'a, 'd> {
    pub(super) typing: &'w mut Typing<'a, 'd>,
    located: &'w Located,
    scope: &'w mut Scope,
    /// How deep the expression at hand stands, bodies of lambdas included.
    depth: u16,
}

impl Walk<'_, '_, '_> {
    pub(super) fn place(&self, span: Span) -> Span {
        self.located.place(span)
    }

    pub(super) fn problem(&self, code: Code, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(code, self.typing.file, self.place(span), message)
    }

    /// Asks whether a name was meant, and offers to write it if it is known where exactly the wrong one stands.
    pub(super) fn rename(&self, problem: Diagnostic, near: &str) -> Diagnostic {
        let problem = problem.help(format!("did you mean `{near}`?"));
        let exact = !self.located.pieces.is_empty();
        if exact { problem.fix(format!("write `{near}`"), near) } else { problem }
    }

    /// Says what a word of another system is called here, and offers it.
    pub(super) fn foreign(&self, problem: Diagnostic, row: &Foreign) -> Diagnostic {
        let problem = problem.help(row.help());
        match row.ours.filter(|_| !self.located.pieces.is_empty()) {
            Some(ours) => problem.fix(format!("write `{ours}`"), ours),
            None => problem,
        }
    }

    pub(super) fn fail(&mut self, span: Span, diagnostic: Diagnostic) -> Expr {
        self.typing.report(diagnostic);
        Expr::error(self.place(span))
    }

    fn node(&self, kind: ExprKind, ty: Type, span: Span) -> Expr {
        Expr { kind, ty, span: self.place(span) }
    }

    fn constant(&self, value: Value, ty: Type, span: Span) -> Expr {
        Expr::constant(value, ty, self.place(span))
    }

    pub(super) fn expr(&mut self, expr: &ast::Expr) -> Expr {
        self.typing.inlining.locals = self.scope.locals.len() as u32;
        self.depth += 1;
        let mut typed = self.as_written(expr);
        self.depth -= 1;
        if !self.scope.present.is_empty()
            && !is_open(&typed.ty)
            && let Some(path) = narrow::path(expr)
        {
            for known in self.scope.present.iter().filter(|known| known.path == path) {
                typed.ty = narrow::narrowed(&typed.ty, &known.what);
            }
        }
        typed
    }

    /// Types an expression where more is known.
    fn where_known(&mut self, expr: &ast::Expr, known: Vec<Known>) -> Expr {
        let before = self.scope.present.len();
        self.scope.present.extend(known);
        let typed = self.expr(expr);
        self.scope.present.truncate(before);
        typed
    }

    fn as_written(&mut self, expr: &ast::Expr) -> Expr {
        let span = expr.span;
        match &expr.kind {
            ast::ExprKind::Null => self.constant(Value::Null, Type::Null, span),
            ast::ExprKind::Bool(b) => self.constant(Value::Bool(*b), Type::Bool, span),
            ast::ExprKind::Int(i) => self.constant(Value::Int(*i), Type::Int, span),
            ast::ExprKind::Float(x) => self.constant(Value::Float(*x), Type::Float, span),
            ast::ExprKind::Str(s) => self.constant(Value::str(s.as_str()), Type::Literal(s.clone()), span),
            ast::ExprKind::Duration(ns) => self.constant(Value::Duration(*ns), Type::Duration, span),
            ast::ExprKind::Size(bytes) => self.constant(Value::Int(*bytes), Type::Size, span),
            ast::ExprKind::List(items) => {
                let items: Vec<Expr> = items.iter().map(|item| self.expr(item)).collect();
                let item = items.iter().map(|i| widened(&i.ty)).reduce(|a, b| common(&a, &b)).unwrap_or(Type::Any);
                self.node(ExprKind::List(items), Type::List(Box::new(item)), span)
            }
            ast::ExprKind::Map(entries) => self.map(entries, span),
            ast::ExprKind::Range(a, b) => {
                let (a, b) = (self.expr(a), self.expr(b));
                let fits = self.takes(&a, &Type::Int, "a range");
                if !self.takes(&b, &Type::Int, "a range") || !fits {
                    return Expr::error(self.place(span));
                }
                let ty = tainted(Type::List(Box::new(Type::Int)), &[&a, &b]);
                self.node(ExprKind::Range(Box::new(a), Box::new(b)), ty, span)
            }
            ast::ExprKind::Name(name) => self.name(name, span),
            ast::ExprKind::Field { .. } | ast::ExprKind::Index { .. } => self.access(expr),
            ast::ExprKind::Call { function, args } => self.call(function, args, span),
            ast::ExprKind::Lambda { .. } => {
                let message = "a lambda can only be an argument, such as that of `map` or `filter`";
                let problem = self.problem(Code::MisplacedLambda, span, message);
                self.fail(span, problem.help("one that is used in several places stands under `define: lambda:`"))
            }
            ast::ExprKind::Unary(op, a) => self.unary(*op, a, span),
            ast::ExprKind::Binary(op, a, b) => self.binary(*op, a, b, span),
            ast::ExprKind::Conditional { condition, then, otherwise } => {
                self.conditional(condition, then, otherwise, span)
            }
            ast::ExprKind::Match { subject, arms } => self.match_(subject, arms, span),
            ast::ExprKind::Comprehension { body, names, list, condition } => {
                self.comprehension(body, names, list, condition.as_deref(), span)
            }
            ast::ExprKind::Error => Expr::error(self.place(span)),
        }
    }

    fn map(&mut self, entries: &[(ast::Ident, ast::Expr)], span: Span) -> Expr {
        let mut typed: Vec<(String, Expr)> = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            let value = self.expr(value);
            if typed.iter().any(|(name, _)| *name == key.name) {
                let problem = self.problem(Code::DuplicateKey, key.span, format!("`{}` is written twice", key.name));
                self.typing.report(problem);
                continue;
            }
            typed.push((key.name.clone(), value));
        }
        let mut fields: Vec<(String, Type)> = typed.iter().map(|(k, v)| (k.clone(), widened(&v.ty))).collect();
        fields.sort_by(|a, b| a.0.cmp(&b.0));
        self.node(ExprKind::Map(typed), Type::Record(fields), span)
    }
}

/// The type of what is computed from parts: a secret if one of them is.
fn tainted(ty: Type, parts: &[&Expr]) -> Type {
    if parts.iter().any(|part| part.ty.has_secret()) { ty.secret() } else { ty }
}
