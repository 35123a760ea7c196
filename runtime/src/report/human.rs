//! A report for people: a line for each task that has something to say, and one line that sums up.
//!
//! Whatever comes from a configuration or a node is shown without control characters, so that no text can drive the
//! terminal. Unaware of: where the report goes and whether that is a terminal.

mod plain;
mod words;

use super::{ChangeReport, Report, RunOutcome, TaskReport};
use anstyle::{AnsiColor, Style};
use ipcmm_vm::host::ChangeKind;
use ipcmm_vm::outcome::{Forecast, Outcome, Reason};
pub use plain::plain;
use plain::{cut, width};
use std::fmt::Write;
use words::{duration, is_new_directory, phrase, reason, unless, unmet};

/// Lines of a difference that a plan shows without being asked for more.
const PLAN_DIFF_LINES: usize = 20;
/// Labels are lined up to this width; longer ones stick out.
const LABEL_COLUMNS: usize = 32;
/// Last lines of a command's errors that are shown where the fault itself has none.
const ERROR_LINES: usize = 5;
/// Tasks that take longer than this many seconds say so.
const SLOW: f64 = 0.1;

/// How to show a report.
#[derive(Clone, Copy, Debug, Default)]
pub struct HumanOptions {
    /// With ANSI colours.
    pub color: bool,
    /// With characters beyond ASCII.
    pub unicode: bool,
    /// Columns, if lines are to be cut to them.
    pub width: Option<usize>,
    /// Every task.
    pub verbose: bool,
    /// Only what went wrong, and nothing if all is well.
    pub quiet: bool,
    /// Differences of texts in full.
    pub diff: bool,
}

/// The report as text.
pub fn render(report: &Report, options: HumanOptions) -> String {
    let several = report.tasks.windows(2).any(|pair| pair[0].module != pair[1].module);
    let shown: Vec<&TaskReport> = report.tasks.iter().filter(|task| is_shown(task, options)).collect();
    let mut page = Page { out: String::new(), options, several, column: 0, plan: report.mode == "plan" };
    page.column = shown.iter().map(|task| width(&page.label(task))).max().unwrap_or(0).min(LABEL_COLUMNS);
    for task in &shown {
        page.task(task);
    }
    if !options.quiet {
        if !shown.is_empty() {
            page.out.push('\n');
        }
        page.summary(report);
    }
    page.out
}

fn is_shown(task: &TaskReport, options: HumanOptions) -> bool {
    match task.outcome {
        Outcome::Failed | Outcome::Blocked => true,
        Outcome::Changed | Outcome::WouldChange => !options.quiet,
        Outcome::Ok | Outcome::Skipped | Outcome::NotReached => options.verbose && !options.quiet,
    }
}

/// A reason as people read it.
pub(super) fn reason_in_words(why: Reason) -> String {
    reason(why)
}

/// The sign of an outcome, with a plain one beside it, and its colour.
fn sign(outcome: Outcome) -> (&'static str, &'static str, Style) {
    let color = |color: AnsiColor| Style::new().fg_color(Some(color.into()));
    match outcome {
        Outcome::Ok => ("✔", "+", color(AnsiColor::Green)),
        Outcome::Changed => ("~", "~", color(AnsiColor::Yellow)),
        Outcome::Failed => ("✖", "x", color(AnsiColor::Red).bold()),
        Outcome::Skipped => ("–", "-", Style::new().dimmed()),
        Outcome::Blocked => ("⊘", "!", color(AnsiColor::Red)),
        Outcome::WouldChange => ("~", "~", color(AnsiColor::Yellow)),
        Outcome::NotReached => ("·", ".", Style::new().dimmed()),
    }
}

/// The text so far, and what all lines share.
struct Page {
    out: String,
    options: HumanOptions,
    several: bool,
    column: usize,
    plan: bool,
}

impl Page {
    fn paint(&self, style: Style, text: &str) -> String {
        if self.options.color && !text.is_empty() { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    fn dim(&self, text: &str) -> String {
        self.paint(Style::new().dimmed(), text)
    }

    fn plain(&self, text: &str) -> String {
        plain(text, self.options.unicode)
    }

    fn dot(&self) -> &'static str {
        if self.options.unicode { "·" } else { "-" }
    }

    fn label(&self, task: &TaskReport) -> String {
        // Of a task on demand it is said who ran it; a step in an argument has that in its label.
        let by = task.subrun.as_ref().map(|subrun| subrun.by.as_str());
        let event = task.subrun.as_ref().and_then(|subrun| subrun.event.as_deref());
        let by = by.filter(|by| !task.label.strip_prefix(by).is_some_and(|rest| rest.starts_with('/')));
        let arrow = if self.options.unicode { "›" } else { ">" };
        let by = match (by, event) {
            (Some(by), Some(event)) => format!("{by} ({event}) {arrow} "),
            (Some(by), None) => format!("{by} {arrow} "),
            (None, Some(event)) => format!("({event}) "),
            (None, None) => String::new(),
        };
        match self.several {
            true => self.plain(&format!("{by}{}/{}", task.module, task.label)),
            false => self.plain(&format!("{by}{}", task.label)),
        }
    }

    fn task(&mut self, task: &TaskReport) {
        let (symbol, ascii, style) = match task.forecast {
            Some(Forecast::May) if task.outcome == Outcome::WouldChange => {
                ("?", "?", Style::new().fg_color(Some(AnsiColor::Yellow.into())))
            }
            _ => sign(task.outcome),
        };
        let symbol = if self.options.unicode { symbol } else { ascii };
        let label = self.label(task);
        let slow = if task.duration > SLOW { duration(task.duration) } else { String::new() };
        let taken = 2 + width(&label).max(self.column) + 2;
        let behind = if slow.is_empty() { 0 } else { width(&slow) + 2 };
        let room = self.options.width.map(|columns| columns.saturating_sub(taken + behind).max(16));
        let said = cut(&self.plain(&self.said(task)), room, self.options.unicode);
        let pad = if said.is_empty() && slow.is_empty() { 0 } else { self.column.saturating_sub(width(&label)) };
        let label = match task.outcome {
            Outcome::Failed => self.paint(Style::new().bold(), &label),
            Outcome::Skipped | Outcome::NotReached => self.dim(&label),
            Outcome::Ok | Outcome::Changed | Outcome::Blocked | Outcome::WouldChange => label,
        };
        let mut line = format!("{} {label}{}", self.paint(style, symbol), " ".repeat(pad));
        for (text, dim) in [(said, is_quiet(task.outcome)), (slow, true)] {
            if !text.is_empty() {
                line.push_str("  ");
                line.push_str(&if dim { self.dim(&text) } else { text });
            }
        }
        self.out.push_str(line.trim_end());
        self.out.push('\n');
        if task.outcome == Outcome::Failed {
            self.failure(task);
        }
        if (self.options.diff || self.plan) && !self.options.quiet {
            self.diffs(&task.changes);
        }
    }

    /// What a task has to say in a few words.
    fn said(&self, task: &TaskReport) -> String {
        let unicode = self.options.unicode;
        // What may be done stands behind what will be.
        let (may, will): (Vec<ChangeReport>, Vec<ChangeReport>) =
            task.changes.iter().cloned().partition(|change| change.forecast == Some(Forecast::May));
        // Where what is made stands is known; whether a directory on the way is made by then matters to nobody.
        let inside =
            |dir: &str| task.changes.iter().any(|c| c.object.strip_prefix(dir).is_some_and(|s| s.starts_with('/')));
        let may: Vec<ChangeReport> = may.into_iter().filter(|c| !(is_new_directory(c) && inside(&c.object))).collect();
        let mut changes = phrase(&will, unicode);
        if !may.is_empty() {
            let gap = if changes.is_empty() { "" } else { ", " };
            changes = format!("{changes}{gap}maybe {}", phrase(&may, unicode));
        }
        let because = |word: &str| match &task.because {
            Some(label) => format!("{word} {label}"),
            None => String::new(),
        };
        let other = match task.outcome {
            Outcome::Failed => match &task.fault {
                Some(fault) => fault.code.summary().to_owned(),
                None => task.comment.clone(),
            },
            Outcome::Blocked if !task.comment.is_empty() => {
                format!("{}; {}", because("blocked by"), task.comment)
            }
            Outcome::Blocked => match task.keyword {
                Some(keyword) => format!("{} ({keyword})", because("blocked by")),
                None => because("blocked by"),
            },
            Outcome::Skipped => match (&task.because, task.keyword) {
                (Some(label), Some(keyword)) => format!("{} ({keyword})", unmet(keyword, label)),
                (Some(_), None) => format!("{} ({})", reason(task.reason), because("that is")),
                (None, _) => reason(task.reason),
            },
            Outcome::NotReached => because("waits for"),
            Outcome::Ok | Outcome::Changed | Outcome::WouldChange if !changes.is_empty() => changes,
            Outcome::Ok | Outcome::Changed | Outcome::WouldChange => task.comment.clone(),
        };
        if task.reason == Reason::NotKnown
            && let (Some(label), Some(keyword)) = (&task.because, task.keyword)
        {
            let other = if other.is_empty() { "maybe".to_owned() } else { other };
            return format!("{other} (if {})", unless(keyword, label));
        }
        match (other.is_empty(), task.reason) {
            (false, Reason::WatchFired) => match &task.because {
                Some(label) => format!("{other} (watches {label})"),
                None => other,
            },
            (false, Reason::ListenFired) if task.outcome != Outcome::Failed => match &task.because {
                Some(label) => format!("{other} (listens to {label})"),
                None => other,
            },
            (false, _) => other,
            (true, Reason::Ran) => String::new(),
            (true, why) => reason(why),
        }
    }

    /// The block below a failed task: code, place, particulars, what had been changed before.
    fn failure(&mut self, task: &TaskReport) {
        let place = task.fault.as_ref().and_then(|fault| fault.place.as_ref()).or(task.place.as_ref());
        let mut facts = Vec::new();
        let code = task.fault.as_ref().map(|fault| fault.code.to_string());
        let at = place.map(|at| format!("{}:{}:{}", self.plain(&at.file), at.line, at.column));
        match (code, at) {
            (Some(code), Some(at)) => facts.push(format!("{code} at {at}")),
            (Some(one), None) | (None, Some(one)) => facts.push(one),
            (None, None) => {}
        }
        if task.attempts > 1 {
            facts.push(format!("{} attempts", task.attempts));
        }
        // What ran is told by the fault.
        let done: Vec<ChangeReport> = task.changes.iter().filter(|c| c.kind != ChangeKind::Run).cloned().collect();
        let changes = phrase(&done, self.options.unicode);
        if !changes.is_empty() {
            facts.push(format!("before that: {}", self.plain(&changes)));
        }
        let facts = facts.join(&format!(" {} ", self.dot()));
        let facts = self.dim(&facts);
        let detail = task.fault.as_ref().map_or("", |fault| fault.detail.as_str());
        let _ = writeln!(self.out, "    {facts}");
        for line in detail.lines() {
            let _ = writeln!(self.out, "    {}", self.plain(line));
        }
        if !task.comment.is_empty() && task.fault.is_some() {
            let _ = writeln!(self.out, "    {}", self.plain(&task.comment));
        }
        // A command whose status was accepted and whose result was not has said something, too.
        let stderr = task.data.0.get("stderr").and_then(|text| text.as_str()).unwrap_or("");
        if detail.lines().count() < 2 && !stderr.trim().is_empty() {
            let lines: Vec<&str> = stderr.lines().filter(|line| !line.trim().is_empty()).collect();
            for line in &lines[lines.len().saturating_sub(ERROR_LINES)..] {
                let _ = writeln!(self.out, "      {}", self.plain(line));
            }
        }
    }

    /// Differences of texts, indented. Their headers repeat what the line says, unless there are several objects.
    fn diffs(&mut self, changes: &[ChangeReport]) {
        let several = changes.windows(2).any(|pair| pair[0].object != pair[1].object);
        let most = if self.options.diff { usize::MAX } else { PLAN_DIFF_LINES };
        for change in changes {
            let Some(diff) = &change.diff else { continue };
            if several {
                let object = self.dim(&self.plain(&change.object));
                let _ = writeln!(self.out, "    {object}");
            }
            // Of something new, the place of the lines says nothing.
            let skip = match diff.starts_with("--- ") {
                true if diff.lines().nth(2).is_some_and(|line| line.starts_with("@@ -0,0 ")) => 3,
                true => 2,
                false => 0,
            };
            let total = diff.lines().count().saturating_sub(skip);
            // One line is not hidden behind a line that says so.
            let shown = if total <= most.saturating_add(1) { total } else { most };
            for line in diff.lines().skip(skip).take(shown) {
                let line = self.diff_line(line);
                let _ = writeln!(self.out, "    {line}");
            }
            if shown < total {
                let rest = format!("{} more lines; --diff shows them", total - shown);
                let rest = self.dim(&format!("{} {rest}", if self.options.unicode { "…" } else { "..." }));
                let _ = writeln!(self.out, "    {rest}");
            }
        }
    }

    fn diff_line(&self, line: &str) -> String {
        let color = |color: AnsiColor| Style::new().fg_color(Some(color.into()));
        let style = match line.as_bytes().first() {
            Some(b'+') => color(AnsiColor::Green),
            Some(b'-') => color(AnsiColor::Red),
            Some(b'@') => color(AnsiColor::Cyan).dimmed(),
            Some(b'\\') => Style::new().dimmed(),
            _ => Style::new(),
        };
        self.paint(style, &plain::with_tabs(line, self.options.unicode))
    }

    fn summary(&mut self, report: &Report) {
        let t = &report.totals;
        let color = |color: AnsiColor| Style::new().bold().fg_color(Some(color.into()));
        let count = report.tasks.len();
        let idle = report.outcome == RunOutcome::Ok && t.ok as usize + t.skipped as usize == count;
        let mut parts = Vec::new();
        let head = if idle {
            let tasks = match (t.ok, t.skipped) {
                (0, 0) => "there are no tasks".to_owned(),
                (0, n) => format!("{n} {} skipped", if n == 1 { "task was" } else { "tasks were" }),
                (1, 0) => "the task is as wanted".to_owned(),
                (n, 0) => format!("all {n} tasks are as wanted"),
                (n, skipped) => {
                    format!("{n} {} as wanted, {skipped} skipped", if n == 1 { "task is" } else { "tasks are" })
                }
            };
            format!("{}: {tasks}", self.paint(color(AnsiColor::Green), "nothing to do"))
        } else {
            let (word, tone) = match report.outcome {
                RunOutcome::Ok if self.plan => ("", AnsiColor::Yellow),
                RunOutcome::Ok => (" ok", AnsiColor::Green),
                RunOutcome::Failed => (" failed", AnsiColor::Red),
                RunOutcome::Interrupted => (" interrupted", AnsiColor::Red),
            };
            self.paint(color(tone), &format!("{}{word}", report.mode))
        };
        parts.push(head);
        if !idle {
            let may = |task: &&TaskReport| task.forecast == Some(Forecast::May) && task.outcome == Outcome::WouldChange;
            let may = report.tasks.iter().filter(may).count() as u32;
            let counts = [
                (t.failed, "failed"),
                (t.blocked, "blocked"),
                (t.changed, "changed"),
                (t.would_change - may, "would change"),
                (may, "may change"),
                (t.ok, "unchanged"),
                (t.skipped, "skipped"),
                (t.not_reached, "not reached"),
            ];
            let counts: Vec<String> =
                counts.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")).collect();
            parts.push(counts.join(", "));
        }
        parts.push(self.dim(&duration(report.duration)));
        if let Some(root) = &report.root_dir {
            parts.push(self.dim(&format!("below {}", self.plain(root))));
        }
        if let Some(resumed) = &report.earlier.resumed {
            parts.push(format!("resumed, {} done before", resumed.restored));
        }
        self.out.push_str(&parts.join(&format!(" {} ", self.dot())));
        self.out.push('\n');
        for gone in &report.earlier.dropped {
            let said = format!(
                "note: `{}` was to react to a change of `{}` ({}), and is not in this bundle",
                gone.label, gone.target, gone.keyword
            );
            let _ = writeln!(self.out, "{}", self.plain(&said));
        }
    }
}

/// Whether what a task says is of little interest.
fn is_quiet(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Ok | Outcome::Skipped | Outcome::NotReached)
}

#[cfg(test)]
mod tests;
