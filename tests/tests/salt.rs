//! Conformance with what Salt's own tests assert.

use ipcmm_tests::salt::{Case, judge};
use ipcmm_tests::{note, suite::root};

#[test]
fn cases_of_salt_hold() {
    let folder = root().parent().map(|p| p.join("shared/corpora/salt-requisites")).filter(|p| p.is_dir());
    let Some(folder) = folder else { return note("Salt's cases, ../shared/corpora/salt-requisites") };
    let (mut held, mut failures) = (0, Vec::new());
    for (name, text) in judge::cases(&folder).expect("readable cases") {
        let case = Case::read(&text);
        match judge::differences(&case) {
            wrong if wrong.is_empty() => held += 1,
            wrong => failures.push(format!("{name}:\n  {}\n{}", wrong.join("\n  "), case.module())),
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(held >= 50, "too few cases were tried: {held}");
}
