//! What a plan owes to who reads it: an apply from the same state does nothing that the plan had not named, and what the
//! plan says will change does, unless something fails. Tried on random modules over a pretended node with files, and on
//! random graphs with every keyword. A failure prints the seed and the smallest module that still breaks the law.

use ipcmm_runtime::host::SystemHost;
use ipcmm_runtime::system::fake::{Fake, Node as File};
use ipcmm_stdlib::Stdlib;
use ipcmm_tests::fake::FakeHost;
use ipcmm_tests::graphs::{self, Rng};
use ipcmm_tests::runner::{Ran, RunSpec, build_text, run_verified};
use ipcmm_tests::shrink;
use ipcmm_vm::host::{Call, Cancel, Change, ChangeKind, Host, Phase, Reply, UNKNOWN_OBJECT};
use ipcmm_vm::{Forecast, Mode, Outcome, PolicyKind, TaskEnd, Verified, verify};
use std::cell::Cell;
use std::sync::Mutex;

/// Whether a plan's end of a task names a change.
fn names(plan: &TaskEnd, change: &Change) -> bool {
    plan.changes.iter().any(|named| {
        let whole = named.property.is_empty() || matches!(named.kind, ChangeKind::Create | ChangeKind::Remove);
        let below = change.object.strip_prefix(&named.object).is_some_and(|rest| rest.starts_with('/'));
        match named.object.contains(UNKNOWN_OBJECT) {
            true => (named.kind == ChangeKind::Run) == (change.kind == ChangeKind::Run),
            false if named.object == change.object => whole || named.property == change.property,
            false => named.may && named.property.is_empty() && below,
        }
    })
}

/// An outcome of a run as a plan has it.
fn planned(outcome: Outcome) -> Outcome {
    if outcome == Outcome::Changed { Outcome::WouldChange } else { outcome }
}

/// What an apply did that its plan does not allow, in words. Nothing is held against what comes after a failure that was
/// not foreseen: the work it was planned to do is missing from then on.
fn broken(bundle: &Verified<'_>, plan: &Ran, apply: &Ran) -> Option<String> {
    // Tasks stand in the order in which they run here; listeners only tell of their end later.
    for task in 0..plan.ends.len() {
        let listens = bundle.listens().iter().any(|row| row.listener.get() as usize == task);
        let surprised = |task: usize| match (&plan.ends[task], &apply.ends[task]) {
            (Some(plan), Some(end)) => end.outcome == Outcome::Failed && !plan.possible.has(Outcome::Failed),
            _ => false,
        };
        let (Some(plan), Some(end)) = (&plan.ends[task], &apply.ends[task]) else { continue };
        let label = bundle.label(task as u32);
        let foreseen = plan.possible.has(planned(end.outcome));
        if let Some(change) = end.changes.iter().find(|change| !names(plan, change)) {
            return Some(format!(
                "{label}: {} {} ({}) was not named",
                change.kind.name(),
                change.object,
                change.property
            ));
        }
        // The first phase of a task may have failed before what it is around.
        if surprised(task) || !foreseen && end.because.is_some_and(|because| surprised(because as usize)) {
            return None;
        }
        // What a listener does hangs on what comes after it.
        if listens && (0..apply.ends.len()).any(surprised) {
            continue;
        }
        if !foreseen {
            let possible: Vec<&str> = plan.possible.iter().map(Outcome::name).collect();
            return Some(format!("{label} ended {}, and the plan says {}", end.outcome.name(), possible.join(" or ")));
        }
        let kept = match plan.forecast {
            Forecast::Will => end.changed || plan.outcome == Outcome::Failed,
            Forecast::Cannot => !end.changed || end.outcome == Outcome::WouldChange,
            Forecast::May => true,
        };
        if !kept {
            return Some(format!("{label} {} change, and changed: {}", plan.forecast.name(), end.changed));
        }
        let all =
            plan.changes.iter().filter(|c| plan.forecast == Forecast::Will && !c.may && c.kind != ChangeKind::Run);
        let missing = |named: &&Change| !end.changes.iter().any(|change| change.object == named.object);
        if end.outcome == Outcome::Changed
            && let Some(named) = all.into_iter().find(missing)
        {
            return Some(format!("{label} will {} {}, and did not", named.kind.name(), named.object));
        }
    }
    None
}

/// Modules over files, one line for each task, so that a module without some of its tasks is one, too.
fn module(seed: u64) -> Vec<String> {
    let rng = &mut Rng::new(seed);
    let paths = ["/a", "/a/b", "/a/b/c", "/f", "/g", "/a/l"];
    let mut lines = vec!["u: {ipcmm.run.cmd: {args: {argv: [u]}}, result: u}".to_owned()];
    let n = 1 + rng.below(7);
    for i in 0..n {
        let path = *rng.pick(&paths);
        let content = *rng.pick(&["x", "x\\ny", "${u.stdout}"]);
        let parents = rng.percent(60);
        let body = match rng.below(9) {
            0 | 1 => format!(
                "ipcmm.filesystem.file: {{args: {{path: {path}, content: \"{content}\\n\", parents: {parents}}}}}"
            ),
            2 => format!(
                "ipcmm.filesystem.dir: {{args: {{path: {path}, mode: \"07{}5\", parents: {parents}}}}}",
                5 + 2 * rng.below(2)
            ),
            3 => format!(
                "ipcmm.filesystem.link: {{args: {{path: {path}, to: {}, parents: {parents}, force: true}}}}",
                rng.pick(&paths)
            ),
            4 => format!(
                "ipcmm.filesystem.line: {{args: {{path: {path}, line: \"{}\", create: {parents}}}}}",
                rng.pick(&["x", "y", "${u.stdout}"])
            ),
            5 => format!("ipcmm.filesystem.absent: {{args: {{path: {path}, recurse: {}}}}}", rng.percent(70)),
            6 => format!(
                "ipcmm.filesystem.copy: {{args: {{source: {}, path: {path}, recurse: true, parents: {parents}}}}}",
                rng.pick(&paths)
            ),
            7 => format!(
                "ipcmm.run.cmd: {{args: {{argv: [c, \"{}\"], creates: {path}}}}}",
                rng.pick(&["x", "${u.stdout}"])
            ),
            _ => "ipcmm.filesystem.file: {args: {path: \"/a/${item}\", content: x}}, loop_in: [f, g]".to_owned(),
        };
        let mut keywords = String::new();
        let mut runafter = vec!["u".to_owned()];
        // Two that write one path must stand in an order.
        if i > 0 && rng.percent(97) {
            runafter.push(format!("t{}", i - 1));
        }
        for _ in 0..rng.below(3) {
            if i > 0 {
                let other = rng.below(i);
                let keyword = rng.pick(&[
                    "requires",
                    "depends_on",
                    "onchange",
                    "watch",
                    "listen",
                    "onfail",
                    "requires_none",
                    "runafter",
                    "onsuccess",
                ]);
                match *keyword {
                    "runafter" => runafter.push(format!("t{other}")),
                    keyword if !keywords.contains(&format!(" {keyword}:")) => {
                        keywords.push_str(&format!(", {keyword}: [t{other}]"));
                    }
                    _ => {}
                }
            }
        }
        let test = |rng: &mut Rng| match rng.below(5) {
            0 => "u.stdout == 'x'".to_owned(),
            1 => format!("u.stdout == 'x' and fs.exists('{}')", rng.pick(&paths)),
            2 => format!("u.stdout == 'x' or fs.exists('{}')", rng.pick(&paths)),
            3 => format!("not fs.is_dir('{}')", rng.pick(&paths)),
            _ => format!("fs.exists('{}')", rng.pick(&paths)),
        };
        for keyword in ["onlyif", "unless"] {
            if rng.percent(15) {
                let (one, other) = (test(rng), test(rng));
                keywords.push_str(&match rng.percent(50) {
                    true => format!(", {keyword}: [\"{one}\", \"{other}\"]"),
                    false => format!(", {keyword}: \"{one}\""),
                });
            }
        }
        if rng.percent(10) {
            keywords.push_str(&format!(", result: {{changed_if: \"{}\"}}", "u.stdout == 'x'"));
        }
        if rng.percent(10) {
            keywords.push_str(", retry: {attempts: 2, interval: 1s}");
        }
        lines.push(format!("t{i}: {{{body}, runafter: [{}]{keywords}}}", runafter.join(", ")));
    }
    lines
}

/// The node before: some of the paths are there.
fn node(seed: u64) -> Fake {
    let rng = &mut Rng::new(seed ^ 0xabcd);
    let fake = Fake::new();
    fake.put("/etc", File::dir(0o755));
    if rng.percent(50) {
        fake.put("/a", File::dir(0o755));
        if rng.percent(60) {
            fake.put("/a/b", File::dir(0o755));
        }
        if rng.percent(40) {
            fake.put("/a/b/c", File::file("x\n", 0o644));
        }
        if rng.percent(30) {
            fake.put("/a/l", File::link("/f"));
        }
    }
    for path in ["/f", "/g"] {
        if rng.percent(50) {
            fake.put(path, File::file(if rng.percent(50) { "x\n" } else { "x\ny\n" }, 0o644));
        }
    }
    fake.answer(&["u"], 0, if rng.percent(50) { "x" } else { "z" });
    for word in ["x", "z"] {
        fake.answer(&["c", word], 0, "");
    }
    fake
}

fn spec(mode: Mode) -> RunSpec {
    RunSpec { mode, policy: PolicyKind::Sequential, max_parallel: 1, seed: 3 }
}

/// How a module over files breaks the law.
fn files_break(seed: u64, lines: &[String]) -> Option<String> {
    let bytes = build_text(&(lines.join("\n") + "\n")).bundle?;
    let bundle = verify(&bytes, &Stdlib).expect("emitted bundles verify");
    let node = node(seed);
    let before = node.snapshot();
    let host = SystemHost::new(node.clone());
    let plan = run_verified(&bundle, &host, spec(Mode::Check));
    if node.snapshot() != before || !node.log().is_empty() {
        return Some("the plan itself changed something".into());
    }
    let apply = run_verified(&bundle, &host, spec(Mode::Apply));
    broken(&bundle, &plan, &apply).map(|why| format!("{why}\n{}", told(&bundle, &plan, &apply)))
}

/// Both runs, a line for each task.
fn told(bundle: &Verified<'_>, plan: &Ran, apply: &Ran) -> String {
    let line = |task: usize| {
        let (plan, end) = (plan.ends[task].as_ref()?, apply.ends[task].as_ref()?);
        let possible: Vec<&str> = plan.possible.iter().map(Outcome::name).collect();
        let label = bundle.label(task as u32);
        let fault = end.fault.as_ref().map_or(String::new(), |fault| format!(" ({fault})"));
        Some(format!(
            "# {label}: {} {}, and ended {}{fault}\n",
            plan.forecast.name(),
            possible.join("|"),
            end.outcome.name()
        ))
    };
    (0..plan.ends.len()).filter_map(line).collect()
}

#[test]
fn an_apply_does_what_its_plan_names_on_a_node_with_files() {
    let mut built = 0;
    for seed in 0..1500 {
        let lines = module(seed);
        built += u32::from(build_text(&(lines.join("\n") + "\n")).bundle.is_some());
        if let Some(why) = files_break(seed, &lines) {
            let (lines, why) = shrink::lines(lines, why, &|lines| files_break(seed, lines));
            panic!("seed {seed}: {why}\n{}", lines.join("\n"));
        }
    }
    assert!(built > 900, "too many modules do not build: {built}");
}

/// Graphs of nops, some of whose conditions hang on what a command says only when it has run.
#[test]
fn a_plan_allows_what_a_run_comes_to_whatever_is_found_out_until_then() {
    whatever_is_found_out(0..800);
}

/// The same on other graphs, beside it.
#[test]
fn a_plan_allows_what_a_run_comes_to_on_other_graphs() {
    whatever_is_found_out(1600..2400);
}

fn whatever_is_found_out(seeds: std::ops::Range<u64>) {
    let (may, sure) = (Cell::new(0), Cell::new(0));
    let breaks = |seed: u64, nodes: &[graphs::Node]| {
        let bytes = build_text(&graphs::text(nodes)).bundle?;
        let bundle = verify(&bytes, &Stdlib).expect("emitted bundles verify");
        let plan = run_verified(&bundle, &FakeHost::new("call ipcmm.run.cmd check -> changed"), spec(Mode::Check));
        for end in plan.ends.iter().flatten() {
            let count = if end.forecast == Forecast::May { &may } else { &sure };
            count.set(count.get() + 1);
        }
        ["yes", "no"].iter().find_map(|answer| {
            let host = FakeHost::new(&format!("call ipcmm.run.cmd apply -> changed data.stdout='{answer}'"));
            let apply = run_verified(&bundle, &host, RunSpec { seed, ..spec(Mode::Apply) });
            broken(&bundle, &plan, &apply).map(|why| format!("with the answer {answer}: {why}"))
        })
    };
    for seed in seeds {
        let nodes = graphs::random(seed, graphs::UNKNOWN);
        if let Some(why) = breaks(seed, &nodes) {
            let (nodes, why) = shrink::nodes(nodes, why, &|nodes| breaks(seed, nodes));
            panic!("seed {seed}: {why}\n{}", graphs::text(&nodes));
        }
    }
    // Neither does everything become uncertain, nor nothing.
    assert!(may.get() > 400 && sure.get() > 2000, "{} may, {} are sure", may.get(), sure.get());
}

/// Records every call that could change something.
#[derive(Default)]
struct Trap {
    host: FakeHost,
    changing: Mutex<Vec<String>>,
    calls: Mutex<u32>,
}

impl Host for Trap {
    fn call(&self, call: &Call, cancel: &Cancel) -> Reply {
        *self.calls.lock().expect("no panic") += 1;
        if call.mode == Mode::Apply && call.phase != Phase::Guard {
            self.changing.lock().expect("no panic").push(format!("{call:?}"));
        }
        self.host.call(call, cancel)
    }

    fn probe(
        &self,
        function: ipcmm_bytecode::Function,
        args: &[ipcmm_bytecode::Value],
    ) -> Result<ipcmm_bytecode::Value, ipcmm_bytecode::Fault> {
        self.host.probe(function, args)
    }

    fn fact(&self, path: &str) -> Result<ipcmm_bytecode::Value, ipcmm_bytecode::Fault> {
        self.host.fact(path)
    }
}

/// Whatever a module says, a dry run asks the host for nothing that changes: bodies, reactions, listeners, phases,
/// `prereq`, rounds.
#[test]
fn a_dry_run_asks_for_no_change() {
    let mut calls = 0;
    for seed in 0..500 {
        let text = graphs::text(&graphs::random(seed, graphs::UNKNOWN));
        // Commands in the place of nops: each body and reaction is a call.
        let text: String = text
            .lines()
            .map(|line| match line.trim_start().starts_with("ipcmm.nop:") {
                true => "  ipcmm.run.cmd: {args: {argv: [x]}}\n".to_owned(),
                false => format!("{line}\n"),
            })
            .collect();
        let Some(bytes) = build_text(&text).bundle else { panic!("seed {seed} does not build\n{text}") };
        let bundle = verify(&bytes, &Stdlib).expect("it verifies");
        let trap = Trap::default();
        run_verified(&bundle, &trap, spec(Mode::Check));
        let changing = trap.changing.lock().expect("no panic");
        assert!(changing.is_empty(), "seed {seed}: {changing:?}\n{text}");
        calls += *trap.calls.lock().expect("no panic");
    }
    assert!(calls > 400, "too few calls: {calls}");
}
