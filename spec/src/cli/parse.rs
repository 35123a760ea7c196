//! From the rows to a parser and its completions, and from what it found back to values.
//!
//! Unaware of: what flags mean. Readers are total: a flag a command does not have reads as absent.

use super::tables::{Binary, Exit, Flag, Operand, Spot, Takes};
use super::{
    As, Color, Described, Fixes, Form, Format, Notation, Pages, Picture, Results, Scheduler, Shell, Sink, Stage, To,
};
use clap::builder::{PossibleValue, PossibleValuesParser, Styles, ValueParser, ValueRange};
use clap::error::ErrorKind;
use clap::{Arg, ArgAction, ArgMatches, Command, ValueHint, value_parser};
use std::io::Write;
use std::path::PathBuf;

/// The parser of a program.
pub fn command(binary: Binary) -> Command {
    let commands = binary.commands().into_iter().map(subcommand);
    Command::new(binary.name())
        .about(binary.doc())
        .version(env!("CARGO_PKG_VERSION"))
        .styles(Styles::plain().header(bold()).usage(bold()).error(bold().fg_color(Some(RED))).literal(bold()))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .after_help(exits())
        .subcommands(commands)
}

const RED: clap::builder::styling::Color = clap::builder::styling::Color::Ansi(clap::builder::styling::AnsiColor::Red);

fn bold() -> clap::builder::styling::Style {
    clap::builder::styling::Style::new().bold()
}

/// The exit codes as the last lines of the help.
fn exits() -> String {
    let mut text = String::from("Exit codes:\n");
    for (exit, doc) in Exit::TABLE {
        let first = doc.split(['.', ':', ';']).next().unwrap_or(doc);
        text.push_str(&format!("  {}  {first}\n", *exit as u8));
    }
    text
}

fn subcommand(spot: Spot) -> Command {
    let operands = spot.operands().iter().map(|operand| {
        let many = operand.many();
        Arg::new(operand.id())
            .value_name(operand.name())
            .help(operand.doc().trim_end_matches('.'))
            .required(operand.required())
            .num_args(ValueRange::new(1..=if many { usize::MAX } else { 1 }))
            .action(if many { ArgAction::Append } else { ArgAction::Set })
            .value_parser(parser(operand.takes()))
            .value_hint(if operand.takes() == Takes::Path { ValueHint::AnyPath } else { ValueHint::Unknown })
    });
    let flags = Flag::ALL.iter().filter(|flag| flag.commands().contains(&spot)).map(|flag| {
        let mut arg = Arg::new(flag.long()).long(flag.long()).help(flag.doc().trim_end_matches('.'));
        if let Some(short) = flag.short() {
            arg = arg.short(short);
        }
        match flag.takes() {
            Takes::Nothing => arg.action(ArgAction::SetTrue),
            Takes::Pair => arg.value_name(flag.value()).num_args(2).value_parser(parser(Takes::Text)),
            Takes::MaybeWord(words) => arg
                .value_name(flag.value())
                .value_parser(parser(flag.takes()))
                .num_args(0..=1)
                .require_equals(true)
                .default_missing_value(words.first().map_or("", |(word, _)| word)),
            takes @ (Takes::Paths | Takes::Texts) => {
                arg.value_name(flag.value()).value_parser(parser(takes)).action(ArgAction::Append)
            }
            takes => arg.value_name(flag.value()).value_parser(parser(takes)).default_values(flag.default()),
        }
    });
    Command::new(spot.name()).about(spot.doc().trim_end_matches('.')).args(operands).args(flags)
}

fn parser(takes: Takes) -> ValueParser {
    match takes {
        Takes::Nothing => ValueParser::bool(),
        Takes::Word(words) | Takes::MaybeWord(words) => {
            PossibleValuesParser::new(words.iter().map(|(word, meaning)| PossibleValue::new(*word).help(*meaning)))
                .into()
        }
        Takes::Number(least, most) => value_parser!(u64).range(least..=most).into(),
        Takes::Path | Takes::Paths => ValueParser::path_buf(),
        Takes::Text | Takes::Texts | Takes::Pair => ValueParser::string(),
    }
}

/// Writes the completion script of a program for a shell.
pub fn completions(binary: Binary, shell: Shell, out: &mut dyn Write) {
    let shell = match shell {
        Shell::Bash => clap_complete::Shell::Bash,
        Shell::Zsh => clap_complete::Shell::Zsh,
        Shell::Fish => clap_complete::Shell::Fish,
        Shell::Elvish => clap_complete::Shell::Elvish,
        Shell::PowerShell => clap_complete::Shell::PowerShell,
    };
    let mut out = out;
    clap_complete::generate(shell, &mut command(binary), binary.name(), &mut out);
}

/// A complaint about the command line that the table cannot express; it exits with [`Exit::Usage`].
pub fn usage(binary: Binary, subcommand: &str, message: &str) -> clap::Error {
    let mut command = command(binary);
    command.build();
    match command.find_subcommand_mut(subcommand) {
        Some(found) => found.error(ErrorKind::ValueValidation, message),
        None => command.error(ErrorKind::ValueValidation, message),
    }
}

/// Whether a switch is given.
pub fn switch(matches: &ArgMatches, flag: Flag) -> bool {
    matches.try_get_one(flag.long()).ok().flatten().copied().unwrap_or(false)
}

/// The path a flag gives.
pub fn path(matches: &ArgMatches, flag: Flag) -> Option<PathBuf> {
    matches.try_get_one(flag.long()).ok().flatten().cloned()
}

/// The text a flag gives.
pub fn text(matches: &ArgMatches, flag: Flag) -> Option<String> {
    matches.try_get_one(flag.long()).ok().flatten().cloned()
}

/// All paths a flag gives, in order.
pub fn paths(matches: &ArgMatches, flag: Flag) -> Vec<PathBuf> {
    matches.try_get_many(flag.long()).ok().flatten().map(|paths| paths.cloned().collect()).unwrap_or_default()
}

/// All texts a flag gives, in order.
pub fn texts(matches: &ArgMatches, flag: Flag) -> Vec<String> {
    matches.try_get_many(flag.long()).ok().flatten().map(|texts| texts.cloned().collect()).unwrap_or_default()
}

/// The number a flag gives.
pub fn number(matches: &ArgMatches, flag: Flag) -> Option<u64> {
    matches.try_get_one(flag.long()).ok().flatten().copied()
}

/// The two texts a flag gives.
pub fn pair(matches: &ArgMatches, flag: Flag) -> Option<(String, String)> {
    let mut given = matches.try_get_many::<String>(flag.long()).ok().flatten()?;
    Some((given.next()?.clone(), given.next()?.clone()))
}

/// The paths a command works on.
pub fn operands(matches: &ArgMatches, operand: Operand) -> Vec<PathBuf> {
    matches.try_get_many(operand.id()).ok().flatten().map(|paths| paths.cloned().collect()).unwrap_or_default()
}

/// The word or text a command works on.
pub fn operand(matches: &ArgMatches, operand: Operand) -> String {
    word(matches, operand.id()).unwrap_or_default().to_owned()
}

fn word<'m>(matches: &'m ArgMatches, id: &str) -> Option<&'m str> {
    matches.try_get_one::<String>(id).ok().flatten().map(String::as_str)
}

macro_rules! define_readers {
    ($($ty:ident $id:expr, $otherwise:expr;)*) => {$(
        impl $ty {
            /// What the command line says, or the default.
            pub fn of(matches: &ArgMatches) -> $ty {
                word(matches, $id).and_then($ty::from_word).unwrap_or($otherwise)
            }
        }
    )*};
}
define_readers! {
    Format Flag::Format.long(), Format::Human;
    Sink Flag::Report.long(), Sink::Human;
    Results Flag::Results.long(), Results::Human;
    Color Flag::Color.long(), Color::Auto;
    Scheduler Flag::Scheduler.long(), Scheduler::AsWritten;
    Stage Flag::Stage.long(), Stage::Doc;
    Picture Flag::Picture.long(), Picture::Dot;
    Notation Flag::Notation.long(), Notation::Yaml;
    Form Flag::Form.long(), Form::Human;
    Described Operand::Described.id(), Described::Sources;
    Shell Operand::Shell.id(), Shell::Bash;
}

impl To {
    /// The format the command line says, if it says one.
    pub fn of(matches: &ArgMatches) -> Option<To> {
        word(matches, Flag::To.long()).and_then(To::from_word)
    }
}

impl Pages {
    /// The form the command line says, if it says one.
    pub fn of(matches: &ArgMatches) -> Option<Pages> {
        word(matches, Flag::Pages.long()).and_then(Pages::from_word)
    }
}

impl As {
    /// The notation the command line says, if it says one.
    pub fn of(matches: &ArgMatches) -> Option<As> {
        word(matches, Flag::As.long()).and_then(As::from_word)
    }
}

impl Fixes {
    /// Which fixes the command line asks for, if it asks for any.
    pub fn of(matches: &ArgMatches) -> Option<Fixes> {
        word(matches, Flag::Fix.long()).and_then(Fixes::from_word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_make_sound_parsers() {
        for binary in Binary::ALL {
            command(*binary).debug_assert();
        }
    }

    #[test]
    fn every_flag_belongs_somewhere_and_has_a_sentence() {
        for flag in Flag::ALL {
            assert!(!flag.commands().is_empty(), "{flag:?}");
            assert!(flag.doc().ends_with('.'), "{flag:?}");
            assert_eq!(flag.value().is_empty(), flag.takes() == Takes::Nothing, "{flag:?}");
            if let (Takes::Word(words), Some(default)) = (flag.takes(), flag.default()) {
                assert!(words.iter().any(|(word, _)| *word == default), "{flag:?}");
            }
        }
    }

    #[test]
    fn values_are_read_back() {
        let line = ["ipcmm", "apply", "a", "b", "--scheduler", "parallel", "--seed", "7", "-v", "--root", "/tmp/x"];
        let matches = command(Binary::Operator).try_get_matches_from(line).expect("a good line");
        let (name, matches) = matches.subcommand().expect("a command");
        assert_eq!(name, "apply");
        assert_eq!(operands(matches, Operand::PathsOrBundle), [PathBuf::from("a"), PathBuf::from("b")]);
        assert_eq!(Scheduler::of(matches), Scheduler::Parallel);
        assert_eq!(Format::of(matches), Format::Human);
        assert_eq!(number(matches, Flag::Seed), Some(7));
        assert_eq!(number(matches, Flag::MaxParallel), None);
        assert_eq!(path(matches, Flag::Root), Some(PathBuf::from("/tmp/x")));
        assert!(switch(matches, Flag::Verbose) && !switch(matches, Flag::Quiet));
        let line = ["ipcmmc", "check", ".", "--set", "a=1", "--set", "b=2", "--inputs", "x.yaml", "--env", "prod"];
        let inputs = command(Binary::Compiler).try_get_matches_from(line).expect("a good line");
        let (_, inputs) = inputs.subcommand().expect("a command");
        assert_eq!(texts(inputs, Flag::Set), ["a=1", "b=2"]);
        assert_eq!(paths(inputs, Flag::Inputs), [PathBuf::from("x.yaml")]);
        assert_eq!(text(inputs, Flag::Env).as_deref(), Some("prod"));
        assert!(texts(matches, Flag::Set).is_empty() && text(matches, Flag::Env).is_none());
        // A flag of another command reads as absent.
        assert!(!switch(matches, Flag::NoDebug) && path(matches, Flag::Output).is_none());
    }

    #[test]
    fn a_wrong_line_exits_with_usage() {
        let wrong: [&[&str]; 4] = [
            &["ipcmmc", "biuld", "x"],
            &["ipcmmc", "check"],
            &["ipcmmc", "check", "x", "--format", "xml"],
            &["ipcmmc"],
        ];
        for line in wrong {
            let error = command(Binary::Compiler).try_get_matches_from(line).expect_err("a wrong line");
            assert_eq!(error.exit_code(), Exit::Usage as i32, "{line:?}");
        }
        assert_eq!(usage(Binary::Compiler, "dump", "no").exit_code(), Exit::Usage as i32);
    }

    #[test]
    fn completions_name_commands() {
        let mut out = Vec::new();
        completions(Binary::Compiler, Shell::Fish, &mut out);
        assert!(String::from_utf8_lossy(&out).contains("explain"));
    }
}
