//! Which manifest belongs to the paths of a command line.
//!
//! The manifest of a path is the nearest one: in the folder that is named or that holds the file, else in a folder
//! above, up to the one with `.git` in it. Outside a repository nothing above is looked at, because it may belong to
//! anybody. Unaware of: what a manifest says.

use super::joined;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::world::{Kind, Reason, World};
use std::path::{Path, PathBuf};

/// The names a manifest may have.
pub const NAMES: &[&str] = &["ipcmm.yaml", "ipcmm.yml", "ipcmm.json", "ipcmm.xml", "ipcmm.properties"];

/// Most folders above a path that are looked at.
const MAX_UP: usize = 64;

/// The one manifest of all paths; none if there is none. Paths of different projects are refused: one command has one
/// set of inputs and one folder of trial.
pub(super) fn find(world: &dyn World, paths: &[PathBuf], diagnostics: &mut Diagnostics) -> Option<PathBuf> {
    let mut found: Vec<(&Path, Option<PathBuf>)> = Vec::new();
    for path in paths.iter().filter(|path| path.as_os_str() != "-") {
        let folder = match world.kind(path) {
            Ok(Kind::Folder | Kind::LinkedFolder) => path.clone(),
            Ok(Kind::File) => path.parent().unwrap_or(Path::new("")).to_owned(),
            // Whoever reads it says so.
            Ok(Kind::Other) | Err(_) => continue,
        };
        found.push((path, nearest(world, &folder, diagnostics)));
    }
    let (first, manifest) = found.first()?;
    if let Some((other, theirs)) = found.iter().find(|(_, theirs)| theirs != manifest) {
        let tell = |path: &Path, manifest: &Option<PathBuf>| match manifest {
            Some(manifest) => format!("{} belongs to {}", path.display(), manifest.display()),
            None => format!("{} belongs to none", path.display()),
        };
        let message = "the paths belong to different projects";
        let help = format!("{}, {}; name them in commands of their own", tell(first, manifest), tell(other, theirs));
        diagnostics.push(Diagnostic::unplaced(Code::SeveralProjects, message).help(help));
        return None;
    }
    manifest.clone()
}

fn nearest(world: &dyn World, folder: &Path, diagnostics: &mut Diagnostics) -> Option<PathBuf> {
    let above = |up: usize| (0..up).fold(joined(folder, ""), |folder, _| joined(&folder, ".."));
    let repository = (0..MAX_UP).find(|up| world.kind(&above(*up).join(".git")).is_ok());
    (0..=repository.unwrap_or(0)).find_map(|up| in_folder(world, &above(up), diagnostics))
}

/// The manifest of a folder itself. Two are an error, which is reported.
pub(super) fn in_folder(world: &dyn World, folder: &Path, diagnostics: &mut Diagnostics) -> Option<PathBuf> {
    // Its absence is no problem; whatever else is the matter with it is one, and told when it is read.
    let there = |path: &PathBuf| match world.kind(path) {
        Ok(kind) => !matches!(kind, Kind::Folder | Kind::LinkedFolder),
        Err(error) => error.reason != Reason::Missing,
    };
    let mut all = NAMES.iter().map(|name| in_plain(folder, name)).filter(there);
    let first = all.next()?;
    if let Some(second) = all.next() {
        let message = format!("{} and {} are both manifests of one folder", first.display(), second.display());
        let problem = Diagnostic::unplaced(Code::TwoManifests, message);
        diagnostics.push(problem.help("keep one of them"));
    }
    Some(first)
}

/// A file of a folder; the current folder needs no name.
pub(super) fn in_plain(folder: &Path, name: &str) -> PathBuf {
    if folder == Path::new(".") { PathBuf::from(name) } else { folder.join(name) }
}
