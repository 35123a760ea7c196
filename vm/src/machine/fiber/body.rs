//! The body: its arguments, the call, and the steps of a sequence.

use super::*;

impl Scene<'_, '_> {
    /// Evaluates user, environment and arguments of an attempt.
    pub(super) fn prepare(&mut self, frame: &mut Frame) -> Flow {
        let block = self.block(frame);
        if frame.row == 0 && frame.eval.is_none() {
            self.started.get_or_insert(self.around.now);
            frame.attempt = frame.attempt.saturating_add(1);
            frame.attempt_started = self.around.now;
            frame.sleep_is_limit = false;
            frame.looks = 0;
            frame.args.clear();
            if let Some(chunk) = self.attr(&block, Attr::RunAs) {
                match self.user(frame, chunk) {
                    Ok(Some(user)) => frame.runas = Some(user),
                    Ok(None) => frame.blind = true,
                    Err(fault) => return self.not_started(frame, fault),
                }
            }
            if let Some(chunk) = self.attr(&block, Attr::Env) {
                match self.evaluate(frame, chunk) {
                    Evaluated::Value(Value::Map(map)) if !map.values().any(Value::has_unknown) => {
                        frame.env = map.iter().map(|(k, v)| (k.clone(), v.to_text())).collect();
                    }
                    Evaluated::Value(value) if value.has_unknown() => frame.blind = true,
                    Evaluated::Value(other) => {
                        return self.not_started(frame, arith::mismatch("set the environment from", &[&other]));
                    }
                    Evaluated::Fault(fault) => return self.not_started(frame, fault),
                    Evaluated::Ask(function, args) => return Flow::Wait(Request::Probe(function, args)),
                }
            }
        }
        let rows = self.around.bundle.block_args(&block);
        while let Some(row) = rows.get(frame.row) {
            let value = match ArgKind::from_number(row.kind.get()) {
                Some(ArgKind::Constant) => {
                    ipcmm_bytecode::bundle::Bundle::constant(self.around.bundle, row.value.get())
                }
                Some(ArgKind::Asset) => self.around.bundle.asset(row.value.get()).map(|b| Value::Bytes(b.into())),
                // Evaluated by whoever needs it, when it is needed.
                Some(ArgKind::Thunk | ArgKind::Tasks) | None => {
                    frame.row += 1;
                    continue;
                }
                Some(ArgKind::Chunk) => match self.evaluate(frame, row.value.get()) {
                    Evaluated::Value(value) => Ok(value),
                    Evaluated::Fault(fault) => Err(fault),
                    Evaluated::Ask(function, args) => return Flow::Wait(Request::Probe(function, args)),
                },
            };
            match value {
                // A null argument is one that was left out.
                Ok(Value::Null) => {}
                Ok(value) => frame.args.push((row.param.get(), value)),
                Err(fault) => return self.not_started(frame, fault),
            }
            frame.row += 1;
        }
        frame.stage = Stage::Invoke;
        Flow::Again
    }

    /// The body could not even begin: nothing was executed, so there is nothing to judge or to try again.
    fn not_started(&mut self, frame: &mut Frame, fault: Fault) -> Flow {
        frame.own.fault.get_or_insert(fault);
        frame.stage = Stage::ItemEnd;
        Flow::Again
    }

    pub(super) fn invoke(&mut self, frame: &mut Frame) -> Flow {
        let block = self.block(frame);
        let Some(shape) = self.shape(&block) else {
            // A sequence: its children run one after the other.
            frame.child = 0;
            frame.children = None;
            frame.stage = Stage::Working;
            return Flow::Again;
        };
        if frame.phase == Phase::Body && !frame.rest {
            frame.own.attempts = frame.own.attempts.saturating_add(1);
        }
        frame.stage = Stage::Working;
        match shape.runs {
            Runs::Host => {
                let own = self.timeout(&block);
                let label = self.below.last().and_then(|parent| {
                    let limit = self.timeout(&self.block(parent))?;
                    Some(limit.saturating_sub(Duration::from_nanos(self.around.now - parent.attempt_started)))
                });
                let call = Call {
                    task: self.around.owner,
                    builtin: block.builtin.get(),
                    args: std::mem::take(&mut frame.args),
                    mode: self.around.mode,
                    phase: frame.phase,
                    attempt: frame.attempt,
                    runas: frame.runas.clone(),
                    env: frame.env.clone(),
                    timeout: own.into_iter().chain(label).min(),
                    touched: self.around.touched.cloned(),
                    blind: frame.blind,
                    answers: self.around.answers,
                    cancel: self.around.cancel.clone(),
                };
                Flow::Wait(Request::Call(Box::new(call)))
            }
            Runs::Build => self.attempt_failed(frame, Fault::new(FaultKind::UnknownBuiltin, shape.name)),
            Runs::Machine(Intrinsic::Nop) => self.nop(frame),
            Runs::Machine(Intrinsic::Sleep) => self.sleep(frame),
            Runs::Machine(Intrinsic::Wait) => {
                frame.stage = Stage::Look;
                Flow::Again
            }
            Runs::Machine(Intrinsic::Eval) => {
                frame.stage = Stage::Evaluate;
                Flow::Again
            }
            Runs::Machine(Intrinsic::Join) => self.await_handles(frame),
            Runs::Machine(
                demand @ (Intrinsic::Parallel
                | Intrinsic::Concurrent
                | Intrinsic::Fork
                | Intrinsic::Async
                | Intrinsic::Apply
                | Intrinsic::Invoke),
            ) => self.run_on_demand(frame, demand),
            Runs::Machine(
                which @ (Intrinsic::Event
                | Intrinsic::Fire
                | Intrinsic::Bind
                | Intrinsic::Unbind
                | Intrinsic::React
                | Intrinsic::Schedule),
            ) => self.ask_events(frame, which),
        }
    }

    /// The host has answered, the time has passed, or a child is over.
    pub(super) fn working(&mut self, frame: &mut Frame) -> Flow {
        let block = self.block(frame);
        if block.builtin.get() != 0 {
            frame.stage = Stage::OwnChangedIf;
            return Flow::Again;
        }
        let stop = frame.children.as_ref().is_some_and(|children| children.fault.is_some());
        if !stop && frame.child < block.children_len.get() {
            return Flow::Enter(block.children.get() + u32::from(frame.child));
        }
        let mut children = *frame.children.take().unwrap_or_default();
        frame.own.attempts = frame.own.attempts.saturating_add(children.attempts);
        frame.own.unknown |= children.unknown;
        frame.own.reacted |= children.reacted;
        frame.own.guard_fault |= children.guard_fault;
        let attempt = Attempt {
            sure: children.sure,
            sure_changed: children.sure_changed,
            may_fail: children.may_fail.take(),
            fault: children.fault.take(),
            changed: children.changed,
            changes: std::mem::take(&mut children.changes),
            comment: std::mem::take(&mut children.comment),
            data: Value::list(std::mem::take(&mut children.data)),
        };
        if !children.ran && attempt.fault.is_none() {
            // Every step was skipped: so is the sequence.
            frame.own.skipped = children.skipped;
            frame.stage = Stage::ItemEnd;
            return Flow::Again;
        }
        frame.last = Some(Box::new(attempt));
        frame.stage = Stage::FailedIf;
        Flow::Again
    }
}
