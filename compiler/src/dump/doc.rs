//! A [`Doc`] as JSON, for `--emit doc` and for tests.
//!
//! Unaware of: formats and meaning.

use crate::doc::builder::MAX_DEPTH;
use crate::doc::{Doc, NodeId, NodeKind, Span, Style};
use crate::source::Sources;
use serde_json::{Value, json};

/// The document with the byte spans of all nodes.
pub fn to_json(doc: &Doc, sources: &Sources) -> Value {
    let roots: Vec<Value> = doc.roots.iter().map(|root| node(doc, *root, 0)).collect();
    json!({ "file": sources.file(doc.file).name, "roots": roots })
}

/// Recurses as deep as the document is nested, which [`MAX_DEPTH`] bounds.
fn node(doc: &Doc, id: NodeId, depth: usize) -> Value {
    let node_of = |id: &NodeId| node(doc, *id, depth + 1);
    let at = doc.node(id);
    let span = pair(at.span);
    if depth > MAX_DEPTH {
        return json!({ "kind": "error", "span": span });
    }
    match &at.kind {
        NodeKind::Null => json!({ "kind": "null", "span": span }),
        NodeKind::Error => json!({ "kind": "error", "span": span }),
        NodeKind::Scalar { text, style } => {
            let style = match style {
                Style::Bare => "bare",
                Style::Quoted => "quoted",
                Style::Text => "text",
            };
            json!({ "kind": "scalar", "text": text, "style": style, "span": span })
        }
        NodeKind::List(items) => {
            let items: Vec<Value> = items.iter().map(node_of).collect();
            json!({ "kind": "list", "span": span, "items": items })
        }
        NodeKind::Map(entries) => {
            let entry = |e: &crate::doc::Entry| {
                let key = json!({ "text": doc.text(e.key).unwrap_or(""), "span": pair(doc.node(e.key).span) });
                json!({ "key": key, "value": node_of(&e.value) })
            };
            let entries: Vec<Value> = entries.iter().map(entry).collect();
            json!({ "kind": "map", "span": span, "entries": entries })
        }
    }
}

fn pair(span: Span) -> Value {
    json!([span.start, span.end])
}
