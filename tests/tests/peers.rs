//! Defects that were seen in other tools, each as a test of ours that would show it. The name of a test begins with the
//! row of the study that tells of the defect; `spec/peers.md` lists all rows, and says which wait for what is not there
//! yet. The last test keeps that list true.

use ipcmm_bytecode::bundle::EdgeKind;
use ipcmm_compiler::Build;
use ipcmm_runtime::host::SystemHost;
use ipcmm_runtime::system::fake::{Fake, Node as File};
use ipcmm_stdlib::Stdlib;
use ipcmm_tests::fake::FakeHost;
use ipcmm_tests::generate;
use ipcmm_tests::runner::{Ran, RunSpec, build_text, run_verified};
use ipcmm_tests::suite::root;
use ipcmm_vm::{Forecast, Host, Mode, Outcome, PolicyKind, Reason, TaskEnd, verify};

/// What became of the tasks of a module, found by label.
struct Over {
    ran: Ran,
    labels: Vec<String>,
}

impl Over {
    fn end(&self, label: &str) -> &TaskEnd {
        let task = self.labels.iter().position(|l| l == label).unwrap_or_else(|| panic!("there is no {label}"));
        self.ran.ends[task].as_ref().expect("every task ends")
    }
}

fn run_on(host: &dyn Host, text: &str, spec: RunSpec) -> Over {
    let build = build_text(text);
    let bytes = build.bundle.as_ref().unwrap_or_else(|| panic!("it does not build: {:?}\n{text}", codes(&build)));
    let bundle = verify(bytes, &Stdlib).expect("emitted bundles verify");
    let label = |task: u32| if bundle.is_part(task) { String::new() } else { bundle.label(task).to_owned() };
    let labels = (0..bundle.tasks().len() as u32).map(label).collect();
    Over { ran: run_verified(&bundle, host, spec), labels }
}

fn apply(text: &str) -> Over {
    run_on(&FakeHost::default(), text, RunSpec::default())
}

fn plan(text: &str, host: &str) -> Over {
    run_on(&FakeHost::new(host), text, RunSpec { mode: Mode::Check, ..RunSpec::default() })
}

fn codes(build: &Build) -> Vec<String> {
    build.diagnostics.iter().map(|d| format!("{} {}", d.code, d.message)).collect()
}

#[test]
fn i64_a_command_that_had_nothing_to_do_has_not_changed() {
    let node = Fake::new();
    node.put("/done", File::file("", 0o644));
    node.answer(&["make"], 0, "");
    let text = "made: {ipcmm.run.cmd: {args: {argv: [make], creates: /done}}}\n\
                told: {ipcmm.run.cmd: {args: {argv: [make]}}, result: {changed_if: \"false\"}}\n\
                asked: {ipcmm.run.cmd: {args: {argv: [make], probe: true}}}\n\
                ran: {ipcmm.run.cmd: {args: {argv: [make]}}}\n";
    let over = run_on(&SystemHost::new(node), text, RunSpec::default());
    for label in ["made", "told", "asked"] {
        assert_eq!(over.end(label).outcome, Outcome::Ok, "{label}");
    }
    assert_eq!(over.end("ran").outcome, Outcome::Changed);
}

#[test]
fn i64_a_value_with_quotes_and_substitutions_stays_one_word() {
    let nasty = "a; rm -rf $(echo /) `id` \"' EOF && x";
    let node = Fake::new();
    node.answer(&["echo", nasty], 0, "");
    let quoted = nasty.replace('\\', "\\\\").replace('"', "\\\"");
    let text =
        format!("say: {{ipcmm.run.cmd: {{args: {{argv: [echo, \"${{word}}\"]}}}}, context: {{word: \"{quoted}\"}}}}\n")
            .replace("$(echo", "$(echo");
    let over = run_on(&SystemHost::new(node.clone()), &text, RunSpec::default());
    assert_eq!(over.end("say").outcome, Outcome::Changed, "{:?}", over.end("say").fault);
    assert_eq!(node.log(), [["echo", nasty]]);
}

#[test]
fn s26_one_attempt_is_one_and_none_is_refused() {
    let with =
        |n: u32| format!("a: {{ipcmm.nop: {{args: {{outcome: failed}}}}, retry: {{attempts: {n}, interval: 1s}}}}\n");
    assert_eq!(apply(&with(1)).end("a").attempts, 1);
    assert_eq!(apply(&with(3)).end("a").attempts, 3);
    assert!(build_text(&with(0)).bundle.is_none());
}

/// Every keyword with every outcome a target can have in a run, as the one table says.
#[test]
fn q04_keywords_do_what_the_one_table_says() {
    let targets = [
        ("ok", "t: {ipcmm.nop: }\n"),
        ("changed", "t: {ipcmm.nop: {args: {outcome: changed}}}\n"),
        ("failed", "t: {ipcmm.nop: {args: {outcome: failed}}}\n"),
        ("skipped", "t: {ipcmm.nop: , when: \"1 > 2\"}\n"),
        ("blocked", "bad: {ipcmm.nop: {args: {outcome: failed}}}\nt: {ipcmm.nop: , requires: bad}\n"),
        ("would-change", "t: {ipcmm.nop: {args: {outcome: changed}}, test: true}\n"),
    ];
    let truth = generate::truth();
    let mut tried = 0;
    for row in &truth.rows {
        let keyword = row[0].as_str();
        let kind = EdgeKind::from_name(keyword).expect("a row is a keyword");
        // These are decided by more than the end of one target: suites of their own try them.
        if matches!(
            kind,
            EdgeKind::Prepared | EdgeKind::Own | EdgeKind::Prereq | EdgeKind::PostReq | EdgeKind::RunAround
        ) {
            continue;
        }
        for (outcome, target) in targets {
            let column = truth.head.iter().position(|name| name == outcome).expect("a column");
            let over = apply(&format!("{target}d: {{ipcmm.nop: , {keyword}: t}}\n"));
            let end = over.end("d");
            let became = match (end.outcome, end.reason) {
                (Outcome::Blocked, _) => "block",
                (Outcome::Skipped, _) => "skip",
                (_, Reason::WatchFired) => "react",
                _ => "pass",
            };
            assert_eq!(became, row[column], "{keyword} of a target that is {outcome}");
            tried += 1;
        }
    }
    assert_eq!(tried, 9 * targets.len());
}

#[test]
fn q05_a_watcher_that_changed_itself_reacts_all_the_same() {
    let over = apply(
        "conf: {ipcmm.nop: {args: {outcome: changed}}}\n\
         service: {ipcmm.nop: {args: {outcome: changed}}, watch: conf}\n",
    );
    assert_eq!((over.end("service").outcome, over.end("service").reason), (Outcome::Changed, Reason::WatchFired));
}

#[test]
fn q06_what_changes_by_a_late_reaction_sets_off_no_other() {
    let over = apply(
        "third: {ipcmm.nop: , listen: second}\nsecond: {ipcmm.nop: , listen: first}\n\
         first: {ipcmm.nop: {args: {outcome: changed}}}\n",
    );
    assert_eq!((over.end("second").outcome, over.end("second").reason), (Outcome::Changed, Reason::ListenFired));
    assert_eq!((over.end("third").outcome, over.end("third").reason), (Outcome::Ok, Reason::Ran));
}

#[test]
fn q07_a_circle_is_told_with_its_tasks_however_long() {
    let n = 5000;
    let text: String = (0..n).map(|i| format!("t{i}: {{ipcmm.nop: , requires: t{}}}\n", (i + 1) % n)).collect();
    let build = build_text(&text);
    assert!(build.bundle.is_none());
    let errors: Vec<_> = build.diagnostics.iter().filter(|d| d.code.to_string() == "C4001").collect();
    assert!(errors.len() == 1 && errors[0].place.is_some(), "{:?}", codes(&build));
    let small = build_text("a: {ipcmm.nop: , requires: b}\nb: {ipcmm.nop: , onfail: a}\n");
    let said = codes(&small).join("\n");
    assert!(["`a`", "`b`", "requires", "onfail"].iter().all(|part| said.contains(part)), "{said}");
}

#[test]
fn q08_a_name_that_is_mistyped_is_an_error_with_a_proposal() {
    let build =
        build_text("alpha: {ipcmm.nop: }\nb: {ipcmm.nop: , onfail_any: alpha}\nc: {ipcmm.nop: , onfail: alhpa}\n");
    assert!(build.bundle.is_none());
    let helps: Vec<String> = build.diagnostics.iter().filter_map(|d| d.help.clone()).collect();
    assert!(helps.iter().any(|h| h.contains("onfail")) && helps.iter().any(|h| h.contains("alpha")), "{helps:?}");
}

#[test]
fn q09_an_error_in_a_long_file_is_told_at_its_line() {
    let mut lines: Vec<String> =
        (1..=120).map(|i| format!("t{i}: {{ipcmm.nop: {{args: {{comment: \"${{1 + {i}}}\"}}}}}}\n")).collect();
    lines[86] = "t87: {ipcmm.nop: {args: {comment: \"${1 +}\"}}}\n".to_owned();
    let build = build_text(&lines.concat());
    let place =
        build.diagnostics.iter().find(|d| d.code.to_string() == "C1001").and_then(|d| d.place).expect("a place");
    assert_eq!(build.sources.file(place.0).position(place.1.start).line, 87);
}

#[test]
fn q10_an_expression_that_wants_all_memory_ends_with_a_fault() {
    let over = apply(
        "n: {ipcmm.eval: {args: {expr: \"500\"}}, result: n}\n\
         a: {ipcmm.eval: {args: {expr: \"[join(['aaaaaaaaaa' for y in 1..n.value], '') for x in 1..100000]\"}}, requires: n}\n",
    );
    let fault = over.end("a").fault.as_ref().expect("a fault");
    assert!(over.end("a").outcome == Outcome::Failed && fault.place.is_some(), "{fault}");
}

#[test]
fn q12_chains_run_beside_each_other_and_no_more_than_the_limit() {
    let chain = |name: &str| {
        format!(
            "{name}1: {{ipcmm.nop: {{args: {{for: 2s}}}}, modeofexec: parallel}}\n\
             {name}2: {{ipcmm.nop: {{args: {{for: 2s}}}}, modeofexec: parallel, requires: {name}1}}\n"
        )
    };
    let text: String = ["a", "b", "c", "d"].iter().map(|name| chain(name)).collect();
    let seconds = |max| {
        let spec = RunSpec { policy: PolicyKind::AsWritten, max_parallel: max, ..RunSpec::default() };
        run_on(&FakeHost::default(), &text, spec).ran.time / 1_000_000_000
    };
    assert_eq!((seconds(8), seconds(4), seconds(2), seconds(1)), (4, 4, 8, 16));
}

#[test]
fn q13_a_dry_run_changes_nothing() {
    let node = Fake::new();
    node.put("/old", File::file("x", 0o644));
    node.answer(&["reload"], 0, "");
    let text = "conf: {ipcmm.filesystem.file: {args: {path: /conf, content: x}}}\n\
                gone: {ipcmm.filesystem.absent: {args: {path: /old}}}\n\
                before: {ipcmm.run.cmd: {args: {argv: [reload]}}, prereq: late}\n\
                late: {ipcmm.filesystem.file: {args: {path: /late, content: x}}}\n\
                restart: {ipcmm.run.cmd: {args: {argv: [reload], creates: /old}}, watch: conf}\n\
                reload: {ipcmm.run.cmd: {args: {argv: [reload], creates: /old}}, listen: conf}\n";
    let before = node.snapshot();
    let over = run_on(&SystemHost::new(node.clone()), text, RunSpec { mode: Mode::Check, ..RunSpec::default() });
    assert!(node.snapshot() == before && node.log().is_empty(), "{:?}", node.log());
    for label in ["conf", "gone", "before", "late", "restart", "reload"] {
        assert_ne!(over.end(label).forecast, Forecast::Cannot, "{label}");
        assert!(!over.end(label).changes.is_empty(), "{label} names nothing");
    }
}

#[test]
fn q14_a_plan_names_a_command_as_an_apply_does() {
    let text = "a: {ipcmm.run.cmd: {args: {argv: [reload, now]}}}\n";
    let node = Fake::new();
    node.answer(&["reload", "now"], 0, "");
    let host = SystemHost::new(node);
    let plan = run_on(&host, text, RunSpec { mode: Mode::Check, ..RunSpec::default() });
    let apply = run_on(&host, text, RunSpec::default());
    assert_eq!(plan.end("a").changes, apply.end("a").changes);
    assert_eq!(plan.end("a").changes[0].object, "reload now");
}

#[test]
fn q20_a_reaction_that_was_called_for_is_made_after_a_failure_that_stops_the_run() {
    let over = apply(
        "conf: {ipcmm.nop: {args: {outcome: changed}}}\nservice: {ipcmm.nop: , listen: conf}\n\
         bad: {ipcmm.nop: {args: {outcome: failed}}, stoponfail: true}\nlast: {ipcmm.nop: }\n",
    );
    assert_eq!(over.end("service").reason, Reason::ListenFired);
    assert_eq!(over.end("last").outcome, Outcome::NotReached);
}

#[test]
fn q21_a_plan_shows_both_ways_where_a_result_decides() {
    let text = "check: {ipcmm.run.cmd: {args: {argv: [check]}}, result: check}\n\
                good: {ipcmm.nop: {args: {outcome: changed}}, when: check.rc == 0, requires: check}\n\
                bad: {ipcmm.nop: {args: {outcome: changed}}, when: check.rc != 0, requires: check}\n\
                after good: {ipcmm.nop: {args: {outcome: changed}}, onchange: good}\n\
                always: {ipcmm.nop: {args: {outcome: changed}}, when: check.changed, requires: check}\n";
    let over = plan(text, "call ipcmm.run.cmd check -> changed");
    for label in ["good", "bad", "after good"] {
        assert_eq!(over.end(label).forecast, Forecast::May, "{label}");
    }
    assert_eq!(over.end("always").forecast, Forecast::Will);
}

/// The rows that have to be listed.
const ROWS: [&str; 15] =
    ["I64", "S26", "Q04", "Q05", "Q06", "Q07", "Q08", "Q09", "Q10", "Q11", "Q12", "Q13", "Q14", "Q20", "Q21"];

#[test]
fn the_list_of_defects_is_that_of_the_tests() {
    let page = std::fs::read_to_string(root().join("spec/peers.md")).expect("the list");
    let source = std::fs::read_to_string(root().join("tests/tests/peers.rs")).expect("this file");
    let rows: Vec<Vec<&str>> = page
        .lines()
        .filter(|line| line.starts_with('|'))
        .skip(2)
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect();
    for name in ROWS {
        assert!(rows.iter().any(|row| row[0] == name), "{name} is not listed in spec/peers.md");
    }
    for row in &rows {
        let [name, _, test] = row.as_slice() else { panic!("a row has three cells: {row:?}") };
        assert!(ROWS.contains(name), "{name} is no row that is to be listed");
        match test.trim_matches('`') {
            waits if waits.starts_with("waits for ") => {}
            test => {
                assert!(source.contains(&format!("fn {test}()")), "there is no test {test}");
                assert!(test.starts_with(&format!("{}_", name.to_lowercase())), "{test} is listed at {name}");
            }
        }
    }
    for test in source.lines().filter_map(|line| line.strip_prefix("fn ")?.split_once("()")).map(|(test, _)| test) {
        let of_a_row = ROWS.iter().any(|row| test.starts_with(&format!("{}_", row.to_lowercase())));
        assert!(!of_a_row || page.contains(&format!("`{test}`")), "{test} is not listed in spec/peers.md");
    }
}
