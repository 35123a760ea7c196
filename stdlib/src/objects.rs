//! Which argument of a built-in names the object that it writes, so that two tasks that write one object can be told.
//!
//! A match without a default arm: a new built-in does not compile until it is said what it writes.

use crate::table::BuiltinId;

/// What a built-in writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Object {
    /// The kind of object; names of different kinds are different objects.
    pub kind: &'static str,
    /// The parameter that names it.
    pub param: &'static str,
    /// Whether it decides the whole object; built-ins that each see to a part of it are not in each other's way.
    pub whole: bool,
}

/// The object a built-in writes, if an argument names it.
pub const fn object(id: BuiltinId) -> Option<Object> {
    match id {
        BuiltinId::FilesystemFile
        | BuiltinId::FilesystemDir
        | BuiltinId::FilesystemLink
        | BuiltinId::FilesystemAbsent
        | BuiltinId::FilesystemCopy => Some(Object { kind: "path", param: "path", whole: true }),
        BuiltinId::FilesystemLine => Some(Object { kind: "path", param: "path", whole: false }),
        BuiltinId::RunCmd
        | BuiltinId::RunScript
        | BuiltinId::Nop
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
        | BuiltinId::Schedule
        | BuiltinId::Include
        | BuiltinId::Import
        | BuiltinId::Call
        | BuiltinId::Dynamic
        | BuiltinId::Static => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::BUILTINS;

    #[test]
    fn objects_are_named_by_parameters() {
        for builtin in BUILTINS {
            if let Some(object) = object(builtin.id) {
                assert!(builtin.param(object.param).is_some(), "{} has no `{}`", builtin.name, object.param);
            }
        }
    }
}
