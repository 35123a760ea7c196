//! Who runs on a node: one run at a time unless it is said otherwise. Each run holds a locked file; the lock goes with
//! the process, so that one that died is in nobody's way.
//!
//! Unaware of: what a run does beyond what it writes. Start reading at [`State::enter`].

use super::writes::Writes;
use super::{PRIVATE, State, read_bounded};
use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

/// The longest ticket, in bytes.
const TICKET_BYTES: u64 = 4 << 20;

/// Who runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Holder {
    /// Number of the process.
    pub pid: u32,
    /// Name of the bundle.
    pub bundle: String,
    /// Hash that names it, in hexadecimal.
    pub root: String,
    /// Since when, by the clock of the node.
    pub since: String,
    /// It waits for others.
    pub waiting: bool,
    /// What it writes.
    pub writes: Writes,
}

/// What is done if another run is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// The run is refused.
    Alone,
    /// It waits.
    Queue,
    /// It runs beside the other if they write different things, and is refused otherwise.
    Concurrent,
}

/// The right to run. Dropped, it is given back.
#[derive(Debug)]
pub struct Ticket {
    path: PathBuf,
    // The lock lives as long as it is open.
    _file: File,
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// Why a run may not begin.
#[derive(Debug)]
pub enum Refusal {
    /// Another run is under way, and why both cannot be at once if that was asked for.
    Busy(Box<Holder>, Option<String>),
    /// The folder cannot be used.
    Io(io::Error),
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Refusal {
        Refusal::Io(error)
    }
}

impl From<rustix::io::Errno> for Refusal {
    fn from(error: rustix::io::Errno) -> Refusal {
        Refusal::Io(error.into())
    }
}

/// How often a lock of a process that is gone is looked at again.
const PATIENCE: u32 = 100;

/// Whether there is no such process any more.
fn is_dead(pid: u32) -> bool {
    let pid = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw);
    pid.is_some_and(|pid| rustix::process::test_kill_process(pid) == Err(rustix::io::Errno::SRCH))
}

impl State {
    /// Lets a run begin. Where it has to wait, `waits` is told for whom.
    ///
    /// # Errors
    /// If another run is in the way, or the folder cannot be used.
    pub fn enter(&self, mut own: Holder, manner: Manner, waits: &dyn Fn(&Holder)) -> Result<Ticket, Refusal> {
        let gate = self.open_lock(&self.folder.join("lock"))?;
        flock(&gate, FlockOperation::LockExclusive)?;
        let mut others = self.tickets(true);
        // A process that is killed while it starts a program leaves its lock to that program until it executes.
        for _ in 0..PATIENCE {
            if !others.iter().any(|(.., other)| is_dead(other.pid)) {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
            others = self.tickets(true);
        }
        if let Some((.., other)) = others.first().filter(|_| manner == Manner::Alone) {
            return Err(Refusal::Busy(Box::new(other.clone()), None));
        }
        if manner == Manner::Concurrent {
            for (.., other) in &others {
                if let Err(why) = own.writes.apart_from(&other.writes, &own.bundle, &other.bundle) {
                    return Err(Refusal::Busy(Box::new(other.clone()), Some(why)));
                }
            }
        }
        let number = others.last().map_or(1, |(number, ..)| number + 1);
        let path = self.folder.join("running").join(format!("{number:010}"));
        let mut file = self.open_lock(&path)?;
        flock(&file, FlockOperation::LockExclusive)?;
        own.waiting = manner == Manner::Queue && !others.is_empty();
        describe(&mut file, &own)?;
        drop(gate);
        let mut ticket = Ticket { path, _file: file };
        if own.waiting {
            for (_, path, other) in &others {
                // A file that is gone by now is that of a run that is over.
                let Ok(theirs) = File::open(path) else { continue };
                if flock(&theirs, FlockOperation::NonBlockingLockShared).is_err() {
                    waits(other);
                    flock(&theirs, FlockOperation::LockShared)?;
                }
            }
            own.waiting = false;
            describe(&mut ticket._file, &own)?;
        }
        Ok(ticket)
    }

    /// Who runs or waits, the first first.
    pub fn holders(&self) -> Vec<Holder> {
        self.tickets(false).into_iter().map(|(.., holder)| holder).collect()
    }

    /// Tickets that are held; those of processes that died are removed if `clean`.
    fn tickets(&self, clean: bool) -> Vec<(u64, PathBuf, Holder)> {
        let entries = fs::read_dir(self.folder.join("running")).into_iter().flatten().take(super::ENTRIES).flatten();
        let mut held = Vec::new();
        for entry in entries {
            let path = entry.path();
            let Some(number) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
            let Ok(file) = File::open(&path) else { continue };
            if flock(&file, FlockOperation::NonBlockingLockShared).is_ok() {
                if clean {
                    let _ = fs::remove_file(&path);
                }
                continue;
            }
            // One that cannot be read was just made, or by a later agent: it counts all the same.
            let told = read_bounded(&path, TICKET_BYTES).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
            held.push((number, path, told.unwrap_or_default()));
        }
        held.sort_by_key(|(number, ..)| *number);
        held
    }

    fn open_lock(&self, path: &std::path::Path) -> io::Result<File> {
        OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(PRIVATE).open(path)
    }
}

fn describe(file: &mut File, holder: &Holder) -> io::Result<()> {
    let bytes = serde_json::to_vec(holder).map_err(io::Error::other)?;
    file.seek(SeekFrom::Start(0))?;
    file.set_len(0)?;
    file.write_all(&bytes)
}
