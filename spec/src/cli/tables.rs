//! The rows of the command line: choices, operands, commands, flags, exit codes.
//!
//! Names are an interface: a row may be added, an existing one keeps its meaning.

/// Calls `$m!` with every closed set of words a flag or operand takes: type, doc, then variant, word and meaning.
#[macro_export]
macro_rules! for_each_choice {
    ($m:ident) => {
        $m! {
            /// How results are shown.
            Format {
                Human "human" "text for people";
                Json "json" "one JSON document, described in `spec/schema`";
            }
            /// How problems in sources are reported.
            Sink {
                Human "human" "text with excerpts for people";
                Json "json" "one JSON document, described in `spec/schema`";
                Sarif "sarif" "a log in SARIF 2.1.0, for code scanning";
                Github "github" "workflow commands that annotate changes on GitHub";
                Junit "junit" "a JUnit report in XML, for CI servers";
            }
            /// How results of tests are shown.
            Results {
                Human "human" "what failed, with excerpts and differences, for people";
                Json "json" "one JSON document, described in `spec/schema`";
                Junit "junit" "a JUnit report in XML, for CI servers";
            }
            /// Which fixes are applied.
            Fixes {
                Certain "certain" "those without another reading";
                All "all" "also those that guess, such as the nearest known name";
            }
            /// When colours are used.
            Color {
                Auto "auto" "on a terminal, unless NO_COLOR is set";
                Always "always" "even into a file";
                Never "never" "no colours";
            }
            /// What may run beside what.
            Scheduler {
                Sequential "sequential" "one task at a time, in run order";
                AsWritten "as-written" "as `modeofexec` says, one at a time where it says nothing";
                Parallel "parallel" "everything at once that does not wait for another";
            }
            /// An artefact of the compiler.
            Stage {
                Doc "doc" "the parsed document, of any file in a source format";
                Ir "ir" "the modules as they were lowered";
                Graph "graph" "the tasks in run order, with types and edges";
                Asm "asm" "the bundle as text";
            }
            /// The notation of an artefact.
            As {
                Json "json" "JSON";
                Yaml "yaml" "YAML";
                Text "text" "text, for `asm`";
            }
            /// The notation of a drawing.
            Picture {
                Dot "dot" "a digraph for Graphviz";
                Json "json" "one JSON document, described in `spec/schema`";
                Svg "svg" "a picture";
                Html "html" "a page that needs nothing else, to pan and to search";
            }
            /// The form of reference pages.
            Pages {
                Terminal "terminal" "text for a terminal";
                Markdown "markdown" "Markdown";
                Html "html" "HTML that needs nothing else";
            }
            /// What a schema describes.
            Described {
                Sources "sources" "modules in YAML or JSON";
                Manifest "manifest" "the manifest of a project";
                Result "result" "the record of a task's result, for each built-in";
                Report "report" "what `apply` and `plan` print with `--format json`";
                Diagnostics "diagnostics" "what `check` prints with `--format json`";
                Graph "graph" "what `graph --as json` prints";
            }
            /// The form of a report.
            Form {
                Human "human" "text for people";
                Json "json" "one JSON document, described in `spec/schema`";
                Junit "junit" "a JUnit report in XML, for CI servers";
                Html "html" "a page that needs nothing else, with the run over time";
            }
            /// A source format.
            To {
                Yaml "yaml" "YAML 1.2";
                Json "json" "JSON";
                Xml "xml" "XML";
                Properties "properties" "Java properties";
            }
            /// A source format.
            Notation {
                Yaml "yaml" "YAML";
                Json "json" "JSON";
                Xml "xml" "XML";
                Properties "properties" "Java properties";
            }
            /// A shell.
            Shell {
                Bash "bash" "bash";
                Zsh "zsh" "zsh";
                Fish "fish" "fish";
                Elvish "elvish" "elvish";
                PowerShell "powershell" "PowerShell";
            }
        }
    };
}

macro_rules! define_choices {
    ($(#[doc = $doc:literal] $ty:ident { $($variant:ident $word:literal $meaning:literal;)* })*) => {$(
        #[doc = $doc]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $ty { $(#[doc = $meaning] $variant,)* }

        impl $ty {
            /// All words with their meanings.
            pub const WORDS: &'static [(&'static str, &'static str)] = &[$(($word, $meaning)),*];

            /// The word on the command line and in reports.
            pub const fn word(self) -> &'static str {
                match self { $($ty::$variant => $word,)* }
            }

            /// The choice of a word.
            pub fn from_word(word: &str) -> Option<$ty> {
                match word { $($word => Some($ty::$variant),)* _ => None }
            }
        }
    )*};
}
for_each_choice!(define_choices);

/// What stands behind a flag or as an operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Nothing: the flag is there or not.
    Nothing,
    /// One of these words, given with their meanings.
    Word(&'static [(&'static str, &'static str)]),
    /// A whole number from the first to the second.
    Number(u64, u64),
    /// One of these words behind `=`, or nothing, which means the first.
    MaybeWord(&'static [(&'static str, &'static str)]),
    /// A path.
    Path,
    /// Any text.
    Text,
    /// A path; the flag may be given several times.
    Paths,
    /// Two texts, one after the other.
    Pair,
    /// Any text; the flag may be given several times.
    Texts,
}

/// Calls `$m!` with every operand: doc, variant, id, name in the help, what it takes, and whether there may be several.
#[macro_export]
macro_rules! for_each_operand {
    ($m:ident) => {
        $m! {
            /// Source files, folders that hold some, or `-` for standard input.
            Paths "paths" "PATH" Takes::Path, many;
            /// Source files, folders that hold some, `-` for standard input, or one bundle.
            PathsOrBundle "paths" "PATH" Takes::Path, many;
            /// Folders of projects, sources, or test documents; without any, the current folder.
            Tests "paths" "PATH" Takes::Path, any;
            /// A file in a source format, or `-` for standard input.
            File "file" "FILE" Takes::Path, one;
            /// A bundle, or `-` for standard input.
            Bundle "bundle" "BUNDLE" Takes::Path, one;
            /// The bundle of the run, or `-` for standard input; by default the one that was kept with its journal.
            MaybeBundle "bundle" "BUNDLE" Takes::Path, maybe;
            /// The number of a run on this machine, or a report in JSON, or `-` for one on standard input; by default the last run.
            MaybeRun "run" "RUN|FILE" Takes::Text, maybe;
            /// The label of a task, or an object that tasks change, such as a path.
            Subject "subject" "LABEL|PATH" Takes::Text, one;
            /// A diagnostic (`C2003`), a fault (`F0404`), a built-in, a keyword, a fact, or the name of one.
            Topic "topic" "CODE|NAME" Takes::Text, one;
            /// The shell to complete for.
            Shell "shell" "SHELL" Takes::Word(super::tables::Shell::WORDS), one;
            /// Source files, folders that hold some, or `-` for standard input; by default the current folder.
            PathsOrHere "paths" "PATH" Takes::Path, any;
            /// What the schema describes; by default sources.
            Described "described" "WHAT" Takes::Word(super::tables::Described::WORDS), maybe;
            /// A built-in, keyword, function, fact, fault or diagnostic, or the path of a module or project.
            NameOrPath "name" "NAME|PATH" Takes::Text, maybe;
            /// The folder of the project; by default the current one.
            Project "project" "DIR" Takes::Path, maybe;
            /// The expression, or `-` for standard input.
            Expression "expression" "EXPR" Takes::Text, one;
        }
    };
}

macro_rules! is_many {
    (many) => {
        true
    };
    (any) => {
        true
    };
    (one) => {
        false
    };
    (maybe) => {
        false
    };
}

macro_rules! is_required {
    (many) => {
        true
    };
    (one) => {
        true
    };
    (any) => {
        false
    };
    (maybe) => {
        false
    };
}

macro_rules! define_operands {
    ($(#[doc = $doc:literal] $variant:ident $id:literal $name:literal $takes:expr, $count:ident;)*) => {
        /// What a command works on.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Operand { $(#[doc = $doc] $variant,)* }

        impl Operand {
            /// The name in a parser.
            pub const fn id(self) -> &'static str {
                match self { $(Operand::$variant => $id,)* }
            }

            /// The name in the help.
            pub const fn name(self) -> &'static str {
                match self { $(Operand::$variant => $name,)* }
            }

            /// What it takes.
            pub const fn takes(self) -> Takes {
                match self { $(Operand::$variant => $takes,)* }
            }

            /// Whether there may be several.
            pub const fn many(self) -> bool {
                match self { $(Operand::$variant => is_many!($count),)* }
            }

            /// Whether there must be one.
            pub const fn required(self) -> bool {
                match self { $(Operand::$variant => is_required!($count),)* }
            }

            /// One sentence.
            pub fn doc(self) -> &'static str {
                match self { $(Operand::$variant => $doc.trim_ascii(),)* }
            }
        }
    };
}
for_each_operand!(define_operands);

/// Calls `$m!` with every binary and its commands: doc and name of the binary, the enum of its commands, and for each
/// command doc, variant, name and operand.
#[macro_export]
macro_rules! for_each_command {
    ($m:ident) => {
        $m! {
            /// Checks, builds and inspects ipcmm configurations.
            Compiler "ipcmmc" CompilerCommand {
                /// Checks sources and reports every problem in them.
                Check "check" [Paths];
                /// Checks sources and writes a bundle of them; nothing is written if there is an error.
                Build "build" [Paths];
                /// Checks sources, and reports what a reviewer would ask about as well.
                Lint "lint" [Paths];
                /// Pins the packages of a project: writes `ipcmm.lock` beside its manifest.
                Lock "lock" [Paths];
                /// Runs the tests of a configuration on pretended nodes.
                Test "test" [Tests];
                /// Shows what a stage of the compiler made of a source.
                Dump "dump" [File];
                /// Shows a bundle as assembly text.
                Disasm "disasm" [Bundle];
                /// Shows what a bundle holds and what it would touch.
                Inspect "inspect" [Bundle];
                /// Writes sources in another format, with the same meaning.
                Convert "convert" [Paths];
                /// Writes sources in the layout of their format; nothing else about them changes.
                Fmt "fmt" [Paths];
                /// Explains a diagnostic, a fault, a built-in, a keyword or a fact.
                Explain "explain" [Topic];
                /// Draws tasks and what they wait for, also of sources that cannot be built, and says why.
                Graph "graph" [PathsOrHere];
                /// Prints a JSON Schema, so that editors know the language.
                Schema "schema" [Described];
                /// Prints or writes reference pages of the language, or of a module.
                Doc "doc" [NameOrPath];
                /// Makes a project that builds.
                Init "init" [Project];
                /// Evaluates an expression.
                Eval "eval" [Expression];
                /// Evaluates expressions one by one, as they are typed.
                Repl "repl" [];
                /// Prints a completion script for a shell.
                Completions "completions" [Shell];
            }
            /// The operator's command: configures this machine, or a folder that stands for one.
            Operator "ipcmm" OperatorCommand {
                /// Makes the machine as the configuration says.
                Apply "apply" [PathsOrBundle];
                /// Says what `apply` would change, and changes nothing.
                Plan "plan" [PathsOrBundle];
                /// Tells of a run again: for people, for machines, for CI servers, or as a page with the run over time.
                Report "report" [MaybeRun];
                /// Says why a task ended as it did in the last run, or which tasks changed an object and why they did.
                Why "why" [Subject];
                /// Prints a completion script for a shell.
                Completions "completions" [Shell];
                /// Prints version, bundle format and level.
                Version "version" [];
            }
            /// The agent: verifies bundles and runs them. It knows no source language.
            Agent "ipcmm-agent" AgentCommand {
                /// Makes the machine as the bundle says.
                Apply "apply" [Bundle];
                /// Says what `apply` would change, and changes nothing.
                Plan "plan" [Bundle];
                /// Shows what a bundle holds and what it would touch.
                Inspect "inspect" [Bundle];
                /// Goes on with the last run, which was interrupted: what is done is not done again.
                Resume "resume" [MaybeBundle];
                /// Shows the runs on this machine that are still known, the latest last.
                History "history" [];
                /// Shows which runs are under way or wait on this machine.
                Ps "ps" [];
                /// Tells of a run again: for people, for machines, for CI servers, or as a page with the run over time.
                Report "report" [MaybeRun];
                /// Says why a task ended as it did in the last run, or which tasks changed an object and why they did.
                Why "why" [Subject];
                /// Makes the machine as the bundle says, and stays: files are watched, schedules are kept, events are handled.
                Serve "serve" [Bundle];
            }
        }
    };
}

macro_rules! define_commands {
    ($(#[doc = $about:literal] $binary:ident $name:literal $commands:ident {
        $(#[doc = $doc:literal] $variant:ident $command:literal [$($operand:ident)?];)*
    })*) => {
        /// A program of this project.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Binary { $(#[doc = $about] $binary,)* }

        impl Binary {
            /// All programs.
            pub const ALL: &'static [Binary] = &[$(Binary::$binary),*];

            /// Its name.
            pub const fn name(self) -> &'static str {
                match self { $(Binary::$binary => $name,)* }
            }

            /// What it is for, in a sentence.
            pub fn doc(self) -> &'static str {
                match self { $(Binary::$binary => $about.trim_ascii(),)* }
            }

            /// Its commands.
            pub fn commands(self) -> Vec<Spot> {
                match self { $(Binary::$binary => $commands::ALL.iter().map(|c| Spot::$binary(*c)).collect(),)* }
            }
        }

        $(
            #[doc = concat!("A command of `", $name, "`.")]
            #[derive(Clone, Copy, Debug, PartialEq, Eq)]
            pub enum $commands { $(#[doc = $doc] $variant,)* }

            impl $commands {
                /// All commands.
                pub const ALL: &'static [$commands] = &[$($commands::$variant),*];

                /// The command of a name.
                pub fn from_name(name: &str) -> Option<$commands> {
                    match name { $($command => Some($commands::$variant),)* _ => None }
                }
            }
        )*

        /// A command of one of the programs.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Spot { $(#[doc = $about] $binary($commands),)* }

        impl Spot {
            /// Its name.
            pub const fn name(self) -> &'static str {
                match self { $($(Spot::$binary($commands::$variant) => $command,)*)* }
            }

            /// What it does, in a sentence.
            pub fn doc(self) -> &'static str {
                match self { $($(Spot::$binary($commands::$variant) => $doc.trim_ascii(),)*)* }
            }

            /// What it works on.
            pub const fn operands(self) -> &'static [Operand] {
                match self { $($(Spot::$binary($commands::$variant) => &[$(Operand::$operand)?],)*)* }
            }
        }
    };
}
for_each_command!(define_commands);

/// Calls `$m!` with every flag: doc, variant, long name, short name or `_`, what it takes, its name in the help,
/// default, and the commands that have it.
#[macro_export]
macro_rules! for_each_flag {
    ($m:ident) => {
        $m! {
            /// Write the bundle here, or to standard output if it is `-`; by default `NAME.ipcb` in the current folder.
            Output "output" 'o' Takes::Path, "FILE" None Compiler[Build] Operator[] Agent[];
            /// The environment of the manifest whose inputs hold.
            Env "env" _ Takes::Text, "NAME" None Compiler[Check Build Lint Dump Graph Doc Eval Repl] Operator[Apply Plan] Agent[];
            /// A file of values for inputs, in any source format; later files are stronger, all are stronger than the environment.
            Inputs "inputs" _ Takes::Paths, "FILE" None Compiler[Check Build Lint Dump Graph Doc Eval Repl] Operator[Apply Plan] Agent[];
            /// A value for an input, as `name=value` or `module/name=value`; stronger than all others.
            Set "set" _ Takes::Texts, "NAME=VALUE" None Compiler[Check Build Lint Dump Graph Doc Eval Repl] Operator[Apply Plan] Agent[];
            /// Refuse packages that the lock file does not know; without it they are added to what `build` writes.
            Locked "locked" _ Takes::Nothing, "" None Compiler[Check Build Lint Dump Graph Doc Eval Repl] Operator[Apply Plan] Agent[];
            /// Leave places in sources out of the bundle; failures then name no lines.
            NoDebug "no-debug" _ Takes::Nothing, "" None Compiler[Build] Operator[] Agent[];
            /// The stage whose artefact is shown.
            Stage "stage" _ Takes::Word(super::tables::Stage::WORDS), "STAGE" Some("doc") Compiler[Dump] Operator[] Agent[];
            /// The notation: JSON unless said otherwise, text for `asm`.
            As "as" _ Takes::Word(super::tables::As::WORDS), "NOTATION" None Compiler[Dump] Operator[] Agent[];
            /// The format to write.
            To "to" _ Takes::Word(super::tables::To::WORDS), "FORMAT" None Compiler[Convert] Operator[] Agent[];
            /// Write the text here; by default one file goes to standard output, and several are written beside their sources.
            ConvertOutput "output" 'o' Takes::Path, "FILE" None Compiler[Convert] Operator[] Agent[];
            /// Replace files that are there.
            Force "force" _ Takes::Nothing, "" None Compiler[Convert] Operator[] Agent[];
            /// Change nothing; name the files that are laid out otherwise, show the differences, and exit with 1.
            Check "check" _ Takes::Nothing, "" None Compiler[Fmt] Operator[] Agent[];
            /// The notation of the drawing.
            Picture "as" _ Takes::Word(super::tables::Picture::WORDS), "NOTATION" Some("dot") Compiler[Graph] Operator[] Agent[];
            /// The form of the pages; by default text for one page, and HTML for a folder of them.
            Pages "as" _ Takes::Word(super::tables::Pages::WORDS), "FORM" None Compiler[Doc] Operator[] Agent[];
            /// Write to this file instead of standard output.
            OutputFile "output" 'o' Takes::Path, "FILE" None Compiler[Graph Schema] Operator[] Agent[];
            /// Write the pages into this folder; it is made if it is missing.
            OutputFolder "output" 'o' Takes::Path, "DIR" None Compiler[Doc] Operator[] Agent[];
            /// Only this task, all it waits for and all that waits for it.
            Focus "focus" _ Takes::Text, "LABEL" None Compiler[Graph] Operator[] Agent[];
            /// Say by which targets one of two tasks waits for the other, instead of drawing.
            Why "why" _ Takes::Pair, "LABEL" None Compiler[Graph] Operator[] Agent[];
            /// Pages of everything: built-ins, keywords, functions, facts, faults and diagnostics.
            Everything "all" _ Takes::Nothing, "" None Compiler[Doc] Operator[] Agent[];
            /// The format of the manifest, the module and its tests.
            Notation "format" _ Takes::Word(super::tables::Notation::WORDS), "FORMAT" Some("yaml") Compiler[Init] Operator[] Agent[];
            /// The name of the project; by default that of the folder.
            Name "name" _ Takes::Text, "NAME" None Compiler[Init] Operator[] Agent[];
            /// Go on in a folder that is not empty; files that are there are never replaced.
            InitForce "force" _ Takes::Nothing, "" None Compiler[Init] Operator[] Agent[];
            /// See the names of this module, or of those in this folder, in the project around it.
            Module "file" 'f' Takes::Path, "FILE" None Compiler[Eval Repl] Operator[] Agent[];
            /// Facts to evaluate with: a map of paths, or of maps, in any source format.
            Facts "facts" _ Takes::Path, "FILE" None Compiler[Eval Repl] Operator[] Agent[];
            /// Say of every part of the expression what it comes to, and where that is from.
            Explain "explain" _ Takes::Nothing, "" None Compiler[Eval] Operator[] Agent[];
            /// Put every path of the run behind this folder; it is made if it is missing.
            Root "root" _ Takes::Path, "DIR" None Compiler[] Operator[Apply Plan Report Why] Agent[Apply Plan Resume History Ps Report Why Serve];
            /// What may run beside what; a plan is always made in run order.
            Scheduler "scheduler" _ Takes::Word(super::tables::Scheduler::WORDS), "POLICY" Some("as-written") Compiler[] Operator[Apply Plan] Agent[Apply Plan Serve];
            /// The most tasks that run at once; by default twice the processors, at least 4.
            MaxParallel "max-parallel" _ Takes::Number(1, 65_536), "N" None Compiler[] Operator[Apply Plan] Agent[Apply Plan Serve];
            /// What the bundle may do, as a file of JSON; by default `/etc/ipcmm/policy.json` if it is there, and otherwise all; for `serve` nothing.
            Policy "policy" _ Takes::Path, "FILE" None Compiler[] Operator[] Agent[Apply Plan Inspect Resume Serve];
            /// Print a policy that allows just what the bundle says it needs.
            Needs "needs" _ Takes::Nothing, "" None Compiler[] Operator[] Agent[Inspect];
            /// Seed of everything random; by default taken from the clock, and named in the JSON report.
            Seed "seed" _ Takes::Number(0, u64::MAX), "N" None Compiler[] Operator[Apply Plan] Agent[Apply Plan Serve];
            /// Show differences of texts in full; without it a plan shows the first lines of each, and apply none.
            Diff "diff" _ Takes::Nothing, "" None Compiler[] Operator[Apply Plan Report] Agent[Apply Plan Resume Report];
            /// Keep journals and locks in this folder; by default `/var/lib/ipcmm`, for other users than root `ipcmm` in the folder for state of the user, and `var/lib/ipcmm` below `--root`.
            State "state" _ Takes::Path, "DIR" None Compiler[] Operator[Apply Plan Report Why] Agent[Apply Plan Resume History Ps Report Why];
            /// Go on with the last run of the same bundle, which was interrupted: what is done is not done again.
            Resume "resume" _ Takes::Nothing, "" None Compiler[] Operator[Apply] Agent[Apply];
            /// Wait if another run is under way, and run after it; without it the run is refused.
            Queue "queue" _ Takes::Nothing, "" None Compiler[] Operator[Apply] Agent[Apply Resume];
            /// Run beside another run if it is certain that both write different things; otherwise the run is refused.
            Concurrent "concurrent" _ Takes::Nothing, "" None Compiler[] Operator[Apply] Agent[Apply Resume];
            /// The form of the report.
            Form "as" _ Takes::Word(super::tables::Form::WORDS), "FORM" Some("human") Compiler[] Operator[Report] Agent[Report];
            /// The number of another run, or a report in JSON, or `-` for one on standard input.
            OfRun "run" _ Takes::Text, "RUN" None Compiler[] Operator[Why] Agent[Why];
            /// Apply the fixes of problems to the files until none is left; standard input is not changed.
            Fix "fix" _ Takes::MaybeWord(super::tables::Fixes::WORDS), "WHICH" None Compiler[Check Lint] Operator[] Agent[];
            /// Show with `--fix` what would be changed, as a unified diff, and change nothing.
            DryRun "dry-run" _ Takes::Nothing, "" None Compiler[Check Lint] Operator[] Agent[];
            /// Do not report this warning, by name or code; `warnings` are all.
            Allow "allow" _ Takes::Texts, "NAME" None Compiler[Check Build Lint] Operator[] Agent[];
            /// Report this warning, also where the manifest allows it. It is stronger than `--allow`.
            Warn "warn" _ Takes::Texts, "NAME" None Compiler[Check Build Lint] Operator[] Agent[];
            /// Make this warning an error. It is stronger than `--warn`.
            Deny "deny" _ Takes::Texts, "NAME" None Compiler[Check Build Lint] Operator[] Agent[];
            /// Show all problems; without it a terminal shows the first 50.
            All "all" _ Takes::Nothing, "" None Compiler[Check Build Lint] Operator[] Agent[];
            /// How problems are reported.
            Report "format" _ Takes::Word(super::tables::Sink::WORDS), "FORMAT" Some("human") Compiler[Check Build Lint] Operator[] Agent[];
            /// Run only the tests that have this text in their name or that of their document.
            Filter "filter" _ Takes::Text, "TEXT" None Compiler[Test] Operator[] Agent[];
            /// Run every test a second time on what the first run left: it must change nothing.
            Twice "twice" _ Takes::Nothing, "" None Compiler[Test] Operator[] Agent[];
            /// Make a plan before every apply: it must name all that the apply changes.
            PlanFirst "plan-first" _ Takes::Nothing, "" None Compiler[Test] Operator[] Agent[];
            /// Show what the tests cover of labels, branches, edges and loops, and every place that they do not.
            Coverage "coverage" _ Takes::Nothing, "" None Compiler[Test] Operator[] Agent[];
            /// Fail if the tests cover less than so many percent.
            CoverageMin "coverage-min" _ Takes::Number(0, 100), "PERCENT" None Compiler[Test] Operator[] Agent[];
            /// Write what the tests cover to this file: as JSON if its name ends so, otherwise as LCOV.
            CoverageOut "coverage-out" _ Takes::Path, "FILE" None Compiler[Test] Operator[] Agent[];
            /// How results of tests are shown.
            Results "format" _ Takes::Word(super::tables::Results::WORDS), "FORMAT" Some("human") Compiler[Test] Operator[] Agent[];
            /// How results are shown.
            Format "format" _ Takes::Word(super::tables::Format::WORDS), "FORMAT" Some("human") Compiler[Lock Disasm Inspect Eval] Operator[Apply Plan Version Why] Agent[Apply Plan Inspect Resume History Ps Why Serve];
            /// When colours are used.
            Color "color" _ Takes::Word(super::tables::Color::WORDS), "WHEN" Some("auto") Compiler[Check Build Lint Lock Dump Disasm Inspect Convert Fmt Explain Test Graph Schema Doc Init Eval Repl] Operator[Apply Plan Report Why] Agent[Apply Plan Inspect Resume History Ps Report Why Serve];
            /// Say only what went wrong.
            Quiet "quiet" 'q' Takes::Nothing, "" None Compiler[Check Build Lint Lock Dump Disasm Inspect Convert Fmt Test Graph Init Doc] Operator[Apply Plan Report] Agent[Apply Plan Resume Report];
            /// Say more: every file that was read, every task that was run.
            Verbose "verbose" 'v' Takes::Nothing, "" None Compiler[Build Test] Operator[Apply Plan Report] Agent[Apply Plan Resume Report];
            /// Show no progress line while working.
            NoProgress "no-progress" _ Takes::Nothing, "" None Compiler[Check Build Lint Dump] Operator[Apply Plan] Agent[Apply Plan Resume];
        }
    };
}

macro_rules! short_of {
    (_) => {
        None
    };
    ($short:literal) => {
        Some($short)
    };
}

macro_rules! define_flags {
    ($(#[doc = $doc:literal] $variant:ident $long:literal $short:tt $takes:expr, $value:literal $default:tt $(($word:literal))?
        Compiler[$($compiler:ident)*] Operator[$($operator:ident)*] Agent[$($agent:ident)*];)*) => {
        /// A flag.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Flag { $(#[doc = $doc] $variant,)* }

        impl Flag {
            /// All flags in the order of the help.
            pub const ALL: &'static [Flag] = &[$(Flag::$variant),*];

            /// The name behind two dashes.
            pub const fn long(self) -> &'static str {
                match self { $(Flag::$variant => $long,)* }
            }

            /// The name behind one dash.
            pub const fn short(self) -> Option<char> {
                match self { $(Flag::$variant => short_of!($short),)* }
            }

            /// What it takes.
            pub const fn takes(self) -> Takes {
                match self { $(Flag::$variant => $takes,)* }
            }

            /// The name of its value in the help.
            pub const fn value(self) -> &'static str {
                match self { $(Flag::$variant => $value,)* }
            }

            /// What holds if it is not given.
            pub const fn default(self) -> Option<&'static str> {
                match self { $(Flag::$variant => $default $(($word))?,)* }
            }

            /// Which commands have it.
            pub const fn commands(self) -> &'static [Spot] {
                match self { $(Flag::$variant => &[
                    $(Spot::Compiler(CompilerCommand::$compiler),)*
                    $(Spot::Operator(OperatorCommand::$operator),)*
                    $(Spot::Agent(AgentCommand::$agent),)*
                ],)* }
            }

            /// One sentence.
            pub fn doc(self) -> &'static str {
                match self { $(Flag::$variant => $doc.trim_ascii(),)* }
            }
        }
    };
}
for_each_flag!(define_flags);

/// Calls `$m!` with every exit code: frozen number, variant, doc.
#[macro_export]
macro_rules! for_each_exit {
    ($m:ident) => {
        $m! {
            0 Ok "It is done; a plan was made, whether it names changes or not.";
            1 Problems "There are problems in the input: in sources, or a bundle that is not accepted. Nothing was run or written.";
            2 Usage "The command line is wrong.";
            3 RunFailed "The run failed or was interrupted: tasks failed, were blocked or were not reached.";
            4 Environment "Something around it is in the way: a file that cannot be read or written, missing rights.";
        }
    };
}

macro_rules! define_exits {
    ($($num:literal $variant:ident $doc:literal;)*) => {
        /// How a program ends. (A defect in the program itself ends with 101.)
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub enum Exit { $(#[doc = $doc] $variant = $num,)* }

        impl Exit {
            /// All exit codes with their meanings.
            pub const TABLE: &'static [(Exit, &'static str)] = &[$((Exit::$variant, $doc)),*];
        }
    };
}
for_each_exit!(define_exits);

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> std::process::ExitCode {
        std::process::ExitCode::from(exit as u8)
    }
}
