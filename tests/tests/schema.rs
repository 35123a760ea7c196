//! The schemas of editors: whatever the compiler accepts of YAML and JSON is valid, and common mistakes are not.

use ipcmm_compiler::diag::Diagnostics;
use ipcmm_compiler::doc::{self, Doc, Format, NodeId, NodeKind, Style};
use ipcmm_compiler::schema;
use ipcmm_compiler::source::Sources;
use ipcmm_grammar::units;
use ipcmm_tests::document::Document;
use ipcmm_tests::runner::build_files;
use ipcmm_tests::suite::{documents, files, root};
use jsonschema::Validator;
use serde_json::{Map, Value, json};

fn validator(schema: &Value) -> Validator {
    jsonschema::draft7::meta::validate(schema).expect("a sound schema");
    jsonschema::draft7::new(schema).expect("a sound schema")
}

/// A document as the YAML or JSON reader of an editor sees it: by the core schema.
fn read(doc: &Doc, id: NodeId) -> Value {
    match &doc.node(id).kind {
        NodeKind::Null | NodeKind::Error => Value::Null,
        NodeKind::Scalar { text, style: Style::Bare } if units::is_null(text) => Value::Null,
        NodeKind::Scalar { text, style: Style::Bare } => None
            .or_else(|| units::parse_bool(text).map(Value::Bool))
            .or_else(|| units::parse_int(text).map(|i| json!(i)))
            .or_else(|| units::parse_float(text).map(|x| json!(x)))
            .unwrap_or_else(|| json!(text)),
        NodeKind::Scalar { text, .. } => json!(text),
        NodeKind::List(items) => items.iter().map(|item| read(doc, *item)).collect(),
        NodeKind::Map(entries) => {
            let entry = |e: &doc::Entry| (doc.text(e.key).unwrap_or("").to_owned(), read(doc, e.value));
            Value::Object(entries.iter().map(entry).collect::<Map<_, _>>())
        }
    }
}

/// What is wrong with the documents of a source, if it is one an editor would hold against the schema.
fn problems(validator: &Validator, name: &str, text: &str) -> Vec<String> {
    let Some(format @ (Format::Yaml | Format::Json)) = Format::of_name(name) else { return Vec::new() };
    let mut sources = Sources::default();
    let file = sources.add(name, text);
    let doc = doc::parse(file, text, format, &mut Diagnostics::default());
    let problem = |root: &NodeId| {
        let value = read(&doc, *root);
        validator.iter_errors(&value).map(|e| format!("{name}{}: {e}", e.instance_path())).collect::<Vec<_>>()
    };
    doc.roots.iter().flat_map(problem).collect()
}

#[test]
fn what_the_compiler_accepts_is_valid() {
    let validator = validator(&schema::sources());
    let mut held = 0;
    let mut wrong = Vec::new();
    for document in ["tests/suite", "spec/diagnostics"].iter().flat_map(|folder| documents(folder)) {
        for case in Document::read(&document).cases {
            let (files, inputs) = files(&case);
            // A case that is about a file it has not, or about a mistake, says nothing of the schema.
            if inputs.is_empty() || build_files(&files, &inputs, true).diagnostics.has_errors() {
                continue;
            }
            for (name, bytes) in files.iter().filter(|(name, _)| inputs.contains(name)) {
                let Ok(text) = std::str::from_utf8(bytes) else { continue };
                held += 1;
                let found = problems(&validator, name, text);
                wrong.extend(found.iter().map(|p| format!("{} ({}): {p}", document.display(), case.title)));
            }
        }
    }
    assert!(held > 100, "only {held} sources were held against the schema");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn examples_and_their_manifests_are_valid() {
    let (sources, manifest) = (validator(&schema::sources()), validator(&schema::manifest()));
    let mut held = 0;
    let folders = std::fs::read_dir(root().join("examples")).expect("the examples").flatten();
    for file in folders.flat_map(|folder| std::fs::read_dir(folder.path()).into_iter().flatten().flatten()) {
        let name = file.file_name().to_string_lossy().into_owned();
        let validator = match name.as_str() {
            "ipcmm.yaml" => &manifest,
            name if name.contains(".ipcmm.") => &sources,
            _ => continue,
        };
        held += 1;
        let text = std::fs::read_to_string(file.path()).expect("a text");
        assert_eq!(problems(validator, &name, &text), Vec::<String>::new(), "{}", file.path().display());
    }
    assert!(held >= 6, "only {held}");
    for builtin in ipcmm_stdlib::BUILTINS {
        assert_eq!(problems(&sources, "example.yaml", builtin.example), Vec::<String>::new(), "{}", builtin.name);
    }
}

#[test]
fn mistakes_are_not_valid() {
    let validator = validator(&schema::sources());
    let file = |args: &str| format!("a:\n  ipcmm.filesystem.file: {{args: {args}}}\n");
    let under = |keyword: &str| format!("a:\n  ipcmm.nop:\n  {keyword}\n");
    let wrong = [
        "a:\n".to_owned(),
        "a: {}\n".to_owned(),
        "a: [1]\n".to_owned(),
        "ipcmm: 2\na: {ipcmm.nop: }\n".to_owned(),
        "a: {ipcmm.nopp: }\n".to_owned(),
        "a: {when: true}\n".to_owned(),
        "a: {ipcmm.ssh: }\n".to_owned(),
        "a: {ipcmm.nop: {path: /x}}\n".to_owned(),
        file("{path: relative}"),
        file("{content: x}"),
        file("{path: /x, mode: 'rw'}"),
        file("{path: /x, backup: 'maybe'}"),
        file("{path: /x, colour: red}"),
        file("{path: [/x]}"),
        file("/x"),
        "a: {ipcmm.run.cmd: {args: {}}}\n".to_owned(),
        "a: {ipcmm.run.cmd: {args: {argv: [x], cmd: x}}}\n".to_owned(),
        "a: {ipcmm.run.cmd: {args: {argv: x}}}\n".to_owned(),
        "a: {ipcmm.run.cmd: {args: {argv: [x], output: keep}}}\n".to_owned(),
        "a: {ipcmm.run.cmd: {args: {argv: [x], max_output: 3 apples}}}\n".to_owned(),
        under("whn: true"),
        under("modeofexec: sometimes"),
        under("timeout: 1m1h"),
        under("timeout: soon"),
        under("order: middle"),
        under("requires: {x: 1}"),
        under("retry: {tries: 3}"),
        under("retry: {attempts: many}"),
        under("onlyif: {comand: x}"),
        under("env: [A]"),
        under("stoponfail: 'yes'"),
    ];
    let valid: Vec<&String> = wrong.iter().filter(|text| problems(&validator, "a.yaml", text).is_empty()).collect();
    assert!(valid.is_empty(), "{valid:#?}");
    let accepted: Vec<&String> = wrong
        .iter()
        .filter(|text| {
            let name = "a.ipcmm.yaml".to_owned();
            !build_files(&[(name.clone(), text.as_bytes().to_vec())], &[name], true).diagnostics.has_errors()
        })
        .collect();
    assert!(accepted.is_empty(), "the compiler accepts {accepted:#?}");
}

#[test]
fn results_and_manifests_have_sound_schemas() {
    let results = validator(&schema::results());
    assert!(
        results.is_valid(
            &json!({"rc": 0, "signal": null, "stdout": "", "stderr": "", "truncated": false, "run_time": 0.5})
        )
    );
    let manifest = validator(&schema::manifest());
    assert!(manifest.is_valid(&json!({"name": "web", "root": "sandbox"})));
    assert!(!manifest.is_valid(&json!({"nmae": "web"})) && !manifest.is_valid(&json!(["web"])));
}
