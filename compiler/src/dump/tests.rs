//! Dumps of a small build, and YAML read back by our own reader.

mod expressions;

use super::{graph, ir, yaml};
use crate::diag::Diagnostics;
use crate::doc::{Doc, Format, NodeId, NodeKind, Style, parse};
use crate::source::FileId;
use crate::world::memory::MemoryWorld;
use crate::{Build, BuildOptions, build};
use ipcmm_bytecode::asm;
use ipcmm_bytecode::bundle::Bundle;
use ipcmm_grammar::units::{is_null, parse_bool, parse_float, parse_int};
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use std::path::PathBuf;

const SITE: &str = "\
ipcmm: 1
prepare:
  ipcmm.run.cmd:
    args: {argv: [/bin/true], changed_if: '(result.rc ?? 0) > 0 and not (result.truncated == true)'}
  when: facts.cpu.count > 1
  retry: {attempts: 3, interval: 5s}
  result: prepared
write it:
  ipcmm.filesystem.file:
    args:
      path: /etc/app.conf
      content: |
        rc ${prepared.rc ?? 0}
        half ${1 + 1}
      mode: '0644'
  onlyif: [fs.exists('/etc'), {argv: [/bin/test, -d, /etc]}]
  depends_on: prepare
  timeout: 90s
each:
  ipcmm.nop:
    args: {comment: 'at ${item}'}
  loop_in: '[n * 2 for n in 1..3 if n != 2]'
  watch: write it
  modeofexec: parallel
  stoponfail: true
";

fn site() -> Build {
    let mut world = MemoryWorld::default();
    world.add("site.yaml", SITE);
    let build = build(&world, &[PathBuf::from("site.yaml")], BuildOptions { debug: true, check_only: false });
    assert!(!build.diagnostics.has_errors(), "{:?}", build.diagnostics);
    build
}

#[test]
fn a_graph_shows_what_will_run() {
    let build = site();
    let dump = graph(&build.graph, &build.sources);
    let tasks = &dump["tasks"];
    let at = |pointer: &str| tasks.pointer(pointer).unwrap_or_else(|| panic!("{pointer}\n{}", yaml(&dump)));
    let checks = [
        ("/0/label", json!("prepare")),
        ("/0/module", json!("site")),
        ("/0/place", json!({"file": "site.yaml", "line": 2, "column": 1, "span": [9, 16]})),
        ("/0/body/builtin", json!("ipcmm.run.cmd")),
        ("/0/body/args/argv/value", json!(["/bin/true"])),
        ("/0/body/args/argv/stage", json!("constant")),
        ("/0/body/args/changed_if/expr", json!("(result?.rc ?? 0) > 0 and not result.truncated == true")),
        ("/0/body/args/changed_if/evaluated_by", json!("builtin")),
        ("/0/body/when/expr", json!("facts.cpu.count > 1")),
        ("/0/body/when/stage", json!("node")),
        ("/0/body/retry", json!({"attempts": 3, "interval": "5s", "splay": "0s"})),
        ("/0/keeps_result", json!(true)),
        ("/1/edges/0/kind", json!("depends_on")),
        ("/1/edges/0/target", json!("prepare")),
        ("/1/edges/0/place/line", json!(17)),
        ("/1/body/args/content/stage", json!("run")),
        ("/1/body/args/mode/value", json!("0644")),
        ("/1/body/onlyif/0/stage", json!("node")),
        ("/1/body/onlyif/0/expr", json!("fs.exists('/etc')")),
        ("/1/body/onlyif/1/args/argv/value", json!(["/bin/test", "-d", "/etc"])),
        ("/1/body/timeout", json!("1m30s")),
        ("/2/mode", json!("parallel")),
        ("/2/stoponfail", json!(true)),
        ("/2/edges/0/kind", json!("watch")),
        ("/2/body/loop_in/value", json!([2, 6])),
        ("/2/body/args/comment/stage", json!("run")),
    ];
    for (pointer, expected) in checks {
        assert_eq!(*at(pointer), expected, "{pointer}\n{}", yaml(&dump));
    }
    assert_eq!(*at("/1/body/args/content/expr"), json!("\"rc ${prepared?.rc ?? 0}\\nhalf ${1 + 1}\\n\""));
}

#[test]
fn the_ir_shows_what_is_written() {
    let build = site();
    let dump = ir(&build.program, &build.sources);
    let at = |pointer: &str| dump.pointer(pointer).unwrap_or_else(|| panic!("{pointer}\n{}", yaml(&dump)));
    let checks = [
        ("/0/module", json!("site")),
        ("/0/file", json!("site.yaml")),
        ("/0/tasks/1/label", json!("write it")),
        ("/0/tasks/1/targets/0/target", json!("prepare")),
        ("/0/tasks/1/steps/0/builtin", json!("ipcmm.filesystem.file")),
        ("/0/tasks/1/steps/0/args/content/template", json!("rc ${prepared.rc ?? 0}\nhalf ${1 + 1}\n")),
    ];
    for (pointer, expected) in checks {
        assert_eq!(*at(pointer), expected, "{pointer}\n{}", yaml(&dump));
    }
    let text = yaml(&dump);
    assert!(text.contains("[n * 2 for n in 1..3 if n != 2]"), "{text}");
}

#[test]
fn dumps_are_yaml_our_reader_takes_for_the_same() {
    let build = site();
    for dump in [graph(&build.graph, &build.sources), ir(&build.program, &build.sources)] {
        assert_eq!(read(&yaml(&dump)), dump, "{}", yaml(&dump));
    }
}

#[test]
fn a_bundle_and_its_listing_are_the_same() {
    let bytes = site().bundle.expect("a bundle");
    let text = asm::print(&Bundle::open(&bytes).expect("a sound container"), &ipcmm_stdlib::Stdlib);
    assert_eq!(asm::parse(&text, &ipcmm_stdlib::Stdlib), Ok(bytes), "{text}");
    assert!(text.contains("block B0 ipcmm.run.cmd\n") && !text.contains("\nsection "), "{text}");
}

/// The tree of a YAML text, plain scalars read with the core schema.
fn read(text: &str) -> Json {
    let mut diagnostics = Diagnostics::default();
    let doc = parse(FileId(0), text, Format::Yaml, &mut diagnostics);
    assert!(diagnostics.is_empty(), "{diagnostics:?}\n{text}");
    let &[root] = doc.roots.as_slice() else { panic!("one document\n{text}") };
    tree(&doc, root)
}

fn tree(doc: &Doc, id: NodeId) -> Json {
    match &doc.node(id).kind {
        NodeKind::Null | NodeKind::Error => Json::Null,
        NodeKind::Scalar { text, style: Style::Bare } => match (parse_bool(text), parse_int(text), parse_float(text)) {
            _ if is_null(text) => Json::Null,
            (Some(b), ..) => json!(b),
            (_, Some(i), _) => json!(i),
            (.., Some(x)) => json!(x),
            _ => json!(text),
        },
        NodeKind::Scalar { text, .. } => json!(text),
        NodeKind::List(items) => items.iter().map(|item| tree(doc, *item)).collect(),
        NodeKind::Map(entries) => {
            let entry = |e: &crate::doc::Entry| (doc.text(e.key).unwrap_or("").to_owned(), tree(doc, e.value));
            Json::Object(entries.iter().map(entry).collect())
        }
    }
}

#[test]
fn yaml_reads_well() {
    let value = json!({
        "name": "web server", "no": "no", "port": 80, "ratio": 0.5, "text": "1.10", "null": null, "empty": [[], {}, ""],
        "list": [{"a": 1, "b": [true]}, [1, [2]]], "script": "a\n  b\n\nc\n", "tail": "x\ny", "quote": "it's: #1", "bell": "\u{7}",
    });
    let text = "\
name: web server
'no': 'no'
port: 80
ratio: 0.5
text: '1.10'
'null': null
empty:
  - []
  - {}
  - ''
list:
  - a: 1
    b:
      - true
  - - 1
    - - 2
script: |
  a
    b

  c
tail: |-
  x
  y
quote: 'it''s: #1'
bell: \"\\U00000007\"
";
    assert_eq!(yaml(&value), text);
    assert_eq!(read(text), value);
    let long = json!({ "k".repeat(2000): {"a": [1]}, "z": 1 });
    assert_eq!(read(&yaml(&long)), long);
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{0,6}",
        "[ -~]{0,12}",
        "[a-c \n\t:#'\"-]{0,12}",
        any::<String>(),
        proptest::sample::select(vec![
            "null",
            "~",
            "True",
            "yes",
            "NO",
            "0644",
            "1.5",
            "-",
            "---",
            "...",
            "- a",
            "a: b",
            "a #b",
            "&a",
            "*a",
            "!t",
            "%x",
            "@x",
            "`",
            "[",
            "{",
            ",",
            "?",
            "? a",
            "|",
            ">",
            "=",
            "<<",
            "\u{feff}",
            "\u{85}",
            "\u{2028}x",
            "a\r\nb",
            "\n",
            "\n\n",
            " a\nb",
            "a\n b \n",
            "a\n\n",
            "a\n \nb",
            "1e5",
            ".inf",
            "0x10",
            "2020-01-01",
            "é",
            "日本: x",
            "a\n\tb",
            "#a\nb",
            "a\n# b\n---\nc",
        ])
        .prop_map(str::to_owned),
    ]
}

fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(|b| json!(b)),
        any::<i64>().prop_map(|i| json!(i)),
        (-1e300..1e300f64).prop_map(|x| json!(x)),
        any_text().prop_map(|t| json!(t)),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Json::Array),
            proptest::collection::vec((any_text(), inner), 0..5)
                .prop_map(|entries| Json::Object(entries.into_iter().collect())),
        ]
    })
}

/// Whole numbers may lose their point; nothing else may change.
fn same(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Number(x), Json::Number(y)) => x == y || (x.is_f64() && x.as_f64() == y.as_f64()),
        (Json::Array(x), Json::Array(y)) => x.len() == y.len() && x.iter().zip(y).all(|(x, y)| same(x, y)),
        (Json::Object(x), Json::Object(y)) => {
            x.len() == y.len() && x.iter().zip(y).all(|((k, x), (l, y))| k == l && same(x, y))
        }
        (a, b) => a == b,
    }
}

proptest! {
    #[test]
    fn any_tree_comes_back_from_yaml(value in any_json()) {
        let text = yaml(&value);
        let back = read(&text);
        prop_assert!(same(&value, &back), "{text}\n{value}\n{back}");
    }
}
