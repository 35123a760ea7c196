//! The manifest of a project: `ipcmm.yaml` in the folder that is named on a command line.
//!
//! It says where a trial run takes place, so that nobody configures their own machine by leaving out a flag. Unaware
//! of: sources and bundles; a manifest is never a module.

use crate::diag::{Code, Diagnostic, Diagnostics, suggest};
use crate::doc::{self, Doc, Format, NodeId, NodeKind};
use crate::source::Sources;
use crate::world::{Kind, World};
use std::path::{Component, Path, PathBuf};

/// Name of the file.
pub const MANIFEST: &str = "ipcmm.yaml";

/// Calls `$m!` with every key of a manifest: doc, variant, name, and whether this version carries it out.
#[macro_export]
macro_rules! for_each_manifest_key {
    ($m:ident) => {
        $m! {
            /// The name of the project.
            Name "name" now;
            /// The folder, relative to the manifest, that every path of a local run is put behind.
            Root "root" now;
            /// The version of the project.
            Version "version" later;
            /// Where sources are found.
            Sources "sources" later;
            /// Values for the inputs that modules declare.
            Inputs "inputs" later;
            /// Sets of inputs by name.
            Environments "environments" later;
            /// The nodes there are.
            Inventory "inventory" later;
            /// The bundles that are built.
            Outputs "outputs" later;
            /// Levels of diagnostics.
            Lints "lints" later;
            /// Packages the project is built upon.
            Dependencies "dependencies" later;
            /// Keys that sign bundles.
            Signing "signing" later;
        }
    };
}

macro_rules! is_there {
    (now) => {
        true
    };
    (later) => {
        false
    };
}

macro_rules! define_keys {
    ($(#[doc = $doc:literal] $variant:ident $name:literal $status:ident;)*) => {
        /// A key of a manifest.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Key { $(#[doc = $doc] $variant,)* }

        impl Key {
            /// All keys with their names, whether this version carries them out, and their meanings.
            pub const TABLE: &'static [(Key, &'static str, bool, &'static str)] =
                &[$((Key::$variant, $name, is_there!($status), $doc)),*];

            /// The key of a name.
            pub fn from_name(name: &str) -> Option<Key> {
                match name { $($name => Some(Key::$variant),)* _ => None }
            }

            /// Whether this version carries it out.
            pub const fn is_there(self) -> bool {
                match self { $(Key::$variant => is_there!($status),)* }
            }
        }
    };
}
for_each_manifest_key!(define_keys);

/// What a manifest says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    /// Where it was found.
    pub path: PathBuf,
    /// The name of the project.
    pub name: Option<String>,
    /// Where local runs take place: the manifest's folder with what it says.
    pub root: Option<PathBuf>,
}

/// Reads the manifest of the one folder that is named; none if something else is named or the folder has none.
pub fn manifest(
    world: &dyn World,
    inputs: &[PathBuf],
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> Option<Manifest> {
    let [folder] = inputs else { return None };
    if !world.is_dir(folder) {
        return None;
    }
    let path = folder.join(MANIFEST);
    // Its absence is no problem; whatever else is the matter with it is one.
    if let Err(error) = world.kind(&path)
        && error.reason == crate::world::Reason::Missing
    {
        return None;
    }
    if world.kind(&path) == Ok(Kind::Folder) {
        return None;
    }
    let name = path.to_string_lossy().into_owned();
    let bytes = world.read(&path).map_err(|error| Box::new(error.diagnostic()));
    let text = match bytes.and_then(|bytes| doc::decode(&name, bytes)) {
        Ok(text) => text,
        Err(problem) => {
            diagnostics.push(*problem);
            return None;
        }
    };
    let file = sources.add(name, text);
    let text = sources.file(file).text.clone();
    let doc = doc::parse(file, &text, Format::Yaml, diagnostics);
    let mut manifest = Manifest { path, ..Manifest::default() };
    for root in &doc.roots {
        read(&doc, *root, folder, &mut manifest, diagnostics);
    }
    Some(manifest)
}

fn read(doc: &Doc, root: NodeId, folder: &Path, manifest: &mut Manifest, diagnostics: &mut Diagnostics) {
    let entries = match &doc.node(root).kind {
        NodeKind::Map(entries) => entries,
        NodeKind::Null | NodeKind::Error => return,
        NodeKind::Scalar { .. } | NodeKind::List(_) => {
            let message = "a manifest is a map of keys such as `name` and `root`";
            diagnostics.push(Diagnostic::new(Code::WrongShape, doc.file, doc.node(root).span, message));
            return;
        }
    };
    for entry in entries {
        let written = doc.text(entry.key).unwrap_or("");
        let span = doc.node(entry.key).span;
        match Key::from_name(written) {
            None => diagnostics.push(unknown(doc, written, span)),
            Some(key) if !key.is_there() => {
                let message = format!("`{written}` in a manifest is not there yet");
                let problem = Diagnostic::new(Code::SyntaxNotYet, doc.file, span, message);
                diagnostics.push(problem.help("a manifest has `name` and `root` for now"));
            }
            Some(key) => {
                let Some(text) = text(doc, written, entry.value, diagnostics) else { continue };
                match key {
                    Key::Name => manifest.name = Some(text),
                    Key::Root => manifest.root = trial_folder(doc, entry.value, &text, folder, diagnostics),
                    // Not carried out: reported above.
                    Key::Version
                    | Key::Sources
                    | Key::Inputs
                    | Key::Environments
                    | Key::Inventory
                    | Key::Outputs
                    | Key::Lints
                    | Key::Dependencies
                    | Key::Signing => {}
                }
            }
        }
    }
}

fn unknown(doc: &Doc, written: &str, span: doc::Span) -> Diagnostic {
    let message = format!("`{written}` is no key of a manifest");
    let problem = Diagnostic::new(Code::UnknownKeyword, doc.file, span, message);
    let near = suggest::nearest(written, Key::TABLE.iter().map(|(_, name, ..)| *name));
    match near {
        Some(near) => problem.did_you_mean(near),
        None => problem.help("a manifest has `name` and `root`"),
    }
}

/// A text that is not empty.
fn text(doc: &Doc, key: &str, value: NodeId, diagnostics: &mut Diagnostics) -> Option<String> {
    match &doc.node(value).kind {
        NodeKind::Scalar { text, .. } if !text.is_empty() => Some(text.clone()),
        NodeKind::Error => None,
        NodeKind::Scalar { .. } | NodeKind::Null | NodeKind::List(_) | NodeKind::Map(_) => {
            let message = format!("`{key}` takes a text");
            diagnostics.push(Diagnostic::new(Code::WrongShape, doc.file, doc.node(value).span, message));
            None
        }
    }
}

/// The path from one folder to another without going down and up again where that can be told from the text.
fn joined(folder: &Path, text: &str) -> PathBuf {
    let mut path = PathBuf::new();
    for step in folder.components().chain(Path::new(text).components()) {
        match (step, path.components().next_back()) {
            (Component::CurDir, _) => {}
            (Component::ParentDir, Some(Component::Normal(_))) => {
                path.pop();
            }
            (step, _) => path.push(step),
        }
    }
    if path.as_os_str().is_empty() { PathBuf::from(".") } else { path }
}

/// A folder near the project. A manifest names no absolute one: those belong to a machine, not to a project.
fn trial_folder(doc: &Doc, value: NodeId, text: &str, folder: &Path, diagnostics: &mut Diagnostics) -> Option<PathBuf> {
    let steps = Path::new(text).components();
    if steps.clone().all(|step| matches!(step, Component::Normal(_) | Component::CurDir | Component::ParentDir)) {
        return Some(joined(folder, text));
    }
    let message = "`root` is relative to the manifest";
    let problem = Diagnostic::new(Code::BadValue, doc.file, doc.node(value).span, message);
    diagnostics.push(problem.help("for another folder, give `--root DIR` on the command line"));
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::memory::MemoryWorld;

    fn of(text: &str) -> (Option<Manifest>, Vec<String>) {
        let files = [("site/ipcmm.yaml", text), ("site/a.ipcmm.yaml", "")];
        let world: MemoryWorld = files.iter().map(|(name, t)| (PathBuf::from(name), t.as_bytes().to_vec())).collect();
        let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
        let manifest = manifest(&world, &[PathBuf::from("site")], &mut sources, &mut diagnostics);
        let list =
            diagnostics.iter().map(|d| format!("{} {} | {}", d.code, d.message, d.help.as_deref().unwrap_or("")));
        (manifest, list.collect())
    }

    #[test]
    fn name_and_root_are_read() {
        let (manifest, problems) = of("name: web\nroot: ./trial\n");
        let expected = Manifest {
            path: PathBuf::from("site/ipcmm.yaml"),
            name: Some("web".to_owned()),
            root: Some(PathBuf::from("site/trial")),
        };
        assert_eq!((manifest, problems), (Some(expected), vec![]));
        assert_eq!(of("").1, Vec::<String>::new());
    }

    #[test]
    fn what_is_wrong_is_named() {
        let (manifest, problems) = of("nmae: web\ninputs: {}\nroot: /x\nname: [a]\nzzzzzz: 1\n");
        assert_eq!(
            problems,
            [
                "C2002 `nmae` is no key of a manifest | did you mean `name`?",
                "C9004 `inputs` in a manifest is not there yet | a manifest has `name` and `root` for now",
                "C3004 `root` is relative to the manifest | \
                 for another folder, give `--root DIR` on the command line",
                "C2005 `name` takes a text | ",
                "C2002 `zzzzzz` is no key of a manifest | a manifest has `name` and `root`",
            ]
        );
        assert_eq!(manifest.and_then(|m| m.root), None);
        assert_eq!(of("root: /etc\n").1.len(), 1);
        assert_eq!(of("- a\n").1, ["C2005 a manifest is a map of keys such as `name` and `root` | "]);
    }

    #[test]
    fn only_one_named_folder_has_a_manifest() {
        let world: MemoryWorld = [(PathBuf::from("a/x.ipcmm.yaml"), Vec::new())].into_iter().collect();
        let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
        for inputs in [&["a"][..], &["a/x.ipcmm.yaml"], &["a", "a"], &["-"], &[]] {
            let inputs: Vec<PathBuf> = inputs.iter().map(PathBuf::from).collect();
            assert_eq!(manifest(&world, &inputs, &mut sources, &mut diagnostics), None);
        }
        assert!(diagnostics.is_empty());
    }
}
