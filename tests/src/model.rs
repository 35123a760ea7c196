//! What should become of a graph, computed as naively as the rules are written, without compiler and machine.
//!
//! `spec/semantics.md` in two hundred lines of code: if model and product disagree, one of them misread it. Dry runs and
//! first phases are places of their own in the order; the task itself is a third.

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

/// A place in the run order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The dry run of a task, by which others are decided.
    Dry(usize),
    /// The first phase of a task.
    Before(usize),
    /// The task, or its second phase.
    Task(usize),
}

impl Place {
    fn task(self) -> usize {
        match self {
            Place::Dry(i) | Place::Before(i) | Place::Task(i) => i,
        }
    }
}

fn has(nodes: &[Node], i: usize, keyword: Keyword) -> bool {
    nodes[i].edges.iter().any(|(k, _)| *k == keyword)
}

/// Targets of a keyword of a task.
fn targets(node: &Node, keyword: Keyword) -> impl Iterator<Item = usize> + '_ {
    node.edges.iter().filter(move |(k, _)| *k == keyword).map(|(_, t)| *t)
}

/// Tasks that name a target by a keyword.
fn named_by(nodes: &[Node], target: usize, keyword: Keyword) -> impl Iterator<Item = usize> + '_ {
    (0..nodes.len()).filter(move |d| nodes[*d].edges.contains(&(keyword, target)))
}

/// Where a task begins.
fn entry(nodes: &[Node], i: usize) -> Place {
    if has(nodes, i, Keyword::RunAround) { Place::Before(i) } else { Place::Task(i) }
}

/// All places: tasks by declaration, then their parts.
fn places(nodes: &[Node]) -> Vec<Place> {
    let all = 0..nodes.len();
    let asked = |i: &usize| [Keyword::Prereq, Keyword::PostReq].iter().any(|k| named_by(nodes, *i, *k).count() > 0);
    let tasks = all.clone().map(Place::Task);
    let phases = all.clone().filter(|i| has(nodes, *i, Keyword::RunAround)).map(Place::Before);
    tasks.chain(phases).chain(all.filter(asked).map(Place::Dry)).collect()
}

/// What a place waits for.
fn waits(nodes: &[Node], places: &[Place], place: Place) -> Vec<Place> {
    let i = place.task();
    let mut all = Vec::new();
    for (keyword, target) in &nodes[i].edges {
        match keyword {
            Keyword::Listen => {}
            Keyword::RunAround if place == Place::Task(i) => all.push(Place::Task(*target)),
            Keyword::RunAround => {}
            Keyword::Prereq => all.push(Place::Dry(*target)),
            _ => all.push(Place::Task(*target)),
        }
    }
    let around = named_by(nodes, i, Keyword::RunAround).map(Place::Before);
    match place {
        Place::Dry(_) => all.extend(around),
        first if first == entry(nodes, i) => {
            all.extend(around);
            all.extend(named_by(nodes, i, Keyword::Prereq).map(Place::Task));
            all.extend(places.contains(&Place::Dry(i)).then_some(Place::Dry(i)));
        }
        _ => all.push(Place::Before(i)),
    }
    all
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

/// The run order: again and again, of the places whose targets are placed the one with the smallest effective rank,
/// then own rank. A task without a rank of its own has the smallest among its own and its direct dependents'; its dry
/// run has that of where it begins. None if they wait for each other.
pub fn order(nodes: &[Node]) -> Option<Vec<Place>> {
    let all = places(nodes);
    let waiting: Vec<Vec<Place>> = all.iter().map(|place| waits(nodes, &all, *place)).collect();
    let own = |place: Place| rank(nodes, place.task());
    let effective = |place: Place| {
        let place = if let Place::Dry(i) = place { entry(nodes, i) } else { place };
        if nodes[place.task()].rank.is_some() {
            return own(place);
        }
        let dependents = all.iter().zip(&waiting).filter(|(_, waits)| waits.contains(&place));
        dependents.map(|(dependent, _)| own(*dependent)).fold(own(place), std::cmp::min)
    };
    let mut placed: Vec<Place> = Vec::new();
    while placed.len() < all.len() {
        let free = |at: &usize| !placed.contains(&all[*at]) && waiting[*at].iter().all(|t| placed.contains(t));
        let next = (0..all.len()).filter(free).min_by_key(|at| (effective(all[*at]), own(all[*at]), *at))?;
        placed.push(all[next]);
    }
    Some(placed)
}

/// How places ended so far.
#[derive(Default)]
struct Ends {
    tasks: Vec<Option<Predicted>>,
    dry: Vec<Option<Predicted>>,
    before: Vec<Option<Predicted>>,
}

/// What becomes of every task, by declaration, when they run one after the other.
pub fn outcomes(nodes: &[Node]) -> Vec<Predicted> {
    let n = nodes.len();
    let mut ends = Ends { tasks: vec![None; n], dry: vec![None; n], before: vec![None; n] };
    // The place of each change in time, and when each task reacted.
    let (mut changed, mut reacted) = (vec![None; n], vec![None; n]);
    let mut stopped = false;
    for (moment, place) in order(nodes).expect("a graph without circles").into_iter().enumerate() {
        let i = place.task();
        let end = match stopped && !survives(nodes, &ends, place) {
            true => without_body(Outcome::NotReached, Reason::RunStopped),
            false => run(nodes, &ends, place),
        };
        stopped |= nodes[i].stops && end.outcome.is_bad();
        match place {
            Place::Dry(_) => ends.dry[i] = Some(end),
            Place::Before(_) => ends.before[i] = Some(end),
            Place::Task(_) => {
                let end = match (ends.before[i], end.outcome) {
                    (_, Outcome::NotReached) | (None, _) => end,
                    (Some(first), _) if first.outcome.is_bad() => end,
                    (Some(first), _) => worse(first, end),
                };
                changed[i] = (end.outcome == Outcome::Changed).then_some(moment);
                reacted[i] = (end.reason == Reason::WatchFired).then_some(moment);
                ends.tasks[i] = Some(end);
            }
        }
    }
    let ended: Vec<Predicted> = ends.tasks.iter().map(|end| end.expect("every task was placed")).collect();
    (0..n).map(|i| delivered(&nodes[i], ended[i], &changed, reacted[i])).collect()
}

/// The end of a listener after the last task.
fn delivered(node: &Node, end: Predicted, changed: &[Option<usize>], reacted: Option<usize>) -> Predicted {
    let last = targets(node, Keyword::Listen).filter_map(|t| changed[t]).max();
    let Some(last) = last else { return end };
    let bad = end.outcome.is_bad() || end.outcome == Outcome::NotReached;
    let admitted = |condition: Option<u32>| condition.is_none_or(|n| n == 0);
    if bad || reacted.is_some_and(|at| at > last) {
        return end;
    }
    let items: Vec<u32> = node.items.map_or(vec![0], |n| (1..=n).collect());
    let holds = |condition: Option<u32>, item: u32| match node.items {
        None => admitted(condition),
        Some(_) => condition.is_none_or(|n| item > n),
    };
    if !items.iter().any(|item| holds(node.when, *item) && holds(node.onlyif, *item)) {
        return end;
    }
    let good = attempts(node, node.reaction).1;
    let moved = node.reaction == Wanted::Changed;
    let outcome = match (good, moved, end.outcome) {
        (false, ..) => Outcome::Failed,
        (true, true, _) => Outcome::Changed,
        (true, false, Outcome::Skipped) => Outcome::Ok,
        (true, false, other) => other,
    };
    let told = end.reason == Reason::WatchFired && good;
    let reason = if told { Reason::WatchFired } else { Reason::ListenFired };
    Predicted { outcome, reason, changed: end.changed || moved, ..end }
}

fn without_body(outcome: Outcome, reason: Reason) -> Predicted {
    Predicted { outcome, reason, attempts: 0, changed: false }
}

/// Of two phases the worse, with what both did.
fn worse(first: Predicted, second: Predicted) -> Predicted {
    let weight = |end: &Predicted| match end.outcome {
        Outcome::Failed => 5,
        Outcome::Blocked => 4,
        Outcome::Changed | Outcome::WouldChange => 3,
        Outcome::Ok => 2,
        Outcome::Skipped => 1,
        Outcome::NotReached => 0,
    };
    let worst = if weight(&first) > weight(&second) { first } else { second };
    Predicted {
        attempts: first.attempts + second.attempts,
        changed: first.changed || second.changed,
        outcome: worst.outcome,
        reason: worst.reason,
    }
}

fn begun(end: Option<Predicted>) -> bool {
    end.is_some_and(|end| end.attempts > 0 || end.outcome == Outcome::Ok)
}

/// Whether work at a target is to be closed.
fn is_due(nodes: &[Node], ends: &Ends, target: usize) -> bool {
    let predicted = ends.dry[target].is_some_and(|end| end.outcome == Outcome::WouldChange);
    let two = has(nodes, target, Keyword::RunAround);
    // A task of two phases is prepared before the first; what prepares the second is the first itself.
    let mut preparing = named_by(nodes, target, Keyword::Prereq).map(|m| ends.tasks[m]);
    let mut around = named_by(nodes, target, Keyword::RunAround).map(|m| ends.before[m]);
    predicted && (begun(ends.tasks[target]) || !two && (preparing.any(begun) || around.any(begun)))
}

/// Whether a place is gone to although the run was stopped.
fn survives(nodes: &[Node], ends: &Ends, place: Place) -> bool {
    let i = place.task();
    let reached = |end: Option<Predicted>| end.is_some_and(|end| end.outcome != Outcome::NotReached);
    let failed = |t: usize| ends.tasks[t].is_some_and(|end| end.outcome == Outcome::Failed);
    let bad = |end: Option<Predicted>| end.is_some_and(|end| end.outcome.is_bad());
    let second = place == Place::Task(i) && has(nodes, i, Keyword::RunAround);
    let handles = targets(&nodes[i], Keyword::OnFail).any(failed);
    let closes = targets(&nodes[i], Keyword::PostReq).any(|t| is_due(nodes, ends, t));
    let wanted = handles || closes || second && begun(ends.before[i]);
    // What a part came to is the end of the task.
    if second && bad(ends.before[i]) || place == entry(nodes, i) && bad(ends.dry[i]) {
        return true;
    }
    let needs = nodes[i].edges.iter().all(|(keyword, t)| match keyword {
        Keyword::Listen | Keyword::RunAround => true,
        Keyword::OnFail if handles => true,
        Keyword::PostReq if closes => true,
        Keyword::Prereq => reached(ends.dry[*t]),
        _ => reached(ends.tasks[*t]),
    });
    let mut around = named_by(nodes, i, Keyword::RunAround).map(|m| ends.before[m]);
    let mut before = named_by(nodes, i, Keyword::Prereq).map(|m| ends.tasks[m]);
    let prepared = match place {
        _ if second => reached(ends.before[i]),
        Place::Dry(_) => around.all(reached),
        _ => {
            let dry = places(nodes).contains(&Place::Dry(i));
            around.all(reached) && before.all(reached) && (!dry || reached(ends.dry[i]))
        }
    };
    wanted && needs && prepared
}

/// What a place comes to that is gone to.
fn run(nodes: &[Node], ends: &Ends, place: Place) -> Predicted {
    let (i, node) = (place.task(), &nodes[place.task()]);
    let second = place == Place::Task(i) && has(nodes, i, Keyword::RunAround);
    // A part that went wrong decides for the whole.
    let part = if second { ends.before[i] } else { ends.dry[i] };
    if let Some(part) = part.filter(|part| part.outcome.is_bad() && !matches!(place, Place::Dry(_))) {
        return part;
    }
    let around = named_by(nodes, i, Keyword::RunAround).filter(|_| !second).map(|m| ends.before[m]);
    let before = named_by(nodes, i, Keyword::Prereq).filter(|_| place == entry(nodes, i)).map(|m| ends.tasks[m]);
    let hindered = around.chain(before).any(|end| end.expect("it ran before").outcome.is_bad());
    let needs = needs(nodes, ends, node, hindered);
    let watched = |t: usize| ends.tasks[t].expect("targets run first").outcome == Outcome::Changed;
    let fired = targets(node, Keyword::Watch).any(watched) && !matches!(place, Place::Before(_));
    let end = task(node, needs, fired);
    match (place, end.outcome) {
        // Nobody asks a dry run for more than its outcome.
        (Place::Dry(_), _) => dry(node, end, fired),
        _ => end,
    }
}

/// What the keywords of a task say.
fn needs(nodes: &[Node], ends: &Ends, node: &Node, hindered: bool) -> Option<(Outcome, Reason)> {
    let outcome = |t: usize| ends.tasks[t].expect("targets run first").outcome;
    let dry = |t: usize| ends.dry[t].expect("targets run first").outcome;
    let achieved = |t: usize| matches!(outcome(t), Outcome::Ok | Outcome::Changed);
    let bad = |t: usize| outcome(t).is_bad();
    let of = |keyword: Keyword| targets(node, keyword);
    let given = |keyword: Keyword| of(keyword).next().is_some();
    let none_of_any = given(Keyword::RequiresAny) && !of(Keyword::RequiresAny).any(achieved);
    let blocked = hindered
        || [Keyword::DependsOn, Keyword::Requires, Keyword::Watch].iter().any(|k| of(*k).any(bad))
        || none_of_any && of(Keyword::RequiresAny).any(bad)
        || of(Keyword::Prereq).any(|t| dry(t).is_bad());
    if blocked {
        return Some((Outcome::Blocked, Reason::RequisiteFailed));
    }
    if of(Keyword::DependsOn).any(|t| outcome(t) == Outcome::Skipped) || none_of_any {
        return Some((Outcome::Skipped, Reason::RequisiteSkipped));
    }
    let unmet = of(Keyword::RequiresNone).any(achieved)
        || given(Keyword::OnFail) && !of(Keyword::OnFail).any(|t| outcome(t) == Outcome::Failed)
        || !of(Keyword::OnSuccess).all(achieved)
        || given(Keyword::OnChange) && !of(Keyword::OnChange).any(|t| outcome(t) == Outcome::Changed)
        || given(Keyword::Prereq) && !of(Keyword::Prereq).any(|t| dry(t) == Outcome::WouldChange)
        || given(Keyword::PostReq) && !of(Keyword::PostReq).any(|t| is_due(nodes, ends, t));
    unmet.then_some((Outcome::Skipped, Reason::TriggerUnmet))
}

/// A dry run says what a run would come to, with one attempt, and takes a reaction for a change.
fn dry(node: &Node, real: Predicted, fired: bool) -> Predicted {
    if real.attempts == 0 {
        return real;
    }
    let outcome = match node.body {
        Wanted::Failed => Outcome::Failed,
        Wanted::Changed => Outcome::WouldChange,
        Wanted::Ok if fired => Outcome::WouldChange,
        Wanted::Ok => Outcome::Ok,
    };
    let reason = if fired && outcome != Outcome::Failed { Reason::WatchFired } else { Reason::Ran };
    // A failed body's attempts are those of its one execution for each item.
    let items = node.items.unwrap_or(1);
    let admitted = |item: u32| {
        let holds = |c: Option<u32>| c.is_none_or(|n| if node.items.is_some() { item > n } else { n == 0 });
        holds(node.when) && holds(node.onlyif)
    };
    let attempts = (1..=items).filter(|item| admitted(*item)).count() as u32;
    Predicted { outcome, reason, attempts, changed: outcome == Outcome::WouldChange }
}

/// A body with its conditions, items and reaction, once the needs have been judged.
fn task(node: &Node, needs: Option<(Outcome, Reason)>, fired: bool) -> Predicted {
    // Items are numbered from 1; without a loop there is one, and conditions compare 0.
    let items: Vec<u32> = node.items.map_or(vec![0], |n| (1..=n).collect());
    // Rounds have no items: the conditions of each compare 0.
    let items = node.rounds.map_or(items, |n| vec![0; n as usize]);
    let holds = |condition: Option<u32>, item: u32| match (condition, node.items) {
        (None, _) => true,
        (Some(n), Some(_)) => item > n,
        (Some(n), None) => n == 0,
    };
    let admitted: Vec<u32> = items.iter().copied().filter(|item| holds(node.when, *item)).collect();
    if !items.is_empty() && admitted.is_empty() {
        return without_body(Outcome::Skipped, Reason::WhenFalse);
    }
    if let Some((outcome, reason)) = needs {
        return without_body(outcome, reason);
    }
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
        if failed && (node.stops || node.rounds.is_some()) {
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
