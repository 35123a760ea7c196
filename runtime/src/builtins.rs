//! The built-ins that run on the host: one file each, and the context they work in.
//!
//! A built-in looks, decides, and acts; check and apply are the same function, which differs only in that a
//! dry run has no [`Writer`] to act with. Unaware of tasks and schedules. Start reading at [`dispatch`].

mod describe;
pub mod filesystem;
pub mod probe;
pub mod run;

use crate::args::Args;
use crate::noting::Noting;
use crate::system::{Reader, Runner, System, User, Writer};
use ipcmm_bytecode::{Fault, FaultKind};
use ipcmm_stdlib::BuiltinId;
use ipcmm_vm::host::{Call, Cancel, Change, Mode, Phase, Reply};
use std::cell::RefCell;
use std::sync::Arc;
use std::time::Duration;

/// Why a program is run; it decides whether a dry run may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To change something.
    Act,
    /// To look only.
    Look,
}

/// Everything one execution of a built-in has to work with.
pub struct Context<'a> {
    /// The arguments.
    pub args: Args<'a>,
    /// What may be looked at.
    pub look: &'a dyn Reader,
    /// Body, guard or reaction.
    pub phase: Phase,
    /// The user the work is done as, if it is another one.
    pub user: Option<&'a User>,
    /// Environment variables on top of the fixed ones.
    pub env: &'a [(Arc<str>, Arc<str>)],
    /// Time left by the task.
    pub timeout: Option<Duration>,
    /// The sign to stop.
    pub cancel: &'a Cancel,
    /// An argument holds a secret.
    pub confidential: bool,
    mode: Mode,
    writer: Option<&'a dyn Writer>,
    runner: &'a dyn Runner,
    /// Runs programs that change something.
    acting: &'a dyn Runner,
    notes: RefCell<Vec<String>>,
}

impl<'a> Context<'a> {
    /// The context of a call. In a dry run the writer stays behind. What changes something goes through `noting`.
    pub fn new<S: System>(
        system: &'a S,
        noting: &'a Noting<'a, S>,
        args: Args<'a>,
        call: &'a Call,
        user: Option<&'a User>,
        cancel: &'a Cancel,
    ) -> Context<'a> {
        Context {
            args,
            look: system,
            phase: call.phase,
            user,
            env: &call.env,
            timeout: call.timeout,
            cancel,
            confidential: false,
            mode: call.mode,
            writer: (call.mode == Mode::Apply).then_some(noting as &dyn Writer),
            runner: system,
            acting: noting,
            notes: RefCell::new(Vec::new()),
        }
    }

    /// What changes the node; `None` in a dry run.
    pub fn writer(&self) -> Option<&'a dyn Writer> {
        self.writer
    }

    /// What runs programs; `None` in a dry run, unless the program only looks. Guards look by definition.
    pub fn runner(&self, purpose: Purpose) -> Option<&'a dyn Runner> {
        let allowed = self.writer.is_some() || self.phase == Phase::Guard || purpose == Purpose::Look;
        let looks = self.phase == Phase::Guard || purpose == Purpose::Look;
        allowed.then_some(if looks { self.runner } else { self.acting })
    }

    /// Says something for people in the reply.
    pub fn note(&self, text: impl Into<String>) {
        self.notes.borrow_mut().push(text.into());
    }

    /// Something is missing that work before this one may make. A dry run cannot know and goes on with a
    /// note; a real run fails.
    pub fn not_yet(&self, fault: Fault) -> Result<(), Fault> {
        match self.mode {
            Mode::Apply => Err(fault),
            Mode::Check => {
                self.note(format!("not there yet: {}", fault.detail));
                Ok(())
            }
        }
    }

    /// Stops where nobody waits any more; for built-ins that do many small things.
    pub fn still_wanted(&self) -> Result<(), Fault> {
        match self.cancel.is_cancelled() {
            true => Err(Fault::new(FaultKind::Cancelled, "stopped between two changes")),
            false => Ok(()),
        }
    }

    /// Does `act` in a real run, and keeps what it changes, or in a dry run would.
    pub fn act(
        &self,
        changes: &mut Vec<Change>,
        new: impl IntoIterator<Item = Change>,
        act: impl FnOnce(&dyn Writer) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        if let Some(writer) = self.writer {
            self.still_wanted()?;
            act(writer)?;
        }
        changes.extend(new);
        Ok(())
    }
}

/// Carries out a built-in. A failure keeps what was changed before it.
pub fn dispatch(id: BuiltinId, ctx: &Context<'_>) -> Reply {
    let mut changes = Vec::new();
    let result = match id {
        BuiltinId::RunCmd => run::cmd::run(ctx),
        BuiltinId::RunScript => run::script::run(ctx),
        BuiltinId::FilesystemFile => filesystem::file::run(ctx, &mut changes),
        BuiltinId::FilesystemDir => filesystem::dir::run(ctx, &mut changes),
        BuiltinId::FilesystemLink => filesystem::link::run(ctx, &mut changes),
        BuiltinId::FilesystemLine => filesystem::line::run(ctx, &mut changes),
        BuiltinId::FilesystemAbsent => filesystem::absent::run(ctx, &mut changes),
        BuiltinId::FilesystemCopy => filesystem::copy::run(ctx, &mut changes),
        BuiltinId::Nop
        | BuiltinId::Sleep
        | BuiltinId::Wait
        | BuiltinId::Eval
        | BuiltinId::Parallel
        | BuiltinId::Concurrent
        | BuiltinId::Fork
        | BuiltinId::Async
        | BuiltinId::Join
        | BuiltinId::Apply
        | BuiltinId::Invoke
        | BuiltinId::Event
        | BuiltinId::Fire
        | BuiltinId::Bind
        | BuiltinId::Unbind
        | BuiltinId::React
        | BuiltinId::Schedule => {
            let detail = format!("{} is carried out by the machine, not by the host", ctx.args.row().name);
            Err(Fault::new(FaultKind::Unsupported, detail))
        }
        BuiltinId::Include | BuiltinId::Import | BuiltinId::Call | BuiltinId::Static | BuiltinId::Dynamic => {
            let detail = format!("{} is carried out by the compiler, not by the host", ctx.args.row().name);
            Err(Fault::new(FaultKind::Unsupported, detail))
        }
    };
    let mut reply = result.unwrap_or_else(Reply::failed);
    if !changes.is_empty() {
        reply.changed = true;
        reply.changes = changes;
    }
    let notes = ctx.notes.take();
    if !notes.is_empty() {
        let comment = std::mem::take(&mut reply.comment);
        let all: Vec<String> = [comment].into_iter().filter(|c| !c.is_empty()).chain(notes).collect();
        reply.comment = all.join("; ");
    }
    reply
}
