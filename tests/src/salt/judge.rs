//! Holds what becomes of a translated case against what it asserts.

use super::Case;
use super::asserted::{Asserted, Expected, Timing};
use super::world::{Watcher, World};
use crate::runner::{Ran, build_text};
use ipcmm_bytecode::bundle::{EdgeKind, ExecMode};
use ipcmm_compiler::Build;
use ipcmm_compiler::diag::{Diagnostic, Severity};
use ipcmm_stdlib::Stdlib;
use ipcmm_vm::{Mode, Outcome, PolicyKind, Reason, Run, RunOptions, TaskEnd, Verified, verify, virtual_clock};

/// Each asserted fact that does not hold, in a line; a case that cannot be judged is one line, too.
pub fn differences(text: &str) -> Vec<String> {
    match judged(text) {
        Ok(wrong) => wrong,
        Err(why) => vec![format!("the case cannot be judged: {why}")],
    }
}

fn judged(text: &str) -> Result<Vec<String>, String> {
    let case = Case::read(text)?;
    let asserted = case.asserted()?;
    let build = build_text(&case.module()?);
    let problems = || {
        let errors = build.diagnostics.iter().filter(|d| d.severity() == Severity::Error);
        errors.map(|d| format!("{}: {}", d.code, d.message)).collect::<Vec<_>>().join(", ")
    };
    Ok(match (asserted.status.as_str(), &build.bundle) {
        ("compile-error", None) => {
            let missing = asserted.errors.iter().filter(|e| !is_reported(e, &build));
            missing.map(|e| format!("no {} of {} in {}", e.kind, e.names.join(", "), problems())).collect()
        }
        ("compile-error", Some(_)) => vec!["it builds".into()],
        (_, None) => vec![format!("it does not build: {}", problems())],
        ("compiles", Some(_)) => Vec::new(),
        (_, Some(bytes)) => run(&case, &asserted, bytes)?,
    })
}

/// Whether one problem of a build is the one that is expected and tells the names it is about.
fn is_reported(expected: &Expected, build: &Build) -> bool {
    let kind = |d: &&Diagnostic| match expected.kind.as_str() {
        "unknown-target" => d.code.to_string() == "C2007",
        "cycle" => ["C4001", "C4003", "C4005"].contains(&d.code.to_string().as_str()),
        "malformed-requisite" => d.code.to_string() == "C2005",
        _ => false,
    };
    let tells = |d: &Diagnostic| {
        let mut said = vec![d.message.as_str()];
        said.extend(d.labels.iter().map(|label| label.text.as_str()));
        said.extend(d.help.as_deref());
        // The task of an unknown target is the one below whose label the problem is; others are named in its words.
        let label = d.place.and_then(|(file, span)| {
            let text = &build.sources.file(file).text;
            let before = &text[..(span.start as usize).min(text.len())];
            before.lines().rev().find(|line| line.starts_with('"'))
        });
        let says = |name: &&String| {
            let (quoted, own) = (format!("`{name}`"), format!("{}:", crate::values::quoted(name)));
            said.iter().any(|text| text.contains(&quoted)) || label == Some(own.as_str())
        };
        let told = expected.names.iter().filter(says).count();
        // Of a circle the shortest way round is told, which may leave out tasks that Salt goes through.
        let enough = if expected.kind == "cycle" { expected.names.len().min(2) } else { expected.names.len() };
        told >= enough
    };
    build.diagnostics.iter().filter(kind).any(tells)
}

/// A run that is over, and what its tasks are called.
struct Over<'r> {
    case: &'r Case,
    bundle: &'r Verified<'r>,
    ran: Ran,
}

impl Over<'_> {
    fn tasks(&self) -> impl Iterator<Item = u32> + '_ {
        (0..self.ran.ends.len() as u32).filter(|task| !self.bundle.is_part(*task))
    }

    fn task(&self, name: &str) -> Option<u32> {
        self.tasks().find(|task| self.bundle.label(*task) == name)
    }

    fn end(&self, name: &str) -> Option<&TaskEnd> {
        self.ran.ends[self.task(name)? as usize].as_ref()
    }

    /// When a task was begun, and its place among all that were.
    fn started(&self, name: &str) -> Option<(usize, u64)> {
        let task = self.task(name)?;
        let place = self.ran.started.iter().position(|(t, _)| *t == task)?;
        Some((place, self.ran.started[place].1))
    }
}

fn run(case: &Case, asserted: &Asserted, bytes: &[u8]) -> Result<Vec<String>, String> {
    let bundle = verify(bytes, &Stdlib).map_err(|fault| fault.to_string())?;
    let world = World::new(case);
    let ran = Ran { ends: vec![None; bundle.tasks().len()], ..Ran::default() };
    let mut watcher = Watcher { ran, world: &world, bundle: &bundle };
    let options = RunOptions {
        mode: if case.is_dry() { Mode::Check } else { Mode::Apply },
        policy: PolicyKind::AsWritten,
        max_parallel: case.max_parallel(),
        seed: 1,
    };
    let (time, bad) = {
        let mut run = Run::new(&bundle, &world, &mut watcher, options);
        (virtual_clock::drive_watched(&mut run, &world, &mut |now| world.advance(now)), run.bad())
    };
    let over = Over { case, bundle: &bundle, ran: Ran { time, bad, ..watcher.ran } };
    let mut wrong = Vec::new();
    for (task, field, values) in &asserted.facts {
        match over.end(task) {
            None => wrong.push(format!("{task} is not there")),
            Some(end) if values.iter().any(|value| fits(&over, task, end, field, value)) => {}
            Some(end) => wrong.push(format!(
                "{task}: {field} is to be {}, and it ended {} because of {}, {} attempts, changed: {}",
                values.join(" or "),
                end.outcome.name(),
                end.reason.name(),
                end.attempts,
                end.changed
            )),
        }
    }
    order(asserted, &over, &mut wrong);
    for (task, fires) in &asserted.listeners {
        let end = over.end(task);
        if end.is_none_or(|end| (end.reason == Reason::ListenFired) != *fires) {
            wrong.push(format!("the listener {task} is to fire: {fires}, and it is {:?}", end.map(|e| e.reason)));
        }
    }
    for task in &asserted.absent {
        if let Some(end) = over.end(task).filter(|end| end.outcome != Outcome::NotReached) {
            wrong.push(format!("{task} is to be not reached, and it is {}", end.outcome.name()));
        }
    }
    for path in asserted.absent_paths.iter().filter(|path| world.has(path)) {
        wrong.push(format!("there is something at {path}"));
    }
    if asserted.runtime_error && over.ran.bad == 0 {
        wrong.push("nothing goes wrong in the run".into());
    }
    for limit in &asserted.timing {
        if let Some(said) = timing(limit, &over) {
            wrong.push(said);
        }
    }
    Ok(wrong)
}

fn order(asserted: &Asserted, over: &Over<'_>, wrong: &mut Vec<String>) {
    let begun: Vec<String> = over.ran.started.iter().map(|(task, _)| over.bundle.label(*task).to_owned()).collect();
    for (first, later) in &asserted.pairs {
        // Only among tasks that are gone to.
        if let (Some(end), Some((_, start)), Some(a), Some(b)) =
            (over.end(first), over.started(later), over.task(first), over.task(later))
            && (a >= b || over.started(first).is_some() && end.outcome != Outcome::NotReached && end_of(end) > start)
        {
            wrong.push(format!("{first} is not over when {later} begins"));
        }
    }
    if let Some(order) = &asserted.order
        && begun != *order
    {
        wrong.push(format!("the order is to be {order:?}, and it is {begun:?}"));
    }
    for (task, at) in &asserted.positions {
        if begun.get(*at) != Some(task) {
            wrong.push(format!("{task} is to be number {}, and the order is {begun:?}", at + 1));
        }
    }
}

/// When a task ended; of a listener that reacted after the last task, that is not when its body did.
fn end_of(end: &TaskEnd) -> u64 {
    if end.reason == Reason::ListenFired { 0 } else { end.ended }
}

fn timing(limit: &Timing, over: &Over<'_>) -> Option<String> {
    let gap = || {
        let [first, second] = limit.tasks.as_slice() else { return None };
        Some(over.started(second)?.1.saturating_sub(over.started(first)?.1))
    };
    let (actual, holds) = match limit.kind.as_str() {
        "total-less-than" => (Some(over.ran.time), over.ran.time < limit.nanos),
        "task-duration-less-than" => {
            let end = limit.tasks.first().and_then(|task| over.end(task));
            let took = end.map(|end| end.ended - end.started);
            (took, took.is_some_and(|t| t < limit.nanos))
        }
        "start-gap-less-than" => (gap(), gap().is_some_and(|t| t < limit.nanos)),
        _ => (gap(), gap().is_some_and(|t| t > limit.nanos) || gap() == Some(limit.nanos)),
    };
    let about = limit.tasks.join(", ");
    let actual = actual.map_or("not known".to_owned(), |t| format!("{} ms", t / 1_000_000));
    (!holds).then(|| format!("{} {about} {} ms, and it is {actual}", limit.kind, limit.nanos / 1_000_000))
}

/// Whether a field of a report of Salt's says what an end says.
fn fits(over: &Over<'_>, task: &str, end: &TaskEnd, field: &str, value: &str) -> bool {
    let told = |holds: bool| holds == (value == "true");
    let number = |holds: fn(u32, u32) -> bool| value.parse().is_ok_and(|n: u32| holds(end.attempts, n));
    match field {
        "result" => end.outcome.result() == value.parse().ok(),
        "changed" => told(end.changed),
        // In a dry run nothing runs for real.
        "ran" => told(end.attempts > 0 && !over.case.is_dry()),
        "attempts" => number(|actual, n| actual == n),
        "attempts_at_least" => number(|actual, n| actual >= n),
        "attempts_less_than" => number(|actual, n| actual < n),
        "because" => end.because.is_some_and(|because| over.bundle.label(because) == value),
        "parallel" => {
            let row = over.task(task).map(|t| over.bundle.tasks()[t as usize].mode);
            told(row == Some(ExecMode::Parallel as u8))
        }
        "reason" => reason(over, task, end, value),
        // A field that is not known is not met.
        _ => false,
    }
}

fn reason(over: &Over<'_>, task: &str, end: &TaskEnd, value: &str) -> bool {
    let unmet = |keywords: &[EdgeKind]| {
        end.reason == Reason::TriggerUnmet && end.keyword.is_some_and(|keyword| keywords.contains(&keyword))
    };
    // `watch_any` reacts after the last task here.
    let late = end.reason == Reason::ListenFired
        && over.case.edges().iter().any(|edge| edge.task == task && edge.kind == "watch_any");
    match value {
        "prereq-no-changes" => unmet(&[EdgeKind::Prereq]),
        "onchanges-unmet" => unmet(&[EdgeKind::OnChange]),
        "onfail-unmet" => unmet(&[EdgeKind::OnFail, EdgeKind::RequiresNone]),
        // A listener that ran its body and reacted after the last task ran.
        "ran" => end.reason == Reason::Ran || end.reason == Reason::ListenFired && end.attempts > 0,
        "dry-run-only" => end.reason == Reason::Ran,
        "watch-fired" => end.reason == Reason::WatchFired || late,
        "requisite-failed" => end.reason == Reason::RequisiteFailed,
        "onlyif-false" => end.reason == Reason::OnlyIfFalse,
        "unless-true" => end.reason == Reason::UnlessTrue,
        "guard-error" => end.reason == Reason::GuardError,
        _ => false,
    }
}

/// The cases of a folder in order of name: name and text.
///
/// # Errors
/// If the folder or a case in it cannot be read.
pub fn cases(folder: &std::path::Path) -> std::io::Result<Vec<(String, std::io::Result<String>)>> {
    let mut paths = std::fs::read_dir(folder)?.map(|e| Ok(e?.path())).collect::<std::io::Result<Vec<_>>>()?;
    paths.retain(|path| path.extension().is_some_and(|e| e == "yml" || e == "yaml"));
    paths.sort();
    let name = |path: &std::path::Path| path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Ok(paths.iter().map(|path| (name(path), std::fs::read_to_string(path))).collect())
}
