//! What a condition says about the values of names and fields: behind `a.b != null and …`, in the branch of a `? :`, in
//! an arm of a `match`, or in a task whose `when` says it.
//!
//! Only names and plain fields are followed: their values cannot change between the test and the use.

use ipcmm_grammar::ast::{BinaryOp, Expr, ExprKind, UnaryOp};
use ipcmm_grammar::types::Type;

/// Something that is known of the value at a path.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Known {
    /// A name and its fields, such as `a.b`, however they are reached.
    pub path: String,
    /// What is known.
    pub what: What,
}

/// What can be known of a value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum What {
    /// It is not null.
    Present,
    /// It is this text.
    Is(String),
    /// It is not this text.
    Not(String),
}

/// The written path of a name and its fields, however they are reached.
pub(super) fn path(expr: &Expr) -> Option<String> {
    match &expr.kind {
        ExprKind::Name(name) => Some(name.clone()),
        ExprKind::Field { object, field, .. } => Some(format!("{}.{}", path(object)?, field.name)),
        _ => None,
    }
}

/// The name a path begins with.
pub(super) fn root(known: &Known) -> &str {
    known.path.split('.').next().unwrap_or(&known.path)
}

/// What is known if the condition is `outcome`.
pub(super) fn present(condition: &Expr, outcome: bool) -> Vec<Known> {
    let mut known = Vec::new();
    learn(condition, outcome, &mut known);
    known
}

fn learn(condition: &Expr, outcome: bool, known: &mut Vec<Known>) {
    match &condition.kind {
        ExprKind::Unary(UnaryOp::Not, inner) => learn(inner, !outcome, known),
        ExprKind::Binary(op @ (BinaryOp::Ne | BinaryOp::Eq), a, b) => {
            let equal = (*op == BinaryOp::Eq) == outcome;
            known.extend(compared(a, b, equal));
            known.extend(compared(b, a, equal));
        }
        ExprKind::Binary(op @ (BinaryOp::And | BinaryOp::Or), a, b) if (*op == BinaryOp::And) == outcome => {
            learn(a, outcome, known);
            learn(b, outcome, known);
        }
        _ => {}
    }
}

/// What is known of `subject` if it equals `pattern`, or does not.
pub(super) fn compared(subject: &Expr, pattern: &Expr, equal: bool) -> Vec<Known> {
    let what = match (&pattern.kind, equal) {
        (ExprKind::Null, false) => What::Present,
        (ExprKind::Str(text), true) => What::Is(text.clone()),
        (ExprKind::Str(text), false) => What::Not(text.clone()),
        (ExprKind::Bool(_) | ExprKind::Int(_) | ExprKind::Float(_), true) => What::Present,
        (ExprKind::Duration(_) | ExprKind::Size(_), true) => What::Present,
        _ => return Vec::new(),
    };
    let Some(path) = path(subject) else { return Vec::new() };
    let mut known = Vec::new();
    if !matches!(what, What::Not(_)) {
        reached(subject, &mut known);
    }
    known.push(Known { path, what });
    known
}

/// Where `a?.b` is something, `a` is too.
fn reached(expr: &Expr, known: &mut Vec<Known>) {
    if let ExprKind::Field { object, optional, .. } = &expr.kind {
        if *optional && let Some(path) = path(object) {
            known.push(Known { path, what: What::Present });
        }
        reached(object, known);
    }
}

/// A type with what is known of its value.
pub(super) fn narrowed(ty: &Type, what: &What) -> Type {
    match what {
        What::Present => ty.without_null(),
        What::Is(text) => match ty {
            Type::Union(members) => {
                let exact = members.iter().find(|m| matches!(m, Type::Literal(own) if own == text));
                exact.cloned().unwrap_or_else(|| ty.without_null())
            }
            other => other.clone(),
        },
        What::Not(text) => match ty {
            Type::Union(members) => {
                let rest: Vec<Type> =
                    members.iter().filter(|m| !matches!(m, Type::Literal(own) if own == text)).cloned().collect();
                // Nothing left means that the place is never reached; then nothing can be wrong there.
                if rest.is_empty() { Type::Error } else { Type::union(rest) }
            }
            other => other.clone(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_tell_what_is_there() {
        for (condition, outcome, expected) in [
            ("a.b != null", true, "a.b"),
            ("null != a?.b", true, "a a.b"),
            ("a == null", true, ""),
            ("a == null", false, "a"),
            ("a != null and b != null", true, "a b"),
            ("a != null or b != null", true, ""),
            ("a == null or b == null", false, "a b"),
            ("not (a == null)", true, "a"),
            ("f(a) != null", true, ""),
            ("a == 'x'", true, "a='x'"),
            ("'x' != a.b", true, "a.b!'x'"),
            ("a?.b == 'x'", true, "a a.b='x'"),
            ("a?.b == 'x'", false, "a.b!'x'"),
            ("a == 1", true, "a"),
            ("a == 1", false, ""),
        ] {
            let show = |known: &Known| match &known.what {
                What::Present => known.path.clone(),
                What::Is(text) => format!("{}='{text}'", known.path),
                What::Not(text) => format!("{}!'{text}'", known.path),
            };
            let found: Vec<String> = present(&ipcmm_grammar::parse(condition).expr, outcome).iter().map(show).collect();
            assert_eq!(found.join(" "), expected, "{condition} is {outcome}");
        }
    }

    #[test]
    fn types_get_narrower() {
        let is = || What::Is("a".into());
        let not = || What::Not("a".into());
        for (ty, what, expected) in [
            ("str?", What::Present, "str"),
            ("'a' | 'b' | null", is(), "'a'"),
            ("'a' | 'b' | null", not(), "'b'?"),
            ("'a' | 'b'", not(), "'b'"),
            ("str?", is(), "str"),
            ("str", not(), "str"),
            ("int | str", is(), "int | str"),
        ] {
            let ty = ipcmm_grammar::parse_type(ty).expect("it is a type");
            assert_eq!(narrowed(&ty, &what).to_string(), expected, "{ty} {what:?}");
        }
    }
}
