//! A dry run of a built-in of which not everything is known: arguments that a run will compute, a user, or objects that
//! tasks before it change, so that what is found there now is not what a run will find.
//!
//! The built-in is asked with what is known, and the rest is named: nothing is to happen that was not. Unaware of: what
//! a change means for other tasks. Start reading at [`Partly::of`].

use crate::args::{Args, unknown_data};
use crate::system::Reader;
use ipcmm_bytecode::Value;
use ipcmm_stdlib::{Builtin, BuiltinId, objects};
use ipcmm_vm::host::{Call, Change, ChangeKind, Phase, Reply, UNKNOWN_OBJECT};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// What is not known of a call.
pub(crate) struct Partly {
    row: &'static Builtin,
    phase: Phase,
    /// The call with what is known.
    pub(crate) known: Call,
    /// Arguments that are not known.
    unknown: Vec<&'static str>,
    /// What it looks at is another thing by then.
    stale: bool,
    /// Directories above its object that are not there, and that it makes.
    missing: Vec<String>,
}

impl Partly {
    /// What is not known of a call in a dry run; `None` if all is.
    pub(crate) fn of(row: &'static Builtin, call: &Call, look: &dyn Reader) -> Option<Partly> {
        let args = Args::new(row, &call.args);
        let unknown = args.unknown();
        let stale = is_stale(row, call, &args, look);
        if unknown.is_empty() && !stale && !call.blind {
            return None;
        }
        let told = is_program(row.id);
        let known = call.args.iter().filter_map(|(number, value)| {
            let name = row.params.get(usize::from(*number)).map_or("", |p| p.name);
            match value {
                // There is nothing to be judged yet.
                _ if name == "validate" && !unknown.is_empty() => None,
                // What decides whether it runs says nothing any more: it is asked as if it ran.
                _ if told && stale && matches!(name, "creates" | "removes") => None,
                value if !value.has_unknown() => Some((*number, value.clone())),
                // The words of a command are only shown.
                Value::Unknown if told && matches!(name, "command" | "script") => {
                    Some((*number, Value::str(UNKNOWN_OBJECT)))
                }
                Value::Unknown if told && name == "argv" => {
                    Some((*number, Value::list(vec![Value::str(UNKNOWN_OBJECT)])))
                }
                Value::List(items) if told && matches!(name, "argv" | "args") => {
                    let word =
                        |item: &Value| if item.has_unknown() { Value::str(UNKNOWN_OBJECT) } else { item.clone() };
                    Some((*number, Value::list(items.iter().map(word).collect())))
                }
                _ => None,
            }
        });
        let known = Call { args: known.collect(), runas: call.runas.clone().filter(|_| !call.blind), ..call.clone() };
        let missing = missing(row, &Args::new(row, &known.args), look);
        Some(Partly { row, phase: call.phase, known, unknown, stale, missing })
    }

    /// The answer without asking the built-in, where it must not be asked or could not know.
    pub(crate) fn at_once(&self) -> Option<Reply> {
        let comment = self.comment();
        let probe = is_program(self.row.id)
            && Args::new(self.row, &self.known.args).given("probe") == Some(&Value::Bool(true))
            && !self.unknown.contains(&"probe");
        match self.phase {
            // A guard has no verdict then, neither yes nor no.
            Phase::Guard => Some(Reply { comment, ..Reply::unchanged(Value::Unknown) }),
            // What only looks would look at something else.
            Phase::Body | Phase::Reaction if probe => {
                Some(Reply { comment, ..Reply::unchanged(unknown_data(self.row)) })
            }
            Phase::Body | Phase::Reaction => None,
        }
    }

    /// What is foreseen, given what the built-in says of what is known.
    pub(crate) fn told(&self, said: Reply) -> Reply {
        let args = Args::new(self.row, &self.known.args);
        let mut changes = if said.fault.is_some() { Vec::new() } else { said.changes };
        let object = objects::object(self.row.id);
        let path = object.and_then(|object| args.given(object.param)).and_then(Value::as_str);
        let decides = |name: &&&str| matches!(**name, "creates" | "removes" | "probe");
        let program = is_program(self.row.id);
        for change in &mut changes {
            if change.property == "content" && self.unknown.iter().any(|name| matches!(*name, "content" | "source")) {
                // What was foreseen of it is that there is nothing.
                (change.after, change.diff) = (None, None);
            }
            change.may |= match program {
                true => self.stale || self.unknown.iter().any(|name| decides(&name)),
                // What is not there yet is made in any case.
                false => self.stale || change.kind != ChangeKind::Create,
            };
        }
        let made = |change: &Change| !change.may && path == Some(change.object.as_str());
        if program && changes.is_empty() && said.fault.is_some() {
            changes.push(possible(ChangeKind::Run, UNKNOWN_OBJECT.to_owned()));
        } else if object.is_some() && !changes.iter().any(made) {
            let parents = args.given("parents") == Some(&Value::Bool(true));
            if changes.is_empty() {
                // It did not come to them.
                changes.extend(self.missing.iter().map(|dir| possible(ChangeKind::Create, dir.clone())));
            }
            if let (Some(path), Some(touched), true) = (path, &self.known.touched, self.stale && parents) {
                // Directories above it may be gone by then.
                let above = Path::new(path).ancestors().skip(1).filter_map(Path::to_str);
                let gone = above.filter(|dir| *dir != "/" && touched.at(dir));
                changes.extend(gone.map(|dir| possible(ChangeKind::Create, dir.to_owned())));
            }
            if let (Some(path), Some(Value::Bool(true))) = (path, args.given("backup")) {
                changes.push(possible(ChangeKind::Create, format!("{path}.bak")));
            }
            let gone = self.row.id == BuiltinId::FilesystemAbsent;
            let kind = if gone { ChangeKind::Remove } else { ChangeKind::Update };
            changes.push(possible(kind, path.unwrap_or(UNKNOWN_OBJECT).to_owned()));
        }
        let comment = match said.comment.as_str() {
            "" => self.comment(),
            said => format!("{said}; {}", self.comment()),
        };
        Reply { comment, ..Reply::changes(changes, unknown_data(self.row)) }
    }

    fn comment(&self) -> String {
        match self.stale {
            true => "depends on what tasks before it change".into(),
            false => "depends on values known after apply".into(),
        }
    }
}

/// Directories above the object of a call that are not there, where it makes what is missing.
fn missing(row: &'static Builtin, args: &Args<'_>, look: &dyn Reader) -> Vec<String> {
    let path = objects::object(row.id).and_then(|object| args.given(object.param)).and_then(Value::as_str);
    let (Some(path), Some(Value::Bool(true))) = (path, args.given("parents")) else { return Vec::new() };
    let above = Path::new(path).ancestors().skip(1);
    // Where nobody may look, nobody can make anything either.
    let absent = above.take_while(|dir| matches!(look.lstat(dir), Ok(None)));
    absent.filter_map(Path::to_str).map(str::to_owned).collect()
}

fn is_program(id: BuiltinId) -> bool {
    matches!(id, BuiltinId::RunCmd | BuiltinId::RunScript)
}

/// Links that are followed on the way to one object, as the kernel does.
const LINKS: u32 = 40;

/// Where a path leads: links followed as far as there is something. What is not there is where its name says.
pub(crate) fn followed(look: &dyn Reader, path: &str) -> String {
    let mut todo: Vec<OsString> = Path::new(path).components().rev().map(|c| c.as_os_str().to_owned()).collect();
    let (mut at, mut links) = (PathBuf::from("/"), 0);
    while let Some(name) = todo.pop() {
        match name.to_str() {
            Some("/" | ".") => continue,
            Some("..") => {
                at.pop();
                continue;
            }
            _ => at.push(&name),
        }
        let Some(target) = look.load(&at, 0).ok().flatten().and_then(|found| found.target) else { continue };
        links += 1;
        if links > LINKS {
            break;
        }
        at.pop();
        if target.is_absolute() {
            at = PathBuf::from("/");
        }
        todo.extend(target.components().rev().map(|c| c.as_os_str().to_owned()));
    }
    at.display().to_string()
}

/// A change of an object as a whole, with all that is below it, that may be made.
fn possible(kind: ChangeKind, object: String) -> Change {
    Change { kind, object, property: "", before: None, after: None, diff: None, may: true }
}

/// Whether something that the built-in looks at is another thing by then.
fn is_stale(row: &'static Builtin, call: &Call, args: &Args<'_>, look: &dyn Reader) -> bool {
    let Some(touched) = &call.touched else { return false };
    let at = |path: &str| touched.at(path) || touched.at(&followed(look, path));
    let at_or_below = |path: &str| touched.at_or_below(path) || touched.at_or_below(&followed(look, path));
    let given = |name: &str| args.given(name).and_then(Value::as_str);
    let looks = call.phase == Phase::Guard || args.given("probe") == Some(&Value::Bool(true));
    match row.id {
        // Nobody knows what a program that only looks looks at; its words are what can be told.
        BuiltinId::RunCmd | BuiltinId::RunScript if looks => {
            call.args.iter().any(|(_, value)| texts(value).iter().any(|text| at_or_below(text)))
        }
        BuiltinId::RunCmd | BuiltinId::RunScript => {
            call.phase == Phase::Body && ["creates", "removes"].into_iter().filter_map(given).any(at)
        }
        // They look at all that is below.
        BuiltinId::FilesystemAbsent | BuiltinId::FilesystemCopy => {
            ["path", "source"].into_iter().filter_map(given).any(at_or_below)
        }
        BuiltinId::FilesystemDir => {
            let all = ["recurse", "purge"].iter().any(|name| args.given(name) == Some(&Value::Bool(true)));
            given("path").is_some_and(|path| if all { at_or_below(path) } else { at(path) })
        }
        _ => given("path").is_some_and(at),
    }
}

/// The absolute paths among the words of a value.
fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::Str(text) => text.split_whitespace().filter(|word| word.starts_with('/') && *word != "/").collect(),
        Value::List(items) => items.iter().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}
