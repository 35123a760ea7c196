//! Types as they are written in sources.
//!
//! The syntax is that of [`Type`]'s `Display`: what it writes is read back as the same type. Unaware of values.

use crate::ast::Span;
use crate::problem::{Problem, ProblemKind};
use crate::types::Type;

/// Deepest type there is.
pub const MAX_TYPE_DEPTH: usize = 32;

/// Types that are one word.
const WORDS: &[(&str, Type)] = &[
    ("any", Type::Any),
    ("null", Type::Null),
    ("bool", Type::Bool),
    ("int", Type::Int),
    ("float", Type::Float),
    ("str", Type::Str),
    ("bytes", Type::Bytes),
    ("duration", Type::Duration),
    ("size", Type::Size),
    ("path", Type::Path),
    ("mode", Type::Mode),
    ("regex", Type::Regex),
    ("script", Type::Script),
    ("shell", Type::Shell),
    ("asset", Type::Asset),
    ("semver", Type::Semver),
    ("ip", Type::Ip),
    ("cidr", Type::Cidr),
    ("task", Type::Task),
    ("handle", Type::Handle),
    ("tasks", Type::Tasks),
];

/// What `node` stands for: a node of the inventory as a record.
const NODE: &str = "{name: str, address: ip?, role: str?, zone: str?, groups: list<str>}";

/// Reads a type, such as `list<int>`, `str?`, `'a' | 'b'` or `{host: str, port: int?}`.
pub fn parse_type(text: &str) -> Result<Type, Problem> {
    whole(text, false)
}

/// Reads a type of a signature of the library, where capital letters stand for types that a call decides and
/// parameters may be lambdas: `list<T>`, `(T) -> U`.
pub fn parse_generic(text: &str) -> Result<Type, Problem> {
    whole(text, true)
}

fn whole(text: &str, generic: bool) -> Result<Type, Problem> {
    let mut reader = Reader::new(text, generic)?;
    let ty = reader.union()?;
    match reader.peek() {
        None => Ok(ty),
        Some(_) => Err(reader.unexpected("`|` or the end")),
    }
}

pub(crate) struct Reader<'t> {
    text: &'t str,
    pub(crate) at: usize,
    depth: usize,
    generic: bool,
}

impl<'t> Reader<'t> {
    pub(crate) fn new(text: &'t str, generic: bool) -> Result<Reader<'t>, Problem> {
        if u32::try_from(text.len()).is_err() {
            return Err(Problem::new(ProblemKind::TooLarge, Span::default(), "this type is too long"));
        }
        Ok(Reader { text, at: 0, depth: 0, generic })
    }

    pub(crate) fn peek(&mut self) -> Option<char> {
        let rest = &self.text[self.at..];
        let trimmed = rest.trim_start();
        self.at += rest.len() - trimmed.len();
        trimmed.chars().next()
    }

    /// Takes `c` if it comes next.
    pub(crate) fn take(&mut self, c: char) -> bool {
        let next = self.peek() == Some(c);
        if next {
            self.at += c.len_utf8();
        }
        next
    }

    pub(crate) fn demand(&mut self, c: char, expected: &str) -> Result<(), Problem> {
        if self.take(c) { Ok(()) } else { Err(self.unexpected(expected)) }
    }

    pub(crate) fn unexpected(&mut self, expected: &str) -> Problem {
        let next = self.peek();
        let start = self.at as u32;
        let span = Span::new(start, start + next.map_or(0, char::len_utf8) as u32);
        let found = next.map_or("the end".to_owned(), |c| format!("`{c}`"));
        Problem::new(ProblemKind::Syntax, span, format!("expected {expected}, found {found}"))
    }

    /// A name, which may be empty, with its place.
    pub(crate) fn word(&mut self) -> (&'t str, Span) {
        self.peek();
        let rest = &self.text[self.at..];
        let length = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
        let span = Span::new(self.at as u32, (self.at + length) as u32);
        self.at += length;
        (&rest[..length], span)
    }

    /// `T | U`
    pub(crate) fn union(&mut self) -> Result<Type, Problem> {
        self.depth += 1;
        if self.depth > MAX_TYPE_DEPTH {
            let span = Span::new(self.at as u32, self.at as u32);
            let message = format!("this type is nested deeper than {MAX_TYPE_DEPTH} levels");
            return Err(Problem::new(ProblemKind::TooDeep, span, message));
        }
        let mut members = vec![self.optional()?];
        while self.take('|') {
            members.push(self.optional()?);
        }
        self.depth -= 1;
        Ok(Type::union(members))
    }

    /// `T?`
    fn optional(&mut self) -> Result<Type, Problem> {
        let mut ty = self.single()?;
        while self.take('?') {
            ty = ty.optional();
        }
        Ok(ty)
    }

    fn single(&mut self) -> Result<Type, Problem> {
        match self.peek() {
            Some('\'') => self.literal(),
            Some('{') => self.record(),
            Some('(') => self.brackets(),
            Some(c) if c.is_alphabetic() || c == '_' => self.named(),
            _ => Err(self.unexpected("a type")),
        }
    }

    /// `(T)`, which is `T`, or `(T, U) -> V`.
    fn brackets(&mut self) -> Result<Type, Problem> {
        self.at += 1;
        let mut members = vec![self.union()?];
        while self.generic && self.take(',') {
            members.push(self.union()?);
        }
        self.demand(')', "`)`")?;
        if self.generic && self.peek() == Some('-') && self.text[self.at..].starts_with("->") {
            self.at += 2;
            return Ok(Type::Function(members, Box::new(self.optional()?)));
        }
        match members.len() {
            1 => Ok(members.remove(0)),
            _ => Err(self.unexpected("`->`")),
        }
    }

    fn literal(&mut self) -> Result<Type, Problem> {
        let start = self.at + 1;
        match self.text[start..].find('\'') {
            Some(length) => {
                self.at = start + length + 1;
                Ok(Type::Literal(self.text[start..start + length].to_owned()))
            }
            None => {
                let span = Span::new(self.at as u32, self.text.len() as u32);
                Err(Problem::new(ProblemKind::UnclosedString, span, "this text is never closed: its ' is missing"))
            }
        }
    }

    fn record(&mut self) -> Result<Type, Problem> {
        self.at += 1;
        let mut fields: Vec<(String, Type)> = Vec::new();
        while !self.take('}') {
            let (name, span) = self.word();
            if name.is_empty() {
                return Err(self.unexpected("a name or `}`"));
            }
            if fields.iter().any(|(known, _)| known == name) {
                return Err(Problem::new(ProblemKind::Syntax, span, format!("the field `{name}` stands here twice")));
            }
            self.demand(':', "`:`")?;
            let ty = self.union()?;
            fields.push((name.to_owned(), ty));
            if !self.take(',') {
                self.demand('}', "`,` or `}`")?;
                break;
            }
        }
        Ok(Type::Record(fields))
    }

    /// A word, with its argument if it takes one.
    fn named(&mut self) -> Result<Type, Problem> {
        let (word, span) = self.word();
        let wrap: fn(Box<Type>) -> Type = match word {
            "list" => Type::List,
            "map" => Type::Map,
            "expr" => Type::Expr,
            "secret" => Type::Secret,
            "node" => return parse_type(NODE),
            _ => match word.chars().next() {
                Some(name) if self.generic && word.len() == 1 && name.is_ascii_uppercase() => {
                    return Ok(Type::Var(name));
                }
                _ => return plain(word, span),
            },
        };
        self.demand('<', "`<`")?;
        let argument = self.union()?;
        self.demand('>', "`>`")?;
        Ok(wrap(Box::new(argument)))
    }
}

fn plain(word: &str, span: Span) -> Result<Type, Problem> {
    if let Some((_, ty)) = WORDS.iter().find(|(name, _)| *name == word) {
        return Ok(ty.clone());
    }
    let help = match word.to_ascii_lowercase().as_str() {
        "string" | "text" => "write `str`",
        "boolean" => "write `bool`",
        "integer" | "number" | "i64" | "u16" => "write `int`",
        "double" | "f64" => "write `float`",
        "array" | "set" => "write `list<…>`",
        "dict" | "object" => "write `map<…>` or `{name: type}`",
        "none" | "nil" => "write `null`",
        "octal" => "write `mode`",
        "version" => "write `semver`",
        "address" | "ipaddr" | "inet" => "write `ip`",
        "network" | "subnet" => "write `cidr`",
        "password" => "write `secret<str>`",
        "file" => "write `path` for a file of the node, `asset` for one of the project",
        _ => {
            "types are any null bool int float str bytes duration size path mode regex semver ip cidr node task \
              list<…> map<…> secret<…> {name: type} and texts such as 'a'"
        }
    };
    Err(Problem::new(ProblemKind::Syntax, span, format!("there is no type `{word}`")).with_help(help))
}

#[cfg(test)]
mod tests;
