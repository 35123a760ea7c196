//! Functions on lists. Where sources give a lambda, these get the list of its results: one for each element, in order.

use super::given::{Entries, Given, affordable_parts, bad, place};
use super::sets::Seen;
use crate::machine::arith::{self, mismatch};
use ipcmm_bytecode::functions::family::Lists;
use ipcmm_bytecode::{Fault, FaultKind, Function, Value};
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

pub fn call(function: Lists, given: Given) -> Result<Value, Fault> {
    let list = given.list(0);
    Ok(match function {
        Lists::Min => extreme_by(&list?, &given.list(0)?, Ordering::Less, given.function)?,
        Lists::Max => extreme_by(&list?, &given.list(0)?, Ordering::Greater, given.function)?,
        Lists::Sum => total(&list?, 0, arith::add)?,
        Lists::Product => total(&list?, 1, arith::mul)?,
        Lists::Sorted => sort_by(&list?, &given.list(0)?)?,
        Lists::Unique => unique_by(&list?, &given.list(0)?),
        Lists::Reversed => Value::list(list?.iter().rev().cloned().collect()),
        Lists::First => list?.first().cloned().unwrap_or(Value::Null),
        Lists::Last => list?.last().cloned().unwrap_or(Value::Null),
        Lists::Nth => {
            let (list, at) = (list?, given.int(1)?);
            let from_end = usize::try_from(at.unsigned_abs()).ok().and_then(|back| list.len().checked_sub(back));
            let at = if at < 0 { from_end } else { usize::try_from(at).ok() };
            at.and_then(|at| list.get(at)).cloned().unwrap_or(Value::Null)
        }
        Lists::Slice => {
            let list = list?;
            let from = place(given.int(1)?, list.len());
            let behind = given.int_if(2)?.map_or(list.len(), |at| place(at, list.len()));
            Value::list(list.get(from..behind).unwrap_or(&[]).to_vec())
        }
        Lists::Take => Value::list(list?.iter().take(given.count(1)?).cloned().collect()),
        Lists::Drop => Value::list(list?.iter().skip(given.count(1)?).cloned().collect()),
        Lists::Chunk => Value::list(list?.chunks(given.some(1)?).map(|part| Value::list(part.to_vec())).collect()),
        Lists::Windows => {
            let (list, size) = (list?, given.some(1)?);
            let count = list.len().saturating_add(1).saturating_sub(size);
            affordable_parts(count.saturating_mul(size.min(list.len())))?;
            Value::list(list.windows(size).map(|part| Value::list(part.to_vec())).collect())
        }
        Lists::IndexOf => {
            let at = list?.iter().position(|item| arith::same(item, given.any(1)));
            at.map_or(Value::Null, |at| Value::Int(at as i64))
        }
        Lists::Tally => {
            let mut counts: BTreeMap<&Arc<str>, i64> = BTreeMap::new();
            given.strs(0)?.into_iter().for_each(|text| *counts.entry(text).or_default() += 1);
            Value::map(counts.into_iter().map(|(text, count)| (text.clone(), Value::Int(count))))
        }
        Lists::Compact => Value::list(list?.iter().filter(|item| **item != Value::Null).cloned().collect()),
        Lists::Intersperse => {
            let (list, between) = (list?, given.any(1));
            let separated = list
                .iter()
                .enumerate()
                .flat_map(|(i, item)| (i > 0).then_some(between).into_iter().chain([item]).cloned());
            Value::list(separated.collect())
        }
        Lists::Fill => {
            let times = given.count(1)?;
            affordable_parts(times)?;
            Value::list(vec![given.any(0).clone(); times])
        }
        Lists::Range => {
            let (from, to, step) = (given.int(0)?, given.int(1)?, given.int(2)?);
            let span = if step > 0 { i128::from(to) - i128::from(from) } else { i128::from(from) - i128::from(to) };
            if step == 0 {
                return Err(given.bad(2, "it must not be 0"));
            }
            let count = if span < 0 { 0 } else { span / i128::from(step).abs() + 1 };
            affordable_parts(usize::try_from(count).unwrap_or(usize::MAX))?;
            let number = |i| i128::from(from) + i * i128::from(step);
            Value::list((0..count).map(|i| Value::Int(number(i) as i64)).collect())
        }
        Lists::Mean => {
            let numbers = floats(given, &list?)?;
            let mean = numbers.iter().sum::<f64>() / numbers.len() as f64;
            if mean.is_finite() { Value::Float(mean) } else { return Err(given.overflow()) }
        }
        Lists::Median => {
            let mut numbers = floats(given, &list?)?;
            numbers.sort_by(f64::total_cmp);
            let upper = numbers.len() / 2;
            let lower = if numbers.len() % 2 == 0 { upper - 1 } else { upper };
            // Halves first, so that two great ones do not overflow.
            Value::Float(if lower == upper { numbers[upper] } else { numbers[lower] / 2.0 + numbers[upper] / 2.0 })
        }
        Lists::Transpose => transpose(given, &list?)?,
        Lists::Cross => {
            let (first, second) = (list?, given.list(1)?);
            affordable_parts(first.len().saturating_mul(second.len()).saturating_mul(3))?;
            let with = |a: &Value| {
                let a = a.clone();
                second.iter().map(move |b| Value::map([("first", a.clone()), ("second", b.clone())]))
            };
            Value::list(first.iter().flat_map(with).collect())
        }
        Lists::Zip => zip(&list?, &given.list(1)?),
        Lists::Enumerate => enumerate(&list?, given.int_if(1)?.unwrap_or(0))?,
        Lists::Flatten => flatten(&list?)?,
        Lists::SortBy => sort_by(&list?, &given.list(1)?)?,
        Lists::GroupBy => group_by(&list?, &given.list(1)?)?,
        Lists::MinBy => extreme_by(&list?, &given.list(1)?, Ordering::Less, given.function)?,
        Lists::MaxBy => extreme_by(&list?, &given.list(1)?, Ordering::Greater, given.function)?,
        Lists::UniqueBy => unique_by(&list?, &given.list(1)?),
        Lists::FlatMap => flatten(&given.list(1)?)?,
        Lists::ToMap => to_map(&given.list(1)?, &given.list(2)?)?,
        Lists::Partition => {
            let list = list?;
            let holds = given.holds(1, list.len())?;
            let part = |wanted| {
                Value::list(list.iter().zip(&holds).filter(|(_, h)| **h == wanted).map(|(v, _)| v.clone()).collect())
            };
            Value::map([("yes", part(true)), ("no", part(false))])
        }
        Lists::IndexBy => to_map(&given.list(1)?, &list?)?,
        Lists::TakeWhile => {
            let list = list?;
            let first = given.holds(1, list.len())?.iter().take_while(|holds| **holds).count();
            Value::list(list[..first].to_vec())
        }
        Lists::DropWhile => {
            let list = list?;
            let first = given.holds(1, list.len())?.iter().take_while(|holds| **holds).count();
            Value::list(list[first..].to_vec())
        }
    })
}

/// Sum or product of numbers; of an empty list the neutral element.
fn total(items: &[Value], neutral: i64, with: fn(&Value, &Value) -> Result<Value, Fault>) -> Result<Value, Fault> {
    let Some((first, rest)) = items.split_first() else { return Ok(Value::Int(neutral)) };
    if !matches!(first, Value::Int(_) | Value::Float(_) | Value::Duration(_)) {
        return Err(mismatch(if neutral == 0 { "sum" } else { "multiply" }, &[first]));
    }
    rest.iter().try_fold(first.clone(), |total, item| with(&total, item))
}

/// At least one number.
fn floats(given: Given, items: &[Value]) -> Result<Vec<f64>, Fault> {
    let number = |item: &Value| match item {
        Value::Int(i) => Ok(*i as f64),
        Value::Float(x) => Ok(*x),
        other => Err(mismatch(&format!("take the {} of", given.function.name()), &[other])),
    };
    match items.is_empty() {
        true => Err(bad(format!("`{}` of an empty list", given.function.name()))),
        false => items.iter().map(number).collect(),
    }
}

fn transpose(given: Given, rows: &[Value]) -> Result<Value, Fault> {
    let row = |row| arith::elements(row).ok_or_else(|| given.mismatch(0, "list<list<any>>"));
    let rows: Vec<_> = rows.iter().map(row).collect::<Result<_, _>>()?;
    let width = rows.first().map_or(0, |row| row.len());
    if let Some(at) = rows.iter().position(|row| row.len() != width) {
        let problem = format!("row {at} has {} elements, and row 0 has {width}", rows[at].len());
        return Err(given.bad(0, &problem));
    }
    affordable_parts(rows.len().saturating_mul(width))?;
    Ok(Value::list((0..width).map(|at| Value::list(rows.iter().map(|row| row[at].clone()).collect())).collect()))
}

/// A list of results belongs to the elements only if it is as long; code of the compiler never makes another.
fn together(values: &[Value], results: &[Value]) -> Result<(), Fault> {
    match values.len() == results.len() {
        true => Ok(()),
        false => Err(Fault::new(FaultKind::BadArgument, "there is not one result for each element")),
    }
}

/// A value as the key of a map.
pub fn key(value: &Value) -> Result<Arc<str>, Fault> {
    match value {
        Value::Str(key) => Ok(key.clone()),
        other => Err(mismatch("use as a key", &[other])),
    }
}

/// The elements in ascending order of their results.
fn sort_by(values: &[Value], results: &[Value]) -> Result<Value, Fault> {
    together(values, results)?;
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
fn extreme_by(values: &[Value], results: &[Value], wanted: Ordering, function: Function) -> Result<Value, Fault> {
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
fn unique_by(values: &[Value], results: &[Value]) -> Value {
    let mut seen = Seen::default();
    Value::list(values.iter().zip(results).filter(|(_, result)| seen.insert(result)).map(|(v, _)| v.clone()).collect())
}

/// The elements in lists, under their results.
fn group_by(values: &[Value], results: &[Value]) -> Result<Value, Fault> {
    together(values, results)?;
    let mut groups: BTreeMap<Arc<str>, Vec<Value>> = BTreeMap::new();
    for (value, result) in values.iter().zip(results) {
        groups.entry(key(result)?).or_default().push(value.clone());
    }
    Ok(Value::map(groups.into_iter().map(|(name, group)| (name, Value::list(group)))))
}

/// A map of results to results.
fn to_map(keys: &[Value], values: &[Value]) -> Result<Value, Fault> {
    together(keys, values)?;
    let entries: Result<Entries, Fault> = keys.iter().zip(values).map(|(k, v)| Ok((key(k)?, v.clone()))).collect();
    Ok(Value::Map(Arc::new(entries?)))
}

/// Elements of both lists side by side.
fn zip(first: &[Value], second: &[Value]) -> Value {
    Value::list(
        first.iter().zip(second).map(|(a, b)| Value::map([("first", a.clone()), ("second", b.clone())])).collect(),
    )
}

/// Elements with their positions.
fn enumerate(values: &[Value], from: i64) -> Result<Value, Fault> {
    let numbered = values.iter().enumerate().map(|(i, value)| {
        let index = i64::try_from(i).ok().and_then(|i| from.checked_add(i));
        let index = index.ok_or_else(|| Fault::new(FaultKind::Overflow, "enumerate"))?;
        Ok(Value::map([("index", Value::Int(index)), ("value", value.clone())]))
    });
    Ok(Value::list(numbered.collect::<Result<Vec<Value>, Fault>>()?))
}

/// The elements of all lists.
fn flatten(lists: &[Value]) -> Result<Value, Fault> {
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
