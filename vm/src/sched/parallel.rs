//! The main sequence and the background. `parallel`, `concurrent` and `async` tasks run in the background as soon as
//! their targets have finished, whatever the main sequence waits for; `queue` tasks likewise, but only so many of one
//! queue at a time; `sync` tasks are the main sequence; `seq` tasks run alone.

use super::{Next, Policy, States, TaskState};
use ipcmm_bytecode::bundle::ExecMode;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

/// The policy.
#[derive(Debug)]
pub struct Parallel {
    /// Tasks before it were started or handed to the background.
    cursor: u32,
    /// The task the main sequence waits for.
    main: Option<u32>,
    /// Background tasks that may start, earliest in run order first.
    ready: BinaryHeap<Reverse<u32>>,
    /// Background tasks without an outcome, the ready ones included.
    background: u32,
    /// Background tasks that were started, those of queues left out: what waits in a queue costs nothing.
    running: u32,
    /// Queues by name: a string of the bundle.
    lanes: BTreeMap<Option<u32>, Lane>,
    limit: u32,
    /// What `sync` is taken as.
    sync_as: ExecMode,
}

/// A queue.
#[derive(Debug, Default)]
struct Lane {
    /// Tasks that may start, earliest in run order first.
    ready: BinaryHeap<Reverse<u32>>,
    running: u32,
}

impl Parallel {
    /// At most `limit` background tasks run at once. `sync_as` is how tasks with the default mode are taken.
    pub fn new(limit: u32, sync_as: ExecMode) -> Parallel {
        Parallel {
            cursor: 0,
            main: None,
            ready: BinaryHeap::new(),
            background: 0,
            running: 0,
            lanes: BTreeMap::new(),
            limit: limit.max(1),
            sync_as,
        }
    }

    fn mode(&self, task: u32, states: &States<'_>) -> ExecMode {
        match ExecMode::from_number(states.mode(task)) {
            Some(ExecMode::Sync) | None => self.sync_as,
            Some(mode) => mode,
        }
    }

    /// Takes a background task that may start to where it waits for its turn.
    fn enqueue(&mut self, task: u32, states: &States<'_>) {
        match self.mode(task, states) {
            ExecMode::Queue => self.lanes.entry(states.lane(task).0).or_default().ready.push(Reverse(task)),
            _ => self.ready.push(Reverse(task)),
        }
    }

    /// The next task of a queue that is not full.
    fn next_of_lanes(&mut self, states: &States<'_>) -> Option<u32> {
        self.lanes.values_mut().find_map(|lane| {
            let Reverse(task) = *lane.ready.peek()?;
            if lane.running >= states.lane(task).1 {
                return None;
            }
            lane.ready.pop();
            lane.running += 1;
            Some(task)
        })
    }
}

impl Policy for Parallel {
    fn next(&mut self, states: &States<'_>) -> Next {
        loop {
            if self.running < self.limit
                && let Some(Reverse(task)) = self.ready.pop()
            {
                self.running += 1;
                return Next::Start(task);
            }
            if let Some(task) = self.next_of_lanes(states) {
                return Next::Start(task);
            }
            if self.main.is_some() {
                return Next::Wait;
            }
            if self.cursor >= states.len() {
                return if self.background == 0 { Next::End } else { Next::Wait };
            }
            let task = self.cursor;
            let ready = states.get(task) == TaskState::Ready;
            match self.mode(task, states) {
                ExecMode::Parallel | ExecMode::Concurrent | ExecMode::Queue | ExecMode::Async => {
                    self.cursor += 1;
                    self.background += 1;
                    if ready {
                        self.enqueue(task, states);
                    }
                }
                ExecMode::Sync if !ready => return Next::Wait,
                ExecMode::Seq if self.background > 0 => return Next::Wait,
                ExecMode::Sync | ExecMode::Seq => {
                    self.cursor += 1;
                    self.main = Some(task);
                    return Next::Start(task);
                }
            }
        }
    }

    fn finished(&mut self, task: u32, ready: &[u32], states: &States<'_>) {
        if self.main == Some(task) {
            self.main = None;
        } else {
            self.background -= 1;
            match self.mode(task, states) {
                ExecMode::Queue => {
                    if let Some(lane) = self.lanes.get_mut(&states.lane(task).0) {
                        lane.running -= 1;
                    }
                }
                _ => self.running -= 1,
            }
        }
        for &task in ready {
            if task < self.cursor && !matches!(self.mode(task, states), ExecMode::Sync | ExecMode::Seq) {
                self.enqueue(task, states);
            }
        }
    }
}
