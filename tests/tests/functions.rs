//! Functions of the library: what Python says of them, and laws that hold for all values.

use ipcmm_tests::fake::FakeHost;
use ipcmm_tests::skip;
use ipcmm_tests::suite::root;
use ipcmm_tests::values;
use proptest::prelude::*;
use std::process::Command;

#[test]
fn python_computes_the_same() {
    let Ok(output) = Command::new("python3").arg(root().join("tests/functions.py")).output() else {
        return skip("functions held against Python: python3 is not there");
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let cases = String::from_utf8(output.stdout).expect("UTF-8");
    let host = FakeHost::default();
    let mut wrong = Vec::new();
    for case in cases.lines() {
        let (call, theirs) = case.split_once('\t').expect("a call and its value");
        let same = format!("{call} == json.decode({})", literal(theirs));
        if values::evaluate(&same, &host) != "true" {
            wrong.push(format!("{call} is {}, and Python says {theirs}", values::evaluate(call, &host)));
        }
    }
    assert!(cases.lines().count() > 1000, "only {} cases", cases.lines().count());
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// A text as an expression.
fn literal(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || " .,:/-_[]()<>=".contains(c);
    let escaped = text.chars().map(|c| if plain(c) { c.to_string() } else { format!("\\u{{{:x}}}", c as u32) });
    format!("'{}'", escaped.collect::<String>())
}

/// Holds a law, a condition over `x`, `y` and `z`, for values.
fn holds(law: &str, values: &[(&str, String)]) -> Result<(), TestCaseError> {
    let written = values.iter().fold(law.to_owned(), |law, (name, value)| law.replace(name, value));
    prop_assert_eq!(values::evaluate(&written, &FakeHost::default()), "true", "{}", written);
    Ok(())
}

/// Laws for any text, in the place of `TEXT`.
const TEXTS: &[&str] = &[
    "utf8.decode(utf8.encode(TEXT)) == TEXT",
    "utf8.decode(hex.decode(hex.encode(TEXT))) == TEXT",
    "utf8.decode(base64.decode(base64.encode(TEXT))) == TEXT",
    "utf8.decode(base64url.decode(base64url.encode(TEXT))) == TEXT",
    "url.decode(url.encode(TEXT)) == TEXT",
    "json.decode(json.encode({k: [TEXT]}, 2)) == {k: [TEXT]}",
    "join(chars(TEXT), '') == TEXT and len(chars(TEXT)) == len(TEXT)",
    "reverse_text(reverse_text(TEXT)) == TEXT",
    "regex.find(TEXT, '^(?s:' + regex.escape(TEXT) + ')$') == TEXT",
    "snake_case(snake_case(TEXT)) == snake_case(TEXT)",
    "path.normalize(path.normalize(TEXT)) == path.normalize(TEXT)",
    "len(truncate(TEXT, 5)) <= 5 and len(pad_end(TEXT, 5)) >= 5",
    "substring(TEXT, 0, 3) + substring(TEXT, 3) == TEXT",
    "sorted(random.shuffle(chars(TEXT), TEXT)) == sorted(chars(TEXT))",
];

/// Laws for any two lists, in the place of `ONE` and `TWO`.
const LISTS: &[&str] = &[
    "sorted(union(ONE, TWO)) == sorted(union(TWO, ONE))",
    "sorted(intersection(ONE, TWO)) == sorted(intersection(TWO, ONE))",
    "sorted(union(difference(ONE, TWO), intersection(ONE, TWO))) == sorted(unique(ONE))",
    "sorted(symmetric_difference(ONE, TWO)) == sorted(difference(union(ONE, TWO), intersection(ONE, TWO)))",
    "is_subset(ONE, TWO) == is_empty(difference(ONE, TWO))",
    "is_disjoint(ONE, TWO) == is_empty(intersection(ONE, TWO))",
    "flatten(chunk(ONE, 3)) == ONE",
    "take(ONE, 2) + drop(ONE, 2) == ONE",
    "len(cross(ONE, TWO)) == len(ONE) * len(TWO)",
    "len(partition(ONE, x => x in TWO).yes) + len(partition(ONE, x => x in TWO).no) == len(ONE)",
    "sum(values(tally(map(ONE, x => str(x))))) == len(ONE)",
];

/// Laws for any network, in the place of `NET`.
const NETWORKS: &[&str] = &[
    "cidr.network(cidr.network('NET')) == cidr.network('NET')",
    "ip.within(cidr.first('NET'), 'NET') and ip.within(cidr.last('NET'), 'NET')",
    "ip.compare(cidr.first('NET'), cidr.last('NET')) <= 0",
    "cidr.contains('NET', cidr.network('NET')) and cidr.overlaps('NET', 'NET')",
    "cidr.host('NET', 0) == cidr.first('NET') and cidr.host('NET', -1) == cidr.last('NET')",
    "all(cidr.subnets('NET', cidr.prefix('NET') + 2), n => cidr.contains('NET', n))",
    "cidr.subnet('NET', cidr.prefix('NET') + 2, 3) == cidr.subnets('NET', cidr.prefix('NET') + 2)[3]",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn laws_of_text(text in "\\PC{0,12}|[a-zA-Z_./ -]{0,16}|[\\n\\t\"'{}: #0-9~]{0,8}") {
        for law in TEXTS {
            holds(law, &[("TEXT", literal(&text))])?;
        }
    }

    #[test]
    fn laws_of_lists(one in prop::collection::vec(-5i8..5, 1..9), two in prop::collection::vec(-5i8..5, 1..9)) {
        for law in LISTS {
            holds(law, &[("ONE", format!("{one:?}")), ("TWO", format!("{two:?}"))])?;
        }
    }

    #[test]
    fn laws_of_networks(address in any::<u128>(), v4 in any::<bool>(), bits in 0u32..=126) {
        let net = match v4 {
            true => format!("{}/{}", std::net::Ipv4Addr::from_bits(address as u32), bits % 31),
            false => format!("{}/{bits}", std::net::Ipv6Addr::from_bits(address)),
        };
        for law in NETWORKS {
            holds(law, &[("NET", net.clone())])?;
        }
    }
}
