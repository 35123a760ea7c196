//! `lower`: a [`Doc`] becomes [`Ir`](crate::ir): tasks whose keywords and arguments are read with the types that
//! their places want.
//!
//! Unaware of: which format the `Doc` came from, of other modules, and of files. Start reading at [`lower`].

mod bodies;
mod compose;
mod control;
mod declare;
mod defaults;
mod define;
mod habits;
mod keep;
mod known;
pub use known::known;
mod other_files;
mod procedures;
mod reading;
pub use reading::{Readings, Spelling, is_special, readings, untyped};
mod scalar;
pub(crate) use compose::{Given, given, value_of};
pub(crate) use scalar::{core_schema, refine};
mod step;
mod target;

use crate::diag::foreign::{self, Spot};
use crate::diag::suggest::nearest;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::doc::{Doc, Entry, NodeId, NodeKind, Style};
use crate::ir::{Located, Module, Task, ValueKind};
use crate::source::FileId;
use ipcmm_bytecode::Value;
use ipcmm_grammar::ast::Span;
use ipcmm_grammar::keywords::{Keyword, Place};
use ipcmm_grammar::types::Type;

/// Lowers every document of a file. `stem` names modules that do not name themselves.
pub fn lower(doc: &Doc, stem: &str, diagnostics: &mut Diagnostics) -> Vec<Module> {
    lower_noting(doc, stem, diagnostics, None)
}

/// Lowers, and notes how scalars are read.
fn lower_noting<'a>(
    doc: &'a Doc,
    stem: &str,
    diagnostics: &'a mut Diagnostics,
    readings: Option<&'a mut Readings>,
) -> Vec<Module> {
    if doc.roots.is_empty() {
        // Nothing is a module without tasks, in every format.
        return vec![Module::new(stem, doc.file)];
    }
    let mut lowering = Lowering::new(doc, diagnostics);
    lowering.readings = readings;
    doc.roots.iter().filter_map(|&root| lowering.module(root, stem)).collect()
}

/// Reads the scalar of a document as an expression.
pub(crate) fn expression(doc: &Doc, id: NodeId, diagnostics: &mut Diagnostics) -> Option<Located> {
    Lowering::new(doc, diagnostics).bare_expression(id)
}

/// Reads a value that must be known, as a type.
pub(crate) fn constant(
    doc: &Doc,
    id: NodeId,
    wanted: &'static Type,
    place: &dyn std::fmt::Display,
    diagnostics: &mut Diagnostics,
) -> Option<Value> {
    let mut lowering = Lowering::new(doc, diagnostics);
    match lowering.value(id, wanted, place).kind {
        ValueKind::Constant(value) => Some(value),
        ValueKind::Error => None,
        _ => {
            let message = format!("{place} must be known: nothing is computed here");
            let problem = lowering.problem(Code::NotConstant, lowering.span(id), message);
            lowering.report(problem);
            None
        }
    }
}

struct Lowering<'a> {
    doc: &'a Doc,
    diagnostics: &'a mut Diagnostics,
    /// How many problems the reader had; it reports a bounded number.
    parsed: usize,
    /// What misspelt arguments of the step at hand probably are: they are not reported as missing too.
    misspelt: Vec<String>,
    /// Where it is noted how scalars are read, if somebody wants to know.
    readings: Option<&'a mut Readings>,
    /// How many keys were reported as unknown.
    unknown_keys: usize,
    /// What `defaults` of the module at hand says.
    defaults: control::Keywords,
    /// The label at hand, and the steps in its arguments so far.
    bodies: bodies::Bodies,
}

impl<'a> Lowering<'a> {
    fn new(doc: &'a Doc, diagnostics: &'a mut Diagnostics) -> Lowering<'a> {
        let parsed = diagnostics.len();
        Lowering {
            doc,
            diagnostics,
            parsed,
            misspelt: Vec::new(),
            readings: None,
            unknown_keys: 0,
            defaults: Default::default(),
            bodies: Default::default(),
        }
    }

    fn file(&self) -> FileId {
        self.doc.file
    }

    fn span(&self, id: NodeId) -> Span {
        self.doc.node(id).span
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    fn problem(&self, code: Code, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(code, self.file(), span, message)
    }

    /// What a node is, in words, for messages.
    fn what(&self, id: NodeId) -> &'static str {
        match &self.doc.node(id).kind {
            NodeKind::Null => "nothing",
            NodeKind::Scalar { .. } => "a scalar",
            NodeKind::List(_) => "a list",
            NodeKind::Map(_) => "a map",
            NodeKind::Error => "something unreadable",
        }
    }

    fn entries(&self, id: NodeId) -> Option<&'a [Entry]> {
        match &self.doc.node(id).kind {
            NodeKind::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// Reports a value that has not the shape its place wants, unless its problem is known already.
    fn wrong_shape(&mut self, id: NodeId, place: &dyn std::fmt::Display, wanted: &str) {
        if !matches!(self.doc.node(id).kind, NodeKind::Error) {
            let message = format!("{place} takes {wanted}, and this is {}", self.what(id));
            let problem = self.problem(Code::WrongShape, self.span(id), message);
            self.report(problem);
        }
    }

    fn key(&self, entry: &Entry) -> (&'a str, Span) {
        (self.doc.text(entry.key).unwrap_or(""), self.span(entry.key))
    }

    fn is_null(&self, id: NodeId) -> bool {
        match &self.doc.node(id).kind {
            NodeKind::Null => true,
            NodeKind::Scalar { text, style: style @ (Style::Bare | Style::Text) } => {
                ipcmm_grammar::units::is_null(style.word(text))
            }
            _ => false,
        }
    }

    fn module(&mut self, root: NodeId, stem: &str) -> Option<Module> {
        let Some(entries) = self.entries(root) else {
            if !matches!(self.doc.node(root).kind, NodeKind::Error) {
                let message = format!("a module is a map of labels, and this is {}", self.what(root));
                let problem = self.problem(Code::NotAModule, self.span(root), message);
                let help = self.playbook_help(root);
                self.report(
                    problem.help(help.unwrap_or("write `label:` and under it a built-in, such as `ipcmm.nop:`")),
                );
            }
            return None;
        };
        if self.is_manifest_of_kubernetes(root, entries) || self.is_other_file(entries) {
            return None;
        }
        let mut module = Module::new(stem, self.file());
        module.defaults = self.read_defaults(entries);
        for entry in entries {
            let (key, span) = self.key(entry);
            match Keyword::from_name(key).filter(|k| k.stands_in(Place::Module)) {
                Some(Keyword::Ipcmm) => self.edition(entry.value),
                Some(Keyword::Module) => {
                    if let Some(name) = self.plain_text(entry.value, &"`module`") {
                        module.name = name;
                        module.named = true;
                    }
                }
                Some(Keyword::Doc) => {
                    self.plain_text(entry.value, &"`doc`");
                    self.note_text(entry.value);
                }
                Some(Keyword::Declare) => module.surface = self.declare(entry.value),
                Some(Keyword::Define) => self.define(entry.value, &mut module),
                // They were read ahead of the tasks.
                Some(Keyword::Defaults) => {}
                Some(Keyword::Allow) => {}
                Some(keyword) => self.not_yet(keyword, span),
                None => module.tasks.push(self.task(key, span, entry.value)),
            }
        }
        module.tasks = target::flatten(module.tasks);
        Some(module)
    }

    fn edition(&mut self, id: NodeId) {
        self.note_word(id);
        let text = match &self.doc.node(id).kind {
            NodeKind::Scalar { text, style } => style.word(text),
            NodeKind::Error => return,
            _ => "",
        };
        if text != "1" {
            let problem = self.problem(Code::Edition, self.span(id), "the edition of the language is 1");
            self.report(problem.fix("write the edition", "1"));
        }
    }

    fn not_yet(&mut self, keyword: Keyword, span: Span) {
        let name = keyword.name();
        let message = format!("`{name}` is not there yet");
        let problem = self.problem(Code::KeywordNotYet, span, message);
        self.report(problem.help(format!("it belongs to the language and will mean: {}", keyword.doc())));
    }

    /// A scalar that is taken as it stands: names and documentation.
    fn plain_text(&mut self, id: NodeId, place: &dyn std::fmt::Display) -> Option<String> {
        self.note_word(id);
        match &self.doc.node(id).kind {
            NodeKind::Scalar { text, style } => Some(style.word(text).to_owned()),
            _ => {
                self.wrong_shape(id, place, "a text");
                None
            }
        }
    }

    /// One or several names: a scalar, or a list of scalars.
    fn names(&mut self, id: NodeId, place: &dyn std::fmt::Display) -> Vec<(String, Span)> {
        self.note_word(id);
        match &self.doc.node(id).kind {
            NodeKind::Scalar { text, style } => vec![(style.word(text).to_owned(), self.span(id))],
            NodeKind::List(items) => {
                let mut names = Vec::with_capacity(items.len());
                for &item in items {
                    self.note_word(item);
                    match &self.doc.node(item).kind {
                        NodeKind::Scalar { text, style } => names.push((style.word(text).to_owned(), self.span(item))),
                        NodeKind::Map(_) if let Some(label) = self.typed_target(item, place) => names.push(label),
                        _ => self.wrong_shape(item, place, "names of tasks"),
                    }
                }
                names
            }
            _ => {
                self.wrong_shape(id, place, "the name of a task, or a list of them");
                Vec::new()
            }
        }
    }

    fn task(&mut self, label: &str, span: Span, value: NodeId) -> Task {
        let errors = self.diagnostics.errors();
        let outer = std::mem::replace(&mut self.bodies, bodies::Bodies::of(label));
        let mut task = self.task_body(label, span, value);
        task.inline = std::mem::replace(&mut self.bodies, outer).tasks;
        task.poisoned = self.diagnostics.errors() > errors || matches!(self.doc.node(value).kind, NodeKind::Error);
        task
    }

    fn unknown_keyword(&mut self, key: &str, span: Span, below: &str) {
        self.unknown_keys += 1;
        if let Some(ours) = foreign::module(key) {
            let problem = self.problem(Code::UnknownBuiltin, span, format!("unknown built-in `{key}`"));
            self.report(problem.help(format!("it is a module of another system: here `{ours}` does its work")));
            return;
        }
        let problem = self.problem(Code::UnknownKeyword, span, format!("unknown keyword `{key}` {below}"));
        let problem = self.foreign_key(Spot::Key, key, problem).unwrap_or_else(|problem| {
            let known = Keyword::ALL.iter().filter(|k| k.stands_in(Place::Label)).map(|k| k.name());
            let builtins = ipcmm_stdlib::BUILTINS.iter().map(|b| b.name);
            match nearest(key, known.chain(builtins)).map(str::to_string) {
                Some(near) => problem.did_you_mean(&near),
                None => problem,
            }
        });
        self.report(problem);
    }
}
