//! A system that says that it is about to be changed, before it is: every change of a built-in goes through here.
//!
//! Unaware of: what is made of it. Looking is not announced.

use crate::journal::Herald;
use crate::system::{Attributes, Candidate, Command, Finished, NewFile, Runner, Staged, Writer};
use ipcmm_bytecode::Fault;
use ipcmm_vm::host::Cancel;
use std::ffi::OsStr;
use std::path::Path;

/// Announces the changes of a task.
pub struct Noting<'a, S> {
    /// What is changed.
    pub system: &'a S,
    /// Who is told before.
    pub herald: Option<&'a dyn Herald>,
    /// The task.
    pub task: u32,
}

impl<S> Noting<'_, S> {
    fn note(&self) -> Result<(), Fault> {
        self.herald.map_or(Ok(()), |herald| herald.before_change(self.task))
    }
}

impl<S: Writer> Writer for Noting<'_, S> {
    fn stage<'a>(&'a self, path: &'a Path, file: &NewFile<'_>) -> Result<Box<dyn Staged + 'a>, Fault> {
        self.note()?;
        self.system.stage(path, file)
    }

    fn make_dir(&self, path: &Path, attributes: Attributes) -> Result<(), Fault> {
        self.note()?;
        self.system.make_dir(path, attributes)
    }

    fn make_link(&self, path: &Path, target: &Path) -> Result<(), Fault> {
        self.note()?;
        self.system.make_link(path, target)
    }

    fn set(&self, path: &Path, attributes: Attributes) -> Result<(), Fault> {
        self.note()?;
        self.system.set(path, attributes)
    }

    fn remove_file(&self, path: &Path) -> Result<(), Fault> {
        self.note()?;
        self.system.remove_file(path)
    }

    fn remove_dir(&self, path: &Path) -> Result<(), Fault> {
        self.note()?;
        self.system.remove_dir(path)
    }
}

impl<S: Runner> Runner for Noting<'_, S> {
    fn run(&self, command: &Command<'_>, cancel: &Cancel) -> Result<Finished, Fault> {
        self.note()?;
        self.system.run(command, cancel)
    }

    fn candidate(&self, content: &[u8], suffix: &OsStr) -> Result<Box<dyn Candidate>, Fault> {
        self.system.candidate(content, suffix)
    }
}
