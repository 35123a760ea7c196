//! From bundle bytes to a report: what the agent does, as a library, so that `ipcmm apply` on the operator's own
//! machine takes the very same path.
//!
//! Unaware of: where bundles come from. Start reading at [`execute`].

pub mod console;
pub mod execute;
pub mod history;
pub mod policy;
pub mod read;
pub mod serve;
mod session;
pub mod settings;
pub mod tell;
