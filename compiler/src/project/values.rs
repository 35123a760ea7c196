//! Values for inputs, from wherever they are given: a manifest, an environment, a file, `--set`.
//!
//! A name is that of an input in every module that declares it, or `module/name`. Values stay documents: what they
//! mean is decided by the type of the input.

use super::reader::{Reader, listed};
use super::{Environment, Manifest};
use crate::diag::{Code, Diagnostic, Diagnostics, suggest};
use crate::doc::{self, Doc, Entry, Format, Node, NodeId, NodeKind, Span, Style};
use crate::settings::Given;
use crate::source::Sources;
use crate::world::World;
use rustc_hash::FxHashMap;
use std::path::Path;
use std::sync::Arc;

/// The values of a map of names.
pub(super) fn of_map(reader: &mut Reader<'_>, doc: &Arc<Doc>, map: NodeId, place: &str) -> Vec<Given> {
    let mut all = Vec::new();
    for field in reader.entries(map, &format!("{place} takes a map of names and values")) {
        match split(field.name) {
            Some((module, name)) => all.push(Given {
                module: module.map(str::to_owned),
                name: name.to_owned(),
                doc: doc.clone(),
                key: field.key,
                value: field.value,
            }),
            None => {
                let message = format!("`{}` is no name of an input", field.name.escape_debug());
                let problem = reader.problem(Code::BadValue, field.span, message);
                reader.report(problem.help("write `name`, or `module/name` for one module"));
            }
        }
    }
    all
}

/// The module and the name of an input, from `name` or `module/name`. Names of inputs have no `/`, names of modules may.
fn split(text: &str) -> Option<(Option<&str>, &str)> {
    let (module, name) = match text.rsplit_once('/') {
        Some((module, name)) => (Some(module), name),
        None => (None, text),
    };
    let first = name.chars().next().is_some_and(|c| c == '_' || c.is_alphabetic());
    let good = first && name.chars().all(|c| c == '_' || c.is_alphanumeric());
    (good && module != Some("")).then_some((module, name))
}

/// The values of an environment and of those it extends, the weakest first. One that is unknown is reported.
pub(super) fn of_environment(manifest: Option<&Manifest>, name: &str, diagnostics: &mut Diagnostics) -> Vec<Given> {
    let none: &[Environment] = &[];
    let all = manifest.map_or(none, |manifest| manifest.environments.as_slice());
    let index: FxHashMap<&str, usize> =
        all.iter().enumerate().map(|(at, environment)| (environment.name.as_str(), at)).collect();
    let Some(&first) = index.get(name) else {
        if manifest.is_some_and(|manifest| manifest.malformed) {
            return Vec::new();
        }
        let problem = Diagnostic::unplaced(Code::UnknownEnvironment, format!("there is no environment `{name}`"));
        let names = || all.iter().map(|environment| environment.name.as_str());
        diagnostics.push(match (manifest, suggest::nearest(name, names())) {
            (None, _) => problem.help("environments are in the manifest of a project, and none was found"),
            (_, Some(near)) => problem.help(format!("did you mean `{near}`?")),
            (_, None) if all.is_empty() => problem.help("the manifest has no `environments`"),
            (_, None) => problem.help(format!("there are {}", listed(names()))),
        });
        return Vec::new();
    };
    let mut chain = vec![first];
    // A circle was reported by the reader of the manifest; here it only has to end.
    while let Some(next) = chain.last().and_then(|at| index.get(all[*at].extends.as_ref()?.0.as_str()))
        && chain.len() < all.len()
    {
        chain.push(*next);
    }
    chain.iter().rev().flat_map(|at| all[*at].inputs.iter().cloned()).collect()
}

/// The values of a file: a map of names in any source format.
pub(super) fn of_file(
    world: &dyn World,
    path: &Path,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> Vec<Given> {
    let Some(doc) = document(world, path, sources, diagnostics) else { return Vec::new() };
    let mut reader = Reader { doc: &doc, diagnostics };
    doc.roots.iter().flat_map(|root| of_map(&mut reader, &doc, *root, "a file of inputs")).collect()
}

/// The document of a file, its format told by its name.
pub(super) fn document(
    world: &dyn World,
    path: &Path,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> Option<Arc<Doc>> {
    let name = path.to_string_lossy();
    let Some(format) = Format::of_name(&name).filter(|_| name != "-") else {
        let message = format!("`{name}` has no extension that names a format");
        let problem = Diagnostic::unplaced(Code::UnknownFormat, message);
        diagnostics.push(problem.help("there are .yaml, .yml, .json, .xml, .properties"));
        return None;
    };
    document_as(world, path, format, sources, diagnostics)
}

/// The document of a file in a format.
pub(super) fn document_as(
    world: &dyn World,
    path: &Path,
    format: Format,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> Option<Arc<Doc>> {
    let name = path.to_string_lossy().into_owned();
    let bytes = world.read(path).map_err(|error| Box::new(error.diagnostic()));
    match bytes.and_then(|bytes| doc::decode(&name, bytes)) {
        Ok(text) => {
            let file = sources.add(name, text);
            let text = sources.file(file).text.clone();
            Some(Arc::new(doc::parse(file, &text, format, diagnostics)))
        }
        Err(problem) => {
            diagnostics.push(*problem);
            None
        }
    }
}

/// The value of `--set name=value` or `--set module/name=value`: text, read as any type as in properties. The argument
/// is a file of the build, so that what is wrong with the value is shown in it.
pub(super) fn of_argument(text: &str, sources: &mut Sources, diagnostics: &mut Diagnostics) -> Option<Given> {
    let file = sources.add("--set", text);
    let whole = Span::new(0, u32::try_from(text.len()).unwrap_or(u32::MAX));
    let fail = |message: String| Diagnostic::new(Code::BadSet, file, whole, message);
    let form = "write `--set name=value`, or `--set module/name=value` for one module";
    let Some((key, value)) = text.split_once('=') else {
        diagnostics.push(fail(format!("`{}` sets nothing: it has no `=`", text.escape_debug())).help(form));
        return None;
    };
    let Some((module, name)) = split(key) else {
        diagnostics.push(fail(format!("`{}` is no name of an input", key.escape_debug())).help(form));
        return None;
    };
    let at = key.len() as u32;
    let scalar = |text: &str, start: u32, end: u32| Node {
        kind: NodeKind::Scalar { text: text.to_owned(), style: Style::Text },
        span: Span::new(start, end),
        verbatim: true,
    };
    let entry = Entry { key: NodeId(0), value: NodeId(1) };
    let map = Node { kind: NodeKind::Map(vec![entry]), span: whole, verbatim: false };
    let nodes = vec![scalar(key, 0, at), scalar(value, at + 1, whole.end), map];
    let doc = Arc::new(Doc { file, nodes, roots: vec![NodeId(2)], pieces: FxHashMap::default() });
    Some(Given { module: module.map(str::to_owned), name: name.to_owned(), doc, key: entry.key, value: entry.value })
}
