//! Secrets of a run: fetched through the door of the system when first needed, once each, and taken out of everything
//! that leaves the run.
//!
//! Unaware of: where secrets come from ([`System::secret`] knows), and what asks for them. What leaves is of three kinds:
//! replies of the host ([`Vault::hide_reply`]), what observers are told ([`veiled::Veiled`]), and single texts
//! ([`Vault::hide`]). Start reading at [`Vault`].

pub mod kept;
pub mod leaving;
pub mod matcher;
pub mod rules;
mod spellings;
pub mod veiled;

use crate::system::System;
use ipcmm_bytecode::secret::{Address, FORMS};
use ipcmm_bytecode::{Fault, FaultKind, Value};
pub use kept::Secret;
pub use matcher::{HIDDEN, Matcher};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// The secrets that were fetched. Dropped, their memory is wiped.
#[derive(Debug, Default)]
pub struct Vault {
    kept: Mutex<BTreeMap<String, Secret>>,
    matcher: RwLock<Option<Arc<Matcher>>>,
}

impl Vault {
    /// The secret at an address: from the vault, or else fetched. `None` if there is none. Whoever asks meanwhile waits,
    /// so that no secret is fetched twice; a failure is not kept, because the next attempt may find one.
    ///
    /// # Errors
    /// If the address cannot be read, or the secret is not kept safe.
    pub fn fetch(&self, address: &str, system: &dyn System) -> Result<Option<Value>, Fault> {
        let parsed = Address::parse(address)
            .map_err(|why| Fault::new(FaultKind::NoSecret, format!("`{address}`: {why}; it is written {FORMS}")))?;
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(secret) = kept.get(address) {
            return Ok(Some(secret.value()));
        }
        let Some(secret) = system.secret(&parsed)? else { return Ok(None) };
        let value = secret.value();
        kept.insert(address.to_owned(), secret);
        let matcher = Matcher::new(kept.values().map(Secret::text));
        *self.matcher.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(matcher));
        Ok(Some(value))
    }

    /// What finds the secrets that were fetched; `None` before the first one.
    pub fn matcher(&self) -> Option<Arc<Matcher>> {
        self.matcher.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A text without the secrets.
    pub fn hide<'t>(&self, text: &'t str) -> Cow<'t, str> {
        match self.matcher() {
            Some(matcher) => matcher.hide(text),
            None => Cow::Borrowed(text),
        }
    }
}

/// The fault of a secret that is not there.
pub fn missing(address: &str) -> Fault {
    let help = match Address::parse(address) {
        Ok(Address::Env(name)) => format!("the environment of the agent has no variable `{name}`"),
        Ok(Address::File(path)) => format!("there is no file `{path}`"),
        Err(why) => why.to_string(),
    };
    Fault::new(FaultKind::NoSecret, format!("`{address}`: {help}"))
}
