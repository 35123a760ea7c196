//! `ipcmm-agent serve`: applies a bundle and stays; tells one line for each delivery.
//!
//! Unaware of: what happens when, which the run knows. A signal ends it in order.

use crate::console::Console;
use crate::policy;
use crate::settings::Settings;
use ipcmm_bytecode::Value;
use ipcmm_bytecode::bundle::Bundle;
use ipcmm_runtime::driver::{Staying, Terms, drive_on};
use ipcmm_runtime::host::SystemHost;
use ipcmm_runtime::report::human::plain;
use ipcmm_runtime::system::real::Real;
use ipcmm_spec::cli::{Exit, Format};
use ipcmm_stdlib::Stdlib;
use ipcmm_vm::observe::{Delivery, Observer, Subrun};
use ipcmm_vm::outcome::TaskEnd;
use ipcmm_vm::{Host, Mode, RunOptions, verify};
use serde_json::{Value as Json, json};
use std::io::Write;
use std::sync::Arc;

/// Applies a bundle and stays until a signal comes.
pub fn serve(bytes: &[u8], settings: &Settings, console: &Console) -> Exit {
    let bundle = match verify(bytes, &Stdlib) {
        Ok(bundle) => bundle,
        Err(fault) => return console.refuse(&fault),
    };
    if let Some(exit) = policy::judge(&settings.policy, &bundle, console) {
        return exit;
    }
    if let Some(root) = &settings.root
        && let Err(error) = std::fs::create_dir_all(root)
    {
        return console.obstacle("environment", &format!("cannot make {}: {error}", root.display()));
    }
    let system = match Real::new(settings.root.clone()) {
        Ok(system) => system,
        Err(fault) => return console.obstacle("environment", &fault.to_string()),
    };
    let host = Arc::new(SystemHost::new(system).under(settings.policy.clone()));
    // The node's own time of schedules follows from its name, so that it is the same after a restart.
    let seed = match host.fact("node.name") {
        Ok(Value::Str(name)) => name.bytes().fold(0u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into())),
        Ok(_) | Err(_) => 0,
    };
    let options = RunOptions {
        mode: Mode::Apply,
        policy: settings.policy(),
        max_parallel: settings
            .policy
            .max_parallel
            .map_or(settings.max_parallel, |most| most.min(settings.max_parallel)),
        seed: settings.seed,
    };
    let main = |task: &u32| !bundle.is_part(*task) && !bundle.is_on_demand(*task);
    let left = (0..bundle.tasks().len() as u32).filter(main).count();
    let mut teller =
        Teller { bundle: &bundle, json: console.format == Format::Json, unicode: console.out.unicode, left, bad: 0 };
    let complain = |problem: &str| eprintln!("ipcmm-agent: {}", plain(problem, true));
    let staying = Staying { root: settings.root.clone(), seed, complain };
    match drive_on(&bundle, host, &mut teller, options, Terms { staying: Some(staying), ..Terms::default() }) {
        Ok(driven) => {
            let exit = if driven.bad == 0 { Exit::Ok } else { Exit::RunFailed };
            teller.say("ended", json!({"bad": driven.bad}), &format!("ended · {} bad", driven.bad));
            exit
        }
        Err(error) => console.obstacle("environment", &format!("cannot run: {error}")),
    }
}

/// Tells what happens, a line each.
struct Teller<'a> {
    bundle: &'a Bundle<'a>,
    json: bool,
    unicode: bool,
    /// Tasks of the main sequence that have not ended.
    left: usize,
    bad: u32,
}

impl Teller<'_> {
    fn say(&self, what: &str, mut fields: Json, line: &str) {
        let at = now();
        let text = match (self.json, fields.as_object_mut()) {
            (true, Some(map)) => {
                map.insert("at".into(), at.into());
                map.insert("what".into(), what.into());
                fields.to_string()
            }
            _ => format!("{at} {}", plain(line, self.unicode)),
        };
        // Whoever closed the stream does not want to read it.
        let _ = writeln!(std::io::stdout(), "{text}");
    }

    fn end(&self, task: u32, end: &TaskEnd) {
        let label = format!("{}/{}", self.bundle.module(task), self.bundle.label(task));
        let fault = end.fault.as_ref().map(ToString::to_string);
        let line = format!("{label}: {} {}", end.outcome.name(), fault.as_deref().unwrap_or_default());
        self.say("task", json!({"task": label, "outcome": end.outcome.name(), "fault": fault}), line.trim_end());
    }
}

impl Observer for Teller<'_> {
    fn task_finished(&mut self, task: u32, end: &TaskEnd) {
        self.left = self.left.saturating_sub(1);
        if end.outcome.is_bad() {
            self.bad += 1;
            self.end(task, end);
        }
        if self.left == 0 {
            self.say("applied", json!({"bad": self.bad}), &format!("applied · {} bad · serving", self.bad));
        }
    }

    fn task_finished_in(&mut self, _: &Subrun, task: u32, end: &TaskEnd) {
        if end.outcome.is_bad() {
            self.end(task, end);
        }
    }

    fn delivery(&mut self, cause: &str, event: &Value, delivery: &Delivery<'_>, _: u64) {
        let text = |name: &str| event.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (name, id) = (text("name"), text("id"));
        let (state, number, more) = match delivery {
            Delivery::Started(subrun) => ("started", Some(subrun.number), String::new()),
            Delivery::Ended(subrun, end) => {
                let state = match (end.bad, end.cancelled) {
                    (0, false) => "ended",
                    (0, true) => "cancelled",
                    (_, _) => "failed",
                };
                (state, Some(subrun.number), if end.changed { "changed".to_owned() } else { String::new() })
            }
            Delivery::Dropped(why) => ("dropped", None, (*why).to_owned()),
            Delivery::Faulty(fault) => ("faulty", None, fault.to_string()),
        };
        let line = format!("{state} {cause} for {name} {more}");
        let fields = json!({"cause": cause, "event": name, "id": id, "state": state, "subrun": number, "detail": more});
        self.say("delivery", fields, line.trim_end());
    }
}

fn now() -> String {
    ipcmm_runtime::report::now().to_string()
}
