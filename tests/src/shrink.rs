//! Smaller modules that break the same law: what a failing law shows, instead of a page of noise.
//!
//! Unaware of: laws. It is given a function that says how a module breaks one.

use crate::graphs::Node;

/// Takes lines away as long as the rest still breaks the law.
pub fn lines(
    mut all: Vec<String>,
    mut why: String,
    breaks: &dyn Fn(&[String]) -> Option<String>,
) -> (Vec<String>, String) {
    let mut at = 0;
    while at < all.len() {
        let mut fewer = all.clone();
        fewer.remove(at);
        match breaks(&fewer) {
            Some(said) => (all, why) = (fewer, said),
            None => at += 1,
        }
    }
    (all, why)
}

/// Takes tasks of a graph, and what they have, away as long as the rest still breaks the law.
pub fn nodes(mut all: Vec<Node>, mut why: String, breaks: &dyn Fn(&[Node]) -> Option<String>) -> (Vec<Node>, String) {
    loop {
        let smaller = candidates(&all).into_iter().find_map(|nodes| breaks(&nodes).map(|said| (nodes, said)));
        let Some((nodes, said)) = smaller else { return (all, why) };
        (all, why) = (nodes, said);
    }
}

/// Whether a task has something, and how it is taken away.
type Part<'p> = (bool, &'p dyn Fn(&mut Node));

/// The graphs with one thing less.
fn candidates(nodes: &[Node]) -> Vec<Vec<Node>> {
    let mut all: Vec<Vec<Node>> = (0..nodes.len()).map(|gone| without(nodes, gone)).collect();
    for i in 0..nodes.len() {
        let mut change = |change: &dyn Fn(&mut Node)| {
            let mut other = nodes.to_vec();
            change(&mut other[i]);
            all.push(other);
        };
        for edge in 0..nodes[i].edges.len() {
            change(&|node| {
                node.edges.remove(edge);
            });
        }
        let node = &nodes[i];
        let parts: [Part<'_>; 11] = [
            (node.rank.is_some(), &|node| node.rank = None),
            (node.mode.is_some(), &|node| node.mode = None),
            (node.stops, &|node| node.stops = false),
            (node.seconds > 0, &|node| node.seconds = 0),
            (node.retry.is_some(), &|node| node.retry = None),
            (node.items.is_some(), &|node| node.items = None),
            (node.when.is_some(), &|node| node.when = None),
            (node.onlyif.is_some(), &|node| node.onlyif = None),
            (node.rounds.is_some(), &|node| node.rounds = None),
            (node.lane.is_some(), &|node| node.lane = None),
            (node.unknown.is_some(), &|node| node.unknown = None),
        ];
        parts.iter().filter(|(there, _)| *there).for_each(|(_, take)| change(*take));
    }
    all
}

/// The graph without a task and without what names it.
fn without(nodes: &[Node], gone: usize) -> Vec<Node> {
    let moved = |target: usize| if target > gone { target - 1 } else { target };
    let mut rest = nodes.to_vec();
    rest.remove(gone);
    for node in &mut rest {
        node.edges.retain(|(_, target)| *target != gone);
        node.edges.iter_mut().for_each(|(_, target)| *target = moved(*target));
    }
    rest
}
