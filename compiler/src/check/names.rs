//! Labels and targets: who is called what, and who is meant.

use super::inventory::Snapshot;
use super::target::Targeting;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::expand::Scopes;
use crate::ir::{Module, Task};
use crate::source::FileId;
use ipcmm_grammar::ast::Span;
use rustc_hash::{FxHashMap, FxHashSet};
use std::cell::{Cell, RefCell};
use std::sync::Arc;

/// Names that are compared with unknown ones in one build: every unknown name is compared with all that are known, which
/// is quadratic where thousands are unknown. Behind that, problems come without a suggestion.
const GUESSES: usize = 4_000_000;

/// A task of a build by its place in the sources.
#[derive(Clone, Copy, Debug)]
pub(super) struct Declared<'a> {
    pub module: u32,
    pub scope: u32,
    pub file: FileId,
    pub task: &'a Task,
}

/// All labels of a build.
pub(super) struct Index<'a> {
    pub modules: Vec<String>,
    pub tasks: Vec<Declared<'a>>,
    pub scopes: &'a Scopes,
    /// Scope and label to task.
    pub(super) labels: FxHashMap<(u32, &'a str), u32>,
    /// Scope and label to task, where the label is put together of those of calls.
    pub(super) composed: FxHashMap<(u32, String), u32>,
    /// Scope and result name to task.
    pub(super) results: FxHashMap<(u32, &'a str), u32>,
    /// Tasks of each scope and of those inside it.
    pub(super) members: Vec<Vec<u32>>,
    /// Inputs that were read, by scope and name.
    pub(super) uses: RefCell<FxHashSet<(u32, String)>>,
    /// Tasks whose results something declared shows.
    pub(super) shown: RefCell<FxHashSet<u32>>,
    /// Names of `context` that were read, by their places.
    pub(super) read_context: RefCell<FxHashSet<(FileId, u32)>>,
    /// Whether it was reported that names stand for too much.
    pub(super) overflowed: Cell<bool>,
    /// Names that may still be compared with unknown ones.
    pub(super) guesses: Cell<usize>,
    /// Names that need themselves, as far as that was reported.
    pub(super) circular: RefCell<FxHashSet<(u32, String)>>,
    /// The inventory, if there is one.
    pub snapshot: Option<Arc<Snapshot>>,
    /// The nodes of each task that is not for all.
    pub targeting: Vec<Option<Targeting>>,
}

impl<'a> Index<'a> {
    /// Collects labels and result names; reports those that are there twice.
    pub fn new(modules: &'a [Module], scopes: &'a Scopes, diagnostics: &mut Diagnostics) -> Index<'a> {
        let mut index = Index {
            modules: Vec::new(),
            tasks: Vec::new(),
            scopes,
            labels: FxHashMap::default(),
            composed: FxHashMap::default(),
            results: FxHashMap::default(),
            members: vec![Vec::new(); scopes.list.len()],
            uses: RefCell::default(),
            shown: RefCell::default(),
            read_context: RefCell::default(),
            overflowed: Cell::default(),
            guesses: Cell::new(GUESSES),
            circular: RefCell::default(),
            snapshot: None,
            targeting: Vec::new(),
        };
        let mut numbers: FxHashMap<&str, u32> = FxHashMap::default();
        for part in modules {
            // Parts of one module may stand in several documents and files.
            let module = *numbers.entry(&part.name).or_insert_with(|| {
                index.modules.push(part.name.clone());
                index.modules.len() as u32 - 1
            });
            let scope = scopes.home(part.scope);
            for task in &part.tasks {
                let number = index.tasks.len() as u32;
                if is_further(task) {
                    index.tasks.push(Declared { module, scope: part.scope, file: part.file, task });
                    index.member(number);
                    continue;
                }
                if let Some(&first) = index.labels.get(&(scope, task.label.as_str())) {
                    let message = format!("label `{}` is defined twice", task.label);
                    let first = &index.tasks[first as usize];
                    let place = (first.file, first.task.span);
                    diagnostics.push(Diagnostic::new(Code::DuplicateLabel, part.file, task.span, message).label(
                        place.0,
                        place.1,
                        "first defined here",
                    ));
                } else {
                    index.labels.insert((scope, &task.label), number);
                }
                index.tasks.push(Declared { module, scope: part.scope, file: part.file, task });
                index.compose(number, diagnostics);
                if let Some((name, span)) = &task.result {
                    index.result_name(scope, name, *span, part.file, number, diagnostics);
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

    /// The task whose result has a name in a scope.
    pub fn result(&self, scope: u32, name: &str) -> Option<u32> {
        self.scopes.chain(scope).find_map(|scope| self.results.get(&(scope, name)).copied())
    }

    /// The tasks of a label, by the first of them: one, or its bindings.
    pub fn bindings(&self, first: u32) -> std::ops::Range<u32> {
        let further = self.tasks[first as usize + 1..].iter().take_while(|declared| is_further(declared.task));
        first..first + 1 + further.count() as u32
    }

    /// Result names of a scope, for suggestions.
    pub fn result_names(&self, scope: u32) -> impl Iterator<Item = &'a str> + '_ {
        let chain: Vec<u32> = self.scopes.chain(scope).collect();
        self.results.keys().filter(move |(s, _)| chain.contains(s)).map(|(_, name)| *name)
    }
}

/// Whether a task is a further binding of the label before it. What a call hands on makes no task one.
fn is_further(task: &Task) -> bool {
    task.binding.as_ref().is_some_and(|binding| binding.number > 0 && binding.from.is_none())
}
