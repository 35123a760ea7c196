//! Conformance with what Salt's own tests assert.

use ipcmm_tests::salt::{Case, judge};
use ipcmm_tests::{note, suite::root};

#[test]
fn cases_of_salt_hold() {
    let folder = root().parent().map(|p| p.join("shared/corpora/salt-requisites")).filter(|p| p.is_dir());
    let Some(folder) = folder else { return note("Salt's cases, ../shared/corpora/salt-requisites") };
    let (mut held, mut failures) = (0, Vec::new());
    for (name, text) in judge::cases(&folder).expect("a readable folder") {
        let text = text.expect("a readable case");
        match judge::differences(&text) {
            wrong if wrong.is_empty() => held += 1,
            wrong => failures.push(format!("{name}:\n  {}\n{}", wrong.join("\n  "), module(&text))),
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(held >= 50, "too few cases were tried: {held}");
}

fn module(text: &str) -> String {
    Case::read(text).and_then(|case| case.module()).unwrap_or_else(|why| why)
}

/// Cases of our own, which need fields that few of Salt's have. Those below `wrong/` assert what does not hold, or are
/// no cases: each must fail for the reason that its first line tells.
#[test]
fn the_harness_judges_every_field() {
    let folder = root().join("tests/salt");
    let cases = judge::cases(&folder).expect("a readable folder");
    assert!(cases.len() >= 10, "{} cases", cases.len());
    for (name, text) in cases {
        let text = text.expect("a readable case");
        let wrong = judge::differences(&text);
        assert!(wrong.is_empty(), "{name}:\n  {}\n{}", wrong.join("\n  "), module(&text));
    }
    let wrong = judge::cases(&folder.join("wrong")).expect("a readable folder");
    assert!(wrong.len() >= 10, "{} wrong cases", wrong.len());
    for (name, text) in wrong {
        let text = text.expect("a readable case");
        let reason =
            text.lines().next().and_then(|line| line.strip_prefix("# ")).expect("its first line is the reason");
        let said = judge::differences(&text).join("; ");
        assert!(said.contains(reason), "{name} is to fail with `{reason}`, and fails with `{said}`");
    }
}
