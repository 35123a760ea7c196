//! Why a task runs after another: the paths of edges between them.
//!
//! There may be more paths than anybody reads: the shortest comes first, then some others, and it is said if there
//! are more.

use super::{Drawing, Edge, select};
use rustc_hash::FxHashMap;
use std::collections::VecDeque;
use std::fmt::Write;

/// How many paths are given.
pub const PATHS: usize = 8;
/// Edges that are walked in search of further paths.
const STEPS: usize = 100_000;

/// The paths between two tasks.
#[derive(Debug)]
pub struct Why<'d> {
    /// The task that waits.
    pub after: u32,
    /// The task it waits for.
    pub before: u32,
    /// Paths from the one that waits, shortest first; each edge leads to the next.
    pub paths: Vec<Vec<&'d Edge>>,
    /// Whether there may be further ones.
    pub more: bool,
}

/// Why one of two tasks waits for the other, whichever it is; none if neither does.
pub fn why(drawing: &Drawing, one: u32, other: u32) -> Option<Why<'_>> {
    let targets = targets(drawing);
    [(one, other), (other, one)].into_iter().find_map(|(after, before)| paths(drawing, &targets, after, before))
}

/// Edges by the task that waits.
fn targets(drawing: &Drawing) -> Vec<Vec<u32>> {
    let mut targets = vec![Vec::new(); drawing.nodes.len()];
    for (number, edge) in drawing.edges.iter().enumerate() {
        targets[edge.after as usize].push(number as u32);
    }
    targets
}

fn paths<'d>(drawing: &'d Drawing, targets: &[Vec<u32>], after: u32, before: u32) -> Option<Why<'d>> {
    let distance = distances(drawing, before);
    distance[after as usize].filter(|steps| *steps > 0)?;
    let mut why = Why { after, before, paths: Vec::new(), more: false };
    let mut taken = 0;
    // Edges nearest to the end first, so that the first path found is a shortest one.
    let nearest_first = |task: u32| -> Vec<u32> {
        let end = |edge: &u32| distance[drawing.edges[*edge as usize].before as usize];
        let mut edges: Vec<u32> = targets[task as usize].iter().copied().filter(|e| end(e).is_some()).collect();
        edges.sort_by_key(|edge| std::cmp::Reverse(end(edge)));
        edges
    };
    let mut on_path = vec![false; drawing.nodes.len()];
    on_path[after as usize] = true;
    let mut path: Vec<u32> = Vec::new();
    let mut open = vec![nearest_first(after)];
    while let Some(choices) = open.last_mut() {
        let Some(edge) = choices.pop() else {
            open.pop();
            if let Some(back) = path.pop() {
                on_path[drawing.edges[back as usize].before as usize] = false;
            }
            continue;
        };
        taken += 1;
        if why.paths.len() == PATHS || taken > STEPS {
            why.more = true;
            break;
        }
        let to = drawing.edges[edge as usize].before;
        if to == before {
            why.paths.push(path.iter().chain([&edge]).map(|e| &drawing.edges[*e as usize]).collect());
        } else if !std::mem::replace(&mut on_path[to as usize], true) {
            path.push(edge);
            open.push(nearest_first(to));
        }
    }
    why.paths.sort_by_key(Vec::len);
    Some(why)
}

/// How many edges lead from each task to one, at least; none from those that do not wait for it.
fn distances(drawing: &Drawing, to: u32) -> Vec<Option<u32>> {
    let mut waiting: Vec<Vec<u32>> = vec![Vec::new(); drawing.nodes.len()];
    drawing.edges.iter().for_each(|edge| waiting[edge.before as usize].push(edge.after));
    let mut distance = vec![None; drawing.nodes.len()];
    distance[to as usize] = Some(0);
    let mut queue = VecDeque::from([(to, 0)]);
    while let Some((task, steps)) = queue.pop_front() {
        for &next in &waiting[task as usize] {
            if distance[next as usize].is_none() {
                distance[next as usize] = Some(steps + 1);
                queue.push_back((next, steps + 1));
            }
        }
    }
    distance
}

/// Paths as text: each edge with its keyword, and where its target is named.
pub fn told(drawing: &Drawing, why: &Why<'_>) -> String {
    let mut shared: FxHashMap<&str, u32> = FxHashMap::default();
    drawing
        .nodes
        .iter()
        .filter(|node| node.part.is_none())
        .for_each(|node| *shared.entry(node.label.as_str()).or_default() += 1);
    let name = |at: u32| {
        let node = &drawing.nodes[at as usize];
        if let Some(part) = node.part {
            return format!("the {part} of {}", node.label);
        }
        let alone = shared.get(node.label.as_str()) == Some(&1);
        if alone { node.label.clone() } else { format!("{}/{}", select::module(drawing, node), node.label) }
    };
    let mut out = format!("`{}` runs after `{}`:\n", name(why.after), name(why.before));
    for path in &why.paths {
        out.push('\n');
        // Writing to a String cannot fail; so too below.
        let _ = writeln!(out, "{}", name(why.after));
        for edge in path {
            let _ = writeln!(out, "  {} {}  {}", edge.keyword, name(edge.before), edge.place);
            let _ = writeln!(out, "    {}", edge.excerpt);
        }
    }
    if why.more {
        out.push_str("\nthere are further paths; these are the first ones found\n");
    }
    out
}
