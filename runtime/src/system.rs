//! The only door to the operating system, as three traits: what looks ([`Reader`]), what changes
//! ([`Writer`]) and what runs programs ([`Runner`]). Two implementations: [`real`] and, for tests, [`fake`].
//!
//! Unaware of: built-ins, modes and phases. Whoever must not change anything is simply not given a
//! [`Writer`]. Every path is absolute and every operation resolves it anew, so that no answer relies on
//! an earlier look; operations that follow a link at the end of a path say so.

pub mod fake;
pub mod path;
pub mod real;

use crate::secrets::Secret;
use ipcmm_bytecode::Fault;
use ipcmm_bytecode::secret::Address;
use ipcmm_vm::host::Cancel;
use std::ffi::{OsStr, OsString};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

pub use fake::Fake;
pub use real::Real;

/// What is at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A directory.
    Dir,
    /// A symbolic link.
    Link,
    /// A device, socket or pipe.
    Special,
}

impl Kind {
    /// The kind in messages.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::File => "file",
            Kind::Dir => "directory",
            Kind::Link => "symbolic link",
            Kind::Special => "device, socket or pipe",
        }
    }
}

/// The properties of what is at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stat {
    /// What it is.
    pub kind: Kind,
    /// Permission bits, set-id and sticky bits included.
    pub mode: u32,
    /// Number of the owning user.
    pub uid: u32,
    /// Number of the owning group.
    pub gid: u32,
    /// Size in bytes.
    pub size: u64,
}

/// What [`Reader::load`] found.
#[derive(Clone, Debug)]
pub struct Found {
    /// Its properties.
    pub stat: Stat,
    /// Its content, if it is a file no larger than the limit.
    pub content: Option<Vec<u8>>,
    /// Where it points, if it is a link.
    pub target: Option<PathBuf>,
}

/// One entry of a directory.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its name in the directory.
    pub name: OsString,
    /// Its properties; a link is not followed.
    pub stat: Stat,
}

/// A user of the node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Login name.
    pub name: String,
    /// Number.
    pub uid: u32,
    /// Number of the primary group.
    pub gid: u32,
    /// Home directory.
    pub home: String,
}

/// What the kernel says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uname {
    /// Kernel name.
    pub sysname: String,
    /// Host name.
    pub nodename: String,
    /// Kernel release.
    pub release: String,
    /// Machine architecture.
    pub machine: String,
}

/// Looks at the node and changes nothing.
pub trait Reader: Send + Sync {
    /// The properties of what is at `path` itself; `None` if nothing is.
    fn lstat(&self, path: &Path) -> Result<Option<Stat>, Fault>;
    /// Properties, and content up to `limit` bytes, in one look. A link at the end is not followed.
    fn load(&self, path: &Path, limit: u64) -> Result<Option<Found>, Fault>;
    /// BLAKE3 hash of a file of any size. A link at the end is not followed.
    fn digest(&self, path: &Path) -> Result<blake3::Hash, Fault>;
    /// Whether two files hold the same bytes. Links at the end are not followed.
    fn same_content(&self, one: &Path, other: &Path) -> Result<bool, Fault>;
    /// The entries of a directory in the order of their names. A link at the end is not followed.
    fn list(&self, path: &Path) -> Result<Vec<Entry>, Fault>;
    /// Mount points at or below `path`.
    fn mounts_below(&self, path: &Path) -> Result<Vec<PathBuf>, Fault>;

    /// What a program that opened `path` would see, whoever owns the links on the way; the last link
    /// is followed if `follow`. `None` also where a part of the way is no directory.
    fn peek(&self, path: &Path, follow: bool) -> Result<Option<Stat>, Fault>;
    /// The content of a regular file, all links followed; `None` if there is none.
    fn read(&self, path: &Path, limit: u64) -> Result<Option<Vec<u8>>, Fault>;
    /// A file of the machine as text, such as one of the kernel's under `/proc`; never re-rooted.
    fn kernel_file(&self, path: &str) -> Option<String>;
    /// Whether a program that may be executed is at an absolute path of the machine; as commands are, never re-rooted.
    fn is_program(&self, path: &Path) -> bool;

    /// A user by name.
    fn user(&self, name: &str) -> Result<Option<User>, Fault>;
    /// A user by number.
    fn user_by_id(&self, uid: u32) -> Result<Option<User>, Fault>;
    /// The number of a group.
    fn group(&self, name: &str) -> Result<Option<u32>, Fault>;
    /// The name of a group.
    fn group_by_id(&self, gid: u32) -> Result<Option<String>, Fault>;
    /// Number of the user this process acts as.
    fn acting_uid(&self) -> u32;

    /// The directory all paths are below; `None` if they are those of the machine.
    fn root(&self) -> Option<&Path>;
    /// What the kernel says of itself.
    fn uname(&self) -> Uname;
    /// How many processors this process may use.
    fn processors(&self) -> usize;
    /// The address packets to the world would leave from, if there is a route. Nothing is sent.
    fn source_address(&self) -> Option<IpAddr>;
    /// Whether a TCP connection succeeds within `within`.
    fn connects(&self, host: &str, port: u16, within: Duration) -> bool;
}

/// Properties to give; `None` leaves one as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attributes {
    /// Permission bits.
    pub mode: Option<u32>,
    /// Owning user.
    pub uid: Option<u32>,
    /// Owning group.
    pub gid: Option<u32>,
}

/// Where the bytes of a new file come from.
#[derive(Clone, Copy, Debug)]
pub enum Content<'a> {
    /// From memory.
    Bytes(&'a [u8]),
    /// From a file of the node, which is streamed. A link at the end is not followed.
    File(&'a Path),
}

/// A file to write.
#[derive(Clone, Copy, Debug)]
pub struct NewFile<'a> {
    /// What it holds.
    pub content: Content<'a>,
    /// Properties it gets. Others are kept, extended attributes included, from the file in its place now.
    pub attributes: Attributes,
    /// Its mode if `attributes` names none and there is no file in its place.
    pub fresh_mode: u32,
    /// The end of its temporary name.
    pub suffix: &'a OsStr,
}

/// A file that is complete under another name, waiting to take its place. Dropped, it is gone.
pub trait Staged {
    /// Where it is now, as a command sees it.
    fn path(&self) -> Result<PathBuf, Fault>;
    /// Puts it in its place in one step and makes that durable.
    fn commit(self: Box<Self>) -> Result<(), Fault>;
}

/// Changes the node.
pub trait Writer: Send + Sync {
    /// Writes a file beside `path`, under a name that is not its own yet.
    fn stage<'a>(&'a self, path: &'a Path, file: &NewFile<'_>) -> Result<Box<dyn Staged + 'a>, Fault>;
    /// Makes a directory; its parent must exist.
    fn make_dir(&self, path: &Path, attributes: Attributes) -> Result<(), Fault>;
    /// Makes a symbolic link, in place of a file or link that may be there.
    fn make_link(&self, path: &Path, target: &Path) -> Result<(), Fault>;
    /// Gives properties to what is at `path` itself. A link has an owner but no mode.
    fn set(&self, path: &Path, attributes: Attributes) -> Result<(), Fault>;
    /// Removes a file, link or special file.
    fn remove_file(&self, path: &Path) -> Result<(), Fault>;
    /// Removes an empty directory.
    fn remove_dir(&self, path: &Path) -> Result<(), Fault>;
}

/// What to run.
#[derive(Clone, Copy, Debug)]
pub enum Program<'a> {
    /// A program and its arguments.
    Argv(&'a [String]),
    /// A script handed to its interpreter through memory.
    Script {
        /// The interpreter and its own arguments.
        interpreter: &'a [String],
        /// The script.
        text: &'a [u8],
        /// Arguments of the script.
        args: &'a [String],
    },
}

impl Program<'_> {
    /// The program that is started.
    pub fn name(&self) -> &str {
        let words = match self {
            Program::Argv(argv) => argv,
            Program::Script { interpreter, .. } => interpreter,
        };
        words.first().map_or("", String::as_str)
    }
}

/// A program with everything it gets.
#[derive(Clone, Copy, Debug)]
pub struct Command<'a> {
    /// What to run.
    pub program: Program<'a>,
    /// Directory to run in; `/` if unset.
    pub cwd: Option<&'a Path>,
    /// Variables on top of the fixed environment.
    pub env: &'a [(Arc<str>, Arc<str>)],
    /// Standard input, otherwise empty.
    pub stdin: Option<&'a [u8]>,
    /// How many bytes of each output stream are kept; `None` discards them.
    pub keep: Option<usize>,
    /// Time limit.
    pub timeout: Option<Duration>,
    /// The user to run as, if it is another one.
    pub user: Option<&'a User>,
}

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// By itself, with this status.
    Status(i32),
    /// By this signal.
    Signal(i32),
}

/// What came of a command.
#[derive(Clone, Debug)]
pub struct Finished {
    /// How it ended.
    pub ended: Ended,
    /// What was kept of its standard output.
    pub stdout: Vec<u8>,
    /// What was kept of its standard error.
    pub stderr: Vec<u8>,
    /// Whether output was dropped.
    pub truncated: bool,
    /// How long it ran.
    pub took: Duration,
}

/// A private file for a program to look at. Dropped, it is gone.
pub trait Candidate {
    /// Where it is, as a command sees it.
    fn path(&self) -> &Path;
}

/// Runs programs. Whether a program changes the node is for the caller to judge.
pub trait Runner: Send + Sync {
    /// Runs a command to its end. Faults: it cannot be started, takes too long, or is cancelled.
    fn run(&self, command: &Command<'_>, cancel: &Cancel) -> Result<Finished, Fault>;
    /// Lends a private file of this content, away from its real place; `suffix` ends its name.
    fn candidate(&self, content: &[u8], suffix: &OsStr) -> Result<Box<dyn Candidate>, Fault>;
}

/// Acting as another user until dropped. It belongs to the thread that asked for it, and cannot leave it.
pub struct Impersonation(Option<Box<dyn FnOnce()>>);

impl Impersonation {
    /// `undo` runs when this is dropped.
    pub fn until(undo: impl FnOnce() + 'static) -> Impersonation {
        Impersonation(Some(Box::new(undo)))
    }
}

impl Drop for Impersonation {
    fn drop(&mut self) {
        if let Some(undo) = self.0.take() {
            undo();
        }
    }
}

/// A node: everything it can be asked and told.
pub trait System: Reader + Writer + Runner {
    /// Makes the file operations of this thread those of `user`, with that user's permissions.
    fn impersonate(&self, user: &User) -> Result<Impersonation, Fault>;
    /// Fetches a secret, as the agent itself whoever is impersonated; `None` if there is none at the address.
    fn secret(&self, address: &Address<'_>) -> Result<Option<Secret>, Fault>;
}

/// The search path of commands; the same on every node, so that a run does not depend on who started it.
pub const SEARCH_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
