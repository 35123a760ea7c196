//! Projects: the manifest `ipcmm.yaml` (or `.yml`, `.json`, `.xml`, `.properties`) and what it brings into a build.
//!
//! [`open`] finds the manifest that belongs to the paths of a command line, reads it, and makes [`Settings`] of it and of
//! what the command line adds: inputs, inventory, packages, the sources of the folder. Every problem is reported; what is
//! right is used all the same. Unaware of: what sources mean; a manifest is never a module.

mod find;
pub mod glob;
pub mod inventory;
mod keys;
pub mod lock;
pub mod packages;
pub mod range;
mod reader;
mod values;
mod walk;

use crate::diag::levels::{Level, Levels};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::doc::Span;
use crate::settings::{Chosen, Given, Settings};
use crate::source::{FileId, Sources};
use crate::world::World;
pub use find::NAMES;
use inventory::Inventory;
use keys::Around;
use lock::Lock;
use reader::Reader;
use std::path::{Component, Path, PathBuf};

/// Name of the lock file, beside the manifest.
pub const LOCK: &str = "ipcmm.lock";

/// Calls `$m!` with every key of a manifest: doc, variant, name, and whether this version carries it out.
#[macro_export]
macro_rules! for_each_manifest_key {
    ($m:ident) => {
        $m! {
            /// The name of the project.
            Name "name" now;
            /// The folder, relative to the manifest, that every path of a local run is put behind.
            Root "root" now;
            /// The version of the project.
            Version "version" now;
            /// Where sources are found: files, folders and globs relative to the manifest, in the order they are built.
            Sources "sources" now;
            /// Values for the inputs that modules declare, by `name` or `module/name`.
            Inputs "inputs" now;
            /// Sets of inputs by name, of which `--env` chooses one.
            Environments "environments" now;
            /// The nodes there are and their groups, or the file that names them.
            Inventory "inventory" now;
            /// The bundles that are built.
            Outputs "outputs" later;
            /// Levels of lints by name: `allow`, `warn` or `deny`.
            Lints "lints" now;
            /// Packages the project is built upon, by name.
            Dependencies "dependencies" now;
            /// The id of the key that signs bundles.
            Signing "signing" now;
        }
    };
}

macro_rules! is_there {
    (now) => {
        true
    };
    (later) => {
        false
    };
}

macro_rules! define_keys {
    ($(#[doc = $doc:literal] $variant:ident $name:literal $status:ident;)*) => {
        /// A key of a manifest.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Key { $(#[doc = $doc] $variant,)* }

        impl Key {
            /// All keys with their names, whether this version carries them out, and their meanings.
            pub const TABLE: &'static [(Key, &'static str, bool, &'static str)] =
                &[$((Key::$variant, $name, is_there!($status), $doc)),*];

            /// The key of a name.
            pub fn from_name(name: &str) -> Option<Key> {
                match name { $($name => Some(Key::$variant),)* _ => None }
            }

            /// Whether this version carries it out.
            pub const fn is_there(self) -> bool {
                match self { $(Key::$variant => is_there!($status),)* }
            }
        }
    };
}
for_each_manifest_key!(define_keys);

/// What a manifest says.
#[derive(Clone, Debug, Default)]
pub struct Manifest {
    /// Where it was found.
    pub path: PathBuf,
    /// The folder it stands in: the folder of the project.
    pub folder: PathBuf,
    /// The file as it was read.
    pub file: Option<FileId>,
    /// The document is malformed, which was reported: what is missing here may stand in it.
    pub malformed: bool,
    /// The name of the project, and of its bundle.
    pub name: Option<String>,
    /// The version of the project.
    pub version: Option<String>,
    /// Where local runs take place: the manifest's folder with what it says.
    pub root: Option<PathBuf>,
    /// Which files are sources; without it all that are called like sources.
    pub sources: Option<Vec<Pattern>>,
    /// Values for inputs in every environment.
    pub inputs: Vec<Given>,
    /// Sets of values.
    pub environments: Vec<Environment>,
    /// Nodes and groups.
    pub inventory: Option<Inventory>,
    /// Levels of lints. Names are not known here: whoever has the lints checks them.
    pub lints: Vec<Lint>,
    /// Packages.
    pub dependencies: Vec<Dependency>,
    /// The id of the key that signs bundles.
    pub signing: Option<String>,
}

/// An entry of `sources`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// A path or glob relative to the manifest.
    pub text: String,
    /// Where it is written.
    pub span: Span,
}

/// An environment.
#[derive(Clone, Debug)]
pub struct Environment {
    /// Its name.
    pub name: String,
    /// Where the name is written.
    pub span: Span,
    /// The environment whose values hold where it has none of its own, and where that is written.
    pub extends: Option<(String, Span)>,
    /// Its values.
    pub inputs: Vec<Given>,
}

/// An entry of `lints`. Places are in the file of the manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lint {
    /// The name of a lint, as it is written.
    pub name: String,
    /// Where the name is written.
    pub name_span: Span,
    /// What it is to do.
    pub level: Level,
    /// Where the level is written.
    pub level_span: Span,
}

/// An entry of `dependencies`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependency {
    /// The name of the package in imports.
    pub name: String,
    /// Where the name is written.
    pub name_span: Span,
    /// The path of its folder, as it is written.
    pub written: String,
    /// Its folder.
    pub folder: PathBuf,
    /// Where the path is written.
    pub span: Span,
}

/// What is done about the lock file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Locking {
    /// Packages must be what it pins; what it does not know yet is added.
    #[default]
    Check,
    /// Packages must be what it pins, and it must know all of them.
    Locked,
    /// It is written anew.
    Rewrite,
}

/// What a command line says about a project.
#[derive(Clone, Copy, Debug, Default)]
pub struct Request<'a> {
    /// The environment.
    pub environment: Option<&'a str>,
    /// Files of inputs, the weakest first.
    pub inputs: &'a [PathBuf],
    /// `name=value`, the weakest first.
    pub set: &'a [String],
    /// What is done about the lock file.
    pub locking: Locking,
}

/// A project that was read.
#[derive(Debug, Default)]
pub struct Opened {
    /// What a build is given.
    pub settings: Settings,
    /// The manifest, if there is one.
    pub manifest: Option<Manifest>,
    /// The lock file as it should be, if there are packages.
    pub lock: Option<Lock>,
}

/// Reads the project that paths belong to. Values for inputs are, from the weakest: of the manifest, of the environment
/// and those it extends, of the files in order, of `--set` in order.
pub fn open(world: &dyn World, paths: &[PathBuf], request: Request<'_>) -> Opened {
    open_beside(world, paths, request, Sources::default())
}

/// The same beside files that were read before, such as test documents.
pub fn open_beside(world: &dyn World, paths: &[PathBuf], request: Request<'_>, mut sources: Sources) -> Opened {
    let mut diagnostics = Diagnostics::default();
    let mut around = Around { world, sources: &mut sources };
    let path = find::find(world, paths, &mut diagnostics);
    let manifest = path.and_then(|path| read_manifest(path, &mut around, &mut diagnostics));
    let mut given: Vec<Given> = manifest.iter().flat_map(|manifest| manifest.inputs.iter().cloned()).collect();
    if let Some(name) = request.environment {
        given.extend(values::of_environment(manifest.as_ref(), name, &mut diagnostics));
    }
    for path in request.inputs {
        given.extend(values::of_file(world, path, around.sources, &mut diagnostics));
    }
    given.extend(request.set.iter().filter_map(|text| values::of_argument(text, around.sources, &mut diagnostics)));
    let mut settings = Settings::default();
    settings.inputs.given = given;
    let mut lock = None;
    if let Some(manifest) = &manifest {
        settings.name.clone_from(&manifest.name);
        settings.inventory.clone_from(&manifest.inventory);
        settings.levels = levels(manifest, &mut diagnostics);
        settings.packages = packages::packages(manifest, &mut around, &mut diagnostics);
        lock = lock::check(&manifest.folder, &settings.packages, request.locking, &mut around, &mut diagnostics);
        settings.chosen = chosen(world, paths, manifest, &mut diagnostics);
    }
    (settings.sources, settings.diagnostics) = (sources, diagnostics);
    Opened { settings, manifest, lock }
}

/// The levels a manifest gives to warnings.
fn levels(manifest: &Manifest, diagnostics: &mut Diagnostics) -> Levels {
    let mut levels = Levels::default();
    for lint in &manifest.lints {
        let (Err(refusal), Some(file)) = (levels.set(&lint.name, lint.level), manifest.file) else { continue };
        let problem = Diagnostic::new(Code::UnknownName, file, lint.name_span, format!("`lints`: {}", refusal.message));
        diagnostics.push(match refusal.near {
            Some(near) => problem.did_you_mean(near),
            None => problem.help("`ipcmmc explain NAME` tells what a warning is called"),
        });
    }
    levels
}

/// The sources of the folder of the project, if it is named.
fn chosen(world: &dyn World, paths: &[PathBuf], manifest: &Manifest, diagnostics: &mut Diagnostics) -> Option<Chosen> {
    let folder = paths.iter().find(|path| world.is_dir(path) && joined(path, "") == manifest.folder)?;
    if manifest.sources.is_none() && manifest.dependencies.is_empty() {
        return None;
    }
    let others: Vec<PathBuf> = manifest.dependencies.iter().map(|dependency| dependency.folder.clone()).collect();
    let members = walk::files(world, folder, &others, diagnostics);
    let files = walk::chosen(&members, manifest.sources.as_deref(), manifest.file, diagnostics);
    if files.is_empty() && manifest.sources.is_none() {
        let message = format!("the folder {} holds no source files besides those of packages", folder.display());
        let problem = Diagnostic::unplaced(Code::NoSources, message);
        diagnostics.push(problem.help("source files end in .ipcmm.yaml, .ipcmm.json and so on"));
    }
    Some(Chosen { folder: folder.clone(), files })
}

/// Reads a manifest; none if it cannot be read at all, which is reported.
fn read_manifest(path: PathBuf, around: &mut Around<'_>, diagnostics: &mut Diagnostics) -> Option<Manifest> {
    let errors = diagnostics.errors();
    let doc = values::document(around.world, &path, around.sources, diagnostics)?;
    let malformed = diagnostics.errors() > errors;
    let folder = joined(path.parent().unwrap_or(Path::new("")), "");
    let mut manifest = Manifest { path, folder, file: Some(doc.file), ..Manifest::default() };
    keys::read(&mut Reader { doc: &doc, diagnostics }, &doc, around, &mut manifest);
    if malformed {
        // Nobody can say what else would stand in it.
        manifest.malformed = true;
        manifest.inventory.get_or_insert_default().poisoned = true;
    }
    Some(manifest)
}

/// The path from one folder to another without going down and up again where that can be told from the text.
fn joined(folder: &Path, text: impl AsRef<Path>) -> PathBuf {
    let mut path = PathBuf::new();
    for step in folder.components().chain(text.as_ref().components()) {
        match (step, path.components().next_back()) {
            (Component::CurDir, _) => {}
            (Component::ParentDir, Some(Component::Normal(_))) => {
                path.pop();
            }
            (step, _) => path.push(step),
        }
    }
    if path.as_os_str().is_empty() { PathBuf::from(".") } else { path }
}

#[cfg(test)]
mod tests;
