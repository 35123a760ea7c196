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

/// What a name stands for that is no type of the language.
pub type Named<'n> = &'n dyn Fn(&str) -> Option<Type>;

/// Most parts of a type, with those that names in it stand for: names of names of names grow fast.
pub const MAX_TYPE_PARTS: usize = 4096;

/// Whether a word is a type of the language, or takes one in angle brackets.
pub fn is_word(word: &str) -> bool {
    matches!(word, "list" | "map" | "expr" | "secret" | "node") || WORDS.iter().any(|(known, _)| *known == word)
}

/// Reads a type in which names stand for others.
pub fn parse_type_with(text: &str, named: Named<'_>) -> Result<Type, Problem> {
    whole(text, false, named)
}

/// Reads a type, such as `list<int>`, `str?`, `'a' | 'b'` or `{host: str, port: int?}`.
pub fn parse_type(text: &str) -> Result<Type, Problem> {
    whole(text, false, &|_| None)
}

/// Reads a type of a signature of the library, where capital letters stand for types that a call decides and
/// parameters may be lambdas: `list<T>`, `(T) -> U`.
pub fn parse_generic(text: &str) -> Result<Type, Problem> {
    whole(text, true, &|_| None)
}

fn whole(text: &str, generic: bool, named: Named<'_>) -> Result<Type, Problem> {
    let mut reader = Reader::new(text, generic, named)?;
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
    named: Named<'t>,
    /// Parts of types that names stood for.
    parts: usize,
}

impl<'t> Reader<'t> {
    pub(crate) fn new(text: &'t str, generic: bool, named: Named<'t>) -> Result<Reader<'t>, Problem> {
        if u32::try_from(text.len()).is_err() {
            return Err(Problem::new(ProblemKind::TooLarge, Span::default(), "this type is too long"));
        }
        Ok(Reader { text, at: 0, depth: 0, generic, named, parts: 0 })
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
                _ => return self.plain(word, span),
            },
        };
        self.demand('<', "`<`")?;
        let argument = self.union()?;
        self.demand('>', "`>`")?;
        Ok(wrap(Box::new(argument)))
    }
}

impl<'t> Reader<'t> {
    /// A type of one word, or one that has a name: `vhost`, `tools.vhost`.
    fn plain(&mut self, word: &'t str, span: Span) -> Result<Type, Problem> {
        if let Some((_, ty)) = WORDS.iter().find(|(name, _)| *name == word) {
            return Ok(ty.clone());
        }
        let (mut name, mut place) = (word, span);
        let rest = self.text[self.at..].strip_prefix('.');
        if rest.and_then(|rest| rest.chars().next()).is_some_and(|c| c.is_alphabetic() || c == '_') {
            self.at += 1;
            let (_, end) = self.word();
            name = &self.text[span.start as usize..end.end as usize];
            place = Span::new(span.start, end.end);
        }
        let Some(ty) = (self.named)(name) else { return Err(unknown(name, place)) };
        let (parts, depth) = measure(&ty);
        self.parts += parts;
        if self.parts > MAX_TYPE_PARTS || self.depth + depth > MAX_TYPE_DEPTH {
            let message = format!(
                "with what `{name}` stands for, this type has more than {MAX_TYPE_PARTS} parts or is nested deeper than \
                 {MAX_TYPE_DEPTH} levels"
            );
            return Err(Problem::new(ProblemKind::TooLarge, place, message));
        }
        Ok(ty)
    }
}

/// How many parts a type has, and how deep it is nested.
fn measure(ty: &Type) -> (usize, usize) {
    let of = |parts: &mut dyn Iterator<Item = &Type>| {
        parts.map(measure).fold((1, 1), |(sum, most), (parts, depth)| (sum + parts, most.max(depth + 1)))
    };
    match ty {
        Type::List(inner) | Type::Map(inner) | Type::Expr(inner) | Type::Secret(inner) => {
            of(&mut std::iter::once(inner.as_ref()))
        }
        Type::Record(fields) => of(&mut fields.iter().map(|(_, ty)| ty)),
        Type::Union(members) => of(&mut members.iter()),
        Type::Function(params, result) => of(&mut params.iter().chain(std::iter::once(result.as_ref()))),
        _ => (1, 1),
    }
}

fn unknown(word: &str, span: Span) -> Problem {
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
    Problem::new(ProblemKind::Syntax, span, format!("there is no type `{word}`")).with_help(help)
}

#[cfg(test)]
mod tests;
