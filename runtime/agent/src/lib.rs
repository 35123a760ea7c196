//! From bundle bytes to a report: what the agent does, as a library, so that `ipcmm apply` on the operator's own
//! machine takes the very same path.
//!
//! Unaware of: where bundles come from. Start reading at [`execute`].

pub mod console;
pub mod execute;
pub mod read;
pub mod serve;
pub mod settings;
