//! The policy at the boundary of the host, where every argument is known and links can be looked at.
//!
//! Unaware of: what was refused before the run began. That nothing gets here which was refused there is not relied on.

use super::demand::{Demand, normal, of_call};
use super::{Allowed, Policy};
use crate::args::Args;
use crate::system::Reader;
use ipcmm_bytecode::functions::Family;
use ipcmm_bytecode::functions::family::Probes;
use ipcmm_bytecode::{Fault, FaultKind, Function, Value};
use ipcmm_vm::host::Call;
use std::path::{Path, PathBuf};

/// As many links as the kernel follows in one path.
const LINKS: usize = 40;

/// Refuses a call that the policy does not allow.
///
/// # Errors
/// Names what is wanted, and the key of the policy that decides.
pub fn call(policy: &Policy, look: &dyn Reader, args: &Args<'_>, call: &Call) -> Result<(), Fault> {
    if policy.is_everything() {
        return Ok(());
    }
    ask(policy, &Demand::Builtin(args.row().name.to_owned()))?;
    ask(policy, &Demand::Effect(args.row().effect))?;
    if let Some(user) = &call.runas {
        ask(policy, &Demand::RunAs(user.to_string()))?;
    }
    // In a dry run an argument may be unknown; then the apply asks.
    let (demands, _) = of_call(args, &args.unknown());
    if demands.iter().any(|demand| matches!(demand, Demand::Command(_))) {
        environment(policy, call)?;
    }
    demands.iter().try_for_each(|demand| ask(policy, demand).and_then(|()| real(policy, look, demand)))
}

/// Refuses a question about a path that may not be read.
///
/// # Errors
/// Names the path, and the key of the policy that decides.
pub fn probe(policy: &Policy, look: &dyn Reader, function: Function, args: &[Value]) -> Result<(), Fault> {
    if policy.is_everything() {
        return Ok(());
    }
    let Family::Probes(probe) = function.family() else { return Ok(()) };
    match (probe, args.first()) {
        (
            Probes::FsExists
            | Probes::FsIsFile
            | Probes::FsIsDir
            | Probes::FsIsLink
            | Probes::FsContains
            | Probes::FsMatches,
            Some(Value::Str(path)),
        ) => {
            let demand = Demand::Read(normal(path));
            ask(policy, &demand)?;
            real(policy, look, &demand)
        }
        _ => Ok(()),
    }
}

/// Refuses a secret that may not be fetched.
///
/// # Errors
/// Names it, and the key of the policy that decides.
pub fn secret(policy: &Policy, address: &str) -> Result<(), Fault> {
    ask(policy, &Demand::Secret(address.to_owned()))
}

/// Refuses variables by which a command would become another one, where commands are not all allowed.
fn environment(policy: &Policy, call: &Call) -> Result<(), Fault> {
    let exchanges = |name: &str| name == "PATH" || name.starts_with("LD_");
    match call.env.iter().find(|(name, _)| exchanges(name)) {
        Some((name, _)) if policy.commands != Allowed::Any => {
            let detail =
                format!("set `{name}` for a command: `commands` allows some only, and this could exchange them");
            Err(Fault::new(FaultKind::NotAllowed, detail))
        }
        _ => Ok(()),
    }
}

fn ask(policy: &Policy, demand: &Demand) -> Result<(), Fault> {
    match policy.refuses(demand) {
        None => Ok(()),
        Some(why) => Err(Fault::new(FaultKind::NotAllowed, format!("{demand}: {why}"))),
    }
}

/// Asks again for the place that a path leads to, if a link on the way leads elsewhere.
fn real(policy: &Policy, look: &dyn Reader, demand: &Demand) -> Result<(), Fault> {
    let (path, again): (&str, fn(String) -> Demand) = match demand {
        Demand::Write(path) => (path, Demand::Write),
        Demand::WriteBelow(path) => (path, Demand::WriteBelow),
        Demand::Read(path) => (path, Demand::Read),
        Demand::ReadBelow(path) => (path, Demand::ReadBelow),
        Demand::Unsigned
        | Demand::Builtin(_)
        | Demand::Effect(_)
        | Demand::Command(_)
        | Demand::RunAs(_)
        | Demand::Secret(_) => return Ok(()),
    };
    // Work on files does not follow a link at the end; questions do, and a place that can be read by name only is none.
    let follow = matches!(demand, Demand::Read(_) | Demand::ReadBelow(_));
    let place = resolved(look, path, follow)?;
    if place == path {
        return Ok(());
    }
    ask(policy, &again(place.clone()))
        .map_err(|fault| Fault { detail: format!("`{path}` leads to `{place}`; {}", fault.detail), ..fault })
}

/// Where a path leads, with the links on its way followed. What is not there leads nowhere else.
fn resolved(look: &dyn Reader, path: &str, follow_last: bool) -> Result<String, Fault> {
    let mut todo: Vec<String> = path.split('/').filter(|p| !p.is_empty()).rev().map(str::to_owned).collect();
    let mut here = PathBuf::from("/");
    let mut links = 0;
    while let Some(part) = todo.pop() {
        if part == ".." {
            here.pop();
            continue;
        }
        let next = here.join(&part);
        let target = match todo.is_empty() && !follow_last {
            true => None,
            // A place that cannot be looked at cannot be worked at either.
            false => look.load(&next, 0).ok().flatten().and_then(|found| found.target),
        };
        let Some(target) = target else {
            here = next;
            continue;
        };
        links += 1;
        if links > LINKS {
            return Err(Fault::new(FaultKind::UnsafePath, format!("`{path}` leads through too many links")));
        }
        if target.is_absolute() {
            here = PathBuf::from("/");
        }
        let parts = target.to_string_lossy();
        todo.extend(parts.split('/').filter(|p| !p.is_empty() && *p != ".").rev().map(str::to_owned));
    }
    Ok(normal(&Path::new(&here).to_string_lossy()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::Fake;
    use crate::system::fake::Node;

    #[test]
    fn no_variable_exchanges_a_command() {
        let row = ipcmm_stdlib::by_name("ipcmm.run.cmd").expect("a row");
        let given = [(row.param("argv").expect("a parameter"), Value::list(vec![Value::str("true")]))];
        let asked = |name: &str, commands| {
            let call = Call {
                task: 0,
                builtin: row.number(),
                args: given.to_vec(),
                mode: ipcmm_vm::Mode::Apply,
                phase: ipcmm_vm::host::Phase::Body,
                attempt: 1,
                runas: None,
                env: [(name.into(), "/tmp".into())].into(),
                timeout: None,
                touched: None,
                blind: false,
                answers: 0,
                cancel: ipcmm_vm::Cancel::default(),
            };
            let policy = Policy { commands, read: Allowed::These(Vec::new()), ..Policy::everything() };
            super::call(&policy, &Fake::new(), &Args::new(row, &call.args), &call).is_ok()
        };
        let some = || Allowed::These(vec![crate::policy::CommandRule::Program("true".to_owned())]);
        assert!(asked("LANG", some()) && !asked("PATH", some()) && !asked("LD_PRELOAD", some()));
        assert!(asked("PATH", Allowed::Any));
    }

    #[test]
    fn links_are_followed_as_on_the_way_to_a_file() {
        let node = Fake::new();
        node.put("/etc/real/x", Node::file("", 0o644));
        node.put("/etc/way", Node::link("real/../real"));
        node.put("/etc/end", Node::link("/etc/real/x"));
        node.put("/loop", Node::link("loop"));
        for (path, follow, place) in [
            ("/etc/way/new", false, "/etc/real/new"),
            ("/etc/end", false, "/etc/end"),
            ("/etc/end", true, "/etc/real/x"),
            ("/not/there", true, "/not/there"),
        ] {
            assert_eq!(resolved(&node, path, follow).unwrap(), place, "{path}");
        }
        assert!(resolved(&node, "/loop/x", false).is_err());
    }
}
