//! The real `ipcmmc` on real files: exit codes, streams, what is written and what is not.

#[path = "cli/project.rs"]
mod project;
#[path = "cli/report.rs"]
mod report;
#[path = "cli/testing.rs"]
mod testing;
#[path = "cli/tools.rs"]
mod tools;

use ipcmm_spec::schema::violations;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

const GOOD: &str = "ipcmm: 1\nmodule: web\nmotd:\n  ipcmm.filesystem.file: {args: {path: /etc/motd, content: hi}}\n";
const BAD: &str = "ipcmm: 1\nmotd:\n  ipcmm.filesystem.fil: {args: {path: /etc/motd}}\n";

/// What a program said and how it ended.
struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ipcmmc"));
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

fn with_input(folder: &Path, line: &[&str], input: &str) -> Ran {
    let mut child = program(folder)
        .args(line)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("the program reads");
    ran(child.wait_with_output().expect("the program ends"))
}

fn json(ran: &Ran) -> serde_json::Value {
    serde_json::from_str(&ran.out).expect("one JSON document on standard output")
}

/// A folder with a good and a bad module.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("good.ipcmm.yaml"), GOOD).expect("written");
    fs::write(folder.path().join("bad.ipcmm.yaml"), BAD).expect("written");
    folder
}

#[test]
fn check_says_what_is_wrong_and_ends_accordingly() {
    let folder = folder();
    let at = folder.path();
    let good = run(at, &["check", "good.ipcmm.yaml"]);
    assert_eq!((good.code, good.err.as_str()), (Some(0), ""));
    assert!(good.out.starts_with("checked 1 file  1 task · "), "{}", good.out);
    assert_eq!(run(at, &["check", "good.ipcmm.yaml", "--quiet"]).out, "");

    let bad = run(at, &["check", "bad.ipcmm.yaml"]);
    assert_eq!((bad.code, bad.out.as_str()), (Some(1), ""));
    assert!(bad.err.contains("error[C2003]") && bad.err.contains("bad.ipcmm.yaml:3:3"), "{}", bad.err);

    let shown = run(at, &["check", "bad.ipcmm.yaml", "--format", "json"]);
    assert_eq!((shown.code, shown.err.as_str()), (Some(1), ""));
    assert_eq!(violations("diagnostics.schema.json", &json(&shown)), Vec::<String>::new());

    assert_eq!(run(at, &["check", "."]).code, Some(1));
    assert_eq!(run(at, &["check"]).code, Some(2));
    assert_eq!(run(at, &["chekc", "."]).code, Some(2));
    assert_eq!(run(at, &["check", "missing.ipcmm.yaml"]).code, Some(4));
    assert_eq!(run(at, &["--help"]).code, Some(0));
}

#[test]
fn standard_input_is_a_source() {
    let folder = folder();
    assert_eq!(with_input(folder.path(), &["check", "-"], GOOD).code, Some(0));
    let bad = with_input(folder.path(), &["check", "-"], BAD);
    assert_eq!(bad.code, Some(1));
    assert!(bad.err.contains("<stdin>:3:3"), "{}", bad.err);
}

#[test]
fn build_writes_all_or_nothing() {
    let folder = folder();
    let at = folder.path();
    let built = run(at, &["build", "good.ipcmm.yaml"]);
    assert_eq!((built.code, built.err.as_str()), (Some(0), ""));
    assert!(built.out.starts_with("built web.ipcb  1 task · "), "{}", built.out);
    let bytes = fs::read(at.join("web.ipcb")).expect("the bundle");

    // The same bytes through every door.
    assert_eq!(run(at, &["build", "good.ipcmm.yaml", "-o", "again.ipcb", "-v"]).code, Some(0));
    assert_eq!(fs::read(at.join("again.ipcb")).expect("the bundle"), bytes);
    let piped = program(at).args(["build", "good.ipcmm.yaml", "-o", "-"]).output().expect("the program starts");
    assert_eq!(piped.stdout, bytes);

    // An error leaves what is there as it is.
    let failed = run(at, &["build", "bad.ipcmm.yaml", "-o", "web.ipcb"]);
    assert_eq!((failed.code, failed.out.as_str()), (Some(1), ""));
    assert_eq!(fs::read(at.join("web.ipcb")).expect("the bundle"), bytes);
    assert_eq!(run(at, &["build", "bad.ipcmm.yaml", "-o", "new.ipcb"]).code, Some(1));
    assert!(!at.join("new.ipcb").exists());

    let unwritable = run(at, &["build", "good.ipcmm.yaml", "-o", "no/such/folder/x.ipcb"]);
    assert_eq!(unwritable.code, Some(4));
    assert!(unwritable.err.contains("error[C5001]"), "{}", unwritable.err);
    assert_eq!(run(at, &["build", "good.ipcmm.yaml", "-o", "-", "--format", "json"]).code, Some(2));
    let names: Vec<_> = fs::read_dir(at).expect("a folder").flatten().map(|entry| entry.file_name()).collect();
    assert_eq!(names.len(), 4, "no litter: {names:?}");
}

#[test]
fn build_reports_as_its_schema_says() {
    let folder = folder();
    for (source, code) in [("good.ipcmm.yaml", 0), ("bad.ipcmm.yaml", 1), ("missing.ipcmm.yaml", 4)] {
        let built = run(folder.path(), &["build", source, "--format", "json", "-o", "x.ipcb"]);
        assert_eq!(built.code, Some(code), "{source}");
        assert_eq!(violations("build.schema.json", &json(&built)), Vec::<String>::new(), "{source}");
        assert_eq!(json(&built)["bundle"].is_null(), code != 0, "{source}");
    }
}

#[test]
fn bundles_are_looked_into() {
    let folder = folder();
    let at = folder.path();
    assert_eq!(run(at, &["build", "good.ipcmm.yaml", "-q"]).out, "");
    let shown = run(at, &["inspect", "web.ipcb"]);
    assert_eq!(shown.code, Some(0));
    assert!(shown.out.contains("motd  good.ipcmm.yaml:3:1") && shown.out.contains("ipcmm.filesystem.file  change"));
    let shown = run(at, &["inspect", "web.ipcb", "--format", "json"]);
    assert_eq!(violations("inspect.schema.json", &json(&shown)), Vec::<String>::new());
    let listed = run(at, &["disasm", "web.ipcb"]);
    assert!(listed.code == Some(0) && listed.out.contains("'motd'"), "{}", listed.out);
    assert_eq!(run(at, &["dump", "--stage", "asm", "good.ipcmm.yaml"]).out, listed.out);

    let mut bytes = fs::read(at.join("web.ipcb")).expect("the bundle");
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(at.join("web.ipcb"), bytes).expect("written");
    for command in ["inspect", "disasm"] {
        let refused = run(at, &[command, "web.ipcb"]);
        assert_eq!(refused.code, Some(1));
        assert!(refused.err.starts_with("error[F0104] the bundle was damaged or altered: section "), "{}", refused.err);
        let refused = run(at, &[command, "web.ipcb", "--format", "json"]);
        assert_eq!(violations("error.schema.json", &json(&refused)), Vec::<String>::new());
        assert_eq!(run(at, &[command, "missing.ipcb"]).code, Some(4));
    }
}

#[test]
fn stages_are_dumped() {
    let folder = folder();
    let at = folder.path();
    fs::write(at.join("any.yaml"), "a: [1, two]\n").expect("written");
    let doc = json(&run(at, &["dump", "any.yaml"]));
    assert_eq!(doc["roots"][0]["entries"][0]["value"]["items"][1]["text"], "two");
    fs::write(at.join("any.json"), "{\"a\": [1, \"two\"]}\n").expect("written");
    let doc = json(&run(at, &["dump", "--stage", "doc", "any.json"]));
    assert_eq!(doc["roots"][0]["entries"][0]["value"]["items"][1]["text"], "two");
    let yaml = run(at, &["dump", "--stage", "graph", "--as", "yaml", "good.ipcmm.yaml"]);
    assert!(yaml.code == Some(0) && yaml.out.contains("label: motd"), "{}", yaml.out);
    assert!(json(&run(at, &["dump", "--stage", "ir", "good.ipcmm.yaml"])).is_array());
    // What can be shown is shown, and the problem is named.
    let bad = run(at, &["dump", "--stage", "ir", "bad.ipcmm.yaml"]);
    assert!(bad.code == Some(1) && bad.err.contains("C2003") && json(&bad).is_array());
    assert_eq!(run(at, &["dump", "--stage", "asm", "--as", "json", "good.ipcmm.yaml"]).code, Some(2));
    assert_eq!(run(at, &["dump", "--as", "text", "good.ipcmm.yaml"]).code, Some(2));
    assert_eq!(run(at, &["dump", "missing.yaml"]).code, Some(4));
}

#[test]
fn codes_and_words_are_explained() {
    let folder = folder();
    let at = folder.path();
    for topic in ["C2003", "F0404", "ipcmm.run.cmd", "runas", "facts.os.family"] {
        let explained = run(at, &["explain", topic]);
        assert!(explained.code == Some(0) && !explained.out.is_empty(), "{topic}");
    }
    let unknown = run(at, &["explain", "filesystem.fle"]);
    assert_eq!(unknown.code, Some(2));
    assert!(unknown.err.contains("did you mean `ipcmm.filesystem.file`?"), "{}", unknown.err);
    assert!(run(at, &["completions", "bash"]).out.contains("_ipcmmc"));
}

#[test]
fn a_reader_who_goes_away_is_no_error() {
    let folder = folder();
    let mut child = program(folder.path())
        .args(["explain", "ipcmm.run.cmd"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("the program ends");
    assert_eq!((output.status.code(), output.stderr), (Some(0), Vec::new()));
}

#[test]
fn a_full_disk_is_said() {
    let folder = folder();
    let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("a full device");
    let output = program(folder.path()).args(["explain", "runas"]).stdout(full).output().expect("the program starts");
    assert_eq!(output.status.code(), Some(4));
    assert!(String::from_utf8_lossy(&output.stderr).contains("cannot write to standard output"));
}

#[test]
fn colour_is_asked_for() {
    let folder = folder();
    let with = |line: &[&str], env: &[(&str, &str)]| {
        let output = program(folder.path()).args(line).envs(env.iter().copied()).output().expect("the program starts");
        ran(output).err.contains("\x1b[")
    };
    let line = ["check", "bad.ipcmm.yaml"];
    assert!(!with(&line, &[]));
    assert!(with(&line, &[("CLICOLOR_FORCE", "1")]));
    assert!(!with(&line, &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
    assert!(with(&["check", "bad.ipcmm.yaml", "--color", "always"], &[("NO_COLOR", "1")]));
    assert!(!with(&["check", "bad.ipcmm.yaml", "--color", "never"], &[("CLICOLOR_FORCE", "1")]));
}

#[test]
fn a_manifest_is_checked_with_its_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    fs::write(at.join("web.ipcmm.yaml"), GOOD).expect("written");
    fs::write(at.join("ipcmm.yaml"), "name: web\nroot: sandbox\n").expect("written");
    assert_eq!(run(at, &["check", "."]).code, Some(0));
    fs::write(at.join("ipcmm.yaml"), "nmae: web\n").expect("written");
    let wrong = run(at, &["check", "."]);
    assert!(wrong.code == Some(1) && wrong.err.contains("did you mean `name`?"), "{}", wrong.err);
    assert_eq!(run(at, &["build", ".", "-o", "x.ipcb"]).code, Some(1));
    assert!(!at.join("x.ipcb").exists());
    // Named by itself, the module belongs to the project all the same.
    assert_eq!(run(at, &["check", "web.ipcmm.yaml"]).code, Some(1));
}
