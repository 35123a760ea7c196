//! Scalars with a meaning beyond their characters: durations, sizes, modes, and the plain scalars of YAML's core schema.
//!
//! Each function reads a whole text and answers `None` where it is anything else; surrounding blanks are not
//! trimmed. Unaware of which of them a place expects. A fraction that is not a whole number of the smallest unit is
//! rounded down: `0.1KiB` is 102 bytes.

/// Units of time in nanoseconds, largest first: a duration names them in this order, each at most once.
pub const TIME: [(&str, u64); 7] = [
    ("d", 86_400_000_000_000),
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
];

/// Units of size in bytes.
pub const BYTES: [(&str, u64); 10] = [
    ("B", 1),
    ("kB", 1_000),
    ("KB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
];

/// Why a number with a unit could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// It is no number with units at all, or the units stand in a wrong order.
    Malformed,
    /// The unit does not exist.
    Unit,
    /// The value is too great.
    Overflow,
}

/// Splits `1.5h` off the front of a text: whole part, fraction, unit and the rest.
fn segment(text: &str) -> Option<(&str, &str, &str, &str)> {
    let (whole, rest) = split(text, |c| c.is_ascii_digit());
    let (fraction, rest) = match rest.strip_prefix('.') {
        Some(after) => {
            let (fraction, rest) = split(after, |c| c.is_ascii_digit());
            if fraction.is_empty() {
                return None;
            }
            (fraction, rest)
        }
        None => ("", rest),
    };
    let (unit, rest) = split(rest, char::is_alphabetic);
    if whole.is_empty() { None } else { Some((whole, fraction, unit, rest)) }
}

fn split(text: &str, within: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !within(c)).unwrap_or(text.len()))
}

/// `whole.fraction` times `unit`, rounded down.
fn scaled(whole: &str, fraction: &str, unit: u64) -> Result<u64, Flaw> {
    let whole: u64 = whole.parse().map_err(|_| Flaw::Overflow)?;
    // Eighteen digits are finer than any unit here can show.
    let fraction = &fraction[..fraction.len().min(18)];
    let part = match fraction {
        "" => 0,
        digits => {
            let value: u128 = digits.parse().map_err(|_| Flaw::Malformed)?;
            (value * u128::from(unit) / 10_u128.pow(digits.len() as u32)) as u64
        }
    };
    whole.checked_mul(unit).and_then(|product| product.checked_add(part)).ok_or(Flaw::Overflow)
}

fn unknown(unit: &str) -> Flaw {
    if unit.is_empty() { Flaw::Malformed } else { Flaw::Unit }
}

/// Nanoseconds of a text whose numbers all carry a unit of time. May be as great as 2⁶³: `i64::MIN` without its sign.
pub(crate) fn duration_with_units(text: &str) -> Result<u64, Flaw> {
    let mut total: u64 = 0;
    let mut rest = text;
    let mut units = TIME.iter();
    while !rest.is_empty() {
        let (whole, fraction, unit, after) = segment(rest).ok_or(Flaw::Malformed)?;
        if !TIME.iter().any(|(name, _)| *name == unit) {
            return Err(unknown(unit));
        }
        // The iterator goes on behind the previous unit, which refuses `30s1m` and `1m30m`.
        let (_, size) = units.find(|(name, _)| *name == unit).ok_or(Flaw::Malformed)?;
        total = total.checked_add(scaled(whole, fraction, *size)?).ok_or(Flaw::Overflow)?;
        rest = after;
    }
    match text {
        "" => Err(Flaw::Malformed),
        _ if total > i64::MIN.unsigned_abs() => Err(Flaw::Overflow),
        _ => Ok(total),
    }
}

/// Bytes of a text that is one number with a unit of size.
pub(crate) fn size_with_unit(text: &str) -> Result<i64, Flaw> {
    let (whole, fraction, unit, rest) = segment(text).ok_or(Flaw::Malformed)?;
    let (_, size) = BYTES.iter().find(|(name, _)| *name == unit).ok_or(unknown(unit))?;
    if !rest.is_empty() {
        return Err(Flaw::Malformed);
    }
    i64::try_from(scaled(whole, fraction, *size)?).map_err(|_| Flaw::Overflow)
}

/// Nanoseconds of `10s`, `1m30s`, `0.5h`; a bare number is seconds. Not negative.
pub fn parse_duration(text: &str) -> Option<i64> {
    let nanoseconds = match segment(text)? {
        (whole, fraction, "", "") => scaled(whole, fraction, 1_000_000_000).ok()?,
        _ => duration_with_units(text).ok()?,
    };
    i64::try_from(nanoseconds).ok()
}

/// Bytes of `64KiB`, `1.5GB`; a bare whole number is bytes. Not negative.
pub fn parse_size(text: &str) -> Option<i64> {
    match segment(text)? {
        (whole, "", "", "") => whole.parse().ok(),
        _ => size_with_unit(text).ok(),
    }
}

/// Permissions written in octal and visibly so: `0644`, `01777`, `0o644`. A bare `644` is refused, because it may as
/// well be meant in decimal.
pub fn parse_mode(text: &str) -> Option<u32> {
    let digits = text.strip_prefix("0o").or_else(|| text.strip_prefix('0'))?;
    let octal = matches!(digits.len(), 3 | 4) && digits.bytes().all(|b| matches!(b, b'0'..=b'7'));
    if octal { u32::from_str_radix(digits, 8).ok() } else { None }
}

/// An integer of the YAML 1.2 core schema: `-12`, `0o17`, `0x1F`. A leading zero changes nothing: `010` is ten.
pub fn parse_int(text: &str) -> Option<i64> {
    let (digits, radix) = match (text.strip_prefix("0o"), text.strip_prefix("0x")) {
        (Some(octal), _) => (octal, 8),
        (_, Some(hexadecimal)) => (hexadecimal, 16),
        _ => return integer(text),
    };
    if digits.chars().all(|c| c.is_digit(radix)) { i64::from_str_radix(digits, radix).ok() } else { None }
}

/// `[-+]?[0-9]+`
fn integer(text: &str) -> Option<i64> {
    text.parse().ok()
}

/// A number of the YAML 1.2 core schema. `.inf`, `.nan` and what overflows to infinity are refused.
pub fn parse_float(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let exponent_fits = exponent.is_none_or(|e| {
        let e = e.strip_prefix(['-', '+']).unwrap_or(e);
        !e.is_empty() && digits(e)
    });
    let fits = digits(whole) && digits(fraction) && !(whole.is_empty() && fraction.is_empty()) && exponent_fits;
    if fits { text.parse().ok().filter(|value: &f64| value.is_finite()) } else { None }
}

/// A boolean of the YAML 1.2 core schema. `yes`, `no`, `on` and `off` are text.
pub fn parse_bool(text: &str) -> Option<bool> {
    match text {
        "true" | "True" | "TRUE" => Some(true),
        "false" | "False" | "FALSE" => Some(false),
        _ => None,
    }
}

/// Whether a plain scalar is null in the YAML 1.2 core schema.
pub fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: i64 = 1_000_000_000;

    #[test]
    fn durations() {
        let table: &[(&str, Option<i64>)] = &[
            ("10", Some(10 * S)),
            ("1.5", Some(S + S / 2)),
            ("0", Some(0)),
            ("0.5s", Some(S / 2)),
            ("1m30s", Some(90 * S)),
            ("250ms", Some(S / 4)),
            ("1h", Some(3600 * S)),
            ("2d", Some(172_800 * S)),
            ("1d2h3m4s5ms6us7ns", Some(93_784 * S + 5_006_007)),
            ("106751d23h47m16s854ms775us807ns", Some(i64::MAX)),
            ("106751d23h47m16s854ms775us808ns", None),
            ("106752d", None),
            ("99999999999999999999", None),
            ("-1s", None),
            ("+1s", None),
            ("", None),
            ("s", None),
            ("1.s", None),
            (".5s", None),
            ("1m30", None),
            ("30s1m", None),
            ("1m30m", None),
            ("1 s", None),
            ("1S", None),
            ("1µs", None),
            ("1w", None),
            ("1_0s", None),
        ];
        for (text, expected) in table {
            assert_eq!(parse_duration(text), *expected, "{text}");
        }
    }

    #[test]
    fn sizes() {
        let table: &[(&str, Option<i64>)] = &[
            ("512", Some(512)),
            ("512B", Some(512)),
            ("64KiB", Some(65_536)),
            ("1kB", Some(1000)),
            ("1KB", Some(1000)),
            ("1MB", Some(1_000_000)),
            ("1GB", Some(1_000_000_000)),
            ("1.5GiB", Some(1_610_612_736)),
            ("0.1KiB", Some(102)),
            ("2TiB", Some(2 << 40)),
            ("8388607TiB", Some(8_388_607 << 40)),
            ("8388608TiB", None),
            ("1.5", None),
            ("1KiB512B", None),
            ("1kb", None),
            ("1K", None),
            ("-1", None),
            ("", None),
        ];
        for (text, expected) in table {
            assert_eq!(parse_size(text), *expected, "{text}");
        }
    }

    #[test]
    fn modes() {
        let table: &[(&str, Option<u32>)] = &[
            ("0644", Some(0o644)),
            ("01777", Some(0o1777)),
            ("00644", Some(0o644)),
            ("0o644", Some(0o644)),
            ("0o1777", Some(0o1777)),
            ("644", None),
            ("1777", None),
            ("0648", None),
            ("0", None),
            ("064", None),
            ("006444", None),
            ("u+rw", None),
            ("0+64", None),
            ("", None),
        ];
        for (text, expected) in table {
            assert_eq!(parse_mode(text), *expected, "{text}");
        }
    }

    #[test]
    fn core_schema() {
        let ints: &[(&str, Option<i64>)] = &[
            ("0", Some(0)),
            ("-12", Some(-12)),
            ("+12", Some(12)),
            ("010", Some(10)),
            ("0o17", Some(15)),
            ("0x1F", Some(31)),
            ("0x", None),
            ("0x-1", None),
            ("0o8", None),
            ("-0x1", None),
            ("1_000", None),
            ("1.0", None),
            ("9223372036854775807", Some(i64::MAX)),
            ("-9223372036854775808", Some(i64::MIN)),
            ("9223372036854775808", None),
            ("", None),
            ("-", None),
            ("١", None),
        ];
        for (text, expected) in ints {
            assert_eq!(parse_int(text), *expected, "{text}");
        }
        let floats: &[(&str, Option<f64>)] = &[
            ("1", Some(1.0)),
            ("1.", Some(1.0)),
            (".5", Some(0.5)),
            ("-1.5e3", Some(-1500.0)),
            ("1E-2", Some(0.01)),
            (".", None),
            ("1e", None),
            ("e1", None),
            ("1e400", None),
            (".inf", None),
            ("inf", None),
            ("nan", None),
            (".nan", None),
            ("infinity", None),
            ("1.10.1", None),
            ("", None),
        ];
        for (text, expected) in floats {
            assert_eq!(parse_float(text), *expected, "{text}");
        }
        // The Norway problem: a country code is not a boolean.
        for text in ["no", "NO", "yes", "on", "off", "y", "n", "tRUE", "1"] {
            assert_eq!(parse_bool(text), None, "{text}");
        }
        assert!(["true", "True", "TRUE"].iter().all(|t| parse_bool(t) == Some(true)));
        assert!(["false", "False", "FALSE"].iter().all(|t| parse_bool(t) == Some(false)));
        assert!(["", "~", "null", "Null", "NULL"].iter().all(|t| is_null(t)));
        assert!(!["nULL", "none", "nil", "0"].iter().any(|t| is_null(t)));
    }
}
