//! Texts made to hurt: each must end quickly, in bounded memory, with a code.

use super::{problems, read};
use crate::diag::Code;
use crate::doc::builder::MAX_DEPTH;
use crate::doc::{Doc, NodeId, NodeKind};

fn depth(doc: &Doc) -> usize {
    let mut deepest = 0;
    let mut open: Vec<(NodeId, usize)> = doc.roots.iter().map(|r| (*r, 0)).collect();
    while let Some((id, at)) = open.pop() {
        deepest = deepest.max(at);
        match &doc.node(id).kind {
            NodeKind::List(items) => open.extend(items.iter().map(|i| (*i, at + 1))),
            NodeKind::Map(entries) => open.extend(entries.iter().map(|e| (e.value, at + 1))),
            _ => {}
        }
    }
    deepest
}

#[test]
fn nesting() {
    let nested = |n: usize| format!("a: {}{}\n", "[".repeat(n), "]".repeat(n));
    assert!(read(&nested(MAX_DEPTH - 1)).1.is_empty());
    for text in [
        nested(MAX_DEPTH),
        nested(250),
        nested(100_000),
        "[".repeat(1 << 20),
        "{a: ".repeat(100_000),
        "- ".repeat(100_000),
        "? ".repeat(100_000),
        (0..3000).map(|i| format!("{}k:\n", " ".repeat(i))).collect(),
        format!("a: &x {}{}\nb: [[*x]]\n", "[".repeat(198), "]".repeat(198)),
    ] {
        let (doc, diagnostics) = read(&text);
        let start: String = text.chars().take(20).collect();
        assert_eq!(diagnostics.iter().map(|d| d.code).collect::<Vec<_>>(), [Code::TooDeep], "{start}");
        assert!(depth(&doc) <= MAX_DEPTH, "{start}: {}", depth(&doc));
        assert!(doc.nodes.len() < 10_000, "{start}");
    }
}

#[test]
fn laughs() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for i in 1..10 {
        let aliases = vec![format!("*a{}", i - 1); 9].join(", ");
        text.push_str(&format!("a{i}: &a{i} [{aliases}]\n"));
    }
    let (doc, diagnostics) = read(&text);
    assert_eq!(diagnostics.iter().map(|d| d.code).collect::<Vec<_>>(), [Code::AliasBudget]);
    assert!(doc.nodes.len() < 120_000, "{}", doc.nodes.len());

    // Long texts are as bad as many nodes.
    let text = format!("a: &a {}\nb: [{}]\n", "x".repeat(1 << 20), "*a, ".repeat(50_000));
    let (doc, diagnostics) = read(&text);
    assert_eq!(diagnostics.iter().map(|d| d.code).collect::<Vec<_>>(), [Code::AliasBudget]);
    let bytes: usize = (0..doc.nodes.len()).filter_map(|i| Some(doc.text(NodeId(i as u32))?.len())).sum();
    assert!(bytes < 40 << 20, "{bytes}");

    // Ordinary use is far from the budget.
    let text = format!("a: &a {{b: 1, c: [2]}}\nd: [{}]\n", "*a, ".repeat(5_000));
    assert!(read(&text).1.is_empty());
}

#[test]
fn large_and_odd() {
    let keys: String = (0..100_000).map(|i| format!("key {i}: {i}\n")).collect();
    assert!(read(&keys).1.is_empty());
    let twice = format!("{keys}{keys}");
    assert_eq!(read(&twice).1.len(), 100);
    for (text, limit) in [
        (format!("a: [{}]\n", "x, ".repeat(350_000)), 0),
        (format!("a: [{}\n", "x, ".repeat(350_000)), 1),
        ("&a ".repeat(1000), 1),
        (format!("a: \"{}", "\\".repeat(1 << 20)), 1),
        ("'".repeat((1 << 20) + 1), 1),
        ("a: b\n ".repeat(100_000), 1),
        (format!("{}: 1\n", "k".repeat(1 << 20)), 1),
        ("---\n".repeat(100_000), 0),
        ("\0".repeat(1 << 16), 1),
        ("*a\n".repeat(10_000), 1),
        ("!".repeat(1 << 16), 1),
        ("%".repeat(1 << 16), 1),
        ("\t".repeat(1 << 16), 0),
        (format!("a: |\n  x\n{}", " ".repeat(1 << 20)), 0),
    ] {
        let (_, diagnostics) = read(&text);
        let start: String = text.chars().take(20).collect();
        assert!(
            diagnostics.len() >= limit,
            "{start:?}: {:?}",
            problems(&diagnostics).iter().take(3).collect::<Vec<_>>()
        );
    }
}

/// A document with one byte changed is read without a panic, with spans inside of it, and never without a word.
#[test]
fn mutations() {
    let base = "# c\na: &x [1, 'b ''c', \"d\\n\"]\nä:\n  - |\n    ${e}\n    f\n  - >-\n    g\n  - {h: *x, i: ~}\nj k: !!str l\n\"m\": n: o\n";
    let mut bytes = base.as_bytes().to_vec();
    for at in 0..bytes.len() {
        let kept = bytes.get(at).copied().unwrap_or(0);
        for byte in b"\0\t\n\r \"#%&'*,-:>?@[]`{|}!~a\xc3\x80" {
            bytes[at] = *byte;
            let text = String::from_utf8_lossy(&bytes);
            let (doc, diagnostics) = read(&text);
            let spans = doc.nodes.iter().map(|n| n.span).chain(diagnostics.iter().filter_map(|d| Some(d.place?.1)));
            for span in spans {
                assert!(text.get(span.start as usize..span.end as usize).is_some(), "{text:?} {span:?}");
            }
            assert!(!doc.roots.is_empty() || diagnostics.has_errors(), "{text:?}");
        }
        bytes[at] = kept;
    }
}
