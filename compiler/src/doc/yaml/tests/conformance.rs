//! The public YAML test suite in full: the events of every valid case, and the values of those that have any in JSON.

use super::super::events;
use super::suite::{corpora, files};
use super::{problems, read};
use crate::diag::Code;
use crate::doc::{Doc, NodeId, NodeKind, Style};
use crate::world::World;
use crate::world::disk::Disk;
use granit_parser::{Event, ScalarStyle, Tag};
use ipcmm_grammar::units;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Valid cases of the suite and their texts.
fn valid() -> Vec<(PathBuf, String)> {
    let Some(folder) = corpora("yaml-test-suite") else { return Vec::new() };
    let mut cases = files(&folder.join("data"), |name| name == "in.yaml");
    cases.sort();
    let sound = |path: &PathBuf| Disk.kind(&path.with_file_name("error")).is_err();
    let text = |path: PathBuf| {
        let text = String::from_utf8(Disk.read(&path).expect("a case")).expect("text");
        (path, text)
    };
    cases.into_iter().filter(sound).map(text).collect()
}

fn beside(path: &Path, name: &str) -> Option<String> {
    Some(String::from_utf8(Disk.read(&path.with_file_name(name)).ok()?).expect("text"))
}

fn tagged(tag: Option<&Tag>) -> String {
    tag.map_or_else(String::new, |tag| {
        let (handle, suffix) = tag.parts();
        format!(" <{handle}{suffix}>")
    })
}

/// The events in the notation of the suite. Left out, here as there: names of anchors, which the suite writes before
/// and the parser gives behind a node, and marks that change nothing (`---`, `...`, braces).
fn stream(text: &str) -> Result<Vec<String>, String> {
    let mut lines: Vec<String> = Vec::new();
    for event in events(text) {
        let (event, place) = event.map_err(|e| e.to_string())?;
        lines.push(match event {
            Event::StreamStart => "+STR".to_owned(),
            Event::StreamEnd => "-STR".to_owned(),
            Event::DocumentStart(..) => "+DOC".to_owned(),
            Event::DocumentEnd => "-DOC".to_owned(),
            Event::SequenceStart(_, _, tag) => format!("+SEQ{}", tagged(tag.as_deref())),
            Event::SequenceEnd => "-SEQ".to_owned(),
            Event::MappingStart(_, _, tag) => format!("+MAP{}", tagged(tag.as_deref())),
            Event::MappingEnd => "-MAP".to_owned(),
            Event::Alias(_) | Event::UnresolvedAlias(_) => "=ALI".to_owned(),
            Event::Anchor(..) => match lines.last_mut() {
                Some(node) => {
                    node.push_str(" &");
                    continue;
                }
                None => continue,
            },
            Event::Scalar(value, style, _, tag) => {
                let sign = match style {
                    ScalarStyle::Plain => ':',
                    ScalarStyle::SingleQuoted => '\'',
                    ScalarStyle::DoubleQuoted => '"',
                    ScalarStyle::Literal => '|',
                    ScalarStyle::Folded => '>',
                };
                // The parser says `~` where nothing is written.
                let nothing = style == ScalarStyle::Plain && place.byte_range().is_some_and(|range| range.is_empty());
                let value = if nothing { "" } else { &*value };
                format!("=VAL{} {sign}{value}", tagged(tag.as_deref()))
            }
            _ => continue,
        });
    }
    Ok(lines)
}

/// A line of the suite in the form of [`stream`].
fn expected(line: &str) -> String {
    let (event, rest) = line.split_once(' ').unwrap_or((line, ""));
    let (mut anchor, mut tag) = ("", String::new());
    let mut rest = rest;
    loop {
        let (word, behind) = rest.split_once(' ').unwrap_or((rest, ""));
        match word.chars().next() {
            Some('&') => anchor = " &",
            Some('<') => tag = format!(" {word}"),
            Some('[' | '{' | '-' | '.' | '*') if event != "=VAL" => {}
            _ => break,
        }
        rest = behind;
    }
    if event != "=VAL" {
        return format!("{event}{tag}{anchor}");
    }
    let mut text = String::new();
    let mut chars = rest.chars();
    while let Some(c) = chars.next() {
        text.push(match c {
            '\\' => match chars.next() {
                Some('n') => '\n',
                Some('t') => '\t',
                Some('r') => '\r',
                Some('b') => '\u{8}',
                other => other.unwrap_or('\\'),
            },
            c => c,
        });
    }
    format!("{event}{tag} {text}{anchor}")
}

#[test]
fn events_of_the_suite() {
    let cases = valid();
    let mut wrong = Vec::new();
    for (path, text) in &cases {
        let events: Vec<String> = beside(path, "test.event").expect("events").lines().map(expected).collect();
        let found = stream(text);
        if found.as_ref() != Ok(&events) {
            wrong.push(format!("{}:\n  {found:?}\n  {events:?}", path.display()));
        }
    }
    println!("{} event streams, {} wrong", cases.len(), wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(cases.is_empty() || cases.len() == 308);
}

/// What a document says by the core schema.
fn value(doc: &Doc, id: NodeId) -> Value {
    match &doc.node(id).kind {
        NodeKind::Null => Value::Null,
        NodeKind::Scalar { text, style: Style::Bare } => match text {
            _ if units::is_null(text) => Value::Null,
            text => None
                .or_else(|| units::parse_bool(text).map(Value::from))
                .or_else(|| units::parse_int(text).map(Value::from))
                .or_else(|| units::parse_float(text).map(Value::from))
                .unwrap_or_else(|| Value::from(text.as_str())),
        },
        NodeKind::Scalar { text, .. } => Value::from(text.as_str()),
        NodeKind::List(items) => items.iter().map(|item| value(doc, *item)).collect(),
        NodeKind::Map(entries) => {
            let entry = |e: &crate::doc::Entry| (doc.text(e.key).unwrap_or("?").to_owned(), value(doc, e.value));
            Value::Object(entries.iter().map(entry).collect())
        }
        NodeKind::Error => Value::from("!"),
    }
}

/// Numbers are compared by what they are, not by how they are written.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        (a, b) => a == b,
    }
}

/// Cases with values that are refused by the language, and the only codes they raise: the grammar is not at fault.
const REFUSED: &[Code] = &[Code::KeyNotText, Code::UnsupportedTag, Code::DuplicateKey, Code::MergeKey];

#[test]
fn values_of_the_suite() {
    let (mut equal, mut refused) = (0, 0);
    let mut wrong = Vec::new();
    let cases = valid();
    for (path, text) in &cases {
        let Some(json) = beside(path, "in.json") else { continue };
        let expected: Vec<Value> =
            serde_json::Deserializer::from_str(&json).into_iter::<Value>().map(|v| v.expect("a value")).collect();
        let (doc, diagnostics) = read(text);
        if !diagnostics.is_empty() && diagnostics.iter().all(|d| REFUSED.contains(&d.code)) {
            refused += 1;
            println!("{}: {:?}", path.display(), problems(&diagnostics));
            continue;
        }
        let found: Vec<Value> = doc.roots.iter().map(|root| value(&doc, *root)).collect();
        if diagnostics.is_empty() && same(&Value::from(found.clone()), &Value::from(expected.clone())) {
            equal += 1;
        } else {
            wrong.push(format!("{}: {found:?} {expected:?} {:?}", path.display(), problems(&diagnostics)));
        }
    }
    println!("{equal} values equal, {refused} refused by the language, {} wrong", wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(cases.is_empty() || equal > 200);
}
