//! A host that only pretends: it answers what its script says and remembers what it was asked.
//!
//! The script is a few lines, documented in `tests/README.md`:
//!
//! ```text
//! fact facts.os.family = 'debian'
//! secret env:TOKEN = 'abc'
//! probe fs.exists('/x') = false; true
//! call ipcmm.run.cmd argv[0]='flaky' -> failed; changed data.rc=3
//! ```
//! Answers stand in the order they are given; the last one stays. The first line that fits a question answers it.

use crate::values;
use ipcmm_bytecode::{Fault, FaultKind, Function, Value};
use ipcmm_stdlib::{Builtin, Prediction, by_name, by_number};
use ipcmm_vm::{Call, Cancel, Change, ChangeKind, Host, Mode, Phase, Reply};
use std::sync::Mutex;

/// Facts that no line names.
const FACTS: &[(&str, &str)] = &[
    ("facts.cpu.arch", "x86_64"),
    ("facts.os.codename", "bookworm"),
    ("facts.os.distribution", "debian"),
    ("facts.os.family", "debian"),
    ("facts.os.kernel", "Linux"),
    ("facts.os.version", "12"),
    ("node.address", "192.0.2.7"),
    ("node.fqdn", "web1.example.org"),
    ("node.name", "web1"),
    ("node.root", ""),
];

/// The host.
#[derive(Debug, Default)]
pub struct FakeHost {
    facts: Vec<(String, Option<Value>)>,
    secrets: Vec<(String, Value)>,
    probes: Vec<Rule<Question, Result<Value, FaultKind>>>,
    calls: Vec<Rule<Pattern, Answer>>,
    seen: Mutex<Vec<String>>,
}

/// A function with its arguments.
type Question = (Function, Vec<Value>);

/// A question, its answers, and how often it was asked.
#[derive(Debug)]
struct Rule<Q, A> {
    question: Q,
    answers: Vec<A>,
    asked: Mutex<usize>,
}

impl<Q, A: Clone> Rule<Q, A> {
    fn new(question: Q, answers: Vec<A>) -> Rule<Q, A> {
        Rule { question, answers, asked: Mutex::new(0) }
    }

    fn answer(&self) -> Option<A> {
        let mut asked = self.asked.lock().expect("no panic while locked");
        let at = (*asked).min(self.answers.len().saturating_sub(1));
        *asked += 1;
        self.answers.get(at).cloned()
    }
}

/// Which calls a line is about.
#[derive(Debug)]
struct Pattern {
    builtin: &'static Builtin,
    mode: Option<Mode>,
    phase: Option<Phase>,
    args: Vec<(u16, Option<usize>, Value)>,
}

/// What a call comes to.
#[derive(Clone, Debug)]
struct Answer {
    outcome: Result<bool, FaultKind>,
    data: Vec<(String, Value)>,
}

impl FakeHost {
    /// Reads a script.
    ///
    /// # Panics
    /// Names the line that cannot be read.
    pub fn new(script: &str) -> FakeHost {
        let mut host = FakeHost::default();
        for line in script.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#')) {
            host.line(line).unwrap_or_else(|| panic!("a host cannot be told `{line}`"));
        }
        host
    }

    fn line(&mut self, line: &str) -> Option<()> {
        let (word, rest) = line.split_once(' ')?;
        match word {
            "fact" => {
                let (path, value) = rest.split_once('=')?;
                let value = value.trim();
                self.facts.push((path.trim().into(), (value != "missing").then(|| values::constant(value))));
            }
            "secret" => {
                let (address, value) = rest.split_once(" = ")?;
                self.secrets.push((address.trim().into(), values::constant(value.trim())));
            }
            "probe" => {
                let (question, answers) = rest.split_once(" = ")?;
                let (name, args) = question.split_once('(')?;
                let Value::List(args) = values::constant(&format!("[{}]", args.trim().strip_suffix(')')?)) else {
                    return None;
                };
                let answers = answers.split(';').map(|answer| match answer.trim().strip_prefix("fault ") {
                    Some(code) => Err(fault_kind(code)),
                    None => Ok(values::constant(answer.trim())),
                });
                let question = (Function::from_name(name.trim())?, args.as_ref().clone());
                self.probes.push(Rule::new(question, answers.collect()));
            }
            "call" => {
                let (question, answers) = rest.split_once("->")?;
                let pattern = pattern(question.trim())?;
                let answers: Option<Vec<Answer>> = answers.split(';').map(|a| answer(a.trim())).collect();
                self.calls.push(Rule::new(pattern, answers?));
            }
            _ => return None,
        }
        Some(())
    }

    /// The calls it was given, one line each, in order.
    pub fn calls(&self) -> Vec<String> {
        self.seen.lock().expect("no panic while locked").clone()
    }
}

/// The fault of `F0403`.
fn fault_kind(code: &str) -> FaultKind {
    let kind = FaultKind::ALL.iter().copied().find(|k| k.to_string() == code.trim());
    kind.unwrap_or_else(|| panic!("there is no fault {code}"))
}

/// `ipcmm.run.cmd guard check argv[0]='x' cwd='/'`
fn pattern(text: &str) -> Option<Pattern> {
    let (name, mut rest) = text.split_once(' ').unwrap_or((text, ""));
    let mut pattern = Pattern { builtin: by_name(name)?, mode: None, phase: None, args: Vec::new() };
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            return Some(pattern);
        }
        let end = rest.find(' ').unwrap_or(rest.len());
        match &rest[..end] {
            "apply" => pattern.mode = Some(Mode::Apply),
            "check" => pattern.mode = Some(Mode::Check),
            "body" => pattern.phase = Some(Phase::Body),
            "guard" => pattern.phase = Some(Phase::Guard),
            "reaction" => pattern.phase = Some(Phase::Reaction),
            _ => {
                let (param, value) = rest.split_once('=')?;
                // A value ends where the next blank outside of quotes stands.
                let mut quote = false;
                let end = value.find(|c: char| {
                    quote ^= c == '\'';
                    c == ' ' && !quote
                });
                let (value, after) = value.split_at(end.unwrap_or(value.len()));
                let (param, index) = match param.split_once('[') {
                    Some((param, index)) => (param, Some(index.strip_suffix(']')?.parse().ok()?)),
                    None => (param, None),
                };
                pattern.args.push((pattern.builtin.param(param)?, index, values::constant(value)));
                rest = after;
                continue;
            }
        }
        rest = &rest[end..];
    }
}

/// `failed F0403 data.rc=3`
fn answer(text: &str) -> Option<Answer> {
    let mut words = text.split_whitespace();
    let mut answer = match words.next()? {
        "ok" => Answer { outcome: Ok(false), data: Vec::new() },
        "changed" => Answer { outcome: Ok(true), data: Vec::new() },
        "failed" => Answer { outcome: Err(FaultKind::CommandFailed), data: Vec::new() },
        _ => return None,
    };
    for word in words {
        match word.strip_prefix("data.") {
            Some(field) => {
                let (name, value) = field.split_once('=')?;
                answer.data.push((name.into(), values::constant(value)));
            }
            None => answer.outcome = Err(fault_kind(word)),
        }
    }
    Some(answer)
}

impl Pattern {
    fn fits(&self, call: &Call) -> bool {
        let given = |param: u16| call.args.iter().find(|(p, _)| *p == param).map(|(_, v)| v);
        self.builtin.number() == call.builtin
            && self.mode.is_none_or(|mode| mode == call.mode)
            && self.phase.is_none_or(|phase| phase == call.phase)
            && self.args.iter().all(|(param, index, wanted)| match (given(*param), index) {
                (Some(Value::List(items)), Some(index)) => items.get(*index) == Some(wanted),
                (Some(value), None) => value == wanted,
                _ => false,
            })
    }
}

/// Result data in which nothing stands yet: every field of the table with the plainest value of its type.
fn neutral(builtin: &Builtin) -> Vec<(String, Value)> {
    let plain = |name: &str, ty: &str| match ty {
        "int?" if name == "rc" => Value::Int(0),
        "str" => Value::str(""),
        "bool" => Value::Bool(false),
        "int" | "size" => Value::Int(0),
        "duration" => Value::Duration(0),
        ty if ty.starts_with("list") => Value::list(Vec::new()),
        _ => Value::Null,
    };
    builtin.data.iter().map(|f| (f.name.to_owned(), plain(f.name, f.ty))).collect()
}

/// A call as one line: what a reader of a case wants to see of it.
fn line(call: &Call) -> String {
    let name = by_number(call.builtin).map_or("?", |b| b.name);
    let params = by_number(call.builtin).map_or(&[][..], |b| b.params);
    let mut line = name.to_owned();
    if call.mode == Mode::Check {
        line.push_str(" check");
    }
    match call.phase {
        Phase::Body => {}
        Phase::Guard => line.push_str(" guard"),
        Phase::Reaction => line.push_str(" reaction"),
    }
    for (param, value) in &call.args {
        line.push_str(&format!(" {}={value}", params.get(usize::from(*param)).map_or("?", |p| p.name)));
    }
    if call.attempt > 1 {
        line.push_str(&format!(" attempt={}", call.attempt));
    }
    if let Some(user) = &call.runas {
        line.push_str(&format!(" runas={user}"));
    }
    if !call.env.is_empty() {
        let env: Vec<_> = call.env.iter().map(|(k, v)| format!("{k}={v}")).collect();
        line.push_str(&format!(" env[{}]", env.join(" ")));
    }
    if let Some(timeout) = call.timeout {
        line.push_str(&format!(" timeout={}", Value::Duration(timeout.as_nanos() as i64)));
    }
    line
}

impl Host for FakeHost {
    fn call(&self, call: &Call, _: &Cancel) -> Reply {
        self.seen.lock().expect("no panic while locked").push(line(call));
        let scripted = self.calls.iter().find(|rule| rule.question.fits(call)).and_then(Rule::answer);
        let Some(builtin) = by_number(call.builtin) else {
            return Reply::failed(Fault::new(FaultKind::UnknownBuiltin, ""));
        };
        let answer = scripted.unwrap_or(Answer { outcome: Ok(call.phase != Phase::Guard), data: Vec::new() });
        // As on a real node: what has not been done has no result yet.
        let skipped = call.mode == Mode::Check && call.phase == Phase::Body && answer.outcome == Ok(true);
        let unknown = skipped && builtin.prediction == Prediction::Guards;
        let plain = neutral(builtin).into_iter().map(|(k, v)| (k, if unknown { Value::Unknown } else { v }));
        let fields = plain.chain(answer.data);
        let data = Value::map(fields);
        match answer.outcome {
            Ok(changed) => {
                let change = Change {
                    kind: ChangeKind::Run,
                    object: builtin.name.to_owned(),
                    property: "",
                    before: None,
                    after: None,
                    diff: None,
                    may: false,
                };
                Reply::changes(changed.then_some(change).into_iter().collect(), data)
            }
            Err(kind) => Reply { data, ..Reply::failed(Fault::new(kind, "as scripted")) },
        }
    }

    fn probe(&self, function: Function, args: &[Value]) -> Result<Value, Fault> {
        let rule = self.probes.iter().find(|r| r.question.0 == function && r.question.1 == args);
        match rule.and_then(Rule::answer) {
            Some(answer) => answer.map_err(|kind| Fault::new(kind, "as scripted")),
            None => Ok(Value::Bool(false)),
        }
    }

    fn secret(&self, address: &str, _: Mode) -> Result<Value, Fault> {
        let found = self.secrets.iter().find(|(known, _)| known == address);
        found.map(|(_, value)| value.clone()).ok_or_else(|| Fault::new(FaultKind::NoSecret, address))
    }

    fn fact(&self, path: &str) -> Result<Value, Fault> {
        let unknown = || Fault::new(FaultKind::NoFact, path);
        if let Some((_, value)) = self.facts.iter().find(|(p, _)| p == path) {
            return value.clone().ok_or_else(unknown);
        }
        let fact = ipcmm_stdlib::facts::by_path(path).ok_or_else(unknown)?;
        let text = FACTS.iter().find(|(p, _)| *p == path).map_or("", |(_, v)| v);
        Ok(if fact.ty == "str" { Value::str(text) } else { Value::Int(4) })
    }
}
