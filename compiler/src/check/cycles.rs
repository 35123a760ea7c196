//! Cycles over ordering edges: each is reported once, by its shortest round, with every place on it.

use super::names::Index;
use super::plan::Plan;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::graph::{Edge, Way};
use ipcmm_bytecode::bundle::EdgeKind;
use ipcmm_bytecode::bundle::writer::Part;
use rustc_hash::FxHashSet;
use std::collections::VecDeque;

/// Reports every knot of tasks that wait for each other. True if there is one.
pub(super) fn report(index: &Index<'_>, plan: &Plan, diagnostics: &mut Diagnostics) -> bool {
    let mut found = false;
    let mut told: FxHashSet<u32> = FxHashSet::default();
    let mut knots = knots(&plan.edges);
    // Dry runs often form a knot of their own for the same reason as their tasks do.
    let tasks = |knot: &[u32]| knot.iter().filter(|node| plan.nodes[**node as usize].part.is_none()).count();
    knots.sort_by_key(|knot| std::cmp::Reverse(tasks(knot).min(1)));
    for knot in knots {
        found = true;
        let known = knot.iter().all(|node| told.contains(&plan.nodes[*node as usize].task));
        told.extend(knot.iter().map(|node| plan.nodes[*node as usize].task));
        if known {
            continue;
        }
        let round = shortest(&knot, &plan.edges);
        diagnostics.push(describe(index, plan, &round));
    }
    found
}

/// Strongly connected components with more than one task (a task that names itself was refused before), each in
/// ascending order. Tarjan's algorithm with its own stack: user input must not use ours.
pub(crate) fn knots(edges: &[Vec<Edge>]) -> Vec<Vec<u32>> {
    const NEW: u32 = u32::MAX;
    let n = edges.len();
    let (mut number, mut low) = (vec![NEW; n], vec![0u32; n]);
    let mut on_stack = vec![false; n];
    let (mut stack, mut next, mut knots) = (Vec::new(), 0u32, Vec::new());
    let mut work: Vec<(u32, usize)> = Vec::new();
    for root in 0..n {
        if number[root] != NEW {
            continue;
        }
        work.push((root as u32, 0));
        while let Some((task, at)) = work.pop() {
            let t = task as usize;
            if at == 0 {
                number[t] = next;
                low[t] = next;
                next += 1;
                stack.push(task);
                on_stack[t] = true;
            }
            match edges[t].get(at) {
                Some(edge) => {
                    work.push((task, at + 1));
                    let target = edge.target as usize;
                    if number[target] == NEW {
                        work.push((edge.target, 0));
                    } else if on_stack[target] {
                        low[t] = low[t].min(number[target]);
                    }
                }
                None => {
                    if low[t] == number[t] {
                        let mut knot = Vec::new();
                        while let Some(member) = stack.pop() {
                            on_stack[member as usize] = false;
                            knot.push(member);
                            if member == task {
                                break;
                            }
                        }
                        if knot.len() > 1 {
                            knot.sort_unstable();
                            knots.push(knot);
                        }
                    }
                    if let Some((parent, _)) = work.last() {
                        let p = *parent as usize;
                        low[p] = low[p].min(low[t]);
                    }
                }
            }
        }
    }
    knots.sort();
    knots
}

/// A shortest round within a knot, as tasks each of which names the next; the last names the first. Searching from
/// every member of a huge knot would be quadratic, so only the first few are tried.
fn shortest(knot: &[u32], edges: &[Vec<Edge>]) -> Vec<u32> {
    const STARTS: usize = 64;
    const STEPS: usize = 100_000;
    let mut best: Vec<u32> = Vec::new();
    for &start in knot.iter().take(STARTS.min(STEPS / knot.len()).max(1)) {
        let mut came_from: rustc_hash::FxHashMap<u32, u32> = Default::default();
        let mut queue = VecDeque::from([start]);
        'search: while let Some(task) = queue.pop_front() {
            for edge in &edges[task as usize] {
                if edge.target == start {
                    let mut round = vec![task];
                    let mut at = task;
                    while at != start {
                        at = came_from[&at];
                        round.push(at);
                    }
                    round.reverse();
                    if best.is_empty() || round.len() < best.len() {
                        best = round;
                    }
                    break 'search;
                }
                if knot.binary_search(&edge.target).is_ok() && !came_from.contains_key(&edge.target) {
                    came_from.insert(edge.target, task);
                    queue.push_back(edge.target);
                }
            }
        }
        if best.len() == 2 {
            break;
        }
    }
    best
}

/// Steps of a round that are drawn.
const DRAWN: usize = 20;

/// Draws the round with its keywords. One that is written at the target is drawn in parentheses.
fn describe(index: &Index<'_>, plan: &Plan, round: &[u32]) -> Diagnostic {
    let name = |node: u32| {
        let node = &plan.nodes[node as usize];
        let label = &index.tasks[node.task as usize].task.label;
        match node.part {
            Some(Part::Dry) => format!("the dry run of `{label}`"),
            Some(Part::Before) => format!("the first phase of `{label}`"),
            None => format!("`{label}`"),
        }
    };
    let step = |i: usize| {
        let (node, next) = (round[i], round[(i + 1) % round.len()]);
        let declared = &index.tasks[plan.nodes[node as usize].task as usize];
        let edge = plan.edges[node as usize].iter().find(|e| e.target == next).copied();
        let place = edge.map_or((declared.file, declared.task.span), |e| (e.file, e.span));
        (node, next, edge, place)
    };
    let left_out = round.len().saturating_sub(DRAWN);
    // The first and the last of a long round; what lies between is counted.
    let shown = |i: &usize| left_out == 0 || *i < DRAWN / 2 || *i >= DRAWN / 2 + left_out;
    let mut drawn = name(round[0]);
    for i in 0..round.len() {
        if !shown(&i) {
            if i == DRAWN / 2 {
                drawn.push_str(&format!(" … {left_out} more …"));
            }
            continue;
        }
        let (_, next, edge, _) = step(i);
        let arrow = match edge {
            Some(Edge { kind: EdgeKind::Own, .. }) | None => "".to_owned(),
            Some(Edge { way: Way::Runs, .. }) => "runs".to_owned(),
            Some(Edge { way: Way::Inherited, .. }) => "runs in a body after".to_owned(),
            Some(Edge { written, pushed: true, .. }) => format!("({})", written.name()),
            Some(Edge { written, .. }) => written.name().to_owned(),
        };
        drawn.push_str(&format!(" ─{arrow}→ {}", name(next)));
    }
    let (_, _, _, (file, span)) = step(0);
    let mut diagnostic = Diagnostic::new(Code::Cycle, file, span, format!("tasks wait for each other: {drawn}"));
    for i in (1..round.len()).filter(shown) {
        let (node, next, edge, (file, span)) = step(i);
        let said = match edge {
            Some(Edge { kind: EdgeKind::Own, .. }) => format!("{} waits for its own part", name(node)),
            Some(Edge { way: Way::Runs, .. }) => format!("{} runs {} here", name(node), name(next)),
            Some(Edge { way: Way::Inherited, .. }) => format!("{} is run behind {}", name(node), name(next)),
            Some(Edge { written, pushed: true, .. }) => {
                format!("{} waits here for {}, by `{}`", name(node), name(next), written.name())
            }
            edge => format!("{} waits here, by `{}`", name(node), edge.map_or("", |e| e.written.name())),
        };
        diagnostic = diagnostic.label(file, span, said);
    }
    if (0..round.len()).any(|i| step(i).2.is_some_and(|edge| edge.way == Way::Runs)) {
        return diagnostic
            .help("a task cannot run itself, whatever the way; for work that is repeated there is `loop_if`");
    }
    let dry = round.iter().any(|node| plan.nodes[*node as usize].part == Some(Part::Dry));
    diagnostic.help(match dry {
        true => "what a task needs comes before its dry run, and `prereq` stands between the dry run and the task; remove one of these targets",
        false => "remove one of these targets; order without a need is not a reason to wait for each other",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;
    use ipcmm_grammar::ast::Span;
    use ipcmm_grammar::keywords::Keyword;

    fn graph(pairs: &[(u32, u32)], n: usize) -> Vec<Vec<Edge>> {
        let mut edges = vec![Vec::new(); n];
        for &(task, target) in pairs {
            edges[task as usize].push(Edge {
                kind: EdgeKind::Requires,
                target,
                file: FileId(0),
                span: Span::default(),
                written: Keyword::Requires,
                pushed: false,
                way: Way::Written,
            });
        }
        edges
    }

    #[test]
    fn each_knot_is_found_once_with_its_shortest_round() {
        let edges = graph(&[(0, 1), (1, 2), (2, 0), (2, 1), (3, 4), (4, 3), (5, 0)], 6);
        let found = knots(&edges);
        assert_eq!(found, [vec![0, 1, 2], vec![3, 4]]);
        assert_eq!(shortest(&found[0], &edges), [1, 2]);
    }

    #[test]
    fn a_long_chain_needs_no_stack_of_ours() {
        let n = 200_000;
        let pairs: Vec<(u32, u32)> = (1..n).map(|i| (i, i - 1)).collect();
        assert!(knots(&graph(&pairs, n as usize)).is_empty());
    }
}
