//! Artefacts as text, the way they stand in expectation fences.

use crate::document::Fence;
use crate::runner::{Ran, RunSpec};
use ipcmm_bytecode::Value;
use ipcmm_bytecode::bundle::rows::{TASK_BEFORE, TASK_DEMAND, TASK_DRY};
use ipcmm_compiler::Build;
use ipcmm_compiler::diag::Diagnostic;
use ipcmm_compiler::doc::Span;
use ipcmm_compiler::source::{FileId, Sources};
use ipcmm_testing::report::Report;
use ipcmm_vm::{Mode, Outcome, PolicyKind, TaskEnd, Verified};
use std::fmt::Write;

/// All diagnostics, one line each; with `full`, labels, help and fix below it.
pub fn diagnostics(build: &Build, full: bool) -> String {
    let mut out = String::new();
    for diagnostic in build.diagnostics.iter() {
        let place = diagnostic.place.map_or("-".into(), |(file, span)| place(build, file, span));
        let _ = writeln!(out, "{place} {} {}", diagnostic.code, one_line(&diagnostic.message));
        if full {
            details(build, diagnostic, &mut out);
        }
    }
    out
}

/// What came of tests: problems that no case is to blame for, then each case with what is wrong in it. With `full`,
/// labels, help, fixes and differences stand below; with `coverage`, what the tests cover behind all.
pub fn tests(report: &Report, full: bool, coverage: bool) -> String {
    let build = &report.sources;
    let mut out = String::new();
    let tell = |diagnostic: &Diagnostic, out: &mut String| {
        let place = diagnostic.place.map_or("-".into(), |(file, span)| place_in(build, file, span));
        let _ = writeln!(out, "{place} {} {}", diagnostic.code, one_line(&diagnostic.message));
        if full {
            details_in(build, diagnostic, out);
        }
    };
    report.diagnostics.iter().for_each(|diagnostic| tell(diagnostic, &mut out));
    for case in &report.cases {
        let _ = writeln!(out, "{}: {}", case.name, case.status.name());
        for failure in &case.failures {
            tell(&failure.diagnostic, &mut out);
            if full {
                failure.diff.iter().flat_map(|diff| diff.lines()).for_each(|line| {
                    let _ = writeln!(out, "  | {line}");
                });
            }
        }
        case.warnings.iter().for_each(|warning| tell(warning, &mut out));
    }
    if coverage {
        out.push_str(&ipcmm_testing::coverage::table::render(&report.coverage));
    }
    // Cases name single files, so sources are found from the folder `.`.
    out.lines().map(|line| format!("{}\n", line.trim_end().replace("  ./", "  "))).collect()
}

fn details(build: &Build, diagnostic: &Diagnostic, out: &mut String) {
    details_in(&build.sources, diagnostic, out);
}

fn details_in(build: &Sources, diagnostic: &Diagnostic, out: &mut String) {
    for label in &diagnostic.labels {
        let _ = writeln!(out, "  {}: {}", place_in(build, label.file, label.span), one_line(&label.text));
    }
    if let Some(help) = &diagnostic.help {
        let _ = writeln!(out, "  help: {}", one_line(help));
    }
    if let Some(fix) = &diagnostic.fix {
        let replacement = one_line(&fix.replacement);
        let _ =
            writeln!(out, "  fix: {} at {}: {replacement}", one_line(&fix.title), place_in(build, fix.file, fix.span));
    }
}

fn one_line(text: &str) -> String {
    text.replace('\n', "\\n")
}

/// `web.ipcmm.yaml 3:5-3:9`
fn place(build: &Build, file: FileId, span: Span) -> String {
    place_in(&build.sources, file, span)
}

fn place_in(sources: &Sources, file: FileId, span: Span) -> String {
    let file = sources.file(file);
    let (start, end) = (file.position(span.start), file.position(span.end));
    format!("{} {}:{}-{}:{}", file.name.trim_start_matches("./"), start.line, start.column, end.line, end.column)
}

/// The run a fence asks for.
pub fn spec_of(fence: &Fence) -> RunSpec {
    let policy = match () {
        () if fence.has("parallel") => PolicyKind::Parallel,
        () if fence.has("as-written") => PolicyKind::AsWritten,
        () => PolicyKind::Sequential,
    };
    let spec = RunSpec::default();
    RunSpec {
        mode: if fence.has("check") { Mode::Check } else { Mode::Apply },
        policy,
        max_parallel: fence.number("max").map_or(spec.max_parallel, |n| n as u32),
        seed: fence.number("seed").unwrap_or(spec.seed),
    }
}

/// The label of a task; with its module where the bundle has several.
pub fn label(bundle: &Verified<'_>, task: u32) -> String {
    let several = (0..bundle.tasks().len() as u32).any(|t| bundle.module(t) != bundle.module(0));
    match several {
        true => format!("{}/{}", bundle.module(task), bundle.label(task)),
        false => bundle.label(task).escape_debug().to_string(),
    }
}

/// Labels in run order.
pub fn order(bundle: &Verified<'_>) -> String {
    let name = |task: u32| match bundle.tasks()[task as usize].flags {
        flags if flags & TASK_DRY != 0 => format!("{} (dry run)\n", label(bundle, task)),
        flags if flags & TASK_BEFORE != 0 => format!("{} (first phase)\n", label(bundle, task)),
        flags if flags & TASK_DEMAND != 0 => format!("{} (on demand)\n", label(bundle, task)),
        _ => label(bundle, task) + "\n",
    };
    (0..bundle.tasks().len() as u32).map(name).collect()
}

/// Tasks in the order they started, with the moment.
pub fn starts(bundle: &Verified<'_>, ran: &Ran) -> String {
    ran.started.iter().map(|(task, at)| format!("{} {}\n", time(*at), label(bundle, *task))).collect()
}

fn time(nanos: u64) -> String {
    Value::Duration(nanos as i64).to_string()
}

/// One line per task in run order. Words of the fence ask for more: `times`, `comment`, `fault`, `data.field`.
pub fn outcomes(bundle: &Verified<'_>, ran: &Ran, fence: &Fence) -> String {
    let mut out = String::new();
    for (task, end) in ran.ends.iter().enumerate() {
        let Some(end) = end else { continue };
        let _ = writeln!(out, "{}: {}", label(bundle, task as u32), outcome(bundle, end, fence));
    }
    // What ran on demand stands below, by subrun and then in run order.
    let mut on_demand: Vec<_> = ran.on_demand.iter().collect();
    on_demand.sort_by_key(|(subrun, task, _)| (subrun.number, *task));
    for (subrun, task, end) in on_demand {
        let (by, check) = (label(bundle, subrun.caller), if subrun.mode == Mode::Check { " (check)" } else { "" });
        let _ = writeln!(out, "{by} > {}{check}: {}", label(bundle, *task), outcome(bundle, end, fence));
    }
    out
}

fn outcome(bundle: &Verified<'_>, end: &TaskEnd, fence: &Fence) -> String {
    let mut text = format!("{} {}", end.outcome.name(), end.reason.name());
    if let Some(target) = end.because {
        let _ = write!(text, " because={}", label(bundle, target));
    }
    if let Some(keyword) = end.keyword {
        let _ = write!(text, " by={}", keyword.name());
    }
    // One execution is the rule where the body ran, none where it did not.
    let usual = u32::from(!matches!(end.outcome, Outcome::Skipped | Outcome::Blocked | Outcome::NotReached));
    if end.attempts != usual {
        let _ = write!(text, " attempts={}", end.attempts);
    }
    if end.changed != end.outcome.changed() {
        let _ = write!(text, "{}", if end.changed { " changed" } else { " unchanged" });
    }
    match &end.fault {
        Some(fault) if fence.has("fault") => {
            let _ = write!(text, " fault={}", one_line(&fault.to_string()));
        }
        Some(fault) => {
            let _ = write!(text, " {}", fault.kind);
        }
        None => {}
    }
    if fence.has("comment") && !end.comment.is_empty() {
        let _ = write!(text, " comment={}", Value::str(end.comment.as_str()));
    }
    for field in fence.words.iter().filter_map(|w| w.strip_prefix("data.")) {
        if let Some(value) = end.data.get(field) {
            let _ = write!(text, " data.{field}={value}");
        }
    }
    if fence.has("data") {
        let _ = write!(text, " data={}", end.data);
    }
    if fence.has("times") {
        let _ = write!(text, " at={}..{}", time(end.started), time(end.ended));
    }
    text
}
