//! `ipcmmc dump`: what a stage of the compiler made of a source.

use crate::console::{self, exit_of};
use crate::{load, project};
use clap::ArgMatches;
use ipcmm_bytecode::asm;
use ipcmm_bytecode::bundle::Bundle;
use ipcmm_compiler::diag::levels::Levels;
use ipcmm_compiler::doc;
use ipcmm_compiler::world::disk::Disk;
use ipcmm_compiler::{Build, BuildOptions, build_with, dump};
use ipcmm_spec::cli::{As, Binary, Exit, Operand, Stage, operands, usage};
use ipcmm_stdlib::Stdlib;
use serde_json::Value;
use std::path::Path;

/// Carries the command out. What can be shown is shown, problems or not.
pub fn run(matches: &ArgMatches) -> Exit {
    let console = console::of(matches);
    let stage = Stage::of(matches);
    let notation = As::of(matches).unwrap_or(if stage == Stage::Asm { As::Text } else { As::Json });
    if (stage == Stage::Asm) != (notation == As::Text) {
        let reason = match stage {
            Stage::Asm => "`asm` is text; leave `--as` out",
            Stage::Doc | Stage::Ir | Stage::Graph => "only `asm` has a text form; use `--as json` or `--as yaml`",
        };
        let _ = usage(Binary::Compiler, "dump", reason).print();
        return Exit::Usage;
    }
    let Some(path) = operands(matches, Operand::File).pop() else { return Exit::Usage };
    let build = match stage {
        Stage::Doc => parse(&path),
        Stage::Ir | Stage::Graph | Stage::Asm => {
            let (paths, options) = ([path], BuildOptions { debug: true, check_only: stage != Stage::Asm });
            build_with(&Disk, &paths, options, project::open(&Disk, matches, &paths, &Levels::default()).settings)
        }
    };
    let exit = exit_of(&build.diagnostics);
    console::show(&console, &build.diagnostics, &build.sources);
    match stage {
        Stage::Doc => match build.docs.first() {
            Some(doc) => notated(&console, notation, dump::doc::to_json(doc, &build.sources), exit),
            None => exit,
        },
        Stage::Ir => notated(&console, notation, dump::ir(&build.program, &build.sources), exit),
        Stage::Graph => notated(&console, notation, dump::graph(&build.graph, &build.sources), exit),
        Stage::Asm => match build.bundle.as_deref().map(Bundle::open) {
            Some(Ok(bundle)) => console.say(&asm::print(&bundle, &Stdlib), exit),
            Some(Err(fault)) => console.refuse(&fault),
            None => exit,
        },
    }
}

fn notated(console: &console::Console, notation: As, value: Value, exit: Exit) -> Exit {
    match notation {
        As::Yaml => console.say(&dump::yaml(&value), exit),
        As::Json | As::Text => console.json(&value, exit),
    }
}

/// A document and nothing more, so that any file in a source format can be looked at.
fn parse(path: &Path) -> Build {
    let mut build = Build::default();
    if let Some((format, file)) = load::read(path, &mut build.sources, &mut build.diagnostics) {
        let text = build.sources.file(file).text.clone();
        build.docs.push(doc::parse(file, &text, format, &mut build.diagnostics));
    }
    build
}
