//! Signatures of functions as they are written in sources: `url(host: str, port: int = 80) -> str`.
//!
//! Unaware of bodies, and of what defaults are: they are handed on as text with their places.

use crate::ast::{Ident, Span};
use crate::problem::{Problem, ProblemKind};
use crate::type_syntax::{Named, Reader};
use crate::types::Type;

/// A signature.
#[derive(Clone, Debug, PartialEq)]
pub struct Signature {
    /// The function.
    pub name: Ident,
    /// Its parameters.
    pub params: Vec<SignatureParam>,
    /// The type of what it gives.
    pub returns: Type,
}

/// A parameter of a signature.
#[derive(Clone, Debug, PartialEq)]
pub struct SignatureParam {
    /// Its name.
    pub name: Ident,
    /// Its type.
    pub ty: Type,
    /// Where the text of its default stands.
    pub default: Option<Span>,
}

/// How one looks, for messages.
pub const EXAMPLE: &str = "url(host: str, port: int = 80) -> str";

/// Reads a signature.
pub fn parse_signature(text: &str) -> Result<Signature, Problem> {
    parse_signature_with(text, &|_| None)
}

/// Reads a signature in which names stand for types.
pub fn parse_signature_with(text: &str, named: Named<'_>) -> Result<Signature, Problem> {
    let mut reader = Reader::new(text, false, named)?;
    let name = ident(&mut reader, "the name of a function")?;
    reader.demand('(', "`(` and parameters")?;
    let mut params: Vec<SignatureParam> = Vec::new();
    while !reader.take(')') {
        let name = ident(&mut reader, "a parameter or `)`")?;
        if params.iter().any(|known| known.name.name == name.name) {
            let message = format!("the parameter `{}` stands here twice", name.name);
            return Err(Problem::new(ProblemKind::Syntax, name.span, message));
        }
        reader.demand(':', "`:` and a type")?;
        let ty = reader.union()?;
        let default = if reader.take('=') { Some(default(text, &mut reader)?) } else { None };
        if let (None, Some(earlier)) = (&default, params.iter().find(|p| p.default.is_some())) {
            let message = format!("`{}` needs a default, because `{}` before it has one", name.name, earlier.name.name);
            return Err(Problem::new(ProblemKind::Syntax, name.span, message));
        }
        params.push(SignatureParam { name, ty, default });
        if !reader.take(',') {
            reader.demand(')', "`,` or `)`")?;
            break;
        }
    }
    reader.demand('-', "`->` and the type it returns")?;
    reader.demand('>', "`->` and the type it returns")?;
    let returns = reader.union()?;
    match reader.peek() {
        None => Ok(Signature { name, params, returns }),
        Some(_) => Err(reader.unexpected("the end")),
    }
}

fn ident(reader: &mut Reader<'_>, expected: &str) -> Result<Ident, Problem> {
    let (name, span) = reader.word();
    match is_name(name) {
        true => Ok(Ident { name: name.to_owned(), span }),
        false if name.is_empty() => Err(reader.unexpected(expected)),
        false => Err(Problem::new(ProblemKind::Syntax, span, format!("`{name}` is no name"))
            .with_help("a name begins with a letter, and letters, digits and `_` follow")),
    }
}

/// Whether a text can be the name of a function or parameter: expressions read it as one.
pub fn is_name(text: &str) -> bool {
    matches!(&crate::parse(text).expr.kind, crate::ast::ExprKind::Name(name) if name == text)
}

/// The text of a default: up to the comma or bracket that ends the parameter.
fn default(text: &str, reader: &mut Reader<'_>) -> Result<Span, Problem> {
    reader.peek();
    let start = reader.at;
    let mut depth = 0usize;
    let mut quote: Option<char> = None;
    let mut escaped = false;
    let mut end = text.len();
    for (at, c) in text[start..].char_indices() {
        match (quote, c) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ',') if depth == 0 => {
                end = start + at;
                break;
            }
            (None, ')' | ']' | '}') => depth = depth.saturating_sub(1),
            (None, _) => {}
        }
    }
    reader.at = end;
    let length = text[start..end].trim_end().len();
    match length {
        0 => Err(reader.unexpected("a default")),
        _ => Ok(Span::new(start as u32, (start + length) as u32)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_read() {
        let text = "url(host: str, port: int = 80, path: str? = f('a,)', [1, 2]) ) -> list<str>";
        let signature = parse_signature(text).expect("it is one");
        assert_eq!(signature.name.name, "url");
        let params: Vec<String> = signature
            .params
            .iter()
            .map(|p| {
                let default = p.default.map_or("", |span| &text[span.start as usize..span.end as usize]);
                format!("{}: {} = {default}", p.name.name, p.ty)
            })
            .collect();
        assert_eq!(params, ["host: str = ", "port: int = 80", "path: str? = f('a,)', [1, 2])"]);
        assert_eq!(signature.returns.to_string(), "list<str>");
        assert!(parse_signature("f() -> int").is_ok_and(|s| s.params.is_empty()));
        assert!(parse_signature(EXAMPLE).is_ok());
    }

    #[test]
    fn problems_have_places() {
        for (text, start, end, message) in [
            ("f", 1, 1, "expected `(` and parameters, found the end"),
            ("f(", 2, 2, "expected a parameter or `)`, found the end"),
            ("f(a)", 3, 4, "expected `:` and a type, found `)`"),
            ("f(a: int", 8, 8, "expected `,` or `)`, found the end"),
            ("f(a: integer) -> int", 5, 12, "there is no type `integer`"),
            ("f(a: int)", 9, 9, "expected `->` and the type it returns, found the end"),
            ("f(a: int) -> int x", 17, 18, "expected the end, found `x`"),
            ("f(a: int, a: int) -> int", 10, 11, "the parameter `a` stands here twice"),
            ("f(a: int = 1, b: int) -> int", 14, 15, "`b` needs a default, because `a` before it has one"),
            ("f(a: int = ) -> int", 11, 12, "expected a default, found `)`"),
            ("1f() -> int", 0, 2, "`1f` is no name"),
            ("f(in: int) -> int", 2, 4, "`in` is no name"),
        ] {
            let problem = parse_signature(text).expect_err(text);
            assert_eq!((problem.span, problem.message.as_str()), (Span::new(start, end), message), "{text}");
        }
    }
}
