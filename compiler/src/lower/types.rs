//! Types with names: what `define: type` gives, and what a name stands for in a module, those around it and those it
//! imports. A name is replaced by what it stands for where it is written, so no later stage knows of it.
//!
//! Unaware of: files; `load` says which parts make up a module and what they import. Start reading at [`Types::named`].

use super::Lowering;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::doc::{Doc, Entry, NodeId, NodeKind};
use ipcmm_grammar::ast::Span;
use ipcmm_grammar::problem::Problem;
use ipcmm_grammar::type_syntax::{is_word, parse_type, parse_type_with};
use ipcmm_grammar::types::Type;
use rustc_hash::{FxHashMap, FxHashSet};
use std::cell::{Cell, RefCell};

/// How deep types may name each other.
const MAX_CHAIN: usize = 64;

/// Where names of types are looked up: a module, or a file that is included under a name of its own.
#[derive(Default)]
pub(crate) struct Home<'d> {
    /// Its own, with the document, the key and the value of each.
    defined: FxHashMap<&'d str, (&'d Doc, Entry)>,
    /// Where else names are looked up.
    pub outer: Option<usize>,
    /// Homes that have a name here, and the names of them that were asked for.
    pub aliases: FxHashMap<String, (usize, Option<Vec<String>>)>,
}

/// All types that are defined.
#[derive(Default)]
pub(crate) struct Types<'d> {
    homes: Vec<Home<'d>>,
    known: RefCell<FxHashMap<(usize, String), Type>>,
    /// Names that are being read, outermost first.
    active: RefCell<Vec<(usize, String)>>,
    problems: RefCell<Diagnostics>,
    /// By home, the names that are written there.
    asked: RefCell<FxHashMap<usize, FxHashSet<String>>>,
    /// Whether a name was asked for that is not known.
    missing: Cell<bool>,
}

/// The types that a module sees.
#[derive(Clone, Copy)]
pub(crate) struct View<'t> {
    types: &'t Types<'t>,
    home: usize,
}

/// The entries of `define: type` of a module.
fn definitions(doc: &Doc, root: NodeId) -> &[Entry] {
    let inside = |id: NodeId, key: &str| {
        let NodeKind::Map(entries) = &doc.node(id).kind else { return None };
        entries.iter().find(|entry| doc.text(entry.key) == Some(key)).map(|entry| entry.value)
    };
    match inside(root, "define").and_then(|define| inside(define, "type")).map(|types| &doc.node(types).kind) {
        Some(NodeKind::Map(entries)) => entries,
        _ => &[],
    }
}

/// The name that a module gives itself.
fn name_of(doc: &Doc, root: NodeId) -> Option<&str> {
    let NodeKind::Map(entries) = &doc.node(root).kind else { return None };
    doc.text(entries.iter().find(|entry| doc.text(entry.key) == Some("module"))?.value)
}

impl<'d> Types<'d> {
    /// Those of one document by itself, and the home of each of its roots.
    pub fn alone(doc: &'d Doc, stem: &str) -> (Types<'d>, Vec<usize>) {
        let mut types = Types::default();
        let mut names: Vec<&str> = Vec::new();
        let homes = doc.roots.iter().map(|&root| {
            let name = name_of(doc, root).unwrap_or(stem);
            let home = names.iter().position(|known| *known == name).unwrap_or_else(|| {
                names.push(name);
                types.home()
            });
            types.add(home, doc, root);
            home
        });
        let homes = homes.collect();
        (types, homes)
    }

    /// A new home.
    pub fn home(&mut self) -> usize {
        self.homes.push(Home::default());
        self.homes.len() - 1
    }

    /// A home to be changed.
    pub fn home_mut(&mut self, home: usize) -> &mut Home<'d> {
        &mut self.homes[home]
    }

    /// Adds what a module defines to a home. Of two of one name, which `expand` reports, it is the first.
    pub fn add(&mut self, home: usize, doc: &'d Doc, root: NodeId) {
        for entry in definitions(doc, root) {
            if let Some(name) = doc.text(entry.key) {
                self.homes[home].defined.entry(name).or_insert((doc, *entry));
            }
        }
    }

    /// What a module with this home sees.
    pub fn view(&'d self, home: usize) -> View<'d> {
        View { types: self, home }
    }

    /// Whether a name was asked for that is not known.
    pub fn is_missing(&self) -> bool {
        self.missing.get()
    }

    /// What is wrong in the definitions that were read so far.
    pub fn problems(&self) -> Diagnostics {
        self.problems.take()
    }

    /// Where a name is defined.
    fn find(&self, home: usize, word: &str) -> Option<(usize, (&'d Doc, Entry))> {
        let chain = std::iter::successors(Some(home), |&home| self.homes[home].outer);
        let own = |home: usize, name: &str| self.homes[home].defined.get(name).map(|found| (home, *found));
        match word.split_once('.') {
            None => chain.into_iter().find_map(|home| own(home, word)),
            Some((alias, name)) => {
                let (other, only) = chain.into_iter().find_map(|home| self.homes[home].aliases.get(alias))?;
                own(*other, name).filter(|_| only.as_ref().is_none_or(|only| only.iter().any(|wanted| wanted == name)))
            }
        }
    }

    /// The type of a name; an erroneous one if there is something wrong with it, which is reported.
    fn named(&self, home: usize, word: &str) -> Option<Type> {
        let Some((owner, (doc, entry))) = self.find(home, word) else {
            self.missing.set(true);
            return None;
        };
        let name = doc.text(entry.key).unwrap_or_default();
        let key = (owner, name.to_owned());
        if let Some(known) = self.known.borrow().get(&key) {
            return Some(known.clone());
        }
        let circle = self.active.borrow().iter().position(|active| *active == key);
        if let Some(from) = circle {
            let names: Vec<String> = self.active.borrow()[from..].iter().map(|(_, name)| format!("`{name}`")).collect();
            let message = format!("types contain themselves: {} → `{name}`", names.join(" → "));
            let problem = Diagnostic::new(Code::BadType, doc.file, doc.node(entry.key).span, message);
            let help = "a value of such a type would have no end; take the field out, or let it be `any`";
            self.problems.borrow_mut().push(problem.help(help));
            return Some(Type::Error);
        }
        if self.active.borrow().len() >= MAX_CHAIN {
            let message = format!("types name each other more than {MAX_CHAIN} deep");
            let problem = Diagnostic::new(Code::BadType, doc.file, doc.node(entry.key).span, message);
            self.problems.borrow_mut().push(problem);
            return Some(Type::Error);
        }
        self.active.borrow_mut().push(key.clone());
        let mut problems = Diagnostics::default();
        let mut lowering = Lowering::new(doc, &mut problems);
        lowering.types = Some(View { types: self, home: owner });
        let ty = lowering.written_type(entry.value).unwrap_or(Type::Error);
        self.problems.borrow_mut().append(problems);
        self.active.borrow_mut().pop();
        self.known.borrow_mut().insert(key, ty.clone());
        Some(ty)
    }
}

impl View<'_> {
    /// Names that can be written, for suggestions.
    fn names(self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        let mut home = Some(self.home);
        while let Some(at) = home {
            let place = &self.types.homes[at];
            names.extend(place.defined.keys().map(|name| (*name).to_owned()));
            for (alias, (other, only)) in &place.aliases {
                let theirs = self.types.homes[*other].defined.keys();
                let wanted = theirs.filter(|name| only.as_ref().is_none_or(|only| only.iter().any(|own| own == *name)));
                names.extend(wanted.map(|name| format!("{alias}.{name}")));
            }
            home = place.outer;
        }
        names.sort();
        names
    }

    /// The names of types that were written in the home so far.
    pub fn asked(self) -> Vec<String> {
        let asked = self.types.asked.borrow();
        let mut asked: Vec<String> = asked.get(&self.home).into_iter().flatten().cloned().collect();
        asked.sort();
        asked
    }
}

impl Lowering<'_> {
    /// Reads a type, with the names that are known here.
    pub(super) fn parse_type(&self, text: &str) -> Result<Type, Problem> {
        match self.types {
            None => parse_type(text),
            Some(view) => parse_type_with(text, &|word| self.named_type(view, word))
                .map_err(|problem| self.with_known_types(problem, text)),
        }
    }

    pub(super) fn named_type(&self, view: View<'_>, word: &str) -> Option<Type> {
        view.types.asked.borrow_mut().entry(view.home).or_default().insert(word.to_owned());
        view.types.named(view.home, word)
    }

    /// Says of an unknown name which one it probably is.
    pub(super) fn with_known_types(&self, problem: Problem, text: &str) -> Problem {
        let word = text.get(problem.span.start as usize..problem.span.end as usize).unwrap_or_default();
        let names = self.types.map(View::names).unwrap_or_default();
        match crate::diag::suggest::nearest(word, names.iter().map(String::as_str)) {
            Some(near) if !word.is_empty() => problem.with_help(format!("did you mean `{near}`?")),
            _ => problem,
        }
    }

    /// `type` of `define`: each is read, whether anything names it or not.
    pub(super) fn type_definitions(&mut self, entries: &[Entry], into: &mut Vec<(String, Span)>) {
        for entry in entries {
            let (name, span) = self.key(entry);
            if is_word(name) {
                let problem = self.problem(Code::BadType, span, format!("`{name}` is a type of the language"));
                self.report(problem.help("give it another name"));
            } else if self.is_name(name, span) {
                into.push((name.to_owned(), span));
                if let Some(view) = self.types {
                    view.types.named(view.home, name);
                }
            }
        }
    }
}
