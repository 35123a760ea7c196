//! From files to outcomes: builds what a case holds and runs it on the fake host under the virtual clock.
//!
//! Unaware of: documents. What it gives is data; [`crate::render`] makes text of it.

use ipcmm_bytecode::Fault;
use ipcmm_compiler::diag::levels::Levels;
use ipcmm_compiler::project::{Locking, Request};
use ipcmm_compiler::settings::{Given, Settings};
use ipcmm_compiler::world::memory::MemoryWorld;
use ipcmm_compiler::{Build, BuildOptions, build, build_with, doc, project};
use ipcmm_runtime::reactor::door::{Door, began};
use ipcmm_stdlib::Stdlib;
use ipcmm_vm::observe::{Observer, Subrun};
use ipcmm_vm::{Host, Mode, PolicyKind, Run, RunOptions, TaskEnd, Verified, verify, virtual_clock};
use std::path::PathBuf;
use std::sync::Arc;

/// Builds the inputs out of files in memory.
pub fn build_files(files: &[(String, Vec<u8>)], inputs: &[String], debug: bool) -> Build {
    let world: MemoryWorld = files.iter().map(|(name, bytes)| (PathBuf::from(name), bytes.clone())).collect();
    let inputs: Vec<PathBuf> = inputs.iter().map(PathBuf::from).collect();
    build(&world, &inputs, BuildOptions { debug, check_only: false })
}

/// Builds the project of the inputs. Lines that begin with `--` are flags of the command line: `--env`, `--inputs`,
/// `--set`, `--locked`.
pub fn build_project(files: &[(String, Vec<u8>)], inputs: &[String], debug: bool, levels: &Levels) -> Build {
    build_given(files, inputs, "", debug, levels)
}

/// The same with a YAML map of values for inputs: `name: value`, or `module/name: value`.
pub fn build_given(
    files: &[(String, Vec<u8>)],
    inputs: &[String],
    values: &str,
    debug: bool,
    levels: &Levels,
) -> Build {
    let world: MemoryWorld = files.iter().map(|(name, bytes)| (PathBuf::from(name), bytes.clone())).collect();
    let (flags, paths): (Vec<&String>, Vec<&String>) = inputs.iter().partition(|line| line.starts_with("--"));
    let paths: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
    let (mut environment, mut given, mut set, mut locking) = (None, Vec::new(), Vec::new(), Locking::Check);
    for flag in flags {
        match flag.split_once(' ') {
            Some(("--env", name)) => environment = Some(name),
            Some(("--inputs", path)) => given.push(PathBuf::from(path)),
            Some(("--set", text)) => set.push(text.to_owned()),
            None if flag == "--locked" => locking = Locking::Locked,
            _ => panic!("`{flag}` is no flag of a case"),
        }
    }
    let request = Request { environment, inputs: &given, set: &set, locking };
    let mut settings = project::open(&world, &paths, request).settings;
    settings.levels.overlay(levels);
    if !values.is_empty() {
        give(&mut settings, values);
    }
    build_with(&world, &paths, BuildOptions { debug, check_only: false }, settings)
}

fn give(settings: &mut Settings, given: &str) {
    let file = settings.sources.add("given.yaml", given);
    let doc = Arc::new(doc::parse(file, given, doc::Format::Yaml, &mut settings.diagnostics));
    let entries = doc.roots.iter().flat_map(|&root| match &doc.node(root).kind {
        doc::NodeKind::Map(entries) => entries.as_slice(),
        _ => &[],
    });
    for entry in entries {
        let text = doc.text(entry.key).unwrap_or("");
        let (module, name) = match text.split_once('/') {
            Some((module, name)) => (Some(module.to_owned()), name.to_owned()),
            None => (None, text.to_owned()),
        };
        settings.inputs.given.push(Given { module, name, doc: doc.clone(), key: entry.key, value: entry.value });
    }
}

/// Builds one file.
pub fn build_text(text: &str) -> Build {
    let name = "case.ipcmm.yaml".to_owned();
    build_files(&[(name.clone(), text.as_bytes().to_vec())], &[name], false)
}

/// How a bundle is run.
#[derive(Clone, Copy, Debug)]
pub struct RunSpec {
    /// Apply or check.
    pub mode: Mode,
    /// The policy.
    pub policy: PolicyKind,
    /// Background tasks at once.
    pub max_parallel: u32,
    /// Seed of everything random.
    pub seed: u64,
}

impl Default for RunSpec {
    fn default() -> RunSpec {
        RunSpec { mode: Mode::Apply, policy: PolicyKind::Sequential, max_parallel: 4, seed: 1 }
    }
}

/// What became of a run.
#[derive(Debug, Default)]
pub struct Ran {
    /// The end of each task, in run order.
    pub ends: Vec<Option<TaskEnd>>,
    /// Tasks in the order they ended; one that ended twice is there twice.
    pub finished: Vec<u32>,
    /// Tasks in the order they started, and when.
    pub started: Vec<(u32, u64)>,
    /// Ends of tasks on demand, with their subruns, in the order in which they ended.
    pub on_demand: Vec<(Subrun, u32, TaskEnd)>,
    /// Subruns in the order in which they started.
    pub subruns: Vec<Subrun>,
    /// Failed and blocked tasks, as the run counts them.
    pub bad: u32,
    /// The virtual time it took, in nanoseconds.
    pub time: u64,
}

impl Observer for Ran {
    fn task_started(&mut self, task: u32, now: u64) {
        self.started.push((task, now));
    }

    fn task_finished(&mut self, task: u32, end: &TaskEnd) {
        self.finished.push(task);
        if let Some(slot) = self.ends.get_mut(task as usize) {
            *slot = Some(end.clone());
        }
    }

    fn subrun_started(&mut self, subrun: &Subrun, _: u64) {
        self.subruns.push(*subrun);
    }

    fn task_started_in(&mut self, _: &Subrun, task: u32, now: u64) {
        self.started.push((task, now));
    }

    fn task_finished_in(&mut self, subrun: &Subrun, task: u32, end: &TaskEnd) {
        self.on_demand.push((*subrun, task, end.clone()));
    }
}

/// Verifies and runs a bundle.
pub fn run(bytes: &[u8], host: &dyn Host, spec: RunSpec) -> Result<Ran, Fault> {
    Ok(run_verified(&verify(bytes, &Stdlib)?, host, spec))
}

/// Runs a bundle.
pub fn run_verified(bundle: &Verified<'_>, host: &dyn Host, spec: RunSpec) -> Ran {
    let mut ran = Ran { ends: vec![None; bundle.tasks().len()], ..Ran::default() };
    let RunSpec { mode, policy, max_parallel, seed } = spec;
    let (time, bad) = {
        let events = Box::new(Door::new(began()));
        let options = RunOptions { mode, policy, max_parallel, seed };
        let mut run = Run::new(bundle, host, &mut ran, options).with_events(events);
        let time = virtual_clock::drive(&mut run, host);
        assert!(run.is_over(), "the driver stopped before every task had an outcome");
        (time, run.bad())
    };
    (ran.time, ran.bad) = (time, bad);
    ran
}
