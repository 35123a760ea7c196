//! The desk that `eval` and `repl` work at, filled from files: a module whose names are seen, and facts.
//!
//! Unaware of: how expressions are asked for and shown.

use ipcmm_bytecode::Value;
use ipcmm_compiler::diag::{Code, Diagnostic, Diagnostics};
use ipcmm_compiler::doc::{self, Format};
use ipcmm_compiler::evaluate::Desk;
use ipcmm_compiler::evaluate::explain::{Explained, explain};
use ipcmm_compiler::settings::Settings;
use ipcmm_compiler::source::Sources;
use ipcmm_compiler::world::World;
use ipcmm_compiler::world::disk::Disk;
use ipcmm_compiler::{BuildOptions, build_with};
use ipcmm_grammar::types::Type;
use std::path::Path;

/// A desk with the sources of everything on it, and what is wrong with them.
#[derive(Default)]
pub struct Room {
    /// The desk.
    pub desk: Desk,
    /// Files and expressions that were read.
    pub sources: Sources,
    /// What was wrong since it was last taken.
    pub diagnostics: Diagnostics,
}

/// An expression that was evaluated.
pub struct Answer {
    /// Its value.
    pub value: Value,
    /// Its type.
    pub ty: Type,
    /// Where it comes from, if that was asked for.
    pub explained: Option<Explained>,
}

impl Room {
    /// Puts a module on the desk, or a folder of them. True if nothing is wrong with it.
    pub fn load(&mut self, path: &Path) -> bool {
        let errors = self.diagnostics.errors();
        let settings = Settings {
            sources: std::mem::take(&mut self.sources),
            diagnostics: std::mem::take(&mut self.diagnostics),
            ..Settings::default()
        };
        let options = BuildOptions { debug: true, check_only: true };
        let build = build_with(&Disk, &[path.to_owned()], options, settings);
        (self.sources, self.diagnostics) = (build.sources, build.diagnostics);
        self.desk.program = build.program;
        self.diagnostics.errors() == errors
    }

    /// Reads facts from a file; its name says its format.
    pub fn facts(&mut self, path: &Path) -> bool {
        let errors = self.diagnostics.errors();
        let name = path.to_string_lossy().into_owned();
        let Some(format) = Format::of_name(&name) else {
            let problem =
                Diagnostic::unplaced(Code::UnknownFormat, format!("`{name}` has no extension that names a format"));
            self.diagnostics.push(problem.help("facts are read from .yaml, .yml, .json and .properties"));
            return false;
        };
        match Disk.read(path).map_err(|error| Box::new(error.diagnostic())).and_then(|bytes| doc::decode(&name, bytes))
        {
            Ok(text) => {
                let file = self.sources.add(name, text);
                let text = self.sources.file(file).text.clone();
                let doc = doc::parse(file, &text, format, &mut self.diagnostics);
                self.desk.facts.read(&doc, &mut self.diagnostics);
            }
            Err(problem) => self.diagnostics.push(*problem),
        }
        self.diagnostics.errors() == errors
    }

    /// Evaluates an expression; what is wrong with it is among the diagnostics.
    pub fn ask(&mut self, text: &str, explained: bool) -> Option<Answer> {
        let found = self.desk.evaluate(text, &mut self.sources, &mut self.diagnostics)?;
        let explained = explained.then(|| explain(&self.desk, &found, &self.sources));
        Some(Answer { ty: found.checked.expr.ty, value: found.value, explained })
    }

    /// The type of an expression, whether it has a value here or not.
    pub fn type_of(&mut self, text: &str) -> Option<Type> {
        Some(self.desk.check(text, &mut self.sources, &mut self.diagnostics)?.expr.ty)
    }
}

impl Answer {
    /// For people: value and type, or the tree of the value.
    pub fn human(&self) -> String {
        match &self.explained {
            Some(tree) => tree.lines(),
            None => format!("{}  : {}\n", self.value, self.ty),
        }
    }
}
