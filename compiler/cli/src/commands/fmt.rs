//! `ipcmmc fmt`: what people write, in the layout of its format: sources, manifests and tests. A file with an error is
//! left as it is.

use crate::console::{self, count, exit_of};
use crate::load::{find_written, load};
use crate::{diff, outfile};
use clap::ArgMatches;
use ipcmm_compiler::diag::{Code, Diagnostic, Diagnostics};
use ipcmm_compiler::fmt::format;
use ipcmm_compiler::source::Sources;
use ipcmm_spec::cli::{Exit, Flag, Operand, operands, switch};
use ipcmm_spec::terminal::{Stream, visible, write};
use std::path::Path;

/// Carries the command out.
pub fn run(matches: &ArgMatches) -> Exit {
    let console = console::of(matches);
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let files = find_written(&operands(matches, Operand::Paths), &mut diagnostics).unwrap_or_default();
    let check = switch(matches, Flag::Check);
    let (mut said, mut shown) = (String::new(), String::new());
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
        let name = match standard {
            true => "<stdin>".to_owned(),
            false => visible(&file.display().to_string(), console.out.unicode),
        };
        if check {
            diagnostics.push(Diagnostic::unplaced(Code::NotFormatted, format!("{name} is not formatted")));
            shown.push_str(&diff::of_file(name.trim_start_matches("./"), &loaded.text, &text, &console.out));
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
    said.push_str(&shown);
    let all = count(files.len(), "file");
    if check && changed > 0 {
        let are = if changed == 1 { "is" } else { "are" };
        console
            .aside(&format!("{changed} of {all} {are} not formatted; `ipcmmc fmt` writes what the difference shows\n"));
    } else if exit == Exit::Ok && changed == 0 {
        said.push_str(&format!("{all} as {}\n", if files.len() == 1 { "it should be" } else { "they should be" }));
    }
    console.say(&said, exit)
}
