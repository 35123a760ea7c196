//! Where a value comes from: the tree of an expression with the value of each part and its origin.
//!
//! Parts that are not computed (the arm of a condition that is not taken) and parts whose value differs from round to
//! round (the body of a comprehension) are left out.

use super::{Checked, Desk, Evaluated, has_local};
use crate::check::fold::evaluate;
use crate::graph::{Expr, ExprKind};
use crate::source::{FileId, Sources};
use ipcmm_bytecode::Value;
use ipcmm_grammar::ast::BinaryOp;
use ipcmm_grammar::types::Type;
use serde_json::{Value as Json, json};
use std::fmt::Write;

/// The most parts that are told.
const PARTS: usize = 500;

/// A part of an expression.
#[derive(Clone, Debug)]
pub struct Explained {
    /// As it is written.
    pub text: String,
    /// Its value.
    pub value: Value,
    /// Its type.
    pub ty: Type,
    /// Where the value comes from.
    pub from: String,
    /// What it is computed of.
    pub parts: Vec<Explained>,
}

/// The tree of an expression that was evaluated.
pub fn explain(desk: &Desk, evaluated: &Evaluated, sources: &Sources) -> Explained {
    let checked = &evaluated.checked;
    let mut teller = Teller { desk, checked, sources, file: checked.file, left: PARTS };
    teller.part(&checked.expr, evaluated.value.clone())
}

struct Teller<'a> {
    desk: &'a Desk,
    checked: &'a Checked,
    sources: &'a Sources,
    file: FileId,
    left: usize,
}

impl Teller<'_> {
    /// Recurses as deep as expressions are nested, which their parser bounds.
    fn part(&mut self, expr: &Expr, value: Value) -> Explained {
        self.left = self.left.saturating_sub(1);
        let source = &self.sources.file(self.file).text;
        let text = source.get(expr.span.start as usize..expr.span.end as usize).unwrap_or("").to_owned();
        let from = self.origin(expr, &text);
        let mut told = Explained { text, value, ty: expr.ty.clone(), from, parts: Vec::new() };
        let mut parts: Vec<&Expr> = Vec::new();
        match &expr.kind {
            ExprKind::Conditional(condition, then, otherwise) => {
                let taken = self.value(condition) == Some(Value::Bool(true));
                parts.extend([&**condition, if taken { then } else { otherwise }]);
            }
            ExprKind::Binary(op, left, right) => {
                parts.push(left);
                if self.goes_on(*op, left) {
                    parts.push(right);
                }
            }
            ExprKind::Match(subject, _) => parts.push(subject),
            ExprKind::Comprehension { list, .. } => parts.push(list),
            ExprKind::Let { value, .. } => parts.push(value),
            _ => expr.parts(&mut |part| parts.push(part)),
        }
        for part in parts {
            // Literals are their own explanation.
            let literal = matches!(part.kind, ExprKind::Constant(_)) && !self.is_bound(part);
            if literal || has_local(part) || self.left == 0 {
                continue;
            }
            if let Some(value) = self.value(part) {
                told.parts.push(self.part(part, value));
            }
        }
        told
    }

    fn value(&self, expr: &Expr) -> Option<Value> {
        evaluate(expr, &self.checked.library, self.desk).ok()
    }

    /// Whether the right side of an operator is computed.
    fn goes_on(&self, op: BinaryOp, left: &Expr) -> bool {
        let left = || self.value(left);
        match op {
            BinaryOp::And => left() != Some(Value::Bool(false)),
            BinaryOp::Or => left() != Some(Value::Bool(true)),
            BinaryOp::Coalesce => left() == Some(Value::Null),
            _ => true,
        }
    }

    fn is_bound(&self, expr: &Expr) -> bool {
        let source = &self.sources.file(self.file).text;
        let text = source.get(expr.span.start as usize..expr.span.end as usize).unwrap_or("");
        self.desk.bindings.iter().any(|binding| binding.name == text)
    }

    fn origin(&self, expr: &Expr, text: &str) -> String {
        match &expr.kind {
            ExprKind::Constant(_) if self.is_bound(expr) => format!("bound to `{text}`"),
            ExprKind::Constant(_) => "written here".into(),
            ExprKind::Fact(path) => match self.desk.facts.get(path) {
                Some(fact) => {
                    let file = self.sources.file(fact.place.0);
                    format!("fact, {}:{}", file.name, file.position(fact.place.1.start).line)
                }
                None => "fact".into(),
            },
            ExprKind::Result(_) => "result of a task".into(),
            ExprKind::Slot(_) | ExprKind::Local(_) | ExprKind::Unknown | ExprKind::Error => "bound around".into(),
            ExprKind::Field(_, name, _) => format!("field `{name}`"),
            ExprKind::Index(..) => "element".into(),
            ExprKind::Call(function, _) | ExprKind::Walk { function, .. } => format!("function `{}`", function.name()),
            ExprKind::Invoke(..) => "function of the module".into(),
            ExprKind::Let { .. } | ExprKind::Want(..) => "computed".into(),
            ExprKind::Secret(_) => "secret".into(),
            ExprKind::List(_) => "list".into(),
            ExprKind::Map(_) => "map".into(),
            ExprKind::Range(..) => "range".into(),
            ExprKind::Concat(_) => "texts joined".into(),
            ExprKind::Unary(..) | ExprKind::Binary(..) => "computed".into(),
            ExprKind::Conditional(..) => "condition".into(),
            ExprKind::Match(..) => "match".into(),
            ExprKind::Comprehension { .. } => "comprehension".into(),
        }
    }
}

impl Explained {
    /// As lines, parts indented below what they belong to.
    pub fn lines(&self) -> String {
        let mut out = String::new();
        let mut open = vec![(0, self)];
        while let Some((depth, part)) = open.pop() {
            // Writing to a String cannot fail.
            let text = part.text.replace(['\n', '\r'], " ");
            let _ = writeln!(out, "{:indent$}{text} = {}  ({})", "", part.value, part.from, indent = depth * 2);
            open.extend(part.parts.iter().rev().map(|part| (depth + 1, part)));
        }
        out
    }

    /// As JSON.
    pub fn json(&self) -> Json {
        json!({
            "text": self.text,
            "value": crate::dump::value(&self.value),
            "type": self.ty.to_string(),
            "from": self.from,
            "parts": self.parts.iter().map(Explained::json).collect::<Vec<_>>(),
        })
    }
}
