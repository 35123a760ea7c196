//! Where a command says things: results on standard output, problems on standard error, in the form that was asked for.
//!
//! Unaware of: what is said. The environment is handed in; only binaries read it.

use crate::cli::{Color, Exit, Flag, Format, switch};
use crate::inspect::Problem;
use crate::terminal::{Stream, Terminal, visible, write};
use clap::ArgMatches;
use ipcmm_bytecode::Fault;
use serde_json::{Value, json};
use std::fmt::Display;
use std::io;

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
    pub fn of(matches: &ArgMatches, env: &dyn Fn(&str) -> Option<String>) -> Console {
        let color = Color::of(matches);
        Console {
            format: Format::of(matches),
            quiet: switch(matches, Flag::Quiet),
            out: Terminal::of(Stream::Out, color, env),
            err: Terminal::of(Stream::Err, color, env),
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
        self.problem("error", &format!(": {message}"));
    }

    /// Writes to standard error. Nothing can be done if that fails.
    pub fn aside(&self, text: &str) {
        let _ = write(Stream::Err, text.as_bytes());
    }

    /// Ends a command at a bundle that is not accepted.
    pub fn refuse(&self, fault: &Fault) -> Exit {
        let problem = Problem::of(fault);
        match self.format {
            Format::Human => {
                self.problem(&format!("error[{}]", problem.code), &format!(" {}", problem.message));
                Exit::Problems
            }
            Format::Json => self.json(&json!({ "version": 1, "error": problem }), Exit::Problems),
        }
    }

    /// Ends a command at something around it that is in the way; `name` says what for machines.
    pub fn obstacle(&self, name: &str, message: &str) -> Exit {
        match self.format {
            Format::Human => {
                self.complain(message);
                Exit::Environment
            }
            Format::Json => {
                let error = json!({ "code": null, "name": name, "message": message });
                self.json(&json!({ "version": 1, "error": error }), Exit::Environment)
            }
        }
    }

    fn problem(&self, word: &str, rest: &str) {
        let (on, off) = if self.err.color { ("\x1b[1;31m", "\x1b[0m") } else { ("", "") };
        self.aside(&format!("{on}{word}{off}{}\n", visible(rest, self.err.unicode)));
    }
}
