//! The run order (`spec/semantics.md`, order algorithm): among tasks whose targets are placed, the one with the
//! smallest rank comes next; a task without a rank of its own moves up to its earliest direct dependent.

use super::names::Index;
use super::plan::Plan;
use crate::ir::Order;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Class, number within the class, place of declaration.
type Rank = (u8, i64, u32);

fn rank(order: Option<Order>, declared: u32) -> Rank {
    match order {
        Some(Order::First) => (0, 0, declared),
        Some(Order::At(n)) if n >= 0 => (1, n, declared),
        None => (2, 0, declared),
        Some(Order::At(n)) => (3, n, declared),
        Some(Order::Last) => (4, 0, declared),
    }
}

/// Nodes in the order they run. Those that wait for each other, which was reported, come last.
///
/// Tasks on demand come as soon as they may, so that they hold nobody up: whoever runs them stands where it would.
pub(super) fn run_order(index: &Index<'_>, plan: &Plan) -> Vec<u32> {
    let demand = &plan.demand;
    let n = plan.nodes.len();
    let given = |node: usize| index.tasks[plan.nodes[node].task as usize].task.order.map(|(order, _)| order);
    let own: Vec<Rank> = (0..n).map(|node| rank(given(node), plan.nodes[node].task)).collect();
    let mut effective = own.clone();
    let mut waiting = vec![0u32; n];
    let mut dependents: Vec<Vec<u32>> = vec![Vec::new(); n];
    for (task, targets) in plan.edges.iter().enumerate() {
        // Two keywords may name one target: it is waited for once.
        let mut seen: Vec<u32> = targets.iter().map(|e| e.target).collect();
        seen.sort_unstable();
        seen.dedup();
        waiting[task] = seen.len() as u32;
        for target in seen {
            dependents[target as usize].push(task as u32);
            if given(target as usize).is_none()
                && demand.on(plan.nodes[task].task) == demand.on(plan.nodes[target as usize].task)
            {
                effective[target as usize] = effective[target as usize].min(own[task]);
            }
        }
    }
    // A dry run stands where its task would.
    for (task, dry) in plan.dry.iter().enumerate() {
        if let Some(dry) = dry {
            effective[*dry as usize] = effective[plan.entry[task] as usize];
        }
    }
    let place = |t: usize| Reverse((!demand.on(plan.nodes[t].task), effective[t], own[t], t as u32));
    let mut heap: BinaryHeap<Reverse<(bool, Rank, Rank, u32)>> =
        (0..n).filter(|&t| waiting[t] == 0).map(place).collect();
    let mut order = Vec::with_capacity(n);
    while let Some(Reverse((.., task))) = heap.pop() {
        order.push(task);
        for &dependent in &dependents[task as usize] {
            let d = dependent as usize;
            waiting[d] -= 1;
            if waiting[d] == 0 {
                heap.push(place(d));
            }
        }
    }
    order.extend((0..n).filter(|&t| waiting[t] > 0).map(|t| t as u32));
    order
}
