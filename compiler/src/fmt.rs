//! The layout of sources: one for each format, two spaces, one entry a line, at most one blank line.
//!
//! Only white space changes. Comments, quotes, anchors, tags, the order of keys, and whether a collection stands in
//! brackets stay; what is inside of texts is not touched. A result is given only if it reads back as the same.
//!
//! Unaware of: the meaning of keys. Start reading at [`format`].

mod json;
mod properties;
mod xml;
mod yaml;

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::doc::{self, Doc, Format, Span};
use crate::source::FileId;
use crate::trivia::Trivia;

/// The text of a document in the layout of its format. `None` if there is none that reads back as the same; then it is
/// reported.
pub fn format(doc: &Doc, text: &str, format: Format, diagnostics: &mut Diagnostics) -> Option<String> {
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let body = text.get(start..).unwrap_or("");
    let formatted = match format {
        Format::Yaml => yaml::format(body),
        Format::Json => Some(json::format(body)),
        Format::Xml => Some(xml::format(body)),
        Format::Properties => Some(properties::format(body)),
    };
    let formatted = formatted.filter(|formatted| is_same(doc, body, formatted, format));
    if formatted.is_none() {
        let message = format!("this {} cannot be laid out without changing what it says", format.name());
        let problem = Diagnostic::new(Code::CannotFormat, doc.file, Span::new(0, 0), message);
        diagnostics.push(problem.help("the file is left as it is; please report it, it is a defect"));
    }
    formatted
}

/// Whether a new text says the same as the one `doc` was read from, with the same comments.
fn is_same(doc: &Doc, text: &str, formatted: &str, format: Format) -> bool {
    let mut problems = Diagnostics::default();
    let again = doc::parse(FileId(doc.file.0), formatted, format, &mut problems);
    let kinds = |doc: &Doc| doc.nodes.len();
    kinds(doc) == kinds(&again)
        && doc.roots == again.roots
        && doc.nodes.iter().zip(&again.nodes).all(|(one, two)| one.kind == two.kind)
        && match format {
            Format::Yaml => doc::yaml::marks::same(text, formatted),
            Format::Json => true,
            Format::Xml | Format::Properties => {
                Trivia::of(doc, text, format).count == Trivia::of(&again, formatted, format).count
            }
        }
}

#[cfg(test)]
mod tests;
