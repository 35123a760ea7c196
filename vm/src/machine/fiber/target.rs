//! Whether a task is for this node at all: judged before everything else, so that a task for others says so whatever
//! became of its needs.

use super::*;

impl Scene<'_, '_> {
    pub(super) fn target(&mut self, frame: &mut Frame) -> Flow {
        // Verified: only the outermost block has a target.
        let block = self.block(frame);
        if let Some(chunk) = self.attr(&block, Attr::Target) {
            match self.evaluate(frame, chunk) {
                Evaluated::Value(Value::Bool(true)) => {}
                Evaluated::Value(Value::Bool(false)) => {
                    let end = TaskEnd::without_body(Outcome::Skipped, Reason::NotTarget, self.around.now);
                    return Flow::End(Box::new(end));
                }
                Evaluated::Value(Value::Unknown) if self.around.mode == Mode::Check => {
                    frame.doubtful = true;
                }
                Evaluated::Value(other) => {
                    return self.guard_error(frame, arith::mismatch("decide `target` by", &[&other]));
                }
                Evaluated::Fault(fault) => return self.guard_error(frame, fault),
                Evaluated::Ask(function, args) => return Flow::Wait(Request::Probe(function, args)),
            }
        }
        frame.stage = Stage::Enter;
        Flow::Again
    }
}
