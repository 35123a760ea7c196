//! Values outside of modules, such as those of test documents: read with the type their place wants, as in a module.
//!
//! Unaware of: what they are for.

use super::Lowering;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::doc::{Doc, NodeId};
use crate::ir::{Typed, ValueKind};
use ipcmm_bytecode::Value;
use ipcmm_grammar::types::Type;
use std::fmt::Display;

/// The value of a node where `wanted` is wanted; `place` is what the place is called in messages. Expressions are
/// refused, each where it stands. `None` if a problem was reported.
pub fn known(
    doc: &Doc,
    id: NodeId,
    wanted: &'static Type,
    place: &dyn Display,
    diagnostics: &mut Diagnostics,
) -> Option<Value> {
    let errors = diagnostics.errors();
    let value = Lowering::new(doc, diagnostics).value(id, wanted, place);
    let mut refused = Vec::new();
    let known = gather(value, &mut refused);
    for span in refused {
        let message = "this is an expression, and a value is wanted here";
        let problem = Diagnostic::new(Code::NotConstant, doc.file, span, message);
        diagnostics.push(problem.help("write the value; for a `${` that belongs to a text, write `$${`"));
    }
    known.filter(|_| diagnostics.errors() == errors)
}

/// The value if all of it is known; the places of expressions in it otherwise.
fn gather(value: Typed, refused: &mut Vec<ipcmm_grammar::ast::Span>) -> Option<Value> {
    match value.kind {
        ValueKind::Constant(value) => Some(value),
        ValueKind::List(items) => {
            let items: Vec<Option<Value>> = items.into_iter().map(|item| gather(item, refused)).collect();
            items.into_iter().collect::<Option<Vec<_>>>().map(Value::list)
        }
        ValueKind::Map(entries) => {
            let entries: Vec<(String, Option<Value>)> =
                entries.into_iter().map(|(key, value)| (key, gather(value, refused))).collect();
            entries.into_iter().map(|(key, value)| Some((key, value?))).collect::<Option<Vec<_>>>().map(Value::map)
        }
        ValueKind::Expr(_) | ValueKind::Template(..) => {
            refused.push(value.span);
            None
        }
        ValueKind::Asset(_) | ValueKind::Tasks(_) | ValueKind::Error => None,
    }
}
