//! `check`: modules become a [`Graph`]: names resolved, expressions typed, cycles refused, the run order found.
//!
//! Unaware of: how the graph will run, and of bytecode. Order of work: labels, targets, cycles, order, then the
//! expressions of each task in run order. A task with a problem is poisoned: nothing more is said about it.

mod bindings;
mod composed;
mod constants;
mod cycles;
mod expr;
mod fold;
mod inline;
mod names;
mod narrow;
mod operators;
mod order;
mod scope;
mod surface;
mod task;
pub mod types;

use crate::diag::Diagnostics;
use crate::expand::Program;
use crate::graph::Graph;
pub(crate) use constants::{constant, holds};

/// Checks all modules of a build together. The graph is complete only if no error was reported.
pub fn check(program: &Program, diagnostics: &mut Diagnostics) -> Graph {
    let index = names::Index::new(&program.modules, &program.scopes, diagnostics);
    let edges = names::resolve_targets(&index, diagnostics);
    let cyclic = cycles::report(&index, &edges, diagnostics);
    let order = order::run_order(&index, &edges);
    surface::check(&index, &edges, &order, diagnostics);
    // With a cycle there is no order to hold reads against; everything else is judged all the same.
    task::graph(&index, &edges, &order, !cyclic, diagnostics)
}
