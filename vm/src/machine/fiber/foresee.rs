//! The end of a task in a dry run: what a run may come to, as far as can be told.
//!
//! A condition that is not known yet, and a need that is not decided yet, leave in doubt whether the task is gone to.
//! What it would do is foreseen all the same, so that nothing happens that was not named.

use super::*;

impl Fiber {
    pub(super) fn foresee(&self, mut total: Total, data: Value, around: &Surroundings<'_>) -> TaskEnd {
        let refusals = if total.inapplicable { Outcomes::NONE } else { self.doubt.refusals };
        let mut possible = refusals.with(Outcome::Failed, total.fault.is_some() || total.may_fail.is_some());
        if total.fault.is_none() {
            possible = possible
                .with(Outcome::WouldChange, total.changed)
                .with(Outcome::Ok, total.ran && !total.sure_changed)
                .with(Outcome::Skipped, !total.sure);
        }
        if !refusals.is_empty() {
            total.doubt();
        }
        let failed = total.fault.is_some();
        let outcome = foreseen(possible);
        let in_doubt = possible.are_several();
        let changed = total.changed || outcome == Outcome::WouldChange;
        let reason = match () {
            () if in_doubt => Reason::NotKnown,
            () if failed && total.guard_fault => Reason::GuardError,
            () if !failed && !total.ran => total.skipped.unwrap_or(Reason::LoopEmpty),
            () if !failed && total.reacted => Reason::WatchFired,
            () => Reason::Ran,
        };
        let cause = self.doubt.cause.filter(|_| in_doubt);
        let mut comment = total.comment;
        if let Some(fault) = &total.may_fail {
            comment = format!("if it is gone to, it fails: {fault}");
        } else if in_doubt && comment.is_empty() && cause.is_none() {
            comment = "depends on values known after apply".into();
        }
        TaskEnd {
            outcome,
            changed,
            possible,
            forecast: match (changed, total.changed && total.sure_changed) {
                (false, _) => Forecast::Cannot,
                (true, false) => Forecast::May,
                (true, true) => Forecast::Will,
            },
            reason,
            because: cause.map(|cause| cause.target),
            keyword: cause.map(|cause| cause.keyword),
            attempts: total.attempts,
            started: self.started.unwrap_or(around.now),
            ended: around.now,
            fault: total.fault,
            changes: total.changes,
            comment,
            data,
        }
    }
}
