//! `ipcmmc`: check, build and inspect ipcmm configurations.
//!
//! Only arguments, files and the terminal are handled here. Unaware of: the language; the compiler knows it.

mod commands;
mod console;
mod desk;
mod diff;
mod load;
mod outfile;
mod project;
mod reference;
mod report;

use ipcmm_spec::cli::{Binary, Exit, command};
use ipcmm_spec::terminal::{self, Stream};
use std::io::ErrorKind;
use std::process::ExitCode;

fn main() -> ExitCode {
    terminal::own_up(Binary::Compiler);
    match command(Binary::Compiler).try_get_matches() {
        Ok(matches) => commands::run(&matches).into(),
        Err(error) => {
            // Whoever closed the stream does not want to read it; a full disk is another matter.
            if let Err(trouble) = error.print()
                && !error.use_stderr()
                && trouble.kind() != ErrorKind::BrokenPipe
            {
                let told = format!("error: cannot write to standard output: {trouble}\n");
                let _ = terminal::write(Stream::Err, told.as_bytes());
                return Exit::Environment.into();
            }
            u8::try_from(error.exit_code()).map_or(Exit::Usage.into(), ExitCode::from)
        }
    }
}
