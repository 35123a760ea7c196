//! The built-ins, called as the VM calls them: on a scratch root and on the fake node with equal results,
//! and, for commands, on the machine itself. Cases that need root say so and are left out without it.

#[path = "real/commands.rs"]
mod commands;
#[path = "real/faults.rs"]
mod faults;
#[path = "real/files.rs"]
mod files;
#[path = "real/safety.rs"]
mod safety;

use ipcmm_bytecode::Value;
use ipcmm_runtime::host::SystemHost;
use ipcmm_runtime::system::{Real, System};
use ipcmm_stdlib::by_name;
use ipcmm_vm::host::{Call, Cancel, Host, Mode, Phase, Reply};
use std::sync::Arc;

/// A call that has only a built-in and arguments yet.
fn call(builtin: &str, args: &[(&str, Value)]) -> Call {
    let row = by_name(builtin).expect("a built-in of the table");
    let number = |name: &str| row.param(name).expect("a parameter of the row");
    let mut args: Vec<(u16, Value)> = args.iter().map(|(name, value)| (number(name), value.clone())).collect();
    args.sort_by_key(|(number, _)| *number);
    Call {
        task: 0,
        builtin: row.number(),
        args,
        mode: Mode::Apply,
        phase: Phase::Body,
        attempt: 1,
        runas: None,
        env: Arc::new([]),
        timeout: None,
        cancel: Cancel::default(),
    }
}

fn run<S: System>(host: &SystemHost<S>, call: &Call) -> Reply {
    host.call(call, &Cancel::default())
}

/// The machine itself.
fn machine() -> SystemHost<Real> {
    SystemHost::new(Real::new(None).expect("the machine"))
}

fn strs(items: &[&str]) -> Value {
    Value::list(items.iter().map(|s| Value::str(*s)).collect())
}

fn is_root() -> bool {
    let root = rustix::process::geteuid().is_root();
    if !root {
        println!("left out: not root");
    }
    root
}
