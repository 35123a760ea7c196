//! Facts of a pretended node: paths are those of the table of facts, values have its types.
//!
//! Unaware of: what facts are for.

use super::entry;
use ipcmm_bytecode::Value;
use ipcmm_compiler::diag::{Code, Diagnostic, Diagnostics, suggest};
use ipcmm_compiler::doc::{Doc, NodeId, NodeKind};
use ipcmm_compiler::lower;
use ipcmm_compiler::signatures::of_table;
use ipcmm_grammar::types::Type;
use ipcmm_stdlib::facts::{FACTS, Fact, by_path};
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// The facts a case gives, by their full path.
pub(super) fn of(doc: &Doc, case: NodeId, diagnostics: &mut Diagnostics) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    for root in ["facts", "node"] {
        if let Some((_, map)) = entry(doc, case, root) {
            walk(doc, map, root, &mut found, diagnostics);
        }
    }
    found
}

/// Depth is bounded by the paths of the table: nothing below a fact is walked.
fn walk(doc: &Doc, map: NodeId, above: &str, found: &mut BTreeMap<String, Value>, diagnostics: &mut Diagnostics) {
    let NodeKind::Map(entries) = &doc.node(map).kind else { return };
    for entry in entries {
        let path = format!("{above}.{}", doc.text(entry.key).unwrap_or(""));
        if let Some(fact) = by_path(&path) {
            if let Some(value) = lower::known(doc, entry.value, type_of(fact), &format!("`{path}`"), diagnostics) {
                found.insert(path, value);
            }
            continue;
        }
        let below = format!("{path}.");
        let inside = FACTS.iter().any(|fact| fact.path.starts_with(&below));
        match &doc.node(entry.value).kind {
            NodeKind::Map(_) if inside => walk(doc, entry.value, &path, found, diagnostics),
            NodeKind::Error => {}
            _ => {
                let span = doc.node(entry.key).span;
                let problem = Diagnostic::new(Code::UnknownFact, doc.file, span, format!("there is no fact `{path}`"));
                let near = suggest::nearest(&path, FACTS.iter().map(|fact| fact.path));
                let near = near.and_then(|near| near.strip_prefix(above)?.strip_prefix('.'));
                diagnostics.push(match (near, inside) {
                    (Some(near), _) => problem.did_you_mean(near),
                    (None, true) => problem.help("there are facts below it: write a map of them"),
                    (None, false) => problem.help("`ipcmmc explain facts.os.family` and its neighbours tell of facts"),
                });
            }
        }
    }
}

/// The type of a fact, read once.
fn type_of(fact: &'static Fact) -> &'static Type {
    static TYPES: OnceLock<Vec<Type>> = OnceLock::new();
    let all = TYPES.get_or_init(|| FACTS.iter().map(|fact| of_table(fact.ty)).collect());
    let at = FACTS.partition_point(|other| other.path < fact.path);
    all.get(at).unwrap_or(&Type::Any)
}
