//! Golden reports, and reports about odd texts.

use super::*;
use crate::diag::{Code, Fix};
use crate::doc::Span;

const PLAIN: HumanOptions = HumanOptions { color: false, width: 80, unicode: true, quiet: false, most: usize::MAX };

fn two_files() -> (Sources, Diagnostics) {
    let mut sources = Sources::default();
    let a = sources.add("a.ipcmm.yaml", "one: 1\ntwo:\n  ipcmm.run.cnd: {}\n\nfour: 4\n");
    let b = sources.add("b.ipcmm.yaml", "zwei: 2\n");
    let mut diagnostics = Diagnostics::default();
    let unknown = Diagnostic::new(Code::UnknownBuiltin, a, Span::new(14, 27), "`ipcmm.run.cnd` is not a built-in")
        .label(a, Span::new(7, 10), "under this label")
        .label(b, Span::new(0, 4), "also here")
        .help("a built-in is written in full; the list of all built-ins is printed by `ipcmmc doc --list`")
        .fix("use the nearest one", "ipcmm.run.cmd");
    diagnostics.push(unknown);
    diagnostics.push(Diagnostic::unplaced(Code::EmptyGuard, "nothing is guarded"));
    (sources, diagnostics)
}

#[test]
fn golden() {
    let (sources, diagnostics) = two_files();
    let expected = "\
error[C2003] `ipcmm.run.cnd` is not a built-in
   ╭─[a.ipcmm.yaml:3:3]
 1 │ one: 1
 2 │ two:
   · ─┬─
   ·  ╰── under this label
 3 │   ipcmm.run.cnd: {}
   ·   ─────────────
 4 │ 
   ╰────
   ╭─[b.ipcmm.yaml:1:1]
 1 │ zwei: 2
   · ──┬─
   ·   ╰── also here
   ╰────
  help: a built-in is written in full; the list of all built-ins is printed by
        `ipcmmc doc --list`
  fix: use the nearest one: replace with `ipcmm.run.cmd`

warning[C2017] nothing is guarded

1 error, 1 warning in 1 file
";
    assert_eq!(render(&diagnostics, &sources, PLAIN), expected);
    let quiet = render(&diagnostics, &sources, HumanOptions { quiet: true, ..PLAIN });
    assert!(!quiet.contains("warning") && !quiet.contains("1 error"));
    let ascii = render(&diagnostics, &sources, HumanOptions { unicode: false, ..PLAIN });
    assert!(ascii.is_ascii(), "{ascii}");
    let color = render(&diagnostics, &sources, HumanOptions { color: true, ..PLAIN });
    assert!(color.starts_with("\u{1b}[1;31merror[C2003]\u{1b}[0m\u{1b}[1m "), "{color:?}");
    assert_eq!(render(&Diagnostics::default(), &sources, PLAIN), "");
}

#[test]
fn long_lines_are_cut() {
    let mut sources = Sources::default();
    let text = format!("a: {}é@{}\nb: 1\n", "x".repeat(1 << 20), "y".repeat(1 << 20));
    let at = (1 << 20) + 5;
    let file = sources.add("long.yaml", text);
    let mut diagnostics = Diagnostics::default();
    diagnostics.push(Diagnostic::new(Code::Syntax, file, Span::new(at, at + 1), "odd").label(
        file,
        Span::new(0, 1),
        "key",
    ));
    diagnostics.push(Diagnostic::new(Code::Syntax, file, Span::new(3, 2 << 20), "wide"));
    let report = render(&diagnostics, &sources, PLAIN);
    assert!(report.contains("╭─[long.yaml:1:1048581]"), "{report}");
    assert!(report.contains("xxé@yy") && report.lines().all(|l| l.chars().count() < 100), "{report}");
}

#[test]
fn no_control_characters_reach_the_terminal() {
    let mut sources = Sources::default();
    let file = sources.add("e\u{1b}[2J.yaml", "a: \u{1b}]0;title\u{7}\u{9b}\u{202e}x\r\nb: \u{7f}\tc\r\n");
    let mut diagnostics = Diagnostics::default();
    let problem = Diagnostic::new(Code::Syntax, file, Span::new(13, 14), "bad \u{1b}[31m text\r")
        .label(file, Span::new(21, 22), "here\u{1b}")
        .help("\u{8}\u{8}gone");
    diagnostics.push(problem);
    for unicode in [true, false] {
        let report = render(&diagnostics, &sources, HumanOptions { unicode, ..PLAIN });
        let bad = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!report.contains(bad), "{report:?}");
    }
    let mut all = diagnostics.clone();
    if let Some(fix) = all.list.first_mut() {
        fix.fix = Some(Fix::new("t\u{1b}", file, Span::new(0, 1), "\u{1b}"));
    }
    assert!(!render(&all, &sources, PLAIN).contains('\u{1b}'));
}

/// miette panics on labels it cannot place; it must never be handed one.
#[test]
fn every_span_of_every_text_is_drawn() {
    for text in ["", "\n", "a", "é\n\nü\r\n\r\n", "a\rb\n", "x\n\n\n\n\n\n\n\ny\n\u{1b}z", "日本\t語\n"] {
        let mut sources = Sources::default();
        let file = sources.add("t", text);
        let end = text.len() as u32 + 2;
        for start in 0..end {
            for stop in start..=end {
                let mut diagnostics = Diagnostics::default();
                let other = Span::new(end - stop, end - start);
                let problem = Diagnostic::new(Code::Syntax, file, Span::new(start, stop), "m").label(file, other, "l");
                diagnostics.push(problem);
                let report = render(&diagnostics, &sources, PLAIN);
                assert!(report.contains("─[t:"), "{text:?} {start}..{stop}: {report}");
            }
        }
    }
}

#[test]
fn what_is_too_much_for_a_terminal_is_counted() {
    let mut diagnostics = Diagnostics::default();
    for code in [Code::EmptyGuard, Code::Syntax, Code::EmptyGuard, Code::Syntax] {
        diagnostics.push(Diagnostic::unplaced(code, "m"));
    }
    let shown = |quiet, most| render(&diagnostics, &Sources::default(), HumanOptions { quiet, most, ..PLAIN });
    let all = "warning[C2017] m\n\nerror[C0005] m\n\n";
    assert_eq!(shown(false, 2), format!("{all}and 2 more; `--all` shows them\n2 errors, 2 warnings\n"));
    assert_eq!(shown(false, 4), format!("{all}{all}2 errors, 2 warnings\n"));
    assert_eq!(shown(true, 1), "error[C0005] m\n\nand 1 more; `--all` shows them\n");
}

/// A fix is told in words that a reader can follow without the file: what is inserted, replaced or added.
#[test]
fn offers_are_told_in_words() {
    let mut sources = Sources::default();
    let file = sources.add("t.yaml", "a: b\n");
    let told = |problem: Diagnostic| {
        let mut diagnostics = Diagnostics::default();
        diagnostics.push(problem);
        let report = render(&diagnostics, &sources, PLAIN);
        report.lines().find(|line| line.starts_with("  fix:")).map(str::to_owned)
    };
    let at = |start, end| Diagnostic::new(Code::Syntax, file, Span::new(start, end), "m");
    assert_eq!(told(at(3, 3).fix("close it", "}")).as_deref(), Some("  fix: close it: insert `}`"));
    assert_eq!(told(at(3, 4).fix("mend it", "c")).as_deref(), Some("  fix: mend it: replace with `c`"));
    assert_eq!(told(at(3, 4).fix("remove it", "")).as_deref(), Some("  fix: remove it"));
    assert_eq!(told(at(3, 4).did_you_mean("c")), None);
}
