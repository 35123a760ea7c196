//! What is written and never matters: tasks whose conditions are known to say no, results whose names nobody reads.

use super::names::Index;
use super::plan::Plan;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::graph::{Body, Edge, Expr, ExprKind, Graph, Guard, Task};
use ipcmm_bytecode::bundle::EdgeKind;
use ipcmm_bytecode::{Slot, Value};

/// Reports tasks that are always skipped and names of results that are never read.
pub(super) fn report(index: &Index<'_>, plan: &Plan, order: &[u32], graph: &Graph, diagnostics: &mut Diagnostics) {
    // A task with a problem may be the one that reads.
    let complete = !diagnostics.has_errors();
    // What a task waits for stands before it.
    let mut skipped = vec![false; graph.tasks.len()];
    for (at, (node, task)) in order.iter().zip(&graph.tasks).enumerate() {
        if task.part.is_some() {
            continue;
        }
        let number = plan.nodes[*node as usize].task;
        if let Some((keyword, says, expr)) = never(&task.body).filter(|_| !index.depends_on_given(number)) {
            skipped[at] = true;
            let message = format!("`{}` is always skipped: its `{keyword}` is always {says}", task.label);
            let help = "remove the task, or write what decides in the condition";
            diagnostics.push(Diagnostic::new(Code::DeadTask, task.file, expr.span, message).help(help));
        } else if let Some(edge) = held_back(task, &skipped) {
            skipped[at] = true;
            let target = &graph.tasks[edge.target as usize].label;
            let keyword = edge.written.name();
            let message = match edge.pushed {
                true => format!("`{}` is always skipped: so is `{target}`, whose `{keyword}` it waits for", task.label),
                false => {
                    format!("`{}` is always skipped: so is `{target}`, which its `{keyword}` wants to run", task.label)
                }
            };
            let help = "to run after it whatever becomes of it, write `requires` or `runafter`";
            diagnostics.push(Diagnostic::new(Code::DeadTask, edge.file, edge.span, message).help(help));
        }
        let declared = &index.tasks[number as usize];
        if let Some((name, span)) = &declared.task.result
            && complete
            && !task.keeps_result
            && !index.shown.borrow().contains(&number)
            && !reads_own(&task.body)
        {
            let message = format!("the result `{name}` of `{}` is never read", task.label);
            let help = "remove `result`, or read the name in a task that comes after this one";
            diagnostics.push(Diagnostic::new(Code::UnusedResult, task.file, *span, message).help(help));
        }
    }
}

/// The edge by which a task is never run, because what it waits for is always skipped.
fn held_back<'g>(task: &'g Task, skipped: &[bool]) -> Option<&'g Edge> {
    let never = |edge: &Edge| skipped.get(edge.target as usize).copied().unwrap_or(false);
    // Of several targets all must run.
    let every = task.edges.iter().find(|e| matches!(e.kind, EdgeKind::DependsOn | EdgeKind::OnSuccess) && never(e));
    // Of several targets one is enough.
    let any = [EdgeKind::RequiresAny, EdgeKind::OnFail, EdgeKind::OnChange].into_iter().find_map(|kind| {
        let mut of_kind = task.edges.iter().filter(|e| e.kind == kind);
        let first = of_kind.next().filter(|e| never(e))?;
        of_kind.all(never).then_some(first)
    });
    every.or(any)
}

/// The condition by which a body never runs: keyword, what it is, and the expression.
fn never(body: &Body) -> Option<(&'static str, &'static str, &Expr)> {
    let is = |expr: &Expr, wanted: bool| matches!(expr.kind, ExprKind::Constant(Value::Bool(b)) if b == wanted);
    let control = &body.control;
    if let Some(when) = control.when.as_ref().filter(|when| is(when, false)) {
        return Some(("when", "false", when));
    }
    let onlyif = control.onlyif.iter().find_map(|guard| match guard {
        Guard::Expr(expr) if is(expr, false) => Some(("onlyif", "false", expr)),
        _ => None,
    });
    let all = |guard: &Guard| matches!(guard, Guard::Expr(expr) if is(expr, true));
    let unless = || match control.unless.first() {
        Some(Guard::Expr(expr)) if control.unless.iter().all(all) => Some(("unless", "true", expr)),
        _ => None,
    };
    let loop_if = control.loop_if.as_ref().filter(|expr| is(expr, false)).map(|expr| ("loop_if", "false", expr));
    onlyif.or_else(unless).or(loop_if)
}

/// Whether a body judges its own result, which it may do by the name.
fn reads_own(body: &Body) -> bool {
    let reads = |expr: &Option<Expr>| {
        expr.as_ref().is_some_and(|expr| expr.any(&|part| matches!(part.kind, ExprKind::Slot(Slot::Result))))
    };
    let control = &body.control;
    let until = control.retry.as_ref().is_some_and(|retry| reads(&retry.until));
    let expects = control.expect.iter().any(|expr| expr.any(&|e| matches!(e.kind, ExprKind::Slot(Slot::Result))));
    let rounds = reads(&control.loop_if) || reads(&control.loop_until);
    until
        || expects
        || rounds
        || reads(&control.failed_if)
        || reads(&control.changed_if)
        || body.children.iter().any(reads_own)
}
