//! A drawing as one HTML page that needs nothing else: to pan, to search, and to ask any edge why it is there.
//!
//! The picture is that of [`super::svg`]; what a click shows comes from the JSON of [`super::json`], carried in the
//! page. Nothing of a source becomes markup or script: texts are escaped, and the script only sets text.

use super::layout::layout;
use super::svg::{STYLE, escaped, picture};
use super::{Drawing, Edge, json};
use ipcmm_grammar::keywords::Keyword;

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
    let title = escaped(&title);
    let mut own: Vec<u32> = drawing.edges.iter().filter(|e| e.before == e.after).map(|e| e.after).collect();
    own.dedup();
    let alarm = |number: usize, one: &str, several: &str| match number {
        0 => String::new(),
        1 => format!("<span class=\"alarm\">1 task {one}</span>"),
        n => format!("<span class=\"alarm\">{n} tasks {several}</span>"),
    };
    let mutual = |edge: &&Edge| edge.cyclic && edge.before != edge.after;
    let mut knotted: Vec<u32> = drawing.edges.iter().filter(mutual).map(|edge| edge.after).collect();
    knotted.dedup();
    let warning = alarm(knotted.len(), "waits for another that waits for it", "wait for each other")
        + &alarm(own.len(), "waits for itself", "wait for themselves");
    let words: serde_json::Map<String, serde_json::Value> =
        keywords(drawing).map(|keyword| (keyword.name().to_owned(), keyword.doc().into())).collect();
    // Within a script element only `<` can do harm.
    let data = json::json(drawing).to_string().replace('<', "\\u003c");
    fill(
        include_str!("page.html"),
        &[
            ("title", &title),
            ("style", &format!("{STYLE}{PAGE_STYLE}")),
            ("tasks", &drawing.nodes.len().to_string()),
            ("edges", &drawing.edges.len().to_string()),
            ("warning", &warning),
            ("width", &format!("{w:.0}")),
            ("height", &format!("{h:.0}")),
            ("picture", &picture(drawing, &layout)),
            ("legend", &legend(drawing)),
            ("data", &data),
            ("words", &serde_json::Value::from(words).to_string().replace('<', "\\u003c")),
            ("script", SCRIPT),
        ],
    )
}

/// A page with texts in the places of their names in `{{…}}`. What is put in is not looked at again.
pub fn fill(page: &str, texts: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(page.len() + texts.iter().map(|(_, text)| text.len()).sum::<usize>());
    let mut rest = page;
    while let Some((before, (name, after))) =
        rest.split_once("{{").and_then(|(before, behind)| Some((before, behind.split_once("}}")?)))
    {
        out.push_str(before);
        out.push_str(texts.iter().find(|(known, _)| *known == name).map_or("", |(_, text)| text));
        rest = after;
    }
    out.push_str(rest);
    out
}

/// The keywords of the edges there are, each with its line.
fn legend(drawing: &Drawing) -> String {
    let line = |keyword: Keyword| {
        format!(
            "<li title=\"{}\"><svg width=\"30\" height=\"8\" class=\"edge {1}\"><path class=\"line\" d=\"M1 4H29\"/></svg>{1}</li>",
            escaped(keyword.doc()),
            keyword.name()
        )
    };
    keywords(drawing).map(line).collect()
}

/// The keywords of edges, each once, by name.
fn keywords(drawing: &Drawing) -> impl Iterator<Item = Keyword> {
    let mut names: Vec<&str> = drawing.edges.iter().map(|edge| edge.keyword).collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter().filter_map(Keyword::from_name)
}
