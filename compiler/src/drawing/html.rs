//! A drawing as one HTML page that needs nothing else: to pan, to search, and to ask any edge why it is there.
//!
//! The picture is that of [`super::svg`]; what a click shows comes from the JSON of [`super::json`], carried in the
//! page. Nothing of a source becomes markup or script: texts are escaped, and the script only sets text.

use super::layout::layout;
use super::svg::{STYLE, escaped, picture};
use super::{Drawing, json};
use std::fmt::Write;

const PAGE_STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// The page.
pub fn html(drawing: &Drawing) -> String {
    let layout = layout(drawing);
    let (w, h) = (layout.size.0.max(1.0), layout.size.1.max(1.0));
    let title = match drawing.modules.as_slice() {
        [] => "ipcmm".to_owned(),
        [one] => one.clone(),
        [first, rest @ ..] => format!("{first} and {} more", rest.len()),
    };
    // Within a script element only `<` can do harm.
    let data = json::json(drawing).to_string().replace('<', "\\u003c");
    let mut out = String::with_capacity(data.len() * 4);
    let _ = write!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n<title>{} · graph</title>\n<style>\n{STYLE}{PAGE_STYLE}</style>\n</head>\n<body class=\"ipcmm\">\n",
        escaped(&title)
    );
    let cyclic = drawing.nodes.iter().filter(|node| node.cyclic).count();
    let warning = match cyclic {
        0 => String::new(),
        n => format!("<span class=\"alarm\">{n} tasks wait for each other</span>"),
    };
    let _ = write!(
        out,
        "<header><h1>{}</h1><span class=\"sum\">{} tasks · {} edges</span>{warning}<span class=\"room\"></span><input id=\"search\" type=\"search\" placeholder=\"Search ( / )\" aria-label=\"Search tasks\" autocomplete=\"off\" spellcheck=\"false\"><output id=\"hits\"></output><button id=\"fit\" title=\"Show everything (0)\">Fit</button><button id=\"plus\" title=\"Nearer (+)\" aria-label=\"Nearer\">+</button><button id=\"minus\" title=\"Farther (-)\" aria-label=\"Farther\">−</button></header>\n",
        escaped(&title),
        drawing.nodes.len(),
        drawing.edges.len(),
    );
    let _ = write!(
        out,
        "<main><svg id=\"canvas\" xmlns=\"http://www.w3.org/2000/svg\" tabindex=\"0\" role=\"application\" aria-label=\"Tasks and what they wait for. Arrow keys move, plus and minus zoom.\" data-w=\"{w:.0}\" data-h=\"{h:.0}\"><g id=\"world\">\n{}</g></svg>\n<aside id=\"details\" aria-live=\"polite\" hidden></aside>\n<ul id=\"legend\"><li><i class=\"bar change\"></i>changes the node</li><li><i class=\"bar read\"></i>only looks</li><li><i class=\"bar none\"></i>touches nothing</li>{}</ul></main>\n",
        picture(drawing, &layout),
        legend(drawing)
    );
    let _ = write!(
        out,
        "<script id=\"data\" type=\"application/json\">{data}</script>\n<script>\n{SCRIPT}</script>\n</body>\n</html>\n"
    );
    out
}

/// The keywords of the edges there are, each with its line.
fn legend(drawing: &Drawing) -> String {
    let mut keywords: Vec<&str> = drawing.edges.iter().map(|edge| edge.keyword).collect();
    keywords.sort_unstable();
    keywords.dedup();
    let line = |keyword: &&str| {
        format!(
            "<li><svg width=\"30\" height=\"8\" class=\"edge {0}\"><path class=\"line\" d=\"M1 4H29\"/></svg>{0}</li>",
            escaped(keyword)
        )
    };
    keywords.iter().map(line).collect()
}
