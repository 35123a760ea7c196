//! `ipcmmc convert` and `ipcmmc fmt` as a user meets them: files that are written, and files that are left alone.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

struct Output {
    code: Option<i32>,
    out: String,
    err: String,
}

fn run(at: &Path, line: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_ipcmmc"))
        .args(line)
        .current_dir(at)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    // A command that reads no input may have ended before.
    let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
    let output = child.wait_with_output().expect("the program ends");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    Output { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).expect("a file")
}

#[test]
fn one_file_goes_to_standard_output_or_where_it_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    fs::write(at.join("a.ipcmm.yaml"), "# c\na: {ipcmm.nop: }\n").expect("written");
    let json = run(at, &["convert", "--to", "json", "a.ipcmm.yaml"], "");
    assert_eq!((json.code, json.out.as_str()), (Some(0), "{\n  \"a\": {\n    \"ipcmm.nop\": null\n  }\n}\n"));
    assert_eq!(json.err, "note: a.ipcmm.yaml: 1 comment left out, JSON has none\n");
    let piped = run(at, &["convert", "--to", "properties", "-"], "b: {ipcmm.nop: }\n");
    assert_eq!((piped.code, piped.out.as_str(), piped.err.as_str()), (Some(0), "b.ipcmm.nop=\n", ""));
    let written = run(at, &["convert", "--to", "xml", "a.ipcmm.yaml", "-o", "b.ipcmm.xml"], "");
    assert_eq!((written.code, written.out.as_str()), (Some(0), "wrote b.ipcmm.xml\n"));
    assert!(read(&at.join("b.ipcmm.xml")).contains("<!-- c -->"));
    let again = run(at, &["convert", "--to", "xml", "a.ipcmm.yaml", "-o", "b.ipcmm.xml"], "");
    assert!(again.code == Some(1) && again.err.contains("error[C5013] b.ipcmm.xml is there already"), "{}", again.err);
    let forced = run(at, &["convert", "--to", "yaml", "a.ipcmm.yaml", "-o", "b.ipcmm.xml", "--force"], "");
    assert_eq!(forced.code, Some(0));
    let nowhere = run(at, &["convert", "--to", "xml", "a.ipcmm.yaml", "-o", "no/b.xml"], "");
    assert!(nowhere.code == Some(4) && nowhere.err.contains("C5001"), "{}", nowhere.err);
    assert_eq!(run(at, &["convert", "a.ipcmm.yaml"], "").code, Some(2));
    assert_eq!(run(at, &["convert", "--to", "toml", "a.ipcmm.yaml"], "").code, Some(2));
    assert_eq!(run(at, &["convert", "--to", "xml", "a.ipcmm.yaml", "b.ipcmm.xml", "-o", "c"], "").code, Some(2));
}

#[test]
fn several_files_are_written_beside_their_sources() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    fs::create_dir(at.join("sub")).expect("a folder");
    fs::write(at.join("a.ipcmm.yaml"), "a: {ipcmm.nop: }\n").expect("written");
    fs::write(at.join("sub/b.ipcmm.json"), "{\"b\": {\"ipcmm.nop\": null}}\n").expect("written");
    fs::write(at.join("bad.ipcmm.yaml"), "a: [\n").expect("written");
    let converted = run(at, &["convert", "--to", "properties", "."], "");
    assert_eq!(converted.code, Some(1), "{}", converted.err);
    assert!(converted.err.contains("bad.ipcmm.yaml"), "{}", converted.err);
    assert_eq!(converted.out, "wrote ./a.ipcmm.properties\nwrote ./sub/b.ipcmm.properties\n");
    assert_eq!(read(&at.join("sub/b.ipcmm.properties")), "b.ipcmm.nop=\n");
    assert!(!at.join("bad.ipcmm.properties").exists());
}

#[test]
fn a_spelling_json_lacks_is_told_where_nothing_says_what_is_wanted() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    fs::write(at.join("values.yaml"), "port: 0x1F\nmode: 0644\non: True\nkept: 1.10\n").expect("written");
    let json = run(at, &["convert", "--to", "json", "values.yaml"], "");
    assert!(json.out.contains("\"port\": 31") && json.out.contains("\"kept\": 1.10"), "{}", json.out);
    assert_eq!((json.code, json.err.matches("warning[C5012]").count()), (Some(0), 3), "{}", json.err);
}

#[test]
fn files_are_laid_out_in_place_and_only_if_they_can_be_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    fs::write(at.join("a.ipcmm.yaml"), "a:   {ipcmm.nop: }\n").expect("written");
    fs::write(at.join("b.ipcmm.json"), "{}").expect("written");
    let check = run(at, &["fmt", "--check", "."], "");
    assert_eq!(check.code, Some(1));
    assert!(check.err.contains("error[C5014] ./a.ipcmm.yaml is not formatted"), "{}", check.err);
    assert!(
        check.err.ends_with("2 of 2 files are not formatted; `ipcmmc fmt` writes what the difference shows\n"),
        "{}",
        check.err
    );
    assert_eq!(
        check.out,
        "--- a/a.ipcmm.yaml\n+++ b/a.ipcmm.yaml\n@@ -1 +1 @@\n-a:   {ipcmm.nop: }\n+a: {ipcmm.nop: }\n\
         --- a/b.ipcmm.json\n+++ b/b.ipcmm.json\n@@ -1 +1 @@\n-{}\n\\ No newline at end of file\n+{}\n"
    );
    assert_eq!(run(at, &["fmt", "--check", ".", "-q"], "").out, "");
    let marked = run(at, &["fmt", "--check", "a.ipcmm.yaml", "--color", "always"], "").out;
    assert!(marked.contains("\x1b[31m-a:\x1b[7m   \x1b[0m"), "{marked:?}");
    let piped = run(at, &["fmt", "--check", "-"], "a:   1\n");
    assert!(piped.code == Some(1) && piped.err.contains("<stdin> is not formatted"), "{}", piped.err);
    assert_eq!(read(&at.join("a.ipcmm.yaml")), "a:   {ipcmm.nop: }\n");
    let done = run(at, &["fmt", "."], "");
    assert_eq!((done.code, done.out.as_str()), (Some(0), "formatted ./a.ipcmm.yaml\nformatted ./b.ipcmm.json\n"));
    assert_eq!(
        (read(&at.join("a.ipcmm.yaml")).as_str(), read(&at.join("b.ipcmm.json")).as_str()),
        ("a: {ipcmm.nop: }\n", "{}\n")
    );
    assert_eq!(run(at, &["fmt", "--check", "."], "").out, "2 files as they should be\n");
    fs::write(at.join("ipcmm.yaml"), "name:   web\n").expect("written");
    fs::write(at.join("a.test.yaml"), "a:   {expect: {outcomes: {a: ok}}}\n").expect("written");
    let rest = run(at, &["fmt", "."], "");
    assert_eq!(rest.out, "formatted ./a.test.yaml\nformatted ./ipcmm.yaml\n");
    fs::write(at.join("bad.ipcmm.yaml"), "a:   [\n").expect("written");
    let bad = run(at, &["fmt", "."], "");
    assert!(bad.code == Some(1) && bad.err.contains("bad.ipcmm.yaml"), "{}", bad.err);
    assert_eq!(read(&at.join("bad.ipcmm.yaml")), "a:   [\n");
    let piped = run(at, &["fmt", "-"], "a:   1\n");
    assert_eq!((piped.code, piped.out.as_str()), (Some(0), "a: 1\n"));
}
