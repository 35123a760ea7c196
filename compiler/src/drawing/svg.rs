//! A drawing as SVG: light or dark as its reader prefers, and readable without colours.
//!
//! What a colour says is also said by a word in the tooltip, a line by its dashes. Unaware of: where the picture is
//! shown; the page of [`super::html`] holds the same picture and finds its parts by `data-` attributes.

use super::layout::{Box, HEIGHT, Layout, layout, shown, subtitle};
use super::{Drawing, Edge, Node, select};
use ipcmm_bytecode::Effect;
use std::fmt::Write;

/// Colours and lines, of the picture alone and within a page.
pub const STYLE: &str = include_str!("picture.css");

/// The picture as a file.
pub fn svg(drawing: &Drawing) -> String {
    let layout = layout(drawing);
    let (w, h) = (layout.size.0.max(1.0), layout.size.1.max(1.0));
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"ipcmm\" width=\"{w:.0}\" height=\"{h:.0}\" viewBox=\"0 0 {w:.0} {h:.0}\" role=\"img\" aria-label=\"Tasks and what they wait for\">\n<style>\n{STYLE}</style>\n<rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n"
    );
    out.push_str(&picture(drawing, &layout));
    out.push_str("</svg>\n");
    out
}

/// What stands within the picture: definitions, modules, edges, nodes.
pub fn picture(drawing: &Drawing, layout: &Layout) -> String {
    let mut out = String::from("<defs>\n");
    for (id, class) in [("tip", "tip"), ("tip-cyclic", "tip cyclic")] {
        // Writing to a String cannot fail; so too below.
        let _ = writeln!(
            out,
            "<marker id=\"{id}\" class=\"{class}\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path d=\"M0 0.5 8 4 0 7.5z\"/></marker>"
        );
    }
    out.push_str("</defs>\n");
    if layout.modules.len() > 1 {
        for (number, place) in &layout.modules {
            let name = drawing.modules.get(*number as usize).map_or("", String::as_str);
            let _ = writeln!(
                out,
                "<g class=\"module\">{}<text x=\"{:.1}\" y=\"{:.1}\">{}</text></g>",
                rect(place, 10.0),
                place.x + 14.0,
                place.y + 23.0,
                escaped(&shown(name))
            );
        }
    }
    for (number, (one, points)) in drawing.edges.iter().zip(&layout.edges).enumerate() {
        edge(&mut out, drawing, layout, number, one, points);
    }
    for (number, (one, place)) in drawing.nodes.iter().zip(&layout.nodes).enumerate() {
        node(&mut out, drawing, number, one, place);
    }
    out
}

fn rect(place: &Box, round: f64) -> String {
    let Box { x, y, w, h } = place;
    format!("<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{w:.1}\" height=\"{h:.1}\" rx=\"{round}\"/>")
}

fn node(out: &mut String, drawing: &Drawing, number: usize, node: &Node, place: &Box) {
    let class = match node.effect {
        Effect::None => "none",
        Effect::Read => "read",
        Effect::Change => "change",
    };
    let cyclic = if node.cyclic { " cyclic" } else { "" };
    let what = node.builtins.join(", ");
    let title = format!(
        "{} · {}/{}\n{what}\neffect {class} · {}\n{}",
        node.number,
        select::module(drawing, node),
        node.label,
        node.mode,
        node.place
    );
    let count = node.number.to_string();
    let text = place.x + 16.0 + count.len() as f64 * 6.5 + 8.0;
    let _ = writeln!(
        out,
        "<g class=\"node {class}{cyclic}\" data-n=\"{number}\"><title>{}</title>{}<rect class=\"bar\" x=\"{:.1}\" y=\"{:.1}\" width=\"4\" height=\"{:.1}\" rx=\"2\"/><text class=\"count\" x=\"{:.1}\" y=\"{:.1}\">{count}</text><text class=\"label\" x=\"{text:.1}\" y=\"{:.1}\">{}</text><text class=\"what\" x=\"{text:.1}\" y=\"{:.1}\">{}</text></g>",
        escaped(&title),
        rect(place, 8.0),
        place.x + 6.0,
        place.y + 8.0,
        HEIGHT - 16.0,
        place.x + 17.0,
        place.y + 19.0,
        place.y + 19.0,
        escaped(&shown(&node.label)),
        place.y + 34.0,
        escaped(&subtitle(node)),
    );
}

fn edge(out: &mut String, drawing: &Drawing, layout: &Layout, number: usize, edge: &Edge, points: &[(f64, f64)]) {
    let name = |at: u32| drawing.nodes[at as usize].label.as_str();
    let title =
        format!("{} {} {}\n{}\n{}", name(edge.after), edge.keyword, name(edge.before), edge.place, edge.excerpt);
    let (first, last) = (&layout.nodes[edge.before as usize], &layout.nodes[edge.after as usize]);
    let line = match edge.before == edge.after {
        true => around(points),
        false if last.y > first.y => down(points),
        false => arc(points, last.y == first.y),
    };
    let (class, tip) = if edge.cyclic { (" cyclic", "tip-cyclic") } else { ("", "tip") };
    let _ = writeln!(
        out,
        "<g class=\"edge {}{class}\" data-e=\"{number}\"><title>{}</title><path class=\"reach\" d=\"{line}\"/><path class=\"line\" marker-end=\"url(#{tip})\" d=\"{line}\"/></g>",
        escaped(edge.keyword),
        escaped(&title)
    );
}

/// A line downwards: straight through rows, curved between them.
fn down(points: &[(f64, f64)]) -> String {
    let mut line = String::new();
    let mut last = (0.0f64, 0.0f64);
    for (i, &(x, y)) in points.iter().enumerate() {
        let _ = match i {
            0 => write!(line, "M{x:.1} {y:.1}"),
            _ if (last.0 - x).abs() < 0.05 => write!(line, "L{x:.1} {y:.1}"),
            _ => {
                let middle = (last.1 + y) / 2.0;
                write!(line, "C{:.1} {middle:.1} {x:.1} {middle:.1} {x:.1} {y:.1}", last.0)
            }
        };
        last = (x, y);
    }
    line
}

/// A line against the order: out to the right and back, or over the top within a row.
fn arc(points: &[(f64, f64)], level: bool) -> String {
    let (Some(a), Some(b)) = (points.first(), points.last()) else { return String::new() };
    if level {
        let y = a.1 - 30.0;
        return format!("M{:.1} {:.1}C{:.1} {y:.1} {:.1} {y:.1} {:.1} {:.1}", a.0, a.1, a.0, b.0, b.0, b.1);
    }
    let out = a.0.max(b.0) + 36.0 + ((a.1 - b.1).abs() / 12.0).min(60.0);
    format!("M{:.1} {:.1}C{out:.1} {:.1} {out:.1} {:.1} {:.1} {:.1}", a.0, a.1, a.1, b.1, b.0, b.1)
}

/// A line from a node to itself, no wider than the space beside it.
fn around(points: &[(f64, f64)]) -> String {
    let (Some(a), Some(b)) = (points.first(), points.last()) else { return String::new() };
    let out = a.0 + 24.0;
    format!("M{:.1} {:.1}C{out:.1} {:.1} {out:.1} {:.1} {:.1} {:.1}", a.0, a.1, a.1 + 4.0, b.1 - 4.0, b.0, b.1)
}

/// Text within XML and HTML, also within an attribute; characters XML has not are replaced.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(c),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
