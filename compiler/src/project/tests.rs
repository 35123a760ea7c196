//! Manifests, inputs, inventories and packages as a build is given them.

use super::*;
use crate::world::memory::MemoryWorld;

fn world(files: &[(&str, &str)]) -> MemoryWorld {
    files.iter().map(|(name, text)| (PathBuf::from(name), text.as_bytes().to_vec())).collect()
}

fn problems(opened: &Opened) -> Vec<String> {
    let line = |d: &Diagnostic| format!("{} {} | {}", d.code, d.message, d.help.as_deref().unwrap_or(""));
    opened.settings.diagnostics.iter().map(line).collect()
}

/// The text of an input's value as a module sees it.
fn input<'o>(opened: &'o Opened, module: &str, name: &str) -> Option<&'o str> {
    let given = opened.settings.inputs.find(module, name)?;
    given.doc.text(given.value)
}

#[test]
fn a_manifest_is_the_same_in_every_format() {
    let faces = [
        ("ipcmm.yaml", "name: web\nversion: 1.10\nroot: ./trial\ninputs: {port: 80}\ninventory: {web1: {role: web}}\n"),
        (
            "ipcmm.json",
            r#"{"name": "web", "version": "1.10", "root": "./trial", "inputs": {"port": 80}, "inventory": {"web1": {"role": "web"}}}"#,
        ),
        ("ipcmm.properties", "name=web\nversion=1.10\nroot=./trial\ninputs.port=80\ninventory.web1.role=web\n"),
    ];
    for (name, text) in faces {
        let world = world(&[(&format!("site/{name}"), text), ("site/a.ipcmm.yaml", "")]);
        let opened = open(&world, &[PathBuf::from("./site/")], Request::default());
        assert_eq!(problems(&opened), [""; 0], "{name}");
        assert_eq!(input(&opened, "any", "port"), Some("80"), "{name}");
        let manifest = opened.manifest.expect("a manifest");
        assert_eq!(manifest.name.as_deref(), Some("web"), "{name}");
        assert_eq!(manifest.version.as_deref(), Some("1.10"), "{name}");
        assert_eq!(manifest.root, Some(PathBuf::from("site/trial")), "{name}");
        let nodes = manifest.inventory.expect("an inventory").nodes;
        assert_eq!(
            nodes.iter().map(|n| (n.name.as_str(), n.role.as_deref())).collect::<Vec<_>>(),
            [("web1", Some("web"))]
        );
    }
}

#[test]
fn the_strongest_value_wins() {
    let manifest = "
inputs: {a: manifest, b: manifest, c: manifest, d: manifest, e: manifest, web/e: module}
environments:
  base: {inputs: {b: base, c: base, d: base}}
  prod: {extends: base, inputs: {c: prod, d: prod}}
  other: {inputs: {a: other}}
";
    let files = [("ipcmm.yaml", manifest), ("x.json", r#"{"d": "file", "f": "file"}"#), ("y.properties", "f=later\n")];
    let world = world(&files);
    let inputs = [PathBuf::from("x.json"), PathBuf::from("y.properties")];
    let set = ["g=one".to_owned(), "g=a=b".to_owned(), "web/h=module".to_owned(), "h=all".to_owned()];
    let request = Request { environment: Some("prod"), inputs: &inputs, set: &set, ..Request::default() };
    let opened = open(&world, &[PathBuf::from(".")], request);
    assert_eq!(problems(&opened), [""; 0]);
    for (module, name, expected) in [
        ("db", "a", "manifest"),
        ("db", "b", "base"),
        ("db", "c", "prod"),
        ("db", "d", "file"),
        ("db", "e", "manifest"),
        ("web", "e", "module"),
        ("db", "f", "later"),
        ("db", "g", "a=b"),
        ("web", "h", "module"),
        ("db", "h", "all"),
    ] {
        assert_eq!(input(&opened, module, name), Some(expected), "{module}/{name}");
    }
    assert_eq!(input(&opened, "db", "z"), None);
    let plain = open(&world, &[PathBuf::from(".")], Request::default());
    assert_eq!(input(&plain, "db", "d"), Some("manifest"));
}

#[test]
fn an_argument_is_shown_where_it_is_written() {
    let set = ["web/port=abc".to_owned()];
    let opened = open(&world(&[]), &[], Request { set: &set, ..Request::default() });
    let given = opened.settings.inputs.find("web", "port").expect("a value");
    let file = opened.settings.sources.file(given.doc.file);
    let text = |node| {
        let span = given.doc.node(node).span;
        file.text.get(span.start as usize..span.end as usize)
    };
    assert_eq!((file.name.as_str(), text(given.key), text(given.value)), ("--set", Some("web/port"), Some("abc")));
    assert_eq!(given.doc.place_in(given.value, Span::new(1, 2)), Span::new(10, 11));
}

#[test]
fn lints_are_levels_by_name() {
    let opened =
        open(&world(&[("ipcmm.yaml", "lints: {a: deny, b: allow}\n")]), &[PathBuf::from(".")], Request::default());
    let lints = opened.manifest.expect("a manifest").lints;
    let of: Vec<_> = lints.iter().map(|lint| (lint.name.as_str(), lint.level, lint.name_span.start)).collect();
    assert_eq!(of, [("a", Level::Deny, 8), ("b", Level::Allow, 17)]);
}

#[test]
fn groups_are_what_nodes_say_and_what_globs_find() {
    let text = "inventory: {nodes: {b: {groups: [x, y]}, a: , c: }, groups: {x: [a, '*b'], all: '*', none: []}}\n";
    let opened = open(&world(&[("ipcmm.yaml", text)]), &[PathBuf::from(".")], Request::default());
    assert_eq!(problems(&opened), [""; 0]);
    let groups = opened.settings.inventory.expect("an inventory").groups;
    let list: Vec<String> = groups.iter().map(|(name, nodes)| format!("{name}: {}", nodes.join(" "))).collect();
    assert_eq!(list, ["all: b a c", "none: ", "x: b a", "y: b"]);
}

const SHOP: &[(&str, &str)] = &[
    ("shop/ipcmm.yaml", "dependencies: {web: {path: ../web}, db: {path: lib/db}}\n"),
    ("shop/a.ipcmm.yaml", ""),
    ("shop/lib/db/db.ipcmm.yaml", ""),
    ("web/ipcmm.yaml", "version: '2'\ndependencies: {db: {path: ../shop/lib/db}}\n"),
    ("web/web.ipcmm.yaml", ""),
    ("web/files/motd", "hello"),
    ("web/target/x.ipcmm.yaml", "not part of it"),
];

fn lock_of(world: &MemoryWorld, locking: Locking) -> (Option<Lock>, Vec<String>) {
    let opened = open(world, &[PathBuf::from("shop")], Request { locking, ..Request::default() });
    let list = problems(&opened);
    (opened.lock, list)
}

#[test]
fn packages_are_read_with_those_they_need() {
    let opened = open(&world(SHOP), &[PathBuf::from("shop")], Request::default());
    assert_eq!(problems(&opened), [""; 0]);
    let packages = &opened.settings.packages;
    assert_eq!(packages.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["db", "web"]);
    assert_eq!(packages.sources("web"), Some(&[PathBuf::from("web/web.ipcmm.yaml")][..]));
    assert_eq!(packages.sources("nothing"), None);
    let web = packages.get("web").expect("a package");
    assert_eq!((web.version.as_deref(), web.dependencies.as_slice()), (Some("2"), &["db".to_owned()][..]));
    assert_eq!(opened.settings.chosen.map(|chosen| chosen.files), Some(vec![PathBuf::from("shop/a.ipcmm.yaml")]));
}

#[test]
fn the_lock_file_pins_content() {
    let mut world = world(SHOP);
    let (lock, problems) = lock_of(&world, Locking::Check);
    let lock = lock.expect("a lock file");
    assert!(lock.changed && problems.is_empty());
    assert_eq!(lock.path, PathBuf::from("shop/ipcmm.lock"));
    assert!(lock.text.starts_with("# ") && lock.text.contains("\n  \"db\":\n    path: \"lib/db\"\n    hash: blake3:"));
    assert_eq!(lock_of(&world, Locking::Locked).1.len(), 1);
    world.add("shop/ipcmm.lock", lock.text.as_bytes());
    for locking in [Locking::Check, Locking::Locked, Locking::Rewrite] {
        let (again, problems) = lock_of(&world, locking);
        assert_eq!((again, problems), (Some(Lock { changed: false, ..lock.clone() }), vec![]), "{locking:?}");
    }
    // A file that no source names is content too: it may be carried in a bundle.
    world.add("web/files/motd", "hullo");
    for locking in [Locking::Check, Locking::Locked] {
        let (_, problems) = lock_of(&world, locking);
        let [problem] = problems.as_slice() else { panic!("{problems:?}") };
        assert!(problem.starts_with("C2062 package `web` is not what ipcmm.lock pins"), "{problem}");
    }
    let (anew, problems) = lock_of(&world, Locking::Rewrite);
    assert!(anew.is_some_and(|anew| anew.changed && anew.text != lock.text) && problems.is_empty());
}

#[test]
fn names_and_contents_cannot_pass_into_each_other() {
    let hash = |name: &str, text: &str| {
        let files = [("shop/ipcmm.yaml", "dependencies: {p: {path: p}}\n"), (name, text)];
        let files = [&files[..], &[("shop/p/z.ipcmm.yaml", "")]].concat();
        let opened = open(&world(&files), &[PathBuf::from("shop")], Request::default());
        opened.settings.packages.get("p").map(|package| package.hash.clone())
    };
    assert!(hash("shop/p/a", "bc").is_some());
    assert_ne!(hash("shop/p/a", "bc"), hash("shop/p/ab", "c"));
    assert_eq!(hash("shop/p/.hidden/x", "1"), hash("shop/p/.hidden/x", "2"));
}

#[test]
fn packages_in_a_circle_end() {
    let files = [
        ("shop/ipcmm.yaml", "dependencies: {a: {path: ../a}}\n"),
        ("a/ipcmm.yaml", "dependencies: {b: {path: ../b}}\n"),
        ("a/a.ipcmm.yaml", ""),
        ("b/ipcmm.yaml", "dependencies: {a: {path: ../a}}\n"),
        ("b/b.ipcmm.yaml", ""),
    ];
    let opened = open(&world(&files), &[PathBuf::from("shop")], Request::default());
    assert_eq!(opened.settings.packages.iter().count(), 2);
}

const EVERYTHING: &str = "\
name: shop
version: 1.10
root: ./trial
sources: [base, 'roles/*.yaml', a.ipcmm.yaml]
inputs: {port: 80, web/port: [1, {a: b}]}
environments: {base: {inputs: {x: 1}}, prod: {extends: base}}
inventory: {nodes: {web1: {role: web, vars: {a: [1]}, groups: [g]}, db1: }, groups: {all: '*', w: [web1]}}
lints: {unused: deny}
dependencies: {web: {path: lib/web}}
signing: key
";

proptest::proptest! {
    /// Whatever becomes of the text of a manifest, reading ends, and what is reported stands inside the file.
    #[test]
    fn a_mangled_manifest_is_read_or_refused(
        cuts in proptest::collection::vec((0usize..EVERYTHING.len(), 0usize..12, "[\\[\\]{}:,'*&?~a/. \n-]{0,4}"), 1..5),
        name in proptest::sample::select(NAMES),
    ) {
        let mut text = EVERYTHING.to_owned();
        for (at, length, new) in cuts {
            let start = at.min(text.len());
            text.replace_range(start..(start + length).min(text.len()), &new);
        }
        let files = [(name, text.as_str()), ("a.ipcmm.yaml", "a: {ipcmm.nop: , target: \"role == 'web'\"}\n")];
        let files = [&files[..], &[("lib/web/w.ipcmm.yaml", "")]].concat();
        let world = world(&files);
        let paths = [PathBuf::from(".")];
        let set = ["a=1".to_owned()];
        let opened = open(&world, &paths, Request { environment: Some("prod"), set: &set, ..Request::default() });
        let options = crate::BuildOptions { debug: true, check_only: false };
        let build = crate::build_with(&world, &paths, options, opened.settings);
        proptest::prop_assert_eq!(build.bundle.is_some(), !build.diagnostics.has_errors());
        for (file, span) in build.diagnostics.iter().filter_map(|d| d.place) {
            let length = build.sources.file(file).text.len() as u32;
            proptest::prop_assert!(span.start <= span.end && span.end <= length);
        }
    }
}
