//! Files that are no modules at all, though their format is one that modules are written in.
//!
//! One answer for the whole file is worth more than one for each of its keys. Where only one label goes wrong the file
//! is a module with a mistake, and is read as one.

use super::Lowering;
use crate::diag::{Code, foreign};
use crate::doc::{Entry, NodeId, NodeKind};
use ipcmm_grammar::keywords::{Keyword, Place};

/// Files of other tools by keys that they have at their top: all of the first, and one of the second if there are any.
const KNOWN: &[(&str, &[&str], &[&str])] = &[
    ("a workflow of GitHub Actions", &["jobs", "on"], &[]),
    ("a file of Docker Compose", &["services"], &["version", "volumes", "networks", "configs", "secrets", "name"]),
    ("a package.json of npm", &["name", "version"], &["dependencies", "devDependencies", "scripts", "main"]),
    ("a configuration of GitLab CI", &["stages"], &["variables", "image", "before_script", "default"]),
];

impl Lowering<'_> {
    /// Reports a document that is no module, as far as that can be told, once and in whole.
    pub(super) fn is_other_file(&mut self, entries: &[Entry]) -> bool {
        let key = |entry: &Entry| self.doc.text(entry.key).unwrap_or("");
        if entries.len() < 2 || entries.iter().any(|entry| self.is_label(entry)) {
            return false;
        }
        let has = |word: &str| entries.iter().any(|entry| key(entry) == word);
        let known = KNOWN.iter().find(|(_, all, some)| {
            all.iter().all(|word| has(word)) && (some.is_empty() || some.iter().any(|word| has(word)))
        });
        let says = |entry: &Entry| {
            Keyword::from_name(key(entry)).is_some_and(|keyword| keyword.stands_in(Place::Module))
                || self.has_words(entry.value)
        };
        let message = match known {
            Some((what, ..)) => format!("this is {what}, and no module"),
            None if entries.iter().any(says) => return false,
            None => "no label of this file has a built-in: it looks like values for something else".to_owned(),
        };
        let problem = self.problem(Code::NotAModule, self.span(entries[0].key), message);
        let help = match known {
            Some(_) => {
                "a module is a map of labels with built-ins under them; a file that is only lying here is left out by \
                 `sources` in the manifest"
            }
            None => {
                "a module is a map of labels with built-ins under them, such as `a: {ipcmm.nop: }`; values for inputs \
                 are given by `--inputs FILE` or in the manifest, and `sources` there says which files are modules"
            }
        };
        self.report(problem.help(help));
        true
    }

    /// Whether an entry is meant as a label: something stands under it that is, or may be, a built-in.
    fn is_label(&self, entry: &Entry) -> bool {
        match &self.doc.node(entry.value).kind {
            NodeKind::Map(inner) => inner.iter().any(|entry| {
                let key = self.doc.text(entry.key).unwrap_or("");
                ipcmm_stdlib::by_name(key).is_some() || key.starts_with("ipcmm")
            }),
            NodeKind::Null | NodeKind::Error => true,
            NodeKind::Scalar { .. } => self.is_null(entry.value),
            NodeKind::List(_) => false,
        }
    }

    /// Whether words of this language, or of one that is known to be mixed up with it, stand under an entry.
    fn has_words(&self, value: NodeId) -> bool {
        let Some(inner) = self.entries(value) else { return false };
        inner.iter().any(|entry| {
            let key = self.doc.text(entry.key).unwrap_or("");
            key.contains('.') || Keyword::from_name(key).is_some() || foreign::word(foreign::Spot::Key, key).is_some()
        })
    }
}
