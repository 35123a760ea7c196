//! Functions on IPv4 and IPv6 addresses and on networks.

/// Appends this family to those before it, and goes on with the next.
macro_rules! addresses {
    ($m:ident [$next:ident $($rest:ident)*] $($before:tt)*) => {
        $next! { $m [$($rest)*] $($before)*
            Addresses "Addresses and networks" "Functions on IPv4 and IPv6 addresses and on networks." {
                42 Ip "ip" (text: "str") -> "ip" [None] "The text as an IPv4 or IPv6 address; a fault unless it is one." "ip('::1') == ip('0:0:0:0:0:0:0:1')" "true";
                43 Cidr "cidr" (text: "str") -> "cidr" [None] "The text as a network; a fault unless it is an address, `/` and a number of bits." "'10.1.2.3' in cidr('10.0.0.0/8')" "true";
                45 IpCompare "ip.compare" (first: "ip", second: "ip") -> "int" [None] "-1, 0 or 1: how the first address precedes the second by number; IPv4 precedes IPv6." "ip.compare('10.0.0.9', '10.0.0.10')" "-1";
                46 IpWithin "ip.within" (address: "ip", network: "cidr") -> "bool" [None] "Whether the address belongs to the network." "ip.within('10.1.2.3', '10.0.0.0/8')" "true";
                48 IpKey "ip.key" (address: "ip") -> "list<any>" [None] "A value that is ordered as addresses are." "ip.key('10.0.0.9') < ip.key('10.0.0.10')" "true";
                161 IsIp "is_ip" (text: "str") -> "bool" [None] "Whether `ip` makes an address of the text." "is_ip('10.0.0.1') and not is_ip('10.0.0')" "true";
                162 IsCidr "is_cidr" (text: "str") -> "bool" [None] "Whether `cidr` makes a network of the text." "is_cidr('10.0.0.0/8')" "true";
                163 IpVersion "ip.version" (address: "ip") -> "int" [None] "4 or 6." "ip.version('::1')" "6";
                164 IpCanonical "ip.canonical" (address: "ip") -> "ip" [None] "The address in its shortest form." "ip.canonical('0:0:0:0:0:0:0:1')" "'::1'";
                165 IpAdd "ip.add" (address: "ip", by: "int") -> "ip" [None] "The address so many after it, or before it." "ip.add('10.0.0.255', 1)" "'10.0.1.0'";
                166 IpIsPrivate "ip.is_private" (address: "ip") -> "bool" [None] "Whether the address is of a private IPv4 network or a unique local IPv6 one." "ip.is_private('192.168.1.1')" "true";
                167 IpIsLoopback "ip.is_loopback" (address: "ip") -> "bool" [None] "Whether the address is of the host itself." "ip.is_loopback('127.0.0.1')" "true";
                168 IpReverseName "ip.reverse_name" (address: "ip") -> "str" [None] "The name under which DNS has the name of an address." "ip.reverse_name('10.1.2.3')" "'3.2.1.10.in-addr.arpa'";
                169 CidrNetwork "cidr.network" (network: "cidr") -> "cidr" [None] "The network with no bits set behind its prefix." "cidr.network('10.1.2.3/8')" "'10.0.0.0/8'";
                170 CidrPrefix "cidr.prefix" (network: "cidr") -> "int" [None] "How many bits its addresses have in common." "cidr.prefix('10.0.0.0/8')" "8";
                171 CidrFirst "cidr.first" (network: "cidr") -> "ip" [None] "The first address." "cidr.first('10.1.2.3/24')" "'10.1.2.0'";
                172 CidrLast "cidr.last" (network: "cidr") -> "ip" [None] "The last address; of IPv4 it is the broadcast address." "cidr.last('10.1.2.3/24')" "'10.1.2.255'";
                173 CidrNetmask "cidr.netmask" (network: "cidr") -> "ip" [None] "The mask of the bits in common." "cidr.netmask('10.0.0.0/12')" "'255.240.0.0'";
                174 CidrHost "cidr.host" (network: "cidr", number: "int") -> "ip" [None] "The address with this number in the network, counted from 0 or, negative, from the end." "cidr.host('10.1.2.0/24', 5)" "'10.1.2.5'";
                175 CidrSize "cidr.size" (network: "cidr") -> "int" [None] "How many addresses it has; a fault beyond 64 bits." "cidr.size('10.0.0.0/24')" "256";
                176 CidrSubnet "cidr.subnet" (network: "cidr", prefix: "int", number: "int") -> "cidr" [None] "The network with a longer prefix that has this number within it, counted from 0." "cidr.subnet('10.0.0.0/8', 16, 3)" "'10.3.0.0/16'";
                177 CidrSubnets "cidr.subnets" (network: "cidr", prefix: "int") -> "list<cidr>" [None] "All networks with a longer prefix within it." "cidr.subnets('10.0.0.0/23', 24)" "['10.0.0.0/24', '10.0.1.0/24']";
                178 CidrContains "cidr.contains" (network: "cidr", other: "cidr") -> "bool" [None] "Whether all addresses of the other network are in it." "cidr.contains('10.0.0.0/8', '10.1.0.0/16')" "true";
                179 CidrOverlaps "cidr.overlaps" (first: "cidr", second: "cidr") -> "bool" [None] "Whether an address is in both." "cidr.overlaps('10.1.0.0/16', '10.0.0.0/8')" "true";
            }
        }
    };
}
