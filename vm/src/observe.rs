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

/// Sees nothing.
#[derive(Clone, Copy, Debug)]
pub struct Blind;

impl Observer for Blind {}
