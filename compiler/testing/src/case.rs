//! A test document as cases: what is staged, and what is expected.
//!
//! Values are read with the types of [`crate::vocabulary`], so what is left to do here is what a type cannot say.
//! Unaware of: how a case is run. Start reading at [`read`].

mod facts;

use crate::vocabulary::{Group, Word, case_type};
use ipcmm_bytecode::Value;
use ipcmm_bytecode::secret::{Address, FORMS};
use ipcmm_compiler::diag::{Code, Diagnostic, Diagnostics, suggest};
use ipcmm_compiler::doc::{Doc, NodeId, NodeKind, Span};
use ipcmm_compiler::lower;
use ipcmm_compiler::settings::{Given, Inputs};
use ipcmm_compiler::source::FileId;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// The key of a document whose words hold for all its cases.
pub const DEFAULTS: &str = "defaults";

/// A case.
#[derive(Clone, Debug)]
pub struct Case {
    /// Its name: the key in the document.
    pub name: String,
    /// The document.
    pub doc: Arc<Doc>,
    /// Where the name is written.
    pub span: Span,
    /// The node of what it says.
    pub node: NodeId,
    /// What it says, with the defaults of the document.
    pub says: Value,
    /// How many commands, faults and moments are its own; those of the defaults stand behind them.
    pub own: [usize; 3],
    /// Values of facts by their full path.
    pub facts: BTreeMap<String, Value>,
    /// Something is wrong with it, which was reported: it cannot be run.
    pub broken: bool,
}

impl Case {
    /// The file of the document.
    pub fn file(&self) -> FileId {
        self.doc.file
    }

    /// What a word is given.
    pub fn get(&self, word: &str) -> Option<&Value> {
        self.says.get(word).filter(|value| **value != Value::Null)
    }

    /// What is expected under a word.
    pub fn expects(&self, word: &str) -> Option<&Value> {
        self.get("expect")?.get(word).filter(|value| **value != Value::Null)
    }

    /// The text of a word.
    pub fn text(&self, word: &str) -> Option<&str> {
        self.get(word).and_then(Value::as_str)
    }

    /// Whether a switch is on, if the case says so.
    pub fn switch(&self, word: &str) -> Option<bool> {
        match self.get(word) {
            Some(Value::Bool(on)) => Some(*on),
            _ => None,
        }
    }

    /// Where something is expected: the node below `expect` that keys lead to, or as far as they lead.
    pub fn place(&self, keys: &[&str]) -> Span {
        let mut at = entry(&self.doc, self.node, "expect");
        let mut span = at.map_or(self.span, |(key, _)| self.doc.node(key).span);
        for key in keys {
            at = at.and_then(|(_, value)| entry(&self.doc, value, key));
            match at {
                Some((key, _)) => span = self.doc.node(key).span,
                None => break,
            }
        }
        span
    }

    /// Where an element of a list below `expect` is.
    pub fn element(&self, word: &str, i: usize) -> Span {
        self.elements(word).get(i).map_or_else(|| self.place(&[word]), |node| self.doc.node(*node).span)
    }

    /// The nodes of a list below `expect`; one that is no list is its only element.
    pub fn elements(&self, word: &str) -> Vec<NodeId> {
        let list = entry(&self.doc, self.node, "expect").and_then(|(_, value)| entry(&self.doc, value, word));
        match list.map(|(_, value)| (value, &self.doc.node(value).kind)) {
            Some((_, NodeKind::List(items))) => items.clone(),
            Some((value, _)) => vec![value],
            None => Vec::new(),
        }
    }

    /// Where an element of a list of the case itself is.
    pub fn staged(&self, word: &str, i: usize) -> Span {
        let list = entry(&self.doc, self.node, word).map(|(_, value)| &self.doc.node(value).kind);
        match list {
            Some(NodeKind::List(items)) => items.get(i).map_or(self.span, |item| self.doc.node(*item).span),
            _ => self.span,
        }
    }

    /// The labels that are run, if not all are.
    pub fn only(&self) -> Option<Vec<String>> {
        let labels = self.get("only")?;
        Some(crate::stage::items(Some(labels)).filter_map(Value::as_str).map(str::to_owned).collect())
    }

    /// Values for inputs, as a build takes them.
    pub fn inputs(&self) -> Inputs {
        let mut inputs = Inputs::default();
        let Some((_, map)) = entry(&self.doc, self.node, "set") else { return inputs };
        let NodeKind::Map(entries) = &self.doc.node(map).kind else { return inputs };
        for entry in entries {
            let written = self.doc.text(entry.key).unwrap_or("");
            let (module, name) = match written.split_once('/') {
                Some((module, name)) => (Some(module.to_owned()), name),
                None => (None, written),
            };
            inputs.given.push(Given {
                module,
                name: name.to_owned(),
                doc: self.doc.clone(),
                key: entry.key,
                value: entry.value,
            });
        }
        inputs
    }

    /// What decides about the build: cases with the same text share one.
    pub fn build_key(&self) -> String {
        let part = |word: &str| self.get(word).map_or_else(String::new, Value::to_string);
        format!("{}\n{}\n{}", part("environment"), part("set"), part("only"))
    }
}

/// The key and the value of an entry of a map.
pub(crate) fn entry(doc: &Doc, map: NodeId, key: &str) -> Option<(NodeId, NodeId)> {
    let NodeKind::Map(entries) = &doc.node(map).kind else { return None };
    entries.iter().find(|entry| doc.text(entry.key) == Some(key)).map(|entry| (entry.key, entry.value))
}

/// The cases of a parsed document, in the order they stand.
pub fn read(doc: Doc, diagnostics: &mut Diagnostics) -> Vec<Case> {
    let doc = Arc::new(doc);
    let mut cases = Vec::new();
    for root in &doc.roots {
        let entries = match &doc.node(*root).kind {
            NodeKind::Map(entries) => entries,
            NodeKind::Null | NodeKind::Error => continue,
            NodeKind::Scalar { .. } | NodeKind::List(_) => {
                let message = "a test document is a map of cases";
                let problem = Diagnostic::new(Code::WrongShape, doc.file, doc.node(*root).span, message);
                diagnostics.push(problem.help("write `name of a case:` and under it `expect:`"));
                continue;
            }
        };
        let defaults = entry(&doc, *root, DEFAULTS).map(|(key, value)| {
            let errors = diagnostics.errors();
            let says = words(&doc, key, value, true, diagnostics);
            let facts = facts::of(&doc, value, diagnostics);
            (says, facts, diagnostics.errors() > errors)
        });
        for entry in entries {
            let name = doc.text(entry.key).unwrap_or("").to_owned();
            match name.as_str() {
                DEFAULTS => continue,
                "ipcmm" => {
                    edition(&doc, entry.value, diagnostics);
                    continue;
                }
                _ => {}
            }
            let errors = diagnostics.errors();
            let says = words(&doc, entry.key, entry.value, false, diagnostics);
            let mut facts = facts::of(&doc, entry.value, diagnostics);
            let says = says.unwrap_or(Value::Null);
            let own = ["commands", "faults", "clock"].map(|word| length(says.get(word)));
            let (says, spoiled) = match &defaults {
                Some((Some(below), common, spoiled)) => {
                    for (path, value) in common {
                        facts.entry(path.clone()).or_insert_with(|| value.clone());
                    }
                    (over(&says, below), *spoiled)
                }
                Some((None, ..)) => (says, true),
                None => (says, false),
            };
            let broken = spoiled || diagnostics.errors() > errors;
            let span = doc.node(entry.key).span;
            cases.push(Case { name, doc: doc.clone(), span, node: entry.value, says, own, facts, broken });
        }
    }
    cases
}

fn length(list: Option<&Value>) -> usize {
    match list {
        Some(Value::List(items)) => items.len(),
        _ => 0,
    }
}

fn edition(doc: &Doc, value: NodeId, diagnostics: &mut Diagnostics) {
    if doc.text(value) != Some("1") && !matches!(doc.node(value).kind, NodeKind::Error) {
        let problem =
            Diagnostic::new(Code::Edition, doc.file, doc.node(value).span, "the edition of the language is 1");
        diagnostics.push(problem.fix("write the edition", "1"));
    }
}

/// What a case or the defaults say; `None` if it is no map, or a word of it cannot be read.
fn words(doc: &Doc, key: NodeId, value: NodeId, defaults: bool, diagnostics: &mut Diagnostics) -> Option<Value> {
    let entries = match &doc.node(value).kind {
        NodeKind::Map(entries) => entries,
        NodeKind::Null => return Some(Value::map::<Arc<str>>([])),
        NodeKind::Error => return None,
        NodeKind::Scalar { .. } | NodeKind::List(_) => {
            let message = "a case is a map of words such as `files` and `expect`";
            diagnostics.push(Diagnostic::new(Code::WrongShape, doc.file, doc.node(value).span, message));
            return None;
        }
    };
    let errors = diagnostics.errors();
    for entry in entries {
        let name = doc.text(entry.key).unwrap_or("");
        let span = doc.node(entry.key).span;
        match Group::Case.words().iter().find(|word| word.name == name) {
            None => diagnostics.push(unknown(doc, name, span)),
            Some(_) if defaults && matches!(name, "expect" | "doc") => {
                let message = format!("`{name}` belongs to a single case, not to the defaults of all");
                diagnostics.push(Diagnostic::new(Code::WrongShape, doc.file, span, message));
            }
            Some(word) if !word.is_there => {
                let message = format!("`{name}` in a test is not there yet");
                diagnostics.push(Diagnostic::new(Code::SyntaxNotYet, doc.file, span, message));
            }
            Some(word) => shape(doc, word, entry.value, diagnostics),
        }
    }
    if diagnostics.errors() > errors {
        return None;
    }
    let place = format!("`{}`", doc.text(key).unwrap_or(""));
    let says = lower::known(doc, value, case_type(), &place, diagnostics)?;
    for (keys, word) in [(&["files"][..], "files"), (&["expect", "files"], "files")] {
        paths(doc, value, keys, word, diagnostics);
    }
    checks(doc, value, &says, diagnostics);
    Some(says)
}

fn unknown(doc: &Doc, name: &str, span: Span) -> Diagnostic {
    let problem = Diagnostic::new(Code::UnknownKeyword, doc.file, span, format!("`{name}` is no word of a test"));
    let all = || Group::Case.words().iter().map(|word| word.name);
    match suggest::nearest(name, all()) {
        Some(near) => problem.did_you_mean(near),
        None if Group::Expect.words().iter().any(|word| word.name == name) => {
            problem.help(format!("what must come of a run stands under `expect`: `expect: {{{name}: …}}`"))
        }
        None => problem.help(format!("there are {}", all().collect::<Vec<_>>().join(", "))),
    }
}

/// Reports a value of another kind than its word takes, in the short words of the table.
fn shape(doc: &Doc, word: &Word, value: NodeId, diagnostics: &mut Diagnostics) {
    let (map, list) = (word.ty.contains("map<") || word.ty == "EXPECT", word.ty.contains("list<"));
    let found = match &doc.node(value).kind {
        NodeKind::Map(_) if !map => "a map",
        NodeKind::List(_) if !list => "a list",
        NodeKind::Scalar { .. } if map || list => "a scalar",
        NodeKind::Map(_) | NodeKind::List(_) | NodeKind::Scalar { .. } | NodeKind::Null | NodeKind::Error => return,
    };
    let message = format!("`{}` takes {}, and this is {found}", word.name, word.ty);
    let problem = Diagnostic::new(Code::WrongShape, doc.file, doc.node(value).span, message);
    diagnostics.push(problem.help(word.doc.trim()));
}

/// Reports keys of a map of paths that are no absolute paths.
fn paths(doc: &Doc, case: NodeId, keys: &[&str], word: &str, diagnostics: &mut Diagnostics) {
    let map = keys.iter().try_fold(case, |at, key| entry(doc, at, key).map(|(_, value)| value));
    let Some(NodeKind::Map(entries)) = map.map(|map| &doc.node(map).kind) else { return };
    for entry in entries {
        let path = doc.text(entry.key).unwrap_or("");
        let sound = path.starts_with('/') && ipcmm_runtime::system::path::split(Path::new(path)).is_ok();
        if !sound {
            let message = format!("`{word}`: `{path}` is not absolute: paths on a node begin with `/`, without `..`");
            diagnostics.push(Diagnostic::new(Code::RelativePath, doc.file, doc.node(entry.key).span, message));
        }
    }
}

/// What the types of single words cannot say.
fn checks(doc: &Doc, case: NodeId, says: &Value, diagnostics: &mut Diagnostics) {
    let mut refuse = |word: &str, i: usize, message: String| {
        let list = entry(doc, case, word).map(|(_, value)| &doc.node(value).kind);
        let at = match list {
            Some(NodeKind::List(items)) => items.get(i).copied().unwrap_or(case),
            _ => case,
        };
        diagnostics.push(Diagnostic::new(Code::BadValue, doc.file, doc.node(at).span, message));
    };
    let list = |word: &str| match says.get(word) {
        Some(Value::List(items)) => items.clone(),
        _ => Arc::new(Vec::new()),
    };
    let has = |value: &Value, key: &str| value.get(key).is_some_and(|value| *value != Value::Null);
    for (i, command) in list("commands").iter().enumerate() {
        let named = ["argv", "cmd", "script", "matches"].into_iter().filter(|key| has(command, key)).count();
        if named != 1 {
            refuse("commands", i, "an entry names its command by one of `argv`, `cmd`, `script`, `matches`".to_owned());
        }
        if let Some(Value::Str(line)) = command.get("cmd")
            && let Err(fault) = ipcmm_runtime::builtins::run::words::split(line)
        {
            refuse("commands", i, fault.detail);
        }
        let whole = |key: &str, least: i64, most: i64| match command.get(key) {
            Some(Value::Int(n)) if !(least..=most).contains(n) => {
                Some(format!("`{key}` is a number from {least} to {most}"))
            }
            _ => None,
        };
        let wrong = [whole("rc", 0, 255), whole("signal", 1, 64), whole("times", 1, i64::from(u32::MAX))];
        wrong.into_iter().flatten().for_each(|message| refuse("commands", i, message));
        if has(command, "rc") && has(command, "signal") {
            refuse("commands", i, "a command ends by itself with `rc`, or by a `signal`".to_owned());
        }
    }
    if let Some(Value::Map(secrets)) = says.get("secrets") {
        for address in secrets.keys() {
            if let Err(why) = Address::parse(address) {
                refuse("secrets", 0, format!("`{address}` is no address of a secret: {why}; write {FORMS}"));
            }
        }
    }
    for word in ["commands", "faults"] {
        for (i, staged) in list(word).iter().enumerate() {
            if let (Some(Value::Duration(from)), Some(Value::Duration(until))) =
                (staged.get("from"), staged.get("until"))
                && from >= until
            {
                refuse(word, i, "`from` is not before `until`, so there is no time in between".to_owned());
            }
        }
    }
    for (i, moment) in list("clock").iter().enumerate() {
        if !has(moment, "at") {
            refuse("clock", i, "a moment lacks `at`".to_owned());
        }
        if !["writes", "removes", "listens", "closes"].into_iter().any(|key| has(moment, key)) {
            refuse("clock", i, "nothing happens then: write `writes`, `removes`, `listens` or `closes`".to_owned());
        }
        for port in ["listens", "closes"].into_iter().flat_map(|key| crate::stage::items(moment.get(key))) {
            if !matches!(port, Value::Int(1..=65535)) {
                refuse("clock", i, format!("{port} is no TCP port"));
            }
        }
    }
    for (i, fault) in list("faults").iter().enumerate() {
        for key in ["path", "error"] {
            if !has(fault, key) {
                refuse("faults", i, format!("a fault lacks `{key}`"));
            }
        }
        if matches!(fault.get("at"), Some(Value::Int(n)) if !(1..=i64::from(u32::MAX)).contains(n)) {
            refuse("faults", i, "`at` counts from 1".to_owned());
        }
    }
    for (i, port) in list("listens").iter().enumerate() {
        if !matches!(port, Value::Int(1..=65535)) {
            refuse("listens", i, format!("{port} is no TCP port"));
        }
    }
}

/// What a case says over the defaults: entries of maps are merged, lists joined, the case's own first.
fn over(own: &Value, below: &Value) -> Value {
    match (own, below) {
        (Value::Map(own), Value::Map(below)) => {
            let mut all = below.as_ref().clone();
            for (key, value) in own.iter() {
                let merged = match all.get(key) {
                    Some(Value::Map(_)) if &**key == "expect" => value.clone(),
                    Some(below @ (Value::Map(_) | Value::List(_))) => merged(value, below),
                    _ => value.clone(),
                };
                all.insert(key.clone(), merged);
            }
            Value::Map(Arc::new(all))
        }
        (Value::Null, below) => below.clone(),
        (own, _) => own.clone(),
    }
}

/// The value of one word over that of the defaults: a path that is named twice is the case's.
fn merged(own: &Value, below: &Value) -> Value {
    match (own, below) {
        (Value::Map(own), Value::Map(below)) => {
            let mut all = below.as_ref().clone();
            all.extend(own.iter().map(|(key, value)| (key.clone(), value.clone())));
            Value::Map(Arc::new(all))
        }
        (Value::List(own), Value::List(below)) => Value::list(own.iter().chain(below.iter()).cloned().collect()),
        (own, _) => own.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ipcmm_compiler::doc::{Format, parse};

    fn cases(text: &str) -> (Vec<Case>, Vec<String>) {
        let mut diagnostics = Diagnostics::default();
        let doc = parse(FileId(0), text, Format::Yaml, &mut diagnostics);
        let cases = read(doc, &mut diagnostics);
        (cases, diagnostics.iter().map(|problem| format!("{} {}", problem.code, problem.message)).collect())
    }

    #[test]
    fn defaults_are_below_what_a_case_says() {
        let text = "defaults:\n  files: {/a: a, /b: b}\n  listens: [1]\n  seed: 1\n  facts: {cpu.count: 3}\n\
                    one:\n  files: {/b: c}\n  listens: [2]\n  seed: 2\n  facts: {cpu: {count: 4}}\ntwo:\n";
        let (cases, problems) = cases(text);
        assert_eq!(problems, Vec::<String>::new());
        let shown: Vec<String> = ["files", "listens", "seed"]
            .iter()
            .flat_map(|word| cases.iter().map(|case| case.get(word).map_or_else(String::new, Value::to_string)))
            .collect();
        assert_eq!(
            shown,
            ["{'/a': 'a', '/b': 'c'}", "{'/a': 'a', '/b': 'b'}", "[2, 1]", "[1]", "2", "1"].map(str::to_owned)
        );
        let count = |case: &Case| case.facts.get("facts.cpu.count").cloned();
        assert_eq!((count(&cases[0]), count(&cases[1])), (Some(Value::Int(4)), Some(Value::Int(3))));
    }

    #[test]
    fn values_of_inputs_are_handed_to_builds_as_they_are_written() {
        let (cases, problems) = cases("one: {set: {port: 0644, web/name: no}}\n");
        assert_eq!(problems, Vec::<String>::new());
        let given: Vec<(Option<String>, String, Option<String>)> = cases[0]
            .inputs()
            .given
            .into_iter()
            .map(|given| (given.module, given.name, given.doc.text(given.value).map(str::to_owned)))
            .collect();
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(given, [(None, "port".to_owned(), text("0644")), (text("web"), "name".to_owned(), text("no"))]);
    }

    #[test]
    fn no_document_is_too_odd() {
        for text in ["", "a", "- a", "a: [", "{a: {expect: {holds: {a: b}}}}", "? [a]\n: b", "a: {files: {~: ~, /: }}"]
        {
            cases(text);
        }
        let deep = format!("a: {{facts: {}1{}}}", "{os: ".repeat(5_000), "}".repeat(5_000));
        cases(&deep);
    }
}
