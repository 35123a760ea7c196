//! JSON Schema draft 7, as far as the schemas of other standards in `tests/schemas` use it.
//!
//! A keyword that is not known is an error, so that nothing goes unchecked unnoticed; the official suite is run over
//! what is known. `format` is a remark in draft 7 and not judged.

use regex::Regex;
use serde_json::Value;

/// What is wrong with a document. `Err`: the schema uses something that is not known here.
pub fn violations(schema: &Value, document: &Value) -> Result<Vec<String>, String> {
    let mut found = Vec::new();
    check(schema, schema, document, "", &mut found)?;
    Ok(found)
}

fn check(root: &Value, schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) -> Result<(), String> {
    let rules = match schema {
        Value::Bool(true) => return Ok(()),
        Value::Bool(false) => {
            found.push(format!("{at}: nothing may stand here"));
            return Ok(());
        }
        Value::Object(rules) => rules,
        _ => return Err(format!("{at}: a schema is an object")),
    };
    // In draft 7 nothing beside a reference counts.
    if let Some(target) = rules.get("$ref").and_then(Value::as_str) {
        let path = target.strip_prefix('#').ok_or_else(|| format!("a reference to {target}"))?;
        let schema = root.pointer(path).ok_or_else(|| format!("no {target}"))?;
        return check(root, schema, value, at, found);
    }
    let holds = |schema: &Value| -> Result<bool, String> {
        let mut own = Vec::new();
        check(root, schema, value, at, &mut own)?;
        Ok(own.is_empty())
    };
    let mut say = |what: String| found.push(format!("{at}: {what}"));
    let number = |value: &Value| value.as_f64().unwrap_or(0.0);
    for (rule, wanted) in rules {
        match rule.as_str() {
            "$schema" | "$id" | "$comment" | "title" | "description" | "default" | "definitions" | "format" => {}
            "type" => {
                let names: Vec<&str> = match wanted {
                    Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
                    name => name.as_str().into_iter().collect(),
                };
                if !names.iter().any(|name| is_a(name, value)) {
                    say(format!("{value} is no {wanted}"));
                }
            }
            "enum" => {
                if !wanted.as_array().is_some_and(|list| list.iter().any(|one| same(one, value))) {
                    say(format!("{value} is none of {wanted}"));
                }
            }
            "required" => {
                let keys = wanted.as_array().into_iter().flatten().filter_map(Value::as_str);
                let missing = keys.filter(|key| value.is_object() && value.get(key).is_none());
                missing.for_each(|key| say(format!("`{key}` is missing")));
            }
            "minimum" if value.is_number() && number(value) < number(wanted) => say(format!("{value} < {wanted}")),
            "maximum" if value.is_number() && number(value) > number(wanted) => say(format!("{value} > {wanted}")),
            "minItems" if value.as_array().is_some_and(|list| (list.len() as f64) < number(wanted)) => {
                say(format!("fewer than {wanted} elements"));
            }
            "uniqueItems" => {
                let list = value.as_array().map_or(&[][..], Vec::as_slice);
                let twice = list.iter().enumerate().any(|(i, a)| list.iter().skip(i + 1).any(|b| same(a, b)));
                if twice && *wanted == Value::Bool(true) {
                    say("an element stands twice".to_owned());
                }
            }
            "pattern" => {
                let pattern = Regex::new(wanted.as_str().unwrap_or("")).map_err(|error| error.to_string())?;
                if value.as_str().is_some_and(|text| !pattern.is_match(text)) {
                    say(format!("{value} does not match {wanted}"));
                }
            }
            "anyOf" | "oneOf" => {
                let choices = wanted.as_array().map_or(&[][..], Vec::as_slice);
                let fitting = choices.iter().map(holds).collect::<Result<Vec<_>, _>>()?.iter().filter(|b| **b).count();
                if fitting == 0 || (rule == "oneOf" && fitting > 1) {
                    say(format!("{fitting} choices of `{rule}` fit"));
                }
            }
            "minimum" | "maximum" | "minItems" | "properties" | "additionalProperties" | "items" => {}
            other => return Err(format!("the rule `{other}` is not known")),
        }
    }
    let described = rules.get("properties").and_then(Value::as_object);
    for (key, field) in value.as_object().into_iter().flatten() {
        let at = format!("{at}/{key}");
        if let Some(schema) =
            described.and_then(|properties| properties.get(key)).or_else(|| rules.get("additionalProperties"))
        {
            check(root, schema, field, &at, found)?;
        }
    }
    if let (Some(schema), Some(list)) = (rules.get("items"), value.as_array()) {
        for (position, item) in list.iter().enumerate() {
            check(root, schema, item, &format!("{at}/{position}"), found)?;
        }
    }
    Ok(())
}

fn is_a(name: &str, value: &Value) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "number" => value.is_number(),
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        _ => false,
    }
}

/// Equality of JSON, in which `1` and `1.0` are one number.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(_), Value::Number(_)) => a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        _ => a == b,
    }
}
