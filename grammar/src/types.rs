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
    /// `semver`: a version such as `1.2.3-rc.1`; compared by precedence.
    Semver,
    /// `ip`: an address; compared by number.
    Ip,
    /// `cidr`: a network such as `10.0.0.0/8`.
    Cidr,
    /// `task`: the identity of a task.
    Task,
    /// `handle`: what was put into the background; only a run makes one.
    Handle,
    /// `tasks`: names of labels, and steps; an argument that says what runs on demand.
    Tasks,
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
    /// `secret<T>`: a value that is never written down or shown.
    Secret(Box<Type>),
    /// `(T) -> U`: a lambda, as an argument of a function of the library.
    Function(Vec<Type>, Box<Type>),
    /// `T`: a type that a call decides; only in signatures of the library.
    Var(char),
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

/// Secrecy.
impl Type {
    /// Whether a value of this type is a secret or holds one.
    pub fn has_secret(&self) -> bool {
        match self {
            Type::Secret(_) => true,
            Type::List(item) | Type::Map(item) | Type::Expr(item) => item.has_secret(),
            Type::Record(fields) => fields.iter().any(|(_, ty)| ty.has_secret()),
            Type::Union(members) => members.iter().any(Type::has_secret),
            _ => false,
        }
    }

    /// The type with nothing in it marked as secret.
    pub fn revealed(&self) -> Type {
        match self {
            Type::Secret(inner) => inner.revealed(),
            Type::List(item) => Type::List(Box::new(item.revealed())),
            Type::Map(item) => Type::Map(Box::new(item.revealed())),
            Type::Expr(item) => Type::Expr(Box::new(item.revealed())),
            Type::Record(fields) => {
                Type::Record(fields.iter().map(|(name, ty)| (name.clone(), ty.revealed())).collect())
            }
            Type::Union(members) => Type::union(members.iter().map(Type::revealed)),
            other => other.clone(),
        }
    }

    /// The type of a value that was computed from a secret. Null and what is unknown stay visible.
    pub fn secret(self) -> Type {
        match self {
            secret @ (Type::Secret(_) | Type::Null | Type::Error) => secret,
            Type::Union(members) if members.contains(&Type::Null) => {
                Type::Union(members).without_null().secret().optional()
            }
            plain => Type::Secret(Box::new(plain.revealed())),
        }
    }
}

impl Type {
    /// One of several types: unions among them are taken apart, each member counts once, and one alone is itself.
    pub fn union(members: impl IntoIterator<Item = Type>) -> Type {
        fn add(all: &mut Vec<Type>, member: Type) {
            match member {
                Type::Union(inner) => inner.into_iter().for_each(|m| add(all, m)),
                single if all.contains(&single) => {}
                single => all.push(single),
            }
        }
        let mut all = Vec::new();
        members.into_iter().for_each(|member| add(&mut all, member));
        match all.len() {
            1 => all.remove(0),
            _ => Type::Union(all),
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
            Type::Semver => "semver",
            Type::Ip => "ip",
            Type::Cidr => "cidr",
            Type::Task => "task",
            Type::Handle => "handle",
            Type::Tasks => "tasks",
            Type::Error => "?",
            Type::Literal(text) => return write!(f, "'{text}'"),
            Type::List(item) => return write!(f, "list<{item}>"),
            Type::Map(item) => return write!(f, "map<{item}>"),
            Type::Expr(value) => return write!(f, "expr<{value}>"),
            Type::Secret(value) => return write!(f, "secret<{value}>"),
            Type::Var(name) => return write!(f, "{name}"),
            Type::Function(params, returns) => {
                f.write_str("(")?;
                for (i, param) in params.iter().enumerate() {
                    write!(f, "{}{param}", if i == 0 { "" } else { ", " })?;
                }
                return write!(f, ") -> {returns}");
            }
            Type::Record(fields) => {
                f.write_str("{")?;
                for (i, (name, ty)) in fields.iter().enumerate() {
                    write!(f, "{}{name}: {ty}", if i == 0 { "" } else { ", " })?;
                }
                return f.write_str("}");
            }
            Type::Union(members) => {
                if let [single, Type::Null] = members.as_slice()
                    && !matches!(single, Type::Function(..))
                {
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
