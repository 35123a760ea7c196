//! Cases taken from Salt's own tests (`shared/corpora/salt-requisites`, described there) as ipcmm modules.
//!
//! A case is read here, becomes a module in [`translate`], says what it asserts in [`asserted`], and is run and held
//! against that in [`judge`]. Unaware of Salt beyond the case format. A case that cannot be read is an `Err` in words,
//! never a panic: whoever runs a folder wants to hear of every case.

pub mod asserted;
pub mod judge;
pub mod translate;
mod world;

use ipcmm_compiler::diag::{Diagnostics, Severity};
use ipcmm_compiler::doc::{self, Doc, Format, NodeId, NodeKind};
use ipcmm_compiler::source::FileId;

/// A case as it was read.
pub struct Case {
    doc: Doc,
    root: NodeId,
}

/// A requisite as it holds between two tasks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Edge {
    pub(crate) task: String,
    pub(crate) kind: String,
    pub(crate) target: String,
}

impl Case {
    /// Reads a case file.
    ///
    /// # Errors
    /// If it is no YAML, or lacks what every case has.
    pub fn read(text: &str) -> Result<Case, String> {
        let mut diagnostics = Diagnostics::default();
        let doc = doc::parse(FileId(0), text, Format::Yaml, &mut diagnostics);
        if let Some(first) = diagnostics.iter().find(|d| d.severity() == Severity::Error) {
            return Err(format!("it is not valid YAML: {}", first.message));
        }
        let root = *doc.roots.first().ok_or("it is empty")?;
        let case = Case { root, doc };
        if !matches!(case.doc.node(case.root).kind, NodeKind::Map(_)) {
            return Err("it is no map of fields".into());
        }
        let generated = case.at("generate").is_some();
        for (field, list) in [("run", false), ("tasks", true), ("edges", true), ("expect", false)] {
            let Some(node) = case.at(field) else { return Err(format!("the field `{field}` is missing")) };
            let fits = match case.doc.node(node).kind {
                NodeKind::List(_) => list,
                NodeKind::Map(_) => !list,
                _ => false,
            };
            if !fits {
                return Err(format!("`{field}` is to be a {}", if list { "list" } else { "map" }));
            }
        }
        let status = case.text(case.root, "expect.status").unwrap_or("");
        if !["completed", "compile-error", "compiles"].contains(&status) {
            return Err(format!("`expect.status` is `{status}`, and not completed, compile-error or compiles"));
        }
        if !generated && case.items(case.at("tasks")).is_empty() {
            return Err("there are no tasks".into());
        }
        if let Some(task) = case.items(case.at("tasks")).into_iter().position(|t| case.text(t, "task").is_none()) {
            return Err(format!("task {} has no `task`, which names it", task + 1));
        }
        Ok(case)
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

    /// A value that is one word or a list of them.
    fn one_or_more(&self, node: Option<NodeId>) -> Vec<String> {
        match node.and_then(|n| self.doc.text(n)) {
            Some(word) => vec![word.to_owned()],
            None => self.words(node),
        }
    }

    /// Whether a value is there and not null.
    fn is_given(&self, node: NodeId, path: &str) -> bool {
        self.get(node, path).is_some_and(|n| match &self.doc.node(n).kind {
            NodeKind::Null => false,
            NodeKind::Scalar { text, .. } => text != "null" && text != "~",
            _ => true,
        })
    }

    /// All requisites between tasks, with those targets replaced or dropped that the case translates.
    pub(crate) fn edges(&self) -> Vec<Edge> {
        let field = |e: NodeId, name: &str| self.text(e, name).unwrap_or("").to_owned();
        let edge = |e: &NodeId| Edge { task: field(*e, "task"), kind: field(*e, "kind"), target: field(*e, "target") };
        let mut edges: Vec<Edge> = self.items(self.at("edges")).iter().map(edge).collect();
        for change in self.items(self.at("ipcmm.translate")) {
            let (task, written) = (field(change, "task"), field(change, "requisite"));
            let kind = written.trim_end_matches("_in").to_owned();
            let pushed = written.ends_with("_in");
            // As Salt understood the target: any task whose id, argument or key it is.
            let target = field(change, "target");
            let meant: Vec<String> = self
                .items(self.at("tasks"))
                .into_iter()
                .filter(|t| ["task", "id", "name"].iter().any(|f| self.text(*t, f) == Some(target.as_str())))
                .map(|t| field(t, "task"))
                .collect();
            let between = |other: &String| match pushed {
                true => Edge { task: other.clone(), kind: kind.clone(), target: task.clone() },
                false => Edge { task: task.clone(), kind: kind.clone(), target: other.clone() },
            };
            let old: Vec<Edge> = meant.iter().map(between).collect();
            edges.retain(|edge| !old.contains(edge));
            if self.is_given(change, "becomes") {
                edges.extend(self.one_or_more(self.get(change, "becomes")).iter().map(between));
            }
        }
        edges
    }

    /// The limit of background tasks.
    pub fn max_parallel(&self) -> u32 {
        self.text(self.root, "run.max_parallel").and_then(|t| t.parse().ok()).unwrap_or(u32::MAX)
    }

    /// Whether it is a dry run.
    pub fn is_dry(&self) -> bool {
        self.text(self.root, "run.test_mode") == Some("true")
    }

    /// How many tasks are generated, if they are.
    fn generated(&self) -> Option<u32> {
        self.text(self.root, "generate.count").and_then(|n| n.parse::<u32>().ok())
    }
}
