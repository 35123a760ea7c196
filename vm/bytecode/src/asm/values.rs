//! Values as `Display` writes them, read back.

use crate::Value;
use crate::limits::CONST_DEPTH;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Units of time in nanoseconds, largest first.
const TIME: [(&str, u64); 7] = [
    ("d", 86_400_000_000_000),
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
];

/// How the value that is not known is written.
const UNKNOWN: &str = "(known after apply)";

/// Deeper than any bundle may hold, so that the limit of bundles can be tried, and shallow enough to recurse.
const MAX_DEPTH: u32 = 4 * CONST_DEPTH;

/// The value at the start of a text, and how many bytes it takes.
pub(super) fn value(text: &str) -> Result<(Value, usize), String> {
    let mut reader = Reader { text, at: 0 };
    let value = reader.value(0)?;
    Ok((value, reader.at))
}

/// The text in quotes at the start of `text`, and how many bytes it takes.
pub(super) fn text(text: &str) -> Result<(String, usize), String> {
    let mut reader = Reader { text, at: 0 };
    let text = reader.quoted()?;
    Ok((text, reader.at))
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Reader<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn takes(&mut self, wanted: &str) -> bool {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
        let found = self.rest().starts_with(wanted);
        if found {
            self.at += wanted.len();
        }
        found
    }

    fn expected(&self, what: &str) -> String {
        match self.rest().chars().next() {
            Some(c) => format!("expected {what}, found `{}`", c.escape_debug()),
            None => format!("expected {what}"),
        }
    }

    fn value(&mut self, depth: u32) -> Result<Value, String> {
        if depth > MAX_DEPTH {
            return Err(format!("a value may be nested {MAX_DEPTH} deep; write this constant as bytes"));
        }
        if self.takes(UNKNOWN) {
            return Ok(Value::Unknown);
        }
        match self.rest().chars().next() {
            Some('\'') => self.quoted().map(Value::str),
            Some('[') => self.list(depth),
            Some('{') => self.map(depth),
            _ => self.scalar(),
        }
    }

    fn list(&mut self, depth: u32) -> Result<Value, String> {
        let mut items = Vec::new();
        self.takes("[");
        while !self.takes("]") {
            if !items.is_empty() && !self.takes(",") {
                return Err(self.expected("`,` or `]`"));
            }
            items.push(self.value(depth + 1)?);
        }
        Ok(Value::list(items))
    }

    fn map(&mut self, depth: u32) -> Result<Value, String> {
        let mut entries: BTreeMap<Arc<str>, Value> = BTreeMap::new();
        self.takes("{");
        while !self.takes("}") {
            if !entries.is_empty() && !self.takes(",") {
                return Err(self.expected("`,` or `}`"));
            }
            // Blanks before the key.
            self.takes("");
            let key: Arc<str> = self.quoted()?.into();
            if !self.takes(":") {
                return Err(self.expected("`:`"));
            }
            let value = self.value(depth + 1)?;
            if entries.insert(key, value).is_some() {
                return Err("a key is written twice; write this constant as bytes".to_owned());
            }
        }
        Ok(Value::Map(Arc::new(entries)))
    }

    fn quoted(&mut self) -> Result<String, String> {
        let mut chars = self.rest().char_indices();
        if !matches!(chars.next(), Some((_, '\''))) {
            return Err(self.expected("a text in quotes"));
        }
        let mut text = String::new();
        while let Some((at, c)) = chars.next() {
            match c {
                '\'' => {
                    self.at += at + 1;
                    return Ok(text);
                }
                '\\' => match chars.next().map(|(_, escaped)| escaped) {
                    Some(c @ ('\'' | '"' | '\\')) => text.push(c),
                    Some('n') => text.push('\n'),
                    Some('t') => text.push('\t'),
                    Some('r') => text.push('\r'),
                    Some('u') => {
                        let body = chars.as_str();
                        let digits = body.strip_prefix('{').and_then(|b| b.split_once('}')).map(|(digits, _)| digits);
                        let code = digits.filter(|d| (1..=6).contains(&d.len()));
                        let code = code.filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
                        let c = code.and_then(|d| u32::from_str_radix(d, 16).ok()).and_then(char::from_u32);
                        text.push(c.ok_or("expected `\\u{…}` with the number of a character")?);
                        // Behind the closing brace.
                        chars.nth(digits.map_or(0, |d| d.len() + 1));
                    }
                    _ => return Err("expected an escape: \\' \\\\ \\n \\t \\r or \\u{…}".to_owned()),
                },
                c => text.push(c),
            }
        }
        Err("this text is not closed".to_owned())
    }

    /// A word or a number: `null`, `-5`, `1.5`, `1h30m`, `1..3`.
    fn scalar(&mut self) -> Result<Value, String> {
        let rest = self.rest();
        let within = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+');
        let word = rest.get(..rest.find(|c| !within(c)).unwrap_or(rest.len())).unwrap_or("");
        let value = match word {
            "" => return Err(self.expected("a value")),
            "null" => Some(Value::Null),
            "true" => Some(Value::Bool(true)),
            "false" => Some(Value::Bool(false)),
            "inf" => Some(Value::Float(f64::INFINITY)),
            "-inf" => Some(Value::Float(f64::NEG_INFINITY)),
            "NaN" => Some(Value::Float(f64::NAN)),
            word => range(word)
                .or_else(|| int(word).map(Value::Int))
                .or_else(|| duration(word).map(Value::Duration))
                .or_else(|| float(word).map(Value::Float)),
        };
        self.at += word.len();
        value.ok_or_else(|| format!("`{word}` is no value"))
    }
}

fn int(word: &str) -> Option<i64> {
    if word.starts_with('+') { None } else { word.parse().ok() }
}

fn range(word: &str) -> Option<Value> {
    let (first, last) = word.split_once("..")?;
    Some(Value::Range(int(first)?, int(last)?))
}

fn float(word: &str) -> Option<f64> {
    let digits = word.strip_prefix('-').unwrap_or(word).starts_with(|c: char| c.is_ascii_digit());
    if digits { word.parse().ok() } else { None }
}

/// Numbers with units, each unit once, the larger first.
fn duration(word: &str) -> Option<i64> {
    let (negative, mut rest) = match word.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, word),
    };
    if rest.is_empty() {
        return None;
    }
    let (mut total, mut units) = (0u64, TIME.iter());
    while !rest.is_empty() {
        let (count, after) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit())?);
        let end = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
        let (unit, after) = after.split_at(end);
        let (_, size) = units.find(|(name, _)| *name == unit)?;
        total = total.checked_add(count.parse::<u64>().ok()?.checked_mul(*size)?)?;
        rest = after;
    }
    // 2⁶³ fits with a sign only.
    let total = i128::from(total) * if negative { -1 } else { 1 };
    i64::try_from(total).ok()
}
