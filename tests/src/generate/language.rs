//! Pages of the source language: keywords, shapes, diagnostics.

use super::markdown::{Page, code};
use ipcmm_compiler::diag::Code;
use ipcmm_grammar::keywords::{Keyword, Place, Status};
use ipcmm_grammar::shapes::{Field, Shape};

pub(super) fn keywords() -> String {
    let mut page = Page::new("Keywords", "grammar/src/keywords.rs");
    page.part(
        "What may stand in a module, under a label or under a built-in, and is neither a label nor a built-in. Numbers are \
         frozen. A keyword whose status is `later` is reserved: this version reports it and does not carry it out.",
    );
    for (title, status) in [("Now", Status::Now), ("Later", Status::Later)] {
        page.section(title);
        let row = |keyword: &Keyword| {
            vec![
                keyword.number().to_string(),
                code(keyword.name()),
                word(keyword.status()).to_owned(),
                keyword.places().iter().map(|place| place_name(*place)).collect::<Vec<_>>().join(", "),
                keyword.shape().to_owned(),
                keyword.doc().to_owned(),
            ]
        };
        page.table(
            &["number", "keyword", "status", "places", "shape", "meaning"],
            Keyword::ALL.iter().filter(|keyword| keyword.status() == status).map(row),
        );
    }
    page.finish()
}

fn word(status: Status) -> &'static str {
    match status {
        Status::Now => "now",
        Status::Later => "later",
    }
}

fn place_name(place: Place) -> &'static str {
    match place {
        Place::Module => "module",
        Place::Label => "label",
        Place::Step => "built-in",
    }
}

pub(super) fn shapes() -> String {
    let mut page = Page::new("Shapes", "grammar/src/shapes.rs");
    page.part("Maps of the language that have fixed fields. A field without a default must be given, unless its type ends in `?`.");
    for shape in Shape::ALL {
        page.section(&code(shape.name()));
        page.part(shape.doc());
        let row = |field: &Field| {
            let default = match field.default {
                Some(default) => code(default),
                None if field.ty.ends_with('?') => String::new(),
                None => "required".to_owned(),
            };
            vec![code(field.name), code(field.ty), default, field.doc.to_owned()]
        };
        page.table(&["field", "type", "default", "meaning"], shape.fields().iter().map(row));
    }
    page.finish()
}

pub(super) fn diagnostics() -> String {
    let mut page = Page::new("Diagnostics", "compiler/src/diag/codes.rs");
    page.part("What the compiler reports. Codes and names are frozen; each code has a page that explains it.");
    for (title, first) in [
        ("Input", 0),
        ("Expressions", 1000),
        ("Shape and names", 2000),
        ("Types", 3000),
        ("The graph", 4000),
        ("Output", 5000),
        ("Lints and levels", 6000),
        ("Not there yet", 9000),
    ] {
        page.section(title);
        let row = |c: &Code| {
            vec![
                format!("[{c}](../diagnostics/{c}.md)"),
                code(c.name()),
                c.severity().name().to_owned(),
                c.summary().to_owned(),
            ]
        };
        let own = Code::ALL.iter().filter(|c| c.number() / 1000 == first / 1000);
        page.table(&["code", "name", "severity", "meaning"], own.map(row));
    }
    page.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_stands_in_a_section() {
        let page = diagnostics();
        for c in Code::ALL {
            assert!(page.contains(&format!("(../diagnostics/{c}.md)")), "{c}");
        }
    }
}
