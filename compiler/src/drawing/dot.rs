//! A drawing in the language of Graphviz.

use super::Drawing;
use std::fmt::Write;

/// The drawing as a digraph: a cluster for each module, arrows from what runs first.
pub fn dot(drawing: &Drawing) -> String {
    let mut out = String::from(
        "digraph ipcmm {\n  rankdir=TB;\n  node [shape=box, style=rounded, fontname=\"sans-serif\"];\n  edge [fontname=\"sans-serif\", fontsize=10];\n",
    );
    // Writing to a String cannot fail; so too below.
    for (module, name) in drawing.modules.iter().enumerate() {
        let own = drawing.nodes.iter().enumerate().filter(|(_, node)| node.module as usize == module);
        let mut lines = String::new();
        for (at, node) in own {
            let what = node.builtins.join(", ");
            let part = node.part.map(|part| format!(" ({part})")).unwrap_or_default();
            let label = quoted(&format!("{} {}{part}", node.number, node.label));
            let _ = write!(lines, "    n{at} [label={label}, tooltip={}", quoted(&format!("{what}\n{}", node.place)));
            lines.push_str(if node.cyclic { ", color=red, fontcolor=red];\n" } else { "];\n" });
        }
        if !lines.is_empty() {
            let _ = write!(out, "  subgraph cluster_{module} {{\n    label={};\n{lines}  }}\n", quoted(name));
        }
    }
    for edge in &drawing.edges {
        let color = if edge.cyclic { ", color=red, fontcolor=red" } else { "" };
        let tooltip = quoted(&format!("{}  {}", edge.place, edge.excerpt));
        let _ = writeln!(
            out,
            "  n{} -> n{} [label={}, tooltip={tooltip}{color}];",
            edge.before,
            edge.after,
            quoted(edge.keyword)
        );
    }
    out.push_str("}\n");
    out
}

/// A text as Graphviz reads it: line ends become line breaks.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
