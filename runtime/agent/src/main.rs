//! `ipcmm-agent`: verifies bundles and runs them. It holds no parser of the source language.
//!
//! Unaware of: how bundles are made. The work is in the library beside it, which `ipcmm` uses as well.

use ipcmm_agent::{console, execute, history, read, settings::Settings, tell};
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
    let settings = || Settings::of(matches);
    let bytes = |operand: Operand| -> Result<Option<Vec<u8>>, Exit> {
        let Some(path) = operands(matches, operand).pop() else { return Ok(None) };
        read::bundle(&path).map(Some).map_err(|message| console.obstacle("environment", &message))
    };
    let with = |run: &dyn Fn(&[u8]) -> Exit| match bytes(Operand::Bundle) {
        Ok(Some(bytes)) => run(&bytes),
        Ok(None) => Exit::Usage,
        Err(exit) => exit,
    };
    let exit = match command {
        AgentCommand::Apply => with(&|bytes| execute::execute(bytes, Mode::Apply, &settings(), &console)),
        AgentCommand::Plan => with(&|bytes| execute::execute(bytes, Mode::Check, &settings(), &console)),
        AgentCommand::Inspect => with(&|bytes| look(bytes, &console)),
        AgentCommand::Resume => match bytes(Operand::MaybeBundle) {
            Ok(bytes) => execute::resume(bytes, &settings(), &console),
            Err(exit) => exit,
        },
        AgentCommand::History => history::history(&settings(), &console),
        AgentCommand::Ps => history::ps(&settings(), &console),
        AgentCommand::Report => tell::report(matches, &settings(), &console),
        AgentCommand::Why => tell::why(matches, &settings(), &console),
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
