//! What is at paths after a run.
//!
//! Unaware of: tasks.

use super::{Seen, unmet};
use crate::case::Case;
use crate::report::Failure;
use crate::stage::{entries, field, items, kind_of};
use ipcmm_bytecode::Value;
use ipcmm_compiler::doc::Span;
use ipcmm_grammar::units;
use ipcmm_runtime::system::fake::Node;
use ipcmm_runtime::system::{Kind, Reader};
use std::path::Path;

/// The word for a path at which nothing is.
const ABSENT: &str = "absent";

/// Every path that is not as it is expected.
pub(super) fn files(case: &Case, seen: &Seen<'_>) -> Vec<Failure> {
    let tree = seen.stage.tree();
    let mut failures = Vec::new();
    for (path, wanted) in entries(case.expects("files")) {
        // A path may be written with a slash at its end.
        let plain = if path.len() > 1 { path.trim_end_matches('/') } else { path };
        let node = tree.get(Path::new(plain));
        let look = Look { case, seen, path, span: case.place(&["files", path]) };
        failures.extend(look.at(node, wanted));
    }
    failures
}

/// One path and what is expected of it.
struct Look<'a> {
    case: &'a Case,
    seen: &'a Seen<'a>,
    path: &'a str,
    span: Span,
}

impl Look<'_> {
    fn unmet(&self, message: String) -> Failure {
        unmet(self.case, self.span, message)
    }

    fn at(&self, node: Option<&Node>, wanted: &Value) -> Vec<Failure> {
        let path = self.path;
        let absent = wanted.as_str() == Some(ABSENT) || field(wanted, ABSENT) == Some(&Value::Bool(true));
        match (node, absent) {
            (None, true) => return Vec::new(),
            (Some(node), true) => {
                let since = if self.seen.before.contains_key(Path::new(path)) { "still " } else { "" };
                return vec![
                    self.unmet(format!("nothing is expected at {path}, and {} is {since}there", kind_of(node))),
                ];
            }
            (None, false) => return vec![self.unmet(format!("{path} is not there{}", self.nearby()))],
            (Some(_), false) => {}
        }
        let Some(node) = node else { return Vec::new() };
        if let Some(text) = wanted.as_str() {
            return self.content(node, text).into_iter().collect();
        }
        let mut failures = Vec::new();
        for (word, value) in entries(Some(wanted)).filter(|(_, value)| **value != Value::Null) {
            failures.extend(self.property(node, word, value));
        }
        failures
    }

    /// The nearest directory above that is there, for a path that is not.
    fn nearby(&self) -> String {
        let tree = self.seen.stage.tree();
        let above = Path::new(self.path).ancestors().skip(1).find(|path| tree.contains_key(*path));
        match above {
            Some(dir) if Some(dir) != Path::new(self.path).parent() => format!("; {} is", dir.display()),
            _ => String::new(),
        }
    }

    fn property(&self, node: &Node, word: &str, value: &Value) -> Option<Failure> {
        let path = self.path;
        let other = |what: &str, wanted: &str, found: &str| {
            (wanted != found).then(|| self.unmet(format!("{path}: {what} is expected to be {wanted}, and is {found}")))
        };
        let text = value.as_str().unwrap_or("");
        match word {
            "content" => self.content(node, text),
            "contains" => items(Some(value)).filter_map(Value::as_str).find_map(|part| {
                let there = String::from_utf8_lossy(&node.content).contains(part);
                (!there).then(|| {
                    self.unmet(format!("{path} does not contain {}", Value::str(part))).with_text(&node.content)
                })
            }),
            "matches" => {
                let pattern = regex::bytes::RegexBuilder::new(text).multi_line(true).build().ok()?;
                let fits = pattern.is_match(&node.content);
                (!fits).then(|| self.unmet(format!("{path} does not match `{text}`")).with_text(&node.content))
            }
            "dir" => match (node.kind == Kind::Dir, value == &Value::Bool(true)) {
                (false, true) => Some(self.unmet(format!("{path} is {}, not a directory", kind_of(node)))),
                (true, false) => Some(self.unmet(format!("{path} is a directory"))),
                _ => None,
            },
            "link" if node.kind != Kind::Link => {
                Some(self.unmet(format!("{path} is {}, not a symbolic link", kind_of(node))))
            }
            "link" => other("the target", text, &String::from_utf8_lossy(&node.content)),
            "mode" => {
                let wanted = units::parse_mode(text).unwrap_or_default();
                other("the mode", &format!("{wanted:04o}"), &format!("{:04o}", node.mode))
            }
            "owner" => {
                let found = self.seen.stage.node.user_by_id(node.uid).ok().flatten();
                let name = found.map_or_else(|| node.uid.to_string(), |user| user.name);
                if text == node.uid.to_string() { None } else { other("the owner", text, &name) }
            }
            "group" => {
                let found = self.seen.stage.node.group_by_id(node.gid).ok().flatten();
                let name = found.unwrap_or_else(|| node.gid.to_string());
                if text == node.gid.to_string() { None } else { other("the group", text, &name) }
            }
            _ => None,
        }
    }

    fn content(&self, node: &Node, wanted: &str) -> Option<Failure> {
        if node.kind != Kind::File {
            return Some(self.unmet(format!("{} is {}, not a file", self.path, kind_of(node))));
        }
        if node.content == wanted.as_bytes() {
            return None;
        }
        let found = String::from_utf8_lossy(&node.content);
        Some(self.unmet(format!("{} has another content", self.path)).with_diff(wanted, &found))
    }
}
