//! A schedule: times at which a handler runs, also those that were missed while nobody was there.
//!
//! Unaware of: calendars, which [`super::calendar`] knows, and clocks: it is told the time. A clock that is set back
//! does not make a time come twice, and one that is set forward makes times missed, for which `catchup` is there.

use super::DeliveryId;
use super::calendar::Calendar;
use jiff::{SignedDuration, Timestamp};
use std::collections::VecDeque;
use std::sync::Arc;

/// The most missed times that are made up for; older ones are let go.
pub const CAUGHT_UP: usize = 1_000;
/// A time is missed if it lies further back than this.
const GRACE: SignedDuration = SignedDuration::from_secs(60);

/// What is done about times that were missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Catchup {
    /// Nothing.
    None,
    /// One run stands for all of them.
    One,
    /// Each is run, one after another.
    All,
}

impl Catchup {
    /// As it is written.
    pub fn from_name(name: &str) -> Option<Catchup> {
        match name {
            "none" => Some(Catchup::None),
            "one" => Some(Catchup::One),
            "all" => Some(Catchup::All),
            _ => None,
        }
    }
}

/// What happens when a time comes and the run before is still under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overlap {
    /// It is left out.
    Skip,
    /// It follows.
    Queue,
    /// The run under way is stopped, then it starts.
    Kill,
}

impl Overlap {
    /// As it is written.
    pub fn from_name(name: &str) -> Option<Overlap> {
        match name {
            "skip" => Some(Overlap::Skip),
            "queue" => Some(Overlap::Queue),
            "kill" => Some(Overlap::Kill),
            _ => None,
        }
    }
}

/// What is wanted of a schedule.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Its times.
    pub calendar: Calendar,
    /// Each node is late by a time of its own, up to this; the same every time.
    pub splay: SignedDuration,
    /// What makes the node's own time: its name, usually.
    pub seed: u64,
    /// What is done about missed times.
    pub catchup: Catchup,
    /// What happens when runs would overlap.
    pub overlap: Overlap,
    /// What runs.
    pub handler: u32,
}

/// A schedule.
#[derive(Debug)]
pub struct Schedule {
    /// What is wanted.
    pub plan: Plan,
    /// How late this node is.
    delay: SignedDuration,
    /// Times up to here are done with.
    kept: Timestamp,
    /// The next time, without the delay.
    next: Option<Timestamp>,
    running: Option<DeliveryId>,
    waiting: VecDeque<Timestamp>,
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Run for this time.
    Start(Timestamp),
    /// Stop the run under way.
    Kill(DeliveryId),
    /// This time is left out.
    Skip(Timestamp),
}

impl Schedule {
    /// A schedule that is kept from `last` on, or from now.
    pub fn new(plan: Plan, name: &str, last: Option<Timestamp>, now: Timestamp) -> Schedule {
        let kept = last.map_or(now, |last| last.min(now));
        let next = plan.calendar.after(kept, kept);
        let delay = delay(plan.splay, plan.seed, name);
        Schedule { plan, delay, kept, next, running: None, waiting: VecDeque::new() }
    }

    /// Times up to this moment are done with.
    pub fn kept_until(&self) -> Timestamp {
        self.kept
    }

    /// The next time, the node's own delay included.
    pub fn next(&self) -> Option<Timestamp> {
        self.next.and_then(|next| next.checked_add(self.delay).ok())
    }

    /// When it has something to say, if nothing else happens.
    pub fn wakes_at(&self) -> Option<Timestamp> {
        self.next()
    }

    /// What is due at this time.
    pub fn due(&mut self, now: Timestamp) -> Vec<Turn> {
        let mut times: VecDeque<Timestamp> = VecDeque::new();
        while let Some(next) = self.next
            && next.checked_add(self.delay).is_ok_and(|at| at <= now)
        {
            times.push_back(next);
            if times.len() > CAUGHT_UP {
                times.pop_front();
            }
            self.kept = next;
            self.next = self.plan.calendar.after(next, next);
            // Years were missed of a short interval: nobody wants a run for each second of them.
            if times.len() == CAUGHT_UP
                && let Some(near) = now.checked_sub(self.delay).ok()
                && self.next.is_some_and(|next| near.duration_since(next) > SignedDuration::from_hours(24 * 7))
            {
                let skip_to = near.checked_sub(SignedDuration::from_hours(24)).unwrap_or(near);
                self.next = self.plan.calendar.after(next, skip_to);
            }
        }
        let missed = |at: Timestamp| now.duration_since(at) > GRACE + self.delay;
        let late = times.iter().filter(|at| missed(**at)).count();
        match self.plan.catchup {
            Catchup::None => drop(times.drain(..late)),
            // The newest stands for all, unless one that was not missed is there to do so.
            Catchup::One => drop(times.drain(..late.saturating_sub(usize::from(late == times.len())))),
            Catchup::All => {}
        }
        let mut turns = Vec::new();
        let caught_up = self.plan.catchup == Catchup::All;
        for at in times {
            // Behind those that are made up for, a time that is just due has its turn as well.
            let queued = self.plan.overlap == Overlap::Queue || caught_up && (missed(at) || !self.waiting.is_empty());
            match (self.running.is_some() || !self.waiting.is_empty() || !turns.is_empty(), self.plan.overlap) {
                (true, _) if queued => self.waiting.push_back(at),
                (true, Overlap::Skip | Overlap::Queue) => turns.push(Turn::Skip(at)),
                (true, Overlap::Kill) => {
                    turns.extend(self.running.map(Turn::Kill));
                    // Only the newest is worth to be waited for.
                    turns.extend(self.waiting.drain(..).map(Turn::Skip));
                    self.waiting.push_back(at);
                }
                (false, _) => turns.push(Turn::Start(at)),
            }
        }
        if self.running.is_none()
            && turns.is_empty()
            && let Some(at) = self.waiting.pop_front()
        {
            turns.push(Turn::Start(at));
        }
        turns
    }

    /// Hears that its run has begun.
    pub fn began(&mut self, id: DeliveryId) {
        self.running = Some(id);
    }

    /// Hears that its run has ended.
    pub fn ended(&mut self, id: DeliveryId) {
        if self.running == Some(id) {
            self.running = None;
        }
    }
}

impl PartialEq for Schedule {
    fn eq(&self, other: &Schedule) -> bool {
        self.plan == other.plan
    }
}

/// A time from nothing to `splay` that is the same for a node and a name whenever it is asked.
fn delay(splay: SignedDuration, seed: u64, name: &str) -> SignedDuration {
    let most = u64::try_from(splay.as_nanos()).unwrap_or(0);
    if most == 0 {
        return SignedDuration::ZERO;
    }
    let hash = blake3::keyed_hash(blake3::hash(&seed.to_le_bytes()).as_bytes(), name.as_bytes());
    let mut bytes = [0u8; 8];
    bytes.copy_from_slice(&hash.as_bytes()[..8]);
    SignedDuration::from_nanos((u64::from_le_bytes(bytes) % (most + 1)) as i64)
}

/// The name as it is shared by the tables.
pub type Name = Arc<str>;
