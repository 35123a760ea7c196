//! Types as they are written in sources, and which type may stand where another is expected.
//!
//! The syntax is that of [`Type`]'s `Display`: what it writes is read back as the same type. Unaware of values.

use crate::ast::Span;
use crate::problem::{Problem, ProblemKind};
use crate::types::Type;

/// Deepest type there is.
const MAX_TYPE_DEPTH: usize = 32;

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
];

/// Types of the language that this version does not have.
const LATER: &[&str] = &["semver", "ip", "cidr", "node", "task", "secret"];

/// Reads a type, such as `list<int>`, `str?`, `'a' | 'b'` or `{host: str, port: int?}`.
pub fn parse_type(text: &str) -> Result<Type, Problem> {
    if u32::try_from(text.len()).is_err() {
        return Err(Problem::new(ProblemKind::TooLarge, Span::default(), "this type is too long"));
    }
    let mut reader = Reader { text, at: 0, depth: 0 };
    let ty = reader.union()?;
    match reader.peek() {
        None => Ok(ty),
        Some(_) => Err(reader.unexpected("`|` or the end")),
    }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
}

impl<'t> Reader<'t> {
    fn peek(&mut self) -> Option<char> {
        let rest = &self.text[self.at..];
        let trimmed = rest.trim_start();
        self.at += rest.len() - trimmed.len();
        trimmed.chars().next()
    }

    /// Takes `c` if it comes next.
    fn take(&mut self, c: char) -> bool {
        let next = self.peek() == Some(c);
        if next {
            self.at += c.len_utf8();
        }
        next
    }

    fn demand(&mut self, c: char, expected: &str) -> Result<(), Problem> {
        if self.take(c) { Ok(()) } else { Err(self.unexpected(expected)) }
    }

    fn unexpected(&mut self, expected: &str) -> Problem {
        let next = self.peek();
        let start = self.at as u32;
        let span = Span::new(start, start + next.map_or(0, char::len_utf8) as u32);
        let found = next.map_or("the end".to_owned(), |c| format!("`{c}`"));
        Problem::new(ProblemKind::Syntax, span, format!("expected {expected}, found {found}"))
    }

    /// A name, which may be empty, with its place.
    fn word(&mut self) -> (&'t str, Span) {
        self.peek();
        let rest = &self.text[self.at..];
        let length = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
        let span = Span::new(self.at as u32, (self.at + length) as u32);
        self.at += length;
        (&rest[..length], span)
    }

    /// `T | U`
    fn union(&mut self) -> Result<Type, Problem> {
        self.depth += 1;
        if self.depth > MAX_TYPE_DEPTH {
            let span = Span::new(self.at as u32, self.at as u32);
            let message = format!("this type is nested deeper than {MAX_TYPE_DEPTH} levels");
            return Err(Problem::new(ProblemKind::TooDeep, span, message));
        }
        let first = self.optional()?;
        let mut members: Vec<Type> = Vec::new();
        add(&mut members, first);
        while self.take('|') {
            let next = self.optional()?;
            add(&mut members, next);
        }
        self.depth -= 1;
        Ok(if members.len() == 1 { members.remove(0) } else { Type::Union(members) })
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
            Some('(') => {
                self.at += 1;
                let ty = self.union()?;
                self.demand(')', "`)`")?;
                Ok(ty)
            }
            Some(c) if c.is_alphabetic() || c == '_' => self.named(),
            _ => Err(self.unexpected("a type")),
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
            _ => return plain(word, span),
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
    if LATER.contains(&word) {
        let message = format!("the type `{word}` is reserved; this version does not have it");
        return Err(Problem::new(ProblemKind::Syntax, span, message));
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
        "file" => "write `path` for a file of the node, `asset` for one of the project",
        _ => {
            "types are any null bool int float str bytes duration size path mode regex script shell asset \
              list<…> map<…> expr<…> {name: type} and texts such as 'a'"
        }
    };
    Err(Problem::new(ProblemKind::Syntax, span, format!("there is no type `{word}`")).with_help(help))
}

/// Adds a member to a union: unions inside it are taken apart, a member counts once.
fn add(members: &mut Vec<Type>, member: Type) {
    match member {
        Type::Union(inner) => inner.into_iter().for_each(|m| add(members, m)),
        single if members.contains(&single) => {}
        single => members.push(single),
    }
}

impl Type {
    /// Whether a value of this type may stand where `expected` is.
    ///
    /// `any` fits everywhere and is looked at when it is there; so is dynamic text where a path, a mode or the like
    /// is expected, because the built-in checks it.
    pub fn fits(&self, expected: &Type) -> bool {
        use Type::*;
        match (self, expected) {
            (Error | Any, _) | (_, Error | Any) => true,
            (given, wanted) if given == wanted => true,
            (Union(members), wanted) => members.iter().all(|m| m.fits(wanted)),
            (given, Union(members)) => members.iter().any(|m| given.fits(m)),
            (Expr(given), Expr(wanted)) => given.fits(wanted),
            (given, Expr(wanted)) => given.fits(wanted),
            (Int, Float | Size) | (Size, Int) => true,
            (Literal(_) | Path | Regex | Shell | Script | Mode, Str) => true,
            (Literal(_) | Str, Path | Regex | Mode | Shell | Script | Asset) => true,
            (List(given), List(wanted)) | (Map(given), Map(wanted)) => given.fits(wanted),
            (Record(fields), Map(wanted)) => fields.iter().all(|(_, ty)| ty.fits(wanted)),
            (Record(given), Record(wanted)) => {
                let all_known = given
                    .iter()
                    .all(|(name, ty)| wanted.iter().any(|(known, expected)| known == name && ty.fits(expected)));
                let none_missing = wanted
                    .iter()
                    .all(|(name, ty)| ty.admits_null() || given.iter().any(|(present, _)| present == name));
                all_known && none_missing
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_display_writes() {
        let same = [
            "any",
            "null",
            "bool",
            "int",
            "float",
            "str",
            "bytes",
            "duration",
            "size",
            "path",
            "mode",
            "regex",
            "script",
            "shell",
            "asset",
            "int?",
            "list<int?>",
            "map<list<str>>",
            "expr<bool>?",
            "'a' | 'b'",
            "'a' | 'b' | null",
            "{}",
            "{a: int, b: str?}",
            "int | str",
            "list<'a' | 'b'>?",
            "''",
            "null | int | str",
            "{in: {match: any}}",
            "list<{a: int}>",
        ];
        for text in same {
            let ty = parse_type(text).unwrap_or_else(|p| panic!("{text}: {}", p.message));
            assert_eq!(ty.to_string(), text);
        }
        let normalised = [
            (" list < int > ", "list<int>"),
            ("int | null", "int?"),
            ("int??", "int?"),
            ("'a' | 'b'?", "'a' | 'b' | null"),
            ("(int | str)?", "int | str | null"),
            ("int | int", "int"),
            ("any?", "any"),
            ("{a: int,}", "{a: int}"),
        ];
        for (text, written) in normalised {
            assert_eq!(parse_type(text).map(|t| t.to_string()).as_deref(), Ok(written), "{text}");
        }
    }

    #[test]
    fn problems_have_places() {
        let table: &[(&str, u32, u32, &str)] = &[
            ("", 0, 0, "expected a type, found the end"),
            ("list", 4, 4, "expected `<`, found the end"),
            ("list<int", 8, 8, "expected `>`, found the end"),
            ("list<int> x", 10, 11, "expected `|` or the end, found `x`"),
            ("strng", 0, 5, "there is no type `strng`"),
            ("list<ip>", 5, 7, "the type `ip` is reserved; this version does not have it"),
            ("'a", 0, 2, "this text is never closed: its ' is missing"),
            ("{a int}", 3, 4, "expected `:`, found `i`"),
            ("{a: int, a: str}", 9, 10, "the field `a` stands here twice"),
            ("?", 0, 1, "expected a type, found `?`"),
            ("int |", 5, 5, "expected a type, found the end"),
        ];
        for (text, start, end, message) in table {
            let problem = parse_type(text).expect_err(text);
            assert_eq!((problem.span, problem.message.as_str()), (Span::new(*start, *end), *message), "{text}");
        }
        let deep = "list<".repeat(10_000);
        assert_eq!(parse_type(&deep).map_err(|p| p.kind), Err(ProblemKind::TooDeep));
        assert_eq!(parse_type(&"(".repeat(10_000)).map_err(|p| p.kind), Err(ProblemKind::TooDeep));
    }

    #[test]
    fn fitting() {
        let table: &[(&str, &str, bool)] = &[
            ("any", "int", true),
            ("int", "any", true),
            ("list<any>", "list<int>", true),
            ("null", "int?", true),
            ("null", "int", false),
            ("int?", "int", false),
            ("int", "int?", true),
            ("'a'", "'a' | 'b'", true),
            ("'a' | 'b'", "str", true),
            ("'a' | 'b' | null", "'a' | 'b'", false),
            ("str", "'a'", false),
            ("int", "float", true),
            ("float", "int", false),
            ("int", "size", true),
            ("size", "int", true),
            ("duration", "int", false),
            ("int", "duration", false),
            ("path", "str", true),
            ("asset", "str", false),
            ("str", "path", true),
            ("str", "asset", true),
            ("path", "regex", false),
            ("'0644'", "mode", true),
            ("int", "mode", false),
            ("int", "str", false),
            ("str", "bytes", false),
            ("list<int>", "list<float>", true),
            ("list<str>", "list<int>", false),
            ("list<str>", "str", false),
            ("map<int>", "map<float>", true),
            ("{a: int, b: float}", "map<float>", true),
            ("{a: int, b: str}", "map<int>", false),
            ("map<int>", "{a: int}", false),
            ("{a: int}", "{a: int, b: str?}", true),
            ("{a: int, b: null}", "{a: int, b: str?}", true),
            ("{b: str}", "{a: int, b: str?}", false),
            ("{a: int, c: int}", "{a: int}", false),
            ("{a: int, c: null}", "{a: int}", false),
            ("bool", "expr<bool>", true),
            ("expr<bool>", "expr<bool>?", true),
            ("str", "expr<bool>", false),
        ];
        for (given, expected, fits) in table {
            let read = |text: &str| parse_type(text).unwrap_or_else(|p| panic!("{text}: {}", p.message));
            assert_eq!(read(given).fits(&read(expected)), *fits, "{given} in place of {expected}");
        }
        assert!(Type::Error.fits(&Type::Int) && Type::Int.fits(&Type::Error));
    }
}
