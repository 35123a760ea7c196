//! The difference of two texts: a unified diff, which `patch` takes, or on a terminal with colours the same with the
//! words that differ marked in their lines, so that a blank too many can be seen.
//!
//! Unaware of: why the texts differ, and where the difference goes.

use ipcmm_spec::terminal::{Terminal, visible};
use similar::{ChangeTag, TextDiff};

/// Lines around what differs.
const CONTEXT: usize = 3;

const RED: &str = "\x1b[31m";
const GREEN: &str = "\x1b[32m";
const CYAN: &str = "\x1b[36m";
const BOLD: &str = "\x1b[1m";
const REVERSE: &str = "\x1b[7m";
const PLAIN: &str = "\x1b[0m";

/// The difference of a file's text to another one, as `to` shows it; empty if there is none.
pub fn of_file(name: &str, old: &str, new: &str, to: &Terminal) -> String {
    if old == new {
        return String::new();
    }
    let diff = TextDiff::from_lines(old, new);
    let (before, after) = (format!("a/{name}"), format!("b/{name}"));
    if !to.color {
        let plain = diff.unified_diff().context_radius(CONTEXT).header(&before, &after).to_string();
        // A pipe gets what `patch` needs, a terminal nothing that could drive it.
        let tamed = |line| visible(line, to.unicode) + "\n";
        return if to.interactive { plain.lines().map(tamed).collect() } else { plain };
    }
    let shown = |text: &str| visible(text, to.unicode);
    let mut out = format!("{BOLD}--- {}{PLAIN}\n{BOLD}+++ {}{PLAIN}\n", shown(&before), shown(&after));
    for hunk in diff.unified_diff().context_radius(CONTEXT).iter_hunks() {
        out.push_str(&format!("{CYAN}{}{PLAIN}\n", hunk.header()));
        for change in hunk.ops().iter().flat_map(|op| diff.iter_inline_changes(op)) {
            let (sign, color) = match change.tag() {
                ChangeTag::Delete => ('-', RED),
                ChangeTag::Insert => ('+', GREEN),
                ChangeTag::Equal => (' ', ""),
            };
            out.push_str(&format!("{color}{sign}"));
            for (marked, part) in change.iter_strings_lossy() {
                let part = shown(part.trim_end_matches(['\n', '\r']));
                match marked && !part.is_empty() {
                    true => out.push_str(&format!("{REVERSE}{part}{PLAIN}{color}")),
                    false => out.push_str(&part),
                }
            }
            out.push_str(if color.is_empty() { "\n" } else { "\x1b[0m\n" });
            if change.missing_newline() {
                out.push_str("\\ No newline at end of file\n");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_that_differ_are_marked_only_where_there_are_colours() {
        let plain = Terminal { interactive: false, color: false, unicode: true, width: None };
        let (old, new) = ("a: 1\nb:   2\n", "a: 1\nb: 2\n");
        assert_eq!(of_file("x", old, new, &plain), "--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n a: 1\n-b:   2\n+b: 2\n");
        assert_eq!(of_file("x", old, old, &plain), "");
        let made = of_file("x", old, new, &Terminal { color: true, ..plain });
        assert!(made.contains("\x1b[31m-b:\x1b[7m   \x1b[0m\x1b[31m2\x1b[0m\n"), "{made:?}");
        assert!(made.contains("\x1b[32m+b:\x1b[7m \x1b[0m\x1b[32m2\x1b[0m\n"), "{made:?}");
        let tamed = of_file("x", "a\x1b[2J\n", "b", &Terminal { color: true, ..plain });
        assert!(!tamed.contains("\x1b[2J") && tamed.ends_with("\\ No newline at end of file\n"), "{tamed:?}");
    }
}
