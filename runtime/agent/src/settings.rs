//! What the command line says about a run.
//!
//! Unaware of: the bundle.

use clap::ArgMatches;
use ipcmm_runtime::policy::Policy;
use ipcmm_runtime::state::tickets::Manner;
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
    /// The folder of journals and locks, if it is said.
    pub state: Option<PathBuf>,
    /// Go on with the last run.
    pub resume: bool,
    /// What is done if another run is under way.
    pub manner: Manner,
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
            state: path(matches, Flag::State),
            resume: switch(matches, Flag::Resume),
            manner: match (switch(matches, Flag::Queue), switch(matches, Flag::Concurrent)) {
                (true, false) => Manner::Queue,
                (false, true) => Manner::Concurrent,
                (false, false) => Manner::Alone,
                // The one that never disturbs is the stronger.
                (true, true) => Manner::Queue,
            },
            policy: Policy::everything(),
        }
    }

    /// The folder of journals and locks.
    ///
    /// # Errors
    /// If nothing says where a user's state is kept.
    pub fn state_folder(&self) -> Result<PathBuf, String> {
        if let Some(folder) = &self.state {
            return Ok(folder.clone());
        }
        if let Some(root) = &self.root {
            return Ok(root.join("var/lib/ipcmm"));
        }
        if rustix::process::geteuid().is_root() {
            return Ok(PathBuf::from("/var/lib/ipcmm"));
        }
        let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        absolute("XDG_STATE_HOME")
            .or_else(|| Some(absolute("HOME")?.join(".local/state")))
            .map(|folder| folder.join("ipcmm"))
            .ok_or_else(|| {
                "nothing says where journals are kept: HOME is not set; name a folder with `--state`".to_owned()
            })
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
