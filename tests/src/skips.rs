//! What a test needs from outside, and what is said where it is not there.

use std::path::PathBuf;

/// Says that a test was left out. With `IPCMM_NO_SKIP` in the environment that is a failure.
///
/// # Panics
/// With `IPCMM_NO_SKIP`.
pub fn skip(what: &str) {
    let strict = std::env::var_os("IPCMM_NO_SKIP").is_some_and(|v| !v.is_empty() && v != "0");
    assert!(!strict, "skipped, and nothing may be: {what}");
    // The line that `tests/run` looks for.
    eprintln!("SKIPPED {what}");
    if let Some(file) = std::env::var_os("IPCMM_SKIPS") {
        use std::io::Write;
        let opened = std::fs::OpenOptions::new().append(true).create(true).open(file);
        let _ = opened.and_then(|mut file| writeln!(file, "{what}"));
    }
}

/// Says that something beyond the repository was not compared with, because it is not there. That is no failure.
pub fn note(what: &str) {
    eprintln!("not compared: {what}");
}

/// A binary of this workspace, if it was built with the tests.
pub fn binary(name: &str) -> Option<PathBuf> {
    let test = std::env::current_exe().ok()?;
    // target/debug/deps/suite-0123 and target/debug/ipcmmc
    let path = test.parent()?.parent()?.join(name);
    path.is_file().then_some(path)
}
