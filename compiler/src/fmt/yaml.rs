//! YAML: the events of the parser set the lines, and what stands between them is carried over.
//!
//! Scalars, anchors, tags, comments and the headers of blocks are copied from the source; only the white space around
//! them is new, and the indentation inside of texts of several lines. Unaware of: keys and types.

mod flow;
mod scalar;

use crate::doc::yaml::marks::{Mark, MarkKind, Step, StepKind, Stream, scan};
use std::ops::Range;

/// Lays out a text; `None` if it is not valid.
pub(super) fn format(text: &str) -> Option<String> {
    let stream = scan(text)?;
    let mut print = Print {
        text,
        stream: &stream,
        queue: 0..0,
        out: String::with_capacity(text.len()),
        line: Line::Start,
        frames: Vec::new(),
        kept: false,
        named: false,
        ends: ends(&stream.steps),
        taken: 0,
    };
    let mut at = 0;
    while let Some(step) = stream.steps.get(at) {
        at = print.step(at, step);
    }
    print.take(&stream.tail);
    print.comments(0);
    print.end_line();
    Some(print.out)
}

/// For each step that begins a list or map, the number of the step that ends it.
fn ends(steps: &[Step]) -> Vec<usize> {
    let mut ends = vec![steps.len(); steps.len()];
    let mut open = Vec::new();
    for (number, step) in steps.iter().enumerate() {
        match step.kind {
            StepKind::List(_) | StepKind::Map(_) => open.push(number),
            StepKind::End => {
                if let Some(end) = open.pop().and_then(|start: usize| ends.get_mut(start)) {
                    *end = number;
                }
            }
            _ => {}
        }
    }
    ends
}

/// What the line at hand holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Line {
    /// Nothing yet.
    Start,
    /// Something that wants a space before what follows in it.
    Open,
    /// Its indentation; what follows stands right behind it.
    Ready,
    /// A node: what follows begins a line.
    Done,
}

/// An open list or map in block style.
struct Frame {
    list: bool,
    indent: usize,
    /// Column of its entries in the source, once it is known.
    column: Option<usize>,
    /// A map waits for a value.
    value: bool,
    /// The key at hand has a question mark.
    explicit: bool,
    first: bool,
}

struct Print<'t> {
    text: &'t str,
    stream: &'t Stream,
    /// Marks that stand before what comes.
    queue: Range<usize>,
    out: String,
    line: Line,
    frames: Vec<Frame>,
    /// A block that keeps the blank lines behind it stands last.
    kept: bool,
    /// An alias, anchor or tag stands last: a colon right behind it would belong to its name.
    named: bool,
    /// For each step that begins a collection, the one that ends it.
    ends: Vec<usize>,
    /// Marks before this one were in the queue.
    taken: usize,
}

impl<'t> Print<'t> {
    /// Lays out one step, or with brackets all up to the closing one; gives the number of the next.
    fn step(&mut self, at: usize, step: &'t Step) -> usize {
        self.take(&step.marks);
        match step.kind {
            StepKind::DocumentStart(explicit) => self.document(explicit),
            StepKind::DocumentEnd(explicit) => {
                self.comments(0);
                if explicit {
                    self.fresh(0);
                    self.push("...");
                    self.line = Line::Done;
                }
            }
            StepKind::End => self.end(),
            StepKind::List(false) => self.begin(step, true),
            StepKind::Map(false) => self.begin(step, false),
            StepKind::List(true) | StepKind::Map(true) => {
                let next = self.flow(at, step);
                self.done();
                return next;
            }
            StepKind::Plain | StepKind::Quoted | StepKind::Alias | StepKind::Block => {
                let empty = step.kind == StepKind::Plain && step.span.is_empty();
                let indent = if empty && step.props == 0 { self.nothing(step) } else { self.node(step) };
                if !empty {
                    self.scalar(step, indent);
                }
                self.done();
            }
        }
        at + 1
    }

    fn document(&mut self, explicit: bool) {
        self.comments(0);
        while let Some(mark) = self.front(MarkKind::Directive) {
            self.fresh(0);
            self.push(self.slice(&mark.span).trim_end());
            self.line = Line::Done;
            self.comments(0);
        }
        if explicit {
            self.fresh(0);
            self.push("---");
            self.line = Line::Open;
        }
    }

    /// Begins a list or map in block style.
    fn begin(&mut self, step: &Step, list: bool) {
        let inside = self.place(step, true);
        if step.props > 0 {
            self.props(step, inside);
        }
        // Behind a dash or a question mark the first entry stands in the same line, behind a key it does not.
        let compact = step.props == 0 && self.frames.last().is_some_and(|frame| frame.list || frame.explicit);
        if !compact && self.line == Line::Open && self.front_comment().is_none_or(|mark| self.is_own_line(&mark)) {
            self.end_line();
        }
        self.frames.push(Frame { list, indent: inside, column: None, value: false, explicit: false, first: true });
    }

    fn end(&mut self) {
        let Some(frame) = self.frames.last() else { return };
        let indent = frame.indent;
        // A list may stand in the column of its key: a comment there belongs to what follows.
        let outer = self.frames.iter().rev().nth(1).and_then(|outer| outer.column);
        let least = frame.column.unwrap_or(0) + usize::from(frame.list && frame.column == outer);
        while let Some(mark) = self.front_comment() {
            if self.is_own_line(&mark) && self.column(mark.span.start) < least {
                break;
            }
            self.comment(&mark, indent);
        }
        self.frames.pop();
        self.done();
    }

    /// Goes to where an element, key or value stands; gives the indentation of what is inside of it.
    fn place(&mut self, step: &Step, block: bool) -> usize {
        let Some(frame) = self.frames.last() else {
            self.comments(0);
            let next = self.stream.marks.get(self.queue.start).filter(|_| !self.queue.is_empty());
            let gap = next.map_or(step.span.start, |mark| mark.span.start);
            let before = self.text.get(..gap).unwrap_or("").trim_end_matches([' ', '\t']);
            if self.line == Line::Open && (block || before.ends_with('\n')) && step.props == 0 {
                self.end_line();
            }
            return 0;
        };
        let indent = frame.indent;
        if frame.list {
            self.entry(indent, MarkKind::Dash, step);
            self.push("-");
            self.line = Line::Open;
            return indent + 2;
        }
        if frame.value {
            self.colon(indent);
            return indent + 2;
        }
        let explicit = self.entry(indent, MarkKind::Question, step);
        if explicit {
            self.push("?");
            self.line = Line::Open;
        }
        if let Some(frame) = self.frames.last_mut() {
            frame.explicit = explicit;
        }
        indent + 2
    }

    /// Begins the line of an entry and takes its sign; whether there was one.
    fn entry(&mut self, indent: usize, sign: MarkKind, step: &Step) -> bool {
        self.comments(indent);
        let mark = self.front(sign);
        let next = self.stream.marks.get(self.queue.start).filter(|_| !self.queue.is_empty());
        let start = mark.as_ref().or(next.filter(|_| step.props > 0)).map_or(step.span.start, |mark| mark.span.start);
        let column = self.column(start);
        let Some(frame) = self.frames.last_mut() else { return mark.is_some() };
        frame.column.get_or_insert(column);
        if std::mem::take(&mut frame.first) && self.line == Line::Open {
            self.out.push(' ');
            self.line = Line::Ready;
            return mark.is_some();
        }
        let blank = self.is_behind_blank(start);
        self.blank_line(blank);
        self.fresh(indent);
        mark.is_some()
    }

    /// The colon behind a key.
    fn colon(&mut self, indent: usize) {
        let explicit = self.frames.last().is_some_and(|frame| frame.explicit);
        if explicit {
            self.comments(indent);
        }
        if self.front(MarkKind::Colon).is_none() {
            return;
        }
        if explicit {
            self.fresh(indent);
        } else if self.named {
            self.out.push(' ');
        }
        self.push(":");
        self.line = Line::Open;
    }

    /// Goes to where a node that is no block collection stands; gives the indentation of its further lines.
    fn node(&mut self, step: &Step) -> usize {
        let indent = self.place(step, false);
        self.reach(step, indent);
        indent.max(2)
    }

    /// Writes what stands before a node, and goes to where it begins.
    fn reach(&mut self, step: &Step, indent: usize) {
        self.comments(indent);
        if self.line == Line::Start || self.line == Line::Done {
            self.fresh(indent);
        }
        self.props(step, indent);
        self.comments(indent);
        if self.line == Line::Start {
            self.fresh(indent);
        }
        if self.line == Line::Open {
            self.out.push(' ');
            self.line = Line::Ready;
        }
    }

    /// Goes to where nothing is written.
    fn nothing(&mut self, step: &Step) -> usize {
        self.place(step, false)
    }

    /// Anchors and tags of a node.
    fn props(&mut self, step: &Step, indent: usize) {
        for _ in 0..step.props {
            self.comments(indent);
            let Some(mark) = self.front(MarkKind::Anchor).or_else(|| self.front(MarkKind::Tag)) else { break };
            match self.line {
                Line::Start | Line::Done => self.fresh(indent),
                Line::Open => self.out.push(' '),
                Line::Ready => {}
            }
            self.push(self.slice(&mark.span));
            self.named = true;
            self.line = Line::Open;
        }
    }

    /// A node is complete.
    fn done(&mut self) {
        if let Some(frame) = self.frames.last_mut().filter(|frame| !frame.list) {
            frame.value = !frame.value;
        }
        if self.line != Line::Start {
            self.line = Line::Done;
        }
    }

    /// Takes the marks before a step.
    fn take(&mut self, marks: &Range<usize>) {
        if marks.is_empty() || marks.start < self.taken {
            return;
        }
        self.taken = marks.end;
        // What nobody asked for is nothing that has to stay, except comments.
        self.skip_to_comments();
        self.comments(self.frames.last().map_or(0, |frame| frame.indent));
        self.queue = marks.clone();
    }

    fn skip_to_comments(&mut self) {
        while let Some(mark) = self.stream.marks.get(self.queue.start).filter(|_| !self.queue.is_empty()) {
            if mark.kind == MarkKind::Comment {
                break;
            }
            self.queue.start += 1;
        }
    }

    /// The first mark of the queue if it is of a kind; it is taken.
    fn front(&mut self, kind: MarkKind) -> Option<Mark> {
        let mark = self.stream.marks.get(self.queue.start).filter(|_| !self.queue.is_empty())?;
        if mark.kind != kind {
            return None;
        }
        self.queue.start += 1;
        Some(mark.clone())
    }

    fn front_comment(&self) -> Option<Mark> {
        let mark = self.stream.marks.get(self.queue.start).filter(|_| !self.queue.is_empty())?;
        (mark.kind == MarkKind::Comment).then(|| mark.clone())
    }

    /// Writes the comments at the front of the queue.
    fn comments(&mut self, indent: usize) {
        while let Some(mark) = self.front_comment() {
            self.comment(&mark, indent);
        }
    }

    /// Writes a comment behind what is in the line, or in a line of its own.
    fn comment(&mut self, mark: &Mark, indent: usize) {
        self.queue.start += 1;
        let own_line = self.is_own_line(mark);
        if own_line || self.line == Line::Start {
            let blank = own_line && self.is_behind_blank(mark.span.start);
            self.blank_line(blank);
            self.fresh(indent);
            self.kept = false;
        } else {
            self.out.push_str("  ");
        }
        self.push(self.slice(&mark.span).trim_end());
        self.end_line();
    }

    fn is_own_line(&self, mark: &Mark) -> bool {
        let before = self.text.get(..mark.span.start).unwrap_or("");
        before.rsplit(['\n', '\r']).next().unwrap_or("").trim_start_matches('\u{feff}').trim().is_empty()
    }

    /// Whether the line before that of a byte is blank.
    fn is_behind_blank(&self, at: usize) -> bool {
        let mut lines = self.text.get(..at).unwrap_or("").rsplit('\n').skip(1);
        lines.next().is_some_and(|line| line.trim().is_empty())
    }

    fn column(&self, at: usize) -> usize {
        let before = self.text.get(..at).unwrap_or("");
        before.len() - before.rfind(['\n', '\r']).map_or(0, |end| end + 1)
    }

    /// Keeps a blank line of the source.
    fn blank_line(&mut self, blank: bool) {
        if !blank {
            return;
        }
        self.end_line();
        if !self.out.is_empty() && !self.out.ends_with("\n\n") && !self.kept {
            self.out.push('\n');
        }
    }

    /// Begins a line.
    fn fresh(&mut self, indent: usize) {
        self.end_line();
        self.out.extend(std::iter::repeat_n(' ', indent));
        self.line = Line::Ready;
    }

    fn end_line(&mut self) {
        if self.line != Line::Start {
            self.out.push('\n');
            self.line = Line::Start;
        }
    }

    fn push(&mut self, text: &str) {
        self.out.push_str(text);
        self.kept = false;
        self.named = false;
        if self.line == Line::Start {
            self.line = Line::Ready;
        }
    }

    fn slice(&self, span: &Range<usize>) -> &'t str {
        self.text.get(span.clone()).unwrap_or("")
    }
}
