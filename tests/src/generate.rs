//! The pages under `spec/generated/`: every table of the project as Markdown.
//!
//! A table is written once, in Rust; what people read of it comes from here, and a test compares. Unaware of: what
//! the rows mean. Start reading at [`pages`].

mod builtins;
mod bytecode;
mod language;
mod limits;
mod markdown;
mod outcomes;
mod testing;

pub use outcomes::{Truth, truth};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The folder of generated pages in the workspace. Nothing else lies there.
pub const FOLDER: &str = "spec/generated";

/// All pages: paths relative to the workspace, and texts.
pub fn pages() -> Vec<(PathBuf, String)> {
    let pages = [
        ("builtins.md", builtins::builtins()),
        ("bundle.md", bytecode::bundle()),
        ("cli.md", ipcmm_spec::cli::page()),
        ("diagnostics.md", language::diagnostics()),
        ("facts.md", builtins::facts()),
        ("faults.md", bytecode::faults()),
        ("functions.md", bytecode::functions()),
        ("keywords.md", language::keywords()),
        ("limits.md", limits::limits()),
        ("ops.md", bytecode::ops()),
        ("outcomes.md", outcomes::outcomes()),
        ("shapes.md", language::shapes()),
        ("testing.md", testing::words()),
    ];
    pages.into_iter().map(|(name, text)| (Path::new(FOLDER).join(name), text)).collect()
}

/// Compares the pages under `root` with the tables, or writes them. Files that no table makes are named and never
/// removed.
pub fn check_or_bless(root: &Path, bless: bool) -> Result<(), String> {
    let pages = pages();
    let mut wrong: Vec<String> = Vec::new();
    for (path, text) in &pages {
        let file = root.join(path);
        let found = match fs::read_to_string(&file) {
            Ok(found) => Some(found),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(format!("{}: {error}", file.display())),
        };
        if found.as_deref() == Some(text.as_str()) {
            continue;
        }
        if bless {
            write(&file, text).map_err(|error| format!("{}: {error}", file.display()))?;
        } else {
            wrong.push(format!("{}: {}", path.display(), if found.is_some() { "stale" } else { "missing" }));
        }
    }
    for name in files_in(&root.join(FOLDER)).map_err(|error| format!("{FOLDER}: {error}"))? {
        let path = Path::new(FOLDER).join(&name);
        if !pages.iter().any(|(page, _)| *page == path) {
            wrong.push(format!(
                "{}: extra, no table makes it: remove it or add it to `generate::pages`",
                path.display()
            ));
        }
    }
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(format!("{}\nBLESS=1 writes the pages anew", wrong.join("\n"))),
    }
}

fn write(file: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(file, text)
}

/// Names in a folder, in order; none if there is no folder.
fn files_in(folder: &Path) -> io::Result<Vec<std::ffi::OsString>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut names = entries.map(|entry| entry.map(|entry| entry.file_name())).collect::<io::Result<Vec<_>>>()?;
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_pages_are_fresh() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let bless = std::env::var_os("BLESS").is_some_and(|value| value == "1");
        if let Err(problems) = check_or_bless(&root, bless) {
            panic!("{problems}");
        }
    }

    #[test]
    fn pages_that_differ_are_named_and_written() {
        let root = std::env::temp_dir().join(format!("ipcmm-generated-{}", std::process::id()));
        let _ = fs::remove_dir_all(&root);
        let missing = check_or_bless(&root, false).expect_err("nothing is there");
        assert_eq!(missing.matches(": missing").count(), pages().len());
        assert_eq!(check_or_bless(&root, true), Ok(()));
        assert_eq!(check_or_bless(&root, false), Ok(()));
        fs::write(root.join(FOLDER).join("ops.md"), "old").expect("a writable folder");
        fs::write(root.join(FOLDER).join("gone.md"), "").expect("a writable folder");
        let wrong = check_or_bless(&root, false).expect_err("two files differ");
        assert!(wrong.contains("ops.md: stale") && wrong.contains("gone.md: extra"), "{wrong}");
        assert!(check_or_bless(&root, true).is_err_and(|wrong| wrong.contains("gone.md") && !wrong.contains("ops.md")));
        let _ = fs::remove_dir_all(&root);
    }

    #[test]
    fn pages_have_one_title_and_whole_tables() {
        for (path, text) in pages() {
            let mut fenced = false;
            let mut columns = None;
            for line in text.lines() {
                fenced ^= line.starts_with("```");
                if fenced || !line.starts_with('|') {
                    columns = None;
                    continue;
                }
                let bars = line.replace("\\|", "").matches('|').count();
                assert_eq!(*columns.get_or_insert(bars), bars, "{}: {line}", path.display());
            }
            assert!(!fenced && text.ends_with('\n') && !text.ends_with("\n\n"), "{}", path.display());
            assert_eq!(text.matches("\n# ").count(), 1, "{}", path.display());
        }
    }
}
