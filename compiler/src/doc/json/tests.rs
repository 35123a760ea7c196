//! Tests of the JSON reader: trees, places, problems, recovery.

mod hostile;
mod suite;

use super::parse;
use crate::BuildOptions;
use crate::diag::{Code, Diagnostics};
use crate::doc::{Doc, NodeId, NodeKind, Span, Style};
use crate::source::Sources;
use crate::world::memory::MemoryWorld;
use std::path::PathBuf;

fn read(text: &str) -> (Doc, Diagnostics) {
    let file = Sources::default().add("t.json", "");
    let mut diagnostics = Diagnostics::default();
    let doc = parse(file, text, &mut diagnostics);
    (doc, diagnostics)
}

/// The tree in one line: bare scalars as they are, text in quotes, errors as `!`.
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

/// Problems as `4..5 message`, with the code before it if it is not the usual one.
fn problems(diagnostics: &Diagnostics) -> Vec<String> {
    let show = |d: &crate::diag::Diagnostic| {
        let place = d.place.map_or(Span::new(0, 0), |(_, span)| span);
        let code = if d.code == Code::Syntax { String::new() } else { format!("{} ", d.code) };
        format!("{code}{}..{} {}", place.start, place.end, d.message)
    };
    diagnostics.iter().map(show).collect()
}

#[test]
fn trees() {
    for (text, expected) in [
        ("", ""),
        (" \t\r\n", ""),
        ("\u{feff}", ""),
        ("\u{feff}{\"a\": 1}\n", "{\"a\": 1}"),
        ("null", "null"),
        ("\"\"", "\"\""),
        ("[]", "[]"),
        ("{}", "{}"),
        ("[true, false, null, -0, 1.50, 1E+2]", "[true, false, null, -0, 1.50, 1E+2]"),
        (r#"{"a": {"b": [{}, []]}, "c": "null"}"#, r#"{"a": {"b": [{}, []]}, "c": "null"}"#),
        (
            r#"["\"\\\/\b\f\n\r\t", "\u0041\u00e9\uD83D\uDE00", "é\u007f"]"#,
            "[\"\\\"\\\\/\\u{8}\\u{c}\\n\\r\\t\", \"Aé😀\", \"é\\u{7f}\"]",
        ),
    ] {
        let (doc, diagnostics) = read(text);
        assert_eq!(problems(&diagnostics), Vec::<String>::new(), "{text}");
        assert_eq!(tree(&doc), expected, "{text}");
    }
}

#[test]
fn places_are_those_of_the_file() {
    let text = "\u{feff}{\"ä\" : [12, \"x\\ty\"],\n \"b\": {}}";
    let (doc, diagnostics) = read(text);
    assert!(diagnostics.is_empty());
    let shown: Vec<(&str, bool)> = doc
        .nodes
        .iter()
        .map(|n| (text.get(n.span.start as usize..n.span.end as usize).unwrap_or("?"), n.verbatim))
        .collect();
    let expected = [
        ("\"ä\"", true),
        ("12", true),
        ("\"x\\ty\"", false),
        ("[12, \"x\\ty\"]", false),
        ("\"b\"", true),
        ("{}", false),
        (text.trim_start_matches('\u{feff}'), false),
    ];
    assert_eq!(shown, expected);
    // Inside of a text: exact before and behind an escape too.
    let inner = |id, start, end| {
        let span = doc.place_in(NodeId(id), Span::new(start, end));
        text.get(span.start as usize..span.end as usize)
    };
    assert_eq!(inner(0, 0, 2), Some("ä"));
    assert_eq!(inner(2, 0, 1), Some("x"));
    assert_eq!(inner(2, 2, 3), Some("y"));
    assert_eq!(inner(2, 0, 3), Some("x\\ty"));
}

/// Each text, the tree that is made of it, and all of its problems.
#[test]
fn every_mistake_is_told_and_reading_goes_on() {
    for (text, expected, messages) in [
        // Commas, colons, brackets.
        ("[1,]", "[1]", &["2..3 a comma stands before `]`"][..]),
        ("{\"a\":1,}", "{\"a\": 1}", &["6..7 a comma stands before `}`"]),
        ("[1,,2]", "[1, !, 2]", &["3..4 a value is missing before `,`"]),
        ("[,1]", "[!, 1]", &["1..2 a value is missing before `,`"]),
        ("{,\"a\":1}", "{\"a\": 1}", &["1..2 an entry is missing before `,`"]),
        ("[1 2]", "[1, 2]", &["2..2 `,` is missing here"]),
        ("{\"a\":1 \"b\":2}", "{\"a\": 1, \"b\": 2}", &["6..6 `,` is missing here"]),
        ("{\"a\" 1}", "{\"a\": 1}", &["4..4 `:` is missing here"]),
        ("{\"a\" = 1}", "{\"a\": 1}", &["5..6 `=` stands in place of `:`"]),
        ("{\"a\"}", "{\"a\": !}", &["4..4 a key without a value"]),
        ("{\"a\":}", "{\"a\": !}", &["5..6 a value is missing before `}`"]),
        ("{\"a\":,\"b\":1}", "{\"a\": !, \"b\": 1}", &["5..6 a value is missing before `,`"]),
        ("{\"a\"::1}", "{\"a\": 1}", &["5..6 `:` stands twice between key and value"]),
        ("{:1}", "{}", &["1..2 a key is missing before `:`"]),
        ("{\"a\":1 2, \"b\":3}", "{\"a\": 1, \"b\": 3}", &["7..8 `2` is not expected behind a value"]),
        ("{\"a\":\"b\":1, \"c\":2}", "{\"a\": \"b\", \"c\": 2}", &["8..9 `:` is not expected behind a value"]),
        ("[\"a\":1, 2]", "[\"a\", 2]", &["4..5 `:` is not expected in a list"]),
        ("[1}", "[1]", &["2..3 `[` is closed by `}`"]),
        (
            "{\"a\":[1}, \"b\":2}",
            "{\"a\": [1]}",
            &["5..6 `[` is not closed", "8..9 `,` is not expected outside of a list or map"],
        ),
        ("{\"a\":[1}}", "{\"a\": [1]}", &["7..8 `[` is closed by `}`"]),
        ("{\"a\":[1}", "{\"a\": [1]}", &["5..6 `[` is not closed"]),
        ("[1", "[1]", &["0..1 `[` is not closed"]),
        ("{\"a\": {\"b\"", "{\"a\": {\"b\": !}}", &["6..7 `{` is not closed"]),
        ("1]", "1", &["1..2 `]` closes nothing"]),
        ("]", "!", &["0..1 `]` stands before any value"]),
        ("{} {}", "{}", &["3..4 `{` stands behind the end of the document"]),
        ("\"a\": 1", "\"a\"", &["3..4 `:` is not expected outside of a map"]),
        ("a: 1\nb: 2", "!", &["0..1 `a` is no value of JSON"]),
        // Values that are none.
        ("[NaN, -Infinity]", "[!, !]", &["1..4 `NaN` is no value of JSON", "6..15 `-Infinity` is no value of JSON"]),
        (
            "[01, +1, .5, 1., 1e, 0x1F, -]",
            "[!, !, !, !, !, !, !]",
            &[
                "1..3 `01` is no value of JSON",
                "5..7 `+1` is no value of JSON",
                "9..11 `.5` is no value of JSON",
                "13..15 `1.` is no value of JSON",
                "17..19 `1e` is no value of JSON",
                "21..25 `0x1F` is no value of JSON",
                "27..28 `-` is no value of JSON",
            ],
        ),
        ("[True, x y z, 1]", "[!, !, 1]", &["1..5 `True` is no value of JSON", "7..8 `x` is no value of JSON"]),
        ("{\"a\": x [1, {}] y, \"b\": 1}", "{\"a\": !, \"b\": 1}", &["6..7 `x` is no value of JSON"]),
        ("{\"a\": x\n \"b\": 1}", "{\"a\": !, \"b\": 1}", &["6..7 `x` is no value of JSON"]),
        (
            "['a', 'b]",
            "[!, !]",
            &["1..4 JSON has no texts in single quotes", "6..7 the quote `'` is not closed", "0..1 `[` is not closed"],
        ),
        ("[1,\u{a0}2]", "[1, !]", &["3..5 the character U+00A0 cannot stand between values"]),
        (
            "[1] // end\n/* a */ # b",
            "[1]",
            &["4..10 JSON has no comments", "11..18 JSON has no comments", "19..22 JSON has no comments"],
        ),
        ("[1 /* b\n]", "[1]", &["3..5 the comment is not closed", "0..1 `[` is not closed"]),
        // Keys that are none.
        (
            "{a: 1, 2: 3, 'b': 4, null: 5}",
            "{}",
            &[
                "1..2 the key `a` is not in double quotes",
                "7..8 the key `2` is not in double quotes",
                "13..16 JSON has no texts in single quotes",
                "21..25 the key `null` is not in double quotes",
            ],
        ),
        ("{[1, {}]: 1, \"a\": 2}", "{\"a\": 2}", &["1..2 a list cannot be a key"]),
        ("{\"a\": 1, \"\\u0061\": 2}", "{\"a\": 1}", &["C0006 9..17 the key `a` is written twice in one map"]),
        // Texts.
        (
            r#"["\x", "\u12", "\ud800", "\udc00\ud800", 1]"#,
            "[!, !, !, !, 1]",
            &[
                "2..4 `\\x` is no escape",
                "8..12 `\\u` is followed by four hexadecimal digits",
                "16..22 `\\ud800` is half of a surrogate pair",
                "26..32 `\\udc00` is half of a surrogate pair",
            ],
        ),
        (
            "[\"a\tb\", \"\u{1}\"]",
            "[!, !]",
            &[
                "3..4 the control character U+0009 cannot stand in a text",
                "9..10 the control character U+0001 cannot stand in a text",
            ],
        ),
        ("{\"a\": \"x,\n \"b\": 1}", "{\"a\": !, \"b\": 1}", &["6..7 the quote `\"` is not closed"]),
        ("{\"a\": \"x\n  y\", \"b\": 1}", "{\"a\": !, \"b\": 1}", &["6..8 a text ends in the line in which it begins"]),
        ("[\"a", "[!]", &["1..2 the quote `\"` is not closed"]),
    ] {
        let (doc, diagnostics) = read(text);
        assert_eq!(
            (tree(&doc), problems(&diagnostics)),
            (expected.to_owned(), messages.iter().map(|m| (*m).to_owned()).collect()),
            "{text}"
        );
    }
}

#[test]
fn fixes_that_are_applied_leave_json() {
    for text in [
        "[1,]",
        "{\"a\":1,}",
        "[1 2]",
        "{\"a\":1 \"b\":2}",
        "{\"a\" 1}",
        "{\"a\" = 1}",
        "[1}",
        "{a: 1}",
        "['x']",
        "[True]",
        "[None]",
        "[0644]",
        "[hello]",
        "[\"\\x\"]",
        "[\"\t\"]",
        "{,\"a\":1}",
        "{\"a\"::1}",
    ] {
        let (_, diagnostics) = read(text);
        let fix = diagnostics.iter().find_map(|d| d.fix.clone()).unwrap_or_else(|| panic!("{text}: no fix"));
        let mut mended = text.to_owned();
        mended.replace_range(fix.span.start as usize..fix.span.end as usize, &fix.replacement);
        assert!(serde_json::from_str::<serde_json::Value>(&mended).is_ok(), "{text} became {mended}");
        assert!(read(&mended).1.is_empty(), "{mended}");
    }
}

#[test]
fn every_problem_of_spelling_says_what_to_do() {
    for text in
        ["[NaN]", "[01]", "[1,]", "{a:1}", "['a']", "[1 // x\n]", "[\"\\ud800\"]", "[\"a\nb\"]", "{\"a\"}", "[1", "x"]
    {
        let (_, diagnostics) = read(text);
        assert!(!diagnostics.is_empty() && diagnostics.iter().all(|d| d.help.is_some()), "{text}: {diagnostics:?}");
    }
}

/// The same module in both formats is the same bundle, byte for byte.
#[test]
fn yaml_and_json_make_one_bundle() {
    let yaml = r#"
doc: a module
motd:
  ipcmm.filesystem.file:
    args: {path: /etc/motd, content: "é \"{{1 + 1}}\"\n", mode: "0644"}
    when: facts.os.family == "debian"
run:
  ipcmm.run.cmd:
    - args: {cmd: x, shell: true}
    - requires: [motd]
      timeout: 5s
nothing: {ipcmm.nop: , order: 7}
"#;
    let json = r#"{
        "doc": "a module",
        "motd": {
            "ipcmm.filesystem.file": {
                "args": {"path": "/etc/motd", "content": "\u00e9 \"{{1 + 1}}\"\n", "mode": "0644"},
                "when": "facts.os.family == \"debian\""
            }
        },
        "run": {"ipcmm.run.cmd": [{"args": {"cmd": "x", "shell": true}}, {"requires": ["motd"], "timeout": "5s"}]},
        "nothing": {"ipcmm.nop": null, "order": 7}
    }"#;
    let bundle = |name: &str, text: &str| {
        let world: MemoryWorld = [(PathBuf::from(name), text.as_bytes().to_vec())].into_iter().collect();
        let build = crate::build(&world, &[name.into()], BuildOptions { debug: false, check_only: false });
        assert_eq!(problems(&build.diagnostics), Vec::<String>::new(), "{name}");
        build.bundle.expect("a bundle")
    };
    assert!(bundle("web.ipcmm.yaml", yaml) == bundle("web.ipcmm.json", json));
}

#[test]
fn fixes_of_later_stages_are_json() {
    let text = r#"{"a": {"ipcmm.wiat": {"args": {"port": "80"}}}, "b": {"ipcmm.wait": {"args": {"port": "80"}}}, "c": {"ipcmm.run.cmd": {"args": {"cmd": "x", "shell": "True"}}}}"#;
    let world: MemoryWorld = [(PathBuf::from("t.json"), text.as_bytes().to_vec())].into_iter().collect();
    let build = crate::build(&world, &["t.json".into()], BuildOptions { debug: false, check_only: true });
    let fixes: Vec<Option<String>> =
        build.diagnostics.iter().map(|d| d.fix.as_ref().map(|fix| fix.replacement.clone())).collect();
    assert_eq!(fixes, [Some("\"ipcmm.wait\"".to_owned()), Some("80".to_owned()), None]);
}
