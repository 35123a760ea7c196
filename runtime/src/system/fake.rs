//! A pretended node in memory: a file tree, users, kernel files, and commands that answer what they were
//! told to. For tests; it follows the rules of the real one as far as built-ins can tell.

mod script;
mod tree;

use super::{
    Candidate, Command, Ended, Finished, Impersonation, Reader, Runner, SEARCH_PATH, System, Uname, User, Writer,
};
use crate::secrets::{Secret, rules};
use ipcmm_bytecode::limits::SECRET_BYTES;
use ipcmm_bytecode::secret::Address;
use ipcmm_bytecode::{Fault, FaultKind};
use ipcmm_vm::host::Cancel;
pub use script::{Access, Issued, Mishap, Moment, Rule, Window};
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
pub use tree::Node;
use tree::Tree;
use zeroize::Zeroizing;

/// How a pretended command ends, and what it prints.
#[derive(Clone, Debug)]
struct Answer {
    argv: Vec<String>,
    status: i32,
    stdout: String,
    /// A file it makes, for commands guarded by `creates`.
    touches: Option<PathBuf>,
}

#[derive(Debug)]
struct State {
    tree: Tree,
    answers: Vec<Answer>,
    log: Vec<Vec<String>>,
    users: Vec<User>,
    groups: Vec<(String, u32)>,
    kernel_files: BTreeMap<String, String>,
    listening: Vec<u16>,
    uname: Uname,
    processors: usize,
    address: Option<IpAddr>,
    acting_uid: u32,
    script: script::Script,
    /// Pretended secrets by their addresses.
    secrets: BTreeMap<String, String>,
}

/// The pretended node. A clone is the same node.
#[derive(Clone, Debug)]
pub struct Fake(Arc<Mutex<State>>);

impl std::default::Default for Fake {
    fn default() -> Fake {
        let user = |name: &str, uid, home: &str| User { name: name.to_owned(), uid, gid: uid, home: home.to_owned() };
        Fake(Arc::new(Mutex::new(State {
            tree: Tree::new(),
            answers: Vec::new(),
            log: Vec::new(),
            users: vec![user("root", 0, "/root"), user("nobody", 65534, "/nonexistent")],
            groups: vec![("root".to_owned(), 0), ("nogroup".to_owned(), 65534)],
            kernel_files: BTreeMap::new(),
            listening: Vec::new(),
            uname: Uname {
                sysname: "Linux".to_owned(),
                nodename: "fake".to_owned(),
                release: "6.0.0".to_owned(),
                machine: "x86_64".to_owned(),
            },
            processors: 2,
            address: None,
            acting_uid: 0,
            script: script::Script::default(),
            secrets: BTreeMap::new(),
        })))
    }
}

impl Fake {
    /// A node with a root directory, the users `root` and `nobody`, and nothing else.
    pub fn new() -> Fake {
        Fake::default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a node at `path` and directories of root on the way to it.
    pub fn put(&self, path: &str, node: Node) {
        self.state().tree.put(Path::new(path), node);
    }

    /// The whole file tree, to compare.
    pub fn snapshot(&self) -> BTreeMap<PathBuf, Node> {
        self.state().tree.nodes().clone()
    }

    /// Lets the command of exactly these words end so. The latest answer given counts.
    pub fn answer(&self, argv: &[&str], status: i32, stdout: &str) {
        let argv = argv.iter().map(|w| (*w).to_owned()).collect();
        self.state().answers.push(Answer { argv, status, stdout: stdout.to_owned(), touches: None });
    }

    /// Lets the command of exactly these words succeed and make an empty file.
    pub fn answer_by_touching(&self, argv: &[&str], path: &str) {
        let argv = argv.iter().map(|w| (*w).to_owned()).collect();
        let touches = Some(PathBuf::from(path));
        self.state().answers.push(Answer { argv, status: 0, stdout: String::new(), touches });
    }

    /// The commands that ran, in order.
    pub fn log(&self) -> Vec<Vec<String>> {
        self.state().log.clone()
    }

    /// Adds a user, and a group of the same name and number.
    pub fn add_user(&self, user: User) {
        let mut state = self.state();
        state.groups.push((user.name.clone(), user.uid));
        state.users.push(user);
    }

    /// Gives a file of `/proc` or `/sys` its text.
    pub fn set_kernel_file(&self, path: &str, text: &str) {
        self.state().kernel_files.insert(path.to_owned(), text.to_owned());
    }

    /// Adds a group.
    pub fn add_group(&self, name: &str, gid: u32) {
        self.state().groups.push((name.to_owned(), gid));
    }

    /// Sets what the kernel says of itself.
    pub fn set_uname(&self, uname: Uname) {
        self.state().uname = uname;
    }

    /// Sets processors, and the address of the node.
    pub fn set_machine(&self, processors: usize, address: Option<IpAddr>) {
        let mut state = self.state();
        state.processors = processors;
        state.address = address;
    }

    /// Puts a secret at an address; a file that keeps one need not be there then.
    pub fn give_secret(&self, address: &str, text: &str) {
        self.state().secrets.insert(address.to_owned(), text.to_owned());
    }

    /// Lets a TCP port accept connections.
    pub fn listen(&self, port: u16) {
        self.state().listening.push(port);
    }
}

/// A candidate that exists for nobody: pretended commands do not read it.
struct Pretended(PathBuf);

impl Candidate for Pretended {
    fn path(&self) -> &Path {
        &self.0
    }
}

impl Runner for Fake {
    fn run(&self, command: &Command<'_>, cancel: &Cancel) -> Result<Finished, Fault> {
        if cancel.is_cancelled() {
            return Err(Fault::new(FaultKind::Cancelled, "the command was ended"));
        }
        let issued = Issued::of(command);
        let mut state = self.state();
        if let Some(end) = state.by_rule(&issued, command) {
            return end;
        }
        let Some(answer) = state.answers.iter().rev().find(|a| a.argv == issued.words).cloned() else {
            state.note_unknown(issued);
            let detail = format!("there is no program `{}` on the search path {SEARCH_PATH}", command.program.name());
            return Err(Fault::new(FaultKind::NotStartable, detail));
        };
        state.log.push(issued.words);
        if let Some(path) = &answer.touches {
            state.tree.put(path, Node::file("", 0o644));
        }
        let mut stdout = answer.stdout.into_bytes();
        let keep = command.keep.unwrap_or(0);
        let truncated = command.keep.is_some() && stdout.len() > keep;
        stdout.truncate(keep);
        let took = Duration::from_millis(1);
        Ok(Finished { ended: Ended::Status(answer.status), stdout, stderr: Vec::new(), truncated, took })
    }

    fn candidate(&self, _content: &[u8], suffix: &OsStr) -> Result<Box<dyn Candidate>, Fault> {
        Ok(Box::new(Pretended(PathBuf::from(format!("/tmp/candidate{}", suffix.display())))))
    }
}

impl System for Fake {
    fn impersonate(&self, user: &User) -> Result<Impersonation, Fault> {
        let before = std::mem::replace(&mut self.state().acting_uid, user.uid);
        let node = self.clone();
        Ok(Impersonation::until(move || node.state().acting_uid = before))
    }

    fn secret(&self, address: &Address<'_>) -> Result<Option<Secret>, Fault> {
        let given = self.state().secrets.get(&address.to_string()).cloned();
        let bytes = match (given, address) {
            (Some(text), _) => text.into_bytes(),
            (None, Address::Env(_)) => return Ok(None),
            (None, Address::File(path)) => {
                let file = Path::new(path);
                let Some(stat) = self.peek(file, true)? else { return Ok(None) };
                rules::guard(path, &stat, self.acting_uid())?;
                self.read(file, SECRET_BYTES + 1)?.unwrap_or_default()
            }
        };
        rules::read(address, Zeroizing::new(bytes)).map(Some)
    }
}

/// The writer of a fake is the fake, so that a test can hold both.
impl Fake {
    /// As the trait's method, for tests that set a scene by it.
    pub fn writer(&self) -> &dyn Writer {
        self
    }
}
