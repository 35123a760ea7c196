//! `ipcmmc test`: users' unit tests of their configuration, on pretended nodes.
//!
//! Unaware of: how a test is run; `ipcmm-testing` knows it. Here are flags, files and the terminal.

use crate::console::{self, exit_of, since};
use crate::outfile;
use clap::ArgMatches;
use ipcmm_compiler::diag::human::HumanOptions;
use ipcmm_compiler::diag::{Code, Diagnostic};
use ipcmm_compiler::world::disk::Disk;
use ipcmm_spec::cli::{Binary, Exit, Flag, Operand, Results, number, operands, path, switch, text, usage};
use ipcmm_testing::report::{Report, human, json, junit};
use ipcmm_testing::{Options, coverage, test};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Carries the command out.
pub fn run(matches: &ArgMatches) -> Exit {
    let console = console::of(matches);
    let start = Instant::now();
    let mut paths = operands(matches, Operand::Tests);
    if paths.iter().any(|path| path == Path::new("-")) {
        let _ =
            usage(Binary::Compiler, "test", "tests and their sources are files, and standard input is none").print();
        return Exit::Usage;
    }
    if paths.is_empty() {
        paths.push(PathBuf::from("."));
    }
    let options = Options {
        filter: text(matches, Flag::Filter),
        twice: switch(matches, Flag::Twice),
        plan_first: switch(matches, Flag::PlanFirst),
    };
    let mut report = test(&Disk, &paths, &options);
    let enough = enough(matches, &mut report);
    let written = path(matches, Flag::CoverageOut).is_none_or(|file| write(&file, &mut report));
    let exit = match exit_of(&report.diagnostics) {
        _ if !written => Exit::Environment,
        Exit::Ok if report.is_good() => Exit::Ok,
        Exit::Ok => Exit::RunFailed,
        // A share that is too low is no problem of any input.
        Exit::Problems if !enough && report.diagnostics.errors() == 1 => Exit::RunFailed,
        exit => exit,
    };
    let wanted = switch(matches, Flag::Coverage);
    match Results::of(matches) {
        Results::Json => console.json(&json::to_json(&report, wanted), exit),
        Results::Junit => console.say(&junit::render(&report), exit),
        Results::Human => {
            let shown = HumanOptions {
                color: console.err.color,
                width: console.err.columns(),
                unicode: console.err.unicode,
                quiet: console.quiet,
                ..HumanOptions::default()
            };
            console.aside(&human::problems(&report, shown));
            let mut out = String::new();
            if switch(matches, Flag::Verbose) {
                out.push_str(&human::list(&report, console.out.unicode));
            }
            if wanted {
                out.push_str(&coverage::table::render(&report.coverage));
            }
            let silent = console.quiet && exit == Exit::Ok;
            if !report.cases.is_empty() && !silent {
                let dot = if console.out.unicode { "·" } else { "-" };
                out.push_str(&format!("{} {dot} {}\n", human::summary(&report), since(start)));
            }
            console.say(&out, exit)
        }
    }
}

/// Whether the tests cover as much as they must; if not, that is a problem of the report.
fn enough(matches: &ArgMatches, report: &mut Report) -> bool {
    let Some(least) = number(matches, Flag::CoverageMin) else { return true };
    let share = report.coverage.share(|_| true);
    if share.percent() >= least as f64 {
        return true;
    }
    let (covered, total) = (share.covered, share.total);
    // Rounded down, so that no share looks like the one that is missed.
    let percent = (share.percent() * 10.0).floor() / 10.0;
    let message = format!("the tests cover {percent:.1} % ({covered} of {total}), and {least} % are wanted");
    let problem = Diagnostic::unplaced(Code::LowCoverage, message);
    report.diagnostics.push(problem.help("`--coverage` shows what they do not cover"));
    false
}

/// Writes coverage to a file; false if that cannot be done, which is reported.
fn write(file: &Path, report: &mut Report) -> bool {
    let json = file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    let text = match json {
        true => format!("{:#}\n", coverage::json::to_json(&report.coverage)),
        false => coverage::lcov::render(&report.coverage),
    };
    let Err(error) = outfile::write(file, text.as_bytes()) else { return true };
    let message = format!("cannot write {}: {error}", file.display());
    report.diagnostics.push(Diagnostic::unplaced(Code::Unwritable, message));
    false
}
