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

/// The task a target means. Names that mean nothing, or the task itself, are reported.
pub(super) fn resolve(index: &Index<'_>, task: u32, target: &Target, diagnostics: &mut Diagnostics) -> Option<u32> {
    let declared = &index.tasks[task as usize];
    let problem = |code, message: String| Diagnostic::new(code, declared.file, target.span, message);
    let keyword = target.keyword.name();
    let Some(found) = index.find(declared.module, &target.name) else {
        let mut diagnostic = problem(
            Code::UnknownTarget,
            format!("`{keyword}` of `{}` names `{}`, which does not exist", declared.task.label, target.name),
        );
        if let Some(near) = index.nearest(declared.module, &target.name) {
            diagnostic = diagnostic.did_you_mean(&near);
        }
        diagnostics.push(diagnostic);
        return None;
    };
    if index.bindings(found).contains(&task) {
        diagnostics.push(problem(Code::SelfTarget, format!("`{}` names itself in `{keyword}`", declared.task.label)));
        return None;
    }
    Some(found)
}

/// The targets of every task by declaration, each once for a keyword. What is copied by `use` is not among them.
pub(super) fn links(index: &Index<'_>, diagnostics: &mut Diagnostics) -> Vec<Vec<Link>> {
    let mut all: Vec<Vec<Link>> = vec![Vec::new(); index.tasks.len()];
    let mut pushed: Vec<(u32, Link)> = Vec::new();
    let mut seen: FxHashMap<(Keyword, u32), Span> = FxHashMap::default();
    for (number, declared) in (0..).zip(&index.tasks) {
        seen.clear();
        for target in declared.task.targets.iter().filter(|t| t.keyword != Keyword::Use) {
            let Some(found) = resolve(index, number, target, diagnostics) else { continue };
            if let Some(first) = seen.insert((target.keyword, found), target.span) {
                let message = format!("`{}` is listed twice in `{}`", target.name, target.keyword.name());
                diagnostics.push(
                    Diagnostic::new(Code::DuplicateTarget, declared.file, target.span, message)
                        .label(declared.file, first, "first listed here")
                        .mend("remove it", target.span, "", Manner::Without)
                        .certain(),
                );
                seen.insert((target.keyword, found), first);
                continue;
            }
            let (file, span, written) = (declared.file, target.span, target.keyword);
            // A label with several bindings means all of them.
            for found in index.bindings(found) {
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
