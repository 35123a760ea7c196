//! Everything that leaves a run, without secrets: replies, ends of tasks, calls, faults, values.
//!
//! Unaware of: who gets it. A new field of what leaves does not compile until it is said here what becomes of it.

use super::{HIDDEN, Matcher, Vault};
use ipcmm_bytecode::{Fault, Value};
use ipcmm_stdlib::BuiltinId;
use ipcmm_vm::host::{Call, Change, Reply};
use ipcmm_vm::outcome::TaskEnd;
use std::sync::Arc;

impl Vault {
    /// Takes the secrets out of what the host answers to a call.
    pub fn hide_reply(&self, call: &Call, reply: Reply) -> Reply {
        let Some(matcher) = self.matcher() else { return reply };
        let Reply { fault, changed, changes, comment, data } = reply;
        let mut changes = changes;
        let mut data = data;
        if bears_secret(&matcher, call) {
            changes.iter_mut().for_each(withhold_content);
            withhold_digest(call, &mut data);
        }
        let cut = data.get("truncated") == Some(&Value::Bool(true));
        Reply {
            fault: fault.map(|fault| of_fault(&matcher, fault)),
            changed,
            changes: changes.into_iter().map(|change| of_change(&matcher, change)).collect(),
            comment: own(&matcher, comment),
            data: of_value(&matcher, &data, cut).unwrap_or(data),
        }
    }

    /// Takes the secrets out of how a task ended; `None` if there is none in it.
    pub fn hide_end(&self, end: &TaskEnd) -> Option<TaskEnd> {
        let matcher = self.matcher()?;
        // The rest is numbers and words of tables.
        let TaskEnd { fault, changes, comment, data, .. } = end.clone();
        Some(TaskEnd {
            fault: fault.map(|fault| of_fault(&matcher, fault)),
            changes: changes.into_iter().map(|change| of_change(&matcher, change)).collect(),
            comment: own(&matcher, comment),
            data: of_value(&matcher, &data, false).unwrap_or(data),
            ..*end
        })
    }

    /// Takes the secrets out of a call, for whoever watches it; `None` if there is none in it.
    pub fn hide_call(&self, call: &Call) -> Option<Call> {
        let matcher = self.matcher()?;
        let args = call.args.iter().map(|(param, value)| {
            let hidden = of_value(&matcher, value, false);
            (*param, hidden.unwrap_or_else(|| value.clone()))
        });
        let env = call.env.iter().map(|(name, value)| (name.clone(), Arc::from(&*matcher.hide(value))));
        Some(Call {
            args: args.collect(),
            env: env.collect(),
            runas: call.runas.as_ref().map(|user| Arc::from(&*matcher.hide(user))),
            ..call.clone()
        })
    }

    /// Takes the secrets out of a fault.
    pub fn hide_fault(&self, fault: Fault) -> Fault {
        match self.matcher() {
            Some(matcher) => of_fault(&matcher, fault),
            None => fault,
        }
    }

    /// Whether an argument of a call holds a secret.
    pub fn in_arguments(&self, call: &Call) -> bool {
        self.matcher().is_some_and(|matcher| bears_secret(&matcher, call))
    }
}

fn bears_secret(matcher: &Matcher, call: &Call) -> bool {
    call.args.iter().any(|(_, value)| match value {
        Value::Str(text) => matcher.finds(text.as_bytes()),
        Value::Bytes(bytes) => matcher.finds(bytes),
        _ => false,
    })
}

/// Where a new content holds a secret, the old one may hold the secret of yesterday, which nobody can recognise; and a
/// hash of either would let a short secret be guessed. So removed lines and hashes are not told.
fn withhold_content(change: &mut Change) {
    if change.property != "content" {
        return;
    }
    for side in [&mut change.before, &mut change.after].into_iter().flatten() {
        if let Some((size, _)) = side.split_once(", blake3 ") {
            *side = size.to_owned();
        }
    }
    if let Some(diff) = &mut change.diff {
        let mut shown = String::with_capacity(diff.len());
        for (number, line) in diff.split_inclusive('\n').enumerate() {
            // The first two lines name the file.
            if number >= 2 && line.starts_with('-') {
                shown.push('-');
                shown.push_str(HIDDEN);
                shown.push('\n');
            } else {
                shown.push_str(line);
            }
        }
        *diff = shown;
    }
}

/// Of a file that holds a secret the hash is no part of the result.
fn withhold_digest(call: &Call, data: &mut Value) {
    if call.builtin == BuiltinId::FilesystemFile as u16
        && let Value::Map(fields) = data
        && let Some(hash) = Arc::make_mut(fields).get_mut("blake3")
        && *hash != Value::Unknown
    {
        *hash = Value::str(HIDDEN);
    }
}

fn own(matcher: &Matcher, text: String) -> String {
    match matcher.hide(&text) {
        std::borrow::Cow::Borrowed(_) => text,
        std::borrow::Cow::Owned(hidden) => hidden,
    }
}

/// Details of faults are cut in many places, and not all of them say so.
fn of_fault(matcher: &Matcher, fault: Fault) -> Fault {
    let Fault { kind, detail, place } = fault;
    Fault { kind, detail: matcher.hide_cut(&detail).into_owned(), place }
}

fn of_change(matcher: &Matcher, change: Change) -> Change {
    let Change { kind, object, property, before, after, diff, may } = change;
    let text = |text: Option<String>| text.map(|text| own(matcher, text));
    Change {
        kind,
        object: own(matcher, object),
        property,
        before: text(before),
        after: text(after),
        diff: text(diff),
        may,
    }
}

/// A value without secrets; `None` if there are none in it, so that the usual value is not built anew. `cut` says that
/// its texts may lack their end.
fn of_value(matcher: &Matcher, value: &Value, cut: bool) -> Option<Value> {
    match value {
        Value::Str(text) => {
            let hidden = if cut { matcher.hide_cut(text) } else { matcher.hide(text) };
            match hidden {
                std::borrow::Cow::Borrowed(_) => None,
                std::borrow::Cow::Owned(hidden) => Some(Value::str(hidden)),
            }
        }
        Value::Bytes(bytes) => matcher.hide_bytes(bytes).map(|bytes| Value::Bytes(bytes.into())),
        Value::List(items) => {
            let hidden: Vec<Option<Value>> = items.iter().map(|item| of_value(matcher, item, cut)).collect();
            hidden.iter().any(Option::is_some).then(|| {
                let pairs = hidden.into_iter().zip(items.iter());
                Value::list(pairs.map(|(hidden, item)| hidden.unwrap_or_else(|| item.clone())).collect())
            })
        }
        Value::Map(entries) => {
            let hidden: Vec<_> =
                entries.iter().map(|(key, item)| (matcher.hide(key), of_value(matcher, item, cut), item)).collect();
            let touched = |(key, item, _): &(std::borrow::Cow<'_, str>, Option<Value>, &Value)| {
                item.is_some() || matches!(key, std::borrow::Cow::Owned(_))
            };
            hidden.iter().any(touched).then(|| {
                let entries = hidden.iter().map(|(key, hidden, item)| {
                    (Arc::<str>::from(&**key), hidden.clone().unwrap_or_else(|| (*item).clone()))
                });
                Value::map(entries)
            })
        }
        Value::Null
        | Value::Unknown
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_)
        | Value::Duration(_)
        | Value::Range(..) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_looked_through_to_the_bottom() {
        let matcher = Matcher::new(["hunter2"].into_iter());
        let value = |text: &str| {
            Value::map([
                ("out", Value::list(vec![Value::str(text), Value::Int(1)])),
                (text, Value::Bytes(text.as_bytes().into())),
            ])
        };
        assert_eq!(of_value(&matcher, &value("a hunter2"), false), Some(value("a [secret]")));
        assert_eq!(of_value(&matcher, &value("a hunter"), false), None);
        assert_eq!(of_value(&matcher, &Value::str("a hunte"), true), Some(Value::str("a [secret]")));
    }

    #[test]
    fn what_a_secret_file_held_before_is_not_told() {
        let diff = "--- /f\n+++ /f\n@@ -1,2 +1,2 @@\n a\n-key = yesterday\n+key = today\n";
        let mut change = Change {
            kind: ipcmm_vm::ChangeKind::Update,
            object: "/f".into(),
            property: "content",
            before: Some("12 bytes, blake3 0123456789abcdef".into()),
            after: Some("12 bytes, blake3 0123456789abcdef".into()),
            may: false,
            diff: Some(diff.into()),
        };
        withhold_content(&mut change);
        assert_eq!((change.before.as_deref(), change.after.as_deref()), (Some("12 bytes"), Some("12 bytes")));
        assert_eq!(change.diff.unwrap(), diff.replace("key = yesterday", HIDDEN));
    }
}
