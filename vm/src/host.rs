//! What the machine asks of the world, and what it is told. The runtime implements [`Host`]; tests
//! have one that only pretends. Nothing here blocks or knows an operating system.

use ipcmm_bytecode::{Fault, Function, Value};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Whether the run changes the host or only says what it would change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Make it so.
    Apply,
    /// A dry run: look, predict, change nothing.
    Check,
}

/// Which part of a task's life a call belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The body.
    Body,
    /// A command given to `onlyif` or `unless`. It is executed in dry runs too.
    Guard,
    /// The reaction to a watched change.
    Reaction,
}

/// One execution of a built-in.
#[derive(Clone, Debug)]
pub struct Call {
    /// The task, by its place in the run order.
    pub task: u32,
    /// Frozen number of the built-in.
    pub builtin: u16,
    /// Arguments that were given, by parameter number, in ascending order.
    pub args: Vec<(u16, Value)>,
    /// Apply or check.
    pub mode: Mode,
    /// Body, guard or reaction.
    pub phase: Phase,
    /// Which execution this is, from 1.
    pub attempt: u32,
    /// The user the work is done as; the agent's own if unset.
    pub runas: Option<Arc<str>>,
    /// Environment variables on top of the small fixed environment.
    pub env: Arc<[(Arc<str>, Arc<str>)]>,
    /// Time left by the `timeout` of the task, if it has one.
    pub timeout: Option<Duration>,
    /// Says when nobody waits for the answer any more. Whoever carries the call out hands it to [`Host::call`].
    pub cancel: Cancel,
}

/// A sign that nobody waits for an answer any more. Long calls look at it often and stop.
///
/// Signs form a tree: whoever cancels one cancels all below it and nothing beside it.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<Sign>);

#[derive(Debug, Default)]
struct Sign {
    cancelled: AtomicBool,
    above: Option<Cancel>,
}

impl Cancel {
    /// A sign below this one.
    pub fn below(&self) -> Cancel {
        Cancel(Arc::new(Sign { cancelled: AtomicBool::new(false), above: Some(self.clone()) }))
    }

    /// A fresh sign below whatever is above this one.
    pub fn beside(&self) -> Cancel {
        Cancel(Arc::new(Sign { cancelled: AtomicBool::new(false), above: self.0.above.clone() }))
    }

    /// Asks the call to stop.
    pub fn cancel(&self) {
        self.0.cancelled.store(true, Ordering::Release);
    }

    /// Whether it, or a sign above it, was asked to stop.
    pub fn is_cancelled(&self) -> bool {
        let mut sign = &*self.0;
        loop {
            match &sign.above {
                _ if sign.cancelled.load(Ordering::Acquire) => return true,
                Some(above) => sign = &*above.0,
                None => return false,
            }
        }
    }
}

/// What kind of difference a change is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// Something new.
    Create,
    /// Something that was there looks different.
    Update,
    /// Something is gone.
    Remove,
    /// Something ran.
    Run,
}

impl ChangeKind {
    /// The word used in reports.
    pub const fn name(self) -> &'static str {
        match self {
            ChangeKind::Create => "create",
            ChangeKind::Update => "update",
            ChangeKind::Remove => "remove",
            ChangeKind::Run => "run",
        }
    }
}

/// One difference a call made, or in a dry run would make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What kind.
    pub kind: ChangeKind,
    /// The object: a path, a command.
    pub object: String,
    /// What differs: `content`, `mode`, `owner`, `target`, … Empty for the object as a whole.
    pub property: &'static str,
    /// The value before, as text; bounded.
    pub before: Option<String>,
    /// The value after, as text; bounded.
    pub after: Option<String>,
    /// A unified diff where both values are texts of several lines.
    pub diff: Option<String>,
}

/// The answer to a [`Call`].
#[derive(Clone, Debug)]
pub struct Reply {
    /// What went wrong, if the call failed.
    pub fault: Option<Fault>,
    /// Whether something was changed (in a dry run: would be).
    pub changed: bool,
    /// The single differences.
    pub changes: Vec<Change>,
    /// One short line for people; may be empty.
    pub comment: String,
    /// The typed result of the built-in: a map of the fields its row names.
    pub data: Value,
}

impl Reply {
    /// Success without a change.
    pub fn unchanged(data: Value) -> Reply {
        Reply { fault: None, changed: false, changes: Vec::new(), comment: String::new(), data }
    }

    /// Success with changes (none of them: unchanged).
    pub fn changes(changes: Vec<Change>, data: Value) -> Reply {
        Reply { fault: None, changed: !changes.is_empty(), changes, comment: String::new(), data }
    }

    /// A failure.
    pub fn failed(fault: Fault) -> Reply {
        Reply { fault: Some(fault), changed: false, changes: Vec::new(), comment: String::new(), data: Value::Null }
    }
}

/// The world as the machine sees it. Calls block the calling thread; drivers decide which thread that is.
pub trait Host: Send + Sync {
    /// Executes a built-in that runs on the host. In [`Mode::Check`] nothing may be changed, except in [`Phase::Guard`].
    fn call(&self, call: &Call, cancel: &Cancel) -> Reply;
    /// Answers a function of effect `read`.
    fn probe(&self, function: Function, args: &[Value]) -> Result<Value, Fault>;
    /// The value of a fact, gathered when first asked for.
    fn fact(&self, path: &str) -> Result<Value, Fault>;
}
