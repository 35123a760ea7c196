//! Two tasks that write the same object, and nothing says which is first: what is there in the end would depend on the
//! order in which they stand, and with workers on chance.
//!
//! Only constant names are compared, and only tasks that run in any case: those with conditions may exclude each other.

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::graph::{Argument, Body, Control, ExprKind, Graph, Task};
use ipcmm_bytecode::Value;
use ipcmm_bytecode::bundle::EdgeKind;
use ipcmm_grammar::ast::Span;
use ipcmm_stdlib::objects::object;
use rustc_hash::{FxHashMap, FxHashSet};

/// A writer of an object: its place in the run order, what it is, and where the object is named.
#[derive(Clone, Copy)]
struct Writer {
    task: u32,
    builtin: &'static str,
    whole: bool,
    span: Span,
}

/// Edges that are followed at most to find out whether two tasks are ordered; beyond that they count as ordered, so
/// that a huge graph costs time in proportion to its size.
const STEPS: usize = 4_000_000;

/// Reports, for each object, the first two writers in no order.
pub(super) fn report(graph: &Graph, diagnostics: &mut Diagnostics) {
    let mut writers: FxHashMap<(&'static str, String), Vec<Writer>> = FxHashMap::default();
    for (number, task) in (0..).zip(&graph.tasks) {
        if task.part.is_some() || is_conditional(task) {
            continue;
        }
        for body in std::iter::once(&task.body).chain(&task.body.children) {
            if let Some((kind, name, writer)) = written(number, body) {
                writers.entry((kind, name)).or_default().push(writer);
            }
        }
    }
    let mut steps = STEPS;
    let mut found: Vec<(String, Writer, Writer)> = Vec::new();
    for ((_, name), of_one) in writers {
        // In the run order each writer need only be ordered after the one before it. Those that see to parts of the
        // object may stand in any order among each other.
        let unordered = of_one.windows(2).find(|pair| {
            pair[0].task != pair[1].task
                && (pair[0].whole || pair[1].whole)
                && !is_ordered(graph, pair[0].task, pair[1].task, &mut steps)
        });
        if let Some([first, second]) = unordered {
            found.push((name, *first, *second));
        }
    }
    found.sort_by_key(|(_, first, second)| (second.task, first.task));
    for (name, first, second) in found {
        let (one, two) = (&graph.tasks[first.task as usize], &graph.tasks[second.task as usize]);
        let message = format!(
            "`{}` ({}) and `{}` ({}) both write `{name}`, and nothing says which comes first",
            one.label, first.builtin, two.label, second.builtin
        );
        let target = match one.module == two.module {
            true => one.label.clone(),
            false => format!("{}/{}", graph.modules[one.module as usize], one.label),
        };
        diagnostics.push(
            Diagnostic::new(Code::WriteConflict, two.file, second.span, message)
                .label(one.file, first.span, "the other one")
                .help(format!("if both are meant, order them: `requires: {target}` under `{}`", two.label)),
        );
    }
}

fn is_conditional(task: &Task) -> bool {
    use EdgeKind::*;
    let guarded = |c: &Control| c.when.is_some() || !c.onlyif.is_empty() || !c.unless.is_empty();
    let triggered =
        |kind| matches!(kind, RequiresAny | RequiresNone | OnFail | OnSuccess | OnChange | Prereq | PostReq);
    guarded(&task.body.control)
        || task.body.children.iter().any(|body| guarded(&body.control))
        || task.edges.iter().any(|edge| triggered(edge.kind))
}

/// The object a call writes, if its name is known.
fn written(task: u32, body: &Body) -> Option<(&'static str, String, Writer)> {
    let builtin = body.builtin?;
    let object = object(builtin.id)?;
    let param = builtin.param(object.param)?;
    let (_, argument) = body.args.iter().find(|(number, _)| *number == param)?;
    let Argument::Value(expr) = argument else { return None };
    let ExprKind::Constant(Value::Str(name)) = &expr.kind else { return None };
    let plain = name.trim_end_matches('/');
    let name: &str = if plain.is_empty() { name } else { plain };
    Some((object.kind, name.to_owned(), Writer { task, builtin: builtin.name, whole: object.whole, span: expr.span }))
}

/// Whether a path of edges leads from the later task back to the earlier one.
fn is_ordered(graph: &Graph, earlier: u32, later: u32, steps: &mut usize) -> bool {
    let mut seen = FxHashSet::default();
    let mut stack = vec![later];
    while let Some(task) = stack.pop() {
        for edge in &graph.tasks[task as usize].edges {
            if edge.target == earlier || *steps == 0 {
                return true;
            }
            *steps -= 1;
            if edge.target > earlier && seen.insert(edge.target) {
                stack.push(edge.target);
            }
        }
    }
    false
}
