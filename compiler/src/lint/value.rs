//! Lints of values: what is written as an argument or a variable.

use super::Scene;
use crate::diag::{Code, Diagnostic, Diagnostics, Manner};
use crate::ir::{Typed, ValueKind};
use ipcmm_bytecode::Value;
use ipcmm_grammar::ast::Span;
use ipcmm_grammar::types::Type;
use ipcmm_grammar::units;

/// Words of names whose values nobody should read in a repository.
const SECRETS: &[&str] = &["password", "passwd", "passphrase", "secret", "token", "apikey", "api_key", "private_key"];

/// Anybody on the machine may write there.
pub(super) fn world_writable(scene: &Scene<'_>, diagnostics: &mut Diagnostics) {
    for step in &scene.task.steps {
        for arg in &step.args {
            let is_mode = match arg.value.wanted {
                Type::Union(members) => members.contains(&Type::Mode),
                wanted => *wanted == Type::Mode,
            };
            let ValueKind::Constant(Value::Str(text)) = &arg.value.kind else { continue };
            let Some(mode) = units::parse_mode(text).filter(|_| is_mode) else { continue };
            // With the sticky bit only owners remove what is theirs, as in /tmp.
            if mode & 0o002 == 0 || mode & 0o1000 != 0 {
                continue;
            }
            let message = format!("everybody on the machine may write here: the mode is {text}");
            let safe = format!("0{:03o}", mode & !0o002);
            let problem = Diagnostic::new(Code::WorldWritable, scene.file, arg.value.span, message)
                .help("give the right to a group, or set the sticky bit on a shared folder, as in 01777")
                .mend(format!("write {safe}"), arg.value.span, safe, Manner::Text);
            diagnostics.push(problem);
        }
    }
}

/// A secret stands in the source.
pub(super) fn plain_secret(scene: &Scene<'_>, diagnostics: &mut Diagnostics) {
    let mut report = |name: &str, span: Span| {
        let message = format!("the value of `{name}` stands in the source for everybody to read");
        let problem = Diagnostic::new(Code::PlainSecret, scene.file, span, message);
        diagnostics
            .push(problem.help("keep it in a file of the node that only its reader may read, and name the file"));
    };
    let controls = std::iter::once(&scene.task.control).chain(scene.task.steps.iter().map(|step| &step.control));
    // Steps take over the environment of their label: each place is reported once.
    let mut seen: Vec<Span> = Vec::new();
    for (name, value) in controls.flat_map(|control| &control.env) {
        if is_secret(name) && is_written(value) && !seen.contains(&value.span) {
            seen.push(value.span);
            report(name, value.span);
        }
    }
    for step in &scene.task.steps {
        for arg in &step.args {
            let name = step.builtin.params.get(usize::from(arg.param)).map_or("", |param| param.name);
            if is_secret(name) && is_written(&arg.value) {
                report(name, arg.value.span);
            }
        }
    }
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace('-', "_");
    // The file that holds a secret may be named.
    let refers = ["_file", "_path", "_dir"].iter().any(|end| name.ends_with(end));
    !refers && SECRETS.iter().any(|word| name == *word || name.ends_with(&format!("_{word}")))
}

/// Whether a text stands there that is neither empty nor computed.
fn is_written(value: &Typed) -> bool {
    matches!(&value.kind, ValueKind::Constant(Value::Str(text)) if !text.is_empty())
}
