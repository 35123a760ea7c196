//! Secrets on the real machine: they reach files, standard input and environment, and nothing else holds one: no list
//! of processes, no bundle, no report, no line for people, no temporary file, in no usual spelling.
//!
//! A module of the test binary `cli`.

use super::{json, program, ran};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// One with characters that encodings change, and one of several lines.
const WORD: &str = "hun ter2/\"geheim\"&ü";
const KEY: &str = "-----BEGIN-----\nMIIBVgIBADANBgkqhkiG9w0B\n-----END-----";

/// What is searched for: long enough to be no accident.
fn traces() -> Vec<Vec<u8>> {
    let base64 = "aHVuIHRlcjIvImdlaGVpbSIm";
    let hex: String = WORD.bytes().map(|b| format!("{b:02x}")).collect();
    let texts = ["hun ter2", "geheim", "hun%20ter2", base64, &hex[..24], "MIIBVgIBADANBgkqhkiG9w0B"];
    texts.iter().map(|t| t.as_bytes().to_vec()).collect()
}

fn holds(bytes: &[u8]) -> bool {
    traces().iter().any(|trace| bytes.windows(trace.len()).any(|part| part == trace))
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

fn source(at: &Path) -> String {
    let script = format!(
        "cat /proc/[0-9]*/cmdline > {0}/processes 2>/dev/null; cat > {0}/stdin; printf %s \"$WORD\" > {0}/env; \
         echo \"$WORD\"; printf %s \"$WORD\" | base64; printf %s \"$WORD\" | od -An -v -tx1 | tr -d ' \\n'; \
         cat {0}/stdin >&2; cat {0}/keys/key >&2; echo \"cannot log in with $WORD\" >&2; exit 3",
        at.display()
    );
    format!(
        "ipcmm: 1\nfile:\n  ipcmm.filesystem.file: {{args: {{path: /app.key, content: \"w=${{secret('env:WORD')}}\\n\
         ${{secret('file:/key')}}\\n\"}}}}\n  result: file\nlogin:\n  ipcmm.run.cmd:\n    args:\n      argv: [sh, -c, {script:?}]\n      \
         stdin: \"${{secret('file:/key')}}\"\n  env: {{WORD: \"${{secret('env:WORD')}}\"}}\n  requires: file\n"
    )
}

#[test]
fn secrets_go_where_they_are_meant_to_and_nowhere_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    for name in ["root", "tmp", "keys"] {
        fs::create_dir(at.join(name)).expect("made");
    }
    for path in ["root/key", "keys/key"] {
        fs::write(at.join(path), format!("{KEY}\n")).expect("written");
        fs::set_permissions(at.join(path), fs::Permissions::from_mode(0o600)).expect("set");
    }
    // The file as it was yesterday, with a secret that nobody fetches any more.
    fs::write(at.join("root/app.key"), "w=yesterdays-word\nsame\n").expect("written");
    fs::write(at.join("s.ipcmm.yaml"), source(at)).expect("written");
    let run = |line: &[&str]| {
        let mut command = program(at);
        command.env("WORD", WORD).env("TMPDIR", at.join("tmp")).args(line).args(["--root", "root"]);
        ran(command.output().expect("the program starts"))
    };
    let lines: [&[&str]; 5] = [
        &["plan", "s.ipcmm.yaml", "--diff"],
        &["plan", "s.ipcmm.yaml", "--format", "json"],
        &["apply", "s.ipcmm.yaml", "--format", "json"],
        &["apply", "s.ipcmm.yaml", "--verbose", "--diff", "--scheduler", "parallel"],
        &["plan", "s.ipcmm.yaml", "--verbose"],
    ];
    for (number, line) in lines.into_iter().enumerate() {
        let ran = run(line);
        assert_eq!(ran.code, Some(if line[0] == "plan" { 0 } else { 3 }), "{} {}", ran.out, ran.err);
        assert!(!holds(ran.out.as_bytes()) && !holds(ran.err.as_bytes()), "{line:?}: {} {}", ran.out, ran.err);
        assert!(!ran.out.contains("yesterdays-word"), "{}", ran.out);
        if number == 2 {
            let report = json(&ran);
            let login = &report["tasks"][1];
            let message = login["fault"]["message"].as_str().expect("a message");
            assert!(message.ends_with("cannot log in with [secret]"), "{message}");
            assert_eq!(login["data"]["stdout"], "[secret]\n[secret]\n[secret]", "{login}");
            assert_eq!(report["tasks"][0]["data"]["blake3"], "[secret]");
        }
    }
    let read = |path: &str| fs::read_to_string(at.join(path)).expect("a text");
    assert_eq!(read("root/app.key"), format!("w={WORD}\n{KEY}\n"));
    assert_eq!((read("stdin"), read("env")), (KEY.to_owned(), WORD.to_owned()));
    assert!(read("processes").contains("ipcmm"), "the list of processes was seen");
    let mut found = Vec::new();
    files(at, &mut found);
    let meant = ["root/key", "keys/key", "root/app.key", "stdin", "env"].map(|name| at.join(name));
    for path in found.iter().filter(|path| !meant.contains(path)) {
        assert!(!holds(&fs::read(path).expect("readable")), "{}", path.display());
    }
    assert!(!found.iter().any(|path| path.starts_with(at.join("tmp"))), "{found:?}");
}

#[test]
fn a_secret_that_is_not_kept_safe_is_refused_before_anything_is_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    fs::create_dir(at.join("root")).expect("made");
    fs::write(at.join("root/key"), KEY).expect("written");
    let text = "key: {ipcmm.filesystem.file: {args: {path: /app.key, content: \"${secret('file:/key')}\"}}}\n";
    fs::write(at.join("s.ipcmm.yaml"), text).expect("written");
    for (mode, code, words) in [
        (0o644, "F0421", "every user can read it; `chmod 600 /key` mends it"),
        (0o622, "F0421", "others than its owner can change it"),
    ] {
        fs::set_permissions(at.join("root/key"), fs::Permissions::from_mode(mode)).expect("set");
        let ran = super::run(at, &["apply", "s.ipcmm.yaml", "--root", "root", "--format", "json"]);
        let fault = &json(&ran)["tasks"][0]["fault"];
        assert_eq!((ran.code, fault["code"].as_str()), (Some(3), Some(code)));
        assert!(fault["message"].as_str().is_some_and(|m| m.contains(words)), "{fault}");
        assert_eq!((fault["place"]["line"].as_u64(), fault["place"]["file"].as_str()), (Some(1), Some("s.ipcmm.yaml")));
    }
    fs::remove_file(at.join("root/key")).expect("removed");
    let ran = super::run(at, &["plan", "s.ipcmm.yaml", "--root", "root"]);
    assert!(ran.code == Some(3) && ran.out.contains("F0420"), "{}", ran.out);
    assert!(!at.join("root/app.key").exists());
}
