//! `check`: modules become a [`Graph`]: names resolved, expressions typed, cycles refused, the run order found.
//!
//! Unaware of: how the graph will run, and of bytecode. Order of work: labels, targets, cycles, order, then the
//! expressions of each task in run order. A task with a problem is poisoned: nothing more is said about it.

mod cycles;
mod expr;
mod fold;
mod inventory;
mod names;
mod narrow;
mod operators;
mod order;
mod scope;
mod target;
mod task;
pub mod types;

use crate::diag::Diagnostics;
use crate::graph::Graph;
use crate::ir::Module;
use crate::project::inventory::Inventory;

/// Checks all modules of a build together. The graph is complete only if no error was reported.
pub fn check(modules: &[Module], diagnostics: &mut Diagnostics) -> Graph {
    check_with(modules, None, diagnostics)
}

/// Checks all modules of a build together, with the nodes of its inventory.
pub fn check_with(modules: &[Module], inventory: Option<&Inventory>, diagnostics: &mut Diagnostics) -> Graph {
    let mut index = names::Index::new(modules, diagnostics);
    index.snapshot = inventory.map(inventory::Snapshot::new);
    index.targeting = target::all(&index, diagnostics);
    let edges = names::resolve_targets(&index, diagnostics);
    let cyclic = cycles::report(&index, &edges, diagnostics);
    let order = order::run_order(&index, &edges);
    // With a cycle there is no order to hold reads against; everything else is judged all the same.
    task::graph(&index, &edges, &order, !cyclic, diagnostics)
}
