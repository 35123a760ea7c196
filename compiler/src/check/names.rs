//! Labels and targets: who is called what, and who is meant.

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::expand::Scopes;
use crate::graph::Edge;
use crate::ir::{Module, Task};
use crate::source::FileId;
use ipcmm_grammar::ast::Span;
use rustc_hash::{FxHashMap, FxHashSet};
use std::cell::RefCell;

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
    /// Names that need themselves, as far as that was reported.
    pub(super) circular: RefCell<FxHashSet<(u32, String)>>,
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
            circular: RefCell::default(),
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
            let scope = scopes.home(part.scope);
            for task in &part.tasks {
                let number = index.tasks.len() as u32;
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

    /// Result names of a scope, for suggestions.
    pub fn result_names(&self, scope: u32) -> impl Iterator<Item = &'a str> + '_ {
        let chain: Vec<u32> = self.scopes.chain(scope).collect();
        self.results.keys().filter(move |(s, _)| chain.contains(s)).map(|(_, name)| *name)
    }
}

/// Edges of every task by declaration, each target once. Targets are numbers of declaration here.
pub(super) fn resolve_targets(index: &Index<'_>, diagnostics: &mut Diagnostics) -> Vec<Vec<Edge>> {
    let mut all = Vec::with_capacity(index.tasks.len());
    for (number, declared) in index.tasks.iter().enumerate() {
        let mut edges: Vec<Edge> = Vec::with_capacity(declared.task.targets.len());
        let mut seen = FxHashMap::default();
        for target in &declared.task.targets {
            let before = diagnostics.len();
            let (file, scope) = target.from.unwrap_or((declared.file, declared.scope));
            let problem = |code, message: String| Diagnostic::new(code, file, target.span, message);
            let keyword = target.kind.name();
            // What a call hands on to its tasks is said of the call.
            let label = index.speaker(declared, target.from);
            let Some(found) = index.find_all(scope, &target.name) else {
                let mut diagnostic = problem(
                    Code::UnknownTarget,
                    format!("`{keyword}` of `{label}` names `{}`, which does not exist", target.name),
                );
                if let Some(near) = index.nearest(scope, &target.name) {
                    diagnostic =
                        diagnostic.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), near);
                }
                diagnostics.push(diagnostic);
                index.called_from(target.from.map_or(declared.scope, |(_, scope)| scope), before, diagnostics);
                continue;
            };
            if found.contains(&(number as u32)) {
                diagnostics.push(problem(Code::SelfTarget, format!("`{label}` names itself in `{keyword}`")));
                index.called_from(target.from.map_or(declared.scope, |(_, scope)| scope), before, diagnostics);
                continue;
            }
            for found in found {
                // What is said of an edge is said in the file of its task.
                let span = if file == declared.file { target.span } else { declared.task.span };
                let edge = Edge { kind: target.kind, target: found, span };
                match seen.get(&(found, target.kind)) {
                    // Demanded by a call and by a task in it, or by way of two names for many: that is no slip.
                    Some((_, from, name)) if *from != target.from || *name != &target.name => {}
                    Some((first, ..)) => diagnostics.push(
                        problem(Code::DuplicateTarget, format!("`{}` is listed twice in `{keyword}`", target.name))
                            .label(file, *first, "first listed here"),
                    ),
                    None => {
                        seen.insert((found, target.kind), (target.span, target.from, &target.name));
                        edges.push(edge);
                    }
                }
            }
        }
        all.push(edges);
    }
    all
}
