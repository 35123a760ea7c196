//! A document of one format as a text of another, with the same meaning.
//!
//! The tree stays, comments stay where the other format has them, and a scalar keeps its text unless the other format
//! cannot spell it; then it is written as what its place reads it as. What cannot be carried is reported, never lost
//! in silence. Unaware of: files. Start reading at [`convert`].

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::doc::{Doc, Format, NodeId, NodeKind, Span, Style};
use crate::lower::{Readings, is_special, readings};
use crate::trivia::Trivia;
use crate::write::{self, Speller, Writer};

/// What came of a conversion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Converted {
    /// The text.
    pub text: String,
    /// Comments that the format has no place for.
    pub lost_comments: usize,
}

/// What a file is for, which says how its scalars are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A module.
    Source,
    /// Anything else, such as a manifest.
    Data,
}

/// Writes a document that was read from `text` in another format. `None` if it cannot be; then it is reported why.
pub fn convert(
    doc: &Doc,
    text: &str,
    from: Format,
    to: Format,
    role: Role,
    diagnostics: &mut Diagnostics,
) -> Option<Converted> {
    let problems = diagnostics.len();
    if to != Format::Yaml
        && let [_, second, ..] = doc.roots.as_slice()
    {
        let message = format!("{} holds one document, and this file has {}", to.name(), doc.roots.len());
        let span = doc.node(*second).span;
        let place = Span::new(span.start, span.start);
        let problem = Diagnostic::new(Code::SeveralDocuments, doc.file, place, message);
        diagnostics.push(problem.help(
            "write each document into a file of its own first; a document without `module` is named by its file, up to \
             the first dot",
        ));
    }
    if to == Format::Xml {
        carriable(doc, diagnostics);
    }
    if diagnostics.len() > problems {
        return None;
    }
    let readings = match role {
        Role::Source => readings(doc),
        Role::Data => Readings::default(),
    };
    let trivia = Trivia::of(doc, text, from);
    let speller = Speller::new(doc, &readings, to);
    let writer = Writer { doc, trivia: &trivia, speller: &speller };
    let known = ipcmm_stdlib::dotted_names();
    let written = match to {
        Format::Yaml => write::yaml::write(&writer),
        Format::Json => write::json::write(&writer),
        Format::Xml => write::xml::write(&writer),
        Format::Properties => write::properties::write(&writer, known),
    };
    for (id, other) in speller.into_changed() {
        let message = format!("{} has no such spelling: this is written as `{other}`", to.name());
        let problem = Diagnostic::new(Code::SpellingChanged, doc.file, doc.node(id).span, message);
        diagnostics.push(problem.help("if it is meant as text, put it in quotes before converting"));
    }
    let lost_comments = if to == Format::Json { trivia.count } else { 0 };
    Some(Converted { text: written, lost_comments })
}

/// Reports characters that no XML document can have.
fn carriable(doc: &Doc, diagnostics: &mut Diagnostics) {
    for node in &doc.nodes {
        let NodeKind::Scalar { text, .. } = &node.kind else { continue };
        let Some(c) = write::xml::illegal(text) else { continue };
        let message = format!("XML cannot hold the character U+{:04X}, not even escaped", c as u32);
        let problem = Diagnostic::new(Code::CannotCarry, doc.file, node.span, message);
        diagnostics.push(problem.help("convert to another format, or remove the character"));
    }
}

/// Whether two documents are the same tree: the same texts and nulls, and scalars that every place reads alike.
pub fn same_tree(one: &Doc, two: &Doc) -> bool {
    let pairs = one.roots.iter().zip(&two.roots);
    let empty = |doc: &Doc| doc.roots.iter().all(|root| is_nothing(doc, *root));
    (one.roots.len() == two.roots.len() && pairs.into_iter().all(|(a, b)| same_node(one, *a, two, *b)))
        || (empty(one) && empty(two))
}

fn is_nothing(doc: &Doc, id: NodeId) -> bool {
    match &doc.node(id).kind {
        NodeKind::Null => true,
        NodeKind::Map(entries) => entries.is_empty(),
        _ => false,
    }
}

fn same_node(one: &Doc, a: NodeId, two: &Doc, b: NodeId) -> bool {
    match (&one.node(a).kind, &two.node(b).kind) {
        (NodeKind::List(a), NodeKind::List(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_node(one, *a, two, *b))
        }
        (NodeKind::Map(a), NodeKind::Map(b)) => {
            let entry = |(a, b): (&crate::doc::Entry, &crate::doc::Entry)| {
                one.text(a.key) == two.text(b.key) && same_node(one, a.value, two, b.value)
            };
            a.len() == b.len() && a.iter().zip(b).all(entry)
        }
        (NodeKind::Error, NodeKind::Error) => true,
        (a, b) => essence(a).is_some_and(|one| essence(b) == Some(one)),
    }
}

/// A scalar as every place reads it: its text, and whether that may be anything else than text. All nulls are one.
fn essence(kind: &NodeKind) -> Option<(&str, bool)> {
    match kind {
        NodeKind::Null => Some(("", true)),
        NodeKind::Scalar { text, style: Style::Quoted } => Some((text, false)),
        NodeKind::Scalar { text, style } => match style.word(text) {
            word if ipcmm_grammar::units::is_null(word) => Some(("", true)),
            word if is_special(word) => Some((word, true)),
            _ => Some((text, false)),
        },
        _ => None,
    }
}
