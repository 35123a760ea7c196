//! What a run asks of whoever keeps the tables of events, and what it is told.
//!
//! Unaware of: patterns, calendars, queues. The run hands on what a task wants, evaluates conditions when it is asked to,
//! starts and gives up what it is told to, and says when that has ended.

use crate::host::{Mode, Reply};
pub use crate::machine::fiber::Captured;
use ipcmm_bytecode::catalog::Intrinsic;
use ipcmm_bytecode::{Fault, Value};
use std::sync::Arc;

/// A condition, or a key, over `event`.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// The chunk of the bundle.
    pub chunk: u32,
    /// What it sees of the task it was written in.
    pub captured: Captured,
}

/// What a task wants of the tables.
#[derive(Clone, Debug)]
pub struct Ask {
    /// Which built-in it is.
    pub which: Intrinsic,
    /// Its frozen number.
    pub builtin: u16,
    /// Who asks: the task, and the element of its loop.
    pub name: Arc<str>,
    /// Arguments that were given, by parameter number.
    pub args: Vec<(u16, Value)>,
    /// Conditions that were given, by parameter number.
    pub conditions: Vec<(u16, Condition)>,
    /// What runs: equal numbers are equal tasks.
    pub handler: Option<u32>,
    /// What handlers see of the task that asks.
    pub captured: Captured,
    /// Make it so, or say what would change.
    pub mode: Mode,
}

/// What came of it.
#[derive(Debug)]
pub struct Answer {
    /// For the task.
    pub reply: Reply,
    /// The cause, if the task is answerable from now on for what is delivered by it.
    pub installed: Option<Arc<str>>,
    /// What follows.
    pub due: Vec<Due>,
}

/// What is to be done.
#[derive(Clone, Debug)]
pub enum Due {
    /// Run a handler.
    Start {
        /// The number of the delivery.
        id: u64,
        /// Who wants it.
        cause: Arc<str>,
        /// What runs.
        handler: u32,
        /// What handlers see as `event`.
        event: Value,
    },
    /// Give it up.
    Cancel(u64),
    /// A delivery will not be made.
    Dropped {
        /// Who wanted it.
        cause: Arc<str>,
        /// The event.
        event: Value,
        /// Why not.
        why: &'static str,
    },
    /// A condition could not be judged, so the event is not for that cause.
    Fault {
        /// Whose condition.
        cause: Arc<str>,
        /// The event.
        event: Value,
        /// What went wrong.
        fault: Fault,
    },
}

/// Evaluates conditions.
pub trait Judge {
    /// The value of a condition over an event.
    ///
    /// # Errors
    /// What went wrong in it.
    fn value(&mut self, condition: &Condition, event: &Value) -> Result<Value, Fault>;
}

/// Keeps the tables. `now` is the time of the run in nanoseconds.
pub trait Events {
    /// Does what a task wants, or says what it would change.
    fn ask(&mut self, ask: &Ask, now: u64, judge: &mut dyn Judge) -> Answer;
    /// Something happened outside of the run.
    fn happened(&mut self, name: &str, payload: Value, now: u64, judge: &mut dyn Judge) -> Vec<Due>;
    /// Time has passed.
    fn tick(&mut self, now: u64, judge: &mut dyn Judge) -> Vec<Due>;
    /// A delivery has ended.
    fn finished(&mut self, id: u64, now: u64, judge: &mut dyn Judge) -> Vec<Due>;
    /// After how many nanoseconds time has something to bring, if nothing else happens.
    fn wakes_in(&self, now: u64) -> Option<u64>;
    /// Whether events are held back that will be delivered in this run.
    fn holds_back(&self) -> bool;
}
