//! Before the body: the items of a loop, `when`, needs, `onlyif` and `unless`.

use super::*;

impl Scene<'_, '_> {
    /// A guard or loop that could not be evaluated. What the needs say comes first: a blocked task stays blocked.
    pub(super) fn guard_error(&mut self, frame: &mut Frame, fault: Fault) -> Flow {
        if self.below.is_empty()
            && matches!(frame.stage, Stage::Target | Stage::Enter | Stage::When)
            && let Some(end) = self.refused()
        {
            return Flow::End(end);
        }
        let detail = fault.to_string();
        let mut placed = Fault::new(FaultKind::GuardError, detail);
        placed.place = fault.place;
        if matches!(frame.stage, Stage::Guard | Stage::GuardCommand) {
            // One item's guard: the other items go on.
            frame.own.fault.get_or_insert(placed);
            frame.own.guard_fault = true;
            frame.stage = Stage::ItemEnd;
        } else {
            frame.total.fault.get_or_insert(placed);
            frame.total.guard_fault = true;
            frame.stage = Stage::Leave;
        }
        Flow::Again
    }

    pub(super) fn enter(&mut self, frame: &mut Frame) -> Flow {
        let block = self.block(frame);
        if let Some(chunk) = self.attr(&block, Attr::LoopIn) {
            let value = match self.evaluate(frame, chunk) {
                Evaluated::Value(value) => value,
                Evaluated::Fault(fault) => return self.guard_error(frame, fault),
                Evaluated::Ask(function, args) => return Flow::Wait(Request::Probe(function, args)),
            };
            frame.items = match value {
                Value::List(items) => Items::List(items),
                Value::Map(map) => Items::Map(map.iter().map(|(k, v)| (k.clone(), v.clone())).collect()),
                Value::Range(lo, hi) => Items::Range(lo, arith::range_len(lo, hi)),
                Value::Unknown if self.around.mode == Mode::Check => return self.cannot_tell(frame),
                other => return self.guard_error(frame, arith::mismatch("loop over", &[&other])),
            };
            if let Some(trace) = self.around.trace {
                trace.looped(frame.block, frame.items.count());
            }
            if frame.items.count() > limits::LOOP_ITEMS {
                let fault = Fault::new(FaultKind::LoopTooLong, format!("over {} items", limits::LOOP_ITEMS));
                return self.guard_error(frame, fault);
            }
        }
        if self.attr(&block, Attr::LoopIf).or(self.attr(&block, Attr::LoopUntil)).is_some() {
            frame.items = Items::Rounds;
        }
        frame.stage = Stage::When;
        Flow::Again
    }

    pub(super) fn when(&mut self, frame: &mut Frame) -> Flow {
        let block = self.block(frame);
        let Some(chunk) = self.attr(&block, Attr::When) else {
            frame.stage = Stage::Needs;
            return Flow::Again;
        };
        if frame.item >= frame.items.len() {
            frame.item = 0;
            frame.stage = Stage::Needs;
            if !frame.admitted.is_empty() && frame.admitted.iter().all(|a| *a == Some(false)) {
                frame.total.skipped = Some(Reason::WhenFalse);
                frame.stage = Stage::Leave;
            }
            return Flow::Again;
        }
        match self.evaluate(frame, chunk) {
            Evaluated::Value(Value::Bool(holds)) => {
                self.judged(frame, Attr::When, holds);
                frame.admitted.push(Some(holds));
            }
            Evaluated::Value(Value::Unknown) if self.around.mode == Mode::Check => frame.admitted.push(None),
            Evaluated::Value(other) => {
                return self.guard_error(frame, arith::mismatch("decide `when` by", &[&other]));
            }
            Evaluated::Fault(fault) => return self.guard_error(frame, fault),
            Evaluated::Ask(function, args) => return Flow::Wait(Request::Probe(function, args)),
        }
        frame.item += 1;
        Flow::Again
    }

    /// Only the outermost block has needs; the steps of a sequence share those of their label.
    pub(super) fn needs(&mut self, frame: &mut Frame) -> Flow {
        if self.below.is_empty()
            && let Some(end) = self.refused()
        {
            return Flow::End(end);
        }
        frame.stage = Stage::Item;
        Flow::Again
    }

    pub(super) fn item(&mut self, frame: &mut Frame) -> Flow {
        if matches!(frame.items, Items::Rounds) {
            if let Some(flow) = self.round_begins(frame) {
                return flow;
            }
        } else if frame.item >= frame.items.len() {
            frame.stage = Stage::Leave;
            return Flow::Again;
        }
        frame.own = Total::default();
        frame.phase = if self.only_reaction { Phase::Reaction } else { Phase::Body };
        frame.attempt = 0;
        frame.row = 0;
        match frame.admitted.get(frame.item) {
            Some(Some(false)) => {
                frame.own.skipped = Some(Reason::WhenFalse);
                frame.stage = Stage::ItemEnd;
            }
            Some(None) => return self.cannot_tell(frame),
            _ => frame.stage = Stage::Guard,
        }
        Flow::Again
    }

    /// A dry run cannot know: the item counts as a possible change, and nothing of it is executed.
    pub(super) fn cannot_tell(&mut self, frame: &mut Frame) -> Flow {
        frame.own.unknown = true;
        frame.own.ran = true;
        frame.own.comment = "depends on values known after apply".into();
        frame.own.data.push(Value::Unknown);
        frame.stage = Stage::ItemEnd;
        Flow::Again
    }

    pub(super) fn guard(&mut self, frame: &mut Frame) -> Flow {
        let block = self.block(frame);
        let rows = self.around.bundle.block_attrs(&block);
        while let Some(row) = rows.get(frame.row) {
            let value = row.value.get();
            let (chunk, command) = match Attr::from_number(row.attr.get()) {
                Some(Attr::OnlyIf | Attr::Unless) => (Some(value), false),
                Some(Attr::OnlyIfCommand | Attr::UnlessCommand) => (None, true),
                _ => {
                    frame.row += 1;
                    continue;
                }
            };
            if command {
                let guard = self.around.bundle.blocks()[value as usize];
                frame.args.clear();
                for arg in self.around.bundle.block_args(&guard) {
                    let evaluated = match ArgKind::from_number(arg.kind.get()) {
                        Some(ArgKind::Constant) => {
                            ipcmm_bytecode::bundle::Bundle::constant(self.around.bundle, arg.value.get())
                        }
                        _ => match self.evaluate(frame, arg.value.get()) {
                            Evaluated::Value(value) => Ok(value),
                            Evaluated::Fault(fault) => Err(fault),
                            Evaluated::Ask(..) => Err(Fault::new(FaultKind::BadOp, "a guard's argument asks the host")),
                        },
                    };
                    match evaluated {
                        Ok(value) if value.has_unknown() => return self.cannot_tell(frame),
                        Ok(value) => frame.args.push((arg.param.get(), value)),
                        Err(fault) => return self.guard_error(frame, fault),
                    }
                }
                // The user of the task is also the user of its guards; nothing else is handed on.
                if let Some(chunk) = self.attr(&block, Attr::RunAs) {
                    match self.user(frame, chunk) {
                        Ok(Some(user)) => frame.runas = Some(user),
                        Ok(None) => return self.cannot_tell(frame),
                        Err(fault) => return self.guard_error(frame, fault),
                    }
                }
                frame.stage = Stage::GuardCommand;
                let call = Call {
                    task: self.around.owner,
                    builtin: guard.builtin.get(),
                    args: std::mem::take(&mut frame.args),
                    mode: self.around.mode,
                    phase: Phase::Guard,
                    attempt: 1,
                    runas: frame.runas.clone(),
                    env: frame::no_env(),
                    timeout: None,
                    cancel: self.around.cancel.clone(),
                };
                return Flow::Wait(Request::Call(Box::new(call)));
            }
            let chunk = chunk.unwrap_or_default();
            match self.evaluate(frame, chunk) {
                Evaluated::Value(Value::Bool(holds)) => {
                    if let Some(flow) = self.guard_says(frame, holds) {
                        return flow;
                    }
                }
                Evaluated::Value(Value::Unknown) if self.around.mode == Mode::Check => return self.cannot_tell(frame),
                Evaluated::Value(other) => {
                    return self.guard_error(frame, arith::mismatch("decide a guard by", &[&other]));
                }
                Evaluated::Fault(fault) => return self.guard_error(frame, fault),
                Evaluated::Ask(function, args) => return Flow::Wait(Request::Probe(function, args)),
            }
        }
        frame.stage = Stage::Prepare;
        frame.row = 0;
        if self.only_reaction && block.builtin.get() != 0 {
            self.react_alone(frame);
        }
        Flow::Again
    }

    /// Takes the answer of guard `row` and moves on; `Some` where the guards have decided.
    pub(super) fn guard_says(&mut self, frame: &mut Frame, holds: bool) -> Option<Flow> {
        let block = self.block(frame);
        let rows = self.around.bundle.block_attrs(&block);
        let is_unless = |i: usize| {
            let attr = rows.get(i).and_then(|row| Attr::from_number(row.attr.get()));
            matches!(attr, Some(Attr::Unless | Attr::UnlessCommand))
        };
        let unless = is_unless(frame.row);
        if let Some(trace) = self.around.trace {
            trace.judged(frame.block, frame.row as u32, holds);
        }
        let reason = match (unless, holds) {
            (false, true) => {
                frame.row += 1;
                return None;
            }
            (false, false) => Reason::OnlyIfFalse,
            // The list skips only if all of it holds: one that does not hold settles it.
            (true, false) => {
                while is_unless(frame.row) {
                    frame.row += 1;
                }
                return None;
            }
            (true, true) if is_unless(frame.row + 1) => {
                frame.row += 1;
                return None;
            }
            (true, true) => Reason::UnlessTrue,
        };
        frame.own.skipped = Some(reason);
        frame.stage = Stage::ItemEnd;
        Some(Flow::Again)
    }

    pub(super) fn guard_command(&mut self, frame: &mut Frame) -> Flow {
        let holds = match frame.last.take() {
            // A dry run that does not know the arguments yet.
            Some(Attempt { fault: None, data: Value::Unknown, .. }) => return self.cannot_tell(frame),
            Some(Attempt { fault: None, .. }) => true,
            // It started and said no; anything else means that it could not be asked.
            Some(Attempt { fault: Some(Fault { kind: FaultKind::CommandFailed, .. }), .. }) => false,
            Some(Attempt { fault: Some(fault), .. }) => return self.guard_error(frame, fault),
            None => return self.guard_error(frame, Fault::new(FaultKind::GuardError, "no answer")),
        };
        frame.stage = Stage::Guard;
        self.guard_says(frame, holds).unwrap_or(Flow::Again)
    }

    /// The user of the task; `None` if a dry run does not know it yet.
    pub(super) fn user(&mut self, frame: &mut Frame, chunk: u32) -> Result<Option<Arc<str>>, Fault> {
        match self.evaluate(frame, chunk) {
            Evaluated::Value(Value::Str(user)) => Ok(Some(user)),
            Evaluated::Value(Value::Unknown) => Ok(None),
            Evaluated::Value(other) => Err(arith::mismatch("run as", &[&other])),
            Evaluated::Fault(fault) => Err(fault),
            Evaluated::Ask(..) => Err(Fault::new(FaultKind::BadOp, "`runas` asks the host")),
        }
    }
}
