//! `ipcmmc test` as people and CI servers run it: exit codes, streams, formats, coverage.

use super::{json, run};
use ipcmm_spec::schema::violations;
use std::fs;
use tempfile::TempDir;

const MODULE: &str =
    "motd:\n  ipcmm.filesystem.file: {args: {path: /etc/motd, content: \"hi\\n\"}}\n  when: facts.cpu.count > 1\n";
const TESTS: &str = "good: {expect: {outcomes: {motd: changed}}}\nbad:\n  expect:\n    files: {/etc/motd: \"ho\\n\"}\n";

/// A project with a module and a document with a good and a bad case.
fn project() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("tests")).expect("a folder");
    fs::write(folder.path().join("web.ipcmm.yaml"), MODULE).expect("written");
    fs::write(folder.path().join("tests/web.test.yaml"), TESTS).expect("written");
    folder
}

#[test]
fn only_what_fails_is_told_and_the_exit_code_says_what_happened() {
    let folder = project();
    let at = folder.path();
    let all = run(at, &["test"]);
    assert_eq!(all.code, Some(3), "{}", all.err);
    assert!(all.err.starts_with("error[C5030] /etc/motd has another content"), "{}", all.err);
    for part in ["tests/web.test.yaml:4:13", "-ho", "+hi"] {
        assert!(all.err.contains(part), "{part}: {}", all.err);
    }
    assert!(all.out.starts_with("1 of 2 tests failed · "), "{}", all.out);
    let good = run(at, &["test", ".", "--filter", "good", "--twice", "--plan-first"]);
    assert_eq!((good.code, good.err.as_str()), (Some(0), ""));
    assert!(good.out.starts_with("1 test passed · "), "{}", good.out);
    assert_eq!(run(at, &["test", "--filter", "good", "-q"]).out, "");
    let list = run(at, &["test", "-v"]).out;
    assert!(list.contains("✓ good") && list.contains("✗ bad"), "{list}");
    let none = run(at, &["test", "--filter", "nothing"]);
    assert!(none.code == Some(1) && none.err.contains("C5035"), "{}", none.err);
    assert_eq!(run(at, &["test", "nowhere"]).code, Some(4));
    assert_eq!(run(at, &["test", "web.ipcmm.yaml"]).code, Some(3));
    fs::write(at.join("web.ipcmm.yaml"), "motd: {ipcmm.nop: , requires: x}\n").expect("written");
    let broken = run(at, &["test"]);
    assert!(broken.code == Some(1) && broken.err.contains("error[C2007]"), "{}", broken.err);
    assert!(broken.out.starts_with("2 of 2 tests could not be run"), "{}", broken.out);
}

#[test]
fn machines_get_json_and_junit() {
    let folder = project();
    let at = folder.path();
    let report = run(at, &["test", "--format", "json", "--coverage"]);
    let document = json(&report);
    assert_eq!(violations("test.schema.json", &document), Vec::<String>::new());
    assert_eq!((report.code, document["passed"].as_u64(), document["failed"].as_u64()), (Some(3), Some(1), Some(1)));
    assert_eq!(document["cases"][1]["failures"][0]["problem"]["code"], "C5030");
    assert_eq!(json(&run(at, &["test", "--format", "json"]))["coverage"], serde_json::Value::Null);
    let junit = run(at, &["test", "--format", "junit"]).out;
    assert!(junit.contains("<testsuites name=\"ipcmmc test\" tests=\"2\" failures=\"1\" errors=\"0\">"), "{junit}");
    assert!(junit.contains("<testcase name=\"good\"") && junit.contains("-ho"), "{junit}");
}

#[test]
fn coverage_is_shown_written_and_demanded() {
    let folder = project();
    let at = folder.path();
    let good = ["test", "--filter", "good"];
    let with = |more: &[&str]| run(at, &[&good[..], more].concat());
    let shown = with(&["--coverage"]).out;
    assert!(shown.contains("web          1/1       1/2"), "{shown}");
    assert!(shown.contains("web.ipcmm.yaml:3:9 `when` of `motd` always holds"), "{shown}");
    assert_eq!(with(&["--coverage-min", "66"]).code, Some(0));
    let low = with(&["--coverage-min", "67"]);
    assert_eq!(low.code, Some(3));
    assert!(low.err.contains("error[C5036] the tests cover 66.6 % (2 of 3), and 67 % are wanted"), "{}", low.err);
    assert_eq!(with(&["--coverage-out", "c.lcov"]).code, Some(0));
    let lcov = fs::read_to_string(at.join("c.lcov")).expect("written");
    for line in ["FN:1,motd", "FNDA:1,motd", "BRDA:3,0,0,1", "BRDA:3,0,1,0", "DA:1,1", "end_of_record"] {
        assert!(lcov.lines().any(|found| found == line), "{line}: {lcov}");
    }
    assert_eq!(with(&["--coverage-out", "c.json"]).code, Some(0));
    let written = fs::read_to_string(at.join("c.json")).expect("written");
    let document: serde_json::Value = serde_json::from_str(&written).expect("JSON");
    assert_eq!(document["total"]["covered"], 2);
    let unwritable = with(&["--coverage-out", "no/such/folder/c.lcov"]);
    assert!(unwritable.code == Some(4) && unwritable.err.contains("C5001"), "{}", unwritable.err);
}
