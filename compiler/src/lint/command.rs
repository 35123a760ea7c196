//! Lints of commands.

use super::Scene;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::ir::{Control, Step, ValueKind};
use ipcmm_bytecode::{Effect, Value};
use ipcmm_grammar::keywords::Keyword;
use ipcmm_stdlib::Prediction;

/// What only a shell understands.
const SHELL: &[char] = &[
    '|', '&', ';', '<', '>', '(', ')', '$', '`', '\\', '"', '\'', '*', '?', '[', ']', '#', '~', '=', '%', '!', '{',
    '}', '\n',
];

/// Words that begin a command of the shell itself.
const WORDS: &[&str] =
    &["cd", "exec", "export", "set", "source", ".", "umask", "ulimit", "trap", "test", "if", "for", "while"];

/// A shell is asked for, and the command has nothing in it that needs one.
pub(super) fn needless_shell(scene: &Scene<'_>, diagnostics: &mut Diagnostics) {
    for step in &scene.task.steps {
        let (Some((shell, span)), Some((cmd, _))) = (constant(step, "shell"), constant(step, "cmd")) else { continue };
        let (Value::Bool(true), Value::Str(cmd)) = (shell, cmd) else { continue };
        let word = cmd.split_whitespace().next().unwrap_or("");
        if cmd.contains(SHELL) || WORDS.contains(&word) {
            continue;
        }
        let message = "a shell is started for a command that needs none";
        let problem = Diagnostic::new(Code::NeedlessShell, scene.file, span, message);
        diagnostics.push(problem.help("leave `shell` out: the command is split into words and started by itself"));
    }
}

/// A command that runs, and counts as a change, each time the configuration is applied.
pub(super) fn unguarded(scene: &Scene<'_>, diagnostics: &mut Diagnostics) {
    // What runs because of a change is guarded by it.
    let triggers = [Keyword::Watch, Keyword::OnChange, Keyword::OnFail, Keyword::Listen, Keyword::Prereq];
    let watches = scene.task.targets.iter().any(|target| triggers.contains(&target.keyword));
    for step in &scene.task.steps {
        let runs = step.builtin.effect == Effect::Change && step.builtin.prediction == Prediction::Guards;
        if !runs || watches || is_guarded(&scene.task.control) || is_guarded(&step.control) {
            continue;
        }
        let says = |name: &str| step.builtin.param(name).is_some_and(|n| step.args.iter().any(|arg| arg.param == n));
        let looks = matches!(constant(step, "probe"), Some((Value::Bool(true), _)));
        if looks || ["creates", "removes", "changed_if"].into_iter().any(says) {
            continue;
        }
        let message = format!("`{}` runs each time, and counts as a change each time", step.builtin.name);
        let problem = Diagnostic::new(Code::UnguardedCommand, scene.file, step.span, message);
        let help = "say when it is needed with `creates`, `unless` or `onlyif`, or what it changed with `changed_if`";
        diagnostics.push(problem.help(help));
    }
}

fn is_guarded(control: &Control) -> bool {
    control.is_guarded() && control.loop_in.is_none()
        || control.loop_until.is_some()
        || control.changed_if.is_some()
        || control.retry.is_some()
}

/// The value of an argument that is known, and where its place is.
fn constant<'a>(step: &'a Step, name: &str) -> Option<(&'a Value, ipcmm_grammar::ast::Span)> {
    let param = step.builtin.param(name)?;
    let arg = step.args.iter().find(|arg| arg.param == param)?;
    match &arg.value.kind {
        ValueKind::Constant(value) => Some((value, arg.value.span)),
        _ => None,
    }
}
