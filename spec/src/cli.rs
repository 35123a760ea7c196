//! The command line of all binaries, from one table: what is parsed, the help, the completions and the page
//! `spec/generated/cli.md` are derived from it.
//!
//! [`tables`] holds the rows, [`parse`] makes a parser of them and reads what it found, [`page`] makes the page.
//! Unaware of: what a command does. A binary matches on its own enum of commands, so that a new row does not compile
//! until it is carried out.

mod page;
mod parse;
pub mod tables;

pub use page::page;
pub use parse::{command, completions, number, operand, operands, pair, path, paths, switch, text, texts, usage};
pub use tables::{
    AgentCommand, As, Binary, Color, CompilerCommand, Described, Exit, Fixes, Flag, Form, Format, Notation, Operand,
    OperatorCommand, Pages, Picture, Results, Scheduler, Shell, Sink, Stage, To,
};
