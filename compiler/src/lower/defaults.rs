//! `defaults`: keywords that the tasks of a document take over, unless they set them themselves.
//!
//! Calls, includes and imports take none: the tasks they stand for have those of the module they are written in.

use super::Lowering;
use super::control::{Keywords, Level};
use super::keep::add_context;
use crate::diag::Code;
use crate::doc::Entry;
use crate::ir::Step;
use crate::ir::keep::Keep;
use crate::ir::setting::{Late, Setting};
use ipcmm_bytecode::bundle::ExecMode;
use ipcmm_bytecode::catalog::Runs;
use ipcmm_grammar::ast::Span;
use ipcmm_grammar::keywords::Keyword;

/// Keywords that may be defaults.
const ALLOWED: &[Keyword] = &[
    Keyword::When,
    Keyword::OnlyIf,
    Keyword::Unless,
    Keyword::Retry,
    Keyword::Timeout,
    Keyword::RunAs,
    Keyword::Env,
    Keyword::StopOnFail,
    Keyword::ModeOfExec,
    Keyword::Lane,
    Keyword::Max,
    Keyword::Test,
    Keyword::Context,
    Keyword::Tags,
    Keyword::Doc,
    Keyword::Target,
];

/// Why a keyword of tasks is no default.
const fn reason(keyword: Keyword) -> &'static str {
    match keyword {
        Keyword::Args | Keyword::Params => "each built-in has its own arguments",
        Keyword::Result | Keyword::MovedFrom => "it names one task",
        Keyword::Expect | Keyword::FailedIf | Keyword::ChangedIf => "it judges what one built-in gives",
        Keyword::LoopIn | Keyword::LoopIf | Keyword::LoopUntil => "what is repeated is the work of one task",
        Keyword::Order => "with the same rank everywhere nothing is ordered",
        Keyword::Allow => "it stands beside `defaults`, at the top of the module",
        _ => "a task that the keyword names would wait for itself",
    }
}

impl Lowering<'_> {
    /// Reads `defaults` among the entries of a module; gives its place.
    pub(super) fn read_defaults(&mut self, entries: &[Entry]) -> Option<Span> {
        self.defaults = Keywords::default();
        let value = entries.iter().find(|entry| self.doc.text(entry.key) == Some("defaults"))?.value;
        if self.is_null(value) {
            return None;
        }
        let Some(entries) = self.entries(value) else {
            self.wrong_shape(value, &"`defaults`", "a map of keywords");
            return None;
        };
        let mut read = Keywords::default();
        for entry in entries {
            let (key, span) = self.key(entry);
            match Keyword::from_name(key) {
                Some(keyword) if ALLOWED.contains(&keyword) => {
                    self.keyword(keyword, span, entry.value, Level::Label, &mut read);
                }
                Some(keyword) if keyword.stands_in(ipcmm_grammar::keywords::Place::Label) => {
                    let message = format!("`{key}` cannot be a default: {}", reason(keyword));
                    let problem = self.problem(Code::NoDefault, span, message);
                    self.report(problem.help("write it at the tasks it is for"));
                }
                _ => self.unknown_keyword(key, span, "under `defaults`"),
            }
        }
        self.defaults = read;
        Some(self.span(value))
    }
}

const fn in_queue(setting: Setting) -> bool {
    matches!(setting, Setting::Lane | Setting::Max)
}

impl Keywords {
    /// Takes over what neither the label nor its steps say. Variables of the environment are taken over one by one,
    /// other keywords as they are.
    pub(super) fn fill(&mut self, defaults: &Keywords, steps: &[Step]) {
        if defaults.seen.is_empty() || steps.iter().any(|step| step.builtin.runs == Runs::Build) {
            return;
        }
        let given = defaults.seen.iter().map(|(keyword, _)| *keyword);
        let missing: Vec<Keyword> = given.filter(|keyword| !self.seen.iter().any(|(own, _)| own == keyword)).collect();
        let from = &defaults.control;
        for (name, value) in &from.env {
            if !self.control.env.iter().any(|(own, _)| own == name) {
                self.control.env.push((name.clone(), value.clone()));
            }
        }
        for keyword in &missing {
            let own = &mut self.control;
            match keyword {
                Keyword::When => own.when = from.when.clone(),
                Keyword::OnlyIf => own.onlyif = from.onlyif.clone(),
                Keyword::Unless => own.unless = from.unless.clone(),
                Keyword::Retry => own.retry = from.retry.clone(),
                Keyword::Timeout => own.timeout = from.timeout,
                Keyword::RunAs => own.runas = from.runas.clone(),
                Keyword::Context => add_context(&mut own.context, &from.context),
                Keyword::StopOnFail => self.stops = defaults.stops,
                Keyword::ModeOfExec => self.mode = defaults.mode,
                Keyword::Test => self.keep.test = defaults.keep.test,
                Keyword::Target => self.target = defaults.target.clone(),
                // What they say of queues is nothing to a task that is in none.
                Keyword::Lane | Keyword::Max => {}
                _ => {}
            }
        }
        let taken = |late: &&Late| missing.contains(&late.setting.keyword()) && !in_queue(late.setting);
        let late = |late: &[Late]| late.iter().filter(taken).cloned().collect::<Vec<_>>();
        self.control.late.extend(late(&from.late));
        self.keep.late.extend(late(&defaults.keep.late));
        let computed = |keep: &Keep, setting: Setting| keep.late.iter().any(|late| late.setting == setting);
        if self.mode == Some(ExecMode::Queue) || computed(&self.keep, Setting::ModeOfExec) {
            let own = &mut self.keep;
            // `max` is that of the queue it stands with.
            if own.lane.is_none() && !computed(own, Setting::Lane) {
                own.lane = defaults.keep.lane.clone();
                own.max = own.max.or(defaults.keep.max);
                own.late.extend(defaults.keep.late.iter().filter(|late| in_queue(late.setting)).cloned());
            }
        }
    }
}
