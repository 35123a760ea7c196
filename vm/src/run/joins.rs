//! What came of subruns, and who waits for those in the background. A handle is running, ended, or joined: then it is
//! gone, and so is what was kept of it.

use super::course::Course;
use super::subruns::Timer;
use super::{Action, Input, Run};
use crate::host::Reply;
use crate::machine::arith;
use crate::machine::fiber::Wanted;
use crate::observe::Subrun;
use crate::outcome::Outcome;
use crate::verify::Verified;
use ipcmm_bytecode::{Fault, FaultKind, Value, limits};
use std::collections::HashSet;

/// How one task of a subrun ended.
#[derive(Clone, Debug)]
pub(super) struct One {
    pub row: u32,
    pub outcome: Outcome,
    pub changed: bool,
    pub data: Value,
}

/// What came of a subrun.
#[derive(Clone, Debug)]
pub(super) struct Ended {
    pub subrun: Subrun,
    /// Its tasks in run order.
    pub ends: Vec<One>,
    pub bad: u32,
    pub changed: bool,
    pub cancelled: bool,
    /// The time limit it did not keep.
    pub timed_out: Option<u64>,
}

/// Labels that are named in a message.
const NAMED: usize = 3;

impl Ended {
    fn is_good(&self) -> bool {
        self.bad == 0 && !self.cancelled && self.timed_out.is_none()
    }

    /// What went wrong.
    fn fault(&self, bundle: &Verified<'_>) -> Option<Fault> {
        if let Some(limit) = self.timed_out {
            let limit = Value::Duration(i64::try_from(limit).unwrap_or(i64::MAX));
            return Some(Fault::new(FaultKind::TimedOut, format!("after {limit}")));
        }
        if self.bad > 0 {
            let bad = || self.ends.iter().filter(|one| one.outcome.is_bad());
            let named: Vec<String> = bad().take(NAMED).map(|one| format!("`{}`", bundle.label(one.row))).collect();
            let more = match bad().count().saturating_sub(NAMED) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let named = match named.is_empty() {
                true => "what one of them had put into the background".to_owned(),
                false => named.join(", "),
            };
            return Some(Fault::new(FaultKind::BodyFailed, format!("{named}{more}")));
        }
        self.cancelled.then(|| Fault::new(FaultKind::Cancelled, ""))
    }

    fn outcome(&self) -> &'static str {
        match () {
            () if self.bad > 0 || self.timed_out.is_some() => Outcome::Failed.name(),
            () if self.cancelled => Outcome::NotReached.name(),
            () if self.ends.iter().any(|one| one.outcome == Outcome::WouldChange) => Outcome::WouldChange.name(),
            () if self.changed => Outcome::Changed.name(),
            () => Outcome::Ok.name(),
        }
    }

    fn totals(&self) -> Value {
        let count = |wanted: Outcome| self.ends.iter().filter(|one| one.outcome == wanted).count();
        Value::map(Outcome::TABLE.iter().map(|(outcome, name, _)| {
            (name.replace('-', "_"), Value::Int(i64::try_from(count(*outcome)).unwrap_or(i64::MAX)))
        }))
    }

    /// The ends of its tasks. Data that are too much for one value are left out.
    fn outcomes(&self, bundle: &Verified<'_>, size: &mut u64) -> Value {
        let mut whole = *size;
        let fits = self.ends.iter().all(|one| arith::weigh(&one.data, &mut whole).is_ok());
        let one = |one: &One| {
            Value::map([
                ("label", Value::str(bundle.label(one.row))),
                ("outcome", Value::str(one.outcome.name())),
                ("changed", Value::Bool(one.changed)),
                ("data", if fits { one.data.clone() } else { Value::Null }),
            ])
        };
        if fits {
            *size = whole;
        }
        Value::list(self.ends.iter().map(one).collect())
    }

    /// The fields of the built-ins that wait for a body.
    fn fields(&self, bundle: &Verified<'_>, size: &mut u64) -> [(&'static str, Value); 2] {
        [("outcomes", self.outcomes(bundle, size)), ("totals", self.totals())]
    }

    /// The answer to whoever ran it.
    pub fn reply(&self, bundle: &Verified<'_>, both: bool) -> Reply {
        let mut size = limits::EVAL_SIZE;
        let fields = self.fields(bundle, &mut size).into_iter().chain(both.then_some(("handle", Value::Null)));
        let mut data = Value::map(fields);
        let mut fault = self.fault(bundle);
        if let Err(large) = arith::weigh(&data, &mut limits::EVAL_SIZE.clone()) {
            data = Value::Null;
            fault.get_or_insert(large);
        }
        Reply { fault, changed: self.changed, changes: Vec::new(), comment: self.comment(), data }
    }

    fn comment(&self) -> String {
        let count = |wanted: Outcome| self.ends.iter().filter(|one| one.outcome == wanted).count();
        let counted = Outcome::TABLE.iter().map(|(outcome, name, _)| (count(*outcome), name));
        let words: Vec<String> = counted.filter(|(n, _)| *n > 0).map(|(n, name)| format!("{n} {name}")).collect();
        words.join(", ")
    }

    fn result(&self, bundle: &Verified<'_>, size: &mut u64) -> Value {
        let own = [("outcome", Value::str(self.outcome())), ("changed", Value::Bool(self.changed))];
        Value::map(own.into_iter().chain(self.fields(bundle, size)))
    }
}

/// What was put into the background.
pub(super) enum Handle {
    /// It runs; the action of who waits for it.
    Running { base: u32, joiner: Option<u32> },
    /// It is over, and nobody has joined it yet.
    Ended(Box<Ended>),
}

/// Somebody waits for handles.
pub(super) struct Join {
    /// The course of who waits.
    course: u32,
    handles: Vec<u32>,
    need: u32,
    cancel_rest: bool,
    timer: Option<u32>,
    good: u32,
    left: u32,
    verdict: Option<Verdict>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Met,
    Unmet,
    TimedOut(u64),
}

impl Join {
    fn judge(&mut self) {
        if self.verdict.is_none() {
            self.verdict = match () {
                () if self.good >= self.need => Some(Verdict::Met),
                // Where nothing is given up, there is no hurry: what comes of the rest is told as well.
                () if self.left > 0 && !self.cancel_rest => None,
                () if self.good + self.left < self.need => Some(Verdict::Unmet),
                () => None,
            };
        }
    }

    /// Whether nothing is waited for any more: those that are given up are awaited.
    fn is_over(&self) -> bool {
        self.verdict.is_some() && (self.left == 0 || !self.cancel_rest)
    }
}

impl<'a> Run<'a> {
    /// Waits for handles. Gives the answer if there is one at once.
    pub(super) fn join(&mut self, course: &mut Course<'a>, action: u32, wanted: Wanted, now: u64) -> Option<Reply> {
        let mut seen = HashSet::new();
        let (mut good, mut left) = (0, 0);
        for number in &wanted.handles {
            let refused = match self.handles.get(number) {
                _ if !seen.insert(*number) => "is named twice",
                None => "was joined before, or is detached, or belongs to a body that is over",
                Some(Handle::Running { joiner: Some(_), .. }) => "is joined by another task",
                Some(Handle::Running { joiner: None, .. }) => {
                    left += 1;
                    continue;
                }
                Some(Handle::Ended(ended)) => {
                    good += u32::from(ended.is_good());
                    continue;
                }
            };
            return Some(Reply::failed(Fault::new(FaultKind::NoHandle, format!("handle {number} {refused}"))));
        }
        let need = wanted.need.unwrap_or(wanted.handles.len() as u32);
        let (handles, cancel_rest) = (wanted.handles, wanted.cancel_rest);
        let mut join = Join { course: course.base, handles, need, cancel_rest, timer: None, good, left, verdict: None };
        join.judge();
        if join.is_over() {
            return Some(self.joined(join));
        }
        for number in &join.handles {
            if let Some(Handle::Running { joiner, .. }) = self.handles.get_mut(number) {
                *joiner = Some(action);
            }
        }
        join.timer = wanted.limit.and_then(|limit| self.timer(Timer::Join(action, limit), limit));
        let decided = join.verdict.is_some();
        self.joins.insert(action, join);
        if decided {
            self.give_up_rest(action, now);
        }
        None
    }

    /// Forgets a join whose task does not wait any more.
    pub(super) fn unjoin(&mut self, action: u32) {
        let Some(join) = self.joins.remove(&action) else { return };
        if let Some(timer) = join.timer {
            self.timers.remove(&timer);
        }
        self.let_go(&join);
    }

    fn let_go(&mut self, join: &Join) {
        for number in &join.handles {
            if let Some(Handle::Running { joiner, .. }) = self.handles.get_mut(number) {
                *joiner = None;
            }
        }
    }

    fn give_up_rest(&mut self, action: u32, now: u64) {
        let Some(join) = self.joins.get(&action) else { return };
        let base = |number: &u32| match self.handles.get(number) {
            Some(Handle::Running { base, .. }) => Some(*base),
            Some(Handle::Ended(_)) | None => None,
        };
        let rest: Vec<u32> = join.handles.iter().filter_map(base).collect();
        rest.into_iter().for_each(|base| self.cancel(base, now));
    }

    /// What runs under a handle is over.
    pub(super) fn handle_ended(&mut self, number: u32, ended: Ended, now: u64) -> Option<Action> {
        let good = ended.is_good();
        let before = self.handles.insert(number, Handle::Ended(Box::new(ended)));
        let Some(Handle::Running { joiner: Some(action), .. }) = before else { return None };
        let join = self.joins.get_mut(&action)?;
        join.left -= 1;
        join.good += u32::from(good);
        let decided = join.verdict.is_some();
        join.judge();
        self.settle(action, decided, now)
    }

    pub(super) fn join_took_too_long(&mut self, action: u32, limit: u64, now: u64) {
        let Some(join) = self.joins.get_mut(&action) else { return };
        join.timer = None;
        let decided = join.verdict.is_some();
        join.verdict.get_or_insert(Verdict::TimedOut(limit));
        let next = self.settle(action, decided, now);
        self.pending.extend(next);
    }

    /// Goes on with a join that may be over. `decided` says that it was known before what comes of it.
    fn settle(&mut self, action: u32, decided: bool, now: u64) -> Option<Action> {
        let join = self.joins.get(&action)?;
        if !join.is_over() {
            if join.verdict.is_some() && !decided {
                self.give_up_rest(action, now);
            }
            return None;
        }
        let join = self.joins.remove(&action)?;
        if let Some(timer) = join.timer {
            self.timers.remove(&timer);
        }
        let base = join.course;
        let reply = self.joined(join);
        let mut course = self.take(base)?;
        let next = self.resume(&mut course, action, Input::Reply(reply), now);
        self.put(course);
        next
    }

    /// The answer to who waited. What is over is joined by it; what still runs can be joined later.
    fn joined(&mut self, join: Join) -> Reply {
        self.let_go(&join);
        let mut size = limits::EVAL_SIZE;
        let (mut results, mut changed, mut failed) = (Vec::with_capacity(join.handles.len()), false, Vec::new());
        for number in &join.handles {
            if let Some(Handle::Running { .. }) = self.handles.get(number) {
                results.push(running());
                continue;
            }
            let Some(Handle::Ended(ended)) = self.handles.remove(number) else { continue };
            changed |= ended.changed;
            if ended.bad > 0 {
                failed.push(ended.subrun);
            }
            results.push(ended.result(self.bundle, &mut size));
        }
        let fault = match join.verdict {
            Some(Verdict::Met) | None => None,
            Some(Verdict::TimedOut(limit)) => {
                let limit = Value::Duration(i64::try_from(limit).unwrap_or(i64::MAX));
                Some(Fault::new(FaultKind::TimedOut, format!("after {limit}")))
            }
            Some(Verdict::Unmet) => {
                let labels: Vec<String> =
                    failed.iter().take(NAMED).map(|subrun| format!("`{}`", self.bundle.label(subrun.caller))).collect();
                let detail = match labels.is_empty() {
                    true => "what was joined was given up".to_owned(),
                    false => format!("of those that {} put into the background", labels.join(", ")),
                };
                Some(Fault::new(FaultKind::BodyFailed, detail))
            }
        };
        let mut data = Value::map([("results", Value::list(results))]);
        let mut fault = fault;
        if let Err(large) = arith::weigh(&data, &mut limits::EVAL_SIZE.clone()) {
            data = Value::Null;
            fault.get_or_insert(large);
        }
        Reply { fault, changed, changes: Vec::new(), comment: String::new(), data }
    }
}

/// What is said of a handle that still runs.
fn running() -> Value {
    let own = [("outcome", Value::str("running")), ("changed", Value::Bool(false))];
    Value::map(own.into_iter().chain(nothing_yet()))
}

/// The fields of what is not over.
pub(super) fn nothing_yet() -> [(&'static str, Value); 2] {
    let none = Outcome::TABLE.iter().map(|(_, name, _)| (name.replace('-', "_"), Value::Int(0)));
    [("outcomes", Value::list(Vec::new())), ("totals", Value::map(none))]
}
