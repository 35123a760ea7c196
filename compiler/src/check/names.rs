//! Labels and targets: who is called what, and who is meant.

use super::inventory::Snapshot;
use super::target::Targeting;
use crate::diag::{Code, Diagnostic, Diagnostics, suggest};
use crate::ir::{Module, Task};
use crate::source::FileId;
use ipcmm_grammar::ast::Span;
use rustc_hash::FxHashMap;

/// A task of a build by its place in the sources.
#[derive(Clone, Copy, Debug)]
pub(super) struct Declared<'a> {
    pub module: u32,
    pub file: FileId,
    pub task: &'a Task,
}

/// All labels of a build.
pub(super) struct Index<'a> {
    pub modules: Vec<String>,
    pub tasks: Vec<Declared<'a>>,
    /// Module and label to task.
    labels: FxHashMap<(u32, &'a str), u32>,
    /// Module and result name to task.
    results: FxHashMap<(u32, &'a str), u32>,
    /// The inventory, if there is one.
    pub snapshot: Option<Snapshot>,
    /// The nodes of each task that is not for all.
    pub targeting: Vec<Option<Targeting>>,
}

impl<'a> Index<'a> {
    /// Collects labels and result names; reports those that are there twice.
    pub fn new(modules: &'a [Module], diagnostics: &mut Diagnostics) -> Index<'a> {
        let mut index = Index {
            modules: Vec::new(),
            tasks: Vec::new(),
            labels: FxHashMap::default(),
            results: FxHashMap::default(),
            snapshot: None,
            targeting: Vec::new(),
        };
        for part in modules {
            // Parts of one module may stand in several documents and files.
            let module = match index.modules.iter().position(|name| *name == part.name) {
                Some(at) => at as u32,
                None => {
                    index.modules.push(part.name.clone());
                    index.modules.len() as u32 - 1
                }
            };
            for task in &part.tasks {
                let number = index.tasks.len() as u32;
                if is_further(task) {
                    index.tasks.push(Declared { module, file: part.file, task });
                    continue;
                }
                if let Some(&first) = index.labels.get(&(module, task.label.as_str())) {
                    let message = format!("label `{}` is defined twice", task.label);
                    let first = &index.tasks[first as usize];
                    let place = (first.file, first.task.span);
                    diagnostics.push(Diagnostic::new(Code::DuplicateLabel, part.file, task.span, message).label(
                        place.0,
                        place.1,
                        "first defined here",
                    ));
                } else {
                    index.labels.insert((module, &task.label), number);
                }
                index.tasks.push(Declared { module, file: part.file, task });
                if let Some((name, span)) = &task.result {
                    index.result_name(module, name, *span, part.file, number, diagnostics);
                }
            }
        }
        index
    }

    fn result_name(
        &mut self,
        module: u32,
        name: &'a str,
        span: Span,
        file: FileId,
        task: u32,
        diagnostics: &mut Diagnostics,
    ) {
        match self.results.get(&(module, name)) {
            Some(&first) => {
                let first = &self.tasks[first as usize];
                let other = first.task.result.as_ref().map_or(first.task.span, |(_, span)| *span);
                let message = format!("result name `{name}` is used twice");
                diagnostics.push(Diagnostic::new(Code::DuplicateResultName, file, span, message).label(
                    first.file,
                    other,
                    "first used here",
                ));
            }
            None => {
                self.results.insert((module, name), task);
            }
        }
    }

    /// The tasks of a label, by the first of them: one, or its bindings.
    pub fn bindings(&self, first: u32) -> std::ops::Range<u32> {
        let further = self.tasks[first as usize + 1..].iter().take_while(|declared| is_further(declared.task));
        first..first + 1 + further.count() as u32
    }

    /// The task a name means in a module: a label of the module itself, or `module/label`.
    pub fn find(&self, module: u32, name: &str) -> Option<u32> {
        if let Some(&task) = self.labels.get(&(module, name)) {
            return Some(task);
        }
        // A label may hold any text, a slash too: the first split that names something wins.
        name.match_indices('/').find_map(|(at, _)| {
            let other = self.modules.iter().position(|m| m == &name[..at])? as u32;
            self.labels.get(&(other, &name[at + 1..])).copied()
        })
    }

    /// The task whose result has a name in a module.
    pub fn result(&self, module: u32, name: &str) -> Option<u32> {
        self.results.get(&(module, name)).copied()
    }

    /// Result names of a module, for suggestions.
    pub fn result_names(&self, module: u32) -> impl Iterator<Item = &'a str> + '_ {
        self.results.keys().filter(move |(m, _)| *m == module).map(|(_, name)| *name)
    }

    /// The label most like a name: of the module itself, or of another as `module/label`.
    pub fn nearest(&self, module: u32, name: &str) -> Option<String> {
        let own = self.tasks.iter().filter(|t| t.module == module).map(|t| t.task.label.as_str());
        if let Some(near) = suggest::nearest(name, own) {
            return Some(near.to_string());
        }
        let all: Vec<String> =
            self.tasks.iter().map(|t| format!("{}/{}", self.modules[t.module as usize], t.task.label)).collect();
        all.iter()
            .find(|full| full.rsplit_once('/').is_some_and(|(_, label)| label == name))
            .or_else(|| {
                suggest::nearest(name, all.iter().map(String::as_str)).and_then(|n| all.iter().find(|a| *a == n))
            })
            .cloned()
    }
}

/// Whether a task is a further binding of the label before it.
fn is_further(task: &Task) -> bool {
    task.binding.as_ref().is_some_and(|binding| binding.number > 0)
}
