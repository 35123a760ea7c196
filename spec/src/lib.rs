//! What is written about ipcmm and needed by its binaries: the command line as a table, exit codes, the pages behind
//! `explain`, and the shapes of machine output whose schemas lie in `schema/`.
//!
//! Unaware of: the language, bundles and what commands do. Start reading at [`cli`].

pub mod cli;
pub mod console;
pub mod inspect;
pub mod schema;
pub mod terminal;

include!(concat!(env!("OUT_DIR"), "/pages.rs"));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_found_by_their_code() {
        assert_eq!(diagnostic_page("C0000"), None);
        for code in DIAGNOSTIC_PAGES {
            assert!(diagnostic_page(code).is_some_and(|page| page.starts_with("# ")), "{code}.md opens with its title");
        }
    }
}
