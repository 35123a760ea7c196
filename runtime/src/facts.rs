//! What the node is. Facts come in families; a family is gathered when one of its facts is first asked for,
//! and kept. Unaware of who asks.

use crate::system::Reader;
use ipcmm_bytecode::{Fault, FaultKind, Value};
use std::path::Path;
use std::sync::OnceLock;

/// No file that facts are read from is larger.
const LARGEST: u64 = 1 << 20;

/// The facts gathered so far.
#[derive(Debug, Default)]
pub struct Facts {
    os: OnceLock<Os>,
    cpu: OnceLock<Cpu>,
    memory: OnceLock<Memory>,
    node: OnceLock<Node>,
}

#[derive(Debug)]
struct Os {
    kernel: String,
    kernel_release: String,
    distribution: String,
    family: String,
    name: String,
    version: String,
    codename: String,
}

#[derive(Debug)]
struct Cpu {
    arch: String,
    model: String,
    count: i64,
}

#[derive(Debug)]
struct Memory {
    total: i64,
    available: i64,
    swap: i64,
}

#[derive(Debug)]
struct Node {
    id: String,
    name: String,
    fqdn: String,
    address: String,
}

impl Facts {
    /// The fact at `path`.
    pub fn get(&self, look: &dyn Reader, path: &str) -> Result<Value, Fault> {
        let os = || self.os.get_or_init(|| os(look));
        let cpu = || self.cpu.get_or_init(|| cpu(look));
        let memory = || self.memory.get_or_init(|| memory(look));
        let node = || self.node.get_or_init(|| node(look));
        Ok(match path {
            "facts.cpu.arch" => Value::str(&*cpu().arch),
            "facts.cpu.count" => Value::Int(cpu().count),
            "facts.cpu.model" => Value::str(&*cpu().model),
            "facts.memory.available" => Value::Int(memory().available),
            "facts.memory.swap" => Value::Int(memory().swap),
            "facts.memory.total" => Value::Int(memory().total),
            "facts.os.codename" => Value::str(&*os().codename),
            "facts.os.distribution" => Value::str(&*os().distribution),
            "facts.os.family" => Value::str(&*os().family),
            "facts.os.kernel" => Value::str(&*os().kernel),
            "facts.os.kernel_release" => Value::str(&*os().kernel_release),
            "facts.os.name" => Value::str(&*os().name),
            "facts.os.version" => Value::str(&*os().version),
            "node.address" => Value::str(&*node().address),
            "node.fqdn" => Value::str(&*node().fqdn),
            "node.id" => Value::str(&*node().id),
            "node.root" => Value::str(look.root().map_or_else(String::new, |root| root.display().to_string())),
            "node.name" => Value::str(&*node().name),
            _ => return Err(Fault::new(FaultKind::NoFact, format!("`{path}`"))),
        })
    }
}

/// A small text file of the node; nothing if it cannot be read.
fn text(look: &dyn Reader, path: &str) -> Option<String> {
    let bytes = look.read(Path::new(path), LARGEST).ok().flatten()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

fn os(look: &dyn Reader) -> Os {
    let uname = look.uname();
    // Below a root that is a system of its own, that system is meant; below a mere folder, the machine.
    let release = text(look, "/etc/os-release")
        .or_else(|| text(look, "/usr/lib/os-release"))
        .or_else(|| look.kernel_file("/etc/os-release"))
        .unwrap_or_default();
    let field = |name: &str| release.lines().find_map(|line| assignment(line, name)).unwrap_or_default();
    let distribution = match field("ID") {
        id if id.is_empty() => uname.sysname.to_lowercase(),
        id => id,
    };
    let name = match field("PRETTY_NAME") {
        name if name.is_empty() => format!("{} {}", uname.sysname, uname.release),
        name => name,
    };
    Os {
        family: family(&distribution, &field("ID_LIKE")),
        name,
        version: field("VERSION_ID"),
        codename: field("VERSION_CODENAME"),
        distribution,
        kernel: uname.sysname,
        kernel_release: uname.release,
    }
}

/// The value of `name=value`, with one layer of shell quotes taken off.
fn assignment(line: &str, name: &str) -> Option<String> {
    let value = line.trim().strip_prefix(name)?.strip_prefix('=')?;
    let words = crate::builtins::run::words::split(value).ok()?;
    Some(words.into_iter().next().unwrap_or_default())
}

/// The root of the line of descent that a distribution claims.
fn family(distribution: &str, like: &str) -> String {
    const ROOTS: [&str; 7] = ["debian", "rhel", "suse", "arch", "gentoo", "alpine", "slackware"];
    const CHILDREN: [(&str, &str); 4] =
        [("fedora", "rhel"), ("centos", "rhel"), ("opensuse", "suse"), ("sles", "suse")];
    let claims = || [distribution].into_iter().chain(like.split_whitespace());
    let root = claims().find_map(|claim| {
        let child = CHILDREN.iter().find(|(child, _)| *child == claim).map(|(_, root)| *root);
        child.or_else(|| ROOTS.iter().copied().find(|root| *root == claim))
    });
    root.unwrap_or_else(|| like.split_whitespace().next().unwrap_or(distribution)).to_owned()
}

fn cpu(look: &dyn Reader) -> Cpu {
    let info = look.kernel_file("/proc/cpuinfo").unwrap_or_default();
    // x86 says "model name", some others "cpu model" or "Model".
    let model = ["model name", "cpu model", "Model", "Processor"].iter().find_map(|name| {
        let of = |line: &str| line.split_once(':').filter(|(n, _)| n.trim() == *name).map(|(_, v)| v.trim().to_owned());
        info.lines().find_map(of)
    });
    Cpu {
        arch: look.uname().machine,
        model: model.unwrap_or_default(),
        count: i64::try_from(look.processors()).unwrap_or(1),
    }
}

fn memory(look: &dyn Reader) -> Memory {
    let info = look.kernel_file("/proc/meminfo").unwrap_or_default();
    let bytes = |name: &str| {
        let line = info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        let kibibytes = line.and_then(|l| l.split_whitespace().next()).and_then(|n| n.parse::<i64>().ok());
        kibibytes.unwrap_or(0).saturating_mul(1024)
    };
    Memory { total: bytes("MemTotal"), available: bytes("MemAvailable"), swap: bytes("SwapTotal") }
}

fn node(look: &dyn Reader) -> Node {
    let name = look.uname().nodename;
    let id = text(look, "/etc/machine-id").map(|id| id.trim().to_owned());
    // systemd writes `uninitialized` until the first boot has decided.
    let id = id.filter(|id| !id.is_empty() && id != "uninitialized");
    Node {
        id: id.unwrap_or_else(|| blake3::hash(name.as_bytes()).to_hex()[..32].to_owned()),
        fqdn: fqdn(&name, &text(look, "/etc/hosts").unwrap_or_default()),
        address: look.source_address().map_or_else(|| "127.0.0.1".to_owned(), |address| address.to_string()),
        name,
    }
}

/// The full name as `/etc/hosts` has it. No name server is asked: a fact must not wait for a network.
fn fqdn(name: &str, hosts: &str) -> String {
    if name.contains('.') {
        return name.to_owned();
    }
    let rows = hosts.lines().map(|line| line.split('#').next().unwrap_or("").split_whitespace().skip(1));
    for row in rows {
        let names: Vec<&str> = row.collect();
        let full = |n: &&&str| n.strip_prefix(name).is_some_and(|rest| rest.len() > 1 && rest.starts_with('.'));
        if let Some(full) = names.iter().find(full) {
            return (*full).to_owned();
        }
        // The first name of a row is the official one, whatever it is called.
        if let Some(official) = names.first().filter(|n| n.contains('.') && names.contains(&name)) {
            if official.starts_with("localhost") {
                continue;
            }
            return (*official).to_owned();
        }
    }
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::fake::Node as FileNode;
    use crate::system::{Fake, Real};
    use ipcmm_stdlib::facts::FACTS;

    #[test]
    fn every_fact_of_the_schema_has_a_value_of_its_type_here_and_on_an_empty_node() {
        let real = Real::new(None).unwrap();
        let empty = Fake::new();
        let (here, nowhere) = (Facts::default(), Facts::default());
        for fact in FACTS {
            for value in [here.get(&real, fact.path).unwrap(), nowhere.get(&empty, fact.path).unwrap()] {
                let fits = match fact.ty {
                    "str" => matches!(value, Value::Str(_)),
                    "int" | "size" => matches!(value, Value::Int(n) if n >= 0),
                    other => panic!("no test for type {other}"),
                };
                assert!(fits, "{} is {value}", fact.path);
            }
        }
        assert!(matches!(here.get(&real, "facts.memory.total").unwrap(), Value::Int(n) if n > 1 << 20));
        assert_eq!(here.get(&real, "facts.nothing").unwrap_err().kind, FaultKind::NoFact);
    }

    #[test]
    fn facts_are_read_from_the_usual_files() {
        let node = Fake::new();
        node.put(
            "/usr/lib/os-release",
            FileNode::file(
                "PRETTY_NAME='Mint 22'\nID=linuxmint\nID_LIKE=\"ubuntu debian\"\nVERSION_ID=\"22\"\n",
                0o644,
            ),
        );
        node.put("/etc/os-release", FileNode::link("../usr/lib/os-release"));
        node.put(
            "/etc/hosts",
            FileNode::file("127.0.0.1 localhost.localdomain localhost\n10.0.0.1 fake.example.org fake\n", 0o644),
        );
        node.put("/etc/machine-id", FileNode::file("0123\n", 0o444));
        node.set_kernel_file("/proc/meminfo", "MemTotal:  2 kB\nMemAvailable: 1 kB\n");
        node.set_kernel_file("/proc/cpuinfo", "processor\t: 0\nmodel name\t: Z 80\n");
        let facts = Facts::default();
        for (path, value) in [
            ("facts.os.distribution", Value::str("linuxmint")),
            ("facts.os.family", Value::str("debian")),
            ("facts.os.name", Value::str("Mint 22")),
            ("facts.os.version", Value::str("22")),
            ("facts.os.codename", Value::str("")),
            ("facts.memory.total", Value::Int(2048)),
            ("facts.memory.available", Value::Int(1024)),
            ("facts.memory.swap", Value::Int(0)),
            ("facts.cpu.model", Value::str("Z 80")),
            ("node.fqdn", Value::str("fake.example.org")),
            ("node.id", Value::str("0123")),
            ("node.address", Value::str("127.0.0.1")),
        ] {
            assert_eq!(facts.get(&node, path).unwrap(), value, "{path}");
        }
    }
}
