//! `ipcmm.filesystem.absent`: nothing is at a path.

use super::{refuse_vital, remove_tree};
use crate::args::data;
use crate::builtins::Context;
use crate::builtins::describe::change;
use crate::system::Kind;
use ipcmm_bytecode::{Fault, FaultKind, Value};
use ipcmm_vm::host::{Change, ChangeKind, Reply};

/// See the table.
pub fn run(ctx: &Context<'_>, changes: &mut Vec<Change>) -> Result<Reply, Fault> {
    let path = ctx.args.path("path")?;
    let stat = match ctx.look.lstat(path) {
        // A path through something that is no directory leads to nothing.
        Err(fault) if fault.kind == FaultKind::WrongKind => None,
        stat => stat?,
    };
    if let Some(stat) = stat {
        if stat.kind == Kind::Dir {
            refuse_vital(ctx, path)?;
            if !ctx.args.bool("recurse")? && !ctx.look.list(path)?.is_empty() {
                let detail = format!("directory `{}` is not empty; `recurse: true` removes it", path.display());
                return Err(Fault::new(FaultKind::WrongKind, detail));
            }
        }
        let gone = change(ChangeKind::Remove, path, "", Some(stat.kind.name().to_owned()), None);
        ctx.act(changes, [gone], |_| remove_tree(ctx, path, stat.kind).map(|_| ()))?;
    }
    Ok(Reply::unchanged(data([
        ("path", Value::str(path.display().to_string())),
        ("existed", Value::Bool(stat.is_some())),
    ])))
}
