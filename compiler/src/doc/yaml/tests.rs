//! Tests of the YAML reader: places, problems, recovery, hostile input, the public suite.

mod conformance;
mod hostile;
mod suite;

use super::parse;
use crate::diag::{Code, Diagnostics};
use crate::doc::{Doc, NodeId, NodeKind, Span, Style};
use crate::source::Sources;

fn read(text: &str) -> (Doc, Diagnostics) {
    let file = Sources::default().add("t.yaml", "");
    let mut diagnostics = Diagnostics::default();
    let doc = parse(file, text, &mut diagnostics);
    (doc, diagnostics)
}

/// The tree in one line: bare scalars as they are, text in quotes, null as `~`, errors as `!`.
fn tree(doc: &Doc) -> String {
    doc.roots.iter().map(|root| node(doc, *root)).collect::<Vec<_>>().join(" --- ")
}

fn node(doc: &Doc, id: NodeId) -> String {
    match &doc.node(id).kind {
        NodeKind::Null => "~".to_owned(),
        NodeKind::Error => "!".to_owned(),
        NodeKind::Scalar { text, style: Style::Bare } => text.clone(),
        NodeKind::Scalar { text, .. } => format!("{text:?}"),
        NodeKind::List(items) => {
            format!("[{}]", items.iter().map(|i| node(doc, *i)).collect::<Vec<_>>().join(", "))
        }
        NodeKind::Map(entries) => {
            let entry = |e: &crate::doc::Entry| format!("{}: {}", node(doc, e.key), node(doc, e.value));
            format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
    }
}

/// Problems as `C0005@4..5 message`.
fn problems(diagnostics: &Diagnostics) -> Vec<String> {
    let show = |d: &crate::diag::Diagnostic| {
        let place = d.place.map_or(Span::new(0, 0), |(_, span)| span);
        format!("{}@{}..{} {}", d.code, place.start, place.end, d.message)
    };
    diagnostics.iter().map(show).collect()
}

#[test]
fn trees() {
    for (text, expected) in [
        ("", ""),
        ("# only this\n", ""),
        ("\u{feff}a: 1\n", "{a: 1}"),
        ("a: null\nb: ~\nc:\nd: ''\n", "{a: null, b: ~, c: ~, d: \"\"}"),
        ("a: no\nb: 0644\nc: 1.10\nd: '1'\n", "{a: no, b: 0644, c: 1.10, d: \"1\"}"),
        ("a: |\n  x\n  y\nb: >-\n  x\n  y\n", "{a: \"x\\ny\\n\", b: \"x y\"}"),
        ("a: !!str 1\nb: !!int 1\nc: !!null ''\nd: !!int \"2\"\ne: ! 3\n", "{a: \"1\", b: 1, c: ~, d: 2, e: \"3\"}"),
        ("a: &x {b: [1, 2]}\nc: *x\nd: [*x, *x]\n", "{a: {b: [1, 2]}, c: {b: [1, 2]}, d: [{b: [1, 2]}, {b: [1, 2]}]}"),
        ("&k a: 1\nb: *k\n*k : 2\n", "{a: 1, b: a}"),
        ("a: 1\n---\n- b\n...\n---\n", "{a: 1} --- [b] --- ~"),
        ("[a: b, {c: d}]\n", "[{a: b}, {c: d}]"),
        ("a:\r\n  b: 1\r\n  c: 2\r\n", "{a: {b: 1, c: 2}}"),
        ("- - a\n  - b\n-\n", "[[a, b], ~]"),
        ("a: &x 1\nb: &x 2\nc: *x\n", "{a: 1, b: 2, c: 2}"),
    ] {
        assert_eq!(tree(&read(text).0), expected, "{text:?}");
    }
}

/// Every key and scalar has exactly the bytes it was written with.
#[test]
fn spans() {
    for (text, expected) in [
        ("ä: ö\nü: '日本'\n", vec!["ä", "ö", "ü", "'日本'"]),
        ("a: b\r\nc:   d  # e\r\n", vec!["a", "b", "c", "d"]),
        ("a: |\n  one\n  two\nb: |-\n  three\n\n\nc: 1\n", vec!["a", "one\n  two", "b", "three", "c", "1"]),
        ("{a: [b, 'c ''d'], \"e\": f}\n", vec!["a", "b", "'c ''d'", "\"e\"", "f"]),
        ("a: \"x\n  y\"\nb: x\n  y\n", vec!["a", "\"x\n  y\"", "b", "x\n  y"]),
        ("\u{feff}# c\n? a\n: b\n", vec!["a", "b"]),
        ("a: &n !!str b\nc: !!int 'd'\n", vec!["a", "b", "c", "'d'"]),
        ("a: |\n  one\n", vec!["a", "one\n"]),
    ] {
        let (doc, _) = read(text);
        let scalar = |n: &&crate::doc::Node| matches!(n.kind, NodeKind::Scalar { .. });
        let found: Vec<&str> =
            doc.nodes.iter().filter(scalar).map(|n| text.get(super::span_range(n.span)).unwrap_or("?")).collect();
        assert_eq!(found, expected, "{text:?}");
    }
}

#[test]
fn spans_of_collections_and_nulls() {
    let text = "a:\n  b: 1\n  c: [2, {d: 3}]\n\ne:\n- x\n-\n";
    let (doc, _) = read(text);
    let found: Vec<(&str, u32)> = doc
        .nodes
        .iter()
        .filter(|n| !matches!(n.kind, NodeKind::Scalar { .. }))
        .map(|n| (text.get(super::span_range(n.span)).unwrap_or("?"), n.span.start))
        .collect();
    let expected = [
        ("{d: 3}", 19),
        ("[2, {d: 3}]", 15),
        ("b: 1\n  c: [2, {d: 3}]", 5),
        ("", 36),
        ("- x\n-", 31),
        (text.trim_end(), 0),
    ];
    assert_eq!(found, expected);
}

/// Places inside of texts, found over indentation and line breaks.
#[test]
fn places_inside() {
    for text in [
        "k: before ${name} after\n",
        "k: 'before ${name} after'\n",
        "k: \"before ${name} after\"\n",
        "k: |\n    before\n      more\n\n    and ${name} after\n",
        "k: |\r\n  before\r\n  and ${name} after\r\n",
        "k: >\n  before\n  and ${name} after\n",
        "k: before\n  and ${name}\n  after\n",
        "k: \"before\n  and ${name}\"\n",
        "k: |-\n  ${name}\n\n\n",
        "k: ! ${name}\n",
    ] {
        let (doc, diagnostics) = read(text);
        assert!(diagnostics.is_empty(), "{text:?}: {:?}", problems(&diagnostics));
        let id = NodeId(1);
        let at = doc.text(id).and_then(|t| t.find("name")).expect("a scalar") as u32;
        let place = doc.place_in(id, Span::new(at, at + 4));
        assert_eq!(text.get(super::span_range(place)), Some("name"), "{text:?}");
    }
    // Escapes change the bytes: the whole text is the best answer.
    let (doc, _) = read("k: \"\\t${name}\"\n");
    assert_eq!(doc.place_in(NodeId(1), Span::new(3, 7)), Span::new(3, 14));
}

#[test]
fn single_problems() {
    for (text, expected) in [
        ("a: 1\nb: 2\na: 3\n", "C0006@10..11 the key `a` is written twice in one map"),
        ("a: 1\n'a': 2\n", "C0006@5..8 the key `a` is written twice in one map"),
        ("[a]: 1\n", "C0010@0..3 a list cannot be a key"),
        ("? {a: 1}\n: 1\n", "C0010@2..8 a map cannot be a key"),
        (": 1\n", "C0010@1..1 a value stands here without a key"),
        ("<<: {a: 1}\n", "C0013@0..2 merge keys (`<<`) are not switched on"),
        ("a: *b\n", "C0009@3..5 no anchor `&b` stands before this alias"),
        ("a: &a [*a]\n", "C0014@7..9 the alias `*a` stands inside its own anchor"),
        ("a: !vault x\n", "C0011@3..9 the tag `!vault` has no meaning here"),
        ("a: !!int x\n", "C0011@3..8 the tag `!!int` does not fit `x`"),
        ("a: !!map [x]\n", "C0011@3..8 the tag `!!map` stands before a list"),
        ("a: b: c\n", "C0005@4..5 `: ` cannot stand inside a plain text"),
        ("f(a: int) -> int: a\n", "C0005@0..16 a signature with `: ` in it is no plain key"),
        ("a:\n\tb: 1\n", "C0005@3..4 a tab cannot indent"),
        ("a:1\nb: 2\n", "C0005@1..2 a space is missing after `:`"),
        ("x:\n  a:1\n  b: 2\n", "C0005@6..7 a space is missing after `:`"),
        ("a: 'x\n", "C0005@3..4 the quote `'` is not closed"),
        ("a: \"b\nc: d\ne: f\n", "C0005@3..4 the quote `\"` is not closed"),
        ("a: [1, 2\nb: 1\n", "C0005@3..4 `[` is not closed"),
        ("a: [1, {x: 2]\n", "C0005@7..8 `{` is closed by `]`"),
        ("a: [1, , 2]\n", "C0005@7..8 a value is missing before `,`"),
        ("a: ]\n", "C0005@3..4 `]` closes nothing"),
        ("a: @b\n", "C0005@3..4 a plain text cannot start with `@`"),
        ("a: `b`\n", "C0005@3..4 a plain text cannot start with ```"),
        ("a: %b\n", "C0005@3..4 a plain text cannot start with `%`"),
        ("a: \0b\n", "C0005@3..4 the character U+0000 cannot stand in a document"),
        ("a: &\n", "C0005@3..4 a name is missing after `&`"),
        ("&", "C0005@0..1 a name is missing after `&`"),
        ("a: \"x\\qy\"\n", "C0005@5..7 `\\q` is no escape in double quotes"),
        ("a: \"x\\u12\"\n", "C0005@5..9 the escape `\\u12` names no character"),
        ("a:\n    b: 1\n  c: 2\n", "C0005@14..15 a key is not expected at this indentation"),
        ("- a\n- b: [\n- c\n", "C0005@9..10 `[` is not closed"),
    ] {
        let (_, diagnostics) = read(text);
        assert_eq!(problems(&diagnostics), [expected], "{text:?}");
        let problem = diagnostics.iter().next().expect("one");
        assert!(problem.help.is_some(), "{text:?} has no help");
    }
}

/// A fix that is applied mends the text.
#[test]
fn fixes_mend() {
    for text in [
        "a: b: c\n",
        "a: @b # c\n",
        "a: [%x, y]\n",
        "a:1\nb: 2\n",
        "a:\n\tb: 1\n",
        "a: \"\\q\"\n",
        "a: it's: b\n",
        "a: &\n",
    ] {
        let (_, diagnostics) = read(text);
        let fix = diagnostics.iter().next().and_then(|d| d.fix.clone()).unwrap_or_else(|| panic!("no fix: {text:?}"));
        let mut mended = text.to_owned();
        mended.replace_range(super::span_range(fix.span), &fix.replacement);
        assert_eq!(problems(&read(&mended).1), Vec::<String>::new(), "{mended:?}");
    }
    let (_, diagnostics) = read("a: &name 1\nb: *nmae\n");
    assert_eq!(diagnostics.iter().next().and_then(|d| d.fix.clone()).map(|f| f.replacement).as_deref(), Some("*name"));
}

#[test]
fn recovery_reads_the_rest() {
    let text = "\u{feff}# head\na: 1\nb: [1, 2\nc: &x {d: 1}\n# between\ne: \"open\nf: *x\ng: *lost\nh: @\na: 2\n- 1\n";
    let (doc, diagnostics) = read(text);
    // The `-` belongs to the second `a`, which therefore is broken, not twice there.
    assert_eq!(tree(&doc), "{a: 1, \"b\": !, c: {d: 1}, \"e\": !, f: {d: 1}, g: !, \"h\": !}");
    let codes: Vec<Code> = diagnostics.iter().map(|d| d.code).collect();
    use Code::{DuplicateKey, Syntax, UnknownAlias};
    assert_eq!(codes, [Syntax, Syntax, UnknownAlias, Syntax, Syntax, DuplicateKey], "{:?}", problems(&diagnostics));
}

#[test]
fn recovery_keeps_to_documents_and_anchors() {
    let (doc, diagnostics) = read("---\na: 1\n---\nb: [\nc: 2\n---\n%d\n---\ne: &f [\ng: *f\n");
    assert_eq!(tree(&doc), "{a: 1} --- {\"b\": !, c: 2} --- ! --- {\"e\": !, g: !}");
    // The alias to the anchor that was lost with `e` is not a second problem.
    assert_eq!(diagnostics.len(), 3, "{:?}", problems(&diagnostics));
    let (doc, diagnostics) = read("{a: 1\nb: 2}\n");
    assert_eq!((tree(&doc).as_str(), diagnostics.len()), ("!", 1));
    let (doc, diagnostics) = read("- a: 1\n- b: [\n- c: 2\n");
    assert_eq!((tree(&doc).as_str(), diagnostics.len()), ("[{a: 1}, !, {c: 2}]", 1));
    // What follows an open quote is not reported line by line.
    let (doc, diagnostics) = read("a: \"x\ny\n{z}\nend\"\nb: 1\n");
    assert_eq!((tree(&doc).as_str(), diagnostics.len()), ("{\"a\": !, b: 1}", 1));
    let (doc, diagnostics) = read("good: 1\nbad one\nbad:two\nfine: 2\n");
    assert_eq!(tree(&doc), "{good: 1, bad one: !, bad: !, fine: 2}");
    assert_eq!(diagnostics.len(), 2);
}

#[test]
fn stops_after_a_hundred() {
    let text: String = (0..500).map(|i| format!("k{i}: [\n")).collect();
    let (doc, diagnostics) = read(&text);
    assert_eq!(diagnostics.len(), 100);
    let last = diagnostics.iter().last().map(|d| d.message.as_str());
    assert_eq!(last, Some("`[` is not closed (further problems of this kind are not shown)"));
    assert!(doc.nodes.len() < 300);
}
