//! The line that shows how far a run is. It appears on standard error once a run takes noticeable time, and is gone
//! when the run is over.
//!
//! Unaware of: whether there is a terminal; whoever asks for it knows. It passes on what it observes.

use crate::report::human::plain;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use ipcmm_bytecode::Value;
use ipcmm_bytecode::bundle::Bundle;
use ipcmm_vm::host::{Call, Reply};
use ipcmm_vm::observe::{Delivery, Observer, Subrun, SubrunEnd};
use ipcmm_vm::outcome::TaskEnd;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// Runs shorter than this show nothing.
const PATIENCE: Duration = Duration::from_millis(150);
/// Between two steps of the spinner.
const TICK: Duration = Duration::from_millis(100);
/// Tasks that are named; the rest is counted.
const NAMED: usize = 3;

/// An observer that shows a line and hands everything on.
#[derive(Debug)]
pub struct Progress<'a, O: Observer> {
    inner: &'a mut O,
    bundle: &'a Bundle<'a>,
    bar: ProgressBar,
    unicode: bool,
    running: Vec<u32>,
    /// Dropped to call the thread back that waits until the line is worth showing.
    stop: Option<Sender<()>>,
    waiter: Option<JoinHandle<()>>,
}

impl<'a, O: Observer> Progress<'a, O> {
    /// A line for the tasks of a bundle.
    pub fn new(inner: &'a mut O, bundle: &'a Bundle<'a>, unicode: bool) -> Progress<'a, O> {
        let tasks = 0..bundle.tasks().len() as u32;
        let tasks = tasks.filter(|task| !bundle.is_part(*task) && !bundle.is_on_demand(*task)).count();
        let bar = ProgressBar::with_draw_target(Some(tasks as u64), ProgressDrawTarget::hidden());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {pos}/{len} {wide_msg}") {
            bar.set_style(style.tick_chars(if unicode { "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏ " } else { "-\\|/ " }));
        }
        let (stop, stopped) = channel();
        let line = bar.clone();
        let waiter = std::thread::Builder::new().name("progress".to_owned()).spawn(move || {
            if stopped.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                line.set_draw_target(ProgressDrawTarget::stderr());
                line.enable_steady_tick(TICK);
            }
        });
        // Without the thread there is no line, and the run goes on.
        Progress { inner, bundle, bar, unicode, running: Vec::new(), stop: Some(stop), waiter: waiter.ok() }
    }

    fn show(&self) {
        let labels = self.running.iter().take(NAMED).map(|task| plain(self.bundle.label(*task), self.unicode));
        let mut message = labels.collect::<Vec<_>>().join(", ");
        if self.running.len() > NAMED {
            message.push_str(&format!(" and {} more", self.running.len() - NAMED));
        }
        self.bar.set_message(message);
    }
}

impl<O: Observer> Drop for Progress<'_, O> {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(waiter) = self.waiter.take() {
            // It only draws; how it ended is of no interest.
            let _ = waiter.join();
        }
        self.bar.finish_and_clear();
    }
}

impl<O: Observer> Observer for Progress<'_, O> {
    fn task_started(&mut self, task: u32, now: u64) {
        self.running.push(task);
        self.show();
        self.inner.task_started(task, now);
    }

    fn call_started(&mut self, call: &Call, now: u64) {
        self.inner.call_started(call, now);
    }

    fn call_finished(&mut self, task: u32, reply: &Reply, now: u64) {
        self.inner.call_finished(task, reply, now);
    }

    fn task_settled(&mut self, task: u32, end: &TaskEnd) {
        self.inner.task_settled(task, end);
    }

    fn reaction_started(&mut self, task: u32) {
        self.inner.reaction_started(task);
    }

    fn owed_delivered(&mut self, task: u32, end: &TaskEnd) {
        self.inner.owed_delivered(task, end);
    }

    fn reaction_kept(&mut self, task: u32) {
        self.inner.reaction_kept(task);
    }

    fn task_restored(&mut self, task: u32) {
        self.inner.task_restored(task);
    }

    fn halts(&self) -> bool {
        self.inner.halts()
    }

    fn task_finished(&mut self, task: u32, end: &TaskEnd) {
        self.running.retain(|other| *other != task);
        self.bar.inc(1);
        self.show();
        self.inner.task_finished(task, end);
    }

    fn subrun_started(&mut self, subrun: &Subrun, now: u64) {
        self.inner.subrun_started(subrun, now);
    }

    // What runs on demand is named while it runs; what is counted are the tasks of the run itself.
    fn task_started_in(&mut self, subrun: &Subrun, task: u32, now: u64) {
        self.running.push(task);
        self.show();
        self.inner.task_started_in(subrun, task, now);
    }

    fn call_started_in(&mut self, subrun: &Subrun, call: &Call, now: u64) {
        self.inner.call_started_in(subrun, call, now);
    }

    fn call_finished_in(&mut self, subrun: &Subrun, task: u32, reply: &Reply, now: u64) {
        self.inner.call_finished_in(subrun, task, reply, now);
    }

    fn task_finished_in(&mut self, subrun: &Subrun, task: u32, end: &TaskEnd) {
        if let Some(at) = self.running.iter().rposition(|other| *other == task) {
            self.running.remove(at);
        }
        self.show();
        self.inner.task_finished_in(subrun, task, end);
    }

    fn subrun_finished(&mut self, subrun: &Subrun, end: &SubrunEnd) {
        self.inner.subrun_finished(subrun, end);
    }

    fn delivery(&mut self, cause: &str, event: &Value, delivery: &Delivery<'_>, now: u64) {
        self.inner.delivery(cause, event, delivery, now);
    }

    fn left_loose(&mut self, subrun: &Subrun) {
        self.inner.left_loose(subrun);
    }
}
