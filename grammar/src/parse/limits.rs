//! Texts that are long, deep or arbitrary.

use super::*;
use crate::ast::MAX_DEPTH;
use crate::problem::MAX_PROBLEMS;
use crate::template::{Part, parse_template};
use proptest::prelude::*;

/// Runs `work` on a stack as small as a worker's.
fn on_a_small_stack(work: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(work).expect("a thread");
    thread.join().expect("no panic and no overflow");
}

fn has_kind(parsed: &Parsed, kind: ProblemKind) -> bool {
    parsed.problems.iter().any(|p| p.kind == kind)
}

/// Whether no node is too deep or has a wrong depth.
fn is_bounded(expr: &Expr) -> bool {
    let mut deepest = 0;
    let mut bounded = expr.depth <= MAX_DEPTH;
    expr.kind.children(&mut |child| {
        bounded &= is_bounded(child);
        deepest = deepest.max(child.depth);
    });
    bounded && expr.depth == deepest + 1
}

fn has_error(expr: &Expr) -> bool {
    let mut found = expr.kind == ExprKind::Error;
    expr.kind.children(&mut |child| found |= has_error(child));
    found
}

#[test]
fn deep_texts() {
    on_a_small_stack(|| {
        let fill = |unit: &str| unit.repeat(MAX_LENGTH / unit.len());
        let chains =
            ["1+", "a.", "a|", "f(a)|", "-", "- ", "not ", "!", "a??", "a?b:", "x=>", "a?", "a..", "a<", "a and "];
        let brackets = ["[", "(", "{", "{a:", "f(", "a[", "(x)=>", "match ", "match a{1=>", "[x for x in ", "${", "{{"];
        for unit in chains.into_iter().chain(brackets) {
            for text in [fill(unit), fill(unit) + "a"] {
                let text = text.get(text.len().saturating_sub(MAX_LENGTH)..).unwrap_or_default();
                let parsed = parse(text);
                assert!(!parsed.problems.is_empty() && parsed.problems.len() <= MAX_PROBLEMS, "{unit}");
                assert!(is_bounded(&parsed.expr), "{unit}");
            }
            let too_large = parse(&unit.repeat(100_000));
            assert_eq!(too_large.expr.kind, ExprKind::Error);
            assert!(has_kind(&too_large, ProblemKind::TooLarge), "{unit}");
        }
        for unit in ["1+", "not ", "-", "[", "(", "a??", "x=>"] {
            let text = unit.repeat(1000) + "1";
            assert!(has_kind(&parse(&text), ProblemKind::TooDeep), "{unit}");
        }
    });
}

#[test]
fn depth_at_the_limit() {
    on_a_small_stack(|| {
        let deepest = usize::from(MAX_DEPTH);
        let table: &[(String, bool)] = &[
            ("-".repeat(deepest - 1) + "a", true),
            ("-".repeat(deepest) + "a", false),
            ("1+".repeat(deepest - 1) + "1", true),
            ("1+".repeat(deepest) + "1", false),
            ("[".repeat(deepest) + &"]".repeat(deepest), true),
            ("[".repeat(deepest + 1) + &"]".repeat(deepest + 1), false),
            ("(".repeat(deepest) + "1" + &")".repeat(deepest), true),
            ("(".repeat(deepest + 1) + "1" + &")".repeat(deepest + 1), false),
            (format!("[{}]", "-1, not a, x => y, ".repeat(2000)), true),
        ];
        for (text, fits) in table {
            assert_eq!(parse(text).problems.is_empty(), *fits, "{}…", &text[..20]);
        }
    });
}

/// Texts that would make recovery walk a deep stack again and again.
#[test]
fn many_mistakes() {
    on_a_small_stack(|| {
        let deep = "[".repeat(190);
        let junk =
            ["1 ", ": ", "* ", "1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1,", ",", "( ) ", "1 (", "in ", "_ ", "for "];
        for unit in junk {
            for start in ["", &deep, "f(", "{", "match v {", "[x for "] {
                let text = start.to_owned() + &unit.repeat((MAX_LENGTH - 200) / unit.len());
                let parsed = parse(&text);
                assert!(!parsed.problems.is_empty() && parsed.problems.len() <= MAX_PROBLEMS);
                assert!(is_bounded(&parsed.expr));
            }
        }
    });
}

/// A constant, written as values are written.
fn constant() -> impl Strategy<Value = String> {
    let text = || any::<String>().prop_map(|s| quoted(&s));
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|b| b.to_string()),
        any::<i64>().prop_map(|i| i.to_string()),
        Just(i64::MIN.to_string()),
        any::<f64>().prop_filter("finite", |x| x.is_finite()).prop_map(|x| format!("{x:?}")),
        text(),
        any::<i64>().prop_map(duration),
        Just(duration(i64::MIN)),
        (-9_i64..9, -9_i64..9).prop_map(|(a, b)| format!("{a}..{b}")),
    ];
    leaf.prop_recursive(4, 32, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(", "))),
            prop::collection::vec((text(), inner), 0..4).prop_map(|entries| {
                let entries: Vec<String> = entries.iter().map(|(k, v)| format!("{k}: {v}")).collect();
                format!("{{{}}}", entries.join(", "))
            }),
        ]
    })
}

fn quoted(text: &str) -> String {
    let escaped: String = text
        .chars()
        .map(|c| match c {
            '\'' => "\\'".to_owned(),
            '\\' => "\\\\".to_owned(),
            '\n' => "\\n".to_owned(),
            c if c.is_control() => format!("\\u{{{:x}}}", c as u32),
            c => c.to_string(),
        })
        .collect();
    format!("'{escaped}'")
}

fn duration(nanoseconds: i64) -> String {
    let rest = nanoseconds.unsigned_abs();
    let sign = if nanoseconds < 0 { "-" } else { "" };
    format!("{sign}{}d{}ms{}ns", rest / 86_400_000_000_000, rest % 86_400_000_000_000 / 1_000_000, rest % 1_000_000)
}

/// Pieces of expressions in any order.
fn token_soup() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "not",
        "and",
        "or",
        "in",
        "matches",
        "match",
        "if",
        "for",
        "true",
        "null",
        "==",
        "<",
        "+",
        "-",
        "*",
        "??",
        "?.",
        "?",
        ":",
        "=>",
        "|",
        "..",
        ".",
        ",",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "_",
        "a",
        "f(",
        "1",
        "1.5",
        "1s",
        "2KiB",
        "'s'",
        "'",
        "\"",
        "\\",
        "10x",
        "9223372036854775808",
        "&&",
        "=",
        "{{",
        "}}",
        "${",
        "é",
        "#",
        "\u{a0}",
        "x =>",
        "[x for x in",
        "match v {",
    ]);
    (prop::collection::vec(pieces, 0..40), prop::sample::select(vec!["", " "])).prop_map(|(p, gap)| p.join(gap))
}

fn check(text: &str) -> Result<(), TestCaseError> {
    let within = |span: Span| {
        let (start, end) = (span.start as usize, span.end as usize);
        start <= end && end <= text.len() && text.is_char_boundary(start) && text.is_char_boundary(end)
    };
    let parsed = parse(text);
    prop_assert!(parsed.problems.iter().all(|p| within(p.span)), "{:?}", parsed.problems);
    prop_assert!(is_bounded(&parsed.expr) && within(parsed.expr.span));
    prop_assert!(!has_error(&parsed.expr) || !parsed.problems.is_empty());
    let template = parse_template(text);
    prop_assert!(template.problems.iter().all(|p| within(p.span)), "{:?}", template.problems);
    for part in &template.parts {
        match part {
            Part::Text(text) => prop_assert!(!text.is_empty()),
            Part::Expr(expr) => {
                prop_assert!(within(expr.span));
                prop_assert!(!has_error(expr) || !template.problems.is_empty());
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_text(text in any::<String>()) {
        check(&text)?;
    }

    #[test]
    fn arbitrary_tokens(text in token_soup()) {
        check(&text)?;
        check(&format!("a ${{{text}}} b"))?;
    }

    #[test]
    fn constants_are_read_back(text in constant()) {
        let parsed = parse(&text);
        prop_assert_eq!(parsed.problems, []);
        let template = parse_template(&format!("${{{text}}}"));
        prop_assert_eq!(template.problems, []);
        prop_assert!(matches!(template.parts.as_slice(), [Part::Expr(_)]));
    }
}
