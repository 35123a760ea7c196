//! Lints of labels.

use super::Scene;
use crate::diag::{Code, Diagnostic, Diagnostics};

/// A label that people write wrongly when they name it as a target.
pub(super) fn odd(scene: &Scene<'_>, diagnostics: &mut Diagnostics) {
    let label = scene.task.label.as_str();
    let what = match label {
        "" => "is empty",
        _ if label.trim() != label => "begins or ends with white space",
        _ if label.chars().any(|c| c.is_control() || (c.is_whitespace() && c != ' ')) => {
            "holds white space other than a single blank"
        }
        _ if label.contains("  ") => "holds two blanks in a row",
        _ => return,
    };
    let message = format!("the label `{}` {what}", label.escape_debug());
    let problem = Diagnostic::new(Code::OddLabel, scene.file, scene.task.span, message);
    diagnostics.push(problem.help("others have to write exactly this where they name the task; choose a plain label"));
}

/// A label whose reason is written nowhere.
pub(super) fn undocumented(scene: &Scene<'_>, diagnostics: &mut Diagnostics) {
    if scene.documented {
        return;
    }
    let message = format!("`{}` does not say what it is for", scene.task.label);
    let problem = Diagnostic::new(Code::Undocumented, scene.file, scene.task.span, message);
    diagnostics.push(problem.help("write `doc:` under it: one sentence on why it is there"));
}
