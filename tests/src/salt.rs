//! Cases taken from Salt's own tests (`shared/corpora/salt-requisites`, described there) as ipcmm modules.
//!
//! A case is translated if it only uses keywords of this version; bodies become `ipcmm.nop` with the effect the case
//! notes, reverse requisites become what they mean on the other task. Unaware of Salt beyond the case format.

use crate::values::quoted;
use ipcmm_compiler::diag::Diagnostics;
use ipcmm_compiler::doc::{self, Doc, Format, NodeId, NodeKind};
use ipcmm_compiler::source::FileId;
use std::fmt::Write;

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

    /// Why the case cannot be told in this version, if it cannot.
    pub fn obstacle(&self) -> Option<String> {
        const KEYWORDS: &[&str] = &["require", "require_in", "watch", "watch_in"];
        if self.words(self.at("features")).iter().any(|f| f == "exclude") {
            return Some("uses exclude".into());
        }
        if self.text(self.root, "ipcmm.follow") != Some("true") {
            return Some("diverges by decision".into());
        }
        for task in self.items(self.at("tasks")) {
            for (keyword, list) in self.entries(self.get(task, "requisites")) {
                if !KEYWORDS.contains(&keyword) {
                    return Some(format!("uses {keyword}"));
                }
                let file = |n: &NodeId| self.text(*n, "by") == Some("file");
                if self.items(Some(list)).iter().any(file) {
                    return Some("names a file".into());
                }
            }
            for (_, list) in self.entries(self.get(task, "guards")) {
                let told = |n: &NodeId| matches!(self.text(*n, "value"), Some("true" | "false" | "ignored"));
                if !self.items(Some(list)).iter().all(told) {
                    return Some("has a guard without a plain answer".into());
                }
            }
        }
        None
    }

    /// The case as a module.
    pub fn module(&self) -> String {
        if let Some(count) = self.text(self.root, "generate.count").and_then(|n| n.parse::<u32>().ok()) {
            let requires =
                |i: u32| i.checked_sub(1).map_or(String::new(), |before| format!(", requires: nop-{before}"));
            return (0..count).map(|i| format!("nop-{i}: {{ipcmm.nop: {}}}\n", requires(i))).collect();
        }
        let edges = self.items(self.at("edges"));
        let mut out = String::new();
        for task in self.items(self.at("tasks")) {
            let name = self.text(task, "task").unwrap_or("");
            let apply = (self.text(task, "effect.apply.result"), self.text(task, "effect.apply.changed"));
            let outcome = match apply {
                (_, Some("true")) => "changed",
                (Some("false"), _) => "failed",
                _ => "ok",
            };
            let _ = writeln!(out, "{}:\n  ipcmm.nop: {{args: {{outcome: {outcome}}}}}", quoted(name));
            if apply == (Some("false"), Some("true")) {
                out.push_str("  result: {failed_if: \"true\"}\n");
            }
            for (kind, keyword) in [("require", "requires"), ("watch", "watch")] {
                let mut targets: Vec<String> = edges
                    .iter()
                    .filter(|e| self.text(**e, "task") == Some(name) && self.text(**e, "kind") == Some(kind))
                    .filter_map(|e| self.text(*e, "target"))
                    .map(quoted)
                    .collect();
                targets.extend(self.unknown(task, kind));
                if !targets.is_empty() {
                    let _ = writeln!(out, "  {keyword}: [{}]", targets.join(", "));
                }
            }
            self.guards(task, &mut out);
            self.control(task, &mut out);
        }
        out
    }

    /// Targets that lead nowhere are told as they were written; the case's errors say which these are.
    fn unknown(&self, task: NodeId, kind: &str) -> Vec<String> {
        let name = self.text(task, "task");
        let errors = self.items(self.at("expect.errors"));
        let mine = errors.into_iter().filter(|e| self.text(*e, "task") == name);
        let wrong = mine.filter(|e| self.text(*e, "kind") == Some("unknown-target"));
        let wrong = wrong.filter(|e| self.text(*e, "requisite").is_some_and(|r| r.trim_end_matches("_in") == kind));
        wrong
            .filter_map(|e| Some(quoted(&format!("{}:{}", self.text(e, "target.module")?, self.text(e, "target.id")?))))
            .collect()
    }

    fn guards(&self, task: NodeId, out: &mut String) {
        for (keyword, list) in self.entries(self.get(task, "guards")) {
            let answers: Vec<String> =
                self.items(Some(list)).into_iter().filter_map(|n| self.text(n, "value")).map(str::to_owned).collect();
            // A guard that Salt ignores asks nothing.
            let answers: Vec<String> = answers.iter().filter(|a| *a != "ignored").map(|a| quoted(a)).collect();
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
            for field in self.words(self.get(row, "asserted")) {
                if let Some(value) = self.text(row, &field) {
                    asserted.facts.push((task.to_owned(), field, value.to_owned()));
                }
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
