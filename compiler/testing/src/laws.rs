//! Laws that hold of good configurations: a second run changes nothing, and a plan names what an apply changes.
//!
//! Unaware of: what the author of a case expects.

use crate::case::Case;
use crate::report::Failure;
use crate::run::{Bench, Ran};
use ipcmm_compiler::diag::{Code, Diagnostic};
use ipcmm_vm::host::UNKNOWN_OBJECT;
use ipcmm_vm::{Change, ChangeKind, Forecast, Outcome, TaskEnd};

/// What of a second run breaks the law, a failure for each task.
pub fn idempotent(case: &Case, bench: &Bench<'_>, second: &Ran) -> Vec<Failure> {
    let broken = second.all().filter(|(_, end)| end.changed || !matches!(end.outcome, Outcome::Ok | Outcome::Skipped));
    broken
        .map(|(task, end)| {
            let label = bench.label(task);
            let message = match end.outcome {
                Outcome::Changed => format!("a second run changes something in `{label}`: {}", told(end)),
                other => format!("`{label}` ends {} in a second run{}", other.name(), cause(end)),
            };
            let ran = end.changes.iter().any(|change| change.kind == ChangeKind::Run);
            let problem = at(Code::NotIdempotent, case, bench, task, message);
            Failure::from(match ran {
                true => problem.help(
                    "a command counts as a change each time: guard it by `creates`, `onlyif` or `unless`, or say by \
                     `changed_if` when it changed something; a case that is meant so says `twice: false`",
                ),
                false => problem,
            })
        })
        .collect()
}

/// What an apply changed and the plan before it did not name, a failure for each task.
pub fn planned(case: &Case, bench: &Bench<'_>, plan: &Ran, apply: &Ran) -> Vec<Failure> {
    let mut failures = Vec::new();
    for (task, end) in apply.all().filter(|(_, end)| end.changed) {
        let Some(Some(predicted)) = plan.ends.get(task as usize) else { continue };
        let label = bench.label(task);
        let surprise = match predicted.forecast {
            Forecast::Will | Forecast::May => end.changes.iter().find(|change| !names(predicted, change)),
            Forecast::Cannot => {
                let how = format!("{} ({})", predicted.outcome.name(), predicted.reason.name());
                let message = format!("`{label}` changes something, and the plan says {how}: {}", told(end));
                failures.push(Failure::from(at(Code::NotPlanned, case, bench, task, message)));
                continue;
            }
        };
        if let Some(change) = surprise {
            let message = format!("`{label}` makes a change that the plan does not name: {}", describe(change));
            failures.push(Failure::from(at(Code::NotPlanned, case, bench, task, message)));
        }
    }
    failures
}

/// Whether a prediction covers a change: it names the object with the property, or the object as a whole. What may be
/// done to an object as a whole may be done to all that is below it, and one that is not known can be any.
fn names(predicted: &TaskEnd, change: &Change) -> bool {
    predicted.changes.iter().any(|named| {
        let whole = named.property.is_empty() || matches!(named.kind, ChangeKind::Create | ChangeKind::Remove);
        let below = || change.object.strip_prefix(&named.object).is_some_and(|rest| rest.starts_with('/'));
        match named.object.contains(UNKNOWN_OBJECT) {
            true => (named.kind == ChangeKind::Run) == (change.kind == ChangeKind::Run),
            false if named.object == change.object => whole || named.property == change.property,
            false => named.may && named.property.is_empty() && below(),
        }
    })
}

fn at(code: Code, case: &Case, bench: &Bench<'_>, task: u32, message: String) -> Diagnostic {
    match bench.place(task) {
        Some((file, span)) => {
            let problem = Diagnostic::new(code, file, span, message);
            problem.label(case.file(), case.span, "in this case")
        }
        None => Diagnostic::new(code, case.file(), case.span, message),
    }
}

/// A change in words: `update content of /etc/motd`.
pub fn describe(change: &Change) -> String {
    match change.property {
        "" => format!("{} {}", change.kind.name(), change.object),
        property => format!("{} {property} of {}", change.kind.name(), change.object),
    }
}

/// The changes of a task in words.
pub fn told(end: &TaskEnd) -> String {
    const MOST: usize = 3;
    let mut told: Vec<String> = end.changes.iter().take(MOST).map(describe).collect();
    if end.changes.len() > MOST {
        told.push(format!("{} more", end.changes.len() - MOST));
    }
    match told.is_empty() {
        true if end.comment.is_empty() => "it does not say what".to_owned(),
        true => end.comment.clone(),
        false => told.join(", "),
    }
}

/// Why a task ended as it did, for the end of a sentence.
pub fn cause(end: &TaskEnd) -> String {
    match &end.fault {
        Some(fault) => format!(": {fault}"),
        None => format!(" ({})", end.reason.name()),
    }
}
