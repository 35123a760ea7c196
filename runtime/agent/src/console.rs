//! The console of this program and of `ipcmm`.

use clap::ArgMatches;
pub use ipcmm_spec::console::Console;

/// The console for a command line, in the environment of this process.
pub fn of(matches: &ArgMatches) -> Console {
    Console::of(matches, &|name| std::env::var(name).ok())
}
