//! The text form of a bundle: [`print()`] makes a listing, [`parse()`] makes the bundle again, byte for byte.
//!
//! ```text
//! bundle 'web' edition 1
//! agent 1                                        ; the least level that can run it; 1 if left out
//! strings                                        ; in the order of the bundle; texts used elsewhere are added
//!   S0 'web'
//! constants
//!   K0 {'port': 80}                              ; or `bytes 0304`, for what no value is encoded as
//! chunk C0 registers 2 reads 1 effect none       ; also `offset N length N`; what is left out is computed
//!   @0   load R0, K0                             ; the offset may be left out; `bytes ff` stands for anything
//! asset A0                                       ; also `hash HEX offset N length N`
//!   'text' or hexadecimal digits, line by line
//! block B0 ipcmm.nop                             ; or `sequence children B1+2`, `builtin 77`; also `args 0+1 attrs 0+1`
//!   arg 0 constant K0                            ; or `chunk C0`, `thunk C0`, `asset A0`, `kind 9 17`
//!   attr when C0                                 ; `C0`, `B0`, a number or a text; `attr 99 7` for one without a name
//! task T0 'label' in 'web' block B0 mode sync stops keeps_result     ; also `flags N edges 0+1`
//!   depends_on T0                                ; `edge 9 T0` for a kind without a name
//! task T1 'label' in 'web' dry T2 mode sync      ; the dry run of T2, with its body; or `before T2`, its first phase
//! facts
//!   'facts.cpu.arch'
//! effects
//!   ipcmm.nop none
//! listens
//!   T0 T2                                        ; T2 reacts to changes of T0
//! debug
//!   F0 'web.yaml'
//!   T0 F0:3:1                                    ; file, line, column of a task's label
//!   C0 @0 F0:4:9, @2 F0:5:9                      ; and of ops
//! section effects                                ; these bytes stand for the whole section, whatever is said above
//!   1a000000
//! ```
//! A line that is not indented begins a part, indented lines are its rows, `;` begins a comment. A text in quotes is
//! the first string of the table that is equal to it; `S3` names one by number. Rows of a table are numbered without
//! gaps.
//!
//! Unaware of: what is sound. Only the syntax is checked, so that unsound bundles can be written for the verifier.

mod bodies;
mod draft;
mod line;
mod names;
mod print;
mod read;
mod stored;
mod values;

#[cfg(test)]
mod tests;

use crate::Catalog;
use crate::bundle::Bundle;
use std::fmt;

/// A line that is not understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AsmError {
    /// The line, from 1.
    pub line: u32,
    /// What was expected, or what is wrong.
    pub message: String,
}

impl fmt::Display for AsmError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

impl std::error::Error for AsmError {}

/// The listing of a bundle. Built-ins go by the names of `catalog`.
pub fn print(bundle: &Bundle<'_>, catalog: &dyn Catalog) -> String {
    print::print(bundle, catalog)
}

/// The bundle of a listing.
pub fn parse(text: &str, catalog: &dyn Catalog) -> Result<Vec<u8>, AsmError> {
    read::read(text, catalog).map(|draft| draft.finish())
}
