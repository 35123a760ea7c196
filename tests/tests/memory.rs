//! What waiting costs: fibers that sleep, try again, look or have a body of their own are counted by what they hold.
//!
//! A binary of its own, because its allocator counts. Nothing is timed: a wake-up that walked over all fibers would not
//! come to an end in any time that somebody waits for a test.

use ipcmm_bytecode::bundle::rows::ArgKind;
use ipcmm_bytecode::bundle::writer::{Place, TaskSpec};
use ipcmm_bytecode::bundle::{Attr, BundleWriter, ExecMode};
use ipcmm_bytecode::{Fault, Function, Value};
use ipcmm_stdlib::{Stdlib, by_name};
use ipcmm_vm::observe::{Observer, Subrun};
use ipcmm_vm::{Action, Call, Cancel, Host, Input, Mode, PolicyKind, Reply, Run, RunOptions, TaskEnd, verify};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use std::alloc::System;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Bytes that are held now.
fn held() -> usize {
    let stats = ALLOCATOR.stats();
    stats.bytes_allocated - stats.bytes_deallocated
}

const FIBERS: u32 = 100_000;
/// What one may hold.
const MOST: usize = 1024;

/// Nothing is there, and nothing listens.
struct Nobody;

impl Host for Nobody {
    fn call(&self, _: &Call, _: &Cancel) -> Reply {
        Reply::unchanged(Value::Null)
    }
    fn probe(&self, _: Function, _: &[Value]) -> Result<Value, Fault> {
        Ok(Value::Bool(false))
    }
    fn fact(&self, _: &str) -> Result<Value, Fault> {
        Ok(Value::Null)
    }
}

#[derive(Default)]
struct Count {
    ended: u32,
}

impl Observer for Count {
    fn task_finished(&mut self, _: u32, _: &TaskEnd) {
        self.ended += 1;
    }
    fn task_finished_in(&mut self, _: &Subrun, _: u32, _: &TaskEnd) {
        self.ended += 1;
    }
}

/// The number of a built-in and of one of its parameters.
fn number(builtin: &str, param: &str) -> (u16, u16) {
    let row = by_name(builtin).expect("a built-in");
    (row.number(), row.param(param).expect("a parameter"))
}

struct Writer {
    writer: BundleWriter,
    tasks: u32,
}

impl Writer {
    fn new() -> Writer {
        Writer { writer: BundleWriter::new("memory", 1, false), tasks: 0 }
    }

    fn block(&mut self, builtin: &str, args: &[(&str, ArgKind, u32)], attrs: &[(Attr, u32)]) -> u32 {
        let row = by_name(builtin).expect("a built-in");
        let args: Vec<_> = args.iter().map(|(name, kind, value)| (number(builtin, name).1, *kind, *value)).collect();
        self.writer.effect(row.number(), row.effect);
        self.writer.block(row.number(), &args, attrs, 0..0)
    }

    fn task(&mut self, block: u32, demand: bool, mode: ExecMode) {
        self.tasks += 1;
        self.writer.task(&TaskSpec {
            module: "m",
            label: "t",
            block,
            part: None,
            edges: &[],
            mode,
            stops: false,
            keeps_result: false,
            test: false,
            demand,
            place: Place { file: 0, line: 0, column: 0 },
        });
    }

    /// A task that waits, in one of three ways.
    fn waiting(&mut self, which: u32, demand: bool) {
        let minute = self.writer.constant(&Value::Duration(60_000_000_000));
        let failed = self.writer.constant(&Value::str("failed"));
        let file = self.writer.constant(&Value::str("/nothing"));
        let block = match which % 3 {
            0 => self.block("ipcmm.sleep", &[("for", ArgKind::Constant, minute)], &[]),
            1 => self.block(
                "ipcmm.nop",
                &[("outcome", ArgKind::Constant, failed)],
                &[(Attr::RetryAttempts, 3), (Attr::RetryInterval, 60_000)],
            ),
            _ => self.block(
                "ipcmm.wait",
                &[
                    ("file", ArgKind::Constant, file),
                    ("every", ArgKind::Constant, minute),
                    ("timeout", ArgKind::Constant, minute),
                ],
                &[],
            ),
        };
        self.task(block, demand, ExecMode::Parallel);
    }
}

/// Runs until everybody waits; gives what a fiber holds then, and runs to the end.
fn bytes_of_one(writer: Writer, fibers: u32, max_parallel: u32) -> usize {
    let tasks = writer.tasks;
    let bytes = writer.writer.finish();
    let bundle = verify(&bytes, &Stdlib).expect("a sound bundle");
    let mut count = Count::default();
    let options = RunOptions { mode: Mode::Apply, policy: PolicyKind::AsWritten, max_parallel, seed: 1 };
    let (ended, one) = {
        let mut run = Run::new(&bundle, &Nobody, &mut count, options);
        let mut sleepers: BinaryHeap<Reverse<(u64, u32)>> = BinaryHeap::with_capacity(2 * tasks as usize);
        let before = held();
        let mut now = 0;
        let mut one = 0;
        loop {
            let mut next = None;
            while let Some(action) = next.take().or_else(|| run.next(now)) {
                match action {
                    Action::Call(task, call) => {
                        next = run.answer(task, Input::Reply(Nobody.call(&call, &call.cancel)), now)
                    }
                    Action::Probe(task, function, args) => {
                        next = run.answer(task, Input::Probe(Nobody.probe(function, &args)), now);
                    }
                    Action::Sleep(task, nanos) => sleepers.push(Reverse((now + nanos, task))),
                }
            }
            if one == 0 {
                assert!(sleepers.len() as u32 >= fibers, "{} of {fibers} wait", sleepers.len());
                one = held().saturating_sub(before) / fibers as usize;
            }
            let Some(Reverse((wake, task))) = sleepers.pop() else { break };
            now = wake;
            if let Some(action) = run.answer(task, Input::Woke, now) {
                match action {
                    Action::Sleep(task, nanos) => sleepers.push(Reverse((now + nanos, task))),
                    Action::Probe(task, function, args) => {
                        let next = run.answer(task, Input::Probe(Nobody.probe(function, &args)), now);
                        if let Some(Action::Sleep(task, nanos)) = next {
                            sleepers.push(Reverse((now + nanos, task)));
                        }
                    }
                    Action::Call(..) => panic!("nobody calls"),
                }
            }
        }
        assert!(run.is_over());
        (tasks, one)
    };
    assert_eq!(count.ended, ended);
    one
}

// One test, because the allocator counts for the whole process.
#[test]
fn a_fiber_that_waits_holds_less_than_a_kibibyte() {
    let mut main = Writer::new();
    (0..FIBERS).for_each(|n| main.waiting(n, false));
    let of_main = bytes_of_one(main, FIBERS, u32::MAX);
    assert!(of_main <= MOST, "a task of the main sequence holds {of_main} bytes");

    let mut body = Writer::new();
    (0..FIBERS).for_each(|n| body.waiting(n, true));
    let selection: Vec<u32> = (0..FIBERS).collect();
    let selection = body.writer.selection(&selection);
    let fail = body.writer.constant(&Value::str("collect"));
    let block =
        body.block("ipcmm.concurrent", &[("body", ArgKind::Tasks, selection), ("fail", ArgKind::Constant, fail)], &[]);
    body.task(block, false, ExecMode::Sync);
    let of_body = bytes_of_one(body, FIBERS, 4);
    assert!(of_body <= MOST, "a task of a body holds {of_body} bytes");
    println!("main {of_main}, body {of_body} bytes each");
}
