//! Encoding of constants: a tag byte and what it needs, strings by number.

use crate::limits::CONST_DEPTH;
use crate::operand::get_byte;
use crate::{Fault, FaultKind, Value};
use std::sync::Arc;

const NULL: u8 = 0;
const FALSE: u8 = 1;
const TRUE: u8 = 2;
const INT: u8 = 3;
const FLOAT: u8 = 4;
const STR: u8 = 5;
const DURATION: u8 = 6;
const RANGE: u8 = 7;
const LIST: u8 = 8;
const MAP: u8 = 9;
const UNKNOWN: u8 = 10;

fn put_u64(out: &mut Vec<u8>, mut n: u64) {
    while n >= 0x80 {
        out.push(n as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

fn put_i64(out: &mut Vec<u8>, n: i64) {
    put_u64(out, ((n << 1) ^ (n >> 63)) as u64);
}

fn get_u64(bytes: &[u8], pos: &mut usize) -> Result<u64, Fault> {
    let mut n = 0u64;
    for shift in (0..70).step_by(7) {
        let byte = get_byte(bytes, pos).map_err(|_| bad("it ends too early"))?;
        if shift == 63 && byte > 1 {
            break;
        }
        n |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(n);
        }
    }
    Err(bad("a number has more than 64 bits"))
}

fn get_i64(bytes: &[u8], pos: &mut usize) -> Result<i64, Fault> {
    let n = get_u64(bytes, pos)?;
    Ok((n >> 1) as i64 ^ -((n & 1) as i64))
}

fn bad(detail: &str) -> Fault {
    Fault::new(FaultKind::BadConstant, detail)
}

/// Appends `value`. Strings are numbered by `intern`. Bytes have no constant form (they are assets) and become null.
pub fn encode(value: &Value, intern: &mut dyn FnMut(&Arc<str>) -> u32, out: &mut Vec<u8>) {
    match value {
        Value::Null | Value::Bytes(_) => out.push(NULL),
        Value::Unknown => out.push(UNKNOWN),
        Value::Bool(false) => out.push(FALSE),
        Value::Bool(true) => out.push(TRUE),
        Value::Int(i) => {
            out.push(INT);
            put_i64(out, *i);
        }
        Value::Float(x) => {
            out.push(FLOAT);
            out.extend(x.to_le_bytes());
        }
        Value::Str(s) => {
            out.push(STR);
            put_u64(out, intern(s).into());
        }
        Value::Duration(ns) => {
            out.push(DURATION);
            put_i64(out, *ns);
        }
        Value::Range(a, b) => {
            out.push(RANGE);
            put_i64(out, *a);
            put_i64(out, *b);
        }
        Value::List(items) => {
            out.push(LIST);
            put_u64(out, items.len() as u64);
            items.iter().for_each(|item| encode(item, intern, out));
        }
        Value::Map(entries) => {
            out.push(MAP);
            put_u64(out, entries.len() as u64);
            for (key, item) in entries.iter() {
                put_u64(out, intern(key).into());
                encode(item, intern, out);
            }
        }
    }
}

/// The string number of an encoded constant that is text.
pub fn text(bytes: &[u8]) -> Option<u32> {
    let (&tag, rest) = bytes.split_first()?;
    let mut pos = 0;
    let number = get_u64(rest, &mut pos).ok()?;
    (tag == STR && pos == rest.len()).then(|| u32::try_from(number).ok())?
}

/// What a decoder builds: nothing while a bundle is verified, values when code runs.
trait Build<'a> {
    type Out;
    fn scalar(&mut self, value: Value) -> Self::Out;
    fn text(&mut self, string: u32) -> Result<Self::Out, Fault>;
    fn list(&mut self, items: Vec<Self::Out>) -> Self::Out;
    fn map(&mut self, entries: Vec<(u32, Self::Out)>) -> Result<Self::Out, Fault>;
}

/// Checks that the bytes are exactly one constant whose strings are below `strings`, building nothing.
pub fn check(bytes: &[u8], strings: u32) -> Result<(), Fault> {
    struct Nothing(u32);
    impl Build<'_> for Nothing {
        // A zero-sized result: vectors of it never allocate.
        type Out = ();
        fn scalar(&mut self, _: Value) {}
        fn text(&mut self, string: u32) -> Result<(), Fault> {
            if string < self.0 { Ok(()) } else { Err(bad("it refers to a string that is not there")) }
        }
        fn list(&mut self, _: Vec<()>) {}
        fn map(&mut self, entries: Vec<(u32, ())>) -> Result<(), Fault> {
            entries.iter().try_for_each(|(key, ())| self.text(*key))
        }
    }
    decode_all(bytes, &mut Nothing(strings))
}

/// The value of an encoded constant. `string` gives the text of a string number.
pub fn decode(bytes: &[u8], string: &dyn Fn(u32) -> Option<Arc<str>>) -> Result<Value, Fault> {
    struct Values<'a>(&'a dyn Fn(u32) -> Option<Arc<str>>);
    impl Build<'_> for Values<'_> {
        type Out = Value;
        fn scalar(&mut self, value: Value) -> Value {
            value
        }
        fn text(&mut self, string: u32) -> Result<Value, Fault> {
            (self.0)(string).map(Value::Str).ok_or_else(|| bad("it refers to a string that is not there"))
        }
        fn list(&mut self, items: Vec<Value>) -> Value {
            Value::list(items)
        }
        fn map(&mut self, entries: Vec<(u32, Value)>) -> Result<Value, Fault> {
            let named: Result<Vec<(Arc<str>, Value)>, Fault> = entries
                .into_iter()
                .map(|(key, value)| match (self.0)(key) {
                    Some(key) => Ok((key, value)),
                    None => Err(bad("it refers to a string that is not there")),
                })
                .collect();
            Ok(Value::map(named?))
        }
    }
    decode_all(bytes, &mut Values(string))
}

fn decode_all<'a, B: Build<'a>>(bytes: &'a [u8], build: &mut B) -> Result<B::Out, Fault> {
    let mut pos = 0;
    let out = decode_one(bytes, &mut pos, 0, build)?;
    if pos == bytes.len() { Ok(out) } else { Err(bad("bytes are left over behind it")) }
}

fn decode_one<'a, B: Build<'a>>(bytes: &'a [u8], pos: &mut usize, depth: u32, build: &mut B) -> Result<B::Out, Fault> {
    if depth > CONST_DEPTH {
        return Err(bad("it is nested too deeply"));
    }
    let string = |pos: &mut usize| {
        get_u64(bytes, pos).and_then(|n| u32::try_from(n).map_err(|_| bad("a string number has more than 32 bits")))
    };
    // Each element takes at least one byte, so a count larger than what is left is a lie: checked before allocating.
    let count = |pos: &mut usize| {
        let n = get_u64(bytes, pos)?;
        if n <= (bytes.len() - *pos) as u64 { Ok(n as usize) } else { Err(bad("it is shorter than its length says")) }
    };
    let tag = get_byte(bytes, pos).map_err(|_| bad("it ends too early"))?;
    Ok(match tag {
        NULL => build.scalar(Value::Null),
        UNKNOWN => build.scalar(Value::Unknown),
        FALSE => build.scalar(Value::Bool(false)),
        TRUE => build.scalar(Value::Bool(true)),
        INT => build.scalar(Value::Int(get_i64(bytes, pos)?)),
        DURATION => build.scalar(Value::Duration(get_i64(bytes, pos)?)),
        RANGE => build.scalar(Value::Range(get_i64(bytes, pos)?, get_i64(bytes, pos)?)),
        FLOAT => {
            let raw =
                bytes.get(*pos..*pos + 8).and_then(|b| b.try_into().ok()).ok_or_else(|| bad("it ends too early"))?;
            *pos += 8;
            build.scalar(Value::Float(f64::from_le_bytes(raw)))
        }
        STR => {
            let string = string(pos)?;
            build.text(string)?
        }
        LIST => {
            let mut items = Vec::new();
            for _ in 0..count(pos)? {
                items.push(decode_one(bytes, pos, depth + 1, build)?);
            }
            build.list(items)
        }
        MAP => {
            let mut entries = Vec::new();
            for _ in 0..count(pos)? {
                let key = string(pos)?;
                entries.push((key, decode_one(bytes, pos, depth + 1, build)?));
            }
            build.map(entries)?
        }
        _ => return Err(bad("its tag is not known")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_survives_a_round_trip() {
        let values = [
            Value::Null,
            Value::Unknown,
            Value::Bool(true),
            Value::Bool(false),
            Value::Int(i64::MIN),
            Value::Int(-1),
            Value::Int(i64::MAX),
            Value::Float(-0.5),
            Value::str("a'b"),
            Value::Duration(1_500_000_000),
            Value::Range(-3, 7),
            Value::list(vec![Value::str("x"), Value::list(vec![])]),
            Value::map([("k", Value::str("x")), ("l", Value::Null)]),
        ];
        for value in values {
            let mut strings: Vec<Arc<str>> = Vec::new();
            let mut bytes = Vec::new();
            encode(&value, &mut |s| (strings.push(s.clone()), strings.len() as u32 - 1).1, &mut bytes);
            assert_eq!(check(&bytes, strings.len() as u32), Ok(()));
            assert_eq!(decode(&bytes, &|i| strings.get(i as usize).cloned()).as_ref(), Ok(&value));
            assert!(bytes.is_empty() || check(&bytes[..bytes.len() - 1], 99).is_err());
        }
    }

    #[test]
    fn lying_lengths_are_refused_before_anything_is_allocated() {
        assert!(check(&[LIST, 0xff, 0xff, 0xff, 0xff, 0x0f], 0).is_err());
        let deep: Vec<u8> = std::iter::repeat_n([LIST, 1], 1000).flatten().chain([NULL]).collect();
        assert!(check(&deep, 0).is_err());
    }
}
