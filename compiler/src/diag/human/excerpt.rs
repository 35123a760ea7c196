//! The lines of a file that a diagnostic shows, cut out and made harmless.
//!
//! miette reads a source anew for every label. It is handed this excerpt instead of the file: a few lines, found by
//! the index of line starts, with long lines cut around the label and control characters replaced. Line numbers and
//! columns it reports are those of the file.
//!
//! Unaware of: what the labels say.

use super::{Label, visible};
use crate::source::SourceFile;
use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};
use std::collections::BTreeMap;

/// Labels over more lines than this are drawn on their first line only.
const MAX_LINES: usize = 6;
/// Columns that miette needs beside the text.
const MARGIN: usize = 12;

/// Lines of a file.
pub(super) struct Excerpt {
    name: String,
    text: String,
    lines: Vec<Line>,
    spans: Vec<(usize, usize)>,
}

/// A line of an excerpt.
struct Line {
    /// In the file, from 0.
    number: usize,
    /// Where it starts in the excerpt.
    start: usize,
    /// Bytes of the mark that says that the beginning is cut off.
    mark: usize,
    /// Bytes of the file that are shown.
    from: usize,
    to: usize,
    /// Characters of the line before `from`.
    skipped: usize,
}

impl Excerpt {
    /// The lines around the labels, which are all in `file`. The first label decides how long lines are cut.
    pub(super) fn new(file: &SourceFile, labels: &[&Label], width: usize, unicode: bool) -> Excerpt {
        let text: &str = &file.text;
        let starts = file.line_starts();
        let line_of = |offset: usize| starts.partition_point(|s| *s as usize <= offset).saturating_sub(1);
        let end_of = |line: usize| {
            let end = starts.get(line + 1).map_or(text.len(), |next| *next as usize - 1);
            let start = starts.get(line).map_or(0, |s| *s as usize);
            if end > start && text.as_bytes().get(end - 1) == Some(&b'\r') { end - 1 } else { end }
        };
        // Behind the last line break there is nothing to show.
        let last = text.trim_end_matches(['\n', '\r']).len();
        let mut wanted: BTreeMap<usize, Option<usize>> = BTreeMap::new();
        let mut places = Vec::with_capacity(labels.len());
        for label in labels {
            let start = floor(text, (label.span.start as usize).min(last));
            let end = floor(text, (label.span.end as usize).min(last)).max(start);
            let first = line_of(start);
            let (mut end, mut through) = (end, line_of(end.saturating_sub(1).max(start)));
            if through - first >= MAX_LINES {
                (end, through) = (end_of(first), first);
            }
            places.push((first, start, through, end));
            for line in first.saturating_sub(1)..=(through + 1).min(line_of(last)) {
                let anchor = wanted.entry(line).or_default();
                if line == first {
                    anchor.get_or_insert(start);
                }
            }
        }
        let mut excerpt = Excerpt {
            name: file.name.chars().map(|c| visible(c, unicode)).collect(),
            text: String::new(),
            lines: Vec::with_capacity(wanted.len()),
            spans: Vec::with_capacity(labels.len()),
        };
        for (number, anchor) in wanted {
            let start = starts.get(number).map_or(0, |s| *s as usize);
            excerpt.push(file, number, (start, end_of(number)), anchor, (width.saturating_sub(MARGIN), unicode));
        }
        for (first, start, through, end) in places {
            let from = excerpt.offset(text, first, start, unicode);
            let to = excerpt.offset(text, through, end, unicode).max(from);
            excerpt.spans.push((from, to - from));
        }
        excerpt
    }

    /// Offset and length of each label in the excerpt.
    pub(super) fn spans(&self) -> &[(usize, usize)] {
        &self.spans
    }

    fn push(
        &mut self,
        file: &SourceFile,
        number: usize,
        line: (usize, usize),
        anchor: Option<usize>,
        room: (usize, bool),
    ) {
        let text: &str = &file.text;
        let (start, end) = line;
        let (limit, unicode) = (room.0.max(30), room.1);
        let written = text.get(start..end).unwrap_or("");
        let (mut from, mut to) = (start, end);
        if written.len() > limit && written.chars().nth(limit).is_some() {
            let anchor = anchor.unwrap_or(start).clamp(start, end);
            let before = text.get(start..anchor).unwrap_or("");
            from = start + before.char_indices().rev().nth(limit / 3 - 1).map_or(0, |(i, _)| i);
            let rest = text.get(from..end).unwrap_or("");
            to = from + rest.char_indices().nth(limit).map_or(rest.len(), |(i, _)| i);
        }
        let cut = if unicode { "…" } else { "..." };
        let mark = if from > start { cut.len() } else { 0 };
        // By the index of columns: walking a long line for each of its problems would be quadratic.
        let skipped = file.position(from as u32).column.saturating_sub(1) as usize;
        self.lines.push(Line { number, start: self.text.len(), mark, from, to, skipped });
        if mark > 0 {
            self.text.push_str(cut);
        }
        self.text.extend(text.get(from..to).unwrap_or("").chars().map(|c| visible(c, unicode)));
        if to < end {
            self.text.push_str(cut);
        }
        self.text.push('\n');
    }

    /// Where an offset of the file is in the excerpt.
    fn offset(&self, text: &str, number: usize, offset: usize, unicode: bool) -> usize {
        let Ok(at) = self.lines.binary_search_by_key(&number, |l| l.number) else { return 0 };
        let Some(line) = self.lines.get(at) else { return 0 };
        let before = text.get(line.from..offset.clamp(line.from, line.to)).unwrap_or("");
        line.start + line.mark + before.chars().map(|c| visible(c, unicode).len_utf8()).sum::<usize>()
    }

    /// The line an offset of the excerpt is in.
    fn line_at(&self, offset: usize) -> usize {
        self.lines.partition_point(|l| l.start <= offset).saturating_sub(1)
    }
}

impl SourceCode for Excerpt {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let start = span.offset();
        let first = self.line_at(start);
        let last = self.line_at((start + span.len()).saturating_sub(1).max(start));
        let number = |i: usize| self.lines.get(i).map(|l| l.number);
        // Neighbours in the excerpt are context only if they are neighbours in the file.
        let mut from = first;
        while from > 0 && first - from < before && number(from - 1).map(|n| n + 1) == number(from) {
            from -= 1;
        }
        let mut to = last;
        while to + 1 < self.lines.len() && to - last < after && number(to).map(|n| n + 1) == number(to + 1) {
            to += 1;
        }
        let begin = self.lines.get(from).map_or(0, |l| l.start);
        let end = self.lines.get(to + 1).map_or(self.text.len(), |l| l.start);
        let data = self.text.as_bytes().get(begin..end).ok_or(MietteError::OutOfBounds)?;
        let column = self
            .lines
            .get(first)
            .map_or(0, |l| l.skipped + self.text.get(l.start + l.mark..start).unwrap_or("").chars().count());
        let (line, column) = if before == 0 { (number(first), column) } else { (number(from), 0) };
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            data,
            (begin, end - begin).into(),
            line.unwrap_or(0),
            column,
            to + 1 - from,
        )))
    }
}

/// The start of the character an offset is in.
fn floor(text: &str, offset: usize) -> usize {
    (0..=offset.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}
