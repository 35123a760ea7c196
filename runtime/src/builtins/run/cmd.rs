//! `ipcmm.run.cmd`: runs a command.

use super::{execute, shorten, shown, words};
use crate::builtins::Context;
use crate::system::Program;
use ipcmm_bytecode::Fault;
use ipcmm_vm::host::Reply;

/// See the table.
pub fn run(ctx: &Context<'_>) -> Result<Reply, Fault> {
    let shell = ctx.args.bool("shell")?;
    let (argv, line) = match (ctx.args.opt_list_of_str("argv")?, ctx.args.opt_str("cmd")?) {
        (Some(_), _) if shell => return Err(ctx.args.bad("shell", "a shell runs `cmd`, not `argv`")),
        (Some(argv), _) => {
            let line = shown(&argv);
            (argv, line)
        }
        (None, Some(cmd)) => {
            let mut line = cmd.trim_end().to_owned();
            shorten(&mut line, super::SHOWN);
            let argv = if shell { ["/bin/sh", "-c", cmd].map(str::to_owned).to_vec() } else { words::split(cmd)? };
            (argv, line)
        }
        (None, None) => (Vec::new(), String::new()),
    };
    if argv.is_empty() {
        return Err(ctx.args.bad(if ctx.args.has("argv") { "argv" } else { "cmd" }, "it names no program"));
    }
    execute(ctx, Program::Argv(&argv), &line)
}
