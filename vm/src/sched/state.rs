//! The states of all tasks of a run or of a subrun, and what targets' outcomes mean for a task.
//!
//! Tasks are counted by their places in the selection, in run order; what is told of others (targets, causes) are rows
//! of the bundle. What a state costs grows with the selection, not with the bundle.

use crate::host::Mode;
use crate::outcome::Outcome;
use crate::verify::Verified;
use ipcmm_bytecode::bundle::rows::{TASK_DEMAND, TASK_DRY, TaskRow, U32};
use ipcmm_bytecode::bundle::{Attr, EdgeKind};

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
    /// The rows of the selection, in ascending order; `None` where it is the whole bundle.
    rows: Option<Box<[u32]>>,
    state: Vec<TaskState>,
    /// Tasks that are not for this node.
    absent: Vec<bool>,
    /// Unfinished targets of each task.
    pending: Vec<u32>,
    /// Tasks that name each task, as starts into `dependents`.
    starts: Vec<u32>,
    dependents: Vec<u32>,
    unfinished: u32,
    /// Tasks whose body was begun.
    begun: Vec<bool>,
}

impl<'a> States<'a> {
    /// All tasks of the main sequence, waiting or ready.
    pub fn new(bundle: &'a Verified<'a>) -> States<'a> {
        let all = bundle.tasks();
        let main = |flags: u8| flags & TASK_DEMAND == 0;
        let rows = match all.iter().all(|row| main(row.flags)) {
            true => None,
            false => Some((0..all.len() as u32).filter(|row| main(all[*row as usize].flags)).collect()),
        };
        States::over(bundle, rows, all.len())
    }

    /// Tasks on demand, and the parts of them that have places of their own.
    pub fn of(bundle: &'a Verified<'a>, selection: &[U32]) -> States<'a> {
        let mut rows: Vec<u32> = Vec::with_capacity(selection.len());
        for row in selection {
            let mut next = Some(row.get());
            while let Some(row) = next {
                rows.push(row);
                next = own_part(bundle, row);
            }
        }
        rows.sort_unstable();
        let count = rows.len();
        States::over(bundle, Some(rows.into()), count)
    }

    fn over(bundle: &'a Verified<'a>, rows: Option<Box<[u32]>>, all: usize) -> States<'a> {
        let count = rows.as_ref().map_or(all, |rows| rows.len());
        let mut states = States {
            bundle,
            rows,
            state: Vec::new(),
            absent: vec![false; count],
            pending: Vec::with_capacity(count),
            starts: vec![0u32; count + 1],
            dependents: Vec::new(),
            unfinished: count as u32,
            begun: vec![false; count],
        };
        let mut starts = std::mem::take(&mut states.starts);
        let mut edges = 0;
        for task in 0..count as u32 {
            let mut pending = 0;
            states.places(task, &mut |target| {
                pending += 1;
                starts[target as usize + 1] += 1;
            });
            edges += pending as usize;
            states.pending.push(pending);
        }
        for i in 0..count {
            starts[i + 1] += starts[i];
        }
        let mut fill = starts.clone();
        let mut dependents = vec![0u32; edges];
        for task in 0..count as u32 {
            states.places(task, &mut |target| {
                let place = &mut fill[target as usize];
                dependents[*place as usize] = task;
                *place += 1;
            });
        }
        let first = |&n: &u32| if n == 0 { TaskState::Ready } else { TaskState::Waiting };
        states.state = states.pending.iter().map(first).collect();
        (states.starts, states.dependents) = (starts, dependents);
        states
    }

    /// Calls `visit` with every target of a task that is selected too, as often as it is named.
    fn places(&self, task: u32, visit: &mut dyn FnMut(u32)) {
        let edges = self.bundle.task_edges(self.bundle_row(task));
        edges.filter_map(|(_, target)| self.place(target)).for_each(visit);
    }

    /// The row of a task.
    pub fn row(&self, task: u32) -> u32 {
        self.rows.as_ref().map_or(task, |rows| rows[task as usize])
    }

    /// The task of a row, if it is selected.
    pub fn place(&self, row: u32) -> Option<u32> {
        match &self.rows {
            None => Some(row),
            Some(rows) => rows.binary_search(&row).ok().map(|task| task as u32),
        }
    }

    fn bundle_row(&self, task: u32) -> &'a TaskRow {
        &self.bundle.tasks()[self.row(task) as usize]
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
        self.bundle_row(task).mode
    }

    /// The queue of a task, a string of the bundle, and how many of its tasks run at once.
    pub fn lane(&self, task: u32) -> (Option<u32>, u32) {
        let owner = self.bundle.owner(self.row(task));
        let block = &self.bundle.blocks()[self.bundle.tasks()[owner as usize].block.get() as usize];
        let rows = self.bundle.block_attrs(block);
        let value = |attr: Attr| rows.iter().find(|row| row.attr.get() == attr as u16).map(|row| row.value.get());
        (value(Attr::Lane), value(Attr::LaneMax).unwrap_or(1))
    }

    /// Notes that the body of a task was executed, for `postreq`.
    pub fn note_begun(&mut self, task: u32) {
        self.begun[task as usize] = true;
    }

    /// The outcome of the task of a row, if it is selected and has one.
    pub fn outcome(&self, row: u32) -> Option<Outcome> {
        match self.state[self.place(row)? as usize] {
            TaskState::Finished(outcome) => Some(outcome),
            _ => None,
        }
    }

    fn has_begun(&self, row: u32) -> bool {
        self.place(row).is_some_and(|task| self.begun[task as usize])
    }

    /// What a task names, as rows.
    fn edges(&self, task: u32) -> impl Iterator<Item = (EdgeKind, u32)> + 'a {
        let edges = self.bundle.task_edges(self.bundle_row(task));
        edges.filter_map(|(kind, target)| Some((kind?, target)))
    }

    /// The row of the part that decides or precedes a task.
    pub fn own_part(&self, task: u32) -> Option<u32> {
        own_part(self.bundle, self.row(task))
    }

    /// Whether what was to be done at a target is worth being closed by a `postreq`: its dry run predicted a change, and
    /// it, or a task that prepares it, was begun.
    fn is_due(&self, target: u32) -> bool {
        // The dry run may be that of a first phase.
        let mut dry = own_part(self.bundle, target);
        while let Some(part) = dry
            && self.bundle.tasks()[part as usize].flags & TASK_DRY == 0
        {
            dry = own_part(self.bundle, part);
        }
        let predicted = dry.is_some_and(|dry| self.outcome(dry).is_some_and(Outcome::changed));
        let preparing = |(kind, task): (EdgeKind, u32)| kind == EdgeKind::Prepared && self.has_begun(task);
        let prepared = |place: u32| self.edges(place).any(preparing);
        predicted && (self.has_begun(target) || self.place(target).is_some_and(prepared))
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
                    begun |= self.has_begun(target) && self.bundle.tasks()[target as usize].flags & TASK_DRY == 0;
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

    /// What the outcomes of a ready task's targets mean for it, and whether a watched one changed. In a dry run a task
    /// ends as its own dry run did, unless its needs say otherwise.
    pub fn judge(&self, task: u32, mode: Mode) -> (Verdict, bool) {
        const KINDS: usize = EdgeKind::TABLE.len() + 1;
        // Of each keyword: whether one target satisfies it, and the first that would block or skip.
        let mut met = [false; KINDS];
        let mut against: [[Option<u32>; 2]; KINDS] = [[None; 2]; KINDS];
        let (mut fired, mut part) = (false, None);
        for (kind, target) in self.edges(task) {
            let outcome = match self.place(target) {
                // One that was not selected holds nobody up.
                None => absent_counts_as(kind),
                Some(place) => match self.state[place as usize] {
                    TaskState::Finished(_) if self.absent[place as usize] => absent_counts_as(kind),
                    TaskState::Finished(outcome) => outcome,
                    _ => continue,
                },
            };
            let effect = match kind {
                EdgeKind::PostReq if self.is_due(target) => Effect::Pass,
                EdgeKind::Own => {
                    let dry = self.bundle.tasks()[target as usize].flags & TASK_DRY != 0;
                    if outcome.is_bad() {
                        return (Verdict::As(target), false);
                    }
                    part = (dry && mode == Mode::Check).then_some(target);
                    Effect::Pass
                }
                _ => passes(kind, outcome),
            };
            match effect {
                Effect::Pass => met[kind as usize] = true,
                Effect::React => (met[kind as usize], fired) = (true, true),
                Effect::Block => drop(against[kind as usize][0].get_or_insert(target)),
                Effect::Skip => drop(against[kind as usize][1].get_or_insert(target)),
            }
        }
        let cause = |kind: EdgeKind, target: u32| Cause {
            target: self.bundle.owner(target),
            keyword: self.written(kind, target),
        };
        for (place, verdict) in [(0, Verdict::Blocked as fn(Cause) -> Verdict), (1, Verdict::Skipped)] {
            for (kind, ..) in EdgeKind::TABLE {
                // A dry run that went wrong is not made good by another.
                let one_is_enough = any(*kind) && !(*kind == EdgeKind::Prereq && place == 0);
                if let Some(target) = against[*kind as usize][place]
                    && !(one_is_enough && met[*kind as usize])
                {
                    return (verdict(cause(*kind, target)), false);
                }
            }
        }
        (part.map_or(Verdict::Run, Verdict::As), fired)
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

fn own_part(bundle: &Verified<'_>, row: u32) -> Option<u32> {
    let mut edges = bundle.task_edges(&bundle.tasks()[row as usize]);
    edges.find(|(kind, _)| *kind == Some(EdgeKind::Own)).map(|(_, part)| part)
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
