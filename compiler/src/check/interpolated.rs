//! What stands in a text: lists, maps and records have no text of their own, and say how they become one.
//!
//! Unaware of: how a text is put together.

use super::expr::Typing;
use crate::diag::{Code, Diagnostic, Manner};
use crate::graph::Expr;
use crate::ir::Located;
use ipcmm_grammar::types::Type;

impl Typing<'_, '_> {
    /// The value of an interpolation, refused if it can be a list, a map or a record.
    pub(super) fn without_structure(&mut self, located: &Located, expr: Expr) -> Expr {
        let Some(ty) = structure(&expr.ty) else { return expr };
        let message = format!("this is {ty}, which has no text of its own");
        let written = crate::dump::source(&located.expr);
        let help = match ty {
            Type::Record(fields) if !fields.is_empty() => {
                let (name, _) = &fields[0];
                format!("name a field, such as `.{name}`, or write how it becomes text: `json.encode(…)`, `str(…)`")
            }
            Type::List(_) => "write how it becomes text: `join(…, ', ')`, `json.encode(…)`, `str(…)`".into(),
            _ => "write how it becomes text: `json.encode(…)`, `str(…)`".into(),
        };
        let place = located.place(located.expr.span);
        let problem = Diagnostic::new(Code::StructureInText, self.file, place, message).help(help);
        // What a declared name stands for is told where the name is; only what is written here is replaced.
        let problem = match located.pieces.is_empty() {
            true => problem,
            false => problem.mend("write it as JSON", place, format!("json.encode({written})"), Manner::Source),
        };
        self.report(problem);
        Expr::error(place)
    }
}

/// What has no text among what a value can be.
fn structure(ty: &Type) -> Option<&Type> {
    match ty {
        Type::List(_) | Type::Map(_) | Type::Record(_) => Some(ty),
        Type::Secret(inner) => structure(inner),
        Type::Union(members) => members.iter().find_map(structure),
        _ => None,
    }
}
