//! The commands, a file each.

mod build;
mod check;
mod completions;
mod convert;
mod disasm;
mod doc;
mod dump;
mod eval;
mod explain;
mod fmt;
mod graph;
mod init;
mod inspect;
mod lock;
mod mend;
mod repl;
mod schema;
mod test;

use clap::ArgMatches;
use ipcmm_compiler::diag::levels::Levels;
use ipcmm_spec::cli::{CompilerCommand, Exit};

/// Carries out what the command line says.
pub fn run(matches: &ArgMatches) -> Exit {
    let Some((name, matches)) = matches.subcommand() else { return Exit::Usage };
    let Some(command) = CompilerCommand::from_name(name) else { return Exit::Usage };
    match command {
        CompilerCommand::Check => check::run(matches, name, Levels::default()),
        CompilerCommand::Lint => check::run(matches, name, Levels::linting()),
        CompilerCommand::Build => build::run(matches),
        CompilerCommand::Test => test::run(matches),
        CompilerCommand::Lock => lock::run(matches),
        CompilerCommand::Dump => dump::run(matches),
        CompilerCommand::Disasm => disasm::run(matches),
        CompilerCommand::Inspect => inspect::run(matches),
        CompilerCommand::Convert => convert::run(matches),
        CompilerCommand::Fmt => fmt::run(matches),
        CompilerCommand::Explain => explain::run(matches),
        CompilerCommand::Graph => graph::run(matches),
        CompilerCommand::Schema => schema::run(matches),
        CompilerCommand::Doc => doc::run(matches),
        CompilerCommand::Init => init::run(matches),
        CompilerCommand::Eval => eval::run(matches),
        CompilerCommand::Repl => repl::run(matches),
        CompilerCommand::Completions => completions::run(matches),
    }
}
