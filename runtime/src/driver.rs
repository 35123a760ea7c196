//! Drives a run in real time: executes calls on this thread or on workers, keeps timers, and stops on a signal.
//!
//! Unaware of: what calls do and what may start when. The run decides; this module waits. Tests drive the same run
//! under `ipcmm_vm::virtual_clock`.

mod pool;
mod watch;

use crate::reactor::door::{Door, Sources};
use crate::secrets::veiled::Veiled;
use ipcmm_bytecode::bundle::ExecMode;
use ipcmm_bytecode::{Function, Value};
use ipcmm_stdlib::BuiltinId;
use ipcmm_vm::host::{Cancel, Host};
use ipcmm_vm::observe::Observer;
use ipcmm_vm::{Action, Before, Call, Input, PolicyKind, Run, RunOptions, Verified};
use pool::{Job, Pool};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// What came of a run.
#[derive(Clone, Copy, Debug)]
pub struct Driven {
    /// Failed and blocked tasks.
    pub bad: u32,
    /// A signal stopped it, or its time was over.
    pub interrupted: bool,
    /// Its time was over.
    pub out_of_time: bool,
    /// How long it took.
    pub elapsed: Duration,
}

/// What reaches the driver from workers and signals.
enum Message {
    Answer(u32, Input),
    Happened(String, Value),
    Interrupt,
    /// The time of the run is over.
    TimeUp,
}

/// Runs a bundle to its end. The first interrupt or termination signal stops it in order: nothing new starts, work
/// under way is cancelled and awaited. A second one ends the process.
///
/// # Errors
/// If the operating system gives no threads or no signal handling.
pub fn drive(
    bundle: &Verified<'_>,
    host: Arc<dyn Host>,
    observer: &mut dyn Observer,
    options: RunOptions,
) -> std::io::Result<Driven> {
    drive_on(bundle, host, observer, options, Terms::default())
}

/// What else a run goes by.
#[derive(Debug, Default)]
pub struct Terms {
    /// What earlier runs left.
    pub before: Before,
    /// Nanoseconds since the start of the run that this one goes on with.
    pub elapsed: u64,
    /// A run that takes longer is stopped as by a signal.
    pub limit: Option<Duration>,
    /// The run stays when its tasks are over: files are watched, schedules are kept, what happens is delivered. An
    /// interrupt or termination signal ends it in order.
    pub staying: Option<Staying>,
}

/// What a run that stays needs to know.
#[derive(Debug)]
pub struct Staying {
    /// What every path is put behind.
    pub root: Option<PathBuf>,
    /// What makes this node's own time of schedules.
    pub seed: u64,
    /// Is told of what cannot be watched.
    pub complain: fn(&str),
}

/// As [`drive`], on terms.
///
/// # Errors
/// As there, and if there is no way to watch files.
pub fn drive_on(
    bundle: &Verified<'_>,
    host: Arc<dyn Host>,
    observer: &mut dyn Observer,
    options: RunOptions,
    terms: Terms,
) -> std::io::Result<Driven> {
    let Terms { before, elapsed, limit, staying } = terms;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    let (sender, receiver) = unbounded_channel();
    let cancel = Cancel::default();
    let listener = Listener::start(sender.clone(), cancel.clone(), limit)?;
    let shared = host.clone();
    let mut observer = Veiled::new(&*shared, observer);
    let began = jiff::Timestamp::now();
    let run = Run::new(bundle, &*shared, &mut observer, options).after(before).cancelled_by(cancel);
    let (run, watcher) = match staying {
        None => (run.with_events(Box::new(Door::new(began))), None),
        Some(Staying { root, seed, complain }) => {
            let (sources, sender) = (Sources::default(), sender.clone());
            let tell = move |name: &str, payload| sender.send(Message::Happened(name.to_owned(), payload)).is_ok();
            let watcher = watch::Watcher::start(sources.clone(), root, complain, Box::new(tell))?;
            let door = Door::staying(began, seed, sources);
            (run.with_events(Box::new(door)).staying(), Some(watcher))
        }
    };
    let driver = Driver {
        bundle,
        pool: Pool::new(host.clone(), sender),
        host,
        options,
        run,
        watcher,
        start: Instant::now(),
        elapsed,
        timers: BinaryHeap::new(),
        order: 0,
        flying: 0,
        interrupted: false,
        out_of_time: false,
    };
    let driven = runtime.block_on(driver.run(receiver));
    drop(listener);
    Ok(driven)
}

/// What a worker does for a task.
type Work = Box<dyn FnOnce(&dyn Host) -> Input + Send>;

struct Driver<'a> {
    bundle: &'a Verified<'a>,
    host: Arc<dyn Host>,
    options: RunOptions,
    run: Run<'a>,
    start: Instant,
    /// Nanoseconds that had passed before.
    elapsed: u64,
    pool: Pool,
    /// Sleepers by the time they wake, then by the order they fell asleep.
    timers: BinaryHeap<Reverse<(u64, u64, u32)>>,
    order: u64,
    /// Actions on workers.
    flying: u32,
    interrupted: bool,
    out_of_time: bool,
    /// Files that are watched, of a run that stays.
    watcher: Option<watch::Watcher>,
}

impl Driver<'_> {
    async fn run(mut self, mut receiver: UnboundedReceiver<Message>) -> Driven {
        let mut todo: VecDeque<Action> = VecDeque::new();
        loop {
            while let Some(action) = todo.pop_front().or_else(|| self.run.next(self.now())) {
                todo.extend(self.act(action));
                // Signals and workers are heard between two calls, also in a long sequence of short ones.
                while let Ok(message) = receiver.try_recv() {
                    todo.extend(self.take(message));
                }
            }
            if let Some(job) = self.pool.steal() {
                let input = (job.work)(&*self.host);
                todo.extend(self.take(Message::Answer(job.task, input)));
                continue;
            }
            if self.run.is_over() {
                return Driven {
                    bad: self.run.bad(),
                    interrupted: self.interrupted,
                    out_of_time: self.out_of_time,
                    elapsed: Duration::from_nanos(self.now()),
                };
            }
            if let Some(watcher) = &mut self.watcher {
                watcher.sync();
            }
            let message = match self.timers.peek() {
                Some(Reverse((wake, ..))) => {
                    let wake = tokio::time::Instant::from_std(
                        self.start + Duration::from_nanos(wake.saturating_sub(self.elapsed)),
                    );
                    tokio::time::timeout_at(wake, receiver.recv()).await.unwrap_or(None)
                }
                None => receiver.recv().await,
            };
            match message {
                Some(message) => todo.extend(self.take(message)),
                None => self.wake(&mut todo),
            }
        }
    }

    fn now(&self) -> u64 {
        self.elapsed.saturating_add(self.start.elapsed().as_nanos() as u64)
    }

    fn act(&mut self, action: Action) -> Option<Action> {
        let (task, short, work): (u32, bool, Work) = match action {
            Action::Sleep(task, nanos) => {
                self.order += 1;
                self.timers.push(Reverse((self.now().saturating_add(nanos), self.order, task)));
                return None;
            }
            Action::Call(task, call) => {
                (task, is_short(&call), Box::new(move |host| Input::Reply(host.call(&call, &call.cancel))))
            }
            Action::Probe(task, function, args) => {
                let short = function != Function::NetListens;
                (task, short, Box::new(move |host| Input::Probe(host.probe(function, &args))))
            }
        };
        if self.waits_for(task) {
            let input = work(&*self.host);
            return self.run.answer(task, input, self.now());
        }
        self.flying += 1;
        self.pool.push(Job { task, work, short });
        None
    }

    /// Whether the run can do nothing else until this task is done, so that a worker would only cost time.
    fn waits_for(&self, task: u32) -> bool {
        let alone = self.flying == 0 && self.timers.is_empty() && !self.run.has_subruns();
        // Tasks of subruns have numbers of their own: what else may run beside them is the run's affair.
        let Some(mode) = self.bundle.tasks().get(task as usize).map(|row| row.mode) else {
            return self.run.is_sequential();
        };
        match self.options.policy {
            _ if self.options.mode == ipcmm_vm::Mode::Check => true,
            PolicyKind::Sequential => true,
            PolicyKind::AsWritten => alone && [ExecMode::Sync as u8, ExecMode::Seq as u8].contains(&mode),
            PolicyKind::Parallel => alone && mode == ExecMode::Seq as u8,
        }
    }

    fn take(&mut self, message: Message) -> Vec<Action> {
        match message {
            Message::Answer(task, input) => {
                self.flying -= 1;
                self.run.answer(task, input, self.now()).into_iter().collect()
            }
            Message::Happened(name, payload) => {
                self.run.happened(&name, payload, self.now());
                Vec::new()
            }
            Message::Interrupt | Message::TimeUp => {
                self.out_of_time |= matches!(message, Message::TimeUp);
                self.interrupted = true;
                self.run.stop();
                let now = self.now();
                let sleepers = std::mem::take(&mut self.timers);
                sleepers
                    .into_iter()
                    .filter_map(|Reverse((_, _, task))| self.run.answer(task, Input::Cancelled, now))
                    .collect()
            }
        }
    }

    fn wake(&mut self, todo: &mut VecDeque<Action>) {
        let now = self.now();
        while let Some(&Reverse((wake, _, task))) = self.timers.peek() {
            if wake > now {
                break;
            }
            self.timers.pop();
            todo.extend(self.run.answer(task, Input::Woke, now));
        }
    }
}

/// Whether a call takes microseconds: work on files does, unless a command has to judge the content.
fn is_short(call: &Call) -> bool {
    let Some(builtin) = ipcmm_stdlib::by_number(call.builtin) else { return true };
    let judged =
        builtin.param("validate").is_some_and(|validate| call.args.iter().any(|(param, _)| *param == validate));
    !matches!(builtin.id, BuiltinId::RunCmd | BuiltinId::RunScript) && !judged
}

/// A thread that hears signals, so that they are heard while the driver is inside a call.
struct Listener {
    quit: Option<tokio::sync::oneshot::Sender<()>>,
}

impl Listener {
    fn start(sender: UnboundedSender<Message>, cancel: Cancel, limit: Option<Duration>) -> std::io::Result<Listener> {
        let (quit, over) = tokio::sync::oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
        std::thread::Builder::new()
            .name("signals".into())
            .spawn(move || runtime.block_on(listen(sender, cancel, limit, over)))?;
        Ok(Listener { quit: Some(quit) })
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Some(quit) = self.quit.take() {
            let _ = quit.send(());
        }
    }
}

/// Waits until the time is over; for ever if there is no limit.
async fn passed(limit: &mut Option<std::pin::Pin<Box<tokio::time::Sleep>>>) {
    match limit {
        Some(limit) => limit.await,
        None => std::future::pending().await,
    }
}

async fn listen(
    sender: UnboundedSender<Message>,
    cancel: Cancel,
    limit: Option<Duration>,
    mut over: tokio::sync::oneshot::Receiver<()>,
) {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return;
    };
    let mut heard = 0;
    let mut limit = limit.map(|limit| Box::pin(tokio::time::sleep(limit)));
    loop {
        let code = tokio::select! {
            _ = interrupt.recv() => 130,
            _ = terminate.recv() => 143,
            _ = &mut over => return,
            () = passed(&mut limit) => {
                limit = None;
                cancel.cancel();
                let _ = sender.send(Message::TimeUp);
                continue;
            }
        };
        heard += 1;
        if heard > 1 {
            std::process::exit(code);
        }
        cancel.cancel();
        let _ = sender.send(Message::Interrupt);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ipcmm_bytecode::bundle::BundleWriter;
    use ipcmm_bytecode::bundle::rows::ArgKind;
    use ipcmm_bytecode::bundle::writer::{Place, TaskSpec};
    use ipcmm_bytecode::{Effect, Fault, Function, Value};
    use ipcmm_stdlib::Stdlib;
    use ipcmm_vm::outcome::{Outcome, TaskEnd};
    use ipcmm_vm::{Call, Mode, Reply, verify};
    use std::sync::atomic::{AtomicU32, Ordering};

    /// Answers every call after a while and counts how many are under way at once.
    #[derive(Default)]
    struct Slow {
        now: AtomicU32,
        most: AtomicU32,
    }

    impl Host for Slow {
        fn call(&self, _: &Call, _: &Cancel) -> Reply {
            let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
            self.most.fetch_max(now, Ordering::SeqCst);
            std::thread::sleep(Duration::from_millis(30));
            self.now.fetch_sub(1, Ordering::SeqCst);
            Reply::unchanged(Value::Null)
        }
        fn probe(&self, _: Function, _: &[Value]) -> Result<Value, Fault> {
            Ok(Value::Null)
        }
        fn fact(&self, _: &str) -> Result<Value, Fault> {
            Ok(Value::Null)
        }
    }

    #[derive(Default)]
    struct Count(Vec<Outcome>);

    impl Observer for Count {
        fn task_finished(&mut self, _: u32, end: &TaskEnd) {
            self.0.push(end.outcome);
        }
    }

    /// Eight tasks that each make one call, and one that sleeps.
    fn bundle(mode: ExecMode) -> Vec<u8> {
        let mut writer = BundleWriter::new("test", 1, false);
        let argv = writer.constant(&Value::list(vec![Value::str("true")]));
        let nap = writer.constant(&Value::Duration(20_000_000));
        let place = Place { file: 0, line: 0, column: 0 };
        for i in 0..9 {
            let block = match i {
                8 => writer.block(27, &[(0, ArgKind::Constant, nap)], &[], 0..0),
                _ => writer.block(1, &[(0, ArgKind::Constant, argv)], &[], 0..0),
            };
            let label = format!("t{i}");
            writer.task(&TaskSpec {
                module: "m",
                label: &label,
                block,
                part: None,
                edges: &[],
                mode,
                stops: false,
                test: false,
                keeps_result: false,
                demand: false,
                place,
            });
        }
        writer.effect(1, Effect::Change);
        writer.effect(27, Effect::None);
        writer.finish()
    }

    #[test]
    fn every_task_ends_once_and_only_parallel_ones_overlap() {
        for (policy, written, most) in [
            (PolicyKind::Sequential, ExecMode::Parallel, 1),
            (PolicyKind::AsWritten, ExecMode::Sync, 1),
            (PolicyKind::AsWritten, ExecMode::Parallel, 4),
            (PolicyKind::Parallel, ExecMode::Sync, 4),
        ] {
            let bytes = bundle(written);
            let bundle = verify(&bytes, &Stdlib).unwrap();
            let (host, mut seen) = (Arc::new(Slow::default()), Count::default());
            let options = RunOptions { mode: Mode::Apply, policy, max_parallel: 4, seed: 0 };
            let driven = drive(&bundle, host.clone(), &mut seen, options).unwrap();
            assert_eq!((driven.bad, driven.interrupted, seen.0.len()), (0, false, 9));
            let at_once = host.most.load(Ordering::SeqCst);
            assert!(at_once <= most && (most == 1 || at_once > 1), "{policy:?} {written:?}: {at_once} at once");
        }
    }
}
