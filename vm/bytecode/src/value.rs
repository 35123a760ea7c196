//! Values: what expressions compute, arguments carry and results hold.

use std::collections::BTreeMap;
use std::fmt::{self, Write};
use std::sync::Arc;

/// A run-time value. Cloning is cheap: text and collections are shared.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing.
    Null,
    /// Not known yet: in a dry run, whatever depends on work that was not done. It spreads through every operation.
    Unknown,
    /// `true` or `false`.
    Bool(bool),
    /// 64-bit signed integer; also sizes (in bytes) and modes.
    Int(i64),
    /// IEEE 754 double.
    Float(f64),
    /// UTF-8 text; also paths, patterns and every other textual type.
    Str(Arc<str>),
    /// Bytes, such as the content of an asset.
    Bytes(Arc<[u8]>),
    /// A span of time in nanoseconds.
    Duration(i64),
    /// All integers from the first to the last, both included; empty where the first is greater.
    Range(i64, i64),
    /// A list.
    List(Arc<Vec<Value>>),
    /// A map in key order.
    Map(Arc<BTreeMap<Arc<str>, Value>>),
}

impl Value {
    /// A text value.
    pub fn str(text: impl Into<Arc<str>>) -> Value {
        Value::Str(text.into())
    }

    /// A list value.
    pub fn list(items: Vec<Value>) -> Value {
        Value::List(Arc::new(items))
    }

    /// A map value of the given entries.
    pub fn map<K: Into<Arc<str>>>(entries: impl IntoIterator<Item = (K, Value)>) -> Value {
        Value::Map(Arc::new(entries.into_iter().map(|(k, v)| (k.into(), v)).collect()))
    }

    /// The name of the value's type in messages.
    pub fn type_name(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Unknown => "unknown",
            Value::Bool(_) => "bool",
            Value::Int(_) => "int",
            Value::Float(_) => "float",
            Value::Str(_) => "str",
            Value::Bytes(_) => "bytes",
            Value::Duration(_) => "duration",
            Value::Range(..) => "range",
            Value::List(_) => "list",
            Value::Map(_) => "map",
        }
    }

    /// The text, if this is text.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::Str(s) => Some(s),
            _ => None,
        }
    }

    /// The entry `key`, if this is a map that has it.
    pub fn get(&self, key: &str) -> Option<&Value> {
        match self {
            Value::Map(m) => m.get(key),
            _ => None,
        }
    }

    /// Whether this value, or anything inside it, is not known yet.
    pub fn has_unknown(&self) -> bool {
        match self {
            Value::Unknown => true,
            Value::List(l) => l.iter().any(Value::has_unknown),
            Value::Map(m) => m.values().any(Value::has_unknown),
            _ => false,
        }
    }

    /// The form used by `str(…)` and interpolation: text as it is, everything else as it is written in sources.
    pub fn to_text(&self) -> Arc<str> {
        match self {
            Value::Str(s) => s.clone(),
            other => other.to_string().into(),
        }
    }
}

/// The value as an expression that evaluates to it again (`Unknown` and `Bytes` have a readable form only).
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Null => f.write_str("null"),
            Value::Unknown => f.write_str("(known after apply)"),
            Value::Bool(b) => write!(f, "{b}"),
            Value::Int(i) => write!(f, "{i}"),
            Value::Float(x) => write!(f, "{x:?}"),
            Value::Str(s) => write_quoted(f, s),
            Value::Bytes(b) => write!(f, "({} bytes)", b.len()),
            Value::Duration(ns) => write_duration(f, *ns),
            Value::Range(a, b) => write!(f, "{a}..{b}"),
            Value::List(l) => {
                f.write_char('[')?;
                for (i, v) in l.iter().enumerate() {
                    write!(f, "{}{v}", if i == 0 { "" } else { ", " })?;
                }
                f.write_char(']')
            }
            Value::Map(m) => {
                f.write_char('{')?;
                for (i, (k, v)) in m.iter().enumerate() {
                    f.write_str(if i == 0 { "" } else { ", " })?;
                    write_quoted(f, k)?;
                    write!(f, ": {v}")?;
                }
                f.write_char('}')
            }
        }
    }
}

/// Writes `text` in single quotes with the escapes of the expression lexer.
fn write_quoted(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_char('\'')?;
    for c in text.chars() {
        match c {
            '\'' => f.write_str("\\'")?,
            '\\' => f.write_str("\\\\")?,
            '\n' => f.write_str("\\n")?,
            '\t' => f.write_str("\\t")?,
            '\r' => f.write_str("\\r")?,
            c if c.is_control() => write!(f, "\\u{{{:x}}}", c as u32)?,
            c => f.write_char(c)?,
        }
    }
    f.write_char('\'')
}

/// Writes nanoseconds as `1h2m3s4ms` and so on; the smallest unit that is needed ends it.
fn write_duration(f: &mut fmt::Formatter<'_>, ns: i64) -> fmt::Result {
    const UNITS: [(&str, u64); 7] = [
        ("d", 86_400_000_000_000),
        ("h", 3_600_000_000_000),
        ("m", 60_000_000_000),
        ("s", 1_000_000_000),
        ("ms", 1_000_000),
        ("us", 1_000),
        ("ns", 1),
    ];
    if ns == 0 {
        return f.write_str("0s");
    }
    if ns < 0 {
        f.write_char('-')?;
    }
    let mut rest = ns.unsigned_abs();
    for (unit, size) in UNITS {
        if rest >= size {
            write!(f, "{}{unit}", rest / size)?;
            rest %= size;
        }
    }
    Ok(())
}
