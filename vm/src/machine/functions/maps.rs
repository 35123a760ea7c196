//! Functions on maps. Where sources give a lambda, these get the list of its results, one for each entry in key order;
//! the map itself comes as its entries then.

use super::given::{Entries, Given, affordable_parts};
use super::lists::key;
use crate::machine::arith::{self, mismatch};
use ipcmm_bytecode::functions::family::Maps;
use ipcmm_bytecode::{Fault, Value, limits};
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

pub fn call(function: Maps, given: Given) -> Result<Value, Fault> {
    let map = given.map(0);
    Ok(match function {
        Maps::Keys => Value::list(map?.keys().cloned().map(Value::Str).collect()),
        Maps::Values => Value::list(map?.values().cloned().collect()),
        Maps::Merge => merged([map?, given.map(1)?]),
        Maps::MergeAll => {
            let maps = given.list(0)?;
            let maps: Vec<&Entries> = maps.iter().map(|m| entries(given, m)).collect::<Result<_, _>>()?;
            merged(maps)
        }
        Maps::MergeDeep => {
            let mut left = limits::EVAL_SIZE;
            merge_deep(given.any(0), given.any(1), 0, &mut left)?
        }
        Maps::FromPairs => from_pairs(&given.list(0)?)?,
        Maps::ToPairs => to_pairs(map?),
        Maps::Get => map?.get(given.str(1)?).unwrap_or(given.any(2)).clone(),
        Maps::Pick => {
            let keys: HashSet<_> = given.strs(1)?.into_iter().collect();
            some(map?, |key, _| keys.contains(key))
        }
        Maps::Omit => {
            let keys: HashSet<_> = given.strs(1)?.into_iter().collect();
            some(map?, |key, _| !keys.contains(key))
        }
        Maps::WithoutNulls => some(map?, |_, value| *value != Value::Null),
        Maps::RenameKeys => {
            let names = given.map(1)?;
            let name = |old: &Arc<str>| names.get(old).map_or(Ok(old.clone()), key);
            distinct(given, map?.iter().map(|(k, v)| Ok((name(k)?, v.clone()))))?
        }
        Maps::Invert => distinct(given, map?.iter().map(|(k, v)| Ok((key(v)?, Value::Str(k.clone())))))?,
        Maps::MapValues => {
            let pairs = given.list(0)?;
            let results = given.results(1, pairs.len())?;
            distinct(given, pairs.iter().zip(results.iter()).map(|(pair, to)| Ok((pair_of(pair)?.0, to.clone()))))?
        }
        Maps::MapKeys => {
            let pairs = given.list(0)?;
            let results = given.results(1, pairs.len())?;
            distinct(given, pairs.iter().zip(results.iter()).map(|(pair, to)| Ok((key(to)?, pair_of(pair)?.1))))?
        }
        Maps::PickBy => {
            let pairs = given.list(0)?;
            let holds = given.holds(1, pairs.len())?;
            distinct(given, pairs.iter().zip(holds).filter(|(_, holds)| *holds).map(|(pair, _)| pair_of(pair)))?
        }
        Maps::GetPath => get_path(given)?,
        Maps::SetPath => {
            let path = given.strs(1)?;
            if path.is_empty() || path.len() > limits::VALUE_DEPTH as usize {
                return Err(given.bad(1, &format!("it must have from 1 to {} keys", limits::VALUE_DEPTH)));
            }
            Value::Map(Arc::new(set_path(map?, &path, given.any(2))))
        }
        Maps::FlattenKeys => {
            let mut flat = Entries::new();
            let mut left = limits::EVAL_SIZE;
            flatten(map?, "", given.str(1)?, 0, &mut flat, &mut left)?;
            Value::Map(Arc::new(flat))
        }
    })
}

fn entries<'a>(given: Given, value: &'a Value) -> Result<&'a Entries, Fault> {
    match value {
        Value::Map(map) => Ok(map),
        _ => Err(given.mismatch(0, "list<map<any>>")),
    }
}

fn merged<'a>(maps: impl IntoIterator<Item = &'a Entries>) -> Value {
    let all = maps.into_iter().flatten().map(|(k, v)| (k.clone(), v.clone()));
    Value::map(all)
}

fn some(map: &Entries, wanted: impl Fn(&Arc<str>, &Value) -> bool) -> Value {
    Value::map(map.iter().filter(|(k, v)| wanted(k, v)).map(|(k, v)| (k.clone(), v.clone())))
}

/// A map of entries with different keys.
fn distinct(given: Given, entries: impl Iterator<Item = Result<(Arc<str>, Value), Fault>>) -> Result<Value, Fault> {
    let mut map = Entries::new();
    for entry in entries {
        let (key, value) = entry?;
        if map.contains_key(&key) {
            return Err(given.bad(0, &format!("two entries would have the key '{key}'")));
        }
        map.insert(key, value);
    }
    Ok(Value::Map(Arc::new(map)))
}

fn pair_of(pair: &Value) -> Result<(Arc<str>, Value), Fault> {
    match (pair.get("key"), pair.get("value")) {
        (Some(name), Some(value)) => Ok((key(name)?, value.clone())),
        _ => Err(mismatch("use as an entry", &[pair])),
    }
}

/// A map of records with `key` and `value`.
fn from_pairs(pairs: &[Value]) -> Result<Value, Fault> {
    let entries: BTreeMap<_, _> = pairs.iter().map(pair_of).collect::<Result<_, Fault>>()?;
    Ok(Value::Map(Arc::new(entries)))
}

/// The entries of a map as records with `key` and `value`.
fn to_pairs(map: &Entries) -> Value {
    Value::list(map.iter().map(|(k, v)| Value::map([("key", Value::Str(k.clone())), ("value", v.clone())])).collect())
}

/// Maps in both become one; elsewhere the second wins. What is shared is walked as often as it is used, so there is a
/// bound on it.
fn merge_deep(first: &Value, second: &Value, depth: u32, left: &mut u64) -> Result<Value, Fault> {
    let (Value::Map(first), Value::Map(over)) = (first, second) else { return Ok(second.clone()) };
    let size = (first.len() + over.len() + 1) as u64 * limits::ELEMENT_SIZE;
    *left = left.checked_sub(size).ok_or_else(arith::too_large)?;
    if depth > limits::VALUE_DEPTH {
        return Err(arith::too_large());
    }
    let mut merged = first.as_ref().clone();
    for (key, value) in over.iter() {
        let value = match merged.get(key) {
            Some(known) => merge_deep(known, value, depth + 1, left)?,
            None => value.clone(),
        };
        merged.insert(key.clone(), value);
    }
    Ok(Value::Map(Arc::new(merged)))
}

fn get_path(given: Given) -> Result<Value, Fault> {
    let mut at = given.any(0).clone();
    for step in given.list(1)?.iter() {
        if !matches!(step, Value::Str(_) | Value::Int(_)) {
            return Err(given.bad(1, &format!("it has keys and positions, and this is {}", step.type_name())));
        }
        at = match (&at, step) {
            (Value::Map(map), Value::Str(key)) => map.get(key).cloned().unwrap_or(Value::Null),
            (Value::List(_) | Value::Range(..), Value::Int(_)) => arith::index_opt(&at, step)?,
            _ => return Ok(Value::Null),
        };
    }
    Ok(at)
}

fn set_path(map: &Entries, path: &[&Arc<str>], value: &Value) -> Entries {
    let mut changed = map.clone();
    if let Some((first, rest)) = path.split_first() {
        let inner = match (rest.is_empty(), map.get(*first)) {
            (true, _) => value.clone(),
            (false, Some(Value::Map(inner))) => Value::Map(Arc::new(set_path(inner, rest, value))),
            (false, _) => Value::Map(Arc::new(set_path(&Entries::new(), rest, value))),
        };
        changed.insert((*first).clone(), inner);
    }
    changed
}

fn flatten(map: &Entries, before: &str, by: &str, depth: u32, out: &mut Entries, left: &mut u64) -> Result<(), Fault> {
    affordable_parts(out.len())?;
    for (key, value) in map {
        let size = (before.len() + by.len() + key.len()) as u64 + limits::ELEMENT_SIZE;
        *left = left.checked_sub(size).ok_or_else(arith::too_large)?;
        let name = if depth == 0 { key.to_string() } else { format!("{before}{by}{key}") };
        match value {
            Value::Map(inner) if !inner.is_empty() && depth <= limits::VALUE_DEPTH => {
                flatten(inner, &name, by, depth + 1, out, left)?;
            }
            value => drop(out.insert(name.into(), value.clone())),
        }
    }
    Ok(())
}
