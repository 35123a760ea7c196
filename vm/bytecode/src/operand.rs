//! Operand kinds: how each is encoded, printed, read back and bounded.
//!
//! A new kind implements [`Operand`] and nothing else changes: codec, verifier, assembler and the
//! generated op page all go through this trait.

use crate::{Fault, FaultKind, Function, Slot};
use std::fmt;

/// What operands are checked against. Filled in once per chunk by the verifier.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bounds {
    /// Registers of the chunk.
    pub registers: u32,
    /// Constants of the bundle.
    pub constants: u32,
    /// Tasks whose result this chunk may read: those before the task it belongs to.
    pub tasks: u32,
    /// Length of the chunk's code.
    pub code: u32,
    /// Chunks of the bundle.
    pub chunks: u32,
}

/// One operand kind.
pub trait Operand: Sized + Copy {
    /// The kind's name in the op page.
    const KIND: &'static str;
    /// Appends the encoded operand.
    fn encode(self, out: &mut Vec<u8>);
    /// Reads an operand at `*pos` and moves `*pos` behind it.
    fn decode(code: &[u8], pos: &mut usize) -> Result<Self, Fault>;
    /// Whether the operand stays within `bounds`.
    fn check(self, bounds: &Bounds) -> bool;
    /// The place this operand jumps to, if it is a jump.
    fn target(self) -> Option<u32> {
        None
    }
    /// Assembler text.
    fn print(self, f: &mut fmt::Formatter<'_>) -> fmt::Result;
    /// Reads assembler text.
    fn parse(text: &str) -> Option<Self>;
}

/// Appends `n` in LEB128: seven bits a byte, least significant first.
pub fn put_varint(out: &mut Vec<u8>, mut n: u32) {
    while n >= 0x80 {
        out.push(n as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

/// Reads a LEB128 number of at most five bytes.
pub fn get_varint(code: &[u8], pos: &mut usize) -> Result<u32, Fault> {
    let mut n = 0u64;
    for shift in (0..35).step_by(7) {
        let byte = get_byte(code, pos)?;
        n |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return u32::try_from(n).map_err(|_| Fault::new(FaultKind::BadOperand, "number over 32 bits"));
        }
    }
    Err(Fault::new(FaultKind::BadOperand, "number over five bytes"))
}

/// Reads one byte.
pub fn get_byte(code: &[u8], pos: &mut usize) -> Result<u8, Fault> {
    let byte = *code.get(*pos).ok_or_else(|| Fault::new(FaultKind::BadOp, "code ends inside an op"))?;
    *pos += 1;
    Ok(byte)
}

/// A register, `R7`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Reg(pub u8);

impl Operand for Reg {
    const KIND: &'static str = "register";
    fn encode(self, out: &mut Vec<u8>) {
        out.push(self.0);
    }
    fn decode(code: &[u8], pos: &mut usize) -> Result<Self, Fault> {
        get_byte(code, pos).map(Reg)
    }
    fn check(self, bounds: &Bounds) -> bool {
        u32::from(self.0) < bounds.registers
    }
    fn print(self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "R{}", self.0)
    }
    fn parse(text: &str) -> Option<Self> {
        text.strip_prefix('R')?.parse().ok().map(Reg)
    }
}

/// Consecutive registers, `R3+2` for R3 and R4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    /// The first register.
    pub start: u8,
    /// How many.
    pub count: u8,
}

impl Operand for Span {
    const KIND: &'static str = "registers";
    fn encode(self, out: &mut Vec<u8>) {
        out.extend([self.start, self.count]);
    }
    fn decode(code: &[u8], pos: &mut usize) -> Result<Self, Fault> {
        Ok(Span { start: get_byte(code, pos)?, count: get_byte(code, pos)? })
    }
    fn check(self, bounds: &Bounds) -> bool {
        u32::from(self.start) + u32::from(self.count) <= bounds.registers
    }
    fn print(self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "R{}+{}", self.start, self.count)
    }
    fn parse(text: &str) -> Option<Self> {
        let (start, count) = text.strip_prefix('R')?.split_once('+')?;
        Some(Span { start: start.parse().ok()?, count: count.parse().ok()? })
    }
}

macro_rules! varint_operand {
    ($(#[doc = $doc:literal])* $name:ident, $kind:literal, $prefix:literal, $bounds:ident => $limit:expr, $target:expr) => {
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub struct $name(pub u32);

        impl Operand for $name {
            const KIND: &'static str = $kind;
            fn encode(self, out: &mut Vec<u8>) {
                put_varint(out, self.0);
            }
            fn decode(code: &[u8], pos: &mut usize) -> Result<Self, Fault> {
                get_varint(code, pos).map($name)
            }
            fn check(self, $bounds: &Bounds) -> bool {
                self.0 < $limit
            }
            fn target(self) -> Option<u32> {
                $target.then_some(self.0)
            }
            fn print(self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "{}"), self.0)
            }
            fn parse(text: &str) -> Option<Self> {
                text.strip_prefix($prefix)?.parse().ok().map($name)
            }
        }
    };
}

varint_operand! {
    /// A constant of the bundle, `K12`.
    Const, "constant", "K", b => b.constants, false
}
varint_operand! {
    /// A task of the bundle by its place in the run order, `T4`.
    Task, "task", "T", b => b.tasks, false
}
varint_operand! {
    /// A chunk of the bundle, `C2`.
    Chunk, "chunk", "C", b => b.chunks, false
}
varint_operand! {
    /// A byte offset in the same chunk, `@18`.
    Target, "target", "@", b => b.code, true
}

impl Operand for Slot {
    const KIND: &'static str = "slot";
    fn encode(self, out: &mut Vec<u8>) {
        out.push(self as u8);
    }
    fn decode(code: &[u8], pos: &mut usize) -> Result<Self, Fault> {
        let number = get_byte(code, pos)?;
        Slot::from_number(number).ok_or_else(|| Fault::new(FaultKind::BadOperand, format!("slot {number}")))
    }
    fn check(self, _: &Bounds) -> bool {
        true
    }
    fn print(self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
    fn parse(text: &str) -> Option<Self> {
        Slot::from_name(text)
    }
}

impl Operand for Function {
    const KIND: &'static str = "function";
    fn encode(self, out: &mut Vec<u8>) {
        put_varint(out, u32::from(self.number()));
    }
    fn decode(code: &[u8], pos: &mut usize) -> Result<Self, Fault> {
        let number = get_varint(code, pos)?;
        u16::try_from(number)
            .ok()
            .and_then(Function::from_number)
            .ok_or_else(|| Fault::new(FaultKind::BadOperand, format!("function {number}")))
    }
    fn check(self, _: &Bounds) -> bool {
        true
    }
    fn print(self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
    fn parse(text: &str) -> Option<Self> {
        Function::from_name(text)
    }
}
