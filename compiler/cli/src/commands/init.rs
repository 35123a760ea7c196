//! `ipcmmc init`: a project that builds, and that can be tried without touching the machine.
//!
//! Files that are there are never replaced, also not with `--force`. A folder that is made is made in one step: either
//! all of it is there or nothing. What is made passes its own test. There is one project, written in YAML; the other
//! formats are what `ipcmmc convert` makes of it.

use crate::console::{self, count};
use clap::ArgMatches;
use ipcmm_compiler::convert::{Role, convert};
use ipcmm_compiler::diag::Diagnostics;
use ipcmm_compiler::doc::{self, Format};
use ipcmm_compiler::source::Sources;
use ipcmm_spec::cli::{Binary, Exit, Flag, Notation, Operand, operands, switch, text, usage};
use ipcmm_spec::console::Console;
use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Carries the command out.
pub fn run(matches: &ArgMatches) -> Exit {
    let console = console::of(matches);
    let folder = operands(matches, Operand::Project).pop().unwrap_or_else(|| PathBuf::from("."));
    let name = match text(matches, Flag::Name) {
        Some(name) if is_name(&name) => name,
        Some(name) => {
            let reason = format!("`{}` is no name: take letters, digits, `-`, `_` and `.`", name.escape_debug());
            let _ = usage(Binary::Compiler, "init", &reason).print();
            return Exit::Usage;
        }
        None => name_of(&folder),
    };
    let called = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    if Format::of_name(&called).is_some() && fs::symlink_metadata(&folder).is_err() {
        let reason = format!("a project is a folder, and `{}` is called like a file", called.escape_debug());
        let _ = usage(Binary::Compiler, "init", &reason).print();
        return Exit::Usage;
    }
    let files = files(&name, Notation::of(matches));
    match make(&folder, &files, switch(matches, Flag::InitForce)) {
        Ok(()) => said(&console, &folder, &files),
        Err(Refused::NotEmpty) => {
            console.complain(format_args!("{} is not empty", folder.display()));
            console.aside("  help: name another folder, or go on in this one by `--force`; no file is replaced\n");
            Exit::Problems
        }
        Err(Refused::There(path)) => {
            console.complain(format_args!("{} is there already; nothing was written", path.display()));
            Exit::Problems
        }
        Err(Refused::System(path, error)) => {
            console.obstacle("unwritable", &format!("cannot write {}: {error}", path.display()))
        }
    }
}

fn said(console: &Console, folder: &Path, files: &[(String, String)]) -> Exit {
    if console.quiet {
        return Exit::Ok;
    }
    let mut out = format!("made {} in {}\n", count(files.len(), "file"), folder.display());
    files.iter().for_each(|(name, _)| out.push_str(&format!("  {name}\n")));
    out.push_str(&format!("next: ipcmm plan {}\n", folder.display()));
    console.say(&out, Exit::Ok)
}

/// Whether a text can be the name of a project in every format without quotes or escapes.
fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.len() <= 64
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

/// The name of a folder as the name of a project.
fn name_of(folder: &Path) -> String {
    let whole = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    let name = whole.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let name: String = name.chars().map(|c| if is_name(&format!("a{c}")) { c } else { '-' }).take(64).collect();
    if is_name(&name) { name } else { "project".to_owned() }
}

/// The files of a project, by their names below its folder.
fn files(name: &str, notation: Notation) -> Vec<(String, String)> {
    let format = match notation {
        Notation::Yaml => Format::Yaml,
        Notation::Json => Format::Json,
        Notation::Xml => Format::Xml,
        Notation::Properties => Format::Properties,
    };
    let extension = notation.word();
    let manifest = format!("ipcmm.{extension}");
    let source = format!("{}.ipcmm.{extension}", stem(name));
    let test = format!("{}.test.{extension}", stem(name));
    let filled = |text: &str| {
        let text = text.replace("@NAME@", name).replace("@SOURCE@", &source);
        text.replace("@MANIFEST@", &manifest).replace("@TEST@", &test)
    };
    let written = |text: &str, role| in_format(filled(text), format, role);
    vec![
        (manifest.clone(), written(include_str!("init/manifest.yaml"), Role::Data)),
        (source.clone(), written(include_str!("init/module.yaml"), Role::Source)),
        (test.clone(), written(include_str!("init/test.yaml"), Role::Data)),
        ("README.md".to_owned(), filled(include_str!("init/README.md"))),
        (".gitignore".to_owned(), filled(include_str!("init/gitignore"))),
    ]
}

/// A text of the project, which is YAML, in a format.
fn in_format(text: String, format: Format, role: Role) -> String {
    if format == Format::Yaml {
        return text;
    }
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let file = sources.add("template", text.clone());
    let doc = doc::parse(file, &text, Format::Yaml, &mut diagnostics);
    let converted = convert(&doc, &text, Format::Yaml, format, role, &mut diagnostics);
    converted.map(|converted| converted.text).expect("the templates can be written in every format: a test does it")
}

/// The name of the module's file: what follows a dot would be no part of the module's name.
fn stem(name: &str) -> String {
    name.replace('.', "-")
}

/// Why nothing was made.
enum Refused {
    NotEmpty,
    There(PathBuf),
    System(PathBuf, io::Error),
}

fn make(folder: &Path, files: &[(String, String)], force: bool) -> Result<(), Refused> {
    let system = |path: &Path| {
        let path = path.to_owned();
        move |error| Refused::System(path, error)
    };
    match fs::read_dir(folder).map(Iterator::count) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => make_new(folder, files),
        Err(error) => Err(Refused::System(folder.to_owned(), error)),
        Ok(there) if !force && there > 0 => Err(Refused::NotEmpty),
        Ok(_) => {
            for (name, _) in files {
                let path = folder.join(name);
                if fs::symlink_metadata(&path).is_ok() {
                    return Err(Refused::There(path));
                }
            }
            let mut made = Vec::new();
            for (name, text) in files {
                let path = folder.join(name);
                let done = create(&path, text);
                if done.is_ok() || fs::symlink_metadata(&path).is_ok_and(|_| done.as_ref().is_err_and(partly)) {
                    made.push(path.clone());
                }
                if let Err(error) = done {
                    // What this run made goes again; what was there stays.
                    made.iter().for_each(|path| drop(fs::remove_file(path)));
                    return Err(system(&path)(error));
                }
            }
            Ok(())
        }
    }
}

/// Whether a file was made before its writing failed.
fn partly(error: &io::Error) -> bool {
    error.kind() != io::ErrorKind::AlreadyExists
}

/// Makes the folder beside its place and moves it there.
fn make_new(folder: &Path, files: &[(String, String)]) -> Result<(), Refused> {
    let system = |error| Refused::System(folder.to_owned(), error);
    let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(parent).map_err(system)?;
    let name = folder.file_name().ok_or_else(|| system(io::Error::other("it names no folder")))?;
    let mut hidden = OsString::from(".");
    hidden.push(name);
    hidden.push(format!(".{}.tmp", std::process::id()));
    let beside = parent.join(hidden);
    fs::create_dir(&beside).map_err(system)?;
    let written = files.iter().try_for_each(|(name, text)| create(&beside.join(name), text));
    let done = written.and_then(|()| fs::rename(&beside, folder));
    done.map_err(|error| {
        // It is only litter now; the first problem is the one to report.
        let _ = fs::remove_dir_all(&beside);
        system(error)
    })
}

/// Makes a file that is not there.
fn create(path: &Path, text: &str) -> io::Result<()> {
    OpenOptions::new().write(true).create_new(true).open(path)?.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_folders_become_names_of_projects() {
        assert_eq!(name_of(Path::new("/no/such/my site")), "my-site");
        assert_eq!(name_of(Path::new("/no/such/9 ½")), "project");
        assert!(!is_name("") && !is_name("a/b") && !is_name("-x") && is_name("web-1.0"));
    }
}
