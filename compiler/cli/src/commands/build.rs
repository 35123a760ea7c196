//! `ipcmmc build`: sources become a bundle. Nothing is written if there is an error.

use super::check::is_human;
use crate::console::{self, count, exit_of, since};
use crate::project::{self, write_lock};
use crate::{outfile, report};
use clap::ArgMatches;
use ipcmm_bytecode::bundle::Bundle;
use ipcmm_compiler::diag::levels::Levels;
use ipcmm_compiler::diag::{Code, Diagnostic};
use ipcmm_compiler::world::disk::Disk;
use ipcmm_compiler::{Build, BuildOptions};
use ipcmm_spec::cli::{Binary, Exit, Flag, Operand, operands, path, switch, usage};
use ipcmm_spec::inspect::{hex, size};
use ipcmm_spec::terminal::{Stream, visible, write};
use serde_json::{Value, json};
use std::io::{self, IsTerminal};
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Carries the command out.
pub fn run(matches: &ArgMatches) -> Exit {
    let console = console::of(matches);
    let output = path(matches, Flag::Output);
    let to_stdout = output.as_deref() == Some(Path::new("-"));
    let human = is_human(matches);
    if to_stdout && (!human || io::stdout().is_terminal()) {
        let reason = match human {
            false => "`-o -` and a format for machines both want standard output",
            true => "a bundle is not written to a terminal; redirect it or name a file",
        };
        let _ = usage(Binary::Compiler, "build", reason).print();
        return Exit::Usage;
    }
    let start = Instant::now();
    let inputs = operands(matches, Operand::Paths);
    let options = BuildOptions { debug: !switch(matches, Flag::NoDebug), check_only: false };
    // The process ends with the command: taking all artefacts apart first would only cost time.
    let levels = match report::levels(matches, "build", Levels::default()) {
        Ok(levels) => levels,
        Err(exit) => return exit,
    };
    let opened = project::open(&Disk, matches, &inputs, &levels);
    let mut build = ManuallyDrop::new(ipcmm_compiler::build_with(&Disk, &inputs, options, opened.settings));
    let bundle = build.bundle.take().filter(|_| !build.diagnostics.has_errors());
    let target = output.unwrap_or_else(|| default_output(&build));
    if let Some(bytes) = bundle.as_deref().filter(|_| !to_stdout)
        && let Err(error) = outfile::write(&target, bytes)
    {
        let message = format!("cannot write {}: {error}", target.display());
        build.diagnostics.push(Diagnostic::unplaced(Code::Unwritable, message));
    }
    if !build.diagnostics.has_errors() && !switch(matches, Flag::Locked) {
        write_lock(opened.lock.as_ref(), &mut build.diagnostics);
    }
    let exit = exit_of(&build.diagnostics);
    let opened =
        bundle.as_deref().filter(|_| exit == Exit::Ok).and_then(|bytes| Bundle::open(bytes).ok().map(|b| (b, bytes)));
    let shown = report::document(matches, &build, |mut document| {
        document["bundle"] = opened.as_ref().map_or(Value::Null, |(bundle, bytes)| described(bundle, bytes, &target));
        document
    });
    if let Some(text) = shown {
        return console.say(&text, exit);
    }
    report::show(matches, &console, &build.diagnostics, &build.sources);
    let Some((bundle, bytes)) = opened else { return exit };
    if to_stdout {
        return console.written(write(Stream::Out, bytes), exit);
    }
    if console.quiet {
        return exit;
    }
    let mut said = String::new();
    if switch(matches, Flag::Verbose) {
        for (_, file) in build.sources.iter() {
            said.push_str(&format!(
                "read {}  {}\n",
                visible(&file.name, console.out.unicode),
                size(file.text.len() as u64)
            ));
        }
        for (section, rows, bytes) in bundle.sections() {
            said.push_str(&format!("  {:<16} {rows:>9} {:>9}\n", section.name(), size(bytes)));
        }
    }
    let dot = if console.out.unicode { "·" } else { "-" };
    said.push_str(&format!(
        "built {}  {} {dot} {} {dot} {} {dot} {}\n",
        visible(&target.display().to_string(), console.out.unicode),
        count(bundle.tasks().len(), "task"),
        size(bytes.len() as u64),
        count(build.graph.modules.len(), "module"),
        since(start)
    ));
    console.say(&said, exit)
}

/// `NAME.ipcb` of the bundle. A name from a file is no path.
fn default_output(build: &Build) -> PathBuf {
    let name: String =
        build.name.chars().map(|c| if c == '/' || c == '\\' || c.is_control() { '_' } else { c }).collect();
    let name = name.trim_start_matches('.');
    PathBuf::from(format!("{}.ipcb", if name.is_empty() { "bundle" } else { name }))
}

fn described(bundle: &Bundle<'_>, bytes: &[u8], target: &Path) -> Value {
    json!({
        "path": target.display().to_string(),
        "root": hex(&bundle.root()),
        "bytes": bytes.len(),
        "tasks": bundle.tasks().len(),
    })
}
