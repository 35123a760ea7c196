//! Functions that write values and bytes as text of another language, and read them.

use super::given::{Given, affordable};
use super::{json, yaml};
use ipcmm_bytecode::functions::family::Encodings;
use ipcmm_bytecode::{Fault, Value};

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const BASE64_URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

pub fn call(function: Encodings, given: Given) -> Result<Value, Fault> {
    Ok(match function {
        Encodings::Utf8Encode => bytes(given.str(0)?.as_bytes().to_vec()),
        Encodings::Utf8Decode => {
            let text = std::str::from_utf8(given.bytes(0)?);
            Value::str(text.map_err(|e| given.bad(0, &format!("it is no UTF-8 from byte {} on", e.valid_up_to())))?)
        }
        Encodings::HexEncode => {
            let data = given.data(0)?;
            affordable(data.len().checked_mul(2))?;
            Value::str(hex(data))
        }
        Encodings::HexDecode => {
            let digits = given.str(0)?;
            let nibble = |c: u8| (c as char).to_digit(16).map(|digit| digit as u8);
            let byte = |pair: &[u8]| match pair {
                [high, low] => Some(nibble(*high)? << 4 | nibble(*low)?),
                _ => None,
            };
            let decoded: Option<Vec<u8>> = digits.as_bytes().chunks(2).map(byte).collect();
            bytes(decoded.ok_or_else(|| given.bad(0, "it is not pairs of hexadecimal digits"))?)
        }
        Encodings::Base64Encode => base64(given, BASE64, true)?,
        Encodings::Base64UrlEncode => base64(given, BASE64_URL, false)?,
        Encodings::Base64Decode => bytes(from_base64(given, BASE64)?),
        Encodings::Base64UrlDecode => bytes(from_base64(given, BASE64_URL)?),
        Encodings::UrlEncode => {
            let text = given.str(0)?;
            affordable(text.len().checked_mul(3))?;
            let mut out = String::with_capacity(text.len());
            for byte in text.bytes() {
                match byte {
                    b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(byte.into()),
                    byte => out.push_str(&format!("%{byte:02X}")),
                }
            }
            Value::str(out)
        }
        Encodings::UrlDecode => {
            let mut out = Vec::new();
            let mut rest = given.str(0)?.as_bytes();
            while let Some((first, behind)) = rest.split_first() {
                rest = match (first, behind) {
                    (b'%', [high, low, behind @ ..]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                        let digit = |c: u8| (c as char).to_digit(16).unwrap_or(0) as u8;
                        out.push(digit(*high) << 4 | digit(*low));
                        behind
                    }
                    (b'%', _) => return Err(given.bad(0, "a `%` without two hexadecimal digits behind it")),
                    (byte, behind) => {
                        out.push(*byte);
                        behind
                    }
                };
            }
            Value::str(String::from_utf8(out).map_err(|_| given.bad(0, "what it stands for is no UTF-8"))?)
        }
        Encodings::XmlEscape => {
            let text = given.str(0)?;
            affordable(text.len().checked_mul(6))?;
            let mut out = String::with_capacity(text.len());
            for c in text.chars() {
                match c {
                    '&' => out.push_str("&amp;"),
                    '<' => out.push_str("&lt;"),
                    '>' => out.push_str("&gt;"),
                    '"' => out.push_str("&quot;"),
                    '\'' => out.push_str("&#39;"),
                    '\t' | '\n' | '\r' => out.push(c),
                    c if c < ' ' || matches!(c, '\u{fffe}' | '\u{ffff}') => {
                        return Err(given.bad(0, &format!("XML cannot hold the character U+{:04X}", c as u32)));
                    }
                    c => out.push(c),
                }
            }
            Value::str(out)
        }
        Encodings::JsonEncode => {
            let indent = if given.lacks(1) { None } else { Some(given.within(1, 0, 16)? as usize) };
            Value::str(json::encode(given, indent)?)
        }
        Encodings::JsonDecode => json::decode(given)?,
        Encodings::YamlEncode => Value::str(yaml::encode(given)?),
    })
}

fn bytes(bytes: Vec<u8>) -> Value {
    Value::Bytes(bytes.into())
}

/// Two hexadecimal digits for each byte.
pub fn hex(data: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap_or('0');
    data.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn base64(given: Given, alphabet: &[u8; 64], padded: bool) -> Result<Value, Fault> {
    let data = given.data(0)?;
    affordable(data.len().checked_mul(2))?;
    let mut out = String::with_capacity(data.len().div_ceil(3) * 4);
    for part in data.chunks(3) {
        let byte = |at: usize| u32::from(part.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..4 {
            match at <= part.len() {
                true => out.push(alphabet[(bits >> (18 - 6 * at) & 63) as usize].into()),
                false if padded => out.push('='),
                false => {}
            }
        }
    }
    Ok(Value::str(out))
}

/// The bytes of Base64. Bits that stand for nothing must be 0, so that each text has one meaning and one spelling.
fn from_base64(given: Given, alphabet: &[u8; 64]) -> Result<Vec<u8>, Fault> {
    let text = given.str(0)?;
    let white = |c: &u8| matches!(c, b' ' | b'\t' | b'\r' | b'\n');
    let all: Vec<u8> = text.bytes().filter(|c| !white(c)).collect();
    let padding = all.iter().rev().take_while(|c| **c == b'=').count();
    let digits = &all[..all.len() - padding];
    let bare = padding == 0 && alphabet == BASE64_URL;
    if digits.len() % 4 == 1 || padding > 2 || !(bare || all.len().is_multiple_of(4)) {
        return Err(given.bad(0, "its length is none of Base64; is something missing at the end?"));
    }
    let mut out = Vec::with_capacity(digits.len() / 4 * 3 + 2);
    for part in digits.chunks(4) {
        let mut bits = 0u32;
        for at in 0..4 {
            let digit = match part.get(at) {
                Some(c) => alphabet
                    .iter()
                    .position(|known| known == c)
                    .ok_or_else(|| given.bad(0, &format!("{:?} is no digit of this Base64", char::from(*c))))?,
                None => 0,
            };
            bits = bits << 6 | digit as u32;
        }
        let [_, first, second, third] = bits.to_be_bytes();
        let decoded = [first, second, third];
        let (whole, left) = decoded.split_at(part.len() - 1);
        if left.iter().any(|byte| *byte != 0) {
            return Err(given.bad(0, "its last digit has bits that stand for nothing"));
        }
        out.extend_from_slice(whole);
    }
    Ok(out)
}
