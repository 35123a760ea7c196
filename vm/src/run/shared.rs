//! The one worker of all `concurrent` tasks: of their calls of the host one is under way at a time, in the order in
//! which they were made. Their pauses go on meanwhile, and so does everything else.

use super::{Action, Input, Run};
use crate::host::Call;
use ipcmm_bytecode::bundle::ExecMode;
use std::collections::VecDeque;
use std::time::Duration;

/// Who has the worker, and who waits for it.
#[derive(Debug, Default)]
pub(super) struct Shared {
    holder: Option<u32>,
    /// Tasks, their calls, and since when they wait, in nanoseconds of the run.
    waiting: VecDeque<(u32, Box<Call>, u64)>,
}

impl Shared {
    /// Puts a call behind those that wait.
    pub fn wait(&mut self, task: u32, call: Box<Call>, now: u64) {
        self.waiting.push_back((task, call, now));
    }

    /// A task has an answer; if it was to its call, the worker is free.
    pub fn answered(&mut self, task: u32) {
        if self.holder == Some(task) {
            self.holder = None;
        }
    }

    /// Takes out a call that is not made any more.
    fn withdrawn(&mut self) -> Option<u32> {
        Some(self.waiting.pop_front()?.0)
    }

    /// The call that has the worker from now on, if one waits and the worker is free.
    fn turn(&mut self, now: u64) -> Option<(u32, Box<Call>)> {
        if self.holder.is_some() {
            return None;
        }
        let (task, mut call, since) = self.waiting.pop_front()?;
        // The time of an attempt passes while its call waits.
        let waited = Duration::from_nanos(now.saturating_sub(since));
        call.timeout = call.timeout.map(|left| left.saturating_sub(waited));
        self.holder = Some(task);
        Some((task, call))
    }
}

impl Run<'_> {
    /// Whether the calls of a task or a part of one are made by the shared worker.
    pub(super) fn is_concurrent(&self, task: u32) -> bool {
        let owner = self.bundle.owner(task);
        self.bundle.tasks()[owner as usize].mode == ExecMode::Concurrent as u8
    }

    /// The next call of the shared worker, if it is free. Once the run was broken off, calls that wait are not made.
    pub(super) fn shared_call(&mut self, now: u64) -> Option<Action> {
        while self.broken_off
            && let Some(task) = self.shared.withdrawn()
        {
            let Some(fiber) = self.fibers.remove(&task) else { continue };
            if let Some(action) = self.step(task, fiber, Input::Cancelled, now) {
                return Some(action);
            }
        }
        let (task, call) = self.shared.turn(now)?;
        self.observer.call_started(&call, now);
        Some(Action::Call(task, call))
    }
}
