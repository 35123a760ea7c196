//! The one worker of all `concurrent` tasks: of their calls of the host one is under way at a time, in the order in
//! which they were made. Their pauses go on meanwhile, and so does everything else.

use super::{Action, Course, Input, Run, Waits};
use crate::host::Call;
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

impl<'a> Run<'a> {
    /// The next call of the shared worker of a course, if it is free. Once the course was broken off, calls that wait
    /// are not made.
    pub(super) fn shared_call(&mut self, course: &mut Course<'a>, now: u64) -> Option<Action> {
        while course.broken_off
            && let Some(task) = course.shared.withdrawn()
        {
            if let Some(action) = self.resume(course, course.action(task), Input::Cancelled, now) {
                return Some(action);
            }
        }
        loop {
            let (task, call) = course.shared.turn(now)?;
            let action = course.action(task);
            // Nobody waits any more for the call of a task that was given up.
            let Some((_, waits)) = self.fibers.get_mut(&action) else {
                course.shared.answered(task);
                continue;
            };
            *waits = Waits::Host;
            self.tell_of(course, &call, now);
            return Some(Action::Call(action, call));
        }
    }
}
