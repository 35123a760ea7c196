//! Tests of the properties reader: lines, paths, places, problems, hostile input, OpenJDK's answers, and modules that
//! are the same in YAML.

mod corpus;
mod faces;
mod hostile;

use super::lines::Lines;
use super::{escape, parse};
use crate::diag::Diagnostics;
use crate::doc::{Doc, NodeId, NodeKind, Span};
use crate::source::FileId;

const KNOWN: &[&str] = &["ipcmm.run", "ipcmm.run.cmd", "ipcmm.nop"];

fn read(text: &str) -> (Doc, Diagnostics) {
    let mut diagnostics = Diagnostics::default();
    let doc = parse(FileId(0), text, KNOWN, &mut diagnostics);
    (doc, diagnostics)
}

/// Raw keys and values as `java.util.Properties` gives them; an escape that cannot be decoded is an error.
fn pairs(text: &str) -> Result<Vec<(String, String)>, String> {
    let decoded = |line: &_, range| escape::decode(line, range).map(|d| d.text.into_owned()).map_err(|f| f.message);
    Lines::new(text, 0)
        .map(|line| Ok((decoded(&line, line.key.clone())?, decoded(&line, line.value.clone())?)))
        .collect()
}

fn tree(doc: &Doc) -> String {
    doc.roots.iter().map(|root| node(doc, *root)).collect::<Vec<_>>().join(" --- ")
}

fn node(doc: &Doc, id: NodeId) -> String {
    match &doc.node(id).kind {
        NodeKind::Null => "~".to_owned(),
        NodeKind::Error => "!".to_owned(),
        NodeKind::Scalar { text, .. } => text.escape_debug().to_string(),
        NodeKind::List(items) => {
            format!("[{}]", items.iter().map(|i| node(doc, *i)).collect::<Vec<_>>().join(", "))
        }
        NodeKind::Map(entries) => {
            let entry = |e: &crate::doc::Entry| format!("{}: {}", node(doc, e.key), node(doc, e.value));
            format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
    }
}

fn slice(text: &str, span: Span) -> &str {
    text.get(span.start as usize..span.end as usize).unwrap_or("?")
}

/// The rules of `java.util.Properties.load`.
#[test]
fn lines() {
    let rows: &[(&str, &[(&str, &str)])] = &[
        ("", &[]),
        ("\n \t\x0c\r\n# c=d\n  ! e=f \\\ng=h", &[("g", "h")]),
        ("a=b\nc:d\re f\r\ng\th\x0ci", &[("a", "b"), ("c", "d"), ("e", "f"), ("g", "h\x0ci")]),
        ("a = b \n c  :\t= d", &[("a", "b "), ("c", "= d")]),
        ("a\nb=\nc:\n=d\n", &[("a", ""), ("b", ""), ("c", ""), ("", "d")]),
        ("a = = b\na == b\n", &[("a", "= b"), ("a", "= b")]),
        ("a\\ b\\=c\\:d=e\\ =", &[("a b=c:d", "e =")]),
        ("a=b\\\n   c\\\r\n\td\\\re\n", &[("a", "bcde")]),
        ("a=b\\\\\nc=d\\\\\\\n e", &[("a", "b\\"), ("c", "d\\e")]),
        ("a=b\\\n\nc=d\\", &[("a", "b"), ("c", "d")]),
        ("a=b\\\n#c\n", &[("a", "b#c")]),
        ("\\\n#c\na\\\n=b", &[("a", "b")]),
        ("a\\\n b = c", &[("ab", "c")]),
        ("a=\\t\\n\\r\\f\\\\\\x\\\"\\z\\#", &[("a", "\t\n\r\x0c\\x\"z#")]),
        ("a=\\u00e9\\u0041\\U0041\\uD83D\\uDE00", &[("a", "éAU0041😀")]),
        ("\\u0061\\u003d\\u0020=b", &[("a= ", "b")]),
        ("a=\\u00\\\n  e9", &[("a", "é")]),
        ("ä ö=ü ß", &[("ä", "ö=ü ß")]),
        ("\\#a=b\n\\!c=d", &[("#a", "b"), ("!c", "d")]),
    ];
    for (text, expected) in rows {
        let expected: Vec<_> = expected.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        assert_eq!(pairs(text), Ok(expected), "{text:?}");
    }
}

#[test]
fn trees() {
    for (text, expected) in [
        ("", ""),
        ("# nothing\n", ""),
        ("\u{feff}a=1", "{a: 1}"),
        ("a=\nb=~", "{a: , b: ~}"),
        ("a.b.c=1\nd=2\na.e=3\na.b.f=4", "{a: {b: {c: 1, f: 4}, e: 3}, d: 2}"),
        ("a[1]=y\na[0]=x\nb[0][0]=1\nb[0][1].c=2", "{a: [x, y], b: [[1, {c: 2}]]}"),
        ("[0]=x\n[1]=y", "[x, y]"),
        (
            "a\\.b.c\\[0]=1\n\"d.e[0]\".f=2\n\"\".g=3\n\\\"h\"=4",
            "{a.b: {c[0]: 1}, d.e[0]: {f: 2}, : {g: 3}, \\\"h\\\": 4}",
        ),
        ("write\\ config.x=1\n\"write\\ config\".y=2", "{write config: {x: 1, y: 2}}"),
        ("a\\u002eb=1", "{a.b: 1}"),
        ("w.ipcmm.run.cmd.args.argv[0]=ls", "{w: {ipcmm.run.cmd: {args: {argv: [ls]}}}}"),
        ("w.ipcmm.run.args.do=cmd", "{w: {ipcmm.run: {args: {do: cmd}}}}"),
        ("w.ipcmm.running=1\nipcmm=1", "{w: {ipcmm: {running: 1}}, ipcmm: 1}"),
        ("ipcmm.nop[0]=1", "{ipcmm.nop: [1]}"),
        ("w.\"ipcmm.run.cmd\".x=1\nw.ipcmm\\.nop=", "{w: {ipcmm.run.cmd: {x: 1}, ipcmm.nop: }}"),
        ("a]=1", "{a]: 1}"),
        ("<<.a=1", "{<<: {a: 1}}"),
    ] {
        let (doc, diagnostics) = read(text);
        assert!(diagnostics.is_empty(), "{text:?} {diagnostics:?}");
        assert_eq!(tree(&doc), expected, "{text:?}");
    }
}

#[test]
fn spans() {
    for (text, expected) in [
        ("ä.b = ö\n\"c.d\"[0]:x y \n", vec!["ä", "b", "ö", "\"c.d\"", "x y "]),
        ("a.b=1\na.c=\n", vec!["a", "b", "1", "c", ""]),
        ("\u{feff}a=b\\\n  c\r\nd=\\u0041\r\n", vec!["a", "b\\\n  c", "d", "\\u0041"]),
        ("x.ipcmm.run.cmd=\\tls", vec!["x", "ipcmm.run.cmd", "\\tls"]),
    ] {
        let (doc, _) = read(text);
        let scalars = doc.nodes.iter().filter(|n| matches!(n.kind, NodeKind::Scalar { .. }));
        assert_eq!(scalars.map(|n| slice(text, n.span)).collect::<Vec<_>>(), expected, "{text:?}");
    }
}

/// Places inside a value are exact, whatever it is made of.
#[test]
fn places_inside_values() {
    let text = "a=one \\\n   two\\u0041\\tthree \\\n  four";
    let (doc, _) = read(text);
    let (i, value) = doc.nodes.iter().enumerate().nth(1).expect("a value");
    let NodeKind::Scalar { text: decoded, .. } = &value.kind else { panic!("{value:?}") };
    assert_eq!(decoded, "one twoA\tthree four");
    for word in ["one", "two", "three", "four"] {
        let at = decoded.find(word).expect(word) as u32;
        let place = doc.place_in(NodeId(i as u32), Span::new(at, at + word.len() as u32));
        assert_eq!(slice(text, place), word);
    }
}

#[test]
fn problems() {
    for (text, expected, rest) in [
        ("a=1\na=2", "C0006 `a` the key `a` is written twice in one map (a)", "{a: 1}"),
        ("a[0]=1\na[0]=2", "C0006 `[0]` the position `[0]` is written twice in one list ([0])", "{a: [1]}"),
        ("a=1\na.b=2", "C0005 `b` `a` is a map here, and a value elsewhere (a)", "{a: !}"),
        ("a.b=1\na=2", "C0005 `a` `a` is a value here, and a map elsewhere (a)", "{a: {b: 1}}"),
        ("a.b=1\na[0]=2", "C0005 `[0]` `a` is a list here, and a map elsewhere (a)", "{a: {b: 1}}"),
        ("a=1\n[0]=2", "C0005 `[0]` the document is a list here, and a map elsewhere (a)", "{a: 1}"),
        ("a[0]=1\na[2]=2", "C0005 `[2]` the list has a position `[2]`, and no `[1]`", "{a: [1, 2]}"),
        ("a[1]=1", "C0005 `[1]` the list has a position `[1]`, and no `[0]`", "{a: [1]}"),
        ("a[x]=1\nb=2", "C0005 `[x]` `[` begins a position in a list, and this is none", "{b: 2}"),
        ("a[0=1", "C0005 `[0` `[` begins a position in a list, and this is none", ""),
        ("a[=1", "C0005 `[` `[` begins a position in a list, and this is none", ""),
        ("a[]=1", "C0005 `[]` `[` begins a position in a list, and this is none", ""),
        ("a[99999999999]=1", "C0005 `[99999999999]` no list is that long", ""),
        ("a[0]b=1", "C0005 `b` a segment ends here, and the key goes on", ""),
        ("\"a\"b=1", "C0005 `b` a segment ends here, and the key goes on", ""),
        ("\"a b\"=1", "C0005 `\"a` this quote is not closed in the key", ""),
        ("a..b=1", "C0005 `.` a segment of the key is empty", ""),
        (".a=1", "C0005 `.` a segment of the key is empty", ""),
        ("a.=1", "C0005 `` a segment of the key is empty", ""),
        ("a.[0]=1", "C0005 `[` a segment of the key is empty", ""),
        ("=1", "C0010 `=` a value stands here without a key", ""),
        ("a=\\u00g0\na=2", "C0005 `\\u00` `\\u` needs four hexadecimal digits; C0006", "{a: !}"),
        ("a=\\ud83dx", "C0005 `\\ud83d` this escape is half of a character", "{a: !}"),
        ("a=\\ude00\\ud83d", "C0005 `\\ude00` this escape is half of a character", "{a: !}"),
        ("a\\u1=1\nb=2", "C0005 `\\u1` `\\u` needs four hexadecimal digits", "{b: 2}"),
    ] {
        let (doc, diagnostics) = read(text);
        let show = |d: &crate::diag::Diagnostic| {
            let span = d.place.map_or(Span::new(0, 0), |(_, span)| span);
            let labels = d.labels.iter().map(|l| format!(" ({})", slice(text, l.span))).collect::<String>();
            assert!(d.help.is_some(), "{text:?}");
            format!("{} `{}` {}{labels}", d.code, slice(text, span), d.message)
        };
        let found = diagnostics.iter().map(show).collect::<Vec<_>>().join("; ");
        let same = expected.strip_suffix("; C0006").map_or(found == expected, |start| found.starts_with(start));
        assert!(same, "{text:?}\n found {found}\n wanted {expected}");
        assert_eq!(tree(&doc), rest, "{text:?}");
    }
}
