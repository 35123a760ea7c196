//! A workflow: several events that together mean something, such as three failures within a minute, or a start that
//! is followed by a crash.
//!
//! Unaware of: who runs for it. Events are placed by the time they carry, because they may arrive late or out of order;
//! those that arrive twice are sorted out before.

use super::pattern::Pattern;
use super::{Event, Moment};
use ipcmm_vm::events::Condition;
use jiff::{SignedDuration, Timestamp};
use std::collections::VecDeque;

/// The most beginnings of a sequence, or events within a window, that are kept; the oldest makes room.
pub const KEPT: usize = 10_000;

/// What must happen.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// So many events of the pattern.
    Count(Pattern, usize),
    /// One event of each pattern, in this order of their times.
    Sequence(Vec<Pattern>),
}

/// What is wanted of a workflow.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// What must happen.
    pub shape: Shape,
    /// All of it within this time.
    pub within: Option<SignedDuration>,
    /// Which events count.
    pub where_: Option<Condition>,
    /// After it has fired it is deaf for so many nanoseconds.
    pub throttle: Option<u64>,
    /// What runs.
    pub handler: u32,
}

/// A workflow.
#[derive(Debug, PartialEq)]
pub struct Workflow {
    /// What is wanted.
    pub plan: Plan,
    /// Times of counted events, in order.
    times: VecDeque<Timestamp>,
    /// Beginnings of the sequence: how many patterns are met, the time of the first and of the last event.
    begun: VecDeque<(usize, Timestamp, Timestamp)>,
    deaf_until: Option<u64>,
}

impl Workflow {
    /// One that has seen nothing.
    pub fn new(plan: Plan) -> Workflow {
        Workflow { plan, times: VecDeque::new(), begun: VecDeque::new(), deaf_until: None }
    }

    /// Whether events of this name matter.
    pub fn listens_to(&self, name: &str) -> bool {
        match &self.plan.shape {
            Shape::Count(pattern, _) => pattern.matches(name),
            Shape::Sequence(patterns) => patterns.iter().any(|pattern| pattern.matches(name)),
        }
    }

    /// Takes an event that counts; true if with it everything has happened.
    pub fn take(&mut self, event: &Event, now: Moment) -> bool {
        if self.deaf_until.is_some_and(|until| now.steady < until) {
            return false;
        }
        let complete = match self.plan.shape {
            Shape::Count(_, wanted) => self.count(event.at, wanted),
            Shape::Sequence(_) => self.advance(event),
        };
        if complete {
            self.times.clear();
            self.begun.clear();
            self.deaf_until = self.plan.throttle.map(|pause| now.steady.saturating_add(pause));
        }
        complete
    }

    fn count(&mut self, at: Timestamp, wanted: usize) -> bool {
        let place = self.times.partition_point(|time| *time <= at);
        self.times.insert(place, at);
        if self.times.len() > KEPT.max(wanted) {
            self.times.pop_front();
        }
        let Some(within) = self.plan.within else { return self.times.len() >= wanted };
        // A late event may complete a window that ends before the newest one, so every window is looked at.
        let complete = wanted > 0
            && self.times.len() >= wanted
            && (0..=self.times.len() - wanted)
                .any(|first| self.times[first + wanted - 1].duration_since(self.times[first]) <= within);
        // What is older than a window before the newest cannot matter, except to events as late as that.
        if let Some(newest) = self.times.back().copied() {
            while self.times.front().is_some_and(|oldest| newest.duration_since(*oldest) > within + within) {
                self.times.pop_front();
            }
        }
        complete
    }

    fn advance(&mut self, event: &Event) -> bool {
        let Shape::Sequence(patterns) = &self.plan.shape else { return false };
        let in_time = |first: Timestamp| self.plan.within.is_none_or(|w| event.at.duration_since(first) <= w);
        let mut complete = false;
        for (met, first, last) in &mut self.begun {
            // One event is one step, and only of a beginning that it follows.
            if *last <= event.at && in_time(*first) && patterns[*met].matches(&event.name) {
                (*met, *last) = (*met + 1, event.at);
                complete |= *met == patterns.len();
            }
        }
        if patterns[0].matches(&event.name) {
            complete |= patterns.len() == 1;
            self.begun.push_back((1, event.at, event.at));
        }
        if let Some(within) = self.plan.within {
            self.begun.retain(|(_, first, _)| event.at.duration_since(*first) <= within);
        }
        if self.begun.len() > KEPT {
            self.begun.pop_front();
        }
        complete
    }
}
