//! Fixes are spelled in the format of their file. The stages behind the readers know no formats: they offer a text in
//! place of a text.
//!
//! Unaware of: what a fix is about, and how a format spells it.

use super::{Format, json, properties, xml};
use crate::diag::{Code, Fix};
use crate::source::{FileId, Sources};
use rustc_hash::FxHashMap;

/// The spellings of the files of a build, each made when it is first needed.
pub struct Spellings<'s> {
    sources: &'s Sources,
    xml: FxHashMap<FileId, xml::Spelling<'s>>,
    properties: FxHashMap<FileId, properties::Spelling<'s>>,
}

impl<'s> Spellings<'s> {
    /// The spellings of some files.
    pub fn new(sources: &'s Sources) -> Spellings<'s> {
        Spellings { sources, xml: FxHashMap::default(), properties: FxHashMap::default() }
    }

    /// Spells the fix of a problem as its file has it. `None` if nothing is left of it, or if it cannot be written.
    pub fn respell(&mut self, code: Code, fix: Fix) -> Option<Fix> {
        // What the readers offer is spelled right.
        if code.is_of_input() {
            return Some(fix);
        }
        let source = self.sources.file(fix.file);
        match Format::of_name(&source.name) {
            Some(Format::Json) => json::respell(fix, &source.text),
            Some(Format::Xml) => {
                let spelling = self.xml.entry(fix.file).or_insert_with(|| xml::Spelling::new(&source.text));
                spelling.respell(fix)
            }
            Some(Format::Properties) => {
                let new = || properties::Spelling::new(&source.text, ipcmm_stdlib::dotted_names());
                self.properties.entry(fix.file).or_insert_with(new).respell(fix)
            }
            Some(Format::Yaml) | None => Some(fix),
        }
    }
}
