//! `ipcmm`: the operator's command. It compiles and runs on this machine, by the code of compiler and agent.
//!
//! Unaware of: the language and of how tasks are done.

mod compile;

use clap::ArgMatches;
use ipcmm_agent::console;
use ipcmm_agent::execute::execute;
use ipcmm_agent::read;
use ipcmm_agent::settings::Settings;
use ipcmm_agent::tell;
use ipcmm_bytecode::bundle::{AGENT_LEVEL, FORMAT};
use ipcmm_spec::cli::{
    Binary, Exit, Flag, Format, Operand, OperatorCommand, Shell, command, completions, operands, usage,
};
use ipcmm_spec::terminal::{self, Stream, write};
use ipcmm_vm::Mode;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn main() -> ExitCode {
    terminal::own_up(Binary::Operator);
    let matches = match command(Binary::Operator).try_get_matches() {
        Ok(matches) => matches,
        Err(error) => {
            // Whoever closed the stream does not want to read it.
            let _ = error.print();
            return u8::try_from(error.exit_code()).map_or(Exit::Usage.into(), ExitCode::from);
        }
    };
    let Some((name, matches)) = matches.subcommand() else { return Exit::Usage.into() };
    let Some(command) = OperatorCommand::from_name(name) else { return Exit::Usage.into() };
    let exit = match command {
        OperatorCommand::Apply => run(matches, name, Mode::Apply),
        OperatorCommand::Plan => run(matches, name, Mode::Check),
        OperatorCommand::Report => tell::report(matches, &Settings::of(matches), &console::of(matches)),
        OperatorCommand::Why => tell::why(matches, &Settings::of(matches), &console::of(matches)),
        OperatorCommand::Completions => complete(matches),
        OperatorCommand::Version => version(matches),
    };
    exit.into()
}

/// Runs sources or a bundle here.
fn run(matches: &ArgMatches, name: &str, mode: Mode) -> Exit {
    let console = console::of(matches);
    let mut settings = Settings::of(matches);
    let paths = operands(matches, Operand::PathsOrBundle);
    let of_sources = [Flag::Env, Flag::Inputs, Flag::Set].into_iter().find(|flag| matches.contains_id(flag.long()));
    let bytes = match paths.as_slice() {
        [bundle] if is_bundle(bundle) && of_sources.is_some() => {
            let flag = of_sources.map_or("", Flag::long);
            let message =
                format!("`--{flag}` belongs to sources; the inputs of a bundle were settled when it was built");
            let _ = usage(Binary::Operator, name, &message).print();
            return Exit::Usage;
        }
        [bundle] if is_bundle(bundle) => match read::bundle(bundle) {
            Ok(bytes) => bytes,
            Err(message) => return console.obstacle("environment", &message),
        },
        several if several.iter().any(|path| is_bundle(path)) => {
            let _ = usage(Binary::Operator, name, "a bundle is run alone, without other paths").print();
            return Exit::Usage;
        }
        sources => match compile::compile(sources, matches, &console) {
            Ok(compiled) => {
                settings.root = settings.root.or(compiled.root);
                compiled.bundle
            }
            Err(exit) => return exit,
        },
    };
    execute(&bytes, mode, &settings, &console)
}

/// Whether a path names a bundle.
fn is_bundle(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("ipcb"))
}

fn complete(matches: &ArgMatches) -> Exit {
    let mut script = Vec::new();
    completions(Binary::Operator, Shell::of(matches), &mut script);
    match write(Stream::Out, &script) {
        Ok(()) => Exit::Ok,
        Err(_) => Exit::Environment,
    }
}

fn version(matches: &ArgMatches) -> Exit {
    let console = console::of(matches);
    let version = env!("CARGO_PKG_VERSION");
    match console.format {
        Format::Human => {
            console.say(&format!("ipcmm {version}, bundle format {FORMAT}, agent level {AGENT_LEVEL}\n"), Exit::Ok)
        }
        Format::Json => console.json(&json!({ "version": version, "format": FORMAT, "level": AGENT_LEVEL }), Exit::Ok),
    }
}

/// What compiling gave.
#[derive(Debug)]
struct Compiled {
    bundle: Vec<u8>,
    /// Where the project's manifest wants local runs.
    root: Option<PathBuf>,
}
