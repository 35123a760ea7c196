//! Drives a run on a pretended node without waiting: pauses and commands take time of its clock, and none of ours.
//!
//! Unaware of: what is called, and what is expected of it.

use crate::stage::Stage;
use ipcmm_vm::{Action, Host, Input, Run};
use std::collections::{BTreeMap, VecDeque};

/// Steps after which a run is taken to have no end, such as a wait for something that never happens.
const MOST_STEPS: u32 = 200_000;

/// Runs to the end. Gives the time it took in nanoseconds, and whether it came to its end by itself.
pub fn drive(run: &mut Run<'_>, stage: &Stage) -> (u64, bool) {
    let mut now = 0u64;
    let mut steps = 0u32;
    let mut order = 0u64;
    // What happens later, by time and then in the order it began.
    let mut later: BTreeMap<(u64, u64), (u32, Input)> = BTreeMap::new();
    let mut todo: VecDeque<Action> = VecDeque::new();
    loop {
        while let Some(action) = todo.pop_front().or_else(|| run.next(now)) {
            steps += 1;
            let (task, input, takes) = match action {
                Action::Call(task, call) => {
                    let reply = stage.call(&call, &call.cancel);
                    let spent = u64::try_from(stage.node.take_spent().as_nanos()).unwrap_or(u64::MAX);
                    (task, Input::Reply(reply), spent)
                }
                Action::Probe(task, function, args) => (task, Input::Probe(stage.probe(function, &args)), 0),
                Action::Sleep(task, nanos) => (task, Input::Woke, nanos.max(1)),
            };
            if takes == 0 {
                todo.extend(run.answer(task, input, now));
            } else {
                order += 1;
                later.insert((now.saturating_add(takes), order), (task, input));
            }
            if steps > MOST_STEPS {
                run.stop();
                todo.clear();
                let waiting: Vec<u32> = run.under_way().collect();
                waiting.into_iter().for_each(|task| drop(run.answer(task, Input::Cancelled, now)));
                while run.next(now).is_some() {}
                return (now, false);
            }
        }
        // What nobody waits for any more takes no time.
        let Some(((time, _), (task, input))) = later.pop_first().filter(|_| !run.is_over()) else { return (now, true) };
        now = time;
        todo.extend(run.answer(task, input, now));
    }
}
