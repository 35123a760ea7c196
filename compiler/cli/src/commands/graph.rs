//! `ipcmmc graph`: tasks and what they wait for, as a picture or as an answer. A build that fails is drawn all the same.

use crate::console::{self, exit_of};
use crate::{outfile, project};
use clap::ArgMatches;
use ipcmm_compiler::diag::levels::Levels;
use ipcmm_compiler::drawing::{self, Drawing, dot, html, json, select, svg, why};
use ipcmm_compiler::world::disk::Disk;
use ipcmm_compiler::{BuildOptions, build_with};
use ipcmm_spec::cli::{Exit, Flag, Operand, Picture, operands, pair, path, text};
use ipcmm_spec::console::Console;
use ipcmm_spec::terminal::visible;
use std::path::{Path, PathBuf};

/// Carries the command out.
pub fn run(matches: &ArgMatches) -> Exit {
    let console = console::of(matches);
    let mut inputs = operands(matches, Operand::PathsOrHere);
    if inputs.is_empty() {
        inputs.push(PathBuf::from("."));
    }
    let settings = project::open(&Disk, matches, &inputs, &Levels::default()).settings;
    let build = build_with(&Disk, &inputs, BuildOptions { debug: true, check_only: true }, settings);
    let exit = exit_of(&build.diagnostics);
    console::show(&console, &build.diagnostics, &build.sources);
    let mut drawing = drawing::draw(&build);
    if drawing.nodes.is_empty() && exit != Exit::Ok {
        return exit;
    }
    if let Some((one, other)) = pair(matches, Flag::Why) {
        return told(&console, &drawing, &one, &other, exit);
    }
    if let Some(name) = text(matches, Flag::Focus) {
        match select::find(&drawing, &name) {
            Ok(on) => drawing = select::focus(&drawing, on),
            Err(problem) => return unknown(&console, &problem),
        }
    }
    let text = match Picture::of(matches) {
        Picture::Dot => dot::dot(&drawing),
        Picture::Json => format!("{:#}\n", json::json(&drawing)),
        Picture::Svg => svg::svg(&drawing),
        Picture::Html => html::html(&drawing),
    };
    put(&console, path(matches, Flag::OutputFile).as_deref(), &text, exit)
}

/// Writes a text where it is wanted: to a file, or to standard output.
pub fn put(console: &Console, file: Option<&Path>, text: &str, exit: Exit) -> Exit {
    match file.filter(|file| *file != Path::new("-")) {
        None => console.say(text, exit),
        Some(file) => match outfile::write(file, text.as_bytes()) {
            Ok(()) => exit,
            Err(error) => console.obstacle("unwritable", &format!("cannot write {}: {error}", file.display())),
        },
    }
}

fn unknown(console: &Console, problem: &str) -> Exit {
    console.complain(problem);
    Exit::Usage
}

/// Says by which targets one of two tasks waits for the other.
fn told(console: &Console, drawing: &Drawing, one: &str, other: &str, exit: Exit) -> Exit {
    let (from, to) = match (select::find(drawing, one), select::find(drawing, other)) {
        (Ok(from), Ok(to)) => (from, to),
        (Err(problem), Ok(_)) | (Ok(_), Err(problem)) => return unknown(console, &problem),
        (Err(first), Err(second)) => {
            console.complain(first);
            return unknown(console, &second);
        }
    };
    match why::why(drawing, from, to) {
        Some(why) => {
            let told = why::told(drawing, &why);
            let lines: String = told.lines().map(|line| visible(line, console.out.unicode) + "\n").collect();
            console.say(&lines, exit)
        }
        None => {
            console.complain(format_args!("neither of `{one}` and `{other}` waits for the other"));
            if exit == Exit::Ok { Exit::Problems } else { exit }
        }
    }
}
