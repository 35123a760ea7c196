//! Evaluates one chunk of code. The evaluation can stop at an op that asks the host and go on later.

use super::fork::Ways;
use super::{arith, functions, shapes};
use ipcmm_bytecode::operand::{Reg, Span as Registers};
use ipcmm_bytecode::{Fault, FaultKind, Function, Op, Slot, Value, limits};
use smallvec::SmallVec;
use std::fmt::Write;
use std::sync::Arc;

/// Where code and constants come from: a verified bundle, or the compiler's expression in the making.
pub trait Code {
    /// The ops of a chunk and how many registers it uses.
    fn chunk(&self, chunk: u32) -> Option<(&[u8], u16)>;
    /// A constant.
    fn constant(&self, number: u32) -> Result<Value, Fault>;
    /// The text of a constant that is text.
    fn text(&self, number: u32) -> Result<&str, Fault>;
}

/// What code can see besides its constants.
pub trait Scope {
    /// A fact of the node.
    fn fact(&self, path: &str) -> Result<Value, Fault>;
    /// The result record of a task.
    fn result(&self, task: u32) -> Result<Value, Fault>;
    /// A context slot.
    fn slot(&self, slot: Slot) -> Value;
    /// The secret at an address. Where nothing but an agent could fetch one, there is none.
    fn secret(&self, address: &str) -> Result<Value, Fault> {
        Err(Fault::new(FaultKind::NoSecret, format!("`{address}` is fetched on a node only")))
    }
    /// Is told of the conditional jump at `pc` of a chunk, for coverage.
    fn jumped(&self, chunk: u32, pc: usize, taken: bool) {
        let _ = (chunk, pc, taken);
    }
}

/// What an evaluation wants next.
#[derive(Clone, Debug, PartialEq)]
pub enum EvalStep {
    /// It is done.
    Done(Value),
    /// It needs the host's answer to a function of effect `read`; give it to [`Eval::resume`].
    Probe(Function, Vec<Value>),
}

/// An evaluation under way.
#[derive(Clone, Debug)]
pub struct Eval {
    pub(super) chunk: u32,
    pub(super) pc: usize,
    pub(super) registers: SmallVec<[Value; 6]>,
    /// Where the registers of the chunk at hand begin.
    pub(super) base: usize,
    /// Calls under way, outermost first.
    pub(super) frames: Vec<Frame>,
    /// Other ways to be gone, where a condition is unknown.
    pub(super) ways: Option<Box<Ways>>,
    answer: Reg,
    fuel: u64,
    size: u64,
}

/// Where a call goes on when the chunk it called returns.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    chunk: u32,
    pc: usize,
    base: usize,
    dst: Reg,
}

impl Eval {
    /// The start of a chunk.
    pub fn new(code: &dyn Code, chunk: u32) -> Eval {
        let registers = code.chunk(chunk).map_or(0, |(_, n)| n);
        Eval {
            chunk,
            pc: 0,
            registers: SmallVec::from_elem(Value::Null, registers.into()),
            base: 0,
            frames: Vec::new(),
            ways: None,
            answer: Reg(0),
            fuel: limits::FUEL,
            size: limits::EVAL_SIZE,
        }
    }

    /// Takes the host's answer to the last [`EvalStep::Probe`].
    pub fn resume(&mut self, answer: Value) {
        if let Some(register) = self.registers.get_mut(self.base + usize::from(self.answer.0)) {
            *register = answer;
        }
    }

    /// Goes on until the end, a question for the host, or a fault (with its place).
    pub fn step(&mut self, code: &dyn Code, scope: &dyn Scope) -> Result<EvalStep, Fault> {
        let mut chunk = self.chunk;
        let mut ops = ops_of(code, chunk)?;
        loop {
            let at = self.pc;
            let came = match self.op(ops, code, scope) {
                Ok(None) if self.chunk == chunk => continue,
                Ok(None) => None,
                Ok(Some(EvalStep::Done(value))) => Some(Ok(value)),
                Ok(Some(step)) => return Ok(step),
                Err(fault) => Some(Err(fault.at(chunk, at as u32))),
            };
            if let Some(end) = came.and_then(|came| self.arrive(came)) {
                return end.map(EvalStep::Done);
            }
            chunk = self.chunk;
            ops = ops_of(code, chunk)?;
        }
    }

    fn get(&self, register: Reg) -> &Value {
        self.registers.get(self.base + usize::from(register.0)).unwrap_or(&Value::Null)
    }

    pub(super) fn set(&mut self, register: Reg, value: Value) -> Result<(), Fault> {
        match self.registers.get_mut(self.base + usize::from(register.0)) {
            Some(slot) => {
                *slot = value;
                Ok(())
            }
            None => Err(Fault::new(FaultKind::BadOperand, format!("register {}", register.0))),
        }
    }

    fn many(&self, span: Registers) -> Result<&[Value], Fault> {
        let start = self.base + usize::from(span.start);
        self.registers
            .get(start..start + usize::from(span.count))
            .ok_or_else(|| Fault::new(FaultKind::BadOperand, "registers that are not there"))
    }

    /// Charges for building something of `n` elements or bytes.
    fn charge(&mut self, n: usize) -> Result<(), Fault> {
        match self.size.checked_sub(n as u64) {
            Some(rest) => {
                self.size = rest;
                Ok(())
            }
            None => Err(arith::too_large()),
        }
    }

    /// Charges for a value that is made part of another.
    fn keep(&mut self, value: &Value) -> Result<(), Fault> {
        arith::weigh(value, &mut self.size)
    }

    /// Charges for an op that looks at all of a value. Scalars are free; a step of fuel pays for a kilobyte.
    fn look(&mut self, register: Reg) -> Result<(), Fault> {
        const STEP: u64 = 1024;
        let paid = self.fuel.saturating_mul(STEP);
        let mut left = paid;
        arith::weigh(self.get(register), &mut left).map_err(|_| out_of_fuel())?;
        self.fuel -= (paid - left) / STEP;
        Ok(())
    }

    /// Charges for an op that writes out a range; one that is too long for that is refused by the op.
    fn spread(&mut self, register: Reg) -> Result<(), Fault> {
        if let Value::Range(lo, hi) = *self.get(register) {
            let elements = arith::range_len(lo, hi).min(limits::LOOP_ITEMS);
            self.fuel = self.fuel.checked_sub(elements / 16).ok_or_else(out_of_fuel)?;
        }
        self.look(register)
    }

    /// Calls a chunk: its registers are put on top of those in use.
    fn invoke(&mut self, dst: Reg, chunk: u32, args: Registers, code: &dyn Code) -> Result<(), Fault> {
        if self.frames.len() >= limits::CALL_DEPTH {
            return Err(Fault::new(FaultKind::CallDepth, format!("over {} calls", limits::CALL_DEPTH)));
        }
        let registers = code.chunk(chunk).map_or(0, |(_, registers)| registers);
        self.fuel = self.fuel.checked_sub(u64::from(registers) / 16).ok_or_else(out_of_fuel)?;
        let args: SmallVec<[Value; 6]> = self.many(args)?.into();
        self.frames.push(Frame { chunk: self.chunk, pc: self.pc, base: self.base, dst });
        self.base = self.registers.len();
        let end = self.base + usize::from(registers).max(args.len());
        self.registers.extend(args);
        self.registers.resize(end, Value::Null);
        (self.chunk, self.pc) = (chunk, 0);
        Ok(())
    }

    /// Gives a value to who called the chunk at hand, or ends the evaluation with it.
    fn give(&mut self, value: Value) -> Result<Option<EvalStep>, Fault> {
        let Some(frame) = self.frames.pop() else { return Ok(Some(EvalStep::Done(value))) };
        self.registers.truncate(self.base);
        (self.chunk, self.pc, self.base) = (frame.chunk, frame.pc, frame.base);
        self.set(frame.dst, value)?;
        Ok(None)
    }

    fn op(&mut self, ops: &[u8], code: &dyn Code, scope: &dyn Scope) -> Result<Option<EvalStep>, Fault> {
        self.fuel = self.fuel.checked_sub(1).ok_or_else(out_of_fuel)?;
        let at = self.pc;
        match Op::decode(ops, &mut self.pc)? {
            Op::Load { dst, k } => self.set(dst, code.constant(k.0)?)?,
            Op::Move { dst, src } => self.set(dst, self.get(src).clone())?,
            Op::Slot { dst, slot } => self.set(dst, scope.slot(slot))?,
            Op::Fact { dst, k } => self.set(dst, scope.fact(code.text(k.0)?)?)?,
            Op::Result { dst, task } => self.set(dst, scope.result(task.0)?)?,
            Op::Secret { dst, k } => self.set(dst, scope.secret(code.text(k.0)?)?)?,

            Op::Field { dst, obj, k } => self.set(dst, arith::field(self.get(obj), code.text(k.0)?)?)?,
            Op::FieldOpt { dst, obj, k } => self.set(dst, arith::field_opt(self.get(obj), code.text(k.0)?)?)?,
            Op::Index { dst, obj, key } => self.set(dst, arith::index(self.get(obj), self.get(key))?)?,
            Op::IndexOpt { dst, obj, key } => self.set(dst, arith::index_opt(self.get(obj), self.get(key))?)?,
            Op::List { dst, items } => {
                let list = Value::list(self.many(items)?.to_vec());
                self.keep(&list)?;
                self.set(dst, list)?;
            }
            Op::Map { dst, entries } => {
                let map = arith::map(self.many(entries)?)?;
                self.keep(&map)?;
                self.set(dst, map)?;
            }
            Op::Range { dst, lo, hi } => self.set(dst, arith::range(self.get(lo), self.get(hi))?)?,
            Op::Concat { dst, parts } => {
                self.look_at(parts)?;
                let (text, len) = arith::concat(self.many(parts)?)?;
                self.charge(len)?;
                self.set(dst, text)?;
            }
            Op::Push { list, item } => {
                let item = self.get(item).clone();
                self.keep(&item)?;
                // Taken out of the register so that the list is not shared and grows in place.
                let mut target = std::mem::replace(self.register(list)?, Value::Null);
                match &mut target {
                    Value::List(items) => Arc::make_mut(items).push(item),
                    other => return Err(arith::mismatch("append to", &[other])),
                }
                self.set(list, target)?;
            }
            // How often a loop goes round is not known either.
            Op::Next { list, .. } if matches!(self.get(list), Value::Unknown) => return self.give(Value::Unknown),
            Op::Next { dst, list, i, done } => {
                let Value::Int(at) = *self.get(i) else { return Err(arith::mismatch("count with", &[self.get(i)])) };
                match arith::element(self.get(list), at)? {
                    Some(item) => {
                        self.set(dst, item)?;
                        self.set(i, Value::Int(at.saturating_add(1)))?;
                    }
                    None => self.pc = done.0 as usize,
                }
            }

            Op::Jump { to } => self.pc = to.0 as usize,
            Op::JumpIf { cond, to } => match self.get(cond) {
                Value::Bool(holds) => self.jump(scope, at, *holds, to.0),
                Value::Unknown => return self.fork(cond, to.0 as usize, true),
                other => return Err(arith::mismatch("decide by", &[other])),
            },
            Op::JumpUnless { cond, to } => match self.get(cond) {
                Value::Bool(holds) => self.jump(scope, at, !*holds, to.0),
                Value::Unknown => return self.fork(cond, to.0 as usize, false),
                other => return Err(arith::mismatch("decide by", &[other])),
            },
            Op::JumpSome { src, to } => self.jump(scope, at, !matches!(self.get(src), Value::Null), to.0),
            Op::Return { src } => return self.give(self.get(src).clone()),
            Op::NoMatch { src } => {
                let mut shown = arith::Text::default();
                let detail = match write!(shown, "{}", self.get(src)) {
                    Ok(()) => shown.0.chars().take(200).collect(),
                    Err(_) => String::new(),
                };
                return Err(Fault::new(FaultKind::NoMatch, detail));
            }

            Op::Add { dst, a, b } => {
                self.spread(a)?;
                self.spread(b)?;
                let sum = arith::add(self.get(a), self.get(b))?;
                match &sum {
                    Value::Str(text) => self.charge(text.len())?,
                    Value::List(_) => self.keep(&sum)?,
                    _ => {}
                }
                self.set(dst, sum)?;
            }
            Op::Sub { dst, a, b } => self.set(dst, arith::sub(self.get(a), self.get(b))?)?,
            Op::Mul { dst, a, b } => self.set(dst, arith::mul(self.get(a), self.get(b))?)?,
            Op::Div { dst, a, b } => self.set(dst, arith::div(self.get(a), self.get(b))?)?,
            Op::FloorDiv { dst, a, b } => self.set(dst, arith::floor_div(self.get(a), self.get(b))?)?,
            Op::Rem { dst, a, b } => self.set(dst, arith::rem(self.get(a), self.get(b))?)?,
            Op::Neg { dst, a } => self.set(dst, arith::neg(self.get(a))?)?,
            Op::Not { dst, a } => self.set(dst, arith::not(self.get(a))?)?,

            Op::Eq { dst, a, b } => {
                self.look(a)?;
                self.look(b)?;
                self.set(dst, arith::equal(self.get(a), self.get(b), true))?;
            }
            Op::Ne { dst, a, b } => {
                self.look(a)?;
                self.look(b)?;
                self.set(dst, arith::equal(self.get(a), self.get(b), false))?;
            }
            Op::Lt { dst, a, b } => {
                self.spread(a)?;
                self.spread(b)?;
                self.set(dst, arith::less(self.get(a), self.get(b), false)?)?;
            }
            Op::Le { dst, a, b } => {
                self.spread(a)?;
                self.spread(b)?;
                self.set(dst, arith::less(self.get(a), self.get(b), true)?)?;
            }
            Op::In { dst, a, b } => {
                self.look(a)?;
                self.look(b)?;
                self.set(dst, arith::contains(self.get(b), self.get(a))?)?;
            }
            Op::Matches { dst, a, b } => self.set(dst, functions::matches(self.get(a), self.get(b))?)?,
            Op::WantBool { a } => match self.get(a) {
                Value::Bool(_) | Value::Unknown => {}
                other => return Err(arith::mismatch("decide by", &[other])),
            },

            Op::Want { a, k } => {
                self.look(a)?;
                shapes::demand(self.get(a), &code.constant(k.0)?)?;
            }
            Op::Invoke { dst, chunk, args } => self.invoke(dst, chunk.0, args, code)?,

            Op::Call { dst, func, args } => {
                match func {
                    // The one that takes a range as it is.
                    Function::Len => self.look_at(args)?,
                    _ => (0..args.count).try_for_each(|i| self.spread(Reg(args.start.saturating_add(i))))?,
                }
                let value = functions::call(func, self.many(args)?)?;
                match &value {
                    Value::Str(text) => self.charge(text.len())?,
                    value => self.keep(value)?,
                }
                self.set(dst, value)?;
            }
            Op::Probe { dst, func, args } => {
                self.look_at(args)?;
                let args = self.many(args)?.to_vec();
                if args.iter().any(Value::has_unknown) {
                    self.set(dst, Value::Unknown)?;
                } else {
                    self.answer = dst;
                    return Ok(Some(EvalStep::Probe(func, args)));
                }
            }
        }
        Ok(None)
    }

    /// Takes the conditional jump at `at`, or goes on behind it.
    fn jump(&mut self, scope: &dyn Scope, at: usize, taken: bool, to: u32) {
        scope.jumped(self.chunk, at, taken);
        if taken {
            self.pc = to as usize;
        }
    }

    fn look_at(&mut self, span: Registers) -> Result<(), Fault> {
        (0..span.count).try_for_each(|i| self.look(Reg(span.start.saturating_add(i))))
    }

    fn register(&mut self, register: Reg) -> Result<&mut Value, Fault> {
        let at = self.base + usize::from(register.0);
        self.registers.get_mut(at).ok_or_else(|| Fault::new(FaultKind::BadOperand, format!("register {}", register.0)))
    }
}

fn ops_of(code: &dyn Code, chunk: u32) -> Result<&[u8], Fault> {
    let found = code.chunk(chunk).map(|(ops, _)| ops);
    found.ok_or_else(|| Fault::new(FaultKind::BadChunk, format!("there is no chunk {chunk}")))
}

fn out_of_fuel() -> Fault {
    Fault::new(FaultKind::OutOfFuel, format!("over {} steps", limits::FUEL))
}
