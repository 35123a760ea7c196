//! The inventory: the nodes there are, with what is known of them, and the groups they are in.
//!
//! A snapshot, read once for a build. Unaware of: facts, which only a node itself knows.

use super::glob;
use super::keys::Around;
use super::reader::{Field, Reader, listed};
use super::{joined, keys, values};
use crate::diag::{Code, suggest};
use crate::doc::{Doc, NodeId, NodeKind, Span};
use crate::lower::core_schema;
use crate::source::FileId;
use ipcmm_bytecode::Value;
use rustc_hash::FxHashMap;
use std::path::Path;

/// The nodes and groups of a project.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Inventory {
    /// All nodes in the order they are written.
    pub nodes: Vec<Node>,
    /// All groups by name, each with its nodes in the order of `nodes`.
    pub groups: Vec<(String, Vec<String>)>,
    /// A part of it could not be read; problems were reported. Later stages stay silent about what is made of it.
    pub poisoned: bool,
}

/// A node.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Its name: the host name that it gives itself, `node.name`.
    pub name: String,
    /// Where it is reached.
    pub address: Option<String>,
    /// What it is for.
    pub role: Option<String>,
    /// Where it stands.
    pub zone: Option<String>,
    /// The groups it is in, by name.
    pub groups: Vec<String>,
    /// Whatever else is known of it: a map.
    pub vars: Value,
    /// Where its name is written.
    pub place: (FileId, Span),
}

const FIELDS: [&str; 6] = ["name", "address", "role", "zone", "groups", "vars"];

/// Reads an inventory, or the file that a path names.
pub(super) fn read(reader: &mut Reader<'_>, value: NodeId, folder: &Path, around: &mut Around<'_>) -> Inventory {
    let errors = reader.diagnostics.errors();
    let unread = matches!(reader.doc.node(value).kind, NodeKind::Error);
    let inventory = read_some(reader, value, folder, around).unwrap_or_default();
    Inventory { poisoned: unread || reader.diagnostics.errors() > errors, ..inventory }
}

fn read_some(reader: &mut Reader<'_>, value: NodeId, folder: &Path, around: &mut Around<'_>) -> Option<Inventory> {
    if reader.is_null(value) {
        return Some(Inventory::default());
    }
    let NodeKind::Scalar { text, .. } = &reader.doc.node(value).kind else {
        return Some(Reading::new(reader).inventory(value));
    };
    if !keys::is_relative(text) || text.is_empty() {
        let problem = reader.problem(
            Code::BadValue,
            reader.span(value),
            "`inventory` takes nodes, or a path relative to the manifest",
        );
        reader.report(problem.help("write the nodes as a map of names, or name a file such as `nodes.yaml`"));
        return None;
    }
    let path = joined(folder, text);
    if let Err(error) = around.world.kind(&path) {
        let problem = reader.problem(Code::Unreadable, reader.span(value), error.diagnostic().message);
        reader.report(problem.help("the path is relative to the manifest"));
        return None;
    }
    let doc = values::document(around.world, &path, around.sources, reader.diagnostics)?;
    let mut reader = Reader { doc: &doc, diagnostics: reader.diagnostics };
    let mut reading = Reading::new(&mut reader);
    doc.roots.first().map(|root| reading.inventory(*root))
}

/// A list of nodes, a group of them by name, and where each is written.
type Members<'a> = Vec<(&'a str, NodeId)>;

struct Reading<'r, 'a> {
    reader: &'r mut Reader<'a>,
    nodes: Vec<Node>,
    /// Nodes by name.
    index: FxHashMap<String, usize>,
}

impl<'r, 'a> Reading<'r, 'a> {
    fn new(reader: &'r mut Reader<'a>) -> Self {
        Reading { reader, nodes: Vec::new(), index: FxHashMap::default() }
    }

    /// `{nodes, groups}`, or just nodes.
    fn inventory(&mut self, value: NodeId) -> Inventory {
        let doc = self.reader.doc;
        let text = |id: NodeId| doc.text(id).unwrap_or("");
        let whole = match &doc.node(value).kind {
            NodeKind::Map(entries) => entries.iter().any(|e| matches!(text(e.key), "nodes" | "groups")),
            _ => false,
        };
        let mut groups: Vec<(Field<'a>, Members<'a>)> = Vec::new();
        if whole {
            for field in self.reader.entries(value, "") {
                match field.name {
                    "nodes" => self.nodes(field.value),
                    "groups" => {
                        for group in self.reader.entries(field.value, "`groups` takes a map of groups by name") {
                            if self.name(group.name, group.span, "a group") {
                                let members = self.reader.texts(group.value, "a group");
                                groups.push((group, members));
                            }
                        }
                    }
                    _ => self.reader.unknown(&field, "an inventory", ["nodes", "groups"].into_iter(), None),
                }
            }
        } else {
            self.nodes(value);
        }
        for (group, members) in &groups {
            for (member, node) in members {
                self.join(group.name, member, *node);
            }
        }
        let names = groups.iter().map(|(group, _)| group.name.to_owned()).collect();
        self.finish(names)
    }

    fn finish(&mut self, declared: Vec<String>) -> Inventory {
        let mut groups: std::collections::BTreeMap<String, Vec<String>> =
            declared.into_iter().map(|name| (name, Vec::new())).collect();
        for node in &mut self.nodes {
            node.groups.sort();
            node.groups.dedup();
            for group in &node.groups {
                groups.entry(group.clone()).or_default().push(node.name.clone());
            }
        }
        let nodes = std::mem::take(&mut self.nodes);
        Inventory { nodes, groups: groups.into_iter().collect(), poisoned: false }
    }

    /// Nodes as a map by name, or as a list of names and maps with `name`.
    fn nodes(&mut self, value: NodeId) {
        let doc = self.reader.doc;
        if let NodeKind::List(items) = &doc.node(value).kind {
            for item in items {
                match &doc.node(*item).kind {
                    NodeKind::Scalar { .. } => {
                        if let Some(name) = self.reader.text(*item, "the name of a node") {
                            self.node(name, self.reader.span(*item), None);
                        }
                    }
                    _ => self.listed(*item),
                }
            }
            return;
        }
        for field in self.reader.entries(value, "an inventory is a map of nodes by name, or a list of nodes") {
            self.node(field.name, field.span, Some(field.value));
        }
    }

    /// A node in a list, which says its own name.
    fn listed(&mut self, item: NodeId) {
        let fields = self.reader.entries(item, "a node in a list is a name, or a map with `name`");
        let Some(field) = fields.iter().find(|field| field.name == "name") else {
            if matches!(self.reader.doc.node(item).kind, NodeKind::Map(_)) {
                let span = self.reader.span(item);
                let problem = self.reader.problem(Code::MissingArgument, span, "a node in a list lacks `name`");
                self.reader.report(problem.help("add `name`, the host name of the node"));
            }
            return;
        };
        if let Some(name) = self.reader.text(field.value, "`name` of a node") {
            self.node(name, self.reader.span(field.value), Some(item));
        }
    }

    /// Whether a name can be one of a node or group; if not, it is reported.
    fn name(&mut self, name: &str, span: Span, what: &str) -> bool {
        let good = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_'));
        if !good {
            let message = format!("`{}` cannot be the name of {what}", name.escape_debug());
            let problem = self.reader.problem(Code::BadValue, span, message);
            self.reader.report(problem.help("names are made of letters, digits, `.`, `-` and `_`"));
        }
        good
    }

    fn node(&mut self, name: &str, span: Span, value: Option<NodeId>) {
        let place = (self.reader.doc.file, span);
        let mut node = Node {
            name: name.to_owned(),
            address: None,
            role: None,
            zone: None,
            groups: Vec::new(),
            vars: Value::map(Vec::<(&str, Value)>::new()),
            place,
        };
        let fields = value.map(|value| self.reader.entries(value, "a node is a map of fields such as `role`"));
        for field in fields.unwrap_or_default() {
            let what = format!("`{}` of a node", field.name);
            match field.name {
                // In a map the key says it; in a list it was read already. Null says nothing.
                "name" => {
                    if let Some(own) = self.reader.text(field.value, &what)
                        && own != name
                    {
                        let message = format!("node `{name}` is called `{own}` here");
                        let problem = self.reader.problem(Code::DuplicateNode, self.reader.span(field.value), message);
                        self.reader.report(problem.help("a node has one name; leave `name` out"));
                    }
                }
                _ if self.reader.is_null(field.value) && FIELDS.contains(&field.name) => {}
                "address" => node.address = self.reader.text(field.value, &what).map(str::to_owned),
                "role" => node.role = self.reader.text(field.value, &what).map(str::to_owned),
                "zone" => node.zone = self.reader.text(field.value, &what).map(str::to_owned),
                "groups" => {
                    for (group, at) in self.reader.texts(field.value, &what) {
                        if self.name(group, self.reader.span(at), "a group") {
                            node.groups.push(group.to_owned());
                        }
                    }
                }
                "vars" => {
                    self.reader.entries(field.value, "`vars` of a node takes a map of names and values");
                    if matches!(self.reader.doc.node(field.value).kind, NodeKind::Map(_)) {
                        node.vars = untyped(self.reader.doc, field.value);
                    }
                }
                _ => {
                    let help = "values of your own stand under `vars`";
                    self.reader.unknown(&field, "a node", FIELDS.into_iter(), Some(help));
                }
            }
        }
        if !self.name(name, span, "a node") {
            return;
        }
        match self.index.get(name) {
            Some(first) => {
                let first = self.nodes[*first].place;
                let problem = self.reader.problem(Code::DuplicateNode, span, format!("node `{name}` is written twice"));
                self.reader.report(problem.label(first.0, first.1, "first written here"));
            }
            None => {
                self.index.insert(name.to_owned(), self.nodes.len());
                self.nodes.push(node);
            }
        }
    }

    /// Adds the nodes that a name or glob means to a group.
    fn join(&mut self, group: &str, member: &str, at: NodeId) {
        let span = self.reader.span(at);
        if glob::is_glob(member) {
            let mut any = false;
            for node in self.nodes.iter_mut().filter(|node| glob::matches(member, &node.name)) {
                node.groups.push(group.to_owned());
                any = true;
            }
            if !any {
                let message = format!("`{member}` matches no node");
                let problem = self.reader.problem(Code::NoNodeSelected, span, message);
                self.reader.report(problem);
            }
            return;
        }
        match self.index.get(member) {
            Some(node) => self.nodes[*node].groups.push(group.to_owned()),
            None => {
                let problem = unknown_node(self.reader, member, span, &self.nodes);
                self.reader.report(problem);
            }
        }
    }
}

fn unknown_node(reader: &Reader<'_>, name: &str, span: Span, nodes: &[Node]) -> crate::diag::Diagnostic {
    let problem = reader.problem(Code::UnknownNode, span, format!("there is no node `{}`", name.escape_debug()));
    let names = || nodes.iter().map(|node| node.name.as_str());
    match suggest::nearest(name, names()) {
        Some(near) => problem.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), near),
        None if nodes.is_empty() => problem.help("the inventory has no nodes"),
        None => problem.help(format!("there are {}", listed(names()))),
    }
}

/// The value of a node of a document where nothing says which type is wanted. A document is nested at most
/// [`crate::doc::builder::MAX_DEPTH`] deep.
fn untyped(doc: &Doc, id: NodeId) -> Value {
    match &doc.node(id).kind {
        NodeKind::Null | NodeKind::Error => Value::Null,
        NodeKind::Scalar { text, style } => core_schema(text, *style),
        NodeKind::List(items) => Value::list(items.iter().map(|item| untyped(doc, *item)).collect()),
        NodeKind::Map(entries) => {
            Value::map(entries.iter().map(|e| (doc.text(e.key).unwrap_or(""), untyped(doc, e.value))))
        }
    }
}
