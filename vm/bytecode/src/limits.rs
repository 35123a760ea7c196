//! Every limit a reader of bundles keeps, in one place. A length is compared with its limit before
//! anything is allocated or looped over because of it.

/// Writes the constants, and a table of them for the page of limits.
macro_rules! limits {
    ($(#[doc = $doc:literal] pub const $name:ident: $type:ty = $value:expr;)+) => {
        $(#[doc = $doc] pub const $name: $type = $value;)+

        /// All of them: name, value, meaning.
        pub const TABLE: &[(&str, u64, &str)] = &[$((stringify!($name), $value as u64, $doc)),+];
    };
}

limits! {
    /// Longest bundle that is read at all, in bytes.
    pub const BUNDLE_BYTES: u64 = 1 << 30;
    /// Sections in one bundle.
    pub const SECTIONS: u32 = 64;
    /// Tasks in one bundle; the edge row keeps 28 bits for a task.
    pub const TASKS: u32 = 1 << 24;
    /// Registers of one chunk.
    pub const REGISTERS: u32 = 255;
    /// Nesting of a constant (lists in maps in lists …).
    pub const CONST_DEPTH: u32 = 64;
    /// Ops one evaluation may execute before it faults.
    pub const FUEL: u64 = 1_000_000;
    /// Calls of functions within calls that one evaluation may be in.
    pub const CALL_DEPTH: usize = 1_000;
    /// Bytes one evaluation may build before it faults; shared parts of values count each time they are used.
    pub const EVAL_SIZE: u64 = 64 << 20;
    /// What an element of a list or an entry of a map counts towards that.
    pub const ELEMENT_SIZE: u64 = 64;
    /// Nesting of values built at run time.
    pub const VALUE_DEPTH: u32 = 128;
    /// Items of one `loop_in`.
    pub const LOOP_ITEMS: u64 = 1_000_000;
    /// Rounds of one `loop_if` or `loop_until`.
    pub const LOOP_ROUNDS: usize = 1_000;
    /// Subruns within subruns.
    pub const SUBRUN_DEPTH: u32 = 64;
    /// Tasks of all subruns that are under way at once.
    pub const SUBRUN_TASKS: u32 = 1 << 20;
    /// Executions of one task that `retry` may ask for.
    pub const ATTEMPTS: u32 = 1_000_000;
}
