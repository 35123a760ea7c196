//! A run of a bundle, sans-I/O: [`Run::next`] says what is to be done, [`Run::answer`] takes what came of it. Whoever
//! holds the run does the waiting and may do several things at once.

mod before;
mod listeners;
mod shared;

use crate::host::{Call, Change, Host, Mode, Touched};
use crate::machine::fiber::{Fiber, Request, Step, Surroundings};
use crate::observe::{Observer, Trace};
use crate::outcome::{Forecast, Outcome, Outcomes, Reason, TaskEnd};
use crate::sched::{Doubt, Judged, Next, Parallel, Policy, PolicyKind, Sequential, States, TaskState, Verdict};
use crate::verify::Verified;
use before::{Left, Reacting};
use ipcmm_bytecode::bundle::rows::{TASK_BEFORE, TASK_DRY, TASK_KEEPS_RESULT, TASK_STOPS, TASK_TEST};
use ipcmm_bytecode::bundle::{Attr, ExecMode};
use ipcmm_bytecode::catalog::Reaction;
use ipcmm_bytecode::{Function, Value};
use listeners::{Due, Listeners};
use shared::Shared;
use std::collections::HashMap;
use std::sync::Arc;

pub use crate::machine::fiber::Input;
pub use before::{Before, Owed, Stands, Tie};

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
    /// A signal, not a task, stopped it: nothing at all is started any more.
    broken_off: bool,
    /// Tasks before it have ended, once the run was stopped.
    cursor: u32,
    /// How parts of tasks ended that have not ended themselves.
    parts: HashMap<u32, TaskEnd>,
    listeners: Listeners,
    reacting: Option<Reacting>,
    /// What earlier runs left.
    left: Left,
    delivered: bool,
    bad: u32,
    /// The worker of all `concurrent` tasks.
    shared: Shared,
    trace: Option<&'a dyn Trace>,
    /// In a dry run, what was foreseen to change so far.
    touched: Option<Arc<Touched>>,
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
            broken_off: false,
            cursor: 0,
            parts: HashMap::new(),
            listeners: Listeners::new(bundle),
            reacting: None,
            left: Left::default(),
            delivered: false,
            bad: 0,
            shared: Shared::default(),
            trace: None,
            touched: (options.mode == Mode::Check).then(Arc::default),
        }
    }

    /// The same run with someone who is told which ways are taken.
    pub fn traced(self, trace: &'a dyn Trace) -> Run<'a> {
        Run { trace: Some(trace), ..self }
    }

    /// The next thing to do, or `None` when there is nothing to do until an answer comes. `now` is in nanoseconds since
    /// the start of the run and never goes back.
    pub fn next(&mut self, now: u64) -> Option<Action> {
        if self.observer.halts() {
            self.stop();
        }
        if let Some(action) = self.shared_call(now) {
            return Some(action);
        }
        if let Some(first) = self.pay(now) {
            return first;
        }
        while !self.stopped {
            let Next::Start(task) = self.policy.next(&self.states) else { break };
            if let Some(action) = self.begin(task, now) {
                return Some(action);
            }
        }
        while self.stopped && self.fibers.is_empty() && self.cursor < self.states.len() {
            let task = self.cursor;
            self.cursor += 1;
            if matches!(self.states.get(task), TaskState::Finished(_)) {
                continue;
            }
            if !self.was_begun(task) && (self.broken_off || !self.states.survives_stop(task)) {
                self.finish(task, TaskEnd::without_body(Outcome::NotReached, Reason::RunStopped, now));
            } else if let Some(action) = self.begin(task, now) {
                return Some(action);
            }
        }
        while self.states.unfinished() == 0 && self.fibers.is_empty() && !self.delivered {
            if let Some(action) = self.deliver(now) {
                return Some(action);
            }
        }
        None
    }

    /// Starts a task, or ends it at once where a part of it has decided.
    fn begin(&mut self, task: u32, now: u64) -> Option<Action> {
        self.states.set(task, TaskState::Running, &mut self.ready);
        if let Some(stands) = self.left.ends.remove(&task) {
            self.restore(task, stands);
            return None;
        }
        let row = &self.bundle.tasks()[task as usize];
        if row.flags & (TASK_DRY | TASK_BEFORE) == 0 {
            self.observer.task_started(task, now);
        }
        let judged = self.states.judge(task, self.options.mode);
        if let Verdict::As(part) = judged.verdict {
            let end = self.parts.get(&part).cloned();
            let end = end.unwrap_or_else(|| TaskEnd::without_body(Outcome::Failed, Reason::Ran, now));
            self.finish(task, end.doubted(judged.doubt.refusals));
            return None;
        }
        let block = self.bundle.tasks()[self.bundle.owner(task) as usize].block.get();
        // The reaction of a task of two phases belongs to the second.
        let fired = judged.fired && row.flags & TASK_BEFORE == 0;
        let fiber = Fiber::new(task, block, Judged { fired, ..judged });
        if row.flags & (TASK_DRY | TASK_BEFORE) == 0 && self.listeners.begins(task) && self.covers(task) {
            self.observer.reaction_started(task);
        }
        self.step(task, fiber, Input::Start, now)
    }

    /// Whether a change that the body of a task makes stands for its reaction.
    fn covers(&self, task: u32) -> bool {
        let block = &self.bundle.blocks()[self.bundle.tasks()[task as usize].block.get() as usize];
        self.bundle.catalog().builtin(block.builtin.get()).is_some_and(|shape| shape.reaction == Reaction::Covered)
    }

    /// Notes that a task begins its reaction, or what stands for one.
    fn reacts(&mut self, task: u32) {
        if self.listeners.reacts(task) {
            self.observer.reaction_started(task);
        }
    }

    /// The reaction of the next listener that is due, after the last task.
    fn deliver(&mut self, now: u64) -> Option<Action> {
        let bundle = self.bundle;
        let label = |task: u32| format!("`{}`", bundle.label(task));
        match self.listeners.next(!self.broken_off, &label) {
            None => {
                self.delivered = true;
                None
            }
            Some(Due::Over(task, end)) => {
                let end = self.left.told.remove(&task).unwrap_or(end);
                self.report(task, end);
                None
            }
            Some(Due::Kept(task, end)) => {
                self.observer.reaction_kept(task);
                self.report(task, end);
                None
            }
            Some(Due::React(task, end, target, sure)) => {
                if let Some(end) = self.left.told.remove(&task) {
                    self.report(task, end);
                    return None;
                }
                self.reacts_anew(task);
                // In a dry run it may have nothing to react to, or be in no state to.
                let sure = sure && !end.possible.are_several();
                let doubt = Doubt {
                    refusals: Outcomes::NONE.with(Outcome::Skipped, !sure && self.options.mode == Mode::Check),
                    ..Doubt::default()
                };
                self.reacting = Some(Reacting::Due(task, end, target));
                let block = bundle.tasks()[task as usize].block.get();
                self.step(task, Fiber::reaction(task, block, doubt), Input::Start, now)
            }
        }
    }

    /// Takes the result of an action and returns what follows from it at once, if anything does.
    pub fn answer(&mut self, task: u32, input: Input, now: u64) -> Option<Action> {
        let fiber = self.fibers.remove(&task)?;
        self.shared.answered(task);
        if let Input::Reply(reply) = &input {
            self.observer.call_finished(self.bundle.owner(task), reply, now);
            if !self.bundle.is_part(task) {
                self.touch(&reply.changes);
            }
        }
        self.step(task, fiber, input, now)
    }

    /// Starts nothing new. Tasks under way are awaited; the others will not be reached.
    pub fn stop(&mut self) {
        self.stopped = true;
        self.broken_off = true;
    }

    /// Whether every task has its outcome, and every reaction that is due was delivered.
    pub fn is_over(&self) -> bool {
        self.states.unfinished() == 0 && self.delivered
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
        let owner = self.bundle.owner(task);
        let flags = self.bundle.tasks()[task as usize].flags;
        let dry = flags & TASK_DRY != 0;
        let test = self.bundle.tasks()[owner as usize].flags & TASK_TEST != 0;
        let phase = match flags & TASK_BEFORE != 0 || dry && owner != self.bundle.tasks()[task as usize].block.get() {
            true => Some("before"),
            false => self.first_phase(task).map(|_| "after"),
        };
        let around = Surroundings {
            bundle: self.bundle,
            host: self.host,
            // A dry run may come before what it reads: then that is not known yet.
            results: &|task| results.get(&task).cloned().or_else(|| dry.then_some(Value::Unknown)),
            mode: if dry || test { Mode::Check } else { self.options.mode },
            phase,
            owner,
            seed: self.options.seed,
            now,
            trace: self.trace,
            touched: self.touched.as_ref(),
        };
        let before = fiber.has_reacted();
        let mut step = fiber.step(input, &around);
        // What is asked of an object that will be another one has no answer yet.
        while let (Step::Wait(Request::Probe(_, args)), Some(touched)) = (&step, &self.touched)
            && touched.concerns(args, &|path| self.host.followed(path))
        {
            step = fiber.step(Input::Probe(Ok(Value::Unknown)), &around);
        }
        if !before && self.reacting.is_none() && fiber.has_reacted() && flags & (TASK_DRY | TASK_BEFORE) == 0 {
            self.reacts(task);
        }
        match step {
            Step::Wait(request) => {
                self.fibers.insert(task, fiber);
                Some(match request {
                    Request::Call(call) if self.is_concurrent(task) => {
                        self.shared.wait(task, call, now);
                        return self.shared_call(now);
                    }
                    Request::Call(call) => {
                        self.observer.call_started(&call, now);
                        Action::Call(task, call)
                    }
                    Request::Probe(function, args) => Action::Probe(task, function, args),
                    Request::Sleep(nanos) => Action::Sleep(task, nanos),
                })
            }
            Step::Done(end) => {
                match self.reacting.take() {
                    Some(Reacting::Due(listener, was, target)) => {
                        let label = format!("`{}`", self.bundle.label(target));
                        let mut end = *end;
                        if self.left.touched.remove(&listener) {
                            before::was_touched(&mut end, self.options.mode);
                        }
                        self.report(listener, listeners::reacted(was, end, target, &label));
                    }
                    Some(Reacting::Owed(owed)) => self.paid(&owed, *end),
                    None => {
                        if end.reason == Reason::WatchFired {
                            self.reacts(task);
                        }
                        self.finish(task, *end);
                    }
                }
                None
            }
        }
    }

    /// The first phase of a task that has two.
    fn first_phase(&self, task: u32) -> Option<u32> {
        let part = self.states.own_part(task)?;
        (self.bundle.tasks()[part as usize].flags & TASK_BEFORE != 0).then_some(part)
    }

    /// Takes the end of a task or of a part of one.
    fn finish(&mut self, task: u32, mut end: TaskEnd) {
        let flags = self.bundle.tasks()[task as usize].flags;
        let part = flags & (TASK_DRY | TASK_BEFORE) != 0;
        if !part
            && end.outcome != Outcome::NotReached
            && let Some(before) = self.first_phase(task).and_then(|first| self.parts.remove(&first))
            && !before.outcome.is_bad()
        {
            end = end.after(&before);
        }
        self.touched(task, &mut end);
        self.observer.task_settled(task, &end);
        self.settle(task, end, None);
    }

    /// Lets what depends on a task know its end. `moment` is that of an end that is not of this run.
    fn settle(&mut self, task: u32, mut end: TaskEnd, moment: Option<u64>) {
        let flags = self.bundle.tasks()[task as usize].flags;
        let part = flags & (TASK_DRY | TASK_BEFORE) != 0;
        let test = self.bundle.tasks()[self.bundle.owner(task) as usize].flags & TASK_TEST != 0;
        if flags & TASK_KEEPS_RESULT != 0 && end.outcome != Outcome::NotReached {
            self.results.insert(
                task,
                match self.options.mode {
                    Mode::Apply => end.record(),
                    Mode::Check => end.foreseen_record(!self.is_tried_again(task), test),
                },
            );
        }
        if self.options.mode == Mode::Check {
            self.states.set_possible(task, end.possible);
            if test {
                // A run makes a dry run of it, too.
                end.forecast = Forecast::Cannot;
            } else if !part {
                self.touch(&end.changes);
            }
        }
        // A dry run predicts every task: stopping it at the first predicted failure would hide the rest.
        if end.outcome.is_bad() && flags & TASK_STOPS != 0 && self.options.mode == Mode::Apply {
            self.stopped = true;
        }
        if end.attempts > 0 || end.outcome.changed() || end.outcome == Outcome::Ok {
            self.states.note_begun(task);
        }
        self.ready.clear();
        if end.reason == Reason::NotTarget {
            self.states.set_absent(task);
        }
        self.states.set(task, TaskState::Finished(end.outcome), &mut self.ready);
        // Once it is stopped, the run goes through the rest itself; the policy did not start what ends now.
        if self.cursor == 0 {
            self.policy.finished(task, &self.ready, &self.states);
        }
        if moment.is_none() && !part && end.changed && self.covers(task) {
            self.listeners.covered(task);
        }
        match part {
            true => drop(self.parts.insert(task, end)),
            false => {
                if let Some(end) = self.listeners.ended(task, end, moment) {
                    self.report(task, end);
                }
            }
        }
    }

    /// Notes what was foreseen to change, in a dry run.
    fn touch(&mut self, changes: &[Change]) {
        if let Some(touched) = &mut self.touched
            && !changes.is_empty()
        {
            let touched = Arc::make_mut(touched);
            changes.iter().for_each(|change| touched.note(change, &|path| self.host.followed(path)));
        }
    }

    /// Whether a task, or a step of it, makes several attempts.
    fn is_tried_again(&self, task: u32) -> bool {
        let block = self.bundle.tasks()[task as usize].block.get() as usize;
        let blocks = self.bundle.blocks();
        let (from, steps) = (blocks[block].children.get() as usize, usize::from(blocks[block].children_len.get()));
        let mut all = std::iter::once(&blocks[block]).chain(&blocks[from..from + steps]);
        all.any(|block| self.bundle.block_attrs(block).iter().any(|r| r.attr.get() == Attr::RetryAttempts as u16))
    }

    /// Tells of the one end of a task.
    fn report(&mut self, task: u32, end: TaskEnd) {
        let end = self.told(task, end);
        self.bad += u32::from(end.outcome.is_bad());
        self.observer.task_finished(task, &end);
    }
}
