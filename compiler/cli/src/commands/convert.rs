//! `ipcmmc convert`: sources in another format. A file with an error is left out, and it is said why.

use crate::console::{self, Console, count, exit_of};
use crate::load::{Loaded, find, load};
use crate::outfile;
use clap::ArgMatches;
use ipcmm_compiler::convert::{Role, convert};
use ipcmm_compiler::diag::{Code, Diagnostic, Diagnostics};
use ipcmm_compiler::doc::Format as SourceFormat;
use ipcmm_compiler::source::Sources;
use ipcmm_compiler::stem;
use ipcmm_compiler::world::disk::Disk;
use ipcmm_compiler::world::{Kind, World};
use ipcmm_spec::cli::{Binary, Exit, Flag, Operand, To, operands, path, switch, usage};
use ipcmm_spec::terminal::{Stream, visible, write};
use std::path::{Path, PathBuf};

/// Carries the command out.
pub fn run(matches: &ArgMatches) -> Exit {
    let console = console::of(matches);
    let Some(to) = To::of(matches) else {
        let _ =
            usage(Binary::Compiler, "convert", "say which format to write: `--to yaml|json|xml|properties`").print();
        return Exit::Usage;
    };
    let paths = operands(matches, Operand::Paths);
    let output = path(matches, Flag::ConvertOutput);
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let Some(files) = find(&paths, &mut diagnostics) else {
        console::show(&console, &diagnostics, &sources);
        return exit_of(&diagnostics);
    };
    let single = matches!(paths.as_slice(), [path] if !Disk.is_dir(path));
    if output.is_some() && files.len() > 1 {
        let _ =
            usage(Binary::Compiler, "convert", "`-o` names one file; several are written beside their sources").print();
        return Exit::Usage;
    }
    let force = switch(matches, Flag::Force);
    let mut said = String::new();
    let mut text = None;
    for file in &files {
        let Some(loaded) = load(file, &mut sources, &mut diagnostics) else { continue };
        let Some(converted) = one(&console, file, &loaded, format(to), &mut diagnostics) else { continue };
        let target = match &output {
            Some(output) => output.clone(),
            None if single || file == Path::new("-") => PathBuf::from("-"),
            None => beside(file, to),
        };
        if target == Path::new("-") {
            text = Some(converted);
        } else if save(&target, &converted, force, &mut diagnostics) {
            said.push_str(&format!("wrote {}\n", visible(&target.display().to_string(), console.out.unicode)));
        }
    }
    let exit = exit_of(&diagnostics);
    diagnostics.sort();
    console::show(&console, &diagnostics, &sources);
    match text {
        Some(text) => console.written(write(Stream::Out, text.as_bytes()), exit),
        None if console.quiet => exit,
        None => console.say(&said, exit),
    }
}

/// Converts a file, and says what the format has no place for.
fn one(
    console: &Console,
    path: &Path,
    loaded: &Loaded,
    to: SourceFormat,
    diagnostics: &mut Diagnostics,
) -> Option<String> {
    // A manifest is no module: its values are what is written.
    let role = if stem(path) == "ipcmm" { Role::Data } else { Role::Source };
    let converted = convert(&loaded.doc, &loaded.text, loaded.format, to, role, diagnostics)?;
    if converted.lost_comments > 0 && !console.quiet {
        let name = visible(&path.display().to_string(), console.err.unicode);
        let comments = count(converted.lost_comments, "comment");
        console.aside(&format!("note: {name}: {comments} left out, {} has none\n", to.name()));
    }
    Some(converted.text)
}

/// Writes a file, unless one is there.
fn save(target: &Path, text: &str, force: bool, diagnostics: &mut Diagnostics) -> bool {
    if !force && Disk.kind(target) == Ok(Kind::File) {
        let message = format!("{} is there already", target.display());
        let problem = Diagnostic::unplaced(Code::AlreadyThere, message);
        diagnostics.push(problem.help("replace it with `--force`, or name another file with `-o`"));
        return false;
    }
    match outfile::write(target, text.as_bytes()) {
        Ok(()) => true,
        Err(error) => {
            let message = format!("cannot write {}: {error}", target.display());
            diagnostics.push(Diagnostic::unplaced(Code::Unwritable, message));
            false
        }
    }
}

/// `x.ipcmm.yaml` as `x.ipcmm.json`.
fn beside(file: &Path, to: To) -> PathBuf {
    file.with_extension(to.word())
}

fn format(to: To) -> SourceFormat {
    match to {
        To::Yaml => SourceFormat::Yaml,
        To::Json => SourceFormat::Json,
        To::Xml => SourceFormat::Xml,
        To::Properties => SourceFormat::Properties,
    }
}
