//! Scalars: one line as it is; of several lines, the further ones are indented anew.
//!
//! Unaware of: where the scalar stands.

use super::{Line, Print};
use crate::doc::yaml::marks::{MarkKind, Step, StepKind};

impl Print<'_> {
    /// Writes a scalar or an alias; further lines are indented by `indent`.
    pub(super) fn scalar(&mut self, step: &Step, indent: usize) {
        if step.kind == StepKind::Block {
            self.block(step, indent);
            return;
        }
        let raw = self.slice(&step.span);
        if !raw.contains(['\n', '\r']) {
            self.push(raw);
            self.named = step.kind == StepKind::Alias;
            return;
        }
        for (number, line) in raw.lines().enumerate() {
            // White space around line ends is none of the text, unless a backslash makes it so.
            let line = if number > 0 { line.trim_start_matches([' ', '\t']) } else { line };
            let tidy = line.trim_end_matches([' ', '\t', '\r']);
            let line = if tidy.ends_with('\\') { line } else { tidy };
            if number > 0 {
                self.out.push('\n');
                if !line.is_empty() {
                    self.out.extend(std::iter::repeat_n(' ', indent));
                }
            }
            self.push(line);
        }
    }

    /// Writes the header and the lines of a block.
    fn block(&mut self, step: &Step, indent: usize) {
        let Some(header) = self.front(MarkKind::Header) else { return };
        let header = self.slice(&header.span).to_owned();
        let body = self.slice(&step.span);
        // In a document that is one block, indentation is counted from another place.
        let root = self.frames.is_empty();
        let (old, indent) = match step.indent {
            Some(old) if !root => (old, indent),
            _ => (0, 0),
        };
        let keeps = header.contains('+');
        let clipped = !body.is_empty() && !step.ended && !header.contains(['+', '-']);
        let header: String = header.chars().map(|c| if c.is_ascii_digit() && !root { '2' } else { c }).collect();
        self.push(&header);
        if clipped {
            // Without a line end behind it in the file, the text has none.
            self.push("-");
        }
        self.line = Line::Open;
        let trailing = self.front_comment().filter(|mark| mark.span.end <= step.span.start);
        match trailing {
            Some(mark) => self.comment(&mark, indent),
            None => self.end_line(),
        }
        let lines: Vec<&str> = body.split_inclusive('\n').map(|line| line.trim_end_matches(['\n', '\r'])).collect();
        // What goes beyond the indentation is text, also if it is only spaces.
        let solid = |line: &&str| line.len() > step.indent.unwrap_or(line.len());
        let count = if keeps { lines.len() } else { lines.iter().rposition(solid).map_or(0, |last| last + 1) };
        for line in lines.get(..count).unwrap_or(&[]) {
            // A line of fewer spaces is an empty one.
            let rest = line.get(old.min(line.len())..).unwrap_or("");
            if !rest.is_empty() {
                self.out.extend(std::iter::repeat_n(' ', indent));
                self.out.push_str(rest);
            }
            self.out.push('\n');
        }
        self.line = Line::Start;
        self.kept = keeps;
    }
}
