#![no_main]
//! A bundle is refused, or it verifies and then runs without a panic.
//!
//! A bundle whose hashes are wrong is refused at once, so the input is not a bundle but its sections: for each a byte
//! for its number, two for its length, and its bytes. The hashes are then made right.

use ipcmm_bytecode::bundle::rows::Section;
use ipcmm_bytecode::bundle::writer::assemble;
use ipcmm_bytecode::{Fault, Function, Value};
use ipcmm_stdlib::Stdlib;
use ipcmm_vm::observe::Blind;
use ipcmm_vm::{Action, Call, Cancel, Host, Input, Mode, PolicyKind, Reply, Run, RunOptions, verify};
use libfuzzer_sys::fuzz_target;

struct Nobody;

impl Host for Nobody {
    fn call(&self, call: &Call, _: &Cancel) -> Reply {
        Reply { changed: call.attempt % 2 == 0, ..Reply::unchanged(Value::Null) }
    }
    fn probe(&self, _: Function, args: &[Value]) -> Result<Value, Fault> {
        Ok(Value::Bool(args.len() == 1))
    }
    fn fact(&self, path: &str) -> Result<Value, Fault> {
        Ok(Value::str(path))
    }
}

fn sections(mut data: &[u8]) -> Vec<(Section, &[u8])> {
    let mut sections = Vec::new();
    while let [number, low, high, rest @ ..] = data {
        let length = usize::from(u16::from_le_bytes([*low, *high])).min(rest.len());
        let Some(section) = Section::from_number((*number).into()) else { break };
        sections.push((section, &rest[..length]));
        data = &rest[length..];
    }
    sections
}

fuzz_target!(|data: &[u8]| {
    let _ = verify(data, &Stdlib);
    let bytes = assemble(&sections(data));
    let Ok(bundle) = verify(&bytes, &Stdlib) else { return };
    for mode in [Mode::Check, Mode::Apply] {
        let mut blind = Blind;
        let options = RunOptions { mode, policy: PolicyKind::AsWritten, max_parallel: 2, seed: 1 };
        let mut run = Run::new(&bundle, &Nobody, &mut blind, options);
        let (mut now, mut todo) = (0u64, Vec::new());
        for _ in 0..200 {
            let Some(action) = todo.pop().or_else(|| run.next(now)) else { break };
            todo.extend(match action {
                Action::Call(task, call) => run.answer(task, Input::Reply(Nobody.call(&call, &call.cancel)), now),
                Action::Probe(task, function, args) => {
                    run.answer(task, Input::Probe(Nobody.probe(function, &args)), now)
                }
                Action::Sleep(task, nanos) => {
                    now = now.saturating_add(nanos);
                    run.answer(task, Input::Woke, now)
                }
            });
        }
    }
});
