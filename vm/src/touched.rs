//! What a dry run has foreseen to change so far. Whoever looks at such an object now does not see what a run will see.
//!
//! Objects are paths; what a command changes besides is not known, and not counted. Unaware of: what is at a path.

use crate::host::{Change, ChangeKind, UNKNOWN_OBJECT};
use ipcmm_bytecode::Value;
use std::collections::BTreeMap;

/// The objects.
#[derive(Clone, Debug, Default)]
pub struct Touched {
    /// Paths, and whether what is below them is another thing afterwards.
    paths: BTreeMap<String, bool>,
    /// An object that is not known changes: it can be any.
    anything: bool,
}

impl Touched {
    /// Notes a change that was foreseen; `followed` says where a path leads.
    pub fn note(&mut self, change: &Change, followed: &dyn Fn(&str) -> String) {
        if change.kind == ChangeKind::Run {
            return;
        }
        if change.object == UNKNOWN_OBJECT {
            self.anything = true;
            return;
        }
        // What was removed, and what becomes a link, takes along what was below it.
        let below = change.kind == ChangeKind::Remove || change.property == "target";
        *self.paths.entry(followed(&change.object)).or_default() |= below;
        *self.paths.entry(change.object.clone()).or_default() |= below;
    }

    /// Whether what is at a path is another thing afterwards.
    pub fn at(&self, path: &str) -> bool {
        self.anything || self.paths.contains_key(path) || above(path).any(|dir| self.paths.get(dir) == Some(&true))
    }

    /// The same, or whether something below it changes.
    pub fn at_or_below(&self, path: &str) -> bool {
        let inside = if path.ends_with('/') { path.to_owned() } else { format!("{path}/") };
        let mut below = self.paths.range(inside.clone()..);
        self.at(path) || below.next().is_some_and(|(other, _)| other.starts_with(&inside))
    }

    /// Whether the answer to a question of the host can be another one afterwards.
    pub fn concerns(&self, args: &[Value], followed: &dyn Fn(&str) -> String) -> bool {
        let mut paths = args.iter().filter_map(Value::as_str).filter(|text| text.starts_with('/'));
        paths.any(|path| self.at(path) || self.at(&followed(path)))
    }
}

/// The directories above a path, the nearest first.
fn above(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(path.rsplit_once('/').map(|(dir, _)| dir), |dir| dir.rsplit_once('/').map(|(dir, _)| dir))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(kind: ChangeKind, object: &str, property: &'static str) -> Change {
        Change { kind, object: object.into(), property, before: None, after: None, diff: None, may: false }
    }

    #[test]
    fn a_change_is_met_where_it_is_made() {
        let mut touched = Touched::default();
        touched.note(&change(ChangeKind::Create, "/srv", ""), &str::to_owned);
        touched.note(&change(ChangeKind::Update, "/etc/a/b", "content"), &str::to_owned);
        touched.note(&change(ChangeKind::Run, "/bin/x", ""), &str::to_owned);
        assert!(touched.at("/srv") && touched.at("/etc/a/b"));
        // A new directory changes nothing that is below it: there is nothing.
        assert!(!touched.at("/srv/x") && !touched.at("/etc/a") && !touched.at("/bin/x"));
        assert!(touched.at_or_below("/etc") && touched.at_or_below("/") && !touched.at_or_below("/etc/a/c"));
    }

    #[test]
    fn what_is_removed_or_linked_takes_along_what_is_below() {
        let mut touched = Touched::default();
        touched.note(&change(ChangeKind::Remove, "/old", ""), &str::to_owned);
        touched.note(&change(ChangeKind::Create, "/link", "target"), &str::to_owned);
        assert!(touched.at("/old/a/b") && touched.at("/link/a") && !touched.at("/older"));
    }

    #[test]
    fn an_object_that_is_not_known_can_be_any() {
        let mut touched = Touched::default();
        assert!(!touched.at("/x"));
        touched.note(&change(ChangeKind::Update, UNKNOWN_OBJECT, ""), &str::to_owned);
        assert!(touched.at("/x") && touched.at_or_below("/"));
    }

    #[test]
    fn a_question_is_concerned_by_its_paths() {
        let mut touched = Touched::default();
        touched.note(&change(ChangeKind::Create, "/a/b", "content"), &str::to_owned);
        let asks = |path: &str| touched.concerns(&[Value::str(path)], &|path| path.replace("/link", "/a"));
        assert!(asks("/a/b") && !asks("/a") && !asks("/a/b/c") && asks("/link/b"));
    }
}
