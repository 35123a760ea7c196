//! Functions on regular expressions. All take time that is linear in the text.

use super::given::{Given, affordable, affordable_parts};
use crate::machine::arith::mismatch;
use ipcmm_bytecode::functions::family::Patterns;
use ipcmm_bytecode::{Fault, FaultKind, Value};
use regex::Regex;
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

pub fn call(function: Patterns, given: Given) -> Result<Value, Fault> {
    let text = given.str(0)?;
    let pattern = || compiled(given.str(1)?);
    Ok(match function {
        Patterns::RegexFind => pattern()?.find(text).map_or(Value::Null, |found| Value::str(found.as_str())),
        Patterns::RegexFindAll => {
            let pattern = pattern()?;
            affordable_parts(pattern.find_iter(text).count())?;
            Value::list(pattern.find_iter(text).map(|found| Value::str(found.as_str())).collect())
        }
        Patterns::RegexGroups => {
            let pattern = pattern()?;
            let Some(groups) = pattern.captures(text) else { return Ok(Value::Null) };
            let name = |(at, name): (usize, Option<&str>)| name.map_or_else(|| at.to_string(), str::to_owned);
            let all = pattern.capture_names().enumerate().map(name).zip(groups.iter());
            Value::map(all.filter_map(|(name, group)| Some((name, Value::str(group?.as_str())))))
        }
        Patterns::RegexReplace => {
            let (pattern, to, limit) = (pattern()?, given.str(2)?, given.limit(3)?);
            let dollars = to.matches('$').count();
            let mut out = String::new();
            let mut end = 0;
            for groups in pattern.captures_iter(text).take(limit) {
                let Some(found) = groups.get(0) else { continue };
                out.push_str(&text[end..found.start()]);
                // Each `$` stands for no more than the match.
                let most = dollars.checked_mul(found.len()).and_then(|size| size.checked_add(to.len() + out.len()));
                affordable(most)?;
                groups.expand(to, &mut out);
                affordable(Some(out.len()))?;
                end = found.end();
            }
            affordable(out.len().checked_add(text.len() - end))?;
            out.push_str(&text[end..]);
            Value::str(out)
        }
        Patterns::RegexSplit => {
            let (pattern, limit) = (pattern()?, given.limit(2)?);
            affordable_parts(pattern.splitn(text, limit).count())?;
            Value::list(pattern.splitn(text, limit).map(Value::str).collect())
        }
        Patterns::RegexEscape => Value::str(regex::escape(text)),
    })
}

/// `text matches pattern`
pub fn matches(text: &Value, pattern: &Value) -> Result<Value, Fault> {
    match (text, pattern) {
        (Value::Unknown, _) | (_, Value::Unknown) => Ok(Value::Unknown),
        (Value::Str(text), Value::Str(pattern)) => Ok(Value::Bool(compiled(pattern)?.is_match(text))),
        _ => Err(mismatch("match", &[text, pattern])),
    }
}

/// A compiled pattern; the last few are kept, because loops use the same one again and again.
fn compiled(pattern: &Arc<str>) -> Result<Regex, Fault> {
    const KEPT: usize = 32;
    thread_local! {
        static CACHE: RefCell<HashMap<Arc<str>, Regex>> = RefCell::new(HashMap::new());
    }
    CACHE.with_borrow_mut(|cache| {
        if let Some(regex) = cache.get(pattern) {
            return Ok(regex.clone());
        }
        let regex = regex::RegexBuilder::new(pattern)
            .size_limit(1 << 20)
            .build()
            .map_err(|e| Fault::new(FaultKind::BadPattern, one_line(&e.to_string())))?;
        if cache.len() >= KEPT {
            cache.clear();
        }
        cache.insert(pattern.clone(), regex.clone());
        Ok(regex)
    })
}

/// What a message of several lines comes to: its last line.
fn one_line(message: &str) -> String {
    let last = message.lines().last().unwrap_or_default();
    last.trim_start_matches("error: ").to_string()
}

/// Whether a regular expression can be used, for the compiler.
pub fn check_pattern(pattern: &str) -> Result<(), Fault> {
    compiled(&pattern.into()).map(drop)
}
