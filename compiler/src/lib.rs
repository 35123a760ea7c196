//! The compiler, a pure pipeline of stages. Each takes an artefact and gives the next, adds what is wrong to the
//! diagnostics, and never stops at the first problem.
//!
//! ```text
//!   bytes ──parse──▶ Doc ──lower──▶ Ir ──expand──▶ Program ──check──▶ Graph ──emit──▶ bundle
//!            doc             lower         expand             check           emit
//! ```
//! The outside is seen through one door, [`world::World`]. Unaware of: command lines, terminals, editors, agents.
//! Start reading at [`build`].

pub mod check;
pub mod convert;
pub mod diag;
pub mod doc;
pub mod drawing;
pub mod dump;
pub mod emit;
pub mod evaluate;
pub mod expand;
pub mod fmt;
pub mod graph;
pub mod ir;
pub mod lint;
pub mod load;
pub mod lower;
pub mod mend;
pub mod project;
pub mod schema;
pub mod settings;
pub mod signatures;
pub mod source;
pub mod trivia;
pub mod world;
pub mod write;

use diag::{Code, Diagnostic, Diagnostics};
use doc::Doc;
use emit::{Assets, EmitOptions};
use expand::Program;
use graph::{Argument, Body, Graph};
use load::Found;
use rustc_hash::FxHashMap;
use settings::{Chosen, Settings};
use source::{FileId, Sources};
use std::path::{Path, PathBuf};
use world::World;

/// Largest file that is carried in a bundle.
pub const MAX_ASSET_BYTES: usize = 16 << 20;

/// How to build.
#[derive(Clone, Copy, Debug)]
pub struct BuildOptions {
    /// Keep places of the source in the bundle.
    pub debug: bool,
    /// Stop before `emit`.
    pub check_only: bool,
}

/// Everything a build made, as far as it got.
#[derive(Debug, Default)]
pub struct Build {
    /// The name of the bundle.
    pub name: String,
    /// The files that were read.
    pub sources: Sources,
    /// What was wrong.
    pub diagnostics: Diagnostics,
    /// Parsed documents, by file.
    pub docs: Vec<Doc>,
    /// Lowered modules, with the tasks of calls and included files in their places.
    pub program: Program,
    /// The checked graph; complete only without errors.
    pub graph: Graph,
    /// The bundle, if there is no error.
    pub bundle: Option<Vec<u8>>,
}

/// Builds the named files and the sources in the named folders, without any values for inputs.
pub fn build(world: &dyn World, inputs: &[PathBuf], options: BuildOptions) -> Build {
    build_with(world, inputs, options, Settings::default())
}

/// Builds the named files and the sources in the named folders.
pub fn build_with(world: &dyn World, inputs: &[PathBuf], options: BuildOptions, settings: Settings) -> Build {
    let Settings { sources, diagnostics, inputs: given, name, inventory, packages, chosen, only, levels } = settings;
    let mut build = Build { sources, diagnostics, ..Build::default() };
    let found = find(world, inputs, chosen.as_ref(), &mut build.diagnostics);
    let mut loaded = load::load(world, found, &packages, &mut build);
    let (names, paths) = (std::mem::take(&mut loaded.names), std::mem::take(&mut loaded.paths));
    let unused = check::unused(&loaded, &build.docs);
    let program = expand::expand(loaded, &build.docs, &given, inventory.as_ref(), &mut build.diagnostics);
    build.graph = check::check_with(&program, inventory.as_ref(), &mut build.diagnostics);
    build.program = program;
    if !build.diagnostics.has_errors() {
        unused.into_iter().for_each(|problem| build.diagnostics.push(problem));
    }
    build.name = name.or_else(|| build.graph.modules.first().cloned()).unwrap_or_default();
    let assets = read_assets(world, &build.graph, &paths, &mut build.diagnostics);
    let notes = lint::suppress::Notes::read(&build.docs, &build.sources, &mut build.diagnostics);
    lint::lint(&build.program.modules, &build.graph, &notes, &levels, &mut build.diagnostics);
    notes.apply(&levels, &mut build.diagnostics);
    levels.judge(&mut build.diagnostics);
    if let Some(only) = only.filter(|_| !build.diagnostics.has_errors()) {
        build.graph = build.graph.only(&only);
    }
    if !options.check_only && !build.diagnostics.has_errors() {
        let emit_options = EmitOptions { name: &build.name, debug: options.debug, names: &names };
        build.bundle = emit::emit(&build.graph, &assets, &build.sources, &emit_options, &mut build.diagnostics);
    }
    spell_fixes(&mut build);
    build.diagnostics.sort();
    build.diagnostics.dedup();
    build
}

/// Makes bytes of all fixes, each in the format of its file.
fn spell_fixes(build: &mut Build) {
    let mut spellers: FxHashMap<FileId, Option<doc::spell::Speller<'_>>> = FxHashMap::default();
    let docs: FxHashMap<FileId, &Doc> = build.docs.iter().map(|doc| (doc.file, doc)).collect();
    let sources = &build.sources;
    build.diagnostics.change_fixes(|code, fix| {
        let speller = spellers.entry(fix.file).or_insert_with(|| {
            let source = sources.file(fix.file);
            let format = doc::Format::of_name(&source.name)?;
            Some(doc::spell::Speller::new(&source.text, format, docs.get(&fix.file).copied()))
        });
        speller.as_ref()?.spell(code, fix)
    });
}

/// Sources in the order they are built: as named, folders in order of path.
fn find(world: &dyn World, inputs: &[PathBuf], chosen: Option<&Chosen>, diagnostics: &mut Diagnostics) -> Vec<Found> {
    let mut all: Vec<Found> = Vec::new();
    for input in inputs {
        let folder = world.is_dir(input);
        let files = match chosen.filter(|chosen| chosen.folder == *input) {
            Some(chosen) => Ok(chosen.files.clone()),
            None => world::discover(world, std::slice::from_ref(input)),
        };
        match files {
            Ok(files) => {
                for path in files {
                    if all.iter().any(|found| found.path == path) {
                        continue;
                    }
                    // Inside the folder that was named, or by its own name: never with folders of this machine.
                    let short = if folder { path.strip_prefix(input).ok() } else { path.file_name().map(Path::new) };
                    let name = short.unwrap_or(&path).to_string_lossy().into_owned();
                    let root = if folder { input.as_path() } else { path.parent().unwrap_or(Path::new("")) };
                    let root = root.to_owned();
                    all.push(Found { path, name, root, alone: !folder });
                }
            }
            Err(problems) => diagnostics.append(problems),
        }
    }
    all
}

/// The name of a module that does not name itself: the file's name up to its first dot.
pub fn stem(path: &Path) -> &str {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("module");
    match name.split('.').next() {
        Some("" | "-") | None => "module",
        Some(stem) => stem,
    }
}

/// Reads the files that belong into the bundle, relative to the source that names them.
fn read_assets(
    world: &dyn World,
    graph: &Graph,
    paths: &FxHashMap<FileId, PathBuf>,
    diagnostics: &mut Diagnostics,
) -> Assets {
    let mut assets = Assets::default();
    for task in &graph.tasks {
        let mut bodies: Vec<&Body> = vec![&task.body];
        while let Some(body) = bodies.pop() {
            bodies.extend(&body.children);
            for (_, argument) in &body.args {
                let Argument::Asset(name, span) = argument else { continue };
                let key = (task.file, name.clone());
                if assets.contains_key(&key) {
                    continue;
                }
                let folder = paths.get(&task.file).and_then(|path| path.parent()).unwrap_or(Path::new(""));
                match world.read_bounded(&folder.join(name), MAX_ASSET_BYTES) {
                    Ok(bytes) => {
                        assets.insert(key, bytes);
                    }
                    Err(error) => {
                        let reason = error.diagnostic().message;
                        let message = format!("this file belongs into the bundle: {reason}");
                        diagnostics.push(Diagnostic::new(Code::MissingAsset, task.file, *span, message));
                    }
                }
            }
        }
    }
    assets
}
