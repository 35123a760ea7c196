//! When what ran beside what, and what made the run as long as it was.
//!
//! Unaware of: how a run was driven; everything is read from the times and targets in a report. Start reading at
//! [`Timeline::new`].

use super::Report;
use ipcmm_bytecode::bundle::ExecMode;
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

/// Two moments that lie closer than this, in seconds, follow one another: a run takes a while from one task to the next.
const NEAR: f64 = 0.000_5;

/// A run over time.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Timeline {
    /// What ran one after the other, in the order of the first task of each.
    pub lanes: Vec<Lane>,
    /// Tasks, each of which the next waited for, up to the one that ended last: a shorter run needs one of them shorter.
    pub critical: Vec<u32>,
}

/// Tasks that ran one after the other.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Lane {
    /// What it is, for people.
    pub name: String,
    /// Tasks by their place in the report, in the order of their times.
    pub tasks: Vec<u32>,
}

/// The times of a task in seconds since the run began.
#[derive(Clone, Copy, Debug)]
struct Span {
    task: u32,
    from: f64,
    to: f64,
}

impl Timeline {
    /// The timeline of a report. Tasks whose body was not called take no time and have no place in it.
    pub fn new(report: &Report) -> Timeline {
        let mut spans: Vec<Span> = (0..)
            .zip(&report.tasks)
            .filter(|(_, task)| task.attempts > 0)
            .map(|(place, task)| {
                let from = task.started.duration_since(report.began).as_secs_f64().max(0.0);
                Span { task: place, from, to: from + task.duration }
            })
            .collect();
        spans.sort_by(|a, b| a.from.total_cmp(&b.from).then(a.task.cmp(&b.task)));
        let lanes = lanes(report, &spans);
        let critical = critical(report, &spans, &lanes);
        Timeline { lanes, critical }
    }
}

/// Puts each task where it ran. Queues have a lane for each that may run at once; the background has as many as were
/// needed at the same time.
fn lanes(report: &Report, spans: &[Span]) -> Vec<Lane> {
    // Of each kind, its lanes as (end of its last task, place among all lanes).
    let mut kinds: BTreeMap<String, BinaryHeap<Free>> = BTreeMap::new();
    let mut lanes: Vec<(String, Lane)> = Vec::new();
    for span in spans {
        let kind = kind(report, span.task);
        let free = kinds.entry(kind.clone()).or_default();
        let place = match free.peek() {
            Some((Reverse(end), Reverse(place))) if end.0 <= span.from + NEAR => {
                let place = *place;
                free.pop();
                place
            }
            _ => {
                lanes.push((kind, Lane { name: String::new(), tasks: Vec::new() }));
                lanes.len() - 1
            }
        };
        lanes[place].1.tasks.push(span.task);
        free.push((Reverse(OrderedEnd(span.to)), Reverse(place)));
    }
    let mut totals: BTreeMap<String, usize> = BTreeMap::new();
    lanes.iter().for_each(|(kind, _)| *totals.entry(kind.clone()).or_default() += 1);
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    lanes
        .into_iter()
        .map(|(kind, mut lane)| {
            let number = counts.entry(kind.clone()).or_default();
            *number += 1;
            lane.name = if totals[&kind] == 1 { kind } else { format!("{kind} {number}") };
            lane
        })
        .collect()
}

/// A lane that is free from this end on, and its place; the earliest first.
type Free = (Reverse<OrderedEnd>, Reverse<usize>);

/// An end that is never no number.
#[derive(Clone, Copy, Debug, PartialEq)]
struct OrderedEnd(f64);

impl Eq for OrderedEnd {}

impl PartialOrd for OrderedEnd {
    fn partial_cmp(&self, other: &OrderedEnd) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for OrderedEnd {
    fn cmp(&self, other: &OrderedEnd) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

/// Where tasks such as this one run.
fn kind(report: &Report, task: u32) -> String {
    let task = &report.tasks[task as usize];
    if let Some(subrun) = &task.subrun {
        return format!("run by {}", subrun.by);
    }
    let mode = ExecMode::from_name(task.mode).unwrap_or(ExecMode::Sync);
    match (report.scheduler, mode) {
        ("sequential", _) => "main sequence".to_owned(),
        ("parallel", ExecMode::Sync) | (_, ExecMode::Parallel) => "background".to_owned(),
        (_, ExecMode::Sync | ExecMode::Seq) => "main sequence".to_owned(),
        (_, ExecMode::Concurrent) => "concurrent".to_owned(),
        (_, ExecMode::Queue) => format!("queue {}", task.lane.as_deref().unwrap_or("")).trim_end().to_owned(),
        (_, ExecMode::Async) => "async".to_owned(),
    }
}

/// Goes back from the task that ended last: to the target that ended last before it began, or to the task before it in
/// its lane if that one held it up longer.
fn critical(report: &Report, spans: &[Span], lanes: &[Lane]) -> Vec<u32> {
    let mut times: Vec<Option<Span>> = vec![None; report.tasks.len()];
    spans.iter().for_each(|span| times[span.task as usize] = Some(*span));
    let mut before: Vec<Option<u32>> = vec![None; report.tasks.len()];
    for lane in lanes {
        lane.tasks.windows(2).for_each(|pair| before[pair[1] as usize] = Some(pair[0]));
    }
    let last = spans.iter().max_by(|a, b| a.to.total_cmp(&b.to).then(b.task.cmp(&a.task)));
    let mut path = Vec::new();
    let mut next = last.copied();
    let mut seen = vec![false; report.tasks.len()];
    while let Some(span) = next {
        // Times of equal tasks must not lead in a circle.
        if std::mem::replace(&mut seen[span.task as usize], true) {
            break;
        }
        path.push(span.task);
        let targets = reach(report, span.task, &times);
        let candidates = targets.into_iter().chain(before[span.task as usize]).filter_map(|task| times[task as usize]);
        next = candidates.filter(|other| other.to <= span.from + NEAR).max_by(|a, b| a.to.total_cmp(&b.to));
    }
    path.reverse();
    path
}

/// Targets of a task that ran, looking through those that took no time.
fn reach(report: &Report, task: u32, times: &[Option<Span>]) -> Vec<u32> {
    let mut found = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    let mut todo: Vec<u32> = report.tasks[task as usize].targets.iter().map(|target| target.task).collect();
    while let Some(target) = todo.pop() {
        if !seen.insert(target) {
            continue;
        }
        match times[target as usize] {
            Some(_) => found.push(target),
            None => todo.extend(report.tasks[target as usize].targets.iter().map(|target| target.task)),
        }
    }
    found
}
