//! Runs the cases of a document and holds what comes of them against its expectation fences.
//!
//! With `BLESS=1` in the environment a wrong expectation is rewritten in place; nothing else makes it right. The
//! format of documents is described in `tests/README.md`. Start reading at [`check`].

use crate::document::{Case, Document, Fence};
use crate::fake::FakeHost;
use crate::{assembly, render, rewrite, runner, values};
use ipcmm_compiler::Build;
use ipcmm_compiler::diag::Code;
use ipcmm_compiler::diag::levels::{Level, Levels};
use ipcmm_compiler::world::memory::MemoryWorld;
use ipcmm_stdlib::Stdlib;
use ipcmm_testing::Options;
use ipcmm_testing::find::is_document;
use ipcmm_vm::verify;
use std::path::{Path, PathBuf};

/// Warnings that need no fence.
const STAGED: &[Code] =
    &[Code::NeverRuns, Code::DeadTask, Code::UnusedResult, Code::UnusedDeclaration, Code::UnusedImport];
/// Fences that say what is expected.
const EXPECTATIONS: &[&str] = &[
    "diagnostics",
    "codes",
    "outcomes",
    "order",
    "starts",
    "calls",
    "value",
    "fault",
    "tests",
    "converted",
    "formatted",
];

/// What came of a document.
#[derive(Debug, Default)]
pub struct Report {
    /// Cases that were run.
    pub cases: usize,
    /// One text for each expectation that does not hold.
    pub failures: Vec<String>,
    /// Expectations that were rewritten.
    pub blessed: usize,
}

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ is inside the repository").to_owned()
}

/// Whether wrong expectations are to be rewritten.
pub fn blessing() -> bool {
    std::env::var_os("BLESS").is_some_and(|v| !v.is_empty() && v != "0")
}

/// Markdown files of a folder below the root, by name.
pub fn documents(folder: &str) -> Vec<PathBuf> {
    let folder = root().join(folder);
    let entries = std::fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|e| e.expect("a readable folder").path()).collect();
    paths.retain(|p| p.extension().is_some_and(|e| e == "md"));
    paths.sort();
    paths
}

/// Runs a document and panics with everything that is wrong in it.
pub fn assert_document(path: &Path) {
    let report = check(path);
    assert!(report.cases > 0, "{}: no case in it", path.display());
    assert!(report.failures.is_empty(), "\n{}", report.failures.join("\n"));
}

/// Panics if a case of a document holds: it tells a defect, and the defect seems to be gone.
pub fn assert_known(path: &Path) {
    let document = Document::read(path);
    let gone: Vec<&str> = document.cases.iter().filter(|case| holds(case)).map(|case| case.title.as_str()).collect();
    assert!(gone.is_empty(), "these hold now; move them to a suite: {gone:#?}");
}

/// Whether everything a case expects is so.
fn holds(case: &Case) -> bool {
    let results = std::panic::catch_unwind(|| run(case).iter().all(|a| a.fence.is_some_and(|f| f.text == a.text)));
    results.unwrap_or(false)
}

/// Runs a document; rewrites it where that is asked for.
pub fn check(path: &Path) -> Report {
    let document = Document::read(path);
    let name = path.strip_prefix(root()).unwrap_or(path).display().to_string();
    let mut report = Report::default();
    let mut bodies = Vec::new();
    for case in &document.cases {
        if !is_case(case) {
            continue;
        }
        report.cases += 1;
        let place = |line: usize| format!("{name}:{line} ({})", case.title);
        let results = match std::panic::catch_unwind(|| run(case)) {
            Ok(results) => results,
            Err(panic) => {
                let text = panic.downcast_ref::<String>().cloned();
                let text = text.or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned()));
                report.failures.push(format!("{}: panics: {}", place(case.line), text.unwrap_or_default()));
                continue;
            }
        };
        for Actual { fence, text } in results {
            match fence {
                Some(fence) if fence.text == text => {}
                Some(fence) if blessing() => {
                    bodies.push((fence.body.clone(), text));
                    report.blessed += 1;
                }
                Some(fence) => {
                    report.failures.push(format!(
                        "{}: `{}`\n{}",
                        place(fence.line),
                        fence.kind,
                        diff(&fence.text, &text)
                    ));
                }
                None => report.failures.push(format!("{}: not expected:\n{text}", place(case.line))),
            }
        }
    }
    if !bodies.is_empty() {
        std::fs::write(path, document.with_bodies(&bodies)).expect("the document can be rewritten");
    }
    report
}

/// Whether a section holds anything to run.
fn is_case(case: &Case) -> bool {
    case.fences.iter().any(|f| file_name(f).is_some() || f.kind == "asm" || EXPECTATIONS.contains(&f.kind.as_str()))
}

/// The name of the file a fence is, if it is one.
fn file_name(fence: &Fence) -> Option<&str> {
    match fence.words.first() {
        _ if EXPECTATIONS.contains(&fence.kind.as_str())
            || ["asm", "host", "inputs", "levels", "given"].contains(&fence.kind.as_str()) =>
        {
            None
        }
        Some(name) => Some(name),
        None if fence.kind == "yaml" => Some("case.ipcmm.yaml"),
        None => None,
    }
}

/// What a case gives for one of its fences, or something no fence speaks of.
struct Actual<'c> {
    fence: Option<&'c Fence>,
    text: String,
}

/// The files of a case and the inputs of its build.
pub fn files(case: &Case) -> (Vec<(String, Vec<u8>)>, Vec<String>) {
    let mut files = Vec::new();
    let mut inputs = Vec::new();
    for fence in &case.fences {
        let Some(name) = file_name(fence) else { continue };
        if name.contains(".ipcmm.") || fence.has("source") {
            inputs.push(name.to_owned());
        }
        files.push((name.to_owned(), fence.text.clone().into_bytes()));
    }
    if let Some(fence) = case.fences.iter().find(|f| f.kind == "inputs") {
        inputs = fence.text.lines().map(str::to_owned).collect();
    }
    (files, inputs)
}

/// Builds a case, with its levels and with what is given to its inputs.
pub fn build(case: &Case) -> Build {
    let (files, inputs) = files(case);
    let given: String = case.fences.iter().filter(|f| f.kind == "given").map(|f| f.text.as_str()).collect();
    runner::build_given(&files, &inputs, &given, true, &levels(case))
}

/// The levels of a case: lines of `lint`, or of a level and a name, as in `deny no-reaction`.
pub fn levels(case: &Case) -> Levels {
    let mut levels = Levels::default();
    for line in case.fences.iter().filter(|f| f.kind == "levels").flat_map(|f| f.text.lines()) {
        match line.split_once(' ').map(|(level, name)| (Level::from_name(level), name)) {
            Some((Some(level), name)) => levels.set(name, level).unwrap_or_else(|r| panic!("{}", r.message)),
            None if line == "lint" => levels.lint(),
            _ => panic!("{}: `{line}` is no level", case.title),
        }
    }
    levels
}

/// What the test documents of a case come to, if it has any.
pub fn tested(case: &Case) -> Option<ipcmm_testing::report::Report> {
    let (files, _) = files(case);
    let documents: Vec<PathBuf> =
        files.iter().filter(|(name, _)| is_document(name)).map(|(name, _)| PathBuf::from(name)).collect();
    let fence = case.fences.iter().find(|f| f.kind == "tests");
    if documents.is_empty() && fence.is_none() {
        return None;
    }
    let has = |word: &str| fence.is_some_and(|f| f.has(word));
    let options = Options { filter: None, twice: has("twice"), plan_first: has("plan-first") };
    let world: MemoryWorld = files.into_iter().map(|(name, bytes)| (PathBuf::from(name), bytes)).collect();
    Some(ipcmm_testing::test(&world, &documents, &options))
}

fn run(case: &Case) -> Vec<Actual<'_>> {
    let script: String = case.fences.iter().filter(|f| f.kind == "host").map(|f| f.text.as_str()).collect();
    let mut results = Vec::new();
    let (files, inputs) = files(case);
    let build = (!inputs.is_empty() || !files.is_empty()).then(|| build(case));
    if let Some(build) = &build {
        let expected = case.fences.iter().find(|f| f.kind == "diagnostics");
        let text = render::diagnostics(build, expected.is_some_and(|f| f.has("full")));
        let codes = case.fences.iter().find(|f| f.kind == "codes");
        match codes {
            Some(fence) => {
                let text = build.diagnostics.iter().map(|d| format!("{}\n", d.code)).collect();
                results.push(Actual { fence: Some(fence), text });
            }
            // Cases stage tasks that never run and results that nobody reads; only a fence asks what is said of that.
            None if expected.is_none() && build.diagnostics.iter().all(|d| STAGED.contains(&d.code)) => {}
            None if expected.is_some() || !text.is_empty() => results.push(Actual { fence: expected, text }),
            None => {}
        }
    }
    if let Some(Err(fault)) = build.as_ref().and_then(|b| b.bundle.as_deref()).map(|b| verify(b, &Stdlib)) {
        results.push(Actual { fence: None, text: format!("the bundle that is emitted does not verify: {fault}\n") });
    }
    let assembled = case.fences.iter().find(|f| f.kind == "asm").map(|f| assembly::assemble(&f.text));
    let bytes = assembled.as_deref().or(build.as_ref().and_then(|b| b.bundle.as_deref()));
    let mut calls: Option<Vec<String>> = None;
    for fence in &case.fences {
        let text = match fence.kind.as_str() {
            "value" => lines_of_values(fence, bytes, &script),
            "fault" => match verify(bytes.expect("a bundle to judge"), &Stdlib) {
                Ok(_) => "verified\n".to_owned(),
                Err(fault) => format!("{} {}: {}\n", fault.kind, fault.kind.name(), fault.detail),
            },
            "tests" => tested(case)
                .map_or_else(String::new, |report| render::tests(&report, fence.has("full"), fence.has("coverage"))),
            "converted" => rewrite::converted(&files, fence.words.first().map_or("yaml", String::as_str)),
            "formatted" => rewrite::formatted(&files),
            "order" => render::order(&verified(bytes, build.as_ref())),
            "outcomes" | "starts" => {
                let bundle = verified(bytes, build.as_ref());
                let host = FakeHost::new(&script);
                let ran = runner::run_verified(&bundle, &host, render::spec_of(fence));
                calls = Some(host.calls());
                match fence.kind.as_str() {
                    "starts" => render::starts(&bundle, &ran),
                    _ => render::outcomes(&bundle, &ran, fence),
                }
            }
            "calls" => {
                let calls = calls.clone().unwrap_or_else(|| {
                    let host = FakeHost::new(&script);
                    runner::run_verified(&verified(bytes, build.as_ref()), &host, render::spec_of(fence));
                    host.calls()
                });
                calls.into_iter().map(|line| line + "\n").collect()
            }
            _ => continue,
        };
        results.push(Actual { fence: Some(fence), text });
    }
    results
}

fn verified<'b>(bytes: Option<&'b [u8]>, build: Option<&Build>) -> ipcmm_vm::Verified<'b> {
    let bytes = bytes.unwrap_or_else(|| {
        let problems = build.map_or_else(String::new, |b| render::diagnostics(b, false));
        panic!("there is no bundle to run:\n{problems}")
    });
    verify(bytes, &Stdlib).unwrap_or_else(|fault| panic!("the bundle does not verify: {fault}"))
}

/// Of an assembled bundle the value of its first task, else every line evaluated.
fn lines_of_values(fence: &Fence, bytes: Option<&[u8]>, script: &str) -> String {
    let host = FakeHost::new(script);
    if let Some(bytes) = bytes {
        let ran =
            runner::run(bytes, &host, render::spec_of(fence)).unwrap_or_else(|f| panic!("it does not verify: {f}"));
        let end = ran.ends.into_iter().next().flatten().expect("a task");
        return match end.fault {
            Some(fault) => format!("fault {fault}\n"),
            None => format!("{}\n", end.data.get("value").unwrap_or(&end.data)),
        };
    }
    let mut out = String::new();
    for line in fence.text.lines() {
        let expression = line.split(" → ").next().unwrap_or(line).trim_end();
        if expression.is_empty() || expression.starts_with('#') {
            out.push_str(&format!("{line}\n"));
        } else {
            out.push_str(&format!("{expression} → {}\n", values::evaluate(expression, &host)));
        }
    }
    out
}

/// A unified diff: what is expected, and what came.
pub fn diff(expected: &str, actual: &str) -> String {
    similar::TextDiff::from_lines(expected, actual)
        .unified_diff()
        .context_radius(3)
        .header("expected", "actual")
        .to_string()
}
