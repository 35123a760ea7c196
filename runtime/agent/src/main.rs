//! `ipcmm-agent`: verifies bundles and runs them. It holds no parser of the source language.
//!
//! Unaware of: how bundles are made. The work is in the library beside it, which `ipcmm` uses as well.

use ipcmm_agent::{console, execute, read, serve, settings::Settings};
use ipcmm_bytecode::bundle::Bundle;
use ipcmm_spec::cli::{AgentCommand, Binary, Exit, Format, Operand, command, operands};
use ipcmm_spec::console::Console;
use ipcmm_spec::inspect::inspect;
use ipcmm_spec::terminal;
use ipcmm_stdlib::Stdlib;
use ipcmm_vm::Mode;
use std::process::ExitCode;

fn main() -> ExitCode {
    terminal::own_up(Binary::Agent);
    let matches = match command(Binary::Agent).try_get_matches() {
        Ok(matches) => matches,
        Err(error) => {
            // Whoever closed the stream does not want to read it.
            let _ = error.print();
            return u8::try_from(error.exit_code()).map_or(Exit::Usage.into(), ExitCode::from);
        }
    };
    let Some((name, matches)) = matches.subcommand() else { return Exit::Usage.into() };
    let Some(command) = AgentCommand::from_name(name) else { return Exit::Usage.into() };
    let console = console::of(matches);
    let Some(path) = operands(matches, Operand::Bundle).pop() else { return Exit::Usage.into() };
    let bytes = match read::bundle(&path) {
        Ok(bytes) => bytes,
        Err(message) => return console.obstacle("environment", &message).into(),
    };
    let exit = match command {
        AgentCommand::Apply => execute::execute(&bytes, Mode::Apply, &Settings::of(matches), &console),
        AgentCommand::Plan => execute::execute(&bytes, Mode::Check, &Settings::of(matches), &console),
        AgentCommand::Serve => serve::serve(&bytes, &Settings::of(matches), &console),
        AgentCommand::Inspect => look(&bytes, &console),
    };
    exit.into()
}

/// Shows what a bundle holds. One that is whole but not acceptable is shown all the same.
fn look(bytes: &[u8], console: &Console) -> Exit {
    let bundle = match Bundle::open(bytes) {
        Ok(bundle) => bundle,
        Err(fault) => return console.refuse(&fault),
    };
    let problem = ipcmm_vm::verify(bytes, &Stdlib).err();
    let inspection = inspect(&bundle, bytes.len() as u64, &Stdlib, problem.as_ref());
    let exit = if problem.is_some() { Exit::Problems } else { Exit::Ok };
    match console.format {
        Format::Json => console.json(&serde_json::to_value(&inspection).unwrap_or_default(), exit),
        Format::Human => {
            let exit = console.say(&inspection.human(console.out.color, console.out.unicode), exit);
            if let Some(fault) = &problem {
                console.refuse(fault);
            }
            exit
        }
    }
}
