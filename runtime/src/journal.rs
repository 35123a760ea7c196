//! The journal of a run: what it was asked to do, what it began to change, how tasks ended and which reactions that
//! still asks for. Whatever ends the process, the journal says enough to go on.
//!
//! A record is handed to the operating system before what it announces is done; it is forced to the disk only where a
//! reaction of another task depends on it. Unaware of: where journals are kept (`state.rs` knows) and how a run is
//! driven. The format is `spec/journal.md`. Start reading at [`Journal`].

mod codec;
pub mod frame;
pub mod recover;

use codec::Out;
use frame::{Chain, JOURNAL_BYTES, RECORD_BYTES};
use ipcmm_bytecode::bundle::rows::TASK_KEEPS_RESULT;
use ipcmm_bytecode::bundle::{Bundle, EdgeKind};
use ipcmm_bytecode::{Fault, FaultKind, Value};
use ipcmm_vm::observe::Observer;
use ipcmm_vm::outcome::{Outcome, Reason, TaskEnd};
use ipcmm_vm::run::Tie;
use std::collections::{HashMap, HashSet};
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Calls `$m!` with every kind of record: frozen number, variant, doc.
#[macro_export]
macro_rules! for_each_record {
    ($m:ident) => {
        $m! {
            1 Began "The run began: its bundle, its options, where and when, and how many records it takes over.";
            2 WentOn "Another process goes on with the run.";
            3 Owes "A change asks a task for a reaction.";
            4 Changing "A task is about to change something for the first time.";
            5 Ended "A task or a part of one has its own end.";
            6 Reacting "A listener begins what stands for its reaction.";
            7 Paid "A reaction that an earlier run owed was carried out.";
            8 Told "A listener has its end, with its reaction after the last task.";
            9 Over "The run is over, or was stopped in order.";
        }
    };
}

macro_rules! define_records {
    ($($num:literal $variant:ident $doc:literal;)*) => {
        /// The kind of a record.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u32)]
        pub enum Kind { $(#[doc = $doc] $variant = $num,)* }

        impl Kind {
            /// All kinds: number, name, meaning.
            pub const TABLE: &'static [(Kind, &'static str, &'static str)] = &[$((Kind::$variant, stringify!($variant), $doc)),*];

            /// The kind of a frozen number.
            pub const fn from_number(number: u32) -> Option<Kind> {
                match number { $($num => Some(Kind::$variant),)* _ => None }
            }
        }
    };
}
for_each_record!(define_records);

/// Result data that no other task reads is kept up to so many bytes.
const UNREAD_DATA: usize = 64 << 10;
/// Records of tasks that changed nothing are gathered up to so many bytes.
const GATHERED: usize = 32 << 10;
/// A task that took longer is written down at once, in nanoseconds.
const LONG: u64 = 10_000_000;

/// What a run is: the first record of its journal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// Name of the bundle: runs of one name are one line.
    pub line: String,
    /// Hash that names the bundle.
    pub root: [u8; 32],
    /// Seed of everything random.
    pub seed: u64,
    /// The policy, by its word on the command line.
    pub scheduler: String,
    /// The most tasks at once.
    pub max_parallel: u32,
    /// Name of the node.
    pub node: String,
    /// What every path was put behind; empty for the machine itself.
    pub root_dir: String,
    /// When it began, in nanoseconds since 1970 by the clock of the node.
    pub started: i64,
    /// Number of the process.
    pub pid: u32,
    /// Tasks and parts of tasks in the bundle.
    pub tasks: u32,
}

/// A reaction that is owed, by names, because the next run may be one of another bundle of the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwedName {
    /// Label of the task that is to react.
    pub label: String,
    /// By which keyword.
    pub tie: Tie,
    /// Label of the task that changed.
    pub target: String,
}

/// Where records go.
pub trait Sink: Send {
    /// Hands bytes to the operating system.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// Forces everything written so far to the disk.
    fn sync(&mut self) -> io::Result<()>;
}

impl Sink for std::fs::File {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }
}

/// A journal in memory, to be read while or after it is written.
#[derive(Clone, Debug, Default)]
pub struct Memory(pub Arc<Mutex<Vec<u8>>>);

impl Sink for Memory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(bytes);
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Is told before a task changes something.
pub trait Herald: Send + Sync {
    /// The task is about to change something; a fault keeps it from doing so.
    fn before_change(&self, task: u32) -> Result<(), Fault>;
}

/// What is written, and what is known about it.
struct Book {
    sink: Box<dyn Sink>,
    chain: Chain,
    /// Records that are not handed to the operating system yet.
    pending: Vec<u8>,
    written: u64,
    /// Tasks that began to change something and have not ended.
    changing: HashSet<u32>,
    /// Something was changed since the disk was last forced.
    dirty: bool,
    failure: Option<String>,
}

struct Shared {
    book: Mutex<Book>,
    broken: AtomicBool,
    /// Labels of all tasks, one behind the other, and where each ends.
    labels: (String, Vec<u32>),
    /// Tasks on which reactions or decisions of others hang.
    hung: Vec<bool>,
}

/// An observer that writes the journal, and the [`Herald`] of the host.
pub struct Journal {
    shared: Arc<Shared>,
    /// Who is told of changes of each task.
    ties: HashMap<u32, Vec<(u32, Tie)>>,
    listeners: HashSet<u32>,
    /// Tasks that were asked for a reaction.
    asked: HashSet<u32>,
    owner: Vec<u32>,
    keeps: Vec<bool>,
    /// The task of which something is told next still owes a reaction.
    still_owed: Option<u32>,
}

impl std::fmt::Debug for Journal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Journal").field("broken", &self.shared.broken.load(Ordering::Acquire)).finish()
    }
}

/// The bytes with which a journal begins: what the run is, and what it takes over from the one before.
pub fn opening(header: &Header, owed: &[(u32, OwedName)], touched: &[(u32, String)]) -> (Vec<u8>, Chain) {
    let (first, mut chain) = Chain::start();
    let mut bytes = first.to_vec();
    let mut out = Out::default();
    out.text(&header.line);
    out.0.extend(header.root);
    out.u64(header.seed).text(&header.scheduler).u32(header.max_parallel).text(&header.node).text(&header.root_dir);
    out.u64(header.started as u64).u32(header.pid).u32(header.tasks);
    out.u32((owed.len() + touched.len()) as u32);
    chain.append(Kind::Began as u32, &out.0, &mut bytes);
    for (task, owed) in owed {
        chain.append(Kind::Owes as u32, &owes(*task, owed, None), &mut bytes);
    }
    for (task, label) in touched {
        chain.append(Kind::Changing as u32, &changing(*task, label), &mut bytes);
    }
    (bytes, chain)
}

fn owes(task: u32, owed: &OwedName, target: Option<u32>) -> Vec<u8> {
    let mut out = Out::default();
    let tie = Tie::TABLE.iter().find(|row| row.0 == owed.tie).map_or(0, |row| row.1);
    out.u32(task).u8(tie).text(&owed.label).text(&owed.target).maybe(target, |out, target| {
        out.u32(target);
    });
    out.0
}

fn changing(task: u32, label: &str) -> Vec<u8> {
    let mut out = Out::default();
    out.u32(task).text(label);
    out.0
}

/// Whether an end says that work was broken off, so that it does not stand.
pub(crate) fn is_broken_off(outcome: Outcome, reason: Reason, fault: Option<&Fault>) -> bool {
    outcome == Outcome::NotReached
        || reason == Reason::RunStopped
        || fault.is_some_and(|fault| matches!(fault.kind, FaultKind::Cancelled | FaultKind::NotRecorded))
}

impl Journal {
    /// A journal that goes on behind `written` bytes with this hash. `asked` are tasks that owe a reaction already.
    pub fn new(
        bundle: &Bundle<'_>,
        sink: Box<dyn Sink>,
        (written, chain): (u64, Chain),
        asked: impl IntoIterator<Item = u32>,
    ) -> Journal {
        let tasks = bundle.tasks();
        let mut labels = (String::new(), Vec::with_capacity(tasks.len()));
        let mut hung = vec![false; tasks.len()];
        let mut ties: HashMap<u32, Vec<(u32, Tie)>> = HashMap::new();
        let owner: Vec<u32> = (0..tasks.len() as u32).map(|task| bundle.owner(task)).collect();
        for (task, row) in (0..).zip(tasks) {
            labels.0.push_str(bundle.label(task));
            labels.1.push(labels.0.len() as u32);
            for (kind, target) in bundle.task_edges(row) {
                let tie = match kind {
                    Some(EdgeKind::Watch) => Tie::Watch,
                    Some(EdgeKind::OnChange) => Tie::OnChange,
                    Some(EdgeKind::Prereq | EdgeKind::PostReq | EdgeKind::Prepared) => {
                        hung[owner[target as usize] as usize] = true;
                        continue;
                    }
                    _ => continue,
                };
                hung[owner[target as usize] as usize] = true;
                if !bundle.is_part(task) {
                    ties.entry(target).or_default().push((task, tie));
                }
            }
            hung[task as usize] |= row.flags & TASK_KEEPS_RESULT != 0;
        }
        let mut listeners = HashSet::new();
        for row in bundle.listens() {
            hung[row.target.get() as usize] = true;
            ties.entry(row.target.get()).or_default().push((row.listener.get(), Tie::Listen));
            listeners.insert(row.listener.get());
        }
        let asked: HashSet<u32> = asked.into_iter().collect();
        listeners.extend(&asked);
        let book =
            Book { sink, chain, pending: Vec::new(), written, changing: HashSet::new(), dirty: false, failure: None };
        let shared = Shared { book: Mutex::new(book), broken: AtomicBool::new(false), labels, hung };
        let keeps = tasks.iter().map(|row| row.flags & TASK_KEEPS_RESULT != 0).collect();
        let shared = Arc::new(shared);
        Journal { shared, ties, listeners, asked, owner, keeps, still_owed: None }
    }

    /// For the host.
    pub fn herald(&self) -> Arc<dyn Herald> {
        self.shared.clone()
    }

    /// Why the journal cannot be written any more.
    pub fn failure(&self) -> Option<String> {
        self.shared.lock().failure.clone()
    }

    /// Another process goes on with the run.
    pub fn went_on(&self, pid: u32, time: i64) {
        let mut out = Out::default();
        out.u32(pid).u64(time as u64);
        self.shared.put(&[(Kind::WentOn, &out.0)], Force::Hand);
    }

    /// The run is over. `counts` are the numbers of outcomes in the order of their table.
    pub fn over(&self, interrupted: bool, elapsed: u64, counts: &[u32]) {
        let mut out = Out::default();
        out.u8(u8::from(interrupted)).u64(elapsed).u32(counts.len() as u32);
        counts.iter().for_each(|count| {
            out.u32(*count);
        });
        let dirty = self.shared.lock().dirty;
        self.shared.put(&[(Kind::Over, &out.0)], if dirty { Force::Disk } else { Force::Hand });
    }

    fn end_record(&self, end: &TaskEnd, task: u32, before: &mut Out) {
        let null = Value::Null;
        before.end(end, &end.data);
        if before.0.len() > if self.keeps[task as usize] { RECORD_BYTES } else { UNREAD_DATA } {
            let cut = TaskEnd { changes: Vec::new(), ..end.clone() };
            *before = Out::default();
            before.u32(task).u32(self.owner[task as usize]).end(&cut, &null);
        }
    }
}

/// How far a record must have got before the run goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Force {
    /// It may wait for others.
    Gather,
    /// The operating system has it: it outlives the process.
    Hand,
    /// The disk has it: it outlives a loss of power.
    Disk,
}

impl Shared {
    /// Nothing panics while the book is held; what a panic elsewhere left is whole.
    fn lock(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn label(&self, task: u32) -> &str {
        let (labels, ends) = &self.labels;
        let from = task.checked_sub(1).map_or(0, |before| ends[before as usize]);
        &labels[from as usize..ends[task as usize] as usize]
    }

    fn put(&self, records: &[(Kind, &[u8])], force: Force) {
        self.put_in(&mut self.lock(), records, force);
    }

    fn put_in(&self, book: &mut Book, records: &[(Kind, &[u8])], force: Force) {
        if book.failure.is_some() {
            return;
        }
        for (kind, payload) in records {
            book.chain.append(*kind as u32, payload, &mut book.pending);
        }
        if book.written + book.pending.len() as u64 > JOURNAL_BYTES {
            book.failure = Some(format!("it would be longer than {JOURNAL_BYTES} bytes"));
        } else if let Err(error) = book.hand(force) {
            book.failure = Some(error.to_string());
        }
        if book.failure.is_some() {
            self.broken.store(true, Ordering::Release);
        }
    }
}

impl Book {
    fn hand(&mut self, force: Force) -> io::Result<()> {
        if force >= Force::Hand || self.pending.len() > GATHERED {
            self.sink.write(&self.pending)?;
            self.written += self.pending.len() as u64;
            self.pending.clear();
        }
        if force == Force::Disk {
            self.sink.sync()?;
            self.dirty = false;
        }
        Ok(())
    }
}

impl Herald for Shared {
    fn before_change(&self, task: u32) -> Result<(), Fault> {
        let mut book = self.lock();
        if book.failure.is_none() && book.changing.insert(task) {
            let force = if self.hung.get(task as usize).is_some_and(|hung| *hung) { Force::Disk } else { Force::Hand };
            self.put_in(&mut book, &[(Kind::Changing, &changing(task, self.label(task)))], force);
            book.dirty = true;
        }
        match &book.failure {
            None => Ok(()),
            Some(why) => Err(Fault::new(FaultKind::NotRecorded, why.as_str())),
        }
    }
}

impl Observer for Journal {
    fn task_settled(&mut self, task: u32, end: &TaskEnd) {
        let owner = self.owner[task as usize];
        let mut out = Out::default();
        out.u32(task).u32(owner);
        self.end_record(end, task, &mut out);
        let mut records = vec![(Kind::Ended, out.0)];
        if end.outcome == Outcome::Changed {
            for (other, tie) in self.ties.get(&task).into_iter().flatten() {
                let label = |task| self.shared.label(task).to_owned();
                let owed = OwedName { label: label(*other), tie: *tie, target: label(task) };
                records.push((Kind::Owes, owes(*other, &owed, Some(task))));
                self.asked.insert(*other);
            }
        }
        let records: Vec<(Kind, &[u8])> = records.iter().map(|(kind, payload)| (*kind, payload.as_slice())).collect();
        let mut book = self.shared.lock();
        let changed = book.changing.remove(&owner);
        // A reaction that was carried out must not be carried out again after a loss of power.
        let answered = end.attempts > 0 && self.asked.contains(&task) && book.dirty;
        let force = match (answered, changed || end.ended.saturating_sub(end.started) > LONG) {
            (true, _) => Force::Disk,
            (false, true) => Force::Hand,
            (false, false) => Force::Gather,
        };
        self.shared.put_in(&mut book, &records, force);
    }

    fn reaction_started(&mut self, task: u32) {
        self.shared.put(&[(Kind::Reacting, &task.to_le_bytes())], Force::Gather);
    }

    fn owed_delivered(&mut self, task: u32, end: &TaskEnd) {
        let mut out = Out::default();
        out.u32(task).u32(task);
        self.end_record(end, task, &mut out);
        self.shared.lock().changing.remove(&task);
        self.shared.put(&[(Kind::Paid, &out.0)], Force::Disk);
    }

    fn reaction_kept(&mut self, task: u32) {
        self.still_owed = Some(task);
    }

    fn halts(&self) -> bool {
        self.shared.broken.load(Ordering::Acquire)
    }

    fn task_finished(&mut self, task: u32, end: &TaskEnd) {
        let kept = self.still_owed.take_if(|kept| *kept == task).is_some();
        if !self.listeners.contains(&task) {
            return;
        }
        let mut out = Out::default();
        out.u32(task).u32(task);
        self.end_record(end, task, &mut out);
        let mut book = self.shared.lock();
        book.changing.remove(&task);
        let force = match (kept || is_broken_off(end.outcome, end.reason, end.fault.as_ref()), book.dirty) {
            // Nothing was delivered: the record that the reaction is owed stands.
            (true, _) => return,
            (false, true) => Force::Disk,
            (false, false) => Force::Gather,
        };
        self.shared.put_in(&mut book, &[(Kind::Told, &out.0)], force);
    }
}
