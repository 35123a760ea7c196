//! Tests of the builder on its own, as a reader of another format would use it.

use super::*;

#[test]
fn any_reader_may_stop_anywhere() {
    let mut diagnostics = Diagnostics::default();
    let mut builder = Builder::new(FileId(0), &mut diagnostics);
    let at = |start, end| Span::new(start, end);
    builder.end(None);
    builder.anchor("nothing");
    builder.begin_map(at(0, 1));
    builder.scalar("a".into(), Style::Quoted, at(1, 2), true);
    builder.begin_list(at(3, 4));
    builder.scalar("b".into(), Style::Text, at(4, 5), true);
    let doc = builder.finish();
    assert!(diagnostics.is_empty());
    let kinds: Vec<&NodeKind> = doc.nodes.iter().map(|n| &n.kind).collect();
    let entry = Entry { key: NodeId(0), value: NodeId(2) };
    assert_eq!(kinds.get(2..), Some(&[&NodeKind::List(vec![NodeId(1)]), &NodeKind::Map(vec![entry])][..]));
    assert_eq!(doc.roots, [NodeId(3)]);
    assert_eq!(doc.node(NodeId(3)).span, at(0, 5));
}

#[test]
fn quoted_is_short_and_on_one_line() {
    assert_eq!(quoted("a\nb"), "`a b`");
    assert_eq!(quoted(&"ä".repeat(61)), format!("`{}…`", "ä".repeat(60)));
    assert_eq!(quoted(&"ä".repeat(60)), format!("`{}`", "ä".repeat(60)));
}
