//! The pages of diagnostics: each is a document of cases, and says what its code says.

use crate::raised;
use ipcmm_compiler::diag::Code;
use ipcmm_tests::document::Document;
use ipcmm_tests::suite::{build, check, documents, root, tested};

/// Where the pages are.
const PAGES: &str = "spec/diagnostics";

fn page(code: Code) -> Document {
    Document::read(&root().join(PAGES).join(format!("{code}.md")))
}

#[test]
fn every_page_holds() {
    let failures: Vec<String> = documents(PAGES).iter().flat_map(|path| check(path).failures).collect();
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

#[test]
fn every_code_has_a_page_and_every_page_a_code() {
    for code in Code::ALL {
        let page = page(*code);
        let title = format!("# {code} {}", code.name());
        assert_eq!(page.text.lines().next(), Some(title.as_str()), "{}", page.path.display());
    }
    for path in documents(PAGES) {
        let stem = path.file_stem().and_then(|s| s.to_str()).unwrap_or("").to_owned();
        assert!(Code::ALL.iter().any(|c| c.to_string() == stem), "{} is a page of nothing", path.display());
    }
}

#[test]
fn the_wrong_example_raises_exactly_its_code_and_the_right_one_nothing() {
    let mut noisy = Vec::new();
    for code in Code::ALL {
        let page = page(*code);
        let raised_by = |title: &str| {
            let case = page.cases.iter().find(|c| c.title == title)?;
            if let Some(report) = tested(case) {
                let failures = report.cases.iter().flat_map(|case| case.failures.iter().map(|f| &f.diagnostic));
                let warnings = report.cases.iter().flat_map(|case| case.warnings.iter());
                return Some(report.diagnostics.iter().chain(failures).chain(warnings).map(|d| d.code).collect());
            }
            Some(build(case).diagnostics.iter().map(|d| d.code).collect::<Vec<_>>())
        };
        match raised_by("Wrong") {
            Some(_) if Code::RETIRED.contains(code) => panic!("{code} is retired, and its page has an example"),
            Some(codes) => assert!(!codes.is_empty() && codes.iter().all(|c| c == code), "{code} raises {codes:?}"),
            None if Code::RETIRED.contains(code) => {}
            None => assert!(raised::BY_TESTS.contains(code), "nothing raises {code}"),
        }
        let right = raised_by("Right");
        if right.as_ref().is_none_or(|codes| !codes.is_empty()) {
            noisy.push(format!("{code}: {right:?}"));
        }
    }
    assert!(noisy.is_empty(), "right examples are not right:\n{}", noisy.join("\n"));
}
