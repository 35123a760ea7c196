//! Keywords of a task that exclude each other, so that it can never run, and ranks that its targets overrule.
//!
//! Only what is certain from the keywords alone is told. Unaware of: expressions.

use super::links::Link;
use super::names::Index;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::ir::{Order, Task, ValueKind};
use ipcmm_bytecode::catalog::Reaction;
use ipcmm_bytecode::{Effect, Value};
use ipcmm_grammar::keywords::Keyword;
use ipcmm_stdlib::BuiltinId;

/// Reports tasks that can never run for what they name, and orders that say nothing.
pub(super) fn report(index: &Index<'_>, links: &[Vec<Link>], diagnostics: &mut Diagnostics) {
    for (task, own) in (0..).zip(links) {
        if index.tasks[task as usize].task.poisoned {
            continue;
        }
        let found = excluded(index, task, own).or_else(|| idle(index, links, task, own));
        if let Some(found) = found {
            diagnostics.push(found);
        }
        overruled(index, task, own, diagnostics);
    }
}

/// What a keyword asks of its targets, where that can contradict another.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asks {
    /// That it ended ok or changed.
    Achieved,
    /// That it is not failed or blocked.
    NotBad,
    /// That it failed.
    Failed,
    /// That it did not end ok or changed.
    NotAchieved,
}

impl Asks {
    fn excludes(self, other: Asks) -> bool {
        use Asks::{Achieved, Failed, NotAchieved, NotBad};
        matches!(
            (self, other),
            (Achieved | NotBad, Failed)
                | (Failed, Achieved | NotBad)
                | (Achieved, NotAchieved)
                | (NotAchieved, Achieved)
        )
    }

    fn words(self) -> &'static str {
        match self {
            Asks::Achieved => "wants it to succeed",
            Asks::NotBad => "wants it not to fail",
            Asks::Failed => "wants it to fail",
            Asks::NotAchieved => "wants it not to succeed",
        }
    }
}

/// What a keyword asks, and whether of all its targets or of one.
fn asks(keyword: Keyword) -> Option<(Asks, bool)> {
    Some(match keyword {
        Keyword::DependsOn | Keyword::OnSuccess => (Asks::Achieved, true),
        Keyword::Requires | Keyword::Watch => (Asks::NotBad, true),
        Keyword::RequiresNone => (Asks::NotAchieved, true),
        Keyword::RequiresAny | Keyword::OnChange => (Asks::Achieved, false),
        Keyword::OnFail => (Asks::Failed, false),
        _ => return None,
    })
}

/// A task whose keywords ask opposite things of the same targets. Of a keyword that is content with one target, every
/// target must be excluded by a keyword that asks it of all; of two such keywords, both must name the same one only.
fn excluded(index: &Index<'_>, task: u32, links: &[Link]) -> Option<Diagnostic> {
    // Long lists are machine-made; comparing each pair would be quadratic.
    const MOST: usize = 64;
    if links.len() > MOST {
        return None;
    }
    let declared = &index.tasks[task as usize];
    let opposite = |link: &Link| {
        let (wanted, _) = asks(link.keyword)?;
        links.iter().find(|other| {
            let sole = || links.iter().filter(|l| l.keyword == other.keyword).count() == 1;
            other.target == link.target
                && asks(other.keyword).is_some_and(|(asks, all)| asks.excludes(wanted) && (all || sole()))
        })
    };
    for link in links {
        let Some((wanted, all)) = asks(link.keyword) else { continue };
        let Some(other) = opposite(link) else { continue };
        let same = || links.iter().filter(|l| l.keyword == link.keyword);
        if !all && !same().all(|l| opposite(l).is_some()) {
            continue;
        }
        // The pair is told at its later half, once.
        let (first, second) =
            if (link.file, link.span.start) < (other.file, other.span.start) { (link, other) } else { (other, link) };
        let label = &declared.task.label;
        let target = &index.tasks[link.target as usize].task.label;
        let said = |link: &Link| match link.is_pushed() {
            true => format!("`{}` of `{target}`", link.written.name()),
            false => format!("`{}: {target}`", link.keyword.name()),
        };
        let words = |l: &Link| if std::ptr::eq(l, link) { wanted } else { asks(l.keyword).map_or(wanted, |(a, _)| a) };
        let message = format!(
            "`{label}` can never run: {} {}, and {} {}",
            said(first),
            words(first).words(),
            said(second),
            words(second).words()
        );
        let help = match wanted == Asks::Failed || words(other) == Asks::Failed {
            true => "to run after it whatever becomes of it, write `runafter`",
            false => "remove one of the two",
        };
        return Some(
            Diagnostic::new(Code::NeverRuns, second.file, second.span, message)
                .label(first.file, first.span, "the other one")
                .help(help),
        );
    }
    None
}

/// A task that is to run, or to react, for changes of tasks that never change anything.
fn idle(index: &Index<'_>, links: &[Vec<Link>], task: u32, own: &[Link]) -> Option<Diagnostic> {
    let declared = &index.tasks[task as usize];
    for keyword in [Keyword::OnChange, Keyword::Prereq, Keyword::PostReq, Keyword::Listen] {
        let mut targets = own.iter().filter(|link| link.keyword == keyword).peekable();
        let Some(first) = targets.peek().copied() else { continue };
        let never = |link: &Link| never_changes(index.tasks[link.target as usize].task, &links[link.target as usize]);
        if !targets.all(never) {
            continue;
        }
        let target = index.tasks[first.target as usize].task;
        let names: Vec<_> = target.steps.iter().map(|step| format!("`{}`", step.builtin.name)).collect();
        let then = if keyword == Keyword::Listen { "never reacts" } else { "can never run" };
        let message = format!(
            "`{}` {then}: by `{}` it waits for a change of `{}`, and {} changes nothing",
            declared.task.label,
            keyword.name(),
            target.label,
            names.join(", ")
        );
        return Some(
            Diagnostic::new(Code::NeverRuns, first.file, first.span, message).help(
                "name a task that changes something; to run after it in any case, write `requires` or `runafter`",
            ),
        );
    }
    None
}

/// Whether it is certain that a task never ends changed.
fn never_changes(task: &Task, links: &[Link]) -> bool {
    let constant = |value: &ValueKind| match value {
        ValueKind::Constant(value) => Some(value.clone()),
        _ => None,
    };
    let still = |step: &crate::ir::Step| {
        let arg = |name: &str| step.args.iter().find(|arg| step.builtin.param(name) == Some(arg.param));
        let said = |name: &str| arg(name).map(|arg| constant(&arg.value.kind));
        match step.builtin.id {
            BuiltinId::Nop => {
                let quiet = |said: Option<Option<Value>>| match said {
                    None => true,
                    Some(known) => known.is_some_and(|known| known.as_str() != Some("changed")),
                };
                quiet(said("outcome")) && quiet(said("check"))
            }
            _ => step.builtin.effect != Effect::Change || said("probe") == Some(Some(Value::Bool(true))),
        }
    };
    let judged = |control: &crate::ir::Control| control.changed_if.is_some();
    let reacts = links.iter().any(|link| link.keyword == Keyword::Watch)
        && task.steps.iter().any(|step| step.builtin.reaction != Reaction::None);
    !task.steps.is_empty()
        && !task.poisoned
        && !reacts
        && !judged(&task.control)
        && task.steps.iter().all(|step| still(step) && !judged(&step.control))
}

/// A task whose own rank is before that of a target with a rank of its own.
fn overruled(index: &Index<'_>, task: u32, links: &[Link], diagnostics: &mut Diagnostics) {
    let declared = &index.tasks[task as usize];
    let Some((order, span)) = declared.task.order else { return };
    for link in links {
        let rank = |order: Order| match order {
            Order::First => (0, 0),
            Order::At(n) if n >= 0 => (1, n),
            Order::At(n) => (3, n),
            Order::Last => (4, 0),
        };
        let target = &index.tasks[link.target as usize];
        let Some((other, other_span)) = target.task.order else { continue };
        let (earlier, behind) = match link.keyword {
            Keyword::Listen | Keyword::RunAround => continue,
            Keyword::Prereq => (rank(other), rank(order)),
            _ => (rank(order), rank(other)),
        };
        if earlier >= behind {
            continue;
        }
        let words = |order: Order| match order {
            Order::First => "first".to_owned(),
            Order::Last => "last".to_owned(),
            Order::At(n) => n.to_string(),
        };
        let message = format!(
            "`{}` has `order: {}` and `{}` has `order: {}`, but `{}` puts them the other way round",
            declared.task.label,
            words(order),
            target.task.label,
            words(other),
            link.written.name()
        );
        diagnostics.push(
            Diagnostic::new(Code::OrderIgnored, declared.file, span, message)
                .label(target.file, other_span, "the other order")
                .label(link.file, link.span, "the target that wins")
                .help("needs win over ranks: remove one of the orders"),
        );
        return;
    }
}
