//! The desk that `eval` and `repl` work at, filled from files: a module whose names are seen, and facts.
//!
//! Unaware of: how expressions are asked for and shown.

use crate::{load, project};
use clap::ArgMatches;
use ipcmm_bytecode::Value;
use ipcmm_compiler::diag::Diagnostics;
use ipcmm_compiler::evaluate::Desk;
use ipcmm_compiler::evaluate::explain::{Explained, explain};
use ipcmm_compiler::source::Sources;
use ipcmm_compiler::world::disk::Disk;
use ipcmm_compiler::world::{Kind, World};
use ipcmm_compiler::{Build, BuildOptions, build_with};
use ipcmm_grammar::types::Type;
use std::path::{Path, PathBuf};

/// A desk with the sources of everything on it, and what is wrong with them.
pub struct Room {
    /// The desk.
    pub desk: Desk,
    /// Files and expressions that were read.
    pub sources: Sources,
    /// What was wrong since it was last taken.
    pub diagnostics: Diagnostics,
    matches: ArgMatches,
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
    /// An empty desk, and what the command line says of projects.
    pub fn new(matches: &ArgMatches) -> Room {
        Room {
            desk: Desk::default(),
            sources: Sources::default(),
            diagnostics: Diagnostics::default(),
            matches: matches.clone(),
        }
    }

    /// Puts a module on the desk, or a folder of them, with the project around it: its inputs, environments and
    /// packages, and its other modules where this one names them. True if nothing is wrong with it.
    pub fn load(&mut self, path: &Path) -> bool {
        let (build, around) = self.build(path);
        let mut build = build;
        if build.diagnostics.has_errors()
            && let Some(folder) = around.filter(|_| Disk.kind(path) == Ok(Kind::File))
        {
            // A module may import others by their names: then it is built, and what is wrong is told, among them.
            self.sources = std::mem::take(&mut build.sources);
            let (mut whole, _) = self.build(&folder);
            let is_own = |file| is_same(&folder, &whole.sources.file(file).name, path);
            let own: Vec<bool> = whole.program.modules.iter().map(|part| is_own(part.file)).collect();
            if own.contains(&true) {
                let mut parts = own.into_iter();
                let (first, others): (Vec<_>, Vec<_>) =
                    std::mem::take(&mut whole.program.modules).into_iter().partition(|_| parts.next() == Some(true));
                whole.program.modules = first.into_iter().chain(others).collect();
                build = whole;
            } else {
                // Files are only ever added, so the places of the first build are still right.
                build.sources = whole.sources;
            }
        }
        let sound = !build.diagnostics.has_errors();
        self.sources = build.sources;
        self.desk.program = build.program;
        self.diagnostics.append(build.diagnostics);
        sound
    }

    /// Builds what a path means in its project, and gives the folder of that.
    fn build(&mut self, path: &Path) -> (Build, Option<PathBuf>) {
        let inputs = [path.to_owned()];
        let opened = project::open_beside(&Disk, &self.matches, &inputs, std::mem::take(&mut self.sources));
        let folder = opened.manifest.map(|manifest| match manifest.folder.as_os_str().is_empty() {
            true => PathBuf::from("."),
            false => manifest.folder,
        });
        (build_with(&Disk, &inputs, BuildOptions { debug: true, check_only: true }, opened.settings), folder)
    }

    /// Reads facts from a file; its name says its format.
    pub fn facts(&mut self, path: &Path) -> bool {
        let errors = self.diagnostics.errors();
        if let Some(loaded) = load::load(path, &mut self.sources, &mut self.diagnostics) {
            self.desk.facts.read(&loaded.doc, &mut self.diagnostics);
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

/// Whether a file of a build of `folder` is the one at `path`.
fn is_same(folder: &Path, name: &str, path: &Path) -> bool {
    let real = |path: &Path| std::fs::canonicalize(path).ok();
    let wanted = real(path);
    wanted.is_some() && (real(Path::new(name)) == wanted || real(&folder.join(name)) == wanted)
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
