//! Who reacts after the last task: changes are noted as they happen, and delivered once each at the end.
//!
//! Unaware of: how a reaction is carried out. Moments are counted in steps of the run, not in time.

use crate::outcome::{Outcome, Reason, TaskEnd};
use crate::sched::States;
use crate::verify::Verified;
use std::collections::{BTreeMap, HashMap};

/// The changes a listener was not told of yet.
#[derive(Clone, Copy, Debug)]
struct Queued {
    /// The first task that changed.
    target: u32,
    /// When the last one did.
    last: u64,
}

/// All listeners of a run.
#[derive(Debug, Default)]
pub(super) struct Listeners {
    /// Listeners of each target that has any.
    of_target: HashMap<u32, Vec<u32>>,
    queued: BTreeMap<u32, Queued>,
    /// How listeners ended before anybody told them of changes.
    ends: BTreeMap<u32, TaskEnd>,
    /// When a listener began what stands for its reaction.
    reacted: HashMap<u32, u64>,
    is_listener: HashMap<u32, bool>,
    moment: u64,
}

/// What is to be done for a listener.
#[derive(Debug)]
pub(super) enum Due {
    /// Nothing more: it ended so.
    Over(u32, TaskEnd),
    /// It ended so, and reacts to a change of the task.
    React(u32, TaskEnd, u32),
}

impl Listeners {
    /// The listeners of a course: of the main sequence, or of the tasks of a subrun.
    pub(super) fn new(bundle: &Verified<'_>, states: &States<'_>, main: bool) -> Listeners {
        let mut listeners = Listeners::default();
        let rows = bundle.listens();
        if main {
            let own = rows.iter().filter(|row| !bundle.is_on_demand(row.target.get()));
            own.for_each(|row| listeners.add(row.target.get(), row.listener.get()));
        } else if !rows.is_empty() {
            for target in (0..states.len()).map(|task| states.row(task)) {
                let first = rows.partition_point(|row| row.target.get() < target);
                let own = rows[first..].iter().take_while(|row| row.target.get() == target);
                let own = own.map(|row| row.listener.get()).filter(|listener| states.place(*listener).is_some());
                own.for_each(|listener| listeners.add(target, listener));
            }
        }
        listeners
    }

    fn add(&mut self, target: u32, listener: u32) {
        self.of_target.entry(target).or_default().push(listener);
        self.is_listener.insert(listener, true);
    }

    /// Notes that a task's own reaction begins, or another execution that covers one.
    pub(super) fn reacts(&mut self, task: u32) {
        if self.is_listener.contains_key(&task) {
            self.moment += 1;
            self.reacted.insert(task, self.moment);
        }
    }

    /// Takes the end of a task. It is given back unless the task may still have to react.
    pub(super) fn ended(&mut self, task: u32, end: TaskEnd) -> Option<TaskEnd> {
        if matches!(end.outcome, Outcome::Changed | Outcome::WouldChange)
            && let Some(listeners) = self.of_target.get(&task)
        {
            self.moment += 1;
            for listener in listeners {
                self.queued.entry(*listener).or_insert(Queued { target: task, last: 0 }).last = self.moment;
            }
        }
        match self.is_listener.contains_key(&task) {
            true => drop(self.ends.insert(task, end)),
            false => return Some(end),
        }
        None
    }

    /// The next listener in run order, with what is to be done. Without `deliver` (a run that was broken off) nobody
    /// reacts.
    pub(super) fn next(&mut self, deliver: bool, label: &dyn Fn(u32) -> String) -> Option<Due> {
        let (task, mut end) = self.ends.pop_first()?;
        let Some(queued) = self.queued.remove(&task) else { return Some(Due::Over(task, end)) };
        let dropped = match end.outcome {
            Outcome::Failed | Outcome::Blocked | Outcome::NotReached => end.outcome.name(),
            _ if self.reacted.get(&task).is_some_and(|at| *at > queued.last) => return Some(Due::Over(task, end)),
            _ if !deliver => "the run was broken off",
            _ => return Some(Due::React(task, end, queued.target)),
        };
        let said = format!("its reaction to a change of {} is dropped: {dropped}", label(queued.target));
        note(&mut end, said);
        Some(Due::Over(task, end))
    }
}

fn note(end: &mut TaskEnd, said: String) {
    if !end.comment.is_empty() {
        end.comment.push_str("; ");
    }
    end.comment.push_str(&said);
}

/// What a listener comes to after its reaction. A reaction that guards held back leaves it as it was.
pub(super) fn reacted(mut end: TaskEnd, reaction: TaskEnd, target: u32, label: &str) -> TaskEnd {
    match reaction.outcome {
        Outcome::Skipped => {
            let why = reaction.reason.name();
            note(&mut end, format!("its reaction to a change of {label} is dropped: {why}"));
            return end;
        }
        Outcome::Failed => end.outcome = Outcome::Failed,
        Outcome::Changed | Outcome::WouldChange => end.outcome = reaction.outcome,
        _ if end.outcome == Outcome::Skipped => end.outcome = reaction.outcome,
        _ => {}
    }
    // A task that reacted by its `watch` says so already.
    if end.reason != Reason::WatchFired || end.outcome == Outcome::Failed {
        end.reason = Reason::ListenFired;
    }
    end.because = Some(target);
    end.keyword = None;
    end.changed |= reaction.changed;
    end.fault = reaction.fault;
    end.ended = reaction.ended;
    end.changes.extend(reaction.changes);
    if end.comment.is_empty() {
        end.comment = reaction.comment;
    }
    end
}
