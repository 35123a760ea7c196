//! `ipcmm.filesystem.copy`: a path holds the same content as another path of the node.
//!
//! Each file appears whole or not at all; a tree appears file by file. Links inside the source are copied as
//! links, so that a copy never reaches outside of what was named.

use super::{Wanted, expect, prepare_parent, wrong_kind};
use crate::args::{count, data, unknown_data};
use crate::builtins::Context;
use crate::builtins::describe::{Before, DIFF_LIMIT, change, content_change, size_change};
use crate::system::{Attributes, Content, Found, Kind, NewFile, Stat};
use ipcmm_bytecode::{Fault, FaultKind, Value};
use ipcmm_vm::host::{Change, ChangeKind, Reply};
use std::ffi::OsStr;
use std::path::Path;

/// What was written.
#[derive(Default)]
struct Tally {
    files: u64,
    bytes: u64,
}

/// See the table.
pub fn run(ctx: &Context<'_>, changes: &mut Vec<Change>) -> Result<Reply, Fault> {
    let (source, path) = (ctx.args.path("source")?, ctx.args.path("path")?);
    let wanted = Wanted::of(ctx)?;
    let Some(found) = ctx.look.load(source, DIFF_LIMIT as u64)? else {
        ctx.not_yet(Fault::new(FaultKind::NotFound, format!("`{}`", source.display())))?;
        if ctx.look.lstat(path)?.is_none() {
            prepare_parent(ctx, path, changes)?;
        }
        changes.push(change(ChangeKind::Create, path, "content", None, None));
        return Ok(Reply::unchanged(unknown_data(ctx.args.row())));
    };
    let recurse = ctx.args.bool("recurse")?;
    if found.stat.kind != Kind::Dir {
        expect(Kind::File, source, &found)?;
    } else if !recurse {
        let detail = format!("`{}` is a directory; `recurse: true` copies it", source.display());
        return Err(Fault::new(FaultKind::WrongKind, detail));
    } else if path.starts_with(source) {
        return Err(ctx.args.bad("path", format!("`{}` is inside of the source", path.display())));
    }
    if ctx.look.lstat(path)?.is_none() {
        prepare_parent(ctx, path, changes)?;
    }
    let mut tally = Tally::default();
    if found.stat.kind == Kind::File {
        copy_file(ctx, source, &found, path, &wanted, &mut tally, changes)?;
    } else {
        copy_tree(ctx, source, found.stat, path, &wanted, &mut tally, changes)?;
    }
    Ok(Reply::unchanged(data([
        ("path", Value::str(path.display().to_string())),
        ("files", count(tally.files)),
        ("bytes", count(tally.bytes)),
    ])))
}

fn copy_tree(
    ctx: &Context<'_>,
    source: &Path,
    stat: Stat,
    path: &Path,
    wanted: &Wanted,
    tally: &mut Tally,
    changes: &mut Vec<Change>,
) -> Result<(), Fault> {
    let mut todo = vec![(source.to_owned(), path.to_owned(), stat)];
    while let Some((from, to, stat)) = todo.pop() {
        copy_dir(ctx, &stat, &to, &wanted.ownership(), changes)?;
        for entry in ctx.look.list(&from)? {
            let (from, to) = (from.join(&entry.name), to.join(&entry.name));
            match entry.stat.kind {
                Kind::Dir => todo.push((from, to, entry.stat)),
                Kind::File | Kind::Link => {
                    let Some(found) = ctx.look.load(&from, DIFF_LIMIT as u64)? else { continue };
                    match &found.target {
                        Some(target) => copy_link(ctx, target, &to, &wanted.ownership(), changes)?,
                        None => copy_file(ctx, &from, &found, &to, wanted, tally, changes)?,
                    }
                }
                Kind::Special => return Err(wrong_kind(&from, Kind::Special, "anything that can be copied")),
            }
        }
    }
    Ok(())
}

/// A directory of the copy. One that is there keeps its mode.
fn copy_dir(ctx: &Context<'_>, stat: &Stat, to: &Path, owner: &Wanted, changes: &mut Vec<Change>) -> Result<(), Fault> {
    match ctx.look.lstat(to)? {
        Some(present) if present.kind == Kind::Dir => owner.apply(ctx, to, &present, changes),
        Some(present) => Err(wrong_kind(to, present.kind, "a directory")),
        None => {
            let attributes = Attributes { mode: Some(stat.mode), ..owner.attributes() };
            let made = change(ChangeKind::Create, to, "", None, Some("directory".to_owned()));
            let new = [made].into_iter().chain(owner.of_new(ctx, to, stat.mode));
            ctx.act(changes, new, |w| w.make_dir(to, attributes))
        }
    }
}

/// A link of the copy; it points to what the original points to, in the same words.
fn copy_link(
    ctx: &Context<'_>,
    target: &Path,
    to: &Path,
    owner: &Wanted,
    changes: &mut Vec<Change>,
) -> Result<(), Fault> {
    let present = ctx.look.load(to, 0)?;
    let mut before = None;
    if let Some(found) = &present {
        match &found.target {
            Some(present) if present == target => return owner.apply(ctx, to, &found.stat, changes),
            Some(present) => before = Some(present.display().to_string()),
            None => return Err(wrong_kind(to, found.stat.kind, "a symbolic link")),
        }
    }
    let kind = if before.is_some() { ChangeKind::Update } else { ChangeKind::Create };
    let new = change(kind, to, "target", before, Some(target.display().to_string()));
    let attributes = owner.attributes();
    ctx.act(changes, [new], |w| {
        w.make_link(to, target)?;
        if attributes == Attributes::default() { Ok(()) } else { w.set(to, attributes) }
    })
}

/// A file of the copy. Small ones are compared in memory and shown as a diff, others by parts.
fn copy_file(
    ctx: &Context<'_>,
    from: &Path,
    source: &Found,
    to: &Path,
    wanted: &Wanted,
    tally: &mut Tally,
    changes: &mut Vec<Change>,
) -> Result<(), Fault> {
    let wanted = Wanted { mode: Some(wanted.mode.unwrap_or(source.stat.mode)), ..wanted.clone() };
    let present = ctx.look.load(to, DIFF_LIMIT as u64)?;
    if let Some(found) = &present {
        expect(Kind::File, to, found)?;
        let same = found.stat.size == source.stat.size
            && match (&source.content, &found.content) {
                (Some(a), Some(b)) => a == b,
                _ => ctx.look.same_content(from, to)?,
            };
        if same {
            return wanted.apply(ctx, to, &found.stat, changes);
        }
    }
    let before = present.as_ref().map(|f| Before { content: f.content.as_deref(), size: f.stat.size });
    let mut new = vec![match &source.content {
        Some(content) => content_change(to, before, content, blake3::hash(content)),
        None => size_change(to, before.map(|b| b.size), source.stat.size),
    }];
    match &present {
        Some(found) => new.extend(wanted.differences(ctx, to, &found.stat)),
        None => new.extend(wanted.of_new(ctx, to, source.stat.mode)),
    }
    let content = source.content.as_deref().map_or(Content::File(from), Content::Bytes);
    let attributes = wanted.attributes();
    let file = NewFile { content, attributes, fresh_mode: source.stat.mode, suffix: OsStr::new("") };
    ctx.act(changes, new, |w| w.stage(to, &file)?.commit())?;
    tally.files += 1;
    tally.bytes += source.stat.size;
    Ok(())
}
