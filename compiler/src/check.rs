//! `check`: modules become a [`Graph`]: names resolved, expressions typed, cycles refused, the run order found.
//!
//! Unaware of: how the graph will run, and of bytecode. Order of work: labels, targets, cycles, order, then the
//! expressions of each task in run order. A task with a problem is poisoned: nothing more is said about it.

pub mod alone;
mod bindings;
mod composed;
mod conflicts;
mod constants;
pub(crate) mod cycles;
mod dead;
mod demand;
mod expr;
pub(crate) mod fold;
mod functions;
mod generic;
mod inline;
mod inventory;
mod keep;
mod links;
mod names;
mod narrow;
mod operators;
mod order;
mod plan;
mod rounds;
mod scope;
mod surface;
mod target;
mod task;
mod trial;
mod triggers;
pub mod types;
mod unused;
mod uses;

use crate::diag::Diagnostics;
use crate::expand::Program;
use crate::graph::Graph;
use crate::project::inventory::Inventory;
pub(crate) use constants::{Known, constant, holds};
pub(crate) use unused::unused;

/// Checks all modules of a build together. The graph is complete only if no error was reported.
pub fn check(program: &Program, diagnostics: &mut Diagnostics) -> Graph {
    check_with(program, None, diagnostics)
}

/// Checks all modules of a build together, with the nodes of its inventory.
pub fn check_with(program: &Program, inventory: Option<&Inventory>, diagnostics: &mut Diagnostics) -> Graph {
    let modules = &*uses::apply(&program.modules, &program.scopes, diagnostics);
    let mut index = names::Index::new(modules, &program.scopes, diagnostics);
    index.snapshot = inventory.map(inventory::Snapshot::new);
    let functions = functions::Functions::new(modules, &index, diagnostics);
    index.targeting = target::all(&index, &functions, diagnostics);
    let mut links = links::links(&index, diagnostics);
    let mut demand = demand::Demand::find(&index, diagnostics);
    demand.close(&index, &mut links, diagnostics);
    let plan = plan::plan(&index, &links, demand);
    let cyclic = cycles::report(&index, &plan, diagnostics);
    let order = order::run_order(&index, &plan);
    surface::check(&index, &functions, &plan, &order, diagnostics);
    // With a cycle there is no order to hold reads against; everything else is judged all the same.
    let mut graph = task::graph(&index, &functions, &links, &plan, &order, !cyclic, diagnostics);
    graph.functions = functions.into_graph();
    keep::check(&index, &plan, &order, &mut graph, diagnostics);
    triggers::report(&index, &links, diagnostics);
    if !cyclic {
        conflicts::report(&graph, diagnostics);
    }
    dead::report(&index, &plan, &order, &graph, diagnostics);
    uses::without_echoes(modules, diagnostics);
    keep::without_echoes(modules, diagnostics);
    if let Some(beside) = &program.trial {
        trial::check(beside, inventory, diagnostics);
    }
    graph
}
