//! Observers of a run: progress, report, journal and test recorder are observers, not switches in the machine.

use crate::host::{Call, Reply};
use crate::outcome::TaskEnd;

/// Is told what happens. Every method does nothing unless it is overridden.
pub trait Observer {
    /// A task starts to be judged; its body may still be skipped.
    fn task_started(&mut self, task: u32, now: u64) {
        let _ = (task, now);
    }

    /// The host is asked to execute a built-in.
    fn call_started(&mut self, call: &Call, now: u64) {
        let _ = (call, now);
    }

    /// The host answered.
    fn call_finished(&mut self, task: u32, reply: &Reply, now: u64) {
        let _ = (task, reply, now);
    }

    /// A task has its outcome. This is called once for every task.
    fn task_finished(&mut self, task: u32, end: &TaskEnd) {
        let _ = (task, end);
    }
}

/// Is told which ways tasks take: for coverage. It is asked from inside evaluations, so it only looks and keeps its own
/// notes behind a lock or cell. Every method does nothing unless it is overridden.
pub trait Trace {
    /// A loop of a block has so many items.
    fn looped(&self, block: u32, items: u64) {
        let _ = (block, items);
    }

    /// A condition of a block, by its place among the block's attributes, holds or does not.
    fn judged(&self, block: u32, row: u32, holds: bool) {
        let _ = (block, row, holds);
    }

    /// A conditional jump of a chunk, by the offset of its op, was taken or not.
    fn jumped(&self, chunk: u32, pc: u32, taken: bool) {
        let _ = (chunk, pc, taken);
    }
}

/// Sees nothing.
#[derive(Clone, Copy, Debug)]
pub struct Blind;

impl Observer for Blind {}

impl Trace for Blind {}
