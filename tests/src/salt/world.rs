//! The files of a case: what is set up before it, what its tasks make, and what someone else makes while it runs. Time
//! is that of the virtual clock.

use super::Case;
use super::translate::{MISSING, path};
use crate::fake::FakeHost;
use crate::runner::Ran;
use ipcmm_bytecode::{Fault, Function, Value};
use ipcmm_vm::host::{Call, Cancel, Host, Reply};
use ipcmm_vm::observe::Observer;
use ipcmm_vm::{Outcome, TaskEnd, Verified};
use std::collections::{BTreeSet, HashMap};
use std::sync::Mutex;

/// What a task does to a path when it has changed something.
#[derive(Clone, Debug)]
enum Work {
    Makes(String),
    Removes(String),
}

/// Someone who makes a file, so many nanoseconds after another has appeared.
#[derive(Clone, Debug)]
struct Background {
    when: String,
    nanos: u64,
    makes: String,
}

#[derive(Debug, Default)]
struct Files {
    there: BTreeSet<String>,
    now: u64,
    /// When the file of the background is made, once it is known.
    due: Option<u64>,
}

/// The pretended node of a case.
pub(super) struct World {
    files: Mutex<Files>,
    background: Option<Background>,
    work: HashMap<String, Work>,
    host: FakeHost,
}

impl World {
    pub(super) fn new(case: &Case) -> World {
        let mut files = Files::default();
        for step in case.items(case.at("run.setup")) {
            files.there.extend(case.text(step, "touch").map(path));
        }
        let text = |field: &str| case.text(case.root, &format!("run.background.{field}"));
        let background = text("touch").map(|makes| Background {
            when: path(text("when_exists").unwrap_or("")),
            nanos: (text("seconds").and_then(|t| t.parse::<f64>().ok()).unwrap_or(0.0) * 1e9) as u64,
            makes: path(makes),
        });
        let mut work = HashMap::new();
        for task in case.items(case.at("tasks")) {
            let field = |name: &str| case.text(task, name).unwrap_or("");
            let object = path(field("name"));
            let does = match (field("module"), field("function")) {
                ("file", "managed" | "touch" | "directory" | "symlink") => Work::Makes(object),
                ("file", "absent") => Work::Removes(object),
                _ => continue,
            };
            work.insert(field("task").to_owned(), does);
        }
        let host = FakeHost::new(&format!("call ipcmm.run.cmd guard argv[0]='{MISSING}' -> failed F0403"));
        let world = World { files: Mutex::new(files), background, work, host };
        world.advance(0);
        world
    }

    /// Time has passed.
    pub(super) fn advance(&self, now: u64) {
        let mut files = self.files.lock().expect("no panic while locked");
        files.now = now;
        if let Some(background) = &self.background {
            if files.due.is_none() && files.there.contains(&background.when) {
                files.due = Some(now.saturating_add(background.nanos));
            }
            if files.due.is_some_and(|due| now >= due) {
                files.there.insert(background.makes.clone());
            }
        }
    }

    /// Whether there is something at a path of the case.
    pub(super) fn has(&self, of_case: &str) -> bool {
        self.files.lock().expect("no panic while locked").there.contains(&path(of_case))
    }

    fn ended(&self, label: &str, end: &TaskEnd) {
        if end.outcome != Outcome::Changed {
            return;
        }
        let now = {
            let mut files = self.files.lock().expect("no panic while locked");
            match self.work.get(label) {
                Some(Work::Makes(path)) => drop(files.there.insert(path.clone())),
                Some(Work::Removes(path)) => drop(files.there.remove(path)),
                None => {}
            }
            files.now
        };
        self.advance(now);
    }
}

impl Host for World {
    fn call(&self, call: &Call, cancel: &Cancel) -> Reply {
        self.host.call(call, cancel)
    }

    fn probe(&self, function: Function, args: &[Value]) -> Result<Value, Fault> {
        match (function, args) {
            (Function::FsExists, [Value::Str(path)]) => {
                Ok(Value::Bool(self.files.lock().expect("no panic while locked").there.contains(&**path)))
            }
            _ => self.host.probe(function, args),
        }
    }

    fn fact(&self, path: &str) -> Result<Value, Fault> {
        self.host.fact(path)
    }
}

/// Records a run, and lets the tasks' files appear when they end.
pub(super) struct Watcher<'w> {
    pub(super) ran: Ran,
    pub(super) world: &'w World,
    pub(super) bundle: &'w Verified<'w>,
}

impl Observer for Watcher<'_> {
    fn task_started(&mut self, task: u32, now: u64) {
        self.ran.task_started(task, now);
    }

    fn task_finished(&mut self, task: u32, end: &TaskEnd) {
        self.world.ended(self.bundle.label(task), end);
        self.ran.task_finished(task, end);
    }
}
