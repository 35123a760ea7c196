//! Diagnostics as a log in SARIF 2.1.0, which code scanning services read.
//!
//! The same problems give the same bytes: nothing of the machine or the moment is in the log. Files are relative to the
//! folder the compiler was started in, unless they were named by an absolute path.
//! Unaware of: the texts of pages; whoever renders hands them in.

use super::{Code, Diagnostic, Diagnostics, Fix, Severity};
use crate::source::{SourceFile, Sources};
use ipcmm_grammar::ast::Span;
use rustc_hash::FxHashMap;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Where the schema is published.
const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// The name of the folder that relative files are in.
const BASE: &str = "SRCROOT";

/// All diagnostics in their order, and the rules they break. `page` gives the page of a code in Markdown.
pub fn to_json(diagnostics: &Diagnostics, sources: &Sources, page: &dyn Fn(Code) -> Option<&'static str>) -> Value {
    let codes: Vec<Code> = diagnostics.iter().map(|d| d.code).collect::<BTreeSet<_>>().into_iter().collect();
    let mut seen = FxHashMap::default();
    let results: Vec<Value> = diagnostics.iter().map(|d| result(d, sources, &codes, &mut seen)).collect();
    let rules: Vec<Value> = codes.iter().map(|code| rule(*code, page(*code))).collect();
    let driver = json!({ "name": "ipcmmc", "version": env!("CARGO_PKG_VERSION"), "rules": rules });
    let run = json!({
        "tool": { "driver": driver },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": { BASE: { "description": { "text": "The folder in which the compiler was started." } } },
        "results": results,
    });
    json!({ "$schema": SCHEMA, "version": "2.1.0", "runs": [run] })
}

fn rule(code: Code, page: Option<&str>) -> Value {
    let mut summary: String = code.summary().to_owned();
    if let Some(first) = summary.get(..1) {
        summary = first.to_uppercase() + &summary[1..] + ".";
    }
    let mut rule = json!({
        "id": code.to_string(),
        "name": pascal(code.name()),
        "shortDescription": { "text": summary },
        "defaultConfiguration": { "level": code.severity().name() },
    });
    if let Some(page) = page {
        rule["help"] = json!({ "text": page, "markdown": page });
    }
    rule
}

/// `unknown-target` as `UnknownTarget`, which is how rules are named in SARIF.
fn pascal(name: &str) -> String {
    let word = |word: &str| word.get(..1).map_or(String::new(), |first| first.to_uppercase() + &word[1..]);
    name.split('-').map(word).collect()
}

fn result(d: &Diagnostic, sources: &Sources, codes: &[Code], seen: &mut FxHashMap<String, u32>) -> Value {
    let mut text = d.message.clone();
    if let Some(help) = &d.help {
        text = format!("{text}\n{help}");
    }
    let level = match d.severity() {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let mut result = Map::new();
    result.insert("ruleId".into(), json!(d.code.to_string()));
    result.insert("ruleIndex".into(), json!(codes.binary_search(&d.code).unwrap_or(0)));
    result.insert("level".into(), json!(level));
    result.insert("message".into(), json!({ "text": text }));
    if let Some((file, span)) = d.place {
        result.insert("locations".into(), json!([{ "physicalLocation": physical(sources.file(file), span) }]));
    }
    let related = d.labels.iter().enumerate().map(|(number, label)| {
        let mut location = json!({ "id": number, "physicalLocation": physical(sources.file(label.file), label.span) });
        if !label.text.is_empty() {
            location["message"] = json!({ "text": label.text });
        }
        location
    });
    let related: Vec<Value> = related.collect();
    if !related.is_empty() {
        result.insert("relatedLocations".into(), Value::Array(related));
    }
    result.insert("partialFingerprints".into(), json!({ "ipcmm/v1": fingerprint(d, sources, seen) }));
    if let Some(fix) = &d.fix {
        result.insert("fixes".into(), json!([change(fix, sources.file(fix.file))]));
    }
    Value::Object(result)
}

fn change(fix: &Fix, file: &SourceFile) -> Value {
    let mut replacement = json!({ "deletedRegion": region(file, fix.span) });
    if !fix.replacement.is_empty() {
        replacement["insertedContent"] = json!({ "text": fix.replacement });
    }
    let change = json!({ "artifactLocation": artifact(&file.name), "replacements": [replacement] });
    json!({
        "description": { "text": fix.title },
        "artifactChanges": [change],
        "properties": { "applicability": fix.applicability.name() },
    })
}

fn physical(file: &SourceFile, span: Span) -> Value {
    json!({ "artifactLocation": artifact(&file.name), "region": region(file, span) })
}

fn region(file: &SourceFile, span: Span) -> Value {
    let (start, end) = (file.position(span.start), file.position(span.end));
    json!({
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
    })
}

fn artifact(name: &str) -> Value {
    match name.starts_with('/') {
        true => json!({ "uri": format!("file://{}", uri(name)) }),
        false => json!({ "uri": uri(name.trim_start_matches("./")), "uriBaseId": BASE }),
    }
}

/// A path as part of a URI.
fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => out.push(char::from(byte)),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// What stays the same when lines are added above: code, file, words and the text of the line, and how many such
/// problems came before.
fn fingerprint(d: &Diagnostic, sources: &Sources, seen: &mut FxHashMap<String, u32>) -> String {
    let mut hash = blake3::Hasher::new();
    let mut add = |part: &str| {
        hash.update(&(part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    };
    add(&d.code.to_string());
    add(&d.message);
    if let Some((file, span)) = d.place {
        let file: &SourceFile = sources.file(file);
        add(&file.name);
        let line = file.position(span.start).line as usize;
        let start = file.line_starts().get(line - 1).map_or(0, |start| *start as usize);
        // What tells lines apart stands at their beginning; a line of a megabyte is not hashed for each problem in it.
        let text = file.text.get(start..).unwrap_or("").lines().next().unwrap_or("").trim();
        add(&text.chars().take(256).collect::<String>());
    }
    let same = hash.finalize().to_hex()[..32].to_owned();
    let count = seen.entry(same.clone()).or_default();
    *count += 1;
    format!("{same}:{count}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_uris() {
        assert_eq!(artifact("./a b/ü.yaml"), json!({"uri": "a%20b/%C3%BC.yaml", "uriBaseId": BASE}));
        assert_eq!(artifact("/etc/a#b"), json!({"uri": "file:///etc/a%23b"}));
        assert_eq!(artifact("<stdin>"), json!({"uri": "%3Cstdin%3E", "uriBaseId": BASE}));
    }

    #[test]
    fn fingerprints_do_not_move_with_lines_and_tell_twins_apart() {
        let of = |text: &str, places: &[u32]| {
            let mut sources = Sources::default();
            let file = sources.add("a.yaml", text);
            let mut diagnostics = Diagnostics::default();
            for at in places {
                diagnostics.push(Diagnostic::new(Code::UnknownName, file, Span::new(*at, at + 1), "m"));
            }
            let log = to_json(&diagnostics, &sources, &|_| None);
            let results = log["runs"][0]["results"].as_array().cloned().unwrap_or_default();
            results.iter().map(|r| r["partialFingerprints"]["ipcmm/v1"].to_string()).collect::<Vec<_>>()
        };
        let before = of("a: x x\n", &[3, 5]);
        assert_ne!(before[0], before[1]);
        assert_eq!(of("# new\n\na: x x\n", &[10, 12]), before);
        assert_ne!(of("a: x y\n", &[3]), before[..1]);
    }

    #[test]
    fn rules_are_listed_once_and_referred_to() {
        let mut sources = Sources::default();
        let file = sources.add("a.yaml", "é: x\n");
        let mut diagnostics = Diagnostics::default();
        for code in [Code::NoReaction, Code::UnknownName, Code::NoReaction] {
            diagnostics.push(Diagnostic::new(code, file, Span::new(4, 5), "m").fix("t", "y"));
        }
        let log = to_json(&diagnostics, &sources, &|_| Some("# page"));
        let run = &log["runs"][0];
        let rules: Vec<&Value> = run["tool"]["driver"]["rules"].as_array().into_iter().flatten().collect();
        let ids: Vec<String> = rules.iter().map(|r| format!("{} {}", r["id"], r["name"])).collect();
        assert_eq!(ids, [r#""C2008" "UnknownName""#, r#""C2018" "NoReaction""#]);
        let indices: Vec<&Value> = run["results"].as_array().into_iter().flatten().map(|r| &r["ruleIndex"]).collect();
        assert_eq!(indices, [1, 0, 1]);
        let region = &run["results"][0]["locations"][0]["physicalLocation"]["region"];
        assert_eq!(*region, json!({"startLine": 1, "startColumn": 4, "endLine": 1, "endColumn": 5}));
    }
}
