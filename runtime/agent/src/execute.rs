//! Verifies a bundle, runs it and tells what came of it.
//!
//! Unaware of: where the bundle comes from. Nothing touches the machine before the bundle is accepted.

use crate::console::Console;
use crate::policy;
use crate::session::{Given, Session};
use crate::settings::Settings;
use ipcmm_bytecode::Value;
use ipcmm_runtime::driver::{Terms, drive_on};
use ipcmm_runtime::host::SystemHost;
use ipcmm_runtime::journal::recover::Want;
use ipcmm_runtime::progress::Progress;
use ipcmm_runtime::report::human::{HumanOptions, render};
use ipcmm_runtime::report::{About, Recorder, Report, RunOutcome, now};
use ipcmm_runtime::state::State;
use ipcmm_runtime::system::real::Real;
use ipcmm_spec::cli::{Exit, Format};
use ipcmm_stdlib::Stdlib;
use ipcmm_vm::observe::{Blind, Both, Observer};
use ipcmm_vm::{Host, Mode, RunOptions, Verified, verify};
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// Goes on with the last run on this machine, or with that of a bundle.
pub fn resume(bytes: Option<Vec<u8>>, settings: &Settings, console: &Console) -> Exit {
    let settings = Settings { resume: true, ..settings.clone() };
    if let Some(bytes) = bytes {
        return execute(&bytes, Mode::Apply, &settings, console);
    }
    let folder = match settings.state_folder() {
        Ok(folder) => folder,
        Err(message) => return console.obstacle("state", &message),
    };
    let state = State::peek(&folder);
    let found = match state.latest(None, Want::Owed) {
        Ok(Some((_, found))) => found,
        Ok(None) => {
            let message = format!("there is no run in {} to resume", folder.display());
            return console.obstacle("nothing-to-resume", &message);
        }
        Err(fault) => return console.refuse(&fault),
    };
    match state.bundle(&found.header.root) {
        Some(bytes) => execute(&bytes, Mode::Apply, &settings, console),
        None => {
            let message = format!("the bundle of the last run, {}, was not kept whole; name it", found.header.line);
            console.obstacle("nothing-to-resume", &message)
        }
    }
}

/// Names that are tried for the folder a plan looks at.
const ATTEMPTS: u32 = 100;

/// Runs a bundle on this machine, or below the folder the settings name.
pub fn execute(bytes: &[u8], mode: Mode, settings: &Settings, console: &Console) -> Exit {
    let bundle = match verify(bytes, &Stdlib) {
        Ok(bundle) => bundle,
        Err(fault) => return console.refuse(&fault),
    };
    if let Some(exit) = policy::judge(&settings.policy, &bundle, console) {
        return exit;
    }
    let place = match settings.root.as_deref().map(|root| Place::new(root, mode)).transpose() {
        Ok(place) => place,
        Err(message) => return console.obstacle("environment", &message),
    };
    let system = match Real::new(place.as_ref().map(|place| place.path.clone())) {
        Ok(system) => match &place {
            Some(Place { stands_for: Some(root), .. }) => system.standing_for(root.clone()),
            Some(_) | None => system,
        },
        Err(fault) => return console.obstacle("environment", &fault.to_string()),
    };
    let host = SystemHost::new(system).under(settings.policy.clone());
    let node = match host.fact("node.name") {
        Ok(Value::Str(name)) => name.to_string(),
        Ok(_) | Err(_) => String::new(),
    };
    let given = Given { bundle: &bundle, bytes, node: &node, now: now() };
    let session = match mode {
        Mode::Apply => match Session::begin(&given, settings, console) {
            Ok(session) => session,
            Err(exit) => return exit,
        },
        Mode::Check => Session::look(&given, settings, console),
    };
    run(&bundle, host, node, session, mode, console)
}

/// Runs a bundle, keeps its journal and tells what came of it.
fn run(
    bundle: &Verified<'_>,
    host: SystemHost<Real>,
    node: String,
    mut session: Session,
    mode: Mode,
    console: &Console,
) -> Exit {
    let settings = session.settings.clone();
    let max_parallel =
        settings.policy.max_parallel.map_or(settings.max_parallel, |most| most.min(settings.max_parallel));
    let options = RunOptions { mode, policy: settings.policy(), max_parallel, seed: settings.seed };
    let limit = settings.policy.time_limit;
    let terms = Terms { before: std::mem::take(&mut session.before), elapsed: session.elapsed, limit, staying: None };
    let mut recorder = Recorder::default();
    let host = match &session.journal {
        Some(journal) => Arc::new(host.announcing(journal.herald())),
        None => Arc::new(host),
    };
    let mut blind = Blind;
    let driven = {
        let second: &mut dyn Observer = match &mut session.journal {
            Some(journal) => journal,
            None => &mut blind,
        };
        let mut both = Both(&mut recorder, second);
        match settings.progress && console.err.interactive && console.format == Format::Human {
            true => {
                let mut progress = Progress::new(&mut both, bundle, console.err.unicode);
                drive_on(bundle, host, &mut progress, options, terms)
            }
            false => drive_on(bundle, host, &mut both, options, terms),
        }
    };
    let driven = match driven {
        Ok(driven) => driven,
        Err(error) => return console.obstacle("environment", &format!("cannot run: {error}")),
    };
    if let Some(limit) = limit.filter(|_| driven.out_of_time) {
        console.complain(format_args!("the run was stopped: the policy of this agent allows {} s", limit.as_secs()));
    }
    let mut failure = None;
    if let Some(journal) = &session.journal {
        journal.over(driven.interrupted, driven.elapsed.as_nanos() as u64, &recorder.counts());
        failure = journal.failure();
    }
    if let Some(resumed) = &mut session.earlier.resumed {
        resumed.restored = recorder.restored();
    }
    let about = About {
        mode,
        node,
        root: settings.root.clone(),
        seed: settings.seed,
        scheduler: settings.scheduler.word(),
        started: session.started,
        elapsed: driven.elapsed,
        interrupted: driven.interrupted || failure.is_some(),
        earlier: std::mem::take(&mut session.earlier),
    };
    let report = Report::new(bundle, recorder, about);
    let exit = match (&failure, report.outcome) {
        (Some(_), _) => Exit::Environment,
        (None, RunOutcome::Ok) => Exit::Ok,
        (None, RunOutcome::Failed | RunOutcome::Interrupted) => Exit::RunFailed,
    };
    if let Some(why) = failure {
        console.complain(format_args!("the journal could not be written, so nothing new was started: {why}"));
    }
    match console.format {
        Format::Json => console.json(&report.json(), exit),
        Format::Human => {
            let options = HumanOptions {
                color: console.out.color,
                unicode: console.out.unicode,
                width: console.out.width,
                verbose: settings.verbose,
                quiet: console.quiet,
                diff: settings.diff,
            };
            console.say(&render(&report, options), exit)
        }
    }
}

/// The folder that stands for the machine.
struct Place {
    path: PathBuf,
    /// It was made for a plan and holds nothing; an apply would make this one.
    stands_for: Option<PathBuf>,
}

impl Place {
    /// An apply makes a missing folder. A plan changes nothing, so it looks at an empty folder elsewhere instead.
    fn new(root: &Path, mode: Mode) -> Result<Place, String> {
        let said = |path: &Path, error: io::Error| format!("cannot make {}: {error}", path.display());
        if root.is_dir() {
            return Ok(Place { path: root.to_owned(), stands_for: None });
        }
        if mode == Mode::Apply || root.symlink_metadata().is_ok() {
            fs::create_dir_all(root).map_err(|error| said(root, error))?;
            return Ok(Place { path: root.to_owned(), stands_for: None });
        }
        let folder = std::env::temp_dir();
        let mut attempt = 0;
        loop {
            // A plan that was killed leaves its folder behind, and process numbers come round again.
            let path = folder.join(format!("ipcmm-plan-{}-{attempt}", std::process::id()));
            match fs::create_dir(&path) {
                Ok(()) => return Ok(Place { path, stands_for: Some(to_be(root)) }),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && attempt < ATTEMPTS => attempt += 1,
                Err(error) => return Err(said(&path, error)),
            }
        }
    }
}

/// The path a folder will have once it is made: what exists of it resolved, the rest as it is named.
fn to_be(root: &Path) -> PathBuf {
    let mut resolved = PathBuf::from(".").canonicalize().unwrap_or_default();
    for step in root.components() {
        match step {
            Component::ParentDir => {
                resolved.pop();
            }
            step => resolved.push(step),
        }
        resolved = resolved.canonicalize().unwrap_or(resolved);
    }
    resolved
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.stands_for.is_some() {
            // If something has got into it, it is not ours to remove.
            let _ = fs::remove_dir(&self.path);
        }
    }
}
