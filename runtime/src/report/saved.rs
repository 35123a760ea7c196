//! Reads a report that was saved as JSON, so that it can be told of again, elsewhere and later.
//!
//! Unaware of: where it was saved. What is not as `spec/schema/report.schema.json` says is refused with the path of it;
//! fields that a later version may add are left alone.

use super::{
    BundleName, ChangeReport, DroppedReaction, Earlier, FaultReport, Forecasts, Place, Report, Resumed, RunOutcome,
    SubrunReport, Target, TaskReport, Totals, VERSION, values,
};
use ipcmm_bytecode::bundle::{EdgeKind, ExecMode};
use ipcmm_bytecode::{FaultKind, Value};
use ipcmm_vm::host::ChangeKind;
use ipcmm_vm::outcome::{Forecast, Outcome, Reason};
use serde_json::Value as Json;
use std::collections::HashSet;

/// Words of schedulers, as they stand in reports.
const SCHEDULERS: [&str; 3] = ["sequential", "as-written", "parallel"];

/// The report in a JSON document.
///
/// # Errors
/// What is not as it should be, and where.
pub fn read(json: &Json) -> Result<Report, String> {
    let top = At { json, path: String::new() };
    match top.field("version")?.json.as_u64() {
        Some(version) if version == u64::from(VERSION) => {}
        Some(other) => return Err(format!("it has version {other} of reports; this program reads version {VERSION}")),
        None => return Err("it is no report: it has no `version`".to_owned()),
    }
    let started = top.field("started")?;
    let began = started.text()?.parse().map_err(|_| started.not("a time"))?;
    let tasks = top.field("tasks")?;
    let count = tasks.list()?.len();
    let tasks: Vec<TaskReport> = tasks.each(|task| read_task(task, count))?;
    let totals = top.field("totals")?;
    let total =
        |name: &str| totals.field(name)?.number().and_then(|n| u32::try_from(n).map_err(|_| totals.not("a count")));
    Ok(Report {
        version: VERSION,
        mode: top.field("mode")?.word(&["apply", "plan"])?,
        bundle: BundleName {
            name: top.field("bundle")?.field("name")?.text()?.to_owned(),
            root: top.field("bundle")?.field("root")?.text()?.to_owned(),
        },
        node: top.field("node")?.text()?.to_owned(),
        root_dir: top.optional("root_dir").map(|root| root.text().map(str::to_owned)).transpose()?,
        seed: top.field("seed")?.number()?,
        scheduler: top.field("scheduler")?.word(&SCHEDULERS)?,
        started: top.field("started")?.text()?.to_owned(),
        began,
        duration: top.field("duration")?.seconds()?,
        outcome: match top.field("outcome")?.word(&["ok", "failed", "interrupted"])? {
            "ok" => RunOutcome::Ok,
            "failed" => RunOutcome::Failed,
            _ => RunOutcome::Interrupted,
        },
        totals: Totals {
            ok: total("ok")?,
            changed: total("changed")?,
            failed: total("failed")?,
            skipped: total("skipped")?,
            blocked: total("blocked")?,
            would_change: total("would-change")?,
            not_reached: total("not-reached")?,
        },
        forecasts: match top.optional("forecasts") {
            Some(forecasts) => {
                let count = |name: &str| {
                    let at = forecasts.field(name)?;
                    at.number().and_then(|n| u32::try_from(n).map_err(|_| at.not("a count")))
                };
                Some(Forecasts { will: count("will")?, may: count("may")?, cannot: count("cannot")? })
            }
            None => None,
        },
        earlier: read_earlier(&top)?,
        tasks,
    })
}

fn read_task(task: &At<'_>, count: usize) -> Result<TaskReport, String> {
    let started = task.field("started")?;
    let unknown: HashSet<String> =
        task.field("unknown")?.each(|path| path.text().map(str::to_owned))?.into_iter().collect();
    let modes: Vec<&'static str> = ExecMode::TABLE.iter().map(|(_, name, _)| *name).collect();
    Ok(TaskReport {
        label: task.field("label")?.text()?.to_owned(),
        module: task.field("module")?.text()?.to_owned(),
        mode: match task.optional("mode") {
            Some(mode) => mode.word(&modes)?,
            None => ExecMode::Sync.name(),
        },
        lane: task.optional("lane").map(|lane| lane.text().map(str::to_owned)).transpose()?,
        targets: match task.optional("targets") {
            Some(targets) => targets.each(|target| {
                let place = target.field("task")?;
                let number = place.number()?;
                match usize::try_from(number).is_ok_and(|n| n < count) {
                    true => Ok(Target { task: number as u32, keyword: keyword(&target.field("keyword")?)? }),
                    false => Err(place.not("the place of a task")),
                }
            })?,
            None => Vec::new(),
        },
        outcome: task.field("outcome")?.of(Outcome::TABLE)?,
        result: task.field("outcome")?.of(Outcome::TABLE)?.result(),
        changed: task.field("changed")?.truth()?,
        reason: task.field("reason")?.of(Reason::TABLE)?,
        because: task.optional("because").map(|label| label.text().map(str::to_owned)).transpose()?,
        keyword: task.optional("keyword").map(|word| keyword(&word)).transpose()?,
        attempts: task.field("attempts")?.number().and_then(|n| u32::try_from(n).map_err(|_| task.not("a count")))?,
        started: started.text()?.parse().map_err(|_| started.not("a time"))?,
        duration: task.field("duration")?.seconds()?,
        comment: task.field("comment")?.text()?.to_owned(),
        fault: task.optional("fault").map(|fault| read_fault(&fault)).transpose()?,
        changes: task.field("changes")?.each(read_change)?,
        data: values::Data(value(task.field("data")?.json, "data", &unknown, 0)?),
        place: task.optional("place").map(|place| read_place(&place)).transpose()?,
        forecast: task.optional("forecast").map(|word| word.of(Forecast::TABLE)).transpose()?,
        possible: match task.optional("possible") {
            Some(words) => Some(words.each(|word| {
                let outcomes: Vec<&'static str> = Outcome::TABLE.iter().map(|(_, name, _)| *name).collect();
                word.word(&outcomes)
            })?),
            None => None,
        },
        subrun: match task.optional("subrun") {
            Some(subrun) => {
                let count = |name: &str| {
                    let at = subrun.field(name)?;
                    at.number().and_then(|n| u32::try_from(n).map_err(|_| at.not("a count")))
                };
                Some(SubrunReport {
                    number: count("number")?,
                    by: subrun.field("by")?.text()?.to_owned(),
                    within: count("within")?,
                    check: subrun.field("check")?.truth()?,
                    event: subrun.optional("event").map(|name| name.text().map(str::to_owned)).transpose()?,
                })
            }
            None => None,
        },
        restored: task.optional("restored").map(|restored| restored.truth()).transpose()?.unwrap_or(false),
    })
}

fn read_earlier(top: &At<'_>) -> Result<Earlier, String> {
    let count = |at: &At<'_>| at.number().and_then(|n| u32::try_from(n).map_err(|_| at.not("a count")));
    let resumed = match top.optional("resumed") {
        Some(resumed) => {
            Some(Resumed { times: count(&resumed.field("times")?)?, restored: count(&resumed.field("restored")?)? })
        }
        None => None,
    };
    let dropped = match top.optional("dropped") {
        Some(dropped) => dropped.each(|reaction| {
            Ok(DroppedReaction {
                label: reaction.field("label")?.text()?.to_owned(),
                keyword: keyword(&reaction.field("keyword")?)?,
                target: reaction.field("target")?.text()?.to_owned(),
            })
        })?,
        None => Vec::new(),
    };
    Ok(Earlier { run: top.optional("run").map(|run| run.number()).transpose()?, resumed, dropped })
}

fn keyword(word: &At<'_>) -> Result<&'static str, String> {
    let mut words: Vec<&'static str> = EdgeKind::TABLE.iter().map(|(_, name, _)| *name).collect();
    words.push("listen");
    word.word(&words)
}

fn read_fault(fault: &At<'_>) -> Result<FaultReport, String> {
    let code = fault.field("code")?;
    let text = code.text()?;
    let Some(kind) = FaultKind::ALL.iter().copied().find(|kind| kind.to_string() == text) else {
        return Err(code.not("the code of a fault"));
    };
    let message = fault.field("message")?.text()?.to_owned();
    let detail = message.strip_prefix(kind.summary()).map(|rest| rest.strip_prefix(": ").unwrap_or(rest));
    let detail = detail.unwrap_or(&message).to_owned();
    let place = fault.optional("place").map(|place| read_place(&place)).transpose()?;
    Ok(FaultReport { code: kind, name: kind.name(), message, place, detail })
}

fn read_change(change: &At<'_>) -> Result<ChangeReport, String> {
    let text = |name: &str| change.optional(name).map(|text| text.text().map(str::to_owned)).transpose();
    let kind = match change.field("kind")?.word(&["create", "update", "remove", "run"])? {
        "create" => ChangeKind::Create,
        "update" => ChangeKind::Update,
        "remove" => ChangeKind::Remove,
        _ => ChangeKind::Run,
    };
    Ok(ChangeReport {
        kind,
        object: change.field("object")?.text()?.to_owned(),
        property: change.field("property")?.text()?.to_owned().into(),
        before: text("before")?,
        after: text("after")?,
        diff: text("diff")?,
        forecast: change.optional("forecast").map(|word| word.of(Forecast::TABLE)).transpose()?,
    })
}

fn read_place(place: &At<'_>) -> Result<Place, String> {
    let number = |name: &str| {
        place.field(name)?.number().and_then(|n| u32::try_from(n).map_err(|_| place.not("a place in a source")))
    };
    Ok(Place { file: place.field("file")?.text()?.to_owned(), line: number("line")?, column: number("column")? })
}

/// A result. What JSON cannot tell apart, such as a duration from a number, stays what JSON says.
fn value(json: &Json, path: &str, unknown: &HashSet<String>, depth: u32) -> Result<Value, String> {
    if unknown.contains(path) {
        return Ok(Value::Unknown);
    }
    if depth > 128 {
        return Err(format!("{path} is nested too deeply"));
    }
    Ok(match json {
        Json::Null => Value::Null,
        Json::Bool(b) => Value::Bool(*b),
        Json::Number(n) => n.as_i64().map_or_else(|| Value::Float(n.as_f64().unwrap_or(f64::NAN)), Value::Int),
        Json::String(text) => Value::str(text.as_str()),
        Json::Array(items) => {
            let inside = |(i, item)| value(item, &format!("{path}[{i}]"), unknown, depth + 1);
            Value::list(items.iter().enumerate().map(inside).collect::<Result<_, _>>()?)
        }
        Json::Object(entries) => {
            let mut map = Vec::with_capacity(entries.len());
            for (key, entry) in entries {
                map.push((key.as_str(), value(entry, &format!("{path}{}", values::step(key)), unknown, depth + 1)?));
            }
            Value::map(map)
        }
    })
}

/// A part of the document and the way to it.
struct At<'a> {
    json: &'a Json,
    path: String,
}

impl<'a> At<'a> {
    fn not(&self, what: &str) -> String {
        format!("`{}` is not {what}", self.path)
    }

    fn step(&self, name: &str, json: &'a Json) -> At<'a> {
        let path = if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) };
        At { json, path }
    }

    fn field(&self, name: &str) -> Result<At<'a>, String> {
        match self.json.get(name) {
            Some(json) => Ok(self.step(name, json)),
            None if self.path.is_empty() => Err(format!("there is no `{name}`")),
            None => Err(format!("`{}` has no `{name}`", self.path)),
        }
    }

    /// A field that may be missing or null.
    fn optional(&self, name: &str) -> Option<At<'a>> {
        self.json.get(name).filter(|json| !json.is_null()).map(|json| self.step(name, json))
    }

    fn text(&self) -> Result<&'a str, String> {
        self.json.as_str().ok_or_else(|| self.not("a text"))
    }

    fn number(&self) -> Result<u64, String> {
        self.json.as_u64().ok_or_else(|| self.not("a whole number"))
    }

    fn seconds(&self) -> Result<f64, String> {
        self.json.as_f64().filter(|s| s.is_finite() && *s >= 0.0).ok_or_else(|| self.not("a number of seconds"))
    }

    fn truth(&self) -> Result<bool, String> {
        self.json.as_bool().ok_or_else(|| self.not("true or false"))
    }

    fn word(&self, words: &[&'static str]) -> Result<&'static str, String> {
        let text = self.text()?;
        let found = words.iter().find(|word| **word == text).copied();
        found.ok_or_else(|| self.not(&format!("one of {}", words.join(", "))))
    }

    /// The row of a table by its name.
    fn of<T: Copy>(&self, table: &[(T, &'static str, &'static str)]) -> Result<T, String> {
        let text = self.text()?;
        let found = table.iter().find(|(_, name, _)| *name == text).map(|(row, ..)| *row);
        found.ok_or_else(|| {
            let names: Vec<&str> = table.iter().map(|(_, name, _)| *name).collect();
            self.not(&format!("one of {}", names.join(", ")))
        })
    }

    fn list(&self) -> Result<&'a [Json], String> {
        self.json.as_array().map(Vec::as_slice).ok_or_else(|| self.not("a list"))
    }

    fn each<T>(&self, read: impl Fn(&At<'a>) -> Result<T, String>) -> Result<Vec<T>, String> {
        let items = self.list()?.iter().enumerate();
        items.map(|(i, json)| read(&At { json, path: format!("{}[{i}]", self.path) })).collect()
    }
}
