//! From the bytes of a journal to what is known of its run: to resume it, or for the next run of its line.
//!
//! A tail that is not complete is cut; anything else that does not match its checksum, or says what cannot be, is a
//! fault, and nothing of that journal is used. Unaware of: files. Start reading at [`recover`].

use super::codec::{In, Read};
use super::frame::{Chain, Records, damaged};
use super::{Header, Kind, OwedName, is_broken_off};
use ipcmm_bytecode::{Fault, limits};
use ipcmm_vm::outcome::{Outcome, TaskEnd};
use ipcmm_vm::run::{Before, Owed, Stands, Tie};
use std::collections::{BTreeMap, HashMap, HashSet};

/// How a run ended, as its last record says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Over {
    /// A signal, or a journal that could not be written, stopped it.
    pub interrupted: bool,
    /// How long it took, in nanoseconds.
    pub elapsed: u64,
    /// Numbers of outcomes in the order of their table.
    pub counts: Vec<u32>,
}

/// A reaction that is owed, and by what.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Debt {
    name: OwedName,
    /// The task that changed in this run; none for one that was taken over from an earlier run.
    target: Option<u32>,
}

/// What a journal says.
#[derive(Clone, Debug, Default)]
pub struct Recovered {
    /// What the run is.
    pub header: Header,
    /// How often another process went on with it.
    pub resumed: u32,
    /// How it ended; `None` if nothing says so.
    pub over: Option<Over>,
    /// The latest time of any record, in nanoseconds since the start of the run.
    pub latest: u64,
    /// Bytes of the records that count, and the hash of them. What is behind is cut.
    pub end: Option<(u64, Chain)>,
    /// Bytes behind them.
    pub torn: u64,
    /// Tasks that are begun and whose end is not known, with their labels.
    pub touched: BTreeMap<u32, String>,
    ends: HashMap<u32, Stands>,
    told: HashMap<u32, TaskEnd>,
    paid: HashMap<u32, TaskEnd>,
    /// Tasks with an end.
    settled: HashSet<u32>,
    reacting: HashMap<u32, u64>,
    debts: BTreeMap<(u32, Tie), Debt>,
    moment: u64,
}

/// How much of a journal is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want {
    /// Everything, to go on with the run.
    All,
    /// What the next run takes over, and how it ended.
    Owed,
}

/// Reads a journal. `None` if its run had not begun to do anything: then the one before it counts.
///
/// # Errors
/// If it was damaged, or has a format that is not known.
pub fn recover(bytes: &[u8], want: Want) -> Result<Option<Recovered>, Fault> {
    let Some(mut records) = Records::open(bytes)? else { return Ok(None) };
    let mut found = Recovered::default();
    let mut begun = false;
    let mut inherits = 0;
    loop {
        let at = records.end().0 as usize;
        let Some((number, payload)) = records.record()? else { break };
        let mut payload = In(payload);
        let read = match Kind::from_number(number) {
            Some(Kind::Began) if !begun => found.began(&mut payload).map(|count| inherits = count),
            Some(kind) if begun && kind != Kind::Began => found.take(kind, &mut payload, want),
            Some(_) => Err("a record stands where it cannot"),
            None => Err("a record is of no known kind"),
        };
        let all =
            want == Want::All || !matches!(Kind::from_number(number), Some(Kind::Ended | Kind::Told | Kind::Paid));
        read.and_then(|()| if all { payload.over() } else { Ok(()) }).map_err(|why| damaged(at, why))?;
        begun = true;
        found.moment += 1;
    }
    let (end, chain) = records.end();
    (found.end, found.torn) = (Some((end, chain)), bytes.len() as u64 - end);
    Ok((begun && found.moment > u64::from(inherits)).then_some(found))
}

impl Recovered {
    fn began(&mut self, from: &mut In<'_>) -> Read<u32> {
        self.header = Header {
            line: from.text()?.to_owned(),
            root: from.hash()?,
            seed: from.u64()?,
            scheduler: from.text()?.to_owned(),
            max_parallel: from.u32()?,
            node: from.text()?.to_owned(),
            root_dir: from.text()?.to_owned(),
            started: from.u64()? as i64,
            pid: from.u32()?,
            tasks: from.u32()?,
        };
        if self.header.tasks > limits::TASKS {
            return Err("a bundle has more tasks than any");
        }
        from.u32()
    }

    fn task(&self, from: &mut In<'_>) -> Read<u32> {
        let task = from.u32()?;
        if task < self.header.tasks { Ok(task) } else { Err("a task is not one of the bundle") }
    }

    fn take(&mut self, kind: Kind, from: &mut In<'_>, want: Want) -> Read<()> {
        match kind {
            Kind::Began => {}
            Kind::WentOn => {
                self.header.pid = from.u32()?;
                from.u64()?;
                self.resumed += 1;
                self.over = None;
            }
            Kind::Owes => {
                let task = self.task(from)?;
                let number = from.u8()?;
                let tie = Tie::TABLE.iter().find(|row| row.1 == number).ok_or("a keyword is not known")?.0;
                let name = OwedName { tie, label: from.text()?.to_owned(), target: from.text()?.to_owned() };
                let target = from.maybe(In::u32)?;
                self.debts.entry((task, tie)).or_insert(Debt { name, target });
            }
            Kind::Changing => {
                let task = self.task(from)?;
                let label = from.text()?.to_owned();
                // What goes on in the background of a task that has ended is nobody's end any more.
                if !self.settled.contains(&task) {
                    self.touched.insert(task, label);
                }
            }
            Kind::Ended => self.ended(from, want)?,
            Kind::Reacting => {
                let task = self.task(from)?;
                self.reacting.insert(task, self.moment);
            }
            Kind::Paid | Kind::Told => {
                let task = self.task(from)?;
                self.task(from)?;
                self.touched.remove(&task);
                self.debts.remove(&(task, Tie::Listen));
                if want == Want::All {
                    let end = from.end()?;
                    self.latest = self.latest.max(end.ended);
                    match kind {
                        Kind::Paid => drop(self.paid.insert(task, end)),
                        _ => drop(self.told.insert(task, end)),
                    }
                }
            }
            Kind::Over => {
                let (interrupted, elapsed) = (from.flag()?, from.u64()?);
                let mut counts = Vec::new();
                for _ in 0..from.u32()?.min(Outcome::TABLE.len() as u32) {
                    counts.push(from.u32()?);
                }
                self.latest = self.latest.max(elapsed);
                self.over = Some(Over { interrupted, elapsed, counts });
            }
        }
        Ok(())
    }

    fn ended(&mut self, from: &mut In<'_>, want: Want) -> Read<()> {
        let (task, owner) = (self.task(from)?, self.task(from)?);
        let (outcome, reason) = In(from.0).verdict()?;
        // Whether the work was broken off is in its fault, so that this is read in either case.
        let end = if want == Want::All || outcome == Outcome::Failed { Some(from.end()?) } else { None };
        let fault = end.as_ref().and_then(|end| end.fault.as_ref());
        if is_broken_off(outcome, reason, fault) {
            return Ok(());
        }
        if outcome != Outcome::Blocked {
            self.touched.remove(&owner);
            self.settled.insert(owner);
        }
        for tie in [Tie::Watch, Tie::OnChange] {
            self.debts.remove(&(task, tie));
        }
        if let Some(end) = end {
            self.latest = self.latest.max(end.ended);
            let reacted = self.reacting.get(&task).copied();
            self.ends.insert(task, Stands { end, ended: self.moment, reacted });
        }
        Ok(())
    }

    /// Whether there is something to go on with.
    pub fn is_unfinished(&self) -> bool {
        self.over.as_ref().is_none_or(|over| over.interrupted)
    }

    /// How many tasks have their end.
    pub fn ended_tasks(&self) -> usize {
        self.ends.len()
    }

    /// How tasks ended that have ended, listeners with what their reactions came to.
    pub fn into_ends(self) -> impl Iterator<Item = (u32, TaskEnd)> {
        let Recovered { ends, mut told, .. } = self;
        ends.into_iter().map(move |(task, stands)| (task, told.remove(&task).unwrap_or(stands.end)))
    }

    /// Reactions that are owed.
    pub fn owed(&self) -> impl Iterator<Item = &OwedName> {
        self.debts.values().map(|debt| &debt.name)
    }

    /// What the same run goes on with.
    pub fn before(self) -> Before {
        let Recovered { ends, told, paid, touched, debts, moment, .. } = self;
        // Debts of this run arise again from the ends that stand.
        let earlier = debts.into_iter().filter(|(_, debt)| debt.target.is_none());
        Before {
            ends,
            told,
            paid: paid.into_iter().map(|(task, end)| (task, (end, None))).collect(),
            touched: touched.into_keys().collect(),
            owed: earlier.map(|((task, tie), _)| Owed { task, tie, target: None }).collect(),
            moment,
        }
    }
}
