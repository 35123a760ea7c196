//! The names that something mentions.

use crate::doc::{Doc, NodeId, NodeKind};
use crate::ir::surface::{ComposeKind, DeclaredKind, Procedure, Stage, Surface};
use crate::ir::{Arg, Control, Guard, Located, Module, Part, SelectionKind, Task, Typed, ValueKind};
use crate::source::FileId;
use ipcmm_grammar::ast::{Expr, ExprKind};
use rustc_hash::{FxHashMap, FxHashSet};

/// Names that are mentioned.
#[derive(Debug, Default)]
pub(super) struct Mentions {
    /// As names, and as names of what is called.
    pub names: FxHashSet<String>,
    /// As fields.
    fields: FxHashSet<String>,
}

impl Mentions {
    /// Whether a name is mentioned, as a name or as a field.
    pub fn anywhere(&self, name: &str) -> bool {
        self.names.contains(name) || self.fields.contains(name)
    }

    /// What the parts of a module mention. What a procedure declares itself is its own affair, and what names itself
    /// is no mention.
    pub fn of_module(parts: &[&Module], docs: &FxHashMap<FileId, &Doc>) -> Mentions {
        let mut all = Mentions::default();
        for part in parts {
            let doc = docs.get(&part.file).copied();
            all.surface(&part.surface);
            part.tasks.iter().for_each(|task| all.task(task, doc));
            for procedure in &part.procedures {
                let own = procedure.surface.names.iter().map(|declared| declared.name.as_str());
                all.without(Mentions::of_procedure(procedure, doc), own.chain([procedure.name.as_str()]));
            }
            for function in &part.functions {
                let mut inner = Mentions::default();
                let defaults = function.params.iter().filter_map(|param| param.default.as_ref());
                function.body.iter().chain(defaults).for_each(|located| inner.located(located));
                let params = function.params.iter().map(|param| param.name.as_str());
                all.without(inner, params.chain([function.name.as_str()]));
            }
            for lambda in &part.lambdas {
                let mut inner = Mentions::default();
                inner.located(&lambda.located);
                let params = match &lambda.located.expr.kind {
                    ExprKind::Lambda { params, .. } => params.as_slice(),
                    _ => &[],
                };
                all.without(inner, params.iter().map(|param| param.name.as_str()).chain([lambda.name.as_str()]));
            }
        }
        all
    }

    /// What a procedure mentions.
    pub fn of_procedure(procedure: &Procedure, doc: Option<&Doc>) -> Mentions {
        let mut all = Mentions::default();
        all.surface(&procedure.surface);
        procedure.tasks.iter().for_each(|task| all.task(task, doc));
        all
    }

    /// What a task mentions.
    pub fn of_task(task: &Task) -> Mentions {
        let mut all = Mentions::default();
        all.task(task, None);
        all
    }

    /// Adds others, but for names that mean something else there.
    fn without<'n>(&mut self, mut other: Mentions, own: impl Iterator<Item = &'n str>) {
        for name in own {
            other.names.remove(name);
        }
        self.names.extend(other.names);
        self.fields.extend(other.fields);
    }

    fn surface(&mut self, surface: &Surface) {
        for declared in &surface.names {
            let mut inner = Mentions::default();
            if let Some(input) = declared.kind.input() {
                input.default.iter().for_each(|value| inner.typed(value));
                input.check.iter().for_each(|check| inner.located(check));
            }
            // An `inout` that goes out as something else does read itself.
            if let Some(output) = declared.kind.output() {
                output.value.iter().for_each(|value| self.typed(value));
            }
            match &declared.kind {
                DeclaredKind::Ref(to) | DeclaredKind::Ptr(to, _) => inner.located(to),
                DeclaredKind::Addr(target, _) => inner.path(target),
                _ => {}
            }
            self.without(inner, [declared.name.as_str()].into_iter());
        }
    }

    fn task(&mut self, task: &Task, doc: Option<&Doc>) {
        task.targets.iter().for_each(|target| self.path(&target.name));
        self.control(&task.control);
        for step in &task.steps {
            self.args(&step.args);
            self.control(&step.control);
            if let Some(Stage::Dynamic(_, Some(bound))) = &step.stage {
                self.located(bound);
            }
        }
        if let Some(binding) = &task.binding {
            for selection in binding.all.iter() {
                if let SelectionKind::Expr(located) = &selection.kind {
                    self.located(located);
                }
            }
        }
        match task.compose.as_ref().map(|compose| &compose.kind) {
            Some(ComposeKind::Call { callee, args }) => {
                self.path(&callee.0);
                self.raw(doc, *args);
            }
            Some(ComposeKind::Include { with, when, .. }) => {
                when.iter().for_each(|when| self.located(when));
                self.raw(doc, *with);
            }
            Some(ComposeKind::Import { .. }) | None => {}
        }
        task.others.iter().for_each(|other| self.task(other, doc));
    }

    fn control(&mut self, control: &Control) {
        let Control { when, onlyif, unless, loop_in, loop_if, loop_until, expect, context, .. } = control;
        let Control { retry, timeout: _, runas, env, failed_if, changed_if, .. } = control;
        let until = retry.as_ref().and_then(|retry| retry.until.as_ref());
        let conditions =
            [when.as_ref(), loop_if.as_ref(), loop_until.as_ref(), failed_if.as_ref(), changed_if.as_ref()];
        conditions.into_iter().flatten().chain(until).chain(expect).for_each(|located| self.located(located));
        let values = env.iter().map(|(_, value)| value).chain(context.iter().map(|name| &name.value));
        loop_in.iter().chain(runas).chain(values).for_each(|value| self.typed(value));
        for guard in onlyif.iter().chain(unless) {
            match guard {
                Guard::Expr(located) => self.located(located),
                Guard::Command(_, args) => self.args(args),
            }
        }
    }

    fn args(&mut self, args: &[Arg]) {
        args.iter().for_each(|arg| self.typed(&arg.value));
    }

    fn typed(&mut self, value: &Typed) {
        let mut open = vec![value];
        while let Some(value) = open.pop() {
            match &value.kind {
                ValueKind::Expr(located) => self.located(located),
                ValueKind::Template(parts, _) => parts.iter().for_each(|part| match part {
                    Part::Expr(located) => self.located(located),
                    Part::Text(_) => {}
                }),
                ValueKind::List(items) => open.extend(items),
                ValueKind::Map(entries) => open.extend(entries.iter().map(|(_, value)| value)),
                ValueKind::Constant(_) | ValueKind::Asset(_) | ValueKind::Tasks(_) | ValueKind::Error => {}
            }
        }
    }

    fn located(&mut self, located: &Located) {
        let mut open: Vec<&Expr> = vec![&located.expr];
        while let Some(expr) = open.pop() {
            match &expr.kind {
                ExprKind::Name(name) => {
                    self.names.insert(name.clone());
                }
                ExprKind::Field { field, .. } => {
                    self.fields.insert(field.name.clone());
                }
                ExprKind::Call { function, .. } => self.path(&function.name),
                _ => {}
            }
            expr.kind.children(&mut |child| open.push(child));
        }
    }

    /// A label, `alias.name`, `module/label` and the like: each part of it may be a name.
    fn path(&mut self, text: &str) {
        self.names.insert(text.to_owned());
        self.names.extend(text.split(['.', '/']).map(str::to_owned));
    }

    /// Values that are read when their types are known: any word of them may be a name.
    fn raw(&mut self, doc: Option<&Doc>, id: Option<NodeId>) {
        let Some((doc, id)) = doc.zip(id) else { return };
        let mut open = vec![id];
        let mut seen: FxHashSet<NodeId> = FxHashSet::default();
        while let Some(id) = open.pop() {
            if !seen.insert(id) {
                continue;
            }
            match &doc.node(id).kind {
                NodeKind::Scalar { text, .. } if text.contains("${") => {
                    let words = text.split(|c: char| c != '_' && !c.is_alphanumeric()).filter(|word| !word.is_empty());
                    words.for_each(|word| {
                        self.names.insert(word.to_owned());
                    });
                }
                NodeKind::List(items) => open.extend(items),
                NodeKind::Map(entries) => open.extend(entries.iter().map(|entry| entry.value)),
                NodeKind::Scalar { .. } | NodeKind::Null | NodeKind::Error => {}
            }
        }
    }
}
