//! An expression that stands in no task: typed among the names of a module and values that were bound by hand.

use super::expr::Typing;
use super::names::Index;
use super::scope::{Given, Scope};
use super::task::record_of;
use crate::diag::Diagnostics;
use crate::graph::{Expr, ExprKind};
use crate::ir::{Located, Module};
use crate::source::FileId;
use ipcmm_bytecode::Value;
use ipcmm_grammar::ast::Span;
use ipcmm_grammar::types::Type;

/// A name with its value.
#[derive(Clone, Debug)]
pub struct Binding {
    /// The name.
    pub name: String,
    /// Its type.
    pub ty: Type,
    /// Its value.
    pub value: Value,
}

/// Types an expression among the names of the first of `modules`, and of bindings, of which later ones hide earlier
/// ones. Results of tasks are typed as a task would see them that is ordered after all others.
pub fn expression(
    located: &Located,
    file: FileId,
    modules: &[Module],
    bindings: &[Binding],
    diagnostics: &mut Diagnostics,
) -> Expr {
    // What is wrong with the modules themselves was said when they were built.
    let index = Index::new(modules, &mut Diagnostics::default());
    let mut read_result = |task: u32, _: Span, _: &mut Diagnostics| Some((task, record_of(&index, task)));
    let mut typing = Typing {
        index: &index,
        module: 0,
        file,
        diagnostics,
        own_result: None,
        phases: false,
        read_result: &mut read_result,
    };
    let mut scope = Scope::new("the expression", &Given::default()).reading();
    scope.locals = bindings.iter().map(|b| (b.name.clone(), b.ty.clone())).collect();
    let mut expr = typing.located(located, &mut scope);
    bind(&mut expr, bindings);
    expr
}

/// Puts values in the places of their names. Names of comprehensions count from the outermost again.
fn bind(expr: &mut Expr, bindings: &[Binding]) {
    let bound = bindings.len() as u32;
    match &mut expr.kind {
        ExprKind::Constant(_) | ExprKind::Fact(_) | ExprKind::Result(_) | ExprKind::Slot(_) | ExprKind::Error => {}
        ExprKind::Local(number) => match bindings.get(*number as usize) {
            Some(binding) => expr.kind = ExprKind::Constant(binding.value.clone()),
            None => *number -= bound,
        },
        ExprKind::Field(a, ..) | ExprKind::Unary(_, a) => bind(a, bindings),
        ExprKind::Index(a, b, _) | ExprKind::Range(a, b) | ExprKind::Binary(_, a, b) => {
            bind(a, bindings);
            bind(b, bindings);
        }
        ExprKind::List(items) | ExprKind::Concat(items) | ExprKind::Call(_, items) => {
            items.iter_mut().for_each(|item| bind(item, bindings));
        }
        ExprKind::Map(entries) => entries.iter_mut().for_each(|(_, value)| bind(value, bindings)),
        ExprKind::Conditional(a, b, c) => [a, b, c].into_iter().for_each(|part| bind(part, bindings)),
        ExprKind::Match(subject, arms) => {
            bind(subject, bindings);
            arms.iter_mut().for_each(|(_, value)| bind(value, bindings));
        }
        ExprKind::Comprehension { body, local, list, condition, .. } => {
            *local = local.saturating_sub(bound);
            bind(list, bindings);
            condition.iter_mut().for_each(|condition| bind(condition, bindings));
            bind(body, bindings);
        }
    }
}
