//! `ipcmmc inspect`: what a bundle holds and what it would touch.

use crate::console;
use clap::ArgMatches;
use ipcmm_bytecode::bundle::Bundle;
use ipcmm_spec::cli::{Exit, Format, Operand, operands};
use ipcmm_spec::inspect::inspect;
use ipcmm_stdlib::Stdlib;

/// Carries the command out. A bundle that is whole but not acceptable is shown all the same.
pub fn run(matches: &ArgMatches) -> Exit {
    let console = console::of(matches);
    let Some(path) = operands(matches, Operand::Bundle).pop() else { return Exit::Usage };
    let bytes = match console::read_bundle(&console, &path) {
        Ok(bytes) => bytes,
        Err(exit) => return exit,
    };
    let bundle = match Bundle::open(&bytes) {
        Ok(bundle) => bundle,
        Err(fault) => return console.refuse(&fault),
    };
    let problem = ipcmm_vm::verify(&bytes, &Stdlib).err();
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
