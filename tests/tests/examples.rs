//! The examples of `examples/`, built and run on the real system below a root of their own.
//!
//! Each is built as it stands in the repository; its manifest's root is replaced by a folder that is gone afterwards.
//! Unaware of: the commands that people type; this is the same pipeline without them. Start reading at
//! [`webserver_is_predicted_made_and_then_left_alone`].

#[path = "../examples/ports.rs"]
mod ports;
#[path = "../examples/stage.rs"]
mod stage;

use ipcmm_vm::{Forecast, Mode, Outcome};
use stage::{Finished, Stage, nginx, root_user};
use std::os::unix::fs::{MetadataExt, PermissionsExt};

/// Names of tasks that ended so, in run order.
fn ended(run: &[Finished], outcome: Outcome) -> Vec<&str> {
    run.iter().filter(|task| task.end.outcome == outcome).map(|task| task.label.as_str()).collect()
}

fn task<'r>(run: &'r [Finished], label: &str) -> &'r Finished {
    run.iter().find(|task| task.label == label).unwrap_or_else(|| panic!("there is a task `{label}`"))
}

#[test]
fn every_example_builds_without_a_word_and_twice_to_the_same_bytes() {
    for name in ["webserver", "compliance", "simplecm"] {
        let (first, second) = (stage::build(name), stage::build(name));
        assert!(!first.is_empty() && first == second, "{name}");
    }
}

#[test]
fn webserver_is_predicted_made_and_then_left_alone() {
    let stage = Stage::new("webserver");
    let plan = stage.run(Mode::Check);
    assert_eq!(stage.files(), Vec::<String>::new(), "a plan makes nothing");
    let applied = stage.run(Mode::Apply);
    assert_eq!(stage::objects(&plan), stage::objects(&applied), "the plan names exactly what is made");
    // Whether the configuration is judged depends on what the tasks before it make: the plan says that it may be.
    let sure = plan.iter().filter(|task| task.end.forecast == Forecast::Will);
    let sure: Vec<&str> = sure.map(|task| task.label.as_str()).collect();
    assert_eq!(sure, ended(&applied, Outcome::Changed));
    assert_eq!(ended(&applied, Outcome::Failed), Vec::<&str>::new(), "{applied:#?}");

    for path in ["etc/nginx/nginx.conf", "etc/nginx/mime.types", "etc/nginx/snippets/proxy.conf"] {
        assert_eq!(stage.metadata(path).mode() & 0o7777, 0o644, "{path}");
    }
    for (site, port) in [("www", 8080), ("docs", 8081), ("app", 8082)] {
        let available = stage.read(&format!("etc/nginx/sites-available/{site}.example.com.conf"));
        assert!(available.contains(&format!("listen 127.0.0.1:{port};")), "{available}");
        assert_eq!(available.contains("@backend"), site == "app", "{available}");
        let enabled = stage.path(&format!("etc/nginx/sites-enabled/{site}.example.com.conf"));
        let target = std::fs::read_link(enabled).expect("a site is enabled by a link");
        assert_eq!(target.to_string_lossy(), format!("../sites-available/{site}.example.com.conf"));
        assert!(stage.read(&format!("var/www/{site}.example.com/index.html")).contains("kept by ipcmm"));
    }

    let backend = stage.read("etc/nginx/snippets/backend-app.example.com.conf");
    assert!(backend.contains("proxy_pass http://127.0.0.1:9000;"), "{backend}");
    assert!(!stage.path("etc/nginx/snippets/backend-www.example.com.conf").exists());

    let again = stage.run(Mode::Apply);
    assert_eq!(ended(&again, Outcome::Changed), Vec::<&str>::new(), "{again:#?}");
    assert_eq!(stage::objects(&stage.run(Mode::Check)), Vec::<String>::new(), "nothing is left to do");
}

#[test]
fn webserver_puts_right_only_what_was_altered() {
    let stage = Stage::new("webserver");
    stage.run(Mode::Apply);
    stage.write("etc/nginx/snippets/gzip.conf", "gzip off;\n");
    stage.write("etc/nginx/sites-enabled/default", "server {}\n");
    let plan = stage.run(Mode::Check);
    let applied = stage.run(Mode::Apply);
    let expected = ["/etc/nginx/sites-enabled/default", "/etc/nginx/snippets/gzip.conf"];
    assert_eq!(stage::objects(&plan), expected);
    assert_eq!(stage::objects(&applied), expected);
    assert_eq!(task(&applied, "reload").end.outcome, Outcome::Skipped, "no nginx runs here");
}

#[test]
fn webserver_is_judged_by_nginx() {
    let stage = Stage::new("webserver");
    let applied = stage.run(Mode::Apply);
    let judged = task(&applied, "valid configuration");
    if !nginx() {
        assert_eq!(judged.end.outcome, Outcome::Skipped);
        stage::skip("nginx is not installed, so that it did not judge the configuration");
        return;
    }
    assert_eq!(judged.end.outcome, Outcome::Ok, "{judged:#?}");
    assert_eq!(judged.end.attempts, 1);

    // A site beside those of the example that nginx cannot read: nothing is reloaded, and the reason is told.
    stage.write("etc/nginx/sites-enabled/broken.conf", "server { listen nowhere:at-all; }\n");
    stage.write("run/nginx.pid", "1\n");
    stage.write("etc/nginx/snippets/gzip.conf", "gzip off;\n");
    let applied = stage.run(Mode::Apply);
    let judged = task(&applied, "valid configuration");
    assert_eq!(judged.end.outcome, Outcome::Failed, "{judged:#?}");
    let fault = judged.end.fault.as_ref().expect("a failure has a fault").to_string();
    assert!(fault.contains("broken.conf:1") && fault.contains("F0404"), "{fault}");
    let reload = task(&applied, "reload").end.outcome;
    assert!(matches!(reload, Outcome::NotReached | Outcome::Blocked), "{reload:?}");
}

#[test]
fn webserver_reloads_a_running_nginx_once() {
    if !nginx() {
        stage::skip("nginx is not installed, so that nothing could be reloaded");
        return;
    }
    let stage = Stage::new("webserver");
    stage.run(Mode::Apply);
    // Stands in for the master process, which would need ports: told to reload, it writes a line.
    let mut master = std::process::Command::new("/bin/sh")
        .args(["-c", "trap 'echo reload >> reloads' HUP; echo $$ > run/nginx.pid; while :; do sleep 0.05; done"])
        .current_dir(stage.path(""))
        .spawn()
        .expect("there is a shell");
    let settled = |path: &str, lines: usize| {
        let count = || std::fs::read_to_string(stage.path(path)).map_or(0, |text| text.lines().count());
        (0..200).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(20));
            count() == lines
        })
    };
    let started = settled("run/nginx.pid", 1);
    let idle = stage.run(Mode::Apply);
    stage.write("etc/nginx/snippets/gzip.conf", "gzip off;\n");
    let plan = stage.run(Mode::Check);
    let applied = stage.run(Mode::Apply);
    let told = settled("reloads", 1);
    let after = stage.run(Mode::Apply);
    let once = settled("reloads", 1);
    master.kill().and_then(|()| master.wait()).expect("the test started it");

    assert!(started && told && once);
    assert_eq!(task(&idle, "reload").end.outcome, Outcome::Skipped, "nothing changed");
    assert_eq!(task(&plan, "reload").end.outcome, Outcome::WouldChange, "a plan only says so");
    assert_eq!(task(&applied, "reload").end.outcome, Outcome::Changed);
    assert_eq!(stage::objects(&plan), stage::objects(&applied));
    assert_eq!(task(&after, "reload").end.outcome, Outcome::Skipped, "nothing changed again");
}

#[test]
fn compliance_finds_by_plan_and_mends_by_apply() {
    let stage = Stage::new("compliance");
    stage.write("etc/passwd", "root:x:0:0:root:/root:/bin/sh\nop:x:1000:1000::/home/op:/bin/sh\n");
    stage.write("etc/group", "root:x:0:\nop:x:1000:\n");
    stage.write("etc/motd", "Ask Jo for the password.\n");
    stage.write("usr/bin/gcc", "");
    stage.allow("etc/passwd", 0o666);
    let before = stage.files();

    let audit = stage.run(Mode::Check);
    assert_eq!(ended(&audit, Outcome::WouldChange), ["passwd is root/644", "motd is deployed"]);
    assert_eq!(ended(&audit, Outcome::Failed), ["gcc is not installed"]);
    let found = task(&audit, "gcc is not installed").end.fault.as_ref().expect("a failure has a fault").to_string();
    assert!(found.contains("/usr/bin/gcc must not be") && !found.contains("/usr/bin/cc must not be"), "{found}");
    assert_eq!(stage.files(), before, "an audit changes nothing");
    assert_eq!(stage.metadata("etc/passwd").permissions().mode() & 0o7777, 0o666);

    if !root_user() {
        stage::skip("only root can give a file to root, so that the rules were not enforced");
        return;
    }
    let enforced = stage.run(Mode::Apply);
    assert_eq!(stage::objects(&audit), stage::objects(&enforced));
    assert_eq!(ended(&enforced, Outcome::Changed), ["passwd is root/644", "motd is deployed"]);
    assert_eq!(ended(&enforced, Outcome::Failed), ["gcc is not installed"]);
    let passwd = stage.metadata("etc/passwd");
    assert_eq!((passwd.mode() & 0o7777, passwd.uid(), passwd.gid()), (0o644, 0, 0));
    assert!(stage.read("etc/passwd").contains("op:x:1000"), "what the file holds is left alone");
    assert!(stage.read("etc/motd").starts_with("Welcome on "));

    std::fs::remove_file(stage.path("usr/bin/gcc")).expect("the test made it");
    let clean = stage.run(Mode::Check);
    assert_eq!(ended(&clean, Outcome::Ok).len(), 3, "{clean:#?}");
}

#[test]
fn simplecm_tells_what_failed_and_what_that_blocked() {
    let stage = Stage::new("simplecm");
    let applied = stage.run(Mode::Apply);
    assert_eq!(ended(&applied, Outcome::Changed), ["file exists", "file contains"]);
    assert_eq!(stage.read("srv/simplecm/hosts"), "192.0.2.10 host1.example.com\n");

    let failed = task(&applied, "licence is read");
    assert_eq!(failed.end.outcome, Outcome::Failed);
    let fault = failed.end.fault.as_ref().expect("a failure has a fault").to_string();
    assert!(fault.contains("F0404") && fault.contains("ended with status 1"), "{fault}");
    assert!(fault.contains("licence: No such file or directory"), "the last words of the command: {fault}");
    assert_eq!(failed.place, ("operations.ipcmm.yaml".to_string(), 15, 1));

    let blocked = task(&applied, "service is configured");
    assert_eq!(blocked.end.outcome, Outcome::Blocked);
    assert_eq!(blocked.because.as_deref(), Some("licence is read"));
    assert!(!stage.path("srv/simplecm/service.conf").exists());

    let again = stage.run(Mode::Apply);
    assert_eq!(ended(&again, Outcome::Ok), ["file exists", "file contains"], "{again:#?}");
    assert_eq!(ended(&again, Outcome::Changed), Vec::<&str>::new());
}

#[test]
fn examples_pass_the_tests_they_bring() {
    let paths = [ipcmm_tests::suite::root().join("examples")];
    let options = ipcmm_testing::Options { filter: None, twice: true, plan_first: true };
    let report = ipcmm_testing::test(&ipcmm_compiler::world::disk::Disk, &paths, &options);
    let told = ipcmm_tests::render::tests(&report, true, true);
    assert!(report.is_good() && report.cases.len() >= 14, "{told}");
    let warnings: Vec<&str> = report.cases.iter().flat_map(|c| c.warnings.iter().map(|w| w.message.as_str())).collect();
    assert_eq!(warnings, Vec::<&str>::new());
    assert!(report.coverage.share(|_| true).percent() > 60.0, "{told}");
}

/// On a real root: what a plan says will change does, what it says cannot does not, and nothing is made that it did not
/// name.
#[test]
fn what_the_plans_of_examples_say_is_kept() {
    for name in ["webserver", "compliance", "simplecm"] {
        let stage = Stage::new(name);
        for round in 1..=2 {
            let plan = stage.run(Mode::Check);
            let applied = stage.run(Mode::Apply);
            let named = stage::objects(&plan);
            for object in stage::objects(&applied) {
                assert!(named.contains(&object), "{name}, round {round}: {object} was not named");
            }
            // An example that needs more of a machine than a bare root has shows only that nothing else is made.
            let failed = !ended(&applied, Outcome::Failed).is_empty();
            for (said, done) in plan.iter().zip(&applied) {
                let kept = match said.end.forecast {
                    Forecast::Will => done.end.changed || failed,
                    Forecast::Cannot => !done.end.changed,
                    Forecast::May => true,
                };
                assert!(
                    kept,
                    "{name}, round {round}: `{}` {} change: {:?}",
                    said.label,
                    said.end.forecast.name(),
                    done.end
                );
            }
        }
    }
}
