//! `ipcmmc check`: everything that is wrong with sources.

use crate::console::{self, count, exit_of, since};
use clap::ArgMatches;
use ipcmm_compiler::diag::json;
use ipcmm_compiler::world::disk::Disk;
use ipcmm_compiler::{BuildOptions, build, project};
use ipcmm_spec::cli::{Exit, Format, Operand, operands};
use std::time::Instant;

/// Carries the command out.
pub fn run(matches: &ArgMatches) -> Exit {
    let console = console::of(matches);
    let start = Instant::now();
    let inputs = operands(matches, Operand::Paths);
    let mut build = build(&Disk, &inputs, BuildOptions { debug: true, check_only: true });
    project::manifest(&Disk, &inputs, &mut build.sources, &mut build.diagnostics);
    let exit = exit_of(&build.diagnostics);
    if console.format == Format::Json {
        return console.json(&json::to_json(&build.diagnostics, &build.sources), exit);
    }
    console::show(&console, &build.diagnostics, &build.sources);
    if exit != Exit::Ok || console.quiet {
        return exit;
    }
    let dot = if console.out.unicode { "·" } else { "-" };
    let files = count(build.docs.len(), "file");
    let tasks = count(build.graph.tasks.iter().filter(|task| task.part.is_none()).count(), "task");
    console.say(&format!("checked {files}  {tasks} {dot} {}\n", since(start)), exit)
}
