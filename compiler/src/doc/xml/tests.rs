//! Tests of the XML reader: trees, places, problems, recovery, conformance, hostile input.

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
