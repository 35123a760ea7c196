//! Lints: what is no mistake, and what a reviewer of many machines would ask about all the same.
//!
//! A lint is a function over the lowered modules and the checked graph; it only adds warnings. `ipcmmc lint` runs those
//! that the table does not allow, every other command those that a level was set for. Lints are silent about poisoned
//! tasks. Unaware of: levels beyond which lints are to run, and where they were set.

mod command;
mod label;
pub mod suppress;
mod task;
mod value;

use crate::diag::levels::{Level, Levels};
use crate::diag::{Code, Diagnostics};
use crate::graph::Graph;
use crate::ir::{Module, Task};
use crate::source::FileId;
use rustc_hash::FxHashSet;

/// Calls `$m!` with every lint: its diagnostic, its level under `ipcmmc lint`, and its function.
#[macro_export]
macro_rules! for_each_lint {
    ($m:ident) => {
        $m! {
            WorldWritable Warn value::world_writable;
            NeedlessShell Warn command::needless_shell;
            UnguardedCommand Warn command::unguarded;
            LooseHandle Warn task::loose_handle;
            WithoutEffect Warn task::without_effect;
            PlainSecret Warn value::plain_secret;
            OddLabel Warn label::odd;
            Undocumented Allow label::undocumented;
        }
    };
}

/// A lint looks at one task and says what it has to say.
type Lint = fn(&Scene<'_>, &mut Diagnostics);

macro_rules! define_lints {
    ($($code:ident $level:ident $function:expr;)*) => {
        /// All lints: diagnostic, level under `ipcmmc lint`, function.
        const LINTS: &[(Code, Level, Lint)] = &[$((Code::$code, Level::$level, $function)),*];
    };
}
for_each_lint!(define_lints);

/// A task with what lints may know about it.
struct Scene<'a> {
    file: FileId,
    task: &'a Task,
    graph: &'a Graph,
    /// Its place in the run order.
    number: u32,
    /// Tasks that another one waits for or whose result is read.
    used: &'a FxHashSet<u32>,
    /// `doc` or a comment stands at the label.
    documented: bool,
}

/// The level of a lint under `ipcmmc lint`; none for what is no lint.
pub fn default_level(code: Code) -> Option<Level> {
    LINTS.iter().find(|(lint, ..)| *lint == code).map(|(_, level, _)| *level)
}

/// Runs the lints that are not allowed over all tasks. The graph is complete only if there was no error: with one,
/// nothing is said.
pub fn lint(
    modules: &[Module],
    graph: &Graph,
    notes: &suppress::Notes,
    levels: &Levels,
    diagnostics: &mut Diagnostics,
) {
    let active: Vec<Lint> =
        LINTS.iter().filter(|(code, ..)| levels.of(*code) != Level::Allow).map(|(_, _, lint)| *lint).collect();
    if active.is_empty() || diagnostics.has_errors() {
        return;
    }
    let waited = graph.tasks.iter().flat_map(|task| task.edges.iter().map(|edge| edge.target));
    let read = graph.tasks.iter().enumerate().filter(|(_, task)| task.keeps_result).map(|(number, _)| number as u32);
    let used: FxHashSet<u32> = waited.chain(read).collect();
    let numbers: rustc_hash::FxHashMap<(FileId, u32, u32), u32> = graph
        .tasks
        .iter()
        .enumerate()
        .map(|(number, task)| ((task.file, task.span.start, task.span.end), number as u32))
        .collect();
    for module in modules {
        for task in module.tasks.iter().filter(|task| !task.poisoned) {
            let Some(&number) = numbers.get(&(module.file, task.span.start, task.span.end)) else { continue };
            let documented = notes.documented(module.file, task.span);
            let scene = Scene { file: module.file, task, graph, number, used: &used, documented };
            active.iter().for_each(|lint| lint(&scene, diagnostics));
        }
    }
}
