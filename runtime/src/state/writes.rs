//! What a bundle writes, as far as that is certain before it runs: to tell whether two runs can be in each other's way.
//!
//! Unaware of: runs. Whatever is not certain is said to be unknown, with the task that makes it so.

use ipcmm_bytecode::bundle::Bundle;
use ipcmm_bytecode::bundle::rows::{ArgKind, BlockRow};
use ipcmm_bytecode::{Effect, Value};
use ipcmm_stdlib::table::BuiltinId;
use ipcmm_stdlib::{by_number, objects};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

/// Paths that are told of one bundle.
const PATHS: usize = 10_000;

/// The objects a bundle writes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Writes {
    /// Paths, and all that is below them.
    pub paths: BTreeSet<PathBuf>,
    /// A task of which it is not certain what it writes.
    pub unknown: Option<String>,
}

impl Writes {
    /// What is certain of a bundle whose paths are below `root`.
    pub fn of(bundle: &Bundle<'_>, root: &Path) -> Writes {
        let mut writes = Writes::default();
        for (task, row) in (0..).zip(bundle.tasks()).filter(|(task, _)| !bundle.is_part(*task)) {
            let blocks = bundle.blocks();
            let Some(block) = blocks.get(row.block.get() as usize) else { continue };
            let mut todo = vec![block];
            while let Some(block) = todo.pop() {
                let own = block.builtin.get() != 0;
                let children = blocks.get(block.children.get() as usize..).unwrap_or_default();
                todo.extend(children.iter().take(if own { 0 } else { block.children_len.get().into() }));
                if own && !writes.add(bundle, block, root) {
                    writes.unknown = Some(bundle.label(task).to_owned());
                    return writes;
                }
            }
        }
        writes
    }

    /// Adds what a block writes, if that is certain.
    fn add(&mut self, bundle: &Bundle<'_>, block: &BlockRow, root: &Path) -> bool {
        let Some(builtin) = by_number(block.builtin.get()) else { return false };
        let Some(object) = objects::object(builtin.id) else {
            // What runs on the machine alone, or only looks, is in nobody's way.
            return builtin.effect != Effect::Change && !matches!(builtin.id, BuiltinId::RunCmd | BuiltinId::RunScript);
        };
        let argument = |name: &str| {
            let param = builtin.param(name)?;
            let row = bundle.block_args(block).iter().find(|row| row.param.get() == param)?;
            Some((row.kind.get() == ArgKind::Constant as u16).then(|| bundle.constant(row.value.get()).ok()).flatten())
        };
        let Some(Some(Value::Str(path))) = argument(object.param) else { return false };
        let path = resolved(root, Path::new(&*path));
        match argument("parents") {
            None | Some(Some(Value::Bool(false))) => {}
            // Folders on the way that are missing are written as well.
            Some(_) => {
                let missing = path.ancestors().skip(1).take_while(|above| !above.exists());
                self.paths.extend(missing.map(Path::to_owned));
            }
        }
        self.paths.insert(path);
        self.paths.len() <= PATHS
    }

    /// Whether two bundles write nothing in common; if not, or if it is not certain, why.
    ///
    /// # Errors
    /// The reason, as a sentence for people.
    pub fn apart_from(&self, other: &Writes, own_name: &str, other_name: &str) -> Result<(), String> {
        for (writes, name) in [(self, own_name), (other, other_name)] {
            if let Some(task) = &writes.unknown {
                return Err(format!("it is not certain what `{task}` of {name} writes"));
            }
        }
        let meets = |one: &BTreeSet<PathBuf>, other: &BTreeSet<PathBuf>| {
            one.iter().find(|path| path.ancestors().any(|above| other.contains(above))).cloned()
        };
        match meets(&self.paths, &other.paths).or_else(|| meets(&other.paths, &self.paths)) {
            Some(path) => Err(format!("both write {}", path.display())),
            None => Ok(()),
        }
    }
}

/// A path as it is now: what exists of it with its links followed, the rest as it is written.
fn resolved(root: &Path, path: &Path) -> PathBuf {
    let mut at = root.canonicalize().unwrap_or_else(|_| root.to_owned());
    for step in path.components() {
        match step {
            Component::RootDir | Component::CurDir | Component::Prefix(_) => {}
            Component::ParentDir => drop(at.pop()),
            Component::Normal(name) => {
                at.push(name);
                at = at.canonicalize().unwrap_or(at);
            }
        }
    }
    at
}
