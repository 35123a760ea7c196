//! The states of all tasks of a run, and what targets' outcomes mean for a task.

use crate::outcome::Outcome;
use crate::verify::Verified;
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

/// What the outcomes of its targets mean for a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Its needs are met.
    Run,
    /// A need is unmet for good: the named target is failed or blocked.
    Blocked(u32),
    /// It has nothing to do: the named target was skipped.
    Skipped(u32),
}

/// All tasks' states.
#[derive(Debug)]
pub struct States<'a> {
    bundle: &'a Verified<'a>,
    state: Vec<TaskState>,
    /// Unfinished targets of each task.
    pending: Vec<u32>,
    /// Tasks that name each task, as starts into `dependents`.
    starts: Vec<u32>,
    dependents: Vec<u32>,
    unfinished: u32,
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
        States { bundle, state, pending, starts, dependents, unfinished: tasks.len() as u32 }
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
        let block = &self.bundle.blocks()[self.bundle.tasks()[task as usize].block.get() as usize];
        let rows = self.bundle.block_attrs(block);
        let value = |attr: Attr| rows.iter().find(|row| row.attr.get() == attr as u16).map(|row| row.value.get());
        (value(Attr::Lane), value(Attr::LaneMax).unwrap_or(1))
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

    /// What the outcomes of a ready task's targets mean for it, and whether a watched one changed.
    pub fn judge(&self, task: u32) -> (Verdict, bool) {
        let (mut blocked, mut skipped, mut fired) = (None, None, false);
        for (kind, target) in self.bundle.task_edges(&self.bundle.tasks()[task as usize]) {
            let TaskState::Finished(outcome) = self.state[target as usize] else { continue };
            match kind.map(|kind| passes(kind, outcome)) {
                Some(Effect::Pass) | None => {}
                Some(Effect::React) => fired = true,
                Some(Effect::Block) => blocked = blocked.or(Some(target)),
                Some(Effect::Skip) => skipped = skipped.or(Some(target)),
            }
        }
        let verdict = match (blocked, skipped) {
            (Some(target), _) => Verdict::Blocked(target),
            (None, Some(target)) => Verdict::Skipped(target),
            (None, None) => Verdict::Run,
        };
        (verdict, fired)
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

/// The table of `spec/semantics.md`: keyword and outcome of the target give the effect on the task. A target that was
/// not reached never gets here: the run is stopped, so the task is not reached either.
pub const fn passes(kind: EdgeKind, outcome: Outcome) -> Effect {
    match (kind, outcome) {
        (_, Outcome::Failed | Outcome::Blocked | Outcome::NotReached) => Effect::Block,
        (EdgeKind::DependsOn, Outcome::Skipped) => Effect::Skip,
        (EdgeKind::Requires | EdgeKind::Watch, Outcome::Skipped) => Effect::Pass,
        (EdgeKind::Watch, Outcome::Changed | Outcome::WouldChange) => Effect::React,
        (EdgeKind::DependsOn | EdgeKind::Requires, Outcome::Changed | Outcome::WouldChange) => Effect::Pass,
        (_, Outcome::Ok) => Effect::Pass,
    }
}
