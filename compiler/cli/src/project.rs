//! The project a command line speaks of: read with what its flags say, and its lock file written.
//!
//! Unaware of: what is in a manifest; the compiler knows it.

use crate::outfile;
use clap::ArgMatches;
use ipcmm_compiler::diag::levels::Levels;
use ipcmm_compiler::diag::{Code, Diagnostic, Diagnostics};
use ipcmm_compiler::project::lock::Lock;
use ipcmm_compiler::project::{self, Locking, Opened, Request};
use ipcmm_compiler::source::Sources;
use ipcmm_compiler::world::World;
use ipcmm_spec::cli::{Flag, paths, switch, text, texts};
use std::path::PathBuf;

/// The project of the paths; `levels` are those of the command line, which win over the manifest's.
pub fn open(world: &dyn World, matches: &ArgMatches, inputs: &[PathBuf], levels: &Levels) -> Opened {
    let mut opened = open_beside(world, matches, inputs, Sources::default());
    opened.settings.levels.overlay(levels);
    opened
}

/// The project of the paths beside files that were read before.
pub fn open_beside(world: &dyn World, matches: &ArgMatches, inputs: &[PathBuf], sources: Sources) -> Opened {
    let locking = if switch(matches, Flag::Locked) { Locking::Locked } else { Locking::Check };
    let (environment, files, set) = (text(matches, Flag::Env), paths(matches, Flag::Inputs), texts(matches, Flag::Set));
    let request = Request { environment: environment.as_deref(), inputs: &files, set: &set, locking };
    project::open_beside(world, inputs, request, sources)
}

/// Writes the lock file if it holds something else.
pub fn write_lock(lock: Option<&Lock>, diagnostics: &mut Diagnostics) {
    if let Some(Lock { path, text, changed: true }) = lock
        && let Err(error) = outfile::write(path, text.as_bytes())
    {
        let message = format!("cannot write {}: {error}", path.display());
        diagnostics.push(Diagnostic::unplaced(Code::Unwritable, message));
    }
}
