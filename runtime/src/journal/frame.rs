//! Records in a file: lengths, checksums, and what is said of a file that ends too early or was altered.
//!
//! Each checksum covers everything before it, so that no record can be altered, exchanged or left out unseen. Unaware
//! of: what records say. The layout is `spec/journal.md`.

use ipcmm_bytecode::{Fault, FaultKind};

/// The first bytes of a journal.
pub const MAGIC: [u8; 8] = *b"ipcmm-j\n";
/// The version of the format.
pub const VERSION: u32 = 1;
/// Bytes before the first record.
pub const START: usize = 16;
/// Bytes before the payload of a record: its length, its kind, and a checksum of both.
const HEAD: usize = 16;
/// Bytes behind it: its checksum.
const TAIL: usize = 8;
/// The longest payload of a record, in bytes.
pub const RECORD_BYTES: usize = 80 << 20;
/// The longest journal, in bytes.
pub const JOURNAL_BYTES: u64 = 256 << 20;

/// The hash of everything up to a place of a journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chain([u8; 32]);

impl Chain {
    /// The first bytes of a journal, and the hash of them.
    pub fn start() -> ([u8; START], Chain) {
        let mut first = [0; START];
        first[..8].copy_from_slice(&MAGIC);
        first[8..12].copy_from_slice(&VERSION.to_le_bytes());
        (first, Chain(*blake3::hash(&first).as_bytes()))
    }

    fn then(&self, parts: &[&[u8]]) -> Chain {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&self.0);
        for part in parts {
            hasher.update(part);
        }
        Chain(*hasher.finalize().as_bytes())
    }

    fn sum(&self) -> &[u8] {
        &self.0[..8]
    }

    /// Appends a record.
    pub fn append(&mut self, kind: u32, payload: &[u8], out: &mut Vec<u8>) {
        let mut head = [0; 8];
        head[..4].copy_from_slice(&(payload.len() as u32).to_le_bytes());
        head[4..].copy_from_slice(&kind.to_le_bytes());
        out.extend(head);
        out.extend(self.then(&[&head]).sum());
        out.extend(payload);
        *self = self.then(&[&head, payload]);
        out.extend(self.sum());
    }
}

/// Reads the records of a journal one after the other.
#[derive(Debug)]
pub struct Records<'a> {
    bytes: &'a [u8],
    /// Where the next record begins.
    pos: usize,
    chain: Chain,
}

impl<'a> Records<'a> {
    /// The records behind the first bytes. `None` where not even those are complete: nothing was ever written.
    ///
    /// # Errors
    /// If it is no journal, or one of another version.
    pub fn open(bytes: &'a [u8]) -> Result<Option<Records<'a>>, Fault> {
        let (first, chain) = Chain::start();
        // What was written of the first bytes, and zeros where a loss of power left them.
        let written = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        if first.starts_with(&bytes[..written]) {
            return Ok(None);
        }
        if bytes.len() < START || bytes[..8] != MAGIC {
            return Err(damaged(0, "it does not begin as one"));
        }
        let version = u32::from_le_bytes([bytes[8], bytes[9], bytes[10], bytes[11]]);
        if version != VERSION {
            return Err(Fault::new(FaultKind::UnknownJournal, format!("version {version}; this reads {VERSION}")));
        }
        if bytes[..START] != first {
            return Err(damaged(12, "what is reserved is not zero"));
        }
        Ok(Some(Records { bytes, pos: START, chain }))
    }

    /// Where the whole records end, and the hash up to there.
    pub fn end(&self) -> (u64, Chain) {
        (self.pos as u64, self.chain)
    }

    /// The next record: its kind and payload. `None` at the end, also where the last record is not complete.
    ///
    /// # Errors
    /// If a record was altered.
    pub fn record(&mut self) -> Result<Option<(u32, &'a [u8])>, Fault> {
        let rest = &self.bytes[self.pos..];
        let zeros = |from: usize| rest[from.min(rest.len())..].iter().all(|byte| *byte == 0);
        if rest.len() < HEAD || zeros(0) {
            return Ok(None);
        }
        let (head, check) = (&rest[..8], &rest[8..HEAD]);
        if self.chain.then(&[head]).sum() != check {
            // After a loss of power a file can be as long as it should be and hold zeros at its end.
            if zeros(HEAD - 1) {
                return Ok(None);
            }
            return Err(damaged(self.pos, "the length of a record does not match its checksum"));
        }
        let length = u32::from_le_bytes([head[0], head[1], head[2], head[3]]) as usize;
        if length > RECORD_BYTES {
            return Err(damaged(self.pos, "a record is longer than any"));
        }
        if rest.len() < HEAD + length + TAIL {
            return Ok(None);
        }
        let payload = &rest[HEAD..HEAD + length];
        let next = self.chain.then(&[head, payload]);
        if next.sum() != &rest[HEAD + length..HEAD + length + TAIL] {
            return if zeros(HEAD + length + TAIL - 1) {
                Ok(None)
            } else {
                Err(damaged(self.pos, "a record does not match its checksum"))
            };
        }
        (self.chain, self.pos) = (next, self.pos + HEAD + length + TAIL);
        Ok(Some((u32::from_le_bytes([head[4], head[5], head[6], head[7]]), payload)))
    }
}

/// The fault of a journal that cannot be trusted from a place on.
pub fn damaged(at: usize, why: &str) -> Fault {
    Fault::new(FaultKind::JournalDamaged, format!("at byte {at}: {why}"))
}
