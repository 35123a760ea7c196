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
    /// It is executed in any case; only a dry run may not know.
    pub sure: bool,
    /// Something changes in any case.
    pub sure_changed: bool,
    /// How it may fail.
    pub may_fail: Option<Box<Fault>>,
}

impl From<Reply> for Attempt {
    fn from(reply: Reply) -> Attempt {
        let sure_changed = reply.changed && (reply.changes.is_empty() || reply.changes.iter().any(|c| !c.may));
        Attempt {
            sure: true,
            sure_changed,
            may_fail: None,
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
        let (sure_changed, may_fail) = (changed, None);
        Attempt { fault: None, changed, changes: Vec::new(), comment, data, sure: true, sure_changed, may_fail }
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
    /// A body is executed to its end in any case; only a dry run may not know.
    pub sure: bool,
    /// Something changes in any case.
    pub sure_changed: bool,
    /// What goes wrong if it is gone to, where a dry run cannot tell whether it is.
    pub may_fail: Option<Box<Fault>>,
    /// `when` says that none of it is to be done.
    pub inapplicable: bool,
    /// A dry run could not tell something.
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
        self.sure_changed |= attempt.sure_changed;
        self.changes.append(&mut attempt.changes);
    }

    /// Takes the last attempt's verdict.
    pub fn close(&mut self, attempt: Attempt) {
        self.ran = true;
        self.sure |= attempt.sure;
        self.may_fail = self.may_fail.take().or(attempt.may_fail);
        if !attempt.comment.is_empty() {
            self.comment = attempt.comment;
        }
        if let Some(fault) = attempt.fault {
            self.fault.get_or_insert(fault);
        }
        self.data.push(attempt.data);
    }

    /// It is in doubt whether any of it is gone to.
    pub fn doubt(&mut self) {
        (self.sure, self.sure_changed, self.unknown) = (false, false, true);
        self.may_fail = self.fault.take().map(Box::new).or(self.may_fail.take());
        self.changes.iter_mut().for_each(|change| change.may = true);
    }

    /// Adds a finished child.
    pub fn add_child(&mut self, child: Total, data: Value) {
        self.attempts = self.attempts.saturating_add(child.attempts);
        self.ran |= child.ran;
        self.changed |= child.changed;
        self.sure |= child.sure;
        self.sure_changed |= child.sure_changed;
        self.may_fail = self.may_fail.take().or(child.may_fail);
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
