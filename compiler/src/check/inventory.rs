//! The inventory in expressions: `nodes(where: …)` and `groups`, and the fields of a node that a selector sees.
//!
//! The nodes are a list of records that is known at build, so that a condition over them is a comprehension, and folding
//! does the rest. What depends on the node stays code.

use super::expr::Typing;
use super::narrow;
use super::scope::{Local, Scope};
use super::types::{common, type_of};
use crate::diag::{Code, Diagnostic, suggest};
use crate::graph::{Expr, ExprKind};
use crate::ir::Located;
use crate::project::inventory::{Inventory, Node};
use ipcmm_bytecode::Value;
use ipcmm_grammar::ast::{self, Span};
use ipcmm_grammar::types::Type;
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;

/// The fields of a node, in the order of their locals.
pub(super) const FIELDS: [&str; 6] = ["address", "groups", "name", "role", "vars", "zone"];

/// The inventory as values with types.
pub(crate) struct Snapshot {
    /// Names of nodes, in the order of the inventory.
    pub names: Vec<String>,
    /// Each with its place among `names`.
    pub index: FxHashMap<String, usize>,
    /// A record for each node, in the same order.
    records: Vec<Value>,
    /// The types of `FIELDS`.
    types: Vec<Type>,
    groups: Value,
    /// It could not be read as it should be, which was reported: nothing is said about what is made of it.
    pub poisoned: bool,
}

impl Snapshot {
    pub fn new(inventory: &Inventory) -> Snapshot {
        let text = |text: &Option<String>| text.as_deref().map_or(Value::Null, Value::str);
        let record = |node: &Node| {
            let groups = node.groups.iter().map(|group| Value::str(group.as_str())).collect();
            Value::map([
                ("address", text(&node.address)),
                ("groups", Value::list(groups)),
                ("name", Value::str(node.name.as_str())),
                ("role", text(&node.role)),
                ("vars", node.vars.clone()),
                ("zone", text(&node.zone)),
            ])
        };
        let optional = |given: fn(&Node) -> bool| match inventory.nodes.iter().all(given) {
            true => Type::Str,
            false => Type::Str.optional(),
        };
        let vars = inventory.nodes.iter().map(|node| type_of(&node.vars)).reduce(|a, b| common(&a, &b));
        let types = vec![
            optional(|node| node.address.is_some()),
            Type::List(Box::new(Type::Str)),
            Type::Str,
            optional(|node| node.role.is_some()),
            vars.unwrap_or(Type::Any),
            optional(|node| node.zone.is_some()),
        ];
        let names: Vec<String> = inventory.nodes.iter().map(|node| node.name.clone()).collect();
        let members = |names: &[String]| Value::list(names.iter().map(|name| Value::str(name.as_str())).collect());
        Snapshot {
            index: names.iter().enumerate().map(|(at, name)| (name.clone(), at)).collect(),
            names,
            records: inventory.nodes.iter().map(record).collect(),
            types,
            poisoned: inventory.poisoned,
            groups: Value::map(inventory.groups.iter().map(|(name, nodes)| (name.as_str(), members(nodes)))),
        }
    }

    /// The names and types of a node's fields.
    pub fn fields(&self) -> impl Iterator<Item = (String, Type)> + '_ {
        FIELDS.iter().zip(&self.types).map(|(name, ty)| ((*name).to_owned(), ty.clone()))
    }

    fn record_type(&self) -> Type {
        Type::Record(self.fields().collect())
    }

    /// `[n.name for n in nodes if condition]` over some of the nodes. In `condition` the fields are the first locals, as
    /// in [`fields`](Self::fields). Nodes are cut down to the fields it reads.
    pub fn names_where(&self, condition: Expr, some: Option<&[usize]>) -> Expr {
        let mut used: BTreeSet<&str> = BTreeSet::from(["name"]);
        locals(&condition, &mut |local| used.extend(FIELDS.get(local as usize)));
        let cut = |record: &Value| {
            Value::map(used.iter().map(|field| (*field, record.get(field).cloned().unwrap_or(Value::Null))))
        };
        let records: Vec<Value> = match some {
            Some(some) => some.iter().filter_map(|at| self.records.get(*at)).map(cut).collect(),
            None => self.records.iter().map(cut).collect(),
        };
        let (span, ty) = (condition.span, self.record_type());
        let list = Expr::constant(Value::list(records), Type::List(Box::new(ty.clone())), span);
        let node = Expr { kind: ExprKind::Local(0), ty, span };
        let body = Expr { kind: ExprKind::Field(Box::new(node), "name".into(), false), ty: Type::Str, span };
        filtered(body, 0, list, Some(condition))
    }
}

/// `[body for … in list if condition]`, where the fields of a node are the locals from `base` on in `condition`, and
/// become fields of the one local that is bound.
fn filtered(body: Expr, base: u32, list: Expr, condition: Option<Expr>) -> Expr {
    let (span, ty) = (list.span, Type::List(Box::new(body.ty.clone())));
    let record = body_type(&list);
    let condition = condition.map(|mut condition| {
        rebase(&mut condition, base, &record);
        Box::new(condition)
    });
    let kind =
        ExprKind::Comprehension { body: Box::new(body), local: base, pair: false, list: Box::new(list), condition };
    Expr { kind, ty, span }
}

fn body_type(list: &Expr) -> Type {
    match &list.ty {
        Type::List(item) => item.as_ref().clone(),
        _ => Type::Any,
    }
}

/// Calls `visit` with the number of every local that is read.
pub(super) fn locals(expr: &Expr, visit: &mut dyn FnMut(u32)) {
    if let ExprKind::Local(number) = expr.kind {
        visit(number);
    }
    expr.parts(&mut |part| locals(part, visit));
}

/// Makes the locals from `base` on, which are the fields of a node, fields of the one local `base`.
fn rebase(expr: &mut Expr, base: u32, record: &Type) {
    let fields = FIELDS.len() as u32;
    if let ExprKind::Comprehension { local, .. } = &mut expr.kind
        && *local >= base + fields
    {
        *local -= fields - 1;
    }
    match expr.kind {
        ExprKind::Local(number) if number >= base + fields => expr.kind = ExprKind::Local(number - fields + 1),
        ExprKind::Local(number) if number >= base => {
            let node = Expr { kind: ExprKind::Local(base), ty: record.clone(), span: expr.span };
            let name = FIELDS[(number - base) as usize].to_owned();
            expr.kind = ExprKind::Field(Box::new(node), name, false);
        }
        _ => expr.parts_mut(&mut |part| rebase(part, base, record)),
    }
}

/// A field of a node as a name of an expression.
pub(super) fn local(name: String, ty: Type) -> Local {
    Local { name, ty, origin: None }
}

impl Typing<'_, '_> {
    fn no_inventory(&mut self, name: &str, span: Span) -> Expr {
        let message = format!("`{name}` reads the inventory, and there is none");
        let problem = Diagnostic::new(Code::NoInventory, self.file, span, message);
        self.report(problem.help("write the nodes under `inventory` in the manifest of the project"));
        Expr::error(span)
    }

    /// `groups`: the names of all nodes of each group.
    pub(super) fn groups(&mut self, span: Span) -> Expr {
        match &self.index.snapshot {
            Some(snapshot) if snapshot.poisoned => Expr::error(span),
            Some(snapshot) => {
                let ty = Type::Map(Box::new(Type::List(Box::new(Type::Str))));
                Expr::constant(snapshot.groups.clone(), ty, span)
            }
            None => self.no_inventory("groups", span),
        }
    }

    /// `nodes()`, `nodes(where: condition)`: the nodes for which a condition over their fields holds.
    pub(super) fn nodes(&mut self, located: &Located, scope: &mut Scope, args: &[ast::Arg], span: Span) -> Expr {
        let place = located.place(span);
        let index = self.index;
        let Some(snapshot) = &index.snapshot else { return self.no_inventory("nodes", place) };
        if snapshot.poisoned {
            return Expr::error(place);
        }
        let mut conditions = Vec::new();
        for arg in args {
            match &arg.name {
                Some(name) if name.name != "where" => {
                    let message = format!("`nodes` has no parameter `{}`", name.name);
                    let problem = Diagnostic::new(Code::UnknownArgument, self.file, located.place(name.span), message);
                    self.report(match suggest::nearest(&name.name, ["where"].into_iter()) {
                        Some(near) => problem.help(format!("did you mean `{near}`?")).fix("write `where`", near),
                        None => problem.help("it takes `where`"),
                    });
                    return Expr::error(place);
                }
                _ => conditions.push(&arg.value),
            }
        }
        if let [_, second, ..] = conditions.as_slice() {
            let problem = Diagnostic::new(
                Code::ConflictingArguments,
                self.file,
                located.place(second.span),
                "`where` is given twice",
            );
            self.report(problem.help("join the conditions by `and`"));
            return Expr::error(place);
        }
        let ty = snapshot.record_type();
        let list = Expr::constant(Value::list(snapshot.records.clone()), Type::List(Box::new(ty.clone())), place);
        let Some(condition) = conditions.first() else { return list };
        let base = scope.locals.len();
        scope.locals.extend(snapshot.fields().map(|(name, ty)| local(name, ty)));
        // What is known of names outside is not known of the fields that hide them.
        let outside = scope.present.clone();
        scope.present.retain(|path| !FIELDS.contains(&narrow::root(path)));
        let part = Located { expr: (*condition).clone(), scalar: located.scalar, pieces: located.pieces.clone() };
        let around = std::mem::replace(&mut scope.place, "`where` of `nodes`".into());
        let condition = self.condition(&part, scope);
        scope.place = around;
        scope.present = outside;
        scope.locals.truncate(base);
        if matches!(condition.kind, ExprKind::Error) {
            return Expr::error(place);
        }
        let node = Expr { kind: ExprKind::Local(base as u32), ty, span: place };
        filtered(node, base as u32, list, Some(condition))
    }
}
