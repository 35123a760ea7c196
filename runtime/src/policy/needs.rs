//! What a bundle says that it would do: judged before anything runs, and made into a policy that allows just that.
//!
//! Unaware of: the node. What an expression decides is not known here; the boundary of the host asks for it.

use super::Policy;
use super::demand::{Demand, of_call};
use crate::args::Args;
use ipcmm_bytecode::bundle::rows::ArgKind;
use ipcmm_bytecode::bundle::{Attr, Bundle};
use ipcmm_bytecode::{Effect, Op, Value};
use ipcmm_stdlib::by_number;
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Something a task would do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Need {
    /// The task; `None` for the bundle as a whole.
    pub task: Option<u32>,
    /// What it would do.
    pub demand: Demand,
}

/// An argument that is known on the node only.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Open {
    /// The task.
    pub task: u32,
    /// The built-in.
    pub builtin: &'static str,
    /// Its parameter, or the keyword.
    pub what: &'static str,
}

/// All that a bundle needs, in the order of its tasks, each once.
#[derive(Clone, Debug, Default)]
pub struct Needs {
    /// What is known.
    pub known: BTreeSet<Need>,
    /// What is not.
    pub open: BTreeSet<Open>,
}

/// A need that a policy refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What is refused to whom.
    pub need: Need,
    /// The key of the policy, and what it allows.
    pub why: String,
}

impl Needs {
    /// Reads a bundle, which was verified, in one pass.
    pub fn of(bundle: &Bundle<'_>) -> Needs {
        let mut needs = Needs::default();
        needs.known.insert(Need { task: None, demand: Demand::Unsigned });
        let secrets = secrets(bundle);
        let own: Vec<u32> = (0..bundle.tasks().len() as u32).filter(|task| !bundle.is_part(*task)).collect();
        for (at, &task) in own.iter().enumerate() {
            let first = bundle.tasks()[task as usize].block.get();
            let end =
                own.get(at + 1).map_or(bundle.blocks().len() as u32, |next| bundle.tasks()[*next as usize].block.get());
            (first..end).for_each(|block| needs.block(bundle, task, block, &secrets));
        }
        needs
    }

    fn block(&mut self, bundle: &Bundle<'_>, task: u32, block: u32, secrets: &HashMap<u32, Vec<String>>) {
        let Some(block) = bundle.blocks().get(block as usize) else { return };
        let mut add = |demand| self.known.extend([Need { task: Some(task), demand }]);
        let mut fetches = |chunk: u32| {
            secrets.get(&chunk).into_iter().flatten().for_each(|address| add(Demand::Secret(address.clone())));
        };
        let (mut known, mut missing) = (Vec::new(), Vec::new());
        let row = by_number(block.builtin.get());
        for arg in bundle.block_args(block) {
            let (param, value) = (arg.param.get(), arg.value.get());
            match ArgKind::from_number(arg.kind.get()) {
                Some(ArgKind::Constant) => known.extend(bundle.constant(value).ok().map(|value| (param, value))),
                Some(ArgKind::Asset) => known.extend(bundle.asset(value).ok().map(|b| (param, Value::Bytes(b.into())))),
                Some(ArgKind::Chunk) => {
                    fetches(value);
                    missing.extend(row.and_then(|row| row.params.get(usize::from(param))).map(|param| param.name));
                }
                Some(ArgKind::Thunk) => fetches(value),
                // Tasks on demand have needs of their own.
                Some(ArgKind::Tasks) | None => {}
            }
        }
        let mut user = None;
        for attr in bundle.block_attrs(block) {
            match Attr::from_number(attr.attr.get()) {
                Some(Attr::RunAs) => user = Some(constant_of(bundle, attr.value.get())),
                Some(Attr::Env) => fetches(attr.value.get()),
                _ => {}
            }
        }
        match user {
            Some(Some(Value::Str(user))) => add(Demand::RunAs(user.to_string())),
            Some(_) => self.open.extend([Open { task, builtin: "", what: "runas" }]),
            None => {}
        }
        let Some(row) = row else { return };
        let mut add = |demand| self.known.extend([Need { task: Some(task), demand }]);
        add(Demand::Builtin(row.name.to_owned()));
        add(Demand::Effect(row.effect));
        let (demands, open) = of_call(&Args::new(row, &known), &missing);
        demands.into_iter().for_each(add);
        self.open.extend(open.into_iter().map(|what| Open { task, builtin: row.name, what }));
    }

    /// What a policy refuses of it.
    pub fn refused(&self, policy: &Policy) -> Vec<Refusal> {
        let judged = self.known.iter().filter_map(|need| Some((need, policy.refuses(&need.demand)?)));
        judged.map(|(need, why)| Refusal { need: need.clone(), why }).collect()
    }

    /// A policy that allows what is known, and notes what is not.
    pub fn policy(&self, bundle: &Bundle<'_>) -> Json {
        let mut rules: BTreeMap<&'static str, BTreeSet<String>> = BTreeMap::new();
        let mut commands: BTreeSet<&Vec<String>> = BTreeSet::new();
        let mut effects: BTreeSet<Effect> = BTreeSet::new();
        for need in &self.known {
            let mut allow = |text: &str| rules.entry(need.demand.rule()).or_default().extend([text.to_owned()]);
            match &need.demand {
                Demand::Unsigned => {}
                Demand::Effect(effect) => effects.extend([*effect]),
                Demand::Command(argv) => commands.extend([argv]),
                Demand::WriteBelow(path) | Demand::ReadBelow(path) => {
                    allow(&format!("{}/**", path.trim_end_matches('/')))
                }
                Demand::Builtin(text)
                | Demand::Write(text)
                | Demand::Read(text)
                | Demand::RunAs(text)
                | Demand::Secret(text) => allow(text),
            }
        }
        let notes = self.open.iter().map(|open| {
            let builtin = if open.builtin.is_empty() { String::new() } else { format!(" of {}", open.builtin) };
            format!(
                "`{}`{builtin} in task `{}` is known on the node only: add what it may be",
                open.what,
                bundle.label(open.task)
            )
        });
        let list = |rule: &str| rules.get(rule).cloned().unwrap_or_default();
        json!({
            "policy": 1,
            "notes": notes.collect::<Vec<_>>(),
            "unsigned": "allow",
            "builtins": list("builtins"),
            "effects": effects.iter().map(|effect| effect.name()).collect::<Vec<_>>(),
            "commands": commands,
            "write": list("write"),
            "read": list("read"),
            "runas": list("runas"),
            "secrets": list("secrets"),
        })
    }
}

/// The addresses of secrets by the chunk that names them. Each op is looked at once, however often its chunk is used.
fn secrets(bundle: &Bundle<'_>) -> HashMap<u32, Vec<String>> {
    let mut found: HashMap<u32, Vec<String>> = HashMap::new();
    for chunk in 0..bundle.chunks().len() as u32 {
        let code = bundle.chunk_code(chunk).unwrap_or_default();
        let mut pos = 0;
        while pos < code.len() {
            match Op::decode(code, &mut pos) {
                Ok(Op::Secret { k, .. }) => {
                    found.entry(chunk).or_default().extend(bundle.constant_text(k.0).map(str::to_owned));
                }
                Ok(_) => {}
                Err(_) => break,
            }
        }
    }
    found
}

/// The value of a chunk that is nothing but a constant.
fn constant_of(bundle: &Bundle<'_>, chunk: u32) -> Option<Value> {
    let code = bundle.chunk_code(chunk)?;
    let mut pos = 0;
    match (Op::decode(code, &mut pos), Op::decode(code, &mut pos)) {
        (Ok(Op::Load { dst, k }), Ok(Op::Return { src })) if dst == src => bundle.constant(k.0).ok(),
        _ => None,
    }
}
