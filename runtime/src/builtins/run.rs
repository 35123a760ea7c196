//! What running a command and running a script have in common: guards, outcome, result.
//!
//! Arguments never pass through text: a word of a list is a word of the program, whatever it holds.

pub mod cmd;
pub mod script;
pub mod words;

use super::{Context, Purpose};
use crate::args::{data, unknown_data};
use crate::system::{Command, Ended, Finished, Program};
use ipcmm_bytecode::{Fault, FaultKind, Value};
use ipcmm_vm::host::{Change, ChangeKind, Phase, Reply};
use std::sync::Arc;
use std::time::Duration;

/// Lines of standard error that a failure shows, and the length of each.
const ERROR_LINES: usize = 10;
const ERROR_LINE: usize = 500;
/// The length up to which a command is shown.
const SHOWN: usize = 500;

/// A command as people read it: its words, quoted where a shell would need it.
pub(super) fn shown(words: &[String]) -> String {
    let mut line = words.iter().map(|w| words::quote(w)).collect::<Vec<_>>().join(" ");
    shorten(&mut line, SHOWN);
    line
}

/// Cuts a text at a character, and says so.
fn shorten(text: &mut String, length: usize) {
    if let Some((end, _)) = text.char_indices().nth(length) {
        text.truncate(end);
        text.push('…');
    }
}

/// Runs a program by the arguments that commands and scripts share. `line` is what people call it.
fn execute(ctx: &Context<'_>, program: Program<'_>, line: &str) -> Result<Reply, Fault> {
    let args = &ctx.args;
    let probe = args.bool("probe")?;
    let ok = args.list_of_int("ok_rc")?;
    let keep = match args.str("output")? {
        "discard" => None,
        "capture" => Some(usize::try_from(args.int("max_output")?.max(0)).unwrap_or(usize::MAX)),
        other => return Err(args.bad("output", format!("`{other}` is neither `capture` nor `discard`"))),
    };
    let limit = args.duration("timeout")?;
    let (creates, removes) = (args.opt_path("creates")?, args.opt_path("removes")?);
    // A guard is asked, a reaction demanded: only the body can be superfluous.
    if ctx.phase == Phase::Body {
        if let Some(path) = creates
            && ctx.look.peek(path, false)?.is_some()
        {
            return Ok(superfluous(format!("`{}` exists", path.display())));
        }
        if let Some(path) = removes
            && ctx.look.peek(path, false)?.is_none()
        {
            return Ok(superfluous(format!("`{}` does not exist", path.display())));
        }
    }
    let silent = probe || ctx.phase == Phase::Guard;
    let ran = Change {
        kind: ChangeKind::Run,
        object: line.to_owned(),
        property: "",
        before: None,
        after: None,
        diff: None,
        may: false,
    };
    let purpose = if probe { Purpose::Look } else { Purpose::Act };
    let Some(runner) = ctx.runner(purpose) else {
        ctx.note("would run");
        return Ok(Reply::changes(vec![ran], unknown_data(args.row())));
    };
    let command = Command {
        program,
        cwd: args.opt_path("cwd")?,
        env: ctx.env,
        stdin: args.opt_str("stdin")?.map(str::as_bytes),
        keep,
        timeout: Some(ctx.timeout.map_or(limit, |left| left.min(limit))),
        user: ctx.user,
    };
    let finished = runner.run(&command, ctx.cancel).map_err(|fault| match fault.kind {
        FaultKind::TimedOut | FaultKind::Cancelled => Fault::new(fault.kind, format!("`{line}`: {}", fault.detail)),
        _ => fault,
    })?;
    let fault = outcome(&finished, &ok, line).err();
    let changes = if silent { Vec::new() } else { vec![ran] };
    // The result is there even if the status was not expected: whoever handles the failure wants to see it.
    Ok(Reply { fault, ..Reply::changes(changes, result(finished)) })
}

/// Whether a command ended as it should; if not, how, and its last words.
pub(super) fn outcome(finished: &Finished, ok: &[i64], line: &str) -> Result<(), Fault> {
    let how = match finished.ended {
        Ended::Status(code) if ok.contains(&i64::from(code)) => return Ok(()),
        Ended::Status(code) => format!("ended with status {code}"),
        Ended::Signal(signal) => format!("was ended by signal {signal}"),
    };
    let mut detail = format!("`{line}` {how}");
    let errors = String::from_utf8_lossy(&finished.stderr);
    let lines: Vec<&str> = errors.lines().filter(|l| !l.trim().is_empty()).collect();
    for last in &lines[lines.len().saturating_sub(ERROR_LINES)..] {
        let mut last = (*last).to_owned();
        shorten(&mut last, ERROR_LINE);
        detail.push_str("\n  ");
        detail.push_str(&last);
    }
    Err(Fault::new(FaultKind::CommandFailed, detail))
}

/// The reply of a command that need not run.
fn superfluous(why: String) -> Reply {
    let data = data([
        ("rc", Value::Null),
        ("signal", Value::Null),
        ("stdout", Value::str("")),
        ("stderr", Value::str("")),
        ("truncated", Value::Bool(false)),
        ("run_time", Value::Duration(0)),
    ]);
    Reply { comment: why, ..Reply::unchanged(data) }
}

/// What came of a command, as its row says.
fn result(finished: Finished) -> Value {
    let (rc, signal) = match finished.ended {
        Ended::Status(code) => (Value::Int(code.into()), Value::Null),
        Ended::Signal(signal) => (Value::Null, Value::Int(signal.into())),
    };
    data([
        ("rc", rc),
        ("signal", signal),
        ("stdout", Value::Str(text(finished.stdout))),
        ("stderr", Value::Str(text(finished.stderr))),
        ("truncated", Value::Bool(finished.truncated)),
        ("run_time", Value::Duration(nanoseconds(finished.took))),
    ])
}

/// Output as text; bytes that are none become replacement characters.
fn text(bytes: Vec<u8>) -> Arc<str> {
    match String::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(e) => String::from_utf8_lossy(e.as_bytes()).into(),
    }
}

fn nanoseconds(time: Duration) -> i64 {
    i64::try_from(time.as_nanos()).unwrap_or(i64::MAX)
}
