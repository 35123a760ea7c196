//! Types are read as they are written, and what fits where.

use super::*;

#[test]
fn reads_what_display_writes() {
    let same = [
        "any",
        "null",
        "bool",
        "int",
        "float",
        "str",
        "bytes",
        "duration",
        "size",
        "path",
        "mode",
        "regex",
        "script",
        "shell",
        "asset",
        "int?",
        "list<int?>",
        "map<list<str>>",
        "expr<bool>?",
        "'a' | 'b'",
        "'a' | 'b' | null",
        "{}",
        "{a: int, b: str?}",
        "int | str",
        "list<'a' | 'b'>?",
        "''",
        "null | int | str",
        "{in: {match: any}}",
        "semver",
        "list<ip>",
        "cidr | ip",
        "task",
        "secret<str>?",
        "map<secret<str>>",
        "list<{a: int}>",
    ];
    for text in same {
        let ty = parse_type(text).unwrap_or_else(|p| panic!("{text}: {}", p.message));
        assert_eq!(ty.to_string(), text);
    }
    let normalised = [
        (" list < int > ", "list<int>"),
        ("int | null", "int?"),
        ("int??", "int?"),
        ("'a' | 'b'?", "'a' | 'b' | null"),
        ("(int | str)?", "int | str | null"),
        ("int | int", "int"),
        ("any?", "any"),
        ("{a: int,}", "{a: int}"),
    ];
    for (text, written) in normalised {
        assert_eq!(parse_type(text).map(|t| t.to_string()).as_deref(), Ok(written), "{text}");
    }
}

#[test]
fn signatures_have_variables_and_lambdas() {
    for text in ["list<T>", "(T) -> U", "(T, int) -> list<U>", "map<T>?", "(T) -> bool"] {
        assert_eq!(parse_generic(text).map(|t| t.to_string()).as_deref(), Ok(text));
    }
    assert_eq!(parse_generic("(T | U) -> T?").map(|t| t.to_string()).as_deref(), Ok("(T | U) -> T?"));
    assert!(parse_generic("(T, U)").is_err() && parse_type("(int) -> int").is_err());
    let node = parse_type("node").expect("it is a record");
    assert!(matches!(node, Type::Record(fields) if fields[0] == ("name".into(), Type::Str)));
}

#[test]
fn secrecy_spreads() {
    for (ty, has, revealed, secret) in [
        ("list<secret<int>>", true, "list<int>", "secret<list<int>>"),
        ("secret<str>?", true, "str?", "secret<str>?"),
        ("int", false, "int", "secret<int>"),
        ("{a: secret<str>, b: int}", true, "{a: str, b: int}", "secret<{a: str, b: int}>"),
        ("null", false, "null", "null"),
    ] {
        let ty = parse_type(ty).expect("it is a type");
        assert_eq!(ty.has_secret(), has, "{ty}");
        assert_eq!(ty.revealed().to_string(), revealed, "{ty}");
        assert_eq!(ty.clone().secret().to_string(), secret, "{ty}");
    }
}

#[test]
fn problems_have_places() {
    let table: &[(&str, u32, u32, &str)] = &[
        ("", 0, 0, "expected a type, found the end"),
        ("list", 4, 4, "expected `<`, found the end"),
        ("list<int", 8, 8, "expected `>`, found the end"),
        ("list<int> x", 10, 11, "expected `|` or the end, found `x`"),
        ("strng", 0, 5, "there is no type `strng`"),
        ("list<T>", 5, 6, "there is no type `T`"),
        ("(int, str)", 4, 5, "expected `)`, found `,`"),
        ("secret", 6, 6, "expected `<`, found the end"),
        ("'a", 0, 2, "this text is never closed: its ' is missing"),
        ("{a int}", 3, 4, "expected `:`, found `i`"),
        ("{a: int, a: str}", 9, 10, "the field `a` stands here twice"),
        ("?", 0, 1, "expected a type, found `?`"),
        ("int |", 5, 5, "expected a type, found the end"),
    ];
    for (text, start, end, message) in table {
        let problem = parse_type(text).expect_err(text);
        assert_eq!((problem.span, problem.message.as_str()), (Span::new(*start, *end), *message), "{text}");
    }
    let deep = "list<".repeat(10_000);
    assert_eq!(parse_type(&deep).map_err(|p| p.kind), Err(ProblemKind::TooDeep));
    assert_eq!(parse_type(&"(".repeat(10_000)).map_err(|p| p.kind), Err(ProblemKind::TooDeep));
}

#[test]
fn fitting() {
    let table: &[(&str, &str, bool)] = &[
        ("any", "int", true),
        ("int", "any", true),
        ("list<any>", "list<int>", true),
        ("null", "int?", true),
        ("null", "int", false),
        ("int?", "int", false),
        ("int", "int?", true),
        ("'a'", "'a' | 'b'", true),
        ("'a' | 'b'", "str", true),
        ("'a' | 'b' | null", "'a' | 'b'", false),
        ("str", "'a'", false),
        ("int", "float", true),
        ("float", "int", false),
        ("int", "size", true),
        ("size", "int", true),
        ("duration", "int", false),
        ("int", "duration", false),
        ("path", "str", true),
        ("asset", "str", false),
        ("str", "path", true),
        ("str", "asset", true),
        ("path", "regex", false),
        ("'0644'", "mode", true),
        ("int", "mode", false),
        ("int", "str", false),
        ("str", "bytes", false),
        ("list<int>", "list<float>", true),
        ("list<str>", "list<int>", false),
        ("list<str>", "str", false),
        ("map<int>", "map<float>", true),
        ("{a: int, b: float}", "map<float>", true),
        ("{a: int, b: str}", "map<int>", false),
        ("map<int>", "{a: int}", false),
        ("{a: int}", "{a: int, b: str?}", true),
        ("{a: int, b: null}", "{a: int, b: str?}", true),
        ("{b: str}", "{a: int, b: str?}", false),
        ("{a: int, c: int}", "{a: int}", false),
        ("{a: int, c: null}", "{a: int}", false),
        ("bool", "expr<bool>", true),
        ("expr<bool>", "expr<bool>?", true),
        ("str", "expr<bool>", false),
        ("'1.2.3'", "semver", true),
        ("str", "semver", false),
        ("semver", "str", true),
        ("ip", "cidr", false),
        ("str", "task", false),
        ("secret<str>", "str", false),
        ("secret<str>", "any", false),
        ("list<secret<str>>", "list<any>", false),
        ("secret<str>", "secret<str>?", true),
        ("secret<'a'>", "secret<str>", true),
        ("str", "secret<str>", true),
        ("int", "secret<str>", false),
        ("secret<str>", "str? | secret<str>", true),
    ];
    for (given, expected, fits) in table {
        let read = |text: &str| parse_type(text).unwrap_or_else(|p| panic!("{text}: {}", p.message));
        assert_eq!(read(given).fits(&read(expected)), *fits, "{given} in place of {expected}");
    }
    assert!(Type::Error.fits(&Type::Int) && Type::Int.fits(&Type::Error));
}
