//! Functions that take lists for sets: elements count once, in the order of their first occurrence.

use super::given::Given;
use crate::machine::arith;
use ipcmm_bytecode::functions::family::Sets;
use ipcmm_bytecode::{Fault, Value};
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

pub fn call(function: Sets, given: Given) -> Result<Value, Fault> {
    let first = given.list(0)?;
    if function == Sets::Duplicates {
        let (mut seen, mut again, mut told) = (Seen::default(), Seen::default(), Seen::default());
        for item in first.iter() {
            if !seen.insert(item) {
                again.insert(item);
            }
        }
        return Ok(kept(first.iter().filter(|item| again.has(item) && told.insert(item))));
    }
    let second = given.list(1)?;
    let (mut in_first, mut in_second) = (Seen::default(), Seen::default());
    let mut news = Seen::default();
    for item in first.iter() {
        in_first.insert(item);
    }
    for item in second.iter() {
        in_second.insert(item);
    }
    Ok(match function {
        Sets::Union => kept(first.iter().chain(second.iter()).filter(|item| news.insert(item))),
        Sets::Intersection => kept(first.iter().filter(|item| in_second.has(item) && news.insert(item))),
        Sets::Difference => kept(first.iter().filter(|item| !in_second.has(item) && news.insert(item))),
        Sets::SymmetricDifference => {
            let both = first.iter().chain(second.iter());
            kept(both.filter(|item| in_first.has(item) != in_second.has(item) && news.insert(item)))
        }
        Sets::IsSubset => Value::Bool(first.iter().all(|item| in_second.has(item))),
        Sets::IsDisjoint | Sets::Duplicates => Value::Bool(!first.iter().any(|item| in_second.has(item))),
    })
}

fn kept<'a>(items: impl Iterator<Item = &'a Value>) -> Value {
    Value::list(items.cloned().collect())
}

/// Values that were seen, found again in constant time by what makes them equal.
#[derive(Default)]
pub struct Seen<'a>(HashMap<u64, Vec<&'a Value>>);

impl<'a> Seen<'a> {
    /// Adds a value; whether it is new.
    pub fn insert(&mut self, value: &'a Value) -> bool {
        let like = self.0.entry(mark(value)).or_default();
        let new = !like.iter().any(|known| arith::same(known, value));
        if new {
            like.push(value);
        }
        new
    }

    /// Whether an equal value was added.
    pub fn has(&self, value: &Value) -> bool {
        self.0.get(&mark(value)).is_some_and(|like| like.iter().any(|known| arith::same(known, value)))
    }
}

/// A number that is the same for equal values.
fn mark(value: &Value) -> u64 {
    let mut hasher = DefaultHasher::new();
    write(value, &mut hasher, 0);
    hasher.finish()
}

/// Of a long list its ends count, so that a range never needs to be written out.
fn write(value: &Value, hasher: &mut DefaultHasher, depth: u32) {
    const ENDS: u64 = 8;
    const DEPTH: u32 = 4;
    match value {
        // Whole numbers equal floats. Both zeros are one.
        Value::Int(i) => ((*i as f64) + 0.0).to_bits().hash(hasher),
        Value::Float(x) => (x + 0.0).to_bits().hash(hasher),
        Value::Bool(b) => b.hash(hasher),
        Value::Str(text) => text.hash(hasher),
        Value::Bytes(bytes) => bytes.hash(hasher),
        Value::Duration(ns) => (1u8, ns).hash(hasher),
        Value::Null | Value::Unknown => 2u8.hash(hasher),
        Value::Map(map) => {
            map.len().hash(hasher);
            for (key, item) in map.iter().take(2 * ENDS as usize) {
                key.hash(hasher);
                if depth < DEPTH {
                    write(item, hasher, depth + 1);
                }
            }
        }
        Value::List(_) | Value::Range(..) => {
            let len = match value {
                Value::Range(lo, hi) => arith::range_len(*lo, *hi),
                Value::List(items) => items.len() as u64,
                _ => 0,
            };
            len.hash(hasher);
            if depth < DEPTH {
                let ends = (0..len.min(ENDS)).chain(len.saturating_sub(ENDS).max(ENDS)..len);
                for at in ends {
                    if let Ok(Some(item)) = arith::element(value, at as i64) {
                        write(&item, hasher, depth + 1);
                    }
                }
            }
        }
    }
}
