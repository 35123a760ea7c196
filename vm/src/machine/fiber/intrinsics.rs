//! Built-ins the machine executes itself: they need only time and values.

use super::*;

impl Scene<'_, '_> {
    pub(super) fn nop(&mut self, frame: &mut Frame) -> Flow {
        use intrinsic::nop::{CHECK, COMMENT, FOR, OUTCOME, REACTION};
        let word = |param| self.arg(frame, param).and_then(Value::as_str);
        let outcome = word(OUTCOME).unwrap_or("ok");
        let outcome = match (frame.phase, self.around.mode) {
            // A reaction counts as a change until it is made.
            (Phase::Reaction, Mode::Check) => "changed",
            (Phase::Reaction, Mode::Apply) => word(REACTION).unwrap_or("changed"),
            (_, Mode::Check) => word(CHECK).unwrap_or(outcome),
            (_, Mode::Apply) => outcome,
        };
        let comment = word(COMMENT).unwrap_or_default();
        let unknown = |param| matches!(self.arg(frame, param), Some(Value::Unknown));
        let data = if unknown(COMMENT) { Value::map([("comment", Value::Unknown)]) } else { nop_data(comment) };
        let mut attempt = Attempt::done(outcome == "changed", comment.into(), data);
        if frame.phase == Phase::Body && unknown(OUTCOME) && word(CHECK).is_none() {
            // A dry run: what it is told to come to is not known yet.
            (attempt.changed, attempt.sure_changed) = (true, false);
        }
        if outcome == "failed" {
            attempt.fault = Some(Fault::new(FaultKind::ToldToFail, comment));
        }
        frame.last = Some(Box::new(attempt));
        let nanos = self.duration_arg(frame, FOR, 0);
        match self.around.mode {
            Mode::Apply if nanos > 0 => self.pass(frame, nanos),
            _ => Flow::Again,
        }
    }

    pub(super) fn sleep(&mut self, frame: &mut Frame) -> Flow {
        use intrinsic::sleep::{FOR, JITTER};
        let jitter = self.duration_arg(frame, JITTER, 0);
        let nanos = self.duration_arg(frame, FOR, 0).saturating_add(self.chance(frame, jitter));
        let dry = self.around.mode == Mode::Check;
        let slept = if dry { 0 } else { nanos };
        let told = match dry && (jitter > 0 || self.arg(frame, FOR).is_some_and(|v| *v == Value::Unknown)) {
            true => Value::Unknown,
            false => Value::Duration(i64::try_from(nanos).unwrap_or(i64::MAX)),
        };
        let data = Value::map([("slept", told)]);
        frame.last = Some(Box::new(Attempt::done(false, String::new(), data)));
        if slept == 0 { Flow::Again } else { self.pass(frame, slept) }
    }

    /// One look of `ipcmm.wait`.
    pub(super) fn look(&mut self, frame: &mut Frame) -> Flow {
        use intrinsic::wait::{EVERY, FILE, HOST, PORT, REGEX, TIMEOUT, UNTIL};
        let block = self.block(frame);
        let answer = if let Some(attempt) = frame.last.take().map(|last| *last) {
            // A direct question was answered, or the time limit was reached while pausing.
            match attempt {
                Attempt { fault: Some(fault), .. } => return self.attempt_failed(frame, fault),
                Attempt { changed, .. } => Some(changed),
            }
        } else if let Some(chunk) = self.thunk(&block, UNTIL) {
            match self.evaluate(frame, chunk) {
                Evaluated::Value(Value::Bool(holds)) => Some(holds),
                Evaluated::Value(Value::Unknown) => None,
                Evaluated::Value(other) => {
                    return self.attempt_failed(frame, arith::mismatch("wait for", &[&other]));
                }
                Evaluated::Fault(fault) => return self.attempt_failed(frame, fault),
                Evaluated::Ask(function, args) => return Flow::Wait(Request::Probe(function, args)),
            }
        } else {
            let question = match (self.arg(frame, PORT), self.arg(frame, FILE), self.arg(frame, REGEX)) {
                (Some(port), ..) => {
                    let host = self.arg(frame, HOST).cloned().unwrap_or_else(|| Value::str("127.0.0.1"));
                    (Function::NetListens, vec![host, port.clone()])
                }
                (None, Some(file), Some(regex)) => (Function::FsMatches, vec![file.clone(), regex.clone()]),
                (None, Some(file), None) => (Function::FsExists, vec![file.clone()]),
                _ => return self.attempt_failed(frame, Fault::new(FaultKind::Missing, "nothing to wait for")),
            };
            return Flow::Wait(Request::Probe(question.0, question.1));
        };
        frame.looks += 1;
        let waited = self.around.now - frame.attempt_started;
        let dry = self.around.mode == Mode::Check;
        let known = |value: Value| if dry { Value::Unknown } else { value };
        let (waited, looks) = (Value::Duration(waited as i64), Value::Int(frame.looks.into()));
        let data = Value::map([("waited", known(waited)), ("looks", known(looks))]);
        if answer == Some(true) || dry {
            let comment = if answer == Some(true) { "" } else { "would have to wait" };
            frame.last = Some(Box::new(Attempt::done(false, comment.into(), data)));
            frame.stage = Stage::FailedIf;
            return Flow::Again;
        }
        let timeout = self.duration_arg(frame, TIMEOUT, 300_000_000_000);
        let every = self.duration_arg(frame, EVERY, 1_000_000_000).max(1_000_000);
        let left = (frame.attempt_started + timeout).saturating_sub(self.around.now);
        if left == 0 {
            let detail = format!("the condition did not hold within {}", Value::Duration(timeout as i64));
            return self.attempt_failed(frame, Fault::new(FaultKind::TimedOut, detail));
        }
        self.pass(frame, every.min(left))
    }

    pub(super) fn evaluate_body(&mut self, frame: &mut Frame) -> Flow {
        let block = self.block(frame);
        let Some(chunk) = self.thunk(&block, intrinsic::eval::EXPR) else {
            return self.attempt_failed(frame, Fault::new(FaultKind::Missing, "no expression"));
        };
        match self.evaluate(frame, chunk) {
            Evaluated::Value(value) => {
                frame.last = Some(Box::new(Attempt::done(false, String::new(), Value::map([("value", value)]))));
                frame.stage = Stage::FailedIf;
                Flow::Again
            }
            Evaluated::Fault(fault) => self.attempt_failed(frame, fault),
            Evaluated::Ask(function, args) => Flow::Wait(Request::Probe(function, args)),
        }
    }
}

/// The result data of a `nop`. Most have no comment and share one value.
fn nop_data(comment: &str) -> Value {
    static SILENT: std::sync::OnceLock<Value> = std::sync::OnceLock::new();
    let data = |comment: &str| Value::map([("comment", Value::str(comment))]);
    if comment.is_empty() { SILENT.get_or_init(|| data("")).clone() } else { data(comment) }
}
