//! `use`: a task takes over whole keys that another of the same kind has and it does not.
//!
//! Values are those written in the source: chains do not inherit. Of several sources the later wins. Problems in what is
//! taken over are told at the name of the source, since the task itself does not hold the text; and not at all if the
//! source has them too. Unaware of: what the keys mean.

use super::links::resolve;
use super::names::Index;
use crate::diag::{Code, Diagnostic, Diagnostics, Manner};
use crate::expand::Scopes;
use crate::ir::keep::ContextName;
use crate::ir::{Arg, Guard, Located, Module, Part, Retry, Step, Task, Typed, ValueKind};
use ipcmm_grammar::ast::Span;
use ipcmm_grammar::keywords::Keyword;
use ipcmm_stdlib::Default as Standard;
use rustc_hash::FxHashSet;
use std::borrow::Cow;
use std::collections::VecDeque;

/// What is taken over.
const KEYS: &str = "`args`, `onlyif`, `unless`, `when`, `retry`, `runas`, `context`, `modeofexec` and `stoponfail`";

/// A source of a task, by declaration, and where it is named.
#[derive(Clone, Copy)]
struct Source {
    task: u32,
    span: Span,
}

/// The modules with everything taken over. Without any `use` they are as they were.
pub(super) fn apply<'a>(modules: &'a [Module], scopes: &Scopes, diagnostics: &mut Diagnostics) -> Cow<'a, [Module]> {
    let uses = |task: &Task| task.targets.iter().any(|target| target.keyword == Keyword::Use);
    if !modules.iter().any(|module| module.tasks.iter().any(uses)) {
        return Cow::Borrowed(modules);
    }
    // Labels that are there twice are told by whoever makes the index that stays.
    let index = Index::new(modules, scopes, &mut Diagnostics::default());
    let sources: Vec<Vec<Source>> =
        (0..index.tasks.len() as u32).map(|task| sources(&index, task, diagnostics)).collect();
    cycles(&index, &sources, diagnostics);
    let mut copies = modules.to_vec();
    let mut number = 0;
    for module in &mut copies {
        for task in &mut module.tasks {
            let own = &sources[number];
            number += 1;
            if !own.is_empty() {
                take_over(&index, task, own);
                if !task.poisoned {
                    missing(module.file, task, diagnostics);
                }
            }
        }
    }
    Cow::Owned(copies)
}

/// Takes away what is told at a `use` although it is told where it is written.
pub(super) fn without_echoes(modules: &[Module], diagnostics: &mut Diagnostics) {
    let uses = |task: &Task| -> Vec<Span> {
        task.targets.iter().filter(|target| target.keyword == Keyword::Use).map(|target| target.span).collect()
    };
    let places: FxHashSet<(u32, u32, u32)> = modules
        .iter()
        .flat_map(|module| module.tasks.iter().flat_map(uses).map(|span| (module.file.0, span.start, span.end)))
        .collect();
    if places.is_empty() {
        return;
    }
    let at_use = |d: &Diagnostic| d.place.is_some_and(|(file, span)| places.contains(&(file.0, span.start, span.end)));
    let told: FxHashSet<(Code, String)> =
        diagnostics.iter().filter(|d| !at_use(d)).map(|d| (d.code, d.message.clone())).collect();
    diagnostics.retain(|d| !at_use(d) || !told.contains(&(d.code, d.message.clone())));
}

/// The sources a task names, without those that do something else, which are reported.
fn sources(index: &Index<'_>, task: u32, diagnostics: &mut Diagnostics) -> Vec<Source> {
    let declared = &index.tasks[task as usize];
    let mut sources: Vec<Source> = Vec::new();
    for target in declared.task.targets.iter().filter(|t| t.keyword == Keyword::Use) {
        for found in resolve(index, task, target, diagnostics) {
            let source = index.tasks[found as usize].task;
            if let Some(first) = sources.iter().find(|s| s.task == found) {
                let message = format!("`{}` is listed twice in `use`", target.name);
                let problem = Diagnostic::new(Code::DuplicateTarget, declared.file, target.span, message);
                diagnostics.push(
                    problem
                        .label(declared.file, first.span, "first listed here")
                        .mend("remove it", target.span, "", Manner::Without)
                        .certain(),
                );
                continue;
            }
            let names = |task: &Task| {
                let names: Vec<_> = task.steps.iter().map(|step| format!("`{}`", step.builtin.name)).collect();
                names.join(", ")
            };
            let (own, other) = (names(declared.task), names(source));
            if own != other && !declared.task.poisoned && !source.poisoned {
                let message = format!(
                    "`{}` uses `{}`, which is {other}, and itself it is {own}",
                    declared.task.label, source.label
                );
                let problem = Diagnostic::new(Code::UseMismatch, declared.file, target.span, message)
                    .label(index.tasks[found as usize].file, source.span, "the one that is used")
                    .help("`use` takes over from tasks of the same built-in only");
                diagnostics.push(problem);
                continue;
            }
            sources.push(Source { task: found, span: target.span });
        }
    }
    sources
}

/// Tasks that copy from each other: each task is told in one round only.
fn cycles(index: &Index<'_>, sources: &[Vec<Source>], diagnostics: &mut Diagnostics) {
    // Takes away what copies from nothing that is left; the rest is on a round, or leads to one.
    let mut left: Vec<usize> = sources.iter().map(Vec::len).collect();
    let mut users: Vec<Vec<u32>> = vec![Vec::new(); sources.len()];
    for (user, own) in (0..).zip(sources) {
        own.iter().for_each(|source| users[source.task as usize].push(user));
    }
    let mut free: VecDeque<u32> = (0..sources.len() as u32).filter(|t| left[*t as usize] == 0).collect();
    while let Some(task) = free.pop_front() {
        for user in &users[task as usize] {
            left[*user as usize] -= 1;
            if left[*user as usize] == 0 {
                free.push_back(*user);
            }
        }
    }
    // From any task that is left, one of its sources is left too: following them ends in a round.
    let mut walk = vec![0u32; sources.len()];
    for start in 0..sources.len() as u32 {
        let (mut at, mut path) = (start, Vec::new());
        while left[at as usize] > 0 && walk[at as usize] == 0 {
            walk[at as usize] = start + 1;
            let Some(next) = sources[at as usize].iter().find(|s| left[s.task as usize] > 0) else { break };
            path.push((at, *next));
            at = next.task;
        }
        let Some(from) = path.iter().position(|(task, _)| *task == at) else { continue };
        let label = |task: u32| format!("`{}`", index.tasks[task as usize].task.label);
        let round = &path[from..];
        let names: Vec<String> = round.iter().map(|(task, _)| label(*task)).chain([label(at)]).collect();
        let place = |(task, source): &(u32, Source)| (index.tasks[*task as usize].file, source.span);
        let (file, span) = place(&round[0]);
        let message = format!("tasks copy from each other: {}", names.join(" ─use→ "));
        let mut problem = Diagnostic::new(Code::UseCycle, file, span, message);
        for step in &round[1..] {
            let (file, span) = place(step);
            problem = problem.label(file, span, format!("{} uses {} here", label(step.0), label(step.1.task)));
        }
        diagnostics.push(problem.help("chains of `use` do not inherit: name the task that has the keys itself"));
    }
}

/// Copies whole keys, the latest source first.
fn take_over(index: &Index<'_>, task: &mut Task, sources: &[Source]) {
    for source in sources.iter().rev() {
        let from = index.tasks[source.task as usize].task;
        let at = source.span;
        task.mode = task.mode.or(from.mode);
        task.stops = task.stops.or(from.stops);
        copy_control(&mut task.control, &from.control, at);
        for (step, from) in task.steps.iter_mut().zip(&from.steps) {
            copy_step(step, from, at);
        }
        // Its problems have been told.
        task.poisoned |= from.poisoned;
    }
}

fn copy_step(step: &mut Step, from: &Step, at: Span) {
    if step.args.is_empty() {
        step.args = args(&from.args, at);
    }
    copy_control(&mut step.control, &from.control, at);
}

fn copy_control(own: &mut crate::ir::Control, from: &crate::ir::Control, at: Span) {
    if own.onlyif.is_empty() {
        own.onlyif = guards(&from.onlyif, at);
    }
    if own.unless.is_empty() {
        own.unless = guards(&from.unless, at);
    }
    own.when = own.when.take().or_else(|| from.when.as_ref().map(|e| located(e, at)));
    own.runas = own.runas.take().or_else(|| from.runas.as_ref().map(|v| typed(v, at)));
    if own.context.is_empty() {
        let copy = |entry: &ContextName| ContextName { span: at, value: typed(&entry.value, at), ..entry.clone() };
        own.context = from.context.iter().map(copy).collect();
    }
    own.retry = own.retry.take().or_else(|| {
        let from = from.retry.as_ref()?;
        Some(Retry { until: from.until.as_ref().map(|e| located(e, at)), ..from.clone() })
    });
}

fn guards(from: &[Guard], at: Span) -> Vec<Guard> {
    let guard = |guard: &Guard| match guard {
        Guard::Expr(expr) => Guard::Expr(located(expr, at)),
        Guard::Command(builtin, list) => Guard::Command(builtin, args(list, at)),
    };
    from.iter().map(guard).collect()
}

fn args(from: &[Arg], at: Span) -> Vec<Arg> {
    from.iter().map(|arg| Arg { param: arg.param, key: at, value: typed(&arg.value, at) }).collect()
}

fn typed(from: &Typed, at: Span) -> Typed {
    let kind = match &from.kind {
        ValueKind::Expr(expr) => ValueKind::Expr(located(expr, at)),
        ValueKind::Template(parts, quoting) => {
            let part = |part: &Part| match part {
                Part::Text(text) => Part::Text(text.clone()),
                Part::Expr(expr) => Part::Expr(located(expr, at)),
            };
            ValueKind::Template(parts.iter().map(part).collect(), *quoting)
        }
        ValueKind::List(items) => ValueKind::List(items.iter().map(|item| typed(item, at)).collect()),
        ValueKind::Map(entries) => ValueKind::Map(entries.iter().map(|(k, v)| (k.clone(), typed(v, at))).collect()),
        other => other.clone(),
    };
    Typed { kind, span: at, wanted: from.wanted }
}

/// The same expression, placed where the source is named.
fn located(from: &Located, at: Span) -> Located {
    Located { expr: from.expr.clone(), scalar: at, pieces: [].into() }
}

/// Arguments that neither the task nor a source gives.
fn missing(file: crate::source::FileId, task: &Task, diagnostics: &mut Diagnostics) {
    for step in task.steps.iter().filter(|step| step.args.is_empty()) {
        let builtin = step.builtin;
        let required = builtin.params.iter().find(|param| param.default == Standard::Required).map(|p| p.name);
        let Some(name) = required.or_else(|| builtin.one_of.first().and_then(|group| group.first().copied())) else {
            continue;
        };
        let message = format!("`{}` lacks `{name}`, and no task that it uses has arguments", builtin.name);
        let problem = Diagnostic::new(Code::MissingArgument, file, step.span, message);
        diagnostics.push(problem.help(format!("`use` takes over {KEYS}, as they are written there")));
    }
}
