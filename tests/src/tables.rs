//! Every table whose numbers are frozen, as rows of one form.

use ipcmm_bytecode::bundle::rows::{ArgKind, Section};
use ipcmm_bytecode::bundle::{Attr, EdgeKind, ExecMode};
use ipcmm_bytecode::{FaultKind, Slot, functions, ops};
use ipcmm_compiler::diag::Code;
use ipcmm_grammar::keywords::Keyword;
use ipcmm_stdlib::{BUILTINS, facts::FACTS};
use ipcmm_testing::vocabulary::Group;

/// A row of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The table.
    pub table: String,
    /// The number.
    pub number: u32,
    /// The name.
    pub name: String,
}

/// All rows of all tables, each table in its own order.
pub fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    let mut add = |table: &str, number: u32, name: &str| {
        rows.push(Row { table: table.to_owned(), number, name: name.to_owned() });
    };
    ops::TABLE.iter().for_each(|r| add("op", r.number.into(), r.name));
    // Functions stand by family there, and their numbers follow the time they came.
    let mut functions: Vec<_> = functions::TABLE.iter().map(|r| (r.function.number(), r.name)).collect();
    functions.sort();
    functions.iter().for_each(|(number, name)| add("function", (*number).into(), name));
    FaultKind::ALL.iter().for_each(|k| add("fault", k.number().into(), k.name()));
    Code::ALL.iter().for_each(|c| add("diagnostic", c.number().into(), c.name()));
    Slot::TABLE.iter().for_each(|(slot, name, _)| add("slot", *slot as u32, name));
    Section::TABLE.iter().for_each(|(section, name, ..)| add("section", *section as u32, name));
    Attr::TABLE.iter().for_each(|(attr, name, ..)| add("attribute", *attr as u32, name));
    EdgeKind::TABLE.iter().for_each(|(kind, name, _)| add("edge", *kind as u32, name));
    ExecMode::TABLE.iter().for_each(|(mode, name, _)| add("mode", *mode as u32, name));
    for (kind, name) in [
        (ArgKind::Constant, "constant"),
        (ArgKind::Chunk, "chunk"),
        (ArgKind::Thunk, "thunk"),
        (ArgKind::Asset, "asset"),
        (ArgKind::Tasks, "tasks"),
    ] {
        add("argument", kind as u32, name);
    }
    Keyword::ALL.iter().for_each(|k| add("keyword", k.number().into(), k.name()));
    BUILTINS.iter().for_each(|b| add("builtin", b.number().into(), b.name));
    for builtin in BUILTINS {
        let table = format!("parameter of {}", builtin.name);
        builtin.params.iter().enumerate().for_each(|(i, p)| add(&table, i as u32, p.name));
    }
    // Words of test documents have no numbers: they are in the documents of users, so they must stay.
    for (group, ..) in Group::TABLE {
        group.words().iter().for_each(|word| add(&format!("test word of {group:?}"), 0, word.name));
    }
    // Facts have no numbers: their paths are in bundles, so it is the path that must stay.
    FACTS.iter().for_each(|f| add("fact", 0, f.path));
    rows
}
