//! Diagnostics for machines: one JSON object, described by `spec/schema/diagnostics.schema.json`.
//!
//! Unaware of: people. The shape is stable: fields may be added, and `version` changes when one changes its meaning.

use super::{Diagnostic, Diagnostics, Fix, Label};
use crate::doc::Span;
use crate::source::{FileId, SourceFile, Sources};
use serde_json::{Value, json};

/// Version of the shape.
pub const VERSION: u32 = 1;

/// All diagnostics in their order.
pub fn to_json(diagnostics: &Diagnostics, sources: &Sources) -> Value {
    let list: Vec<Value> = diagnostics.iter().map(|d| diagnostic(d, sources)).collect();
    json!({
        "version": VERSION,
        "diagnostics": list,
        "errors": diagnostics.errors(),
        "warnings": diagnostics.len() - diagnostics.errors(),
    })
}

fn diagnostic(d: &Diagnostic, sources: &Sources) -> Value {
    let place = d.place.map(|(file, span)| (sources.file(file), span));
    let label = |l: &Label| json!({ "file": name(sources, l.file), "range": range(sources.file(l.file), l.span), "text": l.text });
    let labels: Vec<Value> = d.labels.iter().map(label).collect();
    let fix = |f: &Fix| {
        json!({
            "title": f.title,
            "applicability": f.applicability.name(),
            "file": name(sources, f.file),
            "range": range(sources.file(f.file), f.span),
            "replacement": f.replacement,
        })
    };
    json!({
        "code": d.code.to_string(),
        "name": d.code.name(),
        "severity": d.severity().name(),
        "message": d.message,
        "file": place.map(|(file, _)| file.name.as_str()),
        "range": place.map(|(file, span)| range(file, span)),
        "labels": labels,
        "help": d.help,
        "fix": d.fix.as_ref().map(fix),
    })
}

fn name(sources: &Sources, file: FileId) -> &str {
    &sources.file(file).name
}

fn range(file: &SourceFile, span: Span) -> Value {
    let point = |offset: u32| {
        let position = file.position(offset);
        json!({ "line": position.line, "column": position.column, "offset": offset })
    };
    json!({ "start": point(span.start), "end": point(span.end) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Code;

    #[test]
    fn has_the_documented_shape() {
        let mut sources = Sources::default();
        let file = sources.add("ü.yaml", "ä: 1\nb: x\n");
        let mut diagnostics = Diagnostics::default();
        let first = Diagnostic::new(Code::TypeMismatch, file, Span::new(9, 10), "no")
            .label(file, Span::new(0, 2), "here")
            .help("do")
            .fix("mend", "y");
        diagnostics.push(first);
        diagnostics.push(Diagnostic::unplaced(Code::EmptyGuard, "odd"));
        let point = |line: u32, column: u32, offset: u32| json!({"line": line, "column": column, "offset": offset});
        let range = json!({"start": point(2, 4, 9), "end": point(2, 5, 10)});
        let expected = json!({
            "version": 1,
            "diagnostics": [
                {
                    "code": "C3001", "name": "type-mismatch", "severity": "error", "message": "no",
                    "file": "ü.yaml", "range": range,
                    "labels": [{"file": "ü.yaml", "range": {"start": point(1, 1, 0), "end": point(1, 2, 2)}, "text": "here"}],
                    "help": "do",
                    "fix": {"title": "mend", "applicability": "maybe", "file": "ü.yaml", "range": range, "replacement": "y"},
                },
                {
                    "code": "C2017", "name": "empty-guard", "severity": "warning", "message": "odd",
                    "file": null, "range": null, "labels": [], "help": null, "fix": null,
                },
            ],
            "errors": 1,
            "warnings": 1,
        });
        assert_eq!(to_json(&diagnostics, &sources), expected);
    }
}
