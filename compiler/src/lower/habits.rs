//! Habits from other systems, recognized where they show: whole documents, keys, targets and templates.
//!
//! The words are in [`crate::diag::foreign`]; here is what a document looks like that is made of them.

use super::Lowering;
use crate::diag::foreign::{self, Spot};
use crate::diag::{Code, Diagnostic, Manner};
use crate::doc::{Entry, NodeId, NodeKind};
use ipcmm_grammar::ast::Span;

impl Lowering<'_> {
    /// Reports a document that is a manifest of Kubernetes, once and not key by key.
    pub(super) fn is_manifest_of_kubernetes(&mut self, root: NodeId, entries: &[Entry]) -> bool {
        let scalar =
            |key: &str| entries.iter().any(|e| self.doc.text(e.key) == Some(key) && self.doc.text(e.value).is_some());
        let found = scalar("apiVersion") && scalar("kind");
        if found {
            let problem = self.problem(Code::NotAModule, self.span(root), "this is a manifest of Kubernetes");
            self.report(problem.help(
                "a module is a map of labels with built-ins under them; to bring this file to nodes as it is, name it \
                 as `source` of `ipcmm.filesystem.file`",
            ));
        }
        found
    }

    /// What to do about a document that is a list, if it is a playbook or a list of tasks of Ansible.
    pub(super) fn playbook_help(&self, root: NodeId) -> Option<&'static str> {
        let NodeKind::List(items) = &self.doc.node(root).kind else { return None };
        let plays = |word: &str| {
            items.iter().any(|&item| {
                self.entries(item).is_some_and(|entries| entries.iter().any(|e| self.doc.text(e.key) == Some(word)))
            })
        };
        if ["hosts", "tasks", "roles", "import_playbook"].into_iter().any(plays) {
            return Some(
                "this is a playbook of Ansible: here every task is a label of a map, `target` says for which nodes, and \
                 `requires` what comes first",
            );
        }
        plays("name").then_some("the name of a task is its label: write `name of the task:` and its built-in under it")
    }

    /// The help, and where a word can be put in its place the fix, for a key of another system.
    #[expect(clippy::result_large_err, reason = "it is the problem itself that goes on to whoever knows the word")]
    pub(super) fn foreign_key(&self, spot: Spot, key: &str, problem: Diagnostic) -> Result<Diagnostic, Diagnostic> {
        let Some(row) = foreign::word(spot, key) else { return Err(problem) };
        let problem = problem.help(row.help());
        Ok(match (row.ours, problem.place) {
            (Some(ours), Some((_, span))) => problem.mend(format!("write `{ours}`"), span, ours, Manner::Text),
            _ => problem,
        })
    }

    /// A target written as `- pkg: nginx`: the label in it, if it is such a map.
    pub(super) fn typed_target(&mut self, item: NodeId, place: &dyn std::fmt::Display) -> Option<(String, Span)> {
        let [entry] = self.entries(item)? else { return None };
        let label = self.doc.text(entry.value)?;
        let message = format!("{place} takes labels, and this is a map");
        let problem = self.problem(Code::WrongShape, self.span(item), message);
        let help = format!("a label is named without the kind of its built-in: `{label}`");
        self.report(problem.help(help).mend("write the label", self.span(item), label, Manner::Text));
        Some((label.to_owned(), self.span(entry.value)))
    }

    /// Reports a command that stands where a guard is an expression; true if it is one.
    pub(super) fn is_bare_command(&mut self, id: NodeId, text: &str, place: &dyn std::fmt::Display) -> bool {
        let Some((program, rest)) = text.split_once(' ') else { return false };
        // `which in list` is an expression; `which nginx` and `test -f x` are none.
        let expression = rest.starts_with(['=', '!', '<', '>', '+', '*', '?', '|']) || rest.starts_with("in ");
        let row = foreign::word(Spot::Name, program).filter(|row| row.system == "the shell" && !expression);
        if let Some(row) = row {
            let message = format!("{place}: this is a command, and a guard is an expression");
            let problem = self.problem(Code::WrongShape, self.span(id), message).help(row.advice);
            let fix = format!("{{cmd: '{}'}}", text.replace('\'', "''"));
            let one_line = !text.contains(['\n', '\r']);
            self.report(if one_line { problem.fix("write a command", fix) } else { problem });
        }
        row.is_some()
    }

    /// Warns of `{{ name }}` in a text: it would be written as it stands.
    pub(super) fn foreign_template(&mut self, id: NodeId, text: &str) {
        let Some((start, name, end)) = braces(text) else { return };
        let span = self.doc.place_in(id, Span::new(start as u32, end as u32));
        let message = format!("`{}` is no template here: the text would hold it as it is", &text[start..end]);
        let help = match foreign::word(Spot::Name, name.split(['.', '[']).next().unwrap_or(name)) {
            Some(row) => format!("{}; in a text it stands in `${{…}}`", row.help()),
            None => format!("the value of an expression is put in by `${{{name}}}`"),
        };
        let problem = self.problem(Code::ForeignTemplate, span, message);
        self.report(problem.help(help));
    }
}

/// The first `{{ name }}` in a text whose inside begins with a name: bytes and inside. A dot first is the template of a
/// command (`--format '{{.Names}}'`), which is meant as it stands.
fn braces(text: &str) -> Option<(usize, &str, usize)> {
    let mut from = 0;
    while let Some(found) = text[from..].find("{{") {
        let start = from + found;
        let inside = &text[start + 2..];
        let length = inside.find("}}")?;
        let name = inside[..length].trim_matches([' ', '-']);
        if name.starts_with(|c: char| c.is_alphabetic() || c == '_') && !name.contains(['\n', '{', '}']) {
            return Some((start, name, start + 2 + length + 2));
        }
        from = start + 2;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::braces;

    #[test]
    fn templates_are_told_from_braces() {
        assert_eq!(braces("a {{ port }} b"), Some((2, "port", 12)));
        assert_eq!(braces("{{-x.y | z-}}"), Some((0, "x.y | z", 13)));
        for text in ["{{.Names}}", "{{", "{{ }}", "{ {a} }", "{{{}}}", "{{\na }}", "{{ 1 }}", "}}{{"] {
            assert_eq!(braces(text), None, "{text}");
        }
        assert_eq!(braces("{{.A}} {{ b }}"), Some((7, "b", 14)));
    }
}
