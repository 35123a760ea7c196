//! What came of a run: recorded by an observer, told as one JSON document or to people.
//!
//! The shape of the JSON is `spec/schema/report.schema.json`. Unaware of: how the run was driven and where the report
//! goes. Start reading at [`Report`].

pub mod html;
pub mod human;
pub mod junit;
pub mod saved;
pub mod timeline;
pub mod values;
pub mod why;

use ipcmm_bytecode::bundle::{Attr, Bundle, EdgeKind, ExecMode};
use ipcmm_bytecode::{Fault, FaultKind, Value};
use ipcmm_vm::host::{Change, ChangeKind, Mode};
use ipcmm_vm::observe::{Delivery, Observer, Subrun};
use ipcmm_vm::outcome::{Forecast, Outcome, Reason, TaskEnd};
use jiff::Timestamp;
use serde::{Serialize, Serializer};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::time::Duration;

/// Version of the shape.
pub const VERSION: u32 = 1;

/// Keeps how every task ended.
#[derive(Clone, Debug, Default)]
pub struct Recorder {
    ends: Vec<Option<TaskEnd>>,
    /// Ends of tasks on demand, with the subrun they belong to, in the order in which they ended.
    on_demand: Vec<(Subrun, u32, TaskEnd)>,
    /// Bodies that went wrong and were joined by nobody.
    loose: u32,
    /// Names of the events that handlers ran for, by subrun.
    events: HashMap<u32, String>,
    /// Tasks whose end is not of this process.
    restored: HashSet<u32>,
}

impl Recorder {
    /// What a journal knows of the ends of tasks.
    pub fn of(ends: impl Iterator<Item = (u32, TaskEnd)>) -> Recorder {
        let mut recorder = Recorder::default();
        ends.for_each(|(task, end)| recorder.task_finished(task, &end));
        recorder
    }

    /// Numbers of outcomes in the order of their table.
    pub fn counts(&self) -> Vec<u32> {
        let all = self.ends.iter().flatten();
        let count = |outcome| all.clone().filter(|end| end.outcome == outcome).count() as u32;
        Outcome::TABLE.iter().map(|(outcome, ..)| count(*outcome)).collect()
    }

    /// Of how many tasks the end is not of this process.
    pub fn restored(&self) -> u32 {
        self.restored.len() as u32
    }
}

impl Observer for Recorder {
    fn task_restored(&mut self, task: u32) {
        self.restored.insert(task);
    }

    fn task_finished(&mut self, task: u32, end: &TaskEnd) {
        let place = task as usize;
        if self.ends.len() <= place {
            self.ends.resize(place + 1, None);
        }
        self.ends[place] = Some(end.clone());
    }

    fn task_finished_in(&mut self, subrun: &Subrun, task: u32, end: &TaskEnd) {
        self.on_demand.push((*subrun, task, end.clone()));
    }

    fn left_loose(&mut self, _: &Subrun) {
        self.loose += 1;
    }

    fn delivery(&mut self, _: &str, event: &Value, delivery: &Delivery<'_>, _: u64) {
        match delivery {
            Delivery::Started(subrun) => {
                let name = event.get("name").and_then(Value::as_str).unwrap_or_default();
                self.events.insert(subrun.number, name.to_owned());
            }
            Delivery::Faulty(_) => self.loose += 1,
            Delivery::Ended(..) | Delivery::Dropped(_) => {}
        }
    }
}

/// The time at which a run starts.
pub fn now() -> Timestamp {
    Timestamp::now()
}

/// What is known of a run besides its tasks.
#[derive(Clone, Debug)]
pub struct About {
    /// Apply or check.
    pub mode: Mode,
    /// Name of the node.
    pub node: String,
    /// What every path was put behind.
    pub root: Option<PathBuf>,
    /// Seed of everything random.
    pub seed: u64,
    /// The policy, by its word on the command line.
    pub scheduler: &'static str,
    /// When it began.
    pub started: Timestamp,
    /// How long it took.
    pub elapsed: Duration,
    /// A signal stopped it, or a journal that could not be written.
    pub interrupted: bool,
    /// What it has to do with earlier runs.
    pub earlier: Earlier,
}

/// What a run has to do with earlier runs.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Earlier {
    /// Its number in the state folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<u64>,
    /// The run had been interrupted before, and this process went on with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resumed: Option<Resumed>,
    /// Reactions that an earlier run owed and that nobody can carry out any more.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dropped: Vec<DroppedReaction>,
}

/// What was known of a run that was resumed.
#[derive(Clone, Debug, Serialize)]
pub struct Resumed {
    /// How often the run was resumed, this time included.
    pub times: u32,
    /// Tasks that kept the end they had.
    pub restored: u32,
}

/// A reaction that is owed to nobody.
#[derive(Clone, Debug, Serialize)]
pub struct DroppedReaction {
    /// The label that is gone.
    pub label: String,
    /// The keyword by which it was to react.
    pub keyword: &'static str,
    /// The label that had changed.
    pub target: String,
}

/// A run as it is told of.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the schema describes the fields")]
pub struct Report {
    pub version: u32,
    pub mode: &'static str,
    pub bundle: BundleName,
    pub node: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root_dir: Option<String>,
    pub seed: u64,
    pub scheduler: &'static str,
    pub started: String,
    /// The same, exactly.
    #[serde(skip)]
    pub began: Timestamp,
    /// In seconds.
    pub duration: f64,
    pub outcome: RunOutcome,
    pub totals: Totals,
    #[serde(flatten)]
    pub earlier: Earlier,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forecasts: Option<Forecasts>,
    pub tasks: Vec<TaskReport>,
}

/// Which bundle was run.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the schema describes the fields")]
pub struct BundleName {
    pub name: String,
    /// Hash that names it, in hexadecimal.
    pub root: String,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunOutcome {
    /// No task is failed or blocked.
    Ok,
    /// Some are.
    Failed,
    /// A signal stopped it.
    Interrupted,
}

/// How many tasks ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "fields are named after outcomes")]
pub struct Totals {
    pub ok: u32,
    pub changed: u32,
    pub failed: u32,
    pub skipped: u32,
    pub blocked: u32,
    pub would_change: u32,
    pub not_reached: u32,
}

impl Totals {
    fn count(&mut self, outcome: Outcome) {
        *match outcome {
            Outcome::Ok => &mut self.ok,
            Outcome::Changed => &mut self.changed,
            Outcome::Failed => &mut self.failed,
            Outcome::Skipped => &mut self.skipped,
            Outcome::Blocked => &mut self.blocked,
            Outcome::WouldChange => &mut self.would_change,
            Outcome::NotReached => &mut self.not_reached,
        } += 1;
    }
}

/// Of how many tasks a plan says what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[allow(missing_docs, reason = "fields are named after forecasts")]
pub struct Forecasts {
    pub will: u32,
    pub may: u32,
    pub cannot: u32,
}

impl Forecasts {
    fn count(&mut self, forecast: Forecast) {
        *match forecast {
            Forecast::Will => &mut self.will,
            Forecast::May => &mut self.may,
            Forecast::Cannot => &mut self.cannot,
        } += 1;
    }
}

/// How a task ended.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the schema describes the fields")]
pub struct TaskReport {
    pub label: String,
    pub module: String,
    /// How it was to run beside others.
    pub mode: &'static str,
    /// Its queue, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lane: Option<String>,
    /// The tasks it names, by the keywords that do.
    pub targets: Vec<Target>,
    #[serde(serialize_with = "outcome_name")]
    pub outcome: Outcome,
    pub result: Option<bool>,
    pub changed: bool,
    /// In a plan.
    #[serde(serialize_with = "forecast_name", skip_serializing_if = "Option::is_none")]
    pub forecast: Option<Forecast>,
    /// In a plan: how a run may end, in the words of a run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub possible: Option<Vec<&'static str>>,
    #[serde(serialize_with = "reason_name")]
    pub reason: Reason,
    /// The task that is the reason: its label, with its module if that is another one.
    pub because: Option<String>,
    /// The keyword by which it is.
    pub keyword: Option<&'static str>,
    pub attempts: u32,
    #[serde(serialize_with = "moment_of")]
    pub started: Timestamp,
    /// In seconds.
    pub duration: f64,
    pub comment: String,
    pub fault: Option<FaultReport>,
    pub changes: Vec<ChangeReport>,
    /// The typed result, and the paths in it that only an apply can know.
    #[serde(flatten)]
    pub data: values::Data,
    pub place: Option<Place>,
    /// The task was not executed again, because the run was resumed and it had its end.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub restored: bool,
    /// Which subrun it belongs to, if it ran on demand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subrun: Option<SubrunReport>,
}

/// A task that another one names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[allow(missing_docs, reason = "the schema describes the fields")]
pub struct Target {
    /// Its place in the report.
    pub task: u32,
    pub keyword: &'static str,
}

/// Tasks that one ran on demand.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the schema describes the fields")]
pub struct SubrunReport {
    pub number: u32,
    /// The task that ran it.
    pub by: String,
    /// The subrun which that task belongs to; 0 if it is one of the run itself.
    pub within: u32,
    /// It was only asked what it would change.
    pub check: bool,
    /// The event it ran for, if it is a handler.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
}

/// What went wrong.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the schema describes the fields")]
pub struct FaultReport {
    #[serde(serialize_with = "fault_code")]
    pub code: FaultKind,
    pub name: &'static str,
    pub message: String,
    pub place: Option<Place>,
    /// The particulars without the clause of the kind.
    #[serde(skip)]
    pub detail: String,
}

/// A difference that was made, or in a dry run would be.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the schema describes the fields")]
pub struct ChangeReport {
    #[serde(serialize_with = "change_name")]
    pub kind: ChangeKind,
    pub object: String,
    pub property: Cow<'static, str>,
    pub before: Option<String>,
    pub after: Option<String>,
    pub diff: Option<String>,
    /// In a plan.
    #[serde(serialize_with = "forecast_name", skip_serializing_if = "Option::is_none")]
    pub forecast: Option<Forecast>,
}

/// A place in a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[allow(missing_docs, reason = "the schema describes the fields")]
pub struct Place {
    pub file: String,
    pub line: u32,
    pub column: u32,
}

impl Report {
    /// Puts together what was recorded. A task without an end was not reached.
    pub fn new(bundle: &Bundle<'_>, recorder: Recorder, about: About) -> Report {
        let mut totals = Totals::default();
        let mut forecasts = Forecasts::default();
        let mut ends = recorder.ends;
        let count = bundle.tasks().len();
        ends.resize(count, None);
        let mut tasks = Vec::with_capacity(count);
        let places = places(bundle);
        // Parts of tasks have places in the run order, and no outcome of their own.
        let main = |task: u32| !bundle.is_part(task) && !bundle.is_on_demand(task);
        for (task, end) in (0..).zip(ends).filter(|(task, _)| main(*task)) {
            let end = end.unwrap_or_else(|| TaskEnd::without_body(Outcome::NotReached, Reason::RunStopped, 0));
            totals.count(end.outcome);
            let restored = recorder.restored.contains(&task);
            forecasts.count(end.forecast);
            tasks.push(TaskReport { restored, ..task_report(bundle, task, end, &about, &places) });
        }
        // What ran on demand is answered for by who ran it.
        let bad = totals.failed + totals.blocked + recorder.loose;
        let mut on_demand = recorder.on_demand;
        on_demand.sort_by_key(|(subrun, task, _)| (subrun.number, *task));
        for (subrun, task, end) in on_demand {
            totals.count(end.outcome);
            forecasts.count(end.forecast);
            let by = bundle.label(subrun.caller).to_owned();
            let check = subrun.mode == Mode::Check;
            let event = recorder.events.get(&subrun.number).cloned();
            let subrun = Some(SubrunReport { number: subrun.number, by, within: subrun.within, check, event });
            tasks.push(TaskReport { subrun, ..task_report(bundle, task, end, &about, &places) });
        }
        let outcome = match (about.interrupted, bad) {
            (true, _) => RunOutcome::Interrupted,
            (false, 0) => RunOutcome::Ok,
            (false, _) => RunOutcome::Failed,
        };
        Report {
            version: VERSION,
            mode: match about.mode {
                Mode::Apply => "apply",
                Mode::Check => "plan",
            },
            bundle: BundleName { name: bundle.name().to_owned(), root: hex(&bundle.root()) },
            node: about.node,
            root_dir: about.root.map(|root| root.display().to_string()),
            seed: about.seed,
            scheduler: about.scheduler,
            started: moment(about.started),
            began: about.started,
            duration: about.elapsed.as_secs_f64(),
            outcome,
            totals,
            earlier: about.earlier,
            forecasts: (about.mode == Mode::Check).then_some(forecasts),
            tasks,
        }
    }

    /// As the JSON document.
    pub fn json(&self) -> serde_json::Value {
        // A report holds nothing that JSON has no form for: maps have text keys, and numbers are finite.
        serde_json::to_value(self).unwrap_or_default()
    }
}

/// What has no place of its own in the report: a task on demand, which may have been run several times.
const NOWHERE: u32 = u32::MAX;

/// The place of each task in the report; parts have that of the task they belong to.
fn places(bundle: &Bundle<'_>) -> Vec<u32> {
    let mut next = 0;
    let count = bundle.tasks().len() as u32;
    let own: Vec<u32> = (0..count)
        .map(|task| {
            if bundle.is_on_demand(task) {
                return NOWHERE;
            }
            let place = next;
            next += u32::from(!bundle.is_part(task));
            place
        })
        .collect();
    (0..count).map(|task| own[bundle.owner(task) as usize]).collect()
}

/// The tasks a task names: those of its edges, and those it listens to.
fn targets(bundle: &Bundle<'_>, task: u32, places: &[u32]) -> Vec<Target> {
    let (Some(&own), Some(row)) = (places.get(task as usize), bundle.tasks().get(task as usize)) else {
        return Vec::new();
    };
    let mut targets: Vec<Target> = bundle
        .task_edges(row)
        .filter_map(|(kind, target)| {
            let place = places[target as usize];
            let keyword = match kind? {
                EdgeKind::Own => return None,
                // The other end of a keyword that stands at the target.
                EdgeKind::Prepared if bundle.is_part(target) => "runaround",
                EdgeKind::Prepared => "prereq",
                kind => kind.name(),
            };
            (place != own && place != NOWHERE).then_some(Target { task: place, keyword })
        })
        .collect();
    let listens = bundle.listens().iter().filter(|row| row.listener.get() == task);
    let listens = listens.map(|row| Target { task: places[row.target.get() as usize], keyword: "listen" });
    targets.extend(listens.filter(|target| target.task != NOWHERE));
    targets.dedup();
    targets
}

fn task_report(bundle: &Bundle<'_>, task: u32, end: TaskEnd, about: &About, places: &[u32]) -> TaskReport {
    let plan = about.mode == Mode::Check;
    let start = about.started;
    let module = bundle.module(task);
    let because = end.because.map(|other| match bundle.module(other) {
        same if same == module => bundle.label(other).to_owned(),
        elsewhere => format!("{elsewhere}/{}", bundle.label(other)),
    });
    let offset = i64::try_from(end.started).unwrap_or(i64::MAX);
    let started = start.checked_add(jiff::SignedDuration::from_nanos(offset)).unwrap_or(start);
    let row = bundle.tasks().get(task as usize);
    let lane = row.and_then(|row| bundle.blocks().get(row.block.get() as usize)).and_then(|block| {
        let lane = bundle.block_attrs(block).iter().find(|row| row.attr.get() == Attr::Lane as u16)?;
        bundle.string(lane.value.get()).map(str::to_owned)
    });
    TaskReport {
        label: bundle.label(task).to_owned(),
        module: module.to_owned(),
        mode: row.and_then(|row| ExecMode::from_number(row.mode)).unwrap_or(ExecMode::Sync).name(),
        lane,
        targets: targets(bundle, task, places),
        outcome: end.outcome,
        result: end.outcome.result(),
        changed: end.changed,
        forecast: plan.then_some(end.forecast),
        possible: plan.then(|| end.possible.iter().map(word).collect()),
        reason: end.reason,
        because,
        keyword: end.keyword.map(EdgeKind::name),
        attempts: end.attempts,
        started,
        duration: Duration::from_nanos(end.ended.saturating_sub(end.started)).as_secs_f64(),
        comment: end.comment,
        fault: end.fault.map(|fault| fault_report(bundle, fault)),
        changes: end.changes.into_iter().map(|c| change_report(c, plan.then_some(end.forecast))).collect(),
        data: values::Data(end.data),
        place: bundle.task_place(task).map(place),
        restored: false,
        subrun: None,
    }
}

fn fault_report(bundle: &Bundle<'_>, fault: Fault) -> FaultReport {
    let message = match fault.detail.as_str() {
        "" => fault.kind.summary().to_owned(),
        detail => format!("{}: {detail}", fault.kind.summary()),
    };
    let found = fault.place.and_then(|(chunk, pc)| bundle.code_place(chunk, pc));
    FaultReport { code: fault.kind, name: fault.kind.name(), message, place: found.map(place), detail: fault.detail }
}

/// An outcome as a run has it.
fn word(outcome: Outcome) -> &'static str {
    if outcome == Outcome::WouldChange { Outcome::Changed.name() } else { outcome.name() }
}

/// A change with the forecast of its task.
fn change_report(change: Change, task: Option<Forecast>) -> ChangeReport {
    let Change { kind, object, property, before, after, diff, may } = change;
    let forecast = task.map(|task| match (task, may) {
        (Forecast::Cannot, _) => Forecast::Cannot,
        (Forecast::May, _) | (Forecast::Will, true) => Forecast::May,
        (Forecast::Will, false) => Forecast::Will,
    });
    ChangeReport { kind, object, property: property.into(), before, after, diff, forecast }
}

fn place((file, line, column): (&str, u32, u32)) -> Place {
    Place { file: file.to_owned(), line, column }
}

/// RFC 3339 in UTC, with milliseconds.
pub fn moment(time: Timestamp) -> String {
    format!("{time:.3}")
}

fn moment_of<S: Serializer>(time: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(&format_args!("{time:.3}"))
}

/// Bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn outcome_name<S: Serializer>(outcome: &Outcome, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(outcome.name())
}

fn forecast_name<S: Serializer>(forecast: &Option<Forecast>, to: S) -> Result<S::Ok, S::Error> {
    match forecast {
        Some(forecast) => to.serialize_str(forecast.name()),
        None => to.serialize_none(),
    }
}

fn reason_name<S: Serializer>(reason: &Reason, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(reason.name())
}

fn change_name<S: Serializer>(kind: &ChangeKind, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(kind.name())
}

fn fault_code<S: Serializer>(kind: &FaultKind, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(kind)
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod told;
