//! `ipcmm.call` of a function: the task becomes one that computes the call, so that its result has the type that the
//! function returns.
//!
//! The arguments are names of the task's context, called in a way that no source can write; the call itself is an
//! expression whose places are those of the file. Unaware of: what the function computes.

use super::{BindingKind, Expander};
use crate::diag::{Code, Diagnostic};
use crate::doc::{NodeId, Piece};
use crate::ir::keep::ContextName;
use crate::ir::surface::{Name, Stage, kept};
use crate::ir::{Arg, Function, Located, Module, Step, Task, Typed, ValueKind};
use crate::lower;
use ipcmm_bytecode::catalog::intrinsic;
use ipcmm_grammar::ast::{self, Expr, ExprKind, Ident};
use ipcmm_grammar::types::Type;
use ipcmm_stdlib::by_name;
use std::sync::Arc;

impl Expander<'_> {
    /// The function that a call names: of its module or around, or of an imported one.
    fn function(&self, name: &str, part: &Module) -> Option<Arc<Function>> {
        let find = |home: u32, name: &str| self.function_names.get(&(home, name.to_owned())).cloned();
        self.scopes.chain(part.scope).find_map(|home| find(home, name)).or_else(|| {
            let (alias, own) = name.split_once('.')?;
            match &self.scopes.lookup(part.scope, alias)?.1.kind {
                BindingKind::Module(scope, only) => {
                    let wanted = only.as_ref().is_none_or(|only| only.iter().any(|name| name == own));
                    find(*scope, own).filter(|_| wanted)
                }
                BindingKind::Result(scopes, false) => find(self.scopes.home(*scopes.first()?), own),
                _ => None,
            }
        })
    }

    /// The task that a call of a function is, if it is one.
    pub(super) fn function_call(
        &mut self,
        task: &Task,
        callee: &Name,
        written: [Option<NodeId>; 2],
        part: &Module,
    ) -> Option<Task> {
        if self.function_names.is_empty() || self.is_procedure(&callee.0, part) {
            return None;
        }
        let function = self.function(&callee.0, part)?;
        let context = self.function_args(&function, callee, written, part);
        let eval = by_name("ipcmm.eval")?;
        // Places of the expression are places in the file.
        let span = callee.1;
        let args = context.iter().map(|entry| ast::Arg {
            name: Some(Ident { name: param_of(&entry.name).to_owned(), span: entry.span }),
            value: Expr::new(ExprKind::Name(entry.name.clone()), entry.span),
        });
        let call = ExprKind::Call { function: Ident { name: callee.0.clone(), span }, args: args.collect() };
        let pieces = [Piece { text: 0, file: 0 }].into();
        let located = Located { expr: Expr::new(call, span), scalar: span, pieces };
        let value = Typed { kind: ValueKind::Expr(located), span, wanted: &Type::Any };
        let mut task = Task { compose: None, ..task.clone() };
        let mut control = std::mem::take(&mut task.control);
        control.context.extend(context);
        task.steps = vec![Step {
            builtin: eval,
            span,
            args: vec![Arg { param: intrinsic::eval::EXPR, key: span, value }],
            control: crate::ir::Control::default(),
            stage: Some(Stage::Dynamic(kept(function.returns.clone()), None)),
        }];
        task.control = control;
        Some(task)
    }

    /// The arguments, read with the types of the parameters; those of a block of `target` win.
    fn function_args(
        &mut self,
        function: &Function,
        callee: &Name,
        written: [Option<NodeId>; 2],
        part: &Module,
    ) -> Vec<ContextName> {
        let place = format!("the arguments of `{}`", callee.0);
        let types: Vec<&'static Type> = function.params.iter().map(|param| kept(param.ty.clone())).collect();
        let names: Vec<(&str, &'static Type)> =
            function.params.iter().map(|param| param.name.as_str()).zip(types).collect();
        let mut context: Vec<ContextName> = Vec::new();
        let mut whole = true;
        for args in written.into_iter().flatten() {
            let Some(doc) = self.docs.get(&part.file).copied() else { continue };
            let (given, read) = lower::given(doc, args, &names, &place, self.diagnostics);
            whole &= read;
            for lower::Given { name, value } in given {
                // An expression is held against the parameter where the function is called.
                let wanted = if matches!(value.kind, ValueKind::Constant(_)) { value.wanted } else { &Type::Any };
                let name = format!("{}{MARK}", names[name].0);
                let entry = ContextName { name, span: value.span, value: Typed { wanted, ..value } };
                context.retain(|known| known.name != entry.name);
                context.push(entry);
            }
        }
        let given = |name: &str| context.iter().any(|entry| param_of(&entry.name) == name);
        let lacking = function.params.iter().find(|param| param.default.is_none() && !given(&param.name));
        if let Some(param) = lacking {
            // If what is there could not be read, that was reported, and this is no second problem.
            if whole {
                let message = format!("`{}` lacks `{}`", callee.0, param.name);
                let problem = Diagnostic::new(Code::MissingArgument, part.file, callee.1, message);
                self.report(problem.help(format!("`{}` is {}", param.name, param.ty)));
            }
            let value = Typed { kind: ValueKind::Error, span: callee.1, wanted: &Type::Any };
            context.push(ContextName { name: format!("{}{MARK}", param.name), span: callee.1, value });
        }
        context
    }
}

/// What follows the name of a parameter in the context, so that it is no name of a source.
const MARK: &str = " of the call";

fn param_of(name: &str) -> &str {
    name.strip_suffix(MARK).unwrap_or(name)
}
