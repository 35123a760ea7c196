//! What a pretended node is told beforehand: how commands end, and what goes wrong with files.
//!
//! Commands that nobody spoke of are kept, so that whoever set the scene can say what is missing in it. Unaware of: who
//! set it. Start reading at [`Rule`].

use super::{Fake, Node, State};
use crate::system::path::split;
use crate::system::{Command, Ended, Finished, Program};
use ipcmm_bytecode::{Fault, FaultKind};
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A command as it arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issued {
    /// Program and arguments; of a script the interpreter, `(script)`, and the arguments.
    pub words: Vec<String>,
    /// The text of a script.
    pub script: Option<Vec<u8>>,
}

impl Issued {
    pub(super) fn of(command: &Command<'_>) -> Issued {
        match command.program {
            Program::Argv(argv) => Issued { words: argv.to_vec(), script: None },
            Program::Script { interpreter, args, text } => {
                let script = ["(script)".to_owned()];
                let words = interpreter.iter().chain(&script).chain(args).cloned().collect();
                Issued { words, script: Some(text.to_vec()) }
            }
        }
    }
}

/// Whether a rule is about a command.
pub type Fits = dyn Fn(&Issued) -> bool + Send;

/// How commands of one kind end.
pub struct Rule {
    /// Which commands.
    pub fits: Box<Fits>,
    /// How often the rule answers; afterwards the next one that fits does. Without it: always.
    pub times: Option<u32>,
    /// What keeps the command from being started.
    pub refuses: Option<Fault>,
    /// How it ends.
    pub ended: Ended,
    /// What it writes to standard output.
    pub stdout: Vec<u8>,
    /// What it writes to standard error.
    pub stderr: Vec<u8>,
    /// How long it runs; a shorter time limit ends it.
    pub takes: Duration,
    /// What it leaves behind: nodes at paths, or nothing there any more.
    pub leaves: Vec<(PathBuf, Option<Node>)>,
    /// How often it has answered.
    pub answered: u32,
}

impl Rule {
    /// A rule for commands that succeed without a word.
    pub fn new(fits: impl Fn(&Issued) -> bool + Send + 'static) -> Rule {
        Rule {
            fits: Box::new(fits),
            times: None,
            refuses: None,
            ended: Ended::Status(0),
            stdout: Vec::new(),
            stderr: Vec::new(),
            takes: Duration::from_millis(1),
            leaves: Vec::new(),
            answered: 0,
        }
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rule").field("ended", &self.ended).field("answered", &self.answered).finish_non_exhaustive()
    }
}

/// What an operation does with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// It looks at what a file or directory holds.
    Read,
    /// It makes, changes or removes it.
    Write,
}

/// Something that goes wrong with a path.
#[derive(Clone, Debug)]
pub struct Mishap {
    /// Where.
    pub path: PathBuf,
    /// At which operations.
    pub access: Access,
    /// What the operations end with.
    pub fault: Fault,
    /// At which of them only, from 1; without it at every one.
    pub at: Option<u32>,
    /// How many of them there were.
    pub seen: u32,
    /// How often it has happened.
    pub happened: u32,
}

/// What a node was told, and what it has noticed.
#[derive(Debug, Default)]
pub(super) struct Script {
    rules: Vec<Rule>,
    mishaps: Vec<Mishap>,
    /// Commands nobody spoke of.
    unknown: Vec<Issued>,
    /// Time that commands took and nobody has counted yet.
    spent: Duration,
}

impl State {
    /// Fails if something is to go wrong with this operation.
    pub(super) fn venture(&mut self, path: &Path, access: Access) -> Result<(), Fault> {
        let mut fault = None;
        for mishap in self.script.mishaps.iter_mut().filter(|m| m.access == access && m.path == path) {
            mishap.seen += 1;
            if mishap.at.is_none_or(|at| at == mishap.seen) {
                mishap.happened += 1;
                fault.get_or_insert_with(|| mishap.fault.clone());
            }
        }
        fault.map_or(Ok(()), Err)
    }

    /// The end of a command by the rules; `None` if none of them is about it.
    pub(super) fn by_rule(&mut self, issued: &Issued, command: &Command<'_>) -> Option<Result<Finished, Fault>> {
        let open = |rule: &&mut Rule| rule.times.is_none_or(|times| rule.answered < times) && (rule.fits)(issued);
        let rule = self.script.rules.iter_mut().find(open)?;
        rule.answered += 1;
        self.log.push(issued.words.clone());
        if let Some(fault) = &rule.refuses {
            return Some(Err(fault.clone()));
        }
        if let Some(limit) = command.timeout.filter(|limit| *limit < rule.takes) {
            self.script.spent += limit;
            let detail = format!("the command was ended after {limit:.1?}");
            return Some(Err(Fault::new(FaultKind::TimedOut, detail)));
        }
        self.script.spent += rule.takes;
        let keep = command.keep.unwrap_or(0);
        let cut = |stream: &[u8]| stream[..stream.len().min(keep)].to_vec();
        let finished = Finished {
            ended: rule.ended,
            stdout: cut(&rule.stdout),
            stderr: cut(&rule.stderr),
            truncated: command.keep.is_some() && rule.stdout.len().max(rule.stderr.len()) > keep,
            took: rule.takes,
        };
        for (path, node) in rule.leaves.clone() {
            match node {
                Some(node) => self.tree.put(&path, node),
                None => self.tree.clear(&path),
            }
        }
        Some(Ok(finished))
    }

    pub(super) fn note_unknown(&mut self, issued: Issued) {
        self.script.unknown.push(issued);
    }
}

impl Fake {
    /// Adds a rule behind those there are. The first that fits answers.
    pub fn rule(&self, rule: Rule) {
        self.state().script.rules.push(rule);
    }

    /// Lets something go wrong.
    pub fn mishap(&self, mut mishap: Mishap) {
        // Operations come with paths in their plain form.
        if let Ok((parent, name)) = split(&mishap.path) {
            mishap.path = if name == "." { parent.to_owned() } else { parent.join(name) };
        }
        self.state().script.mishaps.push(mishap);
    }

    /// How often each rule has answered, and each mishap has happened, in the order they were given.
    pub fn used(&self) -> (Vec<u32>, Vec<u32>) {
        let state = self.state();
        let rules = state.script.rules.iter().map(|rule| rule.answered).collect();
        (rules, state.script.mishaps.iter().map(|mishap| mishap.happened).collect())
    }

    /// The commands that nobody spoke of, in order.
    pub fn unknown(&self) -> Vec<Issued> {
        self.state().script.unknown.clone()
    }

    /// The time commands took since this was last asked.
    pub fn take_spent(&self) -> Duration {
        std::mem::take(&mut self.state().script.spent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::{Attributes, Reader, Runner, Writer};
    use ipcmm_vm::host::Cancel;

    fn command<'a>(argv: &'a [String], timeout: Option<Duration>) -> Command<'a> {
        Command { program: Program::Argv(argv), cwd: None, env: &[], stdin: None, keep: Some(3), timeout, user: None }
    }

    #[test]
    fn the_first_rule_that_fits_and_is_not_used_up_answers() {
        let node = Fake::new();
        let once = Rule { times: Some(1), ended: Ended::Status(7), ..Rule::new(|c: &Issued| c.words[0] == "x") };
        node.rule(once);
        let takes = Duration::from_secs(3);
        let leaves = vec![(PathBuf::from("/etc/made"), Some(Node::file("m", 0o600)))];
        node.rule(Rule { stdout: b"12345".to_vec(), takes, leaves, ..Rule::new(|c: &Issued| c.words[0] == "x") });
        let words = ["x".to_owned()];
        let run = |limit| node.run(&command(&words, limit), &Cancel::default());
        assert_eq!(run(None).map(|f| f.ended), Ok(Ended::Status(7)));
        assert_eq!(node.lstat(Path::new("/etc/made")), Ok(None));
        let second = run(None).unwrap();
        assert_eq!((second.ended, &second.stdout[..], second.truncated), (Ended::Status(0), &b"123"[..], true));
        assert!(node.lstat(Path::new("/etc/made")).unwrap().is_some());
        assert_eq!(run(Some(Duration::from_secs(2))).map_err(|f| f.kind).err(), Some(FaultKind::TimedOut));
        assert_eq!(node.take_spent(), Duration::from_millis(5001));
        assert_eq!(node.used(), (vec![1, 2], vec![]));
        let other = ["y".to_owned()];
        let refused = node.run(&command(&other, None), &Cancel::default());
        assert_eq!(refused.map_err(|f| f.kind).err(), Some(FaultKind::NotStartable));
        assert_eq!(node.unknown(), [Issued { words: vec!["y".to_owned()], script: None }]);
    }

    #[test]
    fn a_mishap_happens_when_it_is_told_to() {
        let node = Fake::new();
        let fault = Fault::new(FaultKind::StorageFull, "`/x`: No space left on device");
        let path = PathBuf::from("/x/");
        node.mishap(Mishap { path, access: Access::Write, fault: fault.clone(), at: Some(2), seen: 0, happened: 0 });
        let make = || node.make_dir(Path::new("/x"), Attributes::default());
        assert_eq!(make(), Ok(()));
        assert_eq!(make(), Err(fault));
        assert_eq!(make().map_err(|f| f.kind), Err(FaultKind::WrongKind));
        assert_eq!(node.used().1, [1]);
    }
}
