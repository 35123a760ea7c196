//! `ipcmm.filesystem.line`: a line is in a file, or is not.
//!
//! Lines are bytes: a file in another encoding keeps every byte of the lines that are not meant.

use super::expect;
use crate::args::{Args, count, data};
use crate::builtins::Context;
use crate::builtins::describe::{Before, content_change};
use crate::system::{Attributes, Content, Kind, NewFile};
use ipcmm_bytecode::{Fault, FaultKind, Value};
use ipcmm_vm::host::{Change, Reply};
use regex::bytes::Regex;
use std::ffi::OsStr;

/// Files larger than this are no files one edits by lines.
const LARGEST: u64 = 64 << 20;
const FRESH: u32 = 0o644;

/// What was done to the lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Tally {
    added: u64,
    replaced: u64,
    removed: u64,
}

/// What is asked of the lines.
struct Wish<'a> {
    line: Option<&'a [u8]>,
    matches: Option<Regex>,
    after: Option<Regex>,
    present: bool,
}

/// See the table.
pub fn run(ctx: &Context<'_>, changes: &mut Vec<Change>) -> Result<Reply, Fault> {
    let path = ctx.args.path("path")?;
    let wish = Wish::of(&ctx.args)?;
    let found = ctx.look.load(path, LARGEST)?;
    let before: &[u8] = match &found {
        Some(found) => {
            expect(Kind::File, path, found)?;
            match &found.content {
                Some(content) => content,
                None => {
                    let detail = format!("`{}` has {} bytes", path.display(), found.stat.size);
                    return Err(Fault::new(FaultKind::TooLarge, detail));
                }
            }
        }
        None => {
            if wish.present && !ctx.args.bool("create")? {
                ctx.not_yet(Fault::new(FaultKind::NotFound, format!("`{}`; `create: true` makes it", path.display())))?;
            }
            b""
        }
    };
    let (after, tally) = wish.apply(before);
    if tally != Tally::default() {
        let old = found.as_ref().map(|f| Before { content: Some(before), size: f.stat.size });
        let new = content_change(path, old, &after, blake3::hash(&after));
        let attributes = Attributes::default();
        let file = NewFile { content: Content::Bytes(&after), attributes, fresh_mode: FRESH, suffix: OsStr::new("") };
        ctx.act(changes, [new], |w| w.stage(path, &file)?.commit())?;
    }
    Ok(Reply::unchanged(data([
        ("path", Value::str(path.display().to_string())),
        ("added", count(tally.added)),
        ("replaced", count(tally.replaced)),
        ("removed", count(tally.removed)),
    ])))
}

impl<'a> Wish<'a> {
    fn of(args: &Args<'a>) -> Result<Wish<'a>, Fault> {
        let pattern = |name: &str| match args.opt_str(name)? {
            None => Ok(None),
            Some(text) => Regex::new(text).map(Some).map_err(|e| Fault::new(FaultKind::BadPattern, e.to_string())),
        };
        let line = args.opt_str("line")?;
        if line.is_some_and(|l| l.contains(['\n', '\r'])) {
            return Err(args.bad("line", "it holds a line end"));
        }
        let present = match args.str("state")? {
            "present" => true,
            "absent" => false,
            other => return Err(args.bad("state", format!("`{other}` is neither `present` nor `absent`"))),
        };
        let wish =
            Wish { line: line.map(str::as_bytes), matches: pattern("match")?, after: pattern("after")?, present };
        match (wish.present, wish.line, &wish.matches) {
            (true, None, _) => Err(Fault::new(FaultKind::Missing, "argument `line` of ipcmm.filesystem.line")),
            (false, None, None) => {
                Err(Fault::new(FaultKind::Missing, "argument `line` or `match` of ipcmm.filesystem.line"))
            }
            _ => Ok(wish),
        }
    }

    /// Whether a line, without its end, is one of those meant.
    fn means(&self, line: &[u8]) -> bool {
        match &self.matches {
            Some(pattern) => pattern.is_match(line),
            None => self.line == Some(line),
        }
    }

    /// The content as it should be. Applied to its own result it changes nothing more.
    fn apply(&self, content: &[u8]) -> (Vec<u8>, Tally) {
        let mut lines: Vec<&[u8]> = content.split_inclusive(|&b| b == b'\n').collect();
        let mut tally = Tally::default();
        let Some(wanted) = self.line.filter(|_| self.present) else {
            let before = lines.len();
            lines.retain(|line| !self.means(bare(line)));
            tally.removed = (before - lines.len()) as u64;
            return (lines.concat(), tally);
        };
        // A file with line ends of two characters keeps them.
        let end: &[u8] = if lines.first().is_some_and(|l| l.ends_with(b"\r\n")) { b"\r\n" } else { b"\n" };
        let whole = [wanted, end].concat();
        if let Some(last) = lines.iter().rposition(|line| self.means(bare(line))) {
            let line = lines[last];
            if bare(line) != wanted {
                let own_end = &line[bare(line).len()..];
                let replaced = [wanted, own_end].concat();
                lines[last] = &replaced;
                tally.replaced = 1;
                return (lines.concat(), tally);
            }
        } else if !lines.iter().any(|line| bare(line) == wanted) {
            // A pattern need not match the line it brings in; what is there already is not added again.
            let anchor = self.after.as_ref().and_then(|p| lines.iter().rposition(|line| p.is_match(bare(line))));
            let at = anchor.map_or(lines.len(), |i| i + 1);
            let open = at > 0 && !lines[at - 1].ends_with(b"\n");
            if open {
                lines.insert(at, end);
            }
            lines.insert(at + usize::from(open), &whole);
            tally.added = 1;
            return (lines.concat(), tally);
        }
        (content.to_vec(), tally)
    }
}

/// A line without its end.
fn bare(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_change_and_go_once() {
        // state, line, match, after, before, expected
        for (present, line, matches, after, before, expected) in [
            (true, "b", "", "", "a\n", "a\nb\n"),
            (true, "b", "", "", "a", "a\nb\n"),
            (true, "b", "", "", "", "b\n"),
            (true, "b", "", "", "b\na\n", "b\na\n"),
            (true, "b", "", "^a", "a\na\nc\n", "a\na\nb\nc\n"),
            (true, "b", "", "^x", "a\n", "a\nb\n"),
            (true, "P no", "^#?P", "", "P yes\n#P\nz\n", "P yes\nP no\nz\n"),
            (true, "P no", "^#P", "", "#P yes\n", "P no\n"),
            (true, "P no", "^#P", "", "P no\n", "P no\n"),
            (true, "P no", "^P", "", "x\r\nP yes\r\n", "x\r\nP no\r\n"),
            (true, "b", "", "", "a\r\n", "a\r\nb\r\n"),
            (true, "b", "^c", "", "a\nc", "a\nb"),
            (false, "b", "", "", "b\na\nb\n", "a\n"),
            (false, "", "^#", "", "#a\nb\n#c", "b\n"),
            (false, "x", "", "", "a\n", "a\n"),
        ] {
            let pattern = |p: &str| (!p.is_empty()).then(|| Regex::new(p).unwrap());
            let line = (!line.is_empty()).then_some(line.as_bytes());
            let wish = Wish { line, matches: pattern(matches), after: pattern(after), present };
            let (once, tally) = wish.apply(before.as_bytes());
            assert_eq!(String::from_utf8_lossy(&once), expected);
            assert_eq!(tally == Tally::default(), before == expected, "{before:?}: {tally:?}");
            assert_eq!(wish.apply(&once), (once.clone(), Tally::default()), "{before:?} twice");
        }
    }
}
