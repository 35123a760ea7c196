//! `ipcmm.run.script`: runs a script, which reaches its interpreter through memory and never a disk.

use super::execute;
use crate::args::Args;
use crate::builtins::Context;
use crate::system::Program;
use ipcmm_bytecode::{Fault, FaultKind, Value};
use ipcmm_vm::host::Reply;
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::sync::Arc;

/// As much of a `#!` line as the kernel looks at.
const HASHBANG: usize = 255;

/// See the table.
pub fn run(ctx: &Context<'_>) -> Result<Reply, Fault> {
    let text = match (ctx.args.opt_bytes("script")?, ctx.args.opt_bytes("source")?) {
        (Some(text), _) | (None, Some(text)) => text,
        (None, None) => return Err(ctx.args.bad("script", "there is none")),
    };
    let sha256 = Sha256::digest(text).iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    if let Some(promised) = ctx.args.opt_str("sha256")?
        && !promised.trim().eq_ignore_ascii_case(&sha256)
    {
        let detail = format!("the script has the SHA-256 {sha256}, not {}", promised.trim());
        return Err(Fault::new(FaultKind::HashRefused, detail));
    }
    let args = ctx.args.list_of_text("args")?;
    let interpreter = interpreter(&ctx.args, text)?;
    let words = words_of(&ctx.args)?;
    let program = Program::Script { interpreter: &interpreter, text, args: &args };
    let mut reply = execute(ctx, program, &super::shown(&words))?;
    if let Value::Map(fields) = &mut reply.data {
        Arc::make_mut(fields).insert("script_sha256".into(), Value::str(sha256));
    }
    Ok(reply)
}

fn interpreter(args: &Args<'_>, text: &[u8]) -> Result<Vec<String>, Fault> {
    match hashbang(text) {
        Some(words) => Ok(words),
        None => Ok(vec![args.str("interpreter")?.to_owned()]),
    }
}

/// The words of the command that runs a script; `(script)` stands for the script itself.
pub(crate) fn words_of(args: &Args<'_>) -> Result<Vec<String>, Fault> {
    let text = args.opt_bytes("script")?.or(args.opt_bytes("source")?).unwrap_or_default();
    let words = interpreter(args, text)?.into_iter().chain(["(script)".to_owned()]);
    Ok(words.chain(args.list_of_text("args")?).collect())
}

/// The interpreter a script names in its first line, with at most one argument: everything behind the first
/// blank is one word, as for the kernel.
fn hashbang(text: &[u8]) -> Option<Vec<String>> {
    let line = text.strip_prefix(b"#!")?;
    let line = line.split(|&b| b == b'\n').next()?;
    let line = String::from_utf8_lossy(&line[..line.len().min(HASHBANG - 2)]).into_owned();
    // The kernel trims blanks and tabs only; a carriage return belongs to the name, and the failure shows it.
    let line = line.trim_matches([' ', '\t']);
    let (program, argument) =
        line.split_once([' ', '\t']).map_or((line, ""), |(p, a)| (p, a.trim_start_matches([' ', '\t'])));
    let words: Vec<String> = [program, argument].into_iter().filter(|w| !w.is_empty()).map(str::to_owned).collect();
    (!words.is_empty()).then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_names_an_interpreter_with_one_argument() {
        for (text, words) in [
            ("#!/bin/sh\necho", Some(&["/bin/sh"][..])),
            ("#! /usr/bin/env  python3 -u \n", Some(&["/usr/bin/env", "python3 -u"])),
            ("#!\nx", None),
            ("echo", None),
            ("", None),
            ("#!/bin/sh\r\n", Some(&["/bin/sh\r"])),
        ] {
            assert_eq!(
                hashbang(text.as_bytes()).as_deref().map(|w| w.iter().map(String::as_str).collect()),
                words.map(<[&str]>::to_vec),
                "{text:?}"
            );
        }
    }
}
