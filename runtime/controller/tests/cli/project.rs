//! The real `ipcmm` on a project: its root, its inventory, and flags that belong to sources.
//!
//! A module of the test binary `cli`.

use super::{json, run};
use std::fs;

const SITE: &str = "\
declare: {in: {used: {type: int, default: 0}}}
here: {ipcmm.filesystem.file: {args: {path: /here, content: x}}, target: \"role == 'here'\"}
elsewhere: {ipcmm.filesystem.file: {args: {path: /elsewhere, content: x}}, target: [other]}
both: {ipcmm.filesystem.file: {args: {path: /both, content: x}}, depends_on: [here, elsewhere]}
";

#[test]
fn a_task_is_for_the_nodes_of_its_target() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    let name = fs::read_to_string("/proc/sys/kernel/hostname").expect("Linux tells it");
    let name = name.trim();
    // The manifest of the folder counts for a file in it: its root keeps the run away from the machine.
    let manifest = format!("root: trial\ninventory: [{{name: {name}, role: here}}, other]\nenvironments: {{prod: }}\n");
    fs::write(at.join("ipcmm.yaml"), manifest).expect("written");
    fs::write(at.join("site.ipcmm.yaml"), SITE).expect("written");
    let planned = run(at, &["plan", "site.ipcmm.yaml", "--env", "prod", "--set", "used=1", "--format", "json"]);
    assert_eq!(planned.code, Some(0), "{}", planned.err);
    let report = json(&planned);
    let tasks = report["tasks"].as_array().expect("tasks");
    let told: Vec<String> = tasks.iter().map(|t| format!("{} {}", t["label"], t["outcome"]).replace('"', "")).collect();
    assert_eq!(told, ["here would-change", "elsewhere skipped", "both would-change"]);
    assert_eq!(tasks[1]["reason"], "not-a-target");
    assert_eq!(run(at, &["apply", "."]).code, Some(0));
    let there = |name: &str| at.join("trial").join(name).exists();
    assert!(there("here") && there("both") && !there("elsewhere"));
}

#[test]
fn a_bundle_takes_no_inputs() {
    let folder = tempfile::tempdir().expect("a folder");
    for flag in [["--set", "a=1"], ["--env", "prod"], ["--inputs", "x.yaml"]] {
        let refused = run(folder.path(), &[&["plan", "x.ipcb"][..], &flag].concat());
        assert_eq!(refused.code, Some(2));
        assert!(refused.err.contains("belongs to sources"), "{}", refused.err);
    }
}
