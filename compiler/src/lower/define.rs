//! `define`: functions and lambdas of a module. Procedures are read in `procedures`.

use super::Lowering;
use super::scalar::Quoted;
use crate::diag::{Code, Diagnostic, suggest};
use crate::doc::{Entry, NodeId, NodeKind, Piece};
use crate::ir::{Function, Lambda, Located, Module, Param};
use ipcmm_grammar::ast::{ExprKind, Ident, Span};
use ipcmm_grammar::problem::Problem;
use ipcmm_grammar::signature::{self, Signature, SignatureParam, parse_signature_with};
use ipcmm_grammar::types::Type;

/// What `define` may hold.
const KINDS: &[&str] = &["func", "lambda", "proc", "type"];
/// Fields of a function in its map form.
const FIELDS: &[&str] = &["params", "returns", "body", "doc"];

impl Lowering<'_> {
    /// Reads `define` into a module.
    pub(super) fn define(&mut self, id: NodeId, module: &mut Module) {
        let Some(kinds) = self.entries(id) else {
            if !self.is_null(id) {
                self.wrong_shape(id, &"`define`", "a map of `func`, `lambda`, `proc` and `type`");
            }
            return;
        };
        for kind in kinds {
            let (name, span) = self.key(kind);
            let Some(entries) = self.entries(kind.value) else {
                if KINDS.contains(&name) && !self.is_null(kind.value) {
                    self.wrong_shape(kind.value, &format!("`{name}` of `define`"), "a map of definitions");
                }
                if KINDS.contains(&name) {
                    continue;
                }
                self.unknown_word(name, span, "`define`", KINDS, kinds);
                continue;
            };
            match name {
                "func" => {
                    for entry in entries {
                        module.functions.extend(self.function(entry.key, entry.value));
                    }
                }
                "lambda" => {
                    for entry in entries {
                        module.lambdas.extend(self.named_lambda(entry.key, entry.value));
                    }
                }
                "proc" => {
                    self.procedures(kind.value, &mut module.procedures);
                }
                "type" => self.type_definitions(entries, &mut module.types),
                _ => self.unknown_word(name, span, "`define`", KINDS, kinds),
            }
        }
    }

    /// Reports a word that means nothing among `beside`. What it probably should be is offered unless that is there.
    fn unknown_word(&mut self, word: &str, span: Span, below: &str, known: &[&str], beside: &[Entry]) {
        let mut problem = self.problem(Code::UnknownKeyword, span, format!("unknown keyword `{word}` in {below}"));
        problem = match suggest::nearest(word, known.iter().copied()) {
            Some(near) if beside.iter().any(|entry| self.key(entry).0 == near) => {
                problem.help(format!("did you mean `{near}`? That is here already"))
            }
            Some(near) => problem.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), near),
            None => problem.help(format!("there are `{}`", known.join("`, `"))),
        };
        self.report(problem);
    }

    /// A function: its key is the signature and its value the body, or its key is the name and its value a map.
    fn function(&mut self, key: NodeId, value: NodeId) -> Option<Function> {
        let text = self.doc.text(key).unwrap_or("");
        match &self.doc.node(value).kind {
            NodeKind::Error => None,
            NodeKind::Map(_) => self.function_map(key, value),
            _ if signature::is_name(text) => {
                let message = format!("the function `{text}` has no signature");
                let problem = self.problem(Code::BadSignature, self.span(key), message);
                self.report(problem.help(format!(
                    "write it as `{}`, or as a map of `params`, `returns` and `body`",
                    signature::EXAMPLE
                )));
                None
            }
            _ => match self.parse_signature(text) {
                Ok(read) => {
                    let span = self.doc.place_in(key, read.name.span);
                    let params = read.params.into_iter().map(|param| self.param(key, text, param)).collect();
                    let body = self.bare_expression(value);
                    Some(Function { name: read.name.name, span, params, returns: read.returns, body })
                }
                Err(problem) => {
                    self.malformed(Code::BadSignature, key, problem, "");
                    None
                }
            },
        }
    }

    /// Reports a signature or a type that cannot be read.
    fn malformed(&mut self, code: Code, id: NodeId, problem: Problem, place: &str) {
        let span = self.doc.place_in(id, problem.span);
        let message = match place {
            "" => problem.message,
            place => format!("{place}: {}", problem.message),
        };
        let diagnostic = Diagnostic::new(code, self.file(), span, message);
        self.report(match (problem.help, code) {
            (Some(help), _) => diagnostic.help(help),
            (None, Code::BadSignature) => diagnostic.help(format!("a signature looks like `{}`", signature::EXAMPLE)),
            (None, _) => diagnostic,
        });
    }

    fn parse_signature(&self, text: &str) -> Result<Signature, Problem> {
        match self.types {
            None => parse_signature_with(text, &|_| None),
            Some(view) => parse_signature_with(text, &|word| self.named_type(view, word))
                .map_err(|problem| self.with_known_types(problem, text)),
        }
    }

    fn param(&mut self, key: NodeId, text: &str, param: SignatureParam) -> Param {
        let SignatureParam { name: Ident { name, span }, ty, default } = param;
        let default = match default {
            Some(at) => {
                let parsed = ipcmm_grammar::parse(&text[at.start as usize..at.end as usize]);
                let shift = |span: Span| Span::new(span.start + at.start, span.end + at.start);
                let problems: Vec<Problem> =
                    parsed.problems.into_iter().map(|p| Problem { span: shift(p.span), ..p }).collect();
                // What could not be read is an error in the tree, and stays silent from here on.
                self.expression_problems(key, &problems);
                let pieces = pieces_from(&self.pieces(key), at.start).into();
                Some(Located { expr: parsed.expr, scalar: self.span(key), pieces })
            }
            None => None,
        };
        Param { name, span: self.doc.place_in(key, span), ty, default }
    }

    fn function_map(&mut self, key: NodeId, value: NodeId) -> Option<Function> {
        let name = self.defined_name(key)?;
        let place = format!("the function `{name}`");
        let (mut params, mut returns, mut body) = (Some(Vec::new()), None, None);
        for entry in self.entries(value)? {
            let (field, span) = self.key(entry);
            match field {
                "params" => params = self.params_map(entry.value, &place),
                "returns" => returns = Some(self.ty(entry.value, &format!("what `{name}` returns"))),
                "body" => body = Some(self.bare_expression(entry.value)),
                "doc" => drop(self.plain_text(entry.value, &"`doc`")),
                _ => self.unknown_word(field, span, &place, FIELDS, self.entries(value)?),
            }
        }
        for (field, there) in [("returns", returns.is_some()), ("body", body.is_some())] {
            if !there {
                let problem = self.problem(Code::BadSignature, self.span(key), format!("{place} lacks `{field}`"));
                self.report(problem);
            }
        }
        Some(Function { name, span: self.span(key), params: params?, returns: returns??, body: body? })
    }

    /// The name of a definition.
    fn defined_name(&mut self, key: NodeId) -> Option<String> {
        let text = self.doc.text(key).unwrap_or("");
        if signature::is_name(text) {
            return Some(text.to_owned());
        }
        let problem = self.problem(Code::BadSignature, self.span(key), format!("{} is no name", Quoted(text)));
        self.report(problem.help("a name begins with a letter, and letters, digits and `_` follow"));
        None
    }

    /// A type that is written as the value of a key.
    fn ty(&mut self, id: NodeId, place: &str) -> Option<Type> {
        let text = self.plain_text(id, &place)?;
        match self.parse_type(&text) {
            Ok(ty) => Some(ty),
            Err(problem) => {
                self.malformed(Code::BadType, id, problem, place);
                None
            }
        }
    }

    fn params_map(&mut self, id: NodeId, place: &str) -> Option<Vec<Param>> {
        if self.is_null(id) {
            return Some(Vec::new());
        }
        let Some(entries) = self.entries(id) else {
            self.wrong_shape(id, &format!("`params` of {place}"), "a map of names and types");
            return None;
        };
        let mut params: Vec<Option<Param>> = Vec::with_capacity(entries.len());
        for entry in entries {
            let Some(name) = self.defined_name(entry.key) else {
                params.push(None);
                continue;
            };
            let shown = format!("the parameter `{name}`");
            let (mut ty, mut default, mut read) = (None, None, true);
            match self.entries(entry.value) {
                None => ty = self.ty(entry.value, &shown),
                Some(fields) => {
                    for field in fields {
                        let (word, span) = self.key(field);
                        match word {
                            "type" => ty = self.ty(field.value, &shown),
                            "default" => {
                                default = self.bare_expression(field.value);
                                read &= default.is_some();
                            }
                            "doc" => drop(self.plain_text(field.value, &"`doc`")),
                            _ => self.unknown_word(word, span, &shown, &["type", "default", "doc"], fields),
                        }
                    }
                    if !fields.iter().any(|field| self.key(field).0 == "type") {
                        let problem =
                            self.problem(Code::BadSignature, self.span(entry.key), format!("{shown} has no `type`"));
                        self.report(problem);
                    }
                }
            }
            let span = self.span(entry.key);
            params.push(ty.filter(|_| read).map(|ty| Param { name, span, ty, default }));
        }
        params.into_iter().collect()
    }

    fn named_lambda(&mut self, key: NodeId, value: NodeId) -> Option<Lambda> {
        let name = self.defined_name(key);
        let located = self.bare_expression(value)?;
        match &located.expr.kind {
            ExprKind::Error => None,
            ExprKind::Lambda { .. } => Some(Lambda { name: name?, span: self.span(key), located }),
            _ => {
                let message = "this is no lambda";
                let problem = self.problem(Code::BadSignature, located.place(located.expr.span), message);
                self.report(problem.help("write it as `x => …` or `(a, b) => …`"));
                None
            }
        }
    }
}

/// Where the bytes of a text from `start` on stand.
fn pieces_from(pieces: &[Piece], start: u32) -> Vec<Piece> {
    let split = pieces.partition_point(|piece| piece.text <= start);
    let before = split.checked_sub(1).and_then(|at| pieces.get(at));
    let first = before.map(|piece| Piece { text: 0, file: piece.file + (start - piece.text) });
    let rest = pieces.get(split..).unwrap_or(&[]).iter();
    first.into_iter().chain(rest.map(|piece| Piece { text: piece.text - start, file: piece.file })).collect()
}
