//! A run of a bundle, sans-I/O: [`Run::next`] says what is to be done, [`Run::answer`] takes what came of it. Whoever
//! holds the run does the waiting and may do several things at once.

use crate::host::{Call, Host, Mode};
use crate::machine::fiber::{Fiber, Request, Step, Surroundings};
use crate::observe::Observer;
use crate::outcome::{Outcome, Reason, TaskEnd};
use crate::sched::{Next, Parallel, Policy, PolicyKind, Sequential, States, TaskState};
use crate::verify::Verified;
use ipcmm_bytecode::bundle::ExecMode;
use ipcmm_bytecode::bundle::rows::{TASK_KEEPS_RESULT, TASK_STOPS};
use ipcmm_bytecode::{Function, Value};
use std::collections::HashMap;

pub use crate::machine::fiber::Input;

/// How a bundle is run.
#[derive(Clone, Copy, Debug)]
pub struct RunOptions {
    /// Apply or check.
    pub mode: Mode,
    /// What may run beside what.
    pub policy: PolicyKind,
    /// How many tasks run in the background at once.
    pub max_parallel: u32,
    /// Seed of everything random.
    pub seed: u64,
}

/// Something to be done for a task; [`Run::answer`] takes the result.
#[derive(Debug)]
pub enum Action {
    /// Execute a built-in and answer [`Input::Reply`].
    Call(u32, Box<Call>),
    /// Ask the host and answer [`Input::Probe`].
    Probe(u32, Function, Vec<Value>),
    /// Let so many nanoseconds pass and answer [`Input::Woke`].
    Sleep(u32, u64),
}

/// A run under way.
pub struct Run<'a> {
    bundle: &'a Verified<'a>,
    host: &'a dyn Host,
    observer: &'a mut dyn Observer,
    options: RunOptions,
    states: States<'a>,
    policy: Box<dyn Policy + 'a>,
    fibers: HashMap<u32, Fiber>,
    results: HashMap<u32, Value>,
    ready: Vec<u32>,
    stopped: bool,
    bad: u32,
}

impl std::fmt::Debug for Run<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Run").field("unfinished", &self.states.unfinished()).field("stopped", &self.stopped).finish()
    }
}

impl<'a> Run<'a> {
    /// A run that has not begun.
    pub fn new(
        bundle: &'a Verified<'a>,
        host: &'a dyn Host,
        observer: &'a mut dyn Observer,
        options: RunOptions,
    ) -> Run<'a> {
        let kind = if options.mode == Mode::Check { PolicyKind::Sequential } else { options.policy };
        let policy: Box<dyn Policy> = match kind {
            PolicyKind::Sequential => Box::new(Sequential::default()),
            PolicyKind::AsWritten => Box::new(Parallel::new(options.max_parallel, ExecMode::Sync)),
            PolicyKind::Parallel => Box::new(Parallel::new(options.max_parallel, ExecMode::Parallel)),
        };
        Run {
            bundle,
            host,
            observer,
            options,
            states: States::new(bundle),
            policy,
            fibers: HashMap::new(),
            results: HashMap::new(),
            ready: Vec::new(),
            stopped: false,
            bad: 0,
        }
    }

    /// The next thing to do, or `None` when there is nothing to do until an answer comes. `now` is in nanoseconds since
    /// the start of the run and never goes back.
    pub fn next(&mut self, now: u64) -> Option<Action> {
        while !self.stopped {
            let Next::Start(task) = self.policy.next(&self.states) else { break };
            self.states.set(task, TaskState::Running, &mut self.ready);
            self.observer.task_started(task, now);
            let (verdict, fired) = self.states.judge(task);
            let block = self.bundle.tasks()[task as usize].block.get();
            let fiber = Fiber::new(task, block, verdict, fired);
            if let Some(action) = self.step(task, fiber, Input::Start, now) {
                return Some(action);
            }
        }
        if self.stopped && self.fibers.is_empty() {
            self.close(now);
        }
        None
    }

    /// Takes the result of an action and returns what follows from it at once, if anything does.
    pub fn answer(&mut self, task: u32, input: Input, now: u64) -> Option<Action> {
        let fiber = self.fibers.remove(&task)?;
        if let Input::Reply(reply) = &input {
            self.observer.call_finished(task, reply, now);
        }
        self.step(task, fiber, input, now)
    }

    /// Starts nothing new. Tasks under way are awaited; the others will not be reached.
    pub fn stop(&mut self) {
        self.stopped = true;
    }

    /// Whether every task has its outcome.
    pub fn is_over(&self) -> bool {
        self.states.unfinished() == 0
    }

    /// Tasks that wait for an answer.
    pub fn under_way(&self) -> impl Iterator<Item = u32> + '_ {
        self.fibers.keys().copied()
    }

    /// Failed and blocked tasks so far. The run has failed if there is any.
    pub fn bad(&self) -> u32 {
        self.bad
    }

    fn step(&mut self, task: u32, mut fiber: Fiber, input: Input, now: u64) -> Option<Action> {
        let results = &self.results;
        let around = Surroundings {
            bundle: self.bundle,
            host: self.host,
            results: &|task| results.get(&task).cloned(),
            mode: self.options.mode,
            seed: self.options.seed,
            now,
        };
        match fiber.step(input, &around) {
            Step::Wait(request) => {
                self.fibers.insert(task, fiber);
                Some(match request {
                    Request::Call(call) => {
                        self.observer.call_started(&call, now);
                        Action::Call(task, call)
                    }
                    Request::Probe(function, args) => Action::Probe(task, function, args),
                    Request::Sleep(nanos) => Action::Sleep(task, nanos),
                })
            }
            Step::Done(end) => {
                self.finish(task, &end);
                None
            }
        }
    }

    fn finish(&mut self, task: u32, end: &TaskEnd) {
        let flags = self.bundle.tasks()[task as usize].flags;
        if flags & TASK_KEEPS_RESULT != 0 {
            self.results.insert(task, end.record());
        }
        self.bad += u32::from(end.outcome.is_bad());
        // A dry run predicts every task: stopping it at the first predicted failure would hide the rest.
        if end.outcome.is_bad() && flags & TASK_STOPS != 0 && self.options.mode == Mode::Apply {
            self.stopped = true;
        }
        self.ready.clear();
        if end.reason == Reason::NotTarget {
            self.states.set_absent(task);
        }
        self.states.set(task, TaskState::Finished(end.outcome), &mut self.ready);
        self.policy.finished(task, &self.ready, &self.states);
        self.observer.task_finished(task, end);
    }

    /// Gives every task that was never started its outcome.
    fn close(&mut self, now: u64) {
        for task in 0..self.states.len() {
            if matches!(self.states.get(task), TaskState::Waiting | TaskState::Ready) {
                let end = TaskEnd::without_body(Outcome::NotReached, Reason::RunStopped, now);
                self.ready.clear();
                self.states.set(task, TaskState::Finished(end.outcome), &mut self.ready);
                self.observer.task_finished(task, &end);
            }
        }
    }
}
