//! `ipcmm.filesystem.file`: a file holds exactly this content and has these properties.
//!
//! The usual case is that it already does; it costs one look and one hash of what was read.

use super::{Wanted, expect, prepare_parent};
use crate::args::{count, data};
use crate::builtins::describe::{Before, DIFF_LIMIT, change, content_change, mode_text};
use crate::builtins::run::{outcome, shown};
use crate::builtins::{Context, Purpose};
use crate::system::{Attributes, Command, Content, Found, Kind, NewFile, Program, Reader, Runner};
use ipcmm_bytecode::{Fault, FaultKind, Value};
use ipcmm_vm::host::{Change, ChangeKind, Reply};
use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::time::Duration;

/// The mode of a new file, and of one that holds a secret.
const FRESH: u32 = 0o644;
const CONFIDENTIAL: u32 = 0o600;
/// How long a validation may take where the task has no time limit.
const VALIDATION: Duration = Duration::from_secs(300);
/// A file of which only the properties are kept is read at once up to here, and hashed by parts beyond.
const AT_ONCE: u64 = 1 << 20;

/// See the table.
pub fn run(ctx: &Context<'_>, changes: &mut Vec<Change>) -> Result<Reply, Fault> {
    let path = ctx.args.path("path")?;
    let wanted = Wanted::of(ctx)?;
    let content = match (ctx.args.opt_bytes("content")?, ctx.args.opt_bytes("source")?) {
        (Some(_), Some(_)) => return Err(ctx.args.bad("source", "a file has a content or a source, not both")),
        (content, source) => content.or(source),
    };
    let limit = content.map_or(AT_ONCE, |c| (c.len() as u64).max(DIFF_LIMIT as u64));
    let Some(found) = ctx.look.load(path, limit)? else {
        return create(ctx, path, &wanted, content.unwrap_or_default(), changes);
    };
    expect(Kind::File, path, &found)?;
    let replacement = content.filter(|c| found.content.as_deref() != Some(*c));
    let hash = match (replacement, found.content.as_deref()) {
        (Some(new), _) | (None, Some(new)) => blake3::hash(new),
        (None, None) => ctx.look.digest(path)?,
    };
    match replacement {
        Some(new) => update(ctx, path, &wanted, &found, new, hash, changes)?,
        None => wanted.apply(ctx, path, &found.stat, changes)?,
    }
    let size = replacement.map_or(found.stat.size, |c| c.len() as u64);
    Ok(reply(path, false, size, hash, wanted.mode.unwrap_or(found.stat.mode)))
}

fn fresh(ctx: &Context<'_>) -> u32 {
    if ctx.confidential { CONFIDENTIAL } else { FRESH }
}

fn create(
    ctx: &Context<'_>,
    path: &Path,
    wanted: &Wanted,
    content: &[u8],
    changes: &mut Vec<Change>,
) -> Result<Reply, Fault> {
    // A real run finds out about a missing directory by the write itself.
    if ctx.writer().is_none() || ctx.args.bool("parents")? {
        prepare_parent(ctx, path, changes)?;
    }
    let hash = blake3::hash(content);
    let mut new = vec![content_change(path, None, content, hash)];
    new.extend(wanted.of_new(ctx, path, fresh(ctx)));
    if let Err(fault) = replace(ctx, path, wanted.attributes(), content, false) {
        if fault.kind == FaultKind::NotFound {
            // It is the directory that is missing; this says so, and how to get it.
            prepare_parent(ctx, path, changes)?;
        }
        return Err(fault);
    }
    changes.extend(new);
    Ok(reply(path, true, content.len() as u64, hash, wanted.mode.unwrap_or(fresh(ctx))))
}

fn update(
    ctx: &Context<'_>,
    path: &Path,
    wanted: &Wanted,
    found: &Found,
    content: &[u8],
    hash: blake3::Hash,
    changes: &mut Vec<Change>,
) -> Result<(), Fault> {
    let before = Before { content: found.content.as_deref(), size: found.stat.size };
    let mut new = vec![content_change(path, Some(before), content, hash)];
    new.extend(wanted.differences(ctx, path, &found.stat));
    let backup = ctx.args.bool("backup")?;
    if backup {
        let mut kept = path.as_os_str().to_owned();
        kept.push(".bak");
        new.push(change(ChangeKind::Create, Path::new(&kept), "", None, Some("the previous file".to_owned())));
    }
    replace(ctx, path, wanted.attributes(), content, backup)?;
    changes.extend(new);
    Ok(())
}

/// Writes the new content, has it validated, and puts it in its place. A dry run only has it validated.
fn replace(ctx: &Context<'_>, path: &Path, attributes: Attributes, content: &[u8], backup: bool) -> Result<(), Fault> {
    let validate = ctx.args.opt_list_of_str("validate")?.filter(|v| !v.is_empty());
    // Validators may tell formats apart by the ending of the name.
    let mut suffix = OsString::new();
    if validate.is_some()
        && let Some(extension) = path.extension()
    {
        suffix.push(".");
        suffix.push(extension);
    }
    let Some(writer) = ctx.writer() else {
        if let Some(argv) = validate
            && let Some(runner) = ctx.runner(Purpose::Look)
        {
            let candidate = runner.candidate(content, &suffix)?;
            match accept(ctx, runner, &argv, candidate.path()) {
                // The validator may come with a package that is not installed yet.
                Err(fault) if fault.kind == FaultKind::NotStartable => ctx.not_yet(fault)?,
                verdict => verdict?,
            }
        }
        return Ok(());
    };
    let file = NewFile { content: Content::Bytes(content), attributes, fresh_mode: fresh(ctx), suffix: &suffix };
    let staged = writer.stage(path, &file)?;
    if let Some(argv) = validate
        && let Some(runner) = ctx.runner(Purpose::Look)
    {
        accept(ctx, runner, &argv, &staged.path()?)?;
    }
    if backup {
        keep(ctx.look, writer, path)?;
    }
    staged.commit()
}

/// Copies the file beside itself, with its properties.
fn keep(look: &dyn Reader, writer: &dyn crate::system::Writer, path: &Path) -> Result<(), Fault> {
    let Some(stat) = look.lstat(path)? else { return Ok(()) };
    let mut kept = path.as_os_str().to_owned();
    kept.push(".bak");
    let attributes = Attributes { mode: Some(stat.mode), uid: Some(stat.uid), gid: Some(stat.gid) };
    let file = NewFile { content: Content::File(path), attributes, fresh_mode: stat.mode, suffix: OsStr::new("") };
    writer.stage(Path::new(&kept), &file)?.commit()
}

/// Whether the validation command accepts the file at `candidate`.
fn accept(ctx: &Context<'_>, runner: &dyn Runner, validate: &[String], candidate: &Path) -> Result<(), Fault> {
    let candidate = candidate.display().to_string();
    let argv: Vec<String> = validate.iter().map(|word| word.replace("{}", &candidate)).collect();
    let command = Command {
        program: Program::Argv(&argv),
        cwd: None,
        env: ctx.env,
        stdin: None,
        keep: Some(64 * 1024),
        timeout: Some(ctx.timeout.unwrap_or(VALIDATION)),
        user: ctx.user,
    };
    let finished = runner.run(&command, ctx.cancel)?;
    match outcome(&finished, &[0], &shown(&argv)) {
        Ok(()) => Ok(()),
        Err(fault) => Err(Fault::new(FaultKind::Validation, fault.detail)),
    }
}

fn reply(path: &Path, created: bool, size: u64, hash: blake3::Hash, mode: u32) -> Reply {
    Reply::unchanged(data([
        ("path", Value::str(path.display().to_string())),
        ("created", Value::Bool(created)),
        ("size", count(size)),
        ("blake3", Value::str(hash.to_hex().as_str())),
        ("mode", Value::str(mode_text(mode))),
    ]))
}
