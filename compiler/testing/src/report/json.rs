//! Results for machines: one JSON object, described by `spec/schema/test.schema.json`. Unaware of: people.

use super::{Report, Status};
use ipcmm_compiler::diag::{Diagnostic, Diagnostics, json};
use ipcmm_compiler::source::Sources;
use serde_json::{Value, json};

/// Version of the shape.
pub const VERSION: u32 = 1;

/// Everything; coverage only if it is asked for.
pub fn to_json(report: &Report, coverage: bool) -> Value {
    let cases: Vec<Value> = report
        .cases
        .iter()
        .map(|case| {
            let file = report.sources.file(case.file);
            let failures: Vec<Value> = case
                .failures
                .iter()
                .map(|failure| json!({"problem": one(&failure.diagnostic, &report.sources), "diff": failure.diff}))
                .collect();
            let warnings: Vec<Value> = case.warnings.iter().map(|warning| one(warning, &report.sources)).collect();
            json!({
                "file": file.name,
                "line": file.position(case.start).line,
                "name": case.name,
                "doc": case.doc,
                "status": case.status.name(),
                "time": case.time as f64 / 1e9,
                "failures": failures,
                "warnings": warnings,
            })
        })
        .collect();
    let problems = json::to_json(&report.diagnostics, &report.sources);
    json!({
        "version": VERSION,
        "cases": cases,
        "passed": report.count(Status::Passed),
        "failed": report.count(Status::Failed),
        "broken": report.count(Status::Broken),
        "diagnostics": problems.get("diagnostics"),
        "coverage": coverage.then(|| crate::coverage::json::to_json(&report.coverage)),
    })
}

fn one(diagnostic: &Diagnostic, sources: &Sources) -> Value {
    let mut alone = Diagnostics::default();
    alone.push(diagnostic.clone());
    json::to_json(&alone, sources).pointer("/diagnostics/0").cloned().unwrap_or_default()
}
