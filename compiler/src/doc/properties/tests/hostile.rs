//! Large, deep and broken input.

use super::{Diagnostics, parse, read};
use crate::diag::Code;
use crate::doc::builder::MAX_DEPTH;
use crate::doc::{FileId, NodeKind};
use proptest::prelude::*;
use std::fmt::Write;

#[test]
fn depth_is_limited_and_told_once() {
    let key = |depth: usize| vec!["a"; depth].join(".");
    let (doc, diagnostics) = read(&format!("{}=1", key(MAX_DEPTH)));
    assert!(diagnostics.is_empty());
    assert_eq!(doc.roots.len(), 1);
    let text = format!("{}=1\n{}=2\nb=3", key(MAX_DEPTH + 1), "[0]".repeat(100_000));
    let (doc, diagnostics) = read(&text);
    assert_eq!(diagnostics.iter().map(|d| d.code).collect::<Vec<_>>(), [Code::TooDeep]);
    assert_eq!(super::tree(&doc), "{b: 3}");
}

/// Each would take minutes if anything were quadratic.
#[test]
fn many_keys_under_one_prefix_and_long_lists() {
    const COUNT: usize = 100_000;
    let mut text = String::new();
    for i in 0..COUNT {
        let _ = writeln!(text, "a.b.c{i}=x\nl[{}]=y", COUNT - 1 - i);
    }
    let (doc, diagnostics) = read(&text);
    assert!(diagnostics.is_empty());
    let sizes = doc.nodes.iter().filter_map(|n| match &n.kind {
        NodeKind::List(items) => Some(items.len()),
        NodeKind::Map(entries) => Some(entries.len()),
        _ => None,
    });
    assert_eq!(sizes.collect::<Vec<_>>(), [COUNT, 1, COUNT, 2]);

    let continued = format!("a={}", "x\\\n".repeat(COUNT));
    let (doc, _) = read(&continued);
    assert_eq!(doc.nodes.get(1).map(|n| n.verbatim), Some(false));
    let escaped = format!("a={}", "\\u0041\\\n".repeat(COUNT));
    assert_eq!(read(&escaped).0.nodes.len(), 3);
}

#[test]
fn problems_are_limited() {
    let (_, diagnostics) = read(&"a[x]=1\n".repeat(1000));
    assert_eq!(diagnostics.iter().count(), 100);
}

proptest! {
    /// Whatever is written, every place is one of the text.
    #[test]
    fn any_text(text in "([ab.\"=: #!\\\\\\[\\]01\n\r\tä]|\\\\u00[0-9a-g]|ipcmm\\.nop|\\\\uD83D|\\\\uDE00){0,60}") {
        let mut diagnostics = Diagnostics::default();
        let doc = parse(FileId(0), &text, &["ipcmm.nop"], &mut diagnostics);
        let places = doc.nodes.iter().map(|n| n.span).chain(diagnostics.iter().filter_map(|d| Some(d.place?.1)));
        for span in places {
            prop_assert!(text.get(span.start as usize..span.end as usize).is_some(), "{text:?} {span:?}");
        }
        for node in doc.nodes.iter().filter(|n| n.verbatim) {
            if let NodeKind::Scalar { text: decoded, .. } = &node.kind {
                prop_assert_eq!(&text[node.span.start as usize..node.span.end as usize], decoded.as_str());
            }
        }
    }
}
