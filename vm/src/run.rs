//! A run of a bundle, sans-I/O: [`Run::next`] says what is to be done, [`Run::answer`] takes what came of it. Whoever
//! holds the run does the waiting and may do several things at once.
//!
//! A run is made of courses ([`course`]): the main sequence, and subruns of tasks on demand (`run/subruns.rs`).

mod before;
mod course;
mod deliveries;
mod joins;
mod listeners;
mod shared;
mod subruns;

use crate::host::{Call, Cancel, Change, Host, Mode, Touched};
use crate::machine::fiber::{Captured, Fiber, Request, Step, Surroundings};
use crate::observe::{Observer, Trace};
use crate::outcome::{Forecast, Outcome, Outcomes, Reason, TaskEnd};
use crate::sched::{Doubt, Judged, Next, PolicyKind, States, TaskState, Verdict};
use crate::verify::Verified;
use before::{Left, Reacting};
use course::{Course, Manner};
use ipcmm_bytecode::bundle::Attr;
use ipcmm_bytecode::bundle::rows::{TASK_BEFORE, TASK_DRY, TASK_KEEPS_RESULT, TASK_STOPS, TASK_TEST};
use ipcmm_bytecode::catalog::Reaction;
use ipcmm_bytecode::{Function, Value};
use joins::{Handle, Join};
use listeners::Due;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use subruns::Timer;

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

/// Something to be done for a task; [`Run::answer`] takes the result. Tasks of the main sequence are named by their
/// rows, tasks of subruns by numbers behind them: [`Run::task_of`] knows the rows.
#[derive(Debug)]
pub enum Action {
    /// Execute a built-in and answer [`Input::Reply`].
    Call(u32, Box<Call>),
    /// Ask the host and answer [`Input::Probe`].
    Probe(u32, Function, Vec<Value>),
    /// Let so many nanoseconds pass and answer [`Input::Woke`].
    Sleep(u32, u64),
}

/// What a fiber is left with until it goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Waits {
    /// The host works for it.
    Host,
    /// Time passes.
    Time,
    /// Its call waits for the shared worker.
    Turn,
    /// Tasks that it runs on demand.
    Subrun,
    /// What others have put into the background.
    Join,
}

/// A run under way.
pub struct Run<'a> {
    bundle: &'a Verified<'a>,
    host: &'a dyn Host,
    observer: &'a mut dyn Observer,
    options: RunOptions,
    /// The main sequence; taken out while it is worked on, as every course is.
    main: Option<Box<Course<'a>>>,
    /// Subruns by the numbers of their first actions.
    subs: BTreeMap<u32, Box<Course<'a>>>,
    /// Fibers that wait, by the numbers of their actions.
    fibers: HashMap<u32, (Fiber, Waits)>,
    /// Courses in which something may start, by their bases.
    awake: VecDeque<u32>,
    /// Numbers from here on are not given to actions yet.
    unused: u32,
    /// Subruns that were started, and their tasks that are under way.
    started: u32,
    on_demand: u32,
    /// What was put into the background, by number.
    handles: HashMap<u32, Handle>,
    /// Who waits for handles, by action.
    joins: HashMap<u32, Join>,
    timers: HashMap<u32, Timer>,
    /// Things to be done that nobody waits for.
    pending: VecDeque<Action>,
    bad: u32,
    /// What earlier runs left; it concerns the main sequence only.
    left: Left,
    trace: Option<&'a dyn Trace>,
    /// In a dry run, what was foreseen to change so far.
    touched: Option<Arc<Touched>>,
    deliveries: deliveries::Deliveries,
}

impl std::fmt::Debug for Run<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let unfinished = self.main.as_ref().map(|main| main.states.unfinished());
        f.debug_struct("Run").field("unfinished", &unfinished).field("subruns", &self.subs.len()).finish()
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
        let policy = Manner::AsWritten(options.max_parallel).policy(options.policy, options.mode);
        let main = Course::new(bundle, 0, States::new(bundle), policy, options.mode, Cancel::default());
        let mut run = Run {
            bundle,
            host,
            observer,
            options,
            main: None,
            subs: BTreeMap::new(),
            fibers: HashMap::new(),
            awake: VecDeque::new(),
            unused: bundle.tasks().len() as u32,
            started: 0,
            on_demand: 0,
            handles: HashMap::new(),
            joins: HashMap::new(),
            timers: HashMap::new(),
            pending: VecDeque::new(),
            bad: 0,
            left: Left::default(),
            trace: None,
            touched: (options.mode == Mode::Check).then(Arc::default),
            deliveries: deliveries::Deliveries::default(),
        };
        let mut main = Box::new(main);
        run.wake(&mut main);
        run.main = Some(main);
        run
    }

    /// The same run with someone who is told which ways are taken.
    pub fn traced(self, trace: &'a dyn Trace) -> Run<'a> {
        Run { trace: Some(trace), ..self }
    }

    /// The same run, whose calls all stop at this sign.
    pub fn cancelled_by(mut self, cancel: Cancel) -> Run<'a> {
        if let Some(main) = &mut self.main {
            main.cancel = cancel;
        }
        self
    }

    /// The next thing to do, or `None` when there is nothing to do until an answer comes. `now` is in nanoseconds since
    /// the start of the run and never goes back.
    pub fn next(&mut self, now: u64) -> Option<Action> {
        if self.observer.halts() {
            self.stop();
        }
        loop {
            self.deliver_due(now);
            if let Some(action) = self.pending.pop_front() {
                return Some(action);
            }
            let base = *self.awake.front()?;
            let Some(mut course) = self.take(base) else {
                self.awake.pop_front();
                continue;
            };
            let action = self.advance(&mut course, now);
            if action.is_some() {
                self.put(course);
                return action;
            }
            self.awake.pop_front();
            course.awake = false;
            if course.is_over() && course.sub.is_some() {
                if let Some(action) = self.ended(*course, now) {
                    return Some(action);
                }
            } else {
                self.put(course);
            }
        }
    }

    fn take(&mut self, base: u32) -> Option<Box<Course<'a>>> {
        if base == 0 { self.main.take() } else { self.subs.remove(&base) }
    }

    fn put(&mut self, course: Box<Course<'a>>) {
        match course.base {
            0 => self.main = Some(course),
            base => drop(self.subs.insert(base, course)),
        }
    }

    /// Notes that something may start in a course, or that it may be over.
    fn wake(&mut self, course: &mut Course<'a>) {
        if !std::mem::replace(&mut course.awake, true) {
            self.awake.push_back(course.base);
        }
    }

    /// The base of the course that an action belongs to.
    fn course_of(&self, action: u32) -> Option<u32> {
        if (action as usize) < self.bundle.tasks().len() {
            return Some(0);
        }
        let (base, course) = self.subs.range(..=action).next_back()?;
        course.task(action).map(|_| *base)
    }

    /// The row of the task that an action is for.
    pub fn task_of(&self, action: u32) -> Option<u32> {
        match self.course_of(action)? {
            0 => Some(action),
            base => {
                let course = self.subs.get(&base)?;
                Some(course.states.row(course.task(action)?))
            }
        }
    }

    /// The next thing to do in a course.
    fn advance(&mut self, course: &mut Course<'a>, now: u64) -> Option<Action> {
        if let Some(action) = self.shared_call(course, now) {
            return Some(action);
        }
        if course.sub.is_none()
            && let Some(first) = self.pay(course, now)
        {
            return first;
        }
        while !course.stopped {
            let Next::Start(task) = course.policy.next(&course.states) else { break };
            if let Some(action) = self.begin(course, task, now) {
                return Some(action);
            }
        }
        while course.stopped && course.under_way == 0 && course.cursor < course.states.len() {
            let task = course.cursor;
            course.cursor += 1;
            if matches!(course.states.get(task), TaskState::Finished(_)) {
                continue;
            }
            let begun = course.sub.is_none() && self.was_begun(course, course.states.row(task));
            if !begun && (course.broken_off || !course.states.survives_stop(task)) {
                let reason = match course.sub.as_ref().is_some_and(|sub| sub.cancelled) {
                    true => Reason::Cancelled,
                    false => Reason::RunStopped,
                };
                self.finish(course, task, TaskEnd::without_body(Outcome::NotReached, reason, now), now);
            } else if let Some(action) = self.begin(course, task, now) {
                return Some(action);
            }
        }
        while course.states.unfinished() == 0 && course.under_way == 0 && !course.delivered {
            if !self.is_alone(course, now) {
                return None;
            }
            if let Some(action) = self.deliver(course, now) {
                return Some(action);
            }
        }
        None
    }

    /// Starts a task, or ends it at once where a part of it has decided.
    fn begin(&mut self, course: &mut Course<'a>, task: u32, now: u64) -> Option<Action> {
        course.states.set(task, TaskState::Running, &mut course.ready);
        let row = course.states.row(task);
        if course.sub.is_none()
            && let Some(stands) = self.stands(row)
        {
            self.restore(course, row, stands, now);
            return None;
        }
        let flags = self.bundle.tasks()[row as usize].flags;
        if !course.is_part(row) {
            match &course.sub {
                None => self.observer.task_started(row, now),
                Some(sub) => self.observer.task_started_in(&sub.subrun, row, now),
            }
        }
        let judged = course.states.judge(task, course.mode);
        if let Verdict::As(part) = judged.verdict {
            let end = course.parts.get(&part).cloned();
            let end = end.unwrap_or_else(|| TaskEnd::without_body(Outcome::Failed, Reason::Ran, now));
            self.finish(course, task, end.doubted(judged.doubt.refusals), now);
            return None;
        }
        let block = self.bundle.tasks()[self.bundle.owner(row) as usize].block.get();
        // The reaction of a task of two phases belongs to the second.
        let fired = judged.fired && flags & TASK_BEFORE == 0;
        let fiber = Fiber::new(row, block, Judged { fired, ..judged });
        if !course.is_part(row) && course.listeners.begins(row) && self.covers(row) && course.sub.is_none() {
            self.observer.reaction_started(row);
        }
        self.step(course, task, fiber, Input::Start, now)
    }

    /// Notes that a task begins its reaction.
    fn reacts(&mut self, course: &mut Course<'a>, row: u32) {
        if course.listeners.reacts(row) && course.sub.is_none() {
            self.observer.reaction_started(row);
        }
    }

    /// Whether a change that the body of a task makes stands for its reaction.
    fn covers(&self, row: u32) -> bool {
        let block = &self.bundle.blocks()[self.bundle.tasks()[row as usize].block.get() as usize];
        self.bundle.catalog().builtin(block.builtin.get()).is_some_and(|shape| shape.reaction == Reaction::Covered)
    }

    /// The reaction of the next listener that is due, after the last task.
    fn deliver(&mut self, course: &mut Course<'a>, now: u64) -> Option<Action> {
        let bundle = self.bundle;
        let label = |task: u32| format!("`{}`", bundle.label(task));
        match course.listeners.next(!course.broken_off, &label) {
            None => {
                course.delivered = true;
                None
            }
            Some(Due::Over(row, end)) => {
                let told = if course.sub.is_none() { self.left.told.remove(&row) } else { None };
                self.report(course, row, told.unwrap_or(end));
                None
            }
            Some(Due::Kept(row, end)) => {
                if course.sub.is_none() {
                    self.observer.reaction_kept(row);
                }
                self.report(course, row, end);
                None
            }
            Some(Due::React(row, end, target, sure)) => {
                if course.sub.is_none() {
                    if let Some(end) = self.left.told.remove(&row) {
                        self.report(course, row, end);
                        return None;
                    }
                    self.reacts_anew(row);
                }
                let task = course.states.place(row)?;
                // In a dry run it may have nothing to react to, or be in no state to.
                let sure = sure && !end.possible.are_several();
                let doubt = Doubt {
                    refusals: Outcomes::NONE.with(Outcome::Skipped, !sure && course.mode == Mode::Check),
                    ..Doubt::default()
                };
                course.reacting = Some(Reacting::Due(row, end, target));
                let block = bundle.tasks()[row as usize].block.get();
                self.step(course, task, Fiber::reaction(row, block, doubt), Input::Start, now)
            }
        }
    }

    /// Takes the result of an action and returns what follows from it at once, if anything does.
    pub fn answer(&mut self, action: u32, input: Input, now: u64) -> Option<Action> {
        if let Some(timer) = self.timers.remove(&action) {
            if matches!(input, Input::Woke) {
                self.rang(timer, now);
            }
            return None;
        }
        let mut course = self.take(self.course_of(action)?)?;
        if let (Input::Reply(reply), Some(task)) = (&input, course.task(action))
            && self.fibers.contains_key(&action)
        {
            let owner = self.bundle.owner(course.states.row(task));
            match &course.sub {
                None => self.observer.call_finished(owner, reply, now),
                Some(sub) => self.observer.call_finished_in(&sub.subrun, owner, reply, now),
            }
            if !course.is_part(course.states.row(task)) {
                self.touch(&reply.changes);
            }
        }
        let next = self.resume(&mut course, action, input, now);
        self.put(course);
        next
    }

    /// Goes on with a task of a course that waits.
    fn resume(&mut self, course: &mut Course<'a>, action: u32, input: Input, now: u64) -> Option<Action> {
        let task = course.task(action)?;
        let (fiber, _) = self.fibers.remove(&action)?;
        course.under_way -= 1;
        if !self.joins.is_empty() {
            self.unjoin(action);
        }
        course.shared.answered(task);
        self.wake(course);
        self.step(course, task, fiber, input, now)
    }

    /// Starts nothing new. Tasks under way are awaited; the others will not be reached.
    pub fn stop(&mut self) {
        self.deliveries.stop();
        let bases: Vec<u32> = std::iter::once(0).chain(self.subs.keys().copied()).collect();
        for base in bases {
            if let Some(mut course) = self.take(base) {
                course.stopped = true;
                course.broken_off = true;
                self.wake(&mut course);
                self.put(course);
            }
        }
    }

    /// Whether every task has its outcome, and every reaction that is due was delivered.
    pub fn is_over(&self) -> bool {
        let main = || self.main.as_ref().is_some_and(|m| m.is_over() && !self.waits_for_events(m.broken_off));
        !self.stays() && self.subs.is_empty() && main()
    }

    /// Whether anything runs, or is about to, beside the main sequence.
    pub fn has_subruns(&self) -> bool {
        !self.subs.is_empty() || self.is_due()
    }

    /// Actions of tasks that wait for an answer from outside.
    pub fn under_way(&self) -> impl Iterator<Item = u32> + '_ {
        let outside = |waits: Waits| matches!(waits, Waits::Host | Waits::Time);
        self.fibers.iter().filter(move |(_, (_, waits))| outside(*waits)).map(|(action, _)| *action)
    }

    /// Failed and blocked tasks of the main sequence so far, and what went wrong in the background and was joined by
    /// nobody. The run has failed if there is any.
    pub fn bad(&self) -> u32 {
        self.bad
    }

    fn step(
        &mut self,
        course: &mut Course<'a>,
        task: u32,
        mut fiber: Fiber,
        mut input: Input,
        now: u64,
    ) -> Option<Action> {
        let row = course.states.row(task);
        let action = course.action(task);
        loop {
            let before = fiber.has_reacted();
            let step = self.step_fiber(course, task, &mut fiber, input, now);
            if !before && course.reacting.is_none() && fiber.has_reacted() && !course.is_part(row) {
                self.reacts(course, row);
            }
            let request = match step {
                // It is to ask for nothing more.
                Step::Wait(_) if course.doomed.contains(&task) => {
                    input = Input::Cancelled;
                    continue;
                }
                Step::Wait(request) => request,
                Step::Done(end) => {
                    self.done(course, task, *end, now);
                    return None;
                }
            };
            let (waits, next) = match request {
                Request::Call(call) => {
                    if course.is_concurrent(row) {
                        course.shared.wait(task, call, now);
                        self.park(course, action, fiber, Waits::Turn);
                        return self.shared_call(course, now);
                    }
                    self.tell_of(course, &call, now);
                    (Waits::Host, Some(Action::Call(action, call)))
                }
                Request::Probe(function, args) => (Waits::Host, Some(Action::Probe(action, function, args))),
                Request::Sleep(nanos) => (Waits::Time, Some(Action::Sleep(action, nanos))),
                Request::Start(start) => match self.start(course, subruns::Starter::Task(task), *start, now) {
                    Some(reply) => {
                        input = Input::Reply(reply);
                        continue;
                    }
                    None => (Waits::Subrun, None),
                },
                Request::Join(wanted) => match self.join(course, action, *wanted, now) {
                    Some(reply) => {
                        input = Input::Reply(reply);
                        continue;
                    }
                    None => (Waits::Join, None),
                },
                Request::Events(ask) => {
                    input = Input::Reply(self.ask_events(course, task, *ask, now));
                    continue;
                }
            };
            self.park(course, action, fiber, waits);
            return next;
        }
    }

    fn park(&mut self, course: &mut Course<'a>, action: u32, fiber: Fiber, waits: Waits) {
        course.under_way += 1;
        self.fibers.insert(action, (fiber, waits));
    }

    fn tell_of(&mut self, course: &Course<'a>, call: &Call, now: u64) {
        match &course.sub {
            None => self.observer.call_started(call, now),
            Some(sub) => self.observer.call_started_in(&sub.subrun, call, now),
        }
    }

    fn step_fiber(&self, course: &Course<'a>, task: u32, fiber: &mut Fiber, input: Input, now: u64) -> Step {
        let row = course.states.row(task);
        let owner = self.bundle.owner(row);
        let flags = self.bundle.tasks()[row as usize].flags;
        let dry = flags & TASK_DRY != 0;
        let test = self.bundle.tasks()[owner as usize].flags & TASK_TEST != 0;
        let phase = match flags & TASK_BEFORE != 0 || dry && owner != self.bundle.tasks()[row as usize].block.get() {
            true => Some("before"),
            false => course.first_phase(task).map(|_| "after"),
        };
        static NOTHING: Captured = Captured::EMPTY;
        let around = Surroundings {
            bundle: self.bundle,
            host: self.host,
            // A dry run may come before what it reads: then that is not known yet.
            results: &|row| {
                self.result(course, row).or_else(|| {
                    // Nor what a body is only asked for.
                    (dry || course.sub.is_some() && course.mode == Mode::Check).then_some(Value::Unknown)
                })
            },
            mode: if dry || test { Mode::Check } else { course.mode },
            phase,
            owner,
            answers: course.sub.as_ref().map_or(owner, |sub| sub.top),
            captured: course.sub.as_ref().map_or(&NOTHING, |sub| &sub.captured),
            subrun: course.sub.as_ref().map_or(0, |sub| sub.subrun.number),
            cancel: &course.cancel,
            seed: self.options.seed,
            now,
            trace: self.trace,
            touched: self.touched.as_ref(),
        };
        let mut step = fiber.step(input, &around);
        // What is asked of an object that will be another one has no answer yet.
        while let (Step::Wait(Request::Probe(_, args)), Some(touched)) = (&step, &self.touched)
            && touched.concerns(args, &|path| self.host.followed(path))
        {
            step = fiber.step(Input::Probe(Ok(Value::Unknown)), &around);
        }
        step
    }

    /// The result of a task: of the course itself, or of one around it.
    fn result(&self, course: &Course<'a>, row: u32) -> Option<Value> {
        let mut at = course;
        loop {
            match (at.results.get(&row), &at.sub) {
                (Some(value), _) => return Some(value.clone()),
                (None, Some(sub)) if sub.parent == 0 => at = self.main.as_deref()?,
                (None, Some(sub)) => at = self.subs.get(&sub.parent)?,
                (None, None) => return None,
            }
        }
    }

    /// A fiber is over: of a task, or of a reaction after the last one.
    fn done(&mut self, course: &mut Course<'a>, task: u32, end: TaskEnd, now: u64) {
        let row = course.states.row(task);
        match course.reacting.take() {
            Some(Reacting::Due(listener, was, target)) => {
                let label = format!("`{}`", self.bundle.label(target));
                let mut end = end;
                if course.sub.is_none() && self.left.touched.remove(&listener) {
                    before::was_touched(&mut end, course.mode);
                }
                self.report(course, listener, listeners::reacted(was, end, target, &label));
            }
            Some(Reacting::Owed(owed)) => self.paid(course, &owed, end),
            None => {
                if end.reason == Reason::WatchFired {
                    self.reacts(course, row);
                }
                let end = if course.doomed.contains(&task) { subruns::given_up(end) } else { end };
                self.finish(course, task, end, now);
            }
        }
    }

    /// Takes the end of a task or of a part of one.
    fn finish(&mut self, course: &mut Course<'a>, task: u32, mut end: TaskEnd, now: u64) {
        let row = course.states.row(task);
        if !course.is_part(row)
            && end.outcome != Outcome::NotReached
            && let Some(before) = course.first_phase(task).and_then(|first| course.parts.remove(&first))
            && !before.outcome.is_bad()
        {
            end = end.after(&before);
        }
        if course.sub.is_none() {
            self.touched(course, row, &mut end);
            self.observer.task_settled(row, &end);
        }
        self.settle(course, task, end, None, now);
    }

    /// Lets what depends on a task know its end. `moment` is that of an end that is not of this run.
    fn settle(&mut self, course: &mut Course<'a>, task: u32, mut end: TaskEnd, moment: Option<u64>, now: u64) {
        let row = course.states.row(task);
        let flags = self.bundle.tasks()[row as usize].flags;
        let part = course.is_part(row);
        let test = self.bundle.tasks()[self.bundle.owner(row) as usize].flags & TASK_TEST != 0;
        if flags & TASK_KEEPS_RESULT != 0 && end.outcome != Outcome::NotReached {
            let record = match course.mode {
                Mode::Apply => end.record(),
                Mode::Check => end.foreseen_record(!self.is_tried_again(row), test),
            };
            course.results.insert(row, record);
        }
        if course.mode == Mode::Check {
            course.states.set_possible(task, end.possible);
            if test {
                // A run makes a dry run of it, too.
                end.forecast = Forecast::Cannot;
            } else if !part {
                self.touch(&end.changes);
            }
        }
        if end.attempts > 0 || end.outcome.changed() || end.outcome == Outcome::Ok {
            course.states.note_begun(task);
        }
        course.ready.clear();
        if end.reason == Reason::NotTarget {
            course.states.set_absent(task);
        }
        course.states.set(task, TaskState::Finished(end.outcome), &mut course.ready);
        // Once it is stopped, the run goes through the rest itself; the policy did not start what ends now.
        if course.cursor == 0 {
            course.policy.finished(task, &course.ready, &course.states);
        }
        // A dry run predicts every task: stopping it at the first predicted failure would hide the rest.
        if end.outcome.is_bad() && course.mode == Mode::Apply {
            course.stopped |= flags & TASK_STOPS != 0;
            self.spread(course, now);
        }
        if moment.is_none() && !part && end.changed && self.covers(row) {
            course.listeners.covered(row);
        }
        match part {
            true => drop(course.parts.insert(row, end)),
            false => {
                if let Some(end) = course.listeners.ended(row, end, moment) {
                    self.report(course, row, end);
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
    fn is_tried_again(&self, row: u32) -> bool {
        let block = self.bundle.tasks()[row as usize].block.get() as usize;
        let blocks = self.bundle.blocks();
        let (from, steps) = (blocks[block].children.get() as usize, usize::from(blocks[block].children_len.get()));
        // What is no sequence has no steps, whatever stands there.
        let steps = blocks.get(from..from + steps).unwrap_or_default();
        let mut all = std::iter::once(&blocks[block]).chain(steps);
        all.any(|block| self.bundle.block_attrs(block).iter().any(|r| r.attr.get() == Attr::RetryAttempts as u16))
    }

    /// Tells of the one end of a task.
    fn report(&mut self, course: &mut Course<'a>, row: u32, end: TaskEnd) {
        match &mut course.sub {
            None => {
                let end = self.told(row, end);
                self.bad += u32::from(end.outcome.is_bad());
                self.observer.task_finished(row, &end);
            }
            Some(sub) => {
                self.observer.task_finished_in(&sub.subrun, row, &end);
                sub.take(row, end);
            }
        }
    }
}
