//! Built-ins that run tasks on demand: what they ask the run for, and what they hand on.
//!
//! Unaware of: how a subrun is carried out, and where its handle leads.

use super::*;
use ipcmm_bytecode::catalog::intrinsic::{apply, async_, concurrent, fork, invoke, join, parallel};

/// What a task hands on to the tasks it runs: the names it sees itself, and variables.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Captured(Option<Arc<[(Slot, Value)]>>);

impl Captured {
    /// Nothing.
    pub const EMPTY: Captured = Captured(None);

    /// The same for an event.
    pub fn with_event(&self, event: Value) -> Captured {
        let others = self.0.iter().flat_map(|values| values.iter()).filter(|(slot, _)| *slot != Slot::Event);
        Captured(Some(others.cloned().chain([(Slot::Event, event)]).collect()))
    }

    /// The value of a slot, if it is handed on.
    pub fn get(&self, slot: Slot) -> Option<Value> {
        let values = self.0.as_deref()?;
        values.iter().find(|(own, _)| *own == slot).map(|(_, value)| value.clone())
    }
}

/// How the tasks of a subrun run beside each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    /// One after the other; a failure is the end.
    OneByOne,
    /// As they say, at most so many in the background; those of the run, if that is not said.
    AsWritten(Option<u32>),
    /// All at once, at most so many.
    AllAtOnce(Option<u32>),
    /// All at once, their calls made by one worker.
    ByOneWorker(u32),
}

/// Tasks to be run on demand.
#[derive(Clone, Debug)]
pub struct Start {
    /// Where their list begins among the selections of the bundle.
    pub selection: u32,
    /// What they see of the task that runs them.
    pub captured: Captured,
    /// How they run beside each other.
    pub beside: Beside,
    /// The first failure ends what is under way.
    pub fail_fast: bool,
    /// Nobody waits: the answer is a handle. Then also whether the handle is of no use, because nobody will join it.
    pub background: Option<Detach>,
    /// They are only asked what they would change.
    pub mode: Mode,
    /// The answer says nothing of changes: the caller wanted to know only.
    pub only_asks: bool,
    /// Nanoseconds they may take.
    pub limit: Option<u64>,
    /// The answer has the fields of both: what came of it, and a handle.
    pub both: bool,
}

/// Whether somebody may join what runs in the background.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detach {
    /// It is awaited at the latest at the end of the run, and its failure is one of the run.
    No,
    /// It is given up at the end of the run, and how it ends says nothing of the run.
    Yes,
}

/// Handles that somebody waits for.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The handles, as the run gave them.
    pub handles: Vec<u32>,
    /// How many must end well; all of them if not said.
    pub need: Option<u32>,
    /// Nanoseconds that it may take.
    pub limit: Option<u64>,
    /// Whether those that are not needed any more are given up.
    pub cancel_rest: bool,
}

impl Scene<'_, '_> {
    /// Asks the run for the tasks of a body.
    pub(super) fn run_on_demand(&mut self, frame: &mut Frame, which: Intrinsic) -> Flow {
        let block = self.block(frame);
        let param = match which {
            Intrinsic::Apply => apply::WHAT,
            Intrinsic::Invoke => invoke::CALLEE,
            // The body is the first parameter of all others.
            _ => parallel::BODY,
        };
        let Some(selection) = self.tasks_arg(&block, param) else {
            return self.attempt_failed(frame, Fault::new(FaultKind::Missing, "no tasks to run"));
        };
        let max = match self.count_arg(frame, if which == Intrinsic::Apply { apply::MAX } else { parallel::MAX }) {
            Ok(max) if matches!(which, Intrinsic::Parallel | Intrinsic::Concurrent | Intrinsic::Apply) => max,
            Ok(_) => None,
            Err(fault) => return self.attempt_failed(frame, fault),
        };
        let word = |param| self.arg(frame, param).and_then(Value::as_str);
        let holds = |param| matches!(self.arg(frame, param), Some(Value::Bool(true)));
        let (mut background, mut asks, mut vars, mut limit) = (None, false, None, None);
        let (beside, fail_fast) = match which {
            Intrinsic::Parallel => (Beside::AllAtOnce(max), word(parallel::FAIL) != Some("collect")),
            Intrinsic::Concurrent => {
                (Beside::ByOneWorker(max.unwrap_or(u32::MAX)), word(concurrent::FAIL) != Some("collect"))
            }
            Intrinsic::Fork => {
                (background, vars) = (Some(Detach::No), self.arg(frame, fork::VARS).cloned());
                (Beside::OneByOne, false)
            }
            Intrinsic::Async => {
                background = Some(if holds(async_::DETACH) { Detach::Yes } else { Detach::No });
                (Beside::OneByOne, false)
            }
            Intrinsic::Apply => {
                asks = holds(apply::CHECK);
                (Beside::AsWritten(max), false)
            }
            Intrinsic::Invoke => {
                background = (word(invoke::MODE) == Some("async")).then_some(Detach::No);
                vars = Some(self.arg(frame, invoke::ARGS).cloned().unwrap_or_else(|| Value::map::<&str>([])));
                limit = self.arg(frame, invoke::TIMEOUT).map(|_| self.duration_arg(frame, invoke::TIMEOUT, 0));
                (Beside::AsWritten(None), false)
            }
            Intrinsic::Nop
            | Intrinsic::Sleep
            | Intrinsic::Wait
            | Intrinsic::Eval
            | Intrinsic::Join
            | Intrinsic::Event
            | Intrinsic::Fire
            | Intrinsic::Bind
            | Intrinsic::Unbind
            | Intrinsic::React
            | Intrinsic::Schedule => {
                return self.attempt_failed(frame, Fault::new(FaultKind::UnknownBuiltin, "it runs no tasks"));
            }
        };
        let own = which == Intrinsic::Fork;
        let captured = self.captured(frame, vars, own);
        let limit = limit.into_iter().chain(self.left(frame, &block)).min();
        let start = Start {
            selection,
            captured,
            beside,
            fail_fast,
            background,
            mode: if asks { Mode::Check } else { self.around.mode },
            only_asks: asks && self.around.mode == Mode::Apply,
            both: which == Intrinsic::Invoke,
            // What runs in the background is not the execution that the time limit is for.
            limit: if background.is_some() && which != Intrinsic::Invoke { None } else { limit },
        };
        Flow::Wait(Request::Start(Box::new(start)))
    }

    /// Asks the run for the ends of handles.
    pub(super) fn await_handles(&mut self, frame: &mut Frame) -> Flow {
        let block = self.block(frame);
        let handles = match self.arg(frame, join::HANDLES) {
            Some(Value::List(items)) => items.clone(),
            Some(value) if value.has_unknown() => return self.not_known_yet(frame),
            other => {
                let other = other.cloned().unwrap_or(Value::Null);
                return self.attempt_failed(frame, arith::mismatch("join", &[&other]));
            }
        };
        let mut numbers = Vec::with_capacity(handles.len());
        for handle in handles.iter() {
            match handle {
                Value::Int(number) if u32::try_from(*number).is_ok() => numbers.push(*number as u32),
                Value::Unknown => return self.not_known_yet(frame),
                // What was not put into the background has no handle.
                Value::Null => {}
                other => return self.attempt_failed(frame, arith::mismatch("join", &[other])),
            }
        }
        let need = match self.arg(frame, join::POLICY) {
            None => None,
            Some(Value::Str(word)) if &**word == "all" => None,
            Some(Value::Str(word)) if &**word == "any" => Some(1),
            Some(Value::Int(n)) if (1..=numbers.len() as i64).contains(n) => Some(*n as u32),
            Some(Value::Unknown) => return self.not_known_yet(frame),
            Some(other) => {
                let detail = format!("`policy` is {other}, and there are {} handles", numbers.len());
                return self.attempt_failed(frame, Fault::new(FaultKind::BadArgument, detail));
            }
        };
        let own = self.arg(frame, join::TIMEOUT).map(|_| self.duration_arg(frame, join::TIMEOUT, 0));
        let limit = own.into_iter().chain(self.left(frame, &block)).min();
        let cancel_rest = !matches!(self.arg(frame, join::CANCEL_REST), Some(Value::Bool(false)));
        Flow::Wait(Request::Join(Box::new(Wanted { handles: numbers, need, limit, cancel_rest })))
    }

    pub(super) fn not_known_yet(&mut self, frame: &mut Frame) -> Flow {
        frame.last = Some(Box::new(Attempt::done(false, "depends on values known after apply".into(), Value::Unknown)));
        Flow::Again
    }

    pub(super) fn tasks_arg(&self, block: &BlockRow, param: u16) -> Option<u32> {
        let rows = self.around.bundle.block_args(block);
        rows.iter().find(|r| r.param.get() == param && r.kind.get() == ArgKind::Tasks as u16).map(|r| r.value.get())
    }

    /// A number of tasks, from 1.
    fn count_arg(&self, frame: &Frame, param: u16) -> Result<Option<u32>, Fault> {
        match self.arg(frame, param) {
            Some(Value::Int(n)) if *n < 1 => {
                Err(Fault::new(FaultKind::BadArgument, format!("`max` is {n}; at least one task must run")))
            }
            Some(Value::Int(n)) => Ok(Some(u32::try_from(*n).unwrap_or(u32::MAX))),
            Some(_) | None => Ok(None),
        }
    }

    /// What is left of the time limits of the step and of its label.
    fn left(&self, frame: &Frame, block: &BlockRow) -> Option<u64> {
        let of = |limit: Duration, since: u64| {
            let spent = Duration::from_nanos(self.around.now - since);
            u64::try_from(limit.saturating_sub(spent).as_nanos()).unwrap_or(u64::MAX)
        };
        let own = self.timeout(block).map(|limit| of(limit, frame.attempt_started));
        let label =
            self.below.last().and_then(|parent| Some(of(self.timeout(&self.block(parent))?, parent.attempt_started)));
        own.into_iter().chain(label).min()
    }

    /// The names this frame sees that belong to its task, and variables: those that are given, over those that were
    /// handed on if `over`.
    pub(super) fn captured(&self, frame: &Frame, vars: Option<Value>, over: bool) -> Captured {
        let scope = FrameScope { below: self.below, top: frame, around: self.around };
        let mut values: SmallVec<[(Slot, Value); 6]> = SmallVec::new();
        for slot in [Slot::Item, Slot::Key, Slot::Index, Slot::Round, Slot::Phase, Slot::Event] {
            let value = scope.slot(slot);
            if value != Value::Null {
                values.push((slot, value));
            }
        }
        let inherited = self.around.captured.get(Slot::Vars);
        let vars = match (vars, inherited) {
            (Some(Value::Map(own)), Some(Value::Map(outer))) if over => {
                let mut joined = (*outer).clone();
                joined.extend(own.iter().map(|(key, value)| (key.clone(), value.clone())));
                Some(Value::Map(Arc::new(joined)))
            }
            (Some(own), _) => Some(own),
            (None, inherited) => inherited,
        };
        values.extend(vars.map(|vars| (Slot::Vars, vars)));
        if values.is_empty() { Captured::EMPTY } else { Captured(Some(values.into_iter().collect())) }
    }
}
