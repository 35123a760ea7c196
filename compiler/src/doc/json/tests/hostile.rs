//! Hostile input: depth, size, very many mistakes; random values and mutations of them.

use super::{node, problems, read};
use crate::diag::Code;
use crate::doc::builder::MAX_REPORTS;
use crate::doc::{Doc, NodeId, NodeKind, Style};
use proptest::prelude::*;
use serde_json::Value;

#[test]
fn depth_has_a_limit() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let nested = |n: usize, inner: &str| format!("{}{inner}{}", open.repeat(n), close.repeat(n));
        assert!(read(&nested(200, "[]").replace("[]", "1")).1.is_empty());
        let text = format!("[{}, 1]", nested(200, "1"));
        let (doc, diagnostics) = read(&text);
        assert_eq!(diagnostics.iter().map(|d| d.code).collect::<Vec<_>>(), [Code::TooDeep]);
        // What follows the deep part is read.
        assert!(node(&doc, doc.roots[0]).ends_with(", 1]"));
    }
    let (_, diagnostics) = read(&"[".repeat(1_000_000));
    assert_eq!(diagnostics.iter().map(|d| d.code).collect::<Vec<_>>(), [Code::TooDeep, Code::Syntax]);
}

#[test]
fn many_mistakes_are_told_only_so_often() {
    for text in
        ["[x,", "{", ",", "\"\n", "\"a\nb", "/*", "'", "1 ", "}", "\u{a0}", "[\"\\q\",", "{\"a\" ", "\\\"\n x", "//\n"]
    {
        for before in ["", "[", "[x ", "{"] {
            let text = format!("{before}{}", text.repeat(20_000));
            let (_, diagnostics) = read(&text);
            let syntax = diagnostics.iter().filter(|d| d.code == Code::Syntax).count();
            assert!(diagnostics.has_errors() && syntax <= MAX_REPORTS, "{}", &text[..8]);
        }
    }
    let (_, diagnostics) = read(&format!("{{{}\"b\": 1}}", "\"a\": 1,".repeat(1000)));
    assert_eq!(diagnostics.len(), MAX_REPORTS);
}

/// The value a document says, by the reading of any type.
fn value(doc: &Doc, id: NodeId) -> Value {
    match &doc.node(id).kind {
        NodeKind::Scalar { text, style: Style::Bare } => serde_json::from_str(text).expect("a literal of JSON"),
        NodeKind::Scalar { text, .. } => Value::String(text.clone()),
        NodeKind::List(items) => items.iter().map(|i| value(doc, *i)).collect(),
        NodeKind::Map(entries) => entries
            .iter()
            .map(|e| (doc.text(e.key).expect("a key").to_owned(), value(doc, e.value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        NodeKind::Null | NodeKind::Error => panic!("nothing of the kind is in JSON"),
    }
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..8)
                .prop_map(|map| Value::from(map.into_iter().collect::<serde_json::Map<_, _>>())),
        ]
    })
}

/// A mutation: where, how many bytes go, and what comes.
fn mutation() -> impl Strategy<Value = (usize, usize, String)> {
    (any::<usize>(), 0_usize..4, r#"[\[\]{},:"'\\/*#a-z0-9 \n]{0,4}"#)
}

proptest! {
    #[test]
    fn what_is_printed_is_read(original in any_value(), pretty in any::<bool>()) {
        let text = if pretty { serde_json::to_string_pretty(&original) } else { serde_json::to_string(&original) };
        let text = text.expect("values print");
        let (doc, diagnostics) = read(&text);
        prop_assert_eq!(problems(&diagnostics), Vec::<String>::new());
        prop_assert_eq!(doc.roots.len(), 1);
        prop_assert_eq!(value(&doc, doc.roots[0]), serde_json::from_str::<Value>(&text).expect("what was printed"));
    }

    /// Whatever comes in: no panic, places inside of the text, and the verdict is that of another reader.
    #[test]
    fn mutations_are_read_or_refused(original in any_value(), mutations in prop::collection::vec(mutation(), 1..6)) {
        let mut text = serde_json::to_string(&original).expect("values print");
        for (at, gone, comes) in mutations {
            let start = text.floor_char_boundary(at % (text.len() + 1));
            let end = text.ceil_char_boundary((start + gone).min(text.len()));
            text.replace_range(start..end, &comes);
        }
        let (doc, diagnostics) = read(&text);
        for span in doc.nodes.iter().map(|n| n.span).chain(diagnostics.iter().filter_map(|d| Some(d.place?.1))) {
            prop_assert!(text.get(span.start as usize..span.end as usize).is_some(), "{:?} in {:?}", span, text);
        }
        let refused = diagnostics.iter().any(|d| d.code != Code::DuplicateKey);
        // A number beyond the range of the other reader is fine here, and so is an empty text.
        match serde_json::from_str::<Value>(&text) {
            Ok(_) => prop_assert!(!refused, "{:?}: {:?}", text, problems(&diagnostics)),
            Err(e) => prop_assert!(refused || text.trim().is_empty() || e.to_string().contains("out of range"), "{:?}: {}", text, e),
        }
    }

    #[test]
    fn anything_is_read_or_refused(text in r#"[\[\]{},:"'\\/*#a-z0-9 \n\u{1}é]{0,60}"#) {
        let (doc, diagnostics) = read(&text);
        prop_assert!(doc.roots.len() <= 1);
        prop_assert_eq!(diagnostics.iter().all(|d| d.code == Code::DuplicateKey), text.trim().is_empty() || serde_json::from_str::<Value>(&text).is_ok());
    }
}
