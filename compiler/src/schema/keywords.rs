//! The schema of a keyword's value, by the words its row has for its shape.
//!
//! A shape in new words admits everything until it is described here; a test names it.

use super::described;
use super::types::{reference, written};
use ipcmm_bytecode::bundle::ExecMode;
use ipcmm_grammar::keywords::Keyword;
use ipcmm_grammar::shapes::Shape;
use ipcmm_grammar::{parse_type, types::Type};
use serde_json::{Map, Value, json};

/// The schema of a keyword's value.
pub fn value(keyword: Keyword) -> Value {
    match keyword {
        // A list or a map may stand here as it is.
        Keyword::LoopIn => json!({}),
        // Beside a built-in nothing says whose arguments they are.
        Keyword::Args | Keyword::Params => json!({ "type": ["object", "array", "null"] }),
        _ => shaped(keyword.shape()).unwrap_or(json!({})),
    }
}

/// The schema of a shape, if its words are known.
pub fn shaped(words: &str) -> Option<Value> {
    Some(match words {
        "edition" => {
            let switches = json!({
                "type": "object", "additionalProperties": false,
                "properties": { "edition": { "enum": [1, "1"] }, "merge_keys": { "type": "boolean" } },
            });
            json!({ "anyOf": [{ "enum": [1, "1"] }, switches] })
        }
        "name" | "text" | "label" => reference("scalar"),
        "user" => reference("scalar"),
        "bool" => reference("boolean"),
        "integer" => reference("integer"),
        "duration" => reference("duration"),
        "map" => json!({ "type": "object" }),
        "list" => json!({ "type": "array" }),
        "map of values" => json!({ "type": "object" }),
        "expression or a list of them" => {
            let several = json!({ "type": "array", "items": reference("expression") });
            json!({ "anyOf": [reference("expression"), several] })
        }
        "map of text" | "map of reasons" => json!({ "type": "object", "additionalProperties": reference("scalar") }),
        "list of names" | "targets" => reference("targets"),
        "expression" => reference("expression"),
        "expression, command or a list of them" => reference("guards"),
        "retry, true or false" => json!({ "anyOf": [reference("boolean"), reference(Shape::Retry.name())] }),
        "name or result" => json!({ "anyOf": [{ "type": "string" }, reference(Shape::Result.name())] }),
        "first, last or integer" => json!({ "anyOf": [{ "enum": ["first", "last"] }, reference("integer")] }),
        "selector, names or blocks" => {
            let blocks = json!({ "type": "array", "items": reference(Shape::Target.name()) });
            json!({ "anyOf": [reference("targets"), reference(Shape::Target.name()), blocks] })
        }
        "mode of execution" => {
            let names: Vec<&str> = ExecMode::TABLE.iter().map(|(_, name, _)| *name).collect();
            json!({ "anyOf": [{ "enum": names }, reference("interpolated")] })
        }
        _ => return None,
    })
}

/// Targets, guards, and all maps with fixed fields.
pub fn definitions() -> Map<String, Value> {
    let mut all: Map<String, Value> =
        Shape::ALL.iter().map(|shape| (shape.name().to_owned(), described(record(*shape), shape.doc()))).collect();
    let one = json!({ "anyOf": [reference("expression"), reference(Shape::GuardCommand.name())] });
    all.insert("guards".into(), json!({ "anyOf": [one, { "type": "array", "items": one }] }));
    let names = json!({ "anyOf": [reference("scalar"), { "type": "array", "items": reference("scalar") }] });
    all.insert("targets".into(), names);
    all
}

/// A map with fixed fields; one that has neither a default nor `?` must be given.
fn record(shape: Shape) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for field in shape.fields() {
        let ty = parse_type(field.ty).unwrap_or(Type::Any);
        let doc = match field.default {
            Some(default) => format!("{}\n\n`{}`, by default `{default}`", field.doc, field.ty),
            None => format!("{}\n\n`{}`", field.doc, field.ty),
        };
        if field.default.is_none() && !ty.admits_null() {
            required.push(field.name);
        }
        properties.insert(field.name.into(), described(written(&ty), &doc));
    }
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ipcmm_grammar::keywords::Status;

    #[test]
    fn the_shape_of_every_keyword_is_known() {
        for keyword in Keyword::ALL.iter().filter(|keyword| keyword.status() == Status::Now) {
            let known = shaped(keyword.shape()).is_some() || [Keyword::LoopIn, Keyword::Args].contains(keyword);
            assert!(known, "`{}` of `{}` has no schema", keyword.shape(), keyword.name());
        }
    }
}
