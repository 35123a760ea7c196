//! Lints of tasks.

use super::Scene;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::ir::ValueKind;
use ipcmm_bytecode::{Effect, Value};
use ipcmm_stdlib::BuiltinId;

/// Nothing is done, nothing is awaited, and nobody takes notice.
pub(super) fn without_effect(scene: &Scene<'_>, diagnostics: &mut Diagnostics) {
    let task = scene.task;
    let idle = task.steps.iter().all(|step| step.builtin.effect == Effect::None);
    // What runs others has their effects.
    let runs = |arg: &crate::ir::Arg| matches!(arg.value.kind, ValueKind::Tasks(_));
    let idle = idle && !task.steps.iter().any(|step| step.args.iter().any(runs));
    let joins = scene.graph.tasks.get(scene.number as usize).is_some_and(|task| !task.edges.is_empty());
    // It may end the run, it may fail by what it computes, and it may gather others under one name.
    let judges = task.stops.unwrap_or(false)
        || task.control.failed_if.is_some()
        || !task.control.expect.is_empty()
        || task.control.retry.is_some();
    // What a task is told to report is a judgement as well: `outcome: failed` behind a guard.
    let reports = task.steps.iter().any(|step| {
        let named =
            |param: u16| step.builtin.params.get(usize::from(param)).is_some_and(|param| param.name == "outcome");
        step.args.iter().any(|arg| named(arg.param))
    });
    if !idle || joins || judges || reports || scene.used.contains(&scene.number) {
        return;
    }
    let names: Vec<String> = task.steps.iter().map(|step| format!("`{}`", step.builtin.name)).collect();
    let message =
        format!("`{}` has no effect: {} changes nothing, and no task waits for it", task.label, names.join(", "));
    let problem = Diagnostic::new(Code::WithoutEffect, scene.file, task.span, message);
    diagnostics.push(problem.help("remove it, or name it in a task that is to wait for it"));
}

/// Something goes on in the background, and nobody asks how it ended before the run is over.
pub(super) fn loose_handle(scene: &Scene<'_>, diagnostics: &mut Diagnostics) {
    let read = scene.graph.tasks.get(scene.number as usize).is_some_and(|task| task.keeps_result);
    for step in scene.task.steps.iter().filter(|_| !read) {
        let detached = step.args.iter().any(|arg| {
            step.builtin.param("detach") == Some(arg.param)
                && !matches!(arg.value.kind, ValueKind::Constant(Value::Bool(false)))
        });
        if !matches!(step.builtin.id, BuiltinId::Fork | BuiltinId::Async) || detached {
            continue;
        }
        let label = &scene.task.label;
        let message = format!("nobody joins what `{label}` puts into the background");
        let problem = Diagnostic::new(Code::LooseHandle, scene.file, step.span, message);
        diagnostics.push(problem.help(
            "give the result a name and its handle to `ipcmm.join`; otherwise it is awaited at the end of the run only, or \
             write `detach: true` if its end is of no interest",
        ));
    }
}
