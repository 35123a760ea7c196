//! `ipcmmc completions`: the completion script for a shell.

use crate::console;
use clap::ArgMatches;
use ipcmm_spec::cli::{Binary, Exit, Shell, completions};
use ipcmm_spec::terminal::{Stream, write};

/// Carries the command out.
pub fn run(matches: &ArgMatches) -> Exit {
    let mut script = Vec::new();
    completions(Binary::Compiler, Shell::of(matches), &mut script);
    console::of(matches).written(write(Stream::Out, &script), Exit::Ok)
}
