//! What a block has done so far: one attempt, one item, all items.

use crate::host::{Change, Reply};
use crate::outcome::{Outcome, Reason, RecordFields, record};
use ipcmm_bytecode::{Fault, Value};

/// The result of the latest execution of a body or reaction.
#[derive(Clone, Debug)]
pub(super) struct Attempt {
    pub fault: Option<Fault>,
    pub changed: bool,
    pub changes: Vec<Change>,
    pub comment: String,
    pub data: Value,
}

impl From<Reply> for Attempt {
    fn from(reply: Reply) -> Attempt {
        Attempt {
            fault: reply.fault,
            changed: reply.changed,
            changes: reply.changes,
            comment: reply.comment,
            data: reply.data,
        }
    }
}

impl Attempt {
    pub fn done(changed: bool, comment: String, data: Value) -> Attempt {
        Attempt { fault: None, changed, changes: Vec::new(), comment, data }
    }

    pub fn failed(fault: Fault) -> Attempt {
        Attempt { fault: Some(fault), ..Attempt::done(false, String::new(), Value::Null) }
    }

    /// The record that `until`, `failed_if` and `changed_if` see as `result`.
    pub fn record(&self, attempts: u32) -> Value {
        let outcome = match (&self.fault, self.changed) {
            (Some(_), _) => Outcome::Failed,
            (None, true) => Outcome::Changed,
            (None, false) => Outcome::Ok,
        };
        record(RecordFields {
            outcome,
            changed: self.changed,
            comment: &self.comment,
            attempts,
            started: 0,
            duration: 0,
            changes: &self.changes,
            data: &self.data,
            items: &[],
        })
    }
}

/// What several attempts or items add up to.
#[derive(Clone, Debug, Default)]
pub(super) struct Total {
    /// Executions of the body.
    pub attempts: u32,
    /// Whether any body was executed to its end.
    pub ran: bool,
    pub changed: bool,
    /// A dry run could not tell.
    pub unknown: bool,
    /// A reaction was executed.
    pub reacted: bool,
    pub fault: Option<Fault>,
    /// The fault came from a guard, not from the body.
    pub guard_fault: bool,
    pub changes: Vec<Change>,
    pub comment: String,
    pub data: Vec<Value>,
    /// Why the latest skipped item was skipped.
    pub skipped: Option<Reason>,
}

impl Total {
    /// Adds what an attempt changed; its verdict counts only when it is the last.
    pub fn add_attempt(&mut self, attempt: &mut Attempt) {
        self.changed |= attempt.changed;
        self.changes.append(&mut attempt.changes);
    }

    /// Takes the last attempt's verdict.
    pub fn close(&mut self, attempt: Attempt) {
        self.ran = true;
        if !attempt.comment.is_empty() {
            self.comment = attempt.comment;
        }
        if let Some(fault) = attempt.fault {
            self.fault.get_or_insert(fault);
        }
        self.data.push(attempt.data);
    }

    /// Adds a finished child.
    pub fn add_child(&mut self, child: Total, data: Value) {
        self.attempts = self.attempts.saturating_add(child.attempts);
        self.ran |= child.ran;
        self.changed |= child.changed;
        self.unknown |= child.unknown;
        self.reacted |= child.reacted;
        self.guard_fault |= child.guard_fault;
        self.changes.extend(child.changes);
        if !child.comment.is_empty() {
            self.comment = child.comment;
        }
        self.data.push(data);
        if child.skipped.is_some() {
            self.skipped = child.skipped;
        }
    }
}
