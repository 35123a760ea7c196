//! JSON: values of ours as its text, and the other way round.

use super::given::Given;
use crate::machine::arith::{self, Text};
use ipcmm_bytecode::{Fault, Value, limits};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt::{self, Write};
use std::sync::Arc;

/// The first argument as JSON, on one line or indented.
pub fn encode(given: Given, indent: Option<usize>) -> Result<String, Fault> {
    let mut out = Writer { text: Text::default(), indent };
    out.value(given, given.any(0), 0)?;
    Ok(out.text.0)
}

struct Writer {
    text: Text,
    indent: Option<usize>,
}

impl Writer {
    fn put(&mut self, text: &str) -> Result<(), Fault> {
        self.text.write_str(text).map_err(|_| arith::too_large())
    }

    fn line(&mut self, depth: usize) -> Result<(), Fault> {
        match self.indent {
            Some(width) => self.put(&format!("\n{}", " ".repeat(width * depth))),
            None => Ok(()),
        }
    }

    fn value(&mut self, given: Given, value: &Value, depth: usize) -> Result<(), Fault> {
        match value {
            Value::List(items) => self.each(given, '[', items.iter().map(|item| (None, item)), depth, ']'),
            Value::Range(..) => match arith::elements(value) {
                Some(items) => self.each(given, '[', items.iter().map(|item| (None, item)), depth, ']'),
                None => Err(arith::too_large()),
            },
            Value::Map(map) => self.each(given, '{', map.iter().map(|(key, item)| (Some(&**key), item)), depth, '}'),
            scalar => {
                let text = self::scalar(scalar).ok_or_else(|| given.bad(0, "JSON cannot hold bytes; encode them"))?;
                self.put(&text)
            }
        }
    }

    fn each<'v>(
        &mut self,
        given: Given,
        open: char,
        items: impl Iterator<Item = (Option<&'v str>, &'v Value)>,
        depth: usize,
        close: char,
    ) -> Result<(), Fault> {
        // Values are built no deeper than this, and constants are not either.
        if depth > limits::VALUE_DEPTH as usize {
            return Err(arith::too_large());
        }
        self.put(open.encode_utf8(&mut [0; 4]))?;
        let mut first = true;
        for (key, item) in items {
            if !first {
                self.put(",")?;
            }
            first = false;
            self.line(depth + 1)?;
            if let Some(key) = key {
                self.put(&quoted(key))?;
                self.put(if self.indent.is_some() { ": " } else { ":" })?;
            }
            self.value(given, item, depth + 1)?;
        }
        if !first {
            self.line(depth)?;
        }
        self.put(close.encode_utf8(&mut [0; 4]))
    }
}

/// A value without parts; `None` for bytes. A span of time is text, as sources write it.
pub fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::Bytes(_) => None,
        Value::Str(text) => Some(quoted(text)),
        Value::Duration(_) => Some(quoted(&value.to_string())),
        other => Some(other.to_string()),
    }
}

/// Text in double quotes, as JSON and YAML read it.
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}') => {
                out.push_str(&format!("\\u{:04x}", c as u32));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// The value of a JSON text.
pub fn decode(given: Given) -> Result<Value, Fault> {
    let text = given.str(0)?;
    let left = Cell::new(limits::EVAL_SIZE);
    let json = Json(&left);
    let mut reader = serde_json::Deserializer::from_str(text);
    let read = json.deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
    read.map_err(|e| match left.get() {
        0 => arith::too_large(),
        _ => given.bad(0, &format!("it is no JSON: {e}")),
    })
}

/// Reads values of ours, and counts what may still be built. serde_json keeps count of how deep it is.
#[derive(Clone, Copy)]
struct Json<'b>(&'b Cell<u64>);

impl<'de> DeserializeSeed<'de> for Json<'_> {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        match self.0.get().checked_sub(limits::ELEMENT_SIZE) {
            Some(left) if left > 0 => self.0.set(left),
            _ => {
                self.0.set(0);
                return Err(D::Error::custom("too large"));
            }
        }
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Json<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Int(value))
    }
    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        i64::try_from(value).map(Value::Int).map_err(|_| E::custom(format!("{value} is over 64 bits with a sign")))
    }
    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Float(value))
    }
    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::str(text))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(self)? {
            items.push(item);
        }
        Ok(Value::list(items))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut entries: BTreeMap<Arc<str>, Value> = BTreeMap::new();
        while let Some(key) = map.next_key::<String>()? {
            entries.insert(key.into(), map.next_value_seed(self)?);
        }
        Ok(Value::Map(Arc::new(entries)))
    }
}
