//! Reports as people see them, with fixed times.

use super::*;
use crate::report::values::Data;
use crate::report::{BundleName, FaultReport, Place, Totals};
use ipcmm_bytecode::FaultKind;

fn task(label: &str, outcome: Outcome) -> TaskReport {
    TaskReport {
        subrun: None,
        label: label.to_owned(),
        module: "web".to_owned(),
        outcome,
        result: outcome.result(),
        changed: outcome.changed(),
        reason: Reason::Ran,
        because: None,
        keyword: None,
        attempts: 1,
        started: jiff::Timestamp::UNIX_EPOCH,
        duration: 0.01,
        comment: String::new(),
        fault: None,
        changes: Vec::new(),
        data: Data(ipcmm_bytecode::Value::Null),
        place: Some(Place { file: "web.ipcmm.yaml".to_owned(), line: 3, column: 1 }),
    }
}

fn change(kind: ChangeKind, object: &str, property: &'static str, values: [Option<&str>; 2]) -> ChangeReport {
    let [before, after] = values.map(|value| value.map(str::to_owned));
    ChangeReport { kind, object: object.to_owned(), property, before, after, diff: None }
}

fn report(mode: &'static str, tasks: Vec<TaskReport>) -> Report {
    let mut totals = Totals::default();
    tasks.iter().for_each(|task| totals.count(task.outcome));
    let outcome = if totals.failed + totals.blocked > 0 { RunOutcome::Failed } else { RunOutcome::Ok };
    Report {
        version: 1,
        mode,
        bundle: BundleName { name: "web".to_owned(), root: String::new() },
        node: "here".to_owned(),
        root_dir: None,
        seed: 0,
        scheduler: "as-written",
        started: String::new(),
        duration: 0.045,
        outcome,
        totals,
        tasks,
    }
}

fn failing() -> Report {
    let mut made = task("conf dir", Outcome::Changed);
    made.changes = vec![
        change(ChangeKind::Create, "/etc", "", [None, Some("directory")]),
        change(ChangeKind::Create, "/etc/nginx", "", [None, Some("directory")]),
    ];
    let mut mode = task("conf", Outcome::Changed);
    mode.changes = vec![change(ChangeKind::Update, "/etc/nginx/nginx.conf", "mode", [Some("0644"), Some("0600")])];
    let mut failed = task("reload", Outcome::Failed);
    failed.duration = 1.24;
    failed.attempts = 3;
    failed.changes = vec![change(ChangeKind::Run, "nginx -t", "", [None, None])];
    failed.fault = Some(FaultReport {
        code: FaultKind::CommandFailed,
        name: FaultKind::CommandFailed.name(),
        message: String::new(),
        place: Some(Place { file: "web.ipcmm.yaml".to_owned(), line: 12, column: 3 }),
        detail: "`nginx -t` ended with status 1\n  unexpected \x1b[2J}".to_owned(),
    });
    let mut blocked = task("notify", Outcome::Blocked);
    blocked.reason = Reason::RequisiteFailed;
    blocked.because = Some("reload".to_owned());
    let mut skipped = task("extra", Outcome::Skipped);
    skipped.reason = Reason::WhenFalse;
    report("apply", vec![task("fine", Outcome::Ok), made, mode, failed, blocked, skipped])
}

#[test]
fn a_failure_says_what_where_and_what_followed() {
    let shown = render(&failing(), HumanOptions { unicode: true, ..HumanOptions::default() });
    let expected = "\
~ conf dir  create directory /etc/nginx
~ conf      /etc/nginx/nginx.conf: mode 0644 → 0600
✖ reload    a command ended with an unexpected status  1.2 s
    F0404 at web.ipcmm.yaml:12:3 · 3 attempts
    `nginx -t` ended with status 1
      unexpected ␛[2J}
⊘ notify    blocked by reload

apply failed · 1 failed, 1 blocked, 2 changed, 1 unchanged, 1 skipped · 45 ms
";
    assert_eq!(shown, expected);
}

#[test]
fn ascii_verbose_and_narrow() {
    let options = HumanOptions { verbose: true, width: Some(44), ..HumanOptions::default() };
    let expected = "\
+ fine
~ conf dir  create directory /etc/nginx
~ conf      /etc/nginx/nginx.conf: mode 0...
x reload    a command ended with a...  1.2 s
    F0404 at web.ipcmm.yaml:12:3 - 3 attempts
    `nginx -t` ended with status 1
      unexpected ?[2J}
! notify    blocked by reload
- extra     its `when` does not hold

apply failed - 1 failed, 1 blocked, 2 changed, 1 unchanged, 1 skipped - 45 ms
";
    assert_eq!(render(&failing(), options), expected);
}

#[test]
fn quiet_shows_only_what_went_wrong() {
    let quiet = HumanOptions { unicode: true, quiet: true, ..HumanOptions::default() };
    assert_eq!(
        render(&failing(), quiet).lines().next(),
        Some("✖ reload  a command ended with an unexpected status  1.2 s")
    );
    assert_eq!(render(&report("apply", vec![task("a", Outcome::Changed)]), quiet), "");
}

#[test]
fn colours_are_closed_where_they_are_opened() {
    let shown = render(&failing(), HumanOptions { color: true, unicode: true, ..HumanOptions::default() });
    assert!(shown.starts_with("\x1b[33m~\x1b[0m conf dir  create"));
    for line in shown.lines() {
        assert_eq!(line.matches("\x1b[0m").count(), line.matches("\x1b[").count() / 2, "{line:?}");
    }
}

#[test]
fn a_plan_shows_the_beginning_of_differences() {
    let lines: String = (1..=30).map(|n| format!("+line {n}\n")).collect();
    let mut new = task("motd", Outcome::WouldChange);
    new.changes = vec![change(ChangeKind::Create, "/etc/motd", "content", [None, None])];
    new.changes[0].diff = Some(format!("--- /dev/null\n+++ /etc/motd\n@@ -0,0 +1,30 @@\n{lines}"));
    let options = HumanOptions { unicode: true, ..HumanOptions::default() };
    let plan = report("plan", vec![new.clone(), task("b", Outcome::Ok)]);
    let shown = render(&plan, options);
    assert!(shown.starts_with("~ motd  create /etc/motd\n    +line 1\n"), "{shown}");
    assert!(shown.contains("    +line 20\n    … 10 more lines; --diff shows them\n"), "{shown}");
    assert!(shown.ends_with("\nplan · 1 would change, 1 unchanged · 45 ms\n"), "{shown}");
    assert!(render(&plan, HumanOptions { diff: true, ..options }).contains("+line 30\n"));
    // An apply shows them only when asked.
    let apply = report("apply", vec![new]);
    assert!(!render(&apply, options).contains("+line 1"));
    assert!(render(&apply, HumanOptions { diff: true, ..options }).contains("+line 30\n"));
}

#[test]
fn nothing_to_do_is_said_so() {
    let options = HumanOptions { unicode: true, ..HumanOptions::default() };
    let of = |tasks| render(&report("apply", tasks), options);
    let (ok, skipped) = (|| task("a", Outcome::Ok), || task("b", Outcome::Skipped));
    assert_eq!(of(vec![ok(), ok()]), "nothing to do: all 2 tasks are as wanted · 45 ms\n");
    assert_eq!(of(vec![ok()]), "nothing to do: the task is as wanted · 45 ms\n");
    assert_eq!(of(vec![ok(), skipped()]), "nothing to do: 1 task is as wanted, 1 skipped · 45 ms\n");
    assert_eq!(of(vec![]), "nothing to do: there are no tasks · 45 ms\n");
}

#[test]
fn modules_are_named_where_there_are_several() {
    let mut other = task("a", Outcome::Changed);
    other.module = "db".to_owned();
    let shown = render(&report("apply", vec![task("a", Outcome::Changed), other]), HumanOptions::default());
    assert!(shown.starts_with("~ web/a\n~ db/a\n"), "{shown}");
}

#[test]
fn a_hostile_label_is_harmless() {
    let mut hostile = task("a\x1b]0;x\x07\nb", Outcome::Changed);
    hostile.comment = "\x1b[2J".to_owned();
    let options = HumanOptions { unicode: true, ..HumanOptions::default() };
    assert!(render(&report("apply", vec![hostile]), options).starts_with("~ a␛]0;x␇␊b  ␛[2J\n"));
}
