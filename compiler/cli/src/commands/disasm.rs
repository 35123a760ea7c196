//! `ipcmmc disasm`: a bundle as assembly text. The bundle need not be acceptable, only whole.

use crate::console;
use clap::ArgMatches;
use ipcmm_bytecode::asm;
use ipcmm_bytecode::bundle::Bundle;
use ipcmm_spec::cli::{Exit, Format, Operand, operands};
use ipcmm_stdlib::Stdlib;
use serde_json::json;

/// Carries the command out.
pub fn run(matches: &ArgMatches) -> Exit {
    let console = console::of(matches);
    let Some(path) = operands(matches, Operand::Bundle).pop() else { return Exit::Usage };
    let bytes = match console::read_bundle(&console, &path) {
        Ok(bytes) => bytes,
        Err(exit) => return exit,
    };
    match Bundle::open(&bytes) {
        Ok(bundle) => {
            let text = asm::print(&bundle, &Stdlib);
            match console.format {
                Format::Human => console.say(&text, Exit::Ok),
                Format::Json => console.json(&json!({ "version": 1, "asm": text }), Exit::Ok),
            }
        }
        Err(fault) => console.refuse(&fault),
    }
}
