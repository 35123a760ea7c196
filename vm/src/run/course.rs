//! A course: tasks that are carried out together under one policy. The main sequence is one, and so is every subrun.
//!
//! Unaware of: other courses. Tasks are counted by their places in the selection; actions are told apart by a number
//! that is the row of the task in the main sequence, and counted on from the base of a subrun in any other.

use super::listeners::Listeners;
use super::shared::Shared;
use super::subruns::Sub;
use crate::host::{Cancel, Mode};
use crate::outcome::TaskEnd;
use crate::sched::{Parallel, Policy, PolicyKind, Sequential, States};
use crate::verify::Verified;
use ipcmm_bytecode::Value;
use ipcmm_bytecode::bundle::ExecMode;
use ipcmm_bytecode::bundle::rows::{TASK_BEFORE, TASK_DRY};
use std::collections::{BTreeSet, HashMap, HashSet};

/// What a subrun asks of the policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manner {
    /// One after the other, in run order.
    OneByOne,
    /// As `modeofexec` says, with so many in the background at once.
    AsWritten(u32),
    /// Beside each other, so many at once, where `modeofexec` says nothing else.
    Beside(u32),
}

impl Manner {
    /// The policy for it. Where the whole run is sequential, so is everything in it.
    pub fn policy(self, kind: PolicyKind, mode: Mode) -> Box<dyn Policy> {
        match self {
            _ if mode == Mode::Check || kind == PolicyKind::Sequential => Box::new(Sequential::default()),
            Manner::OneByOne => Box::new(Parallel::new(1, ExecMode::Sync)),
            Manner::AsWritten(max) if kind == PolicyKind::AsWritten => Box::new(Parallel::new(max, ExecMode::Sync)),
            Manner::AsWritten(max) | Manner::Beside(max) => Box::new(Parallel::new(max, ExecMode::Parallel)),
        }
    }
}

/// Tasks under one policy.
pub(super) struct Course<'a> {
    pub bundle: &'a Verified<'a>,
    /// The number of its first action; 0 for the main sequence.
    pub base: u32,
    pub states: States<'a>,
    pub policy: Box<dyn Policy>,
    /// Result records, by row.
    pub results: HashMap<u32, Value>,
    pub ready: Vec<u32>,
    pub stopped: bool,
    /// It is not a task that stopped it: nothing at all is started any more.
    pub broken_off: bool,
    /// Tasks before it have ended, once the course was stopped.
    pub cursor: u32,
    /// How parts of tasks ended that have not ended themselves, by row.
    pub parts: HashMap<u32, TaskEnd>,
    pub listeners: Listeners,
    /// The listener that reacts after the last task (a row), how it had ended, and the row that changed.
    pub reacting: Option<(u32, TaskEnd, u32)>,
    pub delivered: bool,
    /// The worker of all `concurrent` tasks.
    pub shared: Shared,
    /// Tasks that wait for an answer.
    pub under_way: u32,
    /// Tasks under way that are to ask for nothing more.
    pub doomed: HashSet<u32>,
    pub mode: Mode,
    /// The sign that its calls get.
    pub cancel: Cancel,
    /// Subruns started here that are awaited at the end, and those that end with it, by their bases.
    pub children: BTreeSet<u32>,
    pub detached: BTreeSet<u32>,
    /// Handles of those, by number; at the end it is seen which of them nobody joined.
    pub handles: Vec<u32>,
    /// Its own tasks are over, and what is detached was told.
    pub ending: bool,
    /// It is among those in which something may start.
    pub awake: bool,
    /// What there is to know of a subrun.
    pub sub: Option<Box<Sub>>,
}

impl<'a> Course<'a> {
    pub fn new(
        bundle: &'a Verified<'a>,
        base: u32,
        states: States<'a>,
        policy: Box<dyn Policy>,
        mode: Mode,
        cancel: Cancel,
    ) -> Course<'a> {
        let listeners = Listeners::new(bundle, &states, base == 0);
        Course {
            bundle,
            base,
            states,
            policy,
            results: HashMap::new(),
            ready: Vec::new(),
            stopped: false,
            broken_off: false,
            cursor: 0,
            parts: HashMap::new(),
            listeners,
            reacting: None,
            delivered: false,
            shared: Shared::default(),
            under_way: 0,
            doomed: HashSet::new(),
            mode,
            cancel,
            children: BTreeSet::new(),
            detached: BTreeSet::new(),
            handles: Vec::new(),
            ending: false,
            awake: false,
            sub: None,
        }
    }

    /// The number of a task's actions.
    pub fn action(&self, task: u32) -> u32 {
        if self.base == 0 { self.states.row(task) } else { self.base + task }
    }

    /// The task of an action.
    pub fn task(&self, action: u32) -> Option<u32> {
        match self.base {
            0 => self.states.place(action).filter(|task| *task < self.states.len()),
            base => action.checked_sub(base).filter(|task| *task < self.states.len()),
        }
    }

    /// Whether every task has its outcome, everything it started is over, and every reaction was delivered.
    pub fn is_over(&self) -> bool {
        self.states.unfinished() == 0 && self.delivered
    }

    /// Whether the calls of a task or a part of one are made by the shared worker.
    pub fn is_concurrent(&self, row: u32) -> bool {
        let mode = self.bundle.tasks()[self.bundle.owner(row) as usize].mode;
        let by_default = self.sub.as_ref().is_some_and(|sub| sub.one_worker) && mode == ExecMode::Sync as u8;
        by_default || mode == ExecMode::Concurrent as u8
    }

    /// The row of the first phase of a task that has two.
    pub fn first_phase(&self, task: u32) -> Option<u32> {
        let part = self.states.own_part(task)?;
        (self.bundle.tasks()[part as usize].flags & TASK_BEFORE != 0).then_some(part)
    }

    pub fn is_part(&self, row: u32) -> bool {
        self.bundle.tasks()[row as usize].flags & (TASK_DRY | TASK_BEFORE) != 0
    }
}
