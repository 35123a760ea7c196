//! Properties that are kept, links that are not followed, file systems that refuse, other users.

use super::{call, is_root, machine, run, strs};
use ipcmm_bytecode::{FaultKind, Value};
use ipcmm_runtime::host::SystemHost;
use ipcmm_runtime::system::{Real, System};
use ipcmm_vm::host::{Call, Mode, Reply};
use rustix::fs::{XattrFlags, chown, getxattr, setxattr};
use rustix::process::{Gid, Uid};
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, lchown, symlink};
use std::path::Path;
use std::process::Command;

const NOBODY: u32 = 65534;

fn write(host: &SystemHost<impl System>, path: &Path, content: &str) -> Reply {
    run(
        host,
        &call(
            "ipcmm.filesystem.file",
            &[("path", Value::str(path.to_str().unwrap())), ("content", Value::str(content))],
        ),
    )
}

fn leftovers(dir: &Path) -> usize {
    fs::read_dir(dir)
        .unwrap()
        .filter(|e| e.as_ref().unwrap().file_name().to_string_lossy().starts_with(".ipcmm-"))
        .count()
}

#[test]
fn a_new_content_keeps_owner_mode_and_attributes() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("f");
    fs::write(&path, "old").unwrap();
    if is_root() {
        chown(&path, Some(Uid::from_raw(NOBODY)), Some(Gid::from_raw(NOBODY))).unwrap();
    }
    fs::set_permissions(&path, fs::Permissions::from_mode(0o4751)).unwrap();
    let attribute = setxattr(&path, "user.origin", b"here", XattrFlags::empty());
    let before = fs::metadata(&path).unwrap();
    assert!(write(&machine(), &path, "new").changed);
    let after = fs::metadata(&path).unwrap();
    assert_eq!((after.uid(), after.gid(), after.mode()), (before.uid(), before.gid(), before.mode()));
    assert_ne!(after.ino(), before.ino(), "it is a new file, not the old one written over");
    match attribute {
        Ok(()) => {
            let mut value = [0; 16];
            let length = getxattr(&path, "user.origin", &mut value).unwrap();
            assert_eq!(&value[..length], b"here");
        }
        Err(e) => println!("left out: no extended attributes here ({e})"),
    }
    assert_eq!(leftovers(dir.path()), 0);
}

#[test]
fn owners_are_given_by_name_or_number_and_recursively() {
    if !is_root() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let at = dir.path().join("d");
    fs::create_dir(&at).unwrap();
    fs::write(at.join("f"), "").unwrap();
    fs::set_permissions(at.join("f"), fs::Permissions::from_mode(0o4755)).unwrap();
    symlink("/etc/passwd", at.join("l")).unwrap();
    let path = ("path", Value::str(at.to_str().unwrap()));
    let args =
        [path.clone(), ("owner", Value::str("nobody")), ("group", Value::str("65534")), ("recurse", Value::Bool(true))];
    let call = call("ipcmm.filesystem.dir", &args);
    let predicted = run(&machine(), &Call { mode: Mode::Check, ..call.clone() });
    let done = run(&machine(), &call);
    assert_eq!(done.fault, None);
    assert_eq!(predicted.changes, done.changes);
    assert_eq!(done.changes.len(), 6, "owner and group of three");
    assert_eq!((done.changes[0].before.as_deref(), done.changes[0].after.as_deref()), (Some("root"), Some("nobody")));
    for name in ["f", "l"] {
        assert_eq!(fs::symlink_metadata(at.join(name)).unwrap().uid(), NOBODY, "{name}");
    }
    assert_eq!(fs::metadata(at.join("f")).unwrap().mode() & 0o7777, 0o4755);
    assert_eq!(fs::metadata("/etc/passwd").unwrap().uid(), 0);
    assert!(!run(&machine(), &call).changed);
}

#[test]
fn a_link_of_somebody_else_is_not_followed_by_root() {
    let dir = tempfile::tempdir().unwrap();
    let (target, link) = (dir.path().join("target"), dir.path().join("link"));
    fs::create_dir(&target).unwrap();
    symlink(&target, &link).unwrap();
    assert_eq!(write(&machine(), &link.join("f"), "x").fault, None, "a link of one's own is followed");
    fs::remove_file(target.join("f")).unwrap();
    if !is_root() {
        return;
    }
    lchown(&link, Some(NOBODY), Some(NOBODY)).unwrap();
    let path = |p: std::path::PathBuf| Value::str(p.to_str().unwrap());
    let inside = link.join("f");
    for (builtin, args) in [
        ("file", vec![("path", path(inside.clone()))]),
        ("dir", vec![("path", path(inside.clone()))]),
        ("link", vec![("path", path(inside.clone())), ("to", Value::str("x"))]),
        ("line", vec![("path", path(inside.clone())), ("line", Value::str("x")), ("create", Value::Bool(true))]),
        ("absent", vec![("path", path(inside.clone()))]),
        ("copy", vec![("source", Value::str("/etc/hostname")), ("path", path(inside.clone()))]),
    ] {
        let call = call(&format!("ipcmm.filesystem.{builtin}"), &args);
        for mode in [Mode::Check, Mode::Apply] {
            let fault = run(&machine(), &Call { mode, ..call.clone() }).fault.unwrap();
            assert_eq!(fault.kind, FaultKind::UnsafePath, "{builtin}: {fault}");
        }
    }
    assert_eq!(fs::read_dir(&target).unwrap().count(), 0);
}

#[test]
fn links_do_not_lead_out_of_a_root() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("root");
    fs::create_dir_all(root.join("in")).unwrap();
    symlink("/", root.join("absolute")).unwrap();
    symlink("../../../../..", root.join("in/up")).unwrap();
    let host = SystemHost::new(Real::new(Some(root.clone())).unwrap());
    for (path, lands) in [("/absolute/a", "a"), ("/in/up/b", "b"), ("/absolute/in/up/in/c", "in/c")] {
        assert_eq!(write(&host, Path::new(path), path).fault, None, "{path}");
        assert_eq!(fs::read_to_string(root.join(lands)).unwrap(), path);
    }
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn a_full_or_read_only_file_system_leaves_nothing_behind() {
    let dir = tempfile::tempdir().unwrap();
    let at = dir.path().to_str().unwrap();
    let mount = |args: &[&str]| Command::new("mount").args(args).arg(at).status().is_ok_and(|s| s.success());
    if !is_root() || !mount(&["-t", "tmpfs", "-o", "size=1m", "none"]) {
        println!("left out: no permission to mount");
        return;
    }
    let path = dir.path().join("f");
    let host = machine();
    let verdict = std::panic::catch_unwind(|| {
        assert_eq!(write(&machine(), &path, "small").fault, None);
        let fault = write(&machine(), &path, &"x".repeat(2 << 20)).fault.unwrap();
        assert_eq!(fault.kind, FaultKind::StorageFull, "{fault}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "small");
        assert_eq!(leftovers(dir.path()), 0);
        assert!(mount(&["-o", "remount,ro"]));
        assert_eq!(write(&machine(), &path, "other").fault.unwrap().kind, FaultKind::ReadOnly);
    });
    let absent = [("path", Value::str(dir.path().parent().unwrap().to_str().unwrap())), ("recurse", Value::Bool(true))];
    let above = run(&host, &Call { mode: Mode::Check, ..call("ipcmm.filesystem.absent", &absent) });
    assert!(Command::new("umount").arg(at).status().unwrap().success());
    verdict.unwrap();
    assert!(above.fault.unwrap().detail.contains("mount point"), "what holds a mount point is not removed");
}

#[test]
fn a_validation_command_judges_the_candidate_also_in_a_dry_run() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.conf");
    fs::write(&path, "good\n").unwrap();
    let before = fs::read_dir(dir.path()).unwrap().count();
    let file = |content: &str| {
        let argv = strs(&[
            "sh",
            "-c",
            "case \"$1\" in *.conf) grep -q good \"$1\" || { echo no good >&2; exit 1; };; *) exit 2;; esac",
            "sh",
            "{}",
        ]);
        let path = Value::str(path.to_str().unwrap());
        call("ipcmm.filesystem.file", &[("path", path), ("content", Value::str(content)), ("validate", argv)])
    };
    for mode in [Mode::Check, Mode::Apply] {
        let fault = run(&machine(), &Call { mode, ..file("bad\n") }).fault.unwrap();
        assert_eq!(fault.kind, FaultKind::Validation, "{fault}");
        assert!(fault.detail.contains("no good") && fault.detail.contains("status 1"), "{fault}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "good\n");
        let fine = run(&machine(), &Call { mode, ..file("very good\n") });
        assert!(fine.fault.is_none() && fine.changed, "{fine:?}");
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), "very good\n");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), before);
}

#[test]
fn work_on_files_as_another_user_has_that_users_rights() {
    if !is_root() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let theirs = dir.path().join("theirs");
    fs::create_dir(&theirs).unwrap();
    lchown(&theirs, Some(NOBODY), Some(NOBODY)).unwrap();
    let host = machine();
    let file = |path: &Path| {
        let args = [
            ("path", Value::str(path.to_str().unwrap())),
            ("content", Value::str("x")),
            ("validate", strs(&["sh", "-c", "test $(id -u) = 65534 && cat \"$1\"", "sh", "{}"])),
        ];
        Call { runas: Some("nobody".into()), ..call("ipcmm.filesystem.file", &args) }
    };
    for mode in [Mode::Check, Mode::Apply] {
        let reply = run(&host, &Call { mode, ..file(&theirs.join("f")) });
        assert_eq!(reply.fault, None, "{mode:?}");
    }
    let made = fs::metadata(theirs.join("f")).unwrap();
    assert_eq!((made.uid(), made.gid()), (NOBODY, NOBODY));
    let fault = run(&host, &file(&dir.path().join("f"))).fault.unwrap();
    assert_eq!(fault.kind, FaultKind::PermissionDenied, "{fault}");
    let shadow = [("path", Value::str("/etc/shadow"))];
    let fault =
        run(&host, &Call { runas: Some("nobody".into()), ..call("ipcmm.filesystem.file", &shadow) }).fault.unwrap();
    assert_eq!(fault.kind, FaultKind::PermissionDenied, "{fault}");
    assert_eq!(write(&host, &dir.path().join("f"), "root again").fault, None);
    assert_eq!(fs::metadata(dir.path().join("f")).unwrap().uid(), 0);
    let unknown = Call { runas: Some("nobody_yet".into()), mode: Mode::Check, ..file(&theirs) };
    assert_eq!(run(&host, &unknown).fault.unwrap().kind, FaultKind::UnknownUser);
}

#[test]
fn large_files_are_compared_copied_and_hashed_by_parts() {
    let dir = tempfile::tempdir().unwrap();
    let (a, b) = (dir.path().join("a"), dir.path().join("b"));
    let mut content: Vec<u8> = (0..3_000_000_u32).map(|i| (i % 251) as u8).collect();
    fs::write(&a, &content).unwrap();
    let path = |p: &Path| Value::str(p.to_str().unwrap());
    let copy = call("ipcmm.filesystem.copy", &[("source", path(&a)), ("path", path(&b))]);
    let file = call("ipcmm.filesystem.file", &[("path", path(&b))]);
    for round in 0..2 {
        let done = run(&machine(), &copy);
        assert_eq!((done.fault, done.changed), (None, true), "round {round}");
        assert_eq!(done.data.get("bytes"), Some(&Value::Int(3_000_000)));
        assert_eq!(fs::read(&b).unwrap(), content);
        assert!(!run(&machine(), &copy).changed);
        let hash = blake3::hash(&content).to_hex().to_string();
        assert_eq!(run(&machine(), &file).data.get("blake3"), Some(&Value::str(hash)));
        // One byte far behind what is ever read at once; the size stays the same.
        content[2_900_000] ^= 1;
        fs::write(&a, &content).unwrap();
    }
    assert_eq!(leftovers(dir.path()), 0);
}
