//! Hashes of text (as UTF-8) or bytes, written in hexadecimal.

/// Appends this family to those before it, and goes on with the next.
macro_rules! hashes {
    ($m:ident [$next:ident $($rest:ident)*] $($before:tt)*) => {
        $next! { $m [$($rest)*] $($before)*
            Hashes "Hashes" "Hashes of text (as UTF-8) or bytes, written in hexadecimal." {
                193 HashSha256 "hash.sha256" (data: "str | bytes") -> "str" [None] "SHA-256." "hash.sha256('abc')" "'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'";
                194 HashSha512 "hash.sha512" (data: "str | bytes") -> "str" [None] "SHA-512." "substring(hash.sha512('abc'), 0, 16)" "'ddaf35a193617aba'";
                195 HashBlake3 "hash.blake3" (data: "str | bytes") -> "str" [None] "BLAKE3." "substring(hash.blake3('abc'), 0, 16)" "'6437b3ac38465133'";
                196 HashCrc32 "hash.crc32" (data: "str | bytes") -> "str" [None] "CRC-32, a checksum against accidents only." "hash.crc32('123456789')" "'cbf43926'";
                197 HashHmacSha256 "hash.hmac_sha256" (data: "str | bytes", key: "str | bytes") -> "str" [None] "HMAC with SHA-256." "substring(hash.hmac_sha256('what do ya want for nothing?', 'Jefe'), 0, 16)" "'5bdcc146bf60754e'";
            }
        }
    };
}
