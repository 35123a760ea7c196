//! Evaluation where a condition is unknown: both ways are gone, one after the other, and what they agree on is known.
//!
//! So `x and false` is false whatever `x` is, and a map of two fields is unknown only in the one that `x` decides. Values
//! are unknown in dry runs only. Unaware of: what an op does.

use super::eval::{Eval, EvalStep, Frame};
use ipcmm_bytecode::operand::Reg;
use ipcmm_bytecode::{Fault, Value};
use smallvec::SmallVec;

/// Ways gone in one evaluation; beyond that the result is unknown.
const MOST: u32 = 64;

/// What is left to be gone, and what came of the ways so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Ways {
    left: Vec<Way>,
    gone: u32,
    joined: Option<Result<Value, Fault>>,
}

/// Where another way goes on.
#[derive(Clone, Debug)]
struct Way {
    chunk: u32,
    pc: usize,
    registers: SmallVec<[Value; 6]>,
    base: usize,
    frames: Vec<Frame>,
}

impl Eval {
    /// At a jump that is taken if `cond` is `taken`, and nobody knows whether it is: goes on behind it, and later to
    /// where it leads. On either way the condition is what it must be there.
    pub(super) fn fork(&mut self, cond: Reg, to: usize, taken: bool) -> Result<Option<EvalStep>, Fault> {
        let ways = self.ways.get_or_insert_default();
        ways.gone += 1;
        if ways.gone >= MOST {
            return Ok(Some(EvalStep::Done(Value::Unknown)));
        }
        let mut way = Way {
            chunk: self.chunk,
            pc: to,
            registers: self.registers.clone(),
            base: self.base,
            frames: self.frames.clone(),
        };
        if let Some(register) = way.registers.get_mut(self.base + usize::from(cond.0)) {
            *register = Value::Bool(taken);
        }
        ways.left.push(way);
        self.set(cond, Value::Bool(!taken))?;
        Ok(None)
    }

    /// One way is at its end. What all came to, or `None` if there is another to go.
    pub(super) fn arrive(&mut self, came: Result<Value, Fault>) -> Option<Result<Value, Fault>> {
        let Some(ways) = &mut self.ways else { return Some(came) };
        let joined = match (ways.joined.take(), came) {
            (None, came) => came,
            (Some(Ok(before)), Ok(now)) => Ok(join(before, now)),
            (Some(Err(before)), Err(_)) => Err(before),
            // Only one of them fails: nobody knows whether it is gone.
            (Some(_), _) => Ok(Value::Unknown),
        };
        let way = if matches!(joined, Ok(Value::Unknown)) { None } else { ways.left.pop() };
        let Some(way) = way else { return Some(joined) };
        ways.joined = Some(joined);
        (self.chunk, self.pc, self.base) = (way.chunk, way.pc, way.base);
        (self.registers, self.frames) = (way.registers, way.frames);
        None
    }
}

/// What is known if a value is one of two.
fn join(one: Value, other: Value) -> Value {
    match (one, other) {
        (Value::List(one), Value::List(other)) if one.len() == other.len() => {
            Value::list(one.iter().zip(other.iter()).map(|(a, b)| join(a.clone(), b.clone())).collect())
        }
        (Value::Map(one), Value::Map(other)) if one.len() == other.len() && one.keys().eq(other.keys()) => {
            Value::map(one.iter().zip(other.values()).map(|((key, a), b)| (key.clone(), join(a.clone(), b.clone()))))
        }
        (one, other) if one == other => one,
        _ => Value::Unknown,
    }
}
