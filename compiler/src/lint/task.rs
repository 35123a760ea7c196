//! Lints of tasks.

use super::Scene;
use crate::diag::{Code, Diagnostic, Diagnostics};
use ipcmm_bytecode::Effect;

/// Nothing is done, nothing is awaited, and nobody takes notice.
pub(super) fn without_effect(scene: &Scene<'_>, diagnostics: &mut Diagnostics) {
    let task = scene.task;
    let idle = task.steps.iter().all(|step| step.builtin.effect == Effect::None);
    let joins = scene.graph.tasks.get(scene.number as usize).is_some_and(|task| !task.edges.is_empty());
    // It may end the run, it may fail by what it computes, and it may gather others under one name.
    let judges = task.stops.unwrap_or(false)
        || task.control.failed_if.is_some()
        || !task.control.expect.is_empty()
        || task.control.retry.is_some();
    if !idle || joins || judges || scene.used.contains(&scene.number) {
        return;
    }
    let names: Vec<String> = task.steps.iter().map(|step| format!("`{}`", step.builtin.name)).collect();
    let message =
        format!("`{}` has no effect: {} changes nothing, and no task waits for it", task.label, names.join(", "));
    let problem = Diagnostic::new(Code::WithoutEffect, scene.file, task.span, message);
    diagnostics.push(problem.help("remove it, or name it in a task that is to wait for it"));
}
