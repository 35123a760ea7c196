#![no_main]
//! Any text is read as an expression, as a scalar with expressions in it and as a type, without a panic, and every
//! problem lies inside the text.

use ipcmm_grammar::{parse, parse_template, parse_type};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let inside = |start: u32, end: u32| text.get(start as usize..end as usize).is_some();
    let parsed = parse(text);
    assert!(parsed.problems.iter().all(|p| inside(p.span.start, p.span.end)));
    let template = parse_template(text);
    assert!(template.problems.iter().all(|p| inside(p.span.start, p.span.end)));
    let _ = parse_type(text);
});
