//! Diagnostics that no page can raise by an example, because it would be too large, no text, or no file at all.

use ipcmm_bytecode::limits;
use ipcmm_compiler::diag::{Code, Diagnostics};
use ipcmm_compiler::doc::{MAX_SOURCE_BYTES, Span};
use ipcmm_compiler::emit::{Assets, EmitOptions, emit};
use ipcmm_compiler::graph::{Argument, Body, Graph, Task};
use ipcmm_compiler::source::{FileId, Sources};
use ipcmm_tests::runner::{build_files, build_text};
use ipcmm_tests::suite::root;
use ipcmm_tests::{skip, values};

/// The codes raised below.
pub const BY_TESTS: &[Code] = &[
    Code::NotUtf8,
    Code::TooLarge,
    Code::ExprTooLarge,
    Code::Unwritable,
    Code::LimitExceeded,
    Code::NotKnownHere,
    // The command line demands it: `compiler/cli/tests/cli/testing.rs`.
    Code::LowCoverage,
    // Conversions and layouts: `tests/suite/convert.md`, `compiler/cli/tests/rewrite.rs`.
    Code::SeveralDocuments,
    Code::CannotCarry,
    Code::SpellingChanged,
    Code::AlreadyThere,
    Code::NotFormatted,
    // Only a defect raises it: a test of the comparison is in `compiler/src/fmt/tests.rs`.
    Code::CannotFormat,
];

fn codes(bytes: Vec<u8>) -> Vec<Code> {
    let name = "case.ipcmm.yaml".to_owned();
    let build = build_files(&[(name.clone(), bytes)], &[name], false);
    build.diagnostics.iter().map(|d| d.code).collect()
}

#[test]
fn a_file_that_is_not_utf8() {
    assert_eq!(codes(b"a: caf\xe9\n".to_vec()), [Code::NotUtf8]);
    assert_eq!(codes(b"\xff\xfea\0:\0".to_vec()), [Code::NotUtf8]);
}

#[test]
fn a_file_that_is_too_large() {
    let mut bytes = b"a: {ipcmm.nop: }\n".to_vec();
    bytes.resize(MAX_SOURCE_BYTES, b'\n');
    assert_eq!(codes(bytes.clone()), []);
    bytes.push(b'\n');
    assert_eq!(codes(bytes), [Code::TooLarge]);
}

#[test]
fn an_expression_that_is_too_large() {
    let long = format!("'{}'", "x".repeat(70_000));
    // Each pair of brackets holds on to one value more while the next is computed.
    let fact = "facts.cpu.count";
    let wide = format!("{}{fact}{}", format!("[{fact}, ").repeat(150), "]".repeat(150));
    for expression in [long, wide] {
        let source = format!("a: {{ipcmm.eval: {{args: {{expr: {}}}}}}}\n", values::quoted(&expression));
        let build = build_text(&source);
        let codes: Vec<Code> = build.diagnostics.iter().map(|d| d.code).collect();
        assert_eq!(codes, [Code::ExprTooLarge]);
    }
}

#[test]
fn a_configuration_that_exceeds_a_limit() {
    let builtin = ipcmm_stdlib::by_name("ipcmm.filesystem.file").expect("it is there");
    let source = builtin.param("source").expect("it has one");
    let body = Body {
        builtin: Some(builtin),
        args: vec![(source, Argument::Asset("large".into(), Span::default()))],
        ..Body::default()
    };
    let file = FileId(0);
    let task = Task {
        module: 0,
        label: "a".into(),
        file,
        span: Span::default(),
        edges: Vec::new(),
        mode: ipcmm_bytecode::bundle::ExecMode::Sync,
        stops: false,
        lane: None,
        lane_max: 1,
        test: false,
        moved_from: None,
        demand: false,
        keeps_result: false,
        result: None,
        body,
        part: None,
    };
    let graph = Graph { modules: vec!["case".into()], tasks: vec![task], ..Graph::default() };
    let options = EmitOptions { name: "case", debug: false, names: &Default::default() };
    let mut sources = Sources::default();
    sources.add("case.ipcmm.yaml", "");
    let emitted = |bytes: usize| {
        let mut diagnostics = Diagnostics::default();
        let assets: Assets = [((file, "large".to_owned()), vec![0; bytes])].into_iter().collect();
        let bundle = emit(&graph, &assets, &sources, &options, &mut diagnostics);
        assert_eq!(bundle.is_none(), diagnostics.has_errors());
        diagnostics.iter().map(|d| d.code).collect::<Vec<_>>()
    };
    assert_eq!(emitted(1), []);
    assert_eq!(emitted(limits::BUNDLE_BYTES as usize / 2 + 1), [Code::LimitExceeded]);
}

/// The compiler writes nothing, so this one comes from the binary, if it was built.
#[test]
fn a_bundle_that_cannot_be_written() {
    let Some(binary) = ipcmm_tests::binary("ipcmmc") else {
        return skip("C5001: the binary `ipcmmc` is not built");
    };
    let example = root().join("spec/diagnostics");
    let output = std::process::Command::new(binary)
        .args(["build", "-", "--output", "/nonexistent/folder/x.ipcb"])
        .current_dir(example)
        .stdin(std::process::Stdio::null())
        .output()
        .expect("it starts");
    let text = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    assert!(!output.status.success() && text.contains("C5001"), "{text}");
}

#[test]
fn a_value_that_only_a_node_knows() {
    use ipcmm_compiler::evaluate::Desk;
    for text in ["facts.os.family", "fs.exists('/')", "[x for x in [node.name]]"] {
        let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
        assert!(Desk::default().evaluate(text, &mut sources, &mut diagnostics).is_none());
        let codes: Vec<Code> = diagnostics.iter().map(|d| d.code).collect();
        assert_eq!(codes, [Code::NotKnownHere], "{text}");
    }
}
