//! Laws that hold for every graph: tried on thousands of random ones, each named by its seed when it fails.

use ipcmm_bytecode::bundle::rows::{TASK_BEFORE, TASK_DRY};
use ipcmm_bytecode::bundle::{EdgeKind, ExecMode};
use ipcmm_bytecode::{Fault, Function, Value};
use ipcmm_stdlib::Stdlib;
use ipcmm_tests::fake::FakeHost;
use ipcmm_tests::graphs::{self, Features, Keyword, Node};
use ipcmm_tests::model;
use ipcmm_tests::runner::{Ran, RunSpec, build_text, run_verified};
use ipcmm_tests::shrink;
use ipcmm_vm::host::{Call, Cancel, Host, Phase};
use ipcmm_vm::sched::States;
use ipcmm_vm::{Action, Input, Mode, Outcome, PolicyKind, Reason, Reply, Run, RunOptions, Verified, verify};
use std::collections::HashMap;
use std::sync::Mutex;

/// Policies with different limits; the first is what the others are compared with.
const POLICIES: &[(PolicyKind, u32)] = &[
    (PolicyKind::Sequential, 1),
    (PolicyKind::AsWritten, 1),
    (PolicyKind::AsWritten, 2),
    (PolicyKind::AsWritten, 8),
    (PolicyKind::Parallel, 1),
    (PolicyKind::Parallel, 3),
    (PolicyKind::Parallel, 64),
];

/// What is tried on a graph: its seed, its nodes, its bundle, and the node of each task.
type Law<'l> = &'l dyn Fn(u64, &[Node], &Verified<'_>, &[usize]);

/// Tries a law on the graph of each seed. One that breaks it is made as small as it can be and still break it.
fn for_each_graph(seeds: std::ops::Range<u64>, features: Features, law: Law<'_>) {
    for seed in seeds {
        let nodes = graphs::random(seed, features);
        let Some(why) = broken(seed, &nodes, law) else { continue };
        let (nodes, why) = shrink::nodes(nodes, why, &|nodes| {
            model::order(nodes)?;
            broken(seed, nodes, law)
        });
        panic!("seed {seed}, made smaller: {why}\n{}", graphs::text(&nodes));
    }
}

/// What a law says of a graph it does not hold for.
fn broken(seed: u64, nodes: &[Node], law: Law<'_>) -> Option<String> {
    let tried = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let text = graphs::text(nodes);
        let build = build_text(&text);
        let bytes = build.bundle.unwrap_or_else(|| panic!("seed {seed} does not build:\n{text}"));
        let bundle = verify(&bytes, &Stdlib).unwrap_or_else(|fault| panic!("seed {seed}: {fault}\n{text}"));
        let number = |task: usize| bundle.label(task as u32)[1..].parse().expect("a label is t and a number");
        let declared: Vec<usize> = (0..bundle.tasks().len()).map(number).collect();
        law(seed, nodes, &bundle, &declared);
    }));
    let panic = tried.err()?;
    let said = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
    Some(said.unwrap_or("it panicked").to_owned())
}

fn run(bundle: &Verified<'_>, mode: Mode, policy: PolicyKind, max_parallel: u32) -> Ran {
    run_verified(bundle, &FakeHost::default(), RunSpec { mode, policy, max_parallel, seed: 7 })
}

/// What must not depend on the policy: everything but times.
fn essence(ran: &Ran) -> Vec<String> {
    ran.ends
        .iter()
        .flatten()
        .map(|end| {
            let fault = end.fault.as_ref().map(|f| f.kind);
            format!(
                "{:?} {:?} {:?} {} {} {fault:?} {}",
                end.outcome, end.reason, end.because, end.attempts, end.changed, end.data
            )
        })
        .collect()
}

/// Tasks without the parts of them that have places of their own.
fn tasks<'b>(bundle: &'b Verified<'_>) -> impl Iterator<Item = u32> + 'b {
    (0..bundle.tasks().len() as u32).filter(|task| !bundle.is_part(*task))
}

fn each_task_ended_once(seed: u64, bundle: &Verified<'_>, ran: &Ran) {
    let mut finished = ran.finished.clone();
    finished.sort_unstable();
    let all: Vec<u32> = tasks(bundle).collect();
    assert_eq!(finished, all, "seed {seed}: tasks that ended");
}

#[test]
fn the_run_order_is_that_of_the_naive_model() {
    for_each_graph(0..3000, graphs::ALL, &|seed, nodes, bundle, declared| {
        let place = |(task, node): (usize, &usize)| match bundle.tasks()[task].flags {
            flags if flags & TASK_DRY != 0 => model::Place::Dry(*node),
            flags if flags & TASK_BEFORE != 0 => model::Place::Before(*node),
            _ => model::Place::Task(*node),
        };
        let actual: Vec<model::Place> = declared.iter().enumerate().map(place).collect();
        assert_eq!(Some(actual), model::order(nodes), "seed {seed}\n{}", graphs::text(nodes));
    });
}

#[test]
fn outcomes_are_those_of_the_naive_model() {
    for_each_graph(0..3000, graphs::ALL, &|seed, nodes, bundle, declared| {
        let predicted = model::outcomes(nodes);
        let ran = run(bundle, Mode::Apply, PolicyKind::Sequential, 1);
        each_task_ended_once(seed, bundle, &ran);
        for (task, end) in ran.ends.iter().enumerate() {
            let Some(end) = end else { continue };
            let actual = model::Predicted {
                outcome: end.outcome,
                reason: end.reason,
                attempts: end.attempts,
                changed: end.changed,
            };
            let wanted = predicted[declared[task]];
            assert_eq!(actual, wanted, "seed {seed}, {}\n{}", bundle.label(task as u32), graphs::text(nodes));
        }
        assert_eq!(ran.bad > 0, predicted.iter().any(|p| p.outcome.is_bad()), "seed {seed}: the verdict of the run");
    });
}

#[test]
fn outcomes_do_not_depend_on_the_policy() {
    for_each_graph(0..1500, graphs::UNSTOPPED, &|seed, nodes, bundle, _| {
        let first = essence(&run(bundle, Mode::Apply, POLICIES[0].0, POLICIES[0].1));
        for (policy, max) in POLICIES {
            let ran = run(bundle, Mode::Apply, *policy, *max);
            each_task_ended_once(seed, bundle, &ran);
            assert_eq!(essence(&ran), first, "seed {seed}, {policy:?} {max}\n{}", graphs::text(nodes));
            assert!(ran.started.windows(2).all(|w| w[0].1 <= w[1].1), "seed {seed}: time goes back");
        }
    });
}

/// No task starts before its targets have ended, and no more run beside each other than the limit admits. The last
/// moment of a listener is that of its reaction, which says nothing of its body.
#[test]
fn policies_keep_the_edges_and_the_limit() {
    for_each_graph(5000..7500, graphs::UNSTOPPED, &|seed, nodes, bundle, _| {
        if nodes.iter().any(|node| has(node, Keyword::Listen)) {
            return;
        }
        let lanes = States::new(bundle);
        for (policy, max) in POLICIES {
            let ran = run(bundle, Mode::Apply, *policy, *max);
            let started = |task: u32| ran.started.iter().find(|(t, _)| *t == task).expect("it started").1;
            let ended = |task: u32| ran.ends[task as usize].as_ref().expect("it ended").ended;
            for task in tasks(bundle) {
                let edges = bundle.task_edges(&bundle.tasks()[task as usize]);
                for (_, target) in edges.filter(|(_, target)| !bundle.is_part(*target)) {
                    let early = started(task) < ended(target);
                    assert!(!early, "seed {seed}, {policy:?} {max}: {task} before {target}\n{}", graphs::text(nodes));
                }
            }
            let limit = if *policy == PolicyKind::Sequential { 1 } else { *max + 1 };
            for (_, moment) in &ran.started {
                let beside = || tasks(bundle).filter(|t| started(*t) <= *moment && *moment < ended(*t));
                // Tasks of queues are not counted: so many of a queue run at a time as it says.
                let (queued, others): (Vec<u32>, Vec<u32>) = beside().partition(|t| is_queued(bundle, *t));
                for task in &queued {
                    let (lane, most) = lanes.lane(*task);
                    let same = queued.iter().filter(|other| lanes.lane(**other).0 == lane).count();
                    assert!(same as u32 <= most, "seed {seed}, {policy:?} {max}\n{}", graphs::text(nodes));
                }
                assert!(others.len() as u32 <= limit, "seed {seed}, {policy:?} {max}\n{}", graphs::text(nodes));
            }
        }
    });
}

fn is_queued(bundle: &Verified<'_>, task: u32) -> bool {
    bundle.tasks()[task as usize].mode == ExecMode::Queue as u8
}

/// Of the calls of concurrent tasks one is under way at a time, whatever is answered first, and every one is made. Once
/// the run is broken off, those that wait are not.
#[test]
fn calls_of_concurrent_tasks_never_overlap() {
    let task =
        |n: u32| format!("t{n}: {{ipcmm.run.cmd: {{args: {{argv: [a]}}}}, modeofexec: concurrent, loop_in: 1..3}}\n");
    let text: String = (0..5).map(task).collect();
    let bytes = build_text(&text).bundle.expect("it builds");
    let bundle = verify(&bytes, &Stdlib).expect("it is whole");
    let host = FakeHost::default();
    for (max, stop) in [(1, 100), (3, 100), (8, 100), (8, 4)] {
        let mut observer = Ran { ends: vec![None; bundle.tasks().len()], ..Ran::default() };
        let options = RunOptions { mode: Mode::Apply, policy: PolicyKind::AsWritten, max_parallel: max, seed: 1 };
        let mut run = Run::new(&bundle, &host, &mut observer, options);
        let (mut now, mut calls) = (0, 0);
        let mut open: Option<u32> = None;
        let mut next = run.next(now);
        loop {
            match next.take().or_else(|| run.next(now)) {
                Some(Action::Call(task, _)) => {
                    assert_eq!(open.replace(task), None, "two calls at once");
                    calls += 1;
                    if calls == stop {
                        run.stop();
                    }
                }
                Some(other) => panic!("nobody asks for {other:?}"),
                None => {
                    let Some(task) = open.take() else { break };
                    now += 1;
                    next = run.answer(task, Input::Reply(Reply::unchanged(Value::Null)), now);
                }
            }
        }
        assert!(run.is_over());
        assert_eq!(calls, stop.min(15));
    }
}

fn has(node: &Node, keyword: Keyword) -> bool {
    node.edges.iter().any(|(k, _)| *k == keyword)
}

/// With `stoponfail` policies differ in what is still reached, and in nothing else: a task that was reached has the
/// outcome it has without the keyword (a listener may miss changes that were not reached); one that was not is behind a
/// stop; what starts after it handles a failure, closes work, or is a second phase; and only such a task has a target
/// that was not reached, unless it was not reached itself.
#[test]
fn a_stop_takes_away_and_changes_nothing() {
    use EdgeKind::{OnFail, Own, PostReq, RunAround};
    for_each_graph(0..1500, graphs::ALL, &|seed, nodes, bundle, declared| {
        let free: Vec<Node> = nodes.iter().cloned().map(|node| Node { stops: false, ..node }).collect();
        let unstopped = model::outcomes(&free);
        for (policy, max) in POLICIES {
            let ran = run(bundle, Mode::Apply, *policy, *max);
            each_task_ended_once(seed, bundle, &ran);
            let end = |task: u32| ran.ends[task as usize].as_ref().expect("every task ends");
            let stop = tasks(bundle)
                .filter(|task| nodes[declared[*task as usize]].stops && end(*task).outcome.is_bad())
                .map(|task| end(task).ended)
                .min();
            for task in tasks(bundle) {
                let (this, row) = (end(task), &bundle.tasks()[task as usize]);
                let context = || format!("seed {seed}, {policy:?} {max}, task {task}\n{}", graphs::text(nodes));
                if this.outcome == Outcome::NotReached {
                    assert!(stop.is_some(), "not reached without a stop: {}", context());
                    continue;
                }
                let node = &nodes[declared[task as usize]];
                if !has(node, Keyword::Listen) {
                    assert_eq!(this.outcome, unstopped[declared[task as usize]].outcome, "{}", context());
                }
                let exempt = |kind| matches!(kind, Some(OnFail | PostReq | RunAround | Own));
                let started = ran.started.iter().find(|(t, _)| *t == task).map(|(_, at)| *at);
                if started > stop && stop.is_some() {
                    assert!(
                        bundle.task_edges(row).any(|(kind, _)| exempt(kind)),
                        "a start after the stop: {}",
                        context()
                    );
                }
                // What its own dry run or first phase came to is its end, whatever else was not reached.
                if this.outcome.is_bad() && bundle.task_edges(row).any(|(kind, _)| kind == Some(Own)) {
                    continue;
                }
                for (_, target) in bundle.task_edges(row).filter(|(k, t)| !exempt(*k) && !bundle.is_part(*t)) {
                    assert_ne!(end(target).outcome, Outcome::NotReached, "{}", context());
                }
            }
            if stop.is_none() {
                assert!(ran.ends.iter().flatten().all(|e| e.outcome != Outcome::NotReached), "seed {seed}");
            }
        }
    });
}

/// No reaction is lost: after a run a listener whose target changed has reacted, unless it went wrong or its conditions
/// hold it back; and nobody reacts for nothing.
#[test]
fn reactions_are_neither_lost_nor_made_up() {
    let delivered = std::cell::Cell::new(0);
    for_each_graph(0..600, graphs::UNSTOPPED, &|seed, nodes, bundle, declared| {
        for (policy, max) in POLICIES {
            let ran = run(bundle, Mode::Apply, *policy, *max);
            let by_node = |node: usize| {
                let task = tasks(bundle).find(|task| declared[*task as usize] == node).expect("a task");
                ran.ends[task as usize].as_ref().expect("every task ends")
            };
            for (i, node) in nodes.iter().enumerate() {
                let end = by_node(i);
                let context = || format!("seed {seed}, {policy:?} {max}, t{i}\n{}", graphs::text(nodes));
                let listens = node.edges.iter().filter(|(k, _)| *k == Keyword::Listen).map(|(_, t)| *t);
                // What changed only by a reaction of its own after the last task queues nothing.
                let sure =
                    |t: usize| by_node(t).outcome == Outcome::Changed && by_node(t).reason != Reason::ListenFired;
                let maybe = |t: usize| by_node(t).changed;
                let plain = node.when.is_none() && node.onlyif.is_none() && node.items.is_none();
                let reacted = matches!(end.reason, Reason::ListenFired | Reason::WatchFired);
                if plain && !end.outcome.is_bad() && listens.clone().any(sure) {
                    assert!(reacted, "a reaction is lost: {}", context());
                    delivered.set(delivered.get() + 1);
                }
                if end.reason == Reason::ListenFired {
                    assert!(listens.clone().any(maybe), "a reaction is made up: {}", context());
                }
            }
        }
    });
    assert!(delivered.get() > 100, "too few reactions: {}", delivered.get());
}

/// Counts what is asked of it.
#[derive(Default)]
struct Counting {
    host: FakeHost,
    /// Reactions that were begun, by task.
    reactions: Mutex<HashMap<u32, u32>>,
}

impl Host for Counting {
    fn call(&self, call: &Call, cancel: &Cancel) -> Reply {
        // A dry run of it asks, and makes none.
        if call.phase == Phase::Reaction && call.mode == Mode::Apply && call.attempt == 1 {
            *self.reactions.lock().expect("no panic").entry(call.task).or_default() += 1;
        }
        self.host.call(call, cancel)
    }

    fn probe(&self, function: Function, args: &[Value]) -> Result<Value, Fault> {
        self.host.probe(function, args)
    }

    fn fact(&self, path: &str) -> Result<Value, Fault> {
        self.host.fact(path)
    }
}

/// No reaction is made twice: one by `watch`, and one by `listen` if something changed after that.
#[test]
fn reactions_are_not_doubled() {
    let seen = std::cell::Cell::new(0);
    for_each_graph(0..800, graphs::UNSTOPPED, &|seed, nodes, _, declared| {
        // Commands say what the host is asked for: of a task that is ok nothing changed, of another something.
        let mut text = String::new();
        for line in graphs::text(nodes).lines() {
            match line.trim_start().strip_prefix("ipcmm.nop:") {
                Some(rest) => {
                    let word = if rest.contains("outcome: changed") { "changed" } else { "same" };
                    text.push_str(&format!("  ipcmm.run.cmd: {{args: {{argv: [{word}]}}}}\n"));
                }
                None => text.push_str(&format!("{line}\n")),
            }
        }
        let bytes = build_text(&text).bundle.unwrap_or_else(|| panic!("it does not build:\n{text}"));
        let bundle = verify(&bytes, &Stdlib).expect("it verifies");
        for (policy, max_parallel) in POLICIES {
            let script = "call ipcmm.run.cmd body argv[0]='same' -> ok";
            let host = Counting { host: FakeHost::new(script), ..Counting::default() };
            run_verified(
                &bundle,
                &host,
                RunSpec { mode: Mode::Apply, policy: *policy, max_parallel: *max_parallel, seed: 7 },
            );
            for (task, times) in host.reactions.lock().expect("no panic").iter() {
                let node = &nodes[declared[*task as usize]];
                if node.items.is_some() || node.rounds.is_some() {
                    continue;
                }
                let most = u32::from(has(node, Keyword::Watch)) + u32::from(has(node, Keyword::Listen));
                assert!(
                    *times <= most,
                    "seed {seed}, {policy:?} {max_parallel}: t{} reacts {times} times",
                    declared[*task as usize]
                );
                seen.set(seen.get() + times);
            }
        }
    });
    assert!(seen.get() > 300, "too few reactions: {}", seen.get());
}

/// A dry run predicts, for bodies that tell the truth, exactly what a run then does.
#[test]
fn a_run_does_what_its_dry_run_said() {
    for_each_graph(0..2000, graphs::PREDICTABLE, &|seed, nodes, bundle, _| {
        let dry = run(bundle, Mode::Check, PolicyKind::Parallel, 8);
        let wet = run(bundle, Mode::Apply, PolicyKind::Sequential, 1);
        assert_eq!(dry.time, 0, "seed {seed}: a dry run waits");
        for (task, (dry, wet)) in dry.ends.iter().zip(&wet.ends).enumerate() {
            let (Some(dry), Some(wet)) = (dry, wet) else { continue };
            let predicted = match wet.outcome {
                Outcome::Changed => Outcome::WouldChange,
                other => other,
            };
            assert_eq!(dry.outcome, predicted, "seed {seed}, task {task}\n{}", graphs::text(nodes));
            assert_eq!((dry.reason, dry.because), (wet.reason, wet.because), "seed {seed}, task {task}");
        }
    });
}

/// The random parts of a run come from its seed: every value of a splay occurs, and none beyond it.
#[test]
fn splay_is_within_its_bounds_and_reaches_both() {
    let text = "a: {ipcmm.nop: {args: {outcome: failed}}, retry: {attempts: 2, interval: 10s, splay: 3s}}\n";
    let bytes = build_text(text).bundle.expect("it builds");
    let bundle = verify(&bytes, &Stdlib).expect("it verifies");
    let mut seen = std::collections::BTreeSet::new();
    for seed in 0..200 {
        let spec = RunSpec { seed, ..RunSpec::default() };
        let time = run_verified(&bundle, &FakeHost::default(), spec).time;
        assert_eq!(time, run_verified(&bundle, &FakeHost::default(), spec).time, "seed {seed}");
        seen.insert(time / 1_000_000_000);
    }
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), [10, 11, 12, 13]);
}

/// The same text with `c/` before every label.
fn prefixed(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut before = ' ';
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c == 't' && !before.is_alphanumeric() && chars.peek().is_some_and(char::is_ascii_digit) {
            out.push_str("c/");
        }
        out.push(c);
        before = c;
    }
    out
}

#[test]
fn a_call_is_the_procedure_written_in_its_place() {
    for seed in 0..300 {
        let tasks = graphs::text(&graphs::random(seed, graphs::ALL));
        let body: String = tasks.lines().map(|line| format!("        {line}\n")).collect();
        let body = body.replace("args: {", "args: {comment: '${say} ${1 + n}', ");
        let declare = "declare: {in: {say: str, n: {type: int, default: 2}}}";
        let called = format!(
            "first: {{ipcmm.nop: }}\ndefine:\n  proc:\n    p:\n      {declare}\n      do:\n{body}\
             c:\n  ipcmm.call: {{args: {{callee: p, args: {{say: hi}}}}}}\n  stoponfail: true\nlast: {{ipcmm.nop: }}\n"
        );
        let mut written = prefixed(&tasks).replace("args: {", "args: {comment: 'hi 3', ");
        written =
            written.replace("  stoponfail: true\n", "").replace("  ipcmm.nop:", "  stoponfail: true\n  ipcmm.nop:");
        let written = format!("first: {{ipcmm.nop: }}\n{written}last: {{ipcmm.nop: }}\n");
        let (one, other) = (build_text(&called), build_text(&written));
        assert!(one.bundle.is_some(), "seed {seed} does not build:\n{called}");
        assert!(one.bundle == other.bundle, "seed {seed}: the bundles differ:\n{called}\n{written}");
    }
}

/// A signal starts nothing any more: neither handlers nor queued reactions; the listener says what it missed.
#[test]
fn a_run_that_is_broken_off_delivers_nothing() {
    let text = "a: {ipcmm.nop: {args: {outcome: changed}}}\n\
                service: {ipcmm.nop: , listen: a}\n\
                slow: {ipcmm.nop: {args: {for: 5s}}}\n\
                handler: {ipcmm.nop: , onfail: slow}\n";
    let bytes = build_text(text).bundle.expect("it builds");
    let bundle = verify(&bytes, &Stdlib).expect("it verifies");
    let host = FakeHost::default();
    let mut ran = Ran { ends: vec![None; 4], ..Ran::default() };
    {
        let options = RunOptions { mode: Mode::Apply, policy: PolicyKind::Sequential, max_parallel: 1, seed: 1 };
        let mut run = Run::new(&bundle, &host, &mut ran, options);
        let Some(Action::Sleep(task, _)) = run.next(0) else { panic!("`slow` takes its time") };
        run.stop();
        assert!(run.next(1).is_none() && !run.is_over());
        assert!(run.answer(task, Input::Cancelled, 1).is_none());
        assert!(run.next(1).is_none() && run.is_over());
    }
    each_task_ended_once(0, &bundle, &ran);
    let end = |task: usize| ran.ends[task].as_ref().expect("every task ends");
    assert_eq!((end(1).outcome, end(1).reason), (Outcome::Ok, Reason::Ran));
    assert_eq!(end(1).comment, "its reaction to a change of `a` is still owed: the run was broken off");
    assert_eq!(end(3).outcome, Outcome::NotReached);
}
