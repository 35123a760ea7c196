//! Results for people: only what failed, each with its place, and one line that counts. Unaware of: terminals.

use super::{Failure, Report, Status};
use ipcmm_compiler::diag::human::{self, HumanOptions};
use ipcmm_compiler::diag::{Diagnostic, Diagnostics};
use ipcmm_compiler::source::Sources;

/// Everything that is wrong.
pub fn problems(report: &Report, options: HumanOptions) -> String {
    let mut out = human::render(&report.diagnostics, &report.sources, HumanOptions { quiet: false, ..options });
    for case in &report.cases {
        for failure in &case.failures {
            out.push_str(&one(&failure.diagnostic, &report.sources, options));
            out.push_str(&difference(failure, options.color));
        }
        if !options.quiet {
            case.warnings.iter().for_each(|warning| out.push_str(&one(warning, &report.sources, options)));
        }
    }
    out
}

/// One problem without a line that counts.
fn one(diagnostic: &Diagnostic, sources: &Sources, options: HumanOptions) -> String {
    let mut alone = Diagnostics::default();
    alone.push(diagnostic.clone());
    human::render(
        &alone,
        sources,
        HumanOptions { quiet: diagnostic.raised.is_none() && is_error(diagnostic), ..options },
    )
    .lines()
    .filter(|line| *line != human::summary(&alone).trim_end())
    .map(|line| format!("{line}\n"))
    .collect()
}

fn is_error(diagnostic: &Diagnostic) -> bool {
    diagnostic.severity() == ipcmm_compiler::diag::Severity::Error
}

/// The difference below a failure, coloured, indented.
fn difference(failure: &Failure, color: bool) -> String {
    let Some(diff) = &failure.diff else { return String::new() };
    let mut out = String::new();
    for line in diff.lines() {
        let line: String = line.chars().map(|c| if c.is_control() && c != '\t' { '\u{fffd}' } else { c }).collect();
        let paint = match line.as_bytes().first() {
            Some(b'+') if color => "32",
            Some(b'-') if color => "31",
            _ => "",
        };
        match paint {
            "" => out.push_str(&format!("  {line}\n")),
            paint => out.push_str(&format!("  \x1b[{paint}m{line}\x1b[0m\n")),
        }
    }
    out.push('\n');
    out
}

/// All cases, a line each, for whoever wants to see them.
pub fn list(report: &Report, unicode: bool) -> String {
    let mut out = String::new();
    for file in &report.documents {
        let cases: Vec<_> = report.cases.iter().filter(|case| case.file == *file).collect();
        if cases.is_empty() {
            continue;
        }
        out.push_str(&format!("{}\n", report.sources.file(*file).name));
        for case in cases {
            let mark = match (case.status, unicode) {
                (Status::Passed, true) => "✓",
                (Status::Passed, false) => "ok",
                (Status::Failed, true) => "✗",
                (Status::Failed, false) => "FAILED",
                (Status::Broken, true) => "!",
                (Status::Broken, false) => "BROKEN",
            };
            let name: String = case.name.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
            out.push_str(&format!("  {mark} {name}\n"));
        }
    }
    out
}

/// `12 tests passed`, or `2 of 12 tests failed, 1 could not be run`.
pub fn summary(report: &Report) -> String {
    let (all, passed) = (report.cases.len(), report.count(Status::Passed));
    let tests = |number: usize| format!("{number} test{}", if number == 1 { "" } else { "s" });
    if passed == all {
        return format!("{} passed", tests(all));
    }
    let mut parts = Vec::new();
    match (report.count(Status::Failed), report.count(Status::Broken)) {
        (0, broken) => parts.push(format!("{broken} of {} could not be run", tests(all))),
        (failed, 0) => parts.push(format!("{failed} of {} failed", tests(all))),
        (failed, broken) => {
            parts.push(format!("{failed} of {} failed", tests(all)));
            parts.push(format!("{broken} could not be run"));
        }
    }
    parts.join(", ")
}
