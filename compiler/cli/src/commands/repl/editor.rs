//! The line editor on a terminal: history over sessions, completion of names, hints of nothing.
//!
//! Unaware of: what a line means.

use super::{COMMANDS, Said, Session};
use crate::reference::terminal;
use ipcmm_spec::cli::Exit;
use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::DefaultHistory;
use rustyline::validate::Validator;
use rustyline::{Config, Context, Editor, Helper};
use std::path::PathBuf;

/// Lines of history that are kept.
const HISTORY: usize = 1000;

/// Runs a session until its end.
pub fn run(mut session: Session) -> Exit {
    let history = history();
    let config = Config::builder().max_history_size(HISTORY).map(|config| config.auto_add_history(true).build());
    let editor = config.and_then(Editor::<Names, DefaultHistory>::with_config);
    let mut editor = match editor {
        Ok(editor) => editor,
        Err(error) => return session.console.obstacle("terminal", &format!("cannot use the terminal: {error}")),
    };
    editor.set_helper(Some(Names::default()));
    if let Some(path) = &history {
        // The first session has none.
        let _ = editor.load_history(path);
    }
    session.console.aside(":help says what there is, :quit ends\n");
    let exit = loop {
        if let Some(helper) = editor.helper_mut() {
            helper.names = session.names();
        }
        match editor.readline("> ") {
            Ok(line) => match session.line(&line) {
                Said::More(Exit::Ok) => {}
                Said::More(exit) => break exit,
                Said::Enough => break Exit::Ok,
            },
            Err(ReadlineError::Interrupted) => {}
            Err(ReadlineError::Eof) => break Exit::Ok,
            Err(error) => break session.console.obstacle("terminal", &format!("cannot read the terminal: {error}")),
        }
    };
    if let Some(path) = &history {
        // A history that cannot be kept is no reason to fail.
        let _ = path.parent().map(std::fs::create_dir_all);
        let _ = editor.save_history(path);
    }
    exit
}

/// Where the history is kept: with the state of the user's programs.
fn history() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let state = set("XDG_STATE_HOME").or_else(|| set("HOME").map(|home| home.join(".local/state")))?;
    Some(state.join("ipcmm").join("repl-history"))
}

/// What can be completed.
#[derive(Default)]
struct Names {
    names: Vec<String>,
}

impl Completer for Names {
    type Candidate = String;

    fn complete(&self, line: &str, at: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<String>)> {
        let before = line.get(..at).unwrap_or("");
        let inside = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | ':');
        let start =
            before.rfind(|c| !inside(c)).map_or(0, |i| i + before[i..].chars().next().map_or(1, char::len_utf8));
        Ok((start, candidates(&before[start..], before.trim_start().starts_with(":doc"), &self.names)))
    }
}

/// Names that begin with a word, in order.
fn candidates(word: &str, everything: bool, own: &[String]) -> Vec<String> {
    let commands = COMMANDS.iter().map(|(command, ..)| (*command).to_owned()).filter(|_| word.starts_with(':'));
    let known = terminal::names().filter(|name| everything || terminal::in_expressions(name)).map(str::to_owned);
    let mut found: Vec<String> =
        commands.chain(known).chain(own.iter().cloned()).filter(|name| name.starts_with(word)).collect();
    found.sort();
    found.dedup();
    found
}

impl Hinter for Names {
    type Hint = String;
}
impl Highlighter for Names {}
impl Validator for Names {}
impl Helper for Names {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_place_are_completed() {
        let own = ["upper_case".to_owned()];
        assert_eq!(candidates("upp", false, &own), ["upper", "upper_case"]);
        assert!(candidates("facts.os.f", false, &own).contains(&"facts.os.family".to_owned()));
        assert_eq!(candidates("ipcmm.run", false, &own), Vec::<String>::new());
        assert!(candidates("ipcmm.run", true, &own).contains(&"ipcmm.run.cmd".to_owned()));
        assert_eq!(candidates(":t", false, &own), [":type"]);
    }
}
