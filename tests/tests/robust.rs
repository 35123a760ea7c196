//! What must never happen, whatever comes in: no panic, no bundle that runs unverified, no two results of one input.

use ipcmm_bytecode::bundle::Bundle;
use ipcmm_bytecode::{FaultKind, Op};
use ipcmm_stdlib::{BUILTINS, Stdlib};
use ipcmm_tests::chaos;
use ipcmm_tests::document::Document;
use ipcmm_tests::fake::FakeHost;
use ipcmm_tests::graphs::{self, Rng};
use ipcmm_tests::runner::{build_files, build_text};
use ipcmm_tests::suite::{documents, files};
use ipcmm_vm::observe::Observer;
use ipcmm_vm::virtual_clock::drive;
use ipcmm_vm::{Mode, Outcome, PolicyKind, Run, RunOptions, TaskEnd, Verified, verify};

/// The files of a case and the inputs of its build.
type Sources = (Vec<(String, Vec<u8>)>, Vec<String>);

/// Every case of the suites and pages, and the examples of all built-ins.
fn corpus() -> Vec<Sources> {
    let paths = documents("tests/suite").into_iter().chain(documents("spec/diagnostics"));
    let cases = paths.flat_map(|path| Document::read(&path).cases);
    let mut corpus: Vec<Sources> = cases.map(|case| files(&case)).filter(|(_, inputs)| !inputs.is_empty()).collect();
    let name = "case.ipcmm.yaml".to_owned();
    corpus.extend(BUILTINS.iter().map(|b| (vec![(name.clone(), b.example.as_bytes().to_vec())], vec![name.clone()])));
    corpus
}

/// Bundles of all of the corpus that builds, and of some random graphs.
fn bundles() -> Vec<Vec<u8>> {
    let mut bundles: Vec<Vec<u8>> =
        corpus().iter().filter_map(|(files, inputs)| build_files(files, inputs, true).bundle).collect();
    bundles.extend((0..20).filter_map(|seed| build_text(&graphs::text(&graphs::random(seed, graphs::ALL))).bundle));
    bundles
}

#[test]
fn ops_survive_encoding_and_printing() {
    let rng = &mut Rng::new(1);
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..60_000 {
        let mut bytes: Vec<u8> = (0..16).map(|_| rng.bits() as u8).collect();
        bytes[0] = rng.below(0x60) as u8;
        let Ok(op) = Op::decode(&bytes, &mut 0) else { continue };
        let (mut encoded, mut pos) = (Vec::new(), 0);
        op.encode(&mut encoded);
        assert_eq!(Op::decode(&encoded, &mut pos), Ok(op));
        assert_eq!(pos, encoded.len(), "{op}");
        let text = op.to_string();
        let (name, operands) = text.split_once(' ').unwrap_or((&text, ""));
        let operands: Vec<&str> = operands.split(", ").filter(|o| !o.is_empty()).collect();
        assert_eq!(Op::parse(name, &operands), Some(op), "{text}");
        seen.insert(op.row().name);
    }
    assert_eq!(seen.len(), ipcmm_bytecode::ops::TABLE.len(), "not every op came up");
}

#[test]
fn every_emitted_bundle_verifies_and_is_always_the_same() {
    for (files, inputs) in corpus() {
        for debug in [true, false] {
            let build = build_files(&files, &inputs, debug);
            let again = build_files(&files, &inputs, debug);
            assert_eq!(build.bundle, again.bundle, "{files:?}");
            assert_eq!(build.bundle.is_none(), build.diagnostics.has_errors(), "{inputs:?}");
            if let Some(bytes) = build.bundle {
                let verified = verify(&bytes, &Stdlib).map(|_| ());
                assert_eq!(verified, Ok(()), "{}", String::from_utf8_lossy(&files[0].1));
            }
        }
    }
}

#[test]
fn damaged_bundles_are_refused() {
    let rng = &mut Rng::new(2);
    let bundles = bundles();
    for _ in 0..4000 {
        let sound = rng.pick(&bundles);
        let mut bytes = sound.clone();
        match rng.below(3) {
            0 => bytes.truncate(rng.below(bytes.len() as u64) as usize),
            1 => bytes.push(rng.bits() as u8),
            _ => {
                let at = rng.below(bytes.len() as u64) as usize;
                bytes[at] ^= 1 << rng.below(8);
            }
        }
        assert!(verify(&bytes, &Stdlib).is_err(), "one bit of a bundle changes nothing");
    }
}

/// Whoever can forge the hashes still cannot make the machine panic.
#[test]
fn forged_bundles_are_refused_or_run() {
    let rng = &mut Rng::new(3);
    let sound: Vec<_> =
        bundles().iter().map(|bytes| chaos::sections(&Bundle::open(bytes).expect("sound"), bytes)).collect();
    let (mut refused, mut ran) = (0, 0);
    for _ in 0..6000 {
        let parts = rng.pick(&sound);
        let bytes = chaos::forged(rng, parts);
        match verify(&bytes, &Stdlib) {
            Err(_) => refused += 1,
            Ok(bundle) => {
                ran += 1;
                for mode in [Mode::Check, Mode::Apply] {
                    chaos::try_run(&bundle, &FakeHost::default(), mode, 300);
                }
            }
        }
    }
    assert!(refused > 500 && ran > 500, "{refused} were refused, {ran} ran: too one-sided to tell");
}

#[test]
fn no_source_makes_the_compiler_panic() {
    let rng = &mut Rng::new(4);
    let tokens: Vec<&[u8]> = [
        "${",
        "}",
        "[",
        "]",
        "{",
        "}",
        ": ",
        "- ",
        "\n",
        "\n  ",
        "&a ",
        "*a",
        "!!str ",
        "'",
        "\"",
        "|\n",
        ">-\n",
        "#",
        "---\n",
        "ipcmm.nop:",
        "requires: ",
        "loop_in: ",
        "when: ",
        "item",
        "result",
        "1..3",
        "??",
        "?.",
        "=>",
        "match ",
        "\u{feff}",
        "\t",
        "é",
        "\0",
        "null",
        "~",
        "0x",
        "9999999999999999999",
        "<<: ",
        "? ",
    ]
    .iter()
    .map(|t| t.as_bytes())
    .collect();
    let corpus = corpus();
    for _ in 0..4000 {
        let (mut files, inputs) = rng.pick(&corpus).clone();
        let at = rng.below(files.len() as u64) as usize;
        files[at].1 = chaos::damaged(rng, &files[at].1, &tokens);
        let build = build_files(&files, &inputs, false);
        for diagnostic in build.diagnostics.iter() {
            if let Some((file, span)) = diagnostic.place {
                let text = &build.sources.file(file).text;
                let range = span.start as usize..span.end as usize;
                assert!(text.get(range).is_some(), "{diagnostic:?} is not in {text:?}");
            }
        }
        if let Some(bytes) = build.bundle {
            let verified = verify(&bytes, &Stdlib).map(|_| ());
            assert_eq!(verified, Ok(()), "{}", String::from_utf8_lossy(&files[at].1));
        }
    }
}

#[test]
fn no_bytes_make_the_compiler_panic() {
    let rng = &mut Rng::new(5);
    for _ in 0..1500 {
        let bytes: Vec<u8> = (0..rng.below(120)).map(|_| rng.bits() as u8 & 0x7f).collect();
        let name = "case.ipcmm.yaml".to_owned();
        build_files(&[(name.clone(), bytes)], &[name], false);
    }
}

/// Rows of a block are counted in sixteen bits: what does not fit must be refused and never wrap.
#[test]
fn what_does_not_fit_into_a_row_is_refused() {
    for n in [10, 65_536, 70_000] {
        let text = format!("a: {{ipcmm.nop: , onlyif: [{}]}}\n", vec!["facts.cpu.count > 1"; n].join(", "));
        let build = build_text(&text);
        match build.bundle {
            Some(bytes) => {
                let bundle = verify(&bytes, &Stdlib).unwrap_or_else(|fault| panic!("{n} guards: {fault}"));
                assert_eq!(bundle.attrs().len(), n);
            }
            None => assert!(build.diagnostics.has_errors(), "{n} guards"),
        }
    }
}

#[test]
fn values_nest_only_so_deep() {
    let tasks = 2 * ipcmm_bytecode::limits::VALUE_DEPTH;
    let first = String::from("t0: {ipcmm.eval: {args: {expr: '[1]'}}}\n");
    let text = (1..tasks).fold(first, |text, i| {
        let before = i - 1;
        text + &format!("t{i}: {{ipcmm.eval: {{args: {{expr: '[results.t{before}.value]'}}}}, requires: t{before}}}\n")
    });
    let bytes = build_text(&text).bundle.expect("a bundle");
    let bundle = verify(&bytes, &Stdlib).expect("it verifies");
    let ends = run(&bundle, Mode::Apply);
    let failed: Vec<_> = ends.iter().filter_map(|end| end.fault.as_ref()).map(|fault| fault.kind).collect();
    assert_eq!(failed, [FaultKind::TooLarge]);
    assert_eq!(ends.last().map(|end| end.outcome), Some(Outcome::Blocked));
}

/// The ends of all tasks, in run order, on a host that knows nothing.
fn run(bundle: &Verified<'_>, mode: Mode) -> Vec<TaskEnd> {
    struct Ends(Vec<TaskEnd>);
    impl Observer for Ends {
        fn task_finished(&mut self, _: u32, end: &TaskEnd) {
            self.0.push(end.clone());
        }
    }
    let (host, mut ends) = (FakeHost::default(), Ends(Vec::new()));
    let options = RunOptions { mode, policy: PolicyKind::Sequential, max_parallel: 1, seed: 0 };
    drive(&mut Run::new(bundle, &host, &mut ends, options), &host);
    ends.0
}

#[test]
fn a_round_of_thousands_is_told_by_its_ends() {
    let tasks: String =
        (0..5_000).map(|i| format!("l{i}: {{ipcmm.nop: , requires: l{}}}\n", (i + 1) % 5_000)).collect();
    let build = build_text(&tasks);
    let problems: Vec<_> = build.diagnostics.iter().collect();
    let [problem] = problems.as_slice() else { panic!("{} problems", problems.len()) };
    assert!(problem.message.contains("`l10` … 4980 more … ─requires→ `l4991`"), "{}", problem.message);
    assert!(problem.message.ends_with("`l4999` ─requires→ `l0`"), "{}", problem.message);
    assert_eq!(problem.labels.len(), 19);
}

#[test]
fn thousands_of_unknown_names_are_all_told_and_the_first_with_a_suggestion() {
    let task = |i: usize| format!("label{i}: {{ipcmm.nop: , requires: lebel{i}}}\n");
    let build = build_text(&(0..3_000).map(task).collect::<String>());
    assert_eq!(build.diagnostics.len(), 3_000);
    let helps: Vec<_> = build.diagnostics.iter().map(|problem| problem.help.as_deref()).collect();
    assert_eq!(helps[0], Some("did you mean `label0`?"));
    assert_eq!(helps[2_999], None);
}

#[test]
fn a_result_is_read_from_any_distance() {
    let task = |i: usize| match i {
        0 => "l0: {ipcmm.run.cmd: {args: {argv: [a]}, result: first}}\n".to_owned(),
        i => {
            format!(
                "l{i}: {{ipcmm.run.cmd: {{args: {{argv: [a, \"${{str(first.changed)}}\"]}}}}, runafter: l{}}}\n",
                i - 1
            )
        }
    };
    let chain: String = (0..2_000).map(task).collect();
    assert!(!build_text(&chain).diagnostics.has_errors());
    // One that stands aside is not led to by what the others found.
    let aside = "aside: {ipcmm.run.cmd: {args: {argv: [a, \"${str(first.changed)}\"]}}}\n";
    assert_eq!(build_text(&(chain + aside)).diagnostics.errors(), 1);
}
