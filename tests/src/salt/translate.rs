//! The module of a case: bodies become `ipcmm.nop` with the effect the case notes, requisites what they mean on the
//! task that has them.
//!
//! `onfail_all` becomes `onfail` with `requires_none`; `watch_any` becomes `requires_any` with `listen`, which reacts
//! after the last task; tasks that a case excludes are left out. A body whose effect depends on files asks for them:
//! they are those of [`super::world`].

use super::Case;
use crate::values::quoted;
use ipcmm_compiler::doc::{NodeId, NodeKind};
use std::fmt::Write;

/// The command of a guard that cannot be started, on the pretended node.
pub(super) const MISSING: &str = "cannot-run";

/// Keywords, and the kinds of edges in the cases that they stand for.
const KEYWORDS: &[(&str, &[&str])] = &[
    ("requires", &["require"]),
    ("requires_any", &["require_any", "watch_any"]),
    ("watch", &["watch"]),
    ("onchange", &["onchanges", "onchanges_any"]),
    ("onfail", &["onfail", "onfail_any", "onfail_all"]),
    ("requires_none", &["onfail_all"]),
    ("prereq", &["prereq"]),
    ("listen", &["listen", "watch_any"]),
    ("use", &["use"]),
];

/// A path of a case on the pretended node.
pub(super) fn path(text: &str) -> String {
    text.replace("TMPDIR", "/tmpdir")
}

impl Case {
    /// The case as a module.
    ///
    /// # Errors
    /// If the case asks for something that has no counterpart here: words that say what.
    pub fn module(&self) -> Result<String, String> {
        if let Some(count) = self.generated() {
            let requires =
                |i: u32| i.checked_sub(1).map_or(String::new(), |before| format!(", requires: nop-{before}"));
            return Ok((0..count).map(|i| format!("nop-{i}: {{ipcmm.nop: {}}}\n", requires(i))).collect());
        }
        let edges = self.edges();
        let excluded = self.excluded();
        let mut out = String::new();
        for task in self.items(self.at("tasks")) {
            let name = self.text(task, "task").unwrap_or("");
            if excluded.iter().any(|other| other == name) {
                continue;
            }
            self.body(task, name, &mut out)?;
            for (keyword, kinds) in KEYWORDS {
                let of = edges.iter().filter(|e| e.task == name && kinds.contains(&e.kind.as_str()));
                let mut targets: Vec<String> = of.map(|e| quoted(&e.target)).collect();
                kinds.iter().for_each(|kind| targets.extend(self.unresolved(task, kind)));
                let mut seen = std::collections::HashSet::new();
                targets.retain(|target| seen.insert(target.clone()));
                match self.malformed(task, kinds) {
                    Some(value) => drop(writeln!(out, "  {keyword}: {value}")),
                    None if targets.is_empty() => {}
                    None => drop(writeln!(out, "  {keyword}: [{}]", targets.join(", "))),
                }
            }
            self.guards(task, &mut out)?;
            self.control(task, name, &mut out)?;
        }
        Ok(out)
    }

    /// Tasks that the case takes out of the run.
    fn excluded(&self) -> Vec<String> {
        match self.words(self.at("features")).iter().any(|f| f == "exclude") {
            true => self.words(self.at("expect.absent")),
            false => Vec::new(),
        }
    }

    fn body(&self, task: NodeId, name: &str, out: &mut String) -> Result<(), String> {
        let _ = writeln!(out, "{}:", quoted(name));
        if !self.is_given(task, "effect") {
            return self.body_by_files(task, name, out);
        }
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
        // A command that only waits takes its time.
        let time = self.text(task, "name").and_then(|name| name.strip_prefix("sleep "));
        let time = time.filter(|_| self.text(task, "module") == Some("cmd")).and_then(|t| t.trim().parse::<f64>().ok());
        let time = time.map_or(String::new(), |seconds| format!(", for: {}ms", (seconds * 1000.0).round()));
        let _ =
            writeln!(out, "  ipcmm.nop: {{args: {{outcome: {outcome}, check: {check}, reaction: {reaction}{time}}}}}");
        if both {
            out.push_str("  result: {failed_if: \"true\"}\n");
        }
        Ok(())
    }

    /// A body whose effect the case does not know, because it depends on what files there are.
    fn body_by_files(&self, task: NodeId, name: &str, out: &mut String) -> Result<(), String> {
        let function =
            format!("{}.{}", self.text(task, "module").unwrap_or(""), self.text(task, "function").unwrap_or(""));
        let exists = format!("fs.exists('{}')", path(self.text(task, "name").unwrap_or("")));
        // Asked anew at each attempt.
        let mut asks = |judges: &str, there: bool| {
            let _ = writeln!(
                out,
                "  ipcmm.eval: {{args: {{expr: \"{exists}\"}}}}\n  result: {{{judges}: \"result.value == {there}\"}}"
            );
        };
        match function.as_str() {
            "file.exists" => asks("failed_if", false),
            "file.missing" => asks("failed_if", true),
            "file.managed" | "file.touch" => asks("changed_if", false),
            "file.absent" => asks("changed_if", true),
            // Nothing of it runs: that it builds, or does not, is all that is asked.
            _ if !self.runs() => out.push_str("  ipcmm.nop:\n"),
            _ => return Err(format!("the effect of {name} is not said, and what {function} does is not known here")),
        }
        Ok(())
    }

    /// Targets that are no edge: those that lead nowhere are told as they were written (the case's errors say which
    /// these are), and a task that names itself is an edge nowhere either.
    fn unresolved(&self, task: NodeId, kind: &str) -> Vec<String> {
        let name = self.text(task, "task");
        let errors = self.items(self.errors());
        let unknown = errors.iter().filter(|e| self.text(**e, "task") == name);
        let unknown = unknown.filter(|e| self.text(**e, "kind") == Some("unknown-target"));
        let unknown =
            unknown.filter(|e| self.text(**e, "requisite").is_some_and(|r| r.trim_end_matches("_in") == kind));
        let written = |e: &NodeId| {
            let part = |field: &str| self.text(*e, &format!("target.{field}"));
            let target = match (self.text(*e, "target"), part("module"), part("id").or(part("file"))) {
                (Some(target), ..) => target.to_owned(),
                (None, Some(module), Some(id)) => format!("{module}:{id}"),
                (None, None, Some(id)) => format!("file:{id}"),
                (None, _, None) => "nowhere".to_owned(),
            };
            quoted(&target)
        };
        let circles = errors.iter().filter(|e| self.text(**e, "kind") == Some("cycle"));
        let steps = circles.flat_map(|e| self.items(self.get(*e, "edges")));
        let steps = steps.filter(|e| self.text(*e, "task") == name && self.text(*e, "kind") == Some(kind));
        unknown.map(written).chain(steps.filter_map(|e| self.text(e, "target").map(quoted))).collect()
    }

    /// Targets that have not the shape of targets, if that is what the case is about: as they were written.
    fn malformed(&self, task: NodeId, kinds: &[&str]) -> Option<String> {
        let errors = self.items(self.errors());
        if !errors.iter().any(|e| self.text(*e, "kind") == Some("malformed-requisite")) {
            return None;
        }
        let requisites = self.entries(self.get(task, "requisites"));
        requisites.into_iter().filter(|(keyword, _)| kinds.contains(keyword)).find_map(|(_, value)| {
            if let Some(value) = self.get(value, "malformed_not_a_list") {
                return Some(self.flow(value));
            }
            let items = self.items(Some(value));
            let odd = |item: &NodeId| {
                let target = self.get(*item, "target").filter(|t| self.doc.text(*t).is_none());
                self.get(*item, "value").or(target)
            };
            let odd: Vec<String> = items.iter().filter_map(odd).map(|value| self.flow(value)).collect();
            (!odd.is_empty()).then(|| format!("[{}]", odd.join(", ")))
        })
    }

    /// A value as it is written on one line.
    fn flow(&self, node: NodeId) -> String {
        match &self.doc.node(node).kind {
            NodeKind::List(items) => {
                format!("[{}]", items.iter().map(|item| self.flow(*item)).collect::<Vec<_>>().join(", "))
            }
            NodeKind::Map(entries) => {
                let entry = |e: &ipcmm_compiler::doc::Entry| format!("{}: {}", self.flow(e.key), self.flow(e.value));
                format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(", "))
            }
            _ => self.doc.text(node).map_or("null".into(), quoted),
        }
    }

    fn guards(&self, task: NodeId, out: &mut String) -> Result<(), String> {
        for (keyword, list) in self.entries(self.get(task, "guards")) {
            let mut answers = Vec::new();
            for guard in self.items(Some(list)) {
                match self.text(guard, "value") {
                    Some("cannot-run") => answers.push(format!("{{argv: [{MISSING}]}}")),
                    Some(answer @ ("true" | "false")) => answers.push(quoted(answer)),
                    // A guard that Salt ignores asks nothing, and where nothing runs none is asked.
                    Some("ignored") => {}
                    None | Some("null") if !self.runs() => {}
                    other => return Err(format!("a guard's value is {other:?}")),
                }
            }
            if !answers.is_empty() {
                let _ = writeln!(out, "  {keyword}: [{}]", answers.join(", "));
            }
        }
        Ok(())
    }

    fn control(&self, task: NodeId, name: &str, out: &mut String) -> Result<(), String> {
        for (keyword, value) in self.entries(self.get(task, "control")) {
            let text = self.doc.text(value).unwrap_or("");
            let _ = match keyword {
                "order" => writeln!(out, "  order: {text}"),
                "failhard" => writeln!(out, "  stoponfail: {text}"),
                "parallel" if text == "true" => writeln!(out, "  modeofexec: parallel"),
                "parallel" => Ok(()),
                // What a user who does not exist does to guards and body is told by their values and effects.
                "runas" => Ok(()),
                "retry" if text == "false" => Ok(()),
                "retry" => {
                    let number = |name: &str, default| self.text(value, name).unwrap_or(default).to_owned();
                    let (attempts, interval) = (number("attempts", "2"), number("interval", "30"));
                    let splay = number("splay", "0");
                    let until = match self.text(value, "until") {
                        None | Some("true") => String::new(),
                        Some("false") => ", until: \"result.result == false\"".to_owned(),
                        Some(other) => return Err(format!("{name} is tried again until `{other}`")),
                    };
                    writeln!(out, "  retry: {{attempts: {attempts}, interval: {interval}s, splay: {splay}s{until}}}")
                }
                other => return Err(format!("`{other}` of {name} has no counterpart here")),
            };
        }
        Ok(())
    }

    /// Whether the case is about a run, and not only about a build.
    fn runs(&self) -> bool {
        self.text(self.root, "expect.status") == Some("completed")
    }

    /// The errors that are to be found.
    pub(super) fn errors(&self) -> Option<NodeId> {
        match self.is_given(self.root, "ipcmm.override.errors") {
            true => self.at("ipcmm.override.errors"),
            false => self.at("expect.errors"),
        }
    }
}
