//! Functions on values of any type, and what makes numbers and spans of text.

use super::given::{Given, bad, short};
use crate::machine::arith::{self, mismatch};
use ipcmm_bytecode::functions::family::Values;
use ipcmm_bytecode::{Fault, Value};

/// Units of time in nanoseconds, as sources write them.
const TIME: &[(&str, u64)] = &[
    ("d", 86_400_000_000_000),
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
];

/// Units of size in bytes, as sources write them.
const BYTES: &[(&str, u64)] = &[
    ("B", 1),
    ("kB", 1_000),
    ("KB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
];

pub fn call(function: Values, given: Given) -> Result<Value, Fault> {
    Ok(match function {
        Values::Str => match given.any(0) {
            Value::Str(text) => Value::Str(text.clone()),
            other => {
                let mut text = arith::Text::default();
                text.push(other)?;
                Value::str(text.0)
            }
        },
        Values::Int => match given.any(0) {
            Value::Int(i) => Value::Int(*i),
            Value::Bool(b) => Value::Int((*b).into()),
            Value::Float(x) if x.fract() == 0.0 && x.abs() < 9.0e18 => Value::Int(*x as i64),
            Value::Str(s) => {
                Value::Int(int(s).ok_or_else(|| bad(format!("{} is no whole number", short(given.any(0)))))?)
            }
            other => return Err(bad(format!("{} is no whole number", short(other)))),
        },
        Values::Float => match given.any(0) {
            Value::Float(x) => Value::Float(*x),
            Value::Int(i) => Value::Float(*i as f64),
            Value::Str(s) => {
                Value::Float(float(s).ok_or_else(|| bad(format!("{} is no number", short(given.any(0)))))?)
            }
            other => return Err(bad(format!("{} is no number", short(other)))),
        },
        Values::Len => Value::Int(match given.any(0) {
            Value::Str(s) => s.chars().count() as i64,
            Value::Bytes(b) => b.len() as i64,
            Value::List(items) => items.len() as i64,
            Value::Map(map) => map.len() as i64,
            Value::Range(lo, hi) => i64::try_from(arith::range_len(*lo, *hi)).unwrap_or(i64::MAX),
            other => return Err(mismatch("count the elements of", &[other])),
        }),
        Values::TypeOf => Value::str(given.any(0).type_name()),
        Values::IsEmpty => Value::Bool(match given.any(0) {
            Value::Str(s) => s.is_empty(),
            Value::Bytes(b) => b.is_empty(),
            Value::List(items) => items.is_empty(),
            Value::Map(map) => map.is_empty(),
            Value::Range(lo, hi) => lo > hi,
            other => return Err(mismatch("count the elements of", &[other])),
        }),
        Values::ParseBool => {
            let text = given.str(0)?.trim();
            let is = |words: [&str; 4]| words.iter().any(|word| word.eq_ignore_ascii_case(text));
            match (is(["true", "yes", "on", "1"]), is(["false", "no", "off", "0"])) {
                (false, false) => {
                    return Err(given.bad(0, &format!("{} is neither true nor false", short(given.any(0)))));
                }
                (yes, _) => Value::Bool(yes),
            }
        }
        Values::ParseInt => {
            let base = given.within(1, 2, 36)? as u32;
            let number = i64::from_str_radix(given.str(0)?.trim(), base);
            Value::Int(
                number
                    .map_err(|_| given.bad(0, &format!("{} is no whole number of base {base}", short(given.any(0)))))?,
            )
        }
        Values::ToBase => {
            let (value, base) = (given.int(0)?, given.within(1, 2, 36)? as u64);
            let width = if given.lacks(2) { 0 } else { given.within(2, 0, 64)? as usize };
            Value::str(in_base(value, base, width))
        }
        Values::ParseDuration => {
            let text = given.str(0)?;
            let (negative, plain) = text.strip_prefix('-').map_or((false, &**text), |rest| (true, rest));
            let span = quantity(plain, TIME).filter(|_| plain == "0" || units_descend(plain));
            let span = span
                .ok_or_else(|| given.bad(0, &format!("{} is no span of time, such as 1h30m", short(given.any(0)))))?;
            Value::Duration(if negative { -span } else { span })
        }
        Values::ParseSize => {
            let size = quantity(given.str(0)?, BYTES);
            Value::Int(size.ok_or_else(|| given.bad(0, &format!("{} is no size, such as 10MiB", short(given.any(0)))))?)
        }
        Values::ToSeconds => Value::Float(given.duration(0)? as f64 / 1e9),
        Values::FromSeconds => match (given.float(0)? * 1e9).round() {
            ns if ns.abs() < 9.2e18 => Value::Duration(ns as i64),
            _ => return Err(given.overflow()),
        },
        Values::IsInt => Value::Bool(int(given.str(0)?).is_some()),
        Values::IsFloat => Value::Bool(float(given.str(0)?).is_some()),
    })
}

fn int(text: &str) -> Option<i64> {
    text.trim().parse().ok()
}

fn float(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|x: &f64| x.is_finite())
}

/// A number in a base, with zeros up to a width.
fn in_base(value: i64, base: u64, width: usize) -> String {
    let mut rest = value.unsigned_abs();
    let mut digits = Vec::new();
    while rest > 0 || digits.is_empty() {
        digits.push(char::from_digit((rest % base) as u32, base as u32).unwrap_or('0'));
        rest /= base;
    }
    let sign = if value < 0 { "-" } else { "" };
    digits.resize(digits.len().max(width.saturating_sub(sign.len())), '0');
    sign.chars().chain(digits.into_iter().rev()).collect()
}

/// Numbers with units one after the other, as one number; a bare `0` needs no unit.
fn quantity(text: &str, units: &[(&str, u64)]) -> Option<i64> {
    if text == "0" {
        return Some(0);
    }
    let (mut rest, mut total) = (text, 0i128);
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: i128 = rest[..digits].parse::<u64>().ok()?.into();
        rest = &rest[digits..];
        let letters = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        let (_, unit) = units.iter().find(|(unit, _)| *unit == &rest[..letters])?;
        total = total.checked_add(number * i128::from(*unit))?;
        rest = &rest[letters..];
    }
    if text.is_empty() { None } else { i64::try_from(total).ok() }
}

/// Whether every unit of time is smaller than the one before it.
fn units_descend(text: &str) -> bool {
    let units = text.split(|c: char| c.is_ascii_digit()).filter(|unit| !unit.is_empty());
    let sizes: Vec<_> = units.filter_map(|unit| TIME.iter().position(|(name, _)| *name == unit)).collect();
    sizes.windows(2).all(|pair| pair[0] < pair[1])
}
