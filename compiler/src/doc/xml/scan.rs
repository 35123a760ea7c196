//! Tokens of XML by quick-xml, with their places in the file. This is the only file that names the crate.
//!
//! The tokeniser knows where a piece of markup begins and ends, and little of what may be inside; it says nothing
//! about an entity and reads no document type. What it cannot end is one token up to the end of the file, and the
//! caller says where to go on.
//!
//! Unaware of: names, attributes, which token may follow which.

use crate::doc::Span;
use quick_xml::Reader;
use quick_xml::errors::{Error, SyntaxError};
use quick_xml::events::Event;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Characters and references; neighbours may be tokens of their own.
    Text,
    /// `<a …>` or `<a …/>`
    Start,
    /// `</a>`
    End,
    /// `<![CDATA[…]]>`
    Data,
    /// `<!--…-->`
    Comment,
    /// `<?…?>`, the XML declaration as well.
    Instruction,
    /// `<!DOCTYPE…>`
    Doctype,
    /// One of the above, up to the end of the file because its end is missing.
    Open(Unclosed),
}

/// What is not closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unclosed {
    Tag,
    Data,
    Comment,
    Instruction,
    Doctype,
    /// `<!` and something that begins none of these.
    Bang,
}

/// A token and its bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub kind: Kind,
    pub span: Span,
}

/// The tokens of a text from a byte on.
pub(super) struct Scanner<'t> {
    text: &'t str,
    base: usize,
    reader: Reader<&'t [u8]>,
    /// Byte-order marks where the reading begins: the tokeniser drops them without counting.
    marks: Option<Span>,
}

impl<'t> Scanner<'t> {
    /// The tokens from byte `at` on.
    pub fn new(text: &'t str, at: usize) -> Scanner<'t> {
        let rest = text.get(at..).unwrap_or("");
        let tail = rest.trim_start_matches('\u{feff}');
        let base = text.len() - tail.len();
        let mut reader = Reader::from_str(tail);
        let config = reader.config_mut();
        config.allow_dangling_amp = true;
        config.allow_unmatched_ends = true;
        config.check_end_names = false;
        config.check_comments = false;
        config.trim_markup_names_in_closing_tags = false;
        let marks = (tail.len() < rest.len()).then(|| Span::new((base + tail.len() - rest.len()) as u32, base as u32));
        Scanner { text, base, reader, marks }
    }

    /// Goes on at a byte, before or behind the last token.
    pub fn restart(&mut self, at: usize) {
        *self = Scanner::new(self.text, at);
    }
}

impl Iterator for Scanner<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        if let Some(span) = self.marks.take() {
            return Some(Token { kind: Kind::Text, span });
        }
        loop {
            let start = self.base + self.reader.buffer_position() as usize;
            let event = self.reader.read_event();
            let mut end = self.base + self.reader.buffer_position() as usize;
            let kind = match event {
                Ok(Event::Eof) => return None,
                Ok(Event::Text(_) | Event::GeneralRef(_)) => Kind::Text,
                Ok(Event::Start(_) | Event::Empty(_)) => Kind::Start,
                Ok(Event::End(_)) => Kind::End,
                Ok(Event::CData(_)) => Kind::Data,
                Ok(Event::Comment(_)) => Kind::Comment,
                Ok(Event::PI(_) | Event::Decl(_)) => Kind::Instruction,
                // A document type without a name; no other check is switched on.
                Ok(Event::DocType(_)) | Err(Error::IllFormed(_)) => Kind::Doctype,
                Err(error) => {
                    end = self.text.len();
                    Kind::Open(unclosed(&error))
                }
            };
            if end > start {
                return Some(Token { kind, span: Span::new(start as u32, end as u32) });
            }
            if matches!(kind, Kind::Open(_)) {
                return None;
            }
        }
    }
}

fn unclosed(error: &Error) -> Unclosed {
    match error {
        Error::Syntax(SyntaxError::UnclosedCData) => Unclosed::Data,
        Error::Syntax(SyntaxError::UnclosedComment) => Unclosed::Comment,
        Error::Syntax(SyntaxError::UnclosedPI | SyntaxError::UnclosedXmlDecl) => Unclosed::Instruction,
        Error::Syntax(SyntaxError::UnclosedDoctype) => Unclosed::Doctype,
        Error::Syntax(SyntaxError::InvalidBangMarkup) => Unclosed::Bang,
        _ => Unclosed::Tag,
    }
}
