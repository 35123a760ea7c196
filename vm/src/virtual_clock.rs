//! Drives a run without waiting: time jumps to the next moment at which something happens. For tests, and for trying
//! out what a schedule would do.

use crate::host::Host;
use crate::run::{Action, Input, Run};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

/// Runs to the end and returns the virtual time it took, in nanoseconds. Calls are answered at once by `host`, in the
/// order they are made; sleepers wake in order of time, then in the order they fell asleep.
pub fn drive(run: &mut Run<'_>, host: &dyn Host) -> u64 {
    let mut now = 0u64;
    let mut sleepers: BinaryHeap<Reverse<(u64, u64, u32)>> = BinaryHeap::new();
    let mut order = 0u64;
    let mut todo: VecDeque<Action> = VecDeque::new();
    loop {
        while let Some(action) = todo.pop_front().or_else(|| run.next(now)) {
            let follow = match action {
                Action::Call(task, call) => run.answer(task, Input::Reply(host.call(&call, &call.cancel)), now),
                Action::Probe(task, function, args) => run.answer(task, Input::Probe(host.probe(function, &args)), now),
                Action::Sleep(task, nanos) => {
                    order += 1;
                    sleepers.push(Reverse((now.saturating_add(nanos), order, task)));
                    None
                }
            };
            todo.extend(follow);
        }
        // A timer that nobody waits for any more takes no time.
        let Some(Reverse((time, _, task))) = sleepers.pop().filter(|_| !run.is_over()) else { return now };
        now = time;
        todo.extend(run.answer(task, Input::Woke, now));
    }
}
