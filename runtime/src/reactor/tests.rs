//! Laws of the reactor under a clock that is only said.

use super::binding::{Concurrency, Plan as BindingPlan};
use super::calendar::Calendar;
use super::channel::Plan as ChannelPlan;
use super::schedule::{Catchup, Overlap, Plan as SchedulePlan};
use super::workflow::{Plan as WorkflowPlan, Shape};
use super::*;
use jiff::SignedDuration;

const SECOND: u64 = 1_000_000_000;
/// No event made a workflow complete.
const NONE: [usize; 0] = [];

/// Chunk 0 asks for `payload > 10`, 1 gives the payload as a key, 2 cannot be evaluated, 3 is no bool.
struct Payloads;

impl Conditions for Payloads {
    fn value(&mut self, condition: &Condition, event: &Event) -> Result<Value, Fault> {
        match condition.chunk {
            0 => Ok(Value::Bool(matches!(event.payload, Value::Int(n) if n > 10))),
            1 => Ok(event.payload.clone()),
            2 => Err(Fault::new(FaultKind::DivisionByZero, "1 / 0")),
            _ => Ok(Value::Int(1)),
        }
    }
}

fn condition(chunk: u32) -> Option<Condition> {
    Some(Condition { chunk, captured: ipcmm_vm::events::Captured::EMPTY })
}

fn at(seconds: u64) -> Moment {
    let wall = Timestamp::from_second(1_800_000_000 + seconds as i64).expect("a time");
    Moment { steady: seconds * SECOND, wall }
}

fn event(id: u64, name: &str, payload: i64, seconds: u64) -> Event {
    Event { id, name: name.into(), payload: Value::Int(payload), at: at(seconds).wall }
}

fn binding(pattern_: &str, concurrency: Concurrency) -> BindingPlan {
    let pattern = Pattern::new(pattern_).expect("a pattern");
    BindingPlan { pattern, handler: 7, when: None, once: false, concurrency, key: None }
}

fn started(due: &[Due]) -> Vec<DeliveryId> {
    due.iter()
        .filter_map(|due| match due {
            Due::Start(delivery) => Some(delivery.id),
            Due::Cancel(_) | Due::Dropped(..) | Due::Fault(..) => None,
        })
        .collect()
}

fn name(text: &str) -> Arc<str> {
    text.into()
}

#[test]
fn an_event_reaches_each_binding_it_is_for_once() {
    let mut reactor = Reactor::default();
    reactor.bind(&name("one"), binding("app.*", Concurrency::Parallel));
    reactor.bind(&name("two"), binding("**", Concurrency::Parallel));
    reactor.bind(&name("other"), binding("db.*", Concurrency::Parallel));
    let due = reactor.take(event(1, "app.up", 0, 0), at(0), &mut Payloads);
    let causes: Vec<_> = due
        .iter()
        .map(|due| match due {
            Due::Start(delivery) => delivery.cause.clone(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(causes, [Cause::Binding(name("one")), Cause::Binding(name("two"))]);
    assert_eq!(reactor.take(event(1, "app.up", 0, 1), at(1), &mut Payloads), [], "it came a second time");
}

#[test]
fn conditions_choose_and_their_faults_are_told() {
    let mut reactor = Reactor::default();
    reactor.bind(&name("high"), BindingPlan { when: condition(0), ..binding("t", Concurrency::Parallel) });
    assert_eq!(reactor.take(event(1, "t", 10, 0), at(0), &mut Payloads), []);
    assert_eq!(started(&reactor.take(event(2, "t", 11, 0), at(0), &mut Payloads)).len(), 1);
    reactor.bind(&name("high"), BindingPlan { when: condition(2), ..binding("t", Concurrency::Parallel) });
    let due = reactor.take(event(3, "t", 11, 0), at(0), &mut Payloads);
    assert!(matches!(&due[..], [Due::Fault(Cause::Binding(_), _, fault)] if fault.kind == FaultKind::DivisionByZero));
    reactor.bind(&name("high"), BindingPlan { when: condition(3), ..binding("t", Concurrency::Parallel) });
    let due = reactor.take(event(4, "t", 11, 0), at(0), &mut Payloads);
    assert!(matches!(&due[..], [Due::Fault(_, _, fault)] if fault.kind == FaultKind::TypeMismatch));
}

#[test]
fn a_queue_keeps_the_order_and_one_at_a_time_for_each_key() {
    let mut reactor = Reactor::default();
    reactor.bind(&name("b"), BindingPlan { key: condition(1), ..binding("t", Concurrency::Queue) });
    let mut running = Vec::new();
    for id in 1..=6 {
        running.extend(started(&reactor.take(event(id, "t", (id % 2) as i64, 0), at(0), &mut Payloads)));
    }
    assert_eq!((running.len(), reactor.waiting()), (2, 4), "one of each key");
    let mut order = running.clone();
    while let Some(id) = running.pop() {
        let next = started(&reactor.finished(id, at(0), &mut Payloads));
        assert!(next.len() <= 1);
        order.extend(&next);
        running.extend(next);
    }
    assert_eq!((order.len(), reactor.waiting(), reactor.under_way()), (6, 0, 0), "none is lost, none is left");
    let odd: Vec<u64> = order.iter().map(|id| id.0).filter(|id| id % 2 == 1).collect();
    assert_eq!(odd, [1, 3, 5]);
}

#[test]
fn a_busy_binding_drops_or_replaces() {
    let mut reactor = Reactor::default();
    reactor.bind(&name("d"), binding("t", Concurrency::Drop));
    let first = started(&reactor.take(event(1, "t", 0, 0), at(0), &mut Payloads))[0];
    assert!(matches!(&reactor.take(event(2, "t", 0, 0), at(0), &mut Payloads)[..], [Due::Dropped(_, Drop::Busy)]));
    reactor.finished(first, at(1), &mut Payloads);
    assert_eq!(started(&reactor.take(event(3, "t", 0, 1), at(1), &mut Payloads)).len(), 1);

    let mut reactor = Reactor::default();
    reactor.bind(&name("r"), binding("t", Concurrency::Replace));
    let first = started(&reactor.take(event(1, "t", 0, 0), at(0), &mut Payloads))[0];
    assert_eq!(reactor.take(event(2, "t", 0, 0), at(0), &mut Payloads), [Due::Cancel(first)]);
    let due = reactor.take(event(3, "t", 0, 0), at(0), &mut Payloads);
    assert!(matches!(&due[..], [Due::Dropped(old, Drop::Replaced)] if old.event.id == 2), "{due:?}");
    let due = reactor.finished(first, at(1), &mut Payloads);
    assert!(matches!(&due[..], [Due::Start(newest)] if newest.event.id == 3), "only when the old one has ended");
    assert_eq!(reactor.waiting(), 0);
}

#[test]
fn a_storm_takes_bounded_memory_and_loses_nothing_unsaid() {
    let mut reactor = Reactor::default();
    reactor.bind(&name("q"), binding("t", Concurrency::Queue));
    let (mut started_, mut dropped) = (0, 0);
    let storm = WAITING as u64 + 5_000;
    for id in 1..=storm {
        for due in reactor.take(event(id, "t", 0, 0), at(0), &mut Payloads) {
            match due {
                Due::Start(_) => started_ += 1,
                Due::Dropped(_, Drop::Full) => dropped += 1,
                other => panic!("{other:?}"),
            }
        }
    }
    assert_eq!((started_, dropped, reactor.waiting()), (1, 4_999, WAITING));
}

#[test]
fn once_means_the_first_that_counts() {
    let mut reactor = Reactor::default();
    let plan = BindingPlan { once: true, when: condition(0), ..binding("t", Concurrency::Parallel) };
    assert_eq!(reactor.bind(&name("b"), plan.clone()), Installed::Created);
    assert_eq!(reactor.take(event(1, "t", 1, 0), at(0), &mut Payloads), []);
    assert_eq!(started(&reactor.take(event(2, "t", 11, 0), at(0), &mut Payloads)).len(), 1);
    assert_eq!(reactor.take(event(3, "t", 12, 0), at(0), &mut Payloads), []);
    assert_eq!(reactor.would_unbind("b"), None, "it is spent");
    assert_eq!(reactor.bind(&name("b"), plan), Installed::Replaced, "and can be bound again");
}

#[test]
fn a_binding_that_goes_is_drained_or_drops_what_waits() {
    for drain in [true, false] {
        let mut reactor = Reactor::default();
        reactor.bind(&name("q"), binding("t", Concurrency::Queue));
        let first = started(&reactor.take(event(1, "t", 0, 0), at(0), &mut Payloads))[0];
        reactor.take(event(2, "t", 0, 0), at(0), &mut Payloads);
        assert_eq!(reactor.would_unbind("q"), Some(1));
        let dropped = reactor.unbind("q", drain);
        assert_eq!(dropped.len(), usize::from(!drain));
        assert_eq!(reactor.take(event(3, "t", 0, 0), at(0), &mut Payloads), [], "it takes nothing new");
        let next = started(&reactor.finished(first, at(1), &mut Payloads));
        assert_eq!(next.len(), usize::from(drain));
        next.into_iter().for_each(|id| drop(reactor.finished(id, at(2), &mut Payloads)));
        assert_eq!((reactor.waiting(), reactor.under_way(), reactor.bindings.len()), (0, 0, 0));
    }
}

#[test]
fn of_a_burst_the_last_event_is_spread_when_it_is_quiet() {
    let mut reactor = Reactor::default();
    let plan = ChannelPlan { source: Value::Null, filter: condition(0), debounce: Some(2 * SECOND) };
    assert_eq!(reactor.define(&name("t"), plan.clone()), Installed::Created);
    assert_eq!(reactor.define(&name("t"), plan), Installed::Same);
    reactor.bind(&name("b"), binding("t", Concurrency::Parallel));
    for id in 1..=3 {
        assert_eq!(reactor.take(event(id, "t", 10 + id as i64, id), at(id), &mut Payloads), []);
    }
    assert_eq!(reactor.take(event(4, "t", 1, 3), at(3), &mut Payloads), [], "this one does not count");
    assert_eq!(reactor.next_wake().0, Some(5 * SECOND));
    assert_eq!(reactor.tick(at(4), &mut Payloads), []);
    let due = reactor.tick(at(5), &mut Payloads);
    assert!(matches!(&due[..], [Due::Start(delivery)] if delivery.event.id == 3), "{due:?}");
    assert_eq!(reactor.next_wake().0, None);
}

#[test]
fn a_stream_without_a_pause_is_heard_all_the_same() {
    let mut reactor = Reactor::default();
    reactor.define(&name("t"), ChannelPlan { source: Value::Null, filter: None, debounce: Some(2 * SECOND) });
    reactor.bind(&name("b"), binding("t", Concurrency::Parallel));
    let mut heard = Vec::new();
    for second in 0..50 {
        reactor.take(event(second + 1, "t", 0, second), at(second), &mut Payloads);
        heard.extend(started(&reactor.tick(at(second), &mut Payloads)).iter().map(|_| second));
    }
    assert_eq!(heard, [20, 41], "every ten pauses");
}

fn workflow(shape: Shape, within: Option<i64>, throttle: Option<u64>) -> WorkflowPlan {
    let within = within.map(SignedDuration::from_secs);
    WorkflowPlan { shape, within, where_: None, throttle: throttle.map(|s| s * SECOND), handler: 9 }
}

fn pattern_(text: &str) -> Pattern {
    Pattern::new(text).expect("a pattern")
}

/// The numbers of the events with which a workflow was complete.
fn completed(plan: WorkflowPlan, events: &[(&str, u64)]) -> Vec<usize> {
    let mut reactor = Reactor::default();
    reactor.react(&name("w"), plan);
    let mut all = Vec::new();
    for (i, (name, seconds)) in events.iter().enumerate() {
        let due = reactor.take(event(i as u64 + 1, name, 0, *seconds), at(i as u64), &mut Payloads);
        all.extend(started(&due).iter().map(|_| i + 1));
    }
    all
}

#[test]
fn so_many_events_within_a_window_count_once() {
    let plan = || workflow(Shape::Count(pattern_("fail"), 3), Some(10), None);
    assert_eq!(completed(plan(), &[("fail", 0), ("fail", 5), ("fail", 11), ("fail", 12)]), [4]);
    assert_eq!(
        completed(plan(), &[("fail", 0), ("fail", 1), ("fail", 2), ("fail", 3), ("fail", 4)]),
        [3],
        "it begins anew"
    );
    assert_eq!(completed(plan(), &[("fail", 0), ("ok", 1), ("fail", 2)]), NONE);
    assert_eq!(completed(plan(), &[("fail", 30), ("fail", 31), ("fail", 35)]), [3]);
    assert_eq!(
        completed(plan(), &[("fail", 8), ("fail", 30), ("fail", 31), ("fail", 29)]),
        [4],
        "the last one came late"
    );
}

#[test]
fn a_sequence_goes_by_the_times_of_its_events() {
    let plan =
        |within| workflow(Shape::Sequence(vec![pattern_("start"), pattern_("stop"), pattern_("crash")]), within, None);
    assert_eq!(completed(plan(None), &[("start", 0), ("stop", 1), ("crash", 2)]), [3]);
    assert_eq!(completed(plan(None), &[("stop", 0), ("start", 1), ("crash", 2)]), NONE);
    assert_eq!(
        completed(plan(None), &[("start", 0), ("crash", 1), ("stop", 2), ("crash", 3)]),
        [4],
        "others may lie between"
    );
    assert_eq!(
        completed(plan(None), &[("start", 5), ("stop", 1), ("crash", 6)]),
        NONE,
        "this stop was before the start"
    );
    assert_eq!(completed(plan(Some(5)), &[("start", 0), ("stop", 4), ("crash", 6)]), NONE, "too late");
    assert_eq!(
        completed(plan(Some(5)), &[("start", 0), ("start", 3), ("stop", 4), ("crash", 8)]),
        [4],
        "by the second start"
    );
    let same = workflow(Shape::Sequence(vec![pattern_("x"), pattern_("x")]), None, None);
    assert_eq!(completed(same, &[("x", 0), ("x", 1), ("x", 2), ("x", 3)]), [2, 4], "an event is one step only");
}

#[test]
fn after_it_fired_a_workflow_is_deaf_for_a_while() {
    let plan = workflow(Shape::Count(pattern_("t"), 1), None, Some(3));
    let events: Vec<(&str, u64)> = (0..8).map(|s| ("t", s)).collect();
    assert_eq!(completed(plan, &events), [1, 4, 7]);
}

fn schedule(calendar: Calendar, catchup: Catchup, overlap: Overlap) -> SchedulePlan {
    SchedulePlan { calendar, splay: SignedDuration::ZERO, seed: 1, catchup, overlap, handler: 5 }
}

fn minutes() -> Calendar {
    Calendar::Every(SignedDuration::from_mins(1))
}

fn due_times(due: &[Due]) -> Vec<i64> {
    due.iter()
        .filter_map(|due| match due {
            Due::Start(delivery) => Some(delivery.event.at.duration_since(at(0).wall).as_secs()),
            Due::Cancel(_) | Due::Dropped(..) | Due::Fault(..) => None,
        })
        .collect()
}

#[test]
fn a_schedule_runs_at_its_times_and_says_when_it_wakes() {
    let mut reactor = Reactor::default();
    reactor.schedule(&name("s"), schedule(minutes(), Catchup::None, Overlap::Skip), None, at(0));
    assert_eq!(reactor.next_wake().1, Some(at(60).wall));
    assert_eq!(reactor.tick(at(59), &mut Payloads), []);
    let due = reactor.tick(at(60), &mut Payloads);
    assert_eq!(due_times(&due), [60]);
    let due = reactor.tick(at(120), &mut Payloads);
    assert!(matches!(&due[..], [Due::Dropped(_, Drop::Busy)]), "the first is still under way: {due:?}");
    reactor.finished(DeliveryId(1), at(130), &mut Payloads);
    assert_eq!(due_times(&reactor.tick(at(180), &mut Payloads)), [180]);
}

#[test]
fn missed_times_are_left_out_or_made_up_for() {
    for (catchup, wanted) in [(Catchup::None, vec![]), (Catchup::One, vec![600]), (Catchup::All, vec![60])] {
        let mut reactor = Reactor::default();
        let plan = schedule(minutes(), catchup, Overlap::Skip);
        reactor.schedule(&name("s"), plan, Some(at(0).wall), Moment { steady: 0, wall: at(675).wall });
        let mut due = reactor.tick(at(675), &mut Payloads);
        // The time at 660 was not missed: it is only seconds ago.
        let wanted = if catchup == Catchup::All { wanted } else { vec![660] };
        assert_eq!(due_times(&due), wanted, "{catchup:?}");
        if catchup == Catchup::All {
            let mut all: Vec<i64> = due_times(&due);
            while let Some(id) = started(&due).first().copied() {
                due = reactor.finished(id, at(676), &mut Payloads);
                all.extend(due_times(&due));
            }
            assert_eq!(all, (1..=11).map(|n| n * 60).collect::<Vec<i64>>(), "each of them, one after another");
        }
    }
    for (catchup, wanted) in [(Catchup::None, vec![]), (Catchup::One, vec![3600])] {
        let mut reactor = Reactor::default();
        let plan = schedule(Calendar::Every(SignedDuration::from_hours(1)), catchup, Overlap::Skip);
        reactor.schedule(&name("s"), plan, Some(at(0).wall), at(7_000));
        assert_eq!(due_times(&reactor.tick(at(7_000), &mut Payloads)), wanted, "{catchup:?}");
    }
}

#[test]
fn a_century_of_seconds_is_not_run_one_by_one() {
    let mut reactor = Reactor::default();
    let plan = schedule(Calendar::Every(SignedDuration::from_secs(1)), Catchup::All, Overlap::Queue);
    let old = Timestamp::from_second(0).expect("a time");
    reactor.schedule(&name("s"), plan, Some(old), at(0));
    let due = reactor.tick(at(0), &mut Payloads);
    assert_eq!(due.len(), 1);
    let (mut runs, mut due) = (1, due);
    while let Some(id) = started(&due).first().copied() {
        due = reactor.finished(id, at(0), &mut Payloads);
        runs += started(&due).len();
    }
    assert_eq!(runs, schedule::CAUGHT_UP);
}

#[test]
fn a_clock_that_is_set_back_makes_no_time_come_twice() {
    let mut reactor = Reactor::default();
    reactor.schedule(&name("s"), schedule(minutes(), Catchup::All, Overlap::Queue), None, at(0));
    let id = started(&reactor.tick(at(60), &mut Payloads))[0];
    reactor.finished(id, at(60), &mut Payloads);
    assert_eq!(reactor.tick(Moment { steady: 61 * SECOND, wall: at(10).wall }, &mut Payloads), []);
    assert_eq!(reactor.tick(Moment { steady: 111 * SECOND, wall: at(60).wall }, &mut Payloads), []);
    assert_eq!(due_times(&reactor.tick(Moment { steady: 171 * SECOND, wall: at(120).wall }, &mut Payloads)), [120]);
}

#[test]
fn runs_that_would_overlap_wait_or_take_the_place() {
    let mut reactor = Reactor::default();
    reactor.schedule(&name("s"), schedule(minutes(), Catchup::None, Overlap::Queue), None, at(0));
    let first = started(&reactor.tick(at(60), &mut Payloads))[0];
    assert_eq!(reactor.tick(at(120), &mut Payloads), []);
    assert_eq!(due_times(&reactor.finished(first, at(125), &mut Payloads)), [120]);

    let mut reactor = Reactor::default();
    reactor.schedule(&name("s"), schedule(minutes(), Catchup::None, Overlap::Kill), None, at(0));
    let first = started(&reactor.tick(at(60), &mut Payloads))[0];
    assert_eq!(reactor.tick(at(120), &mut Payloads), [Due::Cancel(first)]);
    assert_eq!(due_times(&reactor.finished(first, at(121), &mut Payloads)), [120]);
}

#[test]
fn each_node_is_late_by_its_own_time_and_always_the_same() {
    let next = |seed, name: &str| {
        let plan = SchedulePlan {
            splay: SignedDuration::from_secs(30),
            seed,
            ..schedule(minutes(), Catchup::None, Overlap::Skip)
        };
        Schedule::new(plan, name, None, at(0).wall).next().expect("there is a next one")
    };
    assert_eq!(next(1, "s"), next(1, "s"));
    let all: std::collections::BTreeSet<Timestamp> = (0..50).map(|seed| next(seed, "s")).collect();
    assert!(all.len() > 40, "nodes do not all come at once");
    assert!(all.iter().all(|t| *t >= at(60).wall && *t <= at(90).wall));
}
