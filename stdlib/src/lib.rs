//! The built-ins as a table: name, frozen number, signature, effect, documentation, examples.
//!
//! Unaware of: how a built-in is carried out (the runtime has one file for each) and of the source
//! language beyond the text of types. Start reading at [`table`].

pub mod facts;
pub mod objects;
pub mod table;

use ipcmm_bytecode::catalog::{BuiltinShape, Catalog, Reaction, Runs};
use ipcmm_bytecode::{Effect, Value};
use std::sync::LazyLock;
pub use table::{BUILTINS, BuiltinId};

/// Built-ins and families the language names that this version does not have. A name leaves this list when its row
/// lands in the table.
pub const PLANNED: &[&str] = &[
    "ipcmm.exec",
    "ipcmm.spawn",
    "ipcmm.os",
    "ipcmm.sys",
    "ipcmm.vm",
    "ipcmm.container",
    "ipcmm.unik",
    "ipcmm.hypervisor",
    "ipcmm.crypto",
    "ipcmm.network",
    "ipcmm.filesystem.block",
    "ipcmm.filesystem.edit",
    "ipcmm.filesystem.archive",
    "ipcmm.filesystem.fetch",
    "ipcmm.filesystem.mount",
    "ipcmm.filesystem.mkfs",
    "ipcmm.filesystem.acl",
    "ipcmm.filesystem.xattr",
    "ipcmm.filesystem.quota",
    "ipcmm.filesystem.find",
    "ipcmm.memory",
    "ipcmm.cpu",
    "ipcmm.ssh",
    "ipcmm.winrm",
    "ipcmm.winrs",
    "ipcmm.psremoting",
    "ipcmm.psexec",
    "ipcmm.scp",
    "ipcmm.agents",
    "ipcmm.servers",
    "ipcmm.masters",
    "ipcmm.slaves",
    "ipcmm.nodes",
];

/// How well a dry run can tell what a built-in will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prediction {
    /// Exactly: it compares the wanted with the present state.
    Exact,
    /// Only its guards are judged; past them it says that it would run.
    Guards,
    /// It runs as it is: it changes nothing.
    Same,
    /// As well as those that it runs.
    Body,
}

impl Prediction {
    /// The word used in documentation.
    pub const fn name(self) -> &'static str {
        match self {
            Prediction::Exact => "exact",
            Prediction::Guards => "guards only",
            Prediction::Same => "same as a run",
            Prediction::Body => "by what it runs",
        }
    }
}

/// The default of a parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Default {
    /// There is none and the parameter must be given.
    Required,
    /// There is none and the parameter may be left out.
    Absent,
    /// A truth value.
    Bool(bool),
    /// A number, or a size in bytes.
    Int(i64),
    /// A text.
    Str(&'static str),
    /// A span of time in seconds.
    Seconds(i64),
    /// A list of numbers.
    Ints(&'static [i64]),
    /// An empty list.
    EmptyList,
}

impl Default {
    /// The default as a value, if there is one.
    pub fn value(self) -> Option<Value> {
        Some(match self {
            Default::Required | Default::Absent => return None,
            Default::Bool(b) => Value::Bool(b),
            Default::Int(i) => Value::Int(i),
            Default::Str(s) => Value::str(s),
            Default::Seconds(s) => Value::Duration(s * 1_000_000_000),
            Default::Ints(l) => Value::list(l.iter().map(|&i| Value::Int(i)).collect()),
            Default::EmptyList => Value::list(Vec::new()),
        })
    }
}

/// One parameter of a built-in. Its number is its place in the list; new ones are added at the end.
#[derive(Clone, Copy, Debug)]
pub struct Param {
    /// Name in `args`.
    pub name: &'static str,
    /// Type, in the type language of sources.
    pub ty: &'static str,
    /// What holds when it is left out.
    pub default: Default,
    /// One sentence.
    pub doc: &'static str,
}

/// One field of a built-in's result data.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Name under `result`.
    pub name: &'static str,
    /// Type, in the type language of sources.
    pub ty: &'static str,
    /// One sentence.
    pub doc: &'static str,
}

/// One built-in.
#[derive(Clone, Copy, Debug)]
pub struct Builtin {
    /// The identity the runtime matches on.
    pub id: BuiltinId,
    /// Name in sources, `ipcmm.…`.
    pub name: &'static str,
    /// The most it can do to the host.
    pub effect: Effect,
    /// Who executes it.
    pub runs: Runs,
    /// How well a dry run predicts it.
    pub prediction: Prediction,
    /// What `watch` does to it.
    pub reaction: Reaction,
    /// Parameters in frozen order.
    pub params: &'static [Param],
    /// Groups of parameters of which exactly one must be given.
    pub one_of: &'static [&'static [&'static str]],
    /// Result data.
    pub data: &'static [Field],
    /// What it does: first a one-line summary, then details.
    pub doc: &'static str,
    /// A complete module that uses it; it is built in a test.
    pub example: &'static str,
}

impl Builtin {
    /// Frozen number.
    pub const fn number(&self) -> u16 {
        self.id as u16
    }

    /// The place of parameter `name`.
    pub fn param(&self, name: &str) -> Option<u16> {
        self.params.iter().position(|p| p.name == name).map(|i| i as u16)
    }
}

/// The built-in of a frozen number.
pub fn by_number(number: u16) -> Option<&'static Builtin> {
    BUILTINS.binary_search_by_key(&number, Builtin::number).ok().map(|i| &BUILTINS[i])
}

/// The built-in of a source name.
pub fn by_name(name: &str) -> Option<&'static Builtin> {
    BUILTINS.iter().find(|b| b.name == name)
}

/// Every name with dots that can stand where a built-in is called: built-ins, their families, and those planned. The
/// properties format takes such a name as one segment of a key.
pub fn dotted_names() -> &'static [&'static str] {
    static NAMES: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
        let families = |b: &Builtin| b.name.match_indices('.').skip(1).filter_map(|(at, _)| b.name.get(..at));
        let mut names: Vec<&'static str> = BUILTINS.iter().flat_map(|b| families(b).chain([b.name])).collect();
        names.extend(PLANNED);
        names.sort_unstable();
        names.dedup();
        names
    });
    &NAMES
}

/// The table as verifier and machine see it.
#[derive(Clone, Copy, Debug)]
pub struct Stdlib;

impl Catalog for Stdlib {
    fn builtin(&self, number: u16) -> Option<BuiltinShape> {
        by_number(number).filter(|b| b.runs != Runs::Build).map(|b| BuiltinShape {
            name: b.name,
            params: b.params.len() as u16,
            effect: b.effect,
            runs: b.runs,
            reaction: b.reaction,
            changed_if: b.param("changed_if"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ipcmm_bytecode::catalog::intrinsic;

    #[test]
    fn numbers_ascend_and_names_are_unique() {
        assert!(BUILTINS.windows(2).all(|w| w[0].number() < w[1].number()));
        let mut names: Vec<_> = BUILTINS.iter().map(|b| b.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), BUILTINS.len());
    }

    #[test]
    fn the_machine_and_the_table_number_parameters_alike() {
        let nth = |name: &str, n: u16| by_name(name).unwrap().params[n as usize].name;
        use intrinsic::{bind, eval, nop, react, schedule, sleep, unbind, wait};
        assert_eq!(nth("ipcmm.bind", bind::TO), "to");
        assert_eq!(nth("ipcmm.unbind", unbind::TO), "to");
        assert_eq!(nth("ipcmm.react", react::DO), "do");
        assert_eq!(nth("ipcmm.schedule", schedule::NAME), "name");
        assert_eq!(nth("ipcmm.schedule", schedule::RUN), "run");
        for (n, name) in [
            (nop::COMMENT, "comment"),
            (nop::OUTCOME, "outcome"),
            (nop::CHECK, "check"),
            (nop::REACTION, "reaction"),
            (nop::FOR, "for"),
        ] {
            assert_eq!(nth("ipcmm.nop", n), name);
        }
        assert_eq!(nth("ipcmm.sleep", sleep::FOR), "for");
        assert_eq!(nth("ipcmm.sleep", sleep::JITTER), "jitter");
        for (n, name) in [
            (wait::UNTIL, "until"),
            (wait::PORT, "port"),
            (wait::HOST, "host"),
            (wait::FILE, "file"),
            (wait::REGEX, "regex"),
            (wait::EVERY, "every"),
            (wait::TIMEOUT, "timeout"),
        ] {
            assert_eq!(nth("ipcmm.wait", n), name);
        }
        assert_eq!(nth("ipcmm.eval", eval::EXPR), "expr");
    }

    #[test]
    fn families_are_names_too() {
        for name in ["ipcmm.nop", "ipcmm.run", "ipcmm.run.cmd", "ipcmm.filesystem", "ipcmm.os"] {
            assert!(dotted_names().contains(&name), "{name}");
        }
        assert!(dotted_names().iter().all(|name| name.contains('.')));
    }

    #[test]
    fn groups_name_parameters_that_exist() {
        for b in BUILTINS {
            for name in b.one_of.iter().flat_map(|g| g.iter()) {
                assert!(b.param(name).is_some(), "{} {name}", b.name);
            }
        }
    }
}
