//! Includes and imports: parts of modules get their places and scopes, modules get their names in others.

use super::{Binding, BindingKind, Call, Expander, Scope};
use crate::check;
use crate::diag::{Code, Diagnostic, suggest};
use crate::ir::surface::{ComposeKind, Name};
use crate::ir::{Control, Module, Task};
use crate::lower;
use crate::source::FileId;
use ipcmm_grammar::ast::Span;
use std::collections::BTreeMap;

impl Expander<'_> {
    /// Gives a part its place in the order of declaration: what it includes stands before it.
    pub(super) fn place(&mut self, part: Module) {
        self.place_with(part, &mut BTreeMap::new());
    }

    fn place_with(&mut self, part: Module, with: &mut BTreeMap<String, (crate::ir::Typed, FileId, u32)>) {
        self.declare(part.scope, part.file, &part.surface, with, Some(&part.name));
        self.define(part.scope, &part);
        for task in &part.tasks {
            if let Some(compose) = &task.compose
                && let ComposeKind::Include { alias, with, when, .. } = &compose.kind
            {
                let settled = self.settled(task, &part);
                let task = settled.as_ref().unwrap_or(task);
                self.include(task, compose.span, alias.as_ref(), *with, when.as_ref(), &part);
            }
        }
        self.parts.push(part);
    }

    fn include(
        &mut self,
        task: &Task,
        site: Span,
        alias: Option<&Name>,
        with: Option<crate::doc::NodeId>,
        when: Option<&crate::ir::Located>,
        part: &Module,
    ) {
        let home = self.scopes.home(part.scope);
        self.scopes.groups.entry((home, task.label.clone())).or_default();
        if let Some(looped) = &task.control.loop_in {
            let message = "a file is there once in a module, so its include has no `loop_in`";
            self.report(Diagnostic::new(Code::KeywordOnCall, part.file, looped.span, message));
        }
        if let Some(when) = when
            && !check::holds(
                check::Known {
                    scopes: &self.scopes,
                    functions: &self.functions,
                    nodes: self.nodes.as_ref(),
                    labels: &[],
                },
                part.scope,
                part.file,
                when,
                "`when`",
                self.diagnostics,
            )
        {
            return;
        }
        let numbers = self.includes.get(&(part.file, site.start)).cloned().unwrap_or_default();
        let mut scopes = Vec::with_capacity(numbers.len());
        let mut values = self.values(with, &numbers, part);
        for number in numbers {
            let Some(mut included) = self.included.get_mut(number).and_then(Option::take) else {
                scopes.extend(self.placed.get(&number));
                continue;
            };
            let own = self.scopes.list.len() as u32;
            let prefix = &self.scopes.get(home).prefix;
            let prefix = match alias {
                Some((alias, _)) => format!("{prefix}{alias}/"),
                None => prefix.clone(),
            };
            self.scopes.add(Scope {
                home: if alias.is_some() { own } else { home },
                outer: Some(home),
                above: Some(part.scope),
                segment: alias.map(|(alias, _)| alias.clone()),
                prefix,
                is_call: false,
                trial: false,
                names: BTreeMap::new(),
                call: Some(Box::new(called(task, part, None))),
            });
            self.placed.insert(number, own);
            scopes.push(own);
            included.scope = own;
            self.place_with(included, &mut values);
        }
        if let Some((alias, span)) = alias
            && !scopes.is_empty()
        {
            let kind = BindingKind::Result(scopes.iter().copied().take(1).collect(), false);
            self.bind(part.scope, alias, Binding { file: part.file, span: *span, kind });
            self.scopes.groups.entry((home, alias.clone())).or_default().extend(&scopes);
        }
        let group = self.scopes.groups.entry((home, task.label.clone())).or_default();
        scopes.iter().for_each(|scope| {
            if !group.contains(scope) {
                group.push(*scope);
            }
        });
    }

    /// The values that an include gives to the inputs of its files.
    fn values(
        &mut self,
        with: Option<crate::doc::NodeId>,
        numbers: &[usize],
        part: &Module,
    ) -> BTreeMap<String, (crate::ir::Typed, FileId, u32)> {
        let Some((with, doc)) = with.zip(self.docs.get(&part.file).copied()) else { return BTreeMap::new() };
        let parts: Vec<&Module> = numbers.iter().filter_map(|&n| self.included.get(n)?.as_ref()).collect();
        let declared = parts.iter().flat_map(|part| &part.surface.names);
        let inputs = declared.filter_map(|declared| Some((declared.name.as_str(), declared.kind.input()?.ty)));
        let inputs: Vec<_> = inputs.collect();
        let (given, _) = lower::given(doc, with, &inputs, &"the inputs of the file", self.diagnostics);
        let value = |given: lower::Given| (inputs[given.name].0.to_string(), (given.value, part.file, part.scope));
        given.into_iter().map(value).collect()
    }

    /// Gives imported modules their names.
    pub(super) fn bind_imports(&mut self) {
        let parts = std::mem::take(&mut self.parts);
        for part in &parts {
            for task in &part.tasks {
                if let Some(compose) = &task.compose
                    && let ComposeKind::Import { module, alias, only, version: _ } = &compose.kind
                {
                    self.import(task, compose.span, module, alias.as_ref(), only.as_deref(), part);
                }
            }
        }
        self.parts = parts;
    }

    fn import(
        &mut self,
        task: &Task,
        site: Span,
        module: &Name,
        alias: Option<&Name>,
        only: Option<&[Name]>,
        part: &Module,
    ) {
        let home = self.scopes.home(part.scope);
        self.scopes.groups.entry((home, task.label.clone())).or_default();
        let problem = |code, span, message: String| Diagnostic::new(code, part.file, span, message);
        let name = match self.imports.get(&(part.file, site.start)) {
            Some(Some(name)) => name.clone(),
            // It could not be found, which was reported.
            Some(None) => return,
            None => module.0.clone(),
        };
        let Some(&scope) = self.scopes.modules.get(&name) else {
            let mut problem = problem(Code::UnknownModule, module.1, format!("there is no module `{name}`"));
            let known = self.scopes.modules.keys().map(String::as_str);
            problem = match suggest::nearest(&name, known.chain(self.packages.iter().map(String::as_str))) {
                Some(near) => problem.help(format!("did you mean `{near}`?")),
                None => problem.help("name a module of the project or of a package, or the path of a file"),
            };
            self.report(problem);
            return;
        };
        if scope == self.scopes.module(part.scope) {
            self.report(problem(Code::UnknownModule, module.1, format!("`{name}` imports itself")));
            return;
        }
        if !task.targets.is_empty() || !is_plain(&task.control) || task.result.is_some() || task.binding.is_some() {
            let message = format!("`{}` runs nothing, so no keyword can hold for it", task.label);
            self.report(
                problem(Code::KeywordOnCall, task.span, message).help("the tasks of the module are its own affair"),
            );
        }
        let visible: Vec<String> = self.visible(scope);
        for (wanted, span) in only.unwrap_or_default() {
            if !visible.contains(wanted) {
                let mut problem = problem(Code::UnknownName, *span, format!("`{name}` does not declare `{wanted}`"));
                if let Some(near) = suggest::nearest(wanted, visible.iter().map(String::as_str)) {
                    problem = problem.help(format!("did you mean `{near}`?"));
                }
                self.report(problem);
            }
        }
        let own = || name.rsplit('/').next().unwrap_or(&name).to_owned();
        let (alias, span) = alias.cloned().unwrap_or_else(|| (own(), module.1));
        let only = only.map(|only| only.iter().map(|(name, _)| name.clone()).collect());
        self.bind(part.scope, &alias, Binding { file: part.file, span, kind: BindingKind::Module(scope, only) });
        self.scopes.groups.entry((home, task.label.clone())).or_default().push(scope);
    }

    /// The names of a module that others see.
    fn visible(&self, scope: u32) -> Vec<String> {
        let names = self.scopes.get(scope).names.iter();
        let names = names.filter(|(_, b)| b.kind.is_variable() || matches!(b.kind, BindingKind::Addr(..)));
        let procedures = self.procedures.keys().filter(|(home, _)| *home == scope).map(|(_, name)| name);
        let parts = self.functions.iter().filter(|part| self.scopes.home(part.scope) == scope);
        let functions = parts.flat_map(|part| {
            let lambdas = part.lambdas.iter().map(|lambda| &lambda.name);
            part.functions.iter().map(|function| &function.name).chain(lambdas)
        });
        let types = self.types.keys().filter(|(home, _)| *home == scope).map(|(_, name)| name);
        names.map(|(name, _)| name).chain(procedures).chain(functions).chain(types).cloned().collect()
    }
}

/// Whether no keyword is set.
fn is_plain(control: &Control) -> bool {
    let Control { when, onlyif, unless, loop_in, retry, timeout, runas, env, failed_if, changed_if, late, .. } =
        control;
    let expressions = [when, failed_if, changed_if].iter().all(|e| e.is_none());
    let lists = onlyif.is_empty() && unless.is_empty() && env.is_empty() && late.is_empty();
    expressions && lists && loop_in.is_none() && retry.is_none() && timeout.is_none() && runas.is_none()
}

/// What a call or an include hands on to its tasks.
pub(super) fn called(task: &Task, part: &Module, iteration: Option<super::Iteration>) -> Call {
    Call {
        scope: part.scope,
        file: part.file,
        span: task.span,
        label: task.label.clone(),
        control: Control { loop_in: None, ..task.control.clone() },
        targets: task.targets.clone(),
        binding: task.binding.clone(),
        order: task.order,
        mode: task.mode,
        stops: task.stops,
        iteration,
    }
}
