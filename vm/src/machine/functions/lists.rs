//! Functions on lists. Where sources give a lambda, these get the list of its results: one for each element, in order.

use super::{affordable_parts, bad};
use crate::machine::arith::{self, mismatch};
use ipcmm_bytecode::{Fault, FaultKind, Function, Value};
use std::cmp::Ordering;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

type Entries = BTreeMap<Arc<str>, Value>;

/// A list of results belongs to the elements only if it is as long; code of the compiler never makes another.
fn together(values: &[Value], results: &[Value]) -> Result<(), Fault> {
    match values.len() == results.len() {
        true => Ok(()),
        false => Err(Fault::new(FaultKind::BadArgument, "there is not one result for each element")),
    }
}

fn key(value: &Value) -> Result<Arc<str>, Fault> {
    match value {
        Value::Str(key) => Ok(key.clone()),
        other => Err(mismatch("use as a key", &[other])),
    }
}

/// The elements in ascending order of their results.
pub fn sort_by(values: Vec<Value>, results: &[Value]) -> Result<Value, Fault> {
    together(&values, results)?;
    let mut order: Vec<usize> = (0..values.len()).collect();
    let mut fault = None;
    order.sort_by(|&a, &b| {
        arith::order(&results[a], &results[b]).unwrap_or_else(|f| {
            fault.get_or_insert(f);
            Ordering::Equal
        })
    });
    match fault {
        Some(fault) => Err(fault),
        None => Ok(Value::list(order.into_iter().map(|at| values[at].clone()).collect())),
    }
}

/// The element whose result is the least or the greatest; the first of several.
pub fn extreme_by(values: &[Value], results: &[Value], wanted: Ordering, function: Function) -> Result<Value, Fault> {
    together(values, results)?;
    let empty = || bad(format!("`{}` of an empty list", function.name()));
    let (mut best, rest) = results.split_first().ok_or_else(empty)?;
    let mut at = 0;
    for (i, result) in rest.iter().enumerate() {
        if arith::order(result, best)? == wanted {
            (best, at) = (result, i + 1);
        }
    }
    values.get(at).cloned().ok_or_else(empty)
}

/// The elements whose results are new.
pub fn unique_by(values: &[Value], results: &[Value]) -> Value {
    let mut kept: Vec<Value> = Vec::new();
    let mut known: Vec<&Value> = Vec::new();
    let mut texts: HashSet<&str> = HashSet::new();
    for (value, result) in values.iter().zip(results) {
        // Texts, the usual case, in constant time each; the rest by comparison.
        let new = match result {
            Value::Str(text) => texts.insert(text),
            other => !known.iter().any(|k| arith::same(k, other)),
        };
        if new {
            kept.push(value.clone());
            if !matches!(result, Value::Str(_)) {
                known.push(result);
            }
        }
    }
    Value::list(kept)
}

/// The elements in lists, under their results.
pub fn group_by(values: &[Value], results: &[Value]) -> Result<Value, Fault> {
    together(values, results)?;
    let mut groups: BTreeMap<Arc<str>, Vec<Value>> = BTreeMap::new();
    for (value, result) in values.iter().zip(results) {
        groups.entry(key(result)?).or_default().push(value.clone());
    }
    Ok(Value::map(groups.into_iter().map(|(name, group)| (name, Value::list(group)))))
}

/// A map of results to results.
pub fn to_map(keys: &[Value], values: &[Value]) -> Result<Value, Fault> {
    together(keys, values)?;
    let entries: Result<Entries, Fault> = keys.iter().zip(values).map(|(k, v)| Ok((key(k)?, v.clone()))).collect();
    Ok(Value::Map(Arc::new(entries?)))
}

/// A map of records with `key` and `value`.
pub fn from_pairs(pairs: &[Value]) -> Result<Value, Fault> {
    let entry = |pair: &Value| match (pair.get("key"), pair.get("value")) {
        (Some(name), Some(value)) => Ok((key(name)?, value.clone())),
        _ => Err(mismatch("use as an entry", &[pair])),
    };
    let entries: Result<Entries, Fault> = pairs.iter().map(entry).collect();
    Ok(Value::Map(Arc::new(entries?)))
}

/// The entries of a map as records with `key` and `value`.
pub fn to_pairs(map: &Entries) -> Value {
    Value::list(map.iter().map(|(k, v)| Value::map([("key", Value::Str(k.clone())), ("value", v.clone())])).collect())
}

/// Elements of both lists side by side.
pub fn zip(first: Vec<Value>, second: Vec<Value>) -> Value {
    Value::list(first.into_iter().zip(second).map(|(a, b)| Value::map([("first", a), ("second", b)])).collect())
}

/// Elements with their positions.
pub fn enumerate(values: Vec<Value>, from: i64) -> Result<Value, Fault> {
    let numbered = values.into_iter().enumerate().map(|(i, value)| {
        let index = i64::try_from(i).ok().and_then(|i| from.checked_add(i));
        let index = index.ok_or_else(|| Fault::new(FaultKind::Overflow, "enumerate"))?;
        Ok(Value::map([("index", Value::Int(index)), ("value", value)]))
    });
    Ok(Value::list(numbered.collect::<Result<Vec<Value>, Fault>>()?))
}

/// The elements of all lists.
pub fn flatten(lists: &[Value]) -> Result<Value, Fault> {
    let mut all = Vec::new();
    for list in lists {
        match list {
            Value::List(items) => {
                affordable_parts(all.len() + items.len())?;
                all.extend(items.iter().cloned());
            }
            Value::Range(lo, hi) => {
                let length = usize::try_from(arith::range_len(*lo, *hi)).unwrap_or(usize::MAX);
                affordable_parts(length.saturating_add(all.len()))?;
                all.extend((*lo..=*hi).map(Value::Int));
            }
            other => return Err(mismatch("flatten", &[other])),
        }
    }
    Ok(Value::list(all))
}
