//! What is refused, in dry runs as well, with a text that helps; and what a dry run cannot know.

use super::files::{Thing, set, snapshot};
use super::{call, run, strs};
use Thing::{Dir, File, Link};
use ipcmm_bytecode::{FaultKind, Value};
use ipcmm_runtime::host::SystemHost;
use ipcmm_runtime::system::{Fake, Real, System};
use ipcmm_vm::host::{Call, Host, Mode, Phase};

type Args = Vec<(&'static str, Value)>;

const SCENE: &[(&str, Thing)] = &[
    ("/etc", Dir(0o755)),
    ("/etc/motd", File("welcome\n", 0o644)),
    ("/link", Link("etc/motd")),
    ("/full", Dir(0o755)),
    ("/full/f", File("", 0o644)),
];

fn refused() -> Vec<(&'static str, Args, FaultKind, &'static str)> {
    let s = |text: &str| Value::str(text);
    let t = || Value::Bool(true);
    use FaultKind::{BadArgument, BadPattern, Missing, TypeMismatch, UnsafePath, WrongKind};
    vec![
        (
            "file",
            vec![("path", s("/link")), ("content", s(""))],
            WrongKind,
            "a symbolic link to `etc/motd`; to manage its target, name `/etc/motd`",
        ),
        ("file", vec![("path", s("/etc"))], WrongKind, "`/etc` is a directory, not a file"),
        ("file", vec![("path", s("etc/x"))], BadArgument, "not an absolute path"),
        ("file", vec![("path", s("/etc/../x"))], UnsafePath, "`..`"),
        ("file", vec![("path", s("/etc/motd/x"))], WrongKind, "/etc/motd"),
        ("file", vec![("content", s("x"))], Missing, "argument `path` of ipcmm.filesystem.file"),
        (
            "file",
            vec![("path", Value::Int(3))],
            TypeMismatch,
            "argument `path` of ipcmm.filesystem.file is int, not path",
        ),
        ("file", vec![("path", s("/x")), ("content", s("")), ("source", s(""))], BadArgument, "not both"),
        ("file", vec![("path", s("/x")), ("mode", s("rwx"))], BadArgument, "no mode"),
        ("dir", vec![("path", s("/link"))], WrongKind, "symbolic link"),
        ("dir", vec![("path", s("/etc")), ("purge", t())], BadArgument, "holds the system itself"),
        ("link", vec![("path", s("/etc/motd")), ("to", s("x"))], WrongKind, "`force: true`"),
        ("link", vec![("path", s("/etc")), ("to", s("x")), ("force", t())], WrongKind, "directory"),
        ("line", vec![("path", s("/etc/motd")), ("line", s("a\nb"))], BadArgument, "line end"),
        ("line", vec![("path", s("/etc/motd"))], Missing, "`line`"),
        ("line", vec![("path", s("/etc/motd")), ("line", s("a")), ("match", s("("))], BadPattern, "unclosed group"),
        ("absent", vec![("path", s("/")), ("recurse", t())], BadArgument, "holds the system itself"),
        ("absent", vec![("path", s("/etc/.")), ("recurse", t())], BadArgument, "holds the system itself"),
        ("absent", vec![("path", s("/full"))], WrongKind, "`recurse: true`"),
        ("copy", vec![("source", s("/full")), ("path", s("/y"))], WrongKind, "`recurse: true`"),
        ("copy", vec![("source", s("/full")), ("path", s("/full/y")), ("recurse", t())], BadArgument, "inside"),
        ("copy", vec![("source", s("/link")), ("path", s("/y"))], WrongKind, "symbolic link"),
        (
            "copy",
            vec![("source", s("/full")), ("path", s("/etc/motd")), ("recurse", t())],
            WrongKind,
            "not a directory",
        ),
    ]
}

fn judge<S: System>(system: S) {
    let host = SystemHost::new(system);
    set(host.system(), SCENE);
    let before = snapshot(host.system());
    for (builtin, args, kind, words) in refused() {
        let call = call(&format!("ipcmm.filesystem.{builtin}"), &args);
        for mode in [Mode::Check, Mode::Apply] {
            let reply = run(&host, &Call { mode, ..call.clone() });
            let fault = reply.fault.unwrap_or_else(|| panic!("{builtin} {args:?} was accepted"));
            assert_eq!(fault.kind, kind, "{builtin} {args:?}: {fault}");
            assert!(fault.detail.contains(words), "{builtin} {args:?}: {fault}");
        }
        assert_eq!(snapshot(host.system()), before, "{builtin} {args:?}");
    }
}

#[test]
fn what_cannot_be_right_is_refused_in_dry_runs_too() {
    let root = tempfile::tempdir().unwrap();
    judge(Real::new(Some(root.path().to_owned())).unwrap());
    judge(Fake::new());
}

#[test]
fn what_earlier_work_may_make_fails_a_run_and_is_noted_by_a_dry_one() {
    let s = |text: &str| Value::str(text);
    for (builtin, args, kind) in [
        ("file", vec![("path", s("/new/f")), ("content", s("x"))], FaultKind::NotFound),
        ("file", vec![("path", s("/f")), ("owner", s("nobody_yet"))], FaultKind::UnknownUser),
        ("dir", vec![("path", s("/new/d"))], FaultKind::NotFound),
        ("link", vec![("path", s("/new/l")), ("to", s("x"))], FaultKind::NotFound),
        ("line", vec![("path", s("/f")), ("line", s("x"))], FaultKind::NotFound),
        ("copy", vec![("source", s("/new")), ("path", s("/f"))], FaultKind::NotFound),
    ] {
        let root = tempfile::tempdir().unwrap();
        let real = SystemHost::new(Real::new(Some(root.path().to_owned())).unwrap());
        let fake = SystemHost::new(Fake::new());
        for host in [&real as &dyn Host, &fake] {
            let call = call(&format!("ipcmm.filesystem.{builtin}"), &args);
            let dry = host.call(&Call { mode: Mode::Check, ..call.clone() }, &ipcmm_vm::host::Cancel::default());
            assert!(dry.fault.is_none() && dry.changed && dry.comment.contains("not there yet"), "{builtin}: {dry:?}");
            let fault = host.call(&call, &ipcmm_vm::host::Cancel::default()).fault.unwrap();
            assert_eq!(fault.kind, kind, "{builtin}: {fault}");
        }
        assert!(snapshot(real.system()).is_empty() && snapshot(fake.system()).is_empty(), "{builtin}");
    }
}

#[test]
fn unknown_values_defer_a_dry_run_and_fail_a_real_one() {
    let host = SystemHost::new(Fake::new());
    let args = [("path", Value::str("/f")), ("content", Value::Unknown)];
    let call = call("ipcmm.filesystem.file", &args);
    let dry = run(&host, &Call { mode: Mode::Check, ..call.clone() });
    assert!(dry.fault.is_none() && dry.changed, "{dry:?}");
    assert_eq!(dry.comment, "depends on values known after apply");
    assert_eq!(dry.data.get("size"), Some(&Value::Unknown));
    assert_eq!(run(&host, &call).fault.unwrap().kind, FaultKind::TypeMismatch);
}

#[test]
fn only_guards_and_probes_run_in_a_dry_run() {
    let node = Fake::new();
    node.answer(&["look"], 3, "seen");
    let host = SystemHost::new(node.clone());
    let plain = [("argv", strs(&["look"])), ("ok_rc", Value::list(vec![Value::Int(3)]))];
    let probe = [plain[0].clone(), plain[1].clone(), ("probe", Value::Bool(true))];
    // mode, phase, probe; ran, changed
    for (mode, phase, args, ran, changed) in [
        (Mode::Check, Phase::Body, &plain[..], false, true),
        (Mode::Check, Phase::Reaction, &plain, false, true),
        (Mode::Check, Phase::Guard, &plain, true, false),
        (Mode::Check, Phase::Body, &probe, true, false),
        (Mode::Apply, Phase::Body, &plain, true, true),
        (Mode::Apply, Phase::Body, &probe, true, false),
        (Mode::Apply, Phase::Guard, &plain, true, false),
    ] {
        let before = node.log().len();
        let reply = run(&host, &Call { mode, phase, ..call("ipcmm.run.cmd", args) });
        let at = format!("{mode:?} {phase:?}");
        assert_eq!(reply.fault, None, "{at}");
        assert_eq!(node.log().len() - before, usize::from(ran), "{at}");
        assert_eq!((reply.changed, reply.changes.len()), (changed, usize::from(changed)), "{at}");
        assert_eq!(reply.data.get("rc"), Some(&if ran { Value::Int(3) } else { Value::Unknown }), "{at}");
    }
    node.answer(&["look"], 1, "");
    let guard = run(&host, &Call { phase: Phase::Guard, ..call("ipcmm.run.cmd", &plain[..1]) });
    assert_eq!(
        guard.fault.unwrap().kind,
        FaultKind::CommandFailed,
        "a guard that says no is told from one that cannot be asked"
    );
}

#[test]
fn creates_and_removes_make_a_command_superfluous_but_not_its_reaction() {
    let node = Fake::new();
    node.answer_by_touching(&["make"], "/made");
    let host = SystemHost::new(node.clone());
    let call = call("ipcmm.run.cmd", &[("cmd", Value::str("make")), ("creates", Value::str("/made"))]);
    assert!(run(&host, &call).changed);
    for mode in [Mode::Apply, Mode::Check] {
        let again = run(&host, &Call { mode, ..call.clone() });
        assert!(!again.changed && again.fault.is_none());
        assert_eq!((again.comment.as_str(), again.data.get("rc")), ("`/made` exists", Some(&Value::Null)));
    }
    assert_eq!(node.log().len(), 1);
    assert!(run(&host, &Call { phase: Phase::Reaction, ..call }).changed);
    let removes = super::call("ipcmm.run.cmd", &[("cmd", Value::str("make")), ("removes", Value::str("/no"))]);
    assert_eq!(run(&host, &removes).comment, "`/no` does not exist");
    assert_eq!(node.log().len(), 2);
}

#[test]
fn probes_answer_on_both_systems() {
    use ipcmm_bytecode::Function as F;
    let s = |text: &str| Value::str(text);
    let root = tempfile::tempdir().unwrap();
    let real = SystemHost::new(Real::new(Some(root.path().to_owned())).unwrap());
    let fake = SystemHost::new(Fake::new());
    set(real.system(), SCENE);
    set(fake.system(), SCENE);
    let scene = [("/dangling", Link("nowhere")), ("/loop", Link("loop"))];
    set(real.system(), &scene);
    set(fake.system(), &scene);
    for (function, args, answer) in [
        (F::FsExists, vec![s("/etc/motd")], true),
        (F::FsExists, vec![s("/dangling")], true),
        (F::FsExists, vec![s("/etc/motd/below")], false),
        (F::FsIsFile, vec![s("/link")], true),
        (F::FsIsFile, vec![s("/dangling")], false),
        (F::FsIsFile, vec![s("/loop")], false),
        (F::FsIsDir, vec![s("/etc")], true),
        (F::FsIsLink, vec![s("/link")], true),
        (F::FsIsLink, vec![s("/etc")], false),
        (F::FsContains, vec![s("/link"), s("elco")], true),
        (F::FsContains, vec![s("/etc/motd"), s("elc.")], false),
        (F::FsContains, vec![s("/nowhere"), s("")], false),
        (F::FsMatches, vec![s("/etc/motd"), s("^wel.*e$")], true),
        (F::FsMatches, vec![s("/etc/motd"), s("^$")], false),
        (F::FsMatches, vec![s("/etc"), s("")], false),
        (F::UserExists, vec![s("root")], true),
        (F::UserExists, vec![s("nobody_yet")], false),
        (F::GroupExists, vec![s("nogroup")], true),
        (F::CommandExists, vec![s("no_such_program")], false),
        (F::NetListens, vec![s("127.0.0.1"), Value::Int(1)], false),
    ] {
        for host in [&real as &dyn Host, &fake] {
            assert_eq!(host.probe(function, &args), Ok(Value::Bool(answer)), "{} {args:?}", function.name());
        }
    }
    let machine = super::machine();
    assert_eq!(machine.probe(F::CommandExists, &[s("sh")]), Ok(Value::Bool(true)));
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = Value::Int(listener.local_addr().unwrap().port().into());
    assert_eq!(machine.probe(F::NetListens, &[s("localhost"), port]), Ok(Value::Bool(true)));
    assert_eq!(machine.probe(F::FsExists, &[Value::Unknown]), Ok(Value::Unknown));
    assert_eq!(machine.probe(F::FsExists, &[s("x")]).unwrap_err().kind, FaultKind::BadArgument);
}
