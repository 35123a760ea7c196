//! The round trip of listings: written by hand, made by the writer, at random, and hostile.

use super::{parse, print, values};
use crate::bundle::rows::{ArgKind, ChunkRow, Section};
use crate::bundle::writer::{Place, TaskSpec, assemble};
use crate::bundle::{Attr, Bundle, BundleWriter, EdgeKind, ExecMode, attrs::AttrKind};
use crate::catalog::{BuiltinShape, Catalog, Reaction, Runs};
use crate::operand::put_varint;
use crate::{Effect, Op, Value, functions, ops};
use proptest::prelude::*;

/// Two built-ins; the second has a name that cannot be written.
struct Two;

impl Catalog for Two {
    fn builtin(&self, number: u16) -> Option<BuiltinShape> {
        let name = match number {
            7 => "test.change",
            9 => "sequence",
            _ => return None,
        };
        let (effect, runs) = (Effect::Change, Runs::Host);
        Some(BuiltinShape { name, params: 4, effect, runs, reaction: Reaction::None, changed_if: None })
    }
}

fn listing(bytes: &[u8]) -> String {
    print(&Bundle::open(bytes).expect("a sound container"), &Two)
}

/// The listing of a listing, after checking that it is the same bundle.
fn settle(text: &str) -> String {
    let bytes = parse(text, &Two).unwrap_or_else(|e| panic!("{e}\n{text}"));
    let printed = listing(&bytes);
    assert_eq!(parse(&printed, &Two).as_ref(), Ok(&bytes), "{printed}");
    assert_eq!(listing(&bytes), printed);
    printed
}

const SAMPLE: &str = "\
; a comment
bundle 'web' edition 1
strings
  S0 'web'
  S1 'it\\'s; here'
  S2 'web'
constants
  K0 null
  K1 {'a': [1, -2.5, 'x; y'], 'b': {}}
  K2 bytes 0380800002
chunk C0 registers 3
  @0 load R0, K1      ; the map
  @3 jump_if R0, @1   ; into the middle of an op
  bytes ff 00
chunk C1 registers 9 reads 4 effect 5 offset 1 length 2
asset A0
  '#!/bin/sh\\n'
  'echo 1;\\n'
asset A1 hash 0000000000000000000000000000000000000000000000000000000000000001
asset A2
  00 ff
block B0 sequence children B1+2
  attr when C0
  attr result 'conf'
  attr onlyif_command B9
  attr retry_attempts 3
  attr 99 7
block B1 test.change
  arg 0 constant K1
  arg 1 chunk C0
  arg 2 thunk C0
  arg 3 asset A2
  arg 4 kind 9 17
block B2 builtin 9
block B3 builtin 5 args 0+3 attrs 7+1
task T0 'first' in 'web' block B0 mode parallel stops keeps_result
task T1 S99 in S2 block B7 mode 9 flags 131
  depends_on T0
  watch T9 ; forwards
  edge 15 T268435455
task T2 'last' in 'web' block B0 edges 5+1
facts
  'facts.os.family'
  S2
effects
  test.change change
  builtin 9 read
  builtin 8 17
debug
  F0 'web.yaml'
  T0 F0:1:1
  C0 @0 F0:2:3, @3 F7:4:5
  C9 @9 F0:1:1
section facts
  01000000 02
  000000
";

#[test]
fn a_listing_by_hand_settles() {
    let text = settle(SAMPLE);
    for row in [
        "bundle 'web' edition 1",
        "  K1 {'a': [1, -2.5, 'x; y'], 'b': {}}",
        "  K2 bytes 0380800002",
        "  @0    load R0, K1                       ; {'a': [1, -2.5, 'x; y'], 'b': {}}",
        "  @6    bytes ff00                        ; no op",
        "block B1 test.change",
        "block B2 builtin 9",
        "  attr result 'conf'",
        "  watch T9",
        "  C0 @0 F0:2:3, @3 F7:4:5",
        "task T1 S99 in S2 block B7 mode 9 flags 131",
        "task T2 'last' in 'web' block B0 mode sync edges 5+1",
        "block B3 builtin 5 args 0+3 attrs 7+1",
        "chunk C1 registers 9 reads 4 effect 5 offset 1 length 2",
    ] {
        assert!(text.lines().any(|line| line == row), "{row}\n{text}");
    }
    // The bytes given for `facts` are rows after all.
    assert!(text.contains("\nfacts\n  'it\\'s; here'\n  S2\n") && !text.contains("section"), "{text}");
    let text = settle("section meta\n  00000000 01000000\nsection strings\n  ff\nsection effects\n  07000200\n");
    let given: Vec<&str> = text.lines().filter(|line| line.starts_with("section ")).collect();
    assert_eq!(given, ["section strings"], "{text}");
}

#[test]
fn counts_that_are_left_out_are_computed() {
    let bytes = parse("chunk C0\n  result R4, T6\n  probe R1, fs.exists, R5+2\n  ret R1\n", &Two).expect("a listing");
    let bundle = Bundle::open(&bytes).expect("a bundle");
    let row = bundle.chunks()[0];
    assert_eq!((row.registers.get(), row.reads.get(), row.effect.get()), (7, 7, 1));
    assert_eq!((row.offset.get(), row.length.get()), (0, bundle.code().len() as u32));
}

#[test]
fn errors_name_the_line_and_what_was_expected() {
    for (text, line, message) in [
        ("\nbundel 'x'", 2, "expected `bundle`, `agent`"),
        ("  S0 'x'", 1, "an indented line belongs to the part above it"),
        ("bundle web", 1, "expected a text in quotes or `S` with a number, found `web`"),
        ("bundle 'web", 1, "this text is not closed"),
        ("bundle 'w' edition 1 2", 1, "expected the end of the line, found `2`"),
        ("strings\n  S1 'x'", 2, "expected `S0`, found `S1`"),
        ("constants\n  K0 [1, 2", 2, "expected `,` or `]`"),
        ("constants\n  K0 1y", 2, "`1y` is no value"),
        ("constants\n  K0 bytes 0", 2, "expected pairs of hexadecimal digits, found `0`"),
        ("chunk C0\n  lod R0, K0", 2, "expected the mnemonic of an op, or `bytes`, found `lod`"),
        ("chunk C0\n  load R0", 2, "`load` takes dst (a register), k (a constant), found `R0`"),
        ("chunk C0\n  @0 ret R0\n  @1 ret R0", 3, "this op is at @2, not at @1"),
        ("block B0 test.none", 1, "expected the name of a built-in, or `builtin` and a number, found `test.none`"),
        ("task T0 'a' block B0", 1, "expected `in` and the module, found `block`"),
        ("task T0 'a' in 'b' block B0\n  after T0", 2, "expected `depends_on`"),
        ("debug\n  T0 F0:1", 2, "expected a place, such as `F0:12:3`, found `F0:1`"),
        ("section none", 1, "expected the name of a section, found `none`"),
    ] {
        let error = parse(text, &Two).expect_err(text);
        assert_eq!(error.line, line, "{text}: {error}");
        assert!(error.message.starts_with(message), "{text}: {error}");
    }
}

fn writer_bundle(debug: bool) -> Vec<u8> {
    let mut writer = BundleWriter::new("demo", 1, debug);
    let file = writer.file("demo.yaml");
    let place = |line| Place { file, line, column: 3 };
    let load = writer.constant(&Value::str("facts.cpu.arch"));
    let mut code = Vec::new();
    put_op(4, &[0], &mut code, load);
    let half = code.len() as u32;
    code.extend([0x24, 0]);
    let chunk = writer.chunk(&code, 1, &[(0, place(4)), (half, place(5))]);
    writer.fact("facts.cpu.arch");
    writer.effect(7, Effect::Change);
    let asset = writer.asset(b"#!/bin/sh\necho \xf0\x9f\x8c\x8d\r\n");
    let (binary, empty) = (writer.asset(&[0, 1, 255]), writer.asset(&[]));
    let args = [(0, ArgKind::Asset, asset), (1, ArgKind::Asset, binary), (2, ArgKind::Asset, empty)];
    for task in 0..3 {
        let attrs: Vec<(Attr, u32)> = Attr::TABLE
            .iter()
            .map(|row| match row.2 {
                AttrKind::Chunk => (row.0, chunk),
                AttrKind::Block => (row.0, 0),
                AttrKind::Number => (row.0, 3),
                AttrKind::String => (row.0, writer.string("conf")),
            })
            .collect();
        let block = writer.block(7, &args, &attrs, 0..0);
        let edges: Vec<(EdgeKind, u32)> =
            (0..task).flat_map(|t| EdgeKind::TABLE.iter().map(move |e| (e.0, t))).collect();
        let (stops, keeps_result) = (task == 1, task == 2);
        let label = format!("task {task}");
        let mode = ExecMode::TABLE[task as usize % ExecMode::TABLE.len()].0;
        let spec = TaskSpec {
            module: "demo",
            label: &label,
            block,
            part: None,
            edges: &edges,
            mode,
            stops,
            keeps_result,
            test: stops && keeps_result,
            demand: false,
            place: place(1),
        };
        writer.task(&spec);
    }
    writer.finish()
}

fn put_op(number: u8, bytes: &[u8], code: &mut Vec<u8>, varint: u32) {
    code.push(number);
    code.extend(bytes);
    put_varint(code, varint);
}

#[test]
fn bundles_of_the_writer_come_back_without_bytes() {
    for debug in [false, true] {
        let bytes = writer_bundle(debug);
        let text = listing(&bytes);
        assert_eq!(parse(&text, &Two).as_ref(), Ok(&bytes), "{text}");
        assert!(!text.contains("section ") && !text.contains("bytes "), "{text}");
        for (_, name, ..) in Attr::TABLE {
            assert!(text.contains(&format!("attr {name} ")), "{name}");
        }
        for (_, name, _) in EdgeKind::TABLE {
            assert!(text.contains(&format!("{name} T0 ")), "{name}");
        }
    }
}

#[test]
fn a_bundle_of_another_level_keeps_it() {
    let bytes = parse("agent 0\nbundle 'x'\n", &Two).expect("a listing");
    assert!(listing(&bytes).contains("\nagent 0\n"));
    settle("agent 0\nbundle 'x'\n");
}

#[test]
fn constants_of_every_kind() {
    let values = [
        Value::Null,
        Value::Unknown,
        Value::Bool(true),
        Value::Bool(false),
        Value::Int(i64::MIN),
        Value::Int(i64::MAX),
        Value::Float(-0.0),
        Value::Float(1e300),
        Value::Float(5e-324),
        Value::Float(f64::INFINITY),
        Value::Float(f64::NEG_INFINITY),
        Value::str("it's \\ \n\t\r\u{1}\u{85}\u{2028} ; ünï"),
        Value::str(""),
        Value::Duration(0),
        Value::Duration(i64::MIN),
        Value::Duration(i64::MAX),
        Value::Duration(3_723_004_005_006),
        Value::Range(-3, -1),
        Value::Range(i64::MIN, i64::MAX),
        Value::list(vec![]),
        Value::map([("a b", Value::list(vec![Value::Unknown])), ("", Value::map::<String>([]))]),
    ];
    let mut writer = BundleWriter::new("k", 1, false);
    for value in &values {
        assert_eq!(values::value(&format!("{value} ; more")), Ok((value.clone(), value.to_string().len())));
        writer.constant(value);
    }
    writer.constant(&Value::Float(f64::NAN));
    writer.constant(&Value::Float(f64::from_bits(0x7ff8_0000_0000_0001)));
    let bytes = writer.finish();
    let text = listing(&bytes);
    assert_eq!(parse(&text, &Two).as_ref(), Ok(&bytes), "{text}");
    assert_eq!(text.matches("bytes").count(), 1, "only the strange NaN has no text\n{text}");
}

/// Any op, decoded from random bytes.
fn any_op() -> impl Strategy<Value = Op> {
    (0..ops::TABLE.len(), any::<[u32; 8]>()).prop_map(|(row, random)| op_of(&ops::TABLE[row], &random))
}

fn op_of(row: &ops::OpRow, random: &[u32; 8]) -> Op {
    let mut code = vec![row.number];
    for ((_, kind), random) in row.operands.iter().zip(random) {
        match *kind {
            "register" => code.push(*random as u8),
            "registers" => code.extend([*random as u8, (*random >> 8) as u8]),
            "constant" | "task" | "target" | "chunk" => put_varint(&mut code, random >> (random % 32)),
            "slot" => code.push((random % 5) as u8),
            "function" => {
                let row = &functions::TABLE[*random as usize % functions::TABLE.len()];
                put_varint(&mut code, row.function.number().into());
            }
            kind => panic!("operand kind {kind} has no strategy"),
        }
    }
    Op::decode(&code, &mut 0).expect("an op")
}

#[test]
fn every_mnemonic_prints_and_reads() {
    let ops: Vec<Op> = ops::TABLE.iter().map(|row| op_of(row, &[200, 1, 2, 3, 4, 5, 6, 7])).collect();
    let text = settle(&chunk_of(&ops));
    for row in ops::TABLE {
        let found = text.lines().any(|line| line.split_whitespace().nth(1) == Some(row.name));
        assert!(found, "{}\n{text}", row.name);
    }
    assert!(!text.contains("bytes"));
}

fn chunk_of(ops: &[Op]) -> String {
    ops.iter().fold("chunk C0\n".to_owned(), |text, op| format!("{text}  {op}\n"))
}

proptest! {
    #[test]
    fn random_ops_come_back(ops in proptest::collection::vec(any_op(), 0..40)) {
        let bytes = parse(&chunk_of(&ops), &Two).expect("a listing");
        let mut code = Vec::new();
        ops.iter().for_each(|op| op.encode(&mut code));
        prop_assert_eq!(Bundle::open(&bytes).expect("a bundle").code(), &code[..]);
        prop_assert_eq!(parse(&listing(&bytes), &Two), Ok(bytes));
    }

    /// Whatever the rows say, the listing gives the same bytes.
    #[test]
    fn random_sections_come_back(
        contents in proptest::collection::vec(proptest::option::of(proptest::collection::vec(0u8..12, 1..80)), Section::TABLE.len()),
        spread in any::<bool>(),
    ) {
        let mut sections: Vec<(Section, Vec<u8>)> = Vec::new();
        for (&(section, _, size, _), content) in Section::TABLE.iter().zip(contents) {
            let Some(mut content) = content else { continue };
            // What `Bundle` does not show: rows behind the first of `meta`, and bytes that belong to nothing.
            match section {
                Section::Meta => content.resize(size, 0),
                Section::Assets | Section::AssetBytes | Section::DebugFiles | Section::DebugText => continue,
                _ => content.truncate(content.len() / size * size),
            }
            // Small numbers refer to rows that exist; most do not otherwise.
            if spread { content.iter_mut().enumerate().filter(|(i, _)| i % 4 != 0).for_each(|(_, b)| *b = 0); }
            if !content.is_empty() { sections.push((section, content)); }
        }
        let borrowed: Vec<(Section, &[u8])> = sections.iter().map(|(s, b)| (*s, &b[..])).collect();
        let bytes = assemble(&borrowed);
        let text = listing(&bytes);
        prop_assert_eq!(parse(&text, &Two), Ok(bytes), "{}", text);
    }

    #[test]
    fn arbitrary_text_never_panics(text in any::<String>()) {
        let _ = parse(&text, &Two);
    }

    /// Sound listings with a piece cut out or put elsewhere.
    #[test]
    fn broken_listings_never_panic(cut in 0..SAMPLE.len(), length in 0..40usize, at in 0..SAMPLE.len(), junk in "[ -~\n]{0,6}") {
        let mut text: Vec<u8> = SAMPLE.bytes().collect();
        let piece: Vec<u8> = text.drain(cut..(cut + length).min(SAMPLE.len())).collect();
        let at = at.min(text.len());
        text.splice(at..at, piece.into_iter().chain(junk.bytes()));
        if let Ok(bytes) = parse(&String::from_utf8_lossy(&text), &Two)
            && let Ok(bundle) = Bundle::open(&bytes)
        {
            let _ = print(&bundle, &Two);
        }
    }
}

#[test]
fn deep_values_are_refused() {
    for text in ["[".repeat(100_000), "{'a': ".repeat(100_000)] {
        let error = parse(&format!("constants\n  K0 {text}"), &Two).expect_err("too deep");
        assert!(error.message.contains("nested"), "{error}");
    }
}

#[test]
fn chunk_rows_have_the_size_of_the_format() {
    assert_eq!(size_of::<ChunkRow>(), Section::Chunks.row_size());
}
