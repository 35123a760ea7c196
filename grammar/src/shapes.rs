//! The maps of the language that have fixed fields.
//!
//! One table: of each field its name, its type, its default and its meaning. Types are in the language of
//! [`crate::type_syntax`]; a field without a default and without `?` must be given. Unaware of where each map stands.

/// Calls `$m!` with every shape: meaning, variant, name, and of each field its meaning, name, type and default
/// (`"-"` where there is none).
#[macro_export]
macro_rules! for_each_shape {
    ($m:ident) => {
        $m! {
            /// How often and at what distance a body is tried again.
            Retry "retry" {
                /// Executions in total, at least 1.
                "attempts" "int" "2";
                /// The wait between two attempts.
                "interval" "duration" "30s";
                /// Judged after each attempt, with `result` and `attempt` visible: true ends the attempts; by default, whether the body succeeded.
                "until" "expr<bool>?" "-";
                /// A random number of whole seconds from 0 up to this is added to each interval.
                "splay" "duration" "0s";
            }
            /// The name of a task's outcome, and how the outcome is judged.
            Result "result" {
                /// The name under which later tasks read the record.
                "name" "str?" "-";
                /// Judged after each attempt, before `until`: true makes the attempt failed.
                "failed_if" "expr<bool>?" "-";
                /// Judged after each attempt, before `until`: decides whether the attempt changed something.
                "changed_if" "expr<bool>?" "-";
            }
            /// A block of `target`: nodes, and what holds on them besides what the label says.
            Target "target" {
                /// The nodes: an expression over the fields of a node, or a list of names and globs.
                "select" "expr<bool> | list<str>" "-";
                /// Variables over those of the label.
                "env" "map<str>?" "-";
                /// Arguments over those of the built-in.
                "args" "map<any>?" "-";
                /// Needs besides those of the label.
                "depends_on" "list<str>?" "-";
                /// Needs besides those of the label.
                "requires" "list<str>?" "-";
                /// Needs besides those of the label.
                "requires_any" "list<str>?" "-";
                /// Needs besides those of the label.
                "requires_none" "list<str>?" "-";
            }
            /// A command of `onlyif` or `unless`: true if it exits with 0. It has either `argv` or `cmd`.
            GuardCommand "guard_command" {
                /// Program and arguments, without a shell.
                "argv" "list<str>?" "-";
                /// The command in one text, taken apart into words, or given to a shell with `shell: true`.
                "cmd" "shell?" "-";
                /// Whether `cmd` is run by `/bin/sh`.
                "shell" "bool" "false";
                /// The folder it runs in.
                "cwd" "path?" "-";
                /// The time it may take; when it is over the guard cannot be evaluated and the task fails.
                "timeout" "duration" "30s";
            }
            /// What comes into a module or a procedure by a name. Its type alone is the short form.
            Input "in" {
                /// The type, as it is written in `spec/grammar.md`.
                "type" "str" "-";
                /// The value where none is given; without it one must be given.
                "default" "any" "-";
                /// What must hold of the value, judged at build.
                "check" "expr<bool>?" "-";
                /// Words for people.
                "doc" "str?" "-";
            }
            /// What a module or a procedure gives by a name. Its type alone is the short form.
            Output "out" {
                /// The type; by default that of the value.
                "type" "str?" "-";
                /// The value; without it, it is assigned by the `result` of a task or by a call it is given to.
                "value" "any" "-";
                /// Words for people.
                "doc" "str?" "-";
            }
            /// What comes in and goes out by one name. Its type alone is the short form.
            InOut "inout" {
                /// The type.
                "type" "str" "-";
                /// The value that comes in where none is given.
                "default" "any" "-";
                /// What must hold of the value that comes in, judged at build.
                "check" "expr<bool>?" "-";
                /// The value that goes out; without it, it is assigned as an `out` is, or else stays what came in.
                "value" "any" "-";
                /// Words for people.
                "doc" "str?" "-";
            }
            /// Another name for something that may be null.
            Pointer "ptr" {
                /// What it stands for.
                "to" "expr<any>" "-";
                /// Its type; by default that of the expression.
                "type" "str?" "-";
                /// Words for people.
                "doc" "str?" "-";
            }
            /// A procedure.
            Procedure "proc" {
                /// What it takes and gives.
                "declare" "map<any>?" "-";
                /// Its tasks by label.
                "do" "map<any>" "-";
                /// Words for people.
                "doc" "str?" "-";
            }
        }
    };
}

/// A field of a shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// Its type, as written in sources.
    pub ty: &'static str,
    /// Its default, as an expression.
    pub default: Option<&'static str>,
    /// What it means.
    pub doc: &'static str,
}

const fn default_of(written: &'static str) -> Option<&'static str> {
    match written.as_bytes() {
        b"-" => None,
        _ => Some(written),
    }
}

macro_rules! define_shapes {
    ($(#[doc = $doc:literal] $variant:ident $name:literal {
        $(#[doc = $field_doc:literal] $field:literal $ty:literal $default:literal;)*
    })*) => {
        /// A map with fixed fields.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Shape { $(#[doc = $doc] $variant,)* }

        impl Shape {
            /// All shapes.
            pub const ALL: &'static [Shape] = &[$(Shape::$variant),*];

            /// Its name in messages and on pages.
            pub const fn name(self) -> &'static str {
                match self { $(Shape::$variant => $name,)* }
            }

            /// What it means.
            pub fn doc(self) -> &'static str {
                match self { $(Shape::$variant => $doc.trim_ascii(),)* }
            }

            /// Its fields in the order of the pages.
            pub const fn fields(self) -> &'static [Field] {
                match self {
                    $(Shape::$variant => const {
                        &[$(Field {
                            name: $field,
                            ty: $ty,
                            default: default_of($default),
                            doc: $field_doc.trim_ascii(),
                        }),*]
                    },)*
                }
            }
        }
    };
}
for_each_shape!(define_shapes);

impl Shape {
    /// The field of a name.
    pub fn field(self, name: &str) -> Option<&'static Field> {
        self.fields().iter().find(|field| field.name == name)
    }
}

impl Shape {
    /// The fields, for a reader that knows exactly those of `names`, in this order.
    ///
    /// # Panics
    /// If the table has others. Meant for constants, where that is a failing build.
    pub const fn having(self, names: &[&str]) -> &'static [Field] {
        let fields = self.fields();
        assert!(fields.len() == names.len(), "the shape has fields the reader does not know, or lacks some");
        let mut i = 0;
        while i < names.len() {
            let (have, want) = (fields[i].name.as_bytes(), names[i].as_bytes());
            assert!(have.len() == want.len(), "the shape has another field than the reader knows");
            let mut at = 0;
            while at < want.len() {
                assert!(have[at] == want[at], "the shape has another field than the reader knows");
                at += 1;
            }
            i += 1;
        }
        fields
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{parse, parse_type};

    #[test]
    fn rows_are_well_formed() {
        for shape in Shape::ALL {
            assert!(shape.doc().ends_with('.'));
            for field in shape.fields() {
                let ty = parse_type(field.ty).map(|ty| ty.to_string());
                assert_eq!(ty.as_deref(), Ok(field.ty));
                assert!(field.doc.ends_with('.'), "{}", field.name);
                let problems = field.default.map(|text| parse(text).problems).unwrap_or_default();
                assert!(problems.is_empty(), "{}", field.name);
                assert_eq!(shape.field(field.name), Some(field));
            }
        }
        assert_eq!(Shape::Retry.field("attempts").and_then(|f| f.default), Some("2"));
        assert_eq!(Shape::Result.field("name").map(|f| f.default), Some(None));
    }
}
