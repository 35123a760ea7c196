//! Tells of runs that were: as reports in every form, and as answers to why something is as it is.
//!
//! A run is one whose journal is kept, or a report that was saved as JSON. Unaware of: how runs are done. The work is in
//! `ipcmm_runtime::report`.

use crate::console::Console;
use crate::settings::Settings;
use clap::ArgMatches;
use ipcmm_bytecode::bundle::Bundle;
use ipcmm_runtime::journal::recover::Want;
use ipcmm_runtime::report::human::{HumanOptions, render};
use ipcmm_runtime::report::{About, Earlier, Recorder, Report, Resumed, RunOutcome, html, junit, saved, why};
use ipcmm_runtime::state::{Entry, State};
use ipcmm_spec::cli::{Exit, Flag, Form, Format, Operand, Scheduler, operand, text};
use ipcmm_vm::Mode;
use jiff::Timestamp;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;

/// The most bytes of a saved report.
const REPORT_BYTES: u64 = 1 << 30;

/// Shows a report in the form that is asked for. The exit code is that of the run.
pub fn report(matches: &ArgMatches, settings: &Settings, console: &Console) -> Exit {
    let wanted = Some(operand(matches, Operand::MaybeRun)).filter(|run| !run.is_empty());
    let report = match find(wanted.as_deref(), settings, console) {
        Ok(report) => report,
        Err(exit) => return exit,
    };
    let exit = if report.outcome == RunOutcome::Ok { Exit::Ok } else { Exit::RunFailed };
    match Form::of(matches) {
        Form::Json => console.json(&report.json(), exit),
        Form::Junit => console.say(&junit::render(&report), exit),
        Form::Html => console.say(&html::render(&report), exit),
        Form::Human => {
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

/// Says why something is as it is after a run.
pub fn why(matches: &ArgMatches, settings: &Settings, console: &Console) -> Exit {
    let subject = operand(matches, Operand::Subject);
    let report = match find(text(matches, Flag::OfRun).as_deref(), settings, console) {
        Ok(report) => report,
        Err(exit) => return exit,
    };
    match why::why(&report, &subject) {
        Ok(answer) => match console.format {
            Format::Json => console.json(&serde_json::to_value(&answer).unwrap_or_default(), Exit::Ok),
            Format::Human => console.say(&answer.human(console.out.unicode), Exit::Ok),
        },
        Err(message) => refuse(console, "unknown", &message),
    }
}

/// The run that is meant.
fn find(wanted: Option<&str>, settings: &Settings, console: &Console) -> Result<Report, Exit> {
    match wanted {
        Some(name) if name.is_empty() || !name.bytes().all(|b| b.is_ascii_digit()) => file(Path::new(name), console),
        number => kept(number, settings, console),
    }
}

/// A report that was saved.
fn file(path: &Path, console: &Console) -> Result<Report, Exit> {
    let shown = if path == Path::new("-") { "standard input".to_owned() } else { path.display().to_string() };
    let read = || -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        match path == Path::new("-") {
            true => io::stdin().lock().take(REPORT_BYTES + 1).read_to_end(&mut bytes)?,
            false => File::open(path)?.take(REPORT_BYTES + 1).read_to_end(&mut bytes)?,
        };
        Ok(bytes)
    };
    let bytes = read().map_err(|error| console.obstacle("environment", &format!("cannot read {shown}: {error}")))?;
    if bytes.len() as u64 > REPORT_BYTES {
        return Err(console.obstacle("environment", &format!("{shown} is larger than {REPORT_BYTES} bytes")));
    }
    let refused = |why: String| refuse(console, "no-report", &format!("{shown} is no report of a run: {why}"));
    let json = serde_json::from_slice(&bytes).map_err(|error| refused(error.to_string()))?;
    saved::read(&json).map_err(refused)
}

/// A run whose journal is kept: that of a number, or the last one.
fn kept(number: Option<&str>, settings: &Settings, console: &Console) -> Result<Report, Exit> {
    let folder = settings.state_folder().map_err(|message| console.obstacle("state", &message))?;
    let state = State::peek(&folder);
    let entries = state.journals();
    let entry: Option<&Entry> = match number {
        Some(number) => entries.iter().find(|entry| number.parse() == Ok(entry.number)),
        None => entries.iter().next_back(),
    };
    let Some(entry) = entry else {
        let message = match number {
            Some(number) => {
                format!("there is no run {number} in {}; `ipcmm-agent history` lists them", folder.display())
            }
            None => format!("no run is known in {}", folder.display()),
        };
        return Err(refuse(console, "unknown", &message));
    };
    let found = state.read(entry, Want::All).map_err(|fault| console.refuse(&fault))?;
    let Some(found) = found else {
        return Err(refuse(console, "unknown", &format!("run {} ended before it did anything", entry.number)));
    };
    let header = found.header.clone();
    let Some(bytes) = state.bundle(&header.root) else {
        let message = format!("the bundle of run {}, {}, was not kept whole", entry.number, header.line);
        return Err(console.obstacle("state", &message));
    };
    let bundle = Bundle::open(&bytes).map_err(|fault| console.refuse(&fault))?;
    let over = found.over.clone();
    let about = About {
        mode: Mode::Apply,
        node: header.node,
        root: Some(header.root_dir).filter(|root| !root.is_empty()).map(Into::into),
        seed: header.seed,
        scheduler: Scheduler::from_word(&header.scheduler).unwrap_or(Scheduler::AsWritten).word(),
        started: Timestamp::from_nanosecond(header.started.into()).unwrap_or(Timestamp::UNIX_EPOCH),
        elapsed: Duration::from_nanos(over.as_ref().map_or(found.latest, |over| over.elapsed)),
        // A run whose end is not known was broken off as well.
        interrupted: over.is_none_or(|over| over.interrupted),
        earlier: Earlier {
            run: Some(entry.number),
            resumed: (found.resumed > 0).then_some(Resumed { times: found.resumed, restored: 0 }),
            dropped: Vec::new(),
        },
    };
    Ok(Report::new(&bundle, Recorder::of(found.into_ends()), about))
}

/// What was asked for is not there, or is something else.
fn refuse(console: &Console, name: &str, message: &str) -> Exit {
    // The same message, but the machine is all right: the question is not.
    match console.obstacle(name, message) {
        Exit::Environment => Exit::Problems,
        exit => exit,
    }
}
