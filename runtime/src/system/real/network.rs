//! The two questions asked of the network. Unaware of why.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpStream, ToSocketAddrs, UdpSocket};
use std::time::{Duration, Instant};

/// The address packets to the world would leave from. A datagram socket that is connected chooses it
/// without sending anything; the targets are documentation addresses, which no one has.
pub(super) fn source_address() -> Option<IpAddr> {
    let v4 = || chosen((Ipv4Addr::UNSPECIFIED, 0), IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)));
    let v6 = || chosen((Ipv6Addr::UNSPECIFIED, 0), IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1)));
    v4().or_else(v6)
}

fn chosen(any: impl ToSocketAddrs, target: IpAddr) -> Option<IpAddr> {
    let socket = UdpSocket::bind(any).ok()?;
    socket.connect((target, 9)).ok()?;
    socket.local_addr().ok().map(|a| a.ip()).filter(|ip| !ip.is_unspecified())
}

/// Whether any address of `host` accepts a connection on `port` in time.
pub(super) fn connects(host: &str, port: u16, within: Duration) -> bool {
    let end = Instant::now() + within;
    let Ok(addresses) = (host, port).to_socket_addrs() else { return false };
    for address in addresses {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return false;
        }
        if TcpStream::connect_timeout(&address, left).is_ok() {
            return true;
        }
    }
    false
}
