//! Laws of what runs on demand: tried on thousands of random bodies, each named by its seed when it fails.

use ipcmm_stdlib::Stdlib;
use ipcmm_tests::fake::FakeHost;
use ipcmm_tests::graphs::{self, Rng};
use ipcmm_tests::runner::{Ran, RunSpec, build_text, run_verified};
use ipcmm_vm::observe::Subrun;
use ipcmm_vm::{Mode, PolicyKind, TaskEnd, Verified, verify};
use std::collections::HashSet;
use std::fmt::Write;

const POLICIES: &[(PolicyKind, u32)] = &[
    (PolicyKind::Sequential, 1),
    (PolicyKind::AsWritten, 1),
    (PolicyKind::AsWritten, 2),
    (PolicyKind::AsWritten, 8),
    (PolicyKind::Parallel, 1),
    (PolicyKind::Parallel, 3),
    (PolicyKind::Parallel, 64),
];

fn run(bundle: &Verified<'_>, mode: Mode, policy: PolicyKind, max_parallel: u32) -> Ran {
    run_verified(bundle, &FakeHost::default(), RunSpec { mode, policy, max_parallel, seed: 7 })
}

fn with_bundle(seed: u64, text: &str, law: impl FnOnce(&Verified<'_>)) {
    let build = build_text(text);
    let Some(bytes) = build.bundle else {
        panic!("seed {seed} does not build:\n{text}\n{}", ipcmm_tests::render::diagnostics(&build, true));
    };
    law(&verify(&bytes, &Stdlib).unwrap_or_else(|fault| panic!("seed {seed}: {fault}\n{text}")));
}

fn essence(end: &TaskEnd) -> String {
    let fault = end.fault.as_ref().map(|f| f.kind);
    format!(
        "{:?} {:?} {:?} {} {} {fault:?} {}",
        end.outcome, end.reason, end.because, end.attempts, end.changed, end.data
    )
}

/// The labels of who ran a subrun, from the outside in.
fn path(bundle: &Verified<'_>, ran: &Ran, subrun: &Subrun) -> String {
    let mut path = bundle.label(subrun.caller).to_owned();
    let mut within = subrun.within;
    while let Some(outer) = ran.subruns.iter().find(|outer| outer.number == within) {
        path = format!("{} > {path}", bundle.label(outer.caller));
        within = outer.within;
    }
    path
}

/// Every task of a subrun ends once, and those are all that there are.
fn each_ended_once(seed: u64, ran: &Ran) {
    let mut seen = HashSet::new();
    for (subrun, task, _) in &ran.on_demand {
        assert!(
            seen.insert((subrun.number, *task)),
            "seed {seed}: task {task} of subrun {} ended twice",
            subrun.number
        );
    }
}

/// A graph that runs on demand ends as it does by itself: the same machine runs both.
#[test]
fn a_graph_on_demand_ends_as_it_does_by_itself() {
    for (seeds, features, policies) in
        [(20_000..20_300, graphs::UNSTOPPED, POLICIES), (30_000..30_300, graphs::ALL, &POLICIES[..1])]
    {
        for seed in seeds {
            let nodes = graphs::random(seed, features);
            let text = graphs::text(&nodes);
            let mut alone: Vec<(String, String)> = Vec::new();
            with_bundle(seed, &text, |bundle| {
                let ran = run(bundle, Mode::Apply, PolicyKind::Sequential, 1);
                for (task, end) in ran.ends.iter().enumerate() {
                    let Some(end) = end else { continue };
                    // Rows differ: causes are compared by their labels.
                    let because = end.because.map(|task| bundle.label(task));
                    let plain = TaskEnd { because: None, ..end.clone() };
                    alone.push((bundle.label(task as u32).to_owned(), format!("{because:?} {}", essence(&plain))));
                }
            });
            alone.sort();
            let all: Vec<String> = (0..nodes.len()).map(|n| format!("t{n}")).collect();
            let text = format!("{text}everything: {{ipcmm.apply: {{args: {{what: [{}]}}}}}}\n", all.join(", "));
            with_bundle(seed, &text, |bundle| {
                for (policy, max) in policies {
                    let ran = run(bundle, Mode::Apply, *policy, *max);
                    each_ended_once(seed, &ran);
                    let one = |(_, task, end): &(Subrun, u32, TaskEnd)| {
                        let because = end.because.map(|task| bundle.label(task));
                        let plain = TaskEnd { because: None, ..end.clone() };
                        (bundle.label(*task).to_owned(), format!("{because:?} {}", essence(&plain)))
                    };
                    let mut inside: Vec<(String, String)> = ran.on_demand.iter().map(one).collect();
                    inside.sort();
                    assert_eq!(inside, alone, "seed {seed}, {policy:?} {max}\n{text}");
                }
            });
        }
    }
}

/// A random body: steps, bodies in bodies, what is put into the background, and joins of that.
struct Bodies {
    rng: Rng,
    /// Whether failures and joins may give up what is under way: what is given up then depends on time.
    gives_up: bool,
}

impl Bodies {
    fn step(&mut self, depth: u64) -> String {
        let deep = depth >= 3;
        match self.rng.below(if deep { 3 } else { 8 }) {
            0 | 1 => {
                let outcome = *self.rng.pick(&["ok", "changed", "changed", "failed"]);
                let nop = format!("ipcmm.nop: {{args: {{outcome: {outcome}, for: {}s}}}}", self.rng.below(5));
                match self.rng.percent(20) {
                    true => format!("{{{nop}, retry: {{attempts: {}, interval: 2s}}}}", 1 + self.rng.below(3)),
                    false => format!("{{{nop}}}"),
                }
            }
            2 => format!("{{ipcmm.sleep: {{args: {{for: {}s}}}}}}", self.rng.below(9)),
            3 | 4 => {
                let fail = if self.gives_up && self.rng.percent(50) { "fast" } else { "collect" };
                let which = if self.rng.percent(50) { "parallel" } else { "concurrent" };
                let max =
                    if self.rng.percent(40) { format!(", max: {}", 1 + self.rng.below(3)) } else { String::new() };
                let body = self.body(depth + 1);
                format!("{{ipcmm.{which}: {{args: {{fail: {fail}{max}, body: {body}}}}}}}")
            }
            5 => format!("{{ipcmm.apply: {{args: {{what: {}}}}}}}", self.body(depth + 1)),
            6 => format!(
                "{{ipcmm.fork: {{args: {{vars: {{n: {}}}, body: {}}}}}}}",
                self.rng.below(9),
                self.body(depth + 1)
            ),
            _ => {
                let detach = self.gives_up && self.rng.percent(30);
                format!("{{ipcmm.async: {{args: {{detach: {detach}, body: {}}}}}}}", self.body(depth + 1))
            }
        }
    }

    fn body(&mut self, depth: u64) -> String {
        let steps: Vec<String> = (0..1 + self.rng.below(3)).map(|_| self.step(depth)).collect();
        format!("[{}]", steps.join(", "))
    }

    fn module(seed: u64, gives_up: bool) -> String {
        let mut bodies = Bodies { rng: Rng::new(seed), gives_up };
        let mut text = String::new();
        let forks = bodies.rng.below(4);
        for n in 0..forks {
            let body = bodies.body(1);
            let _ = writeln!(text, "f{n}: {{ipcmm.fork: {{args: {{body: {body}}}}}, result: f{n}}}");
        }
        for n in 0..1 + bodies.rng.below(3) {
            let _ = writeln!(text, "s{n}: {}", bodies.step(0));
        }
        if forks > 0 {
            let handles: Vec<String> = (0..forks).map(|n| format!("'${{f{n}.handle}}'")).collect();
            let names: Vec<String> = (0..forks).map(|n| format!("f{n}")).collect();
            let policy = match (gives_up, bodies.rng.below(3)) {
                (true, 0) => "any".to_owned(),
                (true, 1) => (1 + bodies.rng.below(forks)).to_string(),
                _ => "all".to_owned(),
            };
            let timeout = if gives_up && bodies.rng.percent(40) { ", timeout: 3s" } else { "" };
            let _ = writeln!(
                text,
                "join: {{ipcmm.join: {{args: {{handles: [{}], policy: {policy}, cancel_rest: {}{timeout}}}}}, depends_on: [{}]}}",
                handles.join(", "),
                gives_up && bodies.rng.percent(70),
                names.join(", "),
            );
        }
        text
    }
}

#[test]
fn bodies_end_alike_under_every_policy() {
    let numbers = regex::Regex::new("'handle': [0-9]+").expect("a pattern");
    for seed in 0..600 {
        let text = Bodies::module(seed, false);
        with_bundle(seed, &text, |bundle| {
            let of = |policy, max| {
                let ran = run(bundle, Mode::Apply, policy, max);
                each_ended_once(seed, &ran);
                let mut all: Vec<String> = ran.ends.iter().flatten().map(essence).collect();
                let mut inner: Vec<String> = ran
                    .on_demand
                    .iter()
                    .map(|(subrun, task, end)| {
                        format!("{} > {}: {}", path(bundle, &ran, subrun), bundle.label(*task), essence(end))
                    })
                    .collect();
                inner.sort();
                all.extend(inner);
                all.push(format!("bad {}", ran.bad));
                // Handles are numbered as they are started.
                all.iter().map(|line| numbers.replace_all(line, "handle").into_owned()).collect::<Vec<_>>()
            };
            let first = of(POLICIES[0].0, POLICIES[0].1);
            for (policy, max) in POLICIES {
                assert_eq!(of(*policy, *max), first, "seed {seed}, {policy:?} {max}\n{text}");
            }
        });
    }
}

/// Whatever is given up, by failures, joins and time limits: every task ends once, every run comes to its end, and what
/// is not joined is looked at.
#[test]
fn nothing_is_lost_by_what_is_given_up() {
    for seed in 50_000..50_500 {
        let text = Bodies::module(seed, true);
        with_bundle(seed, &text, |bundle| {
            for (policy, max) in POLICIES {
                for mode in [Mode::Apply, Mode::Check] {
                    let ran = run(bundle, mode, *policy, *max);
                    each_ended_once(seed, &ran);
                    let main = (0..bundle.tasks().len() as u32).filter(|task| !bundle.is_on_demand(*task)).count();
                    assert_eq!(ran.finished.len(), main, "seed {seed}, {policy:?} {max} {mode:?}\n{text}");
                }
            }
        });
    }
}

/// What a plan does not name, an apply does not do; bodies are predicted by the very code that runs them.
#[test]
fn an_apply_changes_what_its_plan_named() {
    for seed in 60_000..60_500 {
        let text = Bodies::module(seed, false);
        with_bundle(seed, &text, |bundle| {
            let (plan, apply) = (
                run(bundle, Mode::Check, PolicyKind::AsWritten, 4),
                run(bundle, Mode::Apply, PolicyKind::AsWritten, 4),
            );
            let named: HashSet<u32> =
                plan.on_demand.iter().filter(|(_, _, end)| end.changed).map(|(_, task, _)| *task).collect();
            for (_, task, end) in apply.on_demand.iter().filter(|(_, _, end)| end.changed) {
                assert!(named.contains(task), "seed {seed}: {} {end:?}\n{text}", bundle.label(*task));
            }
        });
    }
}

#[test]
fn events_that_fire_each_other_for_ever_are_stopped() {
    let text = "echo: {ipcmm.fire: {args: {event: e}}}
listen: {ipcmm.bind: {args: {pattern: e, to: echo}}}
go: {ipcmm.fire: {args: {event: e}}, runafter: listen}
";
    with_bundle(0, text, |bundle| {
        let ran = run(bundle, Mode::Apply, PolicyKind::AsWritten, 4);
        let faults: Vec<String> =
            ran.on_demand.iter().filter_map(|(_, _, end)| Some(end.fault.as_ref()?.to_string())).collect();
        let [fault] = &faults[..] else { panic!("{faults:?}") };
        assert!(fault.contains("over 10000 handlers in one run, the last for `e` of bind case/listen"), "{fault}");
        assert_eq!((ran.on_demand.len(), ran.bad), (10_000, 1));
    });
}

#[test]
fn a_storm_is_delivered_one_by_one_and_each_event_once() {
    let text = "count: {ipcmm.sleep: {args: {for: 1ms}}}
listen: {ipcmm.bind: {args: {pattern: e, to: count}}}
go: {ipcmm.fire: {args: {event: e, payload: '${item}'}}, loop_in: \"${1..5000}\", runafter: listen}
";
    with_bundle(0, text, |bundle| {
        let ran = run(bundle, Mode::Apply, PolicyKind::AsWritten, 4);
        assert_eq!((ran.on_demand.len(), ran.bad), (5000, 0));
        assert_eq!(ran.time, 5000 * 1_000_000);
    });
}
