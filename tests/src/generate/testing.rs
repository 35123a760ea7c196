//! The page of test documents: their words.

use super::markdown::{Page, code};
use ipcmm_testing::vocabulary::{ERRORS, Group};

pub(super) fn words() -> String {
    let mut page = Page::new("Words of test documents", "compiler/testing/src/vocabulary.rs");
    page.part(
        "A document is a map of cases; the words under `defaults` hold for all of them. A name in capitals stands for a map \
         of the words of another group.",
    );
    for (group, name, doc) in Group::TABLE {
        page.section(&format!("{name}: {}", doc.trim().trim_end_matches('.')));
        let row = |word: &ipcmm_testing::vocabulary::Word| {
            let status = if word.is_there { "now" } else { "later" };
            vec![code(word.name), status.to_owned(), code(word.ty), word.doc.trim().to_owned()]
        };
        page.table(&["word", "status", "type", "meaning"], group.words().iter().map(row));
    }
    page.section("ERROR: what the operating system says");
    let row = |(name, kind, words): &(&str, ipcmm_bytecode::FaultKind, &str)| {
        vec![code(name), kind.to_string(), (*words).to_owned()]
    };
    page.table(&["word", "fault", "text"], ERRORS.iter().map(row));
    page.finish()
}
