//! Schedulers: policies over one state machine. A policy is told what finished and answers what may start; it knows
//! nothing of time, threads or what tasks do.
//!
//! Law, tested on random graphs: outcomes do not depend on the policy.

mod judged;
mod parallel;
mod sequential;
pub mod state;

pub use judged::{Doubt, Judged};
pub use parallel::Parallel;
pub use sequential::Sequential;
pub use state::{Cause, States, TaskState, Verdict};

/// Which policy a run uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyKind {
    /// One task at a time, in run order. Dry runs always use it.
    Sequential,
    /// As `modeofexec` says; tasks that do not say it are `sync`.
    AsWritten,
    /// As `modeofexec` says; tasks that do not say it (`sync`) are taken as `parallel`.
    Parallel,
}

/// What may happen next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// This task, whose targets have all finished, may start.
    Start(u32),
    /// Nothing until something finishes.
    Wait,
    /// Nothing any more.
    End,
}

/// Decides what may start.
pub trait Policy {
    /// What may happen next. After `Start` the task counts as running.
    fn next(&mut self, states: &States<'_>) -> Next;
    /// A task finished; `ready` are the tasks of which it was the last unfinished target.
    fn finished(&mut self, task: u32, ready: &[u32], states: &States<'_>);
}
