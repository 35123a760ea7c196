//! Cases taken from Salt's own tests (`shared/corpora/salt-requisites`, described there) as ipcmm modules.
//!
//! Bodies become `ipcmm.nop` with the effect the case notes, requisites what they mean on the task that has them.
//! `onfail_all` becomes `onfail` with `requires_none`, `watch_any` becomes `requires_any`; tasks that a case excludes are
//! left out. Unaware of Salt beyond the case format.

pub mod judge;

use crate::values::quoted;
use ipcmm_compiler::diag::Diagnostics;
use ipcmm_compiler::doc::{self, Doc, Format, NodeId, NodeKind};
use ipcmm_compiler::source::FileId;
use std::fmt::Write;

/// Keywords, and the kinds of edges in the cases that they stand for.
const KEYWORDS: &[(&str, &[&str])] = &[
    ("requires", &["require"]),
    ("requires_any", &["require_any", "watch_any"]),
    ("watch", &["watch"]),
    ("onchange", &["onchanges", "onchanges_any"]),
    ("onfail", &["onfail", "onfail_any", "onfail_all"]),
    ("requires_none", &["onfail_all"]),
    ("prereq", &["prereq"]),
    ("listen", &["listen"]),
    ("use", &["use"]),
];

/// A case as it was read.
pub struct Case {
    doc: Doc,
    root: NodeId,
}

/// What a translated case asserts.
#[derive(Debug, Default)]
pub struct Asserted {
    /// `completed`, `compile-error` or `compiles`.
    pub status: String,
    /// Kinds of errors, if it is to be refused.
    pub errors: Vec<String>,
    /// Tasks in order, if every position is asserted.
    pub order: Option<Vec<String>>,
    /// Of tasks: name, field, value.
    pub facts: Vec<(String, String, String)>,
    /// First and later task of every pair whose order is asserted.
    pub pairs: Vec<(String, String)>,
    /// Tasks that must not be reached.
    pub absent: Vec<String>,
    /// Listeners, and whether their reaction runs after the last task.
    pub listeners: Vec<(String, bool)>,
}

impl Case {
    /// Reads a case file.
    pub fn read(text: &str) -> Case {
        let mut diagnostics = Diagnostics::default();
        let doc = doc::parse(FileId(0), text, Format::Yaml, &mut diagnostics);
        assert!(!diagnostics.has_errors(), "a case cannot be read");
        Case { root: doc.roots[0], doc }
    }

    fn get(&self, node: NodeId, path: &str) -> Option<NodeId> {
        path.split('.').try_fold(node, |node, key| match &self.doc.node(node).kind {
            NodeKind::Map(entries) => entries.iter().find(|e| self.doc.text(e.key) == Some(key)).map(|e| e.value),
            _ => None,
        })
    }

    fn at(&self, path: &str) -> Option<NodeId> {
        self.get(self.root, path)
    }

    fn text(&self, node: NodeId, path: &str) -> Option<&str> {
        self.doc.text(self.get(node, path)?)
    }

    fn entries(&self, node: Option<NodeId>) -> Vec<(&str, NodeId)> {
        match node.map(|n| &self.doc.node(n).kind) {
            Some(NodeKind::Map(entries)) => {
                entries.iter().map(|e| (self.doc.text(e.key).unwrap_or(""), e.value)).collect()
            }
            _ => Vec::new(),
        }
    }

    fn items(&self, node: Option<NodeId>) -> Vec<NodeId> {
        match node.map(|n| &self.doc.node(n).kind) {
            Some(NodeKind::List(items)) => items.clone(),
            _ => Vec::new(),
        }
    }

    fn words(&self, node: Option<NodeId>) -> Vec<String> {
        self.items(node).into_iter().filter_map(|n| self.doc.text(n)).map(str::to_owned).collect()
    }

    /// The case as a module.
    pub fn module(&self) -> String {
        if let Some(count) = self.text(self.root, "generate.count").and_then(|n| n.parse::<u32>().ok()) {
            let requires =
                |i: u32| i.checked_sub(1).map_or(String::new(), |before| format!(", requires: nop-{before}"));
            return (0..count).map(|i| format!("nop-{i}: {{ipcmm.nop: {}}}\n", requires(i))).collect();
        }
        let edges = self.items(self.at("edges"));
        let excluded = match self.words(self.at("features")).iter().any(|f| f == "exclude") {
            true => self.words(self.at("expect.absent")),
            false => Vec::new(),
        };
        let mut out = String::new();
        for task in self.items(self.at("tasks")) {
            let name = self.text(task, "task").unwrap_or("");
            if excluded.iter().any(|other| other == name) {
                continue;
            }
            self.body(task, name, &mut out);
            for (keyword, kinds) in KEYWORDS {
                let mut targets: Vec<String> = edges
                    .iter()
                    .filter(|e| self.text(**e, "task") == Some(name))
                    .filter(|e| self.text(**e, "kind").is_some_and(|kind| kinds.contains(&kind)))
                    .filter_map(|e| self.text(*e, "target"))
                    .map(quoted)
                    .collect();
                kinds.iter().for_each(|kind| targets.extend(self.unresolved(task, kind)));
                let mut seen = std::collections::HashSet::new();
                targets.retain(|target| seen.insert(target.clone()));
                match self.malformed(task, kinds) {
                    Some(map) => drop(writeln!(out, "  {keyword}: {map}")),
                    None if targets.is_empty() => {}
                    None => drop(writeln!(out, "  {keyword}: [{}]", targets.join(", "))),
                }
            }
            self.guards(task, &mut out);
            self.control(task, &mut out);
        }
        out
    }

    fn body(&self, task: NodeId, name: &str, out: &mut String) {
        let word = |result: Option<&str>, changed: Option<&str>| match (result, changed) {
            (Some("false"), _) => "failed",
            (_, Some("true")) => "changed",
            _ => "ok",
        };
        let part = |part: &str, field: &str| self.text(task, &format!("effect.{part}.{field}"));
        let of = |phase: &str| word(part(phase, "result"), part(phase, "changed"));
        // A body that fails and has changed something is told by its result.
        let both = part("apply", "result") == Some("false") && part("apply", "changed") == Some("true");
        let outcome = if both { "changed" } else { of("apply") };
        let (check, reaction) = (of("dry"), of("watch"));
        let _ = writeln!(
            out,
            "{}:\n  ipcmm.nop: {{args: {{outcome: {outcome}, check: {check}, reaction: {reaction}}}}}",
            quoted(name)
        );
        if both {
            out.push_str("  result: {failed_if: \"true\"}\n");
        }
    }

    /// Targets that are no edge: those that lead nowhere are told as they were written (the case's errors say which
    /// these are), and a task that names itself is an edge nowhere either.
    fn unresolved(&self, task: NodeId, kind: &str) -> Vec<String> {
        let name = self.text(task, "task");
        let errors = self.items(self.at("expect.errors"));
        let unknown = errors.iter().filter(|e| self.text(**e, "task") == name);
        let unknown = unknown.filter(|e| self.text(**e, "kind") == Some("unknown-target"));
        let unknown =
            unknown.filter(|e| self.text(**e, "requisite").is_some_and(|r| r.trim_end_matches("_in") == kind));
        let written =
            |e: &NodeId| Some(quoted(&format!("{}:{}", self.text(*e, "target.module")?, self.text(*e, "target.id")?)));
        let circles = errors.iter().filter(|e| self.text(**e, "kind") == Some("cycle"));
        let steps = circles.flat_map(|e| self.items(self.get(*e, "edges")));
        let steps = steps.filter(|e| self.text(*e, "task") == name && self.text(*e, "kind") == Some(kind));
        unknown.filter_map(written).chain(steps.filter_map(|e| self.text(e, "target").map(quoted))).collect()
    }

    /// A list of targets that is none, where that is what the case is about.
    fn malformed(&self, task: NodeId, kinds: &[&str]) -> Option<String> {
        let errors = self.items(self.at("expect.errors"));
        if !errors.iter().any(|e| self.text(*e, "kind") == Some("malformed-requisite")) {
            return None;
        }
        let requisites = self.entries(self.get(task, "requisites"));
        let (_, value) = requisites.into_iter().find(|(keyword, _)| kinds.contains(keyword))?;
        let entries = self.entries(self.get(value, "malformed_not_a_list"));
        let entry = |(module, target): &(&str, NodeId)| {
            Some(format!("{}: {}", quoted(module), quoted(self.doc.text(*target).unwrap_or(""))))
        };
        let entries: Vec<String> = entries.iter().filter_map(entry).collect();
        (!entries.is_empty()).then(|| format!("{{{}}}", entries.join(", ")))
    }

    fn guards(&self, task: NodeId, out: &mut String) {
        for (keyword, list) in self.entries(self.get(task, "guards")) {
            let items = self.items(Some(list));
            // A guard that Salt ignores asks nothing.
            let answers = items.into_iter().filter_map(|n| self.text(n, "value")).filter(|a| *a != "ignored");
            let answer = |answer: &str| match answer {
                "cannot-run" => format!("{{argv: [{}]}}", judge::MISSING),
                answer => quoted(answer),
            };
            let answers: Vec<String> = answers.map(answer).collect();
            if answers.is_empty() {
                continue;
            }
            let _ = writeln!(out, "  {keyword}: [{}]", answers.join(", "));
        }
    }

    fn control(&self, task: NodeId, out: &mut String) {
        for (keyword, value) in self.entries(self.get(task, "control")) {
            let text = self.doc.text(value).unwrap_or("");
            let _ = match keyword {
                "order" => writeln!(out, "  order: {text}"),
                "failhard" => writeln!(out, "  stoponfail: {text}"),
                "parallel" if text == "true" => writeln!(out, "  modeofexec: parallel"),
                "retry" => {
                    let part = |name: &str, default| self.text(value, name).unwrap_or(default).to_owned();
                    let (attempts, interval) = (part("attempts", "2"), part("interval", "30"));
                    // What Salt waits for outside is there at the attempt at which it saw it.
                    let name = self.text(task, "task").unwrap_or("");
                    let seen = self.entries(self.at("expect.tasks")).into_iter().find(|(t, _)| *t == name);
                    let seen = seen.and_then(|(_, row)| self.text(row, "attempts")).unwrap_or("1");
                    writeln!(out, "  retry: {{attempts: {attempts}, interval: {interval}, until: attempt >= {seen}}}")
                }
                _ => Ok(()),
            };
        }
    }

    /// What the case asserts of this version: its `override` in place of what Salt does.
    pub fn asserted(&self) -> Asserted {
        let text = |path: &str| self.text(self.root, path).map(str::to_owned);
        let mut asserted = Asserted {
            status: text("ipcmm.override.status").or(text("expect.status")).unwrap_or_default(),
            absent: self.words(self.at("expect.absent")),
            ..Asserted::default()
        };
        for error in self.items(self.at("expect.errors")) {
            asserted.errors.extend(self.text(error, "kind").map(str::to_owned));
        }
        if text("expect.order_asserted").as_deref() == Some("true") {
            asserted.order = Some(self.words(self.at("expect.order")));
        }
        for pair in self.items(self.at("must_precede")) {
            if let [first, later] = self.words(Some(pair)).as_slice() {
                asserted.pairs.push((first.clone(), later.clone()));
            }
        }
        for (task, row) in self.entries(self.at("expect.tasks")) {
            // The task as the case overrides it counts in place of what Salt does.
            let instead = self.entries(self.at("ipcmm.override.tasks")).into_iter().find(|(t, _)| *t == task);
            for field in self.words(self.get(row, "asserted")) {
                let value = instead.and_then(|(_, row)| self.text(row, &field)).or_else(|| self.text(row, &field));
                if let Some(value) = value {
                    asserted.facts.push((task.to_owned(), field, value.to_owned()));
                }
            }
        }
        for listener in self.items(self.at("expect.listeners")) {
            if self.text(listener, "asserted") == Some("true")
                && let Some(task) = self.text(listener, "task")
            {
                asserted.listeners.push((task.to_owned(), self.text(listener, "fires") == Some("true")));
            }
        }
        asserted
    }

    /// The limit of background tasks.
    pub fn max_parallel(&self) -> u32 {
        self.text(self.root, "run.max_parallel").and_then(|t| t.parse().ok()).unwrap_or(64)
    }

    /// Whether it is a dry run.
    pub fn is_dry(&self) -> bool {
        self.text(self.root, "run.test_mode") == Some("true")
    }
}
