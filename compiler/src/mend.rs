//! `mend`: fixes are applied until none is left, in memory. What comes of it is a set of changed files.
//!
//! A round applies all fixes that do not touch each other, then everything is checked again: a fix may make room for
//! another. If a file is malformed in more places after a round than before, the round is taken back for it and the
//! file is left alone. Unaware of: disks and terminals.

use crate::Build;
use crate::diag::{Applicability, Diagnostics, Fix};
use crate::doc::Span;
use crate::source::Sources;
use crate::world::World;
use crate::world::overlay::Overlay;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Rounds at most: fixes that undo each other end here.
const MAX_ROUNDS: usize = 12;

/// A fix that was applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The file as it was named.
    pub file: String,
    /// The line in the text the fix was made for; earlier rounds may have moved it.
    pub line: u32,
    /// The code of the problem.
    pub code: crate::diag::Code,
    /// What the fix does.
    pub title: String,
}

/// What came of it.
pub struct Mended<'w> {
    /// The world with the changes.
    pub world: Overlay<'w>,
    /// The last build, of the changed files.
    pub build: Build,
    /// What was applied, by round, file and place.
    pub applied: Vec<Applied>,
    /// Files that were left as they are because fixes in them did not fit together.
    pub left: Vec<String>,
}

/// Applies fixes that are at least as sure as `least`. `build` checks everything anew.
pub fn mend<'w>(world: &'w dyn World, least: Applicability, build: &dyn Fn(&dyn World) -> Build) -> Mended<'w> {
    let mut mended = Mended { build: build(world), world: Overlay::new(world), applied: Vec::new(), left: Vec::new() };
    let mut closed: BTreeSet<String> = BTreeSet::new();
    for _ in 0..MAX_ROUNDS {
        let round = choose(&mended.build.diagnostics, &mended.build.sources, least, &closed);
        if round.is_empty() {
            break;
        }
        let mut before: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        let mut applied = Vec::new();
        for (name, fixes) in round {
            let path = PathBuf::from(&name);
            match change(&mended, &path, &name, &fixes) {
                Some((old, new)) => {
                    applied.extend(fixes.into_iter().map(|(_, applied)| applied));
                    mended.world.set(&path, new);
                    before.insert(name, old);
                }
                None => drop(closed.insert(name)),
            }
        }
        let after = build(&mended.world);
        let worse: Vec<String> = before.keys().filter(|name| is_worse(name, &mended.build, &after)).cloned().collect();
        mended.build = match worse.is_empty() {
            true => after,
            false => {
                for name in &worse {
                    mended.world.set(Path::new(name), before.remove(name).unwrap_or_default());
                }
                applied.retain(|a| !worse.contains(&a.file));
                mended.left.extend(worse.iter().cloned());
                closed.extend(worse);
                build(&mended.world)
            }
        };
        mended.applied.append(&mut applied);
    }
    mended
}

/// Fixes of a round by file, in order of place, none of which touches another.
fn choose(
    diagnostics: &Diagnostics,
    sources: &Sources,
    least: Applicability,
    closed: &BTreeSet<String>,
) -> BTreeMap<String, Vec<(Fix, Applied)>> {
    let mut all: Vec<(&Fix, crate::diag::Code)> = diagnostics
        .iter()
        .filter_map(|d| Some((d.fix.as_ref()?, d.code)))
        .filter(|(fix, _)| fix.applicability <= least && fix.applicability != Applicability::Unfinished)
        .collect();
    all.sort_by_key(|(fix, _)| (fix.file, fix.span.start, fix.span.end));
    let mut round: BTreeMap<String, Vec<(Fix, Applied)>> = BTreeMap::new();
    for (fix, code) in all {
        let source = sources.file(fix.file);
        if closed.contains(&source.name) {
            continue;
        }
        let list = round.entry(source.name.clone()).or_default();
        // Touching counts too: two texts written at one place have no order.
        if list.last().is_some_and(|(last, _)| fix.span.start <= last.span.end) {
            continue;
        }
        let line = source.position(fix.span.start).line;
        let applied = Applied { file: source.name.clone(), line, code, title: fix.title.clone() };
        list.push((fix.clone(), applied));
    }
    round
}

/// The bytes of a file before and after a round. None if the file is not what was checked.
fn change(mended: &Mended<'_>, path: &Path, name: &str, fixes: &[(Fix, Applied)]) -> Option<(Vec<u8>, Vec<u8>)> {
    let (_, source) = mended.build.sources.iter().find(|(_, source)| source.name == name)?;
    let old = mended.world.read(path).ok()?;
    (old == source.text.as_bytes()).then_some(())?;
    let edits: Vec<(Span, &str)> = fixes.iter().map(|(fix, _)| (fix.span, fix.replacement.as_str())).collect();
    let new = apply(&source.text, &edits)?.into_bytes();
    Some((old, new))
}

/// A text with replacements, which are in order and do not overlap.
pub fn apply(text: &str, edits: &[(Span, &str)]) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for (span, new) in edits {
        out.push_str(text.get(at..span.start as usize)?);
        out.push_str(new);
        at = span.end as usize;
    }
    out.push_str(text.get(at..)?);
    Some(out)
}

/// Whether a file is malformed in more places than before.
fn is_worse(name: &str, before: &Build, after: &Build) -> bool {
    let malformed = |build: &Build| {
        let here =
            |d: &&crate::diag::Diagnostic| d.place.is_some_and(|(file, _)| build.sources.file(file).name == name);
        build.diagnostics.iter().filter(here).filter(|d| d.code.number() < 1000).count()
    };
    malformed(after) > malformed(before)
}
