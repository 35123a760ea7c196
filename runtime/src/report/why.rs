//! Why something is as it is after a run: from an object or a task back over what triggered it, to the lines of sources.
//!
//! Unaware of: how the run was driven; everything stands in the report. Start reading at [`why`].

use super::human::{plain, reason_in_words};
use super::{ChangeReport, Place, Report, TaskReport};
use ipcmm_vm::outcome::{Outcome, Reason};
use serde::Serialize;
use std::collections::{BTreeSet, HashMap};
use std::fmt::Write;

/// Version of the shape of the JSON.
pub const VERSION: u32 = 1;
/// The most names that are offered where none fits.
const OFFERED: usize = 5;

/// Steps back that are still shown further in.
const DEEPEST: usize = 12;

/// An answer.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the schema describes the fields")]
pub struct Why {
    pub version: u32,
    /// What was asked for.
    pub subject: String,
    /// Whether that is the label of a task or an object that tasks change.
    pub kind: Kind,
    /// The tasks it comes from, each followed by what triggered it.
    pub chain: Vec<Link>,
}

/// What was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A task.
    Task,
    /// A path or command.
    Object,
}

/// One task on the way.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the schema describes the fields")]
pub struct Link {
    /// 0 for what was asked for, 1 for what triggered that, and so on.
    pub depth: u32,
    /// By which keyword the link before names it.
    pub keyword: Option<&'static str>,
    pub task: String,
    pub outcome: &'static str,
    pub reason: &'static str,
    /// What it did, in a sentence.
    pub said: String,
    pub changes: Vec<ChangeReport>,
    pub place: Option<Place>,
    /// It was told of further up.
    pub again: bool,
}

/// Why a task ended as it did, or which tasks changed an object and why they did.
///
/// # Errors
/// If the report knows neither: a sentence, and names that are near.
pub fn why(report: &Report, subject: &str) -> Result<Why, String> {
    let labels: Vec<String> = names(report);
    let named = |place: &usize| {
        let task = &report.tasks[*place];
        task.label == subject || format!("{}/{}", task.module, task.label) == subject
    };
    let tasks: Vec<usize> = (0..report.tasks.len()).filter(named).collect();
    let (kind, starts) = match tasks.is_empty() {
        false => (Kind::Task, tasks),
        true => {
            let wanted = trimmed(subject);
            let touches = |place: &usize| report.tasks[*place].changes.iter().any(|c| trimmed(&c.object) == wanted);
            (Kind::Object, (0..report.tasks.len()).filter(touches).collect())
        }
    };
    if starts.is_empty() {
        return Err(nothing(report, subject, &labels));
    }
    let mut chain = Vec::new();
    let mut told = BTreeSet::new();
    for start in starts {
        follow(report, &labels, start, &mut told, &mut chain);
    }
    if kind == Kind::Object {
        let wanted = trimmed(subject);
        for link in chain.iter_mut().filter(|link| link.depth == 0) {
            link.changes.retain(|change| trimmed(&change.object) == wanted);
        }
    }
    Ok(Why { version: VERSION, subject: subject.to_owned(), kind, chain })
}

fn trimmed(path: &str) -> &str {
    match path.trim_end_matches('/') {
        "" => path,
        path => path,
    }
}

/// Labels as people know them: with their module where there are several.
fn names(report: &Report) -> Vec<String> {
    let several = report.tasks.windows(2).any(|pair| pair[0].module != pair[1].module);
    let name = |task: &TaskReport| match several {
        true => format!("{}/{}", task.module, task.label),
        false => task.label.clone(),
    };
    report.tasks.iter().map(name).collect()
}

fn nothing(report: &Report, subject: &str, labels: &[String]) -> String {
    let objects = report.tasks.iter().flat_map(|task| task.changes.iter().map(|change| change.object.as_str()));
    let mut known: Vec<&str> = labels.iter().map(String::as_str).chain(objects).collect();
    known.sort_unstable();
    known.dedup();
    let inside = |name: &&&str| name.contains(subject) || (name.len() > 3 && subject.contains(**name));
    let near: Vec<String> = known.iter().filter(inside).take(OFFERED).map(|name| format!("`{name}`")).collect();
    let verb = if report.mode == "plan" { "would change" } else { "changed" };
    let said = format!("no task is called `{subject}`, and none {verb} an object of that name");
    match near.is_empty() {
        true => said,
        false => format!("{said}; there is {}", near.join(", ")),
    }
}

/// Adds a task and what triggered it, each before what triggered that in turn.
fn follow(report: &Report, labels: &[String], start: usize, told: &mut BTreeSet<usize>, chain: &mut Vec<Link>) {
    let mut todo: Vec<(usize, Option<&'static str>, u32)> = vec![(start, None, 0)];
    while let Some((place, keyword, depth)) = todo.pop() {
        let task = &report.tasks[place];
        let again = !told.insert(place);
        chain.push(Link {
            depth,
            keyword,
            task: labels[place].clone(),
            outcome: task.outcome.name(),
            reason: task.reason.name(),
            said: said(task),
            changes: if again { Vec::new() } else { task.changes.clone() },
            place: task.place.clone(),
            again,
        });
        if !again {
            let causes = causes(report, task);
            todo.extend(causes.into_iter().rev().map(|(target, keyword)| (target, Some(keyword), depth + 1)));
        }
    }
}

/// The targets that made a task do what it did: the one that decided, or those that triggered it.
fn causes(report: &Report, task: &TaskReport) -> Vec<(usize, &'static str)> {
    let decided = |target: &super::Target| {
        let other = &report.tasks[target.task as usize];
        let name = format!("{}/{}", other.module, other.label);
        let named = task.because.as_deref().is_some_and(|label| label == name || label == other.label);
        named && task.keyword.is_none_or(|keyword| keyword == target.keyword)
    };
    let triggered = |target: &super::Target| {
        let other = &report.tasks[target.task as usize];
        match target.keyword {
            "watch" | "onchange" | "listen" | "prereq" | "postreq" => other.changed,
            "onfail" => other.outcome == Outcome::Failed,
            "onsuccess" => matches!(other.outcome, Outcome::Ok | Outcome::Changed | Outcome::WouldChange),
            "requires_none" => matches!(other.outcome, Outcome::Failed | Outcome::Skipped | Outcome::Blocked),
            _ => false,
        }
    };
    let pick = |wanted: &dyn Fn(&super::Target) -> bool| -> Vec<(usize, &'static str)> {
        task.targets.iter().filter(|target| wanted(target)).map(|t| (t.task as usize, t.keyword)).collect()
    };
    match pick(&decided) {
        found if !found.is_empty() => found,
        _ if task.attempts > 0 => pick(&triggered),
        _ => Vec::new(),
    }
}

/// What a task did, in a sentence.
fn said(task: &TaskReport) -> String {
    let fault = task.fault.as_ref().and_then(|fault| fault.message.lines().next()).unwrap_or("");
    match (fault, task.comment.as_str()) {
        // That a task ran needs no words.
        ("", "") if task.reason == Reason::Ran => String::new(),
        ("", "") => reason_in_words(task.reason),
        ("", comment) => comment.to_owned(),
        (fault, _) => fault.to_owned(),
    }
}

impl Why {
    /// As text: what was asked for, then a line for each task, further in for each step back.
    pub fn human(&self, unicode: bool) -> String {
        let arrow = if unicode { "←" } else { "<-" };
        let mut out = format!("{}\n", plain(&self.subject, unicode));
        for link in &self.chain {
            let steps = (link.depth as usize).min(DEEPEST) + usize::from(self.kind == Kind::Object || link.depth > 0);
            let room = "  ".repeat(steps);
            let keyword = link.keyword.map(|word| format!("{word} ")).unwrap_or_default();
            let head = match self.kind == Kind::Task && link.depth == 0 {
                true => String::new(),
                false => format!("{arrow} {keyword}{}  ", plain(&link.task, unicode)),
            };
            let said = match (link.again, link.said.is_empty()) {
                (true, _) => "as above".to_owned(),
                (false, true) => link.outcome.replace('-', " "),
                (false, false) => format!("{}: {}", link.outcome.replace('-', " "), plain(&link.said, unicode)),
            };
            let room = if head.is_empty() { "  ".to_owned() } else { room };
            // Writing to a String cannot fail; so too below.
            let _ = writeln!(out, "{room}{head}{said}");
            for (object, changes) in by_object(&link.changes) {
                let properties: Vec<&str> = changes.iter().map(|c| &*c.property).filter(|p| !p.is_empty()).collect();
                let properties = match properties.is_empty() {
                    true => String::new(),
                    false => format!(" ({})", properties.join(", ")),
                };
                let object = match self.kind == Kind::Object && link.depth == 0 {
                    true => "it".to_owned(),
                    false => plain(object, unicode),
                };
                let _ = writeln!(out, "{room}    {} {object}{properties}", changes[0].kind.name());
            }
            if let Some(at) = link.place.as_ref().filter(|_| !link.again) {
                let _ = writeln!(out, "{room}    {}:{}:{}", plain(&at.file, unicode), at.line, at.column);
            }
        }
        out
    }
}

/// Changes of one object together, in the order of the first of each.
fn by_object(changes: &[ChangeReport]) -> Vec<(&str, Vec<&ChangeReport>)> {
    let mut places: HashMap<&str, usize> = HashMap::new();
    let mut objects: Vec<(&str, Vec<&ChangeReport>)> = Vec::new();
    for change in changes {
        let place = *places.entry(&change.object).or_insert_with(|| {
            objects.push((&change.object, Vec::new()));
            objects.len() - 1
        });
        objects[place].1.push(change);
    }
    objects
}
