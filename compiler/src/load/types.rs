//! Files that name types of others are lowered again when all files are there: only then is it known what the names
//! stand for.
//!
//! Unaware of: what a type is.

use super::Loaded;
use crate::diag::Diagnostics;
use crate::doc::Doc;
use crate::ir::Module;
use crate::ir::surface::ComposeKind;
use crate::lower::{self, types::Types};
use crate::source::FileId;
use rustc_hash::FxHashMap;

/// A module, or a part of one with a name before its labels.
type Key = (String, Option<String>);

/// Lowers what waits, with the types of its module, of those around it and of those it imports.
pub(super) fn settle(
    loaded: &mut Loaded,
    mut waiting: FxHashMap<FileId, Diagnostics>,
    aliases: &[Option<String>],
    docs: &[Doc],
    diagnostics: &mut Diagnostics,
) {
    let docs: FxHashMap<FileId, &Doc> = docs.iter().map(|doc| (doc.file, doc)).collect();
    let mut types = Types::default();
    let mut homes: FxHashMap<Key, usize> = FxHashMap::default();
    let own = loaded.modules.iter().map(|part| (part, None));
    let included = loaded.included.iter().zip(aliases).map(|(part, alias)| (part, alias.clone()));
    let parts: Vec<(&Module, Option<String>)> = own.chain(included).collect();
    for (part, alias) in &parts {
        let module = *homes.entry((part.name.clone(), None)).or_insert_with(|| types.home());
        let home = match alias {
            None => module,
            Some(name) => {
                let home = *homes.entry((part.name.clone(), alias.clone())).or_insert_with(|| types.home());
                types.home_mut(home).outer = Some(module);
                types.home_mut(module).aliases.insert(name.clone(), (home, None));
                home
            }
        };
        if let Some((doc, root)) = docs.get(&part.file).and_then(|doc| Some((doc, *doc.roots.get(part.root as usize)?)))
        {
            types.add(home, doc, root);
        }
    }
    for (part, alias) in &parts {
        let Some(&home) = homes.get(&(part.name.clone(), alias.clone())) else { continue };
        for (name, module, only) in imports(part, loaded) {
            if let Some(&other) = homes.get(&(module, None)) {
                types.home_mut(home).aliases.insert(name, (other, only));
            }
        }
    }
    let waits = |part: &Module| waiting.contains_key(&part.file);
    let again = |part: &Module, alias: &Option<String>, diagnostics: &mut Diagnostics| {
        let home = *homes.get(&(part.name.clone(), alias.clone()))?;
        let new = lower::lower_again(docs.get(&part.file)?, part.root, types.view(home), &part.name, diagnostics)?;
        Some(Module { name: part.name.clone(), ..new })
    };
    let mut lowered: Vec<FileId> = Vec::new();
    let mut fresh: Vec<Option<Module>> = Vec::with_capacity(parts.len());
    for (part, alias) in &parts {
        fresh.push(if waits(part) { again(part, alias, diagnostics) } else { None });
        lowered.extend(fresh.last().and_then(Option::as_ref).map(|part| part.file));
    }
    diagnostics.append(types.problems());
    // What stands in no module, or could not be lowered, keeps what was said of it.
    lowered.iter().for_each(|file| drop(waiting.remove(file)));
    let mut left: Vec<(FileId, Diagnostics)> = waiting.into_iter().collect();
    left.sort_by_key(|(file, _)| file.0);
    left.into_iter().for_each(|(_, problems)| diagnostics.append(problems));
    let old = loaded.modules.iter_mut().chain(&mut loaded.included);
    for (old, new) in old.zip(fresh) {
        if let Some(new) = new {
            *old = new;
        }
    }
}

/// What a part imports: the name it has there, the module, and the names that are wanted.
fn imports(part: &Module, loaded: &Loaded) -> Vec<(String, String, Option<Vec<String>>)> {
    let import = |task: &crate::ir::Task| {
        let compose = task.compose.as_ref()?;
        let ComposeKind::Import { module, alias, only, .. } = &compose.kind else { return None };
        let found = loaded.imports.get(&(part.file, compose.span.start)).and_then(Option::as_ref);
        let name = found.unwrap_or(&module.0);
        let short = name.rsplit('/').next().unwrap_or(name);
        let alias = alias.as_ref().map_or(short, |(alias, _)| alias);
        let only = only.as_ref().map(|only| only.iter().map(|(name, _)| name.clone()).collect());
        Some((alias.to_owned(), name.clone(), only))
    };
    part.tasks.iter().filter_map(import).collect()
}
