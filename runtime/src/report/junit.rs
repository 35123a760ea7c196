//! A report as a JUnit document: a suite for each module, a case for each task, for the pages of CI servers.
//!
//! Unaware of: where it goes.

use super::{Report, RunOutcome, TaskReport};
use ipcmm_vm::outcome::Outcome;
use std::fmt::Write;

/// The document.
pub fn render(report: &Report) -> String {
    let mut modules: Vec<(&str, Vec<&TaskReport>)> = Vec::new();
    for task in &report.tasks {
        match modules.iter_mut().find(|(module, _)| *module == task.module) {
            Some((_, tasks)) => tasks.push(task),
            None => modules.push((&task.module, vec![task])),
        }
    }
    let count = |tasks: &[&TaskReport], wanted: fn(Outcome) -> bool| tasks.iter().filter(|t| wanted(t.outcome)).count();
    let all: Vec<&TaskReport> = report.tasks.iter().collect();
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    // Writing to a String cannot fail; so too below.
    let _ = writeln!(
        out,
        "<testsuites name=\"{} {}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{:.3}\">",
        report.mode,
        escaped(&report.bundle.name),
        all.len(),
        count(&all, is_failure),
        count(&all, is_error),
        count(&all, is_skipped),
        report.duration,
    );
    for (module, tasks) in &modules {
        let time: f64 = tasks.iter().map(|task| task.duration).sum();
        let _ = writeln!(
            out,
            "  <testsuite name=\"{}\" hostname=\"{}\" timestamp=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{time:.3}\">",
            escaped(module),
            escaped(&report.node),
            report.started.trim_end_matches('Z'),
            tasks.len(),
            count(tasks, is_failure),
            count(tasks, is_error),
            count(tasks, is_skipped),
        );
        tasks.iter().for_each(|task| case(task, &mut out));
        out.push_str("  </testsuite>\n");
    }
    if report.outcome == RunOutcome::Interrupted {
        out.push_str("  <!-- the run was interrupted -->\n");
    }
    out.push_str("</testsuites>\n");
    out
}

fn is_failure(outcome: Outcome) -> bool {
    outcome == Outcome::Failed
}

/// What did not get as far as to fail by itself.
fn is_error(outcome: Outcome) -> bool {
    outcome == Outcome::Blocked
}

fn is_skipped(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Skipped | Outcome::NotReached)
}

fn case(task: &TaskReport, out: &mut String) {
    let mut attributes = String::new();
    if let Some(place) = &task.place {
        let _ = write!(attributes, " file=\"{}\" line=\"{}\"", escaped(&place.file), place.line);
    }
    let _ = write!(
        out,
        "    <testcase name=\"{}\" classname=\"{}\" time=\"{:.3}\"{attributes}",
        escaped(&task.label),
        escaped(&task.module),
        task.duration
    );
    let because = task.because.as_deref().map(|label| match task.keyword {
        Some(keyword) => format!("{keyword} {label}"),
        None => label.to_owned(),
    });
    let inside = match task.outcome {
        Outcome::Failed => {
            let (kind, message) = match &task.fault {
                Some(fault) => (format!("{} {}", fault.code, fault.name), fault.message.clone()),
                None => ("failed".to_owned(), task.comment.clone()),
            };
            let first = message.lines().next().unwrap_or("");
            format!(
                "<failure type=\"{}\" message=\"{}\">{}</failure>",
                escaped(&kind),
                escaped(first),
                escaped(&message)
            )
        }
        Outcome::Blocked => {
            let why = because.unwrap_or_else(|| task.comment.clone());
            format!("<error type=\"blocked\" message=\"{}\"/>", escaped(&why))
        }
        Outcome::Skipped | Outcome::NotReached => {
            let why = because.unwrap_or_else(|| task.reason.name().to_owned());
            format!("<skipped message=\"{}\"/>", escaped(&why))
        }
        Outcome::Ok | Outcome::Changed | Outcome::WouldChange => {
            let changes: Vec<String> = task.changes.iter().map(change).collect();
            match changes.is_empty() {
                true => String::new(),
                false => format!("<system-out>{}</system-out>", escaped(&changes.join("\n"))),
            }
        }
    };
    match inside.is_empty() {
        true => out.push_str("/>\n"),
        false => {
            let _ = writeln!(out, ">{inside}</testcase>");
        }
    }
}

fn change(change: &super::ChangeReport) -> String {
    match &*change.property {
        "" => format!("{} {}", change.kind.name(), change.object),
        property => format!("{} {} ({property})", change.kind.name(), change.object),
    }
}

/// Text between tags or in an attribute. Characters that XML has no form for become a visible sign.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\t' => out.push_str("&#9;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
