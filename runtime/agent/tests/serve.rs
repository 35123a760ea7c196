//! The real `ipcmm-agent serve`: files that change, times that come, and a signal that ends it.

use ipcmm_bytecode::asm;
use ipcmm_stdlib::Stdlib;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// How long anything may take.
const LONG: Duration = Duration::from_secs(60);

struct Serving {
    child: Child,
    lines: Receiver<serde_json::Value>,
}

impl Serving {
    fn start(folder: &Path, text: &str) -> Serving {
        fs::write(folder.join("b.ipcb"), asm::parse(text, &Stdlib).expect("good assembly")).expect("written");
        let policy = r#"{"policy": 1, "default": "allow"}"#;
        fs::write(folder.join("policy.json"), policy).expect("written");
        fs::set_permissions(folder.join("policy.json"), fs::Permissions::from_mode(0o600)).expect("set");
        let mut child = Command::new(env!("CARGO_BIN_EXE_ipcmm-agent"))
            .args(["serve", "b.ipcb", "--format", "json", "--policy", "policy.json"])
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let out = BufReader::new(child.stdout.take().expect("a pipe"));
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                let line = serde_json::from_str(&line).expect("each line is a JSON object");
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Serving { child, lines }
    }

    /// Waits for a line and gives those before it and itself.
    fn until(&self, what: &str, wanted: impl Fn(&serde_json::Value) -> bool) -> Vec<serde_json::Value> {
        let end = Instant::now() + LONG;
        let mut seen = Vec::new();
        loop {
            match self.lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(line) => seen.push(line),
                Err(_) => panic!("{what} did not come: {seen:#?}"),
            }
            if wanted(seen.last().expect("one was just added")) {
                return seen;
            }
        }
    }

    fn end(mut self) -> Option<i32> {
        let status = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        assert!(status.expect("kill starts").success());
        self.until("the end", |line| line["what"] == "ended");
        self.child.wait().expect("it ends").code()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // A test that failed leaves nothing behind; after `end` there is nothing to stop.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn state<'a>(event: &'a str, state: &'a str) -> impl Fn(&serde_json::Value) -> bool + 'a {
    move |line| line["what"] == "delivery" && line["event"] == event && line["state"] == state
}

fn schedule() -> String {
    "\
bundle 'tiny' edition 1

strings
  S0 'tiny'
  S1 'tick'
  S2 'each second'
  S3 'handler'

constants
  K0 'tick'
  K1 1s

block B0 ipcmm.nop

block B1 ipcmm.schedule
  arg 0 constant K0
  arg 2 constant K1
  arg 8 tasks T0

task T0 'handler' in 'tiny' block B0 mode sync demand
task T1 'each second' in 'tiny' block B1 mode sync

effects
  ipcmm.nop none
  ipcmm.schedule none
"
    .to_owned()
}

fn watching(path: &Path) -> String {
    format!(
        "\
bundle 'tiny' edition 1

strings
  S0 'tiny'
  S1 'changed'
  S2 'handler'
  S3 'channel'
  S4 'listen'
  S5 '{path}'
  S6 'file'

constants
  K0 'changed'
  K1 {{'file': '{path}'}}

block B0 ipcmm.nop

block B1 ipcmm.event
  arg 0 constant K0
  arg 1 constant K1

block B2 ipcmm.bind
  arg 0 constant K0
  arg 1 tasks T0

task T0 'handler' in 'tiny' block B0 mode sync demand
task T1 'channel' in 'tiny' block B1 mode sync
task T2 'listen' in 'tiny' block B2 mode sync

effects
  ipcmm.nop none
  ipcmm.event none
  ipcmm.bind none
",
        path = path.display()
    )
}

#[test]
fn a_schedule_comes_again_and_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let serving = Serving::start(folder.path(), &schedule());
    serving.until("the apply", |line| line["what"] == "applied" && line["bad"] == 0);
    for _ in 0..2 {
        let seen = serving.until("a time", state("schedule.tick", "ended"));
        assert_eq!(seen.last().expect("a line")["cause"], "schedule tick");
    }
    assert_eq!(serving.end(), Some(0));
}

#[test]
fn a_file_is_watched_through_all_that_happens_to_it() {
    let folder = tempfile::tempdir().expect("a folder");
    // Neither the file nor its folder is there yet.
    let file = folder.path().join("etc").join("app.conf");
    let serving = Serving::start(folder.path(), &watching(&file));
    serving.until("the apply", |line| line["what"] == "applied" && line["bad"] == 0);
    // The applied line is told before the files are watched, so the first change is made until it is seen.
    let end = Instant::now() + LONG;
    fs::create_dir(folder.path().join("etc")).expect("made");
    loop {
        fs::write(&file, "one").expect("written");
        let line = serving.lines.recv_timeout(Duration::from_millis(300));
        if line.is_ok_and(|line| line["event"] == "changed") {
            break;
        }
        assert!(Instant::now() < end, "the first change is never seen");
    }
    // From here on the folder is watched, and every change has its event.
    let other = folder.path().join("etc").join("new.conf");
    let changes: [&dyn Fn(); 4] = [
        &|| fs::remove_file(&file).expect("removed"),
        &|| fs::write(&other, "two").expect("written"),
        &|| fs::rename(&other, &file).expect("moved in"),
        &|| fs::rename(&file, &other).expect("moved away"),
    ];
    for (number, change) in changes.iter().enumerate() {
        while serving.lines.try_recv().is_ok() {}
        change();
        // What is written beside the file is nobody's event.
        if number != 1 {
            serving.until("a change", state("changed", "ended"));
        }
    }
    assert_eq!(serving.end(), Some(0));
}

#[test]
fn without_a_policy_nothing_is_allowed() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("b.ipcb"), asm::parse(&schedule(), &Stdlib).expect("good assembly")).expect("written");
    // A policy of this very machine would be the one that holds.
    if Path::new("/etc/ipcmm/policy.json").exists() {
        return;
    }
    let out = Command::new(env!("CARGO_BIN_EXE_ipcmm-agent"))
        .args(["serve", "b.ipcb"])
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .output()
        .expect("the program starts");
    let said = String::from_utf8_lossy(&out.stderr);
    assert_eq!(out.status.code(), Some(1), "{said}");
    assert!(said.contains("F0430"), "{said}");
}
