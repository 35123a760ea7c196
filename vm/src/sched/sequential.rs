//! One task at a time, in run order. Targets stand earlier in that order, so the next task is always ready.

use super::{Next, Policy, States};

/// The policy.
#[derive(Debug, Default)]
pub struct Sequential {
    cursor: u32,
    running: bool,
}

impl Policy for Sequential {
    fn next(&mut self, states: &States<'_>) -> Next {
        if self.running {
            return Next::Wait;
        }
        if self.cursor >= states.len() {
            return Next::End;
        }
        self.running = true;
        self.cursor += 1;
        Next::Start(self.cursor - 1)
    }

    fn finished(&mut self, _: u32, _: &[u32], _: &States<'_>) {
        self.running = false;
    }
}
