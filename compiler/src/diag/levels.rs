//! Levels: what a project or a command line makes of warnings.
//!
//! Only warnings have levels; an error is an error everywhere. Unaware of: where levels are written.

use super::suggest::nearest;
use super::{Code, Diagnostics, Severity};
use crate::lint;
use std::collections::BTreeMap;

/// What becomes of a warning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// It is not reported.
    Allow,
    /// It is reported.
    Warn,
    /// It is an error.
    Deny,
}

impl Level {
    /// All levels, the mildest first.
    pub const ALL: &'static [Level] = &[Level::Allow, Level::Warn, Level::Deny];

    /// The word in manifests.
    pub const fn name(self) -> &'static str {
        match self {
            Level::Allow => "allow",
            Level::Warn => "warn",
            Level::Deny => "deny",
        }
    }

    /// The level of a word.
    pub fn from_name(name: &str) -> Option<Level> {
        Level::ALL.iter().copied().find(|level| level.name() == name)
    }
}

/// The name that stands for all warnings.
pub const WARNINGS: &str = "warnings";

/// Why a level cannot be set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What is wrong with the name.
    pub message: String,
    /// The name that was probably meant.
    pub near: Option<&'static str>,
}

/// The levels of a build.
#[derive(Clone, Debug, Default)]
pub struct Levels {
    given: BTreeMap<Code, Level>,
    warnings: Option<Level>,
    style: bool,
}

impl Levels {
    /// The levels of `ipcmmc lint`: lints of style have the level of their table; elsewhere they are allowed.
    pub fn linting() -> Levels {
        Levels { style: true, ..Levels::default() }
    }

    /// Switches the lints of style on.
    pub fn lint(&mut self) {
        self.style = true;
    }

    /// Sets the level of a warning by its name or code, or that of all that are warnings with [`WARNINGS`].
    ///
    /// # Errors
    /// If there is no warning of that name, or it is an error.
    pub fn set(&mut self, name: &str, level: Level) -> Result<(), Refusal> {
        if name == WARNINGS {
            self.warnings = Some(level);
            return Ok(());
        }
        self.given.insert(warning(name)?, level);
        Ok(())
    }

    /// Lets other levels win over these.
    pub fn overlay(&mut self, stronger: &Levels) {
        self.given.extend(&stronger.given);
        self.warnings = stronger.warnings.or(self.warnings);
        self.style |= stronger.style;
    }

    /// The level of a warning.
    pub fn of(&self, code: Code) -> Level {
        let usual = match lint::default_level(code) {
            Some(_) if !self.style => Level::Allow,
            Some(level) => level,
            None => Level::Warn,
        };
        match (self.given.get(&code).copied().unwrap_or(usual), self.warnings) {
            // Whoever denies warnings means those that are there, however they came to be warnings.
            (Level::Warn, Some(all)) => all,
            (level, _) => level,
        }
    }

    /// Drops what is allowed and makes errors of what is denied.
    pub fn judge(&self, diagnostics: &mut Diagnostics) {
        diagnostics.retain(|d| {
            if d.code.severity() == Severity::Error {
                return true;
            }
            let level = self.of(d.code);
            d.raised = (level == Level::Deny).then_some(Severity::Error);
            level != Level::Allow
        });
    }
}

/// The warning of a name or code.
///
/// # Errors
/// If there is none, or it is an error.
pub fn warning(name: &str) -> Result<Code, Refusal> {
    let refuse = |message: String, near| Err(Refusal { message, near });
    match Code::parse(name) {
        Some(code) if code.severity() == Severity::Warning => Ok(code),
        Some(code) => refuse(format!("`{}` is an error; only warnings have levels", code.name()), None),
        None => {
            let warnings = Code::ALL.iter().filter(|c| c.severity() == Severity::Warning).map(|c| c.name());
            let near = nearest(name, warnings.chain([WARNINGS]));
            refuse(format!("there is no warning `{}`", name.escape_debug()), near)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Diagnostic;

    #[test]
    fn a_level_is_what_was_said_last_and_groups_take_warnings_only() {
        let mut levels = Levels::default();
        assert_eq!(levels.of(Code::NoReaction), Level::Warn);
        assert_eq!(levels.of(Code::WorldWritable), Level::Allow);
        assert_eq!(Levels::linting().of(Code::WorldWritable), Level::Warn);
        assert_eq!(levels.set("C2018", Level::Deny), Ok(()));
        assert_eq!(levels.set("no-reaction", Level::Allow), Ok(()));
        assert_eq!(levels.set(WARNINGS, Level::Deny), Ok(()));
        assert_eq!(levels.of(Code::NoReaction), Level::Allow);
        assert_eq!(levels.of(Code::EmptyGuard), Level::Deny);
        assert_eq!(levels.of(Code::WorldWritable), Level::Allow);
        assert_eq!(levels.set("world-writable", Level::Warn), Ok(()));
        assert_eq!(levels.of(Code::WorldWritable), Level::Deny);
    }

    #[test]
    fn names_that_have_no_level_are_refused() {
        let refused = |name: &str| Levels::default().set(name, Level::Allow).err().map(|r| (r.message, r.near));
        assert_eq!(refused("no-raection"), Some(("there is no warning `no-raection`".into(), Some("no-reaction"))));
        assert_eq!(refused("syntax"), Some(("`syntax` is an error; only warnings have levels".into(), None)));
        assert_eq!(refused("warning").and_then(|(_, near)| near), Some(WARNINGS));
    }

    #[test]
    fn what_is_denied_is_an_error_and_counts_as_one() {
        let mut diagnostics = Diagnostics::default();
        for code in [Code::NoReaction, Code::EmptyGuard, Code::DuplicateTarget, Code::Syntax] {
            diagnostics.push(Diagnostic::unplaced(code, ""));
        }
        let mut levels = Levels::default();
        levels.set("no-reaction", Level::Deny).expect("it is a warning");
        levels.set("empty-guard", Level::Allow).expect("it is a warning");
        levels.judge(&mut diagnostics);
        let left: Vec<_> = diagnostics.iter().map(|d| (d.code, d.severity())).collect();
        let expected = [
            (Code::NoReaction, Severity::Error),
            (Code::DuplicateTarget, Severity::Warning),
            (Code::Syntax, Severity::Error),
        ];
        assert_eq!((left, diagnostics.errors()), (expected.to_vec(), 2));
    }
}
