//! The files of a folder, and which of them are the sources of a project.
//!
//! Hidden folders and `target` are not entered, links to folders neither. Unaware of: what is in the files.

use super::find::NAMES;
use super::{LOCK, Pattern, glob, joined};
use crate::diag::{Code, Diagnostic, Diagnostics, suggest};
use crate::doc::Format;
use crate::source::FileId;
use crate::world::{Entry, Kind, World, is_source};
use std::path::{Path, PathBuf};

/// Deepest folder that is entered.
const MAX_DEPTH: usize = 64;

/// A file of a folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Member {
    /// Its path from the folder on, with `/` between the parts.
    pub short: String,
    /// Where it is.
    pub path: PathBuf,
}

/// All files of a folder and below, by path. Folders in `others` belong to someone else and are left out.
pub(super) fn files(
    world: &dyn World,
    folder: &Path,
    others: &[PathBuf],
    diagnostics: &mut Diagnostics,
) -> Vec<Member> {
    let mut found = Vec::new();
    let mut open = vec![(folder.to_owned(), String::new(), 0)];
    while let Some((folder, prefix, depth)) = open.pop() {
        let entries = match world.list(&folder) {
            Ok(entries) => entries,
            Err(error) => {
                diagnostics.push(error.diagnostic());
                continue;
            }
        };
        for Entry { name, path, kind } in entries {
            let short = format!("{prefix}{name}");
            let entered = depth < MAX_DEPTH && !name.starts_with('.') && name != "target";
            match kind {
                Kind::File => found.push(Member { short, path }),
                Kind::Folder if entered && !others.contains(&joined(&path, "")) => {
                    open.push((path, short + "/", depth + 1));
                }
                Kind::Folder | Kind::LinkedFolder | Kind::Other => {}
            }
        }
    }
    found.sort();
    found
}

/// The sources that patterns choose, in the order of the patterns and of paths; without patterns all that are called
/// like sources. A pattern that finds nothing is reported.
pub(super) fn chosen(
    members: &[Member],
    patterns: Option<&[Pattern]>,
    file: Option<FileId>,
    diagnostics: &mut Diagnostics,
) -> Vec<PathBuf> {
    let name = |member: &Member| member.short.rsplit('/').next().unwrap_or("").to_owned();
    let Some(patterns) = patterns else {
        return members.iter().filter(|m| is_source(&name(m))).map(|m| m.path.clone()).collect();
    };
    let readable = |member: &&Member| {
        let own = NAMES.contains(&member.short.as_str()) || member.short == LOCK;
        !own && Format::of_name(&member.short).is_some()
    };
    let mut all: Vec<PathBuf> = Vec::new();
    let mut seen = rustc_hash::FxHashSet::default();
    for pattern in patterns {
        let plain = joined(Path::new(&pattern.text), "").to_string_lossy().into_owned();
        let below = if plain == "." { String::new() } else { format!("{plain}/") };
        let found: Vec<&Member> = match glob::is_glob(&pattern.text) {
            true => members.iter().filter(readable).filter(|m| glob::matches_path(&pattern.text, &m.short)).collect(),
            false => {
                // Members are sorted: what is below a folder stands together.
                let start = members.partition_point(|m| m.short < below);
                let below = members[start..].iter().take_while(|m| m.short.starts_with(&below));
                let exact = members.binary_search_by(|m| m.short.as_str().cmp(&plain)).ok();
                exact.map(|at| &members[at]).into_iter().chain(below.filter(|m| is_source(&name(m)))).collect()
            }
        };
        if found.is_empty() {
            let message = format!("`{}` finds no source", pattern.text.escape_debug());
            let problem = match file {
                Some(file) => Diagnostic::new(Code::NoSuchSources, file, pattern.span, message),
                None => Diagnostic::unplaced(Code::NoSuchSources, message),
            };
            let near = suggest::nearest(&plain, members.iter().filter(readable).map(|m| m.short.as_str()));
            diagnostics.push(match near {
                Some(near) => problem.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), near),
                None => problem.help("a file, a folder, or a glob such as `modules/*.yaml`, relative to the manifest"),
            });
        }
        all.extend(found.into_iter().map(|m| m.path.clone()).filter(|path| seen.insert(path.clone())));
    }
    all
}
