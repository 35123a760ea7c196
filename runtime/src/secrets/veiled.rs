//! The observer in front of all observers: what it hands on holds no secret. Progress, report and journal stand behind it.
//!
//! Unaware of: who observes, and where secrets come from: it asks the host.

use ipcmm_bytecode::Value;
use ipcmm_vm::host::{Call, Host, Reply};
use ipcmm_vm::observe::{Delivery, Observer, Subrun, SubrunEnd};
use ipcmm_vm::outcome::{Outcome, Reason, TaskEnd};

/// Hides what the host knows to be secret.
pub struct Veiled<'a> {
    host: &'a dyn Host,
    inner: &'a mut dyn Observer,
}

impl<'a> Veiled<'a> {
    /// Stands in front of `inner`.
    pub fn new(host: &'a dyn Host, inner: &'a mut dyn Observer) -> Veiled<'a> {
        Veiled { host, inner }
    }
}

impl Observer for Veiled<'_> {
    fn task_started(&mut self, task: u32, now: u64) {
        self.inner.task_started(task, now);
    }

    fn call_started(&mut self, call: &Call, now: u64) {
        match self.host.hide_call(call) {
            Some(hidden) => self.inner.call_started(&hidden, now),
            None => self.inner.call_started(call, now),
        }
    }

    fn call_finished(&mut self, task: u32, reply: &Reply, now: u64) {
        // The host has hidden what is in its replies, so that the machine works with no more than what may be told.
        self.inner.call_finished(task, reply, now);
    }

    fn task_settled(&mut self, task: u32, end: &TaskEnd) {
        match self.host.hide_end(end) {
            Some(hidden) => self.inner.task_settled(task, &hidden),
            None => self.inner.task_settled(task, end),
        }
    }

    fn reaction_started(&mut self, task: u32) {
        self.inner.reaction_started(task);
    }

    fn owed_delivered(&mut self, task: u32, end: &TaskEnd) {
        match self.host.hide_end(end) {
            Some(hidden) => self.inner.owed_delivered(task, &hidden),
            None => self.inner.owed_delivered(task, end),
        }
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
        match self.host.hide_end(end) {
            Some(hidden) => self.inner.task_finished(task, &hidden),
            None => self.inner.task_finished(task, end),
        }
    }

    fn subrun_started(&mut self, subrun: &Subrun, now: u64) {
        self.inner.subrun_started(subrun, now);
    }

    fn task_started_in(&mut self, subrun: &Subrun, task: u32, now: u64) {
        self.inner.task_started_in(subrun, task, now);
    }

    fn call_started_in(&mut self, subrun: &Subrun, call: &Call, now: u64) {
        match self.host.hide_call(call) {
            Some(hidden) => self.inner.call_started_in(subrun, &hidden, now),
            None => self.inner.call_started_in(subrun, call, now),
        }
    }

    fn call_finished_in(&mut self, subrun: &Subrun, task: u32, reply: &Reply, now: u64) {
        self.inner.call_finished_in(subrun, task, reply, now);
    }

    fn task_finished_in(&mut self, subrun: &Subrun, task: u32, end: &TaskEnd) {
        match self.host.hide_end(end) {
            Some(hidden) => self.inner.task_finished_in(subrun, task, &hidden),
            None => self.inner.task_finished_in(subrun, task, end),
        }
    }

    fn subrun_finished(&mut self, subrun: &Subrun, end: &SubrunEnd) {
        self.inner.subrun_finished(subrun, end);
    }

    fn left_loose(&mut self, subrun: &Subrun) {
        self.inner.left_loose(subrun);
    }

    fn delivery(&mut self, cause: &str, event: &Value, delivery: &Delivery<'_>, now: u64) {
        // What hides secrets in the data of a task hides them in those of an event.
        let end = TaskEnd::without_body(Outcome::Ok, Reason::Ran, now);
        match self.host.hide_end(&TaskEnd { data: event.clone(), ..end }) {
            Some(hidden) => self.inner.delivery(cause, &hidden.data, delivery, now),
            None => self.inner.delivery(cause, event, delivery, now),
        }
    }
}
