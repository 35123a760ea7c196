//! The functions that ask the node something. They look as any program would: links are followed whoever
//! made them, because nothing is done with what is found.

use crate::system::{Kind, Reader, SEARCH_PATH};
use ipcmm_bytecode::functions::Family;
use ipcmm_bytecode::functions::family::Probes;
use ipcmm_bytecode::{Fault, FaultKind, Function, Value};
use regex::bytes::RegexBuilder;
use std::path::Path;
use std::time::Duration;

/// Files larger than this are not searched.
const LARGEST: u64 = 64 << 20;
/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(2);

/// Answers a function of effect `read`. In a dry run an argument may be unknown; so is the answer then.
pub fn probe(look: &dyn Reader, function: Function, args: &[Value]) -> Result<Value, Fault> {
    if args.iter().any(Value::has_unknown) {
        return Ok(Value::Unknown);
    }
    let text = |n: usize| match args.get(n) {
        Some(Value::Str(text)) => Ok(&**text),
        other => {
            let found = other.map_or("missing", Value::type_name);
            Err(Fault::new(FaultKind::TypeMismatch, format!("argument {} of {} is {found}", n + 1, function.name())))
        }
    };
    let is = |follow: bool, kind: Kind| Ok(look.peek(Path::new(text(0)?), follow)?.is_some_and(|s| s.kind == kind));
    let Family::Probes(probe) = function.family() else {
        let detail = format!("{} is computed by the machine, not by the host", function.name());
        return Err(Fault::new(FaultKind::Unsupported, detail));
    };
    let answer = match probe {
        Probes::FsExists => look.peek(Path::new(text(0)?), false)?.is_some(),
        Probes::FsIsFile => is(true, Kind::File)?,
        Probes::FsIsDir => is(true, Kind::Dir)?,
        Probes::FsIsLink => is(false, Kind::Link)?,
        Probes::FsContains => {
            let wanted = text(1)?.as_bytes();
            let content = look.read(Path::new(text(0)?), LARGEST)?;
            content.is_some_and(|c| wanted.is_empty() || contains(&c, wanted))
        }
        Probes::FsMatches => matches(look, text(0)?, text(1)?)?,
        Probes::UserExists => look.user(text(0)?)?.is_some(),
        Probes::GroupExists => look.group(text(0)?)?.is_some(),
        Probes::CommandExists => command_exists(look, text(0)?),
        Probes::NetListens => {
            let port = match args.get(1) {
                Some(Value::Int(port)) => u16::try_from(*port).ok().filter(|p| *p > 0),
                _ => None,
            };
            let port = port.ok_or_else(|| Fault::new(FaultKind::BadArgument, "net.listens: it is no TCP port"))?;
            look.connects(text(0)?, port, CONNECT)
        }
    };
    Ok(Value::Bool(answer))
}

/// Whether a line of the file matches. The ends of a line are `^` and `$`, as in `filesystem.line`.
fn matches(look: &dyn Reader, path: &str, pattern: &str) -> Result<bool, Fault> {
    let built = RegexBuilder::new(pattern).build();
    let pattern = built.map_err(|e| Fault::new(FaultKind::BadPattern, e.to_string()))?;
    let Some(content) = look.read(Path::new(path), LARGEST)? else { return Ok(false) };
    let bare = |line: &[u8]| pattern.is_match(line.strip_suffix(b"\r").unwrap_or(line));
    let lines = content.strip_suffix(b"\n").unwrap_or(&content);
    Ok(!content.is_empty() && lines.split(|&b| b == b'\n').any(bare))
}

/// A search that skips to each place where the first byte fits.
fn contains(content: &[u8], wanted: &[u8]) -> bool {
    regex::bytes::Regex::new(&format!("(?-u){}", escape(wanted))).is_ok_and(|r| r.is_match(content))
}

/// The bytes as a pattern that matches just them.
fn escape(wanted: &[u8]) -> String {
    wanted.iter().map(|b| format!("\\x{b:02x}")).collect()
}

/// A program by its path, or on the search path that commands get.
fn command_exists(look: &dyn Reader, name: &str) -> bool {
    match name.strip_prefix('/') {
        Some(_) => look.is_program(Path::new(name)),
        None if name.is_empty() || name.contains('/') => false,
        None => SEARCH_PATH.split(':').any(|dir| look.is_program(&Path::new(dir).join(name))),
    }
}
