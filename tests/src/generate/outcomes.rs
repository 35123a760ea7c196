//! The page of outcomes: how tasks end, why, and what that does to tasks that name them.

use super::markdown::{Page, code};
use ipcmm_bytecode::bundle::EdgeKind;
use ipcmm_vm::sched::state::{Effect, absent_counts_as, any, passes};
use ipcmm_vm::{Outcome, Reason};

pub(super) fn outcomes() -> String {
    let mut page = Page::new("Outcomes", "vm/src/outcome.rs and vm/src/sched/state.rs");
    page.part("Every task of a run ends with one outcome and one reason.");
    page.table(
        &["outcome", "result", "changed", "fails the run", "meaning"],
        Outcome::TABLE.iter().map(|(outcome, name, doc)| {
            let result = outcome.result().map_or("null".to_owned(), |result| result.to_string());
            vec![code(name), code(&result), yes(outcome.changed()), yes(outcome.is_bad()), doc.trim().to_owned()]
        }),
    );
    page.section("Reasons");
    page.table(
        &["reason", "meaning"],
        Reason::TABLE.iter().map(|(_, name, doc)| vec![code(name), doc.trim().to_owned()]),
    );
    page.section("What a target's outcome does");
    page.part(
        "The keyword by which a task names a target, and the outcome of the target, say what happens to the task. Under \
         `requires_any`, `onfail`, `onchange`, `prereq` and `postreq` one target that lets the task pass is enough; \
         under the others all must. Of all keywords the strictest counts: `block` before `skip` before the others. \
         The target of `prereq` is a dry run, and one that went wrong blocks in any case. Of `postreq` the table \
         holds where no work is to be closed; where some is, the task may run. `prepared` and `own` are not written: \
         they tie a task to those that prepare it, and to its own dry run or first phase, as whose failure it ends.",
    );
    page.part("The last column is that of a target that is not for this node: it counts as if it were not in the run.");
    let truth = truth();
    let head: Vec<&str> = truth.head.iter().map(String::as_str).collect();
    page.table(
        &head,
        truth.rows.into_iter().map(|mut row| {
            row[0] = code(&row[0]);
            row
        }),
    );
    let all = [Effect::Pass, Effect::React, Effect::Block, Effect::Skip];
    page.table(&["effect", "the task"], all.map(|effect| vec![word(effect).to_owned(), meaning(effect).to_owned()]));
    page.finish()
}

fn yes(holds: bool) -> String {
    if holds { "yes".to_owned() } else { String::new() }
}

fn word(effect: Effect) -> &'static str {
    match effect {
        Effect::Pass => "pass",
        Effect::React => "react",
        Effect::Block => "block",
        Effect::Skip => "skip",
    }
}

fn meaning(effect: Effect) -> &'static str {
    match effect {
        Effect::Pass => "may run",
        Effect::React => "may run, and reacts after its body",
        Effect::Block => "is blocked",
        Effect::Skip => "is skipped",
    }
}

/// What targets do to tasks that name them, out of the functions by which the state machine judges.
pub struct Truth {
    /// `keyword`, `targets`, every outcome, `not for this node`.
    pub head: Vec<String>,
    /// A row for each keyword.
    pub rows: Vec<Vec<String>>,
}

/// The truth table: keyword and outcome of a target.
pub fn truth() -> Truth {
    let mut head = vec!["keyword".to_owned(), "targets".to_owned()];
    head.extend(Outcome::TABLE.iter().map(|(_, name, _)| (*name).to_owned()));
    head.push("not for this node".to_owned());
    let row = |(kind, name, ..): &(EdgeKind, &str, &str)| {
        let mut row = vec![(*name).to_owned(), if any(*kind) { "one" } else { "all" }.to_owned()];
        row.extend(Outcome::TABLE.iter().map(|(outcome, ..)| word(passes(*kind, *outcome)).to_owned()));
        row.push(word(passes(*kind, absent_counts_as(*kind))).to_owned());
        row
    };
    Truth { head, rows: EdgeKind::TABLE.iter().map(row).collect() }
}
