//! Damage: bytes changed at random, and runs that are given up before they take too long.

use crate::graphs::Rng;
use crate::runner::Ran;
use ipcmm_bytecode::bundle::rows::Section;
use ipcmm_bytecode::bundle::writer::assemble;
use ipcmm_vm::{Action, Host, Input, Mode, PolicyKind, Run, RunOptions, Verified};

/// A copy with a few bytes changed, removed, doubled or put in.
pub fn damaged(rng: &mut Rng, bytes: &[u8], tokens: &[&[u8]]) -> Vec<u8> {
    let mut out = bytes.to_vec();
    for _ in 0..1 + rng.below(4) {
        let at = rng.below(out.len() as u64 + 1) as usize;
        match rng.below(5) {
            0 if at < out.len() => out[at] ^= 1 << rng.below(8),
            1 if at < out.len() => drop(out.remove(at)),
            2 => out.truncate(at),
            3 => {
                let end = (at + 1 + rng.below(16) as usize).min(out.len());
                let piece = out[at.min(end)..end].to_vec();
                out.splice(at..at, piece);
            }
            _ => {
                let piece = if tokens.is_empty() { vec![rng.bits() as u8] } else { rng.pick(tokens).to_vec() };
                out.splice(at..at, piece);
            }
        }
    }
    out
}

/// The sections of a bundle that is sound.
pub fn sections(bundle: &ipcmm_bytecode::bundle::Bundle<'_>, bytes: &[u8]) -> Vec<(Section, Vec<u8>)> {
    let all: Vec<(Section, u64)> = bundle.sections().map(|(section, _, length)| (section, length)).collect();
    let mut at = bytes.len() - all.iter().map(|(_, length)| *length as usize).sum::<usize>();
    let mut sections = Vec::new();
    for (section, length) in all {
        sections.push((section, bytes[at..at + length as usize].to_vec()));
        at += length as usize;
    }
    sections
}

/// A copy in which some bytes of the sections are changed and all hashes are right.
pub fn forged(rng: &mut Rng, sections: &[(Section, Vec<u8>)]) -> Vec<u8> {
    let mut sections = sections.to_vec();
    for _ in 0..1 + rng.below(2) {
        let at = rng.below(sections.len() as u64) as usize;
        let bytes = &mut sections[at].1;
        let place = rng.below(bytes.len() as u64) as usize;
        bytes[place] = match rng.below(4) {
            0 => bytes[place] ^ (1 << rng.below(8)),
            1 => bytes[place].wrapping_add(1),
            2 => bytes[place].wrapping_sub(1),
            _ => rng.below(40) as u8,
        };
    }
    let parts: Vec<(Section, &[u8])> = sections.iter().map(|(s, b)| (*s, b.as_slice())).collect();
    assemble(&parts)
}

/// Runs a bundle for at most so many actions, then lets go of it.
pub fn try_run(bundle: &Verified<'_>, host: &dyn Host, mode: Mode, actions: usize) -> Ran {
    let mut ran = Ran { ends: vec![None; bundle.tasks().len()], ..Ran::default() };
    let options = RunOptions { mode, policy: PolicyKind::AsWritten, max_parallel: 2, seed: 1 };
    {
        let mut run = Run::new(bundle, host, &mut ran, options);
        let (mut now, mut done) = (0u64, 0);
        let mut todo = Vec::new();
        while let Some(action) = todo.pop().or_else(|| run.next(now)) {
            done += 1;
            if done > actions {
                break;
            }
            todo.extend(match action {
                Action::Call(task, call) => run.answer(task, Input::Reply(host.call(&call, &call.cancel)), now),
                Action::Probe(task, function, args) => run.answer(task, Input::Probe(host.probe(function, &args)), now),
                Action::Sleep(task, nanos) => {
                    now = now.saturating_add(nanos);
                    run.answer(task, Input::Woke, now)
                }
            });
        }
    }
    ran
}
