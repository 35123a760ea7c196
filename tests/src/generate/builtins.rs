//! Pages of the standard library: built-ins and facts.

use super::markdown::{Page, code};
use ipcmm_bytecode::{Reaction, Runs};
use ipcmm_stdlib::facts::FACTS;
use ipcmm_stdlib::{BUILTINS, Builtin, Default, Param};

pub(super) fn builtins() -> String {
    let mut page = Page::new("Built-ins", "stdlib/src/table.rs");
    page.part("What a task can do. Numbers are frozen, also those of parameters: a parameter's number is its place in the table, from 0.");
    page.table(
        &["number", "built-in", "effect", "in short"],
        BUILTINS.iter().map(|b| {
            let link = format!("[{}](#{})", code(b.name), anchor(b.name));
            let short = b.doc.lines().next().unwrap_or("");
            vec![b.number().to_string(), link, b.effect.name().to_owned(), short.to_owned()]
        }),
    );
    BUILTINS.iter().for_each(|b| builtin(b, &mut page));
    page.finish()
}

/// The anchor Markdown readers give to a heading that is code.
fn anchor(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_')).collect()
}

fn builtin(b: &Builtin, page: &mut Page) {
    page.section(&code(b.name));
    page.part(b.doc);
    let runs = match b.runs {
        Runs::Host => "the host",
        Runs::Build => "the compiler",
        Runs::Machine(_) => "the machine itself",
    };
    let reaction = match b.reaction {
        Reaction::None => "none: `watch` is `requires`",
        Reaction::React => "runs once more",
        Reaction::Covered => "runs once more, unless its body just changed something",
    };
    page.table(
        &["number", "effect", "carried out by", "prediction of a dry run", "reaction to a watched change"],
        [vec![
            b.number().to_string(),
            b.effect.name().to_owned(),
            runs.to_owned(),
            b.prediction.name().to_owned(),
            reaction.to_owned(),
        ]],
    );
    if !b.params.is_empty() {
        page.part("Parameters:");
    }
    let row = |p: &Param| vec![code(p.name), code(p.ty), default(p.default), p.doc.to_owned()];
    page.table(&["parameter", "type", "default", "meaning"], b.params.iter().map(row));
    for group in b.one_of {
        let names: Vec<String> = group.iter().map(|name| code(name)).collect();
        page.part(&format!("Exactly one of {} is given.", names.join(", ")));
    }
    if !b.data.is_empty() {
        page.part("Result:");
    }
    page.table(&["field", "type", "meaning"], b.data.iter().map(|f| vec![code(f.name), code(f.ty), f.doc.to_owned()]));
    page.part("Example:");
    page.fence("yaml", b.example);
}

fn default(default: Default) -> String {
    match (default, default.value()) {
        (_, Some(value)) => code(&value.to_string()),
        (Default::Required, None) => "required".to_owned(),
        (_, None) => String::new(),
    }
}

pub(super) fn facts() -> String {
    let mut page = Page::new("Facts", "stdlib/src/facts.rs");
    page.part("What an expression can read of the node it runs on.");
    page.table(&["fact", "type", "meaning"], FACTS.iter().map(|f| vec![code(f.path), code(f.ty), f.doc.to_owned()]));
    page.finish()
}
