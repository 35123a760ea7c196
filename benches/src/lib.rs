//! Generated workloads, the same logical work that the peers are given.
//!
//! - **W1** `n` small files with content and mode in a layered graph, each depends on two of the layer before;
//! - **W2** `n` commands `true` in the same graph, unguarded or guarded by `creates`;
//! - **G** the same graph of `nop`s.
//!
//! Unaware of: how they are measured. `benches/` has a target per stage, `figures` makes the table of `RESULTS.md`.

use std::fmt::Write;

/// Tasks of one layer.
pub const LAYER: usize = 100;

/// The two tasks of the layer before that task `i` waits for; none in the first layer.
pub fn targets(i: usize) -> Option<[usize; 2]> {
    let (layer, place) = (i / LAYER, i % LAYER);
    let before = layer.checked_sub(1)? * LAYER;
    Some([before + place, before + (place * 7 + 3) % LAYER])
}

/// The content of file `i`, about 130 bytes.
pub fn content(i: usize) -> String {
    let mix = |factor: u64| (i as u64).wrapping_mul(factor) ^ 0x5bd1_e995_9e37_79b9;
    format!(
        "# managed by bench: resource {i:05}\nid = {i}\nlayer = {}\nlisten = 10.{}.{}.{}\npayload = {:016x}{:016x}{:016x}\n",
        i / LAYER,
        i / 65536,
        i / 256 % 256,
        i % 256,
        mix(0x9e37_79b9_7f4a_7c15),
        mix(0xbf58_476d_1ce4_e5b9),
        mix(0x94d0_49bb_1331_11eb),
    )
}

fn graph(n: usize, mut body: impl FnMut(&mut String, usize)) -> String {
    let mut text = String::from("ipcmm: 1\n");
    for i in 0..n {
        let _ = writeln!(text, "f{i:05}:");
        body(&mut text, i);
        if let Some([a, b]) = targets(i) {
            let _ = writeln!(text, "  requires: [f{a:05}, f{b:05}]");
        }
    }
    text
}

/// W1: files in `folder`.
pub fn files(n: usize, folder: &str) -> String {
    graph(n, |text, i| {
        let _ = writeln!(
            text,
            "  ipcmm.filesystem.file:\n    args:\n      path: {folder}/f{i:05}.conf\n      mode: \"0644\"\n      content: |"
        );
        for line in content(i).lines() {
            let _ = writeln!(text, "        {line}");
        }
    })
}

/// W2: commands, guarded by `creates` if a path is given.
pub fn commands(n: usize, creates: Option<&str>) -> String {
    graph(n, |text, _| {
        let guard = creates.map(|path| format!(", creates: {path}")).unwrap_or_default();
        let _ = writeln!(text, "  ipcmm.run.cmd: {{args: {{argv: [/bin/true]{guard}}}}}");
    })
}

/// G: nothing but the graph.
pub fn nops(n: usize) -> String {
    graph(n, |text, _| text.push_str("  ipcmm.nop:\n"))
}

/// The bundle of a generated module. Generated modules have no problems.
pub fn bundle(text: &str) -> Vec<u8> {
    let file = (std::path::PathBuf::from("w.ipcmm.yaml"), text.as_bytes().to_vec());
    let world: ipcmm_compiler::world::memory::MemoryWorld = [file].into_iter().collect();
    let options = ipcmm_compiler::BuildOptions { debug: true, check_only: false };
    ipcmm_compiler::build(&world, &["w.ipcmm.yaml".into()], options).bundle.unwrap_or_default()
}

/// A host for graphs that ask it nothing.
#[derive(Clone, Copy, Debug)]
pub struct NoHost;

impl ipcmm_vm::Host for NoHost {
    fn call(&self, _: &ipcmm_vm::Call, _: &ipcmm_vm::Cancel) -> ipcmm_vm::Reply {
        ipcmm_vm::Reply::unchanged(ipcmm_bytecode::Value::Null)
    }
    fn probe(
        &self,
        _: ipcmm_bytecode::Function,
        _: &[ipcmm_bytecode::Value],
    ) -> Result<ipcmm_bytecode::Value, ipcmm_bytecode::Fault> {
        Ok(ipcmm_bytecode::Value::Null)
    }
    fn fact(&self, _: &str) -> Result<ipcmm_bytecode::Value, ipcmm_bytecode::Fault> {
        Ok(ipcmm_bytecode::Value::Null)
    }
}

/// Runs a bundle under the virtual clock.
pub fn schedule(bundle: &ipcmm_vm::Verified<'_>, policy: ipcmm_vm::PolicyKind) -> u64 {
    let mut blind = ipcmm_vm::observe::Blind;
    let options = ipcmm_vm::RunOptions { mode: ipcmm_vm::Mode::Apply, policy, max_parallel: 4, seed: 0 };
    let mut run = ipcmm_vm::Run::new(bundle, &NoHost, &mut blind, options);
    ipcmm_vm::virtual_clock::drive(&mut run, &NoHost)
}
