//! What somebody wants to do, in the words of a policy; and what a call of a built-in wants.
//!
//! Unaware of: what is allowed. A new built-in does not compile until it is said here what it reaches.

use crate::args::Args;
use crate::builtins::run::{script, words};
use ipcmm_bytecode::Effect;
use ipcmm_stdlib::BuiltinId;
use std::fmt;

/// One thing that a policy may refuse.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Demand {
    /// To be run without a signature.
    Unsigned,
    /// To call a built-in.
    Builtin(String),
    /// To have this much effect.
    Effect(Effect),
    /// To run a command.
    Command(Vec<String>),
    /// To write a path.
    Write(String),
    /// To write anything below a path.
    WriteBelow(String),
    /// To read a path.
    Read(String),
    /// To read anything below a path.
    ReadBelow(String),
    /// To work as a user.
    RunAs(String),
    /// To fetch a secret.
    Secret(String),
}

impl Demand {
    /// The key of a policy that decides.
    pub const fn rule(&self) -> &'static str {
        match self {
            Demand::Unsigned => "unsigned",
            Demand::Builtin(_) => "builtins",
            Demand::Effect(_) => "effects",
            Demand::Command(_) => "commands",
            Demand::Write(_) | Demand::WriteBelow(_) => "write",
            Demand::Read(_) | Demand::ReadBelow(_) => "read",
            Demand::RunAs(_) => "runas",
            Demand::Secret(_) => "secrets",
        }
    }
}

impl fmt::Display for Demand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Demand::Unsigned => f.write_str("run without a signature"),
            Demand::Builtin(name) => write!(f, "call `{name}`"),
            Demand::Effect(effect) => write!(f, "have the effect `{}`", effect.name()),
            Demand::Command(argv) => {
                let line = argv.iter().map(|word| words::quote(word)).collect::<Vec<_>>().join(" ");
                write!(f, "run `{line}`")
            }
            Demand::Write(path) => write!(f, "write `{path}`"),
            Demand::WriteBelow(path) => write!(f, "write everything below `{path}`"),
            Demand::Read(path) => write!(f, "read `{path}`"),
            Demand::ReadBelow(path) => write!(f, "read everything below `{path}`"),
            Demand::RunAs(user) => write!(f, "work as user `{user}`"),
            Demand::Secret(address) => write!(f, "fetch the secret `{address}`"),
        }
    }
}

/// A path without what makes no difference: doubled slashes, `.`, a slash at the end.
pub fn normal(path: &str) -> String {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    format!("/{}", parts.join("/"))
}

/// What a call wants, as far as its arguments are known: `missing` are the names of those that are given and not known.
/// The second part names what cannot be said therefore.
pub fn of_call(args: &Args<'_>, missing: &[&'static str]) -> (Vec<Demand>, Vec<&'static str>) {
    let mut demands = Vec::new();
    let mut open = Vec::new();
    let is_true = |name: &str| args.bool(name).unwrap_or(false);
    let mut path = |name: &'static str, demand: fn(String) -> Demand, below: Option<fn(String) -> Demand>| match args
        .opt_str(name)
    {
        _ if missing.contains(&name) => open.push(name),
        Ok(Some(path)) => {
            demands.push(demand(normal(path)));
            demands.extend(below.map(|below| below(normal(path))));
        }
        Ok(None) | Err(_) => {}
    };
    let below = |wanted: bool, demand: fn(String) -> Demand| wanted.then_some(demand);
    match args.row().id {
        BuiltinId::FilesystemFile => {
            path("path", Demand::Write, None);
            if is_true("backup") {
                path("path", |path| Demand::Write(format!("{path}.bak")), None);
            }
        }
        BuiltinId::FilesystemDir => {
            let all =
                is_true("recurse") || is_true("purge") || missing.contains(&"recurse") || missing.contains(&"purge");
            path("path", Demand::Write, below(all, Demand::WriteBelow));
        }
        BuiltinId::FilesystemAbsent => {
            let all = is_true("recurse") || missing.contains(&"recurse");
            path("path", Demand::Write, below(all, Demand::WriteBelow));
        }
        BuiltinId::FilesystemLink | BuiltinId::FilesystemLine => path("path", Demand::Write, None),
        BuiltinId::FilesystemCopy => {
            let all = is_true("recurse") || missing.contains(&"recurse");
            path("source", Demand::Read, below(all, Demand::ReadBelow));
            path("path", Demand::Write, below(all, Demand::WriteBelow));
        }
        BuiltinId::Wait => path("file", Demand::Read, None),
        BuiltinId::RunCmd
        | BuiltinId::RunScript
        | BuiltinId::Nop
        | BuiltinId::Sleep
        | BuiltinId::Eval
        // What they run stands in rows of its own.
        | BuiltinId::Parallel
        | BuiltinId::Concurrent
        | BuiltinId::Fork
        | BuiltinId::Async
        | BuiltinId::Join
        | BuiltinId::Apply
        | BuiltinId::Invoke
        | BuiltinId::Event
        | BuiltinId::Fire
        | BuiltinId::Bind
        | BuiltinId::Unbind
        | BuiltinId::React
        | BuiltinId::Schedule
        | BuiltinId::Include
        | BuiltinId::Import
        | BuiltinId::Call
        | BuiltinId::Static
        | BuiltinId::Dynamic => {}
    }
    match argv(args, missing) {
        Ok(Some(argv)) => demands.push(Demand::Command(argv)),
        Ok(None) => {}
        Err(name) => open.push(name),
    }
    (demands, open)
}

/// The words of the command that a call runs, if it runs one.
fn argv(args: &Args<'_>, missing: &[&'static str]) -> Result<Option<Vec<String>>, &'static str> {
    let known = |names: &[&'static str]| match names.iter().find(|name| missing.contains(name)) {
        Some(name) => Err(*name),
        None => Ok(()),
    };
    match args.row().id {
        BuiltinId::RunCmd => {
            known(&["argv", "cmd", "shell"])?;
            if let Ok(Some(argv)) = args.opt_list_of_str("argv") {
                return Ok(Some(argv));
            }
            let Ok(Some(cmd)) = args.opt_str("cmd") else { return Ok(None) };
            match args.bool("shell").unwrap_or(false) {
                true => Ok(Some(["/bin/sh", "-c", cmd].map(str::to_owned).to_vec())),
                // A line that cannot be split is refused by the built-in itself.
                false => Ok(words::split(cmd).ok()),
            }
        }
        BuiltinId::RunScript => {
            known(&["script", "source", "interpreter", "args"])?;
            Ok(script::words_of(args).ok())
        }
        BuiltinId::FilesystemFile => {
            known(&["validate"])?;
            Ok(args.opt_list_of_str("validate").ok().flatten().filter(|argv| !argv.is_empty()))
        }
        BuiltinId::FilesystemDir
        | BuiltinId::FilesystemLink
        | BuiltinId::FilesystemLine
        | BuiltinId::FilesystemAbsent
        | BuiltinId::FilesystemCopy
        | BuiltinId::Nop
        | BuiltinId::Sleep
        | BuiltinId::Wait
        | BuiltinId::Eval
        | BuiltinId::Parallel
        | BuiltinId::Concurrent
        | BuiltinId::Fork
        | BuiltinId::Async
        | BuiltinId::Join
        | BuiltinId::Apply
        | BuiltinId::Invoke
        | BuiltinId::Event
        | BuiltinId::Fire
        | BuiltinId::Bind
        | BuiltinId::Unbind
        | BuiltinId::React
        | BuiltinId::Schedule
        | BuiltinId::Include
        | BuiltinId::Import
        | BuiltinId::Call
        | BuiltinId::Static
        | BuiltinId::Dynamic => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_have_one_form() {
        for (path, form) in [("/a//b/./c/", "/a/b/c"), ("/", "/"), ("//", "/"), ("/a..b", "/a..b")] {
            assert_eq!(normal(path), form);
        }
    }
}
