//! Suppressions: warnings that an author allows at one place, and says why.
//!
//! A comment `# ipcmm: allow(NAME) REASON` holds for its line, and if it stands alone for the next line that is written
//! on; a key `allow: {NAME: REASON}` under a label holds for the label, at the top of a module for the document. One
//! without a reason, or for something that is no warning, does not hold and is an error.
//!
//! Unaware of: levels beyond which warnings could come up at all.

mod comment;

use crate::diag::levels::{Level, Levels, warning};
use crate::diag::{Code, Diagnostic, Diagnostics, Severity};
use crate::doc::{Doc, Entry, Format, NodeId, NodeKind};
use crate::source::{FileId, SourceFile, Sources};
use ipcmm_grammar::ast::Span;
use ipcmm_grammar::keywords::{Keyword, Place};
use rustc_hash::{FxHashMap, FxHashSet};

/// A warning that is allowed in a stretch of a file.
struct Suppression {
    code: Code,
    /// Where its name is written.
    place: Span,
    /// Problems that begin here are not reported.
    scope: Span,
    used: bool,
}

/// What a suppression is about.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Kind {
    Line,
    Label,
    Document,
}

/// What authors say about warnings, and which labels they explain.
#[derive(Default)]
pub struct Notes {
    /// By file and kind. Those of one kind do not nest, so that starts and ends of their scopes are in order.
    suppressions: FxHashMap<(FileId, Kind), Vec<Suppression>>,
    /// Labels with a `doc`.
    documented: FxHashSet<(FileId, u32)>,
}

impl Notes {
    /// Collects the suppressions of all documents, and reports those that do not hold.
    pub fn read(docs: &[Doc], sources: &Sources, diagnostics: &mut Diagnostics) -> Notes {
        let mut notes = Notes::default();
        for doc in docs {
            let source = sources.file(doc.file);
            for found in comment::read(doc, source, diagnostics) {
                notes.add(doc.file, Kind::Line, found);
            }
            for &root in &doc.roots {
                notes.keys(doc, root, source, diagnostics);
            }
        }
        notes.suppressions.values_mut().for_each(|list| list.sort_by_key(|s| (s.scope.start, s.scope.end)));
        notes
    }

    fn add(&mut self, file: FileId, kind: Kind, suppression: Suppression) {
        self.suppressions.entry((file, kind)).or_default().push(suppression);
    }

    /// Whether a label is explained.
    pub(super) fn documented(&self, file: FileId, label: Span) -> bool {
        self.documented.contains(&(file, label.start))
    }

    /// The keys of a document and of its labels.
    fn keys(&mut self, doc: &Doc, root: NodeId, source: &SourceFile, diagnostics: &mut Diagnostics) {
        // Of properties, the lines of a label stand anywhere.
        let lines = Format::of_name(&source.name) == Some(Format::Properties);
        for entry in entries(doc, root) {
            match doc.text(entry.key).and_then(Keyword::from_name).filter(|k| k.stands_in(Place::Module)) {
                Some(Keyword::Allow) => {
                    let scope = if lines { Span::new(0, source.text.len() as u32) } else { doc.node(root).span };
                    let found = allowances(doc, *entry, &[scope], diagnostics);
                    found.into_iter().for_each(|found| self.add(doc.file, Kind::Document, found));
                }
                Some(_) => {}
                None => {
                    let whole = || Span::new(doc.node(entry.key).span.start, doc.node(entry.value).span.end);
                    let mut scopes = Vec::new();
                    for inner in entries(doc, entry.value) {
                        match doc.text(inner.key) {
                            Some("allow") => {
                                match lines {
                                    true => written(doc, entry.value, &source.text, &mut scopes),
                                    false => scopes.push(whole()),
                                }
                                let found = allowances(doc, *inner, &scopes, diagnostics);
                                found.into_iter().for_each(|found| self.add(doc.file, Kind::Label, found));
                            }
                            Some("doc") => drop(self.documented.insert((doc.file, doc.node(entry.key).span.start))),
                            _ => {}
                        }
                    }
                }
            }
        }
    }

    /// Takes away what is suppressed, and reports suppressions without anything to suppress. With an error somewhere,
    /// warnings are missing that would have come up: then none is called useless.
    pub fn apply(mut self, levels: &Levels, diagnostics: &mut Diagnostics) {
        diagnostics.retain(|d| {
            let Some((file, span)) = d.place.filter(|_| d.code.severity() == Severity::Warning) else { return true };
            let kinds = [Kind::Line, Kind::Label, Kind::Document];
            // Each kind is asked, so that none is called useless because another was there too.
            let found =
                kinds.map(|kind| self.suppressions.get_mut(&(file, kind)).is_some_and(|l| hit(l, d.code, span.start)));
            !found.contains(&true)
        });
        if diagnostics.has_errors() {
            return;
        }
        for ((file, _), list) in self.suppressions {
            // One that holds for several stretches is needed if any of them has such a warning.
            let used: FxHashSet<Span> = list.iter().filter(|s| s.used).map(|s| s.place).collect();
            let mut told = FxHashSet::default();
            let useless = list.iter().filter(|s| !used.contains(&s.place) && levels.of(s.code) != Level::Allow);
            for suppression in useless.filter(|s| told.insert(s.place)) {
                let name = suppression.code.name();
                let message = format!("`{name}` is allowed here, and there is no such warning");
                let problem = Diagnostic::new(Code::UnusedSuppression, file, suppression.place, message);
                diagnostics.push(problem.help("remove it"));
            }
        }
    }
}

/// Marks the suppressions of a warning that begins at a byte; whether there was one.
fn hit(list: &mut [Suppression], code: Code, at: u32) -> bool {
    let end = list.partition_point(|s| s.scope.start <= at);
    let mut found = false;
    for suppression in list.get_mut(..end).unwrap_or_default().iter_mut().rev() {
        if suppression.scope.end < at {
            break;
        }
        if suppression.code == code {
            suppression.used = true;
            found = true;
        }
    }
    found
}

/// The map of an `allow`: names of warnings, each with a reason.
fn allowances(doc: &Doc, entry: Entry, scopes: &[Span], diagnostics: &mut Diagnostics) -> Vec<Suppression> {
    let mut found = Vec::new();
    let span = doc.node(entry.value).span;
    if !matches!(doc.node(entry.value).kind, NodeKind::Map(_) | NodeKind::Error) {
        let message = "`allow` takes a map of warnings, each with a reason";
        let problem = Diagnostic::new(Code::BadSuppression, doc.file, span, message);
        diagnostics.push(problem.help("as in `allow: {no-reaction: the page is made by hand}`"));
    }
    for pair in entries(doc, entry.value) {
        let place = doc.node(pair.key).span;
        let name = doc.text(pair.key).unwrap_or("");
        let reason = doc.text(pair.value).unwrap_or("");
        // Judged once, and in force for each of the stretches.
        if let Some(code) = allowed(doc.file, name, place, reason, diagnostics) {
            found.extend(scopes.iter().map(|scope| Suppression { code, place, scope: *scope, used: false }));
        }
    }
    found
}

/// The lines on which the values below a node are written.
fn written(doc: &Doc, node: NodeId, text: &str, into: &mut Vec<Span>) {
    match &doc.node(node).kind {
        NodeKind::Map(entries) => entries.iter().for_each(|entry| written(doc, entry.value, text, into)),
        NodeKind::List(items) => items.iter().for_each(|item| written(doc, *item, text, into)),
        NodeKind::Scalar { .. } | NodeKind::Null | NodeKind::Error => {
            let span = doc.node(node).span;
            let before = text.get(..span.start as usize).unwrap_or("");
            let start = before.rfind(['\n', '\r']).map_or(0, |end| end + 1);
            into.push(Span::new(start as u32, span.end));
        }
    }
}

/// The warning that is allowed, if there is one of the name, and a reason.
fn allowed(file: FileId, name: &str, place: Span, reason: &str, diagnostics: &mut Diagnostics) -> Option<Code> {
    let refuse = |message: String| Diagnostic::new(Code::BadSuppression, file, place, message);
    match warning(name) {
        Err(refusal) => {
            let problem = refuse(refusal.message);
            diagnostics.push(match refusal.near {
                Some(near) => problem.did_you_mean(near),
                None => problem,
            });
            None
        }
        Ok(_) if !reason.contains(char::is_alphanumeric) => {
            let problem = refuse(format!("`{name}` is allowed without a reason"));
            diagnostics.push(problem.help("write behind it why it is right here, for whoever reads it next"));
            None
        }
        Ok(code) => Some(code),
    }
}

fn entries(doc: &Doc, map: NodeId) -> &[Entry] {
    match &doc.node(map).kind {
        NodeKind::Map(entries) => entries,
        NodeKind::Scalar { .. } | NodeKind::List(_) | NodeKind::Null | NodeKind::Error => &[],
    }
}
