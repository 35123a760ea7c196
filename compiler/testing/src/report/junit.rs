//! Results as a JUnit report: a suite for each document, a case for each case. Problems that no case is to blame for
//! are a suite of their own, as in reports about sources. Unaware of: where the output goes.

use super::{CaseReport, Report, Status};
use ipcmm_compiler::diag::junit::escaped;
use ipcmm_compiler::diag::{Diagnostic, Severity};
use ipcmm_compiler::source::Sources;
use std::fmt::Write;

/// The whole report.
pub fn render(report: &Report) -> String {
    let problems: Vec<&Diagnostic> =
        report.diagnostics.iter().filter(|problem| problem.severity() == Severity::Error).collect();
    let (tests, failed) = (report.cases.len() + problems.len(), report.count(Status::Failed));
    let errors = report.count(Status::Broken) + problems.len();
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    // Writing to a String cannot fail; so too below.
    let _ =
        writeln!(out, "<testsuites name=\"ipcmmc test\" tests=\"{tests}\" failures=\"{failed}\" errors=\"{errors}\">");
    for file in &report.documents {
        let cases: Vec<&CaseReport> = report.cases.iter().filter(|case| case.file == *file).collect();
        let name = escaped(&report.sources.file(*file).name);
        let count = |status: Status| cases.iter().filter(|case| case.status == status).count();
        let counts = format!(
            "tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"0\"",
            cases.len(),
            count(Status::Failed),
            count(Status::Broken)
        );
        let _ = writeln!(out, "  <testsuite name=\"{name}\" {counts}>");
        cases.iter().for_each(|one| case(one, &name, &report.sources, &mut out));
        out.push_str("  </testsuite>\n");
    }
    if !problems.is_empty() {
        let count = problems.len();
        let _ = writeln!(
            out,
            "  <testsuite name=\"ipcmmc\" tests=\"{count}\" failures=\"0\" errors=\"{count}\" skipped=\"0\">"
        );
        for problem in problems {
            let (title, text) = (format!("{} {}", problem.code, problem.code.name()), told(problem, &report.sources));
            let _ = writeln!(
                out,
                "    <testcase name=\"{title}\" classname=\"ipcmmc\">\n      <error type=\"error\" message=\"{}\">{}</error>\n    </testcase>",
                escaped(&problem.message),
                block(&text)
            );
        }
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}

fn case(case: &CaseReport, suite: &str, sources: &Sources, out: &mut String) {
    let line = sources.file(case.file).position(case.start).line;
    let seconds = case.time as f64 / 1e9;
    let attributes = format!(
        "name=\"{}\" classname=\"{suite}\" file=\"{suite}\" line=\"{line}\" time=\"{seconds}\"",
        escaped(&case.name)
    );
    let element = match case.status {
        Status::Passed => {
            let _ = writeln!(out, "    <testcase {attributes}/>");
            return;
        }
        Status::Failed => "failure",
        Status::Broken => "error",
    };
    let mut text = String::new();
    for failure in &case.failures {
        let _ = writeln!(text, "{}", told(&failure.diagnostic, sources));
        text.push_str(failure.diff.as_deref().unwrap_or(""));
    }
    let message = match case.failures.first() {
        Some(first) => first.diagnostic.message.as_str(),
        None => "the case could not be run; what is wrong is told with the document or the sources",
    };
    let _ = writeln!(
        out,
        "    <testcase {attributes}>\n      <{element} type=\"{}\" message=\"{}\">{}</{element}>\n    </testcase>",
        case.status.name(),
        escaped(message),
        block(text.trim_end())
    );
}

/// Text with its line ends.
fn block(text: &str) -> String {
    escaped(text).replace("&#10;", "\n")
}

fn told(problem: &Diagnostic, sources: &Sources) -> String {
    let mut text = String::new();
    if let Some((file, span)) = problem.place {
        let file = sources.file(file);
        let at = file.position(span.start);
        let _ = write!(text, "{}:{}:{}: ", file.name, at.line, at.column);
    }
    let _ = write!(text, "{}[{}] {}", problem.severity().name(), problem.code, problem.message);
    if let Some(help) = &problem.help {
        let _ = write!(text, "\nhelp: {help}");
    }
    text
}
