//! What is wrong in procedures that nothing calls.
//!
//! They are checked beside the whole build, which they may name; what is said of the build was said already.

use crate::diag::{Code, Diagnostics, Severity};
use crate::expand::Program;
use crate::project::inventory::Inventory;
use rustc_hash::FxHashSet;

/// Checks a build with procedures that nothing calls, and adds the errors that are in them.
pub(super) fn check(trial: &Program, inventory: Option<&Inventory>, diagnostics: &mut Diagnostics) {
    let known: FxHashSet<_> = diagnostics.iter().map(|d| (d.code, d.place, d.message.clone())).collect();
    let mut found = Diagnostics::default();
    super::check_with(trial, inventory, &mut found);
    found.retain(|problem| {
        // Nothing says in which order their tasks would run beside those of the build.
        problem.severity() == Severity::Error
            && problem.code != Code::WriteConflict
            && !known.contains(&(problem.code, problem.place, problem.message.clone()))
    });
    diagnostics.append(found);
}
