//! Packages: the folders that a project is built upon, and those that they are built upon.
//!
//! A package is read where it is. Its sources are modules that the project may import; nothing of them is built by
//! itself. Its content has a hash, which [`lock`](super::lock) holds against the lock file.

use super::keys::Around;
use super::{Dependency, LOCK, Manifest, find, joined, read_manifest, walk};
use crate::MAX_ASSET_BYTES;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::source::FileId;
use crate::world::World;
use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};

/// Most bytes of one package.
const MAX_BYTES: usize = 256 << 20;

/// All packages of a project, by name.
#[derive(Clone, Debug, Default)]
pub struct Packages {
    all: BTreeMap<String, Package>,
}

/// A package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// Its folder.
    pub folder: PathBuf,
    /// The folder as it is named in the manifest that depends on it first.
    pub written: String,
    /// The version its manifest says.
    pub version: Option<String>,
    /// Its sources, in the order they are built.
    pub sources: Vec<PathBuf>,
    /// The packages it may import itself.
    pub dependencies: Vec<String>,
    /// Hash of its content: `blake3:` and 64 hexadecimal digits.
    pub hash: String,
}

impl Packages {
    /// The sources of a package by its name in `dependencies`.
    pub fn sources(&self, name: &str) -> Option<&[PathBuf]> {
        self.all.get(name).map(|package| package.sources.as_slice())
    }

    /// The package of a name.
    pub fn get(&self, name: &str) -> Option<&Package> {
        self.all.get(name)
    }

    /// All packages by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Package)> {
        self.all.iter().map(|(name, package)| (name.as_str(), package))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }
}

/// Reads the packages of a project and those that they name. A package is known by one name in all of them.
pub(super) fn packages(manifest: &Manifest, around: &mut Around<'_>, diagnostics: &mut Diagnostics) -> Packages {
    let mut packages = Packages::default();
    let named = |manifest: &Manifest| -> Vec<(Option<FileId>, Dependency)> {
        manifest.dependencies.iter().map(|dependency| (manifest.file, dependency.clone())).collect()
    };
    let mut open: VecDeque<(Option<FileId>, Dependency)> = named(manifest).into();
    while let Some((file, dependency)) = open.pop_front() {
        let Dependency { name, name_span, folder, span, .. } = &dependency;
        let problem = |code: Code, span, message: String| match file {
            Some(file) => Diagnostic::new(code, file, span, message),
            None => Diagnostic::unplaced(code, message),
        };
        if let Some(there) = packages.all.get(name) {
            if there.folder != *folder {
                let message =
                    format!("package `{name}` is {} here and {} elsewhere", show(folder), show(&there.folder));
                let problem = problem(Code::PackageConflict, *name_span, message);
                diagnostics.push(problem.help("a name means one package in a whole project; use another name"));
            }
            continue;
        }
        if *folder == manifest.folder {
            let message = format!("package `{name}` is the project itself");
            diagnostics.push(problem(Code::PackageConflict, *span, message).help("leave it out"));
            continue;
        }
        if !around.world.is_dir(folder) {
            let message = format!("package `{name}`: there is no folder {}", show(folder));
            diagnostics.push(problem(Code::BadPackage, *span, message).help("the path is relative to the manifest"));
            continue;
        }
        let path = find::in_folder(around.world, folder, diagnostics);
        let own = path.and_then(|path| read_manifest(path, around, diagnostics)).unwrap_or_default();
        let others: Vec<PathBuf> = own.dependencies.iter().map(|dependency| dependency.folder.clone()).collect();
        let members = walk::files(around.world, folder, &others, diagnostics);
        let sources = walk::chosen(&members, own.sources.as_deref(), own.file, diagnostics);
        if sources.is_empty() && own.sources.is_none() {
            let message = format!("package `{name}`: the folder {} holds no source files", show(folder));
            diagnostics.push(problem(Code::BadPackage, *span, message));
        }
        match content_hash(around.world, &members) {
            Ok(hash) => {
                let package = Package {
                    folder: folder.clone(),
                    written: dependency.written.clone(),
                    version: own.version.clone(),
                    sources,
                    dependencies: own.dependencies.iter().map(|dependency| dependency.name.clone()).collect(),
                    hash,
                };
                packages.all.insert(name.clone(), package);
            }
            Err(reason) => diagnostics.push(problem(Code::BadPackage, *span, format!("package `{name}`: {reason}"))),
        }
        open.extend(named(&own));
    }
    packages
}

fn show(folder: &Path) -> String {
    format!("`{}`", joined(folder, "").display())
}

/// The hash of names and content of files. Lengths stand before both, so that no two folders look alike.
fn content_hash(world: &dyn World, members: &[walk::Member]) -> Result<String, String> {
    let mut hasher = blake3::Hasher::new();
    let mut total = 0usize;
    for member in members.iter().filter(|member| member.short != LOCK) {
        let bytes = world.read_bounded(&member.path, MAX_ASSET_BYTES).map_err(|error| error.diagnostic().message)?;
        total = total.saturating_add(bytes.len());
        if total > MAX_BYTES {
            return Err(format!("its files have more than {MAX_BYTES} bytes"));
        }
        for part in [member.short.as_bytes(), &bytes] {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
    }
    Ok(format!("blake3:{}", hasher.finalize().to_hex()))
}
