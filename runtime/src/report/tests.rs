//! The shape of the JSON report.

use super::*;
use ipcmm_bytecode::Value;
use ipcmm_bytecode::bundle::BundleWriter;
use ipcmm_vm::Outcomes;

#[test]
fn the_keys_are_those_of_the_schema() {
    let report = Report {
        version: VERSION,
        mode: "apply",
        bundle: BundleName { name: "web".to_owned(), root: "00".to_owned() },
        node: "here".to_owned(),
        root_dir: None,
        seed: 7,
        scheduler: "as-written",
        started: moment(Timestamp::UNIX_EPOCH),
        began: Timestamp::UNIX_EPOCH,
        duration: 1.5,
        outcome: RunOutcome::Ok,
        totals: Totals { would_change: 1, ..Totals::default() },
        earlier: Earlier::default(),
        forecasts: None,
        tasks: vec![],
    };
    let json = report.json();
    let keys: Vec<&str> = json.as_object().into_iter().flat_map(|object| object.keys()).map(String::as_str).collect();
    assert_eq!(
        keys,
        ["version", "mode", "bundle", "node", "seed", "scheduler", "started", "duration", "outcome", "totals", "tasks"]
    );
    assert_eq!(json["started"], "1970-01-01T00:00:00.000Z");
    assert_eq!(json["totals"]["would-change"], 1);
    assert_eq!(json["outcome"], "ok");
}

#[test]
fn a_task_tells_everything_that_is_known_of_it() {
    let bytes = bundle();
    let bundle = Bundle::open(&bytes).expect("a whole bundle");
    let end = TaskEnd {
        outcome: Outcome::Failed,
        changed: true,
        possible: Outcomes::only(Outcome::Failed),
        forecast: Forecast::Will,
        reason: Reason::Ran,
        because: Some(0),
        keyword: None,
        attempts: 2,
        started: 1_500_000_000,
        ended: 1_750_000_000,
        fault: Some(Fault::new(FaultKind::CommandFailed, "it broke")),
        changes: vec![Change {
            kind: ChangeKind::Create,
            object: "/a".to_owned(),
            property: "mode",
            before: None,
            after: Some("0644".to_owned()),
            diff: None,
            may: false,
        }],
        comment: "c".to_owned(),
        data: Value::map([("rc", Value::Int(3)), ("stdout", Value::Unknown)]),
    };
    let task = serde_json::to_value(task_report(&bundle, 0, end, &about(), &places(&bundle))).expect("json");
    let expected = serde_json::json!({
        "label": "", "module": "", "mode": "sync", "targets": [], "outcome": "failed", "result": false, "changed": true, "reason": "ran",
        "because": "", "keyword": null, "attempts": 2, "started": "1970-01-01T00:00:01.500Z", "duration": 0.25, "comment": "c",
        "fault": {
            "code": "F0404", "name": "command-failed",
            "message": "a command ended with an unexpected status: it broke", "place": null,
        },
        "changes": [{"kind": "create", "object": "/a", "property": "mode", "before": null, "after": "0644", "diff": null}],
        "data": {"rc": 3, "stdout": null}, "unknown": ["data.stdout"], "place": null,
    });
    assert_eq!(task, expected);
}

#[test]
fn the_last_word_of_a_task_counts_and_order_is_that_of_the_run() {
    let mut recorder = Recorder::default();
    recorder.task_finished(1, &TaskEnd::without_body(Outcome::Skipped, Reason::WhenFalse, 0));
    recorder.task_finished(0, &TaskEnd::without_body(Outcome::Ok, Reason::Ran, 0));
    let outcomes: Vec<_> = recorder.ends.iter().flatten().map(|end| end.outcome).collect();
    assert_eq!(outcomes, [Outcome::Ok, Outcome::Skipped]);
}

/// Of an apply.
fn about() -> About {
    About {
        mode: Mode::Apply,
        node: String::new(),
        root: None,
        seed: 0,
        scheduler: "as-written",
        started: Timestamp::UNIX_EPOCH,
        elapsed: Duration::ZERO,
        interrupted: false,
        earlier: Earlier::default(),
    }
}

/// A bundle without tasks.
fn bundle() -> Vec<u8> {
    BundleWriter::new("b", 1, false).finish()
}
