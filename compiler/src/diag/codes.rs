//! The table of diagnostics. Numbers are frozen: `C0xxx` input, `C1xxx` expressions, `C2xxx` shape and names,
//! `C3xxx` types, `C4xxx` graph, `C5xxx` output, `C6xxx` lints, `C9xxx` not there yet.

use super::Severity;
use std::fmt;

/// Calls `$m!` with every diagnostic: frozen number, variant, kebab-case name, severity, summary.
#[macro_export]
macro_rules! for_each_diagnostic {
    ($m:ident) => {
        $m! {
            // Input: before anything has a meaning.
            1 Unreadable "unreadable" Error "a file cannot be read";
            2 NoSources "no-sources" Error "there is nothing to build";
            3 NotUtf8 "not-utf8" Error "a file is not UTF-8 text";
            4 TooLarge "too-large" Error "a file is larger than the limit";
            5 Syntax "syntax" Error "the document is malformed";
            6 DuplicateKey "duplicate-key" Error "a key is written twice in one map";
            7 TooDeep "too-deep" Error "the document is nested too deeply";
            8 AliasBudget "alias-budget" Error "aliases expand to too much";
            9 UnknownAlias "unknown-alias" Error "an alias names no anchor";
            10 KeyNotText "key-not-text" Error "a key is a list or a map";
            11 UnsupportedTag "unsupported-tag" Error "a tag has no meaning here";
            12 UnknownFormat "unknown-format" Error "the format of a file is not known";
            13 MergeKey "merge-key" Error "merge keys are not switched on";
            14 RecursiveAlias "recursive-alias" Error "an alias stands inside its own anchor";
            15 Doctype "document-type" Error "a document type is not read";
            16 MixedContent "mixed-content" Error "text stands beside entries";
            17 NamePrefix "name-prefix" Error "a name belongs to a namespace";
            18 ElementType "element-type" Error "an element is not what its attributes say";
            19 RootName "root-name" Error "the root element has another name";
            // Expressions: their spelling.
            1001 ExprSyntax "expression-syntax" Error "an expression is malformed";
            1002 UnclosedInterpolation "unclosed-interpolation" Error "an interpolation is not closed";
            1003 UnclosedString "unclosed-string" Error "a text in an expression is not closed";
            1004 BadEscape "bad-escape" Error "an escape is not known";
            1005 BadNumber "bad-number" Error "a number is malformed or too large";
            1006 BadUnit "bad-unit" Error "a unit is not known";
            1007 ExprTooDeep "expression-too-deep" Error "an expression is nested too deeply";
            1008 ExprTooLarge "expression-too-large" Error "an expression is too large";
            1009 BadSignature "bad-signature" Error "the signature of a function is malformed";
            1010 BadType "bad-type" Error "a type is malformed or not known";
            // Shape and names.
            2001 NotAModule "not-a-module" Error "the document is not a module";
            2002 UnknownKeyword "unknown-keyword" Error "a keyword is not known";
            2003 UnknownBuiltin "unknown-builtin" Error "a built-in is not known";
            2004 NoBuiltin "no-builtin" Error "a label has nothing to do";
            2005 WrongShape "wrong-shape" Error "a value has the wrong shape";
            2006 DuplicateLabel "duplicate-label" Error "a label is defined twice";
            2007 UnknownTarget "unknown-target" Error "a target is not known";
            2008 UnknownName "unknown-name" Error "a name is not known";
            2009 UnknownFact "unknown-fact" Error "a fact is not known";
            2010 UnknownFunction "unknown-function" Error "a function is not known";
            2011 UnknownArgument "unknown-argument" Error "an argument is not known";
            2012 MissingArgument "missing-argument" Error "an argument is missing";
            2013 ConflictingArguments "conflicting-arguments" Error "arguments exclude each other";
            2014 UnknownField "unknown-field" Error "a field is not known";
            2015 RepeatedKeyword "repeated-keyword" Error "a keyword is given twice for one label";
            2016 Edition "edition" Error "the edition is not known";
            2017 EmptyGuard "empty-guard" Warning "a guard has no conditions";
            2018 NoReaction "no-reaction" Warning "a watch has no reaction";
            2019 MissingAsset "missing-asset" Error "a file that belongs into the bundle cannot be read";
            2020 DuplicateResultName "duplicate-result-name" Error "a result name is used twice";
            2021 NotAlone "not-alone" Error "a built-in of composition stands beside others";
            2023 DuplicateName "duplicate-name" Error "a name is declared twice";
            2024 MissingInput "missing-input" Error "an input has no value";
            2025 UnknownInput "unknown-input" Error "a value is given for an input that nobody declares";
            2026 CheckFailed "check-failed" Error "an input does not pass its check";
            2027 UnknownProcedure "unknown-procedure" Error "a procedure is not known";
            2028 RecursiveProcedure "recursive-procedure" Error "procedures call each other in a circle";
            2029 UnknownModule "unknown-module" Error "a module is not known";
            2030 IncludeCycle "include-cycle" Error "files include each other in a circle";
            2032 BadInclude "bad-include" Error "a file cannot be included or imported";
            2033 Unassigned "unassigned" Error "an output is not assigned";
            2034 SharedVariable "shared-variable" Error "a variable is given to be written twice";
            2035 CircularName "circular-name" Error "a name is defined by itself";
            2036 IncludedTwice "included-twice" Error "a file is included in two ways";
            2037 KeywordOnCall "keyword-on-call" Error "a keyword cannot hold for what it stands at";
            2038 ExclusiveKeywords "exclusive-keywords" Error "keywords exclude each other";
            2039 NoDefault "no-default" Error "a keyword cannot be a default";
            2040 WrongVersion "wrong-version" Error "a package does not have the version that is wanted";
            // Projects.
            2050 TwoManifests "two-manifests" Error "a folder has two manifests";
            2051 UnknownEnvironment "unknown-environment" Error "an environment is not known";
            2052 EnvironmentCycle "environment-cycle" Error "an environment extends itself";
            2053 BadSet "bad-set" Error "a `--set` is malformed";
            2054 OutsideProject "outside-project" Error "a source is outside the project";
            2055 NoSuchSources "no-such-sources" Error "a pattern of sources finds nothing";
            2056 DuplicateNode "duplicate-node" Error "a node has two entries or names";
            2057 UnknownNode "unknown-node" Error "a node is not in the inventory";
            2058 NoInventory "no-inventory" Error "an inventory is needed";
            2059 NoNodeSelected "no-node-selected" Warning "no node is selected";
            2060 SeveralProjects "several-projects" Error "the paths belong to different projects";
            2061 BadPackage "bad-package" Error "a package cannot be read";
            2062 PackageChanged "package-changed" Error "a package is not what the lock file pins";
            2063 LockOutdated "lock-outdated" Error "the lock file does not fit the dependencies";
            2064 PackageConflict "package-conflict" Error "a name stands for two packages";
            2065 TargetReadsResult "target-reads-result" Error "a target reads a result";
            2070 ForeignTemplate "foreign-template" Warning "a template of another language stands in a text";
            // Types.
            3001 TypeMismatch "type-mismatch" Error "a value has the wrong type";
            3002 NotBool "not-bool" Error "a condition is not true or false";
            3003 BadOperands "bad-operands" Error "an operator does not work on these types";
            3004 BadValue "bad-value" Error "a value is out of range or malformed";
            3005 PossiblyNull "possibly-null" Error "a value may be null here";
            3006 EffectNotAllowed "effect-not-allowed" Error "the node may not be asked here";
            3007 ConstantFault "constant-fault" Error "a constant expression faults";
            3008 BadMode "bad-mode" Error "a mode is not octal";
            3009 RelativePath "relative-path" Error "a path is not absolute";
            3010 NotConstant "not-constant" Error "a value must be known at build";
            3011 SecretLeak "secret-leak" Error "a secret would become visible";
            3012 SecretConstant "secret-constant" Error "a secret is written in a source";
            3013 MissingArm "missing-arm" Error "a match has no arm for some values";
            3014 UnreachableArm "unreachable-arm" Warning "an arm of a match is never reached";
            3015 MisplacedLambda "misplaced-lambda" Error "a lambda or a function stands where a value must";
            3016 LambdaArity "lambda-arity" Error "a lambda has too many or too few parameters";
            3017 ImpureFunction "impure-function" Error "a function reads what is not a parameter";
            3018 ShadowedFunction "shadowed-function" Error "a function of the library is defined again";
            3019 DuplicateFunction "duplicate-function" Error "a function is defined twice";
            3020 RecursiveLambda "recursive-lambda" Error "a lambda uses itself";
            // The graph.
            4001 Cycle "cycle" Error "tasks wait for each other";
            4002 UnorderedRead "unordered-read" Error "a result is read without an order";
            4003 SelfTarget "self-target" Error "a task names itself";
            4004 DuplicateTarget "duplicate-target" Warning "a target is listed twice";
            4005 UseCycle "use-cycle" Error "tasks copy from each other";
            4006 UseMismatch "use-mismatch" Error "a task copies from one that does something else";
            4007 NeverRuns "never-runs" Warning "what a task is to run for cannot happen";
            4008 OrderIgnored "order-ignored" Warning "an order contradicts a target";
            4009 WriteConflict "write-conflict" Error "two tasks write the same object in no order";
            4010 AcrossDemand "across-demand" Error "a target does not run in the same body";
            4020 DeadTask "dead-task" Warning "a task is always skipped";
            4021 UnusedResult "unused-result" Warning "a result is given a name and never read";
            4040 Unjoined "unjoined" Warning "nobody waits for a task that runs on its own";
            4041 IdleLane "idle-lane" Warning "a queue and the mode of execution do not fit";
            4042 LaneLimit "lane-limit" Error "a limit of a queue does not hold";
            4043 NoPermission "no-permission" Error "a task would be real in a dry run";
            4044 MovedTwice "moved-twice" Error "a label has not moved where it is said to";
            4045 UnusedContext "unused-context" Warning "a name of a context is never read";
            4050 UnusedDeclaration "unused-declaration" Warning "a name is declared or defined and never used";
            4051 UnusedImport "unused-import" Warning "a module is imported and never used";
            // Output.
            5001 Unwritable "unwritable" Error "a file cannot be written";
            5002 LimitExceeded "limit-exceeded" Error "the configuration exceeds a limit of the bundle";
            5010 SeveralDocuments "several-documents" Error "a format holds one document, and there are several";
            5011 CannotCarry "cannot-carry" Error "a format cannot hold a character";
            5012 SpellingChanged "spelling-changed" Warning "a scalar got another spelling";
            5013 AlreadyThere "already-there" Error "a file that would be written is there already";
            5014 NotFormatted "not-formatted" Error "a file is not formatted";
            5015 CannotFormat "cannot-format" Error "a file cannot be formatted without changing it";
            5020 NotKnownHere "not-known-here" Error "a value is known on a node only";
            // What users' tests of their configuration find.
            5030 ExpectationUnmet "expectation-unmet" Error "what a test expects is not so";
            5031 UnstagedCommand "unstaged-command" Error "a test says nothing of a command that runs";
            5032 NotIdempotent "not-idempotent" Error "a second run changes something";
            5033 NotPlanned "not-planned" Error "an apply changes what its plan did not name";
            5034 UnusedStage "unused-stage" Warning "a test stages something that does not happen";
            5035 NoTests "no-tests" Error "there are no tests";
            5036 LowCoverage "low-coverage" Error "tests cover less than they must";
            5037 UnexpectedFailure "unexpected-failure" Error "a run fails and no test expects it";
            // What is said about warnings, and what reviewers would ask about.
            6001 BadSuppression "bad-suppression" Error "a suppression does not hold";
            6002 UnusedSuppression "unused-suppression" Warning "a suppression suppresses nothing";
            6003 WorldWritable "world-writable" Warning "everybody may write to a file or folder";
            6004 NeedlessShell "needless-shell" Warning "a shell is started for nothing";
            6005 UnguardedCommand "unguarded-command" Warning "a command runs each time";
            6006 WithoutEffect "without-effect" Warning "a task has no effect";
            6007 PlainSecret "plain-secret" Warning "a secret stands in the source";
            6008 OddLabel "odd-label" Warning "a label is hard to write";
            6009 Undocumented "undocumented" Warning "a label does not say what it is for";
            6010 LooseHandle "loose-handle" Warning "nobody joins what was put into the background";
            // Words of the language that this version does not carry out.
            9001 KeywordNotYet "keyword-not-yet" Error "a keyword is not there yet";
            9002 BuiltinNotYet "builtin-not-yet" Error "a built-in is not there yet";
            9003 FormatNotYet "format-not-yet" Error "a source format is not there yet";
            9004 SyntaxNotYet "syntax-not-yet" Error "a part of the language is not there yet";
        }
    };
}

macro_rules! define_codes {
    ($($num:literal $variant:ident $name:literal $severity:ident $summary:literal;)*) => {
        /// Which problem a diagnostic is; written `C` and four digits.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u16)]
        pub enum Code { $(#[doc = $summary] $variant = $num,)* }

        impl Code {
            /// All codes in numeric order.
            pub const ALL: &'static [Code] = &[$(Code::$variant),*];

            /// Frozen number.
            pub const fn number(self) -> u16 { self as u16 }

            /// Kebab-case name, stable in machine output.
            pub const fn name(self) -> &'static str {
                match self { $(Code::$variant => $name,)* }
            }

            /// How bad it is.
            pub const fn severity(self) -> Severity {
                match self { $(Code::$variant => Severity::$severity,)* }
            }

            /// One clause that says what is wrong.
            pub const fn summary(self) -> &'static str {
                match self { $(Code::$variant => $summary,)* }
            }

            /// Codes whose rows stay so that their numbers keep their meaning, and that nothing raises any more.
            pub const RETIRED: &'static [Code] = &[Code::FormatNotYet];

            /// Whether it is about the spelling of a file, before anything has a meaning (`C0xxx`).
            pub const fn is_of_input(self) -> bool { self.number() < 1000 }

            /// The code written as `C2003`, or as its name.
            pub fn parse(text: &str) -> Option<Code> {
                Code::ALL.iter().copied().find(|c| c.to_string().eq_ignore_ascii_case(text) || c.name() == text)
            }
        }
    };
}
for_each_diagnostic!(define_codes);

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "C{:04}", self.number())
    }
}
