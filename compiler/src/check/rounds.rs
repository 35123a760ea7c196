//! `loop_if`, `loop_until` and `expect` get their types.

use super::expr::Typing;
use super::scope::{Given, Scope};
use crate::graph::Control;
use crate::ir;
use ipcmm_grammar::types::Type;

impl Typing<'_, '_> {
    /// Conditions that may ask the host: those of rounds see the record of the round before, if there was one.
    pub(super) fn rounds(
        &mut self,
        control: &ir::Control,
        typed: &mut Control,
        given: &Given,
        result: &dyn Fn() -> Type,
    ) {
        if let Some(condition) = &control.loop_if {
            let mut scope = Scope::new("`loop_if`", given).reading().with_result(result().optional());
            typed.loop_if = Some(self.folded_condition(condition, &mut scope));
        }
        if let Some(condition) = &control.loop_until {
            // A guard may have kept the body from being done in the round.
            let guarded = !control.onlyif.is_empty() || !control.unless.is_empty();
            let before = if guarded { result().optional() } else { result() };
            let mut scope = Scope::new("`loop_until`", given).reading().with_result(before);
            typed.loop_until = Some(self.folded_condition(condition, &mut scope));
        }
        for condition in &control.expect {
            let mut scope = Scope::new("`expect`", given).reading().in_attempt().with_result(result());
            let expr = self.folded_condition(condition, &mut scope);
            typed.expect.push(expr);
        }
    }
}
