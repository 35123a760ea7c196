//! Run-time values as JSON. A type always looks the same: a duration is a number of seconds even where it is whole.
//!
//! Unaware of: what the values mean.

use ipcmm_bytecode::Value;
use serde::ser::{Serialize, SerializeStruct, Serializer};
use serde_json::{Map, Number, Value as Json, json};

/// The typed result of a task. It becomes JSON only where JSON is asked for.
#[derive(Clone, Debug)]
pub struct Data(pub Value);

impl Serialize for Data {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let (data, unknown) = to_json(&self.0);
        let mut fields = to.serialize_struct("Data", 2)?;
        fields.serialize_field("data", &data)?;
        fields.serialize_field("unknown", &unknown)?;
        fields.end()
    }
}

/// The value, and the paths inside it that only an apply can know; those are null. The value itself is `data`.
pub fn to_json(value: &Value) -> (Json, Vec<String>) {
    let mut unknown = Vec::new();
    let json = convert(value, &mut String::from("data"), &mut unknown);
    (json, unknown)
}

/// Recurses as deep as values are nested, which the machine bounds.
fn convert(value: &Value, path: &mut String, unknown: &mut Vec<String>) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Unknown => {
            unknown.push(path.clone());
            Json::Null
        }
        Value::Bool(b) => Json::Bool(*b),
        Value::Int(i) => json!(i),
        // JSON has no infinities and nothing that is no number.
        Value::Float(x) => Number::from_f64(*x).map_or(Json::Null, Json::Number),
        Value::Str(text) => json!(&**text),
        Value::Bytes(bytes) => json!({ "bytes": bytes.len() }),
        Value::Duration(nanos) => json!(*nanos as f64 / 1e9),
        Value::Range(from, to) => json!({ "from": from, "to": to }),
        Value::List(items) => {
            let inside = |(position, item)| within(path, &format!("[{position}]"), |path| convert(item, path, unknown));
            Json::Array(items.iter().enumerate().map(inside).collect())
        }
        Value::Map(entries) => {
            let mut object = Map::with_capacity(entries.len());
            for (key, entry) in entries.iter() {
                object.insert(key.to_string(), within(path, &step(key), |path| convert(entry, path, unknown)));
            }
            Json::Object(object)
        }
    }
}

/// One step further down the path, and back.
fn within<T>(path: &mut String, step: &str, inside: impl FnOnce(&mut String) -> T) -> T {
    let length = path.len();
    path.push_str(step);
    let made = inside(path);
    path.truncate(length);
    made
}

/// The step to an entry of a map, in a path.
pub(super) fn step(key: &str) -> String {
    if is_name(key) { format!(".{key}") } else { format!("[{}]", Value::str(key)) }
}

/// Whether a key can stand behind a dot.
fn is_name(key: &str) -> bool {
    key.starts_with(|c: char| c.is_alphabetic() || c == '_') && key.chars().all(|c| c.is_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_keep_their_look() {
        let value = Value::map([
            ("b", Value::Bytes(vec![1, 2].into())),
            ("d", Value::Duration(2_000_000_000)),
            ("f", Value::Float(f64::NAN)),
            ("l", Value::list(vec![Value::Int(1), Value::Unknown])),
            ("odd key", Value::map([("x", Value::Unknown)])),
            ("r", Value::Range(1, 3)),
        ]);
        let (json, unknown) = to_json(&value);
        let expected = json!({
            "b": {"bytes": 2}, "d": 2.0, "f": null, "l": [1, null], "odd key": {"x": null}, "r": {"from": 1, "to": 3},
        });
        assert_eq!(json, expected);
        assert_eq!(json["d"].to_string(), "2.0");
        assert_eq!(unknown, ["data.l[1]", "data['odd key'].x"]);
        assert_eq!(to_json(&Value::Unknown), (Json::Null, vec!["data".to_owned()]));
    }
}
