//! Verifies a bundle, runs it and tells what came of it.
//!
//! Unaware of: where the bundle comes from. Nothing touches the machine before the bundle is accepted.

use crate::console::Console;
use crate::policy;
use crate::settings::Settings;
use ipcmm_bytecode::Value;
use ipcmm_runtime::driver::drive_within;
use ipcmm_runtime::host::SystemHost;
use ipcmm_runtime::progress::Progress;
use ipcmm_runtime::report::human::{HumanOptions, render};
use ipcmm_runtime::report::{About, Recorder, Report, RunOutcome, now};
use ipcmm_runtime::system::real::Real;
use ipcmm_spec::cli::{Exit, Format};
use ipcmm_stdlib::Stdlib;
use ipcmm_vm::{Host, Mode, RunOptions, verify};
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

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
    let host = Arc::new(SystemHost::new(system).under(settings.policy.clone()));
    let node = match host.fact("node.name") {
        Ok(Value::Str(name)) => name.to_string(),
        Ok(_) | Err(_) => String::new(),
    };
    let max_parallel =
        settings.policy.max_parallel.map_or(settings.max_parallel, |most| most.min(settings.max_parallel));
    let options = RunOptions { mode, policy: settings.policy(), max_parallel, seed: settings.seed };
    let limit = settings.policy.time_limit;
    let mut recorder = Recorder::default();
    let started = now();
    let driven = match settings.progress && console.err.interactive && console.format == Format::Human {
        true => {
            drive_within(&bundle, host, &mut Progress::new(&mut recorder, &bundle, console.err.unicode), options, limit)
        }
        false => drive_within(&bundle, host, &mut recorder, options, limit),
    };
    let driven = match driven {
        Ok(driven) => driven,
        Err(error) => return console.obstacle("environment", &format!("cannot run: {error}")),
    };
    if let Some(limit) = limit.filter(|_| driven.out_of_time) {
        console.complain(format_args!("the run was stopped: the policy of this agent allows {} s", limit.as_secs()));
    }
    let about = About {
        mode,
        node,
        root: settings.root.clone(),
        seed: settings.seed,
        scheduler: settings.scheduler.word(),
        started,
        elapsed: driven.elapsed,
        interrupted: driven.interrupted,
    };
    let report = Report::new(&bundle, recorder, about);
    let exit = if report.outcome == RunOutcome::Ok { Exit::Ok } else { Exit::RunFailed };
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
