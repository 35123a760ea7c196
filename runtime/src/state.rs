//! The agent's own folder on a node: journals of runs, the bundles they were of, and who runs now.
//!
//! Only an apply makes it. What is in it is read with limits, and nothing in it is trusted that does not check out.
//! Unaware of: what journals say beyond [`crate::journal`], and where the folder is. Start reading at [`State`].

pub mod tickets;
pub mod writes;

use crate::journal::frame::{Chain, JOURNAL_BYTES};
use crate::journal::recover::{Recovered, Want, recover};
use ipcmm_bytecode::bundle::Bundle;
use ipcmm_bytecode::{Fault, FaultKind, limits};
use std::collections::HashSet;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Journals that are kept; the latest of each line is kept beyond that.
pub const KEPT: usize = 64;
/// Journals that are kept in any case.
pub const KEPT_LINES: usize = 1024;
/// Entries of a folder that are looked at.
const ENTRIES: usize = 1 << 16;
/// Bytes of a journal in which its first records stand, as a rule.
const HEADER_BYTES: u64 = 64 << 10;
/// Only whoever runs the agent reads what is in the folder.
const PRIVATE: u32 = 0o600;

/// A journal in the folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its number; a later run has a greater one, whatever the clock says.
    pub number: u64,
    /// A hash of the name of its line.
    line: String,
    path: PathBuf,
}

/// The folder.
#[derive(Clone, Debug)]
pub struct State {
    folder: PathBuf,
}

impl State {
    /// Makes the folder where it is missing, and sees that it can be written to.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn open(folder: &Path) -> io::Result<State> {
        for folder in [folder.to_owned(), folder.join("runs"), folder.join("bundles"), folder.join("running")] {
            DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
        }
        rustix::fs::access(folder.join("runs"), rustix::fs::Access::WRITE_OK)?;
        Ok(State { folder: folder.to_owned() })
    }

    /// The folder as it is; it may be missing, and then it is empty.
    pub fn peek(folder: &Path) -> State {
        State { folder: folder.to_owned() }
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// All journals, the latest last.
    pub fn journals(&self) -> Vec<Entry> {
        let names = fs::read_dir(self.folder.join("runs")).into_iter().flatten().take(ENTRIES).flatten();
        let mut entries: Vec<Entry> = names
            .filter_map(|entry| {
                let name = entry.file_name().into_string().ok()?;
                let (number, line) = name.strip_suffix(".journal")?.split_once('-')?;
                Some(Entry { number: number.parse().ok()?, line: line.to_owned(), path: entry.path() })
            })
            .collect();
        entries.sort_by_key(|entry| entry.number);
        entries
    }

    /// What a journal says; `None` if its run had not begun to do anything.
    ///
    /// # Errors
    /// If it was damaged, cannot be read, or has a format that is not known.
    pub fn read(&self, entry: &Entry, want: Want) -> Result<Option<Recovered>, Fault> {
        let said = |error: io::Error| Fault::new(FaultKind::Io, format!("{}: {error}", entry.path.display()));
        let bytes = read_bounded(&entry.path, JOURNAL_BYTES).map_err(said)?;
        recover(&bytes, want).map_err(|fault| {
            let detail = format!("{}, {}", entry.path.display(), fault.detail);
            Fault { detail, ..fault }
        })
    }

    /// The latest journal of a line whose run had begun, or of any line.
    ///
    /// # Errors
    /// As [`State::read`].
    pub fn latest(&self, line: Option<&str>, want: Want) -> Result<Option<(Entry, Recovered)>, Fault> {
        let hash = line.map(line_hash);
        for entry in self.journals().into_iter().rev().filter(|e| hash.as_ref().is_none_or(|hash| e.line == *hash)) {
            if let Some(found) = self.read(&entry, want)?
                && line.is_none_or(|line| found.header.line == line)
            {
                return Ok(Some((entry, found)));
            }
        }
        Ok(None)
    }

    /// A new journal that begins with these bytes; `durable` if they must outlive a loss of power.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn create(&self, line: &str, opening: &[u8], durable: bool) -> io::Result<(u64, File)> {
        let mut number = self.journals().last().map_or(1, |last| last.number.saturating_add(1));
        let folder = self.folder.join("runs");
        loop {
            let path = folder.join(format!("{number:010}-{}.journal", line_hash(line)));
            match OpenOptions::new().write(true).create_new(true).mode(PRIVATE).open(&path) {
                Ok(mut file) => {
                    file.write_all(opening)?;
                    if durable {
                        file.sync_data()?;
                        File::open(&folder)?.sync_all()?;
                    }
                    return Ok((number, file));
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
                Err(error) => return Err(error),
            }
        }
    }

    /// A journal to go on with, behind its whole records.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn go_on(&self, entry: &Entry, end: (u64, Chain)) -> io::Result<File> {
        let mut file = OpenOptions::new().write(true).open(&entry.path)?;
        file.set_len(end.0)?;
        file.seek(SeekFrom::End(0))?;
        Ok(file)
    }

    /// Keeps a bundle, so that its run can be resumed without it being given again.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn keep_bundle(&self, root: &[u8; 32], bytes: &[u8]) -> io::Result<()> {
        let path = self.bundle_path(root);
        if fs::metadata(&path).is_ok_and(|there| there.len() == bytes.len() as u64) {
            return Ok(());
        }
        let beside = path.with_extension(format!("{}.new", std::process::id()));
        let written = OpenOptions::new().write(true).create(true).truncate(true).mode(PRIVATE).open(&beside);
        let done = written.and_then(|mut file| file.write_all(bytes)).and_then(|()| fs::rename(&beside, &path));
        if done.is_err() {
            let _ = fs::remove_file(&beside);
        }
        done
    }

    /// A bundle that was kept, if it is whole.
    pub fn bundle(&self, root: &[u8; 32]) -> Option<Vec<u8>> {
        let bytes = read_bounded(&self.bundle_path(root), limits::BUNDLE_BYTES).ok()?;
        Bundle::open(&bytes).is_ok_and(|bundle| bundle.root() == *root).then_some(bytes)
    }

    fn bundle_path(&self, root: &[u8; 32]) -> PathBuf {
        let hex: String = root.iter().map(|byte| format!("{byte:02x}")).collect();
        self.folder.join("bundles").join(format!("{hex}.ipcb"))
    }

    /// The bundle of a journal, by its first record.
    fn bundle_of(&self, entry: &Entry) -> Option<PathBuf> {
        let mut bytes = Vec::new();
        File::open(&entry.path).ok()?.take(HEADER_BYTES).read_to_end(&mut bytes).ok()?;
        Some(self.bundle_path(&recover(&bytes, Want::Owed).ok()??.header.root))
    }

    /// Removes journals that are old, and bundles of which no journal is left. What cannot be removed stays.
    pub fn prune(&self) {
        let journals = self.journals();
        let excess = journals.len().saturating_sub(KEPT);
        if excess == 0 {
            return;
        }
        let mut lines = HashSet::new();
        let latest: HashSet<u64> =
            journals.iter().rev().filter(|e| lines.insert(&e.line)).take(KEPT_LINES).map(|e| e.number).collect();
        for entry in journals.iter().take(excess).filter(|entry| !latest.contains(&entry.number)) {
            let _ = fs::remove_file(&entry.path);
        }
        // If it cannot be told which bundles are needed, all are.
        let roots: Option<HashSet<PathBuf>> = self.journals().iter().map(|entry| self.bundle_of(entry)).collect();
        let Some(roots) = roots else { return };
        for entry in fs::read_dir(self.folder.join("bundles")).into_iter().flatten().take(ENTRIES).flatten() {
            if !roots.contains(&entry.path()) {
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

/// Names may hold anything and be long; a hash of one is a file name.
fn line_hash(line: &str) -> String {
    blake3::hash(line.as_bytes()).to_hex()[..16].to_owned()
}

/// A regular file up to a limit.
fn read_bounded(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let file = OpenOptions::new().read(true).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK).open(path)?;
    let there = file.metadata()?;
    if !there.is_file() || there.len() > limit {
        return Err(io::Error::other(format!("it is no regular file of at most {limit} bytes")));
    }
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(there.len() as usize)?;
    file.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit { Err(io::Error::other("it grows while it is read")) } else { Ok(bytes) }
}
