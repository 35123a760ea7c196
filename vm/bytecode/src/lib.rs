//! The contract between compiler and agent: op table, operand kinds, function and fault tables, the
//! bundle container, the text assembler, and the limits every reader keeps.
//!
//! Unaware of: the source language, tasks' meaning, the operating system. No I/O happens here.
//! Start reading at [`ops`] (what a chunk of code is made of) and [`bundle`] (how bytes are laid out).

pub mod asm;
pub mod bundle;
pub mod catalog;
pub mod effect;
pub mod fault;
pub mod functions;
pub mod limits;
pub mod operand;
pub mod ops;
pub mod secret;
pub mod slots;
pub mod value;

pub use catalog::{BuiltinShape, Catalog, Intrinsic, Reaction, Runs};
pub use effect::Effect;
pub use fault::{Fault, FaultKind};
pub use functions::Function;
pub use ops::Op;
pub use slots::Slot;
pub use value::Value;
