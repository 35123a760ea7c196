//! Values that are given from outside: found for each input, and those that nobody wants reported.

use super::Expander;
use crate::diag::{Code, Diagnostic, suggest};
use crate::ir::Typed;
use crate::ir::surface::{Declared, Input};
use crate::lower;
use crate::source::FileId;
use rustc_hash::FxHashSet;

impl Expander<'_> {
    /// The value that is given for an input of a module.
    pub(super) fn given_value(
        &mut self,
        module: &str,
        name: &str,
        input: &Input,
        scope: u32,
    ) -> Option<(Typed, FileId, u32)> {
        let given = self.inputs.find(module, name)?;
        let place = format!("`{name}`");
        let value = lower::value_of(&given.doc, given.value, input.ty, &place, self.diagnostics);
        Some((value, given.doc.file, scope))
    }

    pub(super) fn missing_input(&mut self, module: &str, declared: &Declared, input: &Input, file: FileId) {
        let name = &declared.name;
        let message = format!("`{name}` of `{module}` has no value");
        let what = input.doc.as_ref().map_or_else(String::new, |doc| format!(" ({doc})"));
        let problem = Diagnostic::new(Code::MissingInput, file, declared.span, message).help(format!(
            "it is {}{what}; set it in the environment of the manifest, by `--set {name}=…`, or in a file by \
             `--inputs`, or give it a `default`",
            input.ty
        ));
        self.report(problem);
    }

    /// Reports values that no module declares an input for.
    pub(super) fn unknown_inputs(&mut self, lenient: &FxHashSet<FileId>) {
        let inputs = |scope: u32| {
            let names = self.scopes.get(scope).names.iter();
            names.filter(|(_, binding)| binding.kind.incoming().is_some()).map(|(name, _)| name.as_str())
        };
        let mut problems = Vec::new();
        for given in self.inputs.given.iter().filter(|given| !lenient.contains(&given.doc.file)) {
            let span = given.doc.node(given.key).span;
            let problem = |message: String| Diagnostic::new(Code::UnknownInput, given.doc.file, span, message);
            let scopes: Vec<u32> = match &given.module {
                Some(module) => match self.scopes.modules.get(module) {
                    Some(&scope) => vec![scope],
                    None => {
                        let near = suggest::nearest(module, self.scopes.modules.keys().map(String::as_str));
                        let problem =
                            problem(format!("there is no module `{module}` that could take `{}`", given.name));
                        problems.push(match near {
                            Some(near) => problem.help(format!("did you mean `{near}`?")),
                            None => problem,
                        });
                        continue;
                    }
                },
                None => self.scopes.modules.values().copied().collect(),
            };
            let mut known: Vec<&str> = scopes.iter().flat_map(|&scope| inputs(scope)).collect();
            if known.contains(&given.name.as_str()) {
                continue;
            }
            known.sort_unstable();
            known.dedup();
            let problem = match &given.module {
                Some(module) => problem(format!("`{module}` declares no input `{}`", given.name)),
                None => problem(format!("no module declares an input `{}`", given.name)),
            };
            problems.push(match suggest::nearest(&given.name, known.iter().copied()) {
                Some(near) => problem.help(format!("did you mean `{near}`?")),
                None if known.is_empty() => problem.help("no inputs are declared; they stand under `declare: in`"),
                None => problem.help(format!("there are `{}`", known.join("`, `"))),
            });
        }
        problems.into_iter().for_each(|problem| self.report(problem));
    }
}
