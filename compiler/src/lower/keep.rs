//! Readers of `context`, `expect`, `failed_if`, `changed_if`, `test` and of names, and which keywords exclude each other.

use super::Lowering;
use super::control::{Keywords, TAKEN};
use super::scalar::Quoted;
use crate::diag::Code;
use crate::doc::{NodeId, NodeKind};
use crate::ir::keep::{ContextName, Keep};
use crate::ir::setting::{Late, Setting};
use crate::ir::{Control, Located, Step, Task};
use ipcmm_grammar::ast::Span;
use ipcmm_grammar::keywords::Keyword;
use ipcmm_grammar::types::Type;

impl Keep {
    /// Takes over what it does not say itself.
    pub(super) fn fill(&mut self, other: &Keep) {
        let Keep { lane, max, test, moved_from, late } = other;
        let open = |late: &&Late| !self.late.iter().any(|own| own.setting == late.setting);
        let open: Vec<Late> = late.iter().filter(open).cloned().collect();
        self.late.extend(open);
        self.lane = self.lane.take().or_else(|| lane.clone());
        self.max = self.max.or(*max);
        self.test = self.test.or(*test);
        self.moved_from = self.moved_from.take().or_else(|| moved_from.clone());
    }
}

/// Adds the names that are not there yet.
pub(super) fn add_context(own: &mut Vec<ContextName>, other: &[ContextName]) {
    for entry in other {
        if !own.iter().any(|known| known.name == entry.name) {
            own.push(entry.clone());
        }
    }
}

impl Lowering<'_> {
    /// Whether arguments are given a second time in one place, under either name; reports it.
    pub(super) fn is_second<'k>(&mut self, key: &'k str, span: Span, first: &mut Option<(&'k str, Span)>) -> bool {
        let Some((name, before)) = *first else {
            *first = Some((key, span));
            return false;
        };
        let message = format!("`{name}` and `{key}` are two names of one thing, and both are given");
        let problem = self.problem(Code::RepeatedKeyword, span, message);
        self.report(
            problem.label(self.file(), before, "first given here").help("write all arguments under one of them"),
        );
        true
    }

    /// `failed_if` and `changed_if`, under `result` or beside it.
    pub(super) fn judgement(&mut self, keyword: Keyword, span: Span, value: NodeId, into: &mut Keywords) {
        if let Some((_, first)) = into.judged.iter().find(|(known, _)| *known == keyword) {
            return self.repeated(keyword, span, *first);
        }
        into.judged.push((keyword, span));
        let judged = self.bare_expression(value);
        match keyword {
            Keyword::FailedIf => into.control.failed_if = judged,
            _ => into.control.changed_if = judged,
        }
    }

    /// With one built-in, beside it and below it are one place.
    pub(super) fn judged_once(&mut self, steps: &[Step], label: &Keywords) {
        let [step] = steps else { return };
        let (own, other) = (&step.control, &label.control);
        let pairs = [
            (Keyword::FailedIf, &own.failed_if, &other.failed_if),
            (Keyword::ChangedIf, &own.changed_if, &other.changed_if),
        ];
        for (keyword, own, other) in pairs {
            if let (Some(own), Some(other)) = (own, other) {
                let swapped = other.scalar.start < own.scalar.start;
                let (first, second) = if swapped { (other, own) } else { (own, other) };
                self.repeated(keyword, second.scalar, first.scalar);
            }
        }
    }

    /// One expression or several.
    pub(super) fn expectations(&mut self, value: NodeId, keyword: Span) -> Vec<Located> {
        let doc = self.doc;
        let items = match &doc.node(value).kind {
            NodeKind::List(items) => items.as_slice(),
            _ => std::slice::from_ref(&value),
        };
        if items.is_empty() {
            let problem = self.problem(Code::EmptyGuard, keyword, "`expect` has no conditions, so it always holds");
            self.report(problem);
        }
        let mut read = Vec::with_capacity(items.len());
        for &item in items {
            match &doc.node(item).kind {
                NodeKind::Scalar { .. } => read.extend(self.bare_expression(item)),
                _ => self.wrong_shape(item, &"`expect`", "an expression, or a list of them"),
            }
        }
        read
    }

    /// Names and what they stand for.
    pub(super) fn context(&mut self, value: NodeId) -> Vec<ContextName> {
        let Some(entries) = self.entries(value) else {
            self.wrong_shape(value, &"`context`", "a map of names and values");
            return Vec::new();
        };
        let mut context = Vec::with_capacity(entries.len());
        for entry in entries {
            let (name, span) = self.key(entry);
            let read = self.value(entry.value, &Type::Any, &Quoted(name));
            if self.is_variable(name, span) {
                context.push(ContextName { name: name.to_owned(), span, value: read });
            }
        }
        context
    }

    fn is_variable(&mut self, name: &str, span: Span) -> bool {
        let fits = |(i, c): (usize, char)| c == '_' || c.is_alphabetic() || i > 0 && c.is_alphanumeric();
        let is_name = !name.is_empty() && name.chars().enumerate().all(fits) && !TAKEN.contains(&name);
        if !is_name {
            let message = format!("`{}` cannot be a name of `context`", name.escape_debug());
            let problem = self.problem(Code::BadValue, span, message);
            let help = "a name is made of letters, digits and `_`, and is none that expressions know already";
            self.report(problem.help(help));
        }
        is_name
    }

    /// A body is repeated for one reason only.
    pub(super) fn rounds_alone(&mut self, task: &Task) {
        let controls = std::iter::once(&task.control).chain(task.steps.iter().map(|step| &step.control));
        for control in controls {
            let condition = |keyword: &'static str, it: &Option<Located>| it.as_ref().map(|it| (keyword, it.scalar));
            let loops = [
                control.loop_in.as_ref().map(|list| ("loop_in", list.span)),
                condition("loop_if", &control.loop_if),
                condition("loop_until", &control.loop_until),
            ];
            let mut loops: Vec<(&str, Span)> = loops.into_iter().flatten().collect();
            loops.sort_by_key(|(_, span)| span.start);
            if let [(first, place), (second, span), ..] = loops.as_slice() {
                let message = format!("`{first}` and `{second}` exclude each other");
                let problem = self.problem(Code::ExclusiveKeywords, *span, message);
                let problem = problem.label(self.file(), *place, format!("`{first}` is here"));
                self.report(
                    problem.help("a loop in a loop needs a procedure: its call has one, and its task the other"),
                );
            }
        }
    }

    /// What a call, an include or an import has no use for.
    pub(super) fn not_at_calls(&mut self, task: &Task, builtin: &str) {
        let Control { loop_if, loop_until, expect, context, .. } = &task.control;
        let Keep { lane, max, test, moved_from, late } = &task.keep;
        let late = |setting: Setting| late.iter().find(|late| late.setting == setting).map(|late| late.value.span);
        let at = |it: &Option<Located>| it.as_ref().map(|it| it.scalar);
        let found = [
            ("loop_if", at(loop_if)),
            ("loop_until", at(loop_until)),
            ("expect", expect.first().map(|it| it.scalar)),
            ("context", context.first().map(|it| it.span)),
            ("lane", lane.as_ref().map(|(_, span)| *span).or_else(|| late(Setting::Lane))),
            ("max", max.map(|(_, span)| span).or_else(|| late(Setting::Max))),
            ("test", test.map(|_| task.span).or_else(|| late(Setting::Test))),
            ("moved_from", moved_from.as_ref().map(|(_, span)| *span).or_else(|| late(Setting::MovedFrom))),
        ];
        for (keyword, span) in found {
            if let Some(span) = span {
                let message = format!("`{keyword}` cannot hold for `{builtin}`, which is no work of its own");
                let problem = self.problem(Code::KeywordOnCall, span, message);
                self.report(problem.help("write it at the tasks themselves"));
            }
        }
    }
}
