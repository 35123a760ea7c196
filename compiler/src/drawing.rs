//! A build as a picture: tasks as nodes, targets as edges, and why each edge is there.
//!
//! A [`Drawing`] is made of whatever a build gave, also of one that failed, so that a cycle can be seen. Unaware of:
//! where a picture goes and how a build is run. Start reading at [`draw`]; a notation each is in [`dot`], [`json`],
//! [`svg`] and [`html`], places for nodes come from [`layout`].

pub mod dot;
pub mod html;
pub mod json;
mod keywords;
pub mod layout;
pub mod select;
pub mod svg;
pub mod why;

#[cfg(test)]
mod tests;

use crate::Build;
use crate::check::cycles::knots;
use crate::graph::{Body, Task, Way};
use crate::source::{FileId, Sources};
use ipcmm_bytecode::Effect;
use ipcmm_bytecode::bundle::writer::Part;
use ipcmm_grammar::ast::Span;
use keywords::{Said, Written};

/// The most characters of a source line that are kept with an edge.
const EXCERPT: usize = 160;

/// Tasks and edges of a build.
#[derive(Clone, Debug, Default)]
pub struct Drawing {
    /// Names of modules.
    pub modules: Vec<String>,
    /// Tasks in run order; those of a cycle, which have none, come last.
    pub nodes: Vec<Node>,
    /// Edges in order of the tasks that wait.
    pub edges: Vec<Edge>,
}

/// A task.
#[derive(Clone, Debug)]
pub struct Node {
    /// Its place in the run order of the whole build, from 1.
    pub number: u32,
    /// Its label.
    pub label: String,
    /// Which part of its task it is, if it is one: a dry run or a phase that runs by itself.
    pub part: Option<&'static str>,
    /// Its module, by number.
    pub module: u32,
    /// The built-ins it calls, each once, in order.
    pub builtins: Vec<&'static str>,
    /// The most it may do to the node it runs on.
    pub effect: Effect,
    /// How it runs beside others.
    pub mode: &'static str,
    /// What its `doc` says; empty without one.
    pub doc: String,
    /// The keywords that stand under it, with what is written behind them.
    pub said: Vec<Said>,
    /// Where its label stands.
    pub place: Place,
    /// Whether it is one of several tasks that wait for each other.
    pub cyclic: bool,
}

/// One task waits for another.
#[derive(Clone, Debug)]
pub struct Edge {
    /// The task that runs first, by its place in [`Drawing::nodes`].
    pub before: u32,
    /// The task that waits for it, likewise.
    pub after: u32,
    /// The keyword that says so.
    pub keyword: &'static str,
    /// Where the target is named.
    pub place: Place,
    /// The line of the source it is named in, without the space around it.
    pub excerpt: String,
    /// Whether both ends wait for each other.
    pub cyclic: bool,
}

/// A place in a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
}

impl Place {
    fn of(file: FileId, span: Span, sources: &Sources) -> Place {
        let source = sources.file(file);
        let position = source.position(span.start);
        Place { file: source.name.clone(), line: position.line, column: position.column }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// The drawing of a build, as far as the build got.
pub fn draw(build: &Build) -> Drawing {
    let graph = &build.graph;
    let targets: Vec<_> = graph.tasks.iter().map(|task| task.edges.clone()).collect();
    let mut knot_of: Vec<Option<usize>> = vec![None; graph.tasks.len()];
    for (number, knot) in knots(&targets).iter().enumerate() {
        for &task in knot {
            knot_of[task as usize] = Some(number);
        }
    }
    let written = Written::of(build);
    let mut drawing = Drawing { modules: graph.modules.clone(), ..Drawing::default() };
    for (at, task) in graph.tasks.iter().enumerate() {
        let builtins = builtins(task, &written);
        let effects = builtins.iter().filter_map(|name| ipcmm_stdlib::by_name(name)).map(|b| b.effect);
        drawing.nodes.push(Node {
            number: at as u32 + 1,
            label: task.label.clone(),
            part: task.part.map(|(part, _)| match part {
                Part::Dry => "dry run",
                Part::Before => "first phase",
            }),
            module: task.module,
            effect: effects.max().unwrap_or(Effect::None),
            builtins,
            mode: task.mode.name(),
            doc: written.doc(task.file, task.span),
            said: written.under(task.file, task.span, &build.sources),
            place: Place::of(task.file, task.span, &build.sources),
            cyclic: knot_of[at].is_some(),
        });
        for edge in task.edges.iter().filter(|edge| edge.way != Way::Inherited) {
            drawing.edges.push(Edge {
                before: edge.target,
                after: at as u32,
                keyword: if edge.way == Way::Runs { "runs" } else { edge.written.name() },
                place: Place::of(edge.file, edge.span, &build.sources),
                excerpt: excerpt(edge.file, edge.span, &build.sources),
                cyclic: knot_of[at].is_some() && knot_of[at] == knot_of[edge.target as usize],
            });
        }
    }
    drawing
}

/// Built-ins of a task, each once. Of one with a problem those that are written are named.
fn builtins(task: &Task, written: &Written<'_>) -> Vec<&'static str> {
    let mut names: Vec<&'static str> = Vec::new();
    let mut open: Vec<&Body> = vec![&task.body];
    while let Some(body) = open.pop() {
        names.extend(body.builtin.map(|builtin| builtin.name).filter(|name| !names.contains(name)));
        open.extend(body.children.iter().rev());
    }
    if names.is_empty() { written.builtins(task.file, task.span) } else { names }
}

/// The line of a source in which a span begins; of a long line the part around it.
fn excerpt(file: FileId, span: Span, sources: &Sources) -> String {
    let source = sources.file(file);
    let text = &source.text;
    let boundary = |at: usize| (0..4).map(|back| at.saturating_sub(back)).find(|at| text.is_char_boundary(*at));
    let at = boundary((span.start as usize).min(text.len())).unwrap_or(0);
    let starts = source.line_starts();
    let line = starts.partition_point(|start| *start as usize <= at);
    let first = starts.get(line - 1).map_or(0, |start| *start as usize);
    let end = starts.get(line).map_or(text.len(), |start| *start as usize);
    let long = end - first > EXCERPT * 4;
    let start = if long { boundary(at.saturating_sub(EXCERPT / 2).max(first)).unwrap_or(first) } else { first };
    shortened(text.get(start..end).unwrap_or("").trim(), EXCERPT)
}

/// A text of at most so many characters, an ellipsis in the place of the rest.
fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some(_) => text.chars().take(most.saturating_sub(1)).chain(['…']).collect(),
    }
}
