//! Versions, addresses and networks: texts that are compared by what they mean.

use super::bad;
use ipcmm_bytecode::{Fault, Value};
use std::cmp::Ordering;
use std::net::IpAddr;
use std::sync::Arc;

/// Whether a text is a version, for the compiler.
pub fn check_version(text: &str) -> Result<(), Fault> {
    Version::read(text).map(drop)
}

/// Whether a text is an address, for the compiler.
pub fn check_address(text: &str) -> Result<(), Fault> {
    read_address(text).map(drop)
}

/// Whether a text is a network, for the compiler.
pub fn check_network(text: &str) -> Result<(), Fault> {
    read_network(text).map(drop)
}

/// The text, if it is a version.
pub fn version(text: Arc<str>) -> Result<Value, Fault> {
    check_version(&text).map(|()| Value::Str(text))
}

/// The text, if it is an address.
pub fn address(text: Arc<str>) -> Result<Value, Fault> {
    check_address(&text).map(|()| Value::Str(text))
}

/// The text, if it is a network.
pub fn network(text: Arc<str>) -> Result<Value, Fault> {
    check_network(&text).map(|()| Value::Str(text))
}

/// How one version precedes another: -1, 0 or 1.
pub fn compare_versions(a: &str, b: &str) -> Result<Value, Fault> {
    Ok(Value::Int(Version::read(a)?.cmp(&Version::read(b)?) as i64))
}

/// How one address precedes another: -1, 0 or 1.
pub fn compare_addresses(a: &str, b: &str) -> Result<Value, Fault> {
    Ok(Value::Int(read_address(a)?.cmp(&read_address(b)?) as i64))
}

/// A list that is ordered as versions are.
pub fn version_key(text: &str) -> Result<Value, Fault> {
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

/// A list that is ordered as addresses are.
pub fn address_key(text: &str) -> Result<Value, Fault> {
    let (family, digits) = match read_address(text)? {
        IpAddr::V4(address) => (4, format!("{:08x}", address.to_bits())),
        IpAddr::V6(address) => (6, format!("{:032x}", address.to_bits())),
    };
    Ok(Value::list(vec![Value::Int(family), Value::str(digits)]))
}

/// Whether an address belongs to a network.
pub fn within(address: &str, network: &str) -> Result<Value, Fault> {
    let address = read_address(address)?;
    let (base, bits) = read_network(network)?;
    let (a, b, width) = match (address, base) {
        (IpAddr::V4(a), IpAddr::V4(b)) => (u128::from(a.to_bits()), u128::from(b.to_bits()), 32),
        (IpAddr::V6(a), IpAddr::V6(b)) => (a.to_bits(), b.to_bits(), 128),
        _ => return Ok(Value::Bool(false)),
    };
    // A shift by the whole width would not be one.
    let differ = (a ^ b).checked_shr(width - bits).unwrap_or(0);
    Ok(Value::Bool(differ == 0))
}

fn shown(text: &str) -> String {
    text.chars().take(80).collect()
}

fn read_address(text: &str) -> Result<IpAddr, Fault> {
    text.parse().map_err(|_| bad(format!("'{}' is no IPv4 or IPv6 address", shown(text))))
}

fn read_network(text: &str) -> Result<(IpAddr, u32), Fault> {
    let malformed = || bad(format!("'{}' is no network, such as 10.0.0.0/8", shown(text)));
    let (base, bits) = text.split_once('/').ok_or_else(malformed)?;
    let base: IpAddr = base.parse().map_err(|_| malformed())?;
    let plain = bits.len() <= 3 && !bits.is_empty() && bits.bytes().all(|b| b.is_ascii_digit());
    let bits: u32 = bits.parse().map_err(|_| malformed())?;
    match plain && bits <= if base.is_ipv4() { 32 } else { 128 } {
        true => Ok((base, bits)),
        false => Err(malformed()),
    }
}

/// A version by Semantic Versioning 2.0.0. Its order is that of precedence, so build metadata are left out.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Version<'t> {
    core: [u64; 3],
    release: Release<'t>,
}

/// A pre-release precedes the release.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Release<'t> {
    Pre(Vec<Identifier<'t>>),
    Full,
}

/// Numbers precede words; numbers are as long as one likes, so they are compared by length first.
#[derive(PartialEq, Eq)]
enum Identifier<'t> {
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
    fn read(text: &str) -> Result<Version<'_>, Fault> {
        Version::parse(text).ok_or_else(|| bad(format!("'{}' is no version, such as 1.2.3", shown(text))))
    }

    fn parse(text: &str) -> Option<Version<'_>> {
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
fn number(part: &str) -> Option<&str> {
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

    #[test]
    fn addresses_belong_to_networks() {
        for (address, network, inside) in [
            ("10.1.2.3", "10.0.0.0/8", true),
            ("11.1.2.3", "10.0.0.0/8", false),
            ("10.0.0.1", "0.0.0.0/0", true),
            ("10.0.0.1", "10.0.0.1/32", true),
            ("fe80::1", "fe80::/10", true),
            ("::1", "::/0", true),
            ("::1", "0.0.0.0/0", false),
        ] {
            assert_eq!(within(address, network), Ok(Value::Bool(inside)), "{address} in {network}");
        }
        for text in ["10.0.0.0", "10.0.0.0/33", "10.0.0/8", "::/129", "10.0.0.0/+8", "10.0.0.0/"] {
            assert!(check_network(text).is_err(), "{text}");
        }
        assert_eq!(compare_addresses("10.0.0.9", "10.0.0.10"), Ok(Value::Int(-1)));
    }
}
