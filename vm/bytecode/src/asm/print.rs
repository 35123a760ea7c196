//! Bundle to listing.
//!
//! The listing is read back and compared: a section that would come out otherwise (rows nobody owns, numbers spelled
//! in more bytes than needed) is added as bytes. So the round trip holds by construction.

use super::draft::{Draft, operands, reach};
use super::line::hex;
use super::names::Names;
use super::{read, stored, values};
use crate::bundle::attrs::AttrKind;
use crate::bundle::rows::*;
use crate::bundle::{Attr, Bundle, ExecMode, constants};
use crate::operand::{Const, Operand, Task};
use crate::{Catalog, Effect, Op, Value};
use std::collections::HashMap;
use std::fmt::Write;

/// The listing of a bundle.
pub(super) fn print(bundle: &Bundle<'_>, catalog: &dyn Catalog) -> String {
    let stored = stored::sections(bundle);
    let agent = stored::agent_level(bundle, &stored);
    let mut listing = Listing::new(bundle, catalog);
    listing.whole(agent);
    let read_back = read::read(&listing.out, catalog).unwrap_or_else(|_| Draft::default());
    for ((section, wanted), (_, found)) in stored.iter().zip(read_back.sections()) {
        if *wanted != found {
            listing.head(&format!("section {}", section.name()));
            wanted.chunks(32).for_each(|bytes| listing.row(&hex(bytes), None));
        }
    }
    listing.out
}

struct Listing<'a> {
    bundle: &'a Bundle<'a>,
    catalog: &'a dyn Catalog,
    names: Names,
    /// First place of each string.
    strings: HashMap<&'a str, u32>,
    /// Rows that are printed: whoever comes next in a table owns the next rows of the table below.
    done: Done,
    out: String,
}

/// Rows of the tables whose rows are printed where they are used.
#[derive(Default)]
struct Done {
    code: u32,
    args: u32,
    attrs: u32,
    edges: u32,
    selections: u32,
}

/// Whether `count` rows from `first` on are the next of `table`; then they count as printed.
fn owns<T>(first: u32, count: u32, table: &[T], done: &mut u32) -> bool {
    let end = first.checked_add(count).filter(|end| first == *done && *end as usize <= table.len());
    *done = end.unwrap_or(*done);
    end.is_some()
}

/// A value for a comment: at most 60 characters.
fn short(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or("")),
        None => text.to_owned(),
    }
}

fn quoted(text: &str) -> String {
    Value::str(text).to_string()
}

fn effect(number: u16) -> String {
    let named = [Effect::None, Effect::Read, Effect::Change].into_iter().find(|e| *e as u16 == number);
    named.map_or_else(|| number.to_string(), |effect| effect.name().to_owned())
}

impl<'a> Listing<'a> {
    fn new(bundle: &'a Bundle<'a>, catalog: &'a dyn Catalog) -> Listing<'a> {
        let mut strings = HashMap::new();
        for number in 0..bundle.string_count() {
            if let Some(text) = bundle.string(number) {
                strings.entry(text).or_insert(number);
            }
        }
        Listing { bundle, catalog, names: Names::new(catalog), strings, done: Done::default(), out: String::new() }
    }

    fn head(&mut self, text: &str) {
        let _ = write!(self.out, "\n{text}\n");
    }

    /// A row of a part, its comment in a column of its own.
    fn row(&mut self, text: &str, comment: Option<String>) {
        let _ = match comment {
            Some(comment) => writeln!(self.out, "  {text:<38}  ; {comment}"),
            None => writeln!(self.out, "  {text}"),
        };
    }

    fn string(&self, number: u32) -> String {
        match self.bundle.string(number) {
            Some(text) if self.strings.get(text) == Some(&number) => quoted(text),
            _ => format!("S{number}"),
        }
    }

    fn constant_comment(&self, number: u32) -> Option<String> {
        self.bundle.constant(number).ok().map(|value| short(&value.to_string()))
    }

    fn label_comment(&self, task: u32) -> Option<String> {
        self.bundle.tasks().get(task as usize).map(|_| short(&quoted(self.bundle.label(task))))
    }

    fn whole(&mut self, agent: Option<u16>) {
        let root = hex(self.bundle.root().get(..6).unwrap_or(&[]));
        let name = short(&quoted(self.bundle.name()));
        let _ = writeln!(self.out, "; bundle {name}, format {}, root {root}…", crate::bundle::FORMAT);
        if agent.is_none() {
            self.out.push_str("; it holds bytes that belong to nothing; this listing does not give it back exactly\n");
        }
        if let Some(meta) = self.bundle.meta() {
            self.head(&format!("bundle {} edition {}", self.string(meta.name.get()), meta.edition));
        }
        if let Some(agent) = agent.filter(|agent| *agent != super::draft::DEFAULT_AGENT) {
            self.head(&format!("agent {agent}"));
        }
        self.tables();
        (0..self.bundle.chunks().len()).for_each(|number| self.chunk(number));
        (0..self.bundle.assets().len()).for_each(|number| self.asset(number));
        (0..self.bundle.blocks().len()).for_each(|number| self.block(number));
        (0..self.bundle.tasks().len()).for_each(|number| self.task(number));
        if !self.bundle.facts().is_empty() {
            self.head("facts");
            self.bundle.facts().iter().for_each(|fact| self.row(&self.string(fact.get()), None));
        }
        if !self.bundle.effects().is_empty() {
            self.head("effects");
            for row in self.bundle.effects() {
                let builtin = self.names.written(row.builtin.get(), self.catalog);
                self.row(&format!("{builtin} {}", effect(row.effect.get())), None);
            }
        }
        if !self.bundle.listens().is_empty() {
            self.head("listens");
            for row in self.bundle.listens() {
                let comment = self.label_comment(row.listener.get());
                self.row(&format!("T{} T{}", row.target, row.listener), comment);
            }
        }
        self.debug();
    }

    fn tables(&mut self) {
        if self.bundle.string_count() > 0 {
            self.head("strings");
        }
        for number in 0..self.bundle.string_count() {
            self.row(&format!("S{number} {}", quoted(self.bundle.string(number).unwrap_or(""))), None);
        }
        if self.bundle.constant_count() > 0 {
            self.head("constants");
        }
        for number in 0..self.bundle.constant_count() {
            let bytes = self.bundle.constant_bytes(number).unwrap_or(&[]);
            let text = match self.bundle.constant(number) {
                Ok(value) if self.reads_back(&value, bytes) => value.to_string(),
                _ => format!("bytes {}", hex(bytes)),
            };
            self.row(&format!("K{number} {text}"), None);
        }
    }

    /// Whether the text of a value is encoded with these bytes.
    fn reads_back(&self, value: &Value, bytes: &[u8]) -> bool {
        let Ok((value, _)) = values::value(&value.to_string()) else { return false };
        let mut encoded = Vec::new();
        constants::encode(&value, &mut |text| self.strings.get(&**text).copied().unwrap_or(u32::MAX), &mut encoded);
        encoded == bytes
    }

    fn chunk(&mut self, number: usize) {
        let row = &self.bundle.chunks()[number];
        let owned = owns(row.offset.get(), row.length.get(), self.bundle.code(), &mut self.done.code);
        let code = self.bundle.chunk_code(number as u32).filter(|_| owned).unwrap_or(&[]);
        let reach = reach(code);
        let mut head = format!("chunk C{number} registers {}", row.registers);
        if row.reads.get() != 0 || reach.reads != 0 {
            let _ = write!(head, " reads {}", row.reads);
        }
        if row.effect.get() != 0 || reach.effect != Effect::None {
            let _ = write!(head, " effect {}", effect(row.effect.get()));
        }
        if !owned {
            let _ = write!(head, " offset {} length {}", row.offset, row.length);
        }
        self.head(&head);
        let mut pos = 0;
        while pos < code.len() {
            let start = pos;
            let Ok(op) = Op::decode(code, &mut pos) else {
                self.row(&format!("@{start:<4} bytes {}", hex(&code[start..])), Some("no op".to_owned()));
                break;
            };
            let text = op.to_string();
            let comment = self.op_comment(op, &text);
            let mut canonical = Vec::new();
            op.encode(&mut canonical);
            if canonical == code[start..pos] {
                self.row(&format!("@{start:<4} {text}"), comment);
            } else {
                self.row(&format!("@{start:<4} bytes {}", hex(&code[start..pos])), Some(text));
            }
        }
    }

    /// The constant or task an op names.
    fn op_comment(&self, op: Op, text: &str) -> Option<String> {
        operands(op, text).find_map(|(kind, operand)| match kind {
            kind if kind == Const::KIND => self.constant_comment(Const::parse(operand)?.0),
            kind if kind == Task::KIND => self.label_comment(Task::parse(operand)?.0),
            _ => None,
        })
    }

    /// As text, if it is text; otherwise in hexadecimal digits.
    fn asset(&mut self, number: usize) {
        let mut head = format!("asset A{number}");
        let bytes = self.bundle.asset(number as u32).unwrap_or(&[]);
        if *blake3::hash(bytes).as_bytes() != self.bundle.assets()[number].hash {
            let _ = write!(head, " hash {}", hex(&self.bundle.assets()[number].hash));
        }
        self.head(&head);
        let text = std::str::from_utf8(bytes).ok();
        match text.filter(|text| text.chars().all(|c| !c.is_control() || matches!(c, '\n' | '\t' | '\r'))) {
            Some(text) => text.split_inclusive('\n').for_each(|line| self.row(&quoted(line), None)),
            None => bytes.chunks(32).for_each(|bytes| self.row(&hex(bytes), None)),
        }
    }

    fn block(&mut self, number: usize) {
        let row = &self.bundle.blocks()[number];
        let mut head = format!("block B{number} ");
        match row.builtin.get() {
            0 => head.push_str("sequence"),
            builtin => head.push_str(&self.names.written(builtin, self.catalog)),
        }
        if row.children_len.get() != 0 || row.children.get() != 0 {
            let _ = write!(head, " children B{}+{}", row.children, row.children_len);
        }
        let own_args = owns(row.args.get(), row.args_len.get().into(), self.bundle.args(), &mut self.done.args);
        let own_attrs = owns(row.attrs.get(), row.attrs_len.get().into(), self.bundle.attrs(), &mut self.done.attrs);
        for (owned, name, first, count) in
            [(own_args, "args", row.args, row.args_len), (own_attrs, "attrs", row.attrs, row.attrs_len)]
        {
            if !owned {
                let _ = write!(head, " {name} {first}+{count}");
            }
        }
        self.head(&head);
        for arg in self.bundle.block_args(row).iter().filter(|_| own_args) {
            let (param, value) = (arg.param.get(), arg.value.get());
            let (text, comment) = match ArgKind::from_number(arg.kind.get()) {
                Some(ArgKind::Constant) => (format!("constant K{value}"), self.constant_comment(value)),
                Some(ArgKind::Chunk) => (format!("chunk C{value}"), None),
                Some(ArgKind::Thunk) => (format!("thunk C{value}"), None),
                Some(ArgKind::Asset) => (format!("asset A{value}"), None),
                Some(ArgKind::Tasks) => match self.bundle.selection(value) {
                    // A list that is not the next one is given as its number; the rest follows as bytes.
                    Some(tasks)
                        if owns(value, tasks.len() as u32 + 1, self.bundle.selections(), &mut self.done.selections) =>
                    {
                        let tasks: Vec<String> = tasks.iter().map(|task| format!(" T{task}")).collect();
                        (format!("tasks{}", tasks.concat()), None)
                    }
                    _ => (format!("kind {} {value}", arg.kind), None),
                },
                None => (format!("kind {} {value}", arg.kind), None),
            };
            self.row(&format!("arg {param} {text}"), comment);
        }
        for attr in self.bundle.block_attrs(row).iter().filter(|_| own_attrs) {
            let value = attr.value.get();
            let text = match Attr::from_number(attr.attr.get()).map(|attr| (attr.name(), attr.kind())) {
                Some((name, AttrKind::Chunk)) => format!("{name} C{value}"),
                Some((name, AttrKind::Block)) => format!("{name} B{value}"),
                Some((name, AttrKind::Number)) => format!("{name} {value}"),
                Some((name, AttrKind::String)) => format!("{name} {}", self.string(value)),
                None => format!("{} {value}", attr.attr),
            };
            self.row(&format!("attr {text}"), None);
        }
    }

    fn task(&mut self, number: usize) {
        let row = &self.bundle.tasks()[number];
        let (label, module) = (self.string(row.label.get()), self.string(row.module.get()));
        let mode = ExecMode::from_number(row.mode).map_or_else(|| row.mode.to_string(), |mode| mode.name().to_owned());
        let parts = row.flags & (TASK_DRY | TASK_BEFORE);
        let known = row.flags & !(TASK_STOPS | TASK_KEEPS_RESULT | TASK_TEST | TASK_DEMAND | TASK_DRY | TASK_BEFORE)
            == 0
            && parts != TASK_DRY | TASK_BEFORE;
        let body = match (known, parts) {
            (true, TASK_DRY) => format!("dry T{}", row.block),
            (true, TASK_BEFORE) => format!("before T{}", row.block),
            _ => format!("block B{}", row.block),
        };
        let mut head = format!("task T{number} {label} in {module} {body} mode {mode}");
        match known {
            true => {
                let named = [
                    (TASK_STOPS, " stops"),
                    (TASK_KEEPS_RESULT, " keeps_result"),
                    (TASK_TEST, " test"),
                    (TASK_DEMAND, " demand"),
                ];
                named.iter().filter(|(flag, _)| row.flags & flag != 0).for_each(|(_, name)| head.push_str(name));
            }
            false => drop(write!(head, " flags {}", row.flags)),
        }
        let owned = owns(row.edges.get(), row.edges_len.get(), self.bundle.edges(), &mut self.done.edges);
        if !owned {
            let _ = write!(head, " edges {}+{}", row.edges, row.edges_len);
        }
        self.head(&head);
        for (at, (kind, target)) in self.bundle.task_edges(row).enumerate().filter(|_| owned) {
            let kind = kind.map_or_else(|| format!("edge {}", self.edge_kind(row, at)), |kind| kind.name().to_owned());
            self.row(&format!("{kind} T{target}"), self.label_comment(target));
        }
    }

    /// The number of an edge's kind.
    fn edge_kind(&self, task: &TaskRow, at: usize) -> u32 {
        self.bundle.edges().get(task.edges.get() as usize + at).map_or(0, |edge| edge.get() >> EDGE_TASK_BITS)
    }

    fn debug(&mut self) {
        let (files, tasks, code) = self.bundle.debug();
        if files.is_empty() && tasks.is_empty() && code.is_empty() {
            return;
        }
        let place = |row: &PlaceRow| format!("F{}:{}:{}", row.file, row.line, row.column);
        self.head("debug");
        for number in 0..files.len() {
            let name = self.bundle.debug_file(number as u32).unwrap_or("");
            self.row(&format!("F{number} {}", quoted(name)), None);
        }
        for (number, row) in tasks.iter().enumerate() {
            self.row(&format!("T{number} {}", place(row)), None);
        }
        for rows in code.chunk_by(|a, b| a.chunk == b.chunk) {
            let places: Vec<String> = rows.iter().map(|row| format!("@{} {}", row.pc, place(&row.place))).collect();
            self.row(&format!("C{} {}", rows[0].chunk, places.join(", ")), None);
        }
    }
}
