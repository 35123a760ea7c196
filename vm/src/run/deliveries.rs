//! Events of a run: what tasks want of the tables, and handlers that are due.
//!
//! A handler is a subrun of the main sequence, so the run ends when all have ended. What follows from an event is noted
//! and done where no course is being worked on. Without a keeper of tables ([`Run::with_events`]) built-ins for events
//! fail.

use super::Run;
use super::course::Course;
use super::joins::Ended;
use super::subruns::{Starter, Timer};
use crate::Mode;
use crate::events::{Answer, Ask, Captured, Condition, Due, Events, Judge};
use crate::host::Reply;
use crate::machine::eval::{Eval, EvalStep, Scope};
use crate::machine::fiber::{Beside, Start};
use crate::observe::{Delivery, Subrun, SubrunEnd};
use ipcmm_bytecode::{Fault, FaultKind, Slot, Value};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// What a run keeps for events.
#[derive(Default)]
pub(super) struct Deliveries {
    events: Option<Box<dyn Events>>,
    /// Who is answerable for a cause, and what handlers see of it.
    causes: HashMap<Arc<str>, (u32, Captured)>,
    due: VecDeque<Due>,
    /// Deliveries under way: their subruns by base, their causes and events.
    under_way: HashMap<u64, (u32, Arc<str>, Value)>,
    begun: Option<(Arc<str>, Value)>,
    /// Deliveries that have ended, of which the tables do not know yet.
    ended: VecDeque<u64>,
    /// Time has passed that the tables want to know of.
    ticks: bool,
    /// When they want to know next, and the timer that is set for it.
    alarm: Option<u64>,
    /// The run goes on when its tasks are over.
    stays: bool,
    /// It was stopped: nothing is delivered any more.
    stopped: bool,
}

impl Deliveries {
    pub fn stop(&mut self) {
        (self.stays, self.stopped) = (false, true);
        self.due.clear();
    }

    pub fn rang(&mut self) {
        (self.ticks, self.alarm) = (true, None);
    }

    pub fn began(&mut self, id: u64, base: u32) {
        if let Some((cause, event)) = self.begun.take() {
            self.under_way.insert(id, (base, cause, event));
        }
    }
}

/// What a condition sees.
struct Judging<'r, 'a> {
    run: &'r Run<'a>,
    course: &'r Course<'a>,
}

struct Seen<'r, 'a> {
    judging: &'r Judging<'r, 'a>,
    captured: Captured,
}

impl Scope for Seen<'_, '_> {
    fn fact(&self, path: &str) -> Result<Value, Fault> {
        self.judging.run.host.fact(path)
    }

    fn result(&self, row: u32) -> Result<Value, Fault> {
        let Judging { run, course } = self.judging;
        run.result(course, row)
            .ok_or_else(|| Fault::new(FaultKind::NoResult, format!("of `{}`", run.bundle.label(row))))
    }

    fn slot(&self, slot: Slot) -> Value {
        match (self.captured.get(slot), slot) {
            (Some(value), _) => value,
            (None, Slot::Vars) => Value::map::<&str>([]),
            (None, _) => Value::Null,
        }
    }
}

impl Judge for Judging<'_, '_> {
    fn value(&mut self, condition: &Condition, event: &Value) -> Result<Value, Fault> {
        let seen = Seen { judging: self, captured: condition.captured.with_event(event.clone()) };
        let mut eval = Eval::new(self.run.bundle, condition.chunk);
        loop {
            match eval.step(self.run.bundle, &seen)? {
                EvalStep::Done(value) => return Ok(value),
                // Conditions are judged while nothing else goes on, so the host is asked at once.
                EvalStep::Probe(function, args) => eval.resume(self.run.host.probe(function, &args)?),
            }
        }
    }
}

impl<'a> Run<'a> {
    /// The same run with tables of events.
    pub fn with_events(mut self, events: Box<dyn Events>) -> Run<'a> {
        self.deliveries.events = Some(events);
        self
    }

    /// The same run, which goes on when its tasks are over, until [`Run::stop`]: what happens is delivered.
    pub fn staying(mut self) -> Run<'a> {
        self.deliveries.stays = true;
        self
    }

    /// Something happened outside.
    pub fn happened(&mut self, name: &str, payload: Value, now: u64) {
        self.with_tables(now, |events, judge| events.happened(name, payload, now, judge));
    }

    /// Has the tables looked at between two courses, and notes what follows.
    fn with_tables(&mut self, now: u64, ask: impl FnOnce(&mut dyn Events, &mut dyn Judge) -> Vec<Due>) {
        let Some(mut events) = self.deliveries.events.take() else { return };
        if let Some(main) = self.main.take() {
            let due = ask(&mut *events, &mut Judging { run: self, course: &main });
            self.main = Some(main);
            self.deliveries.due.extend(due);
        }
        self.deliveries.events = Some(events);
        self.set_alarm(now);
        self.wake_main();
    }

    fn wake_main(&mut self) {
        if let Some(mut main) = self.main.take() {
            self.wake(&mut main);
            self.main = Some(main);
        }
    }

    fn set_alarm(&mut self, now: u64) {
        let Some(after) = self.deliveries.events.as_ref().and_then(|events| events.wakes_in(now)) else { return };
        let at = now.saturating_add(after);
        if self.deliveries.alarm.is_none_or(|set| at < set) && self.timer(Timer::Events, after).is_some() {
            self.deliveries.alarm = Some(at);
        }
    }

    /// Whether handlers are about to be started.
    pub(super) fn is_due(&self) -> bool {
        !self.deliveries.due.is_empty()
    }

    /// Whether the run goes on when nothing is left to do.
    pub(super) fn stays(&self) -> bool {
        self.deliveries.stays
    }

    /// Whether the main sequence must not end yet.
    pub(super) fn waits_for_events(&self, broken_off: bool) -> bool {
        let own = &self.deliveries;
        let held = || own.events.as_ref().is_some_and(|events| events.holds_back());
        !broken_off && (!own.due.is_empty() || !own.ended.is_empty() || own.ticks || held())
    }

    /// What a task wants of the tables.
    pub(super) fn ask_events(&mut self, course: &mut Course<'a>, task: u32, mut ask: Ask, now: u64) -> Reply {
        let Some(mut events) = self.deliveries.events.take() else {
            return Reply::failed(Fault::new(FaultKind::Unsupported, "nobody keeps events in this run"));
        };
        ask.handler = ask.handler.map(|selection| self.canonical(selection));
        let captured = ask.captured.clone();
        let Answer { reply, installed, due } = events.ask(&ask, now, &mut Judging { run: self, course });
        self.deliveries.events = Some(events);
        if let Some(cause) = installed {
            let row = self.bundle.owner(course.states.row(task));
            self.deliveries.causes.insert(cause, (row, captured));
        }
        self.deliveries.due.extend(due);
        self.set_alarm(now);
        reply
    }

    /// The first selection of the bundle with the same tasks.
    fn canonical(&self, selection: u32) -> u32 {
        let wanted = self.bundle.selection(selection);
        let mut start = 0;
        while start < selection
            && let Some(tasks) = self.bundle.selection(start)
        {
            if Some(tasks.iter().map(|row| row.get()).collect::<Vec<_>>())
                == wanted.map(|tasks| tasks.iter().map(|row| row.get()).collect())
            {
                return start;
            }
            start += tasks.len() as u32 + 1;
        }
        selection
    }

    /// Does what is due. No course is being worked on.
    pub(super) fn deliver_due(&mut self, now: u64) {
        if self.deliveries.events.is_none() {
            return;
        }
        loop {
            if let Some(due) = self.deliveries.due.pop_front() {
                self.deliver_one(due, now);
            } else if let Some(id) = self.deliveries.ended.pop_front() {
                self.with_tables(now, |events, judge| events.finished(id, now, judge));
            } else if std::mem::take(&mut self.deliveries.ticks) {
                self.with_tables(now, |events, judge| events.tick(now, judge));
            } else {
                return;
            }
        }
    }

    fn deliver_one(&mut self, due: Due, now: u64) {
        match due {
            Due::Start { id, cause, handler, event } => self.begin_delivery(id, &cause, handler, event, now),
            Due::Cancel(id) => {
                if let Some((base, ..)) = self.deliveries.under_way.get(&id) {
                    let base = *base;
                    self.cancel(base, now);
                }
            }
            Due::Dropped { cause, event, why } => {
                self.observer.delivery(&cause, &event, &Delivery::Dropped(why), now);
            }
            Due::Fault { cause, event, fault } => {
                self.bad += 1;
                self.observer.delivery(&cause, &event, &Delivery::Faulty(&fault), now);
            }
        }
    }

    fn begin_delivery(&mut self, id: u64, cause: &Arc<str>, handler: u32, event: Value, now: u64) {
        let Some((row, captured)) = self.deliveries.causes.get(cause).cloned() else { return };
        let Some(mut main) = self.main.take_if(|_| !self.deliveries.stopped) else { return };
        let start = Start {
            selection: handler,
            captured: captured.with_event(event.clone()),
            beside: Beside::AsWritten(None),
            fail_fast: false,
            background: None,
            mode: Mode::Apply,
            only_asks: false,
            limit: None,
            both: false,
        };
        // The tables are told of the end only where there was a beginning; what could not begin is at its end.
        self.deliveries.begun = Some((cause.clone(), event.clone()));
        let number = self.started + 1;
        let refused = self.start(&mut main, Starter::Event(id, row), start, now);
        self.main = Some(main);
        match refused.and_then(|reply| reply.fault) {
            Some(fault) => {
                self.deliveries.begun = None;
                self.bad += 1;
                self.observer.delivery(cause, &event, &Delivery::Faulty(&fault), now);
                self.deliveries.ended.push_back(id);
            }
            None => {
                let subrun = Subrun { number, caller: self.bundle.owner(row), within: 0, mode: Mode::Apply };
                self.observer.delivery(cause, &event, &Delivery::Started(&subrun), now);
            }
        }
    }

    /// A handler has ended.
    pub(super) fn delivered(&mut self, id: u64, ended: &Ended, now: u64) {
        let Some((_, cause, event)) = self.deliveries.under_way.remove(&id) else { return };
        let end = SubrunEnd { bad: ended.bad, changed: ended.changed, cancelled: ended.cancelled, ended: now };
        self.observer.delivery(&cause, &event, &Delivery::Ended(&ended.subrun, &end), now);
        if ended.bad > 0 {
            self.bad += 1;
            self.observer.left_loose(&ended.subrun);
        }
        self.deliveries.ended.push_back(id);
    }
}
