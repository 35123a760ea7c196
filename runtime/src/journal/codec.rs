//! Values, faults, changes and ends of tasks as bytes, and back. Numbers are little-endian, text is its length and its
//! bytes, and what has a frozen name is written by that name.
//!
//! A reader compares every length with what is left before it allocates. Unaware of: records and files.

use ipcmm_bytecode::bundle::EdgeKind;
use ipcmm_bytecode::limits::VALUE_DEPTH;
use ipcmm_bytecode::{Fault, FaultKind, Value};
use ipcmm_vm::host::{Change, ChangeKind};
use ipcmm_vm::outcome::{Outcome, Reason, TaskEnd};
use std::sync::Arc;

/// Properties that changes name; any other is read as the object as a whole.
const PROPERTIES: &[&str] = &["", "content", "mode", "owner", "group", "target", "line", "lines", "kind"];

/// Appends bytes.
#[derive(Debug, Default)]
pub struct Out(pub Vec<u8>);

impl Out {
    pub fn u8(&mut self, n: u8) -> &mut Out {
        self.0.push(n);
        self
    }

    pub fn u32(&mut self, n: u32) -> &mut Out {
        self.0.extend(n.to_le_bytes());
        self
    }

    pub fn u64(&mut self, n: u64) -> &mut Out {
        self.0.extend(n.to_le_bytes());
        self
    }

    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Out {
        self.u32(bytes.len() as u32);
        self.0.extend(bytes);
        self
    }

    pub fn text(&mut self, text: &str) -> &mut Out {
        self.bytes(text.as_bytes())
    }

    pub fn maybe<T>(&mut self, value: Option<T>, put: impl FnOnce(&mut Out, T)) -> &mut Out {
        self.u8(u8::from(value.is_some()));
        if let Some(value) = value {
            put(self, value);
        }
        self
    }

    pub fn value(&mut self, value: &Value) -> &mut Out {
        match value {
            Value::Null => self.u8(0),
            Value::Unknown => self.u8(1),
            Value::Bool(b) => self.u8(2 + u8::from(*b)),
            Value::Int(n) => self.u8(4).u64(*n as u64),
            Value::Float(x) => self.u8(5).u64(x.to_bits()),
            Value::Str(text) => self.u8(6).text(text),
            Value::Bytes(bytes) => self.u8(7).bytes(bytes),
            Value::Duration(ns) => self.u8(8).u64(*ns as u64),
            Value::Range(from, to) => self.u8(9).u64(*from as u64).u64(*to as u64),
            Value::List(items) => {
                self.u8(10).u32(items.len() as u32);
                items.iter().for_each(|item| {
                    self.value(item);
                });
                self
            }
            Value::Map(entries) => {
                self.u8(11).u32(entries.len() as u32);
                entries.iter().for_each(|(key, item)| {
                    self.text(key).value(item);
                });
                self
            }
        }
    }

    fn fault(&mut self, fault: &Fault) {
        self.u32(fault.kind.number().into()).text(&fault.detail).maybe(fault.place, |out, (chunk, pc)| {
            out.u32(chunk).u32(pc);
        });
    }

    fn change(&mut self, change: &Change) {
        self.text(change.kind.name()).text(&change.object).text(change.property);
        for text in [&change.before, &change.after, &change.diff] {
            self.maybe(text.as_deref(), |out, text| {
                out.text(text);
            });
        }
    }

    /// An end; its data as `data` says.
    pub fn end(&mut self, end: &TaskEnd, data: &Value) -> &mut Out {
        self.text(end.outcome.name()).text(end.reason.name()).u8(u8::from(end.changed));
        self.maybe(end.because, |out, task| {
            out.u32(task);
        });
        self.maybe(end.keyword, |out, kind| {
            out.u8(kind as u8);
        });
        self.u32(end.attempts).u64(end.started).u64(end.ended).text(&end.comment);
        self.maybe(end.fault.as_ref(), Out::fault);
        self.u32(end.changes.len() as u32);
        end.changes.iter().for_each(|change| self.change(change));
        self.value(data)
    }
}

/// Takes bytes.
#[derive(Debug)]
pub struct In<'a>(pub &'a [u8]);

/// What is read, or why not.
pub type Read<T> = Result<T, &'static str>;

const SHORT: &str = "a record ends too early";
const STRANGE: &str = "a record holds something that is not known";

impl<'a> In<'a> {
    fn take(&mut self, n: usize) -> Read<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(n).ok_or(SHORT)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Read<[u8; N]> {
        self.take(N)?.try_into().map_err(|_| SHORT)
    }

    pub fn u8(&mut self) -> Read<u8> {
        Ok(self.array::<1>()?[0])
    }

    pub fn u32(&mut self) -> Read<u32> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    pub fn u64(&mut self) -> Read<u64> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    pub fn flag(&mut self) -> Read<bool> {
        match self.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(STRANGE),
        }
    }

    pub fn hash(&mut self) -> Read<[u8; 32]> {
        self.array()
    }

    pub fn bytes(&mut self) -> Read<&'a [u8]> {
        let length = self.u32()? as usize;
        self.take(length)
    }

    pub fn text(&mut self) -> Read<&'a str> {
        std::str::from_utf8(self.bytes()?).map_err(|_| "a text is not UTF-8")
    }

    pub fn maybe<T>(&mut self, get: impl FnOnce(&mut In<'a>) -> Read<T>) -> Read<Option<T>> {
        if self.flag()? { get(self).map(Some) } else { Ok(None) }
    }

    /// A number of things that follow, each of which takes at least a byte.
    fn count(&mut self) -> Read<usize> {
        let n = self.u32()? as usize;
        if n <= self.0.len() { Ok(n) } else { Err(SHORT) }
    }

    pub fn value(&mut self, depth: u32) -> Read<Value> {
        if depth > VALUE_DEPTH {
            return Err("a value is nested too deeply");
        }
        Ok(match self.u8()? {
            0 => Value::Null,
            1 => Value::Unknown,
            2 => Value::Bool(false),
            3 => Value::Bool(true),
            4 => Value::Int(self.u64()? as i64),
            5 => Value::Float(f64::from_bits(self.u64()?)),
            6 => Value::str(self.text()?),
            7 => Value::Bytes(self.bytes()?.into()),
            8 => Value::Duration(self.u64()? as i64),
            9 => Value::Range(self.u64()? as i64, self.u64()? as i64),
            10 => {
                let n = self.count()?;
                // An element takes one byte here and more in memory: the list grows as elements are found.
                let mut items = Vec::new();
                for _ in 0..n {
                    items.push(self.value(depth + 1)?);
                }
                Value::list(items)
            }
            11 => {
                let n = self.count()?;
                let mut entries: Vec<(Arc<str>, Value)> = Vec::new();
                for _ in 0..n {
                    entries.push((self.text()?.into(), self.value(depth + 1)?));
                }
                Value::map(entries)
            }
            _ => return Err(STRANGE),
        })
    }

    fn fault(&mut self) -> Read<Fault> {
        let number = self.u32()?;
        let kind = FaultKind::ALL.iter().copied().find(|kind| u32::from(kind.number()) == number).ok_or(STRANGE)?;
        let detail = self.text()?.to_owned();
        let place = self.maybe(|from| Ok((from.u32()?, from.u32()?)))?;
        Ok(Fault { kind, detail, place })
    }

    fn change(&mut self) -> Read<Change> {
        use ChangeKind::{Create, Remove, Run, Update};
        let name = self.text()?;
        let kind = [Create, Update, Remove, Run].into_iter().find(|kind| kind.name() == name).ok_or(STRANGE)?;
        let object = self.text()?.to_owned();
        let name = self.text()?;
        let property = PROPERTIES.iter().copied().find(|property| *property == name).unwrap_or("");
        let mut text = || self.maybe(|from| Ok(from.text()?.to_owned()));
        Ok(Change { kind, object, property, before: text()?, after: text()?, diff: text()?, may: false })
    }

    /// The outcome and the reason with which an end begins.
    pub fn verdict(&mut self) -> Read<(Outcome, Reason)> {
        let name = self.text()?;
        let outcome = Outcome::TABLE.iter().find(|row| row.1 == name).ok_or(STRANGE)?.0;
        let name = self.text()?;
        let reason = Reason::TABLE.iter().find(|row| row.1 == name).ok_or(STRANGE)?.0;
        Ok((outcome, reason))
    }

    pub fn end(&mut self) -> Read<TaskEnd> {
        let (outcome, reason) = self.verdict()?;
        let changed = self.flag()?;
        let because = self.maybe(In::u32)?;
        let keyword = self.maybe(|from| EdgeKind::from_number(from.u8()?).ok_or(STRANGE))?;
        let (attempts, started, ended) = (self.u32()?, self.u64()?, self.u64()?);
        let comment = self.text()?.to_owned();
        let fault = self.maybe(In::fault)?;
        let mut changes = Vec::new();
        for _ in 0..self.count()? {
            changes.push(self.change()?);
        }
        let data = self.value(0)?;
        if ended < started {
            return Err("a task ends before it starts");
        }
        // Forecasts belong to plans, which have no journal.
        Ok(TaskEnd {
            changed,
            because,
            keyword,
            attempts,
            started,
            ended,
            fault,
            changes,
            comment,
            data,
            ..TaskEnd::without_body(outcome, reason, ended)
        })
    }

    /// Nothing is left over.
    pub fn over(&self) -> Read<()> {
        if self.0.is_empty() { Ok(()) } else { Err("bytes are left over behind a record") }
    }
}
