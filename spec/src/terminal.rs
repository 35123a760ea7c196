//! What all programs do alike with their surroundings: whether to use colours and line characters, how wide a line
//! is, writing to a pipe nobody reads any more, and what is said when a program is at fault itself.
//!
//! Unaware of: what is written. Libraries take these decisions as values; only binaries ask here.

use crate::cli::{Binary, Color};
use std::io::{self, IsTerminal, Write};
use std::panic::PanicHookInfo;

/// Columns assumed where nothing says how many there are.
const FALLBACK_WIDTH: usize = 100;

/// One of the two streams a program writes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Standard output: what was asked for.
    Out,
    /// Standard error: what went wrong, and progress.
    Err,
}

/// What the reader of a stream can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terminal {
    /// It is a terminal at all.
    pub interactive: bool,
    /// Use ANSI colours.
    pub color: bool,
    /// Use characters beyond ASCII.
    pub unicode: bool,
    /// Columns, if they are known; lines need not be cut where they are not.
    pub width: Option<usize>,
}

impl Terminal {
    /// The decision for a stream, by the flag, the environment and the stream itself. A variable that is not text reads
    /// as absent.
    pub fn of(stream: Stream, color: Color, env: &dyn Fn(&str) -> Option<String>) -> Terminal {
        let (interactive, size) = match stream {
            Stream::Out => (io::stdout().is_terminal(), terminal_size::terminal_size_of(io::stdout())),
            Stream::Err => (io::stderr().is_terminal(), terminal_size::terminal_size_of(io::stderr())),
        };
        let measured = size.map(|(width, _)| usize::from(width.0));
        decide(color, interactive, measured, env)
    }

    /// Columns to wrap text to.
    pub fn columns(&self) -> usize {
        self.width.unwrap_or(FALLBACK_WIDTH)
    }
}

fn decide(color: Color, interactive: bool, measured: Option<usize>, env: &dyn Fn(&str) -> Option<String>) -> Terminal {
    let set = |name: &str| env(name).filter(|value| !value.is_empty());
    let dumb = set("TERM").as_deref() == Some("dumb");
    let color = match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto if set("NO_COLOR").is_some() => false,
        Color::Auto if set("CLICOLOR_FORCE").is_some_and(|value| value != "0") => true,
        Color::Auto => interactive && !dumb && set("CLICOLOR").is_none_or(|value| value != "0"),
    };
    let columns = set("COLUMNS").and_then(|value| value.parse().ok()).filter(|columns| *columns > 0);
    Terminal {
        interactive: interactive && !dumb,
        color,
        unicode: unicode(&set) && !dumb,
        width: columns.or(measured.filter(|columns| interactive && *columns > 0)),
    }
}

/// A locale decides if there is one. Without any, as in services and containers, today's readers take UTF-8.
fn unicode(set: &dyn Fn(&str) -> Option<String>) -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| set(name));
    locale.is_none_or(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    })
}

/// Writes to a stream. A reader who has gone away has seen enough: that is no error.
///
/// # Errors
/// What the operating system says, such as a full disk behind a redirection.
pub fn write(stream: Stream, bytes: &[u8]) -> io::Result<()> {
    let done = match stream {
        Stream::Out => {
            let mut out = io::stdout().lock();
            out.write_all(bytes).and_then(|()| out.flush())
        }
        Stream::Err => io::stderr().lock().write_all(bytes),
    };
    match done {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        done => done,
    }
}

/// Makes a panic say that it is a defect of the program and what to do about it.
pub fn own_up(binary: Binary) {
    std::panic::set_hook(Box::new(move |info| {
        // Nothing can be done about a standard error that is closed.
        let _ = write(Stream::Err, confession(binary, info).as_bytes());
    }));
}

fn confession(binary: Binary, info: &PanicHookInfo<'_>) -> String {
    let name = binary.name();
    let said = info.payload_as_str().unwrap_or("no message");
    let place = info.location().map(|place| format!("  at {place}\n")).unwrap_or_default();
    let backtrace = std::backtrace::Backtrace::capture();
    let trace = match backtrace.status() {
        std::backtrace::BacktraceStatus::Captured => backtrace.to_string(),
        _ => String::from("  RUST_BACKTRACE=1 shows the way to it\n"),
    };
    format!(
        "{name}: internal error: {}\n{place}  this is a defect of {name} {}, not of your input; please report it with this text\n{trace}",
        visible(said, true),
        env!("CARGO_PKG_VERSION"),
    )
}

/// Text from outside with what could drive a terminal made harmless: control characters and those that reorder text.
pub fn visible(text: &str, unicode: bool) -> String {
    text.chars()
        .map(|c| match c {
            '\0'..='\u{1f}' if unicode => char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}'),
            '\u{7f}' if unicode => '\u{2421}',
            '\0'..='\u{1f}' | '\u{7f}' => '?',
            '\u{80}'..='\u{9f}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                if unicode {
                    '\u{fffd}'
                } else {
                    '?'
                }
            }
            c => c,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(color: Color, interactive: bool, env: &[(&str, &str)]) -> Terminal {
        let find = |name: &str| env.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned());
        decide(color, interactive, Some(80), &find)
    }

    #[test]
    fn colour_is_for_terminals_that_want_it() {
        let on = |color, interactive, env: &[(&str, &str)]| with(color, interactive, env).color;
        assert!(on(Color::Auto, true, &[]));
        assert!(!on(Color::Auto, false, &[]));
        assert!(!on(Color::Auto, true, &[("NO_COLOR", "1")]));
        assert!(on(Color::Auto, true, &[("NO_COLOR", "")]));
        assert!(!on(Color::Auto, true, &[("TERM", "dumb")]));
        assert!(!on(Color::Auto, true, &[("CLICOLOR", "0")]));
        assert!(on(Color::Auto, false, &[("CLICOLOR_FORCE", "1")]));
        assert!(!on(Color::Auto, false, &[("CLICOLOR_FORCE", "0")]));
        assert!(!on(Color::Auto, false, &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
        assert!(on(Color::Always, false, &[("NO_COLOR", "1")]));
        assert!(!on(Color::Never, true, &[("CLICOLOR_FORCE", "1")]));
    }

    #[test]
    fn width_is_said_or_measured() {
        assert_eq!(with(Color::Auto, true, &[("COLUMNS", "120")]).width, Some(120));
        assert_eq!(with(Color::Auto, true, &[("COLUMNS", "wide")]).width, Some(80));
        assert_eq!(with(Color::Auto, false, &[]).width, None);
        assert_eq!(with(Color::Auto, false, &[]).columns(), FALLBACK_WIDTH);
    }

    #[test]
    fn line_characters_need_a_locale_that_has_them() {
        let on = |env: &[(&str, &str)]| with(Color::Auto, true, env).unicode;
        assert!(on(&[]) && on(&[("LANG", "C.UTF-8")]) && on(&[("LC_ALL", "de_DE.utf8"), ("LANG", "C")]));
        assert!(
            !on(&[("LANG", "C")]) && !on(&[("LC_ALL", "POSIX"), ("LANG", "en_US.UTF-8")]) && !on(&[("TERM", "dumb")])
        );
    }

    #[test]
    fn nothing_drives_the_terminal() {
        assert_eq!(visible("a\x1b[31mb\u{202e}c\u{9b}", true), "a␛[31mb\u{fffd}c\u{fffd}");
        assert_eq!(visible("a\x1b\n\x7f", false), "a???");
    }
}
