//! Sources become a bundle in memory, or diagnostics are shown.
//!
//! Unaware of: how the bundle is run.

use crate::Compiled;
use clap::ArgMatches;
use ipcmm_agent::console::Console;
use ipcmm_compiler::diag::human::{self, HumanOptions};
use ipcmm_compiler::diag::{Code, Diagnostics, json};
use ipcmm_compiler::project::{Locking, Opened, Request};
use ipcmm_compiler::world::disk::Disk;
use ipcmm_compiler::{Build, BuildOptions, build_with, project};
use ipcmm_spec::cli::{Exit, Flag, Format, paths as flag_paths, switch, text, texts};
use ipcmm_spec::terminal::{Stream, write};
use std::path::PathBuf;

/// Compiles what is named, with the manifest that belongs to it and what the flags say about its inputs. The lock file
/// is held against, never written: that is for `ipcmmc`.
pub fn compile(paths: &[PathBuf], matches: &ArgMatches, console: &Console) -> Result<Compiled, Exit> {
    let locking = if switch(matches, Flag::Locked) { Locking::Locked } else { Locking::Check };
    let (environment, inputs, set) =
        (text(matches, Flag::Env), flag_paths(matches, Flag::Inputs), texts(matches, Flag::Set));
    let request = Request { environment: environment.as_deref(), inputs: &inputs, set: &set, locking };
    let Opened { settings, manifest, lock: _ } = project::open(&Disk, paths, request);
    let mut build = build_with(&Disk, paths, BuildOptions { debug: true, check_only: false }, settings);
    let exit = exit_of(&build.diagnostics);
    match (exit, build.bundle.take()) {
        (Exit::Ok, Some(bundle)) => {
            // Warnings do not belong into the report, which is for machines in one of its forms.
            show(&build, console);
            Ok(Compiled { bundle, root: manifest.and_then(|manifest| manifest.root) })
        }
        (exit, _) => Err(match console.format {
            Format::Json => console.json(&json::to_json(&build.diagnostics, &build.sources), exit),
            Format::Human => {
                show(&build, console);
                exit
            }
        }),
    }
}

fn show(build: &Build, console: &Console) {
    let options = HumanOptions {
        color: console.err.color,
        width: console.err.columns(),
        unicode: console.err.unicode,
        quiet: console.quiet,
        ..HumanOptions::default()
    };
    // Nothing can be done about a standard error that is closed.
    let _ = write(Stream::Err, human::render(&build.diagnostics, &build.sources, options).as_bytes());
}

/// The exit code that diagnostics stand for. A file that could not be read weighs most: without it, nothing can be said
/// about the rest.
fn exit_of(diagnostics: &Diagnostics) -> Exit {
    if diagnostics.iter().any(|d| matches!(d.code, Code::Unreadable | Code::Unwritable)) {
        return Exit::Environment;
    }
    if diagnostics.has_errors() { Exit::Problems } else { Exit::Ok }
}
