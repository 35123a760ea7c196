//! Single files as documents, for commands that work on files rather than on a configuration.
//!
//! Unaware of: what becomes of the documents.

use ipcmm_compiler::diag::{Code, Diagnostic, Diagnostics};
use ipcmm_compiler::doc::{self, Doc, Format, MAX_SOURCE_BYTES};
use ipcmm_compiler::source::{FileId, Sources};
use ipcmm_compiler::world::disk::Disk;
use ipcmm_compiler::world::{World, discover, discover_written};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A file that was read and parsed without an error.
pub struct Loaded {
    /// Its format.
    pub format: Format,
    /// Its text.
    pub text: Arc<str>,
    /// What it says.
    pub doc: Doc,
}

/// The files that paths mean, or `None` after a problem.
pub fn find(paths: &[PathBuf], diagnostics: &mut Diagnostics) -> Option<Vec<PathBuf>> {
    discover(&Disk, paths).map_err(|problems| diagnostics.append(problems)).ok()
}

/// The files that people write and that paths mean: also manifests and documents of tests. `None` after a problem.
pub fn find_written(paths: &[PathBuf], diagnostics: &mut Diagnostics) -> Option<Vec<PathBuf>> {
    discover_written(&Disk, paths).map_err(|problems| diagnostics.append(problems)).ok()
}

/// Reads and parses one file, or reports why that cannot be done.
pub fn load(path: &Path, sources: &mut Sources, diagnostics: &mut Diagnostics) -> Option<Loaded> {
    let (format, file) = read(path, sources, diagnostics)?;
    let text = sources.file(file).text.clone();
    let before = diagnostics.errors();
    let doc = doc::parse(file, &text, format, diagnostics);
    (diagnostics.errors() == before).then_some(Loaded { format, text, doc })
}

/// Reads one file, whose name says its format, and does not look into it. Standard input is YAML.
pub fn read(path: &Path, sources: &mut Sources, diagnostics: &mut Diagnostics) -> Option<(Format, FileId)> {
    let standard = path == Path::new("-");
    let name = if standard { "<stdin>".to_owned() } else { path.to_string_lossy().into_owned() };
    if !standard
        && Disk.is_dir(path)
        && let Err(error) = Disk.read_bounded(path, MAX_SOURCE_BYTES)
    {
        diagnostics.push(error.diagnostic().help("name a file in it"));
        return None;
    }
    let Some(format) = Format::of_name(&name) else {
        let message = format!("`{name}` has no extension that names a format");
        let problem = Diagnostic::unplaced(Code::UnknownFormat, message);
        diagnostics.push(problem.help("there are .yaml, .yml, .json, .xml, .properties"));
        return None;
    };
    let bytes = if standard { Disk.read_stdin(MAX_SOURCE_BYTES) } else { Disk.read_bounded(path, MAX_SOURCE_BYTES) };
    let text = bytes.map_err(|error| Box::new(error.diagnostic())).and_then(|bytes| doc::decode(&name, bytes));
    let text = text.map_err(|problem| diagnostics.push(*problem)).ok()?;
    Some((format, sources.add(name, text)))
}
