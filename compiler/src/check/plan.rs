//! What has a place in the run order: tasks, dry runs that decide for others, and first phases; and what waits for what.
//!
//! For `M prereq: [T]` everything T needs comes before the dry run of T, then M, then T. For `M runaround: [T]` the
//! first phase of M comes before T, and M itself, which is its second phase, after it. Parts take the needs of their
//! task. Unaware of: ranks, cycles, bodies.

use super::demand::Demand;
use super::links::Link;
use super::names::Index;
use crate::graph::{Edge, Way};
use ipcmm_bytecode::bundle::EdgeKind;
use ipcmm_bytecode::bundle::writer::Part;
use ipcmm_grammar::keywords::Keyword;

/// A task or a part of one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    /// The task, by declaration.
    pub task: u32,
    /// Which part of it.
    pub part: Option<Part>,
    /// The node that has it as its part.
    pub owner: u32,
}

/// The nodes of a build. The first are the tasks by declaration, parts follow.
pub(super) struct Plan {
    pub nodes: Vec<Node>,
    /// What each node waits for, by node.
    pub edges: Vec<Vec<Edge>>,
    /// Where each task begins: its first phase, or itself.
    pub entry: Vec<u32>,
    /// The dry run of each task that decides for others.
    pub dry: Vec<Option<u32>>,
    /// Who runs whom on demand.
    pub demand: Demand,
}

/// The kind of edge of a keyword that orders its task after the target itself.
fn kind(keyword: Keyword) -> Option<EdgeKind> {
    Some(match keyword {
        Keyword::DependsOn => EdgeKind::DependsOn,
        Keyword::Requires => EdgeKind::Requires,
        Keyword::Watch => EdgeKind::Watch,
        Keyword::RequiresAny => EdgeKind::RequiresAny,
        Keyword::RequiresNone => EdgeKind::RequiresNone,
        Keyword::RunAfter => EdgeKind::RunAfter,
        Keyword::OnFail => EdgeKind::OnFail,
        Keyword::OnSuccess => EdgeKind::OnSuccess,
        Keyword::OnChange => EdgeKind::OnChange,
        Keyword::PostReq => EdgeKind::PostReq,
        _ => return None,
    })
}

/// Lays out the nodes of all tasks.
pub(super) fn plan(index: &Index<'_>, links: &[Vec<Link>], demand: Demand) -> Plan {
    let count = index.tasks.len() as u32;
    let mut plan = Plan {
        nodes: (0..count).map(|task| Node { task, part: None, owner: task }).collect(),
        edges: Vec::new(),
        entry: (0..count).collect(),
        dry: vec![None; count as usize],
        demand: Demand::default(),
    };
    for (task, own) in (0..count).zip(links) {
        if own.iter().any(|link| link.keyword == Keyword::RunAround) {
            plan.entry[task as usize] = plan.add(task, Part::Before, task);
        }
    }
    for link in links.iter().flatten().filter(|l| matches!(l.keyword, Keyword::Prereq | Keyword::PostReq)) {
        if plan.dry[link.target as usize].is_none() {
            let owner = plan.entry[link.target as usize];
            plan.dry[link.target as usize] = Some(plan.add(link.target, Part::Dry, owner));
        }
    }
    plan.edges = vec![Vec::new(); plan.nodes.len()];
    for (task, own) in (0..count).zip(links) {
        plan.needs(task, own);
    }
    // Only now all needs are known that a dry run shares with its task.
    for (task, own) in (0..count).zip(links) {
        plan.preparations(task, own);
    }
    for (node, declared) in (count..).zip(plan.nodes[count as usize..].to_vec()) {
        let file = index.tasks[declared.task as usize].file;
        let span = index.tasks[declared.task as usize].task.span;
        let written = if declared.part == Some(Part::Dry) { Keyword::Prereq } else { Keyword::RunAround };
        let own = Edge { kind: EdgeKind::Own, target: node, file, span, written, pushed: true, way: Way::Written };
        plan.edges[declared.owner as usize].push(own);
    }
    demand.lay_out(index, &mut plan);
    plan.demand = demand;
    plan
}

impl Plan {
    fn add(&mut self, task: u32, part: Part, owner: u32) -> u32 {
        self.nodes.push(Node { task, part: Some(part), owner });
        self.nodes.len() as u32 - 1
    }

    /// The nodes of a task: itself, its first phase, its dry run.
    pub(super) fn of(&self, task: u32) -> impl Iterator<Item = u32> + use<> {
        let entry = self.entry[task as usize];
        std::iter::once(task).chain((entry != task).then_some(entry)).chain(self.dry[task as usize])
    }

    /// What the task itself waits for, by its own words and by words of others that are turned round.
    fn needs(&mut self, task: u32, links: &[Link]) {
        for link in links {
            let edge = |kind, target| Edge {
                kind,
                target,
                file: link.file,
                span: link.span,
                written: link.written,
                pushed: link.is_pushed(),
                way: Way::Written,
            };
            let found = match (link.keyword, kind(link.keyword)) {
                (Keyword::Prereq, _) => self.dry[link.target as usize].map(|dry| edge(EdgeKind::Prereq, dry)),
                (_, Some(kind)) => Some(edge(kind, link.target)),
                _ => None,
            };
            for node in self.of(task) {
                self.edges[node as usize].extend(found);
            }
            if link.keyword == Keyword::RunAround {
                self.edges[task as usize].push(edge(EdgeKind::RunAround, link.target));
            }
        }
    }

    /// What targets wait for because the task prepares them.
    fn preparations(&mut self, task: u32, links: &[Link]) {
        for link in links {
            let edge = |target| Edge {
                kind: EdgeKind::Prepared,
                target,
                file: link.file,
                span: link.span,
                written: link.written,
                pushed: true,
                way: Way::Written,
            };
            let entry = self.entry[link.target as usize];
            match link.keyword {
                Keyword::Prereq => self.edges[entry as usize].push(edge(task)),
                Keyword::RunAround => {
                    let before = edge(self.entry[task as usize]);
                    self.edges[entry as usize].push(before);
                    if let Some(dry) = self.dry[link.target as usize] {
                        self.edges[dry as usize].push(before);
                    }
                }
                _ => {}
            }
        }
    }
}
