//! The points of one build, and who takes note of them during runs.
//!
//! Labels, keywords, edges and loops are found in the graph, conditional jumps in the code. Unaware of: other builds.

use super::{Coverage, Outcomes, Spot, Ways, What};
use crate::run::Ran;
use ipcmm_bytecode::Op;
use ipcmm_bytecode::bundle::rows::{ArgKind, BlockRow};
use ipcmm_bytecode::bundle::{Attr, EdgeKind};
use ipcmm_compiler::doc::Span;
use ipcmm_compiler::graph::{Argument, Body, Expr, ExprKind, Graph, Guard, Task};
use ipcmm_compiler::source::Sources;
use ipcmm_vm::observe::Trace;
use ipcmm_vm::sched::state::{Effect, passes};
use ipcmm_vm::{Outcome, Reason, Verified};
use std::cell::RefCell;
use std::collections::HashMap;

/// An edge between two tasks: dependent, target, keyword, and its point.
struct Link(u32, u32, EdgeKind, usize);

/// The points of a build.
pub struct Survey {
    spots: Vec<Spot>,
    ways: RefCell<Vec<Ways>>,
    /// The point of each task's label; parts have none.
    labels: Vec<Option<usize>>,
    names: Vec<(String, String)>,
    /// Conditions by block and place among its attributes.
    conditions: HashMap<(u32, u32), usize>,
    loops: HashMap<u32, usize>,
    /// Jumps by chunk and offset; the flag says that a jump is taken where the condition does not hold.
    jumps: HashMap<(u32, u32), (usize, bool)>,
    links: Vec<Link>,
    outcomes: RefCell<Outcomes>,
}

/// A survey being made: the task at hand.
struct Making<'a> {
    survey: Survey,
    bundle: &'a Verified<'a>,
    sources: &'a Sources,
    task: &'a Task,
    module: &'a str,
}

impl Survey {
    /// Finds all points.
    pub fn new(bundle: &Verified<'_>, graph: &Graph, sources: &Sources) -> Survey {
        let mut survey = Survey {
            spots: Vec::new(),
            ways: RefCell::default(),
            labels: Vec::new(),
            names: Vec::new(),
            conditions: HashMap::new(),
            loops: HashMap::new(),
            jumps: HashMap::new(),
            links: Vec::new(),
            outcomes: RefCell::default(),
        };
        for (number, task) in graph.tasks.iter().enumerate() {
            let module = graph.modules.get(task.module as usize).map_or("", String::as_str);
            survey.names.push((module.to_owned(), task.label.clone()));
            if task.part.is_some() {
                survey.labels.push(None);
                continue;
            }
            let mut making = Making { survey, bundle, sources, task, module };
            let label = making.point(task.span, What::Label, format!("`{}`", task.label), [Some(0), None]);
            making.survey.labels.push(Some(label));
            making.links(number as u32, graph);
            if let Some(row) = bundle.tasks().get(number) {
                making.body(row.block.get(), &task.body);
            }
            survey = making.survey;
        }
        survey
    }

    fn hit(&self, point: usize, way: usize) {
        if let Some(Some(hits)) = self.ways.borrow_mut().get_mut(point).and_then(|ways| ways.get_mut(way)) {
            *hits = hits.saturating_add(1);
        }
    }

    /// Takes note of how tasks ended.
    pub fn ended(&self, ran: &Ran) {
        let mut outcomes = self.outcomes.borrow_mut();
        for (task, end) in ran.all() {
            if let Some(name) = self.names.get(task as usize) {
                *outcomes.entry(name.clone()).or_default().entry(end.outcome.name()).or_default() += 1;
            }
            let ran = end.attempts > 0 || matches!(end.reason, Reason::Ran | Reason::WatchFired | Reason::ListenFired);
            if let Some(Some(point)) = self.labels.get(task as usize).filter(|_| ran) {
                self.hit(*point, 0);
            }
        }
        let outcome = |task: u32| ran.ends.get(task as usize).and_then(|end| end.as_ref()).map(|end| end.outcome);
        for Link(task, target, kind, point) in &self.links {
            let (Some(own), Some(target)) = (outcome(*task), outcome(*target)) else { continue };
            if own == Outcome::NotReached {
                continue;
            }
            match passes(*kind, target) {
                Effect::Pass | Effect::React => self.hit(*point, 0),
                Effect::Block | Effect::Skip => self.hit(*point, 1),
            }
        }
    }

    /// What was seen.
    pub fn coverage(self) -> Coverage {
        let mut coverage = Coverage { outcomes: self.outcomes.into_inner(), ..Coverage::default() };
        let points = self.spots.into_iter().zip(self.ways.into_inner()).collect();
        coverage.add(Coverage { points, ..Coverage::default() });
        coverage
    }
}

impl Trace for Survey {
    fn looped(&self, block: u32, items: u64) {
        if let Some(point) = self.loops.get(&block) {
            self.hit(*point, usize::from(items == 0));
        }
    }

    fn judged(&self, block: u32, row: u32, holds: bool) {
        if let Some(point) = self.conditions.get(&(block, row)) {
            self.hit(*point, usize::from(!holds));
        }
    }

    fn jumped(&self, chunk: u32, pc: u32, taken: bool) {
        if let Some((point, reversed)) = self.jumps.get(&(chunk, pc)) {
            self.hit(*point, usize::from(taken == *reversed));
        }
    }
}

impl Making<'_> {
    fn point(&mut self, span: Span, what: What, text: String, ways: Ways) -> usize {
        let file = self.sources.file(self.task.file);
        let at = file.position(span.start);
        self.add(file.name.clone(), at.line, at.column, what, text, ways)
    }

    fn add(&mut self, file: String, line: u32, column: u32, what: What, text: String, ways: Ways) -> usize {
        let mut spot = Spot { module: self.module.to_owned(), file, line, column, what, text };
        // Several points of one place, such as the arms of a pattern with choices, are counted.
        let plain = spot.text.clone();
        let mut number = 1;
        while self.survey.spots.iter().rev().take_while(|other| other.line == line).any(|other| *other == spot) {
            number += 1;
            spot.text = format!("{plain} ({number})");
        }
        self.survey.spots.push(spot);
        self.survey.ways.borrow_mut().push(ways);
        self.survey.spots.len() - 1
    }

    fn links(&mut self, number: u32, graph: &Graph) {
        for edge in &self.task.edges {
            let Some(target) = graph.tasks.get(edge.target as usize) else { continue };
            // What a part of a task decides is told of the part, which has no end of its own in a report.
            if target.part.is_some() || matches!(edge.kind, EdgeKind::Own | EdgeKind::Prepared | EdgeKind::PostReq) {
                continue;
            }
            let outcomes = || Outcome::TABLE.iter().map(|row| row.0).filter(|o| *o != Outcome::NotReached);
            let can = |pass: bool| {
                let there = outcomes()
                    .any(|outcome| matches!(passes(edge.kind, outcome), Effect::Pass | Effect::React) == pass);
                there.then_some(0)
            };
            let text = format!("`{}` {} `{}`", self.task.label, edge.written.name(), target.label);
            let file = self.sources.file(edge.file);
            let at = file.position(edge.span.start);
            let ways = [can(true), can(false)];
            let point = self.add(file.name.clone(), at.line, at.column, What::Edge, text, ways);
            self.survey.links.push(Link(number, edge.target, edge.kind, point));
        }
    }

    /// The points of a block and of its steps, which stand behind it.
    fn body(&mut self, block: u32, body: &Body) {
        let bundle = self.bundle;
        let Some(row) = bundle.blocks().get(block as usize) else { return };
        self.keywords(block, row, body);
        for argument in bundle.block_args(row) {
            if matches!(ArgKind::from_number(argument.kind.get()), Some(ArgKind::Chunk | ArgKind::Thunk)) {
                self.code(argument.value.get());
            }
        }
        for (i, child) in body.children.iter().enumerate() {
            self.body(block + 1 + i as u32, child);
        }
    }

    /// The attributes of a block stand in the order in which the keywords of its body are listed.
    fn keywords(&mut self, block: u32, row: &BlockRow, body: &Body) {
        let (mut onlyif, mut unless) = (body.control.onlyif.iter(), body.control.unless.iter());
        for (place, attr) in self.bundle.block_attrs(row).iter().enumerate() {
            let value = attr.value.get();
            let Some(attr) = Attr::from_number(attr.attr.get()) else { continue };
            let control = &body.control;
            let found = match attr {
                Attr::When => control.when.as_ref().and_then(open).map(|span| ("when", span)),
                Attr::OnlyIf | Attr::OnlyIfCommand => onlyif.next().and_then(|g| self.guard(g)).map(|s| ("onlyif", s)),
                Attr::Unless | Attr::UnlessCommand => unless.next().and_then(|g| self.guard(g)).map(|s| ("unless", s)),
                Attr::RetryUntil => {
                    let until = control.retry.as_ref().and_then(|retry| retry.until.as_ref());
                    until.and_then(open).map(|span| ("until", span))
                }
                Attr::FailedIf => control.failed_if.as_ref().and_then(open).map(|span| ("failed_if", span)),
                Attr::ChangedIf => control.changed_if.as_ref().and_then(open).map(|span| ("changed_if", span)),
                Attr::LoopIn => {
                    if let Some(list) = &control.loop_in {
                        let ways = if list.is_closed() { [Some(0), None] } else { [Some(0), Some(0)] };
                        let text = format!("loop of `{}`", self.task.label);
                        let point = self.point(list.span, What::Loop, text, ways);
                        self.survey.loops.insert(block, point);
                    }
                    None
                }
                _ => None,
            };
            let code = matches!(
                attr,
                Attr::When
                    | Attr::OnlyIf
                    | Attr::Unless
                    | Attr::RetryUntil
                    | Attr::FailedIf
                    | Attr::ChangedIf
                    | Attr::LoopIn
                    | Attr::RunAs
                    | Attr::Env
            );
            if let Some((keyword, span)) = found {
                let text = format!("`{keyword}` of `{}`", self.task.label);
                let point = self.point(span, What::Branch, text, [Some(0), Some(0)]);
                self.survey.conditions.insert((block, place as u32), point);
            }
            if code {
                self.code(value);
            }
        }
    }

    /// Where a guard stands, if what it says is not settled at build.
    fn guard(&self, guard: &Guard) -> Option<Span> {
        match guard {
            Guard::Expr(expr) => open(expr),
            Guard::Command(command) => {
                let place = command.args.first().map(|(_, argument)| match argument {
                    Argument::Value(expr) | Argument::Thunk(expr) => expr.span,
                    Argument::Asset(_, span) | Argument::Tasks(_, span) => *span,
                });
                place.or(Some(self.task.span))
            }
        }
    }

    /// The conditional jumps of a chunk.
    fn code(&mut self, chunk: u32) {
        let bundle = self.bundle;
        let Some(code) = bundle.chunk_code(chunk) else { return };
        let file = self.sources.file(self.task.file).name.clone();
        let mut at = 0;
        while at < code.len() {
            let pc = at as u32;
            let Ok(op) = Op::decode(code, &mut at) else { return };
            let (text, reversed, ways) = match op {
                Op::JumpUnless { .. } => ("condition", true, [Some(0), Some(0)]),
                // The last arm of a match without another has nowhere else to go.
                Op::JumpIf { .. } if leads_nowhere(code, at) => ("arm", false, [Some(0), None]),
                Op::JumpIf { .. } => ("condition or arm", false, [Some(0), Some(0)]),
                Op::JumpSome { .. } => ("value before `??`", false, [Some(0), Some(0)]),
                _ => continue,
            };
            let Some((_, line, column)) = bundle.code_place(chunk, pc) else { continue };
            let text = format!("{text} in `{}`", self.task.label);
            let point = self.add(file.clone(), line, column, What::Branch, text, ways);
            self.survey.jumps.insert((chunk, pc), (point, reversed));
        }
    }
}

/// Whether what follows a test that fails is the fault that nothing fits.
fn leads_nowhere(code: &[u8], mut at: usize) -> bool {
    match Op::decode(code, &mut at) {
        Ok(Op::Jump { to }) => {
            let mut target = to.0 as usize;
            matches!(Op::decode(code, &mut target), Ok(Op::NoMatch { .. }))
        }
        _ => false,
    }
}

/// The place of a condition that is not a constant.
fn open(expr: &Expr) -> Option<Span> {
    (!matches!(expr.kind, ExprKind::Constant(_))).then_some(expr.span)
}
