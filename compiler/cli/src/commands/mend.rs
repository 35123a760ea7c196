//! `--fix`: fixes of the compiler are written to the files, or shown as a diff.
//!
//! Unaware of: how fixes come about.

use crate::commands::check::is_human;
use crate::console::{Console, count};
use crate::{diff, outfile};
use clap::ArgMatches;
use ipcmm_compiler::Build;
use ipcmm_compiler::diag::Applicability;
use ipcmm_compiler::mend::{Mended, mend};
use ipcmm_compiler::world::World;
use ipcmm_compiler::world::disk::Disk;
use ipcmm_spec::cli::{Binary, Exit, Fixes, Flag, switch, usage};
use ipcmm_spec::terminal::visible;
use std::path::{Path, PathBuf};

/// Mends the files and gives what is left, and the exit code if a file could not be written. In a dry run what is left
/// is everything.
pub fn run(
    matches: &ArgMatches,
    console: &Console,
    which: Fixes,
    name: &str,
    inputs: &[PathBuf],
    build: &dyn Fn(&dyn World) -> Build,
) -> Result<(Build, Option<Exit>), Exit> {
    if inputs.iter().any(|input| input == Path::new("-")) {
        let _ = usage(Binary::Compiler, name, "`--fix` changes files, and standard input is none").print();
        return Err(Exit::Usage);
    }
    let least = match which {
        Fixes::Certain => Applicability::Certain,
        Fixes::All => Applicability::Maybe,
    };
    let mended = mend(&Disk, least, build);
    if switch(matches, Flag::DryRun) {
        let text: String = mended.world.changed().map(|(path, new)| difference(console, path, new)).collect();
        let said = if is_human(matches) { console.say(&text, Exit::Ok) } else { Exit::Ok };
        return match said {
            Exit::Ok => Ok((build(&Disk), None)),
            exit => Err(exit),
        };
    }
    let trouble = write(console, &mended);
    if !console.quiet {
        console.aside(&told(console, &mended));
    }
    Ok((mended.build, trouble))
}

/// Writes what was changed. A file that somebody else changed in the meantime is left alone.
fn write(console: &Console, mended: &Mended<'_>) -> Option<Exit> {
    let mut trouble = None;
    for (path, new) in mended.world.changed() {
        let old = Disk.read(path).unwrap_or_default();
        if old == new {
            continue;
        }
        if let Err(error) = outfile::write(path, new) {
            console.complain(format_args!("cannot write {}: {error}", path.display()));
            trouble = Some(Exit::Environment);
        }
    }
    trouble
}

/// What was fixed, a line each, and what was left alone.
fn told(console: &Console, mended: &Mended<'_>) -> String {
    let mut text = String::new();
    for applied in &mended.applied {
        let line = format!("{}:{}  {}: {}", applied.file, applied.line, applied.code, applied.title);
        text.push_str(&format!("fixed {}\n", visible(&line, console.err.unicode)));
    }
    for name in &mended.left {
        let name = visible(name, console.err.unicode);
        text.push_str(&format!("left {name} as it is: its fixes do not fit together\n"));
    }
    if !mended.applied.is_empty() {
        let files: std::collections::BTreeSet<&str> = mended.applied.iter().map(|a| a.file.as_str()).collect();
        let problems = count(mended.applied.len(), "problem");
        text.push_str(&format!("fixed {problems} in {}\n", count(files.len(), "file")));
    }
    text
}

/// The difference of a file on the disk to its new content.
fn difference(console: &Console, path: &Path, new: &[u8]) -> String {
    let old = Disk.read(path).unwrap_or_default();
    let (old, new) = (String::from_utf8_lossy(&old), String::from_utf8_lossy(new));
    diff::of_file(&path.display().to_string(), &old, &new, &console.out)
}
