//! Queues, tasks that run on their own, labels before, names of `context`: what is said of a task and does not fit.

use super::names::Index;
use super::plan::Plan;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::graph::Graph;
use crate::ir::Module;
use crate::source::FileId;
use ipcmm_bytecode::bundle::ExecMode;
use ipcmm_grammar::ast::Span;
use rustc_hash::{FxHashMap, FxHashSet};

/// Judges all tasks, and gives each its queue's limit.
pub(super) fn check(index: &Index<'_>, plan: &Plan, order: &[u32], graph: &mut Graph, diagnostics: &mut Diagnostics) {
    let complete = !diagnostics.has_errors();
    let limits = limits(index, diagnostics);
    for (node, task) in order.iter().zip(&mut graph.tasks) {
        let declared = &index.tasks[plan.nodes[*node as usize].task as usize];
        let name = declared.task.keep.lane.as_ref().map(|(name, _)| name.as_str());
        if let Some(limit) = name.and_then(|name| limits.get(name)).filter(|_| task.part.is_none()) {
            task.lane_max = limit.0;
        }
    }
    lanes(index, diagnostics);
    moved(index, diagnostics);
    if complete {
        unjoined(index, plan, order, graph, diagnostics);
        unread(index, diagnostics);
    }
}

/// The limit of each queue, and where it is written. Those that say something else, or say it of no queue, are reported.
fn limits<'a>(index: &Index<'a>, diagnostics: &mut Diagnostics) -> FxHashMap<&'a str, (u32, FileId, Span)> {
    let mut limits: FxHashMap<&str, (u32, FileId, Span)> = FxHashMap::default();
    for declared in &index.tasks {
        let keep = &declared.task.keep;
        let Some((max, span)) = keep.max else { continue };
        let Some((lane, _)) = &keep.lane else {
            let problem = Diagnostic::new(Code::LaneLimit, declared.file, span, "`max` is the limit of no `lane`");
            diagnostics.push(problem.help("name the queue: `lane: …`, with `modeofexec: queue`"));
            continue;
        };
        match limits.get(lane.as_str()) {
            Some((first, file, place)) if *first != max => {
                let message = format!("the queue `{lane}` has two limits: {first} and {max}");
                let problem = Diagnostic::new(Code::LaneLimit, declared.file, span, message);
                let problem = problem.label(*file, *place, format!("{first} is given here"));
                diagnostics.push(problem.help("one task that says it is enough for all of the queue"));
            }
            Some(_) => {}
            None => drop(limits.insert(lane, (max, declared.file, span))),
        }
    }
    limits
}

/// A queue without the mode that makes tasks wait in it, and the mode without a queue.
fn lanes(index: &Index<'_>, diagnostics: &mut Diagnostics) {
    for declared in index.tasks.iter().filter(|declared| !declared.task.poisoned) {
        let queued = declared.task.mode == Some(ExecMode::Queue);
        match &declared.task.keep.lane {
            Some((lane, span)) if !queued => {
                let message = format!("`lane: {lane}` does nothing without `modeofexec: queue`");
                let problem = Diagnostic::new(Code::IdleLane, declared.file, *span, message);
                diagnostics.push(problem.help("write `modeofexec: queue`, or take `lane` away"));
            }
            // A limit without a queue is told already.
            None if queued && declared.task.keep.max.is_none() => {
                let label = &declared.task.label;
                let message = format!("`{label}` waits with all tasks whose queue has no name");
                let problem = Diagnostic::new(Code::IdleLane, declared.file, declared.task.span, message);
                diagnostics.push(problem.help("name the queue: `lane: …`"));
            }
            _ => {}
        }
    }
}

/// A label before is one that nobody has any more, and was that of one task.
fn moved(index: &Index<'_>, diagnostics: &mut Diagnostics) {
    let mut claims: FxHashMap<(u32, &str), (FileId, Span)> = FxHashMap::default();
    for (number, declared) in (0..).zip(&index.tasks) {
        let Some((label, span)) = &declared.task.keep.moved_from else { continue };
        if declared.task.binding.as_ref().is_some_and(|binding| binding.number > 0 && binding.from.is_none()) {
            continue;
        }
        let scope = index.scopes.home(declared.scope);
        let own = &declared.task.label;
        if let Some(&there) = index.labels.get(&(scope, label.as_str())) {
            let message = match there == number {
                true => format!("`{own}` has moved from its own label"),
                false => format!("`{own}` has moved from `{label}`, and `{label}` is still there"),
            };
            let there = &index.tasks[there as usize];
            let problem = Diagnostic::new(Code::MovedTwice, declared.file, *span, message);
            let problem = problem.label(there.file, there.task.span, "the label is here");
            diagnostics.push(problem.help("take `moved_from` away, or rename the other task"));
        }
        match claims.get(&(scope, label.as_str())) {
            Some((file, first)) => {
                let message = format!("two tasks have moved from `{label}`");
                let problem = Diagnostic::new(Code::MovedTwice, declared.file, *span, message);
                let problem = problem.label(*file, *first, "the other one");
                diagnostics.push(problem.help("the history of a task goes on in one place"));
            }
            None => drop(claims.insert((scope, label), (declared.file, *span))),
        }
    }
}

/// Tasks with `async` whose end no other task waits for.
fn unjoined(index: &Index<'_>, plan: &Plan, order: &[u32], graph: &Graph, diagnostics: &mut Diagnostics) {
    let mut joined = vec![false; graph.tasks.len()];
    for task in &graph.tasks {
        // The parts of a task are no others.
        task.edges.iter().filter(|edge| graph.tasks[edge.target as usize].part.is_none()).for_each(|edge| {
            joined[edge.target as usize] = true;
        });
    }
    graph.listens.iter().for_each(|(target, _)| joined[*target as usize] = true);
    for ((node, task), joined) in order.iter().zip(&graph.tasks).zip(joined) {
        let number = plan.nodes[*node as usize].task;
        let shown = task.keeps_result || index.shown.borrow().contains(&number);
        if task.mode == ExecMode::Async && task.part.is_none() && !joined && !shown {
            let message = format!("no task waits for the end of `{}`", task.label);
            let problem = Diagnostic::new(Code::Unjoined, task.file, task.span, message);
            let help = "name it in a task that needs it, or write `modeofexec: parallel` if only its end is wanted";
            diagnostics.push(problem.help(help));
        }
    }
}

/// Names of `context` that no expression of their tasks reads. Those of `defaults` are read if one task does.
fn unread(index: &Index<'_>, diagnostics: &mut Diagnostics) {
    let read = index.read_context.borrow();
    let mut told = FxHashSet::default();
    for declared in &index.tasks {
        let steps = declared.task.steps.iter().map(|step| &step.control);
        let names = std::iter::once(&declared.task.control).chain(steps).flat_map(|control| &control.context);
        // What `use` takes over is placed there, and needs not all be of use.
        let taken = |span: Span| declared.task.targets.iter().any(|target| target.span == span);
        for entry in names.filter(|entry| !taken(entry.span)) {
            let place = (declared.file, entry.span.start);
            if !read.contains(&place) && told.insert(place) {
                let message = format!("`{}` of `context` is never read", entry.name);
                let problem = Diagnostic::new(Code::UnusedContext, declared.file, entry.span, message);
                diagnostics.push(problem.help("remove it, or read it in an expression of the task"));
            }
        }
    }
}

/// A problem in `defaults` is told once, and not for each task.
pub(super) fn without_echoes(modules: &[Module], diagnostics: &mut Diagnostics) {
    let places: FxHashMap<FileId, Vec<Span>> = modules.iter().fold(FxHashMap::default(), |mut places, module| {
        places.entry(module.file).or_insert_with(Vec::new).extend(module.defaults);
        places
    });
    if places.values().all(Vec::is_empty) {
        return;
    }
    let mut told = FxHashSet::default();
    diagnostics.retain(|d| {
        let Some((file, span)) = d.place else { return true };
        let inside =
            places.get(&file).is_some_and(|all| all.iter().any(|s| s.start <= span.start && span.end <= s.end));
        !inside || told.insert((d.code, file, span.start, span.end))
    });
}
