//! `declare`: names with their kinds, types and values.
//!
//! Unaware of: what is given from outside, and of what the names mean elsewhere.

use super::Lowering;
use super::control::TAKEN;
use super::scalar::Quoted;
use crate::diag::Code;
use crate::doc::{Entry, NodeId, NodeKind};
use crate::ir::surface::{Declared, DeclaredKind, Input, Output, Surface, kept};
use crate::ir::{Located, Typed, ValueKind};
use ipcmm_grammar::ast::{Expr, ExprKind, Span};
use ipcmm_grammar::parse::{Parsed, parse};
use ipcmm_grammar::shapes::{Field, Shape};
use ipcmm_grammar::type_syntax::parse_type;
use ipcmm_grammar::types::Type;
use rustc_hash::FxHashMap;
use std::fmt::Display;

/// The maps with fixed fields that are read here. The build fails if the table and the readers below disagree.
const INPUT: &[Field] = Shape::Input.having(&["type", "default", "check", "doc"]);
const OUTPUT: &[Field] = Shape::Output.having(&["type", "value", "doc"]);
const INOUT: &[Field] = Shape::InOut.having(&["type", "default", "check", "value", "doc"]);
const POINTER: &[Field] = Shape::Pointer.having(&["to", "type", "doc"]);

/// The words under `declare`.
const KINDS: [&str; 6] = ["in", "out", "inout", "ref", "ptr", "addr"];

impl<'a> Lowering<'a> {
    pub(super) fn declare(&mut self, value: NodeId) -> Surface {
        let mut surface = Surface::default();
        let mut places: FxHashMap<&str, Span> = FxHashMap::default();
        for entry in self.map_of(value, &"`declare`", "a map of `in`, `out`, `inout`, `ref`, `ptr` and `addr`") {
            let (kind, span) = self.key(entry);
            if !KINDS.contains(&kind) {
                self.unknown_argument(kind, span, &"`declare`", KINDS.into_iter());
                continue;
            }
            for entry in self.map_of(entry.value, &Quoted(kind), "a map of names") {
                let (name, span) = self.key(entry);
                if !self.is_name(name, span) {
                    continue;
                }
                if let Some(first) = places.get(name) {
                    let message = format!("`{name}` is declared twice");
                    let problem = self.problem(Code::DuplicateName, span, message);
                    let problem = problem.label(self.file(), *first, "first declared here");
                    self.report(problem);
                    continue;
                }
                let errors = self.diagnostics.errors();
                let kind = self.declared(kind, name, entry.value);
                let broken = self.diagnostics.errors() > errors || kind.is_none();
                let kind = if broken { self.poisoned(kind, entry.value) } else { kind };
                if let Some(kind) = kind {
                    places.insert(name, span);
                    surface.names.push(Declared { name: name.to_string(), span, kind });
                }
            }
        }
        surface
    }

    /// What stands for a name whose declaration has a problem: it has no value, and nothing is said about that.
    fn poisoned(&self, kind: Option<DeclaredKind>, at: NodeId) -> Option<DeclaredKind> {
        let ty = kind.as_ref().and_then(|kind| kind.input()).map_or(&Type::Any, |input| input.ty);
        let value = Typed { kind: ValueKind::Error, span: self.span(at), wanted: ty };
        Some(DeclaredKind::In(Input { ty, default: Some(value), check: None, doc: None }))
    }

    /// The entries of a map that may be left empty; anything else is reported.
    pub(super) fn map_of(&mut self, id: NodeId, place: &dyn Display, wanted: &str) -> &'a [Entry] {
        if let Some(entries) = self.entries(id) {
            return entries;
        }
        if !self.is_null(id) {
            self.wrong_shape(id, place, wanted);
        }
        &[]
    }

    /// Whether a text can be a name in expressions; reports one that cannot.
    pub(super) fn is_name(&mut self, text: &str, span: Span) -> bool {
        let name = text.chars().enumerate().all(|(i, c)| c == '_' || c.is_alphabetic() || i > 0 && c.is_alphanumeric());
        let fits = name && !text.is_empty() && !TAKEN.contains(&text);
        if !fits {
            let message = format!("`{}` cannot be a name", text.escape_debug());
            let problem = self.problem(Code::BadValue, span, message);
            let help = "a name is made of letters, digits and `_`, and is none that expressions know already";
            self.report(problem.help(help));
        }
        fits
    }

    fn declared(&mut self, kind: &str, name: &str, value: NodeId) -> Option<DeclaredKind> {
        let place = Quoted(name);
        if matches!(self.doc.node(value).kind, NodeKind::Error) {
            return None;
        }
        let fields = self.entries(value);
        let known = match kind {
            "in" => INPUT,
            "out" => OUTPUT,
            "inout" => INOUT,
            "ptr" => POINTER,
            "ref" => return self.reference(value).map(DeclaredKind::Ref),
            _ => {
                let target = self.plain_text(value, &place)?;
                return Some(DeclaredKind::Addr(target, self.span(value)));
            }
        };
        let Some(fields) = fields else {
            if kind == "ptr" {
                return self.bare_expression(value).map(|to| DeclaredKind::Ptr(to, None));
            }
            let ty = self.declared_type(value)?;
            let input = Input { ty, default: None, check: None, doc: None };
            let output = Output { ty: Some(ty), value: None };
            return Some(match kind {
                "in" => DeclaredKind::In(input),
                "out" => DeclaredKind::Out(output),
                _ => DeclaredKind::InOut(input, output),
            });
        };
        for entry in fields {
            let (key, span) = self.key(entry);
            if !known.iter().any(|field| field.name == key) {
                self.unknown_argument(key, span, &place, known.iter().map(|field| field.name));
            }
        }
        let field = |name: &str| fields.iter().find(|e| self.doc.text(e.key) == Some(name)).map(|e| e.value);
        let (ty, to, default, check, output, doc) =
            (field("type"), field("to"), field("default"), field("check"), field("value"), field("doc"));
        let ty = match ty {
            Some(ty) => Some(self.declared_type(ty)?),
            None => None,
        };
        let doc = doc.and_then(|doc| self.plain_text(doc, &"`doc`"));
        if kind == "ptr" {
            let Some(to) = to else {
                self.lacks(value, name, "to", "it says what the name stands for");
                return None;
            };
            return self.bare_expression(to).map(|to| DeclaredKind::Ptr(to, ty));
        }
        let output = Output { ty, value: output.map(|v| self.value(v, ty.unwrap_or(&Type::Any), &place)) };
        if kind == "out" {
            return Some(DeclaredKind::Out(output));
        }
        let Some(ty) = ty else {
            self.lacks(value, name, "type", "a value from outside is read with its type");
            return None;
        };
        let default = default.map(|default| self.value(default, ty, &place));
        let check = check.and_then(|check| self.bare_expression(check));
        let input = Input { ty, default, check, doc };
        Some(match kind {
            "in" => DeclaredKind::In(input),
            _ => DeclaredKind::InOut(input, output),
        })
    }

    fn lacks(&mut self, at: NodeId, name: &str, field: &str, why: &str) {
        let problem = self.problem(Code::MissingArgument, self.span(at), format!("`{name}` lacks `{field}`"));
        self.report(problem.help(why));
    }

    /// A type as it is written; a map is a record, so that `{a: int}` needs no quotes.
    pub(super) fn declared_type(&mut self, id: NodeId) -> Option<&'static Type> {
        self.written_type(id).map(kept)
    }

    fn written_type(&mut self, id: NodeId) -> Option<Type> {
        match &self.doc.node(id).kind {
            NodeKind::Map(entries) => {
                let mut fields = Vec::with_capacity(entries.len());
                for entry in entries {
                    let (name, _) = self.key(entry);
                    fields.push((name.to_string(), self.written_type(entry.value)?));
                }
                fields.sort_by(|a, b| a.0.cmp(&b.0));
                Some(Type::Record(fields))
            }
            NodeKind::Scalar { text, .. } => match parse_type(text) {
                Ok(Type::Expr(_) | Type::Asset | Type::Tasks) => {
                    let message = format!("`{text}` is a type of arguments of built-ins only");
                    let problem = self.problem(Code::BadType, self.span(id), message);
                    self.report(problem);
                    None
                }
                Ok(ty) => Some(ty),
                Err(trouble) => {
                    let span = self.doc.place_in(id, trouble.span);
                    let mut problem = self.problem(Code::BadType, span, trouble.message);
                    problem.help = trouble.help;
                    self.report(problem);
                    None
                }
            },
            _ => {
                self.wrong_shape(id, &"`type`", "a type, such as `int`, `list<str>` or `{name: str, port: int?}`");
                None
            }
        }
    }

    /// `label.result.path`, or any other path as an expression.
    fn reference(&mut self, id: NodeId) -> Option<Located> {
        let text = self.doc.text(id).unwrap_or("");
        let mark = ".result";
        let end = text.match_indices(mark).map(|(at, _)| at + mark.len()).find(|&end| {
            let next = text.get(end..).and_then(|rest| rest.chars().next());
            next.is_none_or(|c| matches!(c, '.' | '[' | '?'))
        });
        let Some(end) = end.filter(|&end| end > mark.len()) else { return self.bare_expression(id) };
        // The rest is read where it stands: the label before it is replaced by blanks and one letter.
        let label = &text[..end - mark.len()];
        let Parsed { expr, problems } = parse(&format!("{}r{}", " ".repeat(end - 1), &text[end..]));
        if self.expression_problems(id, &problems) {
            return None;
        }
        let Some(expr) = rooted(expr, label, Span::new(0, end as u32)) else {
            self.wrong_shape(id, &"`ref`", "a path such as `label.result.field`");
            return None;
        };
        Some(self.located(id, expr))
    }
}

/// The path with the result of a label in the place of the name it begins with.
fn rooted(expr: Expr, label: &str, at: Span) -> Option<Expr> {
    let span = at.to(expr.span);
    let kind = match expr.kind {
        ExprKind::Name(_) => {
            let results = Expr::new(ExprKind::Name("results".into()), at);
            let key = Expr::new(ExprKind::Str(label.to_string()), at);
            ExprKind::Index { object: Box::new(results), key: Box::new(key), optional: false }
        }
        ExprKind::Field { object, field, optional } => {
            ExprKind::Field { object: Box::new(rooted(*object, label, at)?), field, optional }
        }
        ExprKind::Index { object, key, optional } => {
            ExprKind::Index { object: Box::new(rooted(*object, label, at)?), key, optional }
        }
        _ => return None,
    };
    Some(Expr::new(kind, span))
}
