//! Layout of a bundle: header, section table and the row type of every section. All numbers are little endian
//! and unaligned, so a bundle can be read wherever it lies in memory.

pub use zerocopy::little_endian::{U16, U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

/// Calls `$m!` with every section: frozen number, variant, name, row type, doc. Sections stand in this order;
/// one without rows is left out.
#[macro_export]
macro_rules! for_each_section {
    ($m:ident) => {
        $m! {
            1 Meta "meta" MetaRow "One row: name, edition.";
            2 StringOffsets "string_offsets" U32 "Start of each string in `strings`, and the end of the last.";
            3 Strings "strings" u8 "UTF-8 text of all strings, back to back.";
            4 ConstantOffsets "constant_offsets" U32 "Start of each constant in `constants`, and the end of the last.";
            5 Constants "constants" u8 "Encoded constants, back to back.";
            6 Chunks "chunks" ChunkRow "Pieces of code, each one expression.";
            7 Code "code" u8 "Encoded ops of all chunks, back to back.";
            8 Args "args" ArgRow "Arguments of blocks.";
            9 Attrs "attrs" AttrRow "Control keywords of blocks.";
            10 Blocks "blocks" BlockRow "Bodies: a call of a built-in, or a sequence of such calls.";
            11 Edges "edges" U32 "Edges of tasks: kind in the upper four bits, an earlier task in the lower 28.";
            12 Tasks "tasks" TaskRow "Tasks in run order.";
            13 Facts "facts" U32 "Facts the code may read, as strings in ascending order.";
            14 Effects "effects" EffectRow "Built-ins that are called, in ascending order, and the most they can do.";
            15 Assets "assets" AssetRow "Files carried along.";
            16 AssetBytes "asset_bytes" u8 "Their bytes, back to back.";
            17 Listens "listens" ListenRow "Who reacts to whose changes after the last task, ordered by target, then by listener; they order nothing.";
            18 Selections "selections" U32 "Tasks that arguments name, each list with its length before it; they run on demand.";
            32 DebugFiles "debug_files" DebugFileRow "Source files; all debug sections can be stripped.";
            33 DebugText "debug_text" u8 "Their names, back to back.";
            34 DebugTasks "debug_tasks" PlaceRow "The place of each task's label.";
            35 DebugCode "debug_code" DebugCodeRow "The place of ops, by chunk and offset; a place holds until the next row.";
        }
    };
}

macro_rules! define_sections {
    ($($num:literal $variant:ident $name:literal $row:ty, $doc:literal;)*) => { define_sections!{@ $($num $variant $name $row, $doc;)*} };
    (@ $($num:literal $variant:ident $name:literal $row:ty, $doc:literal;)*) => {
        /// A section by its frozen number.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[repr(u32)]
        pub enum Section { $(#[doc = $doc] $variant = $num,)* }

        impl Section {
            /// All sections in numeric order: section, name, size of a row in bytes, doc.
            pub const TABLE: &'static [(Section, &'static str, usize, &'static str)] =
                &[$((Section::$variant, $name, size_of::<$row>(), $doc)),*];

            /// The section of a frozen number.
            pub const fn from_number(number: u32) -> Option<Section> {
                match number { $($num => Some(Section::$variant),)* _ => None }
            }

            /// The name in listings and messages.
            pub const fn name(self) -> &'static str {
                match self { $(Section::$variant => $name,)* }
            }

            /// Bytes of a row.
            pub const fn row_size(self) -> usize {
                match self { $(Section::$variant => size_of::<$row>(),)* }
            }
        }
    };
}
macro_rules! rows_with_commas {
    ($($num:literal $variant:ident $name:literal $row:ident $doc:literal;)*) => {
        define_sections! { $($num $variant $name $row, $doc;)* }
    };
}
for_each_section!(rows_with_commas);

macro_rules! row {
    ($(#[$meta:meta])* $name:ident { $($(#[doc = $doc:literal])* $field:ident: $ty:ty,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
        #[repr(C)]
        pub struct $name { $($(#[doc = $doc])* pub $field: $ty,)* }
    };
}

row! {
    /// The first bytes of a bundle.
    Header {
        /// [`super::MAGIC`]
        magic: [u8; 4],
        /// [`super::FORMAT`]
        format: U16,
        /// Least [`super::AGENT_LEVEL`] that can run it.
        min_agent: U16,
        /// Rows of the section table.
        sections: U32,
        /// Bytes of the whole bundle.
        length: U64,
        /// BLAKE3 of the header up to here and of the section table.
        root: [u8; 32],
    }
}
row! {
    /// A row of the section table.
    SectionRow {
        /// Frozen number of the section.
        kind: U32,
        /// How many rows it has.
        rows: U32,
        /// Where it starts in the bundle.
        offset: U64,
        /// How many bytes it has.
        length: U64,
        /// BLAKE3 of its bytes.
        hash: [u8; 32],
    }
}
row! {
    /// What the bundle is.
    MetaRow {
        /// Name, a string.
        name: U32,
        /// Edition of the language.
        edition: U32,
    }
}
row! {
    /// A piece of code.
    ChunkRow {
        /// First byte in `code`.
        offset: U32,
        /// Bytes of code.
        length: U32,
        /// Registers it uses.
        registers: U16,
        /// The most its ops do to the host: 0 none, 1 read.
        effect: U16,
        /// One more than the greatest task whose result it reads, 0 if none.
        reads: U32,
    }
}
row! {
    /// An argument.
    ArgRow {
        /// Parameter number of the block's built-in.
        param: U16,
        /// [`ArgKind`]
        kind: U16,
        /// Constant, chunk or asset, by kind.
        value: U32,
    }
}
row! {
    /// A control keyword of a block.
    AttrRow {
        /// [`super::Attr`]
        attr: U16,
        /// 0
        reserved: U16,
        /// Chunk, block, string or number, by attribute.
        value: U32,
    }
}
row! {
    /// A body: the call of a built-in, or (built-in 0) its children one after the other.
    BlockRow {
        /// Frozen number of the built-in, or 0 for a sequence.
        builtin: U16,
        /// Rows in `args`.
        args_len: U16,
        /// First row in `args`.
        args: U32,
        /// First row in `attrs`.
        attrs: U32,
        /// Rows in `attrs`.
        attrs_len: U16,
        /// Blocks of a sequence; 0 for a call.
        children_len: U16,
        /// First block of a sequence; it is greater than this block, and all are calls.
        children: U32,
    }
}
row! {
    /// A task.
    TaskRow {
        /// Module it belongs to, a string.
        module: U32,
        /// Name, a string.
        label: U32,
        /// Its body; of a part ([`TASK_DRY`], [`TASK_BEFORE`]) the later task whose body it shares.
        block: U32,
        /// First row in `edges`.
        edges: U32,
        /// Rows in `edges`.
        edges_len: U32,
        /// [`super::ExecMode`]
        mode: u8,
        /// [`TASK_STOPS`], [`TASK_KEEPS_RESULT`], [`TASK_TEST`], [`TASK_DEMAND`], and of a part [`TASK_DRY`] or [`TASK_BEFORE`].
        flags: u8,
        /// 0
        reserved: U16,
    }
}
row! {
    /// A task that reacts to the changes of another.
    ListenRow {
        /// The task that is listened to.
        target: U32,
        /// The task that reacts.
        listener: U32,
    }
}
row! {
    /// A built-in that is called.
    EffectRow {
        /// Frozen number of the built-in.
        builtin: U16,
        /// 0 none, 1 read, 2 change.
        effect: U16,
    }
}
row! {
    /// A file carried along.
    AssetRow {
        /// BLAKE3 of its bytes.
        hash: [u8; 32],
        /// First byte in `asset_bytes`.
        offset: U64,
        /// How many bytes.
        length: U64,
    }
}
row! {
    /// A source file.
    DebugFileRow {
        /// First byte of its name in `debug_text`.
        offset: U32,
        /// Bytes of its name.
        length: U32,
    }
}
row! {
    /// A place in a source file.
    PlaceRow {
        /// Row in `debug_files`.
        file: U32,
        /// Line, from 1.
        line: U32,
        /// Column in characters, from 1.
        column: U32,
    }
}
row! {
    /// The place of an op.
    DebugCodeRow {
        /// The chunk.
        chunk: U32,
        /// The offset in the chunk.
        pc: U32,
        /// The place.
        place: PlaceRow,
    }
}

/// The run stops if this task fails.
pub const TASK_STOPS: u8 = 1;
/// A later task reads the result of this one.
pub const TASK_KEEPS_RESULT: u8 = 2;
/// The row is a part of a later task: its dry run, by which others are decided.
pub const TASK_DRY: u8 = 4;
/// The row is a part of a later task: its first phase.
pub const TASK_BEFORE: u8 = 8;
/// The task is a dry run, whatever the run is. Its parts have not this flag: they are as their task.
pub const TASK_TEST: u8 = 16;

/// The task is on demand: it is no part of the main sequence, and runs when another task runs it by name. Its parts
/// have the flag too.
pub const TASK_DEMAND: u8 = 32;

/// What the value of an [`ArgRow`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum ArgKind {
    /// A constant.
    Constant = 0,
    /// A chunk, evaluated once before the call.
    Chunk = 1,
    /// A chunk the built-in evaluates when and as often as it wants.
    Thunk = 2,
    /// An asset, given as bytes.
    Asset = 3,
    /// Tasks on demand: where their list begins among the selections.
    Tasks = 4,
}

impl ArgKind {
    /// The kind of a frozen number.
    pub const fn from_number(number: u16) -> Option<ArgKind> {
        Some(match number {
            0 => ArgKind::Constant,
            1 => ArgKind::Chunk,
            2 => ArgKind::Thunk,
            3 => ArgKind::Asset,
            4 => ArgKind::Tasks,
            _ => return None,
        })
    }
}

/// Bits of an edge that hold the task.
pub const EDGE_TASK_BITS: u32 = 28;
