//! What a run came to against what its case expects. Every failure stands where the expectation is written.
//!
//! Unaware of: how the run was made. Start reading at [`judge`].

mod files;

use crate::case::Case;
use crate::expression::Afterwards;
use crate::laws::{cause, told};
use crate::report::Failure;
use crate::run::{Bench, Ran};
use crate::stage::{Stage, entries, items, line, same_line};
use ipcmm_bytecode::Value;
use ipcmm_compiler::diag::{Code, Diagnostic, Diagnostics, suggest};
use ipcmm_compiler::doc::Span;
use ipcmm_runtime::system::fake::Node;
use ipcmm_vm::{Outcome, TaskEnd};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// What came of a run.
pub struct Seen<'a> {
    /// The ends of its tasks.
    pub ran: &'a Ran,
    /// The node as it was left.
    pub stage: &'a Stage,
    /// What was at every path before.
    pub before: &'a BTreeMap<PathBuf, Node>,
    /// What expressions see.
    pub afterwards: &'a Afterwards<'a>,
}

/// The tasks a case names.
#[derive(Debug, Default)]
pub struct Labels {
    /// Tasks with the outcome expected of them, and where that is written.
    outcomes: Vec<(u32, Outcome, Span)>,
    /// Tasks in the order they are to start.
    order: Vec<u32>,
}

/// Finds the labels a case names; unknown ones are reported.
pub fn labels(case: &Case, bench: &Bench<'_>, diagnostics: &mut Diagnostics) -> Labels {
    let mut labels = Labels::default();
    for (name, outcome) in entries(case.expects("outcomes")) {
        let span = case.place(&["outcomes", name]);
        let outcome = Outcome::TABLE.iter().find(|(_, word, _)| outcome.as_str() == Some(word)).map(|row| row.0);
        if let (Some(task), Some(outcome)) = (find(case, bench, name, span, diagnostics), outcome) {
            labels.outcomes.push((task, outcome, span));
        }
    }
    for (i, name) in items(case.expects("order")).filter_map(Value::as_str).enumerate() {
        labels.order.extend(find(case, bench, name, case.element("order", i), diagnostics));
    }
    labels
}

/// Whether a label is in the configuration and not in the run.
fn is_left_out(case: &Case, bench: &Bench<'_>, name: &str) -> bool {
    let mut labels =
        bench.program.modules.iter().flat_map(|part| part.tasks.iter().map(|task| (&part.name, &task.label)));
    case.only().is_some() && labels.any(|(module, label)| label == name || format!("{module}/{label}") == name)
}

fn find(case: &Case, bench: &Bench<'_>, name: &str, span: Span, diagnostics: &mut Diagnostics) -> Option<u32> {
    let tasks = || bench.graph.tasks.iter().enumerate().filter(|(_, task)| task.part.is_none());
    let full = |module: u32, label: &str| {
        let module = bench.graph.modules.get(module as usize).map_or("", String::as_str);
        format!("{module}/{label}")
    };
    if let Some((number, _)) = tasks().find(|(_, task)| full(task.module, &task.label) == name) {
        return Some(number as u32);
    }
    let plain: Vec<usize> = tasks().filter(|(_, task)| task.label == name).map(|(number, _)| number).collect();
    let unknown = |message: String| Diagnostic::new(Code::UnknownTarget, case.file(), span, message);
    match plain.as_slice() {
        [number] => return Some(*number as u32),
        [] if is_left_out(case, bench, name) => {
            let problem = unknown(format!("`{name}` is not run: `only` does not lead to it"));
            diagnostics.push(problem.help(format!("add `{name}` to `only`, or expect nothing of it")));
        }
        [] => {
            let problem = unknown(format!("there is no label `{name}`"));
            let near = suggest::nearest(name, tasks().map(|(_, task)| task.label.as_str()));
            diagnostics.push(match near {
                Some(near) => problem.did_you_mean(near),
                None => problem,
            });
        }
        several => {
            let names: Vec<String> = several
                .iter()
                .filter_map(|number| bench.task(*number as u32))
                .map(|task| format!("`{}`", full(task.module, &task.label)))
                .collect();
            let problem = unknown(format!("there are several labels `{name}`"));
            diagnostics.push(problem.help(format!("write {}", names.join(" or "))));
        }
    }
    None
}

/// Everything that is not as it is expected.
pub fn judge(case: &Case, bench: &Bench<'_>, labels: &Labels, seen: &Seen<'_>) -> Vec<Failure> {
    let mut failures = outcomes(case, bench, labels, seen.ran);
    failures.extend(order(case, bench, labels, seen.ran));
    failures.extend(fails(case, bench, labels, seen.ran));
    failures.extend(files::files(case, seen));
    failures.extend(commands(case, seen));
    failures.extend(changes(case, seen.ran));
    failures.extend(time(case, seen.ran));
    for (expr, span) in &seen.afterwards.expressions.list {
        if let Some(complaint) = seen.afterwards.complaint(expr) {
            failures.push(unmet(case, *span, complaint));
        }
    }
    failures
}

/// An expectation that is not met.
fn unmet(case: &Case, span: Span, message: impl Into<String>) -> Failure {
    Failure::from(Diagnostic::new(Code::ExpectationUnmet, case.file(), span, message))
}

/// How a task ended, for the end of a sentence: `changed: create /etc/motd`.
fn ended(end: &TaskEnd) -> String {
    match end.outcome {
        Outcome::Changed | Outcome::WouldChange => format!("{}: {}", end.outcome.name(), told(end)),
        outcome => format!("{}{}", outcome.name(), cause(end)),
    }
}

fn outcomes(case: &Case, bench: &Bench<'_>, labels: &Labels, ran: &Ran) -> Vec<Failure> {
    let mut failures = Vec::new();
    for (task, wanted, span) in &labels.outcomes {
        let Some(Some(end)) = ran.ends.get(*task as usize) else { continue };
        if end.outcome != *wanted {
            let message =
                format!("`{}` is expected to end {}, and ends {}", bench.label(*task), wanted.name(), ended(end));
            let mut failure = unmet(case, *span, message);
            if let Some((file, span)) = bench.place(*task) {
                failure.diagnostic = failure.diagnostic.label(file, span, "the label");
            }
            failures.push(failure);
        }
    }
    if case.expects("exact") == Some(&Value::Bool(true)) {
        let named: BTreeSet<u32> = labels.outcomes.iter().map(|(task, ..)| *task).collect();
        let free = ran.all().filter(|(task, _)| !named.contains(task));
        let missing: Vec<String> =
            free.map(|(task, end)| format!("{}: {}", bench.label(task), end.outcome.name())).collect();
        if !missing.is_empty() {
            let mut failure = unmet(case, case.place(&["outcomes"]), "`outcomes` does not name all labels");
            failure.diagnostic = failure.diagnostic.help(format!("these are missing:\n{}", missing.join("\n")));
            failures.push(failure);
        }
    }
    failures
}

fn order(case: &Case, bench: &Bench<'_>, labels: &Labels, ran: &Ran) -> Option<Failure> {
    let started: Vec<u32> = ran.started.iter().copied().filter(|task| labels.order.contains(task)).collect();
    if started == labels.order {
        return None;
    }
    let text = |tasks: &[u32]| tasks.iter().map(|task| bench.label(*task) + "\n").collect::<String>();
    let failure = unmet(case, case.place(&["order"]), "the labels start in another order");
    Some(failure.with_diff(&text(&labels.order), &text(&started)))
}

/// A run that fails though nothing says that it does, or the other way round.
fn fails(case: &Case, bench: &Bench<'_>, labels: &Labels, ran: &Ran) -> Vec<Failure> {
    let bad: Vec<(u32, &TaskEnd)> = ran.bad().collect();
    match case.expects("fails") {
        Some(Value::Bool(true)) if bad.is_empty() => {
            return vec![unmet(case, case.place(&["fails"]), "the run is expected to fail, and nothing fails")];
        }
        Some(Value::Bool(true)) => return Vec::new(),
        _ => {}
    }
    let admits = |task: u32| labels.outcomes.iter().any(|(named, outcome, _)| *named == task && outcome.is_bad());
    let expected = labels.outcomes.iter().any(|(_, outcome, _)| outcome.is_bad());
    let root = |end: &TaskEnd| end.outcome == Outcome::Failed;
    // A blocked task is a consequence; where failures are expected, consequences are too.
    let surprises = bad.into_iter().filter(|(task, end)| !admits(*task) && root(end));
    let named = |task: u32| labels.outcomes.iter().any(|(named, ..)| *named == task);
    surprises
        // One that is named was judged above.
        .filter(|(task, _)| !named(*task))
        .map(|(task, end)| {
            let message = format!("`{}` fails in `{}`{}", bench.label(task), case.name, cause(end));
            let problem = match bench.place(task) {
                Some((file, span)) => Diagnostic::new(Code::UnexpectedFailure, file, span, message).label(
                    case.file(),
                    case.span,
                    "in this case",
                ),
                None => Diagnostic::new(Code::UnexpectedFailure, case.file(), case.span, message),
            };
            Failure::from(match expected {
                true => problem,
                false => problem.help("if it is meant to fail, say so under `expect`: `outcomes`, or `fails: true`"),
            })
        })
        .collect()
}

fn commands(case: &Case, seen: &Seen<'_>) -> Option<Failure> {
    let wanted: Vec<&str> = items(Some(case.expects("commands")?)).filter_map(Value::as_str).collect();
    let ran = seen.stage.node.log();
    if wanted.len() == ran.len() && wanted.iter().zip(&ran).all(|(wanted, words)| same_line(wanted, words)) {
        return None;
    }
    // Lines that mean the same are written the same, so that the difference shows the others only.
    let spelled = |wanted: &str| ran.iter().find(|words| same_line(wanted, words)).map(|words| line(words));
    let expected: String = wanted.iter().map(|w| spelled(w).unwrap_or_else(|| (*w).to_owned()) + "\n").collect();
    let actual: String = ran.iter().map(|words| line(words) + "\n").collect();
    let failure = unmet(case, case.place(&["commands"]), "other commands run, or in another order");
    Some(failure.with_diff(&expected, &actual))
}

fn changes(case: &Case, ran: &Ran) -> Option<Failure> {
    let wanted = case.expects("changes")?;
    let changed: BTreeSet<String> =
        ran.all().flat_map(|(_, end)| end.changes.iter().map(|change| change.object.clone())).collect();
    let silent = || ran.all().any(|(_, end)| end.changed);
    if wanted.as_str() == Some("none") {
        let told: Vec<String> = changed.into_iter().collect();
        return (!told.is_empty() || silent()).then(|| {
            let message = format!("nothing is expected to change, and this does: {}", told.join(", "));
            unmet(case, case.place(&["changes"]), message)
        });
    }
    let wanted: BTreeSet<String> = items(Some(wanted)).filter_map(Value::as_str).map(str::to_owned).collect();
    if wanted == changed {
        return None;
    }
    let text = |objects: &BTreeSet<String>| objects.iter().map(|object| format!("{object}\n")).collect::<String>();
    let failure = unmet(case, case.place(&["changes"]), "other objects are changed");
    Some(failure.with_diff(&text(&wanted), &text(&changed)))
}

fn time(case: &Case, ran: &Ran) -> Option<Failure> {
    let wanted = case.expects("takes")?;
    let took = Value::Duration(i64::try_from(ran.time).unwrap_or(i64::MAX));
    (*wanted != took)
        .then(|| unmet(case, case.place(&["takes"]), format!("the run is expected to take {wanted}, and takes {took}")))
}
