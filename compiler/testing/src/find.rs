//! Which test documents are meant by the paths on a command line, and which sources they are about.
//!
//! Unaware of: what is in them.

use ipcmm_compiler::diag::{Code, Diagnostic, Diagnostics};
use ipcmm_compiler::doc::Format;
use ipcmm_compiler::project::NAMES;
use ipcmm_compiler::world::{Entry, Kind, World};
use std::path::{Path, PathBuf};

/// Deepest folder below a project that is searched.
const MAX_DEPTH: usize = 64;
/// The folder beside sources that may hold tests.
const TESTS: &str = "tests";

/// Sources and the documents that test them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// What is built: a folder, or one file.
    pub inputs: Vec<PathBuf>,
    /// The test documents, in order of path.
    pub documents: Vec<PathBuf>,
}

/// Whether a file is a test document by its name: `*.test.yaml` and the like.
pub fn is_document(name: &str) -> bool {
    let stem = name.rsplit_once('.').map_or("", |(stem, _)| stem);
    stem.ends_with(".test") && stem.len() > ".test".len() && Format::of_name(name).is_some()
}

/// The projects that paths mean: a folder with all documents in it, a source with the documents of its name beside it
/// or in `tests/`, a document with the sources of the project it lies in.
pub fn find(world: &dyn World, paths: &[PathBuf], diagnostics: &mut Diagnostics) -> Vec<Project> {
    let mut projects: Vec<Project> = Vec::new();
    let mut add = |project: Project| match projects.iter_mut().find(|other| other.inputs == project.inputs) {
        Some(same) => {
            same.documents.extend(project.documents);
            same.documents.sort();
            same.documents.dedup();
        }
        None => projects.push(project),
    };
    for path in paths {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let found = match world.kind(path) {
            Ok(Kind::Folder | Kind::LinkedFolder) => documents(world, path, diagnostics),
            Ok(_) if is_document(&name) => vec![path.clone()],
            Ok(_) => {
                let documents = beside(world, path, &name);
                let none = documents.is_empty();
                add(Project { inputs: vec![path.clone()], documents });
                if none {
                    diagnostics.push(nothing(path));
                }
                continue;
            }
            Err(error) => {
                diagnostics.push(error.diagnostic());
                continue;
            }
        };
        if found.is_empty() {
            diagnostics.push(nothing(path));
        }
        let folder = (!is_document(&name)).then_some(path.as_path());
        for document in found {
            add(Project { inputs: vec![home(world, &document, folder)], documents: vec![document] });
        }
    }
    projects.retain(|project| !project.documents.is_empty());
    projects
}

fn nothing(path: &Path) -> Diagnostic {
    let problem = Diagnostic::unplaced(Code::NoTests, format!("there are no tests in {}", path.display()));
    problem.help("tests stand in files such as NAME.test.yaml, beside sources or in `tests/`")
}

/// The documents of a source: those of its name, beside it or in `tests/`.
fn beside(world: &dyn World, source: &Path, name: &str) -> Vec<PathBuf> {
    let stem = name.split(".ipcmm.").next().unwrap_or("");
    let own = |name: &str| is_document(name) && name.strip_prefix(stem).is_some_and(|rest| rest.starts_with('.'));
    let folder = folder_of(source);
    let mut found: Vec<PathBuf> = Vec::new();
    for folder in [folder.clone(), folder.join(TESTS)] {
        // A folder that is not there holds no tests.
        let entries = world.list(&folder).unwrap_or_default().into_iter();
        found.extend(entries.filter(|entry| entry.kind == Kind::File && own(&entry.name)).map(|entry| entry.path));
    }
    found.sort();
    found
}

fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// The project of a document: the nearest folder above it with a manifest, none above the one that is named. Without
/// any it is the named folder, or else the one the document lies in, of `tests/` the one above.
fn home(world: &dyn World, document: &Path, named: Option<&Path>) -> PathBuf {
    let folder = folder_of(document);
    let mut above = Some(folder.as_path());
    while let Some(at) = above.filter(|at| !at.as_os_str().is_empty()) {
        if NAMES.iter().any(|name| world.kind(&at.join(name)) == Ok(Kind::File)) {
            return at.to_owned();
        }
        above = if Some(at) == named { None } else { at.parent() };
    }
    match (named, folder.file_name()) {
        (Some(named), _) => named.to_owned(),
        (None, Some(name)) if name == TESTS => folder_of(&folder),
        (None, _) => folder,
    }
}

/// The documents in a folder and below, in order of path. Hidden folders and `target` are not entered.
fn documents(world: &dyn World, folder: &Path, diagnostics: &mut Diagnostics) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![(folder.to_owned(), 0)];
    while let Some((folder, depth)) = open.pop() {
        let entries = match world.list(&folder) {
            Ok(entries) => entries,
            Err(error) => {
                diagnostics.push(error.diagnostic());
                continue;
            }
        };
        for Entry { name, path, kind } in entries {
            match kind {
                Kind::File if is_document(&name) => found.push(path),
                Kind::Folder if depth < MAX_DEPTH && !name.starts_with('.') && name != "target" => {
                    open.push((path, depth + 1));
                }
                Kind::File | Kind::Folder | Kind::LinkedFolder | Kind::Other => {}
            }
        }
    }
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use ipcmm_compiler::world::memory::MemoryWorld;

    fn found(paths: &[&str]) -> (Vec<(String, Vec<String>)>, Vec<String>) {
        let names = [
            "site/ipcmm.yaml",
            "site/a.ipcmm.yaml",
            "site/a.test.yaml",
            "site/tests/b.test.json",
            "site/tests/deep/c.test.properties",
            "site/.git/d.test.yaml",
            "site/.test.yaml",
            "alone/x.ipcmm.yaml",
            "alone/x.test.yaml",
            "alone/xy.test.yaml",
            "alone/tests/x.more.test.yaml",
            "many/one/ipcmm.yaml",
            "many/one/tests/o.test.yaml",
            "many/two/t.test.yaml",
            "empty/readme.md",
        ];
        let world: MemoryWorld = names.iter().map(|name| (PathBuf::from(name), Vec::new())).collect();
        let mut diagnostics = Diagnostics::default();
        let paths: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
        let text = |path: &PathBuf| path.display().to_string();
        let projects = find(&world, &paths, &mut diagnostics).into_iter();
        let projects = projects.map(|p| (text(&p.inputs[0]), p.documents.iter().map(text).collect())).collect();
        (projects, diagnostics.iter().map(|d| format!("{} {}", d.code, d.message)).collect())
    }

    #[test]
    fn folders_sources_and_documents_are_found() {
        let all = ["site/a.test.yaml", "site/tests/b.test.json", "site/tests/deep/c.test.properties"];
        let all: Vec<String> = all.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(found(&["site"]), (vec![("site".to_owned(), all.clone())], vec![]));
        assert_eq!(found(&["site/tests/deep/c.test.properties"]).0, [("site".to_owned(), vec![all[2].clone()])]);
        assert_eq!(found(&["alone/tests/x.more.test.yaml"]).0[0].0, "alone");
        assert_eq!(found(&["alone/x.ipcmm.yaml"]).0[0].1, ["alone/tests/x.more.test.yaml", "alone/x.test.yaml"]);
        let twice = found(&["site/a.test.yaml", "site", "site/a.test.yaml"]).0;
        assert_eq!(twice, [("site".to_owned(), all)]);
        let homes: Vec<String> = found(&["many"]).0.into_iter().map(|(home, _)| home).collect();
        assert_eq!(homes, ["many/one", "many"]);
    }

    #[test]
    fn what_is_not_there_is_told() {
        let (projects, problems) = found(&["empty", "nowhere"]);
        assert!(projects.is_empty());
        assert_eq!(problems, ["C5035 there are no tests in empty", "C0001 cannot read nowhere: there is no such file"]);
    }
}
