//! Problems in the form that was asked for: excerpts for people on standard error, documents for machines on standard
//! output. Levels from the command line are read here too.
//!
//! Unaware of: what was checked.

use crate::console::Console;
use clap::ArgMatches;
use ipcmm_compiler::Build;
use ipcmm_compiler::diag::human::{self, HumanOptions};
use ipcmm_compiler::diag::levels::{Level, Levels};
use ipcmm_compiler::diag::{Code, Diagnostics, github, json, junit, sarif};
use ipcmm_compiler::source::Sources;
use ipcmm_spec::cli::{Binary, Exit, Flag, Sink, switch, texts, usage};
use ipcmm_spec::diagnostic_page;
use serde_json::Value;

/// Problems that a terminal shows unless all are asked for.
const MOST: usize = 50;

/// What machines are told, if it is for them.
pub fn machine(matches: &ArgMatches, build: &Build) -> Option<String> {
    document(matches, build, |document| document)
}

/// The same; `extend` adds fields to a JSON document.
pub fn document(matches: &ArgMatches, build: &Build, extend: impl FnOnce(Value) -> Value) -> Option<String> {
    let (diagnostics, sources) = (&build.diagnostics, &build.sources);
    match Sink::of(matches) {
        Sink::Human => None,
        Sink::Json => Some(format!("{:#}\n", extend(json::to_json(diagnostics, sources)))),
        Sink::Sarif => {
            let page = |code: Code| diagnostic_page(&code.to_string());
            Some(format!("{:#}\n", sarif::to_json(diagnostics, sources, &page)))
        }
        Sink::Github => Some(github::render(diagnostics, sources)),
        Sink::Junit => Some(junit::render(diagnostics, sources)),
    }
}

/// Shows problems to people.
pub fn show(matches: &ArgMatches, console: &Console, diagnostics: &Diagnostics, sources: &Sources) {
    let all = !console.err.interactive || switch(matches, Flag::All);
    let options = HumanOptions {
        color: console.err.color,
        width: console.err.columns(),
        unicode: console.err.unicode,
        quiet: console.quiet,
        most: if all { usize::MAX } else { MOST },
    };
    console.aside(&human::render(diagnostics, sources, options));
}

/// The levels of the command line over those a command begins with, the strongest last.
pub fn levels(matches: &ArgMatches, command: &str, mut levels: Levels) -> Result<Levels, Exit> {
    for (flag, level) in [(Flag::Allow, Level::Allow), (Flag::Warn, Level::Warn), (Flag::Deny, Level::Deny)] {
        for name in texts(matches, flag) {
            let Err(refusal) = levels.set(&name, level) else { continue };
            let near = refusal.near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            let message = format!("--{}: {}{near}", flag.long(), refusal.message);
            // Whoever closed the stream does not want to read it.
            let _ = usage(Binary::Compiler, command, &message).print();
            return Err(Exit::Usage);
        }
    }
    Ok(levels)
}
