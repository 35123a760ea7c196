//! Where a command says things: results on standard output, problems on standard error, in the form that was asked for.
//!
//! Unaware of: what is said.

use clap::ArgMatches;
use ipcmm_bytecode::{Fault, limits};
use ipcmm_compiler::diag::human::{self, HumanOptions};
use ipcmm_compiler::diag::{Code, Diagnostics};
use ipcmm_compiler::source::Sources;
use ipcmm_compiler::world::World;
use ipcmm_compiler::world::disk::Disk;
use ipcmm_spec::cli::{Color, Exit, Flag, Format, switch};
use ipcmm_spec::inspect::Problem;
use ipcmm_spec::terminal::{Stream, Terminal, visible, write};
use serde_json::{Value, json};
use std::fmt::Display;
use std::io;
use std::path::Path;
use std::time::Instant;

/// The streams of a command.
#[derive(Clone, Copy, Debug)]
pub struct Console {
    /// The form of results.
    pub format: Format,
    /// Only what went wrong.
    pub quiet: bool,
    /// Standard output.
    pub out: Terminal,
    /// Standard error.
    pub err: Terminal,
}

impl Console {
    /// As the command line and the surroundings say.
    pub fn of(matches: &ArgMatches) -> Console {
        let color = Color::of(matches);
        let env = |name: &str| std::env::var(name).ok();
        Console {
            format: Format::of(matches),
            quiet: switch(matches, Flag::Quiet),
            out: Terminal::of(Stream::Out, color, &env),
            err: Terminal::of(Stream::Err, color, &env),
        }
    }

    /// Writes a result and ends with `exit`, unless the result cannot be written.
    pub fn say(&self, text: &str, exit: Exit) -> Exit {
        self.written(write(Stream::Out, text.as_bytes()), exit)
    }

    /// Writes one JSON document.
    pub fn json(&self, document: &Value, exit: Exit) -> Exit {
        self.say(&format!("{document:#}\n"), exit)
    }

    /// What came of writing to standard output.
    pub fn written(&self, done: io::Result<()>, exit: Exit) -> Exit {
        match done {
            Ok(()) => exit,
            Err(error) => {
                self.complain(format_args!("cannot write to standard output: {error}"));
                Exit::Environment
            }
        }
    }

    /// A problem outside of sources and bundles.
    pub fn complain(&self, message: impl Display) {
        let (on, off) = if self.err.color { ("\x1b[1;31m", "\x1b[0m") } else { ("", "") };
        let message = visible(&message.to_string(), self.err.unicode);
        self.aside(&format!("{on}error{off}: {message}\n"));
    }

    /// Writes to standard error. Nothing can be done if that fails.
    pub fn aside(&self, text: &str) {
        let _ = write(Stream::Err, text.as_bytes());
    }

    /// Shows diagnostics to people; for machines they are part of the result.
    pub fn diagnostics(&self, diagnostics: &Diagnostics, sources: &Sources) {
        let options = HumanOptions {
            color: self.err.color,
            width: self.err.columns(),
            unicode: self.err.unicode,
            quiet: self.quiet,
        };
        self.aside(&human::render(diagnostics, sources, options));
    }

    /// Ends a command that stops at a bundle that is not accepted.
    pub fn refuse(&self, fault: &Fault) -> Exit {
        match self.format {
            Format::Human => {
                let problem = Problem::of(fault);
                let (on, off) = if self.err.color { ("\x1b[1;31m", "\x1b[0m") } else { ("", "") };
                let message = visible(&problem.message, self.err.unicode);
                self.aside(&format!("{on}error[{}]{off} {message}\n", problem.code));
                Exit::Problems
            }
            Format::Json => self.json(&json!({ "version": 1, "error": Problem::of(fault) }), Exit::Problems),
        }
    }

    /// Reads a bundle, or says why it cannot be read.
    pub fn read_bundle(&self, path: &Path) -> Result<Vec<u8>, Exit> {
        let limit = usize::try_from(limits::BUNDLE_BYTES).unwrap_or(usize::MAX);
        let bytes = match path == Path::new("-") {
            true => Disk.read_stdin(limit),
            false => Disk.read_bounded(path, limit),
        };
        bytes.map_err(|error| {
            let problem = error.diagnostic();
            match self.format {
                Format::Human => {
                    self.complain(&problem.message);
                    Exit::Environment
                }
                Format::Json => {
                    let error = json!({ "code": null, "name": problem.code.name(), "message": problem.message });
                    self.json(&json!({ "version": 1, "error": error }), Exit::Environment)
                }
            }
        })
    }
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
