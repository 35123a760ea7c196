//! The real `ipcmmc` on projects: what a manifest, its environments and its lock file do to a build.
//!
//! A module of the test binary `cli`.

use super::{json, run};
use ipcmm_spec::schema::violations;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

const MANIFEST: &str = "\
name: shop
dependencies: {web: {path: lib/web}}
environments: {test: {}, prod: {extends: test}}
inventory: {web1: {role: web}}
";

fn project() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("it is in a folder")).expect("a folder");
        fs::write(path, text).expect("written");
    };
    write("ipcmm.yaml", MANIFEST);
    write("site.ipcmm.yaml", "a: {ipcmm.nop: {}, target: \"role == 'web'\"}\n");
    write("lib/web/web.ipcmm.yaml", "b: {ipcmm.nop: {}}\n");
    folder
}

fn lock(at: &Path) -> Option<String> {
    fs::read_to_string(at.join("ipcmm.lock")).ok()
}

#[test]
fn a_bundle_has_the_name_of_the_project() {
    let folder = project();
    let at = folder.path();
    for environment in ["test", "prod"] {
        let built = run(at, &["build", ".", "--env", environment]);
        assert_eq!((built.code, built.err.as_str()), (Some(0), ""));
        assert!(built.out.starts_with("built shop.ipcb  1 task"), "{}", built.out);
    }
    let wrong = run(at, &["build", ".", "--env", "prdo", "-o", "x.ipcb"]);
    assert_eq!(wrong.code, Some(1));
    assert!(wrong.err.contains("error[C2051]") && wrong.err.contains("did you mean `prod`?"), "{}", wrong.err);
    assert!(!at.join("x.ipcb").exists());
}

#[test]
fn an_argument_is_shown_like_a_file() {
    let folder = project();
    let wrong = run(folder.path(), &["check", ".", "--set", "port", "--set", "ok=1", "--inputs", "nothing.yaml"]);
    assert_eq!(wrong.code, Some(4));
    assert!(wrong.err.contains("--set:1:1") && wrong.err.contains("error[C2053]"), "{}", wrong.err);
    assert!(wrong.err.contains("cannot read nothing.yaml"), "{}", wrong.err);
    let wrong = json(&run(folder.path(), &["check", ".", "--set", "port", "--format", "json"]));
    assert_eq!(violations("diagnostics.schema.json", &wrong), Vec::<String>::new());
}

#[test]
fn packages_are_pinned_by_those_who_write() {
    let folder = project();
    let at = folder.path();
    for reader in ["check", "dump"] {
        let path = if reader == "dump" { "site.ipcmm.yaml" } else { "." };
        assert_eq!(run(at, &[reader, path]).code, Some(0));
        assert_eq!(lock(at), None, "`{reader}` writes nothing");
    }
    let refused = run(at, &["build", ".", "--locked"]);
    assert!(refused.code == Some(1) && refused.err.contains("error[C2063]"), "{}", refused.err);
    assert_eq!(run(at, &["build", "."]).code, Some(0));
    let first = lock(at).expect("`build` writes it");
    assert_eq!(run(at, &["build", ".", "--locked"]).code, Some(0));
    let kept = run(at, &["lock", "."]);
    assert!(kept.code == Some(0) && kept.out.ends_with("kept ipcmm.lock  1 package\n"), "{}", kept.out);

    fs::write(at.join("lib/web/web.ipcmm.yaml"), "evil: {ipcmm.nop: {}}\n").expect("written");
    for line in [&["build", "."][..], &["check", "."], &["check", ".", "--locked"]] {
        let refused = run(at, line);
        assert!(refused.code == Some(1) && refused.err.contains("package `web` is not what"), "{}", refused.err);
        assert_eq!(lock(at).as_ref(), Some(&first));
    }
    let wrote = run(at, &["lock", "."]);
    assert!(wrote.code == Some(0) && wrote.out.ends_with("wrote ipcmm.lock  1 package\n"), "{}", wrote.out);
    assert_ne!(lock(at), Some(first));
    assert_eq!(run(at, &["check", ".", "--locked"]).code, Some(0));
}

#[test]
fn there_is_nothing_to_pin_without_a_project_or_dependencies() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    let none = run(at, &["lock", "."]);
    assert!(none.code == Some(1) && none.err.contains("no manifest was found"), "{}", none.err);
    fs::write(at.join("ipcmm.json"), "{\"name\": \"x\"}").expect("written");
    let nothing = run(at, &["lock", "."]);
    assert_eq!((nothing.code, nothing.err.as_str()), (Some(0), ""));
    assert_eq!(lock(at), None);
}
