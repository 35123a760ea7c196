//! Conformance with what Salt's own tests assert, as far as the words of this version reach.

use ipcmm_stdlib::Stdlib;
use ipcmm_tests::fake::FakeHost;
use ipcmm_tests::runner::{RunSpec, build_text, run_verified};
use ipcmm_tests::salt::{Asserted, Case};
use ipcmm_tests::{note, suite::root};
use ipcmm_vm::{Mode, Outcome, PolicyKind, Reason, TaskEnd, verify};

#[test]
fn cases_of_salt_hold() {
    let folder = root().parent().map(|p| p.join("shared/corpora/salt-requisites")).filter(|p| p.is_dir());
    let Some(folder) = folder else { return note("Salt's cases, ../shared/corpora/salt-requisites") };
    let mut paths: Vec<_> = std::fs::read_dir(&folder).expect("a folder").flatten().map(|e| e.path()).collect();
    paths.retain(|p| p.extension().is_some_and(|e| e == "yml"));
    paths.sort();
    let (mut held, mut left_out, mut failures) = (Vec::new(), Vec::new(), Vec::new());
    for path in paths {
        let name = path.file_stem().and_then(|s| s.to_str()).unwrap_or("").to_owned();
        let case = Case::read(&std::fs::read_to_string(&path).expect("a readable case"));
        if let Some(obstacle) = case.obstacle() {
            left_out.push(format!("{name}: {obstacle}"));
            continue;
        }
        match differences(&case) {
            wrong if wrong.is_empty() => held.push(name),
            wrong => failures.push(format!("{name}:\n  {}\n{}", wrong.join("\n  "), case.module())),
        }
    }
    println!("{} hold: {}\n{} left out:\n  {}", held.len(), held.join(" "), left_out.len(), left_out.join("\n  "));
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(held.len() >= 10, "too few cases were tried: {}", held.len());
}

fn differences(case: &Case) -> Vec<String> {
    let asserted = case.asserted();
    let build = build_text(&case.module());
    let codes: Vec<String> = build.diagnostics.iter().map(|d| d.code.to_string()).collect();
    match (asserted.status.as_str(), &build.bundle) {
        ("compile-error", None) => {
            let known = |kind: &str| match kind {
                "unknown-target" => codes.iter().any(|c| c == "C2007"),
                "cycle" => codes.iter().any(|c| c == "C4001" || c == "C4003"),
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
    let ran = run_verified(&bundle, &FakeHost::default(), spec);
    let label = |task: u32| bundle.label(task).to_owned();
    let place = |name: &str| (0..ran.ends.len() as u32).find(|t| bundle.label(*t) == name);
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
        let actual: Vec<String> = (0..ran.ends.len() as u32).map(label).collect();
        if actual != *order {
            wrong.push(format!("the order is to be {order:?}, and it is {actual:?}"));
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
            let reasons: &[Reason] = match value {
                "ran" => &[Reason::Ran],
                "watch-fired" => &[Reason::WatchFired],
                "requisite-failed" => &[Reason::RequisiteFailed],
                "onlyif-false" => &[Reason::OnlyIfFalse],
                "unless-true" => &[Reason::UnlessTrue],
                "guard-error" => &[Reason::GuardError],
                _ => return true,
            };
            reasons.contains(&end.reason)
        }
        // Why a task was blocked is compared by its reason; how it ran beside others, by the suites of modes.
        _ => true,
    }
}
