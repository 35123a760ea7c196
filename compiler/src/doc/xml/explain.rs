//! What is wrong with a text that is no well-formed XML, in words for the person who wrote it: a sentence, an exact
//! place, a way out.
//!
//! Unaware of: how the text is read on.

use super::scan::Unclosed;
use super::text::{ENTITIES, Flaw, FlawKind};
use crate::diag::suggest::nearest;
use crate::diag::{Code, Diagnostic};
use crate::doc::Span;
use crate::doc::builder::quoted;
use crate::source::FileId;

/// Entities of HTML that people write in other XML, and their characters.
const HTML: &[(&str, u32)] = &[
    ("nbsp", 0xA0),
    ("copy", 0xA9),
    ("reg", 0xAE),
    ("auml", 0xE4),
    ("ouml", 0xF6),
    ("uuml", 0xFC),
    ("Auml", 0xC4),
    ("Ouml", 0xD6),
    ("Uuml", 0xDC),
    ("szlig", 0xDF),
    ("eacute", 0xE9),
    ("ndash", 0x2013),
    ("mdash", 0x2014),
    ("hellip", 0x2026),
    ("euro", 0x20AC),
];

/// A problem of spelling.
pub(super) fn say(file: FileId, span: Span, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(Code::Syntax, file, span, message)
}

pub(super) fn character(file: FileId, c: char, span: Span) -> Diagnostic {
    say(file, span, format!("the character U+{:04X} cannot stand in XML", u32::from(c)))
        .help("XML has no way to write it, not by a reference either; a YAML or JSON file has")
}

/// A flaw of raw text that begins at `start`.
pub(super) fn flaw(file: FileId, flaw: Flaw, raw: &str, start: u32) -> Diagnostic {
    let span = Span::new(start + flaw.start as u32, start + flaw.end as u32);
    let written = raw.get(flaw.start..flaw.end).unwrap_or("");
    match flaw.kind {
        FlawKind::Ampersand => {
            let sign = Span::new(span.start, span.start + 1);
            say(file, sign, "`&` begins a reference, and none follows")
                .help("write `&amp;` for the sign itself")
                .fix("write `&amp;`", "&amp;")
        }
        FlawKind::Semicolon => {
            let name = written.get(1..).unwrap_or("");
            let problem = say(file, span, format!("the reference {} does not end in `;`", quoted(written)));
            if ENTITIES.iter().any(|(known, _)| *known == name) || name.starts_with('#') {
                problem.help("write `&amp;` for the sign itself").fix("write `;`", format!("{written};"))
            } else {
                problem.help("write `&amp;` for the sign `&` itself").fix("write `&amp;`", format!("&amp;{name}"))
            }
        }
        FlawKind::Entity => {
            let name = written.get(1..written.len().saturating_sub(1)).unwrap_or("");
            let problem = say(file, span, format!("there is no entity {}", quoted(written)));
            if let Some((_, c)) = HTML.iter().find(|(known, _)| *known == name) {
                let reference = format!("&#{c};");
                return problem
                    .help(format!("it belongs to HTML; write `{reference}`, or the character itself"))
                    .fix(format!("write `{reference}`"), reference);
            }
            match nearest(name, ENTITIES.iter().map(|(known, _)| *known)) {
                Some(near) => problem
                    .help(format!("did you mean `&{near};`?"))
                    .fix(format!("write `&{near};`"), format!("&{near};")),
                None => {
                    problem.help("there are `&lt;`, `&gt;`, `&amp;`, `&quot;`, `&apos;`, and numbers such as `&#233;`")
                }
            }
        }
        FlawKind::Number => say(file, span, format!("{} is no character of XML", quoted(written))).help(
            "control characters but tab and ends of lines cannot be written in XML; a YAML or JSON file has them",
        ),
        FlawKind::Brackets => say(file, span, "`]]>` cannot stand in a text")
            .help("it ends a CDATA section; elsewhere write `]]&gt;`")
            .fix("write `]]&gt;`", "]]&gt;"),
    }
}

pub(super) fn doctype(file: FileId, span: Span) -> Diagnostic {
    Diagnostic::new(Code::Doctype, file, span, "a document type is not read")
        .help("remove the declaration: external entities and DTDs are never read; the entities are the five of XML")
}

pub(super) fn outside(file: FileId, span: Span, behind: bool) -> Diagnostic {
    let side = if behind { "behind" } else { "before" };
    say(file, span, format!("text stands {side} the root element")).help("text stands inside of elements")
}

pub(super) fn bang(file: FileId, span: Span) -> Diagnostic {
    say(file, span, "`<!` begins a comment `<!--` or a section `<![CDATA[`, and this is neither")
        .help("write `&lt;!` if it is text")
}

/// How many bytes open what is not closed.
pub(super) fn opening(unclosed: Unclosed) -> usize {
    match unclosed {
        Unclosed::Data => "<![CDATA[".len(),
        Unclosed::Comment => "<!--".len(),
        Unclosed::Instruction | Unclosed::Bang => "<?".len(),
        Unclosed::Tag | Unclosed::Doctype => "<".len(),
    }
}

pub(super) fn unclosed(file: FileId, unclosed: Unclosed, open: Span) -> Diagnostic {
    let (what, close) = match unclosed {
        Unclosed::Data => ("the section `<![CDATA[`", "]]>"),
        Unclosed::Comment => ("the comment `<!--`", "-->"),
        Unclosed::Instruction => ("the instruction `<?`", "?>"),
        Unclosed::Tag | Unclosed::Doctype | Unclosed::Bang => ("this", ">"),
    };
    say(file, open, format!("{what} is not closed"))
        .help(format!("write `{close}` where it ends; what stands behind it was not looked at"))
}

pub(super) fn no_tag(file: FileId, raw: &str, start: u32) -> Diagnostic {
    let span = Span::new(start, start + 1);
    let problem = say(file, span, "`<` begins a tag, and no name follows");
    match raw.as_bytes().get(1) {
        None | Some(b'>') => problem.help("write a name, or `&lt;` for the sign itself"),
        Some(_) => problem.help("write `&lt;` for the sign itself").fix("write `&lt;`", "&lt;"),
    }
}

pub(super) fn no_name(file: FileId, span: Span, written: &str, whose: &str) -> Diagnostic {
    say(file, span, format!("{} is no name of {whose}", quoted(written))).help(
        "a name has letters, digits, `.`, `-` and `_`, and begins with a letter; other keys are written as `key=\"…\"`",
    )
}

pub(super) fn no_close(file: FileId, start: u32) -> Diagnostic {
    say(file, Span::new(start, start + 1), "this tag is not closed").help("write `>` where it ends")
}

/// A tag that ends at the next `<`.
pub(super) fn no_end(file: FileId, place: Span) -> Diagnostic {
    say(file, place, "`>` is missing here").help("a tag ends in `>`").fix("write `>`", ">")
}

pub(super) fn no_quote(file: FileId, span: Span, quote: char) -> Diagnostic {
    say(file, span, format!("the quote `{quote}` is not closed")).help("write it at the end of the value")
}

pub(super) fn no_space(file: FileId, place: Span) -> Diagnostic {
    say(file, place, "white space is missing before this attribute").help("write a space").fix("write a space", " ")
}

pub(super) fn no_value(file: FileId, span: Span, name: &str) -> Diagnostic {
    let name = quoted(name);
    say(file, span, format!("the attribute {name} has no value")).help("an attribute is written as `name=\"value\"`")
}

pub(super) fn unquoted(file: FileId, span: Span, name: &str, value: &str) -> Diagnostic {
    if value.is_empty() {
        let name = quoted(name);
        return say(file, span, format!("the value of {name} is missing")).help("write it in quotes behind the `=`");
    }
    let problem = say(file, span, format!("the value {} is not in quotes", quoted(value)));
    let problem = problem.help("a value stands in double or single quotes");
    match value.contains(['"', '\'', '&']) {
        true => problem,
        false => problem.fix("write it in quotes", format!("\"{value}\"")),
    }
}

pub(super) fn angle(file: FileId, span: Span) -> Diagnostic {
    say(file, span, "`<` cannot stand in a value").help("write `&lt;`").fix("write `&lt;`", "&lt;")
}

pub(super) fn stray(file: FileId, span: Span, sign: char) -> Diagnostic {
    let problem = say(file, span, format!("`{sign}` is not expected in a tag"));
    match sign {
        '/' => problem.help("an element without an end tag closes with `/>`, the two signs side by side"),
        '=' => problem.help("an attribute is written as `name=\"value\"`"),
        _ => problem.help("a quote inside of a value is written `&quot;`, or the value stands in the other quotes"),
    }
}

pub(super) fn not_closed(file: FileId, name: Span, written: &str) -> Diagnostic {
    let tag = quoted(&format!("<{written}>"));
    say(file, name, format!("{tag} is not closed")).help(format!("write `</{written}>` where it ends"))
}

pub(super) fn wrong_end(file: FileId, name: Span, written: &str, opened: Span, expected: &str) -> Diagnostic {
    let (open, close) = (quoted(&format!("<{expected}>")), quoted(&format!("</{written}>")));
    say(file, name, format!("{open} is closed by {close}"))
        .label(file, opened, "opened here")
        .help(format!("write `</{expected}>` in its place"))
        .fix(format!("write `{expected}`"), expected)
}
