//! The lock file: what the packages of a project are, by the hash of their content.
//!
//! It is YAML, written by machines and read by people; the same packages give the same bytes. Unaware of: how the
//! hash is computed. The compiler writes nothing: it says what the file should be.

use super::find::in_plain;
use super::keys::Around;
use super::packages::{Package, Packages};
use super::reader::Reader;
use super::{LOCK, Locking, values};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::doc::{Doc, Span};
use crate::world::Reason;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The lock file as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lock {
    /// Where it belongs.
    pub path: PathBuf,
    /// What it holds.
    pub text: String,
    /// Whether the file is missing or holds something else.
    pub changed: bool,
}

/// An entry as it is written.
struct Pinned {
    span: Span,
    path: Option<String>,
    hash: Option<(String, Span)>,
}

/// Holds packages against the lock file of their project. None if there are no packages and no file.
pub(super) fn check(
    folder: &Path,
    packages: &Packages,
    locking: Locking,
    around: &mut Around<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Lock> {
    let path = in_plain(folder, LOCK);
    let missing = around.world.kind(&path).is_err_and(|error| error.reason == Reason::Missing);
    if missing && packages.is_empty() {
        return None;
    }
    let text = write(packages);
    if locking == Locking::Rewrite {
        let same = around.world.read(&path).is_ok_and(|bytes| bytes == text.as_bytes());
        return Some(Lock { path, text, changed: !same });
    }
    if missing {
        if locking == Locking::Locked {
            let message = format!("there is no {} to hold the packages against", path.display());
            diagnostics.push(Diagnostic::unplaced(Code::LockOutdated, message).help("`ipcmmc lock` writes it"));
        }
        return Some(Lock { path, text, changed: true });
    }
    // The name of the file tells no format; it is YAML.
    let doc = values::document_as(around.world, &path, crate::doc::Format::Yaml, around.sources, diagnostics)?;
    let errors = diagnostics.errors();
    let pinned = pinned(&doc, diagnostics);
    if diagnostics.errors() > errors {
        return None;
    }
    let mut outdated: Vec<(Span, String)> = Vec::new();
    let mut differs = |span: Span, message: String| outdated.push((span, message));
    let start = Span::new(0, 0);
    for (name, package) in packages.iter() {
        let Some(entry) = pinned.get(name) else {
            differs(start, format!("package `{name}` is not in {LOCK}"));
            continue;
        };
        if entry.path.as_deref() != Some(package.written.as_str()) {
            differs(entry.span, format!("package `{name}` is at `{}` now", package.written));
        }
        match &entry.hash {
            Some((hash, _)) if *hash == package.hash => {}
            Some((_, span)) => diagnostics.push(changed(&doc, *span, name, package)),
            None => differs(entry.span, format!("package `{name}` has no hash in {LOCK}")),
        }
    }
    for (name, entry) in pinned.iter().filter(|(name, _)| packages.get(name).is_none()) {
        differs(entry.span, format!("package `{name}` is no dependency any more"));
    }
    for (span, message) in outdated.into_iter().filter(|_| locking == Locking::Locked) {
        let problem = Diagnostic::new(Code::LockOutdated, doc.file, span, message);
        diagnostics.push(problem.help("`ipcmmc lock` writes the file anew"));
    }
    let same = around.sources.file(doc.file).text.as_ref() == text;
    Some(Lock { path, text, changed: !same })
}

fn changed(doc: &Doc, span: Span, name: &str, package: &Package) -> Diagnostic {
    let message = format!("package `{name}` is not what {LOCK} pins: its content has changed");
    let help = format!(
        "look at {} and, if the change is meant, accept it by `ipcmmc lock`; it is {} now",
        package.folder.display(),
        package.hash
    );
    Diagnostic::new(Code::PackageChanged, doc.file, span, message).help(help)
}

fn pinned(doc: &Doc, diagnostics: &mut Diagnostics) -> BTreeMap<String, Pinned> {
    let mut reader = Reader { doc, diagnostics };
    let mut all = BTreeMap::new();
    for root in &doc.roots {
        for field in reader.entries(*root, "a lock file is a map of `lock` and `packages`") {
            match field.name {
                "lock" => {
                    if reader.text(field.value, "`lock`").is_some_and(|version| version != "1") {
                        let span = reader.span(field.value);
                        let problem = reader.problem(Code::BadValue, span, "the form of lock files is 1");
                        reader
                            .report(problem.help("a later version may have written it; `ipcmmc lock` writes it anew"));
                    }
                }
                "packages" => {
                    for package in reader.entries(field.value, "`packages` takes a map of packages by name") {
                        let mut pinned = Pinned { span: package.span, path: None, hash: None };
                        for part in reader.entries(package.value, "a package is a map of `path` and `hash`") {
                            let text = reader.text(part.value, "this").map(str::to_owned);
                            match part.name {
                                "path" => pinned.path = text,
                                "hash" => pinned.hash = text.map(|text| (text, reader.span(part.value))),
                                _ => reader.unknown(&part, "a package", ["path", "hash"].into_iter(), None),
                            }
                        }
                        all.insert(package.name.to_owned(), pinned);
                    }
                }
                _ => reader.unknown(&field, "a lock file", ["lock", "packages"].into_iter(), None),
            }
        }
    }
    all
}

/// The text of a lock file.
fn write(packages: &Packages) -> String {
    let mut text = String::from(
        "# What the packages of this project are, by the hash of their content.\n\
         # Written by `ipcmmc lock`; keep it beside the manifest under version control.\n\
         lock: 1\n",
    );
    if packages.is_empty() {
        return text + "packages: {}\n";
    }
    text.push_str("packages:\n");
    // A JSON string is a quoted scalar of YAML.
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    for (name, package) in packages.iter() {
        let (name, path) = (quoted(name), quoted(&package.written));
        text.push_str(&format!("  {name}:\n    path: {path}\n    hash: {}\n", package.hash));
    }
    text
}
