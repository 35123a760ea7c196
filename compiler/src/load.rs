//! `load`: reads the sources of a build and the files they include or import, and lowers each of them once.
//!
//! Unaware of: what the labels of a file mean. Files are read through [`World`]; `lower` says which ones are asked for.
//! Start reading at [`load`].

mod packages;
mod paths;
mod types;

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::doc::{self, Span};
use crate::ir::Module;
use crate::ir::surface::ComposeKind;
use crate::project::packages::Packages;
use crate::source::FileId;
use crate::world::World;
use crate::{Build, lower};
use paths::{inside, is_pattern, matching, plain};
use rustc_hash::{FxHashMap, FxHashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How deep files may include each other.
pub const MAX_CHAIN: usize = 64;

/// A source as it was found.
pub struct Found {
    /// Where it is.
    pub path: PathBuf,
    /// Its name in the bundle, the same on every machine.
    pub name: String,
    /// The folder it may not reach out of.
    pub root: PathBuf,
    /// It is named itself, so that others of its project may be left out.
    pub alone: bool,
}

/// The place of an include or an import: its file, and where the name of the built-in begins.
pub type Site = (FileId, u32);

/// What the sources of a build hold.
#[derive(Default)]
pub struct Loaded {
    /// Parts of modules that stand by themselves, in the order of the build.
    pub modules: Vec<Module>,
    /// Parts that were included.
    pub included: Vec<Module>,
    /// Which of them an include brings.
    pub includes: FxHashMap<Site, Vec<usize>>,
    /// The name of the module that an import by path or out of a package means; none if it could not be found, which
    /// was reported.
    pub imports: FxHashMap<Site, Option<String>>,
    /// Manifests, if only some files of their projects are built: values in them may be meant for others.
    pub lenient: FxHashSet<FileId>,
    /// Names of packages, for suggestions.
    pub packages: Vec<String>,
    /// Names of files in the bundle.
    pub names: FxHashMap<FileId, String>,
    /// Where files are.
    pub paths: FxHashMap<FileId, PathBuf>,
}

/// Reads and lowers sources, and what they include and import, if need be out of packages.
pub fn load(world: &dyn World, sources: Vec<Found>, packages: &Packages, build: &mut Build) -> Loaded {
    let mut loader = Loader {
        world,
        build,
        packages,
        own: FxHashSet::default(),
        loaded: Loaded::default(),
        lowered: FxHashMap::default(),
        taken: FxHashSet::default(),
        once: FxHashMap::default(),
        roots: Vec::new(),
        rooted: FxHashSet::default(),
        imports: 0,
        waiting: FxHashMap::default(),
        aliases: Vec::new(),
    };
    let whole: FxHashSet<PathBuf> = sources.iter().filter(|found| !found.alone).map(|f| plain(&f.root)).collect();
    let part = |name: &str| !Path::new(name).parent().is_some_and(|folder| whole.contains(&plain(folder)));
    let manifests = loader.build.sources.iter().filter(|(_, file)| is_manifest(&file.name) && part(&file.name));
    loader.loaded.lenient = manifests.map(|(file, _)| file).collect();
    let mut files = Vec::new();
    for found in sources {
        let path = found.path.clone();
        if loader.lower(found, None).is_some() {
            files.push(path);
        }
    }
    loader.loaded.packages = packages.iter().map(|(name, _)| name.to_owned()).collect();
    loader.own = loader.lowered.values().flat_map(|(parts, _)| parts.iter().map(|part| part.name.clone())).collect();
    for path in files {
        loader.root(&path);
    }
    let Loader { mut loaded, taken, roots, lowered, waiting, aliases, build, .. } = loader;
    drop(lowered);
    for (path, parts) in roots {
        if !taken.contains(&path) {
            loaded.modules.extend(Arc::unwrap_or_clone(parts));
        }
    }
    if !waiting.is_empty() {
        types::settle(&mut loaded, waiting, &aliases, &build.docs, &mut build.diagnostics);
    }
    loaded
}

struct Loader<'a> {
    world: &'a dyn World,
    build: &'a mut Build,
    packages: &'a Packages,
    /// Names of modules that the sources of the build have by themselves.
    own: FxHashSet<String>,
    loaded: Loaded,
    /// Files by path: their parts, and the folder they may not reach out of.
    lowered: FxHashMap<PathBuf, (Arc<Vec<Module>>, PathBuf)>,
    /// Files that were included: they are no modules of their own.
    taken: FxHashSet<PathBuf>,
    /// By module and file: where it was included, under which name, and as which parts.
    once: FxHashMap<(String, PathBuf), Placed>,
    /// Parts of files that are modules of their own, in order.
    roots: Vec<(PathBuf, Arc<Vec<Module>>)>,
    /// Their paths.
    rooted: FxHashSet<PathBuf>,
    /// How many imports led to where the loader is.
    imports: usize,
    /// Files that name types which they do not define, with what was said of them.
    waiting: FxHashMap<FileId, Diagnostics>,
    /// The name before the labels of each included part, if it has one.
    aliases: Vec<Option<String>>,
}

/// An included file: where it was asked for, the name before its labels, and its parts.
type Placed = (FileId, Span, Option<String>, Vec<usize>);

/// A file that is asked for: by which module, where.
struct Asked<'a> {
    module: &'a str,
    file: FileId,
    span: Span,
    site: Site,
}

impl Loader<'_> {
    /// Reads and lowers a file unless it is known. A file that cannot be read is reported at `asked`, if there is one.
    fn lower(&mut self, found: Found, asked: Option<(FileId, Span)>) -> Option<()> {
        let key = plain(&found.path);
        if self.lowered.contains_key(&key) {
            return Some(());
        }
        let Some(format) = doc::Format::of_name(&found.path.to_string_lossy()) else {
            let message = format!("`{}` has no extension that names a format", found.path.display());
            let mut problem = Diagnostic::unplaced(Code::UnknownFormat, message)
                .help("there are .yaml, .yml, .json, .xml, .properties");
            problem.place = asked;
            self.build.diagnostics.push(problem);
            return None;
        };
        let file = self.read(&found.path, asked)?;
        let text = self.build.sources.file(file).text.clone();
        let doc = doc::parse(file, &text, format, &mut self.build.diagnostics);
        let before = self.build.diagnostics.len();
        let (mut parts, waits) = lower::lower_alone(&doc, crate::stem(&found.path), &mut self.build.diagnostics);
        if waits {
            // It names types that other files may define: what is said of it waits until they are all there.
            self.waiting.insert(file, self.build.diagnostics.split_off(before));
        }
        if let Some((package, _)) = packages::at(self.packages, &found.root) {
            parts.iter_mut().for_each(|part| part.name = format!("{package}/{}", part.name));
        }
        self.build.docs.push(doc);
        self.loaded.names.insert(file, found.name);
        self.loaded.paths.insert(file, found.path);
        self.lowered.insert(key, (Arc::new(parts), found.root));
        Some(())
    }

    fn read(&mut self, path: &Path, asked: Option<(FileId, Span)>) -> Option<FileId> {
        let standard = path == Path::new("-");
        let name = if standard { "<stdin>".into() } else { path.to_string_lossy().into_owned() };
        let bytes = match standard {
            true => self.world.read_stdin(doc::MAX_SOURCE_BYTES),
            false => self.world.read_bounded(path, doc::MAX_SOURCE_BYTES),
        };
        match bytes.map_err(|error| Box::new(error.diagnostic())).and_then(|bytes| doc::decode(&name, bytes)) {
            Ok(text) => Some(self.build.sources.add(name, text)),
            Err(mut problem) => {
                if asked.is_some() {
                    problem.code = Code::BadInclude;
                    problem.place = asked;
                }
                self.build.diagnostics.push(*problem);
                None
            }
        }
    }

    /// Takes a file as modules of their own, behind those it imports by path.
    fn root(&mut self, path: &Path) {
        let key = plain(path);
        if !self.rooted.insert(key.clone()) {
            return;
        }
        let Some((parts, root)) = self.lowered.get(&key).cloned() else { return };
        let at = self.roots.len();
        self.roots.push((key.clone(), parts.clone()));
        for part in parts.iter() {
            self.follow(part, &key, &root, &mut vec![(key.clone(), None)]);
        }
        // What it imports stands before it; a circle of imports is none of order.
        let own = self.roots.remove(at);
        self.roots.push(own);
    }

    /// Follows the includes and imports of a part of a module.
    fn follow(&mut self, part: &Module, path: &Path, root: &Path, chain: &mut Vec<(PathBuf, Option<(FileId, Span)>)>) {
        for task in &part.tasks {
            let Some(compose) = &task.compose else { continue };
            let asked =
                |span| Asked { module: &part.name, file: part.file, span, site: (part.file, compose.span.start) };
            match &compose.kind {
                ComposeKind::Include { source, alias, with, .. } => {
                    let whole = (alias.as_ref().map(|a| a.0.clone()), with.is_some());
                    for file in self.files_of(&source.0, asked(source.1), path, root) {
                        self.include(file, &whole, asked(source.1), root, chain);
                    }
                }
                ComposeKind::Import { module, version, .. } if is_path(&module.0) => {
                    self.unversioned(&module.0, version.as_ref(), part.file);
                    self.loaded.imports.insert((part.file, compose.span.start), None);
                    for file in self.files_of(&module.0, asked(module.1), path, root) {
                        self.import(file, asked(module.1), root);
                    }
                }
                ComposeKind::Import { module, version, .. } => {
                    self.import_by_name(&module.0, version.as_ref(), asked(module.1), root);
                }
                ComposeKind::Call { .. } => {}
            }
        }
    }

    fn report(&mut self, code: Code, asked: &Asked<'_>, message: String) -> &mut Self {
        self.build.diagnostics.push(Diagnostic::new(code, asked.file, asked.span, message));
        self
    }

    /// The files a text names from a file.
    fn files_of(&mut self, text: &str, asked: Asked<'_>, from: &Path, root: &Path) -> Vec<PathBuf> {
        let folder = from.parent().unwrap_or(Path::new(""));
        let Some(path) = inside(&folder.join(text), root).filter(|_| !Path::new(text).is_absolute()) else {
            let message = format!("`{text}` is outside of the project");
            let problem = Diagnostic::new(Code::OutsideProject, asked.file, asked.span, message);
            let help = format!("files are read from `{}` and below, by relative paths", shown(root));
            self.build.diagnostics.push(problem.help(help));
            return Vec::new();
        };
        if !is_pattern(text) {
            return vec![path];
        }
        match matching(self.world, &path) {
            Ok(files) if files.is_empty() => {
                self.report(Code::BadInclude, &asked, format!("no file matches `{text}`"));
                Vec::new()
            }
            Ok(files) => files.into_iter().filter(|file| plain(file) != plain(from)).collect(),
            Err(message) => {
                self.report(Code::BadInclude, &asked, message);
                Vec::new()
            }
        }
    }

    fn found(&self, path: &Path, root: &Path) -> Found {
        let mut name = path.strip_prefix(plain(root)).unwrap_or(path).to_string_lossy().into_owned();
        if let Some((package, _)) = packages::at(self.packages, root) {
            name = format!("{package}:{name}");
        }
        Found { path: path.to_owned(), name, root: root.to_owned(), alone: false }
    }

    fn include(
        &mut self,
        path: PathBuf,
        whole: &(Option<String>, bool),
        asked: Asked<'_>,
        root: &Path,
        chain: &mut Vec<(PathBuf, Option<(FileId, Span)>)>,
    ) {
        let key = plain(&path);
        if let Some(at) = chain.iter().position(|(known, _)| *known == key) {
            let names: Vec<String> =
                chain[at..].iter().map(|(path, _)| path).chain([&key]).map(|p| format!("`{}`", shown(p))).collect();
            let message = format!("files include each other: {}", names.join(" → "));
            let mut problem = Diagnostic::new(Code::IncludeCycle, asked.file, asked.span, message);
            for (path, place) in &chain[at + 1..] {
                if let Some((file, span)) = place {
                    problem = problem.label(*file, *span, format!("`{}` is included here", shown(path)));
                }
            }
            self.build.diagnostics.push(problem.help("take what both need into a file of its own"));
            return;
        }
        if chain.len() >= MAX_CHAIN {
            let message = format!("files include each other more than {MAX_CHAIN} deep");
            self.report(Code::LimitExceeded, &asked, message);
            return;
        }
        if let Some((file, span, alias, parts)) = self.once.get(&(asked.module.to_string(), key.clone())).cloned() {
            if alias == whole.0 && !whole.1 {
                self.loaded.includes.entry(asked.site).or_default().extend(parts);
            } else if (file, span) != (asked.file, asked.span) {
                let message = format!("`{}` is included in two ways", shown(&path));
                let problem = Diagnostic::new(Code::IncludedTwice, asked.file, asked.span, message)
                    .label(file, span, "first included here")
                    .help("a file is there once in a module; what is needed several times is a procedure");
                self.build.diagnostics.push(problem);
            }
            return;
        }
        let found = self.found(&path, root);
        if self.lower(found, Some((asked.file, asked.span))).is_none() {
            return;
        }
        self.taken.insert(key.clone());
        let Some((parts, _)) = self.lowered.get(&key).cloned() else { return };
        let mut numbers = Vec::with_capacity(parts.len());
        let mut own = Vec::with_capacity(parts.len());
        for part in parts.iter() {
            let mut part = part.clone();
            if part.named && part.name != asked.module {
                let message = format!("`{}` belongs to the module `{}`", shown(&path), part.name);
                let problem = Diagnostic::new(Code::BadInclude, asked.file, asked.span, message);
                self.build.diagnostics.push(problem.help("import the module, or take `module` out of the file"));
                continue;
            }
            part.name = asked.module.to_string();
            numbers.push(self.loaded.included.len());
            self.loaded.included.push(part.clone());
            self.aliases.push(whole.0.clone());
            own.push(part);
        }
        self.loaded.includes.entry(asked.site).or_default().extend(&numbers);
        self.once.insert((asked.module.to_string(), key.clone()), (asked.file, asked.span, whole.0.clone(), numbers));
        chain.push((key.clone(), Some((asked.file, asked.span))));
        for part in &own {
            self.follow(part, &key, root, chain);
        }
        chain.pop();
    }

    fn import(&mut self, path: PathBuf, asked: Asked<'_>, root: &Path) {
        let found = self.found(&path, root);
        if self.lower(found, Some((asked.file, asked.span))).is_none() {
            return;
        }
        let key = plain(&path);
        let Some(name) = self.lowered.get(&key).and_then(|(parts, _)| Some(parts.first()?.name.clone())) else {
            self.report(Code::BadInclude, &asked, format!("`{}` holds no module", shown(&path)));
            return;
        };
        self.loaded.imports.insert(asked.site, Some(name));
        if self.imports >= MAX_CHAIN {
            let message = format!("files import each other more than {MAX_CHAIN} deep");
            self.report(Code::LimitExceeded, &asked, message);
            return;
        }
        self.imports += 1;
        self.root(&path);
        self.imports -= 1;
    }
}

/// Whether a module is named by the path of its file: by one with an extension, or from a folder on.
pub(crate) fn is_path(text: &str) -> bool {
    text.starts_with(['.', '/']) || doc::Format::of_name(text).is_some()
}

/// Whether a source is the manifest of a project.
fn is_manifest(name: &str) -> bool {
    let file = Path::new(name).file_name().and_then(|file| file.to_str()).unwrap_or_default();
    file.strip_prefix("ipcmm.").is_some_and(|rest| !rest.contains('.'))
}

fn shown(path: &Path) -> String {
    match path.as_os_str().is_empty() {
        true => ".".into(),
        false => path.display().to_string(),
    }
}
