//! The built-ins of composition: `ipcmm.call`, `ipcmm.include` and `ipcmm.import` become what `expand` replaces;
//! `ipcmm.static` and `ipcmm.dynamic` become values with a demand. Arguments of a call are read here too, once its
//! procedure is known.
//!
//! Unaware of: which procedures, files and modules there are.

use super::Lowering;
use super::scalar::Quoted;
use crate::diag::{Code, Diagnostics};
use crate::doc::{Doc, Entry, NodeId, NodeKind};
use crate::ir::surface::{Compose, ComposeKind, Name, Stage};
use crate::ir::{Arg, Located, Step, Task, Typed, ValueKind};
use ipcmm_bytecode::Value;
use ipcmm_bytecode::catalog::{Runs, intrinsic};
use ipcmm_grammar::ast::Span;
use ipcmm_grammar::types::Type;
use ipcmm_stdlib::{BuiltinId, by_name};
use std::fmt::Display;

impl<'a> Lowering<'a> {
    /// Turns built-ins that are carried out at build into what they stand for.
    pub(super) fn composed(&mut self, task: &mut Task, entries: &'a [Entry], over: Option<NodeId>) {
        for step in &mut task.steps {
            self.staged(step, entries);
        }
        let alone = task.steps.len() == 1;
        let Some(at) = task.steps.iter().position(|step| step.builtin.runs == Runs::Build) else { return };
        if !alone {
            let step = &task.steps[at];
            let message = format!("`{}` stands alone under its label", step.builtin.name);
            let problem = self.problem(Code::NotAlone, step.span, message);
            self.report(problem.help("give it a label of its own"));
            return;
        }
        let step = task.steps.remove(at);
        task.compose = self.compose(&step, entries, over).map(|kind| Box::new(Compose { span: step.span, kind }));
        self.not_at_calls(task, step.builtin.name);
        let control = &task.control;
        for located in [&control.failed_if, &control.changed_if].into_iter().flatten() {
            let message = format!("`{}` has no outcome of its own that could be judged", step.builtin.name);
            let problem = self.problem(Code::KeywordOnCall, located.scalar, message);
            self.report(problem.help("write it at the tasks themselves"));
        }
    }

    fn compose(&mut self, step: &Step, entries: &'a [Entry], over: Option<NodeId>) -> Option<ComposeKind> {
        let arg = |name: &str| step.args.iter().find(|a| step.builtin.param(name) == Some(a.param));
        Some(match step.builtin.id {
            BuiltinId::Call => ComposeKind::Call {
                callee: self.literal(&arg("callee")?.value, "callee")?,
                args: self.written(step, entries, "args"),
                over: over.and_then(|block| self.given_in(step, block, "args")),
            },
            BuiltinId::Include => ComposeKind::Include {
                source: self.literal(&arg("source")?.value, "source")?,
                alias: self.alias(arg("as"))?,
                with: self.written(step, entries, "with"),
                when: match arg("when").map(|a| &a.value.kind) {
                    Some(ValueKind::Expr(located)) => Some(located.clone()),
                    _ => None,
                },
            },
            _ => ComposeKind::Import {
                module: self.literal(&arg("module")?.value, "module")?,
                alias: self.alias(arg("as"))?,
                only: match arg("only") {
                    Some(only) => self.literals(&only.value)?,
                    None => None,
                },
                version: match arg("version") {
                    Some(version) if !matches!(version.value.kind, ValueKind::Constant(Value::Null)) => {
                        Some(self.literal(&version.value, "version")?)
                    }
                    _ => None,
                },
            },
        })
    }

    /// A text that is written as it is.
    fn literal(&mut self, value: &Typed, name: &str) -> Option<Name> {
        match &value.kind {
            ValueKind::Constant(Value::Str(text)) => Some((text.to_string(), value.span)),
            ValueKind::Error => None,
            _ => {
                let message = format!("`{name}` is written as it is: it decides what else is read");
                let problem = self.problem(Code::NotConstant, value.span, message);
                self.report(problem);
                None
            }
        }
    }

    fn literals(&mut self, value: &Typed) -> Option<Option<Vec<Name>>> {
        match &value.kind {
            ValueKind::Constant(Value::List(items)) => {
                let names = items.iter().filter_map(|item| item.as_str());
                Some(Some(names.map(|name| (name.to_string(), value.span)).collect()))
            }
            ValueKind::Constant(_) => Some(None),
            _ => self.literal(value, "only").map(|_| None),
        }
    }

    fn alias(&mut self, arg: Option<&Arg>) -> Option<Option<Name>> {
        let Some(arg) = arg.filter(|arg| !matches!(arg.value.kind, ValueKind::Constant(Value::Null))) else {
            return Some(None);
        };
        let name = self.literal(&arg.value, "as")?;
        self.is_name(&name.0, name.1).then_some(Some(name))
    }

    /// The node of an argument of the label's only built-in: it is read later, when its type is known.
    fn written(&self, step: &Step, entries: &'a [Entry], name: &str) -> Option<NodeId> {
        let named = |entries: &'a [Entry], key: &str| entries.iter().find(|e| self.doc.text(e.key) == Some(key));
        // A list of one-entry maps is the same as a map.
        let inside = |id: NodeId, key: &str| -> Option<NodeId> {
            match &self.doc.node(id).kind {
                NodeKind::Map(entries) => named(entries, key).map(|e| e.value),
                NodeKind::List(items) => items
                    .iter()
                    .filter_map(|&item| self.entries(item))
                    .find_map(|entries| named(entries, key))
                    .map(|e| e.value),
                _ => None,
            }
        };
        let below = entries
            .iter()
            .find(|e| self.doc.text(e.key).is_some_and(|key| key.starts_with("ipcmm.")))
            .and_then(|e| inside(e.value, "args").or_else(|| inside(e.value, "params")));
        let args = below.or_else(|| named(entries, "args").or_else(|| named(entries, "params")).map(|e| e.value))?;
        self.given_in(step, args, name)
    }

    /// The node of an argument among those of a built-in.
    fn given_in(&self, step: &Step, args: NodeId, name: &str) -> Option<NodeId> {
        let value = match &self.doc.node(args).kind {
            NodeKind::Map(entries) => entries.iter().find(|e| self.doc.text(e.key) == Some(name)).map(|e| e.value),
            NodeKind::List(items) => items.get(usize::from(step.builtin.param(name)?)).copied(),
            _ => None,
        }?;
        // What is no map and no list was refused by the type of the argument.
        let read = name == "shape" || matches!(self.doc.node(value).kind, NodeKind::Map(_) | NodeKind::List(_));
        read.then_some(value)
    }

    /// `ipcmm.static` and `ipcmm.dynamic` are `ipcmm.eval` with a demand on the value.
    fn staged(&mut self, step: &mut Step, entries: &'a [Entry]) {
        let builtin = step.builtin;
        let dynamic = match builtin.id {
            BuiltinId::Static => false,
            BuiltinId::Dynamic => true,
            _ => return,
        };
        let take = |name: &str| step.args.iter().find(|a| builtin.param(name) == Some(a.param)).cloned();
        let (value, shape, bound) = (take("expr").or_else(|| take("value")), take("shape"), take("bound"));
        step.stage = Some(match (dynamic, shape) {
            (true, Some(shape)) => {
                let node = self.written(step, entries, "shape");
                let Some(ty) = node.and_then(|node| self.declared_type(node)) else { return };
                let bound = match bound.map(|b| (b.value.kind, b.value.span)) {
                    Some((ValueKind::Constant(Value::Int(bound)), _)) => Some(bound),
                    None | Some((ValueKind::Constant(_) | ValueKind::Error, _)) => None,
                    Some((_, span)) => {
                        let problem = self.problem(Code::NotConstant, span, "`bound` must be known at build");
                        self.report(problem);
                        None
                    }
                };
                Stage::Dynamic(ty, bound.map(|bound| beyond(bound, shape.value.span)))
            }
            (true, None) => return,
            (false, _) => Stage::Static,
        });
        let Some(eval) = by_name("ipcmm.eval") else { return };
        step.builtin = eval;
        step.args = value.into_iter().map(|arg| Arg { param: intrinsic::eval::EXPR, ..arg }).collect();
    }
}

/// The condition that a value is larger than it may be.
fn beyond(bound: i64, span: Span) -> Located {
    let text = format!("len(result.value) > {bound}");
    Located { expr: ipcmm_grammar::parse(&text).expr, scalar: span, pieces: [].into() }
}

/// A value that is given for a declared name.
pub(crate) struct Given {
    /// Which of the names, by its place in the list of them.
    pub name: usize,
    /// The value.
    pub value: Typed,
}

/// Reads values for declared names, each with its type: a map by name, or a list in order. Also says whether all of
/// them could be read.
pub(crate) fn given(
    doc: &Doc,
    id: NodeId,
    names: &[(&str, &'static Type)],
    place: &dyn Display,
    diagnostics: &mut Diagnostics,
) -> (Vec<Given>, bool) {
    let errors = diagnostics.errors();
    let mut lowering = Lowering::new(doc, diagnostics);
    let mut all = Vec::new();
    match &doc.node(id).kind {
        NodeKind::Map(entries) => {
            for entry in entries {
                let (key, key_span) = lowering.key(entry);
                match names.iter().position(|(name, _)| *name == key) {
                    Some(at) => {
                        let value = lowering.value(entry.value, names[at].1, &Quoted(key));
                        all.push(Given { name: at, value });
                    }
                    None => lowering.unknown_argument(key, key_span, place, names.iter().map(|(name, _)| *name)),
                }
            }
        }
        NodeKind::List(items) => {
            for (at, &item) in items.iter().enumerate() {
                let span = lowering.span(item);
                let Some((name, ty)) = names.get(at) else {
                    let message = format!("too many values for {place}: there are at most {}", names.len());
                    let problem = lowering.problem(Code::UnknownArgument, span, message);
                    lowering.report(problem);
                    break;
                };
                let value = lowering.value(item, ty, &Quoted(name));
                all.push(Given { name: at, value });
            }
        }
        NodeKind::Error => {}
        _ if lowering.is_null(id) => {}
        _ => lowering.wrong_shape(id, place, "a map of names and values"),
    }
    let whole = diagnostics.errors() == errors;
    (all, whole)
}

/// Reads one value with a type.
pub(crate) fn value_of(
    doc: &Doc,
    id: NodeId,
    ty: &'static Type,
    place: &dyn Display,
    diagnostics: &mut Diagnostics,
) -> Typed {
    Lowering::new(doc, diagnostics).value(id, ty, place)
}
