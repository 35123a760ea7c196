//! Expressions printed and parsed again.

use crate::dump::expr;
use ipcmm_grammar::ast::{Expr, ExprKind};
use proptest::prelude::*;

proptest! {
    #[test]
    fn any_expression_comes_back_from_its_text(source in any_source(4)) {
        let first = parsed(&source);
        let text = expr::source(&first);
        prop_assert_eq!(shape(&parsed(&text)), shape(&first), "{} from {}", text, source);
        prop_assert!(text.matches('(').count() <= source.matches('(').count(), "{} from {}", text, source);
    }
}

/// An expression with parentheses around every part.
fn any_source(depth: u32) -> BoxedStrategy<String> {
    let leaf = proptest::sample::select(vec![
        "a",
        "b.c",
        "1",
        "-2",
        "1.5",
        "'t\\'x'",
        "true",
        "null",
        "30s",
        "64KiB",
        "1..3",
        "f()",
        "fs.exists('/x')",
        "a?.b",
        "x['k k']",
    ])
    .prop_map(str::to_owned);
    if depth == 0 {
        return leaf.boxed();
    }
    let part = || any_source(depth - 1).prop_map(|text| format!("({text})"));
    let ops: Vec<&'static str> = vec![
        "or", "and", "??", "==", "!=", "<", "<=", ">", ">=", "in", "not in", "matches", "+", "-", "*", "/", "//", "%",
        "..",
    ];
    prop_oneof![
        leaf,
        (part(), proptest::sample::select(ops), part()).prop_map(|(a, op, b)| format!("{a} {op} {b}")),
        part().prop_map(|a| format!("not {a}")),
        part().prop_map(|a| format!("-{a}")),
        (part(), part(), part()).prop_map(|(a, b, c)| format!("{a} ? {b} : {c}")),
        (part(), part()).prop_map(|(a, b)| format!("{a}[{b}]")),
        part().prop_map(|a| format!("{a}?.not")),
        (part(), part()).prop_map(|(a, b)| format!("[{a}, {b}]")),
        (part(), part()).prop_map(|(a, b)| format!("{{k: {a}, 'k k': {b}, in: 1}}")),
        (part(), part()).prop_map(|(a, b)| format!("f({a}, n: {b})")),
        (part(), part()).prop_map(|(a, b)| format!("(x, y) => {a} | g({b})")),
        (part(), part(), part()).prop_map(|(a, b, c)| format!("[{a} for k, v in {b} if {c}]")),
        (part(), part()).prop_map(|(a, b)| format!("match {a} {{ 'a' | -1 => {b}, _ => 0 }}")),
    ]
    .boxed()
}

fn parsed(text: &str) -> Expr {
    let parsed = ipcmm_grammar::parse(text);
    assert!(parsed.problems.is_empty(), "{text}: {:?}", parsed.problems);
    parsed.expr
}

/// The tree without places.
fn shape(expr: &Expr) -> String {
    let mut children = Vec::new();
    expr.kind.children(&mut |child| children.push(shape(child)));
    let own = match &expr.kind {
        ExprKind::Name(name) => name.clone(),
        ExprKind::Field { field, optional, .. } => format!("field {} {optional}", field.name),
        ExprKind::Index { optional, .. } => format!("index {optional}"),
        ExprKind::Call { function, args } => {
            let names: Vec<_> = args.iter().map(|a| a.name.as_ref().map(|n| &n.name)).collect();
            format!("{} {names:?}", function.name)
        }
        ExprKind::Map(entries) => format!("map {:?}", entries.iter().map(|(k, _)| &k.name).collect::<Vec<_>>()),
        ExprKind::Lambda { params, .. } => format!("lambda {:?}", params.iter().map(|p| &p.name).collect::<Vec<_>>()),
        ExprKind::Comprehension { names, .. } => format!("for {:?}", names.iter().map(|n| &n.name).collect::<Vec<_>>()),
        ExprKind::Unary(op, _) => format!("{op:?}"),
        ExprKind::Binary(op, ..) => op.symbol().to_owned(),
        ExprKind::Match { arms, .. } => {
            format!("match {:?}", arms.iter().map(|a| a.patterns.len()).collect::<Vec<_>>())
        }
        ExprKind::List(_) => "list".to_owned(),
        ExprKind::Range(..) => "range".to_owned(),
        ExprKind::Conditional { .. } => "conditional".to_owned(),
        leaf => format!("{leaf:?}"),
    };
    format!("({own} {})", children.join(" "))
}

#[test]
fn expressions_keep_no_parentheses_they_do_not_need() {
    for (text, expected) in [
        ("((a + b)) + c * (d)", "a + b + c * d"),
        ("a - (b - c)", "a - (b - c)"),
        ("(a or b) and not (c and d)", "(a or b) and not (c and d)"),
        ("not (a in b)", "not a in b"),
        ("(a ?? b) ?? c", "(a ?? b) ?? c"),
        ("a ?? (b ?? c)", "a ?? b ?? c"),
        ("(a ? b : c) ? d : (e ? f : g)", "(a ? b : c) ? d : e ? f : g"),
        ("-(a.b)", "-a.b"),
        ("(-a).b", "(-a).b"),
        ("(1..3)[0]", "(1..3)[0]"),
        ("x | trim | split(',')", "split(trim(x), ',')"),
        ("1536KiB + 2000MB + 7B + 0B", "1536KiB + 2GB + 7B + 0B"),
        ("90s", "1m30s"),
        ("{'a': 1, 'a b': 2}", "{a: 1, 'a b': 2}"),
        ("(x => x)(1)", "<error>"),
    ] {
        assert_eq!(expr::source(&ipcmm_grammar::parse(text).expr), expected);
    }
}
