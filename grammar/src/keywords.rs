//! The keywords of the language: everything that may stand in a module, under a label or under a built-in, and is
//! neither a label nor the name of a built-in.
//!
//! One table; numbers are frozen. Unaware of how a keyword is carried out. The words of `declare`, `define` and of
//! maps with fixed fields are in [`crate::shapes`].

/// Where a keyword may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// At the top of a module, beside the labels.
    Module,
    /// Under a label, beside the built-ins: holds for all of them.
    Label,
    /// Under a built-in.
    Step,
}

/// Whether this version carries a keyword out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It does.
    Now,
    /// It is reserved and reported as such.
    Later,
}

/// Calls `$m!` with every keyword: meaning, frozen number, variant, name in sources, places, status, and the shape of
/// its value in a few words. Rows are in numeric order.
#[macro_export]
macro_rules! for_each_keyword {
    ($m:ident) => {
        $m! {
            /// The edition of the language the module is written in; only `1` exists.
            0 Ipcmm "ipcmm" [Module] now "edition";
            /// The name of the module, which other modules use in `module/label`; by default the file's name up to its first dot.
            1 Module "module" [Module] now "name";
            /// Words for people about what it stands in; carried as documentation, without an effect.
            2 Doc "doc" [Module Label Step] now "text";
            /// The values a module takes and gives, and the names it has for places and identities.
            3 Declare "declare" [Module] now "map";
            /// The functions, procedures, lambdas and types of a module.
            4 Define "define" [Module] now "map";
            /// Control keywords that every task of the module takes over unless it sets them itself.
            5 Defaults "defaults" [Module] now "map";
            /// Reserved for the modules a module is built upon.
            6 UseModules "use_modules" [Module] later "list";
            /// The arguments of the built-in; one that is unknown, missing or of the wrong type is a build error.
            7 Args "args" [Label Step] now "map";
            /// Environment variables of the processes the task starts, in addition to those they would have.
            8 Env "env" [Label Step] now "map of text";
            /// Orders the task after its targets and runs it only if all of them ended ok or changed: a bad target blocks it, a skipped one skips it.
            9 DependsOn "depends_on" [Label Step] now "targets";
            /// Orders the task after its targets and blocks it if any of them is failed or blocked; a skipped target is no obstacle.
            10 Requires "requires" [Label Step] now "targets";
            /// Like `requires`, and if any target changed and the body ended well, the built-in's reaction runs once.
            11 Watch "watch" [Label Step] now "targets";
            /// A pure expression that is judged before everything else: false skips the task, whatever became of its needs.
            12 When "when" [Label Step] now "expression";
            /// Expressions or commands judged on the node just before the body: the first that is false skips the task; one that cannot be evaluated fails it.
            13 OnlyIf "onlyif" [Label Step] now "expression, command or a list of them";
            /// The opposite of `onlyif`: the task is skipped if all of its expressions and commands are true.
            14 Unless "unless" [Label Step] now "expression, command or a list of them";
            /// How often and at what distance a failing body is tried again; the outcome is that of the last attempt, and changed if any attempt changed.
            15 Retry "retry" [Label Step] now "retry, true or false";
            /// Runs the body once per element, in order: changed if any changed, failed if any failed, skipped if all were skipped or there are none.
            16 LoopIn "loop_in" [Label Step] now "expression";
            /// A name for the record of the task's outcome, readable in tasks that are ordered after it.
            17 Result "result" [Label Step] now "name or result";
            /// The rank of the task among those that may start: `first`, `last` or an integer (negative counts from the end); needs win over it.
            18 Order "order" [Label Step] now "first, last or integer";
            /// If the task ends failed or blocked, nothing new starts on the node; not in dry runs.
            19 StopOnFail "stoponfail" [Label Step] now "bool";
            /// How the task runs beside others: `sync`, `seq`, `parallel`, `concurrent`, `queue` or `async`; dependents always wait for its end.
            20 ModeOfExec "modeofexec" [Label Step] now "mode of execution";
            /// The time one attempt of the body may take; when it is over the body is stopped and the attempt has failed.
            21 Timeout "timeout" [Label Step] now "duration";
            /// The user for the body, its guards and its reaction, not for targets; an unknown user fails the task, in dry runs too.
            22 RunAs "runas" [Label Step] now "user";
            /// Words by which tasks can be picked; carried as documentation, without an effect on order or needs.
            23 Tags "tags" [Label Step] now "list of names";
            /// The nodes the task is for: a selector, names and globs, or blocks that add overrides for the nodes they select.
            24 Target "target" [Label Step] now "selector, names or blocks";
            /// Another name of `args`: the arguments of the function that the built-in calls.
            25 Params "params" [Label Step] now "map";
            /// Further variables for the expressions of this task; they hide outer ones and are not seen by other tasks.
            26 Context "context" [Label Step] now "map of values";
            /// Orders the task after all its targets and needs one that ended ok or changed: without one it is blocked if any is bad, else skipped.
            27 RequiresAny "requires_any" [Label Step] now "targets";
            /// Orders the task after its targets and skips it if any of them ended ok or changed: the fallback.
            28 RequiresNone "requires_none" [Label Step] now "targets";
            /// Starts the task after its targets have finished, whatever their outcome.
            29 RunAfter "runafter" [Label Step] now "targets";
            /// Starts the targets after the task has finished; the same as `runafter` written there.
            30 RunBefore "runbefore" [Label Step] now "targets";
            /// Runs the body twice: with `phase` before, ahead of the first target, and with `phase` after, behind the last.
            31 RunAround "runaround" [Label Step] now "targets";
            /// Runs the task only if any target itself ran and failed, else skips it; a blocked target does not count.
            32 OnFail "onfail" [Label Step] now "targets";
            /// Runs the task only if all targets ended ok or changed, else skips it.
            33 OnSuccess "onsuccess" [Label Step] now "targets";
            /// Runs the task only if any target ended changed, else skips it; a failed target does not count.
            34 OnChange "onchange" [Label Step] now "targets";
            /// Runs the targets only if the task fails; the same as `onfail` written there.
            35 RunOnFail "runonfail" [Label Step] now "targets";
            /// Runs the targets only if the task succeeds; the same as `onsuccess` written there.
            36 RunOnSuccess "runonsuccess" [Label Step] now "targets";
            /// Queues the task's reaction when a target ends changed; queued reactions run once each, after the last task, and nothing is ordered.
            37 Listen "listen" [Label Step] now "targets";
            /// Runs the task before its targets, and only if the dry run of any of them predicts a change.
            38 Prereq "prereq" [Label Step] now "targets";
            /// Runs the task after its targets, whatever their outcome, if a dry run predicted a change and the work was begun.
            39 PostReq "postreq" [Label Step] now "targets";
            /// Copies from another task of the same built-in the keywords this one does not set; needs, loops, order and result are never copied.
            40 Use "use" [Label Step] now "targets";
            /// Repeats the body while a condition holds, judged before each round; false at once skips the task.
            41 LoopIf "loop_if" [Label Step] now "expression";
            /// Repeats the body until a condition holds, judged after each round; at least one round.
            42 LoopUntil "loop_until" [Label Step] now "expression";
            /// True makes the task always a dry run; false would make it real even in a dry run, which no run permits.
            43 Test "test" [Label Step] now "bool";
            /// The label the task had before, so that its history goes on under the new one.
            44 MovedFrom "moved_from" [Label Step] now "label";
            /// What must hold after the body of every attempt; if it does not, the attempt has failed.
            45 Expect "expect" [Label Step] now "expression or a list of them";
            /// Judged after each attempt, before `until`: true makes the attempt failed; the same as under `result`.
            46 FailedIf "failed_if" [Label Step] now "expression";
            /// Judged after each attempt, before `until`: decides whether the attempt changed something; the same as under `result`.
            47 ChangedIf "changed_if" [Label Step] now "expression";
            /// The queue the task waits in under `modeofexec: queue`; its tasks run one after the other, unless `max` admits more.
            48 Lane "lane" [Label Step] now "name";
            /// The most tasks of the `lane` that run at a time, 1 unless it is given.
            49 Max "max" [Label Step] now "integer";
            /// Warnings that are right here, each with the reason: under a label for the label, at the top for the module.
            50 Allow "allow" [Module Label] now "map of reasons";
        }
    };
}

macro_rules! status {
    (now) => {
        Status::Now
    };
    (later) => {
        Status::Later
    };
}

macro_rules! define_keywords {
    ($(#[doc = $doc:literal] $num:literal $variant:ident $name:literal [$($place:ident)*] $status:ident $shape:literal;)*) => {
        /// A keyword.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Keyword { $(#[doc = $doc] $variant = $num,)* }

        impl Keyword {
            /// All keywords in numeric order.
            pub const ALL: &'static [Keyword] = &[$(Keyword::$variant),*];

            /// The frozen number.
            pub const fn number(self) -> u8 {
                self as u8
            }

            /// The keyword of a frozen number.
            pub const fn from_number(number: u8) -> Option<Keyword> {
                match number { $($num => Some(Keyword::$variant),)* _ => None }
            }

            /// The name in sources.
            pub const fn name(self) -> &'static str {
                match self { $(Keyword::$variant => $name,)* }
            }

            /// The keyword of a name in sources.
            pub fn from_name(name: &str) -> Option<Keyword> {
                match name { $($name => Some(Keyword::$variant),)* _ => None }
            }

            /// Where it may stand.
            pub const fn places(self) -> &'static [Place] {
                match self { $(Keyword::$variant => &[$(Place::$place),*],)* }
            }

            /// Whether this version carries it out.
            pub const fn status(self) -> Status {
                match self { $(Keyword::$variant => status!($status),)* }
            }

            /// The shape of its value in a few words.
            pub const fn shape(self) -> &'static str {
                match self { $(Keyword::$variant => $shape,)* }
            }

            /// What it means, in a sentence.
            pub fn doc(self) -> &'static str {
                match self { $(Keyword::$variant => $doc.trim_ascii(),)* }
            }
        }
    };
}
for_each_keyword!(define_keywords);

impl Keyword {
    /// Whether it may stand at `place`.
    pub fn stands_in(self, place: Place) -> bool {
        self.places().contains(&place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_frozen() {
        for (position, keyword) in Keyword::ALL.iter().enumerate() {
            assert_eq!(usize::from(keyword.number()), position, "rows stand in numeric order without gaps");
            assert_eq!(Keyword::from_number(keyword.number()), Some(*keyword));
            assert_eq!(Keyword::from_name(keyword.name()), Some(*keyword));
        }
        assert_eq!(Keyword::from_name("when"), Some(Keyword::When));
        assert_eq!(Keyword::from_name("ipcmm.run.cmd"), None);
        assert_eq!(Keyword::When.number(), 12);
    }

    #[test]
    fn rows_are_whole() {
        for keyword in Keyword::ALL {
            let doc = keyword.doc();
            assert!(doc.ends_with('.') && !doc.contains(". "), "{}: one sentence", keyword.name());
            assert!(!keyword.places().is_empty() && !keyword.shape().is_empty());
            let module = keyword.stands_in(Place::Module);
            let task = keyword.stands_in(Place::Step);
            assert_eq!(module && task, *keyword == Keyword::Doc, "{}", keyword.name());
        }
    }

    #[test]
    fn this_version() {
        let now: Vec<&str> = Keyword::ALL.iter().filter(|k| k.status() == Status::Now).map(|k| k.name()).collect();
        assert_eq!(
            now.join(" "),
            "ipcmm module doc declare define defaults args env depends_on requires watch when onlyif unless retry loop_in result \
             order stoponfail modeofexec timeout runas tags target params context requires_any requires_none runafter \
             runbefore runaround onfail onsuccess onchange runonfail runonsuccess listen prereq postreq use loop_if \
             loop_until test moved_from expect failed_if changed_if lane max allow"
        );
    }
}
