//! Calls: a procedure's tasks are put in the place of the call, once, or once for each element of its loop.

use super::includes::called;
use super::{Binding, BindingKind, Expander, Iteration, Scope};
use crate::check;
use crate::diag::{Code, Diagnostic, suggest};
use crate::doc::NodeId;
use crate::ir::surface::{DeclaredKind, Name, Procedure};
use crate::ir::{Module, Task, Typed, ValueKind};
use crate::lower;
use crate::source::FileId;
use ipcmm_bytecode::Value;
use ipcmm_grammar::ast::{ExprKind, Span};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The most calls of a build, counting each element of a loop.
pub const MAX_INSTANCES: usize = 1 << 16;
/// The most tasks that expansion may make.
pub const MAX_TASKS: usize = 1 << 20;
/// How deep calls may be nested.
pub const MAX_NESTING: usize = 64;

/// A procedure as a call finds it: the scope and the file it stands in.
struct Found {
    home: u32,
    procedure: Arc<Procedure>,
    file: FileId,
}

impl Expander<'_> {
    /// Puts the tasks of a procedure in the place of a call.
    pub(super) fn call(&mut self, task: &Task, callee: &Name, args: Option<NodeId>, part: &Module) {
        let home = self.scopes.home(part.scope);
        self.scopes.groups.entry((home, task.label.clone())).or_default();
        if self.full || self.most.is_some_and(|most| self.instances >= most) {
            return;
        }
        let Some(found) = self.procedure(callee, part) else { return };
        if self.is_endless(&found, callee, part) {
            return;
        }
        let looped = task.control.loop_in.is_some();
        let iterations = match &task.control.loop_in {
            None => vec![None],
            Some(list) => {
                let place = "`loop_in` of a call";
                let known = check::Known { scopes: &self.scopes, functions: &self.functions };
                match check::constant(known, part.scope, part.file, list, place, self.diagnostics) {
                    Some(list) => self.iterations(&list, task, part),
                    None => return,
                }
            }
        };
        let mut instances = Vec::with_capacity(iterations.len());
        for iteration in iterations {
            self.instances += 1;
            if self.most.is_some_and(|most| self.instances > most) {
                return;
            }
            let limits = [
                (self.instances > MAX_INSTANCES, format!("more than {MAX_INSTANCES} calls")),
                (self.tasks > MAX_TASKS, format!("more than {MAX_TASKS} tasks")),
                (self.active.len() >= MAX_NESTING, format!("calls that are more than {MAX_NESTING} deep")),
            ];
            if let Some((_, what)) = limits.into_iter().find(|(exceeded, _)| *exceeded) {
                // Told once: nothing is expanded from here on.
                if !std::mem::replace(&mut self.full, true) {
                    let message = format!("procedures expand to {what}");
                    self.report(Diagnostic::new(Code::LimitExceeded, part.file, callee.1, message));
                }
                return;
            }
            instances.push(self.instance(task, args, part, &found, iteration, callee));
        }
        self.scopes.groups.entry((home, task.label.clone())).or_default().extend(&instances);
        if let Some((name, span)) = &task.result {
            let kind = BindingKind::Result(instances, looped);
            self.bind(part.scope, name, Binding { file: part.file, span: *span, kind });
        }
    }

    /// The elements of a loop, as far as there are any.
    fn iterations(&mut self, list: &Value, task: &Task, part: &Module) -> Vec<Option<Iteration>> {
        let each = |(index, (key, item)): (usize, (Value, Value))| {
            Some(Iteration { item, key, index: i64::try_from(index).unwrap_or(i64::MAX) })
        };
        match list {
            Value::List(items) => {
                let pairs = items.iter().enumerate().map(|(i, item)| (Value::Int(i as i64), item.clone()));
                pairs.enumerate().map(each).collect()
            }
            Value::Range(first, last) => {
                let last = (*last).min(first.saturating_add(MAX_INSTANCES as i64));
                let pairs = (*first..=last).enumerate().map(|(i, item)| (Value::Int(i as i64), Value::Int(item)));
                pairs.enumerate().map(each).collect()
            }
            Value::Map(entries) => {
                let pair = |(key, value): (&Arc<str>, &Value)| {
                    let key = Value::str(key.as_ref());
                    (key.clone(), Value::map([("key", key), ("value", value.clone())]))
                };
                entries.iter().map(pair).enumerate().map(each).collect()
            }
            _ => {
                let span = task.control.loop_in.as_ref().map_or(task.span, |list| list.span);
                let message = "`loop_in` takes a list, a map or a range";
                self.report(Diagnostic::new(Code::TypeMismatch, part.file, span, message));
                Vec::new()
            }
        }
    }

    /// The procedure of a name: of the module, or of an imported one.
    fn procedure(&mut self, (name, span): &Name, part: &Module) -> Option<Found> {
        let find = |home: u32, name: &str| {
            let (procedure, file) = self.procedures.get(&(home, name.to_string()))?;
            Some(Found { home, procedure: procedure.clone(), file: *file })
        };
        if let Some(found) = self.scopes.chain(part.scope).find_map(|home| find(home, name)) {
            return Some(found);
        }
        let mut known: Vec<String> = Vec::new();
        for home in self.scopes.chain(part.scope) {
            known.extend(self.procedures.keys().filter(|(h, _)| *h == home).map(|(_, name)| name.clone()));
            for (alias, binding) in &self.scopes.get(home).names {
                let (scope, only) = match &binding.kind {
                    BindingKind::Module(scope, only) => (*scope, only.as_deref()),
                    BindingKind::Result(scopes, false) => (scopes.first().map_or(home, |s| self.scopes.home(*s)), None),
                    _ => continue,
                };
                let wanted = |name: &String| only.is_none_or(|only| only.contains(name));
                if let Some(own) = name.strip_prefix(alias.as_str()).and_then(|rest| rest.strip_prefix('.'))
                    && wanted(&own.to_string())
                    && let Some(found) = find(scope, own)
                {
                    return Some(found);
                }
                let theirs = self.procedures.keys().filter(|(h, name)| *h == scope && wanted(name));
                known.extend(theirs.map(|(_, name)| format!("{alias}.{name}")));
            }
        }
        known.sort();
        known.dedup();
        let mut problem =
            Diagnostic::new(Code::UnknownProcedure, part.file, *span, format!("there is no procedure `{name}`"));
        let called = name.rsplit('.').next().unwrap_or(name);
        let function = self.functions.iter().flat_map(|part| &part.functions).any(|f| f.name == called);
        problem = match suggest::nearest(name, known.iter().map(String::as_str)) {
            _ if function => {
                problem.help(format!("`{name}` is a function, which is called in expressions: `{name}(…)`"))
            }
            Some(near) => problem.help(format!("did you mean `{near}`?")),
            None if known.is_empty() => problem.help("procedures are defined under `define: proc`"),
            None => problem.help(format!("there are `{}`", known.join("`, `"))),
        };
        self.report(problem);
        None
    }

    /// Whether a call would expand for ever; reports the circle.
    fn is_endless(&mut self, found: &Found, callee: &Name, part: &Module) -> bool {
        let name = &found.procedure.name;
        let Some(at) = self.active.iter().position(|(home, active, ..)| *home == found.home && active == name) else {
            return false;
        };
        let circle = &self.active[at..];
        let names: Vec<String> =
            circle.iter().map(|(_, name, ..)| name).chain([name]).map(|name| format!("`{name}`")).collect();
        let message = format!("procedures call each other: {}", names.join(" → "));
        let mut problem = Diagnostic::new(Code::RecursiveProcedure, part.file, callee.1, message);
        for (_, name, file, span) in &circle[1..] {
            problem = problem.label(*file, *span, format!("`{name}` is called here"));
        }
        self.report(problem.help("a procedure is expanded in place, so it cannot contain itself; use `loop_in`"));
        true
    }

    fn instance(
        &mut self,
        task: &Task,
        args: Option<NodeId>,
        part: &Module,
        found: &Found,
        iteration: Option<Iteration>,
        callee: &Name,
    ) -> u32 {
        if self.most.is_none() {
            self.called.insert((found.home, found.procedure.name.clone()));
        }
        let above = self.scopes.home(part.scope);
        let segment = match &iteration {
            None => task.label.clone(),
            Some(iteration) => format!("{}[{}]", task.label, iteration.key.to_text()),
        };
        let own = self.scopes.list.len() as u32;
        if iteration.is_some() {
            self.scopes.groups.entry((above, segment.clone())).or_default().push(own);
        }
        self.scopes.add(Scope {
            home: own,
            outer: Some(found.home),
            above: Some(part.scope),
            prefix: format!("{}{segment}/", self.scopes.get(above).prefix),
            segment: Some(segment),
            is_call: true,
            trial: self.most.is_some(),
            names: BTreeMap::new(),
            call: Some(Box::new(called(task, part, iteration))),
        });
        let mut values = self.arguments(args, part, found, callee, own);
        self.declare(own, found.file, &found.procedure.surface, &mut values, None);
        let body = Module {
            name: part.name.clone(),
            file: found.file,
            named: true,
            scope: own,
            tasks: found.procedure.tasks.clone(),
            surface: Default::default(),
            procedures: Vec::new(),
            functions: Vec::new(),
            lambdas: Vec::new(),
            defaults: None,
        };
        self.active.push((found.home, found.procedure.name.clone(), part.file, callee.1));
        self.part(body);
        self.active.pop();
        own
    }

    /// The values of a call's arguments; what goes out is bound to the variables of the caller.
    fn arguments(
        &mut self,
        args: Option<NodeId>,
        part: &Module,
        found: &Found,
        callee: &Name,
        own: u32,
    ) -> BTreeMap<String, (Typed, FileId, u32)> {
        let place = format!("the arguments of `{}`", callee.0);
        let declared =
            found.procedure.surface.names.iter().filter(|d| d.kind.input().is_some() || d.kind.output().is_some());
        let declared: Vec<_> = declared.collect();
        let any = crate::ir::surface::kept(ipcmm_grammar::types::Type::Any);
        let ty = |kind: &DeclaredKind| kind.input().map(|i| i.ty).or(kind.output().and_then(|o| o.ty)).unwrap_or(any);
        let names: Vec<_> = declared.iter().map(|d| (d.name.as_str(), ty(&d.kind))).collect();
        let (given, whole) = match args.zip(self.docs.get(&part.file).copied()) {
            Some((args, doc)) => lower::given(doc, args, &names, &place, self.diagnostics),
            None => (Vec::new(), true),
        };
        let mut values = BTreeMap::new();
        let mut out: Vec<(String, Span)> = Vec::new();
        for given in given {
            let declared = declared[given.name];
            if declared.kind.output().is_some() {
                self.goes_out(&declared.kind, &declared.name, &given, part, own, &mut out);
            }
            if declared.kind.input().is_some() {
                values.insert(declared.name.clone(), (given.value, part.file, part.scope));
            }
        }
        for declared in &declared {
            if let Some(input) = declared.kind.input()
                && input.default.is_none()
                && !values.contains_key(&declared.name)
                && whole
            {
                let message = format!("`{}` lacks `{}`", callee.0, declared.name);
                let what = input.doc.as_ref().map_or_else(String::new, |doc| format!(": {doc}"));
                let problem = Diagnostic::new(Code::MissingArgument, part.file, callee.1, message)
                    .label(found.file, declared.span, "declared here")
                    .help(format!("`{}` is {}{what}", declared.name, input.ty));
                self.report(problem);
            }
        }
        values
    }

    /// The variable that a name of a scope stands for: itself, or by way of names that are only other names for it.
    fn variable(&self, home: u32, mut name: String) -> Option<String> {
        let names = &self.scopes.get(home).names;
        // A name may stand for itself in a circle, which is told elsewhere.
        for _ in 0..=names.len() {
            let next = match &names.get(&name)?.kind {
                BindingKind::Ref(to) | BindingKind::Ptr(to, _) => match &to.expr.kind {
                    ExprKind::Name(next) => next.clone(),
                    _ => return None,
                },
                kind => return kind.is_variable().then_some(name),
            };
            name = next;
        }
        None
    }

    /// Binds a variable of the caller to what the callee gives.
    fn goes_out(
        &mut self,
        kind: &DeclaredKind,
        name: &str,
        given: &lower::Given,
        part: &Module,
        own: u32,
        out: &mut Vec<(String, Span)>,
    ) {
        let home = self.scopes.home(part.scope);
        let variable = match &given.value.kind {
            ValueKind::Expr(located) => match &located.expr.kind {
                ExprKind::Name(name) => Some(name.clone()),
                _ => None,
            },
            _ => None,
        };
        let Some(variable) = variable.and_then(|name| self.variable(home, name)) else {
            if matches!(kind, DeclaredKind::Out(_)) && !matches!(given.value.kind, ValueKind::Error) {
                let message = format!("`{name}` goes out, and this is no variable");
                let help = "write `${x}` with an `out` or `inout` of this place, or leave the argument out and read the result";
                self.report(Diagnostic::new(Code::BadValue, part.file, given.value.span, message).help(help));
            }
            return;
        };
        let shared = |span| {
            let message = format!("`{variable}` is given to be written twice");
            Diagnostic::new(Code::SharedVariable, part.file, span, message)
        };
        if let Some((_, first)) = out.iter().find(|(known, _)| *known == variable) {
            let problem = shared(given.value.span).label(part.file, *first, "the other one");
            self.report(problem);
            return;
        }
        out.push((variable.clone(), given.value.span));
        let key = (home, variable.clone());
        match self.scopes.assigned.get(&key) {
            Some((first, _)) => {
                let mut problem = shared(given.value.span);
                if let Some(call) = &self.scopes.get(*first).call {
                    problem = problem.label(call.file, call.span, "written by this call");
                }
                self.report(problem);
            }
            None => drop(self.scopes.assigned.insert(key, (own, name.to_string()))),
        }
    }
}
