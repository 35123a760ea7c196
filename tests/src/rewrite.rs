//! What `convert` and `fmt` make of the source of a case, as text for expectations.
//!
//! Unaware of: documents beyond one case.

use ipcmm_compiler::convert::{Role, convert};
use ipcmm_compiler::diag::{Code, Diagnostics};
use ipcmm_compiler::doc::{Doc, Format, parse};
use ipcmm_compiler::fmt;
use ipcmm_compiler::source::Sources;

/// Of the first of some files, what it is in another format (`yaml`, `json`, `xml`, `properties`).
pub fn converted(files: &[(String, Vec<u8>)], to: &str) -> String {
    with(files, |doc, text, from, problems| {
        let to = Format::of_name(&format!("x.{to}")).expect("a format");
        let converted = convert(doc, text, from, to, Role::Source, problems)?;
        let note = match converted.lost_comments {
            0 => String::new(),
            lost => format!("note: comments left out: {lost}\n"),
        };
        Some(note + &converted.text)
    })
}

/// Of the first of some files, its layout.
pub fn formatted(files: &[(String, Vec<u8>)]) -> String {
    with(files, fmt::format)
}

/// Parses the first file and shows the problems before what is made of it.
fn with(files: &[(String, Vec<u8>)], make: impl Fn(&Doc, &str, Format, &mut Diagnostics) -> Option<String>) -> String {
    let (name, bytes) = files.first().expect("a file");
    let text = String::from_utf8_lossy(bytes).into_owned();
    let format = Format::of_name(name).expect("a format");
    let mut sources = Sources::default();
    let file = sources.add(name.clone(), text.clone());
    let mut problems = Diagnostics::default();
    let doc = parse(file, &text, format, &mut problems);
    let made = if problems.has_errors() { None } else { make(&doc, &text, format, &mut problems) };
    let shown: String = problems
        .iter()
        .map(|p| {
            let place = p.place.map(|(_, span)| sources.file(file).position(span.start).line).unwrap_or(0);
            let help = p.help.as_ref().map_or_else(String::new, |help| format!("  help: {help}\n"));
            format!("{name}:{place} {} {} {}\n{help}", Code::severity(p.code).name(), p.code, p.message)
        })
        .collect();
    shown + &made.unwrap_or_default()
}
