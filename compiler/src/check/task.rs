//! Tasks: their bodies typed in run order, reads of results held against the order.

use super::expr::Typing;
use super::fold;
use super::functions::Functions;
use super::inline::{Inlining, moved, staged_data};
use super::links::Link;
use super::names::Index;
use super::narrow;
use super::operators::{item_types, widened};
use super::plan::{Node, Plan};
use super::scope::{Given, Scope};
use super::types::type_of;
use crate::diag::{Code, Diagnostic, Diagnostics, Manner};
use crate::graph::{Argument, Body, Control, Edge, Expr, ExprKind, Graph, Guard, Retry, Task};
use crate::ir::{self, Part, Quoting, Typed, ValueKind};
use crate::signatures;
use crate::source::FileId;
use ipcmm_bytecode::bundle::{EdgeKind, ExecMode};
use ipcmm_bytecode::catalog::Reaction;
use ipcmm_bytecode::{Function, Value};
use ipcmm_grammar::ast::Span;
use ipcmm_grammar::keywords::Keyword;
use ipcmm_grammar::types::Type;
use ipcmm_stdlib::Builtin;
use rustc_hash::{FxHashMap, FxHashSet};
use std::cell::RefCell;

/// Whether a problem does not depend on what else a task says: names, orders and conditions that are missing because
/// their keyword was misread cause none of these.
const fn is_wrong_anyhow(code: Code) -> bool {
    matches!(
        code,
        Code::TypeMismatch
            | Code::NotBool
            | Code::BadOperands
            | Code::BadMode
            | Code::RelativePath
            | Code::UnknownFact
            | Code::UnknownFunction
            | Code::UnknownArgument
            | Code::MissingArgument
            | Code::SecretLeak
            | Code::SecretConstant
    )
}

/// Types all tasks. Without `ordered`, tasks wait for each other and reads of results are not held against the order.
pub(super) fn graph(
    index: &Index<'_>,
    functions: &Functions<'_>,
    links: &[Vec<Link>],
    plan: &Plan,
    order: &[u32],
    ordered: bool,
    diagnostics: &mut Diagnostics,
) -> Graph {
    let mut position = vec![0u32; order.len()];
    order.iter().enumerate().for_each(|(at, &node)| position[node as usize] = at as u32);
    let skippable = skippable(index, plan, order);
    let mut graph = Graph {
        modules: index.modules.clone(),
        tasks: Vec::with_capacity(order.len()),
        listens: listens(links, &position),
        inputs: Vec::new(),
        functions: Vec::new(),
    };
    let mut read: Vec<bool> = vec![false; order.len()];
    let led = Led::default();
    for &node in order {
        let Node { task: number, part, owner } = plan.nodes[node as usize];
        let declared = &index.tasks[number as usize];
        let mut read_result = |target: u32, file: FileId, span: Span, diagnostics: &mut Diagnostics| {
            let reader = Reader { index, plan, position: &position, skippable: &skippable, ordered, led: &led };
            let found = reader.result(number, target, (file, span), diagnostics)?;
            read[position[target as usize] as usize] = true;
            Some(found)
        };
        let before = diagnostics.len();
        let body = match part.is_some() {
            true => Body::default(),
            false => {
                let mut typing = Typing {
                    index,
                    module: declared.scope,
                    file: declared.file,
                    inlining: Inlining::default(),
                    diagnostics,
                    context: Vec::new(),
                    own_result: declared.task.result.as_ref().map(|(name, _)| name.as_str()),
                    phases: plan.entry[number as usize] != number,
                    read_result: &mut read_result,
                    functions,
                    inlined: Vec::new(),
                };
                let body = typing.task(declared.task);
                let mut body = typing.handed_on(body, declared.scope, declared.task.span);
                let target = index.targeting[number as usize].as_ref().map(|t| t.expr.clone());
                // Places of a task are places in its file.
                let foreign =
                    declared.task.binding.as_ref().and_then(|b| b.from).is_some_and(|(f, _)| f != declared.file);
                body.control.target = target.map(|t| if foreign { moved(t, declared.task.span) } else { t });
                body
            }
        };
        // Of a task that was misread only that is told which is wrong however it was meant, and nothing is kept.
        let body = match declared.task.poisoned {
            true => {
                diagnostics.retain_from(before, |problem| is_wrong_anyhow(problem.code));
                Body::default()
            }
            false => body,
        };
        if part.is_none() {
            without_reaction(declared.file, declared.task, diagnostics);
        }
        index.called_from(declared.scope, before, diagnostics);
        let edges = plan.edges[node as usize].iter();
        let mut edges: Vec<Edge> = edges.map(|e| Edge { target: position[e.target as usize], ..*e }).collect();
        edges.sort_by_key(|e| (e.target, e.kind));
        edges.dedup_by_key(|e| (e.target, e.kind));
        graph.tasks.push(Task {
            module: declared.module,
            label: match &declared.task.binding {
                Some(binding) if binding.number > 0 => {
                    format!("{} (target {})", index.label(number), binding.number + 1)
                }
                _ => index.label(number),
            },
            file: declared.file,
            span: declared.task.span,
            edges,
            mode: declared.task.mode.unwrap_or(ExecMode::Sync),
            stops: declared.task.stops.unwrap_or(false),
            lane: declared.task.keep.lane.as_ref().map(|(name, _)| name.clone()),
            lane_max: 1,
            test: declared.task.keep.test.unwrap_or(false),
            moved_from: declared.task.keep.moved_from.as_ref().map(|(label, _)| label.clone()),
            keeps_result: false,
            result: declared.task.result.as_ref().map(|(name, _)| name.clone()).filter(|_| part.is_none()),
            body,
            part: part.map(|part| (part, position[owner as usize])),
        });
    }
    for (task, read) in graph.tasks.iter_mut().zip(read) {
        task.keeps_result = read;
    }
    graph.inputs = super::surface::inputs(index);
    graph
}

/// Who is listened to, and who listens, by places in the run order.
fn listens(links: &[Vec<Link>], position: &[u32]) -> Vec<(u32, u32)> {
    let place = |task: u32| position[task as usize];
    let of = |(task, links): (u32, &Vec<Link>)| {
        let listen = links.iter().filter(|link| link.keyword == Keyword::Listen);
        listen.map(|link| (place(link.target), place(task))).collect::<Vec<_>>()
    };
    (0..).zip(links).flat_map(of).collect()
}

fn without_reaction(file: FileId, task: &ir::Task, diagnostics: &mut Diagnostics) {
    let reacts = task.steps.iter().any(|s| s.builtin.reaction != Reaction::None);
    if reacts || task.poisoned {
        return;
    }
    let names: Vec<_> = task.steps.iter().map(|s| format!("`{}`", s.builtin.name)).collect();
    let names = names.join(", ");
    let first = |keyword: Keyword| task.targets.iter().find(|t| t.keyword == keyword && t.from.is_none());
    if let Some(watch) = first(Keyword::Watch) {
        let message = format!("{names} has no reaction, so `watch` means `requires` here");
        diagnostics.push(Diagnostic::new(Code::NoReaction, file, watch.span, message).help("write `requires`"));
    }
    if let Some(listen) = first(Keyword::Listen) {
        let message = format!("{names} has no reaction, so `listen` does nothing here");
        let help = "write `onchange` to run the task if a target changed, or take `listen` away";
        diagnostics.push(Diagnostic::new(Code::NoReaction, file, listen.span, message).help(help));
    }
}

/// Tasks that may end as skipped although nothing went wrong.
pub(super) fn skippable(index: &Index<'_>, plan: &Plan, order: &[u32]) -> Vec<bool> {
    let mut skippable = vec![false; order.len()];
    let skips = |kind: EdgeKind| {
        use EdgeKind::*;
        match kind {
            RequiresAny | RequiresNone | OnFail | OnSuccess | OnChange | Prereq | PostReq => true,
            DependsOn | Requires | Watch | RunAfter | RunAround | Prepared | Own => false,
        }
    };
    for &node in order {
        let Node { task: number, part: None, .. } = plan.nodes[node as usize] else { continue };
        let n = number as usize;
        let guarded = ir::Control::is_guarded;
        let task = index.tasks[n].task;
        let steps = !task.steps.is_empty() && task.steps.iter().all(|s| guarded(&s.control));
        skippable[n] = guarded(&task.control)
            || index.scopes.calls(index.tasks[n].scope).any(|call| guarded(&call.control))
            || steps
            || plan.edges[n].iter().any(|e| skips(e.kind))
            || plan.edges[n].iter().any(|e| e.kind == EdgeKind::DependsOn && skippable[e.target as usize]);
    }
    skippable
}

/// What one task may know of another's result.
struct Reader<'a> {
    index: &'a Index<'a>,
    plan: &'a Plan,
    position: &'a [u32],
    skippable: &'a [bool],
    ordered: bool,
    /// For a target, and whether every kind of edge counts: tasks that were found to lead to it.
    led: &'a Led,
}

type Led = RefCell<FxHashMap<(u32, bool), FxHashSet<u32>>>;

impl Reader<'_> {
    fn result(
        &self,
        reader: u32,
        target: u32,
        (file, span): (FileId, Span),
        diagnostics: &mut Diagnostics,
    ) -> Option<(u32, Type)> {
        let (speaker, label) = self.index.speakers(reader, target);
        if self.ordered && !self.is_before(target, reader) {
            let own = reader == target;
            let message = match own {
                true => format!("`{label}` reads its own result, which is not there yet"),
                false => {
                    format!("`{speaker}` reads the result of `{label}` without being ordered after it")
                }
            };
            let problem = Diagnostic::new(Code::UnorderedRead, file, span, message);
            diagnostics.push(match own {
                true => problem,
                false if self.plan.edges[reader as usize].iter().any(|e| e.target == target) => problem
                    .help("what it runs around has not run in its first phase: read it in a task that comes after it"),
                false => {
                    let help = "`depends_on` makes sure that it ran; `requires` is enough where it may be skipped";
                    let (place, at) = self.index.speaker_place(reader, target);
                    let problem = problem.help(help);
                    match place == file {
                        true => problem.mend(
                            format!("add `depends_on: {label}` to `{speaker}`"),
                            at,
                            label,
                            Manner::Entry("depends_on"),
                        ),
                        false => problem,
                    }
                }
            });
            return None;
        }
        // Order without a need also lets a reader run whose target failed.
        let needs = |kind: EdgeKind| {
            use EdgeKind::*;
            matches!(kind, DependsOn | Requires | Watch | OnSuccess | Prepared)
        };
        // A `depends_on` on the target itself says that it was achieved, so its data are there.
        let achieved = |kind| matches!(kind, EdgeKind::DependsOn | EdgeKind::OnSuccess);
        let sure = (self.plan.edges[reader as usize].iter().any(|e| e.target == target && achieved(e.kind))
            || !self.skippable[target as usize] && self.leads(target, reader, &needs))
            // On a node that it is not for it has no data, and holds nobody up.
            && self.index.is_there_for(target, reader);
        Some((self.position[target as usize], self.record(target, sure)))
    }

    /// Whether a path of edges leads from the reader to the target.
    fn is_before(&self, target: u32, reader: u32) -> bool {
        self.leads(target, reader, &|_| true)
    }

    /// Whether a path of edges of some kinds leads from the reader to the target.
    fn leads(&self, target: u32, reader: u32, admits: &dyn Fn(EdgeKind) -> bool) -> bool {
        // A task of two phases reads in both, so what it reads must be there in the first.
        let reader = self.plan.entry[reader as usize];
        if self.plan.edges[reader as usize].iter().any(|e| e.target == target && admits(e.kind)) {
            return true;
        }
        let floor = self.position[target as usize];
        // Where each task was come to from. What was found to lead there is kept: many read what is far above them.
        let mut from: FxHashMap<u32, u32> = FxHashMap::default();
        let mut known = self.led.borrow_mut();
        let known = known.entry((target, admits(EdgeKind::RunAfter))).or_default();
        let mut stack = vec![reader];
        while let Some(task) = stack.pop() {
            for edge in self.plan.edges[task as usize].iter().filter(|e| admits(e.kind)) {
                if edge.target == target || known.contains(&edge.target) {
                    let mut at = Some(task);
                    while let Some(task) = at.filter(|task| known.insert(*task)) {
                        at = from.get(&task).copied();
                    }
                    return true;
                }
                // Nothing that runs before the target can lead to it.
                if self.position[edge.target as usize] > floor && edge.target != reader {
                    from.entry(edge.target).or_insert_with(|| {
                        stack.push(edge.target);
                        task
                    });
                }
            }
        }
        false
    }

    fn record(&self, target: u32, sure: bool) -> Type {
        let task = self.index.tasks[target as usize].task;
        record_type(task, sure, task.control.is_looped())
    }
}

/// The type of a task's result record, or of one attempt's. Unless it is sure that the body ran, its data may be null;
/// of a loop they are a list.
pub(super) fn record_type(task: &ir::Task, sure: bool, looped: bool) -> Type {
    let mut fields = Vec::new();
    let data = match task.steps.as_slice() {
        [step] => staged_data(step),
        _ => Type::List(Box::new(Type::Any)),
    };
    if let (Type::Record(own), false) = (&data, looped) {
        fields.extend(own.iter().map(|(n, t)| (n.clone(), if sure { t.clone() } else { t.clone().optional() })));
    }
    let data = if looped { Type::List(Box::new(data.optional())) } else { data };
    fields.extend(signatures::common_fields());
    fields.push(("data".into(), if sure { data } else { data.optional() }));
    Type::Record(fields)
}

/// The type of a task's result record where its body has run.
pub(super) fn record_of(index: &Index<'_>, task: u32) -> Type {
    let task = index.tasks[task as usize].task;
    record_type(task, true, task.control.is_looped())
}

/// The type of the record that one execution of a built-in gives.
pub(super) fn step_record(builtin: &Builtin) -> Type {
    let data = signatures::data(builtin);
    let mut fields = match &data {
        Type::Record(fields) => fields.clone(),
        _ => Vec::new(),
    };
    fields.extend(signatures::common_fields());
    fields.push(("data".into(), data));
    Type::Record(fields)
}

impl<'a> Typing<'a, '_> {
    fn task(&mut self, task: &'a ir::Task) -> Body {
        self.context.push(&task.control.context);
        let body = match task.steps.as_slice() {
            [step] => {
                let outer = Given::default();
                let (mut control, given) = self.control(&task.control, &outer, &|| record_type(task, true, false));
                let mut args = self.args(step.builtin, &step.args, &given);
                self.staged(step, &mut args, &mut control, &given);
                Body { builtin: Some(step.builtin), args, control, children: Vec::new() }
            }
            steps => {
                let outer = Given::default();
                let (control, given) = self.control(&task.control, &outer, &|| record_type(task, true, false));
                let children = steps.iter().map(|step| self.step(step, &given)).collect();
                Body { builtin: None, args: Vec::new(), control, children }
            }
        };
        self.context.clear();
        body
    }

    fn step(&mut self, step: &'a ir::Step, outer: &Given) -> Body {
        self.context.push(&step.control.context);
        let result = || step_record(step.builtin);
        let (mut control, given) = self.control(&step.control, outer, &result);
        let mut args = self.args(step.builtin, &step.args, &given);
        self.staged(step, &mut args, &mut control, &given);
        self.context.pop();
        Body { builtin: Some(step.builtin), args, control, children: Vec::new() }
    }

    /// Types control keywords; also gives what they bring into the scope of the body.
    pub(super) fn control(
        &mut self,
        control: &ir::Control,
        outer: &Given,
        result: &dyn Fn() -> Type,
    ) -> (Control, Given) {
        let mut typed = Control { timeout: control.timeout, ..Control::default() };
        let mut given = outer.clone();
        if let Some(list) = &control.loop_in {
            let expr = self.typed(list, &mut Scope::new("`loop_in`", outer), "`loop_in`");
            // What was known of the item of a loop around is not known of this one's.
            given.present.retain(|path| !["item", "key", "index"].contains(&narrow::root(path)));
            self.want_open(&expr, "`loop_in`");
            given.item = item_types(&expr.ty);
            if given.item.is_none() {
                let message = format!("`loop_in` takes a list, a map or a range, and this is {}", expr.ty);
                self.report(Diagnostic::new(Code::TypeMismatch, self.file, expr.span, message));
                given.item = Some((Type::Error, Type::Error));
            }
            typed.loop_in = Some(expr);
        }
        typed.when = control.when.as_ref().map(|e| self.folded_condition(e, &mut Scope::new("`when`", &given)));
        if let Some(when) = &control.when {
            given.present.extend(narrow::present(&when.expr, true));
        }
        given.round |= control.loop_if.is_some() || control.loop_until.is_some();
        let given = given;
        let scope = |place: &'static str| Scope::new(place, &given);
        typed.onlyif = self.guards(&control.onlyif, "`onlyif`", &given);
        typed.unless = self.guards(&control.unless, "`unless`", &given);
        let after = |place: &'static str| scope(place).in_attempt().with_result(result());
        typed.retry = control.retry.as_ref().map(|retry| Retry {
            attempts: retry.attempts,
            interval: retry.interval,
            splay: retry.splay,
            until: retry.until.as_ref().map(|e| self.folded_condition(e, &mut after("`until`"))),
        });
        self.rounds(control, &mut typed, &given, result);
        typed.failed_if = control.failed_if.as_ref().map(|e| self.folded_condition(e, &mut after("`failed_if`")));
        typed.changed_if = control.changed_if.as_ref().map(|e| self.folded_condition(e, &mut after("`changed_if`")));
        typed.runas = control.runas.as_ref().map(|v| self.typed(v, &mut scope("`runas`"), "`runas`"));
        typed.env = control
            .env
            .iter()
            .map(|(name, value)| {
                let place = format!("`{name}` of `env`");
                (name.clone(), self.typed(value, &mut Scope::new(place.clone(), &given), &place))
            })
            .collect();
        (typed, given)
    }

    fn guards(&mut self, guards: &[ir::Guard], place: &'static str, given: &Given) -> Vec<Guard> {
        guards
            .iter()
            .map(|guard| match guard {
                ir::Guard::Expr(expr) => {
                    Guard::Expr(self.folded_condition(expr, &mut Scope::new(place, given).reading()))
                }
                ir::Guard::Command(builtin, args) => Guard::Command(Box::new(Body {
                    builtin: Some(builtin),
                    args: self.args(builtin, args, given),
                    ..Body::default()
                })),
            })
            .collect()
    }

    pub(super) fn folded_condition(&mut self, located: &ir::Located, scope: &mut Scope) -> Expr {
        let expr = self.condition(located, scope);
        self.folded(expr)
    }

    /// Replaces what is known at build by its value; reports what faults.
    pub(super) fn folded(&mut self, expr: Expr) -> Expr {
        match fold::value(&expr, &self.functions.library) {
            Some(Ok(value)) => {
                let big = matches!(&value, Value::List(items) if items.len() > 4096);
                if big { expr } else { Expr::constant(value, expr.ty, expr.span) }
            }
            None => expr,
            Some(Err(fault)) => {
                let message = format!("this cannot be computed: {fault}");
                self.report(Diagnostic::new(Code::ConstantFault, self.file, expr.span, message));
                Expr::error(expr.span)
            }
        }
    }

    fn args(&mut self, builtin: &Builtin, args: &[ir::Arg], given: &Given) -> Vec<(u16, Argument)> {
        args.iter()
            .map(|arg| {
                let argument = match &arg.value.kind {
                    // By far the most arguments; they need neither a scope nor words.
                    ValueKind::Constant(value) => {
                        Argument::Value(Expr::constant(value.clone(), type_of(value), arg.value.span))
                    }
                    _ => {
                        let name = builtin.params.get(arg.param as usize).map_or("", |p| p.name);
                        let result = (name == "changed_if").then(|| step_record(builtin));
                        self.argument(arg, format!("`{name}`"), result, given)
                    }
                };
                (arg.param, argument)
            })
            .collect()
    }

    fn argument(&mut self, arg: &ir::Arg, place: String, result: Option<Type>, given: &Given) -> Argument {
        let wanted_expr = match arg.value.wanted {
            Type::Expr(inner) => Some(inner.as_ref().clone()),
            Type::Union(members) => members.iter().find_map(|m| match m {
                Type::Expr(inner) => Some(inner.as_ref().clone()),
                _ => None,
            }),
            _ => None,
        };
        match (&arg.value.kind, wanted_expr) {
            (ValueKind::Asset(path), _) => Argument::Asset(path.clone(), arg.value.span),
            (ValueKind::Expr(located), Some(inner)) => {
                let mut scope = Scope::new(place.clone(), given).reading().in_attempt();
                scope.result = result;
                let expr = self.located(located, &mut scope);
                self.want(&expr, &inner, &place);
                Argument::Thunk(self.folded(expr))
            }
            _ => Argument::Value(self.typed(&arg.value, &mut Scope::new(place.clone(), given).in_attempt(), &place)),
        }
    }

    /// Types a value and holds it against the type its place wants.
    pub(super) fn typed(&mut self, value: &Typed, scope: &mut Scope, place: &str) -> Expr {
        let span = value.span;
        let expr = match &value.kind {
            ValueKind::Constant(constant) => return Expr::constant(constant.clone(), type_of(constant), span),
            ValueKind::Error | ValueKind::Asset(_) => return Expr::error(span),
            ValueKind::Expr(located) => {
                let expr = self.located(located, scope);
                if !self.want(&expr, value.wanted, place) {
                    return Expr::error(span);
                }
                expr
            }
            ValueKind::Template(parts, quoting) => {
                let expr = self.template(parts, *quoting, span, scope);
                let expr = self.folded(expr);
                // What is known is judged as what it is: `10.0.0.${n}` may be an address.
                let known = match &expr.kind {
                    ExprKind::Constant(Value::Str(text)) if !expr.ty.has_secret() => Type::Literal(text.to_string()),
                    _ => expr.ty.clone(),
                };
                let before = self.diagnostics.len();
                let judged = Expr { kind: ExprKind::Unknown, ty: known, span };
                if expr.ty != Type::Error && !self.want(&judged, value.wanted, place) {
                    self.diagnostics.change_from(before, |problem| {
                        if problem.code == Code::TypeMismatch {
                            let help = "a text with a value in it is a text; one `${…}` alone keeps the type of its value, as in `${count * 1s}`";
                            problem.help = Some(help.into());
                        }
                    });
                    return Expr::error(span);
                }
                expr
            }
            ValueKind::List(items) => {
                let items: Vec<Expr> = items.iter().map(|item| self.typed(item, scope, place)).collect();
                let item = items.iter().map(|i| widened(&i.ty)).reduce(|a, b| super::types::common(&a, &b));
                Expr { kind: ExprKind::List(items), ty: Type::List(Box::new(item.unwrap_or(Type::Any))), span }
            }
            ValueKind::Map(entries) => {
                let entries: Vec<(String, Expr)> =
                    entries.iter().map(|(key, value)| (key.clone(), self.typed(value, scope, place))).collect();
                let mut fields: Vec<(String, Type)> =
                    entries.iter().map(|(key, value)| (key.clone(), widened(&value.ty))).collect();
                fields.sort_by(|a, b| a.0.cmp(&b.0));
                Expr { kind: ExprKind::Map(entries), ty: Type::Record(fields), span }
            }
        };
        let secret = expr.ty.has_secret();
        let folded = self.folded(expr);
        if secret && matches!(folded.kind, ExprKind::Constant(_)) {
            let message =
                format!("{place}: this secret is the same everywhere, so it would be written into the bundle");
            self.report(
                Diagnostic::new(Code::SecretConstant, self.file, span, message)
                    .help("let the agent fetch it: `secret('file:/path')` or `secret('env:NAME')`"),
            );
            return Expr::error(span);
        }
        if let ExprKind::Constant(constant) = &folded.kind
            && let Err((code, message)) = crate::lower::refine(constant, value.wanted)
        {
            self.report(Diagnostic::new(code, self.file, span, message));
            return Expr::error(span);
        }
        folded
    }

    fn template(&mut self, parts: &[Part], quoting: Quoting, span: Span, scope: &mut Scope) -> Expr {
        let mut typed = Vec::with_capacity(parts.len());
        for part in parts {
            match part {
                Part::Text(text) => typed.push(Expr::constant(Value::str(text.as_str()), Type::Str, span)),
                Part::Expr(located) => {
                    let mut expr = self.located(located, scope);
                    if expr.ty.admits_null() && !super::types::is_open(&expr.ty) {
                        let message = "this may be null, and null has no text";
                        self.report(
                            Diagnostic::new(Code::PossiblyNull, self.file, expr.span, message)
                                .help("give a default with `??`"),
                        );
                        expr = Expr::error(expr.span);
                    }
                    if quoting == Quoting::Shell {
                        let at = expr.span;
                        let ty = if expr.ty.has_secret() { Type::Str.secret() } else { Type::Str };
                        let text = Expr { kind: ExprKind::Call(Function::Str, vec![expr]), ty: ty.clone(), span: at };
                        expr = Expr { kind: ExprKind::Call(Function::ShellQuote, vec![text]), ty, span: at };
                    }
                    typed.push(expr);
                }
            }
        }
        let ty = if typed.iter().any(|part| part.ty.has_secret()) { Type::Str.secret() } else { Type::Str };
        Expr { kind: ExprKind::Concat(typed), ty, span }
    }
}
