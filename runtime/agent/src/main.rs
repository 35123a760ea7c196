//! `ipcmm-agent`: verifies bundles and runs them. It holds no parser of the source language.
//!
//! Unaware of: how bundles are made. The work is in the library beside it, which `ipcmm` uses as well.

use clap::ArgMatches;
use ipcmm_agent::policy::{self, BY_HAND, DAEMON, STANDING};
use ipcmm_agent::{console, execute, history, read, serve, settings::Settings, tell};
use ipcmm_bytecode::bundle::Bundle;
use ipcmm_runtime::policy::Policy;
use ipcmm_runtime::policy::needs::Needs;
use ipcmm_spec::cli::{self, AgentCommand, Binary, Exit, Flag, Format, Operand, command, operands, switch};
use ipcmm_spec::console::Console;
use ipcmm_spec::inspect::inspect;
use ipcmm_spec::terminal;
use ipcmm_stdlib::Stdlib;
use ipcmm_vm::Mode;
use std::path::Path;
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
        AgentCommand::Apply => with(&|bytes| run(bytes, Mode::Apply, matches, &console)),
        AgentCommand::Plan => with(&|bytes| run(bytes, Mode::Check, matches, &console)),
        // What stays gets its bundles from elsewhere one day: it does nothing that no file allows.
        AgentCommand::Serve => match policed(matches, DAEMON, &console) {
            Ok(settings) => with(&|bytes| serve::serve(bytes, &settings, &console)),
            Err(exit) => exit,
        },
        AgentCommand::Inspect if switch(matches, Flag::Needs) => with(&|bytes| needs(bytes, &console)),
        AgentCommand::Inspect => with(&|bytes| look(bytes, matches, &console)),
        AgentCommand::Resume => match (bytes(Operand::MaybeBundle), under_policy(matches, &console)) {
            (Ok(bytes), Ok(settings)) => execute::resume(bytes, &settings, &console),
            (Err(exit), _) | (_, Err(exit)) => exit,
        },
        AgentCommand::History => history::history(&settings(), &console),
        AgentCommand::Ps => history::ps(&settings(), &console),
        AgentCommand::Report => tell::report(matches, &settings(), &console),
        AgentCommand::Why => tell::why(matches, &settings(), &console),
    };
    exit.into()
}

/// Runs a bundle under the policy of the node, or the one that is named.
fn run(bytes: &[u8], mode: Mode, matches: &ArgMatches, console: &Console) -> Exit {
    match under_policy(matches, console) {
        Ok(settings) => execute::execute(bytes, mode, &settings, console),
        Err(exit) => exit,
    }
}

/// What the command line says, and what the policy of this agent allows.
fn under_policy(matches: &ArgMatches, console: &Console) -> Result<Settings, Exit> {
    policed(matches, BY_HAND, console)
}

/// The same; `without` says what holds where there is no policy.
fn policed(matches: &ArgMatches, without: fn() -> Policy, console: &Console) -> Result<Settings, Exit> {
    match policy::load(cli::path(matches, Flag::Policy).as_deref(), Path::new(STANDING), without) {
        Ok(policy) => Ok(Settings { policy, ..Settings::of(matches) }),
        Err(unusable) => Err(unusable.tell(console)),
    }
}

/// Prints a policy that allows what a bundle says it needs.
fn needs(bytes: &[u8], console: &Console) -> Exit {
    match ipcmm_vm::verify(bytes, &Stdlib) {
        Ok(bundle) => console.json(&Needs::of(&bundle).policy(&bundle), Exit::Ok),
        Err(fault) => console.refuse(&fault),
    }
}

/// Shows what a bundle holds. One that is whole but not acceptable is shown all the same.
fn look(bytes: &[u8], matches: &ArgMatches, console: &Console) -> Exit {
    let bundle = match Bundle::open(bytes) {
        Ok(bundle) => bundle,
        Err(fault) => return console.refuse(&fault),
    };
    // Only a policy that is asked for is shown: the look at a bundle is the same on every node.
    let policy = match cli::path(matches, Flag::Policy) {
        Some(path) => match policy::load(Some(&path), Path::new(STANDING), BY_HAND) {
            Ok(policy) => Some(policy),
            Err(unusable) => return unusable.tell(console),
        },
        None => None,
    };
    let verified = ipcmm_vm::verify(bytes, &Stdlib);
    let refused = match (&verified, &policy) {
        (Ok(bundle), Some(policy)) => Some(Needs::of(bundle).refused(policy)),
        _ => None,
    };
    let problem = verified.err();
    let inspection = inspect(&bundle, bytes.len() as u64, &Stdlib, problem.as_ref());
    let clean = problem.is_none() && refused.as_ref().is_none_or(Vec::is_empty);
    let exit = if clean { Exit::Ok } else { Exit::Problems };
    match console.format {
        Format::Json => {
            let mut document = serde_json::to_value(&inspection).unwrap_or_default();
            if let Some(refused) = &refused {
                document["refused"] = policy::told(&bundle, refused);
            }
            console.json(&document, exit)
        }
        Format::Human => {
            let mut text = inspection.human(console.out.color, console.out.unicode);
            if let Some(refused) = refused.filter(|refused| !refused.is_empty()) {
                text.push_str("\nrefused by the policy\n");
                text.push_str(&policy::lines(&bundle, &refused, console.out.unicode));
            }
            let exit = console.say(&text, exit);
            if let Some(fault) = &problem {
                console.refuse(fault);
            }
            exit
        }
    }
}
