//! The types of the language.

use std::fmt;

/// A type.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// Anything; only from data without a type.
    Any,
    /// `null`
    Null,
    /// `bool`
    Bool,
    /// `int`
    Int,
    /// `float`
    Float,
    /// `str`
    Str,
    /// `bytes`
    Bytes,
    /// `duration`
    Duration,
    /// `size`: a number of bytes.
    Size,
    /// `path`: an absolute path on the node.
    Path,
    /// `mode`: permissions in octal.
    Mode,
    /// `regex`
    Regex,
    /// `script`: the source of another language; nothing is interpolated.
    Script,
    /// `shell`: a shell command line; interpolated values are quoted.
    Shell,
    /// `asset`: a file of the project, read at build.
    Asset,
    /// `'a'`: exactly this text.
    Literal(String),
    /// `list<T>`
    List(Box<Type>),
    /// `map<T>`: text keys.
    Map(Box<Type>),
    /// `{a: T, b: U?}`
    Record(Vec<(String, Type)>),
    /// `T?` is `T | null`.
    Union(Vec<Type>),
    /// `expr<T>`: a bare expression, evaluated when and as often as the built-in wants.
    Expr(Box<Type>),
    /// A type that could not be found out; a problem was reported for it. It fits everywhere.
    Error,
}

impl Type {
    /// `T?`
    pub fn optional(self) -> Type {
        match self {
            Type::Union(mut members) => {
                if !members.contains(&Type::Null) {
                    members.push(Type::Null);
                }
                Type::Union(members)
            }
            Type::Null | Type::Any | Type::Error => self,
            other => Type::Union(vec![other, Type::Null]),
        }
    }

    /// Whether null is among its values.
    pub fn admits_null(&self) -> bool {
        match self {
            Type::Null | Type::Any | Type::Error => true,
            Type::Union(members) => members.iter().any(Type::admits_null),
            _ => false,
        }
    }

    /// The type without null.
    pub fn without_null(&self) -> Type {
        match self {
            Type::Union(members) => {
                let mut rest: Vec<Type> = members.iter().filter(|m| **m != Type::Null).cloned().collect();
                match rest.len() {
                    1 => rest.remove(0),
                    _ => Type::Union(rest),
                }
            }
            other => other.clone(),
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self {
            Type::Any => "any",
            Type::Null => "null",
            Type::Bool => "bool",
            Type::Int => "int",
            Type::Float => "float",
            Type::Str => "str",
            Type::Bytes => "bytes",
            Type::Duration => "duration",
            Type::Size => "size",
            Type::Path => "path",
            Type::Mode => "mode",
            Type::Regex => "regex",
            Type::Script => "script",
            Type::Shell => "shell",
            Type::Asset => "asset",
            Type::Error => "?",
            Type::Literal(text) => return write!(f, "'{text}'"),
            Type::List(item) => return write!(f, "list<{item}>"),
            Type::Map(item) => return write!(f, "map<{item}>"),
            Type::Expr(value) => return write!(f, "expr<{value}>"),
            Type::Record(fields) => {
                f.write_str("{")?;
                for (i, (name, ty)) in fields.iter().enumerate() {
                    write!(f, "{}{name}: {ty}", if i == 0 { "" } else { ", " })?;
                }
                return f.write_str("}");
            }
            Type::Union(members) => {
                if let [single, Type::Null] = members.as_slice() {
                    return write!(f, "{single}?");
                }
                for (i, member) in members.iter().enumerate() {
                    write!(f, "{}{member}", if i == 0 { "" } else { " | " })?;
                }
                return Ok(());
            }
        };
        f.write_str(word)
    }
}
