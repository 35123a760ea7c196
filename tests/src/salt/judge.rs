//! Holds what becomes of a translated case against what it asserts.

use super::Asserted;
use super::Case;
use crate::fake::FakeHost;
use crate::runner::{RunSpec, build_text, run_verified};
use ipcmm_bytecode::bundle::EdgeKind;
use ipcmm_stdlib::Stdlib;
use ipcmm_vm::{Mode, Outcome, PolicyKind, Reason, TaskEnd, verify};

/// The command of a guard that cannot be started, on the pretended node.
pub(super) const MISSING: &str = "cannot-run";

/// Each asserted fact that does not hold, in a line.
pub fn differences(case: &Case) -> Vec<String> {
    let asserted = case.asserted();
    let build = build_text(&case.module());
    let codes: Vec<String> = build.diagnostics.iter().map(|d| d.code.to_string()).collect();
    match (asserted.status.as_str(), &build.bundle) {
        ("compile-error", None) => {
            let known = |kind: &str| match kind {
                "unknown-target" => codes.iter().any(|c| c == "C2007"),
                "cycle" => codes.iter().any(|c| c == "C4001" || c == "C4003" || c == "C4005"),
                "malformed-requisite" => codes.iter().any(|c| c == "C2005"),
                _ => true,
            };
            asserted.errors.iter().filter(|kind| !known(kind)).map(|kind| format!("no {kind} in {codes:?}")).collect()
        }
        ("compile-error", Some(_)) => vec!["it builds".into()],
        (_, None) => vec![format!("it does not build: {codes:?}")],
        ("compiles", Some(_)) => Vec::new(),
        (_, Some(bytes)) => run(case, &asserted, bytes),
    }
}

fn run(case: &Case, asserted: &Asserted, bytes: &[u8]) -> Vec<String> {
    let bundle = verify(bytes, &Stdlib).expect("emitted bundles verify");
    let spec = RunSpec {
        mode: if case.is_dry() { Mode::Check } else { Mode::Apply },
        policy: PolicyKind::AsWritten,
        max_parallel: case.max_parallel(),
        seed: 1,
    };
    let host = FakeHost::new(&format!("call ipcmm.run.cmd guard argv[0]='{MISSING}' -> failed F0403"));
    let ran = run_verified(&bundle, &host, spec);
    let label = |task: u32| bundle.label(task).to_owned();
    let tasks = || (0..ran.ends.len() as u32).filter(|task| !bundle.is_part(*task));
    let place = |name: &str| tasks().find(|t| bundle.label(*t) == name);
    let mut wrong = Vec::new();
    for (task, field, value) in &asserted.facts {
        let Some(end) = place(task).and_then(|t| ran.ends[t as usize].as_ref()) else {
            wrong.push(format!("{task} is not there"));
            continue;
        };
        if !fits(end, field, value) {
            wrong.push(format!("{task}: {field} is to be {value}, and it is {:?} {:?}", end.outcome, end.reason));
        }
    }
    for (first, later) in &asserted.pairs {
        if place(first) >= place(later) {
            wrong.push(format!("{first} does not stand before {later}"));
        }
    }
    if let Some(order) = &asserted.order {
        let actual: Vec<String> = tasks().map(label).collect();
        if actual != *order {
            wrong.push(format!("the order is to be {order:?}, and it is {actual:?}"));
        }
    }
    for (task, fires) in &asserted.listeners {
        let end = place(task).and_then(|t| ran.ends[t as usize].as_ref());
        if end.is_none_or(|end| (end.reason == Reason::ListenFired) != *fires) {
            wrong.push(format!("the listener {task} is to fire: {fires}, and it is {:?}", end.map(|e| e.reason)));
        }
    }
    for task in &asserted.absent {
        let end = place(task).and_then(|t| ran.ends[t as usize].as_ref());
        if end.is_some_and(|e| e.outcome != Outcome::NotReached) {
            wrong.push(format!("{task} is to be not reached, and it is {:?}", end.map(|e| e.outcome)));
        }
    }
    wrong
}

/// Whether a field of a report of Salt's says what an end says.
fn fits(end: &TaskEnd, field: &str, value: &str) -> bool {
    match field {
        "result" => end.outcome.result() == value.parse().ok(),
        "changed" => end.changed == (value == "true"),
        "ran" => (end.attempts > 0) == (value == "true"),
        "attempts" => end.attempts.to_string() == value,
        "attempts_at_least" => value.parse().is_ok_and(|n: u32| end.attempts >= n),
        "attempts_less_than" => value.parse().is_ok_and(|n: u32| end.attempts < n),
        "reason" => {
            if value == "prereq-no-changes" || value == "onchanges-unmet" || value == "onfail-unmet" {
                let keywords: &[EdgeKind] = match value {
                    "prereq-no-changes" => &[EdgeKind::Prereq],
                    "onchanges-unmet" => &[EdgeKind::OnChange],
                    _ => &[EdgeKind::OnFail, EdgeKind::RequiresNone],
                };
                return end.reason == Reason::TriggerUnmet && end.keyword.is_some_and(|k| keywords.contains(&k));
            }
            let reasons: &[Reason] = match value {
                "ran" | "dry-run-only" => &[Reason::Ran],
                "watch-fired" => &[Reason::WatchFired],
                "requisite-failed" => &[Reason::RequisiteFailed],
                "onlyif-false" => &[Reason::OnlyIfFalse],
                "unless-true" => &[Reason::UnlessTrue],
                "guard-error" => &[Reason::GuardError],
                // A list of reasons is no text; what else there is has no counterpart.
                _ => return false,
            };
            reasons.contains(&end.reason)
        }
        // Why a task was blocked is compared by its reason; how it ran beside others, by the suites of modes.
        _ => true,
    }
}

/// The cases of a folder in order of name: name and text.
///
/// # Errors
/// If the folder or a case in it cannot be read.
pub fn cases(folder: &std::path::Path) -> std::io::Result<Vec<(String, String)>> {
    let mut paths: Vec<_> = std::fs::read_dir(folder)?.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|e| e == "yml"));
    paths.sort();
    let name = |path: &std::path::Path| path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    paths.iter().map(|path| Ok((name(path), std::fs::read_to_string(path)?))).collect()
}
