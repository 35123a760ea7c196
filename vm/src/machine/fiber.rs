//! A fiber: one task instance, from its guards to its outcome. It never waits: it hands out a request and is
//! stepped again with the answer. Steps follow `spec/semantics.md`: `when` for all items, needs, guards, body with
//! retry, reaction.

mod ask;
mod body;
mod demand;
mod foresee;
mod frame;
mod guards;
mod intrinsics;
mod judge;
mod rounds;
mod scene;
mod target;

use super::arith;
use super::eval::{Code, Eval, EvalStep, Scope};
use super::progress::{Attempt, Total};
use crate::host::{Call, Cancel, Host, Mode, Phase, Reply, Touched};
use crate::observe::Trace;
use crate::outcome::{Forecast, Outcome, Outcomes, Reason, TaskEnd, foreseen};
use crate::sched::{Doubt, Judged, Verdict};
use crate::verify::Verified;
use ipcmm_bytecode::bundle::Attr;
use ipcmm_bytecode::bundle::rows::{ArgKind, BlockRow, TASK_STOPS};
use ipcmm_bytecode::catalog::{Intrinsic, Reaction, Runs, intrinsic};
use ipcmm_bytecode::{BuiltinShape, Fault, FaultKind, Function, Slot, Value, limits};
use smallvec::SmallVec;
use std::sync::Arc;
use std::time::Duration;

pub use demand::{Beside, Captured, Detach, Start, Wanted};
use frame::{Frame, Items, Stage};
use scene::{Flow, Scene};

/// What a fiber waits for.
#[derive(Debug)]
pub enum Request {
    /// The host executes a built-in.
    Call(Box<Call>),
    /// The host answers a function.
    Probe(Function, Vec<Value>),
    /// Time passes, in nanoseconds.
    Sleep(u64),
    /// Tasks are run on demand.
    Start(Box<Start>),
    /// What was put into the background is awaited.
    Join(Box<Wanted>),
    /// The tables of events are looked at or changed.
    Events(Box<crate::events::Ask>),
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
    /// The phase of a task that has two.
    pub phase: Option<&'static str>,
    /// The task whose part this is, for whoever is told of calls.
    pub owner: u32,
    /// The task of the main sequence that answers for this one.
    pub answers: u32,
    /// What the task that runs this one on demand hands on.
    pub captured: &'a Captured,
    /// The number of the subrun it belongs to.
    pub subrun: u32,
    /// The sign that calls get.
    pub cancel: &'a Cancel,
    /// Seed of everything random in the run.
    pub seed: u64,
    /// Nanoseconds since the start of the run.
    pub now: u64,
    /// Is told which ways are taken.
    pub trace: Option<&'a dyn Trace>,
    /// In a dry run: what tasks before this one change.
    pub touched: Option<&'a Arc<Touched>>,
}

impl Code for Verified<'_> {
    fn chunk(&self, chunk: u32) -> Option<(&[u8], u16)> {
        Some((self.chunk_code(chunk)?, self.chunks().get(chunk as usize)?.registers.get()))
    }
    fn constant(&self, number: u32) -> Result<Value, Fault> {
        ipcmm_bytecode::bundle::Bundle::constant(self, number)
    }
    fn text(&self, number: u32) -> Result<&str, Fault> {
        self.constant_text(number).ok_or_else(|| Fault::new(FaultKind::BadConstant, format!("{number} is not text")))
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
    /// A watched target changed, or in a dry run may.
    fired: bool,
    /// What a dry run cannot tell of its needs.
    doubt: Doubt,
    /// Only the reaction is executed, after guards.
    only_reaction: bool,
    frames: SmallVec<[Box<Frame>; 2]>,
    started: Option<u64>,
}

struct FrameScope<'a> {
    below: &'a [Box<Frame>],
    top: &'a Frame,
    around: &'a Surroundings<'a>,
}

impl FrameScope<'_> {
    fn is_tried_again(&self) -> bool {
        let block = self.around.bundle.blocks()[self.top.block as usize];
        self.around.bundle.block_attrs(&block).iter().any(|row| row.attr.get() == Attr::RetryAttempts as u16)
    }
}

impl Scope for FrameScope<'_> {
    fn fact(&self, path: &str) -> Result<Value, Fault> {
        self.around.host.fact(path)
    }

    fn result(&self, task: u32) -> Result<Value, Fault> {
        (self.around.results)(task)
            .ok_or_else(|| Fault::new(FaultKind::NoResult, format!("of `{}`", self.around.bundle.label(task))))
    }

    fn secret(&self, address: &str) -> Result<Value, Fault> {
        self.around.host.secret(address, self.around.mode)
    }

    fn slot(&self, slot: Slot) -> Value {
        // A step inside a looped label sees the item of the label.
        let below = self.below.iter().rev().map(|frame| &**frame);
        let mut frames = std::iter::once(self.top).chain(below);
        let mut looping = || frames.find(|f| f.items.are_values());
        match slot {
            Slot::Item => looping().map(|f| f.items.item(f.item)),
            Slot::Key => looping().map(|f| f.items.key(f.item)),
            Slot::Index => looping().map(|f| Value::Int(f.item as i64)),
            // A dry run makes one attempt, and a run as many as it takes.
            Slot::Attempt if self.around.mode == Mode::Check && self.is_tried_again() => Some(Value::Unknown),
            Slot::Attempt => Some(Value::Int(self.top.attempt.into())),
            Slot::Phase => self.around.phase.map(Value::str),
            Slot::Round => {
                let below = self.below.iter().rev().map(|frame| &**frame);
                let mut frames = std::iter::once(self.top).chain(below);
                frames.find(|f| matches!(f.items, Items::Rounds)).map(|f| match f.rest {
                    true => Value::Unknown,
                    false => Value::Int(f.item as i64 + 1),
                })
            }
            Slot::Result => match &self.top.last {
                Some(last) => Some(last.record(self.top.attempt)),
                None => self.top.previous.clone(),
            },
            Slot::Event => None,
            Slot::Vars => Some(self.around.captured.get(slot).unwrap_or_else(|| Value::map::<&str>([]))),
        }
        .or_else(|| self.around.captured.get(slot))
        .unwrap_or(Value::Null)
    }

    fn jumped(&self, chunk: u32, pc: usize, taken: bool) {
        if let Some(trace) = self.around.trace {
            trace.jumped(chunk, pc as u32, taken);
        }
    }
}

impl Fiber {
    /// A fiber for a task whose targets have all finished. `fired` says that a watched target changed.
    pub fn new(task: u32, block: u32, Judged { verdict, fired, doubt }: Judged) -> Fiber {
        let mut frames = SmallVec::new();
        frames.push(Box::new(Frame::new(block)));
        Fiber { task, verdict, fired, doubt, only_reaction: false, frames, started: None }
    }

    /// A fiber for the reaction of a task to a change it listens to: guards, then the reaction with its attempts.
    pub fn reaction(task: u32, block: u32, doubt: Doubt) -> Fiber {
        let judged = Judged { verdict: Verdict::Run, fired: false, doubt };
        Fiber { only_reaction: true, ..Fiber::new(task, block, judged) }
    }

    /// Whether a reaction has begun.
    pub fn has_reacted(&self) -> bool {
        self.frames.iter().any(|f| {
            let children = f.children.as_ref().is_some_and(|children| children.reacted);
            f.phase == Phase::Reaction || f.total.reacted || children || f.own.reacted
        })
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
                only_reaction: self.only_reaction,
                verdict: &self.verdict,
                doubt: &self.doubt,
                below: &mut self.frames,
                started: &mut self.started,
                around,
            };
            match scene.advance(&mut frame) {
                Flow::Again => self.frames.push(frame),
                Flow::Enter(child) => {
                    // A step that may fail leaves in doubt whether those behind it are gone to.
                    let doubtful = frame.children.as_ref().is_some_and(|children| children.may_fail.is_some());
                    self.frames.push(frame);
                    self.frames.push(Box::new(Frame { doubtful, ..Frame::new(child) }));
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
        let mut total = std::mem::take(&mut frame.total);
        let looped = !matches!(frame.items, Items::Once);
        let mut data = joined(std::mem::take(&mut total.data), looped);
        // Items may share what they return: together they can be more than anybody could read.
        if let Err(fault) = arith::weigh(&data, &mut limits::EVAL_SIZE.clone()) {
            data = Value::Null;
            total.fault.get_or_insert(fault);
        }
        if frame.data_is_unknown {
            data = Value::Unknown;
        }
        if around.mode == Mode::Check {
            return self.foresee(total, data, around);
        }
        let (outcome, reason) = match &total {
            Total { fault: Some(_), guard_fault: true, .. } => (Outcome::Failed, Reason::GuardError),
            Total { fault: Some(_), .. } => (Outcome::Failed, Reason::Ran),
            Total { ran: false, .. } => (Outcome::Skipped, total.skipped.unwrap_or(Reason::LoopEmpty)),
            Total { reacted, changed, .. } => {
                let reason = if *reacted { Reason::WatchFired } else { Reason::Ran };
                (if *changed { Outcome::Changed } else { Outcome::Ok }, reason)
            }
        };
        TaskEnd {
            outcome,
            changed: total.changed,
            possible: Outcomes::only(outcome),
            forecast: if total.changed { Forecast::Will } else { Forecast::Cannot },
            reason,
            because: None,
            keyword: None,
            attempts: total.attempts,
            started: self.started.unwrap_or(around.now),
            ended: around.now,
            fault: total.fault,
            changes: total.changes,
            comment: total.comment,
            data,
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
        Input::Reply(reply) => frame.last = Some(Box::new(reply.into())),
        Input::Woke => {
            if frame.sleep_is_limit {
                let limit = format!("after {}", Value::Duration((around.now - frame.attempt_started) as i64));
                frame.last = Some(Box::new(Attempt::failed(Fault::new(FaultKind::TimedOut, limit))));
            }
        }
        Input::Probe(Ok(value)) => {
            if let Some(eval) = &mut frame.eval {
                eval.resume(value);
            } else {
                frame.last = Some(Box::new(Attempt::done(matches!(value, Value::Bool(true)), String::new(), value)));
            }
        }
        Input::Probe(Err(fault)) => {
            if frame.eval.is_some() {
                frame.probe_fault = Some(Box::new(fault));
            } else {
                frame.last = Some(Box::new(Attempt::failed(fault)));
            }
        }
    }
}

/// Adds a finished child to its sequence.
fn child_left(parent: &mut Frame, mut child: Frame) {
    let mut total = std::mem::take(&mut child.total);
    let fault = total.fault.take();
    let data = joined(std::mem::take(&mut total.data), !matches!(child.items, Items::Once));
    let children = parent.children.get_or_insert_default();
    children.add_child(total, data);
    parent.child += 1;
    if let Some(fault) = fault {
        children.fault.get_or_insert(fault);
    }
}
