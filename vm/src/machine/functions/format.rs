//! `format`: a pattern with places for values. A place is `{}`, `{2}` or `{name}`; behind `:` it says how to write.

use super::given::{Given, affordable, short};
use crate::machine::arith;
use ipcmm_bytecode::{Fault, Value, limits};

/// How a value is written: `[[fill]align][+][#][0][width][,][.precision][type]`.
#[derive(Default)]
struct Manner {
    fill: Option<char>,
    align: Option<char>,
    plus: bool,
    prefixed: bool,
    zeros: bool,
    width: usize,
    grouped: bool,
    precision: Option<usize>,
    kind: Option<char>,
}

/// The pattern with values in its places.
pub fn format(given: Given) -> Result<Value, Fault> {
    let pattern = given.str(0)?;
    let mut out = String::new();
    let mut rest = &**pattern;
    let mut next = 0;
    while let Some(at) = rest.find(['{', '}']) {
        out.push_str(&rest[..at]);
        let (brace, behind) = rest[at..].split_at(1);
        if let Some(behind) = behind.strip_prefix(brace) {
            out.push_str(brace);
            rest = behind;
        } else if brace == "}" {
            return Err(given.bad(0, "`}` closes nothing; write `}}` for the character"));
        } else {
            let end =
                behind.find('}').ok_or_else(|| given.bad(0, "`{` is not closed; write `{{` for the character"))?;
            let (place, manner) = behind[..end].split_once(':').unwrap_or((&behind[..end], ""));
            let manner = read(manner).map_err(|problem| given.bad(0, &problem))?;
            let text = write(given, value(given, place, &mut next)?, &manner)?;
            affordable(out.len().checked_add(text.len()))?;
            out.push_str(&text);
            rest = &behind[end + 1..];
        }
        affordable(Some(out.len()))?;
    }
    affordable(out.len().checked_add(rest.len()))?;
    out.push_str(rest);
    Ok(Value::str(out))
}

/// The value of a place.
fn value<'a>(given: Given<'a>, place: &str, next: &mut usize) -> Result<&'a Value, Fault> {
    let found = match given.any(1) {
        Value::Map(map) if place.is_empty() => {
            let keys: Vec<_> = map.keys().take(8).map(|k| &**k).collect();
            return Err(given.bad(0, &format!("`{{}}` has no name, and values are {}", keys.join(", "))));
        }
        Value::Map(map) => map.get(place),
        Value::List(items) if place.is_empty() => {
            *next += 1;
            items.get(*next - 1)
        }
        Value::List(items) => {
            let at: usize =
                place.parse().map_err(|_| given.bad(0, &format!("`{{{place}}}` is named, and values are a list")))?;
            items.get(at)
        }
        _ => return Err(given.mismatch(1, "list<any> | map<any>")),
    };
    match found {
        Some(Value::Null | Value::Bytes(_)) | None => {
            let found = found
                .map_or("there is no value", |v| if *v == Value::Null { "there is null" } else { "there are bytes" });
            Err(given.bad(1, &format!("{found} for `{{{place}}}`")))
        }
        Some(value) => Ok(value),
    }
}

/// Reads how to write; a problem is told as text.
fn read(text: &str) -> Result<Manner, String> {
    let mut chars = text.chars().peekable();
    let mut manner = Manner::default();
    let mut ahead = text.chars();
    let (first, second) = (ahead.next(), ahead.next());
    let aligns = |c: Option<char>| c.is_some_and(|c| "<>^".contains(c));
    if aligns(second) {
        (manner.fill, manner.align) = (first, second);
        chars.nth(1);
    } else if aligns(first) {
        manner.align = first;
        chars.next();
    }
    manner.plus = chars.next_if_eq(&'+').is_some();
    manner.prefixed = chars.next_if_eq(&'#').is_some();
    manner.zeros = chars.next_if_eq(&'0').is_some();
    let number = |chars: &mut std::iter::Peekable<std::str::Chars>| {
        let mut digits = None;
        while let Some(digit) = chars.peek().and_then(|c| c.to_digit(10)) {
            digits = Some(digits.unwrap_or(0usize).saturating_mul(10).saturating_add(digit as usize));
            chars.next();
        }
        digits
    };
    manner.width = number(&mut chars).unwrap_or(0);
    manner.grouped = chars.next_if_eq(&',').is_some();
    if chars.next_if_eq(&'.').is_some() {
        manner.precision =
            Some(number(&mut chars).ok_or_else(|| format!("`{text}` says no precision behind its `.`"))?);
    }
    manner.kind = chars.next();
    let known = manner.kind.is_none_or(|kind| "dxXobfe%s".contains(kind));
    if !known || chars.next().is_some() {
        return Err(format!("`{text}` does not say how to write a value, such as `>8`, `04d` or `.2f`"));
    }
    if manner.zeros && manner.grouped {
        return Err(format!("`{text}` wants both zeros and `,`"));
    }
    Ok(manner)
}

/// A value in its manner.
fn write(given: Given, value: &Value, manner: &Manner) -> Result<String, Fault> {
    const PRECISION: usize = 100;
    if manner.precision.is_some_and(|p| p > PRECISION) && !matches!(value, Value::Str(_)) {
        return Err(given.bad(0, &format!("a precision over {PRECISION}")));
    }
    let (sign, prefix, digits) = match number(value, manner) {
        Some(parts) => parts,
        None if matches!(manner.kind, None | Some('s'))
            && !(manner.plus || manner.prefixed || manner.zeros || manner.grouped) =>
        {
            return text(value, manner);
        }
        None => {
            let kind = manner.kind.map_or("number".to_owned(), |kind| format!("`{kind}`"));
            return Err(given.bad(1, &format!("{} cannot be written as {kind}", short(value))));
        }
    };
    let digits = if manner.grouped { grouped(&digits) } else { digits };
    let long = sign.len() + prefix.len() + digits.len();
    if manner.zeros && manner.align.is_none() {
        affordable(Some(manner.width))?;
        return Ok(format!("{sign}{prefix}{}{digits}", "0".repeat(manner.width.saturating_sub(long))));
    }
    aligned(format!("{sign}{prefix}{digits}"), long, manner, '>')
}

/// Sign, prefix and digits of a number; `None` for what is none.
fn number(value: &Value, manner: &Manner) -> Option<(&'static str, &'static str, String)> {
    let sign = |negative| {
        if negative {
            "-"
        } else if manner.plus {
            "+"
        } else {
            ""
        }
    };
    let prefix = |prefix| if manner.prefixed { prefix } else { "" };
    match (value, manner.kind) {
        (Value::Int(i), None | Some('d')) if manner.precision.is_none() => {
            Some((sign(*i < 0), "", i.unsigned_abs().to_string()))
        }
        (Value::Int(i), Some(kind @ ('x' | 'X' | 'o' | 'b'))) if manner.precision.is_none() => {
            let plain = i.unsigned_abs();
            let (mark, digits) = match kind {
                'x' => ("0x", format!("{plain:x}")),
                'X' => ("0x", format!("{plain:X}")),
                'o' => ("0o", format!("{plain:o}")),
                _ => ("0b", format!("{plain:b}")),
            };
            Some((sign(*i < 0), prefix(mark), digits))
        }
        (Value::Float(x), None) if manner.precision.is_none() => Some((sign(*x < 0.0), "", format!("{:?}", x.abs()))),
        (Value::Int(_) | Value::Float(_), None | Some('f' | 'e' | '%')) => {
            let x = match value {
                Value::Int(i) => *i as f64,
                Value::Float(x) => *x,
                _ => return None,
            };
            let (plain, digits) = (x.abs(), manner.precision.unwrap_or(6));
            let text = match manner.kind {
                Some('e') => exponential(plain, digits),
                Some('%') => format!("{:.digits$}%", plain * 100.0),
                _ => format!("{plain:.digits$}"),
            };
            Some((sign(x < 0.0), "", text))
        }
        _ => None,
    }
}

/// `1.50e+03`: the exponent has a sign and at least two digits.
fn exponential(x: f64, digits: usize) -> String {
    let text = format!("{x:.digits$e}");
    match text.split_once('e') {
        Some((number, exponent)) => match exponent.strip_prefix('-') {
            Some(exponent) => format!("{number}e-{exponent:0>2}"),
            None => format!("{number}e+{exponent:0>2}"),
        },
        None => text,
    }
}

/// `,` between thousands, of the whole part only.
fn grouped(digits: &str) -> String {
    let whole = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    let mut out = String::new();
    for (i, c) in digits[..whole].chars().enumerate() {
        if i > 0 && (whole - i) % 3 == 0 {
            out.push(',');
        }
        out.push(c);
    }
    out + &digits[whole..]
}

/// Anything as text; a precision cuts it.
fn text(value: &Value, manner: &Manner) -> Result<String, Fault> {
    let mut whole = arith::Text::default();
    whole.push(value)?;
    let text = match manner.precision {
        Some(most) => whole.0.chars().take(most).collect(),
        None => whole.0,
    };
    let long = text.chars().count();
    aligned(text, long, manner, '<')
}

/// Fills up to the width.
fn aligned(text: String, long: usize, manner: &Manner, default: char) -> Result<String, Fault> {
    let missing = manner.width.saturating_sub(long);
    if missing as u64 > limits::EVAL_SIZE {
        return Err(arith::too_large());
    }
    let fill = manner.fill.unwrap_or(' ').to_string();
    affordable(missing.checked_mul(fill.len()).and_then(|size| size.checked_add(text.len())))?;
    let before = match manner.align.unwrap_or(default) {
        '<' => 0,
        '>' => missing,
        _ => missing / 2,
    };
    Ok(format!("{}{text}{}", fill.repeat(before), fill.repeat(missing - before)))
}
