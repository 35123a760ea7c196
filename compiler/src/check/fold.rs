//! What is known at build is computed at build, by the evaluator the agent has.

use crate::emit::code::{self, Compiled};
use crate::graph::{Expr, ExprKind};
use ipcmm_bytecode::{Fault, FaultKind, Function, Slot, Value};
use ipcmm_vm::machine::{Code, Eval, EvalStep, Scope};

/// Functions of sources as code, numbered from 1 as the chunks they are: 0 is the expression that is evaluated.
#[derive(Clone, Debug, Default)]
pub(crate) struct Library {
    chunks: Vec<Option<(Vec<u8>, u16)>>,
    constants: Vec<Value>,
}

impl Library {
    /// Puts functions together; one that could not be compiled is left out.
    pub fn new(functions: &[Option<Compiled>]) -> Library {
        let mut library = Library::default();
        for function in functions {
            let chunk = function.as_ref().map(|compiled| {
                let linked = compiled.link(
                    &mut |value| {
                        library.constants.push(value.clone());
                        library.constants.len() as u32 - 1
                    },
                    &|function| function + 1,
                );
                (linked.code, compiled.registers)
            });
            library.chunks.push(chunk);
        }
        library
    }

    /// Whether a function can be called at build.
    fn has(&self, function: u32) -> bool {
        self.chunks.get(function as usize).is_some_and(Option::is_some)
    }
}

/// A compiled expression as code to evaluate. Its own constants are numbered behind those of the functions.
struct Alone<'l> {
    library: &'l Library,
    code: Vec<u8>,
    registers: u16,
    constants: Vec<Value>,
}

impl Alone<'_> {
    fn find(&self, number: u32) -> Option<&Value> {
        let shared = self.library.constants.len();
        match (number as usize).checked_sub(shared) {
            Some(own) => self.constants.get(own),
            None => self.library.constants.get(number as usize),
        }
    }
}

impl Code for Alone<'_> {
    fn chunk(&self, chunk: u32) -> Option<(&[u8], u16)> {
        match chunk.checked_sub(1) {
            None => Some((&self.code, self.registers)),
            Some(function) => {
                let (code, registers) = self.library.chunks.get(function as usize)?.as_ref()?;
                Some((code, *registers))
            }
        }
    }
    fn constant(&self, number: u32) -> Result<Value, Fault> {
        self.find(number).cloned().ok_or_else(|| Fault::new(FaultKind::BadConstant, number.to_string()))
    }
    fn text(&self, number: u32) -> Result<&str, Fault> {
        let constant = self.find(number).and_then(Value::as_str);
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

/// The body of a function as code; `None` if something is wrong with it, which was or will be reported.
pub(super) fn function(body: &Expr, params: usize) -> Option<Compiled> {
    match body.any(&|e| matches!(e.kind, ExprKind::Error)) {
        true => None,
        false => code::compile_function(body, params).ok(),
    }
}

/// The value of a literal, such as a pattern of a match.
pub(super) fn literal(expr: &Expr) -> Option<Value> {
    value(expr, &Library::default())?.ok()
}

/// The value of an expression, if it is the same everywhere; a fault if it has none. Long lists are left to the agent:
/// a range of a million numbers is better carried as two.
pub(super) fn value(expr: &Expr, library: &Library) -> Option<Result<Value, Fault>> {
    if let ExprKind::Constant(value) = &expr.kind {
        return Some(Ok(value.clone()));
    }
    if !expr.is_closed() {
        return None;
    }
    match evaluate(expr, library, &Nothing) {
        Ok(value) => Some(Ok(value)),
        // A function with a problem of its own; that was reported.
        Err(Stop::Fault(fault)) if fault.kind == FaultKind::BadChunk => None,
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
    /// It needs more registers than there are, or a function that could not be compiled.
    TooLarge,
}

/// The value of an expression in a scope.
pub(crate) fn evaluate(expr: &Expr, library: &Library, scope: &dyn Scope) -> Result<Value, Stop> {
    let compiled = code::compile(expr).map_err(|_| Stop::TooLarge)?;
    if !callable(&compiled.functions, library) {
        return Err(Stop::TooLarge);
    }
    let shared = library.constants.len() as u32;
    let mut constants = Vec::new();
    let linked = compiled.link(
        &mut |value| {
            constants.push(value.clone());
            shared + constants.len() as u32 - 1
        },
        &|function| function + 1,
    );
    let alone = Alone { library, code: linked.code, registers: compiled.registers, constants };
    match Eval::new(&alone, 0).step(&alone, scope) {
        Ok(EvalStep::Done(value)) => Ok(value),
        Ok(EvalStep::Probe(function, _)) => Err(Stop::Probe(function)),
        Err(fault) => Err(Stop::Fault(fault)),
    }
}

fn callable(functions: &[u32], library: &Library) -> bool {
    functions.iter().all(|&function| library.has(function))
}
