//! What a module declares and defines, as sections of its page: inputs, outputs, other names, functions, lambdas and
//! procedures, each with the words its author wrote about it.
//!
//! Unaware of: tasks, and what a run would do.

use super::module::{cell, code, inline, quoted, table};
use ipcmm_compiler::Build;
use ipcmm_compiler::doc::{NodeKind, Span};
use ipcmm_compiler::ir::surface::{Declared, DeclaredKind, Input, Output, Procedure};
use ipcmm_compiler::ir::{Function, Module};
use ipcmm_compiler::source::FileId;
use std::collections::BTreeSet;
use std::fmt::Write;

/// The most characters of a value or an expression in a table.
const SHOWN: usize = 120;

/// Sections for everything a module has a name for besides its tasks.
pub(super) fn sections(build: &Build, module: &str) -> String {
    let mut seen = BTreeSet::new();
    // A part that was divided around a call, or expanded from one, names the same things again.
    let mut new = |file: FileId, span: Span| seen.insert((file, span.start));
    let mut text = String::new();
    let parts: Vec<&Module> = build.program.modules.iter().filter(|part| part.name == module).collect();
    let mut names: Vec<(FileId, &Declared)> = Vec::new();
    let mut functions: Vec<(FileId, &Function)> = Vec::new();
    let mut procedures: Vec<(FileId, &Procedure)> = Vec::new();
    let mut lambdas = Vec::new();
    for part in parts {
        names.extend(part.surface.names.iter().filter(|name| new(part.file, name.span)).map(|name| (part.file, name)));
        functions.extend(part.functions.iter().filter(|f| new(part.file, f.span)).map(|f| (part.file, f)));
        lambdas.extend(part.lambdas.iter().filter(|l| new(part.file, l.span)).map(|l| (part.file, l)));
        procedures.extend(part.procedures.iter().filter(|p| new(part.file, p.span)).map(|p| (part.file, &**p)));
    }
    declared(&mut text, build, "##", &names);
    let mut rows: Vec<Vec<String>> = Vec::new();
    for (file, function) in functions {
        let body = function.body.as_ref().map(|body| source(build, file, body.scalar)).unwrap_or_default();
        let doc = said(build, file, function.span, "doc");
        rows.push(vec![code(&signature(build, file, function)), shown(&body), words(&doc)]);
    }
    for (file, lambda) in lambdas {
        let body = source(build, file, lambda.located.scalar);
        rows.push(vec![code(&lambda.name), shown(&body), "a lambda, typed where it is used".to_owned()]);
    }
    text.push_str(&table("## Functions", &["function", "gives", "meaning"], rows));
    if !procedures.is_empty() {
        text.push_str("\n## Procedures\n");
    }
    // Writing to a String cannot fail; so too below.
    for (file, procedure) in procedures {
        let _ = writeln!(text, "\n### Procedure {}\n", code(&procedure.name));
        let doc = said(build, file, procedure.span, "doc");
        if !doc.is_empty() {
            let _ = writeln!(text, "{}\n", quoted(&doc));
        }
        let labels: Vec<String> = procedure.tasks.iter().map(|task| code(&task.label)).collect();
        if !labels.is_empty() {
            let _ = writeln!(text, "Tasks: {}", labels.join(", "));
        }
        let names: Vec<(FileId, &Declared)> = procedure.surface.names.iter().map(|name| (file, name)).collect();
        declared(&mut text, build, "####", &names);
    }
    text
}

/// Tables of declared names, under headings of a level.
fn declared(text: &mut String, build: &Build, level: &str, names: &[(FileId, &Declared)]) {
    let mut rows: [Vec<Vec<String>>; 3] = Default::default();
    for (file, name) in names.iter().map(|(file, name)| (*file, *name)) {
        let doc = said(build, file, name.span, "doc");
        if let Some(Input { ty, default, check, doc }) = name.kind.input() {
            let default = match default {
                Some(default) => shown(&source(build, file, default.span)),
                None if ty.admits_null() => String::new(),
                None => "required".to_owned(),
            };
            let check = check.as_ref().map(|check| shown(&source(build, file, check.scalar))).unwrap_or_default();
            let doc = words(doc.as_deref().unwrap_or(""));
            rows[0].push(vec![code(&name.name), code(&ty.to_string()), default, check, doc]);
        }
        if let Some(Output { ty, value }) = name.kind.output() {
            let ty = ty.map(|ty| code(&ty.to_string())).unwrap_or_default();
            let value = match value {
                Some(value) => shown(&source(build, file, value.span)),
                None => "given by a task or a call".to_owned(),
            };
            rows[1].push(vec![code(&name.name), ty, value, words(&doc)]);
        }
        if let Some(meant) = stands_for(build, file, &name.kind) {
            rows[2].push(vec![code(&name.name), name.kind.word().to_owned(), shown(&meant), words(&doc)]);
        }
    }
    let [inputs, outputs, others] = rows;
    let heading = |name: &str| format!("{level} {name}");
    text.push_str(&table(&heading("Inputs"), &["input", "type", "default", "must hold", "meaning"], inputs));
    text.push_str(&table(&heading("Outputs"), &["output", "type", "value", "meaning"], outputs));
    text.push_str(&table(&heading("References"), &["name", "kind", "stands for", "meaning"], others));
}

/// What a name that carries no value of its own leads to.
fn stands_for(build: &Build, file: FileId, kind: &DeclaredKind) -> Option<String> {
    match kind {
        DeclaredKind::Ref(to) | DeclaredKind::Ptr(to, _) => Some(source(build, file, to.scalar)),
        DeclaredKind::Addr(name, _) => Some(name.clone()),
        DeclaredKind::In(_) | DeclaredKind::Out(_) | DeclaredKind::InOut(..) => None,
    }
}

fn signature(build: &Build, file: FileId, function: &Function) -> String {
    let param = |param: &ipcmm_compiler::ir::Param| {
        let default = param.default.as_ref().map(|default| format!(" = {}", source(build, file, default.scalar)));
        format!("{}: {}{}", param.name, param.ty, default.unwrap_or_default())
    };
    let params: Vec<String> = function.params.iter().map(param).collect();
    format!("{}({}) -> {}", function.name, params.join(", "), function.returns)
}

/// What is written at a place, without the quotes of its format.
pub(super) fn source(build: &Build, file: FileId, span: Span) -> String {
    let doc = build.docs.iter().find(|doc| doc.file == file);
    let node = doc.and_then(|doc| doc.nodes.iter().find(|node| node.span == span));
    match node.map(|node| &node.kind) {
        Some(NodeKind::Scalar { text, .. }) if text.is_empty() => "''".to_owned(),
        Some(NodeKind::Scalar { text, .. }) => text.trim().to_owned(),
        _ => {
            let text = &build.sources.file(file).text;
            text.get(span.start as usize..span.end as usize).unwrap_or("").trim().to_owned()
        }
    }
}

/// What a key below the name at a place says.
fn said(build: &Build, file: FileId, name: Span, key: &str) -> String {
    let Some(doc) = build.docs.iter().find(|doc| doc.file == file) else { return String::new() };
    let maps = doc.nodes.iter().filter_map(|node| match &node.kind {
        NodeKind::Map(entries) => Some(entries),
        _ => None,
    });
    let value = maps.flatten().find(|entry| doc.node(entry.key).span == name).map(|entry| entry.value);
    let Some(NodeKind::Map(entries)) = value.map(|value| &doc.node(value).kind) else { return String::new() };
    let found = entries.iter().find(|entry| doc.text(entry.key) == Some(key)).and_then(|entry| doc.text(entry.value));
    found.unwrap_or("").trim().to_owned()
}

/// A value or an expression in a table, cut if it is long.
fn shown(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.is_empty() {
        return String::new();
    }
    match line.char_indices().nth(SHOWN) {
        Some((end, _)) => code(&format!("{}…", &line[..end])),
        None => code(&line),
    }
}

/// Words of an author in a table.
fn words(text: &str) -> String {
    cell(&inline(text))
}
