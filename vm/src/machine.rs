//! The machine: evaluates code and steps fibers. Sans-I/O: whatever takes time or touches the host is handed out as a
//! request and comes back as an input.
//!
//! Unaware of: which task may run when (that is `sched`), how requests are answered (that is the driver).
//! [`eval`] is the one evaluator of the language; the compiler folds constants with it.

pub mod arith;
pub mod eval;
pub mod fiber;
mod fork;
mod functions;
mod progress;
mod shapes;

pub use eval::{Code, Eval, EvalStep, Scope};
pub use functions::{check_address, check_network, check_pattern, check_version};
