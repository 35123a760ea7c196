//! What is written under a label: keywords of the table with their values as text, for whoever looks at one task.
//!
//! Read from the documents, so that every keyword is shown as it was written, those of a task with a problem too.
//! Unaware of: what a keyword means.

use super::shortened;
use crate::Build;
use crate::doc::{Doc, NodeId, NodeKind};
use crate::source::{FileId, Sources};
use ipcmm_grammar::ast::Span;
use ipcmm_grammar::keywords::Keyword;
use rustc_hash::FxHashMap;

/// The most characters of a value that are shown.
const SHOWN: usize = 200;

/// A keyword and what is written behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The keyword.
    pub keyword: &'static str,
    /// Its value as it is written, cut if it is long.
    pub text: String,
}

/// Where each key of the sources stands.
pub(super) struct Written<'b> {
    docs: FxHashMap<FileId, &'b Doc>,
    values: FxHashMap<(FileId, u32), NodeId>,
}

impl<'b> Written<'b> {
    pub fn of(build: &'b Build) -> Written<'b> {
        let mut written = Written { docs: FxHashMap::default(), values: FxHashMap::default() };
        for doc in &build.docs {
            written.docs.insert(doc.file, doc);
            for node in &doc.nodes {
                let NodeKind::Map(entries) = &node.kind else { continue };
                for entry in entries {
                    written.values.insert((doc.file, doc.node(entry.key).span.start), entry.value);
                }
            }
        }
        written
    }

    /// What stands under a label: its keys with their values, those below built-ins included.
    fn entries(&self, file: FileId, label: Span) -> Vec<(&'b str, &'b Doc, NodeId)> {
        let Some((doc, value)) = self.docs.get(&file).zip(self.values.get(&(file, label.start))) else {
            return Vec::new();
        };
        let doc: &'b Doc = doc;
        let mut found = Vec::new();
        for (key, value) in pairs(doc, *value) {
            found.push((key, doc, value));
            if key.starts_with("ipcmm.") {
                found.extend(pairs(doc, value).into_iter().map(|(key, value)| (key, doc, value)));
            }
        }
        found
    }

    pub fn under(&self, file: FileId, label: Span, sources: &Sources) -> Vec<Said> {
        let entries = self.entries(file, label);
        let said = entries.into_iter().filter_map(|(key, doc, value)| {
            let keyword = Keyword::from_name(key)?;
            Some(Said { keyword: keyword.name(), text: text(doc, value, sources) })
        });
        said.collect()
    }

    pub fn doc(&self, file: FileId, label: Span) -> String {
        let entries = self.entries(file, label).into_iter();
        let docs =
            entries.filter(|(key, ..)| *key == Keyword::Doc.name()).filter_map(|(_, doc, value)| doc.text(value));
        docs.collect::<Vec<_>>().join("\n\n")
    }

    pub fn builtins(&self, file: FileId, label: Span) -> Vec<&'static str> {
        let mut names = Vec::new();
        for (key, ..) in self.entries(file, label) {
            names.extend(ipcmm_stdlib::by_name(key).map(|b| b.name).filter(|name| !names.contains(name)));
        }
        names
    }
}

/// The entries of a map, or of a list of maps.
fn pairs(doc: &Doc, id: NodeId) -> Vec<(&str, NodeId)> {
    let of = |id: NodeId| match &doc.node(id).kind {
        NodeKind::Map(entries) => entries.iter().filter_map(|e| doc.text(e.key).map(|key| (key, e.value))).collect(),
        _ => Vec::new(),
    };
    match &doc.node(id).kind {
        NodeKind::List(items) => items.iter().flat_map(|item| of(*item)).collect(),
        _ => of(id),
    }
}

fn text(doc: &Doc, id: NodeId, sources: &Sources) -> String {
    // A scalar by what it says; anything else as it is written.
    if let Some(text) = doc.text(id) {
        return shortened(text.trim(), SHOWN);
    }
    let span = doc.node(id).span;
    let source = &sources.file(doc.file).text;
    let text = source.get(span.start as usize..span.end as usize).unwrap_or("");
    shortened(text.trim(), SHOWN)
}
