//! Functions on text. Positions and widths are in characters.

use super::given::{Given, affordable, affordable_parts, place, texts};
use super::{format, shell_quote};
use crate::machine::arith;
use ipcmm_bytecode::functions::family::Text;
use ipcmm_bytecode::{Fault, Value};

pub fn call(function: Text, given: Given) -> Result<Value, Fault> {
    Ok(match function {
        Text::Upper => Value::str(given.str(0)?.to_uppercase()),
        Text::Lower => Value::str(given.str(0)?.to_lowercase()),
        Text::Trim => trimmed(given, true, true)?,
        Text::TrimStart => trimmed(given, true, false)?,
        Text::TrimEnd => trimmed(given, false, true)?,
        Text::TrimPrefix => {
            let text = given.str(0)?;
            Value::str(text.strip_prefix(&**given.str(1)?).unwrap_or(text))
        }
        Text::TrimSuffix => {
            let text = given.str(0)?;
            Value::str(text.strip_suffix(&**given.str(1)?).unwrap_or(text))
        }
        Text::Split => texts(given.str(0)?.splitn(given.limit(2)?, given.some_str(1)?))?,
        Text::SplitOnce => match given.str(0)?.split_once(given.some_str(1)?) {
            Some((before, behind)) => Value::map([("before", Value::str(before)), ("behind", Value::str(behind))]),
            None => Value::Null,
        },
        Text::Join => {
            let (separator, mut joined) = (Value::Str(given.str(1)?.clone()), arith::Text::default());
            for (i, part) in given.list(0)?.iter().enumerate() {
                if i > 0 {
                    joined.push(&separator)?;
                }
                joined.push(part)?;
            }
            Value::str(joined.0)
        }
        Text::Replace => {
            let (text, from, to, limit) = (given.str(0)?, given.some_str(1)?, given.str(2)?, given.limit(3)?);
            let hits = text.matches(from).take(limit).count();
            affordable(hits.checked_mul(to.len()).and_then(|size| size.checked_add(text.len())))?;
            Value::str(text.replacen(from, to, limit))
        }
        Text::StartsWith => Value::Bool(given.str(0)?.starts_with(&**given.str(1)?)),
        Text::EndsWith => Value::Bool(given.str(0)?.ends_with(&**given.str(1)?)),
        Text::Lines => texts(given.str(0)?.lines())?,
        Text::ShellQuote => Value::str(shell_quote(given.str(0)?)),
        Text::Capitalize => Value::str(capitalized(given.str(0)?)),
        Text::Title => {
            let mut begins = true;
            let mut title = String::new();
            for c in given.str(0)?.chars() {
                match begins {
                    true => title.extend(c.to_uppercase()),
                    false => title.push(c),
                }
                begins = !(c.is_alphanumeric() || c == '\'');
            }
            Value::str(title)
        }
        Text::PadStart => padded(given, true)?,
        Text::PadEnd => padded(given, false)?,
        Text::Repeat => {
            let (text, times) = (given.str(0)?, given.count(1)?);
            affordable(text.len().checked_mul(times))?;
            Value::str(text.repeat(times))
        }
        Text::ReverseText => Value::str(given.str(0)?.chars().rev().collect::<String>()),
        Text::Position => {
            let text = given.str(0)?;
            text.find(&**given.str(1)?).map_or(Value::Null, |at| Value::Int(text[..at].chars().count() as i64))
        }
        Text::Occurrences => Value::Int(given.str(0)?.matches(given.some_str(1)?).count() as i64),
        Text::Chars => {
            let text = given.str(0)?;
            affordable_parts(text.chars().count())?;
            Value::list(text.chars().map(|c| Value::str(c.encode_utf8(&mut [0; 4]) as &str)).collect())
        }
        Text::Substring => {
            let text = given.str(0)?;
            let len = text.chars().count();
            let from = place(given.int(1)?, len);
            let behind = given.int_if(2)?.map_or(len, |at| place(at, len));
            Value::str(text.chars().skip(from).take(behind.saturating_sub(from)).collect::<String>())
        }
        Text::Words => texts(given.str(0)?.split_whitespace())?,
        Text::Indent => {
            let (text, width) = (given.str(0)?, given.count(1)?);
            affordable(text.lines().count().checked_mul(width).and_then(|size| size.checked_add(text.len())))?;
            let margin = " ".repeat(width);
            let line = |line: &str| if line.trim().is_empty() { line.to_owned() } else { format!("{margin}{line}") };
            Value::str(text.split_inclusive('\n').map(line).collect::<String>())
        }
        Text::Dedent => Value::str(dedented(given.str(0)?)),
        Text::Wrap => {
            let width = given.some(1)?;
            let mut lines: Vec<(String, usize)> = Vec::new();
            for word in given.str(0)?.split_whitespace() {
                let long = word.chars().count();
                match lines.last_mut() {
                    Some((line, used)) if used.saturating_add(1 + long) <= width => {
                        line.extend([" ", word]);
                        *used += 1 + long;
                    }
                    _ => {
                        affordable_parts(lines.len())?;
                        lines.push((word.to_owned(), long));
                    }
                }
            }
            Value::list(lines.into_iter().map(|(line, _)| Value::str(line)).collect())
        }
        Text::Truncate => {
            let (text, width, end) = (given.str(0)?, given.count(1)?, given.str_or(2, "…")?);
            let tail = end.chars().count();
            if text.chars().nth(width).is_none() {
                Value::Str(text.clone())
            } else if tail > width {
                return Err(given.bad(1, &format!("{width} is less than the {tail} characters of the end")));
            } else {
                Value::str(text.chars().take(width - tail).chain(end.chars()).collect::<String>())
            }
        }
        Text::SnakeCase => Value::str(name_words(given.str(0)?).join("_")),
        Text::KebabCase => Value::str(name_words(given.str(0)?).join("-")),
        Text::CamelCase => {
            let words = name_words(given.str(0)?);
            let rest = words.iter().skip(1).map(|word| capitalized(word));
            Value::str(words.first().cloned().into_iter().chain(rest).collect::<String>())
        }
        Text::PascalCase => Value::str(name_words(given.str(0)?).iter().map(|w| capitalized(w)).collect::<String>()),
        Text::Format => format::format(given)?,
    })
}

/// The text without some characters, or white space, at its ends.
fn trimmed(given: Given, start: bool, end: bool) -> Result<Value, Fault> {
    let (mut text, chars) = (&**given.str(0)?, given.str_or(1, "")?);
    let white = given.lacks(1);
    let gone = |c: char| if white { c.is_whitespace() } else { chars.contains(c) };
    // What a call looks at is text times characters to trim, so the latter are few.
    if chars.chars().nth(256).is_some() {
        return Err(given.bad(1, "over 256 characters"));
    }
    if start {
        text = text.trim_start_matches(gone);
    }
    if end {
        text = text.trim_end_matches(gone);
    }
    Ok(Value::str(text))
}

fn padded(given: Given, before: bool) -> Result<Value, Fault> {
    let (text, width, with) = (given.str(0)?, given.count(1)?, given.str_or(2, " ")?);
    if with.chars().count() != 1 {
        return Err(given.bad(2, "it must be one character"));
    }
    let missing = width.saturating_sub(text.chars().count());
    affordable(missing.checked_mul(with.len()).and_then(|size| size.checked_add(text.len())))?;
    let padding = with.repeat(missing);
    Ok(Value::str(if before { padding + text } else { text.to_string() + &padding }))
}

fn capitalized(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().into_iter().flat_map(char::to_uppercase).collect::<String>() + chars.as_str()
}

/// The text without the margin that all its lines have.
fn dedented(text: &str) -> String {
    let margin = |line: &str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let mut common: Option<&str> = None;
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let own = &line[..margin(line)];
        common = Some(match common {
            None => own,
            Some(common) => &own[..common.bytes().zip(own.bytes()).take_while(|(a, b)| a == b).count()],
        });
    }
    let common = common.unwrap_or("");
    let line = |line| match str::trim(line) {
        "" => &line[line.trim_end_matches(['\r', '\n']).len()..],
        _ => line.strip_prefix(common).unwrap_or(line),
    };
    text.split_inclusive('\n').map(line).collect()
}

/// The words of a name in small letters: they end at what is no letter or digit, before a capital behind a small
/// letter or digit, and before the last of several capitals.
fn name_words(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    // Some capitals have no small letter: they stay as they are, and end no word.
    let is_capital = |c: char| c.is_uppercase() && !c.to_lowercase().eq([c]);
    let mut words = Vec::new();
    let mut word = String::new();
    for (i, &c) in chars.iter().enumerate() {
        let last = i.checked_sub(1).map(|i| chars[i]).filter(|c| c.is_alphanumeric());
        let begins = is_capital(c)
            && last.is_some_and(|last| !is_capital(last) || chars.get(i + 1).is_some_and(|next| next.is_lowercase()));
        if (begins || !c.is_alphanumeric()) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase().filter(|c| c.is_alphanumeric()));
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}
