//! The policy of this agent: which file holds it, and how a refusal is told.
//!
//! Unaware of: what a policy means, and what a bundle needs; the runtime judges.

use ipcmm_bytecode::bundle::Bundle;
use ipcmm_bytecode::{Fault, FaultKind};
use ipcmm_runtime::policy::needs::{Needs, Refusal};
use ipcmm_runtime::policy::{Policy, read};
use ipcmm_spec::cli::{Exit, Format};
use ipcmm_spec::console::Console;
use ipcmm_spec::terminal::visible;
use serde_json::{Value, json};
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Where the policy of a node is.
pub const STANDING: &str = "/etc/ipcmm/policy.json";
/// No policy is longer.
const LONGEST: u64 = 1 << 20;
/// Who runs a bundle by hand could do by hand what it does, so no file means that all is allowed.
pub const BY_HAND: fn() -> Policy = Policy::everything;
/// Bundles that come from elsewhere do nothing until a file says what they may.
pub const DAEMON: fn() -> Policy = Policy::nothing;

/// Why there is no policy to go by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unusable {
    /// In a sentence.
    pub message: String,
    /// Everything that is wrong in the file, each with its place.
    pub problems: Vec<String>,
}

impl Unusable {
    fn new(message: String) -> Unusable {
        Unusable { message, problems: Vec::new() }
    }

    /// Ends a command because of it.
    pub fn tell(&self, console: &Console) -> Exit {
        match console.format {
            Format::Human => {
                let exit = console.obstacle("policy", &self.message);
                for problem in &self.problems {
                    console.aside(&format!("  {}\n", visible(problem, console.err.unicode)));
                }
                exit
            }
            Format::Json if self.problems.is_empty() => console.obstacle("policy", &self.message),
            Format::Json => console.obstacle("policy", &format!("{}: {}", self.message, self.problems.join("; "))),
        }
    }
}

/// The policy of the file that is named; of the standing one, if it is there, where none is; or else what `without` says.
///
/// # Errors
/// If the file cannot be read, others could have written it, or it is no policy. All that is wrong with it is told.
pub fn load(named: Option<&Path>, standing: &Path, without: fn() -> Policy) -> Result<Policy, Unusable> {
    let path = named.unwrap_or(standing);
    let not = |why: &dyn std::fmt::Display| Unusable::new(format!("cannot read the policy {}: {why}", path.display()));
    let said = |error: std::io::Error| not(&error);
    let file = match File::open(path) {
        Err(error) if named.is_none() && error.kind() == ErrorKind::NotFound => return Ok(without()),
        opened => opened.map_err(said)?,
    };
    let there = file.metadata().map_err(said)?;
    if !there.is_file() {
        return Err(not(&"it is no regular file"));
    }
    if there.mode() & 0o022 != 0 {
        let mode = there.mode() & 0o7777;
        return Err(Unusable::new(format!(
            "the policy {0} has mode {mode:04o}, so others than its owner can change it; `chmod 644 {0}` mends it",
            path.display()
        )));
    }
    let mut text = String::new();
    let length = file.take(LONGEST + 1).read_to_string(&mut text).map_err(said)?;
    if length as u64 > LONGEST {
        return Err(not(&format_args!("it is longer than {LONGEST} bytes")));
    }
    read::read(&text).map_err(|problems| Unusable {
        message: format!("{} is no policy", path.display()),
        problems: problems.iter().map(|problem| format!("{}:{problem}", path.display())).collect(),
    })
}

/// Refuses a bundle that wants more than the policy allows. `None`: it does not, as far as it says.
pub fn judge(policy: &Policy, bundle: &Bundle<'_>, console: &Console) -> Option<Exit> {
    if policy.is_everything() {
        return None;
    }
    let refused = Needs::of(bundle).refused(policy);
    if refused.is_empty() {
        return None;
    }
    let count = match refused.len() {
        1 => "one thing that the bundle would do".to_owned(),
        n => format!("{n} things that the bundle would do"),
    };
    let fault = Fault::new(FaultKind::NotAllowed, format!("{count}; nothing was run"));
    Some(match console.format {
        Format::Human => {
            let exit = console.refuse(&fault);
            console.aside(&lines(bundle, &refused, console.err.unicode));
            exit
        }
        Format::Json => {
            let error = ipcmm_spec::inspect::Problem::of(&fault);
            console.json(&json!({ "version": 1, "error": error, "refused": told(bundle, &refused) }), Exit::Problems)
        }
    })
}

/// What is refused, for people: one line each.
pub fn lines(bundle: &Bundle<'_>, refused: &[Refusal], unicode: bool) -> String {
    let line = |refusal: &Refusal| {
        let who = match refusal.need.task {
            None => "the bundle".to_owned(),
            Some(task) => match bundle.task_place(task) {
                Some((file, line, column)) => format!("{file}:{line}:{column} `{}`", bundle.label(task)),
                None => format!("`{}/{}`", bundle.module(task), bundle.label(task)),
            },
        };
        format!("  {}\n", visible(&format!("{who}: {}: {}", refusal.need.demand, refusal.why), unicode))
    };
    refused.iter().map(line).collect()
}

/// What is refused, for machines.
pub fn told(bundle: &Bundle<'_>, refused: &[Refusal]) -> Value {
    let one = |refusal: &Refusal| {
        let task = refusal.need.task;
        let place = task.and_then(|task| bundle.task_place(task));
        json!({
            "module": task.map(|task| bundle.module(task)),
            "label": task.map(|task| bundle.label(task)),
            "rule": refusal.need.demand.rule(),
            "wants": refusal.need.demand.to_string(),
            "why": refusal.why,
            "place": place.map(|(file, line, column)| json!({ "file": file, "line": line, "column": column })),
        })
    };
    refused.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn without_a_file_it_depends_on_who_asks() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("policy.json");
        assert_eq!(load(None, &file, BY_HAND), Ok(Policy::everything()));
        assert_eq!(load(None, &file, DAEMON), Ok(Policy::nothing()));
        assert!(load(Some(&file), &file, BY_HAND).unwrap_err().message.starts_with("cannot read the policy "));
        fs::write(&file, "{\"policy\": 1, \"unsigned\": \"allow\"}").expect("written");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("set");
        let held = load(None, &file, BY_HAND).expect("a policy");
        assert!(held.unsigned && held != Policy::everything());
        fs::set_permissions(&file, fs::Permissions::from_mode(0o664)).expect("set");
        assert!(load(None, &file, BY_HAND).unwrap_err().message.contains("mode 0664"));
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("set");
        fs::write(&file, "{\"policy\": 1, \"a\": 1, \"write\": 2}").expect("written");
        let told = load(None, &file, BY_HAND).unwrap_err().problems.join("\n");
        assert!(
            told.contains("policy.json:1:15 a policy has no key `a`") && told.contains("policy.json:1:32 "),
            "{told}"
        );
    }
}
