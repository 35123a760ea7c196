//! Pages of the contract between compiler and agent: ops, functions, faults, the bundle.

use super::markdown::{Page, code};
use ipcmm_bytecode::bundle::attrs::AttrKind;
use ipcmm_bytecode::bundle::rows::{Header, Section, SectionRow};
use ipcmm_bytecode::bundle::{AGENT_LEVEL, Attr, EdgeKind, ExecMode, FORMAT};
use ipcmm_bytecode::functions::{self, FunctionRow};
use ipcmm_bytecode::{FaultKind, Slot, ops};

pub(super) fn ops() -> String {
    let mut page = Page::new("Ops", "vm/bytecode/src/ops.rs");
    page.part(
        "An op is its number in one byte and its operands one after the other. `R[x]` is a register, `K[x]` a constant \
         of the bundle, `pc` the next op. Numbers are frozen.",
    );
    page.table(
        &["operand", "encoding"],
        [
            ["register", "one byte"],
            ["registers", "two bytes: the first register, and how many"],
            ["constant, task, target, function", "LEB128, at most five bytes"],
            ["slot", "one byte"],
        ]
        .map(|cells| cells.map(str::to_owned).to_vec()),
    );
    page.section("Table");
    let row = |op: &ops::OpRow| {
        let operands: Vec<String> = op.operands.iter().map(|(name, kind)| format!("{name}: {kind}")).collect();
        vec![
            code(&format!("{:#04x}", op.number)),
            code(op.name),
            operands.join(", "),
            op.effect.name().to_owned(),
            op.doc.to_owned(),
        ]
    };
    page.table(&["number", "op", "operands", "effect", "meaning"], ops::TABLE.iter().map(row));
    page.finish()
}

pub(super) fn functions() -> String {
    let mut page = Page::new("Functions", "vm/bytecode/src/functions/");
    page.part(
        "What an expression can call. Numbers are frozen. Functions of effect `none` are pure: their value depends on \
         their arguments alone, and with constant arguments it is computed at build. Those of effect `read` ask the node, \
         so they stand only where that is admitted: in guards and in conditions a built-in evaluates. A parameter that \
         may be null may be left out.",
    );
    let mut rest = functions::TABLE;
    for family in functions::FAMILIES {
        page.section(family.title);
        page.part(family.doc);
        let row = |f: &FunctionRow| {
            let params: Vec<String> = f.params.iter().map(|(name, ty)| format!("{name}: {ty}")).collect();
            let example = match f.example {
                ("", _) => String::new(),
                (call, value) => format!("{} is {}", code(call), code(value)),
            };
            vec![
                f.function.number().to_string(),
                code(&format!("{}({}) -> {}", f.name, params.join(", "), f.returns)),
                f.effect.name().to_owned(),
                f.doc.to_owned(),
                example,
            ]
        };
        let (own, behind) = rest.split_at(family.count);
        rest = behind;
        page.table(&["number", "function", "effect", "meaning", "example"], own.iter().map(row));
    }
    page.finish()
}

pub(super) fn faults() -> String {
    let mut page = Page::new("Faults", "vm/bytecode/src/fault.rs");
    page.part("What can go wrong on the agent. Codes and names are frozen.");
    for (title, first, behind) in [
        ("Bundles that are not accepted", 0, 200),
        ("Evaluation of expressions", 200, 300),
        ("Guards and tasks", 300, 400),
        ("Work on the host", 400, u16::MAX),
    ] {
        page.section(title);
        let own = FaultKind::ALL.iter().filter(|kind| (first..behind).contains(&kind.number()));
        let row = |kind: &FaultKind| vec![code(&kind.to_string()), code(kind.name()), kind.summary().to_owned()];
        page.table(&["code", "name", "meaning"], own.map(row));
    }
    page.finish()
}

pub(super) fn bundle() -> String {
    let mut page = Page::new("The bundle", "vm/bytecode/src/bundle/rows.rs, attrs.rs and vm/bytecode/src/slots.rs");
    page.part(&format!(
        "This is format {FORMAT}; the agent level is {AGENT_LEVEL}. A header of {} bytes, a section table with {} bytes \
         for each section, then the sections without gaps, in the order of their numbers. Numbers are little endian. A \
         section without rows is left out. The layout of rows is in `vm/bytecode/src/bundle/rows.rs`.",
        size_of::<Header>(),
        size_of::<SectionRow>(),
    ));
    page.section("Sections");
    page.table(
        &["number", "section", "bytes of a row", "rows"],
        Section::TABLE.iter().map(|(section, name, size, doc)| {
            vec![(*section as u32).to_string(), code(name), size.to_string(), doc.trim().to_owned()]
        }),
    );
    page.section("Attributes of blocks");
    let kind = |kind: AttrKind| match kind {
        AttrKind::Chunk => "chunk",
        AttrKind::Block => "block",
        AttrKind::Number => "number",
        AttrKind::String => "string",
    };
    page.part("They stand in the order of their numbers; both forms of a guard share a place. Those that repeat are judged in the order they stand.");
    page.table(
        &["number", "attribute", "value", "repeats", "meaning"],
        Attr::TABLE.iter().map(|(attr, name, of, doc)| {
            let repeats = if attr.repeats() { "yes" } else { "" };
            vec![
                (*attr as u16).to_string(),
                code(name),
                kind(*of).to_owned(),
                repeats.to_owned(),
                doc.trim().to_owned(),
            ]
        }),
    );
    page.section("Kinds of edges");
    page.table(
        &["number", "kind", "meaning"],
        EdgeKind::TABLE.iter().map(|(kind, name, doc)| named((*kind as u8).into(), name, doc)),
    );
    page.section("Modes of execution");
    page.table(
        &["number", "mode", "meaning"],
        ExecMode::TABLE.iter().map(|(mode, name, doc)| named((*mode as u8).into(), name, doc)),
    );
    page.section("Slots");
    page.part("Names an expression can read from the task it stands in.");
    page.table(
        &["number", "slot", "meaning"],
        Slot::TABLE.iter().map(|(slot, name, doc)| named((*slot as u8).into(), name, doc)),
    );
    page.finish()
}

fn named(number: u32, name: &str, doc: &str) -> Vec<String> {
    vec![number.to_string(), code(name), doc.trim().to_owned()]
}
