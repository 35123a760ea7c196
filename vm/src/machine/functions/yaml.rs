//! YAML, written only: block style, every text that could be taken for something else in double quotes. A reader would
//! be a second parser of a large language on every node; what is to be read there is JSON, which YAML reads too.

use super::given::Given;
use super::json::{quoted, scalar};
use crate::machine::arith::{self, Text};
use ipcmm_bytecode::{Fault, Value, limits};
use std::fmt::Write;

/// How far readers look for the `:` behind a key.
const KEY: usize = 1024;

/// The first argument as a document.
pub fn encode(given: Given) -> Result<String, Fault> {
    let mut out = Text::default();
    match block(given.any(0)) {
        true => write(given, given.any(0), 0, &mut out)?,
        false => {
            inline(given, given.any(0), &mut out)?;
            put(&mut out, "\n")?;
        }
    }
    Ok(out.0)
}

fn put(out: &mut Text, text: &str) -> Result<(), Fault> {
    out.write_str(text).map_err(|_| arith::too_large())
}

/// Whether a value takes lines of its own.
fn block(value: &Value) -> bool {
    match value {
        Value::List(items) => !items.is_empty(),
        Value::Range(lo, hi) => lo <= hi,
        Value::Map(map) => !map.is_empty(),
        _ => false,
    }
}

fn inline(given: Given, value: &Value, out: &mut Text) -> Result<(), Fault> {
    match value {
        Value::List(_) | Value::Range(..) => put(out, "[]"),
        Value::Map(_) => put(out, "{}"),
        Value::Str(text) => put(out, &plain(text)),
        Value::Float(x) => put(out, &float(*x)),
        other => put(out, &scalar(other).ok_or_else(|| given.bad(0, "YAML is given no bytes; encode them"))?),
    }
}

/// The lines of a list or map, all but the first indented: what stands before it has indented that.
fn write(given: Given, value: &Value, depth: usize, out: &mut Text) -> Result<(), Fault> {
    if depth > limits::VALUE_DEPTH as usize {
        return Err(arith::too_large());
    }
    let margin = "  ".repeat(depth);
    let mut first = true;
    let mut begin = |out: &mut Text| match std::mem::take(&mut first) {
        true => Ok(()),
        false => put(out, &margin),
    };
    if let Value::Map(map) = value {
        for (key, item) in map.iter() {
            let key = plain(key);
            if key.len() > KEY {
                return Err(given.bad(0, &format!("a key is written with {} bytes; YAML takes {KEY}", key.len())));
            }
            begin(out)?;
            put(out, &key)?;
            put(out, ":")?;
            match block(item) {
                true => {
                    put(out, "\n")?;
                    put(out, &margin)?;
                    put(out, "  ")?;
                    write(given, item, depth + 1, out)?;
                }
                false => {
                    put(out, " ")?;
                    inline(given, item, out)?;
                    put(out, "\n")?;
                }
            }
        }
        return Ok(());
    }
    for item in arith::elements(value).ok_or_else(arith::too_large)?.iter() {
        begin(out)?;
        put(out, "- ")?;
        match block(item) {
            true => write(given, item, depth + 1, out)?,
            false => {
                inline(given, item, out)?;
                put(out, "\n")?;
            }
        }
    }
    Ok(())
}

/// A float as YAML 1.1 wants it too: with a point, and a sign in the exponent.
fn float(x: f64) -> String {
    let text = format!("{x:?}");
    let Some((number, exponent)) = text.split_once('e') else { return text };
    let point = if number.contains('.') { "" } else { ".0" };
    let sign = if exponent.starts_with('-') { "" } else { "+" };
    format!("{number}{point}e{sign}{exponent}")
}

/// A text as it is if every reader, of YAML 1.1 as well, takes it for this text; otherwise in double quotes.
fn plain(text: &str) -> String {
    const WORDS: &[&str] = &["true", "false", "yes", "no", "on", "off", "null", "y", "n"];
    let begins = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '_');
    let inner = |c: char| c.is_ascii_alphanumeric() || "_-./+@ ".contains(c);
    let word = WORDS.iter().any(|word| word.eq_ignore_ascii_case(text));
    match begins && text.chars().all(inner) && !text.ends_with(' ') && !word {
        true => text.to_owned(),
        false => quoted(text),
    }
}
