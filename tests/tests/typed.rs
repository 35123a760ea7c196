//! Well-typed expressions: whatever the generator writes is accepted, comes to the same folded and run, and is of the
//! type the compiler says. Each is named by its seed when it fails.

use ipcmm_bytecode::Value;
use ipcmm_bytecode::bundle::Bundle;
use ipcmm_compiler::graph::{Argument, ExprKind};
use ipcmm_grammar::types::Type;
use ipcmm_tests::fake::FakeHost;
use ipcmm_tests::{runner, values};

/// A small generator of random numbers (splitmix64).
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n
    }
}

/// The types of generated expressions.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Bool,
    Int,
    Float,
    Str,
    Duration,
    Ints,
    Strs,
    Record,
    Records,
    MaybeInt,
}

const KINDS: [Kind; 10] = [
    Kind::Bool,
    Kind::Int,
    Kind::Float,
    Kind::Str,
    Kind::Duration,
    Kind::Ints,
    Kind::Strs,
    Kind::Record,
    Kind::Records,
    Kind::MaybeInt,
];

/// Writes expressions; knows the names bound around.
struct Writer {
    random: Random,
    names: Vec<(String, Kind)>,
}

impl Writer {
    /// A name for an element of the kind, bound while `body` is written.
    fn with(&mut self, kind: Kind, body: impl FnOnce(&mut Writer, &str) -> String) -> String {
        let name = format!("v{}", self.names.len());
        self.names.push((name.clone(), kind));
        let text = body(self, &name);
        self.names.pop();
        text
    }

    fn lambda(&mut self, takes: Kind, gives: Kind, depth: u32) -> String {
        self.with(takes, |w, name| format!("{name} => {}", w.write(gives, depth)))
    }

    fn write(&mut self, kind: Kind, depth: u32) -> String {
        let bound: Vec<String> = self.names.iter().filter(|(_, k)| *k == kind).map(|(n, _)| n.clone()).collect();
        if !bound.is_empty() && self.random.below(3) == 0 {
            return bound[self.random.below(bound.len() as u64) as usize].clone();
        }
        if depth == 0 {
            return self.leaf(kind);
        }
        let d = depth - 1;
        match self.random.below(12) {
            0 => self.leaf(kind),
            1 => format!("({} ? {} : {})", self.write(Kind::Bool, d), self.write(kind, d), self.write(kind, d)),
            2 => format!(
                "(match {} {{ 0 => {}, 1 | 2 => {}, _ => {} }})",
                self.write(Kind::Int, d),
                self.write(kind, d),
                self.write(kind, d),
                self.write(kind, d)
            ),
            3 if kind != Kind::MaybeInt => {
                format!("(first([{}]) ?? {})", self.write(kind, d), self.write(kind, d))
            }
            4 => {
                let list = self.write(Kind::Ints, d);
                let body = self
                    .with(kind, |w, total| w.with(Kind::Int, |w, x| format!("({total}, {x}) => {}", w.write(kind, d))));
                // What null begins with stays null, so it is no start for a number that may be null.
                match kind {
                    Kind::MaybeInt => self.leaf(kind),
                    kind => format!("fold({list}, {}, {body})", self.write(kind, d)),
                }
            }
            5 => match kind {
                Kind::MaybeInt => format!("last({})", self.write(Kind::Ints, d)),
                kind => format!("{{a: {}, b: 1}}.a", self.write(kind, d)),
            },
            _ => self.own(kind, d),
        }
    }

    fn leaf(&mut self, kind: Kind) -> String {
        let n = self.random.below(5);
        match kind {
            Kind::Bool => ["true", "false"][(n % 2) as usize].into(),
            Kind::Int => ["0", "1", "(-2)", "7", "(1KiB // 1KiB)"][n as usize].into(),
            Kind::Float => ["0.5", "(-1.0)", "2.25", "1e3", "3.0"][n as usize].into(),
            Kind::Str => ["''", "'a'", "'b,c'", "'größe'", "\"x\""][n as usize].into(),
            Kind::Duration => ["0s", "90s", "250ms", "1h", "1m30s"][n as usize].into(),
            Kind::Ints => ["[1]", "(1..3)", "[3, 1, 2]", "(2..1)", "[0, 0]"][n as usize].into(),
            Kind::Strs => ["['a']", "['b', 'a']", "split('a,b', ',')", "['', 'x']", "keys({k: 1})"][n as usize].into(),
            Kind::Record => format!("{{n: {n}, s: 's{n}'}}"),
            Kind::Records => format!("[{{n: {n}, s: 'p'}}, {{n: 1, s: 'q'}}]"),
            Kind::MaybeInt => {
                ["null", "1", "find([1, 2], x => x > 1)", "{a: null, b: 2}?.b", "first([3])"][n as usize].into()
            }
        }
    }

    /// An expression that only this kind has.
    fn own(&mut self, kind: Kind, d: u32) -> String {
        let pick = self.random.below(6);
        let mut w = |kind| self.write(kind, d);
        match (kind, pick) {
            (Kind::Bool, 0) => format!("({} == {})", w(Kind::Int), w(Kind::Float)),
            (Kind::Bool, 1) => format!("({} and {})", w(Kind::Bool), w(Kind::Bool)),
            (Kind::Bool, 2) => format!("(not {})", w(Kind::Bool)),
            (Kind::Bool, 3) => format!("({} in {})", w(Kind::Int), w(Kind::Ints)),
            (Kind::Bool, 4) => format!("any({}, {})", self.write(Kind::Ints, d), self.lambda(Kind::Int, Kind::Bool, d)),
            (Kind::Bool, _) => {
                format!("all({}, {})", self.write(Kind::Records, d), self.lambda(Kind::Record, Kind::Bool, d))
            }
            (Kind::Int, 0) => format!("({} + {})", w(Kind::Int), w(Kind::Int)),
            (Kind::Int, 1) => format!("({} // {})", w(Kind::Int), w(Kind::Int)),
            (Kind::Int, 2) => format!("len({})", w(Kind::Strs)),
            (Kind::Int, 3) => format!("{}.n", w(Kind::Record)),
            (Kind::Int, 4) => format!("({} ?? {})", w(Kind::MaybeInt), w(Kind::Int)),
            (Kind::Int, _) => {
                format!("count({}, {})", self.write(Kind::Strs, d), self.lambda(Kind::Str, Kind::Bool, d))
            }
            (Kind::Float, 0) => format!("({} / {})", w(Kind::Int), w(Kind::Float)),
            (Kind::Float, 1) => format!("max([{}, {}])", w(Kind::Float), w(Kind::Float)),
            (Kind::Float, 2) => format!("abs({})", w(Kind::Float)),
            (Kind::Float, _) => format!("({} * {})", w(Kind::Float), w(Kind::Int)),
            (Kind::Str, 0) => format!("({} + {})", w(Kind::Str), w(Kind::Str)),
            (Kind::Str, 1) => format!("upper({})", w(Kind::Str)),
            (Kind::Str, 2) => format!("str({})", w(Kind::Ints)),
            (Kind::Str, 3) => format!("join({}, '-')", w(Kind::Strs)),
            (Kind::Str, 4) => format!("{}['s']", w(Kind::Record)),
            (Kind::Str, _) => {
                format!("min_by(['a'] + {}, {})", self.write(Kind::Strs, d), self.lambda(Kind::Str, Kind::Int, d))
            }
            (Kind::Duration, 0) => format!("({} + {})", w(Kind::Duration), w(Kind::Duration)),
            (Kind::Duration, 1) => format!("({} * {})", w(Kind::Int), w(Kind::Duration)),
            (Kind::Duration, 2) => format!("({} // {})", w(Kind::Duration), w(Kind::Int)),
            (Kind::Duration, _) => format!("min([{}, {}])", w(Kind::Duration), w(Kind::Duration)),
            (Kind::Ints, 0) => format!("({} + {})", w(Kind::Ints), w(Kind::Ints)),
            (Kind::Ints, 1) => format!("map({}, {})", self.write(Kind::Strs, d), self.lambda(Kind::Str, Kind::Int, d)),
            (Kind::Ints, 2) => {
                format!("sort_by({}, {})", self.write(Kind::Ints, d), self.lambda(Kind::Int, Kind::Str, d))
            }
            (Kind::Ints, 3) => format!("unique({})", w(Kind::Ints)),
            (Kind::Ints, 4) => {
                format!("flat_map({}, {})", self.write(Kind::Strs, d), self.lambda(Kind::Str, Kind::Ints, d))
            }
            (Kind::Ints, _) => {
                format!("filter({}, {})", self.write(Kind::Ints, d), self.lambda(Kind::Int, Kind::Bool, d))
            }
            (Kind::Strs, 0) => format!("sorted({})", w(Kind::Strs)),
            (Kind::Strs, 1) => format!("map({}, r => r.s)", w(Kind::Records)),
            (Kind::Strs, 2) => {
                format!("keys(group_by({}, {}))", self.write(Kind::Ints, d), self.lambda(Kind::Int, Kind::Str, d))
            }
            (Kind::Strs, 3) => {
                let list = self.write(Kind::Ints, d);
                self.with(Kind::Int, |w, x| {
                    let (body, condition) = (w.write(Kind::Str, d), w.write(Kind::Bool, d));
                    format!("[{body} for {x} in {list} if {condition}]")
                })
            }
            (Kind::Strs, _) => format!("unique_by({}, len)", w(Kind::Strs)),
            (Kind::Record, 0) => format!("merge({}, {{n: {}}})", w(Kind::Record), w(Kind::Int)),
            (Kind::Record, _) => format!("{{n: {}, s: {}}}", w(Kind::Int), w(Kind::Str)),
            (Kind::Records, 0) => format!("sort_by({}, r => r.n)", w(Kind::Records)),
            (Kind::Records, 1) => {
                format!("map({}, {})", self.write(Kind::Ints, d), self.lambda(Kind::Int, Kind::Record, d))
            }
            (Kind::Records, _) => format!("[{}, {}]", w(Kind::Record), w(Kind::Record)),
            (Kind::MaybeInt, 0) => format!("first({})", w(Kind::Ints)),
            (Kind::MaybeInt, 1) => {
                format!("find({}, {})", self.write(Kind::Ints, d), self.lambda(Kind::Int, Kind::Bool, d))
            }
            (Kind::MaybeInt, _) => format!("{}?.n", w(Kind::Record)),
        }
    }
}

/// Whether a value is of a type.
fn is_of(value: &Value, ty: &Type) -> bool {
    match (ty, value) {
        (Type::Any, _) | (Type::Null, Value::Null) | (Type::Bool, Value::Bool(_)) => true,
        (Type::Int | Type::Size, Value::Int(_)) | (Type::Float, Value::Float(_) | Value::Int(_)) => true,
        (Type::Str, Value::Str(_)) | (Type::Duration, Value::Duration(_)) => true,
        (Type::Literal(text), Value::Str(value)) => **value == **text,
        (Type::List(item), Value::List(items)) => items.iter().all(|v| is_of(v, item)),
        (Type::List(item), Value::Range(..)) => **item == Type::Int,
        (Type::Map(item), Value::Map(entries)) => entries.values().all(|v| is_of(v, item)),
        (Type::Record(fields), Value::Map(entries)) => {
            let all = fields.iter().all(|(name, ty)| is_of(entries.get(name.as_str()).unwrap_or(&Value::Null), ty));
            all && entries.keys().all(|key| fields.iter().any(|(name, _)| **name == **key))
        }
        (Type::Union(members), value) => members.iter().any(|m| is_of(value, m)),
        _ => false,
    }
}

/// The type and value of an expression that was folded; `None` if it faults.
fn folded(seed: u64, expression: &str) -> Option<(Type, Value)> {
    let source = format!("value:\n  ipcmm.eval: {{args: {{expr: {}}}}}\n", values::quoted(expression));
    let build = runner::build_text(&source);
    let problems: Vec<String> = build
        .diagnostics
        .iter()
        .filter(|d| d.severity() == ipcmm_compiler::diag::Severity::Error)
        .map(|d| format!("{} {}", d.code, d.message))
        .collect();
    if problems.iter().any(|p| p.starts_with("C3007 ")) {
        return None;
    }
    assert_eq!(problems, Vec::<String>::new(), "seed {seed}: {expression}");
    match &build.graph.tasks[0].body.args[0].1 {
        Argument::Thunk(expr) => match &expr.kind {
            ExprKind::Constant(value) => Some((expr.ty.clone(), value.clone())),
            _ => panic!("seed {seed}: not folded: {expression}"),
        },
        _ => panic!("an expression is a thunk"),
    }
}

#[test]
fn a_well_typed_expression_comes_to_a_value_of_its_type() {
    let mut computed = 0;
    for seed in 0..2_000u64 {
        let mut writer = Writer { random: Random(seed), names: Vec::new() };
        let kind = KINDS[(seed % KINDS.len() as u64) as usize];
        let expression = writer.write(kind, 3);
        if let Some((ty, value)) = folded(seed, &expression) {
            assert!(is_of(&value, &ty), "seed {seed}: {value} is no {ty}: {expression}");
            computed += 1;
        }
    }
    assert!(computed > 1_000, "most have a value: {computed}");
}

#[test]
fn what_is_folded_is_what_runs() {
    let host = FakeHost::default();
    for seed in 10_000..10_600u64 {
        let mut writer = Writer { random: Random(seed), names: Vec::new() };
        let kind = KINDS[(seed % KINDS.len() as u64) as usize];
        let expression = writer.write(kind, 3);
        let text = values::evaluate(&expression, &host);
        assert!(!text.contains("at build, and when it runs"), "seed {seed}: {expression}: {text}");
    }
}

/// How many chunks the bundle of a source has.
fn chunks(source: &str) -> usize {
    let build = runner::build_text(source);
    let bytes = build.bundle.unwrap_or_else(|| panic!("{:?}", build.diagnostics));
    Bundle::open(&bytes).expect("a bundle").chunks().len()
}

#[test]
fn functions_that_are_not_called_are_not_in_the_bundle() {
    let functions = "define:\n  func:\n    \"used(n: int) -> int\": helper(n) + 1\n    \
                     \"helper(n: int) -> int\": n * 2\n    \"unused(n: int) -> int\": n * 3\n";
    let with =
        |expr: &str| chunks(&format!("{functions}a: {{ipcmm.eval: {{args: {{expr: {}}}}}}}\n", values::quoted(expr)));
    assert_eq!(with("1 + facts.cpu.count"), 1);
    assert_eq!(with("used(1) + facts.cpu.count"), 1, "a call that is known is a value");
    assert_eq!(with("used(facts.cpu.count)"), 3);
    assert_eq!(with("helper(facts.cpu.count)"), 2);
    assert_eq!(with("map([facts.cpu.count], n => used(n))"), 3);
}
