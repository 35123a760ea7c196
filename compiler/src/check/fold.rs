//! What is known at build is computed at build, by the evaluator the agent has.

use crate::emit::code;
use crate::graph::{Expr, ExprKind};
use ipcmm_bytecode::{Fault, FaultKind, Function, Slot, Value};
use ipcmm_vm::machine::{Code, Eval, EvalStep, Scope};

/// A compiled expression as code to evaluate.
struct Alone(code::Compiled);

impl Code for Alone {
    fn chunk(&self, _: u32) -> Option<(&[u8], u16)> {
        Some((&self.0.code, self.0.registers))
    }
    fn constant(&self, number: u32) -> Result<Value, Fault> {
        self.0
            .constants
            .get(number as usize)
            .cloned()
            .ok_or_else(|| Fault::new(FaultKind::BadConstant, number.to_string()))
    }
    fn text(&self, number: u32) -> Result<&str, Fault> {
        let constant = self.0.constants.get(number as usize).and_then(Value::as_str);
        constant.ok_or_else(|| Fault::new(FaultKind::BadConstant, format!("{number} is not text")))
    }
}

/// Nothing is known at build but constants.
struct Nothing;

impl Scope for Nothing {
    fn fact(&self, path: &str) -> Result<Value, Fault> {
        Err(Fault::new(FaultKind::NoFact, path))
    }
    fn result(&self, task: u32) -> Result<Value, Fault> {
        Err(Fault::new(FaultKind::NoResult, task.to_string()))
    }
    fn slot(&self, _: Slot) -> Value {
        Value::Null
    }
}

/// The value of an expression, if it is the same everywhere; a fault if it has none. Long lists are left to the agent:
/// a range of a million numbers is better carried as two.
pub(super) fn value(expr: &Expr) -> Option<Result<Value, Fault>> {
    if let ExprKind::Constant(value) = &expr.kind {
        return Some(Ok(value.clone()));
    }
    if !expr.is_closed() {
        return None;
    }
    match evaluate(expr, &Nothing) {
        Ok(value) => Some(Ok(value)),
        Err(Stop::Probe(_) | Stop::TooLarge) => None,
        Err(Stop::Fault(fault)) => Some(Err(fault)),
    }
}

/// Why an expression has no value.
pub(crate) enum Stop {
    /// It faults.
    Fault(Fault),
    /// It asks the host.
    Probe(Function),
    /// It needs more registers than there are.
    TooLarge,
}

/// The value of an expression in a scope.
pub(crate) fn evaluate(expr: &Expr, scope: &dyn Scope) -> Result<Value, Stop> {
    let compiled = Alone(code::compile(expr).map_err(|_| Stop::TooLarge)?);
    match Eval::new(&compiled, 0).step(&compiled, scope) {
        Ok(EvalStep::Done(value)) => Ok(value),
        Ok(EvalStep::Probe(function, _)) => Err(Stop::Probe(function)),
        Err(fault) => Err(Stop::Fault(fault)),
    }
}
