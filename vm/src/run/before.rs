//! What earlier runs left: ends that stand, work that had begun, and reactions that are owed.
//!
//! A run that is resumed restores ends instead of executing tasks again; every run carries out what is owed. Unaware of:
//! where it is known from. Start reading at [`Before`].

use super::course::Course;
use super::{Action, Run, listeners};
use crate::host::Mode;
use crate::machine::fiber::{Fiber, Input};
use crate::outcome::{Outcome, Reason, TaskEnd};
use crate::sched::Doubt;
use ipcmm_bytecode::FaultKind;
use ipcmm_bytecode::bundle::rows::{TASK_BEFORE, TASK_DRY};
use ipcmm_bytecode::catalog::{Intrinsic, Runs};
use std::collections::{HashMap, HashSet, VecDeque};

/// By which keyword a task is told of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tie {
    /// `watch`: it reacts after its body.
    Watch,
    /// `onchange`: it runs because of it.
    OnChange,
    /// `listen`: it reacts on its own.
    Listen,
}

impl Tie {
    /// All of them with frozen numbers and names.
    pub const TABLE: &'static [(Tie, u8, &'static str)] =
        &[(Tie::Watch, 1, "watch"), (Tie::OnChange, 2, "onchange"), (Tie::Listen, 3, "listen")];

    /// The keyword.
    pub const fn name(self) -> &'static str {
        match self {
            Tie::Watch => "watch",
            Tie::OnChange => "onchange",
            Tie::Listen => "listen",
        }
    }
}

/// An end that stands.
#[derive(Clone, Debug)]
pub struct Stands {
    /// The end.
    pub end: TaskEnd,
    /// The moment of it; moments only say what came first.
    pub ended: u64,
    /// The moment at which the task began what stands for its reaction.
    pub reacted: Option<u64>,
}

/// What a change of an earlier run still asks of a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owed {
    /// The task.
    pub task: u32,
    /// By which keyword.
    pub tie: Tie,
    /// What changed, if the bundle still has it.
    pub target: Option<u32>,
}

/// What a run knows when it begins.
#[derive(Clone, Debug, Default)]
pub struct Before {
    /// Ends of tasks and of parts of tasks that are not executed again.
    pub ends: HashMap<u32, Stands>,
    /// How listeners ended after their reactions, also not executed again.
    pub told: HashMap<u32, TaskEnd>,
    /// What came of reactions that were owed and were carried out before the run was interrupted.
    pub paid: HashMap<u32, (TaskEnd, Option<u32>)>,
    /// Tasks that had begun to change something and have no end.
    pub touched: HashSet<u32>,
    /// Reactions that are owed.
    pub owed: Vec<Owed>,
    /// All moments of it are before this one; 0 where none of it is of this very run.
    pub moment: u64,
}

/// What is left of it while the run goes on.
#[derive(Debug, Default)]
pub(super) struct Left {
    pub ends: HashMap<u32, Stands>,
    pub told: HashMap<u32, TaskEnd>,
    paid: HashMap<u32, (TaskEnd, Option<u32>)>,
    pub touched: HashSet<u32>,
    listeners: VecDeque<Owed>,
    /// Tasks whose end is not of this run.
    restored: HashSet<u32>,
    /// It is the same run, not a later one.
    resumed: bool,
}

/// Whose reaction is under way.
#[derive(Debug)]
pub(super) enum Reacting {
    /// A listener that is due after the last task, how it had ended, and the task that changed.
    Due(u32, TaskEnd, u32),
    /// One of an earlier run.
    Owed(Owed),
}

impl<'a> Run<'a> {
    /// The same run after others: what stands is not done again, and what is owed is done.
    #[must_use]
    pub fn after(mut self, before: Before) -> Run<'a> {
        let Before { ends, told, paid, touched, owed, moment } = before;
        let mut listeners = VecDeque::new();
        for owed in owed {
            match owed.tie {
                Tie::Watch | Tie::OnChange => {
                    if let Some(main) = &mut self.main {
                        main.states.owe(&owed);
                    }
                }
                Tie::Listen => listeners.push_back(owed),
            }
        }
        if let Some(main) = &mut self.main {
            main.listeners.go_on_from(moment);
        }
        self.left = Left { ends, told, paid, touched, listeners, restored: HashSet::new(), resumed: moment > 0 };
        self
    }

    /// Whether a task was begun before this run was interrupted, so that a stop does not keep it from its end.
    pub(super) fn was_begun(&self, course: &Course<'a>, task: u32) -> bool {
        let goes_on = self.left.resumed && !course.broken_off;
        self.left.ends.contains_key(&task) || goes_on && self.left.touched.contains(&self.bundle.owner(task))
    }

    /// The end of a task or part that stands. What was put into the background is gone with the process, so whoever put
    /// it there does so again.
    pub(super) fn stands(&mut self, row: u32) -> Option<Stands> {
        let stands = self.left.ends.remove(&row)?;
        let block = &self.bundle.blocks()[self.bundle.tasks()[self.bundle.owner(row) as usize].block.get() as usize];
        let children = &self.bundle.blocks()[block.children.get() as usize..][..usize::from(block.children_len.get())];
        let background = |builtin: u16| {
            let runs = self.bundle.catalog().builtin(builtin).map(|shape| shape.runs);
            matches!(runs, Some(Runs::Machine(Intrinsic::Fork | Intrinsic::Async)))
        };
        let again = background(block.builtin.get()) || children.iter().any(|child| background(child.builtin.get()));
        (!again).then_some(stands)
    }

    /// Gives a task or part the end that stands.
    pub(super) fn restore(&mut self, course: &mut Course<'a>, row: u32, stands: Stands, now: u64) {
        // What a body that stands for the reaction came to nothing does not count as one.
        if let Some(moment) = stands.reacted.filter(|_| stands.end.changed || !self.covers(row)) {
            course.listeners.reacted_at(row, moment);
        }
        self.left.restored.insert(row);
        let Some(task) = course.states.place(row) else { return };
        if let Some(first) = course.first_phase(task) {
            course.parts.remove(&first);
        }
        self.settle(course, task, stands.end, Some(stands.ended), now);
    }

    /// Whether reactions that are owed come first, and the next of them.
    pub(super) fn pay(&mut self, course: &mut Course<'a>, now: u64) -> Option<Option<Action>> {
        let paying = matches!(course.reacting, Some(Reacting::Owed(_)));
        if course.broken_off || self.left.listeners.is_empty() && !paying {
            return None;
        }
        while course.under_way == 0
            && let Some(owed) = self.left.listeners.pop_front()
        {
            let block = self.bundle.tasks()[owed.task as usize].block.get();
            let Some(task) = course.states.place(owed.task) else { continue };
            let row = owed.task;
            course.reacting = Some(Reacting::Owed(owed));
            if let Some(action) =
                self.step(course, task, Fiber::reaction(row, block, Doubt::default()), Input::Start, now)
            {
                return Some(Some(action));
            }
        }
        (course.under_way > 0).then_some(None)
    }

    /// Takes what came of a reaction that was owed.
    pub(super) fn paid(&mut self, course: &mut Course<'a>, owed: &Owed, mut end: TaskEnd) {
        let reads_results = end.fault.as_ref().is_some_and(|fault| fault.kind == FaultKind::NoResult);
        if reads_results && end.changes.is_empty() {
            // It needs what other tasks come to, so it reacts with those that are due after the last task.
            course.listeners.queue(owed.task, owed.target.unwrap_or(owed.task));
            return;
        }
        if end.reason == Reason::RunStopped {
            return;
        }
        if self.left.touched.remove(&owed.task) {
            was_touched(&mut end, self.options.mode);
        }
        self.observer.owed_delivered(owed.task, &end);
        self.left.paid.insert(owed.task, (end, owed.target));
    }

    /// What a task comes to whose work had begun in an earlier run.
    pub(super) fn touched(&mut self, course: &Course<'a>, task: u32, end: &mut TaskEnd) {
        let flags = self.bundle.tasks()[task as usize].flags;
        let place = course.states.place(task);
        let first =
            place.and_then(|place| course.first_phase(place)).is_some_and(|first| self.left.ends.contains_key(&first));
        let is_it = flags & TASK_DRY == 0 && (flags & TASK_BEFORE != 0 || !first);
        if is_it && self.left.touched.contains(&self.bundle.owner(task)) && was_touched(end, self.options.mode) {
            self.left.touched.remove(&self.bundle.owner(task));
        }
    }

    /// The end that is told of a task: with the reaction it owed, and whether it is of an earlier run.
    pub(super) fn told(&mut self, task: u32, end: TaskEnd) -> TaskEnd {
        if self.left.restored.remove(&task) {
            self.observer.task_restored(task);
        }
        match self.left.paid.remove(&task) {
            Some((reaction, target)) if end.outcome != Outcome::NotReached => {
                let target = target.unwrap_or(task);
                let label = format!("`{}` in an earlier run", self.bundle.label(target));
                listeners::reacted(end, reaction, target, &label)
            }
            _ => end,
        }
    }

    /// The end of a listener is of this run after all.
    pub(super) fn reacts_anew(&mut self, task: u32) {
        self.left.restored.remove(&task);
    }
}

/// Notes that something had been changed before this run. Whether it has an end now that says so.
pub(super) fn was_touched(end: &mut TaskEnd, mode: Mode) -> bool {
    match end.outcome {
        Outcome::NotReached | Outcome::Blocked => return false,
        Outcome::Changed | Outcome::WouldChange | Outcome::Failed => {}
        Outcome::Ok => {}
        Outcome::Skipped => match end.reason {
            Reason::WhenFalse | Reason::OnlyIfFalse | Reason::UnlessTrue | Reason::LoopEmpty => {}
            _ => return false,
        },
    }
    end.changed = true;
    if matches!(end.outcome, Outcome::Ok | Outcome::Skipped) {
        end.outcome = if mode == Mode::Apply { Outcome::Changed } else { Outcome::WouldChange };
        listeners::note(end, "changed before the run was interrupted".to_owned());
    }
    true
}
