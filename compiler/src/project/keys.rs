//! The keys of a manifest, read one by one. All that is wrong is reported; what is right is kept.

use super::reader::{Field, Reader, listed};
use super::{Dependency, Environment, Key, Lint, Manifest, Pattern, inventory, joined, values};
use crate::diag::levels::Level;
use crate::diag::{Code, suggest};
use crate::doc::{Doc, NodeId, Span};
use crate::source::Sources;
use crate::world::World;
use rustc_hash::FxHashMap;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// What the reading of a manifest may add to: further files, for an inventory of its own.
pub(super) struct Around<'a> {
    pub world: &'a dyn World,
    pub sources: &'a mut Sources,
}

/// Reads the entries of a manifest.
pub(super) fn read(reader: &mut Reader<'_>, doc: &Arc<Doc>, around: &mut Around<'_>, manifest: &mut Manifest) {
    for root in &doc.roots {
        for field in reader.entries(*root, "a manifest is a map of keys such as `name` and `sources`") {
            match Key::from_name(field.name) {
                None => reader.unknown(&field, "a manifest", Key::TABLE.iter().map(|(_, name, ..)| *name), None),
                Some(key) if !key.is_there() => {
                    let message = format!("`{}` in a manifest is not there yet", field.name);
                    let problem = reader.problem(Code::SyntaxNotYet, field.span, message);
                    reader.report(problem.help("a build makes one bundle of all modules, named after the project"));
                }
                Some(key) => read_key(reader, key, &field, doc, around, manifest),
            }
        }
    }
    environments(reader, &manifest.environments);
}

fn read_key(
    reader: &mut Reader<'_>,
    key: Key,
    field: &Field<'_>,
    doc: &Arc<Doc>,
    around: &mut Around<'_>,
    manifest: &mut Manifest,
) {
    let place = format!("`{}`", field.name);
    let text = |reader: &mut Reader<'_>| reader.text(field.value, &place).map(str::to_owned);
    match key {
        Key::Name => manifest.name = text(reader),
        Key::Version => manifest.version = text(reader),
        Key::Signing => manifest.signing = text(reader),
        Key::Root => {
            manifest.root = text(reader).and_then(|text| trial_folder(reader, field.value, &text, &manifest.folder));
        }
        Key::Sources => {
            let texts = reader.texts(field.value, "`sources`");
            let patterns = texts.into_iter().filter_map(|(text, node)| pattern(reader, text, node));
            manifest.sources = Some(patterns.collect());
        }
        Key::Inputs => manifest.inputs = values::of_map(reader, doc, field.value, "`inputs`"),
        Key::Environments => {
            for field in reader.entries(field.value, "`environments` takes a map of environments by name") {
                let environment = environment(reader, doc, &field);
                manifest.environments.push(environment);
            }
        }
        Key::Inventory => {
            manifest.inventory = Some(inventory::read(reader, field.value, &manifest.folder, around));
        }
        Key::Lints => manifest.lints = lints(reader, field.value),
        Key::Dependencies => manifest.dependencies = dependencies(reader, field.value, &manifest.folder),
        // Not carried out: reported by the caller.
        Key::Outputs => {}
    }
}

/// A folder near the project. A manifest names no absolute one: those belong to a machine, not to a project.
fn trial_folder(reader: &mut Reader<'_>, value: NodeId, text: &str, folder: &Path) -> Option<PathBuf> {
    if is_relative(text) {
        return Some(joined(folder, text));
    }
    let problem = reader.problem(Code::BadValue, reader.span(value), "`root` is relative to the manifest");
    reader.report(problem.help("for another folder, give `--root DIR` on the command line"));
    None
}

/// Whether a path leads from a folder to somewhere near it, and not to a place of this machine.
pub(super) fn is_relative(text: &str) -> bool {
    let mut steps = Path::new(text).components();
    steps.all(|step| matches!(step, Component::Normal(_) | Component::CurDir | Component::ParentDir))
}

fn pattern(reader: &mut Reader<'_>, text: &str, node: NodeId) -> Option<Pattern> {
    let span = reader.span(node);
    let inside = Path::new(text).components().all(|step| matches!(step, Component::Normal(_) | Component::CurDir));
    if inside && !text.contains('\0') {
        return Some(Pattern { text: text.to_owned(), span });
    }
    let message = format!("`{}` leads out of the project", text.escape_debug());
    let problem = reader.problem(Code::OutsideProject, span, message);
    reader.report(problem.help("sources are in the folder of the manifest or below; for others name a dependency"));
    None
}

fn environment(reader: &mut Reader<'_>, doc: &Arc<Doc>, field: &Field<'_>) -> Environment {
    let mut environment =
        Environment { name: field.name.to_owned(), span: field.span, extends: None, inputs: Vec::new() };
    for field in reader.entries(field.value, "an environment takes a map of `inputs` and `extends`") {
        match field.name {
            "inputs" => environment.inputs = values::of_map(reader, doc, field.value, "`inputs`"),
            "extends" => {
                let name = reader.text(field.value, "`extends`");
                environment.extends = name.map(|name| (name.to_owned(), reader.span(field.value)));
            }
            _ => reader.unknown(&field, "an environment", ["extends", "inputs"].into_iter(), None),
        }
    }
    environment
}

/// Reports environments that extend one that is not there, or in the end themselves.
fn environments(reader: &mut Reader<'_>, all: &[Environment]) {
    let index: FxHashMap<&str, usize> =
        all.iter().enumerate().map(|(at, environment)| (environment.name.as_str(), at)).collect();
    // By which walk each was reached; a walk that meets itself has found a circle.
    let mut reached: Vec<Option<usize>> = vec![None; all.len()];
    for (walk, environment) in all.iter().enumerate() {
        if let Some((name, span)) = environment.extends.as_ref().filter(|(name, _)| !index.contains_key(name.as_str()))
        {
            let problem = reader.problem(Code::UnknownEnvironment, *span, format!("there is no environment `{name}`"));
            let problem = match suggest::nearest(name, all.iter().map(|e| e.name.as_str())) {
                Some(near) => problem.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), near),
                None => problem.help(format!("there are {}", listed(all.iter().map(|e| e.name.as_str())))),
            };
            reader.report(problem);
        }
        let mut at = Some(walk);
        while let Some(here) = at.filter(|here| reached[*here].is_none()) {
            reached[here] = Some(walk);
            at = all[here].extends.as_ref().and_then(|(name, _)| index.get(name.as_str()).copied());
            if let (Some(again), Some((name, span))) = (at, &all[here].extends)
                && reached[again] == Some(walk)
            {
                let message = match all[here].name == *name {
                    true => format!("environment `{name}` extends itself"),
                    false => format!("environment `{name}` extends itself by way of `{}`", all[here].name),
                };
                let problem = reader.problem(Code::EnvironmentCycle, *span, message);
                reader.report(problem.help("leave one `extends` out"));
            }
        }
    }
}

fn lints(reader: &mut Reader<'_>, value: NodeId) -> Vec<Lint> {
    let mut lints = Vec::new();
    for field in reader.entries(value, "`lints` takes a map of names and levels") {
        let Some(text) = reader.text(field.value, "the level of a lint") else { continue };
        let level_span = reader.span(field.value);
        match Level::from_name(text) {
            Some(level) => {
                lints.push(Lint { name: field.name.to_owned(), name_span: field.span, level, level_span });
            }
            None => {
                let words = || Level::ALL.iter().map(|level| level.name());
                let message = format!("`{}` is no level of a lint", text.escape_debug());
                let problem = reader.problem(Code::BadValue, level_span, message);
                let problem = problem.help(format!("there are {}", listed(words())));
                reader.report(match suggest::nearest(text, words()) {
                    Some(near) => problem.fix(format!("write `{near}`"), near),
                    None => problem,
                });
            }
        }
    }
    lints
}

fn dependencies(reader: &mut Reader<'_>, value: NodeId, folder: &Path) -> Vec<Dependency> {
    let mut all = Vec::new();
    for field in reader.entries(value, "`dependencies` takes a map of packages by name") {
        let mut path: Option<(String, Span)> = None;
        let errors = reader.diagnostics.errors();
        for part in reader.entries(field.value, "a dependency is a map with `path`") {
            match part.name {
                "path" => {
                    let text = reader.text(part.value, "`path`");
                    path = text.map(|text| (text.to_owned(), reader.span(part.value)));
                }
                _ => reader.unknown(&part, "a dependency", ["path"].into_iter(), None),
            }
        }
        match path {
            Some((text, span)) if is_relative(&text) => {
                let written = text.clone();
                let folder = joined(folder, &text);
                all.push(Dependency { name: field.name.to_owned(), name_span: field.span, written, folder, span });
            }
            Some((_, span)) => {
                let problem = reader.problem(Code::BadValue, span, "the path of a package is relative to the manifest");
                reader.report(problem.help("an absolute path holds on one machine only"));
            }
            None if reader.diagnostics.errors() == errors => {
                let problem = reader.problem(
                    Code::MissingArgument,
                    field.span,
                    format!("dependency `{}` lacks `path`", field.name),
                );
                reader.report(problem.help("a package is a folder, such as `{path: ../web}`"));
            }
            None => {}
        }
    }
    all
}
