//! Parts of tasks that have places of their own in the run order, and listeners.
//!
//! Linear: every part names its owner, and every owner its only part, so that each pair is looked at from both sides
//! once, without a table of who owns what.

use super::bad_row;
use ipcmm_bytecode::Fault;
use ipcmm_bytecode::bundle::rows::*;
use ipcmm_bytecode::bundle::{Bundle, EdgeKind, reader};

/// Flags that may stand together: a row is no part, or one.
pub(super) fn known(flags: u8) -> bool {
    let parts = flags & (TASK_DRY | TASK_BEFORE);
    flags & !(TASK_STOPS | TASK_KEEPS_RESULT | TASK_TEST | TASK_DEMAND | TASK_DRY | TASK_BEFORE) == 0
        && parts != TASK_DRY | TASK_BEFORE
        && (parts == 0 || flags & TASK_TEST == 0)
}

pub(super) fn is_part(row: &TaskRow) -> bool {
    row.flags & (TASK_DRY | TASK_BEFORE) != 0
}

/// Whether an edge of a kind may lead from `task` to the row at `target`.
pub(super) fn leads_to(bundle: &Bundle<'_>, kind: EdgeKind, task: u32, target: u32) -> bool {
    let Some(row) = bundle.tasks().get(target as usize) else { return false };
    match kind {
        EdgeKind::Prereq => row.flags & TASK_DRY != 0,
        EdgeKind::Own => is_part(row) && row.block.get() == task,
        EdgeKind::Prepared => row.flags & TASK_DRY == 0,
        _ => !is_part(row),
    }
}

/// A part is named by the one `own` edge of its owner, which stands behind it; a task has at most one such edge, and
/// what it owns is a dry run, or the first phase of a task that is no part itself. A part keeps no result.
pub(super) fn owned(bundle: &Bundle<'_>, number: u32, row: &TaskRow, edges: &[U32]) -> Result<(), &'static str> {
    let own = |edges: &[U32]| {
        let mut found = edges.iter().map(|e| reader::unpack_edge(e.get())).filter(|(k, _)| *k == Some(EdgeKind::Own));
        (found.next().map(|(_, target)| target), found.next().is_some())
    };
    let (part, several) = own(edges);
    if several {
        return Err("has two parts of its own");
    }
    if let Some(part) = part
        && is_part(row)
        && (row.flags & TASK_DRY != 0 || bundle.tasks().get(part as usize).is_none_or(|p| p.flags & TASK_DRY == 0))
    {
        return Err("is a part with a part that it cannot have");
    }
    if !is_part(row) {
        return Ok(());
    }
    let owner = row.block.get();
    let found = bundle.tasks().get(owner as usize).and_then(|owner| {
        let end = owner.edges.get().checked_add(owner.edges_len.get())?;
        bundle.edges().get(owner.edges.get() as usize..end as usize)
    });
    match found {
        _ if owner <= number || row.flags & TASK_KEEPS_RESULT != 0 => Err("is a part of no later task"),
        Some(edges) if own(edges).0 == Some(number) => Ok(()),
        _ => Err("is a part of a task that does not name it"),
    }
}

/// Rows ascend, so none is there twice; both ends are tasks and no parts of them, and nobody listens to itself.
pub(super) fn listens(bundle: &Bundle<'_>) -> Result<(), Fault> {
    let rows = bundle.listens();
    let key = |row: &ipcmm_bytecode::bundle::rows::ListenRow| (row.target.get(), row.listener.get());
    if !rows.windows(2).all(|w| key(&w[0]) < key(&w[1])) {
        return Err(bad_row("listeners are not in ascending order"));
    }
    let task = |number: u32| bundle.tasks().get(number as usize).is_some_and(|row| !is_part(row));
    let crosses = |target: u32, listener: u32| bundle.is_on_demand(target) != bundle.is_on_demand(listener);
    let bad = |(target, listener): &(u32, u32)| {
        !task(*target) || !task(*listener) || target == listener || crosses(*target, *listener)
    };
    match rows.iter().map(key).find(bad) {
        Some((target, listener)) => Err(bad_row(format_args!("task {listener} cannot listen to task {target}"))),
        None => Ok(()),
    }
}

/// A list of tasks that an argument of `task` names: tasks on demand that stand before it, in ascending order. Gives
/// how many rows it has, its length included.
pub(super) fn selection(bundle: &Bundle<'_>, task: u32, start: u32) -> Result<u32, String> {
    let tasks = bundle.selection(start).ok_or("names tasks that are not there")?;
    let mut previous = None;
    for row in tasks {
        let number = row.get();
        if number >= task || previous.is_some_and(|p| p >= number) {
            return Err(format!("runs task {number}, which stands behind it or is named before"));
        }
        if !bundle.is_on_demand(number) || bundle.is_part(number) {
            return Err(format!("runs task {number}, which is not on demand"));
        }
        previous = Some(number);
    }
    Ok(tasks.len() as u32 + 1)
}
