//! Coverage as JSON, described by `spec/schema/test.schema.json`. Unaware of: test results.

use super::{Coverage, What};
use serde_json::{Value, json};

/// All points, shares by kind, and how labels ended.
pub fn to_json(coverage: &Coverage) -> Value {
    let share =
        |share: super::Share| json!({"covered": share.covered, "total": share.total, "percent": share.percent()});
    let kinds: serde_json::Map<String, Value> = What::TABLE
        .iter()
        .map(|(what, _, several, _)| ((*several).to_owned(), share(coverage.share(|spot| spot.what == *what))))
        .collect();
    let points: Vec<Value> = coverage
        .points
        .iter()
        .map(|(spot, ways)| {
            let names = spot.what.ways();
            let ways: Vec<Value> = ways
                .iter()
                .zip(names)
                .filter_map(|(hits, name)| Some(json!({"name": name, "hits": (*hits)?})))
                .collect();
            json!({
                "kind": spot.what.name(), "module": spot.module, "file": spot.file, "line": spot.line,
                "column": spot.column, "text": spot.text, "ways": ways,
            })
        })
        .collect();
    let labels: Vec<Value> = coverage
        .outcomes
        .iter()
        .map(|((module, label), outcomes)| {
            let outcomes: Vec<Value> =
                outcomes.iter().map(|(outcome, count)| json!({"outcome": outcome, "count": count})).collect();
            json!({"module": module, "label": label, "outcomes": outcomes})
        })
        .collect();
    json!({
        "version": crate::report::json::VERSION,
        "total": share(coverage.share(|_| true)),
        "kinds": kinds,
        "points": points,
        "labels": labels,
    })
}
