//! Makes bundles. Same calls, same bytes: nothing depends on addresses, hash order, time or threads.

use super::constants;
use super::rows::*;
use super::{Attr, EdgeKind, FORMAT, MAGIC};
use crate::limits;
use crate::{Effect, Op, Value};
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use zerocopy::IntoBytes;
use zerocopy::little_endian::{U16, U32, U64};

/// A bundle in the making. Rows are appended and referred to by number.
#[derive(Debug, Default)]
pub struct BundleWriter {
    name: u32,
    edition: u32,
    strings: Vec<u8>,
    string_offsets: Vec<U32>,
    string_index: FxHashMap<Arc<str>, u32>,
    constants: Vec<u8>,
    constant_offsets: Vec<U32>,
    constant_index: FxHashMap<Box<[u8]>, u32>,
    chunks: Vec<ChunkRow>,
    code: Vec<u8>,
    chunk_index: FxHashMap<Box<[u8]>, u32>,
    args: Vec<ArgRow>,
    attrs: Vec<AttrRow>,
    blocks: Vec<BlockRow>,
    edges: Vec<U32>,
    tasks: Vec<TaskRow>,
    facts: BTreeSet<Arc<str>>,
    effects: BTreeMap<u16, Effect>,
    assets: Vec<AssetRow>,
    asset_bytes: Vec<u8>,
    listens: BTreeSet<(u32, u32)>,
    selections: Vec<U32>,
    debug_files: Vec<DebugFileRow>,
    debug_text: Vec<u8>,
    debug_tasks: Vec<PlaceRow>,
    debug_code: Vec<DebugCodeRow>,
    debug: bool,
    /// Most rows of one block, and whether a constant is nested too deeply: both must be refused, not cut off.
    widest: usize,
    too_deep: bool,
}

/// A place for the debug sections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// A file added by [`BundleWriter::file`].
    pub file: u32,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
}

impl Place {
    fn row(self) -> PlaceRow {
        PlaceRow { file: U32::new(self.file), line: U32::new(self.line), column: U32::new(self.column) }
    }
}

/// A part of a task that has a place of its own in the run order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Its dry run.
    Dry,
    /// Its first phase.
    Before,
}

/// What a task is, apart from its body.
#[derive(Clone, Debug)]
pub struct TaskSpec<'a> {
    /// Module it belongs to.
    pub module: &'a str,
    /// Name.
    pub label: &'a str,
    /// Its body, the number of a block; of a part, the number of the task whose body it shares.
    pub block: u32,
    /// Which part of that task it is; `None` for a task of its own.
    pub part: Option<Part>,
    /// Edges to earlier tasks.
    pub edges: &'a [(EdgeKind, u32)],
    /// How it runs beside others.
    pub mode: super::ExecMode,
    /// Whether its failure stops the run.
    pub stops: bool,
    /// Whether its result is read by a later task.
    pub keeps_result: bool,
    /// Whether it is a dry run, whatever the run is.
    pub test: bool,
    /// Whether it runs only when another runs it by name.
    pub demand: bool,
    /// The place of its label.
    pub place: Place,
}

impl BundleWriter {
    /// An empty bundle. `debug` keeps places of the source.
    pub fn new(name: &str, edition: u32, debug: bool) -> BundleWriter {
        let mut writer = BundleWriter { edition, debug, ..BundleWriter::default() };
        writer.name = writer.string(name);
        writer
    }

    /// The number of a string.
    pub fn string(&mut self, text: &str) -> u32 {
        if let Some(&number) = self.string_index.get(text) {
            return number;
        }
        let shared: Arc<str> = text.into();
        self.add_string(shared)
    }

    fn add_string(&mut self, text: Arc<str>) -> u32 {
        let number = self.string_offsets.len() as u32;
        self.string_offsets.push(U32::new(self.strings.len() as u32));
        self.strings.extend_from_slice(text.as_bytes());
        self.string_index.insert(text, number);
        number
    }

    /// The number of a constant.
    pub fn constant(&mut self, value: &Value) -> u32 {
        let mut bytes = Vec::new();
        constants::encode(value, &mut |s| self.string(s), &mut bytes);
        self.too_deep |= constants::check(&bytes, u32::MAX).is_err();
        if let Some(&number) = self.constant_index.get(bytes.as_slice()) {
            return number;
        }
        let number = self.constant_offsets.len() as u32;
        self.constant_offsets.push(U32::new(self.constants.len() as u32));
        self.constants.extend_from_slice(&bytes);
        self.constant_index.insert(bytes.into(), number);
        number
    }

    /// The number of a chunk of `ops`, which use `registers` registers. Places are pairs of op index and place, in
    /// ascending order; without a debug section equal chunks are shared.
    pub fn chunk(&mut self, code: &[u8], registers: u16, places: &[(u32, Place)]) -> u32 {
        let mut key = code.to_vec();
        key.push(registers as u8);
        // Chunks with places are not shared: two expressions that look alike stand in different lines.
        let shareable = !self.debug || places.is_empty();
        if shareable && let Some(&number) = self.chunk_index.get(key.as_slice()) {
            return number;
        }
        let number = self.own_chunk(code, registers, places);
        if shareable {
            self.chunk_index.insert(key.into(), number);
        }
        number
    }

    /// The number the next chunk that is not shared gets.
    pub fn next_chunk(&self) -> u32 {
        self.chunks.len() as u32
    }

    /// The same, never shared: the number is the next one.
    pub fn own_chunk(&mut self, code: &[u8], registers: u16, places: &[(u32, Place)]) -> u32 {
        let (reads, effect) = reach_of(code);
        let number = self.chunks.len() as u32;
        self.chunks.push(ChunkRow {
            offset: U32::new(self.code.len() as u32),
            length: U32::new(code.len() as u32),
            registers: U16::new(registers),
            effect: U16::new(effect as u16),
            reads: U32::new(reads),
        });
        self.code.extend_from_slice(code);
        if self.debug {
            self.debug_code.extend(places.iter().map(|(pc, place)| DebugCodeRow {
                chunk: U32::new(number),
                pc: U32::new(*pc),
                place: place.row(),
            }));
        }
        number
    }

    /// Adds blocks that stand one after the other and returns the number of the first. Each is a built-in (0 for a
    /// sequence with `children`), its arguments in ascending order, and its attributes.
    pub fn block(
        &mut self,
        builtin: u16,
        args: &[(u16, ArgKind, u32)],
        attrs: &[(Attr, u32)],
        children: std::ops::Range<u32>,
    ) -> u32 {
        let number = self.blocks.len() as u32;
        self.widest = self.widest.max(args.len()).max(attrs.len()).max(children.len());
        self.blocks.push(BlockRow {
            builtin: U16::new(builtin),
            args_len: U16::new(args.len() as u16),
            args: U32::new(self.args.len() as u32),
            attrs: U32::new(self.attrs.len() as u32),
            attrs_len: U16::new(attrs.len() as u16),
            children_len: U16::new(children.len() as u16),
            children: U32::new(children.start),
        });
        self.args.extend(args.iter().map(|(param, kind, value)| ArgRow {
            param: U16::new(*param),
            kind: U16::new(*kind as u16),
            value: U32::new(*value),
        }));
        self.attrs.extend(attrs.iter().map(|(attr, value)| AttrRow {
            attr: U16::new(*attr as u16),
            reserved: U16::ZERO,
            value: U32::new(*value),
        }));
        number
    }

    /// The number the next block will get.
    pub fn next_block(&self) -> u32 {
        self.blocks.len() as u32
    }

    /// Adds a task. Tasks are added in run order.
    pub fn task(&mut self, spec: &TaskSpec<'_>) -> u32 {
        let number = self.tasks.len() as u32;
        let module = self.string(spec.module);
        let label = self.string(spec.label);
        self.tasks.push(TaskRow {
            module: U32::new(module),
            label: U32::new(label),
            block: U32::new(spec.block),
            edges: U32::new(self.edges.len() as u32),
            edges_len: U32::new(spec.edges.len() as u32),
            mode: spec.mode as u8,
            flags: if spec.stops { TASK_STOPS } else { 0 }
                | if spec.keeps_result { TASK_KEEPS_RESULT } else { 0 }
                | if spec.demand { TASK_DEMAND } else { 0 }
                | if spec.test && spec.part.is_none() { TASK_TEST } else { 0 }
                | match spec.part {
                    None => 0,
                    Some(Part::Dry) => TASK_DRY,
                    Some(Part::Before) => TASK_BEFORE,
                },
            reserved: U16::ZERO,
        });
        self.edges.extend(spec.edges.iter().map(|(kind, task)| U32::new((*kind as u32) << EDGE_TASK_BITS | task)));
        if self.debug {
            self.debug_tasks.push(spec.place.row());
        }
        number
    }

    /// Notes that a task reacts to changes of another after the last task.
    pub fn listen(&mut self, target: u32, listener: u32) {
        self.listens.insert((target, listener));
    }

    /// Adds a list of tasks in ascending order, for an argument that names them; returns where it begins.
    pub fn selection(&mut self, tasks: &[u32]) -> u32 {
        let start = self.selections.len() as u32;
        self.selections.push(U32::new(tasks.len() as u32));
        self.selections.extend(tasks.iter().map(|task| U32::new(*task)));
        start
    }

    /// Notes that the code may read a fact.
    pub fn fact(&mut self, path: &str) {
        if !self.facts.contains(path) {
            self.facts.insert(path.into());
        }
    }

    /// Notes that a built-in is called.
    pub fn effect(&mut self, builtin: u16, effect: Effect) {
        self.effects.insert(builtin, effect);
    }

    /// The number of an asset.
    pub fn asset(&mut self, bytes: &[u8]) -> u32 {
        let hash = *blake3::hash(bytes).as_bytes();
        if let Some(number) = self.assets.iter().position(|row| row.hash == hash) {
            return number as u32;
        }
        self.assets.push(AssetRow {
            hash,
            offset: U64::new(self.asset_bytes.len() as u64),
            length: U64::new(bytes.len() as u64),
        });
        self.asset_bytes.extend_from_slice(bytes);
        self.assets.len() as u32 - 1
    }

    /// Adds a source file for the debug sections and returns its number.
    pub fn file(&mut self, name: &str) -> u32 {
        self.debug_files
            .push(DebugFileRow { offset: U32::new(self.debug_text.len() as u32), length: U32::new(name.len() as u32) });
        self.debug_text.extend_from_slice(name.as_bytes());
        self.debug_files.len() as u32 - 1
    }

    /// The first limit of the format that is exceeded, as a clause, if any.
    pub fn over_limit(&self) -> Option<String> {
        let over =
            |what: &str, n: usize, limit: u64| (n as u64 > limit).then(|| format!("{n} {what}, at most {limit}"));
        over("tasks", self.tasks.len(), limits::TASKS.into())
            .or_else(|| over("bytes of text", self.strings.len(), u32::MAX.into()))
            .or_else(|| over("bytes of constants", self.constants.len(), u32::MAX.into()))
            .or_else(|| over("bytes of code", self.code.len(), u32::MAX.into()))
            .or_else(|| over("arguments, guards or steps of one task", self.widest, u16::MAX.into()))
            .or_else(|| self.too_deep.then(|| format!("a value is nested over {} deep", limits::CONST_DEPTH)))
            .or_else(|| over("bytes of assets", self.asset_bytes.len(), limits::BUNDLE_BYTES / 2))
    }

    /// The bytes of the bundle.
    pub fn finish(mut self) -> Vec<u8> {
        let facts: Vec<U32> = {
            let facts = std::mem::take(&mut self.facts);
            facts.iter().map(|path| U32::new(self.string(path))).collect()
        };
        let effects: Vec<EffectRow> = self
            .effects
            .iter()
            .map(|(builtin, effect)| EffectRow { builtin: U16::new(*builtin), effect: U16::new(*effect as u16) })
            .collect();
        let listens: Vec<ListenRow> = self
            .listens
            .iter()
            .map(|(target, listener)| ListenRow { target: U32::new(*target), listener: U32::new(*listener) })
            .collect();
        self.string_offsets.push(U32::new(self.strings.len() as u32));
        self.constant_offsets.push(U32::new(self.constants.len() as u32));
        let meta = MetaRow { name: U32::new(self.name), edition: U32::new(self.edition) };
        if !self.debug {
            self.debug_files.clear();
            self.debug_text.clear();
        }
        let bytes_of = |section: Section| -> &[u8] {
            match section {
                Section::Meta => meta.as_bytes(),
                Section::StringOffsets => self.string_offsets.as_bytes(),
                Section::Strings => &self.strings,
                Section::ConstantOffsets => self.constant_offsets.as_bytes(),
                Section::Constants => &self.constants,
                Section::Chunks => self.chunks.as_bytes(),
                Section::Code => &self.code,
                Section::Args => self.args.as_bytes(),
                Section::Attrs => self.attrs.as_bytes(),
                Section::Blocks => self.blocks.as_bytes(),
                Section::Edges => self.edges.as_bytes(),
                Section::Tasks => self.tasks.as_bytes(),
                Section::Facts => facts.as_bytes(),
                Section::Effects => effects.as_bytes(),
                Section::Assets => self.assets.as_bytes(),
                Section::AssetBytes => &self.asset_bytes,
                Section::Listens => listens.as_bytes(),
                Section::Selections => self.selections.as_bytes(),
                Section::DebugFiles => self.debug_files.as_bytes(),
                Section::DebugText => &self.debug_text,
                Section::DebugTasks => self.debug_tasks.as_bytes(),
                Section::DebugCode => self.debug_code.as_bytes(),
            }
        };
        let present: Vec<(Section, &[u8])> = Section::TABLE
            .iter()
            .map(|&(section, ..)| (section, bytes_of(section)))
            .filter(|(_, bytes)| !bytes.is_empty())
            .collect();
        assemble(&present)
    }
}

/// What the code reaches: one more than the greatest task whose result it reads, and its effect.
fn reach_of(code: &[u8]) -> (u32, Effect) {
    let (mut pos, mut reads, mut effect) = (0, 0, Effect::None);
    while pos < code.len() {
        let Ok(op) = Op::decode(code, &mut pos) else { break };
        effect = effect.max(op.row().effect);
        if let Op::Result { task, .. } = op {
            reads = reads.max(task.0 + 1);
        }
    }
    (reads, effect)
}

/// Lays sections out behind header and table and fills in lengths and hashes.
pub fn assemble(sections: &[(Section, &[u8])]) -> Vec<u8> {
    let head = size_of::<Header>() + sections.len() * size_of::<SectionRow>();
    let length = head + sections.iter().map(|(_, bytes)| bytes.len()).sum::<usize>();
    let mut out = Vec::with_capacity(length);
    let mut header = Header {
        magic: MAGIC,
        format: U16::new(FORMAT),
        min_agent: U16::new(1),
        sections: U32::new(sections.len() as u32),
        length: U64::new(length as u64),
        root: [0; 32],
    };
    let mut offset = head as u64;
    let mut table = Vec::with_capacity(sections.len());
    for (section, bytes) in sections {
        table.push(SectionRow {
            kind: U32::new(*section as u32),
            rows: U32::new((bytes.len() / section.row_size()) as u32),
            offset: U64::new(offset),
            length: U64::new(bytes.len() as u64),
            hash: *blake3::hash(bytes).as_bytes(),
        });
        offset += bytes.len() as u64;
    }
    header.root = super::reader::root_hash(&header, &table);
    out.extend_from_slice(header.as_bytes());
    out.extend_from_slice(table.as_bytes());
    for (_, bytes) in sections {
        out.extend_from_slice(bytes);
    }
    out
}
