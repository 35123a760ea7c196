//! A part of a graph: some tasks, and all they wait for.
//!
//! Unaware of: who wants a part, and why. Start reading at [`Graph::only`].

use super::{Argument, Body, Control, Expr, ExprKind, Graph, Guard, Task};

impl Graph {
    /// The tasks of these labels, each `label` or `module/label`, with all they wait for and read. Tasks keep their
    /// order; a listener goes with what it listens to only if both are in.
    pub fn only(&self, labels: &[String]) -> Graph {
        let wanted = self.needed(labels);
        let mut numbers = vec![0u32; self.tasks.len()];
        for (next, (number, _)) in numbers.iter_mut().zip(&wanted).filter(|(_, is)| **is).enumerate() {
            *number = next as u32;
        }
        let renumbered = |task: &Task| {
            let mut task = task.clone();
            task.edges.iter_mut().for_each(|edge| edge.target = numbers[edge.target as usize]);
            task.part = task.part.map(|(part, owner)| (part, numbers[owner as usize]));
            each_result(&mut task.body, &mut |read| *read = numbers[*read as usize]);
            task
        };
        let listens = self.listens.iter().filter(|(one, other)| wanted[*one as usize] && wanted[*other as usize]);
        Graph {
            modules: self.modules.clone(),
            tasks: self.tasks.iter().zip(&wanted).filter(|(_, is)| **is).map(|(task, _)| renumbered(task)).collect(),
            listens: listens.map(|(one, other)| (numbers[*one as usize], numbers[*other as usize])).collect(),
            functions: self.functions.clone(),
            inputs: self.inputs.clone(),
        }
    }

    /// Which tasks are meant by labels, or needed by those that are.
    fn needed(&self, labels: &[String]) -> Vec<bool> {
        let chosen = |task: &Task| {
            let module = self.modules.get(task.module as usize).map_or("", String::as_str);
            let is_full = |label: &str| {
                label.strip_suffix(task.label.as_str()).and_then(|rest| rest.strip_suffix('/')) == Some(module)
            };
            labels.iter().any(|label| *label == task.label || is_full(label))
        };
        let mut wanted: Vec<bool> = self.tasks.iter().map(chosen).collect();
        // What a task needs stands before it, except the task that a part belongs to: hence again, until nothing comes.
        let mut again = true;
        while again {
            again = false;
            for at in (0..self.tasks.len()).rev() {
                let task = &self.tasks[at];
                let owner = task.part.map(|(_, owner)| owner as usize);
                if owner.is_some_and(|owner| wanted[owner]) {
                    wanted[at] = true;
                }
                if !wanted[at] {
                    continue;
                }
                if let Some(owner) = owner.filter(|owner| !wanted[*owner]) {
                    wanted[owner] = true;
                    again = true;
                }
                task.edges.iter().for_each(|edge| wanted[edge.target as usize] = true);
                each_result(&mut task.body.clone(), &mut |read| wanted[*read as usize] = true);
            }
        }
        wanted
    }
}

/// Visits the number of every task whose result a body reads, or that it runs. Bodies and expressions are as deep as sources are nested,
/// which their readers bound.
fn each_result(body: &mut Body, visit: &mut dyn FnMut(&mut u32)) {
    for (_, argument) in &mut body.args {
        match argument {
            Argument::Value(expr) | Argument::Thunk(expr) => in_expr(expr, visit),
            // What a task runs on demand is needed like what it reads.
            Argument::Tasks(tasks, _) => tasks.iter_mut().for_each(&mut *visit),
            Argument::Asset(..) => {}
        }
    }
    let Control {
        target,
        when,
        onlyif,
        unless,
        loop_in,
        loop_if,
        loop_until,
        expect,
        retry,
        timeout: _,
        runas,
        env,
        failed_if,
        changed_if,
    } = &mut body.control;
    let single = [target, when, loop_in, loop_if, loop_until, runas, failed_if, changed_if];
    single.into_iter().flatten().for_each(|expr| in_expr(expr, visit));
    retry.iter_mut().flat_map(|retry| &mut retry.until).for_each(|expr| in_expr(expr, visit));
    expect.iter_mut().chain(env.iter_mut().map(|(_, expr)| expr)).for_each(|expr| in_expr(expr, visit));
    for guard in onlyif.iter_mut().chain(unless) {
        match guard {
            Guard::Expr(expr) => in_expr(expr, visit),
            Guard::Command(body) => each_result(body, visit),
        }
    }
    body.children.iter_mut().for_each(|child| each_result(child, visit));
}

fn in_expr(expr: &mut Expr, visit: &mut dyn FnMut(&mut u32)) {
    if let ExprKind::Result(task) = &mut expr.kind {
        visit(task);
    }
    expr.parts_mut(&mut |part| in_expr(part, visit));
}
