//! Tests of the XML reader: trees, places, problems, recovery, conformance, hostile input.

mod faces;
mod hostile;
mod suite;

use super::{parse, read};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::doc::builder::Builder;
use crate::doc::{Doc, NodeId, NodeKind, Span, Style};
use crate::source::FileId;

fn parsed(text: &str) -> (Doc, Diagnostics) {
    let mut diagnostics = Diagnostics::default();
    let doc = parse(FileId(0), text, &mut diagnostics);
    (doc, diagnostics)
}

/// What is wrong with a document as XML, whatever its elements mean.
fn well_formed(text: &str) -> Diagnostics {
    let mut diagnostics = Diagnostics::default();
    read::read(text, &mut Builder::new(FileId(0), &mut diagnostics));
    diagnostics
}

/// The tree in one line: texts as they are, forced texts in quotes, null as `~`, errors as `!`.
fn tree(doc: &Doc) -> String {
    doc.roots.iter().map(|root| node(doc, *root)).collect::<Vec<_>>().join(" --- ")
}

fn node(doc: &Doc, id: NodeId) -> String {
    match &doc.node(id).kind {
        NodeKind::Null => "~".to_owned(),
        NodeKind::Error => "!".to_owned(),
        NodeKind::Scalar { text, style: Style::Quoted } => format!("{text:?}"),
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

/// Problems as `4..5 message`, with the code before it if it is not the usual one.
fn problems(diagnostics: &Diagnostics) -> Vec<String> {
    let show = |d: &Diagnostic| {
        let place = d.place.map_or(Span::new(0, 0), |(_, span)| span);
        let code = if d.code == Code::Syntax { String::new() } else { format!("{} ", d.code) };
        format!("{code}{}..{} {}", place.start, place.end, d.message)
    };
    diagnostics.iter().map(show).collect()
}

#[test]
fn trees() {
    for (inner, expected) in [
        // Names, attributes, keys.
        ("<a/>", "{a: ~}"),
        ("<a></a><b> \n</b>", "{a: ~, b: ~}"),
        ("<a b=\"1\" c='2'><d>3</d></a>", "{a: {b: 1, c: 2, d: 3}}"),
        ("<task key=\"write it\"/><t key=\"\"/><x key='a:b'>1</x>", "{write it: ~, : ~, a:b: 1}"),
        ("<entry key=\"key\">k</entry><entry key=\"t\">t</entry><e key=\"item\"/>", "{key: k, t: t, item: ~}"),
        ("<ipcmm.run.cmd/><é·1/>", "{ipcmm.run.cmd: ~, é·1: ~}"),
        // Lists.
        ("<a><item>1</item></a>", "{a: [1]}"),
        ("<a><item/><item><item>1</item></item><item b=\"1\"/></a>", "{a: [~, [1], {b: 1}]}"),
        ("<a>1</a><b/><a>2</a>", "{a: [1, 2], b: ~}"),
        ("<a t=\"list\"/><b t=\"map\"/>", "{a: [], b: {}}"),
        ("<a t=\"list\"><file>1</file><file>2</file></a>", "{a: [1, 2]}"),
        ("<a t=\"map\"><item>1</item><item>2</item></a>", "{a: {item: [1, 2]}}"),
        ("<a><item>1</item><b/></a>", "{a: {item: 1, b: ~}}"),
        ("<a><x key=\"item\"/></a><b><item key=\"1\"/><item key=\"2\"/></b>", "{a: {item: ~}, b: {1: ~, 2: ~}}"),
        // Texts.
        ("<a> x y\n</a>", "{a:  x y\\n}"),
        ("<a>&lt;&amp;&gt;&quot;&apos;&#65;&#x1F600;</a>", "{a: <&>\\\"\\'A😀}"),
        ("<a b=\"&lt;'&#10;\n\t&#9;\"/>", "{a: {b: <\\'\\n  \\t}}"),
        ("<a>1\r\n2\r3&#13;</a>", "{a: 1\\n2\\n3\\r}"),
        ("<a><![CDATA[<b>&amp;\r\n]]]]><![CDATA[>]]></a>", "{a: <b>&amp;\\n]]>}"),
        ("<a><![CDATA[]]></a>", "{a: }"),
        ("<a>1<!-- c --><?pi x?>2</a>", "{a: 12}"),
        ("<a> <!-- c --> </a>", "{a: ~}"),
        ("<a xml:space=\"preserve\"> </a>", "{a:  }"),
        ("<a>]] ></a>", "{a: ]] >}"),
        // Forced types.
        ("<a t=\"str\"/><b t=\"str\"> </b><c t=\"str\">null</c>", "{a: \"\", b: \" \", c: \"null\"}"),
        (
            "<a t=\"int\"> 7 </a><b t=\"float\">1e3</b><c t=\"bool\">true</c><d t=\"null\"/>",
            "{a: 7, b: 1e3, c: true, d: ~}",
        ),
        ("<a key=\"b\" t=\"int\">&#49;</a>", "{b: 1}"),
    ] {
        let text =
            format!("<?xml version='1.0' encoding='utf-8'?><!-- c -->\n<ipcmm>{inner}</ipcmm>\n<!-- c --><?pi?>\n");
        let (doc, diagnostics) = parsed(&text);
        assert_eq!((tree(&doc), problems(&diagnostics)), (expected.to_owned(), Vec::new()), "{text}");
    }
    for (text, expected) in [
        ("<ipcmm/>", "{}"),
        ("\u{feff}<?xml version=\"1.1\"?>\n<ipcmm> </ipcmm>", "{}"),
        ("<ipcmm t=\"null\"/>", "~"),
        ("<ipcmm><item>1</item></ipcmm>", "[1]"),
        ("<ipcmm>1</ipcmm>", "1"),
        ("<ipcmm xmlns:xsi=\"x\" xsi:noNamespaceSchemaLocation=\"y\" a=\"1\"/>", "{a: 1}"),
        ("<?xml version=\"1.0\" encoding=\"ISO-8859-1\" standalone='no' ?><ipcmm/>", "{}"),
    ] {
        let (doc, diagnostics) = parsed(text);
        assert_eq!((tree(&doc), problems(&diagnostics)), (expected.to_owned(), Vec::new()), "{text}");
    }
}

/// What cannot be read, what is left of the document, and that each problem is told once.
#[test]
fn problems_and_what_is_left() {
    for (text, expected, messages) in [
        ("", "", &["0..0 the document has no root element"][..]),
        ("<!-- c -->", "", &["10..10 the document has no root element"]),
        ("a: 1\n", "", &["0..4 text stands before the root element", "5..5 the document has no root element"]),
        ("<ipcmm/><ipcmm/>", "{}", &["9..14 `<ipcmm>` stands behind the end of the document"]),
        ("<ipcm><a/></ipcm>", "{a: ~}", &["C0019 1..5 the root element is `<ipcm>`, not `<ipcmm>`"]),
        ("<project><a/></project>", "!", &["C0019 1..8 the root element is `<project>`, not `<ipcmm>`"]),
        (
            "<!DOCTYPE a [<!ENTITY e 'x'>]><ipcmm><a>&e;</a><b/></ipcmm>",
            "{a: !, b: ~}",
            &["C0015 0..9 a document type is not read"],
        ),
        ("<!doctype a><ipcmm/>", "{}", &["C0015 0..9 a document type is not read"]),
        (" <?xml version=\"1.0\"?><ipcmm/>", "{}", &["1..22 the XML declaration does not stand at the very beginning"]),
        (
            "<?xml encoding=\"UTF-8\"?><ipcmm/>",
            "{}",
            &["0..24 the XML declaration is malformed: its parts are version, encoding and standalone, in this order"],
        ),
        ("<?xml version=\"2.0\"?><ipcmm/>", "{}", &["15..18 there is no version `2.0` of XML"]),
        (
            "<?xml version=\"1.0\" encoding=\"latin1\"?><ipcmm é=''/>",
            "{é: }",
            &["C0003 30..36 the file says that it is `latin1`, and only UTF-8 is read"],
        ),
        (
            "<?xml version=\"1.0\" encoding=\"UTF-16\"?><ipcmm/>",
            "{}",
            &["C0003 30..36 the file says that it is `UTF-16`, and only UTF-8 is read"],
        ),
        // Tags.
        ("<ipcmm><a><b></a><c/></ipcmm>", "{a: {b: !}, c: ~}", &["11..12 `<b>` is not closed"]),
        ("<ipcmm><a></aa><b/></ipcmm>", "{a: ~, b: ~}", &["12..14 `<a>` is closed by `</aa>`"]),
        ("<ipcmm><label></lable></ipcmm>", "{label: ~}", &["16..21 `<label>` is closed by `</lable>`"]),
        ("<ipcmm><a>1</b></ipcmm>", "{a: 1}", &["13..14 `<a>` is closed by `</b>`"]),
        ("<ipcmm><a/></b><c/></ipcmm>", "{a: ~, c: ~}", &["11..15 `</b>` closes nothing"]),
        ("<ipcmm><a>", "!", &["8..9 `<a>` is not closed"]),
        ("<ipcmm/></ipcmm>", "{}", &["8..16 `</ipcmm>` closes nothing"]),
        ("<ipcmm><a b=\"1\"<c/></ipcmm>", "{a: !}", &["15..15 `>` is missing here", "8..9 `<a>` is not closed"]),
        ("<ipcmm><a b=\"1/><c d=\"2\"/></ipcmm>", "{a: !, c: {d: 2}}", &["12..13 the quote `\"` is not closed"]),
        (
            "<ipcmm><a b=\"1 < 2\" c='&'/><d/></ipcmm>",
            "{a: {b: !, c: !}, d: ~}",
            &["15..16 `<` cannot stand in a value", "23..24 `&` begins a reference, and none follows"],
        ),
        (
            "<ipcmm><a b='1' b='2'/></ipcmm>",
            "{a: {b: 1}}",
            &["C0006 16..17 the attribute `b` is written twice in one tag"],
        ),
        ("<ipcmm><a b='1'><b/></a></ipcmm>", "{a: {b: 1}}", &["C0006 17..18 the key `b` is written twice in one map"]),
        (
            "<ipcmm><a key='x'/><b key='x'/></ipcmm>",
            "{x: ~}",
            &["C0006 27..28 the key `x` is written twice in one map"],
        ),
        (
            "<ipcmm><a b=1 c d='1'e='2'/></ipcmm>",
            "{a: !}",
            &[
                "12..13 the value `1` is not in quotes",
                "14..15 the attribute `c` has no value",
                "21..21 white space is missing before this attribute",
            ],
        ),
        (
            "<ipcmm><a$b/><1/><c/></ipcmm>",
            "{a$b: !, c: ~}",
            &["8..11 `a$b` is no name of an element", "13..14 `<` begins a tag, and no name follows"],
        ),
        (
            "<ipcmm><a b:c='1'/><d:e/></ipcmm>",
            "{a: ~}",
            &["C0017 10..13 the attribute `b:c` belongs to a namespace", "C0017 20..23 the name `d:e` has a prefix"],
        ),
        ("<ipcmm><a", "!", &["7..8 this tag is not closed"]),
        ("<ipcmm></ipcmm", "{}", &["7..8 this tag is not closed"]),
        ("<ipcmm></ipcmm a='1'>", "{}", &["15..20 an end tag has nothing but a name"]),
        // Texts.
        (
            "<ipcmm><a>&nbsp;</a><b>&foo; &lt</b><c>&#0;&#xD800;</c><d/></ipcmm>",
            "{a: !, b: !, c: !, d: ~}",
            &[
                "10..16 there is no entity `&nbsp;`",
                "23..28 there is no entity `&foo;`",
                "29..32 the reference `&lt` does not end in `;`",
                "39..43 `&#0;` is no character of XML",
                "43..51 `&#xD800;` is no character of XML",
            ],
        ),
        (
            "<ipcmm><a>\u{1}</a><b>]]></b></ipcmm>",
            "{a: !, b: !}",
            &["10..11 the character U+0001 cannot stand in XML", "18..21 `]]>` cannot stand in a text"],
        ),
        (
            "<ipcmm><a>x<b/></a><c d='1'>x</c></ipcmm>",
            "{a: !, c: !}",
            &[
                "C0016 10..11 text stands beside elements in `<a>`",
                "C0016 28..29 text stands beside attributes in `<c>`",
            ],
        ),
        ("<ipcmm>\n x <a/></ipcmm>", "!", &["C0016 9..10 text stands beside elements in `<ipcmm>`"]),
        (
            "<ipcmm><!-- a -- b --><a/><!-- c ---></ipcmm>",
            "{a: ~}",
            &["14..16 `--` cannot stand in a comment", "33..35 `--` cannot stand in a comment"],
        ),
        ("<ipcmm><a>1</a><!-- c <b/></ipcmm>", "!", &["15..19 the comment `<!--` is not closed"]),
        ("<ipcmm><![CDATA[x</ipcmm>", "!", &["7..16 the section `<![CDATA[` is not closed"]),
        ("<ipcmm/><![CDATA[x]]>", "{}", &["8..21 a CDATA section stands outside of the root element"]),
        (
            "<ipcmm><?XML ?><?1?></ipcmm>",
            "{}",
            &["9..12 `XML` is no target of an instruction", "15..17 `<?` is followed by a name and white space"],
        ),
        (
            "<ipcmm><!x><a/></ipcmm>",
            "{a: ~}",
            &["7..9 `<!` begins a comment `<!--` or a section `<![CDATA[`, and this is neither"],
        ),
        // Types.
        (
            "<ipcmm><a t='lst'/><b t='x'/></ipcmm>",
            "{a: !, b: !}",
            &["C0018 13..16 there is no type `lst` of an element", "C0018 25..26 there is no type `x` of an element"],
        ),
        (
            "<ipcmm><a t='int'>x</a><b t='str'><c/></b><d t='list' e='1'/></ipcmm>",
            "{a: !, b: !, d: !}",
            &[
                "C0018 18..19 the element is said to be a whole number (`t=\"int\"`), and `x` is none",
                "C0018 35..36 the element is said to be a text (`t=\"str\"`), and it has entries",
                "C0018 54..55 the element is said to be a list (`t=\"list\"`), and its children are not elements of one name, or it has attributes",
            ],
        ),
        ("<ipcmm key='a'/>", "!", &["C0018 7..14 `key` names an entry of a map, and this is the root element"]),
        (
            "<ipcmm><a t='list'><b key='1'/></a></ipcmm>",
            "{a: [!]}",
            &["C0018 22..29 `key` names an entry of a map, and this is an element of a list"],
        ),
    ] {
        let (doc, diagnostics) = parsed(text);
        assert_eq!(
            (tree(&doc), problems(&diagnostics)),
            (expected.to_owned(), messages.iter().map(|m| (*m).to_owned()).collect()),
            "{text}"
        );
        assert!(diagnostics.iter().all(|d| d.help.is_some()), "{text}: {diagnostics:?}");
    }
}

#[test]
fn fixes_that_are_applied_leave_xml() {
    for text in [
        "<ipcmm><a>1 < 2</a></ipcmm>",
        "<ipcmm a='1 < 2'/>",
        "<ipcmm><a>b & c</a></ipcmm>",
        "<ipcmm><a>&lt b</a></ipcmm>",
        "<ipcmm><a>&ab c</a></ipcmm>",
        "<ipcmm><a>&nbsp;</a></ipcmm>",
        "<ipcmm><a>&quote;</a></ipcmm>",
        "<ipcmm><a>]]></a></ipcmm>",
        "<ipcmm a=1/>",
        "<ipcmm a='1'b='2'/>",
        "<ipcmm><label></Label></ipcmm>",
        "<ipcmm><a></a</ipcmm>",
        "<?xml version='3'?><ipcmm/>",
        "<?xml encoding='UTF-8'?><ipcmm/>",
        "<?xml version='1.0' encoding='UTF-16'?><ipcmm/>",
        "<ipcmm><a t='strr'/></ipcmm>",
    ] {
        let (_, diagnostics) = parsed(text);
        let fix = diagnostics.iter().find_map(|d| d.fix.clone()).unwrap_or_else(|| panic!("{text}: no fix"));
        let mut mended = text.to_owned();
        mended.replace_range(fix.span.start as usize..fix.span.end as usize, &fix.replacement);
        let (_, diagnostics) = parsed(&mended);
        assert_eq!(problems(&diagnostics), Vec::<String>::new(), "{text} became {mended}");
    }
}
