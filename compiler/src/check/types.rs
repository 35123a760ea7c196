//! Types of values, and the type that several values have in common.

use ipcmm_bytecode::Value;
use ipcmm_grammar::types::Type;

/// The type of a value.
pub fn type_of(value: &Value) -> Type {
    match value {
        Value::Null => Type::Null,
        Value::Unknown => Type::Any,
        Value::Bool(_) => Type::Bool,
        Value::Int(_) => Type::Int,
        Value::Float(_) => Type::Float,
        Value::Str(_) => Type::Str,
        Value::Bytes(_) => Type::Bytes,
        Value::Duration(_) => Type::Duration,
        Value::Range(..) => Type::List(Box::new(Type::Int)),
        Value::List(items) => {
            // Long lists of records are common (generated data): a sample would lie, so all are looked at.
            let item = items.iter().map(type_of).reduce(|a, b| common(&a, &b));
            Type::List(Box::new(item.unwrap_or(Type::Any)))
        }
        Value::Map(entries) => Type::Record(entries.iter().map(|(k, v)| (k.to_string(), type_of(v))).collect()),
    }
}

/// The narrowest type that both fit. Records keep all fields; one that only one of them has may be null.
pub fn common(a: &Type, b: &Type) -> Type {
    match (a, b) {
        (a, b) if a == b => a.clone(),
        (Type::Error, other) | (other, Type::Error) => other.clone(),
        (Type::Any, _) | (_, Type::Any) => Type::Any,
        (Type::Null, other) | (other, Type::Null) => other.clone().optional(),
        (Type::Secret(a), b) | (b, Type::Secret(a)) => common(a, &b.revealed()).secret(),
        (Type::List(a), Type::List(b)) => Type::List(Box::new(common(a, b))),
        (Type::Map(a), Type::Map(b)) => Type::Map(Box::new(common(a, b))),
        (Type::Record(a), Type::Record(b)) => {
            let mut fields: Vec<(String, Type)> = a
                .iter()
                .map(|(name, ty)| match b.iter().find(|(other, _)| other == name) {
                    Some((_, other)) => (name.clone(), common(ty, other)),
                    None => (name.clone(), ty.clone().optional()),
                })
                .collect();
            for (name, ty) in b {
                if !fields.iter().any(|(have, _)| have == name) {
                    fields.push((name.clone(), ty.clone().optional()));
                }
            }
            fields.sort_by(|a, b| a.0.cmp(&b.0));
            Type::Record(fields)
        }
        (a, b) if a.admits_null() || b.admits_null() => common(&a.without_null(), &b.without_null()).optional(),
        (a, b) if a.fits(b) => b.clone(),
        (a, b) if b.fits(a) => a.clone(),
        (a, b) if is_text(a) && is_text(b) => match choices(a).zip(choices(b)) {
            // A few choices stay choices, so that one can be computed where one is wanted.
            Some((a, b)) if a.len() + b.len() <= 16 => {
                let mut all = a;
                b.into_iter().for_each(|choice| {
                    if !all.contains(&choice) {
                        all.push(choice);
                    }
                });
                Type::Union(all)
            }
            _ => Type::Str,
        },
        (a, b) => Type::Union(vec![a.clone(), b.clone()]),
    }
}

/// The single texts a type consists of, if it consists of such.
fn choices(ty: &Type) -> Option<Vec<Type>> {
    match ty {
        Type::Literal(_) => Some(vec![ty.clone()]),
        Type::Union(members) if members.iter().all(|m| matches!(m, Type::Literal(_))) => Some(members.clone()),
        _ => None,
    }
}

/// Whether values of the type are texts.
pub fn is_text(ty: &Type) -> bool {
    match ty {
        Type::Str
        | Type::Path
        | Type::Mode
        | Type::Regex
        | Type::Script
        | Type::Shell
        | Type::Asset
        | Type::Semver
        | Type::Ip
        | Type::Cidr
        | Type::Task
        | Type::Literal(_) => true,
        Type::Union(members) => members.iter().all(is_text),
        _ => false,
    }
}

/// Whether values of the type are whole numbers.
pub fn is_int(ty: &Type) -> bool {
    matches!(ty, Type::Int | Type::Size)
}

/// Whether values of the type are numbers.
pub fn is_number(ty: &Type) -> bool {
    is_int(ty) || *ty == Type::Float
}

/// Whether nothing is known of the type, so that nothing can be said against it.
pub fn is_open(ty: &Type) -> bool {
    matches!(ty, Type::Any | Type::Error)
}

/// The shape of a type, as the machine checks it (see `shapes` of the machine).
pub fn shape(ty: &Type) -> Value {
    match ty {
        Type::Any | Type::Error | Type::Expr(_) | Type::Function(..) | Type::Var(_) => Value::str("any"),
        Type::Null => Value::str("null"),
        Type::Bool => Value::str("bool"),
        Type::Int | Type::Size => Value::str("int"),
        Type::Float => Value::str("float"),
        Type::Bytes => Value::str("bytes"),
        Type::Duration => Value::str("duration"),
        Type::Literal(text) => Value::str(format!("={text}")),
        Type::List(item) => Value::map([("list", shape(item))]),
        Type::Map(item) => Value::map([("map", shape(item))]),
        Type::Record(fields) => {
            let fields = Value::map(fields.iter().map(|(name, ty)| (name.as_str(), shape(ty))));
            Value::map([("record", fields)])
        }
        Type::Union(members) => Value::list(members.iter().map(shape).collect()),
        Type::Secret(inner) => shape(inner),
        text => {
            debug_assert!(is_text(text));
            Value::str("str")
        }
    }
}

/// Whether a value of the type `given` has to be looked at before it counts as one of `wanted`.
pub fn needs_look(given: &Type, wanted: &Type) -> bool {
    match (given, wanted) {
        (_, Type::Any | Type::Error) | (Type::Error, _) => false,
        (Type::Any, _) => true,
        (Type::Secret(given), wanted) => needs_look(given, wanted),
        (given, Type::Secret(wanted)) => needs_look(given, wanted),
        (Type::Union(members), wanted) => members.iter().any(|m| needs_look(m, wanted)),
        (given, Type::Union(members)) => members.iter().all(|m| !given.fits(m) || needs_look(given, m)),
        (Type::List(given), Type::List(wanted)) | (Type::Map(given), Type::Map(wanted)) => needs_look(given, wanted),
        (Type::Record(given), Type::Map(wanted)) => given.iter().any(|(_, ty)| needs_look(ty, wanted)),
        (Type::Record(given), Type::Record(wanted)) => given
            .iter()
            .any(|(name, ty)| wanted.iter().any(|(known, expected)| known == name && needs_look(ty, expected))),
        _ => false,
    }
}
