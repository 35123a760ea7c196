//! What is known of a name, as text for a terminal: rows of the tables and pages of diagnostics.
//!
//! Unaware of: commands; `explain` and `doc` say the same of one name.

use ipcmm_bytecode::functions::{self, FunctionRow};
use ipcmm_bytecode::{Effect, FaultKind, Function};
use ipcmm_compiler::diag::{Code, suggest};
use ipcmm_grammar::keywords::{Keyword, Place, Status};
use ipcmm_spec::diagnostic_page;
use ipcmm_stdlib::{BUILTINS, Builtin, Default as Fallback, PLANNED, facts};
use std::fmt::Write;

/// What is known of a topic. A name may mean several things; all of them are told.
pub fn explanation(topic: &str) -> Option<String> {
    let mut parts = Vec::new();
    parts.extend(Code::parse(topic).map(diagnostic));
    let fault = |kind: &&FaultKind| kind.to_string().eq_ignore_ascii_case(topic) || kind.name() == topic;
    parts.extend(FaultKind::ALL.iter().find(fault).map(|kind| fault_text(*kind)));
    parts.extend(BUILTINS.iter().filter(|b| is_named(b.name, topic)).map(builtin));
    parts.extend(Keyword::from_name(topic).map(keyword));
    parts.extend(Function::from_name(topic).map(|function| function_text(function.row())));
    parts.extend(facts::by_path(topic).map(|fact| format!("fact {}: {}\n{}\n", fact.path, fact.ty, fact.doc)));
    if parts.is_empty() && PLANNED.contains(&topic) {
        parts.push(format!("{topic} is planned and not there yet.\n"));
    }
    (!parts.is_empty()).then(|| parts.join("\n"))
}

/// A built-in is found by its full name and by the name without `ipcmm.`.
fn is_named(name: &str, topic: &str) -> bool {
    name == topic || name.strip_prefix("ipcmm.") == Some(topic)
}

/// Everything that has an explanation.
pub fn names() -> impl Iterator<Item = &'static str> {
    let codes = Code::ALL.iter().map(|code| code.name());
    let faults = FaultKind::ALL.iter().map(|kind| kind.name());
    let keywords = Keyword::ALL.iter().map(|keyword| keyword.name());
    let facts = facts::FACTS.iter().map(|fact| fact.path);
    let functions = functions::TABLE.iter().map(|row| row.name);
    let builtins = BUILTINS.iter().map(|b| b.name);
    codes.chain(faults).chain(keywords).chain(facts).chain(functions).chain(builtins)
}

/// Whether a name can stand in an expression: functions and facts.
pub fn in_expressions(name: &str) -> bool {
    Function::from_name(name).is_some() || facts::by_path(name).is_some()
}

/// The name most like a word nothing is called by.
pub fn nearest(topic: &str) -> Option<&'static str> {
    let full = format!("ipcmm.{}", topic.trim());
    suggest::nearest(topic.trim(), names()).or_else(|| suggest::nearest(&full, names()))
}

fn function_text(row: &FunctionRow) -> String {
    let what = if row.effect == Effect::None { "function" } else { "probe, answered by the node" };
    let mut text = format!("{}\n{what}: {}\n", signature(row), row.doc);
    if let (call, value) = row.example
        && !call.is_empty()
    {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "\nexample\n  {call} is {value}");
    }
    text
}

/// A function as it would be declared.
pub fn signature(row: &FunctionRow) -> String {
    let params: Vec<String> = row.params.iter().map(|(name, ty)| format!("{name}: {ty}")).collect();
    format!("{}({}) -> {}", row.name, params.join(", "), row.returns)
}

fn diagnostic(code: Code) -> String {
    match diagnostic_page(&code.to_string()) {
        Some(page) => page.to_owned(),
        None => format!("{code} {} ({})\n{}.\n", code.name(), code.severity().name(), code.summary()),
    }
}

fn fault_text(kind: FaultKind) -> String {
    format!("{kind} {} (fault on the node)\n{}.\n", kind.name(), kind.summary())
}

fn keyword(keyword: Keyword) -> String {
    let place = |place: &Place| match place {
        Place::Module => "at the top of a module",
        Place::Label => "under a label",
        Place::Step => "under a built-in",
    };
    let places: Vec<&str> = keyword.places().iter().map(place).collect();
    let status = match keyword.status() {
        Status::Now => "",
        Status::Later => "It is reserved and not there yet.\n",
    };
    format!(
        "keyword {}: {}\n{}\nIt stands {}.\n{status}",
        keyword.name(),
        keyword.shape(),
        keyword.doc(),
        places.join(" or ")
    )
}

fn builtin(row: &Builtin) -> String {
    let mut text = format!("built-in {}\n{}\n", row.name, row.doc);
    // Writing to a String cannot fail; so too below.
    let _ = writeln!(text, "\neffect {} · dry run {}", row.effect.name(), row.prediction.name());
    let wide = row.params.iter().map(|p| p.name.len()).max().unwrap_or(0);
    if !row.params.is_empty() {
        text.push_str("\nargs\n");
    }
    for param in row.params {
        let default = match (param.default, param.default.value()) {
            (Fallback::Required, _) => " (required)".to_owned(),
            (_, Some(value)) => format!(" = {value}"),
            (_, None) => String::new(),
        };
        let _ = writeln!(text, "  {:<wide$}  {}{default}\n  {:<wide$}  {}", param.name, param.ty, "", param.doc);
    }
    for group in row.one_of {
        let _ = writeln!(text, "  exactly one of: {}", group.join(", "));
    }
    let wide = row.data.iter().map(|f| f.name.len()).max().unwrap_or(0);
    if !row.data.is_empty() {
        text.push_str("\nresult\n");
    }
    for field in row.data {
        let _ = writeln!(text, "  {:<wide$}  {}\n  {:<wide$}  {}", field.name, field.ty, "", field.doc);
    }
    let _ = write!(text, "\nexample\n{}", indented(row.example));
    text
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_every_table_is_explained() {
        for name in names() {
            assert!(explanation(name).is_some(), "{name}");
        }
        for topic in ["C2003", "c2003", "F0404", "run.cmd", "ipcmm.run.cmd", "ipcmm.ssh", "upper", "fs.exists"] {
            assert!(explanation(topic).is_some(), "{topic}");
        }
        assert_eq!(explanation("nonsense"), None);
        // A fault and a diagnostic of one name are both told.
        assert!(explanation("unknown-builtin").is_some_and(|text| text.contains("C2003") && text.contains("F0115")));
    }
}
