//! Expressions get their types: names become facts, results, slots or locals; operators and calls are judged.
//!
//! One problem per cause: a part with a problem has the type `Error`, which fits everywhere and is silent.

use super::inline::Inlining;
use super::names::Index;
use super::narrow;
use super::operators::{comparable, item_types, operation, result_type, widened};
use super::scope::Scope;
use super::types::{common, is_number, is_open, is_text};
use crate::diag::foreign::{self, Spot};
use crate::diag::{Code, Diagnostic, Diagnostics, Manner, suggest};
use crate::graph::{Expr, ExprKind};
use crate::ir::Located;
use crate::signatures;
use crate::source::FileId;
use ipcmm_bytecode::{Function, Slot, Value, functions};
use ipcmm_grammar::ast::{self, BinaryOp, Span, UnaryOp};
use ipcmm_grammar::types::Type;
use ipcmm_stdlib::facts;

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
    /// The name the task binds its own result to; where a body has just returned it means that attempt.
    pub own_result: Option<&'a str>,
    /// Whether the task runs twice, so that `phase` is known.
    pub phases: bool,
    /// The type of a task's result as this task may see it, and its number in run order; `None` if it must not be read
    /// (that was reported).
    pub read_result: &'d mut ReadResult<'d>,
}

impl Typing<'_, '_> {
    /// Types an expression.
    pub fn located(&mut self, located: &Located, scope: &mut Scope) -> Expr {
        Walk { typing: self, located, scope }.expr(&located.expr)
    }

    /// Types a condition: it must be true or false.
    pub fn condition(&mut self, located: &Located, scope: &mut Scope) -> Expr {
        let expr = self.located(located, scope);
        if self.want_bool(&expr, &scope.place) { expr } else { Expr::error(expr.span) }
    }

    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Reports a condition that is not true or false. True if it is one.
    fn want_bool(&mut self, expr: &Expr, place: &str) -> bool {
        let fits = expr.ty.fits(&Type::Bool);
        if !fits {
            let diagnostic = match expr.ty.without_null().fits(&Type::Bool) && expr.ty != Type::Null {
                true => Diagnostic::new(Code::PossiblyNull, self.file, expr.span, format!("{place}: this may be null"))
                    .help("say what holds then: `… ?? false`"),
                false => {
                    let message = format!("{place}: this is {}, and must be true or false", expr.ty);
                    Diagnostic::new(Code::NotBool, self.file, expr.span, message)
                }
            };
            self.report(diagnostic);
        }
        fits
    }

    /// Reports an expression whose type does not fit its place. True if it fits.
    pub fn want(&mut self, expr: &Expr, wanted: &Type, place: &str) -> bool {
        if expr.ty.fits(wanted) {
            return true;
        }
        let diagnostic = match expr.ty != Type::Null && expr.ty.without_null().fits(wanted) {
            true => {
                let message = format!("{place} takes {wanted}, and this may be null");
                Diagnostic::new(Code::PossiblyNull, self.file, expr.span, message)
                    .help("say what holds then: `… ?? something`")
            }
            false => {
                let message = format!("{place} takes {wanted}, and this is {}", expr.ty);
                let problem = Diagnostic::new(Code::TypeMismatch, self.file, expr.span, message);
                match (wanted, &expr.ty) {
                    (Type::Str, _) => problem.help("`str(…)` makes a text of it"),
                    (Type::Int, ty) if is_text(ty) => problem.help("`int(…)` makes a number of it"),
                    _ => problem,
                }
            }
        };
        self.report(diagnostic);
        false
    }
}

/// One expression being walked.
pub(super) struct Walk<'w, 'a, 'd> {
    pub(super) typing: &'w mut Typing<'a, 'd>,
    located: &'w Located,
    scope: &'w mut Scope,
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
        let mut typed = self.as_written(expr);
        if typed.ty.admits_null()
            && !is_open(&typed.ty)
            && let Some(path) = narrow::path(expr)
            && self.scope.present.contains(&path)
        {
            typed.ty = typed.ty.without_null();
        }
        typed
    }

    /// Types an expression where more is known not to be null.
    fn where_present(&mut self, expr: &ast::Expr, present: Vec<String>) -> Expr {
        let known = self.scope.present.len();
        self.scope.present.extend(present);
        let typed = self.expr(expr);
        self.scope.present.truncate(known);
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
                let fits = self.typing.want(&a, &Type::Int, "a range");
                if !self.typing.want(&b, &Type::Int, "a range") || !fits {
                    return Expr::error(self.place(span));
                }
                self.node(ExprKind::Range(Box::new(a), Box::new(b)), Type::List(Box::new(Type::Int)), span)
            }
            ast::ExprKind::Name(name) => self.name(name, span),
            ast::ExprKind::Field { .. } | ast::ExprKind::Index { .. } => self.access(expr),
            ast::ExprKind::Call { function, args } => self.call(function, args, span),
            ast::ExprKind::Lambda { .. } => {
                let problem = self.problem(Code::SyntaxNotYet, span, "lambdas are not there yet");
                self.fail(span, problem.help("a comprehension does the same: `[f(x) for x in xs if p(x)]`"))
            }
            ast::ExprKind::Unary(op, a) => self.unary(*op, a, span),
            ast::ExprKind::Binary(op, a, b) => self.binary(*op, a, b, span),
            ast::ExprKind::Conditional { condition, then, otherwise } => {
                let (yes, no) = (narrow::present(condition, true), narrow::present(condition, false));
                let condition = self.expr(condition);
                let fits = self.typing.want_bool(&condition, "the condition of `? :`");
                let (then, otherwise) = (self.where_present(then, yes), self.where_present(otherwise, no));
                if !fits {
                    return Expr::error(self.place(span));
                }
                let ty = common(&then.ty, &otherwise.ty);
                self.node(ExprKind::Conditional(Box::new(condition), Box::new(then), Box::new(otherwise)), ty, span)
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

    fn name(&mut self, name: &str, span: Span) -> Expr {
        if let Some(at) = self.scope.locals.iter().rposition(|(local, _)| local == name) {
            let ty = self.scope.locals[at].1.clone();
            return self.node(ExprKind::Local(at as u32), ty, span);
        }
        if let Some(value) = self.typing.inlining.element(name) {
            let ty = super::types::type_of(&value);
            return self.constant(value, ty, span);
        }
        let slot = match name {
            "item" => self.scope.item.as_ref().map(|(item, _)| (Slot::Item, item.clone())),
            "key" => self.scope.item.as_ref().map(|(_, key)| (Slot::Key, key.clone())),
            "index" => self.scope.item.as_ref().map(|_| (Slot::Index, Type::Int)),
            "phase" if self.typing.phases => {
                let words = ["before", "after"].map(|word| Type::Literal(word.into()));
                Some((Slot::Phase, Type::Union(words.into())))
            }
            "attempt" if self.scope.attempt => Some((Slot::Attempt, Type::Int)),
            "result" => self.scope.result.clone().map(|ty| (Slot::Result, ty)),
            own if self.typing.own_result == Some(own) => self.scope.result.clone().map(|ty| (Slot::Result, ty)),
            _ => None,
        };
        if let Some((slot, ty)) = slot {
            return self.node(ExprKind::Slot(slot), ty, span);
        }
        if let Some(expr) = self.typing.declared(name, self.place(span)) {
            return expr;
        }
        if let Some(task) = self.typing.index.result(self.typing.module, name) {
            return self.result(task, span);
        }
        self.unknown_name(name, span)
    }

    fn unknown_name(&mut self, name: &str, span: Span) -> Expr {
        if name == "groups" {
            return self.typing.groups(self.place(span));
        }
        let mut problem = self.problem(Code::UnknownName, span, format!("unknown name `{name}`"));
        let later = ["nodes", "secret", "env", "round", "event", "run"];
        problem = match name {
            "facts" | "node" => problem.help(format!(
                "name a fact, such as `{name}.{}`",
                if name == "node" { "name" } else { "os.distribution" }
            )),
            "results" => problem.help("name a task: `results.label`, or `results['a label']`"),
            "item" | "key" | "index" => problem.help(format!("`{name}` is known under `loop_in` only")),
            "phase" => problem.help("`phase` is known in a task with `runaround` only"),
            "attempt" => problem.help("`attempt` is known in arguments and in `until`"),
            "result" => problem
                .help("`result` is known in `until`, `failed_if` and `changed_if`; elsewhere give the result a name"),
            _ if later.contains(&name) => {
                let problem = self.problem(Code::SyntaxNotYet, span, format!("`{name}` is not there yet"));
                return self.fail(span, problem);
            }
            _ if let Some(row) = foreign::word(Spot::Name, name) => problem.help(row.help()),
            _ => {
                let known = self.typing.index.result_names(self.typing.module).map(str::to_string);
                let known = known.chain(self.typing.index.declared_names(self.typing.module));
                let mut known: Vec<String> = known.chain(self.scope.locals.iter().map(|(n, _)| n.clone())).collect();
                known.extend(["facts", "node", "results"].map(str::to_string));
                known.extend(self.scope.item.iter().flat_map(|_| ["item", "key", "index"]).map(str::to_string));
                known.extend(self.scope.result.iter().map(|_| "result".to_string()));
                known.sort();
                known.dedup();
                match suggest::nearest(name, known.iter().map(String::as_str)) {
                    Some(near) => self.rename(problem, near),
                    None if name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_') => {
                        self.escaped(problem, name, span)
                    }
                    None => problem.help(format!("a text is written in quotes: '{name}'")),
                }
            }
        };
        self.fail(span, problem)
    }

    /// What looks like a variable of the shell: the sign before it can be escaped.
    fn escaped(&self, problem: Diagnostic, name: &str, span: Span) -> Diagnostic {
        let place = self.place(span);
        problem.help(format!("a variable of the shell is written `$${{{name}}}`")).mend(
            format!("write `$${{{name}}}`"),
            place,
            "$",
            Manner::Escape,
        )
    }

    fn result(&mut self, task: u32, span: Span) -> Expr {
        let place = self.place(span);
        self.typing.result_of(task, place, self.scope.locals.len() as u32)
    }

    /// The dotted names an expression begins with, as far as it is made of plain fields.
    fn path(expr: &ast::Expr) -> Option<(String, Vec<&ast::Ident>)> {
        match &expr.kind {
            ast::ExprKind::Name(name) => Some((name.clone(), Vec::new())),
            ast::ExprKind::Field { object, field, optional: false } => {
                let (root, mut fields) = Self::path(object)?;
                fields.push(field);
                Some((root, fields))
            }
            _ => None,
        }
    }

    pub(super) fn is_free(&self, name: &str) -> bool {
        !self.scope.locals.iter().any(|(local, _)| local == name)
    }

    fn access(&mut self, expr: &ast::Expr) -> Expr {
        if let Some((root, fields)) = Self::path(expr)
            && self.is_free(&root)
            && (root == "facts" || root == "node")
        {
            return self.fact(&root, &fields, expr.span);
        }
        if let Some(expr) = self.surface_field(expr) {
            return expr;
        }
        match &expr.kind {
            ast::ExprKind::Field { object, field, optional } => {
                if matches!(&object.kind, ast::ExprKind::Name(name) if name == "results") && self.is_free("results") {
                    return self.result_by_label(&field.name, field.span, expr.span);
                }
                let object = self.expr(object);
                self.field(object, field, *optional, expr.span)
            }
            ast::ExprKind::Index { object, key, optional } => {
                if matches!(&object.kind, ast::ExprKind::Name(name) if name == "results")
                    && self.is_free("results")
                    && let ast::ExprKind::Str(label) = &key.kind
                {
                    return self.result_by_label(label, key.span, expr.span);
                }
                let (object, key) = (self.expr(object), self.expr(key));
                self.index(object, key, *optional, expr.span)
            }
            _ => self.expr(expr),
        }
    }

    fn fact(&mut self, root: &str, fields: &[&ast::Ident], span: Span) -> Expr {
        let mut path = root.to_string();
        for (i, field) in fields.iter().enumerate() {
            path.push('.');
            path.push_str(&field.name);
            if let (Some(fact), Some(ty)) = (facts::by_path(&path), signatures::fact(&path)) {
                let start = Span::new(span.start, field.span.end);
                let mut expr = self.node(ExprKind::Fact(fact.path), ty, start);
                for field in &fields[i + 1..] {
                    expr = self.field(expr, field, false, Span::new(span.start, field.span.end));
                }
                return expr;
            }
        }
        let family = facts::FACTS.iter().any(|f| f.path.strip_prefix(&path).is_some_and(|rest| rest.starts_with('.')));
        let message = match family {
            true => format!("`{path}` is a family of facts, not one"),
            false => format!("unknown fact `{path}`"),
        };
        let mut problem = self.problem(Code::UnknownFact, span, message);
        if let Some(near) = suggest::nearest(&path, facts::FACTS.iter().map(|f| f.path)) {
            problem = self.rename(problem, near);
        } else {
            let prefix = if family { path.clone() } else { root.to_string() };
            let names: Vec<_> =
                facts::FACTS.iter().filter(|f| f.path.starts_with(&prefix)).map(|f| format!("`{}`", f.path)).collect();
            problem = problem.help(format!("there are {}", names.join(", ")));
        }
        self.fail(span, problem)
    }

    fn result_by_label(&mut self, label: &str, name: Span, span: Span) -> Expr {
        if let Some(expr) = self.typing.call_result(label, self.place(span)) {
            return expr;
        }
        match self.typing.index.find(self.typing.module, label) {
            Some(task) => self.result(task, span),
            None if self.typing.inlining.early => {
                let message =
                    format!("{} must be known at build, and this depends on the result of a task", self.scope.place);
                let problem = self.problem(Code::NotConstant, span, message);
                self.fail(span, problem.help("constants, inputs and what is computed from them are known at build"))
            }
            None => {
                let mut problem = self.problem(Code::UnknownName, name, format!("there is no task `{label}`"));
                if let Some(near) = self.typing.index.nearest(self.typing.module, label) {
                    problem = problem.help(format!("did you mean `{near}`?"));
                }
                self.fail(span, problem)
            }
        }
    }

    pub(super) fn field(&mut self, object: Expr, field: &ast::Ident, optional: bool, span: Span) -> Expr {
        let name = &field.name;
        let nullable = object.ty.admits_null() && !is_open(&object.ty);
        if nullable && !optional {
            let message = format!("this may be null, and null has no `{name}`");
            let problem = self.problem(Code::PossiblyNull, span, message);
            return self.fail(span, problem.help(format!("write `?.{name}`, or give a default with `??`")));
        }
        if optional && object.ty == Type::Null {
            return self.constant(Value::Null, Type::Null, span);
        }
        let inner = object.ty.without_null();
        let (ty, missing_is_null) = match &inner {
            Type::Record(fields) => match fields.iter().find(|(n, _)| n == name) {
                Some((_, ty)) => (ty.clone(), ty.admits_null()),
                None => {
                    let names: Vec<&str> = fields.iter().map(|(n, _)| n.as_str()).collect();
                    let mut problem =
                        self.problem(Code::UnknownField, field.span, format!("there is no field `{name}`"));
                    problem = match suggest::nearest(name, names.iter().copied()) {
                        Some(near) => self.rename(problem, near),
                        None => problem.help(format!("there are `{}`", names.join("`, `"))),
                    };
                    return self.fail(span, problem);
                }
            },
            Type::Map(item) => (item.as_ref().clone(), false),
            Type::Any => (Type::Any, false),
            Type::Error => return Expr::error(self.place(span)),
            other => {
                let problem = self.problem(Code::UnknownField, field.span, format!("{other} has no fields"));
                return self.fail(span, problem);
            }
        };
        let soft = optional || missing_is_null;
        let ty = if optional { ty.optional() } else { ty };
        self.node(ExprKind::Field(Box::new(object), name.clone(), soft), ty, span)
    }

    fn index(&mut self, object: Expr, key: Expr, optional: bool, span: Span) -> Expr {
        if object.ty.admits_null() && !is_open(&object.ty) && !optional {
            let problem = self.problem(Code::PossiblyNull, span, "this may be null, and null has no elements");
            return self.fail(span, problem.help("write `?.[…]`, or give a default with `??`"));
        }
        if optional && object.ty == Type::Null {
            return self.constant(Value::Null, Type::Null, span);
        }
        let (ty, wanted) = match object.ty.without_null() {
            Type::List(item) => (*item, Type::Int),
            Type::Map(item) => (*item, Type::Str),
            Type::Record(fields) => {
                let ty = match &key.kind {
                    ExprKind::Constant(Value::Str(name)) => {
                        fields.iter().find(|(n, _)| n == name.as_ref()).map(|(_, ty)| ty.clone())
                    }
                    _ => None,
                };
                (ty.unwrap_or(Type::Any), Type::Str)
            }
            Type::Any => (Type::Any, Type::Any),
            Type::Error => return Expr::error(self.place(span)),
            other => {
                let problem = self.problem(Code::BadOperands, span, format!("{other} has no elements"));
                return self.fail(span, problem);
            }
        };
        self.typing.want(&key, &wanted, "an index");
        let soft = optional || (ty.admits_null() && !is_open(&ty));
        let ty = if optional { ty.optional() } else { ty };
        self.node(ExprKind::Index(Box::new(object), Box::new(key), soft), ty, span)
    }

    fn call(&mut self, name: &ast::Ident, args: &[ast::Arg], span: Span) -> Expr {
        if name.name == "static" {
            return self.static_value(args, span);
        }
        if name.name == "nodes" {
            return self.typing.nodes(self.located, self.scope, args, span);
        }
        let Some(function) = Function::from_name(&name.name) else {
            const LATER: &[&str] = &["secret", "env"];
            if LATER.contains(&name.name.as_str()) {
                let problem = self.problem(Code::SyntaxNotYet, name.span, format!("`{}` is not there yet", name.name));
                return self.fail(span, problem);
            }
            let mut problem =
                self.problem(Code::UnknownFunction, name.span, format!("unknown function `{}`", name.name));
            if let Some(row) = foreign::word(Spot::Name, &name.name) {
                problem = problem.help(row.help());
            } else if let Some(near) =
                suggest::nearest(&name.name, functions::TABLE.iter().map(|f| f.name).chain(["static"]))
            {
                problem = self.rename(problem, near);
            }
            args.iter().for_each(|arg| drop(self.expr(&arg.value)));
            return self.fail(span, problem);
        };
        let (row, params, returns) = signatures::function(function);
        if function.effect() > self.scope.admits {
            let message =
                format!("{}: `{}` asks the node, and this place is judged without it", self.scope.place, row.name);
            let problem = self.problem(Code::EffectNotAllowed, span, message);
            return self.fail(span, problem.help("`onlyif`, `unless` and `ipcmm.wait` may ask the node"));
        }
        let mut given: Vec<Option<Expr>> = vec![None; params.len()];
        let mut failed = false;
        for (i, arg) in args.iter().enumerate() {
            let value = self.expr(&arg.value);
            let at = match &arg.name {
                None => Some(i).filter(|i| *i < params.len()),
                Some(ident) => row.params.iter().position(|(n, _)| *n == ident.name),
            };
            let Some(at) = at else {
                let (at, message) = match &arg.name {
                    Some(ident) => (ident.span, format!("`{}` has no parameter `{}`", row.name, ident.name)),
                    None => (arg.value.span, format!("`{}` takes {} arguments", row.name, params.len())),
                };
                let problem = self.problem(Code::UnknownArgument, at, message);
                self.typing.report(problem);
                failed = true;
                continue;
            };
            if given[at].is_some() {
                let problem = self.problem(
                    Code::ConflictingArguments,
                    arg.value.span,
                    format!("`{}` is given twice", row.params[at].0),
                );
                self.typing.report(problem);
                failed = true;
                continue;
            }
            let place = format!("`{}` of `{}`", row.params[at].0, row.name);
            failed |= !self.typing.want(&value, &params[at], &place) || !self.refined(&value, &params[at], &place);
            given[at] = Some(value);
        }
        if let Some(at) = given.iter().position(Option::is_none)
            && !failed
        {
            let message = format!("`{}` lacks `{}`", row.name, row.params[at].0);
            let problem = self.problem(Code::MissingArgument, span, message);
            return self.fail(span, problem);
        }
        if failed {
            return Expr::error(self.place(span));
        }
        let args: Vec<Expr> = given.into_iter().flatten().collect();
        let ty = result_type(function, &args, returns);
        self.node(ExprKind::Call(function, args), ty, span)
    }

    /// Reports a constant that no value of the wanted type looks like, such as a text where a path is wanted: most
    /// often two arguments stand in each other's place.
    fn refined(&mut self, value: &Expr, wanted: &Type, place: &str) -> bool {
        let ExprKind::Constant(constant) = &value.kind else { return true };
        match crate::lower::refine(constant, wanted) {
            Ok(()) => true,
            Err((code, message)) => {
                let problem = Diagnostic::new(code, self.typing.file, value.span, format!("{place}: {message}"));
                self.typing.report(problem);
                false
            }
        }
    }

    fn unary(&mut self, op: UnaryOp, a: &ast::Expr, span: Span) -> Expr {
        let a = self.expr(a);
        let ty = match op {
            UnaryOp::Not if self.typing.want_bool(&a, "`not`") => Type::Bool,
            UnaryOp::Not => return Expr::error(self.place(span)),
            UnaryOp::Neg if is_number(&a.ty) || a.ty == Type::Duration || is_open(&a.ty) => a.ty.clone(),
            UnaryOp::Neg => {
                let problem = self.problem(Code::BadOperands, span, format!("`-` does not work on {}", a.ty));
                return self.fail(span, problem);
            }
        };
        self.node(ExprKind::Unary(op, Box::new(a)), ty, span)
    }

    fn binary(&mut self, op: BinaryOp, a: &ast::Expr, b: &ast::Expr, span: Span) -> Expr {
        let present = match op {
            BinaryOp::And => narrow::present(a, true),
            BinaryOp::Or => narrow::present(a, false),
            _ => Vec::new(),
        };
        let (a, b) = (self.expr(a), self.where_present(b, present));
        let ty = match op {
            BinaryOp::And | BinaryOp::Or => {
                let place = format!("`{}`", op.symbol());
                let fits = self.typing.want_bool(&a, &place);
                if !self.typing.want_bool(&b, &place) || !fits {
                    return Expr::error(self.place(span));
                }
                Some(Type::Bool)
            }
            BinaryOp::Coalesce => Some(match a.ty {
                Type::Null => b.ty.clone(),
                _ => common(&widened(&a.ty.without_null()), &widened(&b.ty)),
            }),
            BinaryOp::Eq | BinaryOp::Ne => comparable(&a.ty, &b.ty).then_some(Type::Bool),
            _ => {
                for side in [&a, &b] {
                    if side.ty.admits_null() && !is_open(&side.ty) {
                        let problem = Diagnostic::new(
                            Code::PossiblyNull,
                            self.typing.file,
                            side.span,
                            format!("`{}`: this may be null", op.symbol()),
                        );
                        return self.fail(span, problem.help("give a default with `??`"));
                    }
                }
                if op == BinaryOp::Matches && !self.refined(&b, &Type::Regex, "`matches`") {
                    return Expr::error(self.place(span));
                }
                operation(op, &a.ty, &b.ty)
            }
        };
        match ty {
            Some(ty) => self.node(ExprKind::Binary(op, Box::new(a), Box::new(b)), ty, span),
            None => {
                let message = format!("`{}` does not work on {} and {}", op.symbol(), a.ty, b.ty);
                let mut problem = self.problem(Code::BadOperands, span, message);
                if op == BinaryOp::Add && (is_text(&a.ty) || is_text(&b.ty)) {
                    problem = problem.help("`str(…)` makes a text of a value");
                }
                self.fail(span, problem)
            }
        }
    }

    fn match_(&mut self, subject: &ast::Expr, arms: &[ast::Arm], span: Span) -> Expr {
        let subject = self.expr(subject);
        let mut typed = Vec::with_capacity(arms.len());
        let mut ty: Option<Type> = None;
        for arm in arms {
            let mut patterns = Vec::with_capacity(arm.patterns.len());
            for pattern in &arm.patterns {
                let pattern = self.expr(pattern);
                if !comparable(&subject.ty, &pattern.ty) {
                    let message = format!("this pattern is {}, and what is matched is {}", pattern.ty, subject.ty);
                    self.typing.report(Diagnostic::new(Code::BadOperands, self.typing.file, pattern.span, message));
                }
                match super::fold::value(&pattern) {
                    Some(Ok(value)) => patterns.push(value),
                    _ => ty = Some(Type::Error),
                }
            }
            let value = self.expr(&arm.value);
            ty = Some(match ty {
                Some(ty) => common(&ty, &value.ty),
                None => value.ty.clone(),
            });
            typed.push((patterns, value));
        }
        self.node(ExprKind::Match(Box::new(subject), typed), ty.unwrap_or(Type::Error), span)
    }

    fn comprehension(
        &mut self,
        body: &ast::Expr,
        names: &[ast::Ident],
        list: &ast::Expr,
        condition: Option<&ast::Expr>,
        span: Span,
    ) -> Expr {
        let list = self.expr(list);
        let Some((item, key)) = item_types(&list.ty) else {
            let problem = Diagnostic::new(
                Code::BadOperands,
                self.typing.file,
                list.span,
                format!("{} cannot be walked over", list.ty),
            );
            return self.fail(span, problem);
        };
        let local = self.scope.locals.len() as u32;
        let pair = names.len() == 2;
        let types = match (&item, pair) {
            (Type::Record(fields), true) if fields.len() == 2 && fields[0].0 == "key" => vec![key, fields[1].1.clone()],
            (_, true) => vec![Type::Int, item],
            (_, false) => vec![item],
        };
        if pair && !matches!(list.ty, Type::Map(_) | Type::Record(_)) {
            let problem = Diagnostic::new(
                Code::BadOperands,
                self.typing.file,
                list.span,
                format!("two names walk over a map, and this is {}", list.ty),
            );
            return self.fail(span, problem);
        }
        self.scope.locals.extend(names.iter().map(|n| n.name.clone()).zip(types));
        // What is known of a name outside is not known of the one that hides it.
        let outside = self.scope.present.clone();
        self.scope.present.retain(|path| !names.iter().any(|n| n.name == narrow::root(path)));
        let present = condition.map(|c| narrow::present(c, true)).unwrap_or_default();
        let condition = condition.map(|condition| {
            let condition = self.expr(condition);
            match self.typing.want_bool(&condition, "the condition of a comprehension") {
                true => Box::new(condition),
                false => Box::new(Expr::error(condition.span)),
            }
        });
        let body = self.where_present(body, present);
        self.scope.present = outside;
        self.scope.locals.truncate(local as usize);
        let ty = Type::List(Box::new(widened(&body.ty)));
        let kind = ExprKind::Comprehension { body: Box::new(body), local, pair, list: Box::new(list), condition };
        self.node(kind, ty, span)
    }
}
