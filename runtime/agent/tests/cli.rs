//! The real `ipcmm-agent` on bundles of assembly text: it needs no compiler.

#[path = "cli/policy.rs"]
mod policy;

use ipcmm_bytecode::asm;
use ipcmm_spec::schema::violations;
use ipcmm_stdlib::Stdlib;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

const MOTD: &str = "\
bundle 'tiny' edition 1

strings
  S0 'tiny'
  S1 '/motd'
  S2 'hello\\n'
  S3 'motd'

constants
  K0 '/motd'
  K1 'hello\\n'

block B0 ipcmm.filesystem.file
  arg 0 constant K0
  arg 1 constant K1

task T0 'motd' in 'tiny' block B0 mode sync

effects
  ipcmm.filesystem.file change
";

/// What a program said and how it ended.
struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ipcmm-agent"));
    command.current_dir(folder).env_clear().env("LANG", "C.UTF-8").stdin(Stdio::null());
    command
}

fn ran(output: Output) -> Ran {
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Ran { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

fn run(folder: &Path, line: &[&str]) -> Ran {
    ran(program(folder).args(line).output().expect("the program starts"))
}

fn json(ran: &Ran) -> serde_json::Value {
    serde_json::from_str(&ran.out).expect("one JSON document on standard output")
}

fn motd() -> Vec<u8> {
    asm::parse(MOTD, &Stdlib).expect("good assembly")
}

fn folder(bundle: &[u8]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("b.ipcb"), bundle).expect("written");
    folder
}

#[test]
fn a_bundle_is_run_and_run_again() {
    let folder = folder(&motd());
    let at = folder.path();
    let plan = run(at, &["plan", "b.ipcb", "--root", "r"]);
    assert_eq!((plan.code, plan.err.as_str()), (Some(0), ""));
    assert!(plan.out.starts_with("~ motd  create /motd\n    +hello\n\nplan · 1 would change · "), "{}", plan.out);
    assert!(!at.join("r").exists());
    let first = run(at, &["apply", "b.ipcb", "--root", "r"]);
    assert!(first.code == Some(0) && first.out.contains("apply ok · 1 changed · "), "{}", first.out);
    assert_eq!(fs::read_to_string(at.join("r/motd")).ok().as_deref(), Some("hello\n"));
    let second = run(at, &["apply", "b.ipcb", "--root", "r"]);
    assert!(second.out.starts_with("nothing to do: the task is as wanted"), "{}", second.out);
    let report = json(&run(at, &["apply", "b.ipcb", "--root", "r", "--format", "json"]));
    assert_eq!(violations("report.schema.json", &report), Vec::<String>::new());
    let shown = json(&run(at, &["inspect", "b.ipcb", "--format", "json"]));
    assert_eq!(violations("inspect.schema.json", &shown), Vec::<String>::new());
    assert!(run(at, &["inspect", "b.ipcb"]).out.contains("ipcmm.filesystem.file  change"));
}

#[test]
fn a_failure_ends_with_its_code() {
    let folder = folder(&motd());
    let at = folder.path();
    fs::create_dir_all(at.join("r/motd")).expect("a folder in the way");
    let failed = run(at, &["apply", "b.ipcb", "--root", "r"]);
    assert_eq!(failed.code, Some(3));
    assert!(failed.out.contains("✖ motd  something else than expected is at a path\n    F0407\n"), "{}", failed.out);
}

#[test]
fn what_is_damaged_or_unknown_is_refused_before_anything_is_touched() {
    let mut bytes = motd();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    let folder = folder(&bytes);
    let at = folder.path();
    let refused = run(at, &["apply", "b.ipcb", "--root", "r"]);
    assert_eq!((refused.code, refused.out.as_str()), (Some(1), ""));
    assert!(refused.err.starts_with("error[F0104] the bundle was damaged or altered: section "), "{}", refused.err);
    assert!(!at.join("r").exists());
    let refused = run(at, &["apply", "b.ipcb", "--format", "json"]);
    assert_eq!(refused.code, Some(1));
    assert_eq!(violations("error.schema.json", &json(&refused)), Vec::<String>::new());
    assert_eq!(json(&refused)["error"]["code"], "F0104");
    fs::write(at.join("b.ipcb"), "ipcmm: 1\n").expect("written");
    assert!(run(at, &["plan", "b.ipcb"]).err.starts_with("error[F0101] the file is not an ipcmm bundle"));
}

#[test]
fn only_regular_files_and_standard_input_are_read() {
    let folder = folder(&motd());
    let at = folder.path();
    for path in ["missing.ipcb", ".", "/dev/zero"] {
        let ran = run(at, &["apply", path, "--root", "r"]);
        assert_eq!(ran.code, Some(4), "{path}");
        assert!(ran.err.starts_with(&format!("error: cannot read {path}: ")), "{}", ran.err);
    }
    assert_eq!(run(at, &["apply"]).code, Some(2));
    let mut child = program(at)
        .args(["apply", "-", "--root", "r"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    child.stdin.take().expect("a pipe").write_all(&motd()).expect("the program reads");
    assert_eq!(child.wait_with_output().expect("the program ends").status.code(), Some(0));
    assert!(at.join("r/motd").exists());
}

#[test]
fn runs_are_remembered_and_those_under_way_are_shown() {
    use ipcmm_runtime::state::State;
    use ipcmm_runtime::state::tickets::{Holder, Manner};
    let folder = folder(&motd());
    let at = folder.path();
    assert!(run(at, &["history", "--root", "r"]).out.starts_with("no run is known in "));
    assert!(!at.join("r").exists(), "looking makes nothing");
    assert_eq!(run(at, &["apply", "b.ipcb", "--root", "r"]).code, Some(0));
    let history = json(&run(at, &["history", "--root", "r", "--format", "json"]));
    assert_eq!(violations("history.schema.json", &history), Vec::<String>::new());
    assert_eq!((&history["runs"][0]["outcome"], &history["runs"][0]["totals"]["changed"]), (&"ok".into(), &1.into()));
    assert!(run(at, &["history", "--root", "r"]).out.contains("  ok           tiny  1 changed\n"));
    assert!(run(at, &["ps", "--root", "r"]).out.starts_with("no run is under way"));
    let state = State::open(&at.join("r/var/lib/ipcmm")).expect("a folder");
    let holder = Holder { pid: 7, bundle: "other".to_owned(), since: "now".to_owned(), ..Holder::default() };
    let ticket = state.enter(holder, Manner::Alone, &|_| ()).expect("nobody runs");
    let under_way = json(&run(at, &["ps", "--root", "r", "--format", "json"]));
    assert_eq!(violations("ps.schema.json", &under_way), Vec::<String>::new());
    assert_eq!((&under_way["runs"][0]["pid"], &under_way["runs"][0]["state"]), (&7.into(), &"running".into()));
    assert_eq!(run(at, &["apply", "b.ipcb", "--root", "r"]).code, Some(4));
    drop(ticket);
    assert_eq!(run(at, &["apply", "b.ipcb", "--root", "r"]).code, Some(0));
}

/// Without being given it, the agent resumes the last run with the bundle it kept.
#[test]
fn the_last_run_is_resumed_with_the_bundle_that_was_kept() {
    let folder = folder(&motd());
    let at = folder.path();
    assert_eq!(run(at, &["apply", "b.ipcb", "--root", "r"]).code, Some(0));
    let journal = fs::read_dir(at.join("r/var/lib/ipcmm/runs")).expect("a folder").flatten().next().expect("a journal");
    let whole = fs::read(journal.path()).expect("a journal");
    // As if the process had died before it wrote how the run ended.
    fs::write(journal.path(), &whole[..whole.len() - 8]).expect("written");
    fs::remove_file(at.join("b.ipcb")).expect("it was there");
    let history = json(&run(at, &["history", "--root", "r", "--format", "json"]));
    assert_eq!(history["runs"][0]["outcome"], "died");
    let resumed = run(at, &["resume", "--root", "r"]);
    assert!(
        resumed.code == Some(0) && resumed.out.contains("resumed, 1 done before"),
        "{}{}",
        resumed.out,
        resumed.err
    );
    assert_eq!(run(at, &["resume", "--root", "r"]).code, Some(4));
}
