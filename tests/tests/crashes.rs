//! Crash and resume equal no crash: runs of random graphs are given up after so many things have happened, and gone on
//! with from what their journal says.
//!
//! The journal is written and read as on a node, only in memory. Start reading at [`Line`].

use ipcmm_bytecode::FaultKind;
use ipcmm_bytecode::bundle::Bundle;
use ipcmm_runtime::journal::recover::{Recovered, Want, recover};
use ipcmm_runtime::journal::{Header, Journal, Memory, OwedName, opening};
use ipcmm_stdlib::Stdlib;
use ipcmm_tests::fake::FakeHost;
use ipcmm_tests::graphs::{self, Node};
use ipcmm_tests::runner::{Ran, build_text};
use ipcmm_vm::observe::{Both, Observer};
use ipcmm_vm::{
    Action, Before, Cancel, Host, Input, Mode, Outcome, Owed, PolicyKind, Reason, Run, RunOptions, Tie, Verified,
    verify,
};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, VecDeque};

const POLICIES: &[(PolicyKind, u32)] =
    &[(PolicyKind::Sequential, 1), (PolicyKind::AsWritten, 3), (PolicyKind::Parallel, 1), (PolicyKind::Parallel, 8)];

/// The runs of a bundle on one node, one after the other.
struct Line<'b> {
    bundle: &'b Verified<'b>,
    options: RunOptions,
    journal: Memory,
}

/// What is told of one process of a run.
struct Told {
    ran: Ran,
    /// It came to its end.
    over: bool,
    restored: Vec<u32>,
}

struct Restored<'r>(&'r mut Vec<u32>);

impl Observer for Restored<'_> {
    fn task_restored(&mut self, task: u32) {
        self.0.push(task);
    }
}

impl<'b> Line<'b> {
    fn new(bundle: &'b Verified<'b>, policy: PolicyKind, max_parallel: u32) -> Line<'b> {
        let options = RunOptions { mode: Mode::Apply, policy, max_parallel, seed: 7 };
        Line { bundle, options, journal: Memory::default() }
    }

    fn bytes(&self) -> Vec<u8> {
        self.journal.0.lock().expect("no panic while locked").clone()
    }

    /// A new run, after what another line's journal left.
    fn begin(&mut self, last: Option<&Recovered>) -> (Before, Journal) {
        let (owed, touched) = last.map(|last| inherited(self.bundle, last)).unwrap_or_default();
        let tasks = self.bundle.tasks().len() as u32;
        let header = Header { line: "case".to_owned(), root: self.bundle.root(), tasks, ..Header::default() };
        let (bytes, chain) = opening(&header, &owed, &touched);
        self.journal = Memory::default();
        self.journal.0.lock().expect("no panic while locked").extend(&bytes);
        let asked = owed.iter().map(|(task, _)| *task);
        let journal = Journal::new(self.bundle, Box::new(self.journal.clone()), (bytes.len() as u64, chain), asked);
        let owed = owed.iter().map(|(task, name)| Owed { task: *task, tie: name.tie, target: None }).collect();
        (Before { owed, touched: touched.iter().map(|(task, _)| *task).collect(), ..Before::default() }, journal)
    }

    /// The same run by another process.
    fn resume(&mut self) -> (Before, Journal, u64) {
        let bytes = self.bytes();
        let Some(found) = recover(&bytes, Want::All).expect("a whole journal") else {
            let (before, journal) = self.begin(None);
            return (before, journal, 0);
        };
        let end = found.end.expect("it was read");
        self.journal.0.lock().expect("no panic while locked").truncate(end.0 as usize);
        let latest = found.latest;
        let before = found.before();
        let asked: Vec<u32> = before.owed.iter().map(|owed| owed.task).collect();
        let journal = Journal::new(self.bundle, Box::new(self.journal.clone()), end, asked);
        journal.went_on(1, 0);
        (before, journal, latest)
    }

    /// Runs until the end, or until so many things were done; then everything the process knew is lost.
    fn process(&self, before: Before, mut journal: Journal, from: u64, steps: usize) -> Told {
        let host = FakeHost::default();
        let mut ran = Ran { ends: vec![None; self.bundle.tasks().len()], ..Ran::default() };
        let mut restored = Vec::new();
        let over = {
            let mut marks = Restored(&mut restored);
            let mut ears = Both(&mut ran, &mut marks);
            let mut both = Both(&mut ears, &mut journal);
            let mut run = Run::new(self.bundle, &host, &mut both, self.options).after(before);
            drive(&mut run, &host, from, steps) && run.is_over()
        };
        if over {
            journal.over(false, 0, &[]);
        }
        Told { ran, over, restored }
    }
}

/// Reactions that are owed, and tasks that were begun.
type Inherited = (Vec<(u32, OwedName)>, Vec<(u32, String)>);

fn inherited(bundle: &Bundle<'_>, last: &Recovered) -> Inherited {
    let tasks = (0..bundle.tasks().len() as u32).filter(|task| !bundle.is_part(*task));
    let by_label: HashMap<&str, u32> = tasks.map(|task| (bundle.label(task), task)).collect();
    let owed = last.owed().map(|name| (by_label[name.label.as_str()], name.clone())).collect();
    let touched = last.touched.values().map(|label| (by_label[label.as_str()], label.clone())).collect();
    (owed, touched)
}

/// As the virtual clock, but for so many steps at most. Whether there was nothing left to do.
fn drive(run: &mut Run<'_>, host: &dyn Host, from: u64, mut steps: usize) -> bool {
    let (mut now, mut order) = (from, 0u64);
    let mut sleepers: BinaryHeap<Reverse<(u64, u64, u32)>> = BinaryHeap::new();
    let mut todo: VecDeque<Action> = VecDeque::new();
    loop {
        while let Some(action) = todo.pop_front().or_else(|| run.next(now)) {
            if steps == 0 {
                return false;
            }
            steps -= 1;
            todo.extend(match action {
                Action::Call(task, call) => run.answer(task, Input::Reply(host.call(&call, &Cancel::default())), now),
                Action::Probe(task, function, args) => run.answer(task, Input::Probe(host.probe(function, &args)), now),
                Action::Sleep(task, nanos) => {
                    order += 1;
                    sleepers.push(Reverse((now.saturating_add(nanos), order, task)));
                    None
                }
            });
        }
        let Some(Reverse((time, _, task))) = sleepers.pop() else { return true };
        if steps == 0 {
            return false;
        }
        steps -= 1;
        now = time;
        todo.extend(run.answer(task, Input::Woke, now));
    }
}

/// Everything of the ends but times.
fn essence(ran: &Ran) -> Vec<String> {
    let line = |end: &ipcmm_vm::TaskEnd| {
        let fault = end.fault.as_ref().map(|f| f.kind);
        let (outcome, reason, because) = (end.outcome, end.reason, end.because);
        format!("{outcome:?} {reason:?} {because:?} {} {} {fault:?} {}", end.attempts, end.changed, end.data)
    };
    ran.ends.iter().map(|end| end.as_ref().map_or_else(String::new, line)).collect()
}

/// What is tried on a graph: its seed, its nodes and its bundle.
type Law<'l> = &'l dyn Fn(u64, &[Node], &Verified<'_>);

fn for_each_graph(seeds: std::ops::Range<u64>, features: graphs::Features, law: Law<'_>) {
    for seed in seeds {
        let nodes = graphs::random(seed, features);
        let bytes = build_text(&graphs::text(&nodes)).bundle.expect("a random graph builds");
        law(seed, &nodes, &verify(&bytes, &Stdlib).expect("it is whole"));
    }
}

/// Gives the run up after `steps`, and again and again after as many, until it is over.
fn crashing(line: &mut Line<'_>, steps: usize) -> (Told, u32) {
    let (mut before, mut journal) = line.begin(None);
    let (mut from, mut crashes) = (0, 0);
    loop {
        // A process that is given less than one task needs would never come to an end.
        let told = line.process(before, journal, from, steps + crashes as usize);
        if told.over {
            return (told, crashes);
        }
        crashes += 1;
        (before, journal, from) = line.resume();
    }
}

#[test]
fn crash_and_resume_equal_no_crash() {
    let crashed = std::cell::Cell::new(0);
    for_each_graph(0..250, graphs::UNSTOPPED, &|seed, nodes, bundle| {
        for (policy, max) in POLICIES {
            let mut line = Line::new(bundle, *policy, *max);
            let (before, journal) = line.begin(None);
            let whole = essence(&line.process(before, journal, 0, usize::MAX).ran);
            for steps in [0, 1, 2, 3, 5, 8, 13] {
                let (told, crashes) = crashing(&mut line, steps);
                crashed.set(crashed.get() + crashes);
                let context = || format!("seed {seed}, {policy:?} {max}, {steps} steps\n{}", graphs::text(nodes));
                assert_eq!(essence(&told.ran), whole, "{}", context());
                let left = recover(&line.bytes(), Want::Owed).expect("a whole journal").expect("a run");
                assert_eq!(left.owed().count(), 0, "a reaction is owed after the end: {}", context());
                assert!(left.touched.is_empty() && !left.is_unfinished(), "{}", context());
            }
        }
    });
    assert!(crashed.get() > 5000, "too few crashes: {}", crashed.get());
}

/// With `stoponfail`, and one task at a time.
#[test]
fn a_stop_is_kept_over_a_crash() {
    for_each_graph(0..600, graphs::ALL, &|seed, nodes, bundle| {
        let mut line = Line::new(bundle, PolicyKind::Sequential, 1);
        let (before, journal) = line.begin(None);
        let whole = essence(&line.process(before, journal, 0, usize::MAX).ran);
        for steps in [0, 1, 3, 7] {
            let (told, _) = crashing(&mut line, steps);
            assert_eq!(essence(&told.ran), whole, "seed {seed}, {steps} steps\n{}", graphs::text(nodes));
        }
    });
}

/// A task whose end stands is not started again, and one that was not reached is never restored.
#[test]
fn what_has_its_end_is_not_done_again() {
    for_each_graph(300..500, graphs::UNSTOPPED, &|seed, _, bundle| {
        let mut line = Line::new(bundle, PolicyKind::Parallel, 4);
        let (before, journal) = line.begin(None);
        line.process(before, journal, 0, 6);
        let (before, journal, from) = line.resume();
        let standing: Vec<u32> = before.ends.keys().copied().collect();
        let told = line.process(before, journal, from, usize::MAX);
        assert!(told.over, "seed {seed}");
        for (task, _) in &told.ran.started {
            assert!(!standing.contains(task), "seed {seed}: {task} is started again");
        }
        for task in &told.restored {
            let end = told.ran.ends[*task as usize].as_ref().expect("it was told of");
            assert!(standing.contains(task) && end.outcome != Outcome::NotReached, "seed {seed}: {task}");
        }
    });
}

/// A run that died is not resumed, and the next one begins anew: whoever was to react to a change of the first reacts in
/// the second, unless it is held back, and owes nothing after it.
#[test]
fn the_next_run_carries_out_what_is_owed() {
    let (carried, gone) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
    for_each_graph(0..500, graphs::UNSTOPPED, &|seed, nodes, bundle| {
        for steps in [2, 4, 7, 11] {
            let mut line = Line::new(bundle, PolicyKind::AsWritten, 2);
            let (before, journal) = line.begin(None);
            let first = line.process(before, journal, 0, steps);
            let last = recover(&line.bytes(), Want::Owed).expect("a whole journal").expect("it began");
            let (before, journal) = line.begin(Some(&last));
            let asked = before.owed.clone();
            let second = line.process(before, journal, 0, usize::MAX);
            assert!(second.over);
            for owed in &asked {
                assert!(!first.over, "seed {seed}: a run that came to its end owes {owed:?}");
                let end = second.ran.ends[owed.task as usize].as_ref().expect("every task ends");
                let reacted = matches!(end.reason, Reason::WatchFired | Reason::ListenFired | Reason::Ran);
                let held_back = !matches!(end.outcome, Outcome::Ok | Outcome::Changed);
                assert!(reacted || held_back, "seed {seed}, {steps}: {owed:?} {end:?}\n{}", graphs::text(nodes));
                carried.set(carried.get() + u32::from(reacted));
            }
            let left = recover(&line.bytes(), Want::Owed).expect("a whole journal").expect("a run");
            assert_eq!(left.owed().count(), 0, "seed {seed}, {steps}\n{}", graphs::text(nodes));
            gone.set(gone.get() + asked.len());
        }
    });
    assert!(carried.get() > 80 && gone.get() > 150, "too few: {} of {}", carried.get(), gone.get());
}

/// The reader of journals trusts nothing: whatever byte is altered, it says so, and whatever is missing at the end is
/// cut, as after a crash.
#[test]
fn no_altered_byte_is_trusted() {
    let text = "a: {ipcmm.nop: {args: {outcome: changed}}}\nb: {ipcmm.nop: {args: {outcome: failed}}, watch: a}\n\
                c: {ipcmm.nop: , listen: a}\nd: {ipcmm.nop: {args: {comment: '${results.a.outcome}'}}, runafter: a}\n";
    let bytes = build_text(text).bundle.expect("it builds");
    let bundle = verify(&bytes, &Stdlib).expect("it is whole");
    let mut line = Line::new(&bundle, PolicyKind::Sequential, 1);
    let (before, journal) = line.begin(None);
    assert!(line.process(before, journal, 0, usize::MAX).over);
    let whole = line.bytes();
    let good = recover(&whole, Want::All).expect("whole").expect("a run");
    assert_eq!((good.ended_tasks(), good.torn), (4, 0));
    let mut later = whole.clone();
    later[8] = 2;
    assert_eq!(recover(&later, Want::All).expect_err("a later version").kind, FaultKind::UnknownJournal);
    for at in 0..whole.len() {
        for bit in 0..8 {
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << bit;
            for want in [Want::All, Want::Owed] {
                let found = recover(&bytes, want);
                assert!(found.is_err(), "byte {at}, bit {bit}: {found:?}");
            }
        }
    }
    for length in 0..whole.len() {
        let found = recover(&whole[..length], Want::All).unwrap_or_else(|fault| panic!("{length} bytes: {fault}"));
        let (ended, end) = found.map_or((0, 0), |found| (found.ended_tasks(), found.end.expect("it was read").0));
        assert!(ended <= 4 && end <= length as u64);
        // After a loss of power the rest may be there as zeros.
        let mut zeros = whole[..length].to_vec();
        zeros.resize(whole.len() + 64, 0);
        assert!(recover(&zeros, Want::All).is_ok(), "{length} bytes and zeros");
    }
    let mut rng = graphs::Rng::new(1);
    for _ in 0..20_000 {
        let damaged = ipcmm_tests::chaos::damaged(&mut rng, &whole, &[]);
        if let Ok(Some(found)) = recover(&damaged, Want::All) {
            let end = found.end.expect("it was read").0 as usize;
            assert_eq!(damaged[..end], whole[..end], "something else than the beginning was trusted");
        }
    }
}

/// What earlier runs left, given which task a label is.
type Left<'l> = &'l dyn Fn(&dyn Fn(&str) -> u32) -> Before;

/// Runs a module after what is said of earlier runs, and gives the outcomes and reasons by label.
fn after(text: &str, before: Left<'_>) -> HashMap<String, (Outcome, Reason, String)> {
    let bytes = build_text(text).bundle.expect("it builds");
    let bundle = verify(&bytes, &Stdlib).expect("it is whole");
    let by_label = |label: &str| {
        let tasks = (0..bundle.tasks().len() as u32).filter(|task| !bundle.is_part(*task));
        tasks.into_iter().find(|task| bundle.label(*task) == label).expect("a task")
    };
    let mut line = Line::new(&bundle, PolicyKind::AsWritten, 2);
    let (_, journal) = line.begin(None);
    let told = line.process(before(&by_label), journal, 0, usize::MAX);
    assert!(told.over);
    let ends = told.ran.ends.iter().enumerate().filter_map(|(task, end)| Some((task, end.as_ref()?)));
    ends.map(|(task, end)| (bundle.label(task as u32).to_owned(), (end.outcome, end.reason, end.comment.clone())))
        .collect()
}

const OWING: &str = "a: {ipcmm.nop: }\nz: {ipcmm.nop: }\n\
                     w: {ipcmm.nop: {args: {reaction: changed}}, watch: a}\n\
                     o: {ipcmm.nop: {args: {outcome: changed}}, onchange: a}\n\
                     l: {ipcmm.nop: {args: {reaction: changed}}, listen: a}\n\
                     f: {ipcmm.nop: {args: {reaction: failed}}, listen: a}\n\
                     r: {ipcmm.nop: {args: {comment: '${results.z.outcome}', reaction: changed}}, listen: a, runafter: z}\n";

#[test]
fn each_keyword_gets_what_it_is_owed() {
    use Outcome::{Changed, Failed, Ok, Skipped};
    let of = |ends: &HashMap<String, (Outcome, Reason, String)>, label: &str| (ends[label].0, ends[label].1);
    let quiet = after(OWING, &|_| Before::default());
    let each =
        [("w", Ok, Reason::Ran), ("o", Skipped, Reason::TriggerUnmet), ("l", Ok, Reason::Ran), ("r", Ok, Reason::Ran)];
    for (label, outcome, reason) in each {
        assert_eq!(of(&quiet, label), (outcome, reason), "{label}");
    }
    let owing = after(OWING, &|task| {
        let owed = |label: &str, tie| Owed { task: task(label), tie, target: Some(task("a")) };
        let listeners = ["l", "f", "r"].map(|label| owed(label, Tie::Listen));
        let all = [owed("w", Tie::Watch), owed("o", Tie::OnChange)].into_iter().chain(listeners);
        Before { owed: all.collect(), ..Before::default() }
    });
    // The last one reads a result, so it cannot react before all others.
    let each = [
        ("w", Changed, Reason::WatchFired),
        ("o", Changed, Reason::Ran),
        ("l", Changed, Reason::ListenFired),
        ("f", Failed, Reason::ListenFired),
        ("r", Changed, Reason::ListenFired),
    ];
    for (label, outcome, reason) in each {
        assert_eq!(of(&owing, label), (outcome, reason), "{label}: {owing:?}");
    }
}

/// What was begun and has nothing left to do has changed all the same; so whoever hangs on it is told.
#[test]
fn what_was_begun_counts_as_changed() {
    for (how, begun) in
        [("a: {ipcmm.nop: }\n", true), ("a: {ipcmm.nop: , unless: 'true'}\n", true), ("a: {ipcmm.nop: }\n", false)]
    {
        let ends = after(&OWING.replace("a: {ipcmm.nop: }\n", how), &|task| Before {
            touched: begun.then(|| task("a")).into_iter().collect(),
            ..Before::default()
        });
        let changed = ends["a"].0 == Outcome::Changed && ends["a"].2.contains("changed before the run was interrupted");
        assert_eq!(changed, begun, "{how}: {ends:?}");
        assert_eq!(ends["w"].1 == Reason::WatchFired, begun, "{how}");
        assert_eq!(ends["o"].0 == Outcome::Changed, begun, "{how}");
        assert_eq!(ends["l"].1 == Reason::ListenFired, begun, "{how}");
    }
}
