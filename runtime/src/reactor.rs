//! What reacts to events: channels, bindings, workflows and schedules, as one state machine.
//!
//! Unaware of: clocks, threads, files, and what a handler does. It is given events and moments and answers which
//! deliveries are due; conditions are asked of whoever holds the machine ([`Conditions`]). The same inputs give the same
//! answers, so every law about it is tested without time passing. Start reading at [`Reactor::take`].

pub mod binding;
pub mod calendar;
pub mod channel;
pub mod door;
pub mod pattern;
pub mod schedule;
pub mod workflow;

#[cfg(test)]
mod tests;

use binding::{Binding, Turn};
use channel::Channel;
use ipcmm_bytecode::{Fault, FaultKind, Value};
use ipcmm_vm::events::Condition;
use jiff::Timestamp;
use pattern::Pattern;
use schedule::Schedule;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use workflow::Workflow;

/// The most deliveries that wait for their turn, over all bindings.
pub const WAITING: usize = 100_000;
/// The most numbers of events that are remembered, so that one which comes again is known.
const REMEMBERED: usize = 10_000;

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Number; an event that arrives twice has the same one.
    pub id: u64,
    /// Segments joined by dots: `file.changed`.
    pub name: Arc<str>,
    /// What it carries; its channel says of which type.
    pub payload: Value,
    /// When it happened, by the clock of who says so.
    pub at: Timestamp,
}

impl Event {
    /// What a handler and a condition see as `event`.
    pub fn value(&self) -> Value {
        Value::map([
            ("id", Value::str(format!("{:016x}", self.id))),
            ("name", Value::Str(self.name.clone())),
            ("payload", self.payload.clone()),
            ("at", Value::str(format!("{:.3}", self.at))),
        ])
    }
}

/// A moment: nanoseconds that never go back, and what the clock on the wall says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Nanoseconds since the reactor began.
    pub steady: u64,
    /// Time of day.
    pub wall: Timestamp,
}

/// Evaluates conditions.
pub trait Conditions {
    /// The value of a condition with `event` in its scope.
    ///
    /// # Errors
    /// What went wrong in it.
    fn value(&mut self, condition: &Condition, event: &Event) -> Result<Value, Fault>;

    /// Whether a condition holds.
    ///
    /// # Errors
    /// If it cannot be evaluated or is no `bool`.
    fn holds(&mut self, condition: Option<&Condition>, event: &Event) -> Result<bool, Fault> {
        match condition.map(|condition| self.value(condition, event)).transpose()? {
            None | Some(Value::Bool(true)) => Ok(true),
            Some(Value::Bool(false)) => Ok(false),
            Some(other) => {
                Err(Fault::new(FaultKind::TypeMismatch, format!("a condition is {}, not a bool", other.type_name())))
            }
        }
    }
}

/// A number of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeliveryId(pub u64);

/// Who asked for a delivery.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// A binding, by its name.
    Binding(Arc<str>),
    /// A workflow, by its name.
    Workflow(Arc<str>),
    /// A schedule, by its name.
    Schedule(Arc<str>),
}

/// A handler that is to run for an event.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivery {
    /// Its number.
    pub id: DeliveryId,
    /// Who asked for it.
    pub cause: Cause,
    /// What runs, as whoever drives the machine names it.
    pub handler: u32,
    /// The event it runs for: of a workflow the last of those that made it complete.
    pub event: Event,
}

/// What follows from an event or from time.
#[derive(Clone, Debug, PartialEq)]
pub enum Due {
    /// Start it.
    Start(Delivery),
    /// Stop it: a newer one takes its place.
    Cancel(DeliveryId),
    /// It was not started and never will be.
    Dropped(Delivery, Drop),
    /// A condition could not be evaluated; the event is not for that cause.
    Fault(Cause, Event, Fault),
}

/// Why a delivery was dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drop {
    /// One of the same binding and key is running, and the binding says `drop`.
    Busy,
    /// A newer one took its place before it began.
    Replaced,
    /// Too many wait.
    Full,
    /// The binding is gone and was not drained.
    Unbound,
}

/// The whole state.
#[derive(Debug, Default)]
pub struct Reactor {
    channels: BTreeMap<Arc<str>, Channel>,
    bindings: BTreeMap<Arc<str>, Binding>,
    workflows: BTreeMap<Arc<str>, Workflow>,
    schedules: BTreeMap<Arc<str>, Schedule>,
    /// Which cause a delivery under way has.
    under_way: BTreeMap<DeliveryId, Cause>,
    next_delivery: u64,
    waiting: usize,
    seen: VecDeque<u64>,
    known: std::collections::HashSet<u64>,
}

/// What a change of the tables came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Installed {
    /// It is new.
    Created,
    /// It was there and is another one now.
    Replaced,
    /// It was there as it is wanted.
    Same,
}

fn install<T: PartialEq>(table: &mut BTreeMap<Arc<str>, T>, name: &Arc<str>, new: T, same: bool) -> Installed {
    match table.get(name) {
        Some(_) if same => Installed::Same,
        Some(_) => {
            table.insert(name.clone(), new);
            Installed::Replaced
        }
        None => {
            table.insert(name.clone(), new);
            Installed::Created
        }
    }
}

impl Reactor {
    /// A reactor that has numbered deliveries up to `last` in an earlier life.
    pub fn numbered_after(last: u64) -> Reactor {
        Reactor { next_delivery: last, ..Reactor::default() }
    }

    /// What installing a channel would come to.
    pub fn would_define(&self, name: &str, plan: &channel::Plan) -> Installed {
        match self.channels.get(name) {
            Some(there) if there.plan == *plan => Installed::Same,
            Some(_) => Installed::Replaced,
            None => Installed::Created,
        }
    }

    /// Installs a channel: what is said of all events of one name.
    pub fn define(&mut self, name: &Arc<str>, plan: channel::Plan) -> Installed {
        let same = self.would_define(name, &plan) == Installed::Same;
        install(&mut self.channels, name, Channel::new(plan), same)
    }

    /// What installing a binding would come to.
    pub fn would_bind(&self, name: &str, plan: &binding::Plan) -> Installed {
        match self.bindings.get(name) {
            Some(there) if there.plan == *plan && !there.is_spent() => Installed::Same,
            Some(_) => Installed::Replaced,
            None => Installed::Created,
        }
    }

    /// Installs a binding. One of that name is replaced; what waits for its turn there keeps waiting.
    pub fn bind(&mut self, name: &Arc<str>, plan: binding::Plan) -> Installed {
        let what = self.would_bind(name, &plan);
        match (what, self.bindings.get_mut(name)) {
            (Installed::Same, _) => {}
            (_, Some(there)) => there.replan(plan),
            (_, None) => drop(self.bindings.insert(name.clone(), Binding::new(plan))),
        }
        what
    }

    /// What [`Reactor::unbind`] would find: whether there is such a binding, and how many deliveries wait there.
    pub fn would_unbind(&self, name: &str) -> Option<usize> {
        self.bindings.get(name).filter(|binding| !binding.is_spent()).map(Binding::waiting)
    }

    /// Names of bindings with this pattern, and this handler if one is given.
    pub fn bindings_of(&self, pattern: &str, handler: Option<u32>) -> Vec<Arc<str>> {
        let meant = |plan: &binding::Plan| {
            plan.pattern.as_str() == pattern && handler.is_none_or(|handler| plan.handler == handler)
        };
        self.bindings.iter().filter(|(_, b)| meant(&b.plan)).map(|(name, _)| name.clone()).collect()
    }

    /// Takes a binding away. With `drain`, deliveries that wait are still made, and it is gone after the last one.
    pub fn unbind(&mut self, name: &str, drain: bool) -> Vec<Due> {
        let Some(binding) = self.bindings.get_mut(name) else { return Vec::new() };
        let dropped = binding.close(drain);
        self.waiting -= dropped.len();
        if self.bindings.get(name).is_some_and(Binding::is_over) {
            self.bindings.remove(name);
        }
        dropped.into_iter().map(|delivery| Due::Dropped(delivery, Drop::Unbound)).collect()
    }

    /// What installing a workflow would come to.
    pub fn would_react(&self, name: &str, plan: &workflow::Plan) -> Installed {
        match self.workflows.get(name) {
            Some(there) if there.plan == *plan => Installed::Same,
            Some(_) => Installed::Replaced,
            None => Installed::Created,
        }
    }

    /// Installs a workflow. One of that name is replaced and begins anew.
    pub fn react(&mut self, name: &Arc<str>, plan: workflow::Plan) -> Installed {
        let same = self.would_react(name, &plan) == Installed::Same;
        install(&mut self.workflows, name, Workflow::new(plan), same)
    }

    /// What installing a schedule would come to.
    pub fn would_schedule(&self, name: &str, plan: &schedule::Plan) -> Installed {
        match self.schedules.get(name) {
            Some(there) if there.plan == *plan => Installed::Same,
            Some(_) => Installed::Replaced,
            None => Installed::Created,
        }
    }

    /// Installs a schedule. `last` is the time up to which it was kept in an earlier life.
    pub fn schedule(
        &mut self,
        name: &Arc<str>,
        plan: schedule::Plan,
        last: Option<Timestamp>,
        now: Moment,
    ) -> Installed {
        let what = self.would_schedule(name, &plan);
        if what != Installed::Same {
            let last = last.or_else(|| self.schedules.get(name).map(|there| there.kept_until()));
            self.schedules.insert(name.clone(), Schedule::new(plan, name, last, now.wall));
        }
        what
    }

    /// The next time of a schedule.
    pub fn next_of(&self, name: &str) -> Option<Timestamp> {
        self.schedules.get(name).and_then(Schedule::next)
    }

    /// Until when each schedule was kept; this survives a restart.
    pub fn kept(&self) -> impl Iterator<Item = (&Arc<str>, Timestamp)> {
        self.schedules.iter().map(|(name, schedule)| (name, schedule.kept_until()))
    }

    /// Names that anything listens to, for sources that need to know.
    pub fn channels(&self) -> impl Iterator<Item = (&Arc<str>, &channel::Plan)> {
        self.channels.iter().map(|(name, channel)| (name, &channel.plan))
    }

    /// Takes an event. One whose number was seen already has no effect.
    pub fn take(&mut self, event: Event, now: Moment, ask: &mut dyn Conditions) -> Vec<Due> {
        let mut due = Vec::new();
        if !self.remember(event.id) {
            return due;
        }
        match self.channels.get_mut(&event.name) {
            Some(channel) => match ask.holds(channel.plan.filter.as_ref(), &event) {
                Ok(false) => {}
                Ok(true) => {
                    if let Some(event) = channel.take(event, now) {
                        self.spread(&event, now, ask, &mut due);
                    }
                }
                Err(fault) => due.push(Due::Fault(Cause::Binding(event.name.clone()), event, fault)),
            },
            None => self.spread(&event, now, ask, &mut due),
        }
        due
    }

    fn remember(&mut self, id: u64) -> bool {
        if !self.known.insert(id) {
            return false;
        }
        self.seen.push_back(id);
        if self.seen.len() > REMEMBERED
            && let Some(oldest) = self.seen.pop_front()
        {
            self.known.remove(&oldest);
        }
        true
    }

    /// Hands an event to every binding and workflow it is for, in the order of their names.
    fn spread(&mut self, event: &Event, now: Moment, ask: &mut dyn Conditions, due: &mut Vec<Due>) {
        let names: Vec<Arc<str>> = self
            .bindings
            .iter()
            .filter(|(_, binding)| binding.is_open() && binding.plan.pattern.matches(&event.name))
            .map(|(name, _)| name.clone())
            .collect();
        for name in names {
            let plan = &self.bindings[&name].plan;
            let wanted = ask.holds(plan.when.as_ref(), event).and_then(|holds| match (&plan.key, holds) {
                (_, false) => Ok(None),
                (None, true) => Ok(Some(Value::Null)),
                (Some(key), true) => ask.value(key, event).map(Some),
            });
            match wanted {
                Ok(None) => {}
                Ok(Some(key)) => self.offer(&name, key, event.clone(), due),
                Err(fault) => due.push(Due::Fault(Cause::Binding(name), event.clone(), fault)),
            }
        }
        let names: Vec<Arc<str>> = self.workflows.keys().cloned().collect();
        for name in names {
            let workflow = self.workflows.get_mut(&name).expect("it was there a line ago");
            if !workflow.listens_to(&event.name) {
                continue;
            }
            match ask.holds(workflow.plan.where_.as_ref(), event) {
                Ok(false) => {}
                Ok(true) => {
                    if workflow.take(event, now) {
                        let handler = workflow.plan.handler;
                        self.start(Cause::Workflow(name), handler, event.clone(), due);
                    }
                }
                Err(fault) => due.push(Due::Fault(Cause::Workflow(name), event.clone(), fault)),
            }
        }
    }

    /// Gives a binding something to deliver.
    fn offer(&mut self, name: &Arc<str>, key: Value, event: Event, due: &mut Vec<Due>) {
        self.next_delivery += 1;
        let id = DeliveryId(self.next_delivery);
        let Some(binding) = self.bindings.get_mut(name) else { return };
        let delivery = Delivery { id, cause: Cause::Binding(name.clone()), handler: binding.plan.handler, event };
        let full = self.waiting >= WAITING;
        match binding.offer(delivery, key, full) {
            Turn::Now { cancel, start } => {
                due.extend(cancel.into_iter().map(Due::Cancel));
                self.under_way.insert(start.id, start.cause.clone());
                due.push(Due::Start(start));
            }
            Turn::Later { cancel, instead_of } => {
                due.extend(cancel.map(Due::Cancel));
                self.waiting += 1;
                if let Some(replaced) = instead_of {
                    self.waiting -= 1;
                    due.push(Due::Dropped(replaced, Drop::Replaced));
                }
            }
            Turn::Never(delivery, why) => due.push(Due::Dropped(delivery, why)),
        }
    }

    fn start(&mut self, cause: Cause, handler: u32, event: Event, due: &mut Vec<Due>) {
        self.next_delivery += 1;
        let id = DeliveryId(self.next_delivery);
        self.under_way.insert(id, cause.clone());
        due.push(Due::Start(Delivery { id, cause, handler, event }));
    }

    /// What time brings: events that were held back long enough, and schedules.
    pub fn tick(&mut self, now: Moment, ask: &mut dyn Conditions) -> Vec<Due> {
        let mut due = Vec::new();
        let calm: Vec<Event> = self.channels.values_mut().filter_map(|channel| channel.calm(now)).collect();
        for event in calm {
            self.spread(&event, now, ask, &mut due);
        }
        let names: Vec<Arc<str>> = self.schedules.keys().cloned().collect();
        for name in names {
            let schedule = self.schedules.get_mut(&name).expect("it was there a line ago");
            let handler = schedule.plan.handler;
            for turn in schedule.due(now.wall) {
                match turn {
                    schedule::Turn::Start(at) => {
                        let event = scheduled(&name, at, self.next_delivery + 1);
                        self.start(Cause::Schedule(name.clone()), handler, event, &mut due);
                        let id = DeliveryId(self.next_delivery);
                        self.schedules.get_mut(&name).expect("it was there a line ago").began(id);
                    }
                    schedule::Turn::Kill(id) => due.push(Due::Cancel(id)),
                    schedule::Turn::Skip(at) => {
                        self.next_delivery += 1;
                        let id = DeliveryId(self.next_delivery);
                        let event = scheduled(&name, at, self.next_delivery);
                        let delivery = Delivery { id, cause: Cause::Schedule(name.clone()), handler, event };
                        due.push(Due::Dropped(delivery, Drop::Busy));
                    }
                }
            }
        }
        due
    }

    /// Tells that a delivery has ended, however it did, and answers what has its turn now.
    pub fn finished(&mut self, id: DeliveryId, now: Moment, ask: &mut dyn Conditions) -> Vec<Due> {
        let Some(cause) = self.under_way.remove(&id) else { return Vec::new() };
        let mut due = Vec::new();
        match cause {
            Cause::Binding(name) => {
                let Some(binding) = self.bindings.get_mut(&name) else { return due };
                if let Some(next) = binding.finished(id) {
                    self.waiting -= 1;
                    self.under_way.insert(next.id, next.cause.clone());
                    due.push(Due::Start(next));
                } else if binding.is_over() {
                    self.bindings.remove(&name);
                }
            }
            Cause::Schedule(name) => {
                if let Some(schedule) = self.schedules.get_mut(&name) {
                    schedule.ended(id);
                    due.extend(self.tick(now, ask));
                }
            }
            Cause::Workflow(_) => {}
        }
        due
    }

    /// Deliveries that were started and have not ended.
    pub fn under_way(&self) -> usize {
        self.under_way.len()
    }

    /// Deliveries that wait for their turn.
    pub fn waiting(&self) -> usize {
        self.waiting
    }

    /// When [`Reactor::tick`] has something to say at the earliest, if nothing else happens. The first is steady time,
    /// the second time of day.
    pub fn next_wake(&self) -> (Option<u64>, Option<Timestamp>) {
        let steady = self.channels.values().filter_map(Channel::calm_at).min();
        let wall = self.schedules.values().filter_map(Schedule::wakes_at).min();
        (steady, wall)
    }
}

/// The event of a schedule whose time has come.
fn scheduled(name: &Arc<str>, at: Timestamp, id: u64) -> Event {
    let payload = Value::map([("schedule", Value::Str(name.clone())), ("due", Value::str(format!("{at:.3}")))]);
    Event { id, name: format!("schedule.{name}").into(), payload, at }
}

/// A pattern and what is wrong with it, for whoever installs one.
///
/// # Errors
/// If it is no pattern of event names.
pub fn pattern(text: &str) -> Result<Pattern, Fault> {
    Pattern::new(text)
        .map_err(|why| Fault::new(FaultKind::TypeMismatch, format!("`{text}` is no pattern of events: {why}")))
}
