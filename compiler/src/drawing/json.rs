//! A drawing as JSON (`spec/schema/graph.schema.json`).

use super::{Drawing, Node, Place, select};
use serde_json::{Value, json};

/// The whole drawing.
pub fn json(drawing: &Drawing) -> Value {
    let node = |(at, node): (usize, &Node)| {
        let said = node.said.iter().map(|said| json!({ "keyword": said.keyword, "text": said.text }));
        json!({
            "id": at,
            "number": node.number,
            "label": node.label,
            "part": node.part,
            "module": select::module(drawing, node),
            "builtins": node.builtins,
            "effect": node.effect.name(),
            "mode": node.mode,
            "doc": node.doc,
            "keywords": said.collect::<Vec<_>>(),
            "place": place(&node.place),
            "cyclic": node.cyclic,
        })
    };
    let edges = drawing.edges.iter().map(|edge| {
        json!({
            "before": edge.before,
            "after": edge.after,
            "keyword": edge.keyword,
            "place": place(&edge.place),
            "excerpt": edge.excerpt,
            "cyclic": edge.cyclic,
        })
    });
    json!({
        "version": 1,
        "modules": drawing.modules,
        "tasks": drawing.nodes.iter().enumerate().map(node).collect::<Vec<_>>(),
        "edges": edges.collect::<Vec<_>>(),
    })
}

fn place(place: &Place) -> Value {
    json!({ "file": place.file, "line": place.line, "column": place.column })
}
