//! A part of a drawing: a task with all it waits for and all that waits for it.

use super::{Drawing, Node};
use crate::diag::suggest;

/// The task of a name: a label that only one module has, or `module/label`.
///
/// # Errors
/// What to say about a name that means no task, or several.
pub fn find(drawing: &Drawing, name: &str) -> Result<u32, String> {
    let full = |node: &Node| format!("{}/{}", module(drawing, node), node.label);
    // A part has the label of its task, which is the one that is meant.
    let whole = |at: &usize| drawing.nodes[*at].part.is_none();
    let named: Vec<usize> =
        (0..drawing.nodes.len()).filter(whole).filter(|&at| drawing.nodes[at].label == name).collect();
    if let [one] = named.as_slice() {
        return Ok(*one as u32);
    }
    if let Some(at) =
        drawing.nodes.iter().position(|node| named.is_empty() && node.part.is_none() && full(node) == name)
    {
        return Ok(at as u32);
    }
    if !named.is_empty() {
        let all: Vec<String> = named.iter().map(|&at| format!("`{}`", full(&drawing.nodes[at]))).collect();
        return Err(format!("several tasks are called `{name}`: name one of {}", all.join(", ")));
    }
    let near = suggest::nearest(name, drawing.nodes.iter().map(|node| node.label.as_str()));
    let help = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    Err(format!("there is no task `{name}`{help}"))
}

/// The name of a node's module.
pub fn module<'d>(drawing: &'d Drawing, node: &Node) -> &'d str {
    drawing.modules.get(node.module as usize).map_or("", String::as_str)
}

/// The drawing of one task with everything it waits for and everything that waits for it, directly or not. Numbers of
/// the run order stay those of the whole build.
pub fn focus(drawing: &Drawing, on: u32) -> Drawing {
    let mut keep = vec![false; drawing.nodes.len()];
    for up in [true, false] {
        let mut steps: Vec<Vec<u32>> = vec![Vec::new(); drawing.nodes.len()];
        for edge in &drawing.edges {
            let (from, to) = if up { (edge.after, edge.before) } else { (edge.before, edge.after) };
            steps[from as usize].push(to);
        }
        let mut seen = vec![false; drawing.nodes.len()];
        let mut open = vec![on];
        while let Some(at) = open.pop() {
            if !std::mem::replace(&mut seen[at as usize], true) {
                keep[at as usize] = true;
                open.extend(&steps[at as usize]);
            }
        }
    }
    let mut place = vec![0u32; drawing.nodes.len()];
    let mut part = Drawing { modules: drawing.modules.clone(), ..Drawing::default() };
    for (at, node) in drawing.nodes.iter().enumerate().filter(|(at, _)| keep[*at]) {
        place[at] = part.nodes.len() as u32;
        part.nodes.push(node.clone());
    }
    for edge in drawing.edges.iter().filter(|e| keep[e.before as usize] && keep[e.after as usize]) {
        let mut edge = edge.clone();
        (edge.before, edge.after) = (place[edge.before as usize], place[edge.after as usize]);
        part.edges.push(edge);
    }
    part
}
