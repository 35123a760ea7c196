//! Values and expressions in tests: written as in sources, evaluated by the compiler and the machine.
//!
//! An expression is evaluated twice, once where it can be folded at build and once where it cannot: there is one
//! evaluator, so both must say the same.

use crate::fake::FakeHost;
use crate::runner::{self, RunSpec};
use ipcmm_bytecode::Value;
use ipcmm_compiler::diag::Severity;

/// A scalar in double quotes, as YAML and JSON read it.
pub fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// What an expression comes to: its value as it is written, or the first problem or fault.
pub fn evaluate(expression: &str, host: &FakeHost) -> String {
    let early = attempt(&format!("value:\n  ipcmm.eval: {{args: {{expr: {}}}}}\n", quoted(expression)), host);
    // Nothing with a slot in it is folded.
    let late = format!("index == 0 ? ({expression}) : null");
    let late = format!("value:\n  ipcmm.eval: {{args: {{expr: {}}}}}\n  loop_in: [0]\n", quoted(&late));
    match early {
        Evaluated::Value(early) => match attempt(&late, host) {
            Evaluated::Value(Value::List(items)) if items.first() == Some(&early) => early.to_string(),
            other => format!("{early} at build, and when it runs {}", other.text()),
        },
        Evaluated::Problem(code, message) if code == "C3007" => match attempt(&late, host) {
            Evaluated::Fault(fault) if message.ends_with(&fault) => format!("{code} {message}"),
            other => format!("{code} {message} at build, and when it runs {}", other.text()),
        },
        other => other.text(),
    }
}

/// The value of a constant expression.
///
/// # Panics
/// If it is none: scripts of hosts are written by hand.
pub fn constant(expression: &str) -> Value {
    let source = format!("value:\n  ipcmm.eval: {{args: {{expr: {}}}}}\n", quoted(expression));
    match attempt(&source, &FakeHost::default()) {
        Evaluated::Value(value) => value,
        other => panic!("`{expression}` is no constant: {}", other.text()),
    }
}

enum Evaluated {
    Value(Value),
    Fault(String),
    Problem(String, String),
}

impl Evaluated {
    fn text(&self) -> String {
        match self {
            Evaluated::Value(value) => value.to_string(),
            Evaluated::Fault(fault) => format!("fault {fault}"),
            Evaluated::Problem(code, message) => format!("{code} {}", message.replace('\n', "\\n")),
        }
    }
}

fn attempt(source: &str, host: &FakeHost) -> Evaluated {
    let build = runner::build_text(source);
    if let Some(first) = build.diagnostics.iter().find(|d| d.severity() == Severity::Error) {
        return Evaluated::Problem(first.code.to_string(), first.message.clone());
    }
    let bytes = build.bundle.expect("no error, so a bundle");
    let ran = runner::run(&bytes, host, RunSpec::default()).expect("emitted bundles verify");
    let end = ran.ends.into_iter().next().flatten().expect("one task, one end");
    match (end.fault, end.data) {
        (Some(fault), _) => Evaluated::Fault(fault.to_string()),
        (None, Value::List(items)) => Evaluated::Value(Value::list(
            items.iter().map(|i| i.get("value").cloned().unwrap_or(Value::Null)).collect(),
        )),
        (None, data) => Evaluated::Value(data.get("value").cloned().unwrap_or(Value::Null)),
    }
}
