//! Tables of expressions and what becomes of them.

use super::*;
use crate::ast::{BinaryOp, UnaryOp};
use std::fmt::Write;

/// The tree in prefix notation.
fn shown(expr: &Expr) -> String {
    let all = |head: &str, parts: &[&Expr]| {
        let parts: Vec<String> = parts.iter().map(|e| shown(e)).collect();
        format!("({head} {})", parts.join(" "))
    };
    match &expr.kind {
        ExprKind::Null => "null".to_owned(),
        ExprKind::Bool(v) => v.to_string(),
        ExprKind::Int(v) => v.to_string(),
        ExprKind::Float(v) => format!("{v:?}"),
        ExprKind::Str(v) => format!("{v:?}"),
        ExprKind::Duration(v) => format!("{v}ns"),
        ExprKind::Size(v) => format!("{v}B"),
        ExprKind::List(items) => {
            let items: Vec<String> = items.iter().map(shown).collect();
            format!("[{}]", items.join(" "))
        }
        ExprKind::Map(entries) => {
            let entries: Vec<String> = entries.iter().map(|(k, v)| format!("{}={}", k.name, shown(v))).collect();
            format!("{{{}}}", entries.join(" "))
        }
        ExprKind::Range(a, b) => all("..", &[a, b]),
        ExprKind::Name(name) => name.clone(),
        ExprKind::Field { object, field, optional } => {
            format!("{}{}{}", shown(object), if *optional { "?." } else { "." }, field.name)
        }
        ExprKind::Index { object, key, optional } => {
            format!("{}{}[{}]", shown(object), if *optional { "?." } else { "" }, shown(key))
        }
        ExprKind::Call { function, args } => {
            let args: Vec<String> = args
                .iter()
                .map(|a| {
                    format!("{}{}", a.name.as_ref().map_or(String::new(), |n| format!("{}=", n.name)), shown(&a.value))
                })
                .collect();
            format!("{}({})", function.name, args.join(" "))
        }
        ExprKind::Lambda { params, body } => {
            let params: Vec<&str> = params.iter().map(|p| p.name.as_str()).collect();
            format!("({} => {})", params.join(" "), shown(body))
        }
        ExprKind::Unary(UnaryOp::Not, x) => all("not", &[x]),
        ExprKind::Unary(UnaryOp::Neg, x) => all("-", &[x]),
        ExprKind::Binary(op, x, y) => all(op.symbol(), &[x, y]),
        ExprKind::Conditional { condition, then, otherwise } => all("?", &[condition, then, otherwise]),
        ExprKind::Match { subject, arms } => {
            let mut text = format!("(match {}", shown(subject));
            for arm in arms {
                let patterns: Vec<String> = arm.patterns.iter().map(shown).collect();
                let patterns = if patterns.is_empty() { "_".to_owned() } else { patterns.join("|") };
                let _ = write!(text, " {patterns}:{}", shown(&arm.value));
            }
            text + ")"
        }
        ExprKind::Comprehension { body, names, list, condition } => {
            let names: Vec<&str> = names.iter().map(|n| n.name.as_str()).collect();
            let condition = condition.as_ref().map_or(String::new(), |c| format!(" if {}", shown(c)));
            format!("(for {} in {}{condition}: {})", names.join(" "), shown(list), shown(body))
        }
        ExprKind::Error => "ERROR".to_owned(),
    }
}

#[test]
fn trees() {
    let table: &[(&str, &str)] = &[
        // Literals.
        ("null", "null"),
        ("true", "true"),
        ("1_000", "1000"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("1 - -9223372036854775808", "(- 1 -9223372036854775808)"),
        ("-106751d23h47m16s854ms775us808ns", "-9223372036854775808ns"),
        ("1.5", "1.5"),
        ("1e21", "1e21"),
        ("1e-7", "1e-7"),
        ("1h2m3s4ms", "3723004000000ns"),
        ("64KiB", "65536B"),
        (r"'it\'s'", r#""it's""#),
        (r#""a\u{e9}\n""#, r#""aé\n""#),
        ("'${x}'", r#""${x}""#),
        ("größe_1", "größe_1"),
        ("index", "index"),
        ("_x", "_x"),
        ("[]", "[]"),
        ("[1, [2], ]", "[1 [2]]"),
        ("{}", "{}"),
        ("{a: 1, 'b c': {}, in: 2,}", "{a=1 b c={} in=2}"),
        ("{true: 1, match: 2}", "{true=1 match=2}"),
        // From the weakest to the strongest.
        ("x => x ? 1 : 2", "(x => (? x 1 2))"),
        ("(a, b) => a + b", "(a b => (+ a b))"),
        ("() => 1", "( => 1)"),
        ("(a) => b => a", "(a => (b => a))"),
        ("f(x => x, (y) => y)", "f((x => x) (y => y))"),
        ("a ? b : c ? d : e", "(? a b (? c d e))"),
        ("a ? b ? c : d : e", "(? a (? b c d) e)"),
        ("a ? x => x : y => y", "(? a (x => x) (y => y))"),
        ("{a: b ? c : d}", "{a=(? b c d)}"),
        ("a ?[1]:[2]", "(? a [1] [2])"),
        ("a | f", "f(a)"),
        ("a | f | g(1) | fs.h(k: 2)", "fs.h(g(f(a) 1) k=2)"),
        ("a or b | f ? c : d", "(? f((or a b)) c d)"),
        ("a or b and not c ?? d == e", "(or a (and b (not (?? c (== d e)))))"),
        ("not not a", "(not (not a))"),
        ("a ?? b ?? c", "(?? a (?? b c))"),
        ("a == b ?? c", "(?? (== a b) c)"),
        ("a not in 1..n + 1", "(not in a (.. 1 (+ n 1)))"),
        ("not a in b", "(not (in a b))"),
        ("a matches '^x' and b in c", "(and (matches a \"^x\") (in b c))"),
        ("1..-2", "(.. 1 (- 2))"),
        ("1 - 2 - 3", "(- (- 1 2) 3)"),
        ("a + b * c % d // e / f", "(+ a (/ (// (% (* b c) d) e) f))"),
        ("-a.b * --c", "(* (- a.b) (- (- c)))"),
        ("a - -b", "(- a (- b))"),
        ("(a + b) * c", "(* (+ a b) c)"),
        ("a <= b", "(<= a b)"),
        // Behind a value.
        ("a.b?.c[0]?.[k]", "a.b?.c[0]?.[k]"),
        ("a.in.match.not - 1", "(- a.in.match.not 1)"),
        ("fs.exists('/x').y", r#"fs.exists("/x").y"#),
        ("f()", "f()"),
        ("f(a, b: c, in: d,)", "f(a b=c in=d)"),
        ("f(a ? b : c)", "f((? a b c))"),
        ("[1,2][0]", "[1 2][0]"),
        ("{a: 1}.a", "{a=1}.a"),
        // Comprehension and match.
        ("[f(x) for x in xs if p(x)]", "(for x in xs if p(x): f(x))"),
        ("[k for k, v in m]", "(for k v in m: k)"),
        ("[[y for y in x] for x in a in b]", "(for x in (in a b): (for y in x: y))"),
        (
            "match v { 'a' => 1, 2 | -3 => x | f, null | true | 1s | 1kB | 1.5 => y => y, _ => 0, }",
            "(match v \"a\":1 2|-3:f(x) null|true|1000000000ns|1000B|1.5:(y => y) _:0)",
        ),
        ("match {a: 1} { _ => {} }.b", "(match {a=1} _:{}).b"),
        (" \n\t( a\r\n)", "a"),
    ];
    for (text, expected) in table {
        let parsed = parse(text);
        assert_eq!(parsed.problems, [], "{text}");
        assert_eq!(shown(&parsed.expr), *expected, "{text}");
    }
}

#[test]
fn spans() {
    let parsed = parse("a + (b | f(c))");
    assert_eq!(parsed.expr.span, Span::new(0, 14));
    let ExprKind::Binary(BinaryOp::Add, _, call) = &parsed.expr.kind else { panic!("a sum") };
    let ExprKind::Call { function, args } = &call.kind else { panic!("a call") };
    assert_eq!((call.span, function.span), (Span::new(5, 13), Span::new(9, 10)));
    assert_eq!(args.iter().map(|a| a.value.span.start).collect::<Vec<_>>(), [5, 11]);
    let shifted = parse_at("a + ", 10);
    assert_eq!(shifted.problems[0].span, Span::new(13, 13));
    assert_eq!(parse_at("", 10).expr.span, Span::new(10, 10));
}

/// `start..end message (help)`
fn reported(text: &str) -> Vec<String> {
    let shown = |p: &Problem| {
        let help = p.help.as_ref().map_or(String::new(), |h| format!(" ({h})"));
        format!("{}..{} {}{help}", p.span.start, p.span.end, p.message)
    };
    parse(text).problems.iter().map(shown).collect()
}

#[test]
fn problems() {
    let table: &[(&str, &str, &[&str])] = &[
        ("", "ERROR", &["0..0 there is no value here"]),
        ("1 +", "ERROR", &["3..3 expected a value, found the end"]),
        ("1 2", "ERROR", &["2..3 expected an operator, found `2`"]),
        (
            "foo(1 +, 2 *) and [3,,4]",
            "(and foo(ERROR ERROR) [3 ERROR 4])",
            &[
                "7..8 expected a value, found `,`",
                "12..13 expected a value, found `)`",
                "21..22 expected a value or `]`, found `,`",
            ],
        ),
        ("(", "ERROR", &["0..1 this `(` is never closed: its `)` is missing"]),
        (
            "f(1, [2",
            "f(1 [2])",
            &["1..2 this `(` is never closed: its `)` is missing", "5..6 this `[` is never closed: its `]` is missing"],
        ),
        (")", "ERROR", &["0..1 `)` closes nothing"]),
        ("(1]", "1", &["0..1 this `(` is never closed: its `)` is missing", "2..3 `]` closes nothing"]),
        ("a < b < c < d", "ERROR", &["0..9 comparisons do not chain (write `a < b and b < c`, or `b in a..c`)"]),
        ("1..2..3", "ERROR", &["4..6 expected an operator, found `..` (ranges do not chain)"]),
        (
            "a && b || !c",
            "(or (and a b) (not c))",
            &[
                "2..4 `&&` is no operator (write `and`)",
                "7..9 `||` is no operator (write `or`)",
                "10..11 `!` is no operator (write `not`)",
            ],
        ),
        ("a = 1", "(== a 1)", &["2..3 `=` is no operator (write `==` to compare; nothing is ever assigned)"]),
        ("f(a = 1)", "f(a=1)", &["4..5 `=` is no operator (write `:` between a name and its value)"]),
        ("{a = 1}", "{a=1}", &["3..4 `=` is no operator (write `:` between a name and its value)"]),
        (
            "{{ x }}",
            "x",
            &[
                "0..2 `{{` does not stand inside an expression (write ${x} in a text, and the name alone inside an expression)",
            ],
        ),
        (
            "${x}",
            "x",
            &[
                "0..2 `${` does not stand inside an expression (write ${x} in a text, and the name alone inside an expression)",
            ],
        ),
        ("a === b", "(== a b)", &["2..5 `===` is no operator (write `==`)"]),
        (
            "f(x)(y)",
            "ERROR",
            &[
                "0..4 only a function can be called, by its name (write `f(x) | g(y)` to hand the result of one function to another)",
            ],
        ),
        ("(a ? b)", "ERROR", &["6..7 expected `:`, found `)`"]),
        ("a ? b", "ERROR", &["5..5 expected `:`, found the end"]),
        (
            "a | 1",
            "ERROR",
            &[
                "4..5 what stands behind `|` is no function (write `x | f` or `x | f(y)`, and parentheses around the whole to go on with it)",
            ],
        ),
        (
            "a | (f(1))",
            "ERROR",
            &[
                "5..9 what stands behind `|` is no function (write `x | f` or `x | f(y)`, and parentheses around the whole to go on with it)",
            ],
        ),
        (
            "a | f + 1",
            "ERROR",
            &[
                "4..9 what stands behind `|` is no function (write `x | f` or `x | f(y)`, and parentheses around the whole to go on with it)",
            ],
        ),
        (
            "f(x for x in y)",
            "f(ERROR)",
            &["2..14 `for` stands outside of a list (write `[… for x in xs]`, with nothing else in it)"],
        ),
        (
            "[1, x for x in y]",
            "[1 ERROR]",
            &["4..16 `for` stands outside of a list (write `[… for x in xs]`, with nothing else in it)"],
        ),
        (
            "match v { x => 1, 'a' => }",
            "(match v ERROR:ERROR ERROR:ERROR)",
            &["10..11 expected a literal or `}`, found `x`", "25..26 expected a value, found `}`"],
        ),
        ("match v {}", "(match v)", &["0..10 this `match` has no arms (write `match v { 'a' => 1, _ => 0 }`)"]),
        ("match v", "ERROR", &["7..7 expected `{`, found the end"]),
        ("{a}", "{=ERROR}", &["2..3 expected `:`, found `}`"]),
        ("{a: }", "{=ERROR}", &["4..5 expected a value, found `}`"]),
        ("{a: 1 b: 2}", "{a=ERROR}", &["6..7 expected an operator, `}` or `,`, found `b`"]),
        ("'abc", "ERROR", &["0..4 this string is never closed: its ' is missing"]),
        ("f('abc)", "f(ERROR)", &["2..7 this string is never closed: its ' is missing"]),
        (
            "'\\x' + '\\y'",
            "(+ ERROR ERROR)",
            &[
                "1..3 `\\x` is no escape (write `\\\\` for a backslash; the others are \\' \\n \\t \\r and \\u{…})",
                "8..10 `\\y` is no escape (write `\\\\` for a backslash; the others are \\' \\n \\t \\r and \\u{…})",
            ],
        ),
        (
            "10x + 1",
            "(+ ERROR 1)",
            &[
                "0..3 `10x` has no known unit (units are d h m s ms us ns for durations and B kB MB GB TB KiB MiB GiB TiB for sizes)",
            ],
        ),
        ("0644", "ERROR", &["0..4 `0644` is no number (a number does not begin with 0; write a mode as text: '0644')"]),
        ("99999999999999999999", "ERROR", &["0..20 `99999999999999999999` is too great"]),
        ("9223372036854775808", "ERROR", &["0..19 this number is too great"]),
        ("a.", "ERROR", &["2..2 expected a name, found the end"]),
        ("a..", "ERROR", &["3..3 expected a value, found the end"]),
        ("a.1", "ERROR", &["2..3 expected a name, found `1`"]),
        ("a.(b)", "ERROR", &["2..3 expected a name, found `(`"]),
        ("if x then y else z", "ERROR", &["0..2 expected a value, found `if` (write `condition ? a : b`)"]),
        (
            "x is null",
            "ERROR",
            &[
                "2..4 expected an operator, found `is` (write `==`; `x is defined` is `x != null` here, and `x is changed` is `x.changed`)",
            ],
        ),
        ("a # b", "ERROR", &["2..3 `#` means nothing here (an expression holds no comments)"]),
        ("1, 2", "ERROR", &["0..4 several values stand where one is meant (write a list as `[a, b]`)"]),
        (
            "[1 (2, 3) 4, 5]",
            "[ERROR 5]",
            &[
                "1..2 only a function can be called, by its name (write `f(x) | g(y)` to hand the result of one function to another)",
                "10..11 expected an operator, `]` or `,`, found `4`",
            ],
        ),
        ("(a, 1) => a", "(a => a)", &["4..5 expected a name or `)`, found `1`"]),
        ("lambda x: x", "ERROR", &["7..8 expected an operator, found `x` (write `x => …`)"]),
        ("x => ", "ERROR", &["4..4 expected a value, found the end"]),
        ("not", "ERROR", &["3..3 expected a value, found the end"]),
        ("a not b", "ERROR", &["6..7 expected `in`, found `b`"]),
        ("* 2", "ERROR", &["0..1 expected a value, found `*` (there is no power operator and no unpacking)"]),
        (
            "{a: [1}, b",
            "ERROR",
            &[
                "0..10 several values stand where one is meant (write a list as `[a, b]`)",
                "4..5 this `[` is never closed: its `]` is missing",
            ],
        ),
        ("_", "ERROR", &["0..1 expected a value, found `_`"]),
        ("a ? b : ", "ERROR", &["7..7 expected a value, found the end"]),
        ("a[]", "a[ERROR]", &["2..2 there is no value here"]),
        ("a[1, 2]", "a[ERROR]", &["2..6 several values stand where one is meant (write a list as `[a, b]`)"]),
        ("()", "ERROR", &["1..1 there is no value here"]),
        ("f(a: )", "f(ERROR)", &["5..6 expected a value, found `)`"]),
        (
            "1 : 2",
            "ERROR",
            &[
                "2..3 expected an operator, found `:` (`:` stands in a map `{a: 1}`, a named argument `f(a: 1)`, or `condition ? a : b`)",
            ],
        ),
        ("x in", "ERROR", &["4..4 expected a value, found the end"]),
        ("{,}", "{=ERROR}", &["1..2 expected a key or `}`, found `,`"]),
        (
            "a?.b(1)",
            "ERROR",
            &[
                "0..4 only a function can be called, by its name (write `f(x) | g(y)` to hand the result of one function to another)",
            ],
        ),
        ("a == == b", "ERROR", &["5..7 expected a value, found `==`"]),
        ("((b) c)", "ERROR", &["5..6 expected an operator, `)` or `,`, found `c`"]),
        (
            "[(a, b) c, d]",
            "[ERROR d]",
            &[
                "2..6 several values stand where one is meant (write a list as `[a, b]`)",
                "8..9 expected an operator, `]` or `,`, found `c`",
            ],
        ),
        ("[a ? (b) c, d]", "[ERROR d]", &["9..10 expected an operator or `:`, found `c`"]),
        ("[match (v) x, 1]", "[ERROR 1]", &["11..12 expected an operator or `{`, found `x`"]),
        ("(1 + ], 2)", "ERROR", &["5..6 `]` closes nothing", "6..7 expected a value, found `,`"]),
        ("f(a: (b) c, d)", "f(a=ERROR d)", &["9..10 expected an operator, `)` or `,`, found `c`"]),
        ("[x for x in (y) z, w]", "[ERROR w]", &["16..17 expected an operator, `]` or `,`, found `z`"]),
        ("@", "ERROR", &["0..1 `@` means nothing here"]),
        ("f(1 @, 2 +)", "f(1 ERROR)", &["4..5 `@` means nothing here", "10..11 expected a value, found `)`"]),
        (
            "[1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1, 2 3]",
            "[ERROR ERROR]",
            &["3..4 expected an operator, `]` or `,`, found `1`", "62..63 expected an operator, `]` or `,`, found `3`"],
        ),
    ];
    for (text, tree, problems) in table {
        assert_eq!(reported(text), *problems, "{text}");
        assert_eq!(shown(&parse(text).expr), *tree, "{text}");
    }
}

#[test]
fn kinds() {
    let table: &[(&str, ProblemKind)] = &[
        ("1 +", ProblemKind::Syntax),
        ("'a", ProblemKind::UnclosedString),
        (r"'\q'", ProblemKind::BadEscape),
        ("0x1F", ProblemKind::BadNumber),
        ("1_", ProblemKind::BadNumber),
        ("10x", ProblemKind::BadUnit),
    ];
    for (text, kind) in table {
        assert_eq!(parse(text).problems.iter().map(|p| p.kind).collect::<Vec<_>>(), [*kind], "{text}");
    }
}
