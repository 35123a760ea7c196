//! The examples that were ported from other tools: each is applied to a root of its own, twice.

use super::stage::{self, Stage};
use super::{ended, task};
use ipcmm_vm::{Mode, Outcome};
use std::os::unix::fs::MetadataExt;

fn settled(stage: &Stage) {
    let again = stage.run(Mode::Apply);
    assert_eq!(ended(&again, Outcome::Changed), Vec::<&str>::new(), "{again:#?}");
    assert_eq!(stage::objects(&stage.run(Mode::Check)), Vec::<String>::new(), "nothing is left to do");
}

fn mode(stage: &Stage, below: &str) -> u32 {
    stage.metadata(below).mode() & 0o7777
}

#[test]
fn every_port_builds_in_all_its_environments() {
    for (name, environments) in [
        ("security", &["default", "manual", "bastion", "trial", "trial-bastion"][..]),
        ("sudoers", &["trial", "machine", "appended", "purged"]),
        ("linux-pack", &["audit", "enforce", "busy"]),
    ] {
        for environment in environments {
            assert_eq!(
                stage::build_for(name, environment),
                stage::build_for(name, environment),
                "{name} {environment}"
            );
        }
    }
}

#[test]
fn security_does_not_trust_a_file_that_sshd_would_not_read() {
    let stage = Stage::environment("security", "trial-bastion");
    let refused = stage.run(Mode::Apply);
    assert_eq!(ended(&refused, Outcome::Failed), ["settings are read"]);
    assert_eq!(task(&refused, "settings").end.outcome, Outcome::Blocked);
    assert!(!stage.path("etc/ssh/sshd_config.d/00-security.conf").exists());

    stage.write("etc/ssh/sshd_config", "Include /etc/ssh/sshd_config.d/*.conf\nMatch User x\n");
    let applied = stage.run(Mode::Apply);
    assert_eq!(ended(&applied, Outcome::Failed), Vec::<&str>::new(), "{applied:#?}");
    let settings = stage.read("etc/ssh/sshd_config.d/00-security.conf");
    assert!(settings.contains("\nPort 2222\n") && settings.contains("\nPermitRootLogin no\n"), "{settings}");
    assert!(settings.contains("\nAllowUsers deploy operator\n") && !settings.contains("AllowGroups"), "{settings}");
    assert_eq!(mode(&stage, "etc/ssh/sshd_config.d/00-security.conf"), 0o600);
    assert!(stage.read("etc/fail2ban/jail.local").contains("\nport = 2222\n"), "one port for both");
    assert_eq!(stage.read("etc/sudoers.d/50-operator"), "operator ALL=(ALL) ALL\n");
    assert_eq!(stage.read("etc/sudoers.d/50-deploy"), "deploy ALL=(ALL) NOPASSWD: ALL\n");
    assert_eq!(mode(&stage, "etc/sudoers.d/50-deploy"), 0o440);
    settled(&stage);
}

#[test]
fn sudoers_writes_a_main_file_and_those_it_includes() {
    let stage = Stage::environment("sudoers", "trial");
    let plan = stage.run(Mode::Check);
    let applied = stage.run(Mode::Apply);
    assert_eq!(stage::objects(&plan), stage::objects(&applied));
    let main = "# Managed by ipcmm.\nDefaults env_reset\nDefaults mail_badpass\nroot ALL=(ALL:ALL) ALL\n";
    assert_eq!(stage.read("etc/sudoers"), format!("{main}#includedir /etc/sudoers.d\n"));
    assert!(stage.read("etc/sudoers.d/10-operators").contains("\nkim ALL=(root) NOPASSWD: /usr/bin/systemctl\n"));
    assert!(stage.read("etc/sudoers.d/20-build").ends_with("%build ALL=(ALL) NOPASSWD: ALL\n"));
    for (path, wanted) in [("etc/sudoers", 0o440), ("etc/sudoers.d/20-build", 0o440), ("etc/sudoers.d", 0o750)] {
        assert_eq!(mode(&stage, path), wanted, "{path}");
    }
    settled(&stage);
}

#[test]
fn sudoers_purges_what_nobody_asked_for_and_nothing_else() {
    let stage = Stage::environment("sudoers", "purged");
    stage.run(Mode::Apply);
    stage.write("etc/sudoers.d/99-left", "x ALL=(ALL) ALL\n");
    let applied = stage.run(Mode::Apply);
    assert_eq!(ended(&applied, Outcome::Changed), ["folder"]);
    assert!(!stage.path("etc/sudoers.d/99-left").exists() && stage.path("etc/sudoers.d/20-build").exists());
    settled(&stage);
}

#[test]
fn sudoers_adds_to_a_main_file_that_somebody_else_keeps() {
    let stage = Stage::environment("sudoers", "appended");
    stage.write("etc/sudoers", "root ALL=(ALL) ALL\n");
    stage.run(Mode::Apply);
    let added = "#include /etc/sudoers.d/10-operators\n#include /etc/sudoers.d/20-build\n";
    assert_eq!(stage.read("etc/sudoers"), format!("root ALL=(ALL) ALL\n{added}"));
    settled(&stage);
}

#[test]
fn linux_pack_judges_and_carries_out_only_where_it_is_told_to() {
    for environment in ["audit", "enforce"] {
        let stage = Stage::environment("linux-pack", environment);
        stage.write("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n");
        stage.allow("etc/passwd", 0o600);
        let before = stage.files();
        let applied = stage.run(Mode::Apply);
        assert_eq!(stage.files(), before);
        let looked = task(&applied, "passwd is looked at").end.outcome;
        let mended = task(&applied, "passwd is root/644").end.outcome;
        for measured in ["look at load", "look at disk", "look at processors"] {
            assert_eq!(task(&applied, measured).end.outcome, Outcome::Ok, "{applied:#?}");
        }
        if environment == "audit" {
            assert_eq!((looked, mended), (Outcome::Failed, Outcome::Skipped), "{applied:#?}");
            assert_eq!(mode(&stage, "etc/passwd"), 0o600, "an audit mends nothing");
        } else if stage::root_user() {
            assert_eq!((looked, mended), (Outcome::Skipped, Outcome::Changed), "{applied:#?}");
            assert_eq!(mode(&stage, "etc/passwd"), 0o644);
            settled(&stage);
        }
    }
}
