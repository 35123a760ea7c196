//! The page of limits: what a source may be, and what a bundle and its evaluation may be.

use super::markdown::{Page, code};
use ipcmm_bytecode::limits;
use ipcmm_compiler::diag::Code;
use ipcmm_compiler::doc::{self, builder};
use ipcmm_compiler::{MAX_ASSET_BYTES, expand, load};
use ipcmm_grammar::{ast, parse, type_syntax};

/// What is limited, the limit, and what is reported beyond it.
const SOURCES: &[(&str, usize, Code)] = &[
    ("Bytes of a source.", doc::MAX_SOURCE_BYTES, Code::TooLarge),
    ("Nodes of a document, with what aliases stand for.", builder::MAX_NODES, Code::TooLarge),
    ("Lists and maps within each other.", builder::MAX_DEPTH, Code::TooDeep),
    ("Nodes that aliases may add to any document.", builder::FREE_NODES, Code::AliasBudget),
    ("Nodes that aliases may add besides, for each that is written.", builder::NODES_EACH, Code::AliasBudget),
    ("Bytes of text that aliases may add to any document.", builder::FREE_BYTES, Code::AliasBudget),
    ("Bytes of text that they may add besides, for each that is written.", builder::BYTES_EACH, Code::AliasBudget),
    ("Bytes of an expression.", parse::MAX_LENGTH, Code::ExprTooLarge),
    ("Depth of an expression.", ast::MAX_DEPTH as usize, Code::ExprTooDeep),
    ("Depth of a type.", type_syntax::MAX_TYPE_DEPTH, Code::BadType),
    ("Files that include each other, and imports by path, one after the other.", load::MAX_CHAIN, Code::LimitExceeded),
    ("Calls of procedures within calls.", expand::MAX_NESTING, Code::LimitExceeded),
    ("Calls of procedures, each element of a loop counted.", expand::MAX_INSTANCES, Code::LimitExceeded),
    ("Tasks that calls make.", expand::MAX_TASKS, Code::LimitExceeded),
    ("Bytes of a file that is carried in a bundle.", MAX_ASSET_BYTES, Code::MissingAsset),
];

pub(super) fn limits() -> String {
    let mut page = Page::new("Limits", "vm/bytecode/src/limits.rs and the readers of the compiler");
    page.part(
        "Every reader has its limits, so that no input makes it run without end or take all memory. Those of sources \
         are this compiler's: another may admit more. Those of bundles belong to the contract: a bundle beyond them \
         is accepted by no agent, and an evaluation faults beyond them wherever it takes place.",
    );
    page.section("Sources");
    page.table(
        &["what", "at most", "beyond it"],
        SOURCES.iter().map(|(what, limit, beyond)| vec![(*what).to_owned(), limit.to_string(), beyond.to_string()]),
    );
    page.section("Bundles and evaluation");
    page.table(
        &["name", "at most", "what"],
        limits::TABLE.iter().map(|(name, limit, what)| vec![code(name), limit.to_string(), what.trim().to_owned()]),
    );
    page.finish()
}
