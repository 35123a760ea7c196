//! Arguments that say which tasks run on demand: names of labels, and steps. A step becomes a task of its own, whose
//! label is that of the task around it with a number behind it: `deploy/1`.
//!
//! Unaware of: which labels there are, and what runs them.

use super::Lowering;
use crate::doc::{NodeId, NodeKind};
use crate::ir::{OnDemand, Task, ValueKind};
use ipcmm_bytecode::Value;
use ipcmm_grammar::types::Type;
use std::fmt::Display;

/// The label at hand, and the steps that were found in its arguments.
#[derive(Default)]
pub(super) struct Bodies {
    label: String,
    count: u32,
    pub tasks: Vec<Task>,
}

impl Bodies {
    pub fn of(label: &str) -> Bodies {
        Bodies { label: label.to_owned(), ..Bodies::default() }
    }
}

impl Lowering<'_> {
    /// What stands where tasks are wanted: one name or step, or a list of them.
    pub(super) fn tasks_on_demand(&mut self, id: NodeId, wanted: &Type, place: &dyn Display) -> ValueKind {
        let doc = self.doc;
        if self.is_null(id) && wanted.admits_null() {
            return ValueKind::Constant(Value::Null);
        }
        let nodes: &[NodeId] = match &doc.node(id).kind {
            NodeKind::Error => return ValueKind::Error,
            NodeKind::List(items) => items,
            NodeKind::Null | NodeKind::Scalar { .. } | NodeKind::Map(_) => &[id],
        };
        let mut tasks = Vec::with_capacity(nodes.len());
        for &node in nodes {
            match &doc.node(node).kind {
                NodeKind::Error => {}
                NodeKind::Scalar { text, style } if !self.is_null(node) => {
                    self.note_word(node);
                    let name = style.word(text).to_owned();
                    tasks.push(OnDemand { name, span: self.span(node), is_inline: false });
                }
                NodeKind::Map(entries) if !entries.is_empty() => tasks.push(self.inline_task(node)),
                _ => self.wrong_shape(node, place, "names of labels, and steps such as `{ipcmm.nop: }`"),
            }
        }
        ValueKind::Tasks(tasks)
    }

    /// A step that becomes a task.
    fn inline_task(&mut self, node: NodeId) -> OnDemand {
        self.bodies.count += 1;
        let name = format!("{}/{}", self.bodies.label, self.bodies.count);
        // The place of the task is that of its first word.
        let span = self.entries(node).and_then(|entries| entries.first()).map_or(self.span(node), |e| self.span(e.key));
        let misspelt = std::mem::take(&mut self.misspelt);
        let task = self.task(&name, span, node);
        self.misspelt = misspelt;
        self.bodies.tasks.push(Task { is_inline: true, ..task });
        OnDemand { name, span, is_inline: true }
    }
}
