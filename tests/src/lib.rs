//! The harness of the tests: literate documents, a fake host, an assembler for bundles, models to compare with.
//!
//! Start reading at [`suite`]; the format of the documents is described in `tests/README.md`. The tests themselves
//! are in `tests/tests/`, their documents in `tests/suite/`, `tests/verify/` and `spec/diagnostics/`.

pub mod assembly;
pub mod chaos;
pub mod document;
pub mod ebnf;
pub mod fake;
pub mod generate;
pub mod graphs;
pub mod json_schema;
pub mod model;
pub mod render;
pub mod rewrite;
pub mod runner;
pub mod salt;
pub mod shrink;
pub mod skips;
pub mod suite;
pub mod tables;
pub mod values;

pub use skips::{binary, note, skip};
