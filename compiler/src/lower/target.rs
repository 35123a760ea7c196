//! The `target` keyword: which nodes a label is for, and what holds for some of them only.
//!
//! A label whose `target` has several blocks becomes as many tasks, its bindings. Of a node only the first binding that
//! selects it is carried out, so that overrides never have to be joined at run time.

use super::Lowering;
use super::control::{Keywords, Level};
use crate::diag::Code;
use crate::doc::{NodeId, NodeKind};
use crate::ir::{Binding, Selection, SelectionKind, Task};
use ipcmm_grammar::ast::Span;
use ipcmm_grammar::keywords::Keyword;
use ipcmm_grammar::shapes::{Field, Shape};
use std::sync::Arc;

const BLOCK: &[Field] =
    Shape::Target.having(&["select", "env", "args", "depends_on", "requires", "requires_any", "requires_none"]);

/// Most blocks under one `target`: each leaves out the nodes of all before it.
const MAX_BLOCKS: usize = 64;

/// What was read of `target`.
#[derive(Clone, Default)]
pub(super) struct Target {
    blocks: Vec<Block>,
}

/// A selection with what holds for its nodes only.
#[derive(Clone)]
struct Block {
    select: Selection,
    keywords: Keywords,
    args: Option<(NodeId, Span)>,
}

impl Lowering<'_> {
    pub(super) fn target(&mut self, value: NodeId) -> Option<Target> {
        let doc = self.doc;
        let blocks = match &doc.node(value).kind {
            NodeKind::Error => return None,
            NodeKind::Map(_) => self.target_block(value).into_iter().collect(),
            NodeKind::List(items) if items.iter().any(|item| matches!(doc.node(*item).kind, NodeKind::Map(_))) => {
                if items.len() > MAX_BLOCKS {
                    let message = format!("`target` has {} blocks; at most {MAX_BLOCKS} are carried out", items.len());
                    let problem = self.problem(Code::BadValue, self.span(value), message);
                    self.report(problem.help("join blocks that differ only in their selection: `a or b`"));
                    return None;
                }
                items.iter().filter_map(|item| self.target_block(*item)).collect()
            }
            _ => {
                let select = self.selection(value)?;
                vec![Block { select, keywords: Keywords::default(), args: None }]
            }
        };
        (!blocks.is_empty()).then_some(Target { blocks })
    }

    /// A selector, or a list of names and globs.
    fn selection(&mut self, value: NodeId) -> Option<Selection> {
        let span = self.span(value);
        match &self.doc.node(value).kind {
            NodeKind::List(items) => {
                let mut names = Vec::with_capacity(items.len());
                for &item in items {
                    match &self.doc.node(item).kind {
                        NodeKind::Scalar { text, .. } => names.push((text.clone(), self.span(item))),
                        _ => self.wrong_shape(item, &"a list of nodes", "names and globs"),
                    }
                }
                Some(Selection { kind: SelectionKind::Names(names), span })
            }
            NodeKind::Scalar { text, .. } if !self.is_null(value) => {
                // Neither is a condition, and what a parser says of a glob helps nobody.
                let glob = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '*' | '?');
                if text.contains(['*', '?', '-']) && text.chars().all(glob) {
                    let message = format!("`{text}` is a name or a glob, and a selector is an expression");
                    let problem = self.problem(Code::WrongShape, span, message);
                    self.report(problem.help(format!("names and globs stand in a list: `[{text}]`")));
                    return None;
                }
                Some(Selection { kind: SelectionKind::Expr(self.bare_expression(value)?), span })
            }
            _ => {
                self.wrong_shape(value, &"`target`", "a selector, a list of names and globs, or blocks with `select`");
                None
            }
        }
    }

    fn target_block(&mut self, value: NodeId) -> Option<Block> {
        let Some(entries) = self.entries(value) else {
            self.wrong_shape(value, &"`target` with blocks", "blocks only");
            return None;
        };
        let (mut select, mut keywords, mut args) = (None, Keywords::default(), None);
        let mut given = false;
        for entry in entries {
            let (key, span) = self.key(entry);
            match (key, Keyword::from_name(key)) {
                ("select", _) => {
                    given = true;
                    select = self.selection(entry.value);
                }
                (_, Some(Keyword::Args)) => args = Some((entry.value, span)),
                (_, Some(keyword)) if BLOCK.iter().any(|field| field.name == key) => {
                    self.keyword(keyword, span, entry.value, Level::Label, &mut keywords);
                }
                _ => self.unknown_argument(key, span, &"a block of `target`", BLOCK.iter().map(|field| field.name)),
            }
        }
        if !given && !self.misspelt.iter().any(|name| name == "select") {
            let problem = self.problem(Code::MissingArgument, self.span(value), "a block of `target` lacks `select`");
            self.report(problem.help("say which nodes it is for: `select: role == 'web'`, or `select: [web*]`"));
        }
        Some(Block { select: select?, keywords, args })
    }

    /// Gives a task, whose keywords are settled but for these, its nodes; further bindings become its `others`. Checks
    /// the arguments of all of them.
    pub(super) fn bind(&mut self, task: &mut Task, keywords: Keywords) {
        let Some(target) = keywords.target.clone() else {
            self.required_of(task, keywords.takes_over());
            keywords.settle(task);
            return;
        };
        let all: Arc<[Selection]> = target.blocks.iter().map(|block| block.select.clone()).collect();
        let plain = task.clone();
        for (number, block) in target.blocks.into_iter().enumerate() {
            let mut bound = plain.clone();
            bound.binding = Some(Binding { all: all.clone(), number, from: None });
            self.override_args(&mut bound, block.args);
            self.required_of(&bound, keywords.takes_over());
            keywords.clone().settle(&mut bound);
            block.keywords.override_in(&mut bound);
            match number {
                0 => *task = bound,
                _ => task.others.push(bound),
            }
        }
    }

    /// Arguments may be taken over from another task; then `check` looks whether they are there.
    fn required_of(&mut self, task: &Task, takes_over: bool) {
        for step in task.steps.iter().filter(|step| !(takes_over && step.args.is_empty())) {
            self.required(step.builtin, &step.args, step.span);
        }
    }

    fn override_args(&mut self, task: &mut Task, args: Option<(NodeId, Span)>) {
        let Some((value, span)) = args else { return };
        let [step] = task.steps.as_mut_slice() else {
            if !task.steps.is_empty() {
                let message = "`args` of a target block stand beside several built-ins";
                let problem = self.problem(Code::WrongShape, span, message);
                self.report(problem.help("give each built-in a label of its own"));
            }
            return;
        };
        let own = self.args(step.builtin, value);
        step.args.retain(|arg| !own.iter().any(|other| other.param == arg.param));
        step.args.extend(own);
        step.args.sort_by_key(|arg| arg.param);
    }
}

/// Tasks with the steps that stand in its arguments before each, and its further bindings behind it.
pub(super) fn flatten(tasks: Vec<Task>) -> Vec<Task> {
    if tasks.iter().all(|task| task.others.is_empty() && task.inline.is_empty()) {
        return tasks;
    }
    let mut all = Vec::with_capacity(tasks.len());
    for mut task in tasks {
        all.extend(flatten(std::mem::take(&mut task.inline)));
        let others = std::mem::take(&mut task.others);
        let poisoned = task.poisoned;
        all.push(task);
        all.extend(others.into_iter().map(|other| Task { poisoned, ..other }));
    }
    all
}
