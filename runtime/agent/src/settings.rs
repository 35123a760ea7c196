//! What the command line says about a run.
//!
//! Unaware of: the bundle.

use clap::ArgMatches;
use ipcmm_runtime::policy::Policy;
use ipcmm_spec::cli::{Flag, Scheduler, number, path, switch};
use ipcmm_vm::PolicyKind;
use std::path::PathBuf;
use std::thread::available_parallelism;
use std::time::{SystemTime, UNIX_EPOCH};

/// The fewest tasks at once that are admitted by default: many of them wait and do not compute.
const LEAST_PARALLEL: u32 = 4;

/// How a run is done and told of.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What every path is put behind.
    pub root: Option<PathBuf>,
    /// What may run beside what.
    pub scheduler: Scheduler,
    /// The most tasks at once.
    pub max_parallel: u32,
    /// Seed of everything random.
    pub seed: u64,
    /// Tell of every task.
    pub verbose: bool,
    /// Show differences of texts in full.
    pub diff: bool,
    /// Show how far the run is, where there is a terminal.
    pub progress: bool,
    /// What the bundle may do. All, unless somebody says less.
    pub policy: Policy,
}

impl Settings {
    /// As the command line says.
    pub fn of(matches: &ArgMatches) -> Settings {
        let asked = number(matches, Flag::MaxParallel).and_then(|n| u32::try_from(n).ok());
        Settings {
            root: path(matches, Flag::Root),
            scheduler: Scheduler::of(matches),
            max_parallel: asked.unwrap_or_else(default_parallel),
            seed: number(matches, Flag::Seed).unwrap_or_else(seed_of_clock),
            verbose: switch(matches, Flag::Verbose),
            diff: switch(matches, Flag::Diff),
            progress: !switch(matches, Flag::NoProgress) && !switch(matches, Flag::Quiet),
            policy: Policy::everything(),
        }
    }

    /// The policy of the scheduler's name.
    pub fn policy(&self) -> PolicyKind {
        match self.scheduler {
            Scheduler::Sequential => PolicyKind::Sequential,
            Scheduler::AsWritten => PolicyKind::AsWritten,
            Scheduler::Parallel => PolicyKind::Parallel,
        }
    }
}

/// Twice the processors.
fn default_parallel() -> u32 {
    let processors = available_parallelism().map_or(1, |n| u32::try_from(n.get()).unwrap_or(u32::MAX));
    processors.saturating_mul(2).max(LEAST_PARALLEL)
}

/// A number that differs from run to run. It has 48 bits, so that every reader of JSON keeps it exactly.
fn seed_of_clock() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let mixed = (since.as_nanos() as u64 ^ u64::from(std::process::id()) << 32).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed >> 16
}
