//! Ranges of versions: which versions of a package a module can be built with.
//!
//! A range is written as conditions that must all hold, with white space or commas between them: `^1.2`, `~1.2.3`,
//! `>=1, <3`, `=1.0.0`, `1.*`, `*`. A version without a sign is one with `^`. Versions are those of Semantic Versioning
//! 2.0.0; a pre-release is in a range only if the range names a pre-release of the same version.

use std::cmp::Ordering;
use std::fmt;

/// A range of versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    conditions: Vec<Condition>,
}

/// Versions from one on (it included), up to another (it excluded).
#[derive(Clone, Debug, PartialEq, Eq)]
struct Condition {
    from: Option<Version>,
    /// `from` itself is not among them.
    open: bool,
    below: Option<Version>,
    /// `below` itself is among them.
    closed: bool,
}

/// A version without its build metadata, which does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    numbers: [u64; 3],
    /// Identifiers of a pre-release.
    pre: Vec<Identifier>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Identifier {
    /// Numbers precede texts.
    Number(u64),
    Text(String),
}

impl Version {
    /// A version with all of its numbers; none if it is not one.
    pub fn parse(text: &str) -> Option<Version> {
        let (version, given) = partial(text)?;
        (given == 3).then_some(version)
    }

    const fn new(numbers: [u64; 3]) -> Version {
        Version { numbers, pre: Vec::new() }
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Version) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Version) -> Ordering {
        let pre = match (self.pre.is_empty(), other.pre.is_empty()) {
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            _ => self.pre.cmp(&other.pre),
        };
        self.numbers.cmp(&other.numbers).then(pre)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch] = self.numbers;
        write!(f, "{major}.{minor}.{patch}")?;
        for (at, identifier) in self.pre.iter().enumerate() {
            let sign = if at == 0 { '-' } else { '.' };
            match identifier {
                Identifier::Number(number) => write!(f, "{sign}{number}")?,
                Identifier::Text(text) => write!(f, "{sign}{text}")?,
            }
        }
        Ok(())
    }
}

/// A version of which the last numbers may be missing or `*`, and how many there are.
fn partial(text: &str) -> Option<(Version, usize)> {
    let text = text.split_once('+').map_or(text, |(text, _)| text);
    let (numbers, pre) = match text.split_once('-') {
        Some((numbers, pre)) => (numbers, Some(pre)),
        None => (text, None),
    };
    let mut found = [0; 3];
    let mut given = 0;
    let mut rest = false;
    for (at, part) in numbers.split('.').enumerate() {
        let place = found.get_mut(at)?;
        if matches!(part, "*" | "x" | "X") {
            rest = true;
        } else {
            *place = number(part).filter(|_| !rest)?;
            given = at + 1;
        }
    }
    let pre = match pre {
        Some(_) if given < 3 => return None,
        Some(pre) => pre.split('.').map(identifier).collect::<Option<Vec<_>>>()?,
        None => Vec::new(),
    };
    Some((Version { numbers: found, pre }, given))
}

/// A whole number without zeros before it.
fn number(text: &str) -> Option<u64> {
    let plain = text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    plain.then(|| text.parse().ok()).flatten()
}

fn identifier(text: &str) -> Option<Identifier> {
    if text.bytes().all(|b| b.is_ascii_digit()) {
        return number(text).map(Identifier::Number);
    }
    let sound = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    sound.then(|| Identifier::Text(text.to_owned()))
}

/// The first version of the next group, where the number at a place grows.
fn next(numbers: [u64; 3], place: usize) -> Version {
    let mut out = [0; 3];
    out[..=place].copy_from_slice(&numbers[..=place]);
    out[place] = out[place].saturating_add(1);
    Version::new(out)
}

fn condition(text: &str) -> Option<Condition> {
    let signs = [">=", "<=", ">", "<", "=", "^", "~"];
    let sign = signs.into_iter().find(|sign| text.starts_with(sign)).unwrap_or("");
    let (version, given) = partial(text[sign.len()..].trim_start())?;
    let numbers = version.numbers;
    let all = Condition { from: None, open: false, below: None, closed: false };
    // A part that is not given stands for all it could be.
    let after = given.checked_sub(1).map(|place| next(numbers, place));
    let whole = given == 3;
    Some(match sign {
        ">=" => Condition { from: Some(version), ..all },
        ">" if whole => Condition { from: Some(version), open: true, ..all },
        ">" => Condition { from: Some(after?), ..all },
        "<=" if whole => Condition { below: Some(version), closed: true, ..all },
        "<=" => Condition { below: after, ..all },
        "<" => Condition { below: Some(version), ..all },
        "=" if whole => Condition { from: Some(version.clone()), below: Some(version), closed: true, ..all },
        "=" => Condition { from: Some(version), below: after, ..all },
        _ if given == 0 => all,
        "~" => Condition { from: Some(version), below: Some(next(numbers, (given - 1).min(1))), ..all },
        _ => {
            let place = numbers[..given].iter().position(|number| *number > 0).unwrap_or(given - 1);
            Condition { from: Some(version), below: Some(next(numbers, place)), ..all }
        }
    })
}

impl Range {
    /// A range as it is written; none if it is not one.
    pub fn parse(text: &str) -> Option<Range> {
        // A sign may stand apart from its version.
        let mut words: Vec<String> = Vec::new();
        for word in text.split([' ', '\t', ',']).filter(|word| !word.is_empty()) {
            match words.last_mut() {
                Some(last) if last.chars().all(|c| "<>=^~".contains(c)) => last.push_str(word),
                _ => words.push(word.to_owned()),
            }
        }
        let conditions = words.iter().map(|word| condition(word)).collect::<Option<Vec<_>>>()?;
        (!conditions.is_empty()).then_some(Range { conditions })
    }

    /// Whether a version is in the range.
    pub fn has(&self, version: &Version) -> bool {
        let within = |condition: &Condition| {
            let from = condition.from.as_ref().is_none_or(|from| from < version || !condition.open && from == version);
            let below = condition.below.as_ref();
            from && below.is_none_or(|below| version < below || condition.closed && version == below)
        };
        let named = |end: &Option<Version>| end.as_ref().is_some_and(|end| same_pre(end, version));
        self.conditions.iter().all(within)
            && (version.pre.is_empty() || self.conditions.iter().any(|c| named(&c.from) || named(&c.below)))
    }
}

fn same_pre(end: &Version, version: &Version) -> bool {
    !end.pre.is_empty() && end.numbers == version.numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_have_the_versions_they_say() {
        let cases = [
            ("1.2", "1.2.0 1.9.9", "1.1.9 2.0.0 1.3.0-rc.1"),
            ("^0.2.3", "0.2.3 0.2.9", "0.2.2 0.3.0"),
            ("^0.0.3", "0.0.3", "0.0.4 0.1.0"),
            ("^0", "0.0.0 0.9.0", "1.0.0"),
            ("~1.2.3", "1.2.3 1.2.9", "1.2.2 1.3.0"),
            ("~1", "1.0.0 1.9.0", "2.0.0"),
            (">=1, <3", "1.0.0 2.9.9", "0.9.0 3.0.0"),
            (">= 1.2 < 1.4", "1.2.0 1.3.9", "1.4.0"),
            (">1.2", "1.3.0", "1.2.9"),
            ("<=1.2", "1.2.9 0.1.0", "1.3.0"),
            ("=1.0.0", "1.0.0 1.0.0+build", "1.0.1"),
            ("1.*", "1.0.0 1.9.0", "2.0.0"),
            ("*", "0.0.0 9.9.9", "1.0.0-a"),
            (">=1.0.0-rc.2", "1.0.0-rc.2 1.0.0-rc.10 1.0.0 2.0.0", "1.0.0-rc.1 1.1.0-rc.3"),
        ];
        for (range, inside, outside) in cases {
            let parsed = Range::parse(range).unwrap_or_else(|| panic!("{range}"));
            let has = |text: &str| parsed.has(&Version::parse(text).unwrap_or_else(|| panic!("{text}")));
            inside.split(' ').for_each(|version| assert!(has(version), "{version} is in {range}"));
            outside.split(' ').for_each(|version| assert!(!has(version), "{version} is not in {range}"));
        }
    }

    #[test]
    fn what_is_no_range_or_version_is_refused() {
        for text in ["", "a", "1.2.3.4", "01", "1..2", "1.*.2", "^", "1-rc", ">=", "==1", "1.0.0-", "1.0.0-01"] {
            assert!(Range::parse(text).is_none(), "{text}");
        }
        for text in ["1", "1.2", "1.2.x", "v1.2.3", "", "99999999999999999999.0.0"] {
            assert!(Version::parse(text).is_none(), "{text}");
        }
    }
}
