//! Faults: everything that can go wrong on the agent, with frozen codes.

use std::fmt;

/// Calls `$m!` with every fault: frozen number, variant, kebab-case name and summary.
#[macro_export]
macro_rules! for_each_fault {
    ($m:ident) => {
        $m! {
            // Bundles that are not accepted.
            101 NotABundle "not-a-bundle" "the file is not an ipcmm bundle";
            102 UnknownFormat "unknown-format" "the bundle has a format this agent does not read";
            103 Truncated "truncated" "the bundle ends too early";
            104 HashMismatch "hash-mismatch" "the bundle was damaged or altered";
            105 BadSection "bad-section" "the section table is malformed";
            106 LimitExceeded "limit-exceeded" "the bundle exceeds a limit";
            107 BadString "bad-string" "the string section is malformed";
            108 BadConstant "bad-constant" "a constant is malformed";
            109 BadOp "bad-op" "the code holds something that is no op";
            110 BadOperand "bad-operand" "an operand is out of range";
            111 BadJump "bad-jump" "a jump does not lead to an op";
            112 BadChunk "bad-chunk" "a chunk of code is malformed";
            113 BadRow "bad-row" "a table row refers to something that is not there";
            114 BadEdge "bad-edge" "an edge does not lead to an earlier task";
            115 UnknownBuiltin "unknown-builtin" "the bundle calls a built-in this agent does not have";
            116 NewerAgent "newer-agent" "the bundle needs a newer agent";
            117 BadAsset "bad-asset" "an asset does not match its hash";
            // Evaluation of expressions.
            201 Overflow "overflow" "a number is too large";
            202 DivisionByZero "division-by-zero" "division by zero";
            203 TypeMismatch "type-mismatch" "a value has the wrong type";
            204 NoField "no-field" "a map has no such key";
            205 NoIndex "no-index" "a list is shorter than the index";
            206 OutOfFuel "out-of-fuel" "the evaluation took too many steps";
            207 TooLarge "too-large" "the evaluation built a value that is too large";
            208 BadPattern "bad-pattern" "a regular expression is malformed";
            209 BadArgument "bad-argument" "a function was called with a value it cannot work on";
            210 NoMatch "no-match" "no arm of a match fits";
            211 NoFact "no-fact" "a fact is not known on this node";
            212 NoResult "no-result" "the result of a task is not available";
            213 CallDepth "call-depth" "functions call each other too deeply";
            // Guards and tasks.
            301 GuardError "guard-error" "a guard could not be evaluated";
            302 LoopTooLong "loop-too-long" "a loop has too many items";
            303 UntilUnmet "until-unmet" "the condition of retry never held";
            304 TimedOut "timed-out" "the time limit was reached";
            305 Cancelled "cancelled" "the run was stopped";
            306 CheckTrapped "check-trapped" "a dry run tried to change the host";
            307 ToldToFail "told-to-fail" "it was told to fail";
            308 Unexpected "unexpected" "what was expected does not hold";
            320 BodyFailed "body-failed" "tasks that it ran failed";
            321 NoHandle "no-handle" "a handle leads to nothing that can be joined";
            322 EventStorm "event-storm" "events of one run fire each other without an end";
            // Work on the host.
            401 NotFound "not-found" "a file or directory does not exist";
            402 PermissionDenied "permission-denied" "the operating system refused";
            403 NotStartable "not-startable" "a command could not be started";
            404 CommandFailed "command-failed" "a command ended with an unexpected status";
            405 UnknownUser "unknown-user" "there is no such user or group";
            406 UnsafePath "unsafe-path" "a path leads through a symbolic link it must not follow";
            407 WrongKind "wrong-kind" "something else than expected is at a path";
            408 Validation "validation-failed" "the validation command refused the new content";
            409 HashRefused "hash-refused" "content does not have the promised hash";
            410 StorageFull "storage-full" "the file system is full";
            411 ReadOnly "read-only" "the file system is mounted read-only";
            412 Io "io" "the operating system reported an error";
            413 Missing "missing-argument" "a built-in lacks an argument it needs";
            414 Unsupported "unsupported" "this platform cannot do it";
            420 NoSecret "no-secret" "a secret cannot be had";
            421 OpenSecret "open-secret" "a secret is not kept safe";
            430 NotAllowed "not-allowed" "the policy of this agent does not allow it";
            // The journal of a run.
            501 JournalDamaged "journal-damaged" "the journal of a run was damaged or altered";
            502 UnknownJournal "unknown-journal" "the journal of a run has a format this agent does not read";
            503 NotRecorded "not-recorded" "what is about to be done could not be noted in the journal, so it was not done";
            504 OtherBundle "other-bundle" "the run that is to be resumed was one of another bundle";
        }
    };
}

macro_rules! define_faults {
    ($($num:literal $variant:ident $name:literal $summary:literal;)*) => {
        /// The kind of a fault; its code is `F` and four digits.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u16)]
        pub enum FaultKind { $(#[doc = $summary] $variant = $num,)* }

        impl FaultKind {
            /// All kinds in numeric order.
            pub const ALL: &'static [FaultKind] = &[$(FaultKind::$variant),*];

            /// Frozen number.
            pub const fn number(self) -> u16 { self as u16 }

            /// Kebab-case name, stable in machine output.
            pub const fn name(self) -> &'static str {
                match self { $(FaultKind::$variant => $name,)* }
            }

            /// One clause that says what happened.
            pub const fn summary(self) -> &'static str {
                match self { $(FaultKind::$variant => $summary,)* }
            }
        }
    };
}
for_each_fault!(define_faults);

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "F{:04}", self.number())
    }
}

/// A fault with what is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Which kind.
    pub kind: FaultKind,
    /// The particulars: names, numbers, the text of the operating system. May be empty.
    pub detail: String,
    /// Where in the bundle's code it arose: chunk and byte offset. The debug section turns it into a source line.
    pub place: Option<(u32, u32)>,
}

impl Fault {
    /// A fault with particulars.
    pub fn new(kind: FaultKind, detail: impl Into<String>) -> Fault {
        Fault { kind, detail: detail.into(), place: None }
    }

    /// The same fault, placed, unless it already has a place nearer to its cause.
    pub fn at(mut self, chunk: u32, pc: u32) -> Fault {
        self.place.get_or_insert((chunk, pc));
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.detail.is_empty() {
            true => write!(f, "{} ({})", self.kind.summary(), self.kind),
            false => write!(f, "{}: {} ({})", self.kind.summary(), self.detail, self.kind),
        }
    }
}

impl std::error::Error for Fault {}
