//! Declared names in expressions: each is replaced by what it stands for, typed where that is written and placed where
//! the name is.
//!
//! Unaware of: how names got what they stand for (`expand` did that).

use super::expr::{Typing, Walk};
use super::names::Index;
use super::narrow;
use super::scope::{Given, Scope};
use crate::diag::{Code, Diagnostic, suggest};
use crate::expand::{Binding, BindingKind, Incoming};
use crate::graph::{Expr, ExprKind};
use crate::ir::surface::Output;
use ipcmm_bytecode::Value;
use ipcmm_grammar::ast::{self, BinaryOp, Span};
use ipcmm_grammar::types::Type;

impl Index<'_> {
    /// Whether scopes are those of the blocks of one call: a node is in one of them at most.
    pub(super) fn are_blocks(&self, scopes: &[u32]) -> bool {
        let number = |scope: &u32| self.scopes.get(*scope).call.as_ref()?.binding.as_ref().map(|b| b.number);
        scopes.len() > 1 && scopes.iter().map(number).eq((0..scopes.len()).map(Some))
    }

    /// Declared names that a scope sees, for suggestions.
    pub(super) fn declared_names(&self, scope: u32) -> Vec<String> {
        self.scopes.chain(scope).flat_map(|scope| self.scopes.get(scope).names.keys().cloned()).collect()
    }
}

impl<'a> Typing<'a, '_> {
    /// What a declared name stands for. `at` is the place of the name in the file at hand.
    pub(super) fn declared(&mut self, name: &str, at: Span) -> Option<Expr> {
        let index = self.index;
        let (scope, binding) = index.scopes.lookup(self.module, name)?;
        Some(match &binding.kind {
            BindingKind::In(incoming) | BindingKind::InOut(incoming, _) => {
                self.incoming(scope, name, incoming, binding, at)
            }
            BindingKind::Out(_) => self.output(scope, name, at),
            BindingKind::Ref(located) | BindingKind::Ptr(located, _) => {
                let expr = self.inlined((scope, name), binding, located.expr.depth, at, |typing| {
                    typing.located(located, &mut Scope::new(format!("`{name}`"), &Given::default()))
                });
                self.alias(expr, name, binding)
            }
            BindingKind::Addr(target, _) => match index.identity(scope, target) {
                Some(identity) => Expr::constant(Value::str(identity), Type::Str, at),
                // It was reported where it is declared.
                None => Expr::error(at),
            },
            BindingKind::Module(module, only) => self.surface_of(*module, only.as_deref(), at),
            BindingKind::Result(scopes, false) => {
                self.of_blocks(scopes, at, &mut |typing, scope| typing.surface_of(scope, None, at))
            }
            BindingKind::Result(scopes, true) => self.surfaces_of(scopes, at),
        })
    }

    /// A `ref` is never null, and a `ptr` has the type it says.
    fn alias(&mut self, mut expr: Expr, name: &str, binding: &Binding) -> Expr {
        match &binding.kind {
            BindingKind::Ptr(_, Some(ty)) => {
                if !self.want(&expr, ty, &format!("`{name}`")) {
                    return Expr::error(expr.span);
                }
                if expr.ty != Type::Error {
                    expr.ty = (*ty).clone();
                }
            }
            BindingKind::Ref(_) if expr.ty.admits_null() && !super::types::is_open(&expr.ty) => {
                let message = format!("`{name}` is a `ref`, and what it stands for may be null here");
                let problem = Diagnostic::new(Code::PossiblyNull, self.file, expr.span, message);
                let help = "declare it as a `ptr`, or make sure of the task by `depends_on`";
                let place = "declared here";
                self.report(problem.label(binding.file, binding.span, place).help(help));
                return Expr::error(expr.span);
            }
            _ => {}
        }
        expr
    }

    /// The value of an input.
    pub(super) fn incoming(
        &mut self,
        scope: u32,
        name: &str,
        incoming: &'a Incoming,
        binding: &Binding,
        at: Span,
    ) -> Expr {
        self.index.uses.borrow_mut().insert((scope, name.to_string()));
        let Some((value, file, written)) = &incoming.value else {
            let unknown = self.index.scopes.get(scope).trial && self.index.scopes.get(scope).call.is_none();
            let ty = incoming.input.ty.clone();
            return if unknown { Expr { kind: ExprKind::Unknown, ty, span: at } } else { Expr::error(at) };
        };
        let depth = super::inline::depth(value);
        let call = self.index.scopes.get(scope).call.as_deref().filter(|_| *written != scope);
        let place = Binding { file: *file, ..binding.clone() };
        let mut expr = self.inlined((scope, name), &place, depth, at, |typing| {
            typing.module = *written;
            if call.is_some() {
                // An argument is read where it is written.
                typing.inlining.used = None;
            }
            typing.inlining.iteration = call.and_then(|call| call.iteration.as_ref());
            let when = call.and_then(|call| call.control.when.as_ref());
            let present = when.map(|when| narrow::present(&when.expr, true)).unwrap_or_default();
            let place = format!("`{name}`");
            typing.typed(value, &mut Scope::new(place.clone(), &Given { item: None, round: false, present }), &place)
        });
        // What is given must not change what may be said about the name, or a build would fail for some values only.
        if !matches!(expr.kind, ExprKind::Error) {
            expr.ty = incoming.input.ty.clone();
        }
        expr
    }

    /// The value that goes out of a scope by a name.
    pub(super) fn output(&mut self, scope: u32, name: &str, at: Span) -> Expr {
        let index = self.index;
        let Some(binding) = index.scopes.get(scope).names.get(name) else { return Expr::error(at) };
        match &binding.kind {
            BindingKind::Out(output) => self.outgoing(scope, name, binding, output, at).unwrap_or(Expr::error(at)),
            BindingKind::InOut(incoming, output) => match self.outgoing(scope, name, binding, output, at) {
                None => self.incoming(scope, name, incoming, binding, at),
                Some(new) => {
                    let old = self.incoming(scope, name, incoming, binding, at);
                    self.on_success(scope, new, old, at)
                }
            },
            BindingKind::Addr(..) => {
                let outside = std::mem::replace(&mut self.module, scope);
                let identity = self.declared(name, at);
                self.module = outside;
                identity.unwrap_or(Expr::error(at))
            }
            _ => Expr::error(at),
        }
    }

    /// The value that is assigned to an output, if any is.
    fn outgoing(&mut self, scope: u32, name: &str, binding: &Binding, output: &'a Output, at: Span) -> Option<Expr> {
        let index = self.index;
        let place = format!("`{name}`");
        let depth = output.value.as_ref().map_or(1, super::inline::depth);
        let assigned = index.scopes.assigned.get(&(scope, name.to_string()));
        let result = index.results.get(&(scope, name)).copied();
        if output.value.is_none() && assigned.is_none() && result.is_none() {
            return None;
        }
        // An `inout` is read inside of the value that goes out, so what goes out has a name of its own here.
        let key = format!("{name} out");
        Some(self.inlined((scope, &key), binding, depth, at, |typing| {
            let expr = match (&output.value, assigned, result) {
                (Some(value), ..) => typing.typed(value, &mut Scope::new(place.clone(), &Given::default()), &place),
                (None, Some((callee, theirs)), _) => typing.output(*callee, theirs, binding.span),
                (None, None, Some(task)) => typing.result_for(task, output, binding.span),
                (None, None, None) => return Expr::error(binding.span),
            };
            typing.given_out(expr, output, &place)
        }))
    }

    /// What a result assigns: of its record the fields that are wanted, or its `value` where no record is wanted.
    fn result_for(&mut self, task: u32, output: &Output, at: Span) -> Expr {
        let record = self.result_of(task, at, self.inlining.locals);
        let Type::Record(have) = record.ty.clone() else { return record };
        let field = |name: &str| {
            let ty = have.iter().find(|(own, _)| own == name)?.1.clone();
            let soft = ty.admits_null();
            Some(Expr { kind: ExprKind::Field(Box::new(record.clone()), name.to_string(), soft), ty, span: at })
        };
        match output.ty {
            Some(Type::Record(wanted)) => {
                let entries: Vec<(String, Expr)> =
                    wanted.iter().filter_map(|(name, _)| Some((name.clone(), field(name)?))).collect();
                let ty = Type::Record(entries.iter().map(|(name, value)| (name.clone(), value.ty.clone())).collect());
                Expr { kind: ExprKind::Map(entries), ty, span: at }
            }
            Some(Type::Any) | None => record,
            Some(_) => field("value").unwrap_or(record),
        }
    }

    fn given_out(&mut self, mut expr: Expr, output: &Output, place: &str) -> Expr {
        if let Some(ty) = output.ty {
            if !self.want(&expr, ty, place) {
                return Expr::error(expr.span);
            }
            if !matches!(expr.kind, ExprKind::Error) {
                expr.ty = ty.clone();
            }
        }
        expr
    }

    /// What goes out by an `inout`: the new value if no task of the call is bad, else the old one.
    fn on_success(&mut self, scope: u32, new: Expr, old: Expr, at: Span) -> Expr {
        let tasks: Vec<u32> = self.index.members[scope as usize].clone();
        let mut results = Vec::with_capacity(tasks.len());
        for task in tasks {
            let record = self.result_of(task, at, self.inlining.locals);
            if matches!(record.kind, ExprKind::Error) {
                return record;
            }
            let kind = ExprKind::Field(Box::new(record), "result".into(), true);
            results.push(Expr { kind, ty: Type::Bool.optional(), span: at });
        }
        if results.is_empty() || matches!(new.kind, ExprKind::Error) {
            return new;
        }
        let bad = Expr::constant(Value::Bool(false), Type::Bool, at);
        let list = Expr { kind: ExprKind::List(results), ty: Type::List(Box::new(Type::Bool.optional())), span: at };
        let kind = ExprKind::Binary(BinaryOp::NotIn, Box::new(bad), Box::new(list));
        let success = Expr { kind, ty: Type::Bool, span: at };
        let ty = super::types::common(&new.ty, &old.ty);
        Expr { kind: ExprKind::Conditional(Box::new(success), Box::new(new), Box::new(old)), ty, span: at }
    }

    /// Names that a scope gives to others.
    fn given_names(&self, scope: u32, only: Option<&[String]>) -> Vec<String> {
        let names = self.index.scopes.get(self.index.scopes.home(scope)).names.iter();
        let visible = names.filter(|(_, b)| b.kind.is_variable() || matches!(b.kind, BindingKind::Addr(..)));
        let wanted = visible.filter(|(name, _)| only.is_none_or(|only| only.contains(name)));
        wanted.map(|(name, _)| name.clone()).collect()
    }

    /// Everything a scope gives, as a map.
    fn surface_of(&mut self, scope: u32, only: Option<&[String]>, at: Span) -> Expr {
        let names = self.given_names(scope, only);
        let home = self.index.scopes.home(scope);
        let entries: Vec<(String, Expr)> =
            names.into_iter().map(|name| (name.clone(), self.output(home, &name, at))).collect();
        let fields = entries.iter().map(|(name, value)| (name.clone(), value.ty.clone())).collect();
        Expr { kind: ExprKind::Map(entries), ty: Type::Record(fields), span: at }
    }

    /// What each call of a loop gives, as a list.
    fn surfaces_of(&mut self, scopes: &[u32], at: Span) -> Expr {
        let items: Vec<Expr> = scopes.iter().map(|&scope| self.surface_of(scope, None, at)).collect();
        let item = items.iter().map(|i| i.ty.clone()).reduce(|a, b| super::types::common(&a, &b));
        Expr { kind: ExprKind::List(items), ty: Type::List(Box::new(item.unwrap_or(Type::Any))), span: at }
    }

    /// `results.label`, where the label is that of a call.
    pub(super) fn call_result(&mut self, label: &str, at: Span) -> Option<Expr> {
        let index = self.index;
        if index.find(self.module, label).is_some() {
            return None;
        }
        let scopes = index.group(self.module, label)?;
        Some(match scopes {
            [] => Expr::error(at),
            [scope]
                if index
                    .scopes
                    .get(*scope)
                    .call
                    .as_ref()
                    .is_none_or(|call| call.iteration.is_none() || call.label != label) =>
            {
                self.surface_of(*scope, None, at)
            }
            scopes if index.are_blocks(scopes) => {
                self.of_blocks(scopes, at, &mut |typing, scope| typing.surface_of(scope, None, at))
            }
            scopes => self.surfaces_of(scopes, at),
        })
    }
}

impl Walk<'_, '_, '_> {
    /// The scope an expression stands for, or those of the blocks of a call, and the names of it that are wanted: a module, or the result of a call.
    fn surface(&self, object: &ast::Expr) -> Option<(Vec<u32>, Option<Vec<String>>)> {
        let (index, scope) = (self.typing.index, self.typing.module);
        let label = match &object.kind {
            ast::ExprKind::Name(name) if self.is_free(name) => {
                return match &index.scopes.lookup(scope, name)?.1.kind {
                    BindingKind::Module(module, only) => Some((vec![*module], only.clone())),
                    BindingKind::Result(scopes, false) => Some((scopes.clone(), None)),
                    _ => None,
                };
            }
            ast::ExprKind::Field { object, field, optional: false } if is_results(object) => &field.name,
            ast::ExprKind::Index { object, key, optional: false } if is_results(object) => match &key.kind {
                ast::ExprKind::Str(label) => label,
                _ => return None,
            },
            _ => return None,
        };
        if !self.is_free("results") || index.find(scope, label).is_some() {
            return None;
        }
        let group = index.group(scope, label)?;
        if index.are_blocks(group) {
            return Some((group.to_vec(), None));
        }
        let [only] = group else { return None };
        let call = index.scopes.get(*only).call.as_deref()?;
        (call.iteration.is_none() || call.label != *label).then(|| (vec![*only], None))
    }

    /// A field of a module's or a call's surface: only that one is looked at.
    pub(super) fn surface_field(&mut self, expr: &ast::Expr) -> Option<Expr> {
        let ast::ExprKind::Field { object, field, .. } = &expr.kind else { return None };
        let (scopes, only) = self.surface(object)?;
        let scope = *scopes.first()?;
        let names = self.typing.given_names(scope, only.as_deref());
        let home = self.typing.index.scopes.home(scope);
        if names.contains(&field.name) {
            let at = self.place(expr.span);
            let mut of = |typing: &mut Typing<'_, '_>, scope: u32| {
                let home = typing.index.scopes.home(scope);
                typing.output(home, &field.name, at)
            };
            return Some(match scopes.as_slice() {
                [_] => of(self.typing, scope),
                blocks => self.typing.of_blocks(blocks, at, &mut of),
            });
        }
        let message = match self.typing.index.scopes.get(home).names.contains_key(&field.name) {
            true => format!("`{}` is not visible from outside", field.name),
            false => format!("there is no field `{}`", field.name),
        };
        let mut problem = self.problem(Code::UnknownField, field.span, message);
        problem = match suggest::nearest(&field.name, names.iter().map(String::as_str)) {
            Some(near) => self.rename(problem, near),
            None if names.is_empty() => problem.help("nothing is given out there; it would stand under `declare: out`"),
            None => problem.help(format!("there are `{}`", names.join("`, `"))),
        };
        Some(self.fail(field.span, problem))
    }
}

fn is_results(object: &ast::Expr) -> bool {
    matches!(&object.kind, ast::ExprKind::Name(name) if name == "results")
}
