//! XML 1.0 (fifth edition), spoken to the [`Builder`]: tokens by quick-xml ([`scan`]), rules of well-formedness
//! ([`read`], [`tag`], [`text`], [`prolog`]), and what elements mean as data ([`mapping`]).
//!
//! A document type is refused, so there are no entities but the five, no defaults of attributes and nothing from
//! elsewhere. Nothing recurses, and a problem does not end the reading unless it leaves open what follows.
//!
//! Unaware of: the meaning of keys. Start reading at [`read::Reader`], then [`mapping::Mapping`].

mod chars;
mod explain;
mod fix;
mod forced;
mod mapping;
mod prolog;
mod read;
mod scan;
mod tag;
mod text;
mod tree;

use super::builder::Builder;
use super::{Doc, MAX_SOURCE_BYTES, Span};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::source::FileId;
pub use fix::Spelling;

/// Parses an XML file. The document has one root, or none if there is no element.
pub fn parse(file: FileId, text: &str, diagnostics: &mut Diagnostics) -> Doc {
    if text.len() > MAX_SOURCE_BYTES {
        let message = format!("the file has {} bytes; at most {MAX_SOURCE_BYTES} are read", text.len());
        diagnostics.push(Diagnostic::new(Code::TooLarge, file, Span::new(0, 0), message).help("split the file"));
        return Doc::empty(file);
    }
    let mut builder = Builder::new(file, diagnostics);
    let tree = read::read(text, &mut builder);
    mapping::Mapping { text, tree: &tree, builder: &mut builder }.speak();
    builder.finish()
}

#[cfg(test)]
mod tests;
