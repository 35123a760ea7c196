//! Users' unit tests of their configuration: documents of cases, each run with the real built-ins on a pretended node
//! under a clock that jumps.
//!
//! ```text
//!   paths ──find──▶ Project ──read──▶ Case ──build, run, judge──▶ Report
//! ```
//! It is the one room below the compiler that knows the runtime. Unaware of: command lines, terminals, and any real
//! node. Start reading at [`test`]; the words of documents are in [`vocabulary`].

pub mod case;
pub mod clock;
pub mod coverage;
mod expression;
pub mod find;
mod judge;
mod laws;
pub mod report;
mod run;
mod stage;
pub mod template;
pub mod vocabulary;

use case::Case;
use coverage::Survey;
use find::Project;
use ipcmm_bytecode::Value;
use ipcmm_compiler::diag::{Code, Diagnostic, Diagnostics, Severity};
use ipcmm_compiler::doc::{self, Format};
use ipcmm_compiler::project::inventory::Inventory;
use ipcmm_compiler::project::{Request, open_beside};
use ipcmm_compiler::source::Sources;
use ipcmm_compiler::world::World;
use ipcmm_compiler::{Build, BuildOptions, build_with};
use ipcmm_stdlib::Stdlib;
use ipcmm_vm::verify;
use report::{CaseReport, Failure, Report, Status};
use run::Bench;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// How to test.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Only cases whose name, or that of whose document, holds this text.
    pub filter: Option<String>,
    /// Run every case a second time: it must change nothing.
    pub twice: bool,
    /// Make a plan before every apply: it must name what the apply changes.
    pub plan_first: bool,
}

/// Runs the tests that paths mean.
pub fn test(world: &dyn World, paths: &[PathBuf], options: &Options) -> Report {
    let mut report = Report::default();
    let mut problems = Diagnostics::default();
    for project in find::find(world, paths, &mut problems) {
        let cases = read(world, &project, options, &mut report, &mut problems);
        run_all(world, &project, &cases, options, &mut report, &mut problems);
    }
    if let (Some(filter), true) = (&options.filter, report.cases.is_empty() && !problems.has_errors()) {
        let problem = Diagnostic::unplaced(Code::NoTests, format!("no test has `{filter}` in its name"));
        problems.push(problem.help("`ipcmmc test -v` lists all"));
    }
    report.diagnostics = problems;
    report
}

/// The cases of a project that are chosen.
fn read(
    world: &dyn World,
    project: &Project,
    options: &Options,
    report: &mut Report,
    problems: &mut Diagnostics,
) -> Vec<Case> {
    let mut all = Vec::new();
    for path in &project.documents {
        let name = path.to_string_lossy().into_owned();
        let bytes = world.read(path).map_err(|error| Box::new(error.diagnostic()));
        let text = match bytes.and_then(|bytes| doc::decode(&name, bytes)) {
            Ok(text) => text,
            Err(problem) => {
                problems.push(*problem);
                continue;
            }
        };
        let Some(format) = Format::of_name(&name) else { continue };
        let file = report.sources.add(name.clone(), text);
        report.documents.push(file);
        let text = report.sources.file(file).text.clone();
        let errors = problems.errors();
        let doc = doc::parse(file, &text, format, problems);
        // Of a document that cannot be read as a whole nobody knows what its cases would say.
        let torn = problems.errors() > errors;
        let mut cases = case::read(doc, problems);
        cases.iter_mut().for_each(|case| case.broken |= torn);
        if cases.is_empty() && problems.errors() == errors {
            let span = doc::Span::new(0, 0);
            let problem = Diagnostic::new(Code::NoTests, file, span, "there is no case in this document");
            problems.push(problem.help("write `name of a case:` and under it `expect:`"));
        }
        let wanted = |case: &Case| options.filter.as_ref().is_none_or(|f| case.name.contains(f) || name.contains(f));
        all.extend(cases.into_iter().filter(wanted));
    }
    all
}

/// Builds the project once for each set of inputs, and runs the cases on what came of it.
fn run_all(
    world: &dyn World,
    project: &Project,
    cases: &[Case],
    options: &Options,
    report: &mut Report,
    problems: &mut Diagnostics,
) {
    let keys: BTreeSet<String> = cases.iter().filter(|case| !case.broken).map(Case::build_key).collect();
    let mut reports: Vec<CaseReport> = cases.iter().map(CaseReport::new).collect();
    for key in keys {
        let chosen: Vec<usize> =
            (0..cases.len()).filter(|i| !cases[*i].broken && cases[*i].build_key() == key).collect();
        let Some(first) = chosen.first().map(|i| &cases[*i]) else { continue };
        let (build, inventory) = build(world, project, first, &mut report.sources);
        let broken = chosen.iter().any(|i| cases[*i].expects("diagnostics").is_none());
        if broken {
            for problem in build.diagnostics.iter().filter(|d| d.severity() == Severity::Error) {
                // The same problem may come of several sets of inputs.
                if !problems.iter().any(|known| known.code == problem.code && known.message == problem.message) {
                    problems.push(problem.clone());
                }
            }
        }
        let verified = build.bundle.as_deref().and_then(|bytes| verify(bytes, &Stdlib).ok());
        let survey = verified.as_ref().map(|bundle| Survey::new(bundle, &build.graph, &report.sources));
        for i in chosen {
            let case = &cases[i];
            reports[i] = match (&verified, &survey, case.expects("diagnostics")) {
                (_, _, Some(codes)) => refused(case, codes, &build),
                (Some(bundle), Some(survey), None) => {
                    let inventory = inventory.as_ref();
                    let bench = Bench { bundle, graph: &build.graph, program: &build.program, inventory, survey };
                    bench.run(case, options)
                }
                _ => CaseReport::new(case),
            };
        }
        if let Some(survey) = survey {
            report.coverage.add(survey.coverage());
        }
    }
    report.cases.extend(reports);
}

/// The build of a case: the project as a command line would open it, with the environment and the values of the case
/// over those of the manifest.
fn build(world: &dyn World, project: &Project, case: &Case, sources: &mut Sources) -> (Build, Option<Inventory>) {
    let request = Request { environment: case.text("environment"), ..Request::default() };
    let mut settings = open_beside(world, &project.inputs, request, std::mem::take(sources)).settings;
    settings.inputs.given.extend(case.inputs().given);
    settings.only = case.only();
    let inventory = settings.inventory.clone();
    let mut build = build_with(world, &project.inputs, BuildOptions { debug: true, check_only: false }, settings);
    *sources = std::mem::take(&mut build.sources);
    (build, inventory)
}

/// A case that expects its build to fail.
fn refused(case: &Case, codes: &Value, build: &Build) -> CaseReport {
    let mut report = CaseReport::new(case);
    let wanted: BTreeSet<String> =
        stage::items(Some(codes)).filter_map(Value::as_str).map(|code| code.to_uppercase()).collect();
    let all = || build.diagnostics.iter().map(|problem| (problem, problem.code.to_string()));
    // Warnings count if they are named.
    let found = all().filter(|(problem, code)| problem.severity() == Severity::Error || wanted.contains(code));
    let found: BTreeSet<String> = found.map(|(_, code)| code).collect();
    report.status = Status::Passed;
    if found != wanted {
        let text = |codes: &BTreeSet<String>| codes.iter().map(|code| format!("{code}\n")).collect::<String>();
        let message = match found.is_empty() {
            true => "the configuration builds without these problems",
            false => "the build reports other problems",
        };
        let span = case.place(&["diagnostics"]);
        let problem = Diagnostic::new(Code::ExpectationUnmet, case.file(), span, message);
        report.failures.push(Failure::from(problem).with_diff(&text(&wanted), &text(&found)));
        report.status = Status::Failed;
    }
    report
}
