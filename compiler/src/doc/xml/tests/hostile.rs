//! Large, deep and broken input. Each case would take minutes if anything were quadratic.

use super::{node, parsed};
use crate::diag::Code;
use crate::doc::builder::{MAX_DEPTH, MAX_REPORTS};
use proptest::prelude::*;

const LARGE: usize = 10 << 20;

#[test]
fn depth_is_limited_and_told_once() {
    let nested = |depth: usize| format!("<ipcmm>{}{}<z/></ipcmm>", "<a>".repeat(depth), "</a>".repeat(depth));
    assert!(parsed(&nested(MAX_DEPTH)).1.is_empty());
    for depth in [MAX_DEPTH + 1, 100_000] {
        let (doc, diagnostics) = parsed(&nested(depth));
        assert_eq!(diagnostics.iter().map(|d| d.code).collect::<Vec<_>>(), [Code::TooDeep]);
        // What follows the deep part is read.
        assert!(node(&doc, doc.roots[0]).ends_with(", z: ~}"));
    }
}

fn overwhelm(before: &str, part: &str, bytes: usize) {
    let text = format!("{before}{}", part.repeat(bytes / part.len()));
    let (_, diagnostics) = parsed(&text);
    for code in [Code::Syntax, Code::Doctype, Code::TooDeep] {
        let count = diagnostics.iter().filter(|d| d.code == code).count();
        assert!(count <= MAX_REPORTS, "{before}{part}");
    }
    assert!(diagnostics.has_errors(), "{before}{part}");
}

#[test]
fn ten_megabytes_of_anything() {
    for part in ["<a>", "<", "&lt;"] {
        overwhelm("<ipcmm>", part, LARGE);
    }
}

#[test]
fn much_of_anything() {
    for part in [
        "<a>",
        "<",
        "<a",
        "<a b='",
        "<a b=\"x",
        "</a>",
        "</",
        "<a/>",
        "&",
        "&a",
        "&lt;",
        "&#",
        "]]>",
        "<!--",
        "<!",
        "<![CDATA[",
        "<?",
        "<?x?>",
        "<a b='1' ",
        "\u{1}",
        "\u{feff}",
        "<!DOCTYPE [",
        "<!-- -- -->",
        "<![CDATA[]]>",
        "<a>x</b>",
        "< ",
        "<a><b></a>",
        "x",
        "\r",
        "<a ",
        "<a =",
        "<a '>",
        "</a <",
    ] {
        for before in ["", "<ipcmm>", "<ipcmm><a>"] {
            overwhelm(before, part, 300_000);
        }
    }
}

#[test]
fn one_large_attribute_and_very_many() {
    let text = format!("<ipcmm a='{}'/>", "&amp;x\n".repeat(LARGE / 7));
    let (doc, diagnostics) = parsed(&text);
    assert!(diagnostics.is_empty());
    assert_eq!(doc.nodes.len(), 3);
    let many: String = (0..200_000).map(|i| format!(" a{i}='1'")).collect();
    let (doc, diagnostics) = parsed(&format!("<ipcmm{many}/>"));
    assert!(diagnostics.is_empty());
    assert_eq!(doc.nodes.len(), 400_001);
    let children: String = (0..200_000_u32).map(|i| format!("<a{}/>", i % 1000)).collect();
    let (doc, diagnostics) = parsed(&format!("<ipcmm>{children}</ipcmm>"));
    assert!(diagnostics.is_empty());
    assert_eq!(doc.nodes.len(), 200_000 + 2 * 1000 + 1);
}

proptest! {
    /// Whatever is written, every place is one of the text.
    #[test]
    fn any_text(text in "(<ipcmm>|</?[ab]>|<a/>|[<>&;!?/='\" \n\r\té]|<!--|-->|<!\\[CDATA\\[|\\]\\]>|<\\?xml |key='|t='list'|&#x?[0-9a]*;|<!DOCTYPE ){0,40}") {
        let (doc, diagnostics) = parsed(&text);
        let places = doc.nodes.iter().map(|n| n.span).chain(diagnostics.iter().filter_map(|d| Some(d.place?.1)));
        for span in places {
            prop_assert!(text.get(span.start as usize..span.end as usize).is_some(), "{text:?} {span:?}");
        }
    }
}
