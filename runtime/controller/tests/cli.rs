//! The real `ipcmm` on a folder that stands for the machine: apply, plan, reports, exit codes.

#[path = "cli/crash.rs"]
mod crash;
#[path = "cli/project.rs"]
mod project;
#[path = "cli/secrets.rs"]
mod secrets;

use ipcmm_compiler::world::disk::Disk;
use ipcmm_compiler::{BuildOptions, build};
use ipcmm_spec::schema::violations;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const SITE: &str = "\
ipcmm: 1
module: site
conf dir:
  ipcmm.filesystem.dir: {args: {path: /etc/app, parents: true}}
conf:
  ipcmm.filesystem.file: {args: {path: /etc/app/app.conf, content: \"a\\nb\\n\", mode: \"0640\"}}
  requires: conf dir
link:
  ipcmm.filesystem.link: {args: {path: /etc/app/current, to: app.conf}}
  requires: [conf]
never:
  ipcmm.run.cmd: {args: {argv: [touch, /nowhere/at/all]}}
  when: facts.os.family == 'none'
";
const FAILING: &str = "\
ipcmm: 1
breaks:
  ipcmm.run.cmd: {args: {argv: [sh, -c, 'echo first >&2; echo last >&2; exit 3']}}
follows:
  ipcmm.nop: {}
  requires: [breaks]
";

/// What a program said and how it ended.
struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ipcmm"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    command.current_dir(folder).env_clear().env("LANG", "C.UTF-8").env("PATH", path).stdin(Stdio::null());
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

/// The report without the time it took, which is the only part that differs between two like runs.
fn timeless(ran: &Ran) -> String {
    let (head, place) = ran.out.trim_end().rsplit_once(" · ").expect("a summary that ends with the place");
    let (head, _) = head.rsplit_once(" · ").expect("a summary with the time");
    format!("{} · {place}", unhurried(head))
}

/// Lines without the time that tasks say they took where the machine is slow.
fn unhurried(text: &str) -> String {
    let took = |end: &str| {
        let number = end.strip_suffix(" ms").or_else(|| end.strip_suffix(" s"));
        number.is_some_and(|number| number.chars().all(|c| c.is_ascii_digit() || c == '.'))
    };
    let line = |line: &str| match line.rsplit_once("  ") {
        Some((head, end)) if took(end) => head.to_owned(),
        _ => line.to_owned(),
    };
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

fn folder(source: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("site.ipcmm.yaml"), source).expect("written");
    folder
}

#[test]
fn a_plan_names_what_apply_does_and_the_second_apply_has_nothing_to_do() {
    let folder = folder(SITE);
    let at = folder.path();
    let plan = run(at, &["plan", "site.ipcmm.yaml", "--root", "r"]);
    assert_eq!((plan.code, plan.err.as_str()), (Some(0), ""));
    assert!(!at.join("r").exists(), "a plan changes nothing, not even the root");
    assert_eq!(
        timeless(&plan),
        "~ conf dir  create directory /etc/app\n~ conf      create /etc/app/app.conf\n    +a\n    +b\n\
         ~ link      create /etc/app/current → app.conf\n\nplan · 3 would change, 1 skipped · below r"
    );
    let apply = run(at, &["apply", "site.ipcmm.yaml", "--root", "r"]);
    assert_eq!((apply.code, apply.err.as_str()), (Some(0), ""));
    let without_diff = timeless(&plan).replace("    +a\n    +b\n", "");
    let done = without_diff.replace("plan · 3 would change", "apply ok · 3 changed");
    assert_eq!(timeless(&apply), done);
    assert_eq!(fs::read_to_string(at.join("r/etc/app/current")).ok().as_deref(), Some("a\nb\n"));

    let again = run(at, &["apply", "site.ipcmm.yaml", "--root", "r"]);
    assert_eq!(again.code, Some(0));
    assert_eq!(timeless(&again), "nothing to do: 3 tasks are as wanted, 1 skipped · below r");
    assert_eq!(run(at, &["apply", "site.ipcmm.yaml", "--root", "r", "--quiet"]).out, "");
    let all = run(at, &["apply", "site.ipcmm.yaml", "--root", "r", "-v"]);
    assert!(all.out.contains("✔ conf\n") && all.out.contains("– never"), "{}", all.out);
}

#[test]
fn a_failure_is_shown_and_counts() {
    let folder = folder(FAILING);
    let at = folder.path();
    let failed = run(at, &["apply", "site.ipcmm.yaml", "--root", "r"]);
    assert_eq!(failed.code, Some(3));
    for part in [
        "✖ breaks   a command ended with an unexpected status\n    F0404 at site.ipcmm.yaml:2:1\n",
        "ended with status 3\n      first\n      last\n",
        "⊘ follows  blocked by breaks (requires)\n",
        "apply failed · 1 failed, 1 blocked · ",
    ] {
        assert!(unhurried(&failed.out).contains(part), "{part:?} in {}", failed.out);
    }
}

#[test]
fn reports_are_as_their_schema_says() {
    let folder = folder(SITE);
    let at = folder.path();
    fs::write(at.join("failing.ipcmm.yaml"), FAILING).expect("written");
    for (command, source, code) in
        [("plan", "site.ipcmm.yaml", 0), ("apply", "site.ipcmm.yaml", 0), ("apply", "failing.ipcmm.yaml", 3)]
    {
        let ran = run(at, &[command, source, "--root", "r", "--format", "json", "--seed", "7"]);
        assert_eq!((ran.code, ran.err.as_str()), (Some(code), ""), "{command} {source}");
        let report = json(&ran);
        assert_eq!(violations("report.schema.json", &report), Vec::<String>::new(), "{command} {source}");
        assert_eq!(report["mode"], command);
        assert_eq!(report["seed"], 7);
        assert_eq!(report["root_dir"], "r");
    }
    let order = |policy: &str| {
        let ran = run(at, &["apply", "site.ipcmm.yaml", "--root", "r", "--format", "json", "--scheduler", policy]);
        let report = json(&ran);
        let tasks = report["tasks"].as_array().cloned().unwrap_or_default();
        tasks.iter().map(|task| format!("{} {}", task["label"], task["outcome"])).collect::<Vec<_>>()
    };
    let written = order("as-written");
    assert_eq!(written, [r#""conf dir" "ok""#, r#""conf" "ok""#, r#""link" "ok""#, r#""never" "skipped""#]);
    assert_eq!(order("sequential"), written);
    assert_eq!(order("parallel"), written);
}

#[test]
fn each_exit_code_has_its_case() {
    let folder = folder("ipcmm: 1\na: {ipcmm.nopp: {}}\n");
    let at = folder.path();
    let wrong = run(at, &["apply", "site.ipcmm.yaml", "--root", "r"]);
    assert_eq!((wrong.code, wrong.out.as_str()), (Some(1), ""));
    assert!(wrong.err.contains("error[C2003]"), "{}", wrong.err);
    assert!(!at.join("r").exists(), "nothing is begun with errors");
    let wrong = run(at, &["apply", "site.ipcmm.yaml", "--format", "json"]);
    assert_eq!(wrong.code, Some(1));
    assert_eq!(violations("diagnostics.schema.json", &json(&wrong)), Vec::<String>::new());
    assert_eq!(run(at, &["apply"]).code, Some(2));
    assert_eq!(run(at, &["apply", "site.ipcmm.yaml", "--max-parallel", "0"]).code, Some(2));
    assert_eq!(run(at, &["apply", "site.ipcmm.yaml", "b.ipcb"]).code, Some(2));
    assert_eq!(run(at, &["apply", "missing.ipcmm.yaml"]).code, Some(4));
    assert_eq!(run(at, &["apply", "missing.ipcb"]).code, Some(4));
    fs::write(at.join("good.ipcmm.yaml"), SITE).expect("written");
    let blocked = run(at, &["apply", "good.ipcmm.yaml", "--root", "site.ipcmm.yaml/below"]);
    assert_eq!(blocked.code, Some(4), "{}", blocked.err);
    assert!(blocked.err.starts_with("error: cannot make site.ipcmm.yaml/below: "), "{}", blocked.err);
    assert!(run(at, &["version"]).out.starts_with("ipcmm "));
    assert!(run(at, &["completions", "zsh"]).out.contains("#compdef ipcmm"));
}

#[test]
fn a_bundle_and_standard_input_are_run() {
    let folder = folder(SITE);
    let at = folder.path();
    let options = BuildOptions { debug: true, check_only: false };
    let bundle = build(&Disk, &[at.join("site.ipcmm.yaml")], options).bundle.expect("a bundle");
    fs::write(at.join("site.ipcb"), &bundle).expect("written");
    let ran = run(at, &["apply", "site.ipcb", "--root", "r"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(at.join("r/etc/app/app.conf").exists());
    fs::write(at.join("site.ipcb"), &bundle[..bundle.len() - 1]).expect("written");
    let refused = run(at, &["apply", "site.ipcb", "--root", "s"]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.err.starts_with("error[F0103] the bundle ends too early"), "{}", refused.err);
    assert!(!at.join("s").exists());

    let mut child = program(at)
        .args(["plan", "-", "--root", "t"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    child.stdin.take().expect("a pipe").write_all(SITE.as_bytes()).expect("the program reads");
    let planned = self::ran(child.wait_with_output().expect("the program ends"));
    assert!(planned.code == Some(0) && planned.out.contains("3 would change"), "{}", planned.out);
}

#[test]
fn the_manifest_of_the_folder_says_where() {
    let folder = folder(SITE);
    let at = folder.path();
    fs::write(at.join("ipcmm.yaml"), "name: site\nroot: sandbox\n").expect("written");
    assert_eq!(run(at, &["apply", "."]).code, Some(0));
    assert!(at.join("sandbox/etc/app/app.conf").exists());
    assert_eq!(run(at, &["apply", ".", "--root", "other"]).code, Some(0));
    assert!(at.join("other/etc/app/app.conf").exists());
    fs::write(at.join("ipcmm.yaml"), "root: /srv\n").expect("written");
    let wrong = run(at, &["apply", "."]);
    assert!(wrong.code == Some(1) && wrong.err.contains("error[C3004]"), "{}", wrong.err);
}

#[test]
fn an_interrupt_ends_the_run_in_order() {
    let source = "ipcmm: 1\nbegun:\n  ipcmm.filesystem.file: {args: {path: /begun}}\n\
                  long:\n  ipcmm.run.cmd: {args: {argv: [sleep, '60']}}\n  requires: begun\n\
                  after:\n  ipcmm.nop: {}\n  runafter: long\n";
    let source = source.replace("  runafter: long\n", "  requires: [begun]\n");
    let folder = folder(&source);
    let at = folder.path();
    let child = program(at)
        .args(["apply", "site.ipcmm.yaml", "--root", "r", "--format", "json", "--scheduler", "sequential"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let start = Instant::now();
    while !at.join("r/begun").exists() && start.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(10));
    }
    std::thread::sleep(Duration::from_millis(100));
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill is there");
    assert!(sent.success());
    let ended = ran(child.wait_with_output().expect("the program ends"));
    assert!(start.elapsed() < Duration::from_secs(30));
    let report = json(&ended);
    assert_eq!((ended.code, &report["outcome"]), (Some(3), &serde_json::json!("interrupted")));
    assert_eq!(violations("report.schema.json", &report), Vec::<String>::new());
    assert_eq!(report["tasks"][0]["outcome"], "changed");
    assert_eq!(report["tasks"][2]["outcome"], "not-reached");
}

/// Two contents of different length, so that a mixture or a part of one is neither.
fn contents(i: usize) -> (String, String) {
    (format!("old {i}\n").repeat(400), format!("new content of {i}\n").repeat(700))
}

#[test]
fn killed_at_any_moment_every_file_is_old_or_new() {
    const FILES: usize = 120;
    let module = |which: fn((String, String)) -> String| {
        (0..FILES).fold(String::from("ipcmm: 1\n"), |text, i| {
            let content = serde_json::Value::String(which(contents(i)));
            text + &format!("f{i}:\n  ipcmm.filesystem.file: {{args: {{path: /f{i}, content: {content}}}}}\n")
        })
    };
    let folder = folder(&module(|(old, _)| old));
    let at = folder.path();
    assert_eq!(run(at, &["apply", "site.ipcmm.yaml", "--root", "r"]).code, Some(0));
    fs::write(at.join("site.ipcmm.yaml"), module(|(_, new)| new)).expect("written");
    let built = build(&Disk, &[at.join("site.ipcmm.yaml")], BuildOptions { debug: true, check_only: false });
    fs::write(at.join("site.ipcb"), built.bundle.expect("a bundle")).expect("written");
    let (mut old_left, mut new_seen) = (0, 0);
    for round in 0..24 {
        let scheduler = if round % 2 == 0 { "sequential" } else { "parallel" };
        let mut child = program(at)
            .args(["apply", "site.ipcb", "--root", "r", "--scheduler", scheduler])
            .stdout(Stdio::null())
            .spawn()
            .expect("the program starts");
        std::thread::sleep(Duration::from_micros(1500 + 6000 * round));
        child.kill().expect("killed");
        child.wait().expect("ended");
        for i in 0..FILES {
            let (old, new) = contents(i);
            let now = fs::read_to_string(at.join(format!("r/f{i}"))).expect("the file is there at every moment");
            assert!(now == old || now == new, "round {round}: f{i} is neither old nor new, {} bytes", now.len());
            old_left += usize::from(now == old);
            new_seen += usize::from(now == new);
        }
    }
    assert!(old_left > 0 && new_seen > 0, "the kills came before everything or after: {old_left} old, {new_seen} new");
    // What a killed run left beside the files is no obstacle, and the next run finishes the work.
    assert_eq!(run(at, &["apply", "site.ipcb", "--root", "r"]).code, Some(0));
    for i in 0..FILES {
        assert_eq!(fs::read_to_string(at.join(format!("r/f{i}"))).ok(), Some(contents(i).1));
    }
}
