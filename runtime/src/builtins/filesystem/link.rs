//! `ipcmm.filesystem.link`: a symbolic link points to this target.

use super::{prepare_parent, wrong_kind};
use crate::args::data;
use crate::builtins::Context;
use crate::builtins::describe::change;
use crate::system::Kind;
use ipcmm_bytecode::{Fault, FaultKind, Value};
use ipcmm_vm::host::{Change, ChangeKind, Reply};
use std::path::Path;

/// See the table.
pub fn run(ctx: &Context<'_>, changes: &mut Vec<Change>) -> Result<Reply, Fault> {
    let path = ctx.args.path("path")?;
    let to = ctx.args.str("to")?;
    if to.is_empty() || to.contains('\0') {
        return Err(ctx.args.bad("to", "nothing can be called so"));
    }
    let target = Path::new(to);
    let found = ctx.look.load(path, 0)?;
    let mut before = None;
    let new = |kind, before| change(kind, path, "target", before, Some(to.to_owned()));
    match &found {
        None => {
            prepare_parent(ctx, path, changes)?;
            ctx.act(changes, [new(ChangeKind::Create, None)], |w| w.make_link(path, target))?;
        }
        Some(found) => match (found.stat.kind, &found.target) {
            (Kind::Link, Some(present)) => {
                before = Some(present.display().to_string());
                // Compared as written: `a/` and `a` are different targets to programs that read the link.
                if present.as_os_str() != to {
                    ctx.act(changes, [new(ChangeKind::Update, before.clone())], |w| w.make_link(path, target))?;
                }
            }
            (Kind::File, _) if ctx.args.bool("force")? => {
                let gone = change(ChangeKind::Remove, path, "", Some("file".to_owned()), None);
                ctx.act(changes, [gone, new(ChangeKind::Create, None)], |w| w.make_link(path, target))?;
            }
            (Kind::File, _) => {
                let detail = format!("`{}` is a file; `force: true` replaces it by the link", path.display());
                return Err(Fault::new(FaultKind::WrongKind, detail));
            }
            (kind, _) => return Err(wrong_kind(path, kind, "a symbolic link")),
        },
    }
    Ok(Reply::unchanged(data([
        ("path", Value::str(path.display().to_string())),
        ("created", Value::Bool(found.is_none())),
        ("before", before.map_or(Value::Null, Value::str)),
    ])))
}
