#![no_main]
//! Any bytes are a source file: what comes of them is diagnostics, or a bundle that verifies; never a panic.

use ipcmm_compiler::world::memory::MemoryWorld;
use ipcmm_compiler::{BuildOptions, build};
use ipcmm_stdlib::Stdlib;
use libfuzzer_sys::fuzz_target;
use std::path::PathBuf;

fuzz_target!(|data: &[u8]| {
    let path = PathBuf::from("case.ipcmm.yaml");
    let world: MemoryWorld = [(path.clone(), data.to_vec())].into_iter().collect();
    let build = build(&world, &[path], BuildOptions { debug: true, check_only: false });
    for diagnostic in build.diagnostics.iter() {
        if let Some((file, span)) = diagnostic.place {
            let text = &build.sources.file(file).text;
            assert!(text.get(span.start as usize..span.end as usize).is_some(), "{diagnostic:?}");
        }
    }
    if let Some(bytes) = build.bundle {
        ipcmm_vm::verify(&bytes, &Stdlib).expect("what is emitted verifies");
    }
});
