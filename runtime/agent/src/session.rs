//! What surrounds a run on a node: the right to run, what earlier runs left, and the journal of this one.
//!
//! Unaware of: how the run is driven and what is said of it. Start reading at [`Session::begin`].

use crate::console::Console;
use crate::settings::Settings;
use ipcmm_bytecode::{Fault, FaultKind};
use ipcmm_runtime::journal::recover::{Recovered, Want};
use ipcmm_runtime::journal::{Header, Journal, OwedName, opening};
use ipcmm_runtime::report::{DroppedReaction, Earlier, Resumed, hex, moment};
use ipcmm_runtime::state::State;
use ipcmm_runtime::state::tickets::{Holder, Refusal, Ticket};
use ipcmm_runtime::state::writes::Writes;
use ipcmm_spec::cli::{Exit, Scheduler};
use ipcmm_vm::{Before, Owed, Verified};
use jiff::Timestamp;
use std::collections::HashMap;
use std::path::Path;

/// What a run begins with.
#[derive(Debug)]
pub struct Session {
    /// What earlier runs left.
    pub before: Before,
    /// The same for the report.
    pub earlier: Earlier,
    /// How the run is done: of one that is resumed, as it was.
    pub settings: Settings,
    /// When the run began.
    pub started: Timestamp,
    /// Nanoseconds since then.
    pub elapsed: u64,
    /// The journal; none in a plan.
    pub journal: Option<Journal>,
    state: State,
    // Other runs may begin when it is gone.
    _ticket: Option<Ticket>,
}

/// What a run has to be told of besides its bundle.
pub struct Given<'a> {
    /// The bundle.
    pub bundle: &'a Verified<'a>,
    /// Its bytes.
    pub bytes: &'a [u8],
    /// The node.
    pub node: &'a str,
    /// The time.
    pub now: Timestamp,
}

/// What a run takes over from the last one of its line, as tasks of its own bundle.
#[derive(Default)]
struct Inherited {
    owed: Vec<(u32, OwedName)>,
    /// Tasks that were begun.
    touched: Vec<(u32, String)>,
}

impl Session {
    /// For a plan: it looks at what earlier runs left, and leaves the folder as it is.
    pub fn look(given: &Given<'_>, settings: &Settings, console: &Console) -> Session {
        // A folder that cannot be found holds nothing.
        let state = State::peek(&settings.state_folder().unwrap_or_default());
        let mut session = Session::new(state, None, given, settings);
        session.inherit(given, console);
        session
    }

    /// For an apply. What is in the way is told, and nothing was touched then but the state folder.
    ///
    /// # Errors
    /// The exit code.
    pub fn begin(given: &Given<'_>, settings: &Settings, console: &Console) -> Result<Session, Exit> {
        let folder = settings.state_folder().map_err(|message| console.obstacle("state", &message))?;
        let unusable = |error: std::io::Error| {
            let message =
                format!("cannot keep a journal in {}: {error}; name another folder with `--state`", folder.display());
            console.obstacle("state", &message)
        };
        let state = State::open(&folder).map_err(unusable)?;
        let root = settings.root.as_deref().unwrap_or(Path::new("/"));
        let holder = Holder {
            pid: std::process::id(),
            bundle: given.bundle.name().to_owned(),
            root: hex(&given.bundle.root()),
            since: moment(given.now),
            waiting: false,
            writes: Writes::of(given.bundle, root),
        };
        let waits = |other: &Holder| {
            if console.err.interactive && settings.progress {
                console.aside(&format!("waiting for {}\n", told(other)));
            }
        };
        let ticket = state.enter(holder, settings.manner, &waits).map_err(|refusal| match refusal {
            Refusal::Busy(other, why) => {
                let advice = match why {
                    Some(why) => format!("{why}; `--queue` runs after it"),
                    None => "`--queue` runs after it".to_owned(),
                };
                console.obstacle("busy", &format!("another run is under way: {}; {advice}", told(&other)))
            }
            Refusal::Io(error) => unusable(error),
        })?;
        let mut session = Session::new(state, Some(ticket), given, settings);
        if settings.resume {
            session.go_on(given, console)?;
        } else {
            session.open_journal(given, console).map_err(unusable)?;
            session.state.prune();
        }
        Ok(session)
    }

    fn new(state: State, ticket: Option<Ticket>, given: &Given<'_>, settings: &Settings) -> Session {
        Session {
            before: Before::default(),
            earlier: Earlier::default(),
            settings: settings.clone(),
            started: given.now,
            elapsed: 0,
            journal: None,
            state,
            _ticket: ticket,
        }
    }

    /// Takes over what the last run of the line left. Its names become tasks of this bundle.
    fn inherit(&mut self, given: &Given<'_>, console: &Console) -> Inherited {
        let last = match self.state.latest(Some(given.bundle.name()), Want::Owed) {
            Ok(Some((_, last))) => last,
            Ok(None) => return Inherited::default(),
            Err(fault) => {
                console.aside(&format!("warning: what the last run left is not known: {fault}\n"));
                return Inherited::default();
            }
        };
        if last.touched.is_empty() && last.owed().next().is_none() {
            return Inherited::default();
        }
        let bundle = given.bundle;
        let tasks = (0..bundle.tasks().len() as u32).filter(|task| !bundle.is_part(*task));
        let by_label: HashMap<&str, u32> = tasks.map(|task| (bundle.label(task), task)).collect();
        let mut owed = Vec::new();
        for name in last.owed() {
            match by_label.get(name.label.as_str()) {
                Some(&task) => {
                    let target = by_label.get(name.target.as_str()).copied();
                    self.before.owed.push(Owed { task, tie: name.tie, target });
                    owed.push((task, name.clone()));
                }
                None => self.earlier.dropped.push(DroppedReaction {
                    label: name.label.clone(),
                    keyword: name.tie.name(),
                    target: name.target.clone(),
                }),
            }
        }
        let known = |label: &String| by_label.get(label.as_str()).map(|&task| (task, label.clone()));
        let touched: Vec<(u32, String)> = last.touched.values().filter_map(known).collect();
        self.before.touched = touched.iter().map(|(task, _)| *task).collect();
        Inherited { owed, touched }
    }

    fn open_journal(&mut self, given: &Given<'_>, console: &Console) -> std::io::Result<()> {
        let Inherited { owed, touched } = self.inherit(given, console);
        let header = Header {
            line: given.bundle.name().to_owned(),
            root: given.bundle.root(),
            seed: self.settings.seed,
            scheduler: self.settings.scheduler.word().to_owned(),
            max_parallel: self.settings.max_parallel,
            node: given.node.to_owned(),
            root_dir: self.settings.root.as_ref().map(|root| root.display().to_string()).unwrap_or_default(),
            started: i64::try_from(given.now.as_nanosecond()).unwrap_or(0),
            pid: std::process::id(),
            tasks: given.bundle.tasks().len() as u32,
        };
        self.state.keep_bundle(&header.root, given.bytes)?;
        let (bytes, chain) = opening(&header, &owed, &touched);
        let durable = !owed.is_empty() || !touched.is_empty();
        let (number, file) = self.state.create(&header.line, &bytes, durable)?;
        self.earlier.run = Some(number);
        let asked = owed.iter().map(|(task, _)| *task);
        self.journal = Some(Journal::new(given.bundle, Box::new(file), (bytes.len() as u64, chain), asked));
        Ok(())
    }

    /// Goes on with the last run of the bundle.
    fn go_on(&mut self, given: &Given<'_>, console: &Console) -> Result<(), Exit> {
        let name = given.bundle.name();
        let (entry, found) = match self.state.latest(Some(name), Want::All) {
            Ok(Some(found)) => found,
            Ok(None) => {
                let message = format!("there is no run of {name} in {} to resume", self.state.folder().display());
                return Err(console.obstacle("nothing-to-resume", &message));
            }
            Err(fault) => return Err(console.refuse(&fault)),
        };
        if found.header.root != given.bundle.root() || found.header.tasks as usize != given.bundle.tasks().len() {
            let (was, is) = (hex(&found.header.root), hex(&given.bundle.root()));
            let detail = format!("{name} {was}, not {is}; build the sources it was of, or apply without resuming");
            return Err(console.refuse(&Fault::new(FaultKind::OtherBundle, detail)));
        }
        if !found.is_unfinished() {
            let message =
                format!("the last run of {name} (number {}) came to its end: there is nothing to resume", entry.number);
            return Err(console.obstacle("nothing-to-resume", &message));
        }
        self.take_up(given, entry.number, &found);
        let end = found.end.unwrap_or_else(|| (0, ipcmm_runtime::journal::frame::Chain::start().1));
        let unusable =
            |error: std::io::Error| console.obstacle("state", &format!("cannot go on with the journal: {error}"));
        let file = self.state.go_on(&entry, end).map_err(unusable)?;
        let before = found.before();
        let asked: Vec<u32> = before.owed.iter().map(|owed| owed.task).collect();
        let journal = Journal::new(given.bundle, Box::new(file), end, asked);
        journal.went_on(std::process::id(), i64::try_from(given.now.as_nanosecond()).unwrap_or(0));
        self.before = before;
        self.journal = Some(journal);
        Ok(())
    }

    /// The run is done as it was begun, and its time goes on.
    fn take_up(&mut self, given: &Given<'_>, number: u64, found: &Recovered) {
        self.settings.seed = found.header.seed;
        self.settings.max_parallel = found.header.max_parallel;
        self.settings.scheduler = Scheduler::from_word(&found.header.scheduler).unwrap_or(self.settings.scheduler);
        self.started = Timestamp::from_nanosecond(found.header.started.into()).unwrap_or(given.now);
        // A clock that was put back does not make time of the run go back.
        let passed = given.now.as_nanosecond().saturating_sub(self.started.as_nanosecond());
        self.elapsed = u64::try_from(passed).unwrap_or(0).max(found.latest);
        self.earlier.run = Some(number);
        self.earlier.resumed = Some(Resumed { times: found.resumed + 1, restored: 0 });
    }
}

fn told(holder: &Holder) -> String {
    if holder.pid == 0 {
        return "it has just begun".to_owned();
    }
    let waits = if holder.waiting { ", which waits itself" } else { "" };
    format!("{} (process {}, since {}){waits}", holder.bundle, holder.pid, holder.since)
}
