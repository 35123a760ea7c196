//! The page of a module somebody wrote: what it says of itself, its tasks in run order with what they need, what they
//! touch as far as it is known, and the names of their results.
//!
//! Unaware of: whether the build succeeded; what could be read is told.

use super::Page;
use ipcmm_bytecode::Value;
use ipcmm_compiler::Build;
use ipcmm_compiler::drawing::{Drawing, Edge, Node};
use ipcmm_compiler::graph::{Argument, Body, ExprKind, Task};
use ipcmm_compiler::signatures;
use ipcmm_grammar::types::Type;
use std::fmt::Write;

/// A page for each module of a build.
pub fn pages(build: &Build, drawing: &Drawing) -> Vec<Page> {
    let count = drawing.modules.len() as u32;
    (0..count).map(|module| page(build, drawing, module)).collect()
}

fn page(build: &Build, drawing: &Drawing, module: u32) -> Page {
    let name = drawing.modules.get(module as usize).map_or("", String::as_str);
    let mut text = format!("# Module {}\n", code(name));
    for part in build.program.modules.iter().filter(|part| part.name == name) {
        let doc = build.docs.iter().filter(|doc| doc.file == part.file).flat_map(|doc| top(doc, "doc"));
        doc.for_each(|doc| text.push_str(&format!("\n{}\n", doc.trim())));
    }
    let own: Vec<(usize, &Node)> =
        drawing.nodes.iter().enumerate().filter(|(_, n)| n.module == module && n.part.is_none()).collect();
    if own.is_empty() {
        text.push_str("\nIt has no tasks.\n");
    } else {
        text.push_str("\n## Tasks in run order\n\n| number | task | calls | effect | in short |\n| --- | --- | --- | --- | --- |\n");
    }
    for (_, node) in &own {
        let calls: Vec<String> = node.builtins.iter().map(|name| code(name)).collect();
        let short = first_sentence(&node.doc);
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} |",
            node.number,
            cell(&plain(&node.label)),
            calls.join(", "),
            node.effect.name(),
            cell(&plain(&short))
        );
    }
    for (at, node) in &own {
        // Edges stand in order of the tasks that wait.
        let first = drawing.edges.partition_point(|edge| (edge.after as usize) < *at);
        let edges = drawing.edges[first..].iter().take_while(|edge| edge.after as usize == *at);
        task(&mut text, drawing, &edges.collect::<Vec<_>>(), node, &build.graph.tasks[*at]);
    }
    Page { path: name.replace(['/', '\\'], "_"), title: name.to_owned(), text }
}

/// Texts of a key at the top of a document.
fn top<'d>(doc: &'d ipcmm_compiler::doc::Doc, key: &'d str) -> impl Iterator<Item = &'d str> {
    use ipcmm_compiler::doc::NodeKind;
    doc.roots.iter().filter_map(move |root| match &doc.node(*root).kind {
        NodeKind::Map(entries) => entries.iter().find(|e| doc.text(e.key) == Some(key)).and_then(|e| doc.text(e.value)),
        _ => None,
    })
}

fn task(text: &mut String, drawing: &Drawing, edges: &[&Edge], node: &Node, task: &Task) {
    let _ = write!(text, "\n### {}\n\n", plain(&node.label));
    if !node.doc.is_empty() {
        let _ = write!(text, "{}\n\n", node.doc.trim());
    }
    let calls: Vec<String> = node.builtins.iter().map(|name| code(name)).collect();
    let _ = writeln!(text, "- calls {} ({})", calls.join(", "), code(&node.place.to_string()));
    for edge in edges {
        let target = &drawing.nodes[edge.before as usize];
        let _ = writeln!(text, "- {} {}", code(edge.keyword), plain(&target.label));
    }
    for touched in touched(&task.body) {
        let _ = writeln!(text, "- touches {}", code(&touched));
    }
    if let Some(name) = &task.result {
        let _ = writeln!(text, "- its result is {}", code(name));
    }
    for said in node.said.iter().filter(|said| !matches!(said.keyword, "args" | "doc" | "result")) {
        let edge = edges.iter().any(|edge| edge.keyword == said.keyword);
        if !edge {
            let _ = writeln!(text, "- {} {}", code(said.keyword), code(&said.text.replace('\n', " ")));
        }
    }
}

/// Paths and commands of a body that are known at build.
fn touched(body: &Body) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![body];
    while let Some(body) = open.pop() {
        open.extend(body.children.iter().rev());
        let Some(builtin) = body.builtin else { continue };
        let types = signatures::params(builtin);
        for (param, argument) in &body.args {
            let Argument::Value(expr) = argument else { continue };
            let ExprKind::Constant(value) = &expr.kind else { continue };
            let (Some(row), Some(ty)) = (builtin.params.get(usize::from(*param)), types.get(usize::from(*param)))
            else {
                continue;
            };
            match value {
                Value::Str(path) if ty.without_null() == Type::Path => found.push(path.to_string()),
                Value::Str(line) if ty.without_null() == Type::Shell => found.push(line.to_string()),
                Value::List(words) if row.name == "argv" => {
                    found.push(words.iter().map(|word| word.to_string()).collect::<Vec<_>>().join(" "));
                }
                _ => {}
            }
        }
    }
    found
}

/// The first sentence of a text, on one line.
fn first_sentence(text: &str) -> String {
    let paragraph = text.trim().split("\n\n").next().unwrap_or("");
    let line = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.find(". ") {
        Some(end) => line[..=end].to_owned(),
        None => line,
    }
}

/// Text in a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

/// A text of a source as text of Markdown: nothing in it has a meaning.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' => out.push(' '),
            c if c.is_ascii_punctuation() && !matches!(c, '.' | ',' | '/' | '-' | ':' | '|') => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out
}

/// A text of a source as code: the backquotes around it are more than it has in a row.
fn code(text: &str) -> String {
    let text = text.replace(['\n', '\r'], " ");
    let most = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let ticks = "`".repeat(most + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    cell(&format!("{ticks}{pad}{text}{pad}{ticks}"))
}
