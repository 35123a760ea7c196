//! The repository is tidy: arrows between crates, bans, headers, sizes, and no row of a table without a case.

use ipcmm_bytecode::{Effect, FaultKind, functions, ops};
use ipcmm_compiler::diag::Code;
use ipcmm_grammar::keywords::{Keyword, Status};
use ipcmm_stdlib::BUILTINS;
use ipcmm_tests::document::{Case, Document};
use ipcmm_tests::fake::FakeHost;
use ipcmm_tests::suite::{blessing, documents, root};
use ipcmm_tests::{tables, values};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Which crate of the workspace may see which, and why.
const ARROWS: &[(&str, &[&str], &str)] = &[
    ("grammar", &[], "text in, tree out: a leaf"),
    ("vm/bytecode", &[], "the contract is owned by nobody: a leaf"),
    ("spec", &["ipcmm-bytecode"], "listings of bundles for people need their layout, and nothing that runs"),
    ("stdlib", &["ipcmm-bytecode"], "effects and shapes of built-ins are words of the contract"),
    ("vm", &["ipcmm-bytecode"], "runs bundles and knows no operating system and no source"),
    (
        "compiler",
        &["ipcmm-bytecode", "ipcmm-grammar", "ipcmm-stdlib", "ipcmm-vm"],
        "makes bundles of text, and folds with the one evaluator",
    ),
    (
        "compiler/cli",
        &[
            "ipcmm-bytecode",
            "ipcmm-compiler",
            "ipcmm-grammar",
            "ipcmm-spec",
            "ipcmm-stdlib",
            "ipcmm-testing",
            "ipcmm-vm",
        ],
        "also shows and judges bundles, so it sees their side too; the runtime only behind `test`",
    ),
    (
        "compiler/testing",
        &["ipcmm-bytecode", "ipcmm-compiler", "ipcmm-grammar", "ipcmm-runtime", "ipcmm-stdlib", "ipcmm-vm"],
        "builds sources and runs them with the real built-ins on a pretended node: the one room that sees both sides",
    ),
    ("runtime", &["ipcmm-bytecode", "ipcmm-stdlib", "ipcmm-vm"], "carries out built-ins; knows no source language"),
    (
        "runtime/agent",
        &["ipcmm-bytecode", "ipcmm-runtime", "ipcmm-spec", "ipcmm-stdlib", "ipcmm-vm"],
        "runs bundles: no compiler and no grammar, so that nothing on a node parses sources",
    ),
    ("runtime/controller", &["*"], "the operator's command compiles, plans and applies: it may see everything"),
    ("tests", &["*"], "tests may see everything"),
    ("benches", &["*"], "benches may see everything"),
];

/// Crates without input and output, whose `clippy.toml` bans it.
const PURE: &[&str] = &["grammar", "vm/bytecode", "vm", "stdlib", "spec", "compiler", "compiler/testing"];

/// Faults that only a real node raises: `runtime/tests` has them.
const RAISED_BY_NODES: &[FaultKind] = &[
    FaultKind::JournalDamaged,
    FaultKind::UnknownJournal,
    FaultKind::NotRecorded,
    FaultKind::OtherBundle,
    FaultKind::NotFound,
    FaultKind::UnsafePath,
    FaultKind::WrongKind,
    FaultKind::Validation,
    FaultKind::HashRefused,
    FaultKind::StorageFull,
    FaultKind::ReadOnly,
    FaultKind::Io,
    FaultKind::Unsupported,
    FaultKind::PermissionDenied,
    FaultKind::NotStartable,
    FaultKind::UnknownUser,
    FaultKind::CheckTrapped,
    FaultKind::Cancelled,
    FaultKind::OpenSecret,
    FaultKind::NotAllowed,
];

/// Faults behind a check that comes earlier, so that no verified bundle and no built source gets there.
const UNREACHABLE: &[FaultKind] = &[FaultKind::NoResult, FaultKind::Missing];

/// All Rust files of the workspace.
fn rust_files() -> Vec<PathBuf> {
    let mut open = vec![root()];
    let mut found = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).expect("a readable folder").flatten() {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            if path.is_dir() {
                if !name.starts_with('.') && name != "target" {
                    open.push(path);
                }
            } else if name.ends_with(".rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn read(path: &str) -> String {
    let path = root().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Names of the crates of this workspace under `[dependencies]`.
fn dependencies(manifest: &str) -> BTreeSet<String> {
    let mut inside = false;
    let mut names = BTreeSet::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            inside = line.trim() == "[dependencies]";
        } else if inside && line.starts_with("ipcmm") {
            let end = line.find(|c: char| !(c.is_alphanumeric() || c == '-')).unwrap_or(line.len());
            names.insert(line[..end].to_owned());
        }
    }
    names
}

#[test]
fn crates_see_what_the_list_says() {
    let workspace = read("Cargo.toml");
    let members = workspace.split_once("members = [").and_then(|(_, rest)| rest.split_once(']')).expect("members").0;
    for member in members.split(',').map(|m| m.trim().trim_matches('"')).filter(|m| !m.is_empty()) {
        let (_, allowed, reason) =
            ARROWS.iter().find(|(name, ..)| *name == member).unwrap_or_else(|| panic!("{member} is not in the list"));
        assert!(!reason.is_empty());
        let actual = dependencies(&read(&format!("{member}/Cargo.toml")));
        if *allowed != ["*"] {
            let allowed: BTreeSet<String> = allowed.iter().map(|a| (*a).to_owned()).collect();
            assert_eq!(actual, allowed, "dependencies of {member}");
        }
    }
}

#[test]
fn pure_crates_ban_input_and_output_with_reasons() {
    const BANNED: &[&str] = &[
        "std::fs::read",
        "std::fs::write",
        "std::fs::File",
        "std::net::TcpStream",
        "std::process::Command",
        "std::process::exit",
        "std::env::var",
        "std::time::Instant::now",
        "std::time::SystemTime::now",
    ];
    for pure in PURE {
        let text = read(&format!("{pure}/clippy.toml"));
        for path in BANNED {
            let line = text.lines().find(|l| l.contains(&format!("\"{path}\"")));
            let line = line.unwrap_or_else(|| panic!("{pure}/clippy.toml does not ban {path}"));
            assert!(line.contains("reason = \""), "{pure}/clippy.toml: {path} has no reason");
        }
    }
}

#[test]
fn files_have_a_header_a_size_and_nothing_unfinished() {
    // Put together here, so that this file does not hold what it looks for.
    let unfinished = ["todo!", "unimplemented!", "dbg!"].map(|word| format!("{word}("));
    for path in rust_files() {
        let text = std::fs::read_to_string(&path).expect("a readable file");
        let name = path.strip_prefix(root()).unwrap_or(&path).display().to_string();
        let after_attributes = text.trim_start_matches("#![no_main]\n");
        assert!(after_attributes.starts_with("//!"), "{name} does not begin with a header");
        assert!(text.lines().count() < 800, "{name} has {} lines", text.lines().count());
        for word in &unfinished {
            assert!(!text.contains(word), "{name} holds {word}");
        }
        let ignored = format!("#[{}", "ignore");
        assert!(!text.contains(&ignored), "{name} ignores a test");
    }
}

/// All cases of a folder of documents.
fn cases(folder: &str) -> Vec<Case> {
    documents(folder).iter().flat_map(|path| Document::read(path).cases).collect()
}

/// The text of all fences of the suites, of verifier cases and of pages.
fn all_fences() -> String {
    let all = ["tests/suite", "tests/verify", "spec/diagnostics"].map(cases);
    all.iter().flatten().flat_map(|c| c.fences.iter().map(|f| f.text.as_str())).collect()
}

#[test]
fn every_op_is_accepted_and_run_and_refused() {
    let cases = cases("tests/verify");
    let has = |title: String, kinds: &[&str]| {
        let case = cases.iter().find(|c| c.title == title);
        case.is_some_and(|c| c.fences.iter().any(|f| kinds.contains(&f.kind.as_str()) && !f.text.contains("verified")))
    };
    for row in ops::TABLE {
        assert!(has(format!("`{}`", row.name), &["value", "outcomes"]), "`{}` is run by no case", row.name);
        assert!(has(format!("`{}`, refused", row.name), &["fault"]), "`{}` is refused by no case", row.name);
    }
}

#[test]
fn every_function_does_what_its_example_says() {
    let host = FakeHost::default();
    let fences = all_fences();
    let mut wrong = Vec::new();
    for row in functions::TABLE {
        match row.effect {
            Effect::None => {
                let (example, value) = row.example;
                assert!(example.contains(row.name), "{} is not in its example", row.name);
                let (given, said) = (values::evaluate(example, &host), values::evaluate(value, &host));
                if given != said {
                    wrong.push(format!("{example} is {given}, and {value} is {said}"));
                }
            }
            Effect::Read | Effect::Change => {
                assert!(row.example.0.is_empty(), "{} depends on the host, so it has no example", row.name);
                assert!(fences.contains(&format!("{}(", row.name)), "{} is in no case", row.name);
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_row_of_the_language_is_in_a_case() {
    let fences = all_fences();
    for keyword in Keyword::ALL {
        let name = keyword.name();
        assert!(fences.contains(&format!("{name}:")), "{name} is in no case");
        if keyword.status() == Status::Later {
            let refused = format!("C9001 `{name}` is not there yet");
            assert!(fences.contains(&refused) || ["failed_if", "changed_if"].contains(&name), "{name} is not refused");
        }
    }
    for builtin in BUILTINS {
        assert!(fences.contains(&format!("{}:", builtin.name)), "{} is in no case", builtin.name);
    }
}

#[test]
fn every_diagnostic_and_every_fault_is_raised() {
    let fences = all_fences();
    for code in Code::ALL {
        let raised = fences.contains(&format!(" {code} ")) || crate::raised::BY_TESTS.contains(code);
        assert!(
            raised != Code::RETIRED.contains(code),
            "{code} {}: raised nowhere, or retired and raised",
            code.name()
        );
    }
    for kind in FaultKind::ALL {
        let excused = RAISED_BY_NODES.contains(kind) || UNREACHABLE.contains(kind);
        let raised = fences.contains(&kind.to_string());
        assert!(raised || excused, "{kind} {} is raised nowhere", kind.name());
        assert!(!(raised && UNREACHABLE.contains(kind)), "{kind} is raised after all: take it off the list");
    }
}

#[test]
fn every_example_of_a_built_in_builds_without_a_word() {
    for builtin in BUILTINS {
        let files = [("case.ipcmm.yaml", builtin.example), ("part.yaml", "part: {ipcmm.nop: }\n")];
        let files = files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()));
        let build = ipcmm_tests::runner::build_files(&files, &["case.ipcmm.yaml".to_owned()], true);
        let words = ipcmm_tests::render::diagnostics(&build, true);
        assert!(words.is_empty() && build.bundle.is_some(), "{}:\n{words}", builtin.name);
    }
}

#[test]
fn generated_pages_are_those_of_the_tables() {
    ipcmm_tests::generate::check_or_bless(&root(), blessing()).unwrap_or_else(|stale| panic!("{stale}"));
}

#[test]
fn numbers_ascend_and_are_unique() {
    for pair in tables::rows().windows(2) {
        let [before, row] = pair else { continue };
        if before.table == row.table && row.table != "fact" && !row.table.starts_with("test word") {
            assert!(before.number < row.number, "{} {} stands behind {}", row.table, row.name, before.name);
        }
    }
    let rows = tables::rows();
    let names: BTreeSet<(&str, &str)> = rows.iter().map(|r| (r.table.as_str(), r.name.as_str())).collect();
    assert_eq!(names.len(), rows.len(), "a name stands twice in a table");
}

/// A number once released keeps its meaning. New rows are added to the file by `BLESS=1`; a row that changes or is
/// gone is never accepted.
#[test]
fn frozen_rows_are_still_there() {
    let path = root().join("tests/frozen.txt");
    let frozen = std::fs::read_to_string(&path).unwrap_or_default();
    let now: Vec<String> = tables::rows().iter().map(|r| format!("{} {} {}", r.table, r.number, r.name)).collect();
    for line in frozen.lines() {
        assert!(now.iter().any(|n| n == line), "`{line}` is frozen, and no table says so any more");
    }
    let new: Vec<&String> = now.iter().filter(|n| !frozen.lines().any(|line| line == *n)).collect();
    if !new.is_empty() && blessing() {
        let text: String = now.iter().map(|n| format!("{n}\n")).collect();
        std::fs::write(&path, text).expect("the file can be written");
    } else {
        assert!(new.is_empty(), "new rows; BLESS=1 freezes them: {new:?}");
    }
}

/// Every crate of the tree can be used under a licence that `deny.toml` admits.
#[test]
fn licences_are_admitted() {
    let deny = read("deny.toml");
    let list = deny.split_once("allow = [").and_then(|(_, rest)| rest.split_once(']')).expect("a list").0;
    let allowed: BTreeSet<&str> = list.split(',').map(|l| l.trim().trim_matches('"')).collect();
    let output = std::process::Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--offline", "--locked"])
        .current_dir(root())
        .output()
        .expect("cargo starts");
    let metadata = String::from_utf8_lossy(&output.stdout);
    let mut used = BTreeSet::new();
    for piece in metadata.split("\"license\":\"").skip(1) {
        let licence = piece.split('"').next().unwrap_or("");
        // All parts joined by AND must be admitted, and of those joined by OR (or a slash, in old manifests) one.
        for part in licence.split(" AND ") {
            let choices = part.trim_matches(['(', ')']).replace(" OR ", "/");
            let admitted = choices.split('/').map(str::trim).find(|c| allowed.contains(c));
            used.insert(admitted.unwrap_or_else(|| panic!("no licence of `{licence}` is admitted")).to_owned());
        }
    }
    let allowed: BTreeSet<String> = allowed.iter().map(|a| (*a).to_owned()).collect();
    assert_eq!(used, allowed, "deny.toml admits what nothing needs, or `cargo metadata` failed");
}
