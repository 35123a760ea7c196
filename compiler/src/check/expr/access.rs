//! Names, fields and elements.

use super::Walk;
use crate::check::types::is_open;
use crate::diag::foreign::{self, Spot};
use crate::diag::{Code, Diagnostic, Manner, suggest};
use crate::graph::{Expr, ExprKind};
use crate::signatures;
use ipcmm_bytecode::{Function, Slot, Value};
use ipcmm_grammar::ast::{self, Span};
use ipcmm_grammar::types::Type;
use ipcmm_stdlib::facts;

/// What has fields or elements, without null; and whether it is a secret, so that they are secrets too.
fn opened(ty: &Type) -> (Type, bool) {
    match ty.without_null() {
        Type::Secret(inner) => (*inner, true),
        other => (other, false),
    }
}

impl Walk<'_, '_, '_> {
    pub(super) fn name(&mut self, name: &str, span: Span) -> Expr {
        if let Some(at) = self.local(name) {
            let ty = self.scope.locals[at].ty.clone();
            return self.node(ExprKind::Local(at as u32), ty, span);
        }
        if let Some(expr) = self.context(name, span) {
            return expr;
        }
        if let Some(value) = self.typing.inlining.element(name) {
            let ty = crate::check::types::type_of(&value);
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
            "round" if self.scope.round => Some((Slot::Round, Type::Int)),
            "attempt" if self.scope.attempt => Some((Slot::Attempt, Type::Int)),
            "result" => self.scope.result.clone().map(|ty| (Slot::Result, ty)),
            own if self.typing.own_result == Some(own) => self.scope.result.clone().map(|ty| (Slot::Result, ty)),
            _ => None,
        };
        if let Some((slot, ty)) = slot {
            return self.node(ExprKind::Slot(slot), ty, span);
        }
        if self.scope.function && self.typing.index.scopes.lookup(self.typing.module, name).is_some() {
            return self.impure(&format!("`{name}`, which is declared"), span);
        }
        if let Some(expr) = self.typing.declared(name, self.place(span)) {
            return expr;
        }
        if let Some(task) = self.typing.index.result(self.typing.module, name) {
            if self.scope.function {
                return self.impure(&format!("the result `{name}`"), span);
            }
            return self.result(task, span);
        }
        self.unknown_name(name, span)
    }

    fn unknown_name(&mut self, name: &str, span: Span) -> Expr {
        if name == "groups" {
            return self.typing.groups(self.place(span));
        }
        let mut problem = self.problem(Code::UnknownName, span, format!("unknown name `{name}`"));
        let later = ["nodes", "env", "event", "run"];
        if self.typing.functions.resolve(self.typing.index, self.typing.module, name).is_some()
            || Function::from_name(name).is_some()
        {
            let problem = self.problem(Code::MisplacedLambda, span, format!("`{name}` is a function"));
            return self
                .fail(span, problem.help(format!("call it, `{name}(…)`, or give it to a function such as `map`")));
        }
        problem = match name {
            "facts" | "node" => problem.help(format!(
                "name a fact with points, such as `{name}.{}`",
                if name == "node" { "name" } else { "os.distribution" }
            )),
            "results" => problem.help("name a task: `results.label`, or `results['a label']`"),
            "item" | "key" | "index" => problem.help(format!("`{name}` is known under `loop_in` only")),
            "round" => problem.help("`round` is known under `loop_if` and `loop_until` only"),
            "phase" => problem.help("`phase` is known in a task with `runaround` only"),
            "attempt" => problem.help("`attempt` is known in arguments and in `until`"),
            "result" => problem
                .help("`result` is known in `until`, `expect`, `failed_if` and `changed_if`; elsewhere give the result a name"),
            _ if later.contains(&name) => {
                let problem = self.problem(Code::SyntaxNotYet, span, format!("`{name}` is not there yet"));
                return self.fail(span, problem);
            }
            _ if let Some(row) = foreign::word(Spot::Name, name) => self.foreign(problem, row),
            _ if !self.typing.index.may_guess(self.typing.index.tasks.len()) => problem,
            _ => {
                let known = self.typing.index.result_names(self.typing.module).map(str::to_string);
                let known = known.chain(self.typing.index.declared_names(self.typing.module));
                let mut known: Vec<String> =
                    known.chain(self.scope.locals.iter().map(|local| local.name.clone())).collect();
                known.extend(self.typing.context.iter().flat_map(|c| c.iter().map(|entry| entry.name.clone())));
                if !self.scope.function {
                    known.extend(["facts", "node", "results"].map(str::to_string));
                }
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

    pub(in crate::check) fn is_free(&self, name: &str) -> bool {
        self.local(name).is_none() && self.in_context(name).is_none()
    }

    /// The number of a name bound around.
    pub(super) fn local(&self, name: &str) -> Option<usize> {
        let visible = self.scope.locals.get(self.scope.hidden..)?;
        visible.iter().rposition(|local| local.name == name).map(|at| at + self.scope.hidden)
    }

    /// Reports that a function reads what its caller did not give it.
    pub(super) fn impure(&mut self, what: &str, span: Span) -> Expr {
        let message = format!("a function sees its parameters only, and this reads {what}");
        let problem = self.problem(Code::ImpureFunction, span, message);
        self.fail(span, problem.help("make it a parameter, and give it where the function is called"))
    }

    pub(super) fn access(&mut self, expr: &ast::Expr) -> Expr {
        if let Some((root, fields)) = Self::path(expr)
            && self.is_free(&root)
            && (root == "facts" || root == "node")
        {
            return match self.scope.function {
                true => self.impure("a fact", expr.span),
                false => self.fact(&root, &fields, expr.span),
            };
        }
        if !self.scope.function
            && let Some(expr) = self.surface_field(expr)
        {
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
        if self.scope.function {
            return self.impure("the result of a task", span);
        }
        if let Some(expr) = self.typing.call_result(label, self.place(span)) {
            return expr;
        }
        match self.typing.index.find(self.typing.module, label) {
            Some(task) => self.result(task, span),
            None if self.typing.inlining.early => {
                let place = &self.scope.place;
                let message = format!("{place} must be known at build, and this depends on the result of a task");
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

    fn field(&mut self, object: Expr, field: &ast::Ident, optional: bool, span: Span) -> Expr {
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
        let (inner, secret) = opened(&object.ty);
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
        let ty = if secret { ty.secret() } else { ty };
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
        let (inner, secret) = opened(&object.ty);
        let (ty, wanted) = match inner {
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
        self.takes(&key, &wanted, "an index");
        let secret = secret || key.ty.has_secret();
        let soft = optional || (ty.admits_null() && !is_open(&ty));
        let ty = if optional { ty.optional() } else { ty };
        let ty = if secret { ty.secret() } else { ty };
        self.node(ExprKind::Index(Box::new(object), Box::new(key), soft), ty, span)
    }
}
