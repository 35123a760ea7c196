//! Tasks on demand: those that arguments name (`body`, `what`, `callee`). They are no part of the main sequence, and run
//! when the task runs that names them.
//!
//! They have places in the run order, before whoever runs them and behind everything that waits for: so a task cannot
//! run itself, and what a body reads is there. Unaware of: how a subrun is carried out.

use super::links::Link;
use super::names::Index;
use super::plan::Plan;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::graph::{Edge, Way};
use crate::ir::{OnDemand, Step, ValueKind};
use crate::source::FileId;
use ipcmm_bytecode::Value;
use ipcmm_bytecode::bundle::EdgeKind;
use ipcmm_grammar::ast::Span;
use ipcmm_grammar::keywords::Keyword;
use ipcmm_stdlib::BuiltinId;
use rustc_hash::{FxHashMap, FxHashSet};

/// An argument that names tasks.
#[derive(Clone, Debug)]
struct Selection {
    /// The task it is an argument of.
    runner: u32,
    /// The tasks, and where each is named.
    tasks: Vec<(u32, Span)>,
    /// They run one after the other.
    one_by_one: bool,
    /// They run for events.
    for_events: bool,
}

/// Who runs whom.
#[derive(Debug, Default)]
pub(super) struct Demand {
    on: Vec<bool>,
    selections: Vec<Selection>,
    /// Selections by task and the start of the argument.
    by_place: FxHashMap<(u32, u32), usize>,
    /// Tasks that an argument for handlers names, and what they depend on.
    handlers: FxHashSet<u32>,
    /// Who runs each task.
    runners: FxHashMap<u32, Vec<u32>>,
}

impl Demand {
    /// Whether a task, by declaration, is on demand.
    pub fn on(&self, task: u32) -> bool {
        self.on.get(task as usize).copied().unwrap_or(false)
    }

    /// Who runs a task.
    pub fn runners(&self, task: u32) -> &[u32] {
        self.runners.get(&task).map_or(&[], Vec::as_slice)
    }

    /// Whether a task runs for an event: one that whoever runs it was given, or hands on.
    pub fn handles_event(&self, task: u32) -> bool {
        let (mut open, mut seen) = (vec![task], FxHashSet::default());
        while let Some(task) = open.pop() {
            if self.handlers.contains(&task) {
                return true;
            }
            open.extend(self.runners(task).iter().copied().filter(|runner| seen.insert(*runner)));
        }
        false
    }

    /// The tasks that the argument of a task names, by declaration.
    pub fn selected(&self, task: u32, span: Span) -> impl Iterator<Item = u32> + '_ {
        let found = self.by_place.get(&(task, span.start)).map(|at| &self.selections[*at]);
        found.into_iter().flat_map(|selection| selection.tasks.iter().map(|(task, _)| *task))
    }

    /// Finds all tasks that arguments name; reports names that mean nothing.
    pub fn find(index: &Index<'_>, diagnostics: &mut Diagnostics) -> Demand {
        let mut demand = Demand { on: vec![false; index.tasks.len()], ..Demand::default() };
        for (number, declared) in (0..).zip(&index.tasks) {
            if declared.task.poisoned {
                continue;
            }
            for step in &declared.task.steps {
                only_here(declared.file, step, diagnostics);
                demand.step(index, number, step, diagnostics);
            }
        }
        for selection in &demand.selections {
            for (task, _) in &selection.tasks {
                demand.on[*task as usize] = true;
                let runners = demand.runners.entry(*task).or_default();
                if !runners.contains(&selection.runner) {
                    runners.push(selection.runner);
                }
            }
        }
        demand
    }

    fn step(&mut self, index: &Index<'_>, number: u32, step: &Step, diagnostics: &mut Diagnostics) {
        let mut lists = Vec::new();
        for arg in &step.args {
            let ValueKind::Tasks(names) = &arg.value.kind else { continue };
            let param = step.builtin.params.get(usize::from(arg.param)).map_or("", |param| param.name);
            let before = diagnostics.len();
            let tasks = resolve(index, number, param, names, diagnostics);
            index.called_from(index.tasks[number as usize].scope, before, diagnostics);
            lists.push((param, arg.value.span, tasks));
        }
        // `only` leaves some of the others.
        let only = lists.iter().position(|(param, ..)| *param == "only").map(|at| lists.remove(at));
        for (param, span, mut tasks) in lists {
            if let Some((_, _, only)) = &only {
                let file = index.tasks[number as usize].file;
                for (task, at) in only.iter().filter(|(task, _)| !tasks.iter().any(|(other, _)| other == task)) {
                    let message = format!("`only` names `{}`, which is not in `{param}`", index.label(*task));
                    diagnostics.push(Diagnostic::new(Code::UnknownTarget, file, *at, message));
                }
                // What is left out does not run elsewhere either.
                tasks.iter().for_each(|(task, _)| self.on[*task as usize] = true);
                tasks.retain(|(task, _)| only.iter().any(|(other, _)| other == task));
            }
            let one_by_one = matches!(step.builtin.id, BuiltinId::Fork | BuiltinId::Async);
            self.by_place.insert((number, span.start), self.selections.len());
            let for_events =
                matches!(step.builtin.id, BuiltinId::Bind | BuiltinId::React | BuiltinId::Schedule | BuiltinId::Unbind);
            self.selections.push(Selection { runner: number, tasks, one_by_one, for_events });
        }
    }

    /// Adds what selected tasks depend on, and takes targets away that lead out of what runs on demand, or into it.
    pub fn close(&mut self, index: &Index<'_>, links: &mut [Vec<Link>], diagnostics: &mut Diagnostics) {
        if self.selections.is_empty() {
            return;
        }
        let mut added = Vec::new();
        // What is depended on belongs to what depends on it, whoever else may want it.
        for selection in &mut self.selections {
            let mut known: FxHashSet<u32> = selection.tasks.iter().map(|(task, _)| *task).collect();
            let mut at = 0;
            while let Some((task, span)) = selection.tasks.get(at).copied() {
                at += 1;
                for link in links[task as usize].iter().filter(|link| link.keyword == Keyword::DependsOn) {
                    if known.insert(link.target) {
                        self.on[link.target as usize] = true;
                        selection.tasks.push((link.target, span));
                        added.push((link.target, selection.runner));
                    }
                }
            }
        }
        for selection in self.selections.iter().filter(|selection| selection.for_events) {
            self.handlers.extend(selection.tasks.iter().map(|(task, _)| *task));
        }
        for (task, runner) in added {
            let runners = self.runners.entry(task).or_default();
            if !runners.contains(&runner) {
                runners.push(runner);
            }
        }
        for (task, links) in (0..).zip(links.iter_mut()) {
            links.retain(|link| {
                let crosses = self.on(task) != self.on(link.target);
                if crosses {
                    diagnostics.push(self.across(index, task, link));
                }
                !crosses
            });
        }
    }

    fn across(&self, index: &Index<'_>, task: u32, link: &Link) -> Diagnostic {
        let (inside, outside) = if self.on(task) { (task, link.target) } else { (link.target, task) };
        let label = |task: u32| index.tasks[task as usize].task.label.as_str();
        let runner = self.runners(inside).first().map(|runner| &index.tasks[*runner as usize]);
        let by = runner.map_or("", |runner| runner.task.label.as_str());
        let message = format!(
            "`{}` cannot hold between `{}` and `{}`: `{}` runs on demand, each time that `{by}` runs it",
            link.written.name(),
            label(task),
            label(link.target),
            label(inside),
        );
        let mut problem = Diagnostic::new(Code::AcrossDemand, link.file, link.span, message);
        if let Some(runner) = runner {
            problem = problem.label(runner.file, runner.task.span, format!("`{by}` runs `{}`", label(inside)));
        }
        problem.help(format!("write the keyword between `{}` and `{by}`", label(outside)))
    }

    /// Gives tasks on demand their places: before whoever runs them, behind what that waits for.
    pub fn lay_out(&self, index: &Index<'_>, plan: &mut Plan) {
        for selection in &self.selections {
            let file = index.tasks[selection.runner as usize].file;
            let mut tasks = selection.tasks.clone();
            for &(task, span) in &tasks {
                let edge = |kind, target, way| Edge {
                    kind,
                    target,
                    file,
                    span,
                    written: Keyword::RunAfter,
                    pushed: true,
                    way,
                };
                for node in plan.of(selection.runner).collect::<Vec<_>>() {
                    plan.edges[node as usize].push(edge(EdgeKind::RunAfter, task, Way::Runs));
                }
            }
            if selection.one_by_one {
                // Steps stand in the order in which they are written.
                tasks.sort_unstable_by_key(|(task, _)| *task);
                let inline = tasks.iter().filter(|(task, _)| index.tasks[*task as usize].task.is_inline);
                let inline: Vec<_> = inline.collect();
                for pair in inline.windows(2) {
                    let ((target, span), (task, _)) = (*pair[0], *pair[1]);
                    let (kind, written) = (EdgeKind::RunAfter, Keyword::RunAfter);
                    let way = Way::Inherited;
                    plan.edges[task as usize].push(Edge { kind, target, file, span, written, pushed: true, way });
                }
            }
        }
        let mut open: Vec<u32> = (0..index.tasks.len() as u32).filter(|task| !self.on(*task)).collect();
        let mut left: FxHashMap<u32, usize> = self.runners.iter().map(|(task, by)| (*task, by.len())).collect();
        let mut inner: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
        self.runners.iter().for_each(|(task, by)| by.iter().for_each(|r| inner.entry(*r).or_default().push(*task)));
        inner.values_mut().for_each(|tasks| tasks.sort_unstable());
        let mut steps = STEPS;
        // From the outside in, so that what a runner has inherited is handed on; circles are left, and reported.
        while let Some(runner) = open.pop() {
            for &task in inner.get(&runner).into_iter().flatten() {
                let Some(left) = left.get_mut(&task) else { continue };
                *left -= 1;
                if *left > 0 {
                    continue;
                }
                let (first, others) = (runner, self.runners(task).iter().filter(|other| **other != runner));
                let behind: Vec<FxHashSet<u32>> = others.map(|other| before(plan, *other, &mut steps)).collect();
                open.push(task);
                if !reads_results(index, task) {
                    continue;
                }
                let inherited: Vec<Edge> = plan.edges[first as usize]
                    .iter()
                    .filter(|edge| edge.way != Way::Runs && edge.kind != EdgeKind::Own && edge.kind != EdgeKind::Prereq)
                    // Of several runners only what comes before all of them.
                    .filter(|edge| behind.iter().all(|known| known.contains(&edge.target)))
                    .map(|edge| Edge { way: Way::Inherited, pushed: true, ..*edge })
                    .collect();
                for node in plan.of(task).collect::<Vec<_>>() {
                    plan.edges[node as usize].extend(&inherited);
                }
            }
        }
    }
}

/// Whether a task may read results, so that they must be there before it. What reads none need not come after anything,
/// and is in nobody's way; steps belong where they are written.
fn reads_results(index: &Index<'_>, task: u32) -> bool {
    let declared = &index.tasks[task as usize];
    let may_be_one = |name: &String| {
        name == "results"
            || index.result(declared.scope, name).is_some()
            || index.scopes.lookup(declared.scope, name).is_some()
    };
    declared.task.is_inline || super::unused::mentioned(declared.task).iter().any(may_be_one)
}

/// Edges that are followed at most to find what comes before several runners of one task; beyond that the task counts as
/// coming after nothing, so that a huge graph costs time in proportion to its size.
const STEPS: usize = 4_000_000;

/// What comes before a task.
fn before(plan: &Plan, task: u32, steps: &mut usize) -> FxHashSet<u32> {
    let mut known = FxHashSet::default();
    let mut open = vec![task];
    while let Some(node) = open.pop() {
        for edge in plan.edges[node as usize].iter().filter(|edge| edge.way != Way::Runs) {
            if *steps == 0 {
                return FxHashSet::default();
            }
            *steps -= 1;
            if known.insert(edge.target) {
                open.push(edge.target);
            }
        }
    }
    known
}

/// The tasks that an argument names, each once.
fn resolve(
    index: &Index<'_>,
    number: u32,
    param: &str,
    names: &[OnDemand],
    diagnostics: &mut Diagnostics,
) -> Vec<(u32, Span)> {
    let declared = &index.tasks[number as usize];
    let (file, scope, label) = (declared.file, declared.scope, &declared.task.label);
    let mut tasks: Vec<(u32, Span)> = Vec::new();
    let mut seen: FxHashSet<u32> = FxHashSet::default();
    for name in names {
        let problem = |code, message: String| Diagnostic::new(code, file, name.span, message);
        match index.find_all(scope, &name.name) {
            None => {
                let message = format!("`{param}` of `{label}` names `{}`, which does not exist", name.name);
                let unknown = problem(Code::UnknownTarget, message);
                diagnostics.push(match index.nearest(scope, &name.name) {
                    Some(near) => unknown.did_you_mean(&near),
                    None => unknown,
                });
            }
            Some(found) if found.contains(&number) => {
                diagnostics.push(problem(Code::SelfTarget, format!("`{label}` names itself in `{param}`")));
            }
            Some(found) => {
                tasks.extend(found.into_iter().filter(|task| seen.insert(*task)).map(|task| (task, name.span)))
            }
        }
    }
    tasks
}

/// Other nodes than this one cannot be asked yet.
fn only_here(file: FileId, step: &Step, diagnostics: &mut Diagnostics) {
    if !matches!(step.builtin.id, BuiltinId::Apply | BuiltinId::Invoke | BuiltinId::Fire) {
        return;
    }
    let name = if step.builtin.id == BuiltinId::Fire { "to" } else { "on" };
    let Some(arg) = step.args.iter().find(|arg| step.builtin.param(name) == Some(arg.param)) else { return };
    match &arg.value.kind {
        ValueKind::Constant(Value::Str(word)) if &**word == "self" => {}
        ValueKind::Constant(Value::Null) | ValueKind::Error => {}
        _ => {
            let message =
                format!("`{name}` of `{}` names other nodes: only `self` can be asked yet", step.builtin.name);
            let problem = Diagnostic::new(Code::SyntaxNotYet, file, arg.value.span, message);
            diagnostics.push(problem.help(match step.builtin.id {
                BuiltinId::Fire => "leave it out: handlers of this node hear the event",
                _ => "leave it out: the tasks run on this node",
            }));
        }
    }
}
