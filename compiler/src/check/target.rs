//! Targets: which nodes a task is for, as a condition that the node can judge.
//!
//! What a selector says of the fields of a node is decided here, for each node of the inventory, and becomes a test of
//! `node.name`; what it says of facts stays code. Also what it means to read the result of a label that is for some
//! nodes only.

use super::expr::Typing;
use super::fold;
use super::functions::Functions;
use super::inline::Inlining;
use super::inventory::{FIELDS, local, locals};
use super::names::{Declared, Index};
use super::scope::{Given, Scope};
use crate::diag::{Code, Diagnostic, Diagnostics, suggest};
use crate::graph::{Expr, ExprKind};
use crate::ir::{Binding, Located, Selection, SelectionKind};
use crate::project::glob;
use crate::source::FileId;
use ipcmm_bytecode::Value;
use ipcmm_grammar::ast::{self, BinaryOp, Span, UnaryOp};
use ipcmm_grammar::types::Type;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// The nodes of a task.
#[derive(Clone, Debug)]
pub(super) struct Targeting {
    /// Holds on the nodes it is for.
    pub expr: Expr,
    /// Their places in the inventory in ascending order, if the inventory alone decides.
    nodes: Option<Vec<usize>>,
}

impl Targeting {
    /// Whether a task with these nodes is for every node of a reader, as far as that can be told.
    fn covers(&self, reader: Option<&Targeting>) -> bool {
        let Some(reader) = reader else { return false };
        match (&self.nodes, &reader.nodes) {
            (Some(own), Some(theirs)) => theirs.iter().all(|node| own.binary_search(node).is_ok()),
            _ => same(&self.expr, &reader.expr),
        }
    }
}

/// The nodes of each selection of a label.
type Judged = Vec<Option<Targeting>>;

/// The nodes of every task that is not for all.
pub(super) fn all(index: &Index<'_>, functions: &Functions<'_>, diagnostics: &mut Diagnostics) -> Judged {
    let mut all: Judged = Vec::with_capacity(index.tasks.len());
    if index.snapshot.as_ref().is_some_and(|snapshot| snapshot.poisoned) {
        return vec![None; index.tasks.len()];
    }
    // Many labels have one selector.
    let mut known = Known::default();
    // The selections of the label at hand, each judged once.
    let mut label: Option<(&Arc<[Selection]>, Judged)> = None;
    for declared in &index.tasks {
        let Some(binding) = declared.task.binding.as_ref().filter(|_| !declared.task.poisoned) else {
            all.push(None);
            continue;
        };
        // What a call hands on is judged where it is written.
        let (file, scope) = binding.from.unwrap_or((declared.file, declared.scope));
        let declared = &Declared { file, scope, ..*declared };
        let judged = match label.take() {
            Some((selections, judged)) if Arc::ptr_eq(selections, &binding.all) => judged,
            _ => {
                let judge = |selection: &Selection| Judge { index, functions, declared, span: selection.span };
                binding.all.iter().map(|s| judge(s).selection(s, &mut known, diagnostics)).collect()
            }
        };
        all.push(bound(index, binding, &judged));
        label = Some((&binding.all, judged));
    }
    all
}

/// The nodes of one binding: those of its selection without those of the selections before it.
fn bound(index: &Index<'_>, binding: &Binding, judged: &[Option<Targeting>]) -> Option<Targeting> {
    let own = judged.get(binding.number)?.clone()?;
    let mut nodes = own.nodes;
    let mut expr = own.expr;
    for before in judged[..binding.number].iter().flatten() {
        nodes = match (nodes, &before.nodes) {
            (Some(own), Some(theirs)) => {
                Some(own.into_iter().filter(|node| theirs.binary_search(node).is_err()).collect())
            }
            _ => None,
        };
        let (span, no) = (expr.span, before.expr.clone());
        let no = Expr { kind: ExprKind::Unary(UnaryOp::Not, Box::new(no)), ty: Type::Bool, span };
        expr = both(expr, no);
    }
    if let Some(nodes) = &nodes {
        expr = named(index, nodes, expr.span);
    }
    Some(Targeting { expr, nodes })
}

fn both(a: Expr, b: Expr) -> Expr {
    let span = a.span;
    Expr { kind: ExprKind::Binary(BinaryOp::And, Box::new(a), Box::new(b)), ty: Type::Bool, span }
}

fn node_name(span: Span) -> Expr {
    Expr { kind: ExprKind::Fact("node.name"), ty: Type::Str, span }
}

fn among(names: Vec<Value>, span: Span) -> Expr {
    let list = Expr::constant(Value::list(names), Type::List(Box::new(Type::Str)), span);
    let kind = ExprKind::Binary(BinaryOp::In, Box::new(node_name(span)), Box::new(list));
    Expr { kind, ty: Type::Bool, span }
}

/// Whether this node is one of those of the inventory.
fn named(index: &Index<'_>, nodes: &[usize], span: Span) -> Expr {
    let names = index.snapshot.as_ref().map_or(&[][..], |snapshot| snapshot.names.as_slice());
    among(nodes.iter().filter_map(|at| names.get(*at)).map(|name| Value::str(name.as_str())).collect(), span)
}

/// Selectors as text, with the nodes for which what they say of fields holds.
type Known = FxHashMap<String, Vec<usize>>;

struct Judge<'i, 'a> {
    index: &'i Index<'a>,
    functions: &'i Functions<'a>,
    declared: &'i Declared<'a>,
    span: Span,
}

impl Judge<'_, '_> {
    /// The nodes of a selection.
    fn selection(&self, selection: &Selection, known: &mut Known, diagnostics: &mut Diagnostics) -> Option<Targeting> {
        let targeting = match &selection.kind {
            SelectionKind::Expr(located) => self.selector(located, known, diagnostics)?,
            SelectionKind::Names(names) => self.names(names, diagnostics),
        };
        let none = targeting.nodes.as_ref().is_some_and(Vec::is_empty);
        // A name that means nothing was reported where it stands.
        let told = matches!(&selection.kind, SelectionKind::Names(names) if !names.is_empty());
        if none && !told {
            let message = format!("`target` of `{}` selects no node", self.declared.task.label);
            diagnostics.push(Diagnostic::new(Code::NoNodeSelected, self.declared.file, selection.span, message));
        }
        Some(targeting)
    }

    /// A list of names and globs.
    fn names(&self, names: &[(String, Span)], diagnostics: &mut Diagnostics) -> Targeting {
        let Some(snapshot) = &self.index.snapshot else { return self.names_alone(names) };
        let mut nodes = Vec::new();
        for (name, span) in names {
            let before = nodes.len();
            match glob::is_glob(name) {
                true => nodes.extend((0..snapshot.names.len()).filter(|at| glob::matches(name, &snapshot.names[*at]))),
                false => nodes.extend(snapshot.index.get(name)),
            }
            if nodes.len() == before {
                let message = format!("`{}` is no node of the inventory", name.escape_debug());
                let problem = Diagnostic::new(Code::NoNodeSelected, self.declared.file, *span, message);
                diagnostics.push(match suggest::nearest(name, snapshot.names.iter().map(String::as_str)) {
                    Some(near) => problem.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), near),
                    None => problem,
                });
            }
        }
        nodes.sort_unstable();
        nodes.dedup();
        Targeting { expr: named(self.index, &nodes, self.span), nodes: Some(nodes) }
    }

    /// Without an inventory the node compares its own name.
    fn names_alone(&self, names: &[(String, Span)]) -> Targeting {
        let plain = names.iter().filter(|(name, _)| !glob::is_glob(name));
        let mut expr = among(plain.map(|(name, _)| Value::str(name.as_str())).collect(), self.span);
        for (name, span) in names.iter().filter(|(name, _)| glob::is_glob(name)) {
            let pattern = Expr::constant(Value::str(regex_of(name)), Type::Regex, *span);
            let kind = ExprKind::Binary(BinaryOp::Matches, Box::new(node_name(*span)), Box::new(pattern));
            let fits = Expr { kind, ty: Type::Bool, span: *span };
            let kind = ExprKind::Binary(BinaryOp::Or, Box::new(expr), Box::new(fits));
            expr = Expr { kind, ty: Type::Bool, span: self.span };
        }
        Targeting { expr, nodes: None }
    }

    fn selector(&self, located: &Located, cache: &mut Known, diagnostics: &mut Diagnostics) -> Option<Targeting> {
        if let ast::ExprKind::Name(name) = &located.expr.kind
            && !FIELDS.contains(&name.as_str())
        {
            let message = format!("`{name}` is no condition: a selector says which nodes, such as `role == 'web'`");
            let place = located.place(located.expr.span);
            let problem = Diagnostic::new(Code::NotBool, self.declared.file, place, message);
            diagnostics.push(problem.help(format!("names of nodes stand in a list: `[{name}]`")));
            return None;
        }
        let expr = self.typed(located, diagnostics)?;
        let mut parts = Vec::new();
        conjuncts(expr, &mut parts);
        let of_node = |expr: &Expr| {
            let mut any = false;
            locals(expr, &mut |local| any |= (local as usize) < FIELDS.len());
            any
        };
        let (fields, facts): (Vec<Expr>, Vec<Expr>) = parts.into_iter().partition(of_node);
        let (known, mixed): (Vec<Expr>, Vec<Expr>) = fields.into_iter().partition(Expr::is_closed);
        let Some(snapshot) = &self.index.snapshot else {
            if known.is_empty() && mixed.is_empty() {
                return facts.into_iter().reduce(both).map(|expr| Targeting { expr, nodes: None });
            }
            self.no_inventory(located, diagnostics);
            return None;
        };
        let (alone, mixed_alone) = (facts.is_empty(), mixed.is_empty());
        // Without a condition on fields every node of the inventory is meant, and others may be as well.
        let nodes: Option<Vec<usize>> = match known.into_iter().reduce(both) {
            None => None,
            Some(known) => {
                // A name may mean something else in another module.
                let source = format!("{} {}", self.declared.scope, crate::dump::source(&located.expr));
                let nodes = match cache.remove(&source) {
                    Some(nodes) => nodes,
                    None => self.nodes_where(known, diagnostics)?,
                };
                cache.insert(source, nodes.clone());
                Some(nodes)
            }
        };
        let mut expr = nodes.as_ref().map(|nodes| named(self.index, nodes, self.span));
        expr = expr.into_iter().chain(facts).reduce(both);
        if let Some(mixed) = mixed.into_iter().reduce(both) {
            let names = snapshot.names_where(mixed, nodes.as_deref());
            let kind = ExprKind::Binary(BinaryOp::In, Box::new(node_name(self.span)), Box::new(names));
            let last = Expr { kind, ty: Type::Bool, span: self.span };
            expr = Some(match expr {
                Some(expr) => both(expr, last),
                None => last,
            });
        }
        let decided = if alone && mixed_alone { nodes.clone() } else { None };
        // No node is left, whatever the facts are.
        let none = nodes.filter(|nodes| nodes.is_empty());
        Some(Targeting { expr: expr?, nodes: decided.or(none) })
    }

    /// The nodes for which a condition on their fields holds, by the evaluator of the agent.
    fn nodes_where(&self, condition: Expr, diagnostics: &mut Diagnostics) -> Option<Vec<usize>> {
        let snapshot = self.index.snapshot.as_ref()?;
        let names = snapshot.names_where(condition, None);
        match fold::value(&names, &self.functions.library) {
            Some(Ok(Value::List(names))) => {
                let place = |name: &Value| snapshot.index.get(name.as_str()?).copied();
                Some(names.iter().filter_map(place).collect())
            }
            Some(Err(fault)) => {
                let message = format!("this cannot be computed for every node: {fault}");
                diagnostics.push(Diagnostic::new(Code::ConstantFault, self.declared.file, self.span, message));
                None
            }
            Some(Ok(_)) | None => None,
        }
    }

    /// The selector with the fields of a node as its first locals.
    fn typed(&self, located: &Located, diagnostics: &mut Diagnostics) -> Option<Expr> {
        let mut scope = Scope::new("`target`", &Given::default());
        match &self.index.snapshot {
            Some(snapshot) => scope.locals.extend(snapshot.fields().map(|(name, ty)| local(name, ty))),
            // Their types do not matter: that they are used is the problem, and the only one.
            None => scope.locals.extend(FIELDS.iter().map(|field| local((*field).to_owned(), Type::Any))),
        }
        let (file, label) = (self.declared.file, &self.declared.task.label);
        let mut refuse = |_: u32, file: FileId, span: Span, diagnostics: &mut Diagnostics| {
            let message = format!("`target` of `{label}` is decided before the run, and this is a result of it");
            let problem = Diagnostic::new(Code::TargetReadsResult, file, span, message);
            diagnostics.push(problem.help("`when` may read results"));
            None
        };
        let mut typing = Typing {
            index: self.index,
            module: self.declared.scope,
            file,
            diagnostics,
            inlining: Inlining::default(),
            context: Vec::new(),
            own_result: None,
            phases: false,
            read_result: &mut refuse,
            functions: self.functions,
            inlined: Vec::new(),
            demand: None,
        };
        let expr = typing.condition(located, &mut scope);
        (!expr.any(&|expr| matches!(expr.kind, ExprKind::Error))).then_some(expr)
    }

    fn no_inventory(&self, located: &Located, diagnostics: &mut Diagnostics) {
        let message =
            format!("`target` of `{}` selects by fields of nodes, and there is no inventory", self.declared.task.label);
        let place = located.place(located.expr.span);
        let problem = Diagnostic::new(Code::NoInventory, self.declared.file, place, message);
        diagnostics.push(
            problem.help("write the nodes under `inventory` in the manifest, or select by `facts.…` and `node.…`"),
        );
    }
}

/// The parts of `a and b and c`.
fn conjuncts(expr: Expr, parts: &mut Vec<Expr>) {
    match expr.kind {
        ExprKind::Binary(BinaryOp::And, a, b) => {
            conjuncts(*a, parts);
            conjuncts(*b, parts);
        }
        kind => parts.push(Expr { kind, ..expr }),
    }
}

/// A glob as a regular expression.
fn regex_of(glob: &str) -> String {
    let mut pattern = String::from("^");
    for c in glob.chars() {
        match c {
            '*' => pattern.push_str(".*"),
            '?' => pattern.push('.'),
            c if c.is_alphanumeric() || c == '_' => pattern.push(c),
            c => pattern.extend(['\\', c]),
        }
    }
    pattern + "$"
}

/// Whether two conditions are the same but for their places.
fn same(a: &Expr, b: &Expr) -> bool {
    use ExprKind::{Binary, Call, Constant, Fact, Field, List, Unary};
    match (&a.kind, &b.kind) {
        (Constant(a), Constant(b)) => a == b,
        (Fact(a), Fact(b)) => a == b,
        (Unary(op, a), Unary(other, b)) => op == other && same(a, b),
        (Field(a, name, soft), Field(b, other, theirs)) => name == other && soft == theirs && same(a, b),
        (Binary(op, a, b), Binary(other, c, d)) => op == other && same(a, c) && same(b, d),
        (List(a), List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Call(f, a), Call(g, b)) => f == g && a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        // Anything else counts as different, which costs a reader a default for null and nothing more.
        _ => false,
    }
}

/// Makes room for locals that are bound around an expression.
fn shift(expr: &mut Expr, by: u32) {
    if let ExprKind::Local(local) | ExprKind::Comprehension { local, .. } = &mut expr.kind {
        *local += by;
    }
    expr.parts_mut(&mut |part| shift(part, by));
}

impl Index<'_> {
    /// Whether a label is for every node that a reader of it is for, by this binding of it or another: the result that
    /// is read is always that of the binding for the node.
    pub fn is_there_for(&self, task: u32, reader: u32) -> bool {
        let number = self.tasks[task as usize].task.binding.as_ref().map_or(0, |binding| binding.number);
        let label = self.bindings(task - number as u32);
        let bindings: Option<Vec<&Targeting>> = label.map(|task| self.targeting[task as usize].as_ref()).collect();
        let Some(bindings) = bindings else { return true };
        let reader = self.targeting[reader as usize].as_ref();
        let nodes = |targeting: &Targeting| targeting.nodes.clone();
        let together = || {
            let own: Option<Vec<Vec<usize>>> = bindings.iter().map(|binding| nodes(binding)).collect();
            let (own, theirs) = (own?, reader.and_then(nodes)?);
            Some(theirs.iter().all(|node| own.iter().any(|own| own.binary_search(node).is_ok())))
        };
        bindings.iter().any(|binding| binding.covers(reader)) || together().unwrap_or(false)
    }
}

impl Typing<'_, '_> {
    /// The result of a label: of several bindings that of the one for this node. `locals` are bound around it.
    pub(super) fn result_of(&mut self, task: u32, span: Span, locals: u32) -> Expr {
        let index = self.index;
        let mut bindings = index.bindings(task).rev();
        let (file, place) = self.inlining.used.unwrap_or((self.file, span));
        let mut read = |task: u32| match (self.read_result)(task, file, place, self.diagnostics) {
            Some((number, ty)) => Expr { kind: ExprKind::Result(number), ty, span },
            None => Expr::error(span),
        };
        let Some(last) = bindings.next() else { return Expr::error(span) };
        let mut found = read(last);
        for binding in bindings {
            if matches!(found.kind, ExprKind::Error) {
                return found;
            }
            let Some(Targeting { expr, .. }) = &index.targeting[binding as usize] else { continue };
            let own = read(binding);
            let mut expr = expr.clone();
            shift(&mut expr, locals);
            let ty = super::types::common(&own.ty, &found.ty);
            let kind = ExprKind::Conditional(Box::new(expr), Box::new(own), Box::new(found));
            found = Expr { kind, ty, span };
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_become_patterns() {
        assert_eq!(regex_of("web*.eu-?"), "^web.*\\.eu\\-.$");
        assert!(ipcmm_vm::machine::check_pattern(&regex_of("a+(b)[c]{1}|ü\\ *")).is_ok());
    }
}
