//! The pure functions of the language, one arm each. Those on lists that take the results of a lambda are in `lists`,
//! versions and addresses in `addresses`.

mod addresses;
mod lists;

pub use addresses::{check_address, check_network, check_version};

use super::arith::{self, mismatch};
use ipcmm_bytecode::{Fault, FaultKind, Function, Value, limits};
use regex::Regex;
use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

/// Calls a pure function. What it builds is bounded before it is built.
pub fn call(function: Function, args: &[Value]) -> Result<Value, Fault> {
    if args.iter().any(Value::has_unknown) {
        return Ok(Value::Unknown);
    }
    apply(function, args)
}

/// Refuses what would be larger than one evaluation may build.
fn affordable(size: Option<usize>) -> Result<(), Fault> {
    match size {
        Some(size) if size as u64 <= limits::EVAL_SIZE => Ok(()),
        _ => Err(arith::too_large()),
    }
}

/// Refuses more parts of a text than one evaluation may build.
fn affordable_parts(parts: usize) -> Result<(), Fault> {
    affordable(parts.checked_mul(limits::ELEMENT_SIZE as usize))
}

fn bad(detail: impl Into<String>) -> Fault {
    Fault::new(FaultKind::BadArgument, detail)
}

fn apply(function: Function, args: &[Value]) -> Result<Value, Fault> {
    let arg = |n: usize| args.get(n).unwrap_or(&Value::Null);
    let text = |n: usize| match arg(n) {
        Value::Str(s) => Ok(s.clone()),
        other => Err(mismatch(&format!("give to `{}`", function.name()), &[other])),
    };
    let list = |n: usize| match arg(n) {
        Value::List(items) => Ok(items.as_ref().clone()),
        Value::Range(lo, hi) if arith::range_len(*lo, *hi) <= limits::LOOP_ITEMS => {
            Ok((*lo..=*hi).map(Value::Int).collect())
        }
        other => Err(mismatch(&format!("give to `{}`", function.name()), &[other])),
    };
    let map = |n: usize| match arg(n) {
        Value::Map(map) => Ok(map.clone()),
        other => Err(mismatch(&format!("give to `{}`", function.name()), &[other])),
    };
    let texts = |parts: Vec<&str>| Value::list(parts.into_iter().map(Value::str).collect());
    Ok(match function {
        Function::Str => match arg(0) {
            Value::Str(text) => Value::Str(text.clone()),
            other => {
                let mut text = arith::Text::default();
                text.push(other)?;
                Value::str(text.0)
            }
        },
        Function::Int => match arg(0) {
            Value::Int(i) => Value::Int(*i),
            Value::Bool(b) => Value::Int((*b).into()),
            Value::Float(x) if x.fract() == 0.0 && x.abs() < 9.0e18 => Value::Int(*x as i64),
            Value::Str(s) => Value::Int(s.trim().parse().map_err(|_| bad(format!("'{s}' is no whole number")))?),
            other => return Err(bad(format!("{other} is no whole number"))),
        },
        Function::Float => match arg(0) {
            Value::Float(x) => Value::Float(*x),
            Value::Int(i) => Value::Float(*i as f64),
            Value::Str(s) => match s.trim().parse::<f64>() {
                Ok(x) if x.is_finite() => Value::Float(x),
                _ => return Err(bad(format!("'{s}' is no number"))),
            },
            other => return Err(bad(format!("{other} is no number"))),
        },
        Function::Len => Value::Int(match arg(0) {
            Value::Str(s) => s.chars().count() as i64,
            Value::Bytes(b) => b.len() as i64,
            Value::List(items) => items.len() as i64,
            Value::Map(map) => map.len() as i64,
            Value::Range(lo, hi) => i64::try_from(arith::range_len(*lo, *hi)).unwrap_or(i64::MAX),
            other => return Err(mismatch("count the elements of", &[other])),
        }),
        Function::Upper => Value::str(text(0)?.to_uppercase()),
        Function::Lower => Value::str(text(0)?.to_lowercase()),
        Function::Trim => Value::str(text(0)?.trim()),
        Function::Split => {
            let separator = text(1)?;
            if separator.is_empty() {
                return Err(bad("the separator of `split` is empty"));
            }
            let text = text(0)?;
            affordable_parts(text.matches(separator.as_ref()).count() + 1)?;
            texts(text.split(separator.as_ref()).collect())
        }
        Function::Join => {
            let (separator, mut joined) = (Value::Str(text(1)?), arith::Text::default());
            for (i, part) in list(0)?.iter().enumerate() {
                if i > 0 {
                    joined.push(&separator)?;
                }
                joined.push(part)?;
            }
            Value::str(joined.0)
        }
        Function::Replace => {
            let from = text(1)?;
            if from.is_empty() {
                return Err(bad("`replace` looks for an empty text"));
            }
            let (text, to) = (text(0)?, text(2)?);
            let hits = text.matches(from.as_ref()).count();
            affordable(hits.checked_mul(to.len()).and_then(|size| size.checked_add(text.len())))?;
            Value::str(text.replace(from.as_ref(), &to))
        }
        Function::StartsWith => Value::Bool(text(0)?.starts_with(text(1)?.as_ref())),
        Function::EndsWith => Value::Bool(text(0)?.ends_with(text(1)?.as_ref())),
        Function::Min => {
            let items = list(0)?;
            lists::extreme_by(&items, &items, Ordering::Less, function)?
        }
        Function::Max => {
            let items = list(0)?;
            lists::extreme_by(&items, &items, Ordering::Greater, function)?
        }
        Function::Sum => {
            let items = list(0)?;
            let mut items = items.iter();
            let first = items.next().cloned().unwrap_or(Value::Int(0));
            if !matches!(first, Value::Int(_) | Value::Float(_) | Value::Duration(_)) {
                return Err(mismatch("sum", &[&first]));
            }
            items.try_fold(first, |sum, item| arith::add(&sum, item))?
        }
        Function::Abs => match arg(0) {
            Value::Int(i) => Value::Int(i.checked_abs().ok_or_else(|| Fault::new(FaultKind::Overflow, "abs"))?),
            Value::Float(x) => Value::Float(x.abs()),
            Value::Duration(ns) => {
                Value::Duration(ns.checked_abs().ok_or_else(|| Fault::new(FaultKind::Overflow, "abs"))?)
            }
            other => return Err(mismatch("take the absolute value of", &[other])),
        },
        Function::Sorted => {
            let items = list(0)?;
            lists::sort_by(items.clone(), &items)?
        }
        Function::Keys => Value::list(map(0)?.keys().cloned().map(Value::Str).collect()),
        Function::Values => Value::list(map(0)?.values().cloned().collect()),
        Function::Basename => {
            let path = text(0)?;
            Value::str(path.trim_end_matches('/').rsplit('/').next().unwrap_or(""))
        }
        Function::Dirname => {
            let path = text(0)?;
            let trimmed = path.trim_end_matches('/');
            Value::str(match trimmed.rfind('/') {
                Some(0) => "/",
                Some(at) => trimmed[..at].trim_end_matches('/'),
                None if path.starts_with('/') => "/",
                None => ".",
            })
        }
        Function::Merge => {
            let mut merged = map(0)?.as_ref().clone();
            merged.extend(map(1)?.iter().map(|(k, v)| (k.clone(), v.clone())));
            Value::Map(Arc::new(merged))
        }
        Function::Unique => {
            let items = list(0)?;
            lists::unique_by(&items, &items)
        }
        Function::Reversed => {
            let mut items = list(0)?;
            items.reverse();
            Value::list(items)
        }
        Function::Lines => {
            let text = text(0)?;
            affordable_parts(text.lines().count())?;
            texts(text.lines().collect())
        }
        Function::ShellQuote => Value::str(shell_quote(&text(0)?)),
        Function::First => list(0)?.into_iter().next().unwrap_or(Value::Null),
        Function::Last => list(0)?.pop().unwrap_or(Value::Null),
        Function::Zip => lists::zip(list(0)?, list(1)?),
        Function::Enumerate => match arg(1) {
            Value::Null => lists::enumerate(list(0)?, 0)?,
            Value::Int(from) => lists::enumerate(list(0)?, *from)?,
            other => return Err(mismatch("count from", &[other])),
        },
        Function::Flatten => lists::flatten(&list(0)?)?,
        Function::FromPairs => lists::from_pairs(&list(0)?)?,
        Function::ToPairs => lists::to_pairs(map(0)?.as_ref()),
        Function::SortBy => lists::sort_by(list(0)?, &list(1)?)?,
        Function::GroupBy => lists::group_by(&list(0)?, &list(1)?)?,
        Function::MinBy => lists::extreme_by(&list(0)?, &list(1)?, Ordering::Less, function)?,
        Function::MaxBy => lists::extreme_by(&list(0)?, &list(1)?, Ordering::Greater, function)?,
        Function::UniqueBy => lists::unique_by(&list(0)?, &list(1)?),
        Function::FlatMap => lists::flatten(&list(1)?)?,
        Function::ToMap => lists::to_map(&list(1)?, &list(2)?)?,
        Function::Semver => addresses::version(text(0)?)?,
        Function::Ip => addresses::address(text(0)?)?,
        Function::Cidr => addresses::network(text(0)?)?,
        Function::SemverCompare => addresses::compare_versions(&text(0)?, &text(1)?)?,
        Function::IpCompare => addresses::compare_addresses(&text(0)?, &text(1)?)?,
        Function::SemverKey => addresses::version_key(&text(0)?)?,
        Function::IpKey => addresses::address_key(&text(0)?)?,
        Function::IpWithin => addresses::within(&text(0)?, &text(1)?)?,
        Function::FsExists
        | Function::FsIsFile
        | Function::FsIsDir
        | Function::FsIsLink
        | Function::FsContains
        | Function::FsMatches
        | Function::UserExists
        | Function::GroupExists
        | Function::CommandExists
        | Function::NetListens => {
            return Err(Fault::new(
                FaultKind::BadOp,
                format!("`{}` asks the host and was called as if pure", function.name()),
            ));
        }
        Function::Map
        | Function::Filter
        | Function::Any
        | Function::All
        | Function::Find
        | Function::Count
        | Function::Fold => {
            return Err(Fault::new(FaultKind::BadOp, format!("`{}` is a loop and was called", function.name())));
        }
    })
}

/// The text as one word for a POSIX shell.
fn shell_quote(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.into();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
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
