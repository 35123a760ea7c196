//! The page `spec/generated/cli.md`, made from the tables.
//!
//! Unaware of: where the page is kept; a test of the whole project compares the two.

use super::tables::{Binary, Exit, Flag, Spot, Takes};
use std::fmt::Write;

/// All programs, commands, flags and exit codes as Markdown.
pub fn page() -> String {
    let mut out = String::from(
        "<!-- Made from spec/src/cli/tables.rs. Do not edit: BLESS=1 cargo test -p ipcmm-tests writes it. -->\n\n\
         # Command line\n\nThe programs, their commands and flags, and how they end.\n",
    );
    for binary in Binary::ALL {
        // Writing to a String cannot fail; so too below.
        let _ = write!(out, "\n## {}\n\n{}\n", binary.name(), binary.doc());
        for spot in binary.commands() {
            section(&mut out, *binary, spot);
        }
    }
    out.push_str("\n## Exit codes\n\n| code | meaning |\n| --- | --- |\n");
    for (exit, doc) in Exit::TABLE {
        let _ = writeln!(out, "| {} | {} |", *exit as u8, cell(doc));
    }
    out.push_str("| 101 | A defect in the program itself; it says so and asks for a report. |\n");
    out
}

fn section(out: &mut String, binary: Binary, spot: Spot) {
    let _ = write!(out, "\n### {} {}", binary.name(), spot.name());
    for operand in spot.operands() {
        let (open, close) = if operand.required() { ("", "") } else { ("[", "]") };
        let _ = write!(out, " {open}{}{}{close}", operand.name(), if operand.many() { "…" } else { "" });
    }
    let _ = write!(out, "\n\n{}\n", spot.doc());
    if !spot.operands().is_empty() {
        out.push('\n');
    }
    for operand in spot.operands() {
        let _ = writeln!(out, "- `{}`: {}{}", operand.name(), operand.doc(), words(operand.takes()));
    }
    let flags: Vec<&Flag> = Flag::ALL.iter().filter(|flag| flag.commands().contains(&spot)).collect();
    if flags.is_empty() {
        return;
    }
    out.push_str("\n| flag | meaning | default |\n| --- | --- | --- |\n");
    for flag in flags {
        let short = flag.short().map(|short| format!("-{short}, ")).unwrap_or_default();
        let value = match flag.takes() {
            Takes::Nothing => String::new(),
            Takes::Pair => format!(" {0} {0}", flag.value()),
            _ => format!(" {}", flag.value()),
        };
        let default = flag.default().map(|word| format!("`{word}`")).unwrap_or_default();
        let meaning = format!("{}{}", flag.doc(), words(flag.takes()));
        let _ = writeln!(out, "| `{short}--{}{value}` | {} | {default} |", flag.long(), cell(&meaning));
    }
}

/// The words of a choice with their meanings.
fn words(takes: Takes) -> String {
    let (Takes::Word(words) | Takes::MaybeWord(words)) = takes else { return String::new() };
    let list: Vec<String> = words.iter().map(|(word, meaning)| format!("`{word}` ({meaning})")).collect();
    format!(" One of {}.", list.join(", "))
}

/// Text in a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_on_the_page() {
        let page = page();
        for flag in Flag::ALL {
            assert!(page.contains(&format!("--{}", flag.long())), "{flag:?}");
        }
        for spot in Binary::ALL.iter().flat_map(|binary| binary.commands()) {
            assert!(page.contains(spot.doc()), "{spot:?}");
        }
        assert!(page.contains("### ipcmmc build PATH…\n\nChecks"));
    }
}
