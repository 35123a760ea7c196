//! The bundle container: what a build produces and an agent runs, as hand-laid sections read in place.
//!
//! ```text
//! header · section table · section · section · …        every number little endian, no padding between sections
//! ```
//! [`rows`] is the layout, [`writer`] makes bundles, [`reader`] gives checked views. Unaware of: what a task means.

pub mod attrs;
pub mod constants;
pub mod reader;
pub mod rows;
pub mod writer;

pub use attrs::{Attr, EdgeKind, ExecMode};
pub use reader::Bundle;
pub use writer::BundleWriter;

/// First bytes of every bundle.
pub const MAGIC: [u8; 4] = *b"IPCB";
/// The format this code writes and reads.
pub const FORMAT: u16 = 1;
/// The capability level of this code; a bundle names the least it needs.
pub const AGENT_LEVEL: u16 = 1;
