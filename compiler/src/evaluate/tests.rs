//! Expressions at the desk: values, refusals, and where values come from.

use super::*;
use crate::doc::{self, Format};
use crate::world::memory::MemoryWorld;
use crate::{BuildOptions, build};
use std::path::PathBuf;

fn facts(text: &str) -> (Desk, Sources, Vec<String>) {
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let file = sources.add("facts.yaml", text);
    let doc = doc::parse(file, text, Format::Yaml, &mut diagnostics);
    let mut desk = Desk::default();
    desk.facts.read(&doc, &mut diagnostics);
    let said = diagnostics.iter().map(|d| format!("{} {}", d.code, d.message)).collect();
    (desk, sources, said)
}

fn said(desk: &Desk, text: &str) -> String {
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    match desk.evaluate(text, &mut sources, &mut diagnostics) {
        Some(found) => format!("{}: {}", found.value, found.checked.expr.ty),
        None => {
            let problem = |d: &Diagnostic| {
                let at = d.place.map_or(String::new(), |(_, span)| text[span.start as usize..span.end as usize].into());
                format!("{} `{at}` {}", d.code, d.message)
            };
            diagnostics.iter().map(problem).collect::<Vec<_>>().join("; ")
        }
    }
}

#[test]
fn values_are_those_of_a_task() {
    let desk = Desk::default();
    assert_eq!(said(&desk, "[x * 2 for x in 1..3]"), "[2, 4, 6]: list<int>");
    assert_eq!(said(&desk, "${upper('web')}"), "'WEB': str");
    assert!(said(&desk, "uppr('web')").starts_with("C2010 `uppr` "), "{}", said(&desk, "uppr('web')"));
    assert!(said(&desk, "1 +").starts_with("C1001 "), "{}", said(&desk, "1 +"));
    assert!(said(&desk, "'a' + 2 * (1 - 1)").starts_with("C3003 "), "{}", said(&desk, "'a' + 2 * (1 - 1)"));
}

#[test]
fn what_has_no_value_is_named_at_its_place() {
    let desk = Desk::default();
    assert!(said(&desk, "2 + 1 % (1 - 1)").starts_with("C3007 `1 % (1 - 1)` "), "{}", said(&desk, "2 + 1 % (1 - 1)"));
    assert_eq!(
        said(&desk, "upper(facts.os.family)"),
        "C5020 `facts.os.family` `facts.os.family` is known on a node only"
    );
    assert_eq!(said(&desk, "not fs.exists('/x')"), "C5020 `fs.exists('/x')` only a node can answer `fs.exists`");
    assert_eq!(
        said(&desk, "'a' + secret('env:HOME')"),
        "C5020 `secret('env:HOME')` a secret is fetched on a node only, and never shown"
    );
}

#[test]
fn names_can_be_bound_and_hidden() {
    let mut desk = Desk::default();
    desk.bind("xs", Type::List(Box::new(Type::Int)), Value::list(vec![Value::Int(3), Value::Int(4)]));
    desk.bind("n", Type::Int, Value::Int(10));
    assert_eq!(said(&desk, "[x * n for x in xs if x > 3]"), "[40]: list<int>");
    assert_eq!(said(&desk, "[[y + x + n for y in xs] for x in xs]"), "[[16, 17], [17, 18]]: list<list<int>>");
    assert_eq!(said(&desk, "[n for n in xs]"), "[3, 4]: list<int>");
    desk.bind("n", Type::Str, Value::str("new"));
    assert_eq!(said(&desk, "n"), "'new': str");
}

#[test]
fn facts_are_read_as_their_types_say() {
    let (desk, _, problems) =
        facts("facts:\n  os: {family: debian, version: 12}\n  memory.total: 4GiB\nnode.name: web1\n");
    assert_eq!(problems, Vec::<String>::new());
    assert_eq!(desk.facts.len(), 4);
    assert_eq!(said(&desk, "facts.os.version + '/' + node.name"), "'12/web1': str");
    assert_eq!(said(&desk, "facts.memory.total"), "4294967296: size");
    let (_, _, problems) = facts("facts: {os: {famly: x}, cpu: 3}\nnode: {name: [1]}\nfacts.cpu.count: many\n");
    let codes: Vec<&str> = problems.iter().map(|said| &said[..5]).collect();
    assert_eq!(codes, ["C2009", "C2005", "C2005", "C3001"], "{problems:?}");
    assert_eq!(facts("- a\n").2.len(), 1);
}

#[test]
fn results_are_typed_and_have_no_value() {
    let world: MemoryWorld =
        [(PathBuf::from("m.ipcmm.yaml"), b"a: {ipcmm.run.cmd: {args: {argv: [x]}}, result: ran}\n".to_vec())]
            .into_iter()
            .collect();
    let options = BuildOptions { debug: true, check_only: true };
    let desk = Desk { program: build(&world, &["m.ipcmm.yaml".into()], options).program, ..Desk::default() };
    assert!(said(&desk, "ran.rc + 1").starts_with("C"), "{}", said(&desk, "ran.rc + 1"));
    assert_eq!(said(&desk, "ran.stdout"), "C5020 `ran` the result of a task is there only when it has run");
    assert!(said(&desk, "ran.stdot").contains("there is no field `stdot`"));
}

#[test]
fn each_part_says_where_it_is_from() {
    let (mut desk, mut sources, _) = facts("facts.cpu.count: 8\n");
    desk.bind("factor", Type::Int, Value::Int(2));
    let mut diagnostics = Diagnostics::default();
    let text = "facts.cpu.count > 4 ? min([facts.cpu.count * factor, 12]) : 1 % 0";
    let found = desk.evaluate(text, &mut sources, &mut diagnostics).expect("a value");
    assert_eq!(
        explain::explain(&desk, &found, &sources).lines(),
        "facts.cpu.count > 4 ? min([facts.cpu.count * factor, 12]) : 1 % 0 = 12  (condition)\n  \
         facts.cpu.count > 4 = true  (computed)\n    facts.cpu.count = 8  (fact, facts.yaml:1)\n  \
         min([facts.cpu.count * factor, 12]) = 12  (function `min`)\n    \
         [facts.cpu.count * factor, 12] = [16, 12]  (list)\n      facts.cpu.count * factor = 16  (computed)\n        \
         facts.cpu.count = 8  (fact, facts.yaml:1)\n        factor = 2  (bound to `factor`)\n"
    );
}
