//! How tasks end.

use crate::host::Change;
use ipcmm_bytecode::bundle::EdgeKind;
use ipcmm_bytecode::{Fault, Value};

/// Calls `$m!` with every outcome: variant, name, result (as in reports), changed, doc.
#[macro_export]
macro_rules! for_each_outcome {
    ($m:ident) => {
        $m! {
            Ok "ok" Some(true) false "The body succeeded, nothing to do.";
            Changed "changed" Some(true) true "The body or its reaction succeeded and changed something.";
            Failed "failed" Some(false) false "Body, guard, reaction or dry run failed.";
            Skipped "skipped" Some(true) false "A trigger or guard said no; the expected steady state.";
            Blocked "blocked" Some(false) false "A target it needs is failed or blocked.";
            WouldChange "would-change" None true "A dry run predicts a change.";
            NotReached "not-reached" None false "The run was stopped before it.";
        }
    };
}

macro_rules! define_outcomes {
    ($($variant:ident $name:literal $result:ident$(($value:literal))? $changed:literal $doc:literal;)*) => {
        /// The one outcome of a task in a run.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum Outcome { $(#[doc = $doc] $variant,)* }

        impl Outcome {
            /// All outcomes with their names and meanings.
            pub const TABLE: &'static [(Outcome, &'static str, &'static str)] = &[$((Outcome::$variant, $name, $doc)),*];

            /// The name in reports.
            pub const fn name(self) -> &'static str {
                match self { $(Outcome::$variant => $name,)* }
            }

            /// True, false, or unknown.
            pub const fn result(self) -> Option<bool> {
                match self { $(Outcome::$variant => $result$(($value))?,)* }
            }

            /// Whether it stands for a change. (A failed task may have changed something; [`TaskEnd::changed`] knows.)
            pub const fn changed(self) -> bool {
                match self { $(Outcome::$variant => $changed,)* }
            }
        }
    };
}
for_each_outcome!(define_outcomes);

impl Outcome {
    /// Whether the run fails because of it.
    pub const fn is_bad(self) -> bool {
        matches!(self, Outcome::Failed | Outcome::Blocked)
    }
}

/// Calls `$m!` with every reason: variant, name, doc.
#[macro_export]
macro_rules! for_each_reason {
    ($m:ident) => {
        $m! {
            Ran "ran" "The body was executed, or in a dry run asked for its prediction.";
            WatchFired "watch-fired" "The body was executed, and its reaction because a watched target changed.";
            LoopEmpty "loop-empty" "There was nothing to loop over.";
            NotTarget "not-a-target" "The task is not for this node.";
            WhenFalse "when-false" "Its `when` does not hold.";
            OnlyIfFalse "onlyif-false" "Its `onlyif` does not hold.";
            UnlessTrue "unless-true" "Its `unless` holds.";
            GuardError "guard-error" "A guard could not be evaluated.";
            RequisiteFailed "requisite-failed" "A target it needs is failed or blocked.";
            RequisiteSkipped "requisite-skipped" "A target it depends on was skipped.";
            TriggerUnmet "trigger-unmet" "What it is to run for did not happen.";
            ListenFired "listen-fired" "Its reaction was executed after the last task because a target it listens to changed.";
            RunStopped "run-stopped" "The run was stopped.";
            Cancelled "cancelled" "It ran on demand, and nobody waits for it any more.";
            NotKnown "not-known-yet" "A dry run cannot tell: it depends on values known after apply.";
        }
    };
}

macro_rules! define_reasons {
    ($($variant:ident $name:literal $doc:literal;)*) => {
        /// Why a task ended as it did.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Reason { $(#[doc = $doc] $variant,)* }

        impl Reason {
            /// All reasons with their names and meanings.
            pub const TABLE: &'static [(Reason, &'static str, &'static str)] = &[$((Reason::$variant, $name, $doc)),*];

            /// The name in reports.
            pub const fn name(self) -> &'static str {
                match self { $(Reason::$variant => $name,)* }
            }
        }
    };
}
for_each_reason!(define_reasons);

/// Everything known of a task at its end.
#[derive(Clone, Debug)]
pub struct TaskEnd {
    /// How it ended.
    pub outcome: Outcome,
    /// Whether anything was changed, also by a failed task.
    pub changed: bool,
    /// Why.
    pub reason: Reason,
    /// The task that is the reason, where one is.
    pub because: Option<u32>,
    /// The keyword by which that task is the reason.
    pub keyword: Option<EdgeKind>,
    /// Executions of the body, over all items.
    pub attempts: u32,
    /// Start of the first execution, in nanoseconds since the start of the run.
    pub started: u64,
    /// End, in nanoseconds since the start of the run.
    pub ended: u64,
    /// What went wrong.
    pub fault: Option<Fault>,
    /// Differences made or predicted.
    pub changes: Vec<Change>,
    /// One line for people; may be empty.
    pub comment: String,
    /// The typed result: of one step its data, of a loop or a sequence the list of them.
    pub data: Value,
}

impl TaskEnd {
    /// An end without a body having been executed.
    pub fn without_body(outcome: Outcome, reason: Reason, now: u64) -> TaskEnd {
        TaskEnd {
            outcome,
            changed: outcome.changed(),
            reason,
            because: None,
            keyword: None,
            attempts: 0,
            started: now,
            ended: now,
            fault: None,
            changes: Vec::new(),
            comment: String::new(),
            data: Value::Null,
        }
    }

    /// The end of a task of two phases: the worse outcome of both, and what both did.
    pub fn after(mut self, before: &TaskEnd) -> TaskEnd {
        let weight = |outcome: Outcome| match outcome {
            Outcome::NotReached => 0,
            Outcome::Skipped => 1,
            Outcome::Ok => 2,
            Outcome::Changed | Outcome::WouldChange => 3,
            Outcome::Blocked => 4,
            Outcome::Failed => 5,
        };
        if weight(before.outcome) > weight(self.outcome) {
            (self.outcome, self.reason) = (before.outcome, before.reason);
            (self.because, self.keyword) = (before.because, before.keyword);
        }
        self.changed |= before.changed;
        self.attempts = self.attempts.saturating_add(before.attempts);
        if before.attempts > 0 {
            self.started = before.started;
        }
        self.fault = self.fault.take().or_else(|| before.fault.clone());
        self.changes.splice(0..0, before.changes.iter().cloned());
        if self.comment.is_empty() {
            self.comment.clone_from(&before.comment);
        }
        self
    }

    /// The record bound by `result` and read as `results.…`: the fields of every result over those of the built-in.
    pub fn record(&self) -> Value {
        let items = match &self.data {
            Value::List(items) => items.as_slice(),
            _ => &[],
        };
        record(RecordFields {
            outcome: self.outcome,
            changed: self.changed,
            comment: &self.comment,
            attempts: self.attempts,
            started: self.started,
            duration: self.ended - self.started,
            changes: &self.changes,
            data: &self.data,
            items,
        })
    }
}

/// What a result record is made of.
pub(crate) struct RecordFields<'a> {
    pub outcome: Outcome,
    pub changed: bool,
    pub comment: &'a str,
    pub attempts: u32,
    pub started: u64,
    pub duration: u64,
    pub changes: &'a [Change],
    pub data: &'a Value,
    pub items: &'a [Value],
}

/// A result record. The fields of `data` are there directly too, so that `conf.path` reads as one would write it.
pub(crate) fn record(f: RecordFields<'_>) -> Value {
    if *f.data == Value::Unknown {
        return Value::Unknown;
    }
    let mut fields: Vec<(std::sync::Arc<str>, Value)> = match f.data {
        Value::Map(data) => data.iter().map(|(k, v)| (k.clone(), v.clone())).collect(),
        _ => Vec::new(),
    };
    let changes = f.changes.iter().map(|c| {
        Value::map([
            ("kind", Value::str(c.kind.name())),
            ("object", Value::str(c.object.as_str())),
            ("property", Value::str(c.property)),
        ])
    });
    let common: [(&str, Value); 9] = [
        ("outcome", Value::str(f.outcome.name())),
        ("result", f.outcome.result().map_or(Value::Null, Value::Bool)),
        ("changed", Value::Bool(f.changed)),
        ("comment", Value::str(f.comment)),
        ("attempts", Value::Int(f.attempts.into())),
        ("started", Value::Duration(f.started as i64)),
        ("duration", Value::Duration(f.duration as i64)),
        ("changes", Value::list(changes.collect())),
        ("items", Value::list(f.items.to_vec())),
    ];
    fields.extend(common.into_iter().map(|(k, v)| (k.into(), v)));
    fields.push(("data".into(), f.data.clone()));
    Value::map(fields)
}
