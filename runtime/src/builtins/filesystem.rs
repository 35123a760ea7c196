//! What the built-ins on files share: owners, properties, parent directories. One file for each built-in.

pub mod absent;
pub mod copy;
pub mod dir;
pub mod file;
pub mod line;
pub mod link;

use super::Context;
use super::describe::{change, group_text, mode_text, user_text};
use crate::system::{Attributes, Found, Kind, Stat};
use ipcmm_bytecode::{Fault, FaultKind};
use ipcmm_vm::host::{Change, ChangeKind};
use std::path::Path;

/// An owner that was asked for.
#[derive(Clone, Debug)]
struct Owner {
    /// Its number, if it is known already.
    id: Option<u32>,
    /// As it was written.
    text: String,
}

/// The properties that were asked for.
#[derive(Clone, Debug)]
struct Wanted {
    owner: Option<Owner>,
    group: Option<Owner>,
    mode: Option<u32>,
}

impl Wanted {
    /// From the arguments `owner`, `group` and `mode`.
    fn of(ctx: &Context<'_>) -> Result<Wanted, Fault> {
        let user = |name: &str| Ok(ctx.look.user(name)?.map(|u| u.uid));
        let owner = owner(ctx, "owner", "user", user)?;
        let group = owner_of_group(ctx)?;
        Ok(Wanted { owner, group, mode: ctx.args.opt_mode("mode")? })
    }

    /// As the system takes them.
    fn attributes(&self) -> Attributes {
        let id = |owner: &Option<Owner>| owner.as_ref().and_then(|o| o.id);
        Attributes { mode: self.mode, uid: id(&self.owner), gid: id(&self.group) }
    }

    /// Only owner and group.
    fn ownership(&self) -> Wanted {
        Wanted { mode: None, ..self.clone() }
    }

    /// How what is at a path differs from what was asked for.
    fn differences(&self, ctx: &Context<'_>, path: &Path, stat: &Stat) -> Vec<Change> {
        let mut changes = Vec::new();
        let mut differs = |property, before, after| {
            changes.push(change(ChangeKind::Update, path, property, Some(before), Some(after)));
        };
        if let Some(owner) = self.owner.as_ref().filter(|o| o.id != Some(stat.uid)) {
            differs("owner", user_text(ctx.look, stat.uid), owner.name(|id| user_text(ctx.look, id)));
        }
        if let Some(group) = self.group.as_ref().filter(|g| g.id != Some(stat.gid)) {
            differs("group", group_text(ctx.look, stat.gid), group.name(|id| group_text(ctx.look, id)));
        }
        if let Some(mode) = self.mode.filter(|m| *m != stat.mode && stat.kind != Kind::Link) {
            differs("mode", mode_text(stat.mode), mode_text(mode));
        }
        changes
    }

    /// The properties of something new.
    fn of_new(&self, ctx: &Context<'_>, path: &Path, fresh_mode: u32) -> Vec<Change> {
        let new = |property, after| change(ChangeKind::Create, path, property, None, Some(after));
        let owner = self.owner.as_ref().map(|o| new("owner", o.name(|id| user_text(ctx.look, id))));
        let group = self.group.as_ref().map(|g| new("group", g.name(|id| group_text(ctx.look, id))));
        let mode = new("mode", mode_text(self.mode.unwrap_or(fresh_mode)));
        owner.into_iter().chain(group).chain([mode]).collect()
    }

    /// Gives what is at a path the properties it lacks.
    fn apply(&self, ctx: &Context<'_>, path: &Path, stat: &Stat, changes: &mut Vec<Change>) -> Result<(), Fault> {
        let different = self.differences(ctx, path, stat);
        if different.is_empty() {
            return Ok(());
        }
        let mut attributes = self.attributes();
        let new_owner = attributes.uid.is_some_and(|u| u != stat.uid) || attributes.gid.is_some_and(|g| g != stat.gid);
        if new_owner && attributes.mode.is_none() && stat.kind == Kind::File {
            // The kernel clears set-id bits when the owner changes; nobody asked for that.
            attributes.mode = Some(stat.mode);
        }
        ctx.act(changes, different, |w| w.set(path, attributes))
    }
}

impl Owner {
    /// The name if the number has one, else as it was written.
    fn name(&self, of: impl Fn(u32) -> String) -> String {
        self.id.map_or_else(|| self.text.clone(), of)
    }
}

fn owner_of_group(ctx: &Context<'_>) -> Result<Option<Owner>, Fault> {
    owner(ctx, "group", "group", |name| ctx.look.group(name))
}

/// An owner by name or by digits. A dry run accepts a name that nobody has yet.
fn owner(
    ctx: &Context<'_>,
    param: &str,
    what: &str,
    by_name: impl Fn(&str) -> Result<Option<u32>, Fault>,
) -> Result<Option<Owner>, Fault> {
    let Some(text) = ctx.args.opt_str(param)? else { return Ok(None) };
    let owned = || text.to_owned();
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        // The greatest number means "leave it" to the kernel.
        return match text.parse().ok().filter(|id| *id != u32::MAX) {
            Some(id) => Ok(Some(Owner { id: Some(id), text: owned() })),
            None => Err(ctx.args.bad(param, format!("`{text}` is too large for a number of a {what}"))),
        };
    }
    let id = by_name(text)?;
    if id.is_none() {
        ctx.not_yet(Fault::new(FaultKind::UnknownUser, format!("{what} `{text}`")))?;
    }
    Ok(Some(Owner { id, text: owned() }))
}

/// Makes the missing directories above `path` if `parents` says so. A dry run notes a missing one.
fn prepare_parent(ctx: &Context<'_>, path: &Path, changes: &mut Vec<Change>) -> Result<(), Fault> {
    // The list ends at the first that exists: what is above it exists, too.
    let mut missing = Vec::new();
    for dir in path.ancestors().skip(1) {
        match ctx.look.lstat(dir)? {
            // A link is followed on the way, or refused, when something is done below it.
            Some(stat) if matches!(stat.kind, Kind::Dir | Kind::Link) => break,
            Some(stat) => return Err(wrong_kind(dir, stat.kind, "a directory")),
            None => missing.push(dir),
        }
    }
    if let Some(nearest) = missing.first()
        && !ctx.args.bool("parents")?
    {
        return ctx.not_yet(Fault::new(
            FaultKind::NotFound,
            format!("directory `{}`; `parents: true` makes it", nearest.display()),
        ));
    }
    for dir in missing.into_iter().rev() {
        let attributes = Attributes { mode: Some(0o755), ..Attributes::default() };
        let made = change(ChangeKind::Create, dir, "", None, Some("directory".to_owned()));
        ctx.act(changes, [made], |w| w.make_dir(dir, attributes))?;
    }
    Ok(())
}

/// The fault of something else than expected at a path.
fn wrong_kind(path: &Path, kind: Kind, wanted: &str) -> Fault {
    Fault::new(FaultKind::WrongKind, format!("`{}` is a {}, not {wanted}", path.display(), kind.name()))
}

/// Refuses everything but one kind. A link is named with its target, which is what was meant, perhaps.
fn expect(wanted: Kind, path: &Path, found: &Found) -> Result<(), Fault> {
    match (found.stat.kind, &found.target) {
        (kind, _) if kind == wanted => Ok(()),
        (Kind::Link, Some(target)) => {
            let full = path.parent().map_or_else(|| target.clone(), |dir| dir.join(target));
            let detail = format!(
                "`{}` is a symbolic link to `{}`; to manage its target, name `{}`",
                path.display(),
                target.display(),
                full.display()
            );
            Err(Fault::new(FaultKind::WrongKind, detail))
        }
        (kind, _) => Err(wrong_kind(path, kind, &format!("a {}", wanted.name()))),
    }
}

/// Directories whose content is the system itself.
const SYSTEM: [&str; 21] = [
    "bin", "boot", "dev", "etc", "home", "lib", "lib32", "lib64", "libx32", "media", "mnt", "nix", "opt", "proc",
    "root", "run", "sbin", "srv", "sys", "usr", "var",
];

/// Refuses to empty or remove the root, a top-level system directory, or anything with a mount point in it.
fn refuse_vital(ctx: &Context<'_>, path: &Path) -> Result<(), Fault> {
    let mut parts = path.components().skip(1).filter(|c| c.as_os_str() != ".");
    let vital = match (parts.next(), parts.next()) {
        (None, _) => true,
        (Some(top), None) => SYSTEM.iter().any(|name| top.as_os_str() == *name),
        _ => false,
    };
    let path_text = path.display();
    if vital {
        let detail = format!("`{path_text}` holds the system itself and is not removed");
        return Err(Fault::new(FaultKind::BadArgument, detail));
    }
    match ctx.look.mounts_below(path)?.first() {
        Some(mount) => {
            let detail = format!("`{}` is a mount point; nothing is removed from `{path_text}`", mount.display());
            Err(Fault::new(FaultKind::WrongKind, detail))
        }
        None => Ok(()),
    }
}

/// Removes what is at a path with all it holds, the deepest first; returns the number of entries.
fn remove_tree(ctx: &Context<'_>, path: &Path, kind: Kind) -> Result<u64, Fault> {
    let Some(writer) = ctx.writer() else { return Ok(0) };
    if kind != Kind::Dir {
        writer.remove_file(path)?;
        return Ok(1);
    }
    let mut removed = 0;
    // A directory is met twice: to look into it, and, once it is empty, to remove it.
    let mut todo = vec![(path.to_owned(), false)];
    while let Some((dir, emptied)) = todo.pop() {
        ctx.still_wanted()?;
        if emptied {
            writer.remove_dir(&dir)?;
            removed += 1;
            continue;
        }
        let entries = ctx.look.list(&dir)?;
        todo.push((dir.clone(), true));
        for entry in entries {
            let below = dir.join(&entry.name);
            match entry.stat.kind {
                Kind::Dir => todo.push((below, false)),
                _ => {
                    writer.remove_file(&below)?;
                    removed += 1;
                }
            }
        }
    }
    Ok(removed)
}
