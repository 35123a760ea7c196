//! `expand`: the tasks of procedures and of included files take the places where they are called; every declared name
//! gets what it stands for.
//!
//! Unaware of: files (they were read by `load`), types of expressions, and targets. What must be known to expand, such as
//! the elements of a loop around a call, is asked of `check`. Start reading at [`expand`].

mod calls;
mod function_calls;
mod includes;
mod inputs;
mod scopes;
mod trial;

use crate::check::{self, Snapshot};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::doc::Doc;
use crate::ir::surface::{ComposeKind, DeclaredKind, Output, Procedure, Surface};
use crate::ir::{Function, Module, Task};
use crate::load::{Loaded, Site};
use crate::project::inventory::Inventory;
use crate::settings::Inputs;
use crate::source::FileId;
pub use calls::{MAX_INSTANCES, MAX_NESTING, MAX_TASKS};
use ipcmm_grammar::ast::Span;
use rustc_hash::{FxHashMap, FxHashSet};
pub use scopes::{Binding, BindingKind, Call, Incoming, Iteration, Scope, Scopes};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Modules whose tasks stand where they run, and the scopes in which their names are looked up.
#[derive(Clone, Debug, Default)]
pub struct Program {
    /// Parts of modules in the order of the build; each belongs to one file and one scope.
    pub modules: Vec<Module>,
    /// The scopes.
    pub scopes: Scopes,
    /// The same with procedures that nothing calls, to be checked and never built.
    pub trial: Option<Box<Program>>,
}

/// Expands what was loaded. `docs` are its documents, `inputs` the values that are given from outside.
pub fn expand(
    loaded: Loaded,
    docs: &[Doc],
    inputs: &Inputs,
    inventory: Option<&Inventory>,
    diagnostics: &mut Diagnostics,
) -> Program {
    let Loaded { mut modules, included, includes, imports, lenient, packages, .. } = loaded;
    let mut expander = Expander {
        docs: docs.iter().map(|doc| (doc.file, doc)).collect(),
        inputs,
        diagnostics,
        scopes: Scopes::default(),
        procedures: FxHashMap::default(),
        included: included.into_iter().map(Some).collect(),
        includes,
        imports,
        packages,
        placed: FxHashMap::default(),
        parts: Vec::new(),
        out: Vec::with_capacity(modules.len()),
        active: Vec::new(),
        instances: 0,
        tasks: 0,
        full: false,
        called: FxHashSet::default(),
        most: None,
        functions: Vec::new(),
        function_names: FxHashMap::default(),
        types: FxHashMap::default(),
        nodes: inventory.map(|inventory| Arc::new(Snapshot::new(inventory))),
    };
    for part in &mut modules {
        part.scope = expander.module_scope(&part.name);
    }
    for part in modules {
        expander.place(part);
    }
    expander.bind_imports();
    expander.unknown_inputs(&lenient);
    for part in std::mem::take(&mut expander.parts) {
        expander.part(part);
    }
    expander.finish()
}

/// Expands modules that include and import nothing and are given nothing: for tests and measurements.
pub fn alone(modules: Vec<Module>, diagnostics: &mut Diagnostics) -> Program {
    expand(Loaded { modules, ..Loaded::default() }, &[], &Inputs::default(), None, diagnostics)
}

struct Expander<'a> {
    docs: FxHashMap<FileId, &'a Doc>,
    inputs: &'a Inputs,
    diagnostics: &'a mut Diagnostics,
    scopes: Scopes,
    /// Procedures by scope and name, with the file they stand in.
    procedures: FxHashMap<(u32, String), (Arc<Procedure>, FileId)>,
    /// Parts that were included and are not placed yet.
    included: Vec<Option<Module>>,
    includes: FxHashMap<Site, Vec<usize>>,
    imports: FxHashMap<Site, Option<String>>,
    /// Names of packages that may be imported.
    packages: Vec<String>,
    /// Scopes of included parts.
    placed: FxHashMap<usize, u32>,
    /// Parts in the order of declaration, before calls are expanded.
    parts: Vec<Module>,
    out: Vec<Module>,
    /// Procedures being expanded: where they are defined, and where they are called.
    active: Vec<(u32, String, FileId, Span)>,
    instances: usize,
    tasks: usize,
    /// Parts with functions, without anything else.
    functions: Vec<Module>,
    /// A limit was exceeded, which was reported.
    full: bool,
    /// Procedures that are called, by scope and name.
    called: FxHashSet<(u32, String)>,
    /// The most calls while procedures are expanded that nothing calls; nothing is said about it.
    most: Option<usize>,
    /// Types by scope and name, with their places: all else about them was done by `lower`.
    types: FxHashMap<(u32, String), (FileId, Span)>,
    /// Functions by scope and name.
    function_names: FxHashMap<(u32, String), Arc<Function>>,
    /// The nodes, if there is an inventory.
    nodes: Option<Arc<Snapshot>>,
}

impl Expander<'_> {
    fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// The scope of a module; made when it is first asked for.
    fn module_scope(&mut self, name: &str) -> u32 {
        if let Some(&scope) = self.scopes.modules.get(name) {
            return scope;
        }
        let number = self.scopes.list.len() as u32;
        self.scopes.modules.insert(name.to_string(), number);
        self.scopes.add(Scope { home: number, ..Scope::default() })
    }

    /// Gives a name a meaning in a scope, unless it has one.
    fn bind(&mut self, scope: u32, name: &str, binding: Binding) {
        let home = self.scopes.home(scope);
        let names = &mut self.scopes.list[home as usize].names;
        match names.get(name) {
            Some(first) => {
                let message = format!("`{name}` is declared twice");
                let problem = Diagnostic::new(Code::DuplicateName, binding.file, binding.span, message);
                let problem = problem.label(first.file, first.span, "first declared here");
                self.report(problem);
            }
            None => drop(names.insert(name.to_string(), binding)),
        }
    }

    /// Binds what a module or a procedure declares. `values` holds what is given by the call or the include.
    fn declare(
        &mut self,
        scope: u32,
        file: FileId,
        surface: &Surface,
        values: &mut BTreeMap<String, (crate::ir::Typed, FileId, u32)>,
        module: Option<&str>,
    ) {
        for declared in &surface.names {
            let incoming = |this: &mut Self, input: &crate::ir::surface::Input, values: &mut BTreeMap<_, _>| {
                let given = module.and_then(|module| this.given_value(module, &declared.name, input, scope));
                let own = || input.default.clone().map(|value| (value, file, scope));
                let value = given.or(values.remove(&declared.name)).or_else(own);
                if let (None, Some(module)) = (&value, module) {
                    this.missing_input(module, declared, input, file);
                }
                Incoming { input: input.clone(), value }
            };
            let kind = match &declared.kind {
                DeclaredKind::In(input) => BindingKind::In(incoming(self, input, values)),
                DeclaredKind::Out(output) => BindingKind::Out(output.clone()),
                DeclaredKind::InOut(input, output) => {
                    let Output { ty, value } = output;
                    let output = Output { ty: ty.or(Some(input.ty)), value: value.clone() };
                    BindingKind::InOut(incoming(self, input, values), output)
                }
                DeclaredKind::Ref(to) => BindingKind::Ref(to.clone()),
                DeclaredKind::Ptr(to, ty) => BindingKind::Ptr(to.clone(), *ty),
                DeclaredKind::Addr(target, span) => BindingKind::Addr(target.clone(), *span),
            };
            self.bind(scope, &declared.name, Binding { file, span: declared.span, kind });
        }
    }

    /// Makes the procedures of a part known in its scope.
    fn define(&mut self, scope: u32, part: &Module) {
        let home = self.scopes.home(scope);
        if !part.functions.is_empty() || !part.lambdas.is_empty() {
            let (name, functions, lambdas) = (part.name.clone(), part.functions.clone(), part.lambdas.clone());
            let named = part.named;
            self.functions.push(Module { named, scope, functions, lambdas, ..Module::new(&name, part.file) });
        }
        for (name, span) in &part.types {
            if let Some((file, first)) = self.types.insert((home, name.clone()), (part.file, *span)) {
                let message = format!("the type `{name}` is defined twice");
                let problem = Diagnostic::new(Code::DuplicateName, part.file, *span, message);
                self.report(problem.label(file, first, "first defined here"));
            }
        }
        for function in &part.functions {
            self.function_names.entry((home, function.name.clone())).or_insert_with(|| Arc::new(function.clone()));
        }
        for procedure in &part.procedures {
            let key = (home, procedure.name.clone());
            match self.procedures.get(&key) {
                Some((first, file)) => {
                    let message = format!("`{}` is defined twice", procedure.name);
                    let problem = Diagnostic::new(Code::DuplicateName, part.file, procedure.span, message);
                    let problem = problem.label(*file, first.span, "first defined here");
                    self.report(problem);
                }
                None => drop(self.procedures.insert(key, (procedure.clone(), part.file))),
            }
        }
    }

    /// Gives out the tasks of a part; those that stand for others are replaced.
    fn part(&mut self, mut part: Module) {
        let tasks = std::mem::take(&mut part.tasks);
        let mut own = Vec::with_capacity(tasks.len());
        let shell = Module {
            surface: Surface::default(),
            procedures: Vec::new(),
            functions: Vec::new(),
            lambdas: Vec::new(),
            ..part.clone()
        };
        let mut first = Some(part);
        for task in tasks {
            let Some(compose) = &task.compose else {
                own.push(self.handed(task, shell.scope));
                continue;
            };
            if let ComposeKind::Call { callee, args, over } = &compose.kind {
                if let Some(task) = self.function_call(&task, callee, [*args, *over], &shell) {
                    own.push(self.handed(task, shell.scope));
                    continue;
                }
                if !own.is_empty() {
                    let part = first.take().unwrap_or_else(|| shell.clone());
                    self.out.push(Module { tasks: std::mem::take(&mut own), ..part });
                }
                let settled = self.settled(&task, &shell);
                self.call(settled.as_ref().unwrap_or(&task), callee, [*args, *over], &shell);
            } else if task.binding.as_ref().is_some_and(|binding| binding.number > 0) {
                let message = format!("`target` of `{}` has several blocks, and a file is there once", task.label);
                let problem = Diagnostic::new(Code::KeywordOnCall, shell.file, task.span, message);
                self.report(problem.help("write one block; a call of a procedure can have several"));
            }
        }
        if let Some(part) = first.or((!own.is_empty()).then_some(shell)) {
            self.out.push(Module { tasks: own, ..part });
        }
    }

    /// A task with what is computed of it, if something is: a call hands it on.
    fn settled(&mut self, task: &Task, part: &Module) -> Option<Task> {
        let known =
            check::Known { scopes: &self.scopes, functions: &self.functions, nodes: self.nodes.as_ref(), labels: &[] };
        check::settled(known, (part.scope, part.file), task, self.diagnostics)
    }

    /// Makes known what is computed in the parts from one on.
    fn settle(&mut self, from: usize) {
        let known =
            check::Known { scopes: &self.scopes, functions: &self.functions, nodes: self.nodes.as_ref(), labels: &[] };
        check::settle(known, &mut self.out, from, self.diagnostics);
    }

    /// A task with what the calls around it hand on.
    fn handed(&mut self, mut task: Task, scope: u32) -> Task {
        self.tasks += 1;
        let mut problems = Vec::new();
        for call in self.scopes.calls(scope) {
            let from = Some((call.file, call.scope));
            task.targets.extend(
                call.targets.iter().map(|target| crate::ir::Target { from: target.from.or(from), ..target.clone() }),
            );
            if let Some(binding) = &call.binding {
                if task.binding.is_some() {
                    let message = format!("`target` is written at `{}` and at `{}` in it", call.label, task.label);
                    let problem = Diagnostic::new(Code::KeywordOnCall, call.file, call.span, message);
                    problems.push(problem.help("write it at one of them"));
                }
                task.binding = Some(crate::ir::Binding { from: binding.from.or(from), ..binding.clone() });
            }
            task.order = task.order.or(call.order);
            task.mode = task.mode.or(call.mode);
            task.stops = task.stops.or(call.stops);
        }
        problems.into_iter().for_each(|problem| self.report(problem));
        task
    }
}
