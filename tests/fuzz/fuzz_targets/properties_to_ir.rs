#![no_main]
//! Any bytes are a source file in Java properties: what comes of them is diagnostics, or a bundle that verifies; never a panic.

use ipcmm_compiler::world::memory::MemoryWorld;
use ipcmm_compiler::{BuildOptions, build};
use ipcmm_stdlib::Stdlib;
use libfuzzer_sys::fuzz_target;
use std::path::PathBuf;

fuzz_target!(|data: &[u8]| {
    let path = PathBuf::from("case.ipcmm.properties");
    let world: MemoryWorld = [(path.clone(), data.to_vec())].into_iter().collect();
    let build = build(&world, &[path], BuildOptions { debug: true, check_only: false });
    let inside = |file, span: ipcmm_compiler::doc::Span| {
        build.sources.file(file).text.get(span.start as usize..span.end as usize).is_some()
    };
    for diagnostic in build.diagnostics.iter() {
        assert!(diagnostic.place.is_none_or(|(file, span)| inside(file, span)), "{diagnostic:?}");
        assert!(diagnostic.fix.as_ref().is_none_or(|fix| inside(fix.file, fix.span)), "{diagnostic:?}");
    }
    for doc in &build.docs {
        assert!(doc.nodes.iter().all(|node| inside(doc.file, node.span)));
    }
    if let Some(bytes) = build.bundle {
        ipcmm_vm::verify(&bytes, &Stdlib).expect("what is emitted verifies");
    }
});
