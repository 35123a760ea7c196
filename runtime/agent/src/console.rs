//! Where a command says things: results on standard output, problems on standard error, in the form that was asked for.
//!
//! Unaware of: what is said.

use clap::ArgMatches;
use ipcmm_bytecode::Fault;
use ipcmm_spec::cli::{Color, Exit, Flag, Format, switch};
use ipcmm_spec::inspect::Problem;
use ipcmm_spec::terminal::{Stream, Terminal, visible, write};
use serde_json::{Value, json};

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
        match write(Stream::Out, text.as_bytes()) {
            Ok(()) => exit,
            Err(error) => {
                self.complain("error", &format!(": cannot write to standard output: {error}"));
                Exit::Environment
            }
        }
    }

    /// Writes one JSON document.
    pub fn json(&self, document: &Value, exit: Exit) -> Exit {
        self.say(&format!("{document:#}\n"), exit)
    }

    /// Ends a command at a bundle that is not accepted.
    pub fn refuse(&self, fault: &Fault) -> Exit {
        let problem = Problem::of(fault);
        match self.format {
            Format::Human => {
                self.complain(&format!("error[{}]", problem.code), &format!(" {}", problem.message));
                Exit::Problems
            }
            Format::Json => self.json(&json!({ "version": 1, "error": problem }), Exit::Problems),
        }
    }

    /// Ends a command at something around it that is in the way.
    pub fn obstacle(&self, message: &str) -> Exit {
        match self.format {
            Format::Human => {
                self.complain("error", &format!(": {message}"));
                Exit::Environment
            }
            Format::Json => {
                let error = json!({ "code": null, "name": "environment", "message": message });
                self.json(&json!({ "version": 1, "error": error }), Exit::Environment)
            }
        }
    }

    /// One line on standard error; nothing can be done if that fails.
    fn complain(&self, word: &str, rest: &str) {
        let (on, off) = if self.err.color { ("\x1b[1;31m", "\x1b[0m") } else { ("", "") };
        let line = format!("{on}{word}{off}{}\n", visible(rest, self.err.unicode));
        let _ = write(Stream::Err, line.as_bytes());
    }
}
