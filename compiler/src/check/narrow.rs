//! What a condition says about null: behind `a.b != null and …`, in the branch of a `? :`, or in a task whose `when` says
//! it, `a.b` is something.
//!
//! Only names and plain fields are followed: their values cannot change between the test and the use.

use ipcmm_grammar::ast::{BinaryOp, Expr, ExprKind, UnaryOp};

/// The written path of a name and its fields, however they are reached.
pub(super) fn path(expr: &Expr) -> Option<String> {
    match &expr.kind {
        ExprKind::Name(name) => Some(name.clone()),
        ExprKind::Field { object, field, .. } => Some(format!("{}.{}", path(object)?, field.name)),
        _ => None,
    }
}

/// The name a path begins with.
pub(super) fn root(path: &str) -> &str {
    path.split('.').next().unwrap_or(path)
}

/// Paths that are not null if the condition is `outcome`.
pub(super) fn present(condition: &Expr, outcome: bool) -> Vec<String> {
    match &condition.kind {
        ExprKind::Unary(UnaryOp::Not, inner) => present(inner, !outcome),
        ExprKind::Binary(op @ (BinaryOp::Ne | BinaryOp::Eq), a, b) if (*op == BinaryOp::Ne) == outcome => {
            match (&a.kind, &b.kind) {
                (_, ExprKind::Null) => path(a).into_iter().collect(),
                (ExprKind::Null, _) => path(b).into_iter().collect(),
                _ => Vec::new(),
            }
        }
        ExprKind::Binary(op @ (BinaryOp::And | BinaryOp::Or), a, b) if (*op == BinaryOp::And) == outcome => {
            let mut both = present(a, outcome);
            both.extend(present(b, outcome));
            both
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_tell_what_is_there() {
        for (condition, outcome, expected) in [
            ("a.b != null", true, "a.b"),
            ("null != a?.b", true, "a.b"),
            ("a == null", true, ""),
            ("a == null", false, "a"),
            ("a != null and b != null", true, "a b"),
            ("a != null or b != null", true, ""),
            ("a == null or b == null", false, "a b"),
            ("not (a == null)", true, "a"),
            ("f(a) != null", true, ""),
        ] {
            let found = present(&ipcmm_grammar::parse(condition).expr, outcome);
            assert_eq!(found.join(" "), expected, "{condition} is {outcome}");
        }
    }
}
