//! What becomes of a run whose process dies, whose journal cannot be written, or that meets another run.
//!
//! Deaths are injected with strace at system calls of the main thread, which does all the work of a sequential run.

use super::{Ran, folder, json, program, ran, run};
use ipcmm_compiler::world::disk::Disk;
use ipcmm_compiler::{BuildOptions, build};
use ipcmm_runtime::journal::recover::{Recovered, Want};
use ipcmm_runtime::journal::{Header, opening};
use ipcmm_runtime::state::State;
use ipcmm_spec::schema::violations;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Tasks that leave a line each time they are done, and hang on each other.
const SITE: &str = "\
ipcmm: 1
module: site
conf:
  ipcmm.filesystem.file: {args: {path: /conf, content: \"v2\\n\"}}
one:
  ipcmm.run.cmd: {args: {argv: [sh, -c, 'echo one >> LOG']}}
trigger:
  ipcmm.run.cmd: {args: {argv: [sh, -c, 'echo trigger >> LOG']}}
  onchange: conf
ear:
  ipcmm.nop: {args: {outcome: ok, reaction: changed}}
  listen: conf
last:
  ipcmm.filesystem.file: {args: {path: /last, content: \"l\\n\"}}
  requires: [one, ear]
";

/// System calls of a run that are tried; those of the loader of programs and of memory are left out.
const CALLS: &[&str] = &[
    "openat",
    "openat2",
    "write",
    "mkdir",
    "mkdirat",
    "fsync",
    "fdatasync",
    "rename",
    "renameat",
    "renameat2",
    "ftruncate",
    "clone",
    "clone3",
    "vfork",
    "waitid",
    "wait4",
    "ppoll",
    "flock",
    "unlink",
    "unlinkat",
    "linkat",
    "fchmod",
    "close",
    "read",
    "statx",
    "exit_group",
];

fn bundle(at: &Path, text: &str) {
    let log = at.join("log");
    fs::write(at.join("site.ipcmm.yaml"), text.replace("LOG", &log.display().to_string())).expect("written");
    let built = build(&Disk, &[at.join("site.ipcmm.yaml")], BuildOptions { debug: true, check_only: false });
    fs::write(at.join("site.ipcb"), built.bundle.expect("a bundle")).expect("written");
}

fn site() -> TempDir {
    let folder = folder("");
    bundle(folder.path(), SITE);
    folder
}

fn strace(at: &Path, traced: &[&str], line: &[&str]) -> Option<Ran> {
    let mut command = Command::new("strace");
    command.current_dir(at).args(traced).arg(env!("CARGO_BIN_EXE_ipcmm")).args(line).stdin(Stdio::null());
    match command.output() {
        Ok(output) => Some(ran(output)),
        Err(_) => {
            skip("strace is not installed, so that no run was killed at a system call");
            None
        }
    }
}

fn skip(what: &str) {
    assert!(std::env::var_os("IPCMM_NO_SKIP").is_none_or(|value| value == "0"), "{what}");
    if let Some(list) = std::env::var_os("IPCMM_SKIPS") {
        let old = fs::read_to_string(&list).unwrap_or_default();
        fs::write(list, format!("{old}{what}\n")).expect("the list of skips can be written");
    }
}

fn state(at: &Path) -> State {
    State::peek(&at.join("r/var/lib/ipcmm"))
}

fn last(at: &Path) -> Option<Recovered> {
    state(at).latest(Some("site"), Want::Owed).expect("no journal is damaged by a crash").map(|(_, found)| found)
}

fn lines(at: &Path) -> BTreeMap<String, usize> {
    let log = fs::read_to_string(at.join("log")).unwrap_or_default();
    log.lines().fold(BTreeMap::new(), |mut counts, line| {
        *counts.entry(line.to_owned()).or_insert(0) += 1;
        counts
    })
}

fn outcomes(report: &serde_json::Value) -> Vec<(String, String, String)> {
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let tasks = report["tasks"].as_array().expect("a report has tasks");
    tasks.iter().map(|task| (text(&task["label"]), text(&task["outcome"]), text(&task["reason"]))).collect()
}

/// Starts anew: as before the first run.
fn clean(at: &Path) {
    let _ = fs::remove_dir_all(at.join("r"));
    let _ = fs::remove_file(at.join("log"));
}

const APPLY: &[&str] = &["apply", "site.ipcb", "--root", "r", "--scheduler", "sequential", "--format", "json"];
const RESUME: &[&str] = &["apply", "site.ipcb", "--root", "r", "--resume", "--format", "json"];

/// After a crash: the run is resumed, or another one follows, and everything was done and told of once. What was under
/// way when the process died may have been done twice.
fn judge(at: &Path, resume: bool, whole: &[(String, String, String)], context: &str) {
    let left = last(at);
    let begun: Vec<String> = left.iter().flat_map(|found| found.touched.values().cloned()).collect();
    let unfinished = left.as_ref().is_some_and(Recovered::is_unfinished);
    let again = if resume && unfinished { RESUME } else { APPLY };
    let mut after = run(at, again);
    // A process that was killed may still be on its way out, and holds its lock until it is.
    for _ in 0..200 {
        if !after.out.contains("\"busy\"") {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
        after = run(at, again);
    }
    assert_eq!(after.code, Some(0), "{context}: {} {}", after.out, after.err);
    let report = json(&after);
    assert_eq!(violations("report.schema.json", &report), Vec::<String>::new(), "{context}");
    let counts = lines(at);
    let once = |name: &str, most: usize| {
        let count = counts.get(name).copied().unwrap_or(0);
        let most = most + usize::from(begun.iter().any(|label| label == name));
        assert!((1..=most).contains(&count), "{context}: {name} was done {count} times, begun: {begun:?}");
    };
    once("trigger", 1);
    // A command without guards is done by every run; it is not done again by the same one.
    once("one", if left.is_some() && !(resume && unfinished) { 2 } else { 1 });
    if resume && unfinished {
        assert_eq!(outcomes(&report), whole, "{context}");
        assert!(report["resumed"]["times"] == 1, "{context}");
    }
    assert_eq!(fs::read_to_string(at.join("r/conf")).ok().as_deref(), Some("v2\n"), "{context}");
    assert_eq!(fs::read_to_string(at.join("r/last")).ok().as_deref(), Some("l\n"), "{context}");
    let left = last(at).expect("there was a run");
    assert_eq!((left.owed().count(), left.touched.len(), left.is_unfinished()), (0, 0, false), "{context}");
    if !unfinished {
        return;
    }
    // Nothing that was delivered is delivered again.
    let before = lines(at).get("trigger").copied();
    let again = run(at, APPLY);
    let ear = outcomes(&json(&again)).into_iter().find(|(label, ..)| label == "ear").expect("a task");
    assert_eq!((lines(at).get("trigger").copied(), ear.2.as_str()), (before, "ran"), "{context}: {}", again.out);
}

#[test]
fn killed_at_any_system_call_a_run_is_gone_on_with() {
    let folder = site();
    let at = folder.path();
    let Some(first) = strace(at, &["-qq", "-o", "calls"], APPLY) else { return };
    let whole = outcomes(&json(&first));
    assert_eq!(whole.iter().filter(|(_, outcome, _)| outcome == "changed").count(), 5, "{}", first.out);
    let mut calls: BTreeMap<String, usize> = BTreeMap::new();
    for line in fs::read_to_string(at.join("calls")).expect("strace wrote it").lines() {
        let name = line.split('(').next().unwrap_or_default().to_owned();
        *calls.entry(name).or_insert(0) += 1;
    }
    let mut killed = 0;
    for name in CALLS {
        for when in 1..=calls.get(*name).copied().unwrap_or(0) {
            clean(at);
            let inject = format!("inject={name}:signal=KILL:when={when}");
            let trace = format!("trace={name}");
            let died =
                strace(at, &["-qq", "-o", "/dev/null", "-e", &trace, "-e", &inject], APPLY).expect("it was there");
            killed += usize::from(died.code != Some(0));
            judge(at, when % 4 != 0, &whole, &format!("{name} {when}"));
        }
    }
    assert!(killed > 100, "only {killed} runs were killed");
}

/// Whole folders of files below two schedulers, killed at random moments, resumed until they are done.
#[test]
fn killed_again_and_again_a_run_comes_to_its_end() {
    let mut text = String::from("ipcmm: 1\nmodule: site\n");
    for i in 0..20 {
        text.push_str(&format!(
            "f{i}:\n  ipcmm.filesystem.file: {{args: {{path: /f{i}, content: \"{i}\\n\"}}}}\n\
             c{i}:\n  ipcmm.run.cmd: {{args: {{argv: [sh, -c, 'echo c{i} >> LOG']}}}}\n  onchange: f{i}\n"
        ));
    }
    let folder = folder("");
    let at = folder.path();
    bundle(at, &text);
    for scheduler in ["sequential", "parallel"] {
        clean(at);
        let (mut kills, mut begun) = (0, BTreeMap::<String, usize>::new());
        let ended = loop {
            let resumes = last(at).is_some_and(|found| found.is_unfinished());
            let mut line = vec!["apply", "site.ipcb", "--root", "r", "--scheduler", scheduler, "--format", "json"];
            line.extend(resumes.then_some("--resume"));
            let mut child = program(at).args(&line).stdout(Stdio::piped()).spawn().expect("the program starts");
            // Later and later, so that there is progress however slow the machine is.
            std::thread::sleep(Duration::from_millis(3 + 7 * kills));
            if child.try_wait().expect("it can be asked").is_some() {
                break ran(child.wait_with_output().expect("it ended"));
            }
            child.kill().expect("killed");
            child.wait().expect("ended");
            kills += 1;
            for label in last(at).iter().flat_map(|found| found.touched.values()) {
                *begun.entry(label.clone()).or_insert(0) += 1;
            }
        };
        assert_eq!(ended.code, Some(0), "{}{}", ended.out, ended.err);
        assert!(kills > 1, "{scheduler}: {kills} kills");
        let counts = lines(at);
        for i in 0..20 {
            let name = format!("c{i}");
            let (count, most) = (counts.get(&name).copied().unwrap_or(0), 1 + begun.get(&name).copied().unwrap_or(0));
            assert!((1..=most).contains(&count), "{scheduler}: {name} was done {count} times of {most}");
        }
    }
}

/// Errors of the system while the journal is written: nothing new is started, and the run can be resumed.
#[test]
fn a_journal_that_cannot_be_written_stops_the_run() {
    let folder = site();
    let at = folder.path();
    let Some(first) = strace(at, &["-qq", "-o", "calls", "-y"], APPLY) else { return };
    let whole = outcomes(&json(&first));
    let calls = fs::read_to_string(at.join("calls")).expect("strace wrote it");
    let path = calls.split(['<', '>']).find(|part| part.ends_with(".journal")).expect("a journal").to_owned();
    let of =
        |name: &str| calls.lines().filter(|l| l.starts_with(&format!("{name}(")) && l.contains(".journal")).count();
    for (name, error) in [("write", "ENOSPC"), ("write", "EIO"), ("write", "EROFS"), ("fdatasync", "EIO")] {
        let count = of(name);
        assert!(count > 0, "{name} is used");
        for when in 1..=count {
            clean(at);
            let inject = format!("inject={name}:error={error}:when={when}+");
            let line = ["-qq", "-o", "/dev/null", "-P", &path, "-e", &inject];
            let stopped = strace(at, &line, APPLY).expect("it was there");
            let context = format!("{name} {error} {when}: {} {}", stopped.out, stopped.err);
            assert_eq!(stopped.code, Some(4), "{context}");
            if name == "write" && when == 1 {
                assert!(!at.join("r/conf").exists() && !at.join("log").exists(), "nothing was touched: {context}");
                continue;
            }
            assert!(stopped.err.contains("the journal could not be written"), "{context}");
            assert_eq!(json(&stopped)["outcome"], "interrupted", "{context}");
            judge(at, true, &whole, &context);
        }
    }
}

#[test]
fn without_a_state_folder_nothing_is_touched() {
    let folder = site();
    let at = folder.path();
    fs::write(at.join("in the way"), "").expect("written");
    for place in ["in the way/below", "/proc/ipcmm", "/dev/null"] {
        let refused = run(at, &["apply", "site.ipcb", "--root", "r", "--state", place]);
        assert_eq!((refused.code, refused.out.as_str()), (Some(4), ""), "{place}");
        assert!(
            refused.err.contains("cannot keep a journal in ") && refused.err.contains("--state"),
            "{}",
            refused.err
        );
        assert!(!at.join("r/conf").exists() && !at.join("log").exists());
    }
    // A plan needs none, and leaves none behind.
    assert_eq!(run(at, &["plan", "site.ipcb", "--root", "r", "--state", "s"]).code, Some(0));
    assert!(!at.join("s").exists());
}

/// A second apply that changes nothing waits for no disk.
#[test]
fn a_run_that_changes_nothing_forces_nothing_to_the_disk() {
    let text = "ipcmm: 1\nmodule: site\nconf:\n  ipcmm.filesystem.file: {args: {path: /conf, content: v}}\n\
                ear:\n  ipcmm.nop: {args: {outcome: ok}}\n  listen: conf\n";
    let folder = folder("");
    let at = folder.path();
    bundle(at, text);
    let trace = ["-f", "-qq", "-o", "calls", "-e", "trace=fsync,fdatasync,sync_file_range,syncfs,msync,write", "-y"];
    let Some(first) = strace(at, &trace, APPLY) else { return };
    assert_eq!(first.code, Some(0));
    let syncs = || {
        let calls = fs::read_to_string(at.join("calls")).expect("strace wrote it");
        let of = |what: &str, name: &str| calls.lines().filter(|l| l.contains(what) && l.contains(name)).count();
        (of("sync(", ""), of("write(", ".journal"))
    };
    assert!(syncs().0 > 1, "the first one does");
    assert_eq!(strace(at, &trace, APPLY).expect("it was there").code, Some(0));
    let (forced, written) = syncs();
    assert_eq!(forced, 0);
    assert!(written <= 2 + 2, "at most one for each task, the beginning and the end: {written}");
}

/// A clock that goes back: what a run takes up begins after all that the run had seen, and later runs stay later.
#[test]
fn a_clock_that_goes_back_disturbs_nothing() {
    let folder = site();
    let at = folder.path();
    let bytes = fs::read(at.join("site.ipcb")).expect("it was built");
    let bundle = ipcmm_bytecode::bundle::Bundle::open(&bytes).expect("a whole bundle");
    let header = Header {
        line: "site".to_owned(),
        root: bundle.root(),
        scheduler: "sequential".to_owned(),
        max_parallel: 1,
        // The year 2100.
        started: 4_102_444_800_000_000_000,
        tasks: bundle.tasks().len() as u32,
        ..Header::default()
    };
    let state = State::open(&at.join("r/var/lib/ipcmm")).expect("a folder");
    state.create("site", &opening(&header, &[], &[]).0, false).expect("a journal");
    let resumed = run(at, RESUME);
    assert_eq!(resumed.code, Some(0), "{}", resumed.err);
    assert!(
        json(&resumed)["started"].as_str().is_some_and(|at| at.starts_with("2100-01-01T00:00:0")),
        "{}",
        resumed.out
    );
    assert_eq!(run(at, APPLY).code, Some(0));
    let numbers: Vec<u64> = state.journals().iter().map(|entry| entry.number).collect();
    assert_eq!(numbers, [1, 2]);
    let (entry, found) = state.latest(Some("site"), Want::Owed).expect("whole").expect("a run");
    assert!(entry.number == 2 && found.header.started < header.started);
}

#[test]
fn only_what_was_interrupted_is_resumed_and_only_as_it_was() {
    let folder = site();
    let at = folder.path();
    let none = run(at, RESUME);
    assert_eq!(none.code, Some(4));
    assert_eq!(json(&none)["error"]["name"], "nothing-to-resume");
    assert_eq!(run(at, APPLY).code, Some(0));
    assert_eq!(json(&run(at, RESUME))["error"]["name"], "nothing-to-resume");
    let journal =
        fs::read_dir(at.join("r/var/lib/ipcmm/runs")).expect("a folder").flatten().next().expect("a journal").path();
    let whole = fs::read(&journal).expect("a journal");
    fs::write(&journal, &whole[..whole.len() - 60]).expect("written");
    bundle(at, &SITE.replace("v2", "v3"));
    let other = run(at, RESUME);
    assert_eq!(other.code, Some(1));
    assert_eq!(json(&other)["error"]["code"], "F0504");
    bundle(at, SITE);
    let mut damaged = whole.clone();
    damaged[100] ^= 1;
    fs::write(&journal, &damaged).expect("written");
    let refused = run(at, RESUME);
    assert_eq!((refused.code, &json(&refused)["error"]["code"]), (Some(1), &"F0501".into()));
    // A run that begins anew does not need it.
    let anew = run(at, APPLY);
    assert!(anew.code == Some(0) && anew.err.contains("what the last run left is not known"), "{}", anew.err);
}

/// A label that is gone owes nothing, and that is told.
#[test]
fn what_is_owed_to_a_label_that_is_gone_is_told() {
    let folder = site();
    let at = folder.path();
    let slow = SITE.replace(
        "one:\n  ipcmm.run.cmd: {args: {argv: [sh, -c, 'echo one >> LOG']}}",
        "one:\n  ipcmm.sleep: {args: {for: 60s}}",
    );
    bundle(at, &slow);
    let mut child = background(at, &[]);
    wait_for(&|| last(at).is_some_and(|found| found.owed().count() == 2));
    child.kill().expect("killed");
    child.wait().expect("ended");
    bundle(at, &SITE.replace("trigger:", "renamed:").replace("[one, ear]", "[one]").replace("  requires: one\n", ""));
    let plan = run(at, &["plan", "site.ipcb", "--root", "r", "--format", "json"]);
    let ear = outcomes(&json(&plan)).into_iter().find(|(label, ..)| label == "ear").expect("a task");
    assert_eq!(ear.1, "would-change", "a plan names what is owed");
    let next = run(at, APPLY);
    let report = json(&next);
    assert_eq!(violations("report.schema.json", &report), Vec::<String>::new());
    let gone = serde_json::json!([{ "label": "trigger", "keyword": "onchange", "target": "conf" }]);
    assert_eq!(report["dropped"], gone, "{}", next.out);
    let ear = outcomes(&report).into_iter().find(|(label, ..)| label == "ear").expect("a task");
    assert_eq!((ear.1.as_str(), ear.2.as_str()), ("changed", "listen-fired"));
}

fn background(at: &Path, more: &[&str]) -> Child {
    let mut command = program(at);
    command.args(APPLY).args(more).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts")
}

fn wait_for(condition: &dyn Fn() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < Duration::from_secs(60), "it does not happen");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_second_run_is_refused_waits_or_runs_beside_it() {
    let file = |name: &str, nap: u32| {
        format!(
            "ipcmm: 1\nmodule: site\n{name}:\n  ipcmm.filesystem.file: {{args: {{path: /{name}, content: v}}}}\n\
             nap:\n  ipcmm.sleep: {{args: {{for: {nap}s}}}}\n  requires: {name}\n"
        )
    };
    let folder = folder("");
    let at = folder.path();
    for (name, nap) in [("b", 0), ("a", 60)] {
        bundle(at, &file(name, nap));
        fs::copy(at.join("site.ipcb"), at.join(format!("{name}.ipcb"))).expect("copied");
    }
    bundle(at, &SITE.replace("v2", "w"));
    fs::copy(at.join("site.ipcb"), at.join("c.ipcb")).expect("copied");
    let line = |name: &'static str| ["apply", name, "--root", "r", "--format", "json"];
    let start = |name: &'static str, more: &[&str]| {
        program(at)
            .args(line(name))
            .args(more)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts")
    };
    let mut first = start("a.ipcb", &[]);
    wait_for(&|| at.join("r/a").exists());
    let refused = json(&run(at, &line("b.ipcb")));
    assert_eq!((violations("error.schema.json", &refused), &refused["error"]["name"]), (vec![], &"busy".into()));
    let message = refused["error"]["message"].as_str().expect("a message").to_owned();
    assert!(message.contains(&format!("process {}", first.id())) && message.contains("site"), "{message}");
    // Beside it, if that is certain to be no harm.
    let concurrent = |name: &'static str| run(at, &[&line(name)[..], &["--concurrent"]].concat());
    assert_eq!(concurrent("b.ipcb").code, Some(0));
    let same = json(&concurrent("a.ipcb"));
    assert!(same["error"]["message"].as_str().is_some_and(|m| m.contains("both write ")), "{same}");
    let unsure = json(&concurrent("c.ipcb"));
    assert!(unsure["error"]["message"].as_str().is_some_and(|m| m.contains("what `one` of site writes")), "{unsure}");
    // Behind it, in the order they came; one that died holds nobody back.
    let second = start("b.ipcb", &["--queue"]);
    wait_for(&|| state(at).holders().len() == 2);
    let third = start("b.ipcb", &["--queue"]);
    wait_for(&|| state(at).holders().iter().filter(|holder| holder.waiting).count() == 2);
    assert_eq!(state(at).holders().iter().map(|h| h.pid).collect::<Vec<_>>(), [first.id(), second.id(), third.id()]);
    first.kill().expect("killed");
    first.wait().expect("ended");
    for waiting in [second, third] {
        assert_eq!(ran(waiting.wait_with_output().expect("it ends")).code, Some(0));
    }
    assert_eq!(state(at).holders(), []);
}

#[test]
fn the_folder_is_private() {
    use std::os::unix::fs::PermissionsExt;
    let folder = site();
    let at = folder.path();
    assert_eq!(run(at, APPLY).code, Some(0));
    let mode = |path: &Path| fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
    assert_eq!(mode(&at.join("r/var/lib/ipcmm")), 0o700);
    for below in ["runs", "bundles"] {
        for entry in fs::read_dir(at.join("r/var/lib/ipcmm").join(below)).expect("a folder").flatten() {
            assert_eq!(mode(&entry.path()), 0o600, "{:?}", entry.path());
        }
    }
}

/// Journals do not pile up: the last ones stay, and the last one of each line.
#[test]
fn old_journals_are_removed_and_the_last_of_a_line_stays() {
    use ipcmm_runtime::state::KEPT;
    let folder = folder("");
    let state = State::open(&folder.path().join("s")).expect("a folder");
    let begin = |line: &str, root: u8| {
        let header = Header { line: line.to_owned(), root: [root; 32], tasks: 1, ..Header::default() };
        state.keep_bundle(&header.root, b"not read here").expect("written");
        state.create(line, &opening(&header, &[], &[]).0, false).expect("a journal").0
    };
    let rare = begin("rare", 1);
    let old = begin("often", 2);
    for _ in 0..KEPT {
        begin("often", 3);
    }
    state.prune();
    let numbers: Vec<u64> = state.journals().iter().map(|entry| entry.number).collect();
    assert!(numbers.contains(&rare) && !numbers.contains(&old), "{numbers:?}");
    assert_eq!(numbers.len(), KEPT + 1);
    assert_eq!(
        fs::read_dir(folder.path().join("s/bundles")).expect("a folder").count(),
        2,
        "of two runs that are kept"
    );
}
