//! The page of outcomes: how tasks end, why, and what that does to tasks that name them.

use super::markdown::{Page, code};
use ipcmm_bytecode::bundle::EdgeKind;
use ipcmm_vm::sched::state::{Effect, passes};
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
    let mut head = vec!["outcome of the target".to_owned()];
    head.extend(EdgeKind::TABLE.iter().map(|(_, name, _)| code(name)));
    let head: Vec<&str> = head.iter().map(String::as_str).collect();
    page.table(
        &head,
        Outcome::TABLE.iter().map(|(outcome, name, _)| {
            let effects = EdgeKind::TABLE.iter().map(|(kind, ..)| word(passes(*kind, *outcome)).to_owned());
            std::iter::once(code(name)).chain(effects).collect()
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
