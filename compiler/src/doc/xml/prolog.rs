//! Comments, processing instructions and the XML declaration: they carry no data, and are held to their rules.
//!
//! Unaware of: elements.

use super::chars::{is_space, name};
use super::explain::say;
use super::read::Reader;
use crate::diag::{Code, Diagnostic};
use crate::doc::Span;
use crate::doc::builder::quoted;

impl Reader<'_, '_, '_> {
    pub(super) fn comment(&mut self, span: Span) {
        let raw = self.slice(span);
        let inner = raw.get(4..raw.len().saturating_sub(3)).unwrap_or("");
        // `--->` has one, too.
        let Some(at) = inner.find("--").or_else(|| inner.ends_with('-').then(|| inner.len() - 1)) else { return };
        let at = span.start + 4 + at as u32;
        let problem = if inner.contains("<!--") {
            let open = Span::new(span.start, span.start + 4);
            say(self.file, open, "a comment begins before this one ended").help("write `-->` where it ends")
        } else {
            say(self.file, Span::new(at, at + 2), "`--` cannot stand in a comment").help("write it with a space, `- -`")
        };
        self.say(problem);
    }

    pub(super) fn instruction(&mut self, span: Span) {
        let raw = self.slice(span);
        let inner = raw.get(2..raw.len().saturating_sub(2)).unwrap_or("");
        let length = name(inner);
        let target = inner.get(..length).unwrap_or("");
        let place = Span::new(span.start + 2, span.start + 2 + length as u32);
        let spaced = inner.as_bytes().get(length).is_none_or(|b| is_space(*b));
        if target == "xml" && spaced {
            self.declaration(span, inner);
        } else if target.eq_ignore_ascii_case("xml") {
            let problem = say(self.file, place, format!("{} is no target of an instruction", quoted(target)));
            self.say(problem.help("the XML declaration is written `<?xml version=\"1.0\"?>`"));
        } else if length == 0 || !spaced {
            let open = Span::new(span.start, span.start + 2);
            let problem = say(self.file, open, "`<?` is followed by a name and white space");
            self.say(problem.help("instructions mean nothing here: remove it, or write `&lt;?` if it is text"));
        }
    }

    fn declaration(&mut self, span: Span, inner: &str) {
        let base = if self.text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() as u32 } else { 0 };
        if span.start != base {
            let problem = say(self.file, span, "the XML declaration does not stand at the very beginning");
            self.say(problem.help("nothing may stand before it, not even white space or a comment"));
            return;
        }
        // The parts there are, in their order; the first is needed.
        let mut wanted = ["version", "encoding", "standalone"].iter();
        let mut at = 3;
        let mut first = true;
        while let Some(rest) = inner.get(at..).filter(|rest| !rest.bytes().all(is_space)) {
            let blank = rest.bytes().take_while(|b| is_space(*b)).count();
            let Some((part, value, length)) = pseudo_attribute(rest.get(blank..).unwrap_or("")) else {
                self.bad_declaration(span, "a part of it is not `name=\"value\"`");
                return;
            };
            if blank == 0 {
                self.bad_declaration(span, "white space is missing in it");
                return;
            }
            if !wanted.any(|name| *name == part) || first && part != "version" {
                self.bad_declaration(span, "its parts are version, encoding and standalone, in this order");
                return;
            }
            first = false;
            let start = span.start + 2 + (at + blank + length - 1 - value.len()) as u32;
            let place = Span::new(start, start + value.len() as u32);
            match part {
                "version" if !is_version(value) => {
                    let problem = say(self.file, place, format!("there is no version {} of XML", quoted(value)));
                    self.say(problem.help("write `1.0`").fix("write `1.0`", "1.0"));
                }
                "standalone" if !matches!(value, "yes" | "no") => {
                    let problem =
                        say(self.file, place, format!("`standalone` is `yes` or `no`, not {}", quoted(value)));
                    self.say(problem.help("remove it: it says nothing without a document type"));
                }
                "encoding" => self.encoding(value, place),
                _ => {}
            }
            at += blank + length;
        }
        if first {
            self.bad_declaration(span, "it has no version");
        }
    }

    fn bad_declaration(&mut self, span: Span, why: &str) {
        let problem = say(self.file, span, format!("the XML declaration is malformed: {why}"));
        let right = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";
        self.say(problem.help(format!("write `{right}`")).fix("write it in full", right));
    }

    fn encoding(&mut self, value: &str, place: Span) {
        let sound = value.starts_with(|c: char| c.is_ascii_alphabetic())
            && value.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'));
        if !sound {
            let problem = say(self.file, place, format!("{} is no name of an encoding", quoted(value)));
            self.say(problem.help("write `UTF-8`").fix("write `UTF-8`", "UTF-8"));
            return;
        }
        let utf8 = ["UTF-8", "UTF8"].iter().any(|name| value.eq_ignore_ascii_case(name));
        let same = utf8 || has_ascii(value) && self.text.is_ascii();
        if !same {
            let message = format!("the file says that it is {}, and only UTF-8 is read", quoted(value));
            let problem = Diagnostic::new(Code::NotUtf8, self.file, place, message);
            self.say(problem.help("save the file as UTF-8 and say so").fix("write `UTF-8`", "UTF-8"));
        }
    }
}

/// Name, value and length of the `name="value"` that a text begins with.
fn pseudo_attribute(text: &str) -> Option<(&str, &str, usize)> {
    let space = [' ', '\t', '\n', '\r'];
    let length = name(text);
    let (part, rest) = text.split_at_checked(length).filter(|_| length > 0)?;
    let rest = rest.trim_start_matches(space).strip_prefix('=')?.trim_start_matches(space);
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let value = rest.get(1..)?.split(quote).next().filter(|value| value.len() + 1 < rest.len())?;
    Some((part, value, text.len() - rest.len() + value.len() + 2))
}

/// `1.0`, and what a processor of 1.0 reads as if it were.
fn is_version(value: &str) -> bool {
    value.strip_prefix("1.").is_some_and(|minor| !minor.is_empty() && minor.bytes().all(|b| b.is_ascii_digit()))
}

/// Whether a file without a byte beyond ASCII is the same in an encoding.
fn has_ascii(encoding: &str) -> bool {
    let name = encoding.to_ascii_lowercase();
    let families =
        ["us-ascii", "ascii", "iso-8859-", "iso_8859-", "latin", "windows-125", "cp125", "koi8-", "gb", "euc-"];
    families.iter().any(|family| name.starts_with(family)) || matches!(name.as_str(), "shift_jis" | "big5")
}
