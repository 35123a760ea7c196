//! Functions on versions: texts that are compared by what they mean.

use super::given::{Given, bad};
use super::ranges;
use ipcmm_bytecode::functions::family::Versions;
use ipcmm_bytecode::{Fault, Value};
use std::cmp::Ordering;

pub fn call(function: Versions, given: Given) -> Result<Value, Fault> {
    let text = given.str(0)?;
    Ok(match function {
        Versions::Semver => check_version(text).map(|()| Value::Str(text.clone()))?,
        Versions::IsSemver => Value::Bool(check_version(text).is_ok()),
        Versions::SemverCompare => compare_versions(text, given.str(1)?)?,
        Versions::SemverKey => version_key(text)?,
        Versions::SemverParts => {
            let version = Version::read(text)?;
            let number = |n: u64| i64::try_from(n).map(Value::Int).map_err(|_| given.overflow());
            let (core, build) = text.split_once('+').unwrap_or((text, ""));
            let pre = core.split_once('-').map_or("", |(_, pre)| pre);
            let [major, minor, patch] = version.core;
            Value::map([
                ("major", number(major)?),
                ("minor", number(minor)?),
                ("patch", number(patch)?),
                ("pre", Value::str(pre)),
                ("build", Value::str(build)),
            ])
        }
        Versions::SemverSatisfies => {
            let range = given.str(1)?;
            let fits = ranges::satisfies(&Version::read(text)?, range);
            Value::Bool(
                fits.ok_or_else(|| given.bad(1, &format!("'{}' is no range, such as '>=1.2 <2'", shown(range))))?,
            )
        }
        Versions::SemverBump => {
            let version = Version::read(text)?;
            let ([major, minor, patch], full) = (version.core, version.release == Release::Full);
            let next = |n: u64| n.checked_add(1).ok_or_else(|| given.overflow());
            // A pre-release of what is wanted becomes it.
            let core = match &**given.str(1)? {
                "major" if !full && (minor, patch) == (0, 0) => [major, 0, 0],
                "major" => [next(major)?, 0, 0],
                "minor" if !full && patch == 0 => [major, minor, 0],
                "minor" => [major, next(minor)?, 0],
                "patch" if !full => [major, minor, patch],
                "patch" => [major, minor, next(patch)?],
                other => return Err(given.bad(1, &format!("'{}' is not major, minor or patch", shown(other)))),
            };
            Value::str(core.map(|n| n.to_string()).join("."))
        }
    })
}

/// Whether a text is a version, for the compiler.
pub fn check_version(text: &str) -> Result<(), Fault> {
    Version::read(text).map(drop)
}

/// How one version precedes another: -1, 0 or 1.
fn compare_versions(a: &str, b: &str) -> Result<Value, Fault> {
    Ok(Value::Int(Version::read(a)?.cmp(&Version::read(b)?) as i64))
}

/// A list that is ordered as versions are.
fn version_key(text: &str) -> Result<Value, Fault> {
    let version = Version::read(text)?;
    let number = |digits: &str| [Value::Int(digits.len() as i64), Value::str(digits)];
    let mut key: Vec<Value> = version.core.iter().flat_map(|n| number(&n.to_string())).collect();
    match version.release {
        Release::Full => key.push(Value::Int(1)),
        Release::Pre(identifiers) => {
            let identifier = |identifier: &Identifier<'_>| match identifier {
                Identifier::Number(digits) => Value::list([&[Value::Int(0)][..], &number(digits)].concat()),
                Identifier::Word(word) => Value::list(vec![Value::Int(1), Value::str(*word)]),
            };
            key.extend([Value::Int(0), Value::list(identifiers.iter().map(identifier).collect())]);
        }
    }
    Ok(Value::list(key))
}

/// A text as a fault shows it.
pub fn shown(text: &str) -> String {
    text.chars().take(80).collect()
}

/// A version by Semantic Versioning 2.0.0. Its order is that of precedence, so build metadata are left out.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version<'t> {
    pub core: [u64; 3],
    pub release: Release<'t>,
}

/// A pre-release precedes the release.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Release<'t> {
    Pre(Vec<Identifier<'t>>),
    Full,
}

/// Numbers precede words; numbers are as long as one likes, so they are compared by length first.
#[derive(Clone, PartialEq, Eq)]
pub enum Identifier<'t> {
    Number(&'t str),
    Word(&'t str),
}

impl Ord for Identifier<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Identifier::Number(a), Identifier::Number(b)) => a.len().cmp(&b.len()).then_with(|| a.cmp(b)),
            (Identifier::Number(_), Identifier::Word(_)) => Ordering::Less,
            (Identifier::Word(_), Identifier::Number(_)) => Ordering::Greater,
            (Identifier::Word(a), Identifier::Word(b)) => a.cmp(b),
        }
    }
}

impl PartialOrd for Identifier<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Version<'_> {
    pub fn read(text: &str) -> Result<Version<'_>, Fault> {
        Version::parse(text).ok_or_else(|| bad(format!("'{}' is no version, such as 1.2.3", shown(text))))
    }

    pub fn parse(text: &str) -> Option<Version<'_>> {
        let (text, build) = text.split_once('+').map_or((text, None), |(text, build)| (text, Some(build)));
        let word = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if build.is_some_and(|build| !build.split('.').all(word)) {
            return None;
        }
        let (core, release) = match text.split_once('-') {
            None => (text, Release::Full),
            Some((core, pre)) => {
                let identifier = |part| match number(part) {
                    Some(digits) => Some(Identifier::Number(digits)),
                    // Digits with a zero before them are neither a number nor a word.
                    None if !word(part) || part.bytes().all(|b| b.is_ascii_digit()) => None,
                    None => Some(Identifier::Word(part)),
                };
                (core, Release::Pre(pre.split('.').map(identifier).collect::<Option<_>>()?))
            }
        };
        let mut parts = core.split('.').map(|part| number(part)?.parse().ok());
        let core = [parts.next()??, parts.next()??, parts.next()??];
        parts.next().is_none().then_some(Version { core, release })
    }
}

/// Digits without a zero before them.
pub fn number(part: &str) -> Option<&str> {
    let digits = !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    (digits && (part == "0" || !part.starts_with('0'))).then_some(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered_by_precedence() {
        let ascending = [
            "0.9.9",
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0-rc.1",
            "1.0.0",
            "1.9.0",
            "1.10.0",
        ];
        for (i, a) in ascending.iter().enumerate() {
            for (j, b) in ascending.iter().enumerate() {
                assert_eq!(compare_versions(a, b), Ok(Value::Int(i.cmp(&j) as i64)), "{a} and {b}");
                let keys = (version_key(a).expect("a version"), version_key(b).expect("a version"));
                assert_eq!(crate::machine::arith::order(&keys.0, &keys.1), Ok(i.cmp(&j)), "keys of {a} and {b}");
            }
        }
        assert_eq!(compare_versions("1.0.0+a", "1.0.0+b"), Ok(Value::Int(0)));
        for text in ["1.2", "1.2.3.4", "01.2.3", "1.2.3-", "1.2.3-01", "v1.2.3", "", "1.2.x", "1.2.3+"] {
            assert!(check_version(text).is_err(), "{text}");
        }
    }
}
