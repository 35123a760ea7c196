//! Loops over conditions: whether another round begins, and what is expected of each attempt.

use super::*;

impl Scene<'_, '_> {
    /// Judges `loop_if` ahead of a round; `None` where the round begins.
    pub(super) fn round_begins(&mut self, frame: &mut Frame) -> Option<Flow> {
        if frame.item >= limits::LOOP_ROUNDS {
            let detail = format!("after {} rounds the condition still asks for another", limits::LOOP_ROUNDS);
            frame.total.fault.get_or_insert(Fault::new(FaultKind::LoopTooLong, detail));
            frame.stage = Stage::Leave;
            return Some(Flow::Again);
        }
        let chunk = self.attr(&self.block(frame), Attr::LoopIf)?;
        match self.evaluate(frame, chunk) {
            Evaluated::Value(Value::Bool(true)) => None,
            Evaluated::Value(Value::Bool(false)) => {
                frame.stage = Stage::Leave;
                Some(Flow::Again)
            }
            Evaluated::Value(Value::Unknown) if self.around.mode == Mode::Check => {
                frame.doubtful = true;
                None
            }
            Evaluated::Value(other) => Some(self.guard_error(frame, arith::mismatch("decide `loop_if` by", &[&other]))),
            Evaluated::Fault(fault) => Some(self.guard_error(frame, fault)),
            Evaluated::Ask(function, args) => Some(Flow::Wait(Request::Probe(function, args))),
        }
    }

    /// Judges `loop_until` behind a round. A dry run foresees the first round, and takes a second for all behind it,
    /// of which it knows neither the number nor what they find.
    pub(super) fn round_ends(&mut self, frame: &mut Frame) -> Flow {
        let dry = self.around.mode == Mode::Check;
        if dry && frame.rest {
            frame.stage = Stage::Leave;
            return Flow::Again;
        }
        if let Some(chunk) = self.attr(&self.block(frame), Attr::LoopUntil) {
            match self.evaluate(frame, chunk) {
                Evaluated::Value(Value::Bool(false)) => {}
                Evaluated::Value(Value::Unknown) if dry => {}
                Evaluated::Value(Value::Bool(true)) => {
                    frame.stage = Stage::Leave;
                    return Flow::Again;
                }
                Evaluated::Value(other) => {
                    return self.guard_error(frame, arith::mismatch("decide `loop_until` by", &[&other]));
                }
                Evaluated::Fault(fault) => return self.guard_error(frame, fault),
                Evaluated::Ask(function, args) => return Flow::Wait(Request::Probe(function, args)),
            }
        }
        if dry {
            (frame.rest, frame.previous, frame.data_is_unknown) = (true, Some(Value::Unknown), true);
        }
        frame.item += 1;
        frame.stage = Stage::Item;
        Flow::Again
    }

    /// Judges what is expected of an attempt that did not fail. A dry run cannot hold a change that was only predicted
    /// against it.
    pub(super) fn expect(&mut self, frame: &mut Frame) -> Flow {
        let block = self.block(frame);
        let predicted = self.around.mode == Mode::Check && frame.last.as_ref().is_some_and(|last| last.changed);
        let rows = self.around.bundle.block_attrs(&block);
        while let Some(row) = rows.get(frame.row)
            && !predicted
            && frame.last.as_ref().is_some_and(|last| last.fault.is_none())
        {
            if row.attr.get() == Attr::Expect as u16 {
                let fault = match self.evaluate(frame, row.value.get()) {
                    Evaluated::Value(Value::Bool(true)) => None,
                    Evaluated::Value(Value::Unknown) if self.around.mode == Mode::Check => None,
                    Evaluated::Value(Value::Bool(false)) => {
                        let mut fault = Fault::new(FaultKind::Unexpected, "`expect` is false");
                        fault.place = Some((row.value.get(), 0));
                        Some(fault)
                    }
                    Evaluated::Value(other) => Some(arith::mismatch("decide `expect` by", &[&other])),
                    Evaluated::Fault(fault) => Some(fault),
                    Evaluated::Ask(function, args) => return Flow::Wait(Request::Probe(function, args)),
                };
                if let (Some(last), Some(fault)) = (&mut frame.last, fault) {
                    last.fault = Some(fault);
                }
            }
            frame.row += 1;
        }
        frame.stage = Stage::Until;
        Flow::Again
    }
}
