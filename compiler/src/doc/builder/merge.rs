//! Merge keys: the entries of other maps that a map takes over, as the YAML type `merge` has it.
//!
//! Keys of the map itself win over all, and of several maps the earlier wins. What is taken over stands where the `<<`
//! stands, and keeps the places it was written at. Whether the document admits it is known at its end: until then maps
//! are joined all the same, so that what follows is said of what was meant.

use super::keys::Keys;
use super::{Builder, Code, Diagnostic, Doc, Entry, NodeId, NodeKind, Style};
use ipcmm_grammar::ast::Span;
use ipcmm_grammar::units;

/// A `<<` of a map that is open.
#[derive(Clone, Copy)]
pub(super) struct Merge {
    /// How many entries stand before it.
    pub at: usize,
    /// The key.
    pub key: NodeId,
    /// Its value.
    pub value: NodeId,
}

/// A `<<` that was carried out, to be judged at the end.
pub(super) struct Site {
    /// The document it stands in.
    root: usize,
    span: Span,
}

impl Builder<'_> {
    /// The entries of a map with those it takes over.
    pub(super) fn merged(&mut self, own: Vec<Entry>, merge: Merge, mut keys: Keys) -> Vec<Entry> {
        let span = self.doc.node(merge.key).span;
        self.merges.push(Site { root: self.doc.roots.len(), span });
        let maps = match &self.doc.node(merge.value).kind {
            NodeKind::List(items) => items.clone(),
            _ => vec![merge.value],
        };
        let mut taken = Vec::new();
        for map in maps {
            let node = self.doc.node(map);
            match &node.kind {
                NodeKind::Map(entries) => {
                    for entry in entries {
                        let text = self.doc.text(entry.key).unwrap_or_default();
                        if keys.insert(&self.doc, entry.key, text).is_none() {
                            taken.push(*entry);
                        }
                    }
                }
                // It was reported when it was read.
                NodeKind::Error => {}
                NodeKind::Null | NodeKind::Scalar { .. } | NodeKind::List(_) => {
                    let message = "`<<` takes a map, or a list of maps";
                    let problem = Diagnostic::new(Code::MergeKey, self.doc.file, node.span, message);
                    self.report(problem.help("name an anchor of a map: `<<: *base`, or `<<: [*first, *second]`"));
                }
            }
        }
        let mut all = own;
        all.splice(merge.at..merge.at, taken);
        all
    }

    /// Refuses merge keys in documents that do not switch them on.
    pub(super) fn judge_merges(&mut self) {
        let sites = std::mem::take(&mut self.merges);
        for Site { root, span } in sites {
            let Some(&root) = self.doc.roots.get(root) else { continue };
            if switched_on(&self.doc, root) {
                continue;
            }
            let message = "merge keys (`<<`) are not switched on";
            let problem = Diagnostic::new(Code::MergeKey, self.doc.file, span, message);
            let problem =
                problem.help("write `ipcmm: {merge_keys: true}` at the top of the module, or write the entries out");
            let title = "switch merge keys on";
            let problem = match (edition(&self.doc, root), &self.doc.node(root).kind) {
                (Some(edition), _) if matches!(self.doc.node(edition).kind, NodeKind::Scalar { .. }) => {
                    let mut problem = problem.fix(title, "{merge_keys: true}");
                    if let Some(fix) = &mut problem.fix {
                        fix.span = self.doc.node(edition).span;
                    }
                    problem
                }
                // In front of the first key, in its column.
                (None, NodeKind::Map(entries)) => match entries.first().map(|first| self.doc.node(first.key).span) {
                    Some(first) if first.start == self.doc.node(root).span.start => {
                        let mut problem = problem.fix(title, "ipcmm: {merge_keys: true}\n");
                        if let Some(fix) = &mut problem.fix {
                            fix.span = Span::new(first.start, first.start);
                        }
                        problem
                    }
                    _ => problem,
                },
                _ => problem,
            };
            self.report(problem);
        }
    }
}

/// The value of `ipcmm` in a module.
fn edition(doc: &Doc, root: NodeId) -> Option<NodeId> {
    let NodeKind::Map(entries) = &doc.node(root).kind else { return None };
    entries.iter().find(|entry| doc.text(entry.key) == Some("ipcmm")).map(|entry| entry.value)
}

fn switched_on(doc: &Doc, root: NodeId) -> bool {
    let Some(edition) = edition(doc, root) else { return false };
    let NodeKind::Map(entries) = &doc.node(edition).kind else { return false };
    let switch = entries.iter().find(|entry| doc.text(entry.key) == Some("merge_keys"));
    switch.is_some_and(|entry| match &doc.node(entry.value).kind {
        NodeKind::Scalar { text, style: Style::Bare } => units::parse_bool(text) == Some(true),
        _ => false,
    })
}
