//! A pretended node as a case describes it: the one of the runtime, on which its real built-ins run.
//!
//! Unaware of: what is run on it. Start reading at [`Stage::new`].

use crate::case::Case;
use crate::vocabulary::ERRORS;
use ipcmm_bytecode::{Fault, FaultKind, Function, Value};
use ipcmm_grammar::units;
use ipcmm_runtime::builtins::run::words;
use ipcmm_runtime::host::SystemHost;
use ipcmm_runtime::system::fake::{Access, Issued, Mishap, Moment, Node, Rule, Window};
use ipcmm_runtime::system::{Ended, Fake, Kind, Reader, SEARCH_PATH, User};
use ipcmm_vm::{Call, Cancel, Host, Mode, Reply};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Facts of the node a case says nothing of: a small Debian machine.
const DEBIAN: &[(&str, Fact)] = &[
    ("facts.cpu.arch", Fact::Text("x86_64")),
    ("facts.cpu.count", Fact::Number(2)),
    ("facts.cpu.model", Fact::Text("pretended")),
    ("facts.memory.available", Fact::Number(3 << 30)),
    ("facts.memory.swap", Fact::Number(0)),
    ("facts.memory.total", Fact::Number(4 << 30)),
    ("facts.os.codename", Fact::Text("trixie")),
    ("facts.os.distribution", Fact::Text("debian")),
    ("facts.os.family", Fact::Text("debian")),
    ("facts.os.kernel", Fact::Text("Linux")),
    ("facts.os.kernel_release", Fact::Text("6.12.0-amd64")),
    ("facts.os.name", Fact::Text("Debian GNU/Linux 13 (trixie)")),
    ("facts.os.version", Fact::Text("13")),
    ("node.address", Fact::Text("192.0.2.1")),
    ("node.fqdn", Fact::Text("node.example.org")),
    ("node.id", Fact::Text("00000000000000000000000000000001")),
    ("node.name", Fact::Text("node")),
    ("node.root", Fact::Text("")),
];

/// Directories a Debian system has before anything is installed.
const FOLDERS: &[(&str, u32)] = &[
    ("/boot", 0o755),
    ("/etc", 0o755),
    ("/home", 0o755),
    ("/mnt", 0o755),
    ("/opt", 0o755),
    ("/root", 0o700),
    ("/run", 0o755),
    ("/srv", 0o755),
    ("/tmp", 0o1777),
    ("/usr/bin", 0o755),
    ("/usr/lib", 0o755),
    ("/usr/local/bin", 0o755),
    ("/usr/local/sbin", 0o755),
    ("/usr/sbin", 0o755),
    ("/usr/share", 0o755),
    ("/var/cache", 0o755),
    ("/var/lib", 0o755),
    ("/var/log", 0o755),
    ("/var/tmp", 0o1777),
];

/// Users a Debian system has besides root and nobody.
const USERS: &[(&str, u32, &str)] = &[("daemon", 1, "/usr/sbin"), ("www-data", 33, "/var/www")];

/// The first number of a user or group that has none of its own.
const FIRST_ID: i64 = 1000;

/// A constant of a table.
#[derive(Clone, Copy, Debug)]
enum Fact {
    Text(&'static str),
    Number(i64),
}

/// A node with the facts of a case.
pub struct Stage {
    /// The node.
    pub node: Fake,
    host: SystemHost<Fake>,
    facts: BTreeMap<String, Value>,
    begins: Duration,
}

impl Stage {
    /// The node as it is before the run.
    pub fn new(case: &Case) -> Stage {
        let node = Fake::new();
        FOLDERS.iter().for_each(|(path, mode)| node.put(path, Node::dir(*mode)));
        for (name, uid, home) in USERS {
            node.add_user(User { name: (*name).to_owned(), uid: *uid, gid: *uid, home: (*home).to_owned() });
        }
        people(case, &node);
        let places: Vec<(&str, &Value)> = entries(case.get("files")).collect();
        places.iter().for_each(|(path, what)| node.put(path, made(what, &node)));
        for command in items(case.get("commands")) {
            program(command, &node);
            node.rule(rule(command, &node));
        }
        ports(case.get("listens")).for_each(|port| node.listen(port));
        for (address, secret) in entries(case.get("secrets")) {
            node.give_secret(address, secret.as_str().unwrap_or(""));
        }
        items(case.get("clock")).for_each(|what| node.moment(moment(what, &node)));
        items(case.get("faults")).for_each(|fault| node.mishap(mishap(fault)));
        Stage::on(node, case, Duration::ZERO)
    }

    /// Another run on a node that is there, which begins when so much time of the node is over.
    pub fn on(node: Fake, case: &Case, begins: Duration) -> Stage {
        let mut facts: BTreeMap<String, Value> = DEBIAN
            .iter()
            .map(|(path, fact)| match fact {
                Fact::Text(text) => ((*path).to_owned(), Value::str(*text)),
                Fact::Number(number) => ((*path).to_owned(), Value::Int(*number)),
            })
            .collect();
        if let Some(name) = case.facts.get("node.name").and_then(Value::as_str) {
            facts.insert("node.fqdn".to_owned(), Value::str(name));
        }
        facts.extend(case.facts.clone());
        Stage { host: SystemHost::new(node.clone()), node, facts, begins }
    }

    /// Tells the node the time of the run, in nanoseconds.
    pub fn set_time(&self, now: u64) {
        self.node.set_time(self.begins + Duration::from_nanos(now));
    }

    /// What is at every path.
    pub fn tree(&self) -> BTreeMap<PathBuf, Node> {
        self.node.snapshot()
    }
}

impl Host for Stage {
    fn call(&self, call: &Call, cancel: &Cancel) -> Reply {
        self.host.call(call, cancel)
    }

    fn probe(&self, function: Function, args: &[Value]) -> Result<Value, Fault> {
        self.host.probe(function, args)
    }

    fn secret(&self, address: &str, mode: Mode) -> Result<Value, Fault> {
        self.host.secret(address, mode)
    }

    fn fact(&self, path: &str) -> Result<Value, Fault> {
        // A fact this table does not know yet is gathered from the pretended system.
        self.facts.get(path).map_or_else(|| self.host.fact(path), |value| Ok(value.clone()))
    }
}

/// The entries of a map; none of anything else.
pub(crate) fn entries(value: Option<&Value>) -> impl Iterator<Item = (&str, &Value)> {
    let map = match value {
        Some(Value::Map(map)) => Some(map),
        _ => None,
    };
    map.into_iter().flat_map(|map| map.iter().map(|(key, value)| (&**key, value)))
}

/// The elements of a list; what is no list is its only element.
pub(crate) fn items(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    match value {
        Some(Value::List(items)) => items.as_slice(),
        Some(Value::Null) | None => &[],
        Some(one) => std::slice::from_ref(one),
    }
    .iter()
}

pub(crate) fn number(value: &Value) -> Option<i64> {
    match value {
        Value::Int(number) => Some(*number),
        _ => None,
    }
}

/// A field that is not null.
pub(crate) fn field<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    value.get(name).filter(|value| **value != Value::Null)
}

fn ports(value: Option<&Value>) -> impl Iterator<Item = u16> {
    items(value).filter_map(number).filter_map(|port| port.try_into().ok())
}

/// A time or a length of time; none if it is not given.
pub(crate) fn time(value: &Value, name: &str) -> Option<Duration> {
    match field(value, name) {
        Some(Value::Duration(nanos)) => Some(Duration::from_nanos(u64::try_from(*nanos).unwrap_or(0))),
        _ => None,
    }
}

fn window(value: &Value) -> Window {
    Window { from: time(value, "from").unwrap_or_default(), until: time(value, "until") }
}

/// What `writes` and `removes` leave behind.
fn leaves(what: &Value, node: &Fake) -> Vec<(PathBuf, Option<Node>)> {
    let writes = entries(field(what, "writes")).map(|(path, made_of)| (PathBuf::from(path), Some(made(made_of, node))));
    let removes = items(field(what, "removes")).filter_map(Value::as_str).map(|path| (PathBuf::from(path), None));
    removes.chain(writes).collect()
}

fn moment(what: &Value, node: &Fake) -> Moment {
    Moment {
        at: time(what, "at").unwrap_or_default(),
        leaves: leaves(what, node),
        opens: ports(field(what, "listens")).collect(),
        closes: ports(field(what, "closes")).collect(),
        happened: false,
    }
}

fn text<'v>(value: &'v Value, name: &str) -> Option<&'v str> {
    field(value, name).and_then(Value::as_str)
}

fn id(value: Option<i64>, next: &mut i64) -> u32 {
    let id = value.unwrap_or(*next);
    if value.is_none() {
        *next += 1;
    }
    u32::try_from(id).unwrap_or(u32::MAX)
}

/// Users and groups of a case; names alone get numbers in their order.
fn people(case: &Case, node: &Fake) {
    let mut next = FIRST_ID;
    let (users, groups) = (case.get("users"), case.get("groups"));
    let listed = |value: Option<&Value>| -> Vec<String> {
        let names = matches!(value, Some(Value::List(_))).then(|| items(value));
        names.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    for name in listed(groups) {
        node.add_group(&name, id(None, &mut next));
    }
    for (name, gid) in entries(groups) {
        node.add_group(name, id(number(gid), &mut next));
    }
    for name in listed(users) {
        let uid = id(None, &mut next);
        let home = format!("/home/{name}");
        node.add_user(User { name, uid, gid: uid, home });
    }
    for (name, user) in entries(users) {
        let uid = id(field(user, "uid").and_then(number), &mut next);
        let gid = field(user, "gid").and_then(number).and_then(|gid| gid.try_into().ok()).unwrap_or(uid);
        let home = text(user, "home").map_or_else(|| format!("/home/{name}"), str::to_owned);
        node.add_user(User { name: name.to_owned(), uid, gid, home });
    }
}

/// What an entry of `files` or `writes` puts there.
fn made(what: &Value, node: &Fake) -> Node {
    if let Some(text) = what.as_str() {
        return Node::file(text, 0o644);
    }
    let mode = text(what, "mode").and_then(units::parse_mode);
    let made = match (text(what, "link"), field(what, "dir")) {
        (Some(target), _) => Node::link(target),
        (None, Some(Value::Bool(true))) => Node::dir(mode.unwrap_or(0o755)),
        (None, _) => Node::file(text(what, "content").unwrap_or(""), mode.unwrap_or(0o644)),
    };
    let uid = text(what, "owner").map_or(0, |owner| known(owner, |name| Some(node.user(name).ok()??.uid)));
    let gid = text(what, "group").map_or(0, |group| known(group, |name| node.group(name).ok()?));
    made.owned_by(uid, gid)
}

/// A name or number of somebody. Whoever is not there is nobody.
fn known(name: &str, find: impl Fn(&str) -> Option<u32>) -> u32 {
    find(name).or_else(|| name.parse().ok()).unwrap_or(65534)
}

/// Makes the program of a command be there, so that `command.exists` finds it.
fn program(command: &Value, node: &Fake) {
    let argv = items(field(command, "argv")).next().and_then(Value::as_str).map(str::to_owned);
    let line = || text(command, "cmd").and_then(|line| words::split(line).ok()?.into_iter().next());
    let Some(name) = argv.or_else(line).filter(|_| field(command, "error").is_none()) else { return };
    let there = |path: &Path| matches!(node.peek(path, true), Ok(Some(_)));
    let plain = |name: &str| name.chars().all(|c| c.is_alphanumeric() || "_-.+".contains(c));
    if name.starts_with('/') {
        if !there(Path::new(&name)) && ipcmm_runtime::system::path::split(Path::new(&name)).is_ok() {
            node.put(&name, Node::file("", 0o755));
        }
    } else if !name.is_empty() && plain(&name) && !SEARCH_PATH.split(':').any(|dir| there(&Path::new(dir).join(&name)))
    {
        node.put(&format!("/usr/bin/{name}"), Node::file("", 0o755));
    }
}

/// The line of a command, as people write it.
pub fn line(words: &[String]) -> String {
    match words {
        [shell, flag, text] if shell == "/bin/sh" && flag == "-c" => text.clone(),
        words => words.iter().map(|word| words::quote(word)).collect::<Vec<_>>().join(" "),
    }
}

/// Whether a line means these words: split, or handed to a shell.
pub fn same_line(written: &str, words: &[String]) -> bool {
    let shell =
        matches!(words, [shell, flag, text] if shell == "/bin/sh" && flag == "-c" && text.trim() == written.trim());
    shell || words::split(written).is_ok_and(|split| split == words)
}

fn rule(command: &Value, node: &Fake) -> Rule {
    let argv: Vec<String> = items(field(command, "argv")).filter_map(Value::as_str).map(str::to_owned).collect();
    let cmd = text(command, "cmd").map(str::to_owned);
    let script = text(command, "script").map(str::to_owned);
    let pattern = text(command, "matches").and_then(|pattern| regex::Regex::new(pattern).ok());
    let fits = move |issued: &Issued| {
        (!argv.is_empty() && argv == issued.words)
            || cmd.as_ref().is_some_and(|cmd| same_line(cmd, &issued.words))
            || pattern.as_ref().is_some_and(|pattern| pattern.is_match(&line(&issued.words)))
            || script.as_ref().is_some_and(|part| {
                issued.script.as_ref().is_some_and(|text| String::from_utf8_lossy(text).contains(part.trim_end()))
            })
    };
    let whole = |name: &str| field(command, name).and_then(number).and_then(|n| i32::try_from(n).ok());
    let refuses = text(command, "error").map(|name| {
        let (_, words) = error(name);
        Fault::new(FaultKind::NotStartable, words)
    });
    let bytes = |name: &str| text(command, name).unwrap_or("").as_bytes().to_vec();
    Rule {
        times: field(command, "times").and_then(number).and_then(|n| u32::try_from(n).ok()),
        refuses,
        ended: whole("signal").map_or(Ended::Status(whole("rc").unwrap_or(0)), Ended::Signal),
        stdout: bytes("stdout"),
        stderr: bytes("stderr"),
        takes: time(command, "takes").unwrap_or_default(),
        leaves: leaves(command, node),
        window: window(command),
        ..Rule::new(fits)
    }
}

/// The kind and the words of an error number.
fn error(name: &str) -> (FaultKind, &'static str) {
    let row = ERRORS.iter().find(|(known, ..)| *known == name);
    row.map_or((FaultKind::Io, "Input/output error"), |(_, kind, words)| (*kind, *words))
}

fn mishap(fault: &Value) -> Mishap {
    let path = PathBuf::from(text(fault, "path").unwrap_or("/"));
    let (kind, words) = error(text(fault, "error").unwrap_or(""));
    let fault_itself = Fault::new(kind, format!("`{}`: {words}", path.display()));
    let access = if text(fault, "op") == Some("read") { Access::Read } else { Access::Write };
    let at = field(fault, "at").and_then(number).and_then(|n| u32::try_from(n).ok());
    Mishap { path, access, window: window(fault), fault: fault_itself, at, seen: 0, happened: 0 }
}

/// What something is, in words.
pub fn kind_of(node: &Node) -> &'static str {
    match node.kind {
        Kind::File => "a file",
        Kind::Dir => "a directory",
        Kind::Link => "a symbolic link",
        Kind::Special => "a device",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_debian_node_knows_every_fact() {
        for fact in ipcmm_stdlib::facts::FACTS {
            assert!(DEBIAN.iter().any(|(path, _)| *path == fact.path), "{}", fact.path);
        }
        assert!(DEBIAN.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }

    #[test]
    fn lines_are_words_or_go_to_a_shell() {
        let words = |list: &[&str]| list.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        assert!(same_line("a 'b c'", &words(&["a", "b c"])));
        assert!(same_line("a | b", &words(&["/bin/sh", "-c", "a | b\n"])));
        assert!(!same_line("a b", &words(&["a"])));
        assert_eq!(line(&words(&["a", "b c"])), "a 'b c'");
        assert_eq!(line(&words(&["/bin/sh", "-c", "a | b"])), "a | b");
    }
}
