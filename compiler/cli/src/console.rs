//! What the compiler says besides what every command can say: diagnostics, and bundles that cannot be read.

use clap::ArgMatches;
use ipcmm_bytecode::limits;
use ipcmm_compiler::diag::human::{self, HumanOptions};
use ipcmm_compiler::diag::{Code, Diagnostics};
use ipcmm_compiler::source::Sources;
use ipcmm_compiler::world::World;
use ipcmm_compiler::world::disk::Disk;
use ipcmm_spec::cli::Exit;
pub use ipcmm_spec::console::Console;
use std::path::Path;
use std::time::Instant;

/// The console for a command line, in the environment of this process.
pub fn of(matches: &ArgMatches) -> Console {
    Console::of(matches, &|name| std::env::var(name).ok())
}

/// Shows diagnostics to people; for machines they are part of the result.
pub fn show(console: &Console, diagnostics: &Diagnostics, sources: &Sources) {
    let options = HumanOptions {
        color: console.err.color,
        width: console.err.columns(),
        unicode: console.err.unicode,
        quiet: console.quiet,
        ..HumanOptions::default()
    };
    console.aside(&human::render(diagnostics, sources, options));
}

/// Reads a bundle, or says why it cannot be read.
pub fn read_bundle(console: &Console, path: &Path) -> Result<Vec<u8>, Exit> {
    let limit = usize::try_from(limits::BUNDLE_BYTES).unwrap_or(usize::MAX);
    let bytes = match path == Path::new("-") {
        true => Disk.read_stdin(limit),
        false => Disk.read_bounded(path, limit),
    };
    bytes.map_err(|error| {
        let problem = error.diagnostic();
        console.obstacle(problem.code.name(), &problem.message)
    })
}

/// The exit code that diagnostics stand for. A file that could not be read or written weighs most: without it, nothing
/// can be said about the rest.
pub fn exit_of(diagnostics: &Diagnostics) -> Exit {
    if diagnostics.iter().any(|d| matches!(d.code, Code::Unreadable | Code::Unwritable)) {
        return Exit::Environment;
    }
    if diagnostics.has_errors() { Exit::Problems } else { Exit::Ok }
}

/// A number of things: `1 task`, `12 tasks`.
pub fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// The time since a start: `8 ms`.
pub fn since(start: Instant) -> String {
    match start.elapsed().as_millis() {
        0 => "<1 ms".to_owned(),
        millis => format!("{millis} ms"),
    }
}
