//! What every dump shows alike: places and values.

use crate::source::{FileId, Sources};
use ipcmm_bytecode::Value;
use ipcmm_grammar::ast::Span;
use serde_json::{Map, Value as Json, json};

/// Keys with their values, in the order they are shown.
pub(super) type Fields = Map<String, Json>;

/// File, line and column for people, byte span for tools.
pub(super) fn place(file: FileId, span: Span, sources: &Sources) -> Json {
    let source = sources.file(file);
    let position = source.position(span.start);
    json!({
        "file": source.name,
        "line": position.line,
        "column": position.column,
        "span": [span.start, span.end],
    })
}

/// A value as JSON where JSON has it, otherwise as its text.
pub fn value(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(b) => Json::Bool(*b),
        Value::Int(i) => json!(i),
        Value::Float(x) if x.is_finite() => json!(x),
        Value::Str(text) => json!(&**text),
        Value::List(items) => items.iter().map(self::value).collect(),
        Value::Map(entries) => Json::Object(entries.iter().map(|(k, v)| (k.to_string(), self::value(v))).collect()),
        Value::Unknown | Value::Float(_) | Value::Bytes(_) | Value::Duration(_) | Value::Range(..) => {
            json!(value.to_string())
        }
    }
}

/// Milliseconds as a duration.
pub(super) fn milliseconds(number: u32) -> Json {
    value(&Value::Duration(i64::from(number) * 1_000_000))
}

/// Seconds as a duration.
pub(super) fn seconds(number: u32) -> Json {
    value(&Value::Duration(i64::from(number) * 1_000_000_000))
}
