//! Observers of a run: progress, report, journal and test recorder are observers, not switches in the machine.

use crate::host::{Call, Mode, Reply};
use crate::outcome::TaskEnd;
use ipcmm_bytecode::{Fault, Value};

/// Tasks that a task runs on demand, from the moment it starts them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subrun {
    /// Its number in the run, from 1, in the order in which they start.
    pub number: u32,
    /// The task that started it.
    pub caller: u32,
    /// The number of the subrun which that task belongs to; 0 for the run itself.
    pub within: u32,
    /// Apply, or check where the caller wants to know only.
    pub mode: Mode,
}

/// How a subrun ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SubrunEnd {
    /// Failed and blocked tasks of it.
    pub bad: u32,
    /// Whether anything was changed.
    pub changed: bool,
    /// It was cancelled.
    pub cancelled: bool,
    /// Nanoseconds since the start of the run.
    pub ended: u64,
}

/// What became of an event for one of those that listen to it.
#[derive(Clone, Copy, Debug)]
pub enum Delivery<'a> {
    /// A handler runs for it.
    Started(&'a Subrun),
    /// The handler has ended.
    Ended(&'a Subrun, &'a SubrunEnd),
    /// No handler runs for it, and why.
    Dropped(&'a str),
    /// It is not known whether it counts, or the handler could not be started.
    Faulty(&'a Fault),
}

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

    /// A task, or a part of one, has come to its own end; as a listener it may still react after the last task. This is
    /// not called for ends that are restored.
    fn task_settled(&mut self, task: u32, end: &TaskEnd) {
        let _ = (task, end);
    }

    /// A listener begins its reaction by another way than `listen`, or what stands for it.
    fn reaction_started(&mut self, task: u32) {
        let _ = task;
    }

    /// A reaction that an earlier run owed was carried out, before all tasks.
    fn owed_delivered(&mut self, task: u32, end: &TaskEnd) {
        let _ = (task, end);
    }

    /// A listener that is told of next still owes a reaction, because the run is stopped before it.
    fn reaction_kept(&mut self, task: u32) {
        let _ = task;
    }

    /// What is told of a task next is not of this run but of the one it goes on with.
    fn task_restored(&mut self, task: u32) {
        let _ = task;
    }

    /// Whether the run must start nothing new, because what observes it cannot do so any more.
    fn halts(&self) -> bool {
        false
    }

    /// A task has its outcome. This is called once for every task.
    fn task_finished(&mut self, task: u32, end: &TaskEnd) {
        let _ = (task, end);
    }

    /// A task runs others on demand.
    fn subrun_started(&mut self, subrun: &Subrun, now: u64) {
        let _ = (subrun, now);
    }

    /// As [`Observer::task_started`], of a task on demand: it may run in many subruns.
    fn task_started_in(&mut self, subrun: &Subrun, task: u32, now: u64) {
        let _ = (subrun, task, now);
    }

    /// As [`Observer::call_started`], of a task on demand.
    fn call_started_in(&mut self, subrun: &Subrun, call: &Call, now: u64) {
        let _ = (subrun, call, now);
    }

    /// As [`Observer::call_finished`], of a task on demand.
    fn call_finished_in(&mut self, subrun: &Subrun, task: u32, reply: &Reply, now: u64) {
        let _ = (subrun, task, reply, now);
    }

    /// As [`Observer::task_finished`], of a task on demand: once for every task of a subrun.
    fn task_finished_in(&mut self, subrun: &Subrun, task: u32, end: &TaskEnd) {
        let _ = (subrun, task, end);
    }

    /// A subrun is over.
    fn subrun_finished(&mut self, subrun: &Subrun, end: &SubrunEnd) {
        let _ = (subrun, end);
    }

    /// An event was delivered, or not. `cause` is what listens, such as `bind main/watch`. What went wrong in a handler,
    /// or was faulty, makes the run fail.
    fn delivery(&mut self, cause: &str, event: &Value, delivery: &Delivery<'_>, now: u64) {
        let _ = (cause, event, delivery, now);
    }

    /// A subrun that went wrong was joined by nobody: the run fails by it.
    fn left_loose(&mut self, subrun: &Subrun) {
        let _ = subrun;
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

/// Two observers; the second is told after the first.
pub struct Both<'a>(pub &'a mut dyn Observer, pub &'a mut dyn Observer);

impl std::fmt::Debug for Both<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Both")
    }
}

impl Observer for Both<'_> {
    fn task_started(&mut self, task: u32, now: u64) {
        self.0.task_started(task, now);
        self.1.task_started(task, now);
    }

    fn call_started(&mut self, call: &Call, now: u64) {
        self.0.call_started(call, now);
        self.1.call_started(call, now);
    }

    fn call_finished(&mut self, task: u32, reply: &Reply, now: u64) {
        self.0.call_finished(task, reply, now);
        self.1.call_finished(task, reply, now);
    }

    fn task_settled(&mut self, task: u32, end: &TaskEnd) {
        self.0.task_settled(task, end);
        self.1.task_settled(task, end);
    }

    fn reaction_started(&mut self, task: u32) {
        self.0.reaction_started(task);
        self.1.reaction_started(task);
    }

    fn owed_delivered(&mut self, task: u32, end: &TaskEnd) {
        self.0.owed_delivered(task, end);
        self.1.owed_delivered(task, end);
    }

    fn reaction_kept(&mut self, task: u32) {
        self.0.reaction_kept(task);
        self.1.reaction_kept(task);
    }

    fn task_restored(&mut self, task: u32) {
        self.0.task_restored(task);
        self.1.task_restored(task);
    }

    fn halts(&self) -> bool {
        self.0.halts() || self.1.halts()
    }

    fn task_finished(&mut self, task: u32, end: &TaskEnd) {
        self.0.task_finished(task, end);
        self.1.task_finished(task, end);
    }

    fn subrun_started(&mut self, subrun: &Subrun, now: u64) {
        self.0.subrun_started(subrun, now);
        self.1.subrun_started(subrun, now);
    }

    fn task_started_in(&mut self, subrun: &Subrun, task: u32, now: u64) {
        self.0.task_started_in(subrun, task, now);
        self.1.task_started_in(subrun, task, now);
    }

    fn call_started_in(&mut self, subrun: &Subrun, call: &Call, now: u64) {
        self.0.call_started_in(subrun, call, now);
        self.1.call_started_in(subrun, call, now);
    }

    fn call_finished_in(&mut self, subrun: &Subrun, task: u32, reply: &Reply, now: u64) {
        self.0.call_finished_in(subrun, task, reply, now);
        self.1.call_finished_in(subrun, task, reply, now);
    }

    fn task_finished_in(&mut self, subrun: &Subrun, task: u32, end: &TaskEnd) {
        self.0.task_finished_in(subrun, task, end);
        self.1.task_finished_in(subrun, task, end);
    }

    fn subrun_finished(&mut self, subrun: &Subrun, end: &SubrunEnd) {
        self.0.subrun_finished(subrun, end);
        self.1.subrun_finished(subrun, end);
    }

    fn left_loose(&mut self, subrun: &Subrun) {
        self.0.left_loose(subrun);
        self.1.left_loose(subrun);
    }

    fn delivery(&mut self, cause: &str, event: &Value, delivery: &Delivery<'_>, now: u64) {
        self.0.delivery(cause, event, delivery, now);
        self.1.delivery(cause, event, delivery, now);
    }
}

/// Sees nothing.
#[derive(Clone, Copy, Debug)]
pub struct Blind;

impl Observer for Blind {}

impl Trace for Blind {}
