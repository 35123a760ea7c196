//! `ipcmmc lock`: pins the packages of a project by the hash of their content.

use crate::console::{self, count, exit_of};
use crate::project::write_lock;
use clap::ArgMatches;
use ipcmm_compiler::diag::{Code, Diagnostic, json};
use ipcmm_compiler::project::{self, Locking, Request};
use ipcmm_compiler::world::disk::Disk;
use ipcmm_spec::cli::{Exit, Format, Operand, operands};
use ipcmm_spec::terminal::visible;

/// Carries the command out. Nothing is written if there is an error.
pub fn run(matches: &ArgMatches) -> Exit {
    let console = console::of(matches);
    let inputs = operands(matches, Operand::Paths);
    let opened = project::open(&Disk, &inputs, Request { locking: Locking::Rewrite, ..Request::default() });
    let mut settings = opened.settings;
    if opened.manifest.is_none() && !settings.diagnostics.has_errors() {
        let problem = Diagnostic::unplaced(Code::NoSources, "there is no project here: no manifest was found");
        settings.diagnostics.push(problem.help("name the folder of a project, with `ipcmm.yaml` in it"));
    }
    if !settings.diagnostics.has_errors() {
        write_lock(opened.lock.as_ref(), &mut settings.diagnostics);
    }
    let exit = exit_of(&settings.diagnostics);
    if console.format == Format::Json {
        return console.json(&json::to_json(&settings.diagnostics, &settings.sources), exit);
    }
    console::show(&console, &settings.diagnostics, &settings.sources);
    if exit != Exit::Ok || console.quiet {
        return exit;
    }
    let said = match &opened.lock {
        None => "there are no dependencies, so there is nothing to pin\n".to_owned(),
        Some(lock) => {
            let mut said = String::new();
            for (name, package) in settings.packages.iter() {
                said.push_str(&format!("  {}  {}\n", visible(name, console.out.unicode), package.hash));
            }
            let verb = if lock.changed { "wrote" } else { "kept" };
            let path = visible(&lock.path.display().to_string(), console.out.unicode);
            said + &format!("{verb} {path}  {}\n", count(settings.packages.iter().count(), "package"))
        }
    };
    console.say(&said, exit)
}
