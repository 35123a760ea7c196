//! Shapes: types as values, for what is only known to be of some type when it is there.
//!
//! A shape is the name of a type as text, `{list: S}`, `{map: S}`, `{record: {field: S}}`, or a list of shapes any of
//! which will do. A text that is no name of a type is that text itself, behind an `=`.

use ipcmm_bytecode::{Fault, FaultKind, Value};

/// Refuses a value that is not of a shape. What is not known yet passes.
pub fn demand(value: &Value, shape: &Value) -> Result<(), Fault> {
    match fits(value, shape) {
        true => Ok(()),
        false => {
            let mut wanted = String::new();
            write(shape, &mut wanted);
            let detail = format!("{wanted} is wanted, and this is {}", value.type_name());
            Err(Fault::new(FaultKind::TypeMismatch, detail))
        }
    }
}

/// Values are as deep as the machine builds them and constants as the bundle admits, so the walk is bounded.
fn fits(value: &Value, shape: &Value) -> bool {
    if matches!(value, Value::Unknown) {
        return true;
    }
    match shape {
        Value::Str(name) => is(value, name),
        Value::List(choices) => choices.iter().any(|choice| fits(value, choice)),
        Value::Map(_) => {
            if let Some(item) = shape.get("list") {
                return match value {
                    Value::List(items) => items.iter().all(|v| fits(v, item)),
                    Value::Range(lo, hi) => lo > hi || fits(&Value::Int(*lo), item),
                    _ => false,
                };
            }
            let Value::Map(entries) = value else { return false };
            if let Some(item) = shape.get("map") {
                return entries.values().all(|v| fits(v, item));
            }
            let Some(Value::Map(fields)) = shape.get("record") else { return false };
            fields.iter().all(|(name, field)| fits(entries.get(name).unwrap_or(&Value::Null), field))
        }
        _ => false,
    }
}

fn is(value: &Value, name: &str) -> bool {
    match (name, value) {
        ("any", _)
        | ("null", Value::Null)
        | ("bool", Value::Bool(_))
        | ("int", Value::Int(_))
        | ("float", Value::Float(_) | Value::Int(_))
        | ("str", Value::Str(_))
        | ("bytes", Value::Bytes(_))
        | ("duration", Value::Duration(_)) => true,
        (literal, Value::Str(text)) => literal.strip_prefix('=') == Some(text),
        _ => false,
    }
}

/// The shape as a type is written.
fn write(shape: &Value, out: &mut String) {
    match shape {
        Value::Str(name) => match name.strip_prefix('=') {
            Some(text) => out.push_str(&Value::str(text).to_string()),
            None => out.push_str(name),
        },
        Value::List(choices) => {
            for (i, choice) in choices.iter().enumerate() {
                out.push_str(if i == 0 { "" } else { " | " });
                write(choice, out);
            }
        }
        other => {
            for (word, close) in [("list", ">"), ("map", ">")] {
                if let Some(item) = other.get(word) {
                    out.push_str(word);
                    out.push('<');
                    write(item, out);
                    out.push_str(close);
                }
            }
            if let Some(Value::Map(fields)) = other.get("record") {
                out.push('{');
                for (i, (name, field)) in fields.iter().enumerate() {
                    out.push_str(if i == 0 { "" } else { ", " });
                    out.push_str(name);
                    out.push_str(": ");
                    write(field, out);
                }
                out.push('}');
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(items: &[Value]) -> Value {
        Value::list(items.to_vec())
    }

    #[test]
    fn values_are_of_their_shapes() {
        let ints = Value::map([("list", Value::str("int"))]);
        let choice = list(&[Value::str("=a"), Value::str("null")]);
        let record = Value::map([("record", Value::map([("a", Value::str("int")), ("b", choice.clone())]))]);
        for (value, shape, fits) in [
            (Value::Int(1), Value::str("int"), true),
            (Value::Int(1), Value::str("float"), true),
            (Value::Float(1.0), Value::str("int"), false),
            (Value::Unknown, Value::str("int"), true),
            (Value::Range(1, 3), ints.clone(), true),
            (list(&[Value::Int(1), Value::str("x")]), ints.clone(), false),
            (Value::str("a"), choice.clone(), true),
            (Value::str("b"), choice, false),
            (Value::map([("a", Value::Int(1))]), record.clone(), true),
            (Value::map([("a", Value::Int(1)), ("b", Value::Int(2))]), record.clone(), false),
            (Value::Null, record, false),
        ] {
            assert_eq!(demand(&value, &shape).is_ok(), fits, "{value} as {shape}");
        }
    }

    #[test]
    fn a_fault_names_the_type() {
        let shape = Value::map([("map", list(&[Value::map([("list", Value::str("int"))]), Value::str("=a")]))]);
        let fault = demand(&Value::Int(1), &shape).expect_err("an int is no map");
        assert_eq!(fault.detail, "map<list<int> | 'a'> is wanted, and this is int");
    }
}
