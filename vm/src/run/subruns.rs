//! Subruns: tasks on demand that a task starts. Each has states, results, a policy and a cancel sign of its own, over
//! its own selection; its tasks see the results of the courses around it.
//!
//! A subrun is over when all that was started in it is over, so nothing outlives what it belongs to. Whoever is given up
//! (a sibling failed, the time limit was reached, a join has what it needs) takes its children along: what sleeps or
//! waits ends at once, a call of the host gets its sign and is awaited.

use super::course::{Course, Manner};
use super::joins::{Ended, Handle, One};
use super::{Action, Input, Run, Waits};
use crate::host::Reply;
use crate::machine::fiber::{Beside, Captured, Detach, Start};
use crate::observe::{Subrun, SubrunEnd};
use crate::outcome::{Outcome, Reason, TaskEnd};
use crate::sched::{States, TaskState};
use crate::{Mode, PolicyKind};
use ipcmm_bytecode::{Fault, FaultKind, Value, limits};

/// What there is to know of a course that is a subrun.
pub(super) struct Sub {
    pub subrun: Subrun,
    /// The base of the course that started it.
    pub parent: u32,
    pub depth: u32,
    /// The task of the main sequence that answers for it.
    pub top: u32,
    waiter: Waiter,
    pub captured: Captured,
    /// Calls of tasks that do not say otherwise are made by one worker.
    pub one_worker: bool,
    on_failure: OnFailure,
    /// It was given up.
    pub cancelled: bool,
    /// It took longer than this.
    timed_out: Option<u64>,
    timer: Option<u32>,
    only_asks: bool,
    both: bool,
    ends: Vec<One>,
    pub bad: u32,
    changed: bool,
}

impl Sub {
    /// Takes the end of one of its tasks.
    pub fn take(&mut self, row: u32, end: TaskEnd) {
        self.bad += u32::from(end.outcome.is_bad());
        self.changed |= end.changed;
        self.ends.push(One { row, outcome: end.outcome, changed: end.changed, data: end.data });
    }
}

/// Who is told of the end.
#[derive(Clone, Copy, Debug)]
enum Waiter {
    /// The action of the task that started it.
    Caller(u32),
    /// The same in a dry run, of a task that gets a handle: there everything is done in its place.
    Handle(u32),
    /// Whoever joins the handle.
    Joiner,
    /// Nobody.
    Nobody,
    /// Whoever keeps the tables of events: it is the delivery of this number.
    Delivery(u64),
}

/// Who has a subrun started.
#[derive(Clone, Copy, Debug)]
pub(super) enum Starter {
    /// A task of the course.
    Task(u32),
    /// An event, by the number of its delivery and the row of the task that is answerable for it.
    Event(u64, u32),
}

/// What the failure of a task does to the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OnFailure {
    /// Nothing.
    GoOn,
    /// Nothing new is started.
    Stop,
    /// What is under way is given up, too.
    GiveUp,
}

/// What a timer is for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Timer {
    /// The time limit of the subrun of a base, in nanoseconds.
    Limit(u32, u64),
    /// That of the join of an action.
    Join(u32, u64),
    /// The tables of events want to know that time has passed.
    Events,
}

/// The end of a task that was given up. What it had changed stays said.
pub(super) fn given_up(end: TaskEnd) -> TaskEnd {
    match &end.fault {
        Some(fault) if fault.kind == FaultKind::Cancelled => {
            TaskEnd { outcome: Outcome::NotReached, reason: Reason::Cancelled, fault: None, ..end }
        }
        _ => end,
    }
}

impl<'a> Run<'a> {
    /// Starts tasks for one of a course. Gives the answer if there is one at once.
    pub(super) fn start(&mut self, course: &mut Course<'a>, by: Starter, start: Start, now: u64) -> Option<Reply> {
        let refused = |detail: String| Some(Reply::failed(Fault::new(FaultKind::BodyFailed, detail)));
        let Some(selection) = self.bundle.selection(start.selection) else {
            return refused("there are no tasks to run".into());
        };
        let depth = course.sub.as_ref().map_or(0, |sub| sub.depth) + 1;
        if depth > limits::SUBRUN_DEPTH {
            return refused(format!("bodies are nested over {} deep", limits::SUBRUN_DEPTH));
        }
        let states = States::of(self.bundle, selection);
        let count = states.len();
        if u64::from(self.on_demand) + u64::from(count) > u64::from(limits::SUBRUN_TASKS) {
            return refused(format!("over {} tasks on demand would be under way", limits::SUBRUN_TASKS));
        }
        // One number is left for a timer.
        let base = self.unused;
        let Some(unused) = base.checked_add(count.max(1)).filter(|n| *n < u32::MAX) else {
            return refused("this run has started more tasks than it can number".into());
        };
        (self.unused, self.started) = (unused, self.started + 1);
        self.on_demand += count;
        let own = self.options.max_parallel;
        let manner = match start.beside {
            Beside::OneByOne => Manner::OneByOne,
            Beside::AsWritten(max) => Manner::AsWritten(max.unwrap_or(own)),
            Beside::AllAtOnce(max) => Manner::Beside(max.unwrap_or(own)),
            Beside::ByOneWorker(max) => Manner::Beside(max),
        };
        let policy = manner.policy(self.options.policy, start.mode);
        let number = self.started;
        let (row, action, delivery) = match by {
            Starter::Task(task) => (course.states.row(task), course.action(task), None),
            Starter::Event(id, row) => (row, 0, Some(id)),
        };
        let within = course.sub.as_ref().map_or(0, |sub| sub.subrun.number);
        let subrun = Subrun { number, caller: self.bundle.owner(row), within, mode: start.mode };
        let waiter = match (delivery, start.background) {
            (Some(id), _) => Waiter::Delivery(id),
            (None, None) => Waiter::Caller(action),
            (None, Some(_)) if start.mode == Mode::Check => Waiter::Handle(action),
            (None, Some(Detach::No)) => Waiter::Joiner,
            (None, Some(Detach::Yes)) => Waiter::Nobody,
        };
        let mut inner = Course::new(self.bundle, base, states, policy, start.mode, course.cancel.below());
        let one_by_one = start.beside == Beside::OneByOne;
        let sub = Sub {
            subrun,
            parent: course.base,
            depth,
            top: course.sub.as_ref().map_or(self.bundle.owner(row), |sub| sub.top),
            waiter,
            captured: start.captured,
            one_worker: matches!(start.beside, Beside::ByOneWorker(_)),
            on_failure: match start.fail_fast {
                true => OnFailure::GiveUp,
                false if one_by_one => OnFailure::Stop,
                false => OnFailure::GoOn,
            },
            cancelled: false,
            timed_out: None,
            timer: start.limit.and_then(|limit| self.timer(Timer::Limit(base, limit), limit)),
            only_asks: start.only_asks,
            both: start.both,
            ends: Vec::new(),
            bad: 0,
            changed: false,
        };
        inner.sub = Some(Box::new(sub));
        // What is started after the run was broken off does nothing.
        (inner.stopped, inner.broken_off) = (course.broken_off, course.broken_off);
        self.observer.subrun_started(&subrun, now);
        let mut inner = Box::new(inner);
        self.wake(&mut inner);
        self.subs.insert(base, inner);
        match waiter {
            Waiter::Nobody => course.detached.insert(base),
            Waiter::Caller(_) | Waiter::Handle(_) | Waiter::Joiner | Waiter::Delivery(_) => {
                course.children.insert(base)
            }
        };
        match waiter {
            Waiter::Caller(_) => None,
            Waiter::Delivery(id) => {
                self.deliveries.began(id, base);
                None
            }
            Waiter::Handle(_) => {
                course.handles.push(number);
                None
            }
            Waiter::Joiner => {
                course.handles.push(number);
                self.handles.insert(number, Handle::Running { base, joiner: None });
                Some(handle(number, start.both))
            }
            Waiter::Nobody => Some(handle(number, start.both)),
        }
    }

    /// Has a timer set; it is answered like a task that sleeps. `None` if there is no number left for it: then the limit
    /// does not hold.
    pub(super) fn timer(&mut self, timer: Timer, nanos: u64) -> Option<u32> {
        let number = self.unused;
        self.unused = number.checked_add(1)?;
        self.timers.insert(number, timer);
        self.pending.push_back(Action::Sleep(number, nanos));
        Some(number)
    }

    /// The time of a timer has come.
    pub(super) fn rang(&mut self, timer: Timer, now: u64) {
        match timer {
            Timer::Limit(base, limit) => {
                if let Some(sub) = self.subs.get_mut(&base).and_then(|course| course.sub.as_mut()) {
                    (sub.timed_out, sub.timer) = (Some(limit), None);
                    self.cancel(base, now);
                }
            }
            Timer::Join(action, limit) => self.join_took_too_long(action, limit, now),
            Timer::Events => self.deliveries.rang(),
        }
    }

    /// Gives a subrun up, with all that was started in it.
    pub(super) fn cancel(&mut self, base: u32, now: u64) {
        let Some(mut course) = self.take(base) else { return };
        if let Some(sub) = &mut course.sub {
            sub.cancelled = true;
        }
        (course.stopped, course.broken_off) = (true, true);
        self.give_up(&mut course, now);
        for detached in course.detached.clone() {
            self.cancel(detached, now);
        }
        self.wake(&mut course);
        self.put(course);
    }

    /// What a failure in a course does to the rest of it.
    pub(super) fn spread(&mut self, course: &mut Course<'a>, now: u64) {
        let Some(sub) = &course.sub else { return };
        match sub.on_failure {
            OnFailure::GoOn => {}
            OnFailure::Stop => course.stopped = true,
            OnFailure::GiveUp => {
                course.stopped = true;
                self.give_up(course, now);
            }
        }
    }

    /// Ends what is under way in a course: tasks that sleep or wait at once, the others as soon as they have an answer.
    fn give_up(&mut self, course: &mut Course<'a>, now: u64) {
        if course.under_way > 0 {
            for task in 0..course.states.len() {
                let action = course.action(task);
                if course.states.get(task) != TaskState::Running || course.doomed.contains(&task) {
                    continue;
                }
                let Some((_, waits)) = self.fibers.get(&action) else { continue };
                let waits = *waits;
                course.doomed.insert(task);
                match waits {
                    Waits::Host | Waits::Subrun => {}
                    Waits::Time | Waits::Turn | Waits::Join => {
                        // A task that is given up asks for nothing.
                        let _ = self.resume(course, action, Input::Cancelled, now);
                    }
                }
            }
        }
        for child in course.children.clone() {
            self.cancel(child, now);
        }
        // What still runs to handle the failure gets a sign of its own.
        let sign = course.cancel.beside();
        std::mem::replace(&mut course.cancel, sign).cancel();
    }

    /// Whether all that was started in a course is over. What is detached ends with it; handles that nobody joined are
    /// looked at.
    pub(super) fn is_alone(&mut self, course: &mut Course<'a>, now: u64) -> bool {
        if !course.children.is_empty() || course.base == 0 && self.waits_for_events(course.broken_off) {
            return false;
        }
        if !std::mem::replace(&mut course.ending, true) {
            for base in course.detached.clone() {
                self.cancel(base, now);
            }
        }
        if !course.detached.is_empty() {
            return false;
        }
        for number in std::mem::take(&mut course.handles) {
            let Some(Handle::Ended(ended)) = self.handles.remove(&number) else { continue };
            if ended.bad == 0 && ended.timed_out.is_none() {
                continue;
            }
            self.observer.left_loose(&ended.subrun);
            match &mut course.sub {
                None => self.bad += 1,
                Some(sub) => sub.bad += 1,
            }
        }
        true
    }

    /// A subrun is over: whoever waits for it goes on.
    pub(super) fn ended(&mut self, course: Course<'a>, now: u64) -> Option<Action> {
        let sub = course.sub?;
        self.on_demand -= course.states.len();
        if let Some(timer) = sub.timer {
            self.timers.remove(&timer);
        }
        let cancelled = sub.cancelled || course.broken_off;
        let end = SubrunEnd { bad: sub.bad, changed: sub.changed, cancelled, ended: now };
        self.observer.subrun_finished(&sub.subrun, &end);
        let mut ends = sub.ends;
        ends.sort_by_key(|one| one.row);
        let ended = Ended {
            subrun: sub.subrun,
            ends,
            bad: sub.bad,
            changed: sub.changed && !sub.only_asks,
            cancelled,
            timed_out: sub.timed_out,
        };
        let mut parent = self.take(sub.parent)?;
        parent.children.remove(&course.base);
        parent.detached.remove(&course.base);
        self.wake(&mut parent);
        let number = sub.subrun.number;
        let next = match sub.waiter {
            Waiter::Caller(action) => {
                let reply = ended.reply(self.bundle, sub.both);
                self.resume(&mut parent, action, Input::Reply(reply), now)
            }
            Waiter::Handle(action) => {
                self.handles.insert(number, Handle::Ended(Box::new(ended)));
                self.resume(&mut parent, action, Input::Reply(handle(number, sub.both)), now)
            }
            Waiter::Joiner => {
                self.put(parent);
                return self.handle_ended(number, ended, now);
            }
            Waiter::Nobody => None,
            Waiter::Delivery(id) => {
                self.delivered(id, &ended, now);
                None
            }
        };
        self.put(parent);
        next
    }

    /// Whether a run does one thing at a time anyway.
    pub fn is_sequential(&self) -> bool {
        self.options.mode == Mode::Check || self.options.policy == PolicyKind::Sequential
    }
}

/// The answer to whoever put something into the background.
fn handle(number: u32, both: bool) -> Reply {
    let own = [("handle", Value::Int(number.into()))];
    Reply::unchanged(Value::map(own.into_iter().chain(both.then(super::joins::nothing_yet).into_iter().flatten())))
}
