//! The words of test documents: one table, from which reader, suggestions and pages are made.
//!
//! A word has a type in the type language of sources, so that values are read as everywhere else. A name in capitals
//! stands for the words of another group. Unaware of: what comes of a test.

use ipcmm_compiler::signatures::of_table;
use ipcmm_grammar::types::Type;
use ipcmm_vm::Outcome;
use std::fmt::Write;
use std::sync::OnceLock;

/// Calls `$m!` with every group of words: doc, variant, name in capitals, and for each word doc, name, whether this
/// version carries it out, and type.
#[macro_export]
macro_rules! for_each_test_word {
    ($m:ident) => {
        $m! {
            /// What a case says.
            Case "CASE" {
                /// What the case is about.
                "doc" now "str";
                /// Values of inputs, as `name: value` or `module/name: value`.
                "set" now "map<any>";
                /// The environment of the manifest whose inputs hold.
                "environment" now "str";
                /// Facts below `node.`, such as `name` and `address`.
                "node" now "map<any>";
                /// Facts below `facts.`, as nested maps or dotted keys. What is not said is as on a small Debian node.
                "facts" now "map<any>";
                /// What is there before the run: a path to its text, or to what it is.
                "files" now "map<script | FILE>";
                /// Users besides those of a Debian node: names, or a name to what is known of it.
                "users" now "list<str> | map<USER>";
                /// Groups besides those of users: names, or a name to its number.
                "groups" now "list<str> | map<int>";
                /// How commands end. The first entry that fits answers; a command without an entry fails the case.
                "commands" now "list<COMMAND>";
                /// TCP ports that accept connections.
                "listens" now "list<int>";
                /// What happens on the node while the run goes on, by its clock.
                "clock" now "list<MOMENT>";
                /// What goes wrong with files.
                "faults" now "list<FAULT>";
                /// Pretended secrets: an address, such as `env:NAME` or `file:/path`, to its text.
                "secrets" now "map<script>";
                /// Whether the case applies the configuration or only plans.
                "mode" now "'apply' | 'plan'";
                /// What may run beside what, as for `ipcmm apply`.
                "scheduler" now "'sequential' | 'as-written' | 'parallel'";
                /// Seed of everything random.
                "seed" now "int";
                /// Whether a second run must change nothing; without it, if `--twice` is given.
                "twice" now "bool";
                /// Whether a plan must name all that the apply changes; without it, if `--plan-first` is given.
                "plan_first" now "bool";
                /// Run these labels only, and all they wait for; `module/label` where a name is not enough.
                "only" now "list<str>";
                /// The module whose names `holds` may use without its name in front; without it the first.
                "module" now "str";
                /// What must come of it. Without a word about failures, nothing may fail.
                "expect" now "EXPECT";
            }
            /// What is expected.
            Expect "EXPECT" {
                /// Labels and how they end.
                "outcomes" now "map<OUTCOME>";
                /// Whether `outcomes` names all labels there are.
                "exact" now "bool";
                /// Labels in the order in which they start; others may start in between.
                "order" now "list<str>";
                /// What is there after the run: a path to its text, to `absent`, or to what is expected of it.
                "files" now "map<script | FOUND>";
                /// Exactly the commands that run, in order, as command lines; guards and validations are among them.
                "commands" now "list<script>";
                /// The objects that are changed, in any order, or `none`.
                "changes" now "'none' | list<str>";
                /// Expressions that are true after the run. They may read results, facts, and the node.
                "holds" now "script | list<script>";
                /// Problems by which the build fails: exactly these errors, and warnings if they are named.
                "diagnostics" now "list<str>";
                /// Whether the run fails; without it, it does if `outcomes` names a label that fails or is blocked.
                "fails" now "bool";
                /// How long the run takes by the clock of the pretended node, on which pauses and commands take time.
                "takes" now "duration";
            }
            /// A file, directory or link.
            File "FILE" {
                /// The text of a file.
                "content" now "script";
                /// It is a directory.
                "dir" now "bool";
                /// It is a symbolic link, and points there.
                "link" now "str";
                /// Permissions.
                "mode" now "mode";
                /// The owning user.
                "owner" now "str";
                /// The owning group.
                "group" now "str";
            }
            /// What is expected of a path.
            Found "FOUND" {
                /// Nothing is there.
                "absent" now "bool";
                /// The text of a file.
                "content" now "script";
                /// Texts that stand in the file.
                "contains" now "script | list<script>";
                /// A regular expression that is found in the file; `^` and `$` are the ends of a line.
                "matches" now "regex";
                /// It is a directory.
                "dir" now "bool";
                /// It is a symbolic link, and points there.
                "link" now "str";
                /// Permissions.
                "mode" now "mode";
                /// The owning user.
                "owner" now "str";
                /// The owning group.
                "group" now "str";
            }
            /// A user.
            User "USER" {
                /// Number of the user.
                "uid" now "int";
                /// Number of the primary group.
                "gid" now "int";
                /// Home directory.
                "home" now "path";
            }
            /// How a command ends.
            Command "COMMAND" {
                /// The command is exactly these words.
                "argv" now "list<str>";
                /// The command is this line, split into words, or handed to a shell.
                "cmd" now "script";
                /// The command is a script that holds this text.
                "script" now "script";
                /// The line of the command matches this regular expression.
                "matches" now "regex";
                /// Its exit status; 0 if unsaid.
                "rc" now "int";
                /// The signal that ends it.
                "signal" now "int";
                /// What it writes to standard output.
                "stdout" now "script";
                /// What it writes to standard error.
                "stderr" now "script";
                /// How long it runs.
                "takes" now "duration";
                /// What it makes: a path to its text, or to what it is.
                "writes" now "map<script | FILE>";
                /// What it takes away.
                "removes" now "list<path>";
                /// It answers from this time of the run on.
                "from" now "duration";
                /// It answers before this time of the run.
                "until" now "duration";
                /// How often this entry answers; then the next one that fits does.
                "times" now "int";
                /// It cannot be started, for this reason.
                "error" now "ERROR";
            }
            /// Something that happens at a time.
            Moment "MOMENT" {
                /// The time, from the start of the run.
                "at" now "duration";
                /// What is made: a path to its text, or to what it is.
                "writes" now "map<script | FILE>";
                /// What is taken away.
                "removes" now "list<path>";
                /// TCP ports that accept connections from then on.
                "listens" now "list<int>";
                /// TCP ports that do so no longer.
                "closes" now "list<int>";
            }
            /// Something that goes wrong with a path.
            Fault "FAULT" {
                /// Where.
                "path" now "path";
                /// What the operating system says.
                "error" now "ERROR";
                /// Whether it happens when the path is looked into, or when it is made, changed or removed (which is
                /// meant if unsaid).
                "op" now "'read' | 'write'";
                /// It happens from this time of the run on.
                "from" now "duration";
                /// It happens before this time of the run.
                "until" now "duration";
                /// At which such operation in this time only, from 1; at every one if unsaid.
                "at" now "int";
            }
        }
    };
}

/// A word of a test document.
#[derive(Clone, Copy, Debug)]
pub struct Word {
    /// As it is written.
    pub name: &'static str,
    /// Whether this version carries it out.
    pub is_there: bool,
    /// Its type, in which a name in capitals is a group.
    pub ty: &'static str,
    /// One sentence, or several.
    pub doc: &'static str,
}

macro_rules! is_there {
    (now) => {
        true
    };
    (later) => {
        false
    };
}

macro_rules! define_words {
    ($($(#[doc = $doc:literal])* $variant:ident $group:literal { $($(#[doc = $word_doc:literal])* $name:literal $status:ident $ty:literal;)* })*) => {
        /// A group of words: the keys of one kind of map.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Group { $($(#[doc = $doc])* $variant,)* }

        impl Group {
            /// All groups with the names that stand for them in types.
            pub const TABLE: &'static [(Group, &'static str, &'static str)] =
                &[$((Group::$variant, $group, concat!($($doc),*))),*];

            /// The words of a group.
            pub const fn words(self) -> &'static [Word] {
                match self { $(Group::$variant => &[
                    $(Word { name: $name, is_there: is_there!($status), ty: $ty, doc: concat!($($word_doc),*) }),*
                ],)* }
            }
        }
    };
}
for_each_test_word!(define_words);

/// What the operating system may say: name, kind of fault, words.
pub const ERRORS: &[(&str, ipcmm_bytecode::FaultKind, &str)] = {
    use ipcmm_bytecode::FaultKind as Kind;
    &[
        ("EACCES", Kind::PermissionDenied, "Permission denied"),
        ("EDQUOT", Kind::StorageFull, "Disk quota exceeded"),
        ("EIO", Kind::Io, "Input/output error"),
        ("ELOOP", Kind::UnsafePath, "Too many levels of symbolic links"),
        ("ENOENT", Kind::NotFound, "No such file or directory"),
        ("ENOMEM", Kind::Io, "Cannot allocate memory"),
        ("ENOSPC", Kind::StorageFull, "No space left on device"),
        ("EPERM", Kind::PermissionDenied, "Operation not permitted"),
        ("EROFS", Kind::ReadOnly, "Read-only file system"),
    ]
};

/// The type of a case.
pub fn case_type() -> &'static Type {
    static TYPE: OnceLock<Type> = OnceLock::new();
    TYPE.get_or_init(|| of_table(&record(Group::Case)))
}

/// The words of a group as the text of a record type; every field may be left out.
fn record(group: Group) -> String {
    let mut text = String::from("{");
    for (i, word) in group.words().iter().enumerate() {
        // Writing to a String cannot fail.
        let _ = write!(text, "{}{}: ({})?", if i == 0 { "" } else { ", " }, word.name, spelled(word.ty));
    }
    text + "}"
}

/// A type of the table with groups written out.
fn spelled(ty: &str) -> String {
    let mut text = ty.to_owned();
    for (group, name, _) in Group::TABLE {
        if text.contains(name) {
            text = text.replace(name, &record(*group));
        }
    }
    if text.contains("OUTCOME") {
        let names: Vec<String> = Outcome::TABLE.iter().map(|(_, name, _)| format!("'{name}'")).collect();
        text = text.replace("OUTCOME", &names.join(" | "));
    }
    if text.contains("ERROR") {
        let names: Vec<String> = ERRORS.iter().map(|(name, ..)| format!("'{name}'")).collect();
        text = text.replace("ERROR", &names.join(" | "));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_of_the_table_can_be_read() {
        for (group, name, doc) in Group::TABLE {
            assert!(!doc.is_empty());
            for word in group.words() {
                let text = spelled(word.ty);
                let ty = ipcmm_grammar::type_syntax::parse_type(&text);
                assert!(ty.is_ok(), "{name}.{}: {text}", word.name);
                assert!(word.doc.trim().ends_with('.'), "{name}.{}", word.name);
            }
        }
        assert!(matches!(case_type(), Type::Record(fields) if fields.len() == Group::Case.words().len()));
    }
}
