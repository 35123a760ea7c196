//! `ipcmmc doc`: reference pages of the language, of one name, or of a module.

use super::explain::unknown;
use super::graph::put;
use crate::console::{self, count, exit_of};
use crate::reference::{self, Page, html, module, plain, terminal};
use crate::{outfile, project};
use clap::ArgMatches;
use ipcmm_compiler::diag::levels::Levels;
use ipcmm_compiler::world::World;
use ipcmm_compiler::world::disk::Disk;
use ipcmm_compiler::{BuildOptions, build_with, doc, drawing};
use ipcmm_spec::cli::{Binary, Exit, Flag, Operand, Pages, operand, path, switch, usage};
use ipcmm_spec::console::Console;
use std::path::{Path, PathBuf};

/// Carries the command out.
pub fn run(matches: &ArgMatches) -> Exit {
    let console = console::of(matches);
    let topic = operand(matches, Operand::NameOrPath);
    let topic = topic.trim();
    let folder = path(matches, Flag::OutputFolder);
    let form = Pages::of(matches);
    match (switch(matches, Flag::Everything), topic.is_empty()) {
        (true, false) => wrong("`--all` takes no name"),
        (false, true) => wrong("name something, such as `ipcmm.run.cmd` or a module, or ask for `--all`"),
        (true, true) => match (folder, form) {
            (None, _) => wrong("`--all` makes many pages: say by `-o` into which folder"),
            (Some(_), Some(Pages::Terminal)) => wrong("a folder of pages is HTML or Markdown"),
            (Some(folder), form) => write_all(&console, &reference::all(), form, &folder, true, Exit::Ok),
        },
        (false, false) if is_path(topic) => of_path(matches, &console, topic, form, folder.as_deref()),
        (false, false) => of_name(&console, topic, form, folder.as_deref()),
    }
}

fn wrong(reason: &str) -> Exit {
    // Whoever closed the stream does not want to read it.
    let _ = usage(Binary::Compiler, "doc", reason).print();
    Exit::Usage
}

/// Whether an operand means a place and no name of the language: it is there, it has a slash, or it ends as sources do.
fn is_path(topic: &str) -> bool {
    topic == "-"
        || topic.contains('/')
        || (doc::Format::of_name(topic).is_some() || topic == "." || topic == "..")
        || (terminal::explanation(topic).is_none() && Disk.kind(Path::new(topic)).is_ok())
}

fn of_name(console: &Console, topic: &str, form: Option<Pages>, folder: Option<&Path>) -> Exit {
    let Some(text) = terminal::explanation(topic) else { return unknown(console, topic) };
    let pages = reference::of(topic);
    match (form, folder) {
        (None | Some(Pages::Terminal), None) => console.say(&text, Exit::Ok),
        // What is only planned has no page.
        _ if pages.is_empty() => console.say(&text, Exit::Ok),
        (Some(Pages::Terminal), Some(_)) => wrong("a folder of pages is HTML or Markdown"),
        (form, Some(folder)) => write_all(console, &pages, form, folder, false, Exit::Ok),
        (Some(form), None) => print(console, &pages, form, Exit::Ok),
    }
}

fn of_path(matches: &ArgMatches, console: &Console, topic: &str, form: Option<Pages>, folder: Option<&Path>) -> Exit {
    let inputs = [PathBuf::from(topic)];
    let settings = project::open(&Disk, matches, &inputs, &Levels::default()).settings;
    let build = build_with(&Disk, &inputs, BuildOptions { debug: true, check_only: true }, settings);
    console::show(console, &build.diagnostics, &build.sources);
    let exit = exit_of(&build.diagnostics);
    let pages = module::pages(&build, &drawing::draw(&build));
    match (form, folder) {
        _ if pages.is_empty() => exit,
        (Some(Pages::Terminal), Some(_)) => wrong("a folder of pages is HTML or Markdown"),
        (form, Some(folder)) => write_all(console, &pages, form, folder, false, exit),
        (form, None) => print(console, &pages, form.unwrap_or(Pages::Terminal), exit),
    }
}

/// Pages one after the other on standard output.
fn print(console: &Console, pages: &[Page], form: Pages, exit: Exit) -> Exit {
    let text: String = match form {
        Pages::Terminal | Pages::Markdown => pages.iter().map(|page| page.text.as_str()).collect::<Vec<_>>().join("\n"),
        Pages::Html => {
            let title = pages.first().map(|page| page.title.clone()).unwrap_or_default();
            let text = pages.iter().map(|page| page.text.as_str()).collect::<Vec<_>>().join("\n");
            html::page(&Page { path: title.clone(), title, text }, false)
        }
    };
    match form {
        Pages::Terminal => console.say(&plain::render(&text, &console.out), exit),
        Pages::Markdown | Pages::Html => put(console, None, &text, exit),
    }
}

/// Writes pages into a folder.
fn write_all(console: &Console, pages: &[Page], form: Option<Pages>, folder: &Path, linked: bool, exit: Exit) -> Exit {
    let markdown = form == Some(Pages::Markdown);
    for page in pages {
        let text = if markdown { page.text.clone() } else { html::page(page, linked) };
        let file = folder.join(format!("{}.{}", page.path, if markdown { "md" } else { "html" }));
        let made = file.parent().map_or(Ok(()), std::fs::create_dir_all);
        if let Err(error) = made.and_then(|()| outfile::write(&file, text.as_bytes())) {
            return console.obstacle("unwritable", &format!("cannot write {}: {error}", file.display()));
        }
    }
    if console.quiet {
        return exit;
    }
    console.say(&format!("wrote {} into {}\n", count(pages.len(), "page"), folder.display()), exit)
}
