//! The machinery of replacing a name by an expression from elsewhere, and of demands on when a value is known.
//!
//! Bounded: what is put together may not be deeper than an expression can be, nor be made of too many parts, and a name
//! that needs itself is refused.

use super::expr::{Typing, Walk};
use super::fold;
use super::scope::{Given, Scope};
use super::types::{needs_look, shape};
use crate::diag::{Code, Diagnostic};
use crate::expand::{Binding, Iteration};
use crate::graph::{Argument, Body, Control, Expr, ExprKind, Guard};
use crate::ir::surface::Stage;
use crate::ir::{self, Part, Typed, ValueKind};
use crate::signatures;
use crate::source::FileId;
use ipcmm_bytecode::catalog::intrinsic;
use ipcmm_bytecode::{Slot, Value};
use ipcmm_grammar::ast::{self, BinaryOp, MAX_DEPTH, Span};
use ipcmm_grammar::types::Type;

/// The most names that are replaced in one expression, those in what replaces them included.
const MAX_REPLACED: u32 = 10_000;

/// A key of what is being replaced as it is written; what follows the name tells apart what it may stand for.
fn plain(key: &str) -> &str {
    key.split(' ').next().unwrap_or(key)
}

/// Where the replacing stands.
#[derive(Default)]
pub(super) struct Inlining<'a> {
    /// The element of a loop around the call whose arguments are typed.
    pub iteration: Option<&'a Iteration>,
    /// Whether there are no tasks yet, so that nothing can be said about their names.
    pub early: bool,
    /// Where the outermost name stands that is being replaced.
    pub used: Option<(FileId, Span)>,
    /// Names that are being replaced, outermost first, with the places of their declarations.
    active: Vec<(u32, String, FileId, Span)>,
    /// How deep the expressions are that are being typed for them.
    depth: u16,
    /// How many were replaced since the outermost.
    replaced: u32,
    /// How many names are bound by comprehensions around the place at hand.
    pub locals: u32,
    /// Names that stood for something that is not known at build.
    trail: Vec<(String, FileId, Span)>,
}

impl Inlining<'_> {
    /// While there are no tasks.
    pub fn before_tasks() -> Self {
        Inlining { early: true, ..Inlining::default() }
    }

    /// The value of `item`, `key` or `index`, if the call is one of a loop.
    pub fn element(&self, name: &str) -> Option<Value> {
        let iteration = self.iteration?;
        match name {
            "item" => Some(iteration.item.clone()),
            "key" => Some(iteration.key.clone()),
            "index" => Some(Value::Int(iteration.index)),
            _ => None,
        }
    }
}

/// How deep the expressions of a value are, with what is around them.
pub(super) fn depth(value: &Typed) -> u16 {
    let deepest = |items: &mut dyn Iterator<Item = u16>| items.max().unwrap_or(0).saturating_add(1);
    match &value.kind {
        ValueKind::Constant(_) | ValueKind::Asset(_) | ValueKind::Tasks(_) | ValueKind::Error => 1,
        ValueKind::Expr(located) => located.expr.depth,
        ValueKind::Template(parts, _) => deepest(&mut parts.iter().map(|part| match part {
            Part::Text(_) => 1,
            Part::Expr(located) => located.expr.depth,
        })),
        ValueKind::List(items) => deepest(&mut items.iter().map(depth)),
        ValueKind::Map(entries) => deepest(&mut entries.iter().map(|(_, value)| depth(value))),
    }
}

impl<'a> Typing<'a, '_> {
    /// Types what a name stands for in the place where that is written, and puts it where the name is.
    pub(super) fn inlined(
        &mut self,
        (scope, name): (u32, &str),
        binding: &Binding,
        depth: u16,
        at: Span,
        type_it: impl FnOnce(&mut Self) -> Expr,
    ) -> Expr {
        let shown = plain(name).to_string();
        if let Some(from) = self.inlining.active.iter().position(|(s, n, ..)| *s == scope && n == name) {
            self.circle(from, &shown, at);
            return Expr::error(at);
        }
        self.inlining.replaced += 1;
        let deep = self.inlining.depth.saturating_add(depth).saturating_add(1);
        if deep > MAX_DEPTH || self.inlining.replaced > MAX_REPLACED {
            // Told once: whatever needs this name is too large as well.
            if !self.index.overflowed.replace(true) {
                let (file, place) = self.inlining.used.unwrap_or((self.file, at));
                let (code, how) = match deep > MAX_DEPTH {
                    true => (Code::ExprTooDeep, "nested too deeply"),
                    false => (Code::ExprTooLarge, "too large"),
                };
                let message = format!("with what its names stand for, this is {how}");
                let problem = Diagnostic::new(code, file, place, message);
                let problem = problem.label(binding.file, binding.span, format!("the limit is reached at `{shown}`"));
                self.report(problem.help("compute a part of it in `ipcmm.eval`"));
            }
            return Expr::error(at);
        }
        let outside =
            (self.file, self.module, self.own_result.take(), self.inlining.iteration.take(), self.inlining.used);
        let context = std::mem::take(&mut self.context);
        let outer_depth = std::mem::replace(&mut self.inlining.depth, deep);
        let locals = std::mem::take(&mut self.inlining.locals);
        self.inlining.used.get_or_insert((self.file, at));
        self.inlining.active.push((scope, name.to_string(), binding.file, binding.span));
        (self.file, self.module) = (binding.file, scope);
        let mut expr = type_it(self);
        self.inlining.active.pop();
        self.inlining.depth = outer_depth;
        self.inlining.locals = locals;
        (self.file, self.module, self.own_result, self.inlining.iteration, self.inlining.used) = outside;
        self.context = context;
        if self.inlining.active.is_empty() {
            self.inlining.replaced = 0;
        }
        if !matches!(expr.kind, ExprKind::Constant(_)) && !expr.is_closed() && self.inlining.trail.len() < 8 {
            self.inlining.trail.push((shown, binding.file, binding.span));
        }
        replace(&mut expr, at, locals);
        expr
    }

    /// Reports a name that needs itself.
    fn circle(&mut self, from: usize, name: &str, at: Span) {
        let circle = &self.inlining.active[from..];
        let mut known = self.index.circular.borrow_mut();
        if circle.iter().any(|(scope, name, ..)| !known.insert((*scope, name.clone()))) {
            return;
        }
        drop(known);
        let plain = |name: &str| format!("`{}`", plain(name));
        let names: Vec<String> = circle.iter().map(|(_, n, ..)| plain(n)).chain([plain(name)]).collect();
        let message = match circle.len() {
            1 => format!("`{name}` is read before it is assigned: it needs its own value"),
            _ => format!("`{name}` is read before it is assigned: {}", names.join(" → ")),
        };
        let mut problem = Diagnostic::new(Code::CircularName, self.file, at, message);
        for (_, name, file, span) in circle.iter().take(8) {
            problem = problem.label(*file, *span, format!("{} is declared here", plain(name)));
        }
        self.report(problem);
    }

    /// Adds what calls around a task hand on to it.
    pub(super) fn handed_on(&mut self, mut body: Body, scope: u32, task: Span) -> Body {
        let index = self.index;
        for call in index.scopes.calls(scope) {
            let outside = (self.file, self.module, self.own_result.take());
            (self.file, self.module) = (call.file, call.scope);
            self.inlining.iteration = call.iteration.as_ref();
            let any = || Type::Any;
            let (mut control, _) = self.control(&call.control, &Given::default(), &any);
            if call.file != outside.0 {
                // Places of a task are places in its file.
                replace_control(&mut control, task);
            }
            self.inlining.iteration = None;
            (self.file, self.module, self.own_result) = outside;
            inherit(&mut body.control, control);
            for child in &mut body.children {
                let Control { runas, env, .. } = &body.control;
                child.control.runas = child.control.runas.take().or(runas.clone());
                add_env(&mut child.control.env, env.clone());
            }
        }
        body
    }

    /// Holds a value against the stage that is demanded of it.
    pub(super) fn staged(
        &mut self,
        step: &ir::Step,
        args: &mut [(u16, Argument)],
        control: &mut Control,
        given: &Given,
    ) {
        let Some(stage) = &step.stage else { return };
        let value = args.iter_mut().find(|(param, _)| *param == intrinsic::eval::EXPR).map(|(_, value)| value);
        let Some(value) = value else { return };
        // `ipcmm.eval` computes its expression itself.
        if let Argument::Value(expr) = value {
            *value = Argument::Thunk(std::mem::replace(expr, Expr::error(step.span)));
        }
        let Argument::Thunk(expr) = value else { return };
        match stage {
            Stage::Static => {
                if !self.is_static(expr, "`ipcmm.static`") {
                    *expr = Expr::error(expr.span);
                }
            }
            Stage::Dynamic(wanted, bound) => {
                if !self.want(expr, wanted, "`ipcmm.dynamic`") {
                    *expr = Expr::error(expr.span);
                    return;
                }
                if needs_look(&expr.ty, wanted) {
                    let span = expr.span;
                    let own = std::mem::replace(expr, Expr::error(span));
                    let kind = ExprKind::Want(Box::new(own), shape(wanted));
                    *expr = Expr { kind, ty: (*wanted).clone(), span };
                }
                let Some(bound) = bound else { return };
                let record = Type::Record(vec![("value".into(), Type::Any)]);
                let mut scope = Scope::new("`bound`", given).in_attempt().with_result(record);
                let wrong = self.located(bound, &mut scope);
                control.failed_if = Some(match control.failed_if.take() {
                    None => wrong,
                    Some(own) => {
                        let span = own.span;
                        let kind = ExprKind::Binary(BinaryOp::Or, Box::new(wrong), Box::new(own));
                        Expr { kind, ty: Type::Bool, span }
                    }
                });
            }
        }
    }

    /// Whether a value is known at build; otherwise says what it depends on.
    pub(super) fn is_static(&mut self, expr: &Expr, place: &str) -> bool {
        if matches!(expr.kind, ExprKind::Error) || fold::value(expr, &self.functions.library).is_some() {
            return true;
        }
        if expr.any(&|e| matches!(e.kind, ExprKind::Error)) {
            return true;
        }
        let Some((what, span)) = self.blame(expr) else { return true };
        let message = format!("{place} must be known at build, and this depends on {what}");
        let mut problem = Diagnostic::new(Code::NotConstant, self.file, span, message);
        for (name, file, span) in self.inlining.trail.drain(..).filter(|(name, ..)| format!("`{name}`") != place) {
            problem = problem.label(file, span, format!("by way of `{name}`"));
        }
        self.report(problem.help("constants, inputs and what is computed from them are known at build"));
        false
    }

    /// The first part of an expression that is not known at build.
    fn blame(&self, expr: &Expr) -> Option<(String, Span)> {
        let what = match &expr.kind {
            ExprKind::Fact(path) => Some(format!("the fact `{path}`")),
            ExprKind::Result(_) => Some("the result of a task".into()),
            ExprKind::Slot(slot) => Some(match slot {
                Slot::Item | Slot::Key | Slot::Index => "the element of a loop".into(),
                _ => "the run".into(),
            }),
            ExprKind::Call(function, _) if function.effect() != ipcmm_bytecode::Effect::None => {
                Some(format!("`{}`, which asks the node", function.name()))
            }
            _ => None,
        };
        if let Some(what) = what {
            return Some((what, expr.span));
        }
        let mut found = None;
        expr.parts(&mut |part| {
            if found.is_none() {
                found = self.blame(part);
            }
        });
        found
    }
}

impl Walk<'_, '_, '_> {
    /// `static(x)`: the value of `x`, which must be known at build.
    pub(super) fn static_value(&mut self, args: &[ast::Arg], span: Span) -> Expr {
        let [ast::Arg { name: None, value }] = args else {
            let problem = self.problem(Code::MissingArgument, span, "`static` takes one value");
            return self.fail(span, problem);
        };
        self.typing.inlining.trail.clear();
        let expr = self.expr(value);
        if !self.typing.is_static(&expr, "`static`") {
            return Expr::error(expr.span);
        }
        expr
    }
}

/// The result data of a step, as its stage says.
pub(super) fn staged_data(step: &ir::Step) -> Type {
    match &step.stage {
        Some(Stage::Dynamic(shape, _)) => Type::Record(vec![("value".into(), (*shape).clone())]),
        _ => signatures::data(step.builtin),
    }
}

/// Adds the keywords of a call to those of a task: guards are added, of the rest the task's own wins.
fn inherit(own: &mut Control, call: Control) {
    let Control {
        when,
        onlyif,
        unless,
        loop_in: _,
        loop_if: _,
        loop_until: _,
        expect: _,
        retry,
        timeout,
        runas,
        env,
        failed_if: _,
        changed_if: _,
        target: _,
    } = call;
    own.when = match (when, own.when.take()) {
        (Some(outer), Some(inner)) => {
            let span = inner.span;
            let kind = ExprKind::Binary(BinaryOp::And, Box::new(outer), Box::new(inner));
            Some(Expr { kind, ty: Type::Bool, span })
        }
        (outer, inner) => outer.or(inner),
    };
    own.onlyif.splice(0..0, onlyif);
    own.unless.splice(0..0, unless);
    own.retry = own.retry.take().or(retry);
    own.timeout = own.timeout.or(timeout);
    own.runas = own.runas.take().or(runas);
    add_env(&mut own.env, env);
}

fn add_env(own: &mut Vec<(String, Expr)>, env: Vec<(String, Expr)>) {
    for (name, value) in env {
        if !own.iter().any(|(known, _)| *known == name) {
            own.push((name, value));
        }
    }
    own.sort_by(|a, b| a.0.cmp(&b.0));
}

/// Moves everything in control keywords to a place.
fn replace_control(control: &mut Control, at: Span) {
    let Control {
        when,
        onlyif,
        unless,
        loop_in: _,
        loop_if: _,
        loop_until: _,
        expect: _,
        retry,
        timeout: _,
        runas,
        env,
        failed_if: _,
        changed_if: _,
        target: _,
    } = control;
    let until = retry.as_mut().and_then(|retry| retry.until.as_mut());
    let single = [when.as_mut(), runas.as_mut(), until].into_iter().flatten();
    single.chain(env.iter_mut().map(|(_, value)| value)).for_each(|expr| replace(expr, at, 0));
    for guard in onlyif.iter_mut().chain(unless) {
        match guard {
            Guard::Expr(expr) => replace(expr, at, 0),
            Guard::Command(body) => {
                for (_, argument) in &mut body.args {
                    match argument {
                        Argument::Value(expr) | Argument::Thunk(expr) => replace(expr, at, 0),
                        Argument::Asset(..) | Argument::Tasks(..) => {}
                    }
                }
            }
        }
    }
}

/// The expression at another place.
pub(super) fn moved(mut expr: Expr, at: Span) -> Expr {
    replace(&mut expr, at, 0);
    expr
}

/// Moves an expression to a place, and into comprehensions that bind so many names.
fn replace(expr: &mut Expr, at: Span, locals: u32) {
    expr.span = at;
    if let ExprKind::Local(local)
    | ExprKind::Comprehension { local, .. }
    | ExprKind::Walk { local, .. }
    | ExprKind::Let { local, .. } = &mut expr.kind
    {
        *local += locals;
    }
    expr.parts_mut(&mut |part| replace(part, at, locals));
}
