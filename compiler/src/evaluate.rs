//! One expression, checked as in a task and evaluated by the evaluator of the agent, where there is no node.
//!
//! What only a node or a run knows has no value here: facts are handed in, results and probes are refused with the
//! reason. Unaware of: where expressions are typed. Start reading at [`Desk::evaluate`]; [`facts`] reads facts from a
//! document, [`explain`] says where each part of a value comes from.

pub mod explain;
pub mod facts;

#[cfg(test)]
mod tests;

use crate::check::alone::{self, Binding};
use crate::check::fold::{Library, Stop, evaluate};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::doc::{Doc, Node, NodeId, NodeKind, Style};
use crate::expand::Program;
use crate::graph::{Expr, ExprKind};
use crate::lower;
use crate::source::{FileId, Sources};
use facts::Facts;
use ipcmm_bytecode::{Fault, FaultKind, Slot, Value};
use ipcmm_grammar::ast::Span;
use ipcmm_grammar::types::Type;
use ipcmm_vm::machine::Scope;

/// The name of an expression in messages.
pub const SOURCE: &str = "<expression>";

/// What expressions are evaluated with.
#[derive(Debug, Default)]
pub struct Desk {
    /// Modules whose names are seen: those of the first by themselves, others as `module/label`.
    pub program: Program,
    /// What is known of a node.
    pub facts: Facts,
    /// Names bound by hand; later ones hide earlier ones.
    pub bindings: Vec<Binding>,
}

/// An expression that was checked.
#[derive(Clone, Debug)]
pub struct Checked {
    /// It.
    pub expr: Expr,
    /// Where its text is.
    pub file: FileId,
    /// What it may call.
    library: Library,
}

/// What an expression comes to.
#[derive(Clone, Debug)]
pub struct Evaluated {
    /// The checked expression.
    pub checked: Checked,
    /// Its value.
    pub value: Value,
}

impl Desk {
    /// Checks an expression; its text becomes a source of its own.
    pub fn check(&self, text: &str, sources: &mut Sources, diagnostics: &mut Diagnostics) -> Option<Checked> {
        let file = sources.add(SOURCE, text);
        let kind = NodeKind::Scalar { text: text.to_owned(), style: Style::Quoted };
        let node = Node { kind, span: Span::new(0, text.len() as u32), verbatim: true };
        let doc = Doc { nodes: vec![node], ..Doc::empty(file) };
        let errors = diagnostics.errors();
        let located = lower::expression(&doc, NodeId(0), diagnostics)?;
        let (expr, library) = alone::expression(&located, file, &self.program, &self.bindings, diagnostics);
        (diagnostics.errors() == errors).then_some(Checked { expr, file, library })
    }

    /// Checks and evaluates an expression.
    pub fn evaluate(&self, text: &str, sources: &mut Sources, diagnostics: &mut Diagnostics) -> Option<Evaluated> {
        let checked = self.check(text, sources, diagnostics)?;
        match evaluate(&checked.expr, &checked.library, self) {
            Ok(value) => Some(Evaluated { checked, value }),
            Err(stop) => {
                let guilty = self.guilty(&checked);
                diagnostics.push(self.refusal(guilty, stop, checked.file));
                None
            }
        }
    }

    /// Gives a name a value.
    pub fn bind(&mut self, name: &str, ty: Type, value: Value) {
        self.bindings.retain(|binding| binding.name != name);
        self.bindings.push(Binding { name: name.to_owned(), ty, value });
    }

    /// The innermost part that has no value.
    fn guilty<'e>(&self, checked: &'e Checked) -> &'e Expr {
        let mut at = &checked.expr;
        loop {
            let mut inner = None;
            at.parts(&mut |part| {
                if inner.is_none() && !has_local(part) && evaluate(part, &checked.library, self).is_err() {
                    inner = Some(part);
                }
            });
            match inner {
                // The arm of a condition that is not taken may fault: only what is surely computed counts.
                Some(part) if !matches!(at.kind, ExprKind::Conditional(..) | ExprKind::Match(..)) => at = part,
                _ => return at,
            }
        }
    }

    fn refusal(&self, expr: &Expr, stop: Stop, file: FileId) -> Diagnostic {
        let problem = |code, message: String| Diagnostic::new(code, file, expr.span, message);
        match (stop, &expr.kind) {
            (Stop::Probe(function), _) => {
                let message = format!("only a node can answer `{}`", function.name());
                problem(Code::NotKnownHere, message).help("a plan asks it: `ipcmm plan`")
            }
            (Stop::TooLarge, _) => problem(Code::ExprTooLarge, "this needs too many values at once".into()),
            (Stop::Fault(fault), ExprKind::Fact(path)) if fault.kind == FaultKind::NoFact => {
                problem(Code::NotKnownHere, format!("`{path}` is known on a node only"))
                    .help(format!("give it in a file of facts: `{path}: …`"))
            }
            (Stop::Fault(fault), ExprKind::Result(_)) if fault.kind == FaultKind::NoResult => {
                problem(Code::NotKnownHere, "the result of a task is there only when it has run".into())
            }
            (Stop::Fault(fault), _) if fault.kind == FaultKind::NoSecret => {
                problem(Code::NotKnownHere, "a secret is fetched on a node only, and never shown".into())
            }
            (Stop::Fault(fault), _) if matches!(fault.kind, FaultKind::NoFact | FaultKind::NoResult) => {
                problem(Code::NotKnownHere, format!("this is known on a node only: {}", fault.detail))
            }
            (Stop::Fault(fault), _) => problem(Code::ConstantFault, format!("this cannot be computed: {fault}")),
        }
    }
}

/// Whether an expression has names of a comprehension around it.
fn has_local(expr: &Expr) -> bool {
    expr.any(&|part| matches!(part.kind, ExprKind::Local(_)))
}

impl Scope for Desk {
    fn fact(&self, path: &str) -> Result<Value, Fault> {
        self.facts.get(path).map(|fact| fact.value.clone()).ok_or_else(|| Fault::new(FaultKind::NoFact, path))
    }

    fn result(&self, task: u32) -> Result<Value, Fault> {
        let label = self.program.modules.iter().flat_map(|module| &module.tasks).nth(task as usize);
        Err(Fault::new(FaultKind::NoResult, label.map_or(String::new(), |task| task.label.clone())))
    }

    fn slot(&self, _: Slot) -> Value {
        Value::Null
    }
}
