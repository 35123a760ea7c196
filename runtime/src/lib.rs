//! The host of the VM: the only crate that touches a machine.
//!
//! [`system`] is the only door to the operating system, [`builtins`] holds one file for each built-in,
//! [`facts`] answers what the node is, [`journal`] keeps what a run does, [`secrets`] what nobody may see, [`host`] puts
//! them behind the VM's `Host` trait.
//! Unaware of: the source language, and how a bundle reached the node. Start reading at [`host`].

pub mod args;
pub mod builtins;
pub mod driver;
pub mod facts;
mod foresee;
pub mod host;
pub mod journal;
mod noting;
pub mod policy;
pub mod progress;
pub mod reactor;
pub mod report;
pub mod secrets;
pub mod state;
pub mod system;
