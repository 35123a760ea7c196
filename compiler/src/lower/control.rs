//! Control keywords, the same beside a built-in (for the whole label) and below it (for the step).

use super::Lowering;
use super::keep::add_context;
use super::scalar::Quoted;
use crate::diag::Code;
use crate::doc::{NodeId, NodeKind, Style};
use crate::ir::keep::Keep;
use crate::ir::{Arg, Control, Guard, Located, Order, Retry, Target, Task, Typed, ValueKind};
use crate::signatures;
use ipcmm_bytecode::Value;
use ipcmm_bytecode::bundle::ExecMode;
use ipcmm_bytecode::limits;
use ipcmm_grammar::ast::Span;
use ipcmm_grammar::keywords::Keyword;
use ipcmm_grammar::shapes::{Field, Shape};
use ipcmm_grammar::types::Type;
use ipcmm_grammar::units;
use ipcmm_stdlib::by_name;
use std::fmt::Display;

/// The maps with fixed fields that are read here. The build fails if the table and the readers below disagree.
const RETRY: &[Field] = Shape::Retry.having(&["attempts", "interval", "until", "splay"]);
const RESULT: &[Field] = Shape::Result.having(&["name", "failed_if", "changed_if"]);
const GUARD_COMMAND: &[Field] = Shape::GuardCommand.having(&["argv", "cmd", "shell", "cwd", "timeout"]);

/// Where a keyword stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    /// Beside the built-in.
    Label,
    /// Below it.
    Step,
}

/// Names that expressions know already.
pub(super) const TAKEN: &[&str] = &[
    "facts", "node", "nodes", "results", "env", "groups", "item", "key", "index", "round", "attempt", "phase", "event",
    "result", "secret", "true", "false", "null", "not", "and", "or", "in", "matches", "match", "if", "for",
];

/// What was read of the keywords of one place.
#[derive(Clone, Default)]
pub(super) struct Keywords {
    pub(super) control: Control,
    targets: Vec<Target>,
    order: Option<(Order, Span)>,
    pub(super) mode: Option<ExecMode>,
    pub(super) stops: Option<bool>,
    pub(super) keep: Keep,
    result: Option<(String, Span)>,
    pub(super) target: Option<super::target::Target>,
    pub(super) seen: Vec<(Keyword, Span)>,
    /// `failed_if` and `changed_if`, which have two places to stand in.
    pub(super) judged: Vec<(Keyword, Span)>,
}

/// Keywords that say when a label runs; written below a built-in they still hold for the label.
fn schedules(keyword: Keyword) -> bool {
    matches!(
        keyword,
        Keyword::DependsOn
            | Keyword::Requires
            | Keyword::Watch
            | Keyword::RequiresAny
            | Keyword::RequiresNone
            | Keyword::RunAfter
            | Keyword::RunBefore
            | Keyword::RunAround
            | Keyword::OnFail
            | Keyword::OnSuccess
            | Keyword::OnChange
            | Keyword::RunOnFail
            | Keyword::RunOnSuccess
            | Keyword::Listen
            | Keyword::Prereq
            | Keyword::PostReq
            | Keyword::Use
            | Keyword::Order
            | Keyword::ModeOfExec
            | Keyword::StopOnFail
            | Keyword::Result
            | Keyword::Target
            | Keyword::Lane
            | Keyword::Max
            | Keyword::Test
            | Keyword::MovedFrom
    )
}

impl Keywords {
    /// Hands what schedules the label up to it and keeps the rest for the step.
    pub(super) fn into_step(mut self, label: &mut Keywords, lowering: &mut Lowering<'_>) -> Control {
        for (keyword, span) in std::mem::take(&mut self.seen) {
            let before = label.seen.iter().find(|(k, _)| *k == keyword).map(|(_, s)| *s);
            match before {
                Some(first) if schedules(keyword) => lowering.repeated(keyword, span, first),
                _ => label.seen.push((keyword, span)),
            }
        }
        label.targets.append(&mut self.targets);
        label.order = label.order.or(self.order);
        label.target = label.target.take().or(self.target.take());
        label.mode = label.mode.or(self.mode);
        label.stops = label.stops.or(self.stops);
        label.keep.fill(&self.keep);
        if label.result.is_none() {
            label.result = self.result;
        }
        self.control
    }

    /// Whether `use` names tasks whose keywords are taken over.
    pub(super) fn takes_over(&self) -> bool {
        self.targets.iter().any(|target| target.keyword == Keyword::Use)
    }

    /// Gives the task what was read. The keywords of a label with one step are those of the step.
    pub(super) fn settle(self, task: &mut Task) {
        task.targets = self.targets;
        task.order = self.order;
        task.mode = self.mode;
        task.stops = self.stops;
        task.keep = self.keep;
        task.result = self.result;
        let mut label = self.control;
        match task.steps.as_mut_slice() {
            [step] => {
                step.control.inherit(&mut label, true);
                task.control = std::mem::take(&mut step.control);
            }
            steps => {
                for step in steps {
                    step.control.inherit(&mut label.clone(), false);
                }
                task.control = label;
            }
        }
    }
}

impl Keywords {
    /// Puts what a target block says over what the task has.
    pub(super) fn override_in(self, task: &mut Task) {
        task.targets.extend(self.targets);
        if self.control.env.is_empty() {
            return;
        }
        let controls = std::iter::once(&mut task.control).chain(task.steps.iter_mut().map(|step| &mut step.control));
        for control in controls {
            control.env.retain(|(name, _)| !self.control.env.iter().any(|(own, _)| own == name));
            control.env.extend(self.control.env.iter().cloned());
            control.env.sort_by(|a, b| a.0.cmp(&b.0));
        }
    }
}

impl Control {
    /// Takes from the label what the step does not say. User and environment always; the rest only where label and
    /// step are the same thing.
    fn inherit(&mut self, label: &mut Control, whole: bool) {
        if self.runas.is_none() {
            self.runas = label.runas.clone();
        }
        for (name, value) in &label.env {
            if !self.env.iter().any(|(own, _)| own == name) {
                self.env.push((name.clone(), value.clone()));
            }
        }
        self.env.sort_by(|a, b| a.0.cmp(&b.0));
        if whole {
            self.when = self.when.take().or(label.when.take());
            self.loop_in = self.loop_in.take().or(label.loop_in.take());
            self.retry = self.retry.take().or(label.retry.take());
            self.timeout = self.timeout.or(label.timeout);
            self.failed_if = self.failed_if.take().or(label.failed_if.take());
            self.changed_if = self.changed_if.take().or(label.changed_if.take());
            self.loop_if = self.loop_if.take().or(label.loop_if.take());
            self.loop_until = self.loop_until.take().or(label.loop_until.take());
            self.expect.append(&mut label.expect);
            add_context(&mut self.context, &label.context);
            self.onlyif.append(&mut label.onlyif);
            self.unless.append(&mut label.unless);
        }
    }
}

impl Lowering<'_> {
    pub(super) fn repeated(&mut self, keyword: Keyword, span: Span, first: Span) {
        let problem =
            self.problem(Code::RepeatedKeyword, span, format!("`{}` is given twice for one label", keyword.name()));
        self.report(problem.label(self.file(), first, "first given here"));
    }

    pub(super) fn keyword(&mut self, keyword: Keyword, span: Span, value: NodeId, level: Level, into: &mut Keywords) {
        // With one built-in, beside and below it mean the same; with several, each step may have its own.
        let before = into.seen.iter().find(|(k, _)| *k == keyword).map(|(_, s)| *s);
        if let Some(first) = before
            && (level == Level::Step || schedules(keyword))
        {
            self.repeated(keyword, span, first);
            return;
        }
        into.seen.push((keyword, span));
        match keyword {
            Keyword::DependsOn
            | Keyword::Requires
            | Keyword::Watch
            | Keyword::RequiresAny
            | Keyword::RequiresNone
            | Keyword::RunAfter
            | Keyword::RunBefore
            | Keyword::RunAround
            | Keyword::OnFail
            | Keyword::OnSuccess
            | Keyword::OnChange
            | Keyword::RunOnFail
            | Keyword::RunOnSuccess
            | Keyword::Listen
            | Keyword::Prereq
            | Keyword::PostReq
            | Keyword::Use => self.targets(value, keyword, into),
            Keyword::When => into.control.when = self.bare_expression(value),
            Keyword::OnlyIf => into.control.onlyif = self.guards(value, &"`onlyif`", span),
            Keyword::Unless => into.control.unless = self.guards(value, &"`unless`", span),
            Keyword::LoopIn => into.control.loop_in = Some(self.loop_in(value)),
            Keyword::Retry => into.control.retry = self.retry(value),
            Keyword::Timeout => into.control.timeout = self.milliseconds(value, &"`timeout`"),
            Keyword::RunAs => into.control.runas = Some(self.value(value, &Type::Str, &"`runas`")),
            Keyword::Env => into.control.env = self.env(value),
            Keyword::Order => into.order = self.order(value).map(|order| (order, span)),
            Keyword::StopOnFail => into.stops = self.boolean(value, &"`stoponfail`"),
            Keyword::ModeOfExec => into.mode = self.mode(value),
            Keyword::Result => self.result(value, into),
            Keyword::Target => into.target = self.target(value),
            Keyword::Doc => self.note_text(value),
            Keyword::Tags => {}
            // Read from the document by `lint`, which knows warnings.
            Keyword::Allow => {}
            Keyword::Args | Keyword::Params => {}
            Keyword::Context => into.control.context = self.context(value),
            Keyword::LoopIf => into.control.loop_if = self.bare_expression(value),
            Keyword::LoopUntil => into.control.loop_until = self.bare_expression(value),
            Keyword::Expect => into.control.expect = self.expectations(value, span),
            Keyword::FailedIf | Keyword::ChangedIf => self.judgement(keyword, span, value, into),
            Keyword::Test => into.keep.test = self.test(value),
            Keyword::MovedFrom => into.keep.moved_from = self.plain_name(value, &"`moved_from`"),
            Keyword::Lane => into.keep.lane = self.plain_name(value, &"`lane`"),
            Keyword::Max => {
                let most = i64::from(u16::MAX);
                into.keep.max = self.integer(value, &"`max`", 1, most).map(|max| (max, self.span(value)));
            }
            // Every row of the table has its arm, so that none can go unnoticed.
            Keyword::Ipcmm
            | Keyword::Module
            | Keyword::Declare
            | Keyword::Define
            | Keyword::Defaults
            | Keyword::UseModules => self.not_yet(keyword, span),
        }
    }

    fn targets(&mut self, value: NodeId, keyword: Keyword, into: &mut Keywords) {
        let names = self.names(value, &Quoted(keyword.name()));
        into.targets.extend(names.into_iter().map(|(name, span)| Target { keyword, name, span, from: None }));
    }

    pub(super) fn boolean(&mut self, value: NodeId, place: &dyn Display) -> Option<bool> {
        match self.value(value, &Type::Bool, place).kind {
            ValueKind::Constant(Value::Bool(b)) => Some(b),
            ValueKind::Error => None,
            _ => {
                self.must_be_constant(value, place);
                None
            }
        }
    }

    fn must_be_constant(&mut self, value: NodeId, place: &dyn Display) {
        let problem = self.problem(Code::NotConstant, self.span(value), format!("{place} must be known at build"));
        self.report(problem);
    }

    fn milliseconds(&mut self, value: NodeId, place: &dyn Display) -> Option<u32> {
        match self.value(value, &Type::Duration, place).kind {
            ValueKind::Constant(Value::Duration(ns)) => match u32::try_from(ns / 1_000_000) {
                Ok(ms) => Some(ms),
                Err(_) => {
                    let problem = self.problem(Code::BadValue, self.span(value), format!("{place} is at most 49 days"));
                    self.report(problem);
                    None
                }
            },
            ValueKind::Error => None,
            _ => {
                self.must_be_constant(value, place);
                None
            }
        }
    }

    fn integer(&mut self, value: NodeId, place: &dyn Display, least: i64, most: i64) -> Option<u32> {
        match self.value(value, &Type::Int, place).kind {
            ValueKind::Constant(Value::Int(n)) if (least..=most).contains(&n) => Some(n as u32),
            ValueKind::Constant(Value::Int(n)) => {
                let message = format!("{place} is {n}, and must be from {least} to {most}");
                let problem = self.problem(Code::BadValue, self.span(value), message);
                self.report(problem);
                None
            }
            ValueKind::Error => None,
            _ => {
                self.must_be_constant(value, place);
                None
            }
        }
    }

    fn order(&mut self, value: NodeId) -> Option<Order> {
        self.note(value, &Type::Int);
        match &self.doc.node(value).kind {
            NodeKind::Scalar { text, style } => match style.word(text) {
                "first" => return Some(Order::First),
                "last" => return Some(Order::Last),
                number if *style != Style::Quoted => {
                    if let Some(n) = units::parse_int(number) {
                        return Some(Order::At(n));
                    }
                }
                _ => {}
            },
            NodeKind::Error => return None,
            _ => {}
        }
        let problem = self.problem(Code::BadValue, self.span(value), "`order` takes `first`, `last` or a whole number");
        self.report(problem);
        None
    }

    fn mode(&mut self, value: NodeId) -> Option<ExecMode> {
        let text = self.plain_text(value, &"`modeofexec`")?;
        if let Some(mode) = ExecMode::from_name(&text) {
            return Some(mode);
        }
        let message = format!("`{text}` is no mode of execution");
        let known: Vec<_> = ExecMode::TABLE.iter().map(|(_, name, _)| format!("`{name}`")).collect();
        let problem = self.problem(Code::BadValue, self.span(value), message);
        let problem = problem.help(format!("there are {}", known.join(", ")));
        self.report(problem);
        None
    }

    fn loop_in(&mut self, value: NodeId) -> Typed {
        if matches!(self.doc.node(value).kind, NodeKind::Scalar { .. }) {
            let span = self.span(value);
            let kind = self.bare_expression(value).map_or(ValueKind::Error, ValueKind::Expr);
            return Typed { kind, span, wanted: &Type::Any };
        }
        self.value(value, &Type::Any, &"`loop_in`")
    }

    fn env(&mut self, value: NodeId) -> Vec<(String, Typed)> {
        let Some(entries) = self.entries(value) else {
            self.wrong_shape(value, &"`env`", "a map of names and values");
            return Vec::new();
        };
        let mut env = Vec::with_capacity(entries.len());
        for entry in entries {
            let (key, span) = self.key(entry);
            if key.is_empty() || key.contains(['=', '\0']) {
                let problem = self.problem(
                    Code::BadValue,
                    span,
                    format!("`{}` cannot be the name of a variable", key.escape_debug()),
                );
                self.report(problem);
                continue;
            }
            env.push((key.to_string(), self.value(entry.value, crate::signatures::env(), &Quoted(key))));
        }
        env.sort_by(|a, b| a.0.cmp(&b.0));
        env
    }

    fn retry(&mut self, value: NodeId) -> Option<Retry> {
        let default = || Retry { attempts: 2, interval: 30_000, splay: 0, until: None };
        if let NodeKind::Scalar { .. } = self.doc.node(value).kind {
            let before = self.diagnostics.len();
            let retry = self.boolean(value, &"`retry`");
            let text = self.doc.text(value).unwrap_or("");
            if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
                let help = format!("write `retry: {{attempts: {text}}}`, counting the first execution too");
                self.diagnostics.change_from(before, |problem| {
                    problem.help = Some(help.clone());
                    problem.fix = None;
                });
            }
            return retry.unwrap_or(false).then(default);
        }
        let Some(entries) = self.entries(value) else {
            self.wrong_shape(value, &"`retry`", "a map of `attempts`, `interval`, `until` and `splay`, or `true`");
            return None;
        };
        let mut retry = default();
        for entry in entries {
            let (key, span) = self.key(entry);
            match key {
                "attempts" => {
                    let most = i64::from(limits::ATTEMPTS);
                    retry.attempts = self.integer(entry.value, &"`attempts`", 1, most).unwrap_or(1);
                }
                "interval" => retry.interval = self.milliseconds(entry.value, &"`interval`").unwrap_or(0),
                "splay" => retry.splay = self.milliseconds(entry.value, &"`splay`").unwrap_or(0).div_ceil(1000),
                "until" => retry.until = self.bare_expression(entry.value),
                _ => self.unknown_argument(key, span, &"`retry`", RETRY.iter().map(|field| field.name)),
            }
        }
        Some(retry)
    }

    fn result(&mut self, value: NodeId, into: &mut Keywords) {
        let Some(entries) = self.entries(value) else {
            into.result = self.result_name(value);
            return;
        };
        for entry in entries {
            let (key, span) = self.key(entry);
            match key {
                "name" => into.result = self.result_name(entry.value),
                "failed_if" => self.judgement(Keyword::FailedIf, span, entry.value, into),
                "changed_if" => self.judgement(Keyword::ChangedIf, span, entry.value, into),
                _ => self.unknown_argument(key, span, &"`result`", RESULT.iter().map(|field| field.name)),
            }
        }
    }

    /// The name of a result is used in expressions, so it must be a name there.
    fn result_name(&mut self, value: NodeId) -> Option<(String, Span)> {
        let text = self.plain_text(value, &"`result`")?;
        let span = self.span(value);
        let name = text.chars().enumerate().all(|(i, c)| c == '_' || c.is_alphabetic() || i > 0 && c.is_alphanumeric());
        if text.is_empty() || !name || TAKEN.contains(&text.as_str()) {
            let message = format!("`{}` cannot be the name of a result", text.escape_debug());
            let problem = self.problem(Code::BadValue, span, message);
            self.report(
                problem.help("a name is made of letters, digits and `_`, and is none that expressions know already"),
            );
            return None;
        }
        Some((text, span))
    }

    fn guards(&mut self, value: NodeId, place: &dyn Display, keyword: Span) -> Vec<Guard> {
        let doc = self.doc;
        let items = match &doc.node(value).kind {
            NodeKind::List(items) => items.as_slice(),
            _ => std::slice::from_ref(&value),
        };
        if items.is_empty() {
            let problem =
                self.problem(Code::EmptyGuard, keyword, format!("{place} has no conditions, so it always holds"));
            self.report(problem);
        }
        items.iter().filter_map(|&item| self.guard(item, place)).collect()
    }

    fn guard(&mut self, value: NodeId, place: &dyn Display) -> Option<Guard> {
        match &self.doc.node(value).kind {
            NodeKind::Scalar { text, .. } if self.is_bare_command(value, text, place) => None,
            NodeKind::Scalar { .. } => self.bare_expression(value).map(Guard::Expr),
            NodeKind::Map(_) => {
                let command = by_name("ipcmm.run.cmd")?;
                let mut args: Vec<Arg> = self.args(command, value);
                for arg in &args {
                    let name = command.params[arg.param as usize].name;
                    if !GUARD_COMMAND.iter().any(|field| field.name == name) {
                        self.unknown_argument(
                            name,
                            arg.key,
                            &format_args!("a command of {place}"),
                            GUARD_COMMAND.iter().map(|field| field.name),
                        );
                    }
                }
                let given = |name: &str| args.iter().any(|a| command.param(name) == Some(a.param));
                if given("argv") == given("cmd") {
                    let problem = self.problem(
                        Code::MissingArgument,
                        self.span(value),
                        format!("a command of {place} has either `argv` or `cmd`"),
                    );
                    self.report(problem);
                    return None;
                }
                if !given("timeout")
                    && let Some(param) = command.param("timeout")
                {
                    let ty = &signatures::params(command)[param as usize];
                    let kind = ValueKind::Constant(Value::Duration(30_000_000_000));
                    args.push(Arg {
                        param,
                        key: self.span(value),
                        value: Typed { kind, span: self.span(value), wanted: ty },
                    });
                    args.sort_by_key(|arg| arg.param);
                }
                Some(Guard::Command(command, args))
            }
            _ => {
                self.wrong_shape(value, place, "an expression, or a command as a map with `argv` or `cmd`");
                None
            }
        }
    }
}

/// The expression of a guard, if it is one.
impl Guard {
    /// The expression, if it is one.
    pub fn expr(&self) -> Option<&Located> {
        match self {
            Guard::Expr(expr) => Some(expr),
            Guard::Command(..) => None,
        }
    }
}
