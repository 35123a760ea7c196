//! All tests of the crate, in one binary. The documents of the suites, one test each.

mod convert;
mod crashes;
mod fixes;
mod foresight;
mod functions;
mod laws;
mod links;
mod pages;
mod peers;
mod python;
mod raised;
mod robust;
mod salt;
mod sarif;
mod schema;
mod subruns;
mod tidy;
mod truth;
mod typed;

use ipcmm_tests::suite::{assert_document, assert_known, documents, root};

/// One test for each document of a folder, and one that says if a document has none.
macro_rules! documents_of {
    ($folder:literal, $all:ident: $($test:ident = $file:literal),* $(,)?) => {
        $(#[test] fn $test() { assert_document(&root().join($folder).join(concat!($file, ".md"))); })*

        #[test]
        fn $all() {
            let listed = [$($file),*];
            for path in documents($folder) {
                let stem = path.file_stem().and_then(|s| s.to_str()).unwrap_or("").to_owned();
                assert!(listed.contains(&stem.as_str()), "{} has no test", path.display());
            }
        }
    };
}

documents_of! { "tests/suite", every_suite_is_run:
    suite_apply = "apply",
    suite_built_ins = "built-ins",
    suite_computed_keywords = "computed-keywords",
    suite_context = "context",
    suite_convert = "convert",
    suite_declare = "declare",
    suite_defaults = "defaults",
    suite_fmt = "fmt",
    suite_contradictions = "contradictions",
    suite_dry_run = "dry-run",
    suite_env_runas_timeout = "env-runas-timeout",
    suite_events = "events",
    suite_expect = "expect",
    suite_expressions = "expressions",
    suite_fork = "fork",
    suite_formats = "formats",
    suite_functions = "functions",
    suite_functions_encodings = "functions-encodings",
    suite_functions_lists = "functions-lists",
    suite_functions_numbers = "functions-numbers",
    suite_functions_text = "functions-text",
    suite_guards = "guards",
    suite_hostile = "hostile",
    suite_import = "import",
    suite_include = "include",
    suite_inventory = "inventory",
    suite_labels = "labels",
    suite_lambdas = "lambdas",
    suite_lanes = "lanes",
    suite_lints = "lints",
    suite_listen = "listen",
    suite_loops = "loops",
    suite_merge_keys = "merge-keys",
    suite_modes = "modes",
    suite_named_types = "named-types",
    suite_not_yet = "not-yet",
    suite_order = "order",
    suite_packages = "packages",
    suite_parallel = "parallel",
    suite_procs = "procs",
    suite_prereq = "prereq",
    suite_projects = "projects",
    suite_properties = "properties",
    suite_regressions = "regressions",
    suite_requisites = "requisites",
    suite_results = "results",
    suite_retry = "retry",
    suite_rounds = "rounds",
    suite_stages = "stages",
    suite_runaround = "runaround",
    suite_secrets = "secrets",
    suite_triggers = "triggers",
    suite_targets = "targets",
    suite_test_keyword = "test-keyword",
    suite_testing = "testing",
    suite_types = "types",
    suite_unused = "unused",
    suite_use = "use",
    suite_watch = "watch",
    suite_xml = "xml",
}

documents_of! { "tests/verify", every_verifier_document_is_run:
    verify_bundles = "bundles",
    verify_ops = "ops",
}

/// Chapters with cases; `newcomers.md` has a test of its own.
const CHAPTERS: &[&str] =
    &["events", "expressions", "order", "projects", "scalars", "structure", "subruns", "testing", "types"];

#[test]
fn chapters_of_the_specification_hold() {
    CHAPTERS.iter().for_each(|chapter| assert_document(&root().join(format!("spec/{chapter}.md"))));
}

#[test]
fn every_chapter_with_a_case_is_run() {
    let expects = ["diagnostics", "outcomes", "order", "calls", "value", "tests"];
    for path in documents("spec") {
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or("");
        let text = std::fs::read_to_string(&path).expect("a chapter can be read");
        let case = text.lines().any(|line| {
            line.strip_prefix("```").is_some_and(|info| expects.iter().any(|word| info.split(' ').next() == Some(word)))
        });
        assert!(!case || stem == "newcomers" || CHAPTERS.contains(&stem), "{} has cases and no test", path.display());
    }
}

#[test]
fn mistakes_of_newcomers_are_answered() {
    assert_document(&root().join("spec/newcomers.md"));
}

#[test]
fn known_defects_are_still_there() {
    documents("tests/known").iter().for_each(|path| assert_known(path));
}
