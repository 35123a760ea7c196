//! What should become of a graph, computed as naively as the rules are written, without compiler and machine.
//!
//! `spec/semantics.md` in eighty lines of code: if model and product disagree, one of them misread it.

use crate::graphs::{Keyword, Node, Rank, Wanted};
use ipcmm_vm::{Outcome, Reason};

/// What the model says of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Predicted {
    /// Its outcome.
    pub outcome: Outcome,
    /// Why.
    pub reason: Reason,
    /// Executions of the body over all items.
    pub attempts: u32,
    /// Whether anything changed.
    pub changed: bool,
}

/// Class, number, place of declaration.
fn rank(nodes: &[Node], i: usize) -> (u8, i64, usize) {
    match nodes[i].rank {
        Some(Rank::First) => (0, 0, i),
        Some(Rank::At(n)) if n >= 0 => (1, n, i),
        None => (2, 0, i),
        Some(Rank::At(n)) => (3, n, i),
        Some(Rank::Last) => (4, 0, i),
    }
}

/// The run order: again and again, of the tasks whose targets are placed the one with the smallest effective rank,
/// then own rank. A task without a rank of its own has the smallest among its own and its direct dependents'.
pub fn order(nodes: &[Node]) -> Vec<usize> {
    let effective = |i: usize| {
        let dependents = (0..nodes.len()).filter(|d| nodes[*d].edges.iter().any(|(_, t)| *t == i));
        match nodes[i].rank {
            Some(_) => rank(nodes, i),
            None => dependents.map(|d| rank(nodes, d)).fold(rank(nodes, i), std::cmp::min),
        }
    };
    let mut placed: Vec<usize> = Vec::new();
    while placed.len() < nodes.len() {
        let free = |i: &usize| !placed.contains(i) && nodes[*i].edges.iter().all(|(_, t)| placed.contains(t));
        let next = (0..nodes.len()).filter(free).min_by_key(|i| (effective(*i), rank(nodes, *i)));
        placed.push(next.expect("a graph without cycles"));
    }
    placed
}

/// What becomes of every task, by declaration, when they run one after the other.
pub fn outcomes(nodes: &[Node]) -> Vec<Predicted> {
    let mut ends: Vec<Option<Predicted>> = vec![None; nodes.len()];
    let mut stopped = false;
    for i in order(nodes) {
        let end = match stopped {
            true => without_body(Outcome::NotReached, Reason::RunStopped),
            false => task(&nodes[i], &ends),
        };
        stopped |= nodes[i].stops && end.outcome.is_bad();
        ends[i] = Some(end);
    }
    ends.into_iter().map(|end| end.expect("every task was placed")).collect()
}

fn without_body(outcome: Outcome, reason: Reason) -> Predicted {
    Predicted { outcome, reason, attempts: 0, changed: false }
}

fn task(node: &Node, ends: &[Option<Predicted>]) -> Predicted {
    // Items are numbered from 1; without a loop there is one, and conditions compare 0.
    let items: Vec<u32> = node.items.map_or(vec![0], |n| (1..=n).collect());
    let holds = |condition: Option<u32>, item: u32| match (condition, node.items) {
        (None, _) => true,
        (Some(n), Some(_)) => item > n,
        (Some(n), None) => n == 0,
    };
    let admitted: Vec<u32> = items.iter().copied().filter(|item| holds(node.when, *item)).collect();
    if !items.is_empty() && admitted.is_empty() {
        return without_body(Outcome::Skipped, Reason::WhenFalse);
    }
    let target = |t: usize| ends[t].expect("targets run first").outcome;
    if node.edges.iter().any(|(_, t)| target(*t).is_bad()) {
        return without_body(Outcome::Blocked, Reason::RequisiteFailed);
    }
    if node.edges.iter().any(|(k, t)| *k == Keyword::DependsOn && target(*t) == Outcome::Skipped) {
        return without_body(Outcome::Skipped, Reason::RequisiteSkipped);
    }
    let fired = node.edges.iter().any(|(k, t)| *k == Keyword::Watch && target(*t) == Outcome::Changed);
    let mut end = without_body(Outcome::Skipped, Reason::LoopEmpty);
    let (mut ran, mut failed, mut reacted) = (false, false, false);
    for item in &items {
        if !admitted.contains(item) {
            end.reason = Reason::WhenFalse;
            continue;
        }
        if !holds(node.onlyif, *item) {
            end.reason = Reason::OnlyIfFalse;
            continue;
        }
        ran = true;
        let (attempts, mut good) = attempts(node, node.body);
        end.attempts += attempts;
        end.changed |= node.body == Wanted::Changed;
        if good && fired {
            reacted = true;
            good = self::attempts(node, node.reaction).1;
            end.changed |= node.reaction == Wanted::Changed;
        }
        failed |= !good;
        if failed && node.stops {
            break;
        }
    }
    if ran {
        end.outcome = match (failed, end.changed) {
            (true, _) => Outcome::Failed,
            (false, true) => Outcome::Changed,
            (false, false) => Outcome::Ok,
        };
        end.reason = if reacted && !failed { Reason::WatchFired } else { Reason::Ran };
    }
    end
}

/// Executions of a body that always comes to the same, and whether that is good in the end.
fn attempts(node: &Node, wanted: Wanted) -> (u32, bool) {
    let good = wanted != Wanted::Failed;
    let Some(retry) = node.retry else { return (1, good) };
    for attempt in 1.. {
        let holds = retry.until.map_or(good, |n| attempt >= n);
        if holds || attempt == retry.attempts {
            return (attempt, good && holds);
        }
    }
    unreachable!("attempts are counted")
}
