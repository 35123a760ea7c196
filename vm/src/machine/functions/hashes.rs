//! Hashes of text or bytes, in hexadecimal. MD5 and SHA-1 are left out: both are broken, and what they were good for
//! (noticing accidents) a checksum does.

use super::encodings::hex;
use super::given::Given;
use ipcmm_bytecode::functions::family::Hashes;
use ipcmm_bytecode::{Fault, Value};
use sha2::{Digest, Sha256, Sha512};

pub fn call(function: Hashes, given: Given) -> Result<Value, Fault> {
    let data = given.data(0)?;
    Ok(Value::str(match function {
        Hashes::HashSha256 => hex(&Sha256::digest(data)),
        Hashes::HashSha512 => hex(&Sha512::digest(data)),
        Hashes::HashBlake3 => hex(blake3::hash(data).as_bytes()),
        Hashes::HashCrc32 => format!("{:08x}", crc32(data)),
        Hashes::HashHmacSha256 => hex(&hmac(given.data(1)?, data)),
    }))
}

/// RFC 2104 with SHA-256, whose blocks have 64 bytes.
fn hmac(key: &[u8], data: &[u8]) -> [u8; 32] {
    let mut block = [0u8; 64];
    match key.len() {
        0..=64 => block[..key.len()].copy_from_slice(key),
        _ => block[..32].copy_from_slice(&Sha256::digest(key)),
    }
    let inner = Sha256::new().chain_update(block.map(|b| b ^ 0x36)).chain_update(data).finalize();
    Sha256::new().chain_update(block.map(|b| b ^ 0x5c)).chain_update(inner).finalize().into()
}

/// The CRC of gzip and PNG: polynomial 0x04c11db7, bits reflected.
fn crc32(data: &[u8]) -> u32 {
    const TABLE: [u32; 256] = {
        let mut table = [0; 256];
        let mut i = 0;
        while i < 256 {
            let mut crc = i as u32;
            let mut bit = 0;
            while bit < 8 {
                crc = if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
                bit += 1;
            }
            table[i] = crc;
            i += 1;
        }
        table
    };
    !data.iter().fold(u32::MAX, |crc, byte| (crc >> 8) ^ TABLE[((crc ^ u32::from(*byte)) & 0xff) as usize])
}
