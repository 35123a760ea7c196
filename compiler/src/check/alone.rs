//! An expression that stands in no task: typed among the names of a module and values that were bound by hand.

use super::expr::Typing;
use super::fold::Library;
use super::functions::Functions;
use super::inline::Inlining;
use super::names::Index;
use super::scope::{Given, Local, Scope};
use super::task::record_of;
use crate::diag::Diagnostics;
use crate::expand::{self, Program};
use crate::graph::{Expr, ExprKind};
use crate::ir::Located;
use crate::source::FileId;
use ipcmm_bytecode::Value;
use ipcmm_grammar::ast::Span;
use ipcmm_grammar::types::Type;
use std::borrow::Cow;

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

/// Types an expression among the names of the first module, and of bindings, of which later ones hide earlier
/// ones. Results of tasks are typed as a task would see them that is ordered after all others. Also gives the functions
/// it may call.
pub(crate) fn expression(
    located: &Located,
    file: FileId,
    program: &Program,
    bindings: &[Binding],
    diagnostics: &mut Diagnostics,
) -> (Expr, Library) {
    // What is wrong with the modules themselves was said when they were built.
    let mut known = Diagnostics::default();
    let mut scopes = Cow::Borrowed(&program.scopes);
    if scopes.list.is_empty() {
        scopes.to_mut().add(expand::Scope::default());
    }
    let index = Index::new(&program.modules, &scopes, &mut known);
    let functions = Functions::new(&program.modules, &index, &mut known);
    let mut read_result = |task: u32, _: FileId, _: Span, _: &mut Diagnostics| Some((task, record_of(&index, task)));
    let mut typing = Typing {
        index: &index,
        module: program.modules.first().map_or(0, |module| module.scope),
        file,
        inlining: Inlining::default(),
        diagnostics,
        context: Vec::new(),
        own_result: None,
        phases: false,
        read_result: &mut read_result,
        functions: &functions,
        inlined: Vec::new(),
        demand: None,
    };
    let mut scope = Scope::new("the expression", &Given::default()).reading();
    scope.locals = bindings.iter().map(|b| Local { name: b.name.clone(), ty: b.ty.clone(), origin: None }).collect();
    let mut expr = typing.located(located, &mut scope);
    bind(&mut expr, bindings);
    (expr, functions.library)
}

/// Puts values in the places of their names. Names bound inside count from the outermost again.
fn bind(expr: &mut Expr, bindings: &[Binding]) {
    let bound = bindings.len() as u32;
    match &mut expr.kind {
        ExprKind::Local(number) => match bindings.get(*number as usize) {
            Some(binding) => expr.kind = ExprKind::Constant(binding.value.clone()),
            None => *number -= bound,
        },
        ExprKind::Comprehension { local, .. } | ExprKind::Walk { local, .. } | ExprKind::Let { local, .. } => {
            *local = local.saturating_sub(bound);
        }
        _ => {}
    }
    expr.parts_mut(&mut |part| bind(part, bindings));
}
