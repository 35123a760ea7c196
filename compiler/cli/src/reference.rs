//! The reference of the language and its standard library as pages, made from the tables and from the pages of
//! diagnostics.
//!
//! A page is Markdown; [`html`] makes HTML of it. Examples are those that run as tests: the tables' own and the cases
//! of the pages. Unaware of: where pages go. Start reading at [`all`]; [`module`] has the page of a module somebody
//! wrote, [`plain`] makes text for a terminal of a page, [`terminal`] has what is said of one name.

pub mod html;
pub mod module;
pub mod plain;
mod surface;
pub mod terminal;

use ipcmm_bytecode::functions::{self, FunctionRow};
use ipcmm_bytecode::{Effect, FaultKind};
use ipcmm_compiler::diag::Code;
use ipcmm_grammar::keywords::{Keyword, Place, Status};
use ipcmm_grammar::shapes::Shape;
use ipcmm_spec::diagnostic_page;
use ipcmm_stdlib::{BUILTINS, Builtin, Default as Fallback, facts};
use std::fmt::Write;

/// A page.
#[derive(Clone, Debug)]
pub struct Page {
    /// Its path below the folder of the pages, with `/` between names and without an extension.
    pub path: String,
    /// Its title.
    pub title: String,
    /// The page, with links between pages as relative paths that end in `.md`.
    pub text: String,
}

impl Page {
    fn new(path: impl Into<String>, title: impl Into<String>, text: impl Into<String>) -> Page {
        Page { path: path.into(), title: title.into(), text: text.into() }
    }
}

/// Every page of the reference, the index first.
pub fn all() -> Vec<Page> {
    let mut pages = vec![index()];
    pages.push(builtins());
    pages.extend(BUILTINS.iter().map(|b| Page::new(format!("builtins/{}", b.name), b.name, builtin(b))));
    pages.push(sections(
        "keywords",
        "Keywords",
        "Words of the language under a label, under a built-in, or at the top of a module.",
        Keyword::ALL.iter().map(|k| keyword(*k)),
    ));
    pages.push(sections(
        "shapes",
        "Maps with fixed fields",
        "What stands behind some keywords.",
        Shape::ALL.iter().map(|s| shape(*s)),
    ));
    let mut rest = functions::TABLE;
    let families = functions::FAMILIES.iter().flat_map(|family| {
        let (own, behind) = rest.split_at(family.count);
        rest = behind;
        let heading = format!("## {}\n\n{}\n", family.title, family.doc);
        let rows = own.iter().map(|row| function(row).replacen("## ", "### ", 1));
        std::iter::once(heading).chain(rows).collect::<Vec<_>>()
    });
    pages.push(sections("functions", "Functions", "What an expression can call.", families));
    pages.push(facts_page());
    pages.push(faults());
    pages.push(diagnostics());
    pages.extend(
        Code::ALL
            .iter()
            .map(|code| Page::new(format!("diagnostics/{code}"), format!("{code} {}", code.name()), diagnostic(*code))),
    );
    pages
}

/// The pages that tell of one name; a name may mean several things.
pub fn of(topic: &str) -> Vec<Page> {
    let mut pages = Vec::new();
    let mut one = |title: &str, text: String| pages.push(Page::new(title, title, text));
    if let Some(code) = Code::parse(topic) {
        one(&code.to_string(), diagnostic(code));
    }
    let named = |kind: &&FaultKind| kind.to_string().eq_ignore_ascii_case(topic) || kind.name() == topic;
    if let Some(kind) = FaultKind::ALL.iter().find(named) {
        one(&kind.to_string(), format!("# {kind} {}\n\nA fault on the node: {}.\n", kind.name(), kind.summary()));
    }
    for row in BUILTINS.iter().filter(|b| b.name == topic || b.name.strip_prefix("ipcmm.") == Some(topic)) {
        one(row.name, builtin(row));
    }
    if let Some(found) = Keyword::from_name(topic) {
        one(topic, keyword(found).replacen("## ", "# ", 1));
    }
    if let Some(row) = functions::TABLE.iter().find(|row| row.name == topic) {
        one(topic, function(row).replacen("## ", "# ", 1));
    }
    if let Some(fact) = facts::by_path(topic) {
        one(topic, format!("# `{}`\n\n`{}`\n\n{}\n", fact.path, fact.ty, fact.doc));
    }
    pages
}

fn index() -> Page {
    let mut text = String::from("# Reference of ipcmm\n\n");
    // Writing to a String cannot fail; so too below.
    for (path, title, count) in [
        ("builtins", "Built-ins", BUILTINS.len()),
        ("keywords", "Keywords", Keyword::ALL.len()),
        ("shapes", "Maps with fixed fields", Shape::ALL.len()),
        ("functions", "Functions", functions::TABLE.len()),
        ("facts", "Facts", facts::FACTS.len()),
        ("faults", "Faults", FaultKind::ALL.len()),
        ("diagnostics", "Diagnostics", Code::ALL.len()),
    ] {
        let _ = writeln!(text, "- [{title}]({path}.md) ({count})");
    }
    text.push_str("\n## Built-ins\n\n");
    text.push_str(&list_of_builtins());
    Page::new("index", "Reference of ipcmm", text)
}

fn list_of_builtins() -> String {
    let mut text = String::from("| built-in | effect | in short |\n| --- | --- | --- |\n");
    for b in BUILTINS {
        let short = b.doc.lines().next().unwrap_or("");
        let _ = writeln!(text, "| [`{0}`](builtins/{0}.md) | {1} | {2} |", b.name, b.effect.name(), cell(short));
    }
    text
}

fn builtins() -> Page {
    let text = format!("# Built-ins\n\nWhat a task can do.\n\n{}", list_of_builtins());
    Page::new("builtins", "Built-ins", text)
}

/// Text in a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn builtin(b: &Builtin) -> String {
    let mut text =
        format!("# `{}`\n\n{}\n\nEffect: {}. Dry run: {}.\n", b.name, b.doc, b.effect.name(), b.prediction.name());
    if !b.params.is_empty() {
        text.push_str("\n## Arguments\n\n| argument | type | default | meaning |\n| --- | --- | --- | --- |\n");
    }
    for param in b.params {
        let default = match (param.default, param.default.value()) {
            (Fallback::Required, _) => "required".to_owned(),
            (_, Some(value)) => format!("`{value}`"),
            (_, None) => String::new(),
        };
        let _ =
            writeln!(text, "| `{}` | `{}` | {} | {} |", param.name, cell(param.ty), cell(&default), cell(param.doc));
    }
    for group in b.one_of {
        let names: Vec<String> = group.iter().map(|name| format!("`{name}`")).collect();
        let _ = writeln!(text, "\nExactly one of {} is given.", names.join(", "));
    }
    if !b.data.is_empty() {
        text.push_str("\n## Result\n\n| field | type | meaning |\n| --- | --- | --- |\n");
    }
    for field in b.data {
        let _ = writeln!(text, "| `{}` | `{}` | {} |", field.name, cell(field.ty), cell(field.doc));
    }
    let _ = write!(text, "\n## Example\n\n```yaml\n{}```\n", b.example);
    text
}

/// A page of sections, each of which opens with its heading.
fn sections(path: &str, title: &str, intro: &str, parts: impl Iterator<Item = String>) -> Page {
    let mut text = format!("# {title}\n\n{intro}\n");
    for part in parts {
        let _ = write!(text, "\n{part}");
    }
    Page::new(path, title, text)
}

fn keyword(keyword: Keyword) -> String {
    let place = |place: &Place| match place {
        Place::Module => "at the top of a module",
        Place::Label => "under a label",
        Place::Step => "under a built-in",
    };
    let places: Vec<&str> = keyword.places().iter().map(place).collect();
    let later = match keyword.status() {
        Status::Now => "",
        Status::Later => " It is reserved and not there yet.",
    };
    format!(
        "## `{}`\n\n{}\n\nTakes: {}. Stands {}.{later}\n",
        keyword.name(),
        keyword.doc(),
        keyword.shape(),
        places.join(" or ")
    )
}

fn shape(shape: Shape) -> String {
    let mut text = format!(
        "## `{}`\n\n{}\n\n| field | type | default | meaning |\n| --- | --- | --- | --- |\n",
        shape.name(),
        shape.doc()
    );
    for field in shape.fields() {
        let default = field.default.map(|default| format!("`{default}`")).unwrap_or_default();
        let _ =
            writeln!(text, "| `{}` | `{}` | {} | {} |", field.name, cell(field.ty), cell(&default), cell(field.doc));
    }
    text
}

fn function(row: &FunctionRow) -> String {
    let mut text = format!("## `{}`\n\n`{}`\n\n{}\n", row.name, terminal::signature(row), row.doc);
    if row.effect != Effect::None {
        text.push_str(
            "\nA probe: it asks the node, so it stands in guards and in conditions that a built-in evaluates.\n",
        );
    }
    if let (call, value) = row.example
        && !call.is_empty()
    {
        let _ = write!(text, "\n```text\n{call} → {value}\n```\n");
    }
    text
}

fn facts_page() -> Page {
    let mut text = String::from(
        "# Facts\n\nWhat an expression can read of the node it runs on.\n\n| fact | type | meaning |\n| --- | --- | --- |\n",
    );
    for fact in facts::FACTS {
        let _ = writeln!(text, "| `{}` | `{}` | {} |", fact.path, cell(fact.ty), cell(fact.doc));
    }
    Page::new("facts", "Facts", text)
}

fn faults() -> Page {
    let mut text =
        String::from("# Faults\n\nWhat can go wrong on a node.\n\n| code | name | meaning |\n| --- | --- | --- |\n");
    for kind in FaultKind::ALL {
        let _ = writeln!(text, "| `{kind}` | `{}` | {} |", kind.name(), cell(kind.summary()));
    }
    Page::new("faults", "Faults", text)
}

fn diagnostics() -> Page {
    let mut text = String::from(
        "# Diagnostics\n\nWhat the compiler reports.\n\n| code | name | severity | meaning |\n| --- | --- | --- | --- |\n",
    );
    for code in Code::ALL {
        let _ = writeln!(
            text,
            "| [{code}](diagnostics/{code}.md) | `{}` | {} | {} |",
            code.name(),
            code.severity().name(),
            cell(code.summary())
        );
    }
    Page::new("diagnostics", "Diagnostics", text)
}

fn diagnostic(code: Code) -> String {
    match diagnostic_page(&code.to_string()) {
        Some(page) => page.to_owned(),
        None => format!("# {code} {}\n\n{}.\n", code.name(), code.summary()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_link_leads_to_a_page_and_every_name_has_one() {
        let pages = all();
        let paths: BTreeSet<&str> = pages.iter().map(|page| page.path.as_str()).collect();
        assert_eq!(paths.len(), pages.len());
        for page in pages.iter().filter(|page| !page.path.contains('/')) {
            for link in page.text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
                assert!(link.strip_suffix(".md").is_some_and(|path| paths.contains(path)), "{}: {link}", page.path);
            }
        }
        for name in terminal::names() {
            assert!(!of(name).is_empty(), "{name}");
        }
        assert!(of("nonsense").is_empty());
    }
}
