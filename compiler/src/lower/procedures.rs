//! `define`: procedures.
//!
//! Unaware of: who calls them.

use super::Lowering;
use super::scalar::Quoted;
use super::target::flatten;
use crate::diag::Code;
use crate::doc::{Entry, NodeId};
use crate::ir::surface::{Procedure, Surface};
use ipcmm_grammar::ast::Span;
use ipcmm_grammar::shapes::{Field, Shape};
use std::sync::Arc;

/// The fields of a procedure. The build fails if the table and the reader below disagree.
const PROCEDURE: &[Field] = Shape::Procedure.having(&["declare", "do", "doc"]);

impl Lowering<'_> {
    /// What stands under `proc`.
    pub(super) fn procedures(&mut self, value: NodeId, into: &mut Vec<Arc<Procedure>>) {
        for entry in self.map_of(value, &"`proc`", "a map of procedures") {
            let (name, span) = self.key(entry);
            if self.is_name(name, span)
                && let Some(procedure) = self.procedure(name, span, entry)
            {
                into.push(Arc::new(procedure));
            }
        }
    }

    fn procedure(&mut self, name: &str, span: Span, entry: &Entry) -> Option<Procedure> {
        let mut procedure = Procedure { name: name.to_string(), span, surface: Surface::default(), tasks: Vec::new() };
        let Some(fields) = self.entries(entry.value) else {
            self.wrong_shape(entry.value, &Quoted(name), "a map of `declare` and `do`");
            return None;
        };
        let mut has_tasks = false;
        for field in fields {
            let (key, key_span) = self.key(field);
            match key {
                "declare" => procedure.surface = self.declare(field.value),
                "do" => {
                    has_tasks = true;
                    for entry in self.map_of(field.value, &"`do`", "a map of labels") {
                        let (label, span) = self.key(entry);
                        procedure.tasks.push(self.task(label, span, entry.value));
                    }
                    procedure.tasks = flatten(std::mem::take(&mut procedure.tasks));
                }
                "doc" => drop(self.plain_text(field.value, &"`doc`")),
                _ => self.unknown_argument(key, key_span, &Quoted(name), PROCEDURE.iter().map(|field| field.name)),
            }
        }
        if !has_tasks {
            let problem = self.problem(Code::MissingArgument, span, format!("`{name}` lacks `do`"));
            self.report(problem.help("the tasks of the procedure stand under it, by label"));
        }
        Some(procedure)
    }
}
