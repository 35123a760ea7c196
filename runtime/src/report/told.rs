//! Timelines, documents for CI servers, pages, saved reports and causes, from one made-up run.

use super::timeline::Timeline;
use super::why::why;
use super::*;
use ipcmm_bytecode::Value;

/// A task that ran from one moment to another, in tenths of a second.
fn task(label: &str, mode: &'static str, from: i64, to: i64, targets: &[(u32, &'static str)]) -> TaskReport {
    TaskReport {
        label: label.to_owned(),
        module: "m".to_owned(),
        mode,
        lane: (mode == "queue").then(|| "apt".to_owned()),
        targets: targets.iter().map(|&(task, keyword)| Target { task, keyword }).collect(),
        outcome: Outcome::Changed,
        result: Some(true),
        changed: true,
        reason: Reason::Ran,
        because: None,
        keyword: None,
        attempts: 1,
        started: Timestamp::from_millisecond(from * 100).expect("a time"),
        duration: (to - from) as f64 / 10.0,
        comment: String::new(),
        fault: None,
        changes: vec![ChangeReport {
            kind: ChangeKind::Update,
            object: format!("/etc/{label}"),
            property: "content".into(),
            before: None,
            after: None,
            forecast: None,
            diff: Some("--- a\n+++ b\n@@ -1 +1 @@\n-</script><b>\n+new\n".to_owned()),
        }],
        data: values::Data(Value::map([("size", Value::Int(3)), ("odd key", Value::Unknown)])),
        place: Some(Place { file: "m.ipcmm.yaml".to_owned(), line: 7, column: 1 }),
        forecast: None,
        possible: None,
        restored: label == "dirs",
        subrun: (label == "other").then(|| SubrunReport {
            number: 1,
            by: "fetch".into(),
            within: 0,
            check: false,
            event: Some("up".into()),
        }),
    }
}

fn report(scheduler: &'static str, tasks: Vec<TaskReport>) -> Report {
    let mut totals = Totals::default();
    tasks.iter().for_each(|task| totals.count(task.outcome));
    Report {
        version: VERSION,
        mode: "apply",
        bundle: BundleName { name: "web & <co>".to_owned(), root: "ab".repeat(32) },
        node: "n1".to_owned(),
        root_dir: None,
        seed: 1,
        scheduler,
        started: moment(Timestamp::UNIX_EPOCH),
        began: Timestamp::UNIX_EPOCH,
        duration: 2.0,
        outcome: if totals.failed + totals.blocked > 0 { RunOutcome::Failed } else { RunOutcome::Ok },
        totals,
        forecasts: None,
        earlier: Earlier {
            run: Some(3),
            resumed: Some(Resumed { times: 1, restored: 1 }),
            dropped: vec![DroppedReaction { label: "gone".into(), keyword: "listen", target: "conf".into() }],
        },
        tasks,
    }
}

/// `pack` and `load` run beside the main sequence of `dirs`, `conf` and `start`; `start` waits for all.
fn busy() -> Report {
    report(
        "as-written",
        vec![
            task("dirs", "sync", 0, 2, &[]),
            task("pack", "queue", 2, 9, &[(0, "requires")]),
            task("load", "queue", 9, 12, &[(0, "requires")]),
            task("conf", "sync", 2, 4, &[(0, "requires")]),
            task("fetch", "parallel", 2, 5, &[]),
            task("other", "parallel", 3, 5, &[]),
            task("start", "sync", 12, 20, &[(2, "requires"), (3, "watch")]),
        ],
    )
}

fn failed() -> Report {
    let mut tasks = busy().tasks;
    tasks[1].outcome = Outcome::Failed;
    tasks[1].result = Some(false);
    let message = "a command ended with an unexpected status: apt-get: 100\nline two".to_owned();
    let detail = "apt-get: 100\nline two".to_owned();
    tasks[1].fault =
        Some(FaultReport { code: FaultKind::CommandFailed, name: "command-failed", message, place: None, detail });
    for (place, because) in [(2, "pack"), (6, "load")] {
        tasks[place].outcome = Outcome::Blocked;
        (tasks[place].result, tasks[place].changed, tasks[place].attempts) = (Some(false), false, 0);
        tasks[place].reason = Reason::RequisiteFailed;
        (tasks[place].because, tasks[place].keyword) = (Some(because.to_owned()), Some("requires"));
        tasks[place].changes.clear();
    }
    tasks[2].targets.push(Target { task: 1, keyword: "requires" });
    report("as-written", tasks)
}

#[test]
fn tasks_stand_in_the_lanes_they_ran_in() {
    let timeline = Timeline::new(&busy());
    let lanes: Vec<(&str, &[u32])> = timeline.lanes.iter().map(|l| (l.name.as_str(), l.tasks.as_slice())).collect();
    let wanted: [(&str, &[u32]); 4] =
        [("main sequence", &[0, 3, 6]), ("queue apt", &[1, 2]), ("background", &[4]), ("run by fetch", &[5])];
    assert_eq!(lanes, wanted);
}

#[test]
fn the_critical_path_goes_over_needs_and_over_queues() {
    // `load` waited for its turn in the queue, not for a target.
    assert_eq!(Timeline::new(&busy()).critical, [0, 1, 2, 6]);
}

#[test]
fn what_took_no_time_is_looked_through() {
    let mut tasks = vec![task("a", "parallel", 0, 5, &[]), task("b", "sync", 0, 0, &[(0, "requires")])];
    (tasks[1].attempts, tasks[1].outcome) = (0, Outcome::Skipped);
    tasks.push(task("c", "parallel", 5, 9, &[(1, "requires")]));
    assert_eq!(Timeline::new(&report("parallel", tasks)).critical, [0, 2]);
    assert_eq!(Timeline::new(&report("parallel", Vec::new())), Timeline { lanes: vec![], critical: vec![] });
}

#[test]
fn equal_times_lead_in_no_circle() {
    let tasks = vec![task("a", "parallel", 0, 0, &[(1, "listen")]), task("b", "parallel", 0, 0, &[(0, "watch")])];
    let critical = Timeline::new(&report("parallel", tasks)).critical;
    assert_eq!(critical.len(), 2);
}

#[test]
fn a_ci_server_is_told_of_every_task() {
    let text = junit::render(&failed());
    assert!(text.contains("tests=\"7\" failures=\"1\" errors=\"2\" skipped=\"0\""), "{text}");
    assert!(text.contains("web &amp; &lt;co&gt;"), "{text}");
    assert!(text.contains("<failure type=\"F0404 command-failed\" message=\"a command ended"), "{text}");
    assert!(text.contains("apt-get: 100&#10;line two</failure>"), "{text}");
    assert!(text.contains("<error type=\"blocked\" message=\"requires load\"/>"), "{text}");
    assert!(text.contains("file=\"m.ipcmm.yaml\" line=\"7\""), "{text}");
    assert!(text.contains("<system-out>update /etc/dirs (content)</system-out>"), "{text}");
    let mut odd = busy();
    odd.tasks[0].comment = "\u{1b}[31m\u{0}".to_owned();
    odd.tasks[0].label = "\u{1b}[31m".to_owned();
    assert!(!junit::render(&odd).contains('\u{1b}'));
}

#[test]
fn nothing_of_a_node_becomes_markup_of_the_page() {
    let page = html::render(&failed());
    assert!(page.contains("<title>apply failed of web &amp; &lt;co&gt;</title>"));
    assert!(!page.contains("</script><b>"), "the difference stays inside the data");
    assert_eq!(page.matches("</script>").count(), 2);
    let data = page.split_once("id=\"data\">").and_then(|(_, rest)| rest.split_once("</script>")).expect("data").0;
    let data: serde_json::Value = serde_json::from_str(data).expect("it is JSON");
    assert_eq!(data["timeline"]["critical"], serde_json::json!([0, 1]));
    assert_eq!(data["tasks"][0]["changes"][0]["diff"], busy().tasks[0].changes[0].diff.clone().expect("a diff"));
    assert!(!page.contains("{{"), "every place is filled");
}

#[test]
fn a_saved_report_is_the_same_again() {
    for report in [busy(), failed()] {
        let json = report.json();
        let again = saved::read(&json).expect("it was written by us");
        assert_eq!(again.json(), json);
        assert_eq!(
            human::render(&again, human::HumanOptions::default()),
            human::render(&report, human::HumanOptions::default())
        );
        assert_eq!(Timeline::new(&again), Timeline::new(&report));
    }
}

#[test]
fn what_is_no_report_says_where() {
    let json = failed().json();
    let broken = |path: &str, value: serde_json::Value| {
        let mut json = json.clone();
        *json.pointer_mut(path).expect("it is there") = value;
        saved::read(&json).map(|_| ()).expect_err("it is broken")
    };
    assert_eq!(saved::read(&serde_json::json!({})).map(|_| ()), Err("there is no `version`".to_owned()));
    assert_eq!(broken("/version", 9.into()), "it has version 9 of reports; this program reads version 1");
    assert_eq!(broken("/tasks/2/label", 1.into()), "`tasks[2].label` is not a text");
    assert_eq!(broken("/tasks/1/fault/code", "F9999".into()), "`tasks[1].fault.code` is not the code of a fault");
    assert_eq!(broken("/tasks/3/targets/0/task", 7.into()), "`tasks[3].targets[0].task` is not the place of a task");
    assert!(broken("/tasks/0/outcome", "fine".into()).starts_with("`tasks[0].outcome` is not one of ok, changed"));
    assert_eq!(broken("/tasks/0/started", "now".into()), "`tasks[0].started` is not a time");
}

#[test]
fn an_object_is_followed_back_to_its_triggers() {
    let answer = why(&busy(), "/etc/start").expect("it was changed");
    let links: Vec<(u32, &str, Option<&str>)> =
        answer.chain.iter().map(|l| (l.depth, l.task.as_str(), l.keyword)).collect();
    assert_eq!(links, [(0, "start", None), (1, "conf", Some("watch"))]);
    let text = answer.human(false);
    assert!(text.starts_with("/etc/start\n  <- start  changed"), "{text}");
    assert!(text.contains("update it (content)\n") && text.contains("m.ipcmm.yaml:7:1"), "{text}");
    assert!(text.contains("    <- watch conf  changed"), "{text}");
}

#[test]
fn a_blocked_task_is_followed_back_to_the_failure() {
    let answer = why(&failed(), "start").expect("it is a task");
    let links: Vec<&str> = answer.chain.iter().map(|l| l.task.as_str()).collect();
    assert_eq!(links, ["start", "load", "pack"]);
    assert_eq!(answer.chain[2].said, "a command ended with an unexpected status: apt-get: 100");
    assert_eq!(why(&failed(), "m/start").expect("with its module").chain.len(), 3);
    let error = why(&failed(), "star").map(|_| ()).expect_err("there is none");
    assert_eq!(error, "no task is called `star`, and none changed an object of that name; there is `start`");
}

#[test]
fn a_long_way_back_needs_no_deep_stack() {
    let tasks = (0..50_000).map(|i| match i {
        0 => task("t0", "sync", 0, 1, &[]),
        i => task(&format!("t{i}"), "sync", i, i + 1, &[(i as u32 - 1, "onchange")]),
    });
    let report = report("sequential", tasks.collect());
    assert_eq!(why(&report, "t49999").expect("it is there").chain.len(), 50_000);
    assert_eq!(Timeline::new(&report).critical.len(), 50_000);
}
