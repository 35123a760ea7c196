//! Built-ins that concern events: what they hand to the keeper of the tables.
//!
//! Unaware of: the tables, and what the arguments mean there.

use super::*;
use crate::events::{Ask, Condition};
use ipcmm_bytecode::catalog::intrinsic::{bind, react, schedule, unbind};

impl Scene<'_, '_> {
    /// Hands a request out.
    pub(super) fn ask_events(&mut self, frame: &mut Frame, which: Intrinsic) -> Flow {
        let args = std::mem::take(&mut frame.args);
        if args.iter().any(|(_, value)| value.has_unknown()) {
            return self.not_known_yet(frame);
        }
        let block = self.block(frame);
        let tasks = match which {
            Intrinsic::Bind => self.tasks_arg(&block, bind::TO),
            Intrinsic::Unbind => self.tasks_arg(&block, unbind::TO),
            Intrinsic::React => self.tasks_arg(&block, react::DO),
            Intrinsic::Schedule => self.tasks_arg(&block, schedule::RUN),
            _ => None,
        };
        let captured = self.captured(frame, None, false);
        let rows = self.around.bundle.block_args(&block);
        let thunks = rows.iter().filter(|row| row.kind.get() == ArgKind::Thunk as u16);
        let condition = |chunk| Condition { chunk, captured: captured.clone() };
        let ask = Ask {
            which,
            builtin: block.builtin.get(),
            name: self.name(frame),
            args,
            conditions: thunks.map(|row| (row.param.get(), condition(row.value.get()))).collect(),
            handler: tasks,
            captured: captured.clone(),
            mode: self.around.mode,
        };
        Flow::Wait(Request::Events(Box::new(ask)))
    }

    /// What the task is called where it is one of many: its label, the place of the step in it, the element of the loop.
    fn name(&self, frame: &Frame) -> Arc<str> {
        let bundle = self.around.bundle;
        let owner = self.around.owner;
        let mut name = format!("{}/{}", bundle.module(owner), bundle.label(owner));
        if let Some(parent) = self.below.last() {
            let step = frame.block.saturating_sub(self.block(parent).children.get());
            name = format!("{name}/{}", step + 1);
        }
        let scope = FrameScope { below: self.below, top: frame, around: self.around };
        match scope.slot(Slot::Key) {
            Value::Null => name.into(),
            key => format!("{name}[{key}]").into(),
        }
    }
}
