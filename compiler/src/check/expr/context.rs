//! Names of `context`: the typed expression takes the place of the name.

use super::Walk;
use crate::check::scope::Scope;
use crate::expand::{Binding, BindingKind};
use crate::graph::Expr;
use crate::ir::keep::ContextName;
use ipcmm_bytecode::Effect;
use ipcmm_grammar::ast::Span;
use std::borrow::Cow;

impl<'a> Walk<'_, 'a, '_> {
    /// What a name stands for in the `context` of the step, else of the task. Bodies of functions and of lambdas with
    /// a name see none of it, nor does what a declared name stands for.
    pub(in crate::check) fn in_context(&self, name: &str) -> Option<&'a ContextName> {
        if self.scope.function || !self.typing.inlined.is_empty() {
            return None;
        }
        let all: &Vec<&'a [ContextName]> = &self.typing.context;
        all.iter().rev().find_map(|names| names.iter().find(|entry| entry.name == name))
    }

    pub(super) fn context(&mut self, name: &str, span: Span) -> Option<Expr> {
        let entry = self.in_context(name)?;
        let (at, file, scope) = (self.place(span), self.typing.file, self.typing.module);
        self.typing.index.read_context.borrow_mut().insert((file, entry.span.start));
        let depth = crate::check::inline::depth(&entry.value);
        // Its place is all that is needed of it.
        let binding = Binding { file, span: entry.span, kind: BindingKind::Addr(String::new(), entry.span) };
        let place = format!("`{name}` of `context`");
        let mut inner = Scope {
            place: Cow::Owned(place.clone()),
            admits: Effect::None,
            attempt: false,
            result: None,
            locals: Vec::new(),
            hidden: 0,
            ..self.scope.clone()
        };
        // What is known of a name around may be known of another of the same name.
        inner.present.retain(|known| known.path.split(['.', '[', '?']).next() != Some(name));
        let key = format!("{name} context");
        Some(
            self.typing
                .inlined((scope, &key), &binding, depth, at, |typing| typing.typed(&entry.value, &mut inner, &place)),
        )
    }
}
