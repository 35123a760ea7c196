//! What tests cover: labels that ran, conditions both ways, edges that let pass and that refused, loops with items and
//! without.
//!
//! A point is found in sources, so points of several builds of the same sources are one. Unaware of: how a run is made.
//! Start reading at [`Survey`]; [`lcov`], [`json`] and [`table`] show a [`Coverage`].

pub mod json;
pub mod lcov;
mod survey;
pub mod table;

use std::collections::BTreeMap;
pub use survey::Survey;

/// What a point is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// A label: its body runs.
    Label,
    /// A condition: it holds, and it does not.
    Branch,
    /// A target of a keyword: it lets the task pass, and it refuses.
    Edge,
    /// A loop: it has items, and it has none.
    Loop,
}

impl What {
    /// All kinds with their names in reports, for one and for several, and those of their ways.
    pub const TABLE: &'static [(What, &'static str, &'static str, [&'static str; 2])] = &[
        (What::Label, "label", "labels", ["runs", ""]),
        (What::Branch, "branch", "branches", ["holds", "does not hold"]),
        (What::Edge, "edge", "edges", ["lets pass", "refuses"]),
        (What::Loop, "loop", "loops", ["has items", "is empty"]),
    ];

    /// The name in reports.
    pub fn name(self) -> &'static str {
        Self::TABLE[self as usize].1
    }

    /// The names of its two ways.
    pub fn ways(self) -> [&'static str; 2] {
        Self::TABLE[self as usize].3
    }
}

/// Where a point is, and which of several at the place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    /// The module it belongs to.
    pub module: String,
    /// The file as it was read.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
    /// What it is.
    pub what: What,
    /// What it is called: "`when` of `reload`".
    pub text: String,
}

/// How often each way was taken; `None` for a way that does not exist.
pub type Ways = [Option<u32>; 2];

/// How often each label, by module and name, ended in which way.
pub type Outcomes = BTreeMap<(String, String), BTreeMap<&'static str, u32>>;

/// All points.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    /// Points with their ways.
    pub points: BTreeMap<Spot, Ways>,
    /// How labels ended.
    pub outcomes: Outcomes,
}

/// Ways that were taken, and all there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// Taken.
    pub covered: usize,
    /// There are.
    pub total: usize,
}

impl Share {
    /// In percent; all of nothing is everything.
    pub fn percent(self) -> f64 {
        if self.total == 0 { 100.0 } else { self.covered as f64 * 100.0 / self.total as f64 }
    }
}

impl Coverage {
    /// The share of the points that are chosen.
    pub fn share(&self, chosen: impl Fn(&Spot) -> bool) -> Share {
        let mut share = Share::default();
        for (_, ways) in self.points.iter().filter(|(spot, _)| chosen(spot)) {
            share.total += ways.iter().flatten().count();
            share.covered += ways.iter().flatten().filter(|hits| **hits > 0).count();
        }
        share
    }

    /// Ways that were never taken: the point, and the name of the way.
    pub fn uncovered(&self) -> impl Iterator<Item = (&Spot, &'static str)> {
        self.points.iter().flat_map(|(spot, ways)| {
            let missed = ways.iter().enumerate().filter(|(_, hits)| **hits == Some(0));
            missed.map(move |(way, _)| (spot, spot.what.ways()[way]))
        })
    }

    /// Adds what another survey saw.
    pub fn add(&mut self, other: Coverage) {
        for (spot, ways) in other.points {
            let mine = self.points.entry(spot).or_insert([None; 2]);
            for (mine, theirs) in mine.iter_mut().zip(ways) {
                *mine = match (*mine, theirs) {
                    (Some(a), Some(b)) => Some(a.saturating_add(b)),
                    (a, b) => a.or(b),
                };
            }
        }
        for (label, outcomes) in other.outcomes {
            let mine = self.outcomes.entry(label).or_default();
            for (outcome, count) in outcomes {
                *mine.entry(outcome).or_default() += count;
            }
        }
    }
}
