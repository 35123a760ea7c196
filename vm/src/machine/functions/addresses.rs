//! Functions on IPv4 and IPv6 addresses and on networks.

use super::given::{Given, affordable_parts, bad};
use ipcmm_bytecode::functions::family::Addresses;
use ipcmm_bytecode::{Fault, Value};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

pub fn call(function: Addresses, given: Given) -> Result<Value, Fault> {
    let text = given.str(0)?;
    let address = || read_address(text);
    let network = || Network::read(text);
    Ok(match function {
        Addresses::Ip => address().map(|_| Value::Str(text.clone()))?,
        Addresses::Cidr => network().map(|_| Value::Str(text.clone()))?,
        Addresses::IsIp => Value::Bool(address().is_ok()),
        Addresses::IsCidr => Value::Bool(network().is_ok()),
        Addresses::IpCompare => compare_addresses(text, given.str(1)?)?,
        Addresses::IpWithin => within(text, given.str(1)?)?,
        Addresses::IpKey => address_key(text)?,
        Addresses::IpVersion => Value::Int(if address()?.is_ipv4() { 4 } else { 6 }),
        Addresses::IpCanonical => Value::str(address()?.to_string()),
        Addresses::IpAdd => {
            let (address, by) = (address()?, given.int(1)?);
            let (number, width) = number_of(address);
            let sum = number.checked_add_signed(by.into()).filter(|sum| *sum <= most(width));
            let sum = sum.ok_or_else(|| given.bad(1, &format!("{by} from {text} there is no address any more")))?;
            Value::str(address_of(sum, width).to_string())
        }
        Addresses::IpIsPrivate => Value::Bool(match address()? {
            IpAddr::V4(address) => address.is_private(),
            IpAddr::V6(address) => address.is_unique_local(),
        }),
        Addresses::IpIsLoopback => Value::Bool(address()?.is_loopback()),
        Addresses::IpReverseName => Value::str(reverse_name(address()?)),
        Addresses::CidrNetwork => Value::str(network()?.to_string()),
        Addresses::CidrPrefix => Value::Int(network()?.prefix.into()),
        Addresses::CidrFirst => Value::str(network()?.address(0).to_string()),
        Addresses::CidrLast => {
            let network = network()?;
            Value::str(network.address(network.hosts()).to_string())
        }
        Addresses::CidrNetmask => {
            let network = network()?;
            Value::str(address_of(most(network.width) ^ network.hosts(), network.width).to_string())
        }
        Addresses::CidrHost => {
            let (network, number) = (network()?, given.int(1)?);
            let distance = u128::from(number.unsigned_abs());
            let at = if number < 0 { network.hosts().checked_sub(distance - 1) } else { Some(distance) };
            match at.filter(|at| *at <= network.hosts()) {
                Some(at) => Value::str(network.address(at).to_string()),
                None => return Err(given.bad(1, &format!("{network} has no address {number}"))),
            }
        }
        Addresses::CidrSize => {
            let size = network()?.hosts().checked_add(1).and_then(|size| i64::try_from(size).ok());
            Value::Int(size.ok_or_else(|| given.overflow())?)
        }
        Addresses::CidrSubnet => {
            let network = network()?;
            let prefix = network.longer(given)?;
            let number = given.int(2)?;
            let count = network.count(prefix);
            let at = u128::try_from(number).ok().filter(|at| count.is_none_or(|count| *at < count));
            let at = at.ok_or_else(|| given.bad(2, &format!("{network} has no network {number} of {prefix} bits")))?;
            Value::str(network.subnet(prefix, at).to_string())
        }
        Addresses::CidrSubnets => {
            let network = network()?;
            let prefix = network.longer(given)?;
            let count = network.count(prefix).unwrap_or(u128::MAX);
            affordable_parts(usize::try_from(count).unwrap_or(usize::MAX))?;
            Value::list((0..count).map(|at| Value::str(network.subnet(prefix, at).to_string())).collect())
        }
        Addresses::CidrContains => Value::Bool(network()?.contains(&Network::read(given.str(1)?)?)),
        Addresses::CidrOverlaps => {
            let (first, second) = (network()?, Network::read(given.str(1)?)?);
            Value::Bool(first.contains(&second) || second.contains(&first))
        }
    })
}

/// A network whose host bits are 0.
struct Network {
    base: u128,
    width: u32,
    prefix: u32,
}

impl Network {
    fn read(text: &str) -> Result<Network, Fault> {
        let (base, prefix) = read_network(text)?;
        let (base, width) = number_of(base);
        let plain = Network { base, width, prefix };
        Ok(Network { base: base & !plain.hosts(), ..plain })
    }

    /// The bits behind the prefix: also the number of its last address.
    fn hosts(&self) -> u128 {
        most(self.width - self.prefix)
    }

    fn address(&self, number: u128) -> IpAddr {
        address_of(self.base | number, self.width)
    }

    /// A prefix, in the second argument, that a network within this one can have.
    fn longer(&self, given: Given) -> Result<u32, Fault> {
        Ok(given.within(1, self.prefix.into(), self.width.into())? as u32)
    }

    /// How many networks of a longer prefix it has; `None` if that is beyond any number.
    fn count(&self, prefix: u32) -> Option<u128> {
        1u128.checked_shl(prefix - self.prefix)
    }

    fn subnet(&self, prefix: u32, number: u128) -> Network {
        let base = self.base | number.checked_shl(self.width - prefix).unwrap_or(0);
        Network { base, width: self.width, prefix }
    }

    fn contains(&self, other: &Network) -> bool {
        self.width == other.width && self.prefix <= other.prefix && other.base & !self.hosts() == self.base
    }
}

impl std::fmt::Display for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.address(0), self.prefix)
    }
}

/// The greatest number of so many bits.
fn most(bits: u32) -> u128 {
    u128::MAX.checked_shr(128 - bits).unwrap_or(0)
}

/// An address as a number of 32 or 128 bits.
fn number_of(address: IpAddr) -> (u128, u32) {
    match address {
        IpAddr::V4(address) => (address.to_bits().into(), 32),
        IpAddr::V6(address) => (address.to_bits(), 128),
    }
}

fn address_of(number: u128, width: u32) -> IpAddr {
    match width {
        32 => Ipv4Addr::from_bits(number as u32).into(),
        _ => Ipv6Addr::from_bits(number).into(),
    }
}

fn reverse_name(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => {
            let [a, b, c, d] = address.octets();
            format!("{d}.{c}.{b}.{a}.in-addr.arpa")
        }
        IpAddr::V6(address) => {
            let digits = format!("{:032x}", address.to_bits());
            digits.chars().rev().flat_map(|digit| [digit, '.']).collect::<String>() + "ip6.arpa"
        }
    }
}

/// Whether a text is an address, for the compiler.
pub fn check_address(text: &str) -> Result<(), Fault> {
    read_address(text).map(drop)
}

/// Whether a text is a network, for the compiler.
pub fn check_network(text: &str) -> Result<(), Fault> {
    read_network(text).map(drop)
}

/// How one address precedes another: -1, 0 or 1.
fn compare_addresses(a: &str, b: &str) -> Result<Value, Fault> {
    Ok(Value::Int(read_address(a)?.cmp(&read_address(b)?) as i64))
}

/// A list that is ordered as addresses are.
fn address_key(text: &str) -> Result<Value, Fault> {
    let (family, digits) = match read_address(text)? {
        IpAddr::V4(address) => (4, format!("{:08x}", address.to_bits())),
        IpAddr::V6(address) => (6, format!("{:032x}", address.to_bits())),
    };
    Ok(Value::list(vec![Value::Int(family), Value::str(digits)]))
}

/// Whether an address belongs to a network.
fn within(address: &str, network: &str) -> Result<Value, Fault> {
    let ((address, width), network) = (number_of(read_address(address)?), Network::read(network)?);
    Ok(Value::Bool(width == network.width && address & !network.hosts() == network.base))
}

fn read_address(text: &str) -> Result<IpAddr, Fault> {
    text.parse().map_err(|_| bad(format!("'{}' is no IPv4 or IPv6 address", super::versions::shown(text))))
}

fn read_network(text: &str) -> Result<(IpAddr, u32), Fault> {
    let malformed = || bad(format!("'{}' is no network, such as 10.0.0.0/8", super::versions::shown(text)));
    let (base, bits) = text.split_once('/').ok_or_else(malformed)?;
    let base: IpAddr = base.parse().map_err(|_| malformed())?;
    let plain = bits.len() <= 3 && !bits.is_empty() && bits.bytes().all(|b| b.is_ascii_digit());
    let bits: u32 = bits.parse().map_err(|_| malformed())?;
    match plain && bits <= if base.is_ipv4() { 32 } else { 128 } {
        true => Ok((base, bits)),
        false => Err(malformed()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
