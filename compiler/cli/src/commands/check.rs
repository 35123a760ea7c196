//! `ipcmmc check` and `ipcmmc lint`: everything that is wrong with sources, and what a reviewer would ask about.

use super::mend;
use crate::console::{self, count, exit_of, since};
use crate::{project, report};
use clap::ArgMatches;
use ipcmm_compiler::diag::levels::Levels;
use ipcmm_compiler::world::World;
use ipcmm_compiler::world::disk::Disk;
use ipcmm_compiler::{BuildOptions, build_with};
use ipcmm_spec::cli::{Exit, Fixes, Operand, Sink, operands};
use std::time::Instant;

/// Carries the command out; `levels` are those it begins with.
pub fn run(matches: &ArgMatches, name: &str, levels: Levels) -> Exit {
    let console = console::of(matches);
    let start = Instant::now();
    let inputs = operands(matches, Operand::Paths);
    let levels = match report::levels(matches, name, levels) {
        Ok(levels) => levels,
        Err(exit) => return exit,
    };
    let build = |world: &dyn World| {
        let settings = project::open(world, matches, &inputs, &levels).settings;
        build_with(world, &inputs, BuildOptions { debug: true, check_only: true }, settings)
    };
    let (build, trouble) = match Fixes::of(matches) {
        Some(which) => match mend::run(matches, &console, which, name, &inputs, &build) {
            Ok(mended) => mended,
            Err(exit) => return exit,
        },
        None => (build(&Disk), None),
    };
    let exit = trouble.unwrap_or(exit_of(&build.diagnostics));
    if let Some(text) = report::machine(matches, &build) {
        return console.say(&text, exit);
    }
    report::show(matches, &console, &build.diagnostics, &build.sources);
    if exit != Exit::Ok || console.quiet {
        return exit;
    }
    let dot = if console.out.unicode { "·" } else { "-" };
    let files = count(build.docs.len(), "file");
    let tasks = count(build.graph.tasks.iter().filter(|task| task.part.is_none()).count(), "task");
    console.say(&format!("{name}ed {files}  {tasks} {dot} {}\n", since(start)), exit)
}

/// Whether results go to people.
pub fn is_human(matches: &ArgMatches) -> bool {
    Sink::of(matches) == Sink::Human
}
