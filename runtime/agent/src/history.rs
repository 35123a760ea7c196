//! What is known of runs on a node: those that were, and those that are under way.
//!
//! Unaware of: how runs are done. The shapes of the JSON are `spec/schema/history.schema.json` and `ps.schema.json`.

use crate::console::Console;
use crate::settings::Settings;
use ipcmm_runtime::journal::recover::{Recovered, Want};
use ipcmm_runtime::report::{hex, moment};
use ipcmm_runtime::state::State;
use ipcmm_spec::cli::{Exit, Format};
use ipcmm_spec::terminal::visible;
use ipcmm_vm::Outcome;
use jiff::Timestamp;
use serde_json::{Value, json};

/// Shows the journals that are kept.
pub fn history(settings: &Settings, console: &Console) -> Exit {
    let folder = match settings.state_folder() {
        Ok(folder) => folder,
        Err(message) => return console.obstacle("state", &message),
    };
    let state = State::peek(&folder);
    let running: Vec<u32> = state.holders().iter().filter(|h| !h.waiting).map(|h| h.pid).collect();
    let mut runs = Vec::new();
    let mut text = String::new();
    for entry in state.journals() {
        match state.read(&entry, Want::Owed) {
            Ok(None) => {}
            Ok(Some(found)) => {
                let outcome = outcome(&found, &running);
                text.push_str(&line(entry.number, &found, outcome));
                runs.push(run(entry.number, &found, outcome));
            }
            Err(fault) => {
                text.push_str(&format!("{:>5}  {fault}\n", entry.number));
                let error =
                    json!({ "code": fault.kind.to_string(), "name": fault.kind.name(), "message": fault.to_string() });
                runs.push(json!({ "run": entry.number, "outcome": "damaged", "error": error }));
            }
        }
    }
    if runs.is_empty() {
        text = format!("no run is known in {}\n", folder.display());
    }
    match console.format {
        Format::Json => console.json(&json!({ "version": 1, "runs": runs }), Exit::Ok),
        Format::Human => console.say(&shown(&text, console), Exit::Ok),
    }
}

/// Shows who runs now.
pub fn ps(settings: &Settings, console: &Console) -> Exit {
    let folder = match settings.state_folder() {
        Ok(folder) => folder,
        Err(message) => return console.obstacle("state", &message),
    };
    let holders = State::peek(&folder).holders();
    match console.format {
        Format::Json => {
            let run = |h: &ipcmm_runtime::state::tickets::Holder| {
                let state = if h.waiting { "waiting" } else { "running" };
                json!({ "pid": h.pid, "bundle": { "name": h.bundle, "root": h.root }, "since": h.since, "state": state })
            };
            console.json(&json!({ "version": 1, "runs": holders.iter().map(run).collect::<Vec<_>>() }), Exit::Ok)
        }
        Format::Human => {
            let line = |h: &ipcmm_runtime::state::tickets::Holder| {
                let state = if h.waiting { "waiting" } else { "running" };
                format!("{:>8}  {state}  {}  since {}\n", h.pid, h.bundle, h.since)
            };
            let text: String = holders.iter().map(line).collect();
            let text = if text.is_empty() { "no run is under way\n".to_owned() } else { text };
            console.say(&shown(&text, console), Exit::Ok)
        }
    }
}

/// Names come from bundles; nothing in them drives the terminal.
fn shown(text: &str, console: &Console) -> String {
    text.lines().map(|line| visible(line, console.out.unicode) + "\n").collect()
}

/// How a run stands, in a word.
fn outcome(found: &Recovered, running: &[u32]) -> &'static str {
    match &found.over {
        Some(over) if over.interrupted => "interrupted",
        Some(over) if count(&over.counts, Outcome::is_bad) > 0 => "failed",
        Some(_) => "ok",
        None if running.contains(&found.header.pid) => "running",
        None => "died",
    }
}

fn count(counts: &[u32], which: impl Fn(Outcome) -> bool) -> u32 {
    Outcome::TABLE.iter().zip(counts).filter(|((outcome, ..), _)| which(*outcome)).map(|(_, n)| n).sum()
}

fn started(found: &Recovered) -> String {
    Timestamp::from_nanosecond(found.header.started.into()).map(moment).unwrap_or_default()
}

fn run(number: u64, found: &Recovered, outcome: &str) -> Value {
    let over = found.over.as_ref();
    let totals = over.map(|over| {
        let each = Outcome::TABLE.iter().zip(&over.counts).map(|((_, name, _), n)| ((*name).to_owned(), json!(n)));
        Value::Object(each.collect())
    });
    let owed: Vec<Value> = found
        .owed()
        .map(|owed| json!({ "label": owed.label, "keyword": owed.tie.name(), "target": owed.target }))
        .collect();
    json!({
        "run": number,
        "bundle": { "name": found.header.line, "root": hex(&found.header.root) },
        "node": found.header.node,
        "root_dir": found.header.root_dir,
        "started": started(found),
        "duration": over.map(|over| over.elapsed as f64 / 1e9),
        "outcome": outcome,
        "totals": totals,
        "resumed": found.resumed,
        "owed": owed,
        "begun": found.touched.values().collect::<Vec<_>>(),
    })
}

fn line(number: u64, found: &Recovered, outcome: &str) -> String {
    let mut line = format!("{number:>5}  {}  {outcome:<11}  {}", started(found), found.header.line);
    if let Some(over) = &found.over {
        let counts: Vec<String> = Outcome::TABLE
            .iter()
            .zip(&over.counts)
            .filter(|(_, n)| **n > 0)
            .map(|((_, name, _), n)| format!("{n} {name}"))
            .collect();
        line.push_str(&format!("  {}", counts.join(", ")));
    }
    let owed = found.owed().count();
    if owed > 0 {
        line.push_str(&format!("  {owed} owed"));
    }
    line.push('\n');
    line
}
