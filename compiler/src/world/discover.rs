//! Which files are meant by the paths on a command line.
//!
//! Unaware of: projects and their manifests.

use super::{Entry, Kind, Reason, World, WorldError};
use crate::diag::{Code, Diagnostic, Diagnostics, suggest};
use crate::doc::Format;
use crate::project::NAMES as MANIFESTS;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// Deepest folder below a named one that is searched.
const MAX_DEPTH: usize = 64;

/// The source files of paths: files as they are named, `-` for standard input, and for a folder all
/// `*.ipcmm.{yaml,yml,json,xml,properties}` in it and below, sorted by path. Hidden folders and `target` are not
/// entered. A file that is met twice is taken once.
pub fn discover(world: &dyn World, paths: &[PathBuf]) -> Result<Vec<PathBuf>, Diagnostics> {
    discover_by(world, paths, &is_source)
}

/// The same of all files of people: sources, manifests and documents of tests. The lock file is written by `build`.
pub fn discover_written(world: &dyn World, paths: &[PathBuf]) -> Result<Vec<PathBuf>, Diagnostics> {
    let written = |name: &str| is_source(name) || MANIFESTS.contains(&name) || has_kind(name, ".test");
    discover_by(world, paths, &written)
}

fn discover_by(
    world: &dyn World,
    paths: &[PathBuf],
    wanted: &dyn Fn(&str) -> bool,
) -> Result<Vec<PathBuf>, Diagnostics> {
    let mut files = Vec::new();
    let mut problems = Diagnostics::default();
    for path in paths {
        if path.as_os_str() == "-" {
            files.push(path.clone());
            continue;
        }
        match world.kind(path) {
            Ok(Kind::File) => files.push(path.clone()),
            Ok(Kind::Folder | Kind::LinkedFolder) => {
                let before = files.len();
                let complete = search(world, path, wanted, &mut files, &mut problems);
                if files.len() == before && complete {
                    let message = format!("the folder {} holds no source files", path.display());
                    let help = "source files end in .ipcmm.yaml, .ipcmm.json, .ipcmm.xml or .ipcmm.properties; name a file to build it whatever its name is";
                    problems.push(Diagnostic::unplaced(Code::NoSources, message).help(help));
                }
            }
            Ok(Kind::Other) => problems.push(WorldError::new(path, Reason::NotRegular).diagnostic()),
            Err(error) => problems.push(with_neighbour(world, path, &error)),
        }
    }
    if paths.is_empty() {
        let problem = Diagnostic::unplaced(Code::NoSources, "no file and no folder is named");
        problems.push(problem.help("name what to build, for instance `.`"));
    }
    if problems.has_errors() {
        return Err(problems);
    }
    let mut seen = HashSet::new();
    files.retain(|file| seen.insert(file.clone()));
    Ok(files)
}

/// Whether a file in a folder is a source.
pub(crate) fn is_source(name: &str) -> bool {
    has_kind(name, ".ipcmm")
}

/// Whether a name is something, a kind, and an extension that names a format.
fn has_kind(name: &str, kind: &str) -> bool {
    let stem = name.rsplit_once('.').map_or("", |(stem, _)| stem);
    stem.ends_with(kind) && stem.len() > kind.len() && Format::of_name(name).is_some()
}

/// Adds the sources of a folder; false if a part of it could not be listed.
fn search(
    world: &dyn World,
    folder: &Path,
    wanted: &dyn Fn(&str) -> bool,
    files: &mut Vec<PathBuf>,
    problems: &mut Diagnostics,
) -> bool {
    let mut found = Vec::new();
    let mut complete = true;
    let mut open = vec![(folder.to_owned(), 0)];
    while let Some((folder, depth)) = open.pop() {
        let entries = match world.list(&folder) {
            Ok(entries) => entries,
            Err(error) => {
                problems.push(error.diagnostic());
                complete = false;
                continue;
            }
        };
        for Entry { name, path, kind } in entries {
            match kind {
                Kind::File if wanted(&name) => found.push(path),
                Kind::Folder if depth < MAX_DEPTH && !name.starts_with('.') && name != "target" => {
                    open.push((path, depth + 1));
                }
                Kind::File | Kind::Folder | Kind::LinkedFolder | Kind::Other => {}
            }
        }
    }
    found.sort();
    files.append(&mut found);
    complete
}

/// The diagnostic of a path that cannot be read, with a name nearby that may have been meant.
fn with_neighbour(world: &dyn World, path: &Path, error: &WorldError) -> Diagnostic {
    let problem = error.diagnostic();
    let Some(name) = path.file_name().map(|n| n.to_string_lossy()) else { return problem };
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let Ok(entries) = world.list(folder) else { return problem };
    match suggest::nearest(&name, entries.iter().map(|e| e.name.as_str())) {
        Some(near) => problem.help(format!("did you mean {}?", path.with_file_name(near).display())),
        None => problem,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::memory::MemoryWorld;

    fn paths(list: &[&str]) -> Vec<PathBuf> {
        list.iter().map(PathBuf::from).collect()
    }

    fn world() -> MemoryWorld {
        let names = [
            "site/b.ipcmm.yaml",
            "site/a/z.ipcmm.json",
            "site/a.ipcmm.yml",
            "site/readme.md",
            "site/plain.yaml",
            "site/.ipcmm.yaml",
            "site/.git/x.ipcmm.yaml",
            "site/target/y.ipcmm.yaml",
            "empty/readme.md",
        ];
        names.iter().map(|name| (PathBuf::from(name), Vec::new())).collect()
    }

    #[test]
    fn finds_sources_in_order() {
        let found = discover(&world(), &paths(&["site", "site/plain.yaml", "-", "site/b.ipcmm.yaml"]));
        let expected = ["site/a/z.ipcmm.json", "site/a.ipcmm.yml", "site/b.ipcmm.yaml", "site/plain.yaml", "-"];
        assert_eq!(found.ok(), Some(paths(&expected)));
    }

    #[test]
    fn what_people_write_is_more_than_sources() {
        let names =
            ["s/a.ipcmm.xml", "s/ipcmm.json", "s/t/a.test.properties", "s/.test.yaml", "s/x.test.md", "s/y.yaml"];
        let world: MemoryWorld = names.iter().map(|name| (PathBuf::from(name), Vec::new())).collect();
        let found = discover_written(&world, &paths(&["s"]));
        assert_eq!(found.ok(), Some(paths(&["s/a.ipcmm.xml", "s/ipcmm.json", "s/t/a.test.properties"])));
    }

    #[test]
    fn names_every_path_that_is_wrong() {
        let problems =
            discover(&world(), &paths(&["sit", "empty", "site/plian.yaml", "nowhere/x"])).expect_err("wrong");
        let list: Vec<String> = problems
            .iter()
            .map(|d| format!("{} {} | {}", d.code, d.message, d.help.as_deref().unwrap_or("")))
            .collect();
        assert_eq!(
            list,
            [
                "C0001 cannot read sit: there is no such file | did you mean site?",
                "C0002 the folder empty holds no source files | source files end in .ipcmm.yaml, .ipcmm.json, .ipcmm.xml or .ipcmm.properties; \
                 name a file to build it whatever its name is",
                "C0001 cannot read site/plian.yaml: there is no such file | did you mean site/plain.yaml?",
                "C0001 cannot read nowhere/x: there is no such file | ",
            ]
        );
        assert!(discover(&world(), &[]).is_err());
    }
}
