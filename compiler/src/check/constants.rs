//! What must be known before there are tasks: conditions of includes, and the elements of loops around calls.

use super::expr::Typing;
use super::fold;
use super::functions::Functions;
use super::inline::Inlining;
use super::names::Index;
use super::scope::{Given, Scope};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::expand::Scopes;
use crate::graph::Expr;
use crate::ir::{Located, Module, Typed, ValueKind};
use crate::source::FileId;
use ipcmm_bytecode::Value;
use ipcmm_grammar::ast::Span;
use ipcmm_grammar::types::Type;

/// What is known while there are no tasks yet.
#[derive(Clone, Copy)]
pub(crate) struct Known<'a> {
    /// What names stand for.
    pub scopes: &'a Scopes,
    /// Parts of modules with their functions, and without their tasks.
    pub functions: &'a [Module],
}

/// Types something while there are no tasks yet.
fn early<R>(
    known: Known<'_>,
    scope: u32,
    file: FileId,
    diagnostics: &mut Diagnostics,
    type_it: impl FnOnce(&mut Typing<'_, '_>) -> R,
) -> R {
    let index = Index::new(known.functions, known.scopes, diagnostics);
    // Their problems are told when everything is checked.
    let functions = Functions::new(known.functions, &index, &mut Diagnostics::default());
    // There are no tasks, so nothing can ask for a result.
    let mut no_result = |_: u32, _: FileId, _: Span, _: &mut Diagnostics| None::<(u32, Type)>;
    type_it(&mut Typing {
        index: &index,
        module: scope,
        file,
        diagnostics,
        inlining: Inlining::before_tasks(),
        context: Vec::new(),
        own_result: None,
        phases: false,
        read_result: &mut no_result,
        functions: &functions,
        inlined: Vec::new(),
        demand: None,
    })
}

/// The value of an expression that is known at build; otherwise that is reported.
fn known(typing: &mut Typing<'_, '_>, expr: &Expr, place: &str) -> Option<Value> {
    if !typing.is_static(expr, place) {
        return None;
    }
    match fold::value(expr, &typing.functions.library)? {
        Ok(value) => Some(value),
        Err(fault) => {
            let message = format!("this cannot be computed: {fault}");
            let problem = Diagnostic::new(Code::ConstantFault, typing.file, expr.span, message);
            typing.report(problem);
            None
        }
    }
}

/// The value of something that is written in a scope and must be known at build.
pub(crate) fn constant(
    names: Known<'_>,
    scope: u32,
    file: FileId,
    value: &Typed,
    place: &'static str,
    diagnostics: &mut Diagnostics,
) -> Option<Value> {
    if let ValueKind::Constant(value) = &value.kind {
        return Some(value.clone());
    }
    early(names, scope, file, diagnostics, |typing| {
        let expr = typing.typed(value, &mut Scope::new(place, &Given::default()), place);
        known(typing, &expr, place)
    })
}

/// Whether a condition holds that is written in a scope and must be known at build.
pub(crate) fn holds(
    names: Known<'_>,
    scope: u32,
    file: FileId,
    condition: &Located,
    place: &'static str,
    diagnostics: &mut Diagnostics,
) -> bool {
    let value = early(names, scope, file, diagnostics, |typing| {
        let expr = typing.condition(condition, &mut Scope::new(place, &Given::default()));
        known(typing, &expr, place)
    });
    value == Some(Value::Bool(true))
}
