//! What a build is given besides its sources: values for the inputs that modules declare, and the files they were
//! found in.
//!
//! Filled by whoever reads manifests, environments, files of inputs and command lines; read by `lower` and `check`.
//! Values stay documents until the type of their input is known, so that `0644` or `no` mean what the input wants.

use crate::diag::Diagnostics;
use crate::diag::levels::Levels;
use crate::doc::{Doc, NodeId};
use crate::project::inventory::Inventory;
use crate::project::packages::Packages;
use crate::source::Sources;
use std::path::PathBuf;
use std::sync::Arc;

/// Everything a build is given besides its sources.
#[derive(Debug, Default)]
pub struct Settings {
    /// The files that were read so far; the build adds its own.
    pub sources: Sources,
    /// What was wrong in them.
    pub diagnostics: Diagnostics,
    /// Values for inputs.
    pub inputs: Inputs,
    /// The name of the bundle; without it that of the first module.
    pub name: Option<String>,
    /// The nodes there are and their groups, as far as they are known.
    pub inventory: Option<Inventory>,
    /// Packages that may be imported.
    pub packages: Packages,
    /// The sources of the project's folder, where not all files in it that are called like sources are.
    pub chosen: Option<Chosen>,
    /// Labels that go into the bundle, with all they wait for; without it all do. Everything is checked all the same.
    pub only: Option<Vec<String>>,
    /// What becomes of warnings.
    pub levels: Levels,
}

/// The sources that stand for a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chosen {
    /// The folder as it is named.
    pub folder: PathBuf,
    /// Its sources, in the order they are built.
    pub files: Vec<PathBuf>,
}

/// Values for inputs, the weakest first.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    /// All of them; of those with the same name the last one wins.
    pub given: Vec<Given>,
}

/// A value for an input.
#[derive(Clone, Debug)]
pub struct Given {
    /// The module it is meant for; without one, for every module that declares the name.
    pub module: Option<String>,
    /// The name of the input.
    pub name: String,
    /// The document that holds the name, for messages, and the value.
    pub doc: Arc<Doc>,
    /// Where the name is written.
    pub key: NodeId,
    /// Where the value is written.
    pub value: NodeId,
}

impl Inputs {
    /// The value for an input of a module: the strongest that is meant for the module, else the strongest for any.
    pub fn find(&self, module: &str, name: &str) -> Option<&Given> {
        let named = |given: &&Given| given.name == name;
        let all = || self.given.iter().rev().filter(named);
        all()
            .find(|given| given.module.as_deref() == Some(module))
            .or_else(|| all().find(|given| given.module.is_none()))
    }
}
