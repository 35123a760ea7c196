//! A fiber: one task instance, from its guards to its outcome. It never waits: it hands out a request and is
//! stepped again with the answer. Steps follow `spec/semantics.md`: `when` for all items, needs, guards, body with
//! retry, reaction.

use super::eval::{Code, Eval, EvalStep, Scope};
use super::progress::{Attempt, Total};
use crate::host::{Call, Host, Mode, Phase, Reply};
use crate::outcome::{Outcome, Reason, TaskEnd};
use crate::sched::Verdict;
use crate::verify::Verified;
use ipcmm_bytecode::bundle::Attr;
use ipcmm_bytecode::bundle::rows::{ArgKind, BlockRow, TASK_STOPS};
use ipcmm_bytecode::catalog::{Intrinsic, Reaction, Runs, intrinsic};
use ipcmm_bytecode::{BuiltinShape, Fault, FaultKind, Function, Slot, Value, limits};
use smallvec::SmallVec;
use std::sync::Arc;
use std::time::Duration;

/// What a fiber waits for.
#[derive(Debug)]
pub enum Request {
    /// The host executes a built-in.
    Call(Box<Call>),
    /// The host answers a function.
    Probe(Function, Vec<Value>),
    /// Time passes, in nanoseconds.
    Sleep(u64),
}

/// An answer, or the first push.
#[derive(Debug)]
pub enum Input {
    /// Begin.
    Start,
    /// The answer to [`Request::Call`].
    Reply(Reply),
    /// The answer to [`Request::Probe`].
    Probe(Result<Value, Fault>),
    /// The time of [`Request::Sleep`] has passed.
    Woke,
    /// Nobody waits any more: end now.
    Cancelled,
}

/// Where a fiber stands after a step.
#[derive(Debug)]
pub enum Step {
    /// It waits.
    Wait(Request),
    /// It is over.
    Done(Box<TaskEnd>),
}

/// What a fiber can see while it is stepped.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    /// The code.
    pub bundle: &'a Verified<'a>,
    /// Answers facts.
    pub host: &'a dyn Host,
    /// Result records of finished tasks.
    pub results: &'a dyn Fn(u32) -> Option<Value>,
    /// Apply or check.
    pub mode: Mode,
    /// Seed of everything random in the run.
    pub seed: u64,
    /// Nanoseconds since the start of the run.
    pub now: u64,
}

impl Code for Verified<'_> {
    fn chunk(&self, chunk: u32) -> Option<(&[u8], u16)> {
        Some((self.chunk_code(chunk)?, self.chunks().get(chunk as usize)?.registers.get()))
    }
    fn constant(&self, number: u32) -> Result<Value, Fault> {
        ipcmm_bytecode::bundle::Bundle::constant(self, number)
    }
}

/// Steps of a block. The comment says what holds when the stage is entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Nothing was done.
    Enter,
    /// Items are known; `when` is judged for item `item`.
    When,
    /// `when` is known for all items; only the outermost block looks at needs.
    Needs,
    /// Item `item` is to be worked on.
    Item,
    /// Guards before `row` hold.
    Guard,
    /// The command of guard `row` was called.
    GuardCommand,
    /// An attempt begins: attributes and arguments before `row` are evaluated.
    Prepare,
    /// Arguments are evaluated.
    Invoke,
    /// The host works, or a child block, or time passes.
    Working,
    /// `ipcmm.wait` looks whether its condition holds.
    Look,
    /// `ipcmm.eval` evaluates.
    Evaluate,
    /// The built-in's own `changed_if` is judged.
    OwnChangedIf,
    /// The attempt is over; `failed_if` is judged.
    FailedIf,
    /// `changed_if` is judged.
    ChangedIf,
    /// `until` is judged.
    Until,
    /// The pause between attempts.
    Pause,
    /// The item is over.
    ItemEnd,
    /// All items are over.
    Leave,
}

/// Items of a loop.
#[derive(Clone, Debug)]
enum Items {
    /// No loop: the body is done once.
    Once,
    List(Arc<Vec<Value>>),
    /// Keys and values of a map, in key order.
    Map(Vec<(Arc<str>, Value)>),
    Range(i64, u64),
}

impl Items {
    fn count(&self) -> u64 {
        match self {
            Items::Once => 1,
            Items::List(items) => items.len() as u64,
            Items::Map(entries) => entries.len() as u64,
            Items::Range(_, n) => *n,
        }
    }

    /// As `count`, once the limit of items was checked.
    fn len(&self) -> usize {
        self.count() as usize
    }

    fn item(&self, i: usize) -> Value {
        match self {
            Items::Once => Value::Null,
            Items::List(items) => items.get(i).cloned().unwrap_or(Value::Null),
            Items::Map(entries) => entries.get(i).map_or(Value::Null, |(key, value)| {
                Value::map([("key", Value::Str(key.clone())), ("value", value.clone())])
            }),
            Items::Range(lo, _) => Value::Int(lo.saturating_add(i as i64)),
        }
    }

    fn key(&self, i: usize) -> Value {
        match self {
            Items::Map(entries) => entries.get(i).map_or(Value::Null, |(key, _)| Value::Str(key.clone())),
            _ => Value::Int(i as i64),
        }
    }
}

#[derive(Debug)]
struct Frame {
    block: u32,
    stage: Stage,
    eval: Option<Eval>,
    /// A probe failed: the evaluation under way ends with this.
    probe_fault: Option<Fault>,
    items: Items,
    item: usize,
    /// `when` of each item; empty where all hold.
    admitted: Vec<Option<bool>>,
    row: usize,
    phase: Phase,
    attempt: u32,
    attempt_started: u64,
    /// Whether the sleep under way ends at the task's time limit.
    sleep_is_limit: bool,
    /// Looks of `ipcmm.wait`.
    looks: u32,
    child: u16,
    args: Vec<(u16, Value)>,
    runas: Option<Arc<str>>,
    env: Arc<[(Arc<str>, Arc<str>)]>,
    last: Option<Attempt>,
    /// What children of the current attempt of a sequence add up to.
    children: Total,
    /// What the current item adds up to.
    own: Total,
    /// What finished items add up to.
    total: Total,
}

impl Frame {
    fn new(block: u32) -> Frame {
        Frame {
            block,
            stage: Stage::Enter,
            eval: None,
            probe_fault: None,
            items: Items::Once,
            item: 0,
            admitted: Vec::new(),
            row: 0,
            phase: Phase::Body,
            attempt: 0,
            attempt_started: 0,
            sleep_is_limit: false,
            looks: 0,
            child: 0,
            args: Vec::new(),
            runas: None,
            env: Arc::new([]),
            last: None,
            children: Total::default(),
            own: Total::default(),
            total: Total::default(),
        }
    }
}

/// The answer of an evaluation that may have to ask the host first.
enum Evaluated {
    Value(Value),
    Fault(Fault),
    Ask(Function, Vec<Value>),
}

/// A task instance.
#[derive(Debug)]
pub struct Fiber {
    task: u32,
    verdict: Verdict,
    /// A watched target changed.
    fired: bool,
    frames: SmallVec<[Box<Frame>; 2]>,
    started: Option<u64>,
}

struct FrameScope<'a> {
    below: &'a [Box<Frame>],
    top: &'a Frame,
    around: &'a Surroundings<'a>,
}

impl Scope for FrameScope<'_> {
    fn fact(&self, path: &str) -> Result<Value, Fault> {
        self.around.host.fact(path)
    }

    fn result(&self, task: u32) -> Result<Value, Fault> {
        (self.around.results)(task)
            .ok_or_else(|| Fault::new(FaultKind::NoResult, format!("of `{}`", self.around.bundle.label(task))))
    }

    fn slot(&self, slot: Slot) -> Value {
        // A step inside a looped label sees the item of the label.
        let below = self.below.iter().rev().map(|frame| &**frame);
        let mut frames = std::iter::once(self.top).chain(below);
        let mut looping = || frames.find(|f| !matches!(f.items, Items::Once));
        match slot {
            Slot::Item => looping().map(|f| f.items.item(f.item)),
            Slot::Key => looping().map(|f| f.items.key(f.item)),
            Slot::Index => looping().map(|f| Value::Int(f.item as i64)),
            Slot::Attempt => Some(Value::Int(self.top.attempt.into())),
            Slot::Result => self.top.last.as_ref().map(|last| last.record(self.top.attempt)),
        }
        .unwrap_or(Value::Null)
    }
}

impl Fiber {
    /// A fiber for a task whose targets have all finished. `fired` says that a watched target changed.
    pub fn new(task: u32, block: u32, verdict: Verdict, fired: bool) -> Fiber {
        let mut frames = SmallVec::new();
        frames.push(Box::new(Frame::new(block)));
        Fiber { task, verdict, fired, frames, started: None }
    }

    /// Goes on until the fiber waits or is over.
    pub fn step(&mut self, input: Input, around: &Surroundings<'_>) -> Step {
        if matches!(input, Input::Cancelled) {
            let fault = Fault::new(FaultKind::Cancelled, "");
            return Step::Done(Box::new(TaskEnd {
                fault: Some(fault),
                started: self.started.unwrap_or(around.now),
                ..TaskEnd::without_body(Outcome::Failed, Reason::RunStopped, around.now)
            }));
        }
        let mut input = Some(input);
        while let Some(mut frame) = self.frames.pop() {
            if let Some(input) = input.take() {
                take(&mut frame, input, around);
            }
            let mut scene = Scene {
                task: self.task,
                fired: self.fired,
                verdict: &self.verdict,
                below: &mut self.frames,
                started: &mut self.started,
                around,
            };
            match scene.advance(&mut frame) {
                Flow::Again => self.frames.push(frame),
                Flow::Enter(child) => {
                    self.frames.push(frame);
                    self.frames.push(Box::new(Frame::new(child)));
                }
                Flow::Wait(request) => {
                    self.frames.push(frame);
                    return Step::Wait(request);
                }
                Flow::End(end) => return Step::Done(end),
                Flow::Left => match self.frames.last_mut() {
                    Some(parent) => child_left(parent, *frame),
                    None => return Step::Done(Box::new(self.conclude(*frame, around))),
                },
            }
        }
        Step::Done(Box::new(TaskEnd::without_body(Outcome::Failed, Reason::Ran, around.now)))
    }

    /// The outcome of a task whose outermost block is over.
    fn conclude(&self, mut frame: Frame, around: &Surroundings<'_>) -> TaskEnd {
        let total = std::mem::take(&mut frame.total);
        let (outcome, reason) = match &total {
            Total { fault: Some(_), guard_fault: true, .. } => (Outcome::Failed, Reason::GuardError),
            Total { fault: Some(_), .. } => (Outcome::Failed, Reason::Ran),
            Total { unknown: true, .. } => (Outcome::WouldChange, Reason::NotKnown),
            Total { ran: false, .. } => (Outcome::Skipped, total.skipped.unwrap_or(Reason::LoopEmpty)),
            Total { reacted, changed, .. } => {
                let reason = if *reacted { Reason::WatchFired } else { Reason::Ran };
                match (changed, around.mode) {
                    (false, _) => (Outcome::Ok, reason),
                    (true, Mode::Apply) => (Outcome::Changed, reason),
                    (true, Mode::Check) => (Outcome::WouldChange, reason),
                }
            }
        };
        let looped = !matches!(frame.items, Items::Once);
        TaskEnd {
            outcome,
            changed: total.changed || total.unknown,
            reason,
            because: None,
            attempts: total.attempts,
            started: self.started.unwrap_or(around.now),
            ended: around.now,
            fault: total.fault,
            changes: total.changes,
            comment: total.comment,
            data: joined(total.data, looped),
        }
    }
}

/// The data of one item as it is, of several as a list.
fn joined(mut data: Vec<Value>, looped: bool) -> Value {
    match data.len() {
        _ if looped => Value::list(data),
        0 => Value::Null,
        1 => data.remove(0),
        _ => Value::list(data),
    }
}

/// Puts an answer where the stage expects it.
fn take(frame: &mut Frame, input: Input, around: &Surroundings<'_>) {
    match input {
        Input::Start | Input::Cancelled => {}
        Input::Reply(reply) => frame.last = Some(reply.into()),
        Input::Woke => {
            if frame.sleep_is_limit {
                let limit = format!("after {}", Value::Duration((around.now - frame.attempt_started) as i64));
                frame.last = Some(Attempt::failed(Fault::new(FaultKind::TimedOut, limit)));
            }
        }
        Input::Probe(Ok(value)) => {
            if let Some(eval) = &mut frame.eval {
                eval.resume(value);
            } else {
                frame.last = Some(Attempt::done(matches!(value, Value::Bool(true)), String::new(), value));
            }
        }
        Input::Probe(Err(fault)) => {
            if frame.eval.is_some() {
                frame.probe_fault = Some(fault);
            } else {
                frame.last = Some(Attempt::failed(fault));
            }
        }
    }
}

/// Adds a finished child to its sequence.
fn child_left(parent: &mut Frame, mut child: Frame) {
    let mut total = std::mem::take(&mut child.total);
    let fault = total.fault.take();
    let data = joined(std::mem::take(&mut total.data), !matches!(child.items, Items::Once));
    parent.children.add_child(total, data);
    parent.child += 1;
    if let Some(fault) = fault {
        parent.children.fault.get_or_insert(fault);
    }
}

/// What a stage decided.
enum Flow {
    Again,
    Enter(u32),
    Wait(Request),
    Left,
    End(Box<TaskEnd>),
}

/// The fiber around the frame that is advanced.
struct Scene<'s, 'a> {
    task: u32,
    fired: bool,
    verdict: &'s Verdict,
    below: &'s mut SmallVec<[Box<Frame>; 2]>,
    started: &'s mut Option<u64>,
    around: &'s Surroundings<'a>,
}

impl Scene<'_, '_> {
    fn block(&self, frame: &Frame) -> BlockRow {
        self.around.bundle.blocks()[frame.block as usize]
    }

    fn attr(&self, block: &BlockRow, attr: Attr) -> Option<u32> {
        let rows = self.around.bundle.block_attrs(block);
        rows.iter().find(|row| row.attr.get() == attr as u16).map(|row| row.value.get())
    }

    fn shape(&self, block: &BlockRow) -> Option<BuiltinShape> {
        self.around.bundle.catalog().builtin(block.builtin.get())
    }

    /// Evaluates a chunk in the scope of this frame, from where it stopped.
    fn evaluate(&mut self, frame: &mut Frame, chunk: u32) -> Evaluated {
        if let Some(fault) = frame.probe_fault.take() {
            frame.eval = None;
            return Evaluated::Fault(fault);
        }
        let mut eval = frame.eval.take().unwrap_or_else(|| Eval::new(self.around.bundle, chunk));
        let scope = FrameScope { below: self.below, top: frame, around: self.around };
        let step = eval.step(self.around.bundle, &scope);
        match step {
            Ok(EvalStep::Done(value)) => Evaluated::Value(value),
            Err(fault) => Evaluated::Fault(fault),
            Ok(EvalStep::Probe(function, args)) => {
                frame.eval = Some(eval);
                Evaluated::Ask(function, args)
            }
        }
    }

    fn advance(&mut self, frame: &mut Frame) -> Flow {
        match frame.stage {
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
            Stage::ItemEnd => self.item_end(frame),
            Stage::Leave => Flow::Left,
        }
    }

    /// A guard or loop that could not be evaluated. What the needs say comes first: a blocked task stays blocked.
    fn guard_error(&mut self, frame: &mut Frame, fault: Fault) -> Flow {
        if self.below.is_empty()
            && matches!(frame.stage, Stage::Enter | Stage::When)
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

    /// The end of a task whose needs are not met.
    fn refused(&self) -> Option<Box<TaskEnd>> {
        let (outcome, reason, because) = match *self.verdict {
            Verdict::Run => return None,
            Verdict::Blocked(by) => (Outcome::Blocked, Reason::RequisiteFailed, by),
            Verdict::Skipped(by) => (Outcome::Skipped, Reason::RequisiteSkipped, by),
        };
        let end = TaskEnd::without_body(outcome, reason, self.around.now);
        Some(Box::new(TaskEnd { because: Some(because), ..end }))
    }

    fn enter(&mut self, frame: &mut Frame) -> Flow {
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
                Value::Range(lo, hi) => Items::Range(lo, super::arith::range_len(lo, hi)),
                Value::Unknown if self.around.mode == Mode::Check => return self.cannot_tell(frame),
                other => return self.guard_error(frame, super::arith::mismatch("loop over", &[&other])),
            };
            if frame.items.count() > limits::LOOP_ITEMS {
                let fault = Fault::new(FaultKind::LoopTooLong, format!("over {} items", limits::LOOP_ITEMS));
                return self.guard_error(frame, fault);
            }
        }
        frame.stage = Stage::When;
        Flow::Again
    }

    fn when(&mut self, frame: &mut Frame) -> Flow {
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
            Evaluated::Value(Value::Bool(holds)) => frame.admitted.push(Some(holds)),
            Evaluated::Value(Value::Unknown) if self.around.mode == Mode::Check => frame.admitted.push(None),
            Evaluated::Value(other) => {
                return self.guard_error(frame, super::arith::mismatch("decide `when` by", &[&other]));
            }
            Evaluated::Fault(fault) => return self.guard_error(frame, fault),
            Evaluated::Ask(function, args) => return Flow::Wait(Request::Probe(function, args)),
        }
        frame.item += 1;
        Flow::Again
    }

    /// Only the outermost block has needs; the steps of a sequence share those of their label.
    fn needs(&mut self, frame: &mut Frame) -> Flow {
        if self.below.is_empty()
            && let Some(end) = self.refused()
        {
            return Flow::End(end);
        }
        frame.stage = Stage::Item;
        Flow::Again
    }

    fn item(&mut self, frame: &mut Frame) -> Flow {
        if frame.item >= frame.items.len() {
            frame.stage = Stage::Leave;
            return Flow::Again;
        }
        frame.own = Total::default();
        frame.phase = Phase::Body;
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
    fn cannot_tell(&mut self, frame: &mut Frame) -> Flow {
        frame.own.unknown = true;
        frame.own.ran = true;
        frame.own.comment = "depends on values known after apply".into();
        frame.own.data.push(Value::Unknown);
        frame.stage = Stage::ItemEnd;
        Flow::Again
    }

    fn guard(&mut self, frame: &mut Frame) -> Flow {
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
                if let Some(chunk) = self.attr(&block, Attr::RunAs)
                    && let Err(flow) = self.prepare_runas(frame, chunk)
                {
                    return flow;
                }
                frame.stage = Stage::GuardCommand;
                let call = Call {
                    task: self.task,
                    builtin: guard.builtin.get(),
                    args: std::mem::take(&mut frame.args),
                    mode: self.around.mode,
                    phase: Phase::Guard,
                    attempt: 1,
                    runas: frame.runas.clone(),
                    env: Arc::new([]),
                    timeout: None,
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
                    return self.guard_error(frame, super::arith::mismatch("decide a guard by", &[&other]));
                }
                Evaluated::Fault(fault) => return self.guard_error(frame, fault),
                Evaluated::Ask(function, args) => return Flow::Wait(Request::Probe(function, args)),
            }
        }
        frame.stage = Stage::Prepare;
        frame.row = 0;
        Flow::Again
    }

    /// Takes the answer of guard `row` and moves on; `Some` where the guards have decided.
    fn guard_says(&mut self, frame: &mut Frame, holds: bool) -> Option<Flow> {
        let block = self.block(frame);
        let rows = self.around.bundle.block_attrs(&block);
        let is_unless = |i: usize| {
            let attr = rows.get(i).and_then(|row| Attr::from_number(row.attr.get()));
            matches!(attr, Some(Attr::Unless | Attr::UnlessCommand))
        };
        let unless = is_unless(frame.row);
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

    fn guard_command(&mut self, frame: &mut Frame) -> Flow {
        let holds = match frame.last.take() {
            Some(Attempt { fault: None, .. }) => true,
            // It started and said no; anything else means that it could not be asked.
            Some(Attempt { fault: Some(Fault { kind: FaultKind::CommandFailed, .. }), .. }) => false,
            Some(Attempt { fault: Some(fault), .. }) => return self.guard_error(frame, fault),
            None => return self.guard_error(frame, Fault::new(FaultKind::GuardError, "no answer")),
        };
        frame.stage = Stage::Guard;
        self.guard_says(frame, holds).unwrap_or(Flow::Again)
    }

    fn prepare_runas(&mut self, frame: &mut Frame, chunk: u32) -> Result<(), Flow> {
        match self.evaluate(frame, chunk) {
            Evaluated::Value(Value::Str(user)) => {
                frame.runas = Some(user);
                Ok(())
            }
            Evaluated::Value(Value::Unknown) => Err(self.cannot_tell(frame)),
            Evaluated::Value(other) => Err(self.attempt_failed(frame, super::arith::mismatch("run as", &[&other]))),
            Evaluated::Fault(fault) => Err(self.attempt_failed(frame, fault)),
            Evaluated::Ask(..) => Err(self.attempt_failed(frame, Fault::new(FaultKind::BadOp, "`runas` asks the host"))),
        }
    }

    fn attempt_failed(&mut self, frame: &mut Frame, fault: Fault) -> Flow {
        frame.last = Some(Attempt::failed(fault));
        frame.stage = Stage::FailedIf;
        Flow::Again
    }

    /// Evaluates user, environment and arguments of an attempt.
    fn prepare(&mut self, frame: &mut Frame) -> Flow {
        let block = self.block(frame);
        if frame.row == 0 && frame.eval.is_none() {
            self.started.get_or_insert(self.around.now);
            frame.attempt = frame.attempt.saturating_add(1);
            frame.attempt_started = self.around.now;
            frame.sleep_is_limit = false;
            frame.looks = 0;
            frame.args.clear();
            if frame.phase == Phase::Body && block.builtin.get() != 0 {
                frame.own.attempts = frame.own.attempts.saturating_add(1);
            }
            if let Some(chunk) = self.attr(&block, Attr::RunAs)
                && let Err(flow) = self.prepare_runas(frame, chunk)
            {
                return flow;
            }
            if let Some(chunk) = self.attr(&block, Attr::Env) {
                match self.evaluate(frame, chunk) {
                    Evaluated::Value(Value::Map(map)) if !map.values().any(Value::has_unknown) => {
                        frame.env = map.iter().map(|(k, v)| (k.clone(), v.to_text())).collect();
                    }
                    Evaluated::Value(value) if value.has_unknown() => return self.cannot_tell(frame),
                    Evaluated::Value(other) => {
                        return self.attempt_failed(frame, super::arith::mismatch("set the environment from", &[&other]));
                    }
                    Evaluated::Fault(fault) => return self.attempt_failed(frame, fault),
                    Evaluated::Ask(function, args) => return Flow::Wait(Request::Probe(function, args)),
                }
            }
        }
        let rows = self.around.bundle.block_args(&block);
        while let Some(row) = rows.get(frame.row) {
            let value = match ArgKind::from_number(row.kind.get()) {
                Some(ArgKind::Constant) => ipcmm_bytecode::bundle::Bundle::constant(self.around.bundle, row.value.get()),
                Some(ArgKind::Asset) => self.around.bundle.asset(row.value.get()).map(|b| Value::Bytes(b.into())),
                // Evaluated by whoever needs it, when it is needed.
                Some(ArgKind::Thunk) | None => {
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
                Err(fault) => return self.attempt_failed(frame, fault),
            }
            frame.row += 1;
        }
        frame.stage = Stage::Invoke;
        Flow::Again
    }

    fn timeout(&self, block: &BlockRow) -> Option<Duration> {
        self.attr(block, Attr::Timeout).map(|ms| Duration::from_millis(ms.into()))
    }

    fn thunk(&self, block: &BlockRow, param: u16) -> Option<u32> {
        let rows = self.around.bundle.block_args(block);
        rows.iter().find(|r| r.param.get() == param && r.kind.get() == ArgKind::Thunk as u16).map(|r| r.value.get())
    }

    fn invoke(&mut self, frame: &mut Frame) -> Flow {
        let block = self.block(frame);
        let Some(shape) = self.shape(&block) else {
            // A sequence: its children run one after the other.
            frame.child = 0;
            frame.children = Total::default();
            frame.stage = Stage::Working;
            return Flow::Again;
        };
        frame.stage = Stage::Working;
        match shape.runs {
            Runs::Host => {
                let own = self.timeout(&block);
                let label = self.below.last().and_then(|parent| {
                    let limit = self.timeout(&self.block(parent))?;
                    Some(limit.saturating_sub(Duration::from_nanos(self.around.now - parent.attempt_started)))
                });
                let call = Call {
                    task: self.task,
                    builtin: block.builtin.get(),
                    args: std::mem::take(&mut frame.args),
                    mode: self.around.mode,
                    phase: frame.phase,
                    attempt: frame.attempt,
                    runas: frame.runas.clone(),
                    env: frame.env.clone(),
                    timeout: own.into_iter().chain(label).min(),
                };
                Flow::Wait(Request::Call(Box::new(call)))
            }
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
        }
    }

    fn arg<'f>(&self, frame: &'f Frame, param: u16) -> Option<&'f Value> {
        frame.args.iter().find(|(p, _)| *p == param).map(|(_, v)| v)
    }

    fn duration_arg(&self, frame: &Frame, param: u16, default: u64) -> u64 {
        match self.arg(frame, param) {
            Some(Value::Duration(ns)) => (*ns).max(0) as u64,
            Some(Value::Int(s)) => (*s).max(0) as u64 * 1_000_000_000,
            _ => default,
        }
    }

    /// Lets time pass, but not past the time limit of the attempt.
    fn pass(&mut self, frame: &mut Frame, nanos: u64) -> Flow {
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

    fn nop(&mut self, frame: &mut Frame) -> Flow {
        use intrinsic::nop::{CHECK, COMMENT, FOR, OUTCOME, REACTION};
        let word = |param| self.arg(frame, param).and_then(Value::as_str).map(str::to_string);
        let outcome = word(OUTCOME).unwrap_or_else(|| "ok".into());
        let outcome = match (frame.phase, self.around.mode) {
            (Phase::Reaction, _) => word(REACTION).unwrap_or_else(|| "changed".into()),
            (_, Mode::Check) => word(CHECK).unwrap_or(outcome),
            (_, Mode::Apply) => outcome,
        };
        let comment = word(COMMENT).unwrap_or_default();
        let data = Value::map([("comment", Value::str(comment.as_str()))]);
        let mut attempt = Attempt::done(outcome == "changed", comment, data);
        if outcome == "failed" {
            attempt.fault = Some(Fault::new(FaultKind::CommandFailed, "told to fail"));
        }
        frame.last = Some(attempt);
        let nanos = self.duration_arg(frame, FOR, 0);
        match self.around.mode {
            Mode::Apply if nanos > 0 => self.pass(frame, nanos),
            _ => Flow::Again,
        }
    }

    fn sleep(&mut self, frame: &mut Frame) -> Flow {
        use intrinsic::sleep::{FOR, JITTER};
        let jitter = self.duration_arg(frame, JITTER, 0);
        let nanos = self.duration_arg(frame, FOR, 0).saturating_add(self.chance(frame, jitter));
        let slept = if self.around.mode == Mode::Check { 0 } else { nanos };
        let data = Value::map([("slept", Value::Duration(i64::try_from(slept).unwrap_or(i64::MAX)))]);
        frame.last = Some(Attempt::done(false, String::new(), data));
        if slept == 0 { Flow::Again } else { self.pass(frame, slept) }
    }

    /// A number from 0 to `most`, the same in every run of one seed.
    fn chance(&self, frame: &Frame, most: u64) -> u64 {
        if most == 0 {
            return 0;
        }
        let mut x = self.around.seed
            ^ u64::from(self.task).wrapping_mul(0x9e37_79b9_7f4a_7c15)
            ^ (frame.item as u64).wrapping_mul(0xc2b2_ae3d_27d4_eb4f)
            ^ u64::from(frame.attempt).wrapping_mul(0x1656_67b1_9e37_79f9);
        // splitmix64: every input bit reaches every output bit.
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (x ^ (x >> 31)) % most.saturating_add(1)
    }

    /// One look of `ipcmm.wait`.
    fn look(&mut self, frame: &mut Frame) -> Flow {
        use intrinsic::wait::{EVERY, FILE, HOST, PORT, REGEX, TIMEOUT, UNTIL};
        let block = self.block(frame);
        let answer = if let Some(attempt) = frame.last.take() {
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
                    return self.attempt_failed(frame, super::arith::mismatch("wait for", &[&other]));
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
        let data = Value::map([
            ("waited", Value::Duration(waited as i64)),
            ("looks", Value::Int(frame.looks.into())),
        ]);
        let dry = self.around.mode == Mode::Check;
        if answer == Some(true) || dry {
            let comment = if answer == Some(true) { "" } else { "would have to wait" };
            frame.last = Some(Attempt::done(false, comment.into(), data));
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

    fn evaluate_body(&mut self, frame: &mut Frame) -> Flow {
        let block = self.block(frame);
        let Some(chunk) = self.thunk(&block, intrinsic::eval::EXPR) else {
            return self.attempt_failed(frame, Fault::new(FaultKind::Missing, "no expression"));
        };
        match self.evaluate(frame, chunk) {
            Evaluated::Value(value) => {
                frame.last = Some(Attempt::done(false, String::new(), Value::map([("value", value)])));
                frame.stage = Stage::FailedIf;
                Flow::Again
            }
            Evaluated::Fault(fault) => self.attempt_failed(frame, fault),
            Evaluated::Ask(function, args) => Flow::Wait(Request::Probe(function, args)),
        }
    }

    /// The host has answered, the time has passed, or a child is over.
    fn working(&mut self, frame: &mut Frame) -> Flow {
        let block = self.block(frame);
        if block.builtin.get() != 0 {
            frame.stage = Stage::OwnChangedIf;
            return Flow::Again;
        }
        let stop = frame.children.fault.is_some();
        if !stop && frame.child < block.children_len.get() {
            return Flow::Enter(block.children.get() + u32::from(frame.child));
        }
        let mut children = std::mem::take(&mut frame.children);
        frame.own.attempts = frame.own.attempts.saturating_add(children.attempts);
        frame.own.unknown |= children.unknown;
        frame.own.reacted |= children.reacted;
        frame.own.guard_fault |= children.guard_fault;
        let attempt = Attempt {
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
        frame.last = Some(attempt);
        frame.stage = Stage::FailedIf;
        Flow::Again
    }

    fn own_changed_if(&mut self, frame: &mut Frame) -> Flow {
        let block = self.block(frame);
        let param = self.shape(&block).and_then(|shape| shape.changed_if);
        let ran = frame.last.as_ref().is_some_and(|l| l.changed && l.fault.is_none());
        if ran
            && self.around.mode == Mode::Apply
            && let Some(chunk) = param.and_then(|param| self.thunk(&block, param))
        {
            match self.evaluate(frame, chunk) {
                Evaluated::Value(Value::Bool(changed)) => self.set_changed(frame, changed),
                Evaluated::Value(other) => {
                    return self.attempt_failed(frame, super::arith::mismatch("decide `changed_if` by", &[&other]));
                }
                Evaluated::Fault(fault) => return self.attempt_failed(frame, fault),
                Evaluated::Ask(function, args) => return Flow::Wait(Request::Probe(function, args)),
            }
        }
        frame.stage = Stage::FailedIf;
        Flow::Again
    }

    fn set_changed(&mut self, frame: &mut Frame, changed: bool) {
        if let Some(last) = &mut frame.last {
            last.changed = changed;
            if !changed {
                last.changes.clear();
            }
        }
    }

    /// Whether the keywords that judge a result apply: they need a result that is known.
    fn judgeable(&self, frame: &Frame) -> bool {
        let cancelled = |a: &Attempt| matches!(&a.fault, Some(f) if f.kind == FaultKind::Cancelled);
        self.around.mode == Mode::Apply && !frame.last.as_ref().is_some_and(cancelled)
    }

    fn failed_if(&mut self, frame: &mut Frame) -> Flow {
        let block = self.block(frame);
        if self.judgeable(frame)
            && let Some(chunk) = self.attr(&block, Attr::FailedIf)
        {
            match self.evaluate(frame, chunk) {
                Evaluated::Value(Value::Bool(failed)) => {
                    if let Some(last) = &mut frame.last {
                        last.fault = match (failed, last.fault.take()) {
                            (false, _) => None,
                            (true, Some(fault)) => Some(fault),
                            (true, None) => Some(Fault::new(FaultKind::CommandFailed, "`failed_if` holds")),
                        };
                    }
                }
                Evaluated::Value(other) => {
                    let fault = super::arith::mismatch("decide `failed_if` by", &[&other]);
                    frame.last = Some(Attempt::failed(fault));
                }
                Evaluated::Fault(fault) => frame.last = Some(Attempt::failed(fault)),
                Evaluated::Ask(function, args) => return Flow::Wait(Request::Probe(function, args)),
            }
        }
        frame.stage = Stage::ChangedIf;
        Flow::Again
    }

    fn changed_if(&mut self, frame: &mut Frame) -> Flow {
        let block = self.block(frame);
        if self.judgeable(frame)
            && let Some(chunk) = self.attr(&block, Attr::ChangedIf)
        {
            match self.evaluate(frame, chunk) {
                Evaluated::Value(Value::Bool(changed)) => self.set_changed(frame, changed),
                Evaluated::Value(other) => {
                    let fault = super::arith::mismatch("decide `changed_if` by", &[&other]);
                    frame.last = Some(Attempt::failed(fault));
                }
                Evaluated::Fault(fault) => frame.last = Some(Attempt::failed(fault)),
                Evaluated::Ask(function, args) => return Flow::Wait(Request::Probe(function, args)),
            }
        }
        frame.stage = Stage::Until;
        Flow::Again
    }

    fn until(&mut self, frame: &mut Frame) -> Flow {
        let block = self.block(frame);
        let attempts = self.attr(&block, Attr::RetryAttempts);
        let mut holds = frame.last.as_ref().is_some_and(|l| l.fault.is_none());
        let mut judged = false;
        if self.judgeable(frame)
            && let Some(chunk) = self.attr(&block, Attr::RetryUntil)
        {
            judged = true;
            match self.evaluate(frame, chunk) {
                Evaluated::Value(Value::Bool(met)) => holds = met,
                Evaluated::Value(other) => {
                    let fault = super::arith::mismatch("decide `until` by", &[&other]);
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

    fn item_end(&mut self, frame: &mut Frame) -> Flow {
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
        let stops = self.around.mode == Mode::Apply
            && self.around.bundle.tasks()[self.task as usize].flags & TASK_STOPS != 0;
        let failed = fault.is_some();
        if let Some(fault) = fault {
            frame.total.fault.get_or_insert(fault);
        }
        frame.item += 1;
        frame.stage = if failed && stops { Stage::Leave } else { Stage::Item };
        Flow::Again
    }
}
