//! Who names whom: every target of every keyword resolved, push forms turned round.
//!
//! Unaware of: what the keywords do to the order; [`super::plan`] knows.

use super::names::Index;
use crate::diag::{Code, Diagnostic, Diagnostics, Manner};
use crate::ir::Target;
use crate::source::FileId;
use ipcmm_grammar::ast::Span;
use ipcmm_grammar::keywords::Keyword;
use rustc_hash::FxHashMap;

/// A target of a task.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link {
    /// What it means for the task; never a push form.
    pub keyword: Keyword,
    /// The target, by declaration.
    pub target: u32,
    /// The file in which it is written.
    pub file: FileId,
    /// Where.
    pub span: Span,
    /// The keyword as it is written.
    pub written: Keyword,
}

impl Link {
    /// Whether it is written at the target.
    pub fn is_pushed(&self) -> bool {
        self.written != self.keyword
    }
}

/// What a push form means for the task it names.
fn turned(keyword: Keyword) -> Option<Keyword> {
    match keyword {
        Keyword::RunBefore => Some(Keyword::RunAfter),
        Keyword::RunOnFail => Some(Keyword::OnFail),
        Keyword::RunOnSuccess => Some(Keyword::OnSuccess),
        _ => None,
    }
}

/// The tasks a target means: those of a call, where it names one. Names that mean nothing, or the task itself, are
/// reported.
pub(super) fn resolve(index: &Index<'_>, task: u32, target: &Target, diagnostics: &mut Diagnostics) -> Vec<u32> {
    let declared = &index.tasks[task as usize];
    let before = diagnostics.len();
    let (file, scope) = target.from.unwrap_or((declared.file, declared.scope));
    let problem = |code, message: String| Diagnostic::new(code, file, target.span, message);
    let keyword = target.keyword.name();
    // What a call hands on to its tasks is said of the call.
    let label = index.speaker(declared, target.from);
    let found = index.find_all(scope, &target.name);
    match &found {
        None => {
            let mut diagnostic = problem(
                Code::UnknownTarget,
                format!("`{keyword}` of `{label}` names `{}`, which does not exist", target.name),
            );
            if let Some(near) = index.nearest(scope, &target.name) {
                diagnostic = diagnostic.did_you_mean(&near);
            } else if let Some(help) = unlike_a_name(index, scope, &target.name) {
                diagnostic = diagnostic.help(help);
            }
            diagnostics.push(diagnostic);
        }
        Some(found) if found.contains(&task) => {
            diagnostics.push(problem(Code::SelfTarget, format!("`{label}` names itself in `{keyword}`")));
        }
        Some(_) => return found.unwrap_or_default(),
    }
    index.called_from(scope, before, diagnostics);
    Vec::new()
}

/// What to write where something else stands than the name of a task.
fn unlike_a_name(index: &Index<'_>, scope: u32, written: &str) -> Option<String> {
    if written.contains("${") {
        return Some("targets are known at build: write the label itself, or an `addr` that stands for it".into());
    }
    let parts: Vec<&str> = written.split(',').map(str::trim).collect();
    if parts.len() > 1 && parts.iter().all(|part| index.find_all(scope, part).is_some()) {
        return Some(format!("several targets are a list: `[{}]`", parts.join(", ")));
    }
    if written.contains('*') {
        return Some("a target is one label: name each, or give them a label that stands for all".into());
    }
    index.find_all(scope, written.trim()).map(|_| format!("white space counts: did you mean `{}`?", written.trim()))
}

/// The targets of every task by declaration, each once for a keyword. What is copied by `use` is not among them.
pub(super) fn links(index: &Index<'_>, diagnostics: &mut Diagnostics) -> Vec<Vec<Link>> {
    let mut all: Vec<Vec<Link>> = vec![Vec::new(); index.tasks.len()];
    let mut pushed: Vec<(u32, Link)> = Vec::new();
    let mut seen: FxHashMap<(Keyword, u32), &Target> = FxHashMap::default();
    for (number, declared) in (0..).zip(&index.tasks) {
        seen.clear();
        for target in declared.task.targets.iter().filter(|t| t.keyword != Keyword::Use) {
            let file = target.from.map_or(declared.file, |(file, _)| file);
            for found in resolve(index, number, target, diagnostics) {
                if let Some(first) = seen.get(&(target.keyword, found)) {
                    // Demanded by a call and by a task in it, or by way of two names for many, it is no slip.
                    if first.from == target.from && first.name == target.name {
                        let message = format!("`{}` is listed twice in `{}`", target.name, target.keyword.name());
                        let problem = Diagnostic::new(Code::DuplicateTarget, file, target.span, message);
                        diagnostics.push(
                            problem
                                .label(file, first.span, "first listed here")
                                .mend("remove it", target.span, "", Manner::Without)
                                .certain(),
                        );
                    }
                    continue;
                }
                seen.insert((target.keyword, found), target);
                let (span, written) = (target.span, target.keyword);
                match turned(written) {
                    Some(keyword) => pushed.push((found, Link { keyword, target: number, file, span, written })),
                    None => all[number as usize].push(Link { keyword: written, target: found, file, span, written }),
                }
            }
        }
    }
    // Written from both sides it is one target: the task's own words stand.
    let mut own: rustc_hash::FxHashSet<(u32, Keyword, u32)> = Default::default();
    for (task, links) in (0..).zip(&all) {
        own.extend(links.iter().map(|link| (task, link.keyword, link.target)));
    }
    for (task, link) in pushed {
        if own.insert((task, link.keyword, link.target)) {
            all[task as usize].push(link);
        }
    }
    all
}
