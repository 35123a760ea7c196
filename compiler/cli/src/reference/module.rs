//! The page of a module somebody wrote: what it says of itself, what it declares and defines, the facts it reads, what
//! it touches, and its tasks in run order with what they need and the names of their results.
//!
//! Unaware of: whether the build succeeded; what could be read is told. Names are in `surface`.

use super::{Page, surface};
use ipcmm_bytecode::{Effect, Value};
use ipcmm_compiler::Build;
use ipcmm_compiler::drawing::{Drawing, Edge, Node};
use ipcmm_compiler::graph::{Argument, ExprKind, Task};
use ipcmm_compiler::signatures;
use ipcmm_compiler::source::FileId;
use ipcmm_grammar::types::Type;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// The longest expression that is shown in the place of a path or a command.
const WRITTEN: usize = 160;

/// A page for each module of a build.
pub fn pages(build: &Build, drawing: &Drawing) -> Vec<Page> {
    let count = drawing.modules.len() as u32;
    (0..count).map(|module| page(build, drawing, module)).collect()
}

fn page(build: &Build, drawing: &Drawing, module: u32) -> Page {
    let name = drawing.modules.get(module as usize).map_or("", String::as_str);
    let mut text = format!("# Module {}\n", code(name));
    let mut files: Vec<FileId> = Vec::new();
    // What a call brings in is told as its tasks; the file its procedure stands in belongs to another module.
    let is_call = |scope: u32| build.program.scopes.list.get(scope as usize).is_some_and(|scope| scope.is_call);
    for part in build.program.modules.iter().filter(|part| part.name == name && !is_call(part.scope)) {
        if !files.contains(&part.file) {
            files.push(part.file);
        }
    }
    for file in &files {
        let doc = build.docs.iter().filter(|doc| doc.file == *file).flat_map(|doc| top(doc, "doc"));
        doc.for_each(|doc| text.push_str(&format!("\n{}\n", quoted(doc))));
    }
    let names: Vec<String> = files.iter().map(|file| code(&build.sources.file(*file).name)).collect();
    if !names.is_empty() {
        let _ = writeln!(text, "\nWritten in {}.", names.join(", "));
    }
    text.push_str(&surface::sections(build, name));
    let own: Vec<(usize, &Node)> =
        drawing.nodes.iter().enumerate().filter(|(_, n)| n.module == module && n.part.is_none()).collect();
    facts(&mut text, own.iter().map(|(at, _)| &build.graph.tasks[*at]));
    effects(&mut text, build, &own);
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
        task(&mut text, build, drawing, &edges.collect::<Vec<_>>(), node, &build.graph.tasks[*at]);
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

/// The facts that tasks read.
fn facts<'t>(text: &mut String, tasks: impl Iterator<Item = &'t Task>) {
    let mut read: BTreeMap<&'static str, BTreeSet<String>> = BTreeMap::new();
    for task in tasks {
        task.body.each_expr(&mut |expr| {
            let mut open = vec![expr];
            while let Some(expr) = open.pop() {
                if let ExprKind::Fact(path) = expr.kind {
                    read.entry(path).or_default().insert(plain(&task.label));
                }
                expr.parts(&mut |part| open.push(part));
            }
        });
    }
    // What an expression is folded to no longer reads anything, so this is what a run demands.
    let row = |(path, tasks): (&'static str, BTreeSet<String>)| {
        let (ty, doc) = ipcmm_stdlib::facts::by_path(path).map_or(("", ""), |fact| (fact.ty, fact.doc));
        let tasks: Vec<String> = tasks.into_iter().collect();
        vec![code(path), code(ty), cell(doc), cell(&tasks.join(", "))]
    };
    let rows = read.into_iter().map(row).collect();
    text.push_str(&table("## Facts it reads", &["fact", "type", "meaning", "tasks"], rows));
}

/// The paths and commands of all tasks that do more than compute.
fn effects(text: &mut String, build: &Build, own: &[(usize, &Node)]) {
    let mut rows = Vec::new();
    for (at, node) in own.iter().filter(|(_, node)| node.effect != Effect::None) {
        for one in touched(build, &build.graph.tasks[*at]) {
            rows.push(vec![code(&one), node.effect.name().to_owned(), cell(&plain(&node.label))]);
        }
    }
    text.push_str(&table("## What it touches", &["path or command", "effect", "task"], rows));
}

/// A table below its heading, without columns in which nothing stands; nothing at all without rows.
pub(super) fn table(heading: &str, titles: &[&str], rows: Vec<Vec<String>>) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let used: Vec<usize> =
        (0..titles.len()).filter(|c| rows.iter().any(|row| row.get(*c).is_some_and(|cell| !cell.is_empty()))).collect();
    let line = |cells: Vec<&str>| format!("| {} |\n", cells.join(" | "));
    let mut text = format!("\n{heading}\n\n");
    text.push_str(&line(used.iter().map(|c| titles[*c]).collect()));
    text.push_str(&line(used.iter().map(|_| "---").collect()));
    rows.iter().for_each(|row| text.push_str(&line(used.iter().map(|c| row[*c].as_str()).collect())));
    text
}

fn task(text: &mut String, build: &Build, drawing: &Drawing, edges: &[&Edge], node: &Node, task: &Task) {
    let _ = write!(text, "\n### {}\n\n", plain(&node.label));
    if !node.doc.is_empty() {
        let _ = write!(text, "{}\n\n", quoted(&node.doc));
    }
    let calls: Vec<String> = node.builtins.iter().map(|name| code(name)).collect();
    let _ = match calls.is_empty() {
        true => writeln!(text, "- written at {}", code(&node.place.to_string())),
        false => writeln!(text, "- calls {} ({})", calls.join(", "), code(&node.place.to_string())),
    };
    for edge in edges {
        let target = &drawing.nodes[edge.before as usize];
        let _ = writeln!(text, "- {} {}", code(edge.keyword), plain(&target.label));
    }
    for touched in touched(build, task) {
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

/// Paths and commands of a task: those that are known at build as they are, others as they are written.
fn touched(build: &Build, task: &Task) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![&task.body];
    while let Some(body) = open.pop() {
        open.extend(body.children.iter().rev());
        let Some(builtin) = body.builtin else { continue };
        let types = signatures::params(builtin);
        for (param, argument) in &body.args {
            let Argument::Value(expr) = argument else { continue };
            let (Some(row), Some(ty)) = (builtin.params.get(usize::from(*param)), types.get(usize::from(*param)))
            else {
                continue;
            };
            let is_place = matches!(ty.without_null(), Type::Path | Type::Shell);
            match &expr.kind {
                ExprKind::Constant(Value::Str(text)) if is_place => found.push(text.to_string()),
                ExprKind::Constant(Value::List(words)) if row.name == "argv" => {
                    let word = |word: &Value| word.as_str().map_or_else(|| word.to_string(), quote);
                    found.push(words.iter().map(word).collect::<Vec<_>>().join(" "));
                }
                ExprKind::Constant(_) => {}
                _ if is_place || row.name == "argv" => {
                    let written = surface::source(build, task.file, expr.span);
                    found.extend(Some(written).filter(|text| !text.is_empty() && text.len() <= WRITTEN));
                }
                _ => {}
            }
        }
    }
    found
}

/// A word of a command as a shell would take it.
fn quote(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "_-+=:,./@%".contains(c);
    match !word.is_empty() && word.chars().all(is_plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }
}

/// What an author wrote about something. It is Markdown, but it stays below the headings of the page.
pub(super) fn quoted(text: &str) -> String {
    let line = |line: &str| match line.trim_start().starts_with('#') {
        true => format!("\\{}", line.trim_start()),
        false => line.to_owned(),
    };
    text.trim().lines().map(line).collect::<Vec<_>>().join("\n")
}

/// The same on one line.
pub(super) fn inline(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
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
pub(super) fn cell(text: &str) -> String {
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
pub(super) fn code(text: &str) -> String {
    let text = text.replace(['\n', '\r'], " ");
    let most = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let ticks = "`".repeat(most + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    cell(&format!("{ticks}{pad}{text}{pad}{ticks}"))
}
