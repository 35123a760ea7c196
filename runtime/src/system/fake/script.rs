//! What a pretended node is told beforehand: how commands end, and what goes wrong with files.
//!
//! Commands that nobody spoke of are kept, so that whoever set the scene can say what is missing in it. Unaware of: who
//! set it. Start reading at [`Rule`].

use super::{Fake, Node, State, Tree};
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
    /// When it answers, by the time of the node.
    pub window: Window,
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
            window: Window::default(),
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

/// A part of the time of a node: from one moment on, until before another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// Its beginning.
    pub from: Duration,
    /// Its end; without it, it has none.
    pub until: Option<Duration>,
}

impl Window {
    /// Whether a time is in it.
    pub fn holds(self, now: Duration) -> bool {
        self.from <= now && self.until.is_none_or(|until| now < until)
    }
}

/// Something that happens by itself when its time has come.
#[derive(Clone, Debug, Default)]
pub struct Moment {
    /// When.
    pub at: Duration,
    /// What is at paths from then on: nodes, or nothing any more.
    pub leaves: Vec<(PathBuf, Option<Node>)>,
    /// Ports that accept connections from then on.
    pub opens: Vec<u16>,
    /// Ports that do so no longer.
    pub closes: Vec<u16>,
    /// Whether it has happened.
    pub happened: bool,
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
    /// When, by the time of the node.
    pub window: Window,
    /// What the operations end with.
    pub fault: Fault,
    /// At which of those in the window only, from 1; without it at every one.
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
    moments: Vec<Moment>,
    /// The time of the node when it was last set.
    now: Duration,
    /// Commands nobody spoke of.
    unknown: Vec<Issued>,
    /// Time that commands took and nobody has counted yet.
    spent: Duration,
}

impl State {
    /// The time of the node: what commands took since it was set is over.
    fn now(&self) -> Duration {
        self.script.now + self.script.spent
    }

    /// Lets happen what was to happen by now.
    fn pass(&mut self) {
        let now = self.now();
        let State { tree, listening, script, .. } = self;
        for moment in script.moments.iter_mut().filter(|moment| !moment.happened && moment.at <= now) {
            moment.happened = true;
            leave(tree, &moment.leaves);
            listening.retain(|port| !moment.closes.contains(port));
            listening.extend(&moment.opens);
        }
    }

    /// Fails if something is to go wrong with this operation.
    pub(super) fn venture(&mut self, path: &Path, access: Access) -> Result<(), Fault> {
        let mut fault = None;
        let now = self.now();
        let here = |m: &&mut Mishap| m.access == access && m.path == path && m.window.holds(now);
        for mishap in self.script.mishaps.iter_mut().filter(here) {
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
        self.pass();
        let now = self.now();
        let open = |rule: &&mut Rule| {
            rule.window.holds(now) && rule.times.is_none_or(|times| rule.answered < times) && (rule.fits)(issued)
        };
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
        leave(&mut self.tree, &rule.leaves);
        Some(Ok(finished))
    }

    pub(super) fn note_unknown(&mut self, issued: Issued) {
        self.script.unknown.push(issued);
    }
}

/// Makes paths hold what they are to hold.
fn leave(tree: &mut Tree, leaves: &[(PathBuf, Option<Node>)]) {
    for (path, node) in leaves {
        match node {
            Some(node) => tree.put(path, node.clone()),
            None => tree.clear(path),
        }
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

    /// Lets something happen at a time. What comes at the same time happens in the order it was given.
    pub fn moment(&self, moment: Moment) {
        let moments = &mut self.state().script.moments;
        moments.push(moment);
        moments.sort_by_key(|moment| moment.at);
    }

    /// Sets the time of the node, which nobody but whoever runs something on it knows.
    pub fn set_time(&self, now: Duration) {
        let mut state = self.state();
        state.script.now = now;
        state.pass();
    }

    /// The moments whose time has not come.
    pub fn ahead(&self) -> Vec<Duration> {
        let state = self.state();
        state.script.moments.iter().filter(|moment| !moment.happened).map(|moment| moment.at).collect()
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

    fn mishap(path: &str, window: Window, at: Option<u32>) -> (Mishap, Fault) {
        let fault = Fault::new(FaultKind::StorageFull, "`/x`: No space left on device");
        let path = PathBuf::from(path);
        (Mishap { path, access: Access::Write, window, fault: fault.clone(), at, seen: 0, happened: 0 }, fault)
    }

    #[test]
    fn a_mishap_happens_when_it_is_told_to() {
        let node = Fake::new();
        let (second, fault) = mishap("/x/", Window::default(), Some(2));
        node.mishap(second);
        let make = || node.make_dir(Path::new("/x"), Attributes::default());
        assert_eq!(make(), Ok(()));
        assert_eq!(make(), Err(fault));
        assert_eq!(make().map_err(|f| f.kind), Err(FaultKind::WrongKind));
        assert_eq!(node.used().1, [1]);
    }

    #[test]
    fn time_lets_things_happen_and_begin_and_end() {
        let node = Fake::new();
        let seconds = Duration::from_secs;
        let (late, fault) = mishap("/x", Window { from: seconds(5), until: Some(seconds(7)) }, None);
        node.mishap(late);
        let is_x = |c: &Issued| c.words[0] == "x";
        let early = Window { until: Some(seconds(6)), ..Window::default() };
        node.rule(Rule { window: early, ended: Ended::Status(7), takes: seconds(2), ..Rule::new(is_x) });
        node.rule(Rule::new(is_x));
        let leaves = vec![(PathBuf::from("/made"), Some(Node::file("m", 0o600)))];
        node.moment(Moment { at: seconds(6), leaves, opens: vec![80], ..Moment::default() });
        node.moment(Moment { at: seconds(9), closes: vec![80], ..Moment::default() });
        let make = || node.make_dir(Path::new("/x"), Attributes::default());
        let run = || node.run(&command(&["x".to_owned()], None), &Cancel::default()).map(|f| f.ended);
        let there = || node.lstat(Path::new("/made")).is_ok_and(|found| found.is_some());
        assert_eq!(make(), Ok(()));
        node.set_time(seconds(5));
        assert_eq!((make(), there()), (Err(fault), false));
        // The command takes two seconds, so the next one runs in the seventh.
        assert_eq!((run(), run()), (Ok(Ended::Status(7)), Ok(Ended::Status(0))));
        assert!(there() && node.connects("anywhere", 80, Duration::ZERO));
        assert_eq!(make().map_err(|f| f.kind), Err(FaultKind::WrongKind));
        assert_eq!(node.ahead(), [seconds(9)]);
        node.take_spent();
        node.set_time(seconds(9));
        assert!(!node.connects("anywhere", 80, Duration::ZERO) && node.ahead().is_empty());
    }
}
