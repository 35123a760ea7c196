//! The arguments of a call, read as what a function takes. A fault names the argument.

use crate::machine::arith;
use ipcmm_bytecode::{Fault, FaultKind, Function, Value, limits};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Entries of a map.
pub type Entries = BTreeMap<Arc<str>, Value>;

/// The arguments of a call. One that was left out is null.
#[derive(Clone, Copy)]
pub struct Given<'a> {
    pub function: Function,
    pub values: &'a [Value],
}

impl<'a> Given<'a> {
    /// The argument at a position, whatever it is.
    pub fn any(self, at: usize) -> &'a Value {
        self.values.get(at).unwrap_or(&Value::Null)
    }

    /// Whether an argument was left out.
    pub fn lacks(self, at: usize) -> bool {
        matches!(self.any(at), Value::Null)
    }

    fn param(self, at: usize) -> &'static str {
        self.function.row().params.get(at).map_or("an argument", |(name, _)| name)
    }

    /// The fault of an argument that is not of the type it must be of.
    pub fn mismatch(self, at: usize, wanted: &str) -> Fault {
        let (param, name, found) = (self.param(at), self.function.name(), self.any(at).type_name());
        Fault::new(FaultKind::TypeMismatch, format!("`{param}` of `{name}` takes {wanted}, and this is {found}"))
    }

    /// The fault of an argument that does not work, with what is wrong: "`width` of `pad_start`: …".
    pub fn bad(self, at: usize, problem: &str) -> Fault {
        bad(format!("`{}` of `{}`: {problem}", self.param(at), self.function.name()))
    }

    /// The fault of a result that is no number of 64 bits or no finite one.
    pub fn overflow(self) -> Fault {
        let args: Vec<String> = self.values.iter().filter(|v| **v != Value::Null).map(short).collect();
        Fault::new(FaultKind::Overflow, format!("{}({})", self.function.name(), args.join(", ")))
    }

    pub fn str(self, at: usize) -> Result<&'a Arc<str>, Fault> {
        match self.any(at) {
            Value::Str(text) => Ok(text),
            _ => Err(self.mismatch(at, "str")),
        }
    }

    pub fn str_or(self, at: usize, default: &'a str) -> Result<&'a str, Fault> {
        if self.lacks(at) { Ok(default) } else { self.str(at).map(|text| &**text) }
    }

    /// A text that has something in it.
    pub fn some_str(self, at: usize) -> Result<&'a str, Fault> {
        match self.str(at)? {
            text if text.is_empty() => Err(self.bad(at, "it is empty")),
            text => Ok(text),
        }
    }

    /// Text, as UTF-8, or bytes.
    pub fn data(self, at: usize) -> Result<&'a [u8], Fault> {
        match self.any(at) {
            Value::Str(text) => Ok(text.as_bytes()),
            Value::Bytes(bytes) => Ok(bytes),
            _ => Err(self.mismatch(at, "str | bytes")),
        }
    }

    pub fn bytes(self, at: usize) -> Result<&'a [u8], Fault> {
        match self.any(at) {
            Value::Bytes(bytes) => Ok(bytes),
            _ => Err(self.mismatch(at, "bytes")),
        }
    }

    pub fn int(self, at: usize) -> Result<i64, Fault> {
        match self.any(at) {
            Value::Int(i) => Ok(*i),
            _ => Err(self.mismatch(at, "int")),
        }
    }

    /// A number that may be left out.
    pub fn int_if(self, at: usize) -> Result<Option<i64>, Fault> {
        if self.lacks(at) { Ok(None) } else { self.int(at).map(Some) }
    }

    /// A number between two bounds, both included.
    pub fn within(self, at: usize, least: i64, most: i64) -> Result<i64, Fault> {
        match self.int(at)? {
            i if (least..=most).contains(&i) => Ok(i),
            i => Err(self.bad(at, &format!("{i} is not from {least} to {most}"))),
        }
    }

    /// How many of something: not negative.
    pub fn count(self, at: usize) -> Result<usize, Fault> {
        match self.int(at)? {
            i if i < 0 => Err(self.bad(at, &format!("{i} is negative"))),
            i => Ok(usize::try_from(i).unwrap_or(usize::MAX)),
        }
    }

    /// At least one of something.
    pub fn some(self, at: usize) -> Result<usize, Fault> {
        match self.count(at)? {
            0 => Err(self.bad(at, "it must be at least 1")),
            n => Ok(n),
        }
    }

    /// How many parts or replacements at most; all, if that was left out.
    pub fn limit(self, at: usize) -> Result<usize, Fault> {
        if self.lacks(at) { Ok(usize::MAX) } else { self.some(at) }
    }

    pub fn float(self, at: usize) -> Result<f64, Fault> {
        match self.any(at) {
            Value::Float(x) => Ok(*x),
            Value::Int(i) => Ok(*i as f64),
            _ => Err(self.mismatch(at, "float")),
        }
    }

    pub fn duration(self, at: usize) -> Result<i64, Fault> {
        match self.any(at) {
            Value::Duration(ns) => Ok(*ns),
            _ => Err(self.mismatch(at, "duration")),
        }
    }

    /// A list, or a range that is short enough to be written out.
    pub fn list(self, at: usize) -> Result<Cow<'a, [Value]>, Fault> {
        match arith::elements(self.any(at)) {
            Some(items) => Ok(items),
            None => Err(self.mismatch(at, "list<any>")),
        }
    }

    /// A list of texts.
    pub fn strs(self, at: usize) -> Result<Vec<&'a Arc<str>>, Fault> {
        let wrong = || self.mismatch(at, "list<str>");
        let Value::List(items) = self.any(at) else { return Err(wrong()) };
        let text = |item: &'a Value| match item {
            Value::Str(text) => Ok(text),
            other => Err(self.bad(at, &format!("all elements are str, and this is {}", other.type_name()))),
        };
        items.iter().map(text).collect()
    }

    pub fn map(self, at: usize) -> Result<&'a Entries, Fault> {
        match self.any(at) {
            Value::Map(map) => Ok(map),
            _ => Err(self.mismatch(at, "map<any>")),
        }
    }

    /// What a lambda gave for each element of the first argument.
    pub fn results(self, at: usize, of: usize) -> Result<Cow<'a, [Value]>, Fault> {
        match self.list(at)? {
            results if results.len() == of => Ok(results),
            _ => Err(bad("there is not one result for each element")),
        }
    }

    /// Whether a lambda held for each element of the first argument.
    pub fn holds(self, at: usize, of: usize) -> Result<Vec<bool>, Fault> {
        let hold = |result: &Value| match result {
            Value::Bool(holds) => Ok(*holds),
            other => Err(arith::mismatch("decide by", &[other])),
        };
        self.results(at, of)?.iter().map(hold).collect()
    }
}

/// A value as a fault shows it.
pub fn short(value: &Value) -> String {
    use std::fmt::Write;
    let mut shown = arith::Text::default();
    match write!(shown, "{value}") {
        Ok(()) if shown.0.chars().nth(80).is_none() => shown.0,
        _ => shown.0.chars().take(79).chain(['…']).collect(),
    }
}

/// The fault of a function that cannot work on what it was given.
pub fn bad(detail: impl Into<String>) -> Fault {
    Fault::new(FaultKind::BadArgument, detail)
}

/// Refuses what would be larger than one evaluation may build.
pub fn affordable(size: Option<usize>) -> Result<(), Fault> {
    match size {
        Some(size) if size as u64 <= limits::EVAL_SIZE => Ok(()),
        _ => Err(arith::too_large()),
    }
}

/// Refuses more elements than one evaluation may build.
pub fn affordable_parts(parts: usize) -> Result<(), Fault> {
    affordable(parts.checked_mul(limits::ELEMENT_SIZE as usize))
}

/// A list of texts, which are counted before they are made.
pub fn texts<'t>(parts: impl Iterator<Item = &'t str> + Clone) -> Result<Value, Fault> {
    affordable_parts(parts.clone().count())?;
    Ok(Value::list(parts.map(Value::str).collect()))
}

/// A place counted from 0 or, negative, from the end; no further than the end.
pub fn place(at: i64, len: usize) -> usize {
    match usize::try_from(at) {
        Ok(at) => at.min(len),
        Err(_) => len.saturating_sub(usize::try_from(at.unsigned_abs()).unwrap_or(usize::MAX)),
    }
}
