//! A channel: what is said of all events of one name, and events it holds back until they calm down.
//!
//! Unaware of: who listens, and where events come from; a source is only kept here for whoever watches it.

use super::{Event, Moment};
use ipcmm_bytecode::Value;
use ipcmm_vm::events::Condition;

/// How much longer than its pause events may be held back by others that keep coming.
const PATIENCE: u64 = 10;

/// What is wanted of a channel.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Where its events come from, as it was written; only `fire` if null.
    pub source: Value,
    /// Which events count.
    pub filter: Option<Condition>,
    /// Only the last of a burst counts, once it has been quiet for so many nanoseconds.
    pub debounce: Option<u64>,
}

/// A channel.
#[derive(Debug, PartialEq)]
pub struct Channel {
    /// What is wanted.
    pub plan: Plan,
    held: Option<Held>,
}

#[derive(Debug, PartialEq)]
struct Held {
    event: Event,
    first: u64,
    last: u64,
}

impl Channel {
    /// A quiet one.
    pub fn new(plan: Plan) -> Channel {
        Channel { plan, held: None }
    }

    /// Takes an event that counts, and gives it back if it is to be spread at once.
    pub fn take(&mut self, event: Event, now: Moment) -> Option<Event> {
        if self.plan.debounce.is_none() {
            return Some(event);
        }
        let first = self.held.as_ref().map_or(now.steady, |held| held.first);
        self.held = Some(Held { event, first, last: now.steady });
        None
    }

    /// When the event it holds is let go, in steady time.
    pub fn calm_at(&self) -> Option<u64> {
        let held = self.held.as_ref()?;
        let pause = self.plan.debounce?;
        // A stream that never pauses must not silence itself for good.
        Some(held.last.saturating_add(pause).min(held.first.saturating_add(pause.saturating_mul(PATIENCE))))
    }

    /// The event that is let go now.
    pub fn calm(&mut self, now: Moment) -> Option<Event> {
        if self.calm_at().is_none_or(|at| at > now.steady) {
            return None;
        }
        self.held.take().map(|held| held.event)
    }
}
