//! Logs in SARIF are what the published schema says, whatever is wrong with the sources.

use ipcmm_compiler::diag::{Code, sarif};
use ipcmm_spec::diagnostic_page;
use ipcmm_tests::document::Document;
use ipcmm_tests::json_schema::violations;
use ipcmm_tests::runner::build_project;
use ipcmm_tests::skip;
use ipcmm_tests::suite::{documents, files, levels, root};
use serde_json::Value;
use std::path::Path;

fn read(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn logs_follow_the_published_schema() {
    let schema = read(&root().join("tests/schemas/sarif-2.1.0.json"));
    let page = |code: Code| diagnostic_page(&code.to_string());
    let mut results = 0;
    for path in documents("spec/diagnostics").iter().chain(&documents("tests/suite")) {
        for case in Document::read(path).cases {
            let (files, inputs) = files(&case);
            let build = build_project(&files, &inputs, true, &levels(&case));
            let log = sarif::to_json(&build.diagnostics, &build.sources, &page);
            let found = violations(&schema, &log).expect("the schema is understood");
            assert_eq!(found, Vec::<String>::new(), "{}: {}", path.display(), case.title);
            let again = build_project(&files, &inputs, true, &levels(&case));
            assert_eq!(sarif::to_json(&again.diagnostics, &again.sources, &page).to_string(), log.to_string());
            results += build.diagnostics.len();
        }
    }
    assert!(results > 100, "only {results} problems were logged");
    let bad = serde_json::json!({"version": "2.0.0", "runs": [{"tool": {"driver": {}}, "more": 1}]});
    assert_eq!(violations(&schema, &bad).map(|found| found.len()), Ok(3));
}

/// Whoever judges is judged first.
#[test]
fn the_judge_of_schemas_agrees_with_the_official_suite() {
    let folder = root().join("../shared/corpora/json-schema-suite/JSON-Schema-Test-Suite/tests/draft7");
    if !folder.is_dir() {
        return skip("the JSON Schema suite is not here");
    }
    let mut judged = 0;
    for rule in [
        "type",
        "enum",
        "required",
        "minimum",
        "maximum",
        "minItems",
        "uniqueItems",
        "pattern",
        "anyOf",
        "oneOf",
        "properties",
        "additionalProperties",
        "items",
        "definitions",
        "ref",
        "boolean_schema",
        "default",
        "format",
    ] {
        let path = folder.join(format!("{rule}.json"));
        if !path.is_file() {
            continue;
        }
        for group in read(&path).as_array().into_iter().flatten() {
            for test in group["tests"].as_array().into_iter().flatten() {
                // Groups about keywords that are not known here are for another judge.
                let Ok(found) = violations(&group["schema"], &test["data"]) else { continue };
                let said = format!("{rule}: {} / {}: {found:?}", group["description"], test["description"]);
                assert_eq!(found.is_empty(), test["valid"] == Value::Bool(true), "{said}");
                judged += 1;
            }
        }
    }
    assert!(judged > 150, "only {judged} tests of the suite were judged");
}
