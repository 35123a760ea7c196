//! What the needs of a task come to, and what a dry run cannot tell of it.
//!
//! In a run every target has one end and does one thing. In a dry run a target may have several, and then each of them
//! counts: a keyword lets a task pass for sure, perhaps, or not at all. Start reading at [`Judged`].

use super::state::{Cause, Effect, Verdict};
use crate::outcome::Outcomes;

/// What the needs of a ready task decide.
#[derive(Clone, Copy, Debug)]
pub struct Judged {
    /// What they come to.
    pub verdict: Verdict,
    /// A watched target changed, or in a dry run may.
    pub fired: bool,
    /// What a dry run cannot tell of it.
    pub doubt: Doubt,
}

/// What a dry run cannot tell of the needs of a task.
#[derive(Clone, Copy, Debug, Default)]
pub struct Doubt {
    /// How the task may end instead of running.
    pub refusals: Outcomes,
    /// By whom it is held back, if it is.
    pub cause: Option<Cause>,
    /// A watched target changes in any case.
    pub sure_to_react: bool,
}

/// What targets may do to a task.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Effects(u8);

impl Effects {
    pub(super) fn of(effect: Effect) -> Effects {
        Effects(1 << effect as u8)
    }

    pub(super) fn and(self, effect: Effect) -> Effects {
        self.or(Effects::of(effect))
    }

    pub(super) fn or(self, others: Effects) -> Effects {
        Effects(self.0 | others.0)
    }

    pub(super) fn has(self, effect: Effect) -> bool {
        self.0 & Effects::of(effect).0 != 0
    }

    /// Whether it is this one for sure.
    pub(super) fn is(self, effect: Effect) -> bool {
        self.0 == Effects::of(effect).0
    }

    /// Whether the task may run.
    pub(super) fn passes(self) -> bool {
        self.has(Effect::Pass) || self.has(Effect::React)
    }
}

/// What the targets of one keyword do together.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Met {
    pub(super) all: Effects,
    /// One of them lets the task pass for sure.
    pub(super) surely_passed: bool,
    /// One of them blocks, or skips, for sure.
    pub(super) surely: Effects,
    /// One of them cannot let it pass.
    pub(super) stuck: bool,
    /// The first that may block, and that may skip.
    blocks: Option<u32>,
    skips: Option<u32>,
}

impl Met {
    pub(super) fn add(&mut self, effects: Effects, target: u32) {
        self.all = self.all.or(effects);
        self.stuck |= !effects.passes();
        self.surely_passed |= effects.passes() && !effects.has(Effect::Block) && !effects.has(Effect::Skip);
        for (effect, first) in [(Effect::Block, &mut self.blocks), (Effect::Skip, &mut self.skips)] {
            if effects.is(effect) {
                self.surely = self.surely.and(effect);
            }
            if effects.has(effect) {
                first.get_or_insert(target);
            }
        }
    }

    pub(super) fn first(&self, effect: Effect) -> Option<u32> {
        match effect {
            Effect::Block => self.blocks,
            Effect::Skip => self.skips,
            Effect::Pass | Effect::React => None,
        }
    }
}
