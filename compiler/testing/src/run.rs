//! One case: staged, built from what the sources became, run, and held against what is expected.
//!
//! Unaware of: files on a disk, and of how results are shown. Start reading at [`Bench::run`].

use crate::case::Case;
use crate::clock::drive;
use crate::coverage::Survey;
use crate::expression::{self, Afterwards};
use crate::judge::{self, Seen};
use crate::report::{CaseReport, Failure, Status};
use crate::stage::Stage;
use crate::{Options, laws};
use ipcmm_compiler::diag::{Code, Diagnostic, Diagnostics, suggest};
use ipcmm_compiler::doc::Span;
use ipcmm_compiler::expand::Program;
use ipcmm_compiler::graph::{Graph, Task};
use ipcmm_compiler::project::inventory::Inventory;
use ipcmm_compiler::source::FileId;
use ipcmm_runtime::reactor::door::{Door, began};
use ipcmm_vm::observe::{Observer, Subrun, Trace};
use ipcmm_vm::{Mode, PolicyKind, Run, RunOptions, TaskEnd, Verified};
use std::collections::HashMap;
use std::time::Duration;

/// How many tasks run in the background at once.
const PARALLEL: u32 = 4;

/// What a build is run with: a bundle, and what it was made of.
pub struct Bench<'a> {
    /// The bundle.
    pub bundle: &'a Verified<'a>,
    /// The graph, whose tasks have the numbers of the bundle's.
    pub graph: &'a Graph,
    /// The modules, with everything in its place.
    pub program: &'a Program,
    /// The nodes there are, as far as the project knows them.
    pub inventory: Option<&'a Inventory>,
    /// Who counts what is covered.
    pub survey: &'a Survey,
}

/// What became of one run.
#[derive(Debug, Default)]
pub struct Ran {
    /// The end of each task, by number; parts of tasks have none.
    pub ends: Vec<Option<TaskEnd>>,
    /// Tasks in the order they started.
    pub started: Vec<u32>,
    /// The time it took on the pretended node, in nanoseconds.
    pub time: u64,
    /// Whether it came to its end by itself.
    pub ended: bool,
    /// Whether it was a plan or an apply.
    pub mode: Option<Mode>,
    /// Tasks that put into the background what went wrong and was joined by nobody.
    pub loose: Vec<u32>,
}

impl Observer for Ran {
    fn task_started(&mut self, task: u32, _: u64) {
        self.started.push(task);
    }

    fn task_finished(&mut self, task: u32, end: &TaskEnd) {
        if let Some(slot) = self.ends.get_mut(task as usize) {
            *slot = Some(end.clone());
        }
    }

    fn task_started_in(&mut self, _: &Subrun, task: u32, _: u64) {
        self.started.push(task);
    }

    /// Of a task that ran more than once, the worst counts, and of equal ones the last.
    fn task_finished_in(&mut self, subrun: &Subrun, task: u32, end: &TaskEnd) {
        if self.mode == Some(Mode::Apply) && subrun.mode == Mode::Check {
            return;
        }
        if let Some(slot) = self.ends.get_mut(task as usize)
            && !slot.as_ref().is_some_and(|before| before.outcome.is_bad() && !end.outcome.is_bad())
        {
            *slot = Some(end.clone());
        }
    }

    fn left_loose(&mut self, subrun: &Subrun) {
        self.loose.push(subrun.caller);
    }
}

impl Ran {
    /// Tasks that ended, with their ends, in run order.
    pub fn all(&self) -> impl Iterator<Item = (u32, &TaskEnd)> {
        self.ends.iter().enumerate().filter_map(|(task, end)| Some((task as u32, end.as_ref()?)))
    }

    /// Tasks that failed, or were blocked.
    pub fn bad(&self) -> impl Iterator<Item = (u32, &TaskEnd)> {
        self.all().filter(|(_, end)| end.outcome.is_bad())
    }
}

impl Bench<'_> {
    /// The task of a number.
    pub fn task(&self, number: u32) -> Option<&Task> {
        self.graph.tasks.get(number as usize)
    }

    /// The label of a task, with its module where there are several.
    pub fn label(&self, number: u32) -> String {
        let Some(task) = self.task(number) else { return String::new() };
        match self.graph.modules.get(task.module as usize) {
            Some(module) if self.graph.modules.len() > 1 => format!("{module}/{}", task.label),
            _ => task.label.clone(),
        }
    }

    /// Where the label of a task stands.
    pub fn place(&self, number: u32) -> Option<(FileId, Span)> {
        self.task(number).map(|task| (task.file, task.span))
    }

    /// Runs a case.
    pub fn run(&self, case: &Case, options: &Options) -> CaseReport {
        let mut report = CaseReport::new(case);
        let mut problems = Diagnostics::default();
        let expressions = expression::check(case, self, &mut problems);
        let expected = judge::labels(case, self, &mut problems);
        self.chosen(case, &mut problems);
        if problems.has_errors() {
            report.status = Status::Broken;
            report.failures.extend(problems.iter().cloned().map(Failure::from));
            return report;
        }
        let mode = if case.text("mode") == Some("plan") { Mode::Check } else { Mode::Apply };
        let apply = mode == Mode::Apply;
        let plan = (apply && case.switch("plan_first").unwrap_or(options.plan_first))
            .then(|| self.once(case, &Stage::new(case), Mode::Check, None));
        let stage = Stage::new(case);
        let before = stage.tree();
        let ran = self.once(case, &stage, mode, Some(self.survey));
        self.survey.ended(&ran);
        report.time = ran.time;
        let mut failures = self.unstaged(case, &stage);
        // What else is wrong may come of the commands that could not be answered.
        if !failures.is_empty() {
            report.failures = failures;
            report.status = Status::Failed;
            return report;
        }
        if ran.ended {
            let ends: HashMap<(String, String), TaskEnd> =
                ran.all().filter_map(|(task, end)| Some((self.name(task)?, end.clone()))).collect();
            let afterwards = Afterwards { stage: &stage, ends: &ends, expressions: &expressions };
            let seen = Seen { ran: &ran, stage: &stage, before: &before, afterwards: &afterwards };
            failures.extend(judge::judge(case, self, &expected, &seen));
        } else {
            failures.push(endless(case));
        }
        let sound = ran.ended && ran.bad().next().is_none();
        if let Some(plan) = plan.filter(|_| sound) {
            failures.extend(laws::planned(case, self, &plan, &ran));
        }
        if sound && apply && case.switch("twice").unwrap_or(options.twice) {
            let again = Stage::on(stage.node.clone(), case, Duration::from_nanos(ran.time));
            let second = self.once(case, &again, Mode::Apply, None);
            failures.extend(laws::idempotent(case, self, &second));
        }
        report.failures = failures;
        report.status = if report.failures.is_empty() { Status::Passed } else { Status::Failed };
        report.warnings = unused(case, &stage);
        report
    }

    /// Reports labels under `only` that are not there.
    fn chosen(&self, case: &Case, problems: &mut Diagnostics) {
        let labels =
            || self.program.modules.iter().flat_map(|part| part.tasks.iter().map(|task| (&part.name, &task.label)));
        for (i, name) in case.only().unwrap_or_default().iter().enumerate() {
            if labels().any(|(module, label)| label == name || format!("{module}/{label}") == *name) {
                continue;
            }
            let message = format!("there is no label `{name}`");
            let problem = Diagnostic::new(Code::UnknownTarget, case.file(), case.staged("only", i), message);
            problems.push(match suggest::nearest(name, labels().map(|(_, label)| label.as_str())) {
                Some(near) => problem.did_you_mean(near),
                None => problem,
            });
        }
    }

    /// Module and label of a task.
    fn name(&self, number: u32) -> Option<(String, String)> {
        let task = self.task(number)?;
        Some((self.graph.modules.get(task.module as usize)?.clone(), task.label.clone()))
    }

    fn once(&self, case: &Case, stage: &Stage, mode: Mode, trace: Option<&dyn Trace>) -> Ran {
        let policy = match case.text("scheduler") {
            Some("as-written") => PolicyKind::AsWritten,
            Some("parallel") => PolicyKind::Parallel,
            _ => PolicyKind::Sequential,
        };
        let seed = case.get("seed").and_then(crate::stage::number).unwrap_or(0) as u64;
        let options = RunOptions { mode, policy, max_parallel: PARALLEL, seed };
        let mut ran = Ran { ends: vec![None; self.bundle.tasks().len()], mode: Some(mode), ..Ran::default() };
        let mut run = Run::new(self.bundle, stage, &mut ran, options).with_events(Box::new(Door::new(began())));
        if let Some(trace) = trace {
            run = run.traced(trace);
        }
        let (time, ended) = drive(&mut run, stage);
        drop(run);
        (ran.time, ran.ended) = (time, ended);
        ran
    }

    /// Commands that nobody spoke of: each once, with the entry that is missing.
    fn unstaged(&self, case: &Case, stage: &Stage) -> Vec<Failure> {
        let mut told: Vec<Vec<String>> = Vec::new();
        let mut failures = Vec::new();
        for issued in stage.node.unknown() {
            if told.contains(&issued.words) {
                continue;
            }
            let line = crate::stage::line(&issued.words);
            let entry = match &issued.script {
                Some(text) => {
                    let text = String::from_utf8_lossy(text);
                    let mark =
                        text.lines().find(|line| !line.trim().is_empty() && !line.starts_with("#!")).unwrap_or("");
                    format!("{{script: {}, rc: 0, stdout: \"\"}}", yaml(mark.trim()))
                }
                None if line.contains('\n')
                    || matches!(issued.words.as_slice(), [sh, c, _] if sh == "/bin/sh" && c == "-c") =>
                {
                    format!("{{cmd: {}, rc: 0, stdout: \"\"}}", yaml(&line))
                }
                None => {
                    let words: Vec<String> = issued.words.iter().map(|word| yaml(word)).collect();
                    format!("{{argv: [{}], rc: 0, stdout: \"\"}}", words.join(", "))
                }
            };
            let message = format!("`{}` runs the command `{line}`, and the test does not say how it ends", case.name);
            let problem = Diagnostic::new(Code::UnstagedCommand, case.file(), case.span, message);
            failures.push(Failure::from(problem.help(format!("add it under `commands`:\n- {entry}"))));
            told.push(issued.words);
        }
        failures
    }
}

/// A text as YAML and JSON read it.
fn yaml(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn endless(case: &Case) -> Failure {
    let message =
        format!("the run of `{}` does not come to an end: it waits for something that never happens", case.name);
    let problem = Diagnostic::new(Code::UnexpectedFailure, case.file(), case.span, message);
    Failure::from(problem.help("stage what it waits for, or give the wait a `timeout`"))
}

/// What was staged for this case alone and did not happen.
fn unused(case: &Case, stage: &Stage) -> Vec<Diagnostic> {
    let (rules, mishaps) = stage.node.used();
    let warn = |word: &str, i: usize, what: &str| {
        Diagnostic::new(Code::UnusedStage, case.file(), case.staged(word, i), format!("`{}`: {what}", case.name))
    };
    let idle = |counts: Vec<u32>, own: usize| -> Vec<usize> {
        counts.into_iter().take(own).enumerate().filter(|(_, n)| *n == 0).map(|(i, _)| i).collect()
    };
    let commands =
        idle(rules, case.own[0]).into_iter().map(|i| warn("commands", i, "no command that runs fits this entry"));
    let faults = idle(mishaps, case.own[1]).into_iter().map(|i| warn("faults", i, "this fault never happens"));
    let ahead = stage.node.ahead();
    let moments = crate::stage::items(case.get("clock")).take(case.own[2]).enumerate();
    let late = moments.filter(|(_, moment)| crate::stage::time(moment, "at").is_some_and(|at| ahead.contains(&at)));
    let moments = late.map(|(i, _)| warn("clock", i, "the run ends before this time"));
    commands.chain(faults).chain(moments).collect()
}
