//! Labels and what stands under them: built-ins with their arguments, beside and below them control keywords.

use super::Lowering;
use super::control::{Keywords, Level};
use super::scalar::Quoted;
use crate::diag::{Applicability, Code, Manner, suggest};
use crate::doc::{Entry, NodeId, NodeKind};
use crate::ir::keep::Keep;
use crate::ir::{Arg, Control, Step, Task, ValueKind};
use crate::signatures;
use crate::source::FileId;
use ipcmm_grammar::ast::Span;
use ipcmm_grammar::keywords::{Keyword, Place};
use ipcmm_grammar::types::Type;
use ipcmm_stdlib::{BUILTINS, Builtin, Default, PLANNED, by_name};
use std::fmt::Display;

impl<'a> Lowering<'a> {
    pub(super) fn task_body(&mut self, label: &str, span: Span, value: NodeId) -> Task {
        self.misspelt.clear();
        let mut task = Task {
            label: label.to_string(),
            span,
            steps: Vec::new(),
            control: Control::default(),
            targets: Vec::new(),
            order: None,
            mode: None,
            stops: None,
            keep: Keep::default(),
            result: None,
            compose: None,
            binding: None,
            others: Vec::new(),
            poisoned: false,
        };
        let Some(entries) = self.entries(value) else {
            self.note(value, &Type::Null);
            match &self.doc.node(value).kind {
                NodeKind::Error => {}
                NodeKind::Null => self.nothing_to_do(label, span, value),
                NodeKind::Scalar { .. } if self.is_null(value) => self.nothing_to_do(label, span, value),
                _ => self.wrong_shape(value, &Quoted(label), "a map with a built-in in it"),
            }
            return task;
        };
        let mut keywords = Keywords::default();
        let mut args: Option<(NodeId, Span)> = None;
        let mut named: Option<(&str, Span)> = None;
        let mut found = false;
        let unknown = self.unknown_keys;
        for entry in entries {
            let (key, key_span) = self.key(entry);
            if key.starts_with("ipcmm.") {
                found = true;
                if let Some(step) = self.step(key, key_span, entry.value, &mut keywords) {
                    task.steps.push(step);
                }
                continue;
            }
            match Keyword::from_name(key).filter(|k| k.stands_in(Place::Label) || k.stands_in(Place::Step)) {
                Some(Keyword::Args | Keyword::Params) if self.is_second(key, key_span, &mut named) => {}
                Some(Keyword::Args | Keyword::Params) => args = Some((entry.value, key_span)),
                Some(keyword) => self.keyword(keyword, key_span, entry.value, Level::Label, &mut keywords),
                None => self.unknown_keyword(key, key_span, &format!("under `{label}`")),
            }
        }
        // A key that is unknown may have been meant as the built-in.
        if !found && self.unknown_keys == unknown {
            self.nothing_to_do(label, span, value);
        }
        if let Some((args, args_span)) = args {
            match task.steps.as_mut_slice() {
                [step] if step.args.is_empty() => {
                    let builtin = step.builtin;
                    step.args = self.args(builtin, args);
                }
                [] => {}
                _ => {
                    let problem = self.problem(
                        Code::RepeatedKeyword,
                        args_span,
                        "`args` stands beside several built-ins, or twice",
                    );
                    self.report(problem.help("write it under the built-in it is for"));
                }
            }
        }
        keywords.fill(&self.defaults, &task.steps);
        self.judged_once(&task.steps, &keywords);
        self.bind(&mut task, keywords);
        self.rounds_alone(&task);
        let mut others = std::mem::take(&mut task.others);
        for bound in others.iter_mut().chain([&mut task]) {
            self.composed(bound, entries);
        }
        task.others = others;
        task
    }

    fn nothing_to_do(&mut self, label: &str, span: Span, value: NodeId) {
        // What stood here may have been refused by the reader already.
        let (file, inside) = (self.file(), self.span(value));
        let known = |place: Option<(FileId, Span)>| {
            place.is_some_and(|(f, s)| f == file && inside.start <= s.start && s.end <= inside.end)
        };
        if self.diagnostics.iter().take(self.parsed).any(|d| known(d.place)) {
            return;
        }
        if by_name(label).is_some() {
            let message = format!("`{label}` is a built-in, and stands where a label does");
            let problem = self.problem(Code::NoBuiltin, span, message);
            self.report(problem.help("indent it, so that it stands under the label of its task"));
            return;
        }
        let problem = self.problem(Code::NoBuiltin, span, format!("`{label}` has nothing to do"));
        self.report(problem.help("write a built-in under it, such as `ipcmm.filesystem.file:`"));
    }

    /// The built-in of a name, or of a bare namespace whose `args` name the function as `do`.
    fn builtin(&mut self, name: &str, span: Span, args: Option<NodeId>) -> Option<&'static Builtin> {
        if let Some(builtin) = by_name(name) {
            return Some(builtin);
        }
        let chosen = args.and_then(|args| self.entries(args)).and_then(|entries| {
            let entry = entries.iter().find(|e| self.doc.text(e.key) == Some("do"))?;
            by_name(&format!("{name}.{}", self.doc.text(entry.value)?))
        });
        if chosen.is_some() {
            return chosen;
        }
        let functions: Vec<_> =
            BUILTINS.iter().filter(|b| b.name.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'))).collect();
        if !functions.is_empty() {
            let names: Vec<_> = functions.iter().map(|b| format!("`{}`", b.name)).collect();
            let problem =
                self.problem(Code::UnknownBuiltin, span, format!("`{name}` is a family of built-ins, not one"));
            self.report(problem.help(format!("name one of {}", names.join(", "))));
            return None;
        }
        if PLANNED.iter().any(|p| name == *p || name.strip_prefix(p).is_some_and(|rest| rest.starts_with('.'))) {
            let problem = self.problem(Code::BuiltinNotYet, span, format!("`{name}` is not there yet"));
            self.report(problem.help("it belongs to the standard library, and a later version will have it"));
            return None;
        }
        let near = suggest::nearest(name, BUILTINS.iter().map(|b| b.name));
        let mut problem = self.problem(Code::UnknownBuiltin, span, format!("unknown built-in `{name}`"));
        if let Some(near) = near {
            problem = problem.did_you_mean(near);
        }
        self.report(problem);
        None
    }

    /// What stands under a built-in: a map, a list of one-entry maps (merged in order), or nothing.
    fn body(&mut self, name: &str, value: NodeId) -> Vec<Entry> {
        self.note(value, &Type::Null);
        match &self.doc.node(value).kind {
            NodeKind::Null | NodeKind::Error => Vec::new(),
            NodeKind::Map(entries) => entries.clone(),
            NodeKind::List(items) => {
                let mut merged: Vec<Entry> = Vec::new();
                for &item in items {
                    let Some(entries) = self.entries(item) else {
                        self.wrong_shape(item, &format_args!("the list under `{name}`"), "maps of keywords");
                        continue;
                    };
                    for entry in entries {
                        let (key, span) = self.key(entry);
                        match merged.iter().find(|e| self.doc.text(e.key) == Some(key)) {
                            Some(first) => {
                                let first = self.span(first.key);
                                let problem =
                                    self.problem(Code::DuplicateKey, span, format!("`{key}` is written twice"));
                                self.report(problem.label(self.file(), first, "first written here"));
                            }
                            None => merged.push(*entry),
                        }
                    }
                }
                merged
            }
            NodeKind::Scalar { .. } if self.is_null(value) => Vec::new(),
            NodeKind::Scalar { .. } => {
                self.text_for_arguments(value, &Quoted(name), "a map of `args` and keywords", by_name(name), "args: ");
                Vec::new()
            }
        }
    }

    /// Where dots make maps, a misspelt built-in is a family with a word under it that is nearly a function of it.
    fn misspelt_function(&mut self, name: &str, entries: &[Entry]) -> bool {
        let [entry] = entries else { return false };
        let (key, span) = self.key(entry);
        let functions = BUILTINS.iter().filter_map(|b| b.name.strip_prefix(name)?.strip_prefix('.'));
        let Some(near) = suggest::nearest(key, functions).filter(|_| Keyword::from_name(key).is_none()) else {
            return false;
        };
        let problem = self.problem(Code::UnknownBuiltin, span, format!("unknown built-in `{name}.{key}`"));
        let help = format!("did you mean `{name}.{near}`?");
        self.report(problem.help(help).mend(format!("write `{near}`"), span, near, Manner::Text));
        true
    }

    fn step(&mut self, name: &str, span: Span, value: NodeId, label: &mut Keywords) -> Option<Step> {
        let entries = self.body(name, value);
        let arg_entry = entries.iter().find(|e| matches!(self.doc.text(e.key), Some("args" | "params")));
        if self.misspelt_function(name, &entries) {
            return None;
        }
        let builtin = self.builtin(name, span, arg_entry.map(|e| e.value));
        let mut own = Keywords::default();
        let mut args = Vec::new();
        let mut named = None;
        for entry in &entries {
            let (key, key_span) = self.key(entry);
            match Keyword::from_name(key).filter(|k| k.stands_in(Place::Label) || k.stands_in(Place::Step)) {
                Some(Keyword::Args | Keyword::Params) if self.is_second(key, key_span, &mut named) => {}
                Some(Keyword::Args | Keyword::Params) => {
                    if let Some(builtin) = builtin {
                        args = self.args(builtin, entry.value);
                    }
                }
                Some(Keyword::Allow) => {
                    let message =
                        format!("`allow` stands under the label, beside `{name}`, or at the top of the module");
                    let problem = self.problem(Code::UnknownKeyword, key_span, message);
                    self.report(problem);
                }
                Some(keyword) => self.keyword(keyword, key_span, entry.value, Level::Step, &mut own),
                // Which words may stand under an unknown built-in is not known either.
                None if builtin.is_none() => {}
                None => {
                    // A frequent slip: an argument without `args` above it.
                    let param = builtin.and_then(|b| b.param(key));
                    if param.is_some() {
                        let problem =
                            self.problem(Code::UnknownKeyword, key_span, format!("`{key}` is an argument of `{name}`"));
                        self.report(problem.help("arguments stand under `args:`"));
                        self.misspelt.push(key.to_owned());
                    } else {
                        self.unknown_keyword(key, key_span, &format!("under `{name}`"));
                        if key == "name" {
                            // What Salt works on: whatever it is here, it was not forgotten.
                            self.misspelt.extend(["path", "cmd"].map(str::to_owned));
                        }
                    }
                }
            }
        }
        let control = own.into_step(label, self);
        Some(Step { builtin: builtin?, span, args, control, stage: None })
    }

    /// Arguments by name, or by position.
    pub(super) fn args(&mut self, builtin: &'static Builtin, value: NodeId) -> Vec<Arg> {
        self.note(value, &Type::Null);
        let types = signatures::params(builtin);
        let mut args: Vec<Arg> = Vec::new();
        match &self.doc.node(value).kind {
            NodeKind::Null | NodeKind::Error => {}
            NodeKind::Map(entries) => {
                for entry in entries {
                    let (key, key_span) = self.key(entry);
                    let Some(param) = builtin.param(key) else {
                        if key != "do" {
                            let known = builtin.params.iter().map(|p| p.name);
                            self.unknown_argument(
                                key,
                                key_span,
                                &format_args!("the arguments of `{}`", builtin.name),
                                known,
                            );
                        }
                        continue;
                    };
                    let value = self.value(entry.value, &types[param as usize], &Quoted(key));
                    args.push(Arg { param, key: key_span, value });
                }
            }
            NodeKind::List(items) => {
                for (i, &item) in items.iter().enumerate() {
                    let Some(param) = builtin.params.get(i) else {
                        let message = format!("`{}` takes at most {} arguments", builtin.name, builtin.params.len());
                        let problem = self.problem(Code::UnknownArgument, self.span(item), message);
                        self.report(problem);
                        break;
                    };
                    let value = self.value(item, &types[i], &Quoted(param.name));
                    args.push(Arg { param: i as u16, key: self.span(item), value });
                }
            }
            NodeKind::Scalar { .. } if self.is_null(value) => {}
            NodeKind::Scalar { .. } => {
                let place = format!("`args` of `{}`", builtin.name);
                self.text_for_arguments(value, &place, "a map of arguments", Some(builtin), "");
            }
        }
        args.sort_by_key(|arg| arg.param);
        args
    }

    /// A text stands where arguments do: which one it most likely is, is said, and none is missing besides.
    fn text_for_arguments(
        &mut self,
        value: NodeId,
        place: &dyn Display,
        wanted: &str,
        builtin: Option<&'static Builtin>,
        before: &str,
    ) {
        let message = format!("{place} takes {wanted}, and this is a scalar");
        let mut problem = self.problem(Code::WrongShape, self.span(value), message);
        if let Some(builtin) = builtin {
            let required = builtin.params.iter().find(|param| param.default == Default::Required).map(|p| p.name);
            // Of several that exclude each other, the last is the one that is a single text.
            let likely = required.or(builtin.one_of.first().and_then(|group| group.last().copied()));
            if let (Some(likely), Some(text)) = (likely, self.doc.text(value).filter(|text| text.len() <= 40)) {
                problem = problem.help(format!("arguments have names: write `{before}{{{likely}: {text}}}`"));
            }
            self.misspelt.extend(builtin.params.iter().map(|param| param.name.to_owned()));
        }
        self.report(problem);
    }

    /// Arguments that must be there, and those of which exactly one must be.
    pub(super) fn required(&mut self, builtin: &'static Builtin, args: &[Arg], span: Span) {
        let given = |name: &str| args.iter().find(|a| builtin.param(name) == Some(a.param));
        for param in builtin.params {
            let misspelt = self.misspelt.iter().any(|name| name == param.name);
            if param.default == Default::Required && given(param.name).is_none() && !misspelt {
                let message = format!("`{}` lacks `{}`", builtin.name, param.name);
                let problem = self.problem(Code::MissingArgument, span, message);
                let problem = problem.help(format!("`{}` is {}: {}", param.name, param.ty, param.doc)).mend(
                    format!("add `{}`", param.name),
                    span,
                    "",
                    Manner::Argument(param.name),
                );
                self.report(problem.applicable(Applicability::Unfinished));
            }
        }
        for group in builtin.one_of {
            let present: Vec<&Arg> = group
                .iter()
                .filter_map(|name| given(name))
                .filter(|a| !matches!(a.value.kind, ValueKind::Constant(ipcmm_bytecode::Value::Null)))
                .collect();
            let names: Vec<_> = group.iter().map(|n| format!("`{n}`")).collect();
            match present.as_slice() {
                [] if group.iter().any(|name| self.misspelt.iter().any(|m| m == name)) => {}
                [] => {
                    let message = format!("`{}` needs one of {}", builtin.name, names.join(", "));
                    let problem = self.problem(Code::MissingArgument, span, message);
                    self.report(problem);
                }
                [_] => {}
                [first, second, ..] => {
                    let message = format!("`{}` takes only one of {}", builtin.name, names.join(", "));
                    let problem = self.problem(Code::ConflictingArguments, second.key, message);
                    self.report(problem.label(self.file(), first.key, "the other one"));
                }
            }
        }
        self.exclusive(builtin, args);
    }

    /// Arguments that make no sense together.
    fn exclusive(&mut self, builtin: &'static Builtin, args: &[Arg]) {
        const PAIRS: &[(&str, &str, &str)] =
            &[("ipcmm.filesystem.file", "content", "source"), ("ipcmm.run.cmd", "argv", "shell")];
        for (name, one, other) in PAIRS {
            if builtin.name != *name {
                continue;
            }
            let given = |n: &str| args.iter().find(|a| builtin.param(n) == Some(a.param));
            if let (Some(first), Some(second)) = (given(one), given(other))
                && !matches!(
                    second.value.kind,
                    ValueKind::Constant(ipcmm_bytecode::Value::Bool(false)) | ValueKind::Error
                )
            {
                let problem = self.problem(
                    Code::ConflictingArguments,
                    second.key,
                    format!("`{one}` and `{other}` exclude each other"),
                );
                self.report(problem.label(self.file(), first.key, "the other one"));
            }
        }
    }
}
