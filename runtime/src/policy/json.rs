//! JSON (RFC 8259) with the place of every value, so that what is wrong in a policy is told by line and column.
//!
//! Unaware of: what the document means. It is small: the depth is bounded here, the length by who reads the file.

/// How deep lists and maps may stand in each other.
const DEPTH: usize = 32;

/// A value and where it begins, as an offset in bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Where it begins.
    pub at: usize,
    /// What it is.
    pub kind: Kind,
}

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// A map: keys with their places, in the order they are written.
    Map(Vec<(String, usize, Node)>),
}

impl Kind {
    /// What it is, in words.
    pub const fn name(&self) -> &'static str {
        match self {
            Kind::Null => "null",
            Kind::Bool(_) => "a bool",
            Kind::Number(_) => "a number",
            Kind::Text(_) => "a text",
            Kind::List(_) => "a list",
            Kind::Map(_) => "a map",
        }
    }
}

/// Something wrong at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// Where, as an offset in bytes.
    pub at: usize,
    /// What, in a sentence.
    pub what: String,
}

/// Reads a document.
///
/// # Errors
/// The first place where it is no JSON.
pub fn parse(text: &str) -> Result<Node, Wrong> {
    let mut reader = Reader { text, at: 0 };
    reader.blank();
    let node = reader.value(0)?;
    reader.blank();
    match reader.at == text.len() {
        true => Ok(node),
        false => Err(reader.wrong("nothing may follow the document")),
    }
}

/// Line and column of an offset, both from 1; columns count characters.
pub fn position(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.rfind('\n').map_or(0, |end| end + 1);
    (before.matches('\n').count() + 1, before[line..].chars().count() + 1)
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl Reader<'_> {
    fn wrong(&self, what: impl Into<String>) -> Wrong {
        Wrong { at: self.at, what: what.into() }
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn take(&mut self, c: char) -> bool {
        let there = self.peek() == Some(c);
        self.at += if there { c.len_utf8() } else { 0 };
        there
    }

    fn blank(&mut self) {
        while self.peek().is_some_and(|c| " \t\r\n".contains(c)) {
            self.at += 1;
        }
    }

    fn found(&self) -> String {
        self.peek().map_or("the end".to_owned(), |c| format!("`{}`", c.escape_debug()))
    }

    fn value(&mut self, depth: usize) -> Result<Node, Wrong> {
        if depth > DEPTH {
            return Err(self.wrong(format!("lists and maps stand more than {DEPTH} deep in each other")));
        }
        let at = self.at;
        let kind = match self.peek() {
            Some('{') => self.map(depth)?,
            Some('[') => self.list(depth)?,
            Some('"') => Kind::Text(self.string()?),
            Some('-' | '0'..='9') => self.number()?,
            _ => self.word()?,
        };
        Ok(Node { at, kind })
    }

    fn word(&mut self) -> Result<Kind, Wrong> {
        for (word, kind) in [("null", Kind::Null), ("true", Kind::Bool(true)), ("false", Kind::Bool(false))] {
            if self.text[self.at..].starts_with(word) {
                self.at += word.len();
                return Ok(kind);
            }
        }
        Err(self.wrong(format!("a value is expected, and this is {}", self.found())))
    }

    fn number(&mut self) -> Result<Kind, Wrong> {
        let rest = &self.text[self.at..];
        let length = rest.find(|c: char| !(c.is_ascii_digit() || "+-.eE".contains(c))).unwrap_or(rest.len());
        let digits = rest[..length].trim_start_matches('-');
        let leading = digits.len() > 1 && digits.starts_with('0') && digits.as_bytes()[1].is_ascii_digit();
        let dangling =
            digits.is_empty() || digits.starts_with(['.', '+']) || digits.ends_with('.') || digits.contains(".e");
        match rest[..length].parse::<f64>() {
            Ok(number) if number.is_finite() && !leading && !dangling => {
                self.at += length;
                Ok(Kind::Number(number))
            }
            _ => Err(self.wrong(format!("`{}` is no number", &rest[..length]))),
        }
    }

    fn list(&mut self, depth: usize) -> Result<Kind, Wrong> {
        let mut items = Vec::new();
        self.at += 1;
        self.blank();
        if self.take(']') {
            return Ok(Kind::List(items));
        }
        loop {
            self.blank();
            items.push(self.value(depth + 1)?);
            self.blank();
            if self.take(']') {
                return Ok(Kind::List(items));
            }
            if !self.take(',') {
                return Err(self.wrong(format!("`,` or `]` is expected, and this is {}", self.found())));
            }
        }
    }

    fn map(&mut self, depth: usize) -> Result<Kind, Wrong> {
        let mut entries = Vec::new();
        self.at += 1;
        self.blank();
        if self.take('}') {
            return Ok(Kind::Map(entries));
        }
        loop {
            self.blank();
            let at = self.at;
            if self.peek() != Some('"') {
                return Err(self.wrong(format!("a key in quotes is expected, and this is {}", self.found())));
            }
            let key = self.string()?;
            self.blank();
            if !self.take(':') {
                return Err(self.wrong(format!("`:` is expected, and this is {}", self.found())));
            }
            self.blank();
            entries.push((key, at, self.value(depth + 1)?));
            self.blank();
            if self.take('}') {
                return Ok(Kind::Map(entries));
            }
            if !self.take(',') {
                return Err(self.wrong(format!("`,` or `}}` is expected, and this is {}", self.found())));
            }
        }
    }

    fn string(&mut self) -> Result<String, Wrong> {
        let start = self.at;
        self.at += 1;
        let mut out = String::new();
        loop {
            let Some(c) = self.peek() else {
                return Err(Wrong { at: start, what: "this text has no end".to_owned() });
            };
            match c {
                '"' => {
                    self.at += 1;
                    return Ok(out);
                }
                '\\' => out.push(self.escape()?),
                c if (c as u32) < 0x20 => return Err(self.wrong("control characters are escaped in a text")),
                c => {
                    out.push(c);
                    self.at += c.len_utf8();
                }
            }
        }
    }

    fn escape(&mut self) -> Result<char, Wrong> {
        let at = self.at;
        let bad = || Wrong { at, what: "this is no escape".to_owned() };
        self.at += 1;
        let c = self.peek().ok_or_else(bad)?;
        self.at += c.len_utf8();
        Ok(match c {
            '"' | '\\' | '/' => c,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let high = self.hex().ok_or_else(bad)?;
                let unit = match high {
                    0xd800..=0xdbff if self.text[self.at..].starts_with("\\u") => {
                        self.at += 2;
                        let low = self.hex().filter(|low| (0xdc00..=0xdfff).contains(low)).ok_or_else(bad)?;
                        0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00)
                    }
                    other => other,
                };
                char::from_u32(unit).ok_or_else(bad)?
            }
            _ => return Err(bad()),
        })
    }

    fn hex(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        let number = digits.chars().all(|c| c.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, 16).ok())?;
        self.at += 4;
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_what_serde_reads() {
        for text in [
            r#"{"a": [1, -2.5e3, 0, true, null], "b": "x\"\\\/\n\u00fc\ud83d\ude00ä"}"#,
            " [] ",
            "{}",
            "[1,]",
            "{\"a\" 1}",
            "01",
            "1.",
            "-",
            "\"\\ud800\"",
            "\"a",
            "tru",
            "[1] 2",
            "",
            "\"\u{1}\"",
            "{a: 1}",
            "+1",
            ".5",
            "1e5",
            "1e",
        ] {
            assert_eq!(parse(text).is_ok(), serde_json::from_str::<serde_json::Value>(text).is_ok(), "{text}");
        }
        let node = parse("[\"\\ud83d\\ude00\"]").unwrap();
        assert!(
            matches!(&node.kind, Kind::List(items) if items[0].kind == Kind::Text("😀".into()) && items[0].at == 1)
        );
        assert!(parse(&"[".repeat(100_000)).is_err());
        assert_eq!(position("a\nüb", 4), (2, 2));
    }
}
