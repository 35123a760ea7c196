//! The VM's `Host` on a [`System`]: everything that is decided before a built-in starts.

use crate::args::Args;
use crate::builtins::{Context, dispatch, probe};
use crate::facts::Facts;
use crate::foresee::{self, Partly};
use crate::journal::Herald;
use crate::noting::Noting;
use crate::policy::{Policy, gate};
use crate::secrets::{self, Vault};
use crate::system::{System, User};
use ipcmm_bytecode::{Fault, FaultKind, Function, Value};
use ipcmm_stdlib::{Builtin, BuiltinId, by_number};
use ipcmm_vm::host::{Call, Cancel, Host, Mode, Reply};
use ipcmm_vm::outcome::TaskEnd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A node as the VM sees it. Facts are gathered once in its life.
pub struct SystemHost<S: System> {
    system: S,
    facts: Facts,
    /// Is told before a task changes something.
    herald: Option<Arc<dyn Herald>>,
    secrets: Vault,
    policy: Policy,
    /// A dry run has predicted a change, so that what is not there may still be made.
    predicted: AtomicBool,
}

impl<S: System> SystemHost<S> {
    /// The host of a system.
    pub fn new(system: S) -> SystemHost<S> {
        SystemHost {
            system,
            facts: Facts::default(),
            herald: None,
            secrets: Vault::default(),
            policy: Policy::everything(),
            predicted: AtomicBool::new(false),
        }
    }

    /// The same host, which announces changes.
    pub fn announcing(self, herald: Arc<dyn Herald>) -> SystemHost<S> {
        SystemHost { herald: Some(herald), ..self }
    }

    /// The same host, which does no more than a policy allows.
    pub fn under(self, policy: Policy) -> SystemHost<S> {
        SystemHost { policy, ..self }
    }

    /// The system behind it.
    pub fn system(&self) -> &S {
        &self.system
    }

    fn attempt(&self, call: &Call, cancel: &Cancel) -> Result<Reply, Fault> {
        let Some(row) = by_number(call.builtin) else {
            return Err(Fault::new(FaultKind::UnknownBuiltin, format!("number {}", call.builtin)));
        };
        if cancel.is_cancelled() {
            return Err(Fault::new(FaultKind::Cancelled, ""));
        }
        let args = Args::new(row, &call.args);
        gate::call(&self.policy, &self.system, &args, call)?;
        // Before all else, so that a dry run and a guard name an unknown user, too.
        let user = self.other_user(call)?;
        args.complete()?;
        if call.mode == Mode::Check
            && let Some(partly) = Partly::of(row, call, &self.system)
        {
            return Ok(partly.at_once().unwrap_or_else(|| {
                let said = self.carry_out(row, &partly.known, user.filter(|_| !call.blind), cancel);
                partly.told(said.unwrap_or_else(Reply::failed))
            }));
        }
        let unknown = args.unknown();
        if !unknown.is_empty() {
            let detail = format!("argument `{}` of {} has no value", unknown.join("`, `"), row.name);
            return Err(Fault::new(FaultKind::TypeMismatch, detail));
        }
        let mut reply = self.carry_out(row, call, user, cancel)?;
        if let Some(touched) = &call.touched {
            // A directory on the way may have been made by then.
            reply.changes.iter_mut().for_each(|change| change.may |= touched.at(&change.object));
        }
        Ok(reply)
    }

    /// Has a built-in done its work with arguments that are all known.
    fn carry_out(
        &self,
        row: &'static Builtin,
        call: &Call,
        user: Option<User>,
        cancel: &Cancel,
    ) -> Result<Reply, Fault> {
        let args = Args::new(row, &call.args);
        args.complete()?;
        // Commands take their user along; work on files is done by this thread, which must be that user.
        let _acting = match (row.id, &user) {
            (BuiltinId::RunCmd | BuiltinId::RunScript, _) | (_, None) => None,
            (_, Some(user)) => Some(self.system.impersonate(user)?),
        };
        let noting = Noting { system: &self.system, herald: self.herald.as_deref(), task: call.answers };
        let mut context = Context::new(&self.system, &noting, args, call, user.as_ref(), cancel);
        context.confidential = self.secrets.in_arguments(call);
        Ok(dispatch(row.id, &context))
    }

    /// The user the work is done as, if it is another one than the agent's own.
    fn other_user(&self, call: &Call) -> Result<Option<User>, Fault> {
        let Some(name) = call.runas.as_deref() else { return Ok(None) };
        let Some(user) = self.system.user(name)? else {
            return Err(Fault::new(FaultKind::UnknownUser, format!("user `{name}`, named by `runas`")));
        };
        match self.system.acting_uid() {
            own if own == user.uid => Ok(None),
            0 => Ok(Some(user)),
            own => {
                let own = self.system.user_by_id(own).ok().flatten().map_or_else(|| own.to_string(), |u| u.name);
                let detail = format!("only root can work as user `{name}`; this runs as `{own}`");
                Err(Fault::new(FaultKind::PermissionDenied, detail))
            }
        }
    }
}

impl<S: System> Host for SystemHost<S> {
    fn call(&self, call: &Call, cancel: &Cancel) -> Reply {
        let reply = self.attempt(call, cancel).unwrap_or_else(Reply::failed);
        if call.mode == Mode::Check && reply.changed {
            self.predicted.store(true, Ordering::Release);
        }
        // The one way out of the host: nothing behind it, results of tasks included, has ever held a secret.
        self.secrets.hide_reply(call, reply)
    }

    fn probe(&self, function: Function, args: &[Value]) -> Result<Value, Fault> {
        let allowed = gate::probe(&self.policy, &self.system, function, args);
        allowed
            .and_then(|()| probe::probe(&self.system, function, args))
            .map_err(|fault| self.secrets.hide_fault(fault))
    }

    fn secret(&self, address: &str, mode: Mode) -> Result<Value, Fault> {
        gate::secret(&self.policy, address)?;
        match self.secrets.fetch(address, &self.system)? {
            Some(secret) => Ok(secret),
            // The file of a secret may be made by work before it, which a dry run has not done.
            None if mode == Mode::Check && address.starts_with("file:") && self.predicted.load(Ordering::Acquire) => {
                Ok(Value::Unknown)
            }
            None => Err(secrets::missing(address)),
        }
    }

    fn hide_call(&self, call: &Call) -> Option<Call> {
        self.secrets.hide_call(call)
    }

    fn hide_end(&self, end: &TaskEnd) -> Option<TaskEnd> {
        self.secrets.hide_end(end)
    }

    fn followed(&self, path: &str) -> String {
        foresee::followed(&self.system, path)
    }

    fn fact(&self, path: &str) -> Result<Value, Fault> {
        self.facts.get(&self.system, path)
    }
}
