//! The surface of the ipcmm language: keywords, shapes, types, and the grammar of expressions.
//!
//! Sees text and nothing else: no files, no formats, no meaning of names. Start reading at [`parse::parse`] for
//! expressions, [`template::parse_template`] for scalars, [`type_syntax::parse_type`] for types, and
//! [`keywords`] for what may stand around them.

pub mod ast;
mod brackets;
mod builder;
pub mod keywords;
pub mod lexer;
mod literal;
pub mod parse;
pub mod problem;
pub mod shapes;
pub mod signature;
pub mod template;
mod type_fits;
pub mod type_syntax;
pub mod types;
pub mod units;
mod wording;

pub use parse::{Parsed, parse};
pub use problem::{Problem, ProblemKind};
pub use template::{Part, Template, is_plain, parse_template};
pub use type_syntax::parse_type;
