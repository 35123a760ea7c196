//! A binding: which events a handler runs for, and what happens to one that comes while another is under way.
//!
//! Unaware of: patterns of time, and what the handler does.

use super::pattern::Pattern;
use super::{Delivery, DeliveryId, Drop};
use ipcmm_bytecode::Value;
use ipcmm_vm::events::Condition;
use std::collections::VecDeque;

/// What happens to an event whose handler is busy with the same key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Concurrency {
    /// Both run.
    Parallel,
    /// It waits, first come first served.
    Queue,
    /// It is dropped.
    Drop,
    /// The one under way is stopped; of those that wait only the newest is kept.
    Replace,
}

impl Concurrency {
    /// As it is written.
    pub fn from_name(name: &str) -> Option<Concurrency> {
        match name {
            "parallel" => Some(Concurrency::Parallel),
            "queue" => Some(Concurrency::Queue),
            "drop" => Some(Concurrency::Drop),
            "replace" => Some(Concurrency::Replace),
            _ => None,
        }
    }
}

/// What is wanted of a binding.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Names of events.
    pub pattern: Pattern,
    /// What runs.
    pub handler: u32,
    /// Which of them count.
    pub when: Option<Condition>,
    /// Only the first one that counts.
    pub once: bool,
    /// What happens to one that comes too early.
    pub concurrency: Concurrency,
    /// Events of different keys do not wait for each other.
    pub key: Option<Condition>,
}

/// A binding.
#[derive(Debug, PartialEq)]
pub struct Binding {
    /// What is wanted.
    pub plan: Plan,
    lanes: Vec<Lane>,
    closed: bool,
    spent: bool,
}

/// Deliveries of one key.
#[derive(Debug, PartialEq)]
struct Lane {
    key: Value,
    running: Vec<DeliveryId>,
    waiting: VecDeque<Delivery>,
}

/// When a delivery has its turn.
#[derive(Debug, PartialEq)]
pub enum Turn {
    /// At once, after these were told to stop.
    Now {
        /// The one under way that is to stop.
        cancel: Option<DeliveryId>,
        /// It.
        start: Delivery,
    },
    /// When the one under way, perhaps told to stop, has ended; another that waited will not run.
    Later {
        /// The one under way that is to stop.
        cancel: Option<DeliveryId>,
        /// One that waited and will not run.
        instead_of: Option<Delivery>,
    },
    /// Not at all.
    Never(Delivery, Drop),
}

impl Binding {
    /// One with nothing to do.
    pub fn new(plan: Plan) -> Binding {
        Binding { plan, lanes: Vec::new(), closed: false, spent: false }
    }

    /// Takes another plan and keeps what is under way and what waits.
    pub fn replan(&mut self, plan: Plan) {
        (self.plan, self.closed, self.spent) = (plan, false, false);
    }

    /// Whether it takes events.
    pub fn is_open(&self) -> bool {
        !self.closed && !self.spent
    }

    /// Whether it had its one event.
    pub fn is_spent(&self) -> bool {
        self.spent
    }

    /// Whether it was closed and has nothing left to do.
    pub fn is_over(&self) -> bool {
        self.closed && self.lanes.is_empty()
    }

    /// How many deliveries wait.
    pub fn waiting(&self) -> usize {
        self.lanes.iter().map(|lane| lane.waiting.len()).sum()
    }

    /// Takes no events any more. What waits is given back unless it is to be delivered still.
    pub fn close(&mut self, drain: bool) -> Vec<Delivery> {
        self.closed = true;
        if drain {
            return Vec::new();
        }
        let dropped = self.lanes.iter_mut().flat_map(|lane| lane.waiting.drain(..)).collect();
        self.lanes.retain(|lane| !lane.running.is_empty());
        dropped
    }

    /// Takes a delivery. `full`: nothing more may wait.
    pub fn offer(&mut self, delivery: Delivery, key: Value, full: bool) -> Turn {
        self.spent |= self.plan.once;
        let at = match self.lanes.iter().position(|lane| lane.key == key) {
            Some(at) => at,
            None => {
                self.lanes.push(Lane { key, running: Vec::new(), waiting: VecDeque::new() });
                self.lanes.len() - 1
            }
        };
        let lane = &mut self.lanes[at];
        if lane.running.is_empty() || self.plan.concurrency == Concurrency::Parallel {
            lane.running.push(delivery.id);
            return Turn::Now { cancel: None, start: delivery };
        }
        match self.plan.concurrency {
            Concurrency::Drop => Turn::Never(delivery, Drop::Busy),
            Concurrency::Replace => {
                // It starts when the one under way has really ended: two of one key never run at once.
                let first = lane.waiting.is_empty();
                let instead_of = lane.waiting.pop_front();
                lane.waiting.push_back(delivery);
                Turn::Later { cancel: lane.running.first().copied().filter(|_| first), instead_of }
            }
            Concurrency::Queue | Concurrency::Parallel if full => Turn::Never(delivery, Drop::Full),
            Concurrency::Queue | Concurrency::Parallel => {
                lane.waiting.push_back(delivery);
                Turn::Later { cancel: None, instead_of: None }
            }
        }
    }

    /// Hears that a delivery has ended, and gives the one whose turn it is now.
    pub fn finished(&mut self, id: DeliveryId) -> Option<Delivery> {
        let at = self.lanes.iter().position(|lane| lane.running.contains(&id))?;
        let lane = &mut self.lanes[at];
        lane.running.retain(|running| *running != id);
        if !lane.running.is_empty() {
            return None;
        }
        match lane.waiting.pop_front() {
            Some(next) => {
                lane.running.push(next.id);
                Some(next)
            }
            None => {
                self.lanes.swap_remove(at);
                None
            }
        }
    }
}
