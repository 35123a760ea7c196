//! Commands and scripts on the machine itself.

use super::{call, is_root, machine, run, strs};
use ipcmm_bytecode::{FaultKind, Value};
use ipcmm_vm::host::{Call, Cancel, Host, Mode, Reply};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

fn text<'a>(reply: &'a Reply, field: &str) -> &'a str {
    reply.data.get(field).and_then(Value::as_str).unwrap_or_else(|| panic!("{field} of {reply:?}"))
}

fn argv(words: &[&str]) -> Call {
    call("ipcmm.run.cmd", &[("argv", strs(words))])
}

fn sh(script: &str) -> Call {
    argv(&["sh", "-c", script])
}

fn with(mut call: Call, name: &str, value: Value) -> Call {
    let row = ipcmm_stdlib::by_number(call.builtin).unwrap();
    call.args.push((row.param(name).unwrap(), value));
    call.args.sort_by_key(|(number, _)| *number);
    call
}

fn as_user(user: &str, call: Call) -> Call {
    Call { runas: Some(user.into()), ..call }
}

/// Whether any process has `word` among its arguments.
fn runs(word: &str) -> bool {
    let lines = fs::read_dir("/proc").unwrap().filter_map(|e| fs::read(e.unwrap().path().join("cmdline")).ok());
    lines.into_iter().any(|line| line.split(|&b| b == 0).any(|arg| arg == word.as_bytes()))
}

/// Waits for something that happens soon; fails if it does not.
fn soon(what: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(10);
    while !what() {
        assert!(Instant::now() < end, "it did not happen");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn words_reach_the_program_as_they_are() {
    let nasty = "a b; $HOME `id` \"x\" 'y' \\ * \u{e4}\n";
    assert_eq!(text(&run(&machine(), &argv(&["printf", "%s|", nasty, ""])), "stdout"), format!("{nasty}||"));
    let line = call("ipcmm.run.cmd", &[("cmd", Value::str("printf '%s|' \"a b\" $HOME *"))]);
    assert_eq!(text(&run(&machine(), &line), "stdout"), "a b|$HOME|*|");
    let shell = call("ipcmm.run.cmd", &[("cmd", Value::str("echo $((1+1)) | cat")), ("shell", Value::Bool(true))]);
    assert_eq!(text(&run(&machine(), &shell), "stdout"), "2\n");
    let args = [
        ("script", Value::str("for a in \"$@\"; do printf '%s|' \"$a\"; done")),
        ("args", Value::list(vec![Value::Int(3), Value::str(nasty)])),
    ];
    assert_eq!(text(&run(&machine(), &call("ipcmm.run.script", &args)), "stdout"), format!("3|{nasty}|"));
}

#[test]
fn the_environment_is_fixed_and_small() {
    let env = || [("A".into(), "1".into()), ("LANG".into(), "C".into()), ("A".into(), "2".into())].into();
    for user in [None, Some("nobody")] {
        if user.is_some() && !is_root() {
            continue;
        }
        let reply = run(&machine(), &Call { env: env(), runas: user.map(Into::into), ..argv(&["env"]) });
        let mut lines: Vec<&str> = text(&reply, "stdout").lines().filter(|l| !l.starts_with("TZ=")).collect();
        lines.sort_unstable();
        assert_eq!(lines[0], "A=2");
        let names: Vec<&str> = lines.iter().filter_map(|l| l.split('=').next()).collect();
        assert_eq!(names, ["A", "HOME", "LANG", "LOGNAME", "PATH", "USER"]);
        assert!(lines.contains(&"LANG=C"));
        if let Some(user) = user {
            assert!(lines.contains(&format!("USER={user}").as_str()) && !lines.contains(&"HOME=/root"), "{lines:?}");
        }
    }
    assert_eq!(text(&run(&machine(), &argv(&["pwd"])), "stdout"), "/\n");
    assert_eq!(text(&run(&machine(), &with(argv(&["pwd"]), "cwd", Value::str("/usr"))), "stdout"), "/usr\n");
}

#[test]
fn every_end_of_a_command_is_told() {
    let ended = |call: &Call| {
        let reply = run(&machine(), call);
        let field = |name| reply.data.get(name).cloned().unwrap();
        (reply.fault.as_ref().map(|f| f.kind), field("rc"), field("signal"), reply.changed)
    };
    let failed = Some(FaultKind::CommandFailed);
    assert_eq!(ended(&argv(&["true"])), (None, Value::Int(0), Value::Null, true));
    assert_eq!(ended(&sh("exit 7")), (failed, Value::Int(7), Value::Null, true));
    assert_eq!(ended(&with(sh("exit 7"), "ok_rc", Value::list(vec![Value::Int(0), Value::Int(7)]))).0, None);
    assert_eq!(ended(&sh("kill -9 $$")), (failed, Value::Null, Value::Int(9), true));
    assert_eq!(ended(&with(argv(&["true"]), "probe", Value::Bool(true))), (None, Value::Int(0), Value::Null, false));
    let fault = run(&machine(), &sh("for i in $(seq 15); do echo line $i >&2; done; exit 3")).fault.unwrap();
    assert!(fault.detail.contains("ended with status 3\n  line 6\n") && fault.detail.ends_with("line 15"), "{fault}");
}

#[test]
fn what_cannot_be_started_is_named() {
    let plain = tempfile::NamedTempFile::new().unwrap();
    let plain = plain.path().to_str().unwrap();
    for (call, words) in [
        (argv(&["no_such_program"]), "there is no program `no_such_program`"),
        (argv(&["/no/such/program"]), "`/no/such/program`: No such file"),
        (argv(&[plain]), "Permission denied"),
        (with(argv(&["true"]), "cwd", Value::str("/no/dir")), "cannot run in `/no/dir`"),
        (call("ipcmm.run.script", &[("script", Value::str("#!/no/interpreter\n"))]), "`/no/interpreter`: No such file"),
        (
            call("ipcmm.run.script", &[("script", Value::str("")), ("cwd", Value::str("/no/dir"))]),
            "cannot run in `/no/dir`",
        ),
    ] {
        let fault = run(&machine(), &call).fault.unwrap();
        assert_eq!(fault.kind, FaultKind::NotStartable, "{fault}");
        assert!(fault.detail.contains(words), "{fault}");
    }
    for (line, shell) in [("'a", false), ("", false)] {
        let call = call("ipcmm.run.cmd", &[("cmd", Value::str(line)), ("shell", Value::Bool(shell))]);
        assert_eq!(run(&machine(), &call).fault.unwrap().kind, FaultKind::BadArgument, "{line}");
    }
}

#[test]
fn a_time_limit_ends_grandchildren_too() {
    // The number is the mark by which the processes are found; the second group ignores the friendly signal.
    for (script, mark) in
        [("sleep 98761 & sleep 98761", "98761"), ("trap '' TERM; sleep 98762 & sleep 98762; sleep 98762", "98762")]
    {
        let users: &[Option<&str>] = if is_root() { &[None, Some("nobody")] } else { &[None] };
        for user in users {
            let call = Call { runas: user.map(Into::into), timeout: Some(Duration::from_millis(200)), ..sh(script) };
            let fault = run(&machine(), &call).fault.unwrap();
            assert_eq!(fault.kind, FaultKind::TimedOut, "{fault}");
            assert!(fault.detail.contains("sleep"), "{fault}");
            soon(|| !runs(mark));
        }
    }
    let own = with(argv(&["sleep", "98763"]), "timeout", Value::Duration(100_000_000));
    assert_eq!(run(&machine(), &own).fault.unwrap().kind, FaultKind::TimedOut);
    let cancel = Cancel::default();
    std::thread::scope(|scope| {
        let called = scope.spawn(|| machine().call(&sh("sleep 98764 & sleep 98764"), &cancel));
        soon(|| runs("98764"));
        cancel.cancel();
        assert_eq!(called.join().unwrap().fault.unwrap().kind, FaultKind::Cancelled);
    });
    soon(|| !runs("98764"));
}

#[test]
fn output_is_bounded_and_never_stalls() {
    let much = "head -c 10485760 /dev/zero | tr '\\0' x; head -c 1048577 /dev/zero | tr '\\0' y >&2";
    let reply = run(&machine(), &sh(much));
    assert_eq!(reply.fault, None);
    assert_eq!((text(&reply, "stdout").len(), text(&reply, "stderr").len()), (1 << 20, 1 << 20));
    assert_eq!(reply.data.get("truncated"), Some(&Value::Bool(true)));
    let exact = run(&machine(), &with(argv(&["printf", "12345"]), "max_output", Value::Int(5)));
    assert_eq!((text(&exact, "stdout"), exact.data.get("truncated")), ("12345", Some(&Value::Bool(false))));
    let discarded = run(&machine(), &with(sh("echo x; echo y >&2"), "output", Value::str("discard")));
    assert_eq!((text(&discarded, "stdout"), discarded.data.get("truncated")), ("", Some(&Value::Bool(false))));
    let stdin = "\u{e4}bc\n".repeat(300_000);
    let echoed = with(with(argv(&["cat"]), "stdin", Value::str(stdin.as_str())), "max_output", Value::Int(1 << 24));
    assert_eq!(text(&run(&machine(), &echoed), "stdout"), stdin);
    assert_eq!(text(&run(&machine(), &argv(&["cat"])), "stdout"), "", "standard input is empty");
    assert_eq!(text(&run(&machine(), &argv(&["printf", "\\377a"])), "stdout"), "\u{fffd}a");
}

#[test]
fn what_a_command_leaves_behind_does_not_hold_it_up() {
    let begun = Instant::now();
    let reply = run(&machine(), &sh("sleep 98765 & echo $!"));
    assert_eq!(reply.fault, None);
    let pid = text(&reply, "stdout").trim().to_owned();
    assert!(runs("98765"), "a service that a command starts goes on");
    assert!(begun.elapsed() < Duration::from_secs(60));
    assert!(std::process::Command::new("kill").arg(pid).status().unwrap().success());
}

#[test]
fn scripts_run_from_memory_with_the_interpreter_they_name() {
    let script = |args: &[(&str, Value)]| call("ipcmm.run.script", args);
    let s = |text: &str| Value::str(text);
    let hello = run(&machine(), &script(&[("source", Value::Bytes((*b"echo hello").into()))]));
    assert_eq!(text(&hello, "stdout"), "hello\n");
    let own = text(&hello, "script_sha256").to_owned();
    for (call, out) in [
        (
            script(&[
                ("script", s("#!/usr/bin/env python3\nimport sys\nprint(sys.argv[1:])")),
                ("args", strs(&["a b"])),
            ]),
            "['a b']\n",
        ),
        (
            script(&[
                ("script", s("import os; print(os.getcwd())")),
                ("interpreter", s("python3")),
                ("cwd", s("/usr")),
            ]),
            "/usr\n",
        ),
        (script(&[("script", s("#!/bin/sh -e\nfalse\necho no")), ("ok_rc", Value::list(vec![Value::Int(1)]))]), ""),
        (script(&[("script", s("cat")), ("stdin", s("in"))]), "in"),
        (script(&[("script", s("echo hello")), ("sha256", s(&own.to_uppercase()))]), "hello\n"),
    ] {
        let reply = run(&machine(), &call);
        assert_eq!(reply.fault, None);
        assert_eq!(text(&reply, "stdout"), out);
    }
    let wrong = script(&[("script", s("echo hello")), ("sha256", s(&"0".repeat(64)))]);
    for mode in [Mode::Check, Mode::Apply] {
        let fault = run(&machine(), &Call { mode, ..wrong.clone() }).fault.unwrap();
        assert_eq!(fault.kind, FaultKind::HashRefused);
        assert!(fault.detail.contains(&own), "{fault}");
    }
    let dry = run(&machine(), &Call { mode: Mode::Check, ..script(&[("script", s("echo hello"))]) });
    assert!(dry.changed && dry.comment == "would run" && text(&dry, "script_sha256") == own, "{dry:?}");
}

#[test]
fn commands_run_as_another_user() {
    if !is_root() {
        return;
    }
    for (call, out) in [
        (
            sh("id -u; id -g; id -G; umask >/dev/null; cat /proc/self/status | grep -c '^CapEff:.0000000000000000'"),
            "65534\n65534\n65534\n1\n",
        ),
        (call("ipcmm.run.script", &[("script", Value::str("id -un"))]), "nobody\n"),
        (with(argv(&["cat"]), "stdin", Value::str("in")), "in"),
        (sh("kill -TERM $$; echo not reached"), ""),
    ] {
        let reply = run(&machine(), &as_user("nobody", call));
        assert_eq!(text(&reply, "stdout"), out, "{reply:?}");
    }
    assert_eq!(text(&run(&machine(), &as_user("root", argv(&["id", "-u"]))), "stdout"), "0\n");
    let closed = tempfile::tempdir().unwrap();
    fs::set_permissions(closed.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let at = Value::str(closed.path().to_str().unwrap());
    let fault = run(&machine(), &as_user("nobody", with(argv(&["true"]), "cwd", at))).fault.unwrap();
    assert_eq!(fault.kind, FaultKind::NotStartable, "whether a directory may be entered is for the user: {fault}");
    for mode in [Mode::Check, Mode::Apply] {
        let fault = run(&machine(), &Call { mode, ..as_user("nobody_yet", argv(&["true"])) }).fault.unwrap();
        assert_eq!(fault.kind, FaultKind::UnknownUser);
    }
    // Many at once: each child borrows the memory of all the others' parent.
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for i in 0..25 {
                    let word = format!("w{i}");
                    let reply = run(&machine(), &as_user("nobody", argv(&["echo", &word])));
                    assert_eq!(text(&reply, "stdout"), format!("{word}\n"));
                }
            });
        }
    });
}
