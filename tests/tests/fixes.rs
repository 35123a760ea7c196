//! Laws of fixes, over the examples of all pages and suites: a fix mends what it is offered for, breaks nothing else,
//! and changes the document at its own place only.

use ipcmm_compiler::diag::{Applicability, Code, Fix};
use ipcmm_compiler::doc::{Doc, NodeId, NodeKind, Span};
use ipcmm_compiler::mend::{apply, mend};
use ipcmm_compiler::settings::Settings;
use ipcmm_compiler::source::FileId;
use ipcmm_compiler::world::World;
use ipcmm_compiler::world::memory::MemoryWorld;
use ipcmm_compiler::{Build, BuildOptions, build_with};
use ipcmm_tests::document::{Case, Document};
use ipcmm_tests::suite::{documents, files, levels};
use std::path::PathBuf;

/// All cases that have sources, with the place they stand at.
fn cases() -> Vec<(String, Case)> {
    let paths = documents("spec/diagnostics").into_iter().chain(documents("tests/suite"));
    let all = paths.flat_map(|path| {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Document::read(&path).cases.into_iter().map(move |case| (format!("{name}: {}", case.title), case))
    });
    all.filter(|(_, case)| !files(case).1.is_empty()).collect()
}

/// The files of a case, and how they are checked.
fn checker(case: &Case) -> (MemoryWorld, impl Fn(&dyn World) -> Build + use<>) {
    let (files, inputs) = files(case);
    let world: MemoryWorld = files.into_iter().map(|(name, bytes)| (PathBuf::from(name), bytes)).collect();
    let inputs: Vec<PathBuf> = inputs.into_iter().map(PathBuf::from).collect();
    let levels = levels(case);
    let build = move |world: &dyn World| {
        let settings = Settings { levels: levels.clone(), ..Settings::default() };
        build_with(world, &inputs, BuildOptions { debug: true, check_only: true }, settings)
    };
    (world, build)
}

fn codes(build: &Build) -> Vec<Code> {
    build.diagnostics.iter().map(|d| d.code).collect()
}

fn fixes(build: &Build) -> Vec<(Code, Fix)> {
    build.diagnostics.iter().filter_map(|d| Some((d.code, d.fix.clone()?))).collect()
}

/// Lines of the tree of a document: what stands where, without places in the file. Nodes that touch `around` are left
/// out, with what is in them and what they are in.
fn tree(doc: &Doc, around: &[Span]) -> Vec<String> {
    let touched = |span: Span| around.iter().any(|a| span.start <= a.end && a.start <= span.end);
    let mut lines = Vec::new();
    let mut open: Vec<(NodeId, String)> = doc.roots.iter().map(|root| (*root, String::new())).collect();
    while let Some((id, path)) = open.pop() {
        let node = doc.node(id);
        match &node.kind {
            NodeKind::Map(entries) => {
                for entry in entries {
                    let key = doc.text(entry.key).unwrap_or("");
                    if !touched(doc.node(entry.key).span) {
                        open.push((entry.value, format!("{path}/{key}")));
                    }
                }
            }
            NodeKind::List(items) => {
                // Positions move when an element goes, so elements are known by what they hold.
                open.extend(items.iter().map(|item| (*item, format!("{path}/-"))));
            }
            kind if !touched(node.span) => lines.push(format!("{path} {kind:?}")),
            _ => {}
        }
    }
    lines.sort();
    lines
}

#[test]
fn every_fix_of_a_page_mends_its_problem() {
    let mut mended = 0;
    for (name, case) in cases().into_iter().filter(|(name, case)| name.starts_with('C') && case.title == "Wrong") {
        let (world, build) = checker(&case);
        let before = build(&world);
        let offered: Vec<Code> = fixes(&before)
            .into_iter()
            .filter(|(_, fix)| fix.applicability != Applicability::Unfinished)
            .map(|(code, _)| code)
            .collect();
        let without = codes(&before).len() - offered.len();
        let after = mend(&world, Applicability::Maybe, &build);
        let left = codes(&after.build);
        assert!(left.len() <= without, "{name}: {offered:?} offered, {left:?} left");
        mended += offered.len();
    }
    assert!(mended >= 15, "only {mended} fixes were tried");
}

#[test]
fn no_fix_makes_a_document_worse() {
    let mut tried = 0;
    for (name, case) in cases() {
        let (world, build) = checker(&case);
        for least in [Applicability::Certain, Applicability::Maybe] {
            let before = build(&world);
            let after = mend(&world, least, &build);
            let malformed = |build: &Build| codes(build).iter().filter(|code| code.number() < 1000).count();
            assert!(malformed(&after.build) <= malformed(&before), "{name}: {:?}", codes(&after.build));
            assert_eq!(after.left, Vec::<String>::new(), "{name}");
            // What was hidden behind a problem may come to light, but each fix takes one away.
            let (now, then) = (after.build.diagnostics.errors(), before.diagnostics.errors());
            assert!(now <= then, "{name}: {then} errors became {now}: {:?}", codes(&after.build));
            tried += after.applied.len();
        }
    }
    assert!(tried > 50, "only {tried} fixes were tried");
}

#[test]
fn a_fix_changes_the_document_at_its_place_only() {
    let mut tried = 0;
    for (name, case) in cases() {
        let (world, build) = checker(&case);
        let before = build(&world);
        if codes(&before).iter().any(|code| code.number() < 1000) {
            continue;
        }
        for (code, fix) in fixes(&before) {
            let source = before.sources.file(fix.file);
            let text = apply(&source.text, &[(fix.span, &fix.replacement)]).expect("a place in the text");
            let mut changed = ipcmm_compiler::world::overlay::Overlay::new(&world);
            changed.set(&PathBuf::from(&source.name), text.into_bytes());
            let after = build(&changed);
            let moved = Span::new(fix.span.start, fix.span.start + fix.replacement.len() as u32);
            let (Some(old), Some(new)) = (doc_of(&before, fix.file), doc_of(&after, fix.file)) else {
                panic!("{name}: no document");
            };
            let (old, new) = (tree(old, &[fix.span]), tree(new, &[moved]));
            // What was nothing may hold the new entry now; the neighbour of an insertion touches it, so it may be missing
            // on one side.
            let filled = |line: &&String| fix.replacement.trim_start().starts_with('{') && line.ends_with(" Null");
            let lost: Vec<&String> = old.iter().filter(|line| !new.contains(line) && !filled(line)).collect();
            let gained: Vec<&String> = new.iter().filter(|line| !old.contains(line)).collect();
            assert!(lost.is_empty() && gained.len() <= 2, "{name}: {code} {fix:?}\nlost {lost:?}\ngained {gained:?}");
            tried += 1;
        }
    }
    assert!(tried >= 30, "only {tried} fixes were tried");
}

fn doc_of(build: &Build, file: FileId) -> Option<&Doc> {
    build.docs.iter().find(|doc| doc.file == file)
}
