//! Workers of a run. Jobs wait in one queue; workers take them, and so does the driver while it has nothing better to
//! do, because handing a short job to another thread can cost more than the job.
//!
//! Unaware of: tasks and policies. How many jobs there are at once is the run's affair.

use super::{Message, Work};
use ipcmm_vm::host::Host;
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use tokio::sync::mpsc::UnboundedSender;

/// A piece of work and the task it is for.
pub(super) struct Job {
    pub task: u32,
    pub work: Work,
    /// It takes microseconds, not the time of a process or a network.
    pub short: bool,
}

struct Queue {
    jobs: VecDeque<Job>,
    idle: usize,
    threads: usize,
    closed: bool,
}

struct Shared {
    queue: Mutex<Queue>,
    wake: Condvar,
    host: Arc<dyn Host>,
    sender: UnboundedSender<Message>,
}

impl Shared {
    /// A worker that panicked left the queue as it was: it is only locked to push and pop.
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The workers of a run. They end when it is dropped, after the job they are at.
pub(super) struct Pool {
    shared: Arc<Shared>,
    /// Threads for short jobs: one processor is the driver's.
    processors: usize,
}

impl Pool {
    pub fn new(host: Arc<dyn Host>, sender: UnboundedSender<Message>) -> Pool {
        let queue = Queue { jobs: VecDeque::new(), idle: 0, threads: 0, closed: false };
        let shared = Arc::new(Shared { queue: Mutex::new(queue), wake: Condvar::new(), host, sender });
        Pool { shared, processors: std::thread::available_parallelism().map_or(1, |n| n.get()) }
    }

    /// Adds a job; starts a worker for it if none is idle and another one can help.
    pub fn push(&self, job: Job) {
        let mut queue = self.shared.lock();
        let helps = !job.short || queue.threads + 1 < self.processors;
        queue.jobs.push_back(job);
        if queue.idle > 0 {
            drop(queue);
            self.shared.wake.notify_one();
        } else if helps {
            let shared = self.shared.clone();
            let started = std::thread::Builder::new().name("worker".into()).spawn(move || work(&shared));
            // Without a thread the job waits for one of the others, or for the driver.
            queue.threads += usize::from(started.is_ok());
        }
    }

    /// Takes a job for the driver: a short one; or any, where there is no worker at all.
    pub fn steal(&self) -> Option<Job> {
        let mut queue = self.shared.lock();
        let any = queue.threads == 0;
        let at = queue.jobs.iter().position(|job| job.short || any)?;
        queue.jobs.remove(at)
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.wake.notify_all();
    }
}

fn work(shared: &Shared) {
    let mut queue = shared.lock();
    loop {
        if let Some(job) = queue.jobs.pop_front() {
            drop(queue);
            let input = (job.work)(&*shared.host);
            // The driver lives until all answers are in; a closed channel means that the process ends anyway.
            let _ = shared.sender.send(Message::Answer(job.task, input));
            queue = shared.lock();
        } else if queue.closed {
            return;
        } else {
            queue.idle += 1;
            queue = shared.wake.wait(queue).unwrap_or_else(PoisonError::into_inner);
            queue.idle -= 1;
        }
    }
}
