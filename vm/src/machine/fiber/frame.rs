//! What a fiber remembers of a block between two steps.

use crate::host::Phase;
use crate::machine::eval::Eval;
use crate::machine::progress::{Attempt, Total};
use ipcmm_bytecode::{Fault, Value};
use std::sync::Arc;

/// Steps of a block. The comment says what holds when the stage is entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Nothing was done; whether the task is for this node is judged.
    Target,
    /// The task is for this node.
    Enter,
    /// Items are known; `when` is judged for item `item`.
    When,
    /// `when` is known for all items; only the outermost block looks at needs.
    Needs,
    /// Item `item` is to be worked on.
    Item,
    /// Guards before `row` hold.
    Guard,
    /// The command of guard `row` was called.
    GuardCommand,
    /// An attempt begins: attributes and arguments before `row` are evaluated.
    Prepare,
    /// Arguments are evaluated.
    Invoke,
    /// The host works, or a child block, or time passes.
    Working,
    /// `ipcmm.wait` looks whether its condition holds.
    Look,
    /// `ipcmm.eval` evaluates.
    Evaluate,
    /// The built-in's own `changed_if` is judged.
    OwnChangedIf,
    /// The attempt is over; `failed_if` is judged.
    FailedIf,
    /// `changed_if` is judged.
    ChangedIf,
    /// What is expected of the attempt is judged.
    Expect,
    /// `until` is judged.
    Until,
    /// The pause between attempts.
    Pause,
    /// The item is over.
    ItemEnd,
    /// A round is over; `loop_until` is judged.
    RoundEnd,
    /// All items are over.
    Leave,
}

/// Items of a loop.
#[derive(Clone, Debug)]
pub(super) enum Items {
    /// No loop: the body is done once.
    Once,
    List(Arc<Vec<Value>>),
    /// Keys and values of a map, in key order.
    Map(Vec<(Arc<str>, Value)>),
    Range(i64, u64),
    /// No items but rounds: the body is done as often as a condition wants.
    Rounds,
}

impl Items {
    pub(super) fn count(&self) -> u64 {
        match self {
            Items::Once | Items::Rounds => 1,
            Items::List(items) => items.len() as u64,
            Items::Map(entries) => entries.len() as u64,
            Items::Range(_, n) => *n,
        }
    }

    /// Whether the body is done for each of several values.
    pub(super) fn are_values(&self) -> bool {
        !matches!(self, Items::Once | Items::Rounds)
    }

    /// As `count`, once the limit of items was checked.
    pub(super) fn len(&self) -> usize {
        self.count() as usize
    }

    pub(super) fn item(&self, i: usize) -> Value {
        match self {
            Items::Once | Items::Rounds => Value::Null,
            Items::List(items) => items.get(i).cloned().unwrap_or(Value::Null),
            Items::Map(entries) => entries.get(i).map_or(Value::Null, |(key, value)| {
                Value::map([("key", Value::Str(key.clone())), ("value", value.clone())])
            }),
            Items::Range(lo, _) => Value::Int(lo.saturating_add(i as i64)),
        }
    }

    pub(super) fn key(&self, i: usize) -> Value {
        match self {
            Items::Map(entries) => entries.get(i).map_or(Value::Null, |(key, _)| Value::Str(key.clone())),
            _ => Value::Int(i as i64),
        }
    }
}

/// Names and values of environment variables.
pub(super) type Env = Arc<[(Arc<str>, Arc<str>)]>;

/// No variables: one for all, because most frames have none and many wait.
pub(super) fn no_env() -> Env {
    static NONE: std::sync::OnceLock<Env> = std::sync::OnceLock::new();
    NONE.get_or_init(|| Arc::new([])).clone()
}

#[derive(Debug)]
pub(super) struct Frame {
    pub(super) block: u32,
    pub(super) stage: Stage,
    /// An evaluation that waits for the host. Few frames have one, and many wait: hence the box.
    pub(super) eval: Option<Box<Eval>>,
    /// A probe failed: the evaluation under way ends with this.
    pub(super) probe_fault: Option<Box<Fault>>,
    pub(super) items: Items,
    pub(super) item: usize,
    /// `when` of each item; empty where all hold.
    pub(super) admitted: Vec<Option<bool>>,
    pub(super) row: usize,
    pub(super) phase: Phase,
    pub(super) attempt: u32,
    pub(super) attempt_started: u64,
    /// Whether the sleep under way ends at the task's time limit.
    pub(super) sleep_is_limit: bool,
    /// Looks of `ipcmm.wait`.
    pub(super) looks: u32,
    pub(super) child: u16,
    pub(super) args: Vec<(u16, Value)>,
    pub(super) runas: Option<Arc<str>>,
    pub(super) env: Env,
    pub(super) last: Option<Attempt>,
    /// The record of the round before.
    pub(super) previous: Option<Value>,
    /// What children of the current attempt add up to, of a sequence.
    pub(super) children: Option<Box<Total>>,
    /// What the current item adds up to.
    pub(super) own: Total,
    /// What finished items add up to.
    pub(super) total: Total,
}

impl Frame {
    pub(super) fn new(block: u32) -> Frame {
        Frame {
            block,
            stage: Stage::Target,
            eval: None,
            probe_fault: None,
            items: Items::Once,
            item: 0,
            admitted: Vec::new(),
            row: 0,
            phase: Phase::Body,
            attempt: 0,
            attempt_started: 0,
            sleep_is_limit: false,
            looks: 0,
            child: 0,
            args: Vec::new(),
            runas: None,
            env: no_env(),
            last: None,
            previous: None,
            children: None,
            own: Total::default(),
            total: Total::default(),
        }
    }
}
