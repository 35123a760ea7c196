//! Operators on values. Unknown spreads; everything that makes no sense is a fault, never a wrap or a guess.

use ipcmm_bytecode::{Fault, FaultKind, Value, limits};
use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt::{self, Write};

type Computed = Result<Value, Fault>;

/// The fault of an operation on values it does not work on.
pub fn mismatch(what: &str, values: &[&Value]) -> Fault {
    let types: Vec<_> = values.iter().map(|v| v.type_name()).collect();
    Fault::new(FaultKind::TypeMismatch, format!("cannot {what} {}", types.join(" and ")))
}

fn overflow(symbol: &str, a: impl fmt::Debug, b: impl fmt::Debug) -> Fault {
    Fault::new(FaultKind::Overflow, format!("{a:?} {symbol} {b:?}"))
}

fn checked<T: fmt::Debug + Copy>(symbol: &str, a: T, b: T, result: Option<T>) -> Result<T, Fault> {
    result.ok_or_else(|| overflow(symbol, a, b))
}

fn finite(symbol: &str, a: f64, b: f64, result: f64) -> Computed {
    match result.is_finite() {
        true => Ok(Value::Float(result)),
        false => Err(overflow(symbol, a, b)),
    }
}

/// Both operands as floats, if both are numbers and one is a float.
fn floats(a: &Value, b: &Value) -> Option<(f64, f64)> {
    match (a, b) {
        (Value::Float(a), Value::Float(b)) => Some((*a, *b)),
        (Value::Float(a), Value::Int(b)) => Some((*a, *b as f64)),
        (Value::Int(a), Value::Float(b)) => Some((*a as f64, *b)),
        _ => None,
    }
}

fn unknown(a: &Value, b: &Value) -> bool {
    matches!(a, Value::Unknown) || matches!(b, Value::Unknown)
}

/// `a + b`
pub fn add(a: &Value, b: &Value) -> Computed {
    if unknown(a, b) {
        return Ok(Value::Unknown);
    }
    if let Some((x, y)) = floats(a, b) {
        return finite("+", x, y, x + y);
    }
    match (a, b) {
        (Value::Int(x), Value::Int(y)) => checked("+", *x, *y, x.checked_add(*y)).map(Value::Int),
        (Value::Duration(x), Value::Duration(y)) => checked("+", *x, *y, x.checked_add(*y)).map(Value::Duration),
        (Value::Str(x), Value::Str(y)) => Ok(Value::str(format!("{x}{y}"))),
        _ => match (elements(a), elements(b)) {
            (Some(x), Some(y)) => Ok(Value::list(x.iter().chain(y.iter()).cloned().collect())),
            _ => Err(mismatch("add", &[a, b])),
        },
    }
}

/// `a - b`
pub fn sub(a: &Value, b: &Value) -> Computed {
    if unknown(a, b) {
        return Ok(Value::Unknown);
    }
    if let Some((x, y)) = floats(a, b) {
        return finite("-", x, y, x - y);
    }
    match (a, b) {
        (Value::Int(x), Value::Int(y)) => checked("-", *x, *y, x.checked_sub(*y)).map(Value::Int),
        (Value::Duration(x), Value::Duration(y)) => checked("-", *x, *y, x.checked_sub(*y)).map(Value::Duration),
        _ => Err(mismatch("subtract", &[a, b])),
    }
}

/// `a * b`
pub fn mul(a: &Value, b: &Value) -> Computed {
    if unknown(a, b) {
        return Ok(Value::Unknown);
    }
    if let Some((x, y)) = floats(a, b) {
        return finite("*", x, y, x * y);
    }
    match (a, b) {
        (Value::Int(x), Value::Int(y)) => checked("*", *x, *y, x.checked_mul(*y)).map(Value::Int),
        (Value::Duration(x), Value::Int(y)) | (Value::Int(y), Value::Duration(x)) => {
            checked("*", *x, *y, x.checked_mul(*y)).map(Value::Duration)
        }
        _ => Err(mismatch("multiply", &[a, b])),
    }
}

fn zero(symbol: &str, a: &Value) -> Fault {
    Fault::new(FaultKind::DivisionByZero, format!("{a} {symbol} 0"))
}

/// `a / b`: always a float.
pub fn div(a: &Value, b: &Value) -> Computed {
    if unknown(a, b) {
        return Ok(Value::Unknown);
    }
    let (x, y) = match (a, b) {
        (Value::Int(x), Value::Int(y)) | (Value::Duration(x), Value::Duration(y)) => (*x as f64, *y as f64),
        _ => floats(a, b).ok_or_else(|| mismatch("divide", &[a, b]))?,
    };
    if y == 0.0 { Err(zero("/", a)) } else { finite("/", x, y, x / y) }
}

/// Quotient and remainder rounded towards minus infinity.
fn floor_parts(x: i64, y: i64) -> Option<(i64, i64)> {
    let (q, r) = (x.checked_div(y)?, x.checked_rem(y)?);
    let uneven = r != 0 && (r < 0) != (y < 0);
    Some(if uneven { (q - 1, r + y) } else { (q, r) })
}

/// `a // b`
pub fn floor_div(a: &Value, b: &Value) -> Computed {
    match (a, b) {
        _ if unknown(a, b) => Ok(Value::Unknown),
        (Value::Int(_) | Value::Duration(_), Value::Int(0)) => Err(zero("//", a)),
        (Value::Duration(_), Value::Duration(0)) => Err(zero("//", a)),
        (Value::Int(x), Value::Int(y)) | (Value::Duration(x), Value::Duration(y)) => {
            floor_parts(*x, *y).map(|p| Value::Int(p.0)).ok_or_else(|| overflow("//", x, y))
        }
        (Value::Duration(x), Value::Int(y)) => {
            floor_parts(*x, *y).map(|p| Value::Duration(p.0)).ok_or_else(|| overflow("//", x, y))
        }
        _ => match floats(a, b) {
            Some((_, 0.0)) => Err(zero("//", a)),
            Some((x, y)) => finite("//", x, y, (x / y).floor()),
            None => Err(mismatch("divide", &[a, b])),
        },
    }
}

/// `a % b`, with the sign of `b`.
pub fn rem(a: &Value, b: &Value) -> Computed {
    match (a, b) {
        _ if unknown(a, b) => Ok(Value::Unknown),
        (Value::Int(_), Value::Int(0)) | (Value::Duration(_), Value::Duration(0)) => Err(zero("%", a)),
        (Value::Int(x), Value::Int(y)) => {
            floor_parts(*x, *y).map(|p| Value::Int(p.1)).ok_or_else(|| overflow("%", x, y))
        }
        (Value::Duration(x), Value::Duration(y)) => {
            floor_parts(*x, *y).map(|p| Value::Duration(p.1)).ok_or_else(|| overflow("%", x, y))
        }
        _ => match floats(a, b) {
            Some((_, 0.0)) => Err(zero("%", a)),
            Some((x, y)) => finite("%", x, y, x - y * (x / y).floor()),
            None => Err(mismatch("take the remainder of", &[a, b])),
        },
    }
}

/// `-a`
pub fn neg(a: &Value) -> Computed {
    match a {
        Value::Unknown => Ok(Value::Unknown),
        Value::Int(x) => x.checked_neg().map(Value::Int).ok_or_else(|| overflow("-", 0, x)),
        Value::Duration(x) => x.checked_neg().map(Value::Duration).ok_or_else(|| overflow("-", 0, x)),
        Value::Float(x) => Ok(Value::Float(-x)),
        _ => Err(mismatch("negate", &[a])),
    }
}

/// `not a`
pub fn not(a: &Value) -> Computed {
    match a {
        Value::Unknown => Ok(Value::Unknown),
        Value::Bool(x) => Ok(Value::Bool(!x)),
        _ => Err(mismatch("negate", &[a])),
    }
}

/// The elements of a list, or of a range that is short enough to be written out.
pub fn elements(value: &Value) -> Option<Cow<'_, [Value]>> {
    match value {
        Value::List(items) => Some(Cow::Borrowed(items.as_slice())),
        Value::Range(lo, hi) if range_len(*lo, *hi) <= limits::LOOP_ITEMS => {
            Some(Cow::Owned((*lo..=*hi).map(Value::Int).collect()))
        }
        _ => None,
    }
}

/// Whether two values are equal. Numbers compare by value; values of different types differ.
pub fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Int(x), Value::Float(y)) | (Value::Float(y), Value::Int(x)) => *x as f64 == *y,
        (Value::List(x), Value::List(y)) => x.len() == y.len() && x.iter().zip(y.iter()).all(|(x, y)| same(x, y)),
        (Value::Map(x), Value::Map(y)) => {
            x.len() == y.len() && x.iter().zip(y.iter()).all(|((k, x), (l, y))| k == l && same(x, y))
        }
        (Value::Range(..), Value::Range(..)) => a == b || range_is_empty(a) && range_is_empty(b),
        (Value::Range(lo, hi), Value::List(items)) | (Value::List(items), Value::Range(lo, hi)) => {
            range_len(*lo, *hi) == items.len() as u64
                && items.iter().zip(*lo..=*hi).all(|(item, i)| same(item, &Value::Int(i)))
        }
        _ => a == b,
    }
}

fn range_is_empty(value: &Value) -> bool {
    matches!(value, Value::Range(lo, hi) if lo > hi)
}

/// `a == b` or, with `wanted` false, `a != b`.
pub fn equal(a: &Value, b: &Value, wanted: bool) -> Value {
    match a.has_unknown() || b.has_unknown() {
        true if differ(a, b) => Value::Bool(!wanted),
        true => Value::Unknown,
        false => Value::Bool(same(a, b) == wanted),
    }
}

/// Whether two values of which parts are unknown differ whatever those are.
fn differ(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Unknown, _) | (_, Value::Unknown) => false,
        (Value::List(a), Value::List(b)) => a.len() != b.len() || a.iter().zip(b.iter()).any(|(a, b)| differ(a, b)),
        (Value::Map(a), Value::Map(b)) => {
            !a.keys().eq(b.keys()) || a.values().zip(b.values()).any(|(a, b)| differ(a, b))
        }
        _ => !a.has_unknown() && !b.has_unknown() && !same(a, b),
    }
}

/// The order of two values of one kind.
pub fn order(a: &Value, b: &Value) -> Result<Ordering, Fault> {
    let ordering = match (a, b) {
        (Value::Int(x), Value::Int(y)) | (Value::Duration(x), Value::Duration(y)) => Some(x.cmp(y)),
        (Value::Str(x), Value::Str(y)) => Some(x.cmp(y)),
        (Value::Bool(x), Value::Bool(y)) => Some(x.cmp(y)),
        _ => match (elements(a), elements(b)) {
            (Some(x), Some(y)) => {
                for (x, y) in x.iter().zip(y.iter()) {
                    match order(x, y)? {
                        Ordering::Equal => {}
                        decided => return Ok(decided),
                    }
                }
                Some(x.len().cmp(&y.len()))
            }
            _ => floats(a, b).and_then(|(x, y)| x.partial_cmp(&y)),
        },
    };
    ordering.ok_or_else(|| mismatch("compare", &[a, b]))
}

/// `a < b`, or `a <= b` with `or_equal`.
pub fn less(a: &Value, b: &Value, or_equal: bool) -> Computed {
    if a.has_unknown() || b.has_unknown() {
        return Ok(Value::Unknown);
    }
    let ordering = order(a, b)?;
    Ok(Value::Bool(ordering == Ordering::Less || or_equal && ordering == Ordering::Equal))
}

/// `item in collection`
pub fn contains(collection: &Value, item: &Value) -> Computed {
    if unknown(collection, item) {
        return Ok(Value::Unknown);
    }
    Ok(Value::Bool(match (collection, item) {
        (Value::List(items), _) if items.iter().any(|i| same(i, item)) => true,
        (Value::List(_), _) if collection.has_unknown() || item.has_unknown() => return Ok(Value::Unknown),
        (Value::List(_), _) => false,
        (Value::Map(map), Value::Str(key)) => map.contains_key(key),
        (Value::Str(text), Value::Str(part)) => text.contains(part.as_ref()),
        (Value::Range(lo, hi), Value::Int(i)) => lo <= i && i <= hi,
        _ => return Err(mismatch("look for", &[item, collection])),
    }))
}

/// `a..b`
pub fn range(a: &Value, b: &Value) -> Computed {
    match (a, b) {
        _ if unknown(a, b) => Ok(Value::Unknown),
        (Value::Int(lo), Value::Int(hi)) => Ok(Value::Range(*lo, *hi)),
        _ => Err(mismatch("count from", &[a, b])),
    }
}

/// How many elements a range has.
pub fn range_len(lo: i64, hi: i64) -> u64 {
    if lo > hi { 0 } else { hi.abs_diff(lo).saturating_add(1) }
}

/// Element `i` of a list, a range, or of a map as `{key, value}` in key order; `None` past the end.
pub fn element(collection: &Value, i: i64) -> Result<Option<Value>, Fault> {
    let at = usize::try_from(i).unwrap_or(usize::MAX);
    Ok(match collection {
        Value::List(items) => items.get(at).cloned(),
        Value::Map(map) => {
            map.iter().nth(at).map(|(k, v)| Value::map([("key", Value::Str(k.clone())), ("value", v.clone())]))
        }
        Value::Range(lo, hi) if (at as u64) < range_len(*lo, *hi) => Some(Value::Int(lo.saturating_add(i))),
        Value::Range(..) => None,
        other => return Err(mismatch("walk over", &[other])),
    })
}

fn no_field(object: &Value, field: &str) -> Fault {
    match object {
        Value::Map(map) => {
            let keys: Vec<_> = map.keys().take(8).map(|k| k.as_ref()).collect();
            Fault::new(FaultKind::NoField, format!("`{field}`; it has {}", keys.join(", ")))
        }
        Value::Null => Fault::new(FaultKind::TypeMismatch, format!("null has no `{field}`")),
        other => mismatch(&format!("take `{field}` of"), &[other]),
    }
}

/// `object.field`
pub fn field(object: &Value, field: &str) -> Computed {
    match object {
        Value::Unknown => Ok(Value::Unknown),
        Value::Map(map) => map.get(field).cloned().ok_or_else(|| no_field(object, field)),
        _ => Err(no_field(object, field)),
    }
}

/// `object?.field`
pub fn field_opt(object: &Value, field: &str) -> Computed {
    match object {
        Value::Null => Ok(Value::Null),
        Value::Unknown => Ok(Value::Unknown),
        Value::Map(map) => Ok(map.get(field).cloned().unwrap_or(Value::Null)),
        _ => Err(no_field(object, field)),
    }
}

fn position(len: u64, i: i64) -> Option<i64> {
    let at = if i < 0 { i128::from(i) + i128::from(len) } else { i.into() };
    (0..i128::from(len)).contains(&at).then_some(at as i64)
}

fn lookup(object: &Value, key: &Value) -> Result<Option<Value>, Fault> {
    match (object, key) {
        (Value::Map(map), Value::Str(key)) => Ok(map.get(key).cloned()),
        (Value::List(items), Value::Int(i)) => {
            Ok(position(items.len() as u64, *i).and_then(|i| items.get(i as usize).cloned()))
        }
        (Value::Range(lo, hi), Value::Int(i)) => match position(range_len(*lo, *hi), *i) {
            Some(i) => element(object, i),
            None => Ok(None),
        },
        _ => Err(mismatch("index", &[object, key])),
    }
}

/// `object[key]`
pub fn index(object: &Value, key: &Value) -> Computed {
    if unknown(object, key) {
        return Ok(Value::Unknown);
    }
    lookup(object, key)?.ok_or_else(|| match key {
        Value::Str(name) => no_field(object, name),
        _ => Fault::new(FaultKind::NoIndex, format!("index {key}")),
    })
}

/// `object?.[key]`
pub fn index_opt(object: &Value, key: &Value) -> Computed {
    match object {
        Value::Null => Ok(Value::Null),
        _ if unknown(object, key) => Ok(Value::Unknown),
        _ => Ok(lookup(object, key)?.unwrap_or(Value::Null)),
    }
}

/// A map of alternating keys and values.
pub fn map(entries: &[Value]) -> Computed {
    let mut map = std::collections::BTreeMap::new();
    for pair in entries.chunks_exact(2) {
        match &pair[0] {
            Value::Str(key) => {
                map.insert(key.clone(), pair[1].clone());
            }
            Value::Unknown => return Ok(Value::Unknown),
            other => return Err(mismatch("use as a key", &[other])),
        }
    }
    Ok(Value::Map(std::sync::Arc::new(map)))
}

/// All parts as one text, and how long it is. Null has no text: it is refused, not written as "null".
pub fn concat(parts: &[Value]) -> Result<(Value, usize), Fault> {
    if parts.iter().any(Value::has_unknown) {
        return Ok((Value::Unknown, 0));
    }
    let mut text = Text::default();
    for part in parts {
        match part {
            Value::Null | Value::Bytes(_) => return Err(mismatch("put into a text", &[part])),
            part => text.push(part)?,
        }
    }
    let len = text.0.len();
    Ok((Value::str(text.0), len))
}

/// A text in the making that stops before it is too large. Values share their parts, so the text of a small value can
/// be a large one.
#[derive(Debug, Default)]
pub struct Text(pub String);

impl Text {
    /// Appends the text of a value.
    pub fn push(&mut self, value: &Value) -> Result<(), Fault> {
        let written = match value {
            Value::Str(text) => self.write_str(text),
            other => write!(self, "{other}"),
        };
        written.map_err(|_| too_large())
    }
}

impl fmt::Write for Text {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        if (self.0.len() + part.len()) as u64 > limits::EVAL_SIZE {
            return Err(fmt::Error);
        }
        self.0.push_str(part);
        Ok(())
    }
}

/// The fault of a value that would be too large.
pub fn too_large() -> Fault {
    Fault::new(FaultKind::TooLarge, format!("over {} MiB", limits::EVAL_SIZE >> 20))
}

/// Takes from `left` what a value weighs: its elements and texts, shared parts as often as they are used. The walk ends
/// where nothing is left, so it costs no more than what it takes.
pub fn weigh(value: &Value, left: &mut u64) -> Result<(), Fault> {
    fn walk(value: &Value, depth: u32, left: &mut u64) -> Result<(), Fault> {
        let text = |len: usize| limits::ELEMENT_SIZE + len as u64 / 16;
        let own = match value {
            Value::Str(s) => text(s.len()),
            Value::Bytes(b) => text(b.len()),
            _ => limits::ELEMENT_SIZE,
        };
        *left = left.checked_sub(own).ok_or_else(too_large)?;
        if matches!(value, Value::List(_) | Value::Map(_)) && depth >= limits::VALUE_DEPTH {
            return Err(Fault::new(FaultKind::TooLarge, format!("nested over {} levels", limits::VALUE_DEPTH)));
        }
        match value {
            Value::List(items) => items.iter().try_for_each(|item| walk(item, depth + 1, left)),
            Value::Map(map) => map.values().try_for_each(|item| walk(item, depth + 1, left)),
            _ => Ok(()),
        }
    }
    walk(value, 0, left)
}
