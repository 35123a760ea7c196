//! `ipcmm.filesystem.dir`: a directory exists and has these properties; on request, all inside belongs to
//! its owner, and nothing is inside but what is named.

use super::{Wanted, expect, prepare_parent, refuse_vital, remove_tree};
use crate::args::data;
use crate::builtins::Context;
use crate::builtins::describe::change;
use crate::system::{Attributes, Kind};
use ipcmm_bytecode::{Fault, Value};
use ipcmm_vm::host::{Change, ChangeKind, Reply};
use std::path::Path;

/// The mode of a new directory.
const FRESH: u32 = 0o755;

/// See the table.
pub fn run(ctx: &Context<'_>, changes: &mut Vec<Change>) -> Result<Reply, Fault> {
    let path = ctx.args.path("path")?;
    let wanted = Wanted::of(ctx)?;
    let found = ctx.look.load(path, 0)?;
    let mut removed = Vec::new();
    match &found {
        None => {
            prepare_parent(ctx, path, changes)?;
            let attributes = Attributes { mode: Some(wanted.mode.unwrap_or(FRESH)), ..wanted.attributes() };
            let made = change(ChangeKind::Create, path, "", None, Some("directory".to_owned()));
            let new = [made].into_iter().chain(wanted.of_new(ctx, path, FRESH));
            ctx.act(changes, new, |w| w.make_dir(path, attributes))?;
        }
        Some(found) => {
            expect(Kind::Dir, path, found)?;
            wanted.apply(ctx, path, &found.stat, changes)?;
            if ctx.args.bool("purge")? {
                removed = purge(ctx, path, &ctx.args.list_of_str("keep")?, changes)?;
            }
            if ctx.args.bool("recurse")? {
                own_all(ctx, path, &wanted.ownership(), &removed, changes)?;
            }
        }
    }
    Ok(Reply::unchanged(data([
        ("path", Value::str(path.display().to_string())),
        ("created", Value::Bool(found.is_none())),
        ("removed", Value::list(removed.into_iter().map(Value::str).collect())),
    ])))
}

/// Removes what is not to be kept; returns its names.
fn purge(ctx: &Context<'_>, path: &Path, keep: &[String], changes: &mut Vec<Change>) -> Result<Vec<String>, Fault> {
    let mut removed = Vec::new();
    for entry in ctx.look.list(path)? {
        if keep.iter().any(|name| entry.name == name.as_str()) {
            continue;
        }
        if removed.is_empty() {
            refuse_vital(ctx, path)?;
        }
        let below = path.join(&entry.name);
        let kind = entry.stat.kind;
        let gone = change(ChangeKind::Remove, &below, "", Some(kind.name().to_owned()), None);
        ctx.act(changes, [gone], |_| remove_tree(ctx, &below, kind).map(|_| ()))?;
        removed.push(entry.name.to_string_lossy().into_owned());
    }
    Ok(removed)
}

/// Gives everything inside to the owner. Links themselves are given, never what they point to. What a
/// dry run would have removed is left out, as it would be gone.
fn own_all(
    ctx: &Context<'_>,
    path: &Path,
    owner: &Wanted,
    removed: &[String],
    changes: &mut Vec<Change>,
) -> Result<(), Fault> {
    let mut todo = vec![path.to_owned()];
    while let Some(dir) = todo.pop() {
        for entry in ctx.look.list(&dir)? {
            if dir == path && removed.iter().any(|name| entry.name == name.as_str()) {
                continue;
            }
            let below = dir.join(&entry.name);
            owner.apply(ctx, &below, &entry.stat, changes)?;
            if entry.stat.kind == Kind::Dir {
                todo.push(below);
            }
        }
    }
    Ok(())
}
