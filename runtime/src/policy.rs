//! What a bundle may do on this node: the policy of the agent, as `spec/policy.md` describes it.
//!
//! It is asked twice with the same words ([`demand::Demand`]): of the whole bundle before anything runs, as far as the bundle
//! says what it does ([`needs`]), and of every call at the boundary of the host, where all is known ([`gate`]).
//! Unaware of: files, and how a refusal is told. Start reading at [`Policy::refuses`].

pub mod demand;
pub mod gate;
pub mod glob;
pub mod json;
pub mod needs;
pub mod read;

use demand::Demand;
use std::time::Duration;

/// What is allowed of one kind of thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Allowed<T> {
    /// Everything.
    Any,
    /// What fits one of these.
    These(Vec<T>),
}

impl<T> Allowed<T> {
    fn has(&self, fits: impl Fn(&T) -> bool) -> bool {
        match self {
            Allowed::Any => true,
            Allowed::These(all) => all.iter().any(fits),
        }
    }
}

/// Commands that are allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommandRule {
    /// A program, whatever its arguments.
    Program(String),
    /// All words, each by a pattern; with `more`, others may follow.
    Words {
        /// One pattern for each word.
        words: Vec<String>,
        /// Whether any words may follow.
        more: bool,
    },
}

/// A policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Whether bundles without a signature are accepted.
    pub unsigned: bool,
    /// Names of built-ins, as patterns.
    pub builtins: Allowed<String>,
    /// Names of classes of effects.
    pub effects: Allowed<String>,
    /// Commands.
    pub commands: Allowed<CommandRule>,
    /// Paths that may be written.
    pub write: Allowed<String>,
    /// Paths that may be read.
    pub read: Allowed<String>,
    /// Users that work may be done as.
    pub runas: Allowed<String>,
    /// Addresses of secrets.
    pub secrets: Allowed<String>,
    /// The most tasks at once.
    pub max_parallel: Option<u32>,
    /// How long a run may take.
    pub time_limit: Option<Duration>,
}

impl Policy {
    /// Allows all: for who runs a bundle by hand, with no more rights than their own.
    pub fn everything() -> Policy {
        Policy {
            unsigned: true,
            builtins: Allowed::Any,
            effects: Allowed::Any,
            commands: Allowed::Any,
            write: Allowed::Any,
            read: Allowed::Any,
            runas: Allowed::Any,
            secrets: Allowed::Any,
            max_parallel: None,
            time_limit: None,
        }
    }

    /// Allows nothing: what holds for bundles that come from elsewhere, until a policy says more.
    pub fn nothing() -> Policy {
        fn none<T>() -> Allowed<T> {
            Allowed::These(Vec::new())
        }
        Policy {
            unsigned: false,
            builtins: none(),
            effects: none(),
            commands: none(),
            write: none(),
            read: none(),
            runas: none(),
            secrets: none(),
            max_parallel: None,
            time_limit: None,
        }
    }

    /// Whether nothing can be refused, so that nothing need be asked.
    pub fn is_everything(&self) -> bool {
        Policy { max_parallel: None, time_limit: None, ..self.clone() } == Policy::everything()
    }

    /// Why something is refused; `None` if it is allowed.
    pub fn refuses(&self, demand: &Demand) -> Option<String> {
        let allowed = match demand {
            Demand::Unsigned => self.unsigned,
            Demand::Builtin(name) => self.builtins.has(|pattern| glob::word(pattern, name)),
            Demand::Effect(effect) => self.effects.has(|name| name == effect.name()),
            Demand::Command(words) => self.commands.has(|rule| rule.fits(words)),
            Demand::Write(path) => self.write.has(|pattern| glob::path(pattern, path)),
            Demand::WriteBelow(path) => self.write.has(|pattern| glob::tree(pattern, path)),
            Demand::Read(path) => self.read.has(|pattern| glob::path(pattern, path)),
            Demand::ReadBelow(path) => self.read.has(|pattern| glob::tree(pattern, path)),
            Demand::RunAs(user) => self.runas.has(|pattern| glob::word(pattern, user)),
            Demand::Secret(address) => self.secrets.has(|pattern| glob::address(pattern, address)),
        };
        (!allowed).then(|| match self.shown(demand.rule()) {
            rules if rules.is_empty() => format!("`{}` allows none", demand.rule()),
            rules => format!("`{}` allows {rules}", demand.rule()),
        })
    }

    /// What a key allows, for messages.
    fn shown(&self, rule: &str) -> String {
        const MOST: usize = 4;
        let list = |allowed: &Allowed<String>| match allowed {
            Allowed::Any => Vec::new(),
            Allowed::These(all) => all.clone(),
        };
        let all = match rule {
            "builtins" => list(&self.builtins),
            "effects" => list(&self.effects),
            "write" => list(&self.write),
            "read" => list(&self.read),
            "runas" => list(&self.runas),
            "secrets" => list(&self.secrets),
            "commands" => match &self.commands {
                Allowed::Any => Vec::new(),
                Allowed::These(all) => all.iter().map(CommandRule::shown).collect(),
            },
            _ => Vec::new(),
        };
        let more = all.len().saturating_sub(MOST);
        let mut text = all.iter().take(MOST).map(|rule| format!("`{rule}`")).collect::<Vec<_>>().join(", ");
        if more > 0 {
            text.push_str(&format!(" and {more} more"));
        }
        text
    }
}

impl CommandRule {
    fn fits(&self, argv: &[String]) -> bool {
        match self {
            CommandRule::Program(program) => argv.first().is_some_and(|name| glob::word(program, name)),
            CommandRule::Words { words, more } => {
                (argv.len() == words.len() || *more && argv.len() > words.len())
                    && words.iter().zip(argv).all(|(pattern, word)| glob::word(pattern, word))
            }
        }
    }

    fn shown(&self) -> String {
        match self {
            CommandRule::Program(program) => program.clone(),
            CommandRule::Words { words, more } => format!("{}{}", words.join(" "), if *more { " ..." } else { "" }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ipcmm_bytecode::Effect;

    #[test]
    fn nothing_and_everything_are_what_they_say() {
        let words = || vec!["rm".to_owned()];
        for demand in [
            Demand::Unsigned,
            Demand::Builtin("ipcmm.nop".into()),
            Demand::Effect(Effect::None),
            Demand::Command(words()),
            Demand::Write("/".into()),
            Demand::WriteBelow("/".into()),
            Demand::Read("/a".into()),
            Demand::ReadBelow("/a".into()),
            Demand::RunAs("root".into()),
            Demand::Secret("env:A".into()),
        ] {
            assert_eq!(Policy::everything().refuses(&demand), None);
            assert_eq!(Policy::nothing().refuses(&demand), Some(format!("`{}` allows none", demand.rule())));
        }
        assert!(Policy::everything().is_everything() && !Policy::nothing().is_everything());
    }

    #[test]
    fn commands_are_programs_or_all_their_words() {
        let argv = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let words = |line: &str, more| CommandRule::Words { words: argv(line), more };
        for (rule, line, fits) in [
            (CommandRule::Program("nginx".into()), "nginx -t", true),
            (CommandRule::Program("nginx".into()), "/tmp/nginx -t", false),
            (words("systemctl restart *", false), "systemctl restart nginx", true),
            (words("systemctl restart *", false), "systemctl stop nginx", false),
            (words("systemctl restart *", false), "systemctl restart nginx now", false),
            (words("apt-get -y install", true), "apt-get -y install vim", true),
            (words("apt-get -y install", true), "apt-get -y", false),
        ] {
            assert_eq!(rule.fits(&argv(line)), fits, "{rule:?} {line}");
        }
    }
}
