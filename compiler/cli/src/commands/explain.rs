//! `ipcmmc explain`: what a code or a word of the language means, from the tables and pages everything is made of.

use crate::console;
use crate::reference::terminal::{explanation, nearest};
use clap::ArgMatches;
use ipcmm_spec::cli::{Exit, Operand, operand};
use ipcmm_spec::console::Console;

/// Carries the command out.
pub fn run(matches: &ArgMatches) -> Exit {
    let console = console::of(matches);
    let topic = operand(matches, Operand::Topic);
    match explanation(topic.trim()) {
        Some(text) => console.say(&text, Exit::Ok),
        None => unknown(&console, &topic),
    }
}

/// Ends a command at a word nothing is called by.
pub fn unknown(console: &Console, topic: &str) -> Exit {
    console.complain(format_args!("nothing here is called `{}`", topic.escape_debug()));
    if let Some(near) = nearest(topic) {
        console.aside(&format!("  help: did you mean `{near}`?\n"));
    }
    Exit::Usage
}
