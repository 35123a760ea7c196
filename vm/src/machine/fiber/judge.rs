//! After the body: whether it failed, changed, is to be tried again, and what the item adds up to.

use super::*;

impl Scene<'_, '_> {
    pub(super) fn own_changed_if(&mut self, frame: &mut Frame) -> Flow {
        let block = self.block(frame);
        let param = self.shape(&block).and_then(|shape| shape.changed_if);
        let ran = frame.last.as_ref().is_some_and(|l| l.changed && l.fault.is_none());
        if ran && let Some(chunk) = param.and_then(|param| self.thunk(&block, param)) {
            match self.evaluate(frame, chunk) {
                Evaluated::Value(Value::Bool(changed)) => self.set_changed(frame, changed),
                // What a dry run cannot know stays a predicted change.
                Evaluated::Value(Value::Unknown) | Evaluated::Fault(_) if self.around.mode == Mode::Check => {}
                Evaluated::Value(other) => {
                    return self.attempt_failed(frame, arith::mismatch("decide `changed_if` by", &[&other]));
                }
                Evaluated::Fault(fault) => return self.attempt_failed(frame, fault),
                Evaluated::Ask(function, args) => return Flow::Wait(Request::Probe(function, args)),
            }
        }
        frame.stage = Stage::FailedIf;
        Flow::Again
    }

    pub(super) fn set_changed(&mut self, frame: &mut Frame, changed: bool) {
        if let Some(last) = &mut frame.last {
            last.changed = changed;
            if !changed {
                last.changes.clear();
            }
        }
    }

    /// Whether the keywords that judge a result apply: they need a result that is known.
    pub(super) fn judgeable(&self, frame: &Frame) -> bool {
        let cancelled = |a: &Attempt| matches!(&a.fault, Some(f) if f.kind == FaultKind::Cancelled);
        self.around.mode == Mode::Apply && !frame.last.as_ref().is_some_and(cancelled)
    }

    pub(super) fn failed_if(&mut self, frame: &mut Frame) -> Flow {
        let block = self.block(frame);
        if self.judgeable(frame)
            && let Some(chunk) = self.attr(&block, Attr::FailedIf)
        {
            match self.evaluate(frame, chunk) {
                Evaluated::Value(Value::Bool(failed)) => {
                    self.judged(frame, Attr::FailedIf, failed);
                    if let Some(last) = &mut frame.last {
                        last.fault = match (failed, last.fault.take()) {
                            (false, _) => None,
                            (true, Some(fault)) => Some(fault),
                            (true, None) => Some(Fault::new(FaultKind::CommandFailed, "`failed_if` holds")),
                        };
                    }
                }
                Evaluated::Value(other) => {
                    let fault = arith::mismatch("decide `failed_if` by", &[&other]);
                    frame.last = Some(Attempt::failed(fault));
                }
                Evaluated::Fault(fault) => frame.last = Some(Attempt::failed(fault)),
                Evaluated::Ask(function, args) => return Flow::Wait(Request::Probe(function, args)),
            }
        }
        frame.stage = Stage::ChangedIf;
        Flow::Again
    }

    pub(super) fn changed_if(&mut self, frame: &mut Frame) -> Flow {
        let block = self.block(frame);
        if (self.judgeable(frame) || self.around.mode == Mode::Check)
            && let Some(chunk) = self.attr(&block, Attr::ChangedIf)
        {
            match self.evaluate(frame, chunk) {
                Evaluated::Value(Value::Bool(changed)) => {
                    self.judged(frame, Attr::ChangedIf, changed);
                    self.set_changed(frame, changed);
                }
                Evaluated::Value(Value::Unknown) | Evaluated::Fault(_) if self.around.mode == Mode::Check => {}
                Evaluated::Value(other) => {
                    let fault = arith::mismatch("decide `changed_if` by", &[&other]);
                    frame.last = Some(Attempt::failed(fault));
                }
                Evaluated::Fault(fault) => frame.last = Some(Attempt::failed(fault)),
                Evaluated::Ask(function, args) => return Flow::Wait(Request::Probe(function, args)),
            }
        }
        frame.stage = Stage::Until;
        Flow::Again
    }

    pub(super) fn until(&mut self, frame: &mut Frame) -> Flow {
        let block = self.block(frame);
        let attempts = self.attr(&block, Attr::RetryAttempts);
        let mut holds = frame.last.as_ref().is_some_and(|l| l.fault.is_none());
        let mut judged = false;
        if self.judgeable(frame)
            && let Some(chunk) = self.attr(&block, Attr::RetryUntil)
        {
            judged = true;
            match self.evaluate(frame, chunk) {
                Evaluated::Value(Value::Bool(met)) => {
                    self.judged(frame, Attr::RetryUntil, met);
                    holds = met;
                }
                Evaluated::Value(other) => {
                    let fault = arith::mismatch("decide `until` by", &[&other]);
                    frame.last = Some(Attempt::failed(fault));
                    holds = true;
                }
                Evaluated::Fault(fault) => {
                    frame.last = Some(Attempt::failed(fault));
                    holds = true;
                }
                Evaluated::Ask(function, args) => return Flow::Wait(Request::Probe(function, args)),
            }
        }
        let Some(mut last) = frame.last.take() else {
            frame.stage = Stage::ItemEnd;
            return Flow::Again;
        };
        frame.own.add_attempt(&mut last);
        let cancelled = matches!(&last.fault, Some(f) if f.kind == FaultKind::Cancelled);
        let more = attempts.is_some_and(|most| frame.attempt < most) && self.around.mode == Mode::Apply && !cancelled;
        if !holds && more {
            frame.stage = Stage::Pause;
            let interval = u64::from(self.attr(&block, Attr::RetryInterval).unwrap_or(30_000)) * 1_000_000;
            let splay = self.attr(&block, Attr::RetrySplay).unwrap_or(0);
            return Flow::Wait(Request::Sleep(interval + self.chance(frame, splay.into()) * 1_000_000_000));
        }
        if !holds && judged && last.fault.is_none() {
            let detail = format!("after {} attempts", frame.attempt);
            last.fault = Some(Fault::new(FaultKind::UntilUnmet, detail));
        }
        let failed = last.fault.is_some();
        if frame.phase == Phase::Reaction {
            // A reaction adds its verdict to that of the body; the data stay those of the body.
            frame.own.reacted = true;
            frame.own.ran |= self.only_reaction;
            if let Some(fault) = last.fault {
                frame.own.fault.get_or_insert(fault);
            }
            frame.stage = Stage::ItemEnd;
            return Flow::Again;
        }
        let changed = frame.own.changed;
        frame.own.close(last);
        frame.stage = Stage::ItemEnd;
        if failed || !self.fired {
            return Flow::Again;
        }
        let due = match self.shape(&block).map(|shape| shape.reaction) {
            Some(Reaction::React) => true,
            Some(Reaction::Covered) => !changed,
            Some(Reaction::None) | None => false,
        };
        if due && self.around.mode == Mode::Check {
            frame.own.changed = true;
            frame.own.reacted = true;
            frame.own.comment = "would react to a watched change".into();
        } else if due {
            frame.phase = Phase::Reaction;
            frame.attempt = 0;
            frame.row = 0;
            frame.stage = Stage::Prepare;
        }
        Flow::Again
    }

    /// The reaction is all that is wanted of a call: one without a reaction has nothing to do, and a dry run only says
    /// that there would be one.
    pub(super) fn react_alone(&mut self, frame: &mut Frame) {
        let reacts = self.shape(&self.block(frame)).is_some_and(|shape| shape.reaction != Reaction::None);
        if reacts && self.around.mode == Mode::Apply {
            return;
        }
        if reacts {
            (frame.own.ran, frame.own.changed, frame.own.reacted) = (true, true, true);
            frame.own.comment = "would react to a change it listens to".into();
        } else {
            frame.own.skipped = Some(Reason::ListenFired);
        }
        frame.stage = Stage::ItemEnd;
    }

    pub(super) fn item_end(&mut self, frame: &mut Frame) -> Flow {
        let mut own = std::mem::take(&mut frame.own);
        let fault = own.fault.take();
        let looped = !matches!(frame.items, Items::Once);
        let data = std::mem::take(&mut own.data);
        if !looped && own.skipped.is_some() && !own.ran {
            frame.total.skipped = own.skipped;
        } else {
            let data = joined(data, false);
            frame.total.add_child(own, data);
        }
        let stops =
            self.around.mode == Mode::Apply && self.around.bundle.tasks()[self.task as usize].flags & TASK_STOPS != 0;
        let failed = fault.is_some();
        if let Some(fault) = fault {
            frame.total.fault.get_or_insert(fault);
        }
        frame.item += 1;
        frame.stage = if failed && stops { Stage::Leave } else { Stage::Item };
        Flow::Again
    }
}
