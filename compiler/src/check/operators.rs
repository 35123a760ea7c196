//! What operators and functions give, by the types of what they are given.

use super::types::{common, is_int, is_number, is_open, is_text};
use crate::graph::Expr;
use ipcmm_bytecode::Function;
use ipcmm_grammar::ast::BinaryOp;
use ipcmm_grammar::types::Type;

/// Types of `item` and `key` when walking over a value of the type; `None` if it cannot be walked.
pub(crate) fn item_types(ty: &Type) -> Option<(Type, Type)> {
    let pair = |value: Type| Type::Record(vec![("key".into(), Type::Str), ("value".into(), value)]);
    Some(match ty {
        Type::List(item) => (item.as_ref().clone(), Type::Int),
        Type::Map(item) => (pair(item.as_ref().clone()), Type::Str),
        Type::Record(fields) => {
            let value = fields.iter().map(|(_, ty)| ty.clone()).reduce(|a, b| common(&a, &b)).unwrap_or(Type::Any);
            (pair(value), Type::Str)
        }
        Type::Secret(inner) => {
            let (item, key) = item_types(inner)?;
            (item.secret(), key)
        }
        Type::Any => (Type::Any, Type::Any),
        Type::Error => (Type::Error, Type::Error),
        _ => return None,
    })
}

/// A single text is a text once it is one of several values.
pub(super) fn widened(ty: &Type) -> Type {
    match ty {
        Type::Literal(_) => Type::Str,
        other => other.clone(),
    }
}

/// The type with no single texts in it, for what changes from one step to the next.
pub(super) fn loosened(ty: &Type) -> Type {
    match ty {
        Type::Literal(_) => Type::Str,
        Type::List(item) => Type::List(Box::new(loosened(item))),
        Type::Map(item) => Type::Map(Box::new(loosened(item))),
        Type::Record(fields) => Type::Record(fields.iter().map(|(name, ty)| (name.clone(), loosened(ty))).collect()),
        Type::Union(members) => Type::union(members.iter().map(loosened)),
        other => other.clone(),
    }
}

/// Whether `==` between two types can ever be true.
pub(super) fn comparable(a: &Type, b: &Type) -> bool {
    let (a, b) = (&a.revealed(), &b.revealed());
    let (plain_a, plain_b) = (widened(&a.without_null()), widened(&b.without_null()));
    a.admits_null() && b.admits_null()
        || *a == Type::Null
        || *b == Type::Null
        || a.fits(b)
        || b.fits(a)
        || plain_a.fits(&plain_b)
        || plain_b.fits(&plain_a)
        || is_text(&plain_a) && is_text(&plain_b)
        || is_number(&plain_a) && is_number(&plain_b)
}

/// The type of an operation on two values that are not null, if it works on them.
pub(super) fn operation(op: BinaryOp, a: &Type, b: &Type) -> Option<Type> {
    if is_open(a) || is_open(b) {
        return Some(match op {
            BinaryOp::Lt | BinaryOp::Le | BinaryOp::Gt | BinaryOp::Ge => Type::Bool,
            BinaryOp::In | BinaryOp::NotIn | BinaryOp::Matches => Type::Bool,
            _ => Type::Any,
        });
    }
    let numbers = is_number(a) && is_number(b);
    let whole = is_int(a) && is_int(b);
    let durations = *a == Type::Duration && *b == Type::Duration;
    let whole_type = if *a == Type::Size || *b == Type::Size { Type::Size } else { Type::Int };
    match op {
        BinaryOp::Add | BinaryOp::Sub => match () {
            () if whole => Some(whole_type),
            () if numbers => Some(Type::Float),
            () if durations => Some(Type::Duration),
            () if op == BinaryOp::Add && is_text(a) && is_text(b) => Some(Type::Str),
            () => match (a, b) {
                (Type::List(a), Type::List(b)) if op == BinaryOp::Add => Some(Type::List(Box::new(common(a, b)))),
                _ => None,
            },
        },
        BinaryOp::Mul => match () {
            () if whole => Some(whole_type),
            () if numbers => Some(Type::Float),
            () if *a == Type::Duration && is_int(b) || is_int(a) && *b == Type::Duration => Some(Type::Duration),
            () => None,
        },
        BinaryOp::Div => (numbers || durations).then_some(Type::Float),
        BinaryOp::FloorDiv => match () {
            () if whole => Some(whole_type),
            () if numbers => Some(Type::Float),
            () if durations => Some(Type::Int),
            () if *a == Type::Duration && is_int(b) => Some(Type::Duration),
            () => None,
        },
        BinaryOp::Rem => match () {
            () if whole => Some(whole_type),
            () if numbers => Some(Type::Float),
            () if durations => Some(Type::Duration),
            () => None,
        },
        BinaryOp::Lt | BinaryOp::Le | BinaryOp::Gt | BinaryOp::Ge => {
            let same =
                numbers || durations || is_text(a) && is_text(b) || matches!((a, b), (Type::List(_), Type::List(_)));
            same.then_some(Type::Bool)
        }
        BinaryOp::In | BinaryOp::NotIn => match b {
            Type::List(item) => comparable(a, item).then_some(Type::Bool),
            Type::Map(_) | Type::Record(_) => is_text(a).then_some(Type::Bool),
            Type::Cidr => a.fits(&Type::Ip).then_some(Type::Bool),
            text if is_text(text) => is_text(a).then_some(Type::Bool),
            _ => None,
        },
        BinaryOp::Matches => (is_text(a) && is_text(b)).then_some(Type::Bool),
        BinaryOp::Or | BinaryOp::And | BinaryOp::Coalesce | BinaryOp::Eq | BinaryOp::Ne => None,
    }
}

/// The type of a call where the arguments tell more than a signature can.
pub(super) fn result_type(function: Function, args: &[Expr], returns: Type) -> Type {
    match (function, args) {
        // Of two records with known fields the fields are known.
        (Function::Merge, [first, second]) => match (&first.ty, &second.ty) {
            (Type::Record(first), Type::Record(second)) => {
                let mut fields: Vec<(String, Type)> =
                    first.iter().filter(|(name, _)| second.iter().all(|(n, _)| n != name)).cloned().collect();
                fields.extend(second.iter().cloned());
                fields.sort_by(|a, b| a.0.cmp(&b.0));
                Type::Record(fields)
            }
            _ => returns,
        },
        _ => returns,
    }
}

/// The function that compares two types by what they mean, if their texts do not.
pub(super) fn comparison(a: &Type, b: &Type) -> Option<Function> {
    [(Type::Semver, Function::SemverCompare), (Type::Ip, Function::IpCompare)]
        .into_iter()
        .find(|(ty, _)| (a == ty || b == ty) && a.fits(ty) && b.fits(ty))
        .map(|(_, function)| function)
}
