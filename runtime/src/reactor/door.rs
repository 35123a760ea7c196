//! The reactor as a run sees it: arguments of built-ins become plans, and what is due becomes what the run has to do.
//!
//! Unaware of: what handlers do, and how time passes: it is told the time of the run. Only a keeper that stays
//! ([`Door::staying`]) keeps schedules and looks at the clock on the wall.

use super::binding::{Concurrency, Plan as BindingPlan};
use super::calendar::Calendar;
use super::channel::Plan as ChannelPlan;
use super::schedule::{Catchup, Overlap, Plan as SchedulePlan};
use super::workflow::{Plan as WorkflowPlan, Shape};
use super::{Cause, Conditions, Drop, Event, Installed, Moment, Reactor, pattern as pattern_of};
use crate::args::Args;
use ipcmm_bytecode::catalog::Intrinsic;
use ipcmm_bytecode::{Fault, FaultKind, Value};
use ipcmm_vm::events::{Answer, Ask, Condition, Due, Events, Judge};
use ipcmm_vm::{Change, ChangeKind, Mode, Reply};
use jiff::{SignedDuration, Timestamp};
use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

/// The most handlers that start in a run that ends by itself.
pub const DELIVERIES: u64 = 10_000;
/// A clock on the wall may be set: it is looked at as often as this.
const LOOK: u64 = 30_000_000_000;

/// Files whose changes are events: the name of the event and the path.
pub type Sources = Rc<RefCell<Vec<(Arc<str>, PathBuf)>>>;

/// A reactor behind the door of a run.
#[derive(Debug)]
pub struct Door {
    reactor: Reactor,
    began: Timestamp,
    stays: bool,
    seed: u64,
    events: u64,
    started: u64,
    last: Arc<str>,
    sources: Sources,
}

/// What a task is told, with what it is answerable for and what follows.
type Told = (Reply, Option<Arc<str>>, Vec<super::Due>);

/// The time at which runs under a virtual clock begin.
pub fn began() -> Timestamp {
    Timestamp::from_second(1_767_225_600).unwrap_or(Timestamp::UNIX_EPOCH)
}

struct Asked<'j>(&'j mut dyn Judge);

impl Conditions for Asked<'_> {
    fn value(&mut self, condition: &Condition, event: &Event) -> Result<Value, Fault> {
        self.0.value(condition, &event.value())
    }
}

impl Door {
    /// For a run that ends by itself and began at this time. Times come as the run says.
    pub fn new(began: Timestamp) -> Door {
        Door {
            reactor: Reactor::default(),
            began,
            stays: false,
            seed: 0,
            events: 0,
            started: 0,
            last: "".into(),
            sources: Sources::default(),
        }
    }

    /// For a run that stays: schedules are kept by the clock on the wall. `seed` makes the node's own time of them; files
    /// to be watched are noted in `sources`.
    pub fn staying(began: Timestamp, seed: u64, sources: Sources) -> Door {
        Door { stays: true, seed, sources, ..Door::new(began) }
    }

    fn moment(&self, now: u64) -> Moment {
        // Where schedules are not kept, no time of them ever comes.
        Moment { steady: now, wall: if self.stays { Timestamp::now() } else { self.began } }
    }

    fn event(&mut self, name: &str, payload: Value, now: u64) -> Event {
        self.events += 1;
        let at = match self.stays {
            true => Timestamp::now(),
            false => {
                let since = SignedDuration::from_nanos(i64::try_from(now).unwrap_or(i64::MAX));
                self.began.checked_add(since).unwrap_or(self.began)
            }
        };
        Event { id: self.events, name: name.into(), payload, at }
    }

    /// Translates what is due.
    fn due(&mut self, due: Vec<super::Due>) -> Vec<Due> {
        let one = |due| match due {
            super::Due::Start(delivery) => {
                self.started += 1;
                let cause = cause(&delivery.cause);
                self.last = format!("`{}` of {cause}", delivery.event.name).into();
                Due::Start { id: delivery.id.0, cause, handler: delivery.handler, event: delivery.event.value() }
            }
            super::Due::Cancel(id) => Due::Cancel(id.0),
            super::Due::Dropped(delivery, why) => {
                let why = match why {
                    Drop::Busy => "one of the same key is under way",
                    Drop::Replaced => "a newer one took its place",
                    Drop::Full => "too many wait",
                    Drop::Unbound => "the binding is gone",
                };
                Due::Dropped { cause: cause(&delivery.cause), event: delivery.event.value(), why }
            }
            super::Due::Fault(by, event, fault) => Due::Fault { cause: cause(&by), event: event.value(), fault },
        };
        due.into_iter().map(one).collect()
    }

    fn told(&mut self, ask: &Ask, now: u64, judge: &mut dyn Judge) -> Result<Told, Fault> {
        let Some(row) = ipcmm_stdlib::by_number(ask.builtin) else {
            return Err(Fault::new(FaultKind::UnknownBuiltin, ask.builtin.to_string()));
        };
        let args = Args::new(row, &ask.args);
        let condition = |name: &str| {
            let number = row.param(name);
            ask.conditions.iter().find(|(param, _)| Some(*param) == number).map(|(_, condition)| condition.clone())
        };
        let span = |name: &str| match args.given(name) {
            Some(Value::Duration(nanos)) => {
                u64::try_from(*nanos).map(Some).map_err(|_| args.bad(name, "it is negative"))
            }
            _ => Ok(None),
        };
        let word = |name: &str, flaw: &str| args.bad(name, flaw);
        let handler = ask.handler.unwrap_or_default();
        let apply = ask.mode == Mode::Apply;
        let moment = self.moment(now);
        match ask.which {
            Intrinsic::Event => {
                let name: Arc<str> = args.str("name")?.into();
                name_of(&args, "name", &name)?;
                let plan = ChannelPlan {
                    source: args.given("source").cloned().unwrap_or(Value::Null),
                    filter: condition("filter"),
                    debounce: span("debounce")?,
                };
                let file = file_of(&args, &plan.source)?;
                let what = match apply {
                    true => self.reactor.define(&name, plan),
                    false => self.reactor.would_define(&name, &plan),
                };
                if apply {
                    let mut sources = self.sources.borrow_mut();
                    sources.retain(|(other, _)| *other != name);
                    sources.extend(file.map(|file| (name.clone(), file)));
                }
                let data = [("channel", Value::Str(name.clone()))];
                Ok((installed(what, format!("event {name}"), data), None, Vec::new()))
            }
            Intrinsic::Fire => {
                let name = args.str("event")?;
                name_of(&args, "event", name)?;
                if !apply {
                    let data = Value::map([("event_id", Value::Unknown), ("deliveries", Value::Unknown)]);
                    let reply = Reply::unchanged(data);
                    return Ok((Reply { comment: format!("would fire {name}"), ..reply }, None, Vec::new()));
                }
                if !self.stays && self.started + self.reactor.waiting() as u64 >= DELIVERIES {
                    let detail = format!("over {DELIVERIES} handlers in one run, the last for {}", self.last);
                    return Err(Fault::new(FaultKind::EventStorm, detail));
                }
                let event = self.event(name, args.given("payload").cloned().unwrap_or(Value::Null), now);
                let id = event.value().get("id").cloned().unwrap_or(Value::Null);
                let due = self.reactor.take(event, moment, &mut Asked(judge));
                let starts = due.iter().filter(|due| matches!(due, super::Due::Start(_))).count();
                let data = Value::map([("event_id", id), ("deliveries", Value::Int(starts as i64))]);
                let mut reply = Reply::unchanged(data);
                // A condition that cannot be judged is told by the task whose event it was.
                let (faults, due): (Vec<_>, Vec<_>) =
                    due.into_iter().partition(|due| matches!(due, super::Due::Fault(..)));
                if let Some(super::Due::Fault(by, _, fault)) = faults.into_iter().next() {
                    reply.fault = Some(Fault { detail: format!("{}: {}", cause(&by), fault.detail), ..fault });
                }
                Ok((reply, None, due))
            }
            Intrinsic::Bind => {
                let plan = BindingPlan {
                    pattern: pattern_of(args.str("pattern")?)?,
                    handler,
                    when: condition("when"),
                    once: args.bool("once")?,
                    concurrency: Concurrency::from_name(args.str("concurrency")?)
                        .ok_or_else(|| word("concurrency", "it is none of these"))?,
                    key: condition("key"),
                };
                let what = match apply {
                    true => self.reactor.bind(&ask.name, plan),
                    false => self.reactor.would_bind(&ask.name, &plan),
                };
                let by = cause(&Cause::Binding(ask.name.clone()));
                let data = [("binding_id", Value::Str(ask.name.clone()))];
                Ok((installed(what, by.to_string(), data), apply.then_some(by), Vec::new()))
            }
            Intrinsic::Unbind => {
                let names: Vec<Arc<str>> = match args.opt_str("binding")? {
                    Some(name) => vec![name.into()],
                    None => self.reactor.bindings_of(args.str("pattern")?, ask.handler),
                };
                let drain = args.bool("drain")?;
                let there: Vec<(&Arc<str>, usize)> =
                    names.iter().filter_map(|name| Some((name, self.reactor.would_unbind(name)?))).collect();
                let drained = if drain { there.iter().map(|(_, waiting)| waiting).sum() } else { 0usize };
                let change = |(name, _): &(&Arc<str>, usize)| change(ChangeKind::Remove, format!("bind {name}"));
                let changes = there.iter().map(change).collect();
                let existed = !there.is_empty();
                let due = match apply {
                    true => names.iter().flat_map(|name| self.reactor.unbind(name, drain)).collect(),
                    false => Vec::new(),
                };
                let data = Value::map([("existed", Value::Bool(existed)), ("drained", Value::Int(drained as i64))]);
                Ok((Reply::changes(changes, data), None, due))
            }
            Intrinsic::React => {
                let shape = match (args.opt_str("on")?, args.given("sequence")) {
                    (Some(on), _) => {
                        let count = args.int("count")?;
                        let count =
                            usize::try_from(count).ok().filter(|count| (1..=super::workflow::KEPT).contains(count));
                        let count = count.ok_or_else(|| word("count", "it is from 1 to 10,000"))?;
                        Shape::Count(pattern_of(on)?, count)
                    }
                    (None, Some(Value::List(patterns))) if !patterns.is_empty() => {
                        let all = patterns.iter().map(|pattern| pattern_of(pattern.as_str().unwrap_or_default()));
                        Shape::Sequence(all.collect::<Result<_, Fault>>()?)
                    }
                    _ => return Err(word("sequence", "it holds no patterns")),
                };
                let within = span("within")?.map(|nanos| SignedDuration::from_nanos(nanos as i64));
                let plan =
                    WorkflowPlan { shape, within, where_: condition("where"), throttle: span("throttle")?, handler };
                let what = match apply {
                    true => self.reactor.react(&ask.name, plan),
                    false => self.reactor.would_react(&ask.name, &plan),
                };
                let by = cause(&Cause::Workflow(ask.name.clone()));
                let data = [("workflow_id", Value::Str(ask.name.clone()))];
                Ok((installed(what, by.to_string(), data), apply.then_some(by), Vec::new()))
            }
            Intrinsic::Schedule => {
                let name: Arc<str> = args.str("name")?.into();
                name_of(&args, "name", &name)?;
                let calendar = match (args.opt_str("cron")?, span("every")?) {
                    (Some(cron), _) => {
                        let tz = args.str("tz")?;
                        super::calendar::zone_of(tz).map_err(|why| args.bad("tz", why))?;
                        Calendar::cron(cron, tz).map_err(|why| args.bad("cron", why))?
                    }
                    (None, Some(0)) => return Err(args.bad("every", "it is no time at all")),
                    (None, Some(every)) => Calendar::Every(SignedDuration::from_nanos(every as i64)),
                    (None, None) => {
                        let at = args.str("at")?;
                        let time = at
                            .parse()
                            .map_err(|_| args.bad("at", format!("`{at}` is no time such as `2027-01-31T12:00:00Z`")))?;
                        Calendar::At(time)
                    }
                };
                let plan = SchedulePlan {
                    calendar,
                    splay: SignedDuration::from_nanos(span("splay")?.unwrap_or(0) as i64),
                    seed: self.seed,
                    catchup: Catchup::from_name(args.str("catchup")?)
                        .ok_or_else(|| word("catchup", "it is none of these"))?,
                    overlap: Overlap::from_name(args.str("overlap")?)
                        .ok_or_else(|| word("overlap", "it is none of these"))?,
                    handler,
                };
                let what = self.reactor.would_schedule(&name, &plan);
                let next = match apply {
                    true => {
                        self.reactor.schedule(&name, plan, None, moment);
                        self.reactor.next_of(&name)
                    }
                    false => super::schedule::Schedule::new(plan, &name, None, moment.wall).next(),
                };
                let by = cause(&Cause::Schedule(name));
                let data = [("next", next.map_or(Value::Null, |next| Value::str(format!("{next:.3}"))))];
                Ok((installed(what, by.to_string(), data), apply.then_some(by), Vec::new()))
            }
            _ => Err(Fault::new(FaultKind::Unsupported, format!("{} does not concern events", row.name))),
        }
    }
}

impl Events for Door {
    fn ask(&mut self, ask: &Ask, now: u64, judge: &mut dyn Judge) -> Answer {
        match self.told(ask, now, judge) {
            Ok((reply, installed, due)) => Answer { reply, installed, due: self.due(due) },
            Err(fault) => Answer { reply: Reply::failed(fault), installed: None, due: Vec::new() },
        }
    }

    fn happened(&mut self, name: &str, payload: Value, now: u64, judge: &mut dyn Judge) -> Vec<Due> {
        let (event, moment) = (self.event(name, payload, now), self.moment(now));
        let due = self.reactor.take(event, moment, &mut Asked(judge));
        self.due(due)
    }

    fn tick(&mut self, now: u64, judge: &mut dyn Judge) -> Vec<Due> {
        let due = self.reactor.tick(self.moment(now), &mut Asked(judge));
        self.due(due)
    }

    fn finished(&mut self, id: u64, now: u64, judge: &mut dyn Judge) -> Vec<Due> {
        let due = self.reactor.finished(super::DeliveryId(id), self.moment(now), &mut Asked(judge));
        self.due(due)
    }

    fn wakes_in(&self, now: u64) -> Option<u64> {
        let (steady, wall) = self.reactor.next_wake();
        let steady = steady.map(|at| at.saturating_sub(now));
        let wall = wall.filter(|_| self.stays).map(|at| {
            let nanos = at.duration_since(Timestamp::now()).as_nanos().clamp(0, i128::from(LOOK));
            // A timer never rings early by the clock on the wall.
            u64::try_from(nanos).unwrap_or(LOOK).saturating_add(1_000_000)
        });
        steady.into_iter().chain(wall).min()
    }

    fn holds_back(&self) -> bool {
        self.reactor.next_wake().0.is_some()
    }
}

/// What a cause is called.
fn cause(cause: &Cause) -> Arc<str> {
    match cause {
        Cause::Binding(name) => format!("bind {name}").into(),
        Cause::Workflow(name) => format!("react {name}").into(),
        Cause::Schedule(name) => format!("schedule {name}").into(),
    }
}

fn name_of(args: &Args<'_>, param: &str, name: &str) -> Result<(), Fault> {
    match super::pattern::flaw_of_name(name) {
        Some(flaw) => Err(args.bad(param, format!("`{name}` is no name of an event: {flaw}"))),
        None => Ok(()),
    }
}

/// The file that is a source.
fn file_of(args: &Args<'_>, source: &Value) -> Result<Option<PathBuf>, Fault> {
    match source {
        Value::Null => Ok(None),
        source => match source.get("file") {
            Some(Value::Str(path)) if path.starts_with('/') => Ok(Some(PathBuf::from(&**path))),
            _ => Err(args.bad("source", "`file` is no absolute path")),
        },
    }
}

fn change(kind: ChangeKind, object: String) -> Change {
    Change { kind, object, property: "", before: None, after: None, diff: None, may: false }
}

/// The reply of a built-in that installs something.
fn installed<const N: usize>(what: Installed, object: String, data: [(&'static str, Value); N]) -> Reply {
    let created = Value::Bool(what == Installed::Created);
    let data = Value::map(data.into_iter().chain([("created", created)]));
    let changes = match what {
        Installed::Created => vec![change(ChangeKind::Create, object)],
        Installed::Replaced => vec![change(ChangeKind::Update, object)],
        Installed::Same => Vec::new(),
    };
    Reply::changes(changes, data)
}
