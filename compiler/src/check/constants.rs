//! What must be known before there are tasks: conditions of includes, and the elements of loops around calls.

use super::expr::Typing;
use super::fold;
use super::inline::Inlining;
use super::names::Index;
use super::scope::{Given, Scope};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::expand::Scopes;
use crate::graph::Expr;
use crate::ir::{Located, Typed, ValueKind};
use crate::source::FileId;
use ipcmm_bytecode::Value;
use ipcmm_grammar::ast::Span;
use ipcmm_grammar::types::Type;

/// Types something while there are no tasks yet.
fn early<R>(
    scopes: &Scopes,
    scope: u32,
    file: FileId,
    diagnostics: &mut Diagnostics,
    type_it: impl FnOnce(&mut Typing<'_, '_>) -> R,
) -> R {
    let index = Index::new(&[], scopes, diagnostics);
    // There are no tasks, so nothing can ask for a result.
    let mut no_result = |_: u32, _: FileId, _: Span, _: &mut Diagnostics| None::<(u32, Type)>;
    let inlining = Inlining::before_tasks();
    type_it(&mut Typing {
        index: &index,
        module: scope,
        file,
        diagnostics,
        inlining,
        own_result: None,
        phases: false,
        read_result: &mut no_result,
    })
}

/// The value of an expression that is known at build; otherwise that is reported.
fn known(typing: &mut Typing<'_, '_>, expr: &Expr, place: &str) -> Option<Value> {
    if !typing.is_static(expr, place) {
        return None;
    }
    match fold::value(expr)? {
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
    scopes: &Scopes,
    scope: u32,
    file: FileId,
    value: &Typed,
    place: &'static str,
    diagnostics: &mut Diagnostics,
) -> Option<Value> {
    if let ValueKind::Constant(value) = &value.kind {
        return Some(value.clone());
    }
    early(scopes, scope, file, diagnostics, |typing| {
        let expr = typing.typed(value, &mut Scope::new(place, &Given::default()), place);
        known(typing, &expr, place)
    })
}

/// Whether a condition holds that is written in a scope and must be known at build.
pub(crate) fn holds(
    scopes: &Scopes,
    scope: u32,
    file: FileId,
    condition: &Located,
    place: &'static str,
    diagnostics: &mut Diagnostics,
) -> bool {
    let value = early(scopes, scope, file, diagnostics, |typing| {
        let expr = typing.condition(condition, &mut Scope::new(place, &Given::default()));
        known(typing, &expr, place)
    });
    value == Some(Value::Bool(true))
}
