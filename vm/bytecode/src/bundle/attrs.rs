//! Small tables of the bundle: attributes of blocks, kinds of edges, modes of execution.

use crate::Effect;

/// Calls `$m!` with every block attribute: frozen number, variant, name, kind of its value, doc.
#[macro_export]
macro_rules! for_each_attr {
    ($m:ident) => {
        $m! {
            1 When "when" Chunk "The block is skipped unless this holds; pure.";
            2 OnlyIf "onlyif" Chunk "The block is skipped unless this holds; it may ask the host. Rows are judged in order.";
            3 OnlyIfCommand "onlyif_command" Block "The block is skipped unless this command succeeds.";
            4 Unless "unless" Chunk "The block is skipped if this and all other `unless` hold.";
            5 UnlessCommand "unless_command" Block "The block is skipped if this command and all other `unless` succeed.";
            6 LoopIn "loop_in" Chunk "The block is run once for each element.";
            7 RetryAttempts "retry_attempts" Number "How often the body is executed at most.";
            8 RetryInterval "retry_interval" Number "Milliseconds between two attempts.";
            9 RetrySplay "retry_splay" Number "Greatest number of seconds added to the interval by chance.";
            10 RetryUntil "retry_until" Chunk "When no further attempt is needed; without it, when the body succeeded.";
            11 Timeout "timeout" Number "Milliseconds an execution of the body may take.";
            12 RunAs "runas" Chunk "The user the work is done as.";
            13 Env "env" Chunk "Map of environment variables.";
            14 FailedIf "failed_if" Chunk "The attempt counts as failed if this holds.";
            15 ChangedIf "changed_if" Chunk "Whether the attempt counts as a change.";
            16 ResultName "result" String "The name the result is known by.";
            17 LoopIf "loop_if" Chunk "The block is run again as long as this holds, judged before each round; it may ask the host.";
            18 LoopUntil "loop_until" Chunk "The block is run again until this holds, judged after each round; it may ask the host.";
            19 Expect "expect" Chunk "The attempt has failed unless this holds after it; it may ask the host. Rows are judged in order.";
            20 Lane "lane" String "The queue the task waits in.";
            21 LaneMax "max" Number "How many tasks of the queue run at once.";
            22 MovedFrom "moved_from" String "The label the task had before.";
            40 Target "target" Chunk "The task is for nodes on which this holds; pure, judged first, and only of the task itself.";
        }
    };
}

/// What the value of an attribute is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttrKind {
    /// A chunk of code.
    Chunk,
    /// A block.
    Block,
    /// A number.
    Number,
    /// A string.
    String,
}

macro_rules! define_attrs {
    ($($num:literal $variant:ident $name:literal $kind:ident $doc:literal;)*) => {
        /// An attribute of a block.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u16)]
        pub enum Attr { $(#[doc = $doc] $variant = $num,)* }

        impl Attr {
            /// All attributes in numeric order: attribute, name, kind, doc.
            pub const TABLE: &'static [(Attr, &'static str, AttrKind, &'static str)] =
                &[$((Attr::$variant, $name, AttrKind::$kind, $doc)),*];

            /// The attribute of a frozen number.
            pub const fn from_number(number: u16) -> Option<Attr> {
                match number { $($num => Some(Attr::$variant),)* _ => None }
            }

            /// The name in listings.
            pub const fn name(self) -> &'static str {
                match self { $(Attr::$variant => $name,)* }
            }

            /// The attribute of a name in listings.
            pub fn from_name(name: &str) -> Option<Attr> {
                match name { $($name => Some(Attr::$variant),)* _ => None }
            }

            /// What its value is.
            pub const fn kind(self) -> AttrKind {
                match self { $(Attr::$variant => AttrKind::$kind,)* }
            }
        }
    };
}
for_each_attr!(define_attrs);

impl Attr {
    /// Whether a block may have several of it: the entries of a list of guards, in source order.
    pub const fn repeats(self) -> bool {
        matches!(self, Attr::OnlyIf | Attr::OnlyIfCommand | Attr::Unless | Attr::UnlessCommand | Attr::Expect)
    }

    /// The most its chunk may do to the host.
    pub const fn admits(self) -> Effect {
        match self {
            Attr::OnlyIf | Attr::Unless | Attr::LoopIf | Attr::LoopUntil | Attr::Expect => Effect::Read,
            _ => Effect::None,
        }
    }

    /// The order of attributes in a block. Both forms of a guard share a place, so that their order is the written one.
    pub const fn rank(self) -> u16 {
        match self {
            Attr::OnlyIfCommand => Attr::OnlyIf as u16,
            Attr::UnlessCommand => Attr::Unless as u16,
            other => other as u16,
        }
    }
}

/// Calls `$m!` with every kind of edge: frozen number, variant, name, doc.
#[macro_export]
macro_rules! for_each_edge {
    ($m:ident) => {
        $m! {
            1 DependsOn "depends_on" "The target must have been achieved; a skipped target skips the task.";
            2 Requires "requires" "The target must not be failed or blocked.";
            3 Watch "watch" "As `requires`; if the target changed, the task reacts.";
            4 RequiresAny "requires_any" "One target of the kind must have been achieved.";
            5 RequiresNone "requires_none" "The target must not have been achieved.";
            6 RunAfter "runafter" "The target has ended, whatever its outcome.";
            7 OnFail "onfail" "One target of the kind must have run and failed.";
            8 OnSuccess "onsuccess" "The target must have been achieved, else the task is skipped.";
            9 OnChange "onchange" "One target of the kind must have changed something.";
            10 Prereq "prereq" "The target is a dry run; one target of the kind must predict a change.";
            11 PostReq "postreq" "One target of the kind must have predicted a change, and work on it must have begun.";
            12 RunAround "runaround" "The second phase of the task follows the target, whatever its outcome.";
            13 Prepared "prepared" "The target prepares the task, by its `prereq` or as its first phase; it must not be failed or blocked.";
            14 Own "own" "The target is an earlier part of the same task: its dry run or its first phase.";
        }
    };
}

macro_rules! define_named {
    ($name:ident, $what:literal, $($num:literal $variant:ident $text:literal $doc:literal;)*) => {
        #[doc = $what]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum $name { $(#[doc = $doc] $variant = $num,)* }

        impl $name {
            /// All of them in numeric order: variant, name, doc.
            pub const TABLE: &'static [($name, &'static str, &'static str)] = &[$(($name::$variant, $text, $doc)),*];

            /// The one of a frozen number.
            pub const fn from_number(number: u8) -> Option<$name> {
                match number { $($num => Some($name::$variant),)* _ => None }
            }

            /// The name in sources and listings.
            pub const fn name(self) -> &'static str {
                match self { $($name::$variant => $text,)* }
            }

            /// The one of a source name.
            pub fn from_name(name: &str) -> Option<$name> {
                match name { $($text => Some($name::$variant),)* _ => None }
            }
        }
    };
}
macro_rules! define_edges { ($($row:tt)*) => { define_named! { EdgeKind, "The kind of an edge.", $($row)* } }; }
for_each_edge!(define_edges);

/// Calls `$m!` with every mode of execution: frozen number, variant, name, doc.
#[macro_export]
macro_rules! for_each_mode {
    ($m:ident) => {
        $m! {
            0 Sync "sync" "The main sequence waits for the task.";
            1 Seq "seq" "The main sequence first waits for all background tasks, then for the task: it runs alone.";
            2 Parallel "parallel" "The main sequence goes on; the task has its own worker.";
            3 Concurrent "concurrent" "The main sequence goes on; the work of all such tasks is done by one worker, interleaved where they wait.";
            4 Queue "queue" "The main sequence goes on; tasks of one queue run one after the other, in run order.";
            5 Async "async" "The main sequence goes on; the task has its own worker and is joined by its dependents or at the end of the run.";
        }
    };
}
macro_rules! define_modes { ($($row:tt)*) => { define_named! { ExecMode, "How a task runs beside others.", $($row)* } }; }
for_each_mode!(define_modes);
