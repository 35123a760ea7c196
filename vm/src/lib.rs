//! The machine that runs bundles: it verifies them, steps task instances as resumable fibers, and decides by a
//! policy which may start.
//!
//! Unaware of: operating system, clock, threads, source language. Whoever drives it does the waiting: the runtime
//! with real time, [`virtual_clock`] with none. Start reading at [`run`].

pub mod events;
pub mod host;
pub mod machine;
pub mod observe;
pub mod outcome;
pub mod run;
pub mod sched;
pub mod touched;
pub mod verify;
pub mod virtual_clock;

pub use host::{Call, Cancel, Change, ChangeKind, Host, Mode, Phase, Reply};
pub use outcome::{Forecast, Outcome, Outcomes, Reason, TaskEnd};
pub use run::{Action, Before, Input, Owed, Run, RunOptions, Stands, Tie};
pub use sched::PolicyKind;
pub use verify::{Verified, verify};
