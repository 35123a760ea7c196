//! The schemas of machine output, and a check of documents against them for tests.
//!
//! Understood are the keywords these schemas use, but not `pattern`; a keyword that is not known is reported, so that
//! nothing goes unchecked unnoticed. Unaware of: JSON Schema as a whole.

use serde_json::Value;

/// All schemas by the name of their file.
pub const SCHEMAS: &[(&str, &str)] = &[
    ("build.schema.json", include_str!("../schema/build.schema.json")),
    ("diagnostics.schema.json", include_str!("../schema/diagnostics.schema.json")),
    ("error.schema.json", include_str!("../schema/error.schema.json")),
    ("eval.schema.json", include_str!("../schema/eval.schema.json")),
    ("graph.schema.json", include_str!("../schema/graph.schema.json")),
    ("history.schema.json", include_str!("../schema/history.schema.json")),
    ("inspect.schema.json", include_str!("../schema/inspect.schema.json")),
    ("policy.schema.json", include_str!("../schema/policy.schema.json")),
    ("ps.schema.json", include_str!("../schema/ps.schema.json")),
    ("report.schema.json", include_str!("../schema/report.schema.json")),
    ("test.schema.json", include_str!("../schema/test.schema.json")),
];

/// What is wrong with a document by the schema of a file; also every field the schema does not describe.
pub fn violations(schema: &str, document: &Value) -> Vec<String> {
    let mut found = Vec::new();
    match load(schema) {
        Some(root) => check(&Home { name: schema, root: &root }, &root, document, "", &mut found),
        None => found.push(format!("there is no schema {schema}")),
    }
    found
}

/// The schema of a file as it is written; empty if there is none.
pub fn text(name: &str) -> &'static str {
    SCHEMAS.iter().find(|(file, _)| *file == name).map_or("", |(_, text)| text)
}

fn load(name: &str) -> Option<Value> {
    let (_, text) = SCHEMAS.iter().find(|(file, _)| *file == name)?;
    serde_json::from_str(text).ok()
}

/// The file a piece of schema stands in.
struct Home<'a> {
    name: &'a str,
    root: &'a Value,
}

fn check(home: &Home<'_>, schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
    let Some(rules) = schema.as_object() else { return found.push(format!("{at}: the schema is no object")) };
    for (rule, wanted) in rules {
        match (rule.as_str(), wanted) {
            ("$schema" | "$defs" | "title" | "description" | "pattern", _) => {}
            ("$ref", Value::String(target)) => refer(home, target, value, at, found),
            ("type", types) => {
                let names = types.as_array().map_or_else(|| vec![types], |list| list.iter().collect());
                if !names.iter().filter_map(|name| name.as_str()).any(|name| is_a(name, value)) {
                    found.push(format!("{at}: {value} is no {types}"));
                }
            }
            ("const", constant) if constant != value => found.push(format!("{at}: {value} is not {constant}")),
            ("enum", Value::Array(list)) if !list.contains(value) => found.push(format!("{at}: {value} is not listed")),
            ("const" | "enum", _) => {}
            ("minimum", least) => {
                if value.as_f64().zip(least.as_f64()).is_some_and(|(value, least)| value < least) {
                    found.push(format!("{at}: {value} is less than {least}"));
                }
            }
            ("required", Value::Array(keys)) => {
                let missing = keys.iter().filter_map(Value::as_str).filter(|key| value.get(key).is_none());
                found.extend(missing.map(|key| format!("{at}: `{key}` is missing")));
            }
            ("properties", Value::Object(properties)) => {
                for (key, field) in value.as_object().into_iter().flatten() {
                    match properties.get(key) {
                        Some(schema) => check(home, schema, field, &format!("{at}.{key}"), found),
                        // A schema that is built upon another describes the rest there.
                        None if rules.contains_key("$ref") => {}
                        None => found.push(format!("{at}: `{key}` is not described")),
                    }
                }
            }
            ("items", schema) => {
                for (position, item) in value.as_array().into_iter().flatten().enumerate() {
                    check(home, schema, item, &format!("{at}[{position}]"), found);
                }
            }
            ("anyOf", Value::Array(choices)) => {
                let mut least: Option<Vec<String>> = None;
                for choice in choices {
                    let mut own = Vec::new();
                    check(home, choice, value, at, &mut own);
                    if least.as_ref().is_none_or(|least| own.len() < least.len()) {
                        least = Some(own);
                    }
                }
                found.extend(least.unwrap_or_default());
            }
            (rule, _) => found.push(format!("{at}: the rule `{rule}` is not understood")),
        }
    }
}

/// Follows a reference within the file or into another one.
fn refer(home: &Home<'_>, target: &str, value: &Value, at: &str, found: &mut Vec<String>) {
    let (file, path) = target.split_once('#').unwrap_or((target, ""));
    let other = if file.is_empty() { None } else { load(file) };
    let (name, root) = match &other {
        Some(root) => (file, root),
        None => (home.name, home.root),
    };
    match root.pointer(path).filter(|_| file.is_empty() || other.is_some()) {
        Some(schema) => {
            let mut own = Vec::new();
            check(&Home { name, root }, schema, value, at, &mut own);
            // Whoever builds upon a schema may add fields.
            let extends = path.is_empty() && !file.is_empty();
            found.extend(own.into_iter().filter(|said| !(extends && said.ends_with("is not described"))));
        }
        None => found.push(format!("{at}: {name} has no {target}")),
    }
}

fn is_a(name: &str, value: &Value) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn schemas_are_json() {
        for (name, _) in SCHEMAS {
            assert!(load(name).is_some_and(|schema| schema.get("title").is_some()), "{name}");
        }
    }

    #[test]
    fn documents_are_judged() {
        let good = json!({"version": 1, "error": {"code": "F0104", "name": "hash-mismatch", "message": "m"}});
        assert_eq!(violations("error.schema.json", &good), Vec::<String>::new());
        let bad = json!({"version": 2, "error": {"code": 7, "name": "n", "more": 1}});
        assert_eq!(
            violations("error.schema.json", &bad),
            [
                ".version: 2 is not 1",
                ".error: `message` is missing",
                ".error.code: 7 is no [\"string\",\"null\"]",
                ".error: `more` is not described",
            ]
        );
        let build = json!({"version": 1, "diagnostics": [], "errors": 0, "warnings": -1, "bundle": null});
        assert_eq!(violations("build.schema.json", &build), [".warnings: -1 is less than 0"]);
        assert_eq!(violations("nothing", &build), ["there is no schema nothing"]);
    }
}
