//! The states of all tasks of a run, and what targets' outcomes mean for a task.

use super::judged::{Doubt, Effects, Judged, Met};
use crate::host::Mode;
use crate::outcome::{Outcome, Outcomes};
use crate::run::{Owed, Tie};
use crate::verify::Verified;
use ipcmm_bytecode::bundle::rows::TASK_DRY;
use ipcmm_bytecode::bundle::{Attr, EdgeKind};
use std::collections::HashSet;

/// The state of a task. It moves from top to bottom and never back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskState {
    /// A target has not finished.
    Waiting,
    /// All targets have finished and it has not started.
    Ready,
    /// It was started by the policy and has no outcome yet.
    Running,
    /// It has its outcome.
    Finished(Outcome),
}

/// Why the needs of a task decide against it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cause {
    /// The task that is the reason; never a part of one.
    pub target: u32,
    /// The keyword by which it is.
    pub keyword: EdgeKind,
}

/// What the outcomes of its targets mean for a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Its needs are met.
    Run,
    /// A need is unmet for good: the named target is failed or blocked.
    Blocked(Cause),
    /// It has nothing to do.
    Skipped(Cause),
    /// It ends as its part did.
    As(u32),
}

/// All tasks' states.
#[derive(Debug)]
pub struct States<'a> {
    bundle: &'a Verified<'a>,
    state: Vec<TaskState>,
    /// Tasks that are not for this node.
    absent: Vec<bool>,
    /// In a dry run, what finished tasks may come to; empty where it is their outcome.
    possible: Vec<Outcomes>,
    /// Unfinished targets of each task.
    pending: Vec<u32>,
    /// Tasks that name each task, as starts into `dependents`.
    starts: Vec<u32>,
    dependents: Vec<u32>,
    unfinished: u32,
    /// Tasks whose body was begun.
    begun: Vec<bool>,
    /// Tasks that a change of an earlier run still concerns, and by which keyword.
    owed: HashSet<(u32, Tie)>,
}

impl<'a> States<'a> {
    /// All tasks waiting or ready.
    pub fn new(bundle: &'a Verified<'a>) -> States<'a> {
        let tasks = bundle.tasks();
        let mut starts = vec![0u32; tasks.len() + 1];
        let mut pending = Vec::with_capacity(tasks.len());
        for task in tasks {
            let edges = bundle.task_edges(task);
            pending.push(edges.len() as u32);
            edges.for_each(|(_, target)| starts[target as usize + 1] += 1);
        }
        for i in 0..tasks.len() {
            starts[i + 1] += starts[i];
        }
        let mut fill = starts.clone();
        let mut dependents = vec![0u32; bundle.edges().len()];
        for (task, row) in tasks.iter().enumerate() {
            for (_, target) in bundle.task_edges(row) {
                let place = &mut fill[target as usize];
                dependents[*place as usize] = task as u32;
                *place += 1;
            }
        }
        let state = pending.iter().map(|&n| if n == 0 { TaskState::Ready } else { TaskState::Waiting }).collect();
        let (begun, absent) = (vec![false; tasks.len()], vec![false; tasks.len()]);
        let possible = vec![Outcomes::NONE; tasks.len()];
        States {
            bundle,
            state,
            absent,
            possible,
            pending,
            starts,
            dependents,
            unfinished: tasks.len() as u32,
            begun,
            owed: HashSet::new(),
        }
    }

    /// How many tasks there are.
    pub fn len(&self) -> u32 {
        self.state.len() as u32
    }

    /// Whether there is no task.
    pub fn is_empty(&self) -> bool {
        self.state.is_empty()
    }

    /// Tasks without an outcome.
    pub fn unfinished(&self) -> u32 {
        self.unfinished
    }

    /// The state of a task.
    pub fn get(&self, task: u32) -> TaskState {
        self.state[task as usize]
    }

    /// How a task is to run beside others.
    pub fn mode(&self, task: u32) -> u8 {
        self.bundle.tasks()[task as usize].mode
    }

    /// The queue of a task, a string of the bundle, and how many of its tasks run at once.
    pub fn lane(&self, task: u32) -> (Option<u32>, u32) {
        let owner = self.bundle.owner(task);
        let block = &self.bundle.blocks()[self.bundle.tasks()[owner as usize].block.get() as usize];
        let rows = self.bundle.block_attrs(block);
        let value = |attr: Attr| rows.iter().find(|row| row.attr.get() == attr as u16).map(|row| row.value.get());
        (value(Attr::Lane), value(Attr::LaneMax).unwrap_or(1))
    }

    /// Notes that the body of a task was executed, for `postreq`.
    pub fn note_begun(&mut self, task: u32) {
        self.begun[task as usize] = true;
    }

    /// The outcome of a task, if it has one.
    pub fn outcome(&self, task: u32) -> Option<Outcome> {
        match self.state[task as usize] {
            TaskState::Finished(outcome) => Some(outcome),
            _ => None,
        }
    }

    fn edges(&self, task: u32) -> impl Iterator<Item = (EdgeKind, u32)> + 'a {
        let edges = self.bundle.task_edges(&self.bundle.tasks()[task as usize]);
        edges.filter_map(|(kind, target)| Some((kind?, target)))
    }

    /// The part of a task that decides or precedes it.
    pub fn own_part(&self, task: u32) -> Option<u32> {
        self.edges(task).find(|(kind, _)| *kind == EdgeKind::Own).map(|(_, part)| part)
    }

    /// Whether work at a target is to be closed by a `postreq`; `None` where a dry run cannot tell.
    fn due(&self, target: u32) -> Option<bool> {
        if !self.is_due(target) {
            return Some(false);
        }
        let sure = match self.dry_part(target) {
            Some(dry) => self.ends(EdgeKind::PostReq, dry).iter().all(Outcome::changed),
            None => true,
        };
        // It is begun for sure unless it may be skipped or blocked.
        let may_rest = self.possible[target as usize].iter().any(|o| matches!(o, Outcome::Skipped | Outcome::Blocked));
        (sure && !may_rest).then_some(true)
    }

    /// The dry run of a task, which may be that of its first phase.
    fn dry_part(&self, target: u32) -> Option<u32> {
        let mut dry = self.own_part(target);
        while let Some(part) = dry
            && self.bundle.tasks()[part as usize].flags & TASK_DRY == 0
        {
            dry = self.own_part(part);
        }
        dry
    }

    /// Whether what was to be done at a target is worth being closed by a `postreq`: its dry run predicted a change, and
    /// it, or a task that prepares it, was begun.
    fn is_due(&self, target: u32) -> bool {
        let predicted = self.dry_part(target).is_some_and(|dry| self.outcome(dry).is_some_and(Outcome::changed));
        let preparing = |(kind, task): (EdgeKind, u32)| kind == EdgeKind::Prepared && self.begun[task as usize];
        predicted && (self.begun[target as usize] || self.edges(target).any(preparing))
    }

    /// Whether a task is started although the run was stopped: a failure it is there for, work it closes, or its own
    /// first phase. A target that was not reached holds it back, unless the keyword is content with another.
    pub fn survives_stop(&self, task: u32) -> bool {
        let (mut failed, mut due, mut begun) = (false, false, false);
        let (mut unhandled, mut unclosed, mut unreached) = (false, false, false);
        for (kind, target) in self.edges(task) {
            let outcome = self.outcome(target);
            let missing = outcome == Some(Outcome::NotReached);
            match kind {
                EdgeKind::OnFail => {
                    failed |= outcome == Some(Outcome::Failed);
                    unhandled |= missing;
                }
                EdgeKind::PostReq => {
                    due |= self.is_due(target);
                    unclosed |= missing;
                }
                EdgeKind::RunAround => {}
                // What a part came to is the end of the task, whatever else was not reached.
                EdgeKind::Own if outcome.is_some_and(Outcome::is_bad) => return true,
                EdgeKind::Own if !missing => {
                    begun |= self.begun[target as usize] && self.bundle.tasks()[target as usize].flags & TASK_DRY == 0;
                }
                _ => unreached |= missing,
            }
        }
        (failed || due || begun) && (failed || !unhandled) && (due || !unclosed) && !unreached
    }

    /// The one place where a state changes. Appends to `ready` the tasks that become ready by it.
    pub fn set(&mut self, task: u32, new: TaskState, ready: &mut Vec<u32>) {
        let old = std::mem::replace(&mut self.state[task as usize], new);
        match (old, new) {
            (TaskState::Waiting, TaskState::Ready) => {}
            (TaskState::Ready, TaskState::Running) => {}
            (TaskState::Waiting | TaskState::Ready | TaskState::Running, TaskState::Finished(_)) => {
                self.unfinished -= 1;
                let range = self.starts[task as usize] as usize..self.starts[task as usize + 1] as usize;
                for i in range {
                    let dependent = self.dependents[i];
                    let pending = &mut self.pending[dependent as usize];
                    *pending -= 1;
                    if *pending == 0 && self.state[dependent as usize] == TaskState::Waiting {
                        self.state[dependent as usize] = TaskState::Ready;
                        ready.push(dependent);
                    }
                }
            }
            (old, new) => unreachable!("task {task} cannot go from {old:?} to {new:?}"),
        }
    }

    /// Says that a task is not for this node, before it gets its outcome.
    pub fn set_absent(&mut self, task: u32) {
        self.absent[task as usize] = true;
    }

    /// Says that a change of an earlier run still concerns a task: as if its target had changed in this one.
    pub fn owe(&mut self, owed: &Owed) {
        self.owed.insert((owed.task, owed.tie));
    }

    /// Says what a task may come to in a run, before it gets the outcome that a dry run gives it.
    pub fn set_possible(&mut self, task: u32, possible: Outcomes) {
        self.possible[task as usize] = possible;
    }

    /// What is known of the end of a target, for a keyword that names it.
    fn ends(&self, kind: EdgeKind, target: u32) -> Outcomes {
        match self.state[target as usize] {
            TaskState::Finished(_) if self.absent[target as usize] => Outcomes::only(absent_counts_as(kind)),
            TaskState::Finished(outcome) if self.possible[target as usize].is_empty() => Outcomes::only(outcome),
            TaskState::Finished(_) => self.possible[target as usize],
            TaskState::Waiting | TaskState::Ready | TaskState::Running => Outcomes::NONE,
        }
    }

    /// What one target may do to the task, as far as is known of its end.
    fn effects(&self, kind: EdgeKind, target: u32) -> Effects {
        let ends = self.ends(kind, target);
        if kind == EdgeKind::PostReq {
            return match self.due(target) {
                Some(true) => Effects::of(Effect::Pass),
                Some(false) => Effects::of(Effect::Skip),
                None => Effects::of(Effect::Pass).and(Effect::Skip),
            };
        }
        ends.iter().fold(Effects::default(), |all, outcome| all.and(passes(kind, outcome)))
    }

    /// What the outcomes of a ready task's targets mean for it. In a dry run a task ends as its own dry run did, unless
    /// its needs say otherwise, and what may become of targets may become of the task.
    pub fn judge(&self, task: u32, mode: Mode) -> Judged {
        const KINDS: usize = EdgeKind::TABLE.len() + 1;
        // Of each keyword: what its targets may do, all of them together, and the first that may block or skip.
        let mut met = [Met::default(); KINDS];
        let owes = |tie: Tie| !self.owed.is_empty() && self.owed.contains(&(self.bundle.owner(task), tie));
        let (mut fired, mut part) = (Effects::default(), None);
        let (mut doubt, mut refused) = (Doubt::default(), None);
        if owes(Tie::Watch) {
            (fired, doubt.sure_to_react) = (Effects::of(Effect::React), true);
        }
        let triggered = owes(Tie::OnChange);
        for (kind, target) in self.edges(task) {
            let TaskState::Finished(outcome) = self.state[target as usize] else { continue };
            if kind == EdgeKind::Own {
                let dry = self.bundle.tasks()[target as usize].flags & TASK_DRY != 0;
                if outcome.is_bad() {
                    return Judged { verdict: Verdict::As(target), fired: false, doubt: Doubt::default() };
                }
                part = (dry && mode == Mode::Check).then_some(target);
                if !dry {
                    let bad = self.ends(kind, target).iter().filter(|outcome| outcome.is_bad());
                    doubt.refusals = bad.fold(doubt.refusals, |all, outcome| all.with(outcome, true));
                }
                continue;
            }
            let effects = match kind {
                EdgeKind::OnChange if triggered && outcome != Outcome::NotReached => Effects::of(Effect::Pass),
                _ => self.effects(kind, target),
            };
            met[kind as usize].add(effects, target);
            fired = if kind == EdgeKind::Watch { fired.or(effects) } else { fired };
            if kind == EdgeKind::Watch && effects.is(Effect::React) {
                doubt.sure_to_react = true;
            }
        }
        let cause = |kind: EdgeKind, target: u32| Cause {
            target: self.bundle.owner(target),
            keyword: self.written(kind, target),
        };
        'decided: for (outcome, effect, verdict) in [
            (Outcome::Blocked, Effect::Block, Verdict::Blocked as fn(Cause) -> Verdict),
            (Outcome::Skipped, Effect::Skip, Verdict::Skipped),
        ] {
            for (kind, ..) in EdgeKind::TABLE {
                let met = &met[*kind as usize];
                let Some(target) = met.first(effect) else { continue };
                // A dry run that went wrong is not made good by another.
                let one_is_enough = any(*kind) && !(*kind == EdgeKind::Prereq && effect == Effect::Block);
                if one_is_enough && met.surely_passed {
                    continue;
                }
                doubt.refusals = doubt.refusals.with(outcome, true);
                doubt.cause.get_or_insert(cause(*kind, target));
                let surely = met.surely.has(effect) && !(one_is_enough && met.all.passes());
                let never = if any(*kind) { !met.all.passes() } else { met.stuck };
                if surely || never {
                    refused.get_or_insert(verdict(cause(*kind, target)));
                }
                if surely && effect == Effect::Block {
                    // Nothing is stronger.
                    doubt.refusals = Outcomes::only(outcome);
                    break 'decided;
                }
            }
        }
        let fired = fired.has(Effect::React);
        let sure = fired && doubt.sure_to_react;
        match refused {
            Some(verdict) => Judged { verdict, fired: false, doubt },
            None => Judged {
                verdict: part.map_or(Verdict::Run, Verdict::As),
                fired,
                doubt: Doubt { sure_to_react: sure, ..doubt },
            },
        }
    }

    /// The keyword behind an edge, as it is written.
    fn written(&self, kind: EdgeKind, target: u32) -> EdgeKind {
        match kind {
            EdgeKind::Prepared if self.bundle.is_part(target) => EdgeKind::RunAround,
            EdgeKind::Prepared => EdgeKind::Prereq,
            kind => kind,
        }
    }
}

/// What a target's outcome does to the task that names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It may run.
    Pass,
    /// It may run, and reacts after its body.
    React,
    /// It is blocked.
    Block,
    /// It is skipped.
    Skip,
}

/// Whether one target that lets the task pass is enough for the keyword; else all must.
pub const fn any(kind: EdgeKind) -> bool {
    use EdgeKind::*;
    match kind {
        RequiresAny | OnFail | OnChange | Prereq | PostReq => true,
        DependsOn | Requires | Watch | RequiresNone | RunAfter | OnSuccess | RunAround | Prepared | Own => false,
    }
}

/// The table of `spec/semantics.md`: keyword and outcome of the target give the effect on the task. The target of a
/// `prereq` is a dry run. What `postreq` does depends on more than the outcome, and what is here is what it does if
/// nothing is due. A task with a target that was not reached is not reached either, unless the keyword passes it.
pub const fn passes(kind: EdgeKind, outcome: Outcome) -> Effect {
    use EdgeKind::*;
    use Outcome::*;
    match (kind, outcome) {
        (RunAround, _) => Effect::Pass,
        (OnFail, Failed) => Effect::Pass,
        (OnChange, Changed | WouldChange) => Effect::Pass,
        (OnFail | OnChange | PostReq, _) => Effect::Skip,
        (_, NotReached) => Effect::Block,
        (RunAfter, _) => Effect::Pass,
        (RequiresNone, Failed | Skipped | Blocked) => Effect::Pass,
        (RequiresNone, Ok | Changed | WouldChange) => Effect::Skip,
        (OnSuccess, Ok | Changed | WouldChange) => Effect::Pass,
        (OnSuccess, Failed | Skipped | Blocked) => Effect::Skip,
        (Prereq, WouldChange | Changed) => Effect::Pass,
        (Prereq, Ok | Skipped) => Effect::Skip,
        (DependsOn | Requires | Watch | RequiresAny | Prereq | Prepared | Own, Failed | Blocked) => Effect::Block,
        (DependsOn | RequiresAny, Skipped) => Effect::Skip,
        (Requires | Watch | Prepared | Own, Skipped) => Effect::Pass,
        (Watch, Changed | WouldChange) => Effect::React,
        (DependsOn | Requires | RequiresAny | Prepared | Own, Changed | WouldChange) => Effect::Pass,
        (DependsOn | Requires | Watch | RequiresAny | Prepared | Own, Ok) => Effect::Pass,
    }
}

/// What a target that is not for this node counts as: as if it were not in the run, so no need is unmet because of it.
pub const fn absent_counts_as(kind: EdgeKind) -> Outcome {
    use EdgeKind::*;
    match kind {
        DependsOn | Requires | RequiresAny | Watch | OnSuccess | RunAfter | RunAround | Prepared | Own => Outcome::Ok,
        RequiresNone | OnFail | OnChange | Prereq | PostReq => Outcome::Skipped,
    }
}
