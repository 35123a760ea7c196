//! What is declared or defined and never named again: inputs, references and addresses, functions, lambdas, procedures
//! and imports.
//!
//! It is judged by what is written, before anything is expanded: a name counts as used where anything in the module
//! names it, whether that is ever reached or not. Unaware of: types, and what the names stand for.

mod mentions;

use crate::diag::{Code, Diagnostic, Manner};
use crate::doc::Doc;
use crate::ir::surface::{ComposeKind, DeclaredKind, Surface};
use crate::ir::{Module, Task};
use crate::load::{Loaded, is_path};
use crate::source::FileId;
use ipcmm_grammar::ast::Span;
use mentions::Mentions;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;

/// Warnings about names that nobody uses. They hold only if nothing else is wrong: what could not be read may be what
/// uses them.
pub(crate) fn unused(loaded: &Loaded, docs: &[Doc]) -> Vec<Diagnostic> {
    let docs: FxHashMap<FileId, &Doc> = docs.iter().map(|doc| (doc.file, doc)).collect();
    let mut modules: BTreeMap<&str, Vec<&Module>> = BTreeMap::new();
    for part in loaded.modules.iter().chain(&loaded.included) {
        modules.entry(&part.name).or_default().push(part);
    }
    let imported: FxHashSet<&str> = imports(loaded).map(|(_, import)| import.name).collect();
    let has_tasks = |name: &str| {
        let parts = modules.get(name).into_iter().flatten();
        parts.flat_map(|part| &part.tasks).any(|task| !is_import(task.compose.as_ref().map(|c| &c.kind)))
    };
    let mentions: BTreeMap<&str, Mentions> =
        modules.iter().map(|(name, parts)| (*name, Mentions::of_module(parts, &docs))).collect();
    let mut found = Vec::new();
    for (name, parts) in &modules {
        let Some(used) = mentions.get(name) else { continue };
        // What stands alone is there to be imported, by a build that is not this one.
        let own = has_tasks(name) && !imported.contains(name);
        for part in parts {
            let judge = Judge { file: part.file, used };
            judge.surface(&part.surface, own, &mut found);
            if own {
                judge.defined(part, &mut found);
            }
            for procedure in &part.procedures {
                let used = Mentions::of_procedure(procedure, docs.get(&part.file).copied());
                Judge { file: part.file, used: &used }.surface(&procedure.surface, true, &mut found);
            }
        }
    }
    for (part, import) in imports(loaded) {
        // By its path, or out of a package, a module becomes a part of the build, and its tasks are a use.
        let used = mentions.get(part.name.as_str());
        let named = |name: &str| used.is_none_or(|used| used.anywhere(name));
        let brings = (is_path(import.written) || import.name.contains('/'))
            && (has_tasks(import.name) || !modules.contains_key(import.name));
        if !brings && !import.alias.starts_with('_') && !named(import.alias) && !named(import.label) {
            let message = format!("the import `{}` is never used", import.alias);
            let problem = Diagnostic::new(Code::UnusedImport, part.file, import.span, message);
            let title = format!("remove `{}`", import.label);
            let help = "remove it, or name something of the module: an output, a function, a procedure, a target";
            found.push(problem.help(help).mend(title, import.span, "", Manner::Without));
        }
    }
    found
}

/// An import as it is written.
struct Import<'a> {
    label: &'a str,
    span: Span,
    written: &'a str,
    name: &'a str,
    alias: &'a str,
}

fn is_import(kind: Option<&ComposeKind>) -> bool {
    matches!(kind, Some(ComposeKind::Import { .. }))
}

fn imports(loaded: &Loaded) -> impl Iterator<Item = (&Module, Import<'_>)> {
    let parts = loaded.modules.iter().chain(&loaded.included);
    parts.flat_map(move |part| {
        part.tasks.iter().filter_map(move |task| {
            let compose = task.compose.as_ref()?;
            let ComposeKind::Import { module, alias, .. } = &compose.kind else { return None };
            let name =
                loaded.imports.get(&(part.file, compose.span.start)).and_then(Option::as_ref).unwrap_or(&module.0);
            let alias = alias.as_ref().map_or(name.rsplit('/').next().unwrap_or(name), |(alias, _)| alias);
            Some((part, Import { label: &task.label, span: task.span, written: &module.0, name, alias }))
        })
    })
}

struct Judge<'a> {
    file: FileId,
    used: &'a Mentions,
}

impl Judge<'_> {
    fn surface(&self, surface: &Surface, own: bool, found: &mut Vec<Diagnostic>) {
        for declared in &surface.names {
            let name = &declared.name;
            let (used, what) = match &declared.kind {
                DeclaredKind::In(_) => (self.used.names.contains(name), "the input"),
                DeclaredKind::Ref(_) | DeclaredKind::Ptr(..) => (self.used.anywhere(name), "the reference"),
                DeclaredKind::Addr(..) => (!own || self.used.anywhere(name), "the address"),
                // What goes out is for others.
                DeclaredKind::Out(_) | DeclaredKind::InOut(..) => continue,
            };
            if !used {
                let verb = if matches!(declared.kind, DeclaredKind::Addr(..)) { "used" } else { "read" };
                self.report(what, name, declared.span, verb, found);
            }
        }
    }

    fn defined(&self, part: &Module, found: &mut Vec<Diagnostic>) {
        let functions = part.functions.iter().map(|f| ("the function", &f.name, f.span, "called"));
        let lambdas = part.lambdas.iter().map(|l| ("the lambda", &l.name, l.span, "used"));
        let procedures = part.procedures.iter().map(|p| ("the procedure", &p.name, p.span, "called"));
        for (what, name, span, verb) in functions.chain(lambdas).chain(procedures) {
            if !self.used.anywhere(name) {
                self.report(what, name, span, verb, found);
            }
        }
    }

    fn report(&self, what: &str, name: &str, span: Span, verb: &str, found: &mut Vec<Diagnostic>) {
        if name.starts_with('_') {
            return;
        }
        let message = format!("{what} `{name}` is never {verb}");
        let problem = Diagnostic::new(Code::UnusedDeclaration, self.file, span, message)
            .help(format!("remove it, or let its name begin with `_` to keep it: `_{name}`"))
            .mend(format!("remove `{name}`"), span, "", Manner::Without);
        found.push(problem);
    }
}

/// The names that a task mentions.
pub(super) fn mentioned(task: &Task) -> FxHashSet<String> {
    Mentions::of_task(task).names
}
