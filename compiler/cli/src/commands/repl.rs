//! `ipcmmc repl`: expressions one by one. On a terminal with history and completion; otherwise a line at a time from
//! standard input, so that it can be a part of a script.
//!
//! Start reading at [`Session::line`].

mod editor;

use super::explain::unknown;
use crate::console;
use crate::desk::Room;
use crate::reference::terminal::explanation;
use clap::ArgMatches;
use ipcmm_compiler::diag::Diagnostics;
use ipcmm_spec::cli::{Exit, Flag, path};
use ipcmm_spec::console::Console;
use ipcmm_spec::terminal::visible;
use std::io::{self, BufRead, IsTerminal};
use std::path::Path;

/// Words that begin a line that is no expression: word, what follows it, and what it does.
pub const COMMANDS: &[(&str, &str, &str)] = &[
    (":type", "EXPR", "the type of an expression, without its value"),
    (":explain", "EXPR", "the value with where each part of it comes from"),
    (":load", "PATH", "sees the names of a module"),
    (":facts", "FILE", "reads facts from a file"),
    (":doc", "NAME", "what a built-in, keyword, function, fact or code means"),
    (":names", "", "what is bound"),
    (":help", "", "this list"),
    (":quit", "", "ends; so does the end of the input"),
];

/// The most bytes of a line.
const LINE: u64 = 1 << 20;

/// Carries the command out.
pub fn run(matches: &ArgMatches) -> Exit {
    let console = console::of(matches);
    let mut session = Session { room: Room::new(matches), console, failed: false };
    if let Some(facts) = path(matches, Flag::Facts) {
        session.room.facts(&facts);
    }
    if let Some(module) = path(matches, Flag::Module) {
        session.room.load(&module);
    }
    session.complain();
    if io::stdin().is_terminal() { editor::run(session) } else { piped(session) }
}

/// Lines of standard input. Ends with a problem if any line had one.
fn piped(mut session: Session) -> Exit {
    let mut input = io::stdin().lock();
    loop {
        let mut line = Vec::new();
        match io::Read::take(&mut input, LINE).read_until(b'\n', &mut line) {
            Ok(0) => break,
            Ok(_) => {}
            Err(error) => {
                return session.console.obstacle("unreadable", &format!("cannot read standard input: {error}"));
            }
        }
        match session.line(&String::from_utf8_lossy(&line)) {
            Said::More(Exit::Ok) => {}
            Said::More(exit) => return exit,
            Said::Enough => break,
        }
    }
    if session.failed { Exit::Problems } else { Exit::Ok }
}

/// What becomes of the session after a line.
pub enum Said {
    /// It goes on, unless the answer could not be written.
    More(Exit),
    /// It ends.
    Enough,
}

/// A session under way.
pub struct Session {
    room: Room,
    console: Console,
    failed: bool,
}

impl Session {
    /// Names that can be completed now.
    pub fn names(&self) -> Vec<String> {
        self.room.desk.bindings.iter().map(|binding| binding.name.clone()).chain(self.results()).collect()
    }

    fn results(&self) -> impl Iterator<Item = String> + '_ {
        let tasks = self.room.desk.program.modules.iter().take(1).flat_map(|module| &module.tasks);
        tasks.filter_map(|task| task.result.as_ref().map(|(name, _)| name.clone()))
    }

    /// Carries out one line: a command, a binding, or an expression.
    pub fn line(&mut self, line: &str) -> Said {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            return Said::More(Exit::Ok);
        }
        if line.starts_with(':') {
            let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
            return self.command(word, rest.trim());
        }
        let (name, text) = match binding(line) {
            Some((name, text)) => (Some(name), text),
            None => (None, line),
        };
        let answer = self.room.ask(text, false);
        self.complain();
        let Some(answer) = answer else { return Said::More(Exit::Ok) };
        let said = match name {
            Some(name) => {
                let said = format!("{name} = {}", answer.human());
                self.room.desk.bind(name, answer.ty, answer.value);
                said
            }
            None => answer.human(),
        };
        self.say(&said)
    }

    fn command(&mut self, word: &str, rest: &str) -> Said {
        match word {
            ":quit" | ":q" => return Said::Enough,
            ":help" => {
                let mut text = String::from("an expression, or `name = expression`, or\n");
                for (word, takes, doc) in COMMANDS {
                    text.push_str(&format!("  {:<16} {doc}\n", format!("{word} {takes}").trim()));
                }
                return self.say(&text);
            }
            ":names" => {
                let bound = self.room.desk.bindings.iter().map(|b| format!("{} = {}  : {}\n", b.name, b.value, b.ty));
                let facts = self.room.desk.facts.len();
                let results = self.results().map(|name| format!("{name}  (result of a task)\n"));
                let text =
                    bound.chain(results).collect::<String>() + &format!("{} given\n", console::count(facts, "fact"));
                return self.say(&text);
            }
            _ => {}
        }
        let Some((_, takes, _)) = COMMANDS.iter().find(|(known, ..)| *known == word) else {
            return self.wrong(&format!("there is no command `{word}`; `:help` lists them"));
        };
        if rest.is_empty() {
            return self.wrong(&format!("`{word}` takes {takes}"));
        }
        match word {
            ":type" => {
                let ty = self.room.type_of(rest);
                self.complain();
                ty.map_or(Said::More(Exit::Ok), |ty| self.say(&format!("{ty}\n")))
            }
            ":explain" => {
                let answer = self.room.ask(rest, true);
                self.complain();
                answer.map_or(Said::More(Exit::Ok), |answer| self.say(&answer.human()))
            }
            ":load" => {
                let sound = self.room.load(Path::new(rest));
                self.complain();
                if !sound {
                    return Said::More(Exit::Ok);
                }
                let names: Vec<String> = self.results().collect();
                let tasks = self.room.desk.program.modules.iter().map(|module| module.tasks.len()).sum();
                let names = if names.is_empty() { String::new() } else { format!(": {}", names.join(", ")) };
                self.say(&format!("loaded {}{names}\n", console::count(tasks, "task")))
            }
            ":facts" => {
                let sound = self.room.facts(Path::new(rest));
                self.complain();
                let known = console::count(self.room.desk.facts.len(), "fact");
                if sound { self.say(&format!("{known} given\n")) } else { Said::More(Exit::Ok) }
            }
            _ => match explanation(rest) {
                Some(text) => self.say(&text),
                None => {
                    unknown(&self.console, rest);
                    self.failed = true;
                    Said::More(Exit::Ok)
                }
            },
        }
    }

    fn say(&self, text: &str) -> Said {
        let lines: String = text.lines().map(|line| visible(line, self.console.out.unicode) + "\n").collect();
        Said::More(self.console.say(&lines, Exit::Ok))
    }

    fn wrong(&mut self, message: &str) -> Said {
        self.console.complain(message);
        self.failed = true;
        Said::More(Exit::Ok)
    }

    /// Shows what was wrong, once.
    fn complain(&mut self) {
        let mut problems: Diagnostics = std::mem::take(&mut self.room.diagnostics);
        problems.sort();
        self.failed |= problems.has_errors();
        console::show(&self.console, &problems, &self.room.sources);
    }
}

/// `name = expression`, taken apart. A comparison is none.
fn binding(line: &str) -> Option<(&str, &str)> {
    let (name, text) = line.split_once('=')?;
    let name = name.trim();
    let mut letters = name.chars();
    let first = letters.next().is_some_and(|c| c.is_alphabetic() || c == '_');
    let is_name = first && letters.all(|c| c.is_alphanumeric() || c == '_') && name != "_";
    let taken = [
        "facts", "node", "results", "true", "false", "null", "not", "and", "or", "in", "matches", "match", "for", "if",
    ];
    (is_name && !taken.contains(&name) && !text.starts_with(['=', '>'])).then(|| (name, text.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_binding_is_no_comparison() {
        assert_eq!(binding("x = 1 == 2"), Some(("x", "1 == 2")));
        assert_eq!(binding("x == 1"), None);
        assert_eq!(binding("x => 1"), None);
        assert_eq!(binding("f(x) = 1"), None);
        assert_eq!(binding("not = 1"), None);
        assert_eq!(binding("1 <= 2"), None);
    }
}
