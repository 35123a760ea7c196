//! A bundle in rows, as a listing says them: nothing is shared, sorted or checked on the way to bytes.

use crate::bundle::rows::*;
use crate::bundle::{constants, reader, writer};
use crate::operand::{Operand, Reg, Span, Task};
use crate::{Effect, Op, Value};
use std::collections::{BTreeMap, HashMap};
use zerocopy::{FromBytes, IntoBytes};

/// The level of a bundle that does not name one.
pub(super) const DEFAULT_AGENT: u16 = 1;

/// All tables of a bundle.
#[derive(Default)]
pub(super) struct Draft {
    pub(super) agent: Option<u16>,
    pub(super) meta: Vec<MetaRow>,
    string_offsets: Vec<U32>,
    strings: Vec<u8>,
    string_index: HashMap<String, u32>,
    constant_offsets: Vec<U32>,
    constants: Vec<u8>,
    pub(super) chunks: Vec<ChunkRow>,
    pub(super) code: Vec<u8>,
    pub(super) args: Vec<ArgRow>,
    pub(super) attrs: Vec<AttrRow>,
    pub(super) blocks: Vec<BlockRow>,
    pub(super) edges: Vec<U32>,
    pub(super) tasks: Vec<TaskRow>,
    pub(super) facts: Vec<U32>,
    pub(super) effects: Vec<EffectRow>,
    pub(super) assets: Vec<AssetRow>,
    pub(super) asset_bytes: Vec<u8>,
    pub(super) listens: Vec<ListenRow>,
    pub(super) selections: Vec<U32>,
    pub(super) debug_files: Vec<DebugFileRow>,
    pub(super) debug_text: Vec<u8>,
    pub(super) debug_tasks: Vec<PlaceRow>,
    pub(super) debug_code: Vec<DebugCodeRow>,
    /// Sections whose bytes are given as they are, by number.
    pub(super) given: BTreeMap<u32, Vec<u8>>,
}

impl Draft {
    /// Adds a string at the end of the table.
    pub(super) fn add_string(&mut self, text: &str) -> u32 {
        let number = self.string_offsets.len() as u32;
        self.string_offsets.push(U32::new(self.strings.len() as u32));
        self.strings.extend_from_slice(text.as_bytes());
        self.string_index.entry(text.to_owned()).or_insert(number);
        number
    }

    /// The first string equal to `text`, added if there is none.
    pub(super) fn string(&mut self, text: &str) -> u32 {
        match self.string_index.get(text) {
            Some(number) => *number,
            None => self.add_string(text),
        }
    }

    pub(super) fn string_count(&self) -> usize {
        self.string_offsets.len()
    }

    /// Adds a constant.
    pub(super) fn constant(&mut self, value: &Value) {
        let mut bytes = Vec::new();
        constants::encode(value, &mut |text| self.string(text), &mut bytes);
        self.constant_bytes(&bytes);
    }

    /// Adds a constant as it is encoded.
    pub(super) fn constant_bytes(&mut self, bytes: &[u8]) {
        self.constant_offsets.push(U32::new(self.constants.len() as u32));
        self.constants.extend_from_slice(bytes);
    }

    pub(super) fn constant_count(&self) -> usize {
        self.constant_offsets.len()
    }

    /// The bytes of every section, empty ones included.
    pub(super) fn sections(&self) -> Vec<(Section, Vec<u8>)> {
        let with_end = |offsets: &[U32], end: usize| {
            let mut offsets = offsets.to_vec();
            offsets.push(U32::new(end as u32));
            offsets.as_bytes().to_vec()
        };
        let bytes_of = |section: Section| match section {
            Section::Meta => self.meta.as_bytes().to_vec(),
            Section::StringOffsets => with_end(&self.string_offsets, self.strings.len()),
            Section::Strings => self.strings.clone(),
            Section::ConstantOffsets => with_end(&self.constant_offsets, self.constants.len()),
            Section::Constants => self.constants.clone(),
            Section::Chunks => self.chunks.as_bytes().to_vec(),
            Section::Code => self.code.clone(),
            Section::Args => self.args.as_bytes().to_vec(),
            Section::Attrs => self.attrs.as_bytes().to_vec(),
            Section::Blocks => self.blocks.as_bytes().to_vec(),
            Section::Edges => self.edges.as_bytes().to_vec(),
            Section::Tasks => self.tasks.as_bytes().to_vec(),
            Section::Facts => self.facts.as_bytes().to_vec(),
            Section::Effects => self.effects.as_bytes().to_vec(),
            Section::Assets => self.assets.as_bytes().to_vec(),
            Section::AssetBytes => self.asset_bytes.clone(),
            Section::Listens => self.listens.as_bytes().to_vec(),
            Section::Selections => self.selections.as_bytes().to_vec(),
            Section::DebugFiles => self.debug_files.as_bytes().to_vec(),
            Section::DebugText => self.debug_text.clone(),
            Section::DebugTasks => self.debug_tasks.as_bytes().to_vec(),
            Section::DebugCode => self.debug_code.as_bytes().to_vec(),
        };
        let given = |section: Section| self.given.get(&(section as u32)).cloned();
        Section::TABLE
            .iter()
            .map(|&(section, ..)| (section, given(section).unwrap_or_else(|| bytes_of(section))))
            .collect()
    }

    /// The bundle.
    pub(super) fn finish(self) -> Vec<u8> {
        container(&self.sections(), self.agent.unwrap_or(DEFAULT_AGENT))
    }
}

/// The bundle of these sections, without those that are empty.
pub(super) fn container(sections: &[(Section, Vec<u8>)], agent: u16) -> Vec<u8> {
    let present: Vec<(Section, &[u8])> =
        sections.iter().filter(|(_, bytes)| !bytes.is_empty()).map(|(section, bytes)| (*section, &bytes[..])).collect();
    let mut bytes = writer::assemble(&present);
    if agent != DEFAULT_AGENT
        && let Ok((header, rest)) = Header::mut_from_prefix(&mut bytes)
        && let Ok((table, _)) = <[SectionRow]>::ref_from_prefix_with_elems(rest, present.len())
    {
        header.min_agent = U16::new(agent);
        header.root = reader::root_hash(header, table);
    }
    bytes
}

/// What code uses, as far as it can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reach {
    /// One more than the greatest register.
    pub(super) registers: u16,
    /// The most its ops do to the host.
    pub(super) effect: Effect,
    /// One more than the greatest task whose result it reads.
    pub(super) reads: u32,
}

/// What `code` uses.
pub(super) fn reach(code: &[u8]) -> Reach {
    let mut reach = Reach { registers: 0, effect: Effect::None, reads: 0 };
    let mut pos = 0;
    while pos < code.len() {
        let Ok(op) = Op::decode(code, &mut pos) else { break };
        reach.effect = reach.effect.max(op.row().effect);
        let text = op.to_string();
        for (kind, operand) in operands(op, &text) {
            if kind == Reg::KIND {
                let register = Reg::parse(operand).map_or(0, |r| u16::from(r.0) + 1);
                reach.registers = reach.registers.max(register);
            } else if kind == Span::KIND {
                let end = Span::parse(operand).map_or(0, |s| u16::from(s.start) + u16::from(s.count));
                reach.registers = reach.registers.max(end);
            } else if kind == Task::KIND {
                reach.reads = reach.reads.max(Task::parse(operand).map_or(0, |t| t.0.saturating_add(1)));
            }
        }
    }
    reach
}

/// The operands of a printed op with their kinds.
pub(super) fn operands(op: Op, text: &str) -> impl Iterator<Item = (&'static str, &str)> {
    let written = text.split_once(' ').map_or("", |(_, operands)| operands);
    op.row().operands.iter().map(|(_, kind)| *kind).zip(written.split(", "))
}
