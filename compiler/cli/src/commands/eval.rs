//! `ipcmmc eval`: one expression, checked and evaluated as in a task.

use crate::console::{self, exit_of};
use crate::desk::Room;
use clap::ArgMatches;
use ipcmm_compiler::diag::json;
use ipcmm_compiler::doc::{self, MAX_SOURCE_BYTES};
use ipcmm_compiler::dump;
use ipcmm_compiler::world::World;
use ipcmm_compiler::world::disk::Disk;
use ipcmm_spec::cli::{Exit, Flag, Format, Operand, operand, path, switch};
use serde_json::{Value, json};

/// Carries the command out.
pub fn run(matches: &ArgMatches) -> Exit {
    let console = console::of(matches);
    let mut room = Room::new(matches);
    let text = match operand(matches, Operand::Expression).as_str() {
        "-" => {
            let bytes = Disk.read_stdin(MAX_SOURCE_BYTES).map_err(|error| Box::new(error.diagnostic()));
            match bytes.and_then(|bytes| doc::decode("<stdin>", bytes)) {
                Ok(text) => Some(text.trim_end().to_owned()),
                Err(problem) => {
                    room.diagnostics.push(*problem);
                    None
                }
            }
        }
        text => Some(text.to_owned()),
    };
    if let Some(facts) = path(matches, Flag::Facts) {
        room.facts(&facts);
    }
    if let Some(module) = path(matches, Flag::Module) {
        room.load(&module);
    }
    let sound = !room.diagnostics.has_errors();
    let answer = text.filter(|_| sound).and_then(|text| room.ask(&text, switch(matches, Flag::Explain)));
    let exit = exit_of(&room.diagnostics);
    if console.format == Format::Json {
        let mut document = json::to_json(&room.diagnostics, &room.sources);
        document["value"] = answer.as_ref().map_or(Value::Null, |answer| dump::value(&answer.value));
        document["type"] = answer.as_ref().map_or(Value::Null, |answer| json!(answer.ty.to_string()));
        document["explained"] =
            answer.as_ref().and_then(|answer| answer.explained.as_ref()).map_or(Value::Null, |tree| tree.json());
        return console.json(&document, exit);
    }
    console::show(&console, &room.diagnostics, &room.sources);
    match answer {
        Some(answer) => console.say(&answer.human(), exit),
        None => exit,
    }
}
