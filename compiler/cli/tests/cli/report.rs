//! Problems for machines, levels, and fixes that are written to files.

use super::{json, run};
use ipcmm_spec::schema::violations;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use tempfile::TempDir;

const BROKEN: &str = "ipcmm: 1\r\n# kept\r\na:\r\n  ipcmm.filesystem.fil: {args: {path: /a, backup: \"true\"}}\r\nb: {ipcmm.nop: , requires: [a, a]}\r\n";
const WARNS: &str = "a: {ipcmm.nop: }\nb: {ipcmm.filesystem.dir: {args: {path: /srv}}, watch: a}\n";

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        fs::write(folder.path().join(name), text).expect("written");
    }
    folder
}

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).expect("a file")
}

#[test]
fn machines_read_what_they_asked_for() {
    let folder = folder(&[("bad.ipcmm.yaml", BROKEN), ("warns.ipcmm.yaml", WARNS)]);
    let at = folder.path();
    for command in ["check", "lint", "build"] {
        let of = |format: &str| run(at, &[command, "bad.ipcmm.yaml", "--format", format]);
        let schema = if command == "build" { "build.schema.json" } else { "diagnostics.schema.json" };
        assert_eq!(violations(schema, &json(&of("json"))), Vec::<String>::new());
        assert_eq!(json(&of("sarif"))["version"], "2.1.0");
        assert!(of("github").out.starts_with("::error file=bad.ipcmm.yaml,line=4,"), "{}", of("github").out);
        assert!(of("junit").out.contains("<testsuite name=\"bad.ipcmm.yaml\" tests=\"2\" failures=\"2\""));
        for format in ["json", "sarif", "github", "junit"] {
            let (first, second) = (of(format), of(format));
            assert_eq!((first.code, first.err.as_str()), (Some(1), ""), "{command} {format}");
            assert_eq!(first.out, second.out, "{command} {format}");
        }
    }
    let good = run(at, &["check", "warns.ipcmm.yaml", "--allow", "no-reaction", "--format", "junit"]);
    assert!(good.out.contains("<testcase name=\"no problem\""), "{}", good.out);
}

#[test]
fn levels_come_from_the_command_line() {
    let folder = folder(&[("warns.ipcmm.yaml", WARNS)]);
    let check = |more: &[&str]| run(folder.path(), &[&["check", "warns.ipcmm.yaml"], more].concat());
    assert_eq!(check(&[]).code, Some(0));
    assert!(check(&[]).err.contains("warning[C2018]"));
    assert_eq!(check(&["--allow", "no-reaction"]).err, "");
    for denied in [
        &["--deny", "no-reaction"][..],
        &["--deny", "C2018"],
        &["--deny", "warnings"],
        &["--allow", "C2018", "--deny", "C2018"],
    ] {
        let denied = check(denied);
        assert_eq!(denied.code, Some(1));
        assert!(denied.err.contains("error[C2018]"), "{}", denied.err);
    }
    let wrong = check(&["--deny", "no-raction"]);
    assert_eq!(wrong.code, Some(2));
    assert!(wrong.err.contains("did you mean `no-reaction`?"), "{}", wrong.err);
    assert_eq!(check(&["--allow", "syntax"]).code, Some(2));
    let built = run(folder.path(), &["build", "warns.ipcmm.yaml", "--deny", "warnings"]);
    assert_eq!((built.code, folder.path().join("warns.ipcb").exists()), (Some(1), false));
}

#[test]
fn lint_says_more_than_check() {
    let folder = folder(&[("a.ipcmm.yaml", "a: {ipcmm.filesystem.dir: {args: {path: /srv, mode: \"0777\"}}}\n")]);
    let at = folder.path();
    assert_eq!(run(at, &["check", "a.ipcmm.yaml"]).err, "");
    let linted = run(at, &["lint", "a.ipcmm.yaml"]);
    assert_eq!(linted.code, Some(0));
    assert!(linted.err.contains("warning[C6003]") && linted.out.starts_with("linted 1 file"), "{}", linted.err);
    assert_eq!(run(at, &["lint", "a.ipcmm.yaml", "--fix=all"]).code, Some(0));
    assert!(read(at, "a.ipcmm.yaml").contains("\"0775\""));
}

#[test]
fn fixes_are_written_as_far_as_they_are_asked_for() {
    let folder = folder(&[("bad.ipcmm.yaml", BROKEN)]);
    let (at, path) = (folder.path(), folder.path().join("bad.ipcmm.yaml"));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("its owner may");

    let dry = run(at, &["check", "bad.ipcmm.yaml", "--fix=all", "--dry-run"]);
    assert_eq!(read(at, "bad.ipcmm.yaml"), BROKEN);
    assert_eq!(dry.code, Some(1));
    assert!(dry.out.starts_with("--- a/bad.ipcmm.yaml\n+++ b/bad.ipcmm.yaml\n@@"), "{}", dry.out);
    assert!(dry.out.contains("+  ipcmm.filesystem.file: {args: {path: /a, backup: true}}"), "{}", dry.out);

    let certain = run(at, &["check", "bad.ipcmm.yaml", "--fix"]);
    assert_eq!(certain.code, Some(1));
    assert!(certain.err.contains("fixed bad.ipcmm.yaml:5  C4004: remove it"), "{}", certain.err);
    assert_eq!(read(at, "bad.ipcmm.yaml"), BROKEN.replace("[a, a]", "[a]"));

    let all = run(at, &["check", "bad.ipcmm.yaml", "--fix=all"]);
    assert_eq!(all.code, Some(0), "{}", all.err);
    let mended = BROKEN.replace("[a, a]", "[a]").replace(".fil:", ".file:").replace("\"true\"", "true");
    assert_eq!(read(at, "bad.ipcmm.yaml"), mended);
    assert_eq!(fs::metadata(&path).map(|there| there.permissions().mode() & 0o777).ok(), Some(0o640));
    assert_eq!(fs::read_dir(at).map(Iterator::count).ok(), Some(1));

    let again = run(at, &["check", "bad.ipcmm.yaml", "--fix=all"]);
    assert_eq!((again.code, again.err.as_str()), (Some(0), ""));
    assert_eq!(run(at, &["check", "-", "--fix"]).code, Some(2));
    assert_eq!(run(at, &["check", "--fix", "bad.ipcmm.yaml"]).code, Some(0));
}

/// Each format has its own way to write the same.
#[test]
fn fixes_speak_the_format_of_the_file() {
    let files = [
        (
            "a.ipcmm.json",
            "\u{feff}{\n  \"a b\": {\"ipcmm.nop\": {}, \"result\": \"r\"},\n  \"b\": {\n    \"ipcmm.eval\": {\"args\": {\"expr\": \"r.outcom\"}}\n  },\n  \"c\": {\"ipcmm.nop\": {}, \"requires\": [\"a  b\", \"b\", \"b\"]},\n}\n",
        ),
        (
            "a.ipcmm.properties",
            "module=p\r\na.ipcmm.nop=\r\na.result=r\r\nb.ipcmm.eval.args.expr=r.outcome\r\nc.ipcmm.filesystem.dri.args.path=srv\r\n",
        ),
        (
            "b.ipcmm.yaml",
            "module: y\n'a: b':\n  ipcmm.nop:\n  result: r\nb:\n  # first\n  ipcmm.eval: {args: {expr: r.outcome}}\n  requires:\n  - c\nc: {ipcmm.nop: , requires: 'a:  b'}\n",
        ),
    ];
    let folder = folder(&files);
    let at = folder.path();
    let names: Vec<&str> = files.iter().map(|(name, _)| *name).collect();
    let ran = run(at, &[&["check", "--fix=all"], names.as_slice()].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let json = "\u{feff}{\n  \"a b\": {\"ipcmm.nop\": {}, \"result\": \"r\"},\n  \"b\": {\n    \"ipcmm.eval\": {\"args\": {\"expr\": \"r.outcome\"}},\n    \"depends_on\": \"a b\"\n  },\n  \"c\": {\"ipcmm.nop\": {}, \"requires\": [\"a b\", \"b\"]}\n}\n";
    assert_eq!(read(at, "a.ipcmm.json"), json);
    let properties = "module=p\r\na.ipcmm.nop=\r\na.result=r\r\nb.depends_on=a\r\nb.ipcmm.eval.args.expr=r.outcome\r\nc.ipcmm.filesystem.dir.args.path=/srv\r\n";
    assert_eq!(read(at, "a.ipcmm.properties"), properties);
    let yaml = "module: y\n'a: b':\n  ipcmm.nop:\n  result: r\nb:\n  # first\n  depends_on: \"a: b\"\n  ipcmm.eval: {args: {expr: r.outcome}}\n  requires:\n  - c\nc: {ipcmm.nop: , requires: 'a: b'}\n";
    assert_eq!(read(at, "b.ipcmm.yaml"), yaml);
}
