//! One secret in memory. It has no way to be printed, and is wiped when nothing uses it any more.
//!
//! Unaware of: where it comes from, and what it is for.

use ipcmm_bytecode::Value;
use std::fmt;
use std::sync::Arc;
use zeroize::{Zeroize, Zeroizing};

/// A secret. It deliberately has neither `Display`, `Clone`, `PartialEq` nor a way into `serde`; `Debug` says nothing of it.
pub struct Secret(Arc<str>);

impl Secret {
    /// Takes a text over; the buffer it came in is wiped.
    pub fn new(text: &Zeroizing<String>) -> Secret {
        Secret(Arc::from(text.as_str()))
    }

    /// As the machine works with it. The text is shared, not copied.
    pub(super) fn value(&self) -> Value {
        Value::Str(self.0.clone())
    }

    /// The text, for whoever has to find it in others.
    pub(super) fn text(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(super::HIDDEN)
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        // A value of the run that still shares it keeps it alive; the run is over before its vault is.
        if let Some(text) = Arc::get_mut(&mut self.0) {
            text.zeroize();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_does_not_show_itself() {
        let secret = Secret::new(&Zeroizing::new("hunter2".to_owned()));
        assert_eq!(format!("{secret:?} {:?}", Some(&secret)), "[secret] Some([secret])");
        assert_eq!(secret.value(), Value::str("hunter2"));
    }
}
