//! The schema of a type: of what may be written where it is wanted, and of what a report holds of it.
//!
//! A scalar is read by the type its place wants, from its text. So where text is wanted, numbers and truth values are
//! fine too, and everywhere a text with `${…}` is.

use ipcmm_bytecode::Value as Constant;
use ipcmm_grammar::types::Type;
use ipcmm_grammar::units;
use serde_json::{Map, Value, json};

/// A reference to one of [`definitions`].
pub fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/definitions/{name}") })
}

/// Parts that many places use.
pub fn definitions() -> Map<String, Value> {
    // Units from the largest to the smallest, each at most once.
    let times: String = units::TIME.iter().map(|(unit, _)| format!("([0-9]+(\\.[0-9]+)?{unit})?")).collect();
    let sizes: Vec<&str> = units::BYTES.iter().map(|(unit, _)| *unit).collect();
    let sizes = format!("^[0-9]+(\\.[0-9]+)?({})?$", sizes.join("|"));
    let entries = [
        // A bare `null` is text where text is wanted.
        ("scalar", json!({ "type": ["string", "number", "boolean", "null"] })),
        (
            "interpolated",
            json!({ "type": "string", "pattern": "\\$\\{", "description": "A text with an expression in it." }),
        ),
        (
            "expression",
            json!({ "type": ["string", "number", "boolean", "null"], "description": "An expression, without `${…}` around it." }),
        ),
        (
            "duration",
            json!({ "anyOf": [
                { "type": "number", "minimum": 0 },
                { "type": "string", "minLength": 1, "pattern": format!("^({times}|[0-9]+(\\.[0-9]+)?)$"), "examples": ["10s", "1m30s", "250ms"] },
                reference("interpolated"),
            ] }),
        ),
        (
            "size",
            json!({ "anyOf": [
                { "type": "integer", "minimum": 0 },
                { "type": "string", "pattern": sizes, "examples": ["64KiB", "1GB"] },
                reference("interpolated"),
            ] }),
        ),
        (
            "mode",
            json!({ "anyOf": [
                { "type": "string", "pattern": "^(0o?[0-7]{3,4})$", "examples": ["0644", "0755"] },
                // Written without quotes, and read as a number before the schema sees it.
                { "type": "integer", "minimum": 0 },
                reference("interpolated"),
            ] }),
        ),
        ("path", json!({ "anyOf": [{ "type": "string", "pattern": "^/" }, reference("interpolated")] })),
        ("integer", json!({ "anyOf": [{ "type": "integer" }, reference("interpolated")] })),
        ("number", json!({ "anyOf": [{ "type": "number" }, reference("interpolated")] })),
        ("boolean", json!({ "anyOf": [{ "type": "boolean" }, reference("interpolated")] })),
    ];
    entries.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect()
}

/// What may be written where a type is wanted.
pub fn written(ty: &Type) -> Value {
    let or_expression = |schema: Value| json!({ "anyOf": [schema, reference("interpolated")] });
    match ty {
        // Lambdas and type variables stand in signatures of functions only.
        Type::Any | Type::Error | Type::Function(..) | Type::Var(_) => json!({}),
        Type::Null => json!({ "type": "null" }),
        Type::Bool => reference("boolean"),
        Type::Int => reference("integer"),
        Type::Float => reference("number"),
        Type::Str | Type::Bytes | Type::Regex | Type::Script | Type::Shell => reference("scalar"),
        Type::Semver | Type::Ip | Type::Cidr | Type::Task => reference("scalar"),
        // A secret is named by an expression, never written.
        Type::Secret(_) => reference("interpolated"),
        Type::Asset => json!({ "type": "string" }),
        // A handle is named by an expression, never written.
        Type::Handle => reference("interpolated"),
        // Labels, and steps as they stand under a label.
        Type::Tasks => {
            let one = json!({ "anyOf": [{ "type": "string" }, { "type": "object" }] });
            json!({ "anyOf": [one, { "type": "array", "items": one }] })
        }
        Type::Duration => reference("duration"),
        Type::Size => reference("size"),
        Type::Path => reference("path"),
        Type::Mode => reference("mode"),
        Type::Literal(text) => or_expression(json!({ "enum": [text] })),
        Type::Expr(_) => reference("expression"),
        Type::List(item) => or_expression(json!({ "type": "array", "items": written(item) })),
        Type::Map(item) => or_expression(json!({ "type": "object", "additionalProperties": written(item) })),
        Type::Record(fields) => {
            let properties: Map<String, Value> = fields.iter().map(|(name, ty)| (name.clone(), written(ty))).collect();
            let required: Vec<&str> =
                fields.iter().filter(|(_, ty)| !ty.admits_null()).map(|(name, _)| name.as_str()).collect();
            or_expression(json!({
                "type": "object", "properties": properties, "required": required, "additionalProperties": false,
            }))
        }
        Type::Union(members) => {
            let choices: Vec<&str> = members
                .iter()
                .filter_map(|member| match member {
                    Type::Literal(text) => Some(text.as_str()),
                    _ => None,
                })
                .collect();
            let mut any: Vec<Value> = Vec::new();
            if !choices.is_empty() {
                any.extend([json!({ "enum": choices }), reference("interpolated")]);
            }
            any.extend(members.iter().filter(|member| !matches!(member, Type::Literal(_))).map(written));
            json!({ "anyOf": any })
        }
    }
}

/// What a report holds of a value of a type. In a plan anything may be null.
pub fn reported(ty: &Type) -> Value {
    match ty {
        Type::Any | Type::Error | Type::Expr(_) | Type::Secret(_) | Type::Function(..) | Type::Var(_) => json!({}),
        Type::Tasks => json!({}),
        Type::Null => json!({ "type": "null" }),
        Type::Bool => json!({ "type": ["boolean", "null"] }),
        Type::Int | Type::Size | Type::Handle => json!({ "type": ["integer", "null"] }),
        Type::Float | Type::Duration => json!({ "type": ["number", "null"] }),
        Type::Str
        | Type::Path
        | Type::Mode
        | Type::Regex
        | Type::Script
        | Type::Shell
        | Type::Asset
        | Type::Semver
        | Type::Ip
        | Type::Cidr
        | Type::Task => {
            json!({ "type": ["string", "null"] })
        }
        Type::Bytes => json!({ "type": ["object", "null"], "properties": { "bytes": { "type": "integer" } } }),
        Type::Literal(text) => json!({ "enum": [text, null] }),
        Type::List(item) => json!({ "type": ["array", "null"], "items": reported(item) }),
        Type::Map(item) => json!({ "type": ["object", "null"], "additionalProperties": reported(item) }),
        Type::Record(fields) => {
            let properties: Map<String, Value> = fields.iter().map(|(name, ty)| (name.clone(), reported(ty))).collect();
            json!({ "type": ["object", "null"], "properties": properties })
        }
        Type::Union(members) => json!({ "anyOf": members.iter().map(reported).collect::<Vec<_>>() }),
    }
}

/// A default as it would be written.
pub fn constant(value: &Constant) -> Value {
    match value {
        Constant::Null => Value::Null,
        Constant::Bool(b) => json!(b),
        Constant::Int(i) => json!(i),
        Constant::Str(text) => json!(&**text),
        Constant::List(items) => items.iter().map(constant).collect(),
        other => json!(other.to_string()),
    }
}
