//! What is declared, judged by itself: values fit their types and pass their checks, outputs are assigned, references
//! lead somewhere. Uses are judged where they are.

use super::expr::Typing;
use super::fold;
use super::functions::Functions;
use super::inline::Inlining;
use super::names::Index;
use super::plan::Plan;
use super::scope::{Given, Scope};
use super::task::{record_type, skippable};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::expand::{Binding, BindingKind, Incoming};
use crate::graph::{Expr, ExprKind, InputUse};
use crate::ir::ValueKind;
use crate::ir::surface::Output;
use crate::source::FileId;
use ipcmm_bytecode::Value;
use ipcmm_grammar::ast::Span;

/// Judges everything that is declared in any scope.
pub(super) fn check(
    index: &Index<'_>,
    functions: &Functions<'_>,
    plan: &Plan,
    order: &[u32],
    diagnostics: &mut Diagnostics,
) {
    if index.scopes.list.iter().all(|scope| scope.names.is_empty()) {
        return;
    }
    let skippable = skippable(index, plan, order);
    for scope in 0..index.scopes.list.len() as u32 {
        for (name, binding) in &index.scopes.get(scope).names {
            let before = diagnostics.len();
            let one = One { index, functions, skippable: &skippable, scope, name, binding };
            one.check(diagnostics);
            // An argument of a call is written where the call is.
            let written = binding.kind.incoming().and_then(|incoming| Some(incoming.value.as_ref()?.2));
            index.called_from(written.unwrap_or(scope), before, diagnostics);
        }
    }
}

/// All inputs, and whether anything reads them.
pub(super) fn inputs(index: &Index<'_>) -> Vec<InputUse> {
    let uses = index.uses.borrow();
    let mut inputs = Vec::new();
    for scope in 0..index.scopes.list.len() as u32 {
        let names = index.scopes.get(scope).names.iter().filter(|(_, b)| b.kind.incoming().is_some());
        inputs.extend(names.map(|(name, binding)| InputUse {
            name: name.clone(),
            file: binding.file,
            span: binding.span,
            used: uses.contains(&(scope, name.clone())),
        }));
    }
    inputs
}

/// A declared name.
struct One<'a> {
    index: &'a Index<'a>,
    functions: &'a Functions<'a>,
    skippable: &'a [bool],
    scope: u32,
    name: &'a str,
    binding: &'a Binding,
}

impl<'a> One<'a> {
    fn problem(&self, code: Code, message: String) -> Diagnostic {
        Diagnostic::new(code, self.binding.file, self.binding.span, message)
    }

    /// Types something of it. Results may be read without an order: that is judged where the name is used. With
    /// `strict`, data of a task that may be skipped may be null.
    fn typing<R>(
        &self,
        strict: bool,
        diagnostics: &mut Diagnostics,
        type_it: impl FnOnce(&mut Typing<'a, '_>) -> R,
    ) -> R {
        let (index, skippable) = (self.index, self.skippable);
        let mut read = |target: u32, _: FileId, _: Span, _: &mut Diagnostics| {
            index.shown.borrow_mut().insert(target);
            let task = index.tasks[target as usize].task;
            let sure = !strict || !skippable[target as usize];
            Some((target, record_type(task, sure, task.control.is_looped())))
        };
        let mut typing = Typing {
            index,
            module: self.scope,
            file: self.binding.file,
            diagnostics,
            inlining: Inlining::default(),
            context: Vec::new(),
            own_result: None,
            phases: false,
            read_result: &mut read,
            functions: self.functions,
            inlined: Vec::new(),
        };
        type_it(&mut typing)
    }

    fn check(&self, diagnostics: &mut Diagnostics) {
        self.against_results(diagnostics);
        match &self.binding.kind {
            BindingKind::In(incoming) => self.incoming(incoming, diagnostics),
            BindingKind::Out(output) => self.output(output, true, diagnostics),
            BindingKind::InOut(incoming, output) => {
                self.incoming(incoming, diagnostics);
                self.output(output, false, diagnostics);
            }
            BindingKind::Ref(_) | BindingKind::Ptr(..) => {
                let (name, span) = (self.name, self.binding.span);
                self.typing(false, diagnostics, |typing| typing.declared(name, span));
            }
            BindingKind::Addr(target, span) => {
                if self.index.addressed(self.scope, target).is_none() {
                    let message = format!("`{}` names `{target}`, which does not exist", self.name);
                    let mut problem = Diagnostic::new(Code::UnknownTarget, self.binding.file, *span, message);
                    if let Some(near) = self.index.nearest(self.scope, target) {
                        problem = problem.did_you_mean(&near);
                    }
                    diagnostics.push(problem);
                }
            }
            BindingKind::Module(..) | BindingKind::Result(..) => {}
        }
    }

    /// A result may have the name of an output, which it assigns, and of nothing else.
    fn against_results(&self, diagnostics: &mut Diagnostics) {
        // Of one that is told to be wrong it is not known what was meant.
        let wrong = self.binding.kind.incoming().and_then(|incoming| incoming.input.default.as_ref());
        if self.binding.kind.is_variable() || wrong.is_some_and(|value| matches!(value.kind, ValueKind::Error)) {
            return;
        }
        let Some(&task) = self.index.results.get(&(self.scope, self.name)) else { return };
        let declared = &self.index.tasks[task as usize];
        let span = declared.task.result.as_ref().map_or(declared.task.span, |(_, span)| *span);
        let message = format!("`{}` is the name of a result and of something declared", self.name);
        let problem = Diagnostic::new(Code::DuplicateName, declared.file, span, message);
        diagnostics.push(problem.label(self.binding.file, self.binding.span, "declared here"));
    }

    fn incoming(&self, incoming: &'a Incoming, diagnostics: &mut Diagnostics) {
        let Some((value, file, _)) = &incoming.value else {
            if self.index.scopes.get(self.scope).trial {
                self.declared_input(incoming, diagnostics);
            }
            return;
        };
        let (name, span, binding) = (self.name, value.span, self.binding);
        let is_module = !self.index.scopes.get(self.scope).is_call;
        let place = format!("`{name}`");
        let used = self.index.uses.borrow().contains(&(self.scope, name.to_string()));
        let expr = self.typing(false, diagnostics, |typing| {
            typing.file = *file;
            let expr = typing.incoming(self.scope, name, incoming, binding, span);
            if is_module && !typing.is_static(&expr, &place) { Expr::error(span) } else { expr }
        });
        if let (Some(check), false) = (&incoming.input.check, matches!(expr.kind, ExprKind::Error)) {
            let expr = &expr;
            self.typing(false, diagnostics, |typing| {
                let place = format!("`check` of `{name}`");
                let condition = typing.condition(check, &mut Scope::new(place.clone(), &Given::default()));
                let written = crate::dump::expr::source(&check.expr);
                match fold::value(&condition, &typing.functions.library) {
                    _ if condition.any(&|e| matches!(e.kind, ExprKind::Error | ExprKind::Unknown)) => {}
                    Some(Ok(Value::Bool(true))) => {}
                    Some(Ok(_)) => {
                        let shown = fold::value(expr, &typing.functions.library)
                            .and_then(Result::ok)
                            .map_or("this".into(), |v| shown(&v));
                        let message = format!("`{name}` is {shown}, which does not pass its check");
                        let problem = Diagnostic::new(Code::CheckFailed, *file, value.span, message);
                        typing.report(
                            problem
                                .label(binding.file, check.scalar, "this must hold")
                                .help(format!("`{written}` must hold")),
                        );
                    }
                    Some(Err(fault)) => {
                        let message = format!("the check of `{name}` cannot be computed: {fault}");
                        let problem = Diagnostic::new(Code::CheckFailed, *file, value.span, message);
                        typing.report(problem.label(binding.file, check.scalar, "this check"));
                    }
                    None => {
                        let message =
                            format!("`{name}` has a check, which is judged at build, and this is not known then");
                        let problem = Diagnostic::new(Code::NotConstant, *file, value.span, message);
                        let problem = problem.label(binding.file, check.scalar, "this check");
                        typing.report(problem.help("give a value that is known at build, or let a task judge it"));
                    }
                }
            });
        }
        // Being judged is no use.
        if !used {
            self.index.uses.borrow_mut().remove(&(self.scope, name.to_string()));
        }
    }

    /// What is written at an input of a procedure that nothing calls.
    fn declared_input(&self, incoming: &'a Incoming, diagnostics: &mut Diagnostics) {
        let place = format!("`{}`", self.name);
        self.typing(false, diagnostics, |typing| {
            if let Some(default) = &incoming.input.default {
                typing.typed(default, &mut Scope::new(place.clone(), &Given::default()), &place);
            }
            if let Some(check) = &incoming.input.check {
                let place = format!("`check` of {place}");
                typing.condition(check, &mut Scope::new(place, &Given::default()));
            }
        });
    }

    /// An output is assigned once, and has a value whatever happens.
    fn output(&self, output: &'a Output, must: bool, diagnostics: &mut Diagnostics) {
        let key = (self.scope, self.name.to_string());
        let assigned = self.index.scopes.assigned.get(&key);
        let result = self.index.results.get(&(self.scope, self.name)).map(|&task| &self.index.tasks[task as usize]);
        let call = assigned.and_then(|(scope, _)| self.index.scopes.get(*scope).call.as_deref());
        let mut ways: Vec<(FileId, Span, &str)> = Vec::new();
        ways.extend(output.value.as_ref().map(|value| (self.binding.file, value.span, "by this value")));
        ways.extend(
            result.map(|r| (r.file, r.task.result.as_ref().map_or(r.task.span, |(_, s)| *s), "by this result")),
        );
        ways.extend(call.map(|call| (call.file, call.span, "by this call")));
        match ways.as_slice() {
            [] if must => {
                let problem = self.problem(Code::Unassigned, format!("`{}` is not assigned", self.name));
                diagnostics.push(problem.help(format!(
                    "give it a `value`, or let a task have `result: {0}`, or give `${{{0}}}` to a call",
                    self.name
                )));
                return;
            }
            [_, _, ..] => {
                let mut problem =
                    self.problem(Code::SharedVariable, format!("`{}` is assigned in two ways", self.name));
                for (file, span, how) in ways {
                    problem = problem.label(file, span, how);
                }
                diagnostics.push(problem);
                return;
            }
            _ => {}
        }
        let before = diagnostics.len();
        let (scope, name, span) = (self.scope, self.name, self.binding.span);
        self.typing(true, diagnostics, |typing| {
            // An `inout` that needs the outcome of its tasks is judged by what goes out only.
            typing.output(scope, name, span)
        });
        // Null where none may be means that some way leads past the assignment.
        let name = self.name;
        let task = self.index.results.get(&(self.scope, self.name));
        let skipped = output.value.is_none() && task.is_some_and(|&task| self.skippable[task as usize]);
        diagnostics.change_from(before, |problem| {
            if problem.code == Code::PossiblyNull && problem.message.starts_with(&format!("`{name}` takes")) {
                problem.code = Code::Unassigned;
                problem.message = format!("`{name}` is not assigned on every path: what it gets may be null");
                problem.help =
                    Some("a task that may be skipped gives nothing; say what holds then: `… ?? something`".into());
            } else if problem.code == Code::TypeMismatch && skipped {
                let help = "the task may be skipped, and gives nothing then: let the types say so, as in `str?`, or give a `value` with `??`";
                problem.help = Some(help.into());
            }
        });
    }
}

/// A value in a message; long ones are cut.
fn shown(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(60) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}
