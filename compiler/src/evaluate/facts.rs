//! Facts from a document: a map of paths, or of maps, with values of the types that the table of facts says.

use crate::diag::{Code, Diagnostic, Diagnostics, suggest};
use crate::doc::{Doc, NodeId, NodeKind};
use crate::lower;
use crate::source::FileId;
use ipcmm_bytecode::Value;
use ipcmm_grammar::ast::Span;
use ipcmm_grammar::types::Type;
use ipcmm_stdlib::facts::{FACTS, by_path};
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// What is known of a node.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    known: BTreeMap<&'static str, Known>,
}

/// A fact that was given.
#[derive(Clone, Debug)]
pub struct Known {
    /// Its value.
    pub value: Value,
    /// The file that gives it, and where.
    pub place: (FileId, Span),
}

impl Facts {
    /// The fact of a path.
    pub fn get(&self, path: &str) -> Option<&Known> {
        self.known.get(path)
    }

    /// How many are known.
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Whether none is known.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// Adds what a document says. Paths may be written whole (`facts.os.family: debian`) or as maps in maps.
    pub fn read(&mut self, doc: &Doc, diagnostics: &mut Diagnostics) {
        for root in &doc.roots {
            match &doc.node(*root).kind {
                NodeKind::Map(_) => self.walk(doc, *root, "", diagnostics),
                NodeKind::Null | NodeKind::Error => {}
                NodeKind::Scalar { .. } | NodeKind::List(_) => {
                    let message = "a file of facts is a map, such as `facts.os.family: debian`";
                    diagnostics.push(Diagnostic::new(Code::WrongShape, doc.file, doc.node(*root).span, message));
                }
            }
        }
    }

    /// Walks maps in maps; documents bound their depth.
    fn walk(&mut self, doc: &Doc, map: NodeId, above: &str, diagnostics: &mut Diagnostics) {
        let NodeKind::Map(entries) = &doc.node(map).kind else { return };
        for entry in entries {
            let key = doc.text(entry.key).unwrap_or("");
            let path = if above.is_empty() { key.to_owned() } else { format!("{above}.{key}") };
            match by_path(&path) {
                Some(fact) => {
                    let Some(ty) = type_of(fact.path) else { continue };
                    if let Some(value) = lower::constant(doc, entry.value, ty, &format_args!("`{path}`"), diagnostics) {
                        let place = (doc.file, doc.node(entry.value).span);
                        self.known.insert(fact.path, Known { value, place });
                    }
                }
                None if is_family(&path) && matches!(doc.node(entry.value).kind, NodeKind::Map(_)) => {
                    self.walk(doc, entry.value, &path, diagnostics);
                }
                None => diagnostics.push(unknown(doc, entry.key, &path)),
            }
        }
    }
}

fn is_family(path: &str) -> bool {
    FACTS.iter().any(|fact| fact.path.strip_prefix(path).is_some_and(|rest| rest.starts_with('.')))
}

fn unknown(doc: &Doc, key: NodeId, path: &str) -> Diagnostic {
    let span = doc.node(key).span;
    if is_family(path) {
        let message = format!("`{path}` is a family of facts, so a map stands behind it");
        return Diagnostic::new(Code::WrongShape, doc.file, span, message);
    }
    let problem = Diagnostic::new(Code::UnknownFact, doc.file, span, format!("unknown fact `{path}`"));
    match suggest::nearest(path, FACTS.iter().map(|fact| fact.path)) {
        Some(near) => problem.help(format!("did you mean `{near}`?")),
        None => problem.help("`ipcmmc doc --all` lists the facts there are"),
    }
}

/// The type of a fact, read once.
fn type_of(path: &str) -> Option<&'static Type> {
    static TYPES: OnceLock<Vec<Type>> = OnceLock::new();
    let types = TYPES
        .get_or_init(|| FACTS.iter().map(|fact| ipcmm_grammar::parse_type(fact.ty).unwrap_or(Type::Error)).collect());
    let at = FACTS.binary_search_by_key(&path, |fact| fact.path).ok()?;
    types.get(at)
}
