//! One frame of a fiber on stage, with what is around it: which stage does what, and what all stages share.

use super::*;
use ipcmm_bytecode::bundle::EdgeKind;

/// What a stage decided.
pub(super) enum Flow {
    Again,
    Enter(u32),
    Wait(Request),
    Left,
    End(Box<TaskEnd>),
}

/// The fiber around the frame that is advanced.
pub(super) struct Scene<'s, 'a> {
    pub(super) task: u32,
    pub(super) fired: bool,
    pub(super) only_reaction: bool,
    pub(super) verdict: &'s Verdict,
    pub(super) below: &'s mut SmallVec<[Box<Frame>; 2]>,
    pub(super) started: &'s mut Option<u64>,
    pub(super) around: &'s Surroundings<'a>,
}

impl Scene<'_, '_> {
    pub(super) fn block(&self, frame: &Frame) -> BlockRow {
        self.around.bundle.blocks()[frame.block as usize]
    }

    pub(super) fn attr(&self, block: &BlockRow, attr: Attr) -> Option<u32> {
        let rows = self.around.bundle.block_attrs(block);
        rows.iter().find(|row| row.attr.get() == attr as u16).map(|row| row.value.get())
    }

    /// Tells of the condition of a block that stands once among its attributes.
    pub(super) fn judged(&self, frame: &Frame, attr: Attr, holds: bool) {
        let Some(trace) = self.around.trace else { return };
        let rows = self.around.bundle.block_attrs(&self.block(frame));
        if let Some(row) = rows.iter().position(|row| row.attr.get() == attr as u16) {
            trace.judged(frame.block, row as u32, holds);
        }
    }

    pub(super) fn shape(&self, block: &BlockRow) -> Option<BuiltinShape> {
        self.around.bundle.catalog().builtin(block.builtin.get())
    }

    /// Evaluates a chunk in the scope of this frame, from where it stopped.
    pub(super) fn evaluate(&mut self, frame: &mut Frame, chunk: u32) -> Evaluated {
        if let Some(fault) = frame.probe_fault.take() {
            frame.eval = None;
            return Evaluated::Fault(*fault);
        }
        let mut eval = match frame.eval.take() {
            Some(eval) => *eval,
            None => Eval::new(self.around.bundle, chunk),
        };
        let scope = FrameScope { below: self.below, top: frame, around: self.around };
        let step = eval.step(self.around.bundle, &scope);
        match step {
            Ok(EvalStep::Done(value)) => Evaluated::Value(value),
            Err(fault) => Evaluated::Fault(fault),
            Ok(EvalStep::Probe(function, args)) => {
                frame.eval = Some(Box::new(eval));
                Evaluated::Ask(function, args)
            }
        }
    }

    pub(super) fn advance(&mut self, frame: &mut Frame) -> Flow {
        match frame.stage {
            Stage::Target => self.target(frame),
            Stage::Enter => self.enter(frame),
            Stage::When => self.when(frame),
            Stage::Needs => self.needs(frame),
            Stage::Item => self.item(frame),
            Stage::Guard => self.guard(frame),
            Stage::GuardCommand => self.guard_command(frame),
            Stage::Prepare => self.prepare(frame),
            Stage::Invoke => self.invoke(frame),
            Stage::Working => self.working(frame),
            Stage::Look => self.look(frame),
            Stage::Evaluate => self.evaluate_body(frame),
            Stage::OwnChangedIf => self.own_changed_if(frame),
            Stage::FailedIf => self.failed_if(frame),
            Stage::ChangedIf => self.changed_if(frame),
            Stage::Until => self.until(frame),
            Stage::Pause => {
                frame.row = 0;
                frame.stage = Stage::Prepare;
                Flow::Again
            }
            Stage::Expect => self.expect(frame),
            Stage::ItemEnd => self.item_end(frame),
            Stage::RoundEnd => self.round_ends(frame),
            Stage::Leave => Flow::Left,
        }
    }

    /// The end of a task whose needs are not met.
    pub(super) fn refused(&self) -> Option<Box<TaskEnd>> {
        let (outcome, cause) = match *self.verdict {
            Verdict::Run | Verdict::As(_) => return None,
            Verdict::Blocked(by) => (Outcome::Blocked, by),
            Verdict::Skipped(by) => (Outcome::Skipped, by),
        };
        let reason = match (outcome, cause.keyword) {
            (Outcome::Blocked, _) => Reason::RequisiteFailed,
            (_, EdgeKind::DependsOn | EdgeKind::RequiresAny) => Reason::RequisiteSkipped,
            _ => Reason::TriggerUnmet,
        };
        let end = TaskEnd::without_body(outcome, reason, self.around.now);
        Some(Box::new(TaskEnd { because: Some(cause.target), keyword: Some(cause.keyword), ..end }))
    }

    pub(super) fn timeout(&self, block: &BlockRow) -> Option<Duration> {
        self.attr(block, Attr::Timeout).map(|ms| Duration::from_millis(ms.into()))
    }

    pub(super) fn thunk(&self, block: &BlockRow, param: u16) -> Option<u32> {
        let rows = self.around.bundle.block_args(block);
        rows.iter().find(|r| r.param.get() == param && r.kind.get() == ArgKind::Thunk as u16).map(|r| r.value.get())
    }

    pub(super) fn arg<'f>(&self, frame: &'f Frame, param: u16) -> Option<&'f Value> {
        frame.args.iter().find(|(p, _)| *p == param).map(|(_, v)| v)
    }

    pub(super) fn duration_arg(&self, frame: &Frame, param: u16, default: u64) -> u64 {
        match self.arg(frame, param) {
            Some(Value::Duration(ns)) => (*ns).max(0) as u64,
            Some(Value::Int(s)) => ((*s).max(0) as u64).saturating_mul(1_000_000_000),
            _ => default,
        }
    }

    /// Lets time pass, but not past the time limit of the attempt.
    pub(super) fn pass(&mut self, frame: &mut Frame, nanos: u64) -> Flow {
        let limit = self.timeout(&self.block(frame)).map(|t| t.as_nanos() as u64);
        let left = limit.map(|limit| (frame.attempt_started + limit).saturating_sub(self.around.now));
        match left {
            Some(left) if left < nanos => {
                frame.sleep_is_limit = true;
                Flow::Wait(Request::Sleep(left))
            }
            _ => Flow::Wait(Request::Sleep(nanos)),
        }
    }

    /// A number from 0 to `most`, the same in every run of one seed.
    pub(super) fn chance(&self, frame: &Frame, most: u64) -> u64 {
        if most == 0 {
            return 0;
        }
        let mut x = self.around.seed
            ^ u64::from(self.around.subrun).wrapping_mul(0xd6e8_feb8_6659_fd93)
            ^ u64::from(self.task).wrapping_mul(0x9e37_79b9_7f4a_7c15)
            ^ (frame.item as u64).wrapping_mul(0xc2b2_ae3d_27d4_eb4f)
            ^ u64::from(frame.attempt).wrapping_mul(0x1656_67b1_9e37_79f9);
        // splitmix64: every input bit reaches every output bit.
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (x ^ (x >> 31)) % most.saturating_add(1)
    }

    pub(super) fn attempt_failed(&mut self, frame: &mut Frame, fault: Fault) -> Flow {
        frame.last = Some(Attempt::failed(fault));
        frame.stage = Stage::FailedIf;
        Flow::Again
    }
}
