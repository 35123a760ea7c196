//! The chapter on bundles is enough to read one: `tests/read_bundle.py` was written from it, and reads what we read.

use ipcmm_bytecode::bundle::{Attr, Bundle, EdgeKind, ExecMode, rows};
use ipcmm_bytecode::{Op, Value};
use ipcmm_tests::document::Document;
use ipcmm_tests::runner::build_files;
use ipcmm_tests::skip;
use ipcmm_tests::suite::{documents, files, root};
use ipcmm_tests::values::quoted;
use std::process::Command;

#[test]
fn another_language_reads_the_same() {
    if Command::new("python3").arg("--version").output().is_err() {
        return skip("the Python reader of bundles: python3 is not there");
    }
    let folder = std::env::temp_dir().join(format!("ipcmm-bundles-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for bundles");
    let names = ["results", "retry", "guards", "loops", "labels", "built-ins", "prereq", "runaround", "listen"];
    let paths = documents("tests/suite").into_iter();
    let chosen = paths.filter(|p| p.file_stem().and_then(|s| s.to_str()).is_some_and(|s| names.contains(&s)));
    let mut compared = 0;
    for (i, case) in chosen.flat_map(|path| Document::read(&path).cases).enumerate().filter(|(i, _)| i % 3 == 0) {
        let (files, inputs) = files(&case);
        let Some(bytes) = build_files(&files, &inputs, i % 2 == 0).bundle else { continue };
        let path = folder.join("case.ipcb");
        std::fs::write(&path, &bytes).expect("a bundle can be written");
        let output = Command::new("python3").arg(root().join("tests/read_bundle.py")).arg(&path).output();
        let output = output.expect("python3 starts");
        let theirs = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{}: {}", case.title, String::from_utf8_lossy(&output.stderr));
        let ours = json(&Bundle::open(&bytes).expect("sound"));
        assert_eq!(squeezed(&theirs), squeezed(&ours), "{}", case.title);
        compared += 1;
    }
    let _ = std::fs::remove_dir_all(&folder);
    assert!(compared >= 10, "only {compared} bundles were compared");
}

/// The text without blanks outside of strings.
fn squeezed(text: &str) -> String {
    let (mut out, mut inside, mut escaped) = (String::new(), false, false);
    for c in text.chars() {
        if inside || !c.is_whitespace() {
            out.push(c);
        }
        inside ^= c == '"' && !escaped;
        escaped = inside && c == '\\' && !escaped;
    }
    out
}

fn list<T>(items: impl IntoIterator<Item = T>, text: impl Fn(T) -> String) -> String {
    format!("[{}]", items.into_iter().map(text).collect::<Vec<_>>().join(","))
}

/// An object; its keys are given in ascending order.
fn object(entries: &[(&str, String)]) -> String {
    let entries: Vec<String> = entries.iter().map(|(key, value)| format!("{}:{value}", quoted(key))).collect();
    format!("{{{}}}", entries.join(","))
}

fn json(bundle: &Bundle<'_>) -> String {
    let hex = |bytes: &[u8]| quoted(&bytes.iter().map(|b| format!("{b:02x}")).collect::<String>());
    let meta = bundle.meta().expect("it has a name");
    let strings = 0..bundle.string_count();
    object(&[
        ("assets", list(bundle.assets(), |a| object(&[("blake3", hex(&a.hash)), ("bytes", a.length.to_string())]))),
        ("chunks", list(0..bundle.chunks().len() as u32, |i| chunk(bundle, i))),
        ("constants", list(0..bundle.constant_count(), |i| constant(&bundle.constant(i).expect("sound")))),
        ("edition", meta.edition.to_string()),
        ("effects", list(bundle.effects(), |e| format!("[{},{}]", e.builtin, e.effect))),
        ("facts", list(bundle.facts(), |f| quoted(bundle.string(f.get()).unwrap_or("")))),
        ("listens", list(bundle.listens(), |l| format!("[{},{}]", l.target, l.listener))),
        ("name", quoted(bundle.name())),
        ("root", hex(&bundle.root())),
        (
            "sections",
            list(bundle.sections(), |(section, rows, bytes)| {
                let (rows, bytes) = (rows.to_string(), bytes.to_string());
                object(&[("bytes", bytes), ("name", quoted(section.name())), ("rows", rows)])
            }),
        ),
        ("strings", list(strings, |i| quoted(bundle.string(i).unwrap_or("")))),
        ("tasks", list(0..bundle.tasks().len() as u32, |i| task(bundle, i))),
    ])
}

fn constant(value: &Value) -> String {
    match value {
        Value::Null | Value::Bytes(_) => quoted("null"),
        Value::Unknown => quoted("unknown"),
        Value::Bool(b) => quoted(&b.to_string()),
        Value::Int(i) => quoted(&format!("int {i}")),
        Value::Float(x) => quoted(&format!("float {:016x}", x.to_bits())),
        Value::Str(s) => quoted(&format!("text {s}")),
        Value::Duration(ns) => quoted(&format!("duration {ns}")),
        Value::Range(a, b) => quoted(&format!("range {a} {b}")),
        Value::List(items) => list(items.iter(), constant),
        Value::Map(map) => {
            let entries: Vec<(&str, String)> = map.iter().map(|(k, v)| (k.as_ref(), constant(v))).collect();
            object(&entries)
        }
    }
}

fn chunk(bundle: &Bundle<'_>, number: u32) -> String {
    let row = &bundle.chunks()[number as usize];
    let code = bundle.chunk_code(number).expect("sound");
    let (mut ops, mut pos) = (Vec::new(), 0);
    while pos < code.len() {
        ops.push(Op::decode(code, &mut pos).expect("sound").to_string());
    }
    object(&[
        ("effect", row.effect.to_string()),
        ("ops", list(ops, |op| quoted(&op))),
        ("reads", row.reads.to_string()),
        ("registers", row.registers.to_string()),
    ])
}

fn task(bundle: &Bundle<'_>, number: u32) -> String {
    let row = &bundle.tasks()[number as usize];
    let mode = ExecMode::from_number(row.mode).expect("sound").name();
    let edge = |(kind, target): (Option<EdgeKind>, u32)| format!("[{},{target}]", quoted(kind.expect("sound").name()));
    object(&[
        ("block", if bundle.is_part(number) { row.block.to_string() } else { block(bundle, row.block.get()) }),
        ("edges", list(bundle.task_edges(row), edge)),
        ("keeps_result", (row.flags & rows::TASK_KEEPS_RESULT != 0).to_string()),
        ("label", quoted(bundle.label(number))),
        ("mode", quoted(mode)),
        ("module", quoted(bundle.module(number))),
        ("part", ["null", "\"dry\"", "\"before\""][usize::from(row.flags >> 2 & 3)].to_owned()),
        ("stops", (row.flags & rows::TASK_STOPS != 0).to_string()),
        ("test", (row.flags & rows::TASK_TEST != 0).to_string()),
    ])
}

fn block(bundle: &Bundle<'_>, number: u32) -> String {
    let row = &bundle.blocks()[number as usize];
    let kind = |number: u16| ["constant", "chunk", "thunk", "asset"][usize::from(number)];
    let attr = |number: u16| Attr::from_number(number).expect("sound").name();
    let children = row.children.get()..row.children.get() + u32::from(row.children_len.get());
    object(&[
        ("args", list(bundle.block_args(row), |a| format!("[{},{},{}]", a.param, quoted(kind(a.kind.get())), a.value))),
        ("attrs", list(bundle.block_attrs(row), |a| format!("[{},{}]", quoted(attr(a.attr.get())), a.value))),
        ("builtin", row.builtin.to_string()),
        ("children", list(children, |child| block(bundle, child))),
    ])
}
