//! The real `ipcmm-agent` under policies: what is refused before anything runs and what at the boundary of the host, what
//! is told of it, and how one gets from a bundle to a policy.
//!
//! A module of the test binary `cli`.

use super::{folder, json, program, ran, run};
use ipcmm_bytecode::asm;
use ipcmm_spec::schema::violations;
use ipcmm_stdlib::Stdlib;
use std::fs;
use std::path::Path;

/// Writes a file with a secret, runs a command as somebody, and writes a path that only the node knows.
const SITE: &str = "\
bundle 'site' edition 1
constants
  K0 '/etc/app/key'
  K1 ['touch', '/never']
  K2 'nobody'
  K3 '/etc/app/'
  K4 'node.name'
  K5 'env:KEY'
chunk C0 registers 1
  secret R0, K5
  ret R0
chunk C1 registers 1
  load R0, K2
  ret R0
chunk C2 registers 3
  load R1, K3
  fact R2, K4
  concat R0, R1+2
  ret R0
block B0 ipcmm.filesystem.file
  arg 0 constant K0
  arg 1 chunk C0
block B1 ipcmm.run.cmd
  attr runas C1
  arg 0 constant K1
block B2 ipcmm.filesystem.file
  arg 0 chunk C2
task T0 'key' in 'm' block B0
task T1 'touch' in 'm' block B1
task T2 'node' in 'm' block B2
facts
  'node.name'
effects
  ipcmm.run.cmd change
  ipcmm.filesystem.file change
";

const TIGHT: &str = r#"{"policy": 1, "unsigned": "allow", "builtins": ["ipcmm.filesystem.*"], "effects": "any",
    "write": ["/etc/app/k*"], "secrets": ["file:/run/**"]}"#;

fn site() -> Vec<u8> {
    asm::parse(SITE, &Stdlib).expect("good assembly")
}

fn put(at: &Path, name: &str, text: &str) {
    fs::write(at.join(name), text).expect("written");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    fs::set_permissions(at.join(name), mode).expect("set");
}

#[test]
fn all_that_is_refused_is_told_and_nothing_is_touched() {
    let folder = folder(&site());
    let at = folder.path();
    put(at, "tight.json", TIGHT);
    for command in ["apply", "plan"] {
        let ran = run(at, &[command, "b.ipcb", "--root", "r", "--policy", "tight.json"]);
        let told = "error[F0430] the policy of this agent does not allow it: 4 things that the bundle would do; nothing was run\n  \
                    `m/key`: fetch the secret `env:KEY`: `secrets` allows `file:/run/**`\n  \
                    `m/touch`: call `ipcmm.run.cmd`: `builtins` allows `ipcmm.filesystem.*`\n  \
                    `m/touch`: run `touch /never`: `commands` allows none\n  \
                    `m/touch`: work as user `nobody`: `runas` allows none\n";
        assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (Some(1), "", told));
        assert!(!at.join("r").exists(), "nothing is touched, not even the root is made");
    }
    let ran = run(at, &["apply", "b.ipcb", "--root", "r", "--policy", "tight.json", "--format", "json"]);
    let document = json(&ran);
    assert_eq!(violations("error.schema.json", &document), [] as [String; 0]);
    assert_eq!((ran.code, document["refused"].as_array().map(Vec::len)), (Some(1), Some(4)));
    assert_eq!(document["refused"][0]["rule"], "secrets");
    let nothing = "{\"policy\": 1}";
    put(at, "nothing.json", nothing);
    let ran = run(at, &["plan", "b.ipcb", "--root", "r", "--policy", "nothing.json"]);
    assert!(ran.err.contains("the bundle: run without a signature: `unsigned` allows none\n"), "{}", ran.err);
}

#[test]
fn what_only_the_node_knows_is_refused_at_the_boundary() {
    let folder = folder(&site());
    let at = folder.path();
    let wide = TIGHT.replace("[\"ipcmm.filesystem.*\"]", "\"any\", \"commands\": [\"true\", [\"touch\", \"/ne?er\"]]");
    put(at, "p.json", &wide.replace("file:/run/**", "env:KE?\", \"file:/x").replace("}", ", \"runas\": \"any\"}"));
    let mut command = program(at);
    let line = ["plan", "b.ipcb", "--root", "r", "--policy", "p.json", "--format", "json", "--max-parallel", "1"];
    let ran = ran(command.env("KEY", "hunter2").args(line).output().expect("the program starts"));
    let report = json(&ran);
    let tasks = report["tasks"].as_array().expect("tasks");
    assert_eq!(
        (tasks[0]["outcome"].as_str(), tasks[1]["outcome"].as_str()),
        (Some("would-change"), Some("would-change"))
    );
    let fault = &tasks[2]["fault"];
    assert_eq!((ran.code, fault["code"].as_str()), (Some(3), Some("F0430")), "{report}");
    let message = fault["message"].as_str().expect("a message");
    assert!(message.contains("write `/etc/app/") && message.ends_with("`write` allows `/etc/app/k*`"), "{message}");
    assert!(!ran.out.contains("hunter2"));
}

#[test]
fn a_link_leads_nowhere_that_is_not_allowed() {
    let folder = folder(&super::motd());
    let at = folder.path();
    fs::create_dir_all(at.join("r/real")).expect("made");
    put(at, "p.json", r#"{"policy": 1, "default": "allow", "write": ["/etc/**"]}"#);
    let text = super::MOTD.replace("'/motd'", "'/etc/way/motd'");
    fs::write(at.join("l.ipcb"), asm::parse(&text, &Stdlib).expect("good assembly")).expect("written");
    fs::create_dir(at.join("r/etc")).expect("made");
    std::os::unix::fs::symlink("/real", at.join("r/etc/way")).expect("linked");
    let ran = run(at, &["apply", "l.ipcb", "--root", "r", "--policy", "p.json"]);
    assert_eq!(ran.code, Some(3), "{} {}", ran.out, ran.err);
    assert!(
        ran.out.contains("`/etc/way/motd` leads to `/real/motd`; write `/real/motd`: `write` allows `/etc/**`"),
        "{}",
        ran.out
    );
    assert!(!at.join("r/real/motd").exists());
    put(at, "p.json", r#"{"policy": 1, "default": "allow", "write": ["/etc/**", "/real/*"]}"#);
    assert_eq!(run(at, &["apply", "l.ipcb", "--root", "r", "--policy", "p.json"]).code, Some(0));
    assert!(at.join("r/real/motd").exists());
}

#[test]
fn a_bundle_becomes_a_policy_that_allows_it() {
    let folder = folder(&site());
    let at = folder.path();
    let needs = run(at, &["inspect", "b.ipcb", "--needs"]);
    assert_eq!(needs.code, Some(0));
    let document = json(&needs);
    assert_eq!(violations("policy.schema.json", &document), [] as [String; 0]);
    assert_eq!(document["commands"], serde_json::json!([["touch", "/never"]]));
    assert_eq!(document["secrets"], serde_json::json!(["env:KEY"]));
    let note = "`path` of ipcmm.filesystem.file in task `node` is known on the node only: add what it may be";
    assert_eq!(document["notes"], serde_json::json!([note]));
    put(at, "p.json", &needs.out);
    let look = run(at, &["inspect", "b.ipcb", "--policy", "p.json"]);
    assert!(look.code == Some(0) && !look.out.contains("refused"), "{}", look.out);
    put(at, "p.json", TIGHT);
    let look = run(at, &["inspect", "b.ipcb", "--policy", "p.json"]);
    assert!(
        look.code == Some(1) && look.out.contains("refused by the policy\n  `m/key`: fetch the secret"),
        "{}",
        look.out
    );
    let look = run(at, &["inspect", "b.ipcb", "--policy", "p.json", "--format", "json"]);
    assert_eq!(violations("inspect.schema.json", &json(&look)), [] as [String; 0]);
}

#[test]
fn a_policy_that_is_none_stops_everything() {
    let folder = folder(&super::motd());
    let at = folder.path();
    put(at, "p.json", "{\n  \"policy\": 1,\n  \"wirte\": [],\n  \"runas\": [7]\n}\n");
    let ran = run(at, &["apply", "b.ipcb", "--root", "r", "--policy", "p.json"]);
    assert_eq!((ran.code, at.join("r").exists()), (Some(4), false));
    assert!(
        ran.err.starts_with("error: p.json is no policy\n  p.json:3:3 a policy has no key `wirte`; it has policy,"),
        "{}",
        ran.err
    );
    assert!(ran.err.ends_with("  p.json:4:13 this is a text, and not a number\n"), "{}", ran.err);
}

#[test]
fn a_run_ends_when_its_time_is_over() {
    let text = "bundle 'slow' edition 1\nconstants\n  K0 1000s\nblock B0 ipcmm.sleep\n  arg 0 constant K0\nblock B1 ipcmm.nop\n\
                task T0 'a' in 'm' block B0\ntask T1 'b' in 'm' block B1\neffects\n  ipcmm.nop none\n  ipcmm.sleep none\n";
    let folder = folder(&asm::parse(text, &Stdlib).expect("good assembly"));
    let at = folder.path();
    put(at, "p.json", r#"{"policy": 1, "default": "allow", "time_limit": "1s"}"#);
    let ran = run(at, &["apply", "b.ipcb", "--root", "r", "--policy", "p.json"]);
    assert_eq!(ran.code, Some(3), "{} {}", ran.out, ran.err);
    assert_eq!(ran.err, "error: the run was stopped: the policy of this agent allows 1 s\n");
}
