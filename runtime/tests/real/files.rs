//! Every built-in on files, on a scratch root and on the fake node: a dry run names what the first apply
//! changes and changes nothing, the second apply changes nothing.

use super::{call, run, strs};
use ipcmm_bytecode::Value;
use ipcmm_runtime::host::SystemHost;
use ipcmm_runtime::system::{Attributes, Content, Fake, Kind, NewFile, Real, System};
use ipcmm_vm::host::{Call, Change, Mode, Reply};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// What a scene is made of.
#[derive(Clone, Copy)]
pub enum Thing {
    Dir(u32),
    File(&'static str, u32),
    Link(&'static str),
}
use Thing::{Dir, File, Link};

/// Path to kind, mode, and content or target.
pub type Snapshot = BTreeMap<PathBuf, (Kind, u32, Vec<u8>)>;

/// Sets a scene by the system's own operations, which are the same for both.
pub fn set(system: &dyn System, scene: &[(&str, Thing)]) {
    for (path, thing) in scene {
        let path = Path::new(path);
        let mode = |mode| Attributes { mode: Some(mode), ..Attributes::default() };
        match *thing {
            Dir(bits) => system.make_dir(path, mode(bits)).unwrap(),
            File(content, bits) => {
                let content = Content::Bytes(content.as_bytes());
                let file = NewFile { content, attributes: mode(bits), fresh_mode: 0, suffix: OsStr::new("") };
                system.stage(path, &file).unwrap().commit().unwrap();
            }
            Link(target) => system.make_link(path, Path::new(target)).unwrap(),
        }
    }
}

/// Everything below the root.
pub fn snapshot(system: &dyn System) -> Snapshot {
    let mut all = Snapshot::new();
    let mut todo = vec![PathBuf::from("/")];
    while let Some(dir) = todo.pop() {
        for entry in system.list(&dir).unwrap() {
            let path = dir.join(&entry.name);
            let found = system.load(&path, 1 << 20).unwrap().unwrap();
            let target = found.target.map(|t| t.into_os_string().into_encoded_bytes());
            let mode = if found.stat.kind == Kind::Link { 0o777 } else { found.stat.mode };
            all.insert(path.clone(), (found.stat.kind, mode, found.content.or(target).unwrap_or_default()));
            if entry.stat.kind == Kind::Dir {
                todo.push(path);
            }
        }
    }
    all
}

struct Case {
    title: &'static str,
    scene: &'static [(&'static str, Thing)],
    builtin: &'static str,
    args: Vec<(&'static str, Value)>,
    /// Kind, object, property and after of each change.
    changes: &'static [(&'static str, &'static str, &'static str, Option<&'static str>)],
    data: Vec<(&'static str, Value)>,
    /// What is there afterwards; an unwritten path is gone.
    then: &'static [(&'static str, Option<Thing>)],
}

fn cases() -> Vec<Case> {
    let t = || Value::Bool(true);
    let s = |text: &str| Value::str(text);
    vec![
        Case {
            title: "a new file",
            scene: &[("/etc", Dir(0o755))],
            builtin: "ipcmm.filesystem.file",
            args: vec![("path", s("/etc/motd")), ("content", s("hi\n")), ("mode", s("0600"))],
            changes: &[
                ("create", "/etc/motd", "content", Some("3 bytes")),
                ("create", "/etc/motd", "mode", Some("0600")),
            ],
            data: vec![("created", t()), ("size", Value::Int(3)), ("mode", s("0600"))],
            then: &[("/etc/motd", Some(File("hi\n", 0o600)))],
        },
        Case {
            title: "an old file gets new content and keeps its mode",
            scene: &[("/f", File("old\n", 0o640))],
            builtin: "ipcmm.filesystem.file",
            args: vec![("path", s("/f")), ("source", Value::Bytes((*b"new\n").into())), ("backup", t())],
            changes: &[
                ("update", "/f", "content", Some("4 bytes")),
                ("create", "/f.bak", "", Some("the previous file")),
            ],
            data: vec![("created", Value::Bool(false)), ("mode", s("0640"))],
            then: &[("/f", Some(File("new\n", 0o640))), ("/f.bak", Some(File("old\n", 0o640)))],
        },
        Case {
            title: "only the mode of a file, by number",
            scene: &[("/f", File("x", 0o644))],
            builtin: "ipcmm.filesystem.file",
            args: vec![("path", s("/f")), ("mode", Value::Int(0o755))],
            changes: &[("update", "/f", "mode", Some("0755"))],
            data: vec![("size", Value::Int(1))],
            then: &[("/f", Some(File("x", 0o755)))],
        },
        Case {
            title: "an empty file in missing directories",
            scene: &[],
            builtin: "ipcmm.filesystem.file",
            args: vec![("path", s("/a/b/c")), ("parents", t())],
            changes: &[
                ("create", "/a", "", Some("directory")),
                ("create", "/a/b", "", Some("directory")),
                ("create", "/a/b/c", "content", Some("0 bytes")),
                ("create", "/a/b/c", "mode", Some("0644")),
            ],
            data: vec![("size", Value::Int(0))],
            then: &[("/a/b", Some(Dir(0o755))), ("/a/b/c", Some(File("", 0o644)))],
        },
        Case {
            title: "a file below a link of root",
            scene: &[("/run", Dir(0o755)), ("/var", Dir(0o755)), ("/var/run", Link("../run"))],
            builtin: "ipcmm.filesystem.file",
            args: vec![("path", s("/var/run/x")), ("content", s("y"))],
            changes: &[
                ("create", "/var/run/x", "content", Some("1 bytes")),
                ("create", "/var/run/x", "mode", Some("0644")),
            ],
            data: vec![],
            then: &[("/run/x", Some(File("y", 0o644)))],
        },
        Case {
            title: "a directory with parents",
            scene: &[],
            builtin: "ipcmm.filesystem.dir",
            args: vec![("path", s("/srv/a")), ("mode", s("0750")), ("parents", t())],
            changes: &[
                ("create", "/srv", "", Some("directory")),
                ("create", "/srv/a", "", Some("directory")),
                ("create", "/srv/a", "mode", Some("0750")),
            ],
            data: vec![("created", t()), ("removed", strs(&[]))],
            then: &[("/srv", Some(Dir(0o755))), ("/srv/a", Some(Dir(0o750)))],
        },
        Case {
            title: "a purged directory",
            scene: &[
                ("/d", Dir(0o755)),
                ("/d/keep", File("1", 0o644)),
                ("/d/gone", File("2", 0o644)),
                ("/d/tree", Dir(0o700)),
                ("/d/tree/deep", Dir(0o700)),
                ("/d/tree/deep/link", Link("/d/keep")),
            ],
            builtin: "ipcmm.filesystem.dir",
            args: vec![("path", s("/d")), ("purge", t()), ("keep", strs(&["keep"])), ("mode", s("0711"))],
            changes: &[
                ("update", "/d", "mode", Some("0711")),
                ("remove", "/d/gone", "", None),
                ("remove", "/d/tree", "", None),
            ],
            data: vec![],
            then: &[
                ("/d/keep", Some(File("1", 0o644))),
                ("/d/gone", None),
                ("/d/tree", None),
                ("/d", Some(Dir(0o711))),
            ],
        },
        Case {
            title: "a new link, dangling",
            scene: &[],
            builtin: "ipcmm.filesystem.link",
            args: vec![("path", s("/current")), ("to", s("releases/42"))],
            changes: &[("create", "/current", "target", Some("releases/42"))],
            data: vec![("before", Value::Null)],
            then: &[("/current", Some(Link("releases/42")))],
        },
        Case {
            title: "a link that points elsewhere",
            scene: &[("/current", Link("releases/41"))],
            builtin: "ipcmm.filesystem.link",
            args: vec![("path", s("/current")), ("to", s("releases/42"))],
            changes: &[("update", "/current", "target", Some("releases/42"))],
            data: vec![("before", s("releases/41")), ("created", Value::Bool(false))],
            then: &[("/current", Some(Link("releases/42")))],
        },
        Case {
            title: "a link in place of a file",
            scene: &[("/x", File("x", 0o644))],
            builtin: "ipcmm.filesystem.link",
            args: vec![("path", s("/x")), ("to", s("/y")), ("force", t())],
            changes: &[("remove", "/x", "", None), ("create", "/x", "target", Some("/y"))],
            data: vec![],
            then: &[("/x", Some(Link("/y")))],
        },
        Case {
            title: "a changed line",
            scene: &[("/c", File("a=1\n#b=2\n", 0o600))],
            builtin: "ipcmm.filesystem.line",
            args: vec![("path", s("/c")), ("match", s("^#?b=")), ("line", s("b=3"))],
            changes: &[("update", "/c", "content", Some("8 bytes"))],
            data: vec![("replaced", Value::Int(1)), ("added", Value::Int(0))],
            then: &[("/c", Some(File("a=1\nb=3\n", 0o600)))],
        },
        Case {
            title: "a removed tree, by a link only the link",
            scene: &[("/t", Dir(0o755)), ("/t/sub", Dir(0o755)), ("/t/sub/f", File("", 0o644)), ("/l", Link("/t"))],
            builtin: "ipcmm.filesystem.absent",
            args: vec![("path", s("/l")), ("recurse", t())],
            changes: &[("remove", "/l", "", None)],
            data: vec![],
            then: &[("/t/sub/f", Some(File("", 0o644))), ("/l", None)],
        },
        Case {
            title: "a removed tree",
            scene: &[("/t", Dir(0o755)), ("/t/sub", Dir(0o755)), ("/t/sub/f", File("", 0o644)), ("/t/l", Link("/"))],
            builtin: "ipcmm.filesystem.absent",
            args: vec![("path", s("/t")), ("recurse", t())],
            changes: &[("remove", "/t", "", None)],
            data: vec![],
            then: &[("/t", None), ("/t/sub", None)],
        },
        Case {
            title: "a copied file",
            scene: &[("/a", File("data", 0o640)), ("/b", File("old", 0o600))],
            builtin: "ipcmm.filesystem.copy",
            args: vec![("source", s("/a")), ("path", s("/b"))],
            changes: &[("update", "/b", "content", Some("4 bytes")), ("update", "/b", "mode", Some("0640"))],
            data: vec![],
            then: &[("/b", Some(File("data", 0o640)))],
        },
        Case {
            title: "a copied tree, links as links",
            scene: &[
                ("/secret", File("s", 0o600)),
                ("/s", Dir(0o750)),
                ("/s/f", File("1", 0o644)),
                ("/s/d", Dir(0o700)),
                ("/s/d/l", Link("/secret")),
                ("/out", Dir(0o755)),
            ],
            builtin: "ipcmm.filesystem.copy",
            args: vec![("source", s("/s")), ("path", s("/out/c")), ("recurse", t())],
            changes: &[
                ("create", "/out/c", "", Some("directory")),
                ("create", "/out/c", "mode", Some("0750")),
                ("create", "/out/c/f", "content", Some("1 bytes")),
                ("create", "/out/c/f", "mode", Some("0644")),
                ("create", "/out/c/d", "", Some("directory")),
                ("create", "/out/c/d", "mode", Some("0700")),
                ("create", "/out/c/d/l", "target", Some("/secret")),
            ],
            data: vec![],
            then: &[
                ("/out/c", Some(Dir(0o750))),
                ("/out/c/f", Some(File("1", 0o644))),
                ("/out/c/d/l", Some(Link("/secret"))),
            ],
        },
    ]
}

/// A change in the words of the table above: contents by their size, without the hash.
fn terse(change: &Change) -> (&str, &str, &str, Option<&str>) {
    let after = change.after.as_deref().map(|a| a.split(", blake3").next().unwrap_or(a));
    (change.kind.name(), &change.object, change.property, after)
}

fn in_mode(host: &SystemHost<impl System>, call: &Call, mode: Mode) -> Reply {
    let reply = run(host, &Call { mode, ..call.clone() });
    assert_eq!(reply.fault, None, "{reply:?}");
    reply
}

fn judge<S: System>(case: &Case, system: S) -> Vec<Change> {
    let host = SystemHost::new(system);
    let call = call(case.builtin, &case.args);
    set(host.system(), case.scene);
    let before = snapshot(host.system());
    let predicted = in_mode(&host, &call, Mode::Check);
    assert_eq!(snapshot(host.system()), before, "a dry run changed something");
    let done = in_mode(&host, &call, Mode::Apply);
    assert_eq!(predicted.changes, done.changes, "a dry run must name what is done");
    assert_eq!(predicted.data, done.data);
    assert!(done.changed);
    assert_eq!(done.changes.iter().map(terse).collect::<Vec<_>>(), case.changes);
    for (field, value) in &case.data {
        assert_eq!(done.data.get(field), Some(value), "{field}");
    }
    let row = ipcmm_stdlib::by_name(case.builtin).unwrap();
    let Value::Map(data) = &done.data else { panic!("data is no map") };
    let fields: BTreeSet<&str> = row.data.iter().map(|f| f.name).collect();
    assert_eq!(data.keys().map(|k| &**k).collect::<BTreeSet<_>>(), fields, "the fields of the table");
    let after = snapshot(host.system());
    for (path, thing) in case.then {
        let expected = thing.map(|thing| match thing {
            Dir(mode) => (Kind::Dir, mode, Vec::new()),
            File(content, mode) => (Kind::File, mode, content.as_bytes().to_vec()),
            Link(target) => (Kind::Link, 0o777, target.as_bytes().to_vec()),
        });
        assert_eq!(after.get(Path::new(path)), expected.as_ref(), "{path}");
    }
    for mode in [Mode::Apply, Mode::Check] {
        let again = in_mode(&host, &call, mode);
        assert!(!again.changed && again.changes.is_empty(), "{mode:?} again: {again:?}");
    }
    assert_eq!(snapshot(host.system()), after);
    done.changes
}

#[test]
fn a_dry_run_predicts_the_first_apply_and_the_second_changes_nothing() {
    for case in cases() {
        println!("{}", case.title);
        let root = tempfile::tempdir().unwrap();
        let real = judge(&case, Real::new(Some(root.path().to_owned())).unwrap());
        let fake = judge(&case, Fake::new());
        assert_eq!(real, fake, "{}: the fake differs from the real one", case.title);
    }
}
