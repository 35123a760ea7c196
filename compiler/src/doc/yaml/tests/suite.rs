//! The public YAML test suite and files from public projects, where the corpora are at hand.

use super::super::{Failure, recover, span_range};
use super::{problems, read, tree};
use crate::diag::{Code, Diagnostics};
use crate::doc::NodeKind;
use crate::doc::builder::Builder;
use crate::source::FileId;
use crate::world::disk::Disk;
use crate::world::{Kind, World};
use std::path::{Path, PathBuf};

pub(super) fn corpora(name: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpora").join(name);
    if !Disk.is_dir(&folder) {
        println!("skipped: {} is not there", folder.display());
        return None;
    }
    Some(folder)
}

pub(super) fn files(folder: &Path, keep: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in Disk.list(&folder).unwrap_or_default() {
            match entry.kind {
                Kind::Folder => open.push(entry.path),
                Kind::File if keep(&entry.name) => found.push(entry.path),
                _ => {}
            }
        }
    }
    found
}

#[test]
fn yaml_test_suite() {
    let Some(folder) = corpora("yaml-test-suite") else { return };
    let (mut valid, mut invalid) = (0, 0);
    let mut wrong = Vec::new();
    for path in files(&folder.join("data"), |name| name == "in.yaml") {
        let bytes = Disk.read(&path).expect("a case");
        let text = String::from_utf8_lossy(&bytes);
        let (_, diagnostics) = read(&text);
        if Disk.kind(&path.with_file_name("error")).is_ok() {
            invalid += 1;
            if !diagnostics.has_errors() {
                wrong.push(format!("{}: accepted", path.display()));
            }
        } else {
            valid += 1;
            if diagnostics.iter().any(|d| d.code == Code::Syntax) {
                wrong.push(format!("{}: {:?}", path.display(), problems(&diagnostics)));
            }
        }
    }
    println!("{valid} valid and {invalid} invalid cases, {} wrong", wrong.len());
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(valid > 300 && invalid > 90);
}

#[test]
fn files_of_public_projects() {
    for name in ["ansible", "kubernetes"] {
        let Some(folder) = corpora(name) else { continue };
        let (mut clean, mut failed, mut bytes) = (0, 0, 0);
        for path in files(&folder, |name| name.ends_with(".yml") || name.ends_with(".yaml")) {
            let Ok(text) = crate::doc::decode(&path.to_string_lossy(), Disk.read(&path).expect("a file")) else {
                failed += 1;
                continue;
            };
            bytes += text.len();
            let (doc, diagnostics) = read(&text);
            if diagnostics.is_empty() {
                clean += 1
            } else {
                failed += 1
            }
            for problem in diagnostics.iter() {
                let (_, span) = problem.place.expect("a place");
                assert!(text.get(span_range(span)).is_some(), "{}: {problem:?}", path.display());
                if problem.code == Code::Syntax {
                    println!("{}: {}@{} {}", path.display(), problem.code, span.start, problem.message);
                }
            }
            for node in &doc.nodes {
                assert!(text.get(span_range(node.span)).is_some(), "{}: {node:?}", path.display());
            }
        }
        println!("{name}: {clean} clean, {failed} with diagnostics, {bytes} bytes");
    }
}

/// Cutting a sound document into units gives the document: no unit begins inside of a value.
#[test]
fn units_of_sound_files_make_the_file() {
    let mut compared = 0;
    for name in ["ansible", "kubernetes", "yaml-test-suite"] {
        let Some(folder) = corpora(name) else { continue };
        for path in files(&folder, |name| name.ends_with(".yml") || name.ends_with(".yaml")) {
            let bytes = Disk.read(&path).expect("a file");
            let Ok(text) = crate::doc::decode("t.yaml", bytes) else { continue };
            let (whole, diagnostics) = read(&text);
            // A file of one document without a map or list has no units.
            let collection =
                |root| matches!(whole.node(root), n if matches!(n.kind, NodeKind::Map(_) | NodeKind::List(_)));
            let &[root] = whole.roots.as_slice() else { continue };
            if !diagnostics.is_empty() || !collection(root) {
                continue;
            }
            let failure = Failure {
                kind: granit_parser::ErrorKind::UnexpectedEof,
                at: 0,
                open: Vec::new(),
                read_to: 0,
                scalar: None,
                key: None,
            };
            let mut problems = Diagnostics::default();
            let mut builder = Builder::new(FileId(0), &mut problems);
            for part in recover::documents(&text) {
                recover::document(&text, part, &failure, &mut builder);
            }
            let cut = builder.finish();
            let [root] = cut.roots.as_slice() else { continue };
            if problems.len() == 1 && cut.node(*root).kind == NodeKind::Error {
                // It cannot be cut: braces, or content beside `---`.
                continue;
            }
            compared += 1;
            assert_eq!(tree(&cut), tree(&whole), "{}", path.display());
        }
    }
    println!("{compared} files compared");
}
