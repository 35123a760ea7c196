//! What verifier and machine must know of the built-ins, without knowing the built-ins.

use crate::Effect;

/// Who executes a built-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runs {
    /// The host: it touches the machine.
    Host,
    /// The VM itself: it needs only time and values. Parameter numbers are in [`intrinsic`].
    Machine(Intrinsic),
    /// The compiler: it is gone when a bundle is made, and no bundle may call it.
    Build,
}

/// Built-ins the VM executes itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intrinsic {
    /// `ipcmm.nop`: the outcome it is told to have.
    Nop,
    /// `ipcmm.sleep`: lets time pass.
    Sleep,
    /// `ipcmm.wait`: until a condition holds.
    Wait,
    /// `ipcmm.eval`: the value of an expression.
    Eval,
    /// `ipcmm.parallel`: tasks on demand, beside each other.
    Parallel,
    /// `ipcmm.concurrent`: the same by one worker.
    Concurrent,
    /// `ipcmm.fork`: tasks on demand in the background, with variables.
    Fork,
    /// `ipcmm.async`: the same without.
    Async,
    /// `ipcmm.join`: waits for what was put into the background.
    Join,
    /// `ipcmm.apply`: tasks on demand, as they say.
    Apply,
    /// `ipcmm.invoke`: the same of one label, with arguments.
    Invoke,
    /// `ipcmm.event`: what is said of all events of a name.
    Event,
    /// `ipcmm.fire`: something happened.
    Fire,
    /// `ipcmm.bind`: tasks on demand, whenever something happens.
    Bind,
    /// `ipcmm.unbind`: no longer.
    Unbind,
    /// `ipcmm.react`: tasks on demand, when several things have happened.
    React,
    /// `ipcmm.schedule`: tasks on demand, at times.
    Schedule,
}

/// Parameter numbers of the built-ins the VM executes. The table of built-ins is tested against them.
#[allow(missing_docs, reason = "each constant is the number of the parameter it is named after")]
pub mod intrinsic {
    pub mod nop {
        pub const COMMENT: u16 = 0;
        pub const OUTCOME: u16 = 1;
        pub const CHECK: u16 = 2;
        pub const REACTION: u16 = 3;
        pub const FOR: u16 = 4;
    }
    pub mod sleep {
        pub const FOR: u16 = 0;
        pub const JITTER: u16 = 1;
    }
    pub mod wait {
        pub const UNTIL: u16 = 0;
        pub const PORT: u16 = 1;
        pub const HOST: u16 = 2;
        pub const FILE: u16 = 3;
        pub const REGEX: u16 = 4;
        pub const EVERY: u16 = 5;
        pub const TIMEOUT: u16 = 6;
    }
    pub mod eval {
        pub const EXPR: u16 = 0;
    }
    pub mod parallel {
        pub const BODY: u16 = 0;
        pub const MAX: u16 = 1;
        pub const FAIL: u16 = 2;
    }
    /// The numbers are those of `parallel`.
    pub mod concurrent {
        pub const BODY: u16 = 0;
        pub const MAX: u16 = 1;
        pub const FAIL: u16 = 2;
    }
    pub mod fork {
        pub const BODY: u16 = 0;
        pub const VARS: u16 = 1;
    }
    /// It has the name of a keyword of Rust.
    pub mod async_ {
        pub const BODY: u16 = 0;
        pub const DETACH: u16 = 1;
    }
    pub mod join {
        pub const HANDLES: u16 = 0;
        pub const POLICY: u16 = 1;
        pub const TIMEOUT: u16 = 2;
        pub const CANCEL_REST: u16 = 3;
    }
    pub mod apply {
        pub const WHAT: u16 = 0;
        pub const CHECK: u16 = 2;
        pub const MAX: u16 = 4;
    }
    pub mod invoke {
        pub const CALLEE: u16 = 0;
        pub const ARGS: u16 = 2;
        pub const TIMEOUT: u16 = 3;
        pub const MODE: u16 = 4;
    }
    pub mod bind {
        pub const TO: u16 = 1;
    }
    pub mod unbind {
        pub const TO: u16 = 2;
    }
    pub mod react {
        pub const DO: u16 = 6;
    }
    pub mod schedule {
        pub const NAME: u16 = 0;
        pub const RUN: u16 = 8;
    }
}

/// What `watch` does to a task of this built-in when a target changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reaction {
    /// Nothing: `watch` is `requires`.
    None,
    /// The host is called once more in the reaction phase.
    React,
    /// As `React`, unless the body itself just changed something: that change covers the reaction.
    Covered,
}

/// The bounds of one built-in: enough to judge a bundle and drive a task, nothing of what it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BuiltinShape {
    /// Name as written in sources, for messages and listings.
    pub name: &'static str,
    /// How many parameters exist; a bundle may refer to `0..params`.
    pub params: u16,
    /// The most it can do to the host.
    pub effect: Effect,
    /// Who executes it.
    pub runs: Runs,
    /// What `watch` means for it.
    pub reaction: Reaction,
    /// The parameter that says, after the call, whether it counts as a change.
    pub changed_if: Option<u16>,
}

/// A table of built-ins by frozen number.
pub trait Catalog: Send + Sync {
    /// The shape of built-in `number`, or `None` where there is no such row.
    fn builtin(&self, number: u16) -> Option<BuiltinShape>;
}
