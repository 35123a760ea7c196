//! What a secret must be like where it is kept, whichever system keeps it.
//!
//! Unaware of: how bytes and properties were read.

use super::Secret;
use crate::system::{Kind, Stat};
use ipcmm_bytecode::limits::SECRET_BYTES;
use ipcmm_bytecode::secret::Address;
use ipcmm_bytecode::{Fault, FaultKind};
use zeroize::{Zeroize, Zeroizing};

/// Bits of a mode that let others in: readable by everybody, or changeable by anybody but the owner.
const OPEN: u32 = 0o026;

/// Refuses a file that somebody else could read or could have written.
///
/// # Errors
/// Says what is wrong and what mends it.
pub fn guard(path: &str, stat: &Stat, acting_uid: u32) -> Result<(), Fault> {
    if stat.kind != Kind::File {
        return Err(Fault::new(FaultKind::WrongKind, format!("secret `{path}` is a {}", stat.kind.name())));
    }
    if stat.mode & OPEN != 0 {
        let who = match (stat.mode & 0o004 != 0, stat.mode & 0o022 != 0) {
            (true, _) => "every user can read it",
            (false, _) => "others than its owner can change it",
        };
        let detail = format!("file `{path}` has mode {:04o}: {who}; `chmod 600 {path}` mends it", stat.mode & 0o7777);
        return Err(Fault::new(FaultKind::OpenSecret, detail));
    }
    if stat.uid != 0 && stat.uid != acting_uid {
        let detail = format!("file `{path}` belongs to user {}, neither to root nor to the agent", stat.uid);
        return Err(Fault::new(FaultKind::OpenSecret, detail));
    }
    if stat.size > SECRET_BYTES {
        return Err(too_long(&Address::File(path)));
    }
    Ok(())
}

/// The secret that these bytes are. Of a file the one line end at its end does not belong to it.
///
/// # Errors
/// If it is empty, too long, or no text.
pub fn read(address: &Address<'_>, mut bytes: Zeroizing<Vec<u8>>) -> Result<Secret, Fault> {
    let bad = |what: &str| Fault::new(FaultKind::NoSecret, format!("`{address}`: {what}"));
    if bytes.len() as u64 > SECRET_BYTES {
        bytes.zeroize();
        return Err(too_long(address));
    }
    if matches!(address, Address::File(_)) && bytes.last() == Some(&b'\n') {
        bytes.pop();
        if bytes.last() == Some(&b'\r') {
            bytes.pop();
        }
    }
    if bytes.is_empty() {
        return Err(bad("it is empty"));
    }
    if bytes.contains(&0) {
        return Err(bad("it holds a NUL character"));
    }
    match String::from_utf8(std::mem::take(&mut *bytes)) {
        Ok(text) => Ok(Secret::new(&Zeroizing::new(text))),
        Err(error) => {
            error.into_bytes().zeroize();
            Err(bad("it is no UTF-8 text"))
        }
    }
}

fn too_long(address: &Address<'_>) -> Fault {
    Fault::new(FaultKind::NoSecret, format!("`{address}`: it is longer than {SECRET_BYTES} bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ipcmm_bytecode::Value;

    fn stat(mode: u32, uid: u32) -> Stat {
        Stat { kind: Kind::File, mode, uid, gid: 0, size: 8 }
    }

    #[test]
    fn a_file_that_others_reach_keeps_no_secret() {
        for (mode, uid, fine) in [
            (0o600, 0, true),
            (0o400, 7, true),
            (0o640, 0, true),
            (0o644, 0, false),
            (0o660, 0, false),
            (0o602, 0, false),
            (0o600, 8, false),
        ] {
            assert_eq!(guard("/k", &stat(mode, uid), 7).is_ok(), fine, "{mode:o} {uid}");
        }
        let fault = guard("/k", &stat(0o644, 0), 0).unwrap_err();
        assert_eq!(fault.detail, "file `/k` has mode 0644: every user can read it; `chmod 600 /k` mends it");
    }

    #[test]
    fn one_line_end_of_a_file_is_none_of_the_secret() {
        for (bytes, text) in
            [("a\n", "a"), ("a\r\n", "a"), ("a\n\n", "a\n"), ("a", "a"), (" a ", " a "), ("a\r", "a\r")]
        {
            let read = read(&Address::File("/k"), Zeroizing::new(bytes.into())).unwrap();
            assert_eq!(read.value(), Value::str(text), "{bytes:?}");
        }
        let env = read(&Address::Env("K"), Zeroizing::new(b"a\n".to_vec())).unwrap();
        assert_eq!(env.value(), Value::str("a\n"));
        for bytes in [&b""[..], b"\n", b"a\0b", b"\xff", &[b'x'; SECRET_BYTES as usize + 1]] {
            let fault = read(&Address::File("/k"), Zeroizing::new(bytes.to_vec())).unwrap_err();
            assert_eq!(fault.kind, FaultKind::NoSecret);
            assert!(!fault.detail.contains("xx"));
        }
    }
}
