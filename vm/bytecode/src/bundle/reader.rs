//! Checked views of a bundle's bytes. [`Bundle::open`] checks the container: magic, format, lengths, order, hashes,
//! row sizes. What the rows mean to each other is checked by the verifier of the VM; until then a [`Bundle`] is only
//! good for looking at, and every accessor is total.

use super::rows::*;
use super::{AGENT_LEVEL, EdgeKind, FORMAT, MAGIC, constants};
use crate::{Fault, FaultKind, Value, limits};
use std::sync::Arc;
use zerocopy::little_endian::U32;
use zerocopy::{FromBytes, IntoBytes};

/// BLAKE3 of a header up to its root, and of its section table.
pub fn root_hash(header: &Header, table: &[SectionRow]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    let bytes = header.as_bytes();
    hasher.update(&bytes[..bytes.len() - size_of_val(&header.root)]);
    hasher.update(table.as_bytes());
    *hasher.finalize().as_bytes()
}

/// BLAKE3 of a whole file, as it is named in listings and compared by the figures.
pub fn content_hash(bytes: &[u8]) -> [u8; 32] {
    *blake3::hash(bytes).as_bytes()
}

macro_rules! define_bundle {
    ($($num:literal $variant:ident $name:literal $row:ident $doc:literal;)*) => {
        /// Views of all sections; an absent section is empty.
        #[derive(Clone, Copy, Debug)]
        #[allow(non_snake_case, reason = "fields are named after the sections of the table")]
        struct Views<'a> { $($variant: &'a [$row],)* }

        impl<'a> Views<'a> {
            const EMPTY: Views<'static> = Views { $($variant: &[],)* };

            fn set(&mut self, section: Section, bytes: &'a [u8]) -> Result<(), Fault> {
                match section { $(Section::$variant => {
                    self.$variant = <[$row]>::ref_from_bytes(bytes)
                        .map_err(|_| Fault::new(FaultKind::BadSection, format!("`{}` is no whole number of rows", $name)))?;
                })* }
                Ok(())
            }
        }
    };
}
crate::for_each_section!(define_bundle);

/// A bundle whose container is sound.
#[derive(Clone, Copy, Debug)]
pub struct Bundle<'a> {
    views: Views<'a>,
    header: &'a Header,
    table: &'a [SectionRow],
}

fn view_error(what: &str) -> Fault {
    Fault::new(FaultKind::Truncated, what.to_string())
}

impl<'a> Bundle<'a> {
    /// Checks the container and gives views of its sections. Allocates nothing.
    pub fn open(bytes: &'a [u8]) -> Result<Bundle<'a>, Fault> {
        if bytes.len() as u64 > limits::BUNDLE_BYTES {
            return Err(Fault::new(
                FaultKind::LimitExceeded,
                format!("{} bytes, at most {}", bytes.len(), limits::BUNDLE_BYTES),
            ));
        }
        if !bytes.starts_with(&MAGIC) {
            return Err(Fault::new(FaultKind::NotABundle, "its first bytes are not `IPCB`"));
        }
        let (header, rest) = Header::ref_from_prefix(bytes).map_err(|_| view_error("inside the header"))?;
        if header.format.get() != FORMAT {
            return Err(Fault::new(
                FaultKind::UnknownFormat,
                format!("format {}, this agent reads {FORMAT}", header.format),
            ));
        }
        if header.min_agent.get() > AGENT_LEVEL {
            return Err(Fault::new(
                FaultKind::NewerAgent,
                format!("level {}, this agent has {AGENT_LEVEL}", header.min_agent),
            ));
        }
        if header.length.get() != bytes.len() as u64 {
            let detail = format!("{} bytes, its header says {}", bytes.len(), header.length);
            return Err(Fault::new(FaultKind::Truncated, detail));
        }
        let sections = header.sections.get();
        if sections > limits::SECTIONS {
            return Err(Fault::new(
                FaultKind::LimitExceeded,
                format!("{sections} sections, at most {}", limits::SECTIONS),
            ));
        }
        let (table, _) = <[SectionRow]>::ref_from_prefix_with_elems(rest, sections as usize)
            .map_err(|_| view_error("inside the section table"))?;
        if root_hash(header, table) != header.root {
            return Err(Fault::new(FaultKind::HashMismatch, "the section table does not have the hash in the header"));
        }
        let mut bundle = Bundle { views: Views::EMPTY, header, table };
        bundle.fill(bytes)?;
        Ok(bundle)
    }

    /// Checks that sections follow each other without gaps, in the order of the table, and sets the views.
    fn fill(&mut self, bytes: &'a [u8]) -> Result<(), Fault> {
        let mut end = (size_of::<Header>() + size_of_val(self.table)) as u64;
        let mut previous = 0;
        for row in self.table {
            let kind = row.kind.get();
            let bad = |what: &str| Fault::new(FaultKind::BadSection, format!("section {kind} {what}"));
            let section = Section::from_number(kind).ok_or_else(|| bad("is not known"))?;
            if kind <= previous {
                return Err(bad("is out of order or there twice"));
            }
            let (offset, length) = (row.offset.get(), row.length.get());
            if offset != end || length == 0 {
                return Err(bad("does not begin where the one before ends"));
            }
            end = offset.checked_add(length).ok_or_else(|| bad("has an impossible length"))?;
            let content = bytes.get(offset as usize..end as usize).ok_or_else(|| bad("reaches past the end"))?;
            if u64::from(row.rows.get()) * section.row_size() as u64 != length {
                return Err(bad("is no whole number of rows"));
            }
            if *blake3::hash(content).as_bytes() != row.hash {
                return Err(Fault::new(FaultKind::HashMismatch, format!("section `{}`", section.name())));
            }
            self.views.set(section, content)?;
            previous = kind;
        }
        if end != bytes.len() as u64 {
            return Err(Fault::new(FaultKind::BadSection, "bytes are left over behind the last section"));
        }
        Ok(())
    }

    /// Hash that names the bundle.
    pub fn root(&self) -> [u8; 32] {
        self.header.root
    }

    /// The section table.
    pub fn sections(&self) -> impl Iterator<Item = (Section, u32, u64)> + 'a {
        self.table.iter().filter_map(|r| Some((Section::from_number(r.kind.get())?, r.rows.get(), r.length.get())))
    }

    /// The row that says what the bundle is.
    pub fn meta(&self) -> Option<&'a MetaRow> {
        self.views.Meta.first()
    }

    /// The name of the bundle.
    pub fn name(&self) -> &'a str {
        self.meta().and_then(|m| self.string(m.name.get())).unwrap_or("")
    }

    /// How many strings.
    pub fn string_count(&self) -> u32 {
        (self.views.StringOffsets.len() as u32).saturating_sub(1)
    }

    /// Offsets and bytes of all strings, for the verifier.
    pub fn raw_strings(&self) -> (&'a [U32], &'a [u8]) {
        (self.views.StringOffsets, self.views.Strings)
    }

    /// A string.
    pub fn string(&self, number: u32) -> Option<&'a str> {
        std::str::from_utf8(slice_at(self.views.StringOffsets, self.views.Strings, number)?).ok()
    }

    /// How many constants.
    pub fn constant_count(&self) -> u32 {
        (self.views.ConstantOffsets.len() as u32).saturating_sub(1)
    }

    /// Offsets and bytes of all constants, for the verifier.
    pub fn raw_constants(&self) -> (&'a [U32], &'a [u8]) {
        (self.views.ConstantOffsets, self.views.Constants)
    }

    /// The encoded bytes of a constant.
    pub fn constant_bytes(&self, number: u32) -> Option<&'a [u8]> {
        slice_at(self.views.ConstantOffsets, self.views.Constants, number)
    }

    /// A constant.
    pub fn constant(&self, number: u32) -> Result<Value, Fault> {
        let bytes = self
            .constant_bytes(number)
            .ok_or_else(|| Fault::new(FaultKind::BadConstant, format!("there is no constant {number}")))?;
        constants::decode(bytes, &|string| self.string(string).map(Arc::from))
    }

    /// The text of a constant that is text.
    pub fn constant_text(&self, number: u32) -> Option<&'a str> {
        self.string(constants::text(self.constant_bytes(number)?)?)
    }

    /// All chunks.
    pub fn chunks(&self) -> &'a [ChunkRow] {
        self.views.Chunks
    }

    /// The code of all chunks.
    pub fn code(&self) -> &'a [u8] {
        self.views.Code
    }

    /// The code of a chunk.
    pub fn chunk_code(&self, number: u32) -> Option<&'a [u8]> {
        let row = self.views.Chunks.get(number as usize)?;
        range(self.views.Code, row.offset.get(), row.length.get())
    }

    /// All arguments.
    pub fn args(&self) -> &'a [ArgRow] {
        self.views.Args
    }

    /// All attributes.
    pub fn attrs(&self) -> &'a [AttrRow] {
        self.views.Attrs
    }

    /// All blocks.
    pub fn blocks(&self) -> &'a [BlockRow] {
        self.views.Blocks
    }

    /// All edges.
    pub fn edges(&self) -> &'a [U32] {
        self.views.Edges
    }

    /// All tasks.
    pub fn tasks(&self) -> &'a [TaskRow] {
        self.views.Tasks
    }

    /// Arguments of a block.
    pub fn block_args(&self, block: &BlockRow) -> &'a [ArgRow] {
        range(self.views.Args, block.args.get(), block.args_len.get().into()).unwrap_or(&[])
    }

    /// Attributes of a block.
    pub fn block_attrs(&self, block: &BlockRow) -> &'a [AttrRow] {
        range(self.views.Attrs, block.attrs.get(), block.attrs_len.get().into()).unwrap_or(&[])
    }

    /// Edges of a task. Edges of a kind this agent does not know are left out; the verifier refuses them.
    pub fn task_edges(&self, task: &TaskRow) -> impl ExactSizeIterator<Item = (Option<EdgeKind>, u32)> + 'a {
        let rows = range(self.views.Edges, task.edges.get(), task.edges_len.get()).unwrap_or(&[]);
        rows.iter().map(|row| unpack_edge(row.get()))
    }

    /// Who listens to whom.
    pub fn listens(&self) -> &'a [ListenRow] {
        self.views.Listens
    }

    /// All lists of tasks that arguments name.
    pub fn selections(&self) -> &'a [U32] {
        self.views.Selections
    }

    /// The list of tasks that begins at a row of the selections.
    pub fn selection(&self, start: u32) -> Option<&'a [U32]> {
        let length = self.views.Selections.get(start as usize)?.get();
        range(self.views.Selections, start.checked_add(1)?, length)
    }

    /// Whether a task runs only when another runs it by name.
    pub fn is_on_demand(&self, task: u32) -> bool {
        self.views.Tasks.get(task as usize).is_some_and(|row| row.flags & TASK_DEMAND != 0)
    }

    /// Whether a row is only a part of a task: no outcome is reported of it.
    pub fn is_part(&self, task: u32) -> bool {
        self.views.Tasks.get(task as usize).is_some_and(|row| row.flags & (TASK_DRY | TASK_BEFORE) != 0)
    }

    /// The task a row belongs to: itself, or of a part the task whose body it shares.
    pub fn owner(&self, task: u32) -> u32 {
        let mut owner = task;
        // A dry run may be that of a first phase; there is no longer way.
        for _ in 0..2 {
            match self.views.Tasks.get(owner as usize) {
                Some(row) if row.flags & (TASK_DRY | TASK_BEFORE) != 0 => owner = row.block.get(),
                _ => break,
            }
        }
        owner
    }

    /// The name of a task.
    pub fn label(&self, task: u32) -> &'a str {
        self.views.Tasks.get(task as usize).and_then(|row| self.string(row.label.get())).unwrap_or("")
    }

    /// The module of a task.
    pub fn module(&self, task: u32) -> &'a str {
        self.views.Tasks.get(task as usize).and_then(|row| self.string(row.module.get())).unwrap_or("")
    }

    /// Facts the code may read.
    pub fn facts(&self) -> &'a [U32] {
        self.views.Facts
    }

    /// Built-ins that are called.
    pub fn effects(&self) -> &'a [EffectRow] {
        self.views.Effects
    }

    /// All assets.
    pub fn assets(&self) -> &'a [AssetRow] {
        self.views.Assets
    }

    /// The bytes of an asset, checked against its hash.
    pub fn asset(&self, number: u32) -> Result<&'a [u8], Fault> {
        let bad = || Fault::new(FaultKind::BadAsset, format!("asset {number}"));
        let row = self.views.Assets.get(number as usize).ok_or_else(bad)?;
        let end = row.offset.get().checked_add(row.length.get()).ok_or_else(bad)?;
        let bytes = self.views.AssetBytes.get(row.offset.get() as usize..end as usize).ok_or_else(bad)?;
        if *blake3::hash(bytes).as_bytes() == row.hash { Ok(bytes) } else { Err(bad()) }
    }

    /// The name of a source file.
    pub fn debug_file(&self, number: u32) -> Option<&'a str> {
        let row = self.views.DebugFiles.get(number as usize)?;
        std::str::from_utf8(range(self.views.DebugText, row.offset.get(), row.length.get())?).ok()
    }

    /// All debug rows: files, places of tasks, places of ops.
    pub fn debug(&self) -> (&'a [DebugFileRow], &'a [PlaceRow], &'a [DebugCodeRow]) {
        (self.views.DebugFiles, self.views.DebugTasks, self.views.DebugCode)
    }

    /// The place of a task's label: file, line, column.
    pub fn task_place(&self, task: u32) -> Option<(&'a str, u32, u32)> {
        let row = self.views.DebugTasks.get(task as usize)?;
        Some((self.debug_file(row.file.get())?, row.line.get(), row.column.get()))
    }

    /// The place of an op: file, line, column.
    pub fn code_place(&self, chunk: u32, pc: u32) -> Option<(&'a str, u32, u32)> {
        let rows = self.views.DebugCode;
        let behind = rows.partition_point(|r| (r.chunk.get(), r.pc.get()) <= (chunk, pc));
        let row = rows.get(behind.checked_sub(1)?)?;
        let place = &row.place;
        (row.chunk.get() == chunk).then_some((self.debug_file(place.file.get())?, place.line.get(), place.column.get()))
    }
}

/// Kind and task of a packed edge.
pub fn unpack_edge(edge: u32) -> (Option<EdgeKind>, u32) {
    (EdgeKind::from_number((edge >> EDGE_TASK_BITS) as u8), edge & ((1 << EDGE_TASK_BITS) - 1))
}

fn range<T>(rows: &[T], start: u32, len: u32) -> Option<&[T]> {
    rows.get(start as usize..(start as usize).checked_add(len as usize)?)
}

fn slice_at<'a>(offsets: &[U32], bytes: &'a [u8], number: u32) -> Option<&'a [u8]> {
    let start = offsets.get(number as usize)?.get();
    let end = offsets.get(number as usize + 1)?.get();
    bytes.get(start as usize..end as usize)
}
