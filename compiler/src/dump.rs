//! Artefacts of the stages as JSON, for people and tools that look inside, and JSON as YAML. Each stage has a file.
//!
//! Shapes are for looking, not for reading back: a key that says nothing is left out, expressions are text.

mod composition;
pub mod doc;
pub(crate) mod expr;
mod graph;
mod ir;
mod place;
mod yaml;

#[cfg(test)]
mod tests;

pub(crate) use expr::{expression, source};
pub use graph::graph;
pub use ir::ir;
pub use place::value;
pub use yaml::yaml;
