//! Two tasks that write the same object, and nothing says which is first: what is there in the end would depend on the
//! order in which they stand, and with workers on chance.
//!
//! Names are compared that are known at build, or computed in the same way from what does not change; and only tasks that
//! run in any case: those with conditions may exclude each other. What is removed takes with it what is in it.

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::dump;
use crate::graph::{Argument, Body, Control, Expr, ExprKind, Graph, Task};
use ipcmm_bytecode::Value;
use ipcmm_bytecode::bundle::EdgeKind;
use ipcmm_grammar::ast::Span;
use ipcmm_stdlib::objects::object;
use ipcmm_stdlib::table::BuiltinId;
use rustc_hash::FxHashSet;
use std::collections::BTreeMap;

/// A writer of an object: its place in the run order, what it is, and where the object is named.
#[derive(Clone, Copy)]
struct Writer {
    task: u32,
    builtin: &'static str,
    whole: bool,
    /// It takes away what is in the object too.
    removes: bool,
    span: Span,
}

/// The objects of a build: kind and name, and who writes each.
type Objects = BTreeMap<(&'static str, String), Vec<Writer>>;

/// Edges that are followed at most to find out whether two tasks are ordered; beyond that they count as ordered, so
/// that a huge graph costs time in proportion to its size.
const STEPS: usize = 4_000_000;

/// Reports, for each object, the first two writers in no order.
pub(super) fn report(graph: &Graph, diagnostics: &mut Diagnostics) {
    let mut objects = Objects::default();
    for (number, task) in (0..).zip(&graph.tasks) {
        if task.part.is_some() || is_conditional(task) {
            continue;
        }
        for body in std::iter::once(&task.body).chain(&task.body.children) {
            if let Some((kind, name, writer)) = written(number, body) {
                objects.entry((kind, name)).or_default().push(writer);
            }
        }
    }
    let mut steps = STEPS;
    let mut found: Vec<(String, Writer, Writer)> = Vec::new();
    for ((kind, name), of_one) in &objects {
        // In the run order each writer need only be ordered after the one before it. Those that see to parts of the
        // object may stand in any order among each other.
        let unordered = of_one.windows(2).find(|pair| {
            pair[0].task != pair[1].task
                && (pair[0].whole || pair[1].whole)
                && !is_ordered(graph, pair[0].task, pair[1].task, &mut steps)
        });
        if let Some([first, second]) = unordered {
            found.push((format!("both write `{name}`"), *first, *second));
        } else if let Some(problem) = removed(graph, &objects, (*kind, name), of_one, &mut steps) {
            found.push(problem);
        }
    }
    found.sort_by_key(|(_, first, second)| (second.task, first.task));
    for (what, first, second) in found {
        let (one, two) = (&graph.tasks[first.task as usize], &graph.tasks[second.task as usize]);
        let message = format!(
            "`{}` ({}) and `{}` ({}) {what}, and nothing says which comes first",
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

/// The first writer of something inside of an object that is removed, in no order with the one that removes it.
fn removed(
    graph: &Graph,
    objects: &Objects,
    (kind, name): (&'static str, &str),
    writers: &[Writer],
    steps: &mut usize,
) -> Option<(String, Writer, Writer)> {
    let removes = writers.iter().find(|writer| writer.removes)?;
    let inside = format!("{}/", name.trim_end_matches('/'));
    let mut within =
        objects.range((kind, inside.clone())..).take_while(|((k, n), _)| *k == kind && n.starts_with(&inside));
    within.find_map(|((_, inner), of_inner)| {
        let other = of_inner.iter().find(|other| {
            let (first, second) = (removes.task.min(other.task), removes.task.max(other.task));
            first != second && !other.removes && !is_ordered(graph, first, second, steps)
        })?;
        let (first, second) = if other.task < removes.task { (other, removes) } else { (removes, other) };
        Some((format!("write `{inner}` and remove `{name}`"), *first, *second))
    })
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
    let name = match &expr.kind {
        ExprKind::Constant(Value::Str(name)) if object.kind == "path" => plain(name),
        ExprKind::Constant(Value::Str(name)) => name.to_string(),
        ExprKind::Constant(_) => return None,
        _ if expr.any(&changes) => return None,
        _ => dump::expression(expr),
    };
    let removes = builtin.id == BuiltinId::FilesystemAbsent;
    let writer = Writer { task, builtin: builtin.name, whole: object.whole, removes, span: expr.span };
    Some((object.kind, name, writer))
}

/// Whether a part of an expression may have another value in another task, or each time it is computed.
fn changes(part: &Expr) -> bool {
    matches!(
        part.kind,
        ExprKind::Slot(_)
            | ExprKind::Result(_)
            | ExprKind::Invoke(..)
            | ExprKind::Secret(_)
            | ExprKind::Unknown
            | ExprKind::Error
    )
}

/// A path with nothing in it that means nothing: `//`, `/./` and a `/` at its end.
fn plain(path: &str) -> String {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    format!("/{}", parts.join("/"))
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
