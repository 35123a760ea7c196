//! After the body: whether it failed, changed, is to be tried again, and what the item adds up to.

use super::*;

/// A dry run cannot tell whether what the attempt comes to counts as a change.
fn change_in_doubt(frame: &mut Frame) {
    if let Some(last) = &mut frame.last {
        (last.changed, last.sure_changed) = (true, false);
        last.changes.iter_mut().for_each(|change| change.may = true);
    }
}

impl Scene<'_, '_> {
    pub(super) fn own_changed_if(&mut self, frame: &mut Frame) -> Flow {
        if self.around.mode == Mode::Check && frame.phase == Phase::Reaction {
            // It was only asked what it would do.
            frame.stage = Stage::Until;
            return Flow::Again;
        }
        let block = self.block(frame);
        let param = self.shape(&block).and_then(|shape| shape.changed_if);
        let ran = frame.last.as_ref().is_some_and(|l| l.changed && l.fault.is_none());
        if ran && let Some(chunk) = param.and_then(|param| self.thunk(&block, param)) {
            match self.evaluate(frame, chunk) {
                Evaluated::Value(Value::Bool(changed)) => self.set_changed(frame, changed),
                // What a dry run cannot know stays a possible change.
                Evaluated::Value(Value::Unknown) | Evaluated::Fault(_) if self.around.mode == Mode::Check => {
                    change_in_doubt(frame);
                }
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
            (last.changed, last.sure_changed) = (changed, changed);
            if !changed {
                last.changes.clear();
            }
        }
    }

    /// Whether the keywords that judge a result apply: they need a result that is known.
    pub(super) fn judgeable(&self, frame: &Frame) -> bool {
        let cancelled = |a: &Attempt| matches!(&a.fault, Some(f) if f.kind == FaultKind::Cancelled);
        !frame.last.as_ref().is_some_and(|last| cancelled(last))
    }

    pub(super) fn failed_if(&mut self, frame: &mut Frame) -> Flow {
        let block = self.block(frame);
        let dry = self.around.mode == Mode::Check;
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
                // Nothing fails that is not foreseen to; and what was foreseen to fail may be forgiven.
                Evaluated::Value(Value::Unknown) | Evaluated::Fault(_) if dry => {
                    if let Some(last) = &mut frame.last {
                        last.may_fail = last.fault.take().map(Box::new);
                    }
                }
                Evaluated::Value(other) => {
                    let fault = arith::mismatch("decide `failed_if` by", &[&other]);
                    frame.last = Some(Box::new(Attempt::failed(fault)));
                }
                Evaluated::Fault(fault) => frame.last = Some(Box::new(Attempt::failed(fault))),
                Evaluated::Ask(function, args) => return Flow::Wait(Request::Probe(function, args)),
            }
        }
        frame.stage = Stage::ChangedIf;
        Flow::Again
    }

    pub(super) fn changed_if(&mut self, frame: &mut Frame) -> Flow {
        let block = self.block(frame);
        if self.judgeable(frame)
            && let Some(chunk) = self.attr(&block, Attr::ChangedIf)
        {
            match self.evaluate(frame, chunk) {
                Evaluated::Value(Value::Bool(changed)) => {
                    self.judged(frame, Attr::ChangedIf, changed);
                    self.set_changed(frame, changed);
                }
                Evaluated::Value(Value::Unknown) | Evaluated::Fault(_) if self.around.mode == Mode::Check => {
                    change_in_doubt(frame);
                }
                Evaluated::Value(other) => {
                    let fault = arith::mismatch("decide `changed_if` by", &[&other]);
                    frame.last = Some(Box::new(Attempt::failed(fault)));
                }
                Evaluated::Fault(fault) => frame.last = Some(Box::new(Attempt::failed(fault))),
                Evaluated::Ask(function, args) => return Flow::Wait(Request::Probe(function, args)),
            }
        }
        frame.row = 0;
        frame.stage = Stage::Expect;
        Flow::Again
    }

    pub(super) fn until(&mut self, frame: &mut Frame) -> Flow {
        let block = self.block(frame);
        let attempts = self.attr(&block, Attr::RetryAttempts);
        let mut holds = frame.last.as_ref().is_some_and(|l| l.fault.is_none());
        let mut judged = false;
        // A dry run makes one attempt: nothing depends on whether it would be the last.
        if self.judgeable(frame)
            && self.around.mode == Mode::Apply
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
                    frame.last = Some(Box::new(Attempt::failed(fault)));
                    holds = true;
                }
                Evaluated::Fault(fault) => {
                    frame.last = Some(Box::new(Attempt::failed(fault)));
                    holds = true;
                }
                Evaluated::Ask(function, args) => return Flow::Wait(Request::Probe(function, args)),
            }
        }
        let Some(mut last) = frame.last.take().map(|last| *last) else {
            frame.stage = Stage::ItemEnd;
            return Flow::Again;
        };
        if frame.phase == Phase::Reaction && self.around.mode == Mode::Check {
            self.reaction_foreseen(frame, &mut last);
        }
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
            frame.own.sure |= self.only_reaction;
            if let Some(fault) = last.fault {
                frame.own.fault.get_or_insert(fault);
            }
            frame.stage = Stage::ItemEnd;
            return Flow::Again;
        }
        let changed = frame.own.changed;
        if matches!(frame.items, Items::Rounds) {
            frame.previous = Some(last.record(frame.attempt));
        }
        frame.own.close(last);
        frame.stage = Stage::ItemEnd;
        if failed || !self.fired {
            return Flow::Again;
        }
        let due = match self.shape(&block).map(|shape| shape.reaction) {
            Some(Reaction::React) => true,
            Some(Reaction::Covered) => !changed || self.around.mode == Mode::Check && !frame.own.sure_changed,
            Some(Reaction::None) | None => false,
        };
        if due {
            frame.phase = Phase::Reaction;
            frame.attempt = 0;
            frame.row = 0;
            frame.stage = Stage::Prepare;
        }
        Flow::Again
    }

    /// What a reaction was foreseen to do counts as a change, whatever it is.
    fn reaction_foreseen(&mut self, frame: &mut Frame, foreseen: &mut Attempt) {
        let covered = self.shape(&self.block(frame)).is_some_and(|shape| shape.reaction == Reaction::Covered);
        let body_may_do = covered && frame.own.changed || frame.own.may_fail.is_some();
        let block = self.block(frame);
        let own = self.shape(&block).and_then(|shape| shape.changed_if).and_then(|param| self.thunk(&block, param));
        // Who decides what counts as a change sees the result of a reaction, too.
        let judged = own.or(self.attr(&block, Attr::ChangedIf)).is_some();
        let sure = (self.only_reaction || self.doubt.sure_to_react && !body_may_do) && !judged;
        if foreseen.fault.is_none() {
            (foreseen.changed, foreseen.sure_changed) = (true, sure);
            let what = if self.only_reaction { "a change it listens to" } else { "a watched change" };
            let would = if sure && self.doubt.refusals.is_empty() { "would" } else { "may" };
            frame.own.comment = format!("{would} react to {what}");
        }
        frame.own.unknown |= !sure;
        if !sure {
            foreseen.changes.iter_mut().for_each(|change| change.may = true);
            foreseen.may_fail = foreseen.fault.take().map(Box::new);
            frame.own.may_fail = frame.own.may_fail.take().or(foreseen.may_fail.take());
        }
    }

    /// The reaction is all that is wanted of a call: one without a reaction has nothing to do.
    pub(super) fn react_alone(&mut self, frame: &mut Frame) {
        let reacts = self.shape(&self.block(frame)).is_some_and(|shape| shape.reaction != Reaction::None);
        if reacts {
            return;
        }
        frame.own.skipped = Some(Reason::ListenFired);
        frame.stage = Stage::ItemEnd;
    }

    pub(super) fn item_end(&mut self, frame: &mut Frame) -> Flow {
        let mut own = std::mem::take(&mut frame.own);
        if frame.item_doubtful {
            own.doubt();
        }
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
        if matches!(frame.items, Items::Rounds) {
            // A round that failed is the last one: nobody knows what state the next would begin in.
            frame.stage = if failed { Stage::Leave } else { Stage::RoundEnd };
            return Flow::Again;
        }
        frame.item += 1;
        frame.stage = if failed && stops { Stage::Leave } else { Stage::Item };
        Flow::Again
    }
}
