//! Java properties, spoken to the [`Builder`]: lines by the rules of `java.util.Properties`, keys as paths.
//!
//! ```text
//!   a.b=1          a: {b: 1}                `.` between segments
//!   c[1]=y         c: [x, y]                positions from 0 on, in any order, without gaps
//!   c[0]=x
//!   "x.y".z=2      x.y: {z: 2}              as `x\.y.z=2`; a space is `\ `, in quotes too
//!   d[str]=true    d: 'true'                what the value is: also `[int]`, `[float]`, `[bool]`, `[null]`
//!   e[list]=       e: []                    a list without elements; `[map]` without entries
//! ```
//! Every value is text that may be read as any type ([`Style::Text`](super::Style::Text)). An empty value is the empty
//! text; where no empty text can stand and null can, it is read as null.
//!
//! Unaware of: the meaning of keys. Names with dots that are one segment are handed in.

mod escape;
mod fix;
mod force;
mod lines;
mod path;
mod tree;

use super::builder::{Builder, MAX_NODES};
use super::{Doc, Span};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::source::FileId;
pub use fix::Spelling;
use lines::Lines;
pub(crate) use lines::cut;
use tree::Tree;

/// Parses a properties file. `known`: names with dots that are one segment of a key without quotes; of two that fit,
/// the longer one is taken.
pub fn parse(file: FileId, text: &str, known: &[&str], diagnostics: &mut Diagnostics) -> Doc {
    let mut known = known.to_vec();
    known.sort_by_key(|name| std::cmp::Reverse(name.len()));
    let mut builder = Builder::new(file, diagnostics);
    let mut tree = Tree::new();
    let mut path = Vec::new();
    let mut deep = false;
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    for line in Lines::new(text, start) {
        let force = match path::split(&line, &known, &mut path) {
            Ok(force) => force,
            Err(fault) => {
                // Depth is told once, as in the other formats.
                if fault.code != Code::TooDeep || !std::mem::replace(&mut deep, true) {
                    fault.report(&mut builder);
                }
                continue;
            }
        };
        let value = escape::decode(&line, line.value.clone())
            .and_then(|value| force.map_or(Ok(()), |force| force.check(&value)).map(|()| value))
            .map_err(|fault| fault.report(&mut builder))
            .ok();
        tree.insert(&path, force, value, &mut builder);
        if tree.is_full() {
            let message = format!("the document has more than {MAX_NODES} values");
            let place = line.place(line.key.clone());
            builder.report(Diagnostic::new(Code::TooLarge, file, place, message).help("split the file"));
            break;
        }
    }
    tree.speak(&mut builder);
    builder.finish()
}

/// What is wrong with a line.
#[derive(Debug)]
struct Fault {
    code: Code,
    span: Span,
    message: String,
    help: String,
}

impl Default for Fault {
    fn default() -> Fault {
        Fault { code: Code::Syntax, span: Span::new(0, 0), message: String::new(), help: String::new() }
    }
}

impl Fault {
    fn report(self, builder: &mut Builder<'_>) {
        let problem = Diagnostic::new(self.code, builder.file(), self.span, self.message);
        builder.report(if self.help.is_empty() { problem } else { problem.help(self.help) });
    }
}

#[cfg(test)]
mod tests;
