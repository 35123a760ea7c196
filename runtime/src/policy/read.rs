//! Reads a policy from the text of its file. All that is wrong is told at once, each with its line and column.
//!
//! Unaware of: where the text comes from. The shape is described by `spec/schema/policy.schema.json`.

use super::json::{self, Kind, Node, Wrong, position};
use super::{Allowed, CommandRule, Policy};
use ipcmm_bytecode::Effect;
use std::time::Duration;

/// Version of the shape.
pub const VERSION: f64 = 1.0;
/// What a policy may say.
pub const KEYS: &[&str] = &[
    "policy",
    "notes",
    "default",
    "unsigned",
    "builtins",
    "effects",
    "commands",
    "write",
    "read",
    "runas",
    "secrets",
    "max_parallel",
    "time_limit",
];

/// Reads a policy; what is wrong comes as `line:column sentence`, in the order of the text.
///
/// # Errors
/// Everything that is wrong.
pub fn read(text: &str) -> Result<Policy, Vec<String>> {
    let mut wrong: Vec<Wrong> = Vec::new();
    let policy = match json::parse(text) {
        Ok(node) => policy(&node, &mut wrong),
        Err(problem) => {
            wrong.push(problem);
            Policy::nothing()
        }
    };
    if wrong.is_empty() {
        return Ok(policy);
    }
    wrong.sort_by_key(|problem| problem.at);
    let told = wrong.into_iter().map(|Wrong { at, what }| {
        let (line, column) = position(text, at);
        format!("{line}:{column} {what}")
    });
    Err(told.collect())
}

fn policy(document: &Node, wrong: &mut Vec<Wrong>) -> Policy {
    let Kind::Map(entries) = &document.kind else {
        wrong.push(Wrong { at: document.at, what: format!("a policy is a map, and this is {}", document.kind.name()) });
        return Policy::nothing();
    };
    let find = |key: &str| entries.iter().find(|(name, ..)| name == key).map(|(_, _, value)| value);
    let mut policy = match find("default").map(|node| (node, one_of(node, &["deny", "allow"], wrong))) {
        Some((_, Some("allow"))) => Policy::everything(),
        _ => Policy::nothing(),
    };
    match find("policy") {
        None => wrong.push(Wrong { at: document.at, what: "a policy says its version: `\"policy\": 1`".to_owned() }),
        Some(Node { kind: Kind::Number(number), .. }) if *number == VERSION => {}
        Some(node) => wrong.push(Wrong { at: node.at, what: "this agent reads policies of version 1".to_owned() }),
    }
    for (number, (key, at, value)) in entries.iter().enumerate() {
        if entries[..number].iter().any(|(name, ..)| name == key) {
            wrong.push(Wrong { at: *at, what: format!("`{key}` is there twice") });
            continue;
        }
        match key.as_str() {
            "policy" | "default" => {}
            "notes" => drop(texts(value, wrong)),
            "unsigned" => policy.unsigned = one_of(value, &["deny", "allow"], wrong) == Some("allow"),
            "builtins" => policy.builtins = patterns(value, &no_check, wrong),
            "effects" => policy.effects = patterns(value, &effect, wrong),
            "commands" => policy.commands = commands(value, wrong),
            "write" => policy.write = patterns(value, &absolute, wrong),
            "read" => policy.read = patterns(value, &absolute, wrong),
            "runas" => policy.runas = patterns(value, &no_check, wrong),
            "secrets" => policy.secrets = patterns(value, &scheme, wrong),
            "max_parallel" => match value.kind {
                Kind::Number(n) if n.fract() == 0.0 && (1.0..=65_536.0).contains(&n) => {
                    policy.max_parallel = Some(n as u32)
                }
                _ => wrong.push(Wrong { at: value.at, what: "this is a whole number from 1 to 65536".to_owned() }),
            },
            "time_limit" => match &value.kind {
                Kind::Text(text) if duration(text).is_some() => policy.time_limit = duration(text),
                _ => {
                    let what = "this is a time such as \"30s\", \"15m\" or \"2h\", up to 999h".to_owned();
                    wrong.push(Wrong { at: value.at, what });
                }
            },
            other => {
                let what = format!("a policy has no key `{other}`; it has {}", KEYS.join(", "));
                wrong.push(Wrong { at: *at, what });
            }
        }
    }
    policy
}

fn no_check(_: &str) -> Option<&'static str> {
    None
}

fn effect(text: &str) -> Option<&'static str> {
    let known = [Effect::None, Effect::Read, Effect::Change].iter().any(|effect| effect.name() == text);
    (!known).then_some("effects are `none`, `read` and `change`")
}

fn absolute(text: &str) -> Option<&'static str> {
    match text.starts_with('/') {
        _ if text.split('/').any(|part| part == "..") => Some("a path does not lead through `..`"),
        true => None,
        false => Some("a path begins with `/`"),
    }
}

fn scheme(text: &str) -> Option<&'static str> {
    match (text.strip_prefix("file:"), text.strip_prefix("env:")) {
        (Some(path), _) => absolute(path),
        (None, Some(_)) => None,
        (None, None) => Some("secrets are written `env:NAME` or `file:/path`"),
    }
}

fn one_of(node: &Node, words: &[&'static str], wrong: &mut Vec<Wrong>) -> Option<&'static str> {
    let found = match &node.kind {
        Kind::Text(text) => words.iter().find(|word| *word == text).copied(),
        _ => None,
    };
    if found.is_none() {
        let words: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
        wrong.push(Wrong { at: node.at, what: format!("this is {}", words.join(" or ")) });
    }
    found
}

fn texts(node: &Node, wrong: &mut Vec<Wrong>) -> Vec<String> {
    let Kind::List(items) = &node.kind else {
        wrong.push(Wrong { at: node.at, what: format!("this is a list of texts, and not {}", node.kind.name()) });
        return Vec::new();
    };
    let mut all = Vec::with_capacity(items.len());
    for item in items {
        match &item.kind {
            Kind::Text(text) => all.push(text.clone()),
            other => wrong.push(Wrong { at: item.at, what: format!("this is a text, and not {}", other.name()) }),
        }
    }
    all
}

fn is_any(node: &Node, what: &str, wrong: &mut Vec<Wrong>) -> bool {
    match &node.kind {
        Kind::Text(text) if text == "any" => true,
        Kind::List(_) => false,
        other => {
            let what = format!("this is \"any\" or a list of {what}, and not {}", other.name());
            wrong.push(Wrong { at: node.at, what });
            true
        }
    }
}

fn patterns(node: &Node, check: &dyn Fn(&str) -> Option<&'static str>, wrong: &mut Vec<Wrong>) -> Allowed<String> {
    if is_any(node, "texts", wrong) {
        return Allowed::Any;
    }
    if let Kind::List(items) = &node.kind {
        for item in items {
            if let Kind::Text(text) = &item.kind
                && let Some(what) = check(text)
            {
                wrong.push(Wrong { at: item.at, what: what.to_owned() });
            }
        }
    }
    Allowed::These(texts(node, wrong))
}

fn commands(node: &Node, wrong: &mut Vec<Wrong>) -> Allowed<CommandRule> {
    let what = "programs and lists of words";
    if is_any(node, what, wrong) {
        return Allowed::Any;
    }
    let items = match &node.kind {
        Kind::List(items) => items.as_slice(),
        _ => &[],
    };
    let mut rules = Vec::with_capacity(items.len());
    for item in items {
        match &item.kind {
            Kind::Text(program) if program.contains(char::is_whitespace) => {
                let what = "a program is one word; a command with arguments is a list of words".to_owned();
                wrong.push(Wrong { at: item.at, what });
            }
            Kind::Text(program) => rules.push(CommandRule::Program(program.clone())),
            Kind::List(_) => {
                let mut words = texts(item, wrong);
                let more = words.last().is_some_and(|word| word == "...");
                words.truncate(words.len() - usize::from(more));
                match words.is_empty() {
                    true => wrong.push(Wrong { at: item.at, what: "this names no program".to_owned() }),
                    false => rules.push(CommandRule::Words { words, more }),
                }
            }
            other => {
                let what = format!("this is a program or a list of words, and not {}", other.name());
                wrong.push(Wrong { at: item.at, what });
            }
        }
    }
    Allowed::These(rules)
}

fn duration(text: &str) -> Option<Duration> {
    let (number, seconds) = [("s", 1), ("m", 60), ("h", 3600)]
        .into_iter()
        .find_map(|(unit, seconds)| Some((text.strip_suffix(unit)?, seconds)))?;
    let plain = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    let total = number.parse::<u64>().ok().filter(|_| plain)?.checked_mul(seconds)?;
    (1..=999 * 3600).contains(&total).then(|| Duration::from_secs(total))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{
  "policy": 1,
  "notes": ["the web servers"],
  "unsigned": "allow",
  "builtins": ["ipcmm.filesystem.*", "ipcmm.run.cmd"],
  "effects": "any",
  "commands": ["nginx", ["systemctl", "reload", "nginx"], ["apt-get", "install", "..."]],
  "write": ["/etc/nginx/**"],
  "read": [],
  "runas": ["www-data"],
  "secrets": ["env:APP_*", "file:/run/secrets/**"],
  "max_parallel": 4,
  "time_limit": "15m"
}
"#;

    #[test]
    fn a_policy_is_read() {
        let policy = read(GOOD).unwrap();
        assert!(policy.unsigned && policy.effects == Allowed::Any && policy.read == Allowed::These(Vec::new()));
        assert_eq!((policy.max_parallel, policy.time_limit), (Some(4), Some(Duration::from_secs(900))));
        let Allowed::These(commands) = &policy.commands else { panic!("a list") };
        assert_eq!(commands[2], CommandRule::Words { words: vec!["apt-get".into(), "install".into()], more: true });
        assert_eq!(read("{\"policy\": 1}").unwrap(), Policy::nothing());
        assert_eq!(read("{\"policy\": 1, \"default\": \"allow\"}").unwrap(), Policy::everything());
    }

    #[test]
    fn all_that_is_wrong_is_told_at_once() {
        let text = "{\n  \"policy\": 2, \"writes\": [],\n  \"write\": [\"etc\", 7, \"/a/../b\"],\n  \"effects\": [\"all\"],\n  \
                    \"commands\": [\"rm -rf\", [], 5], \"runas\": \"root\",\n  \"secrets\": [\"vault:x\"], \"runas\": [],\n  \
                    \"time_limit\": \"1d\", \"max_parallel\": 0, \"unsigned\": true\n}";
        let places = |problems: Vec<String>| -> Vec<String> {
            problems.iter().map(|p| p.split(' ').next().unwrap_or("").to_owned()).collect()
        };
        let expected =
            "2:13 2:16 3:13 3:20 3:23 4:15 5:16 5:26 5:30 5:43 6:15 6:27 7:17 7:39 7:54".split(' ').map(str::to_owned);
        assert_eq!(places(read(text).unwrap_err()), expected.collect::<Vec<_>>());
        assert_eq!(read("{\"policy\": 1,\n}").unwrap_err(), ["2:1 a key in quotes is expected, and this is `}`"]);
        assert_eq!(read("[]").unwrap_err(), ["1:1 a policy is a map, and this is a list"]);
    }

    /// Cut, doubled, exchanged: whatever happens to a policy, it is read or refused with places inside of it.
    #[test]
    fn damaged_policies_are_refused_in_order() {
        let mut seed = 7u64;
        let mut next = |most: usize| {
            seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (seed >> 33) as usize % most
        };
        let pieces = ["\"", "{", "}", "[", "]", ",", ":", "null", "-1e9", "\\u12", "ü", "\u{0}", "any", " ", "..."];
        for _ in 0..20_000 {
            let mut text: Vec<char> = GOOD.chars().collect();
            for _ in 0..=next(3) {
                let at = next(text.len());
                let end = (at + next(12)).min(text.len());
                text.splice(at..end, pieces[next(pieces.len())].chars());
            }
            let text: String = text.into_iter().collect();
            if let Err(problems) = read(&text) {
                assert!(!problems.is_empty());
                let lines = text.matches('\n').count() + 1;
                let line = |p: &String| p.split(':').next().and_then(|l| l.parse::<usize>().ok()).expect("a line");
                assert!(problems.iter().all(|p| (1..=lines).contains(&line(p))), "{problems:?}");
                assert!(problems.windows(2).all(|pair| line(&pair[0]) <= line(&pair[1])));
            }
        }
    }
}
