//! `ipcmmc fmt`: sources in the layout of their format. A file with an error is left as it is.

use crate::console::{self, count, exit_of};
use crate::load::{find, load};
use crate::outfile;
use clap::ArgMatches;
use ipcmm_compiler::diag::{Code, Diagnostic, Diagnostics};
use ipcmm_compiler::fmt::{differences, format};
use ipcmm_compiler::source::Sources;
use ipcmm_spec::cli::{Exit, Flag, Operand, operands, switch};
use ipcmm_spec::terminal::{Stream, visible, write};
use std::path::Path;

/// Lines of a difference that are shown.
const SHOWN: usize = 4;

/// Carries the command out.
pub fn run(matches: &ArgMatches) -> Exit {
    let console = console::of(matches);
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let files = find(&operands(matches, Operand::Paths), &mut diagnostics).unwrap_or_default();
    let check = switch(matches, Flag::Check);
    let mut said = String::new();
    let mut piped = None;
    let mut changed = 0;
    for file in &files {
        let Some(loaded) = load(file, &mut sources, &mut diagnostics) else { continue };
        let Some(text) = format(&loaded.doc, &loaded.text, loaded.format, &mut diagnostics) else { continue };
        let standard = file == Path::new("-");
        if standard && !check {
            piped = Some(text);
            continue;
        }
        if *text == *loaded.text {
            continue;
        }
        changed += 1;
        let name = visible(&file.display().to_string(), console.out.unicode);
        if check {
            let message = format!("{name} is not formatted");
            let lines = differences(&loaded.text, &text, SHOWN).join("\n");
            diagnostics
                .push(Diagnostic::unplaced(Code::NotFormatted, message).help(visible(&lines, console.err.unicode)));
        } else if let Err(error) = outfile::write(file, text.as_bytes()) {
            let message = format!("cannot write {}: {error}", file.display());
            diagnostics.push(Diagnostic::unplaced(Code::Unwritable, message));
        } else {
            said.push_str(&format!("formatted {name}\n"));
        }
    }
    let exit = exit_of(&diagnostics);
    diagnostics.sort();
    console::show(&console, &diagnostics, &sources);
    if let Some(text) = piped {
        return console.written(write(Stream::Out, text.as_bytes()), exit);
    }
    if console.quiet {
        return exit;
    }
    if exit == Exit::Ok && changed == 0 {
        said.push_str(&format!("{} as they should be\n", count(files.len(), "file")));
    }
    console.say(&said, exit)
}
