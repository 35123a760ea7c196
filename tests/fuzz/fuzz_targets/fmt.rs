#![no_main]
//! Any text that a reader takes without an error is laid out, and twice is once; and it goes into every format that
//! has room for it and comes back as the same tree. The first byte chooses the format.

use ipcmm_compiler::convert::{Role, convert, same_tree};
use ipcmm_compiler::diag::{Code, Diagnostics};
use ipcmm_compiler::doc::{Doc, Format, parse};
use ipcmm_compiler::fmt;
use ipcmm_compiler::source::FileId;
use libfuzzer_sys::fuzz_target;

const FORMATS: [Format; 4] = [Format::Yaml, Format::Json, Format::Xml, Format::Properties];

fn read(text: &str, format: Format) -> Option<Doc> {
    let mut problems = Diagnostics::default();
    let doc = parse(FileId(0), text, format, &mut problems);
    (!problems.has_errors()).then_some(doc)
}

fuzz_target!(|data: &[u8]| {
    let Some((first, rest)) = data.split_first() else { return };
    let Ok(text) = std::str::from_utf8(rest) else { return };
    let format = FORMATS[usize::from(*first) % FORMATS.len()];
    let Some(doc) = read(text, format) else { return };
    let mut problems = Diagnostics::default();
    let Some(once) = fmt::format(&doc, text, format, &mut problems) else {
        panic!("cannot be laid out as {}:\n{text}", format.name());
    };
    let again = read(&once, format).expect("a layout is read");
    let twice = fmt::format(&again, &once, format, &mut problems);
    assert_eq!(twice.as_ref(), Some(&once), "{}", format.name());
    for to in FORMATS {
        let mut problems = Diagnostics::default();
        let converted = convert(&doc, text, format, to, Role::Data, &mut problems);
        let Some(converted) = converted.filter(|_| problems.is_empty()) else {
            let known = |code| matches!(code, Code::SeveralDocuments | Code::CannotCarry | Code::SpellingChanged);
            assert!(problems.iter().all(|problem| known(problem.code)));
            continue;
        };
        let back = read(&converted.text, to).unwrap_or_else(|| panic!("{} does not read\n{}", to.name(), converted.text));
        assert!(same_tree(&doc, &back), "{}\n{}", to.name(), converted.text);
    }
});
